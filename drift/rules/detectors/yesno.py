# One yes/no feature of single samples over the probes of a family: from samples to a signal.
# Owns: what is counted, which samples are witnesses, when one probe alone speaks.
# Refuses to know: which features there are, correction, wording.
"""The rate of a yes/no observation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from drift.model import Level, Probe, Purpose
from drift.rules.facts import ProbePair, Seen, Signal, Witness
from drift.rules.measure import (
    Counts,
    Flips,
    by_question,
    count_flips,
    count_probe,
    count_rate,
    paired,
)

Value = Callable[[Seen, Probe], bool | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """One row.

    Attributes:
        name: name of the measure.
        value: sample → yes, no, or None when it could not be observed.
        up, down: rule for which more, or less, of it is evidence.
        path: JSON pointer to the place.
        change: class of change when it goes up (down: "less").
        purposes: restrict to probes of these purposes; empty = all.
        witness: presence alone can be evidence (else only a rate can).
        min_effect: smallest change of the share that matters.
        level: (probe, rising) → (level, reason) instead of the rule's default, or None.
        tags: tags of the finding.
        space: see `Signal.space`.
        settled: a fixed request settles it, as it does for the structure of the wire; the wording of an answer is
            drawn anew each time, and a few odd ones may be chance.
    """

    name: str
    value: Value
    up: str | None = None
    down: str | None = None
    path: str = "/text"
    change: str = "more"
    purposes: tuple[Purpose, ...] = ()
    witness: bool = True
    min_effect: float = 0.02
    level: Callable[[Probe, bool], tuple[Level, str] | None] | None = None
    tags: tuple[str, ...] = ()
    space: str = "response"
    settled: bool = True


def rate_signal(
    family: str,
    pairs: Iterable[ProbePair],
    measure: Measure,
    *,
    place: str = "",
    where: str = "",
    detail: str = "",
) -> Iterator[Signal]:
    """Yield the signal of one yes/no measure over these probes, or nothing when it was never observed on both sides."""
    pairs = list(pairs)
    per_probe = [
        (
            [measure.value(seen, pair.probe) for seen in pair.baseline],
            [measure.value(seen, pair.probe) for seen in pair.candidate],
        )
        for pair in pairs
    ]
    kept = paired(per_probe)
    if not kept:
        return
    counts = replace(by_probe(pairs, per_probe, count_rate(kept)), flips=flips_of(pairs, measure.value))
    kind: Literal["exact", "witness", "rate"] = "rate" if measure.up or measure.down else "exact"
    watches = tuple(rule for rule in (measure.up, measure.down) if rule)
    if not counts.k_a and not counts.k_b:
        yield Signal(
            measure.name,
            None,
            family,
            kind,
            counts,
            measure.path,
            place,
            detail=detail,
            where=where,
            space=measure.space,
            watches=watches,
        )
        return
    rising = (counts.effect or 0.0) > 0
    rule = measure.up if rising else measure.down if counts.effect else None
    level, reason = _level(measure, pairs, per_probe, rising=rising)
    yield Signal(
        measure.name,
        rule,
        family,
        "witness" if measure.witness and rising and not counts.k_a else kind,
        counts,
        path=measure.path,
        detail=detail,
        place=place,
        change=measure.change if rising else f"less {measure.change}",
        before={"k": counts.k_a, "n": counts.n_a},
        after={"k": counts.k_b, "n": counts.n_b},
        deterministic=rising and measure.settled and _whole_probes(kept),
        min_effect=measure.min_effect,
        level=level,
        reason=reason,
        tags=measure.tags,
        witnesses=find_witnesses(pairs, per_probe, rising=rising) if rule else (),
        where=where,
        space=measure.space,
        moved=_moved(pairs, per_probe),
        watches=watches,
    )
    yield from _single_probes(family, pairs, per_probe, measure, place, where, detail)


def by_probe(
    pairs: Sequence[ProbePair],
    per_probe: Sequence[tuple[Sequence[float | None], Sequence[float | None]]],
    counts: Counts,
) -> Counts:
    """Return counts that take like probes for one question, see `by_question`."""
    if not any(pair.like for pair in pairs):
        return counts
    means, groups = [], []
    for pair, (first, second) in zip(pairs, per_probe, strict=True):
        a, b = ([value for value in side if value is not None] for side in (first, second))
        if a and b:
            means.append((sum(a) / len(a), sum(b) / len(b)))
            groups.append(pair.like)
    return by_question(counts, means, groups)


def flips_of(pairs: Iterable[ProbePair], value: Callable[[Seen, Probe], bool | float | None]) -> Flips | None:
    """Pair the samples of each probe one by one; None where no order of asking is known."""
    pairs = list(pairs)
    if not pairs or not pairs[0].candidate[0].turn:
        return None
    return count_flips(
        (b.turn, value(a, pair.probe), value(b, pair.probe))
        for pair in pairs
        for a, b in zip(pair.baseline, pair.candidate, strict=True)
    )


_ENOUGH_EPOCHS = 5
"""With fewer samples of one probe on a side Fisher's p stays above 0.79 %: no claim about that probe alone."""


def _single_probes(
    family: str,
    pairs: list[ProbePair],
    per_probe: list[tuple[list[bool | None], list[bool | None]]],
    measure: Measure,
    place: str,
    where: str,
    detail: str,
) -> Iterator[Signal]:
    """Yield one signal for each probe whose own epochs could carry a claim: one that flips may drown in its family."""
    for pair, (first, second) in zip(pairs, per_probe, strict=True):
        a = [value for value in first if value is not None]
        b = [value for value in second if value is not None]
        if min(len(a), len(b)) < _ENOUGH_EPOCHS or sum(a) * len(b) == sum(b) * len(a):
            continue
        rising = sum(b) * len(a) > sum(a) * len(b)
        rule = measure.up if rising else measure.down
        if rule is None:
            continue
        level = measure.level(pair.probe, rising) if measure.level is not None else None
        yield Signal(
            measure.name,
            rule,
            family,
            "rate",
            count_probe(a, b),
            measure.path,
            place,
            measure.change if rising else f"less {measure.change}",
            detail,
            probe=pair.probe.id,
            before={"k": sum(a), "n": len(a)},
            after={"k": sum(b), "n": len(b)},
            min_effect=max(measure.min_effect, 0.1),
            level=level[0] if level else None,
            reason=level[1] if level else "",
            tags=measure.tags,
            witnesses=find_witnesses([pair], [(first, second)], rising=rising),
            where=where,
            space=measure.space,
            single=True,
        )


def _moved(
    pairs: list[ProbePair], per_probe: list[tuple[list[bool | None], list[bool | None]]]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the probes whose share rose and those whose share fell."""
    up: set[str] = set()
    down: set[str] = set()
    for pair, (first, second) in zip(pairs, per_probe, strict=True):
        a, b = ([value for value in side if value is not None] for side in (first, second))
        if a and b:
            difference = sum(b) * len(a) - sum(a) * len(b)
            if difference:
                (up if difference > 0 else down).add(pair.probe.id)
    return frozenset(up), frozenset(down)


def _whole_probes(kept: list[tuple[list[bool], list[bool]]]) -> bool:
    """In most probes every candidate sample shows it and no baseline sample does, and nowhere is it mixed."""
    hit = [(a, b) for a, b in kept if any(b)]
    return bool(hit) and all(all(b) and not any(a) for a, b in hit) and 2 * len(hit) >= len(kept)


def _level(
    measure: Measure,
    pairs: list[ProbePair],
    per_probe: list[tuple[list[bool | None], list[bool | None]]],
    *,
    rising: bool,
) -> tuple[Level | None, str]:
    """The condition holds for the finding when it holds for every probe that moved that way."""
    if measure.level is None:
        return None, ""
    verdicts = [
        measure.level(pair.probe, rising)
        for pair, (a, b) in zip(pairs, per_probe, strict=True)
        if any(b if rising else a)
    ]
    if verdicts and all(verdicts):
        first = verdicts[0]
        assert first is not None
        return first
    return None, ""


def find_witnesses(
    pairs: list[ProbePair],
    per_probe: list[tuple[list[bool | None], list[bool | None]]],
    *,
    rising: bool,
    limit: int = 3,
) -> tuple[Witness, ...]:
    """Return up to `limit` pairs of samples in which the value moved, probes without it on the other side first."""
    found: list[tuple[bool, Witness]] = []
    for pair, (a, b) in zip(pairs, per_probe, strict=True):
        before, after = (a, b) if rising else (b, a)
        sides = (pair.baseline, pair.candidate) if rising else (pair.candidate, pair.baseline)
        shown = next((seen for seen, value in zip(sides[1], after, strict=True) if value), None)
        if shown is None:
            continue
        other = next((seen for seen, value in zip(sides[0], before, strict=True) if value is False), None)
        if other is None and sides[0]:
            continue
        witness = (other, shown) if rising else (shown, other)
        found.append((any(before), witness))
    found.sort(key=lambda item: item[0])
    return tuple(witness for _, witness in found[:limit])
