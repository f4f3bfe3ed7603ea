# Prints what docs/architecture.md says of the code: the layers and who knows which library (from pyproject.toml, where
# import-linter holds them), and the comment block at the top of every module.
# Owns: reading these; a module without a block is an error. Refuses to know: what stands in them.
"""Tables for docs/architecture.md."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def _contract(kind: str, **wanted: Any) -> dict[str, Any]:
    """Return the first import-linter contract of a type whose values are these."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for contract in settings["tool"]["importlinter"]["contracts"]:
        found: dict[str, Any] = contract
        if found["type"] == kind and all(found.get(name) == value for name, value in wanted.items()):
            return found
    raise LookupError(f"pyproject.toml has no contract of type {kind} with {wanted}")


def layers() -> str:
    """Return the layers as a list, the uppermost first; modules of one layer do not import each other."""
    rows = [layer.split(" | ") for layer in _contract("layers")["layers"]]
    return "".join(f"{n}. {', '.join(f'`{name}`' for name in row)}\n" for n, row in enumerate(rows, 1))


def libraries() -> str:
    """Return one row per third-party library: the module or the room that knows it."""
    knowing: dict[str, list[str]] = {}
    for edge in _contract("forbidden", source_modules=["drift"])["ignore_imports"]:
        module, _, library = edge.partition(" -> ")
        name = module.removesuffix(".*").replace(".", "/")
        room = (ROOT / name).is_dir()
        knowing.setdefault(library, []).append(f"{name}/" if room else f"{name}.py")
    rows = [
        f"| {library} | {', '.join(f'`{name}`' for name in sorted(set(names)))} |"
        for library, names in sorted(knowing.items())
    ]
    return "\n".join(["| library | known by |", "| --- | --- |", *rows]) + "\n"


def block_of(path: Path) -> str:
    """Return the leading `#` lines of a module as one line; raises ValueError when there are none."""
    lines: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").rstrip())
    if not lines:
        raise ValueError(f"{path.name} has no comment block at its top")
    return " ".join(lines)


def modules() -> str:
    """Return one row per module, in order of path."""
    rows = ["| module | what it owns |", "| --- | --- |"]
    for path in sorted((ROOT / "drift").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        rows.append(f"| `{name}` | {block_of(path).replace('|', chr(92) + '|')} |")
    return "\n".join(rows) + "\n"
