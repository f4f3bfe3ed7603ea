# Exact tests on counts, in plain integers and floats: without numpy a comparison starts at once.
# Owns: binomial and hypergeometric tails. Refuses to know: what was counted.
"""Exact tests on counts. Every p-value is two-sided unless said otherwise, lies in [0, 1], and is a share.

Baseline counts come first, candidate counts second; "up" means that the candidate has more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import exp, fsum, lgamma, log
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Floats = NDArray[float64]

Alternative = Literal["two-sided", "up", "down"]
"""`up`: the candidate's share is greater; `down`: it is smaller."""

_TIE = 1 + 1e-9
"""Outcomes whose probabilities differ by rounding alone count as equally likely."""


def _check_counts(**counts: int) -> None:
    for name, count in counts.items():
        if count < 0:
            raise ValueError(f"{name} is negative: {count}")


def _check_share(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"k must lie in 0..n, got {k} of {n}")


def log_binomial(n: int, k: int) -> float:
    """Return the natural logarithm of the binomial coefficient of n over k, for 0 <= k <= n."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def mcnemar(up: int, down: int) -> float:
    """Return the exact two-sided p of McNemar's test on discordant pairs: min(1, 2 P(X <= min(up, down))).

    X is binomial with `up + down` trials and probability one half. Up to 20,000 discordant pairs the
    result is correctly rounded (integers throughout); beyond that its relative error stays below 1e-9.
    Below the smallest float it is 0.0; without a discordant pair it is 1.0.

    Args:
        up: pairs without the feature in the baseline and with it in the candidate.
        down: the reverse.

    Raises:
        ValueError: a count is negative.
    """
    _check_counts(up=up, down=down)
    n, fewer = up + down, min(up, down)
    if 2 * fewer >= n - 1:
        return 1.0
    if n <= 20_000:
        term = total = 1
        for i in range(fewer):
            term = term * (n - i) // (i + 1)
            total += term
        return min(1.0, total / (1 << (n - 1)))
    # The terms fall from the largest, at `fewer`, at least geometrically.
    weight, relative, i = 1.0, 1.0, fewer
    while i > 0 and weight > 1e-17 * relative:
        weight *= i / (n - i + 1)
        relative += weight
        i -= 1
    return min(1.0, exp(log_binomial(n, fewer) - (n - 1) * log(2) + log(relative)))


def sign_test(up: int, down: int) -> float:
    """Return the exact two-sided p of the sign test; pairs without a difference are left out beforehand.

    The same figures as `mcnemar`: `up` counts pairs whose number grew, `down` those whose number fell.
    """
    return mcnemar(up, down)


def _relative_weights(low: int, high: int, mode: int, ratio: Callable[[int], float]) -> list[float]:
    """Return weights of low..high relative to the one at `mode`; `ratio(i)` is weight(i + 1) / weight(i)."""
    above = list(accumulate(range(mode, high), lambda w, i: w * ratio(i), initial=1.0))
    below = list(accumulate(range(mode - 1, low - 1, -1), lambda w, i: w / ratio(i), initial=1.0))
    return [*reversed(below[1:]), *above]


def _two_sided(weights: list[float], index: int) -> float:
    limit = weights[index] * _TIE
    return min(1.0, fsum(w for w in weights if w <= limit) / fsum(weights))


def hypergeometric_weights(n1: int, n2: int, successes: int) -> tuple[int, list[float]]:
    """Return the least possible count on the first side and the relative weights of all counts from there on.

    Hypergeometric: `successes` fall on n1 + n2 places at random. The weights are relative to the greatest.
    """
    low, high = max(0, successes - n2), min(successes, n1)
    mode = min(high, max(low, (n1 + 1) * (successes + 1) // (n1 + n2 + 2)))
    return low, _relative_weights(
        low, high, mode, lambda k: (n1 - k) * (successes - k) / ((k + 1) * (n2 - successes + k + 1))
    )


def fisher(k1: int, n1: int, k2: int, n2: int, alternative: Alternative = "two-sided") -> float:
    """Return the p of Fisher's exact test for equal shares, k1 of n1 against k2 of n2.

    Two-sided by the method of small p-values. Relative error below 1e-9 down to about 1e-300.

    Raises:
        ValueError: a count lies outside 0..n.
    """
    _check_share(k1, n1)
    _check_share(k2, n2)
    low, weights = hypergeometric_weights(n1, n2, k1 + k2)
    index = k1 - low
    if alternative == "two-sided":
        return _two_sided(weights, index)
    # More successes on the candidate's side are fewer on the baseline's.
    tail = weights[: index + 1] if alternative == "up" else weights[index:]
    return min(1.0, fsum(tail) / fsum(weights))


class ChiSquare(NamedTuple):
    """Pearson's statistic, its degrees of freedom and its p."""

    statistic: float
    freedom: int
    p: float


def chi_square_equal(successes: Sequence[int], trials: Sequence[int]) -> ChiSquare:
    """Test that several runs share one success rate.

    Args:
        successes: k of each run.
        trials: n of each run, at least 1.

    Raises:
        ValueError: the lengths differ, a k lies outside 0..n, or a run has no trial.
    """
    if len(successes) != len(trials):
        raise ValueError(f"{len(successes)} successes for {len(trials)} runs")
    for k, n in zip(successes, trials, strict=True):
        _check_share(k, n)
        if n == 0:
            raise ValueError("a run without trials")
    freedom, rate = len(trials) - 1, sum(successes) / max(1, sum(trials))
    if freedom < 1 or rate in {0.0, 1.0}:
        return ChiSquare(0.0, max(0, freedom), 1.0)
    statistic = fsum(
        (k - n * rate) ** 2 / (n * rate * (1 - rate)) for k, n in zip(successes, trials, strict=True)
    )
    from scipy.special import chdtrc

    return ChiSquare(statistic, freedom, float(chdtrc(freedom, statistic)))
