# What may pass from a hostile string to a terminal, a Markdown page or a CI log.
# Owns: escapes, clipping, display width. Refuses to know: documents, layouts and colours.
r"""Make any string harmless before it is shown.

Model text, error messages, labels and target names come from outside. Whatever could act (a terminal escape, HTML, a
link, a mention, a workflow command) or hide (zero-width and bidirectional characters, lone surrogates) is shown as a
visible escape such as `\x1b`, never dropped: what hides in a reply may be the finding.
"""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

ELLIPSIS = "…"

# Characters that Python calls printable and no screen shows: default-ignorable letters and marks, and the blank
# Braille cell. Everything else that hides is not printable (categories C* and Z*).
_HIDDEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)

# The runner of GitHub strips white space before it looks for `::`; `##[` and `##vso[` are commands anywhere in a line.
_COMMAND = re.compile(r"^((?:[^\S\n]|\x1b\[[0-9;]*m)*)::", re.MULTILINE)
_OLD_COMMAND = re.compile(r"##(\w*)\[")

# Words that a Markdown host turns into something else after parsing, where a backslash does not help: mentions, mail
# addresses, links and bare domains, issue references, formulas, emoji names.
_HOST_WORD = re.compile(r"[@#$]|://|www\.|mailto:|xmpp:|\bGH-\d|:[\w+-]+:|\w\.[^\W\d_]{2}", re.IGNORECASE)
_MARKUP = re.compile(r"[\\`*_{}\[\]()<>~!&]")
_PUNCTUATED = re.compile(r"""([(\[{"'<]*)(.+?)([)\]}"'>,.;:!?]*)""")
_LINE_START = re.compile(r"^(?:([-+=]+)|(\d+)([.)]))$")


class _Shown(dict[int, str]):
    """Code point → what is shown for it; filled on demand, so that `str.translate` stays fast on long texts."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char.isprintable() and not _HIDDEN.match(char):
            shown = char
        else:
            shown = (
                f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
            )
        self[code] = shown
        return shown


_SHOWN = _Shown({ord("\n"): "\n", ord("\t"): "    ", ord("\r"): "\\r", 0x3000: "\u3000"})


def visible(text: str) -> str:
    r"""Return the text with everything that could act or hide as a visible escape.

    A line feed stays, a tab becomes four spaces; controls, format characters, lone surrogates, private and unassigned
    code points and spaces other than U+0020 and U+3000 become `\r`, `\xhh`, `\uhhhh` or `\Uhhhhhhhh`.
    """
    return text.translate(_SHOWN)


def inline(text: str, limit: int = 300) -> str:
    r"""Return the text on one line (`\n` for a line feed), at most `limit` characters long."""
    # Cut twice: a text of megabytes is not translated, and an escape takes more than one character.
    return clip(visible(clip(text, limit)).replace("\n", "\\n"), limit)


def clip(text: str, limit: int) -> str:
    """Return at most `limit` characters; a cut shows as an ellipsis."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + ELLIPSIS


def columns(text: str) -> int:
    """Return how many terminal columns a line of visible text takes: 2 for wide characters, 0 for combining marks."""
    if text.isascii():
        return len(text)
    return sum(
        0 if category(char) in {"Mn", "Me"} else 2 if east_asian_width(char) in "WF" else 1 for char in text
    )


def without_commands(text: str) -> str:
    """Break every workflow command of a CI system by a visible backslash, in a whole finished output."""
    return _OLD_COMMAND.sub(r"##\1\\[", _COMMAND.sub(r"\1\\::", text))


def markdown(text: str, limit: int = 2000) -> str:
    """Return one line of prose for Markdown: markup escaped, words that a host would turn into links as code."""
    words = [_word(word) for word in inline(text, limit).strip().split(" ")]
    words[0] = _LINE_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", words[0])
    return " ".join(words)


def _word(word: str) -> str:
    before, core, after = word, "", ""
    if _HOST_WORD.search(word) and (parts := _PUNCTUATED.fullmatch(word)):
        before, core, after = parts[1], code(parts[2], len(word), cell=True), parts[3]
    return _escaped(before) + core + _escaped(after)


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text).replace("|", "&#124;")


def code(text: str, limit: int = 300, *, cell: bool = False) -> str:
    r"""Return a Markdown code span.

    In a table `cell` a bar becomes `\x7c`, because renderers differ on how to escape it.
    """
    shown = inline(text, limit) or " "
    if cell:
        shown = shown.replace("|", "\\x7c")
    fence = "`" * (_longest_run(shown) + 1)
    # Without the blanks a backtick at either end would join the fence; Markdown takes one blank off each end,
    # but not of blanks alone.
    pad = " " if shown.strip(" ") and (shown[0] in "` " or shown[-1] in "` ") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def fenced(text: str) -> str:
    """Return a Markdown code block whose fence is longer than any run of backticks inside."""
    shown = visible(text)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
