# Claude on Bedrock, Vertex and Foundry through the SDK's own clients: signed for real, recorded, no credential kept.
# Owns: tests of drift/providers/cloud.py and drift/http/amazon.py. Refuses to know: the Messages API itself.

import asyncio
import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from drift.errors import MissingKeyError, UsageError
from drift.http.amazon import AmazonEventParser, BrokenFrameError
from drift.model import Exchange, Message, Probe, Target
from drift.observe import observe
from drift.prices import find_price
from drift.providers import Reply, dialect_for, open_provider
from drift.providers.platforms import PLATFORMS
from tests.provider_support import ASK, HELLO, WEATHER, ask_once, entries
from tests.vendor import Vendor, cloud

pytest_plugins = ("tests.vendor.plugin",)

ACCESS_KEY = "AKIDTESTTESTTESTTEST"
SESSION_TOKEN = "FwoGZXIvYXdzEsession-token-of-a-test"
PROJECT = "project-not-for-keeping"
FOUNDRY_KEY = "foundry-key-not-for-keeping"
STORY = Exchange(messages=(Message("user", "Tell a story"),), max_tokens=64, stream=True)

MODELS = {
    "bedrock": "eu.anthropic.claude-opus-5-v1:0",
    "vertex": "claude-opus-5@20260724",
    "foundry": "claude-opus-5",
}
CLOUDS = sorted(MODELS)


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, vendor: Vendor) -> tuple[str, ...]:
    """Put credentials of every cloud where its own tools look for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", cloud.AWS_SECRETS[ACCESS_KEY])
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    monkeypatch.setenv("CLOUD_ML_REGION", "europe-north1")
    monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", PROJECT)
    monkeypatch.setenv("ANTHROPIC_FOUNDRY_API_KEY", FOUNDRY_KEY)
    account = {
        "type": "service_account",
        "client_email": "drift@example.iam.gserviceaccount.com",
        "private_key": new_private_key(),
        "token_uri": f"{vendor.url}/token",
        "project_id": "another-project",
    }
    path = tmp_path / "account.json"
    path.write_text(json.dumps(account), encoding="utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    return (
        ACCESS_KEY,
        cloud.AWS_SECRETS[ACCESS_KEY],
        SESSION_TOKEN,
        PROJECT,
        FOUNDRY_KEY,
        cloud.GoogleTokens.token,
        "drift@example",
    )


@cache
def new_private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def target(vendor: Vendor, platform: str, **more: Any) -> Target:
    path = {"bedrock": "", "vertex": "/v1", "foundry": "/anthropic"}[platform]
    return Target(platform, MODELS[platform], base_url=vendor.url + path, **more)


@pytest.fixture
def ask(vendor: Vendor, secrets: tuple[str, ...]) -> Callable[..., Reply]:
    def ask(platform: str, *exchanges: Exchange, **more: Any) -> Reply:
        return ask_once(target(vendor, platform, **more), *exchanges, timeout_s=20)

    return ask


@pytest.mark.parametrize("platform", CLOUDS)
def test_what_went_out_and_came_back_is_kept_without_any_credential(
    vendor: Vendor, ask: Callable[..., Reply], secrets: tuple[str, ...], platform: str
) -> None:
    with vendor.behaving(unknown_field=True, unknown_block=True):
        reply = ask(platform, HELLO)
    (entry,) = entries(reply)
    received = vendor.log[-1]
    assert (reply.outcome, reply.dialect) == ("response", "anthropic")
    assert entry["request"]["body"] == received.json
    assert entry["body"] == json.loads(received.sent)
    assert entry["body"]["brand_new_field"] == {"nested": [1, None]}
    assert entry["request"]["path"] == received.path.replace(PROJECT, "[project]")
    for secret in secrets:
        assert secret not in json.dumps(entry)
    expected = {"bedrock": "/model/", "vertex": "rawPredict", "foundry": "/anthropic/v1/messages"}
    assert expected[platform] in entry["request"]["path"]


@pytest.mark.parametrize("platform", CLOUDS)
def test_a_stream_is_kept_event_by_event(vendor: Vendor, ask: Callable[..., Reply], platform: str) -> None:
    with vendor.behaving(unknown_event=True):
        (entry,) = entries(ask(platform, STORY))
    names = [event["event"] for event in entry["events"]]
    assert names == [event["data"]["type"] for event in entry["events"]]
    assert names[0] == "message_start"
    assert names[-1] == "message_stop"
    assert "brand_new_event" in names
    text = "".join(
        event["data"]["delta"]["text"] for event in entry["events"] if event["event"] == "content_block_delta"
    )
    seen = observe({"exchanges": [entry]}, Probe("t/1", "t", "f", exchanges=(STORY,)))
    assert seen["text.chars"] == len(text) > 20
    assert seen["stream.terminal"] is True
    assert seen["stream.problems"] == []


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("platform", CLOUDS)
def test_a_tool_call_goes_back_and_forth(
    vendor: Vendor, ask: Callable[..., Reply], platform: str, streamed: bool
) -> None:
    first = Exchange(messages=(ASK,), tools=(WEATHER,), max_tokens=64, stream=streamed)
    turns = (ASK, Message("assistant", replay=0), Message("user", tool_results="Sunny"))
    reply = ask(platform, first, Exchange(messages=turns, tools=(WEATHER,), max_tokens=64))
    assert [entry["status"] for entry in entries(reply)] == [200, 200]


def test_the_figures_of_the_platform_stay_in_the_reply(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    (entry,) = entries(ask("bedrock", STORY))
    seen = observe({"exchanges": [entry]}, Probe("t/1", "t", "f", exchanges=(STORY,)))
    assert "/amazon-bedrock-invocationMetrics/inputTokenCount" in seen["envelope"]
    assert entry["headers"]["x-amzn-requestid"]


@pytest.mark.parametrize("platform", CLOUDS)
def test_axes_name_platform_region_version_and_sdk(
    vendor: Vendor, secrets: tuple[str, ...], platform: str
) -> None:
    provider = open_provider(target(vendor, platform))
    asyncio.run(provider.aclose())
    region = {"bedrock": "eu-north-1", "vertex": "europe-north1", "foundry": None}
    assert (provider.vendor, provider.region) == ("anthropic", region[platform])
    assert (provider.sdk or "").startswith("anthropic ")
    assert provider.api_version == "2026-10-21"


@pytest.mark.parametrize("platform", CLOUDS)
def test_another_version_of_the_api_is_asked_for(
    vendor: Vendor, ask: Callable[..., Reply], platform: str
) -> None:
    ask(platform, HELLO, api_version="2023-06-01")
    received = vendor.log[-1]
    said = received.headers if platform == "foundry" else received.json
    assert said["anthropic-version" if platform == "foundry" else "anthropic_version"] == "2023-06-01"


@pytest.mark.parametrize("platform", ["bedrock", "vertex"])
def test_a_version_that_a_probe_names_goes_where_the_platform_wants_it(
    vendor: Vendor, ask: Callable[..., Reply], platform: str
) -> None:
    ask(platform, Exchange(messages=HELLO.messages, headers={"Anthropic-Version": "2023-06-01"}))
    assert vendor.log[-1].json["anthropic_version"] == "2023-06-01"
    assert "anthropic-version" not in vendor.log[-1].headers


def test_a_region_of_the_target_wins(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    assert ask("bedrock", HELLO, region="us-west-2").outcome == "response"
    assert "/us-west-2/bedrock/aws4_request" in vendor.log[-1].headers["authorization"]
    ask("vertex", HELLO, region="global")
    assert "/locations/global/" in vendor.log[-1].path


def test_an_unknown_id_is_refused_in_the_platforms_words(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    reply = ask("bedrock", Exchange(messages=HELLO.messages, max_tokens=64, model="anthropic.gone"))
    assert (reply.outcome, entries(reply)[0]["status"]) == ("rejected", 400)
    seen = observe(reply.document, Probe("t/1", "t", "f", exchanges=(HELLO,)))
    assert seen["error.type"] == "ValidationException"
    assert seen["error.paths"] == ["/message:string"]
    assert seen["model.requested"] == "anthropic.gone"


def test_a_reply_that_repeats_a_signature_is_cleaned(
    vendor: Vendor, ask: Callable[..., Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = dict.fromkeys(cloud.AWS_SECRETS, "another secret than the client's")
    monkeypatch.setattr(cloud, "AWS_SECRETS", known)
    with vendor.behaving(echo_key=True):
        reply = ask("bedrock", HELLO)
    (entry,) = entries(reply)
    assert (reply.outcome, entry["status"]) == ("failed", 403)
    assert "does not match" in entry["body"]["message"]
    assert "Credential=[key]/" in entry["body"]["message"]
    assert ACCESS_KEY not in json.dumps(entry)


def test_a_token_that_was_fetched_on_the_way_is_cleaned(
    vendor: Vendor, ask: Callable[..., Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud.Vertex, "handle", staticmethod(refuse_and_repeat))
    (entry,) = entries(ask("vertex", HELLO))
    assert entry["body"]["error"]["message"] == "refused: Bearer [key]"


def refuse_and_repeat(request: Any) -> Any:
    from tests.vendor.wire import RefusedError

    raise RefusedError(400, f"refused: {request.headers['authorization']}")


def test_an_exception_inside_a_stream_is_no_answer(vendor: Vendor, ask: Callable[..., Reply]) -> None:
    with vendor.behaving(stream_error="overloaded_error"):
        reply = ask("bedrock", STORY)
    (entry,) = entries(reply)
    assert (reply.outcome, entry["error"]["kind"]) == ("failed", "cut")
    assert entry["events"][-1]["data"]["error"]["type"] == "throttlingException"


def test_a_stream_that_is_cut_inside_a_frame_keeps_what_came(
    vendor: Vendor, ask: Callable[..., Reply]
) -> None:
    vendor.fail(cut=1000)
    reply = ask("bedrock", STORY)
    (entry,) = entries(reply)
    assert (reply.outcome, entry["error"]["kind"]) == ("failed", "cut")
    assert entry["events"][0]["event"] == "message_start"
    assert entry["text"]


# What cannot be asked there


@pytest.mark.parametrize(
    ("platform", "exchange", "carried"),
    [
        ("bedrock", Exchange(operation="count_tokens", messages=HELLO.messages), False),
        ("vertex", Exchange(operation="count_tokens", messages=HELLO.messages), True),
        ("foundry", Exchange(operation="count_tokens", messages=HELLO.messages), True),
        *((platform, Exchange(operation="list_models"), False) for platform in CLOUDS),
        ("bedrock", Exchange(messages=HELLO.messages, headers={"x-api-key": "wrong"}), False),
        ("vertex", Exchange(messages=HELLO.messages, headers={"x-api-key": "wrong"}), False),
        ("foundry", Exchange(messages=HELLO.messages, headers={"x-api-key": "wrong"}), True),
    ],
)
def test_a_probe_that_a_platform_cannot_carry_is_known_before_anything_is_opened(
    platform: str, exchange: Exchange, carried: bool
) -> None:
    probe = Probe("t/1", "t", "f", exchanges=(exchange,))
    assert (dialect_for(probe, Target(platform, "m")) == "anthropic") is carried


@pytest.mark.parametrize("platform", ["vertex", "foundry"])
def test_tokens_are_counted_where_the_platform_counts(
    vendor: Vendor, ask: Callable[..., Reply], platform: str
) -> None:
    (entry,) = entries(ask(platform, Exchange(operation="count_tokens", messages=HELLO.messages)))
    assert entry["body"]["input_tokens"] > 0


def test_a_cloud_has_prices_of_its_own() -> None:
    prices = {platform: find_price(platform, MODELS[platform].partition("@")[0]) for platform in CLOUDS}
    assert {platform: price and price.provider for platform, price in prices.items()} == {
        "bedrock": "aws",
        "foundry": "azure",
        "vertex": "google",
    }
    assert all(price and price.of_tokens(1000, 10) > 0 for price in prices.values())


# What is missing


@pytest.mark.parametrize(
    ("platform", "variable"),
    [
        ("bedrock", "AWS_ACCESS_KEY_ID"),
        ("vertex", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("foundry", "ANTHROPIC_FOUNDRY_API_KEY"),
    ],
)
def test_without_credentials_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, variable: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUD_ML_REGION", "global")
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    monkeypatch.delenv(PLATFORMS[platform].url_variable)
    with pytest.raises(MissingKeyError, match=variable) as missing:
        open_provider(Target(platform, "m"))
    assert missing.value.exit_code == 2


@pytest.mark.parametrize(
    ("platform", "variable"),
    [("bedrock", "AWS_REGION"), ("vertex", "CLOUD_ML_REGION"), ("foundry", "ANTHROPIC_FOUNDRY_RESOURCE")],
)
def test_without_a_region_or_a_resource_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, secrets: tuple[str, ...], platform: str, variable: str
) -> None:
    monkeypatch.delenv(variable, raising=False)
    monkeypatch.delenv(PLATFORMS[platform].url_variable)
    with pytest.raises(UsageError, match=variable):
        open_provider(Target(platform, "m"))


@pytest.mark.parametrize(
    ("platform", "variable", "value"),
    [
        ("bedrock", "AWS_PROFILE", "/home/somebody/no-such-profile"),
        ("vertex", "GOOGLE_APPLICATION_CREDENTIALS", "/home/somebody/no-such-file.json"),
    ],
)
def test_credentials_that_cannot_be_used_are_named_without_what_stands_there(
    monkeypatch: pytest.MonkeyPatch,
    secrets: tuple[str, ...],
    vendor: Vendor,
    platform: str,
    variable: str,
    value: str,
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match=variable) as refused:
        open_provider(target(vendor, platform))
    assert "somebody" not in str(refused.value)


@pytest.mark.parametrize(("platform", "module"), [("bedrock", "boto3"), ("vertex", "google.auth")])
def test_an_extra_that_is_not_installed_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, vendor: Vendor, platform: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf"pip install 'model-drift-tracker\[{platform}\]'"):
        open_provider(target(vendor, platform))


# The frames


def test_our_frames_are_those_that_amazons_own_reader_reads() -> None:
    from botocore.eventstream import EventStreamBuffer

    event = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "ü"}}
    raw = cloud._frame(event) + cloud._frame({"type": "error", "error": {"message": "slow down"}})
    theirs = EventStreamBuffer()
    theirs.add_data(raw)
    headers = [frame.headers[":message-type"] for frame in theirs]
    assert headers == ["event", "exception"]
    for size in (1, 7, len(raw)):
        parser = AmazonEventParser()
        events = [e for i in range(0, len(raw), size) for e in parser.feed(raw[i : i + size])]
        assert events[0] == {"event": "content_block_delta", "data": event}
        error = {"type": "throttlingException", "message": "slow down"}
        assert events[1] == {"event": "error", "data": {"type": "error", "error": error}}
        assert (parser.close(), parser.rest()) == ([], "")


@pytest.mark.parametrize("place", [0, 9, 20, -1])
def test_a_frame_with_a_wrong_byte_is_refused(place: int) -> None:
    raw = bytearray(cloud._frame({"type": "ping"}))
    raw[place] ^= 0x40
    with pytest.raises(BrokenFrameError):
        AmazonEventParser().feed(bytes(raw))
