# Two declared documents (SDK surfaces, catalogues of models) and the facts between them: one comparison document.
# Owns: the form of a declared fact, verdict and gate without samples. Refuses to know: how a fact was found.
"""Compare what two sides declare about themselves: every fact is exact, no sample and no test is involved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal

from drift import __version__
from drift.canonical import content_hash
from drift.compare.findings import expired, finding_document, profile_documents
from drift.compare.judge import judge
from drift.compare.policy import Policy
from drift.compare.wording import explain_declared
from drift.documents import (
    SCHEMA_VERSION,
    ChannelDocument,
    ComparisonDocument,
    NotClearedDocument,
    SideDocument,
    UnmeasuredDocument,
)
from drift.events import match_event
from drift.model import JSON, Level
from drift.rules.facts import Signal
from drift.rules.measure import Counts


def declared_side(
    kind: Literal["surface", "catalogue"],
    name: str,
    target: str,
    *,
    platform: str,
    sdk: str | None = None,
    api_version: str | None = None,
    requested_model: str = "",
) -> SideDocument:
    """Return one side of a comparison of declared documents.

    Args:
        kind: "surface": what an SDK release or an API exposes; "catalogue": a list of models.
        name: what users call this document, such as "anthropic 1.8.0"; never empty.
        target: what it is a document of, the same for all its versions, such as "sdk/anthropic".
        platform: where it comes from.
        sdk: SDK and its version, for a surface.
        api_version: version of the API that answered or is the default.
        requested_model: model id, when the document is about one.
    """
    return {
        "kind": kind,
        "id": name,
        "dataset": None,
        "target": target,
        "label": None,
        "requested_model": requested_model,
        "response_models": [],
        "platform": platform,
        "api_version": api_version,
        "sdk": sdk,
        "suite_hash": None,
        "samples": 0,
    }


def declared_fact(
    rule: str,
    family: str,
    *,
    path: str = "",
    place: str = "",
    before: JSON = None,
    after: JSON = None,
    places: Sequence[str] = (),
    change: str = "",
    detail: str = "",
    note: str = "",
    level: Level | None = None,
    reason: str = "",
) -> Signal:
    """Return one difference between two declared documents.

    Its fingerprint covers rule, family, place, path, change and detail; values, places and wording may move.

    Args:
        rule: id of the rule that it is evidence for.
        family: part of the document, such as "request" or "models".
        path: JSON pointer to what moved.
        place: what moved, in one word: a parameter, a model id.
        before: short JSON value of the baseline; None = it declares nothing there.
        after: the same of the candidate.
        places: where the same fact holds, as many as there are.
        change: class of the change, where one rule has several.
        detail: more of its identity that readers need not see.
        note: one more sentence for the explanation.
        level: level that a condition of the rule (`level_when`) gives instead of the default.
        reason: that condition in words.
    """
    return Signal(
        measure="declared",
        rule=rule,
        family=family,
        kind="exact",
        counts=Counts(pairs=0, n_a=0, n_b=0, unit="count"),
        path=path,
        place=place,
        places=tuple(places),
        change=change,
        detail=detail,
        before=before,
        after=after,
        level=level,
        reason=reason,
        note=note,
        space="surface",
    )


def compare_declared(
    baseline: SideDocument,
    candidate: SideDocument,
    facts: Iterable[Signal],
    *,
    axes: Sequence[str],
    policy: Policy | None = None,
    channels: Sequence[ChannelDocument] = (),
    unmeasured: Sequence[UnmeasuredDocument] = (),
    not_cleared: Sequence[NotClearedDocument] = (),
    notices: Sequence[str] = (),
) -> ComparisonDocument:
    """Judge the facts between two declared documents.

    Args:
        baseline: see `declared_side`.
        candidate: the same of the other side.
        facts: see `declared_fact`; their order does not matter.
        axes: what differs between the sides by announcement, such as ["sdk"]; empty when nothing does.
        policy: gate, profile, levels, acknowledgements.
        channels: which parts were compared.
        unmeasured: parts that could not be read: with one, silence is inconclusive.
        not_cleared: what silence does not prove.
        notices: what a reader should know beside the findings.

    Returns:
        The comparison document (drift/schemas/comparison.schema.json); `state` of findings is null.
    """
    policy = policy or Policy()
    judgement = judge(tuple(facts), (), policy)
    targets = {baseline["target"], candidate["target"]}
    findings = [
        finding_document(
            judged,
            axes=axes,
            targets=targets,
            policy=policy,
            explanation=explain_declared(judged.rule, judged.signal),
        )
        for judged in judgement.findings
    ]
    for finding in findings:
        finding["matches_event"] = match_event(finding, baseline, candidate)
    profiles = profile_documents(findings, policy, undecided=bool(unmeasured))
    outcome = profiles[policy.profile]
    now = dt.datetime.now(dt.UTC)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "comparison",
        "drift_version": __version__,
        "created_at": now.isoformat(timespec="seconds"),
        "id": content_hash([baseline["id"], candidate["id"], now.isoformat(), repr(policy)])[:16],
        "baseline": baseline,
        "candidate": candidate,
        "control": None,
        "axes": list(axes),
        "profile": policy.profile,
        "profiles": profiles,
        "verdict": outcome["verdict"],
        "gate": {"fail_on": policy.fail_on, "exit_code": outcome["exit_code"]},
        "comparable": list(channels),
        "notices": [*notices, *expired(policy)],
        "unmeasured": list(unmeasured),
        "not_cleared": list(not_cleared),
        "tests_run": 0,
        "false_discovery_rate": policy.false_discovery_rate,
        "sequential": None,
        "families": [],
        "measures": [],
        "tool_calls": None,
        "findings": findings,
    }
