# The words for the values of a document: which findings stand where, how far something moved, how sure that is.
# Owns: order, wording, number formats; every renderer says the same. Refuses to know: layout, colour, escaping.
"""What a report says, as plain strings that are not yet safe to show: a renderer escapes them for its format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from drift.canonical import canonical

WORST_FIRST = ("breaking", "warning", "info")

_AXES = {
    "model": "model version",
    "alias": "alias (the same name is answered by another model)",
    "api_version": "API version",
    "sdk": "SDK",
    "platform": "platform",
    "region": "region",
    "parameters": "parameters",
    "dialect": "dialect of the wire",
    "grader": "grader of the labels",
    "none": "nothing that anyone announced",
}
EXITS = {
    0: "passed, exit 0",
    1: "failed, exit 1",
    3: "could not be decided, exit 3",
}

Verbosity = Literal["quiet", "normal", "verbose"]
"""quiet: the verdict and one line a finding; normal: one witness a finding; verbose: all of them, and every step."""

EXCERPT: Mapping[Verbosity, int] = {"quiet": 0, "normal": 1200, "verbose": 4000}
"""Characters of a witness that are shown on either side."""

Json = Mapping[str, Any]


class Counts(NamedTuple):
    """Findings of a comparison: open ones by level, those that are acknowledged, and those that are gone again."""

    breaking: int
    warning: int
    info: int
    acknowledged: int
    absent: int


class Sorted(NamedTuple):
    """The findings of a comparison in the order of a report."""

    open: tuple[Json, ...]
    acknowledged: tuple[Json, ...]
    absent: tuple[Json, ...]

    def of(self, level: str) -> tuple[Json, ...]:
        """Return the open findings of one level."""
        return tuple(finding for finding in self.open if finding["level"] == level)


def in_order(findings: Iterable[Json]) -> Sorted:
    """Return findings by level, then family, the worst first; a family stands where its worst finding would."""
    ranked = sorted(findings, key=_badness)
    family_rank: dict[tuple[str, str], int] = {}
    for rank, finding in enumerate(ranked):
        family_rank.setdefault((finding["level"], finding["family"]), rank)
    ranked.sort(key=lambda finding: family_rank[finding["level"], finding["family"]])
    gone = [finding for finding in ranked if finding["state"] == "absent"]
    there = [finding for finding in ranked if finding["state"] != "absent"]
    return Sorted(
        open=tuple(finding for finding in there if finding["acknowledged"] is None),
        acknowledged=tuple(finding for finding in there if finding["acknowledged"] is not None),
        absent=tuple(gone),
    )


def _badness(finding: Json) -> tuple[int, int, float, float, str, str]:
    """Sort key: level, then the surer evidence, then the smaller q, then the larger effect, then the name."""
    evidence = finding["evidence"]
    return (
        WORST_FIRST.index(finding["level"]),
        ("exact", "witnessed", "statistical").index(finding["evidence_class"]),
        1.0 if evidence["q"] is None else evidence["q"],
        -abs(evidence["effect"] or 0.0),
        finding["rule"],
        finding["fingerprint"],
    )


def counted(findings: Sorted) -> Counts:
    """Return how many findings of each sort there are."""
    breaking, warning, info = (len(findings.of(level)) for level in WORST_FIRST)
    return Counts(
        breaking, warning, info, acknowledged=len(findings.acknowledged), absent=len(findings.absent)
    )


def plural(count: int, noun: str, many: str = "") -> str:
    """Return "1 sample", "2 samples"."""
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def totals(comparison: Json) -> str:
    """Return the number of findings by level: "1 breaking, 2 warnings, 0 info; 1 acknowledged"."""
    counts = counted(in_order(comparison["findings"]))
    text = f"{counts.breaking} breaking, {plural(counts.warning, 'warning')}, {counts.info} info"
    if counts.acknowledged:
        text += f"; {counts.acknowledged} acknowledged"
    return text


def verdict(comparison: Json) -> str:
    """Return the verdict as a heading: "BREAKING", "NO DRIFT FOUND", …."""
    words = {"none": "NO DRIFT FOUND"}
    return words.get(comparison["verdict"], str(comparison["verdict"]).upper())


def gate(comparison: Json) -> str:
    """Return what the gate says: "fails on breaking: failed, exit 1"."""
    fail_on = comparison["gate"]["fail_on"]
    when = (
        "never fails on findings"
        if fail_on == "never"
        else f"fails on {fail_on}{'' if fail_on == 'breaking' else ' or worse'}"
    )
    return f"{when}: {EXITS[comparison['gate']['exit_code']]}"


_LONGEST_FACT = 24


def column_names(columns: Sequence[Json]) -> list[str]:
    """Return a name for each column of a parameter matrix: the target, and whatever tells it from its neighbours."""
    names = [
        f"{column['target']}@{column['label']}" if column["label"] else column["target"] for column in columns
    ]
    for more in ("api_version", "dialects", "run"):
        if len(set(names)) == len(names):
            break
        facts = [", ".join(fact) if isinstance(fact := column[more], list) else fact for column in columns]
        if len(set(facts)) > 1:
            named = zip(names, facts, strict=True)
            names = [f"{one} ({str(fact)[:_LONGEST_FACT]})" if fact else one for one, fact in named]
    return names


def name(side: Json) -> str:
    """Return a side as users write it: `DATASET:TARGET@LABEL`; a surface by its own name."""
    if side["kind"] != "run":
        return str(side["id"])
    dataset = f"{side['dataset']}:" if side["dataset"] is not None else ""
    label = f"@{side['label']}" if side["label"] is not None else ""
    return f"{dataset}{side['target']}{label}"


def particulars(side: Json) -> list[str]:
    """Return what else is known of a side, one entry a fact."""
    if side["kind"] != "run":
        version = [f"API {side['api_version']}"] if side["api_version"] is not None else []
        return [f"{side['kind']} of {side['target']}", *version]
    facts = [f"run {side['id']}", plural(side["samples"], "sample")]
    answered = side["response_models"]
    if answered and answered != [side["requested_model"]]:
        facts.append(f"asked for {side['requested_model']}, answered by {', '.join(answered)}")
    if side["api_version"] is not None:
        facts.append(f"API {side['api_version']}")
    if side["sdk"] is not None:
        facts.append(f"SDK {side['sdk']}")
    return facts


def origin(comparison: Json) -> str:
    """Return which comparison it is, made when and by which version."""
    return (
        f"{comparison['id']}, made {minute(comparison['created_at'])} by drift {comparison['drift_version']}"
    )


def minute(timestamp: str) -> str:
    """Return a timestamp up to the minute, without its offset when that is UTC."""
    head, rest = timestamp[:16].replace("T", " "), timestamp[16:].lstrip("0123456789:.")
    return head if rest in {"", "Z", "+00:00"} else f"{head} {rest}"


def axes(comparison: Json) -> str:
    """Return what differs between the sides by what was asked for and what was announced."""
    return ", ".join(_AXES.get(axis, axis) for axis in comparison["axes"]) or "nothing that anyone announced"


def number(value: float) -> str:
    """Return a number with four significant digits, a whole one as it is."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def percent(value: float) -> str:
    """Return a share as a percentage."""
    return f"{number(round(value * 100, 1))} %"


def money(value: float | None) -> str:
    """Return an amount in US dollars; None is an unknown price, never nothing."""
    return "price unknown" if value is None else f"{value:.2f} USD"


def chance(value: float) -> str:
    """Return a p or q with three significant digits; 0 is what no float can hold."""
    return "0 (below 1e-300)" if value == 0 else f"{value:.3g}"


def compact(value: Any) -> str:
    """Return a JSON value on one line: a string as it is, all else as JSON."""
    return value if isinstance(value, str) else canonical(value)


def movement(finding: Json) -> str:
    """Return how far a finding or a measure moved; empty without a number.

    For example "0 of 50 → 44 of 50, +88 points (95 % interval +74 to +94)".
    """
    size = "" if finding["evidence"]["effect"] is None else effect(finding["evidence"])
    return ", ".join(filter(None, (counts(finding), size)))


def counts(finding: Json) -> str:
    """Return the counts or means of both sides: "0 of 50 → 44 of 50"; empty when nothing was counted."""
    evidence = finding["evidence"]
    sides = [evidence["baseline"], evidence["candidate"]]
    if any(side["k"] is not None and side["n"] for side in sides):
        return " → ".join(f"{side['k'] or 0} of {side['n']}" for side in sides)
    if all(side["mean"] is not None for side in sides):
        unit = "" if evidence["unit"] in {"share", "ratio"} else f"{evidence['unit']} "
        sizes = " and ".join(dict.fromkeys(str(side["n"]) for side in sides))
        return f"{' → '.join(number(side['mean']) for side in sides)} {unit}on average of {sizes}"
    return ""


def effect(evidence: Json) -> str:
    """Return an effect with its interval, a share in percentage points and a ratio as a factor."""
    unit, interval = evidence["unit"], evidence["interval"]
    text = _size(evidence["effect"], unit)
    if interval is not None and interval[0] < interval[1]:
        low, high = (_size(end, unit).removesuffix(" points").removesuffix(f" {unit}") for end in interval)
        text += f" (95 % interval {low} to {high})"
    return text


def _size(value: float, unit: str) -> str:
    if unit == "share":
        return f"{_signed(round(value * 100, 1))} points"
    return f"\N{MULTIPLICATION SIGN}{number(value)}" if unit == "ratio" else f"{_signed(value)} {unit}"


def _signed(value: float) -> str:
    return ("+" if value >= 0 else "") + number(value)


def certainty(finding: Json) -> str:
    """Return how sure it is, and by what: class of evidence, test and its numbers."""
    evidence = finding["evidence"]
    pairs = plural(evidence["pairs"], "pair")
    match finding["evidence_class"]:
        case "exact" if evidence["offset"] is not None:
            text = f"exact: each of {pairs} moved by {_signed(evidence['offset'])}, and a fixed request has no noise"
        case "exact" if finding["space"] == "surface":
            text = "exact: read from what both sides declare"
        case "exact":
            text = "exact: one observation decides"
            if evidence["pairs"] and evidence["up"] is not None and evidence["down"] is not None:
                text += f"; {evidence['up'] + evidence['down']} of {pairs} show it"
        case "witnessed":
            text = "witnessed: a stored payload shows it"
        case _:
            text = "statistical"
    if evidence["p"] is not None:
        text += f": {evidence['test'] or 'test'} over {pairs}"
        if evidence["up"] is not None and evidence["down"] is not None:
            text += f" ({evidence['up']} up, {evidence['down']} down)"
        text += f", p={chance(evidence['p'])}"
        text += f", q={chance(evidence['q'])}" if evidence["q"] is not None else ""
    return text


def place(finding: Json) -> str:
    """Return where it moved, and what stood there: "request /temperature: {…} → {…}"."""
    where = f"{finding['space']} {finding['path']}".strip()
    before, after = finding["before"], finding["after"]
    evidence = finding["evidence"]
    # Values that only repeat the counts stand behind "moved" already.
    if _repeats(before, evidence["baseline"]) and _repeats(after, evidence["candidate"]):
        return where
    absent = "absent" if finding["space"] == "surface" else "null"
    old, new = (absent if value is None else _shown(value) for value in (before, after))
    return f"{where}: {old} → {new}"


def _shown(value: Any) -> str:
    """Return a value as it stood there; of a refusal what a program sees, as its words stand in the explanation."""
    if isinstance(value, Mapping) and "status" in value:
        return " ".join(
            dict.fromkeys(str(value[name]) for name in ("status", "type", "code") if name in value)
        )
    return compact(value)


def _repeats(value: Any, count: Json) -> bool:
    if not isinstance(value, Mapping):
        return value is None
    return all(key in count and (count[key] is None) == (value[key] is None) for key in value)


def cause(finding: Json) -> str:
    """Return the documented event that explains it, or that there is none."""
    event = finding["matches_event"]
    if event is None:
        return "no documented cause"
    return f"documented, {event['when']}: {event['what']} ({event['source']})"


def about(finding: Json) -> str:
    """Return the area, the direction of the contract and the axis that the finding is put down to."""
    axis = _AXES.get(finding["axis"], finding["axis"])
    return f"area {finding['area']}, direction {finding['direction']}, axis {axis}"


def remarks(finding: Json) -> list[str]:
    """Return what qualifies a finding: its tags, and its state against the previous comparison."""
    return [*finding["tags"], *([finding["state"]] if finding["state"] else [])]


def subject(finding: Json) -> str:
    """Return what the finding is about: its family, and the probe or the places that narrow it."""
    return ", ".join([finding["family"], *narrowed(finding)])


_MOST_PLACES = 4


def narrowed(finding: Json) -> list[str]:
    """Return what narrows a finding within its family: its probe and its places, of many the first ones."""
    shown = finding["places"][:_MOST_PLACES]
    more = len(finding["places"]) - len(shown)
    probe = [finding["probe"]] if finding["probe"] else []
    return [*probe, *shown, *([f"and {plural(more, 'more place')}"] if more else [])]


def shows(side: Json | None) -> str:
    """Return what came back on one side of a witness: "rejected 400"."""
    if side is None:
        return "nothing"
    return side["outcome"] if side["status"] is None else f"{side['outcome']} {side['status']}"


def tests(comparison: Json) -> str:
    """Return how many tests were run, and which share of false alarms the report holds."""
    rate = percent(comparison["false_discovery_rate"])
    if not comparison["tests_run"]:
        return "no statistical test was run"
    return f"{plural(comparison['tests_run'], 'test')}, false discovery rate held at {rate}"


def power(family: Json) -> str:
    """Return the smallest change of a share that would have been seen: "12 points"; for some families there is none."""
    smallest = family["detectable_effect"]
    return "exact facts only" if smallest is None else f"{number(round(smallest * 100, 1))} points"


Facts = list[tuple[str, str]]
"""Labels and what stands behind them, in the order of a report."""


def proof(finding: Json, *, every: bool = False) -> Facts:
    """Return what moved and how sure that is; with `every` also what most readers do not ask for."""
    facts = [("moved", movement(finding))] if movement(finding) else []
    facts += [("how sure", certainty(finding)), ("where", place(finding))]
    if every:
        if len(finding["places"]) > _MOST_PLACES:
            facts.append(("places", "; ".join(finding["places"])))
        facts.append(("about", about(finding)))
    if every or finding["level"] != finding["default_level"]:
        facts.append(("level", "; ".join(finding["level_steps"])))
    other = [
        f"{level} for {name}" for name, level in finding["profiles"].items() if level != finding["level"]
    ]
    if other:
        facts.append(("otherwise", "; ".join(other)))
    return facts


def meaning(finding: Json) -> Facts:
    """Return in whose code it breaks, what caused it, what to do, and by which name it is acknowledged."""
    return [
        *([("who breaks", finding["who_breaks"])] if finding["who_breaks"] else []),
        ("cause", cause(finding)),
        *([("what to do", finding["remedy"])] if finding["remedy"] else []),
        ("fingerprint", finding["fingerprint"]),
    ]


def condition(when: Json) -> str:
    """Return a condition of a rule: "breaking when the probe is tagged must-answer", "info for provider-policy: …"."""
    if when["profile"] is None:
        return f"{when['level']} when {when['when']}"
    return f"{when['level']} for {when['profile']}: {when['when']}"


def tool_calls(comparison: Json) -> str:
    """Return how far the two sides agree on tool calls, and what the control reaches; "" when no tool was offered."""
    found = comparison["tool_calls"]
    if found is None:
        return ""
    control = found["control"]
    parts = []
    if found["trigger_f1"] is not None:
        bar = (
            ""
            if control is None or control["trigger_f1"] is None
            else f", control {control['trigger_f1']:.3f}"
        )
        parts.append(f"trigger F1 {found['trigger_f1']:.3f} over {plural(found['requests'], 'request')}{bar}")
    before, after = (found["schema_accuracy"][side] for side in ("baseline", "candidate"))
    if before["n"] or after["n"]:
        bar = f", control {_share(control['schema_accuracy'])}" if control is not None else ""
        parts.append(f"valid arguments {_share(before)} became {_share(after)}{bar}")
    return "; ".join(parts) or f"none in {plural(found['requests'], 'request')}"


def _share(count: Json) -> str:
    return f"{count['k']} of {count['n']}"


def profile(comparison: Json) -> str:
    """Return the profile, and what the others would have said where that is something else."""
    mine = {"verdict": comparison["verdict"], "exit_code": comparison["gate"]["exit_code"]}
    other = [
        f"{name}: {outcome['verdict']}, exit {outcome['exit_code']}"
        for name, outcome in comparison["profiles"].items()
        if outcome != mine
    ]
    return f"{comparison['profile']} ({'; '.join(other)})" if other else str(comparison["profile"])


def rule_facts(rule: Json, *, of_finding: bool) -> Facts:
    """Return what a rule says of itself; what its finding says already is left out."""
    return [
        *([] if of_finding else [("who breaks", rule["who_breaks"]), ("what to do", rule["remedy"])]),
        ("evidence", " or ".join(rule["evidence"])),
        ("direction", rule["direction"]),
        *(("level", condition(when)) for when in rule["level_when"]),
        ("opposite", rule["mirror"] or f"none: {rule['mirror_waiver']}"),
        *([("seen in", ", ".join(rule["seen_in"]))] if rule["seen_in"] else []),
        *([("source", rule["source"])] if rule["source"] else []),
    ]


def sides(comparison: Json) -> list[tuple[str, str, str]]:
    """Return the sides of a comparison: which it is, its name, and what else is known of it."""
    return [
        (label, name(side), " · ".join(particulars(side))) if side else (label, "none", "")
        for label in ("baseline", "candidate", "control")
        for side in (comparison[label],)
    ]


def silence(comparison: Json) -> str:
    """Return what it means that there is no open finding."""
    if comparison["verdict"] == "inconclusive":
        return "Nothing was found, and that proves nothing: too little could be measured or compared."
    if comparison["baseline"]["kind"] != "run":
        settled = any(finding["acknowledged"] for finding in comparison["findings"])
        return f"The two sides declare the same{', but for what is acknowledged' if settled else ''}."
    if any(finding["acknowledged"] for finding in comparison["findings"]):
        return "Nothing moved beyond chance but what is acknowledged. What could have been seen stands below."
    return "Nothing moved beyond chance. What could have been seen stands below."


def caveats(comparison: Json) -> list[tuple[str, Facts]]:
    """Return the sections that say what silence does not mean: a title and its entries; none is empty."""
    sections: list[tuple[str, Facts]] = [
        ("Notices", [("", notice) for notice in comparison["notices"]]),
        (
            "Not comparable",
            [
                (channel["channel"], f"{channel['reason']} ({plural(channel['affected_samples'], 'sample')})")
                for channel in comparison["comparable"]
                if not channel["ok"]
            ],
        ),
        (
            "Compared in part",
            [
                (channel["channel"], channel["reason"])
                for channel in comparison["comparable"]
                if channel["ok"] and channel["reason"]
            ],
        ),
        ("Not measured", [(entry["family"], entry["reason"]) for entry in comparison["unmeasured"]]),
        (
            "Not cleared: silence proves nothing here",
            [(entry["channel"], entry["why"]) for entry in comparison["not_cleared"]],
        ),
    ]
    return [(title, entries) for title, entries in sections if entries]


def answer_facts(answer: Json) -> Facts:
    """Return what a may-I-move answer says beside its clauses."""
    held = sum(clause["result"] == "holds" for clause in answer["clauses"])
    return [
        ("holds", f"{held} of {plural(len(answer['clauses']), 'clause')}"),
        *([("not relied on", ", ".join(answer["not_relied_on"]))] if answer["not_relied_on"] else []),
        *(
            (
                "missing",
                f"{plural(missing['epochs'], 'more sample')} of {missing['probe']}, {money(missing['cost_usd'])}",
            )
            for missing in answer["missing"]
        ),
    ]


def clause_facts(clause: Json) -> Facts:
    """Return what stands behind the result of a clause."""
    return [
        *([("findings", ", ".join(clause["findings"]))] if clause["findings"] else []),
        *(("needs", need) for need in clause["needs"]),
        *([("what to do", clause["remedy"])] if clause["remedy"] else []),
    ]


class Series(NamedTuple):
    """One line of a history: a name, its values (verdicts or shares, oldest first), and their range in words."""

    name: str
    values: tuple[Any, ...]
    range: str


def series(history: Json) -> list[Series]:
    """Return the verdicts and the rates of a history."""
    lines = [Series("verdict", tuple(entry["verdict"] for entry in history["entries"]), "")]
    for rate in history["rates"]:
        measured = [value for value in rate["values"] if value is not None]
        spread = f"{percent(min(measured))} to {percent(max(measured))}" if measured else "not measured"
        lines.append(Series(f"{rate['family']}: {rate['name']}", tuple(rate["values"]), spread))
    return lines


def measured(comparison: Json) -> list[dict[str, object]]:
    """Return everything that was measured, one row each: measure, place, counts, q, and whether a rule fired."""
    return [
        {
            "measure": measure["measure"],
            "where": ", ".join(filter(None, (measure["family"], measure["place"], measure["where"]))),
            "moved": counts(measure) or movement(measure),
            "q": "" if measure["evidence"]["q"] is None else chance(measure["evidence"]["q"]),
            "fired": "yes" if measure["finding"] else "",
        }
        for measure in comparison["measures"]
    ]
