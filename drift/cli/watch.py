# A history watched over time: the command `monitor`.
# Owns: its flags and exit code. Refuses to know: what a shift is.
"""`drift monitor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from drift.cli import options, output, session
from drift.errors import EXIT_FINDINGS, EXIT_OK, EXIT_UNDECIDED, UsageError

if TYPE_CHECKING:
    from drift.documents import MonitorDocument


def monitor(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A target, or DATASET:TARGET.")],
    config: options.ConfigFile = None,
    database: options.Database = None,
    fail_on: options.FailOn = None,
    json: options.Json = False,
    form: options.Format = None,
) -> int:
    """Watch a history: each measure, and since when it moved.

    A series alarms when its level shifted or collapsed; an alarm is a warning, so `--fail-on warning` makes it
    exit 1. Exit 3 when no series is long enough to say anything.

    \b
    drift monitor anthropic/MODEL
    drift monitor anthropic/MODEL --fail-on warning --json
    """
    from drift.monitor import monitor as watch

    chosen = options.form(json, form)
    settings = session.settings(config, database=database, fail_on=fail_on)
    with session.open_store(settings, readonly=True) as store:
        runs = [run for run in store.runs(status="complete") if target in session.names(run)]
        if not runs:
            raise UsageError(f"no complete run of {target!r} is stored", "list all with `drift history`")
        document = watch((store.snapshot(run.id) for run in runs), target=target)
    session.show(document, chosen)
    if json:
        for notice in document["notices"]:
            output.note(output.one_line(notice))
    return _exit_code(document, settings.fail_on)


def _exit_code(document: MonitorDocument, fail_on: str) -> int:
    if document["alarms"] and fail_on in {"info", "warning"}:
        return EXIT_FINDINGS
    blind = all(series["state"] in {"learning", "no_data"} for series in document["series"])
    return EXIT_UNDECIDED if blind else EXIT_OK
