# Annotations of Python as types of the wire: what JSON may stand there, whatever the classes are called.
# Owns: typing's words, pydantic models, TypedDicts, enums, generics. Refuses to know: endpoints, verbs, paths.
"""Types of the wire, read from annotations.

A type is a JSON value, one of

- `{"type": "string" | "integer" | "number" | "boolean" | "null" | "binary" | "any"}`, with an optional `format`;
- `{"type": "array", "items": T}`, `{"type": "map", "values": T}`;
- `{"enum": [values…], "open": bool}`: open when any other string may stand there as well;
- `{"anyOf": [T…], "discriminator"?: field}`;
- `{"ref": key}`, which points into the definitions: `{"kind": "object", "fields": {wire name: {"type": T, "required":
  bool}}}` or `{"kind": "alias", "type": T}`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.canonical import canonical
from drift.errors import UsageError
from drift.surface.markers import (
    alias_in,
    alias_of_call,
    camel_case,
    discriminator_in,
    fallback_in,
    has_no_default,
    is_class_variable,
    is_dots,
    is_excluded,
    is_required,
)
from drift.surface.modules import Definition, External, Meaning, Module, Package, last_name
from drift.surface.type_words import (
    ABSENT,
    ANY,
    ENUMS,
    LISTS,
    MAPS,
    MODELS,
    NULL,
    OPEN_ENUMS,
    PLAIN,
    PLUMBING,
    STREAMS,
    THROUGH,
    TYPED_DICT,
    Type,
    alternatives,
    is_base,
    is_plumbing,
    is_type_variable,
    names_in,
    ordered,
    union,
    word_of,
)

_DEEPEST = 60
_LONGEST_ARGUMENTS = 4000
_MOST_DEFINITIONS = 60_000


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where an annotation stands: its module, and what its type variables stand for."""

    module: Module
    variables: Mapping[str, Type]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a class; `wire` is its name on the wire where the class gives another one than Python's."""

    type: Type
    required: bool
    wire: str | None
    annotation: ast.expr


@dataclass
class Types:
    """All types met while a package is read.

    Attributes:
        package: whose annotations are read.
        definitions: key → definition.
        unresolved: what could not be understood → how often.
        sources: key → the definition in the source.
    """

    package: Package
    definitions: dict[str, Type] = field(default_factory=dict)
    unresolved: Counter[str] = field(default_factory=Counter)
    sources: dict[str, Definition] = field(default_factory=dict)
    _waiting: list[tuple[str, Callable[[], Type]]] = field(default_factory=list)

    def of(self, module: Module, node: ast.expr | None, variables: Mapping[str, Type] | None = None) -> Type:
        """Return the type that an annotation in a module means; what is not understood is `any`, and counted."""
        if node is None:
            return ANY
        found = self._of(_Scope(module, variables or {}), node, 0) or ANY
        self._settle()
        return found

    def of_definition(self, definition: Definition) -> Type:
        """Return the type that a class or alias defines."""
        found = self._defined(definition, (), 0) or ANY
        self._settle()
        return found

    def _settle(self) -> None:
        """Build what was referred to: one definition after the other, so that long chains of classes nest no calls."""
        while self._waiting:
            if len(self.definitions) > _MOST_DEFINITIONS:
                release = self.package.release
                raise UsageError(
                    f"{release.name} {release.version} is not read: it refers to more than {_MOST_DEFINITIONS} types",
                    "see that the archive is sound",
                )
            key, build = self._waiting.pop()
            self.definitions[key] = build()

    def _unknown(self, what: str) -> Type:
        self.unresolved[what[:120]] += 1
        return ANY

    # ------------------------------------------------------------ expressions; None means "absent": Omit, NotGiven

    def _of(self, scope: _Scope, node: ast.expr, depth: int) -> Type | None:
        if depth > _DEEPEST:
            return self._unknown("nested too deeply")
        match node:
            case ast.Constant(value=None):
                return NULL
            case ast.Constant(value=str() as text):
                return self._quoted(scope, text, depth)
            case ast.BinOp(op=ast.BitOr()):
                return union(self._of(scope, part, depth + 1) for part in alternatives(node))
            case ast.Subscript(value=value, slice=inside):
                return self._subscript(scope, value, inside, depth)
            case ast.Name() | ast.Attribute():
                return self._named(scope, node, (), depth)
            case ast.Call(func=ast.Name(id="cast") | ast.Attribute(attr="cast"), args=[_, value]):
                return self._of(scope, value, depth + 1)
            case ast.Tuple() | ast.List():
                return ANY
        return self._unknown(ast.unparse(node))

    def _quoted(self, scope: _Scope, text: str, depth: int) -> Type | None:
        try:
            inner = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return self._unknown(text)
        return self._of(scope, inner, depth + 1)

    def _subscript(self, scope: _Scope, value: ast.expr, inside: ast.expr, depth: int) -> Type | None:
        parts = list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]
        meaning = scope.module.meaning(value)
        word = word_of(meaning, value)
        if word == "Literal":
            return self._literal(scope, parts)
        if word == "Optional":
            return union([self._of(scope, parts[0], depth + 1), NULL])
        if word == "Union":
            return union(self._of(scope, part, depth + 1) for part in parts)
        if word == "Annotated":
            return self._annotated(scope, parts, depth)
        if word in THROUGH:
            found = self._of(scope, parts[0], depth + 1)
            return union([found, NULL]) if word in {"OptionalNullable", "Nullable"} else found
        if word in LISTS or (word in STREAMS and not isinstance(meaning, Definition)):
            return {"type": "array", "items": self._of(scope, parts[0], depth + 1) or ANY}
        if word in STREAMS:
            return {"type": "stream", "items": self._of(scope, parts[0], depth + 1) or ANY}
        if word in {"Tuple", "tuple"}:
            return {
                "type": "array",
                "items": union(self._of(scope, part, depth + 1) for part in parts if not is_dots(part))
                or ANY,
            }
        if word in MAPS:
            return {"type": "map", "values": self._of(scope, parts[-1], depth + 1) or ANY}
        if word == "Callable":
            return ANY
        arguments = tuple(self._of(scope, part, depth + 1) or ANY for part in parts)
        return self._named(scope, value, arguments, depth)

    def _annotated(self, scope: _Scope, parts: list[ast.expr], depth: int) -> Type | None:
        found = self._of(scope, parts[0], depth + 1)
        fallback = next((name for part in parts[1:] if (name := fallback_in(part))), None)
        if found is not None and fallback is not None and "anyOf" in found:
            # A class for what the SDK does not know is no alternative of the wire.
            known = [part for part in found["anyOf"] if not str(part.get("ref")).endswith(f".{fallback}")]
            found = {"anyOf": known}
        declared = next((name for part in parts[1:] if (name := discriminator_in(scope.module, part))), None)
        if found is not None and declared is not None and "anyOf" in found:
            return {**found, "discriminator": declared}
        return found

    def _literal(self, scope: _Scope, parts: Iterable[ast.expr]) -> Type:
        values: list[Any] = []
        nullable = False
        for part in parts:
            if isinstance(part, ast.Constant) and part.value is None:
                nullable = True
            elif isinstance(part, ast.Subscript) or (value := scope.module.constant(part)) is None:
                inner = self._of(scope, part, 0) or {}
                values += inner.get("enum", [])
                if "enum" not in inner:
                    self._unknown(ast.unparse(part))
            else:
                values.append(value)
        found: Type = {"enum": ordered(values), "open": False}
        return union([found, NULL]) or ANY if nullable else found

    # ------------------------------------------------------------ names

    def _named(self, scope: _Scope, node: ast.expr, arguments: tuple[Type, ...], depth: int) -> Type | None:
        if isinstance(node, ast.Name) and node.id in scope.variables:
            return scope.variables[node.id]
        meaning = scope.module.meaning(node)
        word = word_of(meaning, node)
        if word in ABSENT:
            return None
        if isinstance(meaning, Definition) and not is_plumbing(meaning):
            return self._defined(meaning, arguments, depth)
        if word in PLUMBING:
            return PLUMBING[word]
        if word in {"type", "Callable", "TypeAlias", "ModuleType"}:
            return self._foreign(word)
        if word in PLAIN:
            return PLAIN[word]
        if isinstance(meaning, Definition):
            return self._defined(meaning, arguments, depth)
        if isinstance(meaning, External) and ("." in meaning.name or isinstance(node, ast.Attribute)):
            # A class of another library: an HTTP client, a generic alias. What it sends is not ours to know.
            return ANY if word in LISTS | MAPS | STREAMS | {"Callable", "Generator"} else self._foreign(word)
        return self._unknown(ast.unparse(node))

    def _foreign(self, word: str) -> Type:
        return {"type": "foreign", "name": word}

    def _defined(self, definition: Definition, arguments: tuple[Type, ...], depth: int) -> Type | None:
        node = definition.node
        if isinstance(node, ast.ClassDef):
            return self._class(definition, node, arguments, depth)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self._unknown(f"function {definition.name}")
        return self._assigned(definition, node, arguments, depth)

    def _assigned(
        self, definition: Definition, node: ast.expr, arguments: tuple[Type, ...], depth: int
    ) -> Type | None:
        scope = _Scope(definition.module, {})
        if isinstance(node, ast.Call):
            word = word_of(definition.module.meaning(node.func), node.func)
            if word == "TypeVar":
                return self._type_variable(scope, node, depth)
            if word == TYPED_DICT:
                return self._reference(definition, lambda: self._wired(definition, (), 0))
            if word == "TypeAliasType" and len(node.args) >= 2:
                return self._of(scope, node.args[1], depth + 1)
            if word == "NewType" and len(node.args) == 2:
                return self._of(scope, node.args[1], depth + 1)
            return self._unknown(ast.unparse(node))
        if arguments:
            names = [name for name in names_in(node) if is_type_variable(definition.module, name)]
            names = list(dict.fromkeys(names))
            scope = _Scope(definition.module, dict(zip(names, arguments, strict=False)))
            return self._of(scope, node, depth + 1)
        return self._reference(
            definition, lambda: {"kind": "alias", "type": self._of(scope, node, depth + 1) or ANY}
        )

    def _type_variable(self, scope: _Scope, node: ast.Call, depth: int) -> Type:
        for keyword in node.keywords:
            if keyword.arg == "bound":
                return self._of(scope, keyword.value, depth + 1) or ANY
        return ANY

    def _reference(self, definition: Definition, build: Callable[[], Type], suffix: str = "") -> Type:
        if len(suffix) > _LONGEST_ARGUMENTS:
            return self._unknown(f"{definition.name}[…]")
        key = definition.key + suffix
        if key not in self.definitions:
            self.definitions[key] = {"kind": "alias", "type": ANY}
            self.sources[key] = definition
            self._waiting.append((key, build))
        return {"ref": key}

    # ------------------------------------------------------------ classes

    def _class(
        self, definition: Definition, node: ast.ClassDef, arguments: tuple[Type, ...], depth: int
    ) -> Type | None:
        kind = self.kind(definition)
        if kind == "typed-dict" and (twin := self._twin(definition)) is not None:
            return self._defined(twin, arguments, depth)
        if kind == "enum":
            return self._enum(definition, node)
        if kind == "plain":
            base = next((part for part in self._bases(definition) if isinstance(part, External)), None)
            return PLAIN[base.last] if base is not None else ANY
        if kind not in {"typed-dict", "model", "dataclass"}:
            return self._foreign(definition.name)
        suffix = f"[{canonical(list(arguments))}]" if arguments else ""
        return self._reference(
            definition,
            lambda: self._wired(definition, arguments, depth),
            suffix,
        )

    def _twin(self, definition: Definition) -> Definition | None:
        """Return the model beside which a TypedDict is only another way to write it: `Part` for `PartDict`."""
        for suffix in ("TypedDict", "Dict"):
            name = definition.name.removesuffix(suffix)
            if name not in {definition.name, ""}:
                twin = definition.module.lookup(name)
                if isinstance(twin, Definition) and self.kind(twin) == "model":
                    return twin
        return None

    def kind(self, definition: Definition, depth: int = 0) -> str:
        """Return what sort of class it is: typed-dict, model, enum, dataclass, plain, or other."""
        node = definition.node
        if not isinstance(node, ast.ClassDef) or depth > _DEEPEST:
            return "other"
        found = "other"
        for base in self._bases(definition):
            if isinstance(base, External):
                word = base.last
                if word == TYPED_DICT:
                    return "typed-dict"
                if word in MODELS:
                    return "model"
                if word in ENUMS:
                    return "enum"
                if word in {"str", "int", "float"}:
                    found = "plain"
            elif isinstance(base, Definition):
                if base.name in ENUMS:
                    return "enum"
                if isinstance(base.node, ast.Call):
                    return "typed-dict"
                inner = self.kind(base, depth + 1)
                if inner != "other":
                    return inner
        if any(last_name(decorator) == "dataclass" for decorator in node.decorator_list):
            return "dataclass"
        return found

    def _bases(self, definition: Definition) -> Iterator[Meaning]:
        assert isinstance(definition.node, ast.ClassDef)
        for base in definition.node.bases:
            named = base.value if isinstance(base, ast.Subscript) else base
            meaning = definition.module.meaning(named)
            if meaning is not None:
                yield meaning

    def _enum(self, definition: Definition, node: ast.ClassDef) -> Type:
        values = [
            value
            for statement in node.body
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1
            if (value := definition.module.constant(statement.value)) is not None
        ]
        is_open = any(
            base.name in OPEN_ENUMS if isinstance(base, Definition) else base.last in OPEN_ENUMS
            for base in self._bases(definition)
            if isinstance(base, Definition | External)
        ) or any(isinstance(part, ast.FunctionDef) and part.name == "_missing_" for part in node.body)
        return self._reference(
            definition, lambda: {"kind": "alias", "type": {"enum": ordered(values), "open": is_open}}
        )

    def fields(self, definition: Definition) -> dict[str, Field]:
        """Return the fields of a class by their names in Python."""
        found = self._fields(definition, (), 0)
        self._settle()
        return found

    def _wired(self, definition: Definition, arguments: tuple[Type, ...], depth: int) -> Type:
        """Return a class as an object of the wire."""
        camel = self.is_camel(definition)
        return {
            "kind": "object",
            "fields": {
                field.wire or (camel_case(name) if camel else name): {
                    "type": field.type,
                    "required": field.required,
                }
                for name, field in self._fields(definition, arguments, depth).items()
            },
        }

    def is_camel(self, definition: Definition, depth: int = 0) -> bool:
        """Whether pydantic derives the wire names of a class: `alias_generator=to_camel` in it or in a base."""
        node = definition.node
        if not isinstance(node, ast.ClassDef) or depth > _DEEPEST:
            return False
        for statement in node.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                for keyword in statement.value.keywords:
                    if keyword.arg == "alias_generator":
                        return "camel" in ast.unparse(keyword.value)
        bases = (base for base in self._bases(definition) if isinstance(base, Definition))
        return any(self.is_camel(base, depth + 1) for base in bases)

    def _fields(self, definition: Definition, arguments: tuple[Type, ...], depth: int) -> dict[str, Field]:
        node = definition.node
        if isinstance(node, ast.Call):
            return self._functional(_Scope(definition.module, {}), node)
        if not isinstance(node, ast.ClassDef) or depth > _DEEPEST:
            return {}
        variables = dict(zip(self._parameters(definition, node), arguments, strict=False))
        scope = _Scope(definition.module, variables)
        found: dict[str, Field] = {}
        for base in node.bases:
            named, inside = (base.value, base.slice) if isinstance(base, ast.Subscript) else (base, None)
            meaning = definition.module.meaning(named)
            if isinstance(meaning, Definition) and meaning.node is not node and not is_base(meaning):
                parts = list(inside.elts) if isinstance(inside, ast.Tuple) else [inside] if inside else []
                given = tuple(self._of(scope, part, depth + 1) or ANY for part in parts)
                found.update(self._fields(meaning, given, depth + 1))
        typed_dict = self.kind(definition) == "typed-dict"
        total = not any(
            keyword.arg == "total"
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value is False
            for keyword in node.keywords
        )
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                annotation = statement.annotation
                if name.startswith("_") or name == "model_config" or is_class_variable(annotation):
                    continue
                if typed_dict:
                    required = is_required(annotation, total=total)
                else:
                    required = statement.value is None or has_no_default(statement.value)
                    if is_excluded(statement.value):
                        continue
                wire = alias_in(definition.module, annotation)
                wire = wire or alias_of_call(definition.module, statement.value)
                shape = self._of(scope, annotation, depth + 1) or ANY
                found[name] = Field(shape, required, wire, annotation)
        return found

    def _parameters(self, definition: Definition, node: ast.ClassDef) -> list[str]:
        """Return the names of a class's type variables, in the order in which they are given."""
        names: list[str] = []
        for base in node.bases:
            if isinstance(base, ast.Subscript):
                parts = list(base.slice.elts) if isinstance(base.slice, ast.Tuple) else [base.slice]
                of_base = [part.id for part in parts if isinstance(part, ast.Name)]
                of_base = [name for name in of_base if is_type_variable(definition.module, name)]
                generic = word_of(definition.module.meaning(base.value), base.value) in {
                    "Generic",
                    "Protocol",
                }
                if generic:
                    return of_base
                names += [name for name in of_base if name not in names]
        return names

    def _functional(self, scope: _Scope, node: ast.Call) -> dict[str, Field]:
        """Read `TypedDict("X", {"from": Required[…]}, total=False)`: the form for keys that are Python keywords."""
        total = not any(
            keyword.arg == "total"
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value is False
            for keyword in node.keywords
        )
        fields: dict[str, Field] = {}
        table = node.args[1] if len(node.args) > 1 else None
        if isinstance(table, ast.Dict):
            for key, value in zip(table.keys, table.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    shape = self._of(scope, value, 1) or ANY
                    required = is_required(value, total=total)
                    fields[key.value] = Field(shape, required, alias_in(scope.module, value), value)
        return fields

    def aliases(self, module: Module, node: ast.expr | None) -> dict[str, str]:
        """Return Python name → wire name of the keys of a TypedDict (or a union of several) that differ."""
        found: dict[str, str] = {}
        for definition in self._classes(module, node, 0):
            if isinstance(definition.node, ast.ClassDef):
                for statement in definition.node.body:
                    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                        wire = alias_in(definition.module, statement.annotation)
                        if wire is not None:
                            found[statement.target.id] = wire
        return found

    def _classes(self, module: Module, node: ast.expr | None, depth: int) -> Iterator[Definition]:
        """Yield the classes that an expression names, with their bases, unions taken apart."""
        if node is None or depth > _DEEPEST:
            return
        match node:
            case ast.IfExp(body=body, orelse=orelse):
                yield from self._classes(module, body, depth + 1)
                yield from self._classes(module, orelse, depth + 1)
            case ast.BinOp(op=ast.BitOr()):
                for part in alternatives(node):
                    yield from self._classes(module, part, depth + 1)
            case ast.Subscript(value=value, slice=inside):
                parts = list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]
                for part in (value, *parts):
                    yield from self._classes(module, part, depth + 1)
            case ast.Name() | ast.Attribute():
                meaning = module.meaning(node)
                if isinstance(meaning, Definition):
                    if isinstance(meaning.node, ast.ClassDef):
                        for base in meaning.node.bases:
                            yield from self._classes(meaning.module, base, depth + 1)
                        yield meaning
                    elif isinstance(meaning.node, ast.expr):
                        yield from self._classes(meaning.module, meaning.node, depth + 1)
