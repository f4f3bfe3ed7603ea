# Does one JSON Schema allow everything that another allows? The only user of jsonschema-rs.
# Owns: its settings, and what "unknown" means. Refuses to know: where a schema comes from, what follows from an answer.
"""Subset questions about JSON Schemas.

The engine is exact about "yes" and "no" and says "unknown" where it cannot prove either (patterns, closed against open
objects). Unknown is not proven, never a yes: a value that was seen can settle it as a no.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal, NoReturn

from drift.canonical import canonical
from drift.errors import DriftError
from drift.model import JSON

Containment = Literal["yes", "no", "unknown"]


class SchemaError(DriftError, ValueError):
    """A schema that is none, or that points to something outside of itself."""


def covers(wide: JSON, narrow: JSON, values: Iterable[JSON] = ()) -> Containment:
    """Say whether every value that `narrow` allows is allowed by `wide`.

    Args:
        wide: JSON Schema; for an answer the reader's, for a request the new one.
        narrow: JSON Schema; for an answer what was seen of it, for a request the old one.
        values: values of `narrow` that were seen: where nothing is proven, one that `wide` refuses settles it.

    Raises:
        SchemaError: one of the two is no JSON Schema, or refers to another document: nothing is ever fetched.
    """
    answer = str(_parsed(canonical(wide)).covers(_parsed(canonical(narrow))))
    if answer == "unknown" and not all(allows(wide, value) for value in values):
        return "no"
    return "yes" if answer == "yes" else "no" if answer == "no" else "unknown"


def remainder(narrow: JSON, wide: JSON) -> JSON | None:
    """Return a schema of what `narrow` allows and `wide` does not; None when that is nothing, or cannot be written.

    Raises:
        SchemaError: see `covers`.
    """
    first, second = _parsed(canonical(narrow)), _parsed(canonical(wide))
    try:
        rest: JSON = first.subtract(second).to_json_schema()
    except ValueError:
        return None
    if isinstance(rest, dict):
        rest.pop("$schema", None)
    return None if rest is False or rest == {"not": {}} else rest


def allows(schema: JSON, value: JSON) -> bool:
    """Say whether a schema allows a value; formats count.

    Raises:
        SchemaError: see `covers`.
    """
    return bool(_validator(canonical(schema)).is_valid(value))


def _refuse(uri: str) -> NoReturn:
    raise LookupError(f"{uri} is not fetched")


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    import json

    from jsonschema_rs import canonicalize

    try:
        return canonicalize(json.loads(text), validate_formats=True, offline=True)
    except ValueError as error:
        raise SchemaError(f"the schema cannot be read: {str(error)[:200]}", "mend the schema") from None


@lru_cache(maxsize=256)
def _validator(text: str) -> Any:
    import json

    from jsonschema_rs import validator_for

    try:
        return validator_for(json.loads(text), validate_formats=True, retriever=_refuse)
    except ValueError as error:
        raise SchemaError(f"the schema cannot be read: {str(error)[:200]}", "mend the schema") from None
