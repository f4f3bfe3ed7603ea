# Values are held to schemas: which keyword was broken, where, by what, and what nobody may fetch.

import pytest

from drift.pointers import general_pointer, keys_of, pointer_to
from drift.validation import allows, faults_of, violations

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
