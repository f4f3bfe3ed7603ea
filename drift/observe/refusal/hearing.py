# What one sentence of a reply does: the vocabulary between the languages and the reader.
# Owns: the roles. Refuses to know: any language, any weight.
"""What one sentence does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

Role = Literal["decline", "lecture", "redirect", "hedge", "content"]
"""A sentence declines; calls something wrong; sends elsewhere or offers something else; hedges; or is content."""


_SPACED = {ord(mark): " " for mark in ',.;:!?()[]{}"*_`#<>/|\u2014\u2013\u2026'}


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


class Tongue(Protocol):
    """A language: hears sentences in lower case with straight quotation marks."""

    def hear(self, sentence: str, words: list[str], *, own_voice: bool, opening: bool) -> Heard:
        """Return what one sentence does.

        Args:
            sentence: one sentence.
            words: its words without punctuation.
            own_voice: the writer speaks, nobody is quoted: only then a decline counts.
            opening: it stands where a reply takes its stance.
        """

    def declines(self, sentence: str) -> tuple[int, str] | None:
        """Return position and words of a decline in the writer's own name, or None."""

    def affirms(self, head: str) -> bool:
        """Tell whether a reply opens by granting the request."""


def in_quotes(sentence: str, position: int) -> bool:
    """Tell whether a position lies inside straight quotation marks: there somebody else speaks."""
    return sentence.count('"', 0, position) % 2 == 1


def spaced(text: str) -> str:
    """Return the text with spaces for punctuation, position by position; apostrophes and hyphens stay."""
    return text.translate(_SPACED)
