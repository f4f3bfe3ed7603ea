# How fast samples go into the store and come out, as a ratio against plain sqlite3 on the same machine.
# Owns: the workload. Refuses to know: what is fast enough; docs say what was measured.

"""Time the store: `python -m bench.store [SAMPLES]` (100,000 unless told).

Machines differ and are shared, so rows a second say little alone: every figure stands beside plain sqlite3 doing the
least that could be called the same work, in the same run. The least is one table, a JSON text a row, no hash, no
reference and no seal. Seconds are those of the processor, which a busy machine does not stretch; only where every
sample is synced to disk, waiting is the work, and the clock on the wall counts.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from drift.importers import import_files
from drift.model import Exchange, Message, Probe, Run
from drift.store import Store

EPOCHS = 10
RUN_ID = "bench00000000"


def document(number: int) -> dict[str, Any]:
    """Return a reply of ordinary size: about 1.3 kB of JSON."""
    text = f"Answer number {number}: " + "the quick brown fox jumps over the lazy dog. " * 8
    return {
        "exchanges": [
            {
                "dialect": "anthropic",
                "operation": "generate",
                "request": {"method": "POST", "path": "/v1/messages", "headers": {}, "body": {"model": "m"}},
                "status": 200,
                "headers": {"request-id": f"req_{number:012}", "content-type": "application/json"},
                "body": {
                    "id": f"msg_{number:012}",
                    "type": "message",
                    "role": "assistant",
                    "model": "claude-x",
                    "content": [{"type": "text", "text": text}],
                    "stop_reason": "end_turn",
                    "usage": {"input_tokens": 20, "output_tokens": 90, "cache_read_input_tokens": 0},
                },
                "text": None,
                "events": None,
                "error": None,
                "latency_ms": 812.5,
                "first_event_ms": None,
                "attempts": 1,
                "retries": [],
            }
        ]
    }


def probes(samples: int) -> list[Probe]:
    """Return as many probes as the samples need."""
    return [
        Probe(
            f"bench/{n:06}",
            "bench",
            "bench",
            exchanges=(Exchange(messages=(Message("user", f"Question {n}"),)),),
        )
        for n in range(samples // EPOCHS)
    ]


def timed(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Return the seconds that some work takes."""
    start = clock()
    work()
    return clock() - start


def plain_insert(database: sqlite3.Connection, samples: int, *, one_by_one: bool) -> None:
    """Insert as plainly as sqlite3 can, each row in a transaction of its own or all in one."""
    rows = ((f"bench/{n // EPOCHS:06}", n % EPOCHS + 1, json.dumps(document(n))) for n in range(samples))
    if one_by_one:
        for row in rows:
            with database:
                database.execute("insert into samples values (?, ?, ?)", row)
    else:
        with database:
            database.executemany("insert into samples values (?, ?, ?)", rows)


def plain_read(database: sqlite3.Connection) -> None:
    """Read every row in order and parse its JSON."""
    for _, _, text in database.execute("select * from samples order by probe_id, epoch"):
        json.loads(text)


def store_insert(store: Store, run_id: str, samples: int) -> None:
    """Store samples as a runner does: each is on disk when `add_sample` returns."""
    for n in range(samples):
        store.add_sample(
            run_id,
            f"bench/{n // EPOCHS:06}",
            n % EPOCHS + 1,
            "response",
            document(n),
            "anthropic",
            812.5,
            None,
        )


def lines(samples: int) -> Iterator[str]:
    """Yield lines of recorded outputs."""
    for n in range(samples):
        yield (
            json.dumps(
                {
                    "dataset": "bench",
                    "target": "vendor/model",
                    "version_label": "v1",
                    "probe_id": f"bench/{n // EPOCHS:06}",
                    "sample": n % EPOCHS,
                    "recorded_at": "2026-11-01T00:00:00",
                    "prompt": f"Question {n // EPOCHS}",
                    "params": {"temperature": 0},
                    "output_raw": document(n)["exchanges"][0]["body"],
                }
            )
            + "\n"
        )


def say(what: str, rows: int, ours: float, plain: float, plain_rows: int) -> None:
    """Print one line of the result."""
    rate, base = rows / ours, plain_rows / plain
    print(f"{what:34} {rate:>9,.0f} rows/s {base:>11,.0f} rows/s {rate / base:>8.2f}")


def main(samples: int) -> None:
    """Run every measurement and print it."""
    few = min(samples, 2_000)
    run = Run(RUN_ID, "anthropic/m", "m", "anthropic", "running", "2026-11-01T00:00:00+00:00")
    print(
        f"{samples:,} samples of {len(json.dumps(document(0))):,} bytes; {few:,} where each is synced to disk"
    )
    print(f"{'':34} {'drift':>16} {'plain sqlite3':>18} {'ratio':>8}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(sqlite3.connect(folder / "plain.db")) as plain:
            plain.execute("pragma journal_mode = wal")
            plain.execute("pragma synchronous = full")
            plain.execute("create table samples (probe_id text, epoch integer, json text)")
            synced = timed(lambda: plain_insert(plain, few, one_by_one=True), time.perf_counter)
            plain.execute("delete from samples")
            plain.commit()
            bulk = timed(lambda: plain_insert(plain, samples, one_by_one=False))
            plain.execute("create index by_probe on samples (probe_id, epoch)")
            read = timed(lambda: plain_read(plain))
        with Store.open(folder / "synced.db") as store:
            store.begin_run(run, probes(few), {})
            ours = timed(lambda: store_insert(store, RUN_ID, few), time.perf_counter)
            say("add_sample, on disk one by one", few, ours, synced, few)
        with Store.open(folder / "drift.db") as store:

            def insert() -> None:
                with store.transaction():
                    store.begin_run(
                        run, probes(samples), dict.fromkeys((p.id for p in probes(samples)), EPOCHS)
                    )
                    store_insert(store, RUN_ID, samples)
                store.finish_run(RUN_ID, "complete")

            say("add_sample, one transaction, seal", samples, timed(insert), bulk, samples)
            say("samples", samples, timed(lambda: sum(1 for _ in store.samples(RUN_ID))), read, samples)
            say("snapshot", samples, timed(lambda: store.snapshot(RUN_ID)), read, samples)
            say("verify", samples, timed(store.verify), read, samples)
            path = folder / "export.jsonl"

            def export() -> None:
                with path.open("w", encoding="utf-8") as file:
                    store.export_runs([RUN_ID], file)

            say("export_runs", samples, timed(export), read, samples)
        recorded = folder / "recorded.jsonl"
        with recorded.open("w", encoding="utf-8") as file:
            file.writelines(lines(samples))
        for what, file_in in (("import of recorded outputs", recorded), ("import of the export", path)):
            with Store.open(folder / f"{file_in.stem}.db") as store:
                say(what, samples, timed(lambda: import_files(store, [file_in])), bulk, samples)  # noqa: B023 - at once
        size = (folder / "drift.db").stat().st_size / samples
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{size:,.0f} bytes a sample on disk; {memory:,.0f} MiB of memory at most (snapshot holds every sample)"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
