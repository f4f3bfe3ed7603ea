# The commands at work: on recorded outputs, on files in a project, and against the vendor stand-in over real HTTP.

import datetime as dt
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drift import demo
from drift.baselines import read_acknowledgements, read_baselines
from drift.cli import main
from drift.compare import compare
from drift.config import read_config
from drift.providers import weights
from drift.report import formats_for, validate
from drift.rules import RULES
from drift.suite import load_suite
from drift.suite import validate as validate_probes
from tests.cli_support import ROOT, write_recorded

pytest_plugins = ["tests.cli_fixtures", "tests.vendor.plugin"]

TARGET = "compatible/gpt-4o"
SUITE = "json.plain"
PLAIN, AGAIN, FENCED = (f"shop:acme/model@{label}" for label in ("plain", "again", "fenced"))


def ask(capsys, *argv: str, code: int = 0) -> str:
    """Run a command that must end with this code and return its stdout."""
    found = main(list(argv))
    printed = capsys.readouterr()
    assert found == code, printed.err
    return printed.out


def ask_json(capsys, *argv: str, code: int = 0) -> dict:
    """Run a command with --json; its document must keep to the schema of its kind."""
    document = json.loads(ask(capsys, *argv, "--json", code=code))
    validate(document)
    return document


# Recorded outputs


def test_import_stores_a_file_once(project, capsys):
    write_recorded(project / "recorded.jsonl", "plain", "fenced", probes=3)
    first = ask_json(capsys, "import", "recorded.jsonl")
    again = ask_json(capsys, "import", "recorded.jsonl")
    assert [(run["target"], run["version_label"], run["samples"], run["new"]) for run in first["runs"]] == [
        ("acme/model", "plain", 3, True),
        ("acme/model", "fenced", 3, True),
    ]
    assert [{**run, "new": True} for run in again["runs"]] == first["runs"]
    assert not any(run["new"] for run in again["runs"])


def test_import_tells_unknown_fields_on_stderr(project, capsys):
    write_recorded(project / "recorded.jsonl", "plain", probes=2, colour="red")
    assert main(["import", "recorded.jsonl", "--json"]) == 0
    printed = capsys.readouterr()
    assert "colour" in printed.err
    assert any("colour" in notice for notice in json.loads(printed.out)["notices"])


def test_diff_names_the_change_and_writes_every_format(recorded, capsys):
    files = [f"report{one.ending}" for one in formats_for("comparison")]
    argv = [part for file in files for part in ("-o", file)]
    document = ask_json(capsys, "diff", PLAIN, FENCED, *argv, code=1)
    assert [finding["rule"] for finding in document["findings"]] == ["text-markdown-fence-added"]
    assert document["gate"] == {"fail_on": "breaking", "exit_code": 1}
    assert all("text-markdown-fence-added" in (recorded / file).read_text(encoding="utf-8") for file in files)
    assert json.loads((recorded / "report.json").read_text(encoding="utf-8")) == document


def test_diff_reads_selections(recorded, capsys):
    narrowed = ask_json(capsys, "diff", PLAIN, AGAIN, "--where", "probe_id=p1", "--where", "probe_id=p2")
    assert narrowed["baseline"]["samples"] == narrowed["candidate"]["samples"] == 2
    assert "only samples where probe_id is ['p1', 'p2']" in narrowed["notices"]
    with_sample = ask_json(
        capsys, "diff", PLAIN, FENCED, "--baseline-samples", "0", "--candidate-samples", "0-1", code=1
    )
    assert with_sample["candidate"]["samples"] == 30
    ask_json(capsys, "diff", PLAIN, FENCED, "--candidate-samples", "1", code=3)


def test_one_run_against_itself_by_samples_is_an_a_a_comparison(project, capsys):
    lines = []
    for sample in (0, 1):
        write_recorded(project / "one.jsonl", "v", sample=sample)
        lines.append((project / "one.jsonl").read_text(encoding="utf-8"))
    (project / "both.jsonl").write_text("".join(lines), encoding="utf-8")
    ask(capsys, "import", "both.jsonl")
    document = ask_json(
        capsys, "diff", "acme/model", "acme/model", "--baseline-samples", "0", "--candidate-samples", "1"
    )
    assert document["verdict"] == "none"
    assert document["baseline"]["samples"] == document["candidate"]["samples"] == 30


def test_a_label_can_be_compared_with_another_label(project, capsys):
    write_recorded(project / "a.jsonl", "a", labels={"old": True})
    write_recorded(project / "b.jsonl", "b", labels={"new": False})
    ask(capsys, "import", "a.jsonl", "b.jsonl")
    apart = ask_json(capsys, "diff", "acme/model@a", "acme/model@b")
    paired = ask_json(capsys, "diff", "acme/model@a", "acme/model@b", "--label-pair", "old=new")
    assert not [measure for measure in apart["measures"] if measure["measure"].startswith("label:")]
    assert [measure for measure in paired["measures"] if measure["measure"].startswith("label:")]
    assert "label old is compared with label new" in paired["notices"]


def test_a_control_is_named(recorded, capsys):
    document = ask_json(capsys, "diff", PLAIN, FENCED, "--control", AGAIN, code=1)
    assert document["control"]["label"] == "again"


def test_levels_and_gate_of_the_settings_are_obeyed(recorded, capsys):
    (recorded / "drift.yaml").write_text("levels: {text-markdown-fence-added: warning}\n", encoding="utf-8")
    assert ask_json(capsys, "diff", PLAIN, FENCED)["verdict"] == "warning"
    ask_json(capsys, "diff", PLAIN, FENCED, "--fail-on", "warning", code=1)


def test_findings_know_the_comparison_before(recorded, capsys):
    def states(*argv: str, code: int = 1) -> list[tuple[str, str | None]]:
        document = ask_json(capsys, "diff", *argv, code=code)
        return [(finding["rule"], finding["state"]) for finding in document["findings"]]

    rule = "text-markdown-fence-added"
    assert states(PLAIN, FENCED) == [(rule, None)]
    assert states(PLAIN, FENCED) == [(rule, "unchanged")]
    assert states(PLAIN, FENCED, "--where", "family=orders") == [(rule, None)]
    assert states(PLAIN, AGAIN, code=0) == []  # another label is another candidate, which never had a fence
    (fenced,) = (run["id"] for run in ask_json(capsys, "db")["runs"] if run["label"] == "fenced")
    mended = write_recorded(recorded / "mended.jsonl", "fenced")
    mended.write_text(mended.read_text("utf-8").replace("```json\\n", "").replace("\\n```", ""), "utf-8")
    ask(capsys, "import", "mended.jsonl")
    assert states(PLAIN, FENCED, code=0) == [(rule, "absent")]
    assert states(PLAIN, fenced, "--no-save") == [(rule, "new")]
    assert states(PLAIN, FENCED, code=0) == []


def test_a_comparison_that_was_not_saved_is_not_stored(recorded, capsys):
    ask(capsys, "diff", PLAIN, FENCED, "--no-save", code=1)
    ask(capsys, "report", code=2)


def test_report_shows_a_stored_comparison_again(recorded, capsys):
    document = ask_json(capsys, "diff", PLAIN, FENCED, code=1)
    for name in ([], [document["id"]], [document["id"][:8]], [FENCED], [document["candidate"]["id"]]):
        assert ask_json(capsys, "report", *name) == document
    ask(capsys, "report", "-o", "again.md")
    assert "text-markdown-fence-added" in (recorded / "again.md").read_text(encoding="utf-8")
    ask(capsys, "report", PLAIN, code=2)


def test_explain_leads_from_the_finding_to_the_raw_samples(recorded, capsys):
    document = ask_json(capsys, "diff", PLAIN, FENCED, code=1)
    finding = document["findings"][0]
    explained = ask_json(capsys, "explain", finding["fingerprint"], "--in", document["id"])
    assert (explained["comparison"], explained["finding"]) == (document["id"], finding)
    text = ask(capsys, "explain", finding["fingerprint"])
    assert text.startswith("breaking: ")
    witness = finding["witnesses"][0]
    for side in ("baseline", "candidate"):
        assert f"raw sample {witness[side]['sample']}" in text
    assert '  |     "output_text": "```json' in text


def test_explain_shows_a_rule(capsys):
    for argv in (["explain", RULES[0].id], ["rules", "show", RULES[0].id]):
        assert ask_json(capsys, *argv)["rule"]["id"] == RULES[0].id
        assert RULES[0].remedy.split()[0] in ask(capsys, *argv)


def test_history_shows_the_verdicts(recorded, capsys):
    ask(capsys, "diff", PLAIN, FENCED, code=1)
    document = ask_json(capsys, "history", "shop:acme/model")
    verdicts = {entry["label"]: entry["verdict"] for entry in document["entries"]}
    assert verdicts == {"plain": None, "again": None, "fenced": "breaking"}
    assert {entry["label"]: entry["counts"] for entry in document["entries"]}["fenced"] == {
        "breaking": 1,
        "warning": 0,
        "info": 0,
    }
    assert {"family": "orders", "name": "text.fence", "values": [0.0, None, 1.0]} in document["rates"]
    assert "breaking" in ask(capsys, "history")


# What a team agrees to


def test_an_acknowledged_finding_stays_in_the_report_and_out_of_the_gate(recorded, capsys):
    document = ask_json(capsys, "diff", PLAIN, FENCED, code=1)
    fingerprint = document["findings"][0]["fingerprint"]
    until = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()
    argv = ["ack", fingerprint, "--reason", "the reader strips fences", "--owner", "ana", "--until", until]
    ask(capsys, *argv[:3], "TODO", *argv[4:], code=2)
    ask(capsys, *argv[:-1], "2020-01-01", code=2)
    ask(capsys, *argv[:-1], "2099-01-01", code=2)
    ask(capsys, *argv[:-1], "soon", code=2)
    assert not (recorded / "snapshots/acknowledged.yaml").exists()
    made = ask_json(capsys, *argv)
    assert ask_json(capsys, "ack")["acknowledgements"] == made["acknowledgements"]
    assert fingerprint in ask(capsys, "ack")
    again = ask_json(capsys, "diff", PLAIN, FENCED)
    assert again["findings"][0]["acknowledged"]["owner"] == "ana"
    assert again["verdict"] == "none"
    unused = ask_json(capsys, "diff", PLAIN, AGAIN)
    assert any(fingerprint in notice for notice in unused["notices"])


def test_an_expired_acknowledgement_gates_again_and_is_named(recorded, capsys):
    finding = ask_json(capsys, "diff", PLAIN, FENCED, code=1)["findings"][0]
    (recorded / "snapshots/acknowledged.yaml").write_text(
        f"- fingerprint: '{finding['fingerprint']}'\n  rule: {finding['rule']}\n  reason: it was fine\n"
        "  owner: ana\n  until: 2020-01-01\n",
        encoding="utf-8",
    )
    document = ask_json(capsys, "diff", PLAIN, FENCED, code=1)
    assert any("expired" in notice and finding["fingerprint"] in notice for notice in document["notices"])
    assert "(expired)" in ask(capsys, "ack")


def test_an_acknowledgement_says_all_that_it_lacks_at_once(recorded, capsys):
    finding = ask_json(capsys, "diff", PLAIN, FENCED, code=1)["findings"][0]
    assert main(["ack", finding["fingerprint"], "--owner", "ana"]) == 2
    assert "an acknowledgement needs --reason and --until; " in capsys.readouterr().err
    assert not (recorded / "snapshots/acknowledged.yaml").exists()
    assert ask(capsys, "ack").strip() == "0 acknowledgements"


def test_an_acknowledgement_of_another_rule_does_not_hold(recorded, capsys):
    finding = ask_json(capsys, "diff", PLAIN, FENCED, code=1)["findings"][0]
    until = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()
    (recorded / "snapshots/acknowledged.yaml").write_text(
        f"- fingerprint: '{finding['fingerprint']}'\n  rule: another-rule\n  reason: it was fine\n"
        f"  owner: ana\n  until: {until}\n",
        encoding="utf-8",
    )
    ask(capsys, "diff", PLAIN, FENCED, code=1)


def test_a_baseline_is_accepted_shown_and_held_to_its_hash(recorded, capsys):
    made = ask_json(capsys, "baseline", "accept", PLAIN, "--reason", "reviewed", "--by", "ana")
    assert ask_json(capsys, "baseline")["baselines"] == made["baselines"]
    assert made["baselines"][0]["target"] == "shop:acme/model"
    assert ask_json(capsys, "baseline", "show", "shop:acme/model")["baselines"] == made["baselines"]
    file = recorded / "snapshots/baselines" / made["baselines"][0]["file"]
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b"plain", b"plane")))
    ask(capsys, "baseline", "show", "shop:acme/model", code=3)


# The database


def test_what_is_exported_comes_back_as_it_was(recorded, capsys):
    ask(capsys, "db", "export", "-o", "all.jsonl.gz")
    written = ask_json(capsys, "db", "export", PLAIN, "-o", "one.jsonl")
    assert [run["label"] for run in written["runs"]] == ["plain"]
    ask(capsys, "db", "export", PLAIN, "--json", code=2)
    assert ask(capsys, "db", "export", PLAIN) == (recorded / "one.jsonl").read_text(encoding="utf-8")
    ask(capsys, "db", "import", "all.jsonl.gz", "-d", "other.db")

    def sealed(*argv: str) -> dict[str, str]:
        return {run["id"]: run["seal"] for run in ask_json(capsys, "db", "list", *argv)["runs"]}

    assert sealed("-d", "other.db") == sealed()
    first = (recorded / "all.jsonl.gz").read_bytes()
    ask(capsys, "db", "export", "-o", "all.jsonl.gz", "-d", "other.db")
    assert (recorded / "all.jsonl.gz").read_bytes() == first


def test_another_database_is_merged(recorded, capsys):
    write_recorded(recorded / "new.jsonl", "new")
    ask(capsys, "import", "new.jsonl", "-d", "other.db")
    came = ask_json(capsys, "db", "merge", "other.db")
    assert [run["label"] for run in came["runs"]] == ["new"]
    assert ask_json(capsys, "db", "merge", "other.db")["runs"] == []
    assert len(ask_json(capsys, "db")["runs"]) == 4


def test_verify_is_silent_about_a_sound_database_and_finds_a_changed_one(recorded, capsys):
    assert ask_json(capsys, "db", "verify")["problems"] == []
    assert "nothing to migrate" in ask(capsys, "db", "migrate")
    assert ask_json(capsys, "db", "migrate")["backup"] is None
    database = recorded / "snapshots/drift.db"
    content = database.read_bytes()
    assert b"Give the number 7 as JSON." in content
    database.write_bytes(content.replace(b"Give the number 7 as JSON.", b"Give the number 7 as YAML."))
    assert ask_json(capsys, "db", "verify", code=3)["problems"]


# Probes and the first steps


def test_probes_are_listed_shown_and_validated(project, capsys):
    listed = ask_json(capsys, "probes", "--suite", "smoke", "--family", "json_format")
    assert {probe["family"] for probe in listed["probes"]} == {"json_format"}
    shown = ask_json(capsys, "probes", "show", "json.plain")
    assert {probe["template"] for probe in shown["probes"]} == {"json.plain"}
    assert "would have caught" in ask(capsys, "probes", "show", shown["probes"][0]["id"])
    ask(capsys, "probes", "validate")
    (project / "bad.yaml").write_text("name: own.bad\nfamly: x\n", encoding="utf-8")
    assert "bad.yaml:2: " in ask(capsys, "probes", "validate", "bad.yaml", code=2)
    problems = ask_json(capsys, "probes", "validate", "bad.yaml", code=2)["problems"]
    assert ("bad.yaml", 2, "unknown key 'famly'") in {
        (one["file"], one["line"], one["what"]) for one in problems
    }
    assert ask_json(capsys, "probes", "validate")["problems"] == []


def test_init_sets_a_project_up_with_what_its_code_pins(project, capsys):
    (project / "app").mkdir()
    (project / "app/llm.py").write_text(
        'A = "claude-opus-5-5"\nB = "claude-opus-5-5"\nC = "gpt-4.1-mini"\n', encoding="utf-8"
    )
    (project / "node_modules").mkdir()
    (project / "node_modules/x.js").write_text('"gpt-3.5-turbo"', encoding="utf-8")
    document = ask_json(capsys, "init")
    assert document["pinned"] == {
        "anthropic/claude-opus-5-5": ["app/llm.py:1", "app/llm.py:2"],
        "openai/gpt-4.1-mini": ["app/llm.py:3"],
    }
    config = read_config(project / "drift.yaml")
    assert [target.spec for target in config.targets] == ["anthropic/claude-opus-5-5", "openai/gpt-4.1-mini"]
    assert validate_probes(config.own_probes) == []
    assert load_suite("own", own=config.own_probes).probes
    assert set(document["written"]) == {
        str(path.relative_to(project).as_posix())
        for path in (
            project / "drift.yaml",
            project / "probes/own/example.yaml",
            project / ".github/workflows/drift.yml",
            project / "snapshots/.gitignore",
        )
        if path.is_file()
    }


def test_init_writes_settings_that_can_be_read_whatever_the_files_are_called(project, capsys):
    (project / "a\nfail_on: never\n#\x1b[31m.py").write_text('A = "claude-opus-5-5"\n', encoding="utf-8")
    assert main(["init"]) == 0
    assert "\x1b" not in capsys.readouterr().out
    config = read_config(project / "drift.yaml")
    assert [target.spec for target in config.targets] == ["anthropic/claude-opus-5-5"]
    assert config.fail_on == "breaking"


def test_init_overwrites_nothing_unless_told(project, capsys):
    (project / "drift.yaml").write_text("suite: full\n", encoding="utf-8")
    document = ask_json(capsys, "init")
    assert document["kept"] == ["drift.yaml"]
    assert (project / "drift.yaml").read_text(encoding="utf-8") == "suite: full\n"
    text = ask(capsys, "init")
    assert "kept drift.yaml: it was there already" in text
    assert ask_json(capsys, "init", "--force")["kept"] == []
    assert read_config(project / "drift.yaml").targets == ()


# Against the vendor stand-in


@pytest.fixture
def live(project, vendor, monkeypatch):
    """A project whose target answers; its key is accepted and must never be seen again."""
    monkeypatch.setenv("OPENAI_BASE_URL", vendor.openai_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-this-test")
    return vendor


def run_argv(*more: str) -> list[str]:
    return ["run", TARGET, "--probe", SUITE, "--suite", "full", "-n", "1", "-q", *more]


CHECK = ("check", TARGET, "--suite", "full", "--probe", SUITE)


def accept(capsys, *more: str) -> None:
    ask(capsys, *run_argv(*more))
    ask(capsys, "baseline", "accept", TARGET, "--reason", "first")


def test_a_dry_run_says_what_it_would_cost_and_sends_nothing(live, capsys):
    document = ask_json(capsys, *run_argv("--dry-run"))
    assert document["probes"] == document["calls"] == 30
    assert document["input_tokens"] > 0
    assert live.log == []
    assert not Path("snapshots/drift.db").exists()


def test_a_run_is_stored_and_named_by_its_target(live, capsys):
    document = ask_json(capsys, *run_argv("--label", "june"))
    (run,) = document["runs"]
    assert (run["target"], run["label"], run["status"], run["samples"]) == (TARGET, "june", "complete", 30)
    assert len(live.log) == 30
    ask(capsys, "diff", TARGET, f"{TARGET}@june")
    for path in Path().rglob("*"):
        assert path.is_dir() or b"sk-secret-of-this-test" not in path.read_bytes()


def test_progress_is_on_stderr_and_the_document_still_parses(live, capsys):
    argv = [argument for argument in run_argv("--json") if argument != "-q"]
    assert main(argv) == 0
    printed = capsys.readouterr()
    validate(json.loads(printed.out))
    assert f"{TARGET}: 30 of 30 samples" in printed.err


def test_a_run_in_which_the_api_refuses_everything_measured_nothing(live, capsys):
    assert main(["run", "compatible/mistyped", *run_argv()[2:]]) == 3
    printed = capsys.readouterr()
    assert "compatible/mistyped" in printed.out
    assert "30 of 30 samples were refused by the API" in printed.err
    assert ": HTTP 404, The model `mistyped` does not exist" in printed.err
    assert "see that the name of the model is right" in printed.err
    assert main(["baseline", "accept", "compatible/mistyped", "--reason", "first"]) == 2
    assert "holds no answer, only refusals" in capsys.readouterr().err
    assert not Path("snapshots/baselines").exists()


def test_without_a_key_the_variable_is_named(project, capsys, monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL")
    for target, words in (
        ("openai/gpt-4o", "set the environment variable OPENAI_API_KEY"),
        ("x/y", "unknown platform"),
    ):
        assert main(["run", target, "--suite", "smoke"]) == 2
        assert words in capsys.readouterr().err
    assert not list(project.iterdir())


def test_a_provider_that_is_not_there_is_exit_code_3_and_can_be_resumed(live, capsys):
    live.fail(503, times=100_000, headers={"retry-after": "3600"})
    ask(capsys, *run_argv("-j", "1"), code=3)
    assert ask_json(capsys, "db")["runs"][0]["status"] == "incomplete"
    live.faults.clear()
    ask(capsys, "run", TARGET, "--resume", "--retry-failed", "-q")
    (run,) = ask_json(capsys, "db")["runs"]
    assert (run["status"], run["samples"]) == ("complete", 30)


def test_an_interrupted_run_keeps_what_was_paid_for(live):
    live.switches.delay_s = 0.2
    process = subprocess.Popen(
        [sys.executable, "-m", "drift", *run_argv("-j", "1")],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    begun = time.monotonic()
    while len(live.log) < 3 and time.monotonic() - begun < 60:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    complaint = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 130
    assert complaint.startswith("drift: error: ")
    assert complaint.count("\n") == 1
    live.switches.delay_s = 0
    asked = len(live.log)
    assert main(["run", TARGET, "--resume", "-q"]) == 0
    assert 20 <= len(live.log) - asked <= 28


def test_check_without_a_baseline_prints_the_accept_command_and_spends_nothing(live, capsys):
    assert main([*CHECK]) == 3
    printed = capsys.readouterr()
    assert f"drift baseline accept {TARGET} --reason" in printed.err
    assert printed.out == ""
    assert live.log == []


def test_check_compares_with_the_committed_baseline_on_a_fresh_machine(live, capsys):
    accept(capsys)
    Path("snapshots/drift.db").unlink()
    assert ask_json(capsys, *CHECK, "-q")["verdict"] in {"none", "info"}
    with live.behaving("fence-added"):
        document = ask_json(capsys, *CHECK, "-q", "-o", "report.md", code=1)
    assert "text-markdown-fence-added" in {finding["rule"] for finding in document["findings"]}
    assert document["baseline"]["id"] == read_baselines(Path("snapshots/baselines"))[0].run
    assert "text-markdown-fence-added" in Path("report.md").read_text(encoding="utf-8")


def test_what_another_dialect_or_host_showed_is_not_missed(live, capsys, monkeypatch):
    ask(capsys, *run_argv())
    with live.behaving("fence-added"):
        ask(capsys, *run_argv())
    ask(capsys, *run_argv("--dialect", "openai-responses"))
    monkeypatch.setenv("OPENAI_BASE_URL", live.openai_url.replace("127.0.0.1", "localhost"))
    ask(capsys, *run_argv())
    elsewhere, responses, fenced, plain = (run["id"] for run in ask_json(capsys, "db")["runs"])

    def found(candidate: str, code: int) -> dict[str, str | None]:
        document = ask_json(capsys, "diff", plain, candidate, "--control", plain, code=code)
        return {finding["rule"]: finding["state"] for finding in document["findings"]}

    rule = "text-markdown-fence-added"
    assert found(fenced, 1)[rule] is None
    assert rule not in found(responses, 0)
    assert rule not in found(elsewhere, 0)
    assert found(fenced, 1)[rule] == "unchanged"


def test_check_uses_a_control_of_the_baseline(live, capsys):
    ask(capsys, *run_argv())
    ask(capsys, *run_argv("--control", TARGET, "--label", "control"))
    baseline = ask_json(capsys, "db")["runs"][1]["id"]
    made = ask_json(capsys, "baseline", "accept", baseline, "--reason", "first")
    assert made["baselines"][0]["control"] == ask_json(capsys, "db")["runs"][0]["id"]
    Path("snapshots/drift.db").unlink()
    document = ask_json(capsys, *CHECK, "-q")
    assert document["control"]["id"] == made["baselines"][0]["control"]


def test_a_repeat_of_the_baseline_is_its_control_whichever_of_the_two_is_named(live, capsys):
    ask(capsys, *run_argv("--label", "first"))
    ask(capsys, *run_argv("--control", TARGET, "--label", "again"))
    ask(capsys, *run_argv("--label", "other"))
    ids = {run["label"]: run["id"] for run in ask_json(capsys, "db")["runs"]}

    def control(base: str, cand: str, *more: str) -> str | None:
        side = ask_json(capsys, "diff", ids[base], ids[cand], "--no-save", *more)["control"]
        return side and side["label"]

    assert control("first", "other") == "again"
    assert control("again", "other") == "first"
    assert control("first", "again") is None  # the control itself is in question
    assert control("other", "first") is None
    assert control("other", "first", "--control", ids["again"]) == "again"
    made = ask_json(capsys, "baseline", "accept", ids["again"], "--reason", "the newest")["baselines"][0]
    assert (made["run"], made["control"]) == (ids["again"], ids["first"])
    Path("snapshots/drift.db").unlink()
    assert ask_json(capsys, *CHECK, "-q")["control"]["id"] == ids["first"]


def test_check_refuses_a_baseline_that_was_changed(live, capsys):
    accept(capsys)
    (entry,) = read_baselines(Path("snapshots/baselines"))
    file = Path("snapshots/baselines") / entry.file
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()) + b"\n"))
    asked = len(live.log)
    assert main([*CHECK]) == 3
    assert "was changed after it was accepted" in capsys.readouterr().err
    assert len(live.log) == asked


def test_check_that_cannot_be_measured_is_exit_code_3(live, capsys):
    accept(capsys)
    live.fail(503, times=100_000, headers={"retry-after": "3600"})
    assert main([*CHECK, "-q", "--fail-on", "never"]) == 3
    assert capsys.readouterr().err.startswith("drift: error: ")


def test_check_takes_the_targets_of_the_settings_and_1_beats_3(live, capsys):
    Path("drift.yaml").write_text(f"targets: [{TARGET}, compatible/other]\n", encoding="utf-8")
    accept(capsys)
    few = ("check", "--suite", "full", "--probe", SUITE, "-q")
    document = ask_json(capsys, *few, code=3)
    assert [entry["target"] for entry in document["unmeasured"]] == ["compatible/other"]
    assert [one["candidate"]["target"] for one in document["comparisons"]] == [TARGET]
    with live.behaving("fence-added"):
        assert ask_json(capsys, *few, "-o", "report.md", code=1)["exit_code"] == 1
    assert [path.name for path in Path().glob("report*")] == ["report.compatible--gpt-4o.md"]


def test_check_tells_what_is_wrong_with_any_target_before_it_pays_for_one(live, capsys, monkeypatch):
    accept(capsys)
    ask(capsys, "run", "compatible/open-model-7b", *run_argv()[2:])
    ask(capsys, "baseline", "accept", "compatible/open-model-7b", "--reason", "first")
    asked = len(live.log)
    Path("drift.yaml").write_text(
        f"max_cost: 1\ntargets:\n- {{spec: {TARGET}, price: {{input: 1, output: 1}}}}\n- compatible/open-model-7b\n",
        encoding="utf-8",
    )
    argv = ["check", "--suite", "full", "--probe", SUITE, "-q"]
    assert main(argv) == 2
    assert "give the target a price in drift.yaml" in capsys.readouterr().err
    assert len(live.log) == asked


def test_check_says_what_it_would_cost(live, capsys):
    accept(capsys)
    asked = len(live.log)
    assert ask_json(capsys, *CHECK, "--dry-run")["calls"] == 30
    assert len(live.log) == asked


def test_a_pinned_suite_that_changed_is_refused(live, capsys):
    suite = load_suite("full")
    Path("drift.yaml").write_text(f"suite: full\nsuite_hash: '{suite.hash[:12]}'\n", encoding="utf-8")
    ask(capsys, *run_argv("--dry-run"))
    Path("drift.yaml").write_text("suite: full\nsuite_hash: '0123456789ab'\n", encoding="utf-8")
    assert main(run_argv("--dry-run")) == 2
    assert "suite_hash pins 0123456789ab" in capsys.readouterr().err


def test_a_stored_run_can_be_played_again(live, capsys):
    ask(capsys, *run_argv())
    asked = len(live.log)
    replay = f"replay/{TARGET}"
    ask(capsys, "run", replay, "--suite", "full", "--probe", SUITE, "-n", "1", "-q")
    assert len(live.log) == asked
    assert ask_json(capsys, "diff", TARGET, replay)["verdict"] in {"none", "info"}


def test_an_acknowledgement_of_one_target_is_written_with_it(recorded, capsys):
    finding = ask_json(capsys, "diff", PLAIN, FENCED, code=1)["findings"][0]
    until = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9)).isoformat()
    argv = ["ack", finding["fingerprint"], "--reason", "only there", "--owner", "ana", "--until", until]
    ask(capsys, *argv, "--target", "acme/elsewhere")
    (entry,) = read_acknowledgements(recorded / "snapshots/acknowledged.yaml")
    assert entry.targets == ("acme/elsewhere",)
    ask(capsys, "diff", PLAIN, FENCED, code=1)
    ask(capsys, *argv, "--target", "acme/model")
    ask(capsys, "diff", PLAIN, FENCED)


# The demo, with recorded runs in place of the model (tests/test_demo.py has the real one)


@pytest.fixture
def played(recorded, monkeypatch):
    """A demo whose three runs are recorded series; returns a function that chooses them."""
    monkeypatch.setattr(weights, "missing", tuple)

    def choose(control: str, candidate: str | None) -> None:
        def run_demo(store, *, progress, **_: object) -> demo.DemoResult:
            runs = [store.resolve(name) for name in (PLAIN, control, candidate or control)]
            snapshots = [store.snapshot(run.id) for run in runs]
            for part in ("baseline", "control"):
                progress(demo.Step(part, "local/x"))
            noise = compare(snapshots[0], snapshots[1])
            drift = compare(snapshots[0], snapshots[2], control=snapshots[1]) if candidate else None
            return demo.DemoResult(
                runs[0], runs[1], runs[2], noise, drift, None if drift else "no other version"
            )

        monkeypatch.setattr(demo, "run_demo", run_demo)

    return choose


DEMO = ("demo", "-d", "snapshots/drift.db")


def test_the_demo_exits_0_when_its_control_is_silent_whatever_it_finds(played, capsys):
    played(AGAIN, FENCED)
    document = ask_json(capsys, *DEMO, "-o", "demo.md")
    assert (document["control"]["verdict"], document["comparison"]["verdict"]) == ("none", "breaking")
    assert document["exit_code"] == 0
    assert "text-markdown-fence-added" in Path("demo.md").read_text(encoding="utf-8")


def test_the_demo_names_its_parts_and_shows_both_comparisons(played, capsys):
    played(AGAIN, FENCED)
    assert main([*DEMO]) == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines() == ["baseline local/x", "control local/x"]
    assert "NO DRIFT FOUND" in printed.out
    assert "text-markdown-fence-added" in printed.out


def test_the_demo_fails_when_its_control_is_not_silent(played, capsys):
    played(FENCED, AGAIN)
    assert ask_json(capsys, *DEMO, code=1)["exit_code"] == 1


def test_the_demo_without_a_candidate_shows_the_control_and_says_why(played, capsys):
    played(AGAIN, None)
    assert main([*DEMO, "--json", "-q"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["kind"] == "comparison"
    assert "no other version" in printed.err
