# Tests that may be looked at after every pair: the e-process on discordant pairs, and Wald's floor.
# Owns: e-values, stopping. Refuses to know: in which order probes are asked (it must not depend on their answers).
"""Sequential tests on discordant pairs.

Under "nothing changed" a discordant pair goes up or down like a fair coin. Betting against that with a
Beta(1/2, 1/2) mixture gives an e-process: its expectation stays at most 1 at any stopping time, so that
`E >= 1/alpha` is a valid reason to stop at any moment (Ville 1939; Robbins 1970; Grunwald et al. 2024).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, inf, lgamma, log, log1p
from typing import NamedTuple


def log_e_value(up: int, down: int, *, prior: float = 0.5) -> float:
    """Return the logarithm of `e_value`; finite for all counts.

    Args:
        up: discordant pairs towards the candidate.
        down: the reverse.
        prior: both parameters of the Beta mixture; below 1/2 it bets on flips that nearly all go one way.

    Raises:
        ValueError: a count is negative, or the prior is not positive.
    """
    if up < 0 or down < 0:
        raise ValueError(f"a count is negative: {up} up, {down} down")
    if prior <= 0:
        raise ValueError(f"a prior is positive, got {prior}")
    total = up + down
    if not total:
        return 0.0
    posterior = lgamma(up + prior) + lgamma(down + prior) - lgamma(total + 2 * prior)
    return posterior - 2 * lgamma(prior) + lgamma(2 * prior) + total * log(2)


def e_value(up: int, down: int, *, prior: float = 0.5) -> float:
    """Return B(up + a, down + a) / B(a, a) * 2^(up + down), a = `prior`: the evidence that flips are not balanced.

    1 without a discordant pair; its reciprocal is a p-value; `inf` beyond the largest float.
    """
    exponent = log_e_value(up, down, prior=prior)
    return exp(exponent) if exponent < 709 else inf


_BETS = (1.0, 0.5, 0.25, 0.125)


def bound_e_value(pairs: int, up: int, down: int, effect: float) -> float:
    """Return the evidence that the net share of change lies below `effect`, in the direction of up.

    It is the capital of a gambler who bets, pair by pair, against a mean of at least `effect` of (+1 up, -1 down, 0
    neither), averaged over four stakes (Waudby-Smith and Ramdas 2024): if the true net share is `effect` or more, its
    expectation stays at most 1 at any stopping time. For the other direction swap up and down.

    Args:
        pairs: pairs looked at, the concordant ones too.
        up: pairs that went up.
        down: pairs that went down.
        effect: smallest net share that matters, above 0 and below 1.

    Raises:
        ValueError: the counts are no part of the pairs, or the effect is no share.
    """
    if min(up, down) < 0 or up + down > pairs or not 0 < effect < 1:
        raise ValueError(f"{up} up and {down} down of {pairs} pairs against {effect} make no sense")
    calm = pairs - up - down
    exponents = [
        up * log1p(-bet * (1 - effect)) + calm * log1p(bet * effect) + down * log1p(bet * (1 + effect))
        for bet in _BETS
    ]
    most = max(exponents)
    exponent = most + log(sum(exp(one - most) for one in exponents) / len(_BETS))
    return exp(exponent) if exponent < 709 else inf


class Sequential(NamedTuple):
    """A sequential test at the moment where it stopped, or at its end.

    Attributes:
        stopped: the evidence reached 1/alpha.
        pairs: pairs looked at until then, the concordant ones too.
        up: discordant pairs towards the candidate.
        down: the reverse.
        e: evidence at that moment.
        p: anytime-valid p: the reciprocal of the greatest evidence so far, at most 1.
    """

    stopped: bool
    pairs: int
    up: int
    down: int
    e: float
    p: float


def sequential_test(flips: Iterable[int], *, alpha: float = 0.05) -> Sequential:
    """Look at pairs one by one and stop as soon as the evidence reaches 1/alpha.

    The iterable is consumed no further than needed, so that it may ask for the next pair when it is pulled.

    Args:
        flips: per pair +1 (only the candidate has the feature), -1 (only the baseline) or 0 (no difference).
        alpha: chance of a false alarm over any number of looks.

    Raises:
        ValueError: alpha does not lie in (0, 1), or a flip is none of the three values.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies strictly between 0 and 1, got {alpha}")
    pairs = up = down = 0
    log_e = greatest = 0.0
    for flip in flips:
        if flip not in {-1, 0, 1}:
            raise ValueError(f"a flip is -1, 0 or 1, got {flip!r}")
        pairs += 1
        if flip:
            up, down = up + (flip > 0), down + (flip < 0)
            log_e = log_e_value(up, down)
            greatest = max(greatest, log_e)
            if log_e >= -log(alpha):
                return Sequential(True, pairs, up, down, e_value(up, down), exp(-greatest))
    return Sequential(False, pairs, up, down, e_value(up, down), exp(-greatest))


def _divergence(q: float, p: float) -> float:
    """Return KL(Bernoulli(q) || Bernoulli(p)) in nats."""
    return sum(a * (log(a / b) if b > 0 else inf) for a, b in ((q, p), (1 - q, 1 - p)) if a > 0)


def wald_floor_paired(up_rate: float, down_rate: float, *, alpha: float = 0.05) -> float:
    """Return how many pairs any sequential test needs on average, concordant ones too: log(1/alpha) / KL.

    The baseline counts as known exactly, so that no real test gets below this. `inf` when nothing moved.

    Args:
        up_rate: share of all pairs that go up.
        down_rate: share of all pairs that go down.
        alpha: chance of a false alarm.

    Raises:
        ValueError: the shares are negative or exceed 1 together.
    """
    discordant = up_rate + down_rate
    if min(up_rate, down_rate) < 0 or discordant > 1 + 1e-12:
        raise ValueError(f"{up_rate} and {down_rate} are no shares of the same pairs")
    divergence = discordant * _divergence(up_rate / discordant, 0.5) if discordant else 0.0
    return inf if divergence == 0 else -log(alpha) / divergence
