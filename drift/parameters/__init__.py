# The parameter matrix: what a target takes, refuses, or takes and ignores, out of the stored samples of a run.
# Owns: verdicts, rows, what belongs into a matrix. Refuses to know: the store, how a run is made, formats.
"""Which parameters, values and combinations a target takes.

A matrix has one column a run and one row a setting. It is derived from samples that are stored anyway, so that it can
be made again, for old runs too, and compared between versions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from drift import __version__
from drift.canonical import content_hash
from drift.documents import (
    SCHEMA_VERSION,
    ParameterCellDocument,
    ParameterColumnDocument,
    ParameterErrorDocument,
    ParameterRowDocument,
    ParametersDocument,
    ParameterVerdict,
)
from drift.model import JSON, Probe, Sample, Snapshot
from drift.observe import observe
from drift.observe.readers import read_exchange
from drift.observe.reply import Reply
from drift.parameters.effects import Asked, effect_of, level_of, reasoning_tokens
from drift.parameters.settings import Setting, setting_of

__all__ = ["VERDICTS", "holds_parameters", "parameter_matrix"]

FAMILY = "parameters"
"""Family of the probes that a matrix is made of, and tag of those of other families."""

VERDICTS: tuple[ParameterVerdict, ...] = (
    "accepted", "without effect", "rejected", "inconclusive", "not carried", "not asked"
)  # fmt: skip
"""What a cell can say, in the order of the summary."""

_CODES = ("status", "type", "code", "param", "message")


def holds_parameters(probes: Iterable[Probe]) -> bool:
    """Say whether a run with these probes has anything for a matrix."""
    return any(map(_belongs, probes))


def _belongs(probe: Probe) -> bool:
    generates = bool(probe.exchanges) and probe.exchanges[-1].operation == "generate"
    return generates and (probe.family == FAMILY or FAMILY in probe.tags)


def parameter_matrix(snapshots: Sequence[Snapshot]) -> ParametersDocument:
    """Return the matrix of one run, or of several side by side.

    Args:
        snapshots: one complete run for each column.

    Returns:
        The document: rows sorted by the names of their parameters, and inside of one in the order of the suite.
    """
    columns = [_Column.read(snapshot) for snapshot in snapshots]
    settings: dict[str, Setting] = {}
    for column in columns:
        for key, group in column.groups.items():
            settings.setdefault(key, group.setting)
    rows: list[ParameterRowDocument] = []
    for setting in sorted(settings.values(), key=lambda setting: _order(setting.parameter)):
        cells = [column.cell(setting, columns) for column in columns]
        rows.append(
            {
                "parameter": setting.parameter,
                "value": setting.shown,
                "settings": dict(setting.values),
                "probes": sorted({probe for column in columns for probe in column.probes_of(setting)}),
                "cells": cells,
                "differs": len({_said(cell) for cell in cells if cell["verdict"] in _MEASURED}) > 1,
            }
        )
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "parameters",
        "drift_version": __version__,
        "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "columns": [
            column.document([row["cells"][n]["verdict"] for row in rows]) for n, column in enumerate(columns)
        ],
        "rows": rows,
        "notices": [notice for column in columns for notice in column.notices(several=len(columns) > 1)],
    }


_MEASURED = ("accepted", "without effect", "rejected")


def _said(cell: ParameterCellDocument) -> tuple[str, str | None]:
    """What a cell says, for a comparison with its neighbour: the verdict, and how a refusal was put."""
    error = cell["error"]
    return cell["verdict"], error["fingerprint"] if error else None


def _order(parameter: str) -> tuple[str, int, str]:
    """Sort a combination behind its first parameter alone."""
    first, *more = parameter.split(" + ")
    return first.casefold(), len(more), parameter


@dataclass(frozen=True, slots=True)
class _Group:
    """All samples of one run that asked for the same setting, whichever probes asked."""

    setting: Setting
    probes: tuple[Probe, ...]
    samples: tuple[tuple[Probe, Sample], ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    snapshot: Snapshot
    groups: Mapping[str, _Group]
    others: Mapping[str, Sequence[Asked]]
    dialects: tuple[str, ...]

    @classmethod
    def read(cls, snapshot: Snapshot) -> _Column:
        # What a run that prefers one dialect had to ask in another belongs into that other one's column.
        preferred = snapshot.run.meta.get("dialect")
        by_probe: dict[str, list[Sample]] = {}
        for sample in snapshot.samples:
            known = sample.probe_id in snapshot.probes and "exchanges" in sample.document
            if known and preferred in {None, sample.dialect}:
                by_probe.setdefault(sample.probe_id, []).append(sample)
        members: dict[str, list[tuple[Setting, Probe, list[Sample], Asked]]] = {}
        others: dict[str, list[Asked]] = {}
        for probe in filter(_belongs, snapshot.probes.values()):
            samples = by_probe.get(probe.id)
            if not samples:
                continue
            setting = setting_of(probe, samples[0].dialect)
            asked = _asked(probe, setting, samples)
            others.setdefault(asked.dialect, []).append(asked)
            members.setdefault(setting.key, []).append((setting, probe, samples, asked))
        groups = {
            key: _Group(
                setting=found[0][0],
                probes=tuple(probe for _, probe, _, _ in found),
                samples=tuple((probe, sample) for _, probe, samples, _ in found for sample in samples),
                asked=tuple(asked for *_, asked in found),
            )
            for key, found in members.items()
        }
        return cls(snapshot, groups, others, tuple(sorted(others)))

    def probes_of(self, setting: Setting) -> list[str]:
        group = self.groups.get(setting.key)
        return [probe.id for probe in group.probes] if group else []

    def cell(self, setting: Setting, columns: Sequence[_Column]) -> ParameterCellDocument:
        group = self.groups.get(setting.key)
        if group is None:
            carried = [
                probe
                for column in columns
                if setting.key in column.groups
                for probe in column.groups[setting.key].probes
                if not probe.dialects or not set(self.dialects).isdisjoint(probe.dialects)
            ]
            return _cell("not asked" if carried else "not carried")
        return self._judged(group)

    def _judged(self, group: _Group) -> ParameterCellDocument:
        outcomes = {sample.outcome for _, sample in group.samples} - {"failed"}
        first = group.samples[0][1]
        common: dict[str, Any] = {"dialect": first.dialect, "samples": len(group.samples)}
        if not outcomes:
            return _cell("inconclusive", detail=_failure(first), **common)
        if len(outcomes) > 1:
            refused = sum(sample.outcome == "rejected" for _, sample in group.samples)
            detail = f"refused {refused} of {len(group.samples)} times"
            return _cell("inconclusive", detail=detail, **common)
        if outcomes == {"rejected"}:
            probe, sample = next(pair for pair in group.samples if pair[1].outcome == "rejected")
            return _cell("rejected", error=_error(observe(sample.document, probe)), **common)
        effects = [
            effect
            for asked in group.asked
            if (effect := effect_of(asked, self.others[asked.dialect])) is not None
        ]
        effect = min(effects, key=lambda effect: effect.seen, default=None)
        if effect is None:
            return _cell("accepted", **common)
        verdict: ParameterVerdict = "accepted" if effect.seen else "without effect"
        return _cell(verdict, effect="seen" if effect.seen else "missing", detail=effect.detail, **common)

    def document(self, verdicts: Sequence[str]) -> ParameterColumnDocument:
        run = self.snapshot.run
        return {
            "run": run.id,
            "target": run.target,
            "label": run.label,
            "requested_model": run.requested_model,
            "platform": run.platform,
            "api_version": run.api_version,
            "sdk": run.sdk,
            "dialects": list(self.dialects),
            "begun": run.created_at,
            "counts": {verdict: verdicts.count(verdict) for verdict in VERDICTS},
        }

    def notices(self, *, several: bool) -> Iterator[str]:
        """Yield what the ladder of effort says of the level that stands when none is asked for."""
        for dialect, everybody in self.others.items():
            ladder = {
                level_of(asked.values) or ("" if not asked.values else None): median(tokens)
                for asked in everybody
                if asked.probe.template == "param.effort_ladder" and (tokens := reasoning_tokens(asked))
            }
            left_out = ladder.pop("", None)
            levels = {level: tokens for level, tokens in ladder.items() if level is not None}
            if not left_out or len(set(levels.values())) < 2:
                continue
            nearest = min(levels, key=lambda level: abs(levels[level] - left_out))
            where = f"{self.snapshot.run.target}: " if several else ""
            yield (
                f"{where}without an effort ({dialect}) the model spends {left_out:.0f} tokens on reasoning, "
                f"nearest to level {nearest} with {levels[nearest]:.0f}"
            )


def _cell(
    verdict: ParameterVerdict,
    *,
    dialect: str | None = None,
    samples: int = 0,
    error: ParameterErrorDocument | None = None,
    effect: str | None = None,
    detail: str = "",
) -> ParameterCellDocument:
    return {
        "verdict": verdict,
        "dialect": dialect,
        "samples": samples,
        "error": error,
        "effect": effect,
        "detail": detail,
    }


def _error(found: Mapping[str, Any]) -> ParameterErrorDocument:
    """Return a refusal by its normalised words: what is the same in them is the same refusal."""
    names = {"status": "status", **{name: f"error.{name}" for name in _CODES[1:]}}
    values = {name: found.get(key) for name, key in names.items()}
    return {
        "fingerprint": content_hash([values[name] for name in _CODES])[:12],
        "status": values["status"],
        "type": _text(values["type"]),
        "code": _text(values["code"]),
        "param": _text(values["param"]),
        "message": _text(values["message"]),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _failure(sample: Sample) -> str:
    entries = sample.document.get("exchanges") or [{}]
    error = entries[-1].get("error") or {}
    status = entries[-1].get("status")
    return f"could not be asked: {error.get('kind') or f'status {status}'}"


def _body(sample: Sample) -> Mapping[str, JSON]:
    request = sample.document["exchanges"][-1].get("request") or {}
    body = request.get("body")
    return body if isinstance(body, Mapping) else {}


def _asked(probe: Probe, setting: Setting, samples: Sequence[Sample]) -> Asked:
    answered = [sample for sample in samples if sample.outcome == "response"]
    replies: list[Reply] = [read_exchange(sample.document["exchanges"][-1]) for sample in answered]
    return Asked(
        probe=probe,
        dialect=samples[0].dialect,
        values=setting.values,
        sent=_body(samples[0]),
        replies=tuple(replies),
        observations=tuple(observe(sample.document, probe) for sample in answered),
    )
