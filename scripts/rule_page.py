# Prints the rule table as Markdown, each rule with an example out of its pairs; docs/rules.md is made from it.
# Owns: layout of that page, which pair is the example. Refuses to know: what a rule means; the records say that.
"""The sections of docs/rules.md."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.model import DIALECTS
from drift.report.safe import code
from drift.rules import RULES
from drift.rules.record import LevelWhen, Rule

_FIRST = (*DIALECTS, "host", "recorded")
_SHOWN = 140


def page() -> str:
    """Return all areas with their rules, in the order of the table."""
    lines: list[str] = []
    for area in dict.fromkeys(rule.area for rule in RULES):
        rules = [rule for rule in RULES if rule.area == area]
        lines += [
            "",
            f"## {area.capitalize()}",
            "",
            "| rule | level | evidence | what happened |",
            "| --- | --- | --- | --- |",
        ]
        lines += [_row(rule) for rule in rules]
        for rule in rules:
            lines += ["", *_section(rule)]
    return "\n".join(lines)


def _row(rule: Rule) -> str:
    title = rule.title.replace("|", "\\|")
    return f"| [`{rule.id}`](#{rule.id}) | {rule.level} | {', '.join(rule.evidence)} | {title} |"


def _section(rule: Rule) -> Iterator[str]:
    yield from (f"### {rule.id}", "", rule.title, "", f"- **Level**: {rule.level}")
    yield from map(_condition, rule.level_when)
    yield f"- **Evidence**: {', '.join(rule.evidence)}; **direction**: {rule.direction}; **kind**: {rule.kind}"
    yield f"- **Who breaks**: {rule.who_breaks}"
    yield f"- **What to do**: {rule.remedy}"
    yield "- **Opposite**: " + (
        f"[`{rule.mirror}`](#{rule.mirror})" if rule.mirror else f"none. {rule.mirror_waiver}"
    )
    if rule.seen_in:
        yield f"- **Seen in**: {', '.join(map(_thread, rule.seen_in))}"
    if rule.source:
        yield f"- **Source**: <{rule.source}>"
    yield from _example(rule)


def _condition(condition: LevelWhen) -> str:
    when = f"profile `{condition.profile}`: " if condition.profile else ""
    return f"  - {condition.level} when: {when}{condition.when}"


def _thread(entry: str) -> str:
    found = re.fullmatch(r"([\w.-]+/[\w.-]+)#(\d+)( \(.+\))?", entry)
    if found is None:
        return entry
    repository, number, remark = found.groups()
    return f"[{repository}#{number}](https://github.com/{repository}/issues/{number}){remark or ''}"


def _example(rule: Rule) -> Iterator[str]:
    """Yield a pair that fires the rule, with what each side showed."""
    pairs: Any = importlib.import_module("tests.pairs_support")
    firing = [
        path
        for path in sorted((pairs.PAIRS / rule.id).glob("*.json"))
        if rule.id in pairs.read_pair(path).expect
    ]
    path = min(firing, key=lambda found: (_rank(found), found.stem))
    finding = next(f for f in pairs.compared(path)["findings"] if f["rule"] == rule.id)
    about = json.loads(path.read_text("utf-8"))["about"]
    where = f"../tests/pairs/{rule.id}/{path.name}"
    yield f"- **Example** ([pair]({where}), fires at {finding['level']}): {about}"
    for side in ("baseline", "candidate"):
        yield f"  - {side}: {code(_shows(finding, side), _SHOWN)}"


def _rank(path: Path) -> int:
    return _FIRST.index(path.stem) if path.stem in _FIRST else len(_FIRST)


def _shows(finding: Mapping[str, Any], side: str) -> str:
    """Return the fact itself, or for a rate a reply that shows it."""
    fact = json.dumps(finding["before" if side == "baseline" else "after"], ensure_ascii=False)
    if finding["evidence_class"] == "exact" or not finding["witnesses"]:
        return fact
    witness = finding["witnesses"][0][side]
    return str(witness["excerpt"] or fact) if witness else fact
