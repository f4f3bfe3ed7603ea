# The nightly check that stops early, and the one that asks twice before it claims: real HTTP against the stand-in.

import json
from pathlib import Path

import pytest

from drift.cli import main
from drift.report import validate
from drift.store import Store

pytest_plugins = ["tests.cli_fixtures", "tests.vendor.plugin"]

TARGET = "compatible/gpt-4o"
PROBES = ("--suite", "full", "--probe", "json.plain", "--probe", "behav.verbosity")
PLANNED = 50 * 4


@pytest.fixture
def live(project, vendor, monkeypatch):
    """A project with an accepted baseline of four epochs; the log of requests starts after it."""
    monkeypatch.setenv("OPENAI_BASE_URL", vendor.openai_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-this-test")
    assert main(["run", TARGET, *PROBES, "-n", "4", "-q"]) == 0
    assert main(["baseline", "accept", TARGET, "--reason", "first"]) == 0
    vendor.log.clear()
    return vendor


def check(capsys, *more: str, code: int = 0):
    capsys.readouterr()
    found = main(["check", TARGET, *PROBES, "--json", "-q", *more])
    printed = capsys.readouterr()
    assert found == code, printed.err
    document = json.loads(printed.out)
    validate(document)
    return document, printed.err


def test_a_sequential_check_stops_asking_when_drift_is_shown(live, capsys):
    with live.behaving("fence-added"):
        document, _ = check(capsys, "--sequential", code=1)
    early = document["sequential"]
    assert (early["planned"], early["stopped"]) == (PLANNED, "drift")
    assert early["asked"] + early["saved"] == PLANNED
    assert early["asked"] == len(live.log) < PLANNED / 2
    fence = next(f for f in document["findings"] if f["rule"] == "text-markdown-fence-added")
    assert fence["level"] == "breaking"
    assert fence["evidence"]["test"] == "e-process on discordant pairs"
    assert fence["evidence"]["q"] <= 0.05
    assert f"{early['saved']} calls were saved" in " ".join(document["notices"])


def test_a_run_that_stopped_early_is_stored_as_the_part_that_it_is_and_can_be_finished(live, capsys):
    with live.behaving("fence-added"):
        document, _ = check(capsys, "--sequential", code=1)
    with Store.open(Path("snapshots/drift.db")) as store:
        run = store.run(document["candidate"]["id"])
        assert (run.status, run.meta["stopped_early"]) == ("incomplete", "drift")
        assert run.samples == document["sequential"]["asked"]
    assert main(["baseline", "accept", run.id, "--reason", "no"]) != 0  # a part is no baseline
    asked = len(live.log)
    assert main(["run", TARGET, "--resume", "-q"]) == 0
    assert len(live.log) - asked == document["sequential"]["saved"]


def test_a_sequential_check_of_an_unchanged_model_asks_every_probe_and_stops_when_all_is_clear(live, capsys):
    document, _ = check(capsys, "--sequential")
    early = document["sequential"]
    assert early["stopped"] == "clear"
    assert 50 <= early["asked"] < PLANNED
    assert document["verdict"] in {"none", "info"}
    assert [f for f in document["findings"] if f["level"] != "info"] == []
    assert {entry["detectable_effect"] for entry in document["families"]} <= {0.1, 0.2, 0.3, 0.5, None}


def test_an_exact_fact_stops_a_sequential_check_at_once(live, capsys):
    with live.behaving(token_offset=17):
        document, _ = check(capsys, "--sequential", "--fail-on", "warning", code=1)
    assert document["sequential"]["asked"] < 40
    (shift,) = [f for f in document["findings"] if f["rule"] == "input-token-count-shifted"]
    assert shift["evidence"]["offset"] == 17


def test_a_claim_that_rests_on_a_test_is_held_against_a_second_run_of_the_day(live, capsys):
    with live.behaving("fence-added"):
        document, said = check(capsys, code=1)
    assert len(live.log) == 2 * PLANNED
    assert "the suite is asked once more" in said
    with Store.open(Path("snapshots/drift.db")) as store:
        assert store.run(document["control"]["id"]).control_of == document["candidate"]["id"]
    assert "text-markdown-fence-added" in {finding["rule"] for finding in document["findings"]}
    assert any("of the candidate, on its own day" in notice for notice in document["notices"])


def test_silence_needs_no_second_run(live, capsys):
    document, _ = check(capsys)
    assert len(live.log) == PLANNED
    assert document["control"] is None


def test_no_second_run_is_made_when_none_is_wanted(live, capsys):
    with live.behaving("fence-added"):
        document, _ = check(capsys, "--no-repeat", code=1)
    assert len(live.log) == PLANNED
    assert document["control"] is None


def test_a_control_that_is_stored_spares_the_second_run(live, capsys):
    assert main(["run", TARGET, *PROBES, "-n", "4", "-q", "--control", TARGET]) == 0
    live.log.clear()
    with live.behaving("fence-added"):
        document, _ = check(capsys, code=1)
    assert len(live.log) == PLANNED
    assert document["control"] is not None
