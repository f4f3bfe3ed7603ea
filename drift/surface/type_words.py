# The words of typing, pydantic and the SDKs' plumbing, and what each says about the wire; types joined to unions.
# Owns: the words, the form of a union. Refuses to know: where an annotation stands, how names are looked up.
"""Words that stand in annotations."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from drift.canonical import canonical
from drift.surface.modules import Definition, External, Meaning, Module

Type: TypeAlias = dict[str, Any]

ANY: Type = {"type": "any"}
NULL: Type = {"type": "null"}

PLAIN: Mapping[str, Type] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "Decimal": {"type": "number"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "binary"},
    "object": ANY,
    "Any": ANY,
    "None": NULL,
    "NoneType": NULL,
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "UUID": {"type": "string"},
    "list": {"type": "array", "items": ANY},
    "List": {"type": "array", "items": ANY},
    "dict": {"type": "map", "values": ANY},
    "Dict": {"type": "map", "values": ANY},
    "Mapping": {"type": "map", "values": ANY},
    "tuple": {"type": "array", "items": ANY},
    "Image": {"type": "binary"},
    "PathLike": {"type": "binary"},
    "Path": {"type": "binary"},
    "AnyStr": {"type": "string"},
}
# Words of an SDK's own plumbing; they stand in `_types` and the like and say what goes over the wire.
PLUMBING: Mapping[str, Type] = {
    "FileTypes": {"type": "binary"},
    "HttpxFileTypes": {"type": "binary"},
    "FileContent": {"type": "binary"},
    "HttpxBinaryResponseContent": {"type": "binary"},
    "BinaryAPIResponse": {"type": "binary"},
    "AsyncBinaryAPIResponse": {"type": "binary"},
    "Base64FileInput": {"type": "string"},
    "Response": {"type": "binary"},
}
LISTS = {
    "List", "list", "Iterable", "Sequence", "SequenceNotStr", "Set", "set", "FrozenSet", "frozenset", "Iterator",
    "AsyncIterable", "Collection", "MutableSequence",
}  # fmt: skip
STREAMS = {
    "Stream",
    "AsyncStream",
    "JSONLDecoder",
    "AsyncJSONLDecoder",
    "EventStream",
    "Iterator",
    "Generator",
}
MAPS = {"Dict", "dict", "Mapping", "MutableMapping", "OrderedDict", "DefaultDict"}
THROUGH = {
    "Required", "NotRequired", "ReadOnly", "Final", "ClassVar", "Type", "type", "Awaitable", "Coroutine",
    "OptionalNullable", "Nullable",
}  # fmt: skip
ABSENT = {"Omit", "NotGiven", "NOT_GIVEN", "Unset", "UNSET", "UnsetType"}
TYPED_DICT = "TypedDict"
MODELS = {"BaseModel", "GenericModel", "RootModel"}
ENUMS = {"Enum", "StrEnum", "IntEnum", "CaseInSensitiveEnum"}
OPEN_ENUMS = {"CaseInSensitiveEnum"}


# ---------------------------------------------------------------- unions


def union(parts: Iterable[Type | None]) -> Type | None:
    """Return the type that any of the parts may be; None when all are absent."""
    members: list[Type] = []
    values: list[Any] = []
    is_open = False
    for part in parts:
        for member in [part] if part is None or "anyOf" not in part else part["anyOf"]:
            if member is None:
                continue
            if "enum" in member:
                values += member["enum"]
                is_open = is_open or member["open"]
            elif member not in members:
                members.append(member)
    if values:
        text = {"type": "string"} in members
        if text:
            members.remove({"type": "string"})
        members.append({"enum": ordered(values), "open": is_open or text})
    # A class of the SDK's own may stand beside what goes over the wire: a helper object that is turned into it.
    wired = [member for member in members if member.get("type") != "foreign"]
    members = wired if any(member != NULL for member in wired) else members
    if not members:
        return None
    return members[0] if len(members) == 1 else {"anyOf": sorted(members, key=canonical)}


def ordered(values: Iterable[Any]) -> list[Any]:
    """Return values of an enumeration, each once, in a fixed order."""
    return sorted(dict.fromkeys(values), key=lambda value: (type(value).__name__, value))


# ---------------------------------------------------------------- what stands in an annotation


def word_of(meaning: Meaning | None, node: ast.expr) -> str:
    """Return the last part of what a name means: `t.List`, `List` and `typing.List` are one word."""
    if isinstance(meaning, External):
        return meaning.last
    if isinstance(meaning, Definition):
        return meaning.name
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_plumbing(definition: Definition) -> bool:
    """Whether a name stands in one of the SDK's private modules, which hold no types of the wire."""
    return any(part.startswith("_") for part in definition.module.name.split(".")) and (
        definition.name in PLUMBING or definition.name in PLAIN or definition.name in LISTS
    )


def is_base(definition: Definition) -> bool:
    """Whether a class is one that types of the wire derive from."""
    return definition.name in MODELS | ENUMS | {TYPED_DICT}


def is_type_variable(module: Module, name: str) -> bool:
    """Whether a name stands for a type variable."""
    meaning = module.lookup(name)
    if not isinstance(meaning, Definition) or not isinstance(meaning.node, ast.Call):
        return False
    return word_of(meaning.module.meaning(meaning.node.func), meaning.node.func) == "TypeVar"


def names_in(node: ast.expr) -> list[str]:
    """Return the names that stand in an expression."""
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def alternatives(node: ast.expr) -> list[ast.expr]:
    """Return the parts of `A | B | C`, however many."""
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]
