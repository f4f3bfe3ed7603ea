# What users wait for before anything happens: the start of the command and the loading of a suite.
# Owns: whole processes, best of several, beside a bare interpreter. Refuses to know: why a number is what it is.
"""Time the start of `drift`.

    python -m bench.startup

Prints the best of ten whole processes in milliseconds, and the ratio to `python -c pass` in the same run.
"""

from __future__ import annotations

import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "drift --version": ["-m", "drift", "--version"],
    "drift --help": ["-m", "drift", "--help"],
    "drift rules list": ["-m", "drift", "rules", "list"],
    "drift probes list": ["-m", "drift", "probes", "list"],
}


def best(arguments: list[str], rounds: int = 10) -> float:
    """Return the least wall time of a whole process, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print one line a command."""
    bare = best(COMMANDS["python -c pass"])
    for name, arguments in COMMANDS.items():
        seconds = best(arguments)
        print(f"{name:18} {1000 * seconds:6.0f} ms   {seconds / bare:5.1f} x")


if __name__ == "__main__":
    main()
