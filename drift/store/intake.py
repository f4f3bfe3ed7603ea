# Samples that arrive in any order and for many runs at once, in one transaction: nothing of a bad file stays.
# Owns: the staging tables. Refuses to know: the format that the samples came in.
"""Store many samples whose runs are known, and named by their content, only when all have been seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from drift.canonical import canonical, content_hash
from drift.model import JSON, Outcome, Probe, Run
from drift.store import rows
from drift.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Staged:
    """One sample on its way in.

    Attributes:
        line: where it stands in its file, from 1.
        request: what was asked, as JSON: a probe whose samples differ in it was not asked one thing.
        others: see `drift.model.Sample`.
    """

    probe_id: str
    epoch: int
    outcome: Outcome
    document: JSON
    line: int
    request: JSON = None
    dialect: str = "recorded"
    latency_ms: float | None = None
    recorded_at: str | None = None


@dataclass(frozen=True, slots=True)
class StagedProbe:
    """What a run asked under one probe id.

    Attributes:
        samples: number of samples.
        epochs: highest epoch.
        requests: number of different requests.
        document: of the sample with the lowest epoch.
    """

    probe_id: str
    samples: int
    epochs: int
    requests: int
    document: JSON


class DuplicateSampleError(Exception):
    """A sample with this probe id and epoch is there already; `line` is where."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}")


class Intake:
    """Staging area inside one transaction; see `Store.intake`. Runs are numbered by the caller."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # In temporary tables, so that memory stays bounded whatever the size of a file.
        connection.write(
            "create temp table staged (run integer, probe_id text, epoch integer, line integer, outcome text,"
            " document_hash text, request text, dialect text, latency_ms real, recorded_at text,"
            " primary key (run, probe_id, epoch)) strict, without rowid"
        )
        connection.write(
            "create temp table facts (run integer, name text, value text, primary key (run, name, value))"
            " strict, without rowid"
        )
        self._latest: dict[tuple[int, str], str] = {}

    def close(self) -> None:
        """Drop the staging tables."""
        self._connection.write("drop table temp.staged")
        self._connection.write("drop table temp.facts")

    def stage(self, run: int, sample: Staged) -> None:
        """Take a sample in; DuplicateSampleError when the run has one with this probe id and epoch."""
        fresh = self._connection.write(
            "insert or ignore into temp.staged values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run,
                sample.probe_id,
                sample.epoch,
                sample.line,
                sample.outcome,
                rows.insert_document(self._connection, sample.document),
                content_hash(sample.request),
                sample.dialect,
                sample.latency_ms,
                sample.recorded_at,
            ),
        )
        if not fresh:
            row = self._connection.row(
                "select line from temp.staged where run = ? and probe_id = ? and epoch = ?",
                (run, sample.probe_id, sample.epoch),
            )
            assert row is not None
            raise DuplicateSampleError(row["line"])

    def note(self, run: int, name: str, value: JSON) -> None:
        """Remember a value that samples of a run share, or do not."""
        text = canonical(value)
        if self._latest.get((run, name)) != text:
            self._latest[run, name] = text
            self._connection.write("insert or ignore into temp.facts values (?, ?, ?)", (run, name, text))

    def noted(self, run: int, name: str) -> Iterator[JSON]:
        """Yield the different values noted under a name, in order of their canonical text."""
        for row in self._connection.rows(
            "select value from temp.facts where run = ? and name = ? order by value", (run, name)
        ):
            yield json.loads(row["value"])

    def seal(self, run: int) -> str:
        """Return the seal that the run will have; it does not depend on the order of arrival."""
        return rows.seal(
            self._connection.rows(
                "select probe_id, epoch, outcome, document_hash from temp.staged"
                " where run = ? order by probe_id, epoch",
                (run,),
            )
        )

    def probes(self, run: int) -> Iterator[StagedProbe]:
        """Yield the probes of a run by id."""
        # Of the bare columns beside min() SQLite takes the values of the row with the minimum.
        for row in self._connection.rows(
            "select probe_id, samples, epochs, requests, json from ("
            "  select probe_id, count(*) as samples, max(epoch) as epochs,"
            "    count(distinct request) as requests, min(epoch), document_hash"
            "  from temp.staged where run = ? group by probe_id"
            ") join documents on documents.hash = document_hash order by probe_id",
            (run,),
        ):
            yield StagedProbe(
                row["probe_id"], row["samples"], row["epochs"], row["requests"], json.loads(row["json"])
            )

    def existing(self, run_id: str) -> Run | None:
        """Return the run with this id that the database holds already."""
        row = self._connection.row("select * from runs where id = ?", (run_id,))
        return rows.run_of(row) if row else None

    def namesake(self, run: Run) -> Run | None:
        """Return the complete run that dataset, target and label name before `run` is stored."""
        row = self._connection.row(
            "select * from runs where status = 'complete' and (dataset, target, label) is (?, ?, ?)"
            " order by rowid desc limit 1",
            (run.dataset, run.target, run.label),
        )
        return rows.run_of(row) if row else None

    def store(self, number: int, run: Run, probes: Iterable[tuple[Probe, int]]) -> Run:
        """Store a staged run for good, with its own status and times, sealed when it is complete.

        Args:
            number: the caller's number of the run.
            run: `samples` and `seal` are set here.
            probes: with their epochs, in the order of the suite; every staged sample's probe is among them.
        """
        rows.insert_run(self._connection, run)
        for position, (probe, epochs) in enumerate(probes, 1):
            rows.insert_probe(self._connection, run.id, position, probe, epochs)
        staged = self._connection.rows(
            "select probe_id, epoch, outcome, document_hash, dialect, latency_ms, recorded_at"
            " from temp.staged where run = ? order by probe_id, epoch",
            (number,),
        )
        self._connection.write_many(
            rows.INSERT_SAMPLE,
            (
                (rows.sample_name(run.id, row["probe_id"], row["epoch"], row["document_hash"]), run.id, *row)
                for row in staged
            ),
        )
        return rows.close_run(self._connection, run)
