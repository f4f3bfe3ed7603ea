# When models end: the table of dates, vendors' own lists of models, and how the two are kept together.
# Owns: the commands `models list|snapshot|snapshots|diff|update|cadence`. Refuses to know: how a list is read, dates.
"""`drift models`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift.cli import comparing, options, output, session
from drift.cli.dates import Today, day, load_lifecycle, load_table, read_stored, stored_news
from drift.cli.groups import group
from drift.errors import UsageError

if TYPE_CHECKING:
    from drift.catalogue import Catalogue
    from drift.catalogue.dates import Noted
    from drift.lifecycle import Lifecycle, Reading, Status
    from drift.store import Store
    from drift.store.catalogues import StoredCatalogue

models = group(
    "Models: when they end, and what vendors' own lists say.",
    "drift models --ending 90",
    "drift models snapshot anthropic && drift models diff anthropic",
)

Platforms = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PLATFORM", help="anthropic, openai, gemini, bedrock, vertex, …; all when absent."
    ),
]


@models.command("list")
def list_models(
    platforms: Platforms = None,
    ending: Annotated[
        int | None,
        options.option("--ending", metavar="DAYS", min=0, help="Only those that end within DAYS."),
    ] = None,
    all_: Annotated[bool, options.option("--all", help="Those that have ended as well.")] = False,
    today: Today = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    to: options.Outputs = None,
    form: options.Format = None,
    json: options.Json = False,
) -> None:
    """List models with the day on which they end.

    What that day is worth and what replaces the model stand beside it. The dates are those of the packaged table,
    of the project's own readings, and of the stored lists of models. Firm days, floors, reroutes and unknown ends
    are told apart.

    \b
    drift models
    drift models list anthropic --ending 90
    drift models list openai --all --json
    """
    form, files = session.formats(json, form, to, "models")
    settled = session.settings(config, database=database)
    date = day(today)
    table = load_lifecycle(settled)
    known = sorted({entry.reading.platform for entry in table.entries()})
    for name in platforms or ():
        if not any(one == name or one.startswith(f"{name}/") for one in known):
            raise UsageError(
                f"nothing is known about the platform {name!r}", f"choose from {', '.join(known)}"
            )
    rows = []
    hidden = 0
    for model, status in _statuses(table, platforms, date):
        within = status.ends_within(ending) if ending is not None else None
        if (ending is not None and not within) or (not all_ and status.state in {"retired", "rerouted"}):
            hidden += 1
            continue
        rows.append((model, status))
    document = output.document(
        "models",
        today=date.isoformat(),
        table_as_of=table.as_of.isoformat(),
        hidden=hidden,
        models=[_row(reading, status) for reading, status in rows],
        notices=[],
    )
    session.present(document, form, files)


def _statuses(table: Lifecycle, platforms: list[str] | None, date: dt.date) -> list[tuple[Reading, Status]]:
    from drift.lifecycle.status import urgency

    found = []
    for entry in table.entries():
        reading = entry.reading
        wanted = (
            not platforms or reading.platform in platforms or reading.platform.partition("/")[0] in platforms
        )
        if wanted and reading.what in {"model", "alias", "family", "pattern"}:
            found.append((reading, table.status_of(entry, date)))
    return sorted(found, key=lambda pair: urgency(pair[1]))


def _row(reading: Reading, status: Status) -> dict[str, Any]:
    from drift.lifecycle.status import sentence, status_values

    return {
        "spec": f"{reading.platform}/{reading.model_id}",
        "platform": reading.platform,
        "model": reading.model_id,
        "vendor": reading.vendor,
        "what": reading.what,
        "explanation": sentence(status),
        "status": status_values(status),
    }


@models.command("snapshot")
def snapshot(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="PLATFORM...", help="anthropic, openai, gemini, or compatible with --base-url."
        ),
    ],
    base_url: options.BaseUrl = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    form: options.Format = None,
    json: options.Json = False,
) -> None:
    """Ask vendors for their lists of models, and keep them.

    They are kept as they come, to the last page. Keys are read from the environment, as for `drift run`. Exit code
    3 when a vendor cannot be asked.

    \b
    drift models snapshot anthropic openai gemini
    drift models snapshot compatible --base-url http://localhost:8000/v1
    """
    from dataclasses import asdict

    from drift.catalogue.taking import take
    from drift.model import Target

    chosen = options.form(json, form, "catalogues")
    settled = session.settings(config, database=database)
    taken = [
        take(Target(platform=name.partition("/")[0].lower(), model="", base_url=base_url)) for name in targets
    ]
    with session.open_store(settled, create=True) as store:
        before = {one.id for one in store.catalogues()}
        for raw, catalogue in taken:
            store.save_catalogue(
                raw,
                platform=catalogue["platform"],
                base_url=catalogue["base_url"],
                api_version=catalogue["api_version"],
                taken_at=catalogue["taken_at"],
                models=len(catalogue["models"]),
                complete=catalogue["complete"],
            )
        rows = [asdict(one) for one in store.catalogues() if one.id not in before]
    session.show(output.document("catalogues", catalogues=rows), chosen)


@models.command("snapshots")
def snapshots(
    config: options.ConfigFile = None,
    database: options.Database = None,
    form: options.Format = None,
    json: options.Json = False,
) -> None:
    """List the lists of models that were kept.

    \b
    drift models snapshots
    """
    from dataclasses import asdict

    chosen = options.form(json, form, "catalogues")
    settled = session.settings(config, database=database)
    with session.open_store(settled, readonly=True) as store:
        rows = [asdict(one) for one in store.catalogues()]
    session.show(output.document("catalogues", catalogues=rows), chosen)


@models.command("diff")
def diff(
    base: Annotated[
        str, typer.Argument(metavar="BASE", help="PLATFORM, PLATFORM@DATE, or the id of a kept list.")
    ],
    cand: Annotated[
        str | None,
        typer.Argument(
            metavar="CAND", help="The same; when absent, the two newest lists of BASE are compared."
        ),
    ] = None,
    base_url: options.BaseUrl = None,
    lead_days: Annotated[
        int,
        options.option("--lead-days", metavar="DAYS", min=0, help="Days that a move takes; 60 when absent."),
    ] = 60,
    fail_on: options.FailOn = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    to: options.Outputs = None,
    form: options.Format = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Compare two lists of models that were kept.

    Which came and went, which end and when, limits, capabilities, prices. A model that disappears is breaking when
    drift.yaml names it as a target, or names none at all.

    \b
    drift models diff anthropic
    drift models diff openai@2026-10-01 openai@2026-11-01 -o models.md
    """
    from drift.catalogue import compare_catalogues

    form, files = session.formats(json, form, to)
    settled = session.settings(config, database=database, fail_on=fail_on)
    policy = comparing.policy(settled)
    with session.open_store(settled) as store:
        sides = _two(store, base, cand, base_url)
        asked = {target.model for target in settled.targets if target.platform == sides[0]["platform"]}
        document = compare_catalogues(*sides, policy, asked=asked, lead_days=lead_days)
        comparing.keep_declared(store, document, policy)
    session.present(document, form, files, quiet=quiet, verbose=verbose)
    return document["gate"]["exit_code"]


def _two(store: Store, base: str, cand: str | None, base_url: str | None) -> tuple[Catalogue, Catalogue]:
    if cand is not None:
        return read_stored(store, _find(store, base, base_url)), read_stored(
            store, _find(store, cand, base_url)
        )
    found = _lists(store, base, base_url)
    if len(found) < 2:
        raise UsageError(
            f"{len(found)} list{'' if len(found) == 1 else 's'} of {base!r} to compare",
            "take one with `drift models snapshot`",
        )
    return read_stored(store, found[-2]), read_stored(store, found[-1])


def _find(store: Store, name: str, base_url: str | None) -> StoredCatalogue:
    """Return the kept list that a name means; `PLATFORM@DATE` is the newest of that day or before."""
    by_id = [one for one in store.catalogues() if len(name) >= 6 and one.id.startswith(name)]
    if len(by_id) == 1:
        return by_id[0]
    platform, _, date = name.partition("@")
    found = _lists(store, platform, base_url)
    if date:
        limit = day(date, "the day of the list")
        found = [one for one in found if dt.date.fromisoformat(one.taken_at[:10]) <= limit]
    if not found:
        raise UsageError(f"no list of models {name!r} is kept", "see `drift models snapshots`")
    return found[-1]


def _lists(store: Store, platform: str, base_url: str | None) -> list[StoredCatalogue]:
    found = [one for one in store.catalogues(platform) if base_url is None or one.base_url == base_url]
    hosts = sorted({one.base_url or "the vendor's own" for one in found})
    if len(hosts) > 1:
        raise UsageError(
            f"lists of {platform} are kept of several hosts", f"say which by --base-url: {', '.join(hosts)}"
        )
    return found


@models.command("update")
def update(
    write: Annotated[
        bool,
        options.option(
            "--write", help="Put what is new into the project's own readings (snapshots/lifecycle.csv)."
        ),
    ] = False,
    config: options.ConfigFile = None,
    database: options.Database = None,
    to: options.Outputs = None,
    form: options.Format = None,
    json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Show which dates are news to the table of dates.

    They come from the kept lists of models and SDK releases. Sources are `drift models snapshot` and `drift api
    snapshot`. Nothing is written without --write; the file is committed and reviewed like code, and `drift scan`,
    `models` and `plan` read it beside the packaged table.

    \b
    drift models snapshot anthropic openai && drift models update
    drift models update --write
    """
    form, files = session.formats(json, form, to, "readings")
    settled = session.settings(config, database=database)
    table = load_table(settled)
    with session.open_store(settled, readonly=True) as store:
        noted = stored_news(store, table)
    written = None
    if write and noted:
        written = settled.lifecycle
        _write(written, [one.reading for one in noted])
    document = output.document(
        "readings",
        table_as_of=table.as_of.isoformat(),
        readings=[_noted(one) for one in noted],
        written=None if written is None else written.as_posix(),
        notices=[]
        if noted
        else ["Nothing is newer than the table: take lists with `drift models snapshot`."],
    )
    session.present(document, form, files, verbose=verbose)


def _write(path: Path, readings: list[Reading]) -> None:
    """Put readings into a file: a newer reading of the same source replaces the older one."""
    from drift.lifecycle import read_table, write_table

    kept = {(one.key, one.source): one for one in (read_table(path) if path.exists() else [])}
    kept |= {(one.key, one.source): one for one in readings}
    try:
        write_table(path, kept.values())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror})", "name another one in drift.yaml"
        ) from None


def _noted(one: Noted) -> dict[str, Any]:
    from drift.lifecycle import cells

    return {"news": one.news, "before": one.before, **cells(one.reading)}


@models.command("cadence")
def cadence(
    vendors: Annotated[
        list[str] | None,
        typer.Argument(metavar="VENDOR", help="anthropic, openai or google; all when absent."),
    ] = None,
    today: Today = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    to: options.Outputs = None,
    form: options.Format = None,
    json: options.Json = False,
) -> None:
    """Show the pace of vendors, and when news is likely.

    How often they release and end models, and how much notice they give. A forecast is an interval of gaps that
    were seen; with fewer than nine there is none. Each is tried on the past, and how often it was right stands
    beside it.

    \b
    drift models cadence
    drift models cadence anthropic --json
    """
    from drift.lifecycle.cadence import CONFIDENCE, FLOOR, WINDOW, cadence_values, cadences

    form, files = session.formats(json, form, to, "cadence")
    settled = session.settings(config, database=database)
    date = day(today)
    found = cadences(load_lifecycle(settled), date)
    known = [one.vendor for one in found]
    for name in vendors or ():
        if name not in known:
            raise UsageError(
                f"nothing is known about the pace of {name!r}", f"choose from {', '.join(known)}"
            )
    shown = [one for one in found if not vendors or one.vendor in vendors]
    document = output.document(
        "cadence",
        today=date.isoformat(),
        confidence=CONFIDENCE,
        floor=FLOOR,
        window=WINDOW,
        vendors=[cadence_values(one) for one in shown],
        notices=[
            f"{one.vendor}: what came after {one.as_of} is not in the table."
            for one in shown
            if (date - one.as_of).days > _OLD
        ],
    )
    session.present(document, form, files)


_OLD = 14
"""Days after which a table of dates may miss a release."""
