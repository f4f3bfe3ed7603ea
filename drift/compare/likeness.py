# Whether the two sides say something else or the same in other words, beside a finding about free text.
# Owns: which findings ask, what the answer is held against, its sentence. Refuses to know: how a text becomes a vector.
"""Likeness of what is said.

Asked only where another finding stands: a static embedding knows neither negation nor figures, so it adds to a witness
and never is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from statistics import fmean

from drift import stats
from drift.compare.judge import Judged
from drift.meaning import Meaning
from drift.rules.facts import Facts, Seen

_ABOUT_TEXT = frozenset(
    {
        "label-rate-decreased",
        "label-rate-increased",
        "output-length-shifted",
        "score-level-shifted",
        "text-distribution-shifted",
        "text-markup-style-changed",
    }
)
_MOST_PROMPTS = 200
_MOST_TEXTS = 10  # of a prompt and side
_LEVEL = 0.01
_APART = 0.05
"""Other words for the same move a vector too, and many answers make the least move certain."""


class Likeness:
    """Answers for the families of one comparison; each family is embedded once."""

    def __init__(self, meaning: Meaning | None, facts: Facts, repeated: Sequence[Facts]) -> None:
        """Compare the texts of `facts`; `repeated` are repeats of one model beside the run that they repeat."""
        self._meaning = meaning
        self._facts = facts
        self._repeated = repeated
        self._sentences: dict[str, str] = {}

    def beside(self, judged: Judged) -> str:
        """Return a sentence on what is said, "" where nothing was asked or nothing can be said."""
        if self._meaning is None or judged.rule.id not in _ABOUT_TEXT:
            return ""
        family = judged.signal.family
        if family not in self._sentences:
            self._sentences[family] = self._sentence(self._meaning, family)
        return self._sentences[family]

    def _sentence(self, meaning: Meaning, family: str) -> str:
        prompts = dict(_vectors(meaning, self._facts, family))
        if not prompts:
            return ""
        across = {probe: _between(*sides) for probe, sides in prompts.items()}
        cosine = fmean(across.values())
        alike = f"answers of the two sides to one prompt are alike by {cosine:.2f} (cosine of embeddings)"
        several = [sides for sides in prompts.values() if min(map(len, sides)) > 1]
        own = {} if several else self._own(meaning, family, across)
        if several:
            test = stats.vector_mmd(*zip(*several, strict=True))
            held = f"those of one side by {fmean(_within(side) for sides in several for side in sides):.2f}"
            apart, p = test.effect / 2, test.p
        elif own:
            held = f"those of one model by {fmean(own.values()):.2f}"
            differences = [likeness - across[probe] for probe, likeness in own.items()]
            apart, p = fmean(differences), stats.signed_rank(differences)
        else:
            return f"Of what is said: {alike}; without repeats there is nothing to hold that against."
        if apart < _APART or p > _LEVEL:
            return f"The same is said, as far as embeddings tell: {alike}, {held} (p {p:.2g})."
        furthest = min(across, key=lambda probe: across[probe])
        least = f"furthest apart in {furthest} ({across[furthest]:.2f})"
        return f"Something else is said as well: {alike}, {held} (p {p:.2g}); {least}."

    def _own(self, meaning: Meaning, family: str, probes: Collection[str]) -> dict[str, float]:
        """Return how alike the answers of a repeat and of the run that it repeats are, by probe of `probes`."""
        for facts in self._repeated:
            repeat = {
                probe: _between(*sides)
                for probe, sides in _vectors(meaning, facts, family)
                if probe in probes
            }
            if repeat:
                return repeat
        return {}


_Vectors = list[list[float]]


def _vectors(meaning: Meaning, facts: Facts, family: str) -> Iterator[tuple[str, tuple[_Vectors, _Vectors]]]:
    """Yield (probe, vectors of the baseline, vectors of the candidate) for the prompts that both sides answered."""
    pairs = [pair for found in facts.families if found.family == family for pair in found.pairs]
    chosen: list[tuple[str, list[str], list[str]]] = []
    for pair in pairs[:: max(1, -(-len(pairs) // _MOST_PROMPTS))]:
        first, second = (_texts(facts, side) for side in (pair.baseline, pair.candidate))
        if first and second:
            chosen.append((pair.probe.id, first, second))
    if not chosen:
        return
    vectors = iter(meaning.vectors([text for _, first, second in chosen for text in (*first, *second)]))
    for probe, first, second in chosen:
        sides = [next(vectors) for _ in first], [next(vectors) for _ in second]
        if all(any(map(any, side)) for side in sides):  # a text without a known word is like nothing
            yield probe, sides


def _texts(facts: Facts, side: Sequence[Seen]) -> list[str]:
    found = (facts.text(seen) for seen in side)
    return [text for text in found if text and text.strip()][:_MOST_TEXTS]


def _between(first: _Vectors, second: _Vectors) -> float:
    """Return the mean cosine over all pairs of one vector of each: the product of the means."""
    return sum(a * b for a, b in zip(_mean(first), _mean(second), strict=True))


def _within(side: _Vectors) -> float:
    """Return the mean cosine over all pairs of different vectors."""
    n = len(side)
    square = sum(value * value for value in _mean(side))
    return (square * n - 1) / (n - 1)


def _mean(vectors: _Vectors) -> list[float]:
    return [sum(column) / len(vectors) for column in zip(*vectors, strict=True)]
