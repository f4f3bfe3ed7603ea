# Comparisons are kept whole, and their findings row by row.

import sqlite3
from contextlib import closing

import pytest

from drift.errors import UsageError
from tests.store_support import make_comparison, make_finding

pytest_plugins = ["tests.store_fixtures"]


def test_a_comparison_comes_back_as_it_was(store):
    document = make_comparison("c0ffee000000", findings=2)
    store.save_comparison(document)
    assert store.comparison("c0ffee000000") == document
    assert store.comparison("c0f") == document
    assert list(store.comparisons()) == [document]


def test_the_same_comparison_again_changes_nothing(store):
    for _ in range(2):
        store.save_comparison(make_comparison("c1", findings=2))
    assert len(list(store.comparisons())) == 1
    assert store.verify() == []


def test_another_comparison_needs_another_id(store):
    store.save_comparison(make_comparison("c1"))
    with pytest.raises(UsageError, match="comparison c1 exists and differs"):
        store.save_comparison(make_comparison("c1", verdict="none"))
    assert store.comparison("c1")["verdict"] == "breaking"


def test_an_unknown_or_ambiguous_name_is_a_usage_error(store):
    store.save_comparison(make_comparison("ca1"))
    store.save_comparison(make_comparison("ca2"))
    with pytest.raises(UsageError, match=r"'ca' begins more than one id; say which: ca1, ca2"):
        store.comparison("ca")
    for name in ("x", ""):
        with pytest.raises(UsageError, match="there is no comparison"):
            store.comparison(name)


def test_findings_are_rows_for_queries_and_one_row_each(store):
    findings = [
        make_finding(1),
        make_finding(2, level="info", probe="json.plain/01", state="new", before=None),
    ]
    store.save_comparison(make_comparison("c1", findings=0) | {"findings": findings})
    with closing(sqlite3.connect(store.path)) as database:
        rows = database.execute(
            "select position, fingerprint, rule, level, probe, before, after, effect, unit, q, state, explanation"
            " from findings order by position"
        ).fetchall()
        view = database.execute(
            "select candidate_target, candidate_label, rule from findings_view"
        ).fetchall()
    text = "The answer is wrapped in ```json ?."
    rule = "text-markdown-fence-added"
    after = '{"share":1.0}'
    assert rows == [
        (1, f"{1:012x}", rule, "breaking", None, '{"share":0.0}', after, 1.0, "share", 1e-5, None, text),
        (2, f"{2:012x}", rule, "info", "json.plain/01", "null", after, 1.0, "share", 1e-5, "new", text),
    ]
    assert view == [("anthropic/claude-y", "new", rule)] * 2


@pytest.fixture
def three(store):
    for number, created_at in (
        ("c1", "2026-11-01T03:00:00.000+00:00"),
        ("c3", "2026-11-03T03:00:00.000+00:00"),
        ("c2", "2026-11-03T01:00:00.000+09:00"),  # 2026-11-02T16:00 UTC
    ):
        store.save_comparison(make_comparison(number, created_at=created_at))
    other = make_comparison("c4", created_at="2026-11-02T00:00:00.000+00:00")
    other["baseline"] = {**other["baseline"], "target": "openai/gpt"}
    store.save_comparison(other)
    return store


def test_comparisons_are_listed_newest_first_and_by_target(three):
    assert [c["id"] for c in three.comparisons()] == ["c3", "c2", "c4", "c1"]
    assert [c["id"] for c in three.comparisons("anthropic/claude-x", "anthropic/claude-y", limit=2)] == [
        "c3",
        "c2",
    ]
    assert [c["id"] for c in three.comparisons(baseline_target="openai/gpt")] == ["c4"]
    assert list(three.comparisons(candidate_target="anthropic/claude-x")) == []
