# Surfaces of SDK releases: kept by the archive they were read from, found again by package and version.
# Owns: the table of surfaces. Refuses to know: what stands in a surface, archives, downloads.
"""Store and find surfaces."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drift.canonical import canonical
from drift.store.connection import Connection


@dataclass(frozen=True, slots=True)
class StoredSurface:
    """A surface without its document.

    Attributes:
        package: normalised name of the SDK.
        version: of the release.
        kind: "wheel" or "sdist".
        sha256: of the archive.
        extractor: version of the reader.
        released: ISO date, or None.
        read_at: when it was read first.
        counts: what it has, and how many.
    """

    package: str
    version: str
    kind: str
    sha256: str
    extractor: int
    released: str | None
    read_at: str
    counts: Mapping[str, int]


_COLUMNS = "package, version, kind, sha256, extractor, released, read_at, counts"


def save(connection: Connection, surface: Mapping[str, Any], counts: Mapping[str, int], read_at: str) -> bool:
    """Keep a surface; return whether it was new. The first reading of an archive keeps its time, whoever reads it."""
    text = canonical(surface)
    package = surface["package"]
    key = (package["sha256"], surface["extractor"])
    if connection.row("select 1 from surfaces where sha256 = ? and extractor = ?", key):
        return False
    earlier = connection.row("select min(read_at) as first from surfaces where sha256 = ?", key[:1])
    connection.insert(
        "surfaces",
        {
            "sha256": package["sha256"],
            "extractor": surface["extractor"],
            "package": package["name"],
            "version": package["version"],
            "kind": package["kind"],
            "released": package["released"],
            "read_at": (earlier and earlier["first"]) or read_at,
            "counts": canonical(counts),
            "hash": hashlib.sha256(text.encode("ascii")).hexdigest(),
            "document": text,
        },
    )
    return True


def listed(connection: Connection, package: str | None, extractor: int | None) -> list[StoredSurface]:
    """Return the surfaces of a package (of all when None), the oldest release first.

    Of an archive that several readers read the newest reading counts, unless one `extractor` is asked for.
    """
    found = connection.rows(
        f"select {_COLUMNS} from surfaces where (:package is null or package = :package)"  # noqa: S608 - our own columns
        " and (:extractor is null or extractor = :extractor) order by extractor",
        {"package": package, "extractor": extractor},
    )
    newest = {
        row["sha256"]: StoredSurface(**{**dict(row), "counts": json.loads(row["counts"])}) for row in found
    }
    return sorted(
        newest.values(), key=lambda one: (one.package, version_key(one.version), one.kind, one.extractor)
    )


def document(connection: Connection, sha256: str, extractor: int) -> dict[str, Any] | None:
    """Return the document of a surface, or None when it is not stored."""
    row = connection.row(
        "select document from surfaces where sha256 = ? and extractor = ?", (sha256, extractor)
    )
    return None if row is None else dict(json.loads(row["document"]))


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts versions: numbers as numbers, and a pre-release before its release."""
    parts = re.findall(r"\d+|[a-z]+", version.lower().partition("+")[0])
    key = [(1, int(part), "") if part.isdigit() else (0 if part != "post" else 2, 0, part) for part in parts]
    return (*key, (1, -1, ""))
