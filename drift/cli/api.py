# What SDK releases expose: read them, list them, compare two, watch for new ones.
# Owns: the commands `api list|snapshot|diff|watch`. Refuses to know: how an archive is read, what a change means.
"""`drift api`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift.cli import comparing, options, output, session
from drift.cli.groups import group

if TYPE_CHECKING:
    from drift.config import Config
    from drift.store import Store
    from drift.surface.library import Library, Loaded

api = group("API surfaces: what an SDK release exposes, read from its wheel without running it.")

_RELEASE = "PACKAGE==VERSION, PACKAGE for the newest release, or the path of a wheel or sdist."


@api.command("list")
def list_surfaces(
    config: options.ConfigFile = None, database: options.Database = None, json: options.Json = False
) -> None:
    """List the surfaces that were read.

    \b
    drift api
    """
    settled = session.settings(config, database=database)
    with session.open_store(settled, readonly=True) as store:
        rows = [{**asdict(one), "new": False, "surface": None} for one in store.surfaces()]
    session.show(output.document("surfaces", surfaces=rows), options.form(json))


@api.command("snapshot")
def snapshot(
    releases: Annotated[list[str], typer.Argument(metavar="RELEASE...", help=_RELEASE)],
    config: options.ConfigFile = None,
    database: options.Database = None,
    no_save: Annotated[
        bool, options.option("--no-save", help="Do not keep the surfaces in the database.")
    ] = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Read what SDK releases expose, and keep it. Nothing of a wheel is imported, run or unpacked.

    With --json the whole surface is printed: endpoints, parameters, types, events, errors, model ids, dates.

    \b
    drift api snapshot anthropic==2.9.0 openai==3.50.0
    drift api snapshot ./anthropic-2.9.0-py3-none-any.whl --json
    """
    settled = session.settings(config, database=database)
    with _open(settled, save=not no_save) as store:
        library = _library(store, save=not no_save, quiet=quiet)
        loaded = [library.load(name) for name in releases]
    rows = [_row(one, whole=json) for one in loaded]
    session.show(output.document("surfaces", surfaces=rows), options.form(json))


@contextmanager
def _open(settled: Config, *, save: bool) -> Iterator[Store | None]:
    """Open the database; without saving it may be missing, and is only read."""
    if not save and not settled.database.is_file():
        yield None
        return
    with session.open_store(settled, create=save, readonly=not save) as store:
        yield store


def _library(store: Store | None, *, save: bool, quiet: bool) -> Library:
    from drift.surface.library import Library

    return Library(
        store, keep=save, notice=lambda line: None if quiet else output.note(output.one_line(line))
    )


def _row(loaded: Loaded, *, whole: bool) -> dict[str, Any]:
    from drift.surface.document import counts

    package = loaded.surface["package"]
    return {
        "package": package["name"],
        "version": package["version"],
        "kind": package["kind"],
        "sha256": package["sha256"],
        "extractor": loaded.surface["extractor"],
        "released": package["released"],
        "read_at": loaded.read_at,
        "counts": counts(loaded.surface),
        "new": loaded.new,
        "surface": loaded.surface if whole else None,
    }


@api.command("diff")
def diff(
    base: Annotated[str, typer.Argument(metavar="BASE", help=f"The baseline: {_RELEASE}")],
    cand: Annotated[str, typer.Argument(metavar="CAND", help="The candidate, named in the same way.")],
    fail_on: options.FailOn = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    no_save: Annotated[
        bool, options.option("--no-save", help="Keep neither surfaces nor comparison in the database.")
    ] = False,
    to: options.Outputs = None,
    format: options.Format = None,  # noqa: A002 - the name of the flag
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Compare what two releases of one SDK expose: each fact once, with all its places. Exit code 1 from --fail-on on.

    \b
    drift api diff anthropic==1.0.0 anthropic==1.8.0
    drift api diff openai==2.54.0 openai -o upgrade.md --fail-on never
    """
    form, files = session.formats(json, format, to)
    settled = session.settings(config, database=database, fail_on=fail_on)
    policy = comparing.policy(settled)
    with _open(settled, save=not no_save) as store:
        from drift.surface import compare_surfaces

        library = _library(store, save=not no_save, quiet=quiet)
        document = compare_surfaces(library.load(base).surface, library.load(cand).surface, policy)
        comparing.keep_declared(store, document, policy, save=not no_save)
    session.present(document, form, files, quiet=quiet, verbose=verbose)
    return document["gate"]["exit_code"]
