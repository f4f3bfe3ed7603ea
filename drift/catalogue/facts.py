# What moved between two lists of models: which came and went, which end and when, what they can and cost.
# Owns: from two lists to evidence for rules of the area "lifecycle". Refuses to know: levels but their conditions,
# formats.
"""Facts between two catalogues: one for each kind of event, with every model that it happened to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from drift.catalogue.reading import Catalogue, Listed
from drift.compare.declared import declared_fact
from drift.lifecycle import notice_days
from drift.model import JSON, Level
from drift.pointers import pointer_to
from drift.rules.facts import Signal

_UNRELATED = "another model than the requested one is no longer listed"
_OVER = "days left are zero or fewer"


_MOST_TOLD = 8
"""Models that the words of one finding name; all of them stand in its places."""


@dataclass(frozen=True, slots=True)
class _Event:
    """What happened to one model. The id is no part of a fingerprint: `key` is."""

    rule: str
    family: str
    model: str
    note: str
    before: JSON = None
    after: JSON = None
    path: str = ""
    change: str = ""
    detail: str = ""
    level: Level | None = None
    reason: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return self.rule, self.family, self.path, self.change, self.detail, self.level, self.reason


def find_facts(
    baseline: Catalogue, candidate: Catalogue, *, asked: Collection[str], lead_days: int
) -> Iterator[Signal]:
    """Yield what moved, each kind of event once with all its models."""
    together: dict[tuple[Any, ...], list[_Event]] = {}
    for event in _events(baseline, candidate, asked=asked, lead_days=lead_days):
        together.setdefault(event.key, []).append(event)
    for events in together.values():
        first = events[0]
        told = "; ".join(f"{event.model}: {event.note}" for event in events[:_MOST_TOLD])
        more = f"; and {len(events) - _MOST_TOLD} more" if len(events) > _MOST_TOLD else ""
        yield declared_fact(
            first.rule,
            first.family,
            path=f"/models/*{first.path}",
            places=[event.model for event in events],
            before=_values(events, "before"),
            after=_values(events, "after"),
            change=first.change,
            detail=first.detail,
            level=first.level,
            reason=first.reason,
            note=f"{told}{more}.",
        )


def _values(events: Iterable[_Event], name: str) -> JSON:
    values = {event.model: getattr(event, name) for event in events if getattr(event, name) is not None}
    return values or None


def _events(
    baseline: Catalogue, candidate: Catalogue, *, asked: Collection[str], lead_days: int
) -> Iterator[_Event]:
    old, new = baseline["models"], candidate["models"]
    for model in sorted(old.keys() | new.keys()):
        if model not in new:
            # What a cut list does not show is not gone.
            if candidate["complete"]:
                yield _gone(model, old[model], None, asked)
        elif model not in old:
            if baseline["complete"] and new[model]["lifecycle"] != "retired":
                note = _brief(new[model])
                yield _Event("model-added", "models", model, "listed", after=note)
        else:
            yield from _moved(model, old[model], new[model], baseline, candidate, asked, lead_days)


def _gone(model: str, old: Listed, new: Listed | None, asked: Collection[str]) -> _Event:
    other = bool(asked) and model not in asked
    return _Event(
        "model-removed",
        "models",
        model,
        "no longer listed" if new is None else "listed as retired, requests for it fail",
        before=_brief(old),
        after=None if new is None else _brief(new),
        change="unlisted" if new is None else "retired",
        detail="asked" if model in asked else "",
        level="warning" if other else None,
        reason=_UNRELATED if other else "",
    )


def _moved(
    model: str,
    old: Listed,
    new: Listed,
    baseline: Catalogue,
    candidate: Catalogue,
    asked: Collection[str],
    lead_days: int,
) -> Iterator[_Event]:
    if new["lifecycle"] == "retired":
        if old["lifecycle"] != "retired":
            yield _gone(model, old, new, asked)
        return
    yield from _ends(model, old, new, baseline, candidate, lead_days)
    yield from _limits(model, old, new)
    yield from _capabilities(model, old, new)
    yield from _price(model, old, new)


def _ends(
    model: str, old: Listed, new: Listed, baseline: Catalogue, candidate: Catalogue, lead_days: int
) -> Iterator[_Event]:
    before, after = old["retires_on"], new["retires_on"]
    if _is_announced(new) and not _is_announced(old):
        values = {"deprecated_on": new["deprecated_on"], "retires_on": after}
        note = "no day is named" if after is None else f"ends on {after}{_floor(new)}"
        yield _Event("model-deprecated", "lifecycle", model, note, after=values, path="/retires_on")
    if before is not None and after is not None and after < before:
        note = f"{(_day(before) - _day(after)).days} days earlier"
        yield _Event(
            "model-shutdown-date-moved-earlier", "lifecycle", model, note, before, after, path="/retires_on"
        )
    if after is None:
        return
    left = (_day(after) - _day(candidate["taken_at"])).days
    left_before = None if before is None else (_day(before) - _day(baseline["taken_at"])).days
    is_new = left_before is None or left_before > lead_days or (left <= 0 < left_before)
    if left <= lead_days and is_new:
        yield _Event(
            "model-shutdown-within-lead-time",
            "lifecycle",
            model,
            f"{max(left, 0)} days left until {after}, and a move takes {lead_days}",
            before=None if before is None else {"retires_on": before, "days_left": left_before},
            after={"retires_on": after, "days_left": left},
            path="/retires_on",
            level="breaking" if left <= 0 else None,
            reason=_OVER if left <= 0 else "",
        )
    if not new["floor"] and (after, new["deprecated_on"]) != (before, old["deprecated_on"]):
        yield from _notice(model, old, new, baseline, candidate)


def _is_announced(entry: Listed) -> bool:
    return (
        entry["lifecycle"] == "deprecated"
        or entry["deprecated_on"] is not None
        or entry["retires_on"] is not None
    )


def _notice(
    model: str, old: Listed, new: Listed, baseline: Catalogue, candidate: Catalogue
) -> Iterator[_Event]:
    """Compare the notice with the least that the vendor publishes.

    Without a day of the announcement, it came after the baseline was taken: the notice was no longer than from there.
    """
    policy = notice_days(_VENDORS.get(candidate["platform"], candidate["platform"]), model)
    before, after = old["retires_on"], new["retires_on"]
    if policy is None or after is None or (before is not None and before <= after):
        return
    notice = (_day(after) - _day(new["deprecated_on"] or baseline["taken_at"])).days
    if notice < policy:
        most = "" if new["deprecated_on"] else "at most "
        yield _Event(
            "model-notice-below-policy",
            "lifecycle",
            model,
            f"{most}{notice} days of notice, where the vendor promises {policy}",
            before={"least_notice_days": policy},
            after={"notice_days": notice, "retires_on": after},
            path="/retires_on",
        )


def _limits(model: str, old: Listed, new: Listed) -> Iterator[_Event]:
    for name in sorted(old["limits"].keys() & new["limits"].keys()):
        before, after = old["limits"][name], new["limits"][name]
        if before != after:
            rule = "model-token-limit-decreased" if after < before else "model-capability-added"
            note = f"{name.replace('_', ' ')} {before:,} to {after:,}"
            yield _Event(rule, "limits", model, note, before, after, path=f"/limits/{name}", detail=name)


def _capabilities(model: str, old: Listed, new: Listed) -> Iterator[_Event]:
    before, after = old["capabilities"], new["capabilities"]
    if not before or not after:
        return  # one of the lists does not speak of them
    for name in sorted(before.keys() | after.keys()):
        had, has = before.get(name, False), after.get(name, False)
        if had != has:
            rule = "model-capability-added" if has else "model-capability-removed"
            path = pointer_to(["capabilities", name])
            yield _Event(rule, "capabilities", model, name, had or None, has or None, path=path, detail=name)


def _price(model: str, old: Listed, new: Listed) -> Iterator[_Event]:
    common = sorted(old["price"].keys() & new["price"].keys())
    dearer = [name for name in common if new["price"][name] > old["price"][name]]
    if dearer:
        told = ", ".join(f"{name} {old['price'][name]:g} to {new['price'][name]:g}" for name in dearer)
        yield _Event(
            "model-price-increased",
            "prices",
            model,
            f"{told} US dollars for a million tokens",
            before={name: old["price"][name] for name in common},
            after={name: new["price"][name] for name in common},
            path="/price",
        )


_VENDORS = {"gemini": "google"}
"""Platform → vendor, where their names differ."""


def _brief(entry: Listed) -> JSON:
    said = {"lifecycle": entry["lifecycle"], "retires_on": entry["retires_on"]}
    return {"listed": True, **{name: value for name, value in said.items() if value is not None}}


def _floor(entry: Listed) -> str:
    return " at the earliest" if entry["floor"] else ""


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text[:10])
