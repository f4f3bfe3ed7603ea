# Prints the comment block at the top of every module as a Markdown table; docs/architecture.md is made from it.
# Owns: reading the blocks; a module without one is an error. Refuses to know: what stands in them.
"""Module comment blocks for docs/architecture.md."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent / "drift"


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


def table() -> str:
    """Return one row per module, in order of path."""
    rows = ["| module | what it owns |", "| --- | --- |"]
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT.parent).as_posix()
        rows.append(f"| `{name}` | {block_of(path).replace('|', chr(92) + '|')} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
