# Counting: from paired values to numbers with a test, an effect and an interval.
# Owns: which test fits which design (one sample a probe, several). Refuses to know: rules, levels, what a value means.
"""Counts of one measure over paired probes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias, TypeVar

from drift import stats

T = TypeVar("T")

PairedValues: TypeAlias = Sequence[tuple[Sequence[T], Sequence[T]]]
"""Per probe: the values of the baseline's samples and of the candidate's; never empty on either side."""


class Flips(NamedTuple):
    """Samples of both sides paired one by one, in the order of asking: what a test may look at after every pair.

    Attributes:
        pairs: pairs with a value on both sides.
        up: pairs whose value rose from baseline to candidate.
        down: pairs whose value fell.
        first: turn of the first pair that moved; 0 when none did.
    """

    pairs: int
    up: int
    down: int
    first: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of one measure.

    Attributes:
        pairs: probes with a value on both sides.
        k_a, n_a, k_b, n_b: how many of how many samples, baseline and candidate; k is None for numbers.
        mean_a, mean_b: mean value (for shares k / n).
        mean_unit: unit of the means where that of the effect says nothing of it ("ratio"), in words.
        up, down: probes whose value rose or fell from baseline to candidate.
        effect: candidate minus baseline in `unit` (for "ratio": candidate / baseline).
        interval: 95 % interval of the effect, or None.
        p: two-sided p-value before correction, or None for exact facts.
        attainable: the smallest p that this design could have given; above the level nothing can ever be claimed.
        test: name of the test.
        offset: the constant difference of whole numbers on every probe, if there is one.
        histogram: difference → number of probes, for whole numbers with few differences.
        flips: the same samples pair by pair; only where a comparison is made while the candidate is still being asked.
    """

    pairs: int
    n_a: int
    n_b: int
    k_a: int | None = None
    k_b: int | None = None
    mean_a: float | None = None
    mean_b: float | None = None
    mean_unit: str = ""
    up: int | None = None
    down: int | None = None
    effect: float | None = None
    unit: str = "share"
    interval: tuple[float, float] | None = None
    p: float | None = None
    attainable: float = 1.0
    test: str | None = None
    offset: int | None = None
    histogram: dict[str, int] | None = None
    flips: Flips | None = None


def by_question(counts: Counts, means: Sequence[tuple[float, float]], groups: Sequence[str]) -> Counts:
    """Return counts whose p takes like probes for one question where they are answered as one.

    A dozen wordings of one question whose answers all fall together are one flip, not twelve. A group counts once where
    its answers are the same on each side, and every group does where they hang together: lengths are never quite the
    same. Elsewhere probes have a will of their own and count each. The units are held to a sign test, and of the two
    p-values the greater one stands.

    Args:
        counts: numbers over the probes.
        means: per probe its mean on either side, in the order of `groups`.
        groups: per probe the name of its group, "" for a probe that is alone.
    """
    if counts.p is None or not any(groups):
        return counts
    members: dict[str, list[tuple[float, float]]] = {}
    for number, (mean, group) in enumerate(zip(means, groups, strict=True)):
        members.setdefault(group or f"alone {number}", []).append(mean)
    together = _hang_together(
        [
            [math.log1p(b) - math.log1p(a) if counts.unit == "ratio" else b - a for a, b in found]
            for found in members.values()
            if len(found) > 1
        ]
    )
    units: list[tuple[float, float]] = []
    for found in members.values():
        sides = tuple(zip(*found, strict=True))
        if together or all(len(set(side)) == 1 for side in sides):
            units.append((sum(sides[0]) / len(found), sum(sides[1]) / len(found)))
        else:
            units += found
    if len(units) == counts.pairs:
        return counts
    up, down = sum(b > a for a, b in units), sum(b < a for a, b in units)
    return replace(
        counts,
        p=max(counts.p, stats.sign_test(up, down)),
        attainable=max(counts.attainable, min(1.0, 2.0 ** (1 - up - down))),
        test=f"{counts.test}, like probes as one: {len(units)} units",
    )


def _hang_together(groups: Sequence[Sequence[float]]) -> bool:
    """Whether differences hang together in their groups: at least half of their variance lies between the groups."""
    flat = [value for group in groups for value in group]
    if len(flat) <= len(groups) or len(groups) < 2:
        return False
    total = _squares(flat) / (len(flat) - 1)
    within = sum(map(_squares, groups)) / (len(flat) - len(groups))
    return within < total / 2


def _squares(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values)


def count_rate(values: PairedValues[bool], *, seed: int = 0) -> Counts:
    """Count a yes/no feature: exact McNemar with one sample a probe, a permutation within probes with more."""
    n_a = sum(len(a) for a, _ in values)
    n_b = sum(len(b) for _, b in values)
    k_a = sum(sum(a) for a, _ in values)
    k_b = sum(sum(b) for _, b in values)
    up = down = 0
    for a, b in values:
        difference = sum(b) * len(a) - sum(a) * len(b)
        up += difference > 0
        down += difference < 0
    pairs = len(values)
    base = Counts(
        pairs,
        n_a,
        n_b,
        k_a,
        k_b,
        mean_a=k_a / n_a if n_a else None,
        mean_b=k_b / n_b if n_b else None,
        up=up,
        down=down,
    )
    if not pairs:
        return base
    if n_a == n_b == pairs:
        return with_mcnemar(replace(base, effect=(k_b - k_a) / pairs), up, down)
    return _permuted(values, base, seed)


def with_mcnemar(counts: Counts, up: int, down: int) -> Counts:
    """Return counts of one sample a probe with their exact test: `up` pairs rose and `down` fell."""
    return replace(
        counts,
        interval=stats.paired_difference_interval(up, down, counts.pairs),
        p=stats.mcnemar(up, down),
        attainable=min(1.0, 2.0 ** (1 - up - down)),
        test="exact McNemar",
    )


def count_flips(pairs: Iterable[tuple[int, float | None, float | None]]) -> Flips:
    """Count (turn, value of the baseline, value of the candidate); a pair without one of the values is left out."""
    total = up = down = first = 0
    for turn, a, b in pairs:
        if a is None or b is None:
            continue
        total += 1
        if a != b:
            up, down = up + (b > a), down + (b < a)
            first = min(first, turn) if first else turn
    return Flips(total, up, down, first)


def count_probe(first: Sequence[bool], second: Sequence[bool]) -> Counts:
    """Count a yes/no feature over the epochs of one probe: Fisher's exact test."""
    k_a, n_a, k_b, n_b = sum(first), len(first), sum(second), len(second)
    total = k_a + k_b
    # The most one-sided table with these margins: what the test could have said at best.
    low, high = max(0, total - n_a), min(total, n_b)
    best = min(math.comb(n_b, t) * math.comb(n_a, total - t) for t in (low, high))
    interval = stats.difference_interval(k_a, n_a, k_b, n_b)
    return Counts(
        1,
        n_a,
        n_b,
        k_a,
        k_b,
        mean_a=k_a / n_a,
        mean_b=k_b / n_b,
        up=int(k_b * n_a > k_a * n_b),
        down=int(k_b * n_a < k_a * n_b),
        effect=k_b / n_b - k_a / n_a,
        interval=(interval.low, interval.high),
        p=stats.fisher(k_a, n_a, k_b, n_b),
        attainable=best / math.comb(n_a + n_b, total),
        test="Fisher exact",
    )


def _permuted(values: PairedValues[bool], base: Counts, seed: int) -> Counts:
    effect = sum(sum(b) / len(b) - sum(a) / len(a) for a, b in values) / len(values)
    # Probes whose samples all say the same cannot be permuted into anything else.
    moving = [(a, b) for a, b in values if 0 < sum(a) + sum(b) < len(a) + len(b)]
    if not moving:
        return replace(base, effect=effect, p=1.0, test="permutation within probes")
    attainable = 1.0
    for a, b in moving:
        k, n = sum(a) + sum(b), len(a) + len(b)
        low, high = max(0, k - len(a)), min(k, len(b))
        extreme = min(math.comb(len(b), t) * math.comb(len(a), k - t) for t in (low, high))
        attainable *= extreme / math.comb(n, k)
        if attainable < 1e-12:
            break
    result = stats.clustered_permutation(
        [list(a) for a, _ in values], [list(b) for _, b in values], seed=seed
    )
    return replace(
        base,
        effect=effect,
        interval=result.interval,
        p=result.p,
        attainable=min(1.0, 2 * attainable),
        test="permutation within probes",
    )


def count_ratio(values: PairedValues[float], *, seed: int = 0) -> Counts:
    """Count a positive number (length, tokens, time): sign test over probes, typical ratio with an interval."""
    firsts = [(sum(a) / len(a), sum(b) / len(b)) for a, b in values]
    up = sum(b > a for a, b in firsts)
    down = sum(b < a for a, b in firsts)
    pairs = len(values)
    base = Counts(
        pairs,
        n_a=sum(len(a) for a, _ in values),
        n_b=sum(len(b) for _, b in values),
        mean_a=sum(a for a, _ in firsts) / pairs if pairs else None,
        mean_b=sum(b for _, b in firsts) / pairs if pairs else None,
        up=up,
        down=down,
        unit="ratio",
    )
    if not pairs:
        return base
    if pairs < 6 and (base.n_a > pairs or base.n_b > pairs):
        result = stats.clustered_permutation(
            [[math.log1p(x) for x in a] for a, _ in values],
            [[math.log1p(x) for x in b] for _, b in values],
            seed=seed,
        )
        base = replace(base, p=result.p, attainable=0.0, test="permutation within probes")
    else:
        base = replace(
            base, p=stats.sign_test(up, down), attainable=min(1.0, 2.0 ** (1 - up - down)), test="sign test"
        )
    # One is added so that an empty answer has a ratio.
    ratio = stats.ratio_interval([a + 1 for a, _ in firsts], [b + 1 for _, b in firsts])
    return replace(base, effect=ratio.ratio, interval=(ratio.interval.low, ratio.interval.high))


def count_score(values: PairedValues[float]) -> Counts:
    """Count a score of each answer: signed ranks of the differences of the probes' means, mean difference."""
    means = [(sum(a) / len(a), sum(b) / len(b)) for a, b in values]
    differences = [b - a for a, b in means]
    pairs = len(values)
    moved = sum(difference != 0 for difference in differences)
    found = stats.clustered_difference([[a] for a, _ in means], [[b] for _, b in means]) if pairs else None
    return Counts(
        pairs,
        n_a=sum(len(a) for a, _ in values),
        n_b=sum(len(b) for _, b in values),
        mean_a=sum(a for a, _ in means) / pairs if pairs else None,
        mean_b=sum(b for _, b in means) / pairs if pairs else None,
        up=sum(difference > 0 for difference in differences),
        down=sum(difference < 0 for difference in differences),
        effect=found.mean if found else None,
        unit="score",
        interval=None
        if found is None or found.interval is None
        else (found.interval.low, found.interval.high),
        p=stats.signed_rank(differences),
        attainable=min(1.0, 2.0 ** (1 - moved)),
        test="Wilcoxon signed rank",
    )


def count_offset(pairs: Sequence[tuple[int, int]]) -> Counts:
    """Count whole numbers without noise: the differences themselves are the evidence."""
    deltas = Counter(b - a for a, b in pairs)
    moved = {delta for delta in deltas if delta}
    n = len(pairs)
    constant = next(iter(deltas)) if len(deltas) == 1 and moved else None
    return Counts(
        pairs=n,
        n_a=n,
        n_b=n,
        mean_a=sum(a for a, _ in pairs) / n if n else None,
        mean_b=sum(b for _, b in pairs) / n if n else None,
        up=sum(b > a for a, b in pairs),
        down=sum(b < a for a, b in pairs),
        effect=sum(b - a for a, b in pairs) / n if n else None,
        unit="tokens",
        offset=constant,
        histogram={str(delta): count for delta, count in sorted(deltas.items())[:50]},
    )


def paired(
    sides: Iterable[tuple[Iterable[T | None], Iterable[T | None]]],
) -> list[tuple[list[T], list[T]]]:
    """Drop what could not be observed, and probes that are left without a value on one side."""
    kept = []
    for first, second in sides:
        a = [value for value in first if value is not None]
        b = [value for value in second if value is not None]
        if a and b:
            kept.append((a, b))
    return kept
