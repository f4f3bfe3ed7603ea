# What the wording of answers tells beyond yes/no features: the language, and whether texts come from one distribution.
# Owns: which answers are compared as text. Refuses to know: tests, correction, wording of findings.
"""Language and distribution of free texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from drift import stats
from drift.model import Probe, Purpose
from drift.rules.detectors.rates import Measure, rate_signal
from drift.rules.facts import Facts, FamilyPair, ProbePair, Seen, Signal
from drift.rules.measure import Counts

_READ: tuple[Purpose, ...] = ("prose", "label", "unknown")
_CHARACTERS = 200
"""Where texts of one model part they part early; the rest only costs time."""
_RESAMPLES = 1999
_MOST_PROMPTS = 200
_MIN_DISCREPANCY = 0.01


def detect_texts(facts: Facts) -> Iterator[Signal]:
    """Yield one signal per language and family, and one per family whose prompts were asked several times."""
    for family in facts.families:
        yield from _languages(family)
        yield from _distribution(facts, family)


def _languages(family: FamilyPair) -> Iterator[Signal]:
    pairs = [pair for pair in family.pairs if pair.probe.purpose in {"prose", "unknown"}]
    languages = {
        language
        for pair in pairs
        for seen in (*pair.baseline, *pair.candidate)
        if isinstance(language := seen.get("text.language"), str)
    }
    for language in sorted(languages) if len(languages) > 1 else ():
        measure = Measure(
            "text.language",
            _speaks(language),
            up="text-language-changed",
            path="/text",
            change="language",
            witness=False,
            min_effect=0.05,
        )
        yield from rate_signal(family.family, pairs, measure, place=language)


def _speaks(language: str) -> Callable[[Seen, Probe], bool | None]:
    return lambda seen, _: None if (found := seen.get("text.language")) is None else found == language


def _distribution(facts: Facts, family: FamilyPair) -> Iterator[Signal]:
    """Maximum mean discrepancy over the prompts whose answers vary by themselves.

    A prompt that each side answers with one text again and again is left out: repeats that came out of a cache, or
    from a model without sampling, are one answer and not several.
    """
    texts: list[tuple[ProbePair, list[str], list[str]]] = []
    for pair in family.pairs:
        if pair.probe.purpose in _READ and min(len(pair.baseline), len(pair.candidate)) > 1:
            first, second = (
                [text for seen in side if (text := facts.text(seen)) is not None]
                for side in (pair.baseline, pair.candidate)
            )
            varies = len(set(first)) > 1 or len(set(second)) > 1
            if min(len(first), len(second)) > 1 and varies:
                texts.append((pair, first, second))
    if not texts:
        return
    step = -(-len(texts) // _MOST_PROMPTS)
    chosen = texts[::step]
    result = stats.text_mmd(
        [first for _, first, _ in chosen],
        [second for _, _, second in chosen],
        length=_CHARACTERS,
        resamples=_RESAMPLES,
    )
    counts = Counts(
        pairs=len(chosen),
        n_a=sum(len(first) for _, first, _ in chosen),
        n_b=sum(len(second) for _, _, second in chosen),
        effect=result.effect,
        unit="discrepancy",
        p=result.p,
        attainable=1 / (_RESAMPLES + 1),
        test="maximum mean discrepancy, permuted within prompts",
    )
    yield Signal(
        "text.distribution",
        "text-distribution-shifted" if result.effect > 0 else None,
        family.family,
        "rate",
        counts,
        "/text",
        change="distribution",
        min_effect=_MIN_DISCREPANCY,
        witnesses=tuple((pair.baseline[0], pair.candidate[0]) for pair, _, _ in chosen[:3]),
    )
