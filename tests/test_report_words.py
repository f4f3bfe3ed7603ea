# Differences of two texts at the level of words.

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.report.words import GAP, Segment, side_by_side, word_diff
from tests.report_support import hostile_text

texts = st.one_of(
    hostile_text,
    st.lists(st.sampled_from(["a", "b", " ", "\n", "{", '"', "word", "12"]), max_size=40).map("".join),
)


@given(texts, texts)
def test_both_sides_can_be_put_together_again(a, b):
    segments = word_diff(a, b)
    assert "".join(text for mark, text in segments if mark != "new") == a
    assert "".join(text for mark, text in segments if mark != "gone") == b
    assert all(one.mark != other.mark for one, other in pairwise(segments))
    assert all(segment.text for segment in segments)


@given(texts)
def test_a_text_does_not_differ_from_itself(text):
    assert all(segment.mark == "same" for segment in word_diff(text, text))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("x", "```json\nx\n```", [("new", "```json\n"), ("same", "x"), ("new", "\n```")]),
        (
            '{"days": 5}',
            '{"days": "5"}',
            [("same", '{"days": '), ("new", '"'), ("same", "5"), ("new", '"'), ("same", "}")],
        ),
        ("Yes.", "No.", [("gone", "Yes"), ("new", "No"), ("same", ".")]),
        ("one two three", "four five six", [("gone", "one two three"), ("new", "four five six")]),
        ("", "", []),
    ],
)
def test_words_are_aligned(a, b, expected):
    assert word_diff(a, b) == [Segment(*pair) for pair in expected]


@pytest.mark.timeout(60)  # aligning it word by word would take hours
def test_a_long_middle_is_one_change():
    a, b = "start " + "p q r q " * 20_000 + "end", "start " + "q r r p " * 20_000 + "end"
    segments = word_diff(a, b)
    assert [segment.mark for segment in segments] == ["same", "gone", "new", "same"]


def test_the_cap_decides_what_is_aligned():
    a, b = "a x b x c", "d x e x f"
    assert len(word_diff(a, b)) > 2
    assert [segment.mark for segment in word_diff(a, b, cap=3)] == ["gone", "new"]


@given(texts, texts, st.integers(20, 200))
def test_a_reader_gets_no_more_than_the_limit(a, b, limit):
    for side in side_by_side(a, b, limit=limit, signs=False):
        assert len("".join(part.text for part in side)) <= limit + 8 * len(GAP)


def test_a_change_far_inside_a_text_is_shown_with_its_context():
    rest = "the same words again and again " * 50
    left, right = side_by_side(f"{rest}OLD {rest}", f"{rest}NEW {rest}", limit=1200, signs=True)
    shown = "".join(part.text for part in right)
    assert "{+NEW+}" in shown
    assert shown.count(GAP) == 2
    assert "".join(part.text for part in left) == shown.replace("{+NEW+}", "[-OLD-]")


def test_two_different_texts_are_both_shown_without_marks():
    left, right = side_by_side("first " * 500, "second " * 500, limit=100, signs=True)
    assert "".join(part.text for part in left).startswith("first first")
    assert "".join(part.text for part in right).startswith("second second")
    assert not any(part.changed for part in (*left, *right))


def test_a_long_deletion_leaves_room_for_what_came():
    a, b = (
        "kept words here and more of them " * 3 + "gone " * 100,
        "kept words here and more of them " * 3 + "came",
    )
    _, right = side_by_side(a, b, limit=150, signs=True)
    assert "{+came+}" in "".join(part.text for part in right)


def test_a_line_feed_that_came_is_visible():
    _, right = side_by_side("one two three", "one two three\n", limit=100, signs=True)
    assert "".join(part.text for part in right) == "one two three{+⏎+}\n"
