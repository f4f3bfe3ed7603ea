# A pair with other values: what a fingerprint must not depend on is moved, and nothing else.
# Owns: which texts and numbers of a fixture are values. Refuses to know: rules.
"""Rewrite a fixture: other model ids, other ids, other words of the user, other counts, other rates."""

from __future__ import annotations

import json
import re
from typing import Any

_MODELS = {
    "claude-": "clarus-",
    "gpt-": "gqt-",
    "gemini-": "geminus-",
    "model-a": "m-one",
    "model-b": "m-two",
}
_WORDS = {"Trondheim": "Stavanger", "Bergen": "Tallinn", "48213": "59317", "Friday": "Monday", "Ada": "Eva"}
_ID = re.compile(r'"((?:msg|toolu|call|chatcmpl|req|resp|fc|rs)[_-])([A-Za-z0-9]{12,})"')
_TIMES = frozenset({"created", "created_at"})
_ASKED = frozenset({"input_tokens", "prompt_tokens", "promptTokenCount", "total_tokens", "totalTokenCount"})


def other_values(text: str) -> dict[str, Any]:
    """Return the content of a fixture with other values."""
    old: dict[str, Any] = json.loads(text)
    priced = "cost-per-probe-increased" in old["expect"]  # what a call costs hangs on the model's own id
    for name, other in (_WORDS if priced else {**_MODELS, **_WORDS}).items():
        text = text.replace(name, other)
    new: dict[str, Any] = json.loads(_ID.sub(lambda found: f'"{found[1]}{_turned(found[2])}"', text))
    for side in ("baseline", "candidate"):
        new[side] = _other_numbers(new[side])
    for probe in new.get("probes", ()):
        if probe.get("copies", new.get("copies", 1)) >= 6 and "per_copy" not in probe:
            probe["copies"] = probe.get("copies", new.get("copies", 1)) + 1
    new["expect"] = old["expect"]
    return new


def _turned(text: str) -> str:
    """Return an id of the same alphabet: digits and letters move on by one within their kind."""
    kinds = ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ")
    table = {ord(kind[i]): kind[(i + 1) % len(kind)] for kind in kinds for i in range(len(kind))}
    return text.translate(table)


def _other_numbers(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _other_numbers(child, name) for name, child in value.items()}
    if isinstance(value, list):
        return [_other_numbers(child) for child in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if key in _TIMES:
        return value + 86_400
    if key == "latency_ms":
        return round(value * 1.25, 1)
    return value + 16 if key in _ASKED else value
