# Text in styles, broken into lines.
# Owns: where a line breaks, and that nothing is laid out before it is safe. Refuses to know: documents, ANSI codes.
"""Lay styled text out in lines of a given width."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from drift.report.safe import columns, inline, visible

_PARAGRAPH = 2000
_NO_BREAK = "\u00a0"


class Span(NamedTuple):
    """A stretch of text in one style; `wrap` makes the text safe, nobody before it has to."""

    text: str
    style: str = ""


def wrap(spans: Iterable[Span], width: int, *, own_lines: bool = False) -> list[list[Span]]:
    """Make spans safe and break them into lines of at most `width` columns: at blanks, within a word only if it must.

    Args:
        spans: text that may be hostile.
        width: terminal columns of a line.
        own_lines: keep the line feeds of the text. Only model text may: a name or a sentence with a line feed in it
            could forge a line of the report, so everything else is one paragraph of at most 2000 characters a span.
    """
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for char, style in (
        (char, span.style) for span in spans for char in _safe(span.text, own_lines=own_lines)
    ):
        size = columns(char)
        if char == "\n" or (char == " " and used + size > width):
            lines.append([])
            used = 0
            continue
        if used + size > width:
            line = lines[-1]
            # The indentation of a line is no place to break it.
            start = next((i for i, (text, _) in enumerate(line) if text != " "), len(line))
            cut = max(
                (i + 1 for i, (text, _) in enumerate(line) if text == " " and i > start), default=len(line)
            )
            lines[-1:] = [line[:cut], line[cut:]]
            used = sum(columns(text) for text, _ in lines[-1])
        lines[-1].append((char, style))
        used += size
    return [
        [
            Span("".join(char for char, _ in run).replace(_NO_BREAK, " "), style)
            for style, run in groupby(line, key=lambda item: item[1])
        ]
        for line in lines
    ]


def _safe(text: str, *, own_lines: bool) -> str:
    if own_lines:
        return visible(text)
    # What is safe holds no such blank of its own.
    return inline(text, _PARAGRAPH).replace(" %", f"{_NO_BREAK}%")
