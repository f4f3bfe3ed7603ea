# Wheels of SDK releases, fetched with pip into a folder. Which index they come from is pip's own affair.
# Owns: the command line of pip, its failures in words. Refuses to know: hosts, what is in a wheel.
"""Download a wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from drift.errors import UnmeasuredError, UsageError
from drift.surface.archive import normalised

_TIMEOUT_S = 600


class Wanted(NamedTuple):
    """A release as users name it; without a version the newest one is meant."""

    package: str
    version: str | None

    def __str__(self) -> str:
        """Return it as pip takes it."""
        return self.package if self.version is None else f"{self.package}=={self.version}"


def read_wanted(spec: str) -> Wanted:
    """Read "anthropic==2.9.0" or "anthropic".

    Raises:
        UsageError: another form.
    """
    match = re.fullmatch(
        r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:==\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*))?\s*", spec
    )
    if match is None:
        raise UsageError(f"{spec!r} names no release", "write anthropic==2.9.0, or the path of a wheel")
    return Wanted(normalised(match[1]), match[2])


def download_wheel(wanted: Wanted, folder: Path) -> Path:
    """Download the wheel of one release, and nothing that it requires; return its path in `folder`.

    Only wheels are taken: an sdist would run its own code while pip looks at it.

    Raises:
        UsageError: there is no such release, or it has no wheel.
        UnmeasuredError: pip is not there, or could not reach its index.
    """
    command = [
        sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "download",
        "--no-deps", "--only-binary", ":all:", "--ignore-requires-python", "--dest", str(folder), str(wanted),
    ]  # fmt: skip
    # A constraint is about what may be installed here; nothing is installed.
    environment = {**os.environ, "PIP_CONSTRAINT": os.devnull}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command, and a name that was checked
            command,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
            env=environment,
            timeout=_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        raise UnmeasuredError(f"pip did not download {wanted} within {_TIMEOUT_S} s", "try again") from None
    if done.returncode:
        raise _failure(wanted, done.stderr)
    wheels = sorted(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise UnmeasuredError(f"pip left {len(wheels)} wheels for {wanted}", "name a wheel file instead")
    return wheels[0]


def _failure(wanted: Wanted, said: str) -> UsageError | UnmeasuredError:
    if "No module named pip" in said:
        return UnmeasuredError("pip is not installed in this Python", "install it, or name a wheel file")
    unreachable = re.search(r"^WARNING: Retrying .* broken by '(.*)'", said, re.MULTILINE)
    if unreachable is not None:
        why = unreachable[1].rpartition(": ")[2].strip("\"')")[:200]
        return UnmeasuredError(
            f"pip could not reach its index for {wanted} ({why})",
            "try again with a network, or name a wheel file",
        )
    if re.search("No matching distribution|Could not find a version", said):
        return UsageError(
            f"there is no wheel of {wanted}",
            f"see which releases there are with `pip index versions {wanted.package}`",
        )
    last = next(
        (line for line in reversed(said.splitlines()) if line.startswith("ERROR")), "pip said nothing"
    )
    return UnmeasuredError(
        f"pip could not download {wanted}: {last[:300]}", "try again, or name a wheel file"
    )
