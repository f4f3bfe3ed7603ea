# The table of documented events: read strictly, named only on proof, and complete.
# Owns: what drift/events.py promises. Refuses to know: how an event is simulated (tests/vendor).
# ruff: noqa: E501 - the texts of vendors and complaints are quoted whole
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from drift.errors import ConfigError
from drift.events import DocumentedEvent, load_events, match_event, read_events
from drift.observe import normalise_message

EVENTS = load_events()
BY_ID = {event.id: event for event in EVENTS}
PAGE = Path(__file__).parent.parent / "docs" / "events.md"

every_event = pytest.mark.parametrize("event", EVENTS, ids=[event.id for event in EVENTS])


# ---------------------------------------------------------------- reading

GOOD = """\
- id: tea-refused
  date: 2026-03-01
  until: 2026-04
  vendor: acme
  dialects: [anthropic]
  models: [pot-2*]
  from: [pot-1*]
  requested: [pot-*]
  api_version: 2026-03-01
  what: Pots refuse tea.
  source: https://acme.example/changes
  second_hand: true
  switch: no-tea
  error: {status: 418, type: teapot, code: short, param: tea, message: "`tea` is not supported by this pot."}
  findings:
  - {rule: request-parameter-rejected, level: breaking}
  match:
  - {rules: [request-parameter-rejected], message: tea is not supported, places: [tea], names: [tea], effect: up}
  declared:
  - {by: [sdk/acme], rules: [request-parameter-removed], names: [tea*]}
"""


def read(folder: Path, text: str) -> tuple[DocumentedEvent, ...]:
    path = folder / "events.yaml"
    path.write_text(text, encoding="utf-8")
    return read_events(path)


def test_every_key_is_read(tmp_path):
    (event,) = read(tmp_path, GOOD)
    assert (event.id, event.date, event.until, event.when) == (
        "tea-refused",
        "2026-03-01",
        "2026-04",
        "2026-03-01 to 2026-04",
    )
    assert (event.vendor, event.what, event.source, event.second_hand, event.switch) == (
        "acme",
        "Pots refuse tea.",
        "https://acme.example/changes",
        True,
        "no-tea",
    )
    assert (event.dialects, event.models, event.came_from, event.requested, event.api_version) == (
        ("anthropic",),
        ("pot-2*",),
        ("pot-1*",),
        ("pot-*",),
        "2026-03-01",
    )
    error = event.error
    assert error is not None
    assert (error.status, error.type, error.code, error.param) == (418, "teapot", "short", "tea")
    assert [(found.rule, found.level) for found in event.findings] == [
        ("request-parameter-rejected", "breaking")
    ]
    (way,) = event.match
    assert way.message is not None
    assert (way.rules, way.message.pattern, way.places, way.names, way.effect) == (
        ("request-parameter-rejected",),
        "tea is not supported",
        ("tea",),
        ("tea",),
        "up",
    )
    (shown,) = event.declared
    assert (shown.by, shown.rules, shown.names) == (("sdk/acme",), ("request-parameter-removed",), ("tea*",))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("- id: tea-refused", "- idea: tea-refused", "events.yaml:1: unknown key 'idea'; did you mean 'id'?"),
        ("  date: 2026-03-01\n", "", "events.yaml:1: lacks date"),
        ("id: tea-refused", "id: Tea refused", "events.yaml:1: id: 'Tea refused' has another form"),
        ("date: 2026-03-01", "date: '2026-13-01'", "events.yaml:2: date: '2026-13-01' has another form"),
        ("date: 2026-03-01", "date: '2026-02-30'", "events.yaml:2: date: '2026-02-30' is no day of the calendar"),
        ("date: 2026-03-01", "date: spring", "events.yaml:2: date: 'spring' has another form"),
        ("date: 2026-03-01", "date:", "events.yaml:2: date: expected text"),
        ("until: 2026-04", "until: 2026-02", "events.yaml:3: until: 2026-02 is before 2026-03-01"),
        ("vendor: acme", "vendor: 7", "events.yaml:4: vendor: expected text"),
        ("[anthropic]", "[klingon]", "events.yaml:5: dialects: 'klingon' does not exist"),
        ("[pot-2*]", "pot-2*", "events.yaml:6: models: expected a list of texts"),
        ("https://acme", "http://acme", "events.yaml:11: source: 'http://acme.example/changes' has another form"),
        ("https://acme.example/", "https://localhost/", "events.yaml:11: source: "),
        ("second_hand: true", "second_hand: 'yes'", "events.yaml:12: second_hand: expected true or false"),
        ("switch: no-tea", "switch: noTea", "events.yaml:13: switch: 'noTea' has another form"),
        ("  switch: no-tea\n", "", "events.yaml:14: findings: a switch and what it raises go together"),
        ("status: 418", "status: 200", "events.yaml:14: status: expected a status from 400 to 599"),
        ("status: 418", "status: true", "events.yaml:14: status: expected a status from 400 to 599"),
        ("status: 418, ", "", "events.yaml:14: lacks status"),
        ("param: tea", "parameter: tea", "events.yaml:14: unknown key 'parameter'"),
        (
            "{rule: request-parameter-rejected, level",
            "{rule: request-parameter-rejects, level",
            "events.yaml:16: rule: 'request-parameter-rejects' does not exist; did you mean 'request-parameter-rejected'?",
        ),
        ("level: breaking", "level: dire", "events.yaml:16: level: 'dire' does not exist"),
        ("level: breaking", "severity: breaking", "events.yaml:16: unknown key 'severity'"),
        ("- {rule: request-parameter-rejected, level: breaking}", "- breaking", "events.yaml:16: expected a mapping"),
        ("{rules: [request-parameter-rejected]", "{rules: []", "events.yaml:18: rules: names no rule"),
        ("by: [sdk/acme]", "by: []", "events.yaml:20: by: names nothing"),
        ("[request-parameter-removed]", "[parameter-gone]", "events.yaml:20: rules: 'parameter-gone' does not exist"),
        ("effect: up", "effect: sideways", "events.yaml:18: effect: 'sideways' does not exist"),
        ("message: tea is not", "message: tea (is not", "events.yaml:18: message: is no regular expression"),
        (
            "message: tea is not",
            "message: milk is not",
            "events.yaml:18: message: does not find the text of `error`, which reads 'tea is not supported by this pot.'",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_file_line_and_field(tmp_path, old, new, complaint):
    assert GOOD.count(old) == 1 or old in {"[anthropic]", "date: 2026-03-01"}
    with pytest.raises(ConfigError) as error:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert str(error.value).startswith(complaint)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("events: []\n", "events.yaml:1: expected a list of events"),
        ("- tea\n", "events.yaml:1: expected a mapping, found text"),
        (GOOD + GOOD, "events.yaml:21: the id 'tea-refused' stands twice"),
        (GOOD + "  what: twice\n", "events.yaml:21"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, text, complaint):
    with pytest.raises(ConfigError, match=re.escape(complaint)):
        read(tmp_path, text)


def test_a_match_by_the_rule_alone_is_refused(tmp_path):
    bare = re.sub(r"  (models|api_version|match): .*\n", "", GOOD.partition("  match:")[0])
    with pytest.raises(ConfigError, match=r"events\.yaml:16: goes by the rule alone"):
        read(tmp_path, bare + "  match:\n  - {rules: [request-parameter-rejected], places: [tea]}\n")
    (event,) = read(tmp_path, bare + "  match:\n  - {rules: [request-parameter-rejected], names: [tea]}\n")
    assert event.match[0].names == ("tea",)


def test_importing_the_table_reads_nothing_and_brings_no_yaml():
    code = "import sys, drift.events; sys.exit('ruamel.yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    code = "import sys, drift.cli; sys.exit('drift.events' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---------------------------------------------------------------- the packaged table


@every_event
def test_every_way_by_message_finds_the_text_that_the_vendor_sends(event):
    for way in event.match:
        if way.message is not None:
            assert event.error is not None
            assert way.message.search(normalise_message(event.error.message))


@every_event
def test_a_way_to_recognise_an_event_watches_a_rule_that_it_raises(event):
    raised = {found.rule for found in event.findings}
    if event.switch is not None and event.match:
        assert raised & {rule for way in event.match for rule in way.rules}


@every_event
def test_what_happened_is_one_sentence_in_plain_words(event):
    assert re.fullmatch(r"[A-Z][^\n]*[^.\s]\.", event.what)
    assert len(event.what) <= 160
    assert "  " not in event.what


@every_event
def test_the_page_shows_the_event(event):
    assert f"| `{event.id}` | {event.when} |" in PAGE.read_text(encoding="utf-8")


def test_events_with_one_switch_raise_the_same():
    by_switch: dict[str, set[tuple[tuple[str, str], ...]]] = {}
    for event in EVENTS:
        if event.switch is not None:
            raised = tuple(sorted((found.rule, found.level) for found in event.findings))
            by_switch.setdefault(event.switch, set()).add(raised)
    assert {switch: sets for switch, sets in by_switch.items() if len(sets) > 1} == {}


# The vendors' own words as integrators met them, also through gateways that drop backticks, mask words, put a provider
# in front or nest the JSON in a string.
TEXTS = [
    ("request-parameter-rejected", "temperature: Extra inputs are not permitted", "claude-api-2026-10-21-sampling-removed"),
    ("request-parameter-rejected", "`temperature` is deprecated for this model.", "claude-opus-4-7-sampling-rejected"),
    ("request-parameter-rejected", 'Error: {"error":{"message":"{\\"message\\":\\"`top_p` is deprecated for this model.\\"}"}}', "claude-opus-4-7-sampling-rejected"),
    ("request-parameter-combination-rejected", "`temperature` and `top_p` cannot both be specified for this model. Please use only one.", "claude-sampling-pair-rejected"),
    ("request-parameter-combination-rejected", "Error from provider (Anthropic): temperature and top_p cannot both be specified for this model. Please use only one.", "claude-sampling-pair-rejected"),
    ("request-parameter-value-rejected", "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.", "openai-reasoning-temperature-rejected"),
    ("request-parameter-rejected", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "openai-reasoning-max-tokens-rejected"),
    ("request-message-role-rejected", "This model does not support assistant message prefill. The conversation must end with a user message.", "claude-4-6-prefill-rejected"),
    ("request-parameter-value-rejected", '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.', "claude-opus-4-7-thinking-enabled-rejected"),
    ("request-parameter-value-rejected", '"thinking.type.disabled" is not supported for this model. Thinking defaults to adaptive mode when not specified; …', "claude-fable-5-thinking-disabled-rejected"),
    ("request-parameter-value-rejected", "adaptive thinking is not supported on this model", "claude-4-5-adaptive-thinking-rejected"),
    ("request-parameter-value-rejected", "Only 'enabled' and 'disabled' are supported for thinking; 'adaptive' is not supported.", "host-adaptive-thinking-rejected"),
    ("request-parameter-value-rejected", 'tool_choice: type "tool" and "any" are not supported for this model.', "claude-fable-5-forced-tool-rejected"),
    ("request-parameter-combination-rejected", "Thinking may not be enabled when tool_choice forces tool use.", "claude-thinking-with-forced-tool-rejected"),
    ("request-parameter-value-rejected", "'claude-opus-4-6' does not support tool types: text_editor_20250429. Did you mean one of text_editor_20250728?", "claude-opus-4-6-text-editor-rejected"),
    ("request-parameter-combination-rejected", "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions. Please use /v1/responses instead.", "openai-gpt-5-4-tools-with-effort-rejected"),
    ("request-parameter-combination-rejected", "Function tools with reasoning_effort are not supported for gpt-5.6-terra in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.", "openai-gpt-5-6-tools-with-effort-rejected"),
    ("request-history-replay-rejected", "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly.", "gemini-3-thought-signature-required"),
    ("request-history-replay-rejected", "Unable to submit request because function call `default_api:find` in the 2. content block is missing a thought_signature.", "gemini-3-thought-signature-required"),
    ("request-history-replay-rejected", "messages.3.content.0: Invalid signature in thinking block", "claude-thinking-signature-rejected"),
    ("request-tool-schema-keyword-rejected", "Invalid JSON payload received. Unknown name \"uniqueItems\" at 'tools[0].function_declarations[3].parameters.properties[1].value': Cannot find field.", "gemini-tool-schema-keyword-rejected"),
    ("request-rejected", "At most 512 function declarations can be specified.", "gemini-function-declarations-capped"),
]  # fmt: skip


def finding(rule: str, message: str | None = None, **more: Any) -> dict[str, Any]:
    after = {"status": 400} if message is None else {"status": 400, "message": normalise_message(message)}
    return {
        "rule": rule,
        "path": "",
        "places": [],
        "after": after,
        "evidence": {"effect": None, "unit": None},
        **more,
    }


def side(model: str, *answered: str, api_version: str | None = None) -> dict[str, Any]:
    return {
        "kind": "run",
        "target": f"anthropic/{model}",
        "requested_model": model,
        "response_models": list(answered),
        "api_version": api_version,
    }


OLD, NEW = side("a-1", "a-1"), side("a-2", "a-2")


def named(
    found: dict[str, Any], baseline: dict[str, Any] = OLD, candidate: dict[str, Any] = NEW
) -> str | None:
    matched = match_event(found, baseline, candidate)
    return None if matched is None else matched["id"]


@pytest.mark.parametrize(
    ("rule", "text", "event"), TEXTS, ids=[f"{event}: {text[:40]}" for _, text, event in TEXTS]
)
def test_the_vendors_words_prove_the_event_whatever_the_model_is_called(rule, text, event):
    assert named(finding(rule, text)) == event


@pytest.mark.parametrize(
    ("rule", "text", "event"), TEXTS, ids=[f"{event}: {text[:40]}" for _, text, event in TEXTS]
)
def test_other_words_under_the_same_rule_prove_nothing(rule, text, event):
    assert named(finding(rule, "This host is out of tea.")) is None
    assert named(finding(rule)) is None
    assert named(finding("response-property-added", text)) is None


def test_a_match_says_when_what_and_where_it_is_documented():
    event = BY_ID["claude-4-6-prefill-rejected"]
    found = finding("request-message-role-rejected", event.error.message)
    assert match_event(found, OLD, NEW) == {
        "id": event.id,
        "when": event.when,
        "what": event.what,
        "source": event.source,
    }


DEPRECATED = finding("request-parameter-rejected", "`temperature` is deprecated for this model.")


@pytest.mark.parametrize(
    ("before", "now", "event"),
    [
        ("claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-7-sampling-rejected"),
        ("claude-sonnet-4-6", "claude-sonnet-5", "claude-sonnet-5-sampling-rejected"),
        ("claude-haiku-4-5", "claude-haiku-5-5", "claude-haiku-5-5-sampling-rejected"),
        ("claude-opus-4-6", "us.anthropic.claude-opus-5-5-20260922-v1:0", "claude-opus-5-sampling-rejected"),
        ("claude-opus-4.6", "anthropic/claude-fable-5", "claude-fable-5-sampling-rejected"),
    ],
)
def test_of_several_events_with_one_text_that_of_the_new_model_is_named(before, now, event):
    assert named(DEPRECATED, side(before, before), side(now, now)) == event


def test_an_event_that_the_baseline_lived_with_is_never_the_cause():
    assert named(DEPRECATED, side("claude-opus-4-7"), side("claude-opus-4-8")) is None
    assert named(DEPRECATED, side("claude-opus-4-7"), side("some-other-model")) is None
    assert named(DEPRECATED, side("my-alias", "claude-opus-4-7"), side("my-alias", "claude-opus-4-8")) is None


def test_a_word_that_the_event_brought_proves_it():
    def refusing(category: str) -> dict[str, Any]:
        return finding("refusal-signal-changed", places=[category], after={"k": 1, "n": 1})

    assert named(refusing("military_weapons")) == "anthropic-refusal-category-military-weapons"
    assert named(refusing("general_harms")) == "anthropic-refusal-category-general-harms"
    assert named(refusing("cyber")) is None
    by_path = finding("response-property-added", path="/stop_details", after={})
    assert named(by_path) == "anthropic-stop-details-added"
    assert named(finding("response-property-added", path="/stop_details/other", after={})) is None


def test_an_api_version_proves_an_event_that_came_with_it():
    text = "top_k: Extra inputs are not permitted"
    found = finding("request-parameter-rejected", text)
    old, new = side("claude-x", api_version="2023-06-01"), side("claude-x", api_version="2026-10-21")
    assert named(found, old, new) == "claude-api-2026-10-21-sampling-removed"
    assert named(found, new, new) is None  # the baseline asked for it already
    assert named(found, old, side("claude-x", api_version="2027-01-01")) is None  # another version did it


def test_a_model_proves_an_event_only_where_it_answers_and_the_baseline_was_none_of_its_kind():
    found = finding(
        "input-token-count-shifted", evidence={"effect": 1.3, "unit": "ratio"}, after={"sum": 130}
    )
    assert named(found, side("claude-opus-4-6"), side("claude-opus-4-7")) == "claude-opus-4-7-tokenizer"
    assert named(found, side("my-alias", "claude-opus-4-6"), side("my-alias", "claude-opus-4-7")) is not None
    assert named(found, side("claude-opus-4-7"), side("claude-opus-4-8")) is None
    assert named(found, side("llama-3"), side("claude-opus-4-7")) is None  # measured from another Claude only
    fewer = {**found, "evidence": {"effect": 0.7, "unit": "ratio"}}
    assert named(fewer, side("claude-opus-4-6"), side("claude-opus-4-7")) is None
    unknown = {**found, "evidence": {"effect": None, "unit": None}}
    assert named(unknown, side("claude-opus-4-6"), side("claude-opus-4-7")) is None


def test_which_way_a_number_moved_depends_on_its_unit():
    sides = side("claude-opus-4-6"), side("claude-opus-4-7")
    shorter = finding("output-length-shifted", evidence={"effect": 0.5, "unit": "ratio"})
    assert named(shorter, *sides) == "claude-opus-4-7-fewer-tool-calls"
    assert named(finding("output-length-shifted", evidence={"effect": 1.5, "unit": "ratio"}), *sides) is None
    assert named(finding("output-length-shifted", evidence={"effect": 1.0, "unit": "ratio"}), *sides) is None
    fewer = finding("tool-call-count-changed", evidence={"effect": -0.2, "unit": "share"})
    assert named(fewer, *sides) == "claude-opus-4-7-fewer-tool-calls"
    assert named({**fewer, "evidence": {"effect": 0.2, "unit": "share"}}, *sides) is None


def test_a_reroute_is_recognised_by_the_id_that_was_asked_for_and_the_one_that_answers():
    found = finding("model-alias-retargeted", path="/model", after=["gemini-3.8-flash"])
    before = side("gemini-3.7-flash", "gemini-3.7-flash")
    assert named(found, before, side("gemini-3.7-flash", "gemini-3.8-flash")) == "gemini-3-7-flash-rerouted"
    assert named(found, before, side("gemini-3.7-flash", "gemini-4.0-flash")) is None
    other = side("gemini-2.5-pro", "gemini-2.5-pro")
    assert named(found, other, side("gemini-2.5-pro", "gemini-3.8-flash")) == "gemini-2-5-pro-rerouted"


def test_a_retired_model_is_recognised_by_the_id_and_the_vendors_words():
    found = finding("model-removed", "model: claude-3-opus-20240229")
    same = side("claude-3-opus-20240229", "claude-3-opus-20240229")
    assert named(found, same, side("claude-3-opus-20240229")) == "claude-3-opus-retired"
    unknown = side("claude-3-tango", "claude-3-tango")
    assert named(finding("model-removed", "model: claude-3-tango"), unknown, side("claude-3-tango")) is None


def declared(
    rule: str, place: str, after: Any = None, *, by: str = "sdk/anthropic", **versions: str
) -> str | None:
    def one(version: str | None) -> dict[str, Any]:
        kind = "surface" if by.startswith("sdk") else "catalogue"
        return {**side("", api_version=version), "kind": kind, "target": by}

    found = finding(rule, places=[place], after=after)
    return named(found, one(versions.get("old")), one(versions.get("new")))


def test_what_a_vendor_declares_names_the_event_by_the_vendors_own_words():
    values = "category: general_harms, other"
    assert declared("response-value-added", values) == "anthropic-refusal-category-general-harms"
    assert declared("response-value-added", "category: other") is None
    assert declared("response-value-added", values, by="sdk/openai") is None
    assert declared("response-value-removed", values) is None
    ends = "ends 2026-01-05: claude-3-opus-20240229"
    assert declared("model-id-deprecated", ends) == "claude-3-opus-retired"
    listed = "claude-3-opus-20240229"
    assert declared("model-removed", listed, by="models/anthropic") == "claude-3-opus-retired"
    assert (
        declared("model-removed", listed, by="models/anthropic at http://127.0.0.1:9")
        == "claude-3-opus-retired"
    )
    assert declared("model-removed", "claude-3-tango", by="models/anthropic") is None
    assert declared("sdk-http-library-changed", "HTTP library", "httpx2") == "anthropic-python-1-httpx2"
    assert declared("sdk-http-library-changed", "HTTP library", "aiohttp") is None


def test_a_default_api_version_names_the_event_that_came_with_it():
    versions = {"old": "2023-06-01", "new": "2026-10-21"}
    rule, place = "default-api-version-changed", "anthropic-version"
    assert declared(rule, place, "2026-10-21", **versions) == "claude-api-2026-10-21-sampling-removed"
    assert declared(rule, place, "2027-01-01", old="2026-10-21", new="2027-01-01") is None
    assert declared("auth-scheme-changed", "authentication", **versions) is None
