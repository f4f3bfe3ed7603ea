# Made-up pairs of runs of many kinds, changed and unchanged, judged through `drift import` and `drift diff` alone.
# Owns: how each kind of recording looks and what a right report says of it. Refuses to know: how Drift measures.
"""Score Drift on kinds of recordings, each drawn many times.

    python -m bench.cases              every kind, 10 draws each
    python -m bench.cases --draws 50 --only refusals

A changed pair is *found* when a finding at warning or above stands (for kinds that are only information: any finding),
and *explained* when one of the wanted rules fired and no rule outside the kind's own. An unchanged pair is *quiet* when
nothing at warning or above stands; what is said at info is printed beside it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from bench import kinds, kinds_changed, kinds_records, kinds_unchanged
from drift.cli import main as drift
from drift.stats import wilson

LOUD = {"warning", "breaking"}
CHANGED = (*kinds_changed.CHANGED, *kinds_records.CHANGED)
UNCHANGED = (*kinds_unchanged.UNCHANGED, *kinds_records.UNCHANGED)


# ---------------------------------------------------------------- judging


@dataclass
class Score:
    """What the draws of one kind gave."""

    draws: int = 0
    alarms: int = 0
    found: int = 0
    explained: int = 0
    loud: Counter[str] = field(default_factory=Counter)
    quiet: Counter[str] = field(default_factory=Counter)


def compared(pair: kinds.Pair, folder: Path) -> Any:
    """Import both runs into a fresh database and return the comparison document."""
    database = str(folder / "cases.db")
    other = "vendor/model-b" if pair.model else "vendor/model-a"
    file = folder / "runs.jsonl"
    with file.open("w", encoding="utf-8") as out:
        for target, label, rows in (("vendor/model-a", "one", pair.first), (other, "two", pair.second)):
            for row in rows:
                out.write(
                    json.dumps({"dataset": "set", "target": target, "version_label": label, **row}) + "\n"
                )
    printed = StringIO()
    with redirect_stdout(printed), redirect_stderr(StringIO()) as errors:
        code = drift(["import", str(file), "-d", database, "--json"])
        assert code == 0, errors.getvalue()
        printed.seek(0), printed.truncate()
        drift(
            [
                "diff",
                "set:vendor/model-a@one",
                f"set:{other}@two",
                "-d",
                database,
                "--json",
                "--fail-on",
                "never",
            ]
        )
    Path(database).unlink()
    return json.loads(printed.getvalue())


def judged(pair: kinds.Pair, document: Any, score: Score) -> None:
    """Add one draw to the score of its kind."""
    score.draws += 1
    loud = {f["rule"] for f in document["findings"] if f["level"] in LOUD}
    quiet = {f["rule"] for f in document["findings"] if f["level"] not in LOUD}
    heard = loud if pair.loud else loud | quiet
    shown = json.dumps(document)
    said = all(word in shown for word in pair.says)
    score.found += bool(heard) if pair.wanted else said
    score.explained += bool(heard & pair.wanted) and said and not loud - pair.wanted - pair.allowed
    score.alarms += bool(loud - (pair.wanted | pair.allowed))
    score.loud.update(loud - (pair.wanted | pair.allowed))
    score.quiet.update(quiet - pair.wanted - pair.allowed)


def scores(chosen: Sequence[kinds.Kind], draws: int, only: str) -> Iterator[tuple[str, Score]]:
    """Yield the score of each kind."""
    for kind in chosen:
        name = kind.__name__
        if only not in name:
            continue
        score = Score()
        for seed in range(draws):
            with tempfile.TemporaryDirectory() as folder:
                pair = kind(random.Random(f"{name} {seed}"))
                judged(pair, compared(pair, Path(folder)), score)
        yield name, score


def main() -> int:
    """Print one line a kind and the sums; return 1 when a kind is missed, misread or falsely alarmed about."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    chosen = parser.parse_args()
    found = right = total = 0
    for name, score in scores(CHANGED, chosen.draws, chosen.only):
        print(
            f"changed    {name:36} found {score.found:3}/{score.draws} explained {score.explained:3}/{score.draws}"
            f"  beside: {dict(score.loud) or ''} {dict(score.quiet) or ''}",
            flush=True,
        )
        found, right, total = found + score.found, right + score.explained, total + score.draws
    alarms = quiet = 0
    for name, score in scores(UNCHANGED, chosen.draws, chosen.only):
        print(
            f"unchanged  {name:36} alarms {score.alarms:3}/{score.draws} said {score.found:3}/{score.draws}"
            f"  {dict(score.loud) or ''} info: {dict(score.quiet) or ''}",
            flush=True,
        )
        alarms, quiet = alarms + score.alarms, quiet + score.draws
    low, high = wilson(alarms, quiet) if quiet else (0.0, 0.0)
    print(
        f"found {found} of {total}, explained {right}; false alarms {alarms} in {quiet} ({low:.1%} to {high:.1%})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
