# Two databases become one, and one is checked against itself.

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from drift.errors import StoreError, UsageError
from drift.importers import import_files
from drift.model import Exchange
from drift.store import Store
from tests.store_support import (
    RUN_ID,
    WEATHER,
    add,
    database_rows,
    line,
    make_comparison,
    make_probe,
    make_run,
    store_run,
    write_lines,
)

pytest_plugins = ["tests.store_fixtures"]


@pytest.fixture
def other(tmp_path: Path):
    with Store.open(tmp_path / "other.db") as opened:
        yield opened


def test_merging_takes_over_everything_once(store, other, tmp_path):
    probe = make_probe("tools.call/01", exchanges=(Exchange(tools=(WEATHER,)),))
    store_run(store, make_run("ours000000000"), (probe,))
    store_run(other, make_run("theirs0000000", label="b"), (probe, make_probe()), epochs=2)
    other.begin_run(make_run("open000000000"), [probe], {"tools.call/01": 3})
    add(other, "open000000000", "tools.call/01", 2)
    (imported,) = import_files(other, [write_lines(tmp_path / "x.jsonl", [line(), line(sample=1)])])
    other.save_comparison(make_comparison("c1", findings=2))

    assert store.merge(other.path) == ["theirs0000000", "open000000000", imported.run], (
        "in the order of storing"
    )
    for run in other.runs():
        assert store.snapshot(run.id) == other.snapshot(run.id)
        assert store.missing(run.id) == other.missing(run.id)
    assert store.comparison("c1") == other.comparison("c1")
    assert store.verify() == []
    before = database_rows(store.path)
    assert store.merge(other.path) == []
    assert database_rows(store.path) == before


def test_merging_both_ways_makes_equal_databases(store, other):
    store_run(store, make_run("ours000000000"))
    store_run(other, make_run("theirs0000000"))
    store.merge(other.path)
    other.merge(store.path)
    ours, theirs = database_rows(store.path), database_rows(other.path)
    assert {name: rows for name, rows in ours.items() if name != "_sqlite_migrations"} == {
        name: rows for name, rows in theirs.items() if name != "_sqlite_migrations"
    }


def test_merging_a_database_with_itself_changes_nothing(store):
    store_run(store, make_run())
    before = database_rows(store.path)
    assert store.merge(store.path) == []
    assert database_rows(store.path) == before


def test_a_merged_run_is_sealed(store, other):
    store_run(other, make_run())
    store.merge(other.path)
    with (
        closing(sqlite3.connect(store.path)) as database,
        pytest.raises(sqlite3.IntegrityError, match="sealed"),
    ):
        database.execute("delete from samples")


def test_the_newest_run_of_a_name_stays_the_newest(store, other):
    store_run(other, make_run("old0000000000", created_at="2026-11-01T00:00:00Z"))
    store_run(store, make_run("new0000000000", created_at="2026-11-02T00:00:00Z"))
    store.merge(other.path)
    assert store.resolve("anthropic/claude-x").id == "new0000000000"


def test_the_same_undated_import_in_both_is_no_clash(store, other, tmp_path):
    path = write_lines(tmp_path / "x.jsonl", [line(recorded_at=None)])
    (ours,) = import_files(store, [path])
    (theirs,) = import_files(other, [path])
    assert ours.run == theirs.run
    assert store.run(ours.run).created_at != other.run(theirs.run).created_at
    assert store.merge(other.path) == []


def _sealed_with(store, text):
    store.begin_run(make_run(), [make_probe()], {})
    add(store, RUN_ID, "json.plain/01", 1, text)
    store.finish_run(RUN_ID, "complete")


def _open_with(store, *texts, epochs=2, probe_id="json.plain/01"):
    store.begin_run(make_run(), [make_probe(probe_id)], {probe_id: epochs})
    for epoch, text in enumerate(texts, 1):
        add(store, RUN_ID, probe_id, epoch, text)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda store: _sealed_with(store, "a"), lambda store: _sealed_with(store, "b")),
        (lambda store: _sealed_with(store, "a"), lambda store: _open_with(store, "a", epochs=1)),
        (lambda store: _open_with(store, "a", epochs=1), lambda store: _sealed_with(store, "a")),
        (lambda store: _open_with(store, "a"), lambda store: _open_with(store, "b")),
        (lambda store: _open_with(store, "a"), lambda store: _open_with(store, "a", "b")),
        (lambda store: _open_with(store, "a", "b"), lambda store: _open_with(store, "a")),
        (_open_with, lambda store: _open_with(store, epochs=3)),
        (_open_with, lambda store: _open_with(store, probe_id="other/01")),
    ],
    ids=[
        "both sealed",
        "sealed here",
        "sealed there",
        "other sample",
        "more there",
        "more here",
        "other epochs",
        "other probe",
    ],
)
def test_one_id_with_two_contents_stops_the_merge(store, other, ours, theirs):
    ours(store)
    theirs(other)
    store_run(other, make_run("innocent00000"))
    before = database_rows(store.path)
    with pytest.raises(UsageError, match=f"run {RUN_ID} differs between .*; nothing was merged"):
        store.merge(other.path)
    assert database_rows(store.path) == before


def test_an_equal_unfinished_run_in_both_is_no_clash(store, other):
    _open_with(store, "a")
    _open_with(other, "a")
    assert store.merge(other.path) == []


def test_one_comparison_id_with_two_contents_stops_the_merge(store, other):
    store.save_comparison(make_comparison("c1"))
    other.save_comparison(make_comparison("c1", verdict="none"))
    store_run(other, make_run())
    with pytest.raises(UsageError, match="comparison c1 differs"):
        store.merge(other.path)
    assert store.runs() == []


def test_a_damaged_database_is_not_merged(store, other):
    store_run(other, make_run())
    tamper(other.path, "documents_are_immutable", "update documents set json = '{}'")
    with pytest.raises(StoreError, match=r"other\.db is damaged: .*; merge a sound copy"):
        store.merge(other.path)
    assert store.runs() == []


def test_only_databases_of_drift_are_merged(store, tmp_path):
    with pytest.raises(UsageError, match="there is no database"):
        store.merge(tmp_path / "missing.db")
    (tmp_path / "text").write_text("not a database at all " * 100)
    with pytest.raises(StoreError, match="is not a SQLite database"):
        store.merge(tmp_path / "text")


# verify


def tamper(path: Path, trigger: str, statement: str) -> None:
    """Do by hand what a trigger forbids, and put the trigger back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        ((sql,),) = database.execute("select sql from sqlite_master where name = ?", (trigger,)).fetchall()
        database.execute(f"drop trigger {trigger}")
        database.execute(statement)
        database.execute(sql)


def test_a_sound_database_has_no_problems(store, tmp_path):
    store_run(store, make_run(), (make_probe(exchanges=(Exchange(tools=(WEATHER,)),)),), epochs=2)
    store.begin_run(make_run("open000000000"), [make_probe("b/1")], {})
    import_files(store, [write_lines(tmp_path / "x.jsonl", [line(), line(sample=1)])])
    store.save_comparison(make_comparison("c1", findings=3))
    assert store.verify() == []


@pytest.mark.parametrize(
    ("trigger", "statement", "words"),
    [
        ("documents_are_immutable", "update documents set json = replace(json, 'claude', 'clause')",
         "Document [0-9a-f]{64} was changed"),
        ("probes_are_immutable", "update probes set definition = replace(definition, 'Answer', 'Say')",
         r"Probe definition \w+ \(json.plain/01\) was changed"),
        ("probes_are_immutable", "update probes set family = 'other'", "has another family than its row"),
        ("probes_are_immutable", "update probes set probe_id = 'other/01'", "asks under the name json.plain/01 what"),
        ("samples_sealed_update", "update samples set outcome = 'failed'", f"Run {RUN_ID} is not what was sealed"),
        ("samples_sealed_update", "update samples set epoch = 2", "does not have the id of its content"),
        ("samples_sealed_update", "update samples set id = 'x'", "Sample x of run .* does not have the id"),
        ("samples_sealed_delete", "delete from samples", "has 0 samples and says 1"),
        ("samples_sealed_delete", "delete from samples", r"Document \w+ belongs to nothing"),
        ("runs_sealed_update", "update runs set seal = 'x'", "is not what was sealed"),
        ("runs_sealed_update", "update runs set samples = 7", "has 1 samples and says 7"),
        ("run_probes_sealed_update", "update run_probes set probe_hash = 'x'", "refers to a row of probes that does"),
        ("run_probes_sealed_update", "update run_probes set probe_hash = 'x'", "belongs to no run"),
        ("runs_sealed_delete", "delete from runs", "refers to a row of runs that does not exist"),
        ("samples_sealed_update", "update samples set document_hash = 'x'", "refers to a row of documents that"),
        ("runs_sealed_update", "update comparisons set document = '{'", "Comparison c1 is no longer a JSON document"),
        ("runs_sealed_update", "update comparisons set id = 'c2'", "Comparison c2 holds the document of c1"),
        ("runs_sealed_update", "delete from findings", "Comparison c1 has 0 rows of findings and 2 findings"),
        ("runs_sealed_update", "drop trigger samples_sealed_insert", "The trigger samples_sealed_insert is missing or"),
        ("runs_sealed_update", "alter table runs add column x text", "The table runs is missing or was changed"),
        ("runs_sealed_update", "drop view samples_view", "The view samples_view is missing or was changed"),
    ],
)  # fmt: skip
def test_every_kind_of_damage_is_named(store, trigger, statement, words):
    store_run(store, make_run())
    store.save_comparison(make_comparison("c1", findings=2))
    tamper(store.path, trigger, statement)
    problems = store.verify()
    assert all(problem.endswith(".") for problem in problems)
    assert any(re.search(words, problem) for problem in problems), problems


def test_tables_of_others_are_no_problem(store):
    with closing(sqlite3.connect(store.path)) as database:
        database.execute("create table notes (x)")
        database.execute("create index mine on runs (label)")
    assert store.verify() == []
