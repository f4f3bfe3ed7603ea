# The pieces of a streamed value put together, field by field, whatever fields they are.
# Owns: which fields a delta states in full. Refuses to know: dialects, events.
"""Join deltas; nothing that is unknown is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drift.model import JSON

_WHOLE = frozenset(
    {"finish_reason", "id", "index", "name", "native_finish_reason", "role", "status", "stop_reason", "type"}
)
"""Fields that a delta states in full; all other texts arrive in pieces."""


def joined(whole: Mapping[str, JSON], delta: Mapping[str, JSON]) -> dict[str, JSON]:
    """Add a delta to what was received: texts and lists grow, objects merge, items go by `index`."""
    found = dict(whole)
    for key, value in delta.items():
        before = found.get(key)
        if isinstance(before, str) and isinstance(value, str) and key not in _WHOLE:
            found[key] = before + value
        elif isinstance(before, Mapping) and isinstance(value, Mapping):
            found[key] = joined(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            found[key] = _joined_items(before, value)
        elif value is not None or key not in found:
            found[key] = value
    return found


def _joined_items(before: Sequence[JSON], items: Sequence[JSON]) -> list[JSON]:
    found = list(before)
    for item in items:
        index = item.get("index") if isinstance(item, Mapping) else None
        places = [n for n, old in enumerate(found) if isinstance(old, Mapping) and old.get("index") == index]
        if index is not None and places:
            found[places[0]] = joined(found[places[0]], item)
        else:
            found.append(item)
    return found
