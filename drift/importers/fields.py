# The fields of a recorded line: which there are and what each must be.
# Owns: names and types of the import format. Refuses to know: runs, files, the store.
"""Check one line of "Recorded outputs"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

from drift.model import JSON, Outcome, Purpose

MAX_NUMBER = 2**53
"""Repeat numbers and milliseconds stay below this: beyond it JSON readers disagree."""


class EntryError(ValueError):
    """What is wrong with one line or entry; `number` counts from 1, None for the file as a whole."""

    def __init__(self, what: str, number: int | None = None) -> None:
        self.number = number
        super().__init__(what)


def _storable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_name(value: JSON) -> bool:
    return isinstance(value, str) and bool(value) and _storable(value)


def _is_text(value: JSON) -> bool:
    return isinstance(value, str)


def _is_object(value: JSON) -> bool:
    return isinstance(value, dict)


def _is_integer(value: JSON) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_NUMBER


def is_amount(value: JSON) -> bool:
    """Tell whether a value is a number from 0 up, finite and not a truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_NUMBER


def _is_calls(value: JSON) -> bool:
    return isinstance(value, list) and all(
        isinstance(call, dict) and isinstance(call.get("name"), str | None) for call in value
    )


def _is_labels(value: JSON) -> bool:
    return isinstance(value, dict) and isinstance(value.get("judges"), dict | None)


def _is_texts(value: JSON) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


_REQUIRED: Mapping[str, Callable[[JSON], bool]] = {
    "dataset": _is_name,
    "target": _is_name,
    "probe_id": _is_name,
}

_NAME = (_is_name, "a text that is not empty")
_TEXT = (_is_text, "a text")
_OBJECT = (_is_object, "an object")
_AMOUNT = (is_amount, "a number from 0 up")
_LIST = (lambda value: isinstance(value, list), "a list")
_ANY = (lambda _: True, "anything")

_OPTIONAL: Mapping[str, tuple[Callable[[JSON], bool], str]] = {
    "version_label": (lambda value: isinstance(value, str) and _storable(value), "a text"),
    "sample": (_is_integer, "a whole number from 0 up"),
    "recorded_at": (lambda value: isinstance(value, str) and _storable(value), "a text"),
    "prompt": _TEXT,
    "params": _OBJECT,
    "output_text": _TEXT,
    "output_raw": _ANY,
    "tool_calls": (_is_calls, 'a list of objects {"name", "arguments"}'),
    "usage": _OBJECT,
    "labels": (_is_labels, 'an object, and its "judges" an object'),
    "family": _NAME,
    "purpose": (lambda value: value in get_args(Purpose), f"one of {', '.join(get_args(Purpose))}"),
    "outcome": (lambda value: value in get_args(Outcome), f"one of {', '.join(get_args(Outcome))}"),
    "status": (_is_integer, "an HTTP status"),
    "error": _ANY,
    "response_model": _TEXT,
    "api_version": _NAME,
    "platform": _NAME,
    "latency_ms": _AMOUNT,
    "tools": _LIST,
    "output_schema": (lambda value: isinstance(value, dict | bool), "a JSON Schema"),
    "events": _LIST,
    "label_roles": (_is_texts, "an object of texts"),
}


def complaint(line: JSON) -> str | None:
    """Return what is wrong with a line, None for a good one. Any optional field may be absent or null."""
    if not isinstance(line, dict):
        return "a line has to be a JSON object"
    for name in _REQUIRED:
        if name not in line:
            return f"{name} is missing: dataset, target and probe_id name a sample"
        if not _is_name(line[name]):
            return f"{name} has to be a text that is not empty"
    for name, (is_right, wanted) in _OPTIONAL.items():
        value = line.get(name)
        if value is not None and not is_right(value):
            return f"{name} has to be {wanted}, or null"
    return None


def unknown_fields(line: Mapping[str, JSON]) -> set[str]:
    """Return the names that the format does not define."""
    return line.keys() - _OPTIONAL.keys() - _REQUIRED.keys()
