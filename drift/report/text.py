# The text format: a report for a terminal, the verdict first.
# Owns: layout and its own ANSI colours. Refuses to know: which words to use (phrases), what is dangerous (safe).
"""Render a document as plain or coloured text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, zip_longest
from typing import Any

from drift.report import phrases, planning
from drift.report.layout import Span, wrap
from drift.report.listings import Listing, listing
from drift.report.phrases import Verbosity
from drift.report.safe import columns, inline, without_commands
from drift.report.schemas import DocumentError
from drift.report.summary import summary_line
from drift.report.table import Column, sparkline, table, verdict_line
from drift.report.words import side_by_side

_NARROWEST = 40
_ENDLESS = 1_000_000
_SIDE_BY_SIDE = 72
_LABEL = 14
_ANSI = {
    "bold": "1",
    "dim": "2",
    "breaking": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "none": "1;32",
    "inconclusive": "1;35",
    "gone": "4;31",
    "new": "4;32",
    "no": "1;31",
    "unknown": "1;35",
    "yes": "1;32",
    "fails": "1;31",
    "holds": "1;32",
}


def render(
    document: Mapping[str, Any], *, width: int = 80, color: bool = False, verbosity: Verbosity = "normal"
) -> str:
    """Return a document of any kind as text that ends with a line feed.

    Args:
        document: a valid document.
        width: terminal columns; below 40 it is laid out for 40.
        color: use ANSI colours; without them a word that went is `[-so-]` and one that came is `{+so+}`.
        verbosity: how much is shown; it never changes what is found.

    Raises:
        DocumentError: the kind is unknown.
    """
    page = _Page(max(width, _NARROWEST), color)
    shown = listing(document)
    ahead = planning.page(document, verbosity)
    match document["kind"]:
        case "comparison":
            _comparison(page, document, verbosity)
        case "can-i-move":
            _answers(page, document, verbosity)
        case "explain":
            _explanation(page, document, verbosity)
        case "check":
            _check(page, document, verbosity)
        case "demo":
            _demo(page, document, verbosity)
        case "history" if shown:
            _history(page, document, shown)
        case _ if shown:
            _listing(page, shown)
        case _ if ahead:
            _ahead(page, ahead, verbosity)
        case kind:
            raise DocumentError(f"documents of kind {kind!r} have no text form", "use --format json")
    return page.text()


class _Page:
    """Lines of a finished width. Everything that is shown goes through `wrap`, and there through `safe`."""

    def __init__(self, width: int, color: bool) -> None:
        self.width = width
        self.color = color
        self._lines: list[str] = []

    def text(self) -> str:
        """Return the page."""
        return without_commands("\n".join(self._lines).strip("\n") + "\n")

    def blank(self) -> None:
        """Add an empty line, never two in a row."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def add(self, *spans: Span, indent: int = 0, hang: int = 0) -> None:
        """Add a paragraph, broken at blanks; its first line is indented, the others hang further in."""
        for number, line in enumerate(wrap(spans, self.width - indent - hang)):
            self._put([Span(" " * (indent + (hang if number else 0))), *line])

    def line(self, *spans: Span) -> None:
        """Add one line that is never broken, for people who filter lines."""
        for line in wrap(spans, _ENDLESS):
            self._put(line)

    def field(self, label: str, *spans: Span, indent: int = 2) -> None:
        """Add a paragraph behind its label."""
        for number, line in enumerate(wrap(spans, self.width - indent - _LABEL)):
            self._put([Span(" " * indent), Span(f"{'' if number else label:<{_LABEL}}", "dim"), *line])

    def fields(self, facts: Iterable[tuple[str, str]], indent: int = 2) -> None:
        """Add one field a fact."""
        for label, text in facts:
            self.field(label, Span(text), indent=indent)

    def heading(self, text: str, style: str = "bold") -> None:
        """Add a heading between empty lines."""
        self.blank()
        self.add(Span(text, style))
        self.blank()

    def side_by_side(self, left: Sequence[Span], right: Sequence[Span], indent: int) -> None:
        """Add two texts with their own line breaks in two columns, or one below the other on a narrow page."""
        if self.width < _SIDE_BY_SIDE:
            for spans in (left, right):
                for line in wrap(spans, self.width - indent, own_lines=True):
                    self._put([Span(" " * indent), *line])
            return
        size = (self.width - indent - 3) // 2
        texts = (wrap(spans, size, own_lines=True) for spans in (left, right))
        for one, other in zip_longest(*texts, fillvalue=()):
            pad = " " * (size - sum(columns(span.text) for span in one))
            self._put([Span(" " * indent), *one, Span(pad), Span(" │ ", "dim"), *other])

    def table(self, rows: Sequence[Mapping[str, object]], heads: Sequence[Column], indent: int = 2) -> None:
        """Add a table; `table` made its cells safe."""
        for line in table(rows, heads, self.width - indent).split("\n"):
            self._put([Span(" " * indent), Span(line)])

    def _put(self, line: Iterable[Span]) -> None:
        parts = [(_ANSI.get(style, "") if self.color else "", text) for text, style in line if text]
        self._lines.append(
            "".join(f"\x1b[{code}m{text}\x1b[0m" if code else text for code, text in parts).rstrip()
        )


# ---------------------------------------------------------------- comparison


def _comparison(page: _Page, document: Mapping[str, Any], verbosity: Verbosity) -> None:
    findings = phrases.in_order(document["findings"])
    style = document["verdict"]
    page.add(Span(phrases.verdict(document), style), Span(f"  {phrases.totals(document)}"))
    if verbosity == "quiet":
        for finding in findings.open:
            _one_line(page, finding)
        return
    page.blank()
    _sides(page, document)
    for level in phrases.WORST_FIRST:
        _level(page, level, findings.of(level), verbosity)
    if not findings.open:
        page.blank()
        page.add(Span(phrases.silence(document)))
    _settled(page, "Acknowledged", findings.acknowledged)
    _settled(page, "No longer seen", findings.absent)
    _remarks(page, document)
    _measure(page, document, verbosity)
    page.blank()
    page.field("tests", Span(phrases.tests(document)), indent=0)
    page.field("gate", Span(phrases.gate(document)), indent=0)
    page.field("comparison", Span(phrases.origin(document), "dim"), indent=0)


def _one_line(page: _Page, finding: Mapping[str, Any]) -> None:
    level = finding["level"]
    what = "  ".join(
        ["", finding["rule"], phrases.subject(finding), finding["path"], phrases.counts(finding)]
    )
    page.line(Span(f"{finding['fingerprint']}  "), Span(f"{level:<8}", level), Span(what))


def _sides(page: _Page, document: Mapping[str, Any]) -> None:
    for label, name, facts in phrases.sides(document):
        page.field(label, Span(name, "bold" if facts else "dim"), indent=0)
        if facts:
            page.field("", Span(facts, "dim"), indent=0)
    page.field("differs in", Span(phrases.axes(document)), indent=0)
    page.field("profile", Span(phrases.profile(document)), indent=0)
    if phrases.tool_calls(document):
        page.field("tool calls", Span(phrases.tool_calls(document)), indent=0)


def _level(page: _Page, level: str, findings: Sequence[Mapping[str, Any]], verbosity: Verbosity) -> None:
    if not findings:
        return
    page.heading(f"{level.capitalize()} ({len(findings)})", level)
    for family, group in groupby(findings, key=lambda finding: str(finding["family"])):
        page.add(Span(family, "dim"))
        page.blank()
        brief: dict[str, list[Mapping[str, Any]]] = {}
        shown: Counter[str] = Counter()
        for finding in group:
            shown[finding["rule"]] += 1
            if shown[finding["rule"]] > _IN_FULL and verbosity != "verbose":
                brief.setdefault(finding["rule"], []).append(finding)
                continue
            _finding(page, finding, verbosity)
            page.blank()
        for rule, more in brief.items():
            page.add(Span(f"and {len(more)} more of {rule}", "bold"))
            for finding in more:
                _one_line(page, finding)
            page.blank()


_IN_FULL = 4
"""Findings of one rule in one family that are told in full: what the next one means is what these mean."""


def _finding(page: _Page, finding: Mapping[str, Any], verbosity: Verbosity) -> None:
    notes = phrases.remarks(finding)
    page.add(
        Span("● ", finding["level"]),
        Span(finding["rule"], "bold"),
        Span("  ".join(["", *phrases.narrowed(finding)])),
        Span(f"  {', '.join(notes)}" if notes else "", "dim"),
        hang=2,
    )
    page.add(Span(finding["explanation"]), indent=2)
    page.fields(phrases.proof(finding, every=verbosity == "verbose"))
    histogram = finding["evidence"]["histogram"]
    if histogram and len(histogram) > 1:
        _histogram(page, histogram)
    witnesses = finding["witnesses"]
    for witness in witnesses if verbosity == "verbose" else witnesses[:1]:
        _witness(page, witness, verbosity)
    if len(witnesses) > 1 and verbosity != "verbose":
        page.add(
            Span(f"and {phrases.plural(len(witnesses) - 1, 'more witness', 'more witnesses')}", "dim"),
            indent=4,
        )
    page.fields(phrases.meaning(finding))


def _histogram(page: _Page, histogram: Mapping[str, int], rows: int = 12) -> None:
    """Show the most frequent differences, in order of size where they are numbers."""
    shown = sorted(sorted(histogram, key=lambda key: (-histogram[key], key))[:rows], key=_numeric)
    most = max(histogram.values())
    label = max(len(key) for key in shown)
    for number, key in enumerate(shown):
        bar = "█" * max(1, round(histogram[key] / most * 20))
        page.field("by how much" if number == 0 else "", Span(f"{key:>{label}}  {bar} {histogram[key]}"))
    if len(histogram) > rows:
        page.field("", Span(f"and {len(histogram) - rows} more values", "dim"))


def _numeric(key: str) -> tuple[float, str]:
    try:
        return float(key), key
    except ValueError:
        return 0.0, key


def _witness(page: _Page, witness: Mapping[str, Any], verbosity: Verbosity) -> None:
    page.field("witness", Span(f"{witness['probe']}, epoch {witness['epoch']}"))
    first, second = witness["baseline"], witness["candidate"]
    excerpts = (side["excerpt"] if side else "" for side in (first, second))
    old, new = side_by_side(*excerpts, limit=phrases.EXCERPT[verbosity], signs=not page.color)
    page.side_by_side(
        [
            Span(_came("baseline", first, verbosity), "dim"),
            *(Span(part.text, "gone" if part.changed else "") for part in old),
        ],
        [
            Span(_came("candidate", second, verbosity), "dim"),
            *(Span(part.text, "new" if part.changed else "") for part in new),
        ],
        indent=4,
    )


def _came(label: str, side: Mapping[str, Any] | None, verbosity: Verbosity) -> str:
    sample = f"sample {inline(side['sample'])}\n" if side and verbosity == "verbose" else ""
    return f"{label}: {phrases.shows(side)}\n{sample}"


def _settled(page: _Page, title: str, findings: Sequence[Mapping[str, Any]]) -> None:
    """List findings that are out of the gate: acknowledged, or gone since the comparison before."""
    if not findings:
        return
    page.heading(f"{title} ({len(findings)})")
    for finding in findings:
        level = finding["level"]
        page.add(
            Span("○ ", level),
            Span(finding["rule"], "bold"),
            Span(f"  {phrases.subject(finding)}  {phrases.movement(finding)}"),
            hang=2,
        )
        given = finding["acknowledged"]
        if given:
            page.add(Span(f"{given['reason']} ({given['owner']}, until {given['until']})"), indent=2)
        page.add(Span(finding["fingerprint"], "dim"), indent=2)


def _remarks(page: _Page, document: Mapping[str, Any]) -> None:
    for title, entries in phrases.caveats(document):
        page.heading(title)
        for head, text in entries:
            page.add(Span(f"{head}: " if head else "", "bold"), Span(text), indent=2, hang=2)


def _measure(page: _Page, document: Mapping[str, Any], verbosity: Verbosity) -> None:
    if document["families"]:
        page.heading("What could have been seen")
        page.table(
            [{**family, "power": phrases.power(family)} for family in document["families"]],
            (
                Column("family", "family", shrink=True),
                Column("probes", "probes", right=True),
                Column("epochs", "epochs", right=True),
                Column("power", "shows changes from", right=True),
            ),
        )
    if verbosity == "verbose" and document["measures"]:
        page.heading(f"Measured ({len(document['measures'])})")
        page.table(
            phrases.measured(document),
            (
                Column("measure", "measure", shrink=True),
                Column("where", "in", shrink=True),
                Column("moved", "moved", shrink=True),
                Column("q", "q", right=True),
                Column("fired", "finding"),
            ),
        )
    compared = [channel["channel"] for channel in document["comparable"] if channel["ok"]]
    if verbosity == "verbose" and compared:
        page.heading("Compared")
        page.add(Span(", ".join(compared)), indent=2)


# ---------------------------------------------------------------- other kinds


def _answers(page: _Page, document: Mapping[str, Any], verbosity: Verbosity) -> None:
    for answer in document["answers"]:
        page.blank()
        page.add(
            Span(answer["answer"].upper(), answer["answer"]),
            Span(f"  {answer['contract']}", "bold"),
            Span(f" ({answer['owner']})" if answer["owner"] else "", "dim"),
            Span(f"  {answer['from']} → {answer['to']}"),
            hang=2,
        )
        if verbosity == "quiet":
            continue
        for clause in answer["clauses"]:
            if clause["result"] != "holds" or verbosity == "verbose":
                _clause(page, clause, verbosity)
        page.blank()
        page.fields(phrases.answer_facts(answer))


def _clause(page: _Page, clause: Mapping[str, Any], verbosity: Verbosity) -> None:
    page.blank()
    page.add(
        Span(f"{clause['result']}  ", clause["result"]),
        Span(clause["id"], "bold"),
        Span(f"  {clause['relies_on']}"),
        indent=2,
        hang=2,
    )
    if clause["witness"]:
        _witness(page, clause["witness"], verbosity)
    page.fields(phrases.clause_facts(clause))


def _explanation(page: _Page, document: Mapping[str, Any], verbosity: Verbosity) -> None:
    rule, finding = document["rule"], document["finding"]
    page.add(
        Span(rule["id"], "bold"), Span(f"  {rule['level']}", rule["level"]), Span(f"  {rule['area']}", "dim")
    )
    page.add(Span(rule["title"]))
    page.blank()
    page.fields(phrases.rule_facts(rule, of_finding=finding is not None), indent=0)
    if finding:
        page.heading(f"In comparison {document['comparison']}")
        _finding(page, finding, verbosity)


def _check(page: _Page, document: Mapping[str, Any], verbosity: Verbosity) -> None:
    page.add(Span(summary_line(document), "bold"))
    for comparison in document["comparisons"]:
        page.heading(phrases.name(comparison["candidate"]))
        _comparison(page, comparison, verbosity)
    for plan in document["dry_runs"]:
        page.blank()
        _listing(page, listing(plan))
    if document["unmeasured"]:
        page.heading("Not checked")
        for entry in document["unmeasured"]:
            page.add(Span(f"{entry['target']}: ", "bold"), Span(entry["reason"]), indent=2, hang=2)


def _demo(page: _Page, document: Mapping[str, Any], verbosity: Verbosity) -> None:
    page.add(Span(summary_line(document), "bold"))
    for notice in document["notices"]:
        page.add(Span(notice), indent=2, hang=2)
    for title, part in (("The model against itself", "control"), ("The comparison", "comparison")):
        page.heading(title)
        # The control has one thing to say; its whole report is there with `verbose`.
        _comparison(
            page, document[part], "quiet" if part == "control" and verbosity == "normal" else verbosity
        )


def _history(page: _Page, document: Mapping[str, Any], shown: Listing) -> None:
    entries = document["entries"]
    page.add(Span(document["target"] or "all targets", "bold"), Span(f"  {shown.title}"))
    if entries:
        first, last = phrases.minute(entries[0]["created_at"]), phrases.minute(entries[-1]["created_at"])
        page.add(Span(f"{first} to {last}", "dim"))
        page.blank()
        _plots(page, document)
    page.blank()
    page.table(shown.rows, shown.columns, indent=0)


def _plots(page: _Page, document: Mapping[str, Any]) -> None:
    """Add one line a series, the newest runs to the right; a line that is too long begins later."""
    rows = [
        {
            "series": line.name,
            "plot": (sparkline(line.values) if number else verdict_line(line.values))[-(page.width // 2) :],
            "range": line.range,
        }
        for number, line in enumerate(phrases.series(document))
    ]
    page.table(
        rows,
        (
            Column("series", "series", shrink=True),
            Column("plot", "oldest to newest"),
            Column("range", "range"),
        ),
    )


def _listing(page: _Page, shown: Listing | None) -> None:
    if shown is None:
        return
    if shown.rows:
        page.table(shown.rows, shown.columns, indent=0)
        page.blank()
    page.add(Span(shown.title))
    for note in shown.notes:
        page.add(Span(note), hang=2)


def _ahead(page: _Page, shown: planning.Page, verbosity: Verbosity) -> None:
    page.add(Span(shown.title, "bold"))
    for section in shown.sections:
        page.heading(section.heading)
        if section.told:
            _told(page, section.rows, verbosity)
        else:
            page.table(section.rows, section.columns)
        for remark in section.remarks:
            page.add(Span(remark), indent=2, hang=2)
    page.blank()
    for note in shown.notes:
        page.add(Span(note), hang=2)


def _told(page: _Page, rows: Iterable[Mapping[str, object]], verbosity: Verbosity) -> None:
    for row in rows:
        level, name, where, said = (str(row.get(key) or "") for key in ("level", "id", "where", "said"))
        if verbosity == "quiet":
            page.line(Span(f"{level:<8}", level), Span(f"  {name}  {where}  {said}"))
            continue
        page.add(Span("● ", level or "dim"), Span(name, "bold"), Span(f"  {where}", "dim"), hang=2)
        page.add(Span(said), indent=2)
