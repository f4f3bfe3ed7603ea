# The published JSON Schemas: which there are, whether a document keeps to its own, and what its fields mean.
# Owns: the files of drift/schemas/, and how they refer to one another. Refuses to know: how a document is rendered.
"""JSON Schemas (2020-12) of the documents, read from `drift/schemas/<kind>.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from drift.errors import DriftError
from drift.pointers import pointer_to
from drift.report.safe import inline
from drift.validation import Validator, references

_SUFFIX = ".schema.json"
_SHARED = "common"


class DocumentError(DriftError, ValueError):
    """A document does not keep to its schema; `path` is the JSON pointer of the first offence."""

    def __init__(self, what: str, todo: str = "", *, path: str = "") -> None:
        self.path = path
        super().__init__(what, todo)


@lru_cache(maxsize=1)
def kinds() -> tuple[str, ...]:
    """Return the kinds of documents, sorted."""
    names = (file.name for file in files("drift").joinpath("schemas").iterdir())
    found = {name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)}
    return tuple(sorted(found - {_SHARED}))


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of one kind of document, complete in itself.

    Schemas that it refers to are embedded under `$defs`, each with its own `$id`, so that no validator looks elsewhere.

    Raises:
        DocumentError: there is no such kind.
    """
    root = _of_kind(kind)
    embedded = {name: _load(name) for name in sorted(_needed(kind) - {kind})}
    return {**root, "$defs": {**root.get("$defs", {}), **embedded}}


def _of_kind(kind: str) -> dict[str, Any]:
    if kind not in kinds():
        known = ", ".join(kinds())
        raise DocumentError(f"no kind of document is called {inline(kind)!r}", f"choose from {known}")
    return _load(kind)


def _load(name: str) -> dict[str, Any]:
    text = files("drift").joinpath("schemas", name + _SUFFIX).read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _needed(name: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the names of the files that a schema needs, itself included."""
    known |= {name}
    for reference in references(_load(name)):
        file = reference.partition("#")[0]
        if file and file.removesuffix(_SUFFIX) not in known:
            known |= _needed(file.removesuffix(_SUFFIX), known)
    return known


def validate(document: Mapping[str, Any]) -> None:
    """Check a document against the schema of its `kind`, as it would be written to a file.

    Raises:
        DocumentError: it names the place and what is wrong there; it is also a `ValueError`.
    """
    kind = document.get("kind")
    try:
        written = json.loads(json.dumps(document, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise DocumentError(
            f"this document of kind {inline(str(kind))!r} is no JSON: {inline(str(error))}"
        ) from None
    problem = validator(str(kind)).first(written)
    if problem is None:
        return
    path = pointer_to(problem.path)
    what = f"this is no valid document of kind {inline(str(kind))!r}"
    raise DocumentError(f"{what}: {inline(path) or 'at the top'}: {inline(problem.message)}", path=path)


@lru_cache(maxsize=32)
def validator(kind: str) -> Validator:
    """Return the validator of one kind of document.

    Raises:
        DocumentError: there is no such kind.
    """
    return Validator(_of_kind(kind), {name + _SUFFIX: _load(name) for name in _needed(kind)})


def describe(kind: str) -> str:
    """Return Markdown tables of the fields of one kind of document: one for the document, one for each of its parts.

    Raises:
        DocumentError: there is no such kind.
    """
    root = _of_kind(kind)
    parts = [_table(root["title"], root)]
    for name, part in root.get("$defs", {}).items():
        if "properties" in part:
            parts.append(_table(f"`{name}`", part))
        else:
            parts.append(f"**`{name}`** — {part['description']} One of {_type(part)}.")
    return "\n\n".join(parts)


def _table(title: str, part: Mapping[str, Any]) -> str:
    rows = [f"**{title}** — {part['description']}", "", "| field | type | meaning |", "| --- | --- | --- |"]
    for prefix, properties in _properties(part):
        rows += [
            f"| `{prefix}{name}` | {_type(value)} | {value['description']} |"
            for name, value in properties.items()
        ]
    return "\n".join(rows)


def _properties(part: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the fields of an object and then those of the objects that stand inline in its lists."""
    yield prefix, part["properties"]
    for name, value in part["properties"].items():
        if "properties" in value.get("items", {}):
            yield from _properties(value["items"], f"{prefix}{name}[].")


def _type(value: Mapping[str, Any]) -> str:
    """Return the type of a field in a few words; a name in code is a part of its own."""
    if "$ref" in value:
        return f"`{value['$ref'].rpartition('/')[2].removesuffix(_SUFFIX)}`"
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return ", ".join(f"`{json.dumps(choice)}`" for choice in value["enum"])
    if "anyOf" in value:
        return " or ".join(_type(choice) for choice in value["anyOf"])
    if "type" not in value:
        return "any JSON value"
    types = value["type"] if isinstance(value["type"], list) else [value["type"]]
    if "array" in types:
        types = [f"list of {_type(value['items'])}" if name == "array" else name for name in types]
    return " or ".join(types)
