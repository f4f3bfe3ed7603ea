# The one door to the database: record a run sample by sample, seal it, find it again, read it back.
# Owns: who may write what and when, names of runs. Refuses to know: providers, observations, judging.
"""The store: runs, samples and comparisons in one SQLite file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Self, TextIO

from drift.canonical import canonical, inert
from drift.collector import without_collector
from drift.documents import ComparisonDocument
from drift.errors import UsageError
from drift.model import JSON, Outcome, Probe, Run, RunStatus, Sample, Snapshot, probe_from_json
from drift.store import catalogues, rows, surfaces
from drift.store.catalogues import StoredCatalogue
from drift.store.connection import Connection
from drift.store.intake import Intake
from drift.store.lines import LiveProbe, came_as_lines, line_of_document, line_of_sample
from drift.store.merge import merge
from drift.store.naming import Named, name_runs, resolve
from drift.store.surfaces import StoredSurface
from drift.store.verify import problems


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

    @property
    def backup(self) -> Path | None:
        """The copy that opening made of a file of an older drift before migrating it, else None."""
        return self._connection.backup

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
        if len({probe.id for probe in probes}) < len(probes):
            raise UsageError(f"run {run.id} names a probe twice", "give each probe an id of its own")
        with self.transaction():
            if self._connection.row("select 1 from runs where id = ?", (run.id,)):
                raise UsageError(f"run {run.id} exists", "take another id")
            rows.insert_run(self._connection, run)
            for position, probe in enumerate(probes, 1):
                rows.insert_probe(
                    self._connection, run.id, position, probe, epochs.get(probe.id, probe.epochs)
                )

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
        connection = self._connection
        with self.transaction():
            if not connection.row("select 1 from run_probes where run_id = ? and probe_id = ?", key[:2]):
                raise UsageError(f"run {run_id} does not ask probe {probe_id}", "begin a run with this probe")
            stored = connection.row(
                "select outcome, document_hash from samples where run_id = ? and probe_id = ? and epoch = ?",
                key,
            )
            if stored and stored["outcome"] != "failed":
                raise UsageError(f"run {run_id} has a sample of {probe_id}, epoch {epoch}", "skip it")
            if stored:
                connection.write("delete from samples where run_id = ? and probe_id = ? and epoch = ?", key)
            else:
                connection.write("update runs set samples = samples + 1 where id = ?", key[:1])
            document_hash = rows.insert_document(connection, document)
            sample_id = rows.sample_name(*key, document_hash)
            connection.write(
                rows.INSERT_SAMPLE,
                (sample_id, *key, outcome, document_hash, dialect, latency_ms, recorded_at),
            )
            if stored:
                rows.drop_unused_document(connection, stored["document_hash"])
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
        with self.transaction():
            run = self.run(run_id)
            if run.status == "complete":
                raise UsageError(f"run {run_id} is complete", "start another run")
            if status == "complete":
                self._refuse_gaps(run)
            ended = replace(
                run,
                status=status,
                finished_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                meta={**run.meta, **(meta or {})},
            )
            return rows.close_run(self._connection, ended)

    def _refuse_gaps(self, run: Run) -> None:
        missing = self.missing(run.id)
        if missing:
            probe_id, epoch = missing[0]
            raise UsageError(
                f"run {run.id} still misses {len(missing)} samples, such as {probe_id}, epoch {epoch}",
                "ask them, or finish it as incomplete",
            )
        if not run.samples:
            raise UsageError(f"run {run.id} has no sample", "finish it as incomplete")

    @contextmanager
    def intake(self) -> Iterator[Intake]:
        """Take in many samples of several runs, in any order: all of the block or nothing."""
        with self.transaction():
            intake = Intake(self._connection)
            yield intake
            intake.close()

    # Reading

    def run(self, run_id: str) -> Run:
        """Return a run by its exact id; UsageError when there is none."""
        row = self._connection.row("select * from runs where id = ?", (run_id,))
        if row is None:
            raise UsageError(f"there is no run {run_id}", "list the runs with `drift history`")
        return rows.run_of(row)

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
        found = self._connection.rows(
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
        return [rows.run_of(row) for row in found]

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
        known = dict.fromkeys(text for entry in named for text in entry.names)
        near = get_close_matches(name, known, n=5, cutoff=0.5)
        raise UsageError(
            f"there is no run {name!r}",
            f"did you mean {', '.join(near)}?" if near else "list the runs with `drift history`",
        )

    def _named(self) -> list[Named]:
        found = self._connection.rows(
            "select id, dataset, target, label from runs where status = 'complete' "
            "order by case when dataset is null then julianday(created_at) end desc, rowid desc"
        )
        return list(name_runs((row["id"], row["dataset"], row["target"], row["label"]) for row in found))

    def _by_prefix(self, prefix: str, query: str) -> str | None:
        """Return the only id that a query finds for `prefix`; UsageError when there are several."""
        ids = [row["id"] for row in self._connection.rows(query, {"prefix": prefix})] if prefix else []
        if len(ids) > 1:
            raise UsageError(f"{prefix!r} begins more than one id", f"say which: {', '.join(ids[:20])}")
        return ids[0] if ids else None

    def probes(self, run_id: str) -> dict[str, Probe]:
        """Return the probes of a run by id, in the order of the suite."""
        return {asked.probe.id: asked.probe for asked in self._asked(run_id)}

    def _asked(self, run_id: str) -> Iterator[LiveProbe]:
        for row in self._connection.rows(
            "select definition, position, run_probes.epochs from run_probes"
            " join probes on probes.hash = run_probes.probe_hash where run_id = ? order by position",
            (run_id,),
        ):
            yield LiveProbe(probe_from_json(json.loads(row["definition"])), row["position"], row["epochs"])

    def samples(self, run_id: str) -> Iterator[Sample]:
        """Yield the samples of a run, ordered by probe id and epoch, without holding them in memory."""
        for row in self._connection.rows(
            "select samples.id, probe_id, epoch, outcome, json, dialect, latency_ms, recorded_at"
            " from samples join documents on documents.hash = samples.document_hash"
            " where run_id = ? order by probe_id, epoch",
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
        with without_collector():
            return Snapshot(self.run(run_id), self.probes(run_id), tuple(self.samples(run_id)))

    def missing(self, run_id: str, *, retry_failed: bool = False) -> list[tuple[str, int]]:
        """Return what is still to be asked as (probe id, epoch): epoch by epoch, in the order of the suite.

        Args:
            run_id: a run; a complete one misses nothing.
            retry_failed: count samples that `failed` as missing.
        """
        if self.run(run_id).status == "complete":
            return []
        found = self._connection.rows(
            "with recursive wanted (position, probe_id, epoch, epochs) as ("
            "  select position, probe_id, 1, epochs from run_probes where run_id = :run"
            "  union all select position, probe_id, epoch + 1, epochs from wanted where epoch < epochs"
            ") select probe_id, epoch from wanted where not exists ("
            "  select 1 from samples where run_id = :run and samples.probe_id = wanted.probe_id"
            "  and samples.epoch = wanted.epoch and (outcome <> 'failed' or not :retry_failed)"
            ") order by epoch, position",
            {"run": run_id, "retry_failed": retry_failed},
        )
        return [(row["probe_id"], row["epoch"]) for row in found]

    # Comparisons

    def save_comparison(self, document: ComparisonDocument) -> None:
        """Store a comparison and its findings; the same one again changes nothing.

        Raises:
            UsageError: another comparison has this id.
        """
        text = canonical(document)
        with self.transaction():
            stored = self._connection.row("select document from comparisons where id = ?", (document["id"],))
            if stored:
                if stored["document"] != text:
                    raise UsageError(f"comparison {document['id']} exists and differs", "give it another id")
                return
            rows.insert_comparison(self._connection, document, text)

    def comparison(self, name: str) -> ComparisonDocument:
        """Return a comparison by its id or the beginning of exactly one; UsageError when there is none."""
        row = self._connection.row("select document from comparisons where id = ?", (name,))
        if row is None:
            found = self._by_prefix(
                name, "select id from comparisons where substr(id, 1, length(:prefix)) = :prefix"
            )
            if found is None:
                raise UsageError(
                    f"there is no comparison {name!r}",
                    "list the runs and their comparisons with `drift history`",
                )
            return self.comparison(found)
        document: ComparisonDocument = json.loads(row["document"])
        return document

    def comparisons(
        self,
        baseline_target: str | None = None,
        candidate_target: str | None = None,
        limit: int | None = None,
    ) -> Iterator[ComparisonDocument]:
        """Yield the comparisons that have the given targets, newest first."""
        for row in self._connection.rows(
            "select document from comparisons where (:baseline is null or baseline_target = :baseline)"
            " and (:candidate is null or candidate_target = :candidate)"
            " order by julianday(created_at) desc, rowid desc limit :limit",
            {
                "baseline": baseline_target,
                "candidate": candidate_target,
                "limit": -1 if limit is None else limit,
            },
        ):
            document: ComparisonDocument = json.loads(row["document"])
            yield document

    # Surfaces

    def save_surface(self, surface: Mapping[str, JSON], counts: Mapping[str, int], read_at: str) -> bool:
        """Store the surface of an SDK release; return whether it was new.

        Args:
            surface: as `drift.surface` reads it; known by the hash of its archive and the version of its reader.
            counts: what it has, and how many, for listings.
            read_at: ISO 8601 with offset; a surface that is stored already keeps the time of its first reading.
        """
        with self.transaction():
            return surfaces.save(self._connection, surface, counts, read_at)

    def surfaces(self, package: str | None = None, extractor: int | None = None) -> list[StoredSurface]:
        """Return the stored surfaces of a package and a reader (of all when None), the oldest release first."""
        return surfaces.listed(self._connection, package, extractor)

    def surface(self, sha256: str, extractor: int) -> dict[str, JSON] | None:
        """Return the surface that one reader took from one archive, or None when it is not stored."""
        return surfaces.document(self._connection, sha256, extractor)

    # Lists of models

    def save_catalogue(
        self,
        raw: JSON,
        *,
        platform: str,
        base_url: str | None,
        api_version: str | None,
        taken_at: str,
        models: int,
        complete: bool,
    ) -> str:
        """Store a raw list of models and return its id; see the table `catalogues` for the fields."""
        with self.transaction():
            return catalogues.save(
                self._connection,
                raw,
                platform=platform,
                base_url=base_url,
                api_version=api_version,
                taken_at=taken_at,
                models=models,
                complete=complete,
            )

    def catalogues(self, platform: str | None = None) -> list[StoredCatalogue]:
        """Return the stored lists of a platform (of all when None), host by host, the oldest first."""
        return catalogues.listed(self._connection, platform)

    def catalogue(self, catalogue_id: str) -> dict[str, JSON] | None:
        """Return a raw list by its id, or None when it is not stored."""
        return catalogues.document(self._connection, catalogue_id)

    # The whole file

    def verify(self) -> list[str]:
        """Hash every document and seal again and check every reference; return what is wrong as sentences."""
        return list(problems(self._connection))

    def export_runs(self, run_ids: Sequence[str], file: TextIO) -> None:
        """Write complete runs as JSON Lines of the import format, one sample a line.

        The order of runs and samples follows from their content, so the same runs give the same bytes.
        Importing the lines gives the same runs: ids, seals, probes, samples and documents.

        Raises:
            UsageError: a run is unknown or not complete.
        """
        runs = [self.run(run_id) for run_id in dict.fromkeys(run_ids)]
        for run in runs:
            if run.status != "complete":
                raise UsageError(f"run {run.id} is {run.status}", "only complete runs can be exported")
        for run in sorted(runs, key=lambda run: (run.dataset or "", run.target, run.label or "", run.id)):
            file.writelines(inert(canonical(line)) + "\n" for line in self._lines(run))

    def _lines(self, run: Run) -> Iterator[dict[str, JSON]]:
        if came_as_lines(run):
            yield from (line_of_document(run, sample) for sample in self.samples(run.id))
            return
        asked = {probe.probe.id: probe for probe in self._asked(run.id)}
        previous = None
        for sample in self.samples(run.id):
            yield line_of_sample(
                run,
                asked[sample.probe_id],
                sample,
                first_of_run=previous is None,
                first_of_probe=previous != sample.probe_id,
            )
            previous = sample.probe_id

    def merge(self, other: Path) -> list[str]:
        """Take over everything that another database holds, all or nothing; return the ids of the new runs.

        Raises:
            UsageError: there is no such file, or both keep something under one id that differs.
            StoreError: the other file cannot be read, is damaged, or is of another version of drift.
        """
        return merge(self._connection, other)
