# Kinds of pairs in which nothing of the model changed, each drawn at random.
# Owns: what each looks like and what a right report says of it. Refuses to know: how Drift measures.
"""Kinds of pairs in which nothing of the model changed."""

from __future__ import annotations

import json
import math
import random

from bench.kinds import (
    REFUSALS,
    WORDS,
    Kind,
    Pair,
    Row,
    both,
    call,
    chat,
    each,
    essay,
    flip,
    graded,
    lines,
    prompts,
    record,
    sentence,
    text,
)

# ---------------------------------------------------------------- unchanged


def essays_again(rng: random.Random) -> Pair:
    side = each(
        lambda _, typical: text(
            ("## Title\n" if flip(rng, 0.4) else "")
            + essay(rng, typical)
            + ("\n- point\n- point" if flip(rng, 0.3) else "")
        )
    )
    return Pair(*both(rng, rng.choice((30, 120, 300)), side, side), model=flip(rng, 0.5))


def few_probes(rng: random.Random) -> Pair:
    side = each(
        lambda _, typical: text(
            essay(rng, typical), labels={"correct": flip(rng, 0.7)}, latency_ms=rng.lognormvariate(7, 0.5)
        )
    )
    return Pair(*both(rng, 5, side, side), model=False)


def epochs_of_clustered_probes(rng: random.Random) -> Pair:
    probes = prompts(rng, 30)
    ease = {name: rng.betavariate(0.4, 0.4) for name, _, _ in probes}

    def side() -> list[Row]:
        return lines(
            rng,
            probes,
            lambda name, typical: text(essay(rng, typical), labels={"success": flip(rng, ease[name])}),
            epochs=5,
        )

    return Pair(side(), side(), model=False)


def json_sometimes_fenced(rng: random.Random) -> Pair:
    side = each(
        lambda *_: text(
            f"```json\n{json.dumps(record(rng))}\n```" if flip(rng, 0.1) else json.dumps(record(rng))
        )
    )
    return Pair(*both(rng, 50, side, side), model=flip(rng, 0.5))


def json_with_optional_keys(rng: random.Random) -> Pair:
    def side(*_: object) -> Row:
        made = record(rng)
        if flip(rng, 0.15):
            made["note"] = rng.choice(WORDS)
        if flip(rng, 0.2):
            made["total"] = None
        return text(json.dumps(made))

    return Pair(*both(rng, 40, side, side), model=False)


def tool_calls_again(rng: random.Random) -> Pair:
    def side(*_: object) -> Row:
        calls = [
            call(rng, unit=rng.choice("CF")) if flip(rng, 0.3) else call(rng)
            for _ in range(rng.choice((1, 1, 2)))
        ]
        if flip(rng, 0.2):
            calls[0]["name"] = "search_web"
        return {"tool_calls": calls, "output_text": essay(rng, 80)}

    return Pair(*both(rng, 50, side, side), model=False)


def argument_spelling_varies(rng: random.Random) -> Pair:
    probes = prompts(rng, 50)
    made = {name: (rng.choice(WORDS), rng.randrange(1, 8)) for name, _, _ in probes}

    def side() -> list[Row]:
        return lines(rng, probes, lambda name, _: {
        "tool_calls": [{"name": "get_forecast", "arguments": json.dumps(
            {"city": made[name][0], "days": made[name][1]}, separators=(",", ":") if flip(rng, 0.5) else None)}],
        "output_text": None,
    })  # fmt: skip

    return Pair(side(), side(), model=False)


def many_tiny_families(rng: random.Random) -> Pair:
    probes = prompts(rng, 180)

    def side() -> list[Row]:
        return lines(rng, probes, lambda name, typical: text(
        essay(rng, typical), family=f"topic {int(name[-3:]) % 60}", labels={"correct": flip(rng, 0.6)}))  # fmt: skip

    return Pair(side(), side(), model=False)


def near_duplicate_probes(rng: random.Random) -> Pair:
    subjects = [sentence(rng) for _ in range(6)]

    def side() -> list[Row]:
        mood = {subject: flip(rng, 0.5) for subject in subjects}
        rows = []
        for number, subject in enumerate(subjects):
            for again in range(12):
                written = rng.choice(REFUSALS) if mood[subject] else essay(rng, 400)
                rows.append(
                    {
                        "probe_id": f"{number}/{again}",
                        "prompt": f"{subject} Please write an essay on it{'.' * (again % 3)}",
                        **text(written),
                    }
                )
        return rows

    return Pair(side(), side(), model=False)


def one_wild_answer(rng: random.Random) -> Pair:
    side = each(lambda _, typical: text(essay(rng, typical)))
    first, second = both(rng, 40, side, side)
    second[0]["output_text"] = "word " * 40000
    return Pair(first, second, model=False)


def bimodal_answers(rng: random.Random) -> Pair:
    side = each(
        lambda *_: text(
            "Yes." if flip(rng, 0.5) else essay(rng, 900), labels={"answer": rng.choice(("yes", "no"))}
        )
    )
    return Pair(*both(rng, 60, side, side, epochs=rng.choice((1, 4))), model=False)


def batches_within_a_run(rng: random.Random) -> Pair:
    probes = prompts(rng, 40)

    def side() -> list[Row]:
        rows = []
        for epoch in range(4):
            push = rng.gauss(0, 0.03)
            rows += [
                {
                    "probe_id": name,
                    "sample": epoch,
                    "prompt": prompt,
                    **text(essay(rng, typical * math.exp(push))),
                }
                for name, prompt, typical in probes
            ]
        return rows

    return Pair(side(), side(), model=False)


def other_number_of_cases(rng: random.Random) -> Pair:
    def side(n: int, share: float) -> list[Row]:
        k = sum(flip(rng, share) for _ in range(n))
        return [
            {
                "probe_id": "f1",
                "prompt": None,
                "labels": {"aggregate": True, "metric": "f1", "value": k / n, "n": n, "k": k},
            }
        ]

    return Pair(side(200, 0.8), side(50, 0.5), model=False, says=("sample size",))


def other_harness_setting(rng: random.Random) -> Pair:
    def side(regime: str, share: float) -> list[Row]:
        k = sum(flip(rng, share) for _ in range(200))
        return [
            {
                "probe_id": "f1",
                "prompt": None,
                "params": {"few_shot": regime},
                "labels": {"aggregate": True, "metric": "f1", "value": k / 200, "n": 200, "k": k},
            }
        ]

    return Pair(side("5", 0.8), side("0", 0.5), model=False, says=("settings changed",))


def other_request_setting(rng: random.Random) -> Pair:
    side = graded(
        lambda cap, _, typical: text(
            essay(rng, typical)[: int(cap * 4)], params={"max_tokens": cap, "temperature": 0}
        )
    )
    return Pair(*both(rng, 60, side(1000), side(60)), model=False, says=("max_tokens",))


def other_number_of_epochs(rng: random.Random) -> Pair:
    probes = prompts(rng, 40)

    def side(epochs: int) -> list[Row]:
        return lines(
            rng,
            probes,
            lambda _, typical: text(essay(rng, typical), labels={"correct": flip(rng, 0.5)}),
            epochs,
        )

    return Pair(side(8), side(2), model=False)


def another_grader(rng: random.Random) -> Pair:
    side = graded(
        lambda judge, share, _, typical: text(
            essay(rng, typical),
            labels={
                "quality": "good" if flip(rng, share) else "bad",
                "judges": {"quality": {"judge": judge}},
            },
        )
    )
    return Pair(
        *both(rng, 100, side("judge-a", 0.8), side("judge-b", 0.5)), model=False, says=("another grader",)
    )


def exactly_the_same(rng: random.Random) -> Pair:
    answers: dict[str, str] = {}
    side = each(
        lambda name, typical: text(
            answers.setdefault(name, essay(rng, typical)), usage={"prompt_tokens": int(typical)}
        )
    )
    return Pair(*both(rng, 40, side, side), model=False)


def many_labels(rng: random.Random) -> Pair:
    side = each(
        lambda _, typical: text(essay(rng, typical), labels={f"check_{i}": flip(rng, 0.5) for i in range(25)})
    )
    return Pair(*both(rng, 150, side, side), model=False)


def envelope_key_comes_and_goes(rng: random.Random) -> Pair:
    def side(_: str, typical: float) -> Row:
        written = essay(rng, typical)
        raw = chat(written)
        if flip(rng, 0.4):
            raw["system_fingerprint"] = f"fp_{rng.randrange(9)}"
        if flip(rng, 0.03):
            raw["service_tier"] = "default"
        return text(written, output_raw=raw)

    return Pair(*both(rng, 60, side, side), model=False)


def some_requests_fail(rng: random.Random) -> Pair:
    before = each(lambda _, typical: text(essay(rng, typical), status=200))
    after = each(
        lambda _, typical: (
            before("", typical)
            if flip(rng, 0.8)
            else {"output_text": None, "status": rng.choice((429, 503)), "error": "overloaded"}
        )
    )
    return Pair(*both(rng, 60, before, after), model=False)


def slow_day(rng: random.Random) -> Pair:
    side = graded(
        lambda factor, _, typical: text(essay(rng, typical), latency_ms=factor * rng.lognormvariate(7, 0.6))
    )
    return Pair(*both(rng, 60, side(1), side(1.4)), model=False)


def a_few_refusals_on_both_sides(rng: random.Random) -> Pair:
    side = each(lambda _, typical: text(rng.choice(REFUSALS) if flip(rng, 0.08) else essay(rng, typical)))
    return Pair(*both(rng, 150, side, side), model=flip(rng, 0.5))


def conversations_of_any_length(rng: random.Random) -> Pair:
    def side(*_: object) -> Row:
        turns = [
            {"role": "user", "content": sentence(rng)},
            {"role": "assistant", "content": essay(rng, 120)},
        ] * rng.randrange(1, 6)
        return text(
            essay(rng, 120),
            output_raw={"messages": turns},
            usage={"prompt_tokens": rng.randrange(200, 2000)},
            tool_calls=[call(rng) for _ in range(rng.randrange(0, 6))],
        )

    return Pair(*both(rng, 50, side, side), model=False)


def closed_answers_again(rng: random.Random) -> Pair:
    places = ("Paris", "Lyon", "Nice", "Lille", "Metz")
    probes = prompts(rng, 25)
    favourite = {name: rng.sample(places, 2) for name, _, _ in probes}

    def side() -> list[Row]:
        return lines(
            rng,
            probes,
            lambda name, _: text(
                favourite[name][not flip(rng, 0.7)] if flip(rng, 0.9) else rng.choice(places)
            ),
            epochs=8,
        )

    return Pair(side(), side(), model=False)


UNCHANGED: tuple[Kind, ...] = (
    essays_again,
    few_probes,
    epochs_of_clustered_probes,
    json_sometimes_fenced,
    json_with_optional_keys,
    tool_calls_again,
    argument_spelling_varies,
    many_tiny_families,
    near_duplicate_probes,
    one_wild_answer,
    bimodal_answers,
    batches_within_a_run,
    other_number_of_cases,
    other_harness_setting,
    other_request_setting,
    other_number_of_epochs,
    another_grader,
    exactly_the_same,
    many_labels,
    envelope_key_comes_and_goes,
    some_requests_fail,
    slow_day,
    a_few_refusals_on_both_sides,
    conversations_of_any_length,
    closed_answers_again,
)
