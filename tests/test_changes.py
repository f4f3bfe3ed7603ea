# DeepDiff's defaults hide drift; each flag that is pinned has a test that fails without it.
from __future__ import annotations

import pytest

from drift.changes import Change, find_changes


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # threshold_to_diff_deeper: two objects with few common keys must not come back as one value change
        (
            {"a": {"x": 1, "y": 2}},
            {"a": {"u": 1, "v": 2}},
            [("/a/u", "added"), ("/a/v", "added"), ("/a/x", "removed"), ("/a/y", "removed")],
        ),
        # ignore_private_variables: keys with two underscores are data
        ({"__x": 1}, {"__x": 2}, [("/__x", "value")]),
        # ignore_nan_inequality: the same NaN is no difference
        ({"n": float("nan")}, {"n": float("nan")}, []),
        ({"n": 1}, {"n": 1.0}, [("/n", "type")]),
        ({"n": True}, {"n": 1}, [("/n", "type")]),
        ({"n": None}, {}, [("/n", "removed")]),
        ([1, 1, 2], [1, 2], [("/0", "removed")]),
        ({"a/b": {"~c": 1}}, {"a/b": {"~c": 2}}, [("/a~1b/~0c", "value")]),
        ({"same": [1, {"x": "y"}]}, {"same": [1, {"x": "y"}]}, []),
        (1, "1", [("", "type")]),
    ],
)
def test_differences_are_found_at_their_pointers(before, after, expected):
    assert [(change.path, change.kind) for change in find_changes(before, after)] == expected


def test_a_change_carries_both_values():
    assert find_changes({"a": 1}, {"a": "1"}) == [Change("/a", "type", 1, "1")]
    assert find_changes({}, {"a": [1]}) == [Change("/a", "added", None, [1])]
    assert find_changes({"a": {"b": 0}}, {}) == [Change("/a", "removed", {"b": 0}, None)]


def test_the_first_key_of_a_pointer_is_unescaped():
    assert Change("/~1usage~1input_tokens/types/null", "added").key == "/usage/input_tokens"
    assert Change("", "type").key == ""
