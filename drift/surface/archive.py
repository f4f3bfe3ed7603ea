# A wheel or sdist, read in memory and never trusted: nothing is unpacked, imported or run.
# Owns: zipfile and tarfile, the limits on a hostile archive, the metadata of a release. Refuses to know: Python code.
"""Archives of Python packages as a mapping from module names to source."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from typing import IO, Literal

from drift.errors import UsageError

MOST_MEMBERS = 30_000
MOST_BYTES = 256 * 1024**2
"""Of all members together, unpacked."""
MOST_SOURCE = 64 * 1024**2
"""Of all Python files together; today's largest SDK has 10 MB."""
MOST_FILE = 16 * 1024**2
MOST_RATIO = 120
"""Unpacked size over packed size, for members that matter; Python source reaches 20."""
_SMALL = 256 * 1024
_LONGEST_NAME = 512
_DEEPEST_NAME = 40

Kind = Literal["wheel", "sdist"]


@dataclass(frozen=True, slots=True)
class Release:
    """What a release says about itself.

    Attributes:
        name: normalised name of the project, such as "google-genai".
        version: as the metadata says.
        kind: "wheel" or "sdist".
        sha256: of the archive file.
        released: ISO date from the archive's own time stamps, None where they are artificial.
        requires_python: such as ">=3.10"; empty when it says nothing.
        requires: requirements as written, in order of the metadata.
        extras: names of the optional sets of requirements.
        root: name by which the package is imported, such as "google.genai".
        modules: module name inside the package ("" is the package itself) → source.
        packages: module names that are packages.
        changelog: text of CHANGELOG.md, which only an sdist has; else empty.
    """

    name: str
    version: str
    kind: Kind
    sha256: str
    released: str | None
    requires_python: str
    requires: tuple[str, ...]
    extras: tuple[str, ...]
    root: str
    modules: Mapping[str, bytes]
    packages: frozenset[str]
    changelog: str


def read_archive(path: Path) -> Release:
    """Read a wheel or an sdist.

    Raises:
        UsageError: no such file, no such form, or something about it is hostile or broken; it says what.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}", "name a wheel (.whl) or an sdist (.tar.gz)")
    try:
        if path.name.endswith(".whl"):
            return _release(path, "wheel", *_unzip(path))
        if path.name.endswith((".tar.gz", ".tgz")):
            return _release(path, "sdist", *_untar(path))
    except (
        zipfile.BadZipFile,
        gzip.BadGzipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        NotImplementedError,
    ) as error:
        raise _refuse(path, f"it is no sound archive ({error})") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror or error})", "name another file") from None
    raise UsageError(f"{path} is neither a wheel nor an sdist", "name a file that ends in .whl or .tar.gz")


def _refuse(path: Path, why: str) -> UsageError:
    return UsageError(f"{path.name} is not read: {why}", "take the release from its own index")


# ---------------------------------------------------------------- members

_Files = dict[str, bytes]


def _wanted(name: str) -> bool:
    return name.endswith((".py", "METADATA", "PKG-INFO", "CHANGELOG.md"))


def _unzip(path: Path) -> tuple[_Files, str | None]:
    found: _Files = {}
    with zipfile.ZipFile(path) as archive:
        budget = _Budget(path)
        members = archive.infolist()
        for member in members:
            budget.member(member.filename, member.file_size, member.compress_size)
            if member.flag_bits & 1:
                raise _refuse(path, f"{member.filename!r} is encrypted")
        if len({member.filename for member in members}) < len(members):
            raise _refuse(path, "a name occurs twice in it")
        for member in members:
            if _wanted(member.filename) and not member.is_dir():
                with archive.open(member) as file:
                    found[member.filename] = budget.read(member.filename, file)
        stamps = {member.date_time[:3] for member in members if member.filename.endswith(".py")}
    return found, _newest(stamps)


def _newest(stamps: set[tuple[int, int, int]]) -> str | None:
    """Return the last date of the files; builds that are made reproducible carry one date for all, long past."""
    real = sorted(stamp for stamp in stamps if stamp > (2020, 2, 2))
    return "{:04}-{:02}-{:02}".format(*real[-1]) if real and len(real) == len(stamps) else None


def _untar(path: Path) -> tuple[_Files, str | None]:
    found: _Files = {}
    budget = _Budget(path)
    with gzip.open(path) as packed:
        limited = _Limited(path, packed)
        with tarfile.open(fileobj=limited, mode="r|") as archive:
            for member in archive:
                budget.member(member.name, member.size, None)
                if member.isreg() and _wanted(member.name):
                    file = archive.extractfile(member)
                    assert file is not None
                    found[member.name] = budget.read(member.name, file)
    # All members stand below one folder, <name>-<version>; the package often below src/.
    stripped = {name.partition("/")[2]: data for name, data in found.items()}
    return {name.removeprefix("src/"): data for name, data in stripped.items() if name}, None


class _Limited(io.BufferedIOBase):
    """A stream that ends in a refusal when it has given more than an archive may hold."""

    def __init__(self, path: Path, stream: io.BufferedIOBase) -> None:
        self._path = path
        self._stream = stream
        self._left = MOST_BYTES

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Read like a file."""
        wanted = self._left + 1 if size is None or size < 0 else min(size, self._left + 1)
        data = self._stream.read(wanted)
        self._left -= len(data)
        if self._left < 0:
            raise _refuse(self._path, f"it unpacks to more than {MOST_BYTES // 1024**2} MB")
        return data


class _Budget:
    """Counts what an archive has claimed and given, and refuses what is too much."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._members = 0
        self._bytes = 0
        self._source = 0

    def member(self, name: str, size: int, packed: int | None) -> None:
        """Take note of what the archive says about a member; nothing of it has been read."""
        self._members += 1
        self._bytes += size
        parts = name.rstrip("/").split("/")
        if self._members > MOST_MEMBERS:
            raise _refuse(self._path, f"it has more than {MOST_MEMBERS} members")
        if name.startswith("/") or ".." in parts or "\\" in name or ":" in parts[0] or not name.isprintable():
            raise _refuse(self._path, f"the name {name[:80]!r} leads out of it")
        if len(name) > _LONGEST_NAME or len(parts) > _DEEPEST_NAME:
            raise _refuse(self._path, f"the name {name[:80]!r}… is too long")
        if self._bytes > MOST_BYTES:
            raise _refuse(self._path, f"it unpacks to more than {MOST_BYTES // 1024**2} MB")
        if _wanted(name) and size > MOST_FILE:
            raise _refuse(self._path, f"{name!r} has {size // 1024**2} MB")
        if packed is not None and size > max(_SMALL, MOST_RATIO * packed):
            raise _refuse(self._path, f"{name!r} unpacks to {size // max(packed, 1)} times its size")

    def read(self, name: str, file: IO[bytes]) -> bytes:
        """Read a member, whatever the archive said about its size."""
        data = file.read(MOST_FILE + 1)
        self._source += len(data)
        if len(data) > MOST_FILE or self._source > MOST_SOURCE:
            raise _refuse(self._path, f"it holds more source than {MOST_SOURCE // 1024**2} MB ({name!r})")
        return data


# ---------------------------------------------------------------- the release


def _release(path: Path, kind: Kind, files: _Files, released: str | None) -> Release:
    metadata = Parser().parsestr(_metadata(path, kind, files), headersonly=True)
    name, version = metadata.get("Name", ""), metadata.get("Version", "")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}", name) or not re.fullmatch(
        r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,60}", version
    ):
        raise _refuse(path, "its metadata has no valid name and version")
    root = _root(path, files)
    modules = dict(_modules(files, root))
    changelog = files.get("CHANGELOG.md", b"").decode("utf-8", "replace")
    return Release(
        name=normalised(name),
        version=version,
        kind=kind,
        sha256=sha256_of(path),
        released=released or _dated(changelog, version),
        requires_python=metadata.get("Requires-Python", ""),
        requires=tuple(metadata.get_all("Requires-Dist", [])),
        extras=tuple(metadata.get_all("Provides-Extra", [])),
        root=root.strip("/").removeprefix("src/").replace("/", "."),
        modules={name: data for name, (data, _) in modules.items()},
        packages=frozenset(name for name, (_, package) in modules.items() if package),
        changelog=changelog,
    )


def sha256_of(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def normalised(name: str) -> str:
    """Return the name of a project in its normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _metadata(path: Path, kind: Kind, files: Mapping[str, bytes]) -> str:
    pattern = r"[^/]+\.dist-info/METADATA" if kind == "wheel" else r"PKG-INFO"
    found = [data for name, data in files.items() if re.fullmatch(pattern, name)]
    if len(found) != 1:
        raise _refuse(path, f"it has {len(found) or 'no'} metadata where one is expected")
    return found[0].decode("utf-8", "replace")


def _root(path: Path, files: Mapping[str, bytes]) -> str:
    """Return the folder of the package: the one with most Python files, below folders that hold another one alone."""
    root = ""
    while True:
        below = [name[len(root) :] for name in files if name.startswith(root) and name.endswith(".py")]
        tops = [name.partition("/")[0] for name in below if "/" in name]
        tops = [top for top in tops if not top.endswith((".dist-info", ".data")) and top not in _NOT_PACKAGES]
        own = [name for name in below if "/" not in name]
        if not tops or ("__init__.py" in own and (len(own) > 1 or len(set(tops)) > 1)):
            break
        root += max(sorted(set(tops)), key=tops.count) + "/"
    if not root or not below:
        raise _refuse(path, "it holds no Python package")
    return root


_NOT_OURS = {"_vendor", "tests"}
"""Folders of a package that hold other people's code, or none that users call."""
_NOT_PACKAGES = {"tests", "test", "examples", "scripts", "docs", "bin"}


def _modules(files: Mapping[str, bytes], root: str) -> Iterator[tuple[str, tuple[bytes, bool]]]:
    for name, data in files.items():
        if name.startswith(root) and name.endswith(".py"):
            dotted = name[len(root) :].removesuffix(".py").replace("/", ".")
            if dotted.partition(".")[0] in _NOT_OURS:
                continue
            package = dotted == "__init__" or dotted.endswith(".__init__")
            yield ("" if dotted == "__init__" else dotted.removesuffix(".__init__")), (data, package)


def _dated(changelog: str, version: str) -> str | None:
    """Return the date that a changelog gives a version: `## [1.12.0](…) (2026-10-07)`."""
    found = re.search(
        rf"^#+ +\[?v?{re.escape(version)}\]?(?:\([^)\n]*\))? +\((20\d\d-\d\d-\d\d)\)", changelog, re.MULTILINE
    )
    return found[1] if found else None
