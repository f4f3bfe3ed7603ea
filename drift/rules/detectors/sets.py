# Values that a side never showed before: stop reasons, block types, stream events, refusal channels, parameters.
# Owns: how a set-valued observation becomes one yes/no measure per value. Refuses to know: tests, correction, wording.
"""New values of open sets, each tested as a rate of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from drift.model import Level, Probe
from drift.observe.order import same_two
from drift.observe.readers import READERS
from drift.rules.detectors.yesno import Measure, rate_signal
from drift.rules.facts import Facts, ProbePair, Seen, Signal

# Reasons that every loop has met: an answer, a call, a limit or a stop sequence that comes instead is no new value.
_ORDINARY_STOPS = frozenset(
    {
        "end_turn",
        "tool_use",
        "max_tokens",
        "stop_sequence",
        "stop",
        "tool_calls",
        "length",
        "STOP",
        "MAX_TOKENS",
        "completed",
        "max_output_tokens",
    }
)


def detect_sets(facts: Facts) -> Iterator[Signal]:
    """Yield one signal per new or moved value and family."""
    known_stops = _ORDINARY_STOPS | members(list(facts.pairs), "stop")[0]
    for family in facts.families:
        pairs = list(family.pairs)
        alike = [pair for pair in pairs if pair.same_dialect]
        yield from _stops(family.family, alike, known_stops)
        yield from _blocks(family.family, alike)
        yield from _streams(family.family, alike)
        yield from _refusal_channel(family.family, pairs)
        yield from _ignored(family.family, pairs)


def members(pairs: list[ProbePair], name: str) -> tuple[set[str], set[str]]:
    """Return every value of a scalar or list observation on each side."""
    sides: tuple[set[str], set[str]] = (set(), set())
    for pair in pairs:
        for found, samples in zip(sides, (pair.baseline, pair.candidate), strict=True):
            for seen in samples:
                value = seen.get(name)
                if isinstance(value, list):
                    found.update(map(str, value))
                elif value is not None:
                    found.add(str(value))
    return sides


def has(name: str, member: str) -> Callable[[Seen, Probe], bool | None]:
    """Return whether a sample shows a value; None when the observation could not be made."""

    def value(seen: Seen, _: Probe) -> bool | None:
        found = seen.get(name)
        if found is None:
            return None
        return member in found if isinstance(found, list) else found == member

    return value


def _stops(family: str, pairs: list[ProbePair], known: frozenset[str]) -> Iterator[Signal]:
    """A reason that no reply of the whole baseline run had is new; of all others the mix is watched."""
    before, now = members(pairs, "stop")
    for stop in sorted(before | now):
        new = stop not in known
        yield from rate_signal(
            family,
            pairs,
            Measure(
                "stop.new" if new else "stop.mix",
                has("stop", stop) if new else _ends_with(stop),
                up="stop-reason-value-added" if new else "stop-reason-distribution-shifted",
                path="/stop_reason",
                change="new" if new else "mix",
                witness=new,
                min_effect=0.05,
            ),
            place=stop,
        )


def _ends_with(stop: str) -> Callable[[Seen, Probe], bool | None]:
    """Whether an answer ends so; a conversation that broke off on the way shows how another turn ended."""

    def value(seen: Seen, probe: Probe) -> bool | None:
        found, turn = seen.get("stop"), seen.get("request.turn")
        broke_off = isinstance(turn, int) and turn < len(probe.exchanges)
        return None if found is None or broke_off else found == stop

    return value


def _blocks(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    known, now = members(pairs, "blocks")
    for block in sorted(now - known):
        # Tool calls and text come and go with the answer: rules on calls and on empty content watch them. Reasoning
        # beside a content that is no list of blocks is a property of its own.
        if block in {"text", "tool_use", "tool_call", "reasoning"}:
            continue
        yield from rate_signal(
            family,
            pairs,
            Measure(
                "blocks.new",
                has("blocks", block),
                up="response-content-block-type-added",
                path="/content/*/type",
                change="new",
            ),
            place=block,
        )

    def moved(first: int) -> Callable[[Seen, Probe], bool | None]:
        return lambda seen, _: None if (at := seen.get("blocks.first_text")) is None else at != first

    positions = {seen.get("blocks.first_text") for pair in pairs for seen in pair.baseline} - {None}
    if len(positions) == 1:
        (first,) = positions
        yield from rate_signal(
            family,
            pairs,
            Measure(
                "blocks.position",
                moved(first),
                up="response-content-block-position-changed",
                path=f"/content/{first}",
                change="position",
            ),
        )


# What a missing event is held against: without the other one it had no reason to come.
_FOLLOWS = {event: other for reader in READERS.values() for event, other in reader.FOLLOWS.items()}
_BY_ANSWER = frozenset().union(*(reader.EVENTS_BY_ANSWER for reader in READERS.values()))
_DELTA = re.compile(r"content_block_delta:|chunk:|response\..*\.(?:delta|done|added)$")


def _streams(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    known, now = members(pairs, "stream.events")
    for event in sorted(known ^ now) if known and now else ():
        added = event in now
        if not _is_structure(event, added=added):
            continue
        yield from rate_signal(
            family,
            pairs,
            Measure(
                "stream.event_new" if added else "stream.event_gone",
                has("stream.events", event) if added else _lacks_event(event),
                up="stream-event-type-added" if added else "stream-event-type-removed",
                path="/events/*/type",
                change="added" if added else "removed",
                space="stream",
            ),
            place=event,
        )
    yield from _usage_placement(family, pairs)
    yield from _divergence(family, pairs)
    for prefix, rule, change, path in (
        (
            "call-delta",
            "stream-tool-call-delta-identity-changed",
            "delta-identity",
            "/events/*/delta/tool_calls",
        ),
        ("", "stream-event-order-changed", "order", "/events"),
    ):
        yield from _problems(family, pairs, prefix, rule, change, path)


def _is_structure(event: str, *, added: bool) -> bool:
    """Whether an event that came or went says something about the stream rather than about the answer in it."""
    if event in {"error", "[DONE]", "message_stop", "ping", "chunk:usage", "chunk:empty"}:
        return False  # in-band errors, the terminal event and the placement of usage have rules of their own
    if added:
        return event not in _BY_ANSWER
    return event in _FOLLOWS or (event not in _BY_ANSWER and _DELTA.match(event) is None)


def _lacks_event(event: str) -> Callable[[Seen, Probe], bool | None]:
    needs = _FOLLOWS.get(event, "")

    def value(seen: Seen, _: Probe) -> bool | None:
        events = seen.get("stream.events")
        if events is None or not any(other.startswith(needs) for other in events if other != event):
            return None
        return event not in events

    return value


def _usage_placement(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    """Usage in another event, or in one event less. Usage that comes nowhere is a missing field."""
    known, now = members(pairs, "stream.usage")
    if not known or not now:
        return
    moved = [(event, has("stream.usage", event)) for event in sorted(now - known)] or [
        (event, _lacks("stream.usage", event)) for event in sorted(known - now)
    ]
    for event, value in moved:
        yield from rate_signal(
            family,
            pairs,
            Measure(
                "stream.usage",
                value,
                up="stream-usage-placement-changed",
                path="/events/*/usage",
                change="placement",
                space="stream",
            ),
            place=event,
        )


def _divergence(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    """Places where a stream and the plain answer to the same question differ now, and did not before."""
    known, now = members(pairs, "stream.divergence")
    for difference in sorted(known | now):
        measure = Measure(
            "stream.divergence",
            has("stream.divergence", difference),
            up="stream-nonstream-divergence",
            path=difference.partition(": ")[0] if difference.startswith("/") else "/",
            change="divergence",
            space="stream",
        )
        for signal in rate_signal(family, pairs, measure, detail=difference):
            yield replace(signal, note=f"{difference[:1].upper()}{difference[1:]}.")


def _problems(
    family: str, pairs: list[ProbePair], prefix: str, rule: str, change: str, path: str
) -> Iterator[Signal]:
    """Breaches of the grammar: those that the baseline never had, else how often its own occur.

    The grammar is the dialect's, and what the baseline kept to throughout: which event comes before which.
    """

    def concerns(problem: str) -> bool:
        return problem.startswith(prefix) if prefix else not problem.startswith("call-delta")

    known, now = ({item for item in side if concerns(item)} for side in members(pairs, "stream.problems"))
    learned = {} if prefix or now - known else _learned_order(pairs)
    turned = {f"not {learned[two]}" for two in _turned(pairs, learned)}
    watched = (now - known) or turned or known

    def value(seen: Seen, _: Probe) -> bool | None:
        problems = seen.get("stream.problems")
        if problems is None:
            return None
        against = {f"not {relation}" for relation in learned.values() if _breaks(seen, relation)}
        return bool(watched & {*problems, *against})

    yield from rate_signal(
        family,
        pairs,
        Measure(f"stream.{change}", value, up=rule, path=path, change=change, space="stream"),
        place=" ".join(sorted(watched)),
    )


def _learned_order(pairs: list[ProbePair]) -> dict[str, str]:
    """Return which event the baseline's streams always have before which, by the two events."""
    shown: dict[str, set[str]] = {}
    for relation in members(pairs, "stream.order")[0]:
        shown.setdefault(same_two(relation), set()).add(relation)
    return {two: min(told) for two, told in shown.items() if len(told) == 1 and " < " in min(told)}


def _turned(pairs: list[ProbePair], learned: dict[str, str]) -> set[str]:
    now = members(pairs, "stream.order")[1]
    return {two for relation in now if (two := same_two(relation)) in learned and learned[two] != relation}


def _breaks(seen: Seen, relation: str) -> bool:
    """Whether a stream has the two events of a relation, and not in that order."""
    two = same_two(relation)
    return any(same_two(other) == two and other != relation for other in seen.get("stream.order") or ())


def _lacks(name: str, member: str) -> Callable[[Seen, Probe], bool | None]:
    shown = has(name, member)

    def value(seen: Seen, probe: Probe) -> bool | None:
        found = shown(seen, probe)
        return None if found is None else not found

    return value


# ---------------------------------------------------------------- refusals and parameters


def _refusal_channel(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    """Among samples that refuse on both sides: the channel or the category of the refusal."""
    refusing = [
        pair
        for pair in pairs
        if any(seen.get("refusal.signal") for seen in pair.baseline)
        and any(seen.get("refusal.signal") for seen in pair.candidate)
    ]
    for name, path in (("refusal.signal", "/refusal"), ("refusal.category", "/stop_details/category")):
        known, now = members(refusing, name)
        for member in sorted(now - known):
            measure = Measure(
                name, _refusing(name, member), up="refusal-signal-changed", path=path, change=name
            )
            yield from rate_signal(family, refusing, measure, place=member)


def _refusing(name: str, member: str) -> Callable[[Seen, Probe], bool | None]:
    return lambda seen, _: None if (found := seen.get(name)) is None else found == member


def _without_effect(parameter: str) -> Callable[[Seen, Probe], bool | None]:
    """Among requests that set it and answers that could show its effect: whether that is missing."""

    def value(seen: Seen, _: Probe) -> bool | None:
        watched, ignored = seen.get("param.watched"), seen.get("param.ignored")
        return None if ignored is None or (watched and parameter not in watched) else parameter in ignored

    return value


def _no_stream(_: Probe, rising: bool) -> tuple[Level, str] | None:
    why = "a stream was asked for and none came: its readers find no event at all"
    return ("breaking", why) if rising else None


def _ignored(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    known, now = members(pairs, "param.ignored")
    for parameter in sorted(known | now):
        measure = Measure(
            "param.ignored",
            _without_effect(parameter),
            up="request-parameter-silently-ignored",
            path=f"/{parameter}",
            change="ignored",
            space="request",
            level=_no_stream if parameter == "stream" else None,
        )
        yield from rate_signal(family, pairs, measure, place=parameter)
