# The Responses API over plain HTTP, beside Chat Completions: which one is asked, and what is recorded.
# Owns: tests of the dialect openai-responses in drift/providers. Refuses to know: retries, the store.

import json
from collections.abc import Callable

import pytest

from drift.errors import UsageError
from drift.model import Exchange, Message, Target
from drift.providers import Reply, open_provider
from tests.provider_support import ASK, HELLO, WEATHER, ask_once, entries
from tests.vendor import Vendor, find_event

pytest_plugins = ("tests.vendor.plugin",)

KEY = "sk-proj-test-4f1d0c9b8a7e"
THINKING = {"events": (find_event("thinking-on-by-default"),)}


@pytest.fixture
def ask(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reply]:
    """Open a provider that prefers Responses, ask one probe with the given exchanges, close it."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def ask(
        *exchanges: Exchange,
        dialect: str | None = "openai-responses",
        dialects: tuple[str, ...] = (),
        target: str = "openai/gpt-5.5",
    ) -> Reply:
        platform, model = target.split("/")
        subject = Target(platform, model, base_url=vendor.openai_url, dialect=dialect)
        return ask_once(subject, *exchanges, dialects=dialects)

    return ask


@pytest.mark.parametrize(
    ("dialect", "dialects", "path"),
    [
        (None, (), "/v1/chat/completions"),
        ("openai-chat", (), "/v1/chat/completions"),
        ("openai-responses", (), "/v1/responses"),
        (None, ("openai-responses",), "/v1/responses"),
        ("openai-responses", ("openai-chat",), "/v1/chat/completions"),
        ("openai-responses", ("openai-chat", "openai-responses"), "/v1/responses"),
    ],
)
def test_a_probe_that_names_a_dialect_wins_over_the_target_that_prefers_one(
    vendor: Vendor,
    ask: Callable[..., Reply],
    dialect: str | None,
    dialects: tuple[str, ...],
    path: str,
) -> None:
    assert ask(HELLO, dialect=dialect, dialects=dialects).outcome == "response"
    assert vendor.log[0].path == path


def test_every_compatible_host_may_be_asked_in_it(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    assert ask(HELLO, target="compatible/open-model-7b").dialect == "openai-responses"


def test_a_dialect_that_the_platform_does_not_speak_is_refused() -> None:
    with pytest.raises(UsageError, match="does not speak 'gemini'; use openai-chat or openai-responses"):
        open_provider(Target("openai", "m", dialect="gemini"))


def test_the_recorded_request_and_answer_are_those_of_the_wire(
    vendor: Vendor, ask: Callable[..., Reply]
) -> None:
    with vendor.behaving(**THINKING, unknown_field=True, unknown_block=True, stop_reason="brand_new_reason"):
        reply = ask(HELLO)
    (entry,) = entries(reply)
    (received,) = vendor.log
    assert (reply.outcome, reply.dialect) == ("response", "openai-responses")
    assert entry["request"]["body"] == received.json
    assert entry["body"] == json.loads(received.sent)
    assert entry["body"]["incomplete_details"] == {"reason": "brand_new_reason"}
    assert KEY not in json.dumps(entry)


def test_every_part_of_a_request_stands_where_this_api_wants_it(
    vendor: Vendor, ask: Callable[..., Reply]
) -> None:
    ask(
        Exchange(
            system="Be short.",
            messages=HELLO.messages,
            output_schema={"type": "object"},
            tools=(WEATHER,),
            tool_choice="get_weather",
            max_tokens=64,
            params={"reasoning_effort": "low", "verbosity": "low", "temperature": 1},
        )
    )
    assert vendor.log[0].json == {
        "model": "gpt-5.5",
        "instructions": "Be short.",
        "input": [{"role": "user", "content": "Reply with ok"}],
        "max_output_tokens": 64,
        "tools": [
            {
                "type": "function",
                "name": "get_weather",
                "description": "Weather at a place.",
                "parameters": WEATHER.input_schema,
                "strict": False,
            }
        ],
        "tool_choice": {"type": "function", "name": "get_weather"},
        "text": {
            "format": {"type": "json_schema", "name": "answer", "strict": True, "schema": {"type": "object"}},
            "verbosity": "low",
        },
        "reasoning": {"effort": "low"},
        "temperature": 1,
    }


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_call_goes_back_with_the_reasoning_before_it(
    vendor: Vendor, ask: Callable[..., Reply], streamed: bool
) -> None:
    first = Exchange(messages=(ASK,), tools=(WEATHER,), max_tokens=64, stream=streamed)
    turns = (ASK, Message("assistant", replay=0), Message("user", tool_results="Sunny"))
    with vendor.behaving(**THINKING):
        reply = ask(first, Exchange(messages=turns, tools=(WEATHER,), max_tokens=64))
    assert [entry["status"] for entry in entries(reply)] == [200, 200]
    _, reasoning, call, result = vendor.log[1].json["input"]
    assert (reasoning["type"], call["type"]) == ("reasoning", "function_call")
    assert reasoning["encrypted_content"]
    assert json.loads(call["arguments"]) == {"city": "Bern"}
    assert result == {"type": "function_call_output", "call_id": call["call_id"], "output": "Sunny"}


def test_a_stream_without_its_last_event_is_replayed_from_its_finished_items(
    vendor: Vendor, ask: Callable[..., Reply]
) -> None:
    first = Exchange(messages=(ASK,), tools=(WEATHER,), max_tokens=64, stream=True)
    turns = (ASK, Message("assistant", replay=0), Message("user", tool_results="Sunny"))
    with vendor.behaving(no_terminal=True):
        reply = ask(first, Exchange(messages=turns, tools=(WEATHER,), max_tokens=64))
    assert [entry["status"] for entry in entries(reply)] == [200, 200]


def test_an_error_in_a_stream_is_no_answer(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(stream_error="server_error"):
        reply = ask(Exchange(messages=HELLO.messages, max_tokens=64, stream=True))
    assert (reply.outcome, entries(reply)[0]["error"]["kind"]) == ("failed", "cut")


def test_a_response_that_failed_is_no_answer(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    failed = {"id": "resp_1", "object": "response", "status": "failed", "output": []}
    vendor.fail(body=json.dumps({**failed, "error": {"code": "server_error", "message": "Sorry"}}).encode())
    assert ask(HELLO).outcome == "failed"
    vendor.fail(body=json.dumps({**failed, "error": {"code": "invalid_prompt", "message": "No"}}).encode())
    assert ask(HELLO).outcome == "response"


def test_tokens_are_counted_by_the_endpoint_that_counts(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    (counted,) = entries(ask(Exchange(operation="count_tokens", messages=HELLO.messages, tools=(WEATHER,))))
    (answered,) = entries(ask(Exchange(messages=HELLO.messages, tools=(WEATHER,), max_tokens=64)))
    assert counted["request"]["path"] == "/v1/responses/input_tokens"
    assert counted["body"]["input_tokens"] == answered["body"]["usage"]["input_tokens"]


@pytest.mark.parametrize(
    ("exchange", "status", "code"),
    [
        (Exchange(messages=HELLO.messages, model="gone"), 400, "model_not_found"),
        (Exchange(messages=HELLO.messages, stop=("END",)), 400, "unknown_parameter"),
        (Exchange(messages=HELLO.messages, max_tokens=1), 400, "integer_below_min_value"),
        (Exchange(bodies={"openai-responses": {"messages": []}}), 400, "unknown_parameter"),
        (Exchange(messages=(Message("narrator", "hm"),)), 400, "invalid_value"),
    ],
)
def test_a_refusal_is_a_fact_about_the_api(
    vendor: Vendor, ask: Callable[..., Reply], exchange: Exchange, status: int, code: str
) -> None:
    reply = ask(exchange)
    (entry,) = entries(reply)
    assert (reply.outcome, entry["status"], entry["body"]["error"]["code"]) == ("rejected", status, code)
    assert entry["body"] == json.loads(vendor.log[0].sent)
