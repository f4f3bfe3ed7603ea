# What `diff` and `check` share: from flags to a policy, from two runs to a stored comparison.
# Owns: the notation of selections, the state of findings against the comparison before. Refuses to know: printing.
"""Compare two stored runs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from drift.cli import session
from drift.errors import UsageError

if TYPE_CHECKING:
    from drift.compare import Acknowledged, Order, Policy
    from drift.config import Config
    from drift.documents import ComparisonDocument, FindingDocument
    from drift.model import JSON, Run, Snapshot
    from drift.store import Store

_MOST_SAMPLES = 10_000


def policy(
    settled: Config,
    *,
    where: Sequence[str] = (),
    baseline_samples: str | None = None,
    candidate_samples: str | None = None,
    label_pairs: Sequence[str] = (),
) -> Policy:
    """Build the policy of a comparison from the settings and the selection of the command line.

    Raises:
        UsageError: a selection cannot be read, or there is no embedding model where one is named.
        ConfigError: acknowledged.yaml cannot be read.
    """
    from drift.baselines import read_acknowledgements
    from drift.compare import Acknowledged, Policy
    from drift.meaning import Meaning

    pairs = [_assignment(text, "--label-pair", "OLD=NEW") for text in label_pairs]
    return Policy(
        fail_on=settled.fail_on,
        profile=settled.profile,
        false_discovery_rate=settled.fdr,
        levels=settled.levels,
        min_effects=settled.min_effects,
        where=_conditions(where),
        baseline_samples=_indexes(baseline_samples, "--baseline-samples"),
        candidate_samples=_indexes(candidate_samples, "--candidate-samples"),
        label_pairs=dict(pairs),
        acknowledgements=tuple(
            Acknowledged(
                fingerprint=entry.fingerprint,
                rule=entry.rule,
                reason=entry.reason,
                owner=entry.owner,
                until=entry.until.isoformat(),
                targets=entry.targets,
            )
            for entry in read_acknowledgements(settled.acknowledged)
        ),
        meaning=None if settled.meaning is None else Meaning(settled.meaning),
        today=dt.datetime.now(dt.UTC).date().isoformat(),
    )


def _assignment(text: str, flag: str, form: str) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not left or not equals or not right:
        raise UsageError(f"{flag} {text!r} is not {form}", f"write {flag} {form}")
    return left, right


def _conditions(texts: Sequence[str]) -> dict[str, JSON]:
    """Read FIELD=VALUE, the value as JSON where it is JSON; several values of one field are alternatives."""
    from drift.canonical import StrictJSONError, strict_loads

    values: dict[str, list[JSON]] = {}
    for text in texts:
        name, written = _assignment(text, "--where", "FIELD=VALUE")
        try:
            value = strict_loads(written)
        except StrictJSONError:
            value = written
        values.setdefault(name, []).append(value)
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def _indexes(text: str | None, flag: str) -> tuple[int, ...] | None:
    """Read "0-1,3" as (0, 1, 3)."""
    if text is None:
        return None
    indexes: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,6})(?:-(\d{1,6}))?\s*", part, re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last or last > _MOST_SAMPLES:
            raise UsageError(f"{flag} {text!r} is no list of sample indexes", "write 0 or 0-1,3")
        indexes.update(range(first, last + 1))
    return tuple(sorted(indexes))


_MOST_REPEATS = 3


def compare_runs(
    store: Store,
    baseline: Run,
    candidate: Run,
    *,
    control: str | None,
    policy: Policy,
    order: Order | None = None,
    save: bool = True,
) -> ComparisonDocument:
    """Compare two stored runs, note what is new since the comparison before, and keep the result.

    Args:
        store: holds the runs.
        baseline: one side.
        candidate: the other side.
        control: name of a repeat of the baseline or of the candidate; None takes the newest that are stored.
        policy: see `policy`.
        order: how the candidate was asked, if it was watched meanwhile.
        save: keep the comparison.

    Raises:
        UsageError: the selection names a field or a label that no sample has.
    """
    from drift.compare import compare

    if control is not None:
        repeats = [store.resolve(control)]
    else:  # the question may be how far a control itself differs
        repeats = [run for run in session.repeats_of(store, baseline) if run.id != candidate.id][
            :_MOST_REPEATS
        ]
    sides = store.snapshot(baseline.id), store.snapshot(candidate.id)
    _refuse_unknown(sides, policy)
    beside = [store.snapshot(run.id) for run in repeats]
    document = compare(
        *sides, control=beside[0] if beside else None, more_controls=beside[1:], order=order, policy=policy
    )
    document["notices"] += [*_selection(policy), *_unused(policy, document)]
    previous = _previous(store, (baseline, candidate), document)
    if previous is not None:
        _set_states(document, previous)
    if save:
        store.save_comparison(document)
    return document


def keep_declared(
    store: Store | None, document: ComparisonDocument, policy: Policy, *, save: bool = True
) -> None:
    """Note which acknowledgements found nothing in a comparison of declared documents, and keep it.

    Its findings have no state: the same two documents always give the same facts.
    """
    document["notices"] += _unused(policy, document)
    if save and store is not None:
        store.save_comparison(document)


def _refuse_unknown(sides: tuple[Snapshot, Snapshot], policy: Policy) -> None:
    """Refuse a selection by a name that no sample has: a slip of the pen must not look like a result."""
    if not policy.where and not policy.label_pairs:
        return
    from drift.compare.pairing import selectable
    from drift.yamlfile import nearest

    fields = [
        {name for sample in side.samples for name in _paths(selectable(sample, side.probes[sample.probe_id]))}
        for side in sides
    ]
    for name in policy.where:
        known = sorted(fields[0] | fields[1])
        if name not in known:
            raise UsageError(f"no sample has a field {name!r}", nearest(name, known))
    labels = [
        [name.removeprefix("labels.") for name in sorted(known) if name.startswith("labels.")]
        for known in fields
    ]
    for pair in policy.label_pairs.items():
        for name, known, side in zip(pair, labels, ("baseline", "candidate"), strict=True):
            if name not in known:
                todo = nearest(name, known) if known else "import the labels with the samples"
                raise UsageError(f"no sample of the {side} has a label {name!r}", todo)


def _paths(record: Mapping[str, JSON], prefix: str = "") -> Iterator[str]:
    for name, value in record.items():
        yield prefix + name
        if isinstance(value, Mapping):
            yield from _paths(value, f"{prefix}{name}.")


_ONLY = "only samples "


def _selection(policy: Policy) -> list[str]:
    """Say how a comparison was narrowed; two comparisons say the same when they were narrowed in the same way."""
    notices = [f"{_ONLY}where {name} is {value!r}" for name, value in sorted(policy.where.items())]
    for side in ("baseline", "candidate"):
        indexes = getattr(policy, f"{side}_samples")
        if indexes is not None:
            notices.append(f"{_ONLY}{', '.join(map(str, indexes))} of the {side}")
    notices += [
        f"label {old} is compared with label {new}" for old, new in sorted(policy.label_pairs.items())
    ]
    return notices


def _unused(policy: Policy, document: ComparisonDocument) -> list[str]:
    from drift.rules import RULES_BY_ID

    found = {finding["fingerprint"] for finding in document["findings"]}
    targets = {document["baseline"]["target"], document["candidate"]["target"]}
    declared = document["baseline"]["kind"] != "run"

    def could_apply(entry: Acknowledged) -> bool:
        rule = RULES_BY_ID.get(entry.rule)
        of_surfaces = rule is not None and rule.area == "surface"
        if of_surfaces != declared and not (declared and rule is not None and rule.area == "lifecycle"):
            return False
        return not entry.targets or bool(targets & set(entry.targets))

    unused = [
        entry.fingerprint
        for entry in policy.acknowledgements
        if entry.fingerprint not in found and could_apply(entry)
    ]
    if not unused:
        return []
    return [f"acknowledged, and no finding here: {', '.join(sorted(unused)[:5])} ({len(unused)} in all)"]


def _previous(
    store: Store, sides: tuple[Run, Run], document: ComparisonDocument
) -> ComparisonDocument | None:
    """Return the newest stored comparison that asked the same of the same two subjects."""
    wanted = [_subject(run) for run in sides]
    for one in store.comparisons(sides[0].target, sides[1].target):
        try:
            asked = [_subject(store.run(one[side]["id"])) for side in ("baseline", "candidate")]
        except UsageError:
            continue  # it was merged from a database without its runs
        if asked == wanted and _narrowed(one) == _narrowed(document):
            return one
    return None


def _subject(run: Run) -> tuple[JSON, ...]:
    """Return what makes two runs runs of one thing: what moves by itself (API version, SDK, reply) is not among it."""
    where = (run.target, run.platform, run.base_url, run.meta.get("dialect"), run.meta.get("region"))
    return (*where, run.dataset, run.label)


def _narrowed(document: ComparisonDocument) -> list[str]:
    return [text for text in document["notices"] if text.startswith((_ONLY, "label "))]


def _set_states(document: ComparisonDocument, previous: ComparisonDocument) -> None:
    """Mark findings as new, unchanged or updated, and add those that are gone as absent."""
    before = {
        finding["fingerprint"]: finding for finding in previous["findings"] if finding["state"] != "absent"
    }
    for finding in document["findings"]:
        earlier = before.pop(finding["fingerprint"], None)
        same = earlier is not None and _substance(earlier) == _substance(finding)
        finding["state"] = "new" if earlier is None else "unchanged" if same else "updated"
    document["findings"] += [{**finding, "state": "absent"} for finding in before.values()]


def _substance(finding: FindingDocument) -> list[Any]:
    return [finding["level"], finding["before"], finding["after"], finding["evidence"]]
