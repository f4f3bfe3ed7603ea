# Two snapshots become facts: samples are selected, observed, paired by probe and pooled by family.
# Owns: what is comparable, channel by channel, and why not. Refuses to know: rules, tests, levels.
"""Pair two snapshots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from drift.canonical import canonical, content_hash
from drift.compare.anytime import Order
from drift.compare.implied import implied_expectations
from drift.compare.policy import Policy
from drift.documents import ChannelDocument, UnmeasuredDocument
from drift.model import JSON, Expect, Probe, Run, Sample, Snapshot
from drift.observe import OBSERVER_VERSION, observe, visible_text
from drift.prices import find_price
from drift.rules.facts import Facts, FamilyPair, ProbePair, Seen

# Settings that say where a number comes from, not how it was made: a notice, never a reason to stop.
_PROVENANCE = frozenset(
    {
        "date",
        "commit",
        "commit_hash",
        "command",
        "versions",
        "version",
        "harness_version",
        "dirname",
        "run",
        "host",
        "api_provider",
        "api_model",
        "prompt_sha256",
        "model",
        "seed",
        "user",
        "request_id",
        "run_id",
        "timestamp",
        "time",
        "created",
        "stream",
    }
)
_WORD = re.compile(r"\w+")
_SETTING_SHARE = 0.05
"""Up to this share of the pairs another setting is a remark; above it the settings of the request changed."""
_GRADER_SHARE = 0.05
"""Up to this share of the pairs another grader is a remark; above it the label is not comparable."""


@dataclass(slots=True)
class Pairing:
    """Facts of two snapshots, and what could not be compared."""

    facts: Facts
    channels: list[ChannelDocument] = field(default_factory=list)
    unmeasured: list[UnmeasuredDocument] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    samples: dict[str, Sample] = field(default_factory=dict)
    response_models: tuple[list[str], list[str]] = ((), ())  # type: ignore[assignment]
    compared: tuple[int, int] = (0, 0)
    settings: str = ""  # settings of recorded requests that changed, in words

    @property
    def retargeted(self) -> bool:
        """Whether other models answered on the two sides, as far as the replies tell."""
        first, second = self.response_models
        return bool(first and second) and not set(first) & set(second)

    @property
    def same_model(self) -> bool:
        """Whether nothing says that the two sides are different models."""
        return self.facts.baseline.target == self.facts.candidate.target and not self.retargeted


Observed: TypeAlias = dict[tuple[str, str], Mapping[str, JSON]]
"""(run, sample) → observations, so that a run that is looked at often is observed once."""


def pair_snapshots(
    baseline: Snapshot,
    candidate: Snapshot,
    policy: Policy,
    *,
    order: Order | None = None,
    observed: Observed | None = None,
) -> Pairing:
    """Pair the samples of two snapshots by probe. Probes that only one side has are named in a notice.

    With an `order` of asking the samples are paired one by one: an epoch that one side lacks is left out on both.
    """
    sides = (
        _select(baseline, policy, policy.baseline_samples),
        _select(candidate, policy, policy.candidate_samples),
    )
    if order is not None:
        _one_by_one(sides)
    common = [probe_id for probe_id in sides[0] if probe_id in sides[1]]
    pairing = Pairing(Facts(baseline.run, candidate.run, ()))
    _lone_probes(sides, common, pairing)
    families: dict[str, list[ProbePair]] = {}
    failed: dict[str, list[int]] = {}
    asked: dict[str, int] = {}
    changed = observer = 0
    models: tuple[set[str], set[str]] = (set(), set())
    readers = (
        _Reader(baseline.run, None, order, observed),
        _Reader(candidate.run, policy, order, observed),
    )
    compared = [0, 0]
    implied = implied_expectations(candidate.probes, {probe_id: sides[0][probe_id] for probe_id in common})
    for probe_id in sorted(common):
        first, second = baseline.probes[probe_id], candidate.probes[probe_id]
        if second.family in implied and second.purpose == "unknown" and second.expect == Expect():
            second = replace(second, expect=implied[second.family])
        asked[second.family] = asked.get(second.family, 0) + 1
        samples = (sides[0][probe_id], sides[1][probe_id])
        exchanges = (first.exchanges, second.exchanges)
        if all(exchanges) and exchanges[0] != exchanges[1] and first.hash != second.hash:
            changed += sum(map(len, samples))
            continue
        if _other_observer(samples[0]) or _other_observer(samples[1]):
            observer += sum(map(len, samples))
            continue
        seen = tuple(
            tuple(reader.read(sample, second) for sample in side if sample.outcome != "failed")
            for reader, side in zip(readers, samples, strict=True)
        )
        if not seen[0] or not seen[1]:
            failed.setdefault(second.family, []).append(len(samples[0]) + len(samples[1]))
            continue
        for index in (0, 1):
            compared[index] += len(seen[index])
            models[index].update(str(s.get("model.response")) for s in seen[index] if s.get("model.response"))
            for sample in samples[index]:
                pairing.samples[sample.id] = sample
        families.setdefault(second.family, []).append(ProbePair(second, seen[0], seen[1]))
    pairing.response_models = (sorted(models[0]), sorted(models[1]))
    pairing.compared = (compared[0], compared[1])
    if changed:
        pairing.channels.append(_channel("probe", "the probe asks something else on the two sides", changed))
    if observer:
        pairing.channels.append(
            _channel(
                "observer",
                "kept as shape by another version of the observer, not to be read again: ask these probes anew",
                observer,
            )
        )
    for family, counts in sorted(failed.items()):
        if family not in families or 2 * len(counts) > asked[family]:
            whole = f"no sample of {len(counts)} probes could be asked on both sides"
            most = f"{len(counts)} of {asked[family]} probes could not be asked on one side"
            pairing.unmeasured.append({"family": family, "reason": most if family in families else whole})
        else:
            pairing.notices.append(
                f"{family}: {len(counts)} of {asked[family]} probes could not be asked on one side"
            )
    pairing.unmeasured += _without_answers([pair for pairs in families.values() for pair in pairs])
    _incomparable(families, policy, pairing)
    for name, pairs in families.items():
        families[name] = _grouped(pairs)
    pairing.facts = Facts(
        baseline.run,
        candidate.run,
        tuple(FamilyPair(name, tuple(pairs)) for name, pairs in sorted(families.items()) if pairs),
        lambda seen: visible_text(pairing.samples[seen.sample].document),
    )
    return pairing


def _grouped(pairs: list[ProbePair]) -> list[ProbePair]:
    """Mark the probes of a family whose prompts differ in nothing but punctuation, case and white space."""
    asked: dict[str, list[int]] = {}
    for number, pair in enumerate(pairs):
        words = " ".join(
            word
            for exchange in pair.probe.exchanges
            for text in (exchange.system, *(message.content for message in exchange.messages))
            for word in _WORD.findall((text or "").casefold())
        )
        if words:
            asked.setdefault(words, []).append(number)
    groups = {number: words for words, numbers in asked.items() if len(numbers) > 1 for number in numbers}
    if not groups:
        return pairs
    return [
        replace(pair, like=content_hash(groups[number])[:8]) if number in groups else pair
        for number, pair in enumerate(pairs)
    ]


def _without_answers(pairs: Iterable[ProbePair]) -> list[UnmeasuredDocument]:
    """A side on which every request was refused: nothing was answered there that could be the same or another."""
    asked = [pair for pair in pairs if lets_answer(pair.probe)]
    sides = {
        "baseline": [seen.outcome for pair in asked for seen in pair.baseline],
        "candidate": [seen.outcome for pair in asked for seen in pair.candidate],
    }
    empty = [name for name, outcomes in sides.items() if outcomes and set(outcomes) == {"rejected"}]
    if not empty:
        return []
    where = "on both sides" if len(empty) > 1 else f"of the {empty[0]}"
    reason = f"the API refused every request {where}, so no answer was seen"
    return [{"family": "every family", "reason": reason}]


def lets_answer(probe: Probe) -> bool:
    """Whether a probe lets the model answer: it counts or lists nothing, and is not made to be refused."""
    asks = not probe.exchanges or any(exchange.operation == "generate" for exchange in probe.exchanges)
    return asks and probe.purpose != "rejection"


def _channel(name: str, reason: str, samples: int, *, ok: bool = False) -> ChannelDocument:
    return {"channel": name, "ok": ok, "reason": reason, "affected_samples": samples}


def _lone_probes(
    sides: tuple[Mapping[str, Any], Mapping[str, Any]], common: list[str], pairing: Pairing
) -> None:
    for side, name in zip(sides, ("baseline", "candidate"), strict=True):
        lone = sorted(set(side) - set(common))
        if lone:
            shown = ", ".join(lone[:5]) + (", …" if len(lone) > 5 else "")
            pairing.notices.append(f"{len(lone)} probes only in the {name}, not compared: {shown}")


def _select(snapshot: Snapshot, policy: Policy, samples: tuple[int, ...] | None) -> dict[str, list[Sample]]:
    kept: dict[str, list[Sample]] = {}
    for sample in snapshot.samples:
        if samples is not None and sample.epoch - 1 not in samples:
            continue
        if policy.where and not _matches(sample, snapshot.probes[sample.probe_id], policy.where):
            continue
        kept.setdefault(sample.probe_id, []).append(sample)
    for found in kept.values():
        found.sort(key=lambda sample: sample.epoch)
    return kept


def _one_by_one(sides: tuple[dict[str, list[Sample]], dict[str, list[Sample]]]) -> None:
    """Keep the epochs of each probe that were answered on both sides."""
    for probe_id in set(sides[0]) & set(sides[1]):
        answered = [
            {sample.epoch for sample in side[probe_id] if sample.outcome != "failed"} for side in sides
        ]
        for side in sides:
            both = [sample for sample in side[probe_id] if sample.epoch in answered[0] & answered[1]]
            # Without a common epoch the samples stay, so that the probe is counted as one that could not be asked.
            side[probe_id] = both or [s for s in side[probe_id] if s.outcome == "failed"]


def _matches(sample: Sample, probe: Probe, where: Mapping[str, JSON]) -> bool:
    record = selectable(sample, probe)
    for field_name, wanted in where.items():
        value: JSON = record
        for key in field_name.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if value not in wanted if isinstance(wanted, list) else value != wanted:
            return False
    return True


def selectable(sample: Sample, probe: Probe) -> dict[str, JSON]:
    """Return the fields of a sample by which `Policy.where` may choose it: ours, then those that came with it."""
    own = {
        "probe_id": sample.probe_id,
        "family": probe.family,
        "template": probe.template,
        "outcome": sample.outcome,
        "dialect": sample.dialect,
    }
    return {**own, **(sample.document.get("recorded") or {})}


def _other_observer(samples: Iterable[Sample]) -> bool:
    return any("shape" in s.document and s.document.get("observer") != OBSERVER_VERSION for s in samples)


class _Reader:
    """Reads the samples of one run: observes them, prices them, and gives labels the names of the other side."""

    def __init__(
        self, run: Run, relabel: Policy | None, order: Order | None, observed: Observed | None
    ) -> None:
        self._run = run.id
        self._price = find_price(run.platform, run.requested_model)
        self._pairs = {} if relabel is None else relabel.label_pairs
        self._turns = {} if order is None else order.turns
        self._observed = observed

    def read(self, sample: Sample, probe: Probe) -> Seen:
        key = (self._run, sample.id)
        observations = None if self._observed is None else self._observed.get(key)
        if observations is None:
            observations = self._observe(sample, probe)
            if self._observed is not None:
                self._observed[key] = observations
        turn = self._turns.get((sample.probe_id, sample.epoch), 0)
        return Seen(sample.id, sample.probe_id, sample.epoch, sample.outcome, observations, turn)

    def _observe(self, sample: Sample, probe: Probe) -> dict[str, JSON]:
        observations = observe(sample.document, probe)
        costs = (
            [self._price.of_reply(entry) for entry in sample.document.get("exchanges") or ()]
            if self._price is not None and self._price.provider
            else []
        )
        if costs and None not in costs:
            observations["cost_usd_millionths"] = float(
                sum(cost for cost in costs if cost is not None) * 1_000_000
            )
        for old, new in self._pairs.items():
            observations.pop(f"label:{old}", None)
            if f"label:{new}" in observations:
                observations[f"label:{old}"] = observations[f"label:{new}"]
            observations.pop(f"judge:{old}", None)
        return observations


# ---------------------------------------------------------------- channels that may not be compared


def _incomparable(families: dict[str, list[ProbePair]], policy: Policy, pairing: Pairing) -> None:
    """Find changed graders, settings and sample sizes, and take out what they touch, channel by channel."""
    _graders(families, policy, pairing)
    _request_settings(families, pairing)
    _sizes(families, pairing)
    _aggregate_settings(families, pairing)


def _graders(families: dict[str, list[ProbePair]], policy: Policy, pairing: Pairing) -> None:
    names = {
        name
        for pairs in families.values()
        for pair in pairs
        for seen in (*pair.baseline, *pair.candidate)
        for name in seen.observations
        if name.startswith("judge:")
    }
    for name in sorted(names):
        label = name.removeprefix("judge:")
        if label in policy.label_pairs or label in policy.label_pairs.values():
            continue
        touched: dict[str, str] = {}
        total = 0
        for pairs in families.values():
            for pair in pairs:
                judges = [
                    {seen.get(name) for seen in side} - {None} for side in (pair.baseline, pair.candidate)
                ]
                if not judges[0] or not judges[1]:
                    continue
                total += 1
                other_text = any(
                    seen.get(f"judge-other-text:{label}") for seen in (*pair.baseline, *pair.candidate)
                )
                if judges[0] != judges[1]:
                    touched[pair.probe.id] = "another grader"
                elif other_text:
                    touched[pair.probe.id] = "a verdict on another text"
        if not touched:
            continue
        why = " and ".join(sorted(set(touched.values())))
        whole = len(touched) > _GRADER_SHARE * total
        pairing.channels.append(
            _channel(
                f"label:{label}",
                f"{why} for {len(touched)} of {total} probes"
                + ("" if whole else ": too few to matter, kept"),
                len(touched),
                ok=not whole,
            )
        )
        if whole:
            _drop_label(families, label)


def _drop_label(families: dict[str, list[ProbePair]], label: str) -> None:
    def without(side: tuple[Seen, ...]) -> tuple[Seen, ...]:
        return tuple(
            Seen(
                s.sample,
                s.probe,
                s.epoch,
                s.outcome,
                {k: v for k, v in s.observations.items() if k != f"label:{label}"},
            )
            for s in side
        )

    for name, pairs in families.items():
        families[name] = [ProbePair(p.probe, without(p.baseline), without(p.candidate)) for p in pairs]


def _request_settings(families: Mapping[str, Sequence[ProbePair]], pairing: Pairing) -> None:
    """Find settings with which recorded answers were asked for on one side and not on the other."""
    values: dict[str, tuple[dict[str, JSON], dict[str, JSON]]] = {}
    touched: dict[str, int] = {}
    total = 0
    for pair in (pair for pairs in families.values() for pair in pairs if "aggregate" not in pair.probe.tags):
        first, second = (
            [settings_of(pairing.samples[seen.sample]) for seen in side]
            for side in (pair.baseline, pair.candidate)
        )
        if not any(first) or not any(second):
            continue  # one side that does not tell its settings proves no change
        total += 1
        for key in sorted({key for settings in (*first, *second) for key in settings}):
            sides = [
                {canonical(settings.get(key)): settings.get(key) for settings in side}
                for side in (first, second)
            ]
            if not sides[0].keys() & sides[1].keys():
                touched[key] = touched.get(key, 0) + 1
                seen_values = values.setdefault(key, ({}, {}))
                seen_values[0].update(sides[0])
                seen_values[1].update(sides[1])
    changed = [key for key, count in touched.items() if count > _SETTING_SHARE * total]
    if not changed:
        return
    shown = [f"{key}: {_listed(values[key][0])} against {_listed(values[key][1])}" for key in changed[:5]]
    more = f", and {len(changed) - 5} more" if len(changed) > 5 else ""
    pairing.settings = f"{', '.join(shown)}{more}"
    count = max(touched[key] for key in changed)
    pairing.channels.append(_channel("settings", f"settings changed ({pairing.settings})", count))


def _listed(values: Mapping[str, JSON]) -> str:
    shown = [str(value) for value in values.values()]
    return " or ".join(shown[:3]) + (" or …" if len(shown) > 3 else "")


def _sizes(families: Mapping[str, Sequence[ProbePair]], pairing: Pairing) -> None:
    """Say when the probes were asked more often on one side: figures of whole runs then weigh other things."""
    counts = [
        sum(len(getattr(pair, side)) for pairs in families.values() for pair in pairs)
        for side in ("baseline", "candidate")
    ]
    pairs = sum(map(len, families.values()))
    if pairs and max(counts) >= 1.5 * min(counts):
        pairing.notices.append(
            f"sample size changed: {counts[0]} samples of {pairs} probes against {counts[1]}; shares are compared"
            " probe by probe"
        )


def _aggregate_settings(families: dict[str, list[ProbePair]], pairing: Pairing) -> None:
    """A score depends on everything that made it: other settings or another number of cases, another score."""
    for name, pairs in families.items():
        aggregates = [pair for pair in pairs if "aggregate" in pair.probe.tags]
        if not aggregates:
            continue
        reasons: dict[str, int] = {}
        stopped: set[str] = set()
        for pair in aggregates:
            settings = [
                settings_of(pairing.samples[side[0].sample]) for side in (pair.baseline, pair.candidate)
            ]
            sizes = [side[0].get("aggregate.n") for side in (pair.baseline, pair.candidate)]
            changed = sorted(
                key
                for key in settings[0].keys() | settings[1].keys()
                if settings[0].get(key) != settings[1].get(key)
            )
            if sizes[0] != sizes[1]:
                reasons[f"sample size {sizes[0]} against {sizes[1]}"] = reasons.get("size", 0) + 1
            if changed:
                shown = ", ".join(f"{k}: {settings[0].get(k)} against {settings[1].get(k)}" for k in changed)
                reasons[f"settings changed ({shown})"] = reasons.get(shown, 0) + 1
            if changed or sizes[0] != sizes[1]:
                stopped.add(pair.probe.id)
        for reason in sorted(reasons):
            pairing.channels.append(_channel(f"aggregates:{name}", reason, len(stopped)))
        families[name] = [pair for pair in pairs if pair.probe.id not in stopped]


def settings_of(sample: Sample) -> dict[str, JSON]:
    """Return the settings that made a recorded sample, without its provenance."""
    params = (sample.document.get("recorded") or {}).get("params")
    return {k: v for k, v in params.items() if k not in _PROVENANCE} if isinstance(params, Mapping) else {}
