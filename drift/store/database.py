# The one door to the database: record a run sample by sample, seal it, find it again, read it back.
# Owns: what a row means, sample ids, the seal. Refuses to know: providers, observations, judging.
"""The store: runs, samples and comparisons in one SQLite file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from sqlite3 import Row
from typing import Any, Self

from drift.canonical import canonical, content_hash
from drift.errors import StoreError, UsageError
from drift.model import (
    JSON,
    Outcome,
    Probe,
    Run,
    RunStatus,
    Sample,
    Snapshot,
    probe_from_json,
    probe_to_json,
)
from drift.store.connection import Connection
from drift.store.naming import Named, name_runs, resolve


class Store:
    """An open database. Use it as a context manager, from one thread.

    Every method raises StoreError when the file cannot be read or written.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, create: bool = True, readonly: bool = False) -> Self:
        """Open a database; a new one is made when `create` is set and nothing is there.

        A file of an older drift is migrated, after a copy of it was put beside it. Reading only never writes.

        Raises:
            UsageError: there is no such file (and `create` is off, or `readonly` on).
            StoreError: a directory, not SQLite, damaged, of another program, unwritable, or of a newer drift.
        """
        return cls(Connection(path, create=create, readonly=readonly))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._connection.path

    def transaction(self) -> AbstractContextManager[None]:
        """All writes of the block or none; blocks nest."""
        return self._connection.transaction()

    # Recording

    def begin_run(self, run: Run, probes: Sequence[Probe], epochs: Mapping[str, int]) -> None:
        """Store a run that is about to ask `probes`.

        Args:
            run: its status is `running`; `samples` and `seal` are kept by the store itself.
            probes: in the order of the suite.
            epochs: how often each is asked, by probe id; without an entry as often as the probe says.

        Raises:
            UsageError: the id is taken, a probe id occurs twice, or the run is not `running`.
        """
        if run.status != "running":
            raise UsageError(f"run {run.id} begins as {run.status}", "begin with status running")
        with self.transaction():
            if self._connection.row("select 1 from runs where id = ?", (run.id,)):
                raise UsageError(f"run {run.id} exists", "take another id")
            self.insert_run(run)
            for position, probe in enumerate(probes, 1):
                self.insert_probe(run.id, position, probe, epochs.get(probe.id, probe.epochs))

    def add_sample(
        self,
        run_id: str,
        probe_id: str,
        epoch: int,
        outcome: Outcome,
        document: JSON,
        dialect: str,
        latency_ms: float | None,
        recorded_at: str | None,
    ) -> str:
        """Store one sample for good (on disk when this returns) and return its id.

        A sample that `failed` may be replaced by another attempt; every other one is final.

        Raises:
            UsageError: (run, probe, epoch) is stored already, or the run does not ask this probe.
            StoreError: the run is complete, or the document is not JSON.
        """
        key = (run_id, probe_id, epoch)
        with self.transaction():
            if not self._connection.row(
                "select 1 from run_probes where run_id = ? and probe_id = ?", key[:2]
            ):
                raise UsageError(f"run {run_id} does not ask probe {probe_id}", "begin a run with this probe")
            stored = self._connection.row(
                "select outcome from samples where run_id = ? and probe_id = ? and epoch = ?", key
            )
            if stored and stored["outcome"] != "failed":
                raise UsageError(f"run {run_id} has a sample of {probe_id}, epoch {epoch}", "skip it")
            if stored:
                self._connection.write(
                    "delete from samples where run_id = ? and probe_id = ? and epoch = ?", key
                )
            else:
                self._connection.write("update runs set samples = samples + 1 where id = ?", key[:1])
            document_hash = self.insert_document(document)
            sample_id = sample_name(*key, document_hash)
            self._connection.insert(
                "samples",
                {
                    "id": sample_id,
                    "run_id": run_id,
                    "probe_id": probe_id,
                    "epoch": epoch,
                    "outcome": outcome,
                    "document_hash": document_hash,
                    "dialect": dialect,
                    "latency_ms": latency_ms,
                    "recorded_at": recorded_at,
                },
            )
            return sample_id

    def finish_run(self, run_id: str, status: RunStatus, meta: Mapping[str, JSON] | None = None) -> Run:
        """End a run and return it as stored.

        Args:
            run_id: the run.
            status: `complete` seals it: nothing in it can change from then on. `incomplete` may be resumed.
            meta: merged over what the run keeps as `meta`.

        Raises:
            UsageError: the run is unknown or complete already, or to be complete while samples are missing.
        """
        run = self.run(run_id)
        if run.status == "complete":
            raise UsageError(f"run {run_id} is complete", "start another run")
        if status == "complete":
            self._refuse_gaps(run)
        with self.transaction():
            self._connection.write(
                "update runs set status = ?, finished_at = ?, seal = ?, meta = ? where id = ?",
                (
                    status,
                    datetime.now(UTC).isoformat(timespec="milliseconds"),
                    self.seal_of(run_id) if status == "complete" else None,
                    canonical({**run.meta, **(meta or {})}),
                    run_id,
                ),
            )
        return self.run(run_id)

    def _refuse_gaps(self, run: Run) -> None:
        if not run.samples:
            raise UsageError(f"run {run.id} has no sample", "it stays incomplete")
        missing = self.missing(run.id)
        if missing:
            probe_id, epoch = missing[0]
            raise UsageError(
                f"run {run.id} still misses {len(missing)} samples, such as {probe_id}, epoch {epoch}",
                "ask them, or finish it as incomplete",
            )

    def seal_of(self, run_id: str) -> str:
        """Hash the list of [probe_id, epoch, outcome, document hash], ordered by probe id and epoch."""
        rows = self._connection.rows(
            "select probe_id, epoch, outcome, document_hash from samples "
            "where run_id = ? order by probe_id, epoch",
            (run_id,),
        )
        return seal(tuple(row) for row in rows)

    def insert_run(self, run: Run) -> None:
        """Insert a run as `running` and empty, inside the open transaction."""
        row = {field.name: getattr(run, field.name) for field in fields(Run)}
        row |= {"params": canonical(run.params), "meta": canonical(run.meta)}
        row |= {"status": "running", "samples": 0, "seal": None}
        self._connection.insert("runs", row)

    def insert_probe(self, run_id: str, position: int, probe: Probe, epochs: int) -> None:
        """Insert a probe of a run with its tools, inside the open transaction."""
        definition = probe_to_json(probe)
        probe_hash = content_hash(definition)
        self._connection.insert(
            "probes",
            {
                "hash": probe_hash,
                "probe_id": probe.id,
                "template": probe.template,
                "family": probe.family,
                "purpose": probe.purpose,
                "request_hash": probe.hash,
                "definition": canonical(definition),
            },
            ignore=True,
        )
        if self._connection.row(
            "select 1 from run_probes where run_id = ? and probe_id = ?", (run_id, probe.id)
        ):
            raise UsageError(f"probe {probe.id} occurs twice", "give each probe an id of its own")
        self._connection.insert(
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
            self._connection.insert(
                "tool_schemas",
                {
                    "run_id": run_id,
                    "probe_id": probe.id,
                    "tool": readable(tool.name),
                    "source": "declared",
                    "document_hash": self.insert_document(tool.input_schema),
                },
                ignore=True,
            )

    def insert_document(self, document: JSON) -> str:
        """Insert a JSON value, once, inside the open transaction, and return its content hash."""
        try:
            text = canonical(document)
        except (ValueError, TypeError, RecursionError) as error:
            raise StoreError(f"a document is not JSON: {error}") from None
        document_hash = hashlib.sha256(text.encode("ascii")).hexdigest()
        self._connection.write(
            "insert or ignore into documents (hash, json) values (?, ?)", (document_hash, text)
        )
        return document_hash

    # Reading

    def run(self, run_id: str) -> Run:
        """Return a run by its exact id; UsageError when there is none."""
        row = self._connection.row("select * from runs where id = ?", (run_id,))
        if row is None:
            raise UsageError(f"there is no run {run_id}", "list the runs with `drift history`")
        return _run(row)

    def runs(
        self,
        target: str | None = None,
        dataset: str | None = None,
        label: str | None = None,
        status: RunStatus | None = None,
        limit: int | None = None,
    ) -> list[Run]:
        """Return the runs that have all the given values, newest first."""
        # Instants are compared as instants, not as texts: an import may bring another offset than ours.
        rows = self._connection.rows(
            "select * from runs where (:target is null or target = :target)"
            " and (:dataset is null or dataset = :dataset) and (:label is null or label = :label)"
            " and (:status is null or status = :status)"
            " order by julianday(created_at) desc, rowid desc limit :limit",
            {
                "target": target,
                "dataset": dataset,
                "label": label,
                "status": status,
                "limit": -1 if limit is None else limit,
            },
        )
        return [_run(row) for row in rows]

    def resolve(self, name: str) -> Run:
        """Return the run that a person means.

        Tried in this order; the first that fits decides:

        1. the id of a run, whatever its status;
        2. a name of complete runs, compared as a whole text (it is never cut at `@`, `:` or `/`).
           An import is `DATASET:TARGET@LABEL`, `TARGET@LABEL`, `DATASET:TARGET` or `TARGET`, and every label
           is a version of its own. A live run is `TARGET@LABEL`, or `TARGET` for the newest under any label.
           Among runs of one name the newest wins: for live runs the one that began last, for imports (which
           carry old dates) the one that was stored last;
        3. the beginning of exactly one id, whatever the status of the run.

        Raises:
            UsageError: several runs fit one step (they are listed), or none (near names are listed).
        """
        if self._connection.row("select 1 from runs where id = ?", (name,)):
            return self.run(name)
        named = self._named()
        run_id = resolve(name, named) or self._by_prefix(
            name, "select id from runs where substr(id, 1, length(:prefix)) = :prefix"
        )
        if run_id is not None:
            return self.run(run_id)
        unfinished = self._connection.row(
            "select id, status from runs where status <> 'complete' and ? in (target, target || '@' || label)"
            " order by julianday(created_at) desc, rowid desc",
            (name,),
        )
        if unfinished:
            raise UsageError(
                f"{name!r} has no complete run", f"its newest is {unfinished['id']}, {unfinished['status']}"
            )
        near = get_close_matches(name, [text for entry in named for text in entry.names], n=5, cutoff=0.5)
        raise UsageError(
            f"there is no run {name!r}",
            f"did you mean {', '.join(near)}?" if near else "list the runs with `drift history`",
        )

    def _named(self) -> list[Named]:
        rows = self._connection.rows(
            "select id, dataset, target, label from runs where status = 'complete' "
            "order by case when dataset is null then julianday(created_at) end desc, rowid desc"
        )
        return list(name_runs(tuple(row) for row in rows))

    def _by_prefix(self, prefix: str, query: str) -> str | None:
        """Return the only id that a query finds for `prefix`; UsageError when there are several."""
        ids = [row["id"] for row in self._connection.rows(query, {"prefix": prefix})] if prefix else []
        if len(ids) > 1:
            raise UsageError(f"{prefix!r} begins more than one id", f"say which: {', '.join(ids[:20])}")
        return ids[0] if ids else None

    def probes(self, run_id: str) -> dict[str, Probe]:
        """Return the probes of a run by id, in the order of the suite."""
        rows = self._connection.rows(
            "select definition from run_probes join probes on probes.hash = run_probes.probe_hash "
            "where run_id = ? order by position",
            (run_id,),
        )
        probes = (probe_from_json(json.loads(row["definition"])) for row in rows)
        return {probe.id: probe for probe in probes}

    def samples(self, run_id: str) -> Iterator[Sample]:
        """Yield the samples of a run, ordered by probe id and epoch, without holding them in memory."""
        with self._connection.errors():
            for row in self._connection.rows(
                "select id, probe_id, epoch, outcome, json, dialect, latency_ms, recorded_at "
                "from samples join documents on documents.hash = samples.document_hash "
                "where run_id = ? order by probe_id, epoch",
                (run_id,),
            ):
                sample_id, probe_id, epoch, outcome, text, dialect, latency_ms, recorded_at = row
                yield Sample(
                    id=sample_id,
                    probe_id=probe_id,
                    epoch=epoch,
                    outcome=outcome,
                    document=json.loads(text),
                    dialect=dialect,
                    latency_ms=latency_ms,
                    recorded_at=recorded_at,
                )

    def snapshot(self, run_id: str) -> Snapshot:
        """Return a run with its probes and samples."""
        return Snapshot(self.run(run_id), self.probes(run_id), tuple(self.samples(run_id)))

    def missing(self, run_id: str, *, retry_failed: bool = False) -> list[tuple[str, int]]:
        """Return what is still to be asked as (probe id, epoch): epoch by epoch, in the order of the suite.

        Args:
            run_id: a run; a complete one misses nothing.
            retry_failed: count samples that `failed` as missing.
        """
        if self.run(run_id).status == "complete":
            return []
        rows = self._connection.rows(
            "with recursive wanted (position, probe_id, epoch, epochs) as ("
            "  select position, probe_id, 1, epochs from run_probes where run_id = :run"
            "  union all select position, probe_id, epoch + 1, epochs from wanted where epoch < epochs"
            ") select probe_id, epoch from wanted where not exists ("
            "  select 1 from samples where run_id = :run and samples.probe_id = wanted.probe_id"
            "  and samples.epoch = wanted.epoch and (outcome <> 'failed' or not :retry_failed)"
            ") order by epoch, position",
            {"run": run_id, "retry_failed": retry_failed},
        )
        return [(row["probe_id"], row["epoch"]) for row in rows]


def sample_name(run_id: str, probe_id: str, epoch: int, document_hash: str) -> str:
    """Return the id of a sample: 16 hex digits that follow from what it is, so no export has to carry it."""
    return content_hash([run_id, probe_id, epoch, document_hash])[:16]


def seal(rows: Iterable[tuple[Any, ...]]) -> str:
    """Return `content_hash` of the list of rows without building the list."""
    digest = hashlib.sha256(b"[")
    for number, row in enumerate(rows):
        digest.update((b"," if number else b"") + canonical(row).encode("ascii"))
    digest.update(b"]")
    return digest.hexdigest()


def readable(text: str) -> str:
    """Return text for a column that people read: a lone surrogate, which SQLite cannot store, becomes `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _run(row: Row) -> Run:
    values = {name: row[name] for name in Run.__dataclass_fields__}
    return Run(**{**values, "params": json.loads(values["params"]), "meta": json.loads(values["meta"])})
