# How far two runs agree on tool calls: when they call, and whether what they call with is valid.
# Owns: trigger F1 and schema accuracy, in the manner of the K2 Vendor Verifier. Refuses to know: levels, formats.
"""Agreement on tool calls.

*Trigger F1*: the baseline is the reference, a sample is positive when it calls a tool, and the candidate is scored
against it. *Schema accuracy*: of the answers that call, the share whose arguments keep to the declared schema. Two
axes, because hosts of one model were seen to fail on either alone. What repeats of the same model reach is the bar.
Source: https://github.com/MoonshotAI/K2-Vendor-Verifier
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drift.documents import CountDocument, ToolCallsControl, ToolCallsDocument
from drift.rules.facts import Facts, Seen


def tool_agreement(facts: Facts, repeated: Sequence[Facts]) -> ToolCallsDocument | None:
    """Return the agreement of two runs, and of the same-model controls; None when no probe offers a tool."""
    both = list(_asked_twice(facts))
    if not both:
        return None
    beside = [pair for control in repeated for pair in _asked_twice(control)]
    bar: ToolCallsControl | None = None
    if beside:
        bar = {
            "requests": len(beside),
            "trigger_f1": _trigger_f1(beside),
            "schema_accuracy": _accuracy([second for _, second in beside]),
        }
    return {
        "requests": len(both),
        "trigger_f1": _trigger_f1(both),
        "schema_accuracy": {
            "baseline": _accuracy([first for first, _ in both]),
            "candidate": _accuracy([second for _, second in both]),
        },
        "control": bar,
    }


def _asked_twice(facts: Facts) -> Iterator[tuple[Seen, Seen]]:
    """Yield the two answers of every epoch of a probe that offers tools: who is refused neither calls nor declines."""
    for pair in facts.pairs:
        if not any(exchange.tools for exchange in pair.probe.exchanges):
            continue
        answers = {seen.epoch: seen for seen in pair.candidate if _answered(seen)}
        for first in filter(_answered, pair.baseline):
            second = answers.get(first.epoch)
            if second is not None:
                yield first, second


def _answered(seen: Seen) -> bool:
    return seen.outcome == "response" and seen.get("calls.count") is not None


def _trigger_f1(pairs: list[tuple[Seen, Seen]]) -> float | None:
    """Return 2·both / (baseline + candidate), None when neither ever calls."""
    calls = [(bool(first.get("calls.count")), bool(second.get("calls.count"))) for first, second in pairs]
    positives = sum(a + b for a, b in calls)
    return 2 * sum(a and b for a, b in calls) / positives if positives else None


def _accuracy(samples: list[Seen]) -> CountDocument:
    judged = [seen.get("args.valid") for seen in samples if seen.get("args.valid") is not None]
    n = len(judged)
    return {"k": sum(judged), "n": n, "mean": sum(judged) / n if n else None}
