# How far an unchanged model differs from itself: repeats on other days, repeat of a candidate, halves of one run.
# Owns: the band that drift has to exceed, overdispersion. Refuses to know: rules, levels, wording.
"""Same-model controls.

A test knows the chance of drawing samples; it does not know that a model may have good and bad days. A control shows
that: the same model asked again. Every measure has to move further between the sides than in any control, and when the
controls together spread more than chance allows, every p is widened by as much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from drift import stats
from drift.rules.facts import Facts, FamilyPair, ProbePair, Signal

_SPREAD_FAMILIES = 5
_SPREAD_LEVEL = 0.01


@dataclass(frozen=True, slots=True)
class Control:
    """A comparison in which the model did not change.

    Attributes:
        signals: what was measured in it.
        scale: factor on its effects: fewer samples than the comparison has move further by chance alone.
    """

    signals: tuple[Signal, ...]
    scale: float = 1.0


def halves_of(facts: Facts) -> tuple[Facts, float] | None:
    """Return the baseline's odd epochs against its even ones, and the scale of their effects; None with single epochs.

    They share a day and a run, so they show the spread inside a run and not that between days.
    """
    families = []
    whole = half = 0
    for family in facts.families:
        pairs = [
            ProbePair(pair.probe, pair.baseline[0::2], pair.baseline[1::2])
            for pair in family.pairs
            if len(pair.baseline) > 1
        ]
        if pairs:
            families.append(FamilyPair(family.family, tuple(pairs)))
        whole += sum(min(len(pair.baseline), len(pair.candidate)) for pair in family.pairs)
        half += sum(len(pair.candidate) for pair in pairs)
    if not half:
        return None
    return Facts(facts.baseline, facts.baseline, tuple(families), facts.text), min(1.0, sqrt(half / whole))


def spread_of(controls: Iterable[Control]) -> stats.Overdispersion:
    """Return how much more the unchanged model moves than fair coins would; 1 unless that is beyond doubt.

    The measures of one family are read off the same samples and move together, so in each control a family speaks
    once, by the measure with the most flips; fewer than five say nothing. Times are left out: a slow night moves every
    one of them, and says nothing of how far the answers spread.
    """
    flips: list[tuple[int, int]] = []
    for control in controls:
        most: dict[str, tuple[int, int]] = {}
        for signal in control.signals:
            up, down = signal.counts.up, signal.counts.down
            of_model = signal.kind != "exact" and not signal.single and signal.measure != "latency_ms"
            if of_model and up is not None and down is not None:
                most[signal.family] = max(most.get(signal.family, (0, 0)), (up, down), key=sum)
        flips += most.values()
    found = stats.overdispersion(flips)
    certain = found.controls >= _SPREAD_FAMILIES and found.p <= _SPREAD_LEVEL
    return found if certain else stats.Overdispersion(1.0, found.controls, found.p)


class Band:
    """What the unchanged model does by itself, measure by measure."""

    def __init__(self, controls: Sequence[Control]) -> None:
        self._seen: dict[tuple[str, ...], list[tuple[Signal, float]]] = {}
        for control in controls:
            for signal in control.signals:
                self._seen.setdefault(signal.series, []).append((signal, control.scale))

    def holds(self, signal: Signal, size: Callable[[Signal], float]) -> bool:
        """Whether some control moved at least as far; `size` gives how far a signal moved."""
        return any(
            self._as_far(signal, control, scale, size) for control, scale in self._seen.get(signal.series, ())
        )

    @staticmethod
    def _as_far(signal: Signal, control: Signal, scale: float, size: Callable[[Signal], float]) -> bool:
        if signal.deterministic and not control.rule:
            return False
        if signal.kind == "exact":
            return control.rule is not None
        return control.counts.effect != 0 and scale * size(control) >= size(signal)
