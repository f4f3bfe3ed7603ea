# What the stand-in's model says: the same answer to the same question, sensible enough for a probe to read.
# Owns: the made-up model. Refuses to know: HTTP, wire formats.
"""A deterministic model: answers are a function of the question and a seed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Question:
    """A request in neutral form. `choice` is "auto", "any", "none" or the name of a tool."""

    text: str
    tools: tuple[tuple[str, Any], ...] = ()
    choice: str = "auto"
    schema: Any = None
    after_results: bool = False
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the model says. `stop` is "end", "tool", "length", "sequence" or "refusal"."""

    text: str | None
    calls: tuple[tuple[str, Any], ...] = ()
    stop: str = "end"
    stop_sequence: str | None = None
    thinking: str = field(default="The user asks something; a short answer will do.")


def answer(question: Question, *, seed: int = 0, fence_json: bool = False, refuse: bool = False) -> Answer:
    """Answer a question."""
    if refuse:
        return Answer(None, stop="refusal")
    dice = Dice(f"{seed}:{question.text}")
    if question.tools and question.choice != "none" and not question.after_results:
        name, schema = _pick_tool(question)
        if name:
            return Answer(None, ((name, instance(schema, dice, question.text)),), stop="tool")
    if question.after_results:
        return _cut(question, "Done: the result was taken into account.")
    if question.schema is not None:
        return _cut(question, json.dumps(instance(question.schema, dice, question.text), ensure_ascii=False))
    if "JSON" in question.text:
        value = {key: dice.pick(_WORDS) for key in _keys(question.text)} or {"answer": dice.pick(_WORDS)}
        text = json.dumps(value, ensure_ascii=False)
        return _cut(question, f"```json\n{text}\n```" if fence_json else text)
    return _cut(question, _say(question.text, dice))


def tokens(text: str) -> list[str]:
    """Split a text into tokens: words with the white space before them, in pieces of four characters."""
    return [word[i : i + 4] for word in re.findall(r"\s*\S+|\s+", text) for i in range(0, len(word), 4)]


class Dice:
    """Choices that depend on nothing but a text."""

    def __init__(self, text: str) -> None:
        self._state = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

    def number(self, below: int) -> int:
        self._state = hashlib.sha256(self._state).digest()
        return int.from_bytes(self._state[:8]) % below

    def pick(self, items: Any) -> Any:
        return items[self.number(len(items))]


_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "joule")


def _pick_tool(question: Question) -> tuple[str | None, Any]:
    tools = dict(question.tools)
    if question.choice in tools:
        return question.choice, tools[question.choice]
    words = set(re.findall(r"[a-z]{3,}", question.text.lower()))
    ranked = sorted(tools, key=lambda name: -len(words & set(re.findall(r"[a-z]{3,}", name.lower()))))
    unneeded = question.choice == "auto" and re.search(
        r"(?i)without (a|any|the) tool|hello|thank", question.text
    )
    return (None, None) if unneeded else (ranked[0], tools[ranked[0]])


def instance(schema: Any, dice: Dice, text: str = "") -> Any:
    """Return a value that satisfies a JSON Schema of the common kind."""
    if not isinstance(schema, dict):
        return {}
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        named = [
            value for value in schema["enum"] if isinstance(value, str) and value.lower() in text.lower()
        ]
        return named[0] if named else dice.pick(schema["enum"])
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            return instance(schema[key][0], dice, text)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        properties = schema.get("properties", {})
        return {
            name: instance(properties.get(name, {}), dice, text)
            for name in schema.get("required", properties)
        }
    if kind == "array":
        count = max(schema.get("minItems", 1), 1)
        return [instance(schema.get("items", {"type": "string"}), dice, text) for _ in range(count)]
    low = schema.get("minimum", 0)
    return {
        "integer": low + dice.number(50),
        "number": low + dice.number(500) / 10,
        "boolean": bool(dice.number(2)),
        "null": None,
    }.get(kind, _string(schema, dice, text))


def _string(schema: dict[str, Any], dice: Dice, text: str) -> str:
    if schema.get("format") == "date":
        return f"2026-{dice.number(12) + 1:02}-{dice.number(28) + 1:02}"
    if schema.get("pattern") == "^[A-Z]{3}$":
        return str(dice.pick(("EUR", "USD", "SEK")))
    names = re.findall(r"(?<!^)(?<![.!?] )\b[A-ZÅÄÖÉ][\w-]{2,}", text)
    return str(dice.pick(names)) if names else str(dice.pick(_WORDS))


def _keys(text: str) -> list[str]:
    after = text[text.rindex("JSON") :]
    clause = re.sub(r"\([^)]*\)", "", re.split(r"[.!?](?:\s|$)", after)[0])
    clause = re.sub(
        r"(?i)\b(object|with|of|for|the|an?|keys?|strings?|integers?|only|holding|and|or)\b", ",", clause
    )
    return [key for part in re.split(r"[,:]", clause[4:]) if re.fullmatch(r"[a-z]\w*", key := part.strip())]


def _say(text: str, dice: Dice) -> str:
    if found := re.search(
        r"(?i)(?:reply|answer|respond) with (?:exactly |only |the word )*[\"']?(\w+)", text
    ):
        return found[1]
    if found := re.search(r"(\d+)\s*([+*x-])\s*(\d+)", text):
        left, right = int(found[1]), int(found[3])
        return str({"+": left + right, "-": left - right}.get(found[2], left * right))
    if found := re.search(r"(?i)\bis (\d+) (?:a )?prime", text):
        number = int(found[1])
        prime = number > 1 and all(number % n for n in range(2, int(number**0.5) + 1))
        return "yes" if prime else "no"
    if re.search(r"(?i)\byes or no\b", text):
        return str(dice.pick(("yes", "no")))
    if re.search(r"(?i)(return|answer|reply|choose).{0,40}\b(only|one|exactly)\b", text) and (
        labels := _labels(text)
    ):
        return str(dice.pick(labels))
    words = " ".join(str(dice.pick(_WORDS)) for _ in range(8 + dice.number(12)))
    return f"{words.capitalize()}."


def _labels(text: str) -> list[str]:
    lists = re.findall(r"((?:[\w-]+, )*[\w-]+,? (?:or|and) (?:the word )?[\w-]+)", text)
    best = max(lists, key=len, default="")
    return [word for part in re.split(r",? (?:or|and) (?:the word )?|, ", best) if (word := part.strip())]


def _cut(question: Question, text: str) -> Answer:
    stop, stop_sequence = "end", None
    for sequence in question.stop:
        if sequence and sequence in text:
            text, stop, stop_sequence = text.partition(sequence)[0], "sequence", sequence
    pieces = tokens(text)
    if question.max_tokens is not None and len(pieces) > question.max_tokens:
        return Answer("".join(pieces[: question.max_tokens]), stop="length")
    return Answer(text, stop=stop, stop_sequence=stop_sequence)
