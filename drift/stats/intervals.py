# Intervals for shares, differences of shares and ratios.
# Owns: which interval belongs to which design. Refuses to know: tests and their corrections.
"""Confidence intervals. Shares are fractions (0.1 = ten points); a difference is candidate minus baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import erfc, inf, sqrt
from typing import NamedTuple


class Interval(NamedTuple):
    """Lower and upper end, in the unit of the estimate."""

    low: float
    high: float


def normal_quantile(share: float) -> float:
    """Return the quantile of the standard normal distribution at `share`, 0 < share < 1."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(share)


def two_sided_z(level: float) -> float:
    """Return the half-width in standard errors of a two-sided interval at `level`, such as 1.96 at 0.95.

    Raises:
        ValueError: the level does not lie strictly between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"a level lies strictly between 0 and 1, got {level}")
    return normal_quantile((1 + level) / 2)


def wilson(k: int, n: int, level: float = 0.95) -> Interval:
    """Return the Wilson score interval of a share, k of n; (0, 1) when nothing was asked.

    Raises:
        ValueError: k does not lie in 0..n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"k must lie in 0..n, got {k} of {n}")
    if n == 0:
        return Interval(0.0, 1.0)
    z = two_sided_z(level)
    share, scale = k / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z / scale * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(0.0 if k == 0 else max(0.0, centre - half), 1.0 if k == n else min(1.0, centre + half))


def difference_interval(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> Interval:
    """Return the interval of k2/n2 - k1/n1 for independent samples (Newcombe 1998: hybrid of two Wilsons)."""
    low1, high1 = wilson(k1, n1, level)
    low2, high2 = wilson(k2, n2, level)
    share1, share2 = (k1 / n1 if n1 else 0.5), (k2 / n2 if n2 else 0.5)
    difference = share2 - share1
    return Interval(
        difference - sqrt((share2 - low2) ** 2 + (high1 - share1) ** 2),
        difference + sqrt((high2 - share2) ** 2 + (share1 - low1) ** 2),
    )


def _bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the zero of a function that does not increase and has its sign change in [low, high]."""
    for _ in range(60):
        middle = (low + high) / 2
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=4096)
def paired_difference_interval(up: int, down: int, n: int, level: float = 0.95) -> Interval:
    """Return the score interval of (up - down) / n, a difference of shares over n pairs (Tango 1998).

    Args:
        up: pairs without the feature in the baseline and with it in the candidate.
        down: the reverse.
        n: all pairs, the concordant ones too; n = 0 gives (-1, 1).
        level: of the interval.

    Raises:
        ValueError: a count is negative, or up + down is more than n.
    """
    if min(up, down) < 0 or up + down > n:
        raise ValueError(f"{up} up and {down} down do not fit into {n} pairs")
    if n == 0:
        return Interval(-1.0, 1.0)
    z, estimate = two_sided_z(level), (up - down) / n

    def score(difference: float) -> float:
        # The nuisance rate of `down`, given the difference: the root of Tango's quadratic.
        a, c = 2 * n, -down * difference * (1 - difference)
        b = -up - down + (2 * n - up + down) * difference
        rate = (sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
        variance = n * (2 * rate + difference * (1 - difference))
        distance = up - down - n * difference
        return (
            distance / sqrt(variance)
            if variance > 0
            else (inf if distance > 0 else -inf if distance < 0 else 0.0)
        )

    return Interval(
        -1.0 if down == n else _bisect(lambda d: score(d) - z, -1.0, estimate),
        1.0 if up == n else _bisect(lambda d: score(d) + z, estimate, 1.0),
    )


class Ratio(NamedTuple):
    """A typical ratio candidate / baseline of paired positive numbers, its interval and its p."""

    ratio: float
    interval: Interval
    p: float
    pairs: int


def ratio_interval(baseline: Sequence[float], candidate: Sequence[float], level: float = 0.95) -> Ratio:
    """Return the typical ratio candidate / baseline of paired positive numbers.

    The Hodges-Lehmann estimate of the log ratio (the median of all Walsh averages), the interval that inverts
    Wilcoxon's signed-rank test, and the two-sided p of `signed_rank`. Outliers in either direction hardly
    move them.

    Args:
        baseline: n positive numbers.
        candidate: n positive numbers of the same probes in the same order.
        level: of the interval.

    Returns:
        The ratio (1.0 = unchanged), its interval, p, the number of pairs. More than 3,000 pairs are thinned
        to 3,000 evenly spaced order statistics for the estimate and the interval; p uses all of them.

    Raises:
        ValueError: the lengths differ, there is no pair, or a number is not positive and finite.
    """
    import numpy as np

    first, second = np.asarray(baseline, float), np.asarray(candidate, float)
    if first.shape != second.shape or first.ndim != 1 or first.size == 0:
        raise ValueError(f"pairs are needed, got {first.size} and {second.size} numbers")
    if not (
        np.isfinite(first).all() and np.isfinite(second).all() and (first > 0).all() and (second > 0).all()
    ):
        raise ValueError("a ratio needs positive finite numbers")
    logs = np.sort(np.log(second / first))
    # Equal ratios such as 30/10 and 60/20 may differ in the last bit; ranks must see them as ties.
    logs = np.round(logs, 12)
    p = signed_rank(logs.tolist())
    n = logs.size
    if n > 3000:
        logs = logs[np.linspace(0, n - 1, 3000).round().astype(int)]
    size = logs.size
    walsh = np.sort(((logs[:, None] + logs[None, :]) / 2)[np.triu_indices(size)])
    mean, deviation = n * (n + 1) / 4, sqrt(n * (n + 1) * (2 * n + 1) / 24)
    share = max(0.0, (mean - two_sided_z(level) * deviation) / (2 * mean))
    cut = int(share * walsh.size)
    low, middle, high = np.exp([walsh[cut], np.median(walsh), walsh[walsh.size - 1 - cut]])
    return Ratio(float(middle), Interval(float(low), float(high)), p, n)


def signed_rank(differences: Sequence[float]) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test for differences around zero.

    Zeros are ranked and then dropped (Pratt 1959), ties get their average rank. Exact over all assignments
    of signs up to 60 non-zero differences; the normal approximation with a continuity correction beyond.
    1.0 when every difference is zero.
    """
    import numpy as np

    values = np.asarray(differences, float)
    magnitudes, inverse, counts = np.unique(np.abs(values), return_inverse=True, return_counts=True)
    if magnitudes.size == 0:
        return 1.0
    ends = np.cumsum(counts)
    doubled = (2 * ends - counts + 1)[inverse]  # twice the average rank is an integer
    doubled = doubled[values != 0].astype(int)
    positive = int(doubled[values[values != 0] > 0].sum())
    total = int(doubled.sum())
    if doubled.size == 0:
        return 1.0
    extreme = min(positive, total - positive)
    if doubled.size <= 60:
        ways = np.zeros(total + 1)
        ways[0] = 1.0
        for rank in doubled.tolist():
            ways[rank:] += ways[:-rank].copy() if rank else 0.0
        return min(1.0, float(2 * ways[: extreme + 1].sum() / 2.0**doubled.size))
    deviation = sqrt(float((doubled.astype(float) ** 2).sum())) / 2
    z = max(0.0, total / 2 - extreme - 1) / deviation  # one half of a rank is one, doubled
    return min(1.0, erfc(z / sqrt(2)))
