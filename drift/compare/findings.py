# Judged signals as the findings of a document, whatever was compared; what they mean for verdict and gate.
# Owns: the form of a finding, acknowledgements, worst level and exit code. Refuses to know: samples, pairing, tests.
"""Findings as documents."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from drift.compare.judge import Judged
from drift.compare.policy import Policy
from drift.documents import (
    AcknowledgedDocument,
    CountDocument,
    EvidenceDocument,
    FindingDocument,
    ProfileDocument,
    Verdict,
    WitnessDocument,
)
from drift.errors import EXIT_FINDINGS, EXIT_OK, EXIT_UNDECIDED
from drift.model import LEVELS, PROFILES, Profile
from drift.rules.measure import Counts


def finding_document(
    judged: Judged,
    *,
    axes: Sequence[str],
    targets: Collection[str],
    policy: Policy,
    explanation: str,
    witnesses: list[WitnessDocument] | None = None,
) -> FindingDocument:
    """Return a judged signal as a finding.

    Args:
        judged: what may be claimed.
        axes: what differs between the sides; the first one is what the finding is put down to.
        targets: the targets of both sides: an acknowledgement may be narrowed to some.
        policy: holds the acknowledgements.
        explanation: what moved, in words.
        witnesses: stored samples that show it.
    """
    signal, rule = judged.signal, judged.rule
    return {
        "fingerprint": judged.fingerprint,
        "rule": rule.id,
        "area": rule.area,
        "direction": rule.direction,
        "axis": axes[0] if axes else "none",
        "level": judged.level,
        "default_level": rule.level,
        "level_steps": list(judged.steps),
        "profiles": dict(judged.profiles),
        "evidence_class": judged.evidence_class,
        "tags": list(judged.tags),
        "family": signal.family,
        "probe": signal.probe,
        "space": signal.space,
        "path": signal.path,
        "before": signal.before,
        "after": signal.after,
        "evidence": evidence_document(signal.counts, judged.q),
        "witnesses": witnesses or [],
        "places": [*(place for place in (signal.place, signal.where) if place), *signal.places],
        "explanation": explanation,
        "who_breaks": rule.who_breaks,
        "remedy": rule.remedy,
        "matches_event": None,
        "state": None,
        "acknowledged": _acknowledged(judged.fingerprint, rule.id, targets, policy),
    }


def evidence_document(counts: Counts, q: float | None) -> EvidenceDocument:
    """Return counts as the numbers of a finding."""
    return {
        "pairs": counts.pairs,
        "baseline": _count(counts.k_a, counts.n_a, counts.mean_a),
        "candidate": _count(counts.k_b, counts.n_b, counts.mean_b),
        "up": counts.up,
        "down": counts.down,
        "effect": counts.effect,
        "unit": counts.unit,
        "interval": None if counts.interval is None else list(counts.interval),
        "p": counts.p,
        "q": q,
        "test": counts.test,
        "offset": counts.offset,
        "histogram": counts.histogram,
    }


def _count(k: int | None, n: int, mean: float | None) -> CountDocument:
    return {"k": k, "n": n, "mean": mean}


def _acknowledged(
    fingerprint: str, rule: str, targets: Collection[str], policy: Policy
) -> AcknowledgedDocument | None:
    for entry in policy.acknowledgements:
        applies = entry.fingerprint == fingerprint and entry.rule == rule
        if (
            applies
            and entry.until >= policy.today
            and (not entry.targets or set(targets) & set(entry.targets))
        ):
            return {"reason": entry.reason, "owner": entry.owner, "until": entry.until}
    return None


def expired(policy: Policy) -> list[str]:
    """Return a notice that names acknowledgements which no longer hold, or nothing."""
    past = sorted(entry.fingerprint for entry in policy.acknowledgements if entry.until < policy.today)
    return [f"{len(past)} acknowledgements have expired: {', '.join(past[:5])}"] if past else []


def profile_documents(
    findings: Collection[FindingDocument], policy: Policy, *, undecided: bool
) -> dict[Profile, ProfileDocument]:
    """Return verdict and exit code under each profile: a vendor may allow what still breaks a reader.

    Args:
        findings: all findings; acknowledged ones count for neither.
        policy: says from which level the gate fails.
        undecided: something could not be measured, so silence is no pass.
    """
    found: dict[Profile, ProfileDocument] = {}
    for profile in PROFILES:
        levels = [finding["profiles"][profile] for finding in findings if finding["acknowledged"] is None]
        worst = max(levels, key=LEVELS.index, default=None)
        verdict: Verdict = worst or "none"
        if undecided and worst not in {"breaking", "warning"}:
            verdict = "inconclusive"
        code = EXIT_UNDECIDED if verdict == "inconclusive" else EXIT_OK
        if any(policy.gates(level) for level in levels):
            code = EXIT_FINDINGS
        found[profile] = {"verdict": verdict, "exit_code": code}
    return found
