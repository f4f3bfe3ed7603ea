# Annotations of GitHub Actions: workflow commands, one a line.
# Owns: escapes of workflow commands, how many a step may show. Refuses to know: which entries are results (results).
"""Render a document as workflow commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from drift.report.phrases import WORST_FIRST, plural
from drift.report.results import Result, about, results
from drift.report.safe import inline

_COMMANDS = {"breaking": "error", "warning": "warning", "info": "notice"}
_MOST = 10
"""Annotations of one level that a step shows."""


def render(document: Mapping[str, Any]) -> str:
    """Return the results as workflow commands, the worst first, ten of a level and a notice about the others.

    Raises:
        DocumentError: documents of this kind say nothing about lines of files.
    """
    found = results(document)
    shown: Counter[str] = Counter()
    lines = []
    for result in found:
        shown[result.level] += 1
        if shown[result.level] <= _MOST:
            lines.append(_command(result))
    hidden = [
        f"{shown[level] - _MOST} more of level {level}" for level in WORST_FIRST if shown[level] > _MOST
    ]
    if hidden:
        lines.append(f"::notice title=Drift::{_data('; '.join(hidden))} not shown here; the report has all")
    if not found:
        lines.append(f"Drift: {plural(0, 'result')}.")
    return "\n".join(lines) + "\n"


def _command(result: Result) -> str:
    place = {
        "file": result.file,
        "line": str(result.line),
        "col": str(result.column),
        "title": about([result.rule])[0].title,
    }
    fields = ",".join(f"{name}={_property(value)}" for name, value in place.items())
    return f"::{_COMMANDS[result.level]} {fields}::{_data(result.message)}"


def _data(text: str) -> str:
    """Escape the message of a command; what hides in it is shown, and a line feed cannot begin another one."""
    return inline(text, 2000).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
