# Does one JSON Schema allow everything that another allows? The only user of jsonschema-rs.
# Owns: its settings, and what "unknown" means. Refuses to know: where a schema comes from, what follows from an answer.
"""Subset questions about JSON Schemas.

The engine is exact about "yes" and "no" and says "unknown" where it cannot prove either (patterns, closed against open
objects). Unknown is not proven, never a yes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from drift.canonical import canonical
from drift.model import JSON
from drift.validation import SchemaError

Containment = Literal["yes", "no", "unknown"]


def covers(wide: JSON, narrow: JSON) -> Containment:
    """Say whether every value that `narrow` allows is allowed by `wide`.

    Args:
        wide: JSON Schema; for an answer the reader's, for a request the new one.
        narrow: JSON Schema; for an answer what was seen of it, for a request the old one.

    Raises:
        SchemaError: one of the two is no JSON Schema, or refers to another document: nothing is ever fetched.
    """
    answer = str(_parsed(canonical(wide)).covers(_parsed(canonical(narrow))))
    return "yes" if answer == "yes" else "no" if answer == "no" else "unknown"


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    import json

    from jsonschema_rs import canonicalize

    try:
        return canonicalize(json.loads(text), validate_formats=True, offline=True)
    except ValueError as error:
        raise SchemaError(f"the schema cannot be read: {str(error)[:200]}", "mend the schema") from None
