# Numbers per sample: lengths, tokens, time. Input tokens of a fixed request have no noise and need no test.
# Owns: which number feeds which rule and how much matters. Refuses to know: tests, correction, wording.
"""Shifts of numbers, pooled by family."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from drift.model import MAX_NUMBER, Probe, Purpose
from drift.rules.detectors.yesno import by_probe, flips_of
from drift.rules.facts import Facts, FamilyPair, ProbePair, Seen, Signal, Witness
from drift.rules.measure import Counts, count_offset, count_ratio, paired


@dataclass(frozen=True, slots=True)
class Number:
    """One row: observation, rule when it grows, rule when it falls, its unit, and the smallest ratio that matters."""

    name: str
    up: str | None
    down: str | None
    path: str
    unit: str
    purposes: tuple[Purpose, ...] = ()
    min_effect: float = 0.1
    floor: float = 0.0
    space: str = "response"


NUMBERS: tuple[Number, ...] = (
    # A word more or less, "No" for "Yes" or a fence: no change of length that anybody plans for.
    Number(
        "text.chars",
        "output-length-shifted",
        "output-length-shifted",
        "/text",
        "characters",
        ("prose", "unknown"),
        floor=20,
    ),
    Number(
        "reasoning_tokens",
        "reasoning-tokens-increased",
        None,
        "/usage/reasoning_tokens",
        "tokens",
        min_effect=0.2,
        floor=16,
        space="usage",
    ),
    # A quarter more is the usual line of a budget; `min_effects` draws another.
    Number(
        "cost_usd_millionths",
        "cost-per-probe-increased",
        None,
        "/usage",
        "millionths of a US dollar",
        min_effect=0.25,
        space="usage",
    ),
    # Time depends on the network and on what else the machines do: twice as long and a second more, or nothing.
    Number("latency_ms", "latency-increased", None, "/latency_ms", "ms", min_effect=1.0, floor=1000.0),
)


def detect_numbers(facts: Facts) -> Iterator[Signal]:
    """Yield one signal per number and family."""
    for family in facts.families:
        for number in NUMBERS:
            yield from _shift(family, number)
        yield from _count_of_calls(family)
        yield from _differing(family)
    yield from _input_tokens(facts)


def columns_of(pairs: list[ProbePair], name: str) -> list[tuple[list[float | None], list[float | None]]]:
    """Return a number of every sample, probe by probe and side by side; None where it was not observed."""
    return [
        (
            [number_of(seen.get(name)) for seen in pair.baseline],
            [number_of(seen.get(name)) for seen in pair.candidate],
        )
        for pair in pairs
    ]


def _values(pairs: list[ProbePair], name: str) -> list[tuple[list[float], list[float]]]:
    return paired(columns_of(pairs, name))


def number_of(value: object) -> float | None:
    """Return a number as such, and None for anything else: a truth value is none, nor is what no counter reaches."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) < MAX_NUMBER else None


def _shift(family: FamilyPair, number: Number) -> Iterator[Signal]:
    pairs = [pair for pair in family.pairs if not number.purposes or pair.probe.purpose in number.purposes]
    values = _values(pairs, number.name)
    if not values:
        return
    counts = by_probe(pairs, columns_of(pairs, number.name), count_ratio(values))
    counts = replace(counts, flips=flips_of(pairs, _reads(number.name)), mean_unit=number.unit)
    grew = (counts.effect or 1.0) > 1
    rule = number.up if grew else number.down
    far = abs((counts.mean_b or 0.0) - (counts.mean_a or 0.0)) >= number.floor
    agrees = (counts.up or 0) != (counts.down or 0) and ((counts.up or 0) > (counts.down or 0)) == grew
    yield Signal(
        number.name,
        rule if far and agrees else None,
        family.family,
        "rate",
        counts,
        number.path,
        change="more" if grew else "less",
        before={"mean": _rounded(counts.mean_a)},
        after={"mean": _rounded(counts.mean_b)},
        min_effect=number.min_effect,
        witnesses=extremes(pairs, number.name, grew=grew) if rule else (),
        space=number.space,
        moved=moved_means(pairs, number.name),
        watches=tuple(sorted({rule for rule in (number.up, number.down) if rule})),
    )


def _reads(name: str) -> Callable[[Seen, Probe], float | None]:
    return lambda seen, _: number_of(seen.get(name))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def moved_means(pairs: list[ProbePair], name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the probes whose mean rose and those whose mean fell."""
    means = {
        pair.probe.id: [sum(side) / len(side) for side in sides]
        for pair in pairs
        for sides in _values([pair], name)
    }
    return (
        frozenset(probe for probe, (a, b) in means.items() if b > a),
        frozenset(probe for probe, (a, b) in means.items() if b < a),
    )


def extremes(pairs: list[ProbePair], name: str, *, grew: bool, limit: int = 3) -> tuple[Witness, ...]:
    """Return the pairs whose number moved most, of the first sample on each side."""
    moved: list[tuple[float, Witness]] = []
    for pair in pairs:
        if pair.baseline and pair.candidate:
            a, b = number_of(pair.baseline[0].get(name)), number_of(pair.candidate[0].get(name))
            if a is not None and b is not None and (b > a if grew else b < a):
                moved.append((abs(b - a), (pair.baseline[0], pair.candidate[0])))
    moved.sort(key=lambda item: -item[0])
    return tuple(witness for _, witness in moved[:limit])


def _count_of_calls(family: FamilyPair) -> Iterator[Signal]:
    """Calls per turn; a probe that must call a tool and does not has a rule of its own."""
    pairs = list(family.pairs)
    columns = columns_of(pairs, "calls.count")
    values = paired(columns)
    if not values:
        return
    counts = by_probe(pairs, columns, count_ratio(values))
    counts = replace(counts, flips=flips_of(pairs, _reads("calls.count")), mean_unit="calls")
    moved = (counts.up or 0) != (counts.down or 0)
    yield Signal(
        "calls.count",
        "tool-call-count-changed" if moved else None,
        family.family,
        "rate",
        counts,
        "/tool_calls",
        change="count",
        before={"mean": _rounded(counts.mean_a)},
        after={"mean": _rounded(counts.mean_b)},
        min_effect=0.1,
        witnesses=extremes(pairs, "calls.count", grew=(counts.effect or 1.0) > 1),
        moved=moved_means(pairs, "calls.count"),
        watches=("tool-call-count-changed",),
    )


_LADDER = ("text.digest", "calls.bytes", "calls.canonical", "calls.keys", "calls.names")


def _differing(family: FamilyPair) -> Iterator[Signal]:
    """How many answers differ at all, rung by rung: never evidence alone, since repeats of one model differ as well."""
    singles = [pair for pair in family.pairs if len(pair.baseline) == len(pair.candidate) == 1]
    labels = {name for pair in singles for name in pair.baseline[0].observations if name.startswith("label:")}
    for name in (*_LADDER, *sorted(labels)):
        differ = total = 0
        for pair in singles:
            a, b = pair.baseline[0], pair.candidate[0]
            known = "calls.names" if name.startswith("calls.") else name
            if known not in a.observations and known not in b.observations:
                continue
            total += 1
            differ += _rung(a, name) != _rung(b, name)
        if total:
            counts = Counts(total, total, total, None, differ, unit="count")
            yield Signal(f"differs:{name}", None, family.family, "rate", counts, "/")


def _rung(seen: Seen, name: str) -> object:
    """The value of a sample on one rung; on the lowest rung of calls an answer without any is its text."""
    in_text = name == "calls.bytes" and not seen.get("calls.count")
    return seen.get("text.digest" if in_text else name)


def _input_tokens(facts: Facts) -> Iterator[Signal]:
    """The same bytes billed as another number of tokens: one finding for the whole run, with every difference."""
    noisy: set[str] = set()
    per_family: dict[str, list[tuple[ProbePair, int, int]]] = {}
    for family in facts.families:
        for pair in family.pairs:
            a = {seen.get("input_tokens") for seen in pair.baseline} - {None}
            b = {seen.get("input_tokens") for seen in pair.candidate} - {None}
            if len(a) > 1 or len(b) > 1:
                noisy.add(pair.probe.id)  # the request was not fixed after all
            elif a and b and pair.same_dialect:
                per_family.setdefault(family.family, []).append((pair, a.pop(), b.pop()))
    everything = [item for items in per_family.values() for item in items]
    if not everything:
        return
    counts = count_offset([(a, b) for _, a, b in everything])
    moved = [(pair, a, b) for pair, a, b in everything if a != b]
    witnesses = tuple((pair.baseline[0], pair.candidate[0]) for pair, _, _ in moved[:3])
    yield Signal(
        "input_tokens",
        "input-token-count-shifted" if moved else None,
        "tokens" if len(per_family) > 1 else next(iter(per_family)),
        "exact",
        counts,
        "/usage/input_tokens",
        change="constant" if counts.offset is not None else "tokenizer",
        before={"sum": sum(a for _, a, _ in everything)},
        after={"sum": sum(b for _, _, b in everything)},
        deterministic=True,
        note=_token_note(counts, len(noisy)),
        witnesses=witnesses,
        space="usage",
    )


def _token_note(counts: Counts, noisy: int) -> str:
    if counts.offset is not None:
        note = (
            f"Every request costs exactly {counts.offset:+d} tokens: a hidden prompt, or another way of writing tools"
            " or turns, not another tokenizer."
        )
    else:
        note = "The difference depends on the text: another tokenizer, or another way of writing the request."
    return f"{note} {noisy} probes whose requests vary were left out." if noisy else note
