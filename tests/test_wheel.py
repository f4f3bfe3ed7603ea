# What people install: the wheel carries the suite, the schemas and the tables, and works far from the clone.

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The unpacked wheel, built from a copy of the repository as its version control knows it."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    assert wheel.name.startswith("model_drift_tracker-")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def drift(installed: Path, folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("DRIFT_")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "drift", *argv],
        cwd=folder,
        env={**env, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_every_file_that_is_no_code_comes_along(installed):
    for source, place in ((ROOT / "probes", "drift/_probes"), (ROOT / "drift", "drift")):
        for file in source.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                assert (installed / place / file.relative_to(source)).is_file(), file
    assert not (installed / "tests").exists()
    (metadata,) = installed.glob("*.dist-info")
    assert "drift = drift.__main__:run" in (metadata / "entry_points.txt").read_text(encoding="utf-8")
    assert (metadata / "licenses/LICENSE").is_file()


def test_it_works_where_there_is_no_clone(installed, tmp_path):
    for argv in (["probes", "validate"], ["init"], ["run", "openai/x", "--dry-run"]):
        done = drift(installed, tmp_path, *argv)
        assert done.returncode == 0, done.stderr
    where = "import drift.suite; print(drift.suite.suite_path())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", where],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert Path(done.stdout.strip()) == installed / "drift/_probes"
