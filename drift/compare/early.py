# A candidate judged while it is being asked: when has enough been seen, either way?
# Owns: when to look, what counts as safe. Refuses to know: the network, the store, how evidence is reckoned.
"""Stop asking as soon as the verdict is safe.

It is safe in two ways. Drift is shown: a finding stands that fails the gate, and no further answer can take that back
at the promised error rate. Or all is clear: every probe was asked once (an exact fact needs one look), and of every
measure either a change of the size that matters is ruled out, or no answer still to come could show it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from drift.compare.anytime import Order, Stopped, cleared, out_of_reach
from drift.compare.judge import Judged
from drift.compare.pairing import Observed
from drift.compare.policy import Policy
from drift.compare.sides import judge_sides
from drift.model import LEVELS, Probe, Run, Sample, Snapshot
from drift.rules import RULES_BY_ID
from drift.rules.facts import Signal

SIZE = 0.1
"""Net share of samples whose change matters: ten points."""
_SIZE_OF_NUMBERS = 0.3
"""The same for numbers, which nearly always differ a little: so many more pairs go one way than the other."""
_CLOSELY = 40
"""Samples after each of which is looked: gross drift shows in the first dozen, and each call costs."""
_LOOKS = 120


class Early:
    """Watches a run and says when to stop. Samples are given in any order and looked at in the order of asking."""

    def __init__(self, baseline: Snapshot, policy: Policy) -> None:
        """Compare with `baseline` under `policy`."""
        self._baseline = baseline
        self._policy = policy
        self._waiting: dict[int, Sample] = {}
        self._samples: list[Sample] = []
        self._observed: Observed = {}
        self._next_look = 0

    def begin(self, run: Run, probes: Mapping[str, Probe], planned: Sequence[tuple[str, int]]) -> None:
        """Learn what will be asked: (probe, epoch) in the order of asking, which must not depend on any answer."""
        self._run, self._probes = run, probes
        self.order = Order(
            {key: turn for turn, key in enumerate(planned, 1)},
            Counter(probes[probe_id].family for probe_id, _ in planned),
        )
        self._step = max(1, len(planned) // _LOOKS)
        self._next_look = 1

    def add(self, sample: Sample) -> Stopped | None:
        """Take one sample; return why to stop, or None to go on."""
        self._waiting[self.order.turns[sample.probe_id, sample.epoch]] = sample
        # A slow answer is often a long one: to look in the order of coming would let answers decide who is looked at.
        while (sample_in_turn := self._waiting.pop(len(self._samples) + 1, None)) is not None:
            self._samples.append(sample_in_turn)
        if len(self._samples) < self._next_look:
            return None
        self._next_look = len(self._samples) + (1 if len(self._samples) < _CLOSELY else self._step)
        stopped = self._look()
        if stopped is not None:
            self.order = replace(self.order, stopped=stopped)
        return stopped

    def _look(self) -> Stopped | None:
        candidate = Snapshot(self._run, dict(self._probes), tuple(self._samples))
        sides = judge_sides(
            self._baseline, candidate, self._policy, order=self.order, observed=self._observed
        )
        if any(self._gates(judged) for judged in sides.judgement.findings):
            return "drift"
        asked = {sample.probe_id for sample in self._samples}
        found = {id(judged.signal) for judged in sides.judgement.findings if judged.level != "info"}
        if asked >= set(self._probes) and all(
            id(signal) in found or self._decided(signal) for signal in sides.signals if self._matters(signal)
        ):
            return "clear"
        return None

    def _gates(self, judged: Judged) -> bool:
        known = any(
            entry.fingerprint == judged.fingerprint and entry.until >= self._policy.today
            for entry in self._policy.acknowledgements
        )
        never = self._policy.fail_on == "never"
        return not known and (
            LEVELS.index(judged.level) >= LEVELS.index("warning")
            if never
            else self._policy.gates(judged.level)
        )

    def _matters(self, signal: Signal) -> bool:
        """Whether this measure could still change the verdict."""
        levels = [self._policy.levels.get(rule, RULES_BY_ID[rule].level) for rule in signal.watches]
        return (
            signal.kind != "exact"
            and not signal.single
            and signal.counts.flips is not None
            and any(level != "info" for level in levels)
        )

    def _decided(self, signal: Signal) -> bool:
        size = max(SIZE, signal.min_effect) if signal.counts.unit == "share" else _SIZE_OF_NUMBERS
        rate = self._policy.false_discovery_rate
        return cleared(signal, min(size, 0.9), rate) or out_of_reach(signal, self.order, rate)


def ruled_out(signals: Iterable[Signal]) -> float | None:
    """Return the net share of change that is ruled out in every yes/no measure of a family, None when none is."""
    shares = [
        signal
        for signal in signals
        if signal.watches and signal.counts.flips and signal.counts.unit == "share"
    ]
    for size in (SIZE, 2 * SIZE, 3 * SIZE, 5 * SIZE):
        if shares and all(cleared(signal, size, 0.05) for signal in shares):
            return size
    return None
