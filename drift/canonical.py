# Canonical JSON and content hashes: the identity of documents, probes, suites and snapshots.
# Owns: the recipe below, which is a contract (one changed byte orphans stored hashes). Refuses to know: the values.
"""Canonical JSON and content hashes.

Recipe: UTF-8 of JSON with keys sorted by code point, no white space, every non-ASCII character escaped (a lone
surrogate in model text must not crash), no NaN or infinity. The hash is the hex SHA-256 of those bytes.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Never

from drift.errors import DriftError

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)

DEEPEST = 200
"""How deep Python's own parser goes depends on its version, and whatever reads a value later is recursive."""


def canonical(value: Any) -> str:
    """Return the canonical JSON text of a JSON value; raises ValueError on NaN or infinity."""
    return _ENCODER.encode(value)


def content_hash(value: Any) -> str:
    """Return the hex SHA-256 (64 characters) of the canonical JSON of a value."""
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


class StrictJSONError(DriftError, ValueError):
    """The text is not strict JSON (NaN, a key twice, or no JSON at all)."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise StrictJSONError("a key occurs twice in one object")
    return value


def _reject_constant(name: str) -> Never:
    raise StrictJSONError(f"{name} is not JSON")


def strict_loads(text: str, *, deepest: int = DEEPEST) -> Any:
    """Parse JSON and refuse what `json.loads` lets through: NaN, Infinity, duplicate keys, and nesting without an end.

    Args:
        text: the JSON text.
        deepest: so many arrays and objects may stand in each other.

    Raises:
        StrictJSONError: a `ValueError`; the message says why.
    """
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_reject_constant)
    except StrictJSONError:
        raise
    except (ValueError, RecursionError) as error:
        raise StrictJSONError(f"not JSON: {error}") from None
    # Counting is a hundred times as fast as walking, and settles nearly every text.
    if text.count("[") + text.count("{") > deepest and _is_deeper(value, deepest):
        raise StrictJSONError(f"not JSON that can be kept: nested more than {deepest} deep")
    return value


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return any(isinstance(inner, dict | list) for inner in level)


def inert(text: str) -> str:
    """Return JSON text in which no CI system finds a command: `##[` is one wherever it stands in a line.

    `##` can only stand within a string, where an escape says the same.
    """
    return text.replace("##", "#\\u0023")
