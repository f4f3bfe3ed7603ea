# Servers that we did not write, in every dialect that they speak: read the same, and told apart by what truly differs.
# Owns: what docs/witnesses.md claims. Refuses to know: how they were recorded.
from __future__ import annotations

from pathlib import Path

import pytest

from drift.compare import compare
from drift.importers import import_files
from drift.model import JSON, Snapshot
from drift.observe import observe
from drift.store import Store

FOLDER = Path(__file__).parent / "recordings" / "witnesses"
NAMES = sorted(path.name.split(".")[0] for path in FOLDER.glob("*.jsonl.gz"))
DIALECTS = {
    "chat": "openai-chat",
    "messages": "anthropic",
    "responses": "openai-responses",
    "gemini": "gemini",
}


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Snapshot]:
    with Store.open(tmp_path_factory.mktemp("witnesses") / "drift.db") as store:
        runs = {name: import_files(store, [FOLDER / f"{name}.jsonl.gz"])[0].run for name in NAMES}
        assert store.verify() == []
        return {name: store.snapshot(run) for name, run in runs.items()}


def read(side: Snapshot) -> dict[str, dict[str, JSON]]:
    return {
        sample.probe_id: observe(sample.document, side.probes[sample.probe_id]) for sample in side.samples
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_dialect_of_servers_that_are_not_ours_is_read(name: str, sides: dict[str, Snapshot]) -> None:
    seen = read(sides[name])
    dialect = DIALECTS[name.partition("-")[2]]
    asked = {probe: found for probe, found in seen.items() if found["dialect"] == dialect}
    assert len(asked) >= 60
    for probe, found in asked.items():
        if probe.startswith(("demo.json", "demo.label", "demo.prose", "demo.stop")):
            assert found.keys() >= {"text.digest", "stop", "input_tokens", "output_tokens", "envelope"}, probe
    assert all(found["input_tokens"] for probe, found in asked.items() if probe.startswith("demo.tokens"))
    assert seen["demo.stream/story"]["stream.terminal"] is True
    unnumbered = ["sequence-number-missing"] if dialect == "openai-responses" else []
    assert seen["demo.stream/story"]["stream.problems"] == unnumbered


def test_one_server_says_the_same_in_every_dialect(sides: dict[str, Snapshot]) -> None:
    texts = {
        name: {probe: found["text.digest"] for probe, found in read(side).items() if "text.digest" in found}
        for name, side in sides.items()
        if name.startswith("llama-")
    }
    assert texts["llama-messages"] == texts["llama-chat"] == texts["llama-responses"]


def raised(first: Snapshot, second: Snapshot) -> set[tuple[str, str]]:
    return {(found["rule"], found["level"]) for found in compare(first, second)["findings"]}


@pytest.mark.parametrize(
    ("first", "second"), [("llama-messages", "llama-chat"), ("llama-chat", "llama-responses")]
)
def test_another_dialect_of_one_server_is_no_drift(
    first: str, second: str, sides: dict[str, Snapshot]
) -> None:
    assert raised(sides[first], sides[second]) == set()
    assert raised(sides[second], sides[first]) == set()


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (
            "chat",
            {
                ("error-body-shape-changed", "breaking"),
                ("response-property-removed", "breaking"),
                ("error-code-changed", "warning"),
                ("stream-usage-placement-changed", "warning"),
            },
        ),
        (
            "messages",
            {("usage-field-missing", "warning"), ("request-parameter-silently-ignored", "warning")},
        ),
        (
            "responses",
            {
                ("error-body-shape-changed", "breaking"),
                ("error-code-changed", "warning"),
                ("request-parameter-silently-ignored", "warning"),
            },
        ),
    ],
)
def test_what_a_proxy_changes_is_found(
    dialect: str, expected: set[tuple[str, str]], sides: dict[str, Snapshot]
) -> None:
    found = raised(sides[f"llama-{dialect}"], sides[f"litellm-{dialect}"])
    assert {(rule, level) for rule, level in found if level != "info"} == expected


def test_a_proxy_that_turns_one_dialect_into_another_drops_the_stop_sequence(
    sides: dict[str, Snapshot],
) -> None:
    ignored = read(sides["litellm-messages"])["demo.stop/sequence"]["param.ignored"]
    assert (ignored, read(sides["llama-messages"])["demo.stop/sequence"]["param.ignored"]) == (["stop"], [])
