# One fact about the wire is one finding, however many families, tools and kinds of reply show it.
# Owns: which rules are about the wire, and what stays of several findings when they are told as one.
# Refuses to know: how a finding was measured, at which level it stands, how it is shown.
"""Findings that say the same of several families, told once.

Behaviour is claimed family by family: a fence around JSON says nothing about labels. A new block, a lost event or
another encoding of arguments is a property of the host, and a reader who meets it ten times under ten headings looks
for ten causes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from drift.model import LEVELS
from drift.rules.facts import Signal
from drift.rules.measure import Counts, with_mcnemar
from drift.rules.record import Rule

if TYPE_CHECKING:
    from drift.compare.judge import Judged

RUN = "run"
"""What stands in the place of the family when several show a fact."""

_AREAS = frozenset({"response", "stream"})
_OF_ANY_TOOL = frozenset(
    {
        "tool-call-arguments-double-encoded",
        "tool-call-arguments-invalid-json",
        "tool-call-encoding-changed",
    }
)
"""How arguments are written as a whole: no matter of the tool either."""
_OF_WIRE = _OF_ANY_TOOL | {
    "request-parameter-silently-ignored",
    "stop-reason-value-added",
    "tool-call-id-invalid",
    "tool-call-name-unknown",
    "tool-call-stop-reason-mismatch",
    "usage-field-missing",
}


def scope_of(signal: Signal, rule: Rule) -> tuple[str, str, str]:
    """Return the probe or family, the place and the finer place that tell this finding from others of its rule."""
    if not _is_of_wire(signal, rule):
        return signal.probe.split("/", 1)[0] if signal.probe else signal.family, signal.place, signal.detail
    return "", "" if rule.id in _OF_ANY_TOOL else signal.place, ""


def _is_of_wire(signal: Signal, rule: Rule) -> bool:
    return not signal.single and (rule.area in _AREAS or rule.id in _OF_WIRE)


def fold(found: Sequence[Judged]) -> list[Judged]:
    """Return the findings, facts about the wire told once each: at the worst level, with the figures of all."""
    groups: dict[str, list[Judged]] = {}
    for number, judged in enumerate(found):
        alone = not _is_of_wire(judged.signal, judged.rule)
        groups.setdefault(f"alone {number}" if alone else judged.fingerprint, []).append(judged)
    return [group[0] if len(group) == 1 else _one(group) for group in groups.values()]


def _one(group: Sequence[Judged]) -> Judged:
    """Return one finding for several: what chance explains in one family adds nothing to what is sure in another."""
    ranked = sorted(group, key=lambda judged: ("rare" in judged.tags, -LEVELS.index(judged.level)))
    first = ranked[0]
    members = [judged for judged in ranked if ("rare" in judged.tags) == ("rare" in first.tags)]
    signals = [judged.signal for judged in members]
    families = sorted({signal.family for signal in signals})
    places = sorted({signal.place for signal in signals if signal.place})
    counts = _summed([signal.counts for signal in signals])
    rates = all(isinstance(signal.before, dict) and "n" in signal.before for signal in signals)
    signal = replace(
        first.signal,
        family=families[0] if len(families) == 1 else RUN,
        probe=None,
        counts=counts,
        place=places[0] if len(places) == 1 else "",
        places=tuple(places if len(places) > 1 else ()),
        note=" ".join([*_distinct(signal.note for signal in signals), *_where(families, places)]),
        witnesses=tuple(
            witness for round_ in range(3) for s in signals for witness in s.witnesses[round_ : round_ + 1]
        )[:3],
        moved=(
            frozenset().union(*(s.moved[0] for s in signals)),
            frozenset().union(*(s.moved[1] for s in signals)),
        ),
        before={"k": counts.k_a, "n": counts.n_a} if rates else first.signal.before,
        after={"k": counts.k_b, "n": counts.n_b} if rates else first.signal.after,
    )
    qs = [judged.q for judged in members if judged.q is not None]
    whole = counts.k_b == counts.n_b
    tags = [tag for tag in first.tags if tag != "intermittent"]
    mixed = first.evidence_class == "witnessed" and "rare" not in tags and not whole
    return replace(
        first,
        signal=signal,
        tags=(*tags, *(["intermittent"] if mixed else [])),
        q=min(qs) if qs and counts.p is not None else None,
    )


def _distinct(notes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(note for note in notes if note))


def _where(families: Sequence[str], places: Sequence[str]) -> list[str]:
    """Return sentences that say in how many families, and at how many tools, a fact was met."""
    said = []
    if len(families) > 1:
        said.append(f"Seen in {', '.join(families)}.")
    if len(places) > 1:
        said.append(
            f"Seen with {len(places)} tools: {', '.join(places[:6])}{', …' if len(places) > 6 else ''}."
        )
    return said


def _summed(found: Sequence[Counts]) -> Counts:
    """Return the figures of all; a test of its own where one sample a probe lets it be made of the sums."""

    def total(values: Iterable[int | None]) -> int | None:
        values = list(values)
        return None if None in values else sum(value for value in values if value is not None)

    pairs, n_a, n_b = (sum(getattr(counts, name) for counts in found) for name in ("pairs", "n_a", "n_b"))
    k_a, k_b = total(counts.k_a for counts in found), total(counts.k_b for counts in found)
    up, down = total(counts.up for counts in found), total(counts.down for counts in found)
    base = Counts(
        pairs,
        n_a,
        n_b,
        k_a,
        k_b,
        mean_a=k_a / n_a if k_a is not None and n_a else None,
        mean_b=k_b / n_b if k_b is not None and n_b else None,
        up=up,
        down=down,
    )
    if base.mean_a is None or base.mean_b is None:
        return base
    base = replace(base, effect=base.mean_b - base.mean_a)
    if up is None or down is None or any(counts.test != "exact McNemar" for counts in found):
        return base
    return with_mcnemar(base, up, down)
