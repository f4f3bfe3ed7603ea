# Does a reply answer, decline, or both? Read from its words alone; no model is asked.
# Owns: the features of a declining text, an API's signals. Refuses to know: rules, what was expected.
"""Refusals in prose and in structured signals, kept apart.

A reply is read sentence by sentence: each declines, lectures, redirects (to help, to something else), hedges or is
content. How much of each there is, in which order, and what else speaks for content (lists, code, numbers) are the
features of a linear model with three outcomes; its weights stand in `weights.py`, fitted by `bench/refusal.py`.
"""

from __future__ import annotations

from math import exp
from typing import Literal, NamedTuple

from drift.observe.refusal.reading import Evidence, read
from drift.observe.refusal.signals import signals
from drift.observe.refusal.weights import WEIGHTS

__all__ = ["Evidence", "Kind", "Refusal", "classify", "signals"]

Kind = Literal["answer", "full", "partial", "empty"]


class Refusal(NamedTuple):
    """How a reply stands to what was asked.

    Attributes:
        kind: "answer"; "full": it declines and delivers nothing; "partial": it declines something and delivers
            something; "empty": no text at all.
        hedges: some of "as_an_ai", "declines_opinion", "lectures"; an answer may have them as well.
        language: ISO 639-1 code, or None when undecided.
        score: chance (0 to 1) that it declines, fully or in part.
        evidence: the phrases that were found, in order of reading.
    """

    kind: Kind
    hedges: tuple[str, ...]
    language: str | None
    score: float
    evidence: tuple[Evidence, ...]


def classify(text: str, *, prompt: str | None = None) -> Refusal:
    """Say whether a reply answers, declines fully or in part, or is empty.

    The first 700 characters and the last 300 are read for phrases, the first 3,000 for lists; the rest counts by its
    length. A think block before the answer is left out.

    Args:
        text: visible text of the reply.
        prompt: what was asked, if known: to a question about right and wrong "it is illegal" is an answer.
    """
    reading = read(text, prompt=prompt)
    if reading is None:
        return Refusal("empty", (), None, 0.0, ())
    full = partial = 0.0
    for name, value in reading.features.items():
        to_full, to_partial = WEIGHTS.get(name, (0.0, 0.0))
        full += to_full * value
        partial += to_partial * value
    kind: Kind = "answer" if max(full, partial) < 0 else "full" if full >= partial else "partial"
    score = 1 - 1 / (1 + exp(min(full, 50.0)) + exp(min(partial, 50.0)))
    hedges = tuple(hedge for hedge, name in _HEDGES if reading.features.get(name, 0.0) >= 0.3)
    return Refusal(kind, hedges, reading.language, round(score, 4), reading.evidence)


_HEDGES = (("as_an_ai", "person"), ("declines_opinion", "opinion"), ("lectures", "share.lecture"))
