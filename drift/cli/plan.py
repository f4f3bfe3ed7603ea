# The planning view: the command `plan`.
# Owns: its flags. Refuses to know: what stands in a plan, formats.
"""`drift plan`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from drift.cli import options, output, session
from drift.cli.dates import Today, day, load_lifecycle
from drift.cli.progress import counting
from drift.cli.scan import Exclude, MaxBytes


def plan(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Projects, one page each; this folder when absent."),
    ] = None,
    lead_days: Annotated[
        int,
        options.option("--lead-days", metavar="DAYS", min=0, help="Days that a move takes; 60 when absent."),
    ] = 60,
    today: Today = None,
    exclude: Exclude = None,
    max_bytes: MaxBytes = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    to: options.Outputs = None,
    form: Annotated[
        str | None,
        options.option(
            "--format",
            metavar="NAME",
            help="Format on stdout: text, json, md, html or ics; text when absent.",
        ),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Say what to move, by when, to what, and what is known of it.

    One page for each project.

    The models come from the code (`drift scan`), the days from the table of dates (`drift models`), the drift from
    the newest stored comparison or runs, and what an SDK jump brings from stored surfaces (`drift api`). Nothing is
    asked of a vendor, and nothing is stored.

    \b
    drift plan
    drift plan path/to/project -o plan.html -o plan.ics
    drift plan --today 2026-11-26 --json
    """
    from drift.plan import Project, plan_fields
    from drift.scan import LARGEST, scan

    form, files = session.formats(json, form, to, "plan")
    settled = session.settings(config, database=database)
    date = day(today)
    table = load_lifecycle(settled)
    folders = paths or [Path()]
    with counting("reading", quiet=quiet) as count:
        projects = [
            Project(
                name,
                scan(path, exclude=exclude or (), limit=max_bytes or LARGEST, known=table.ids, count=count),
            )
            for name, path in zip(_names(folders), folders, strict=True)
        ]
    has_store = database is not None or settled.database.is_file()
    with session.open_store(settled, readonly=True) if has_store else nullcontext() as store:
        fields = plan_fields(projects, table, date, lead_days=lead_days, store=store)
    session.present(output.document("plan", **fields), form, files, quiet=quiet, verbose=verbose)


def _names(folders: list[Path]) -> list[str]:
    """Return a name for each project: that of its folder, with those above it where two would bear one name."""
    parts = [folder.resolve().parts for folder in folders]
    names = [path[-1] for path in parts]
    for depth in range(2, max(map(len, parts)) + 1):
        names = [
            "/".join(path[-depth:]).lstrip("/") if names.count(name) > 1 else name
            for path, name in zip(parts, names, strict=True)
        ]
    return names
