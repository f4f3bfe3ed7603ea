# How differences between two surfaces fold into facts.
# Owns: made-up surfaces, a few lines each. Refuses to know: SDKs, the rules' levels.
"""One change is one fact, wherever and however often it shows."""

from __future__ import annotations

from typing import Any

import pytest

from drift.surface import compare_surfaces
from tests.surface_support import written_surface


def told(baseline: dict[str, Any], candidate: dict[str, Any]) -> list[tuple[str, str]]:
    """Return rule and subject of every fact."""
    document = compare_surfaces(written_surface(baseline), written_surface(candidate))
    fingerprints = [one["fingerprint"] for one in document["findings"]]
    assert len(fingerprints) == len(set(fingerprints)), "two facts, one fingerprint"
    return sorted((one["rule"], one["places"][0]) for one in document["findings"])


def asking(shape: Any) -> dict[str, Any]:
    """Return a surface whose one endpoint takes `tools` of a type."""
    return {
        "endpoints": {"POST /v1/messages": {"ga": {"messages.create": {"params": {"body:tools": shape}}}}}
    }


def answering(shape: Any, **method: Any) -> dict[str, Any]:
    """Return a surface whose one endpoint answers with a type."""
    return {"endpoints": {"POST /v1/messages": {"ga": {"messages.create": {"response": shape, **method}}}}}


CUSTOM = {"name!": "string", "schema!": "any", "about": "string"}
BASH = {"type!": "=bash", "name!": "=bash"}
SEARCH = {"type!": "=search", "name!": "=search", "sites": "[string]"}


def test_an_object_that_becomes_one_of_several_is_compared_with_the_one_it_looks_like():
    typed = {"type": "=custom", **CUSTOM, "cache": "string"}
    assert told(asking(CUSTOM), asking([typed, BASH, SEARCH])) == [
        ("request-parameter-added", "cache"),
        ("request-parameter-added", "type"),
        ("request-variant-added", "bash, search"),
    ]


def test_the_same_the_other_way_round():
    typed = {"type": "=custom", **CUSTOM}
    assert told(asking([typed, BASH, SEARCH]), asking(CUSTOM)) == [
        ("request-parameter-removed", "type"),
        ("request-variant-removed", "bash, search"),
    ]


def test_where_not_all_alternatives_have_a_tag_each_is_matched_and_named_by_its_own():
    plain = {"text!": "string"}
    call, answer = ({"type!": f"={name}", "id!": "string", "mark": "string"} for name in ("call", "answer"))
    assert told(asking([plain, call, BASH]), asking([plain, answer, BASH])) == [
        ("request-variant-added", "answer"),
        ("request-variant-removed", "call"),
    ]


def test_alternatives_without_a_tag_are_named_by_their_fields():
    assert told(asking({"url!": "string"}), asking([{"url!": "string"}, {"path!": "string"}])) == [
        ("request-variant-added", "{path}")
    ]


def test_an_object_that_is_split_into_its_cases_is_no_fact():
    whole = {"type!": "=error|result", "code": "string", "content": "string"}
    cases = [{"type!": "=error", "code": "string"}, {"type!": "=result", "content": "string"}]
    assert told(answering({"block": whole}), answering({"block": cases})) == []


def test_an_endpoint_that_only_streams_tells_a_new_event_once():
    def streaming(*events: str) -> dict[str, Any]:
        union = [{"type!": f"={event}"} for event in events]
        return {**answering("#Event", stream="#Event"), "definitions": {"Event": union}}

    assert told(streaming("start", "stop"), streaming("start", "ping", "stop")) == [
        ("stream-event-added", "ping")
    ]


def test_a_field_of_one_alternative_is_the_same_fact_wherever_the_alternative_stands():
    def both(source: str) -> dict[str, Any]:
        call = [{"type!": "=call", "source": source}, {"type!": "=text"}]
        return answering({"item": call, "items": {"last": call}})

    assert told(both("integer"), both("string")) == [("response-type-widened", "call.source")]


def test_a_field_is_the_same_fact_in_an_answer_and_in_a_page_of_them():
    def both(shape: Any) -> dict[str, Any]:
        return {
            "endpoints": {
                "GET /v1/skills/{id}": {"ga": {"skills.retrieve": {"response": {"source!": shape}}}},
                "GET /v1/skills": {"ga": {"skills.list": {"response": {"data!": "[#Skill]"}}}},
            },
            "definitions": {"Skill": {"source!": shape}},
        }

    assert told(both("string"), both({"kind!": "string"})) == [("response-type-widened", "source")]


def test_a_field_that_is_sure_in_one_answer_only_is_one_fact():
    def both(**more: str) -> dict[str, Any]:
        one, other = {"id!": "string"}, {"id!": "string"}
        if more:
            one["size!"] = other["size"] = "integer"
        return answering({"one!": one, "other!": other})

    assert told(both(), both(size="integer")) == [("response-field-added", "size")]


@pytest.mark.parametrize(
    ("owner", "rule"),
    [
        ("error", "error-code-added"),
        ("last_error", "error-code-added"),
        ("coupon", "response-value-added"),
    ],
)
def test_a_code_is_one_of_an_error_when_an_error_holds_it(owner, rule):
    def coded(values: str) -> dict[str, Any]:
        return answering({owner: {"code!": f"={values}", "message!": "string"}})

    assert told(coded("full"), coded("full|late")) == [(rule, "code: late")]
