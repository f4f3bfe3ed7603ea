# Kinds of pairs in which something changed, each drawn at random.
# Owns: what each looks like and what a right report says of it. Refuses to know: how Drift measures.
"""Kinds of pairs in which something changed."""

from __future__ import annotations

import json
import random

from bench.kinds import (
    ABLEHNUNGEN,
    ABSTAIN,
    ANSWERED,
    BIAS,
    CITY,
    FALL,
    JUJUE,
    LENGTH,
    MARKUP,
    MIX,
    REFUSALS,
    REFUSED,
    RISE,
    SPELLING,
    WORDS,
    Answer,
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
    names,
    prompts,
    prose,
    record,
    text,
)

# ---------------------------------------------------------------- changed: format of machine-read answers


def json_gets_a_fence(rng: random.Random) -> Pair:
    plain = each(lambda *_: text(json.dumps(record(rng))))
    fenced = each(
        lambda *_: text(
            f"```json\n{json.dumps(record(rng), indent=2)}\n```"
            if flip(rng, 0.8)
            else json.dumps(record(rng))
        )
    )
    return Pair(
        *both(rng, 40, plain, fenced),
        names("text-markdown-fence-added"),
        names(LENGTH, "structured-output-invalid-json"),
    )


def json_gets_a_preamble(rng: random.Random) -> Pair:
    plain = each(lambda *_: text(json.dumps(record(rng))))
    wordy = each(
        lambda *_: text(
            ("Sure! Here is the extracted record:\n\n" if flip(rng, 0.7) else "") + json.dumps(record(rng))
        )
    )
    return Pair(
        *both(rng, 40, plain, wordy),
        names("text-preamble-added"),
        names(LENGTH, "structured-output-invalid-json"),
    )


def json_breaks(rng: random.Random) -> Pair:
    plain = each(lambda *_: text(json.dumps(record(rng))))
    broken = each(
        lambda *_: text(json.dumps(record(rng))[:-12] if flip(rng, 0.35) else json.dumps(record(rng)))
    )
    return Pair(*both(rng, 50, plain, broken), names("structured-output-invalid-json"), names(LENGTH))


def json_key_renamed(rng: random.Random) -> Pair:
    plain = each(lambda *_: text(json.dumps(record(rng))))
    camel = each(lambda *_: text(json.dumps(record(rng)).replace("order_id", "orderId")))
    return Pair(*both(rng, 40, plain, camel), names("structured-output-shape-changed"))


def json_number_becomes_string(rng: random.Random) -> Pair:
    plain = each(lambda *_: text(json.dumps(record(rng))))
    quoted = each(lambda *_: text(json.dumps({**(r := record(rng)), "order_id": str(r["order_id"])})))
    return Pair(*both(rng, 40, plain, quoted), names("structured-output-shape-changed"))


def json_schema_is_broken(rng: random.Random) -> Pair:
    schema = {
        "type": "object",
        "required": ["order_id", "customer", "total"],
        "properties": {
            "order_id": {"type": "integer"},
            "customer": {"type": "string"},
            "total": {"type": "number"},
        },
    }
    plain = each(lambda *_: text(json.dumps(record(rng)), output_schema=schema))
    lost = each(
        lambda *_: text(
            json.dumps({k: v for k, v in record(rng).items() if k != "total" or flip(rng, 0.6)}),
            output_schema=schema,
        )
    )
    return Pair(
        *both(rng, 40, plain, lost),
        names("structured-output-schema-violation", "structured-output-enforcement-lost"),
        names("structured-output-shape-changed"),
    )


def label_gets_words_around(rng: random.Random) -> Pair:
    bare = each(lambda *_: text(rng.choice(("positive", "negative", "neutral"))))
    wordy = each(
        lambda *_: text(
            (f"The sentiment is {w}." if flip(rng, 0.6) else w)
            if (w := rng.choice(("positive", "negative", "neutral")))
            else ""
        )
    )
    return Pair(*both(rng, 60, bare, wordy), names("text-label-set-violated"), names(LENGTH, MIX))


def code_gets_a_fence(rng: random.Random) -> Pair:
    def code() -> str:
        return f"def {rng.choice(WORDS)}(x):\n    return x + {rng.randrange(9)}\n"

    bare = each(lambda *_: text(code(), labels={"compiles": flip(rng, 0.9)}))

    def fenced(*_: object) -> Row:
        return text(f"```python\n{code()}```", labels={"compiles": flip(rng, 0.05)})

    return Pair(*both(rng, 40, bare, fenced), names("text-markdown-fence-added"), names(LENGTH, FALL))


# ---------------------------------------------------------------- changed: tools


def argument_type_with_schema(rng: random.Random) -> Pair:
    before = each(lambda *_: {"tool_calls": [call(rng)], "tools": [CITY], "output_text": None})
    after = each(
        lambda *_: {
            "tool_calls": [call(rng, days=str if flip(rng, 0.6) else int)],
            "tools": [CITY],
            "output_text": None,
        }
    )
    return Pair(*both(rng, 40, before, after), names("tool-call-argument-type-mismatch"))


def argument_type_without_schema(rng: random.Random) -> Pair:
    before = each(lambda *_: {"tool_calls": [call(rng)], "output_text": None})
    after = each(
        lambda *_: {"tool_calls": [call(rng, days=str if flip(rng, 0.6) else int)], "output_text": None}
    )
    return Pair(*both(rng, 40, before, after), names("tool-call-argument-type-shifted"))


def arguments_only_in_white_space(rng: random.Random) -> Pair:
    probes = prompts(rng, 40)
    made = {name: (rng.choice(WORDS), rng.randrange(1, 8)) for name, _, _ in probes}

    def side(dense: bool) -> list[Row]:
        return lines(rng, probes, lambda name, _: {
            "tool_calls": [{"name": "get_forecast", "arguments": json.dumps(
                {"city": made[name][0], "days": made[name][1]}, separators=SPELLING[dense])}],
            "output_text": None,
        })  # fmt: skip

    return Pair(side(False), side(True), names("tool-call-encoding-changed"), loud=False, says=("cosmetic",))


def one_argument_only_in_white_space(rng: random.Random) -> Pair:
    probes = prompts(rng, 30)
    made = {name: rng.choice(WORDS) for name, _, _ in probes}

    def side(dense: bool) -> list[Row]:
        return lines(rng, probes, lambda name, _: {
            "tool_calls": [{"name": "find", "arguments": json.dumps({"q": made[name]}, separators=SPELLING[dense])}],
            "output_text": None,
        })  # fmt: skip

    return Pair(side(True), side(False), names("tool-call-encoding-changed"), loud=False, says=("cosmetic",))


def calls_go_missing(rng: random.Random) -> Pair:
    before = each(lambda *_: {"tool_calls": [call(rng)], "tools": [CITY], "output_text": None})
    after = each(
        lambda *_: (
            before("", 0.0)
            if flip(rng, 0.6)
            else {"tool_calls": [], "tools": [CITY], "output_text": essay(rng, 120)}
        )
    )
    return Pair(
        *both(rng, 50, before, after), names("tool-call-count-changed", "tool-call-missing"), names(LENGTH)
    )


def another_tool_is_called(rng: random.Random) -> Pair:
    before = each(lambda *_: {"tool_calls": [call(rng)], "output_text": None})
    after = each(
        lambda *_: {
            "tool_calls": [call(rng, name="weather_lookup" if flip(rng, 0.5) else "get_forecast")],
            "output_text": None,
        }
    )
    return Pair(*both(rng, 40, before, after), names("tool-call-tool-switched", "tool-call-name-unknown"))


def calls_as_text(rng: random.Random) -> Pair:
    before = each(lambda *_: {"tool_calls": [call(rng)], "tools": [CITY], "output_text": None})

    def after(*_: object) -> Row:
        if flip(rng, 0.5):
            return before("", 0.0)
        made = call(rng)
        return {
            "tool_calls": [],
            "tools": [CITY],
            "output_text": f'<tool_call>{{"name": "get_forecast", "arguments": {made["arguments"]}}}</tool_call>',
        }

    return Pair(
        *both(rng, 40, before, after),
        names("tool-call-emitted-as-text"),
        names(LENGTH, "tool-call-count-changed", "tool-call-missing"),
    )


# ---------------------------------------------------------------- changed: tokens, models, envelopes


def constant_offset_of_input_tokens(rng: random.Random) -> Pair:
    offset = rng.choice((-9, 4, 17, 243))

    def cost(typical: float) -> int:
        return 300 + int(typical)

    before = each(
        lambda _, typical: text(
            essay(rng, typical), usage={"prompt_tokens": cost(typical), "completion_tokens": 90}
        )
    )
    after = each(
        lambda _, typical: text(
            essay(rng, typical), usage={"prompt_tokens": cost(typical) + offset, "completion_tokens": 90}
        )
    )
    return Pair(
        *both(rng, 40, before, after),
        names("input-token-count-shifted"),
        says=(f'"offset": {offset}', "hidden prompt"),
    )


def another_tokenizer(rng: random.Random) -> Pair:
    def cost(typical: float) -> int:
        return 30 + int(typical / 5)

    before = each(lambda _, typical: text(essay(rng, typical), usage={"input_tokens": cost(typical)}))
    after = each(
        lambda _, typical: text(essay(rng, typical), usage={"input_tokens": round(cost(typical) * 1.2)})
    )
    return Pair(*both(rng, 40, before, after), names("input-token-count-shifted"), says=("tokenizer",))


def another_model_serves(rng: random.Random) -> Pair:
    before = each(lambda _, typical: text(essay(rng, typical), response_model="vendor-model-2025-01-10"))
    after = each(lambda _, typical: text(essay(rng, typical), response_model="vendor-model-2025-06-02"))
    return Pair(*both(rng, 30, before, after), names("model-alias-retargeted"), model=False)


def another_model_serves_by_envelope(rng: random.Random) -> Pair:
    def side(model: str) -> Answer:
        def answer(_: str, typical: float) -> Row:
            written = essay(rng, typical)
            return text(written, output_raw=chat(written, model))

        return answer

    return Pair(*both(rng, 30, side("m-0314"), side("m-0613")), names("model-alias-retargeted"), model=False)


def envelope_key_gone(rng: random.Random) -> Pair:
    def side(whole: bool) -> Answer:
        def answer(_: str, typical: float) -> Row:
            written = essay(rng, typical)
            raw = chat(written)
            if not whole:
                del raw["object"]
            return text(written, output_raw=raw)

        return answer

    return Pair(*both(rng, 30, side(True), side(False)), names("response-property-removed"))


def finish_reason_becomes_length(rng: random.Random) -> Pair:
    def side(share: float) -> Answer:
        def answer(_: str, typical: float) -> Row:
            written = essay(rng, typical)
            if flip(rng, share):
                return text(written[:200], output_raw=chat(written[:200], finish="length"))
            return text(written, output_raw=chat(written))

        return answer

    return Pair(*both(rng, 60, side(0.02), side(0.4)), names("truncation-rate-increased"), names(LENGTH))


def reasoning_tokens_double(rng: random.Random) -> Pair:
    def side(factor: float) -> Answer:
        return lambda _, typical: text(
            essay(rng, typical),
            usage={
                "prompt_tokens": 20,
                "completion_tokens_details": {"reasoning_tokens": int(factor * rng.lognormvariate(6, 0.4))},
            },
        )

    return Pair(*both(rng, 40, side(1), side(2)), names("reasoning-tokens-increased"))


def answers_take_longer(rng: random.Random) -> Pair:
    side = graded(
        lambda factor, _, typical: text(essay(rng, typical), latency_ms=factor * rng.lognormvariate(7, 0.4))
    )
    return Pair(*both(rng, 40, side(1), side(4)), names("latency-increased"), loud=False)


# ---------------------------------------------------------------- changed: what is said


def answers_get_shorter(rng: random.Random) -> Pair:
    side = graded(lambda factor, _, typical: text(essay(rng, typical * factor)))
    return Pair(*both(rng, 120, side(1), side(0.7)), names(LENGTH))


def answers_become_bare(rng: random.Random) -> Pair:
    before = each(lambda _, typical: text(f"{essay(rng, typical)} Therefore the answer is [Yes]."))
    after = each(lambda *_: text(rng.choice(("[Yes]", "[No]", "[No]"))))
    return Pair(*both(rng, 80, before, after), names(LENGTH), names("output-distribution-shifted"))


def headings_appear(rng: random.Random) -> Pair:
    side = graded(
        lambda share, _, typical: text(("## Overview\n\n" if flip(rng, share) else "") + essay(rng, typical))
    )
    return Pair(*both(rng, 100, side(0.1), side(0.5)), names(MARKUP), loud=False)


def refusals_rise(rng: random.Random) -> Pair:
    side = graded(
        lambda share, _, typical: text(rng.choice(REFUSALS) if flip(rng, share) else essay(rng, typical))
    )
    return Pair(*both(rng, 120, side(0.04), side(0.25)), names(REFUSED), names(LENGTH))


def refusals_fall(rng: random.Random) -> Pair:
    side = graded(
        lambda share, _, typical: text(rng.choice(REFUSALS) if flip(rng, share) else essay(rng, typical))
    )
    return Pair(*both(rng, 120, side(0.4), side(0.1)), names(ANSWERED), names(LENGTH))


def refusals_rise_in_german(rng: random.Random) -> Pair:
    deutsch = (
        "Die Rechnung wurde gestern bezahlt.",
        "Das Wetter ist heute schön und warm.",
        "Der Vertrag gilt bis zum Ende des Jahres.",
    )
    side = graded(
        lambda share, *_: text(
            rng.choice(ABLEHNUNGEN)
            if flip(rng, share)
            else " ".join(rng.choices(deutsch, k=rng.randrange(3, 8)))
        )
    )
    return Pair(*both(rng, 100, side(0.03), side(0.3)), names(REFUSED), names(LENGTH))


def refusals_rise_in_chinese(rng: random.Random) -> Pair:
    zhong = ("这份报告介绍了市场的情况。", "天气很好，适合出门旅行。", "公司的预算在今年有所增加。")  # noqa: RUF001
    side = graded(
        lambda share, *_: text(
            rng.choice(JUJUE) if flip(rng, share) else "".join(rng.choices(zhong, k=rng.randrange(3, 8)))
        )
    )
    return Pair(*both(rng, 100, side(0.03), side(0.3)), names(REFUSED), names(LENGTH))


def opinions_are_declined(rng: random.Random) -> Pair:
    side = graded(
        lambda share, *_: text(rng.choice(ABSTAIN) if flip(rng, share) else f"({rng.choice('ABCD')})")
    )
    return Pair(
        *both(rng, 150, side(0.03), side(0.75)),
        names(REFUSED, "hedge-rate-increased"),
        names(LENGTH, MIX, "text-label-set-violated"),
    )


def answers_become_empty(rng: random.Random) -> Pair:
    side = graded(lambda share, _, typical: text("" if flip(rng, share) else essay(rng, typical)))
    return Pair(*both(rng, 80, side(0), side(0.2)), names("response-content-empty"), names(LENGTH))


def another_language_answers(rng: random.Random) -> Pair:
    finnish = (
        "Tämä raportti kertoo markkinoiden tilanteesta.",
        "Sää on kaunis ja lämmin tänään.",
        "Sopimus on voimassa vuoden loppuun asti.",
    )
    side = graded(
        lambda share, *_: text(
            prose(rng, 200) if flip(rng, share) else " ".join(rng.choices(finnish, k=rng.randrange(3, 7)))
        )
    )
    return Pair(*both(rng, 60, side(0.02), side(0.5)), names("text-language-changed"), names(LENGTH))


def closed_answers_move_over_epochs(rng: random.Random) -> Pair:
    places = ("Paris", "Lyon", "Nice", "Lille", "Metz")
    probes = prompts(rng, 25)
    favourite = {name: rng.sample(places, 2) for name, _, _ in probes}

    def side(chance: float) -> list[Row]:
        return lines(rng, probes, lambda name, _: text(
            favourite[name][0] if flip(rng, chance) else favourite[name][1] if flip(rng, 0.8) else rng.choice(places)
        ), epochs=10)  # fmt: skip

    return Pair(
        side(0.85),
        side(0.45),
        names("text-distribution-shifted", MIX),
        names(LENGTH, "determinism-decreased"),
    )


def wording_moves_over_epochs(rng: random.Random) -> Pair:
    probes = prompts(rng, 20)
    stock = {name: [prose(random.Random(f"{name}{i}"), 160) for i in range(6)] for name, _, _ in probes}

    def side(first: int, last: int) -> list[Row]:
        return lines(rng, probes, lambda name, _: text(rng.choice(stock[name][first:last])), epochs=8)

    return Pair(
        side(0, 3), side(2, 6), names("text-distribution-shifted"), names(LENGTH, "determinism-decreased")
    )


# ---------------------------------------------------------------- changed: verdicts and scores


def fewer_pass(rng: random.Random) -> Pair:
    side = graded(lambda share, _, typical: text(essay(rng, typical), labels={"passed": flip(rng, share)}))
    return Pair(*both(rng, 200, side(0.85), side(0.6)), names(FALL))


def verdict_as_word(rng: random.Random) -> Pair:
    side = graded(
        lambda share, _, typical: text(
            essay(rng, typical), labels={"grade": "PASS" if flip(rng, share) else "FAIL"}
        )
    )
    return Pair(*both(rng, 200, side(0.85), side(0.6)), names(FALL, MIX))


def score_per_answer_falls(rng: random.Random) -> Pair:
    side = graded(
        lambda centre, _, typical: text(
            essay(rng, typical), labels={"helpfulness": min(10, max(1, round(rng.gauss(centre, 1.5))))}
        )
    )
    return Pair(*both(rng, 120, side(8), side(6.5)), names("score-level-shifted"))


def one_answer_whatever_is_right(rng: random.Random) -> Pair:
    probes = prompts(rng, 200)
    gold = {name: rng.choice(("spam", "ham")) for name, _, _ in probes}

    def side(bias: float) -> list[Row]:
        def answer(name: str, _: float) -> Row:
            right = gold[name] if flip(rng, 0.9) else ("ham" if gold[name] == "spam" else "spam")
            said = "ham" if flip(rng, bias) else right
            return text(said, labels={"predicted": said, "gold": gold[name], "match": said == gold[name]})

        return lines(rng, probes, answer)

    return Pair(side(0), side(0.7), names(BIAS), names(FALL, RISE, MIX, LENGTH))


def accuracy_falls_in_both_classes(rng: random.Random) -> Pair:
    probes = prompts(rng, 300)
    topic = {name: rng.choice(("algebra", "geometry")) for name, _, _ in probes}

    def side(share: float) -> list[Row]:
        return lines(rng, probes, lambda name, typical: text(
        essay(rng, typical), labels={"is_correct": flip(rng, share), "topic": topic[name]}))  # fmt: skip

    return Pair(side(0.8), side(0.55), names(FALL))


def choice_letter_bias(rng: random.Random) -> Pair:
    probes = prompts(rng, 240)
    gold = {name: rng.choice("ABCD") for name, _, _ in probes}

    def side(bias: float) -> list[Row]:
        def answer(name: str, _: float) -> Row:
            said = gold[name] if flip(rng, 0.8) else rng.choice("ABCD")
            said = "A" if flip(rng, bias) else said
            return text(
                f"({said})", labels={"choice": said, "reference": gold[name], "correct": said == gold[name]}
            )

        return lines(rng, probes, answer)

    return Pair(side(0), side(0.5), names(BIAS), names(FALL, RISE, MIX))


def aggregate_score_falls(rng: random.Random) -> Pair:
    def side(share: float) -> list[Row]:
        rows = []
        for metric, level in (("exact_match", share), ("tool_use", 0.7)):
            k = sum(flip(rng, level) for _ in range(250))
            rows.append(
                {
                    "probe_id": metric,
                    "prompt": None,
                    "labels": {
                        "aggregate": True,
                        "metric": metric,
                        "value": round(k / 2.5, 1),
                        "n": 250,
                        "k": k,
                    },
                }
            )
        return rows

    return Pair(side(0.8), side(0.6), names("score-level-shifted"))


def compliance_by_judge(rng: random.Random) -> Pair:
    judge = {"compliance": {"judge": "judge-1", "judged_this_text": True}}

    def side(share: float) -> Answer:
        def answer(_: str, typical: float) -> Row:
            refused = flip(rng, share)
            return text(
                rng.choice(REFUSALS) if refused else essay(rng, typical),
                labels={
                    "compliance": rng.choice(("DENIAL", "EVASIVE")) if refused else "COMPLETE",
                    "judges": judge,
                },
            )

        return answer

    return Pair(*both(rng, 150, side(0.05), side(0.3)), names(MIX, REFUSED), names(LENGTH, REFUSED, MIX))


def requests_are_rejected(rng: random.Random) -> Pair:
    before = each(lambda _, typical: text(essay(rng, typical), params={"temperature": 0.2}, status=200))

    def after(*_: object) -> Row:
        error = {
            "type": "invalid_request_error",
            "message": "temperature is not supported with this model",
            "param": "temperature",
        }
        return {"output_text": None, "params": {"temperature": 0.2}, "status": 400, "error": error}

    return Pair(*both(rng, 20, before, after), names("request-parameter-rejected"))


CHANGED: tuple[Kind, ...] = (
    json_gets_a_fence,
    json_gets_a_preamble,
    json_breaks,
    json_key_renamed,
    json_number_becomes_string,
    json_schema_is_broken,
    label_gets_words_around,
    code_gets_a_fence,
    argument_type_with_schema,
    argument_type_without_schema,
    arguments_only_in_white_space,
    one_argument_only_in_white_space,
    calls_go_missing,
    another_tool_is_called,
    calls_as_text,
    constant_offset_of_input_tokens,
    another_tokenizer,
    another_model_serves,
    another_model_serves_by_envelope,
    envelope_key_gone,
    finish_reason_becomes_length,
    reasoning_tokens_double,
    answers_take_longer,
    answers_get_shorter,
    answers_become_bare,
    headings_appear,
    refusals_rise,
    refusals_fall,
    refusals_rise_in_german,
    refusals_rise_in_chinese,
    opinions_are_declined,
    answers_become_empty,
    another_language_answers,
    closed_answers_move_over_epochs,
    wording_moves_over_epochs,
    fewer_pass,
    verdict_as_word,
    score_per_answer_falls,
    one_answer_whatever_is_right,
    accuracy_falls_in_both_classes,
    choice_letter_bias,
    aggregate_score_falls,
    compliance_by_judge,
    requests_are_rejected,
)
