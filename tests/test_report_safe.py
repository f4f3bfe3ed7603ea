# Hostile strings: nothing that acts or hides passes, and nothing is lost.

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from drift.report.safe import clip, code, columns, fenced, inline, markdown, visible, without_commands
from tests.report_support import HOSTILE, hostile_text

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_ALIVE = {
    *(
        "link_open",
        "image",
        "html_inline",
        "html_block",
        "heading_open",
        "blockquote_open",
        "bullet_list_open",
    ),
    *("ordered_list_open", "hr", "fence", "code_block", "em_open", "strong_open", "s_open", "hardbreak"),
}


def leaves(text):
    """Return the tokens of Markdown without their nesting."""
    return [leaf for token in _MARKDOWN.parse(text) for leaf in (token, *(token.children or ()))]


def prose(text):
    """Return the text that stands outside code."""
    return " ".join(leaf.content for leaf in leaves(text) if leaf.type == "text")


@given(hostile_text)
def test_visible_text_holds_nothing_that_acts_or_hides(text):
    shown = visible(text)
    assert all(char in "\n\u3000" or char.isprintable() for char in shown)
    assert not {unicodedata.category(char) for char in shown} & {"Cf", "Cs", "Co", "Zl", "Zp"}
    shown.encode("utf-8")
    assert visible(shown) == shown


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs"))))
def test_plain_text_stays_as_it_is(text):
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("a\r\nb\tc", "a\\r\nb    c"),
        ("no\u00a0break", "no\\xa0break"),
        ("caf\u00e9 \u4e16\u754c \U0001f600", "caf\u00e9 \u4e16\u754c \U0001f600"),
    ],
)
def test_what_acts_or_hides_is_shown_as_an_escape(text, shown):
    assert visible(text) == shown


@given(hostile_text, st.integers(0, 100))
def test_inline_text_is_one_line_within_its_limit(text, limit):
    shown = inline(text, limit)
    assert "\n" not in shown
    assert len(shown) <= max(limit, 1)


def test_a_clipped_text_says_so():
    assert clip("abcdef", 4) == "abc…"
    assert clip("abcd", 4) == "abcd"


def test_columns_count_what_a_terminal_shows():
    assert [columns(text) for text in ("abc", "世界", "e\u0301", "")] == [3, 4, 1, 0]


@given(hostile_text)
def test_no_line_is_a_workflow_command(text):
    broken = without_commands(visible(text))
    assert not any(line.lstrip().startswith("::") for line in broken.splitlines())
    assert not re.search(r"##\w*\[", broken)


def test_a_command_is_broken_visibly_and_nothing_else_changes():
    assert (
        without_commands("  ::error::x\nstd::vector ## [\n##[group]")
        == "  \\::error::x\nstd::vector ## [\n##\\[group]"
    )


@given(hostile_text)
def test_prose_is_inert_markdown(text):
    said = f"Said: {markdown(text)}"
    assert not {leaf.type for leaf in leaves(said)} & _ALIVE
    assert [token.type for token in _MARKDOWN.parse(said)] == ["paragraph_open", "inline", "paragraph_close"]


@given(hostile_text)
def test_prose_is_inert_at_the_start_of_a_line(text):
    types = {token.type for token in leaves(markdown(text))}
    assert not types & _ALIVE


@given(hostile_text)
def test_a_host_finds_nothing_to_link_in_prose(text):
    assert not re.search(r"[@#$]|://|www\.|mailto:|\bGH-\d|:[\w+-]+:", prose(markdown(text)), re.IGNORECASE)


@given(hostile_text)
def test_code_spans_hold_exactly_the_visible_text(text):
    tokens = [leaf for leaf in leaves(f"Said: {code(text, 10_000)}.") if leaf.type not in {"text", "inline"}]
    spans = [token for token in tokens if token.type == "code_inline"]
    assert [token.content for token in spans] == [inline(text, 10_000) or " "]
    assert {token.type for token in tokens} <= {"paragraph_open", "paragraph_close", "code_inline"}


@given(hostile_text, hostile_text)
def test_a_table_keeps_its_cells(text, other):
    table = f"| a | b | c |\n| --- | --- | --- |\n| {code(text, cell=True)} | {markdown(other)} | end |\n"
    tokens = _MARKDOWN.parse(table)
    cells = [after.content for token, after in pairwise(tokens) if token.type == "td_open"]
    assert len(cells) == 3
    assert cells[2] == "end"
    assert tokens[-1].type == "table_close"
    # Renderers differ on how a bar in a cell is escaped: none may be there at all.
    assert table.split("\n")[2].count("|") == 4


@given(hostile_text)
def test_a_fence_holds_exactly_the_visible_text(text):
    before, block, after = _MARKDOWN.parse(f"before\n\n{fenced(text)}\n\nafter")[2:5]
    assert (before.type, block.type, after.type) == ("paragraph_close", "fence", "paragraph_open")
    assert block.content == visible(text) + "\n"
    assert block.info == "text"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_of_any_length_is_quick(text):
    assert len(inline(text * 1000, 100)) <= 100
