# Kinds of pairs as agents, graders and harnesses leave them, changed and unchanged, each drawn at random.
# Owns: what each looks like and what a right report says of it. Refuses to know: how Drift measures.
"""Kinds of pairs of trials of agents, of sets of tool calls, and of what graders and harnesses wrote down."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

from bench.kinds import (
    BIAS,
    CITY,
    FALL,
    LENGTH,
    MARKUP,
    MIX,
    WORDS,
    Answer,
    Kind,
    Pair,
    Row,
    both,
    call,
    each,
    essay,
    flip,
    graded,
    lines,
    names,
    prompts,
    record,
    sentence,
    text,
)

# ---------------------------------------------------------------- changed: agents and tools


def agent_succeeds_less_often(rng: random.Random) -> Pair:
    probes = prompts(rng, 50)
    ease = {name: rng.betavariate(0.8, 0.8) for name, _, _ in probes}

    def side(factor: float) -> list[Row]:
        def answer(name: str, _: float) -> Row:
            calls = [call(rng) for _ in range(rng.randrange(1, 8))]
            return text(
                essay(rng, 120), tool_calls=calls, labels={"reward": float(flip(rng, ease[name] * factor))}
            )

        return lines(rng, probes, answer, epochs=4)

    return Pair(side(1), side(0.5), names(FALL, "score-level-shifted"), names(LENGTH))


def agent_calls_twice_as_often(rng: random.Random) -> Pair:
    side = graded(
        lambda factor, *_: text(
            essay(rng, 120), tool_calls=[call(rng) for _ in range(factor * rng.randrange(2, 6))]
        )
    )
    return Pair(*both(rng, 50, side(1), side(2), epochs=2), names("tool-call-count-changed"), names(LENGTH))


def calls_in_parallel_are_lost(rng: random.Random) -> Pair:
    side = graded(
        lambda many, *_: {
            "tool_calls": [call(rng) for _ in range(rng.choice((2, 3)) if many else 1)],
            "tools": [CITY],
            "output_text": None,
        }
    )
    return Pair(*both(rng, 40, side(True), side(False)), names("tool-call-count-changed"))


def tools_are_called_unasked(rng: random.Random) -> Pair:
    side = graded(
        lambda share, *_: text(
            essay(rng, 90), tool_calls=[call(rng)] if flip(rng, share) else [], tools=[CITY]
        )
    )
    return Pair(
        *both(rng, 80, side(0.02), side(0.35)),
        names("tool-call-unexpected", "tool-call-count-changed"),
        names(LENGTH),
    )


def keys_of_arguments_in_another_order(rng: random.Random) -> Pair:
    probes = prompts(rng, 40)
    made = {name: {"city": rng.choice(WORDS), "days": rng.randrange(9), "unit": "C"} for name, _, _ in probes}

    def side(turned: bool) -> list[Row]:
        def answer(name: str, _: float) -> Row:
            arguments = dict(reversed(made[name].items())) if turned else made[name]
            return {
                "tool_calls": [{"name": "get_forecast", "arguments": json.dumps(arguments)}],
                "output_text": None,
            }

        return lines(rng, probes, answer)

    return Pair(side(False), side(True), names("tool-call-encoding-changed"), loud=False, says=("cosmetic",))


def argument_becomes_an_object(rng: random.Random) -> Pair:
    def side(encode: Callable[[Any], Any]) -> Answer:
        return each(
            lambda *_: {
                "tool_calls": [
                    {"name": "find", "arguments": json.dumps({"filter": encode({"a": rng.randrange(9)})})}
                ],
                "output_text": None,
            }
        )

    return Pair(*both(rng, 40, side(json.dumps), side(dict)), names("tool-call-argument-type-shifted"))


# ---------------------------------------------------------------- changed: forms and answers


def words_after_json(rng: random.Random) -> Pair:
    side = graded(
        lambda share, *_: text(
            json.dumps(record(rng))
            + ("\n\nLet me know if you need anything else!" if flip(rng, share) else "")
        )
    )
    return Pair(
        *both(rng, 40, side(0), side(0.7)),
        names("text-trailing-content-added"),
        names(LENGTH, "structured-output-invalid-json"),
    )


def fence_goes(rng: random.Random) -> Pair:
    fenced = each(lambda *_: text(f"```json\n{json.dumps(record(rng))}\n```"))
    plain = each(lambda *_: text(json.dumps(record(rng))))
    return Pair(*both(rng, 40, fenced, plain), names("text-markdown-fence-removed"), names(LENGTH))


def every_answer_is_the_same(rng: random.Random) -> Pair:
    before = each(lambda _, typical: text(essay(rng, typical)))
    after = each(lambda *_: text("The answer is 42."))
    return Pair(*both(rng, 60, before, after), names(LENGTH, MIX), names(MARKUP))


def thoughts_stand_in_the_text(rng: random.Random) -> Pair:
    side = graded(
        lambda share, _, typical: text(
            (f"<think>\n{essay(rng, 300)}\n</think>\n" if flip(rng, share) else "") + essay(rng, typical)
        )
    )
    return Pair(*both(rng, 100, side(0), side(0.7)), names(LENGTH), names(MARKUP))


def mix_of_categories_moves(rng: random.Random) -> Pair:
    def side(weights: Sequence[int]) -> Answer:
        def answer(*_: object) -> Row:
            (said,) = rng.choices(("billing", "shipping", "returns", "other", "praise"), weights)
            return text(said, labels={"category": said})

        return answer

    return Pair(
        *both(rng, 200, side((4, 3, 2, 1, 1)), side((2, 2, 2, 5, 1))), names(MIX), names(LENGTH, BIAS)
    )


def one_of_many_metrics_falls(rng: random.Random) -> Pair:
    def side(worst: float) -> list[Row]:
        return [aggregate(rng, f"metric {i}", worst if i == 3 else 0.75, 225) for i in range(12)]

    return Pair(side(0.75), side(0.5), names("score-level-shifted"))


def score_of_each_answer_is_a_share(rng: random.Random) -> Pair:
    side = graded(
        lambda mean, _, typical: text(
            essay(rng, typical), labels={"score": round(rng.betavariate(8 * mean, 8 * (1 - mean)), 2)}
        )
    )
    return Pair(*both(rng, 120, side(0.8), side(0.65)), names("score-level-shifted"))


def run_collapses(rng: random.Random) -> Pair:
    def side(level: float) -> list[Row]:
        return [aggregate(rng, metric, level, 225) for metric in ("pass_rate", "well_formed")]

    return Pair(side(0.8), side(0), names("score-level-shifted"), says=("a harness that broke does as well",))


def aggregate(rng: random.Random, metric: str, level: float, n: int) -> Row:
    """Return a metric of a whole run."""
    k = sum(flip(rng, level) for _ in range(n))
    labels = {"aggregate": True, "metric": metric, "value": round(100 * k / n, 1), "n": n, "k": k}
    return {"probe_id": metric, "prompt": None, "labels": labels}


CHANGED: tuple[Kind, ...] = (
    agent_succeeds_less_often,
    agent_calls_twice_as_often,
    calls_in_parallel_are_lost,
    tools_are_called_unasked,
    keys_of_arguments_in_another_order,
    argument_becomes_an_object,
    words_after_json,
    fence_goes,
    every_answer_is_the_same,
    thoughts_stand_in_the_text,
    mix_of_categories_moves,
    one_of_many_metrics_falls,
    score_of_each_answer_is_a_share,
    run_collapses,
)

# ---------------------------------------------------------------- unchanged


def queries_of_tools_vary(rng: random.Random) -> Pair:
    probes = prompts(rng, 100)
    usual = {name: rng.choice((1, 1, 1, 2)) for name, _, _ in probes}

    def answer(name: str, _: float) -> Row:
        count = usual[name] if flip(rng, 0.85) else rng.choice((1, 2, 3))
        calls = []
        for _ in range(count):
            arguments = {"query": sentence(rng), "limit": rng.choice((5, 10))}
            arguments |= {"lang": "en"} if flip(rng, 0.2) else {}
            calls.append({"name": "search", "arguments": json.dumps(arguments)})
        return {"tool_calls": calls, "output_text": None if flip(rng, 0.7) else sentence(rng)}

    return Pair(lines(rng, probes, answer), lines(rng, probes, answer), model=False)


def parallel_calls_in_any_order(rng: random.Random) -> Pair:
    probes = prompts(rng, 60)
    cities = {name: rng.sample(WORDS, 3) for name, _, _ in probes}

    def answer(name: str, _: float) -> Row:
        order = rng.sample(cities[name], 3)
        calls = [{"name": "get", "arguments": json.dumps({"city": city})} for city in order]
        return {"tool_calls": calls, "output_text": None}

    return Pair(lines(rng, probes, answer), lines(rng, probes, answer), model=False)


def whole_and_broken_numbers(rng: random.Random) -> Pair:
    side = each(
        lambda *_: {
            "tool_calls": [call(rng, days=lambda days: days if flip(rng, 0.5) else days + 0.5)],
            "output_text": None,
        }
    )
    return Pair(*both(rng, 60, side, side), model=False)


def many_metrics_again(rng: random.Random) -> Pair:
    levels = [rng.random() for _ in range(20)]

    def side() -> list[Row]:
        return [aggregate(rng, f"metric {i}", level, 225) for i, level in enumerate(levels)]

    return Pair(side(), side(), model=False)


def metrics_of_unknown_size(rng: random.Random) -> Pair:
    def side() -> list[Row]:
        rows = [aggregate(rng, f"metric {i}", 0.7, 200) for i in range(6)]
        for row in rows:
            del row["labels"]["n"], row["labels"]["k"]
        return rows

    return Pair(side(), side(), model=False)


def labels_without_answers(rng: random.Random) -> Pair:
    side = each(
        lambda *_: {"output_text": None, "labels": {"correct": flip(rng, 0.6), "score": rng.random()}}
    )
    return Pair(*both(rng, 200, side, side), model=False)


def judge_is_unsure(rng: random.Random) -> Pair:
    probes = prompts(rng, 100)
    quality = {name: rng.gauss(7, 1) for name, _, _ in probes}

    def side() -> list[Row]:
        return lines(rng, probes, lambda name, typical: text(essay(rng, typical), labels={
            "quality": round(min(10, max(0, quality[name] + rng.gauss(0, 1))), 1),
            "judges": {"quality": {"judge": "judge-a", "judged_at": f"2026-01-{rng.randrange(10, 28)}"}},
        }), epochs=2)  # fmt: skip

    return Pair(side(), side(), model=False)


def the_hard_part_of_the_probes(rng: random.Random) -> Pair:
    probes = prompts(rng, 200)
    ease = {name: rng.random() for name, _, _ in probes}
    hard = sorted(probes, key=lambda probe: ease[probe[0]])[:60]

    def answer(name: str, typical: float) -> Row:
        return text(essay(rng, typical), labels={"correct": flip(rng, ease[name])})

    return Pair(lines(rng, probes, answer), lines(rng, hard, answer), model=False)


def nearly_without_sampling(rng: random.Random) -> Pair:
    probes = prompts(rng, 200)
    usual = {
        name: text(essay(rng, typical), labels={"correct": flip(rng, 0.7)}) for name, _, typical in probes
    }

    def answer(name: str, typical: float) -> Row:
        if flip(rng, 0.9):
            return usual[name]
        return text(essay(rng, typical), labels={"correct": flip(rng, 0.7)})

    return Pair(lines(rng, probes, answer), lines(rng, probes, answer), model=False)


def numbers_as_answers(rng: random.Random) -> Pair:
    probes = prompts(rng, 150)
    gold = {name: rng.randrange(100) for name, _, _ in probes}

    def answer(name: str, _: float) -> Row:
        said = gold[name] if flip(rng, 0.6) else rng.randrange(100)
        return text(str(said), labels={"answer": said, "gold": gold[name], "correct": said == gold[name]})

    return Pair(lines(rng, probes, answer), lines(rng, probes, answer), model=False)


def grader_under_another_rubric(rng: random.Random) -> Pair:
    side = graded(
        lambda rubric, share, _, typical: text(
            essay(rng, typical),
            labels={"passed": flip(rng, share), "judges": {"passed": {"judge": "judge-a", "rubric": rubric}}},
        )
    )
    return Pair(
        *both(rng, 150, side("strict", 0.8), side("lenient", 0.55)), model=False, says=("another grader",)
    )


def fewer_cases_and_another_level(rng: random.Random) -> Pair:
    first, second = ([aggregate(rng, "accuracy", level, n)] for level, n in ((0.7, 500), (0.62, 100)))
    return Pair(first, second, model=False, says=("sample size",))


def more_effort_is_asked_for(rng: random.Random) -> Pair:
    side = graded(
        lambda effort, share, _, typical: text(
            essay(rng, typical), params={"reasoning_effort": effort}, labels={"correct": flip(rng, share)}
        )
    )
    return Pair(*both(rng, 150, side("high", 0.8), side("low", 0.6)), model=False, says=("reasoning_effort",))


UNCHANGED: tuple[Kind, ...] = (
    queries_of_tools_vary,
    parallel_calls_in_any_order,
    whole_and_broken_numbers,
    many_metrics_again,
    metrics_of_unknown_size,
    labels_without_answers,
    judge_is_unsure,
    the_hard_part_of_the_probes,
    nearly_without_sampling,
    numbers_as_answers,
    grader_under_another_rubric,
    fewer_cases_and_another_level,
    more_effort_is_asked_for,
)
