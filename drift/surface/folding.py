# Facts while they are gathered: the same in more places is one fact, and values that come together are told together.
# Owns: folding, how a fact becomes a signal. Refuses to know: what is compared, levels beyond a rule's own.
"""Fold differences into facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drift.canonical import canonical
from drift.compare.declared import declared_fact
from drift.model import Level
from drift.rules.facts import Signal

MOSTLY_HABIT = {"response-type-narrowed", "request-type-widened"}
"""Types that became more exact, or wider: mostly one habit of a generator in many places, told once a field."""


@dataclass
class Fact:
    """One fact while its places are gathered."""

    rule: str
    family: str
    subject: str
    before: Any
    after: Any
    values: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    example: str = ""
    level: Level | None = None
    reason: str = ""
    change: str = ""
    detail: str = ""
    note: str = ""


class Facts:
    """Gathers facts: what has the same key is one fact in more places."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, ...], Fact] = {}

    def add(self, key: Iterable[str], fact: Fact, places: Iterable[str] = (), example: str = "") -> None:
        """Add a fact, or places to a known one."""
        known = self._facts.setdefault((fact.rule, *key), fact)
        known.places.update(places)
        if example and (not known.example or (len(example), example) < (len(known.example), known.example)):
            known.example = example

    def add_values(
        self, added: str, removed: str, family: str, subject: str, before: set[str], after: set[str]
    ) -> None:
        """Add what came to a set and what left it."""
        for value in sorted(after - before):
            self.add([subject, value], Fact(added, family, subject, None, value, [value]))
        for value in sorted(before - after):
            self.add([subject, value], Fact(removed, family, subject, value, None, [value]))

    def signals(self) -> Iterator[Signal]:
        """Yield the facts; values of one field that came or went together in the same places are told together."""
        together: dict[tuple[Any, ...], list[Fact]] = {}
        for key in sorted(self._facts):
            fact = self._facts[key]
            alone = () if fact.values else (key,)
            places = () if fact.rule in MOSTLY_HABIT else tuple(sorted(fact.places))
            group = (fact.rule, fact.family, fact.subject, places, fact.level, *alone)
            together.setdefault(group, []).append(fact)
        for facts in together.values():
            yield _signal(_merged(facts))


def _merged(facts: list[Fact]) -> Fact:
    first = facts[0]
    if len(facts) == 1:
        return first
    return replace(
        first,
        values=sorted({value for fact in facts for value in fact.values}),
        places={place for fact in facts for place in fact.places},
        before=_together([fact.before for fact in facts]),
        after=_together([fact.after for fact in facts]),
    )


def _together(shown: list[Any]) -> Any:
    """Return what several facts show on one side: the one value, or all that there are."""
    values = [value for _, value in sorted({canonical(value): value for value in shown}.items())]
    return values[0] if len(values) == 1 else values


def _signal(fact: Fact) -> Signal:
    subject = fact.subject
    if fact.values:
        listed = ", ".join(fact.values)
        subject = f"{subject}: {listed}" if subject else listed
    notes = [f"For example {fact.example}."] if fact.example and fact.example != fact.subject else []
    return declared_fact(
        fact.rule,
        fact.family,
        path=pointer(fact.family, *([fact.subject] if fact.subject else [])),
        place=subject,
        before=fact.before,
        after=fact.after,
        places=sorted(fact.places),
        change=fact.change,
        detail=fact.detail,
        level=fact.level,
        reason=fact.reason,
        note=" ".join([*notes, *([fact.note] if fact.note else [])]),
    )


def pointer(*steps: str) -> str:
    """Return a JSON pointer."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def type_of(before: Any, after: Any) -> str:
    """Return the type of what came or went: fields of one name and another type are other facts."""
    shown = before if after is None else after if before is None else {}
    return str(shown.get("type", "")) if isinstance(shown, Mapping) else ""
