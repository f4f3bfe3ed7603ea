# Documents that look ahead (scan, models, cadence, plan) as pages of tables, for every format that can show a table.
# Owns: which tables a page has, their columns and order. Refuses to know: the format that shows them.
"""Pages: a title, sections with a table each, and remarks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from drift.report.phrases import Verbosity, plural
from drift.report.summary import summary_line
from drift.report.table import Column

Json = Mapping[str, Any]
Row = Mapping[str, object]

_FEW = 3


@dataclass(frozen=True, slots=True)
class Section:
    """One table with its heading.

    Attributes:
        heading: above it.
        columns, rows: the table. Rows of a `told` section also have "level", "id" and "said", a sentence that says the
            same as their cells, for formats without room for a wide table.
        told: there is such a sentence.
        remarks: below it.
    """

    heading: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    told: bool = False
    remarks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report: a title that says it all, sections, and notes at the end."""

    title: str
    sections: Sequence[Section]
    notes: Sequence[str] = field(default=())


def page(document: Json, verbosity: Verbosity = "normal") -> Page | None:
    """Return a document that looks ahead as its page; None when it is of another kind."""
    made = _PAGES.get(document["kind"])
    if made is None:
        return None
    sections = [section for section in made(document, verbosity) if section.rows]
    return Page(summary_line(document), sections, document.get("notices", ()))


# ---------------------------------------------------------------- scan


def _scan(document: Json, verbosity: Verbosity) -> list[Section]:
    every = verbosity == "verbose"
    models = [entry for entry in document["models"] if every or verbosity == "normal" or entry["level"]]
    asked = [entry for entry in models if entry["pinned"]]
    spoken = [entry for entry in models if not entry["pinned"]]
    columns = (
        Column("level", "level"),
        Column("id", "model", shrink=True),
        Column("state", "state"),
        Column("ends", "ends"),
        Column("days", "days left", right=True),
        Column("to", "move to", shrink=True),
        Column("where", "where", shrink=True),
    )
    sections = [
        Section(
            "Models that the code asks", columns, [_model_row(one, every=every) for one in asked], told=True
        ),
        Section(
            "Models that the code only speaks of",
            columns,
            [_model_row(one, every=every) for one in spoken],
            told=True,
        ),
        _parameters(document["parameters"]),
    ]
    if verbosity != "quiet":
        sections += [_sdks(document), _skipped(document)]
    if document["undecided"]:
        days = document["gate"]["fail_within"]
        sections.append(
            Section(
                f"Nobody can say whether these end within {plural(days, 'day')}",
                (Column("id", "model"), Column("why", "why", shrink=True)),
                [
                    {"id": entry["spec"], "why": entry["explanation"]}
                    for entry in document["models"]
                    if entry["spec"] in document["undecided"]
                ],
            )
        )
    return sections


def _model_row(entry: Json, *, every: bool) -> Row:
    status = entry["status"]
    return {
        "level": entry["level"] or "",
        "id": entry["spec"],
        "said": entry["explanation"],
        **status_cells(status),
        "where": _places([f"{use['file']}:{use['line']}" for use in entry["uses"]], every=every),
    }


def status_cells(status: Json) -> dict[str, object]:
    """Return the cells "state", "ends", "days" and "to" of a status."""
    when, kind = status["retires_on"], status["retires_kind"]
    elsewhere = status["elsewhere"]
    ends = {"not_sooner_than": f"not before {when}", "ended": "day not stated"}.get(kind, when or "not known")
    if elsewhere is not None and elsewhere["retires_on"] is not None:
        ends = f"not known; {elsewhere['platform']}: {elsewhere['retires_on']}"
    if kind == "reroute":
        ends = f"rerouted {when}"
    fixed = kind in {"firm", "reroute"}
    to = status["replacement"] or ""
    if status["move_to"] not in {None, status["replacement"]}:
        to = f"{to} → {status['move_to']}"
    return {
        "state": status["state"].replace("-", " "),
        "ends": ends,
        "days": status["days_left"] if fixed else None,
        "to": to,
    }


def _parameters(entries: Sequence[Json]) -> Section:
    return Section(
        "Parameters that are refused",
        (
            Column("level", "level"),
            Column("parameter", "parameter"),
            Column("model", "model", shrink=True),
            Column("where", "where", shrink=True),
            Column("why", "why", shrink=True),
            Column("instead", "instead", shrink=True),
        ),
        [_parameter_row(entry) for entry in entries],
        told=True,
    )


def _parameter_row(entry: Json) -> Row:
    return {
        "level": entry["level"],
        "id": f"{entry['parameter']} of {entry['model'] or 'a request'}",
        "said": f"{entry['explanation']} {entry['instead']}",
        "parameter": entry["parameter"],
        "model": entry["model"] or "",
        "where": f"{entry['file']}:{entry['line']}",
        "why": entry["explanation"].partition(": ")[2],
        "instead": entry["instead"],
    }


def _sdks(document: Json) -> Section:
    return Section(
        "SDKs",
        (
            Column("package", "package"),
            Column("version", "version"),
            Column("api", "sends API version"),
            Column("where", "where", shrink=True),
        ),
        [
            {
                "package": f"{pin['ecosystem']}:{pin['package']}",
                "version": pin["requirement"] or "any",
                "api": pin["api_version"] or "",
                "where": f"{pin['file']}:{pin['line']}",
            }
            for pin in document["sdks"]
        ],
    )


def _skipped(document: Json) -> Section:
    return Section(
        "Files that were not read, or not as what they seem to be",
        (Column("where", "file", shrink=True), Column("why", "why", shrink=True)),
        [{"where": one["file"], "why": one["reason"]} for one in document["skipped"]],
    )


def _places(places: Sequence[str], *, every: bool) -> str:
    unique = list(dict.fromkeys(places))
    shown = unique if every else unique[:_FEW]
    more = f" and {len(unique) - len(shown)} more" if len(shown) < len(unique) else ""
    return ", ".join(shown) + more


# ---------------------------------------------------------------- plan


def _plan(document: Json, verbosity: Verbosity) -> list[Section]:
    sections = []
    several = len(document["projects"]) > 1
    for project in document["projects"]:
        for section in _project(project, verbosity, document["today"]):
            heading = f"{project['name']}: {section.heading}" if several else section.heading
            sections.append(replace(section, heading=heading))
    if verbosity != "quiet":
        sections += [
            replace(section, heading=f"Pace of {section.heading}")
            for vendor in document["pace"]
            for section in cadence_sections(vendor, document["today"])
        ]
    return sections


def _project(project: Json, verbosity: Verbosity, today: str) -> list[Section]:
    steps = project["steps"]
    every = verbosity == "verbose"
    columns = (
        Column("level", "level"),
        Column("id", "model", shrink=True),
        Column("ends", "ends"),
        Column("begin", "begin by"),
        Column("to", "move to", shrink=True),
        Column("measured", "measured", shrink=True),
        Column("where", "where", shrink=True),
    )
    told = [_step_row(step, today, every=every) for step in steps if step["level"] not in {None, "info"}]
    quiet = [_step_row(step, today, every=every) for step in steps if step["level"] in {None, "info"}]
    sections = [
        Section("What to move, in order of urgency", columns, told, told=True),
        Section("Nothing to move yet, as far as is known", columns, quiet, told=True),
        *(_measured(measured) for step in steps for measured in step["measured"]),
        Section(
            "Not measured yet",
            (Column("run", "what would measure it", shrink=True),),
            [
                {"run": command}
                for command in dict.fromkeys(one for step in steps for one in step["to_measure"])
            ],
        ),
        _parameters([*_refused(steps), *project["parameters"]]),
        Section(
            "SDKs",
            (
                Column("package", "package"),
                Column("version", "pinned"),
                Column("newest", "newest stored"),
                Column("brings", "brings", shrink=True),
                Column("where", "where", shrink=True),
            ),
            [_upgrade_row(one) for one in project["sdks"]],
            remarks=[
                f"{one['package']}: {fact['explanation']}" for one in project["sdks"] for fact in one["facts"]
            ],
        ),
        Section(
            "Dates ahead",
            (Column("date", "date"), Column("what", "what", shrink=True)),
            [{"date": one["date"], "what": one["title"]} for one in project["dates"] if one["date"] >= today],
        ),
    ]
    return sections if verbosity != "quiet" else sections[:1]


def _refused(steps: Sequence[Json]) -> Iterator[Json]:
    for step in steps:
        yield from step["parameters"]


def _step_row(step: Json, today: str, *, every: bool) -> Row:
    due = next((one for one in step["measured"] if one["due"]), None)
    begin = f" {begin_words(step, today)}." if step["begin_by"] else ""
    measured = f" Measured: {measured_words(due)}." if due else ""
    return {
        "level": step["level"] or "",
        "id": step["spec"],
        "said": f"{step['explanation']}{begin}{measured}",
        **status_cells(step["status"]),
        "begin": step["begin_by"],
        "to": step["move_to"] or step["status"]["move_to"] or "",
        "measured": measured_words(due) if due else "",
        "where": _places([f"{use['file']}:{use['line']}" for use in step["uses"]], every=every),
    }


def begin_words(step: Json, today: str) -> str:
    """Return when the move off a model has to begin."""
    late = step["begin_by"] < today
    return f"The move should have begun by {step['begin_by']}" if late else f"Begin by {step['begin_by']}"


def measured_words(measured: Json) -> str:
    """Return a measurement in a few words: verdict, findings, and what moved in tokens, cost and time."""
    found = ", ".join(f"{count} {level}" for level, count in measured["counts"].items() if count)
    verdict = "no drift found" if measured["verdict"] == "none" else measured["verdict"]
    return "; ".join([f"{verdict} ({found})" if found else verdict, *map(number_words, measured["numbers"])])


def number_words(number: Json) -> str:
    """Return one number before and after: "cost 0.0123 to 0.0150 USD a request (+22 %)"."""
    form = _NUMBERS.get(number["what"], "{} to {}")
    share = 0.0 if number["ratio"] is None else number["ratio"] - 1
    moved = f" ({share:+.0%})".replace("%", " %") if abs(share) >= 0.005 else ""
    return form.format(_short(number["before"]), _short(number["after"])) + moved


_NUMBERS = {
    "input_tokens": "tokens in {} to {}",
    "output_tokens": "tokens out {} to {}",
    "cost_usd": "cost {} to {} USD a request",
    "latency_ms": "time {} to {} ms",
}


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _measured(measured: Json) -> Section:
    stored = measured["comparison"]
    where = f"comparison {stored}, " if stored else "compared for this plan, the newer run is of "
    return Section(
        f"Measured from {measured['from']} to {measured['to']}",
        (
            Column("level", "level"),
            Column("rule", "rule"),
            Column("family", "family"),
            Column("what", "what", shrink=True),
        ),
        [
            {
                "level": one["level"],
                "id": f"{one['rule']} in {one['family']}",
                "said": f"{one['explanation']} {one['remedy']}",
                "rule": one["rule"],
                "family": one["family"],
                "what": one["explanation"],
            }
            for one in measured["findings"]
        ]
        or [_NOTHING],
        told=True,
        remarks=[
            f"{measured_words(measured)}; {where}{measured['created_at'][:10]}.",
            *(
                [f"Silence proves nothing about: {', '.join(measured['not_cleared'])}."]
                if measured["not_cleared"]
                else ()
            ),
        ],
    )


_NOTHING = {"level": "", "id": "no finding", "said": "", "rule": "no finding", "family": "", "what": ""}


def _upgrade_row(entry: Json) -> Row:
    counts = entry["counts"]
    brings = entry["missing"] or ""
    if counts is not None:
        brings = (
            ", ".join(f"{count} {level}" for level, count in counts.items() if count)
            or "nothing that differs"
        )
    return {
        "package": f"{entry['ecosystem']}:{entry['package']}",
        "version": entry["version"] or entry["requirement"] or "any",
        "newest": entry["newest"],
        "brings": brings,
        "where": f"{entry['file']}:{entry['line']}",
    }


# ---------------------------------------------------------------- models


_GROUPS = (
    ("Ended", ("retired", "rerouted")),
    ("Ending", ("ending", "rerouting")),
    ("Announced, without a day", ("deprecated",)),
    ("May be announced any day: the promised floor has passed", ("floor-passed",)),
    ("No end is known, which is not the same as safe", ("unknown",)),
    ("Promised until a day at least", ("floor",)),
)


def _models(document: Json, verbosity: Verbosity) -> list[Section]:
    columns = (
        Column("id", "model", shrink=True),
        Column("ends", "ends"),
        Column("days", "days left", right=True),
        Column("to", "move to", shrink=True),
        Column("as_of", "read on"),
    )
    del verbosity
    return [
        Section(
            heading,
            columns,
            [
                {"id": entry["spec"], "as_of": entry["status"]["as_of"], **status_cells(entry["status"])}
                for entry in document["models"]
                if entry["status"]["state"] in states
            ],
        )
        for heading, states in _GROUPS
    ]


# ---------------------------------------------------------------- readings


def _readings(document: Json, verbosity: Verbosity) -> list[Section]:
    columns = (
        Column("id", "model", shrink=True),
        Column("before", "the table says"),
        Column("now", "the source says"),
        Column("as_of", "read on"),
        Column("source", "source", shrink=True),
    )
    headings = {"changed": "Changed", "new": "New", "confirmed": "Still as the table says"}
    sections = []
    for news, heading in headings.items():
        rows = [
            {
                "id": f"{one['platform']}/{one['model_id']}",
                "now": f"{one['retires_kind']} {one['retires_on']}".strip(),
                **{name: one[name] for name in ("before", "as_of", "source")},
            }
            for one in document["readings"]
            if one["news"] == news
        ]
        if news != "confirmed" or verbosity == "verbose":
            sections.append(Section(f"{heading} ({len(rows)})", columns, rows))
    return sections


# ---------------------------------------------------------------- cadence


def _cadence(document: Json, verbosity: Verbosity) -> list[Section]:
    del verbosity
    return [section for one in document["vendors"] for section in cadence_sections(one, document["today"])]


def cadence_sections(vendor: Json, today: str) -> list[Section]:
    """Return the pace of one vendor: how often, with how much notice, and when next."""
    rows = [
        {
            "what": f"days between {one['kind']}",
            **_spread(one["gaps"]),
            "last": one["last"],
            "next": _next(one, today),
        }
        for one in vendor["series"]
    ]
    for name, what in (
        ("notice", "days of notice"),
        ("preview_notice", "days of notice, previews"),
        ("lifetime", "days from release to end"),
    ):
        rows.append({"what": what, **_spread(vendor[name])})
    columns = (
        Column("what", "what"),
        Column("n", "n", right=True),
        Column("least", "least", right=True),
        Column("median", "median", right=True),
        Column("most", "most", right=True),
        Column("last", "last"),
        Column("next", "next", shrink=True),
    )
    told = [_told(one) for one in vendor["series"] if one["forecast"]]
    hearsay = (
        f"{vendor['second_hand']:.0%} of the readings are second-hand; the newest is of {vendor['as_of']}."
    )
    name = {"openai": "OpenAI"}.get(vendor["vendor"], str(vendor["vendor"]).capitalize())
    return [Section(name, columns, rows, remarks=[*told, hearsay])]


def _spread(spread: Json) -> dict[str, object]:
    middle = spread["median"]
    return {
        "n": spread["n"],
        "least": spread["least"],
        "median": None if middle is None else f"{middle:g}",
        "most": spread["most"],
    }


def _next(series: Json, today: str) -> str:
    if series["next_known"]:
        return f"{series['next_known']}, published"
    forecast = series["forecast"]
    if forecast is None:
        return f"no forecast: {series['why_not']}"
    if forecast["overdue"]:
        return f"{forecast['earliest']} to {forecast['latest']}, which has passed"
    begins = "any day" if forecast["earliest"] <= today else forecast["earliest"]
    return f"{begins} to {forecast['latest']}"


def _told(series: Json) -> str:
    forecast = series["forecast"]
    test = forecast["back_test"]
    tried = "it could not be tried on the past"
    if test is not None:
        share = f"95 % interval of that share {test['low']:.0%} to {test['high']:.0%}"
        tried = f"on the past it was right {test['hit']} of {test['n']} times ({share})"
    return (
        f"Next of the {series['kind']}: {forecast['probability']:.0%} by {forecast['n']} gaps, around "
        f"{forecast['middle']}; {tried}."
    )


_PAGES: Mapping[str, Callable[[Json, Verbosity], list[Section]]] = {
    "cadence": _cadence,
    "models": _models,
    "plan": _plan,
    "readings": _readings,
    "scan": _scan,
}
