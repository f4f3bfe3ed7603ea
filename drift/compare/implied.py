# What recorded answers were evidently asked for, where nobody says so: the baseline's own answers tell.
# Owns: when the answers of a family count as JSON, or as one of a few words. Refuses to know: the candidate, rules.
"""Expectations of recordings that come without any.

A family is held to what nearly all answers of its baseline are, and all its probes are: to hold only those probes to it
whose own answer happened to be so would find a change in every second look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from drift.canonical import StrictJSONError, strict_loads
from drift.model import Expect, Probe, Sample
from drift.observe.text import strip_fence

_NEARLY_ALL = 0.9
_ENOUGH_JSON = 8
_ENOUGH_LABELS = 20
_MOST_LABELS = 12
_LONGEST_LABEL = 40


def implied_expectations(
    probes: Mapping[str, Probe], samples: Mapping[str, Sequence[Sample]]
) -> dict[str, Expect]:
    """Return family → expectation for the families of unknown purpose whose baseline answers all look alike.

    Args:
        probes: probe id → probe.
        samples: probe id → its samples of the baseline.
    """
    texts: dict[str, list[str]] = {}
    for probe_id, found in samples.items():
        probe = probes[probe_id]
        if probe.purpose == "unknown" and probe.expect == Expect():
            texts.setdefault(probe.family, []).extend(_texts(found))
    implied = {family: _expectation(found) for family, found in texts.items()}
    return {family: expect for family, expect in implied.items() if expect is not None}


def _texts(samples: Iterable[Sample]) -> Iterable[str]:
    for sample in samples:
        text = (sample.document.get("recorded") or {}).get("output_text")
        if isinstance(text, str) and text.strip():
            yield text.strip()


def _expectation(texts: Sequence[str]) -> Expect | None:
    if len(texts) >= _ENOUGH_JSON and sum(map(_is_json, texts)) >= _NEARLY_ALL * len(texts):
        return Expect(json=True)
    labels = _labels(texts)
    return Expect(labels=labels) if labels else None


def _is_json(text: str) -> bool:
    inner = strip_fence(text).strip()
    if inner[:1] not in {"{", "["}:
        return False
    try:
        strict_loads(inner)
    except StrictJSONError:
        return False
    return True


def _labels(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the few short answers that nearly all texts consist of, or ()."""
    counts = Counter(text for text in texts if len(text) <= _LONGEST_LABEL and "\n" not in text)
    often = {text: count for text, count in counts.items() if count >= max(2, 0.01 * len(texts))}
    few = 2 <= len(often) <= min(_MOST_LABELS, len(texts) // 4)
    if len(texts) < _ENOUGH_LABELS or not few or sum(often.values()) < _NEARLY_ALL * len(texts):
        return ()
    return tuple(sorted(often))
