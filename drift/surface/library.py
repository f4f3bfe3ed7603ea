# Surfaces by name: from the database when they were read before, else from their archive.
# Owns: when an archive has to be read. Refuses to know: how an archive is read, what is done with a surface.
"""Load surfaces by name."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from drift.surface.archive import sha256_of
from drift.surface.document import EXTRACTOR_VERSION, Surface, counts
from drift.surface.fetch import Wanted, download_wheel, read_wanted

if TYPE_CHECKING:
    from drift.store import Store

Notice = Callable[[str], None]


class Loaded(NamedTuple):
    """A surface, when it was read first, and whether that was just now."""

    surface: Surface
    read_at: str
    new: bool


class Library:
    """Surfaces at hand. With a store that may be written to, what was read once is not read again.

    Args:
        store: where surfaces are kept; None keeps nothing.
        keep: whether to store what is read.
        notice: takes one line before something slow begins.
    """

    def __init__(self, store: Store | None, *, keep: bool = True, notice: Notice = lambda _: None) -> None:
        self._store = store
        self._keep = keep and store is not None
        self._notice = notice

    def load(self, name: str) -> Loaded:
        """Return the surface of a release: "anthropic==2.9.0", "anthropic" (the newest), or the path of an archive.

        Raises:
            UsageError: no such file or release, or an archive that is not read.
            UnmeasuredError: it could not be downloaded.
        """
        if name.endswith((".whl", ".tar.gz", ".tgz")):
            return self._of_file(Path(name))
        wanted = read_wanted(name)
        return self.stored(wanted) or self.fetched(wanted)

    def stored(self, wanted: Wanted) -> Loaded | None:
        """Return a surface from the database, or None; without a version there is none: the newest is elsewhere."""
        if self._store is None or wanted.version is None:
            return None
        for one in self._store.surfaces(wanted.package, EXTRACTOR_VERSION):
            if one.version == wanted.version and one.kind == "wheel":
                found = self._store.surface(one.sha256, one.extractor)
                if found is not None:
                    return Loaded(cast("Surface", found), one.read_at, new=False)
        return None

    def fetched(self, wanted: Wanted) -> Loaded:
        """Download the wheel of a release and read it, unless that very wheel was read before."""
        with tempfile.TemporaryDirectory(prefix="drift-") as folder:
            self._notice(f"downloading {wanted}")
            return self._of_file(download_wheel(wanted, Path(folder)))

    def _of_file(self, path: Path) -> Loaded:
        from drift.surface.reading import read_surface

        known = self._known(path)
        if known is not None:
            return known
        self._notice(f"reading {path.name}")
        surface = read_surface(path)
        read_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        if self._keep:
            assert self._store is not None
            self._store.save_surface(surface, counts(surface), read_at)
            read_at = self._read_at(surface["package"]["sha256"])
        return Loaded(surface, read_at, new=True)

    def _known(self, path: Path) -> Loaded | None:
        if self._store is None or not path.is_file():
            return None
        sha256 = sha256_of(path)
        found = self._store.surface(sha256, EXTRACTOR_VERSION)
        if found is None:
            return None
        return Loaded(cast("Surface", found), self._read_at(sha256), new=False)

    def _read_at(self, sha256: str) -> str:
        assert self._store is not None
        return next(one.read_at for one in self._store.surfaces() if one.sha256 == sha256)
