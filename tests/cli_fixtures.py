# A project in a folder of its own.
# Owns: the recorded series plain, again and fenced. Refuses to know: what is tested.
"""pytest plugin: `pytest_plugins = ["tests.cli_fixtures"]`."""

import shutil

import pytest

from drift.cli import main
from tests.cli_support import write_recorded


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
