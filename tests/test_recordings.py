# Accuracy on real replies of a real model: the control silent, the harmless version silent, the drift named.

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from drift.compare import Policy, compare
from drift.demo import is_silent
from drift.documents import ComparisonDocument
from drift.importers import import_files
from drift.model import Snapshot
from drift.store import Store
from drift.suite import load_suite

FOLDER = Path(__file__).with_name("recordings")
EPOCHS = range(5)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Snapshot]]:
    files = sorted(FOLDER.glob("q*.jsonl.gz"))
    with Store.open(tmp_path_factory.mktemp("recordings") / "recordings.db") as store:
        runs = import_files(store, files)
        yield {
            file.name.removesuffix(".jsonl.gz"): store.snapshot(run.run)
            for file, run in zip(files, runs, strict=True)
        }


def one_epoch(
    baseline: Snapshot, candidate: Snapshot, control: Snapshot | None = None
) -> Iterator[ComparisonDocument]:
    """Yield what `drift demo` would have said: one sample a probe and side, every pair of epochs."""
    for first, other in product(EPOCHS, EPOCHS):
        policy = Policy(baseline_samples=(first,), candidate_samples=(other,))
        yield compare(baseline, candidate, control=control, policy=policy)


def loud(document: ComparisonDocument) -> set[tuple[str, str, str]]:
    return {(f["rule"], f["family"], f["level"]) for f in document["findings"] if f["level"] != "info"}


def test_the_recordings_are_whole_and_small(recorded):
    assert set(recorded) == {"q4_1-first", "q4_1-again", "q8_0", "q4_0"}
    assert {len(side.samples) for side in recorded.values()} == {
        5 * len(side.probes) for side in recorded.values()
    }
    assert {sample.outcome for side in recorded.values() for sample in side.samples} == {
        "response",
        "rejected",
    }
    assert all(file.stat().st_size < 300_000 for file in FOLDER.iterdir())


def test_the_demo_asks_no_more_than_it_promises():
    assert sum(probe.epochs for probe in load_suite("demo").probes) <= 80


def test_both_dialects_are_recorded_and_each_sample_says_which(recorded):
    for side in recorded.values():
        spoken = {(side.probes[s.probe_id].family == "tool_calls", s.dialect) for s in side.samples}
        assert {(True, "openai-chat"), (False, "anthropic")} <= spoken
        assert (True, "anthropic") not in spoken


def test_the_same_model_again_is_silent(recorded):
    document = compare(recorded["q4_1-first"], recorded["q4_1-again"])
    assert loud(document) == set()
    assert is_silent(document)


def test_finer_quantisation_is_silent(recorded):
    document = compare(recorded["q4_1-first"], recorded["q8_0"], control=recorded["q4_1-again"])
    assert loud(document) == set()
    assert document["axes"] == ["model"]


def test_harder_quantisation_is_named(recorded):
    document = compare(recorded["q4_1-first"], recorded["q4_0"], control=recorded["q4_1-again"])
    assert document["verdict"] == "breaking"
    assert loud(document) >= {
        ("text-label-set-violated", "labels", "breaking"),
        ("text-markdown-fence-added", "json_format", "breaking"),
        ("truncation-rate-increased", "json_format", "breaking"),
    }
    assert {family for _, family, _ in loud(document)} <= {
        "labels",
        "json_format",
        "tool_calls",
        "behaviour",
        "stop_reasons",
    }


def test_a_finding_shows_the_replies_that_it_rests_on(recorded):
    document = compare(recorded["q4_1-first"], recorded["q4_0"], control=recorded["q4_1-again"])
    (finding,) = [f for f in document["findings"] if f["rule"] == "text-label-set-violated"]
    texts = {
        witness["probe"]: (witness["baseline"]["excerpt"], witness["candidate"]["excerpt"])
        for witness in finding["witnesses"]
    }
    assert texts
    assert all(before.strip() in {"Positive", "Negative"} for before, _ in texts.values())
    assert all(after.strip() not in {"Positive", "Negative"} for _, after in texts.values())


def test_one_sample_a_probe_is_enough_for_the_demo(recorded):
    again = recorded["q4_1-again"]
    drifted = list(one_epoch(recorded["q4_1-first"], recorded["q4_0"], again))
    assert all(("text-label-set-violated", "labels", "breaking") in loud(document) for document in drifted)


@pytest.mark.parametrize("candidate", ["q4_1-again", "q8_0"])
def test_one_sample_a_probe_raises_few_false_alarms(recorded, candidate):
    control = None if candidate == "q4_1-again" else recorded["q4_1-again"]
    documents = list(one_epoch(recorded["q4_1-first"], recorded[candidate], control))
    assert sum(not is_silent(document) for document in documents) <= len(documents) // 10
