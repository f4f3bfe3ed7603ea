# Verdicts: labels that came with recordings, and the known answers of our own probes. Split by the true class.
# Owns: which label is a verdict, an answer or a class; bias told apart from ability. Refuses to know: graders' quality.
"""Labels, answers and aggregate scores."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from drift import stats
from drift.model import JSON, Level, Probe
from drift.pointers import escape
from drift.rules.detectors.numbers import columns_of, extremes, moved_means, number_of
from drift.rules.detectors.yesno import Measure, by_probe, flips_of, rate_signal
from drift.rules.facts import Facts, FamilyPair, ProbePair, Seen, Signal
from drift.rules.measure import Counts, count_score, paired

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
    kinds = _without_twins(pairs, {name: _kind(pairs, name) for name in names})
    classes = _classes(pairs, [name for name, kind in kinds.items() if kind == "class"])
    references = _references(pairs, [name for name, kind in kinds.items() if kind == "class"])
    verdicts = [name for name, kind in kinds.items() if kind == "verdict"]
    told = False
    for name, kind in kinds.items():
        if kind == "verdict":
            yield from _verdict(family, pairs, name, classes)
        elif kind == "score":
            yield from _score(family, pairs, name)
        elif kind == "answer":
            finer = next((v for v in verdicts if _decides(pairs, name, v)), None)
            if finer is not None:
                yield from _details(family, pairs, name, finer)
            else:
                told = True
                yield from _answers(family, pairs, name, classes, references)
    closed = [pair for pair in pairs if pair.probe.expect.labels]
    if closed and not (told and all(pair.probe.purpose == "unknown" for pair in closed)):
        # The source's own reading of an answer says more than the text that we take for one.
        yield from _answers(family, closed, "label.value", classes, references)


def _kind(pairs: list[ProbePair], name: str) -> str:
    """Tell apart: a verdict (yes/no), a score (a number), an answer (one of a few words), a class (of the question)."""
    values: set[JSON] = set()
    roles: set[JSON] = set()
    settled = varied = 0
    for pair in pairs:
        sides = [{seen.get(name) for seen in side} - {None} for side in (pair.baseline, pair.candidate)]
        both = sides[0] | sides[1]
        values |= both
        settled += len(both) == 1
        varied += len(both) > 1
        roles |= {seen.get(name.replace("label:", "role:", 1)) for seen in (*pair.baseline, *pair.candidate)}
    if not values:
        return "none"
    few = len(values) <= _MAX_VALUES
    told = next(iter(roles & {"verdict", "score", "answer", "class"}), None)
    if told is not None and (few or told == "score"):
        return str(told)
    if all(isinstance(value, bool) for value in values) or (
        len(values) == 2 and all(value in {0, 1} for value in values)
    ):
        return "verdict"
    # What is the same for a question on both sides, for every question, is about the question.
    about_question = not varied and len(values) > 1 and settled
    if all(isinstance(value, int | float) for value in values):
        return "class" if about_question and few else "score"
    if few and all(isinstance(value, str) for value in values):
        return "class" if about_question else "answer"
    return "other"


def _without_twins(pairs: list[ProbePair], kinds: dict[str, str]) -> dict[str, str]:
    """Leave out a score or a verdict that says in every sample what another verdict says: reward beside success."""
    verdicts = [name for name, kind in kinds.items() if kind == "verdict"]
    verdicts.sort(key=lambda name: not all(isinstance(value, bool) for value in _values(pairs, name)))
    kept: dict[str, str] = {}
    for name, kind in kinds.items():
        elders = (
            verdicts[: verdicts.index(name)] if kind == "verdict" else verdicts if kind == "score" else []
        )
        if not any(_seen_alike(pairs, name, elder) for elder in elders):
            kept[name] = kind
    return kept


def _seen_alike(pairs: list[ProbePair], name: str, other: str) -> bool:
    return all(
        seen.get(name) == seen.get(other) for pair in pairs for seen in (*pair.baseline, *pair.candidate)
    )


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


_BAD_NEWS = re.compile(
    r"(?:\b|_)(?:hallucinat|toxic|unsafe|harm(?:ful|s)?(?:\b|_)|refus|invalid|incorrect|wrong|error|fail|violat|jailbr|leak|"
    r"crash|timeout|timed_out|malformed|broken)",
    re.IGNORECASE,
)
_DENIED = re.compile(r"(?:\b|_)(?:no|not|non|without|avoids?|free|resist\w*|handl\w*)(?:\b|_)", re.IGNORECASE)


def _bad_news(_: Probe, rising: bool) -> tuple[Level, str]:
    """Most labels carry no sign; the name of this one does."""
    if rising:
        return "warning", "the label's name says that it is bad news"
    return "info", "the label's name says that less of it is good news"


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
        level=_bad_news if _BAD_NEWS.search(label) and not _DENIED.search(label) else None,
    )
    yield from rate_signal(family, pairs, measure, place=label)
    for where, group in classes.items():
        yield from rate_signal(family, group, measure, place=label, where=where)


def _score(family: str, pairs: list[ProbePair], name: str) -> Iterator[Signal]:
    """A number that a grader gave each answer. A tenth of its spread is the least that matters."""
    label = name.removeprefix("label:")
    columns = columns_of(pairs, name)
    values = paired(columns)
    if len(values) < 2:
        return
    counts = by_probe(pairs, columns, count_score(values))
    counts = replace(counts, flips=flips_of(pairs, lambda seen, _: number_of(seen.get(name))))
    pooled = [value for sides in values for side in sides for value in side]
    rises = (counts.effect or 0.0) > 0
    yield Signal(
        name,
        "score-level-shifted" if counts.effect else None,
        family,
        "rate",
        counts,
        f"/labels/{escape(label)}",
        label,
        "more" if rises else "less",
        before={"mean": round(counts.mean_a or 0.0, 4)},
        after={"mean": round(counts.mean_b or 0.0, 4)},
        min_effect=0.1 * statistics.pstdev(pooled),
        witnesses=extremes(pairs, name, grew=rises),
        moved=moved_means(pairs, name),
        watches=("score-level-shifted",),
    )


def _answers(
    family: str,
    pairs: list[ProbePair],
    name: str,
    classes: Mapping[str, list[ProbePair]],
    references: Mapping[str, Mapping[str, list[ProbePair]]],
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
            path="/text" if name == "label.value" else f"/labels/{escape(label)}",
            change="mix",
            witness=False,
        )
        right = next((name for name, split in references.items() if _is_reference(split, values)), None)
        groups = classes if right is None else _right_and_wrong(references[right], right, str(value))
        by_class = {
            where: found[0]
            for where, group in groups.items()
            if (found := list(rate_signal(family, group, measure)))
        }
        possible = right is None or str(value) in references[right]
        for signal in rate_signal(family, pairs, measure, place=f"{label}={value}"):
            if signal.rule and not signal.single and possible and _is_bias(by_class):
                shares = "; ".join(
                    f"{where}: {s.counts.k_a}/{s.counts.n_a} to {s.counts.k_b}/{s.counts.n_b}"
                    for where, s in by_class.items()
                )
                yield replace(
                    signal,
                    rule="answer-bias-shifted",
                    note=f"The answer {value!r} moved the same way whatever the right answer is ({shares}):"
                    " a bias of the answer, not a change of ability.",
                )
            else:
                yield signal


def _references(pairs: list[ProbePair], names: list[str]) -> dict[str, dict[str, list[ProbePair]]]:
    """Return class label → its value → the pairs that have it: one of these labels may hold the right answers."""
    found: dict[str, dict[str, list[ProbePair]]] = {}
    for name in names:
        split = found.setdefault(name.removeprefix("label:"), {})
        for pair in pairs:
            values = {seen.get(name) for seen in (*pair.baseline, *pair.candidate)} - {None}
            if len(values) == 1:
                split.setdefault(str(values.pop()), []).append(pair)
    return found


def _is_reference(split: Mapping[str, list[ProbePair]], answers: list[JSON]) -> bool:
    """Whether nearly all questions have one of the answers as their class."""
    answered = sum(len(group) for value, group in split.items() if value in set(map(str, answers)))
    return answered >= 0.9 * sum(map(len, split.values()))


def _right_and_wrong(
    split: Mapping[str, list[ProbePair]], name: str, value: str
) -> dict[str, list[ProbePair]]:
    wrong = [pair for other, group in split.items() if other != value for pair in group]
    return {f"{name}={value}": split.get(value, []), f"{name} is another": wrong}


def _is_bias(by_class: Mapping[str, Signal]) -> bool:
    """Whether an answer moves one way in every class, so that it cannot be ability that moved.

    Ability moves an answer up where it is right and down elsewhere, or the reverse. So it is a bias when the classes
    agree and no class can be told to move the other way: at least one class moves beyond doubt, and of the others only
    those may stand still that have no room (nearly always or nearly never this answer on both sides).
    """
    signals = list(by_class.values())
    effects = [signal.counts.effect or 0.0 for signal in signals]
    one_way = (min(effects, default=0.0) >= 0) != (max(effects, default=0.0) <= 0)
    if len(signals) < 2 or not one_way:
        return False
    return any(map(_beyond_doubt, signals)) and all(_beyond_doubt(s) or _no_room(s) for s in signals)


_DOUBT = 0.05


def _beyond_doubt(signal: Signal) -> bool:
    return signal.counts.p is not None and signal.counts.p <= _DOUBT


def _no_room(signal: Signal) -> bool:
    """Whether the share could hardly move further the way it moved."""
    rises = (signal.counts.effect or 0.0) > 0
    before, after = signal.counts.mean_a or 0.0, signal.counts.mean_b or 0.0
    return min(before, after) >= _CEILING if rises else max(before, after) <= 1 - _CEILING


_CEILING = 0.75


# ---------------------------------------------------------------- aggregates


def _aggregates(family: FamilyPair) -> Iterator[Signal]:
    """One score of one whole run against another: a test is only possible where k of n is known."""
    for pair in family.pairs:
        if "aggregate" not in pair.probe.tags or not pair.baseline or not pair.candidate:
            continue
        a, b = pair.baseline[0], pair.candidate[0]
        numbers = [_k_of_n(a), _k_of_n(b)]
        if None in numbers:  # a figure to be seen, and nothing that could be tested
            values = [number_of(seen.get("aggregate.value")) for seen in (a, b)]
            counts = Counts(1, 1, 1, mean_a=values[0], mean_b=values[1], unit="score")
            yield Signal(
                "aggregate",
                None,
                family.family,
                "exact",
                counts,
                "/labels/value",
                pair.probe.id,
                probe=pair.probe.id,
            )
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
            note=_COLLAPSED if k2 / n2 <= k1 / n1 / 4 else "",
            witnesses=((a, b),),
        )


_COLLAPSED = (
    "Three quarters of the score and more went at once, which a harness that broke does as well: it is a new level when"
    " further runs stay there (`drift monitor`)."
)


def _k_of_n(seen: Seen) -> tuple[int, int] | None:
    k, n = seen.get("aggregate.k"), seen.get("aggregate.n")
    return (k, n) if isinstance(k, int) and isinstance(n, int) and 0 <= k <= n and n else None
