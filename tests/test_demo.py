# The main job on the real local model: three runs, two comparisons, the drift named and the control silent.

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import pytest

from drift.demo import DemoResult, Step, probe_model, run_demo
from drift.errors import EXIT_FINDINGS, EXIT_OK, EXIT_UNDECIDED, UsageError
from drift.observe import observe
from drift.providers import weights
from drift.providers.weights import NOT_INSTALLED
from drift.store import Store
from drift.suite import load_suite, suite_path

WEIGHTS_ABSENT = any(need.requirement == weights.WEIGHTS_WHEEL for need in weights.missing())
pytestmark = [pytest.mark.local_model, pytest.mark.skipif(WEIGHTS_ABSENT, reason=NOT_INSTALLED)]

COUNTING = str(suite_path() / "demo" / "demo.tokens.yaml")  # four requests that generate nothing: quick


@dataclass
class Ran:
    store: Store
    result: DemoResult
    steps: list[Step]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """The whole demo, once, with a seed: the same on every machine with this engine."""
    steps: list[Step] = []
    with Store.open(tmp_path_factory.mktemp("demo") / "demo.db") as store:
        yield Ran(store, run_demo(store, seed=1, progress=steps.append), steps)


@pytest.mark.timeout(1200)  # a busy machine with two cores; two minutes on a quiet one
class TestWhole:
    def test_a_changed_model_is_found_and_named(self, ran):
        found = {(f["rule"], f["family"], f["level"]) for f in ran.result.comparison["findings"]}
        assert ("text-label-set-violated", "labels", "breaking") in found
        assert ran.result.comparison["verdict"] == "breaking"
        assert ran.result.comparison["axes"] == ["model"]

    def test_the_same_model_again_is_silent(self, ran):
        assert [f for f in ran.result.control_comparison["findings"] if f["level"] != "info"] == []
        assert ran.result.control_silent
        assert ran.result.exit_code == EXIT_OK

    def test_the_control_differs_from_the_baseline_all_the_same(self, ran):
        runs = (ran.result.baseline, ran.result.control)
        first, again = (ran.store.snapshot(run.id) for run in runs)
        texts = [
            {
                s.probe_id: observe(s.document, side.probes[s.probe_id]).get("text.digest")
                for s in side.samples
            }
            for side in (first, again)
        ]
        assert texts[0] != texts[1]

    def test_the_runs_are_complete_and_say_what_they_are(self, ran):
        result = ran.result
        runs = (result.baseline, result.control, result.candidate)
        assert [run.target for run in runs] == ["local/smollm2-q4_1"] * 2 + ["local/smollm2-q4_0"]
        assert [run.control_of for run in runs] == [None, result.baseline.id, None]
        assert {run.status for run in runs} == {"complete"}
        assert {run.samples for run in runs} == {len(load_suite("demo").probes)}
        assert all("anthropic" in run.sdk and "xllamacpp" in run.sdk for run in runs)
        assert ran.store.verify() == []

    def test_both_comparisons_are_stored(self, ran):
        for document in (ran.result.control_comparison, ran.result.comparison):
            assert ran.store.comparison(document["id"]) == document

    def test_every_part_is_announced_and_every_sample_counted(self, ran):
        parts = [part for part, _ in groupby(step.part for step in ran.steps)]
        assert parts == ["weights", "baseline", "control", "candidate"]
        for part in parts[1:]:
            steps = [step for step in ran.steps if step.part == part]
            assert steps[0].progress is None
            done = [step.progress.done for step in steps[1:]]
            assert done == list(range(1, len(load_suite("demo").probes) + 1))

    def test_no_path_of_this_machine_is_stored(self, ran):
        stored = str(list(ran.store.samples(ran.result.candidate.id))) + str(ran.result)
        assert str(weights.cache_dir()) not in stored
        assert str(Path.home()) + "/" not in stored

    def test_a_control_that_fires_fails_the_demo(self, ran):
        fired = replace(ran.result, control_comparison=ran.result.comparison)
        assert fired.exit_code == EXIT_FINDINGS
        undecided = replace(
            ran.result, control_comparison={**ran.result.comparison, "verdict": "inconclusive"}
        )
        assert undecided.exit_code == EXIT_UNDECIDED


def test_a_seed_repeats_a_run_and_another_one_does_not(tmp_path):
    prose = str(suite_path() / "demo" / "demo.prose.yaml")
    shipped = weights.resolve("smollm2-q4_1")

    def texts(seed: int) -> list[tuple[str, str]]:
        with Store.open(tmp_path / f"{seed}.db") as store:
            run = probe_model(store, shipped, seed=seed, suite=prose)
            side = store.snapshot(run.id)
            return sorted(
                (s.probe_id, s.document["exchanges"][0]["body"]["choices"][0]["message"]["content"])
                for s in side.samples
            )

    first = texts(1)
    (tmp_path / "1.db").unlink()
    assert texts(1) == first
    assert texts(2) != first


def test_a_file_of_ones_own_is_compared_with_its_requantisation(tmp_path, monkeypatch):
    monkeypatch.setenv("DRIFT_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "mine.gguf"
    file.symlink_to(weights.resolve("smollm2-q4_1").path)
    with Store.open(tmp_path / "demo.db") as store:
        result = run_demo(store, gguf=file, suite=COUNTING)
    assert [result.baseline.target, result.candidate.target] == ["local/mine", "local/mine-q4_0"]
    assert result.comparison["axes"] == ["model"]
    assert result.no_candidate is None


def test_a_file_that_cannot_be_requantised_further_gets_a_control_only(tmp_path):
    with Store.open(tmp_path / "demo.db") as store:
        result = run_demo(store, gguf=weights.resolve("smollm2-q4_0").path, suite=COUNTING)
    assert result.candidate is None
    assert result.comparison is None
    assert "no matrix that q4_0 would change" in result.no_candidate
    assert result.exit_code == EXIT_OK


def test_a_name_that_no_weights_have_is_refused_before_anything_runs(tmp_path):
    with Store.open(tmp_path / "demo.db") as store:
        with pytest.raises(UsageError, match="no local model 'smollm3'"):
            run_demo(store, candidate="smollm3")
        assert store.runs() == []
