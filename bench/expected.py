# Every figure and expectation of a corpus' EXPECTED.json, by calls of `drift import` and `drift diff` alone.
# Owns: from a channel's measure to a line of the comparison document; mutations of a corpus and what they must change.
# Refuses to know: how Drift measures.
"""Check Drift against the figures that come with a corpus of recorded outputs.

    DRIFT_CORPUS=DIR python -m bench.expected              as it is, and every mutation
    DRIFT_CORPUS=DIR python -m bench.expected as-it-is     one of: as-it-is, swapped, shuffled, renamed, unlabelled

Prints one line per channel that is wrong and a summary; exit 1 when something is wrong. The mutations: both sides
swapped (every figure turns round, every expectation stays), order of lines and keys shuffled and probe ids renamed on
both sides (nothing changes), labels removed (no label is measured, and all else stays).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from itertools import combinations, pairwise
from math import comb, sqrt
from pathlib import Path
from typing import Any

from drift.cli import main as drift
from drift.stats import chi_square_equal

Json = dict[str, Any]

_NAMES = {
    "text:fence": "text.fence",
    "text:bold": "md.bold",
    "text:heading": "md.heading",
    "text:list": "md.list",
    "text:as_an_ai": "text.as_an_ai",
    "text:refusal_opening": "text.refusal_opening",
    "chars": "text.chars",
    "tool_calls": "calls.count",
}
_DIFFERS = {
    "text": "text.digest",
    "calls": "calls.bytes",
    "calls_canonical": "calls.canonical",
    "call_keys": "calls.keys",
    "call_names": "calls.names",
}


# ---------------------------------------------------------------- mutations


def _as_it_is(lines: list[Json]) -> list[Json]:
    return lines


def _shuffled(lines: list[Json]) -> list[Json]:
    rng = random.Random(7)

    def keys(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: keys(value[key]) for key in rng.sample(sorted(value), len(value))}
        return [keys(item) for item in value] if isinstance(value, list) else value

    return [keys(line) for line in rng.sample(lines, len(lines))]


def _renamed(lines: list[Json]) -> list[Json]:
    return [
        {**line, "probe_id": f"q{hashlib.sha256(line['probe_id'].encode()).hexdigest()[:12]}"}
        for line in lines
    ]


def _unlabelled(lines: list[Json]) -> list[Json]:
    return [line if (line["labels"] or {}).get("aggregate") else {**line, "labels": None} for line in lines]


MUTATIONS: Mapping[str, Callable[[list[Json]], list[Json]]] = {
    "as-it-is": _as_it_is,
    "swapped": _as_it_is,
    "shuffled": _shuffled,
    "renamed": _renamed,
    "unlabelled": _unlabelled,
}

_MIRRORED = {"a": "b", "b": "a", "up": "down", "down": "up", "a_mean": "b_mean", "b_mean": "a_mean"}


def _swapped(pair: Json) -> Json:
    """Return a pair with its sides exchanged, and the figures as they must then be."""
    channels = []
    for channel in pair["channels"]:
        turned = {_MIRRORED.get(key, key): value for key, value in channel.items()}
        if "deltas" in turned:
            turned["deltas"] = {str(-int(delta)): count for delta, count in channel["deltas"].items()}
        if "per" in turned:
            turned["measure"], turned["per"] = channel["per"], channel["measure"]
        channels.append(turned)
    return {**pair, "a": pair["b"], "b": pair["a"], "channels": channels}


# ---------------------------------------------------------------- the two commands


def run(*arguments: str) -> tuple[int, str]:
    """Call the command line in this process; return its exit code and what it printed on stdout."""
    out = StringIO()
    with redirect_stdout(out), redirect_stderr(StringIO()):
        code = drift(list(arguments))
    return code, out.getvalue()


@dataclass(frozen=True)
class Imported:
    """One run: what its lines said, and the id that the import reported."""

    id: str
    dataset: str
    target: str
    label: str
    params: Json
    probes: tuple[str, ...]


@dataclass
class Corpus:
    """A corpus in a database of its own."""

    database: str
    runs: list[Imported] = field(default_factory=list)
    seen: dict[tuple[str, ...], Json | None] = field(default_factory=dict)

    def diff(self, *arguments: str) -> Json | None:
        """Return the comparison that `drift diff` prints, or None when it prints none."""
        if arguments not in self.seen:
            _, out = run("diff", *arguments, "--json", "--fail-on", "never", "-d", self.database)
            self.seen[arguments] = json.loads(out) if out else None
        return self.seen[arguments]

    def take(self, lines: list[Json], file: Path) -> None:
        """Import lines as one file."""
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        code, out = run("import", str(file), "-d", self.database, "--json")
        assert code == 0, f"import of {file} failed with {code}"
        ids = {(one["target"], one["version_label"]): one["run"] for one in json.loads(out)["runs"]}
        grouped: dict[tuple[str, str, str], list[Json]] = {}
        for line in lines:
            grouped.setdefault((line["dataset"], line["target"], line["version_label"]), []).append(line)
        for (dataset, target, label), own in grouped.items():
            probes = tuple(dict.fromkeys(line["probe_id"] for line in own))
            self.runs.append(
                Imported(ids[target, label], dataset, target, label, own[0]["params"] or {}, probes)
            )

    def of(self, dataset: str, target: str | None = None) -> list[Imported]:
        """Return the runs of a data set in order of their labels, which are times where it matters."""
        found = [one for one in self.runs if one.dataset == dataset and target in {None, one.target}]
        return sorted(found, key=lambda one: one.label)


def load(corpus: Path, mutate: Callable[[list[Json]], list[Json]], folder: Path) -> Corpus:
    """Import all files of a corpus, each mutated."""
    loaded = Corpus(str(folder / "corpus.db"))
    for number, file in enumerate(sorted(corpus.glob("*/*.jsonl.gz"))):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            loaded.take(mutate([json.loads(line) for line in lines]), folder / f"{number}.jsonl")
    return loaded


# ---------------------------------------------------------------- channels of pairs


def name_of(side: Mapping[str, Any]) -> str:
    """Return a side as users type it: DATASET:TARGET@LABEL."""
    return f"{side['dataset']}:{side['target']}@{side['version_label']}"


def arguments_of(pair: Mapping[str, Any], channel: Mapping[str, Any]) -> list[str]:
    """Return the arguments of `drift diff` for one channel of a pair."""
    first, second = pair["a"], pair["b"]
    arguments = [name_of(first), name_of(second)]
    for option, side in (("--baseline-samples", first), ("--candidate-samples", second)):
        if "sample" in side:
            arguments += [option, str(side["sample"])]
    for name, value in channel.get("where", {}).items():
        for one in value if isinstance(value, list) else [value]:
            arguments += ["--where", f"{name}={one if isinstance(one, str) else json.dumps(one)}"]
    if "per" in channel:
        label = channel["measure"].removeprefix("label:").split("=")[0]
        arguments += ["--label-pair", f"{label}={channel['per'].removeprefix('label:').split('=')[0]}"]
    return arguments


def measured(document: Mapping[str, Any], channel: Mapping[str, Any]) -> Iterator[Json]:
    """Yield the measures of a document that answer a channel, whole families only."""
    measure = channel["measure"]
    kind, _, rest = measure.partition(":")
    for entry in document["measures"]:
        name = entry["measure"]
        if entry["where"]:
            continue
        if kind == "path":
            wanted = "/" + rest.replace("[]", "/*").replace(".", "/").replace("//", "/")
            hit = name.startswith("envelope.") and entry["path"] == wanted
        elif kind == "usage":
            hit = name == "input_tokens" and rest in {"prompt_tokens", "input_tokens"}
        elif kind == "differs":
            hit = name == f"differs:{_DIFFERS.get(rest, rest)}"
        else:
            hit = name == _NAMES.get(measure, measure)
        if hit:
            yield entry


def figures_of(entry: Mapping[str, Any], channel: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the numbers of a measure."""
    evidence = entry["evidence"]
    # A key that the candidate lacks is counted by its absence.
    absent = entry["measure"] in {"envelope.removed", "envelope.optional"}
    ks = [evidence[side]["k"] for side in ("baseline", "candidate")]
    ups = [evidence["up"], evidence["down"]]
    if absent:
        ks = [evidence[side]["n"] - k for side, k in zip(("baseline", "candidate"), ks, strict=True)]
        ups.reverse()
    found = {
        "n": evidence["pairs"], "a": ks[0], "b": ks[1], "up": ups[0], "down": ups[1], "p": evidence["p"],
        "differ": evidence["candidate"]["k"], "a_mean": evidence["baseline"]["mean"],
        "b_mean": evidence["candidate"]["mean"], "deltas": evidence["histogram"],
    }  # fmt: skip
    for key, value in channel.items():
        if key not in found:
            continue
        got = found[key]
        if key == "p" and got is None and evidence["test"] is None:
            continue  # an exact fact carries no test
        if isinstance(value, float):
            slack = max(0.006 * abs(value), 0.005 if "mean" in key else 0)
            right = got is not None and abs(got - value) <= slack
        else:
            right = got == value
        if not right:
            yield f"{key}: expected {value}, got {got}"


def check(pair: Mapping[str, Any], channel: Mapping[str, Any], corpus: Corpus, *, labels: bool) -> list[str]:
    """Return what is wrong with one channel; without `labels` nothing about a label may be said."""
    on_labels = "label:" in channel["measure"] or "where" in channel
    document = corpus.diff(*arguments_of(pair, channel))
    if on_labels and not labels:
        entries = [] if document is None else list(measured(document, channel))
        return ["measured without labels"] if entries else []
    if document is None:
        return ["drift diff printed nothing"]
    entries = list(measured(document, channel))
    if not entries:
        return ["not measured"]
    wrong = list(figures_of(entries[0], channel))
    named = [entry["finding"] for entry in entries if entry["finding"]]
    if channel["expect"] == "drift" and not named:
        wrong.append(f"not named (p = {entries[0]['evidence']['p']}, q = {entries[0]['evidence']['q']})")
    if channel["expect"] == "silent" and named:
        wrong.append(f"cried wolf: {', '.join(named)}")
    return wrong


# ---------------------------------------------------------------- figures of whole sets and series


def _scores(corpus: Corpus, one: Imported) -> dict[str, Json]:
    """Return the scores of a whole run: metric → its numbers, out of the run's comparison with itself."""
    document = corpus.diff(one.id, one.id)
    assert document is not None
    return {
        e["place"]: e["evidence"]["baseline"] for e in document["measures"] if e["measure"] == "aggregate"
    }


def _steps(corpus: Corpus, runs: Sequence[Imported]) -> Iterator[tuple[Imported, Imported, Json]]:
    for first, second in pairwise(runs):
        document = corpus.diff(first.id, second.id)
        assert document is not None
        yield first, second, document


def _cries(document: Json) -> bool:
    return any(finding["level"] != "info" for finding in document["findings"])


def _close(got: float, wanted: float, digits: int) -> bool:
    return bool(abs(got - wanted) <= 0.5001 * 10**-digits)


def check_trials(figure: Json, corpus: Corpus) -> Iterator[str]:
    """Successes by trial, pass^k, the smallest p of two trials, standard errors; no trial differs from another."""
    value, name = figure["value"], name_of(figure["arguments"])
    trials = range(value["trials"])

    def success(*arguments: str) -> Json:
        document = corpus.diff(name, name, *arguments)
        assert document is not None
        entries = [e for e in document["measures"] if e["measure"] == "label:success" and not e["where"]]
        return {**entries[0]["evidence"], "cries": _cries(document)}

    pairs = {
        pair: success("--baseline-samples", str(pair[0]), "--candidate-samples", str(pair[1]))
        for pair in combinations(trials, 2)
    }
    yield from (f"trials {pair}: cried wolf" for pair, found in pairs.items() if found["cries"])
    by_trial = [pairs[0, 1]["baseline"]["k"], *(pairs[0, trial]["candidate"]["k"] for trial in trials[1:])]
    if by_trial != value["successes_by_trial"]:
        yield f"successes by trial: {by_trial}"
    if not _close(min(found["p"] for found in pairs.values()), value["pairwise_mcnemar_min_p"], 3):
        yield "smallest p of two trials"
    (one,) = corpus.of(figure["arguments"]["dataset"])
    tasks = [success("--where", f"probe_id={probe}")["baseline"]["k"] for probe in one.probes]
    n, k = len(tasks) * len(trials), len(trials)
    passed = [statistics.fmean(comb(task, r) / comb(k, r) for task in tasks) for r in range(1, k + 1)]
    if len(tasks) != value["tasks"] or not all(map(_close, passed, value["pass_k"], [4] * k)):
        yield f"{len(tasks)} tasks, pass^k {passed}"
    mean = sum(tasks) / n
    errors = sqrt(mean * (1 - mean) / (n - 1)), sqrt(sum((task - k * mean) ** 2 for task in tasks)) / n
    if not _close(errors[0], value["naive_se"], 4) or not _close(errors[1], value["cluster_se"], 4):
        yield f"standard errors {errors}"


def check_chi2(figure: Json, corpus: Corpus) -> Iterator[str]:
    """Runs of one benchmark, k of n each: chi-square for equal chances; no run differs from the next."""
    value, metric = figure["value"], figure["arguments"]["metric"]
    runs = corpus.of(figure["arguments"]["dataset"])
    numbers = [_scores(corpus, one)[metric] for one in runs]
    ks = [number["k"] for number in numbers if number["n"] == figure["arguments"]["test_cases"]]
    chi2 = chi_square_equal(ks, [figure["arguments"]["test_cases"]] * len(ks))
    got = (len(ks), min(ks), max(ks), len(ks) - 1)
    if got != (value["runs"], value["k_min"], value["k_max"], value["df"]):
        yield f"runs, k and degrees of freedom: {got}"
    if not _close(chi2.statistic, value["chi2"], 2) or not _close(chi2.p, value["p"], 4):
        yield f"chi-square {chi2.statistic}, p {chi2.p}"
    yield from (f"{second.label}: cried wolf" for _, second, d in _steps(corpus, runs) if _cries(d))


def check_constant(figure: Json, corpus: Corpus) -> Iterator[str]:
    """Series that hold one value over all runs."""
    value, arguments = figure["value"], figure["arguments"]
    runs = corpus.of(arguments["dataset"], arguments["target"])
    series: dict[str, set[float]] = {}
    for one in runs:
        for metric, number in _scores(corpus, one).items():
            series.setdefault(metric, set()).add(round(number["mean"], 9))
    single = sum(len(values) == 1 for values in series.values())
    if (len(series), len(runs), single) != (value["series"], value["runs"], value["series_with_one_value"]):
        yield f"{len(series)} series over {len(runs)} runs, {single} with one value"
    yield from (f"{second.label}: cried wolf" for _, second, d in _steps(corpus, runs) if d["findings"])


def check_distribution(figure: Json, corpus: Corpus) -> Iterator[str]:
    """One regime of a series: mean and deviation; a step out of it is not comparable, inside it is silence."""
    value, arguments = figure["value"], figure["arguments"]
    ((field_name, regime),) = arguments["where"].items()
    key = field_name.removeprefix("params.")
    runs = corpus.of(arguments["dataset"], arguments["target"])
    own = [_scores(corpus, one)[arguments["probe"]]["mean"] for one in runs if one.params[key] == regime]
    mean, deviation = statistics.fmean(own), statistics.stdev(own)
    if (
        len(own) != value["runs"]
        or not _close(mean, value["mean"], 5)
        or not _close(deviation, value["sd"], 5)
    ):
        yield f"{len(own)} runs, mean {mean:.5f}, deviation {deviation:.5f}"
    for first, second, document in _steps(corpus, runs):
        if _cries(document):
            yield f"{second.label}: cried wolf"
        leaves = first.params[key] != second.params[key]
        if leaves and all(channel["ok"] for channel in document["comparable"]):
            yield f"{second.label}: compared with another regime"


FIGURES: Mapping[str, Callable[[Json, Corpus], Iterator[str]]] = {
    "trials": check_trials,
    "chi2_runs": check_chi2,
    "constant_series": check_constant,
    "distribution": check_distribution,
}


# ---------------------------------------------------------------- all of it


@dataclass
class Score:
    """Channels and figures that were checked, by what they expect: (right, checked)."""

    by: dict[str, tuple[int, int]] = field(default_factory=dict)

    def note(self, expect: str, *, right: bool) -> None:
        """Count one."""
        k, n = self.of(expect)
        self.by[expect] = (k + right, n + 1)

    def of(self, expect: str) -> tuple[int, int]:
        """Return how many were right of how many that expect this."""
        return self.by.get(expect, (0, 0))

    @property
    def right(self) -> int:
        """How many were right."""
        return sum(k for k, _ in self.by.values())

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(n for _, n in self.by.values())


def check_all(expected: Json, corpus: Path, mutation: str) -> Score:
    """Check a mutation of the corpus, and print what is wrong."""
    score = Score()

    def note(what: str, expect: str, wrong: Sequence[str]) -> None:
        score.note(expect, right=not wrong)
        if wrong:
            print(f"{mutation}: {what} ({expect}): {'; '.join(wrong[:3])}")

    with tempfile.TemporaryDirectory() as folder:
        loaded = load(corpus, MUTATIONS[mutation], Path(folder))
        for pair in map(_swapped, expected["pairs"]) if mutation == "swapped" else expected["pairs"]:
            for channel in pair["channels"]:
                wrong = check(pair, channel, loaded, labels=mutation != "unlabelled")
                note(f"{pair['id']}: {channel['channel']}", channel["expect"], wrong)
        for figure in expected["figures"] if mutation == "as-it-is" else ():
            note(figure["id"], figure["expect"], list(FIGURES[figure["function"]](figure, loaded)))
    return score


def main(chosen: Sequence[str]) -> int:
    """Check the corpus under every mutation that is chosen; return 1 when a figure or an expectation is wrong."""
    folder = os.environ.get("DRIFT_CORPUS")
    if not folder or set(chosen) - MUTATIONS.keys():
        sys.stderr.write(f"set DRIFT_CORPUS to recorded outputs, and choose from: {', '.join(MUTATIONS)}\n")
        return 2
    expected = json.loads((Path(folder) / "EXPECTED.json").read_text("utf-8"))
    failed = False
    for mutation in chosen or MUTATIONS:
        score = check_all(expected, Path(folder), mutation)
        print(f"{mutation}: {score.right} of {score.total} channels and figures right", flush=True)
        failed |= score.right < score.total
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
