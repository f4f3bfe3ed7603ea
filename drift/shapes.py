# The shape of JSON values: which paths exist, with which types, inferred from one value and from many.
# Owns: path notation, discriminated list elements, counting. Refuses to know: vendors, rules, statistics.
"""JSON shapes.

A shape maps a path to the JSON types seen there: `{"": ["object"], "/usage": ["object"], "/usage/input_tokens":
["integer"]}`. Paths are JSON pointers with `*` for any index. Elements of a list that carry a string `type` are kept
apart by it: `/content/*{text}/text` and `/content/*{tool_use}/id` are different places, so that a reply with another
mix of blocks has no other shape, only other blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from drift.model import JSON
from drift.pointers import escape

Shape: TypeAlias = Mapping[str, Sequence[str]]

ABSENT = "absent"
"""Pseudo type: the key is missing in some elements of one list, or in some values of a hull."""


def json_type(value: JSON) -> str:
    """Return the JSON type name; a float with an integral value is "number", a bool is never an integer."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list | tuple) else "object"


def plain_path(path: str) -> str:
    """Drop the discriminators of a shape path: `/content/*{text}/text` → `/content/*/text`."""
    while "{" in path:
        start = path.index("{")
        end = path.find("}", start)
        if end < 0:
            return path
        path = path[:start] + path[end + 1 :]
    return path


_SCALARS = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string"}


Tag: TypeAlias = Callable[[str, Mapping[str, Any]], str | None]
"""Path of a list and one of its objects → what tells it apart from the others, or None."""


def type_tag(path: str, element: Mapping[str, Any]) -> str | None:
    """Tell the elements of every list apart by their `type`."""
    del path
    tag = element.get("type")
    return tag if isinstance(tag, str) else None


def element_path(path: str, element: JSON, tag: Tag) -> str:
    """Return the path of one element of the list at `path`."""
    name = tag(path, element) if isinstance(element, dict) else None
    return f"{path}/*" if name is None else f"{path}/*{{{escape(name)}}}"


def shape_of(value: JSON, *, opaque: Collection[str] = (), tag: Tag = type_tag) -> dict[str, list[str]]:
    """Return the shape of one value.

    Args:
        value: a JSON value.
        opaque: paths (shape notation) that are typed but not entered.
        tag: what tells the elements of a list apart.
    """
    found: dict[str, set[str]] = {}
    _walk([value], "", found, opaque, tag)
    return {path: sorted(types) if len(types) > 1 else [*types] for path, types in found.items()}


def _walk(
    values: list[JSON], path: str, found: dict[str, set[str]], opaque: Collection[str], tag: Tag
) -> None:
    types = found.setdefault(path, set())
    objects: list[dict[str, Any]] = []
    elements: list[JSON] = []
    for value in values:
        types.add(_SCALARS.get(type(value)) or json_type(value))
        if isinstance(value, dict):
            objects.append(value)
        elif isinstance(value, list | tuple):
            elements.extend(value)
    if path in opaque:
        return
    if len(objects) == 1:  # nearly always: no key can be missing in some of them, and scalars need no visit
        for key, value in objects[0].items():
            child = f"{path}/{escape(key)}"
            scalar = _SCALARS.get(type(value))
            if scalar is None:
                _walk([value], child, found, opaque, tag)
            elif child in found:
                found[child].add(scalar)
            else:
                found[child] = {scalar}
    elif objects:
        keys: dict[str, list[JSON]] = {}
        for item in objects:
            for key, value in item.items():
                keys.setdefault(key, []).append(value)
        for key, seen in keys.items():
            child = f"{path}/{escape(key)}"
            _walk(seen, child, found, opaque, tag)
            if len(seen) < len(objects):
                found[child].add(ABSENT)
    groups: dict[str, list[JSON]] = {}
    for element in elements:
        groups.setdefault(element_path(path, element, tag), []).append(element)
    for child, seen in groups.items():
        _walk(seen, child, found, opaque, tag)


def parent_of(path: str) -> str:
    """Return the shape path of the object that holds the last key of `path`; the root's parent is the root."""
    return path.rsplit("/", 1)[0]


@dataclass(slots=True)
class Hull:
    """What many values have in common: for each path how many held it, and its types.

    Attributes:
        values: number of values added.
        present: path → number of values that held it.
        types: path → type → number of values that showed it there.
    """

    values: int = 0
    present: dict[str, int] = field(default_factory=dict)
    types: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, shape: Shape) -> None:
        """Add the shape of one more value."""
        self.values += 1
        for path, types in shape.items():
            self.present[path] = self.present.get(path, 0) + 1
            counts = self.types.setdefault(path, {})
            for name in types:
                counts[name] = counts.get(name, 0) + 1

    def tree(self) -> dict[str, JSON]:
        """Return path → {"presence": "always" | "sometimes", "types": [...]}, relative to the parent object.

        "always" means: in every value whose parent was an object there, the key was there. This is what DeepDiff
        compares.
        """
        tree: dict[str, JSON] = {}
        for path, count in self.present.items():
            parent = parent_of(path)
            parents = self.types.get(parent, {}).get("object") or self.present.get(parent, self.values)
            types = self.types[path]
            tree[path] = {
                "presence": "always" if count >= parents and ABSENT not in types else "sometimes",
                "types": {name: True for name in sorted(types) if name != ABSENT},
            }
        return tree


def hull_of(shapes: Iterable[Shape]) -> Hull:
    """Return the hull of many shapes."""
    hull = Hull()
    for shape in shapes:
        hull.add(shape)
    return hull
