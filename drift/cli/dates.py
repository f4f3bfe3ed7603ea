# The day that counts and the dates that are known: what the commands that look ahead share.
# Owns: --today, which readings make the table of dates. Refuses to know: what a command does with them.
"""Days and dates for commands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from drift.cli import options, session
from drift.errors import UsageError

if TYPE_CHECKING:
    from drift.catalogue import Catalogue
    from drift.catalogue.dates import Noted
    from drift.config import Config
    from drift.lifecycle import Lifecycle, Reading
    from drift.store import Store
    from drift.store.catalogues import StoredCatalogue

Today = Annotated[
    str | None,
    options.option("--today", metavar="DATE", help="The day that counts; today in UTC when absent."),
]


def day(text: str | None, what: str = "--today") -> dt.date:
    """Return the day that a text names; None is today in UTC.

    Raises:
        UsageError: it is no day; `what` says of what.
    """
    if text is None:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{what} {text!r} is no day", "write it as YYYY-MM-DD") from None


def load_lifecycle(settled: Config) -> Lifecycle:
    """Return the dates that are known: the packaged table, the project's own readings, and what it has stored.

    Stored are lists of models and SDK releases; what they say counts where it is newer.
    """
    from drift.lifecycle import Lifecycle

    table = load_table(settled)
    if not settled.database.is_file():
        return table
    with session.open_store(settled, readonly=True) as store:
        noted = [one.reading for one in stored_news(store, table)]
    return Lifecycle((*table.readings, *noted))


def load_table(settled: Config) -> Lifecycle:
    """Return the packaged table with the project's own readings."""
    from drift.lifecycle import Lifecycle

    return Lifecycle.load(settled.lifecycle)


def stored_news(store: Store, table: Lifecycle) -> list[Noted]:
    """Return what the newest list of each vendor, and the newest release of each SDK, say beyond a table."""
    from drift.catalogue.dates import news

    return news(table, _readings(store))


def _readings(store: Store) -> Iterator[Reading]:
    from drift.catalogue.dates import readings_of_list, readings_of_release

    newest = {one.platform: one for one in store.catalogues() if one.base_url is None}
    for stored in newest.values():
        yield from readings_of_list(read_stored(store, stored))
    releases = {one.package: one for one in store.surfaces()}
    for release in releases.values():
        surface: Any = store.surface(release.sha256, release.extractor)
        if surface is not None:
            yield from readings_of_release(surface, release.read_at)


def read_stored(store: Store, stored: StoredCatalogue) -> Catalogue:
    """Return a stored list of models, read."""
    from drift.catalogue import read_catalogue

    raw = store.catalogue(stored.id)
    if raw is None:
        raise UsageError(f"there is no list {stored.id}", "see `drift models snapshots`")
    return read_catalogue(
        raw,
        platform=stored.platform,
        taken_at=stored.taken_at,
        base_url=stored.base_url,
        api_version=stored.api_version,
    )
