# `make bench`: every benchmark that needs neither a corpus nor a model, one after the other.
# Owns: the list. Refuses to know: what each measures.
"""Run the benchmarks: `python -m bench`."""

from __future__ import annotations

import subprocess
import sys

PARTS = ("startup", "compare", "store", "runner", "sequential", "refusal")


def main() -> int:
    """Run each part; return 1 when one failed."""
    failed = 0
    for part in PARTS:
        print(f"\n== bench.{part}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"bench.{part}"], check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
