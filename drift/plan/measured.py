# What was measured between a model that is asked and the one to move to: stored comparisons, else two stored runs.
# Owns: which comparison counts, and the numbers beside it (tokens, cost, time). Refuses to know: dates, code, formats.
"""Measured drift between two models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any, NamedTuple

from drift.compare import compare
from drift.documents import ComparisonDocument
from drift.errors import DriftError
from drift.ids import ModelId, read_id
from drift.model import JSON, Run, Sample
from drift.prices import find_price, tokens_of
from drift.store import Store

_MOST_FINDINGS = 5
_SNAPSHOT = re.compile(r"-?(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)")


class _Side(NamedTuple):
    """A model as a run or a comparison names it; `dataset` and `suite` say what was asked of it."""

    platform: str
    model: str
    dataset: str | None


@dataclass(frozen=True)
class Measurements:
    """Everything that a database has measured, ready to be asked about pairs of models.

    Attributes:
        store: an open database, or None when there is none.
    """

    store: Store | None
    _runs: list[tuple[_Side, Run]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.store is not None:
            self._runs.extend((_side_of_run(run), run) for run in self.store.runs(status="complete"))

    def between(self, asked: ModelId, move_to: ModelId | None) -> list[dict[str, JSON]]:
        """Return what was measured from a model to others, the move that is due first.

        For each other model the newest stored comparison counts. For the model to move to, when none is stored, the
        newest complete runs of both are compared here and now, and nothing is stored.
        """
        if self.store is None:
            return []
        found: dict[tuple[str, str], ComparisonDocument] = {}
        for document in self.store.comparisons():
            baseline, candidate = (_side_of_document(document[name]) for name in ("baseline", "candidate"))
            if document["baseline"]["kind"] != "run" or not _is(baseline, asked) or _is(candidate, asked):
                continue
            found.setdefault((candidate.platform, candidate.model), document)
        due = None if move_to is None else self._due(found, asked, move_to)
        others = [
            document for key, document in found.items() if due is None or document["id"] != due[0]["id"]
        ]
        told = [] if due is None else [self._told(due[0], stored=due[1], is_due=True)]
        return told + [self._told(document, stored=True, is_due=False) for document in others]

    def _due(
        self, found: Mapping[tuple[str, str], ComparisonDocument], asked: ModelId, move_to: ModelId
    ) -> tuple[ComparisonDocument, bool] | None:
        for (platform, model), document in found.items():
            if _is(_Side(platform, model, None), move_to):
                return document, True
        for side, run in self._runs:
            if not _is(side, move_to):
                continue
            before = next(
                (old for at, old in self._runs if _is(at, asked) and at.dataset == side.dataset), None
            )
            if before is not None and self.store is not None:
                try:
                    return compare(self.store.snapshot(before.id), self.store.snapshot(run.id)), False
                except DriftError:
                    return None  # the two have nothing in common that could be compared
        return None

    def _told(self, document: ComparisonDocument, *, stored: bool, is_due: bool) -> dict[str, JSON]:
        open_ones = [
            finding
            for finding in document["findings"]
            if finding["acknowledged"] is None and finding["state"] != "absent"
        ]
        worst = ("breaking", "warning", "info")
        open_ones.sort(key=lambda finding: worst.index(finding["level"]))
        sides = (document["baseline"], document["candidate"])
        return {
            "comparison": document["id"] if stored else None,
            "created_at": document["created_at"] if stored else self._measured_at(sides[1]["id"]),
            "from": sides[0]["target"],
            "to": sides[1]["target"],
            "due": is_due,
            "verdict": document["verdict"],
            "counts": {level: sum(one["level"] == level for one in open_ones) for level in worst},
            "findings": [
                {
                    "fingerprint": finding["fingerprint"],
                    "rule": finding["rule"],
                    "level": finding["level"],
                    "family": finding["family"],
                    "explanation": finding["explanation"],
                    "remedy": finding["remedy"],
                }
                for finding in open_ones[:_MOST_FINDINGS]
            ],
            "numbers": self._numbers(sides[0]["id"], sides[1]["id"]),
            "not_cleared": [one["channel"] for one in document["not_cleared"]],
        }

    def _measured_at(self, name: str) -> str:
        """Return when a run was made: what is compared for this plan alone is as old as that."""
        return next(run.created_at for _, run in self._runs if run.id == name)

    def _numbers(self, before: str, after: str) -> list[dict[str, JSON]]:
        """Return tokens, cost and time of both runs, over the probes that both answered."""
        runs = {run.id: run for _, run in self._runs}
        if self.store is None or before not in runs or after not in runs:
            return []
        sides = [_by_probe(self.store.samples(name)) for name in (before, after)]
        common = sides[0].keys() & sides[1].keys()
        measured = [
            _measure((sample for probe in common for sample in side[probe]), runs[name])
            for side, name in zip(sides, (before, after), strict=True)
        ]
        return [
            {
                "what": name,
                "before": round(measured[0][name], 6),
                "after": round(measured[1][name], 6),
                "ratio": round(measured[1][name] / measured[0][name], 4) if measured[0][name] else None,
                "probes": len(common),
            }
            for name in NUMBERS
            if name in measured[0] and name in measured[1]
        ]


NUMBERS = ("input_tokens", "output_tokens", "cost_usd", "latency_ms")
"""Means of one request, in this order; time is a median."""


def _by_probe(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.outcome == "response":
            found.setdefault(sample.probe_id, []).append(sample)
    return found


def _measure(samples: Iterable[Sample], run: Run) -> dict[str, float]:
    tokens: list[tuple[int, int]] = []
    costs: list[float] = []
    times: list[float] = []
    price = find_price(run.platform, run.requested_model, run.base_url)
    for sample in samples:
        if sample.latency_ms is not None:
            times.append(sample.latency_ms)
        for entry in _exchanges(sample):
            if (used := tokens_of(entry)) is not None:
                tokens.append(used)
                if price is not None and (cost := price.of_reply(entry)) is not None:
                    costs.append(float(cost))
    found: dict[str, float] = {}
    if tokens:
        found["input_tokens"] = mean(used[0] for used in tokens)
        found["output_tokens"] = mean(used[1] for used in tokens)
    if costs and any(costs):
        found["cost_usd"] = mean(costs)
    if times:
        found["latency_ms"] = median(times)
    return found


def _exchanges(sample: Sample) -> Iterator[Mapping[str, Any]]:
    entries = sample.document.get("exchanges") if isinstance(sample.document, Mapping) else None
    yield from entries or ()


# ---------------------------------------------------------------- which model is meant


def _side_of_run(run: Run) -> _Side:
    return _Side(run.platform, run.requested_model, run.dataset)


def _side_of_document(side: Mapping[str, Any]) -> _Side:
    return _Side(side["platform"], side["requested_model"], side["dataset"])


def _is(side: _Side, model: ModelId) -> bool:
    """Whether a run or a comparison is about a model; a dated id and the id without its date are one."""
    read = read_id(side.model, platform=None if side.platform == "recorded" else side.platform, is_model=True)
    if read is None:
        return side.platform == model.platform and side.model == model.model
    if side.platform not in {"recorded", model.platform}:
        return False
    shorter, longer = sorted((read.vendor_model, model.vendor_model), key=len)
    return longer == shorter or (
        longer.startswith(shorter) and _SNAPSHOT.fullmatch(longer.removeprefix(shorter)) is not None
    )
