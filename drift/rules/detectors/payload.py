# The JSON that answers hold where no schema was declared: which keys are there, and of which type, on either side.
# Owns: which places are compared. Refuses to know: schemas (a breach of one is a yes/no feature), tests, wording.
"""The shape of JSON answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from drift.model import Probe
from drift.rules.detectors.yesno import Measure, rate_signal
from drift.rules.facts import Facts, ProbePair, Seen, Signal
from drift.shapes import ABSENT, parent_of, plain_path

_COMMON = 0.2
"""A place that fewer of the answers of either side hold is data used as a key, or an exception."""
_MOST_PLACES = 60
_NUMBERS = frozenset({"integer", "number"})


def detect_payload(facts: Facts) -> Iterator[Signal]:
    """Yield one signal for each key of the answers, and one for each of its types, that both sides do not share."""
    for family in facts.families:
        pairs = [pair for pair in family.pairs if _holds_json(pair)]
        sides = [_places(pairs, side) for side in ("baseline", "candidate")]
        common = {place for share in sides for place, part in share.items() if part >= _COMMON}
        for path, kind in sorted(common)[:_MOST_PLACES]:
            if not kind:
                yield from _signal(family.family, pairs, path, _has_key(path), "key")
            elif (path, "") in common:
                yield from _signal(family.family, pairs, path, _has_type(path, kind), kind)


def _holds_json(pair: ProbePair) -> bool:
    return all(any(seen.get("json.shape") for seen in side) for side in (pair.baseline, pair.candidate))


def _places(pairs: list[ProbePair], side: str) -> dict[tuple[str, str], float]:
    """Return (path, "") and (path, type) → share of the answers that have it."""
    shapes = [shape for pair in pairs for seen in getattr(pair, side) if (shape := seen.get("json.shape"))]
    found: Counter[tuple[str, str]] = Counter()
    for shape in shapes:
        for path, types in shape.items():
            if path and not path.endswith("*"):
                found[path, ""] += 1
            found.update((path, _kind(name)) for name in types if name != ABSENT)
    return {place: count / len(shapes) for place, count in found.items()}


def _kind(name: str) -> str:
    return "number" if name in _NUMBERS else name  # 2 after 2.5 follows the value


def _signal(
    family: str,
    pairs: list[ProbePair],
    path: str,
    value: Callable[[Seen, Probe], bool | None],
    change: str,
) -> Iterator[Signal]:
    measure = Measure(
        f"json.{'key' if change == 'key' else 'type'}",
        value,
        up="structured-output-shape-changed",
        # A type that goes makes room for another, which is named; a key that goes leaves a hole.
        down="structured-output-shape-changed" if change == "key" else None,
        path=f"/text{plain_path(path)}",
        change=change,
        witness=False,
        min_effect=0.1,
    )
    yield from rate_signal(family, pairs, measure, place="" if change == "key" else change, detail=path)


def _has_key(path: str) -> Callable[[Seen, Probe], bool | None]:
    parent = parent_of(path)

    def value(seen: Seen, _: Probe) -> bool | None:
        shape = seen.get("json.shape")
        held = isinstance(shape, dict) and "object" in shape.get(parent, ())
        return path in shape and ABSENT not in shape[path] if held else None

    return value


def _has_type(path: str, kind: str) -> Callable[[Seen, Probe], bool | None]:
    def value(seen: Seen, _: Probe) -> bool | None:
        shape = seen.get("json.shape")
        if not isinstance(shape, dict) or path not in shape:
            return None
        return kind in {_kind(name) for name in shape[path]}

    return value
