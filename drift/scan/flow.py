# What a name holds where it is used: mappings and lists that Python code puts together step by step.
# Owns: the steps, which of them come before a use. Refuses to know: requests, models, other languages.
"""Follow mappings and lists through a module, as far as it can be done without running it.

params = {"model": MODEL}; params["temperature"] = 0; client.messages.create(**params)
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

_DEEPEST = 6
_MOST_STEPS = 200_000
"""Steps that are looked at for one module: a hostile one may refer to itself in a great many ways."""
_COPIES = frozenset(("copy", "deepcopy", "dict", "dumps", "list", "MappingProxyType"))
"""Calls that give a mapping on as it is, be it as the text of a body."""


class Place(NamedTuple):
    """Where a node stands: in which field of which node."""

    node: ast.AST
    field: str


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing that is done to a name: it is set, merged, given or robbed of an entry, or appended to."""

    kind: Literal["set", "entry", "merge", "drop", "append", "extend"]
    node: ast.AST
    value: ast.expr | None = None
    key: str = ""


class Flow:
    """The mappings and lists of one module."""

    def __init__(self, nodes: Iterable[ast.AST], parents: Mapping[ast.AST, Place]) -> None:
        self._parents = parents
        self._steps: dict[tuple[ast.AST | None, str], list[_Step]] = {}
        self._functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self._left = _MOST_STEPS
        self.followed: set[ast.AST] = set()
        """Displays of mappings that were handed on by a name."""
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._functions.setdefault(node.name, node)
            for owner, step in _steps_of(node):
                self._note(owner, step)
        for steps in self._steps.values():
            steps.sort(key=lambda step: _position(step.node))

    def _note(self, owner: ast.expr, step: _Step) -> None:
        match owner:
            case ast.Name(id=name):
                scope = self._scope(step.node)
                self._steps.setdefault((scope, name), []).append(step)
                if isinstance(scope, ast.ClassDef):
                    self._steps.setdefault((None, name), []).append(step)
            case ast.Attribute(attr=name):
                self._steps.setdefault((None, name), []).append(step)

    # Mappings

    def entries(self, node: ast.expr, use: ast.AST, depth: int = 0) -> dict[str, ast.expr]:
        """Return key → value of the mapping that an expression stands for, as far as it is known at a use."""
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return {}
        found: dict[str, ast.expr] = {}
        match node:
            case ast.Dict(keys=keys, values=values):
                self.followed.add(node)
                for key, value in zip(keys, values, strict=True):
                    if key is None:
                        found.update(self.entries(value, use, depth + 1))
                    elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                        found[key.value] = value
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                found = {**self.entries(left, use, depth + 1), **self.entries(right, use, depth + 1)}
            case ast.IfExp(body=body, orelse=orelse):
                found = {**self.entries(orelse, use, depth + 1), **self.entries(body, use, depth + 1)}
            case ast.BoolOp(values=values):
                for value in reversed(values):
                    found.update(self.entries(value, use, depth + 1))
            case ast.Call():
                found = self._called(node, use, depth)
            case ast.Name() | ast.Attribute():
                for step in self._before(node, use):
                    self._apply(found, step, use, depth)
        return found

    def _called(self, node: ast.Call, use: ast.AST, depth: int) -> dict[str, ast.expr]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        found: dict[str, ast.expr] = {}
        if name in _COPIES:
            holder = [node.func.value] if isinstance(node.func, ast.Attribute) and not node.args else []
            for part in (*holder, *node.args):
                found.update(self.entries(part, use, depth + 1))
            found.update(self.keywords(node, use, depth + 1))
        elif (function := self._functions.get(name)) is not None:
            for inner in ast.walk(function):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    found.update(self.entries(inner.value, inner, depth + 1))
        return found

    def keywords(self, call: ast.Call, use: ast.AST, depth: int = 0) -> dict[str, ast.expr]:
        """Return name → value of what a call is given by name, `**mappings` among it."""
        found: dict[str, ast.expr] = {}
        for word in call.keywords:
            if word.arg is None:
                found.update(self.entries(word.value, use, depth + 1))
            else:
                found[word.arg] = word.value
        return found

    def bound(self, display: ast.Dict) -> dict[str, ast.expr]:
        """Return the entries of a display with those that the name which it is bound to is given afterwards."""
        place = self._parents.get(display)
        target = _only_target(place.node) if place is not None else None
        found = self.entries(display, display)
        if target is None or place is None:
            return found
        later = [step for step in self._steps_of_name(target, place.node) if _after(step.node, place.node)]
        for step in later:
            if step.kind == "set":
                break
            self._apply(found, step, place.node, 1)
        return found

    def _apply(self, found: dict[str, ast.expr], step: _Step, use: ast.AST, depth: int) -> None:
        if step.kind == "drop":
            if self._is_sure(step, use):
                found.pop(step.key, None)
            return
        if step.kind == "entry" and step.value is not None:
            found[step.key] = step.value
            return
        if step.value is None or step.kind not in {"set", "merge"}:
            return
        if step.kind == "set" and self._is_sure(step, use):
            found.clear()
        found.update(self.entries(step.value, step.node, depth + 1))

    # Lists

    def last(self, node: ast.expr | None, use: ast.AST, depth: int = 0) -> ast.expr | None:
        """Return the last element of the list that an expression stands for, None when it is not known."""
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return None
        match node:
            case ast.List(elts=[*_, end]) | ast.Tuple(elts=[*_, end]):
                return self.last(end.value, use, depth + 1) if isinstance(end, ast.Starred) else end
            case ast.BinOp(op=ast.Add(), right=right):
                return self.last(right, use, depth + 1)
            case ast.Call(func=ast.Name(id="list"), args=[inner]):
                return self.last(inner, use, depth + 1)
            case ast.Name() | ast.Attribute():
                steps = [one for one in self._before(node, use) if one.kind in {"set", "append", "extend"}]
                if not steps:
                    return None
                step, value = steps[-1], steps[-1].value
                return value if step.kind == "append" else self.last(value, step.node, depth + 1)
        return None

    # Steps before a use

    def _before(self, node: ast.Name | ast.Attribute, use: ast.AST) -> Iterator[_Step]:
        for step in self._steps_of_name(node, use):
            self._left -= 1
            if self._left < 0:
                return
            if step.node is not use and not (self._is_near(step.node, use) and _after(step.node, use)):
                yield step

    def _steps_of_name(self, node: ast.expr, use: ast.AST) -> Sequence[_Step]:
        if isinstance(node, ast.Attribute):
            return self._steps.get((None, node.attr), ())
        if not isinstance(node, ast.Name):
            return ()
        scope: ast.AST | None = self._scope(use)
        while scope is not None:
            steps = self._steps.get((scope, node.id))
            if steps:
                return steps
            if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and node.id in {
                argument.arg for argument in ast.walk(scope.args) if isinstance(argument, ast.arg)
            }:
                return ()
            scope = self._scope(scope)
        return ()

    def _scope(self, node: ast.AST) -> ast.AST | None:
        place = self._parents.get(node)
        while place is not None and not isinstance(
            place.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.Module
        ):
            place = self._parents.get(place.node)
        return place.node if place is not None else None

    def _is_near(self, node: ast.AST, use: ast.AST) -> bool:
        return self._scope(node) is self._scope(use)

    def _is_sure(self, step: _Step, use: ast.AST) -> bool:
        """Whether a step is done on every way to the use: its block is one that the use stands in."""
        if not self._is_near(step.node, use):
            return True
        statement: ast.AST | None = step.node
        while statement is not None and not isinstance(statement, ast.stmt):
            place = self._parents.get(statement)
            statement = place.node if place is not None else None
        block = self._parents.get(statement) if statement is not None else None
        place = self._parents.get(use)
        while place is not None:
            if place == block:
                return True
            place = self._parents.get(place.node)
        return False


def _steps_of(node: ast.AST) -> Iterator[tuple[ast.expr, _Step]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _assigned(target, node, value)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield from _assigned(target, node, value)
        case ast.AugAssign(target=target, op=ast.BitOr(), value=value):
            yield target, _Step("merge", node, value)
        case ast.AugAssign(target=target, op=ast.Add(), value=value):
            yield target, _Step("extend", node, value)
        case ast.Delete(targets=targets):
            for target in targets:
                if isinstance(target, ast.Subscript) and (key := _text(target.slice)):
                    yield target.value, _Step("drop", node, key=key)
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=args):
            first = args[0] if args else None
            if name == "update":
                keys: list[ast.expr | None] = [None] * len(args)
                keys += [ast.Constant(word.arg) if word.arg else None for word in node.keywords]
                mapping = ast.Dict(keys=keys, values=[*args, *(word.value for word in node.keywords)])
                yield owner, _Step("merge", node, mapping)
            elif name == "setdefault" and len(args) == 2 and (key := _text(first)):
                yield owner, _Step("entry", node, args[1], key)
            elif name == "pop" and (key := _text(first)):
                yield owner, _Step("drop", node, key=key)
            elif name in {"append", "extend"} and first is not None:
                yield owner, _Step("append" if name == "append" else "extend", node, first)


def _assigned(target: ast.expr, node: ast.AST, value: ast.expr) -> Iterator[tuple[ast.expr, _Step]]:
    if isinstance(target, ast.Subscript):
        if key := _text(target.slice):
            yield target.value, _Step("entry", node, value, key)
    elif isinstance(target, ast.Name | ast.Attribute):
        yield target, _Step("set", node, value)


def _only_target(node: ast.AST) -> ast.expr | None:
    match node:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return target
    return None


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _after(node: ast.AST, other: ast.AST) -> bool:
    return _position(node) > _position(other)
