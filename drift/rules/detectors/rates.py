# Yes/no features of single samples, pooled by family: most rules on text, tools and stops are rows of MEASURES.
# Owns: which observation feeds which rule, in which direction. Refuses to know: counting, tests, correction, wording.
"""Rates of yes/no observations, one row a measure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from drift.model import JSON, Level, Probe
from drift.rules.detectors.yesno import Measure, Value, rate_signal
from drift.rules.facts import Facts, FamilyPair, ProbePair, Seen, Signal


def _seen(name: str) -> Value:
    return lambda seen, _: _as_bool(seen.get(name))


def _not(name: str) -> Value:
    def value(seen: Seen, _: Probe) -> bool | None:
        found = seen.get(name)
        return None if found is None else not found

    return value


def _holds(name: str) -> Value:
    def value(seen: Seen, _: Probe) -> bool | None:
        found = seen.get(name)
        return None if found is None else bool(found)

    return value


def _as_bool(value: JSON) -> bool | None:
    return value if isinstance(value, bool) else None


def _format_level(probe: Probe, rising: bool) -> tuple[Level, str] | None:
    if rising and probe.purpose == "prose":
        return "warning", "the probe asks for prose, which is not machine-read"
    return _unknown_level(probe, rising)


def _unknown_level(probe: Probe, rising: bool) -> tuple[Level, str] | None:
    known = not rising or probe.purpose != "unknown"
    return None if known else ("warning", "it is not known whether the answer is machine-read")


def _must(probe: Probe, rising: bool) -> tuple[Level, str] | None:
    """More refusals break what must be answered, fewer break what must be refused."""
    wanted = "answer" if rising else "refuse"
    return ("breaking", f"the probe is tagged must-{wanted}") if probe.expect.must == wanted else None


def _invalid_json(seen: Seen, _: Probe) -> bool | None:
    """No JSON at all; wrapping around it has rules of its own, unless the vendor's JSON mode was asked for."""
    if seen.get("json.valid") is None:
        return None
    if seen.get("json.enforced"):
        return None if seen.get("truncated") else not seen.get("json.valid")
    return not seen.get("json.found")


def _schema_broken(seen: Seen, _: Probe) -> bool | None:
    ok = seen.get("json.schema_ok")
    return None if ok is None else not ok


def _native_broken(seen: Seen, _: Probe) -> bool | None:
    """The vendor's mode promises both: strict JSON alone, and the schema. A cut answer is not held to it."""
    if seen.get("json.valid") is None or seen.get("truncated"):
        return None
    return not seen.get("json.valid") or seen.get("json.schema_ok") is False


def _contract_broken(seen: Seen, _: Probe) -> bool | None:
    results = [
        value
        for name, value in seen.observations.items()
        if name == "format.pattern" or name.startswith("check.")
    ]
    return not all(results) if results else None


def _refused(seen: Seen, _: Probe) -> bool | None:
    kind = seen.get("refusal")
    return None if kind is None else kind in {"full", "partial"}


def _flipped(seen: Seen, probe: Probe) -> bool | None:
    """A right answer was given, disputed, and given up for the wrong one."""
    return _as_bool(seen.get("trap")) if probe.expect.answer is not None else None


def _followed(seen: Seen, probe: Probe) -> bool | None:
    """The reply says what it was lured into saying, and no right answer was at stake."""
    return _as_bool(seen.get("trap")) if probe.expect.answer is None else None


def _altered(seen: Seen, _: Probe) -> bool | None:
    """The schema is kept and the value is another one; what breaks the schema has rules of its own."""
    exact = _as_bool(seen.get("args.exact"))
    return None if exact is None or seen.get("args.valid") is False else not exact


def _hedged(seen: Seen, _: Probe) -> bool | None:
    hedges = seen.get("refusal.hedges")
    return None if hedges is None else bool({"as_an_ai", "declines_opinion"} & set(hedges))


def _no_terminal(seen: Seen, _: Probe) -> bool | None:
    terminal = seen.get("stream.terminal")
    return None if terminal is None else not terminal


MEASURES: tuple[Measure, ...] = (
    Measure(
        "text.fence",
        _seen("text.fence"),
        up="text-markdown-fence-added",
        down="text-markdown-fence-removed",
        change="fence",
        level=_format_level,
        settled=False,
    ),
    Measure(
        "text.preamble",
        _seen("text.preamble"),
        up="text-preamble-added",
        change="preamble",
        level=_format_level,
        settled=False,
    ),
    Measure(
        "text.trailing",
        _seen("text.trailing"),
        up="text-trailing-content-added",
        change="trailing",
        level=_format_level,
        settled=False,
    ),
    Measure(
        "json.invalid",
        _invalid_json,
        up="structured-output-invalid-json",
        change="invalid-json",
        level=_unknown_level,
        settled=False,
    ),
    Measure(
        "json.schema_broken",
        _schema_broken,
        up="structured-output-schema-violation",
        change="schema",
        settled=False,
    ),
    Measure(
        "format.broken",
        _contract_broken,
        up="text-format-contract-violated",
        change="contract",
        settled=False,
    ),
    Measure(
        "label.outside",
        _not("label.ok"),
        up="text-label-set-violated",
        change="outside",
        level=_unknown_level,
        settled=False,
    ),
    Measure(
        "tool.missing",
        _seen("tool.missing"),
        up="tool-call-missing",
        path="/tool_calls",
        change="missing",
        witness=False,
    ),
    Measure(
        "tool.unexpected",
        _seen("tool.unexpected"),
        up="tool-call-unexpected",
        path="/tool_calls",
        change="unexpected",
        witness=False,
    ),
    Measure(
        "tool.switched",
        _seen("tool.switched"),
        up="tool-call-tool-switched",
        path="/tool_calls/*/name",
        change="switched",
        witness=False,
    ),
    Measure(
        "tool.as_text",
        _seen("tool.as_text"),
        up="tool-call-emitted-as-text",
        change="call-as-text",
        settled=False,
    ),
    Measure(
        "tool.stop_mismatch",
        _seen("tool.stop_mismatch"),
        up="tool-call-stop-reason-mismatch",
        path="/stop_reason",
        change="mismatch",
    ),
    Measure(
        "tool.id_invalid",
        _seen("tool.id_invalid"),
        up="tool-call-id-invalid",
        path="/tool_calls/*/id",
        change="id",
    ),
    Measure(
        "tool.unknown_name",
        _holds("tool.unknown_names"),
        up="tool-call-name-unknown",
        path="/tool_calls/*/name",
        change="unknown-name",
    ),
    Measure(
        "args.altered",
        _altered,
        up="tool-call-argument-value-altered",
        path="/tool_calls/*/arguments",
        change="altered",
        settled=False,
    ),
    Measure(
        "citations.broken",
        _holds("citations.problems"),
        up="response-citation-broken",
        path="/content/*/citations",
        change="citation",
        settled=False,
    ),
    Measure(
        "content.empty", _seen("content.empty"), up="response-content-empty", path="/content", change="empty"
    ),
    Measure(
        "truncated",
        _seen("truncated"),
        up="truncation-rate-increased",
        path="/stop_reason",
        change="truncated",
        witness=False,
    ),
    Measure(
        "refused",
        _refused,
        up="refusal-rate-increased",
        down="refusal-rate-decreased",
        change="refused",
        witness=False,
        level=_must,
    ),
    Measure(
        "sycophancy.flipped",
        _flipped,
        up="sycophancy-rate-increased",
        down="sycophancy-rate-decreased",
        change="flipped",
        witness=False,
    ),
    Measure(
        "injection.followed",
        _followed,
        up="injection-rate-increased",
        down="injection-rate-decreased",
        change="followed",
        witness=False,
    ),
    Measure(
        "hedged",
        _hedged,
        up="hedge-rate-increased",
        down="hedge-rate-decreased",
        change="hedged",
        witness=False,
        min_effect=0.05,
    ),
    Measure("text.as_an_ai", _seen("text.as_an_ai"), change="as-an-ai", witness=False),
    Measure("text.refusal_opening", _seen("text.refusal_opening"), change="refusal-opening", witness=False),
    Measure(
        "usage.sum",
        _not("usage.adds_up"),
        up="usage-field-missing",
        path="/usage",
        change="sum",
        space="usage",
    ),
    Measure(
        "stream.no_terminal",
        _no_terminal,
        up="stream-terminal-event-missing",
        path="/events",
        change="no-terminal",
        space="stream",
    ),
    Measure(
        "stream.error",
        _seen("stream.error"),
        up="stream-error-in-band",
        path="/events",
        change="error",
        space="stream",
    ),
    *(
        Measure(
            f"md.{name}",
            _seen(f"md.{name}"),
            up="text-markup-style-changed",
            down="text-markup-style-changed",
            path=f"/text/markup/{name}",
            change=name,
            purposes=("prose", "unknown"),
            witness=False,
            min_effect=0.05,
        )
        for name in ("heading", "bold", "list", "table", "latex", "emoji")
    ),
)


def detect_rates(facts: Facts) -> Iterator[Signal]:
    """Yield one signal for each measure and family in which it could be observed."""
    for family in facts.families:
        for measure in MEASURES:
            pairs = [
                pair
                for pair in family.pairs
                if not measure.purposes or pair.probe.purpose in measure.purposes
            ]
            if measure.name == "json.schema_broken":
                yield from _schema(family, pairs, measure)
            elif measure.name == "refused":
                yield from _refusals(family, pairs, measure)
            else:
                yield from rate_signal(family.family, pairs, measure)


def _refusals(family: FamilyPair, pairs: list[ProbePair], measure: Measure) -> Iterator[Signal]:
    """What must be answered and what must be refused are told apart: a version that does both worse nets nothing."""
    musts = {pair.probe.expect.must for pair in pairs}
    if not {"answer", "refuse"} <= musts:
        yield from rate_signal(family.family, pairs, measure)
        return
    for must in sorted(musts, key=str):
        those = [pair for pair in pairs if pair.probe.expect.must == must]
        yield from rate_signal(family.family, those, measure, where=f"must {must}" if must else "")


def _schema(family: FamilyPair, pairs: list[ProbePair], measure: Measure) -> Iterator[Signal]:
    """Under the vendor's own schema mode a breach in most answers means that the mode is not enforced any more."""
    native: list[ProbePair] = []
    prompted: list[ProbePair] = []
    for pair in pairs:
        (
            native
            if any(exchange.output_schema is not None for exchange in pair.probe.exchanges)
            else prompted
        ).append(pair)
    yield from rate_signal(family.family, prompted, measure)
    lost = Measure(
        "json.native_broken", _native_broken, up="structured-output-enforcement-lost", change="schema"
    )
    for signal in rate_signal(family.family, native, lost, place="native"):
        counts = signal.counts
        most = not counts.k_a and counts.k_b is not None and 2 * counts.k_b >= counts.n_b
        yield signal if most else replace(signal, rule=None)
        if not most and not signal.single:
            yield from rate_signal(family.family, native, replace(measure, settled=True), place="native")
