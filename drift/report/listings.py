# Documents that are lists (runs, rules, probes, baselines, …) as one table each.
# Owns: which columns a listing has, and their order. Refuses to know: the format that shows the table.
"""Listings: a title, a table and remarks, for every format that can show a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drift.report.phrases import column_names, minute, money, name
from drift.report.summary import summary_line
from drift.report.table import Column, sparkline

_PREFIX = 12


@dataclass(frozen=True, slots=True)
class Listing:
    """One table: its columns, its rows (column key → value), and sentences that stand below it."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, object]]
    notes: Sequence[str] = ()


def listing(document: Mapping[str, Any]) -> Listing | None:
    """Return a document of a listing kind as its table; None when the document is no listing."""
    columns: tuple[Column, ...]
    rows: Sequence[Mapping[str, object]]
    match document["kind"]:
        case "runs":
            columns = (
                Column("id", "run"),
                Column("name", "name", shrink=True),
                Column("status", "status"),
                Column("samples", "samples", right=True),
                Column("created_at", "begun"),
            )
            rows = [_row(run, name=name({**run, "kind": "run"})) for run in document["runs"]]
        case "import":
            columns = (
                Column("run", "run"),
                Column("target", "target", shrink=True),
                Column("version_label", "label", shrink=True),
                Column("samples", "samples", right=True),
                Column("new", "new"),
            )
            rows = [_row(run) for run in document["runs"]]
        case "history":
            columns = (
                Column("created_at", "begun"),
                Column("run", "run"),
                Column("name", "name", shrink=True),
                Column("status", "status"),
                Column("verdict", "verdict"),
                Column("breaking", "breaking", right=True),
                Column("warning", "warning", right=True),
                Column("info", "info", right=True),
            )
            # What stands in the title, and what is true of nearly every run, would only take the room of the rest.
            rows = [
                _row(
                    entry,
                    name=entry["label"] if document["target"] else _labelled(entry),
                    status="" if entry["status"] == "complete" else entry["status"],
                    **(entry["counts"] or {}),
                )
                for entry in document["entries"]
            ]
        case "monitor":
            columns = (
                Column("state", "state"),
                Column("name", "series", shrink=True),
                Column("level", "level", right=True),
                Column("newest", "newest", right=True),
                Column("since", "last shift", shrink=True),
                Column("plot", "oldest to newest"),
            )
            several = len({series["family"] for series in document["series"]}) > 1
            rows = [_series(series, several=several) for series in document["series"]]
        case "parameters":
            several = len(document["columns"]) > 1
            headings = column_names(document["columns"]) if several else ["verdict"]
            columns = (
                Column("parameter", "parameter", shrink=True),
                Column("value", "value", shrink=True),
                *(Column(f"cell{n}", heading, shrink=several) for n, heading in enumerate(headings)),
                Column("detail", "what came", shrink=True),
            )
            rows = list(_parameters(document["rows"], several=several))
        case "rules":
            columns = (
                Column("id", "rule"),
                Column("level", "level"),
                Column("area", "area"),
                Column("title", "event", shrink=True),
            )
            rows = document["rules"]
        case "probes":
            columns = (
                Column("id", "probe"),
                Column("family", "family"),
                Column("purpose", "asks for"),
                Column("epochs", "epochs", right=True),
                Column("cost", "cost"),
                Column("tags", "tags", shrink=True),
            )
            rows = document["probes"]
        case "baselines":
            columns = (
                Column("target", "target"),
                Column("run", "run"),
                Column("samples", "samples", right=True),
                Column("accepted_at", "accepted"),
                Column("reason", "reason", shrink=True),
            )
            rows = [_row(baseline) for baseline in document["baselines"]]
        case "acknowledgements":
            columns = (
                Column("fingerprint", "fingerprint"),
                Column("rule", "rule"),
                Column("until", "until"),
                Column("owner", "owner", shrink=True),
                Column("reason", "reason", shrink=True),
                Column("targets", "only for", shrink=True),
            )
            day = document["created_at"][:10]
            rows = [
                {**entry, "until": entry["until"] + (" (expired)" if entry["until"] < day else "")}
                for entry in document["acknowledgements"]
            ]
        case "init":
            columns = (Column("file", "file"), Column("what", "what"), Column("places", "in", shrink=True))
            rows = [
                *({"file": file, "what": "written"} for file in document["written"]),
                *({"file": file, "what": "kept, it was there already"} for file in document["kept"]),
                *(
                    {"file": spec, "what": "pinned", "places": places}
                    for spec, places in document["pinned"].items()
                ),
            ]
        case "problems":
            columns = (
                Column("place", "place"),
                Column("field", "field"),
                Column("what", "problem", shrink=True),
                Column("todo", "what to do", shrink=True),
            )
            rows = [
                {**problem, "place": f"{problem['file']}:{problem['line']}"}
                for problem in document["problems"]
            ]
        case "migrate":
            columns, rows = (), ()
        case "verify":
            columns = (Column("problem", "problem"),)
            rows = [{"problem": problem} for problem in document["problems"]]
        case "surfaces":
            columns = (
                Column("release", "release"),
                Column("released", "released"),
                Column("endpoints", "endpoints", right=True),
                Column("methods", "methods", right=True),
                Column("models", "models", right=True),
                Column("deprecations", "deprecated", right=True),
                Column("betas", "betas", right=True),
                Column("unresolved", "unclear", right=True),
                Column("read_at", "read"),
            )
            rows = [_surface(row) for row in document["surfaces"]]
        case "api-watch":
            columns = (
                Column("package", "package"),
                Column("baseline", "known"),
                Column("candidate", "newest"),
                Column("endpoints", "new endpoints", right=True),
                Column("seen", "words seen", shrink=True),
                Column("since", "none else since"),
            )
            rows = [
                {
                    **one,
                    "endpoints": len(one["endpoints"]),
                    "seen": sorted({found["word"] for found in one["seen"]}),
                }
                for one in document["packages"]
            ]
        case "catalogues":
            columns = (
                Column("id", "list"),
                Column("platform", "platform"),
                Column("base_url", "host", shrink=True),
                Column("taken_at", "taken"),
                Column("models", "models", right=True),
                Column("complete", "complete"),
            )
            rows = [_row(one, taken_at=minute(one["taken_at"])) for one in document["catalogues"]]
        case "dry-run":
            columns = (
                Column("target", "target"),
                Column("suite", "suite", shrink=True),
                Column("probes", "probes", right=True),
                Column("calls", "calls", right=True),
                Column("input_tokens", "tokens in", right=True),
                Column("output_tokens", "out, at most", right=True),
                Column("cost", "cost"),
            )
            rows = [{**document, "cost": money(document["cost_usd"])}]
        case _:
            return None
    return Listing(summary_line(document), columns, rows, document.get("notices", ()))


_PLOT = 30


def _series(series: Mapping[str, Any], *, several: bool) -> dict[str, object]:
    values = [point["value"] for point in series["points"]][-_PLOT:]
    known = [value for value in values if value is not None]
    low, high = (
        (0.0, 1.0) if series["unit"] == "share" else (min(known, default=0.0), max(known, default=1.0))
    )
    room = high - low if high - low > 1e-9 * max(abs(high), 1.0) else 1.0  # rounding is no movement
    shift = series["shifts"][-1] if series["shifts"] else None
    return {
        "state": series["state"].replace("_", " "),
        "name": f"{series['family']}: {series['measure']}" if several else series["measure"],
        "level": "" if series["level"] is None else f"{series['level']:.3g}",
        "newest": "" if series["newest"] is None else f"{series['newest']:.3g}",
        "since": shift and f"{minute(shift['onset'])}: {shift['before']:.3g} to {shift['after']:.3g}",
        "plot": sparkline([None if value is None else (value - low) / room for value in values]),
    }


def _surface(row: Mapping[str, Any]) -> dict[str, object]:
    release = f"{row['package']} {row['version']}" + ("" if row["kind"] == "wheel" else f" ({row['kind']})")
    return {
        **row["counts"],
        "release": release,
        "released": row["released"] or "",
        "read_at": "now" if row["new"] else minute(row["read_at"]),
    }


def _parameters(rows: Sequence[Mapping[str, Any]], *, several: bool) -> Iterator[dict[str, object]]:
    """Yield the rows of a matrix: values of a parameter of which the same is to be said share one row."""
    before = None
    folded: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for row in rows:
        told = "; ".join(dict.fromkeys(filter(None, map(_told, row["cells"]))))
        verdicts = tuple(_verdict(cell, several=several) for cell in row["cells"])
        folded.setdefault((row["parameter"], told, verdicts), []).append(row["value"] or "left out")
    for (parameter, told, verdicts), values in folded.items():
        for number, some in enumerate(_chunks(values)):
            yield {
                "parameter": "" if parameter == before else parameter,
                "value": "; ".join(some),
                "detail": "" if number else told,
                **{f"cell{n}": verdict for n, verdict in enumerate(verdicts)},
            }
            before = parameter


_CELL = 240


def _chunks(values: Sequence[str]) -> Iterator[list[str]]:
    """Yield runs of values that fit into a cell, at least one at a time."""
    chunk: list[str] = []
    for value in values:
        if chunk and sum(map(len, chunk)) + len(value) > _CELL:
            yield chunk
            chunk = []
        chunk.append(value)
    yield chunk


def _told(cell: Mapping[str, Any]) -> str:
    """Return what came in place of an answer, or what the answers show."""
    error = cell["error"]
    return f"{error['status']} {error['message'] or error['type'] or ''}".strip() if error else cell["detail"]


def _verdict(cell: Mapping[str, Any], *, several: bool) -> str:
    error = cell["error"]
    mark = f" {error['fingerprint']}" if error and not several else ""
    return f"{cell['verdict']}{mark}"


def _labelled(entry: Mapping[str, Any]) -> str:
    return str(entry["target"]) if entry["label"] is None else f"{entry['target']}@{entry['label']}"


def _row(entry: Mapping[str, Any], **more: object) -> dict[str, object]:
    """Return an entry as a row: ids by a prefix that names them, times up to the minute."""
    row = {**entry, **more}
    row.update({key: str(row[key])[:_PREFIX] for key in ("id", "run") if key in row})
    row.update({key: minute(str(row[key])) for key in ("created_at", "accepted_at") if key in row})
    return row
