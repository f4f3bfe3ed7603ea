# The HTML format: a plan as one page with a timeline, for people who read it in a browser or print it.
# Owns: jinja2 and its settings, the geometry of the timeline. Refuses to know: which words to use (planning, phrases).
"""Render a plan as one self-contained HTML file: no script, nothing loaded from anywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from drift.report import planning
from drift.report.phrases import minute
from drift.report.safe import inline
from drift.report.schemas import DocumentError
from drift.report.summary import summary_line

_TEMPLATE = "plan.html"
_LIMIT = 2000
_WIDTH, _LABELS, _ROW, _HEAD = 1000, 330, 26, 28
_BEHIND, _AHEAD = dt.timedelta(days=45), dt.timedelta(days=380)
_MOST_AHEAD = dt.timedelta(days=730)
_COLOURS: Mapping[str | None, str] = {
    "breaking": "breaking",
    "warning": "warning",
    "info": "info",
    None: "calm",
}

Json = Mapping[str, Any]


def render(document: Json) -> str:
    """Return a plan as an HTML page that ends with a line feed.

    Everything from outside is escaped by the template, and shown with its hidden characters.

    Raises:
        DocumentError: documents of this kind have no such page.
    """
    if document["kind"] != "plan":
        kind = document["kind"]
        raise DocumentError(f"documents of kind {kind!r} have no HTML form", "use --format md")
    page = _environment().get_template(_TEMPLATE)
    text: str = page.render(
        title=summary_line(document),
        document=document,
        written=minute(document["created_at"]),
        projects=[
            {"plan": project, "timeline": _timeline(project, document)} for project in document["projects"]
        ],
        pace=[
            section
            for vendor in document["pace"]
            for section in planning.cadence_sections(vendor, document["today"])
        ],
    )
    return text.rstrip("\n") + "\n"


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import DictLoader, Environment, StrictUndefined

    source = files("drift").joinpath("templates", _TEMPLATE).read_text(encoding="utf-8")
    environment = Environment(
        loader=DictLoader({_TEMPLATE: source}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # An expression of the template that is a text is made visible here, once, and then escaped.
    environment.finalize = lambda value: inline(value, _LIMIT) if type(value) is str else value
    environment.filters |= {
        "bare": lambda text: str(text or "").replace("https://", "").replace("http://", ""),
        "measured": planning.measured_words,
        "number": planning.number_words,
        "cells": planning.status_cells,
        "state": lambda text: str(text).replace("-", " "),
        "colour": _colour,
    }
    return environment


def _colour(level: str | None) -> str:
    return _COLOURS.get(level, "calm")


# ---------------------------------------------------------------- timeline


def _timeline(project: Json, document: Json) -> Json | None:
    """Return the geometry of a timeline: a row for each model, pale where no day is known; None when none has one."""
    rows = project["steps"]
    days = [dt.date.fromisoformat(day) for step in rows if (day := step["status"]["retires_on"]) is not None]
    if not days:
        return None
    today = dt.date.fromisoformat(document["today"])
    begin = max(min([*days, today]), today - _BEHIND) - dt.timedelta(days=5)
    end = min(max([*days, today + _AHEAD]), today + _MOST_AHEAD) + dt.timedelta(days=20)
    scale = (_WIDTH - _LABELS - 20) / (end - begin).days

    def at(day: dt.date) -> float:
        return round(_LABELS + (min(max(day, begin), end) - begin).days * scale, 1)

    return {
        "width": _WIDTH,
        "height": _HEAD + _ROW * len(rows) + 14,
        "labels": _LABELS,
        "today": at(today),
        "right": at(end),
        "months": list(_months(begin, end, at)),
        "rows": [_bar(step, number, at, today, begin, end) for number, step in enumerate(rows)],
    }


def _months(begin: dt.date, end: dt.date, at: Any) -> Iterator[Json]:
    several = (end - begin).days > 500
    day = (begin.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    while day < end:
        is_year = day.month == 1
        shown = is_year or day.month % 3 == 1 or not several
        yield {
            "x": at(day),
            "label": f"{day:%Y}" if is_year else f"{day:%b}" if shown else "",
            "year": is_year,
        }
        day = (day + dt.timedelta(days=32)).replace(day=1)


def _shown_day(status: Json) -> str:
    if status["retires_on"] is None:
        return "ended" if status["state"] == "retired" else "not known"
    return ("≥ " if status["retires_kind"] == "not_sooner_than" else "") + str(status["retires_on"])


def _bar(step: Json, number: int, at: Any, today: dt.date, begin: dt.date, end: dt.date) -> Json:
    status = step["status"]
    start = at(max(begin, today - _BEHIND))
    day = status["retires_on"]
    is_open = status["retires_kind"] == "not_sooner_than" or (day is None and status["state"] != "retired")
    until = start if day is None and is_open else start + 4.0
    if day is not None:
        until = max(at(dt.date.fromisoformat(day)), until)
    begins = step["begin_by"]
    return {
        "y": _HEAD + _ROW * number,
        "label": step["spec"] if len(step["spec"]) <= 46 else "…" + step["spec"][-45:],
        "colour": _colour(step["level"]),
        "x": start,
        "width": round(until - start, 1),
        "open": round(at(end) - until, 1) if is_open else 0,
        "until": until,
        "date": _shown_day(status),
        "date_left": until > _WIDTH - 110,
        "begin": None
        if begins is None or dt.date.fromisoformat(begins) <= begin
        else at(dt.date.fromisoformat(begins)),
        "title": f"{step['explanation']}",
    }
