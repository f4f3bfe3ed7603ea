# The types of one surface taken apart: what may stand in a place, aliases and unions resolved, names of classes gone.
# Owns: kinds, values, alternatives and their tags, likeness. Refuses to know: the other surface, endpoints.
"""Types taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from drift.canonical import canonical

Type: TypeAlias = dict[str, Any]

TAGS = ("type", "role", "object", "event", "error_code", "code", "kind", "name", "status", "result")
"""Fields that tell alternatives apart, where no discriminator is declared."""
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Object:
    """One object: the definition that it comes from, and its fields."""

    key: str
    fields: Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Form:
    """A type taken apart: what it may be, aliases and unions resolved."""

    kinds: set[str] = field(default_factory=set)
    values: set[Any] = field(default_factory=set)
    is_enum: bool = False
    is_open: bool = False
    items: list[Type] = field(default_factory=list)
    mapped: list[Type] = field(default_factory=list)
    objects: dict[str, Object] = field(default_factory=dict)
    discriminator: str | None = None

    @property
    def main(self) -> set[str]:
        """Kinds of value, null left out; an integer is a number, an enumeration is text."""
        return self.kinds - {"null", "any"}


class Shapes:
    """The types of one surface."""

    def __init__(self, definitions: Mapping[str, Type]) -> None:
        self._definitions = definitions
        self._forms: dict[str | int, tuple[Type, Form]] = {}

    def form(self, shape: Type) -> Form:
        """Take a type apart."""
        # A reference or plain word stands in thousands of places; of anything else the object itself is remembered,
        # and held, so that its number stays its own.
        word = shape.get("ref") or shape.get("type") if len(shape) == 1 else None
        known = self._forms.get(word or id(shape))
        if known is None:
            known = self._forms[word or id(shape)] = (shape, Form())
            self._fill(known[1], shape, set(), 0)
        return known[1]

    def _fill(self, form: Form, shape: Type, seen: set[str], depth: int) -> None:
        if depth > _DEEPEST:
            form.kinds.add("any")
            return
        if "ref" in shape:
            key = shape["ref"]
            definition = self._definitions.get(key)
            if definition is None or key in seen:
                form.kinds.add("any") if definition is None else None
                return
            if definition["kind"] == "object":
                form.kinds.add("object")
                form.objects[key] = Object(key, definition["fields"])
            else:
                self._fill(form, definition["type"], {*seen, key}, depth + 1)
        elif "anyOf" in shape:
            form.discriminator = form.discriminator or shape.get("discriminator")
            for part in shape["anyOf"]:
                self._fill(form, part, seen, depth + 1)
        elif "enum" in shape:
            form.kinds.update(_kind_of(value) for value in shape["enum"])
            form.values.update(shape["enum"])
            form.is_enum = True
            form.is_open = form.is_open or shape["open"]
        else:
            self._fill_plain(form, shape)

    def _fill_plain(self, form: Form, shape: Type) -> None:
        kind = shape["type"]
        if kind in {"array", "stream"}:
            form.kinds.add("array")
            form.items.append(shape["items"])
        elif kind == "map":
            form.kinds.add("map")
            form.mapped.append(shape["values"])
        elif kind == "string":
            form.kinds.add("string")
            form.is_open = True
        else:
            form.kinds.add("any" if kind == "foreign" else kind)

    def tag(self, form: Form) -> str | None:
        """Return the field that tells the objects of a union apart, the declared one first."""
        objects = list(form.objects.values())
        declared = [form.discriminator] if form.discriminator else []
        for name in dict.fromkeys([*declared, *TAGS]):
            if objects and all(tag_values(self, one, name) for one in objects):
                return name
        return None

    def tags(self, shape: Type) -> set[str]:
        """Return the values that tell the alternatives of a union apart; empty when nothing does."""
        form = self.form(shape)
        name = self.tag(form)
        if name is None:
            return set()
        return {str(value) for one in form.objects.values() for value in tag_values(self, one, name)}

    def signature(self, shape: Type, depth: int = 0) -> str:
        """Return a short text that two types share when they look alike one level deep; no class is named in it."""
        form = self.form(shape)
        parts = sorted(form.main - {"object", "array", "map"})
        if form.is_enum and not form.is_open:
            parts = [part for part in parts if part != "string"] + [
                "|".join(sorted(map(str, form.values)))[:120]
            ]
        if form.objects:
            names = sorted({name for one in form.objects.values() for name in one.fields})
            parts.append(f"object({','.join(names[:12])})" if depth == 0 else "object")
        if "map" in form.kinds:
            parts.append("map")
        parts += [f"[{self.signature(item, depth + 1)}]" for item in form.items[:3]]
        return " or ".join(dict.fromkeys(parts)) or "any"


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "number" if isinstance(value, float) else "string"


def merged(objects: list[Object]) -> Object:
    """Return one object that allows what any of several does."""
    if len(objects) == 1:
        return objects[0]
    names = sorted({name for one in objects for name in one.fields})
    fields = {
        name: {
            "type": joined([one.fields[name]["type"] for one in objects if name in one.fields]),
            "required": all(name in one.fields and one.fields[name]["required"] for one in objects),
        }
        for name in names
    }
    return Object("+".join(sorted(one.key for one in objects)), fields)


def joined(types: Iterable[Type]) -> Type:
    """Return the type that any of several may be."""
    parts = list({canonical(one): one for one in types}.values())
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def tag_values(shapes: Shapes, one: Object, name: str) -> set[Any]:
    """Return the values of a field that can tell alternatives apart; empty when it cannot."""
    entry = one.fields.get(name)
    if entry is None:
        return set()
    form = shapes.form(entry["type"])
    return form.values if form.is_enum and not form.is_open else set()


def likeness(one: Object, other: Object) -> float:
    """Return the share of field names that two objects have in common, 0 to 1."""
    first, second = set(one.fields), set(other.fields)
    return len(first & second) / len(first | second) if first | second else 1.0


def own_tag(shapes: Shapes, one: Object) -> tuple[str, Any] | None:
    """Return the field that says what an object is, and its only value, whether or not its neighbours have one."""
    for name in TAGS:
        values = tag_values(shapes, one, name)
        if len(values) == 1:
            return name, next(iter(values))
    return None


def outline(shapes: Shapes, one: Object) -> str:
    """Return a short name for an object of a union in which not all have a tag."""
    tag = own_tag(shapes, one)
    return str(tag[1]) if tag is not None else f"{{{', '.join(sorted(one.fields)[:4])}}}"


def in_order(values: Iterable[Any]) -> list[Any]:
    """Return values of several kinds in a fixed order."""
    return sorted(values, key=lambda value: (type(value).__name__, value))
