# What every command has in common: help, environment, streams, exit codes, one line for every mistake.

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from drift import config as settings
from drift import importers
from drift.cli import main, options, output, session
from drift.cli.manual import pages
from drift.report import formats_for
from tests.cli_support import ROOT, drift, write_recorded

pytest_plugins = ["tests.cli_fixtures"]

PAGES = {page.command: page for page in pages()}
HEAVY = (
    "model2vec",
    "anthropic", "scipy", "numpy", "deepdiff", "sqlite_utils", "sqlite3", "rich", "ruamel", "genai_prices", "httpx",
    "httpx2", "pydantic", "jsonschema", "asyncio",
)  # fmt: skip


# Help


@pytest.mark.parametrize("command", PAGES)
def test_every_command_has_help_with_an_example(command):
    text = PAGES[command].help
    about = text.split("\n\n")[1].strip()
    assert about
    assert about[0].isupper()
    assert re.search(rf"^  {command.removesuffix(' list')}( |$)", text, re.MULTILINE)
    assert "\\b" not in text
    assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.parametrize("command", PAGES)
def test_help_prints_the_page_and_exits_0(command, capsys):
    assert main([*command.split()[1:], "--help"]) == 0
    printed = capsys.readouterr()
    assert printed.out.split() == PAGES[command].help.split()
    assert printed.err == ""


@pytest.mark.parametrize("command", PAGES)
def test_every_flag_has_its_variable(command):
    for flag, variable in PAGES[command].flags.items():
        assert variable == "DRIFT_" + flag.removeprefix("--").replace("-", "_").upper()


@pytest.mark.parametrize("command", PAGES)
def test_a_list_of_commands_cuts_no_sentence(command):
    commands = PAGES[command].help.partition("Commands:")[2]
    assert [line for line in commands.splitlines() if line.endswith("...")] == []


def test_every_command_has_its_result_as_json():
    verbs = {command: page for command, page in PAGES.items() if "Commands:" not in page.help}
    assert [command for command, page in verbs.items() if "--json" not in page.flags] == []


def test_every_command_that_shows_a_document_shows_it_in_every_format(recorded, capsys):
    verbs = {command: page for command, page in PAGES.items() if "Commands:" not in page.help}
    without = {command for command, page in verbs.items() if "--format" not in page.flags}
    assert without == {"drift init", "drift db export"}  # a few lines for people, and the lines of the runs
    for argv in (
        ["history"],
        ["db"],
        ["rules"],
        ["probes", "--suite", "smoke"],
        ["baseline"],
        ["ack"],
        ["db", "verify"],
    ):
        assert main([*argv, "--format", "md"]) == 0
        assert capsys.readouterr().out.startswith("**")


WRITES = [command for command, page in PAGES.items() if "--output" in page.flags]


@pytest.mark.parametrize("command", WRITES)
def test_a_file_whose_folder_is_missing_is_refused_in_the_same_words_before_anything_is_done(
    command, recorded, capsys
):
    required = re.search(r"^Usage: .*$", PAGES[command].help, re.MULTILINE)[0].count("{")
    before = contents(recorded)
    ending = "jsonl" if command == "drift db export" else "md"
    assert main([*command.split()[1:], *["x/y"] * required, "-o", f"no/such/file.{ending}"]) == 2
    printed = capsys.readouterr()
    assert printed.err == "drift: error: there is no folder no/such; make it first\n"
    assert printed.out == ""
    assert contents(recorded) == before


@pytest.mark.parametrize("command", [command for command, page in PAGES.items() if "--format" in page.flags])
def test_a_format_that_is_none_is_refused_before_anything_is_done(command, recorded, capsys):
    required = re.search(r"^Usage: .*$", PAGES[command].help, re.MULTILINE)[0].count("{")
    reason = ["--reason", "x"] if command == "drift baseline accept" else []
    before = contents(recorded)
    for flags, words in (
        (["--format", "docx"], "there is no format 'docx'; "),
        (["--json", "--format", "md"], "--json and --format md disagree; "),
    ):
        assert main([*command.split()[1:], *["x/y"] * required, *reason, *flags]) == 2
        printed = capsys.readouterr()
        assert printed.err.startswith(f"drift: error: {words}")
        assert printed.out == ""
    assert contents(recorded) == before


def test_help_and_version_load_nothing_heavy():
    for argv in (["--help"], ["--version"]):
        code = (
            "import sys; from drift.cli import main; "
            f"code = main({argv!r}); print(*(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr); sys.exit(code)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
        assert (done.returncode, done.stderr.strip()) == (0, "")


def test_without_a_command_help_goes_to_stderr_and_the_code_is_2(capsys):
    assert main([]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Commands:" in printed.err


def test_the_words_on_the_command_line_are_those_of_the_settings():
    assert get_args(options.FailOnLevel) == get_args(settings.FailOn)
    profiles = {word for page in PAGES.values() for word in re.findall(r"--profile <(.+?)>", page.help)}
    assert profiles == {"|".join(get_args(settings.Profile))}
    diff = " ".join(PAGES["drift diff"].help.split())
    assert all(
        re.search(rf"Format on stdout:[^;]*\b{name}\b", diff)
        for name in (one.name for one in formats_for("comparison"))
    )


def test_import_names_every_format_that_can_be_read():
    text = " ".join(PAGES["drift import"].help.split())
    named = re.search(r"How the files are written: (.+?)\.", text)[1].replace("(told by their content)", "")
    assert set(re.findall(r"[a-z-]+", named)) - {"or"} == set(importers.FORMATS)


def test_the_defaults_in_help_are_the_defaults():
    help_of = {command: " ".join(page.help.split()) for command, page in PAGES.items()}
    default = settings.Config()
    assert f"Samples asked at a time; {default.concurrency} when absent" in help_of["drift run"]
    assert f"Suite of probes; {settings.DEFAULT_SUITE} when absent" in help_of["drift run"]
    assert f"{default.fail_on} when absent" in help_of["drift diff"]
    assert f"{default.profile} when absent" in help_of["drift diff"]
    assert f"{default.fdr} when absent" in help_of["drift diff"]
    assert f"SQLite file of runs; {default.database} when absent" in help_of["drift db list"]


def test_a_group_without_a_verb_lists(capsys):
    for group, flags in (("rules", []), ("probes", ["--suite", "smoke"]), ("baseline", [])):
        assert main([group, *flags, "--json"]) == 0
        short = json.loads(capsys.readouterr().out)
        assert main([group, "list", *flags, "--json"]) == 0
        long = json.loads(capsys.readouterr().out)
        assert {**short, "created_at": ""} == {**long, "created_at": ""}


# Order of settings


def gate(argv: list[str], capsys) -> str:
    main(["diff", "shop:acme/model@plain", "shop:acme/model@again", "--no-save", "--json", *argv])
    return json.loads(capsys.readouterr().out)["gate"]["fail_on"]


def test_flag_beats_environment_beats_file_beats_default(recorded, capsys, monkeypatch):
    assert gate([], capsys) == "breaking"
    (recorded / "drift.yaml").write_text("fail_on: warning\n", encoding="utf-8")
    assert gate([], capsys) == "warning"
    monkeypatch.setenv("DRIFT_FAIL_ON", "info")
    assert gate([], capsys) == "info"
    assert gate(["--fail-on", "never"], capsys) == "never"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("DRIFT_JSON", "1", '"kind": "comparison"'),
        ("DRIFT_FORMAT", "md", "| baseline |"),
        ("DRIFT_CONTROL", "shop:acme/model@again", "shop:acme/model@again"),
        ("DRIFT_PROFILE", "strict-reader", "strict-reader"),
        ("DRIFT_CONFIG", "strict.yaml", "strict-reader"),
        ("DRIFT_QUIET", "true", "NO DRIFT FOUND"),
    ],
)
def test_a_variable_is_as_good_as_its_flag(recorded, capsys, monkeypatch, variable, value, words):
    (recorded / "strict.yaml").write_text("profile: strict-reader\n", encoding="utf-8")
    argv = ["diff", "shop:acme/model@plain", "shop:acme/model@plain", "--no-save"]
    assert main(argv) == 0
    without = capsys.readouterr().out
    monkeypatch.setenv(variable, value)
    assert main(argv) == 0
    printed = capsys.readouterr().out
    assert words in printed
    assert printed != without


@pytest.mark.parametrize(
    ("variable", "value"), [("DRIFT_FDR", "2"), ("DRIFT_FAIL_ON", "x"), ("DRIFT_JSON", "perhaps")]
)
def test_a_variable_is_checked_like_its_flag(recorded, capsys, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    assert main(["diff", "shop:acme/model@plain", "shop:acme/model@plain"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value", "flag"),
    [("DRIFT_FORMAT", "md", ["--json"]), ("DRIFT_JSON", "1", ["--format", "json"])],
)
def test_a_flag_beats_the_variable_of_the_flag_that_says_the_same(
    recorded, capsys, monkeypatch, variable, value, flag
):
    argv = ["diff", "shop:acme/model@plain", "shop:acme/model@plain", "--no-save"]
    monkeypatch.setenv(variable, value)
    assert main([*argv, *flag]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "comparison"
    assert main([*argv, "--format", "text"]) == 0
    assert capsys.readouterr().out.startswith("NO DRIFT FOUND")


def test_files_in_the_environment_stand_between_colons(recorded, capsys, monkeypatch):
    monkeypatch.setenv("DRIFT_OUTPUT", os.pathsep.join(["a.md", "b c.json"]))
    main(["diff", "shop:acme/model@plain", "shop:acme/model@again"])
    capsys.readouterr()
    assert (recorded / "a.md").is_file()
    assert (recorded / "b c.json").is_file()


def test_an_empty_variable_says_nothing(recorded, capsys, monkeypatch):
    monkeypatch.setenv("DRIFT_FAIL_ON", "")
    monkeypatch.setenv("DRIFT_WHERE", "")
    assert gate([], capsys) == "breaking"


def test_repeatable_flags_are_words_in_the_environment(recorded, capsys, monkeypatch):
    monkeypatch.setenv("DRIFT_WHERE", "family=orders probe_id=p1")
    main(["diff", "shop:acme/model@plain", "shop:acme/model@again", "--no-save", "--json"])
    notices = json.loads(capsys.readouterr().out)["notices"]
    assert [text for text in notices if text.startswith("only samples where")] == [
        "only samples where family is 'orders'",
        "only samples where probe_id is 'p1'",
    ]


def test_another_file_of_settings_can_be_named(recorded, capsys):
    (recorded / "elsewhere").mkdir()
    (recorded / "elsewhere/other.yaml").write_text(
        "fail_on: info\ndatabase: ../snapshots/drift.db\n", encoding="utf-8"
    )
    assert gate(["--config", "elsewhere/other.yaml"], capsys) == "info"


# Streams


def test_json_on_stdout_parses_and_everything_else_is_on_stderr(recorded):
    done = drift("diff", "shop:acme/model@plain", "shop:acme/model@fenced", "--json", cwd=recorded)
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] == "breaking"
    for argv in (["history"], ["db"], ["report"], ["ack"], ["import", "recorded.jsonl"], ["db", "verify"]):
        done = drift(*argv, "--json", cwd=recorded)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["schema_version"] == 1


def test_a_reader_that_leaves_changes_no_exit_code_and_leaves_no_trace(recorded):
    for argv, code in (
        (["rules"], 0),
        (["diff", "shop:acme/model@plain", "shop:acme/model@fenced", "-v"], 1),
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "drift", *argv],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=recorded,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        process.stdout.close()
        complaint = process.stderr.read()
        process.stderr.close()
        assert process.wait(60) == code
        assert complaint == b""


def test_names_from_files_cannot_act_on_a_terminal_or_a_ci_system(project, capsys):
    hostile = "::error::\x1b[31mx\u202e\n::stop"
    write_recorded(project / "recorded.jsonl", hostile, target=f"acme/{hostile}")
    assert main(["import", "recorded.jsonl"]) == 0
    assert main(["history"]) == 0
    assert main(["diff", "nobody", "nobody"]) == 2
    assert main(["history", f"acme/{hostile}?"]) == 2
    printed = capsys.readouterr()
    for stream in (printed.out, printed.err):
        assert "\x1b" not in stream
        assert "\u202e" not in stream
        assert not re.search(r"^\s*::", stream, re.MULTILINE)


def test_text_that_the_terminal_cannot_show_does_not_stop_a_command(recorded):
    done = drift("history", cwd=recorded, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "acme/model" in done.stdout


# Exit codes


def test_all_exit_codes_occur(recorded, capsys):
    plain, fenced = "shop:acme/model@plain", "shop:acme/model@fenced"
    assert main(["diff", plain, "shop:acme/model@again"]) == 0
    assert main(["diff", plain, fenced]) == 1
    assert main(["diff", plain, "nobody"]) == 2
    assert main(["diff", plain, fenced, "--where", "family=none"]) == 3
    assert main(["diff", plain, fenced, "--fail-on", "never"]) == 0
    assert main(["diff", plain, fenced, "--fail-on", "never", "--where", "family=none"]) == 3
    assert main(["diff", plain, "nobody", "--fail-on", "never"]) == 2
    capsys.readouterr()


def test_a_run_that_is_interrupted_ends_with_130(monkeypatch, capsys):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "settings", interrupt)
    assert main(["history"]) == 130
    assert capsys.readouterr().out == ""


def test_a_fault_of_drift_itself_is_no_finding_and_tells_no_secret(monkeypatch, capsys):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("sk-secret")

    monkeypatch.setattr(session, "settings", fail)
    assert main(["history"]) == 3
    printed = capsys.readouterr()
    assert "RuntimeError" in printed.err
    assert "DRIFT_TRACEBACK=1" in printed.err
    assert "sk-secret" not in printed.err
    monkeypatch.setenv("DRIFT_TRACEBACK", "1")
    assert main(["history"]) == 3
    assert "Traceback" in capsys.readouterr().err


# Mistakes

MISTAKES: dict[str, tuple[list[str], str]] = {
    "no such command": (["dif"], "No such command 'dif'. Did you mean 'diff'?"),
    "no such verb": (["db", "verfy"], "No such command 'verfy'. Did you mean 'verify'?"),
    "no such option": (["history", "--where", "x"], "No such option"),
    "a missing argument": (["diff", "a"], "Missing argument"),
    "too many arguments": (["rules", "show", "a", "b"], "unexpected extra argument"),
    "no such level": (["diff", "a", "b", "--fail-on", "braking"], "--fail-on"),
    "no such profile": (["diff", "a", "b", "--profile", "x"], "--profile"),
    "a rate of 2": (["diff", "a", "b", "--fdr", "2"], "--fdr"),
    "no epochs": (["run", "openai/x", "--epochs", "0"], "--epochs"),
    "epochs in words": (["run", "openai/x", "-n", "many"], "-n"),
    "a negative budget": (["run", "openai/x", "--max-cost=-1"], "--max-cost"),
    "no database": (["history", "-d", "none.db"], "there is no database none.db; "),
    "an unknown run": (["diff", "nobody", "nothing"], "there is no run 'nobody'; "),
    "an ambiguous run": (["diff", "acme/model", "acme/model"], "names 3 different runs; say which: "),
    "an unknown comparison": (["report", "nothing"], "there is no run 'nothing'; "),
    "a run that was never compared": (["report", "shop:acme/model@plain"], "no comparison of run"),
    "no target in the history": (["history", "acme/other"], "no run of 'acme/other' is stored; "),
    "an unknown rule": (["rules", "show", "text-markdown-fence-add"], "; did you mean 'text-markdown-fence-added'?"),
    "an unknown finding": (["explain", "123456789012"], "no finding '123456789012'; "),
    "an unknown probe": (["probes", "show", "json.plan"], "json.plan"),
    "an unknown suite": (["probes", "--suite", "smok"], "'smok'"),
    "an unknown family": (["probes", "--family", "json"], "'json'"),
    "a format that is none": (["report", "--format", "docx"], "there is no format 'docx'; choose from text"),
    "a listing in a format that is none": (["rules", "--format", "docx"], "there is no format 'docx'; "),
    "a format of other documents": (["history", "--format", "sarif"], "there is no format 'sarif'; "),
    "two formats": (["report", "--json", "--format", "md"], "--json and --format md disagree; "),
    "a dry run of the rest": (["run", "openai/x", "--resume", "--dry-run"], "a dry run reckons a whole run"),
    "a reason for nothing": (["ack", "--reason", "x"], "no finding is named; "),
    "a rule in a comparison": (
        ["explain", "text-markdown-fence-added", "--in", "x"], "which stands in no comparison; "
    ),
    "a region for what is not asked": (
        ["params", "bedrock/x", "--region", "eu-west-1"], "nothing is to be probed; give --run"
    ),
    "a file of no format": (["diff", "a", "b", "-o", "report.docx"], "ends in '.docx'; "),
    "a folder that is not there": (["diff", "a", "b", "-o", "no/report.md"], "there is no folder no; "),
    "half a condition": (["diff", "a", "b", "--where", "family"], "--where 'family' is not FIELD=VALUE; "),
    "a field that no sample has": (
        ["diff", "shop:acme/model@plain", "shop:acme/model@again", "--where", "famly=orders"],
        "no sample has a field 'famly'; did you mean 'family'?",
    ),
    "a label that no sample has": (
        ["diff", "shop:acme/model@plain", "shop:acme/model@again", "--label-pair", "good=better"],
        "no sample of the baseline has a label 'good'; ",
    ),
    "half a label pair": (["diff", "a", "b", "--label-pair", "=x"], "--label-pair '=x' is not OLD=NEW; "),
    "samples in words": (["diff", "a", "b", "--baseline-samples", "first"], "is no list of sample indexes; "),
    "samples backwards": (["diff", "a", "b", "--candidate-samples", "3-1"], "is no list of sample indexes; "),
    "samples without end": (["diff", "a", "b", "--candidate-samples", "0-999999"], "is no list of sample indexes; "),
    "no such file": (["import", "none.jsonl"], "there is no file none.jsonl; "),
    "a file of another format": (["import", "recorded.jsonl", "--from", "csv"], "there is no format 'csv'; "),
    "a folder as a file": (["import", "folder"], "folder is no regular file; "),
    "a line that is no JSON": (["import", "broken.jsonl"], "broken.jsonl:2: "),
    "a cut gzip file": (["import", "cut.jsonl.gz"], "cut.jsonl.gz"),
    "an unknown key": (["history", "-c", "unknown.yaml"], "unknown.yaml:1: unknown key 'epoch'; did you mean"),
    "no settings": (["history", "-c", "none.yaml"], "none.yaml: cannot be read"),
    "no target": (["run", "justaname"], "'justaname' names no target; "),
    "an unknown platform": (["run", "nowhere/model"], "unknown platform 'nowhere'; "),
    "a key in the address": (["run", "openai/x", "--base-url", "https://me:sk-secret@x"], "the base URL holds a user"),
    "an address that is none": (["run", "openai/x", "--base-url", "x"], "the base URL is no http"),
    "nothing to go on with": (["run", "compatible/x", "--base-url", "http://127.0.0.1:9", "--resume", "-d", "none.db"],
                              "there is no database none.db; "),
    "retrying without resuming": (["run", "openai/x", "--retry-failed"], "--retry-failed stands alone; "),
    "resuming something else": (["run", "openai/x", "--resume", "--label", "b"], "asks what it began with; "),
    "nothing to resume": (["run", "openai/x", "--resume"], "no unfinished run of openai/x is stored; "),
    "nothing to check": (["check"], "no target is named; "),
    "a baseline of an unknown run": (["baseline", "accept", "nobody", "--reason", "x"], "there is no run 'nobody'; "),
    "a baseline without a reason": (["baseline", "accept", "shop:acme/model@plain"], "Missing option '--reason'"),
    "a baseline that is not there": (["baseline", "show", "acme/model"], "no baseline of 'acme/model' is accepted; "),
    "an acknowledged rule": (["ack", "text-markdown-fence-added"], "no finding 'text-markdown-fence-added'; "),
    "no folder to set up": (["init", "none"], "there is no folder none; "),
    "no model file": (["demo", "--gguf", "none.gguf"], "there is no file none.gguf; "),
    "nothing to merge": (["db", "merge", "none.db"], "none.db"),
    "an export into nowhere": (["db", "export", "-o", "no/where.jsonl"], "there is no folder no; make it first"),
    "an export over a folder": (["db", "export", "-o", "folder"], "folder cannot be written"),
}  # fmt: skip


def prepare_mistakes(project: Path) -> None:
    (project / "folder").mkdir()
    good = (project / "recorded.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (project / "broken.jsonl").write_text(good.replace("plain", "broken") + "\nno json\n", encoding="utf-8")
    (project / "cut.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00cut")
    (project / "unknown.yaml").write_text("epoch: 3\n", encoding="utf-8")


def contents(project: Path) -> tuple[list[str], list[str]]:
    """Return every row of the database as SQL, and the names of all files beside it."""
    with closing(sqlite3.connect(project / "snapshots/drift.db")) as connection:
        rows = list(connection.iterdump())
    return rows, sorted(path.name for path in project.iterdir())


def check_mistake(argv: list[str], words: str, code: int, out: str, err: str) -> None:
    assert code == 2, err
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("drift: error: ")
    assert words in err
    assert "sk-secret" not in err
    assert argv


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2_and_changes_nothing(name, recorded, capsys):
    argv, words = MISTAKES[name]
    prepare_mistakes(recorded)
    before = contents(recorded)
    code = main(argv)
    printed = capsys.readouterr()
    check_mistake(argv, words, code, printed.out, printed.err)
    assert contents(recorded) == before


@pytest.mark.parametrize(
    "name", ["no such option", "an ambiguous run", "a line that is no JSON", "an unknown key"]
)
def test_a_mistake_looks_the_same_from_outside(name, recorded):
    argv, words = MISTAKES[name]
    prepare_mistakes(recorded)
    done = drift(*argv, cwd=recorded)
    check_mistake(argv, words, done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"no database at all, only text" * 40, "is not a SQLite database"), (b"", "is empty")],
    ids=["text", "empty"],
)
def test_a_database_that_cannot_be_read_is_exit_code_3(project, capsys, content, words):
    (project / "x.db").write_bytes(content)
    assert main(["history", "-d", "x.db"]) == 3
    assert words in capsys.readouterr().err
    assert (project / "x.db").read_bytes() == content


def test_a_folder_is_no_database(project, capsys):
    assert main(["history", "-d", "."]) == 3
    assert "is a directory" in capsys.readouterr().err


# Printing


def test_a_document_carries_the_common_keys():
    made = output.document("runs", runs=[])
    assert list(made) == ["schema_version", "kind", "drift_version", "created_at", "runs"]


def test_a_block_never_begins_a_line_with_foreign_text():
    assert output.block("::error::x\n\x1b[2J") == "  | ::error::x\n  | \\x1b[2J"
