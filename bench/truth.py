# How often Drift is right: nulls by splitting real samples, injected drift of graded size, and the baselines.
# Owns: splitting, injecting, counting, the page docs/truth.md and its plot. Refuses to know: how Drift judges.
"""Score Drift on what is known to be true.

    python -m bench.truth                             print; uses the recordings in tests/recordings
    python -m bench.truth --quick                     the same with few draws
    DRIFT_CORPUS=DIR python -m bench.truth            and the agent trials and the pairs of a corpus of recordings
    DRIFT_CORPUS=DIR python -m bench.truth --write    and write docs/truth.md and docs/truth.svg (half an hour)
    python -m bench.truth --write --only TITLE        and write that section alone

Nulls: the samples of one unchanged model are dealt to two sides at random, over and over; every finding at warning or
above is a false alarm. Injected drift: the same splits, with a fault written into a share of the candidate's answers.
Baselines: what byte comparison, plain DeepDiff and one uncorrected test a probe do with the same splits. Pairs: every
channel of a corpus that must be named or must stay silent, and made-up pairs of many kinds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from bench import cases, expected
from bench.cases import CHANGED, UNCHANGED
from bench.faults import FAULTS, Fault, body_of, inject, text_of
from bench.plot import Curve, plot
from bench.sequential import checked, floor_of
from drift.changes import find_changes
from drift.compare import Policy
from drift.compare.pairing import Observed
from drift.compare.sides import judge_sides
from drift.importers import import_files
from drift.model import Sample, Snapshot
from drift.stats import fisher, wilson
from drift.store import Store

ROOT = Path(__file__).parent.parent
RECORDINGS = ROOT / "tests" / "recordings"
SIZES = (0.05, 0.1, 0.15, 0.2, 0.4)

# ---------------------------------------------------------------- real samples of one unchanged model


@dataclass
class Source:
    """Samples of one unchanged model: runs of the same probes, dealt out again and again.

    `depths` are the samples a probe and side that are tried. `observed` keeps what was observed in a sample, so that
    dealing it once more costs little.
    """

    name: str
    runs: Sequence[Snapshot]
    depths: Sequence[int]
    observed: Observed = field(default_factory=dict)

    def deal(self, rng: random.Random, samples: int) -> tuple[Snapshot, Snapshot]:
        """Deal the samples of each probe at random to two sides of at most `samples` each."""
        pool: dict[str, list[Sample]] = {}
        for run in self.runs:
            for sample in run.samples:
                if sample.outcome != "failed":
                    pool.setdefault(sample.probe_id, []).append(sample)
        sides: tuple[list[Sample], list[Sample]] = ([], [])
        for found in pool.values():
            dealt = rng.sample(found, len(found))
            each = min(samples, len(dealt) // 2)
            for side, part in zip(sides, (dealt[:each], dealt[each : 2 * each]), strict=True):
                side += [replace(sample, epoch=n + 1) for n, sample in enumerate(part)]
        first = self.runs[0]
        # The candidate is another model, so that what is found is not taken back as a mere change of settings.
        other = replace(first.run, target="candidate/model", requested_model="model")
        return Snapshot(first.run, first.probes, tuple(sides[0])), Snapshot(
            other, first.probes, tuple(sides[1])
        )

    def loud(self, baseline: Snapshot, candidate: Snapshot) -> set[str]:
        """Return the rules of Drift's findings at warning or above."""
        judged = judge_sides(baseline, candidate, Policy(), observed=self.observed)
        return {
            finding.rule.id
            for finding in judged.judgement.findings
            if finding.level != "info" and finding.rule.id != "model-alias-retargeted"
        }


def sources(corpus: Path | None) -> list[Source]:
    """Return the recordings of the local model, and the trials of an agent when a corpus is there."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "bench.db") as store:
        import_files(store, sorted(RECORDINGS.glob("*.jsonl.gz")))
        runs = [store.snapshot(run.id) for run in reversed(store.runs(status="complete"))]
        repeats: dict[tuple[str, str | None], list[Snapshot]] = {}
        for run in runs:
            repeats.setdefault((run.run.target, run.run.suite_hash), []).append(run)
        most = max(
            repeats.values(),
            key=lambda found: sum(len(run.samples) for run in found if run.run.suite == "demo"),
        )
        found = [Source(f"`{most[0].run.target}`, {len(most)} runs of the suite `demo`", most, (1, 5))]
        if corpus is not None:
            import_files(store, sorted(corpus.glob("taubench/*.jsonl.gz")))
            trials = [store.snapshot(run.id) for run in store.runs(status="complete") if run.dataset]
            found.append(Source("an airline agent of `gpt-4o`, four trials of fifty tasks", trials, (1, 2)))
    return found


# ---------------------------------------------------------------- baselines


def by_bytes(baseline: Snapshot, candidate: Snapshot) -> bool:
    """Alarm when any first answer differs at all."""
    return _firsts(baseline) != _firsts(candidate)


def by_deepdiff(baseline: Snapshot, candidate: Snapshot) -> bool:
    """Alarm when DeepDiff finds any difference between first replies without ids and times."""
    return bool(find_changes(_replies(baseline), _replies(candidate)))


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


BASELINES: Mapping[str, Callable[[Snapshot, Snapshot], bool]] = {
    "byte comparison": by_bytes,
    "plain DeepDiff": by_deepdiff,
    "one uncorrected test a probe": by_probe,
}


def _firsts(snapshot: Snapshot) -> dict[str, str]:
    return {sample.probe_id: text_of(sample) for sample in snapshot.samples if sample.epoch == 1}


def _replies(snapshot: Snapshot) -> dict[str, Any]:
    return {
        sample.probe_id: {
            k: v for k, v in body_of(sample).items() if k not in {"id", "created", "timings", "usage"}
        }
        or sample.document
        for sample in snapshot.samples
        if sample.epoch == 1
    }


# ---------------------------------------------------------------- measuring


@dataclass(frozen=True)
class Tally:
    """So many of so many."""

    k: int
    n: int

    def __str__(self) -> str:
        low, high = wilson(self.k, self.n)
        return f"{self.k} of {self.n} ({self.k / self.n:.1%}; {low:.1%} to {high:.1%})"


def null_alarms(source: Source, samples: int, rounds: int) -> Iterator[tuple[str, Tally]]:
    """Yield each judge with its false alarms over random splits of one unchanged model."""
    splits = [source.deal(random.Random(seed), samples) for seed in range(rounds)]
    yield "Drift", Tally(sum(bool(source.loud(*sides)) for sides in splits), rounds)
    few = splits[: max(20, rounds // 10)]  # they alarm nearly always: a few rounds show it
    for name, judge in BASELINES.items():
        yield name, Tally(sum(judge(*sides) for sides in few), len(few))


@dataclass(frozen=True)
class Power:
    """How often a fault of a size was named."""

    fault: Fault
    samples: int
    size: float
    answers: int
    named: Tally


def power(source: Source, fault: Fault, samples: int, rounds: int) -> Iterator[Power]:
    """Yield how often a fault is named, size by size."""
    for size in SIZES:
        named = answers = 0
        for seed in range(rounds):
            rng = random.Random(1000 + seed)
            baseline, candidate = source.deal(rng, samples)
            answers += sum(map(fault.fits, candidate.samples))
            named += bool(fault.rules & source.loud(baseline, inject(candidate, fault, size, rng)))
        yield Power(fault, samples, size, round(answers / rounds), Tally(named, rounds))


# ---------------------------------------------------------------- the page


@dataclass(frozen=True)
class Effort:
    """How much is drawn: splits for a null and for a point of a power curve, sequential checks, made-up pairs."""

    nulls: int = 200
    powers: int = 40
    checks: int = 8
    draws: int = 2


QUICK = Effort(nulls=20, powers=4, checks=2, draws=1)


def head(real: Sequence[Source]) -> str:
    """Return what stands above the sections of docs/truth.md."""
    listed = "; ".join(f"{one.name} ({sum(len(run.samples) for run in one.runs)} answers)" for one in real)
    return f"""# How often Drift is right

Written by `DRIFT_CORPUS=… python -m bench.truth --write`, as is the plot. Real samples of unchanged models:
{listed}. Intervals are 95 % (Wilson).
"""


def sections(
    real: Sequence[Source], corpus: Path | None, effort: Effort, curves: list[Curve]
) -> dict[str, Iterator[str]]:
    """Return the sections of docs/truth.md by title, their lines as they are known; fills `curves` for the plot."""
    return {
        "Nothing changed": _nulls(real, effort.nulls),
        "Something changed": _powers(real, effort.powers, curves),
        "Stopping early": _samples_needed(effort.checks),
        **({} if corpus is None else {"Recorded pairs of real models": _pairs(corpus)}),
        "Made-up pairs of many kinds": _made_up(effort.draws),
    }


def _nulls(real: Sequence[Source], rounds: int) -> Iterator[str]:
    yield """The samples of one unchanged model are dealt to two sides at random, so every alarm is false. Drift
alarms when a report holds any finding at `warning` or above; nothing told it that the sides are one
model.

| samples | a probe and side | judge | reports with a false alarm |
| --- | ---: | --- | --- |"""
    for source in real:
        for samples in source.depths:
            for judge, tally in null_alarms(source, samples, rounds):
                yield f"| {source.name} | {samples} | {judge} | {tally} |"


def _powers(real: Sequence[Source], rounds: int, curves: list[Curve]) -> Iterator[str]:
    yield f"""The same splits, with a fault written into a share of the candidate's answers. *Named*: the right
rule, at `warning` or above, in this share of {rounds} reports. *Answers*: those of the candidate
that can carry the fault. *Length*: every answer is longer by the size. What a
model does now and then by itself, as the small one fences its JSON, takes a larger share to be seen.

| fault | answers | {" | ".join(f"{size:.0%}" for size in SIZES)} |
| --- | ---: |{" ---: |" * len(SIZES)}"""
    for fault in FAULTS:
        if fault.source >= len(real):
            continue
        for samples in real[fault.source].depths:
            row = list(power(real[fault.source], fault, samples, rounds))
            shares = [(point.size, point.named.k / point.named.n) for point in row]
            yield f"| {fault.name} | {row[0].answers} | {' | '.join(f'{share:.0%}' for _, share in shares)} |"
            curves.append(Curve(f"{fault.name}, {row[0].answers} answers", shares))
    yield "\n![Power by the size of the drift](truth.svg)"


def _samples_needed(rounds: int) -> Iterator[str]:
    yield """`drift check --sequential` on made-up JSON answers of which 2 % come in a fence on both sides, and a
further share of one family's in the candidate (`python -m bench.sequential` has more). Wald's floor
is the least number of answers that any sequential test needs on average at 5 %.

| families | drift | checks that stop for drift | answers needed | Wald's floor | ratio | calls saved |
| ---: | ---: | --- | ---: | ---: | ---: | ---: |"""
    for families, share in ((1, 0.0), (1, 0.2), (1, 0.4), (8, 0.0), (8, 0.4)):
        ends = [checked(families, share, seed) for seed in range(rounds if share else 2 * rounds)]
        drift = [end for end in ends if end.stopped == "drift"]
        saved = fmean(1 - end.asked / end.planned for end in ends)
        cells = ["", "", ""]
        if share and drift:
            floor, needed = floor_of(share), fmean(end.carrying for end in drift)
            cells = [f"{needed:.0f}", f"{floor:.0f}", f"{needed / floor:.2f}"]
        yield (
            f"| {families} | {share:.0%} | {Tally(len(drift), len(ends))} | {' | '.join(cells)} | {saved:.0%} |"
        )


def _pairs(corpus: Path) -> Iterator[str]:
    yield """`DRIFT_CORPUS=… python -m bench.expected`: every channel of the corpus and every figure, also with
the sides swapped, the order of lines and keys shuffled, the ids renamed and the labels removed.

| corpus | must be named | named | must stay silent | silent | channels and figures right |
| --- | ---: | ---: | ---: | ---: | ---: |"""
    wanted = json.loads((corpus / "EXPECTED.json").read_text("utf-8"))
    for mutation in expected.MUTATIONS:
        score = expected.check_all(wanted, corpus, mutation)
        drift, silent = score.of("drift"), score.of("silent")
        yield (
            f"| {mutation} | {drift[1]} | {drift[0]} | {silent[1]} | {silent[0]} | {score.right} of {score.total} |"
        )


def _made_up(draws: int) -> Iterator[str]:
    yield f"""`python -m bench.cases`: {len(CHANGED)} kinds of change and {len(UNCHANGED)} kinds of no change,
each drawn {draws} times and judged through `drift import` and `drift diff`. *Explained*: one of the
wanted rules fired, and no rule outside the kind's own at `warning` or above.

| pairs | found | explained | reports with a false alarm |
| --- | --- | --- | --- |"""
    changed = [score for _, score in cases.scores(CHANGED, draws, "")]
    unchanged = [score for _, score in cases.scores(UNCHANGED, draws, "")]
    n = sum(score.draws for score in changed)
    found = Tally(sum(score.found for score in changed), n)
    explained = Tally(sum(score.explained for score in changed), n)
    alarms = Tally(sum(score.alarms for score in unchanged), sum(score.draws for score in unchanged))
    yield f"| changed | {found} | {explained} | |"
    yield f"| unchanged | | | {alarms} |"


def main() -> int:
    """Print the page line by line; with --write put it under docs/."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="few draws of each: a minute or two, wide intervals"
    )
    parser.add_argument("--only", metavar="TITLE", action="append", help="only this section; repeatable")
    parser.add_argument("--write", action="store_true", help="write docs/truth.md and docs/truth.svg")
    chosen = parser.parse_args()
    folder = os.environ.get("DRIFT_CORPUS")
    corpus = Path(folder) if folder else None
    real = sources(corpus)
    curves: list[Curve] = []
    page: dict[str, str] = {}
    whole = sections(real, corpus, QUICK if chosen.quick else Effort(), curves)
    if unknown := set(chosen.only or ()) - whole.keys():
        parser.error(f"no section {', '.join(unknown)}; there are: {', '.join(whole)}")
    for title, lines in whole.items():
        if chosen.only and title not in chosen.only:
            continue
        print(f"\n## {title}\n", flush=True)
        written = []
        for line in lines:
            print(line, flush=True)
            written.append(line)
        page[title] = "\n".join(written)
    if chosen.write:
        write(head(real), {title: page.get(title, "") for title in whole}, curves)
    return 0


def write(above: str, page: Mapping[str, str], curves: Sequence[Curve]) -> None:
    """Write docs/truth.md, an empty section as it stood there, and the plot, where it was measured."""
    file = ROOT / "docs" / "truth.md"
    before = file.read_text("utf-8").split("\n## ")[1:] if file.exists() else []
    kept = {title: body.strip("\n") for title, _, body in (section.partition("\n") for section in before)}
    sections = {title: body or kept.get(title, "") for title, body in page.items()}
    body = "\n".join(f"## {title}\n\n{body}\n" for title, body in sections.items() if body)
    file.write_text(f"{above}\n{body}", "utf-8")
    if curves:
        title = "Share of reports that name the fault, by the size of the drift"
        (ROOT / "docs" / "truth.svg").write_text(plot(curves, title, "size of the drift"), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
