from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drift.shapes import ABSENT, hull_of, parent_of, plain_path, shape_of

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def test_elements_of_a_list_are_kept_apart_by_their_type():
    shape = shape_of(
        {"content": [{"type": "text", "text": "x"}, {"type": "tool_use", "id": "t", "input": {"a": 1}}]}
    )
    assert shape["/content/*{text}/text"] == ["string"]
    assert shape["/content/*{tool_use}/input/a"] == ["integer"]


def test_an_opaque_place_is_typed_but_not_entered():
    value = {"content": [{"type": "tool_use", "input": {"a": 1}}]}
    shape = shape_of(value, opaque=("/content/*{tool_use}/input",))
    assert shape["/content/*{tool_use}/input"] == ["object"]
    assert not any(path.startswith("/content/*{tool_use}/input/") for path in shape)


def test_a_key_that_one_element_lacks_is_marked_absent():
    assert ABSENT in shape_of([{"a": 1, "b": 2}, {"a": 1}])["/*/b"]


def test_a_hull_tells_always_from_sometimes_relative_to_the_parent():
    shapes = [shape_of({"u": {"a": 1, "b": None}}), shape_of({"u": {"a": 2}}), shape_of({})]
    tree = hull_of(shapes).tree()
    assert tree["/u"]["presence"] == "sometimes"
    assert tree["/u/a"] == {"presence": "always", "types": {"integer": True}}
    assert tree["/u/b"] == {"presence": "sometimes", "types": {"null": True}}


def test_paths_lose_their_discriminators_for_readers():
    assert plain_path("/content/*{text}/text") == "/content/*/text"
    assert parent_of("/content/*{text}/text") == "/content/*{text}"


@given(st.lists(JSON_VALUES, max_size=5))
def test_the_order_of_values_does_not_change_a_hull(values):
    assert hull_of(map(shape_of, values)).tree() == hull_of(map(shape_of, reversed(values))).tree()


@given(JSON_VALUES)
def test_every_path_has_its_parent(value):
    shape = shape_of(value)
    assert all(parent_of(path) in shape for path in shape if "*" not in path)
