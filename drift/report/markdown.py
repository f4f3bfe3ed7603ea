# The Markdown format: a report for a job summary or a comment.
# Owns: layout, tables, folded parts, the size of the page. Refuses to know: which words to use (phrases), what is
# dangerous (safe).
"""Render a document as GitHub-flavoured Markdown within a size limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drift.report import phrases, planning
from drift.report.listings import Listing, listing
from drift.report.phrases import Facts, Verbosity
from drift.report.safe import code, fenced, markdown, without_commands
from drift.report.schemas import DocumentError
from drift.report.summary import summary_line
from drift.report.table import cell, sparkline, verdict_line
from drift.report.words import side_by_side

LIMIT = 1024 * 1024
"""Bytes that a job summary of GitHub holds."""

_SMALLEST = 64 * 1024
_NAMES = {"where", "fingerprint", "findings", "not relied on", "id", "run"}
"""Facts and columns that are shown as code: names and values to be copied."""


def render(document: Mapping[str, Any], *, verbosity: Verbosity = "normal", limit: int = LIMIT) -> str:
    """Return a document of any kind as Markdown that ends with a line feed.

    What does not fit is left out from the end of its list, the details of a finding before the finding itself, and it
    is said how much that was; totals count everything.

    Args:
        document: a valid document.
        verbosity: how much is shown; it never changes what is found.
        limit: bytes of UTF-8 at most, not below 64 KiB.

    Raises:
        DocumentError: the kind is unknown.
    """
    room = max(limit, _SMALLEST) - 1
    shown = listing(document)
    ahead = planning.page(document, verbosity)
    match document["kind"]:
        case "comparison":
            text = _comparison(document, verbosity, room)
        case "can-i-move":
            text = _answers(document, verbosity, room)
        case "explain":
            text = _explanation(document, verbosity, room)
        case "check":
            text = _check(document, verbosity, room)
        case "demo":
            text = _demo(document, verbosity, room)
        case _ if shown:
            text = _listing(document, shown, room)
        case _ if ahead:
            text = _ahead(ahead, room)
        case kind:
            raise DocumentError(f"documents of kind {kind!r} have no Markdown form", "use --format json")
    return without_commands(text.strip("\n")) + "\n"


def _size(text: str) -> int:
    # The commands are broken at the very end, by one byte each.
    return len(text.encode()) + text.count("::") + text.count("##")


def _filled(entries: Iterable[Sequence[str]], count: int, room: int, noun: str, gap: str = "\n\n") -> str:
    """Join entries while they fit, and say how many of `count` do not; an entry is its forms, the fullest first."""
    shown: list[str] = []
    room -= 100
    for forms in entries:
        form = next((form for form in forms if _size(form) + len(gap) <= room), None)
        if form is None:
            break
        shown.append(form)
        room -= _size(form) + len(gap)
    if len(shown) < count:
        more = phrases.plural(count - len(shown), f"more {noun}", f"more {noun}s")
        shown.append(f"*and {more} that do not fit here; the totals count all*")
    return gap.join(shown)


def _list(lines: Sequence[str], room: int, noun: str = "line") -> str:
    return _filled(((line,) for line in lines), len(lines), room, noun, "\n")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> str:
    """Return a table whose cells are safe Markdown already."""
    head = f"| {' | '.join(headings)} |\n| {' | '.join('---' for _ in headings)} |\n"
    return head + _list([f"| {' | '.join(row)} |" for row in rows], room - _size(head), "row")


def _facts(facts: Facts, room: int) -> str:
    return _table(("", ""), [(label, _value(label, text)) for label, text in facts], room)


def _value(label: str, text: str) -> str:
    return code(text, 500, cell=True) if text and label in _NAMES else markdown(text)


# ---------------------------------------------------------------- comparison


def _comparison(document: Mapping[str, Any], verbosity: Verbosity, room: int) -> str:
    findings = phrases.in_order(document["findings"])
    verdict = "No drift found" if document["verdict"] == "none" else f"Drift: {markdown(document['verdict'])}"
    title = f"# {verdict}\n\n{phrases.totals(document)}."
    if verbosity == "quiet":
        lines = [f"- {_one_line(finding)}" for finding in findings.open]
        return f"{title}\n\n{_list(lines, room - _size(title) - 2)}".rstrip()
    head = f"{title}\n\n{_sides(document)}"
    tail = _tail(document, findings, verbosity, room // 16)
    if not findings.open:
        return f"{head}\n\n{phrases.silence(document)}\n\n{tail}"
    entries = (_forms(finding, findings, verbosity) for finding in findings.open)
    body = _filled(entries, len(findings.open), room - _size(head) - _size(tail) - 4, "finding")
    return f"{head}\n\n{body}\n\n{tail}"


def _forms(finding: Mapping[str, Any], findings: phrases.Sorted, verbosity: Verbosity) -> tuple[str, str]:
    """Return a finding in full and in one line; the first one of a level stands below the heading of the level."""
    level = findings.of(finding["level"])
    heading = f"## {finding['level'].capitalize()} ({len(level)})\n\n" if finding is level[0] else ""
    return heading + _finding(finding, verbosity), f"{heading}- {_one_line(finding)}"


def _one_line(finding: Mapping[str, Any]) -> str:
    where = f" {code(finding['path'])}" if finding["path"] else ""
    return (
        f"{code(finding['fingerprint'])} **{finding['level']}** {code(finding['rule'])} "
        f"{markdown(phrases.subject(finding), 200)}{where} {markdown(phrases.counts(finding))}"
    ).rstrip()


def _sides(document: Mapping[str, Any]) -> str:
    rows = [
        (label, code(name, 200, cell=True) if facts else name, markdown(facts, 300))
        for label, name, facts in phrases.sides(document)
    ]
    rows += [
        ("differs in", markdown(phrases.axes(document), 300), ""),
        ("profile", markdown(phrases.profile(document), 200), ""),
    ]
    if phrases.tool_calls(document):
        rows.append(("tool calls", markdown(phrases.tool_calls(document), 300), ""))
    return _table(("", "", ""), rows, _SMALLEST)


def _finding(finding: Mapping[str, Any], verbosity: Verbosity) -> str:
    notes = phrases.remarks(finding)
    title = f"### {code(finding['rule'])} in {markdown(phrases.subject(finding), 200)}"
    facts = phrases.proof(finding, every=verbosity == "verbose")
    histogram = finding["evidence"]["histogram"]
    if histogram and len(histogram) > 1:
        facts.append(("by how much", ", ".join(f"{key}: {times} times" for key, times in histogram.items())))
    facts += phrases.meaning(finding)
    parts = [
        title + (f" ({markdown(', '.join(notes))})" if notes else ""),
        markdown(finding["explanation"]),
        _facts(facts, LIMIT),
    ]
    witnesses = finding["witnesses"]
    if witnesses:
        parts.append(_witnesses(witnesses, verbosity))
    return "\n\n".join(parts)


def _witnesses(witnesses: Sequence[Mapping[str, Any]], verbosity: Verbosity) -> str:
    shown = witnesses if verbosity == "verbose" else witnesses[:1]
    more = f", {len(shown)} of {len(witnesses)}" if len(shown) < len(witnesses) else ""
    blocks = [_witness(witness, verbosity) for witness in shown]
    return "\n\n".join([f"<details><summary>Witnesses{more}</summary>", *blocks, "</details>"])


def _witness(witness: Mapping[str, Any], verbosity: Verbosity) -> str:
    first, second = witness["baseline"], witness["candidate"]
    excerpts = (side["excerpt"] if side else "" for side in (first, second))
    texts = side_by_side(*excerpts, limit=phrases.EXCERPT[verbosity], signs=True)
    blocks = []
    for label, side, parts in zip(("baseline", "candidate"), (first, second), texts, strict=True):
        sample = f", sample {code(side['sample'])}" if side else ""
        blocks += [
            f"{label} of {code(witness['probe'])}, epoch {witness['epoch']}: {markdown(phrases.shows(side))}{sample}",
            fenced("".join(part.text for part in parts)),
        ]
    return "\n\n".join(blocks)


def _tail(document: Mapping[str, Any], findings: phrases.Sorted, verbosity: Verbosity, room: int) -> str:
    parts = []
    for title, settled in (("Acknowledged", findings.acknowledged), ("No longer seen", findings.absent)):
        if settled:
            lines = [f"- {_one_line(finding)}{_reason(finding)}" for finding in settled]
            parts.append(f"## {title} ({len(settled)})\n\n{_list(lines, room)}")
    for title, entries in phrases.caveats(document):
        lines = [
            f"- {f'**{markdown(head, 200)}**: ' if head else ''}{markdown(text)}" for head, text in entries
        ]
        parts.append(f"## {title}\n\n{_list(lines, room)}")
    if document["families"]:
        families = [
            [
                markdown(family["family"], 200),
                str(family["probes"]),
                str(family["epochs"]),
                phrases.power(family),
            ]
            for family in document["families"]
        ]
        table = _table(("family", "probes", "epochs", "shows changes from"), families, room)
        parts.append(f"## What could have been seen\n\n{table}")
    if verbosity == "verbose" and document["measures"]:
        measures = [[markdown(str(text), 300) for text in row.values()] for row in phrases.measured(document)]
        table = _table(("measure", "in", "moved", "q", "finding"), measures, room)
        parts.append(f"<details><summary>Measured: {len(measures)}</summary>\n\n{table}\n\n</details>")
    parts.append(
        f"Tests: {phrases.tests(document)}. Gate: {markdown(phrases.gate(document))}. "
        f"Comparison {markdown(phrases.origin(document))}."
    )
    return "\n\n".join(parts)


def _reason(finding: Mapping[str, Any]) -> str:
    given = finding["acknowledged"]
    return (
        ": " + markdown(f"{given['reason']} ({given['owner']}, until {given['until']})", 500) if given else ""
    )


# ---------------------------------------------------------------- other kinds


def _answers(document: Mapping[str, Any], verbosity: Verbosity, room: int) -> str:
    title = f"# May I move?\n\n{summary_line(document)}."
    answers = document["answers"]
    entries = (_answer(answer, verbosity) for answer in answers)
    return f"{title}\n\n{_filled(entries, len(answers), room - _size(title) - 2, 'answer')}"


def _answer(answer: Mapping[str, Any], verbosity: Verbosity) -> tuple[str, ...]:
    """Return an answer in full and without its clauses."""
    brief = (
        f"## {markdown(answer['answer'].capitalize())}: {markdown(answer['contract'], 200)}\n\n"
        f"{code(answer['from'])} → {code(answer['to'])}{_owner(answer)}"
    )
    return (brief,) if verbosity == "quiet" else (f"{brief}\n\n{_clauses(answer, verbosity)}", brief)


def _owner(answer: Mapping[str, Any]) -> str:
    return f", {markdown(answer['owner'], 200)}" if answer["owner"] else ""


def _clauses(answer: Mapping[str, Any], verbosity: Verbosity) -> str:
    parts = []
    for clause in answer["clauses"]:
        if clause["result"] == "holds" and verbosity != "verbose":
            continue
        parts.append(
            f"### {clause['result'].capitalize()}: {code(clause['id'])}\n\n{markdown(clause['relies_on'])}"
        )
        if clause["witness"]:
            parts.append(_witnesses([clause["witness"]], verbosity))
        facts = phrases.clause_facts(clause)
        parts += [_facts(facts, LIMIT)] if facts else []
    return "\n\n".join([*parts, _facts(phrases.answer_facts(answer), LIMIT)])


def _explanation(document: Mapping[str, Any], verbosity: Verbosity, room: int) -> str:
    rule, finding = document["rule"], document["finding"]
    parts = [
        f"# {code(rule['id'])}",
        f"**{markdown(rule['level'])}**, {markdown(rule['area'])}. {markdown(rule['title'])}",
        _facts(phrases.rule_facts(rule, of_finding=finding is not None), room // 2),
    ]
    if finding:
        parts.append(f"## In comparison {code(document['comparison'])}")
        left = room - sum(_size(part) + 2 for part in parts)
        parts.append(_filled([(_finding(finding, verbosity), f"- {_one_line(finding)}")], 1, left, "finding"))
    return "\n\n".join(parts)


def _check(document: Mapping[str, Any], verbosity: Verbosity, room: int) -> str:
    parts = [f"**{markdown(summary_line(document))}**"]
    if document["unmeasured"]:
        lines = [
            f"- **{markdown(entry['target'])}**: {markdown(entry['reason'])}"
            for entry in document["unmeasured"]
        ]
        parts.append(f"Not checked:\n\n{_list(lines, room // 16)}")
    plans = [shown for plan in document["dry_runs"] if (shown := listing(plan))]
    if plans:
        rows = [
            [_value(column.key, cell(row.get(column.key))) for column in plans[0].columns]
            for shown in plans
            for row in shown.rows
        ]
        parts.append(_table([column.heading for column in plans[0].columns], rows, room // 4))
    comparisons = document["comparisons"]
    left = room - sum(_size(part) + 2 for part in parts)
    share = left // max(len(comparisons), 1)
    # Many targets share one page: then one line a finding is what fits.
    shown_as = verbosity if share >= _SMALLEST // 2 else "quiet"
    entries = ((_comparison(comparison, shown_as, share),) for comparison in comparisons)
    return "\n\n".join([*parts, _filled(entries, len(comparisons), left, "target")])


def _demo(document: Mapping[str, Any], verbosity: Verbosity, room: int) -> str:
    control = _comparison(document["control"], "quiet" if verbosity == "normal" else verbosity, room // 2)
    parts = [
        f"**{markdown(summary_line(document))}**",
        *_notes(document["notices"], room),
        "The model against itself:",
        control,
        "The comparison:",
    ]
    head = "\n\n".join(parts)
    return f"{head}\n\n{_comparison(document['comparison'], verbosity, room - _size(head) - 2)}"


def _notes(notices: Sequence[str], room: int) -> list[str]:
    return [_list([f"- {markdown(notice)}" for notice in notices], room // 16, "notice")] if notices else []


def _listing(document: Mapping[str, Any], shown: Listing, room: int) -> str:
    parts = [f"**{markdown(shown.title)}**", *_notes(shown.notes, room)]
    if document["kind"] == "history":
        series = phrases.series(document)
        plots = [
            sparkline(line.values) if number else verdict_line(line.values)
            for number, line in enumerate(series)
        ]
        lines = [
            (markdown(line.name), code(plot, LIMIT), line.range)
            for line, plot in zip(series, plots, strict=True)
        ]
        parts.append(_table(("series", "oldest to newest", "range"), lines, room // 4))
    columns = [column for column in shown.columns if any(cell(row.get(column.key)) for row in shown.rows)]
    if columns:
        used = sum(_size(part) + 2 for part in parts)
        rows = [[_value(column.key, cell(row.get(column.key))) for column in columns] for row in shown.rows]
        parts.append(_table([markdown(column.heading) for column in columns], rows, room - used))
    return "\n\n".join(parts)


def _ahead(shown: planning.Page, room: int) -> str:
    parts = [f"**{markdown(shown.title, _BRIEF)}**", *_notes(shown.notes, room)]
    left = room - sum(_size(part) + 2 for part in parts) - 100
    for number, section in enumerate(shown.sections):
        part = _section(section, left)
        if _size(part) + 2 > left:
            parts.append(
                f"*and {phrases.plural(len(shown.sections) - number, 'more table')} that do not fit here*"
            )
            break
        left -= _size(part) + 2
        parts.append(part)
    return "\n\n".join(parts)


_BRIEF = 300


def _section(section: planning.Section, room: int) -> str:
    columns = [column for column in section.columns if any(cell(row.get(column.key)) for row in section.rows)]
    rows = [[_value(column.key, cell(row.get(column.key))) for column in columns] for row in section.rows]
    heading = f"## {markdown(section.heading, _BRIEF)}"
    remarks = [markdown(remark, _BRIEF) for remark in section.remarks]
    used = _size(heading) + sum(_size(remark) + 2 for remark in remarks) + 20
    table = _table([column.heading for column in columns], rows, max(room - used, 200))
    return "\n\n".join([heading, table, *remarks])
