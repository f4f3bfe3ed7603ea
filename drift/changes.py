# What differs between two JSON values, as sorted Change records.
# Owns: DeepDiff and its settings (its defaults hide drift). Refuses to know: rules, levels, the store.
"""Structural differences without an opinion. The only user of DeepDiff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from drift.model import JSON
from drift.pointers import keys_of, pointer_to

ChangeKind = Literal["added", "removed", "type", "value"]

_KINDS: dict[str, ChangeKind] = {
    "dictionary_item_added": "added",
    "iterable_item_added": "added",
    "dictionary_item_removed": "removed",
    "iterable_item_removed": "removed",
    "type_changes": "type",
    "values_changed": "value",
}


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One structural difference.

    Attributes:
        path: JSON pointer to the place.
        kind: "added", "removed", "type" (another JSON type) or "value".
        before: value in the first document, None when added.
        after: value in the second document, None when removed.
    """

    path: str
    kind: ChangeKind
    before: JSON = None
    after: JSON = None

    @property
    def key(self) -> str:
        """The first key of the path, "" at the root; for trees whose keys are pointers themselves."""
        return next(iter(keys_of(self.path)), "")


def find_changes(before: JSON, after: JSON) -> list[Change]:
    """Return the differences of two JSON values, sorted by path.

    Lists are compared in order; key a list by name or id first when its order does not matter (DeepDiff's
    `ignore_order` loses leaves). Null and absent differ, `1` and `1.0` differ in type, so do `true` and `1`.
    """
    from deepdiff import DeepDiff

    tree = DeepDiff(
        before,
        after,
        view="tree",
        threshold_to_diff_deeper=0,  # else two objects with few common keys come back as one value change
        ignore_private_variables=False,  # else keys that start with two underscores are invisible
        ignore_nan_inequality=True,
        verbose_level=2,
    )
    changes: list[Change] = []
    for name, items in tree.items():
        kind = _KINDS.get(name)
        if kind is None:
            continue
        changes += [
            Change(
                pointer_to(item.path(output_format="list")),
                kind,
                None if kind == "added" else item.t1,
                None if kind == "removed" else item.t2,
            )
            for item in items
        ]
    changes.sort(key=lambda change: (change.path, change.kind))
    return changes
