# Values that a side never showed before: stop reasons, block types, stream events, argument places, refusal channels.
# Owns: how a set-valued observation becomes one yes/no measure per value. Refuses to know: tests, correction, wording.
"""New values of open sets, each tested as a rate of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from drift.model import Level, Probe
from drift.observe.order import same_two
from drift.observe.readers import READERS
from drift.rules.detectors.rates import Measure, rate_signal
from drift.rules.facts import Facts, FamilyPair, ProbePair, Seen, Signal

# Breach of the declared schema → rule. Each place (tool and pointer) is a measure of its own.
_PLACES: tuple[tuple[str, str, str], ...] = (
    ("args.invalid_json", "tool-call-arguments-invalid-json", "invalid-json"),
    ("args.double_encoded", "tool-call-arguments-double-encoded", "double-encoded"),
    ("args.string_encoded", "tool-call-argument-string-encoded", "string-encoded"),
    ("args.required_missing", "tool-call-required-argument-missing", "missing"),
    ("args.undeclared", "tool-call-argument-undeclared", "undeclared"),
    ("args.undeclared_closed", "tool-call-argument-undeclared", "undeclared"),
    ("args.type_mismatch", "tool-call-argument-type-mismatch", "type"),
    ("args.enum", "tool-call-argument-enum-violation", "enum"),
    ("args.null", "tool-call-argument-null-for-absent", "null"),
    ("args.sentinel", "tool-call-argument-sentinel-value", "sentinel"),
    ("args.constraint", "tool-call-argument-constraint-violation", "constraint"),
)
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
_PLACE_LEVELS: dict[str, tuple[Level, str]] = {
    "args.undeclared_closed": ("breaking", "the declared schema says additionalProperties: false"),
    "args.null": ("breaking", "the declared type does not include null"),
}


def detect_sets(facts: Facts) -> Iterator[Signal]:
    """Yield one signal per new or moved value and family."""
    known_stops = _ORDINARY_STOPS | _members(list(facts.pairs), "stop")[0]
    for family in facts.families:
        pairs = list(family.pairs)
        alike = [pair for pair in pairs if pair.same_dialect]
        yield from _stops(family.family, alike, known_stops)
        yield from _blocks(family.family, alike)
        yield from _streams(family.family, alike)
        yield from _tools(family)
        yield from _arguments(family)
        yield from _refusal_channel(family.family, pairs)
        yield from _ignored(family.family, pairs)


def _members(pairs: list[ProbePair], name: str) -> tuple[set[str], set[str]]:
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


def _has(name: str, member: str) -> Callable[[Seen, Probe], bool | None]:
    def value(seen: Seen, _: Probe) -> bool | None:
        found = seen.get(name)
        if found is None:
            return None
        return member in found if isinstance(found, list) else found == member

    return value


def _stops(family: str, pairs: list[ProbePair], known: frozenset[str]) -> Iterator[Signal]:
    """A reason that no reply of the whole baseline run had is new; of all others the mix is watched."""
    before, now = _members(pairs, "stop")
    for stop in sorted(before | now):
        new = stop not in known
        yield from rate_signal(
            family,
            pairs,
            Measure(
                "stop.new" if new else "stop.mix",
                _has("stop", stop),
                up="stop-reason-value-added" if new else "stop-reason-distribution-shifted",
                path="/stop_reason",
                change="new" if new else "mix",
                witness=new,
                min_effect=0.05,
            ),
            place=stop,
        )


def _blocks(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    known, now = _members(pairs, "blocks")
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
                _has("blocks", block),
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
    known, now = _members(pairs, "stream.events")
    for event in sorted(known ^ now) if known and now else ():
        added = event in now
        if not _is_structure(event, added=added):
            continue
        yield from rate_signal(
            family,
            pairs,
            Measure(
                "stream.event_new" if added else "stream.event_gone",
                _has("stream.events", event) if added else _lacks_event(event),
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
    known, now = _members(pairs, "stream.usage")
    if not known or not now:
        return
    moved = [(event, _has("stream.usage", event)) for event in sorted(now - known)] or [
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
    known, now = _members(pairs, "stream.divergence")
    for difference in sorted(known | now):
        measure = Measure(
            "stream.divergence",
            _has("stream.divergence", difference),
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

    known, now = ({item for item in side if concerns(item)} for side in _members(pairs, "stream.problems"))
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
    for relation in _members(pairs, "stream.order")[0]:
        shown.setdefault(same_two(relation), set()).add(relation)
    return {two: min(told) for two, told in shown.items() if len(told) == 1 and " < " in min(told)}


def _turned(pairs: list[ProbePair], learned: dict[str, str]) -> set[str]:
    now = _members(pairs, "stream.order")[1]
    return {two for relation in now if (two := same_two(relation)) in learned and learned[two] != relation}


def _breaks(seen: Seen, relation: str) -> bool:
    """Whether a stream has the two events of a relation, and not in that order."""
    two = same_two(relation)
    return any(same_two(other) == two and other != relation for other in seen.get("stream.order") or ())


def _lacks(name: str, member: str) -> Callable[[Seen, Probe], bool | None]:
    has = _has(name, member)

    def value(seen: Seen, probe: Probe) -> bool | None:
        found = has(seen, probe)
        return None if found is None else not found

    return value


# ---------------------------------------------------------------- tool arguments


def _arguments(family: FamilyPair) -> Iterator[Signal]:
    pairs = [pair for pair in family.pairs if _calls(pair.baseline) and _calls(pair.candidate)]
    if not pairs:
        return
    for name, rule, change in _PLACES:
        known, now = _members(pairs, name)
        for place in sorted(known | now):
            yield from _place(family.family, pairs, name, place, rule, change)
    yield from _types(family.family, pairs)
    yield from _formats(family.family, pairs)
    yield from _optional(family.family, pairs)
    yield from _encoding(family.family, [pair for pair in pairs if pair.same_dialect])


def _tools(family: FamilyPair) -> Iterator[Signal]:
    """Which tool is called, where the probe does not say which it has to be."""
    pairs = [pair for pair in family.pairs if pair.probe.expect.call is None]
    called = set().union(*_members(pairs, "calls.names"))
    for tool in sorted(called) if len(called) > 1 else ():
        measure = Measure(
            "calls.tool",
            _calls_at_all(tool),
            up="tool-call-tool-switched",
            path="/tool_calls/*/name",
            change="switched",
            witness=False,
            min_effect=0.1,
        )
        yield from rate_signal(family.family, pairs, measure, place=tool)


def _calls_at_all(tool: str) -> Callable[[Seen, Probe], bool | None]:
    """Among the answers that call anything: whether this tool is called."""
    return lambda seen, _: tool in names if (names := seen.get("calls.names")) else None


def _calls(samples: tuple[Seen, ...]) -> bool:
    return any(seen.get("calls.count") for seen in samples)


def _split(place: str) -> tuple[str, str]:
    tool, _, pointer = place.partition("#")
    return tool, f"/tool_calls/*/arguments{pointer}"


def _calls_tool(
    tool: str, inner: Callable[[Seen, Probe], bool | None]
) -> Callable[[Seen, Probe], bool | None]:
    def value(seen: Seen, probe: Probe) -> bool | None:
        return inner(seen, probe) if tool in (seen.get("calls.names") or ()) else None

    return value


def _place(
    family: str, pairs: list[ProbePair], name: str, place: str, rule: str, change: str
) -> Iterator[Signal]:
    tool, path = _split(place)
    forced = _PLACE_LEVELS.get(name)
    measure = Measure(
        name, _calls_tool(tool, _has(name, place)), up=rule, path=path, change=change, level=lambda *_: forced
    )
    yield from rate_signal(family, pairs, measure, place=tool)


def _types(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    """A type that the schema allows but that the baseline never used at this place."""
    known, now = _members(pairs, "args.types")
    broken = {place for name, *_ in _PLACES for place in _members(pairs, name)[1]}
    kinds: dict[str, set[str]] = {}
    for entry in known:
        place, _, kind = entry.rpartition(":")
        kinds.setdefault(place, set()).add(kind)
    for entry in sorted(now - known):
        place, _, kind = entry.rpartition(":")
        if place in broken or _follows_value(kind, kinds.get(place, set())):
            continue
        tool, path = _split(place)
        if kind == "null" and _left_out(pairs, tool, place):
            rule = "tool-call-argument-null-for-absent"
        elif place in kinds:
            rule = "tool-call-argument-type-shifted"
        else:
            continue
        measure = Measure(
            "args.types", _calls_tool(tool, _has("args.types", entry)), up=rule, path=path, change=kind
        )
        yield from rate_signal(family, pairs, measure, place=tool)


def _follows_value(kind: str, known: set[str]) -> bool:
    """Whether a number is of this kind because of its value: 2.5 after 2, or 2 after 2.5, is no other type."""
    if kind == "number":
        return bool(known & {"integer", "integral-number"})
    whole = {"integer": "integral-number", "integral-number": "integer"}
    return kind in whole and "number" in known and whole[kind] not in known


def _left_out(pairs: list[ProbePair], tool: str, place: str) -> bool:
    """Whether some call of the baseline did without this argument."""
    return any(
        not any(entry.rpartition(":")[0] == place for entry in seen.get("args.types") or ())
        for pair in pairs
        for seen in pair.baseline
        if tool in (seen.get("calls.names") or ())
    )


def _formats(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    """A string in another form, where the baseline used one form throughout."""
    known, _ = _members(pairs, "args.formats")
    strings = {
        entry.rpartition(":")[0] for entry in _members(pairs, "args.types")[0] if entry.endswith(":string")
    }
    forms: dict[str, set[str]] = {}
    for entry in known:
        place, _, form = entry.rpartition(":")
        forms.setdefault(place, set()).add(form)
    broken = {place for name, *_ in _PLACES for place in _members(pairs, name)[1]}
    for place in sorted(strings & set(forms)):
        if len(forms[place]) != 1 or place in broken:
            continue
        tool, path = _split(place)
        (form,) = forms[place]

        def other_form(seen: Seen, _: Probe, *, place: str = place, form: str = form) -> bool | None:
            if f"{place}:string" not in (seen.get("args.types") or ()):
                return None
            return f"{place}:{form}" not in (seen.get("args.formats") or ())

        if any(other_form(seen, pair.probe) for pair in pairs for seen in pair.baseline):
            continue  # it was never one form throughout

        measure = Measure(
            "args.format",
            _calls_tool(tool, other_form),
            up="tool-call-argument-value-format-shifted",
            path=path,
            change="format",
        )
        for signal in rate_signal(family, pairs, measure, place=tool):
            yield replace(signal, note=f"The baseline wrote {form} here.")


def _optional(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    known, now = _members(pairs, "args.optional")
    for place in sorted(known | now):
        tool, path = _split(place)
        measure = Measure(
            "args.optional",
            _calls_tool(tool, _has("args.optional", place)),
            down="tool-call-optional-argument-dropped",
            path=path,
            change="sent",
            witness=False,
            min_effect=0.1,
        )
        yield from rate_signal(family, pairs, measure, place=tool)


def _encoding(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    """The first rung of the ladder: how the same value is spelled (white space, key order, escapes). Cosmetic."""
    same = {
        pair.probe.id: {seen.get("calls.canonical") for seen in pair.baseline}
        & {seen.get("calls.canonical") for seen in pair.candidate}
        for pair in pairs
    }

    def spelled(style: str) -> Callable[[Seen, Probe], bool | None]:
        has = _has("calls.style", style)
        return lambda seen, probe: has(seen, probe) if seen.get("calls.canonical") in same[probe.id] else None

    for style in sorted(set().union(*_members(pairs, "calls.style"))):
        measure = Measure(
            "calls.style",
            spelled(style),
            up="tool-call-encoding-changed",
            path="/tool_calls/*/arguments",
            change="bytes",
            min_effect=0.1,
            tags=("cosmetic",),
        )
        for signal in rate_signal(family, pairs, measure, place=style):
            yield (
                replace(signal, note="Only the bytes differ; every parser reads the same value.")
                if signal.rule
                else signal
            )


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
        known, now = _members(refusing, name)
        for member in sorted(now - known):
            measure = Measure(
                name, _refusing(name, member), up="refusal-signal-changed", path=path, change=name
            )
            yield from rate_signal(family, refusing, measure, place=member)


def _refusing(name: str, member: str) -> Callable[[Seen, Probe], bool | None]:
    return lambda seen, _: None if (found := seen.get(name)) is None else found == member


def _ignored(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    known, now = _members(pairs, "param.ignored")
    for parameter in sorted(known | now):
        measure = Measure(
            "param.ignored",
            _has("param.ignored", parameter),
            up="request-parameter-silently-ignored",
            path=f"/{parameter}",
            change="ignored",
            space="request",
        )
        yield from rate_signal(family, pairs, measure, place=parameter)
