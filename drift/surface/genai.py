# The manner of google-genai: two backends in one method, converters that write the wire names, one module of types.
# Owns: how a converter says what goes where. Refuses to know: the other generators of the same package.
"""Endpoints of an SDK that converts its arguments by functions, once for each backend."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.surface.annotations import Field, Types
from drift.surface.document import Endpoints, Method, Parameter, blanked
from drift.surface.markers import camel_case
from drift.surface.modules import Definition, Module, Package, last_name
from drift.surface.type_words import ANY, Type

BACKENDS = {False: "developer", True: "vertex"}
"""By whether the condition on `vertexai` holds."""
MARK = b"_api_client.request"
_CONVERTER = re.compile(r"_(\w+?)_to_(?:mldev|vertex)(?:_\w+)?$")
_PLACES = {"_url": "path", "_query": "query", "_headers": "header"}


def read_endpoints(package: Package, types: Types) -> Endpoints:
    """Return the endpoints that the package's modules call for each backend."""
    names = _client_names(package)
    reader = _Reader(package, types)
    for module_name, source in sorted(package.names.items()):
        if MARK not in source or "." in module_name or module_name.startswith("_"):
            continue
        module = package.module(module_name)
        for definition in module.definitions() if module else ():
            if isinstance(definition.node, ast.ClassDef) and not definition.name.startswith("Async"):
                prefix = names.get(definition.key, module_name)
                for function in definition.node.body:
                    if isinstance(function, ast.FunctionDef):
                        reader.method(definition, function, prefix)
    return reader.endpoints


def _client_names(package: Package) -> dict[str, str]:
    """Return key of a class → the name under which the client offers it."""
    found: dict[str, str] = {}
    module = package.module("client")
    for definition in module.definitions() if module else ():
        if definition.name == "Client" and isinstance(definition.node, ast.ClassDef):
            for statement in definition.node.body:
                if isinstance(statement, ast.FunctionDef) and statement.returns is not None:
                    meaning = definition.module.meaning(statement.returns)
                    if isinstance(meaning, Definition):
                        found[meaning.key] = statement.name
    return found


@dataclass
class _Converted:
    """What a converter writes: into its own object, and into that of its caller."""

    own: dict[str, Parameter] = field(default_factory=dict)
    parent: dict[str, Parameter] = field(default_factory=dict)


@dataclass
class _Reader:
    package: Package
    types: Types
    endpoints: Endpoints = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    _converted: dict[str, _Converted] = field(default_factory=dict)

    def method(self, owner: Definition, function: ast.FunctionDef, prefix: str) -> None:
        """Read what a method requests, if anything."""
        call = next(_requests(function), None)
        if call is None:
            return
        verb, streamed = call
        name = f"{prefix}.{function.name.lstrip('_')}"
        for vertex, statements in _branches(function):
            paths = list(dict.fromkeys(_paths(statements)))
            converter = _converter_in(owner.module, statements)
            for path in paths:
                self._add(owner, function, verb, path, BACKENDS[vertex], name, converter, streamed=streamed)
            if not paths:
                self.types.unresolved[f"path of {name}"] += 1

    def _add(
        self,
        owner: Definition,
        function: ast.FunctionDef,
        verb: str,
        path: str,
        backend: str,
        name: str,
        converter: Definition | None,
        *,
        streamed: bool,
    ) -> None:
        key = f"{verb} {_whole(path)}"
        key = self._keys.setdefault(blanked(key), key)
        returns = self.types.of(owner.module, function.returns) if function.returns is not None else ANY
        if returns.get("type") in {"array", "stream"} and streamed:
            returns = returns["items"]
        method: Method = {
            "params": self._parameters(function, converter, path),
            "response": returns,
            "stream": returns if streamed else None,
            "sent": {},
            "deprecated": None,
            "raises": [],
            "runtime_path": False,
        }
        self.endpoints.setdefault(key, {}).setdefault(backend, {})[name] = method

    def _parameters(
        self, function: ast.FunctionDef, converter: Definition | None, path: str
    ) -> dict[str, Parameter]:
        arguments = [*function.args.args[1:], *function.args.kwonlyargs]
        defaults = [*function.args.defaults, *(default for default in function.args.kw_defaults if default)]
        required = {argument.arg for argument in arguments[: len(arguments) - len(defaults)]}
        found: dict[str, Parameter] = {}
        written = self._nested(converter.key, self._convert(converter).own) if converter is not None else {}
        for key, parameter in written.items():
            first = parameter["argument"].partition(".")[0]
            found[key] = {**parameter, "required": first in required and "." not in parameter["argument"]}
        for name in re.findall(r"{(\w+)}", path):
            if name != "api_version":
                found.setdefault(
                    f"path:{name}", {"required": True, "type": {"type": "string"}, "argument": name}
                )
        return found

    def _nested(self, owner: str, flat: Mapping[str, Parameter]) -> dict[str, Parameter]:
        """Put what is written to `a.b` and `a.c` into one object `a`, as it travels."""
        found: dict[str, Parameter] = {}
        inner: dict[str, dict[str, Parameter]] = {}
        for key, parameter in flat.items():
            head, dot, rest = key.partition(".")
            if dot:
                inner.setdefault(head, {})[f"body:{rest}"] = parameter
            else:
                found[key] = parameter
        for head, parts in inner.items():
            is_list = head.endswith("[]")
            name = f"converted.{owner}.{head}"
            below = self._nested(name, parts)
            fields = {
                key.partition(":")[2]: {"type": one["type"], "required": False} for key, one in below.items()
            }
            whole = found.get(head.removesuffix("[]"))
            if whole is not None and "ref" in whole["type"]:
                # Both the whole object and some of its fields are written: it holds all of them.
                definition = self.types.definitions[whole["type"]["ref"]]
                fields = {**definition.get("fields", {}), **fields}
            self.types.definitions[name] = {"kind": "object", "fields": fields}
            shape: Type = {"type": "array", "items": {"ref": name}} if is_list else {"ref": name}
            argument = whole["argument"] if whole is not None else next(iter(parts.values()))["argument"]
            found[head.removesuffix("[]")] = {"required": False, "type": shape, "argument": argument}
        return found

    # ------------------------------------------------------------ converters

    def _convert(self, converter: Definition) -> _Converted:
        """Return what a converter writes; one that is being read already writes nothing more."""
        key = converter.key
        if key not in self._converted:
            self._converted[key] = _Converted()
            assert isinstance(converter.node, ast.FunctionDef)
            fields = self._source_fields(converter)
            for statement in converter.node.body:
                self._statement(converter, statement, fields, self._converted[key])
        return self._converted[key]

    def _source_fields(self, converter: Definition) -> Mapping[str, Field]:
        """Return the fields of the class that a converter takes, which its name tells."""
        match = _CONVERTER.fullmatch(converter.name)
        types = self.package.module("types")
        for name in (match[1], f"_{match[1]}") if match and types else ():
            assert types is not None
            meaning = types.lookup(name)
            if isinstance(meaning, Definition) and isinstance(meaning.node, ast.ClassDef):
                return self.types.fields(meaning)
        return {}

    def _statement(
        self, converter: Definition, statement: ast.stmt, fields: Mapping[str, Field], into: _Converted
    ) -> None:
        match statement:
            case ast.If(body=body, orelse=orelse):
                for inner in (*body, *orelse):
                    self._statement(converter, inner, fields, into)
            case ast.Expr(value=ast.Call() as call) if last_name(call) == "setv" and len(call.args) == 3:
                self._set(converter, call, fields, into)
            case ast.Expr(value=ast.Call() as call):
                self._merge(converter, call, into)

    def _set(
        self, converter: Definition, call: ast.Call, fields: Mapping[str, Field], into: _Converted
    ) -> None:
        """Read `setv(to_object, ["generationConfig", "topP"], value)`."""
        target, keys, value = call.args
        steps = [str(part) for part in _constants(keys)]
        if not steps:
            return
        place = _PLACES.get(steps[0], "body")
        wire = ".".join(steps[1:] if steps[0] in _PLACES else steps).replace("[0]", "[]")
        source = _source(value)
        shape: Type = fields[source[0]].type if source and source[0] in fields else ANY
        inner = next(_converter_calls(converter.module, value), None)
        if inner is not None:
            called, arguments = inner
            shape = self._object_of(called)
            if any(isinstance(part, ast.ListComp) for part in ast.walk(value)):
                shape = {"type": "array", "items": shape}
            self._pass_up(called, arguments, into, "")
        side = into.parent if isinstance(target, ast.Name) and target.id == "parent_object" else into.own
        argument = ".".join(source) or camel_case(wire)
        side[f"{place}:{wire}"] = {"required": False, "type": shape, "argument": argument}

    def _merge(self, converter: Definition, call: ast.Call, into: _Converted) -> None:
        """Read `_XConfig_to_mldev(getv(from_object, ["config"]), to_object)`: it writes into our object."""
        for called, arguments in _converter_calls(converter.module, call):
            source = _source(call)
            self._pass_up(called, arguments, into, ".".join(source))

    def _pass_up(self, called: Definition, arguments: ast.Call, into: _Converted, above: str) -> None:
        written = self._convert(called).parent
        given = _argument(called, arguments, "parent_object")
        if not isinstance(given, ast.Name):
            return
        side = into.parent if given.id == "parent_object" else into.own
        for key, parameter in written.items():
            argument = f"{above}.{parameter['argument']}" if above else f"config.{parameter['argument']}"
            side.setdefault(key, {**parameter, "argument": argument})

    def _object_of(self, converter: Definition) -> Type:
        """Return the object that a converter builds, as a definition of its own."""
        key = f"converted.{converter.key}"
        if key not in self.types.definitions:
            self.types.definitions[key] = {"kind": "object", "fields": {}}
            self.types.definitions[key]["fields"] = {
                name.partition(":")[2]: {"type": parameter["type"], "required": False}
                for name, parameter in self._nested(converter.key, self._convert(converter).own).items()
                if name.startswith("body:")
            }
        return {"ref": key}


def read_client(package: Package) -> dict[str, Any]:
    """Return the address, the version of the API and the headers with a key that the client uses by default.

    Each backend has its own address and version; the environment is taken to say nothing.
    """
    found: dict[str, Any] = {"api_versions": {}}
    module = package.module("_api_client")
    for definition in module.definitions() if module else ():
        if isinstance(definition.node, ast.ClassDef):
            for function in definition.node.body:
                if isinstance(function, ast.FunctionDef) and function.name == "__init__":
                    _defaults(definition.module, function, found)
            found["auth"] = sorted({*found.get("auth", ()), *_key_headers(definition.node)})
    return found


def _defaults(module: Module, function: ast.FunctionDef, found: dict[str, Any]) -> None:
    unset = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and "environ" in ast.unparse(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def visit(statements: list[ast.stmt], vertex: bool | None) -> None:
        for statement in statements:
            match statement:
                case ast.If(test=test, body=body, orelse=orelse):
                    holds = _asks_for_vertex(test)
                    visit(body, vertex if holds is None else holds)
                    visit(orelse, vertex if holds is None else not holds)
                case ast.Assign(targets=[ast.Attribute(attr="api_version")], value=value):
                    version = _value(module, value, unset)
                    if vertex is not None and isinstance(version, str):
                        found["api_versions"][BACKENDS[vertex]] = version
                case ast.Assign(targets=[ast.Attribute(attr="base_url")], value=value):
                    address = module.constant(value)
                    if vertex is False and isinstance(address, str):
                        found["base_url"] = address

    visit(function.body, None)


def _value(module: Module, node: ast.expr, unset: set[str]) -> Any:
    """Return what an expression is when the environment says nothing; None also stands for unknown."""
    match node:
        case ast.Name(id=name) if name in unset:
            return None
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(module, body if _value(module, test, unset) else orelse, unset)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(module, operand, unset)
        case ast.BoolOp(op=op, values=values):
            answers = [_value(module, value, unset) for value in values]
            wanted = [answer for answer in answers if bool(answer) is isinstance(op, ast.Or)]
            return wanted[0] if wanted else answers[-1]
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            return _value(module, left, unset) == _value(module, right, unset)
    return module.constant(node)


def _key_headers(node: ast.ClassDef) -> Iterator[str]:
    """Yield the headers into which a key or token is written: `headers["x-goog-api-key"] = self.api_key`."""
    for part in ast.walk(node):
        if (
            isinstance(part, ast.Assign)
            and len(part.targets) == 1
            and isinstance(part.targets[0], ast.Subscript)
        ):
            key = part.targets[0].slice
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                value = ast.unparse(part.value)
                if "Bearer" in value and key.value.lower() == "authorization":
                    yield "Authorization: Bearer"
                elif "api_key" in value:
                    yield key.value


def _requests(function: ast.FunctionDef) -> Iterator[tuple[str, bool]]:
    """Yield the verb of each request of a method, and whether its answer is streamed."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner = node.func.value
            through = isinstance(owner, ast.Attribute) and owner.attr == "_api_client"
            verb = node.args[0]
            if (
                through
                and node.func.attr in {"request", "request_streamed"}
                and isinstance(verb, ast.Constant)
            ):
                yield str(verb.value).upper(), node.func.attr == "request_streamed"


def _branches(function: ast.FunctionDef) -> Iterator[tuple[bool, list[ast.stmt]]]:
    """Yield the statements that hold for each backend: (whether it is vertex, statements).

    A backend whose branch only raises is not supported. Without a condition a method serves both.
    """
    shared: list[ast.stmt] = []
    sides: dict[bool, list[ast.stmt]] = {False: [], True: []}
    refused: set[bool] = set()
    for statement in function.body:
        holds = _asks_for_vertex(statement.test) if isinstance(statement, ast.If) else None
        if holds is None:
            shared.append(statement)
            continue
        assert isinstance(statement, ast.If)
        for vertex, body in ((holds, statement.body), (not holds, statement.orelse)):
            sides[vertex] += body
            if any(isinstance(part, ast.Raise) for part in body):
                refused.add(vertex)
    for vertex, statements in sides.items():
        if vertex not in refused:
            yield vertex, statements if list(_paths(statements)) else [*statements, *shared]


def _asks_for_vertex(test: ast.expr) -> bool | None:
    """Return whether a condition is true for the vertex backend; None when it asks something else."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _asks_for_vertex(test.operand)
        return None if inner is None else not inner
    return True if isinstance(test, ast.Attribute) and test.attr == "vertexai" else None


def _paths(statements: list[ast.stmt]) -> Iterator[str]:
    """Yield the paths that are assigned in statements; what only adds a query is none."""
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == "path" for target in node.targets
            ):
                yield from _path_texts(node.value, statements)


def _path_texts(node: ast.expr, statements: list[ast.stmt]) -> Iterator[str]:
    """Yield the paths that an expression may be; a local name stands for all that is assigned to it."""
    named = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
    if isinstance(named, ast.Name):
        for statement in statements:
            for part in ast.walk(statement):
                if isinstance(part, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id == named.id for target in part.targets
                ):
                    yield from filter(None, map(_path_text, _alternatives(part.value)))
    else:
        yield from filter(None, map(_path_text, _alternatives(node)))


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what an expression may be: both sides of a condition."""
    if isinstance(node, ast.IfExp):
        yield from _alternatives(node.body)
        yield from _alternatives(node.orelse)
    else:
        yield node


def _path_text(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str() as text):
            return text.replace("{{", "{").replace("}}", "}").partition("?")[0]
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()) as inner, attr="format_map")):
            return _path_text(inner)
        case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Name(id="path")), *_]):
            return None
        case ast.JoinedStr(values=values):
            parts = [
                part.value
                if isinstance(part, ast.Constant)
                else f"{{{last_name(part.value)}}}"
                if isinstance(part, ast.FormattedValue)
                else ""
                for part in values
            ]
            return "".join(map(str, parts)).partition("?")[0]
    return None


def _whole(path: str) -> str:
    """Return a path with the version of the API that the client puts in front of it."""
    return f"/{path}" if path.startswith("upload/") else f"/{{api_version}}/{path}"


def _constants(node: ast.expr) -> list[Any]:
    return (
        [part.value for part in node.elts if isinstance(part, ast.Constant)]
        if isinstance(node, ast.List)
        else []
    )


def _source(value: ast.expr) -> list[str]:
    """Return the path that a value is taken from: `getv(from_object, ["config", "top_p"])`."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and last_name(node) == "getv" and len(node.args) >= 2:
            return [str(part) for part in _constants(node.args[1])]
    return []


def _converter_calls(module: Module, node: ast.AST) -> Iterator[tuple[Definition, ast.Call]]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and _CONVERTER.fullmatch(last_name(part)):
            meaning = module.meaning(part.func)
            if isinstance(meaning, Definition) and isinstance(meaning.node, ast.FunctionDef):
                yield meaning, part


def _converter_in(module: Module, statements: list[ast.stmt]) -> Definition | None:
    for statement in statements:
        for called, _ in _converter_calls(module, statement):
            return called
    return None


def _argument(called: Definition, call: ast.Call, name: str) -> ast.expr | None:
    """Return what a call gives for a parameter of the called function."""
    assert isinstance(called.node, ast.FunctionDef)
    names = [argument.arg for argument in called.node.args.args]
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    position = names.index(name) if name in names else len(call.args)
    return call.args[position] if position < len(call.args) else None
