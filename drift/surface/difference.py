# Where the types of two surfaces part: walked from the endpoints, names of classes ignored, every place remembered.
# Owns: how unions, enumerations and objects are matched. Refuses to know: rules, levels, how facts are told.
"""Differences between the types of two surfaces.

Two definitions that stand in the same place are compared once, however many endpoints lead there. What differs inside
them is kept with the pair, and the places are found afterwards by walking back to the roots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from drift.surface.shapes import (
    TAGS,
    Form,
    Object,
    Shapes,
    Type,
    in_order,
    joined,
    likeness,
    merged,
    outline,
    own_tag,
    tag_values,
)

Direction = Literal["request", "response"]

Change = Literal[
    "field-added", "field-removed", "required", "optional", "value-added", "value-removed", "variant-added",
    "variant-removed", "widened", "narrowed", "changed",
]  # fmt: skip

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


class Walk:
    """Compares types from the roots on."""

    def __init__(self, baseline: Mapping[str, Type], candidate: Mapping[str, Type]) -> None:
        self.baseline = Shapes(baseline)
        self.candidate = Shapes(candidate)
        self._found: dict[_Pair | Root, list[Difference]] = {}
        self._above: dict[_Pair, list[tuple[_Pair | Root, tuple[str, ...]]]] = {}
        self._waiting: list[tuple[_Pair, Object, Object]] = []

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

        change = _change_of_kinds(one, other)
        if change is not None:
            note(change, name, self.baseline.signature(before), self.candidate.signature(after))
        if one.is_enum and other.is_enum:
            is_open = one.is_open and other.is_open
            for value in in_order(other.values - one.values):
                note("value-added", str(value), None, value, is_open=is_open)
            for value in in_order(one.values - other.values):
                note("value-removed", str(value), value, None, is_open=is_open)
        for first, second in ((one.items, other.items), (one.mapped, other.mapped)):
            if first and second:
                inner = (*steps[:-1], f"{steps[-1]}[]" if first is one.items else f"{steps[-1]}{{}}")
                self._types(owner, direction, joined(first), joined(second), inner, name, depth + 1)
        if one.objects and other.objects:
            self._alternatives(owner, direction, one, other, steps, note)

    # ------------------------------------------------------------ unions of objects

    def _alternatives(
        self,
        owner: _Pair | Root,
        direction: Direction,
        one: Form,
        other: Form,
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
        for value in in_order(new.keys() - old.keys()):
            note("variant-added", str(value), None, {tag: value})
        for value in in_order(old.keys() - new.keys()):
            note("variant-removed", str(value), {tag: value}, None)
        done: set[tuple[str, str]] = set()
        for value in in_order(old.keys() & new.keys()):
            before, after = merged(old[value]), merged(new[value])
            if (before.key, after.key) not in done:
                done.add((before.key, after.key))
                self._enqueue(owner, direction, before, after, (*steps, f"<{value}>"), tag)

    def _one_with_several(
        self,
        owner: _Pair | Root,
        direction: Direction,
        one: Form,
        other: Form,
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
        values = tag_values(shapes, alone, tag) if tag else set()
        if len(values) == 1:
            return False
        parts = list(several.objects.values())
        match = merged(parts)
        closest = max(parts, key=lambda part: likeness(alone, part))
        if not values and likeness(alone, closest) > likeness(alone, match):
            match = closest
            for part in parts:
                if part is not closest:
                    named = in_order(tag_values(others, part, tag)) if tag else [outline(others, part)]
                    for value in named:
                        shown = {tag: value} if tag else {"fields": sorted(part.fields)[:12]}
                        sides = (None, shown) if grows else (shown, None)
                        note("variant-added" if grows else "variant-removed", str(value), *sides)
        self._enqueue(owner, direction, *((alone, match) if grows else (match, alone)), steps)
        return True

    def _common_tag(self, one: Form, other: Form, first: list[Object], second: list[Object]) -> str | None:
        names = [name for name in (one.discriminator, other.discriminator) if name]
        for name in dict.fromkeys([*names, *TAGS]):
            if all(tag_values(self.baseline, part, name) for part in first) and all(
                tag_values(self.candidate, part, name) for part in second
            ):
                return name
        return None

    def _by_tag(self, shapes: Shapes, objects: list[Object], tag: str) -> dict[Any, list[Object]]:
        found: dict[Any, list[Object]] = {}
        for one in objects:
            for value in tag_values(shapes, one, tag):
                found.setdefault(value, []).append(one)
        return found

    def _by_likeness(
        self,
        owner: _Pair | Root,
        direction: Direction,
        first: list[Object],
        second: list[Object],
        steps: tuple[str, ...],
        note: Any,
    ) -> None:
        """Match objects of unions in which not all have a tag: by their own tags, then by the names of their fields.

        Two that call themselves differently are never one.
        """
        tags = (
            [own_tag(self.baseline, one) for one in first],
            [own_tag(self.candidate, one) for one in second],
        )
        scored = sorted(
            (a != b or a is None, -likeness(first[left], second[right]), left, right)
            for left, a in enumerate(tags[0])
            for right, b in enumerate(tags[1])
            if a is None or b is None or a == b or a[0] != b[0]
        )
        left, right = set(range(len(first))), set(range(len(second)))
        for is_guess, score, number_a, number_b in scored:
            alike = -score >= _ALIKE or not is_guess
            if alike and number_a in left and number_b in right:
                left.discard(number_a)
                right.discard(number_b)
                self._enqueue(owner, direction, first[number_a], second[number_b], steps)
        for number in sorted(right):
            one = second[number]
            note("variant-added", outline(self.candidate, one), None, {"fields": sorted(one.fields)[:12]})
        for number in sorted(left):
            one = first[number]
            note("variant-removed", outline(self.baseline, one), {"fields": sorted(one.fields)[:12]}, None)

    def _enqueue(
        self,
        owner: _Pair | Root,
        direction: Direction,
        one: Object,
        other: Object,
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

    def _objects(self, pair: _Pair, direction: Direction, one: Object, other: Object) -> None:
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


def _change_of_kinds(one: Form, other: Form) -> Change | None:
    """Return how the kinds of value that may stand in a place changed; an integer is a number as well."""
    old, new = one.main, other.main
    if "number" in new and "integer" in old:
        old = (old - {"integer"}) | {"number"}
    if "number" in old and "integer" in new and "number" in new:
        new = new - {"integer"}
    gone, come = old - new, new - old
    if gone or come:
        return "changed" if gone and come else "widened" if come else "narrowed"
    if one.is_enum and not one.is_open and other.is_open and not other.is_enum:
        return "widened"
    if other.is_enum and not other.is_open and one.is_open and not one.is_enum:
        return "narrowed"
    return None
