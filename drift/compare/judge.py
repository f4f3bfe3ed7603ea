# From signals to findings: correction over the report, evidence class, level step by step, fingerprint.
# Owns: what may be claimed. Refuses to know: how evidence was measured, stored or is shown.
"""Judge the signals of one comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from drift import stats
from drift.canonical import content_hash
from drift.compare.controls import Band, Control, spread_of
from drift.compare.folding import fold, scope_of
from drift.compare.policy import Policy
from drift.model import LEVELS, PROFILES, EvidenceClass, Level, Profile
from drift.rules import RULES_BY_ID
from drift.rules.facts import Signal
from drift.rules.record import Rule


@dataclass(frozen=True, slots=True)
class Judged:
    """A signal that became a finding; `profiles` says at which level it would stand under each of them."""

    signal: Signal
    rule: Rule
    level: Level
    steps: tuple[str, ...]
    evidence_class: EvidenceClass
    tags: tuple[str, ...]
    q: float | None
    fingerprint: str
    profiles: Mapping[Profile, Level]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Findings, worst first; the tests behind them; sentences for the reader."""

    findings: tuple[Judged, ...]
    tested: tuple[tuple[Signal, float], ...]
    notices: tuple[str, ...]


def fingerprint(signal: Signal, rule: Rule) -> str:
    """Return 12 hex digits over rule, probe or family, place, path and class of change: no value, rate or model id.

    Of a fact about the wire neither the family nor the kind of reply is a part: see `drift.compare.folding`.
    """
    probe, place, detail = scope_of(signal, rule)
    return content_hash([rule.id, probe, place, signal.path, signal.change, signal.where, detail])[:12]


def judge(
    signals: Sequence[Signal],
    controls: Sequence[Control],
    policy: Policy,
    *,
    settings_only: str = "",
    spread: stats.Overdispersion | None = None,
    qs: Mapping[int, float] | None = None,
) -> Judgement:
    """Decide which signals are findings, at which level and on which evidence.

    Args:
        signals: what was measured between the sides.
        controls: comparisons of the unchanged model with itself.
        policy: error rate, levels, effects that matter.
        settings_only: settings of recorded requests that changed while the model did not: what they can move is then no
            drift of the model, and kept at info.
        spread: supposed overdispersion; None estimates it from the controls.
        qs: id of a signal → q, where the correction was made elsewhere (`drift.compare.anytime`).

    Only measures whose design could have reached the level at all are tested (Tarone's argument: what cannot be
    claimed must not cost the others); the rest is corrected together by Benjamini and Hochberg (1995).
    """
    rate = policy.false_discovery_rate
    if spread is None:
        spread = spread_of(controls)
    q_of = _corrected(signals, rate, spread) if qs is None else dict(qs)
    testable = [signal for signal in signals if id(signal) in q_of]
    band = Band(controls)
    found: list[Judged] = []
    notices: list[str] = []
    quiet = 0
    for signal in signals:
        if signal.rule is None:
            continue
        rule = RULES_BY_ID[signal.rule]
        q = q_of.get(id(signal))
        decided = _decide(signal, rule, q, policy, alone=1.0 if qs is not None else ALONE)
        open_question = decided is None and _leaves_open(signal, rule)
        if decided is None and not open_question:
            continue
        if band.holds(signal, _effect):
            quiet += 1
            continue
        if decided is not None:
            found.append(_finding(signal, rule, decided, policy, q, settings_only))
        else:
            undecided = _open_question(signal, rule)
            found.append(
                _finding(undecided, RULES_BY_ID[_OPEN], _Claim("statistical"), policy, q, settings_only)
            )
    found = fold(_drop_echoes(found))
    if spread.phi > 1:
        notices.append(
            f"the model against itself spreads {spread.phi:.1f} times as much as chance: p-values were widened by it"
        )
    if quiet:
        notices.append(
            f"{quiet} differences are no larger than those of the same-model controls and are not reported"
        )
    found.sort(
        key=lambda f: (
            -LEVELS.index(f.level),
            f.rule.area,
            f.rule.id,
            f.signal.family,
            f.signal.place,
            f.signal.where,
        )
    )
    tested = tuple((signal, q_of[id(signal)]) for signal in testable)
    return Judgement(tuple(found), tested, tuple(notices))


_OPEN = "probe-inconclusive"
_OPEN_EFFECT = 1.0
"""From none to all: three of four probes flip in a run of the same small model now and then."""
_OPEN_SAMPLES = 3


def _leaves_open(signal: Signal, rule: Rule) -> bool:
    """Whether silence would pass for a pass: a breaking rate moved far and one way, and there were too few to tell."""
    counts = signal.counts
    if (signal.level or rule.level) != "breaking" or signal.kind == "exact" or signal.single:
        return False
    if (
        counts.unit != "share"
        or counts.k_a is None
        or counts.k_b is None
        or rule.evidence != ("statistical",)
    ):
        return False
    one_way = not (counts.up and counts.down)
    return (
        one_way
        and abs(counts.effect or 0.0) >= _OPEN_EFFECT
        and abs(counts.k_b - counts.k_a) >= _OPEN_SAMPLES
    )


def _open_question(signal: Signal, rule: Rule) -> Signal:
    """Return the finding that a rule could not decide, in the rule's stead."""
    note = f"{rule.id} could not decide: {signal.counts.pairs} probes are too few for what they show."
    return replace(
        signal,
        rule=_OPEN,
        place=rule.id,
        change=f"undecided {signal.change}",
        level=None,
        reason="",
        note=note,
    )


def _corrected(signals: Sequence[Signal], rate: float, spread: stats.Overdispersion) -> dict[int, float]:
    """Return id of a signal → q.

    Families and single probes are two layers that share the error budget: many probes must not cost the families.
    """
    q_of: dict[int, float] = {}
    for single, share in ((False, _FAMILY_SHARE), (True, 1 - _FAMILY_SHARE)):
        layer = [s for s in signals if s.single is single and _can_be_claimed(s, rate * share)]
        qs = stats.benjamini_hochberg(
            [stats.inflate_p(s.counts.p, spread) for s in layer if s.counts.p is not None]
        )
        q_of |= {id(signal): min(1.0, q / share) for signal, q in zip(layer, qs, strict=True)}
    return q_of


_FAMILY_SHARE = 0.8
"""Share of the error budget that belongs to claims about families; the rest to claims about single probes."""


ALONE = 0.2
"""A p above this share of the false-discovery rate warns nobody, however few tests the report made: one test at 5 %
alone cries wolf in one report of twenty."""


def _can_be_claimed(signal: Signal, level: float) -> bool:
    return signal.kind != "exact" and signal.counts.p is not None and signal.counts.attainable <= level


def _effect(signal: Signal) -> float:
    """Size of the effect: a share, or the distance of a ratio from one."""
    counts = signal.counts
    effect = counts.effect or 0.0
    if counts.unit != "ratio":
        return abs(effect)
    # A few long answers move the bill as much as many slightly longer ones: the mean counts as well.
    ratios = [effect] + (
        [counts.mean_b / counts.mean_a] if counts.mean_a and counts.mean_b is not None else []
    )
    return max(_distance(ratio) for ratio in ratios if (ratio >= 1) == (ratios[-1] >= 1))


def _distance(ratio: float) -> float:
    return ratio - 1 if ratio >= 1 else 1 / ratio - 1 if ratio > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a signal may be claimed as. `rare`: chance explains it as well; `weak`: a test that alone warns nobody."""

    evidence: EvidenceClass
    rare: bool = False
    weak: bool = False


def _decide(signal: Signal, rule: Rule, q: float | None, policy: Policy, *, alone: float) -> _Claim | None:
    """Return what may be claimed; None when nothing may. `alone` is the share of the rate that one p may not exceed."""
    if signal.kind == "exact":
        return _Claim("exact" if "exact" in rule.evidence else "witnessed")
    floor = policy.min_effects.get(rule.id, signal.min_effect)
    significant = q is not None and q <= policy.false_discovery_rate and _effect(signal) >= floor
    weak = not signal.deterministic and (signal.counts.p or 0.0) > policy.false_discovery_rate * alone
    if signal.kind == "witness" and "witnessed" in rule.evidence:
        return _Claim("witnessed", rare=not (significant or signal.deterministic), weak=weak)
    return _Claim("statistical", weak=weak) if significant else None


def _finding(
    signal: Signal, rule: Rule, claim: _Claim, policy: Policy, q: float | None, settings_only: str
) -> Judged:
    tags = list(signal.tags)
    if claim.rare:
        tags.append("rare")
    elif (
        not claim.weak
        and claim.evidence == "witnessed"
        and signal.counts.k_b is not None
        and signal.counts.k_b < signal.counts.n_b
    ):
        tags.append("intermittent")
    steps = {profile: _steps(signal, rule, claim, profile, policy, settings_only) for profile in PROFILES}
    return Judged(
        signal,
        rule,
        steps[policy.profile][-1][0],
        tuple(f"{reason}: {level}" for level, reason in steps[policy.profile]),
        claim.evidence,
        tuple(tags),
        q,
        fingerprint(signal, rule),
        {profile: found[-1][0] for profile, found in steps.items()},
    )


def _steps(
    signal: Signal, rule: Rule, claim: _Claim, profile: Profile, policy: Policy, settings_only: str
) -> list[tuple[Level, str]]:
    """Return how the level comes about under a profile, step by step; a step that changes nothing is none."""
    wanted = [(c.level, f"profile {profile}, {c.when}") for c in rule.level_when if c.profile == profile]
    if signal.level is not None:
        wanted.append((signal.level, signal.reason))
    if settings_only and claim.evidence != "exact":
        wanted.append(("info", f"not drift of the model: settings changed ({settings_only})"))
    if claim.rare:
        wanted.append(("info", "seen too rarely to be told from chance"))
    elif claim.weak:
        limit = policy.false_discovery_rate * ALONE
        wanted.append(("info", f"p above {limit:.3g}: one test alone would warn too often"))
    if rule.id in policy.levels:
        wanted.append((policy.levels[rule.id], "configured"))
    steps = [(rule.level, "default")]
    for level, reason in wanted:
        if level != steps[-1][0]:
            steps.append((level, reason))
    return steps


# A finding that only repeats another one about the same samples: (echo, the finding that explains it).
_ECHOES: tuple[tuple[str, str], ...] = (
    ("stop-reason-distribution-shifted", "truncation-rate-increased"),
    ("stop-reason-distribution-shifted", "stop-reason-value-added"),
    ("stop-reason-distribution-shifted", "tool-call-missing"),
    ("stop-reason-distribution-shifted", "tool-call-unexpected"),
    ("stop-reason-distribution-shifted", "tool-call-count-changed"),
    ("stop-reason-distribution-shifted", "tool-call-emitted-as-text"),
    ("stop-reason-distribution-shifted", "tool-call-stop-reason-mismatch"),
    ("stop-reason-distribution-shifted", "refusal-rate-increased"),
    ("stop-reason-distribution-shifted", "refusal-rate-decreased"),
    ("stop-reason-distribution-shifted", "refusal-signal-changed"),
    ("tool-call-missing", "tool-call-emitted-as-text"),
    ("output-length-shifted", "refusal-rate-increased"),
    ("output-length-shifted", "refusal-rate-decreased"),
    ("output-length-shifted", "refusal-signal-changed"),
    ("output-length-shifted", "response-content-empty"),
    ("output-length-shifted", "tool-call-emitted-as-text"),
    ("output-length-shifted", "truncation-rate-increased"),
    ("structured-output-invalid-json", "truncation-rate-increased"),
    ("structured-output-invalid-json", "structured-output-enforcement-lost"),
    ("request-parameter-silently-ignored", "tool-call-missing"),
    ("tool-call-tool-switched", "request-parameter-silently-ignored"),
    ("tool-call-tool-switched", "tool-call-name-unknown"),
    ("hedge-rate-increased", "refusal-rate-increased"),
    ("hedge-rate-decreased", "refusal-rate-decreased"),
    ("tool-call-count-changed", "tool-call-missing"),
    ("tool-call-count-changed", "tool-call-unexpected"),
    ("tool-call-count-changed", "tool-call-emitted-as-text"),
)


_ECHO_SHARE = 0.8
"""At least this share of the probes that an echo is about must have moved in the finding that explains it as well."""


def _drop_echoes(found: list[Judged]) -> list[Judged]:
    """Drop findings that say nothing beyond another one about the same probes."""
    causes: dict[tuple[str, str], set[str]] = {}
    for f in found:
        if "rare" not in f.tags:
            causes.setdefault((f.rule.id, f.signal.family), set()).update(_about(f.signal))
    return [
        f
        for f in _one_layer(found)
        if not any(
            f.rule.id == echo and _repeats(f.signal, causes.get((cause, f.signal.family)))
            for echo, cause in _ECHOES
        )
    ]


def _about(signal: Signal) -> frozenset[str]:
    """Probes whose own value moved."""
    return frozenset({signal.probe}) if signal.probe else signal.moved[0] | signal.moved[1]


def _repeats(signal: Signal, explained: set[str] | None) -> bool:
    moved = _about(signal)
    return explained is not None and len(moved & explained) >= _ECHO_SHARE * len(moved)


# A verdict that fell together with the form of the answer: say so, because form is cheaper to mend than ability.
_FORMS = frozenset(
    {
        "text-markdown-fence-added",
        "text-preamble-added",
        "text-trailing-content-added",
        "text-label-set-violated",
    }
)


def explained_by_form(judged: Judged, others: Sequence[Judged]) -> str:
    """Return a sentence when at least four of five probes whose verdict fell show a new form of answer, else ""."""
    fell = judged.signal.moved[1]
    if judged.rule.id != "label-rate-decreased" or not fell:
        return ""
    for other in others:
        if (
            other.rule.id in _FORMS
            and other.signal.family == judged.signal.family
            and "rare" not in other.tags
        ):
            shared = len(fell & other.signal.moved[0])
            if shared >= 0.8 * len(fell):
                return (
                    f"In {shared} of the {len(fell)} probes where it fell, {other.rule.id} fired as well:"
                    " a change of form, to be mended before ability is blamed."
                )
    return ""


def explained_by_bias(judged: Judged, others: Sequence[Judged]) -> str:
    """Return a sentence when a verdict moved because one answer became more frequent whatever is right, else ""."""
    signal = judged.signal
    if judged.rule.id not in {"label-rate-decreased", "label-rate-increased"} or signal.single:
        return ""
    biased = [
        other.signal
        for other in others
        if other.rule.id == "answer-bias-shifted" and other.signal.family == signal.family
    ]
    moved = signal.moved[0] | signal.moved[1]
    for answer in sorted(biased, key=lambda other: -(other.counts.effect or 0.0))[:1]:
        shared = len(moved & (answer.moved[0] | answer.moved[1]))
        if moved and shared >= 0.8 * len(moved):
            way = "more" if (answer.counts.effect or 0.0) > 0 else "less"
            return (
                f"In {shared} of the {len(moved)} probes where it moved, the answer moved with the bias"
                f" ({answer.place} is given {way} often whatever is right): a bias of the answer, not a change of"
                " ability."
            )
    return ""


def _one_layer(found: list[Judged]) -> list[Judged]:
    """Keep the claim about the family where there is one; else the claims about its probes, and no mere rarity."""

    def measured(judged: Judged) -> tuple[str, ...]:
        return (judged.rule.id, judged.signal.family, judged.signal.place, judged.signal.detail)

    whole = {measured(f) for f in found if not f.signal.single and "rare" not in f.tags}
    alone = {measured(f) for f in found if f.signal.single}
    return [
        f
        for f in found
        if (measured(f) not in whole if f.signal.single else not ("rare" in f.tags and measured(f) in alone))
    ]
