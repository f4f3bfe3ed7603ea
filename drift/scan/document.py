# The scan of a project as a document: what it asks for, where each model stands on a day, and whether that passes.
# Owns: the document of kind "scan", its gate. Refuses to know: how things were found, formats.
"""From what was found to the document of a scan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from drift.errors import EXIT_FINDINGS, EXIT_OK, EXIT_UNDECIDED
from drift.ids import ModelId, read_id
from drift.lifecycle import Lifecycle, Status
from drift.lifecycle.status import LEAD_DAYS, level_of, sentence, status_values, urgency
from drift.model import JSON, LEVELS
from drift.scan import Found, ModelUse
from drift.scan.found import ENDS_WITH_ASSISTANT
from drift.scan.refused import Reason, Refusal, refusals

Fields = dict[str, JSON]


def scan_fields(
    found: Found,
    lifecycle: Lifecycle,
    today: dt.date,
    *,
    fail_on: str = "breaking",
    fail_within: int | None = None,
) -> Fields:
    """Return the fields of a document of kind "scan", without the common ones.

    Args:
        found: what the project uses.
        lifecycle: the table of dates.
        today: the day that counts.
        fail_on: level from which on the gate fails.
        fail_within: days; a model that the code asks and that ends within them fails the gate, and one of which
            nobody can say it leaves the gate undecided.
    """
    models = models_of(found, lifecycle, today)
    entries = [_model(uses, status, fail_within) for uses, status in models]
    refused = [_parameter(one) for one in _refused(found, models)]
    not_read = [one for one in found.skipped if not one.reason.endswith(("line by line", "is binary"))]
    undecided = [
        entry["spec"]
        for entry, (_, status) in zip(entries, models, strict=True)
        if fail_within is not None and entry["pinned"] and status.ends_within(fail_within) is None
    ]
    levels = [entry["level"] for entry in (*entries, *refused) if entry["level"]]
    ends = [
        status.model
        for entry, (_, status) in zip(entries, models, strict=True)
        if fail_within is not None and entry["pinned"] and status.ends_within(fail_within)
    ]
    fails = bool(ends) or (fail_on != "never" and any(_reaches(level, fail_on) for level in levels))
    blind = bool(undecided) or (fail_within is not None and bool(not_read))
    return {
        "today": today.isoformat(),
        "table_as_of": lifecycle.as_of.isoformat(),
        "gate": {
            "fail_on": fail_on,
            "fail_within": fail_within,
            "exit_code": EXIT_FINDINGS if fails else EXIT_UNDECIDED if blind else EXIT_OK,
        },
        "undecided": undecided,
        "models": entries,
        "sdks": [_sdk(pin) for pin in found.pins],
        "parameters": refused,
        "api_versions": [
            {"vendor": one.vendor, "value": one.value, "file": one.file, "line": one.line}
            for one in found.api_versions
        ],
        "files": found.files,
        "skipped": [{"file": one.file, "reason": one.reason} for one in found.skipped],
        "notices": _notices(found, lifecycle, today, not_read=len(not_read)),
    }


def models_of(found: Found, lifecycle: Lifecycle, today: dt.date) -> list[tuple[Sequence[ModelUse], Status]]:
    """Return each model with the places that name it and its status, the most urgent first."""
    places: dict[ModelId, list[ModelUse]] = {}
    for use in found.uses:
        places.setdefault(use.model, []).append(use)
    paired: list[tuple[Sequence[ModelUse], Status]] = [
        (uses, lifecycle.status(model, today)) for model, uses in places.items()
    ]
    paired.sort(key=lambda pair: (not any(use.is_pin for use in pair[0]), *urgency(pair[1])))
    return paired


def _refused(found: Found, models: Sequence[tuple[Sequence[ModelUse], Status]]) -> list[Refusal]:
    move_to = {
        uses[0].model: None if status.move_to is None else read_id(status.move_to, is_model=True)
        for uses, status in models
    }
    listed = list(refusals(found, move_to))
    listed.sort(
        key=lambda one: (not one.is_now, one.file, one.parameter.line, one.parameter.column, one.name)
    )
    return listed


def _reaches(level: str, fail_on: str) -> bool:
    order: Sequence[str] = LEVELS
    return order.index(level) >= order.index(fail_on)


def _model(uses: Sequence[ModelUse], status: Status, fail_within: int | None) -> Fields:
    model = uses[0].model
    pinned = any(use.is_pin for use in uses)
    lead = LEAD_DAYS if fail_within is None else fail_within
    level, rule = level_of(status, lead_days=lead, is_pin=pinned)
    return {
        "spec": model.spec,
        "platform": model.platform,
        "model": model.model,
        "vendor": model.vendor,
        "region": model.region,
        "pinned": pinned,
        "level": level,
        "rule": rule,
        "explanation": sentence(status),
        "status": status_values(status),
        "uses": [
            {
                "file": use.file,
                "line": use.line,
                "column": use.column,
                "spelled": use.spelled,
                "key": use.key,
                "role": use.role,
            }
            for use in uses
        ],
    }


def _sdk(pin: Any) -> Fields:
    return {
        "ecosystem": pin.ecosystem,
        "package": pin.package,
        "vendor": pin.vendor,
        "requirement": pin.requirement,
        "version": pin.version,
        "locked": pin.is_locked,
        "api_version": pin.api_version,
        "file": pin.file,
        "line": pin.line,
    }


def _parameter(refusal: Refusal) -> Fields:
    return {
        "parameter": refusal.name,
        "sent": refusal.parameter.value,
        "known": refusal.parameter.is_known,
        "model": None if refusal.model is None else refusal.model.spec,
        "file": refusal.file,
        "line": refusal.parameter.line,
        "column": refusal.parameter.column,
        "level": "breaking" if refusal.is_now and refusal.is_certain else "warning",
        "rule": "request-message-role-rejected"
        if refusal.when == ENDS_WITH_ASSISTANT
        else "request-parameter-rejected",
        "explanation": _explained(refusal),
        "instead": refusal.instead,
        "reasons": [_reason(reason) for reason in refusal.reasons],
    }


def _reason(reason: Reason) -> Fields:
    event = reason.event
    return {
        "by": reason.by,
        "subject": reason.subject,
        "now": reason.is_now,
        "event": event.id,
        "when": event.when,
        "what": event.what,
        "source": event.source,
        "second_hand": event.second_hand,
        "beside": list(reason.beside),
    }


def _explained(refusal: Refusal) -> str:
    words: Mapping[str, str] = {
        "model": "{0} refuses it",
        "replacement": "{0}, which replaces the model, refuses it",
        "api_version": "API version {0} refuses it",
    }
    parts = [
        words[reason.by].format(reason.subject)
        + (f" beside `{'`, `'.join(reason.beside)}`" if reason.beside else "")
        + ("" if reason.is_now or reason.by == "replacement" else ", which newer SDKs send by themselves")
        for reason in refusal.reasons
    ]
    values = ", ".join(map(str, refusal.unless))
    condition = f" unless its value is {values}" if refusal.unless and not refusal.parameter.is_known else ""
    return f"{_spoken(refusal)}: {'; '.join(dict.fromkeys(parts))}{condition}."


def _spoken(refusal: Refusal) -> str:
    """Return the parameter as a reader names it, with the part of its value that matters."""
    if refusal.when == ENDS_WITH_ASSISTANT:
        return f"`{refusal.name}` that end with a turn of the assistant"
    value = " and ".join(f"{key} `{part}`" for key, part in (refusal.when or {}).items())
    return f"`{refusal.name}`" + (f" with {value}" if value else "")


def _notices(found: Found, lifecycle: Lifecycle, today: dt.date, *, not_read: int) -> list[str]:
    notices = []
    age = (today - lifecycle.as_of).days
    if age > 30:
        notices.append(f"The newest reading of the table of dates is {age} days old.")
    if not found.uses:
        notices.append("No model id was found in the code.")
    if not_read:
        files = "1 file was" if not_read == 1 else f"{not_read} files were"
        notices.append(
            f"{files} not read; what they ask for is not known. --exclude or --max-bytes settles it."
        )
    return notices
