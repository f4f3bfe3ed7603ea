# Files of recorded outputs as numbered lines of text: plain or gzip, told apart by content and never by name.
# Owns: reading, decoding, broken files. Refuses to know: what a line means.
"""Read files line by line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from drift.errors import ImportFormatError, UsageError

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_BOM = b"\xef\xbb\xbf"


def is_zip(path: Path) -> bool:
    """Tell whether a file is a zip archive; one that cannot be read is none."""
    try:
        with path.open("rb") as file:
            return file.read(len(_ZIP)) == _ZIP
    except OSError:
        return False


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, text) of every line that is not empty, one at a time.

    A byte order mark and both kinds of line ending are accepted.

    Raises:
        UsageError: the file cannot be opened.
        ImportFormatError: broken gzip, or not UTF-8.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder", "name its files")
    number = 0
    try:
        with path.open("rb") as file:
            zipped = file.peek(len(_GZIP)).startswith(_GZIP)
            with BufferedReader(gzip.GzipFile(fileobj=file)) if zipped else file as stream:
                for number, raw in enumerate(stream, 1):
                    line = raw.removeprefix(_BOM) if number == 1 else raw
                    text = line.decode("utf-8").strip(" \t\r\n")
                    if text:
                        yield number, text
    except UnicodeDecodeError as error:
        raise ImportFormatError(
            f"not UTF-8: {error.reason}", "convert the file to UTF-8", file=str(path), line=number
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ImportFormatError(
            f"the gzip data is broken or cut: {error}", "fetch it again", file=str(path)
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
