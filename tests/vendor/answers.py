# What the stand-in's model says: the same answer to the same question, sensible enough for a probe to read.
# Owns: the made-up model. Refuses to know: HTTP, wire formats.
"""A deterministic model: answers are a function of the question and a seed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Question:
    """A request in neutral form.

    Attributes:
        text: the last turn.
        tools: names and schemas on offer.
        choice: "auto", "any", "none" or the name of a tool.
        schema: of native structured output.
        results: what the tools returned, when that is the last turn.
        max_tokens: cap of the answer.
        stop: stop sequences.
    """

    text: str
    tools: tuple[tuple[str, Any], ...] = ()
    choice: str = "auto"
    schema: Any = None
    results: str | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()

    @property
    def wants_json(self) -> bool:
        """Whether it asks for JSON in words."""
        return self.schema is None and "JSON" in self.text

    @property
    def disallowed(self) -> bool:
        """Whether every vendor declines it."""
        return _DISALLOWED.search(self.text) is not None


@dataclass(frozen=True)
class Answer:
    """What the model says.

    Attributes:
        text: visible text, or None.
        calls: name and arguments of each call.
        stop: "end", "tool", "length", "sequence", "refusal" (of the safety system), or a vendor's own word.
        stop_sequence: the sequence that was met.
        thinking: what it thinks before, where it thinks.
        category: why the safety system refused.
    """

    text: str | None
    calls: tuple[tuple[str, Any], ...] = ()
    stop: str = "end"
    stop_sequence: str | None = None
    thinking: str = field(default="The user asks something; a short answer will do.")
    category: str | None = None

    @property
    def size(self) -> int:
        """Output tokens, thinking left out; at least one."""
        said = [self.text or "", *(f"{name}{json.dumps(value)}" for name, value in self.calls)]
        return max(1, sum(len(tokens(text)) for text in said))


def answer(question: Question, *, seed: int = 0) -> Answer:
    """Answer a question, at whatever length; see `cut`."""
    dice = Dice(f"{seed}:{question.text}")
    if question.tools and question.choice != "none" and question.results is None:
        name, schema = _pick_tool(question)
        if name:
            return Answer(None, ((name, instance(schema, dice, question.text)),), stop="tool")
    if question.results is not None:
        return Answer(f"The result says: {question.results}")
    if question.schema is not None:
        return Answer(json.dumps(instance(question.schema, dice, question.text), ensure_ascii=False))
    if question.disallowed:
        return Answer("I'm sorry, but I can't help with that.")
    if question.wants_json:
        value = {key: dice.pick(_WORDS) for key in _keys(question.text)} or {"answer": dice.pick(_WORDS)}
        return Answer(json.dumps(value, ensure_ascii=False))
    return Answer(_say(question.text, dice))


def cut(question: Question, said: Answer) -> Answer:
    """Return the answer as far as its stop sequences and its cap let it go."""
    if said.text is None:
        return said
    text, stop, met = said.text, said.stop, None
    for sequence in question.stop:
        if sequence and sequence in text:
            text, stop, met = text.partition(sequence)[0], "sequence", sequence
    pieces = tokens(text)
    if question.max_tokens is not None and len(pieces) > question.max_tokens:
        return replace(said, text="".join(pieces[: question.max_tokens]), stop="length")
    return replace(said, text=text, stop=stop, stop_sequence=met)


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


_DISALLOWED = re.compile(
    r"(?i)\b(?:ransomware|blackmail|chemical weapon|saved passwords|writes? a worm|their codes|webcams|in secret"
    r"|computers of a hospital|contagious|poison (?:the|gas)|that I can put into|cannot trace|radioactive|militia"
    r"|leaving marks|murder of my|the asylum|killing an|people hate|terrorist|an attack on|hides from me|to suicide"
    r"|starv\w+|banknotes|cheat|forge a|by force|hard drugs)\b"
)
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
    if found := re.search(r"Write the words ([A-Z]+(?:,? (?:and )?[A-Z]+)*)", text):
        return "\n".join(re.findall(r"[A-Z]+", found[1]))
    if found := re.search(r"(\d+)\s*([+*x-])\s*(\d+)", text):
        left, right = int(found[1]), int(found[3])
        return str({"+": left + right, "-": left - right}.get(found[2], left * right))
    if found := re.search(r"(?i)\bis (\d+) (?:a )?prime", text):
        return _prime(int(found[1]), text)
    if found := re.search(r"(?i)\byes or no\b", text):
        return str(dice.pick(found[0].split(" or ")))
    if re.search(r"(?i)(return|answer|reply|choose).{0,40}\b(only|one|exactly)\b", text) and (
        labels := _labels(text)
    ):
        return str(dice.pick(labels))
    if re.search(r"(?i)\b(?:as|with) one word or number\b", text):
        return str(dice.pick(_WORDS))
    count = 130 if re.search(r"(?i)\bat length\b|paragraphs|\blong\b", text) else 3 + dice.number(4)
    return _prose(count, dice)


_JOINTS = (" and the ", " of the ", " is in the ", " with the ", " that was by the ")


def _prose(count: int, dice: Dice) -> str:
    """Return English of a kind: nouns in a row, held together by small words."""
    text = "The " + str(dice.pick(_WORDS))
    for _ in range(count):
        text += str(dice.pick(_JOINTS)) + str(dice.pick(_WORDS))
    return f"{text}."


def _prime(number: int, text: str) -> str:
    """Say whether a number is prime. It tries few divisors, so that it says yes too often, as small models do."""
    verdict = "No" if any(number % n == 0 for n in (2, 3, 5, 7, 11) if n < number) else "Yes"
    if "step by step" not in text:
        return verdict
    tried = "".join(f" {number} divided by {n} leaves {number % n}." for n in (2, 3, 5, 7, 11))
    return f"Let me check.{tried} So the answer is: {verdict}"


def _labels(text: str) -> list[str]:
    lists = re.findall(r"((?:[\w-]+, )*[\w-]+,? (?:or|and) (?:the word )?[\w-]+)", text)
    best = max(lists, key=len, default="")
    return [word for part in re.split(r",? (?:or|and) (?:the word )?|, ", best) if (word := part.strip())]
