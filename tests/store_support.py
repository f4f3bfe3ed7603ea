# Small values for the tests of the store and the importers.
# Owns: makers with defaults. Refuses to know: any expectation.

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from drift.model import Exchange, Message, Probe, Run, Tool
from drift.store import Store

RUN_ID = "run0123456789"

WEATHER = Tool("weather", "Weather of a city", {"type": "object", "properties": {"city": {"type": "string"}}})


def make_run(run_id: str = RUN_ID, **fields: Any) -> Run:
    values: dict[str, Any] = {
        "id": run_id,
        "target": "anthropic/claude-x",
        "requested_model": "claude-x",
        "platform": "anthropic",
        "status": "running",
        "created_at": "2026-11-01T02:00:00+00:00",
        "vendor": "anthropic",
        "sdk": "anthropic 2.12.0",
        "params": {"temperature": 0},
        "suite": "smoke",
        "suite_hash": "5" * 64,
        "epochs": 2,
        "meta": {"price": {"input": "1.5"}},
    }
    return Run(**{**values, **fields})


def make_probe(probe_id: str = "json.plain/01", **fields: Any) -> Probe:
    values: dict[str, Any] = {
        "template": probe_id.rsplit("/", 1)[0],
        "family": "json_format",
        "purpose": "machine",
        "exchanges": (Exchange(messages=(Message("user", f"Answer {probe_id}."),), max_tokens=50),),
    }
    return Probe(id=probe_id, **{**values, **fields})


def reply(text: str = "{}", *, status: int = 200, model: str = "claude-x-20261101") -> dict[str, Any]:
    """Return the raw document of a live sample."""
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 11, "output_tokens": 3},
    }
    return {
        "exchanges": [
            {
                "dialect": "anthropic",
                "operation": "generate",
                "request": {
                    "method": "POST",
                    "path": "/v1/messages",
                    "headers": {},
                    "body": {"model": "claude-x"},
                },
                "status": status,
                "headers": {"request-id": "req_1"},
                "body": body if status == 200 else {"type": "error", "error": {"type": "x", "message": text}},
                "text": None,
                "events": None,
                "error": None,
                "latency_ms": 12.5,
                "first_event_ms": None,
                "attempts": 1,
                "retries": [],
            }
        ]
    }


def add(
    store: Store, run_id: str, probe_id: str, epoch: int, text: str = "{}", outcome: Any = "response"
) -> str:
    return store.add_sample(
        run_id, probe_id, epoch, outcome, reply(text), "anthropic", 12.5, "2026-11-01T02:00:01+00:00"
    )


def store_run(store: Store, run: Run, probes: tuple[Probe, ...] = (make_probe(),), epochs: int = 1) -> Run:
    """Store a whole run and seal it; every answer differs."""
    store.begin_run(run, probes, dict.fromkeys((probe.id for probe in probes), epochs))
    for probe_id, epoch in store.missing(run.id):
        add(store, run.id, probe_id, epoch, f"{run.id} {probe_id} {epoch}")
    return store.finish_run(run.id, "complete")


def line(**fields: Any) -> dict[str, Any]:
    """Return one line of recorded outputs."""
    return {
        "dataset": "set",
        "target": "vendor/model-1",
        "version_label": "v1",
        "probe_id": "p1",
        "sample": 0,
        "recorded_at": "2025-01-02T03:04:05",
        "prompt": "Is 7 prime?",
        "params": {"temperature": 0},
        "output_text": "Yes",
        **fields,
    }


def write_lines(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in lines), encoding="utf-8")
    return path


def database_rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything a database file holds, table by table."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as database:
        tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
        return {
            table: sorted(database.execute(f"select * from {table}").fetchall(), key=repr) for table in tables
        }


def make_finding(number: int, **fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "fingerprint": f"{number:012x}",
        "rule": "text-markdown-fence-added",
        "area": "output",
        "direction": "response",
        "axis": "model",
        "level": "breaking",
        "default_level": "breaking",
        "level_steps": [],
        "evidence_class": "statistical",
        "tags": [],
        "family": "json_format",
        "probe": None,
        "space": "response",
        "path": "/content/0/text",
        "before": {"share": 0.0},
        "after": {"share": 1.0},
        "evidence": {
            "pairs": 20, "baseline": {"k": 0, "n": 20, "mean": None}, "candidate": {"k": 20, "n": 20, "mean": None},
            "up": 20, "down": 0, "effect": 1.0, "unit": "share", "interval": [0.8, 1.0], "p": 1e-6, "q": 1e-5,
            "test": "mcnemar", "offset": None, "histogram": None,
        },
        "witnesses": [],
        "places": [],
        "explanation": "The answer is wrapped in ```json \ud800.",
        "who_breaks": "json.loads",
        "remedy": "Strip the fence.",
        "matches_event": None,
        "state": None,
        "acknowledged": None,
    }  # fmt: skip
    return {**values, **fields}


def make_comparison(comparison_id: str, *, findings: int = 1, **fields: Any) -> Any:
    """Return a comparison document."""
    side: dict[str, Any] = {
        "kind": "run", "id": "base000000000", "dataset": None, "target": "anthropic/claude-x", "label": None,
        "requested_model": "claude-x", "response_models": ["claude-x-1"], "platform": "anthropic",
        "api_version": None, "sdk": None, "suite_hash": None, "samples": 20,
    }  # fmt: skip
    values: dict[str, Any] = {
        "schema_version": 1,
        "kind": "comparison",
        "drift_version": "0.1.0",
        "created_at": "2026-11-01T03:00:00.000+00:00",
        "id": comparison_id,
        "baseline": side,
        "candidate": {**side, "id": "cand000000000", "target": "anthropic/claude-y", "label": "new"},
        "control": None,
        "axes": ["model"],
        "profile": "tolerant-reader",
        "verdict": "breaking",
        "gate": {"fail_on": "breaking", "exit_code": 1},
        "comparable": [],
        "notices": [],
        "unmeasured": [],
        "not_cleared": [],
        "tests_run": 12,
        "false_discovery_rate": 0.05,
        "families": [],
        "findings": [make_finding(number) for number in range(findings)],
    }
    return {**values, **fields}
