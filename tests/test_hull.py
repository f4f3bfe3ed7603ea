# The hull of argument values: what is countable is kept, free text is not, and its schema allows what it was made of.
from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from drift.hull import Beyond, beyond, hull_of, join, schema_of
from drift.observe import called_hulls, observe
from drift.subset import covers
from drift.validation import allows
from tests.pairs_support import pair_files, read_pair

ORDER = {
    "type": "object",
    "properties": {
        "customer": {"type": "string"},
        "status": {"enum": ["open", "shipped"]},
        "express": {"type": "boolean"},
        "days": {"type": "integer", "minimum": 1, "maximum": 7},
        "total": {"type": "integer", "minimum": 0, "maximum": 100000},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
    },
    "$defs": {
        "line": {"type": "object", "properties": {"kind": {"const": "book"}, "note": {"type": "string"}}}
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9, width=16) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def both(first, second):
    return join(hull_of(first, ORDER), hull_of(second, ORDER))


def test_choices_are_kept_and_free_text_is_not():
    hull = hull_of({"customer": "Ada", "status": "open", "express": True, "days": 3, "total": 950}, ORDER)
    assert schema_of(hull)["properties"] == {
        "customer": {"type": "string"},
        "status": {"enum": ["open"]},
        "express": {"enum": [True]},
        "days": {"enum": [3]},
        "total": {"type": "integer"},
    }
    assert "Ada" not in repr(hull)


def test_a_value_outside_its_choices_is_no_choice_and_leaves_no_trace():
    assert "secret" not in repr(hull_of({"status": "secret"}, ORDER))


def test_what_every_value_had_is_required():
    schema = schema_of(both({"customer": "Ada", "status": "open"}, {"customer": "Bo"}))
    assert schema["required"] == ["customer"]
    assert schema["additionalProperties"] is False


def test_lists_are_told_apart_by_none_one_and_several():
    assert schema_of(hull_of([])) == {"type": "array", "items": False, "maxItems": 0}
    assert schema_of(join(hull_of([1]), hull_of([1, 2]))) == {
        "type": "array",
        "items": {"type": "integer"},
        "minItems": 1,
    }


def test_a_reference_inside_the_schema_is_followed():
    hull = hull_of({"lines": [{"kind": "book", "note": "first"}]}, ORDER)
    assert schema_of(hull)["properties"]["lines"]["items"]["properties"]["kind"] == {"enum": ["book"]}


def test_a_schema_that_contains_itself_ends():
    knot = {"type": "object", "properties": {"next": {"$ref": "#"}}, "anyOf": [{"$ref": "#"}]}
    assert schema_of(hull_of({"next": {"next": {}}}, knot))["required"] == ["next"]


def test_beyond_names_the_place_and_what_is_new_there():
    known = both({"status": "open", "lines": [{"kind": "book"}]}, {"status": "open", "lines": [{}]})
    other = hull_of({"status": "shipped", "express": False, "lines": []}, ORDER)
    assert list(beyond(known, other)) == [
        Beyond("/express", "key", ("express",)),
        Beyond("/lines", "length", ("none",)),
        Beyond("/status", "choice", ("shipped",)),
    ]
    assert list(beyond(known, known)) == []


def test_an_argument_that_comes_as_null_is_not_new():
    assert list(beyond(hull_of({}, ORDER), hull_of({"express": None}, ORDER))) == []


@settings(max_examples=150, deadline=None)
@given(values=st.lists(JSON, min_size=1, max_size=4))
def test_the_schema_of_a_hull_allows_everything_it_was_made_of(values):
    hull = hull_of(values[0])
    for value in values[1:]:
        hull = join(hull, hull_of(value))
    schema = schema_of(hull)
    assert all(allows(schema, value) for value in values)
    assert all(covers(schema, schema_of(hull_of(value))) != "no" for value in values)


@settings(max_examples=100, deadline=None)
@given(JSON, JSON, JSON)
def test_joining_has_no_order(a, b, c):
    first, second, third = hull_of(a), hull_of(b), hull_of(c)
    assert join(first, second) == join(second, first)
    assert join(join(first, second), third) == join(first, join(second, third))


def test_what_the_store_infers_from_a_sample_is_what_is_observed_of_it():
    read = 0
    for path in [path for path in pair_files() if path.parent.name.startswith("tool-call-argument-")]:
        pair = read_pair(path)
        for sample in (*pair.baseline.samples, *pair.candidate.samples)[:4]:
            probe = pair.baseline.probes[sample.probe_id]
            found = called_hulls(sample.document, probe)
            assert found == observe(sample.document, probe).get("calls.hull", {}), path
            read += bool(found)
    assert read > 100
