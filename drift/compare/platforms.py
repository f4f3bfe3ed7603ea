# Two hosts of one API side by side: what belongs to the host, said once, apart from what the model does.
# Owns: which measures tell hosts apart. Refuses to know: any single platform, tests, levels.
"""Is it the same model there? What another host puts around the answers must not drown the answer to that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from drift.canonical import canonical
from drift.ids import serves
from drift.model import JSON, Run
from drift.rules.facts import Facts, Signal
from drift.rules.measure import Counts

_REFUSALS = ("error.code", "error.shape", "error.status")
"""Measures on how a host says no: the same way each time."""


def other_host(first: Run, second: Run) -> bool:
    """Say whether two runs asked different hosts."""
    return (first.platform, first.base_url) != (second.platform, second.base_url)


def set_host_apart(signals: Sequence[Signal], facts: Facts) -> list[Signal]:
    """Return the signals of a comparison; between runs on one host as they are.

    Between two hosts all headers that one of them has alone are one fact and never more than information; so is a
    refusal that is worded otherwise in the same way for many probes, at its own level.
    """
    if not other_host(facts.baseline, facts.candidate):
        return list(signals)
    kept: list[Signal] = []
    headers: list[Signal] = []
    refusals: dict[str, list[Signal]] = {}
    for signal in signals:
        if signal.rule is not None and signal.measure == "headers.gone":
            headers.append(signal)
        elif signal.rule is not None and signal.measure in _REFUSALS:
            refusals.setdefault(_way(signal), []).append(signal)
        else:
            kept.append(signal)
    merged = [_one_refusal(group) for group in refusals.values()]
    renamed = {str(_mapping(signal.after).get("type")) for signal in merged if signal.measure == "error.code"}
    kept = [s for s in kept if not (s.measure == "error.type_new" and s.place in renamed)]
    return [*kept, *merged, *_one_header_fact(headers)]


def host_notices(first: Run, second: Run) -> list[str]:
    """Return what a reader must know when two hosts are compared: how the second one spells the model's id."""
    names = (first.requested_model, second.requested_model)
    if not other_host(first, second) or names[0] == names[1] or not serves(*names):
        return []
    return [f"{names[1]} is how {second.platform} writes {names[0]}: taken for the same model"]


def _way(signal: Signal) -> str:
    """Return what two refusals have in common when the host says them in the same way."""
    if signal.measure == "error.shape":
        return canonical([signal.measure, signal.before, signal.after])
    names = ("status",) if signal.measure == "error.status" else ("type", "code")
    sides = [_mapping(side) for side in (signal.before, signal.after)]
    return canonical([signal.measure, *([side.get(name) for name in names] for side in sides)])


def _mapping(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, Mapping) else {}


def _one_refusal(group: Sequence[Signal]) -> Signal:
    """Return one signal for refusals that a host words in one way."""
    if len(group) == 1:
        return group[0]
    n = sum(signal.counts.pairs for signal in group)
    return replace(
        group[0],
        counts=Counts(pairs=n, n_a=n, n_b=n, k_a=0, k_b=n, up=n, down=0, effect=1.0),
        place="",
        probe=None,
        places=tuple(sorted({signal.place for signal in group if signal.place})),
        witnesses=tuple(witness for signal in group for witness in signal.witnesses)[:3],
        note=f"{n} probes are refused on both hosts, and this is how the other one says it.",
    )


def _one_header_fact(headers: Sequence[Signal]) -> list[Signal]:
    if not headers:
        return []
    return [
        replace(
            next((signal for signal in headers if not signal.single), headers[0]),
            path="/headers",
            place="",
            places=tuple(sorted({signal.place for signal in headers})),
            level="info",
            reason="another host has headers of its own",
        )
    ]
