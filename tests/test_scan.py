# Model ids are found by their shape, in source files only.

import pytest

from drift.scan import pinned_models


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('model = "claude-opus-5-5"', ["anthropic/claude-opus-5-5"]),
        ("model='claude-3-5-sonnet-20241022'", ["anthropic/claude-3-5-sonnet-20241022"]),
        ('x = "openai/gpt-4.1-mini-2025-04-14"', ["openai/gpt-4.1-mini-2025-04-14"]),
        ("MODEL=gpt-4o", ["openai/gpt-4o"]),
        ("use gpt-4o.", ["openai/gpt-4o"]),
        ('"chatgpt-4o-latest"', ["openai/chatgpt-4o-latest"]),
        ('("o3-mini", "o1")', ["openai/o1", "openai/o3-mini"]),
        ('"models/gemini-2.5-flash-lite"', ["gemini/gemini-2.5-flash-lite"]),
        ('["claude-haiku-5", "gpt-5.5"]', ["anthropic/claude-haiku-5", "openai/gpt-5.5"]),
        ("import claude_tools", []),
        ("the class o1 of an element", []),
        ("my-gpt-4-fork", []),
        ("claude-", []),
        ("gpt-", []),
    ],
)
def test_ids_have_the_shapes_of_the_vendors_lists(tmp_path, line, found):
    (tmp_path / "app.py").write_text(line, encoding="utf-8")
    assert sorted(pinned_models(tmp_path)) == found


def test_places_are_listed_and_the_most_used_comes_first(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.py").write_text('"gpt-4o"\n\n"claude-opus-5"\n', encoding="utf-8")
    (tmp_path / "b.yaml").write_text("model: claude-opus-5\n", encoding="utf-8")
    assert list(pinned_models(tmp_path).items()) == [
        ("anthropic/claude-opus-5", ["b.yaml:1", "a/x.py:3"]),
        ("openai/gpt-4o", ["a/x.py:1"]),
    ]


def test_what_is_no_source_of_the_project_is_left_alone(tmp_path):
    for name in ("node_modules/x.js", ".venv/x.py", "snapshots/x.json", "notes.md", "data.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('"gpt-4o"', encoding="utf-8")
    (tmp_path / "large.json").write_text('"gpt-4o"' + " " * 1_000_000, encoding="utf-8")
    (tmp_path / "binary.py").write_bytes(b'"gpt-4o"\xff\xfe')
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    assert pinned_models(tmp_path) == {}
