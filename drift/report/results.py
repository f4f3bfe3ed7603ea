# What a document has to say at lines of files: the results that SARIF and a CI system show beside the code.
# Owns: which entries of a document are results, and where each stands. Refuses to know: the formats.
"""Results at places in files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drift.report.phrases import WORST_FIRST
from drift.report.schemas import DocumentError

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """One thing to say about one line; `fingerprint` stays the same when the line moves."""

    rule: str
    level: str
    message: str
    file: str
    line: int
    column: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class About:
    """What a rule is about, for a reader who sees one of its results alone."""

    rule: str
    title: str
    help: str


_ABOUT: Mapping[str, About] = {
    about.rule: about
    for about in (
        About(
            "model-shutdown-within-lead-time",
            "The code asks a model that has ended, or ends soon.",
            "Move to the replacement that the vendor names, and compare the two first (`drift diff`).",
        ),
        About(
            "model-deprecated",
            "The code asks a model whose end is announced.",
            "Put the date into the calendar, and run your probes on the replacement now.",
        ),
        About(
            "model-date-unknown",
            "The code asks a model of which no end is known; that is not the same as safe.",
            "Look at the vendor's or the host's own list of models.",
        ),
        About(
            "request-parameter-rejected",
            "The code sends a parameter that the model, its replacement or an API version refuses.",
            "Leave the parameter out, or send what the message names instead.",
        ),
        About(
            "request-message-role-rejected",
            "The code sends a conversation that the model or its replacement refuses.",
            "Let the conversation end with a turn of the user.",
        ),
    )
}


def results(document: Json) -> tuple[Result, ...]:
    """Return the results of a document, the worst first, then by file and line.

    Raises:
        DocumentError: documents of this kind say nothing about lines of files.
    """
    if document["kind"] != "scan":
        kind = document["kind"]
        raise DocumentError(f"documents of kind {kind!r} have no places in files", "use --format json")
    found = sorted(
        _scan(document),
        key=lambda one: (WORST_FIRST.index(one.level), one.file, one.line, one.column, one.rule),
    )
    return tuple(found)


def about(rules: Sequence[str]) -> tuple[About, ...]:
    """Return what the rules are about, in the order of the given ids."""
    return tuple(_ABOUT[rule] for rule in rules)


def _scan(document: Json) -> Iterator[Result]:
    for entry in document["models"]:
        if entry["level"] is None:
            continue
        for number, use in enumerate(entry["uses"]):
            identity = (entry["rule"], use["file"], entry["spec"], use["key"], number)
            yield Result(
                entry["rule"],
                entry["level"],
                entry["explanation"],
                use["file"],
                use["line"],
                use["column"],
                _fingerprint(identity),
            )
    for number, entry in enumerate(document["parameters"]):
        identity = (entry["rule"], entry["file"], entry["model"], entry["parameter"], number)
        message = f"{entry['explanation']} {entry['instead']}"
        yield Result(
            entry["rule"],
            entry["level"],
            message,
            entry["file"],
            entry["line"],
            entry["column"],
            _fingerprint(identity),
        )


def _fingerprint(identity: Sequence[object]) -> str:
    text = "\0".join(map(str, identity))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
