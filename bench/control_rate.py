# How often `drift demo` cries wolf: the control's verdict over many demos in which nothing changed.
# Owns: recording of runs as the demo makes them, pairing, counting. Refuses to know: how two runs are judged.
"""Measure how often the control of `drift demo` fires, and how often a changed model is found.

    python -m bench.control_rate runs.db --record 200
    python -m bench.control_rate runs.db --record 40 --model smollm2-q4_0

Each recorded run is what a part of `drift demo --seed N` is: suite and temperature on the real weights, each run with
a seed of its own, so that the same engine gives the same figure again. `--free` samples without seeds, as `drift demo`
does when no seed is named. Runs stay in the database, so recording may be interrupted and continued. Demo number i
takes runs 2i and 2i+1 of the shipped weights as baseline and control: no run is used twice, so the demos are
independent. A changed model's run number i is the candidate of demo i. The rate over pairs drawn from all runs is
printed as well; its pairs share runs, so it is steadier than an independent sample of its size and no better than one.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from drift.compare import compare
from drift.demo import SUITE, is_silent, probe_model
from drift.documents import ComparisonDocument
from drift.model import Snapshot
from drift.providers.weights import NAMES, SHIPPED, resolve
from drift.stats import wilson
from drift.store import Store
from drift.suite import load_suite


def recorded(store: Store, model: str) -> list[str]:
    """Return ids of the complete runs of a model with the present suite, oldest first."""
    suite = load_suite(SUITE).hash
    runs = store.runs(target=f"local/{model}", status="complete")
    return [run.id for run in reversed(runs) if run.suite_hash == suite]


def show(title: str, documents: Iterable[ComparisonDocument]) -> None:
    """Print in how many comparisons a warning or worse was given, and by which rules."""
    heard = list(documents)
    loud = [document for document in heard if not is_silent(document)]
    if not heard:
        return
    low, high = wilson(len(loud), len(heard))
    print(f"{title}: {len(loud)} of {len(heard)} fire ({low:.1%} to {high:.1%})")
    rules = Counter(
        f"{level} {rule} ({family})"
        for document in loud
        for level, rule, family in {
            (finding["level"], finding["rule"], finding["family"])
            for finding in document["findings"]
            if finding["level"] != "info"
        }
    )
    for rule, count in rules.most_common():
        print(f"    {count:4} {rule}")


def measure(store: Store, pairs: int) -> None:
    """Print the rates of everything that is recorded."""
    ids = recorded(store, SHIPPED)
    shipped = [store.snapshot(run_id) for run_id in ids]
    demos = list(zip(shipped[0::2], shipped[1::2], strict=False))
    show("control, independent demos", (compare(first, again) for first, again in demos))
    show("control, pairs that share runs", (compare(*pair) for pair in drawn(shipped, pairs)))
    for model in NAMES:
        if model != SHIPPED:
            others = [store.snapshot(run_id) for run_id in recorded(store, model)]
            trios = zip(demos, others, strict=False)
            show(
                f"{model} as the candidate",
                (compare(first, other, control=again) for (first, again), other in trios),
            )


def seed_of(model: str, number: int) -> int:
    """Return the seed of a model's run of that number: no two runs of any two models share one."""
    return number * len(NAMES) + list(NAMES).index(model)


def drawn(runs: Sequence[Snapshot], count: int) -> list[tuple[Snapshot, Snapshot]]:
    """Return different pairs in random order of both sides, the same ones each time."""
    every = list(itertools.permutations(runs, 2))
    return random.Random(0).sample(every, min(count, len(every)))


def main(arguments: Sequence[str]) -> None:
    """Record what is asked for, then print the rates."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("database", type=Path)
    parser.add_argument(
        "--record", type=int, default=0, metavar="N", help="record until there are N runs of the model"
    )
    parser.add_argument("--model", choices=NAMES, default=SHIPPED)
    parser.add_argument("--free", action="store_true", help="record without seeds; keep a database for each")
    parser.add_argument(
        "--pairs", type=int, default=400, metavar="N", help="pairs that share runs; 400 when absent"
    )
    asked = parser.parse_args(arguments)
    with Store.open(asked.database) as store:
        for number in range(len(recorded(store, asked.model)), asked.record):
            seed = None if asked.free else seed_of(asked.model, number)
            run = probe_model(store, resolve(asked.model), seed=seed)
            print(f"{number + 1} of {asked.record}: run {run.id}", file=sys.stderr, flush=True)
        measure(store, asked.pairs)


if __name__ == "__main__":
    main(sys.argv[1:])
