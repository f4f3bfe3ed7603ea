# Subset questions are settled by jsonschema-rs, and what it says is held against jsonschema, which it is not made of.
from __future__ import annotations

import http.server
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.subset import covers
from drift.validation import SchemaError, allows

SCALARS = st.sampled_from([None, True, False, 0, 1, 7, -3, 1.5, 2.0, "", "a", "b", "ab", "2026-11-20"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
SIMPLE = st.one_of(
    st.just({}),
    st.sampled_from(["string", "integer", "number", "boolean", "null", "object", "array"]).map(
        lambda t: {"type": t}
    ),
    st.lists(SCALARS, min_size=1, max_size=3, unique_by=repr).map(lambda values: {"enum": values}),
    st.tuples(st.integers(-3, 3), st.integers(0, 4)).map(
        lambda ends: {"type": "integer", "minimum": ends[0], "maximum": ends[0] + ends[1]}
    ),
    st.integers(0, 2).map(lambda n: {"type": "string", "minLength": n}),
    st.just({"type": "string", "pattern": "^a"}),
)
SCHEMAS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(lambda branches: {"anyOf": branches}),
        inner.map(lambda items: {"type": "array", "items": items}),
        st.tuples(
            st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
            st.lists(st.sampled_from("abc"), max_size=2, unique=True),
            st.booleans(),
        ).map(
            lambda parts: {
                "type": "object",
                "properties": parts[0],
                "required": parts[1],
                **({"additionalProperties": False} if parts[2] else {}),
            }
        ),
    ),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(wide=SCHEMAS, narrow=SCHEMAS, values=st.lists(VALUES, max_size=6))
def test_a_yes_is_never_refuted_by_a_value(wide, narrow, values):
    if any(allows(narrow, value) and not allows(wide, value) for value in values):
        assert covers(wide, narrow) != "yes"


@given(schema=SCHEMAS)
@settings(max_examples=60, deadline=None)
def test_a_schema_never_fails_to_cover_itself(schema):
    assert covers(schema, schema) != "no"


def test_more_choices_cover_fewer_and_not_the_other_way_round():
    few, many = {"enum": ["a"]}, {"enum": ["a", "b"]}
    assert covers(many, few) == "yes"
    assert covers(few, many) == "no"


def test_what_cannot_be_proven_is_unknown():
    assert covers({"type": "integer"}, {"type": "number"}) == "unknown"


def test_a_format_counts():
    assert covers({"type": "string", "format": "date"}, {"enum": ["2026-11-20"]}) == "yes"
    assert covers({"type": "string", "format": "date"}, {"enum": ["tomorrow"]}) == "no"


@pytest.mark.parametrize("broken", [{"type": "text"}, 5, {"$ref": "#/nowhere"}, {"pattern": "("}])
def test_what_is_no_schema_is_an_error_that_says_so(broken):
    with pytest.raises(SchemaError, match="the schema cannot be read"):
        covers(broken, {})


def test_a_schema_that_points_elsewhere_is_refused_and_nothing_is_fetched():
    asked: list[str] = []

    class Host(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "string"}')

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        schema = {"$ref": f"http://127.0.0.1:{server.server_address[1]}/schema.json"}
        with pytest.raises(SchemaError):
            covers(schema, {"type": "string"})
        with pytest.raises(SchemaError):
            allows(schema, "text")
        server.shutdown()
    assert asked == []
