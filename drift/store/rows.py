# Values as rows and rows as values: what one insert of a run, a probe, a sample or a document means.
# Owns: ids and hashes of rows, the seal. Refuses to know: when a row may be written.
"""Write and read single rows. All writing happens inside the caller's transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields, replace
from sqlite3 import Row
from typing import Any

from drift.canonical import canonical, content_hash
from drift.documents import ComparisonDocument
from drift.errors import StoreError
from drift.model import JSON, Probe, Run, probe_to_json
from drift.store.connection import Connection
from drift.store.inferred import inferred_schemas

INSERT_SAMPLE = (
    "insert into samples"
    " (id, run_id, probe_id, epoch, outcome, document_hash, dialect, latency_ms, recorded_at)"
    " values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SEALED_COLUMNS = (
    "select probe_id, epoch, outcome, document_hash from samples where run_id = ? order by probe_id, epoch"
)
"""What the seal of a run covers, in its order."""


def sample_name(run_id: str, probe_id: str, epoch: int, document_hash: str) -> str:
    """Return the id of a sample: 16 hex digits that follow from what it is, so no export has to carry it."""
    return content_hash([run_id, probe_id, epoch, document_hash])[:16]


def readable(text: str) -> str:
    """Return text for a column that people read: a lone surrogate, which SQLite cannot store, becomes `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


def run_of(row: Row) -> Run:
    """Read a row of `runs`."""
    values: dict[str, Any] = {field.name: row[field.name] for field in fields(Run)}
    return Run(**{**values, "params": json.loads(values["params"]), "meta": json.loads(values["meta"])})


def insert_run(connection: Connection, run: Run) -> None:
    """Insert a run as running and empty, whatever its status."""
    row = {field.name: getattr(run, field.name) for field in fields(Run)}
    row |= {"params": canonical(run.params), "meta": canonical(run.meta)}
    connection.insert("runs", row | {"status": "running", "samples": 0, "seal": None})


def insert_probe(connection: Connection, run_id: str, position: int, probe: Probe, epochs: int) -> None:
    """Insert a probe of a run, with the tools that it declares."""
    definition = probe_to_json(probe)
    probe_hash = content_hash(definition)
    connection.insert(
        "probes",
        {
            "hash": probe_hash,
            "probe_id": probe.id,
            "template": probe.template,
            "family": probe.family,
            "purpose": probe.purpose,
            # Probe.hash, without building all of it a second time
            "request_hash": content_hash(definition["exchanges"]),
            "definition": canonical(definition),
        },
        ignore=True,
    )
    connection.insert(
        "run_probes",
        {
            "run_id": run_id,
            "probe_id": probe.id,
            "position": position,
            "probe_hash": probe_hash,
            "epochs": epochs,
        },
    )
    # A tool that several exchanges offer counts once, as offered last.
    for tool in {tool.name: tool for exchange in probe.exchanges for tool in exchange.tools}.values():
        _insert_tool_schema(connection, run_id, probe.id, tool.name, "declared", tool.input_schema)


def _insert_tool_schema(
    connection: Connection, run_id: str, probe_id: str, tool: str, source: str, schema: JSON
) -> None:
    values = {"run_id": run_id, "probe_id": probe_id, "tool": readable(tool), "source": source}
    connection.insert(
        "tool_schemas", values | {"document_hash": insert_document(connection, schema)}, ignore=True
    )


def insert_document(connection: Connection, document: JSON) -> str:
    """Insert a JSON value, once, and return its content hash; StoreError when it is not JSON."""
    try:
        text = canonical(document)
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreError(f"a document is not JSON: {error}") from None
    document_hash = hashlib.sha256(text.encode("ascii")).hexdigest()
    connection.write("insert or ignore into documents (hash, json) values (?, ?)", (document_hash, text))
    return document_hash


def seal(rows: Iterable[Row]) -> str:
    """Return `content_hash` of the list of rows [probe id, epoch, outcome, document hash], however many."""
    digest = hashlib.sha256(b"[")
    for number, row in enumerate(rows):
        digest.update((b"," if number else b"") + canonical(tuple(row)).encode("ascii"))
    digest.update(b"]")
    return digest.hexdigest()


def close_run(connection: Connection, run: Run) -> Run:
    """Give a stored run its last status, time and meta; count its samples; seal it when it is complete.

    A complete run keeps what its calls say of each tool's arguments, beside what was declared.
    """
    if run.status == "complete":
        for probe_id, tool, schema in inferred_schemas(connection, run.id):
            _insert_tool_schema(connection, run.id, probe_id, tool, "inferred", schema)
    counted = connection.row("select count(*) as samples from samples where run_id = ?", (run.id,))
    assert counted is not None
    closed = replace(
        run,
        samples=counted["samples"],
        seal=seal(connection.rows(SEALED_COLUMNS, (run.id,))) if run.status == "complete" else None,
    )
    connection.write(
        "update runs set status = ?, finished_at = ?, samples = ?, seal = ?, meta = ? where id = ?",
        (closed.status, closed.finished_at, closed.samples, closed.seal, canonical(closed.meta), closed.id),
    )
    return closed


def drop_unused_document(connection: Connection, document_hash: str) -> None:
    """Delete a document to which nothing points any more."""
    connection.write(
        "delete from documents where hash = :hash"
        " and not exists (select 1 from samples where document_hash = :hash)"
        " and not exists (select 1 from tool_schemas where document_hash = :hash)",
        {"hash": document_hash},
    )


def insert_comparison(connection: Connection, document: ComparisonDocument, text: str) -> None:
    """Insert a comparison, whose JSON is `text`, and one row for each finding."""
    baseline, candidate, control = document["baseline"], document["candidate"], document["control"]
    connection.insert(
        "comparisons",
        {
            "id": document["id"],
            "created_at": document["created_at"],
            "baseline_id": baseline["id"],
            "baseline_target": baseline["target"],
            "baseline_label": baseline["label"],
            "candidate_id": candidate["id"],
            "candidate_target": candidate["target"],
            "candidate_label": candidate["label"],
            "control_id": control["id"] if control else None,
            "profile": document["profile"],
            "verdict": document["verdict"],
            "exit_code": document["gate"]["exit_code"],
            "tests_run": document["tests_run"],
            "false_discovery_rate": document["false_discovery_rate"],
            "drift_version": document["drift_version"],
            "document": text,
        },
    )
    for position, finding in enumerate(document["findings"], 1):
        evidence = finding["evidence"]
        connection.insert(
            "findings",
            {
                "comparison_id": document["id"],
                "position": position,
                **{name: finding[name] for name in ("fingerprint", "rule", "area", "axis", "level")},
                "evidence_class": finding["evidence_class"],
                "family": readable(finding["family"]),
                "probe": finding["probe"],
                "path": readable(finding["path"]),
                "before": canonical(finding["before"]),
                "after": canonical(finding["after"]),
                **{name: evidence[name] for name in ("effect", "unit", "p", "q")},
                "state": finding["state"],
                "explanation": readable(finding["explanation"]),
                "remedy": readable(finding["remedy"]),
            },
        )
