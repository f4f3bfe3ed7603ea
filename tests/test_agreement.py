# Two figures of the K2 Vendor Verifier, with the repeat of the same model as their bar.
from __future__ import annotations

import pytest

from drift.compare import compare
from drift.report import markdown, text, validate
from tests.pairs_support import PAIRS, make_pair

WEATHER = {
    "name": "get_weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def answer(said):
    """A reply that calls with these arguments, or says a text, or refuses the request."""
    if said is REFUSED:
        body = {"type": "error", "error": {"type": "not_found_error", "message": "model: m"}}
        return {"exchanges": [{"dialect": "anthropic", "operation": "generate", "status": 404, "body": body}]}
    if isinstance(said, str):
        content, stop = [{"type": "text", "text": said}], "end_turn"
    else:
        content = [
            {"type": "tool_use", "id": "toolu_01AbCdEfGhIjKlMnOpQrStUv", "name": "get_weather", "input": said}
        ]
        stop = "tool_use"
    body = {"type": "message", "role": "assistant", "model": "m", "content": content, "stop_reason": stop}
    return {"exchanges": [{"dialect": "anthropic", "operation": "generate", "status": 200, "body": body}]}


GOOD, BAD, TEXT, REFUSED = {"city": "Oslo"}, {"town": "Oslo"}, "It rains.", object()


def sides(baseline, candidate, tools=(WEATHER,)):
    """Two runs with one probe for each entry."""
    probes = [
        {"id": f"tool.trigger/{n}", "family": "tool_calls", "exchange": {"tools": list(tools)}}
        for n, _ in enumerate(baseline)
    ]
    documents = [
        {probe["id"]: [answer(said)] for probe, said in zip(probes, side, strict=True)}
        for side in (baseline, candidate)
    ]
    data = {"expect": [], "probes": probes, "baseline": documents[0], "candidate": documents[1]}
    pair = make_pair(PAIRS / "rule" / "case.json", data)
    return pair.baseline, pair.candidate


def agreement(baseline, candidate, control=None):
    first, second = sides(baseline, candidate)
    repeat = None if control is None else sides(baseline, control)[1]
    document = compare(first, second, control=repeat)
    validate(document)
    return document["tool_calls"]


def test_a_run_agrees_with_its_like_completely():
    found = agreement([GOOD, TEXT, GOOD], [GOOD, TEXT, GOOD])
    assert found["trigger_f1"] == 1
    assert found["requests"] == 3
    assert found["control"] is None


def test_trigger_f1_counts_calls_that_are_missing_and_calls_too_many():
    # one call of both, one of the baseline alone, two of the candidate alone
    found = agreement([GOOD, GOOD, TEXT, TEXT], [GOOD, TEXT, GOOD, GOOD])
    assert found["trigger_f1"] == pytest.approx(2 * 1 / (2 * 1 + 1 + 2))


def test_schema_accuracy_is_of_the_answers_that_call():
    found = agreement([GOOD, GOOD, TEXT], [GOOD, BAD, TEXT])
    assert found["schema_accuracy"]["baseline"] == {"k": 2, "n": 2, "mean": 1.0}
    assert found["schema_accuracy"]["candidate"] == {"k": 1, "n": 2, "mean": 0.5}


def test_the_control_is_the_bar():
    found = agreement([GOOD, GOOD], [TEXT, GOOD], control=[GOOD, BAD])
    assert found["control"] == {
        "requests": 2,
        "trigger_f1": 1.0,
        "schema_accuracy": {"k": 1, "n": 2, "mean": 0.5},
    }


def test_nobody_called_and_nothing_is_divided_by_nothing():
    found = agreement([TEXT], [TEXT])
    assert found["trigger_f1"] is None
    assert found["schema_accuracy"]["candidate"] == {"k": 0, "n": 0, "mean": None}


def test_a_request_that_was_refused_neither_calls_nor_declines():
    assert agreement([GOOD, REFUSED, TEXT], [GOOD, GOOD, REFUSED])["requests"] == 1
    assert agreement([REFUSED], [GOOD]) is None


def test_without_tools_there_is_nothing_to_agree_on():
    first, second = sides([TEXT], [TEXT], tools=())
    assert compare(first, second)["tool_calls"] is None


@pytest.mark.parametrize("render", [text.render, markdown.render], ids=["text", "markdown"])
def test_a_report_shows_both_figures_beside_those_of_the_control(render):
    first, second = sides([GOOD, GOOD, TEXT, GOOD], [GOOD, TEXT, TEXT, BAD])
    document = compare(first, second, control=sides([GOOD] * 4, [GOOD, GOOD, TEXT, GOOD])[1])
    said = " ".join(render(document).split())
    assert "trigger F1 0.800 over 4 requests, control 1.000" in said
    assert "valid arguments 3 of 3 became 1 of 2, control 3 of 3" in said
