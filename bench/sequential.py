# Promises of the sequential tests, measured: false alarms, probes saved, false alarms a month, days to detection.
# Owns: simulations with fixed seeds. Refuses to know: how the tests work.
"""False alarms and savings of the e-process, of a whole sequential check, and of the level-shift detector.

python -m bench.sequential                        simulations (a few minutes)
DRIFT_CORPUS=FOLDER python -m bench.sequential    and the recorded version pairs of that folder
"""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from drift.compare import Early, Policy
from drift.model import Exchange, Expect, Message, Probe, Run, Sample, Snapshot
from drift.stats import (
    detect_shift,
    mcnemar,
    power_paired,
    samples_needed,
    sequential_test,
    wald_floor_paired,
)


def false_alarms(rounds: int = 2000, looks: int = 2000) -> None:
    """Fair flips: how often does each habit of looking cry wolf at 5 %?"""
    rng = np.random.default_rng(1)
    flips = rng.choice([-1, 1], (rounds, looks))
    stopped = sum(sequential_test(row).stopped for row in flips.tolist())
    peeked = 0
    ups = (flips > 0).cumsum(axis=1)
    for row in ups:
        peeked += any(mcnemar(int(row[n - 1]), int(n - row[n - 1])) <= 0.05 for n in range(10, 301, 10))
    print(f"fair flips, {looks} looks: e-process alarms in {stopped / rounds:.1%} (promised: at most 5 %)")
    print(f"fair flips, a p-value every ten pairs up to 300: alarms in {peeked / rounds:.1%}")


def savings(rounds: int = 400) -> None:
    """How many pairs until the alarm, against Wald's floor and a test of fixed size."""
    rng = np.random.default_rng(2)
    print("\n up   down | floor  e-process mean (of floor)  median | fixed size for 80 % | power there")
    for up, down in ((0.50, 0.02), (0.20, 0.02), (0.10, 0.02), (0.06, 0.01), (0.10, 0.05)):
        looks = []
        for _ in range(rounds):
            flips = rng.choice([1, -1, 0], 6000, p=[up, down, 1 - up - down])
            looks.append(sequential_test(flips.tolist()).pairs)
        floor, mean = wald_floor_paired(up, down), float(np.mean(looks))
        fixed = samples_needed(up - down, discordance=2 * down)
        power = power_paired(fixed or 0, up - down, discordance=2 * down)
        print(
            f"{up:5.2f} {down:5.2f} | {floor:5.0f}  {mean:9.0f} ({mean / floor:4.2f} x)  {median(looks):12.0f} "
            f"| {fixed!s:>19} | {power:.0%}"
        )


def whole_checks(rounds: int = 60) -> None:
    """`drift check --sequential` without the network: all detectors and families at every look.

    Every answer is JSON, and one in fifty comes in a fence on both sides. In the family that drifts, a further share of
    the candidate's answers does. The floor counts the answers of that family.
    """
    print(
        "\na whole sequential check | stopped: drift, clear, never | answers until drift (of floor) | saved"
    )
    for families, share in ((1, 0.0), (8, 0.0), (1, 0.2), (8, 0.2), (1, 0.4), (8, 0.4)):
        ends = [checked(families, share, seed) for seed in range(rounds if not share else rounds // 3)]
        stopped = [sum(end.stopped == why for end in ends) for why in ("drift", "clear", None)]
        saved = float(np.mean([1 - end.asked / end.planned for end in ends]))
        line = (
            f"{families} families, {share:.0%} drift".ljust(24)
            + f" | {stopped[0]:3} {stopped[1]:3} {stopped[2]:3} of {len(ends)}"
        )
        if share:
            floor = floor_of(share)
            needed = float(np.mean([end.carrying for end in ends if end.stopped == "drift"]))
            line += f" | {needed:5.0f} ({needed / floor:4.2f} x {floor:.0f})"
        print(f"{line} | {saved:.0%}", flush=True)
    print("promised: at most 5 % of the checks of an unchanged model stop for drift")


_ODD = 0.02


def floor_of(share: float) -> float:
    """Return Wald's floor for a check in which this share of the candidate's answers drifts."""
    calm = 1 - _ODD
    return wald_floor_paired(calm * (_ODD + share * calm), _ODD * calm * (1 - share))


class End(NamedTuple):
    """How a check ended: why, after how many of how many answers, and how many of them came from the first family."""

    stopped: str | None
    asked: int
    planned: int
    carrying: int


def checked(families: int, share: float, seed: int, per_family: int = 120, epochs: int = 6) -> End:
    """Simulate one check: `share` of the first family's candidate answers drift."""
    rng = random.Random(seed)
    probes: dict[str, Probe] = {}
    sides: tuple[list[Sample], list[Sample]] = ([], [])
    for number in range(families * per_family // epochs):
        family = number % families
        name = f"json/{number:04}"
        asked = Exchange(messages=(Message("user", f"Question {number}"),))
        probes[name] = Probe(name, "json", f"family {family}", "machine", (asked,), Expect(json=True))
        for epoch in range(1, epochs + 1):
            for side, samples in enumerate(sides):
                fenced = rng.random() < _ODD or (side and not family and rng.random() < share)
                text = f"```json\n{_PAYLOAD}\n```" if fenced else _PAYLOAD
                document = {"recorded": {"prompt": name, "output_text": text}}
                samples.append(Sample(f"{side}-{name}-{epoch}", name, epoch, "response", document))
    runs = [
        Run(f"{name}0000000", "vendor/model", "model", "vendor", "complete", "2026-01-01T00:00:00+00:00")
        for name in ("baseline", "candidate")
    ]
    watch = Early(Snapshot(runs[0], probes, tuple(sides[0])), Policy(fail_on="warning"))
    answers = {(sample.probe_id, sample.epoch): sample for sample in sides[1]}
    order = [
        (name, epoch) for epoch in range(1, epochs + 1) for name in rng.sample(sorted(probes), len(probes))
    ]
    watch.begin(runs[1], probes, order)
    carrying = 0
    for turn, key in enumerate(order, 1):
        carrying += probes[key[0]].family == "family 0"
        stopped = watch.add(answers[key])
        if stopped is not None:
            return End(stopped, turn, len(order), carrying)
    return End(None, len(order), len(order), carrying)


_PAYLOAD = json.dumps({"total": 12.5, "currency": "EUR"})


Series = Callable[[Generator, int], np.ndarray]

NOISES: dict[str, Series] = {
    "normal": lambda rng, days: rng.normal(0.8, 0.02, days),
    "heavy tails (t, 3)": lambda rng, days: 0.8 + 0.02 * rng.standard_t(3, days),
    "share of 50": lambda rng, days: rng.binomial(50, 0.94, days) / 50,
    "two values": lambda rng, days: np.where(rng.random(days) < 0.15, 0.84, 0.9),
    "constant": lambda _, days: np.full(days, 0.9),
    "follows yesterday (0.3)": lambda rng, days: 0.8 + _following(rng, days, 0.3),
    "follows yesterday (0.6)": lambda rng, days: 0.8 + _following(rng, days, 0.6),
}


def _following(rng: Generator, days: int, weight: float) -> np.ndarray:
    values = rng.normal(0, 0.02, days)
    for day in range(1, days):
        values[day] += weight * values[day - 1]
    return values


def monitor(series: int = 300, days: int = 180) -> None:
    """One value a day: false alarms a month on unchanged series, and days to the alarm after a step."""
    print(
        "\nunchanged series        | false alarms a month | step of 2, 3, 5 deviations:"
        " found (days to alarm; onset dated within one run)"
    )
    for name, draw in NOISES.items():
        rng = np.random.default_rng(3)
        alarms = sum(len(detect_shift(range(days), draw(rng, days).tolist()).shifts) for _ in range(series))
        monthly = alarms / (series * days / 30)
        found = []
        for size in (2, 3, 5):
            delays, dated = [], 0
            for _ in range(100):
                values = draw(rng, 60)
                values[30:] -= size * (values[:30].std() or 0.02)
                shifts = [
                    shift for shift in detect_shift(range(60), values.tolist()).shifts if shift.alarm >= 30
                ]
                delays += [shifts[0].alarm - 29] if shifts else []
                dated += bool(shifts) and abs(shifts[0].onset - 30) <= 1
            right = f"{dated / len(delays):.0%}" if delays else "-"
            found.append(f"{len(delays):3d} % ({median(delays) if delays else '-'}; {right})")
        print(f"{name:<23} | {monthly:20.4f} | {'  '.join(found)}", flush=True)


def recorded(folder: Path) -> None:
    """Recorded version pairs: after how many probes would the e-process have stopped?"""
    print(
        "\nrecorded pair: probes until the alarm, median over 200 orders (of all probes; orders that alarm)"
    )
    runs: dict[tuple[str, str], dict[str, str | None]] = {}
    with gzip.open(folder / "llmdrift" / "prime.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            runs.setdefault((line["target"], "correct"), {})[line["probe_id"]] = line["labels"]["correct"]
            runs.setdefault((line["target"], "says yes"), {})[line["probe_id"]] = (
                line["labels"]["extracted"] == "yes"
            )
    rng = np.random.default_rng(4)
    for before, after in (("gpt-4-0314", "gpt-4-0613"), ("gpt-3.5-turbo-0301", "gpt-3.5-turbo-0613")):
        for what in ("correct", "says yes"):
            base, other = runs[f"openaichat/{before}", what], runs[f"openaichat/{after}", what]
            flips = np.array([int(bool(other[probe])) - int(bool(base[probe])) for probe in sorted(base)])
            tests = [sequential_test(rng.permutation(flips).tolist()) for _ in range(200)]
            stopped = [test.pairs for test in tests if test.stopped]
            if stopped:
                print(
                    f"{before} -> {after}, {what}: {median(stopped):.0f} (of {len(flips)}; {len(stopped) / 2:.0f} %)"
                )


if __name__ == "__main__":
    false_alarms()
    savings()
    whole_checks()
    monitor()
    if corpus := os.environ.get("DRIFT_CORPUS"):
        recorded(Path(corpus))
