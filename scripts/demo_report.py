# Prints what `drift demo` says of the recorded runs of its model; README.md is made from it.
# Owns: which recordings stand for which part, and where the report is cut. Refuses to know: how a report is laid out.
"""The demo's report, made again from tests/recordings, so that it can be checked without serving a model."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from drift.compare import Policy, compare
from drift.documents import ComparisonDocument
from drift.importers import import_files
from drift.report import FORMATS
from drift.store import Store

RECORDINGS = Path(__file__).parent.parent / "tests" / "recordings"
FIRST_OF_FIVE = Policy(baseline_samples=(0,), candidate_samples=(0,))
"""The recordings hold five samples a probe; the demo asks for one."""
RULE = "text-label-set-violated"
"""The finding that is shown in full; the first one where it is not there."""
WIDTH = 80


def excerpt() -> str:
    """Return the verdicts of both comparisons, and one finding of the second."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "recordings.db") as store:
        files = [RECORDINGS / f"{name}.jsonl.gz" for name in ("q4_1-first", "q4_1-again", "q4_0")]
        first, again, other = (store.snapshot(run.run) for run in import_files(store, files))
        control = compare(first, again, policy=FIRST_OF_FIVE)
        candidate = compare(first, other, control=again, policy=FIRST_OF_FIVE)
    found = _lines(candidate)
    begins = [number for number, line in enumerate(found) if line.startswith("●")]
    begin = next((number for number in begins if RULE in found[number]), begins[0])
    end = next(number for number in range(begin, len(found)) if found[number].startswith("  fingerprint"))
    shown = found[begin : end + 1]
    parts = [
        "The model against itself",
        "",
        _lines(control)[0],
        "",
        "The comparison",
        "",
        found[0],
        "",
        *shown,
    ]
    return "\n".join(parts).rstrip() + "\n"


def _lines(document: ComparisonDocument) -> list[str]:
    text = FORMATS["text"].render(document, width=WIDTH, color=False, verbosity="normal")
    return text.splitlines()


if __name__ == "__main__":
    sys.stdout.write(excerpt())
