# Neutral requests as bodies of a dialect: lossless, deterministic, and back again for a received turn.
# Owns: tests of drift/providers/render.py. Refuses to know: the network.

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.model import Exchange, Message, Target, Tool
from drift.providers.render import (
    ConversationEndsError,
    anthropic_turn,
    gemini_turn,
    merge_patch,
    openai_chat_turn,
    openai_responses_turn,
    render,
)

CLAUDE = Target("anthropic", "claude-opus-5-5")
OPENAI = Target("openai", "gpt-5.5")
GEMINI = Target("gemini", "gemini-3.8-flash")
HOST = Target("compatible", "open-model-7b")

TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
NAMES = st.text("abcdefgh_", min_size=4, max_size=8).filter(lambda name: name not in {"auto", "none"})
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-99, 99)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(TEXT, children, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=3)
TOOLS = st.builds(Tool, name=NAMES, description=TEXT, input_schema=OBJECTS)
EXCHANGES = st.builds(
    Exchange,
    operation=st.just("generate"),
    system=st.none() | TEXT,
    messages=st.lists(
        st.builds(Message, role=st.sampled_from(["user", "assistant"]), content=TEXT), max_size=3
    ).map(tuple),
    tools=st.lists(TOOLS, max_size=2).map(tuple),
    tool_choice=st.none() | st.sampled_from(["auto", "any", "none"]) | NAMES,
    output_schema=st.none() | OBJECTS,
    max_tokens=st.none() | st.integers(1, 9999),
    stop=st.lists(TEXT, max_size=2).map(tuple),
    stream=st.booleans(),
    model=st.none() | TEXT.filter(bool),
    params=st.dictionaries(
        st.sampled_from(["temperature", "top_p", "top_k", "seed", "odd"]), JSON, max_size=2
    ),
)


def neutral_of_claude(body: dict[str, Any]) -> dict[str, Any]:
    """Read a body of the Messages API back into neutral parts."""
    body = dict(body)
    choice = body.pop("tool_choice", None)
    found = {
        "model": body.pop("model"),
        "system": body.pop("system", None),
        "messages": [(message["role"], message["content"]) for message in body.pop("messages")],
        "tools": [(t["name"], t["description"], t["input_schema"]) for t in body.pop("tools", [])],
        "tool_choice": choice and (choice["name"] if choice["type"] == "tool" else choice["type"]),
        "output_schema": body.pop("output_config", {"format": {"schema": None}})["format"]["schema"],
        "max_tokens": body.pop("max_tokens", None),
        "stop": body.pop("stop_sequences", []),
        "stream": body.pop("stream", False),
    }
    return {**found, "params": body}


def neutral_of_chat(body: dict[str, Any], exchange: Exchange) -> dict[str, Any]:
    """Read a body of Chat Completions back into neutral parts; the exchange says whether there was a system text."""
    body = dict(body)
    messages = [(message["role"], message["content"]) for message in body.pop("messages")]
    system = messages.pop(0)[1] if exchange.system is not None else None
    choice = body.pop("tool_choice", None)
    body.pop("stream_options", None)
    found = {
        "model": body.pop("model"),
        "system": system,
        "messages": messages,
        "tools": [
            (t["function"]["name"], t["function"]["description"], t["function"]["parameters"])
            for t in body.pop("tools", [])
        ],
        "tool_choice": choice["function"]["name"]
        if isinstance(choice, dict)
        else {"required": "any"}.get(choice, choice),
        "output_schema": body.pop("response_format", {"json_schema": {"schema": None}})["json_schema"][
            "schema"
        ],
        "max_tokens": body.pop("max_completion_tokens", None),
        "stop": body.pop("stop", []),
        "stream": body.pop("stream", False),
    }
    return {**found, "params": body}


def neutral_of_responses(body: dict[str, Any]) -> dict[str, Any]:
    """Read a body of the Responses API back into neutral parts."""
    body = dict(body)
    choice = body.pop("tool_choice", None)
    found = {
        "model": body.pop("model"),
        "system": body.pop("instructions", None),
        "messages": [(item["role"], item["content"]) for item in body.pop("input")],
        "tools": [(t["name"], t["description"], t["parameters"]) for t in body.pop("tools", [])],
        "tool_choice": choice["name"]
        if isinstance(choice, dict)
        else {"required": "any"}.get(choice, choice),
        "output_schema": body.pop("text", {"format": {"schema": None}})["format"]["schema"],
        "max_tokens": body.pop("max_output_tokens", None),
        "stop": body.pop("stop", []),
        "stream": body.pop("stream", False),
    }
    return {**found, "params": body}


def neutral_of_gemini(body: dict[str, Any], exchange: Exchange) -> dict[str, Any]:
    """Read a body of the Gemini API back into neutral parts; model and stream stand in the path."""
    body, config = dict(body), dict(body.get("generationConfig", {}))
    body.pop("generationConfig", None)
    calling = body.pop("toolConfig", {"functionCallingConfig": {}})["functionCallingConfig"]
    names = calling.get("allowedFunctionNames", [])
    config.pop("responseMimeType", None)
    found = {
        "model": exchange.model or GEMINI.model,
        "system": body.pop("systemInstruction", {"parts": [{"text": None}]})["parts"][0]["text"],
        "messages": [
            ({"model": "assistant"}.get(turn["role"], turn["role"]), turn["parts"][0]["text"])
            for turn in body.pop("contents")
        ],
        "tools": [
            (function["name"], function["description"], function["parametersJsonSchema"])
            for tool in body.pop("tools", [])
            for function in tool["functionDeclarations"]
        ],
        "tool_choice": names[0] if names else calling.get("mode", "").lower() or None,
        "output_schema": config.pop("responseJsonSchema", None),
        "max_tokens": config.pop("maxOutputTokens", None),
        "stop": config.pop("stopSequences", []),
        "stream": exchange.stream,
    }
    spelled = {"topP": "top_p", "topK": "top_k"}
    return {**found, "params": {**body, **{spelled.get(name, name): value for name, value in config.items()}}}


def neutral(exchange: Exchange, target: Target) -> dict[str, Any]:
    return {
        "model": exchange.model or target.model,
        "system": exchange.system,
        "messages": [(message.role, message.content) for message in exchange.messages],
        "tools": [(tool.name, tool.description, tool.input_schema) for tool in exchange.tools],
        "tool_choice": exchange.tool_choice,
        "output_schema": exchange.output_schema,
        "max_tokens": exchange.max_tokens,
        "stop": list(exchange.stop),
        "stream": exchange.stream,
        "params": dict(exchange.params),
    }


@given(EXCHANGES)
def test_rendering_is_deterministic_and_loses_nothing(exchange: Exchange) -> None:
    claude = render(exchange, "anthropic", CLAUDE)
    chat = render(exchange, "openai-chat", OPENAI)
    assert json.dumps(claude) == json.dumps(render(exchange, "anthropic", CLAUDE))
    assert json.dumps(chat) == json.dumps(render(exchange, "openai-chat", OPENAI))
    assert neutral_of_claude(claude) == neutral(exchange, CLAUDE)
    assert neutral_of_chat(chat, exchange) == neutral(exchange, OPENAI)
    assert neutral_of_responses(render(exchange, "openai-responses", OPENAI)) == neutral(exchange, OPENAI)
    assert neutral_of_gemini(render(exchange, "gemini", GEMINI), exchange) == neutral(exchange, GEMINI)


def ask(*turns: Message, **parts: Any) -> Exchange:
    return Exchange(messages=turns or (Message("user", "hi"),), **parts)


def test_a_full_request_in_each_dialect() -> None:
    schema = {"type": "object"}
    exchange = ask(
        system="s",
        tools=(Tool("t", "d", schema),),
        tool_choice="t",
        output_schema=schema,
        max_tokens=9,
        stop=("x",),
        stream=True,
        params={"top_p": 0.5},
    )
    assert render(exchange, "anthropic", CLAUDE) == {
        "model": "claude-opus-5-5",
        "max_tokens": 9,
        "system": "s",
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"name": "t", "description": "d", "input_schema": schema}],
        "tool_choice": {"type": "tool", "name": "t"},
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
        "stop_sequences": ["x"],
        "stream": True,
        "top_p": 0.5,
    }
    assert render(exchange, "openai-chat", HOST) == {
        "model": "open-model-7b",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}],
        "max_tokens": 9,
        "tools": [{"type": "function", "function": {"name": "t", "description": "d", "parameters": schema}}],
        "tool_choice": {"type": "function", "function": {"name": "t"}},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": schema},
        },
        "stop": ["x"],
        "stream": True,
        "stream_options": {"include_usage": True},
        "top_p": 0.5,
    }


def test_fixed_parameters_of_the_target_go_with_generating_only() -> None:
    target = Target("anthropic", "m", params={"temperature": 0, "top_k": 1})
    assert render(ask(params={"top_k": 2}), "anthropic", target)["top_k"] == 2
    assert render(ask(), "anthropic", target)["temperature"] == 0
    assert render(
        ask(operation="count_tokens", max_tokens=5, stop=("x",), stream=True), "anthropic", target
    ) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
    }


def test_counting_without_an_endpoint_asks_for_one_token() -> None:
    body = render(ask(operation="count_tokens", stream=True), "openai-chat", HOST)
    assert body == {
        "model": "open-model-7b",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 1,
    }


def test_counting_asks_for_what_an_answer_would_be_billed_for() -> None:
    tool = Tool("t", "d", {"type": "object"})
    asked = ask(operation="count_tokens", system="s", tools=(tool,), max_tokens=5, stop=("x",), stream=True)
    assert render(asked, "openai-responses", OPENAI).keys() == {"model", "instructions", "input", "tools"}
    counted = render(asked, "gemini", GEMINI)["generateContentRequest"]
    assert counted.pop("model") == "models/gemini-3.8-flash"
    assert counted == render(ask(system="s", tools=(tool,)), "gemini", GEMINI)
    assert render(ask(operation="count_tokens"), "gemini", GEMINI).keys() == {"contents"}


def test_a_group_of_parameters_keeps_what_stands_beside_it() -> None:
    target = Target("openai", "m", params={"text": {"verbosity": "low"}, "reasoning": {"summary": "auto"}})
    body = render(ask(output_schema={}, params={"reasoning_effort": "low"}), "openai-responses", target)
    assert body["text"]["verbosity"] == "low"
    assert body["text"]["format"]["type"] == "json_schema"
    assert body["reasoning"] == {"summary": "auto", "effort": "low"}


def test_overrides_patch_the_rendered_body_of_their_dialect_only() -> None:
    exchange = ask(
        max_tokens=5, overrides={"anthropic": {"max_tokens": None, "thinking": {"type": "disabled"}}}
    )
    body = render(exchange, "anthropic", CLAUDE)
    assert "max_tokens" not in body
    assert body["thinking"] == {"type": "disabled"}
    assert render(exchange, "openai-chat", OPENAI) == render(ask(max_tokens=5), "openai-chat", OPENAI)


@pytest.mark.parametrize(
    ("exact", "expected"),
    [
        ({"messages": 5}, {"model": "claude-opus-5-5", "messages": 5}),
        ({"model": None}, {"model": None}),
        ([], []),
        ("text", "text"),
    ],
)
def test_an_exact_body_is_sent_as_it_is_but_for_the_model(exact: Any, expected: Any) -> None:
    exchange = ask(
        max_tokens=7, params={"top_p": 1}, bodies={"anthropic": exact}, overrides={"anthropic": {"x": 1}}
    )
    assert render(exchange, "anthropic", CLAUDE) == expected


# The examples of RFC 7396, appendix A.
@pytest.mark.parametrize(
    ("value", "patch", "expected"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_follows_the_standard(value: Any, patch: Any, expected: Any) -> None:
    assert merge_patch(value, patch) == expected


# Turns that come back


def entry(
    body: Any = None, events: list[Any] | None = None, status: int = 200, error: Any = None
) -> dict[str, Any]:
    wrapped = None if events is None else [{"event": None, "data": data} for data in events]
    return {"status": status, "error": error, "body": body, "events": wrapped}


CALL = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}, "odd": [1]}
CLAUDE_TURN = entry({"content": [{"type": "brand_new", "x": 1}, {"type": "text", "text": "t"}, CALL]})
CHAT_MESSAGE = {
    "role": "assistant",
    "content": None,
    "odd": 1,
    "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        {"id": "c2"},
    ],
}
CHAT_TURN = entry({"choices": [{"message": CHAT_MESSAGE}]})
REPLAYED = (Message("user", "hi"), Message("assistant", replay=0), Message("user", tool_results="42"))


def test_a_turn_is_replayed_unchanged_and_every_call_answered() -> None:
    claude = render(ask(*REPLAYED), "anthropic", CLAUDE, [CLAUDE_TURN])
    assert claude["messages"][1:] == [
        {"role": "assistant", "content": CLAUDE_TURN["body"]["content"]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "42"}]},
    ]
    chat = render(ask(*REPLAYED), "openai-chat", OPENAI, [CHAT_TURN])
    assert chat["messages"][1:] == [
        CHAT_MESSAGE,
        {"role": "tool", "tool_call_id": "c1", "content": "42"},
        {"role": "tool", "tool_call_id": "c2", "content": "42"},
    ]


RESPONSES_ITEMS = [
    {"type": "reasoning", "id": "rs_1", "encrypted_content": "x", "odd": 1},
    {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"},
]
GEMINI_PARTS = [
    {"text": "hm", "thought": True},
    {"functionCall": {"name": "f", "args": {}, "id": "1"}, "thoughtSignature": "x", "odd": 1},
    {"functionCall": {"name": "g"}},
]


def test_reasoning_and_signatures_go_back_as_they_came() -> None:
    turn = entry({"output": RESPONSES_ITEMS})
    body = render(ask(*REPLAYED), "openai-responses", OPENAI, [turn])
    output = {"type": "function_call_output", "call_id": "call_1", "output": "42"}
    assert body["input"][1:] == [*RESPONSES_ITEMS, output]
    turn = entry({"candidates": [{"content": {"role": "model", "parts": GEMINI_PARTS}}]})
    body = render(ask(*REPLAYED), "gemini", GEMINI, [turn])
    assert body["contents"][1:] == [
        {"role": "model", "parts": GEMINI_PARTS},
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "1", "name": "f", "response": {"result": "42"}}},
                {"functionResponse": {"name": "g", "response": {"result": "42"}}},
            ],
        },
    ]


def test_a_streamed_turn_of_gemini_keeps_every_part_apart() -> None:
    chunks = [
        {"candidates": [{"content": {"role": "model", "parts": [part]}}], "usageMetadata": {}}
        for part in ({"text": "a"}, {"text": "b"}, {"text": "", "thoughtSignature": "x"})
    ]
    turn = gemini_turn(entry(events=[*chunks, {"promptFeedback": {}}, "odd"]))
    assert turn == {
        "role": "model",
        "parts": [{"text": "a"}, {"text": "b"}, {"text": "", "thoughtSignature": "x"}],
    }


@pytest.mark.parametrize(
    ("dialect", "turns"),
    [
        ("openai-responses", []),
        ("openai-responses", [entry({"output": []})]),
        ("openai-responses", [entry({"output": "odd"})]),
        ("openai-responses", [entry({"output": [1]})]),
        ("openai-responses", [entry({"output": [{"type": "message"}]})]),
        ("openai-responses", [entry(events=[{"type": "response.output_item.done", "item": 1}])]),
        ("gemini", []),
        ("gemini", [entry({"candidates": []})]),
        ("gemini", [entry({"candidates": [{"content": {"parts": []}}]})]),
        ("gemini", [entry({"candidates": [{"content": {"parts": [1, {"functionCall": 1}]}}]})]),
        ("gemini", [entry({"candidates": [{"content": {"parts": [{"text": "no call"}]}}]})]),
        ("anthropic", []),
        ("anthropic", [entry({"content": [{"type": "text", "text": "no call"}]})]),
        ("anthropic", [entry({"content": []})]),
        ("anthropic", [entry({"content": "text"})]),
        ("anthropic", [entry({"content": ["text"]})]),
        ("anthropic", [entry(["odd"])]),
        ("anthropic", [entry({"content": [CALL]}, status=400)]),
        ("anthropic", [entry({"content": [CALL]}, error={"kind": "cut", "message": ""})]),
        ("anthropic", [entry({"content": [{"type": "tool_use", "name": "no id"}]})]),
        (
            "anthropic",
            [entry(events=["[DONE]", {"type": "content_block_delta", "index": 0, "delta": {"text": "x"}}])],
        ),
        ("openai-chat", []),
        ("openai-chat", [entry({"choices": [{"message": {"content": "no call"}}]})]),
        ("openai-chat", [entry({"choices": []})]),
        ("openai-chat", [entry({"choices": [{"message": {"tool_calls": "odd"}}]})]),
        ("openai-chat", [entry({"choices": [{"message": {"tool_calls": [1, {"no": "id"}]}}]})]),
        ("openai-chat", [entry(events=["[DONE]"])]),
    ],
)
def test_a_conversation_ends_where_nothing_can_be_replayed_or_answered(
    dialect: str, turns: list[Any]
) -> None:
    with pytest.raises(ConversationEndsError):
        render(ask(*REPLAYED), dialect, CLAUDE, turns)


def test_a_turn_without_a_call_can_be_replayed_when_no_result_is_due() -> None:
    turn = entry({"content": [{"type": "text", "text": "t"}]})
    body = render(ask(Message("assistant", replay=0), Message("user", "go on")), "anthropic", CLAUDE, [turn])
    assert body["messages"][0] == {"role": "assistant", "content": [{"type": "text", "text": "t"}]}


def test_a_streamed_turn_is_put_together_block_by_block() -> None:
    def delta(index: int, **fields: Any) -> dict[str, Any]:
        return {"type": "content_block_delta", "index": index, "delta": fields}

    events = [
        {"type": "message_start", "message": {}},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "thinking", "thinking": "", "signature": ""},
        },
        delta(0, type="thinking_delta", thinking="a"),
        delta(0, type="thinking_delta", thinking="b"),
        delta(0, type="signature_delta", signature="sig"),
        {"type": "ping"},
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": {"type": "text", "text": "", "citations": None},
        },
        delta(1, type="text_delta", text="x"),
        delta(1, type="citations_delta", citation={"n": 1}),
        delta(1, type="citations_delta", citation={"n": 2}),
        {
            "type": "content_block_start",
            "index": 2,
            "content_block": {"type": "tool_use", "id": "i", "name": "f", "input": {}},
        },
        delta(2, type="input_json_delta", partial_json='{"a"'),
        delta(2, type="input_json_delta", partial_json=":1}"),
        {"type": "content_block_start", "index": 3, "content_block": {"type": "brand_new", "list": [1]}},
        delta(3, type="brand_new_delta", list=[2], object={"k": "v"}),
        delta(3, type="brand_new_delta", object={"k": "w"}),
    ]
    turn = anthropic_turn(entry(events=events))
    assert turn is not None
    assert turn["content"] == [
        {"type": "thinking", "thinking": "ab", "signature": "sig"},
        {"type": "text", "text": "x", "citations": [{"n": 1}, {"n": 2}]},
        {"type": "tool_use", "id": "i", "name": "f", "input": {"a": 1}},
        {"type": "brand_new", "list": [1, 2], "object": {"k": "vw"}},
    ]
    unfinished = [*events[:12], delta(2, type="input_json_delta", partial_json="")]
    assert anthropic_turn(entry(events=unfinished)) is None


def test_streamed_chunks_are_put_together_call_by_call() -> None:
    def chunk(**delta: Any) -> dict[str, Any]:
        return {"choices": [{"index": 0, "delta": delta}]}

    def call(index: int, **fields: Any) -> list[dict[str, Any]]:
        return [{"index": index, **fields}]

    events = [
        chunk(role="assistant", content="", refusal=None),
        chunk(content="a"),
        chunk(content="b", reasoning_content="r"),
        chunk(reasoning_content="s"),
        chunk(tool_calls=call(0, id="c1", type="function", function={"name": "f", "arguments": ""})),
        chunk(tool_calls=call(0, function={"arguments": '{"a"'})),
        chunk(tool_calls=call(1, id="c2", type="function", function={"name": "g", "arguments": "{}"})),
        chunk(tool_calls=call(0, function={"arguments": ":1}"})),
        {"choices": [{"index": 1, "delta": {"content": "another choice"}}]},
        {"choices": [], "usage": {}},
        "[DONE]",
    ]
    assert openai_chat_turn(entry(events=events)) == {
        "role": "assistant",
        "content": "ab",
        "refusal": None,
        "reasoning_content": "rs",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
            {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        ],
    }


@given(
    st.lists(
        JSON
        | st.builds(
            lambda kind, rest: {"type": kind, **rest},
            st.sampled_from(["content_block_start", "content_block_delta", "response.output_item.done"]),
            OBJECTS,
        ),
        max_size=4,
    )
)
def test_hostile_events_never_crash(events: list[Any]) -> None:
    for read_turn in (anthropic_turn, openai_chat_turn, openai_responses_turn, gemini_turn):
        read_turn(entry(events=events))
        for body in events:
            read_turn(entry(body))
