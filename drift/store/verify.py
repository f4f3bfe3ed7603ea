# Whether a database still is what it was: every hash, seal, count and reference, checked again.
# Owns: the list of checks. Refuses to know: how to repair.
"""Check a database."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

from drift.errors import StoreError
from drift.store.connection import Connection
from drift.store.rows import SEALED_COLUMNS, sample_name, seal


def problems(connection: Connection) -> Iterator[str]:
    """Yield what is wrong, one sentence each; nothing for a sound database."""
    for what, check in _CHECKS.items():
        try:
            yield from check(connection)
        except StoreError as error:
            # A damaged page stops one check; the others may still say something.
            yield f"The {what} cannot be read to the end: {error.what}."


def _pages(connection: Connection) -> Iterator[str]:
    for row in connection.rows("pragma integrity_check"):
        if row[0] != "ok":
            yield f"SQLite finds damage: {row[0]}."


def _schema(connection: Connection) -> Iterator[str]:
    from sqlite_utils import Database

    from drift.store.migrations import migrations

    query = "select type, name, sql from sqlite_master where sql is not null and name not glob '_sqlite_*'"
    with closing(sqlite3.connect(":memory:")) as memory:
        migrations.apply(Database(memory, execute_plugins=False))
        wanted = memory.execute(query).fetchall()
    found = {tuple(row) for row in connection.rows(query)}
    for kind, name, sql in wanted:
        if (kind, name, sql) not in found:
            yield f"The {kind} {name} is missing or was changed."


def _references(connection: Connection) -> Iterator[str]:
    for row in connection.rows("pragma foreign_key_check"):
        yield f"Row {row['rowid']} of {row['table']} refers to a row of {row['parent']} that does not exist."


def _documents(connection: Connection) -> Iterator[str]:
    for row in connection.rows("select hash, json from documents"):
        if _sha256(row["json"]) != row["hash"]:
            yield f"Document {row['hash']} was changed: its content has another hash."


def _probes(connection: Connection) -> Iterator[str]:
    columns = ("probe_id", "template", "family", "purpose")
    for row in connection.rows("select * from probes"):
        if _sha256(row["definition"]) != row["hash"]:
            yield f"Probe definition {row['hash']} ({row['probe_id']}) was changed: it has another hash."
            continue
        definition = json.loads(row["definition"])
        for column in columns:
            if row[column] != definition["id" if column == "probe_id" else column]:
                yield f"Probe definition {row['hash']} has another {column} than its row."
    for row in connection.rows(
        "select run_id, run_probes.probe_id from run_probes join probes on hash = probe_hash"
        " where run_probes.probe_id <> probes.probe_id"
    ):
        yield f"Run {row['run_id']} asks under the name {row['probe_id']} what is another probe."


def _samples(connection: Connection) -> Iterator[str]:
    for row in connection.rows("select id, run_id, probe_id, epoch, document_hash from samples"):
        if row["id"] != sample_name(row["run_id"], row["probe_id"], row["epoch"], row["document_hash"]):
            yield f"Sample {row['id']} of run {row['run_id']} does not have the id of its content."


def _runs(connection: Connection) -> Iterator[str]:
    for row in connection.rows(
        "select id, seal, samples, (select count(*) from samples where run_id = runs.id) as counted from runs"
    ):
        if row["samples"] != row["counted"]:
            yield f"Run {row['id']} has {row['counted']} samples and says {row['samples']}."
        if row["seal"] is not None and row["seal"] != seal(connection.rows(SEALED_COLUMNS, (row["id"],))):
            yield f"Run {row['id']} is not what was sealed: its samples have another hash."


def _orphans(connection: Connection) -> Iterator[str]:
    for row in connection.rows(
        "select hash from documents where not exists (select 1 from samples where document_hash = hash)"
        " and not exists (select 1 from tool_schemas where document_hash = hash)"
    ):
        yield f"Document {row['hash']} belongs to nothing."
    for row in connection.rows(
        "select hash, probe_id from probes"
        " where not exists (select 1 from run_probes where probe_hash = probes.hash)"
    ):
        yield f"Probe definition {row['hash']} ({row['probe_id']}) belongs to no run."


def _comparisons(connection: Connection) -> Iterator[str]:
    for row in connection.rows(
        "select id, document, (select count(*) from findings where comparison_id = comparisons.id) as counted"
        " from comparisons"
    ):
        try:
            document = json.loads(row["document"])
            named, findings = document["id"], len(document["findings"])
        except (ValueError, KeyError, TypeError):
            yield f"Comparison {row['id']} is no longer a JSON document."
            continue
        if named != row["id"]:
            yield f"Comparison {row['id']} holds the document of {named}."
        if findings != row["counted"]:
            yield f"Comparison {row['id']} has {row['counted']} rows of findings and {findings} findings."


def _surfaces(connection: Connection) -> Iterator[str]:
    for row in connection.rows("select package, version, hash, document from surfaces"):
        if _sha256(row["document"]) != row["hash"]:
            yield f"The surface of {row['package']} {row['version']} was changed: it has another hash."


def _catalogues(connection: Connection) -> Iterator[str]:
    for row in connection.rows("select platform, taken_at, hash, document from catalogues"):
        if _sha256(row["document"]) != row["hash"]:
            yield f"The list of models of {row['platform']} of {row['taken_at']} was changed: it has another hash."


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_CHECKS: Mapping[str, Callable[[Connection], Iterator[str]]] = {
    "file": _pages,
    "schema": _schema,
    "references": _references,
    "documents": _documents,
    "probes": _probes,
    "samples": _samples,
    "surfaces": _surfaces,
    "lists of models": _catalogues,
    "runs": _runs,
    "uses of documents": _orphans,
    "comparisons": _comparisons,
}
