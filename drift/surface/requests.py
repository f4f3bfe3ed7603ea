# Requests in the body of a method: which calls ask a server, with which verb and path.
# Owns: the ways in which generated methods make a request. Refuses to know: arguments, types, resources.
"""Find the requests that a method makes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from drift.surface.modules import Definition, Module, last_name

_VERBS = {
    "post": "POST", "get": "GET", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "head": "HEAD",
    "options": "OPTIONS", "get_api_list": "GET", "request_api_list": "GET",
}  # fmt: skip
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}


class Request(NamedTuple):
    """One call of a verb: where it stands, its path and its keywords."""

    verb: str
    path: ast.expr
    keywords: Mapping[str, ast.expr]
    function: ast.FunctionDef
    module: Module


def self_name_of(function: ast.FunctionDef) -> str:
    """Return the name under which a method takes its object: mostly "self"."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    return arguments[0].arg if arguments else ""


def requests_of(owner: Definition, function: ast.FunctionDef) -> Iterator[Request]:
    """Yield the requests that a method makes itself, or lets a function of the package make for it."""
    found = list(calls_in(function, self_name_of(function)))
    for verb, path, keywords in found:
        yield Request(verb, path, keywords, function, owner.module)
    if found:
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and node.args and _is_name(node.args[0], self_name_of(function)):
            meaning = owner.module.meaning(node.func)
            if isinstance(meaning, Definition) and isinstance(meaning.node, ast.FunctionDef):
                for verb, path, keywords in calls_in(meaning.node, self_name_of(meaning.node)):
                    yield Request(verb, path, keywords, meaning.node, meaning.module)


def calls_in(
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
