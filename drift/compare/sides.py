# Two snapshots measured and judged: detectors, controls and judge in their order.
# Owns: that order. Refuses to know: documents, verdicts, wording of a report.
"""From two snapshots to what may be claimed about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drift import stats
from drift.collector import without_collector
from drift.compare.anytime import Order, anytime
from drift.compare.controls import Control, halves_of, spread_of
from drift.compare.judge import Judgement, judge
from drift.compare.pairing import Observed, Pairing, pair_snapshots
from drift.compare.platforms import set_host_apart
from drift.compare.policy import Policy
from drift.model import Snapshot
from drift.rules.detectors import DETECTORS
from drift.rules.facts import Facts, Signal

SUPPOSED = stats.Overdispersion(2.0, 10, 0.0)
"""What is supposed of a model of which no control is known, to say what that costs: twice the variance of chance."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What two sides show.

    Attributes:
        pairing: what was compared, and what could not be.
        signals: everything that was measured.
        judgement: what may be claimed of it.
        halves: whether the baseline's own halves served as a control.
        supposed: what could be claimed if the model varied as `SUPPOSED`; None when there is a control.
        repeated: the facts of each repeat beside the run that it repeats.
    """

    pairing: Pairing
    signals: list[Signal]
    judgement: Judgement
    halves: bool = False
    supposed: Judgement | None = None
    repeated: tuple[Facts, ...] = ()


def judge_sides(
    baseline: Snapshot,
    candidate: Snapshot,
    policy: Policy,
    *,
    repeats: Sequence[Snapshot] = (),
    order: Order | None = None,
    observed: Observed | None = None,
) -> Sides:
    """Measure and judge two snapshots.

    Args:
        baseline: one side.
        candidate: the other side.
        policy: what is asked.
        repeats: the same model asked again, see `drift.compare.compare`.
        order: the candidate was or is asked one by one, and the looking at it decides when to stop.
        observed: observations by sample, filled and used again by later calls with the same samples.
    """
    with without_collector():
        return _judge_sides(baseline, candidate, policy, repeats, order, observed)


def _judge_sides(
    baseline: Snapshot,
    candidate: Snapshot,
    policy: Policy,
    repeats: Sequence[Snapshot],
    order: Order | None,
    observed: Observed | None,
) -> Sides:
    pairing = pair_snapshots(baseline, candidate, policy, order=order, observed=observed)
    signals = _detect(pairing.facts)
    settings_only = pairing.settings if pairing.same_model else ""
    repeated = tuple(_repeated(baseline, candidate, repeat, policy) for repeat in repeats)
    controls = [Control(tuple(_detect(facts))) for facts in repeated]
    if order is not None:
        signals, qs = anytime(signals, order, spread_of(controls).phi)
        judgement = judge(signals, controls, policy, settings_only=settings_only, qs=qs)
        return Sides(pairing, signals, judgement, repeated=repeated)
    judgement = judge(signals, controls, policy, settings_only=settings_only)
    rests_on_tests = any(judged.q is not None for judged in judgement.findings)
    halves = halves_of(pairing.facts) if rests_on_tests else None  # what rests on no test needs no spread
    if halves is not None:
        controls.append(Control(tuple(_detect(halves[0])), halves[1]))
        judgement = judge(signals, controls, policy, settings_only=settings_only)
    supposed = None
    if not controls and rests_on_tests:
        supposed = judge(signals, (), policy, settings_only=settings_only, spread=SUPPOSED)
    return Sides(pairing, signals, judgement, halves is not None, supposed, repeated)


def _repeated(baseline: Snapshot, candidate: Snapshot, repeat: Snapshot, policy: Policy) -> Facts:
    """Pair a repeat with the run that it repeats: the candidate if it names that one, else the baseline."""
    first = candidate if repeat.run.control_of == candidate.run.id else baseline
    return pair_snapshots(first, repeat, policy).facts


def _detect(facts: Facts) -> list[Signal]:
    return set_host_apart([signal for detector in DETECTORS for signal in detector(facts)], facts)
