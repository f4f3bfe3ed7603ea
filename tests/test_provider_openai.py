# Chat Completions over plain HTTP: what is recorded is what went over the wire.
# Owns: tests of drift/providers/openai.py. Refuses to know: retries, the store.

import json
from collections.abc import Callable
from typing import Any

import pytest

from drift.model import Exchange, Message, Target
from drift.providers import Reply
from tests.provider_support import ASK, HELLO, WEATHER, ask_once, entries, events_sent
from tests.vendor import Vendor, find_event

pytest_plugins = ("tests.vendor.plugin",)

KEY = "sk-proj-test-4f1d0c9b8a7e"


@pytest.fixture
def ask(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reply]:
    """Open a provider, ask one probe with the given exchanges, close it."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def ask(*exchanges: Exchange, target: str = "openai/gpt-5.5", timeout_s: float = 5) -> Reply:
        platform, model = target.split("/")
        return ask_once(Target(platform, model, base_url=vendor.openai_url), *exchanges, timeout_s=timeout_s)

    return ask


def test_the_recorded_request_and_answer_are_those_of_the_wire(
    vendor: Vendor, ask: Callable[..., Reply]
) -> None:
    odd = Exchange(
        system="Sei kurz. ü \U0001f600 \ud83d",
        messages=(Message("user", "Reply with ok"),),
        tools=(WEATHER,),
        tool_choice="none",
        max_tokens=64,
        params={"brand_new_parameter": [1.0, None], "seed": 7},
    )
    with vendor.behaving("thinking-on-by-default", unknown_field=True, stop_reason="brand_new_reason"):
        reply = ask(odd)
    (entry,) = entries(reply)
    (received,) = vendor.log
    assert (reply.outcome, reply.dialect) == ("response", "openai-chat")
    assert entry["request"]["body"] == received.json
    assert entry["request"]["headers"].items() <= received.headers.items()
    assert entry["body"] == json.loads(received.sent)
    assert entry["body"]["choices"][0]["finish_reason"] == "brand_new_reason"
    assert entry["body"]["choices"][0]["message"]["reasoning_content"]
    assert entry["headers"]["x-request-id"].startswith("req_")
    assert KEY not in json.dumps(entry)


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"events": (find_event("thinking-on-by-default"),), "unknown_event": True},
        {"no_terminal": True},
    ],
)
def test_a_stream_is_kept_event_by_event(
    vendor: Vendor, ask: Callable[..., Reply], switches: dict[str, Any]
) -> None:
    with vendor.behaving(**switches):
        reply = ask(Exchange(messages=(ASK,), tools=(WEATHER,), max_tokens=64, stream=True))
    (entry,) = entries(reply)
    assert entry["events"] == events_sent(vendor.log[0].sent)
    assert (entry["events"][-1]["data"] == "[DONE]") is ("no_terminal" not in switches)
    assert any(isinstance(event["data"], dict) and event["data"].get("usage") for event in entry["events"])
    assert reply.outcome == "response"


def test_a_stream_that_is_cut_keeps_what_came(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    vendor.fail(cut=500)
    reply = ask(Exchange(messages=HELLO.messages, max_tokens=64, stream=True))
    (entry,) = entries(reply)
    whole, _, rest = vendor.log[0].sent.rpartition(b"\n\n")
    assert (reply.outcome, entry["error"]["kind"]) == ("failed", "cut")
    assert entry["events"] == events_sent(whole)
    assert entry["text"] == rest.decode()


def test_an_error_in_a_stream_is_no_answer(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(stream_error="server_error"):
        reply = ask(Exchange(messages=HELLO.messages, max_tokens=64, stream=True))
    assert (reply.outcome, entries(reply)[0]["error"]["kind"]) == ("failed", "cut")


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_call_goes_back_and_forth(vendor: Vendor, ask: Callable[..., Reply], streamed: bool) -> None:
    first = Exchange(messages=(ASK,), tools=(WEATHER,), max_tokens=64, stream=streamed)
    turns = (ASK, Message("assistant", replay=0), Message("user", tool_results="Sunny"))
    second = Exchange(messages=turns, tools=(WEATHER,), max_tokens=64)
    with vendor.behaving("thinking-on-by-default"):
        reply = ask(first, second)
    assert [entry["status"] for entry in entries(reply)] == [200, 200]
    _, turn, result = vendor.log[1].json["messages"]
    assert json.loads(turn["tool_calls"][0]["function"]["arguments"]) == {"city": "Bern"}
    assert turn["reasoning_content"]
    assert result == {"role": "tool", "tool_call_id": turn["tool_calls"][0]["id"], "content": "Sunny"}
    if not streamed:
        assert turn == json.loads(vendor.log[0].sent)["choices"][0]["message"]


def test_the_output_cap_has_the_name_that_the_platform_knows(
    vendor: Vendor, ask: Callable[..., Reply]
) -> None:
    assert ask(HELLO).outcome == "response"
    assert ask(HELLO, target="compatible/open-model-7b").outcome == "response"
    caps = [received.json.keys() & {"max_tokens", "max_completion_tokens"} for received in vendor.log]
    assert caps == [{"max_completion_tokens"}, {"max_tokens"}]


def test_tokens_are_counted_by_a_one_token_answer(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    (entry,) = entries(ask(Exchange(operation="count_tokens", messages=HELLO.messages)))
    assert (entry["operation"], entry["request"]["path"]) == ("count_tokens", "/v1/chat/completions")
    assert vendor.log[0].json["max_completion_tokens"] == 1
    assert entry["body"]["usage"]["prompt_tokens"] > 0


def test_the_catalogue_is_listed(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    (entry,) = entries(ask(Exchange(operation="list_models")))
    assert entry["request"] | {"headers": {}} == {
        "method": "GET",
        "path": "/v1/models",
        "headers": {},
        "auth": ["authorization bearer"],
        "body": None,
    }
    assert entry["body"] == json.loads(vendor.log[0].sent)


@pytest.mark.parametrize(
    ("exchange", "status", "code"),
    [
        (Exchange(messages=HELLO.messages, model="gone"), 404, "model_not_found"),
        (Exchange(bodies={"openai-chat": {"messages": "text"}}), 400, "invalid_type"),
        (Exchange(bodies={"openai-chat": {"input": []}}), 400, "missing_required_parameter"),
        (Exchange(messages=HELLO.messages, params={"temperature": 9.5}), 400, "decimal_above_max_value"),
        (Exchange(messages=(Message("narrator", "hm"),)), 400, "invalid_value"),
        (Exchange(messages=HELLO.messages, params={"max_tokens": 5}), 400, "unsupported_parameter"),
    ],
)
def test_a_refusal_is_a_fact_about_the_api(
    vendor: Vendor, ask: Callable[..., Reply], exchange: Exchange, status: int, code: str
) -> None:
    reply = ask(exchange)
    (entry,) = entries(reply)
    assert (reply.outcome, entry["status"], entry["body"]["error"]["code"]) == ("rejected", status, code)
    assert entry["body"] == json.loads(vendor.log[0].sent)


@pytest.mark.parametrize(
    "headers", [{"authorization": "Bearer invalid"}, {"x-api-key": "x"}, {"authorization": ""}]
)
def test_a_probe_with_a_credential_of_its_own_sends_no_other(
    vendor: Vendor, ask: Callable[..., Reply], headers: dict[str, str]
) -> None:
    ask(Exchange(messages=HELLO.messages, headers=headers))
    assert KEY not in str(vendor.log[0].headers)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_passing_trouble_is_kept_and_not_repeated(
    vendor: Vendor, ask: Callable[..., Reply], status: int
) -> None:
    vendor.fail(status, times=9)
    reply = ask(HELLO)
    assert (reply.outcome, len(vendor.log)) == ("failed", 1)
    assert entries(reply)[0]["body"] == json.loads(vendor.log[0].sent)
