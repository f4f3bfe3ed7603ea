# Histories: silent on what did not change, dated within one run on what did.
from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from drift.importers import import_files
from drift.model import Exchange, Expect, Message, Probe, Run, Sample, Snapshot
from drift.monitor import monitor
from drift.observe import OBSERVER_VERSION, observe
from drift.store import Store

CORPUS = os.environ.get("DRIFT_CORPUS")
corpus = pytest.mark.skipif(
    not CORPUS, reason="DRIFT_CORPUS is not set: recorded outputs of real models are not here"
)
RAW, FENCED = '{"a": 1}', '```json\n{"a": 1}\n```'


def night(number, share, *, probes=40, seed=0, params=None):
    rng = random.Random(1000 * seed + number)
    ids = [f"t/{i:02}" for i in range(probes)]
    asked = {
        i: Probe(i, "t", "f", "machine", (Exchange(messages=(Message("user", i),)),), Expect(json=True))
        for i in ids
    }
    samples = tuple(
        Sample(
            f"{number}-{i}",
            i,
            1,
            "response",
            {"recorded": {"output_text": FENCED if rng.random() < share else RAW}},
        )
        for i in ids
    )
    run = Run(
        id=f"run{number:09}", target="anthropic/m", requested_model="m", platform="anthropic", status="complete",
        created_at=f"2026-{1 + number // 28:02}-{1 + number % 28:02}T04:00:00+00:00", params=params or {},
    )  # fmt: skip
    return Snapshot(run, asked, samples)


def series(document, measure):
    return next(s for s in document["series"] if s["measure"] == measure)


def test_a_steady_history_is_stable_and_raises_no_alarm():
    document = monitor([night(n, 0.2) for n in range(30)], target="m")
    assert document["alarms"] == 0
    assert series(document, "text.fence")["state"] == "stable"


@pytest.mark.parametrize("seed", range(5))
def test_a_step_is_dated_within_one_run(seed):
    document = monitor([night(n, 0.1 if n < 20 else 0.6, seed=seed) for n in range(30)], target="m")
    found = series(document, "text.fence")
    assert found["state"] == "shift"
    (shift,) = found["shifts"]
    onset = [point["time"] for point in found["points"]].index(shift["onset"])
    assert abs(onset - 20) <= 1


def test_one_bad_night_is_an_outlier_and_not_a_shift():
    shares = [0.1] * 24 + [0.7]
    document = monitor([night(n, share) for n, share in enumerate(shares)], target="m")
    found = series(document, "text.fence")
    assert (found["state"], found["shifts"]) == ("outlier", [])


def test_other_settings_begin_a_new_segment():
    nights = [night(n, 0.1, params={"temperature": 0.0}) for n in range(15)]
    nights += [night(n, 0.6, params={"temperature": 1.0}) for n in range(15, 30)]
    document = monitor(nights, target="m")
    found = series(document, "text.fence")
    assert (found["segments"], found["shifts"]) == (2, [])
    assert any("settings" in notice for notice in document["notices"])


def test_what_another_observer_kept_as_shape_begins_a_new_segment():
    def kept(number, share):
        raw = night(number, share)
        version = OBSERVER_VERSION - (number < 15)
        samples = tuple(
            replace(
                sample,
                document={
                    "shape": observe(sample.document, raw.probes[sample.probe_id]),
                    "observer": version,
                },
            )
            for sample in raw.samples
        )
        return replace(raw, samples=samples)

    document = monitor([kept(n, 0.1 if n < 15 else 0.6) for n in range(30)], target="m")
    found = series(document, "text.fence")
    assert (found["segments"], found["shifts"]) == (2, [])


def test_the_order_of_runs_does_not_matter():
    nights = [night(n, 0.1 if n < 20 else 0.6) for n in range(30)]
    first, second = monitor(nights, target="m"), monitor(reversed(nights), target="m")
    assert first["series"] == second["series"]


@corpus
@pytest.mark.parametrize("name", ["dailybench", "aider"])
def test_recorded_series_of_unchanged_models_raise_no_alarm(tmp_path, name):
    with Store.open(tmp_path / "x.db") as store:
        import_files(store, sorted((Path(CORPUS) / name).glob("*.jsonl.gz")))
        for target in {run.target for run in store.runs()}:
            document = monitor((store.snapshot(run.id) for run in store.runs(target=target)), target=target)
            assert document["alarms"] == 0
            assert [s["measure"] for s in document["series"] if s["shifts"]] == []


@corpus
def test_a_series_without_any_spread_divides_by_nothing(tmp_path):
    with Store.open(tmp_path / "x.db") as store:
        import_files(store, [Path(CORPUS) / "dailybench" / "google_gemini-2.5-flash.jsonl.gz"])
        document = monitor((store.snapshot(run.id) for run in store.runs()), target="gemini")
    assert document["runs"] == 38
    assert len(document["series"]) == 13
    assert {s["state"] for s in document["series"]} == {"stable"}
