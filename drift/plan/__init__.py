# The planning view: what a project asks, when that ends, where to go, and what was measured on the way there.
# Owns: the document of kind "plan", its order and its dates. Refuses to know: how things were found or measured.
"""Plan ahead.

One page for each project, in order of urgency. What nobody measured is said, with the commands that would.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from drift.ids import ModelId, read_id
from drift.lifecycle import Lifecycle, Status
from drift.lifecycle.cadence import cadence_values, cadences
from drift.lifecycle.status import level_of, sentence, status_values
from drift.model import JSON
from drift.plan.measured import Measurements
from drift.plan.upgrades import upgrades
from drift.providers import PLATFORMS
from drift.scan import Found, ModelUse
from drift.scan.document import models_of, scan_fields
from drift.store import Store

Fields = dict[str, JSON]


@dataclass(frozen=True, slots=True)
class Project:
    """A project and what its code uses; `name` tells it from others, with no more of its path than that."""

    name: str
    found: Found


def plan_fields(
    projects: Sequence[Project], table: Lifecycle, today: dt.date, *, lead_days: int, store: Store | None
) -> Fields:
    """Return the fields of a document of kind "plan", without the common ones.

    Args:
        projects: what is planned for.
        table: the dates of models.
        today: the day that counts.
        lead_days: days that a move takes.
        store: where runs, comparisons and surfaces are; None when there is no database.
    """
    measurements = Measurements(store)
    pages = [_page(project, table, today, lead_days, measurements, store) for project in projects]
    vendors = {step["vendor"] for page in pages for step in page["steps"]}
    return {
        "today": today.isoformat(),
        "table_as_of": table.as_of.isoformat(),
        "lead_days": lead_days,
        "projects": pages,
        "pace": [cadence_values(one) for one in cadences(table, today) if one.vendor in vendors],
        "notices": _notices(pages, table, today, has_store=store is not None),
    }


def _page(
    project: Project,
    table: Lifecycle,
    today: dt.date,
    lead_days: int,
    measurements: Measurements,
    store: Store | None,
) -> Fields:
    scanned = scan_fields(project.found, table, today)
    steps = [
        _step(uses, status, scanned, lead_days, today, measurements)
        for uses, status in models_of(project.found, table, today)
        if any(use.is_pin for use in uses)
    ]
    return {
        "name": project.name,
        "steps": steps,
        "sdks": upgrades(store, project.found.pins),
        "parameters": [one for one in scanned["parameters"] if one["model"] is None],
        "dates": sorted(
            (date for step in steps for date in _dates(step, today)),
            key=lambda one: (one["date"], one["spec"]),
        ),
        "files": project.found.files,
        "not_read": sum(not one.reason.endswith("line by line") for one in project.found.skipped),
    }


def _step(
    uses: Sequence[ModelUse],
    status: Status,
    scanned: Fields,
    lead_days: int,
    today: dt.date,
    measurements: Measurements,
) -> Fields:
    model = uses[0].model
    level, rule = level_of(status, lead_days=lead_days)
    move_to = _target(model, status)
    measured = measurements.between(model, move_to)
    begin_by = None
    if (
        status.retires_on is not None
        and status.retires_kind in {"firm", "reroute"}
        and status.retires_on > today
    ):
        begin_by = (status.retires_on - dt.timedelta(days=lead_days)).isoformat()
    return {
        "spec": model.spec,
        "platform": model.platform,
        "model": model.model,
        "vendor": model.vendor,
        "level": level,
        "rule": rule,
        "explanation": sentence(status),
        "status": status_values(status),
        "begin_by": begin_by,
        "move_to": None if move_to is None else move_to.spec,
        "uses": [{"file": use.file, "line": use.line, "key": use.key} for use in uses if use.is_pin],
        "parameters": [one for one in scanned["parameters"] if one["model"] == model.spec],
        "measured": measured,
        "to_measure": _to_measure(model, move_to, measured, status),
    }


def _target(model: ModelId, status: Status) -> ModelId | None:
    """Return where to move to, as a model on the same platform; what the vendor names may be a name in prose."""
    named = status.move_to or (status.elsewhere.move_to if status.elsewhere is not None else None)
    if named is None:
        return None
    on_platform = status.move_to is not None
    read = read_id(named, platform=model.platform if on_platform else None, is_model=True)
    if read is None or (on_platform and read.platform != model.platform):
        return None
    return read


def _to_measure(
    model: ModelId, move_to: ModelId | None, measured: Sequence[Fields], status: Status
) -> list[str]:
    """Return the commands that would measure the move; empty when it was measured, or cannot be.

    A model that has ended answers no more: what is left to measure is the one to move to.
    """
    if move_to is None or any(one["due"] for one in measured):
        return []
    if model.platform not in PLATFORMS or move_to.platform not in PLATFORMS:
        return []
    if status.state in {"retired", "rerouted"}:
        return [f"drift run {move_to.spec} --suite contract"]
    return [
        f"drift run {model.spec} --suite contract",
        f"drift run {move_to.spec} --suite contract",
        f"drift diff {model.spec} {move_to.spec}",
    ]


_ENDS = {"firm": "end", "reroute": "reroute", "not_sooner_than": "floor"}


def _dates(step: Fields, today: dt.date) -> Iterator[Fields]:
    status = step["status"]
    when, kind = status["retires_on"], _ENDS.get(status["retires_kind"])
    if when is not None and kind is not None:
        title = _title(step, kind, passed=when <= today.isoformat())
        yield {"date": when, "kind": kind, "spec": step["spec"], "title": title}
    if step["begin_by"] is not None:
        # What should have begun begins today.
        begin = max(step["begin_by"], today.isoformat())
        yield {
            "date": begin,
            "kind": "begin",
            "spec": step["spec"],
            "title": f"Begin to move off {step['model']}",
        }
    ends = status["replacement_retires_on"]
    if ends is not None:
        title = f"{status['replacement']}, the replacement of {step['model']}, ends"
        yield {"date": ends, "kind": "replacement", "spec": step["spec"], "title": title}


def _title(step: Fields, kind: str, *, passed: bool) -> str:
    words = {
        "end": f"{step['model']} {'ended' if passed else 'ends'}",
        "reroute": f"{step['model']} is answered by another model",
        "floor": f"{step['model']} {'was' if passed else 'is'} promised until here",
    }
    to = step["status"]["move_to"]
    return words[kind] + (f"; move to {to}" if to is not None and kind != "floor" else "")


def _notices(pages: Sequence[Any], table: Lifecycle, today: dt.date, *, has_store: bool) -> list[str]:
    notices = []
    if (today - table.as_of).days > 30:
        notices.append(
            f"The newest reading of the table of dates is of {table.as_of}; `drift models update` is newer."
        )
    if not has_store:
        notices.append("There is no database: nothing was measured. `drift run` measures.")
    if not any(page["steps"] for page in pages):
        notices.append("The code asks no model that is known by its id.")
    return notices
