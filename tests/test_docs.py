# The pages keep what they promise: nothing generated is empty, every command and link in them exists.

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from drift.cli.manual import pages

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = {page.command: page for page in pages()}
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]


def shown(name: str) -> str:
    """Return a page as a reader sees it, without the code that makes parts of it."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.sub(r"<!-- \[\[\[cog\n.*?\]\]\] -->\n", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_no_generated_block_is_empty(name):
    # `cog -P` takes what is printed: a block that calls cog.out() stays empty, and `cog --check` is content with it.
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- \[\[\[cog\n.*?\]\]\] -->\n(.*?)<!-- \[\[\[end\]\]\]", text, re.DOTALL)
    assert (
        len(blocks) == text.count("[[[cog\n") == len(re.findall(r"^<!-- \[\[\[end\]\]\]", text, re.MULTILINE))
    )
    assert all(block.strip() for block in blocks)


def typed(text: str) -> Iterator[str]:
    """Yield the drift commands of a page: lines of code blocks, and code within a sentence."""
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"&&|\|\||(?<!\\)\|", line.removeprefix("$ ").partition("  #")[0]):
                yield part.strip()
    yield from re.findall(
        r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_command_in_a_page_exists_with_its_flags(name):
    for line in typed(shown(name)):
        if not re.match(r"drift [a-z]", line) or name == "docs/cli.md":
            continue
        words = shlex.split(line)
        command = max((" ".join(words[:n]) for n in (1, 2, 3) if " ".join(words[:n]) in COMMANDS), key=len)
        assert command != "drift", f"no such command: {line}"
        group = command + " list"
        known = {**COMMANDS[command].flags, **(COMMANDS[group].flags if group in COMMANDS else {})}
        for flag in (word.partition("=")[0] for word in words if word.startswith("--")):
            assert flag in {*known, "--help", "--version"}, f"{flag} of: {line}"


@pytest.mark.parametrize("name", NAMES)
def test_every_link_within_the_repository_leads_somewhere(name):
    page = ROOT / name
    for link in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", shown(name)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / unquote(path) if path else page
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, link


@pytest.mark.parametrize("name", NAMES)
def test_every_place_in_the_repository_that_a_page_names_is_there(name):
    named = re.findall(r"`((?:drift|tests|scripts|bench|docs)/[\w./-]+)`", shown(name))
    assert [place for place in named if not (ROOT / place).exists()] == []


def test_the_readme_lists_every_page_and_every_exit_code():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"(docs/{page.name})" not in readme] == []
    assert set(re.findall(r"^\| (\d+) \|", readme, re.MULTILINE)) == {"0", "1", "2", "3", "130"}
