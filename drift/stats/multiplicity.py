# Many tests at once: what may still be claimed.
# Owns: corrections. Refuses to know: which tests were made and why.
"""Corrections for many tests. The order of the arguments is the order of the results."""

from __future__ import annotations

from collections.abc import Sequence


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Return the q-value of each p (1995 step-up): all with q <= a together hold the false-discovery rate a.

    Raises:
        ValueError: a p does not lie in [0, 1] (NaN is none either).
    """
    count, worst = len(ps), 1.0
    if not all(0 <= p <= 1 for p in ps):
        raise ValueError("a p-value lies in [0, 1]")
    result = [1.0] * count
    by_rank = sorted(range(count), key=lambda i: ps[i])
    for rank in range(count, 0, -1):
        index = by_rank[rank - 1]
        worst = min(worst, ps[index] * count / rank)
        result[index] = worst
    return result


def e_benjamini_hochberg(es: Sequence[float]) -> list[float]:
    """Return a q-value for each e-value, valid under any dependence (e-BH, Wang and Ramdas 2022).

    Claiming all with q <= a holds the false-discovery rate at a: the e-BH rule e_(k) >= m / (k a).

    Raises:
        ValueError: an e-value is negative or NaN.
    """
    if not all(e >= 0 for e in es):
        raise ValueError("an e-value is not negative")
    return benjamini_hochberg([1 / e if e > 1 else 1.0 for e in es])
