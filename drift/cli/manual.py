# The command line described by itself: every command with its help and its flags, for docs/cli.md and its tests.
# Owns: the walk over the commands. Refuses to know: what they do.
"""Pages of help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

WIDTH = 78
"""Columns of a page: what a terminal of 80 columns shows."""


class Page(NamedTuple):
    """One command: its words ("drift baseline accept"), its help, and its flags (long name → variable)."""

    command: str
    help: str
    flags: dict[str, str]


def pages() -> Iterator[Page]:
    """Yield the page of every command, groups before their verbs, in the order of `drift --help`."""
    import typer.main

    from drift.cli import app

    yield from _walk(typer.main.get_command(app), "drift", None)


def _walk(command: Any, name: str, parent: Any) -> Iterator[Page]:
    context = command.make_context(name, [], parent=parent, resilient_parsing=True, terminal_width=WIDTH)
    yield Page(context.command_path, context.get_help(), dict(_flags(command)))
    for verb, child in getattr(command, "commands", {}).items():
        yield from _walk(child, verb, context)


def _flags(command: Any) -> Iterator[tuple[str, str]]:
    for parameter in command.params:
        long = next((flag for flag in parameter.opts if flag.startswith("--")), None)
        if long not in {None, "--help", "--version"}:
            yield long, parameter.envvar
