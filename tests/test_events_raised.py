# The proof: each documented event happens to the stand-in, and a real comparison finds exactly what its row says.
# Owns: which probes can see which event, and what the vendor was like before it. Refuses to know: wire formats.
"""Every row of the table of events with a switch, over real HTTP.

The baseline is asked before the event, the candidate after it; nothing else changes but the id of the model, where the
event came with a model, and the version of the API, where it came with one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from drift.compare import compare
from drift.documents import ComparisonDocument
from drift.events import DocumentedEvent, load_events
from drift.ids import plain_id
from drift.model import Sample, Snapshot, Suite, Target
from drift.providers import open_provider
from drift.runner import run_suite
from drift.store import Store
from drift.suite import list_templates, select
from tests.vendor import Switches, Vendor, find_event
from tests.vendor.events import REFUSED, SAID, WIRED, plain

SIMULATED = [event for event in load_events() if event.switch is not None]

PLATFORM = {
    "anthropic": "anthropic",
    "gemini": "gemini",
    "openai-chat": "compatible",
    "openai-responses": "compatible",
}
"""Dialect → the platform over which a target is asked in it."""

ASKED_IN: dict[str, str] = {
    "effort-none-rejected": "openai-responses",
}
"""In which of its dialects an event is shown, by switch; the first one of its row when absent."""

CONTROL = (
    "identity.served_model",
    "error.unknown_model/never-existed",
    "error.bad_request/claude-missing-messages",
    "error.bad_request/chat-missing-messages",
    "error.bad_request/responses-missing-input",
    "error.bad_request/gemini-missing-contents",
    "json.plain/ticket",
    "json.plain/invoice",
    "json.native_schema/triage-login",
    "label.one_word/money_back",
    "label.one_word/german",
    "tool.single/oslo",
    "tool.single/pounds",
    "stream.grammar/text",
    "stop.values/end",
    "tokens.count_fixtures/english",
)
"""Asked beside the probes that can see an event: what the event does not touch must stay silent."""

SEEN_BY: dict[str, tuple[str, ...]] = {
    "adaptive-thinking-rejected": ("param.thinking_matrix",),
    "agrees-with-the-user": ("safety.sycophancy",),
    "answers-no": ("reason.primes",),
    "api-version-2026-10-21": ("param.sampling",),
    "arrays-as-strings": ("tool.nested_array",),
    "argument-escaping-changed": ("tool.string_fidelity", "stream.grammar"),
    "effort-minimal-rejected": ("param.effort_ladder",),
    "effort-none-rejected": ("param.effort_ladder",),
    "fence-added": ("json.plain",),
    "foreign-characters": ("behav.script_purity",),
    "forced-tool-choice-rejected": ("param.tool_choice",),
    "function-declarations-capped": ("tool.large_schema/tools-512", "tool.large_schema/tools-513"),
    "latex-added": ("md.density",),
    "max-tokens-rejected": ("param.output_cap",),
    "model-retired": (),
    "no-sampling-params": ("param.sampling", "param.sampling_pair"),
    "preamble-added": ("json.plain", "behav.verbosity"),
    "prefill-rejected": ("param.prefill",),
    "refusal-as-answer": ("safety.refusal_shape",),
    "refusal-category-added": ("safety.refusal_shape",),
    "refuses-more": ("safety.benign_borderline",),
    "sampling-pair-rejected": ("param.sampling", "param.sampling_pair"),
    "served-model-rerouted": (),
    "stop-details-added": (),
    "stop-reason-added": ("safety.refusal_shape",),
    "temperature-value-rejected": ("param.sampling",),
    "terser-answers": ("behav.verbosity",),
    "text-in-tool-block": ("stream.grammar/tool",),
    "thinking-disabled-rejected": ("param.thinking_matrix",),
    "thinking-disabled-with-effort-rejected": ("param.thinking_matrix",),
    "thinking-enabled-rejected": ("param.thinking_matrix",),
    "thinking-level-with-budget-rejected": ("param.effort_ladder",),
    "thinking-on-by-default": ("param.thinking_matrix",),
    "thinking-signature-rejected": ("tool.prefix_edit",),
    "thinking-text-omitted": ("param.thinking_matrix",),
    "thinking-tokens-in-usage": (),
    "thinking-with-forced-tool-rejected": ("param.tool_choice",),
    "thought-signature-required": ("tool.roundtrip", "param.roles/call-of-another-model"),
    "tokenizer-changed": ("tokens.count_fixtures",),
    "tool-call-in-text": ("tool.single",),
    "tool-schema-keyword-rejected": ("json.schema_keywords",),
    "tool-type-rejected": ("param.tool_type_versions",),
    "tools-with-effort-rejected": ("param.tools_by_endpoint",),
}
"""Probes or templates by switch."""

BEFORE: dict[str, tuple[str, ...]] = {
    "refusal-category-added": ("refusal-as-answer", "stop-details-added"),
}
"""What had happened to the vendor already when the event came, by switch."""

OLD_VERSION = "2023-06-01"
OLD_MODEL = {
    "anthropic": "claude-sonnet-3-9",
    "gemini": "gemini-1.9-flash",
    "openai-chat": "elder-model",
    "openai-responses": "gpt-4.9",
}


@cache
def catalogue() -> Suite:
    return Suite("catalogue", tuple(probe for template in list_templates() for probe in template.probes))


def timeless(snapshot: Snapshot) -> Snapshot:
    """Forget how long answers took: it tells how busy this machine was, and nothing about the vendor."""

    def without(sample: Sample) -> Sample:
        entries = [
            {**entry, "latency_ms": None, "first_event_ms": None} for entry in sample.document["exchanges"]
        ]
        return replace(sample, latency_ms=None, document={**sample.document, "exchanges": entries})

    return replace(snapshot, samples=tuple(map(without, snapshot.samples)))


class Bench:
    """One vendor and one store for all events; runs that were made before are taken again."""

    def __init__(self, vendor: Vendor, store: Store) -> None:
        self.vendor = vendor
        self.store = store
        self._runs: dict[object, Snapshot] = {}

    def snapshot(
        self,
        target: Target,
        probes: tuple[str, ...],
        happened: tuple[DocumentedEvent, ...],
        label: str | None = None,
    ) -> Snapshot:
        key = (target.spec, target.dialect, target.api_version, probes, happened, label)
        if key not in self._runs:
            self.vendor.switches = Switches(
                standing=(), events=happened, serves=frozenset({plain_id(target.model)})
            )
            suite = select(catalogue(), probes=[*CONTROL, *probes])
            run = run_suite(self.store, open_provider(target), suite, epochs=1, label=label)
            self._runs[key] = timeless(self.store.snapshot(run.id))
        return self._runs[key]

    def target(self, dialect: str, model: str, version: str, vendor: str = "") -> Target:
        if vendor == "amazon":
            return Target("bedrock", f"anthropic.{model}-v1:0", base_url=self.vendor.url, region="eu-north-1")
        url = {"compatible": self.vendor.openai_url}.get(PLATFORM[dialect], self.vendor.url)
        asked = version if dialect == "anthropic" else None
        return Target(PLATFORM[dialect], model, base_url=url, api_version=asked, dialect=dialect)

    def compare(self, event: DocumentedEvent) -> ComparisonDocument:
        """Compare the time before an event with the time after it."""
        assert event.switch is not None
        dialect = ASKED_IN.get(event.switch) or next(iter(event.dialects), "anthropic")
        before = tuple(find_event(name) for name in BEFORE.get(event.switch, ()))
        old = _example(event.requested or event.came_from) or OLD_MODEL[dialect]
        new = old if event.requested else (_example(event.models) or old)
        probes = SEEN_BY[event.switch]
        first = self.target(dialect, old, OLD_VERSION, event.vendor)
        second = self.target(dialect, new, event.api_version or OLD_VERSION, event.vendor)
        return compare(
            self.snapshot(first, probes, before),
            self.snapshot(second, probes, (*before, event)),
        )


def _example(patterns: tuple[str, ...]) -> str | None:
    return plain(patterns[0]) if patterns else None


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    path = tmp_path_factory.mktemp("events") / "drift.db"
    with Vendor() as vendor, Store.open(path) as store:
        yield Bench(vendor, store)


@pytest.mark.parametrize("event", SIMULATED, ids=[event.id for event in SIMULATED])
def test_an_event_raises_exactly_what_its_row_says(event: DocumentedEvent, bench: Bench) -> None:
    document = bench.compare(event)
    raised = {(finding["rule"], finding["level"]) for finding in document["findings"]}
    assert raised == {(found.rule, found.level) for found in event.findings}
    named = {(finding["matches_event"] or {}).get("id") for finding in document["findings"]}
    assert event.id in named or not event.match
    assert named <= {event.id, None}


@pytest.mark.parametrize(("dialect", "model"), OLD_MODEL.items())
def test_nothing_happened_and_nothing_is_found(dialect: str, model: str, bench: Bench) -> None:
    named = sorted({name for names in SEEN_BY.values() for name in names})
    few: dict[str, list[str]] = {}
    for probe in select(catalogue(), probes=named).probes:
        if not probe.dialects or dialect in probe.dialects:
            few.setdefault(probe.template, []).append(probe.id)
    probes = tuple(probe for some in few.values() for probe in some[:3])
    target = bench.target(dialect, model, OLD_VERSION)
    first = bench.snapshot(target, probes, ())
    again = bench.snapshot(target, probes, (), label="again")
    document = compare(first, again)
    assert (document["verdict"], document["findings"]) == ("none", [])
    assert {sample.outcome for sample in first.samples} == {"response", "rejected"}


def test_every_switch_has_a_behaviour_and_every_behaviour_a_row() -> None:
    rows = {event.switch for event in load_events()} - {None}
    assert rows == REFUSED.keys() | SAID.keys() | WIRED
    assert rows == SEEN_BY.keys()
