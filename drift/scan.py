# Model ids that a codebase pins: what has to be probed before somebody changes one.
# Owns: the shapes of vendors' model ids, which files are source. Refuses to know: what is done with an id.
"""Find the model ids that source code names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

_SHAPES: dict[str, str] = {
    "anthropic": r"claude-(?:[a-z]+-)?\d[a-z0-9]*(?:[-.][a-z0-9]+)*",
    "openai": r"(?:chat)?gpt-\d[a-z0-9]*(?:\.\d+)?(?:-[a-z0-9]+)*"
    r"|o[1-9]-(?:mini|pro|preview|deep)(?:-[a-z0-9]+)*|o[1-9](?=[\"'`])",
    "gemini": r"gemini-\d(?:\.\d+)?(?:-[a-z0-9]+)+",
}
"""Platform → shape of an id, as the vendors' own lists of models spell them."""

# An id stands alone; "openai/gpt-…" and "models/gemini-…" keep their prefix out.
_IDS = re.compile(
    r"(?<![A-Za-z0-9._-])(?:"
    + "|".join(f"(?P<{name}>{shape})" for name, shape in _SHAPES.items())
    + r")(?![A-Za-z0-9_@-])"
)
_ENDINGS = frozenset((
    ".c", ".cc", ".cfg", ".cpp", ".cs", ".dart", ".env", ".ex", ".exs", ".go", ".h", ".ini", ".ipynb",
    ".java", ".jl", ".js", ".json", ".jsx", ".kt", ".lua", ".mjs", ".php", ".pl", ".properties", ".ps1",
    ".py", ".r", ".rb", ".rs", ".scala", ".sh", ".sql", ".swift", ".tf", ".toml", ".ts", ".tsx", ".vue",
    ".yaml", ".yml",
))  # fmt: skip
_SKIPPED = frozenset((
    ".git", ".hg", ".mypy_cache", ".next", ".nox", ".pytest_cache", ".ruff_cache", ".tox", ".venv",
    "__pycache__", "build", "dist", "env", "node_modules", "site-packages", "snapshots", "target", "vendor",
    "venv",
))  # fmt: skip
_LARGEST = 1_000_000  # bytes; larger files are data


def pinned_models(folder: Path) -> dict[str, list[str]]:
    """Return the model ids that source files below a folder name.

    Returns:
        Target spec → its places as "file:line", relative to the folder; the most used first.
    """
    places: dict[str, list[str]] = {}
    for path in _sources(folder):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            for match in _IDS.finditer(line):
                spec = f"{match.lastgroup}/{match[0]}"
                places.setdefault(spec, []).append(f"{path.relative_to(folder).as_posix()}:{number}")
    return dict(sorted(places.items(), key=lambda item: (-len(item[1]), item[0])))


def _sources(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(files):
            path = Path(root, name)
            is_source = path.suffix.lower() in _ENDINGS or name.startswith((".env", "Dockerfile"))
            if is_source and not path.is_symlink() and path.stat().st_size <= _LARGEST:
                yield path
