# What is new in the newest releases, and whether it bears a word that somebody waits for.
# Owns: which words are looked for where, since when. Refuses to know: downloads, the screen.
"""Watch SDK releases for new endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from drift.documents import FindingDocument
from drift.surface.document import Surface

PACKAGES = ("anthropic", "openai", "google-genai", "llama-api-client")
"""Watched when nobody names others."""

WORDS = ("self", "optimi", "improv", "evaluat", "experiment", "dream", "outcome")
"""Parts of words that an API bears that lets a model, or its operator, work on itself."""

_NEWS = ("-added", "-listed", "-declared-required")


class Sighting(NamedTuple):
    """A word, the rule of the fact that bears it ("present", "inside"), and the name in which it stands."""

    word: str
    rule: str
    name: str


def new_endpoints(findings: Iterable[FindingDocument]) -> list[str]:
    """Return the endpoints that came, each with its tier: "POST /v1/dreams [beta]"."""
    found = {
        place
        for finding in findings
        if finding["rule"] in {"endpoint-added", "endpoint-tier-added"}
        for place in finding["places"][1:]
    }
    return sorted(found)


def sightings(
    findings: Iterable[FindingDocument], words: Sequence[str], baseline: Surface, candidate: Surface
) -> list[Sighting]:
    """Return where the words stand in what is new: endpoints, parameters, fields, events, values, betas, models.

    A finding tells of a new endpoint, not of all that stands in it: names and values that only the newer release knows
    are looked at as well.
    """
    found: set[Sighting] = set()
    for finding in findings:
        if finding["rule"].endswith(_NEWS):
            for name in _names(finding["after"], finding["places"][:1]):
                found.update(Sighting(word, finding["rule"], name) for word in words if _bears(name, word))
    told = {(one.word, one.name) for one in found}
    inside = _spoken(candidate) - _spoken(baseline)
    found.update(
        Sighting(word, "inside", name)
        for name in inside
        for word in words
        if _bears(name, word) and not any(word == one and name in other for one, other in told)
    )
    return sorted(found)


def _spoken(surface: Surface) -> set[str]:
    """Return every name and value of the wire that a surface knows inside its endpoints and events."""
    found: set[str] = set()
    waiting: list[Any] = [surface["endpoints"], surface["events"], surface["definitions"]]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            for names in (value.get("fields"), value.get("params")):
                found.update(name.partition(":")[2] or name for name in names or ())
            enum = value.get("enum")
            found.update(one for one in enum if isinstance(one, str)) if isinstance(enum, list) else None
            waiting += [child for child in value.values() if isinstance(child, dict | list)]
    return found


def _names(after: Any, subject: Sequence[str]) -> Iterator[str]:
    """Yield the names that a fact brought: the values where it lists some, else what it is about."""
    if isinstance(after, str):
        yield after
    elif isinstance(after, list):
        yield from (value for value in after if isinstance(value, str))
    else:
        yield from subject


def present(surface: Surface, words: Sequence[str]) -> list[Sighting]:
    """Return where the words stand in a surface already: in its endpoints, methods, betas and model ids."""
    names = {*surface["endpoints"], *surface["betas"], *surface["models"]}
    for tiers in surface["endpoints"].values():
        for methods in tiers.values():
            names.update(methods)
    return sorted(Sighting(word, "present", name) for name in names for word in words if _bears(name, word))


def _bears(name: str, word: str) -> bool:
    return word.casefold() in name.casefold()


class Watched(NamedTuple):
    """What watching one package found.

    Attributes:
        package: its name.
        baseline: version that was known, or None at the first look.
        candidate: newest version.
        since: ISO date since which no other word was seen: of the first look, or of the last release with one.
        first: version that was read then.
        endpoints: see `new_endpoints`.
        seen: words in what is new.
        earlier: words in what came between the first look and the version that was known.
        comparison: id of the stored comparison, or None.
    """

    package: str
    baseline: str | None
    candidate: str
    since: str
    first: str
    endpoints: list[str]
    seen: list[Sighting]
    earlier: list[Sighting]
    comparison: str | None


def sentences(watched: Watched, words: Sequence[str], known: Sequence[Sighting]) -> Iterator[str]:
    """Yield what there is to say about one package, in plain words.

    Args:
        watched: what was found.
        words: what was looked for.
        known: where the words stand in the newest release already; only told at the first look.
    """
    name = f"{watched.package} {watched.candidate}"
    looked_for = ", ".join(words)
    if watched.baseline is None:
        yield f"{name}: first look, nothing to compare with; new endpoints are reported from now on"
        if known:
            yield f"{name}: of {looked_for} it bears {_listed(known)} already"
        return
    if watched.baseline == watched.candidate:
        yield f"{name}: no newer release"
    else:
        count = len(watched.endpoints)
        yield (
            f"{name} (known: {watched.baseline}): "
            + (f"{count} new endpoints: {_some(watched.endpoints)}" if count else "no new endpoint")
        )
    for one in watched.seen:
        yield f"{name}: new and bears {one.word!r}: {one.name} ({one.rule})"
    if not watched.seen:
        earlier = f"; seen before that: {_listed(watched.earlier)}" if watched.earlier else ""
        began = f"{watched.since}, when {watched.package} {watched.first} was read"
        yield f"{watched.package}: of {looked_for} none seen since {began}{earlier}"


def _listed(found: Sequence[Sighting]) -> str:
    return _some([f"{one.word} in {one.name}" for one in found])


def _some(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def as_document(watched: Watched) -> Mapping[str, Any]:
    """Return what was found as a JSON object."""
    return {
        **watched._asdict(),
        "seen": [one._asdict() for one in watched.seen],
        "earlier": [one._asdict() for one in watched.earlier],
    }
