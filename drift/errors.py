# The one tree of errors. Each says what is wrong and what to do, and carries the exit code of the command.
# Owns: wording of the pair (what, what to do), exit codes. Refuses to know: where an error is shown.
"""Errors that a user may see.

DriftError                 exit 2
├── UsageError             exit 2   the command line, a name, a file that cannot be read as asked
├── ConfigError            exit 2   drift.yaml, probes, contracts: names file, line and field
├── ImportFormatError      exit 2   a recorded output that cannot be read: names file and line
├── MissingKeyError        exit 2   a vendor key is not in the environment
├── StoreError             exit 3   a database that is unreadable, newer or damaged
├── UnmeasuredError        exit 3   could not be measured or decided
└── InterruptedRunError    exit 130 stopped by the user; what was paid for is kept
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_UNDECIDED = 3
EXIT_INTERRUPTED = 130


class DriftError(Exception):
    """What is wrong, and what to do about it.

    Args:
        what: one clause without a full stop.
        todo: one clause that tells the user what to do; empty when there is nothing to do.
    """

    exit_code = EXIT_USAGE

    def __init__(self, what: str, todo: str = "") -> None:
        self.what = what
        self.todo = todo
        super().__init__(f"{what}; {todo}" if todo else what)


class UsageError(DriftError):
    """The command line or a name on it is wrong."""


class ConfigError(DriftError):
    """A file of settings or probes is wrong; `where` is "file:line"."""

    def __init__(self, what: str, todo: str = "", *, where: str = "") -> None:
        self.where = where
        super().__init__(f"{where}: {what}" if where else what, todo)


class ImportFormatError(DriftError):
    """A file of recorded outputs cannot be read; `line` counts from 1."""

    def __init__(self, what: str, todo: str = "", *, file: str, line: int | None = None) -> None:
        self.file = file
        self.line = line
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {what}", todo)


class MissingKeyError(DriftError):
    """The vendor's key is not in the environment."""

    def __init__(self, variable: str, target: str) -> None:
        self.variable = variable
        super().__init__(f"no key for {target}", f"set the environment variable {variable}")


class StoreError(DriftError):
    """The database cannot be used."""

    exit_code = EXIT_UNDECIDED


class UnmeasuredError(DriftError):
    """Something could not be measured or decided: never a pass."""

    exit_code = EXIT_UNDECIDED


class InterruptedRunError(DriftError):
    """The user stopped the run; what was paid for is kept."""

    exit_code = EXIT_INTERRUPTED
