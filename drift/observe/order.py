# In which order the events of a stream come, as relations that hold: what an answer's content decides is one symbol.
# Owns: which events are content. Refuses to know: any dialect's grammar, the other side of a comparison.
"""The order of a stream, in a form from which a grammar can be learned.

Two streams of one API never have the same events: one answer is longer, another calls a tool. What stays is which event
comes before which, wherever both come. That is what is written down.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

CONTENT = "content"
"""Stands for all events that carry the answer itself."""

_OF_AN_ANSWER = re.compile(
    r"content_block_|response\.(?!created$|in_progress$|queued$|completed$|incomplete$|failed$|cancelled$)"
)
_ANYWHERE = frozenset({"ping", "response.in_progress", "response.queued"})
"""Events that say that the stream still lives."""
_FRAME = frozenset({"blocked", "empty", "finish", "role", "usage"})
"""Parts of a chunk that are no content."""


def order_of(events: Sequence[str]) -> list[str]:
    """Return how each two kinds of events stand in a stream.

    Args:
        events: names of the events in order, as `Reply.events` has them.

    Returns:
        Sorted relations: "a < b" when no a comes after a b (one chunk may carry the last a and the first b), "a ~ b"
        when they are mixed. Signs of life may come anywhere and are left out.
    """
    places: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        for symbol in _symbols(event):
            places.setdefault(symbol, []).append(place)
    found: list[str] = []
    for first, second in combinations(sorted(places), 2):
        a, b = places[first], places[second]
        ahead, behind = a[-1] <= b[0], b[-1] <= a[0]
        if ahead and behind:
            continue  # they share their only chunk
        found.append(
            f"{first} < {second}" if ahead else f"{second} < {first}" if behind else f"{first} ~ {second}"
        )
    return sorted(found)


def same_two(relation: str) -> str:
    """Return the two kinds of events that a relation is about, in one spelling for all relations between them."""
    return " ".join(sorted(re.split(r" [<~] ", relation)))


def _symbols(event: str) -> set[str]:
    if event in _ANYWHERE:
        return set()
    if event.startswith("chunk:"):
        parts = event.removeprefix("chunk:").split("+")
        # Where usage stands has a rule of its own.
        return {f"chunk:{part}" if part in _FRAME else CONTENT for part in parts} - {
            "chunk:empty",
            "chunk:usage",
        }
    return {CONTENT if _OF_AN_ANSWER.match(event) else event}
