# What a host does on the wire is told once, in words that a reader can use, and never as something else.
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drift.compare import compare
from drift.model import Exchange, Expect, Message, Probe, Run, Sample, Snapshot, Tool
from drift.observe import observe

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def asked(path: str = "/v1/messages", **body: Any) -> dict[str, Any]:
    return {"method": "POST", "path": path, "headers": {}, "body": {"model": "m", "max_tokens": 64, **body}}


def message(*content: dict[str, Any], stop: str = "end_turn") -> dict[str, Any]:
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": list(content),
        "stop_reason": stop, "stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 3},
    }  # fmt: skip


def answered(body: Any, **request: Any) -> dict[str, Any]:
    return {
        "dialect": "anthropic", "operation": "generate", "request": asked(**request), "status": 200, "headers": {},
        "body": body, "text": None, "events": None, "error": None, "latency_ms": 9.0,
    }  # fmt: skip


def refused(text: str, status: int = 400, **request: Any) -> dict[str, Any]:
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": text}}
    return {**answered(body, **request), "status": status}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def call(name: str, arguments: Any, number: int = 1) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": arguments}


def probe(probe_id: str, family: str = "f", purpose: str = "prose", **exchange: Any) -> Probe:
    one = Exchange(messages=(Message("user", probe_id),), max_tokens=64, **exchange)
    return Probe(probe_id, probe_id.partition("/")[0], family, purpose, (one,), Expect())


Replies = list[tuple[Probe, list[dict[str, Any]]]]
"""Each probe with the exchanges of its one sample."""


def snapshot(name: str, replies: Replies) -> Snapshot:
    run = Run(
        id=f"{name}00000000000", target="anthropic/m", requested_model="m", platform="anthropic",
        status="complete", created_at="2026-11-01T00:00:00+00:00", suite_hash="s",
    )  # fmt: skip
    samples = [
        Sample(
            f"{name}-{asked.id}", asked.id, 1, "rejected" if exchanges[-1]["status"] >= 400 else "response",
            {"exchanges": exchanges}, "anthropic",
        )
        for asked, exchanges in replies
    ]  # fmt: skip
    return Snapshot(run, {asked.id: asked for asked, _ in replies}, tuple(samples))


def found(before: Replies, after: Replies) -> list[dict[str, Any]]:
    document = compare(snapshot("a", before), snapshot("b", after))
    return [dict(f) for f in document["findings"] if f["rule"] != "silent-drift-suspected"]


def families(content: Any, names: tuple[str, ...]) -> Replies:
    return [
        (probe(f"{name}.t/{number}", name), [answered(message(*content))])
        for name in names
        for number in range(3)
    ]


THREE = ("json_format", "labels", "prose")


def test_a_new_block_in_three_families_is_one_finding_that_names_them():
    note = {"type": "advisor_note", "note": "hi"}
    (finding,) = found(families([text("Yes")], THREE), families([text("Yes"), note], THREE))
    assert (finding["rule"], finding["family"], finding["level"]) == (
        "response-content-block-type-added", "run", "warning",
    )  # fmt: skip
    assert finding["evidence"]["candidate"] == {"k": 9, "n": 9, "mean": 1.0}
    assert "Seen in json_format, labels, prose." in finding["explanation"]
    assert len({witness["probe"].split(".")[0] for witness in finding["witnesses"]}) == 3


def test_a_fact_about_the_wire_keeps_its_fingerprint_whichever_families_show_it():
    note = {"type": "advisor_note", "note": "hi"}
    sets = [
        found(families([text("Yes")], names), families([text("Yes"), note], names))
        for names in (THREE, THREE[:1])
    ]
    assert len({finding["fingerprint"] for one in sets for finding in one}) == 1


def test_what_an_answer_is_like_is_still_told_family_by_family():
    fenced = [text('```json\n{"a": 1}\n```')]

    def machine(content: Any) -> Replies:
        return [
            (replace(asked, purpose="machine", expect=Expect(json=True)), exchanges)
            for asked, exchanges in families(content, ("json_format", "code"))
        ]

    findings = found(machine([text('{"a": 1}')]), machine(fenced))
    assert [(f["rule"], f["family"]) for f in findings] == [
        ("text-markdown-fence-added", "code"), ("text-markdown-fence-added", "json_format"),
    ]  # fmt: skip


def test_arguments_that_are_encoded_twice_are_one_finding_for_all_tools():
    tools = ("get_weather", "find_city")

    def calls(arguments: Any) -> Replies:
        return [
            (
                probe(f"t.{name}/1", "tool_calls", "tool_call", tools=(Tool(name, "", SCHEMA),)),
                [answered(message(call(name, arguments), stop="tool_use"))],
            )
            for name in tools
        ]

    findings = found(calls({"city": "Bern"}), calls('{"city": "Bern"}'))
    (finding,) = [f for f in findings if f["rule"] == "tool-call-arguments-double-encoded"]
    assert finding["places"] == ["find_city", "get_weather"]


def test_a_refusal_is_told_with_the_numbers_that_stand_in_it():
    hot = probe("param.sampling/hot", "parameters", params={"temperature": 1.5})
    plain = probe("param.sampling/none", "parameters")
    ok = [answered(message(text("Yes")))]
    (finding,) = found(
        [(hot, ok), (plain, ok)],
        [(hot, [refused("temperature: range: 0..0.5", temperature=1.5)]), (plain, ok)],
    )
    assert finding["rule"] == "request-parameter-rejected"
    assert "temperature: range: 0..0.5" in finding["explanation"]


def test_two_ways_of_refusing_one_parameter_are_one_finding():
    tiers = {
        value: probe(f"param.tier/{value}", "parameters", params={"service_tier": value})
        for value in ("auto", "standard_only")
    }
    ok = [answered(message(text("Yes")))]
    words = "service_tier: Input should be 'standard_only'"
    (finding,) = found(
        [(asked, ok) for asked in tiers.values()],
        [(asked, [refused(words, service_tier=value)]) for value, asked in tiers.items()],
    )
    assert (finding["rule"], finding["places"]) == ("request-parameter-rejected", ["service_tier"])


def test_what_every_request_meets_is_no_change_of_the_error_contract_and_no_missing_call():
    tool = Tool("get_weather", "", SCHEMA)
    plain = probe("p/1")
    wrong = probe("error.bad_request/1", "errors", "rejection")
    turns = (
        Exchange(messages=(Message("user", "Rain?"),), tools=(tool,)),
        Exchange(messages=(Message("user", "Rain?"), Message("assistant", replay=0)), tools=(tool,)),
    )
    weather = Probe(
        "stream.progress/1", "stream.progress", "streaming", "tool_call", turns, Expect(call="get_weather")
    )
    called = answered(message(call("get_weather", {"city": "Bern"}), stop="tool_use"))
    ok = answered(message(text("Yes")))
    no = refused("thinking: Field required")
    (finding,) = found(
        [(plain, [ok]), (wrong, [ok]), (weather, [called, ok])],
        [(asked, [no]) for asked in (plain, wrong, weather)],
    )
    assert finding["rule"] == "request-parameter-became-required"


@pytest.mark.parametrize("stream", [True, False])
def test_a_stream_that_comes_as_one_body_is_a_parameter_without_effect(stream: bool):
    asked = probe("stream.grammar/text", "streaming", stream=stream)
    events = [
        {"event": "message_start", "data": {"type": "message_start", "message": {**message(), "stop_reason": None}}},
        {"event": "content_block_start",
         "data": {"type": "content_block_start", "index": 0, "content_block": text("")}},
        {"event": "content_block_delta",
         "data": {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Yes"}}},
        {"event": "content_block_stop", "data": {"type": "content_block_stop", "index": 0}},
        {"event": "message_delta",
         "data": {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                  "usage": {"output_tokens": 3}}},
        {"event": "message_stop", "data": {"type": "message_stop"}},
    ]  # fmt: skip
    whole = answered(message(text("Yes")))
    before = {**answered(None), "events": events} if stream else whole
    findings = found([(asked, [before])], [(asked, [whole])])
    told = [(f["rule"], f["level"], f["places"]) for f in findings]
    assert told == ([("request-parameter-silently-ignored", "breaking", ["stream"])] if stream else [])


def test_the_chunks_of_gemini_are_read_in_a_list_as_well():
    def chunk(words: str, **more: Any) -> dict[str, Any]:
        return {
            "candidates": [{"content": {"parts": [{"text": words}], "role": "model"}, **more}],
            "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7},
        }

    exchange = {**answered([chunk("Hel"), chunk("lo", finishReason="STOP")]), "dialect": "gemini"}
    seen = observe({"exchanges": [exchange]}, probe("p/1", stream=True))
    assert (seen["stop"], seen["content.empty"], seen["param.ignored"]) == ("STOP", False, ["stream"])


def test_content_in_the_short_form_is_a_type_that_changed_and_no_empty_answer():
    asked = probe("p/1")
    (finding,) = found(
        [(asked, [answered(message(text("Yes")))])], [(asked, [answered({**message(), "content": "Yes"})])]
    )
    assert (finding["rule"], finding["path"]) == ("response-property-type-changed", "/content")


def test_a_turned_order_of_blocks_is_shown_in_its_order():
    asked = probe("p/1")
    thinking = {"type": "thinking", "thinking": "", "signature": "s"}
    findings = found(
        [(asked, [answered(message(text("Yes")))])], [(asked, [answered(message(thinking, text("Yes")))])]
    )
    shown = {f["rule"]: f["witnesses"][0]["candidate"]["excerpt"] for f in findings}
    assert shown["response-content-block-position-changed"].startswith("[end_turn] thinking, text: Yes")


def test_an_unknown_delta_of_a_call_is_a_new_event_and_a_call_without_arguments():
    tool = Tool("get_weather", "", SCHEMA)

    def streamed(kind: str) -> dict[str, Any]:
        delta = {"type": kind, "partial_json": '{"city": "Bern"}'}
        begin = {**message(), "stop_reason": None}
        end = {"stop_reason": "tool_use", "stop_sequence": None}
        data = [
            {"type": "message_start", "message": begin},
            {"type": "content_block_start", "index": 0, "content_block": call("get_weather", {})},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": end, "usage": {"output_tokens": 3}},
            {"type": "message_stop"},
        ]
        return {**answered(None), "events": [{"event": item["type"], "data": item} for item in data]}

    asked = probe("stream.tool_json/1", "streaming", "tool_call", tools=(tool,), stream=True)
    findings = found([(asked, [streamed("input_json_delta")])], [(asked, [streamed("tool_input_delta")])])
    assert [(f["rule"], f["level"]) for f in findings] == [
        ("tool-call-arguments-invalid-json", "breaking"),
        ("stream-event-type-added", "warning"),
    ]


@pytest.mark.parametrize(
    ("sent", "before", "after", "name"),
    [
        ({"n": 2}, {"choices": [{}, {}]}, {"choices": [{}]}, "n"),
        ({"generationConfig": {"candidateCount": 2}}, {"candidates": [{}, {}]}, {"candidates": [{}]}, "n"),
        (
            {"logprobs": True},
            {"choices": [{"logprobs": {"content": [1]}}]},
            {"choices": [{"logprobs": None}]},
            "logprobs",
        ),
    ],
)
def test_a_parameter_that_one_answer_shows_to_be_dropped_is_without_effect(
    sent: dict[str, Any], before: dict[str, Any], after: dict[str, Any], name: str
):
    def one(body: dict[str, Any]) -> dict[str, Any]:
        dialect = "gemini" if "candidates" in body else "openai-chat"
        return {**answered(body, **sent), "dialect": dialect}

    asked, others = probe("param.sampling/x", "parameters"), probe("param.sampling/none", "parameters")
    plain = {**one(after), "request": asked_plainly()}
    findings = found([(asked, [one(before)]), (others, [plain])], [(asked, [one(after)]), (others, [plain])])
    told = [(f["rule"], f["level"], f["places"]) for f in findings if f["area"] == "request"]
    assert told == [("request-parameter-silently-ignored", "warning", [name])]


def asked_plainly() -> dict[str, Any]:
    return asked()


def test_a_name_that_is_another_parameter_in_this_dialect_does_not_make_it_still_accepted():
    def one(**body: Any) -> dict[str, Any]:
        return {**answered({"choices": [{"message": {"content": "Yes"}}]}, **body), "dialect": "openai-chat"}

    neutral = replace(probe("param.stop/two", "parameters"), exchanges=(Exchange(stop=("OAK",)),))
    other = probe("param.stop/other-spelling", "parameters", params={"stop_sequences": ["OAK"]})
    words = "Unsupported parameter: 'stop' is not supported with this model."
    no = {**refused(words, stop=["OAK"]), "dialect": "openai-chat"}
    ok, spelled = one(stop=["OAK"]), one(stop_sequences=["OAK"])
    (finding,) = found([(neutral, [ok]), (other, [spelled])], [(neutral, [no]), (other, [spelled])])
    assert (finding["rule"], finding["places"]) == ("request-parameter-rejected", ["stop_sequences"])


def test_answered_calls_that_are_refused_are_history_whoever_wrote_them():
    tool = Tool("get_weather", "", SCHEMA)
    turns = (
        Exchange(messages=(Message("user", "Rain?"),), tools=(tool,)),
        Exchange(messages=(Message("user", "Rain?"), Message("assistant", replay=0)), tools=(tool,)),
    )
    own = Probe("tool.roundtrip/1", "tool.roundtrip", "tool_calls", "prose", turns, Expect())
    written = probe("param.roles/written", "parameters")
    called = answered(message(call("get_weather", {"city": "Bern"}), stop="tool_use"))
    back = {
        "messages": [
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]}
        ]
    }
    ok = answered(message(text("Yes")), **back)
    no = refused("messages.1.content.0.tool_use.id: String should match pattern '^toolu_v2_[a-z]+$'", **back)
    (finding,) = found([(own, [called, ok]), (written, [ok])], [(own, [called, no]), (written, [no])])
    assert finding["rule"] == "request-history-replay-rejected"
    assert "^toolu_v2_[a-z]+$" in finding["explanation"]


def test_what_another_version_of_the_api_takes_does_not_make_a_parameter_still_accepted():
    hot = [probe(f"param.sampling/{value}", "parameters", params={"temperature": value}) for value in (0, 1)]
    old = probe(
        "param.api_version/v2023", "parameters",
        params={"temperature": 1}, headers={"anthropic-version": "2023-06-01"},
    )  # fmt: skip
    ok = [answered(message(text("Yes")), temperature=1)]
    no = [refused("temperature: Extra inputs are not permitted", temperature=1)]
    (finding,) = found([(asked, ok) for asked in (*hot, old)], [*((asked, no) for asked in hot), (old, ok)])
    assert (finding["rule"], finding["places"]) == ("request-parameter-rejected", ["temperature"])


def test_the_field_of_a_block_is_named_where_the_error_names_it():
    content = [{"type": "text", "text": "Hi", "citations": [{"cited_text": "x"}]}]
    cited, plain = probe("param.blocks/cited", "parameters"), probe("param.blocks/none", "parameters")
    ok = answered(message(text("Yes")), messages=[{"role": "user", "content": content}])
    words = "messages.0.content.0.citations: Extra inputs are not permitted"
    no = refused(words, messages=[{"role": "user", "content": content}])
    (finding,) = found(
        [(cited, [ok]), (plain, [answered(message(text("Yes")))])],
        [(cited, [no]), (plain, [answered(message(text("Yes")))])],
    )
    assert (finding["rule"], finding["places"]) == ("request-content-block-rejected", ["user/text.citations"])


def test_a_family_of_which_most_could_not_be_asked_is_no_pass():
    ok = answered(message(text("Yes")))
    cut = {**ok, "status": None, "body": None, "error": {"kind": "cut", "message": "gone"}}
    asked = [probe(f"stream.grammar/{number}", "streaming") for number in range(5)]
    before, after = (snapshot(name, [(one, [ok]) for one in asked]) for name in "ab")
    for lost, code in ((2, 0), (3, 3)):
        samples = [
            replace(sample, outcome="failed", document={"exchanges": [cut]}) if number < lost else sample
            for number, sample in enumerate(after.samples)
        ]
        document = compare(before, replace(after, samples=tuple(samples)))
        assert document["gate"]["exit_code"] == code
    assert document["unmeasured"] == [
        {"family": "streaming", "reason": "3 of 5 probes could not be asked on one side"}
    ]


@pytest.mark.parametrize(
    ("was", "now", "sent", "told"),
    [
        ({"reasoning": {"effort": None}}, {"reasoning": {"effort": "medium"}}, {}, ["reasoning.effort"]),
        ({"truncation": "disabled"}, {"truncation": "auto"}, {}, ["truncation"]),
        ({"temperature": 1.0}, {"temperature": 0.7}, {}, ["temperature"]),
        ({"temperature": 1.0}, {"temperature": 0.7}, {"temperature": 0.7}, []),
    ],
)
def test_a_default_that_an_answer_repeats_is_watched_where_the_request_leaves_it_out(
    was: dict[str, Any], now: dict[str, Any], sent: dict[str, Any], told: list[str]
):
    def one(echo: dict[str, Any]) -> dict[str, Any]:
        item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes"}]}
        body = {"object": "response", "status": "completed", "model": "m", "output": [item], **echo}
        return {**answered(body, **sent), "dialect": "openai-responses"}

    asked = [probe(f"p/{number}") for number in range(3)]
    findings = found([(one_, [one(was)]) for one_ in asked], [(one_, [one(now)]) for one_ in asked])
    assert [f["places"] for f in findings if f["rule"] == "request-parameter-default-changed"] == [told][
        : len(told)
    ]
    assert not [f for f in findings if f["rule"].startswith("response-enum")]


def test_a_counter_of_gemini_that_is_left_out_is_zero_and_grows_from_there():
    def one(**thoughts: int) -> dict[str, Any]:
        usage = {
            "promptTokenCount": 5,
            "candidatesTokenCount": 2,
            "totalTokenCount": 7 + sum(thoughts.values()),
        }
        candidate = {"content": {"parts": [{"text": "Yes"}], "role": "model"}, "finishReason": "STOP"}
        body = {"candidates": [candidate], "usageMetadata": {**usage, **thoughts}}
        return {**answered(body), "dialect": "gemini"}

    asked = [probe(f"p/{number}") for number in range(12)]
    findings = found([(p, [one()]) for p in asked], [(p, [one(thoughtsTokenCount=200)]) for p in asked])
    assert "reasoning-tokens-increased" in {f["rule"] for f in findings}


def test_a_dialect_that_needs_no_ids_of_calls_has_no_invalid_ones():
    tool = Tool("get_weather", "", SCHEMA)
    asked = [probe(f"tool.single/{number}", "tool_calls", "tool_call", tools=(tool,)) for number in range(8)]
    part = {"functionCall": {"name": "get_weather", "args": {"city": "Bern"}}}
    candidate = {"content": {"parts": [part], "role": "model"}, "finishReason": "STOP"}
    gemini = {**answered({"candidates": [candidate]}), "dialect": "gemini"}
    claude = answered(message(call("get_weather", {"city": "Bern"}), stop="tool_use"))
    findings = found([(one, [claude]) for one in asked], [(one, [gemini]) for one in asked])
    assert "tool-call-id-invalid" not in {f["rule"] for f in findings}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"type": "custom"}, ("response-content-block-type-added", "/content/*/type")),
        ({"type": None}, ("response-property-removed", "/choices/*/message/tool_calls/*/type")),
    ],
)
def test_the_type_of_a_call_is_watched_in_chat_completions(change: dict[str, Any], told: tuple[str, str]):
    tool = Tool("get_weather", "", SCHEMA)

    def one(**more: Any) -> dict[str, Any]:
        called = {
            "id": "call_1",
            "type": "function",
            "function": {"name": "get_weather", "arguments": '{"city": "Bern"}'},
        }
        called = {key: value for key, value in {**called, **more}.items() if value is not None}
        choice = {"message": {"role": "assistant", "tool_calls": [called]}, "finish_reason": "tool_calls"}
        return {**answered({"choices": [choice], "model": "m"}), "dialect": "openai-chat"}

    asked = [probe(f"tool.single/{number}", "tool_calls", "tool_call", tools=(tool,)) for number in range(3)]
    (finding,) = found([(p, [one()]) for p in asked], [(p, [one(**change)]) for p in asked])
    assert (finding["rule"], finding["path"]) == told
