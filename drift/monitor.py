# A history of runs of one target: one series a measure, cut where the settings change, each with its state.
# Owns: which numbers make a series and where it is cut. Refuses to know: the store, how a shift is found, formats.
"""Watch the history of a target.

Every run gives one value a series: the share of a yes/no measure in a family, the typical number, or an aggregate
score. A series is cut where something other than the model changed (settings, sample size, probes): a step at a cut is
not drift. Inside a segment `drift.stats.detect_shift` replays the runs as a nightly monitor sees them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from drift import __version__, stats
from drift.canonical import content_hash
from drift.compare.pairing import settings_of
from drift.documents import SCHEMA_VERSION, MonitorDocument, SeriesDocument, ShiftDocument
from drift.model import JSON, Sample, Snapshot
from drift.observe import observe
from drift.rules.detectors.numbers import NUMBERS
from drift.rules.detectors.rates import MEASURES
from drift.rules.facts import Seen

_ALARMS = ("shift", "collapse")


@dataclass(frozen=True, slots=True)
class Point:
    """One run's value of one series; `value` is None when the run has none, `size` the samples behind a share."""

    run: str
    time: str
    value: float | None
    size: int | None
    settings: str


@dataclass(slots=True)
class _Series:
    family: str
    measure: str
    share: bool
    points: list[Point] = field(default_factory=list)


def monitor(snapshots: Iterable[Snapshot], *, target: str) -> MonitorDocument:
    """Return the state of every series of a target's history.

    Args:
        snapshots: runs of one target in any order; they may be a stream, one is held at a time.
        target: name for the document.

    Returns:
        The monitor document: series with an alarm first, then by family and measure.
    """
    series: dict[tuple[str, str], _Series] = {}
    runs: list[tuple[str, str]] = []
    for snapshot in snapshots:
        runs.append((snapshot.run.created_at, snapshot.run.id))
        for family, measure, share, point in _points(snapshot):
            series.setdefault((family, measure), _Series(family, measure, share)).points.append(point)
    runs.sort()
    documents = [_document(one, runs) for one in series.values()]
    documents.sort(key=lambda d: (d["state"] not in _ALARMS, not d["shifts"], d["family"], d["measure"]))
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "monitor",
        "drift_version": __version__,
        "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "target": target,
        "runs": len(runs),
        "first": runs[0][0] if runs else None,
        "last": runs[-1][0] if runs else None,
        "alarms": sum(d["state"] in _ALARMS for d in documents),
        "series": documents,
        "notices": _notices(documents),
    }


# ---------------------------------------------------------------- from a run to values


def _points(snapshot: Snapshot) -> Iterator[tuple[str, str, bool, Point]]:
    run = snapshot.run
    families: dict[str, list[tuple[Sample, Seen]]] = {}
    for sample in snapshot.samples:
        probe = snapshot.probes[sample.probe_id]
        seen = Seen(sample.id, probe.id, sample.epoch, sample.outcome, observe(sample.document, probe))
        if "aggregate" in probe.tags:
            yield _aggregate(snapshot, sample, seen)
        elif sample.outcome != "failed":
            families.setdefault(probe.family, []).append((sample, seen))
    for family, items in sorted(families.items()):
        asked = sorted({(s.probe, snapshot.probes[s.probe].hash) for _, s in items})
        # What one version of the observer kept as shape says something else than what another kept.
        observers = sorted({str(s.document.get("observer")) for s, _ in items if "shape" in s.document})
        settings = content_hash([asked, dict(run.params), observers])[:12]
        for measure in MEASURES:
            values = [
                value
                for _, seen in items
                if not measure.purposes or snapshot.probes[seen.probe].purpose in measure.purposes
                if (value := measure.value(seen, snapshot.probes[seen.probe])) is not None
            ]
            if values:
                share = sum(values) / len(values)
                yield family, measure.name, True, Point(run.id, run.created_at, share, len(values), settings)
        for number in NUMBERS:
            numbers = [
                float(value)
                for _, seen in items
                if not number.purposes or snapshot.probes[seen.probe].purpose in number.purposes
                if isinstance(value := seen.get(number.name), int | float)
            ]
            if numbers:
                typical = sorted(numbers)[len(numbers) // 2]
                yield family, number.name, False, Point(run.id, run.created_at, typical, None, settings)


def _aggregate(snapshot: Snapshot, sample: Sample, seen: Seen) -> tuple[str, str, bool, Point]:
    """A score of a whole run. With its number of cases it is a share, without it a bare number."""
    run, probe = snapshot.run, snapshot.probes[sample.probe_id]
    k, n, value = (seen.get(f"aggregate.{name}") for name in ("k", "n", "value"))
    settings = content_hash([settings_of(sample), n])[:12]
    time = sample.recorded_at or run.created_at
    if isinstance(k, int) and isinstance(n, int) and n:
        return probe.family, probe.id, True, Point(run.id, time, k / n, n, settings)
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    return probe.family, probe.id, False, Point(run.id, time, number, None, settings)


# ---------------------------------------------------------------- from values to a state


def _document(series: _Series, runs: Sequence[tuple[str, str]]) -> SeriesDocument:
    points = sorted(series.points, key=lambda point: (point.time, point.run))
    missing = len({run for _, run in runs}) - len({point.run for point in points})
    segments = list(_segments(points))
    shifts: list[ShiftDocument] = []
    state: stats.SeriesState | None = None
    for segment in segments:
        state = stats.detect_shift(
            [point.time for point in segment],
            [point.value for point in segment],
            [point.size for point in segment] if series.share else None,
            floor=0.02 if series.share else 0.0,
            relative_floor=0.0 if series.share else 0.02,
        )
        shifts += [
            {
                "onset": segment[shift.onset].time,
                "run": segment[shift.onset].run,
                "confirmed": segment[shift.alarm].time,
                "before": round(shift.before, 6),
                "after": round(shift.after, 6),
            }
            for shift in state.shifts
        ]
    assert state is not None
    silent_now = bool(points) and runs[-1][1] != points[-1].run
    return {
        "family": series.family,
        "measure": series.measure,
        "unit": "share" if series.share else "number",
        "state": "no_data" if silent_now else state.state,
        "level": state.level,
        "threshold": state.threshold,
        "newest": None if silent_now else state.newest,
        "runs": len(points),
        "missing": missing,
        "segments": len(segments),
        "shifts": shifts,
        "points": [{"time": point.time, "value": point.value} for point in points],
    }


def _segments(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Cut where the settings change. A single odd run inside one setting is left out instead of cutting twice."""
    counts: dict[str, int] = {}
    for point in points:
        counts[point.settings] = counts.get(point.settings, 0) + 1
    segment: list[Point] = []
    for index, point in enumerate(points):
        odd = counts[point.settings] == 1 and len(counts) > 1 and 0 < index < len(points) - 1
        if odd and points[index - 1].settings == points[index + 1].settings:
            continue
        if segment and segment[-1].settings != point.settings:
            yield segment
            segment = []
        segment.append(point)
    if segment:
        yield segment


def _notices(documents: Sequence[Mapping[str, JSON]]) -> list[str]:
    notices: list[str] = []
    cut = sum(d["segments"] > 1 for d in documents)
    if cut:
        notices.append(
            f"{cut} series are cut where settings, probes or sample size changed: a step there is not drift"
        )
    learning = sum(d["state"] == "learning" for d in documents)
    if learning:
        notices.append(f"{learning} series are too short to say anything yet")
    steady = sum(
        len({p["value"] if p["value"] is None else round(p["value"], 9) for p in d["points"]}) == 1
        for d in documents
    )
    if steady:
        notices.append(f"{steady} series hold one single value over all runs")
    return notices
