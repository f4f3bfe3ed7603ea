# What one field of a template may hold: texts, turns, tools, headers, checks, events.
# Owns: their forms and limits. Refuses to know: how a case becomes a probe, where files lie.
"""Read single fields of a template; like the readers of `Node`, none of them raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from drift.model import JSON, Dialect, Event, Message, Tool
from drift.suite.filler import filler
from drift.suite.nodes import Node, read

DIALECTS: tuple[str, ...] = tuple(name for name in get_args(Dialect) if name != "recorded")
SCRIPTS = ("latin", "greek", "cyrillic", "arabic", "hebrew", "devanagari", "thai", "han", "kana", "hangul")
LANGUAGES = ("en", "fr", "de", "es", "zh", "ja", "ru", "ar", "el", "hi")
CHECKS: Mapping[str, str] = {
    "max_words": "count", "min_words": "count", "max_chars": "count", "sentences": "count",
    "lines": "count", "bullets": "count", "numbered": "count", "paragraphs": "count", "python": "text",
    "script": "script",
    "lowercase": "true", "uppercase": "true", "title_case": "true", "no_commas": "true",
    "no_digits": "true", "quoted": "true", "unique_words": "true",
    "starts_with": "text", "ends_with": "text", "contains": "texts", "excludes": "texts",
    "language": "language", "regex": "regex",
}  # fmt: skip
"""Verifiable constraints and the kind of argument each takes; `drift.observe.text.CHECKS` evaluates them."""

_CREDENTIALS = ("authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie")
_TOOL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}")
_MOST_COPIES = 1000
_MOST_WORDS = 1_000_000


def read_event(node: Node) -> Event:
    """Read an entry of `why`."""
    fields = node.fields(("when", "what", "source"), required=("when", "what", "source"))
    source = read(fields, "source", Node.text, "https://")
    if not source.startswith("https://"):
        fields["source"].problem(f"{source!r} is no public address", "write an https:// address")
    return Event(read(fields, "when", Node.date, ""), read(fields, "what", Node.text, ""), source)


def read_tool(name: str, node: Node) -> tuple[Tool, ...]:
    """Read one entry of `tools`: one tool, or so many alike that a number after the name tells them apart."""
    if not _TOOL_NAME.fullmatch(name):
        node.problem(f"{name!r} is no name of a tool", "write letters, digits, _ and -, at most 64")
    known = ("description", "input_schema", "copies")
    fields = node.fields(known, required=("description", "input_schema"))
    schema = read(fields, "input_schema", lambda inner: inner.schema({}), None)
    if isinstance(schema, dict) and schema.get("type") != "object":
        fields["input_schema"].problem("describes no object", "write `type: object`: arguments have names")
    description = read(fields, "description", Node.text, "")
    copies = read(fields, "copies", Node.count, None)
    if copies is None:
        return (Tool(name, description, schema),)
    if copies > _MOST_COPIES:
        fields["copies"].problem(f"makes {copies} tools", f"write at most {_MOST_COPIES}")
        copies = _MOST_COPIES
    numbered = range(1, copies + 1)
    return tuple(Tool(f"{name}_{n}", description.replace("{n}", str(n)), schema) for n in numbered)


def read_messages(fragment: Mapping[str, Node], number: int) -> tuple[Message, ...]:
    """Read the turns of exchange `number` (from 0) of a probe."""
    prompt = read(fragment, "prompt", read_text, None)
    if prompt is not None:
        return (Message("user", prompt),)
    messages = []
    for node in read(fragment, "messages", Node.items, []):
        fields = node.fields(("user", "assistant", "system", "replay", "tool_results"))
        if len(fields) != 1:
            node.problem("must say one thing", "write one of user, assistant, system, replay, tool_results")
            continue
        ((role, said),) = fields.items()
        if role == "replay":
            if type(said.value) is not int or not 0 <= said.value < number:
                said.problem(f"must be the number of an earlier exchange (from 0), not {said.value!r}")
            messages.append(Message("assistant", replay=said.value))
        elif role == "tool_results":
            messages.append(Message("user", tool_results=read_text(said)))
        else:
            messages.append(Message(role, read_text(said)))
    return tuple(messages)


def read_text(node: Node) -> str:
    """Read a text, or a list of parts that stand below one another: texts, and `filler` that is made here."""
    if isinstance(node.value, list):
        return "\n\n".join(read_text(part) for part in node.items())
    if not isinstance(node.value, dict):
        return node.text()
    fields = node.fields(("filler",), required=("filler",))
    known = ("words", "seed", "insert", "at")
    made = read(fields, "filler", lambda inner: inner.fields(known, required=("words",)), {})
    return filler(
        min(read(made, "words", _read_words, 1), _MOST_WORDS),
        seed=read(made, "seed", Node.count, 1),
        insert=read(made, "insert", Node.text, ""),
        at=read(made, "at", _read_percent, 50),
    )


def _read_words(node: Node) -> int:
    words = node.count()
    if words > _MOST_WORDS:
        node.problem(f"makes {words} words", f"write at most {_MOST_WORDS}")
    return words


def _read_percent(node: Node) -> int:
    if type(node.value) is not int or not 0 <= node.value <= 100:
        node.problem(f"must be a whole number from 0 to 100, not {node.value!r}")
        return 50
    return node.value


def read_params(node: Node) -> dict[str, JSON]:
    """Read `params`: names and values as they are."""
    return {name: item.json() for name, item in node.fields(None).items()}


def read_arguments(node: Node) -> JSON:
    """Read `expect.arguments`: an object."""
    node.fields(None)
    return node.json()


def read_by_dialect(node: Node) -> dict[str, JSON]:
    """Read `overrides` or `bodies`: an object for each dialect."""
    found = {}
    for dialect, body in node.fields(DIALECTS).items():
        body.fields(None)
        found[dialect] = body.json()
    return found


def read_headers(node: Node) -> dict[str, str]:
    """Read `headers`: names in lower case, and no value that could be a key."""
    headers = {}
    for name, item in node.fields(None).items():
        headers[name] = item.text(empty=True)
        if name != name.lower():
            item.problem(f"the header {name!r} has capitals", f"write {name.lower()!r}")
        # Headers are stored with the probe: whatever could be a real key must not get there.
        if name.lower() in _CREDENTIALS and headers[name] and "invalid" not in headers[name]:
            item.problem(
                "may hold a key, and probes are stored", 'write "" or a value with the word "invalid"'
            )
    return headers


def read_statuses(node: Node) -> tuple[int, ...]:
    """Read a list of HTTP statuses that refuse."""
    items = node.items()
    for item in items:
        if type(item.value) is not int or not 400 <= item.value <= 599:
            item.problem(f"must be an HTTP status from 400 to 599, not {item.value!r}")
    return tuple(item.value for item in items)


def read_checks(node: Node) -> dict[str, JSON]:
    """Read `checks`: each constraint with an argument of its kind."""
    readers: dict[str, Any] = {
        "count": Node.count,
        "true": Node.true,
        "text": Node.text,
        "texts": lambda item: list(item.texts()),
        "language": lambda item: item.one_of(LANGUAGES),
        "script": lambda item: item.one_of(SCRIPTS),
        "regex": Node.regex,
    }
    return {name: readers[CHECKS[name]](item) for name, item in node.fields(tuple(CHECKS)).items()}
