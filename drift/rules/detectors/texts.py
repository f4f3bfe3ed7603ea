# What the wording of answers tells beyond yes/no features: the language, and whether texts come from one distribution.
# Owns: which answers are compared as text. Refuses to know: tests, correction, wording of findings.
"""Language and distribution of free texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from drift import stats
from drift.model import Probe, Purpose
from drift.rules.detectors.yesno import Measure, rate_signal
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
    pairs = [pair for pair in family.pairs if _varies(pair)]
    chosen: list[tuple[ProbePair, list[str], list[str]]] = []
    for pair in pairs[:: max(1, -(-len(pairs) // _MOST_PROMPTS))]:
        first, second = (
            [text for seen in side if (text := facts.text(seen)) is not None]
            for side in (pair.baseline, pair.candidate)
        )
        if min(len(first), len(second)) > 1:
            chosen.append((pair, first, second))
    if not chosen:
        return
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


def _varies(pair: ProbePair) -> bool:
    sides = [[seen.get("text.digest") for seen in side] for side in (pair.baseline, pair.candidate)]
    return (
        pair.probe.purpose in _READ
        and min(map(len, sides)) > 1
        and any(len(set(side) - {None}) > 1 for side in sides)
    )
