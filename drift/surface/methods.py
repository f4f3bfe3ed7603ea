# One method of an SDK: how its arguments and local names become a path, parameters, headers and an answer.
# Owns: following values through a method's body. Refuses to know: which calls are requests, resources, vendors.
"""What one method sends and gets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from drift.surface.annotations import Types
from drift.surface.document import Parameter
from drift.surface.modules import Module, last_name
from drift.surface.requests import Request
from drift.surface.type_words import ANY, Type, union

_EVERYWHERE = {"self", "extra_headers", "extra_query", "extra_body", "timeout"}
"""Arguments that every method has; they carry what the SDK does not know."""
_OPTIONS = {"options", "query", "headers", "extra_headers", "extra_query"}
_TELEMETRY = re.compile(r"x-stainless|^accept$|^content-type$|^user-agent$|idempotency", re.IGNORECASE)
_BETA_VALUE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*-20\d\d-\d\d-\d\d")
_HOPS = 4


class _Argument(NamedTuple):
    annotation: ast.expr | None
    required: bool


class Body:
    """One method: its arguments, its local names, and what they become on the wire."""

    def __init__(
        self,
        types: Types,
        module: Module,
        inner_module: Module,
        signature: ast.FunctionDef,
        function: ast.FunctionDef,
    ) -> None:
        self._types = types
        self._module = module
        self._inner = inner_module
        self._signature = signature
        self._locals = _assignments(function)
        self._arguments = _arguments(signature)
        self._function = function

    # ------------------------------------------------------------ path

    def path(self, call: Request) -> tuple[str | None, dict[str, str], bool]:
        """Return the path with parameters in braces, its fixed query, and whether only the server knows it."""
        text = self._path_text(call.path, 0)
        if text is None:
            routed = [
                value.value
                for keyword in _all_keywords(self._function)
                if keyword.arg
                and "route" in keyword.arg
                and isinstance(value := keyword.value, ast.Constant)
                and str(value.value).startswith("/")
            ]
            return (str(routed[0]) if routed else None), {}, True
        path, _, query = text.partition("?")
        pairs = [pair.partition("=") for pair in query.split("&") if pair]
        path = path if path.startswith("/") else f"/{path}"
        return path, {name: value for name, _, value in pairs}, False

    def _path_text(self, node: ast.expr, hop: int) -> str | None:
        if hop > _HOPS:
            return None
        match node:
            case ast.Constant(value=str() as text):
                return text
            case ast.JoinedStr(values=values):
                parts = [self._path_part(part, hop) for part in values]
                return None if None in parts else "".join(map(str, parts))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                first, second = self._path_text(left, hop + 1), self._path_text(right, hop + 1)
                second = second if second is not None else self._path_part(right, hop)
                return None if first is None or second is None else first + second
            case ast.Call(func=ast.Attribute(value=value, attr="format" | "format_map")):
                return self._path_text(value, hop + 1)
            case ast.Call(args=[first, *_]):
                return self._path_text(first, hop + 1)
            case ast.Call(func=ast.Attribute(attr=name), keywords=[_, *_] as keywords):
                return self._built_path(name, {word.arg: word.value for word in keywords}, hop + 1)
            case ast.IfExp(body=body):
                return self._path_text(body, hop + 1)
            case ast.Name(id=name) if name in self._locals and name not in self._arguments:
                return self._path_text(self._locals[name][0], hop + 1)
        found = self._inner.constant(node)
        return found if isinstance(found, str) else None

    def _built_path(self, name: str, given: Mapping[str | None, ast.expr], hop: int) -> str | None:
        """Return the first path that a method of the client makes of its named arguments: `f"/{version}/{path}"`."""
        package = self._types.package
        for module_name, source in sorted(package.names.items()):
            if f"def {name}(".encode() not in source or (module := package.module(module_name)) is None:
                continue
            for function in ast.walk(module.tree):
                if isinstance(function, ast.FunctionDef) and function.name == name:
                    returned = [
                        node.value
                        for node in ast.walk(function)
                        if isinstance(node, ast.Return) and isinstance(node.value, ast.JoinedStr)
                    ]
                    first = min(returned, key=lambda text: text.lineno, default=None)
                    return None if first is None else self._filled(first, given, hop)
        return None

    def _filled(self, text: ast.JoinedStr, given: Mapping[str | None, ast.expr], hop: int) -> str | None:
        parts = []
        for part in text.values:
            value = part.value if isinstance(part, ast.FormattedValue) else part
            argument = given.get(value.id) if isinstance(value, ast.Name) else None
            if isinstance(argument, ast.Constant | ast.JoinedStr):
                parts.append(self._path_text(argument, hop + 1))
            else:
                parts.append(self._path_part(argument or value, hop + 1))
        return None if None in parts else "".join(map(str, parts))

    def _path_part(self, node: ast.expr, hop: int) -> str | None:
        match node:
            case ast.FormattedValue(value=value):
                return self._path_part(value, hop + 1)
            case ast.Name(id=name):
                return f"{{{name}}}"
            case ast.Attribute(attr=attr):
                return f"{{{attr}}}"
            case ast.Call(args=[first, *_]):
                return self._path_part(first, hop + 1)
            case ast.Constant(value=str() as text):
                return text
        return None

    def qualifier(self, name: str) -> bool:
        """Whether the request carries a fixed query such as `qualifiers={"beta": "true"}`."""
        for keyword in _all_keywords(self._function):
            if keyword.arg in {"qualifiers", "query", "extra_query"} and isinstance(keyword.value, ast.Dict):
                for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                    if (
                        isinstance(key, ast.Constant)
                        and key.value == name
                        and isinstance(value, ast.Constant)
                    ):
                        return True
        return False

    # ------------------------------------------------------------ parameters

    def parameters(self, call: Request, path: str) -> dict[str, Parameter]:
        """Return place:wire name → parameter.

        Besides the places of the wire there are `inside` (an argument that only flows into the value of another one)
        and `client` (one that the SDK itself uses).
        """
        found: dict[str, Parameter] = {}
        used: set[str] = set()
        used_inside: set[str] = set()
        options = call.keywords.get("options")
        inner = (
            {keyword.arg: keyword.value for keyword in options.keywords if keyword.arg}
            if isinstance(options, ast.Call)
            else {}
        )
        if isinstance(options, ast.Name) and options.id in self._locals:
            built = self._locals[options.id][-1]
            if isinstance(built, ast.Call):
                inner = {keyword.arg: keyword.value for keyword in built.keywords if keyword.arg}
        for place, node in (
            ("body", call.keywords.get("body") or call.keywords.get("json")),
            ("body", call.keywords.get("files")),
            ("body", call.keywords.get("content")),
            ("query", inner.get("query") or call.keywords.get("query") or call.keywords.get("params")),
        ):
            if node is not None:
                self._collect(place, node, found, used, used_inside)
        for name, value in self._header_entries():
            self._add("header", name.lower(), value, found, used, set())
        template = set(re.findall(r"{(\w+)}", path))
        for name, argument in self._arguments.items():
            if name in used or name in _EVERYWHERE:
                continue
            place = "path" if name in template or self._in_path(call.path, name) else "client"
            if place == "client" and name in used_inside:
                place = "inside"
            found[f"{place}:{name}"] = self._parameter(name, argument)
        return found

    def _in_path(self, node: ast.expr, name: str) -> bool:
        return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))

    def _collect(
        self, place: str, node: ast.expr, found: dict[str, Parameter], used: set[str], inside: set[str]
    ) -> None:
        tables, shape = self._tables(node, 0)
        if not tables:
            # The whole body is one argument: `body=file`.
            names = [name for name in self._names_in(node, 0) if name not in _EVERYWHERE]
            for name in names:
                if name not in used:
                    used.add(name)
                    found[f"{place}:*"] = self._parameter(name, self._arguments[name])
            return
        aliases = self._types.aliases(self._inner, shape)
        for table in tables:
            for key, value in zip(table.keys, table.values, strict=True):
                if key is None:
                    self._collect(place, value, found, used, inside)
                elif isinstance(wire := self._inner.constant(key), str):
                    self._add(place, aliases.get(wire, wire), value, found, used, inside)

    def _tables(self, node: ast.expr, hop: int) -> tuple[list[ast.Dict], ast.expr | None]:
        """Return the dictionaries that an expression is made of, and the TypedDict that it is transformed by."""
        if hop > _HOPS:
            return [], None
        match node:
            case ast.Dict():
                return [node], None
            case ast.Await(value=value):
                return self._tables(value, hop)
            case ast.IfExp(body=body, orelse=orelse):
                first, shape = self._tables(body, hop + 1)
                second, other = self._tables(orelse, hop + 1)
                return first + second, shape or other
            case ast.Call(args=arguments):
                shape = arguments[1] if "transform" in last_name(node) and len(arguments) > 1 else None
                for argument in arguments:
                    tables, inner = self._tables(argument, hop + 1)
                    if tables:
                        return tables, shape or inner
                for keyword in node.keywords:
                    tables, inner = self._tables(keyword.value, hop + 1)
                    if tables and keyword.arg in {"body", "params", "data", "json"}:
                        return tables, shape or inner
                return [], shape
            case ast.Attribute(value=ast.Name() as value):
                return self._tables(value, hop + 1)
            case ast.Name(id=name) if name in self._locals:
                shape = None
                for value in self._locals[name]:
                    tables, inner = self._tables(value, hop + 1)
                    shape = shape or inner
                    if tables:
                        return tables, shape
        return [], None

    def _add(
        self,
        place: str,
        wire: str,
        value: ast.expr,
        found: dict[str, Parameter],
        used: set[str],
        inside: set[str],
    ) -> None:
        names = self._names_in(value, 0)
        if not names:
            return
        # Several arguments may flow into one value; the one of the same name is what goes over the wire.
        main = wire if wire in names else names[0]
        used.add(main)
        inside.update(names)
        found.setdefault(f"{place}:{wire}", self._parameter(main, self._arguments[main]))

    def _names_in(self, node: ast.expr, hop: int) -> list[str]:
        """Return the arguments that an expression depends on, through local names, nearest first."""
        found: list[str] = []
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                if part.id in self._arguments:
                    found.append(part.id)
                if part.id in self._locals and hop < 2:
                    for value in self._locals[part.id]:
                        found += self._names_in(value, hop + 1)
        return [name for name in dict.fromkeys(found) if name not in _EVERYWHERE]

    def _parameter(self, name: str, argument: _Argument) -> Parameter:
        shown: Type = self._types.of(self._module, argument.annotation)
        required = argument.required
        alternatives = _required_args(self._signature)
        if alternatives:
            required = required or all(name in names for names in alternatives)
        return {"required": required, "type": shown, "argument": name}

    # ------------------------------------------------------------ headers

    def _header_entries(self) -> Iterator[tuple[str, ast.expr]]:
        """Yield the headers that the method sets: entries of dictionaries that become `extra_headers`."""
        for name in ("extra_headers", "headers"):
            for value in self._locals.get(name, ()):
                yield from self._entries(value, 0)
        for keyword in _all_keywords(self._function):
            if keyword.arg in {"extra_headers", "headers"}:
                yield from self._entries(keyword.value, 0)

    def _entries(self, node: ast.expr, hop: int) -> Iterator[tuple[str, ast.expr]]:
        if hop > _HOPS:
            return
        match node:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if key is None:
                        yield from self._entries(value, hop + 1)
                    elif isinstance(name := self._inner.constant(key), str) and not _TELEMETRY.search(name):
                        yield name, value
            case ast.Call(args=arguments):
                for argument in arguments:
                    yield from self._entries(argument, hop + 1)

    def sent(self) -> dict[str, list[str]]:
        """Return the headers that go out unasked: name → fixed values."""
        found: dict[str, set[str]] = {}
        for name, value in self._header_entries():
            whole = self._inner.constant(value)
            if isinstance(whole, str):
                values = {whole}
            else:
                texts = [
                    part.value
                    for part in ast.walk(value)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
                values = {match for text in texts for match in _BETA_VALUE.findall(text)}
            if values:
                found.setdefault(name.lower(), set()).update(values)
        return {name: sorted(values) for name, values in sorted(found.items())}

    # ------------------------------------------------------------ answers

    def response(self, call: Request) -> Type:
        """Return the type of the answer."""
        page = call.keywords.get("page")
        if page is not None:
            return self._types.of(self._inner, page)
        cast_to = call.keywords.get("cast_to")
        node = self._class_of(cast_to)
        if node is not None:
            found = self._types.of(self._inner, node)
            if found.get("type") not in {"foreign", "any"}:
                return found
        returns = self._signature.returns
        found = self._types.of(self._module, returns) if returns is not None else ANY
        parts = found.get("anyOf", [found])
        return union(part for part in parts if part.get("type") not in {"stream", "foreign"}) or ANY

    def _class_of(self, node: ast.expr | None) -> ast.expr | None:
        """Return the class behind `cast_to`: inside `cast(…)`, never a call that chooses one at run time."""
        match node:
            case ast.Call(func=func, args=[_, inner]) if last_name(func) == "cast":
                return self._class_of(inner)
            case ast.Call() | None:
                return None
        return node

    def stream(self, call: Request) -> Type | None:
        """Return the type of one event of the streamed answer, or None when it cannot be streamed."""
        stream = call.keywords.get("stream_cls")
        if isinstance(stream, ast.Subscript):
            return self._types.of(self._inner, stream.slice)
        return None


def _assignments(function: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    """Return local name → the expressions assigned to it, in order of the source."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        found.setdefault(target.id, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.setdefault(name, []).append(value)
    return found


def _arguments(function: ast.FunctionDef) -> dict[str, _Argument]:
    """Return the arguments of a method but `self`, in order."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args][1:]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    found = {
        argument.arg: _Argument(argument.annotation, default is None)
        for argument, default in zip(
            positional, defaults[-len(positional) :] if positional else [], strict=True
        )
    }
    for argument, given in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found[argument.arg] = _Argument(argument.annotation, given is None)
    return found


def _required_args(function: ast.FunctionDef) -> list[set[str]]:
    """Return the sets of arguments of which one has to be given whole: `@required_args(["a"], ["a", "b"])`."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and last_name(decorator) == "required_args":
            return [
                {str(part.value) for part in argument.elts if isinstance(part, ast.Constant)}
                for argument in decorator.args
                if isinstance(argument, ast.List)
            ]
    return []


def _all_keywords(function: ast.FunctionDef) -> Iterator[ast.keyword]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield from node.keywords
