# A project in a folder of its own, and drift as a process: what the tests of the command line share.
# Owns: the recorded series plain, again and fenced. Refuses to know: what is tested.
"""pytest plugin: `pytest_plugins = ["tests.cli_support"]`."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drift.cli import main

ROOT = Path(__file__).parent.parent


def write_recorded(path: Path, *labels: str, probes: int = 30, **fields: object) -> Path:
    """Write one series of JSON answers a label; the answers of the label "fenced" stand in a Markdown fence."""
    lines = []
    for label in labels:
        for number in range(probes):
            text = f'{{"n": {number}}}'
            line = {
                "dataset": "shop",
                "target": "acme/model",
                "version_label": label,
                "probe_id": f"p{number}",
                "sample": 0,
                "recorded_at": "2026-01-01T00:00:00",
                "prompt": "Give the number as JSON.",
                "purpose": "machine",
                "family": "orders",
                "output_text": f"```json\n{text}\n```" if label == "fenced" else text,
                **fields,
            }
            lines.append(json.dumps(line))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project as the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A project with the series plain, again and fenced, which nobody changes."""
    folder = tmp_path_factory.mktemp("prepared")
    write_recorded(folder / "recorded.jsonl", "plain", "again", "fenced")
    assert main(["import", str(folder / "recorded.jsonl"), "-d", str(folder / "snapshots/drift.db")]) == 0
    return folder


@pytest.fixture
def recorded(prepared, project):
    """A project of its own with the series plain, again and fenced."""
    shutil.copytree(prepared, project, dirs_exist_ok=True)
    return project


def drift(
    *argv: str, env: dict[str, str] | None = None, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run drift as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "drift", *argv],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        timeout=120,
        **settings,
    )
