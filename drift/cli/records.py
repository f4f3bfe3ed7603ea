# What is stored: recorded outputs coming in, the history of a target, care of the database.
# Owns: the commands `import`, `history` and `db`. Refuses to know: judging, vendors.
"""`drift import`, `drift history` and `drift db`."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, TextIO

import typer

from drift.cli import options, output, session
from drift.cli.groups import group
from drift.errors import EXIT_OK, EXIT_UNDECIDED, UsageError
from drift.files import replacing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drift.documents import ComparisonDocument
    from drift.model import Run

database = group(
    "The database: check, move and copy it.",
    "drift db",
    "drift db verify",
    "drift db export -o runs.jsonl.gz",
)


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Recorded outputs, plain or gzipped.")],
    written_as: Annotated[
        str,
        options.option(
            "--from",
            metavar="NAME",
            help="How the files are written: auto (told by their content), jsonl, promptfoo, inspect, "
            "anthropic-batch or openai-batch.",
        ),
    ] = "auto",
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """Store recorded outputs as runs. A file comes in as a whole or not at all; twice is the same as once.

    \b
    drift import recorded.jsonl.gz
    drift import results.json --from promptfoo
    drift import requests.jsonl results.jsonl --json
    """
    from drift.importers import import_files as bring_in

    chosen = options.form(json, form)
    for file in files:
        if not file.is_file():  # each is read twice, so a pipe will not do
            wrong = f"{file} is no regular file" if file.exists() else f"there is no file {file}"
            raise UsageError(wrong, "name a file of recorded outputs")
    with session.open_store(session.settings(config, database=database), create=True) as store:
        notices: list[str] = []
        runs = [asdict(entry) for entry in bring_in(store, files, fmt=written_as, notice=notices.append)]
    session.show(output.document("import", runs=runs, notices=notices), chosen)
    if chosen == "json":
        for notice in notices:
            output.note(output.one_line(notice))


def history(
    target: Annotated[
        str | None, typer.Argument(metavar="TARGET", help="A target, or DATASET:TARGET; all when absent.")
    ] = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """List the runs in order of time, with their newest verdicts.

    \b
    drift history
    drift history anthropic/MODEL
    """
    chosen = options.form(json, form)
    with session.open_store(session.settings(config, database=database), readonly=True) as store:
        runs = [run for run in reversed(store.runs()) if target is None or target in session.names(run)]
        if target is not None and not runs:
            raise UsageError(f"no run of {target!r} is stored", "list all with `drift history`")
        comparisons = list(store.comparisons())
    newest: dict[str, ComparisonDocument] = {}
    for comparison in comparisons:
        newest.setdefault(comparison["candidate"]["id"], comparison)
    entries = [_entry(run, newest.get(run.id)) for run in runs]
    rates = [] if target is None else _rates([run.id for run in runs], comparisons)
    document = output.document("history", target=target, entries=entries, rates=rates)
    session.show(document, chosen)


def _rates(runs: Sequence[str], comparisons: Sequence[ComparisonDocument]) -> list[dict[str, Any]]:
    """Return the shares that moved over the runs, as the newest comparison of each run counted them."""
    seen: dict[tuple[str, str], dict[str, float]] = {}
    for comparison in comparisons:
        for measure in comparison["measures"]:
            name = (measure["family"], f"{measure['measure']} {measure['where']}".rstrip())
            for side in ("baseline", "candidate"):
                count = measure["evidence"][side]
                if count["k"] is not None and count["n"]:
                    seen.setdefault(name, {}).setdefault(comparison[side]["id"], count["k"] / count["n"])
    lines = []
    for (family, shown), shares in sorted(seen.items()):
        values = [shares.get(run) for run in runs]
        if len({value for value in values if value is not None}) > 1:
            lines.append({"family": family, "name": shown, "values": values})
    return lines


def _entry(run: Run, newest: ComparisonDocument | None) -> dict[str, Any]:
    counts = None
    if newest is not None:
        open_ones = [
            one for one in newest["findings"] if not one["acknowledged"] and one["state"] != "absent"
        ]
        seen = Counter(finding["level"] for finding in open_ones)
        counts = {"breaking": seen["breaking"], "warning": seen["warning"], "info": seen["info"]}
    return {
        "run": run.id,
        "target": run.target,
        "label": run.label,
        "created_at": run.created_at,
        "status": run.status,
        "samples": run.samples,
        "comparison": newest and newest["id"],
        "verdict": newest and newest["verdict"],
        "counts": counts,
    }


@database.command("list")
def list_runs(
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """List what is stored, newest first.

    \b
    drift db
    drift db --database elsewhere.db --json
    """
    chosen = options.form(json, form)
    with session.open_store(session.settings(config, database=database), readonly=True) as store:
        runs = [asdict(run) for run in store.runs()]
    session.show(output.document("runs", runs=runs), chosen)


@database.command("verify")
def verify(
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> int:
    """Hash everything again and compare with what was stored. Exit code 3 when something is wrong.

    \b
    drift db verify
    """
    chosen = options.form(json, form)
    settled = session.settings(config, database=database)
    with session.open_store(settled, readonly=True) as store:
        runs = store.runs()
        problems = store.verify()
    code = EXIT_UNDECIDED if problems else EXIT_OK
    samples = sum(run.samples for run in runs)
    document = output.document("verify", runs=len(runs), samples=samples, problems=problems, exit_code=code)
    session.show(document, chosen)
    return code


@database.command("migrate")
def migrate(
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """Bring the database to the form of this drift.

    A copy of the old file stays beside it.

    \b
    drift db migrate
    """
    chosen = options.form(json, form)
    settled = session.settings(config, database=database)
    with session.open_store(settled) as store:
        backup = store.backup
    document = output.document(
        "migrate", database=str(settled.database), backup=None if backup is None else str(backup)
    )
    session.show(document, chosen)


@database.command("export")
def export(
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="RUN", help="Runs; all complete ones when absent.")
    ] = None,
    file: Annotated[
        Path | None,
        options.option(
            "-o", "--output", metavar="FILE", help="Write here; gzipped when it ends in .gz. Else stdout."
        ),
    ] = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
) -> None:
    """Write runs as JSON Lines, for `drift db import`.

    Nothing is lost on the way. With -o, --json lists what was written.

    \b
    drift db export -o runs.jsonl.gz
    drift db export anthropic/MODEL > run.jsonl
    """
    if json and file is None:
        raise UsageError("--json and the lines would both go to stdout", "name a file with -o")
    settled = session.settings(config, database=database)
    with session.open_store(settled, readonly=True) as store:
        chosen = [store.resolve(name) for name in runs] if runs else store.runs(status="complete")
        if file is None:
            store.export_runs([run.id for run in chosen], output.result_stream())
        else:
            with _text_file(file) as stream:
                store.export_runs([run.id for run in chosen], stream)
            output.note(f"wrote {output.count(len(chosen), 'run')} to {output.one_line(str(file))}")
    if json:
        session.show(output.document("runs", runs=[asdict(run) for run in chosen]), "json")


@contextmanager
def _text_file(path: Path) -> Iterator[TextIO]:
    """Open a file for text; it takes its name only when all is written, and its bytes depend on its text alone."""
    import io

    session.refuse_missing_folder(path)
    try:
        with replacing(path) as fresh, fresh.open("wb") as raw:
            packed: IO[bytes] = (
                gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) if path.suffix == ".gz" else raw  # type: ignore[assignment]
            )
            with packed, io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as stream:
                yield stream
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror})", "name another file") from None


@database.command("import")
def import_exports(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files that `drift db export` wrote.")],
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """Read exported runs; the same as `drift import --from jsonl`.

    \b
    drift db import runs.jsonl.gz
    """
    import_files(files, "jsonl", config, database, json, form)


@database.command("merge")
def merge(
    other: Annotated[
        Path, typer.Argument(metavar="FILE", help="Another database of drift; it stays as it is.")
    ],
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """Take over the runs and comparisons of another database.

    The runs that came are listed.

    \b
    drift db merge colleague.db
    """
    chosen = options.form(json, form)
    with session.open_store(session.settings(config, database=database), create=True) as store:
        new = set(store.merge(other))
        runs = [asdict(run) for run in store.runs() if run.id in new]
    session.show(output.document("runs", runs=runs), chosen)
