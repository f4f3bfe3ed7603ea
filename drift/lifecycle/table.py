# When a model ends, as far as all readings together tell: how those that differ are put together, and what a date
# means on a given day.
# Owns: how an id is found in the table, states, where replacements lead, notice periods.
# Refuses to know: where an id was found, files, how a status is shown.
"""The dates of models.

A row of the table is one *reading*: what one source said on one day about one id on one platform. Platforms
set their own dates, so (platform, id) is the key, on Amazon Bedrock even (platform, region, id). Readings that
disagree all stay, and a status names them. What is not known is "unknown", and never counts as clear.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from drift.ids import HOME, ModelId
from drift.lifecycle.readings import LISTED, Kind, Reading, packaged, read_table

State = Literal[
    "retired", "rerouted", "ending", "rerouting", "deprecated", "floor", "floor-passed", "unknown"
]
"""Where an id stands on a day.

retired: it ended; rerouted: another model answers; ending, rerouting: that day is fixed and lies ahead; deprecated:
announced, no date; floor: it stays at least until the date; floor-passed: the floor has passed, it may be announced any
day; unknown: nothing is known.
"""

Basis = Literal["listed", "version", "pattern", "region", "none"]
"""How an id was found: as it stands, without its version, by a wildcard, in other regions only, or not at all."""

NOTICE_DAYS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "anthropic": ((r".*", 60),),
    "openai": (
        (r".*preview.*", 14),
        (r".*(?:audio|realtime|search|transcribe|tts|image|codex|deep-research).*", 90),
        (r".*", 182),
    ),
}
"""Vendor → (shape of the id, the least notice in days that the vendor publishes), the first that fits.

Anthropic: at least 60 days for public models (platform.claude.com, model deprecations). OpenAI: six months for
what is generally available, three for specialised variants, about two weeks for previews (developers.openai.com,
deprecations).
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What all readings of one id say together.

    Attributes:
        reading: the one that counts: the newest that gives a date, else the newest; gaps are filled from the others.
        others: readings that say something else about the end.
    """

    reading: Reading
    others: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """Where an id stands on a day.

    Attributes:
        platform, model: what was asked about.
        state: see `State`.
        basis: how it was found in the table.
        retires_on, retires_kind, deprecated_on, released, replacement: see `Reading`.
        days_left: days until `retires_on`; negative when it has passed, None without a date.
        move_to: the replacement, or where the replacements of replacements lead when the first ends as well.
        replacement_retires_on: day on which the replacement itself ends, if it is fixed.
        as_of: day of the reading, None when there is none.
        source, second_hand, note: of the reading.
        disagreements: what other readings say instead, one sentence each.
        elsewhere: what the vendor's own API says of the same model, when the platform says nothing.
    """

    platform: str
    model: str
    state: State
    basis: Basis
    retires_on: dt.date | None = None
    retires_kind: Kind = "unknown"
    days_left: int | None = None
    deprecated_on: dt.date | None = None
    released: dt.date | None = None
    replacement: str | None = None
    move_to: str | None = None
    replacement_retires_on: dt.date | None = None
    as_of: dt.date | None = None
    source: str | None = None
    second_hand: bool = False
    note: str = ""
    disagreements: tuple[str, ...] = ()
    elsewhere: Status | None = None

    def ends_within(self, days: int) -> bool | None:
        """Whether the id has ended, or ends, within that many days; None when nobody can say.

        A floor beyond the days says no. A floor that has passed or passes within them, a deprecation without
        a date and an unknown id say nothing.
        """
        if self.state in {"retired", "rerouted"}:
            return True
        if self.days_left is None or self.state in {"unknown", "deprecated"}:
            return None
        if self.state in {"ending", "rerouting"}:
            return self.days_left <= days
        return False if self.days_left > days else None


@dataclass(frozen=True)
class Lifecycle:
    """The table, ready to be asked.

    Attributes:
        readings: all rows.
    """

    readings: tuple[Reading, ...]
    _entries: dict[tuple[str, str], Entry] = field(default_factory=dict, repr=False)
    _patterns: list[Entry] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        grouped: dict[tuple[str, str], list[Reading]] = {}
        for reading in self.readings:
            grouped.setdefault(reading.key, []).append(reading)
        for key, group in grouped.items():
            self._entries[key] = _together(group)
            if "*" in key[1]:
                self._patterns.append(self._entries[key])

    @classmethod
    def load(cls, own: Path | None = None) -> Self:
        """Read the packaged table, and a file of the user's own readings beside it when there is one.

        Raises:
            ConfigError: a file cannot be read; it names file, line and column.
        """
        readings = list(packaged())
        if own is not None and own.exists():
            readings += read_table(own)
        return cls(tuple(readings))

    @property
    def as_of(self) -> dt.date:
        """Day of the newest reading."""
        return max((reading.as_of for reading in self.readings), default=dt.date.min)

    def entries(self) -> Iterator[Entry]:
        """Yield all entries, sorted by platform and id."""
        for key in sorted(self._entries):
            yield self._entries[key]

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """Id → vendor of every model in the table, on whatever platform."""
        return {one.model_id: one.vendor for one in self.readings if one.what in {"model", "alias"}}

    def entry(self, platform: str, model: str, region: str | None = None) -> tuple[Entry | None, Basis]:
        """Return what is known about an id on a platform, and how it was found."""
        if region is not None and (found := self._entries.get((f"{platform}/{region}", model))) is not None:
            return found, "listed"
        for name, basis in _spellings(platform, model):
            if (found := self._entries.get((platform, name))) is not None:
                return found, basis
        for pattern in self._patterns:
            at, shape = pattern.reading.key
            if at == platform and fnmatchcase(model, shape):
                return pattern, "pattern"
        regional = [
            entry
            for (at, name), entry in self._entries.items()
            if name == model and at.startswith(f"{platform}/")
        ]
        if regional:
            # Without a region the earliest end is the one to plan for.
            return min(regional, key=lambda entry: entry.reading.retires_on or dt.date.max), "region"
        return None, "none"

    def status(self, model: ModelId, today: dt.date) -> Status:
        """Return where a model stands on a platform on a day."""
        found, basis = self.entry(model.platform, model.model, model.region)
        if found is None and model.platform == "open-weights":
            found, basis = self._family(model.vendor_model)
        home = HOME.get(model.vendor, "")
        if found is None:
            elsewhere = None
            if home and (home, model.vendor_model) != (model.platform, model.model):
                there = self._status(home, model.vendor_model, *self.entry(home, model.vendor_model), today)
                elsewhere = there if there.basis != "none" else None
            return Status(model.platform, model.model, "unknown", "none", elsewhere=elsewhere)
        return self._status(model.platform, model.model, found, basis, today)

    def status_of(self, entry: Entry, today: dt.date) -> Status:
        """Return where an entry of the table stands on a day."""
        return self._status(*entry.reading.key, entry, "listed", today)

    def _family(self, model: str) -> tuple[Entry | None, Basis]:
        """Find open weights by their family: "Llama 3.3" for `Llama-3.3-70B-Instruct`."""
        match = re.search(r"llama-?v?(\d)(?:[.p](\d))?", model, re.IGNORECASE)
        if match is None:
            return None, "none"
        name = f"Llama {match[1]}" + (f".{match[2]}" if match[2] else "")
        found = self._entries.get(("open-weights", name))
        return found, "pattern" if found else "none"

    def _status(self, platform: str, model: str, found: Entry | None, basis: Basis, today: dt.date) -> Status:
        if found is None:
            return Status(platform, model, "unknown", "none")
        reading = found.reading
        replacement = reading.replacement
        move_to, ends = self._onward(reading.platform, replacement, reading.model_id)
        return Status(
            platform,
            model,
            _state(reading, today),
            basis,
            retires_on=reading.retires_on,
            retires_kind=reading.retires_kind,
            days_left=None if reading.retires_on is None else (reading.retires_on - today).days,
            deprecated_on=reading.deprecated_on,
            released=reading.released,
            replacement=replacement,
            move_to=move_to,
            replacement_retires_on=ends,
            as_of=reading.as_of,
            source=reading.source,
            second_hand=reading.second_hand,
            note=_note(reading, basis),
            disagreements=tuple(_says(other) for other in found.others),
        )

    def _onward(
        self, platform: str, replacement: str | None, model: str
    ) -> tuple[str | None, dt.date | None]:
        """Follow replacements that end as well. Returns where that leads, and when the first one ends."""
        first_ends = None
        current, seen = replacement, {model}
        while current is not None and current not in seen:
            seen.add(current)
            found, _ = self.entry(platform, current)
            if found is None or found.reading.retires_kind not in {"firm", "reroute", "ended"}:
                break
            if current == replacement:
                first_ends = found.reading.retires_on
            if found.reading.replacement is None or found.reading.replacement in seen:
                break
            current = found.reading.replacement
        return current, first_ends


def notice_days(vendor: str, model_id: str) -> int | None:
    """Return the least notice in days that a vendor publishes for such an id; None when it publishes none."""
    return next((days for shape, days in NOTICE_DAYS.get(vendor, ()) if re.fullmatch(shape, model_id)), None)


# ---------------------------------------------------------------- putting readings together


def _together(readings: list[Reading]) -> Entry:
    newest_first = sorted(readings, key=lambda reading: reading.as_of, reverse=True)
    main = next((one for one in newest_first if one.retires_kind != "unknown"), newest_first[0])
    values = asdict(main)
    for name in ("released", "deprecated_on", "replacement", "alias_of"):
        values[name] = next((value for one in (main, *newest_first) if (value := getattr(one, name))), None)
    said = (main.retires_on, main.retires_kind)
    others = tuple(
        one
        for one in newest_first
        if one is not main and (one.retires_on, one.retires_kind) != said and not _says_nothing(one, main)
    )
    return Entry(Reading(**values), others)


def _says_nothing(other: Reading, main: Reading) -> bool:
    """Whether a reading is no other opinion.

    That no end is announced does not contradict a promise to stay; a list of ids names no ends, whatever they are; and
    an end that was announced later keeps a promise that it does not cut short.
    """
    if other.retires_kind == "not_sooner_than" and main.retires_kind in {"firm", "reroute"}:
        assert other.retires_on is not None
        assert main.retires_on is not None
        return other.as_of <= main.as_of and other.retires_on <= main.retires_on
    if other.retires_kind != "unknown" or "deprecated" in other.note:
        return False
    return main.retires_kind == "not_sooner_than" or LISTED in other.note


def _says(other: Reading) -> str:
    end = {
        "firm": f"it ends on {other.retires_on}",
        "reroute": f"another model answers from {other.retires_on} on",
        "not_sooner_than": f"it stays at least until {other.retires_on}",
        "ended": "it has ended",
        "unknown": "no end is announced",
    }[other.retires_kind]
    return f"another reading, of {other.as_of}, says that {end} ({other.source})"


def _state(reading: Reading, today: dt.date) -> State:
    when, kind = reading.retires_on, reading.retires_kind
    if kind == "ended":
        return "retired"
    if when is None or kind == "unknown":
        announced = reading.deprecated_on is not None or "deprecated" in reading.note
        return "deprecated" if announced else "unknown"
    if kind == "not_sooner_than":
        return "floor" if when > today else "floor-passed"
    if kind == "reroute":
        return "rerouting" if when > today else "rerouted"
    return "ending" if when > today else "retired"


def _note(reading: Reading, basis: Basis) -> str:
    if basis == "region":
        region = reading.platform.partition("/")[2]
        return "; ".join(
            filter(None, (f"the date is that of {region}; each region has its own", reading.note))
        )
    return reading.note


def _spellings(platform: str, model: str) -> Iterator[tuple[str, Basis]]:
    yield model, "listed"
    if platform == "vertex" and "@" in model:
        yield model.partition("@")[0], "version"
    if platform in {"vertex", "gemini"} and re.search(r"-0\d\d$", model):
        yield re.sub(r"-0\d\d$", "", model), "version"
    if model.startswith("ft:"):
        # A fine-tune has an end of its own where the table names one, else that of its base.
        base = model.split(":")[1]
        yield f"ft-{base}", "version"
        yield base, "version"
