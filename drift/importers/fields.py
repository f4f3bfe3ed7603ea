# The fields of a recorded line: which there are and what each must be.
# Owns: names and types of the import format. Refuses to know: runs, files, the store.
"""Check one line of "Recorded outputs"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, get_args

from drift.model import JSON, MAX_NUMBER, Outcome, Purpose


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


class Field(NamedTuple):
    """A field of a line: the test of its value, what that demands, and what the field means."""

    is_right: Callable[[JSON], bool]
    wanted: str
    meaning: str


_NAME = (_is_name, "a text that is not empty")
_STORABLE = (lambda value: isinstance(value, str) and _storable(value), "a text")
_TEXT = (lambda value: isinstance(value, str), "a text")
_OBJECT = (lambda value: isinstance(value, dict), "an object")
_LIST = (lambda value: isinstance(value, list), "a list")
_ANY = (lambda _: True, "anything")
_CALLS = (_is_calls, 'a list of objects {"name", "arguments"}')

_REQUIRED: Mapping[str, Field] = {
    "dataset": Field(*_NAME, "name of the data set"),
    "target": Field(*_NAME, "vendor and model, as the source names them"),
    "probe_id": Field(*_NAME, "the question asked, unique in the data set"),
}

_OPTIONAL: Mapping[str, Field] = {
    "version_label": Field(*_STORABLE, "the version, or the run; with dataset and target it names a run"),
    "sample": Field(_is_integer, "a whole number from 0 up", "repeat index; absent is 0"),
    "recorded_at": Field(*_STORABLE, "ISO 8601; without offset where the source names no time zone"),
    "prompt": Field(*_TEXT, "what was asked"),
    "params": Field(*_OBJECT, "settings of the request and the harness"),
    "output_text": Field(*_TEXT, "what the model answered"),
    "output_raw": Field(*_ANY, 'the envelope of the reply, or the conversation as {"messages": […]}'),
    "tool_calls": Field(*_CALLS, "tool calls in order, over the whole conversation; arguments as recorded"),
    "usage": Field(*_OBJECT, "the vendor's usage object, or the source's own counts"),
    "labels": Field(
        _is_labels,
        'an object, and its "judges" an object',
        "verdicts of the source; `judges`: who gave each and when; `aggregate`: true for a metric of the whole run",
    ),
    "family": Field(*_NAME, "probes pooled for one claim; absent: the data set"),
    "purpose": Field(
        lambda value: value in get_args(Purpose),
        f"one of {', '.join(get_args(Purpose))}",
        "kind of answer that was asked for",
    ),
    "outcome": Field(
        lambda value: value in get_args(Outcome),
        f"one of {', '.join(get_args(Outcome))}",
        "answered, refused by the API, or could not be asked; absent: follows from status and error",
    ),
    "status": Field(_is_integer, "an HTTP status", "HTTP status of the reply"),
    "error": Field(*_ANY, "what went wrong"),
    "response_model": Field(*_TEXT, "model id that the reply names"),
    "api_version": Field(*_NAME, "version of the API"),
    "platform": Field(*_NAME, "where it was asked"),
    "latency_ms": Field(is_amount, "a number from 0 up", "wall time of the request"),
    "tools": Field(*_LIST, "tools on offer, in any vendor's spelling"),
    "output_schema": Field(
        lambda value: isinstance(value, dict | bool),
        "a JSON Schema",
        "native structured output that was asked for",
    ),
    "events": Field(*_LIST, "events of a stream, in order"),
    "label_roles": Field(
        _is_texts, "an object of texts", 'what labels stand for, such as {"correct": "verdict"}'
    ),
}


def complaint(line: JSON) -> str | None:
    """Return what is wrong with a line, None for a good one. Any optional field may be absent or null."""
    if not isinstance(line, dict):
        return "a line has to be a JSON object"
    for name, field in _REQUIRED.items():
        if name not in line:
            return f"{name} is missing: dataset, target and probe_id name a sample"
        if not field.is_right(line[name]):
            return f"{name} has to be {field.wanted}"
    for name, field in _OPTIONAL.items():
        value = line.get(name)
        if value is not None and not field.is_right(value):
            return f"{name} has to be {field.wanted}, or null"
    return None


def unknown_fields(line: Mapping[str, JSON]) -> set[str]:
    """Return the names that the format does not define."""
    return line.keys() - _OPTIONAL.keys() - _REQUIRED.keys()


def table() -> str:
    """Return the fields as a Markdown table."""
    rows = [
        f"| `{name}` | {field.wanted} | {field.meaning} |"
        for name, field in {**_REQUIRED, **_OPTIONAL}.items()
    ]
    return "\n".join(["| field | must be | meaning |", "|---|---|---|", *rows])
