# Which format a file is of, and its content as recorded lines.
# Owns: detection by content. Refuses to know: what a format's fields mean, runs, the store.
"""Tell formats apart and read each as recorded lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from drift.canonical import StrictJSONError, strict_loads
from drift.errors import ImportFormatError
from drift.importers import batch, inspect_log, promptfoo
from drift.importers.batch import Requests
from drift.importers.fields import EntryError
from drift.importers.files import is_zip, numbered_lines
from drift.model import JSON

FORMATS = ("auto", "jsonl", "promptfoo", "inspect", "anthropic-batch", "openai-batch")
REQUESTS = "requests"
"""What `detect` calls the requests of a batch: no format of its own, but what other files are read with."""

_DOCUMENTS = {"promptfoo": promptfoo, "inspect": inspect_log}


def detect(path: Path) -> str:
    """Return the format of a file by its content; what nothing else fits is JSON Lines of the import format.

    Raises:
        UsageError: the file cannot be read.
        ImportFormatError: a zip archive.
    """
    if is_zip(path):
        raise ImportFormatError(
            "is a zip archive; Inspect keeps its .eval logs so",
            "convert it with `inspect log convert --to json`",
            file=str(path),
        )
    _, text = next(numbered_lines(path), (0, ""))
    try:
        first = strict_loads(text)
    except StrictJSONError:
        first = _whole(path) if text in {"{", "["} or text.startswith('{"') else None
    for vendor in batch.VENDORS:
        if batch.is_result(first, vendor):
            return f"{vendor}-batch"
    if batch.is_requests(first):
        return REQUESTS
    return next((name for name, reader in _DOCUMENTS.items() if reader.is_file(first)), "jsonl")


def read(path: Path, fmt: str, requests: Requests) -> Iterator[tuple[int, JSON]]:
    """Yield (number, JSON value) of every recorded line of a file: of a line, or of an entry of a document.

    Raises:
        UsageError: the file cannot be read.
        ImportFormatError: it is not of this format.
    """
    try:
        if fmt == "jsonl":
            yield from _values(path)
        elif fmt in _DOCUMENTS:
            yield from _DOCUMENTS[fmt].recorded(_whole(path))
        else:
            vendor = fmt.removesuffix("-batch")
            known = batch.survey((value for _, value in _values(path)), vendor, requests)
            yield from batch.recorded(_values(path), vendor, requests, known)
    except EntryError as error:
        raise _error(str(error), path, error.number) from None


def read_requests(paths: list[Path]) -> Requests:
    """Read the request files of batches."""
    requests = Requests()
    for path in paths:
        try:
            for _, value in _values(path) if _is_lines(path) else [(1, _whole(path))]:
                requests.add(value)
        except EntryError as error:
            raise _error(str(error), path, error.number) from None
    return requests


def _is_lines(path: Path) -> bool:
    try:
        next(_values(path), None)
    except ImportFormatError:
        return False
    return True


def _values(path: Path) -> Iterator[tuple[int, JSON]]:
    for number, text in numbered_lines(path):
        try:
            yield number, strict_loads(text)
        except StrictJSONError as error:
            raise _error(error.what, path, number) from None


def _whole(path: Path) -> JSON:
    """Return a file that is one JSON value over many lines, None when it is not."""
    try:
        return strict_loads("\n".join(text for _, text in numbered_lines(path)))
    except StrictJSONError:
        return None


def _error(what: str, path: Path, number: int | None) -> ImportFormatError:
    return ImportFormatError(what, "nothing of this file was imported", file=str(path), line=number)
