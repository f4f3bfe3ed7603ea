# A skip that nobody allowed fails the session, and every skip is counted, on one worker and on several.

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
REASONS = [
    line
    for line in (HERE / "allowed_skips.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


PARALLEL = ("-n", "2", "--dist", "loadscope", "--no-loadscope-reorder")


def session(folder: Path, test: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on one file under our conftest."""
    for name in ("conftest.py", "allowed_skips.txt"):
        shutil.copy(HERE / name, folder / name)
    (folder / "test_it.py").write_text(f"import pytest\n{test}\n", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *flags, str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_allowed_skips_are_counted_and_pass_and_an_expected_failure_is_none(tmp_path):
    skips = "".join(f"def test_{n}():\n    pytest.skip({reason!r})\n" for n, reason in enumerate(REASONS))
    known = "@pytest.mark.xfail(reason='known')\ndef test_known():\n    assert False"
    done = session(tmp_path, skips + known)
    assert done.returncode == 0, done.stdout
    assert all(f"1 skipped: {reason}" in done.stdout for reason in REASONS)
    assert "skipped: known" not in done.stdout


def test_any_other_skip_fails_the_session_however_it_is_written(tmp_path):
    (tmp_path / "test_file.py").write_text(
        "import pytest\npytest.skip('a file', allow_module_level=True)", encoding="utf-8"
    )
    done = session(
        tmp_path,
        "def test_a():\n    pytest.skip('inside')\n"
        "@pytest.mark.skip(reason='a mark')\ndef test_b():\n    pass\n"
        "@pytest.mark.skipif(True, reason='a condition')\ndef test_c():\n    pass\n"
        "def test_d():\n    pass",
    )
    assert done.returncode == 1, done.stdout
    for reason in ("inside", "a mark", "a condition", "a file"):
        assert f"ERROR: not in allowed_skips.txt: {reason}" in done.stdout


def test_skips_are_counted_and_controlled_on_several_workers(tmp_path):
    (tmp_path / "test_file.py").write_text(
        "import pytest\npytest.skip('a file', allow_module_level=True)", encoding="utf-8"
    )
    tests = f"def test_a():\n    pytest.skip({REASONS[0]!r})\ndef test_b():\n    pytest.skip('no network')"
    done = session(tmp_path, tests, *PARALLEL)
    assert done.returncode == 1, done.stdout
    assert f"1 skipped: {REASONS[0]}" in done.stdout
    assert "ERROR: not in allowed_skips.txt: no network" in done.stdout
    assert "ERROR: not in allowed_skips.txt: a file" in done.stdout


def test_what_a_file_sets_up_once_is_set_up_once_on_several_workers(tmp_path):
    done = session(
        tmp_path,
        "@pytest.fixture(scope='module')\ndef server(tmp_path_factory):\n"
        "    base = tmp_path_factory.getbasetemp().parent\n"
        "    (base / 'begun').open('x').close()\n"
        "@pytest.mark.parametrize('number', range(20))\ndef test_a(server, number):\n    pass",
        *PARALLEL,
    )
    assert done.returncode == 0, done.stdout


def test_tests_see_no_key_and_no_vendor(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "sk-secret")
    monkeypatch.setenv("DRIFT_FAIL_ON", "never")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://vendor.example")
    done = session(
        tmp_path,
        "import os\ndef test_a():\n"
        "    assert not {'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'DRIFT_FAIL_ON'} & set(os.environ)\n"
        "    assert os.environ['OPENAI_BASE_URL'] == 'http://127.0.0.1:0'",
    )
    assert done.returncode == 0, done.stdout
