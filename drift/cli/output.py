# What a command prints: results on stdout, all else on stderr, nothing that a terminal or a CI system obeys.
# Owns: the two streams, the common keys of JSON documents. Refuses to know: what a report says.
"""Printing for commands."""

import datetime as dt
import os
import sys
from typing import Any, TextIO

_LONGEST_LINE = 2000


def now() -> str:
    """Return the present moment as ISO 8601 in UTC, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def document(kind: str, **fields: Any) -> dict[str, Any]:
    """Return a JSON document of version 1: the common keys, then `fields`."""
    from drift import __version__
    from drift.documents import SCHEMA_VERSION

    head = {"schema_version": SCHEMA_VERSION, "kind": kind, "drift_version": __version__, "created_at": now()}
    return {**head, **fields}


def out(text: str) -> None:
    """Print a result on stdout."""
    _write(sys.stdout, text)


def result_stream() -> TextIO:
    """Return stdout for results that are written piece by piece."""
    return sys.stdout


def note(text: str) -> None:
    """Print a notice on stderr."""
    _write(sys.stderr, text)


def count(number: int, noun: str) -> str:
    """Return "1 probe", "2 probes"."""
    from drift.report.phrases import plural

    return plural(number, noun)


def one_line(text: str) -> str:
    """Return text as one harmless line: names and messages may come from a model or a stranger's file."""
    from drift.report.safe import inline, without_commands

    return without_commands(inline(text, _LONGEST_LINE))


def block(text: str, *, prefix: str = "  | ") -> str:
    """Return text of any origin line by line behind a prefix, so that no line starts a command of a CI system."""
    from drift.report.safe import visible, without_commands

    return without_commands("\n".join(prefix + line for line in visible(text).split("\n")))


def color_wanted(stream: TextIO) -> bool:
    """Whether to color what goes to a stream: a terminal, and nobody set NO_COLOR."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def flush() -> None:
    """Hand over what is buffered, while an error of the pipe can still be caught."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            _silence(stream)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding).removesuffix("\n") + "\n")
        stream.flush()
    except BrokenPipeError:
        # The reader has left (`| head`). The command goes on: its exit code must not depend on who listens.
        _silence(stream)


def _silence(stream: TextIO) -> None:
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, stream.fileno())
    os.close(sink)
