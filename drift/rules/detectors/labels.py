# Verdicts: labels that came with recordings, and the known answers of our own probes. Split by the true class.
# Owns: which label is a verdict, an answer or a class; bias told apart from ability. Refuses to know: graders' quality.
"""Labels, answers and aggregate scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from drift import stats
from drift.model import JSON, Probe
from drift.rules.detectors.rates import Measure, rate_signal
from drift.rules.facts import Facts, FamilyPair, ProbePair, Seen, Signal
from drift.rules.measure import Counts
from drift.shapes import escape

_MAX_VALUES = 12
_MIN_CLASS = 20
_OWN = "answer.correct"


def detect_labels(facts: Facts) -> Iterator[Signal]:
    """Yield signals on labels, on answers of closed questions, and on aggregate scores."""
    for family in facts.families:
        plain = [pair for pair in family.pairs if "aggregate" not in pair.probe.tags]
        yield from _aggregates(family)
        if not plain:
            continue
        yield from _labels(family.family, plain)


def _labels(family: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    names = sorted(
        {
            name
            for pair in pairs
            for side in (pair.baseline, pair.candidate)
            for seen in side
            for name in seen.observations
            if name.startswith("label:") or name == _OWN
        }
    )
    kinds = {name: _kind(pairs, name) for name in names}
    classes = _classes(pairs, [name for name, kind in kinds.items() if kind == "class"])
    references = {str(v) for name, kind in kinds.items() if kind == "class" for v in _values(pairs, name)}
    verdicts = [name for name, kind in kinds.items() if kind == "verdict"]
    for name, kind in kinds.items():
        if kind == "verdict":
            yield from _verdict(family, pairs, name, classes)
        elif kind == "answer":
            finer = next((v for v in verdicts if _decides(pairs, name, v)), None)
            if finer is not None:
                yield from _details(family, pairs, name, finer)
            else:
                yield from _answers(family, pairs, name, classes, references)
    if any(pair.probe.expect.labels for pair in pairs):
        yield from _answers(
            family, [pair for pair in pairs if pair.probe.expect.labels], "label.value", classes, references
        )


def _kind(pairs: list[ProbePair], name: str) -> str:
    """Tell a verdict (yes/no), an answer (one of a few words) and a class (a property of the question) apart."""
    values: set[JSON] = set()
    settled = varied = 0
    for pair in pairs:
        sides = [{seen.get(name) for seen in side} - {None} for side in (pair.baseline, pair.candidate)]
        both = sides[0] | sides[1]
        values |= both
        settled += len(both) == 1
        varied += len(both) > 1
    if not values:
        return "none"
    if all(isinstance(value, bool) for value in values):
        return "verdict"
    if all(isinstance(value, str) for value in values) and len(values) <= _MAX_VALUES:
        # What is the same for a question on both sides, for every question, is about the question.
        return "class" if not varied and len(values) > 1 and settled else "answer"
    return "other"


def _values(pairs: list[ProbePair], name: str) -> list[JSON]:
    found = {seen.get(name) for pair in pairs for seen in (*pair.baseline, *pair.candidate)} - {None}
    return sorted(found, key=str)


def _decides(pairs: list[ProbePair], name: str, verdict: str) -> bool:
    """Whether each value of a label goes with one value of a verdict: then it is the same verdict in more words."""
    seen_with: dict[JSON, set[JSON]] = {}
    for pair in pairs:
        for seen in (*pair.baseline, *pair.candidate):
            if seen.get(name) is not None and seen.get(verdict) is not None:
                seen_with.setdefault(seen.get(name), set()).add(seen.get(verdict))
    return len(seen_with) > 1 and all(len(values) == 1 for values in seen_with.values())


def _details(family: str, pairs: list[ProbePair], name: str, verdict: str) -> Iterator[Signal]:
    """The values of a verdict in more words; the one that says the same as the verdict itself is left out."""
    label, plain = name.removeprefix("label:"), verdict.removeprefix("label:")
    for value in _values(pairs, name):
        agrees = all(
            (seen.get(name) == value) == seen.get(verdict)
            for pair in pairs
            for seen in (*pair.baseline, *pair.candidate)
            if seen.get(name) is not None and seen.get(verdict) is not None
        )
        if agrees:
            continue
        measure = Measure(
            f"{name}={value}",
            _is(name, value),
            up="output-distribution-shifted",
            down="output-distribution-shifted",
            path=f"/labels/{escape(label)}",
            change="mix",
            witness=False,
            level=lambda *_: ("info", f"a detail of the verdict {plain}"),
        )
        yield from rate_signal(family, pairs, measure, place=f"{label}={value}")


def _classes(pairs: list[ProbePair], names: list[str]) -> dict[str, list[ProbePair]]:
    """Split the probes by the class label with the fewest values (a reference answer is a class as well)."""
    best: dict[str, list[ProbePair]] = {}
    for name in [*names, "expect"]:
        split: dict[str, list[ProbePair]] = {}
        for pair in pairs:
            own = pair.probe.expect.answer_class
            values = {
                str(seen.get(name))
                for seen in (*pair.baseline, *pair.candidate)
                if seen.get(name) is not None
            }
            value = own if name == "expect" else values.pop() if len(values) == 1 else None
            if value is not None:
                split.setdefault(
                    f"{name.removeprefix('label:').replace('expect', 'class')}={value}", []
                ).append(pair)
        usable = len(split) > 1 and all(len(group) >= _MIN_CLASS for group in split.values())
        if usable and (not best or len(split) < len(best)):
            best = split
    return best


def _is(name: str, wanted: JSON) -> Callable[[Seen, Probe], bool | None]:
    return lambda seen, _: None if (value := seen.get(name)) is None else value == wanted


def _verdict(
    family: str, pairs: list[ProbePair], name: str, classes: Mapping[str, list[ProbePair]]
) -> Iterator[Signal]:
    label = name.removeprefix("label:")
    measure = Measure(
        f"label:{label}" if name != _OWN else _OWN,
        _is(name, True),
        up="label-rate-increased",
        down="label-rate-decreased",
        path=f"/labels/{escape(label)}",
        change="rate",
        witness=False,
    )
    yield from rate_signal(family, pairs, measure, place=label)
    for where, group in classes.items():
        yield from rate_signal(family, group, measure, place=label, where=where)


def _answers(
    family: str,
    pairs: list[ProbePair],
    name: str,
    classes: Mapping[str, list[ProbePair]],
    references: set[str],
) -> Iterator[Signal]:
    """The mix of answers. Where the same answer moves the same way in every class, it is bias and not ability."""
    label = name.removeprefix("label:")
    values = _values(pairs, name)
    if not 2 <= len(values) <= _MAX_VALUES:
        return
    for value in values:
        measure = Measure(
            f"{name}={value}",
            _is(name, value),
            up="output-distribution-shifted",
            down="output-distribution-shifted",
            path=f"/labels/{escape(label)}",
            change="mix",
            witness=False,
        )
        wheres: list[Signal] = []
        for group in classes.values():
            wheres.extend(rate_signal(family, group, measure))
        possible = not references & set(map(str, values)) or str(value) in references
        biased = (
            possible
            and len(wheres) > 1
            and (
                all(s.counts.effect and s.counts.effect > 0 for s in wheres)
                or all(s.counts.effect and s.counts.effect < 0 for s in wheres)
            )
        )
        for signal in rate_signal(family, pairs, measure, place=f"{label}={value}"):
            if signal.rule and biased and _by_class_significant(wheres):
                shares = "; ".join(
                    f"{where}: {s.counts.k_a}/{s.counts.n_a} to {s.counts.k_b}/{s.counts.n_b}"
                    for where, s in zip(classes, wheres, strict=True)
                )
                yield replace(
                    signal,
                    rule="answer-bias-shifted",
                    note=f"The answer {value!r} moved the same way whatever the right answer is ({shares}):"
                    " a bias of the answer, not a change of ability.",
                )
            else:
                yield signal


def _by_class_significant(signals: list[Signal]) -> bool:
    return all(signal.counts.p is not None and signal.counts.p <= 0.05 for signal in signals)


# ---------------------------------------------------------------- aggregates


def _aggregates(family: FamilyPair) -> Iterator[Signal]:
    """One score of one whole run against another: a test is only possible where k of n is known."""
    for pair in family.pairs:
        if "aggregate" not in pair.probe.tags or not pair.baseline or not pair.candidate:
            continue
        a, b = pair.baseline[0], pair.candidate[0]
        numbers = [_k_of_n(a), _k_of_n(b)]
        if None in numbers:
            continue
        (k1, n1), (k2, n2) = (number for number in numbers if number is not None)
        effect = k2 / n2 - k1 / n1
        interval = stats.difference_interval(k1, n1, k2, n2)
        counts = Counts(
            pairs=1,
            n_a=n1,
            n_b=n2,
            k_a=k1,
            k_b=k2,
            mean_a=k1 / n1,
            mean_b=k2 / n2,
            effect=effect,
            interval=(interval.low, interval.high),
            p=stats.fisher(k1, n1, k2, n2),
            attainable=0.0,
            test="Fisher exact",
        )
        yield Signal(
            "aggregate",
            "score-level-shifted" if effect else None,
            family.family,
            "rate",
            counts,
            path="/labels/value",
            place=pair.probe.id,
            change="more" if effect > 0 else "less",
            probe=pair.probe.id,
            before={"value": a.get("aggregate.value")},
            after={"value": b.get("aggregate.value")},
            min_effect=0.02,
            witnesses=((a, b),),
        )


def _k_of_n(seen: Seen) -> tuple[int, int] | None:
    k, n = seen.get("aggregate.k"), seen.get("aggregate.n")
    return (k, n) if isinstance(k, int) and isinstance(n, int) and 0 <= k <= n and n else None
