# What could have been seen at this sample size, and what it would take to see more.
# Owns: exact power of the tests in `exact`. Refuses to know: prices and suites.
"""Power of the exact tests. Effects are shares (0.1 = ten points); alpha is two-sided."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import exp, log, log1p, sqrt

from drift.stats.exact import fisher, log_binomial
from drift.stats.intervals import two_sided_z

_MOST = 200_000
"""Beyond this many samples an answer is "not by sampling"."""


def power_paired(n_pairs: int, effect: float, *, discordance: float = 0.0, alpha: float = 0.05) -> float:
    """Return the chance that exact McNemar at `alpha` sees a change of `effect` over `n_pairs` pairs.

    Args:
        n_pairs: pairs, the concordant ones too.
        effect: net share of pairs that change, 0 to 1; the direction does not matter.
        discordance: share of pairs that flip by chance alone, half each way (a same-model control shows it).
        alpha: level of the test; after a correction over m tests, alpha / m is the honest worst case.

    Raises:
        ValueError: effect and discordance together exceed 1, or one is negative.
    """
    effect = abs(effect)
    if discordance < 0 or effect + discordance > 1 + 1e-12:
        raise ValueError(f"effect {effect} and discordance {discordance} are no shares of the same pairs")
    total = min(1.0, effect + discordance)
    if n_pairs <= 0 or total == 0:
        return 0.0
    import numpy as np
    from scipy.special import bdtr

    major = (effect + discordance / 2) / total
    # Only numbers of discordant pairs within eight deviations matter.
    spread = 8 * sqrt(n_pairs * total * (1 - total)) + 8
    first, last = max(0, int(n_pairs * total - spread)), min(n_pairs, int(n_pairs * total + spread))
    discordant = np.arange(first, last + 1)
    chance = np.array([_binomial(n_pairs, k, total) for k in range(first, last + 1)])
    # The greatest minority that the test still calls drift: guessed by the normal curve, then corrected.
    critical = np.floor(discordant / 2 - two_sided_z(1 - alpha) * np.sqrt(discordant) / 2)
    while (late := (critical >= 0) & (2 * bdtr(critical.clip(0), discordant, 0.5) > alpha)).any():
        critical -= late
    while (early := 2 * bdtr((critical + 1).clip(0), discordant, 0.5) <= alpha).any():
        critical += early
    decided = critical >= 0
    d, c = discordant[decided], critical[decided]
    seen = bdtr(c, d, 1 - major) + bdtr(c, d, major)
    return float(min(1.0, (chance[decided] * seen).sum()))


def _binomial(n: int, k: int, rate: float) -> float:
    if rate >= 1:
        return 1.0 if k == n else 0.0
    return exp(log_binomial(n, k) + k * log(rate) + (n - k) * log1p(-rate))


@lru_cache(maxsize=1024)
def detectable_effect(
    n_pairs: int,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    discordance: float = 0.0,
    design_effect: float = 1.0,
) -> float | None:
    """Return the smallest net share that exact McNemar sees with this power; None when there is none.

    Args:
        n_pairs: pairs of samples.
        alpha: level of the test.
        power: wanted chance to see it.
        discordance: share of pairs that flip by chance alone (see `power_paired`).
        design_effect: how many dependent pairs are worth one independent pair (1 = one sample a probe).
    """
    pairs = int(n_pairs / max(1.0, design_effect))
    most = 1.0 - discordance
    if pairs <= 0 or power_paired(pairs, most, discordance=discordance, alpha=alpha) < power:
        return None
    low, high = 0.0, most
    for _ in range(20):
        middle = (low + high) / 2
        if power_paired(pairs, middle, discordance=discordance, alpha=alpha) >= power:
            high = middle
        else:
            low = middle
    return high


def samples_needed(
    effect: float, *, alpha: float = 0.05, power: float = 0.8, discordance: float = 0.0
) -> int | None:
    """Return the smallest number of pairs at which exact McNemar sees `effect`; None beyond 200,000.

    Power rises in small saw-teeth with n: the number returned suffices, and the one below it does not.
    """
    return _least(lambda n: power_paired(n, effect, discordance=discordance, alpha=alpha) >= power)


def _least(enough: Callable[[int], bool]) -> int | None:
    high = 2
    while not enough(high):
        high *= 2
        if high > _MOST:
            return None
    low = high // 2
    while low + 1 < high:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


def power_two_samples(n: int, rate1: float, rate2: float, *, alpha: float = 0.05) -> float:
    """Return the chance that Fisher's exact test at `alpha` sees rate1 against rate2, n samples a side.

    Exact up to 100 a side; beyond that the normal approximation of Casagrande, Pike and Smith (1978).

    Raises:
        ValueError: a rate lies outside [0, 1].
    """
    if not (0 <= rate1 <= 1 and 0 <= rate2 <= 1):
        raise ValueError(f"rates lie in [0, 1], got {rate1} and {rate2}")
    if n <= 0 or rate1 == rate2:
        return 0.0 if n <= 0 else alpha
    if n > 100:
        return _approximate_power(n, rate1, rate2, alpha)
    side1 = [_share(n, k, rate1) for k in range(n + 1)]
    side2 = [_share(n, k, rate2) for k in range(n + 1)]
    seen = 0.0
    for k1, chance1 in enumerate(side1):
        if chance1 < 1e-9:
            continue
        seen += chance1 * sum(
            chance2
            for k2, chance2 in enumerate(side2)
            if chance2 > 1e-9 and _fisher_same_size(min(k1, k2), max(k1, k2), n) <= alpha
        )
    return min(1.0, seen)


def _share(n: int, k: int, rate: float) -> float:
    return float(k == 0) if rate == 0 else _binomial(n, k, rate)


@lru_cache(maxsize=65_536)
def _fisher_same_size(k1: int, k2: int, n: int) -> float:
    return fisher(k1, n, k2, n)


def _approximate_power(n: int, rate1: float, rate2: float, alpha: float) -> float:
    from statistics import NormalDist

    gap, mean = abs(rate1 - rate2), (rate1 + rate2) / 2
    corrected = n * (1 - 1 / (n * gap)) ** 2 if n * gap > 1 else 0.0
    deviation = sqrt(rate1 * (1 - rate1) + rate2 * (1 - rate2)) or 1e-9
    z = (gap * sqrt(corrected) - two_sided_z(1 - alpha) * sqrt(2 * mean * (1 - mean))) / deviation
    return NormalDist().cdf(z)


def detectable_change(n: int, base: float, *, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """Return the smallest change of rate from `base`, up or down, that Fisher's exact test sees; or None.

    Args:
        n: samples on each side.
        base: the baseline's rate.
        alpha: level of the test.
        power: wanted chance to see it.
    """
    found = [
        change
        for most, sign in ((1 - base, 1), (base, -1))
        if (change := _smallest_change(n, base, most, sign, alpha, power)) is not None
    ]
    return min(found, default=None)


def _smallest_change(n: int, base: float, most: float, sign: int, alpha: float, power: float) -> float | None:
    if power_two_samples(n, base, base + sign * most, alpha=alpha) < power:
        return None
    low, high = 0.0, most
    for _ in range(14):
        middle = (low + high) / 2
        if power_two_samples(n, base, base + sign * middle, alpha=alpha) >= power:
            high = middle
        else:
            low = middle
    return high
