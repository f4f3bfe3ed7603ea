# A series of runs: is its level the same as before, and since when not?
# Owns: robust level and spread, persistence, onset, cooldown. Refuses to know: what is measured, and how often.
"""Level shifts in a series with one value a run.

A monitor that looks every night must not alarm on a p-value. Here the level and spread come from the runs
before (median and MAD, with floors, because a series may have no spread at all), a shift needs several runs in
a row on the same side, its onset is dated by the best split into two levels, and afterwards the new level is
learned in peace.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt
from typing import Literal, NamedTuple

State = Literal["stable", "outlier", "collapse", "shift", "no_data", "learning"]


class Shift(NamedTuple):
    """A change of level that lasted.

    Attributes:
        onset: index of the first run on the new level.
        alarm: index of the run that confirmed it.
        before: level before.
        after: level from the onset to the alarm.
        since: time of the onset, as given.
    """

    onset: int
    alarm: int
    before: float
    after: float
    since: object


class SeriesState(NamedTuple):
    """Where a series stands at its newest run.

    Attributes:
        state: "stable"; "outlier": the newest run is off, but too few in a row; "collapse": the newest run lost
            three quarters of its level, which needs no patience; "shift": confirmed at the newest run, or within
            the cooldown after it; "no_data": the newest run has no value; "learning": too few runs so far.
        level: robust level that the newest run is held against; None while learning.
        threshold: how far a run may lie from it; None while learning.
        newest: the newest value, or None.
        deviation: newest - level, or None.
        off_in_a_row: runs at the end that are off on the same side.
        shifts: all shifts of the series in order of time.
    """

    state: State
    level: float | None
    threshold: float | None
    newest: float | None
    deviation: float | None
    off_in_a_row: int
    shifts: tuple[Shift, ...]


def robust_spread(values: Sequence[float]) -> float:
    """Return a standard deviation estimated by the MAD, or by the mean deviation where the MAD is unsafe.

    That is where more than half of the values are equal, or fewer than 20 are known and the mean deviation is
    greater. 0.0 only when all values are equal.
    """
    level = _median(values)
    distances = [abs(value - level) for value in values]
    spread, average = 1.4826 * _median(distances), 1.2533 * sum(distances) / len(distances)
    # A bimodal or mostly constant series collapses the MAD to zero; a short one often comes near.
    return max(spread, average) if spread == 0 or len(values) < 20 else spread


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def detect_shift(
    times: Sequence[object],
    values: Sequence[float | None],
    n: Sequence[int | None] | None = None,
    *,
    sigmas: float = 2.5,
    floor: float = 0.0,
    relative_floor: float = 0.0,
    persistence: int = 3,
    learn: int = 8,
    window: int = 30,
    cooldown: int = 7,
) -> SeriesState:
    """Replay a series run by run, as a monitor sees it, and say where it stands.

    A run is off when it lies further from the median of the trailing runs than the greatest of: `sigmas` robust
    deviations (more for a short history: its spread is uncertain), the binomial error of a share of n, `floor`, and
    `relative_floor` times the level; unless more than one reference run in ten lies as far on that side. Off runs
    enter the reference only when they turn out to be outliers.

    Args:
        times: one per run, in order; only returned, never computed with.
        values: one per run; None or NaN means that the run has no value.
        n: per run the number of samples behind a share; the values must then lie in [0, 1]. None where unknown.
        sigmas: robust deviations.
        floor: smallest deviation that matters, in the unit of the values.
        relative_floor: the same as a share of the level.
        persistence: runs in a row on the same side that make a shift.
        learn: runs before anything is said.
        window: trailing runs that make the reference.
        cooldown: runs after a shift in which no further shift is called.

    Raises:
        ValueError: lengths differ, or a parameter makes no sense.
    """
    if len(times) != len(values) or (n is not None and len(n) != len(values)):
        raise ValueError(f"{len(times)} times, {len(values)} values" + (f", {len(n)} sizes" if n else ""))
    if persistence < 1 or learn < 2 or window < learn or cooldown < 0:
        raise ValueError("persistence >= 1, 2 <= learn <= window and cooldown >= 0 are needed")
    shifts: list[Shift] = []
    reference: list[tuple[int, float]] = []  # (index, value) of the runs that make the level
    inherited = 0.0  # spread of the level before, while a new one is young
    run: list[tuple[int, float]] = []  # runs at the end that are off on one side
    level = threshold = None
    for index, value in enumerate(values):
        if value is None or not isfinite(value):
            continue
        recent = [known for _, known in reference[-window:]]
        if len(recent) < (learn if not shifts else persistence):
            reference.append((index, value))
            continue
        level = _median(recent)
        spread = robust_spread(recent)
        if len(recent) < learn:
            spread = max(spread, inherited)
        size = n[index] if n is not None else None
        threshold = max(
            sigmas * max(spread, _binomial_error(level, size)) * (1 + 3 / len(recent)),
            floor,
            relative_floor * abs(level),
            1e-9 * max(1.0, abs(level)),  # rounding is no deviation
        )
        deviation = value - level
        if abs(deviation) <= threshold or _is_usual(deviation, level, recent):
            # The off runs before it were outliers after all: median and MAD can bear them.
            reference += [*run, (index, value)]
            run = []
            continue
        if run and (run[-1][1] - level) * deviation < 0:
            reference += run
            run = []
        run.append((index, value))
        resting = shifts and index - shifts[-1].alarm <= cooldown
        if len(run) >= persistence and not resting:
            history = reference[-window:] + run
            onset = _onset(history)
            after = [item for item in history if item[0] >= onset]
            shifts.append(Shift(onset, index, level, _median([v for _, v in after]), times[onset]))
            inherited = spread
            reference, run = after, []
    return _state(values, level, threshold, run, shifts, cooldown)


def _state(
    values: Sequence[float | None],
    level: float | None,
    threshold: float | None,
    run: Sequence[tuple[int, float]],
    shifts: Sequence[Shift],
    cooldown: int,
) -> SeriesState:
    last = len(values) - 1
    newest = values[-1] if values else None
    if newest is None or not isfinite(newest):
        return SeriesState("no_data", level, threshold, None, None, len(run), tuple(shifts))
    if level is None or threshold is None:
        return SeriesState("learning", None, None, newest, None, 0, tuple(shifts))
    if shifts and last - shifts[-1].alarm <= cooldown:
        level = shifts[-1].after if last == shifts[-1].alarm else level
        state: State = "shift"
    elif not run or run[-1][0] != last:
        state = "stable"
    else:
        state = "collapse" if level > 0 and newest <= level / 4 else "outlier"
    return SeriesState(state, level, threshold, newest, newest - level, len(run), tuple(shifts))


def _binomial_error(level: float, size: int | None) -> float:
    if not size:
        return 0.0
    share = (min(1.0, max(0.0, level)) * size + 0.5) / (size + 1)  # never 0 or 1
    return sqrt(share * (1 - share) / size)


def _is_usual(deviation: float, level: float, recent: Sequence[float]) -> bool:
    """Tell whether more than one run in ten lay as far on this side: a second mode is no news."""
    side = 1 if deviation > 0 else -1
    return sum((value - level) * side >= abs(deviation) for value in recent) > len(recent) / 10


def _onset(history: Sequence[tuple[int, float]]) -> int:
    """Return the index at which splitting into two levels leaves the least absolute deviation."""
    values = [value for _, value in history]

    def unrest(part: Sequence[float]) -> float:
        middle = _median(part)
        return sum(abs(value - middle) for value in part)

    best = min(range(1, len(values)), key=lambda cut: unrest(values[:cut]) + unrest(values[cut:]))
    return history[best][0]
