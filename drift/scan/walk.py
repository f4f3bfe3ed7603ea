# Which files of a project are read, and their text: source, settings and manifests, never what is ignored,
# huge or binary.
# Owns: git, ignore rules, limits, safe opening. Refuses to know: what stands in a file.
"""Walk a project."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.errors import UsageError

LARGEST = 2_000_000
"""Bytes of a file that is read; lock files may be ten times as large."""

_LOCKS = frozenset((
    "bun.lock", "cargo.lock", "composer.lock", "gemfile.lock", "package-lock.json", "pdm.lock", "pipfile.lock",
    "pnpm-lock.yaml", "poetry.lock", "uv.lock", "yarn.lock",
))  # fmt: skip
_SKIPPED = frozenset((
    ".git", ".gradle", ".hg", ".mypy_cache", ".next", ".nox", ".nuxt", ".pytest_cache", ".ruff_cache",
    ".svn", ".terraform", ".tox", ".venv", "__pycache__", "bower_components", "node_modules", "site-packages",
    "vendor", "venv",
))  # fmt: skip
"""Folders that are never a project's own code, whatever its ignore rules say."""

_UNTRACKED = frozenset(("build", "dist", "env", "out", "snapshots", "target"))
"""Folders that mostly hold what was built or copied; read where git says that they belong to the project."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """A file with its text; bytes that are no UTF-8 are replaced, which no id holds."""

    file: str
    text: str


def sources(root: Path, *, exclude: Sequence[str] = (), limit: int = LARGEST) -> Iterator[Source | Skipped]:
    """Yield the files of a project in order of their names.

    In a git work tree these are the files that are tracked, or new and not ignored. Elsewhere every
    `.gitignore` is obeyed, and folders that hold what was built are left out. Links are never followed.

    Args:
        root: a folder, or a single file.
        exclude: patterns in the manner of .gitignore, relative to `root`.
        limit: bytes of a file at most.

    Raises:
        UsageError: there is no such folder, or a pattern is none.
    """
    from drift.scan.readers import is_source

    if root.is_file():
        yield _read(root, root.name, limit)
        return
    if not root.is_dir():
        raise UsageError(f"there is no folder {root}", "name the folder of a project")
    is_excluded = _matcher(exclude)
    names = _tracked(root)
    found = sorted(_found(root), key=_name) if names is None else names
    for name in found:
        if isinstance(name, Skipped):
            yield name
        elif is_source(name) and not is_excluded(name):
            read = _read(
                root / name, name, limit * 10 if name.rpartition("/")[2].lower() in _LOCKS else limit
            )
            if not isinstance(read, Skipped) or read.reason:
                yield read


def _name(found: str | Skipped) -> str:
    return found if isinstance(found, str) else found.file


def _read(path: Path, name: str, limit: int) -> Source | Skipped:
    """Open without following a link at the end and without waiting for a pipe, and read at most `limit` bytes."""
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        # A link is no file of its own: what it leads to is read where it stands, or is not of this project.
        return Skipped(name, "" if path.is_symlink() else f"cannot be read ({error.strerror})")
    with os.fdopen(descriptor, "rb") as file:
        try:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return Skipped(name, "is no regular file")
            if status.st_size > limit:
                return Skipped(name, f"is larger than {limit:,} bytes")
            content = file.read(limit + 1)
        except OSError as error:
            return Skipped(name, f"cannot be read ({error.strerror})")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Source(name, _lines(content.decode("utf-16", "replace")))
    if b"\0" in content[:8192]:
        return Skipped(name, "is binary")
    return Source(name, _lines(content.decode("utf-8-sig", "replace")))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _tracked(root: Path) -> Sequence[str | Skipped] | None:
    """Return the files that git counts to the project; None when there is no git or no work tree.

    The repository may be hostile: its configuration names programs that git would run (a file-system monitor, hooks).
    """
    safe = (
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.untrackedCache=false",
        "protocol.allow=never",
    )
    command = ["git", *(part for value in safe for part in ("-c", value)), "ls-files", "-z"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            [*command, "--cached", "--others", "--exclude-standard"],
            cwd=root,
            env={**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode:
        return None
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    own = _own_folders(root, {name.rpartition("/")[0] for name in names})
    return sorted(
        name for name in names if not _SKIPPED & set(name.split("/")[:-1]) and name.rpartition("/")[0] in own
    )


def _own_folders(root: Path, folders: Iterable[str]) -> set[str]:
    """Return the folders that lie in the project: an index may name others, and a folder of it may be a link now."""
    inside = root.resolve()
    return {
        folder
        for folder in folders
        if not folder.startswith("/") and (root / folder).resolve().is_relative_to(inside)
    }


def _found(root: Path) -> Iterator[str | Skipped]:
    """Walk without git: what a .gitignore names is left out, folder by folder."""
    specs: dict[str, Any] = {}
    troubles: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=troubles.append):
        here = Path(folder).relative_to(root).as_posix()
        here = "" if here == "." else f"{here}/"
        if ".gitignore" in files and isinstance(
            ignore := _read(Path(folder, ".gitignore"), here, LARGEST), Source
        ):
            specs[here] = _patterns(line for line in ignore.text.splitlines() if _is_obeyed(line))
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED | _UNTRACKED and not _ignored(f"{here}{name}/", specs)
        )
        yield from (here + name for name in sorted(files) if not _ignored(here + name, specs))
    for trouble in troubles:
        yield Skipped(
            Path(trouble.filename).relative_to(root).as_posix(), f"cannot be read ({trouble.strerror})"
        )


def _ignored(name: str, specs: Mapping[str, Any]) -> bool:
    """Whether a path is ignored: the .gitignore nearest to it that says anything decides."""
    folder = name.rstrip("/")
    while folder:
        folder = folder.rpartition("/")[0]
        prefix = f"{folder}/" if folder else ""
        if (
            prefix in specs
            and (said := specs[prefix].check_file(name.removeprefix(prefix)).include) is not None
        ):
            return bool(said)
    return False


_STARS = re.compile(r"\*\*/|\*")
_MOST_STARS = 3


def _is_obeyed(line: str) -> bool:
    """Whether a line of a stranger's .gitignore is obeyed: not what git calls no pattern, and nothing without end.

    A pattern is matched by a regular expression, which tries every way to share a name among its stars: with six of
    them one name of 120 letters takes a minute.
    """
    if len(_STARS.findall(line.removeprefix("!").removeprefix("**/").removesuffix("/**"))) > _MOST_STARS:
        return False
    try:
        _patterns([line])
    except ValueError:
        return False
    return True


def _patterns(lines: Iterable[str]) -> Any:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    if not patterns:
        return lambda _: False
    try:
        spec = _patterns(patterns)
    except ValueError as error:
        raise UsageError(f"--exclude is no pattern ({error})", "write it as in a .gitignore") from None
    return lambda name: bool(spec.match_file(name))
