# What annotations and field values say beside the type: required or not, wire names, discriminators.
# Owns: the helpers of typing and pydantic by which generators say so. Refuses to know: types, classes, modules' names.
"""Markers in annotations and field values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from drift.surface.modules import Module, last_name


def is_dots(node: ast.expr) -> bool:
    """Whether a node is `...`."""
    return isinstance(node, ast.Constant) and node.value is ...


def is_class_variable(annotation: ast.expr) -> bool:
    """Whether an annotation is `ClassVar[…]`."""
    return isinstance(annotation, ast.Subscript) and last_name(annotation.value) == "ClassVar"


def is_required(annotation: ast.expr, *, total: bool) -> bool:
    """Whether a key of a TypedDict has to be there."""
    node = annotation
    while isinstance(node, ast.Subscript):
        word = last_name(node.value)
        if word in {"Required", "NotRequired"}:
            return word == "Required"
        if word not in {"Annotated", "ReadOnly"}:
            break
        node = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
    return total


def has_no_default(value: ast.expr) -> bool:
    """Whether a field's value is a description without a default: `FieldInfo(alias="…")`."""
    if not isinstance(value, ast.Call) or last_name(value) not in {"FieldInfo", "Field"}:
        return False
    named = {keyword.arg for keyword in value.keywords}
    first = value.args[0] if value.args else None
    return "default" not in named and "default_factory" not in named and (first is None or is_dots(first))


def is_excluded(value: ast.expr | None) -> bool:
    """Whether a field never comes from the wire: `FieldInfo(init=False)` and `exclude=True` hold the SDK's own."""
    if not isinstance(value, ast.Call):
        return False
    flags = {keyword.arg: keyword.value for keyword in value.keywords}
    for name, wanted in (("exclude", True), ("init", False)):
        flag = flags.get(name)
        if isinstance(flag, ast.Constant) and flag.value is wanted:
            return True
    return False


def alias_in(module: Module, annotation: ast.expr) -> str | None:
    """Return the wire name that `Annotated[…, PropertyInfo(alias="…")]` gives, wherever it is nested."""
    for part in ast.walk(annotation):
        if isinstance(part, ast.Subscript) and last_name(part.value) == "Annotated":
            inside = part.slice.elts[1:] if isinstance(part.slice, ast.Tuple) else []
            for argument in inside:
                if (found := alias_of_call(module, argument)) is not None:
                    return found
    return None


def alias_of_call(module: Module, value: ast.expr | None) -> str | None:
    """Return the wire name that a field's value gives: `FieldInfo(alias="…")`."""
    if isinstance(value, ast.Call):
        for keyword in value.keywords:
            if keyword.arg in {"alias", "serialization_alias", "validation_alias"}:
                name = module.constant(keyword.value)
                return name if isinstance(name, str) else None
    return None


def discriminator_in(module: Module, argument: ast.expr) -> str | None:
    """Return the field that `PropertyInfo(discriminator="…")` or `UnionDiscriminator("…")` names."""
    if not isinstance(argument, ast.Call):
        return None
    named = [
        keyword.value
        for keyword in _keywords(argument)
        if keyword.arg in {"discriminator", "field_name", "disc_key"}
    ]
    if not named and "Discriminator" in last_name(argument):
        named = list(argument.args[:1])
    found = module.constant(named[0]) if named else None
    return found if isinstance(found, str) else None


def fallback_in(argument: ast.expr) -> str | None:
    """Return the class that stands for unknown alternatives: `partial(parse_open_union, unknown_cls=UnknownStep)`."""
    for keyword in _keywords(argument):
        if keyword.arg == "unknown_cls" and isinstance(keyword.value, ast.Name):
            return keyword.value.id
    return None


def _keywords(node: ast.AST) -> Iterator[ast.keyword]:
    return (part for part in ast.walk(node) if isinstance(part, ast.keyword))


def camel_case(name: str) -> str:
    """Return "top_p" as "topP"."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
