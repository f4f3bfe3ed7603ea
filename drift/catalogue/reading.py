# The models in a raw list, whatever host wrote it: ids, dates, limits, capabilities, prices.
# Owns: what is where in each vendor's and host's list. Refuses to know: the other list, rules, what a date means.
"""Read a raw list of models.

Vendors say different things. What a list does not say stays None or empty, and is never taken for "no".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import TypedDict

from drift.model import JSON, MAX_NUMBER


class Listed(TypedDict):
    """A model as its host lists it.

    `created`, `deprecated_on` and `retires_on` are ISO dates; `floor`: the date is the earliest possible one;
    `lifecycle`: "active", "deprecated" or "retired"; `limits`: name → tokens; `capabilities`: name → whether the
    model has it; `price`: "input" and "output" in US dollars for a million tokens.
    """

    created: str | None
    lifecycle: str | None
    deprecated_on: str | None
    retires_on: str | None
    floor: bool
    limits: dict[str, int]
    capabilities: dict[str, bool]
    price: dict[str, float]


class Catalogue(TypedDict):
    """The list of one host at one time; `complete` is False when it was cut off."""

    platform: str
    base_url: str | None
    api_version: str | None
    taken_at: str
    complete: bool
    models: dict[str, Listed]


def read_catalogue(
    raw: Mapping[str, JSON],
    *,
    platform: str,
    taken_at: str,
    base_url: str | None = None,
    api_version: str | None = None,
) -> Catalogue:
    """Read a raw document as a provider hands it over.

    Args:
        raw: "exchanges": one for each page; "prices": id → {"input", "output"}, what was known about prices then.
        platform: of the target that was asked.
        taken_at: ISO 8601 with offset.
        base_url: other host than the vendor's own.
        api_version: that went over the wire.
    """
    models: dict[str, Listed] = {}
    exchanges = raw["exchanges"]
    for entry in exchanges:
        read = _READERS.get(entry["dialect"], _open)
        for item in entries_of(entry["body"]) or ():
            listed = read(item) if isinstance(item, Mapping) else None
            if listed is not None:
                models[listed[0]] = listed[1]
    for model, price in raw.get("prices", {}).items():
        if model in models and not models[model]["price"]:
            models[model]["price"] = dict(price)
    last = exchanges[-1]
    complete = last["status"] == 200 and last["error"] is None and not _goes_on(last["body"])
    return {
        "platform": platform,
        "base_url": base_url,
        "api_version": api_version,
        "taken_at": taken_at,
        "complete": complete,
        "models": dict(sorted(models.items())),
    }


def entries_of(body: JSON) -> list[JSON] | None:
    """Return the entries of a list: under "data", "models", or bare as some hosts send it; None when it is no list."""
    found = body
    if isinstance(body, Mapping):
        found = next((body[key] for key in ("data", "models") if isinstance(body.get(key), list)), None)
    return found if isinstance(found, list) else None


def _goes_on(body: JSON) -> bool:
    return isinstance(body, Mapping) and bool(body.get("nextPageToken") or body.get("has_more") is True)


def _claude(item: Mapping[str, JSON]) -> tuple[str, Listed] | None:
    model = item.get("id")
    if not isinstance(model, str):
        return None
    limits = {"input_tokens": item.get("max_input_tokens"), "output_tokens": item.get("max_tokens")}
    lifecycle = item.get("lifecycle")
    retires = _date(item.get("retires_at"))
    return model, {
        "created": _date(item.get("created_at")),
        "lifecycle": lifecycle if isinstance(lifecycle, str) else None,
        "deprecated_on": _date(item.get("deprecated_at")),
        "retires_on": retires,
        "floor": False,
        "limits": _numbers(limits),
        "capabilities": _flags(item.get("capabilities")),
        "price": {},
    }


_STAGES = {"LEGACY": "deprecated", "DEPRECATED": "retired", "RETIRED": "retired", "STABLE": "active"}


def _gemini(item: Mapping[str, JSON]) -> tuple[str, Listed] | None:
    name = item.get("name")
    if not isinstance(name, str):
        return None
    status = item.get("modelStatus")
    status = status if isinstance(status, Mapping) else {}
    limits = {"input_tokens": item.get("inputTokenLimit"), "output_tokens": item.get("outputTokenLimit")}
    methods = item.get("supportedGenerationMethods") or item.get("supportedActions") or []
    flags = {f"method.{method}": True for method in methods if isinstance(method, str)}
    if isinstance(item.get("thinking"), bool):
        flags["thinking"] = item["thinking"]
    return name.removeprefix("models/"), {
        "created": None,
        "lifecycle": _STAGES.get(str(status.get("modelStage"))),
        "deprecated_on": None,
        "retires_on": _date(status.get("retirementTime")),
        "floor": True,  # the vendor calls its dates the earliest possible ones
        "limits": _numbers(limits),
        "capabilities": flags,
        "price": {},
    }


def _open(item: Mapping[str, JSON]) -> tuple[str, Listed] | None:
    """Read OpenAI's form, and what compatible hosts add to it."""
    model = item.get("id") or item.get("name")
    if not isinstance(model, str):
        return None
    top = item.get("top_provider")
    provider: Mapping[str, JSON] = top if isinstance(top, Mapping) else {}
    limits = {
        "input_tokens": _first(
            item, "context_length", "context_window", "max_context_length", "max_model_len"
        ),
        "output_tokens": _first(item, "max_completion_tokens", "max_output_tokens")
        or provider.get("max_completion_tokens"),
    }
    flags = _flags(item.get("capabilities"))
    for name, prefix in (("supported_parameters", "parameter"), ("supported_features", "feature")):
        listed = item.get(name)
        flags |= (
            {f"{prefix}.{one}": True for one in listed if isinstance(one, str)}
            if isinstance(listed, list)
            else {}
        )
    architecture = item.get("architecture")
    if isinstance(architecture, Mapping):
        for name in ("input_modalities", "output_modalities"):
            listed = architecture.get(name)
            if isinstance(listed, list):
                flags |= {f"{name.partition('_')[0]}.{one}": True for one in listed if isinstance(one, str)}
    ends = _date(_first(item, "shutdown_date", "expiration_date", "retirement_date"))
    return model, {
        "created": _date(item.get("created")),
        "lifecycle": None,
        "deprecated_on": _date(_first(item, "deprecated_at", "deprecation")),
        "retires_on": ends,
        "floor": False,
        "limits": _numbers(limits),
        "capabilities": flags,
        "price": _price(item.get("pricing")),
    }


def _first(item: Mapping[str, JSON], *names: str) -> JSON:
    return next((item[name] for name in names if item.get(name) is not None), None)


_READERS: Mapping[str, Callable[[Mapping[str, JSON]], tuple[str, Listed] | None]] = {
    "anthropic": _claude,
    "gemini": _gemini,
}


def _date(value: JSON) -> str | None:
    """Return an ISO date out of a date, a time or seconds since 1970; the epoch itself means that nothing is known."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value <= 0:
            return None
        try:
            return dt.datetime.fromtimestamp(value, dt.UTC).date().isoformat()
        except (ValueError, OverflowError, OSError):
            return None
    if (
        isinstance(value, str)
        and re.match(r"\d{4}-\d\d-\d\d(?:$|[T ])", value)
        and not value.startswith("1970-01-01")
    ):
        try:
            return dt.date.fromisoformat(value[:10]).isoformat()
        except ValueError:
            return None
    return None


def _numbers(values: Mapping[str, JSON]) -> dict[str, int]:
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_NUMBER
    }


def _flags(value: JSON, prefix: str = "", depth: int = 0) -> dict[str, bool]:
    """Flatten capabilities: `{"effort": {"supported": true, "low": {…}}}` becomes `effort` and `effort.low`."""
    found: dict[str, bool] = {}
    if not isinstance(value, Mapping) or depth > 6:
        return found
    for name, inner in value.items():
        key = prefix if name == "supported" and prefix else f"{prefix}.{name}" if prefix else str(name)
        if isinstance(inner, bool):
            found[key] = inner
        else:
            found |= _flags(inner, key, depth + 1)
    return found


def _price(value: JSON) -> dict[str, float]:
    """Return US dollars for a million tokens: OpenRouter gives them for one token as text, Together for a million."""
    if not isinstance(value, Mapping):
        return {}
    found = {}
    for name, keys in (("input", ("prompt", "input")), ("output", ("completion", "output"))):
        for key in keys:
            try:
                price = float(value[key]) if value.get(key) is not None else None
            except (TypeError, ValueError):
                continue
            if price is not None and 0 <= price < 1e6:
                found[name] = round(price * 1e6 if key in {"prompt", "completion"} else price, 9)
                break
    return found
