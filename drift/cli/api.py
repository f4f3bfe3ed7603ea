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
    from drift.compare import Policy
    from drift.config import Config
    from drift.store import Store
    from drift.surface.fetch import Wanted
    from drift.surface.library import Library, Loaded
    from drift.surface.watch import Sighting, Watched

api = group(
    "API surfaces: what SDK releases expose, without running them.",
    "drift api",
    "drift api diff anthropic==1.12.0 anthropic",
)

_RELEASE = "PACKAGE==VERSION, PACKAGE for the newest release, or the path of a wheel or sdist."


@api.command("list")
def list_surfaces(
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """List the surfaces that were read.

    \b
    drift api
    """
    chosen = options.form(json, form)
    settled = session.settings(config, database=database)
    with session.open_store(settled, readonly=True) as store:
        rows = [{**asdict(one), "new": False, "surface": None} for one in store.surfaces()]
    session.show(output.document("surfaces", surfaces=rows), chosen)


@api.command("snapshot")
def snapshot(
    releases: Annotated[list[str], typer.Argument(metavar="RELEASE...", help=_RELEASE)],
    config: options.ConfigFile = None,
    database: options.Database = None,
    no_save: Annotated[
        bool, options.option("--no-save", help="Do not keep the surfaces in the database.")
    ] = False,
    json: options.Json = False,
    form: options.Format = None,
    quiet: options.Quiet = False,
) -> None:
    """Read what SDK releases expose, and keep it.

    Nothing of a wheel is imported, run or unpacked. With --json the whole surface is printed: endpoints,
    parameters, types, events, errors, model ids, dates.

    \b
    drift api snapshot anthropic==2.9.0 openai==3.50.0
    drift api snapshot ./anthropic-2.9.0-py3-none-any.whl --json
    """
    chosen = options.form(json, form)
    settled = session.settings(config, database=database)
    with _open(settled, save=not no_save) as store:
        library = _library(store, save=not no_save, quiet=quiet)
        loaded = [library.load(name) for name in releases]
    rows = [_row(one, whole=chosen == "json") for one in loaded]
    session.show(output.document("surfaces", surfaces=rows), chosen)


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
    """Compare what two releases of one SDK expose.

    Each fact stands once, with all its places. Exit code 1 from --fail-on on.

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


@api.command("watch")
def watch(
    packages: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PACKAGE...",
            help="SDKs to follow; PACKAGE==VERSION makes that release the baseline. Those of drift.yaml when absent.",
        ),
    ] = None,
    word: Annotated[
        list[str] | None,
        options.option(
            "--word",
            metavar="TEXT",
            help="Part of a word to look for in what is new. Repeatable; replaces the others.",
        ),
    ] = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    format: options.Format = None,  # noqa: A002 - the name of the flag
    to: options.Outputs = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Look for news in the newest releases, and for words in it.

    They are compared with the last surfaces that were read. Exit code 1 when one of the words is in a new endpoint,
    parameter, event, value, beta or model id; 3 when a release could not be read. Words are self, optimi, improv,
    evaluat, experiment, dream and outcome unless others are named.

    \b
    drift api watch
    drift api watch anthropic==2.9.0 --word agent --word memory
    """
    from drift.errors import EXIT_FINDINGS, EXIT_OK, EXIT_UNDECIDED, UnmeasuredError, UsageError
    from drift.surface import watch as watching
    from drift.surface.fetch import read_wanted

    form, files = session.formats(json, format, to, "api-watch")
    settled = session.settings(config, database=database)
    words = tuple(word or settled.api_words or watching.WORDS)
    if not all(one.strip() for one in words):
        raise UsageError("a word to look for is empty", "name a part of a word, such as --word dream")
    wanted = [read_wanted(name) for name in packages or settled.api_packages or watching.PACKAGES]
    watched: list[dict[str, Any]] = []
    notices: list[str] = []
    unmeasured: list[dict[str, str]] = []
    with _open(settled, save=True) as store:
        assert store is not None
        library = _library(store, save=True, quiet=quiet)
        for one in wanted:
            try:
                found, known = _watch(store, library, one, words, comparing.policy(settled))
            except (UsageError, UnmeasuredError) as error:
                unmeasured.append({"package": one.package, "reason": str(error)})
                continue
            watched.append(dict(watching.as_document(found)))
            notices += watching.sentences(found, words, known)
    notices += [f"{one['package']} was not watched: {one['reason']}" for one in unmeasured]
    seen = any(one["seen"] for one in watched)
    code = EXIT_FINDINGS if seen else EXIT_UNDECIDED if unmeasured else EXIT_OK
    document = output.document(
        "api-watch",
        words=list(words),
        packages=watched,
        unmeasured=unmeasured,
        notices=notices,
        exit_code=code,
    )
    session.present(document, form, files, quiet=quiet)
    return code


def _watch(
    store: Store, library: Library, wanted: Wanted, words: tuple[str, ...], policy: Policy
) -> tuple[Watched, list[Sighting]]:
    """Compare the newest release of a package with the one that was known, and keep the comparison."""
    from drift.surface import compare_surfaces
    from drift.surface import watch as watching
    from drift.surface.fetch import Wanted

    # What an earlier reader read is read again: its day counts, its document does not.
    stored = store.surfaces(wanted.package)
    pinned = library.load(str(wanted)) if wanted.version is not None else None
    newest = library.fetched(Wanted(wanted.package, None))
    candidate = newest.surface["package"]["version"]
    if pinned is None and not stored:
        known = watching.present(newest.surface, words)
        today = newest.read_at[:10]
        return watching.Watched(wanted.package, None, candidate, today, candidate, [], [], [], None), known
    last = pinned or library.load(f"{wanted.package}=={stored[-1].version}")
    first = pinned or library.load(f"{wanted.package}=={stored[0].version}")
    document = compare_surfaces(last.surface, newest.surface, policy)
    if last.surface["package"]["version"] != candidate:
        comparing.keep_declared(store, document, policy)
    before = compare_surfaces(first.surface, last.surface)["findings"]
    earlier = watching.sightings(before, words, first.surface, last.surface)
    since = last if earlier else first
    found = watching.Watched(
        package=wanted.package,
        baseline=last.surface["package"]["version"],
        candidate=candidate,
        since=since.read_at[:10],
        first=since.surface["package"]["version"],
        endpoints=watching.new_endpoints(document["findings"]),
        seen=watching.sightings(document["findings"], words, last.surface, newest.surface),
        earlier=earlier,
        comparison=None if last.surface["package"]["version"] == candidate else document["id"],
    )
    return found, []
