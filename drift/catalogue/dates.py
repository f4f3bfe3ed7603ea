# What lists of models and SDK releases say about the ends of models, as readings for the table of dates.
# Owns: what a vendor's words are worth there. Refuses to know: where a list or a release came from, files.
"""New readings for the table of dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from drift.catalogue.reading import Catalogue, Listed
from drift.ids import read_id
from drift.lifecycle import LISTED, Kind, Lifecycle, Reading
from drift.surface.document import Surface

News = Literal["new", "changed", "confirmed"]
"""Of a reading: the id was unknown, its end was another or none, or it says what is known with a newer date."""

_VENDORS = {"anthropic": "anthropic", "openai": "openai", "gemini": "google"}
_PACKAGES = {"anthropic": "anthropic", "openai": "openai", "google-genai": "gemini"}
"""SDK → platform whose ids it lists."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A reading, and what is new about it; `before` is what the table said of the end."""

    reading: Reading
    news: News
    before: str


_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}")
"""An id as it may stand in a file of ours that people open in a terminal or as a spreadsheet."""


def readings_of_list(catalogue: Catalogue) -> Iterator[Reading]:
    """Yield a reading for each model of a vendor's own list; lists of other hosts name no vendor's platform."""
    platform = catalogue["platform"]
    if platform not in _VENDORS or catalogue["base_url"] is not None:
        return
    taken = dt.date.fromisoformat(catalogue["taken_at"][:10])
    for model, listed in catalogue["models"].items():
        if _PLAIN.fullmatch(model) is None:
            continue
        kind, note = _kind(listed, taken)
        yield Reading(
            platform=platform,
            vendor=_VENDORS[platform],
            model_id=model,
            what="model",
            alias_of=None,
            released=_date(listed["created"]),
            deprecated_on=_date(listed["deprecated_on"]),
            retires_on=_date(listed["retires_on"])
            if kind in {"firm", "not_sooner_than", "reroute"}
            else None,
            retires_kind=kind,
            replacement=None,
            second_hand=False,
            as_of=taken,
            source=f"list of models of the {platform} API",
            note=note,
        )


def _kind(listed: Listed, taken: dt.date) -> tuple[Kind, str]:
    """Say what the dates of a list are worth."""
    ends = _date(listed["retires_on"])
    if listed["lifecycle"] == "retired":
        return ("firm", "") if ends is not None and ends <= taken else ("ended", "")
    if ends is None:
        deprecated = listed["lifecycle"] == "deprecated" and listed["deprecated_on"] is None
        return "unknown", "announced as deprecated, without a date" if deprecated else ""
    if listed["floor"]:
        return "not_sooner_than", ""
    if ends < taken and listed["lifecycle"] == "deprecated":
        # Overdue is not gone: the vendor says so by another word.
        return "not_sooner_than", f"due since {ends} and still answering on {taken}"
    return "firm", ""


def readings_of_release(surface: Surface, read_at: str) -> Iterator[Reading]:
    """Yield a reading for each model id that an SDK release lists or calls deprecated.

    Args:
        surface: of the release.
        read_at: when it was read; counts where the archive does not tell its date.
    """
    package = surface["package"]
    platform = _PACKAGES.get(package["name"])
    if platform is None:
        return
    as_of = dt.date.fromisoformat((package["released"] or read_at)[:10])
    for model, facts in surface["models"].items():
        if read_id(model, is_model=True) is None:
            continue  # the name of another thing
        ends = _date(facts["retires"])
        listed = LISTED if facts["listed"] else f"no longer {LISTED}"
        dateless = "; announced as deprecated, without a date" if facts["deprecated"] and ends is None else ""
        yield Reading(
            platform=platform,
            vendor=_VENDORS[platform],
            model_id=model,
            what="model",
            alias_of=None,
            released=None,
            deprecated_on=None,
            retires_on=ends,
            retires_kind="unknown" if ends is None else "firm",
            replacement=None,
            second_hand=False,
            as_of=as_of,
            source=f"{package['name']} {package['version']} (PyPI)",
            note=f"{listed}{dateless}",
        )


def news(table: Lifecycle, readings: Iterable[Reading]) -> list[Noted]:
    """Return the readings that say something newer than the table, what is new and changed first.

    Of several readings of one id the newest counts; one that is as old as the table's, or older, says nothing.
    """
    newest: dict[tuple[str, str], Reading] = {}
    for reading in readings:
        known = newest.get(reading.key)
        if known is None or (reading.as_of, reading.retires_on is not None) > (
            known.as_of,
            known.retires_on is not None,
        ):
            newest[reading.key] = reading
    noted = [one for reading in newest.values() if (one := _noted(table, reading)) is not None]
    order: Mapping[News, int] = {"changed": 0, "new": 1, "confirmed": 2}
    return sorted(noted, key=lambda one: (order[one.news], one.reading.platform, one.reading.model_id))


def _noted(table: Lifecycle, reading: Reading) -> Noted | None:
    entry, basis = table.entry(*reading.key)
    if entry is None or basis != "listed":
        return Noted(reading, "new", "")
    known = entry.reading
    if reading.as_of <= known.as_of:
        return None
    before = f"{known.retires_kind} {known.retires_on or ''}".strip()
    same = (reading.retires_kind, reading.retires_on) == (known.retires_kind, known.retires_on)
    # A list that gives no date takes none away: it only says that the id is still there.
    silent = reading.retires_kind == "unknown"
    kept = replace(reading, what=known.what, alias_of=known.alias_of)
    return Noted(kept, "confirmed" if same or silent else "changed", before)


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text[:10])
