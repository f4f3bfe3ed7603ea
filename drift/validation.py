# Does a JSON value keep to a JSON Schema, and where not? Is a schema one at all?
# Owns: jsonschema and referencing, and that no reference is ever fetched.
# Refuses to know: where a schema comes from, what follows from a violation. (Schema against schema: see subset.py.)
"""Hold JSON values to JSON Schemas.

Formats count as far as the standard library can tell: dates, UUIDs, IP and mail addresses, regular expressions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from drift.canonical import canonical
from drift.errors import DriftError
from drift.model import JSON


class SchemaError(DriftError, ValueError):
    """A schema that cannot be used: it is none, or it refers to something outside of itself."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One keyword of a schema that a value does not keep to.

    Attributes:
        keyword: such as "type" or "required".
        path: keys and indexes that lead to the value.
        value: what stands there.
        wanted: what the keyword asks for.
        schema: the schema that holds the keyword.
        message: the violation in words; it repeats the value, which may be hostile text.
        branches: of an `anyOf` or `oneOf`, the violations of each of its schemas.
    """

    keyword: str
    path: tuple[str | int, ...]
    value: JSON
    wanted: JSON
    schema: JSON
    message: str
    branches: tuple[tuple[Violation, ...], ...] = ()


class Validator:
    """A schema, ready to be held to many values."""

    def __init__(self, schema: JSON, files: Mapping[str, JSON] | None = None) -> None:
        """Make a validator; `files` are other schemas by the names by which references call them."""
        from jsonschema import Draft202012Validator
        from jsonschema.validators import validator_for
        from referencing import Registry, Resource

        # Without a registry the library would fetch what a schema refers to; a crawled one answers at once.
        known = ((name, Resource.from_contents(content)) for name, content in (files or {}).items())
        kind = validator_for(schema, default=Draft202012Validator)
        self._checker = kind(
            schema, registry=Registry().with_resources(known).crawl(), format_checker=kind.FORMAT_CHECKER
        )

    def violations(self, value: JSON) -> Iterator[Violation]:
        """Yield every violation; raises SchemaError when the schema cannot be used."""
        return map(_violation, self._errors(value))

    def allows(self, value: JSON) -> bool:
        """Say whether a value keeps to the schema; raises SchemaError when it cannot be used."""
        return next(self._errors(value), None) is None

    def first(self, value: JSON) -> Violation | None:
        """Return the first violation, of an `anyOf` the one that says best what was meant; None when there is none."""
        from jsonschema.exceptions import best_match

        problem = next(self._errors(value), None)
        return None if problem is None else _violation(best_match([problem]))

    def _errors(self, value: JSON) -> Iterator[Any]:
        try:
            yield from self._checker.iter_errors(value)
        except Exception as error:  # noqa: BLE001 - what is no schema breaks the library in many ways
            what = f"the schema cannot be used: {type(error).__name__}: {str(error)[:200]}"
            raise SchemaError(what, "mend the schema") from None


def _violation(error: Any) -> Violation:
    branches: dict[Any, list[Violation]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(_violation(inner))
    return Violation(
        str(error.validator),
        tuple(error.absolute_path),
        error.instance,
        error.validator_value,
        error.schema,
        error.message,
        tuple(map(tuple, branches.values())),
    )


def violations(value: JSON, schema: JSON) -> Iterator[Violation]:
    """Yield every violation of a schema that stands for itself; raises SchemaError when it cannot be used."""
    return _prepared(canonical(schema)).violations(value)


def allows(schema: JSON, value: JSON) -> bool:
    """Say whether a value keeps to a schema that stands for itself; raises SchemaError when it cannot be used."""
    return _prepared(canonical(schema)).allows(value)


@lru_cache(maxsize=512)
def _prepared(schema_text: str) -> Validator:
    return Validator(json.loads(schema_text))


def faults_of(schema: JSON) -> Iterator[str]:
    """Yield in words why a value is no JSON Schema, or none that stands for itself."""
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.validators import validator_for

    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
    except SchemaError as error:
        yield f"is no JSON Schema: {error.json_path}: {error.message}"
    for reference in references(schema):
        if not reference.startswith("#"):
            yield f"refers to {reference!r} outside itself"


def references(schema: JSON) -> Iterator[str]:
    """Yield everything that a schema refers to, in the order in which it stands there."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for value in schema:
            yield from references(value)
