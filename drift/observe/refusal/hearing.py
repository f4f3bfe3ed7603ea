# What one sentence of a reply does: the vocabulary between the languages and the reader.
# Owns: the roles. Refuses to know: any language, any weight.
"""What one sentence does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

Role = Literal["decline", "lecture", "redirect", "hedge", "content"]
"""A sentence declines; calls something wrong; sends elsewhere or offers something else; hedges; or is content."""


class Heard(NamedTuple):
    """What one sentence does.

    Attributes:
        role: see `Role`.
        cue: name of the cue that decided; empty for content.
        at: where its words start in the sentence.
        text: its words.
        notes: further names that hold for the sentence: "person", "opinion", "policy", "private", "pivot", "apology",
            "wrong", "inform".
        words: number of words, where the language counts them.
        preaching: the different words that refusals preach with.
    """

    role: Role
    cue: str = ""
    at: int = 0
    text: str = ""
    notes: Sequence[str] = ()
    words: int = 0
    preaching: Sequence[str] = ()


def in_quotes(sentence: str, position: int) -> bool:
    """Tell whether a position lies inside straight quotation marks: there somebody else speaks."""
    return sentence.count('"', 0, position) % 2 == 1
