# The schema is documented by itself.

import inspect
import re
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from drift.store.migrations import migrations
from drift.store.schema import comments, markdown

DOCS = Path(__file__).parents[1] / "docs" / "schema.md"


@pytest.fixture
def database():
    with Database(sqlite3.connect(":memory:")) as fresh:
        migrations.apply(fresh)
        yield fresh


def test_every_table_and_column_says_why_it_exists(database):
    tables = [table for table in database.tables if not table.name.startswith("_")]
    assert len(tables) == 10
    for table in tables:
        said, columns = comments(table.schema)
        assert said
        assert list(columns) == [column.name for column in table.columns], "one comment a column, before it"
        assert all(columns.values())


def test_every_migration_is_numbered_in_order_and_says_why():
    functions = [migration.fn for migration in migrations.pending(Database(memory=True))]
    assert [function.__name__[:5] for function in functions] == [
        f"m{n:03}_" for n in range(1, len(functions) + 1)
    ]
    assert all((inspect.getcomments(function) or "").startswith("# Why: ") for function in functions)


def test_the_page_names_every_table_column_view_and_trigger(database):
    page = DOCS.read_text(encoding="utf-8")
    assert markdown().strip() in page, "make docs"
    for name in [*database.table_names(), *database.view_names()]:
        assert name in page or name.startswith("_")
    for trigger in database.triggers:
        assert f"`{trigger.name}` on `{trigger.table}`" in page


def test_checks_name_the_words_of_the_model(database):
    from typing import get_args

    from drift.model import EvidenceClass, Level, Outcome, Purpose, RunStatus

    for table, words in (
        ("samples", get_args(Outcome)),
        ("probes", get_args(Purpose)),
        ("runs", get_args(RunStatus)),
        ("findings", get_args(Level)),
        ("findings", get_args(EvidenceClass)),
    ):
        listed = [
            set(re.findall(r"'(\w+)'", check))
            for check in re.findall(r" in \(([^)]+)\)", database[table].schema)
        ]
        assert set(words) in listed
