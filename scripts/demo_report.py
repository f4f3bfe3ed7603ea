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
    control, candidate = (_lines(document) for document in _comparisons())
    begins = [number for number, line in enumerate(candidate) if line.startswith("●")]
    begin = next((number for number in begins if RULE in candidate[number]), begins[0])
    end = next(number for number in range(begin, len(candidate)) if _ends(candidate[number]))
    shown = candidate[begin : end + 1]
    parts = [
        "The model against itself",
        "",
        control[0],
        "",
        "The comparison",
        "",
        candidate[0],
        "",
        *shown,
    ]
    return "\n".join(parts).rstrip() + "\n"


def whole(width: int) -> str:
    """Return the report of the second comparison, without its last line: that one bears the time of its making."""
    _, candidate = _comparisons()
    return "\n".join(_lines(candidate, width)[:-1]) + "\n"


def _comparisons() -> tuple[ComparisonDocument, ComparisonDocument]:
    """Return the model against itself, and against its coarser version."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "recordings.db") as store:
        files = [RECORDINGS / f"{name}.jsonl.gz" for name in ("q4_1-first", "q4_1-again", "q4_0")]
        first, again, other = (store.snapshot(run.run) for run in import_files(store, files))
        return (
            compare(first, again, policy=FIRST_OF_FIVE),
            compare(first, other, control=again, policy=FIRST_OF_FIVE),
        )


def _ends(line: str) -> bool:
    return line.startswith("  fingerprint")


def _lines(document: ComparisonDocument, width: int = WIDTH) -> list[str]:
    text = FORMATS["text"].render(document, width=width, color=False, verbosity="normal")
    return text.splitlines()


if __name__ == "__main__":
    sys.stdout.write(excerpt())
