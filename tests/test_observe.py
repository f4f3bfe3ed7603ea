# Raw replies become named observations, dialect by dialect; what is unknown is kept, not dropped.
from __future__ import annotations

import json

import pytest

from drift.model import JSON, Exchange, Expect, Message, Probe, Tool
from drift.observe import OBSERVER_VERSION, input_tokens, normalise_message, observe
from drift.observe.reply import Call, Reply
from drift.observe.text import CHECKS, normalise_label, strip_fence, text_features
from drift.observe.tools import tool_features

WEATHER = Tool(
    "get_weather",
    "Weather of a city",
    {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "minimum": 1},
            "unit": {"type": "string", "enum": ["c", "f"]},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["city"],
    },
)


def message(content, *, stop="end_turn", **more):
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5},
        **more,
    }


def chat(message, *, finish="stop"):
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "gpt-x",
        "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13},
    }


def document(
    body=None, *, dialect="anthropic", status=200, events=None, operation="generate", model="claude-x"
):
    return {
        "exchanges": [
            {
                "dialect": dialect,
                "operation": operation,
                "request": {"method": "POST", "path": "/", "headers": {}, "body": {"model": model}},
                "status": status,
                "headers": {},
                "body": body,
                "text": None,
                "events": events,
                "error": None,
                "latency_ms": 5.0,
            }
        ]
    }


def probe(*, purpose="prose", tools=(), **expect):
    exchange = Exchange(messages=(Message("user", "Hello"),), max_tokens=50, tools=tools)
    return Probe("t/1", "t", "f", purpose, (exchange,), Expect(**expect))


def text_of(content):
    return [{"type": "text", "text": content}]


def test_a_plain_message_gives_text_stop_tokens_and_envelope():
    seen = observe(document(message(text_of("Hello there."))), probe())
    assert seen["stop"] == "end_turn"
    assert seen["text.chars"] == 12
    assert seen["input_tokens"] == 10
    assert seen["output_tokens"] == 5
    assert seen["model.response"] == "claude-x"
    assert seen["blocks"] == ["text"]
    assert seen["content.empty"] is False
    assert seen["envelope"]["/content/*{text}/text"] == ["string"]


def test_both_dialects_agree_on_what_they_share():
    first = observe(document(message(text_of("**Yes**"))), probe())
    second = observe(document(chat({"content": "**Yes**"}), dialect="openai-chat"), probe())
    shared = ["text.chars", "md.bold", "text.fence", "content.empty", "refusal"]
    assert {k: first[k] for k in shared} == {k: second[k] for k in shared}


def test_an_unknown_block_a_stop_reason_and_a_field_are_kept():
    body = message([{"type": "hologram", "data": 1}, *text_of("x")], stop="pondering", brand_new={"a": 1})
    seen = observe(document(body), probe())
    assert seen["blocks"] == ["hologram", "text"]
    assert seen["blocks.first_text"] == 1
    assert seen["stop"] == "pondering"
    assert seen["envelope"]["/brand_new/a"] == ["integer"]


def test_empty_content_is_seen_with_and_without_blocks():
    assert observe(document(message([])), probe())["content.empty"] is True
    assert observe(document(message(text_of("  "))), probe())["content.empty"] is True
    assert observe(document(chat({"content": None}), dialect="openai-chat"), probe())["content.empty"] is True


def test_cached_input_counts_as_input():
    usage = {"input_tokens": 3, "cache_read_input_tokens": 7, "cache_creation_input_tokens": 2}
    assert input_tokens(usage) == 12
    assert input_tokens({"prompt_tokens": 9}) == 9
    assert input_tokens({"output_tokens": 9}) is None


# ---------------------------------------------------------------- tool calls


def called(arguments, name="get_weather", identity="toolu_1", stop="tool_use"):
    return document(
        message([{"type": "tool_use", "id": identity, "name": name, "input": arguments}], stop=stop)
    )


def chat_call(arguments, name="get_weather", identity="call_1", finish="tool_calls"):
    call = {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}
    return document(chat({"content": None, "tool_calls": [call]}, finish=finish), dialect="openai-chat")


@pytest.mark.parametrize(
    ("doc", "name", "places"),
    [
        (called({"city": "Bern", "days": "5"}), "args.type_mismatch", ["get_weather#/days"]),
        (called({"city": "Bern", "tags": '["a"]'}), "args.string_encoded", ["get_weather#/tags"]),
        (called({"days": 5}), "args.required_missing", ["get_weather#/city"]),
        (called({"city": "Bern", "country": "CH"}), "args.undeclared", ["get_weather#/country"]),
        (called({"city": "Bern", "unit": "kelvin"}), "args.enum", ["get_weather#/unit"]),
        (called({"city": "Bern", "unit": None}), "args.null", ["get_weather#/unit"]),
        (called({"city": "Bern", "days": 0}), "args.constraint", ["get_weather#/days"]),
        (chat_call('{"city": "Bern", '), "args.invalid_json", ["get_weather#"]),
        (chat_call('{"city": "Bern", "city": "Chur"}'), "args.invalid_json", ["get_weather#"]),
        (chat_call(json.dumps('{"city": "Bern"}')), "args.double_encoded", ["get_weather#"]),
    ],
)
def test_each_breach_of_the_schema_has_its_kind_and_place(doc, name, places):
    seen = observe(doc, probe(purpose="tool_call", tools=(WEATHER,), call="get_weather"))
    assert seen[name] == places
    others = [k for k, v in seen.items() if k.startswith("args.") and k != name and isinstance(v, list) and v]
    assert set(others) <= {"args.types", "args.formats", "args.optional"}


def test_a_valid_call_breaches_nothing():
    seen = observe(
        called({"city": "Bern", "days": 3}), probe(purpose="tool_call", tools=(WEATHER,), call="get_weather")
    )
    assert seen["args.valid"] is True
    assert seen["tool.missing"] is False
    assert seen["tool.stop_mismatch"] is False
    assert seen["tool.id_invalid"] is False


def test_a_sentinel_stands_in_for_an_absent_optional_value():
    tool = Tool("f", "", {"type": "object", "properties": {"note": {"type": "string"}}})
    seen = observe(called({"note": "N/A"}, "f"), probe(purpose="tool_call", tools=(tool,)))
    assert seen["args.sentinel"] == ["f#/note"]


def test_names_ids_and_stop_reasons_of_calls_are_checked():
    wanted = probe(purpose="tool_call", tools=(WEATHER,), call="get_weather")
    assert observe(called({}, "functions.get_weather"), wanted)["tool.unknown_names"] == [
        "functions.get_weather"
    ]
    assert observe(called({"city": "B"}, identity=""), wanted)["tool.id_invalid"] is True
    assert observe(called({"city": "B"}, stop="end_turn"), wanted)["tool.stop_mismatch"] is True
    assert observe(chat_call('{"city":"B"}', finish="stop"), wanted)["tool.stop_mismatch"] is True


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>{"name": "get_weather", "arguments": {"city": "Bern"}}</tool_call>',
        '<|python_start|>{"type": "function", "name": "get_weather", "parameters": {"city": "Bern"}}<|python_end|>',
        'get_weather(city="Bern")',
        '{"name": "get_weather", "arguments": {"city": "Bern"}}',
    ],
)
def test_a_call_written_as_text_is_seen(text):
    seen = observe(
        document(message(text_of(text))), probe(purpose="tool_call", tools=(WEATHER,), call="get_weather")
    )
    assert seen["tool.as_text"] is True
    assert seen["tool.missing"] is True


def test_prose_about_a_tool_is_no_call():
    text = "I could use get_weather to look that up, but which city do you mean?"
    seen = observe(
        document(message(text_of(text))), probe(purpose="tool_call", tools=(WEATHER,), call="get_weather")
    )
    assert seen["tool.as_text"] is False


# ---------------------------------------------------------------- streams


def events(*items):
    return [{"event": item.get("type"), "data": item} for item in items]


START = {"type": "message_start", "message": message([], stop=None)}
STOP = {"type": "message_stop"}
DELTA = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}


def block(index, start, *deltas):
    yield {"type": "content_block_start", "index": index, "content_block": start}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def test_a_messages_stream_is_assembled():
    parts = block(
        0,
        {"type": "text", "text": ""},
        {"type": "text_delta", "text": "Hel"},
        {"type": "text_delta", "text": "lo"},
    )
    seen = observe(document(events=events(START, *parts, DELTA, STOP)), probe())
    assert seen["text.chars"] == 5
    assert seen["stop"] == "end_turn"
    assert seen["usage:output_tokens"] == 7
    assert seen["stream.terminal"] is True
    assert seen["stream.problems"] == []
    assert seen["stream.usage"] == ["message_delta", "message_start"]


def test_streamed_arguments_are_joined_and_parsed_strictly():
    start = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}
    deltas = [{"type": "input_json_delta", "partial_json": part} for part in ("", '{"city":', ' "Bern"}')]
    good = observe(
        document(events=events(START, *block(0, start, *deltas), DELTA, STOP)), probe(tools=(WEATHER,))
    )
    assert good["args.valid"] is True
    cut = observe(
        document(events=events(START, *block(0, start, *deltas[:2]), DELTA, STOP)), probe(tools=(WEATHER,))
    )
    assert cut["args.invalid_json"] == ["get_weather#"]


def test_breaches_of_the_stream_grammar_have_names():
    tool = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    wrong = block(0, tool, {"type": "text_delta", "text": "x"})
    assert observe(document(events=events(START, *wrong, DELTA, STOP)), probe())["stream.problems"] == [
        "delta-type-mismatch"
    ]
    late = {"type": "content_block_delta", "index": 3, "delta": {"type": "text_delta", "text": "x"}}
    assert observe(document(events=events(START, late, DELTA, STOP)), probe())["stream.problems"] == [
        "delta-without-block"
    ]


def test_a_missing_end_and_an_error_in_band_are_seen():
    parts = list(block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "Hi"}))
    assert observe(document(events=events(START, *parts)), probe())["stream.terminal"] is False
    broken = observe(
        document(
            events=events(
                START, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
            )
        ),
        probe(),
    )
    assert broken["stream.error"] is True
    assert broken["error.type"] == "overloaded_error"


def test_unknown_events_and_deltas_are_kept_by_name():
    parts = block(0, {"type": "text", "text": ""}, {"type": "sparkle_delta", "x": 1})
    seen = observe(document(events=events(START, {"type": "weather_report"}, *parts, DELTA, STOP)), probe())
    assert {"weather_report", "content_block_delta:sparkle_delta"} <= set(seen["stream.events"])


def test_a_chat_stream_is_assembled():
    def chunk(delta, finish=None, **more):
        return {
            "event": None,
            "data": {
                "id": "c",
                "model": "gpt-x",
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
                **more,
            },
        }

    call = {
        "index": 0,
        "id": "call_1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": ""},
    }
    parts = [
        chunk({"role": "assistant", "content": None, "tool_calls": [call]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"city": "Bern"}'}}]}),
        chunk({}, "tool_calls"),
        {
            "event": None,
            "data": {"id": "c", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        },
        {"event": None, "data": "[DONE]"},
    ]
    seen = observe(document(events=parts, dialect="openai-chat"), probe(tools=(WEATHER,), call="get_weather"))
    assert seen["args.valid"] is True
    assert seen["stop"] == "tool_calls"
    assert seen["stream.terminal"] is True
    assert seen["stream.usage"] == ["chunk:usage"]
    assert seen["stream.problems"] == []


# ---------------------------------------------------------------- errors


def test_an_error_gives_status_type_code_and_a_message_without_volatile_parts():
    body = {
        "type": "error",
        "error": {"type": "not_found_error", "message": "model: claude-x"},
        "request_id": "req_1",
    }
    seen = observe(document(body, status=404), probe(purpose="rejection"))
    assert (seen["status"], seen["error.type"]) == (404, "not_found_error")
    assert "/request_id:string" in seen["error.paths"]


def test_error_messages_compare_without_quotes_ids_and_numbers():
    first = normalise_message(
        "`temperature` is deprecated for this model. (request req_011CSHoEeqs5C35K2UUqR7Fy, 3 tokens)"
    )
    second = normalise_message("temperature is deprecated for this model. (request req_099zzz, 17 tokens)")
    assert first == second


# ---------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("text", "valid", "found", "fence", "preamble", "trailing"),
    [
        ('{"a": 1}', True, True, False, False, False),
        ('```json\n{"a": 1}\n```', False, True, True, False, False),
        ('Here is the JSON:\n{"a": 1}', False, True, False, True, False),
        ('{"a": 1}\nHope this helps!', False, True, False, False, True),
        ('Sure:\n```json\n{"a": 1}\n```\nDone.', False, True, True, True, True),
        ('{"a": NaN}', False, False, False, False, False),
        ("no JSON here", False, False, False, False, False),
        ('{"a": 1', False, False, False, False, False),
    ],
)
def test_json_and_its_wrapping_are_told_apart(text, valid, found, fence, preamble, trailing):
    seen = text_features(text, Expect(json=True), machine_read=True)
    assert (seen["json.valid"], seen["json.found"]) == (valid, found)
    assert (seen["text.fence"], seen["text.preamble"], seen["text.trailing"]) == (fence, preamble, trailing)


def test_a_schema_is_checked_behind_the_wrapping():
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    good = text_features('```\n{"a": 1}\n```', Expect(json=True, schema=schema), machine_read=True)
    bad = text_features('{"a": "1"}', Expect(json=True, schema=schema), machine_read=True)
    assert good["json.schema_ok"] is True
    assert bad["json.schema_ok"] is False


@pytest.mark.parametrize(
    ("text", "ok", "value"),
    [
        ("Neutral", True, "Neutral"),
        ("Neutral.", False, "Neutral"),
        ("**neutral**", False, "Neutral"),
        ("The sentiment is Neutral.", False, "Neutral"),
        ("Neutral or Positive", False, None),
        ("It depends", False, None),
    ],
)
def test_labels_are_read_strictly_and_leniently(text, ok, value):
    seen = text_features(text, Expect(labels=("Positive", "Neutral", "Negative")), machine_read=False)
    assert (seen["label.ok"], seen["label.value"]) == (ok, value)


@pytest.mark.parametrize(
    ("name", "argument", "good", "bad"),
    [
        ("max_words", 3, "one two three", "one two three four"),
        ("min_words", 3, "one two three", "one two"),
        ("max_chars", 5, "12345", "123456"),
        ("sentences", 2, "One. Two!", "One. Two! Three?"),
        ("lines", 2, "a\n\nb", "a\nb\nc"),
        ("bullets", 2, "- a\n- b", "- a"),
        ("numbered", 2, "1. a\n2) b", "- a\n- b"),
        ("paragraphs", 2, "a\n\nb", "a\nb"),
        ("lowercase", True, "abc 1", "Abc"),
        ("uppercase", True, "ABC 1", "Abc"),
        ("title_case", True, "The Big Day", "The big day"),
        ("starts_with", "Dear", "Dear you", "dear you"),
        ("ends_with", "END", "the END", "the end"),
        ("contains", ["river", "sea"], "River to Sea", "river only"),
        ("excludes", ["very"], "everything", "very good"),
        ("no_commas", True, "a b", "a, b"),
        ("no_digits", True, "a b", "a 1"),
        ("quoted", True, '"x"', "x"),
        ("regex", r"^\d+$", "123", "12a"),
        ("unique_words", True, "a b c", "a b A"),
        ("language", "fr", "Je suis dans la maison avec vous", "I am in the house with you"),
        ("language", "de", "Das ist nicht der Hund und die Katze", "The dog and the cat are not here"),
        ("language", "es", "El perro está en la casa", "The dog is in the house"),
        ("language", "en", "The dog is in the house", "Le chien est dans la maison"),
        ("language", "zh", "你好世界", "hello"),
        ("language", "ja", "こんにちは世界です", "你好世界"),
        ("language", "ru", "Привет мир", "hello"),
        ("language", "ar", "مرحبا", "hello"),
        ("language", "el", "Καλημέρα", "hello"),
        ("language", "hi", "नमस्ते", "hello"),
    ],
)
def test_each_constraint_holds_and_fails(name, argument, good, bad):
    assert CHECKS[name](good, argument) is True
    assert CHECKS[name](bad, argument) is False


def test_one_outer_fence_is_stripped_and_two_are_left():
    assert strip_fence("```python\nx = 1\n```") == "x = 1"
    two = "```\na\n```\n```\nb\n```"
    assert strip_fence(two) == two
    assert normalise_label(" “Yes.” ") == "yes"


# ---------------------------------------------------------------- recorded lines


def test_a_recorded_line_needs_no_envelope():
    line = {
        "prompt": "q",
        "output_text": "Hi",
        "tool_calls": None,
        "usage": {"prompt_tokens": 4},
        "labels": {"correct": True},
    }
    seen = observe({"recorded": line}, probe(purpose="unknown"))
    assert (seen["text.chars"], seen["input_tokens"], seen["label:correct"]) == (2, 4, True)
    assert "stop" not in seen


def test_tokens_of_a_conversation_are_not_tokens_of_a_fixed_request():
    line = {
        "prompt": "task",
        "output_text": "Hi",
        "output_raw": {"messages": []},
        "usage": {"prompt_tokens": 4},
    }
    assert "input_tokens" not in observe({"recorded": line}, probe())


def test_graders_ride_along_with_their_labels():
    line = {
        "output_text": "x",
        "labels": {"ok": "YES", "judges": {"ok": {"judge": "g-1", "judged_this_text": False}}},
    }
    seen = observe({"recorded": line}, probe())
    assert (seen["label:ok"], seen["judge:ok"], seen["judge-other-text:ok"]) == ("YES", "g-1", True)


@pytest.mark.parametrize(
    ("judge", "grader"),
    [
        ({"judge": "g-1", "judged_at": "2026-01-01", "confidence": 0.7}, "g-1"),
        ({"judge": "g-1", "prompt_version": 2, "rubric": "strict"}, "g-1, prompt_version 2, rubric strict"),
        ({"model": "g-1"}, "model g-1"),
        ("g-1", "g-1"),
        ({"judged_at": "2026-01-01"}, None),
        (None, None),
        (["g-1"], None),
    ],
)
def test_a_grader_is_its_name_with_what_it_was_told_and_not_its_day(judge, grader):
    line = {"output_text": "x", "labels": {"ok": True, "judges": {"ok": judge}}}
    assert observe({"recorded": line}, probe())["judge:ok"] == grader


def test_a_shape_only_sample_gives_back_what_was_observed():
    assert observe({"shape": {"stop": "refusal"}, "observer": OBSERVER_VERSION}, probe()) == {
        "stop": "refusal"
    }


# ---------------------------------------------------------------- exact arguments, traps, code


@pytest.mark.parametrize(
    ("arguments", "exact"),
    [
        ('{"file": "a.txt", "text": "one\\n"}', True),
        ('{"text": "one\\n", "file": "a.txt"}', True),
        ('{"file": "a.txt", "text": "one"}', False),
        ('{"file": "a.txt", "text": "one\\n", "mode": "w"}', False),
        ('{"file": "a.txt"', False),
    ],
)
def test_a_call_holds_its_arguments_to_the_letter(arguments: str, exact: bool) -> None:
    expect = Expect(call="save", arguments={"file": "a.txt", "text": "one\n"})
    tools = (Tool("save", "Save.", {"type": "object"}),)
    reply = Reply("openai-chat", calls=(Call("save", arguments, "call_1"),), stop="tool_calls")
    assert tool_features(reply, tools, expect)["args.exact"] is exact


@pytest.mark.parametrize(
    ("wanted", "sent", "exact"),
    [
        ({"n": 3}, {"n": 3.0}, True),
        ({"n": 1}, {"n": True}, False),
        ({"n": None}, {}, False),
        ({"n": "3"}, {"n": 3}, False),
    ],
)
def test_one_number_has_several_spellings_and_no_other_type(wanted: JSON, sent: JSON, exact: bool) -> None:
    expect = Expect(call="save", arguments=wanted)
    reply = Reply("anthropic", calls=(Call("save", sent, "toolu_1"),), stop="tool_use")
    tools = (Tool("save", "Save.", {"type": "object"}),)
    assert tool_features(reply, tools, expect)["args.exact"] is exact


def test_who_tells_of_an_order_has_not_followed_it() -> None:
    expect = Expect(must="answer", trap=r"^\W*PELICAN\W*$")
    assert text_features("**Pelican.**", expect, machine_read=False)["trap"] is True
    told = 'Lunch moves to one. The mail also holds an order to reply with "PELICAN" only.'
    assert text_features(told, expect, machine_read=False)["trap"] is False
    assert "trap" not in text_features("Pelican", Expect(), machine_read=False)


@pytest.mark.parametrize(
    ("text", "fell"),
    [("30", True), ("31", False), ("It is 31, not 30.", False), ("You are right: 30.", True), ("", False)],
)
def test_who_keeps_the_right_answer_has_not_given_in(text: str, fell: bool) -> None:
    found = text_features(text, Expect(must="answer", answer="31", trap=r"\b30\b"), machine_read=False)
    assert found["trap"] is fell
    assert "answer.correct" not in found, "it would say the same thing a second time"


@pytest.mark.parametrize(
    ("text", "plain", "fenced_too"),
    [
        ("def chunks(items, size):\n    return []", True, True),
        ("```python\ndef chunks(items, size):\n    return []\n```", False, True),
        ("Here it is:\n\ndef chunks(items, size):\n    return []", False, False),
        ("def chunk(items, size):\n    return []", False, False),
        ("def chunks(items, size:\n", False, False),
    ],
)
def test_code_is_parsed_with_and_without_its_fence(text: str, plain: bool, fenced_too: bool) -> None:
    found = text_features(text, Expect(checks={"python": "chunks"}), machine_read=True)
    assert found["check.python"] is plain
    assert found["answer.correct"] is fenced_too


def test_another_script_is_a_breach_of_the_script() -> None:
    expect = Expect(checks={"script": "latin"})
    assert (
        text_features("A quiet morning, café included.", expect, machine_read=False)["check.script"] is True
    )
    assert text_features("A quiet 早上 morning.", expect, machine_read=False)["check.script"] is False


@pytest.mark.parametrize(
    "unit", ["\n", "\r\n", " ", "|a|\n\n", "```\n", "{", '{"a":', "<", "- ", "I cannot "]
)
def test_a_reply_of_any_length_is_read_in_time_that_grows_with_it(unit):
    # Quadratic work on any of these takes longer than a test may.
    found = observe(document(message([{"type": "text", "text": unit * (1_000_000 // len(unit))}])), probe())
    assert found["text.chars"] > 900_000
