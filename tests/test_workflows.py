# The workflows: what runs in GitHub, with which rights, in which order, and what never reaches a shell.

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from drift.yamlfile import read_yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = {path.name: path for path in (ROOT / ".github/workflows").iterdir()}
TEMPLATE = ROOT / "drift/templates/workflow.yml"
EVERY = {**WORKFLOWS, "template": TEMPLATE}


def load(path: Path) -> dict[str, Any]:
    return read_yaml(path).data


def jobs(path: Path) -> dict[str, Any]:
    return load(path)["jobs"]


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path).values() for step in job["steps"]]


def step(name: str) -> dict[str, Any]:
    return next(step for step in steps(TEMPLATE) if step.get("name") == name)


def test_there_is_one_for_changes_and_one_for_drift():
    assert set(WORKFLOWS) == {"ci.yml", "drift.yml"}


@pytest.mark.parametrize("name", EVERY)
def test_a_workflow_may_only_read(name):
    assert load(EVERY[name])["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in jobs(EVERY[name]).values())
    checkouts = [step for step in steps(EVERY[name]) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("name", EVERY)
def test_actions_are_the_platforms_own_at_a_major_version(name):
    for one in steps(EVERY[name]):
        if "uses" in one:
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", one["uses"])


@pytest.mark.parametrize("name", EVERY)
def test_no_expression_stands_inside_a_script(name):
    for one in steps(EVERY[name]):
        assert "${{" not in one.get("run", "")


@pytest.mark.parametrize("name", EVERY)
def test_a_job_ends(name):
    assert all(0 < job["timeout-minutes"] <= 120 for job in jobs(EVERY[name]).values())


def test_changes_pass_the_command_that_people_run_on_the_oldest_and_the_newest_python():
    ci = load(WORKFLOWS["ci.yml"])
    assert set(ci["on"]) == {"push", "pull_request"}
    assert ci["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.14"]
    assert [one["run"] for one in steps(WORKFLOWS["ci.yml"]) if "run" in one] == ["make test"]
    assert "secrets" not in WORKFLOWS["ci.yml"].read_text(encoding="utf-8")


def test_the_workflow_of_this_project_is_the_one_that_init_writes():
    ours, theirs = (path.read_text(encoding="utf-8") for path in (WORKFLOWS["drift.yml"], TEMPLATE))
    assert theirs.replace('"model-drift-tracker~=0.1"', ".") == ours


def test_drift_is_checked_by_the_clock_and_by_hand_one_at_a_time():
    drift = load(TEMPLATE)
    assert set(drift["on"]) == {"schedule", "workflow_dispatch"}
    assert drift["concurrency"] == {"group": "drift", "cancel-in-progress": False}


def test_the_report_is_shown_and_uploaded_before_the_verdict_is_enforced():
    names = [one.get("name", one.get("uses")) for one in steps(TEMPLATE)]
    order = ["Check", "Show the report", "Upload the report", "Enforce the verdict"]
    assert [name for name in names if name in order] == order
    for name in order[1:]:
        assert step(name)["if"] == "always() && steps.check.outputs.code != ''"
    assert step("Upload the report")["uses"].startswith("actions/upload-artifact@")
    assert names[-1] == "Enforce the verdict"


def test_what_was_paid_for_is_uploaded_too():
    assert step("Upload the report")["with"]["path"].split() == ["drift-report/", "snapshots/*.db"]


def test_keys_reach_only_the_steps_that_need_them():
    with_keys = [one.get("name") for one in steps(TEMPLATE) if "secrets." in json.dumps(one)]
    assert with_keys == ["See whether anything can be checked", "Check"]
    assert "secrets." not in json.dumps({**load(TEMPLATE), "jobs": {}})
    assert all("env" not in job for job in jobs(TEMPLATE).values())


def test_the_watch_needs_no_key_and_keeps_what_it_read():
    watch = load(TEMPLATE)["jobs"]["watch"]
    assert "secrets" not in json.dumps(watch)
    (cache,) = (one for one in watch["steps"] if one.get("uses", "").startswith("actions/cache@"))
    assert cache["with"]["path"] == "api-surfaces.db"
    assert "--database api-surfaces.db" in step("Watch the SDKs")["run"]


# The scripts, run by a shell as the platform runs them


def run_script(script: str, folder: Path, **env: str) -> tuple[int, str, dict[str, str], str]:
    """Run a step; return its exit code, its log, its outputs and the summary."""
    files = {name: folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("", encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            **{name: str(path) for name, path in files.items()},
            **env,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    outputs = dict(
        line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
    )
    return (
        done.returncode,
        done.stdout + done.stderr,
        outputs,
        files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8"),
    )


def fake_drift(folder: Path, code: int) -> None:
    """Put a command `drift` into the folder that notes its arguments, writes reports and ends with a code."""
    command = folder / "drift"
    command.write_text(
        '#!/bin/bash\nprintf "%s\\n" "$@" > arguments\n'
        f"echo '# report' > drift-report/report.md\necho out\necho 'said <b>why</b>' >&2\nexit {code}\n",
        encoding="utf-8",
    )
    command.chmod(0o755)


@pytest.mark.parametrize(
    ("settings", "keys", "reason"), [(True, "", "no secret"), (False, "k", "no drift.yaml")]
)
def test_what_cannot_be_checked_is_said_and_no_failure(tmp_path, settings, keys, reason):
    if settings:
        (tmp_path / "drift.yaml").write_text("", encoding="utf-8")
    code, log, outputs, summary = run_script(
        step("See whether anything can be checked")["run"], tmp_path, KEYS=keys
    )
    assert code == 0
    assert outputs == {}
    assert log.startswith("::notice title=Drift was not checked::")
    assert reason in log
    assert reason in summary


def test_with_a_key_and_settings_the_check_goes_on(tmp_path):
    (tmp_path / "drift.yaml").write_text("", encoding="utf-8")
    script = step("See whether anything can be checked")["run"]
    code, log, outputs, summary = run_script(script, tmp_path, KEYS="sk-secret")
    assert (code, log, outputs, summary) == (0, "", {"ready": "true"}, "")


@pytest.mark.parametrize("code", [0, 1, 2, 3, 130])
def test_the_code_of_the_check_is_kept_for_the_end(tmp_path, code):
    fake_drift(tmp_path, code)
    done, log, outputs, _ = run_script(step("Check")["run"], tmp_path, TARGET="")
    assert (done, log, outputs) == (0, "said <b>why</b>\n", {"code": str(code)})
    assert (tmp_path / "arguments").read_text(encoding="utf-8").split("\n")[:2] == ["check", "--quiet"]
    done, _, _, summary = run_script(step("Show the report")["run"], tmp_path, CODE=str(code))
    told = (
        f"**Drift could not be checked** (exit code {code}):\n\n    said <b>why</b>\n\n" if code > 1 else ""
    )
    assert (done, summary) == (0, f"{told}# report\n")
    done, log, _, _ = run_script(step("Enforce the verdict")["run"], tmp_path, CODE=str(code))
    assert done == code
    assert ("::error" in log) == (code != 0)


def test_a_summary_that_is_too_long_is_cut_and_fails_nothing(tmp_path):
    (tmp_path / "drift-report").mkdir()
    (tmp_path / "drift-report/report.md").write_text("x" * 2_000_000, encoding="utf-8")
    code, _, _, summary = run_script(step("Show the report")["run"], tmp_path, CODE="0")
    assert (code, len(summary)) == (0, 900_000)


@pytest.mark.parametrize(
    ("code", "ends", "said"), [(0, 0, ""), (1, 0, "::warning"), (3, 0, "::warning"), (2, 2, "")]
)
def test_a_word_that_is_waited_for_is_a_warning_and_the_surfaces_are_kept(tmp_path, code, ends, said):
    command = tmp_path / "drift"
    command.write_text(
        f'#!/bin/bash\nprintf "%s\\n" "$@" > arguments\necho "# news" > api-watch.md\nexit {code}\n',
        encoding="utf-8",
    )
    command.chmod(0o755)
    done, log, _, summary = run_script(step("Watch the SDKs")["run"], tmp_path)
    assert (done, summary) == (ends, "# news\n")
    assert ("::warning" in log) == bool(said)
    assert (tmp_path / "arguments").read_text(encoding="utf-8").split("\n")[:2] == ["api", "watch"]


def test_a_hostile_target_stays_one_argument(tmp_path):
    fake_drift(tmp_path, 0)
    hostile = 'x"; touch hacked; $(touch hacked) `touch hacked` *'
    run_script(step("Check")["run"], tmp_path, TARGET=hostile)
    assert (tmp_path / "arguments").read_text(encoding="utf-8").split("\n")[1] == hostile
    assert not (tmp_path / "hacked").exists()
