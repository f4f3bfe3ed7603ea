# What moved between two lists of models: which came and went, which end and when, what they can and cost.
# Owns: from two lists to evidence for rules of the area "lifecycle". Refuses to know: levels but their
# conditions, formats.
"""Facts between two catalogues."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from drift.catalogue.reading import Catalogue, Listed
from drift.compare.declared import declared_fact
from drift.lifecycle import notice_days
from drift.model import JSON
from drift.rules.facts import Signal

_UNRELATED = "another model than the requested one is no longer listed"
_OVER = "days left are zero or fewer"


def find_facts(
    baseline: Catalogue, candidate: Catalogue, *, asked: Collection[str], lead_days: int
) -> Iterator[Signal]:
    """Yield what moved, model by model in order of their ids."""
    old, new = baseline["models"], candidate["models"]
    for model in sorted(old.keys() | new.keys()):
        if model not in new:
            # What a cut list does not show is not gone.
            if candidate["complete"]:
                yield _gone(model, old[model], None, asked)
        elif model not in old:
            if baseline["complete"] and new[model]["lifecycle"] != "retired":
                yield declared_fact(
                    "model-added",
                    "models",
                    path=f"/models/{_step(model)}",
                    place=model,
                    after=_brief(new[model]),
                )
        else:
            yield from _moved(model, old[model], new[model], baseline, candidate, asked, lead_days)


def _gone(model: str, old: Listed, new: Listed | None, asked: Collection[str]) -> Signal:
    other = bool(asked) and model not in asked
    return declared_fact(
        "model-removed",
        "models",
        path=f"/models/{_step(model)}",
        place=model,
        before=_brief(old),
        after=None if new is None else _brief(new),
        change="unlisted" if new is None else "retired",
        level="warning" if other else None,
        reason=_UNRELATED if other else "",
        note="It is no longer listed." if new is None else "It is listed as retired: requests for it fail.",
    )


def _moved(
    model: str,
    old: Listed,
    new: Listed,
    baseline: Catalogue,
    candidate: Catalogue,
    asked: Collection[str],
    lead_days: int,
) -> Iterator[Signal]:
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
) -> Iterator[Signal]:
    path = f"/models/{_step(model)}/retires_on"
    before, after = old["retires_on"], new["retires_on"]
    announced = new["lifecycle"] == "deprecated" or new["deprecated_on"] is not None or after is not None
    was_announced = old["lifecycle"] == "deprecated" or old["deprecated_on"] is not None or before is not None
    if announced and not was_announced:
        yield declared_fact(
            "model-deprecated",
            "lifecycle",
            path=path,
            place=model,
            before=None,
            after={"deprecated_on": new["deprecated_on"], "retires_on": after},
            note="No day is named." if after is None else f"It ends on {after}{_floor(new)}.",
        )
    if before is not None and after is not None and after < before:
        days = (_day(before) - _day(after)).days
        yield declared_fact(
            "model-shutdown-date-moved-earlier",
            "lifecycle",
            path=path,
            place=model,
            before=before,
            after=after,
            note=f"It moved by {days} days.",
        )
    if after is None:
        return
    left = (_day(after) - _day(candidate["taken_at"])).days
    left_before = None if before is None else (_day(before) - _day(baseline["taken_at"])).days
    is_new = left_before is None or left_before > lead_days or (left <= 0 < left_before)
    if left <= lead_days and is_new:
        yield declared_fact(
            "model-shutdown-within-lead-time",
            "lifecycle",
            path=path,
            place=model,
            before=None if before is None else {"retires_on": before, "days_left": left_before},
            after={"retires_on": after, "days_left": left},
            level="breaking" if left <= 0 else None,
            reason=_OVER if left <= 0 else "",
            note=f"{max(left, 0)} days are left, and a move takes {lead_days}.",
        )
    if not new["floor"] and (after, new["deprecated_on"]) != (before, old["deprecated_on"]):
        yield from _notice(model, old, new, baseline, candidate)


def _notice(
    model: str, old: Listed, new: Listed, baseline: Catalogue, candidate: Catalogue
) -> Iterator[Signal]:
    """Compare the notice with the least that the vendor publishes.

    Without a day of the announcement, it came after the baseline was taken: the notice was no longer than from there.
    """
    policy = notice_days(_vendor(candidate["platform"]), model)
    after = new["retires_on"]
    if policy is None or after is None or (old["retires_on"] is not None and old["retires_on"] <= after):
        return
    announced = new["deprecated_on"] or baseline["taken_at"]
    notice = (_day(after) - _day(announced)).days
    if notice >= policy:
        return
    most = "" if new["deprecated_on"] else "at most "
    yield declared_fact(
        "model-notice-below-policy",
        "lifecycle",
        path=f"/models/{_step(model)}/retires_on",
        place=model,
        before={"least_notice_days": policy},
        after={"notice_days": notice, "retires_on": after},
        note=f"The notice is {most}{notice} days; the vendor's own least is {policy}.",
    )


def _limits(model: str, old: Listed, new: Listed) -> Iterator[Signal]:
    for name in sorted(old["limits"].keys() & new["limits"].keys()):
        before, after = old["limits"][name], new["limits"][name]
        path = f"/models/{_step(model)}/limits/{name}"
        if after < before:
            yield declared_fact(
                "model-token-limit-decreased",
                "limits",
                path=path,
                place=model,
                before=before,
                after=after,
                detail=name,
                note=f"{name.replace('_', ' ')}: {before - after:,} fewer.",
            )
        elif after > before:
            yield _capability("model-capability-added", model, name, before, after, f"limits/{name}")


def _capabilities(model: str, old: Listed, new: Listed) -> Iterator[Signal]:
    before, after = old["capabilities"], new["capabilities"]
    if not before or not after:
        return  # one of the lists does not speak of them
    for name in sorted(before.keys() | after.keys()):
        had, has = before.get(name, False), after.get(name, False)
        if had != has:
            rule = "model-capability-added" if has else "model-capability-removed"
            yield _capability(rule, model, name, had or None, has or None, f"capabilities/{_step(name)}")


def _capability(rule: str, model: str, name: str, before: JSON, after: JSON, path: str) -> Signal:
    return declared_fact(
        rule,
        "capabilities",
        path=f"/models/{_step(model)}/{path}",
        place=model,
        before=before,
        after=after,
        detail=name,
        note=f"{name}.",
    )


def _price(model: str, old: Listed, new: Listed) -> Iterator[Signal]:
    common = sorted(old["price"].keys() & new["price"].keys())
    dearer = [name for name in common if new["price"][name] > old["price"][name]]
    if not dearer:
        return
    told = ", ".join(
        f"{name} {old['price'][name]:g} to {new['price'][name]:g} US dollars a million tokens"
        for name in dearer
    )
    yield declared_fact(
        "model-price-increased",
        "prices",
        path=f"/models/{_step(model)}/price",
        place=model,
        before={name: old["price"][name] for name in common},
        after={name: new["price"][name] for name in common},
        note=f"{told}.",
    )


_VENDORS = {"gemini": "google"}


def _vendor(platform: str) -> str:
    return _VENDORS.get(platform, platform)


def _brief(entry: Listed) -> JSON:
    said = {"lifecycle": entry["lifecycle"], "retires_on": entry["retires_on"]}
    return {"listed": True, **{name: value for name, value in said.items() if value is not None}}


def _floor(entry: Listed) -> str:
    return " at the earliest" if entry["floor"] else ""


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text[:10])


def _step(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")
