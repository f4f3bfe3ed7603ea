# The process boundary: argv in, exit code out.
"""Entry point of `drift` and `python -m drift`."""

import sys


def run() -> None:
    """Run the command line and exit with its code."""
    from drift.cli import main

    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
