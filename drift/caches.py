# Where a user's caches lie: what can always be made again; and small results kept there between two starts.
# Owns: the folder, when a kept result still holds. Refuses to know: what is kept there.
"""The cache folder of Drift."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from drift.files import replacing

T = TypeVar("T")


def cache_dir() -> Path:
    """Return the folder: `DRIFT_CACHE_DIR`, or where the platform keeps caches of a user. It may not exist yet."""
    if own := os.environ.get("DRIFT_CACHE_DIR"):
        return Path(own)
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "model-drift-tracker"


def keep(
    name: str,
    sources: Iterable[Path],
    make: Callable[[], T],
    *,
    dump: Callable[[T], str],
    load: Callable[[bytes], T],
) -> T:
    """Return what `make` makes of these files, without calling it when it was called for them before.

    The name of the file in the cache is a hash over all of them: whatever changes, the result is made again. A cache
    that cannot be read or written costs time and nothing else.

    Args:
        name: of the file, before the hash; earlier ones of this name are taken away.
        sources: everything that the result depends on, the code that makes it too.
        make: makes the result.
        dump: turns it into text; what it refuses with a ValueError is not kept.
        load: the way back; what it refuses is made again.
    """
    path = cache_dir() / f"{name}-{_hash(sources)}.json"
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        return load(path.read_bytes())
    made = make()
    with suppress(OSError, ValueError):
        text = dump(made)
        with replacing(path) as fresh:
            fresh.write_text(text, encoding="utf-8")
        for file in path.parent.glob(f"{name}-*.json"):
            if file != path:
                file.unlink(missing_ok=True)
    return made


def _hash(sources: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sources:
        content = file.read_bytes()
        digest.update(f"{file.parent.name}/{file.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:32]
