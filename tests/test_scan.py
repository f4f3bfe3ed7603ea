# What counts as naming a model, which files are read, and that nothing in them can do harm.

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from drift.errors import UsageError
from drift.ids import read_id
from drift.scan import pinned_models, scan


def specs(folder: Path) -> list[str]:
    return sorted(use.model.spec for use in scan(folder).uses)


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("spelled", "spec", "vendor_model"),
    [
        ("claude-opus-5-5", "anthropic/claude-opus-5-5", "claude-opus-5-5"),
        ("claude-zephyr-6", "anthropic/claude-zephyr-6", "claude-zephyr-6"),
        ("anthropic/claude-opus-5-5", "anthropic/claude-opus-5-5", "claude-opus-5-5"),
        ("anthropic:messages:claude-opus-4-1", "anthropic/claude-opus-4-1", "claude-opus-4-1"),
        ("anthropic.claude-v2:1", "bedrock/anthropic.claude-v2:1", "claude-2.1"),
        ("anthropic.claude-instant-v1", "bedrock/anthropic.claude-instant-v1", "claude-instant-1"),
        ("eu.anthropic.claude-opus-4-6-v1", "bedrock/anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("bedrock/amazon.nova-pro-v1:0", "bedrock/amazon.nova-pro-v1:0", "nova-pro"),
        ("claude-3-5-sonnet-v2@20241022", "vertex/claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet-20241022"),
        ("vertex_ai/gemini-2.5-pro", "vertex/gemini-2.5-pro", "gemini-2.5-pro"),
        ("publishers/google/models/gemini-2.5-pro", "vertex/gemini-2.5-pro", "gemini-2.5-pro"),
        ("claude-opus-4-1@20250805", "vertex/claude-opus-4-1@20250805", "claude-opus-4-1-20250805"),
        ("anthropic/claude-sonnet-4.5", "openrouter/anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("openai/gpt-4o:free", "openrouter/openai/gpt-4o", "gpt-4o"),
        ("openrouter/openai/gpt-4o", "openrouter/openai/gpt-4o", "gpt-4o"),
        ("openai/gpt-4.1-mini-2025-04-14", "openai/gpt-4.1-mini-2025-04-14", "gpt-4.1-mini-2025-04-14"),
        ("azure/gpt-4o", "azure/gpt-4o", "gpt-4o"),
        ("gpt-35-turbo", "azure/gpt-35-turbo", "gpt-3.5-turbo"),
        ("chatgpt-4o-latest", "openai/chatgpt-4o-latest", "chatgpt-4o-latest"),
        ("ft:gpt-4o:acme::abc", "openai/ft:gpt-4o:acme::abc", "ft:gpt-4o"),
        ("models/gemini-2.5-flash-lite", "gemini/gemini-2.5-flash-lite", "gemini-2.5-flash-lite"),
        ("groq/llama-3.1-8b-instant", "groq/llama-3.1-8b-instant", "llama-3.1-8b-instant"),
        ("meta-llama/Llama-3.3-70B-Instruct", "open-weights/Llama-3.3-70B-Instruct", "Llama-3.3-70B-Instruct"),
        ("accounts/fireworks/models/llama-v3p1-8b", "fireworks/llama-v3p1-8b", "llama-v3p1-8b"),
        ("llama3.1:8b", "ollama/llama3.1:8b", "llama3.1:8b"),
        ("bedrock/converse/us.anthropic.claude-opus-4-6-v1", "bedrock/anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("databricks/databricks-claude-sonnet-4", "databricks/databricks-claude-sonnet-4", "claude-sonnet-4"),
        ("claude-opus-4-6[1m]", "anthropic/claude-opus-4-6", "claude-opus-4-6"),
        ("us.anthropic.claude-opus-4-6-v1[1m]", "bedrock/anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
    ],
)  # fmt: skip
def test_a_spelling_is_read_as_platform_and_id(spelled, spec, vendor_model):
    model = read_id(spelled)
    assert (model.spec, model.vendor_model) == (spec, vendor_model)


def test_an_arn_and_a_resource_name_carry_their_region():
    arn = read_id(
        "arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.anthropic.claude-opus-4-20250514-v1:0"
    )
    assert (arn.spec, arn.region) == ("bedrock/anthropic.claude-opus-4-20250514-v1:0", "us-west-2")
    name = read_id("projects/p/locations/europe-west4/publishers/google/models/gemini-2.5-pro")
    assert (name.spec, name.region) == ("vertex/gemini-2.5-pro", "europe-west4")
    routed = read_id("bedrock/us-west-2/anthropic.claude-v2")
    assert (routed.spec, routed.region) == ("bedrock/anthropic.claude-v2", "us-west-2")


def test_broken_yaml_gives_the_pairs_inside_brackets_as_well(tmp_path):
    text = (
        "broken: {model: a[b]}\none: {model: gpt-4o, other: x}\ntwo: [{'model': 'claude-opus-5'}]  # gpt-4\n"
    )
    write(tmp_path, **{"models.yaml": text})
    assert specs(tmp_path) == ["anthropic/claude-opus-5", "openai/gpt-4o"]


@pytest.mark.parametrize(
    "text",
    [
        "claude", "claude-", "claude-3", "claude-4", "claude-code", "claude-code-1.2", "claude-agent-sdk-2", "claude_x",
        "gpt-", "gpt-3", "gpt-engineer", "my-gpt-4-fork", "gpt-4o and more", "gemini-2.5", "gemini-cli", "openai.types",
        "anthropic.types", "google.genai", "llama-index", "llama-cpp-python", "o1", "ada", "", "x" * 300, "gpt-4o\n",
        "openai/claude-opus-5", "https://platform.claude.com/docs/en/models/opus-4-5/overview",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_id_is_none(text):
    assert read_id(text) is None


def test_a_word_is_an_id_only_where_a_model_is_expected():
    assert read_id("o1", is_model=True).spec == "openai/o1"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("model = 'claude-3-5-sonnet-20241022'", ["anthropic/claude-3-5-sonnet-20241022"]),
        ('pair = ("o3-mini", "o1")', ["openai/o3-mini"]),
        ('models = ("o3-mini", "o1")', ["openai/o1", "openai/o3-mini"]),
        ('x = "claude-" + "opus-5"', []),
        ('x = "anthropic/" + name', []),
        ('x = provider + "/claude-opus-5"', ["anthropic/claude-opus-5"]),
        ('x = f"claude-opus-5-{day}"', []),
        ('x = f"{a}/claude-opus-5/{b}"', ["anthropic/claude-opus-5"]),
        ('x = "{}/claude-opus-5".format(a)', ["anthropic/claude-opus-5"]),
        ('x = "{}claude-opus-5".format(a)', []),
        ('x = "%s/claude-opus-5" % a', ["anthropic/claude-opus-5"]),
        ('"claude-opus-5"', []),
        ('f"claude-opus-5"', []),
        ('def f():\n    "claude-opus-5"', []),
        ('x: int = 1\n"""claude-opus-5"""', []),
        ('add_argument("--model", default="claude-opus-5", help="gpt-4")', ["anthropic/claude-opus-5"]),
        ('x = "gpt-4" if y else "gpt-4o"', ["openai/gpt-4", "openai/gpt-4o"]),
        ("# gpt-4o\nx = 1 # 'gpt-4o'", []),
        ('x = re.match("gpt-4", y)', []),
        ('lambda m="gpt-4o": m', ["openai/gpt-4o"]),
        ('log("asked gpt-4o and claude-opus-5")', []),
        ('x = "https://host/publishers/google/models/gemini-3-pro:predict"', ["vertex/gemini-3-pro"]),
    ],
)  # fmt: skip
def test_python_names_a_model_where_a_whole_string_is_its_id(tmp_path, line, found):
    write(tmp_path, **{"app.py": line})
    assert specs(tmp_path) == found


def test_what_is_looked_at_is_no_pin():
    source = Path(__file__).with_name("scan_repos") / "support-bot"
    uses = {(use.file, use.model.model): use.is_pin for use in scan(source).uses}
    assert uses["app/llm.py", "claude-sonnet-4-5"] is True
    for model in ("gpt-4o", "gpt-5-mini", "gpt-4-0613", "chatgpt-4o-latest"):
        assert uses["app/llm.py", model] is False


def test_places_are_listed_and_the_most_used_comes_first(tmp_path):
    write(tmp_path, **{"a/x.py": 'x = "gpt-4o"\n\ny = "claude-opus-5"\n', "b.yaml": "model: claude-opus-5\n"})
    assert list(pinned_models(tmp_path).items()) == [
        ("anthropic/claude-opus-5", ["a/x.py:3", "b.yaml:1"]),
        ("openai/gpt-4o", ["a/x.py:1"]),
    ]


# Files


def test_what_is_no_source_of_the_project_is_left_alone(tmp_path):
    for name in (
        "node_modules/x.js",
        ".venv/x.py",
        "snapshots/x.json",
        "vendor/x.go",
        "notes.md",
        "data.csv",
    ):
        write(tmp_path, **{name: 'x = "gpt-4o"'})
    (tmp_path / "binary.py").write_bytes(b'x = "gpt-4o"\0\xff\xfe')
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    found = scan(tmp_path)
    assert found.uses == ()
    assert [(one.file, one.reason) for one in found.skipped] == [("binary.py", "is binary")]


def test_a_file_that_is_too_large_is_named(tmp_path):
    write(tmp_path, **{"large.json": '{"model": "gpt-4o"}' + " " * 2_000_000})
    found = scan(tmp_path)
    assert found.uses == ()
    assert found.skipped[0].reason == "is larger than 2,000,000 bytes"
    assert len(scan(tmp_path, limit=3_000_000).uses) == 1


def test_bytes_that_are_no_utf_8_hide_no_id(tmp_path):
    (tmp_path / "latin.rb").write_bytes(b'# caf\xe9\nx = "gpt-4o"\n')
    (tmp_path / "wide.ps1").write_bytes('$x = "gpt-5"\n'.encode("utf-16"))
    assert specs(tmp_path) == ["openai/gpt-4o", "openai/gpt-5"]


def test_lines_may_end_as_on_windows(tmp_path):
    for name, text in {
        "a.yaml": "# gpt-4\n- MODEL=gpt-4o\n",
        "b.ts": "// gpt-4\nask('gpt-4o')\n",
        ".env": "# gpt-4\nMODEL=gpt-4o\n",
        "c.sh": "# gpt-4\nask --model \\\n  gpt-4o\n",
    }.items():
        (tmp_path / name).write_bytes(text.replace("\n", "\r\n").encode())
    found = {(use.file, use.line, use.model.spec) for use in scan(tmp_path).uses}
    assert found == {
        (name, 3 if name == "c.sh" else 2, "openai/gpt-4o") for name in ("a.yaml", "b.ts", ".env", "c.sh")
    }


def test_loops_of_links_and_pipes_are_no_trap(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.py")
    write(tmp_path, **{"a.py": 'x = "gpt-4o"'})
    found = scan(tmp_path)
    assert [use.file for use in found.uses] == ["a.py"]
    assert [one.file for one in found.skipped] == ["pipe.py"]


def test_ignore_rules_are_obeyed_with_git_and_without(tmp_path):
    write(
        tmp_path,
        **{
            ".gitignore": "secret/\n*.local.py\n!keep.local.py\n",
            "secret/a.py": 'x = "gpt-4o"',
            "b.local.py": 'x = "gpt-4o"',
            "keep.local.py": 'x = "gpt-5"',
            "sub/.gitignore": "*.rb\n!ok.rb\n/only.py\n",
            "sub/no.rb": "x = 'gpt-4o'",
            "sub/ok.rb": "x = 'gpt-5'",
            "sub/only.py": 'x = "gpt-4o"',
            "sub/deep/only.py": 'x = "gpt-5"',
        },
    )
    expected = ["keep.local.py", "sub/deep/only.py", "sub/ok.rb"]
    assert [use.file for use in scan(tmp_path).uses] == expected
    git(tmp_path, "init", "-q")
    assert [use.file for use in scan(tmp_path).uses] == expected
    assert [use.file for use in scan(tmp_path, exclude=["sub/", "!x"]).uses] == ["keep.local.py"]


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def test_a_hostile_repository_runs_nothing(tmp_path):
    write(tmp_path, **{"a.py": 'x = "gpt-4o"', "run.sh": "#!/bin/sh\ntouch ran\n"})
    (tmp_path / "run.sh").chmod(0o755)
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.fsmonitor", "./run.sh")
    git(tmp_path, "config", "core.hooksPath", ".")
    git(tmp_path, "config", "core.pager", "./run.sh")
    assert [use.file for use in scan(tmp_path).uses] == ["a.py"]
    assert not (tmp_path / "ran").exists()


def test_a_folder_that_became_a_link_out_of_the_project_is_not_read(tmp_path):
    project, outside = tmp_path / "project", tmp_path / "outside"
    for folder in (project / "sub", outside):
        folder.mkdir(parents=True)
        (folder / "a.py").write_text('x = "gpt-4o"', encoding="utf-8")
    git(project, "init", "-q")
    git(project, "add", "sub/a.py")
    assert [use.file for use in scan(project).uses] == ["sub/a.py"]
    (project / "sub" / "a.py").unlink()
    (project / "sub").rmdir()
    (project / "sub").symlink_to(outside)
    assert scan(project).uses == ()


@pytest.mark.parametrize(
    "line", ["*a" * 40 + "b", "*" * 300 + "b", "**/a/" * 40 + "b", "\\", "!", "[[[", "(a+)+$", "x" * 100_000]
)
def test_a_hostile_ignore_rule_neither_fails_nor_takes_for_ever(tmp_path, line):
    write(tmp_path, **{".gitignore": f"{line}\nsecret/\n", "secret/a.py": 'x = "gpt-4o"'})
    write(tmp_path, **{f"{'a' * 200}.py": 'x = "gpt-5"', "a/" * 40 + "a.py": 'x = "gpt-5"'})
    assert {use.model.spec for use in scan(tmp_path).uses} == {"openai/gpt-5"}


def test_code_is_read_and_never_run(tmp_path):
    write(
        tmp_path,
        **{
            "a.py": f"open({str(tmp_path / 'ran')!r}, 'w')\nx = 'gpt-4o'\n",
            "b.yaml": "!!python/object/apply:os.system ['touch ran']\n---\nmodel: gpt-5\n",
        },
    )
    assert specs(tmp_path) == ["openai/gpt-4o", "openai/gpt-5"]
    assert not (tmp_path / "ran").exists()


def test_names_of_files_may_hold_anything(tmp_path):
    for name in ("a\n::error::b.py", "\x1b[31m.py", "\udcff.py"):
        (tmp_path / name).write_text('x = "gpt-4o"', encoding="utf-8")
    assert len(scan(tmp_path).uses) == 3
    git(tmp_path, "init", "-q")
    assert len(scan(tmp_path).uses) == 3


HOSTILE = {
    "deep.py": "x = " + "(" * 50_000 + ")" * 50_000,
    "unary.py": "x = " + "-" * 100_000 + "1 # gpt-4",
    "sum.py": "x = " + "+".join(["'gpt-4o'"] * 4_000),
    "deep.json": '{"model": "gpt-4o", "x": ' + "[" * 100_000 + "}",
    "deep.yaml": "model: gpt-4o\nx: " + "[" * 5_000,
    "bomb.yaml": "a: &a [gpt-4o]\n" + "".join(f"{b}: &{b} [*{a},*{a},*{a}]\n" for a, b in pairwise("abcdefghijklmnop")),
    "heredocs.sh": "".join(f"cat <<A{i}\n" for i in range(20_000)) + "gpt-4o",
    "quotes.js": "'\"`/[" * 50_000 + " gpt-4",
    "slashes.ts": "x = " + "/" * 200_000 + "\n'gpt-4o'",
    "comments.rs": "/*" * 200_000 + "gpt-4",
    "brackets.go": "({[" * 100_000 + '"gpt-4o"' + "]" * 100_000,
    "strings.java": '"gpt-4o",' * 5_000,
    "line.env": "MODEL=" + "gpt-4o," * 50_000 + "x",
    "tags.xml": "<a " * 100_000 + "gpt-4",
    "holes.kt": '"' + "${" * 100_000 + 'gpt-4o"',
    "raw.cs": '"""' * 50_000 + "gpt-4",
    "book.ipynb": '{"cells": [' + "[" * 5_000 + '"gpt-4o"',
    "bad.ipynb": '{"cells": [{"cell_type": "code", "source": 3}], "x": "gpt-4o"}',
    "poetry.lock": "[[package]]\n" * 50_000 + 'name = "openai"',
    "package-lock.json": '"openai": {' * 50_000,
    "requirements.txt": "openai" + "[" * 100_000,
    "constraints.txt": "openai==" + "1" * 100_000 + "\nanthropic>=" + "9" * 100_000 + ".0",
    "numbers.py": "from openai import OpenAI\nOpenAI().responses.create(model='gpt-4o', top_k=" + "1" * 100_000 + ")",
    "pom.xml": "<dependency>" * 50_000 + "openai",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_content_makes_a_scan_fail_or_hang(tmp_path, name):
    write(tmp_path, **{name: HOSTILE[name]})
    assert scan(tmp_path).files == 1  # quadratic work on any of these takes longer than a test may


def test_a_pattern_and_a_folder_have_to_be_there(tmp_path):
    with pytest.raises(UsageError, match="there is no folder"):
        scan(tmp_path / "none")


def test_one_file_can_be_scanned(tmp_path):
    write(tmp_path, **{"a.py": 'x = "gpt-4o"'})
    assert [use.file for use in scan(tmp_path / "a.py").uses] == ["a.py"]


def test_scanning_loads_no_sdk():
    heavy = "{'anthropic', 'numpy', 'pydantic', 'ruamel', 'httpx'}"
    code = f"import sys; import drift.scan; print(*({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (
            "A.java",
            'class A { Object m = VertexAiEmbeddingModel.builder().modelName("gemini-embedding-001").build(); }',
        ),
        (
            "a.ts",
            'import { createVertex } from "@ai-sdk/google-vertex";\nconst m = provider("gemini-embedding-001");',
        ),
        ("a.py", 'import vertexai\nm = make(model="gemini-embedding-001")'),
    ],
)
def test_a_client_of_vertex_says_on_which_platform_google_is_asked(tmp_path, name, code):
    write(tmp_path, **{name: code})
    assert specs(tmp_path) == ["vertex/gemini-embedding-001"]
