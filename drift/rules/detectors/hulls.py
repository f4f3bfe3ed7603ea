# Arguments inside the declared schema, but outside of everything that the baseline showed: branches never run before.
# Owns: how much of a tool has to be known before something can be new. Refuses to know: breaches of the schema.
"""Calls beyond the hull of the baseline's calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from drift.hull import Beyond, Hull, beyond, join, schema_of
from drift.model import Probe
from drift.rules.detectors.yesno import Measure, Value, rate_signal
from drift.rules.facts import Facts, ProbePair, Seen, Signal
from drift.subset import covers

_KNOWN = 5
"""So many calls of a tool make its hull worth a comparison."""
_WORDS = {
    "key": "an argument that never came",
    "choice": "another choice",
    "length": "a list of another length",
}


def detect_hulls(facts: Facts) -> Iterator[Signal]:
    """Yield one signal per tool and place at which the candidate's calls leave the hull of the baseline's."""
    for family in facts.families:
        pairs = [
            pair
            for pair in family.pairs
            if any(seen.get("calls.hull") for seen in (*pair.baseline, *pair.candidate))
        ]
        tools = sorted(
            {tool for pair in pairs for seen in pair.baseline for tool in seen.get("calls.hull") or ()}
        )
        for tool in tools:
            yield from _tool(family.family, pairs, tool)


def _tool(family: str, pairs: list[ProbePair], tool: str) -> Iterator[Signal]:
    before = _hulls((seen for pair in pairs for seen in pair.baseline), tool)
    after = _hulls((seen for pair in pairs for seen in pair.candidate), tool)
    if len(before) < _KNOWN or not after:
        return
    known, now = _joined(before), _joined(after)
    # Most tools stay within their hull: one subset question instead of one measure for each place.
    if covers(schema_of(known), schema_of(now)) == "yes":
        return
    broken = _broken(pairs)
    for pointer, kind in sorted({(place.pointer, place.kind) for place in beyond(known, now)}):
        if f"{tool}#{pointer}" in broken:
            continue
        measure = Measure(
            f"hull.{kind}",
            _leaves(known, tool, pointer, kind),
            up="tool-call-argument-hull-expanded",
            path=f"/tool_calls/*/arguments{pointer}",
            change=kind,
            min_effect=0.05,
        )
        shown = sorted(
            {word for place in beyond(known, now) if place[:2] == (pointer, kind) for word in place.shown}
        )
        for signal in rate_signal(family, pairs, measure, place=tool):
            # Seen now and then is what every hull of a sample leaves open: told only when it is more than that.
            kept = signal if signal.deterministic else replace(signal, kind="rate")
            yield replace(kept, note=f"New here is {_WORDS[kind]}: {', '.join(shown)[:200]}.")


def _hulls(samples: Iterable[Seen], tool: str) -> list[Hull]:
    return [hulls[tool] for seen in samples if tool in (hulls := seen.get("calls.hull") or {})]


def _joined(hulls: Iterable[Hull]) -> Hull:
    whole: Hull = {}
    for hull in hulls:
        whole = join(whole, hull)
    return whole


def _leaves(known: Hull, tool: str, pointer: str, kind: str) -> Value:
    def value(seen: Seen, _: Probe) -> bool | None:
        hull = (seen.get("calls.hull") or {}).get(tool)
        if hull is None:
            return None
        found: Iterator[Beyond] = beyond(known, hull)
        return any(place[:2] == (pointer, kind) for place in found)

    return value


def _broken(pairs: list[ProbePair]) -> set[str]:
    """Places where the declared schema is broken: rules on that speak of those."""
    return {
        place
        for pair in pairs
        for seen in pair.candidate
        for name, places in seen.observations.items()
        if name.startswith("args.")
        and isinstance(places, list)
        and name not in {"args.types", "args.formats", "args.optional"}
        for place in places
    }
