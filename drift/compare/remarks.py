# What a reader must know beside the findings: what was incomplete, which controls there were, what was not cleared.
# Owns: the wording of notices about the comparison as a whole. Refuses to know: findings' own words, formats.
"""Remarks on a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from drift.compare.anytime import Order
from drift.compare.early import SIZE
from drift.compare.findings import expired
from drift.compare.pairing import Pairing
from drift.compare.policy import Policy
from drift.compare.sides import SUPPOSED, Sides
from drift.documents import NotClearedDocument, SequentialDocument
from drift.model import Snapshot


def run_notices(baseline: Snapshot, candidate: Snapshot, policy: Policy, order: Order | None) -> list[str]:
    """Say what is missing on a side, and what was asked of the comparison that may surprise."""
    notices: list[str] = []
    for snapshot, name in ((baseline, "baseline"), (candidate, "candidate")):
        early = name == "candidate" and order is not None and order.stopped is not None
        if snapshot.run.status != "complete" and not early:
            notices.append(f"the {name} run is {snapshot.run.status}: what is missing was not compared")
    first, second = baseline.run, candidate.run
    if first.suite_hash and second.suite_hash and first.suite_hash != second.suite_hash:
        notices.append("the suites differ: only probes that ask the same on both sides are compared")
    if (
        first.id == second.id
        and policy.baseline_samples == policy.candidate_samples
        and not policy.label_pairs
    ):
        notices.append("both sides are the same samples: nothing can differ")
    if order is not None:
        notices.append(_sequential_notice(sequential_document(candidate, order)))
    return [*notices, *expired(policy)]


def sequential_document(candidate: Snapshot, order: Order) -> SequentialDocument:
    """Return how far the candidate was asked, and why no further."""
    planned, asked = len(order.turns), len(candidate.samples)
    return {
        "planned": planned,
        "asked": asked,
        "saved": planned - asked,
        "stopped": order.stopped,
        "size": SIZE,
    }


def _sequential_notice(early: SequentialDocument) -> str:
    if early["stopped"] is None:
        return f"sequential: all {early['planned']} samples were asked; the numbers hold although they were watched"
    why = {
        "drift": "drift is shown",
        "clear": f"no change of {SIZE:.0%} of a family's answers, or none that could still be shown, is left to find",
    }[early["stopped"]]
    return (
        f"sequential: stopped after {early['asked']} of {early['planned']} samples, because {why};"
        f" {early['saved']} calls were saved, and texts as distributions and single probes were not tested"
    )


def control_notices(repeats: Sequence[Snapshot], candidate: Snapshot, sides: Sides) -> list[str]:
    """Say what served as a control, and without any what that costs in certainty."""
    if repeats:
        again = sum(repeat.run.control_of == candidate.run.id for repeat in repeats)
        parts = [f"{len(repeats) - again} of the baseline"] * (len(repeats) > again)
        parts += ["one of the candidate, on its own day"] * bool(again)
        return [f"same-model controls: {' and '.join(parts)}"] if len(repeats) > 1 or again else []
    if sides.halves:
        return [
            "no same-model control of another day: the halves of the baseline show the spread inside one run only"
        ]
    return [f"no same-model control: how far the model differs from itself is not known; {_price(sides)}"]


def _price(sides: Sides) -> str:
    """Say which findings would not stand if the unchanged model varied more than chance."""
    tested = {judged.fingerprint: judged for judged in sides.judgement.findings if judged.q is not None}
    if sides.supposed is None or not tested:
        return "no finding here rests on a test" if not tested else "a finding rests on its test alone"
    level = {judged.fingerprint: judged.level for judged in sides.supposed.findings}
    shaky = [judged.rule.id for key, judged in tested.items() if level.get(key) != judged.level]
    cost = (
        "all would stand" if not shaky else f"{len(shaky)} would fall ({', '.join(sorted(set(shaky))[:5])})"
    )
    return (
        f"of the {len(tested)} findings that rest on a test, {cost} if it varied from run to run with"
        f" {SUPPOSED.phi:.0f} times the variance of chance"
    )


def not_cleared(pairing: Pairing) -> list[NotClearedDocument]:
    """Return the channels in which silence proves nothing: nothing was recorded there, or no one could judge it."""
    names: set[str] = set()
    prose = several = False
    for pair in pairing.facts.pairs:
        prose = prose or pair.probe.purpose in {"prose", "unknown"}
        several = several or (len(pair.baseline) > 1 and len(pair.candidate) > 1)
        for seen in (*pair.baseline, *pair.candidate):
            names.update(seen.observations)
    missing: list[NotClearedDocument] = []
    if "text.chars" in names and prose:
        graded = any(name.startswith("label:") or name == "answer.correct" for name in names)
        why = "no judge read the answers" + ("" if several else " and each probe has one sample")
        if not graded:
            missing.append({"channel": "content", "why": why})
    if "text.chars" not in names:
        missing.append({"channel": "text", "why": "no visible text was recorded"})
    for channel, marks, why in (
        ("envelope", ("envelope",), "no raw replies were recorded"),
        ("tokens", ("input_tokens",), "no input tokens of a fixed request were recorded"),
        ("tool calls", ("calls.names",), "no probe offers tools and no calls were recorded"),
        ("streams", ("stream.events",), "nothing was streamed"),
        ("errors", ("error.type", "error.message"), "no request was refused on either side"),
        ("latency", ("latency_ms",), "no times were recorded"),
    ):
        if not names & set(marks):
            missing.append({"channel": channel, "why": why})
    scores = [p for p in pairing.facts.pairs if "aggregate" in p.probe.tags]
    if scores and not any("aggregate.k" in s.observations for p in scores for s in p.baseline):
        missing.append(
            {
                "channel": "scores",
                "why": "one number a run without its number of cases: nothing can be tested",
            }
        )
    return missing
