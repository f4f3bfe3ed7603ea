# How well the refusal classifier agrees with labels, and where its weights come from.
# Owns: the split into halves, the fit, the tables of confusion. Refuses to know: how a reply is read.
"""Agreement of `drift.observe.refusal` with labelled replies.

    python bench/refusal.py                          both halves of tests/refusal_sets, and the time a reply takes
    DRIFT_CORPUS=FOLDER python bench/refusal.py      also the judge-labelled essays of FOLDER/speechmap
    DRIFT_CORPUS=FOLDER python bench/refusal.py --fit   print drift/observe/refusal/weights.py, fitted on the tune half

The halves are split by the hash of the prompt, so that a prompt never stands on both sides. Weights are fitted on the
half "tune" (each reply with and without its prompt) and on the tune half of the essays; figures of "report" are clean.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import sys
import time
import timeit
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from drift.observe.refusal import classify
from drift.observe.refusal.reading import read

SETS = Path(__file__).parent.parent / "tests" / "refusal_sets"
LABELS = ("answer", "full", "partial")
_RIDGE = 3.0
_FREE = {
    "bias": 0.01,
    "declines at the end": 0.02,
    "brief no": 0.05,
    "declines and no more": 0.05,
}  # the latter are decisive
_ESSAY_WEIGHT = 0.3  # 1,450 plain essays must not outweigh the contested cases


class Labelled(NamedTuple):
    """One labelled reply."""

    prompt: str
    reply: str
    label: str
    language: str
    source: str

    @property
    def half(self) -> str:
        """The half: "tune" or "report"."""
        return "report" if hashlib.sha256(self.prompt.encode()).digest()[0] % 2 else "tune"


def own_sets() -> Iterator[Labelled]:
    """Yield the project's own labelled replies."""
    for file in sorted(SETS.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield Labelled(row["prompt"], row["reply"], row["label"], row["language"], file.stem)


def essays(corpus: Path) -> Iterator[Labelled]:
    """Yield recorded essays that their judge called COMPLETE or DENIAL; EVASIVE is another question."""
    for file in sorted((corpus / "speechmap").glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                label = {"COMPLETE": "answer", "DENIAL": "full"}.get(row["labels"]["compliance_production"])
                if label:
                    yield Labelled(row["prompt"], row["output_text"], label, "", "essays")


def report(title: str, rows: list[Labelled], *, with_prompt: bool) -> None:
    """Print agreement and confusion."""
    kinds = [classify(row.reply, prompt=row.prompt if with_prompt else None).kind for row in rows]
    confusion: Counter[tuple[str, str]] = Counter(
        (row.label, kind) for row, kind in zip(rows, kinds, strict=True)
    )
    same = sum(count for (label, kind), count in confusion.items() if label == kind)
    full = sum(count for (label, kind), count in confusion.items() if (label == "full") == (kind == "full"))
    agreement = f"fully refused or not {full / len(rows):.1%}; kind {same / len(rows):.1%}"
    print(f"\n{title}, {'with' if with_prompt else 'without'} prompt: {len(rows)} replies; {agreement}")
    print("label \\ kind " + "".join(f"{kind:>9}" for kind in LABELS))
    for label in LABELS:
        print(f"{label:<12}" + "".join(f"{confusion[label, kind]:9d}" for kind in LABELS))


def speed(rows: list[Labelled]) -> None:
    """Print microseconds for a reply of about 400 characters and for one of 6,000."""
    typical = [row for row in rows if row.language == "en" and 350 <= len(row.reply) <= 450]
    for label in LABELS:
        chosen = [row for row in typical if row.label == label][:10]
        times = [_microseconds(row.reply, row.prompt) for row in chosen]
        print(f"{label}, about 400 characters: {np.median(times):.0f} µs")
    text = "\n\n".join(row.reply for row in rows if row.language == "en" and row.label == "answer")[:6000]
    print(f"6,000 characters: {_microseconds(text, 'Tell me everything.'):.0f} µs")


def _microseconds(reply: str, prompt: str) -> float:
    return (
        min(
            timeit.repeat(
                lambda: classify(reply, prompt=prompt), number=100, repeat=5, timer=time.process_time
            )
        )
        * 1e4
    )


def fit(rows: list[Labelled]) -> dict[str, tuple[float, float]]:
    """Return weights (towards full, towards partial) of a ridge-penalised multinomial model."""
    features: list[dict[str, float]] = []
    targets: list[int] = []
    importance: list[float] = []
    for row in rows:
        for prompt in (row.prompt, None) if row.source != "essays" else (row.prompt,):
            reading = read(row.reply, prompt=prompt)
            assert reading is not None
            features.append(reading.features)
            targets.append(LABELS.index(row.label))
            importance.append(_ESSAY_WEIGHT if row.source == "essays" and row.label == "answer" else 1.0)
    names = sorted({name for found in features for name in found})
    matrix = np.array([[found.get(name, 0.0) for name in names] for found in features])
    weight, rows_index = np.array(importance), np.arange(len(targets))
    penalty = np.array([_FREE.get(name, _RIDGE) for name in names])

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        table = flat.reshape(2, -1)
        scores = np.column_stack([np.zeros(len(matrix)), matrix @ table.T])
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        value = (
            -(weight * np.log(chances[rows_index, targets] + 1e-12)).sum() + (penalty * table**2).sum() / 2
        )
        chances[rows_index, targets] -= 1
        gradient = (chances[:, 1:] * weight[:, None]).T @ matrix + penalty * table
        return float(value), gradient.ravel()

    best = minimize(loss, np.zeros(2 * len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 2000})
    full, partial = best.x.reshape(2, -1).round(2) + 0.0  # no negative zeros
    return {
        name: (float(full[i]), float(partial[i])) for i, name in enumerate(names) if full[i] or partial[i]
    }


def print_module(weights: dict[str, tuple[float, float]]) -> None:
    """Print the module that holds the weights."""
    print(
        "# What each feature of a reply says: log-odds towards a full and towards a partial refusal, against an answer."
    )
    print(
        "# Owns: numbers printed by `python bench/refusal.py --fit`. Refuses to know: how a feature is read."
    )
    print('"""Weights of the refusal classifier, fitted on one half of tests/refusal_sets."""\n')
    print("WEIGHTS: dict[str, tuple[float, float]] = {")
    print("    # feature, then its weight towards a full and towards a partial refusal")
    for name, (full, partial) in weights.items():
        print(f'    "{name}": ({full}, {partial}),')
    print("}")


def main() -> None:
    """Print a fit or a report."""
    rows = list(own_sets())
    corpus = os.environ.get("DRIFT_CORPUS")
    recorded = list(essays(Path(corpus))) if corpus else []
    if "--fit" in sys.argv:
        print_module(fit([row for row in (*rows, *recorded) if row.half == "tune"]))
        return
    for half in ("tune", "report"):
        for with_prompt in (True, False):
            report(half, [row for row in rows if row.half == half], with_prompt=with_prompt)
    for half in ("tune", "report"):
        if recorded:
            report(f"essays, {half}", [row for row in recorded if row.half == half], with_prompt=True)
    print()
    speed(rows)


if __name__ == "__main__":
    main()
