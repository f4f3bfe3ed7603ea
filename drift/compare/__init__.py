# Two snapshots in, one comparison document out.
# Owns: the order of steps, axes, power, gate and verdict. Refuses to know: the store, formats, the network.
"""Compare two snapshots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from drift import __version__, stats
from drift.canonical import content_hash
from drift.compare.findings import evidence_document, expired, finding_document, profile_documents
from drift.compare.judge import Judged, Judgement, explained_by_bias, explained_by_form, judge
from drift.compare.pairing import Pairing, pair_snapshots
from drift.compare.policy import Acknowledged, FailOn, Policy
from drift.compare.wording import excerpt, explain
from drift.documents import (
    SCHEMA_VERSION,
    ComparisonDocument,
    FamilyDocument,
    FindingDocument,
    MeasureDocument,
    NotClearedDocument,
    SideDocument,
    WitnessDocument,
    WitnessSideDocument,
)
from drift.events import match_event
from drift.model import PROFILES, Snapshot
from drift.rules import RULES_BY_ID
from drift.rules.detectors import DETECTORS
from drift.rules.facts import Facts, Seen, Signal
from drift.rules.measure import Counts

__all__ = ["Acknowledged", "FailOn", "Policy", "compare"]


def compare(
    baseline: Snapshot,
    candidate: Snapshot,
    *,
    control: Snapshot | None = None,
    policy: Policy | None = None,
) -> ComparisonDocument:
    """Compare two snapshots and judge the differences.

    Args:
        baseline: what the integration was built on.
        candidate: what it would move to, or moved to.
        control: a repeat of the baseline on the same model; drift has to exceed its spread.
        policy: gate, levels, selection of samples, acknowledgements.

    Returns:
        The comparison document (see drift/schemas/comparison.schema.json); `state` of findings is null.
    """
    policy = policy or Policy()
    pairing = pair_snapshots(baseline, candidate, policy)
    signals = _detect(pairing.facts)
    beside: list[Signal] | None = None
    if control is not None:
        beside = _detect(pair_snapshots(baseline, control, policy).facts)
    axes = _axes(pairing, policy)
    same_model = baseline.run.target == candidate.run.target and not _retargeted(pairing)
    judgement = judge(signals, beside, policy, settings_only=pairing.settings if same_model else "")
    findings = [_finding(judged, pairing, axes, policy, judgement.findings) for judged in judgement.findings]
    sides = (
        _side(baseline, pairing.response_models[0], pairing.compared[0]),
        _side(candidate, pairing.response_models[1], pairing.compared[1]),
    )
    for finding in findings:
        finding["matches_event"] = match_event(finding, *sides)
    findings += _silent_drift(findings, axes, pairing, policy)
    profiles = profile_documents(findings, policy, undecided=_undecided(pairing, baseline, candidate))
    verdict, exit_code = profiles[policy.profile]["verdict"], profiles[policy.profile]["exit_code"]
    now = dt.datetime.now(dt.UTC)
    document: ComparisonDocument = {
        "schema_version": SCHEMA_VERSION,
        "kind": "comparison",
        "drift_version": __version__,
        "created_at": now.isoformat(timespec="seconds"),
        "id": content_hash([baseline.run.id, candidate.run.id, now.isoformat(), repr(policy)])[:16],
        "baseline": sides[0],
        "candidate": sides[1],
        "control": None
        if control is None
        else _side(control, _response_models(control), len(control.samples)),
        "axes": axes,
        "profile": policy.profile,
        "profiles": profiles,
        "verdict": verdict,
        "gate": {"fail_on": policy.fail_on, "exit_code": exit_code},
        "comparable": pairing.channels,
        "notices": [
            *_run_notices(baseline, candidate, control, policy),
            *pairing.notices,
            *judgement.notices,
        ],
        "unmeasured": pairing.unmeasured,
        "not_cleared": _not_cleared(pairing),
        "tests_run": len(judgement.tested),
        "false_discovery_rate": policy.false_discovery_rate,
        "families": _families(pairing.facts, policy),
        "measures": _measures(signals, judgement),
        "findings": findings,
    }
    return document


def _detect(facts: Facts) -> list[Signal]:
    return [signal for detector in DETECTORS for signal in detector(facts)]


# ---------------------------------------------------------------- sides and axes


def _side(snapshot: Snapshot, response_models: list[str], samples: int) -> SideDocument:
    run = snapshot.run
    return {
        "kind": "run",
        "id": run.id,
        "dataset": run.dataset,
        "target": run.target,
        "label": run.label,
        "requested_model": run.requested_model,
        "response_models": response_models,
        "platform": run.platform,
        "api_version": run.api_version,
        "sdk": run.sdk,
        "suite_hash": run.suite_hash,
        "samples": samples,
    }


def _response_models(snapshot: Snapshot) -> list[str]:
    from drift.observe import observe

    named = (observe(s.document, snapshot.probes[s.probe_id]).get("model.response") for s in snapshot.samples)
    return sorted({str(model) for model in named if model})


def _axes(pairing: Pairing, policy: Policy) -> list[str]:
    """Which axes of the subject moved between the two sides; empty when nothing that anyone announced did."""
    first, second = pairing.facts.baseline, pairing.facts.candidate
    axes: list[str] = []
    if first.requested_model != second.requested_model or (
        first.dataset is not None and (first.target, first.label) != (second.target, second.label)
    ):
        axes.append("model")
    elif _retargeted(pairing):
        axes.append("alias")
    if first.api_version != second.api_version:
        axes.append("api_version")
    if first.sdk != second.sdk:
        axes.append("sdk")
    if (first.platform, first.base_url) != (second.platform, second.base_url):
        axes.append("platform")
    if first.meta.get("region") != second.meta.get("region"):
        axes.append("region")
    if dict(first.params) != dict(second.params):
        axes.append("parameters")
    if any(not pair.same_dialect for pair in pairing.facts.pairs):
        axes.append("dialect")
    if policy.label_pairs:
        axes.append("grader")
    return axes


def _retargeted(pairing: Pairing) -> bool:
    first, second = pairing.response_models
    return bool(first and second) and not set(first) & set(second)


# ---------------------------------------------------------------- findings


def _finding(
    judged: Judged, pairing: Pairing, axes: list[str], policy: Policy, others: Sequence[Judged] = ()
) -> FindingDocument:
    signal = judged.signal
    beside = [explained_by_form(judged, others), explained_by_bias(judged, others)]
    if pairing.settings and judged.evidence_class != "exact":
        beside.append(
            f"The settings of the request changed as well ({pairing.settings}): this may be their work."
        )
    return finding_document(
        judged,
        axes=axes,
        targets={pairing.facts.baseline.target, pairing.facts.candidate.target},
        policy=policy,
        explanation=" ".join([explain(judged.rule, signal), *filter(None, beside)]),
        witnesses=[_witness(pair, signal.path, pairing) for pair in signal.witnesses],
    )


def _witness(pair: tuple[Seen | None, Seen | None], path: str, pairing: Pairing) -> WitnessDocument:
    first, second = pair
    shown = second or first
    assert shown is not None
    return {
        "probe": shown.probe,
        "epoch": shown.epoch,
        "baseline": _witness_side(first, path, pairing),
        "candidate": _witness_side(second, path, pairing),
    }


def _witness_side(seen: Seen | None, path: str, pairing: Pairing) -> WitnessSideDocument | None:
    if seen is None:
        return None
    status = seen.get("status")
    return {
        "outcome": seen.outcome,
        "status": status if isinstance(status, int) else None,
        "excerpt": excerpt(pairing.samples[seen.sample], path),
        "sample": seen.sample,
    }


def _silent_drift(
    findings: list[FindingDocument], axes: list[str], pairing: Pairing, policy: Policy
) -> list[FindingDocument]:
    """Drift although nothing that anyone announced moved: said once, beside the findings that show it."""
    if axes or not pairing.facts.baseline.suite_hash:
        return []
    causes = [f for f in findings if f["level"] != "info" and f["matches_event"] is None]
    if not causes:
        return []
    rule = RULES_BY_ID["silent-drift-suspected"]
    n = len(causes)
    counts = Counts(pairs=n, n_a=n, n_b=n, k_a=0, k_b=n, effect=1.0)
    signal = Signal(
        "silent",
        rule.id,
        "run",
        "rate",
        counts,
        change="silent",
        before={},
        after={"findings": n},
        note=f"{n} findings stand although model id, API version, SDK, platform and parameters are the same.",
    )
    judged = Judged(
        signal,
        rule,
        rule.level,
        (f"default: {rule.level}",),
        "statistical",
        (),
        None,
        content_hash(rule.id)[:12],
        dict.fromkeys(PROFILES, rule.level),
    )
    document = _finding(judged, pairing, axes, policy)
    document["explanation"] = f"{rule.title} {signal.note}"
    return [document]


# ---------------------------------------------------------------- verdict


def _undecided(pairing: Pairing, baseline: Snapshot, candidate: Snapshot) -> bool:
    return (
        not pairing.facts.families
        or bool(pairing.unmeasured)
        or baseline.run.status != "complete"
        or candidate.run.status != "complete"
    )


# ---------------------------------------------------------------- what else the reader must know


def _run_notices(
    baseline: Snapshot, candidate: Snapshot, control: Snapshot | None, policy: Policy
) -> list[str]:
    notices: list[str] = []
    for snapshot, name in ((baseline, "baseline"), (candidate, "candidate")):
        if snapshot.run.status != "complete":
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
    if control is None:
        notices.append(
            "no same-model control: the spread of the unchanged model is not known, a finding rests on its test alone"
        )
    return [*notices, *expired(policy)]


def _not_cleared(pairing: Pairing) -> list[NotClearedDocument]:
    """Channels in which silence proves nothing, because nothing was recorded there or no one could judge it."""
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


def _families(facts: Facts, policy: Policy) -> list[FamilyDocument]:
    families: list[FamilyDocument] = []
    for family in facts.families:
        pairs = len(family.pairs)
        samples = sum(min(len(p.baseline), len(p.candidate)) for p in family.pairs)
        epochs = max(1, round(samples / pairs))
        # Samples of one probe are alike: at worst each probe counts once.
        effect = stats.detectable_effect(pairs, alpha=policy.false_discovery_rate)
        if effect is None and samples > pairs:
            effect = stats.detectable_change(samples, 0.5, alpha=policy.false_discovery_rate)
        families.append(
            {
                "family": family.family,
                "probes": pairs,
                "epochs": epochs,
                "detectable_effect": None if effect is None else round(effect, 3),
            }
        )
    return families


def _measures(signals: list[Signal], judgement: Judgement) -> list[MeasureDocument]:
    """Every measure that moved or was tested, also the silent ones: the figures behind "no drift found"."""
    q_of = {id(signal): q for signal, q in judgement.tested}
    fired = {id(judged.signal): judged.rule.id for judged in judgement.findings}
    return [
        {
            "measure": signal.measure,
            "family": signal.family,
            "place": signal.place,
            "where": signal.where,
            "path": signal.path,
            "evidence": evidence_document(signal.counts, q_of.get(id(signal))),
            "finding": fired.get(id(signal)),
        }
        for signal in signals
        if not signal.single or id(signal) in fired
    ]
