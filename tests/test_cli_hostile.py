# A recording in which every text is hostile, through the commands in every format: it is shown, and nothing obeys it.
# Owns: what may not pass to a terminal, a page or a log of CI. Refuses to know: how a report is laid out.

import json
import re
import sqlite3
from pathlib import Path

import pytest

from drift.baselines import read_baselines
from drift.cli import main
from drift.store import Store

pytest_plugins = ["tests.cli_fixtures"]

NASTY = (
    "\x1b]8;;http://evil.example\x07x\x1b[2J\x9b1m\u202e\u200b\r\n::error::taken over\n##vso[task.complete]\n"
    '##[error]x\n<script>alert(1)</script>[a](javascript:x)|`=cmd()"; ../../'
)
ACTS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
COMMANDS = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)


def line(label, probe, **more):
    moved = label == "second"
    return {
        "dataset": f"set{NASTY}",
        "target": f"../../{NASTY}",
        "version_label": f"{label}{NASTY}",
        "probe_id": f"{probe}{NASTY}",
        "sample": 0,
        "recorded_at": "2026-01-01T00:00:00",
        "prompt": NASTY,
        "family": f"family{NASTY}",
        "platform": f"host{NASTY}",
        "response_model": f"{label}{NASTY}",
        "params": {f"x{NASTY}": NASTY},
        "output_text": f"```\n{NASTY}" if moved else '{"a": 1}',
        "tool_calls": [{"name": f"tool{NASTY}", "arguments": {f"key{NASTY}": f"{label}{NASTY}"}}],
        "usage": {"input_tokens": 20 if moved else 10, "output_tokens": 3},
        "labels": {f"verdict{NASTY}": NASTY if moved and probe % 2 else "good"},
        **more,
    }


def lines(label):
    yield from (line(label, number) for number in range(30))
    refused = {
        "outcome": "rejected",
        "status": 400,
        "error": {"type": NASTY, "message": NASTY},
        "output_text": None,
    }
    yield line(label, 99, **(refused if label == "second" else {}))


@pytest.fixture
def hostile(project):
    """A project whose only recording is hostile: a run of each label."""
    texts = [json.dumps(line) for label in ("first", "second") for line in lines(label)]
    (project / "hostile.jsonl").write_text("\n".join(texts), encoding="utf-8")
    return project


def runs():
    with Store.open(Path("snapshots/drift.db"), readonly=True) as store:
        return [run.id for run in reversed(store.runs())]


def fingerprints():
    with Store.open(Path("snapshots/drift.db"), readonly=True) as store:
        return [finding["fingerprint"] for finding in next(iter(store.comparisons()))["findings"]]


def inert(text):
    return not ACTS.search(text) and not COMMANDS.search(text)


def test_nothing_that_a_recording_says_acts_on_who_reads_about_it(hostile, capsys):
    assert main(["import", "hostile.jsonl"]) == 0
    first, second = runs()
    shown = [
        *(["diff", first, second, "-v"], ["diff", second, first, "-q"], ["report"], ["history"], ["db"]),
        *(["monitor", f"../../{NASTY}"], ["monitor", NASTY], ["history", NASTY], ["db", "verify"]),
        *(["params", first], ["baseline", "show", NASTY], ["explain", NASTY], ["diff", first, NASTY]),
        *(["baseline", "accept", first, "--reason", NASTY, "--by", NASTY], ["baseline"], ["ack"]),
        *(["scan", NASTY], ["run", f"openai/{NASTY}", "--base-url", NASTY], ["import", NASTY], [NASTY]),
    ]
    for argv in shown:
        for form in ("text", "md", "json"):
            main([*argv, "--format", form])
            printed = capsys.readouterr()
            assert inert(printed.out), argv
            assert inert(printed.err), argv
            assert "fault in drift" not in printed.err, argv
    found = fingerprints()
    assert found
    for fingerprint in found:
        main(["explain", fingerprint])
        assert inert(capsys.readouterr().out)
    main(["ack", found[0], "--reason", "known", "--owner", "ana", "--until", "2027-01-01"])
    assert inert(capsys.readouterr().out)


def test_files_that_are_named_and_filled_by_a_recording_stay_in_their_folder_and_inert(hostile, capsys):
    outside = set(hostile.parent.iterdir())
    main(["import", "hostile.jsonl"])
    first, second = runs()
    assert main(["baseline", "accept", first, "--reason", "seen"]) == 0
    assert inert(capsys.readouterr().out)
    (accepted,) = read_baselines(hostile / "snapshots" / "baselines")
    assert accepted.target == f"set{NASTY}:../../{NASTY}"
    written = [path.name for path in (hostile / "snapshots" / "baselines").rglob("*")]
    assert [name for name in written if not re.fullmatch(r"[\w.@=-]{1,255}", name)] == []
    assert set(hostile.parent.iterdir()) == outside
    for ending in ("txt", "md", "json"):
        main(["diff", first, second, "-v", "-o", f"report.{ending}"])
        assert inert((hostile / f"report.{ending}").read_text(encoding="utf-8"))


def test_an_export_to_the_log_of_ci_commands_nothing_and_is_the_same_runs(hostile, capsys):
    main(["import", "hostile.jsonl"])
    capsys.readouterr()
    assert main(["db", "export"]) == 0
    exported = capsys.readouterr().out
    assert inert(exported)
    (hostile / "again.jsonl").write_text(exported, encoding="utf-8")
    assert main(["import", "again.jsonl", "-d", "again.db", "--json"]) == 0
    assert sorted(run["run"] for run in json.loads(capsys.readouterr().out)["runs"]) == sorted(runs())


def test_a_stored_comparison_that_was_altered_is_named_and_not_shown(hostile, capsys):
    main(["import", "hostile.jsonl"])
    main(["diff", *runs()])
    finding = fingerprints()[0]
    capsys.readouterr()
    with sqlite3.connect("snapshots/drift.db") as database:
        ((text,),) = database.execute("select document from comparisons").fetchall()
        document = json.loads(text)
        document["findings"] = [{"fingerprint": finding, "rule": NASTY}]
        database.execute("update comparisons set document = ?", (json.dumps(document),))
    database.close()
    for argv in (["report"], ["report", "--json"], ["explain", finding]):
        assert main(argv) == 3
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "cannot be shown" in printed.err
        assert inert(printed.err)


def test_numbers_that_no_counter_reaches_are_compared_with_nothing_and_break_nothing(hostile, capsys):
    def recorded(label, number):
        body = {"type": "message", "content": [], "usage": {"input_tokens": number, "output_tokens": number}}
        plain = {"dataset": "d", "target": "a/b", "version_label": label, "sample": 0, "prompt": "x"}
        for n in range(12):
            yield {**plain, "probe_id": f"p{n}", "output_text": "x", "output_raw": body, "labels": {"score": number},
                   "usage": {"input_tokens": 5, "other": number}, "recorded_at": "2026-01-01T00:00:00"}  # fmt: skip

    for name, number in (("whole", 10**400), ("real", 1e300)):
        texts = [
            json.dumps(one) for label, value in (("a", 5), (name, number)) for one in recorded(label, value)
        ]
        (hostile / "numbers.jsonl").write_text("\n".join(texts), encoding="utf-8")
        assert main(["import", "numbers.jsonl"]) == 0
        assert main(["diff", "d:a/b@a", f"d:a/b@{name}", "--json"]) in {0, 1}
        assert main(["monitor", "d:a/b"]) in {0, 3}
        assert "fault" not in capsys.readouterr().err
