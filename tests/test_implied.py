# Recordings that come without expectations, with other settings, with scores: what may and may not be claimed of them.
from __future__ import annotations

import json
import random

import pytest

from drift.compare import compare
from drift.model import Exchange, Message, Probe, Run, Sample, Snapshot


def run(name, rows, *, target="vendor/model-a", epochs=1):
    """rows: one per probe and epoch, in order; each what a recorded line holds."""
    probes, samples = {}, []
    for number, row in enumerate(rows):
        probe_id, epoch = f"q-{number // epochs:03}", number % epochs + 1
        probes[probe_id] = Probe(
            probe_id, probe_id, "set", exchanges=(Exchange(messages=(Message("user", probe_id),)),)
        )
        recorded = {"prompt": probe_id, "output_text": None, **row}
        samples.append(
            Sample(f"{name}-{probe_id}-{epoch}", probe_id, epoch, "response", {"recorded": recorded})
        )
    return Snapshot(
        Run(
            id=f"{name}0000000000",
            target=target,
            requested_model=target.partition("/")[2],
            platform="recorded",
            status="complete",
            created_at="2026-11-01T00:00:00+00:00",
            dataset="set",
            label=name,
        ),
        probes,
        tuple(samples),
    )


def texts(values, **more):
    return [{"output_text": value, **more} for value in values]


def said(first, second, **candidate):
    document = compare(run("one", first), run("two", second, **candidate))
    return document, {f["rule"]: f for f in document["findings"]}


PAYLOADS = [json.dumps({"id": n, "total": n / 4}) for n in range(30)]
OTHER = "vendor/model-b"


def test_answers_that_are_all_json_are_held_to_json():
    wordy = [f"Here you are:\n{payload}" if n % 2 else payload for n, payload in enumerate(PAYLOADS)]
    document, found = said(texts(PAYLOADS), texts(wordy), target=OTHER)
    assert found["text-preamble-added"]["level"] == "warning"
    assert "not known whether the answer is machine-read" in str(document["findings"])


def test_json_that_breaks_is_named_without_a_declared_format():
    _, found = said(
        texts(PAYLOADS), texts([p[:-3] if n % 3 == 0 else p for n, p in enumerate(PAYLOADS)]), target=OTHER
    )
    assert found["structured-output-invalid-json"]["level"] == "warning"


def test_answers_that_are_only_sometimes_json_are_held_to_nothing():
    mixed = [p if n % 3 else "It is a number." for n, p in enumerate(PAYLOADS)]
    document, _ = said(texts(mixed), texts(mixed[::-1]), target=OTHER)
    assert not [m for m in document["measures"] if m["measure"] == "json.invalid"]


def test_a_few_short_answers_are_labels_and_words_around_them_are_named():
    words = ["yes", "no"] * 20
    _, found = said(texts(words), texts([f"The answer is {w}." if n % 2 else w for n, w in enumerate(words)]))
    assert found["text-label-set-violated"]["level"] == "warning"


def test_numbers_of_a_grader_are_a_score():
    rng = random.Random(1)
    rows = [
        [
            {
                "output_text": f"answer {n}",
                "labels": {"helpfulness": min(10, max(1, round(rng.gauss(mean, 1))))},
            }
            for n in range(60)
        ]
        for mean in (8, 6)
    ]
    _, found = said(*rows, target=OTHER)
    evidence = found["score-level-shifted"]["evidence"]
    assert evidence["unit"] == "score"
    assert evidence["effect"] == pytest.approx(-2, abs=0.6)
    assert evidence["test"] == "Wilcoxon signed rank"


def test_a_score_that_repeats_a_verdict_is_tested_once():
    rows = [
        {"output_text": "x", "labels": {"reward": float(n % 2), "success": bool(n % 2)}} for n in range(40)
    ]
    document, _ = said(rows, rows)
    assert {m["place"] for m in document["measures"] if m["measure"].startswith("label:")} == {"success"}


def test_a_role_that_the_source_names_wins_over_our_guess():
    rows = [
        {"output_text": "x", "labels": {"grade": n % 5}, "label_roles": {"grade": "class"}} for n in range(40)
    ]
    document, _ = said(rows, [{**row, "labels": {"grade": 0}} for row in rows])
    assert not [m for m in document["measures"] if m["place"].startswith("grade")]


@pytest.mark.parametrize("value", ["ham", "spam"])
def test_a_bias_is_told_even_where_the_right_answers_leave_no_room(value):
    rng = random.Random(2)
    gold = [rng.choice(("ham", "spam")) for _ in range(160)]

    def rows(bias):
        out = []
        for right in gold:
            answer = (
                value
                if rng.random() < bias
                else right
                if rng.random() < 0.9
                else {"ham": "spam", "spam": "ham"}[right]
            )
            out.append(
                {"output_text": "x", "labels": {"said": answer, "gold": right, "match": answer == right}}
            )
        return out

    document, found = said(rows(0), rows(0.7), target=OTHER)
    assert "answer-bias-shifted" in found
    fall = next(
        f for f in document["findings"] if f["rule"] == "label-rate-decreased" and f["places"] == ["match"]
    )
    assert "not a change of ability" in fall["explanation"]


def long_and_short(**second):
    rng = random.Random(3)
    first = [
        {"output_text": "word " * rng.randrange(80, 120), "params": {"max_tokens": 900, "seed": 1}}
        for _ in range(40)
    ]
    return first, [
        {"output_text": "word " * 40, "params": {"max_tokens": 50, "seed": 2}, **second} for _ in range(40)
    ]


def test_other_settings_of_the_same_model_are_no_drift_of_the_model():
    document, found = said(*long_and_short())
    assert document["comparable"] == [
        {
            "channel": "settings",
            "ok": False,
            "reason": "settings changed (max_tokens: 900 against 50)",
            "affected_samples": 40,
        }
    ]
    assert found["output-length-shifted"]["level"] == "info"
    assert "max_tokens: 900 against 50" in found["output-length-shifted"]["level_steps"][-1]


def test_another_model_under_other_settings_stays_a_finding_that_says_so():
    _, found = said(*long_and_short(), target=OTHER)
    assert found["output-length-shifted"]["level"] == "warning"
    assert "this may be their work" in found["output-length-shifted"]["explanation"]


def test_one_weak_test_alone_warns_nobody():
    rows = [{"output_text": "x", "labels": {"ok": True}} for _ in range(20)]
    fallen = [{"output_text": "x", "labels": {"ok": n >= 6}} for n in range(20)]
    _, found = said(rows, fallen)
    assert found["label-rate-decreased"]["evidence"]["p"] == pytest.approx(0.03125)
    assert found["label-rate-decreased"]["level"] == "info"


def test_a_conversation_language_is_named_when_it_changes():
    finnish = (
        "Tämä taivas on tänään harmaa, mutta se voi olla huomenna kirkas, jos tuuli kääntyy, ja se on hyvä."
    )
    english = (
        "This sky is grey today, but it can be clear tomorrow if the wind turns to the north, and it is good."
    )
    _, found = said(texts([finnish] * 20), texts([english] * 10 + [finnish] * 10), target=OTHER)
    assert found["text-language-changed"]["places"] == ["en"]
