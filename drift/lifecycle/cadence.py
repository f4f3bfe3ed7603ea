# How often vendors release, announce and end models, how much notice they give, and when the next one is likely.
# Owns: which days make a series, the forecast and its back-test. Refuses to know: where dates come from, formats.
"""Cadence of vendors.

A forecast is an interval between two gaps that were seen: the next gap lies between the j-th smallest and the j-th
largest of n with probability (n + 1 - 2j) / (n + 1), whatever their distribution, as long as it is one of the same
kind. So nine gaps are the least for four in five. Whether gaps are of one kind is not assumed but tried: every past gap
is forecast from those before it, and the share that was hit is told.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from drift import stats
from drift.lifecycle.readings import Reading
from drift.lifecycle.table import Lifecycle
from drift.model import JSON

CONFIDENCE = 0.8
"""Probability with which the next gap lies in the interval."""

FLOOR = round((1 + CONFIDENCE) / (1 - CONFIDENCE))
"""The fewest gaps that give an interval of that probability."""

WINDOW = 20
"""The newest gaps that count: vendors change their pace."""

_VENDORS = {"anthropic": "anthropic", "openai": "openai", "gemini": "google"}
"""Platform on which a vendor sets the dates itself → vendor."""

_PREVIEW = re.compile(r"preview|(?:^|-)exp(?:-|$)|experimental|beta")

Kind = Literal["releases", "announcements", "ends"]


@dataclass(frozen=True, slots=True)
class Spread:
    """Numbers of days: how many there are, the least, the middle and the most; None when there is none."""

    n: int
    least: int | None
    median: float | None
    most: int | None


@dataclass(frozen=True, slots=True)
class BackTest:
    """Past gaps that were forecast from those before them: how many, how many were hit, 95 % interval of that share."""

    n: int
    hit: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The next day of a series.

    Attributes:
        earliest, latest: ends of the interval; the day lies in it with `probability`.
        middle: the last day plus the median gap.
        n: gaps that it rests on.
        probability: by the count of gaps alone.
        overdue: today lies behind the interval.
        back_test: None when there were too few gaps to try it.
    """

    earliest: dt.date
    middle: dt.date
    latest: dt.date
    n: int
    probability: float
    overdue: bool
    back_test: BackTest | None


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of days of a vendor.

    Attributes:
        kind: releases of models, announcements of ends, or ends.
        first, last: the first and the last day that is not in the future, None when there is none.
        gaps: between distinct days that have passed.
        next_known: a day in the future that is already published.
        forecast: None when a day is known, or when there are fewer than `FLOOR` gaps.
        why_not: why there is no forecast, else "".
    """

    kind: Kind
    first: dt.date | None
    last: dt.date | None
    gaps: Spread
    next_known: dt.date | None
    forecast: Forecast | None
    why_not: str


@dataclass(frozen=True, slots=True)
class Cadence:
    """One vendor on its own platform.

    Attributes:
        vendor, platform: whose, and where.
        as_of: day of the newest reading; what came after it is not known.
        second_hand: share of the readings behind it that were read second-hand.
        series: releases, announcements, ends.
        notice: days between announcement and end, one for each batch, without previews.
        preview_notice: the same for previews.
        lifetime: days between release and end of models that have ended.
    """

    vendor: str
    platform: str
    as_of: dt.date
    second_hand: float
    series: tuple[Series, ...]
    notice: Spread
    preview_notice: Spread
    lifetime: Spread


def cadences(table: Lifecycle, today: dt.date) -> list[Cadence]:
    """Return the cadence of each vendor that sets dates for its own models."""
    found = []
    for platform, vendor in _VENDORS.items():
        readings = [
            entry.reading
            for entry in table.entries()
            if entry.reading.platform == platform and entry.reading.what in {"model", "alias"}
        ]
        if readings:
            found.append(_cadence(vendor, platform, readings, today))
    return found


def _cadence(vendor: str, platform: str, readings: Sequence[Reading], today: dt.date) -> Cadence:
    ended = [
        one for one in readings if one.retires_kind in {"firm", "reroute"} and one.retires_on is not None
    ]
    days: dict[Kind, Iterable[dt.date | None]] = {
        "releases": (one.released for one in readings),
        "announcements": (one.deprecated_on for one in readings),
        "ends": (one.retires_on for one in ended),
    }
    lifetimes = [
        (one.retires_on - one.released).days
        for one in ended
        if one.retires_on is not None and one.released is not None and one.retires_on <= today
    ]
    return Cadence(
        vendor,
        platform,
        max(one.as_of for one in readings),
        sum(one.second_hand for one in readings) / len(readings),
        tuple(
            _series(kind, {day for day in found if day is not None}, today) for kind, found in days.items()
        ),
        _spread(_notices(ended, previews=False)),
        _spread(_notices(ended, previews=True)),
        _spread(lifetimes),
    )


def _notices(ended: Iterable[Reading], *, previews: bool) -> list[int]:
    """Return the days of notice, one for each batch: models that were announced together for one day count once."""
    batches = {
        (one.deprecated_on, one.retires_on)
        for one in ended
        if one.deprecated_on is not None and bool(_PREVIEW.search(one.model_id)) == previews
    }
    return [
        (ends - announced).days for announced, ends in batches if ends is not None and announced is not None
    ]


def _spread(values: Sequence[int]) -> Spread:
    if not values:
        return Spread(0, None, None, None)
    return Spread(len(values), min(values), median(values), max(values))


# ---------------------------------------------------------------- series and forecasts


def _series(kind: Kind, days: set[dt.date], today: dt.date) -> Series:
    past = sorted(day for day in days if day <= today)
    known = min((day for day in days if day > today), default=None)
    gaps = [(second - first).days for first, second in pairwise(past)]
    forecast, why_not = None, ""
    if known is not None:
        why_not = "the next day is published"
    elif len(gaps) < FLOOR:
        why_not = f"{len(gaps)} gaps are fewer than {FLOOR}, the least for {CONFIDENCE:.0%}"
    else:
        forecast = _forecast(gaps, past[-1], today)
    return Series(
        kind, past[0] if past else None, past[-1] if past else None, _spread(gaps), known, forecast, why_not
    )


def _forecast(gaps: Sequence[int], last: dt.date, today: dt.date) -> Forecast:
    low, high, probability = interval(gaps)
    latest = last + dt.timedelta(days=high)
    return Forecast(
        earliest=last + dt.timedelta(days=low),
        middle=last + dt.timedelta(days=round(median(gaps[-WINDOW:]))),
        latest=latest,
        n=min(len(gaps), WINDOW),
        probability=probability,
        overdue=today > latest,
        back_test=back_test(gaps),
    )


def interval(gaps: Sequence[int]) -> tuple[int, int, float]:
    """Return (low, high, probability) for the next gap, from the newest `WINDOW` of at least `FLOOR` gaps.

    The probability is at least `CONFIDENCE`, as near to it as the count allows (order statistics, exchangeable gaps).
    """
    recent = sorted(gaps[-WINDOW:])
    n = len(recent)
    # Multiplied out: 1 - 0.8 is not 0.2 in floats.
    cut = max(1, int((n + 1) * (1 - CONFIDENCE) / 2 + 1e-9))
    return recent[cut - 1], recent[-cut], (n + 1 - 2 * cut) / (n + 1)


def back_test(gaps: Sequence[int]) -> BackTest | None:
    """Forecast every gap that has at least `FLOOR` before it from those, and count the hits."""
    hits = list(_hits(gaps))
    if not hits:
        return None
    found = stats.wilson(sum(hits), len(hits))
    return BackTest(len(hits), sum(hits), found.low, found.high)


def _hits(gaps: Sequence[int]) -> Iterator[bool]:
    for at in range(FLOOR, len(gaps)):
        low, high, _ = interval(gaps[:at])
        yield low <= gaps[at] <= high


# ---------------------------------------------------------------- in documents


def cadence_values(cadence: Cadence) -> dict[str, JSON]:
    """Return a cadence as the part `cadence` of documents."""
    values: dict[str, JSON] = _plain(asdict(cadence))
    return values


def _plain(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(child) for child in value]
    return value.isoformat() if isinstance(value, dt.date) else value
