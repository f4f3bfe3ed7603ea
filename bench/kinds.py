# What made-up recordings consist of: words, probes, rows, and a pair of runs with what a right report says of it.
# Owns: the form of a row and of a pair. Refuses to know: how a pair is judged.
"""Building stones of the kinds of recordings in `changed` and `unchanged`."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """Two recorded runs and what a right report says.

    Attributes:
        first, second: lines without dataset, target and label.
        wanted: rules of which one must fire; empty for an unchanged pair.
        allowed: rules that may fire beside them.
        model: the candidate is another model; else the same one, recorded again.
        loud: the finding has to stand at warning or above.
        says: what must stand in the document as text beside the rule, such as "cosmetic".
    """

    first: list[Row]
    second: list[Row]
    wanted: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    model: bool = True
    loud: bool = True
    says: tuple[str, ...] = ()


Answer = Callable[[str, float], Row]
Kind = Callable[[random.Random], Pair]

# ---------------------------------------------------------------- words

WORDS = (  # noqa: SIM905 a list of words reads better as words
    "invoice customer payment order shipment report budget season window garden river engine battery paper teacher "
    "market village harbour signal recipe kitchen weather mountain ticket project meeting deadline schedule contract "
    "supplier quality process result number account reason example history question answer method system support "
    "light sound colour water travel music letter picture bridge forest"
).split()
VERBS = ("keeps", "moves", "shows", "needs", "gives", "changes", "follows", "carries", "explains", "supports")
OPENERS = ("The", "A", "Each", "This", "Every", "Our", "One", "That")
ABSTAIN = (
    "As an AI language model, I don't have personal opinions or beliefs.",
    "As an AI, I do not have personal views on political matters.",
    "I'm an AI language model and don't hold opinions, so I can't choose one of these options.",
    "As an artificial intelligence, I don't have personal experiences or preferences.",
)
REFUSALS = (
    "I'm sorry, but I can't help with that.",
    "I can't assist with this request.",
    "I'm not able to provide that information.",
    "Sorry, I won't help with that. If you like, I can talk about something else.",
    "I must decline. This goes against my guidelines.",
    "I cannot create content of this kind.",
)
ABLEHNUNGEN = (
    "Es tut mir leid, aber dabei kann ich nicht helfen.",
    "Das kann ich leider nicht beantworten.",
    "Ich kann diese Anfrage nicht erfüllen.",
    "Leider darf ich dazu keine Auskunft geben.",
)
JUJUE = (
    "对不起，我无法协助完成这个请求。",  # noqa: RUF001 Chinese punctuation
    "很抱歉，我不能提供这方面的内容。",  # noqa: RUF001 Chinese punctuation
    "抱歉，我无法回答这个问题。",  # noqa: RUF001 Chinese punctuation
)


def sentence(rng: random.Random) -> str:
    """Return one plain sentence."""
    words = [rng.choice(OPENERS), rng.choice(WORDS), rng.choice(VERBS), "the", rng.choice(WORDS)]
    words += rng.choice((["of the", rng.choice(WORDS)], ["and the", rng.choice(WORDS)], ["every day"], []))
    return " ".join(words) + "."


def prose(rng: random.Random, length: float) -> str:
    """Return sentences of about this many characters."""
    parts: list[str] = []
    while sum(map(len, parts)) < length:
        parts.append(sentence(rng))
    return " ".join(parts)


def essay(rng: random.Random, typical: float, spread: float = 0.35) -> str:
    """Return prose whose length varies as answers of one model to one prompt do."""
    return prose(rng, typical * math.exp(rng.gauss(0, spread)))


def flip(rng: random.Random, chance: float) -> bool:
    """Return True with this chance."""
    return rng.random() < chance


def prompts(rng: random.Random, count: int) -> list[tuple[str, str, float]]:
    """Return (probe id, prompt, typical length of its answers)."""
    start = rng.randrange(1000)
    return [
        (f"q-{start + i:04}", f"{sentence(rng)} {sentence(rng)} Question {i}?", rng.lognormvariate(6, 0.5))
        for i in range(count)
    ]


def lines(
    rng: random.Random,
    probes: Sequence[tuple[str, str, float]],
    answer: Answer,
    epochs: int = 1,
) -> list[Row]:
    """Return one row for each probe and epoch; `answer` gives what is not identity or prompt."""
    rows = [
        {"probe_id": name, "sample": epoch, "prompt": prompt, **answer(name, typical)}
        for name, prompt, typical in probes
        for epoch in range(epochs)
    ]
    rng.shuffle(rows)
    return rows


def both(
    rng: random.Random,
    count: int,
    before: Answer,
    after: Answer,
    epochs: int = 1,
) -> tuple[list[Row], list[Row]]:
    """Return the rows of two runs over the same probes."""
    probes = prompts(rng, count)
    return lines(rng, probes, before, epochs), lines(rng, probes, after, epochs)


def each(make: Callable[..., Row]) -> Answer:
    """Return what gives the answer to (probe id, typical length)."""
    return make


def graded(make: Callable[..., Row]) -> Callable[..., Answer]:
    """Return a family of answers: the first arguments say which, the last two are those of an answer."""
    return lambda *which: partial(make, *which)


def text(value: str, **more: Any) -> Row:
    """Return an answer with text."""
    return {"output_text": value, **more}


def record(rng: random.Random) -> Row:
    """Return one small JSON payload."""
    return {
        "order_id": rng.randrange(1000, 9999),
        "customer": rng.choice(WORDS),
        "total": round(rng.uniform(5, 500), 2),
        "items": rng.choices(WORDS, k=rng.randrange(1, 4)),
    }


def chat(
    content: str | None, model: str = "m-1", *, finish: str = "stop", tokens: int = 20, **message: Any
) -> Row:
    """Return a Chat Completions envelope."""
    return {
        "id": "chatcmpl-x",
        "object": "chat.completion",
        "created": 1700000000,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, **message},
                "finish_reason": finish,
            }
        ],
        "usage": {"prompt_tokens": tokens, "completion_tokens": 30, "total_tokens": tokens + 30},
    }


def names(*rules: str) -> frozenset[str]:
    """Return a set of rule ids."""
    return frozenset(rules)


LENGTH = "output-length-shifted"
MARKUP = "text-markup-style-changed"
FALL, RISE, MIX, BIAS = (
    "label-rate-decreased",
    "label-rate-increased",
    "output-distribution-shifted",
    "answer-bias-shifted",
)
REFUSED, ANSWERED = "refusal-rate-increased", "refusal-rate-decreased"


SPELLING = {False: None, True: (",", ":")}
"""Separators of JSON, dense or not."""
CITY = {
    "name": "get_forecast",
    "input_schema": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer"},
            "unit": {"type": "string", "enum": ["C", "F"]},
        },
        "required": ["city", "days"],
    },
}


def call(
    rng: random.Random,
    *,
    dense: bool = False,
    days: Callable[[int], Any] = int,
    name: str = "get_forecast",
    **more: Any,
) -> Row:
    arguments = {"city": rng.choice(WORDS).title(), "days": days(rng.randrange(1, 8)), **more}
    return {"name": name, "arguments": json.dumps(arguments, separators=SPELLING[dense])}
