# The modules of a package as syntax trees: what a name means, followed across imports. Nothing is executed.
# Owns: ast.parse and its dangers, import resolution, constants. Refuses to know: what an SDK is.
"""Names in the modules of a package, resolved statically."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from drift.errors import UsageError
from drift.model import JSON
from drift.surface.archive import Release

_LONGEST_CHAIN = 24
"""Hops from one import to the next before a name counts as unknown."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A name at the top of a module: its class, function or assigned expression."""

    module: Module
    name: str
    node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.expr

    @property
    def key(self) -> str:
        """A pointer that is unique in the package."""
        return f"{self.module.name}.{self.name}"


@dataclass(frozen=True, slots=True)
class External:
    """A name that comes from outside the package, such as "typing.List"; builtins have no dot."""

    name: str

    @property
    def last(self) -> str:
        """The part after the last dot."""
        return self.name.rpartition(".")[2]


Meaning: TypeAlias = "Definition | External | Module"


@dataclass(frozen=True, slots=True)
class _Import:
    module: str | None
    """Inside the package; None when outside."""
    name: str | None
    """None: the module itself."""
    outside: str = ""


@dataclass(eq=False)
class Module:
    """One parsed file."""

    package: Package
    name: str
    tree: ast.Module

    @cached_property
    def _symbols(self) -> dict[str, ast.AST | _Import]:
        found: dict[str, ast.AST | _Import] = {}
        for node in _statements(self.tree.body):
            match node:
                case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                    found[node.name] = node
                case ast.Assign():
                    for target in node.targets:
                        if isinstance(target, ast.Name):
                            found[target.id] = node.value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    found[name] = value
                case ast.Import():
                    for alias in node.names:
                        bound = alias.asname or alias.name.partition(".")[0]
                        found[bound] = _Import(None, None, alias.name if alias.asname else bound)
                case ast.ImportFrom():
                    self._add_imports(node, found)
        return found

    def _add_imports(self, node: ast.ImportFrom, found: dict[str, ast.AST | _Import]) -> None:
        source = self.package.imported(self.name, node)
        for alias in node.names:
            if alias.name == "*":
                continue
            if source is None:
                found[alias.asname or alias.name] = _Import(None, None, f"{node.module}.{alias.name}")
            else:
                found[alias.asname or alias.name] = _Import(source, alias.name)

    @cached_property
    def _stars(self) -> list[str]:
        nodes = (node for node in _statements(self.tree.body) if isinstance(node, ast.ImportFrom))
        stars = [node for node in nodes if any(alias.name == "*" for alias in node.names)]
        return [source for node in stars if (source := self.package.imported(self.name, node)) is not None]

    def definitions(self) -> Iterator[Definition]:
        """Yield what is defined here, imports left out, in order of the file."""
        for name, node in self._symbols.items():
            if not isinstance(node, _Import):
                yield Definition(self, name, node)  # type: ignore[arg-type]

    def lookup(self, name: str, depth: int = 0) -> Meaning | None:
        """Return what a name means here, or None when it is not bound."""
        found = self._symbols.get(name)
        if found is None:
            submodule = self.package.module(f"{self.name}.{name}" if self.name else name)
            if submodule is not None:
                return submodule
            for source in self._stars if depth < _LONGEST_CHAIN else ():
                module = self.package.module(source)
                if module is not None and (meaning := module.lookup(name, depth + 1)) is not None:
                    return meaning
            return None
        if not isinstance(found, _Import):
            if isinstance(found, ast.Name | ast.Attribute) and depth < _LONGEST_CHAIN:
                # `New = old.Name`: an alias that only renames is the thing itself.
                return self.meaning(found, depth + 1) or Definition(self, name, found)
            return Definition(self, name, found)  # type: ignore[arg-type]
        if found.module is None:
            return External(found.outside)
        return self._follow(found, depth) if depth < _LONGEST_CHAIN else None

    def _follow(self, found: _Import, depth: int) -> Meaning | None:
        assert found.module is not None
        assert found.name is not None
        source = self.package.module(found.module)
        if source is None:
            return self.package.module(f"{found.module}.{found.name}".lstrip("."))
        if source is self:
            inner = f"{found.module}.{found.name}".lstrip(".")
            return self.package.module(inner)
        return source.lookup(found.name, depth + 1)

    def meaning(self, node: ast.expr, depth: int = 0) -> Meaning | None:
        """Return what a name or dotted name means here; a name that nothing binds is taken for a builtin."""
        match node:
            case ast.Name(id=name):
                return self.lookup(name, depth) or External(name)
            case ast.Attribute(value=value, attr=attr):
                owner = self.meaning(value, depth)
                if isinstance(owner, Module):
                    return owner.lookup(attr, depth + 1)
                return External(f"{owner.name}.{attr}") if isinstance(owner, External) else None
        return None

    def constant(self, node: ast.expr | None, depth: int = 0) -> JSON:
        """Return the value of a constant expression, names followed; None when it has none that can be read."""
        match node:
            case ast.Constant(value=str() | int() | float() | bool() as value):
                return value
            case ast.JoinedStr(values=values):
                parts = [part.value for part in values if isinstance(part, ast.Constant)]
                return "".join(map(str, parts)) if len(parts) == len(values) else None
            case ast.Name() | ast.Attribute() if depth < _LONGEST_CHAIN:
                meaning = self.meaning(node)
                if isinstance(meaning, Definition) and isinstance(meaning.node, ast.expr):
                    return meaning.module.constant(meaning.node, depth + 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self.constant(operand, depth + 1)
                return -value if isinstance(value, int | float) else None
            case ast.BinOp(left=left, op=ast.Mult() | ast.Add() as op, right=right) if depth < _LONGEST_CHAIN:
                return _arithmetic(op, self.constant(left, depth + 1), self.constant(right, depth + 1))
        return None


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name, of a call that of what is called: `a.b.c(…)` is "c"; else nothing."""
    called = node.func if isinstance(node, ast.Call) else node
    return (
        called.attr
        if isinstance(called, ast.Attribute)
        else called.id
        if isinstance(called, ast.Name)
        else ""
    )


def unquoted(node: ast.expr) -> ast.expr:
    """Return the expression that stands in quotes, such as an annotation "Files"; any other is returned as it is."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return node
    return node


def _arithmetic(op: ast.operator, left: JSON, right: JSON) -> JSON:
    """Return a product or sum of small numbers, or joined strings; anything else, and anything large, has no value."""
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if numbers and max(abs(left), abs(right)) <= 10**12:
        return left * right if isinstance(op, ast.Mult) else left + right
    texts = isinstance(left, str) and isinstance(right, str)
    return left + right if texts and isinstance(op, ast.Add) else None


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module, those under `if` and `try` included: both branches name the same thing."""
    for node in body:
        yield node
        match node:
            case ast.If(body=inner, orelse=orelse):
                yield from _statements(orelse)
                yield from _statements(inner)
            case ast.Try(body=inner, handlers=handlers):
                for handler in handlers:
                    yield from _statements(handler.body)
                yield from _statements(inner)


@dataclass(eq=False)
class Package:
    """The modules of one release, parsed when they are first needed."""

    release: Release
    _parsed: dict[str, Module | None] = field(default_factory=dict)

    @property
    def names(self) -> Mapping[str, bytes]:
        """Module name → source."""
        return self.release.modules

    def module(self, name: str) -> Module | None:
        """Return a module by its name inside the package, or None when there is none.

        Raises:
            UsageError: its source cannot be parsed.
        """
        if name not in self._parsed:
            source = self.release.modules.get(name)
            self._parsed[name] = None if source is None else Module(self, name, self._parse(name, source))
        return self._parsed[name]

    def _parse(self, name: str, source: bytes) -> ast.Module:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # an invalid escape in a stranger's docstring is not our concern
                return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason = str(error) or type(error).__name__
            raise UsageError(
                f"{self.release.name} {self.release.version} is not read: its module {name or '__init__'} cannot be"
                f" parsed ({reason})",
                "read it with the newest Python, and see that the archive is sound",
            ) from None

    def imported(self, importer: str, node: ast.ImportFrom) -> str | None:
        """Return the module inside the package from which an import takes its names, or None when it is outside."""
        if node.level == 0:
            return self._own(node.module or "")
        parts = importer.split(".") if importer else []
        if importer not in self.release.packages and parts:
            parts = parts[:-1]
        up = node.level - 1
        if up > len(parts):
            return None
        base = parts[: len(parts) - up]
        return ".".join([*base, *([node.module] if node.module else [])])

    def _own(self, absolute: str) -> str | None:
        """Return an absolute import as a name inside the package: `anthropic.types` is `types`."""
        if absolute == self.release.root:
            return ""
        inside = absolute.removeprefix(f"{self.release.root}.")
        return inside if inside != absolute else None
