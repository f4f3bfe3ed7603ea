# Where the types of two surfaces part: walked from the endpoints, names of classes ignored, every place remembered.
# Owns: how unions, enumerations and objects are matched. Refuses to know: rules, levels, how facts are told.
"""Differences between the types of two surfaces.

Two definitions that stand in the same place are compared once, however many endpoints lead there. What differs inside
them is kept with the pair, and the places are found afterwards by walking back to the roots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from drift.canonical import canonical

Type: TypeAlias = dict[str, Any]
Direction = Literal["request", "response"]

Change = Literal[
    "field-added", "field-removed", "required", "optional", "value-added", "value-removed", "variant-added",
    "variant-removed", "widened", "narrowed", "changed",
]  # fmt: skip

_TAGS = ("type", "role", "object", "event", "error_code", "code", "kind", "name", "status", "result")
"""Fields that tell alternatives apart, where no discriminator is declared."""
_DEEPEST = 40
_ALIKE = 0.5


class Root(NamedTuple):
    """Where a walk begins: a parameter, an answer or a stream of an endpoint in one tier, or a union of events."""

    endpoint: str
    tier: str
    part: str
    """"body:tools", "response", "stream", or the name of a union of events."""

    @property
    def place(self) -> str:
        """The endpoint as a reader names it."""
        return f"{self.endpoint} [{self.tier}]" if self.tier else self.endpoint


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference inside a pair of definitions.

    Attributes:
        direction: whether callers send it or receive it.
        change: what happened.
        subject: field, value or tag of the alternative.
        owner: the field in which it happened, for values, alternatives and types.
        steps: from the pair to the subject.
        before, after: short JSON values.
        is_open: of a value: its enumeration allows others as well.
    """

    direction: Direction
    change: Change
    subject: str
    owner: str
    steps: tuple[str, ...]
    before: Any
    after: Any
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A difference with the roots that lead to it, and the shortest way from one of them."""

    difference: Difference
    roots: frozenset[Root]
    path: tuple[str, ...]


class _Pair(NamedTuple):
    direction: Direction
    baseline: str
    candidate: str


@dataclass(frozen=True, slots=True)
class _Object:
    key: str
    fields: Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class _Form:
    """A type taken apart: what it may be, aliases and unions resolved."""

    kinds: set[str] = field(default_factory=set)
    values: set[Any] = field(default_factory=set)
    is_enum: bool = False
    is_open: bool = False
    items: list[Type] = field(default_factory=list)
    mapped: list[Type] = field(default_factory=list)
    objects: dict[str, _Object] = field(default_factory=dict)
    discriminator: str | None = None

    @property
    def main(self) -> set[str]:
        """Kinds of value, null left out; an integer is a number, an enumeration is text."""
        return self.kinds - {"null", "any"}


class Shapes:
    """The types of one surface."""

    def __init__(self, definitions: Mapping[str, Type]) -> None:
        self._definitions = definitions
        self._forms: dict[str, _Form] = {}
        self._signatures: dict[str, str] = {}

    def form(self, shape: Type) -> _Form:
        """Take a type apart."""
        key = canonical(shape)
        known = self._forms.get(key)
        if known is None:
            known = self._forms[key] = _Form()
            self._fill(known, shape, set(), 0)
        return known

    def _fill(self, form: _Form, shape: Type, seen: set[str], depth: int) -> None:
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
                form.objects[key] = _Object(key, definition["fields"])
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

    def _fill_plain(self, form: _Form, shape: Type) -> None:
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

    def tag(self, form: _Form) -> str | None:
        """Return the field that tells the objects of a union apart, the declared one first."""
        objects = list(form.objects.values())
        declared = [form.discriminator] if form.discriminator else []
        for name in dict.fromkeys([*declared, *_TAGS]):
            if objects and all(_tag_values(self, one, name) for one in objects):
                return name
        return None

    def tags(self, shape: Type) -> set[str]:
        """Return the values that tell the alternatives of a union apart; empty when nothing does."""
        form = self.form(shape)
        name = self.tag(form)
        if name is None:
            return set()
        return {str(value) for one in form.objects.values() for value in _tag_values(self, one, name)}

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


class Walk:
    """Compares types from the roots on."""

    def __init__(self, baseline: Mapping[str, Type], candidate: Mapping[str, Type]) -> None:
        self.baseline = Shapes(baseline)
        self.candidate = Shapes(candidate)
        self._found: dict[_Pair | Root, list[Difference]] = {}
        self._above: dict[_Pair, list[tuple[_Pair | Root, tuple[str, ...]]]] = {}
        self._waiting: list[tuple[_Pair, _Object, _Object]] = []

    def compare(self, root: Root, direction: Direction, before: Type, after: Type, step: str) -> None:
        """Compare the types of one place of both sides; `step` names it."""
        self._types(root, direction, before, after, (step,), step, 0)
        while self._waiting:
            pair, one, other = self._waiting.pop()
            self._objects(pair, direction, one, other)

    def placed(self) -> Iterator[Placed]:
        """Yield all differences with their places."""
        ways: dict[_Pair, tuple[frozenset[Root], tuple[str, ...]]] = {}
        for owner, differences in self._found.items():
            if isinstance(owner, Root):
                for one in differences:
                    yield Placed(one, frozenset({owner}), one.steps)
                continue
            if owner not in ways:
                ways[owner] = self._way(owner)
            roots, path = ways[owner]
            for one in differences:
                yield Placed(one, roots, (*path, *one.steps))

    def _way(self, pair: _Pair) -> tuple[frozenset[Root], tuple[str, ...]]:
        """Return the roots that lead to a pair, and the shortest path from one of them."""
        roots: set[Root] = set()
        paths: list[tuple[str, ...]] = []
        seen = {pair}
        layer: list[tuple[_Pair, tuple[str, ...]]] = [(pair, ())]
        while layer:
            following: list[tuple[_Pair, tuple[str, ...]]] = []
            reached: list[tuple[str, ...]] = []
            for current, path in layer:
                for above, steps in self._above.get(current, ()):
                    if isinstance(above, Root):
                        roots.add(above)
                        reached.append((*steps, *path))
                    elif above not in seen:
                        seen.add(above)
                        following.append((above, (*steps, *path)))
            if reached and not paths:
                paths = reached
            layer = following
        return frozenset(roots), min(paths, key=lambda way: (len(way), way), default=())

    # ------------------------------------------------------------ types

    def _note(self, owner: _Pair | Root, difference: Difference) -> None:
        known = self._found.setdefault(owner, [])
        if difference not in known:
            known.append(difference)

    def _types(
        self,
        owner: _Pair | Root,
        direction: Direction,
        before: Type,
        after: Type,
        steps: tuple[str, ...],
        name: str,
        depth: int,
    ) -> None:
        if depth > _DEEPEST:
            return
        one, other = self.baseline.form(before), self.candidate.form(after)
        if "any" in one.kinds or "any" in other.kinds:
            return  # one side does not say what may stand there: nothing can be told

        def note(change: Change, subject: str, old: Any, new: Any, *, is_open: bool = False) -> None:
            at = (*steps, subject) if change.startswith(("value", "variant")) else steps
            self._note(owner, Difference(direction, change, subject, name, at, old, new, is_open))

        self._kinds(one, other, name, note, before, after)
        if one.is_enum and other.is_enum:
            is_open = one.is_open and other.is_open
            for value in _sorted(other.values - one.values):
                note("value-added", str(value), None, value, is_open=is_open)
            for value in _sorted(one.values - other.values):
                note("value-removed", str(value), value, None, is_open=is_open)
        for first, second in ((one.items, other.items), (one.mapped, other.mapped)):
            if first and second:
                inner = (*steps[:-1], f"{steps[-1]}[]" if first is one.items else f"{steps[-1]}{{}}")
                self._types(owner, direction, _joined(first), _joined(second), inner, name, depth + 1)
        if one.objects and other.objects:
            self._alternatives(owner, direction, one, other, steps, note)

    def _kinds(self, one: _Form, other: _Form, name: str, note: Any, before: Type, after: Type) -> None:
        old, new = one.main, other.main
        if "number" in new and "integer" in old:
            old = (old - {"integer"}) | {"number"}
        if "number" in old and "integer" in new:
            new = (new - {"integer"}) | ({"number"} if "number" in new else {"integer"})
        shown = (self.baseline.signature(before), self.candidate.signature(after))
        gone, come = old - new, new - old
        if gone and come:
            note("changed", name, *shown)
        elif come:
            note("widened", name, *shown)
        elif gone:
            note("narrowed", name, *shown)
        elif one.is_enum and not one.is_open and other.is_open and not other.is_enum:
            note("widened", name, *shown)
        elif other.is_enum and not other.is_open and one.is_open and not one.is_enum:
            note("narrowed", name, *shown)

    # ------------------------------------------------------------ unions of objects

    def _alternatives(
        self,
        owner: _Pair | Root,
        direction: Direction,
        one: _Form,
        other: _Form,
        steps: tuple[str, ...],
        note: Any,
    ) -> None:
        first, second = list(one.objects.values()), list(other.objects.values())
        if len(first) == len(second) == 1:
            self._enqueue(owner, direction, first[0], second[0], steps)
            return
        if 1 in {len(first), len(second)} and self._one_with_several(
            owner, direction, one, other, steps, note
        ):
            return
        tag = self._common_tag(one, other, first, second)
        if tag is None:
            self._by_likeness(owner, direction, first, second, steps, note)
            return
        old = self._by_tag(self.baseline, first, tag)
        new = self._by_tag(self.candidate, second, tag)
        for value in _sorted(new.keys() - old.keys()):
            note("variant-added", str(value), None, {tag: value})
        for value in _sorted(old.keys() - new.keys()):
            note("variant-removed", str(value), {tag: value}, None)
        done: set[tuple[str, str]] = set()
        for value in _sorted(old.keys() & new.keys()):
            before, after = _merged(old[value]), _merged(new[value])
            if (before.key, after.key) not in done:
                done.add((before.key, after.key))
                self._enqueue(owner, direction, before, after, (*steps, f"<{value}>"), tag)

    def _one_with_several(
        self,
        owner: _Pair | Root,
        direction: Direction,
        one: _Form,
        other: _Form,
        steps: tuple[str, ...],
        note: Any,
    ) -> bool:
        """Compare one object of this side with several of that; False when a tag says which of them it is.

        An object that is none of them in particular is compared with all of them together, if those look like it
        (generators split and join objects at will), else with the one that looks most like it.
        """
        grows = len(one.objects) == 1
        (alone,) = (one if grows else other).objects.values()
        several = other if grows else one
        shapes, others = (self.baseline, self.candidate) if grows else (self.candidate, self.baseline)
        tag = others.tag(several)
        values = _tag_values(shapes, alone, tag) if tag else set()
        if len(values) == 1:
            return False
        parts = list(several.objects.values())
        match = _merged(parts)
        closest = max(parts, key=lambda part: _likeness(alone, part))
        if not values and _likeness(alone, closest) > _likeness(alone, match):
            match = closest
            for part in parts:
                if part is not closest:
                    named = _sorted(_tag_values(others, part, tag)) if tag else [_outline(part)]
                    for value in named:
                        shown = {tag: value} if tag else {"fields": sorted(part.fields)[:12]}
                        sides = (None, shown) if grows else (shown, None)
                        note("variant-added" if grows else "variant-removed", str(value), *sides)
        self._enqueue(owner, direction, *((alone, match) if grows else (match, alone)), steps)
        return True

    def _common_tag(
        self, one: _Form, other: _Form, first: list[_Object], second: list[_Object]
    ) -> str | None:
        names = [name for name in (one.discriminator, other.discriminator) if name]
        for name in dict.fromkeys([*names, *_TAGS]):
            if all(_tag_values(self.baseline, part, name) for part in first) and all(
                _tag_values(self.candidate, part, name) for part in second
            ):
                return name
        return None

    def _by_tag(self, shapes: Shapes, objects: list[_Object], tag: str) -> dict[Any, list[_Object]]:
        found: dict[Any, list[_Object]] = {}
        for one in objects:
            for value in _tag_values(shapes, one, tag):
                found.setdefault(value, []).append(one)
        return found

    def _by_likeness(
        self,
        owner: _Pair | Root,
        direction: Direction,
        first: list[_Object],
        second: list[_Object],
        steps: tuple[str, ...],
        note: Any,
    ) -> None:
        """Match objects without a tag by the names of their fields, the most alike first."""
        scored = sorted(
            (
                (-_likeness(a, b), number_a, number_b)
                for number_a, a in enumerate(first)
                for number_b, b in enumerate(second)
            ),
        )
        left, right = set(range(len(first))), set(range(len(second)))
        for score, number_a, number_b in scored:
            if -score >= _ALIKE and number_a in left and number_b in right:
                left.discard(number_a)
                right.discard(number_b)
                self._enqueue(owner, direction, first[number_a], second[number_b], steps)
        for number in sorted(right):
            note(
                "variant-added",
                _outline(second[number]),
                None,
                {"fields": sorted(second[number].fields)[:12]},
            )
        for number in sorted(left):
            note(
                "variant-removed",
                _outline(first[number]),
                {"fields": sorted(first[number].fields)[:12]},
                None,
            )

    def _enqueue(
        self,
        owner: _Pair | Root,
        direction: Direction,
        one: _Object,
        other: _Object,
        steps: tuple[str, ...],
        tag: str = "",
    ) -> None:
        pair = _Pair(direction, one.key, f"{other.key} by {tag}" if tag else other.key)
        if pair not in self._above:
            self._above[pair] = []
            self._waiting.append((pair, one, other))
        if (owner, steps) not in self._above[pair]:
            self._above[pair].append((owner, steps))

    # ------------------------------------------------------------ objects

    def _objects(self, pair: _Pair, direction: Direction, one: _Object, other: _Object) -> None:
        tag = pair.candidate.partition(" by ")[2]
        for name in sorted(one.fields.keys() | other.fields.keys()):
            if name == tag:
                continue
            before, after = one.fields.get(name), other.fields.get(name)
            if before is None:
                assert after is not None
                shown = {"type": self.candidate.signature(after["type"]), "required": after["required"]}
                self._note(pair, Difference(direction, "field-added", name, name, (name,), None, shown))
                continue
            if after is None:
                shown = {"type": self.baseline.signature(before["type"]), "required": before["required"]}
                self._note(pair, Difference(direction, "field-removed", name, name, (name,), shown, None))
                continue
            was, now = (
                self._always(direction, before, self.baseline),
                self._always(direction, after, self.candidate),
            )
            if was != now:
                change: Change = "required" if now else "optional"
                self._note(
                    pair,
                    Difference(direction, change, name, name, (name,), {"required": was}, {"required": now}),
                )
            self._types(pair, direction, before["type"], after["type"], (name,), name, 0)

    def _always(self, direction: Direction, entry: Mapping[str, Any], shapes: Shapes) -> bool:
        """Whether a field has to be sent, or is sure to arrive with a value."""
        if direction == "request":
            return bool(entry["required"])
        return bool(entry["required"]) and "null" not in shapes.form(entry["type"]).kinds


def _merged(objects: list[_Object]) -> _Object:
    """Return one object that allows what any of several does."""
    if len(objects) == 1:
        return objects[0]
    names = sorted({name for one in objects for name in one.fields})
    fields = {
        name: {
            "type": _joined([one.fields[name]["type"] for one in objects if name in one.fields]),
            "required": all(name in one.fields and one.fields[name]["required"] for one in objects),
        }
        for name in names
    }
    return _Object("+".join(sorted(one.key for one in objects)), fields)


def _joined(types: Iterable[Type]) -> Type:
    parts = list({canonical(one): one for one in types}.values())
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def _tag_values(shapes: Shapes, one: _Object, name: str) -> set[Any]:
    """Return the values of a field that can tell alternatives apart; empty when it cannot."""
    entry = one.fields.get(name)
    if entry is None:
        return set()
    form = shapes.form(entry["type"])
    return form.values if form.is_enum and not form.is_open else set()


def _likeness(one: _Object, other: _Object) -> float:
    first, second = set(one.fields), set(other.fields)
    return len(first & second) / len(first | second) if first | second else 1.0


def _outline(one: _Object) -> str:
    return f"{{{', '.join(sorted(one.fields)[:4])}}}"


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=lambda value: (type(value).__name__, value))
