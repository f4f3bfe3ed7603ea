# Evidence that may be looked at after every answer: e-values of paired samples in place of p-values of a fixed size.
# Owns: how families and the measures inside them share the error budget. Refuses to know: when to look, whom to ask.
"""Judging a candidate that is still being asked.

A p-value assumes that the number of samples was fixed before; a run that stops when it has seen enough breaks that.
Here each measure of a family is a bet on the direction of its discordant pairs (`drift.stats.e_value`), which stays
fair at any moment. Inside a family the measures share its capital in the order in which they first move, 1/2, 1/6,
1/12, …: the direction of the first flip is still open then, so the share is no hindsight. Between families e-BH holds
the false-discovery rate, whatever they have in common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import Literal

from drift import stats
from drift.rules.facts import Signal

Stopped = Literal["drift", "clear"]
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
            e = stats.e_value(flips.up, flips.down)
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
    values = {id(signal): value for found in families.values() for signal, value in _shared(found, phi)}
    best = {family: max(values[id(signal)] for signal in found) for family, found in families.items()}
    untouched = [1.0] * max(0, len(order.families) - len(best))
    qs: dict[int, float] = {}
    for family, found in families.items():
        others = [value for other, value in best.items() if other != family] + untouched
        for signal in found:
            qs[id(signal)] = stats.e_benjamini_hochberg([values[id(signal)], *others])[0]
    return changed, qs


def _shared(signals: Sequence[Signal], phi: float) -> list[tuple[Signal, float]]:
    """Return each measure's e-value times its share of the family's capital."""
    moved = [signal for signal in signals if signal.counts.flips and signal.counts.flips.first]
    moved.sort(key=lambda signal: (signal.counts.flips.first if signal.counts.flips else 0, signal.series))
    ranks = {id(signal): rank for rank, signal in enumerate(moved, 1)}
    return [(signal, _value(signal, ranks.get(id(signal)), phi)) for signal in signals]


def _value(signal: Signal, rank: int | None, phi: float) -> float:
    flips = signal.counts.flips
    if rank is None or flips is None:
        return 0.0
    exponent = stats.log_e_value(flips.up, flips.down) / phi - log(rank * (rank + 1))
    return exp(min(exponent, 700.0))


def out_of_reach(signal: Signal, order: Order, rate: float) -> bool:
    """Whether no answer that is still to come could make this measure significant, in either direction."""
    flips = signal.counts.flips
    if flips is None:
        return True
    left = max(0, order.families.get(signal.family, 0) - flips.pairs)
    best = max(stats.log_e_value(flips.up + left, flips.down), stats.log_e_value(flips.up, flips.down + left))
    # At best it takes half of the family's capital, and every other family is significant as well.
    return best < log(2 / rate)


def cleared(signal: Signal, size: float, miss: float) -> bool:
    """Whether a net share of change of `size` or more is ruled out in both directions; `miss` is the chance to err."""
    flips = signal.counts.flips
    return flips is not None and all(
        stats.bound_e_value(flips.pairs, up, down, size) >= 1 / miss
        for up, down in ((flips.up, flips.down), (flips.down, flips.up))
    )
