# Endpoints told together: those of one resource, as small as a reader can take in.
# Owns: where a path is cut. Refuses to know: what happened to the endpoints.
"""Groups of endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MOST = 24
"""Endpoints of one group; a larger one is cut at the next step of its paths, when that tells its members apart."""


def grouped_endpoints(endpoints: Iterable[str]) -> dict[str, list[str]]:
    """Return the fixed beginning of the path → the endpoints that share it, all in order."""
    return dict(sorted(_cut(sorted(endpoints), 1).items()))


def _cut(names: list[str], depth: int) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_prefix(name, depth), []).append(name)
    found: dict[str, list[str]] = {}
    for prefix, members in groups.items():
        finer = {_prefix(name, depth + 1) for name in members}
        if len(members) > _MOST and len(finer) > 1:
            found.update(_cut(members, depth + 1))
        else:
            found[prefix] = members
    return found


def _prefix(endpoint: str, depth: int) -> str:
    """Return a path up to its fixed step number `depth`, the version of the API not counted."""
    kept: list[str] = []
    fixed = 0
    for step in endpoint.partition(" ")[2].strip("/").split("/"):
        is_version = not fixed and re.fullmatch(r"v\d\w*|{\w*version\w*}", step)
        kept.append(step)
        fixed += not is_version and not step.startswith("{")
        if fixed == depth:
            break
    return "/" + "/".join(kept).partition(":")[0] if kept else endpoint
