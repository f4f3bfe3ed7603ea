# What a project's code asks for, and how long that lasts: the command `scan`.
# Owns: its flags and exit code. Refuses to know: how code is read, what a date means.
"""`drift scan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drift.cli import options, output, session
from drift.cli.dates import Today, day, load_lifecycle
from drift.cli.progress import counting

Exclude = Annotated[
    list[str] | None,
    options.option(
        "--exclude", metavar="PATTERN", help="Leave files out, as a .gitignore would. Repeatable."
    ),
]
MaxBytes = Annotated[
    int | None,
    options.option("--max-bytes", metavar="N", min=1, help="Largest file that is read; 2000000 when absent."),
]
Folder = Annotated[Path, typer.Argument(metavar="PATH", help="A project or a file; this folder when absent.")]
Format = Annotated[
    str | None,
    options.option(
        "--format",
        metavar="NAME",
        help="Format on stdout: text, json, md, sarif or github; text when absent.",
    ),
]


def scan(
    path: Folder = Path(),
    fail_within: Annotated[
        int | None,
        options.option(
            "--fail-within",
            metavar="DAYS",
            min=0,
            help="Exit 1 when a model that the code asks ends within DAYS; exit 3 when nobody can say it.",
        ),
    ] = None,
    fail_on: options.FailOn = None,
    exclude: Exclude = None,
    max_bytes: MaxBytes = None,
    today: Today = None,
    config: options.ConfigFile = None,
    to: options.Outputs = None,
    form: Format = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Find the models that code uses, and when they end.

    SDKs and parameters too. Code is read and never run. Ids in comments, docstrings and prose do not count.
    Unknown is not clear: a model without a date has no date, which is said.

    \b
    drift scan
    drift scan path/to/project --fail-within 60
    drift scan --format github
    drift scan -o scan.sarif -o scan.md
    """
    from drift.scan import LARGEST
    from drift.scan import scan as find
    from drift.scan.document import scan_fields

    form, files = session.formats(json, form, to, "scan")
    settings = session.settings(config, fail_on=fail_on)
    table = load_lifecycle(settings)
    with counting("reading", quiet=quiet) as count:
        found = find(path, exclude=exclude or (), limit=max_bytes or LARGEST, known=table.ids, count=count)
    fields = scan_fields(found, table, day(today), fail_on=settings.fail_on, fail_within=fail_within)
    document = output.document("scan", **fields)
    session.present(document, form, files, quiet=quiet, verbose=verbose)
    code: int = document["gate"]["exit_code"]
    return code
