# The scan of a project: status of each model on a day, parameters that are refused, and the gate.

import datetime as dt
import json
from pathlib import Path

import pytest

from drift.cli import main
from drift.ids import read_id
from drift.lifecycle import Lifecycle, Reading
from drift.report import validate
from drift.scan import scan
from drift.scan.document import scan_fields
from drift.scan.refused import load_rows

pytest_plugins = ["tests.cli_fixtures"]

TODAY = dt.date(2026, 11, 26)
REPOS = Path(__file__).with_name("scan_repos")


def reading(model: str, kind: str, day: str | None, **more: object) -> Reading:
    values = {
        "platform": "anthropic", "vendor": "anthropic", "model_id": model, "what": "model", "alias_of": None,
        "released": None, "deprecated_on": None, "retires_on": dt.date.fromisoformat(day) if day else None,
        "retires_kind": kind, "replacement": None, "second_hand": False, "as_of": dt.date(2026, 11, 1),
        "source": "https://vendor.example/models", "note": "",
    }  # fmt: skip
    return Reading(**{**values, **more})


def scanned(folder: Path, *readings: Reading, **gate: object) -> dict:
    table = Lifecycle(readings) if readings else Lifecycle.load()
    return scan_fields(scan(folder, known=table.ids), table, TODAY, **gate)


def write(folder: Path, text: str, name: str = "app.py") -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


# Status


@pytest.mark.parametrize(
    ("kind", "day", "state", "level", "within_30"),
    [
        ("firm", "2026-11-26", "retired", "breaking", True),
        ("firm", "2026-11-27", "ending", "warning", True),
        ("firm", "2026-12-26", "ending", "warning", True),
        ("firm", "2026-12-27", "ending", "warning", False),
        ("reroute", "2026-11-01", "rerouted", "breaking", True),
        ("reroute", "2026-12-01", "rerouting", "warning", True),
        ("not_sooner_than", "2026-11-26", "floor-passed", "info", None),
        ("not_sooner_than", "2026-12-26", "floor", None, None),
        ("not_sooner_than", "2026-12-27", "floor", None, False),
        ("ended", None, "retired", "breaking", True),
        ("unknown", None, "unknown", "info", None),
    ],
)
def test_a_date_is_worth_what_its_kind_says(tmp_path, kind, day, state, level, within_30):
    write(tmp_path, 'model = "claude-x-1"')
    document = scanned(tmp_path, reading("claude-x-1", kind, day), fail_within=30)
    (entry,) = document["models"]
    assert (entry["status"]["state"], entry["level"]) == (state, level)
    code = {True: 1, None: 3, False: 0}[within_30]
    assert document["gate"]["exit_code"] == code
    assert document["undecided"] == (["anthropic/claude-x-1"] if code == 3 else [])


def test_an_unknown_id_is_never_clear(tmp_path):
    write(tmp_path, 'model = "claude-zephyr-9"')
    assert scanned(tmp_path)["gate"]["exit_code"] == 0
    gated = scanned(tmp_path, fail_within=0)
    assert gated["gate"]["exit_code"] == 3
    assert gated["models"][0]["explanation"] == "nothing is known about claude-zephyr-9 on anthropic."


def test_a_host_without_dates_is_unknown_and_the_vendors_date_is_told(tmp_path):
    write(tmp_path, 'model = "anthropic/claude-sonnet-4.5"')
    (entry,) = scanned(tmp_path, fail_within=365)["models"]
    assert entry["spec"] == "openrouter/anthropic/claude-sonnet-4.5"
    assert (entry["status"]["state"], entry["level"]) == ("unknown", "warning")
    assert entry["status"]["elsewhere"] == {
        "platform": "anthropic", "model": "claude-sonnet-4-5", "state": "ending", "retires_on": "2026-11-30",
    }  # fmt: skip


def test_readings_that_disagree_all_stay(tmp_path):
    write(tmp_path, 'model = "claude-mythos-preview"')
    (entry,) = scanned(tmp_path)["models"]
    assert entry["status"]["retires_on"] == "2026-06-30"
    assert "of 2026-10-21, says that no end is announced" in entry["status"]["disagreements"][0]
    assert "Sources disagree" in entry["explanation"]


def test_a_newer_reading_counts_and_one_without_a_date_takes_none_away():
    old = reading("claude-x-1", "firm", "2026-12-01", replacement="claude-x-2", as_of=dt.date(2026, 10, 1))
    new = reading("claude-x-1", "firm", "2026-12-15", as_of=dt.date(2026, 11, 1))
    silent = reading("claude-x-1", "unknown", None, as_of=dt.date(2026, 11, 20))
    status = Lifecycle((old, new, silent)).status(read_id("claude-x-1"), TODAY)
    assert (status.retires_on, status.replacement) == (dt.date(2026, 12, 15), "claude-x-2")
    assert len(status.disagreements) == 2


def test_a_region_has_its_own_date_and_without_one_the_earliest_counts():
    table = Lifecycle.load()
    model = "anthropic.claude-3-5-sonnet-20240620-v1:0"
    tokyo = read_id(f"arn:aws:bedrock:ap-northeast-1::foundation-model/{model}")
    assert table.status(tokyo, TODAY).retires_on == dt.date(2026, 7, 30)
    anywhere = table.status(read_id(model), TODAY)
    assert (anywhere.basis, anywhere.retires_on) == ("region", dt.date(2026, 3, 1))
    assert "each region has its own" in anywhere.note


def test_replacements_that_end_lead_on():
    status = Lifecycle.load().status(read_id("gpt-4-0314"), TODAY)
    assert (status.replacement, status.move_to) == ("gpt-5", "gpt-5.6-sol")
    assert status.replacement_retires_on == dt.date(2026, 12, 11)
    around = Lifecycle(
        (
            reading("claude-a-1", "firm", "2026-12-01", replacement="claude-b-1"),
            reading("claude-b-1", "firm", "2026-12-01", replacement="claude-a-1"),
        )
    )
    assert around.status(read_id("claude-a-1"), TODAY).move_to == "claude-b-1"


def test_what_is_only_spoken_of_fails_no_gate(tmp_path):
    write(tmp_path, 'if name == "gpt-4-0314":\n    pass\n')
    document = scanned(tmp_path, fail_within=365, fail_on="warning")
    assert document["models"][0]["pinned"] is False
    assert document["models"][0]["level"] == "info"
    assert document["gate"]["exit_code"] == 0


# Parameters


def parameters(document: dict) -> list[tuple[str, str, str]]:
    return [
        (
            entry["parameter"],
            entry["level"],
            " ".join(f"{one['by']}:{one['subject']}" for one in entry["reasons"]),
        )
        for entry in document["parameters"]
    ]


CALL = "client.messages.create(model={model!r}, max_tokens=9, messages=[], {more})"


@pytest.mark.parametrize(
    ("model", "more", "expected"),
    [
        ("claude-opus-4-7", "temperature=0", ("temperature", "breaking", "model:claude-opus-4-7")),
        ("claude-sonnet-4-6", "top_k=3", ("top_k", "warning", "")),
        ("claude-sonnet-5", "temperature=1", ("temperature", "warning", "")),
        ("claude-sonnet-5", "temperature=t", ("temperature", "warning", "model:claude-sonnet-5")),
        (
            "claude-opus-4-7",
            "thinking={'type': 'enabled', 'x': n}",
            ("thinking", "breaking", "model:claude-opus-4-7"),
        ),
        ("claude-opus-4-7", "thinking={'type': 'adaptive'}", None),
        ("claude-opus-4-7", "thinking=x", None),
        (
            "claude-sonnet-4-5",
            "thinking={'type': 'adaptive'}",
            ("thinking", "breaking", "model:claude-sonnet-4-5"),
        ),
        (
            "claude-sonnet-4-5",
            "tool_choice={'type': 'any'}",
            ("tool_choice", "warning", "replacement:claude-sonnet-5-5"),
        ),
        ("claude-sonnet-4-5", "tool_choice={'type': 'auto'}", None),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", "temperature=0", None),
        ("claude-opus-4-7", "system='temperature'", None),
    ],
)
def test_a_parameter_is_refused_by_the_model_the_next_one_or_the_next_version(
    tmp_path, model, more, expected
):
    write(tmp_path, CALL.format(model=model, more=more))
    found = [
        (name, level, reasons.replace("api_version:2026-10-21", "").strip())
        for name, level, reasons in parameters(scanned(tmp_path))
    ]
    assert found == ([expected] if expected else [])


def test_two_parameters_may_be_refused_beside_each_other(tmp_path):
    write(tmp_path, CALL.format(model="claude-opus-4-5", more="temperature=0.5, top_p=0.9"))
    (pair, _) = scanned(tmp_path)["parameters"]
    assert (pair["parameter"], pair["level"]) == ("top_p", "breaking")
    assert "claude-opus-4-5 refuses it beside `temperature`" in pair["explanation"]


@pytest.mark.parametrize(
    ("call", "level"),
    [
        ("client.chat.completions.create(model='o4-mini', max_tokens=9)", "breaking"),
        ("ask(model='o4-mini', max_tokens=9)", "warning"),
        ("client.responses.create(model='o4-mini', max_tokens=9)", None),
    ],
)
def test_where_the_code_does_not_name_the_api_a_refusal_is_a_warning(tmp_path, call, level):
    write(tmp_path, call)
    found = [one["level"] for one in scanned(tmp_path)["parameters"] if one["parameter"] == "max_tokens"]
    assert found == ([level] if level else [])


@pytest.mark.parametrize(
    ("files", "level"),
    [
        ({"requirements.txt": "anthropic==2.9.0"}, "breaking"),
        ({"requirements.txt": "anthropic>=2"}, "breaking"),
        ({"requirements.txt": "anthropic<2"}, "warning"),
        ({"requirements.txt": "anthropic"}, "warning"),
        ({"package.json": '{"dependencies": {"@anthropic-ai/sdk": "^1.0.0"}}'}, "warning"),
        ({"headers.py": 'headers = {"anthropic-version": "2026-10-21"}'}, "breaking"),
    ],
)
def test_an_api_version_refuses_now_when_the_sdk_or_the_code_sends_it(tmp_path, files, level):
    write(tmp_path, CALL.format(model="claude-sonnet-4-6", more="temperature=0"))
    for name, text in files.items():
        write(tmp_path, text, name)
    assert parameters(scanned(tmp_path)) == [("temperature", level, "api_version:2026-10-21")]


def test_parameters_are_found_in_every_notation():
    found = {
        (entry["file"], entry["parameter"])
        for project in ("storefront", "fleet", "support-bot")
        for entry in scanned(REPOS / project)["parameters"]
    }
    assert found == {
        ("api/main.go", "temperature"), ("app/llm.py", "temperature"), ("app/llm.py", "top_p"),
        ("dotnet/Ask.cs", "temperature"), ("dotnet/appsettings.json", "temperature"), ("ios/Ask.swift", "temperature"),
        ("native/main.rs", "max_tokens"), ("native/main.rs", "temperature"), ("notebooks/compare.ipynb", "temperature"),
        ("plugin/ask.php", "temperature"), ("realtime/ask.ex", "temperature"),
        ("src/main/java/Ask.java", "temperature"), ("src/main/kotlin/Ask.kt", "top_p"), ("web/chat.ts", "temperature"),
        ("worker/ask.rb", "max_tokens"), ("worker/ask.rb", "temperature"),
    }  # fmt: skip


def test_every_row_of_the_table_names_events_of_one_kind():
    for row in load_rows():
        assert row.parameters
        assert row.instead.endswith(".")
        for event in row.events:
            assert event.models or event.api_version, event.id
            assert event.error is not None, event.id


# SDKs


def test_sdk_pins_are_read_from_every_manifest():
    pins = {
        (pin["file"], pin["package"], pin["requirement"], pin["version"], pin["api_version"])
        for project in ("support-bot", "storefront", "fleet")
        for pin in scanned(REPOS / project)["sdks"]
    }
    old = "2023-06-01"
    assert pins == {
        (".github/workflows/eval.yml", "openai", "==1.109.1", "1.109.1", None),
        ("Dockerfile", "anthropic", "==0.86.0", "0.86.0", old),
        ("Gemfile", "anthropic", "~> 1.15", None, old),
        ("Gemfile", "ruby-openai", "", None, None),
        ("build.gradle.kts", "com.anthropic:anthropic-java", "2.11.0", "2.11.0", old),
        ("build.gradle.kts", "com.openai:openai-java", "4.8.0", "4.8.0", None),
        ("composer.json", "openai-php/client", "^0.18", None, None),
        ("dotnet/Ask.csproj", "anthropic", "12.0.1", "12.0.1", old),
        ("dotnet/Ask.csproj", "openai", "2.7.0", "2.7.0", None),
        ("go.mod", "github.com/anthropics/anthropic-sdk-go", "v1.19.0", "1.19.0", old),
        ("go.mod", "github.com/openai/openai-go", "v3.8.1", "3.8.1", None),
        ("go.mod", "google.golang.org/genai", "v1.37.0", "1.37.0", None),
        ("notebooks/compare.ipynb", "anthropic", "==0.105.0", "0.105.0", old),
        ("package-lock.json", "@anthropic-ai/sdk", "0.71.2", "0.71.2", old),
        ("package-lock.json", "openai", "6.10.0", "6.10.0", None),
        ("package.json", "@anthropic-ai/sdk", "^0.71.0", None, old),
        ("package.json", "@google/genai", ">=1.2 <2", None, None),
        ("package.json", "openai", "6.10.0", "6.10.0", None),
        ("pom.xml", "com.google.genai:google-genai", "1.28.0", "1.28.0", None),
        ("pyproject.toml", "anthropic", ">=0.80", None, None),
        ("pyproject.toml", "google-genai", ">= 2.0", None, None),
        ("pyproject.toml", "llama-api-client", "==0.5.0", "0.5.0", None),
        ("requirements.txt", "anthropic", "==0.86.0", "0.86.0", old),
        ("requirements.txt", "google-genai", "~=2.34", None, None),
        ("requirements.txt", "openai", ">=1.109,<2", None, None),
        ("uv.lock", "anthropic", "0.86.0", "0.86.0", old),
        ("uv.lock", "openai", "1.109.1", "1.109.1", None),
    }


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("poetry.lock", '[[package]]\nname = "openai"\nversion = "2.1.0"\n', ("openai", "2.1.0")),
        ("Pipfile", '[packages]\nopenai = "*"\n', ("openai", "")),
        ("Pipfile", '[packages]\nanthropic = {version = ">=1.0", extras = ["x"]}\n', ("anthropic", ">=1.0")),
        ("Pipfile.lock", '{"default": {"openai": {"version": "==2.0.1"}}}', ("openai", "==2.0.1")),
        ("setup.py", 'setup(install_requires=["anthropic[vertex]>=1,<2"])', ("anthropic", ">=1,<2")),
        ("setup.cfg", "[options]\ninstall_requires =\n    openai>=1\n", ("openai", ">=1")),
        ("environment.yml", "dependencies:\n  - openai=1.2.3\n", ("openai", "==1.2.3")),
        ("yarn.lock", '"@google/genai@^1.0.0":\n  version "1.4.0"\n', ("@google/genai", "1.4.0")),
        ("pnpm-lock.yaml", "packages:\n  openai@4.1.0:\n", ("openai", "4.1.0")),
        ("Gemfile.lock", "GEM\n  specs:\n    anthropic (1.15.0)\n", ("anthropic", "1.15.0")),
        ("composer.lock", '[{"name": "openai-php/client", "version": "v0.18.0"}]', ("openai-php/client", "0.18.0")),
        (
            "libs.versions.toml",
            'a = "3.0.0"\n[libraries]\nx = { module = "com.anthropic:anthropic-java", version.ref = "a" }\n',
            ("com.anthropic:anthropic-java", "3.0.0"),
        ),
        ("build.sbt", 'deps += "com.openai" % "openai-java" % "4.0.0"', ("com.openai:openai-java", "4.0.0")),
        ("packages.config", '<package id="Azure.AI.OpenAI" version="2.1.0" />', ("azure.ai.openai", "2.1.0")),
        ("x.gemspec", 's.add_dependency "anthropic", "~> 1.0"', ("anthropic", "~> 1.0")),
    ],
)  # fmt: skip
def test_other_manifests_and_lock_files(tmp_path, name, text, expected):
    write(tmp_path, text, name)
    assert [(pin["package"], pin["requirement"]) for pin in scanned(tmp_path)["sdks"]] == [expected]


# The command


def test_the_command_prints_a_valid_document_and_its_gate_decides(project, capsys):
    write(project, 'model = "claude-sonnet-4-5"')
    for within, today, code in ((3, "2026-11-26", 0), (4, "2026-11-26", 1), (0, "2026-11-30", 1)):
        assert main(["scan", "--today", today, "--fail-within", str(within), "--json"]) == code
        document = json.loads(capsys.readouterr().out)
        validate(document)
        assert document["models"][0]["status"]["retires_on"] == "2026-11-30"
        assert document["models"][0]["status"]["replacement"] == "claude-sonnet-5-5"
    assert main(["scan", "--today", "2026-11-30"]) == 1
    assert main(["scan", "--today", "2026-11-30", "--fail-on", "never"]) == 0
    assert main(["scan", "--today", "2026-11-26", "--fail-on", "warning"]) == 1
    capsys.readouterr()


def test_a_file_that_cannot_be_read_leaves_a_gate_of_days_undecided(project, capsys):
    write(project, 'model = "claude-opus-5-5"')
    write(project, "x" * 3_000_000, "large.json")
    gated = ["scan", "--today", "2026-11-26", "--fail-within", "9"]
    assert main(gated) == 3
    assert "1 file was not read" in capsys.readouterr().out
    assert main([*gated, "--exclude", "large.json"]) == 0
    assert main([*gated, "--max-bytes", "4000000"]) == 0
    capsys.readouterr()


def test_the_projects_own_readings_count(project, capsys):
    write(project, 'model = "claude-sonnet-4-5"')
    packaged = Path(__file__).parent.parent / "drift/data/lifecycle.csv"
    head = packaged.read_text(encoding="utf-8").splitlines()[0]
    row = "anthropic,anthropic,claude-sonnet-4-5,model,,,,2027-03-01,firm,,no,2026-11-25,letter,"
    write(project, f"{head}\n{row}\n", "snapshots/lifecycle.csv")
    main(["scan", "--today", "2026-11-26", "--json"])
    assert json.loads(capsys.readouterr().out)["models"][0]["status"]["retires_on"] == "2027-03-01"
    write(project, f"{head}\n{row.replace('2027-03-01', 'soon')}\n", "snapshots/lifecycle.csv")
    assert main(["scan"]) == 2
    assert "snapshots/lifecycle.csv:2: retires_on: 'soon' is no date" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["scan", "none"], "there is no folder none; "),
        (["scan", "--today", "soon"], "--today 'soon' is no day; "),
        (["scan", "--format", "ics"], "there is no format 'ics'; choose from text"),
        (["scan", "-o", "x.html"], "ends in '.html'"),
    ],
)
def test_a_mistake_is_one_line(project, capsys, argv, words):
    assert main(argv) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1
