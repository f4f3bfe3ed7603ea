# Where long work stands, on stderr: a bar on a terminal, a line every few seconds elsewhere, nothing when told so.
# Owns: rich, and how often a line is due. Refuses to know: what is being asked.
"""Show the progress of a run, or of a scan."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from drift.cli import output

if TYPE_CHECKING:
    from drift.runner import Progress

LINE_EVERY_S = 5.0


@contextmanager
def showing(title: str, *, quiet: bool = False) -> Iterator[Callable[[Progress], None] | None]:
    """Give a function that shows progress under a title; None when nothing is to be shown."""
    if quiet:
        yield None
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _bar(title) as show:
            yield show
    else:
        yield _lines(title)


@contextmanager
def counting(title: str, *, quiet: bool = False) -> Iterator[Callable[[int], None] | None]:
    """Give a function that shows how many there were so far, when it takes long; None when nothing is to be shown."""
    if quiet:
        yield None
        return
    due = time.monotonic() + LINE_EVERY_S

    def show(number: int) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + LINE_EVERY_S
            output.note(output.one_line(f"{title}: file {number:,}"))

    yield show


@contextmanager
def _bar(title: str) -> Iterator[Callable[[Progress], None]]:
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.fields[state]}", markup=False),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(output.one_line(title), total=None, state="")

        def show(progress: Progress) -> None:
            bar.update(task, total=progress.total, completed=progress.done, state=_state(progress))

        yield show


def _lines(title: str) -> Callable[[Progress], None]:
    due = time.monotonic() + LINE_EVERY_S

    def show(progress: Progress) -> None:
        nonlocal due
        if progress.done == progress.total or time.monotonic() >= due:
            due = time.monotonic() + LINE_EVERY_S
            output.note(
                output.one_line(f"{title}: {progress.done} of {progress.total} samples{_state(progress)}")
            )

    return show


def _state(progress: Progress) -> str:
    failed = f", {progress.failed} failed" if progress.failed else ""
    retries = f", {progress.retries} retries" if progress.retries else ""
    cost = "" if not progress.cost_usd else f", {progress.cost_usd:.4f} USD"
    return f"{failed}{retries}{cost}"


@contextmanager
def showing_parts(*, quiet: bool = False) -> Iterator[Callable[[str, Progress | None], None]]:
    """Give a function that shows the progress of one part after another: its title, and where it stands."""
    with ExitStack() as parts:
        current: dict[str, Callable[[Progress], None] | None] = {}

        def show(title: str, progress: Progress | None) -> None:
            if title not in current:
                parts.close()
                if not quiet:
                    output.note(output.one_line(title))
                current[title] = parts.enter_context(showing(title, quiet=quiet))
            step = current[title]
            if step is not None and progress is not None:
                step(progress)

        yield show
