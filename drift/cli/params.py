# What a target takes: the command `params`.
# Owns: which runs become columns, its flags and exit code. Refuses to know: what a verdict is.
"""`drift params`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from drift.cli import options, output, session
from drift.cli.checking import ask
from drift.errors import EXIT_OK, EXIT_UNDECIDED, UsageError

if TYPE_CHECKING:
    from drift.config import Config
    from drift.model import Run
    from drift.store import Store

_SUITE = "params"


def params(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET...",
            help="One column each: a target (its newest run with parameter probes), TARGET@LABEL or a run.",
        ),
    ],
    run: Annotated[
        bool, options.option("--run", help="Probe the targets first, with the suite `params`.")
    ] = False,
    changed: Annotated[
        bool, options.option("--changed", help="Only the rows in which the columns differ.")
    ] = False,
    parameter: Annotated[
        list[str] | None,
        options.option("--parameter", metavar="NAME", help="Only rows that set this parameter. Repeatable."),
    ] = None,
    suite: Annotated[
        str | None,
        options.option("-s", "--suite", metavar="NAME|PATH", help="Suite to probe with; params when absent."),
    ] = None,
    epochs: options.Epochs = None,
    concurrency: options.Concurrency = None,
    max_cost: options.MaxCost = None,
    base_url: options.BaseUrl = None,
    dialect: options.Dialect = None,
    api_version: options.ApiVersion = None,
    region: options.Region = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    to: options.Outputs = None,
    format: options.Format = None,  # noqa: A002 - the name of the flag
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Show which parameters a target takes, refuses or ignores.

    Parameters, values and combinations, also those that are taken without any effect.

    The matrix is made of stored samples. Two targets or versions stand side by side, and --changed shows only
    where they differ. Exit code 3 when nothing could be decided.

    \b
    drift params anthropic/MODEL --run
    drift params anthropic/OLD anthropic/NEW --changed
    drift params anthropic/MODEL --parameter temperature --json
    """
    from drift.parameters import parameter_matrix

    form, files = session.formats(json, format, to)
    given = {"base_url": base_url, "dialect": dialect, "api_version": api_version, "region": region}
    if not run and (suite or epochs or concurrency or max_cost is not None or any(given.values())):
        raise UsageError(
            "nothing is to be probed", "give --run, or leave out what says with what and how to probe"
        )
    settled = session.settings(
        config,
        database=database,
        suite=suite or _SUITE,
        epochs=epochs,
        concurrency=concurrency,
        max_cost=max_cost,
    )
    with session.open_store(settled, create=run, readonly=not run) as store:
        if run:
            columns = [_probed(store, settled, name, quiet=quiet, **given) for name in targets]
        else:
            columns = [one for name in targets for one in _runs_of(store, name)]
        document = parameter_matrix([store.snapshot(one.id) for one in columns])
    if not any(row["cells"] for row in document["rows"]):
        raise UsageError("these runs hold no parameter probe", "probe the target with --run")
    wanted = set(parameter or ())
    known = {name for row in document["rows"] for name in row["settings"]} | {"none"}
    for name in sorted(wanted - known):
        raise UsageError(f"no row sets {name!r}", f"known: {', '.join(sorted(known))}")
    document["rows"] = [
        row
        for row in document["rows"]
        if (not changed or row["differs"]) and (not wanted or wanted & (set(row["settings"]) or {"none"}))
    ]
    session.present(document, form, files, quiet=quiet)
    decided = any(
        column["counts"][verdict]
        for column in document["columns"]
        for verdict in ("accepted", "without effect", "rejected")
    )
    return EXIT_OK if decided else EXIT_UNDECIDED


def _probed(store: Store, settled: Config, name: str, *, quiet: bool, **given: str | None) -> Run:
    subject = settled.target(name, **given)
    return ask(store, subject, session.chosen_suite(settled), settled, quiet=quiet)


def _runs_of(store: Store, name: str) -> list[Run]:
    """Return the runs that a name means: of a target the newest in each dialect that was chosen for it.

    Raises:
        UsageError: nothing is called so, or what is has no parameter probe.
    """
    from drift.parameters import holds_parameters

    newest: dict[object, Run] = {}
    for candidate in store.runs(target=name, status="complete"):
        dialect = candidate.meta.get("dialect")
        if dialect not in newest and holds_parameters(store.probes(candidate.id).values()):
            newest[dialect] = candidate
    if newest:
        chosen = [one for dialect, one in newest.items() if dialect is not None]
        return sorted(chosen, key=lambda one: str(one.meta["dialect"])) or [newest[None]]
    found = store.resolve(name)
    if not holds_parameters(store.probes(found.id).values()):
        raise UsageError(
            f"run {found.id} of {found.target} holds no parameter probe",
            f"probe it with `drift params {output.one_line(found.target)} --run`",
        )
    return [found]
