# Claude through the official SDK: what is recorded is what went over the wire.
# Owns: tests of drift/providers/anthropic.py. Refuses to know: retries, the store.

import asyncio
import json
import warnings
from collections.abc import Callable
from importlib.metadata import version as version_of
from typing import Any

import pytest

from drift.http import recording
from drift.model import Exchange, Message, Probe, Target
from drift.providers import Reply, open_provider
from drift.providers.anthropic import AnthropicProvider
from tests.provider_support import ASK, HELLO, WEATHER, ask_once, entries, events_sent
from tests.vendor import Vendor, find_event

pytest_plugins = ("tests.vendor.plugin",)

KEY = "sk-ant-test-4f1d0c9b8a7e"


@pytest.fixture
def ask(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reply]:
    """Open a provider, ask one probe with the given exchanges, close it."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)

    def ask(
        *exchanges: Exchange, model: str = "claude-opus-5-5", timeout_s: float = 5, **target: Any
    ) -> Reply:
        return ask_once(
            Target("anthropic", model, base_url=vendor.url, **target), *exchanges, timeout_s=timeout_s
        )

    return ask


def test_the_recorded_request_is_the_one_that_arrived(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    odd = Exchange(
        system="Sei kurz. ü \U0001f600",
        messages=(Message("user", "Reply with ok"),),
        tools=(WEATHER,),
        tool_choice="none",
        output_schema={"type": "object"},
        max_tokens=64,
        stop=("END",),
        params={"metadata": {"user_id": "u"}, "brand_new_parameter": [1.0, None]},
        headers={"anthropic-beta": "new-thing-2026-11-01"},
    )
    (entry,) = entries(ask(odd))
    (received,) = vendor.log
    assert entry["request"]["method"] == received.method
    assert entry["request"]["path"] == received.path == "/v1/messages"
    assert entry["request"]["body"] == received.json
    assert received.json["brand_new_parameter"] == [1.0, None]
    assert entry["request"]["headers"].items() <= received.headers.items()
    assert entry["request"]["headers"]["anthropic-beta"] == "new-thing-2026-11-01"
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(entry)


def test_a_plain_answer_is_kept_as_it_came(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(
        "thinking-on-by-default", unknown_block=True, unknown_field=True, stop_reason="brand_new_reason"
    ):
        reply = ask(HELLO)
    (entry,) = entries(reply)
    assert (reply.outcome, reply.dialect, entry["status"]) == ("response", "anthropic", 200)
    assert entry["body"] == json.loads(vendor.log[0].sent)
    assert [block["type"] for block in entry["body"]["content"]] == ["brand_new_block", "thinking", "text"]
    assert entry["body"]["stop_reason"] == "brand_new_reason"
    assert entry["headers"]["request-id"].startswith("req_")
    assert not {"set-cookie", "cf-ray", "anthropic-organization-id"} & entry["headers"].keys()
    assert (entry["events"], entry["text"], entry["error"]) == (None, None, None)
    assert reply.latency_ms == entry["latency_ms"] > 0


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"events": (find_event("thinking-on-by-default"),), "unknown_event": True},
        {"unknown_block": True, "stop_reason": "brand_new_reason", "unknown_field": True},
        {"no_terminal": True},
    ],
)
def test_a_stream_is_kept_event_by_event(
    vendor: Vendor, ask: Callable[..., Reply], switches: dict[str, Any]
) -> None:
    streamed = Exchange(messages=(ASK,), tools=(WEATHER,), max_tokens=64, stream=True)
    with vendor.behaving(**switches):
        reply = ask(streamed)
    (entry,) = entries(reply)
    assert entry["events"] == events_sent(vendor.log[0].sent)
    assert len(entry["events"]) > 6
    assert reply.outcome == "response"
    assert (entry["body"], entry["text"]) == (None, None)
    assert 0 < entry["first_event_ms"] <= entry["latency_ms"]


def test_a_stream_that_is_cut_keeps_what_came(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    vendor.fail(cut=700)
    reply = ask(Exchange(messages=HELLO.messages, max_tokens=64, stream=True))
    (entry,) = entries(reply)
    assert reply.outcome == "failed"
    assert (entry["status"], entry["error"]["kind"]) == (200, "cut")
    whole, _, rest = vendor.log[0].sent.rpartition(b"\n\n")
    assert entry["events"] == events_sent(whole)
    assert entry["text"] == rest.decode()


def test_an_error_event_in_a_stream_is_no_answer(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(stream_error="overloaded_error"):
        reply = ask(Exchange(messages=HELLO.messages, max_tokens=64, stream=True))
    (entry,) = entries(reply)
    assert (reply.outcome, entry["status"], entry["error"]["kind"]) == ("failed", 200, "cut")
    assert entry["events"][-1]["data"]["error"]["type"] == "overloaded_error"


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_call_goes_back_and_forth(vendor: Vendor, ask: Callable[..., Reply], streamed: bool) -> None:
    first = Exchange(messages=(ASK,), tools=(WEATHER,), max_tokens=64, stream=streamed)
    turns = (ASK, Message("assistant", replay=0), Message("user", tool_results="Sunny"))
    second = Exchange(messages=turns, tools=(WEATHER,), max_tokens=64)
    with vendor.behaving("thinking-on-by-default"):
        reply = ask(first, second)
    assert [entry["status"] for entry in entries(reply)] == [200, 200]
    _, turn, results = vendor.log[1].json["messages"]
    assert [block["type"] for block in turn["content"]] == ["thinking", "tool_use"]
    assert turn["content"][0]["signature"] == "c2lnbmF0dXJl"
    assert turn["content"][1]["input"] == {"city": "Bern"}
    assert results["content"] == [
        {"type": "tool_result", "tool_use_id": turn["content"][1]["id"], "content": "Sunny"}
    ]
    if not streamed:
        assert turn["content"] == json.loads(vendor.log[0].sent)["content"]


def test_without_a_call_the_conversation_ends(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    turns = (*HELLO.messages, Message("assistant", replay=0), Message("user", tool_results="Sunny"))
    reply = ask(HELLO, Exchange(messages=turns, max_tokens=64))
    assert (reply.outcome, len(entries(reply)), len(vendor.log)) == ("response", 1, 1)


@pytest.mark.parametrize("status", [400, 413, 429, 500, 529])
def test_a_refusal_or_fault_is_kept_with_its_documented_body(
    vendor: Vendor, ask: Callable[..., Reply], status: int
) -> None:
    vendor.fail(status, headers={"retry-after": "7"})
    reply = ask(HELLO, HELLO)
    entry = entries(reply)[0]
    assert (entry["status"], entry["headers"]["retry-after"]) == (status, "7")
    assert entry["body"] == json.loads(vendor.log[0].sent)
    assert entry["error"] is None
    passing = status in {429, 500, 529}
    assert (reply.outcome, len(vendor.log)) == (("failed", 1) if passing else ("response", 2))


def test_the_sdk_repeats_nothing(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    vendor.fail(529, times=9)
    vendor.fail(drop=True, times=9)
    ask(HELLO)
    assert len(vendor.log) == 1


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (Exchange(messages=HELLO.messages), "max_tokens: Field required"),
        (Exchange(max_tokens=5, overrides={"anthropic": {"messages": None}}), "messages: Field required"),
        (
            Exchange(messages=HELLO.messages, max_tokens=5, params={"temperature": 0}),
            "temperature: Extra inputs are not permitted",
        ),
        (Exchange(messages=HELLO.messages, max_tokens=5, model="gone"), "model: gone"),
        (
            Exchange(bodies={"anthropic": {"max_tokens": "many", "messages": []}}),
            "max_tokens: Input should be a valid integer",
        ),
        (Exchange(bodies={"anthropic": [1]}), "Input should be a valid dictionary"),
        (
            Exchange(operation="count_tokens", bodies={"anthropic": {"messages": []}}),
            "messages: at least one message is required",
        ),
    ],
)
def test_what_the_api_refuses_is_sent_all_the_same(
    vendor: Vendor, ask: Callable[..., Reply], exchange: Exchange, words: str
) -> None:
    reply = ask(exchange)
    (entry,) = entries(reply)
    assert reply.outcome == "rejected"
    assert entry["body"]["error"]["message"] == words
    assert entry["request"]["body"] == vendor.log[0].json


def test_an_exact_body_is_sent_exactly(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    exact = {"zeta": 1, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 5, "temperature": 2}
    ask(Exchange(bodies={"anthropic": exact}))
    assert list(vendor.log[0].json.items()) == list({"model": "claude-opus-5-5", **exact}.items())


def test_text_that_no_utf8_can_hold_is_a_failed_sample_and_no_crash(
    vendor: Vendor, ask: Callable[..., Reply]
) -> None:
    reply = ask(Exchange(messages=(Message("user", "\ud83d"),), max_tokens=5))
    assert (reply.outcome, entries(reply)[0]["error"]["kind"]) == ("failed", "protocol")
    assert vendor.log == []


def test_the_version_that_went_out_is_known(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    ask(HELLO)
    (entry,) = entries(ask(HELLO, api_version="2023-06-01"))
    assert [received.headers["anthropic-version"] for received in vendor.log] == ["2026-10-21", "2023-06-01"]
    assert entry["request"]["headers"]["anthropic-version"] == "2023-06-01"

    async def versions() -> list[str | None]:
        found = []
        for version in (None, "2023-06-01"):
            target = Target("anthropic", "m", base_url=vendor.url, api_version=version)
            provider = open_provider(target)
            assert isinstance(provider, AnthropicProvider)
            assert provider.sdk == f"anthropic {version_of('anthropic')}"
            found.append(provider.api_version)
            await provider.aclose()
        return found

    assert asyncio.run(versions()) == ["2026-10-21", "2023-06-01"]


def test_sampling_parameters_pass_under_the_old_version(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    cold = Exchange(messages=HELLO.messages, max_tokens=5, params={"temperature": 0})
    assert ask(cold, api_version="2023-06-01").outcome == "response"
    with vendor.behaving("no-sampling-params"):
        (entry,) = entries(ask(cold, api_version="2023-06-01"))
    assert entry["body"]["error"]["message"] == "`temperature` is deprecated for this model."


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"authorization": "Bearer invalid"}, {"authorization": "Bearer invalid"}),
        ({"x-api-key": "invalid"}, {"x-api-key": "invalid"}),
        ({"Authorization": ""}, {}),
        ({"X-Api-Key": ""}, {}),
    ],
)
def test_a_probe_with_a_credential_of_its_own_sends_no_other(
    vendor: Vendor, ask: Callable[..., Reply], headers: dict[str, str], sent: dict[str, str]
) -> None:
    reply = ask(Exchange(messages=HELLO.messages, max_tokens=5, headers=headers))
    names = {"authorization", "x-api-key"}
    assert {name: value for name, value in vendor.log[0].headers.items() if name in names} == sent
    assert entries(reply)[0]["status"] == 401
    assert "invalid" not in json.dumps(entries(reply)[0]["request"])


def test_a_header_can_be_removed(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    (entry,) = entries(
        ask(Exchange(messages=HELLO.messages, max_tokens=5, headers={"anthropic-version": ""}))
    )
    assert "anthropic-version" not in vendor.log[0].headers
    assert entry["body"]["error"]["message"] == "anthropic-version: header is required"


def test_tokens_are_counted_by_the_endpoint(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    counting = Exchange(
        operation="count_tokens", messages=HELLO.messages, tools=(WEATHER,), max_tokens=9, stream=True
    )
    (entry,) = entries(ask(counting))
    assert entry["operation"] == "count_tokens"
    assert vendor.log[0].path == "/v1/messages/count_tokens"
    assert entry["body"] == json.loads(vendor.log[0].sent)
    with vendor.behaving(token_offset=7):
        (shifted,) = entries(ask(counting))
    assert shifted["body"]["input_tokens"] == entry["body"]["input_tokens"] + 7


def test_the_catalogue_is_read_to_its_last_page(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(page_size=2):
        reply = ask(Exchange(operation="list_models"))
    ids = [model["id"] for entry in entries(reply) for model in entry["body"]["data"]]
    assert len(entries(reply)) == 3
    assert len(set(ids)) == len(ids) == 6
    assert "claude-opus-4-1" in ids  # retired
    assert all(
        entry["request"]["path"] == got.path for entry, got in zip(entries(reply), vendor.log, strict=True)
    )
    assert "after_id=" in vendor.log[1].path


def test_a_catalogue_whose_pages_repeat_ends(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    page = {"data": [], "has_more": True, "last_id": "same"}
    vendor.fail(body=json.dumps(page).encode(), times=99)
    assert len(entries(ask(Exchange(operation="list_models")))) == 2


def test_a_catalogue_without_end_ends(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    for number in range(99):
        page = {"data": [], "has_more": True, "last_id": str(number)}
        vendor.fail(body=json.dumps(page).encode())
    assert len(entries(ask(Exchange(operation="list_models")))) == 50


def test_warnings_of_the_sdk_are_kept_and_never_raised(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (entry,) = entries(ask(HELLO, model="claude-sonnet-4-5"))
        (other,) = entries(ask(HELLO))
    assert len(entry["warnings"]) == 1
    assert (
        "claude-sonnet-4-5' is deprecated and will reach end-of-life on November 30th, 2026"
        in entry["warnings"][0]
    )
    assert "warnings" not in other
    assert entry["status"] == 200


def test_a_served_model_that_differs_is_in_the_record(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(served_model="claude-opus-5"):
        (entry,) = entries(ask(HELLO))
    assert (entry["request"]["body"]["model"], entry["body"]["model"]) == ("claude-opus-5-5", "claude-opus-5")


def test_a_wrong_content_type_keeps_the_stream_as_text(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(content_type="text/plain"):
        (entry,) = entries(ask(Exchange(messages=HELLO.messages, max_tokens=5, stream=True)))
    assert entry["text"] == vendor.log[0].sent.decode()
    assert entry["events"] is None


def test_no_redirect_carries_the_key_along(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    vendor.fail(302, headers={"location": f"{vendor.url}/elsewhere"})
    reply = ask(HELLO)
    assert (reply.outcome, len(vendor.log)) == ("failed", 1)


def test_the_key_is_in_no_record_whatever_the_host_repeats(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(keys=frozenset(), echo_key=True):
        reply = ask(HELLO)
    assert KEY.encode() in vendor.log[0].sent
    assert KEY not in json.dumps(reply.document)


def test_slow_answers_time_out_as_a_whole(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(chunk_delay_s=0.1):
        reply = ask(Exchange(messages=HELLO.messages, max_tokens=64, stream=True), timeout_s=0.25)
    (entry,) = entries(reply)
    assert (reply.outcome, entry["error"]["kind"], entry["status"]) == ("failed", "timeout", 200)
    assert entry["events"]


def test_many_calls_at_once_do_not_mix_their_records(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)

    async def all_at_once() -> list[Reply]:
        provider = open_provider(Target("anthropic", "claude-sonnet-4-5", base_url=vendor.url))
        probes = [
            Probe(
                f"t/{n}",
                "t",
                "f",
                exchanges=(Exchange(messages=(Message("user", f"Reply with n{n}"),), max_tokens=9),),
            )
            for n in range(24)
        ]
        replies = await asyncio.gather(*(provider.ask(probe, 1) for probe in probes))
        await provider.aclose()
        return replies

    for n, reply in enumerate(asyncio.run(all_at_once())):
        (entry,) = entries(reply)
        assert entry["request"]["body"]["messages"][0]["content"] == f"Reply with n{n}"
        assert entry["body"]["content"][0]["text"] == f"n{n}"
        assert len(entry["warnings"]) == 1


def test_a_vendor_that_says_nothing_times_out(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    vendor.fail(hang_s=3)
    reply = ask(HELLO, timeout_s=0.3)
    (entry,) = entries(reply)
    assert (reply.outcome, entry["error"]["kind"], entry["status"]) == ("failed", "timeout", None)
    assert entry["request"]["body"]["max_tokens"] == 64


def test_a_call_can_be_cancelled(vendor: Vendor) -> None:
    vendor.fail(hang_s=3)

    async def cancelled() -> None:
        provider = open_provider(Target("anthropic", "claude-opus-5-5", base_url=vendor.url))
        asking = asyncio.create_task(provider.ask(Probe("t/1", "t", "f", exchanges=(HELLO,)), 1))
        while not vendor.log:  # noqa: ASYNC110 - the stand-in runs in another thread
            await asyncio.sleep(0.01)
        asking.cancel()
        try:
            await asking
        finally:
            await provider.aclose()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())


def test_a_reply_that_is_given_up_is_closed(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_MAX_REPLY_BYTES", 200)
    exchange = Exchange(messages=(Message("user", "Tell me of birds."),), max_tokens=64, stream=True)

    async def give_up() -> dict[str, Any]:
        provider = open_provider(Target("anthropic", "claude-opus-5-5", base_url=vendor.url))
        reply = await provider.ask(Probe("t/1", "t", "f", exchanges=(exchange,)), 1)
        await asyncio.sleep(1.5)  # the provider stays open, the vendor has time to go on
        await provider.aclose()
        return entries(reply)[0]

    with vendor.behaving(chunk_delay_s=0.02):
        entry = asyncio.run(give_up())
    assert (entry["status"], entry["error"]["kind"]) == (200, "protocol")
    assert b"message_stop" not in vendor.log[0].sent
