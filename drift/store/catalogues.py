# Lists of models: kept raw, found again by host and time.
# Owns: the table of catalogues. Refuses to know: what stands in a list, vendors.
"""Store and find lists of models."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drift.canonical import canonical, content_hash
from drift.store.connection import Connection


@dataclass(frozen=True, slots=True)
class StoredCatalogue:
    """A list without its document.

    Attributes:
        id: of the list.
        platform: where it was asked.
        base_url: other host than the vendor's own, or None.
        api_version: version of the API, or None.
        taken_at: ISO 8601 with offset.
        models: how many it lists.
        complete: it was read to its last page.
    """

    id: str
    platform: str
    base_url: str | None
    api_version: str | None
    taken_at: str
    models: int
    complete: bool


_COLUMNS = "id, platform, base_url, api_version, taken_at, models, complete"


def save(
    connection: Connection,
    raw: Mapping[str, Any],
    *,
    platform: str,
    base_url: str | None,
    api_version: str | None,
    taken_at: str,
    models: int,
    complete: bool,
) -> str:
    """Keep a raw list and return its id."""
    text = canonical(raw)
    digest = hashlib.sha256(text.encode("ascii")).hexdigest()
    catalogue_id = content_hash([platform, base_url, taken_at, digest])
    if not connection.row("select 1 from catalogues where id = ?", (catalogue_id,)):
        connection.insert(
            "catalogues",
            {
                "id": catalogue_id,
                "platform": platform,
                "base_url": base_url,
                "api_version": api_version,
                "taken_at": taken_at,
                "models": models,
                "complete": int(complete),
                "hash": digest,
                "document": text,
            },
        )
    return catalogue_id


def listed(connection: Connection, platform: str | None) -> list[StoredCatalogue]:
    """Return the lists of a platform (of all when None), the oldest first."""
    found = connection.rows(
        f"select {_COLUMNS} from catalogues where (:platform is null or platform = :platform)"  # noqa: S608 - our own
        " order by platform, base_url, julianday(taken_at), rowid",
        {"platform": platform},
    )
    return [StoredCatalogue(**{**dict(row), "complete": bool(row["complete"])}) for row in found]


def document(connection: Connection, catalogue_id: str) -> dict[str, Any] | None:
    """Return the raw list of that id, or None when it is not stored."""
    row = connection.row("select document from catalogues where id = ?", (catalogue_id,))
    return None if row is None else dict(json.loads(row["document"]))
