# The calendar format (RFC 5545): the days of a plan, for every calendar program.
# Owns: icalendar, what a day of a plan is in a calendar. Refuses to know: which days a plan has.
"""Render a plan as a calendar."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from drift.report.safe import inline
from drift.report.schemas import DocumentError

_SOON = dt.timedelta(days=14)
"""A reminder comes this long before an end."""

_KINDS = {
    "begin": "Begin",
    "end": "End",
    "floor": "Promised until",
    "replacement": "End of a replacement",
    "reroute": "Another model answers",
}


def render(document: Mapping[str, Any]) -> str:
    """Return the days of a plan as a calendar of whole-day entries.

    Days that have passed are left out. The same plan is the same file, whenever it is made, and an entry keeps its UID
    from plan to plan, so that a calendar that takes the file again moves it and does not double it. Lines end with
    CR LF, as the standard demands.

    Raises:
        DocumentError: documents of this kind have no days.
    """
    if document["kind"] != "plan":
        kind = document["kind"]
        raise DocumentError(f"documents of kind {kind!r} have no days for a calendar", "use --format json")
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", f"-//drift//{inline(document['drift_version'], 40)}//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Ends of models")
    for project in document["projects"]:
        explained = {step["spec"]: step for step in project["steps"]}
        for date in project["dates"]:
            if date["date"] < document["today"]:
                continue
            calendar.add_component(_event(project["name"], date, explained[date["spec"]], document["today"]))
    return bytes(calendar.to_ical()).decode("utf-8")


def _event(project: str, date: Mapping[str, Any], step: Mapping[str, Any], today: str) -> Any:
    from icalendar import Alarm, Event

    day = dt.date.fromisoformat(date["date"])
    identity = "\0".join((project, date["spec"], date["kind"]))
    event = Event()
    event.add("uid", f"{hashlib.sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}@drift")
    # The day that was planned on, so that the same plan is the same file.
    event.add("dtstamp", dt.datetime.combine(dt.date.fromisoformat(today), dt.time(), dt.UTC))
    event.add("dtstart", day)
    event.add("dtend", day + dt.timedelta(days=1))
    event.add("summary", _text(f"{date['title']} ({project})"))
    places = ", ".join(f"{use['file']}:{use['line']}" for use in step["uses"][:5])
    event.add("description", _text(f"{step['explanation']} Asked in {places}.", 2000))
    event.add("categories", [_KINDS[date["kind"]], "Drift"])
    event.add("transp", "TRANSPARENT")
    if date["kind"] in {"end", "reroute"}:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _text(date["title"]))
        alarm.add("trigger", -_SOON)
        event.add_component(alarm)
    return event


def _text(text: str, limit: int = 300) -> str:
    return inline(text, limit)
