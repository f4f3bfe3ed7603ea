# Long neutral text, made anew wherever it is needed and always the same: probes of long contexts and of caches.
# Owns: words and grammar of the text, where a sentence is put into it. Refuses to know: probes, tokens, templates.
"""Deterministic filler text.

The recipe below is part of the identity of every probe that uses it: one changed word makes their stored samples
incomparable. It uses no library's random numbers, which may differ between versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

_PEOPLE = (
    "Anna", "Bela", "Carlo", "Dilek", "Emil", "Farah", "Goran", "Hanna", "Igor", "Jorun", "Kofi", "Lucia", "Marek",
    "Nadia", "Olaf", "Priya", "Quentin", "Rosa", "Samir", "Tove", "Ulf", "Vera", "Wendel", "Yusuf", "Zora",
)  # fmt: skip
_TRADES = (
    "baker", "carpenter", "miller", "gardener", "tailor", "potter", "glazier", "cooper", "weaver", "brewer", "printer",
    "roofer", "saddler",
)  # fmt: skip
_VERBS = ("brought", "sent", "carried", "sold", "lent", "showed", "delivered", "promised", "returned")
_GOODS = (
    "crates of pears", "sacks of flour", "rolls of cloth", "jars of honey", "bundles of reed", "boards of ash",
    "barrels of cider", "baskets of plums", "coils of rope", "sheets of tin", "bags of wool", "tins of paint",
    "loads of gravel", "bales of straw", "wheels of cheese", "reams of paper", "panes of glass",
)  # fmt: skip
_PLACES = (
    "the mill at the weir", "the school in Brook Street", "the inn by the bridge", "the town hall", "the ferry landing",
    "the chapel on the hill", "the market square", "the fire station", "the old brickworks", "the railway halt",
    "the library", "the cattle fair", "the boat yard", "the bakehouse", "the orchard behind the church",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEATHER = (
    "it rained a little", "the wind came from the west", "the sun was out", "there was fog over the river",
    "the roads were dry", "the first leaves fell", "a light frost lay on the roofs",
)  # fmt: skip
_SENTENCES_A_PARAGRAPH = 6


def filler(words: int, *, seed: int = 1, insert: str = "", at: int = 50) -> str:
    """Return English prose of about so many words, in paragraphs that are separated by an empty line.

    Args:
        words: number of words at least; the last sentence is finished.
        seed: another seed is another text.
        insert: a paragraph to hide in it; "" hides none.
        at: where it stands, in per cent of the text: 0 before everything, 100 behind everything.
    """
    paragraphs = list(_paragraphs(words, seed))
    if insert:
        paragraphs.insert(len(paragraphs) * at // 100, insert)
    return "\n\n".join(paragraphs)


@lru_cache(maxsize=8)
def _paragraphs(words: int, seed: int) -> tuple[str, ...]:
    found: list[str] = []
    written = 0
    numbers = _numbers(seed)
    while written < words:
        sentences: list[str] = []
        while len(sentences) < _SENTENCES_A_PARAGRAPH and written < words:
            sentences.append(_sentence(next(numbers)))
            written += sentences[-1].count(" ") + 1
        found.append(" ".join(sentences))
    return tuple(found)


def _numbers(seed: int) -> Iterator[int]:
    """Yield numbers of 48 bits (the generator of POSIX drand48)."""
    state = (seed << 16) + 0x330E
    while True:
        state = (state * 0x5DEECE66D + 0xB) % (1 << 48)
        yield state


def _sentence(number: int) -> str:
    """Spell one number as a sentence: its digits in a mixed base choose the words. The low bits hardly vary."""
    digits = number >> 8

    def pick(among: tuple[str, ...]) -> str:
        nonlocal digits
        digits, place = divmod(digits, len(among))
        return among[place]

    digits, form = divmod(digits, 3)
    digits, count = divmod(digits, 97)
    who, what = f"{pick(_PEOPLE)} the {pick(_TRADES)}", f"{count + 2} {pick(_GOODS)}"
    if form == 0:
        return f"On {pick(_DAYS)} {who} {pick(_VERBS)} {what} to {pick(_PLACES)}."
    if form == 1:
        return f"For {what} from {pick(_PLACES)} one asked {who}, and {pick(_WEATHER)}."
    return f"Near {pick(_PLACES)} {who} counted {what} before noon on {pick(_DAYS)}."
