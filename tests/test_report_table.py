# Tables and plots for a terminal.

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drift.report.safe import columns
from drift.report.table import Column, cell, sparkline, table, verdict_line
from tests.report_support import hostile_text

HEADS = (Column("id", "run"), Column("name", "name", shrink=True), Column("n", "samples", right=True))


def test_a_table_is_aligned():
    rows = [{"id": "a1", "name": "one", "n": 5}, {"id": "b22", "name": "世界", "n": 1234}]
    assert table(rows, HEADS).split("\n") == [
        "run  name  samples",
        "───  ────  ───────",
        "a1   one         5",
        "b22  世界     1234",
    ]


def test_an_empty_column_is_left_out_and_an_empty_table_is_empty():
    assert table([{"id": "a"}], HEADS) == "run\n───\na"
    assert table([], HEADS) == ""


def test_a_cell_that_does_not_fit_is_broken_and_an_id_never_is():
    rows = [{"id": "0123456789abcdef", "name": "words that are too many for this line", "n": 1}]
    lines = table(rows, HEADS, width=45).split("\n")
    assert lines[2].startswith("0123456789abcdef  words that")
    assert all(len(line) <= 45 for line in lines)
    assert "".join(line[18:38].strip() + " " for line in lines[2:]).split() == rows[0]["name"].split()


@given(st.lists(st.tuples(hostile_text, hostile_text), min_size=1, max_size=3), st.integers(40, 120))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
def test_hostile_cells_stay_in_their_column(cells, width):
    rows = [{"id": "x", "name": name, "n": len(other)} for name, other in cells]
    lines = table(rows, HEADS, width).split("\n")
    assert all(line.isprintable() or "\u3000" in line for line in lines)
    assert all(columns(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "yes"), (False, "no"), (3, "3"), (["a", "b"], "a, b"), ((), ""), ("a\nb", "a\\nb")],
)
def test_cells(value, text):
    assert cell(value) == text


def test_sparklines_are_on_the_full_scale():
    assert sparkline([0.0, 0.1, 0.5, 0.99, 1.0, None]) == "▁▁▅██·"
    assert sparkline([0.97, 0.98, 0.99]) == "███"
    assert sparkline([]) == ""


def test_a_graver_verdict_stands_higher():
    assert verdict_line(["none", "info", "warning", "breaking", "inconclusive", None]) == "▁▃▅█?·"
