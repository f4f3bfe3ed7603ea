# Values are held to schemas: which keyword was broken, where, by what, and what nobody may fetch.

import json

import pytest

from drift.model import Exchange, Expect, Probe, Tool
from drift.observe import observe
from drift.pointers import general_pointer, keys_of, pointer_to
from drift.validation import SchemaError, allows, faults_of, violations

ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "lines": {
            "items": {
                "anyOf": [{"type": "integer"}, {"type": "object", "properties": {"sku": {"const": "a"}}}]
            }
        },
    },
    "additionalProperties": False,
}


def test_a_violation_says_which_keyword_where_and_by_what():
    found = {one.keyword: one for one in violations({"lines": [1.5], "x": 1}, ORDER)}
    assert set(found) == {"required", "additionalProperties", "anyOf"}
    assert found["required"].path == ()
    assert found["required"].wanted == ["id"]
    assert general_pointer(found["anyOf"].path) == "/lines/*"
    assert pointer_to(found["anyOf"].path) == "/lines/0"
    assert found["anyOf"].value == 1.5
    assert [[one.keyword for one in branch] for branch in found["anyOf"].branches] == [["type"], ["type"]]


def test_formats_count():
    assert allows(ORDER, {"id": "7d444840-9dc0-11d1-b245-5ffdce74fad2"})
    assert not allows(ORDER, {"id": "seven"})


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ({"type": "text"}, "is no JSON Schema: $.type"),
        ({"properties": {"a": {"$ref": "https://example.org/a.json"}}}, "outside itself"),
        ({"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": True}}, ""),
    ],
)
def test_a_schema_has_to_be_one_and_to_stand_for_itself(schema, fault):
    faults = list(faults_of(schema))
    assert len(faults) == bool(fault)
    assert fault in "".join(faults)


@pytest.mark.parametrize("keys", [[], ["a"], ["a/b", "~c", "~1"], ["", "*"]])
def test_a_pointer_leads_to_the_keys_it_was_made_of(keys):
    assert keys_of(pointer_to(keys)) == keys


BROKEN = [{"type": "text"}, {"pattern": r"^\p{L}+$"}, {"required": 5}, {"$ref": "#/nowhere"}, {"$ref": "#"}]


@pytest.mark.parametrize("schema", BROKEN)
def test_a_schema_that_cannot_be_used_is_an_error_of_its_own(schema):
    with pytest.raises(SchemaError, match="the schema cannot be used"):
        allows(schema, "text" if "pattern" in schema else {})


@pytest.mark.parametrize("schema", BROKEN[:-1])
def test_a_schema_of_somebody_else_decides_nothing_and_stops_nothing(schema):
    schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    probe = Probe(
        "t/1",
        "t",
        "f",
        "unknown",
        (Exchange(tools=(Tool("find", "", schema),), output_schema=schema),),
        Expect(),
    )
    held = "text" if "pattern" in schema["properties"]["a"] else {}
    call = {"name": "find", "arguments": {"a": held}}
    answer = observe({"recorded": {"output_text": json.dumps({"a": held})}}, probe)
    calls = observe({"recorded": {"output_text": "", "tool_calls": [call]}}, probe)
    assert answer["json.found"] is True
    assert "json.schema_ok" not in answer
    assert calls["calls.names"] == ["find"]
    assert "args.valid" not in calls
