# A file is written whole or not at all, also when two processes write it at once; and known by its hash.
# Owns: the way there. Refuses to know: what stands in a file.
"""Replace files in one step, and hash them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path to write to; it takes the place of `path` when the block succeeds, and goes when not.

    The folder is made when it is not there. Nothing stands at the yielded path, so that whoever opens it gives it
    the mode of any new file.

    Raises:
        OSError: the folder cannot be made, or the file not be replaced.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.new")
    try:
        yield fresh
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the hex SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
