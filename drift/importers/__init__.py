# The importers' door: files of recorded outputs into the store, whatever their format.
# Owns: one transaction a file, the order of files. Refuses to know: what a line or a document means.
"""Import recorded outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from drift.errors import UsageError
from drift.importers.formats import FORMATS, REQUESTS, detect, read, read_requests
from drift.importers.recorded import FileImport, Imported
from drift.store import Store

__all__ = ["FORMATS", "Imported", "import_files"]


def import_files(
    store: Store, files: Sequence[Path], *, fmt: str = "auto", notice: Callable[[str], None] = lambda _: None
) -> list[Imported]:
    """Store the runs that files hold, each file as a whole or not at all.

    Args:
        store: where to.
        files: plain or gzip. Request files of a batch may stand among its result files, anywhere.
        fmt: one of FORMATS, for all result files; "auto" tells each file's format by its content.
        notice: is told what the user should know, one sentence each.

    Returns:
        The runs of all files, in order; one that the store had already is not `new`.

    Raises:
        UsageError: an unknown format, or a file that cannot be read.
        ImportFormatError: a file is not of its format; the files before it are stored.
    """
    if fmt not in FORMATS:
        raise UsageError(f"there is no format {fmt!r}", f"use one of {', '.join(FORMATS)}")
    found = [fmt if fmt == "jsonl" else detect(file) for file in files]
    kinds = [kind if fmt == "auto" or kind == REQUESTS else fmt for kind in found]
    requests = read_requests([file for file, kind in zip(files, kinds, strict=True) if kind == REQUESTS])
    if files and all(kind == REQUESTS for kind in kinds):
        raise UsageError("requests of a batch hold no answers", "name its result file as well")
    imported: list[Imported] = []
    for file, kind in zip(files, kinds, strict=True):
        if kind == REQUESTS:
            continue
        if kind.endswith("-batch") and not requests.by_id:
            notice(
                "Without the request file of the batch, prompts are unknown, and the model that replied stands for "
                "the one that was asked for."
            )
        with store.intake() as intake:
            incoming = FileImport(intake, str(file), notice)
            for number, line in read(file, kind, requests):
                incoming.take(number, line)
            imported += incoming.finish()
    return imported
