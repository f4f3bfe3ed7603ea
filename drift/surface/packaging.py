# What a release asks of its environment: requirements and the oldest Python.
# Owns: as much of the grammar of requirements (PEP 508) as metadata of wheels uses. Refuses to know: installing.
"""Requirements of two releases side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from drift.surface.archive import normalised


class DependencyChange(NamedTuple):
    """A package that is required differently; None where it is not required."""

    name: str
    before: str | None
    after: str | None
    harmless: bool


def dependency_changes(before: Sequence[str], after: Sequence[str]) -> Iterator[DependencyChange]:
    """Yield what changed among the requirements that every installation has, by name."""
    old, new = _always(before), _always(after)
    for name in sorted(old.keys() | new.keys()):
        one, other = old.get(name), new.get(name)
        if one != other:
            yield DependencyChange(
                name, one, other, other is None or (one is not None and _wider(one, other))
            )


def requirement_of(requirements: Iterable[str], name: str) -> str | None:
    """Return the requirement of one package as it is written, or None."""
    return _always(requirements).get(normalised(name))


def _always(requirements: Iterable[str]) -> dict[str, str]:
    """Return name → requirement, those of extras left out; several lines for one package are joined."""
    found: dict[str, str] = {}
    for text in requirements:
        wanted, _, marker = text.partition(";")
        if re.search(r"\bextra\b", marker):
            continue
        match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?", wanted)
        if match is not None:
            name = normalised(match[1])
            parts = sorted(part.strip() for part in re.sub(r"[()]", "", wanted[match.end() :]).split(","))
            extras = (match[2] or "").replace(" ", "")
            shown = name + extras + ",".join(parts) + (f"; {marker.strip()}" if marker.strip() else "")
            found[name] = f"{found[name]} and {shown}" if name in found else shown
    return found


def _wider(before: str, after: str) -> bool:
    """Whether the new range holds the old one, as far as lower and upper bounds tell."""
    old, new = _bounds(before), _bounds(after)
    if old is None or new is None:
        return False
    lower = not new[0] or (bool(old[0]) and new[0] <= old[0])
    upper = not new[1] or (bool(old[1]) and new[1] >= old[1])
    return lower and upper


def _bounds(requirement: str) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return the inclusive lower and the exclusive upper bound; None when other operators are used."""
    lower: tuple[int, ...] = ()
    upper: tuple[int, ...] = ()
    if ";" in requirement or " and " in requirement:
        return None
    for operator, version in re.findall(r"(<=|>=|==|!=|~=|<|>)\s*([0-9][0-9.]*)", requirement):
        numbers = _numbers(version)
        if operator == ">=":
            lower = max(lower, numbers)
        elif operator == "<":
            upper = numbers if not upper else min(upper, numbers)
        else:
            return None
    return lower, upper


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,9}", version))


def python_floor(requires: str) -> tuple[int, ...] | None:
    """Return the oldest Python that a release installs on: ">=3.10" is (3, 10); None when it does not say."""
    found = re.search(r">=\s*(\d+(?:\.\d+)*)", requires)
    return _numbers(found[1]) if found else None
