# What an API says of a refusal outside the prose: stop reasons, fields, filters, errors.
# Owns: the vendors' spellings. Refuses to know: what the text says.
"""Structured signals of a refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_STOPS = frozenset({"refusal", "refused"})
_FILTERS = frozenset(
    {
        "content_filter",
        "content_filtered",
        "guardrail_intervened",
        "safety",
        "prohibited_content",
        "blocklist",
        "spii",
        "recitation",
        "image_safety",
        "moderation",
        "sensitive",
        "blocked",
    }
)
_ERROR = re.compile(
    r"content[_ -]?(?:policy|filter|management|moderation)|moderation|safety (?:system|filter|polic)|"
    r"responsible ?ai|usage polic|invalid_prompt|data_inspection|blocked by|flagged|prohibited content",
    re.IGNORECASE,
)


def signals(
    stop_reason: str | None = None,
    refusal_field: str | None = None,
    *,
    content_filter: object = None,
    stop_details: object = None,
    error: object = None,
    status: int | None = None,
) -> tuple[str, ...]:
    """Return the structured signals of a refusal, in fixed order; prose never counts here.

    Args:
        stop_reason: stop or finish reason in any dialect's spelling.
        refusal_field: text of a dedicated refusal field; any non-empty text counts.
        content_filter: the vendor's block reason or filter result (such as Gemini's `blockReason`), or None.
        stop_details: the vendor's details of the stop; a mapping of type "refusal" counts.
        error: error object or message of a rejected request, or of an error inside a stream.
        status: HTTP status that came with `error`.

    Returns:
        Some of "stop_reason", "refusal_field", "content_filter", "error".
    """
    found = []
    reason = (stop_reason or "").lower()
    details = stop_details.get("type") if isinstance(stop_details, Mapping) else None
    if reason in _STOPS or details == "refusal":
        found.append("stop_reason")
    if refusal_field:
        found.append("refusal_field")
    if reason in _FILTERS or _blocked(content_filter):
        found.append("content_filter")
    if (
        error is not None
        and (status is None or status < 500)
        and status != 429
        and _ERROR.search(_flat(error))
    ):
        found.append("error")
    return tuple(found)


def _blocked(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_blocked(item) for key, item in value.items() if key not in {"severity", "category"})
    if isinstance(value, list):
        return any(map(_blocked, value))
    if isinstance(value, str):
        return value.lower() in _FILTERS
    return value is True


def _flat(error: object) -> str:
    if isinstance(error, Mapping):
        return " ".join(_flat(value) for value in error.values())
    return error if isinstance(error, str) else ""
