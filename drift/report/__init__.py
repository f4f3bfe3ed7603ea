# Reports: the one door through which commands reach schemas and formats. Nothing heavy is imported before it is used.
# Owns: which formats there are, by name and by ending. Refuses to know: how a format is laid out.
"""Render documents, and publish and check their JSON Schemas.

A renderer is a pure function of a document: `drift.report.text.render`, `drift.report.markdown.render` and
`drift.report.json.render`. It decides nothing; every number and every verdict stands in the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import Any

from drift.errors import UsageError

__all__ = [
    "FORMATS",
    "Format",
    "describe",
    "format_of",
    "formats_for",
    "kinds",
    "schema",
    "summary_line",
    "validate",
]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of reports.

    Attributes:
        name: what `--format` takes.
        ending: of a file that `-o` writes in this format.
        module: holds the pure function `render(document, …) -> str`.
        kinds: of documents that it can show; None = all.
        options: keyword arguments that `render` takes beside the document.
    """

    name: str
    ending: str
    module: str
    options: frozenset[str] = frozenset()
    kinds: frozenset[str] | None = None

    def shows(self, kind: str) -> bool:
        """Whether documents of a kind have this format."""
        return self.kinds is None or kind in self.kinds

    def render(self, document: Mapping[str, Any], **options: Any) -> str:
        """Return the document in this format.

        Args:
            document: a valid document.
            options: see `options`; another one is a TypeError.
        """
        text: str = import_module(self.module).render(document, **options)
        return text


FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format("text", ".txt", "drift.report.text", frozenset({"width", "color", "verbosity"})),
        Format("md", ".md", "drift.report.markdown", frozenset({"verbosity", "limit"})),
        Format("json", ".json", "drift.report.json"),
        Format("sarif", ".sarif", "drift.report.sarif", kinds=frozenset({"scan"})),
        Format("github", ".github", "drift.report.github", kinds=frozenset({"scan"})),
        Format("html", ".html", "drift.report.html", kinds=frozenset({"plan"})),
        Format("ics", ".ics", "drift.report.ics", kinds=frozenset({"plan"})),
    )
}
"""Name → format, in the order of `--help`."""


def formats_for(kind: str) -> tuple[Format, ...]:
    """Return the formats that documents of a kind have, in the order of `--help`."""
    return tuple(one for one in FORMATS.values() if one.shows(kind))


def format_of(file: str | PurePath, kind: str = "comparison") -> Format:
    """Return the format that the ending of a file names.

    Args:
        file: its ending counts.
        kind: of the document that is to be written.

    Raises:
        UsageError: no format of such documents has this ending.
    """
    ending = PurePath(file).suffix.lower()
    for one in formats_for(kind):
        if one.ending == ending:
            return one
    endings = ", ".join(one.ending for one in formats_for(kind))
    what = f"no report format ends in {ending!r}" if ending else f"the name {str(file)!r} has no ending"
    raise UsageError(what, f"let the file end in one of {endings}")


def kinds() -> tuple[str, ...]:
    """Return the kinds of documents that have a schema, sorted."""
    from drift.report import schemas

    return schemas.kinds()


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one kind of document, complete in itself.

    Raises:
        DocumentError: there is no such kind.
    """
    from drift.report import schemas

    return schemas.schema(kind)


def validate(document: Mapping[str, Any]) -> None:
    """Check a document against the schema of its `kind`, as it would be written to a file.

    Raises:
        DocumentError: names the place and what is wrong there; it is also a `ValueError`.
    """
    from drift.report import schemas

    schemas.validate(document)


def describe(kind: str) -> str:
    """Return Markdown tables of the fields of one kind of document, from its schema."""
    from drift.report import schemas

    return schemas.describe(kind)


def summary_line(document: Mapping[str, Any]) -> str:
    """Return one line, safe to print, that sums up a document of any kind."""
    from drift.report import safe, summary

    return safe.inline(summary.summary_line(document), 500)
