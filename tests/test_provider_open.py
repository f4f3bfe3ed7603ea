# A target becomes a provider: keys, addresses, platforms, outcomes; and a stored run that plays again.
# Owns: tests of drift/providers/__init__.py and replay.py. Refuses to know: wire grammar.

import asyncio
from typing import Any

import pytest

from drift.errors import MissingKeyError, UnmeasuredError, UsageError
from drift.model import DIALECTS, Exchange, Expect, Message, Probe, Run, Sample, Snapshot, Target
from drift.providers import PLATFORMS, dialects_of, find_endpoint, open_provider, outcome_of
from tests.vendor import Vendor

pytest_plugins = ("tests.vendor.plugin",)

HOST = "https://llm.example/v1"


@pytest.mark.parametrize(
    ("target", "environment", "expected"),
    [
        (Target("anthropic", "m"), {"ANTHROPIC_API_KEY": " k "}, (None, "k", "ANTHROPIC_API_KEY")),
        (
            Target("anthropic", "m"),
            {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": HOST},
            (HOST, "k", "ANTHROPIC_API_KEY"),
        ),
        (
            Target("openai", "m", base_url="http://[::1]:8/v1"),
            {},
            ("http://[::1]:8/v1", "drift-no-key", "OPENAI_API_KEY"),
        ),
        (
            Target("openai", "m", base_url="http://localhost:8"),
            {},
            ("http://localhost:8", "drift-no-key", "OPENAI_API_KEY"),
        ),
        (
            Target("openai", "m", base_url=HOST),
            {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://x"},
            (HOST, "k", "OPENAI_API_KEY"),
        ),
        (Target("compatible", "m", base_url=HOST), {}, (HOST, None, "DRIFT_COMPATIBLE_API_KEY")),
        (Target("compatible", "m", base_url=HOST), {"OPENAI_API_KEY": "k"}, (HOST, "k", "OPENAI_API_KEY")),
        (
            Target("compatible", "m"),
            {"OPENAI_API_KEY": "k", "DRIFT_COMPATIBLE_API_KEY": "d", "OPENAI_BASE_URL": HOST},
            (HOST, "d", "DRIFT_COMPATIBLE_API_KEY"),
        ),
    ],
)
def test_key_and_address_come_from_target_and_environment(
    monkeypatch: pytest.MonkeyPatch, target: Target, environment: dict[str, str], expected: tuple[Any, ...]
) -> None:
    for name in ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    endpoint = find_endpoint(target)
    assert (endpoint.base_url, endpoint.key, endpoint.key_variable) == expected
    assert "'k'" not in repr(endpoint)


@pytest.mark.parametrize("platform", ["anthropic", "openai"])
def test_without_a_key_the_variable_is_named(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    variable = f"{platform.upper()}_API_KEY"
    monkeypatch.delenv(f"{platform.upper()}_BASE_URL")
    with pytest.raises(MissingKeyError, match=variable) as missing:
        open_provider(Target(platform, "m"))
    assert missing.value.exit_code == 2


@pytest.mark.parametrize("key", ["two words", "sk-\u2026", "a\nb"])
def test_a_key_that_is_none_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as refused:
        open_provider(Target("openai", "m"))
    assert key not in str(refused.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://user:hunter2@host/v1",
        "https://hunter2@host",
        "https://host/v1?key=hunter2",
        "https://host/#hunter2",
        "ftp://host/hunter2",
        "host/hunter2",
        "https:///hunter2",
        "https://[hunter2",
        "https://host:hunter2/",
    ],
)
def test_an_address_with_more_than_an_address_is_refused_without_repeating_it(base_url: str) -> None:
    with pytest.raises(UsageError, match="base URL") as refused:
        open_provider(Target("compatible", "m", base_url=base_url))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target("nowhere", "m"), "unknown platform 'nowhere'; use one of anthropic, .*gemini.* replay"),
        (Target("anthropic", "m", dialect="gemini"), "does not speak 'gemini'; use anthropic"),
        (Target("local", "m", dialect="anthropic"), "local cannot be asked for another dialect; leave"),
        (Target("openai", "m", api_version="v1"), "openai cannot be asked for another API version; leave"),
        (Target("anthropic", "m", region="eu"), "anthropic cannot be asked for another region; leave"),
        (Target("openai", ""), "names no model"),
        (Target("replay", "abc"), "plays no stored run"),
    ],
)
def test_a_target_that_cannot_be_opened_says_what_to_do(target: Target, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        open_provider(target)


def test_a_host_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL")
    with pytest.raises(UsageError, match="base_url"):
        open_provider(Target("compatible", "m"))


def test_the_preferred_dialect_of_a_target_comes_first() -> None:
    assert dialects_of(Target("openai", "m")) == ("openai-chat", "openai-responses")
    assert dialects_of(Target("openai", "m", dialect="openai-responses")) == (
        "openai-responses",
        "openai-chat",
    )
    from drift.providers.local import LocalProvider

    assert LocalProvider.dialects == dialects_of(Target("local", "m"))


def test_every_platform_speaks_dialects_that_can_be_asked() -> None:
    for platform in PLATFORMS.values():
        assert platform.dialects
        assert set(platform.dialects) <= set(DIALECTS)


@pytest.mark.parametrize("platform", ["anthropic", "compatible"])
def test_a_host_on_this_machine_is_not_asked_through_a_proxy(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    url = vendor.url if platform == "anthropic" else vendor.openai_url

    async def ask() -> str:
        provider = open_provider(Target(platform, "any", base_url=url))
        reply = await provider.ask(Probe("t/1", "t", "f", exchanges=(Exchange(operation="list_models"),)), 1)
        await provider.aclose()
        return reply.outcome

    assert asyncio.run(ask()) == "response"


# Outcomes


@pytest.mark.parametrize(
    ("status", "error", "expected", "outcome"),
    [
        (200, None, (), "response"),
        (201, None, (400,), "response"),
        (400, None, (), "rejected"),
        (404, None, (), "rejected"),
        (422, None, (), "rejected"),
        (401, None, (), "failed"),
        (401, None, (401,), "rejected"),
        (403, None, (), "failed"),
        (408, None, (), "failed"),
        (409, None, (), "failed"),
        (429, None, (), "failed"),
        (429, None, (429,), "rejected"),
        (500, None, (), "failed"),
        (529, None, (), "failed"),
        (302, None, (), "failed"),
        (200, {"kind": "cut"}, (), "failed"),
        (400, {"kind": "cut"}, (400,), "failed"),
        (None, {"kind": "connect"}, (), "failed"),
    ],
)
def test_outcomes(status: int | None, error: Any, expected: tuple[int, ...], outcome: str) -> None:
    probe = Probe("t/1", "t", "f", expect=Expect(status=expected))
    assert outcome_of({"status": status, "error": error}, probe) == outcome


# Replay

PROBE = Probe("t/1", "t", "f", exchanges=(Exchange(messages=(Message("user", "hi"),)),))
DOCUMENT = {"exchanges": [{"status": 200}]}
RUN = Run(
    "run0run0run0",
    "anthropic/m",
    "m",
    "anthropic",
    "complete",
    "2026-11-24T00:00:00+00:00",
    sdk="anthropic 2.12.0",
    vendor="anthropic",
    api_version="2026-10-21",
)


def snapshot(*samples: Sample) -> Snapshot:
    return Snapshot(RUN, {PROBE.id: PROBE}, samples)


def test_a_replay_answers_what_was_answered_then() -> None:
    stored = snapshot(Sample("s1", "t/1", 1, "rejected", DOCUMENT, "anthropic", 12.5))
    provider = open_provider(Target("replay", RUN.id), snapshot=stored)
    reply = asyncio.run(provider.ask(PROBE, 1))
    assert (reply.outcome, reply.document, reply.dialect, reply.latency_ms) == (
        "rejected",
        DOCUMENT,
        "anthropic",
        12.5,
    )
    assert (provider.vendor, provider.sdk, provider.api_version) == (
        "anthropic",
        "anthropic 2.12.0",
        "2026-10-21",
    )
    assert provider.dialect_for(PROBE) == "anthropic"


@pytest.mark.parametrize(
    ("probe", "epoch"),
    [
        (PROBE, 2),
        (Probe("t/2", "t", "f", exchanges=PROBE.exchanges), 1),
        (Probe("t/1", "t", "f", exchanges=(Exchange(messages=(Message("user", "other"),)),)), 1),
    ],
)
def test_a_replay_never_answers_another_question(probe: Probe, epoch: int) -> None:
    provider = open_provider(
        Target("replay", RUN.id), snapshot=snapshot(Sample("s1", "t/1", 1, "response", DOCUMENT))
    )
    assert (provider.dialect_for(probe) is None) is (probe != PROBE)
    with pytest.raises(UnmeasuredError, match="holds no sample"):
        asyncio.run(provider.ask(probe, epoch))
