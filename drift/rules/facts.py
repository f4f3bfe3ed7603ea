# What a detector may look at: two sides of observed samples, paired by probe and pooled by family.
# Owns: the forms Seen, ProbePair, FamilyPair, Facts and Signal. Refuses to know: raw documents, policy, formats.
"""Facts in, signals out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from drift.model import JSON, Level, Outcome, Probe, Run
from drift.rules.measure import Counts


@dataclass(frozen=True, slots=True)
class Seen:
    """One sample, observed. `observations` is what `drift.observe.observe` returned.

    `turn` is its place in the order of asking, from 1, where a comparison is made while the candidate is still being
    asked; 0 elsewhere.
    """

    sample: str
    probe: str
    epoch: int
    outcome: Outcome
    observations: Mapping[str, JSON]
    turn: int = 0

    def get(self, name: str) -> JSON:
        """Return an observation or None."""
        return self.observations.get(name)


@dataclass(frozen=True, slots=True)
class ProbePair:
    """One probe on both sides; failed samples are left out before.

    `like` names the group of probes of its family that ask the same in other words of punctuation: their answers stand
    and fall together, so that they count as one question. Empty for a probe that is alone.
    """

    probe: Probe
    baseline: tuple[Seen, ...]
    candidate: tuple[Seen, ...]
    like: str = ""

    @property
    def same_dialect(self) -> bool:
        """Whether both sides speak one dialect, as far as that is known: names of two dialects cannot be compared."""
        first, second = (
            {seen.get("dialect") for seen in side} - {None} for side in (self.baseline, self.candidate)
        )
        return first == second or not first or not second


@dataclass(frozen=True, slots=True)
class FamilyPair:
    """The probes of one family, in order of id."""

    family: str
    pairs: tuple[ProbePair, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that two runs have in common, and the runs.

    `text` gives the visible text of a sample, or None; the few detectors that compare wording ask for it.
    """

    baseline: Run
    candidate: Run
    families: tuple[FamilyPair, ...]
    text: Callable[[Seen], str | None] = lambda _: None

    @property
    def pairs(self) -> Iterator[ProbePair]:
        """All probe pairs, family by family."""
        for family in self.families:
            yield from family.pairs


Witness: TypeAlias = tuple[Seen | None, Seen | None]


@dataclass(frozen=True, slots=True)
class Signal:
    """A measured difference, before chance, policy and wording have had their say.

    Attributes:
        measure: name of what was measured, such as "text.fence"; stable key of a series.
        rule: rule that it would be evidence for, or None when it moved in a direction that no rule watches.
        family: family whose samples were pooled.
        kind: "exact": one observation decides; "witness": presence of something that the baseline never showed;
            "rate": a share, a ratio or a mix that needs a test.
        counts: the numbers.
        path: JSON pointer to the place in a reply or request, `*` for any index.
        place: tool name, parameter name or label that narrows the place; part of the fingerprint.
        change: class of change; part of the fingerprint.
        detail: finer place that readers need not see, such as a block type in a path; part of the fingerprint.
        probe: set when the claim is about one probe.
        before, after: what each side showed, as short JSON values.
        deterministic: the request is fixed and chance does not move the observation.
        min_effect: smallest effect that matters, in the unit of the counts.
        level: level that a condition of the rule (`level_when`) gives instead of the default.
        reason: that condition in words.
        tags: tags of the finding.
        note: one more sentence for the explanation.
        witnesses: pairs of samples that show it.
        where: class of the split ("class=prime"), empty for all.
        space: "request", "response", "stream", "usage", "error" or "surface".
        moved: probes that rose, and probes that fell.
        places: where else the same fact holds; shown, and no part of the fingerprint.
        single: a claim about one probe alone, from its own epochs, beside the claim about its family.
        watches: rules that this measure could have fired, in either direction.
    """

    measure: str
    rule: str | None
    family: str
    kind: Literal["exact", "witness", "rate"]
    counts: Counts
    path: str = ""
    place: str = ""
    change: str = ""
    detail: str = ""
    probe: str | None = None
    before: JSON = None
    after: JSON = None
    deterministic: bool = False
    min_effect: float = 0.0
    level: Level | None = None
    reason: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    witnesses: tuple[Witness, ...] = ()
    where: str = ""
    space: str = "response"
    moved: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    single: bool = False
    places: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """Key under which the same measure is found in another comparison (the control)."""
        return (self.measure, self.family, self.place, self.path, self.where, self.detail, self.probe or "")


def exact_fact(
    measure: str,
    rule: str,
    pairs: list[ProbePair],
    family: str,
    *,
    path: str,
    place: str = "",
    change: str,
    before: JSON = None,
    after: JSON = None,
    note: str = "",
    space: str = "request",
    of_run: bool = False,
    **more: Any,
) -> Signal:
    """Return the signal of what chance does not move: it holds for all of these probes, witnessed by the first ones.

    `of_run` says that it is about the run, however few probes show it: its fingerprint then names no probe.
    """
    n = len(pairs)
    counts = Counts(pairs=n, n_a=n, n_b=n, k_a=0, k_b=n, up=n, down=0, effect=1.0)
    witnesses: tuple[Witness, ...] = tuple(
        (pair.baseline[0] if pair.baseline else None, pair.candidate[0] if pair.candidate else None)
        for pair in pairs[:3]
    )
    return Signal(
        measure,
        rule,
        family,
        "exact",
        counts,
        path,
        place,
        change,
        "",
        probe=pairs[0].probe.id if n == 1 and not of_run else None,
        before=before,
        after=after,
        deterministic=True,
        note=note,
        witnesses=witnesses,
        space=space,
        **more,
    )


Detector: TypeAlias = Callable[[Facts], Iterator[Signal]]
"""Looks at all facts and yields one signal per thing measured, fired or not."""
