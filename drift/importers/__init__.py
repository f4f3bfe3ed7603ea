# The importers' door: files of recorded outputs into the store, whatever their format.
# Owns: one transaction a file, the order of files. Refuses to know: what a line or a document means.
"""Import recorded outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from drift.canonical import StrictJSONError, strict_loads
from drift.errors import ImportFormatError, UsageError
from drift.importers.files import numbered_lines
from drift.importers.recorded import FileImport, Imported
from drift.store import Store

__all__ = ["FORMATS", "Imported", "import_files"]

FORMATS = ("auto", "jsonl")


def import_files(
    store: Store, files: Sequence[Path], *, fmt: str = "auto", notice: Callable[[str], None] = lambda _: None
) -> list[Imported]:
    """Store the runs that files hold, each file as a whole or not at all.

    Args:
        store: where to.
        files: JSON Lines of the import format, plain or gzip.
        fmt: one of FORMATS.
        notice: is told what the user should know, one sentence each.

    Returns:
        The runs of all files, in order; one that the store had already is not `new`.

    Raises:
        UsageError: an unknown format, or a file that cannot be read.
        ImportFormatError: a file is not of its format; the files before it are stored.
    """
    if fmt not in FORMATS:
        raise UsageError(f"there is no format {fmt!r}", f"use one of {', '.join(FORMATS)}")
    imported: list[Imported] = []
    for file in files:
        with store.intake() as intake:
            incoming = FileImport(intake, str(file), notice)
            for number, text in numbered_lines(file):
                incoming.take(number, _value(text, str(file), number))
            imported += incoming.finish()
    return imported


def _value(text: str, file: str, number: int) -> object:
    try:
        return strict_loads(text)
    except StrictJSONError as error:
        raise ImportFormatError(
            error.what, "nothing of this file was imported", file=file, line=number
        ) from None
