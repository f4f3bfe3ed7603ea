# Real recorded outputs of real models: every set comes in whole, and goes out as it came.

import gzip
import io
import json
import os
from pathlib import Path

import pytest

from drift.importers import import_files
from drift.store import Store

FILES = (
    "aider/sonnet-fine.jsonl.gz",
    "dailybench/google_gemini-2.5-flash.jsonl.gz",
    "dailybench/openai_gpt-4o-mini-2024-07-18.jsonl.gz",
    "llmdrift/leetcode-easy.jsonl.gz",
    "llmdrift/prime.jsonl.gz",
    "speechmap/openai_chatgpt-4o-latest.jsonl.gz",
    "speechmap/openai_gpt-4.1-2025-04-14.jsonl.gz",
    "speechmap/openai_gpt-4o-2024-11-20.jsonl.gz",
    "speechmap/x-ai_grok-2-1212.jsonl.gz",
    "speechmap/x-ai_grok-3-beta.jsonl.gz",
    "taubench/gpt-4o-airline.jsonl.gz",
)
RUNS = {"aider": 20, "dailybench": 38 + 77, "llmdrift": 4 + 4, "speechmap": 5, "taubench": 1}


@pytest.fixture(scope="module")
def corpus() -> Path:
    if "DRIFT_CORPUS" not in os.environ:
        pytest.skip("DRIFT_CORPUS is not set: recorded outputs of real models are not here")
    return Path(os.environ["DRIFT_CORPUS"])


@pytest.fixture(scope="module")
def store(corpus, tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("corpus") / "drift.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def imported(corpus, store):
    return {name: import_files(store, [corpus / name], notice=pytest.fail) for name in FILES}


def test_every_file_is_known(corpus):
    expected = json.loads((corpus / "EXPECTED.json").read_text(encoding="utf-8"))["files"]
    assert set(FILES) == set(expected)


@pytest.mark.parametrize("name", FILES)
def test_the_number_of_samples_is_the_number_of_lines(corpus, imported, name):
    expected = json.loads((corpus / "EXPECTED.json").read_text(encoding="utf-8"))["files"][name]
    assert sum(run.samples for run in imported[name]) == expected["lines"]
    assert all(run.new for run in imported[name])


@pytest.mark.parametrize("folder", RUNS)
def test_the_number_of_runs_is_that_of_the_readme(imported, folder):
    assert sum(len(runs) for name, runs in imported.items() if name.startswith(folder)) == RUNS[folder]


def test_the_database_is_sound(store, imported):
    assert store.verify() == []


@pytest.mark.parametrize("name", FILES)
def test_importing_again_adds_nothing(corpus, store, imported, name):
    again = import_files(store, [corpus / name], notice=pytest.fail)
    assert [run.run for run in again] == [run.run for run in imported[name]]
    assert not any(run.new for run in again)


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_exported_as_it_came(corpus, store, imported, name):
    out = io.StringIO()
    store.export_runs([run.run for run in imported[name]], out)
    with gzip.open(corpus / name, "rt", encoding="utf-8") as file:
        came = sorted(json.dumps(json.loads(line), sort_keys=True) for line in file)
    went = sorted(json.dumps(json.loads(line), sort_keys=True) for line in out.getvalue().splitlines())
    assert went == came


def test_runs_are_found_by_the_names_that_people_type(store, imported):
    prime = store.resolve("llmdrift-prime:openaichat/gpt-4-0314@0314")
    assert (prime.requested_model, prime.samples, prime.label) == ("gpt-4-0314", 1000, "0314")
    assert prime.params == {"max_tokens": 1000, "temperature": 0.1}
    assert store.resolve("taubench-airline:gpt-4o").samples == 200
    assert store.resolve("speechmap:x-ai/grok-3-beta").params == {"api_provider": None, "api_model": None}
    run = store.resolve("dailybench:google/gemini-2.5-flash@2025-06-25 15:19:01")
    assert run.created_at == "2025-06-25T15:19:01+00:00"
    leetcode = store.resolve("llmdrift-leetcode-easy:openaichat/gpt-4-0314")
    assert leetcode.params == {"temperature": 0.1, "max_tokens": 2000}
    assert len(leetcode.meta["params"]["prompt_sha256"]) == 20


def test_repeats_are_epochs_and_aggregates_are_tagged(store, imported):
    run = store.resolve("taubench-airline:gpt-4o")
    assert sorted({sample.epoch for sample in store.samples(run.id)}) == [1, 2, 3, 4]
    assert len(store.probes(run.id)) == 50
    aggregates = store.resolve("dailybench:google/gemini-2.5-flash@2025-06-25 15:19:01")
    assert {probe.tags for probe in store.probes(aggregates.id).values()} == {("aggregate",)}
