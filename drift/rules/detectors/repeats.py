# One request asked several times: how often do two of its answers differ?
# Owns: what makes two answers the same. Refuses to know: tests' correction, why answers differ.
"""How reproducible answers are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from drift import stats
from drift.model import JSON
from drift.rules.facts import Facts, FamilyPair, ProbePair, Seen, Signal, Witness
from drift.rules.measure import Counts


def detect_repeats(facts: Facts) -> Iterator[Signal]:
    """Yield one signal per family whose probes were asked at least twice on both sides."""
    for family in facts.families:
        yield from _family(family)


def _answer(seen: Seen) -> JSON:
    """What a caller would call the answer: the calls with their values, and the visible text."""
    text, calls = seen.get("text.digest"), seen.get("calls.canonical")
    return None if text is None and calls is None else [text, calls]


def _disagreement(samples: tuple[Seen, ...]) -> float | None:
    """Return the share of pairs of answers that differ, which does not depend on how often was asked."""
    answers = Counter(repr(answer) for seen in samples if (answer := _answer(seen)) is not None)
    n = answers.total()
    if n < 2:
        return None
    return 1 - sum(k * (k - 1) for k in answers.values()) / (n * (n - 1))


def _family(family: FamilyPair) -> Iterator[Signal]:
    rows: list[tuple[ProbePair, float, float]] = []
    for pair in family.pairs:
        a, b = _disagreement(pair.baseline), _disagreement(pair.candidate)
        if a is not None and b is not None:
            rows.append((pair, a, b))
    if not rows:
        return
    up = sum(b > a for _, a, b in rows)
    down = sum(b < a for _, a, b in rows)
    n = len(rows)
    counts = Counts(
        n,
        n_a=sum(len(pair.baseline) for pair, _, _ in rows),
        n_b=sum(len(pair.candidate) for pair, _, _ in rows),
        mean_a=sum(a for _, a, _ in rows) / n,
        mean_b=sum(b for _, _, b in rows) / n,
        up=up,
        down=down,
        effect=sum(b - a for _, a, b in rows) / n,
        p=stats.sign_test(up, down),
        attainable=min(1.0, 2.0 ** (1 - up - down)),
        test="sign test",
    )
    less = (counts.effect or 0.0) > 0 and up > down
    yield Signal(
        "repeats.differ",
        "determinism-decreased" if less else None,
        family.family,
        "rate",
        counts,
        path="/",
        change="less reproducible",
        before={"differing pairs": round(counts.mean_a or 0.0, 3)},
        after={"differing pairs": round(counts.mean_b or 0.0, 3)},
        min_effect=0.1,
        note="Counted are pairs of answers to one request that differ.",
        witnesses=_witnesses(rows) if less else (),
        moved=(
            frozenset(pair.probe.id for pair, a, b in rows if b > a),
            frozenset(pair.probe.id for pair, a, b in rows if b < a),
        ),
    )


def _witnesses(rows: list[tuple[ProbePair, float, float]]) -> tuple[Witness, ...]:
    """Two epochs of the probe that moved most: the candidate's answers to one request differ."""
    pair, _, _ = max(rows, key=lambda row: row[2] - row[1])
    first = pair.candidate[0]
    other = next(seen for seen in pair.candidate if _answer(seen) not in (None, _answer(first)))
    return (pair.baseline[0], first), (pair.baseline[1], other)
