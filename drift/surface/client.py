# What an SDK's client does unasked: where it calls, which headers it sends, how it says who it is, how long it waits.
# Owns: reading these from the client's source. Refuses to know: endpoints, types, values of keys.
"""Facts about the client that no signature shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from drift.model import JSON, MAX_NUMBER
from drift.surface.document import ClientFacts
from drift.surface.modules import Definition, Module, Package

HTTP_LIBRARIES = ("httpx2", "httpx", "aiohttp", "requests", "urllib3", "niquests")
_TELEMETRY = re.compile(r"stainless|speakeasy|user-agent|^accept$|content-type|idempotency", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://(?!localhost|127\.)[^\s/]+\.[^\s]+")
_HOPS = 3


def find_client(package: Package, inside: str = "") -> Definition | None:
    """Return the class of the synchronous client: the one in `_client` that talks to the API, never its twins.

    Args:
        package: the SDK.
        inside: a package inside it that is an SDK of its own.
    """
    prefix = f"{inside}." if inside else ""
    module = package.module(f"{prefix}_client") or package.module(f"{prefix}client")
    best: Definition | None = None
    for definition in module.definitions() if module else ():
        node = definition.node
        if not isinstance(node, ast.ClassDef) or definition.name.startswith(("_", "Async")):
            continue
        bases = " ".join(ast.unparse(base) for base in node.bases)
        is_client = "APIClient" in bases and "Async" not in bases
        if is_client and (best is None or len(node.body) > len(best.node.body)):  # type: ignore[union-attr]
            best = definition
    return best


def read_client(package: Package, client: Definition | None) -> ClientFacts:
    """Return what the client of a package does by itself."""
    found: ClientFacts = {
        "base_url": None,
        "headers": {},
        "auth": [],
        "api_versions": {},
        "http_library": http_library(package),
        "max_retries": _whole(_setting(package, ("DEFAULT_MAX_RETRIES",))),
        "timeout_s": _number(_setting(package, ("DEFAULT_TIMEOUT", "DEFAULT_TIMEOUT_S"))),
    }
    if client is None or not isinstance(client.node, ast.ClassDef):
        return found
    found["base_url"] = _base_url(package, client)
    found["headers"] = _default_headers(client)
    found["auth"] = _auth(client)
    found["api_versions"] = {
        name: value for name, value in found["headers"].items() if "version" in name.lower()
    }
    return found


def http_library(package: Package) -> str | None:
    """Return the HTTP library that the package requires, else the one that it imports where it makes its requests."""
    required = {re.split(r"[^A-Za-z0-9_.-]", text)[0] for text in package.release.requires if ";" not in text}
    used = [library for library in HTTP_LIBRARIES if library in required] or list(_imported(package))
    return used[0] if used else None


def _imported(package: Package) -> Iterator[str]:
    for name in ("_base_client", "_client", "_api_client", "client"):
        module = package.module(name)
        for node in ast.walk(module.tree) if module else ():
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for imported in names:
                if imported.partition(".")[0] in HTTP_LIBRARIES:
                    yield imported.partition(".")[0]


def _setting(package: Package, names: Sequence[str]) -> JSON:
    for module_name in ("_constants", "_client", "_base_client"):
        module = package.module(module_name)
        for name in names if module else ():
            assert module is not None
            meaning = module.lookup(name)
            if isinstance(meaning, Definition) and isinstance(meaning.node, ast.expr):
                node = meaning.node
                if isinstance(node, ast.Call):  # Timeout(timeout=10 * 60, connect=5.0)
                    given = [keyword.value for keyword in node.keywords if keyword.arg == "timeout"]
                    node = (given or list(node.args[:1]) or [node])[0]
                return meaning.module.constant(node)
    return None


def _whole(value: JSON) -> int | None:
    return value if type(value) is int else None


def _number(value: JSON) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) < MAX_NUMBER else None


# ---------------------------------------------------------------- address


def _base_url(package: Package, client: Definition) -> str | None:
    """Return the address that is called when nobody gives one."""
    assert isinstance(client.node, ast.ClassDef)
    constructors = [
        statement
        for statement in client.node.body
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__"
    ]
    for function, module in _reached(client.module, constructors, 0):
        for node in ast.walk(function):
            for name, value in _named_values(node):
                if "base_url" in name and "websocket" not in name:
                    address = module.constant(value)
                    if isinstance(address, str) and _ADDRESS.fullmatch(address):
                        return address
    return _address_in_tables(package)


def _address_in_tables(package: Package) -> str | None:
    """Return the address in a constant: `BASE_URL = "…"` or `ENVIRONMENTS = {"production": "…"}`."""
    for name in ("_client", "_constants", "_base_client"):
        module = package.module(name)
        for definition in module.definitions() if module else ():
            if re.search(r"base_?url|environments|servers", definition.name, re.IGNORECASE):
                nodes = definition.node.values if isinstance(definition.node, ast.Dict) else [definition.node]
                for node in nodes:
                    address = definition.module.constant(node) if isinstance(node, ast.expr) else None
                    if isinstance(address, str) and _ADDRESS.fullmatch(address):
                        return address
    return None


def _named_values(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what is given a name at a node: by assignment, as a keyword, or as a default."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Name | ast.Attribute):
                    name = target.id if isinstance(target, ast.Name) else target.attr
                    yield from ((name, part) for part in _alternatives(value))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield from ((name, part) for part in _alternatives(value))
        case ast.keyword(arg=str() as name, value=value):
            yield name, value


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*_alternatives(body), *_alternatives(orelse))
        case ast.BoolOp(values=values):
            yield from (part for value in values for part in _alternatives(value))
        case ast.Call(args=arguments):
            yield from arguments
        case _:
            yield node


def _reached(
    module: Module, functions: Sequence[ast.FunctionDef], hop: int
) -> Iterator[tuple[ast.FunctionDef, Module]]:
    """Yield functions and the functions of the package that they call with `self`, a few hops far."""
    for function in functions:
        yield function, module
        if hop >= _HOPS:
            continue
        local = _local_imports(module, function)
        first = function.args.args[0].arg if function.args.args else "self"
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and any(
                isinstance(argument, ast.Name) and argument.id in {first, "self"} for argument in node.args
            ):
                imported = local.get(node.func.id) if isinstance(node.func, ast.Name) else None
                meaning = imported or module.meaning(node.func)
                if isinstance(meaning, Definition) and isinstance(meaning.node, ast.FunctionDef):
                    yield from _reached(meaning.module, [meaning.node], hop + 1)


def _local_imports(module: Module, function: ast.FunctionDef) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.ImportFrom):
            source = module.package.imported(module.name, node)
            inner = module.package.module(source) if source is not None else None
            for alias in node.names if inner else ():
                assert inner is not None
                meaning = inner.lookup(alias.name)
                if isinstance(meaning, Definition):
                    found[alias.asname or alias.name] = meaning
    return found


# ---------------------------------------------------------------- headers


def _default_headers(client: Definition) -> dict[str, str]:
    """Return the headers with a fixed value that go out with every request."""
    assert isinstance(client.node, ast.ClassDef)
    functions = [
        statement
        for statement in client.node.body
        if isinstance(statement, ast.FunctionDef)
        and statement.name in {"default_headers", "_default_headers"}
    ]
    found: dict[str, str] = {}
    for function, module in _reached(client.module, functions, 0):
        for name, value in _entries(function, module):
            fixed = module.constant(value)
            if isinstance(fixed, str) and not _TELEMETRY.search(name):
                found[name] = fixed
    return dict(sorted(found.items()))


def _auth(client: Definition) -> list[str]:
    """Return the headers that say who calls, with the scheme in front of the secret: "Authorization: Bearer"."""
    assert isinstance(client.node, ast.ClassDef)
    functions = [
        statement
        for statement in client.node.body
        if isinstance(statement, ast.FunctionDef)
        and re.search(r"auth", statement.name)
        and not re.search(r"validate|refresh", statement.name)
    ]
    found: set[str] = set()
    for function, module in _reached(client.module, functions, 0):
        if re.search(r"websocket|realtime|__init__", function.name):
            continue
        for name, value in _entries(function, module):
            if _TELEMETRY.search(name) or isinstance(module.constant(value), str):
                continue
            scheme = value.values[0] if isinstance(value, ast.JoinedStr) and value.values else None
            word = str(scheme.value).strip() if isinstance(scheme, ast.Constant) else ""
            found.add(f"{name}: {word}" if word else name)
    with_scheme = {entry.partition(":")[0].lower() for entry in found if ":" in entry}
    return sorted(entry for entry in found if ":" in entry or entry.lower() not in with_scheme)


def _entries(function: ast.FunctionDef, module: Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                name = module.constant(key)
                if isinstance(name, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
                    yield name, value
