# How a person names a run: id, unique prefix, TARGET[@LABEL] or DATASET:TARGET[@LABEL].
# Owns: the rule, ambiguity, the list of candidates. Refuses to know: where the list of runs comes from.
"""The names of runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from drift.errors import UsageError

MAX_CANDIDATES = 20
"""An error lists no more than this many names."""


@dataclass(frozen=True, slots=True)
class Named:
    """Texts that name one run, the fullest first, and the id of that run."""

    names: tuple[str, ...]
    run_id: str


def name_runs(runs: Iterable[tuple[str, str | None, str, str | None]]) -> Iterator[Named]:
    """Give complete runs their names.

    Args:
        runs: (id, dataset, target, label), the one that wins among equals first.

    Yields:
        For a live run: TARGET (the first run of the target, whatever its label) and TARGET@LABEL. For an
        import, where a label is a version: all four forms, for each label on its own.
    """
    seen: set[tuple[str | None, str, str | None, bool]] = set()
    for run_id, dataset, target, label in runs:
        if dataset is None:
            names: dict[bool, tuple[str, ...]] = {False: (target,)}
            if label is not None:
                names[True] = (f"{target}@{label}",)
        else:
            bare = (f"{dataset}:{target}", target)
            names = {True: (*(f"{name}@{label}" for name in bare if label is not None), *bare)}
        for labelled, texts in names.items():
            key = (dataset, target, label if labelled else None, labelled)
            if key not in seen:
                seen.add(key)
                yield Named(texts, run_id)


def resolve(name: str, known: Iterable[Named]) -> str | None:
    """Return the id of the run that a name stands for, None when nothing has this name.

    Names are compared as a whole and never cut into parts: a target may hold `@`, `:` and `/`.

    Raises:
        UsageError: the name fits several runs; they are listed as one may type them.
    """
    known = list(known)
    matches = [entry for entry in known if name in entry.names]
    if len(matches) <= 1:
        return matches[0].run_id if matches else None
    uses = Counter(text for entry in known for text in entry.names)
    typed = [next((text for text in entry.names if uses[text] == 1), entry.run_id) for entry in matches]
    listed = ", ".join(typed[:MAX_CANDIDATES])
    more = f" and {len(typed) - MAX_CANDIDATES} more" if len(typed) > MAX_CANDIDATES else ""
    raise UsageError(f"{name!r} names {len(typed)} different runs", f"say which: {listed}{more}")
