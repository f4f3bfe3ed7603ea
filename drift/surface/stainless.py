# SDKs in the manner of Stainless: a client, a tree of resources, one method per endpoint that calls a verb.
# Owns: the tree of resources, tiers, deprecations. Refuses to know: how a method's body is read, names of resources.
"""Endpoints of an SDK that was generated in the manner of Stainless (anthropic, openai, llama-api-client, …)."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from drift.surface.annotations import Types
from drift.surface.client import find_client
from drift.surface.document import Endpoints, Method, blanked
from drift.surface.methods import Body
from drift.surface.modules import Definition, Module, Package, last_name, unquoted
from drift.surface.requests import Request, calls_in, requests_of, self_name_of
from drift.surface.type_words import ANY, union

_WRAPPERS = ("with_", "WithRawResponse", "WithStreamingResponse")
_DEEPEST, _PLACES = 12, 4


def read_endpoints(package: Package, types: Types, client: Definition | None) -> Endpoints:
    """Return every endpoint that the resources of a client can call.

    Args:
        package: the SDK.
        types: takes the types that are met.
        client: class of the synchronous client; resources that it does not lead to are read all the same.
    """
    reader = _Reader(package, types)
    # Another SDK may carry one of this make inside, like google-genai 1.x its interactions.
    inner = sorted({name.partition(".resources")[0] for name in package.names if ".resources." in name})
    for inside, entry in (("", client), *((name, find_client(package, name)) for name in inner)):
        if entry is not None:
            reader.resource(entry, "")
        for module_name in sorted(package.names):
            below = module_name.removeprefix(f"{inside}." if inside else "")
            if below.split(".")[0] == "resources" and (not inside or below != module_name):
                module = package.module(module_name)
                for definition in module.definitions() if module else ():
                    if _is_resource(definition) and not reader.seen[definition.key]:
                        reader.resource(definition, _prefix(below))
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
        isinstance(statement, ast.FunctionDef) and any(calls_in(statement, self_name_of(statement)))
        for statement in node.body
    )


def _is_twin(name: str) -> bool:
    return name.startswith("Async") or any(part in name for part in _WRAPPERS)


@dataclass
class _Reader:
    package: Package
    types: Types
    endpoints: Endpoints = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    _keys: dict[str, str] = field(default_factory=dict)

    def resource(self, definition: Definition, prefix: str, above: tuple[str, ...] = ()) -> None:
        """Read the methods of a resource, then those of the resources below it.

        One class may stand in several places, such as under `beta` as well; each is a way to call it.
        """
        if definition.key in above or len(above) > _DEEPEST or self.seen[definition.key] >= _PLACES:
            return
        self.seen[definition.key] += 1
        methods = list(_functions(definition))
        for owner, function in methods:
            name = f"{prefix}.{function.name}" if prefix else function.name
            for call in requests_of(owner, function):
                self._method(owner, function, call, name, methods)
        for name, child in _children(definition):
            self.resource(child, f"{prefix}.{name}" if prefix else name, (*above, definition.key))

    def _method(
        self,
        owner: Definition,
        function: ast.FunctionDef,
        call: Request,
        name: str,
        methods: Sequence[tuple[Definition, ast.FunctionDef]],
    ) -> None:
        body = Body(self.types, owner.module, call.module, function, call.function)
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
    meaning = module.meaning(unquoted(node))
    if (
        isinstance(meaning, Definition)
        and isinstance(meaning.node, ast.ClassDef)
        and not _is_twin(meaning.name)
    ):
        in_resources = not {"resources", "resource"}.isdisjoint(meaning.module.name.split("."))
        if in_resources or _is_resource(meaning):
            found[name] = meaning


def _is_property(function: ast.FunctionDef) -> bool:
    return any("property" in last_name(decorator) for decorator in function.decorator_list)


def _is_overload(function: ast.FunctionDef) -> bool:
    return any(last_name(decorator) == "overload" for decorator in function.decorator_list)


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
        for call in requests_of(owner, function):
            path, _, runtime = Body(types, owner.module, call.module, function, call.function).path(call)
            if path is not None and not runtime and path.endswith("}"):
                items.append(path)
    return f"{min(items, key=len)}/{name}" if items else None
