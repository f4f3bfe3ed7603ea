# The Gemini API over plain HTTP: what is recorded is what went over the wire.
# Owns: tests of drift/providers/gemini.py. Refuses to know: retries, the store.

import json
from collections.abc import Callable
from typing import Any

import pytest

from drift.model import Exchange, Message, Target, Tool
from drift.providers import Reply
from tests.provider_support import ASK, HELLO, ask_once, entries, events_sent
from tests.vendor import Vendor

pytest_plugins = ("tests.vendor.plugin",)

KEY = "AIza-test-4f1d0c9b8a7e"
WEATHER = Tool(
    "get_weather",
    "Weather at a place.",
    {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
)


@pytest.fixture
def ask(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reply]:
    """Open a provider, ask one probe with the given exchanges, close it."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)

    def ask(*exchanges: Exchange, model: str = "gemini-3.8-flash", **target: Any) -> Reply:
        return ask_once(Target("gemini", model, base_url=vendor.gemini_url, **target), *exchanges)

    return ask


def test_the_recorded_request_and_answer_are_those_of_the_wire(
    vendor: Vendor, ask: Callable[..., Reply]
) -> None:
    with vendor.behaving(unknown_field=True, unknown_block=True, stop_reason="BRAND_NEW_REASON"):
        reply = ask(HELLO)
    (entry,) = entries(reply)
    (received,) = vendor.log
    assert (reply.outcome, reply.dialect) == ("response", "gemini")
    assert entry["request"]["body"] == received.json
    assert entry["request"]["path"] == received.path == "/v1beta/models/gemini-3.8-flash:generateContent"
    assert entry["body"] == json.loads(received.sent)
    assert entry["body"]["candidates"][0]["finishReason"] == "BRAND_NEW_REASON"
    assert entry["body"]["brandNewField"] == {"nested": [1, None]}


def test_the_key_travels_in_its_header_and_nowhere_else(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    reply = ask(HELLO)
    (received,) = vendor.log
    assert received.headers["x-goog-api-key"] == KEY
    assert KEY not in received.path
    assert "authorization" not in received.headers
    assert KEY not in json.dumps(reply.document)
    assert entries(reply)[0]["request"]["auth"] == ["x-goog-api-key"]


def test_the_version_of_the_api_is_part_of_the_path(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    for version, path in ((None, "/v1beta/"), ("v1", "/v1/")):
        ask(HELLO, api_version=version)
        assert vendor.log[-1].path.startswith(path)
    reply = ask(HELLO, api_version="v0")
    assert (reply.outcome, entries(reply)[0]["status"]) == ("rejected", 404)


def test_an_id_with_odd_characters_stays_one_segment_of_the_path(
    vendor: Vendor, ask: Callable[..., Reply]
) -> None:
    ask(HELLO, model="odd id?key=1#x")
    ask(HELLO, model="tunedModels/mine")
    assert [received.path for received in vendor.log] == [
        "/v1beta/models/odd%20id%3Fkey%3D1%23x:generateContent",
        "/v1beta/tunedModels/mine:generateContent",
    ]


@pytest.mark.parametrize("switches", [{}, {"unknown_event": True}, {"no_terminal": True}])
def test_a_stream_is_kept_chunk_by_chunk(
    vendor: Vendor, ask: Callable[..., Reply], switches: dict[str, Any]
) -> None:
    with vendor.behaving(**switches):
        reply = ask(Exchange(messages=(Message("user", "Tell a story"),), max_tokens=64, stream=True))
    (entry,) = entries(reply)
    assert vendor.log[0].path.endswith(":streamGenerateContent?alt=sse")
    assert entry["events"] == events_sent(vendor.log[0].sent)
    assert len(entry["events"]) > 1
    ends = "finishReason" in entry["events"][-1]["data"]["candidates"][0]
    assert ends is ("no_terminal" not in switches)


def test_a_stream_that_is_cut_keeps_what_came(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    vendor.fail(cut=700)
    reply = ask(Exchange(messages=(Message("user", "Tell a story"),), max_tokens=64, stream=True))
    (entry,) = entries(reply)
    whole, _, rest = vendor.log[0].sent.rpartition(b"\r\n\r\n")
    assert (reply.outcome, entry["error"]["kind"]) == ("failed", "cut")
    assert entry["events"] == events_sent(whole)
    assert entry["text"] == rest.decode()


def test_an_error_in_a_stream_is_no_answer(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(stream_error="UNAVAILABLE"):
        reply = ask(Exchange(messages=(Message("user", "Tell a story"),), max_tokens=64, stream=True))
    assert (reply.outcome, entries(reply)[0]["error"]["kind"]) == ("failed", "cut")


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_call_goes_back_with_its_signature(
    vendor: Vendor, ask: Callable[..., Reply], streamed: bool
) -> None:
    first = Exchange(messages=(ASK,), tools=(WEATHER,), max_tokens=64, stream=streamed)
    turns = (ASK, Message("assistant", replay=0), Message("user", tool_results="Sunny"))
    reply = ask(first, Exchange(messages=turns, tools=(WEATHER,), max_tokens=64))
    assert [entry["status"] for entry in entries(reply)] == [200, 200]
    _, turn, result = vendor.log[1].json["contents"]
    (part,) = turn["parts"]
    assert part["thoughtSignature"]
    answer = {"id": part["functionCall"]["id"], "name": "get_weather", "response": {"result": "Sunny"}}
    assert result == {"role": "user", "parts": [{"functionResponse": answer}]}
    if not streamed:
        assert turn == json.loads(vendor.log[0].sent)["candidates"][0]["content"]


def test_without_its_signature_the_call_is_refused(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    turns = (ASK, Message("assistant", replay=0), Message("user", tool_results="Sunny"))
    call = {"role": "model", "parts": [{"functionCall": {"name": "get_weather", "args": {"city": "Bern"}}}]}
    answer = {"functionResponse": {"name": "get_weather", "response": {"result": "Sunny"}}}
    body = {
        "contents": [{"role": "user", "parts": [{"text": "?"}]}, call, {"role": "user", "parts": [answer]}]
    }
    reply = ask(Exchange(messages=turns[:1], bodies={"gemini": body}))
    assert reply.outcome == "rejected"
    assert "thought_signature" in entries(reply)[0]["body"]["error"]["message"]


@pytest.mark.parametrize(
    ("exchange", "form"),
    [
        (Exchange(operation="count_tokens", messages=HELLO.messages), {"contents"}),
        (
            Exchange(operation="count_tokens", messages=HELLO.messages, tools=(WEATHER,)),
            {"generateContentRequest"},
        ),
    ],
)
def test_tokens_are_counted_as_they_are_billed(
    vendor: Vendor, ask: Callable[..., Reply], exchange: Exchange, form: set[str]
) -> None:
    (counted,) = entries(ask(exchange))
    (answered,) = entries(ask(Exchange(messages=exchange.messages, tools=exchange.tools, max_tokens=64)))
    assert counted["request"]["path"].endswith(":countTokens")
    assert set(counted["request"]["body"]) == form
    assert counted["body"]["totalTokens"] == answered["body"]["usageMetadata"]["promptTokenCount"]


def test_the_catalogue_is_read_to_its_last_page(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(page_size=3):
        reply = ask(Exchange(operation="list_models"))
    names = [model["name"] for entry in entries(reply) for model in entry["body"]["models"]]
    assert len(entries(reply)) == 2
    assert len(names) == len(set(names)) > 3
    assert "pageToken=" in vendor.log[1].path


@pytest.mark.parametrize(
    ("exchange", "status", "words"),
    [
        (Exchange(messages=HELLO.messages, model="gone"), 404, "is not found for API version v1beta"),
        (Exchange(messages=HELLO.messages, params={"brand_new": 1}), 400, 'Unknown name "brand_new"'),
        (Exchange(bodies={"gemini": {}}), 400, "contents is not specified"),
        (Exchange(messages=(Message("narrator", "hm"),)), 400, "valid role"),
        (Exchange(messages=HELLO.messages, params={"temperature": 9.5}), 400, "temperature"),
    ],
)
def test_a_refusal_is_a_fact_about_the_api(
    vendor: Vendor, ask: Callable[..., Reply], exchange: Exchange, status: int, words: str
) -> None:
    reply = ask(exchange)
    (entry,) = entries(reply)
    assert (reply.outcome, entry["status"]) == ("rejected", status)
    assert words in entry["body"]["error"]["message"]
    assert entry["body"] == json.loads(vendor.log[0].sent)


def test_a_key_that_is_refused_says_nothing_about_the_api(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(keys=frozenset({"another"})):
        reply = ask(HELLO)
    assert (entries(reply)[0]["status"], reply.outcome) == (400, "failed")


@pytest.mark.parametrize("headers", [{"x-goog-api-key": "invalid"}, {"authorization": "Bearer invalid"}])
def test_a_probe_with_a_credential_of_its_own_sends_no_other(
    vendor: Vendor, ask: Callable[..., Reply], headers: dict[str, str]
) -> None:
    ask(Exchange(messages=HELLO.messages, headers=headers))
    assert KEY not in str(vendor.log[0].headers)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_trouble_is_kept_and_not_repeated(
    vendor: Vendor, ask: Callable[..., Reply], status: int
) -> None:
    vendor.fail(status, times=9)
    reply = ask(HELLO)
    assert (reply.outcome, len(vendor.log)) == ("failed", 1)
    assert entries(reply)[0]["body"] == json.loads(vendor.log[0].sent)


def test_parameters_stand_where_this_api_wants_them(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    thinking = {"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}}
    ask(
        Exchange(
            system="Be short.",
            messages=HELLO.messages,
            output_schema={"type": "object"},
            tools=(WEATHER,),
            tool_choice="get_weather",
            max_tokens=64,
            stop=("END",),
            params={"temperature": 0.5, "top_k": 3, "safetySettings": []},
        ),
        params={"seed": 1, **thinking},
    )
    assert vendor.log[0].json == {
        "systemInstruction": {"parts": [{"text": "Be short."}]},
        "contents": [{"role": "user", "parts": [{"text": "Reply with ok"}]}],
        "generationConfig": {
            "maxOutputTokens": 64,
            "responseMimeType": "application/json",
            "responseJsonSchema": {"type": "object"},
            "stopSequences": ["END"],
            "seed": 1,
            "thinkingConfig": {"thinkingLevel": "LOW"},
            "temperature": 0.5,
            "topK": 3,
        },
        "safetySettings": [],
        "tools": [
            {
                "functionDeclarations": [
                    {
                        "name": "get_weather",
                        "description": "Weather at a place.",
                        "parametersJsonSchema": WEATHER.input_schema,
                    }
                ]
            }
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["get_weather"]}},
    }
