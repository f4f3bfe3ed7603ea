# SDKs in the manner of Stainless: a client, a tree of resources, one method per endpoint that calls a verb.
# Owns: how a method's body says verb, path, parameters and what it sends. Refuses to know: names of vendors' resources.
"""Endpoints of an SDK that was generated in the manner of Stainless (anthropic, openai, llama-api-client, …)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from drift.surface.annotations import ANY, Type, Types, union
from drift.surface.document import Endpoints, Method, Parameter, blanked
from drift.surface.modules import Definition, Module, Package, last_name

_VERBS = {
    "post": "POST", "get": "GET", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "head": "HEAD",
    "options": "OPTIONS", "get_api_list": "GET", "request_api_list": "GET",
}  # fmt: skip
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
_EVERYWHERE = {"self", "extra_headers", "extra_query", "extra_body", "timeout"}
"""Arguments that every method has; they carry what the SDK does not know."""
_OPTIONS = {"options", "query", "headers", "extra_headers", "extra_query"}
_WRAPPERS = ("with_", "WithRawResponse", "WithStreamingResponse")
_TELEMETRY = re.compile(r"x-stainless|^accept$|^content-type$|^user-agent$|idempotency", re.IGNORECASE)
_BETA_VALUE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*-20\d\d-\d\d-\d\d")
_HOPS = 4


def read_endpoints(package: Package, types: Types, client: Definition | None) -> Endpoints:
    """Return every endpoint that the resources of a client can call.

    Args:
        package: the SDK.
        types: takes the types that are met.
        client: class of the synchronous client; resources that it does not lead to are read all the same.
    """
    reader = _Reader(package, types)
    if client is not None:
        reader.resource(client, "")
    for module_name in sorted(package.names):
        if module_name.split(".")[0] == "resources":
            module = package.module(module_name)
            for definition in module.definitions() if module else ():
                if _is_resource(definition) and definition.key not in reader.seen:
                    reader.resource(definition, _prefix(module_name))
    return reader.endpoints


def _prefix(module_name: str) -> str:
    parts = module_name.split(".")[1:]
    return ".".join(part for number, part in enumerate(parts) if number == 0 or part != parts[number - 1])


def _is_resource(definition: Definition) -> bool:
    """Whether a class is a synchronous resource: the asynchronous twin says the same, the wrappers say nothing."""
    node = definition.node
    if not isinstance(node, ast.ClassDef) or _is_twin(definition.name):
        return False
    return any("APIResource" in ast.unparse(base) for base in node.bases) or any(
        isinstance(statement, ast.FunctionDef) and any(_calls(statement, _self_name(statement)))
        for statement in node.body
    )


def _is_twin(name: str) -> bool:
    return name.startswith("Async") or any(part in name for part in _WRAPPERS)


@dataclass
class _Reader:
    package: Package
    types: Types
    endpoints: Endpoints = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    _keys: dict[str, str] = field(default_factory=dict)

    def resource(self, definition: Definition, prefix: str, depth: int = 0) -> None:
        """Read the methods of a resource, then those of the resources below it."""
        if definition.key in self.seen or depth > 12:
            return
        self.seen.add(definition.key)
        methods = list(_functions(definition))
        for owner, function in methods:
            name = f"{prefix}.{function.name}" if prefix else function.name
            for call in _requests(owner, function):
                self._method(owner, function, call, name, methods)
        for name, child in _children(definition):
            self.resource(child, f"{prefix}.{name}" if prefix else name, depth + 1)

    def _method(
        self,
        owner: Definition,
        function: ast.FunctionDef,
        call: _Request,
        name: str,
        methods: Sequence[tuple[Definition, ast.FunctionDef]],
    ) -> None:
        body = _Body(self.types, owner.module, call.module, function, call.function)
        path, query, runtime = body.path(call)
        if path is None:
            path = _sibling_path(self.types, methods, function.name)
            runtime = True
        if path is None:
            self.types.unresolved[f"path of {name}"] += 1
            return
        beta = name.split(".", maxsplit=1)[0] == "beta" or "beta" in query or body.qualifier("beta")
        key = f"{call.verb} {path}"
        key = self._keys.setdefault(blanked(key), key)
        method: Method = {
            "params": body.parameters(call, path),
            "response": body.response(call),
            "stream": body.stream(call),
            "sent": body.sent(),
            "deprecated": _deprecated(owner.module, function),
            "raises": _raises(function),
            "runtime_path": runtime,
        }
        tiers = self.endpoints.setdefault(key, {})
        known = tiers.setdefault("beta" if beta else "ga", {})
        known[name] = _merged(known[name], method) if name in known else method


def _merged(one: Method, other: Method) -> Method:
    """Join two ways in which one method calls one endpoint."""
    params = {**other["params"], **one["params"]}
    responses = union([one["response"], other["response"]])
    return {
        **one,
        "params": params,
        "response": responses or ANY,
        "stream": one["stream"] or other["stream"],
        "sent": {**other["sent"], **one["sent"]},
    }


# ---------------------------------------------------------------- the tree of resources


def _functions(definition: Definition, depth: int = 0) -> Iterator[tuple[Definition, ast.FunctionDef]]:
    """Yield the public methods of a class, those of its bases in the package included, with the class of each."""
    node = definition.node
    if not isinstance(node, ast.ClassDef) or depth > 6:
        return
    own = set()
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and not _is_overload(statement):
            own.add(statement.name)
            if not statement.name.startswith("_") and not _is_property(statement):
                yield definition, statement
    for base in node.bases:
        meaning = definition.module.meaning(base.value if isinstance(base, ast.Subscript) else base)
        if isinstance(meaning, Definition) and not meaning.module.name.startswith("_"):
            for owner, function in _functions(meaning, depth + 1):
                if function.name not in own:
                    own.add(function.name)
                    yield owner, function


def _children(definition: Definition) -> Iterator[tuple[str, Definition]]:
    """Yield the resources below a resource or client: properties, annotations and assignments that name their class."""
    node = definition.node
    if not isinstance(node, ast.ClassDef):
        return
    found: dict[str, Definition] = {}
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name="__init__"):
                for inner in ast.walk(statement):
                    if isinstance(inner, ast.Assign) and isinstance(inner.value, ast.Call):
                        for target in inner.targets:
                            if isinstance(target, ast.Attribute):
                                _add_child(found, definition.module, target.attr, inner.value.func)
            case ast.FunctionDef(name=name, returns=ast.expr() as returns) if _is_property(statement):
                _add_child(found, definition.module, name, returns)
            case ast.FunctionDef(name=name) if _is_property(statement):
                for inner in ast.walk(statement):
                    if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Call):
                        _add_child(found, definition.module, name, inner.value.func)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                _add_child(found, definition.module, name, annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[ast.expr() as first, *_])):
                _add_child(found, definition.module, name, first)
    yield from found.items()


def _add_child(found: dict[str, Definition], module: Module, name: str, node: ast.expr) -> None:
    if name.startswith(("_", "with_")) or name in found:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
    meaning = module.meaning(node)
    if (
        isinstance(meaning, Definition)
        and isinstance(meaning.node, ast.ClassDef)
        and not _is_twin(meaning.name)
    ):
        in_resources = meaning.module.name.split(".")[0] in {"resources", "resource"}
        if in_resources or _is_resource(meaning):
            found[name] = meaning


def _is_property(function: ast.FunctionDef) -> bool:
    return any("property" in last_name(decorator) for decorator in function.decorator_list)


def _is_overload(function: ast.FunctionDef) -> bool:
    return any(last_name(decorator) == "overload" for decorator in function.decorator_list)


# ---------------------------------------------------------------- requests in a method's body


class _Request(NamedTuple):
    """One call of a verb: where it stands, its path and its keywords."""

    verb: str
    path: ast.expr
    keywords: Mapping[str, ast.expr]
    function: ast.FunctionDef
    module: Module


def _self_name(function: ast.FunctionDef) -> str:
    arguments = [*function.args.posonlyargs, *function.args.args]
    return arguments[0].arg if arguments else ""


def _requests(owner: Definition, function: ast.FunctionDef) -> Iterator[_Request]:
    """Yield the requests that a method makes itself, or lets a function of the package make for it."""
    found = list(_calls(function, _self_name(function)))
    for verb, path, keywords in found:
        yield _Request(verb, path, keywords, function, owner.module)
    if found:
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and node.args and _is_name(node.args[0], _self_name(function)):
            meaning = owner.module.meaning(node.func)
            if isinstance(meaning, Definition) and isinstance(meaning.node, ast.FunctionDef):
                for verb, path, keywords in _calls(meaning.node, _self_name(meaning.node)):
                    yield _Request(verb, path, keywords, meaning.node, meaning.module)


def _calls(
    function: ast.FunctionDef, self_name: str
) -> Iterator[tuple[str, ast.expr, Mapping[str, ast.expr]]]:
    """Yield verb, path and keywords of every request in a function.

    A request is a verb of the client (`self._post(path, …)`), the same handed on (`partial(self._post, path, …)`), or
    any call, also in a decorator, that is given a method of HTTP and a path.
    """
    nodes = [part for decorator in function.decorator_list for part in ast.walk(decorator)]
    nodes += [part for statement in function.body for part in ast.walk(statement)]
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        positional: Sequence[ast.expr] = node.args
        verb = _verb(node.func, self_name)
        if verb is None and positional:
            verb = _verb(positional[0], self_name)
            positional = positional[1:] if verb else positional
        if verb is None:
            verb, positional = _spelled(node, keywords)
        if verb is None:
            continue
        path = positional[0] if positional else keywords.get("path") or keywords.get("url")
        if path is None:
            continue
        spelled = keywords.get("method")
        if isinstance(spelled, ast.Constant) and str(spelled.value).upper() in _METHODS:
            verb = str(spelled.value).upper()
        yield verb, path, keywords


def _verb(node: ast.expr, self_name: str) -> str | None:
    """Return the verb of `self._post`, `self._client.post` and the like, else None."""
    if not isinstance(node, ast.Attribute):
        return None
    owner = node.value
    direct = _is_name(owner, self_name)
    through = (
        isinstance(owner, ast.Attribute) and "client" in owner.attr and _is_name(owner.value, self_name)
    ) or (isinstance(owner, ast.Name) and "client" in owner.id)
    if (direct and node.attr.startswith("_")) or through:
        return _VERBS.get(node.attr.lstrip("_"))
    return None


def _spelled(call: ast.Call, keywords: Mapping[str, ast.expr]) -> tuple[str | None, Sequence[ast.expr]]:
    """Return verb and path of a call that is given "POST" and, behind it or as a text with a slash, the path."""
    words = [*call.args, *(keywords[name] for name in ("method", "path", "url") if name in keywords)]
    verbs = [word for word in words if isinstance(word, ast.Constant) and word.value in _METHODS]
    if not verbs:
        return None, call.args
    paths = [word for word in words if _begins_with_slash(word)]
    if not paths and "request" in last_name(call):
        paths = words[words.index(verbs[0]) + 1 :]
    return (str(verbs[0].value), paths) if paths else (None, call.args)


def _begins_with_slash(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str() as text):
            return text.startswith("/")
        case ast.JoinedStr(values=[ast.Constant(value=str() as text), *_]):
            return text.startswith("/")
        case ast.Call(args=[first, *_]):
            return _begins_with_slash(first)
    return False


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


# ---------------------------------------------------------------- one method


class _Argument(NamedTuple):
    annotation: ast.expr | None
    required: bool


class _Body:
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

    def path(self, call: _Request) -> tuple[str | None, dict[str, str], bool]:
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
            case ast.IfExp(body=body):
                return self._path_text(body, hop + 1)
            case ast.Name(id=name) if name in self._locals and name not in self._arguments:
                return self._path_text(self._locals[name][0], hop + 1)
        found = self._inner.constant(node)
        return found if isinstance(found, str) else None

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

    def parameters(self, call: _Request, path: str) -> dict[str, Parameter]:
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
        return any(_is_name(part, name) for part in ast.walk(node))

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

    def response(self, call: _Request) -> Type:
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

    def stream(self, call: _Request) -> Type | None:
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


def _deprecated(module: Module, function: ast.FunctionDef) -> str | None:
    """Return what a method says of its deprecation: its decorator, or a docstring that begins with the word."""
    for decorator in function.decorator_list:
        if last_name(decorator) == "deprecated":
            text = (
                module.constant(decorator.args[0])
                if isinstance(decorator, ast.Call) and decorator.args
                else ""
            )
            return text if isinstance(text, str) else ""
    text = ast.get_docstring(function) or ""
    return text.partition("\n\n")[0] if text.lower().startswith("deprecated") else None


def _raises(function: ast.FunctionDef) -> list[str]:
    """Return the errors that a docstring lists under `Raises:`."""
    text = ast.get_docstring(function) or ""
    _, _, section = text.partition("\nRaises:\n")
    return sorted(set(re.findall(r"^\s+(\w+):", section, re.MULTILINE)))


def _sibling_path(
    types: Types, methods: Sequence[tuple[Definition, ast.FunctionDef]], name: str
) -> str | None:
    """Guess a path that only the server tells: that of one item of the resource, then the name of the method."""
    items: list[str] = []
    for owner, function in methods:
        for call in _requests(owner, function):
            path, _, runtime = _Body(types, owner.module, call.module, function, call.function).path(call)
            if path is not None and not runtime and path.endswith("}"):
                items.append(path)
    return f"{min(items, key=len)}/{name}" if items else None
