# How often Drift is right: null reports by splitting real samples, injected drift of graded size, and the baselines.
# Owns: splitting, injecting, counting, the page docs/truth.md and its plot. Refuses to know: how Drift judges.
"""Score Drift on what is known to be true.

    python -m bench.truth                     print; needs the recordings in tests/recordings
    DRIFT_CORPUS=DIR python -m bench.truth    and the pairs of a corpus of recorded outputs
    python -m bench.truth --write             write docs/truth.md and docs/truth.svg as well

(a) Recorded pairs: every channel of the corpus that must be named or must stay silent. (b) Nulls: the samples of one
unchanged model are dealt to two sides at random, over and over; every finding at warning or above is a false alarm.
(c) Injected drift: the same splits, with a fault written into a share of the candidate's answers. (d) What byte
comparison, plain DeepDiff and one uncorrected test a probe do with the same splits.
"""

from __future__ import annotations

import argparse
import copy
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drift.changes import find_changes
from drift.compare import compare
from drift.importers import import_files
from drift.model import JSON, Sample, Snapshot
from drift.stats import fisher, wald_floor_paired, wilson
from drift.store import Store

ROOT = Path(__file__).parent.parent
RECORDINGS = ROOT / "tests" / "recordings"
SHARES = (0.05, 0.1, 0.2, 0.4)
LOUD = {"warning", "breaking"}


@dataclass(frozen=True)
class Fault:
    """A fault to inject: where it can stand, how it is written, and the rule that must name it."""

    name: str
    rule: str
    fits: Callable[[Sample], bool]
    write: Callable[[Any], None]


# ---------------------------------------------------------------- raw replies, either dialect


def body_of(sample: Sample) -> Any:
    """Return the last body of a live sample, or an empty object."""
    exchanges = sample.document.get("exchanges") or [{}]
    return exchanges[-1].get("body") or {}


def text_of(sample: Sample) -> str:
    """Return the visible text of a sample in the Messages or the Chat Completions dialect."""
    body = body_of(sample)
    if body.get("type") == "message":
        return "".join(block.get("text", "") for block in body["content"] if block.get("type") == "text")
    choices = body.get("choices") or [{}]
    return (choices[0].get("message") or {}).get("content") or ""


def rewrite(body: Any, change: Callable[[str], str]) -> None:
    """Apply a change to every visible text of a body, in place."""
    for block in body.get("content") or ():
        if block.get("type") == "text":
            block["text"] = change(block["text"])
    for choice in body.get("choices") or ():
        message = choice.get("message") or {}
        if isinstance(message.get("content"), str):
            message["content"] = change(message["content"])


FAULTS = (
    Fault(
        "code fence around JSON",
        "text-markdown-fence-added",
        lambda sample: text_of(sample).lstrip().startswith("{"),
        lambda body: rewrite(body, lambda text: f"```json\n{text}\n```"),
    ),
    Fault(
        "words before JSON",
        "text-preamble-added",
        lambda sample: text_of(sample).lstrip().startswith("{"),
        lambda body: rewrite(body, lambda text: f"Here is the JSON you asked for:\n{text}"),
    ),
    Fault(
        "label with a full stop",
        "text-label-set-violated",
        lambda sample: 0 < len(text_of(sample).split()) == 1,
        lambda body: rewrite(body, lambda text: f"The answer is: {text.strip()}"),
    ),
    Fault(
        "cut at the output cap",
        "truncation-rate-increased",
        lambda sample: body_of(sample).get("stop_reason") == "end_turn",
        lambda body: body.update(stop_reason="max_tokens"),
    ),
)


# ---------------------------------------------------------------- splits


def recordings() -> list[Snapshot]:
    """Return the live runs that are committed as recordings, oldest first."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "bench.db") as store:
        import_files(store, sorted(RECORDINGS.glob("*.jsonl.gz")))
        return [store.snapshot(run.id) for run in reversed(store.runs(status="complete"))]


def unchanged(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Return the runs of the one target that was recorded most: repeats of one unchanged model."""
    targets: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        targets.setdefault(snapshot.run.target, []).append(snapshot)
    return max(targets.values(), key=len)


def split(runs: Sequence[Snapshot], rng: random.Random, samples: int) -> tuple[Snapshot, Snapshot]:
    """Deal the samples of each probe at random to two sides of at most `samples` each."""
    pool: dict[str, list[Sample]] = {}
    for run in runs:
        for sample in run.samples:
            if sample.outcome != "failed":
                pool.setdefault(sample.probe_id, []).append(sample)
    sides: tuple[list[Sample], list[Sample]] = ([], [])
    for found in pool.values():
        dealt = rng.sample(found, len(found))
        each = min(samples, len(dealt) // 2)
        for side, part in zip(sides, (dealt[:each], dealt[each : 2 * each]), strict=True):
            side += [replace(sample, id=f"{sample.id}-{n}", epoch=n + 1) for n, sample in enumerate(part)]
    first = runs[0]
    return (
        Snapshot(first.run, first.probes, tuple(sides[0])),
        Snapshot(
            replace(first.run, id="candidate00000", requested_model="candidate"),
            first.probes,
            tuple(sides[1]),
        ),
    )


def inject(snapshot: Snapshot, fault: Fault, share: float, rng: random.Random) -> Snapshot:
    """Write a fault into a share of the samples in which it can stand."""
    changed = []
    for sample in snapshot.samples:
        if fault.fits(sample) and rng.random() < share:
            document: JSON = copy.deepcopy(sample.document)
            fault.write(document["exchanges"][-1]["body"])
            changed.append(replace(sample, document=document))
        else:
            changed.append(sample)
    return replace(snapshot, samples=tuple(changed))


# ---------------------------------------------------------------- judges


def loud_rules(baseline: Snapshot, candidate: Snapshot) -> set[str]:
    """Return the rules of Drift's findings at warning or above."""
    document = compare(baseline, candidate)
    return {
        f["rule"]
        for f in document["findings"]
        if f["level"] in LOUD and f["rule"] != "silent-drift-suspected"
    }


def by_bytes(baseline: Snapshot, candidate: Snapshot) -> bool:
    """Alarm when any first answer differs at all."""
    return _firsts(baseline) != _firsts(candidate)


def by_deepdiff(baseline: Snapshot, candidate: Snapshot) -> bool:
    """Alarm when DeepDiff finds any difference between first bodies without ids and times."""
    return bool(
        find_changes(*({k: _stable(v) for k, v in _bodies(s).items()} for s in (baseline, candidate)))
    )


def by_probe(baseline: Snapshot, candidate: Snapshot) -> bool:
    """Alarm when Fisher's test on any one probe's exact answer gives p <= 5 %, uncorrected."""
    sides: list[dict[str, list[str]]] = []
    for snapshot in (baseline, candidate):
        texts: dict[str, list[str]] = {}
        for sample in snapshot.samples:
            texts.setdefault(sample.probe_id, []).append(text_of(sample))
        sides.append(texts)
    for probe, first in sides[0].items():
        second = sides[1].get(probe, [])
        for text in set(first) | set(second):
            if second and fisher(first.count(text), len(first), second.count(text), len(second)) <= 0.05:
                return True
    return False


def _bodies(snapshot: Snapshot) -> dict[str, Any]:
    return {sample.probe_id: body_of(sample) for sample in snapshot.samples if sample.epoch == 1}


def _firsts(snapshot: Snapshot) -> dict[str, str]:
    return {sample.probe_id: text_of(sample) for sample in snapshot.samples if sample.epoch == 1}


def _stable(body: Any) -> Any:
    return (
        {k: v for k, v in body.items() if k not in {"id", "created", "timings", "usage"}}
        if isinstance(body, dict)
        else body
    )


# ---------------------------------------------------------------- the page


def nulls(runs: Sequence[Snapshot], rounds: int) -> list[tuple[str, int, int, int]]:
    """Return (judge, samples a probe, alarms, reports) over random splits of one unchanged model."""
    rows = []
    for samples in (1, 5):
        alarms = dict.fromkeys(("Drift", "byte comparison", "DeepDiff", "one test a probe"), 0)
        for seed in range(rounds):
            sides = split(runs, random.Random(seed), samples)
            alarms["Drift"] += bool(loud_rules(*sides))
            alarms["byte comparison"] += by_bytes(*sides)
            alarms["DeepDiff"] += by_deepdiff(*sides)
            alarms["one test a probe"] += by_probe(*sides)
        rows += [(judge, samples, count, rounds) for judge, count in alarms.items()]
    return rows


def power(runs: Sequence[Snapshot], rounds: int) -> list[tuple[str, int, float, int, int, int]]:
    """Return (fault, samples a probe, share, times named rightly, rounds, answers that could carry it)."""
    rows = []
    for fault in FAULTS:
        for samples in (1, 5):
            for share in SHARES:
                named = carrying = 0
                for seed in range(rounds):
                    rng = random.Random(1000 + seed)
                    baseline, candidate = split(runs, rng, samples)
                    carrying = sum(map(fault.fits, candidate.samples))
                    named += fault.rule in loud_rules(baseline, inject(candidate, fault, share, rng))
                rows.append((fault.name, samples, share, named, rounds, carrying))
    return rows


def page(rounds: int) -> tuple[str, str]:
    """Return docs/truth.md and docs/truth.svg."""
    runs = unchanged(recordings())
    total = sum(len(run.samples) for run in runs)
    lines = [
        "# How often Drift is right",
        "",
        "Made by `python -m bench.truth --write`; the plot beside it as well.",
        "",
        (
            f"Real samples: {total} answers of `{runs[0].run.target}` in {len(runs)} runs of the suite `demo`"
            " (`tests/recordings/`), the same model every time."
        ),
        "",
        "## Nothing changed",
        "",
        (
            "The samples of the unchanged model are dealt to two sides at random. Every alarm is false. Drift alarms"
            " when a report holds any finding at `warning` or above."
        ),
        "",
        "| judge | samples a probe | false alarms | 95 % interval |",
        "| --- | ---: | ---: | --- |",
    ]
    for judge, samples, count, n in nulls(runs, rounds):
        low, high = wilson(count, n)
        lines.append(f"| {judge} | {samples} | {count} of {n} ({count / n:.1%}) | {low:.1%} to {high:.1%} |")
    lines += [
        "",
        "## Something changed",
        "",
        (
            "The same splits, with a fault written into a share of the candidate's answers. *Named* means: the right"
            " rule, at `warning` or above. Wald's floor is the least number of answers that a sequential test needs on"
            " average at 5 % against a baseline that never shows the fault."
        ),
        "",
        "| fault | share | answers | named | Wald's floor |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    curves: dict[str, list[tuple[float, float]]] = {}
    for name, samples, share, named, n, carrying in power(runs, rounds):
        floor = wald_floor_paired(share, 1e-6)
        lines.append(f"| {name} | {share:.0%} | {carrying} | {named / n:.0%} | {floor:.0f} |")
        curves.setdefault(f"{name}, {carrying} answers", []).append((share, named / n))
        del samples
    lines += ["", "![Power by share of faulty answers](truth.svg)", ""]
    corpus = os.environ.get("DRIFT_CORPUS")
    if corpus:
        lines += [
            "## Recorded pairs of real models",
            "",
            "`DRIFT_CORPUS=… python -m bench.expected`:",
            "",
            "```text",
        ]
        lines += [corpus_score(), "```", ""]
    return "\n".join(lines), plot(curves)


def corpus_score() -> str:
    """Return what bench.expected prints."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.expected"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    return done.stdout.strip() or done.stderr.strip()[-500:]


COLOURS = ("#0b6e99", "#b3541e", "#3d7a3a", "#7a3a6b", "#5aa9c9", "#d98b5f", "#7fb77c", "#b07fa6")


def plot(curves: dict[str, list[tuple[float, float]]]) -> str:
    """Return an SVG of power over the share of faulty answers."""
    width, height, left, top = 720, 340, 60, 20
    room, tall = 360, 260
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
        ' font-family="sans-serif" font-size="12">',
        "<title>Share of reports that name the fault, by share of faulty answers</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        y = top + tall * (1 - tick)
        parts.append(f'<line x1="{left}" y1="{y}" x2="{left + room}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{tick:.0%}</text>')
    for share in SHARES:
        x = left + room * share / SHARES[-1]
        parts.append(f'<text x="{x}" y="{top + tall + 18}" text-anchor="middle">{share:.0%}</text>')
    middle = left + room / 2
    parts.append(
        f'<text x="{middle}" y="{top + tall + 40}" text-anchor="middle">share of faulty answers</text>'
    )
    for number, (name, points) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{left + room * x / SHARES[-1]:.1f},{top + tall * (1 - y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(
            f'<rect x="{left + room + 20}" y="{top + 22 * number}" width="12" height="12" fill="{colour}"/>'
        )
        parts.append(f'<text x="{left + room + 38}" y="{top + 22 * number + 11}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> int:
    """Print the page; with --write put it under docs/."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200, help="random splits for each number (default 200)")
    parser.add_argument("--write", action="store_true", help="write docs/truth.md and docs/truth.svg")
    chosen = parser.parse_args()
    text, drawing = page(chosen.rounds)
    print(text)
    if chosen.write:
        (ROOT / "docs" / "truth.md").write_text(text, "utf-8")
        (ROOT / "docs" / "truth.svg").write_text(drawing, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
