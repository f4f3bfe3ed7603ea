# Aligned tables and small plots for a terminal.
# Owns: column widths, cells, sparklines. Refuses to know: which document the rows come from.
"""Tables and plots as plain text; every cell is made safe here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from drift.report.layout import Span, wrap
from drift.report.safe import columns as columns_of
from drift.report.safe import inline

_BARS = "▁▂▃▄▅▆▇█"
_VERDICTS = {"none": "▁", "info": "▃", "warning": "▅", "breaking": "█", "inconclusive": "?"}
UNKNOWN = "·"
"""Stands in a plot where nothing was measured."""

_NARROWEST = 12
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key of its cells, its heading, numbers to the right, and whether its cells may be broken to fit."""

    key: str
    heading: str
    right: bool = False
    shrink: bool = False


def table(rows: Sequence[Mapping[str, object]], columns: Sequence[Column], width: int = 80) -> str:
    """Return rows under their headings, aligned, without a trailing line feed.

    A column without a single value is left out. When the table is wider than `width` terminal columns, the cells of
    `shrink` columns are broken into lines, the widest column first, down to 12; ids and numbers are never broken, so
    that a table may stay wider.
    """
    shown = [column for column in columns if any(cell(row.get(column.key)) for row in rows)]
    if not shown:
        return ""
    cells = [[cell(row.get(column.key)) for column in shown] for row in rows]
    headings = [cell(column.heading) for column in shown]
    widths = [max(map(columns_of, texts)) for texts in zip(headings, *cells, strict=True)]
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    while excess > 0:
        candidates = [i for i, column in enumerate(shown) if column.shrink and widths[i] > _NARROWEST]
        if not candidates:
            break
        widths[max(candidates, key=lambda i: widths[i])] -= 1
        excess -= 1
    lines: list[Sequence[str]] = [headings, ["─" * size for size in widths]]
    for row in cells:
        broken = [_broken(text, size) for text, size in zip(row, widths, strict=True)]
        lines += zip_longest(*broken, fillvalue="")
    return "\n".join(
        _GAP.join(_padded(*parts) for parts in zip(line, widths, shown, strict=True)).rstrip()
        for line in lines
    )


def cell(value: object) -> str:
    """Return a value as the text of a cell, safe and on one line: nothing for None, yes or no, a list with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return inline(", ".join(map(str, value)))
    return inline(str(value))


def _broken(text: str, size: int) -> list[str]:
    return ["".join(span.text for span in line) for line in wrap([Span(text)], size)]


def _padded(text: str, size: int, column: Column) -> str:
    pad = " " * (size - columns_of(text))
    return pad + text if column.right else text + pad


def sparkline(values: Sequence[float | None]) -> str:
    """Return one bar a share (0 to 1), always on the full scale, so that noise looks as small as it is."""
    return "".join(
        UNKNOWN if value is None else _BARS[min(int(max(value, 0.0) * len(_BARS)), len(_BARS) - 1)]
        for value in values
    )


def verdict_line(verdicts: Sequence[str | None]) -> str:
    """Return one sign a verdict: the graver the higher, `?` for inconclusive, `·` for none given."""
    return "".join(_VERDICTS.get(verdict or "", UNKNOWN) for verdict in verdicts)
