# One question in every dialect and on every cloud, asked of the stand-in, and the sides compared.
# Owns: that our own rendering makes no finding, and that a platform is told apart from its model.
# Refuses to know: single observations.

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drift.cli import main
from drift.compare import Policy, compare
from drift.errors import UnmeasuredError, UsageError
from drift.model import Exchange, Expect, Message, Probe, Suite, Target, Tool
from drift.observe import observe
from drift.providers import open_provider
from drift.runner import Patience, run_suite
from drift.store import Store
from tests.vendor import Vendor, cloud

pytest_plugins = ("tests.vendor.plugin",)

WEATHER = Tool(
    "get_weather",
    "Weather at a place.",
    {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
)
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "people": {"type": "integer"}},
    "required": ["city", "people"],
    "additionalProperties": False,
}


def user(text: str) -> Message:
    return Message("user", text)


def suite(count: int = 3) -> Suite:
    """Every kind of request that all dialects can carry, a few times over."""
    probes: list[Probe] = []

    def add(name: str, family: str, *exchanges: Exchange, **parts: Any) -> None:
        probes.append(Probe(name, name.partition("/")[0], family, exchanges=exchanges, **parts))

    for n in range(count):
        where = f"What is the weather in Bern for {n} days?"
        asked = Exchange(messages=(user(where),), tools=(WEATHER,), max_tokens=64)
        turns = (user(where), Message("assistant", replay=0), Message("user", tool_results="Sunny"))
        story = Exchange(system="Be short.", messages=(user(f"Tell story {n}"),), max_tokens=200)
        add(f"prose/{n}", "prose", story, purpose="prose")
        add(
            f"stream/{n}",
            "streaming",
            Exchange(messages=(user(f"Tell story {n}"),), max_tokens=200, stream=True),
        )
        add(f"both/{n}", "streaming", story, Exchange(**{**fields(story), "stream": True}))
        add(f"tool/{n}", "tool_calls", asked, expect=Expect(call="get_weather"))
        add(f"tool_stream/{n}", "tool_calls", Exchange(**{**fields(asked), "stream": True}))
        add(f"round/{n}", "tool_calls", asked, Exchange(messages=turns, tools=(WEATHER,), max_tokens=64))
        forced = Exchange(**{**fields(asked), "tool_choice": "get_weather"})
        add(f"forced/{n}", "tool_calls", forced)
        add(f"cut/{n}", "stop_reasons", Exchange(messages=(user(f"Tell long story {n}"),), max_tokens=16))
        schema = Exchange(messages=(user(f"Describe city {n}"),), output_schema=CITY, max_tokens=200)
        add(f"schema/{n}", "json_format", schema, purpose="machine")
        add(f"count/{n}", "tokens", Exchange(operation="count_tokens", messages=(user(f"Count {n}"),)))
    add("models/all", "catalogue", Exchange(operation="list_models"))
    return Suite("hosts", tuple(probes))


def fields(exchange: Exchange) -> dict[str, Any]:
    return {name: getattr(exchange, name) for name in Exchange.__dataclass_fields__}


@pytest.fixture
def snapshot(vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Run the suite against one target and return what was stored."""
    (key,) = (name for name in cloud.AWS_SECRETS if name.startswith("AKID"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", cloud.AWS_SECRETS[key])
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    monkeypatch.setenv("CLOUD_ML_REGION", "global")
    monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", "a-project")
    addresses = {
        "anthropic": vendor.url,
        "bedrock": vendor.url,
        "foundry": f"{vendor.url}/anthropic",
        "gemini": vendor.gemini_url,
        "openai": vendor.openai_url,
        "vertex": f"{vendor.url}/v1",
    }
    with Store.open(tmp_path / "drift.db") as store:

        def run(spec: str, dialect: str | None = None, **switches: Any) -> Any:
            platform, _, model = spec.partition("/")
            target = Target(platform, model, base_url=addresses[platform], dialect=dialect)
            with vendor.behaving(**switches):
                provider = open_provider(target, timeout_s=20)
                done = run_suite(store, provider, suite(), patience=Patience(first_wait_s=0.001))
            return store.snapshot(done.id)

        yield run


def found(document: Any) -> dict[str, str]:
    return {f"{f['rule']} {f['path']}".strip(): f["level"] for f in document["findings"]}


ALL = [
    ("anthropic/claude-opus-5", None),
    ("openai/gpt-5.5", "openai-chat"),
    ("openai/gpt-5.5", "openai-responses"),
    ("gemini/gemini-3.8-flash", None),
]


def check_streams(side: Any) -> None:
    """A stream keeps to its grammar, and holds what the plain answer to the same question holds."""
    for sample in side.samples:
        seen = observe(sample.document, side.probes[sample.probe_id])
        if sample.probe_id.startswith("both/"):
            documented = {"openai-chat": CHAT_DIFFERENCES}.get(sample.dialect, set())
            assert set(seen["stream.divergence"]) == documented
        if "stream/" in sample.probe_id:
            assert seen["stream.problems"] == []
            assert seen["stream.terminal"] is True


def test_no_two_dialects_differ_by_our_own_rendering(snapshot: Callable[..., Any]) -> None:
    sides = [snapshot(spec, dialect) for spec, dialect in ALL]
    for baseline in sides:
        assert not [s for s in baseline.samples if s.outcome != "response"]
        check_streams(baseline)
        for candidate in sides:
            document = compare(baseline, candidate)
            dearer = {"cost-per-probe-increased /usage"}  # two vendors do have two prices
            assert found(document).keys() <= dearer, (baseline.run.target, candidate.run.target)
            assert ("dialect" in document["axes"]) is (baseline is not candidate)
    # Six streams a side give p=0.03: whether that stands at 5 % would hang on how fast this machine answered.
    policy = Policy(false_discovery_rate=0.1)
    refusing = compare(sides[0], snapshot("gemini/gemini-3.8-flash", refuse=True), policy=policy)
    rules = {finding["rule"] for finding in refusing["findings"]}
    assert {"refusal-rate-increased", "response-content-empty"} <= rules


CHAT_DIFFERENCES = {"/choices/*/message/annotations: only plain"}
"""What a completion says as an empty list, its chunks leave out."""

BEDROCK = {
    "response-identifier-format-changed /id": "info",
    "response-header-removed /headers": "info",
    "response-property-added /amazon-bedrock-invocationMetrics": "info",
    "usage-field-missing /usage/service_tier": "warning",
}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("bedrock/eu.anthropic.claude-opus-5-v1:0", BEDROCK),
        (
            "vertex/claude-opus-5@20260724",
            {
                "response-identifier-format-changed /id": "info",
                "response-header-removed /headers": "info",
            },
        ),
        ("foundry/claude-opus-5", {}),
    ],
)
def test_the_same_model_behind_another_door_is_told_apart_from_another_model(
    snapshot: Callable[..., Any], spec: str, expected: dict[str, str]
) -> None:
    first = snapshot("anthropic/claude-opus-5")
    same = compare(first, snapshot(spec))
    assert found(same) == expected
    assert same["axes"] == ["platform"]
    spelled = spec.partition("/")[2] != "claude-opus-5"
    assert any("taken for the same model" in notice for notice in same["notices"]) is spelled

    other = compare(first, snapshot(spec, seed=7, served_model="claude-haiku-5-5", token_offset=21))
    rules = {rule.partition(" ")[0] for rule in set(found(other)) - set(expected)}
    # A platform has prices of its own: 21 tokens more may or may not make a probe a fifth dearer.
    assert rules - {"cost-per-probe-increased"} == {"input-token-count-shifted", "model-alias-retargeted"}


def test_chat_completions_and_responses_are_two_runs_of_one_target(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-4f1d0c9b8a7e")
    monkeypatch.setenv("OPENAI_BASE_URL", vendor.openai_url)
    monkeypatch.chdir(tmp_path)
    probes = ["--probe", "demo.json", "--probe", "demo.stop", "--suite", "demo"]

    def drift(*arguments: str) -> Any:
        assert main([*arguments, "--json"]) in {0, 1}
        return json.loads(capsys.readouterr().out)

    drift("run", "openai/gpt-5.5", *probes, "--label", "chat")
    asked = drift("run", "openai/gpt-5.5", *probes, "--label", "new", "--dialect", "openai-responses")
    assert asked["runs"][0]["meta"]["dialect"] == "openai-responses"
    found = drift("diff", "openai/gpt-5.5@chat", "openai/gpt-5.5@new")
    assert found["axes"] == ["dialect"]
    refused = {(f["rule"], f["path"]) for f in found["findings"] if f["area"] == "request"}
    assert refused == {("request-parameter-value-rejected", "/max_output_tokens")}  # no cap below 16 there


def test_a_run_goes_on_in_the_dialect_in_which_it_began(vendor: Vendor, tmp_path: Path) -> None:
    with Store.open(tmp_path / "drift.db") as store:

        def run(dialect: str, **options: Any) -> Any:
            target = Target("openai", "gpt-5.5", base_url=vendor.openai_url, dialect=dialect)
            asked = Suite("one", (suite(1).probes[0],))
            return run_suite(
                store, open_provider(target), asked, patience=Patience(first_wait_s=0.001), **options
            )

        vendor.fail(status=401)
        with pytest.raises(UnmeasuredError):
            run("openai-responses")
        (begun,) = store.runs()
        with pytest.raises(UsageError, match="began with another dialect"):
            run("openai-chat", resume=begun.id)
        assert run("openai-responses", resume=begun.id, retry_failed=True).status == "complete"
