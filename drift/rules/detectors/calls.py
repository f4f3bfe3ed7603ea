# Tool calls: which tool, breaches of its declared schema, and what moves inside of it, place by place.
# Owns: which kind of breach is which rule, what a type or a form says. Refuses to know: tests, correction, wording.
"""Tools and arguments, each place a measure of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from drift.model import Level, Probe
from drift.rules.detectors.sets import has, members
from drift.rules.detectors.yesno import Measure, rate_signal
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
_PLACE_LEVELS: dict[str, tuple[Level, str]] = {
    "args.undeclared_closed": ("breaking", "the declared schema says additionalProperties: false"),
    "args.null": ("breaking", "the declared type does not include null"),
}


def detect_calls(facts: Facts) -> Iterator[Signal]:
    """Yield one signal per tool, and per place of an argument that breaks its schema, moves in it or is respelled."""
    for family in facts.families:
        yield from _tools(family)
        yield from _arguments(family)


def _arguments(family: FamilyPair) -> Iterator[Signal]:
    pairs = [pair for pair in family.pairs if _calls(pair.baseline) and _calls(pair.candidate)]
    if not pairs:
        return
    for name, rule, change in _PLACES:
        known, now = members(pairs, name)
        for place in sorted(known | now):
            yield from _place(family.family, pairs, name, place, rule, change)
    yield from _types(family.family, pairs)
    yield from _formats(family.family, pairs)
    yield from _optional(family.family, pairs)
    yield from _encoding(family.family, [pair for pair in pairs if pair.same_dialect])


def _tools(family: FamilyPair) -> Iterator[Signal]:
    """Which tool is called, where the probe does not say which it has to be."""
    pairs = [pair for pair in family.pairs if pair.probe.expect.call is None]
    called = set().union(*members(pairs, "calls.names"))
    for tool in sorted(called) if len(called) > 1 else ():
        measure = Measure(
            "calls.tool",
            _chose(tool),
            up="tool-call-tool-switched",
            path="/tool_calls/*/name",
            change="switched",
            witness=False,
            min_effect=0.1,
        )
        yield from rate_signal(family.family, pairs, measure, place=tool)


def _chose(tool: str) -> Callable[[Seen, Probe], bool | None]:
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
        name, _calls_tool(tool, has(name, place)), up=rule, path=path, change=change, level=lambda *_: forced
    )
    yield from rate_signal(family, pairs, measure, place=tool)


def _types(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    """A type that the schema allows but that the baseline never used at this place."""
    known, now = members(pairs, "args.types")
    broken = {place for name, *_ in _PLACES for place in members(pairs, name)[1]}
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
            "args.types", _calls_tool(tool, has("args.types", entry)), up=rule, path=path, change=kind
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
    known, _ = members(pairs, "args.formats")
    strings = {
        entry.rpartition(":")[0] for entry in members(pairs, "args.types")[0] if entry.endswith(":string")
    }
    forms: dict[str, set[str]] = {}
    for entry in known:
        place, _, form = entry.rpartition(":")
        forms.setdefault(place, set()).add(form)
    broken = {place for name, *_ in _PLACES for place in members(pairs, name)[1]}
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
    known, now = members(pairs, "args.optional")
    for place in sorted(known | now):
        tool, path = _split(place)
        measure = Measure(
            "args.optional",
            _calls_tool(tool, has("args.optional", place)),
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
        shown = has("calls.style", style)
        return lambda seen, probe: (
            shown(seen, probe) if seen.get("calls.canonical") in same[probe.id] else None
        )

    for style in sorted(set().union(*members(pairs, "calls.style"))):
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
