# What the status of a model means for somebody who asks it: a sentence, a level, and its form in documents.
# Owns: wording and levels of a status. Refuses to know: where the model was found, formats, the table of dates.
"""From a status to words and levels."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drift.lifecycle.table import State, Status
from drift.model import JSON, Level

LEAD_DAYS = 60
"""Days before an end within which a move should have begun: the least notice of a vendor that publishes one."""

ENDS = "model-shutdown-within-lead-time"
ANNOUNCED = "model-deprecated"
UNDATED = "model-date-unknown"


def level_of(
    status: Status, *, lead_days: int = LEAD_DAYS, is_pin: bool = True
) -> tuple[Level | None, str | None]:
    """Return level and rule for code that asks a model; (None, None) when nothing is to be done.

    Args:
        status: of the model.
        lead_days: days before an end within which it is a matter of its own.
        is_pin: the code asks the model; else it only speaks of it, and that never fails.
    """
    level: Level | None
    level, rule = _level_of(status, lead_days)
    return (level, rule) if is_pin or level is None else ("info", rule)


def _level_of(status: Status, lead_days: int) -> tuple[Level | None, str | None]:
    if status.state in {"retired", "rerouted"}:
        return "breaking", ENDS
    if status.state in {"ending", "rerouting"}:
        soon = status.days_left is not None and status.days_left <= lead_days
        return "warning", ENDS if soon else ANNOUNCED
    if status.state == "deprecated":
        return "warning", ANNOUNCED
    if status.state == "floor":
        return None, None
    # A host that passes requests on can do no longer than the vendor does.
    there = status.elsewhere
    ends_there = there is not None and bool(there.ends_within(lead_days))
    return "warning" if ends_there else "info", UNDATED


def sentence(status: Status) -> str:
    """Return what is known about the end of a model, in one or two sentences."""
    name, when, days = status.model, status.retires_on, status.days_left
    said = {
        "retired": f"{name} ended on {when}, {_days(days)} ago"
        if when
        else f"{name} has ended; the day is not stated",
        "rerouted": f"{name} is answered by another model since {when}",
        "ending": f"{name} ends on {when}, in {_days(days)}",
        "rerouting": f"{name} is answered by another model from {when} on, in {_days(days)}",
        "deprecated": f"{name} is deprecated, and no end is announced",
        "floor": f"{name} stays at least until {when}; no end is announced",
        "floor-passed": f"{name} was promised until {when} only; its end may be announced any day",
        "unknown": _unknown(status),
    }[status.state]
    return ". ".join([said, *_more(status)]) + "."


def _today(status: Status) -> dt.date:
    """Return the day that the status is of; the earliest one when it does not tell."""
    if status.retires_on is None or status.days_left is None:
        return dt.date.min
    return status.retires_on - dt.timedelta(days=status.days_left)


def _days(days: int | None) -> str:
    count = abs(days or 0)
    return "1 day" if count == 1 else f"{count} days"


def _unknown(status: Status) -> str:
    if status.elsewhere is not None:
        there = sentence(status.elsewhere).rstrip(".")
        return f"no date of {status.model} on {status.platform} is known; on {status.elsewhere.platform}, {there}"
    if status.basis == "none":
        return f"nothing is known about {status.model} on {status.platform}"
    return f"no end of {status.model} is known"


def _more(status: Status) -> list[str]:
    more = []
    if status.replacement is not None:
        ends = status.replacement_retires_on
        text = f"Its replacement is {status.replacement}"
        if ends is not None:
            text += f", which itself {'ends' if _today(status) < ends else 'ended'} on {ends}"
        if status.move_to not in {None, status.replacement}:
            text += f" and leads to {status.move_to}"
        more.append(text)
    if status.disagreements:
        more.append("Sources disagree: " + "; ".join(status.disagreements))
    return more


def status_values(status: Status) -> dict[str, JSON]:
    """Return a status as the part `status` of documents."""
    elsewhere = status.elsewhere
    return {
        "state": status.state,
        "retires_on": _date(status.retires_on),
        "retires_kind": status.retires_kind,
        "days_left": status.days_left,
        "deprecated_on": _date(status.deprecated_on),
        "released": _date(status.released),
        "replacement": status.replacement,
        "move_to": status.move_to,
        "replacement_retires_on": _date(status.replacement_retires_on),
        "basis": status.basis,
        "as_of": _date(status.as_of),
        "source": status.source,
        "second_hand": status.second_hand,
        "note": status.note,
        "disagreements": list(status.disagreements),
        "elsewhere": None
        if elsewhere is None
        else {
            "platform": elsewhere.platform,
            "model": elsewhere.model,
            "state": elsewhere.state,
            "retires_on": _date(elsewhere.retires_on),
        },
    }


def _date(value: dt.date | None) -> str | None:
    return None if value is None else value.isoformat()


_URGENCY: tuple[State, ...] = (
    "retired", "rerouted", "ending", "rerouting", "deprecated", "unknown", "floor-passed", "floor",
)  # fmt: skip
"""States, the most urgent first; within a state the earlier date is the more urgent."""


def urgency(status: Status) -> tuple[Any, ...]:
    """Return a sort key: what ends first comes first."""
    rank = _URGENCY.index(status.state)
    # An end that is fixed counts by its day, whether requests fail then or another model answers.
    return (0 if rank < 4 else rank, status.retires_on or dt.date.max, status.platform, status.model)
