# The schema told to people: every table, column and view of a fresh database, as Markdown.
# Owns: the text of docs/schema.md. Refuses to know: why a column exists; the migrations say that.
"""Describe the schema, read from a database that the migrations have made."""

from __future__ import annotations

import inspect
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing


def markdown() -> str:
    """Return the schema as Markdown: tables with their columns, views, triggers, migrations."""
    from sqlite_utils import Database

    from drift.store.migrations import migrations

    with closing(sqlite3.connect(":memory:")) as memory:
        database = Database(memory, execute_plugins=False)
        functions = [migration.fn for migration in migrations.pending(database)]
        migrations.apply(database)
        return "\n".join([*_tables(memory), *_views(memory), *_triggers(memory), *_migrations(functions)])


def comments(sql: str) -> tuple[str, dict[str, str]]:
    """Return what a `create table` text says about the table, and about each column (the comment before it)."""
    said = re.findall(r"^ +-- (.+)\n(?: +([a-z_]\w*))?", sql, flags=re.MULTILINE)
    return said[0][0], {column: comment for comment, column in said[1:]}


def _tables(database: sqlite3.Connection) -> Iterator[str]:
    for name, sql in database.execute(
        "select name, sql from sqlite_master where type = 'table' and sql like '%strict' order by rowid"
    ).fetchall():
        table, columns = comments(sql)
        references = {
            row[3]: f"`{row[2]}.{row[4]}`" for row in database.execute(f"pragma foreign_key_list({name})")
        }
        yield f"### {name}\n\n{table[0].upper()}{table[1:]}.\n"
        yield "| column | type | why |\n|---|---|---|"
        for _, column, kind, required, _, key in database.execute(f"pragma table_info({name})"):
            words = kind.lower() + ("" if required or key else ", or null") + (", key" if key else "")
            points = f" → {references[column]}" if column in references else ""
            yield f"| `{column}` | {words}{points} | {columns[column]} |"
        yield ""


def _views(database: sqlite3.Connection) -> Iterator[str]:
    yield "### Views\n"
    for name, sql in database.execute(
        "select name, sql from sqlite_master where type = 'view' order by rowid"
    ).fetchall():
        columns = ", ".join(f"`{row[1]}`" for row in database.execute(f"pragma table_info({name})"))
        yield f"- `{name}`: {re.findall(r'-- (.+)', sql)[0]}. {columns}."
    yield ""


def _triggers(database: sqlite3.Connection) -> Iterator[str]:
    yield "### Triggers\n"
    for name, table in database.execute(
        "select name, tbl_name from sqlite_master where type = 'trigger' order by rowid"
    ):
        yield f"- `{name}` on `{table}`"
    yield ""


def _migrations(functions: Iterable[Callable[..., None]]) -> Iterator[str]:
    yield "### Migrations\n"
    for function in functions:
        why = " ".join((inspect.getcomments(function) or "").replace("# ", "").split())
        yield f"- `{function.__name__}`: {inspect.getdoc(function)} {why}"
