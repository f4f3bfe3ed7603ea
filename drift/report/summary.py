# One line that sums up a document of any kind.
# Owns: what is worth a line in each kind. Refuses to know: layout, colour, escaping.
"""Sum a document up in one line."""

from __future__ import annotations

from drift.report.phrases import (
    EXITS,
    WORST_FIRST,
    Json,
    column_names,
    gate,
    money,
    name,
    plural,
    totals,
    verdict,
)


def summary_line(document: Json) -> str:
    """Return one line that sums up a document of any kind; not yet safe to show."""
    match document["kind"]:
        case "comparison":
            return (
                f"{document['verdict']}: {totals(document)}; "
                f"{name(document['baseline'])} -> {name(document['candidate'])}; {gate(document)}"
            )
        case "can-i-move":
            given = [answer["answer"] for answer in document["answers"]]
            return ", ".join(
                f"{given.count(answer)} {answer}" for answer in ("no", "unknown", "yes") if answer in given
            )
        case "runs" | "import":
            samples = sum(run["samples"] for run in document["runs"])
            return f"{plural(len(document['runs']), 'run')}, {plural(samples, 'sample')}"
        case "verify":
            found = plural(len(document["problems"]), "problem") if document["problems"] else "no problem"
            return (
                f"{found} in {plural(document['runs'], 'run')} with {plural(document['samples'], 'sample')}"
            )
        case "migrate":
            return (
                f"{document['database']}: migrated; the old file is {document['backup']}"
                if document["backup"]
                else f"{document['database']}: nothing to migrate"
            )
        case "demo":
            said = [verdict(document[part]).lower() for part in ("control", "comparison")]
            return f"control: {said[0]}; candidate: {said[1]}; {document['seconds']:.0f} s"
        case "dry-run":
            return f"{plural(document['calls'], 'call')}, {money(document['cost_usd'])}"
        case "explain":
            return f"{document['rule']['id']}: {document['rule']['title']}"
        case "check":
            verdicts = [comparison["verdict"] for comparison in document["comparisons"]]
            parts = [f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts)]
            parts += [f"{len(document['unmeasured'])} not checked"] if document["unmeasured"] else []
            targets = plural(
                len(verdicts) + len(document["unmeasured"]) + len(document["dry_runs"]), "target"
            )
            return f"{targets}: {', '.join(parts) or 'nothing was sent'}; exit {document['exit_code']}"
        case "init":
            written, pinned = len(document["written"]), len(document["pinned"])
            return f"{plural(written, 'file')} written, {plural(pinned, 'pinned model')}"
        case "api-watch":
            new = sum(len(one["endpoints"]) for one in document["packages"])
            seen = sum(len(one["seen"]) for one in document["packages"])
            return (
                f"{plural(len(document['packages']), 'package')}: {plural(new, 'new endpoint')}, "
                f"{plural(seen, 'word')} seen; exit {document['exit_code']}"
            )
        case "surfaces":
            return plural(len(document["surfaces"]), "surface")
        case "history":
            return plural(len(document["entries"]), "run")
        case "monitor":
            return (
                f"{document['target']}: {plural(document['runs'], 'run')}, {len(document['series'])} series, "
                f"{plural(document['alarms'], 'alarm')}"
            )
        case "scan":
            return _scanned(document)
        case "models":
            hidden = f", {document['hidden']} not shown" if document["hidden"] else ""
            return f"{plural(len(document['models']), 'model')} on {document['today']}{hidden}"
        case "readings":
            return _news(document)
        case "plan":
            return _planned(document)
        case "cadence":
            names = ", ".join(one["vendor"] for one in document["vendors"])
            return f"The pace of {names} on {document['today']}"
        case "parameters":
            sides = "; ".join(
                f"{heading}: {_column(column)}"
                for heading, column in zip(
                    column_names(document["columns"]), document["columns"], strict=True
                )
            )
            differing = sum(row["differs"] for row in document["rows"])
            moved = f"; {differing} differ" if len(document["columns"]) > 1 else ""
            return f"{sides}{moved}"
        case kind:
            return plural(len(document[kind]), kind.removesuffix("s"))


def _planned(document: Json) -> str:
    steps = [step for page in document["projects"] for step in page["steps"]]
    ended = sum(step["status"]["state"] in {"retired", "rerouted"} for step in steps)
    days = [
        date for page in document["projects"] for date in page["dates"] if date["kind"] in {"end", "reroute"}
    ]
    ahead = min((date["date"] for date in days if date["date"] > document["today"]), default=None)
    parts = [f"{ended} ended"] if ended else []
    parts += [f"the next end is on {ahead}"] if ahead else ["no end is known ahead"]
    unknown = sum(step["status"]["state"] == "unknown" for step in steps)
    parts += [f"no end is known of {unknown}"] if unknown and ahead else []
    names = ", ".join(page["name"] for page in document["projects"])
    return f"Plan for {names} on {document['today']}: {plural(len(steps), 'model')}; {', '.join(parts)}"


def _news(document: Json) -> str:
    said = [one["news"] for one in document["readings"]]
    counts = [f"{said.count(word)} {word}" for word in ("changed", "new", "confirmed") if word in said]
    written = f"; written to {document['written']}" if document["written"] else ""
    return f"{', '.join(counts) or 'nothing new'}{written}"


def _scanned(document: Json) -> str:
    asked = [entry for entry in document["models"] if entry["pinned"]]
    counts = [
        (level, sum(entry["level"] == level for entry in (*document["models"], *document["parameters"])))
        for level in WORST_FIRST
    ]
    found = ", ".join(f"{count} {level}" for level, count in counts if count) or "nothing to do"
    code = document["gate"]["exit_code"]
    within = document["gate"]["fail_within"]
    days = "" if within is None else f" within {plural(within, 'day')}"
    return (
        f"{plural(len(asked), 'model')} in {plural(document['files'], 'file')} on {document['today']}: "
        f"{found}{days}; {EXITS[code]}"
    )


def _column(column: Json) -> str:
    """Return how many settings a column of a parameter matrix takes, ignores and refuses."""
    told = [f"{count} {verdict}" for verdict, count in column["counts"].items() if count]
    return ", ".join(told) or "nothing"
