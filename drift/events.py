# The table of documented events, and how a finding is recognised as one of them.
# Owns: drift/data/events.yaml, its keys, what counts as proof of a cause. Refuses to know: how a finding was measured.
"""Documented events: what vendors changed, when, and which findings that explains.

An event is named as the cause of a finding only on a fact that tells it apart; the rule alone proves nothing:

- the vendor's error text, whatever the model is called; or
- a word of the vendor's that this event brought, such as a refusal category; or
- a model, or an API version, that the candidate has and the baseline had not; or
- in what a vendor declares (an SDK release, a list of models): its own word for what the event brought or ended.

Whatever the baseline already was cannot be the cause.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from drift.ids import fits
from drift.model import JSON, LEVELS, Dialect, Level
from drift.observe import normalise_message
from drift.rules import RULES_BY_ID
from drift.yamlfile import YamlFile, nearest, read_packaged_yaml, read_yaml

EVENTS_FILE = Path(__file__).resolve().parent / "data" / "events.yaml"
"""The packaged table."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that the event raises when it is simulated."""

    rule: str
    level: Level


@dataclass(frozen=True, slots=True)
class VendorError:
    """How the API refuses since the event: HTTP status and the fields of the error body as sent, None where absent."""

    status: int
    message: str
    type: str | None = None
    code: str | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """One way to recognise the event: every part that is given must hold.

    Attributes:
        rules: ids of the rules that may have fired.
        message: expression searched in the error message as `drift.observe.normalise_message` leaves it.
        places: patterns of the finding's places.
        names: words of the vendor's that the event brought: a place, or the last key of the path.
        effect: which way the number moved, "up" or "down"; None = either.
    """

    rules: tuple[str, ...]
    message: re.Pattern[str] | None = None
    places: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    effect: Literal["up", "down"] | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """One way in which the event shows in what a vendor declares about itself.

    Attributes:
        by: targets of the comparison, such as "sdk/anthropic" or "models/anthropic".
        rules: ids of the rules that may have fired.
        names: patterns of words that the finding is about: a field, a value, a model id, what something became;
            empty = the API version of the event is the one that the candidate asks for.
    """

    by: tuple[str, ...]
    rules: tuple[str, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentedEvent:
    """A row of the table. Patterns of model ids are those of `fnmatch`; dots and dashes are one.

    Attributes:
        id: unique, in kebab case.
        date: ISO date, or month as "2026-03".
        until: last day or month of a span, or None.
        vendor: who changed it.
        what: one sentence.
        source: public https address.
        second_hand: the source cites the vendor, or is a report by a user.
        dialects: wire grammars in which it shows; empty = all, or none.
        models: ids, asked for or answering, that the event came with.
        came_from: ids of the baseline, when the event was measured between two models (`from` in the file).
        requested: ids that the candidate was asked for, when the id stayed and something behind it moved.
        api_version: version of the API that brought it, or None.
        switch: name under which a stand-in for the vendor simulates it, or None.
        error: how the API refuses since then, or None.
        findings: what it raises.
        match: ways to recognise it in what was measured; empty when no finding can prove it.
        declared: ways to recognise it in what a vendor declares.
    """

    id: str
    date: str
    vendor: str
    what: str
    source: str
    findings: tuple[Expected, ...]
    until: str | None = None
    second_hand: bool = False
    dialects: tuple[Dialect, ...] = ()
    models: tuple[str, ...] = ()
    came_from: tuple[str, ...] = ()
    requested: tuple[str, ...] = ()
    api_version: str | None = None
    switch: str | None = None
    error: VendorError | None = None
    match: tuple[Match, ...] = ()
    declared: tuple[Declared, ...] = ()

    @property
    def when(self) -> str:
        """The date, or the span, in words."""
        return self.date if self.until is None else f"{self.date} to {self.until}"


# ---------------------------------------------------------------- matching


def match_event(
    finding: Mapping[str, JSON], baseline: Mapping[str, JSON], candidate: Mapping[str, JSON]
) -> dict[str, str] | None:
    """Name the documented event behind a finding.

    Args:
        finding: `rule`, `path`, `places`, `after` and `evidence` of a `FindingDocument`.
        baseline: `kind`, `target`, `requested_model`, `response_models` and `api_version` of a `SideDocument`.
        candidate: the same of the other side.

    Returns:
        `{"id", "when", "what", "source"}`, or None when no documented cause is known. Of several events the one that
        most facts speak for is named, then the first of the table.
    """
    if baseline["kind"] != "run":
        shown = (event for event in load_events() if _is_declared(event, finding, baseline, candidate))
        return _named(next(shown, None))
    best: DocumentedEvent | None = None
    most: tuple[bool, ...] = ()
    seen_before = False
    for event in load_events():
        for way in event.match:
            if not _applies(way, finding):
                continue
            if _already(event, baseline):
                seen_before = seen_before or way.message is not None
                continue
            facts = _facts(event, way, baseline, candidate)
            if facts is not None and facts > most:
                best, most = event, facts
    # One text can belong to many models: when the baseline was one of them, the text by itself says nothing new.
    if best is None or (seen_before and not most[0]):
        return None
    return _named(best)


def _named(event: DocumentedEvent | None) -> dict[str, str] | None:
    if event is None:
        return None
    return {"id": event.id, "when": event.when, "what": event.what, "source": event.source}


def _is_declared(
    event: DocumentedEvent,
    finding: Mapping[str, JSON],
    baseline: Mapping[str, JSON],
    candidate: Mapping[str, JSON],
) -> bool:
    """Whether a finding between two declared documents is about a word of the event, or its API version."""
    words = {word for place in finding["places"] for word in re.split(r"[:,]\s+", str(place))}
    words.add(str(finding["after"]))
    for way in event.declared:
        if finding["rule"] not in way.rules or candidate["target"].partition(" at ")[0] not in way.by:
            continue
        if not way.names:
            if event.api_version == candidate["api_version"] != baseline["api_version"]:
                return True
        elif any(fnmatchcase(word, name) for word in words for name in way.names):
            return True
    return False


def _applies(way: Match, finding: Mapping[str, JSON]) -> bool:
    """Whether what the finding says for itself fits; nothing about the two sides yet."""
    if finding["rule"] not in way.rules:
        return False
    places = [str(place) for place in finding["places"]]
    if way.places and not any(fnmatchcase(place, pattern) for place in places for pattern in way.places):
        return False
    if way.names and not {*places, str(finding["path"]).rsplit("/", 1)[-1]} & set(way.names):
        return False
    if way.effect is not None:
        moved, unit = finding["evidence"]["effect"], finding["evidence"]["unit"]
        still = 1 if unit == "ratio" else 0
        if moved is None or moved == still or (moved > still) != (way.effect == "up"):
            return False
    return way.message is None or way.message.search(_message_of(finding)) is not None


def _message_of(finding: Mapping[str, JSON]) -> str:
    after = finding["after"]
    message = after.get("message") if isinstance(after, Mapping) else None
    return normalise_message(message) if isinstance(message, str) else ""


def _already(event: DocumentedEvent, baseline: Mapping[str, JSON]) -> bool:
    """Whether the baseline lived with the event: then it cannot be what changed."""
    if event.api_version is not None and baseline["api_version"] == event.api_version:
        return True
    return _any_fits(_ids(baseline), event.models)


def _facts(
    event: DocumentedEvent, way: Match, baseline: Mapping[str, JSON], candidate: Mapping[str, JSON]
) -> tuple[bool, ...] | None:
    """Return which facts speak for the event, weightiest first; None when one speaks against it or none for it."""
    if event.requested and not _any_fits([candidate["requested_model"]], event.requested):
        return None
    if event.came_from and not _any_fits(_ids(baseline), event.came_from):
        return None
    if event.api_version is not None and candidate["api_version"] not in {None, event.api_version}:
        return None
    new_version = None not in {event.api_version, candidate["api_version"], baseline["api_version"]}
    moved = new_version or _any_fits(_ids(candidate), event.models)
    proven = way.message is not None or bool(way.names)
    return (moved, proven, bool(way.places)) if moved or proven else None


def _ids(side: Mapping[str, JSON]) -> list[str]:
    return [side["requested_model"], *side["response_models"]]


def _any_fits(ids: Iterable[str], patterns: Sequence[str]) -> bool:
    return any(fits(model, pattern) for pattern in patterns for model in ids)


# ---------------------------------------------------------------- the table

_KEYS = (
    "id", "date", "until", "vendor", "dialects", "models", "from", "requested", "api_version", "what", "source",
    "second_hand", "switch", "error", "findings", "match", "declared",
)  # fmt: skip
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DATE = re.compile(r"20\d\d-(0[1-9]|1[0-2])(-\d\d)?")
_MONTH = len("2026-01")
_PUBLIC = re.compile(r"https://[\w.-]+\.[a-z]{2,}(/\S*)?")


@lru_cache(maxsize=1)
def load_events() -> tuple[DocumentedEvent, ...]:
    """Return the packaged table, in order of the file; read once."""
    return _events(read_packaged_yaml(EVENTS_FILE))


def read_events(path: Path) -> tuple[DocumentedEvent, ...]:
    """Read a table of events.

    Raises:
        ConfigError: not YAML, an unknown key, a rule or level that does not exist, a date or address of another form,
            an id twice, a switch without findings, a text that its own expression does not find, a match that would
            go by the rule alone.
    """
    return _events(read_yaml(path, name=path.name))


def _events(file: YamlFile) -> tuple[DocumentedEvent, ...]:
    if not isinstance(file.data, list):
        raise file.error("expected a list of events")
    events: list[DocumentedEvent] = []
    for index, row in enumerate(file.data):
        event = _event(_Row(file, (index,), row))
        if any(event.id == other.id for other in events):
            raise file.error(f"the id {event.id!r} stands twice", "rename one", at=(index, "id"))
        events.append(event)
    return tuple(events)


@dataclass(frozen=True, slots=True)
class _Row:
    """A mapping of the file, read key by key; every complaint points at its line."""

    file: YamlFile
    at: tuple[str | int, ...]
    data: Any

    def check(self, known: Sequence[str], needed: Sequence[str]) -> None:
        self.file.check_keys(self.data, known, at=self.at)
        missing = [key for key in needed if key not in self.data]
        if missing:
            raise self.file.error(f"lacks {', '.join(missing)}", at=self.at)

    def fail(self, key: str, what: str, todo: str = "") -> Exception:
        return self.file.error(f"{key}: {what}", todo, at=(*self.at, key))

    def text(self, key: str, form: re.Pattern[str] | None = None) -> str | None:
        value = self.data.get(key)
        if isinstance(value, dt.date):
            value = value.isoformat()
        if value is None and key not in self.data:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.fail(key, "expected text")
        if form is not None and form.fullmatch(value) is None:
            raise self.fail(key, f"{value!r} has another form than {form.pattern}")
        return value

    def needed(self, key: str, form: re.Pattern[str] | None = None) -> str:
        return cast("str", self.text(key, form))

    def day(self, key: str) -> str | None:
        """Return an ISO date or month."""
        value = self.text(key, _DATE)
        if value is not None and len(value) > _MONTH:
            try:
                dt.date.fromisoformat(value)
            except ValueError:
                raise self.fail(key, f"{value!r} is no day of the calendar") from None
        return value

    def texts(self, key: str, known: Iterable[str] | None = None) -> tuple[str, ...]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.fail(key, "expected a list of texts")
        for item in value if known is not None else ():
            self.one_of(key, item, known)
        return tuple(value)

    def one_of(self, key: str, value: Any, known: Iterable[str] | None) -> None:
        names = list(known or ())
        if value not in names:
            raise self.fail(key, f"{value!r} does not exist", nearest(str(value), names))

    def rows(self, key: str) -> list[_Row]:
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise self.fail(key, "expected a list")
        return [_Row(self.file, (*self.at, key, index), item) for index, item in enumerate(value)]


def _event(row: _Row) -> DocumentedEvent:
    row.check(_KEYS, ("id", "date", "vendor", "what", "source", "findings"))
    second_hand = row.data.get("second_hand", False)
    if not isinstance(second_hand, bool):
        raise row.fail("second_hand", "expected true or false")
    event = DocumentedEvent(
        id=row.needed("id", _KEBAB),
        date=cast("str", row.day("date")),
        until=row.day("until"),
        vendor=row.needed("vendor", _KEBAB),
        what=row.needed("what"),
        source=row.needed("source", _PUBLIC),
        second_hand=second_hand,
        dialects=cast("tuple[Dialect, ...]", row.texts("dialects", get_args(Dialect))),
        models=row.texts("models"),
        came_from=row.texts("from"),
        requested=row.texts("requested"),
        api_version=row.text("api_version"),
        switch=row.text("switch", _KEBAB),
        error=_error(_Row(row.file, (*row.at, "error"), row.data["error"])) if "error" in row.data else None,
        findings=tuple(_expected(item) for item in row.rows("findings")),
        match=tuple(_match(item) for item in row.rows("match")),
        declared=tuple(_declared(item) for item in row.rows("declared")),
    )
    if event.until is not None and event.until < event.date:
        raise row.fail("until", f"{event.until} is before {event.date}")
    if (event.switch is None) == bool(event.findings):
        raise row.fail(
            "findings",
            "a switch and what it raises go together",
            "give both, or `findings: []` and no switch",
        )
    for item, shown in zip(row.rows("declared"), event.declared, strict=True):
        for key, value in (("by", shown.by), ("rules", shown.rules)):
            if not value:
                raise item.fail(key, "names nothing")
        if not (shown.names or event.api_version):
            raise item.file.error("goes by the rule alone", "give names, or an api_version", at=item.at)
    for item, way in zip(row.rows("match"), event.match, strict=True):
        if not way.rules:
            raise item.fail("rules", "names no rule")
        if not (way.message or way.names or event.models or event.api_version):
            raise item.file.error(
                "goes by the rule alone", "give a message, names, models or an api_version", at=item.at
            )
        said = None if event.error is None else normalise_message(event.error.message)
        if way.message is not None and (said is None or way.message.search(said) is None):
            raise item.fail("message", f"does not find the text of `error`, which reads {said!r}")
    return event


def _error(row: _Row) -> VendorError:
    row.check(("status", "message", "type", "code", "param"), ("status", "message"))
    status = row.data["status"]
    if type(status) is not int or not 400 <= status <= 599:
        raise row.fail("status", "expected a status from 400 to 599")
    return VendorError(status, row.needed("message"), row.text("type"), row.text("code"), row.text("param"))


def _expected(row: _Row) -> Expected:
    row.check(("rule", "level"), ("rule", "level"))
    row.one_of("rule", row.data["rule"], RULES_BY_ID)
    row.one_of("level", row.data["level"], LEVELS)
    return Expected(row.data["rule"], row.data["level"])


def _declared(row: _Row) -> Declared:
    row.check(("by", "rules", "names"), ("by", "rules"))
    return Declared(row.texts("by"), row.texts("rules", RULES_BY_ID), row.texts("names"))


def _match(row: _Row) -> Match:
    row.check(("rules", "message", "places", "names", "effect"), ("rules",))
    effect = row.data.get("effect")
    if effect is not None:
        row.one_of("effect", effect, ("up", "down"))
    message = row.text("message")
    try:
        pattern = None if message is None else re.compile(message)
    except re.error as error:
        raise row.fail("message", f"is no regular expression ({error})") from None
    return Match(row.texts("rules", RULES_BY_ID), pattern, row.texts("places"), row.texts("names"), effect)
