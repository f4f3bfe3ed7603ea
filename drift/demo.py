# The main job from end to end on the embedded model: what `drift demo` runs.
# Owns: the order baseline, control, candidate; what a silent control is. Refuses to know: the screen, how a model
# is served, how two runs are judged.
"""The main job with no key, no account and no network after the install.

A baseline, the same model again as a control, and a candidate are probed with the suite `demo` on a real, small
model, and compared as any two versions are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from drift.compare import compare
from drift.documents import ComparisonDocument
from drift.errors import EXIT_FINDINGS, EXIT_OK, EXIT_UNDECIDED, UnmeasuredError
from drift.model import Run
from drift.providers.local import open_weights
from drift.providers.weights import SHIPPED, Weights, requantise, resolve
from drift.runner import Progress, run_suite
from drift.store import Store
from drift.suite import load_suite

SUITE = "demo"
CANDIDATE = "smollm2-q4_0"
TEMPERATURE = 0.7
"""High enough that the model differs from itself: a control that repeats every byte would prove nothing."""

Part = Literal["weights", "baseline", "control", "candidate"]


@dataclass(frozen=True, slots=True)
class Step:
    """Where the demo stands.

    Attributes:
        part: what is being done; "weights" finds, verifies and re-quantises model files.
        target: the target being probed; empty while the weights are prepared.
        progress: of the run, or None when the part begins.
    """

    part: Part
    target: str = ""
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the demo found.

    Attributes:
        baseline: run of the baseline.
        control: run of the same model again.
        candidate: run of the other version, or None when there is none.
        control_comparison: baseline against control: what chance alone does here.
        comparison: baseline against candidate, with the control; None without a candidate.
        no_candidate: why there is no candidate, else None.
    """

    baseline: Run
    control: Run
    candidate: Run | None
    control_comparison: ComparisonDocument
    comparison: ComparisonDocument | None
    no_candidate: str | None = None

    @property
    def control_silent(self) -> bool:
        """Whether the same model, asked again, gave no warning and nothing breaking."""
        return is_silent(self.control_comparison)

    @property
    def exit_code(self) -> int:
        """0 when the job ran and its control was silent, 1 when it fired, 3 when it could not be judged."""
        if self.control_silent:
            return EXIT_OK
        return EXIT_UNDECIDED if self.control_comparison["verdict"] == "inconclusive" else EXIT_FINDINGS


def is_silent(document: ComparisonDocument) -> bool:
    """Whether a comparison was made and says nothing above "info"."""
    return document["verdict"] in {"none", "info"}


def run_demo(
    store: Store,
    *,
    gguf: Path | None = None,
    candidate: str = CANDIDATE,
    seed: int | None = None,
    suite: str = SUITE,
    progress: Callable[[Step], None] | None = None,
) -> DemoResult:
    """Run the demo: three runs of at most 80 short samples each, and two comparisons.

    Args:
        store: where the runs and both comparisons go.
        gguf: a model file of the user's own as the baseline; its candidate is its own re-quantisation to Q4_0.
        candidate: model of the candidate, see `drift.providers.weights`; not looked at when `gguf` is given.
        seed: makes the whole demo repeatable, see `open_weights`; None samples freely, as vendors do.
        suite: what is asked, see `load_suite`.
        progress: is called when a part begins and after every sample.

    Raises:
        UsageError: no such file or name, or the weights or the engine are not installed.
        UnmeasuredError: the model could not be served, or too many samples failed.
        InterruptedRunError: stopped by the user.
    """
    tell = progress or (lambda _: None)
    tell(Step("weights"))
    first = resolve(SHIPPED if gguf is None else str(gguf))
    second: Weights | None = None
    no_candidate = None
    try:
        second = resolve(candidate) if gguf is None else requantise(first, "q4_0")
    except UnmeasuredError as error:
        if gguf is None:
            raise
        no_candidate = error.what

    def probe(part: Part, number: int, weights: Weights, control_of: str | None = None) -> Run:
        target = f"local/{weights.name}"
        tell(Step(part, target))
        return probe_model(
            store,
            weights,
            suite=suite,
            control_of=control_of,
            seed=None if seed is None else 3 * seed + number,  # no two parts of any two demos share a seed
            progress=lambda state: tell(Step(part, target, state)),
        )

    baseline = probe("baseline", 0, first)
    control = probe("control", 1, first, baseline.id)
    moved = None if second is None else probe("candidate", 2, second)

    between = partial(compare, store.snapshot(baseline.id))
    repeated = store.snapshot(control.id)
    noise = between(repeated)
    store.save_comparison(noise)
    drift = None
    if moved is not None:
        drift = between(store.snapshot(moved.id), control=repeated)
        store.save_comparison(drift)
    return DemoResult(baseline, control, moved, noise, drift, no_candidate)


def probe_model(
    store: Store,
    weights: Weights,
    *,
    suite: str = SUITE,
    control_of: str | None = None,
    seed: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Run:
    """Run one part of the demo: serve a model, ask the suite once, stop the server; errors as in `run_demo`."""
    probes = load_suite(suite)  # before the server starts: a wrong name must not leave one behind
    return run_suite(
        store,
        open_weights(weights, params={"temperature": TEMPERATURE}, seed=seed),
        probes,
        concurrency=1,  # the server has one slot: more would only wait in its queue
        control_of=control_of,
        progress=progress,
    )
