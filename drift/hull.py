# The hull of JSON values: what many of them have in common, as far as a program branches on it.
# Owns: which part of a value is of a countable kind, and the JSON Schema of a hull. Refuses to know: tools, vendors.
"""Hulls of JSON values, written as JSON themselves.

A hull keeps types, keys and how often they came, and values only where the declared schema makes them countable:
members of an enum, constants, booleans, whole numbers of a small range, and whether a list was empty, had one or
several elements. Free text is "some text", whatever it says. Two hulls join into the hull of both.

    {"object": {"n": 2, "keys": {"unit": {"n": 2, "hull": {"string": {"choices": ["celsius"]}}}}}}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from drift.model import JSON
from drift.pointers import escape, keys_of
from drift.shapes import json_type

Hull: TypeAlias = dict[str, dict[str, JSON]]
"""JSON type → what is known of the values of that type."""

_SMALL = 20
"""A range of at most so many whole numbers is a set of choices, not a measure."""
_DEEP = 20
_LENGTHS = ("none", "one", "several")


class Beyond(NamedTuple):
    """A place at which one hull holds what another does not.

    Attributes:
        pointer: JSON pointer with `*` for any index.
        kind: "key": a key that never came; "choice": another member, constant or boolean; "length": a list that is
            empty, single or longer as none was.
        shown: what is new there, in words.
    """

    pointer: str
    kind: str
    shown: tuple[str, ...]


def hull_of(value: JSON, declared: JSON = True) -> Hull:
    """Return the hull of one value; `declared` is the JSON Schema that it was asked to keep to."""
    return _hull(value, [declared], declared, 0)


def _hull(value: JSON, declared: Sequence[JSON], root: JSON, depth: int) -> Hull:
    schemas = list(_branches(declared, root, 0))
    kind = json_type(value)
    if isinstance(value, Mapping):
        keys = {
            key: {"n": 1, "hull": _hull(inner, list(_properties(schemas, key)), root, depth + 1)}
            for key, inner in value.items()
            if depth < _DEEP
        }
        return {kind: {"n": 1, "keys": keys}}
    if isinstance(value, list):
        inside = [schema["items"] for schema in schemas if "items" in schema]
        items: Hull = {}
        for element in value if depth < _DEEP else ():
            items = join(items, _hull(element, inside, root, depth + 1))
        return {kind: {"lengths": [_LENGTHS[min(len(value), 2)]], "items": items}}
    choices = _choices(schemas, value)
    return {kind: {"choices": choices} if choices is not None else {}}


def _choices(schemas: Sequence[Mapping[str, Any]], value: JSON) -> list[JSON] | None:
    """Return the value as a choice when the schema makes it one; a value outside the choices is none of them."""
    if isinstance(value, bool):
        return [value]
    members = [
        member
        for schema in schemas
        for member in ([schema["const"]] if "const" in schema else schema.get("enum") or ())
    ]
    if not members and type(value) is int:
        for schema in schemas:
            low, high = schema.get("minimum"), schema.get("maximum")
            if isinstance(low, int) and isinstance(high, int) and 0 <= high - low < _SMALL:
                members = list(range(low, high + 1))
    if not members or value is None:
        return None
    return [value] if any(member == value and type(member) is type(value) for member in members) else []


def _branches(schemas: Iterable[JSON], root: JSON, depth: int) -> Iterator[Mapping[str, Any]]:
    """Yield schemas with everything that they are composed of; references into another document lead nowhere."""
    for schema in schemas:
        if not isinstance(schema, Mapping) or depth > _DEEP:
            continue
        yield schema
        for name in ("anyOf", "oneOf", "allOf"):
            inner = schema.get(name)
            yield from _branches(inner if isinstance(inner, list) else (), root, depth + 1)
        if isinstance(schema.get("$ref"), str):
            yield from _branches([_local(schema["$ref"], root)], root, depth + 1)


def _local(reference: str, root: JSON) -> JSON:
    found = root
    for name in keys_of(reference) if reference.startswith("#") else ["?"]:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _properties(schemas: Iterable[Mapping[str, Any]], key: str) -> Iterator[JSON]:
    for schema in schemas:
        named = schema.get("properties")
        if isinstance(named, Mapping) and key in named:
            yield named[key]
        elif "additionalProperties" in schema:
            yield schema["additionalProperties"]


def join(first: Hull, second: Hull) -> Hull:
    """Return the hull of everything that either hull holds."""
    return {
        kind: _join(first[kind], second[kind])
        if kind in first and kind in second
        else (first if kind in first else second)[kind]
        for kind in sorted({*first, *second})
    }


def _join(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, JSON]:
    if "keys" in a:
        keys = {
            key: {
                "n": sum(side[key]["n"] for side in (a["keys"], b["keys"]) if key in side),
                "hull": join(*(side[key]["hull"] if key in side else {} for side in (a["keys"], b["keys"]))),
            }
            for key in sorted({*a["keys"], *b["keys"]})
        }
        return {"n": a["n"] + b["n"], "keys": keys}
    if "lengths" in a:
        lengths = [name for name in _LENGTHS if name in {*a["lengths"], *b["lengths"]}]
        return {"lengths": lengths, "items": join(a["items"], b["items"])}
    if "choices" in a and "choices" in b:
        both = {repr(value): value for value in (*a["choices"], *b["choices"])}
        return {"choices": [both[name] for name in sorted(both)]}
    return {}


def schema_of(hull: Hull) -> JSON:
    """Return the JSON Schema of a hull: closed objects, and the choices that were seen."""
    branches = [_schema(kind, known) for kind, known in sorted(hull.items())]
    return branches[0] if len(branches) == 1 else {"anyOf": branches} if branches else False


def _schema(kind: str, known: Mapping[str, Any]) -> dict[str, JSON]:
    if kind == "object":
        return {
            "type": "object",
            "properties": {key: schema_of(entry["hull"]) for key, entry in known["keys"].items()},
            "required": [key for key, entry in known["keys"].items() if entry["n"] == known["n"]],
            "additionalProperties": False,
        }
    if kind == "array":
        ends: dict[str, JSON] = {}
        if "none" not in known["lengths"]:
            ends["minItems"] = 1 if "one" in known["lengths"] else 2
        if "several" not in known["lengths"]:
            ends["maxItems"] = 1 if "one" in known["lengths"] else 0
        return {"type": "array", "items": schema_of(known["items"]), **ends}
    return {"enum": known["choices"]} if known.get("choices") else {"type": kind}


def beyond(known: Hull, other: Hull, pointer: str = "") -> Iterator[Beyond]:
    """Yield the places at which `other` holds what `known` does not; another JSON type is no business of a hull."""
    for kind in sorted(known.keys() & other.keys()):
        a, b = known[kind], other[kind]
        if kind == "object":
            for key, entry in sorted(b["keys"].items()):
                place = f"{pointer}/{escape(key)}"
                if key in a["keys"]:
                    yield from beyond(a["keys"][key]["hull"], entry["hull"], place)
                elif set(entry["hull"]) != {"null"}:
                    yield Beyond(place, "key", (key,))
        elif kind == "array":
            new = [name for name in b["lengths"] if name not in a["lengths"]]
            if new:
                yield Beyond(pointer, "length", tuple(new))
            yield from beyond(a["items"], b["items"], f"{pointer}/*")
        elif "choices" in a and "choices" in b:
            names = [repr(value) for value in a["choices"]]
            fresh = [str(value) for value in b["choices"] if repr(value) not in names]
            if fresh:
                yield Beyond(pointer, "choice", tuple(fresh))
