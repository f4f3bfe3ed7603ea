# Evidence that may be looked at after every answer: e-values of paired samples in place of p-values of a fixed size.
# Owns: how families and the measures inside them share the error budget. Refuses to know: when to look, whom to ask.
"""Judging a candidate that is still being asked.

A p-value assumes that the number of samples was fixed before; a run that stops when it has seen enough breaks that.
Here each measure is a bet on the direction of its discordant pairs (`drift.stats.e_value`), which stays fair at any
moment. The measures of a family share its capital in the order in which they first move: the direction of a first flip
is still open then, so that such a share is no hindsight. The families get a quarter of theirs evenly and the rest in
the same order. e-BH over them holds the false-discovery rate, whatever they have in common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import Literal, TypeVar

from drift import stats
from drift.rules.facts import Signal

T = TypeVar("T")
Stopped = Literal["drift", "clear"]
_PRIOR = 0.15
"""What drifts moves nearly always one way: a fence comes or goes."""
_STEEPNESS = 1.5
_EVENLY = 0.25
"""Part of the families' capital that is dealt evenly; the rest goes to them in the order in which they first move."""
_ENOUGH_PAIRS = 8
"""So many pairs have to show a structure of the wire before one look counts as all of them."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a candidate is asked, one sample after the other.

    Attributes:
        turns: (probe, epoch) → place in the order of asking, from 1.
        families: family → number of samples that will be asked of it.
        stopped: "drift": stopped because drift is shown; "clear": because nothing of the size that matters can be left
            to find; None: everything was asked, or the asking goes on.
    """

    turns: Mapping[tuple[str, int], int]
    families: Mapping[str, int]
    stopped: Stopped | None = None


def anytime(
    signals: Sequence[Signal], order: Order, phi: float = 1.0
) -> tuple[list[Signal], dict[int, float]]:
    """Return the signals with anytime-valid numbers, and id of a signal → q for those that were tested.

    What has no paired samples (single probes, texts as distributions) is not tested: its p holds for a fixed size only.
    `phi` is the overdispersion of the model: its bets count by so much less.
    """
    families: dict[str, list[Signal]] = {}
    changed: list[Signal] = []
    for signal in signals:
        flips = signal.counts.flips
        settled = signal.deterministic and (signal.kind == "exact" or signal.counts.pairs >= _ENOUGH_PAIRS)
        tested = signal.kind != "exact" and not signal.single and flips is not None
        if tested and flips is not None:
            e = stats.e_value(flips.up, flips.down, prior=_PRIOR)
            counts = replace(
                signal.counts,
                up=flips.up,
                down=flips.down,
                p=min(1.0, 1 / e) if e > 0 else 1.0,
                test="e-process on discordant pairs",
            )
        else:
            counts = signal.counts if signal.kind == "exact" else replace(signal.counts, p=None, test=None)
        now = replace(signal, counts=counts, deterministic=settled)
        changed.append(now)
        if tested:
            families.setdefault(now.family, []).append(now)
    count = max(len(order.families), len(families))
    own = _shares({family: min(map(_first, found)) for family, found in families.items()})
    values: dict[int, float] = {}
    for family, found in families.items():
        # Measures that moved in the same pairs so far are one bet under several names.
        inner = _shares({signal.counts.flips: _first(signal) for signal in found})
        # e-BH expects values that are one on average, so a share of the families is taken times their number.
        # As many families as there are share what is dealt in order: nothing is kept for others.
        share = _EVENLY + (1 - _EVENLY) * count * own[family] / (1 - _left(count + 1))
        values |= {id(signal): _value(signal, phi) * inner[signal.counts.flips] * share for signal in found}
    best = {family: max(values[id(signal)] for signal in found) for family, found in families.items()}
    untouched = [1.0] * (count - len(best))
    qs: dict[int, float] = {}
    for family, found in families.items():
        others = [value for other, value in best.items() if other != family] + untouched
        for signal in found:
            qs[id(signal)] = stats.e_benjamini_hochberg([values[id(signal)], *others])[0]
    return changed, qs


_NEVER = 10**9


def _first(signal: Signal) -> int:
    """Return the turn of a measure's first flip."""
    flips = signal.counts.flips
    return flips.first if flips is not None and flips.first else _NEVER


def _shares(firsts: Mapping[T, int]) -> dict[T, float]:
    """Return shares of one capital in the order of first flips; those of one turn share alike.

    The i-th gets i^-a - (i + 1)^-a with a = 3/2, so 0.65, 0.16, 0.07, …: all of them together get 1.
    """
    shares = dict.fromkeys(firsts, 0.0)
    turns: dict[int, list[T]] = {}
    for key, turn in firsts.items():
        turns.setdefault(turn, []).append(key)
    rank = 1
    for turn in sorted(turns):
        keys = turns[turn]
        if turn < _NEVER:
            together = _left(rank) - _left(rank + len(keys))
            shares |= dict.fromkeys(keys, together / len(keys))
        rank += len(keys)
    return shares


def _left(rank: int) -> float:
    """Return what those before this rank have left of the capital."""
    return float(rank**-_STEEPNESS)


def _value(signal: Signal, phi: float) -> float:
    flips = signal.counts.flips
    if flips is None or not flips.first:
        return 1.0
    return exp(min(stats.log_e_value(flips.up, flips.down, prior=_PRIOR) / phi, 700.0))


def out_of_reach(signal: Signal, order: Order, rate: float) -> bool:
    """Whether no answer that is still to come could make this measure significant, in either direction."""
    flips = signal.counts.flips
    if flips is None:
        return True
    left = max(0, order.families.get(signal.family, 0) - flips.pairs)
    best = max(
        stats.log_e_value(up, down, prior=_PRIOR)
        for up, down in ((flips.up + left, flips.down), (flips.up, flips.down + left))
    )
    # At best it has more than half of the capital, and every other family is significant as well.
    return best < log(1 / rate)


def cleared(signal: Signal, size: float, miss: float) -> bool:
    """Whether a net share of change of `size` or more is ruled out in both directions; `miss` is the chance to err."""
    flips = signal.counts.flips
    return flips is not None and all(
        stats.bound_e_value(flips.pairs, up, down, size) >= 1 / miss
        for up, down in ((flips.up, flips.down), (flips.down, flips.up))
    )
