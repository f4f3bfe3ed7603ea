# The README's commands, run as they are written, one after another, against the vendor stand-in.

import re
import shlex
from pathlib import Path

import pytest

from drift.cli import main
from tests.cli_support import write_recorded

pytest_plugins = ["tests.vendor.plugin"]

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
PLACES = {"http://localhost:8000/v1": "{openai_url}", "meta-llama/Llama-3.3-70B-Instruct": "open-model-7b"}
"""What stands in for a host and a model that are not here."""


def commands() -> list[list[str]]:
    """Return the words of every drift command in a console block."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        for line in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
            words = shlex.split(line, comments=True)
            while words:
                end = words.index("&&") if "&&" in words else len(words)
                found.append(words[:end])
                words = words[end + 1 :]
    return [words[1:] for words in found if words[0] == "drift"]


def stood_in(word: str, address: str) -> str:
    for there, here in PLACES.items():
        word = word.replace(there, here.format(openai_url=address))
    return word


def test_every_command_works_as_it_is_written(vendor, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-this-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", vendor.url)
    monkeypatch.setenv(
        "DRIFT_FAMILY", "tokens"
    )  # one family of each suite: these are commands, not measurements
    (tmp_path / "app.py").write_text('MODEL = "claude-sonnet-4-5"\n', encoding="utf-8")
    for label, name in (("may", "answers-may.jsonl"), ("june", "answers-june.jsonl")):
        write_recorded(tmp_path / name, label, dataset="my-app", target="gpt-x")
        (tmp_path / name).rename(tmp_path / f"{name}.gz")  # plain or gzipped is told by the content
    asked = commands()
    assert {words[0] for words in asked} >= {"run", "diff", "import", "init", "baseline", "check"}
    for written in asked:
        words = [stood_in(word, vendor.openai_url) for word in written]
        code = main(words)
        said = capsys.readouterr()
        shown = shlex.join(["drift", *words])
        assert code in {0, 1, 3}, f"{shown}: {said.err}"
        assert code == 0 or words[0] not in {"run", "diff", "import", "init", "baseline", "check"}, shown
        assert "a fault in drift itself" not in said.err, shown
    assert (tmp_path / "report.md").is_file()
    assert "sk-ant-of-this-test" not in (tmp_path / "snapshots/drift.db").read_bytes().decode("latin-1")


@pytest.mark.parametrize("words", commands(), ids=shlex.join)
def test_no_command_carries_a_key(words):
    assert not any(re.search(r"sk-|AIza|Bearer", word) for word in words)
