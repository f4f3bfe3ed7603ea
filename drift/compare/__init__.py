# Two snapshots in, one comparison document out.
# Owns: the order of steps, axes, power, gate and verdict. Refuses to know: the store, formats, the network.
"""Compare two snapshots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from drift import __version__, stats
from drift.canonical import content_hash
from drift.compare.agreement import tool_agreement
from drift.compare.anytime import Order
from drift.compare.early import Early, ruled_out
from drift.compare.findings import evidence_document, finding_document, profile_documents
from drift.compare.judge import ALONE, Judged, Judgement, explained_by_bias, explained_by_form
from drift.compare.likeness import Likeness
from drift.compare.pairing import Pairing
from drift.compare.platforms import host_notices, other_host
from drift.compare.policy import Acknowledged, FailOn, Policy
from drift.compare.remarks import control_notices, not_cleared, run_notices, sequential_document
from drift.compare.sides import judge_sides
from drift.compare.wording import excerpt, explain
from drift.documents import (
    SCHEMA_VERSION,
    ComparisonDocument,
    FamilyDocument,
    FindingDocument,
    MeasureDocument,
    SideDocument,
    WitnessDocument,
    WitnessSideDocument,
)
from drift.events import match_event
from drift.ids import serves
from drift.model import PROFILES, Snapshot
from drift.rules import RULES_BY_ID
from drift.rules.facts import Facts, Seen, Signal
from drift.rules.measure import Counts

__all__ = ["Acknowledged", "Early", "FailOn", "Order", "Policy", "compare"]


def compare(
    baseline: Snapshot,
    candidate: Snapshot,
    *,
    control: Snapshot | None = None,
    more_controls: Sequence[Snapshot] = (),
    order: Order | None = None,
    policy: Policy | None = None,
) -> ComparisonDocument:
    """Compare two snapshots and judge the differences.

    Args:
        baseline: what the integration was built on.
        candidate: what it would move to, or moved to.
        control: the same model asked again: a repeat of the baseline, or (`control_of` tells) of the candidate; drift
            has to exceed its spread.
        more_controls: further repeats, on other days.
        order: how the candidate was asked, when looking at its answers decided when to stop: then every number is one
            that may be looked at at any time.
        policy: gate, levels, selection of samples, acknowledgements.

    Returns:
        The comparison document (see drift/schemas/comparison.schema.json); `state` of findings is null.
    """
    policy = policy or Policy()
    repeats = [*([] if control is None else [control]), *more_controls]
    judged = judge_sides(baseline, candidate, policy, repeats=repeats, order=order)
    pairing, judgement = judged.pairing, judged.judgement
    axes = _axes(pairing, policy)
    # A candidate that was watched as it was asked has numbers that may be looked at at any time, which this is not.
    likeness = Likeness(policy.meaning if order is None else None, pairing.facts, judged.repeated)
    findings = [
        _finding(one, pairing, axes, policy, judgement.findings, likeness.beside(one))
        for one in judgement.findings
    ]
    sides = (
        _side(baseline, pairing.response_models[0], pairing.compared[0]),
        _side(candidate, pairing.response_models[1], pairing.compared[1]),
    )
    for finding in findings:
        finding["matches_event"] = match_event(finding, *sides)
    findings += _silent_drift(findings, axes, pairing, policy)
    undecided = _undecided(pairing, baseline, candidate, order)
    profiles = profile_documents(findings, policy, undecided=undecided)
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
            *run_notices(baseline, candidate, policy, order),
            *control_notices(repeats, candidate, judged),
            *host_notices(baseline.run, candidate.run),
            *pairing.notices,
            *judgement.notices,
        ],
        "unmeasured": pairing.unmeasured,
        "not_cleared": not_cleared(pairing),
        "tests_run": len(judgement.tested),
        "false_discovery_rate": policy.false_discovery_rate,
        "sequential": None if order is None else sequential_document(candidate, order),
        "families": _families(pairing.facts, policy, judged.signals if order else None),
        "measures": _measures(judged.signals, judgement),
        "tool_calls": tool_agreement(pairing.facts, judged.repeated),
        "findings": findings,
    }
    return document


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
    elsewhere = other_host(first, second)
    # Platforms write the id of one model in their own ways; on one platform another id is another request.
    same_model = first.requested_model == second.requested_model or (
        elsewhere and serves(first.requested_model, second.requested_model)
    )
    if not same_model or (
        first.dataset is not None and (first.target, first.label) != (second.target, second.label)
    ):
        axes.append("model")
    elif pairing.retargeted:
        axes.append("alias")
    if first.api_version != second.api_version:
        axes.append("api_version")
    if first.sdk != second.sdk:
        axes.append("sdk")
    if elsewhere:
        axes.append("platform")
    regions = {first.meta.get("region"), second.meta.get("region")}
    if len(regions) > 1 and None not in regions:
        axes.append("region")
    if dict(first.params) != dict(second.params):
        axes.append("parameters")
    if any(not pair.same_dialect for pair in pairing.facts.pairs):
        axes.append("dialect")
    if policy.label_pairs:
        axes.append("grader")
    return axes


# ---------------------------------------------------------------- findings


def _finding(
    judged: Judged,
    pairing: Pairing,
    axes: list[str],
    policy: Policy,
    others: Sequence[Judged] = (),
    said: str = "",
) -> FindingDocument:
    signal = judged.signal
    beside = [explained_by_form(judged, others), explained_by_bias(judged, others), said]
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
        witnesses=[_witness(pair, signal, pairing) for pair in signal.witnesses],
    )


def _witness(pair: tuple[Seen | None, Seen | None], signal: Signal, pairing: Pairing) -> WitnessDocument:
    first, second = pair
    shown = second or first
    assert shown is not None
    return {
        "probe": shown.probe,
        "epoch": shown.epoch,
        "baseline": _witness_side(first, signal, pairing),
        "candidate": _witness_side(second, signal, pairing),
    }


def _witness_side(seen: Seen | None, signal: Signal, pairing: Pairing) -> WitnessSideDocument | None:
    if seen is None:
        return None
    status = seen.get("status")
    return {
        "outcome": seen.outcome,
        "status": status if isinstance(status, int) else None,
        "excerpt": excerpt(pairing.samples[seen.sample], signal.path, signal.space),
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
        note=f"{n} {'finding stands' if n == 1 else 'findings stand'} although model id, API version, SDK, platform"
        " and parameters are the same.",
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


def _undecided(pairing: Pairing, baseline: Snapshot, candidate: Snapshot, order: Order | None) -> bool:
    return (
        not pairing.facts.families
        or bool(pairing.unmeasured)
        or baseline.run.status != "complete"
        or (candidate.run.status != "complete" and (order is None or order.stopped is None))
    )


# ---------------------------------------------------------------- what else the reader must know


def _families(facts: Facts, policy: Policy, watched: Sequence[Signal] | None) -> list[FamilyDocument]:
    """Size and power of each family; `watched` are the signals of a candidate that was looked at while it was asked."""
    families: list[FamilyDocument] = []
    for family in facts.families:
        pairs = len(family.pairs)
        samples = sum(min(len(p.baseline), len(p.candidate)) for p in family.pairs)
        if watched is not None:
            effect = ruled_out(s for s in watched if s.family == family.family)
        else:
            effect = _detectable(pairs, samples, policy.false_discovery_rate * ALONE)
        families.append(
            {
                "family": family.family,
                "probes": pairs,
                "epochs": max(1, round(samples / pairs)),
                "detectable_effect": None if effect is None else round(effect, 3),
            }
        )
    return families


def _detectable(pairs: int, samples: int, alpha: float) -> float | None:
    # Samples of one probe are alike: at worst each probe counts once.
    effect = stats.detectable_effect(pairs, alpha=alpha)
    if effect is None and samples > pairs:
        effect = stats.detectable_change(samples, 0.5, alpha=alpha)
    return effect


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
