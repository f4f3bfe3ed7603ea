# Every dialect says the same through its own reader; what nobody knows is kept by name, in all of them.
# Owns: tests of drift/observe/readers, order.py, parity.py and usage.py. Refuses to know: HTTP, the other side.

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.model import Exchange, Expect, Message, Probe, Tool
from drift.observe import observe
from drift.observe.order import order_of
from drift.observe.readers import READERS, read_exchange, read_recorded
from drift.observe.usage import input_tokens, output_tokens, usage_features

WEATHER = Tool(
    "get_weather",
    "Weather.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
ASKED = Exchange(messages=(Message("user", "Hello"),), max_tokens=50, tools=(WEATHER,))
PROBE = Probe("t/1", "t", "f", "prose", (ASKED,), Expect())


def entry(dialect: str, body: Any = None, events: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "dialect": dialect,
        "operation": "generate",
        "request": {"method": "POST", "path": "/", "headers": {}, "body": {}},
        "status": 200,
        "headers": {},
        "body": body,
        "text": None,
        "events": events,
        "error": None,
        "latency_ms": 5.0,
        **more,
    }


def seen(*entries: dict[str, Any], probe: Probe = PROBE) -> dict[str, Any]:
    before = deepcopy(entries)
    found = observe({"exchanges": list(entries)}, probe)
    assert entries == before, "reading changed what was read"
    return found


# Answers with all that an answer can hold: reasoning, text, a call, cached tokens


def claude(*content: Any, stop: str = "tool_use", **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 7, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 0}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m-1", "content": list(content),
        "stop_reason": stop, "stop_sequence": None,
        "usage": {**usage, "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}}, **more,
    }  # fmt: skip


def response(*output: Any, status: str = "completed", **more: Any) -> dict[str, Any]:
    return {
        "id": "resp_1", "object": "response", "status": status, "model": "m-1", "output": list(output),
        "error": None, "incomplete_details": None, "tools": [{"type": "function", "name": "x", "parameters": {}}],
        "usage": {
            "input_tokens": 10, "input_tokens_details": {"cached_tokens": 3},
            "output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 4}, "total_tokens": 19,
        }, **more,
    }  # fmt: skip


def gemini(*parts: Any, finish: str | None = "STOP", **more: Any) -> dict[str, Any]:
    candidate = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    usage = {"promptTokenCount": 10, "cachedContentTokenCount": 3, "candidatesTokenCount": 5}
    return {
        "candidates": [{**candidate, **({"finishReason": finish} if finish else {})}],
        "usageMetadata": {**usage, "thoughtsTokenCount": 4, "totalTokenCount": 19},
        "modelVersion": "m-1",
        **more,
    }


def chat(message: Any, finish: str = "tool_calls", **more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "model": "m-1",
        "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 3},
            "completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 4}, "total_tokens": 19,
        }, **more,
    }  # fmt: skip


CITY = {"city": "Bern"}
KEYS = st.sampled_from(
    [
        "args", "arguments", "call_id", "candidates", "choices", "content", "content_block", "delta", "error", "events",
        "finishReason", "finish_reason", "function", "functionCall", "id", "incomplete_details", "index", "input",
        "item", "item_id", "message", "models", "name", "output", "output_index", "part", "parts", "promptFeedback",
        "reasoning", "refusal", "response", "safetyRatings", "sequence_number", "stop_reason", "summary", "text",
        "thought", "tool_calls", "type", "usage", "usageMetadata",
    ]
)  # fmt: skip
WHOLE = {
    "anthropic": claude(
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "text", "text": "Looking."},
        {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": CITY},
    ),
    "openai-chat": chat(
        {
            "content": "Looking.",
            "reasoning_content": "Hm.",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": json.dumps(CITY)},
                }
            ],
        }
    ),
    "openai-responses": response(
        {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Looking.", "annotations": []}],
        },
        {
            "id": "fc_1",
            "type": "function_call",
            "call_id": "call_1",
            "name": "get_weather",
            "arguments": json.dumps(CITY),
        },
    ),
    "gemini": gemini(
        {"text": "Hm.", "thought": True},
        {"text": "Looking."},
        {"functionCall": {"name": "get_weather", "args": CITY}, "thoughtSignature": "c2ln"},
    ),
}


def test_every_dialect_has_an_answer_in_these_tests() -> None:
    assert WHOLE.keys() == READERS.keys()


@pytest.mark.parametrize("dialect", READERS)
def test_what_an_answer_holds_has_one_name_in_every_dialect(dialect: str) -> None:
    found = seen(entry(dialect, WHOLE[dialect]))
    assert {
        name: found.get(name)
        for name in (
            "calls.names", "args.valid", "args.types", "content.empty", "model.response", "output_tokens",
            "reasoning_tokens", "cached_tokens", "input_tokens", "thinking.shown", "tool.id_invalid",
        )
    } == {
        "calls.names": ["get_weather"], "args.valid": True, "args.types": ["get_weather#/city:string"],
        "content.empty": False, "model.response": "m-1", "output_tokens": 9, "reasoning_tokens": 4,
        "cached_tokens": 3, "input_tokens": 10, "thinking.shown": True,
        "tool.id_invalid": {"gemini": None}.get(dialect, False),  # it pairs by name where there are no ids
    }  # fmt: skip
    reply = read_exchange(entry(dialect, WHOLE[dialect]))
    assert (reply.text, reply.form, reply.thoughts) == ("Looking.", dialect, ("Hm.",))
    plain = {"thinking": "reasoning", "tool_use": "tool_call"}
    assert [plain.get(block, block) for block in reply.blocks] == ["reasoning", "text", "tool_call"]
    assert found["envelope.kind"] == f"{dialect}:generate:plain"


@pytest.mark.parametrize("dialect", READERS)
def test_arguments_of_calls_are_the_models_business_and_no_shape_of_the_envelope(dialect: str) -> None:
    envelope = seen(entry(dialect, WHOLE[dialect]))["envelope"]
    assert not [path for path in envelope if path.endswith("/city")]


UNKNOWN = {
    "anthropic": (claude({"type": "hologram", "data": 1}, stop="pondering", brand_new={"a": 1}), "pondering"),
    "openai-chat": (
        chat({"content": [{"type": "hologram", "data": 1}]}, "pondering", brand_new={"a": 1}),
        "pondering",
    ),
    "openai-responses": (
        response(
            {"type": "hologram", "data": 1},
            status="incomplete",
            incomplete_details={"reason": "pondering"},
            brand_new={"a": 1},
        ),
        "pondering",
    ),
    "gemini": (gemini({"hologram": {"data": 1}}, finish="PONDERING", brand_new={"a": 1}), "PONDERING"),
}


@pytest.mark.parametrize("dialect", READERS)
def test_an_unknown_block_a_stop_reason_and_a_field_are_kept_in_every_dialect(dialect: str) -> None:
    body, stop = UNKNOWN[dialect]
    found = seen(entry(dialect, body))
    assert found["blocks"] == ["hologram"]
    assert found["stop"] == stop
    assert found["envelope"]["/brand_new/a"] == ["integer"]
    assert read_exchange(entry(dialect, body)).others or dialect == "openai-chat"


@pytest.mark.parametrize(
    ("dialect", "body", "signal", "category"),
    [
        (
            "anthropic",
            claude(stop="refusal", stop_details={"type": "refusal", "category": "bio"}),
            "stop_reason",
            "bio",
        ),
        ("openai-chat", chat({"content": None, "refusal": "I can't."}, "stop"), "refusal_field", None),
        ("openai-chat", chat({"content": None}, "content_filter"), "content_filter", None),
        (
            "openai-responses",
            response({"type": "message", "content": [{"type": "refusal", "refusal": "I can't."}]}),
            "refusal_field",
            None,
        ),
        (
            "openai-responses",
            response(status="incomplete", incomplete_details={"reason": "content_filter"}),
            "content_filter",
            None,
        ),
        (
            "openai-responses",
            response(status="failed", error={"code": "invalid_prompt", "message": "No."}),
            "error",
            None,
        ),
        (
            "gemini",
            {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {}},
            "content_filter",
            "PROHIBITED_CONTENT",
        ),
        ("gemini", gemini(finish="SAFETY"), "content_filter", None),
        ("gemini", gemini({"text": "I can"}, finish="RECITATION"), "content_filter", None),
    ],
)
def test_a_refusal_is_told_wherever_a_dialect_says_it(
    dialect: str, body: Any, signal: str, category: str | None
) -> None:
    found = seen(entry(dialect, body))
    assert signal in found["refusal.signal"]
    assert found["refusal"] == "full"
    assert found.get("refusal.category") == category


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("anthropic", claude(stop="max_tokens")),
        ("openai-chat", chat({"content": "x"}, "length")),
        (
            "openai-responses",
            response(status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
        ),
        ("gemini", gemini({"text": "x"}, finish="MAX_TOKENS")),
    ],
)
def test_an_answer_cut_at_its_limit_is_truncated_in_every_dialect(dialect: str, body: Any) -> None:
    assert seen(entry(dialect, body))["truncated"] is True


def test_a_blocked_prompt_is_an_empty_answer_and_no_missing_one() -> None:
    found = seen(entry("gemini", {"promptFeedback": {"blockReason": "SAFETY"}}))
    assert found["content.empty"] is True
    assert "stop" not in found


def test_parts_of_one_kind_have_one_place_in_the_envelope_of_gemini() -> None:
    envelope = seen(entry("gemini", WHOLE["gemini"]))["envelope"]
    parts = "/candidates/*/content/parts"
    assert f"{parts}/*{{thought}}/thought" in envelope
    assert envelope[f"{parts}/*{{text}}/text"] == ["string"]
    assert f"{parts}/*{{functionCall}}/thoughtSignature" in envelope


def test_what_the_request_said_is_no_shape_of_a_response() -> None:
    envelope = seen(entry("openai-responses", WHOLE["openai-responses"]))["envelope"]
    assert envelope["/tools"] == ["array"]
    assert not [path for path in envelope if path.startswith("/tools/")]


@pytest.mark.parametrize("dialect", READERS)
def test_an_imported_envelope_is_read_by_the_reader_that_owns_it(dialect: str) -> None:
    reply = read_recorded({"output_raw": WHOLE[dialect]})
    assert (reply.dialect, reply.form, reply.text) == ("recorded", dialect, "Looking.")
    assert reply.calls[0].name == "get_weather"


@pytest.mark.parametrize(
    ("usage", "sent", "written"),
    [
        ({"input_tokens": 3, "cache_read_input_tokens": 7, "cache_creation_input_tokens": 2}, 12, None),
        ({"input_tokens": 10, "input_tokens_details": {"cached_tokens": 7}, "output_tokens": 1}, 10, 1),
        ({"prompt_tokens": 9, "completion_tokens": 0}, 9, 0),
        ({"promptTokenCount": 9, "toolUsePromptTokenCount": 4, "candidatesTokenCount": 2}, 13, 2),
        ({"promptTokenCount": 9, "thoughtsTokenCount": 5}, 9, 5),
        ({"promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 5}, 9, 7),
        ({"totalTokens": 9}, 9, None),
        ({"input_tokens": True}, None, None),
        ({}, None, None),
    ],
)
def test_tokens_add_up_as_each_vendor_counts(usage: Any, sent: int | None, written: int | None) -> None:
    assert (input_tokens(usage), output_tokens(usage)) == (sent, written)


@pytest.mark.parametrize(
    ("usage", "adds_up"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}, True),
        ({"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 14}, False),
        ({"promptTokenCount": 9, "thoughtsTokenCount": 5, "totalTokenCount": 14}, True),
        ({"promptTokenCount": 9, "totalTokenCount": 9}, True),
        ({"input_tokens": 9, "output_tokens": 4}, None),
    ],
)
def test_a_total_has_to_be_the_sum_of_its_parts(usage: Any, adds_up: bool | None) -> None:
    assert usage_features(usage).get("usage.adds_up") is adds_up


# Streams


def events(*data: Any) -> list[dict[str, Any]]:
    names = [item.get("type") if isinstance(item, dict) else None for item in data]
    return [
        {"event": name if isinstance(name, str) else None, "data": item}
        for name, item in zip(names, data, strict=True)
    ]


def numbered(*data: dict[str, Any]) -> list[dict[str, Any]]:
    return events(*({**item, "sequence_number": n} for n, item in enumerate(data)))


BEGUN = {"type": "response.created", "response": response(status="in_progress", usage=None)}
TEXT_ITEM = WHOLE["openai-responses"]["output"][1]
CALL_ITEM = WHOLE["openai-responses"]["output"][2]
ADDED = {"type": "response.output_item.added", "output_index": 0, "item": {**TEXT_ITEM, "content": []}}
AT = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
PART = {
    "type": "response.content_part.added",
    **AT,
    "part": {"type": "output_text", "text": "", "annotations": []},
}
DELTAS = [{"type": "response.output_text.delta", **AT, "delta": piece} for piece in ("Look", "ing.")]
DONE = {"type": "response.output_item.done", "output_index": 0, "item": TEXT_ITEM}
FINAL = {"type": "response.completed", "response": response(TEXT_ITEM)}
GOOD = [BEGUN, ADDED, PART, *DELTAS, DONE, FINAL]


def test_a_stream_of_responses_is_the_response_that_it_ends_with() -> None:
    found = seen(entry("openai-responses", events=numbered(*GOOD)))
    assert (found["stream.problems"], found["stream.terminal"], found["stream.error"]) == ([], True, False)
    assert found["stream.usage"] == ["terminal"]
    assert found["envelope.kind"] == "openai-responses:generate:stream"
    assert "response.output_text.delta" in found["stream.events"]


def test_without_its_last_event_a_stream_of_responses_is_what_its_items_add_up_to() -> None:
    reply = read_exchange(entry("openai-responses", events=numbered(*GOOD[:-1])))
    assert (reply.text, reply.terminal, reply.problems) == ("Looking.", False, ())
    open_item = read_exchange(entry("openai-responses", events=numbered(*GOOD[:-2])))
    assert open_item.text == "Looking."


CALL_ADDED = {
    "type": "response.output_item.added",
    "output_index": 0,
    "item": {**CALL_ITEM, "arguments": ""},
}
CALL_DELTA = {
    "type": "response.function_call_arguments.delta",
    "output_index": 0,
    "item_id": "fc_1",
    "delta": json.dumps(CITY),
}
CALL_DONE = {"type": "response.output_item.done", "output_index": 0, "item": CALL_ITEM}
CALL_FINAL = {"type": "response.completed", "response": response(CALL_ITEM)}


@pytest.mark.parametrize(
    ("stream", "problem"),
    [
        ([BEGUN, PART, *DELTAS, ADDED, DONE, FINAL], "delta-without-item"),
        ([BEGUN, ADDED, *DELTAS, DONE, FINAL], "delta-without-part"),
        ([BEGUN, ADDED, PART, DELTAS[0], DONE, FINAL], "item-differs-from-deltas"),
        ([BEGUN, ADDED, PART, *DELTAS, FINAL], "item-left-open"),
        ([*GOOD, DELTAS[0]], "event-after-terminal"),
        ([BEGUN, ADDED, ADDED, PART, *DELTAS, DONE, FINAL], "item-index-reused"),
        ([BEGUN, DONE, FINAL], "item-done-without-added"),
        ([*GOOD[:-1], {**FINAL, "response": response(CALL_ITEM)}], "response-differs-from-items"),
        (
            [BEGUN, CALL_ADDED, {**CALL_DELTA, "item_id": "fc_2"}, CALL_DONE, CALL_FINAL],
            "call-delta-id-changed",
        ),
        (
            [BEGUN, CALL_ADDED, {**CALL_DELTA, "item_id": None}, CALL_DONE, CALL_FINAL],
            "call-delta-without-id",
        ),
    ],
)
def test_a_breach_of_the_grammar_of_responses_is_named(stream: list[Any], problem: str) -> None:
    assert problem in read_exchange(entry("openai-responses", events=numbered(*stream))).problems


def test_numbers_of_responses_events_have_to_follow_each_other() -> None:
    good = numbered(*GOOD)
    assert read_exchange(entry("openai-responses", events=good[:2] + good[3:])).problems
    without = events(*GOOD)
    assert "sequence-number-missing" in read_exchange(entry("openai-responses", events=without)).problems
    call = [BEGUN, CALL_ADDED, CALL_DELTA, CALL_DONE, CALL_FINAL]
    assert read_exchange(entry("openai-responses", events=numbered(*call))).problems == ()


def test_an_error_of_either_form_ends_a_stream_of_responses() -> None:
    error = {"type": "error", "code": "invalid_prompt", "message": "No.", "param": None}
    failed = {
        "type": "response.failed",
        "response": response(status="failed", error={"code": "bio_policy", "message": "No."}),
    }
    for last, code in ((error, "invalid_prompt"), (failed, "bio_policy")):
        found = seen(entry("openai-responses", events=numbered(BEGUN, last)))
        assert found["stream.error"] is True
        assert found["error.code"] == code


def chunk(*parts: Any, finish: str | None = None, usage: bool = True, **more: Any) -> dict[str, Any]:
    whole = gemini(*parts, finish=finish, responseId="r", **more)
    return whole if usage else {k: v for k, v in whole.items() if k != "usageMetadata"}


def test_chunks_of_gemini_join_as_parts_and_a_signature_ends_one() -> None:
    stream = events(
        chunk({"text": "Hm", "thought": True}),
        chunk({"text": ".", "thought": True}),
        chunk({"text": "Look"}),
        chunk({"text": "ing."}),
        chunk({"text": "", "thoughtSignature": "c2ln"}, finish="STOP"),
    )
    reply = read_exchange(entry("gemini", events=stream))
    assert reply.body["candidates"][0]["content"]["parts"] == [
        {"text": "Hm.", "thought": True},
        {"text": "Looking.", "thoughtSignature": "c2ln"},
    ]
    assert (reply.text, reply.stop, reply.terminal, reply.problems) == ("Looking.", "STOP", True, ())
    assert reply.usage_events == ("chunk:finish",)


@pytest.mark.parametrize(
    ("stream", "placement"),
    [
        ([chunk({"text": "a"}), chunk({"text": "b"}, finish="STOP")], ["chunk:finish"]),
        ([chunk({"text": "a"}), chunk({"text": "b"}, finish="STOP", usage=False)], ["chunk:content"]),
        (
            [chunk({"text": "b"}, finish="STOP", usage=False), {"usageMetadata": {"promptTokenCount": 1}}],
            ["chunk:usage"],
        ),
    ],
)
def test_where_usage_stands_in_a_stream_of_gemini(stream: list[Any], placement: list[str]) -> None:
    assert seen(entry("gemini", events=events(*stream)))["stream.usage"] == placement


@pytest.mark.parametrize(
    ("stream", "problem"),
    [
        ([chunk({"text": "a"}, finish="STOP"), chunk({"text": "b"})], "content-after-finish"),
        ([chunk({"text": "a"}, finish="STOP"), chunk(finish="STOP")], "finish-repeated"),
        ([chunk({"text": "a"}), {**chunk(finish="STOP"), "responseId": "other"}], "responseId-changed"),
        ([chunk({"text": "a"}), {**chunk(finish="STOP"), "modelVersion": "m-2"}], "modelVersion-changed"),
    ],
)
def test_a_breach_of_the_grammar_of_gemini_is_named(stream: list[Any], problem: str) -> None:
    assert read_exchange(entry("gemini", events=events(*stream))).problems == (problem,)


def test_an_error_and_an_unknown_chunk_of_gemini_keep_their_names() -> None:
    error = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "No."}}
    found = seen(entry("gemini", events=events(chunk({"text": "a"}), error)))
    assert (found["stream.error"], found["error.type"]) == (True, "INVALID_ARGUMENT")
    odd = read_exchange(entry("gemini", events=events({"brandNew": 1}, chunk({"text": "a"}, finish="STOP"))))
    assert odd.events[0] == "chunk:brandNew"
    assert odd.body["brandNew"] == 1


def test_fields_that_nobody_knows_survive_the_assembly_of_a_stream() -> None:
    stream = events(
        {"type": "message_start", "message": claude()},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": "x", "tone": "calm"},
        },
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "context_management": {"applied": []},
        },
        {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 1}},
    )
    body = read_exchange(entry("anthropic", events=stream)).body
    assert body["content"] == [{"type": "text", "text": "x", "tone": "calm"}]
    assert body["context_management"] == {"applied": []}
    assert body["amazon-bedrock-invocationMetrics"] == {"inputTokenCount": 1}
    chunks = [
        {"choices": [{"index": 0, "delta": {"content": "a", "odd": [1]}, "native_finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {"content": "b", "odd": [2]}, "native_finish_reason": "eos"}]},
    ]
    choice = read_exchange(entry("openai-chat", events=events(*chunks, "[DONE]"))).body["choices"][0]
    assert choice["message"] == {"role": "assistant", "content": "ab", "odd": [1, 2]}
    assert choice["native_finish_reason"] == "eos"


# The order of a stream


def test_order_is_written_so_that_the_length_of_an_answer_does_not_matter() -> None:
    claude_stream = ["message_start", "ping", "content_block_start", "content_block_delta:text_delta"]
    end = ["content_block_stop", "message_delta", "message_stop"]
    short, long = order_of([*claude_stream, *end]), order_of([*claude_stream, *claude_stream[1:] * 3, *end])
    assert short == long
    assert "content < message_delta" in short
    assert "message_start < message_stop" in short


def test_one_chunk_may_carry_the_end_of_one_thing_and_the_beginning_of_another() -> None:
    shared = order_of(["chunk:content", "chunk:content+finish", "[DONE]"])
    assert shared == order_of(["chunk:content", "chunk:finish", "[DONE]"])
    assert "content < chunk:finish" in shared
    assert order_of(["chunk:content+finish"]) == []
    assert order_of(["chunk:finish", "chunk:content", "chunk:finish"]) == ["chunk:finish ~ content"]


# One question in two ways


def two_ways(plain: dict[str, Any], streamed: dict[str, Any]) -> list[str] | None:
    asked = Exchange(messages=(Message("user", "Hello"),), max_tokens=50)
    both = (asked, Exchange(messages=asked.messages, max_tokens=50, stream=True))
    return seen(plain, streamed, probe=Probe("t/1", "t", "f", "prose", both)).get("stream.divergence")


def test_a_stream_that_says_less_than_the_plain_answer_is_seen() -> None:
    plain = entry("gemini", gemini({"text": "One way to say it."}))
    whole = entry(
        "gemini", events=events(chunk({"text": "Another "}), chunk({"text": "one."}, finish="STOP"))
    )
    assert two_ways({**plain, "body": {**plain["body"], "responseId": "q"}}, whole) == []
    less = chunk({"text": "Another one."}, finish="STOP")
    less["usageMetadata"] = {"promptTokenCount": 11, "totalTokenCount": "19"}
    assert two_ways(plain, entry("gemini", events=events(less))) == [
        "/responseId: only streamed",
        "/usageMetadata/totalTokenCount: integer, streamed string",
        "input tokens: another number streamed",
    ]


def test_what_did_not_end_or_was_not_asked_both_ways_is_not_compared() -> None:
    plain = entry("gemini", gemini({"text": "x"}))
    assert two_ways(plain, entry("gemini", events=events(chunk({"text": "x"})))) is None
    assert two_ways(plain, plain) is None
    assert "stream.divergence" not in seen(plain)


def test_the_model_that_was_asked_for_is_read_from_the_path_where_it_stands_there() -> None:
    for dialect, path, model in (
        ("gemini", "/v1beta/models/gemini-3.8-flash:generateContent", "gemini-3.8-flash"),
        ("gemini", "/v1/models/odd%20id:streamGenerateContent?alt=sse", "odd id"),
        ("anthropic", "/model/eu.anthropic.claude-opus-5-v1%3A0/invoke", "eu.anthropic.claude-opus-5-v1:0"),
        (
            "anthropic",
            "/v1/projects/p/locations/l/publishers/anthropic/models/claude@1:rawPredict",
            "claude@1",
        ),
    ):
        request = {"method": "POST", "path": path, "headers": {}, "body": {"max_tokens": 1}}
        assert seen(entry(dialect, WHOLE[dialect], request=request))["model.requested"] == model


def test_parameters_are_named_one_by_one_where_a_dialect_groups_them() -> None:
    body = {"contents": [], "generationConfig": {"temperature": 0, "topK": 1}, "toolConfig": {}}
    request = {"method": "POST", "path": "/v1beta/models/m:generateContent", "headers": {}, "body": body}
    found = seen(entry("gemini", WHOLE["gemini"], request=request))
    assert found["request.parameters"] == ["temperature", "toolConfig", "topK"]
    body = {"input": [], "text": {"format": {}}, "reasoning": {"effort": "low"}, "stop": []}
    found = seen(entry("openai-responses", WHOLE["openai-responses"], request={**request, "body": body}))
    assert found["request.parameters"] == ["reasoning.effort", "stop", "text.format"]


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        *(
            (name, {"data": [{"id": "b"}, {"id": "a"}, {"no": "id"}, 1]})
            for name in READERS
            if name != "gemini"
        ),
        ("gemini", {"models": [{"name": "models/b"}, {"name": "models/a"}, {"no": "name"}, 1]}),
    ],
)
def test_a_list_of_models_is_a_list_of_ids(dialect: str, body: Any) -> None:
    listing = Probe("t/1", "t", "f", exchanges=(Exchange(operation="list_models"),))
    assert seen(entry(dialect, body, operation="list_models"), probe=listing)["catalogue"] == ["a", "b"]


# Hostile input

WORDS = st.sampled_from(
    [
        "content_block_delta", "content_block_start", "content_block_stop", "error", "function_call",
        "input_json_delta", "message", "message_delta", "message_start", "message_stop", "output_text", "reasoning",
        "response.completed", "response.content_part.added", "response.created", "response.failed",
        "response.function_call_arguments.delta", "response.output_item.added", "response.output_item.done",
        "response.output_text.delta", "response.reasoning_summary_text.delta", "text", "text_delta", "thinking",
        "tool_use",
    ]
)  # fmt: skip
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | WORDS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(KEYS, children, max_size=4),
    max_leaves=12,
)


# An event is likelier to reach a reader's depths when it is one.
EVENTS = JSON_VALUES | st.builds(
    lambda kind, rest: {**rest, "type": kind}, WORDS, st.dictionaries(KEYS, JSON_VALUES, max_size=5)
)


@given(st.sampled_from(sorted(READERS)), JSON_VALUES, st.lists(EVENTS, max_size=5))
def test_whatever_a_host_sends_is_observed_and_never_a_crash(
    dialect: str, body: Any, stream: list[Any]
) -> None:
    seen(entry(dialect, body))
    seen(entry(dialect, body, status=400))
    seen(entry(dialect, body, operation="list_models"))
    seen(entry(dialect, events=events(*stream)))
    read_recorded({"output_raw": body, "events": stream})
