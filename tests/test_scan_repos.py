# Three projects in every language that is read, with planted ids and traps: each id is found, and nothing else.

import re
from pathlib import Path

import pytest

from drift.scan import scan

REPOS = Path(__file__).with_name("scan_repos")
PROJECTS = sorted(path.name for path in REPOS.iterdir() if path.is_dir())


def planted(root: Path) -> set[tuple[str, int, str]]:
    """Read what a project plants: "finds SPEC…" ends a line; where there are no comments, PROJECT.finds says it."""
    found = set()
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        for number, line in enumerate(
            path.read_text(encoding="utf-8").splitlines() if path.is_file() else (), start=1
        ):
            if (match := re.search(r"\bfinds ([^\s*]+/.*?)(?: \*/\}?)?$", line)) is not None:
                found |= {(name, number, spec) for spec in match[1].split()}
    for line in root.with_suffix(".finds").read_text(encoding="utf-8").splitlines():
        name, needle, spec = re.fullmatch(r"(\S+): (.+) => (\S+)", line).groups()
        lines = (root / name).read_text(encoding="utf-8").splitlines()
        (number,) = (at for at, text in enumerate(lines, start=1) if needle in text)
        found.add((name, number, spec))
    return found


@pytest.mark.parametrize("project", PROJECTS)
def test_every_planted_id_is_found_and_nothing_else(project):
    found = {(use.file, use.line, use.model.spec) for use in scan(REPOS / project).uses}
    expected = planted(REPOS / project)
    assert sorted(expected - found) == []
    assert sorted(found - expected) == []
    assert len(expected) > 30
