# Python by its syntax tree: strings that code uses, and calls with their keywords. Comments are not in the tree.
# Owns: ast. Refuses to know: ids, dates, other languages.
"""Read Python."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping

from drift.model import JSON
from drift.scan.flow import Flow, Place
from drift.scan.found import (
    ENDS_WITH_ASSISTANT,
    MAYBE,
    MODEL_KEYS,
    NESTED,
    Code,
    Parameter,
    Request,
    Role,
    Text,
    bound_by,
    names_model,
    pieces,
)

_PREFIX_TESTS = frozenset((
    "startswith", "endswith", "removeprefix", "removesuffix", "find", "rfind", "index", "count", "split", "partition",
    "strip", "match", "fullmatch", "search", "compile", "sub", "findall", "finditer", "fnmatch", "fnmatchcase",
))  # fmt: skip
"""Calls that look at a part of an id: what they are given is no id."""

_PASSING = frozenset(
    ("get", "getenv", "setdefault", "pop", "field", "Field", "Option", "Argument", "config", "str", "F")
)
"""Calls that hand a default on to whatever takes their value."""

_APIS = (
    (re.compile(r"messages\.(?:create|stream|parse|count_tokens)$"), "anthropic"),
    (re.compile(r"chat\.completions\.(?:create|parse|stream)$"), "openai-chat"),
    (re.compile(r"responses\.(?:create|parse|stream)$"), "openai-responses"),
    (re.compile(r"generate_content(?:_stream)?$|GenerativeModel$"), "gemini"),
)

_DEEPEST = 400


def read_python(source: str) -> Code:
    """Read the source of a module.

    Raises:
        ValueError: it is no Python that this interpreter parses.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the code that is read: bad escapes, comparisons by identity
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ValueError(f"is no Python that can be parsed ({type(error).__name__})") from None
    return _Module(tree).read()


class _Module:
    def __init__(self, tree: ast.Module) -> None:
        self._parents: dict[ast.AST, Place] = {}
        self._nodes: list[ast.AST] = []
        self._bound: dict[str, str | None] = {}
        for node in ast.walk(tree):
            self._nodes.append(node)
            for name, value in ast.iter_fields(node):
                for child in value if isinstance(value, list) else (value,):
                    if isinstance(child, ast.AST):
                        self._parents[child] = Place(node, name)
        self._flow = Flow(self._nodes, self._parents)

    def read(self) -> Code:
        """Return the strings and the requests of the module."""
        texts: list[Text] = []
        words: list[str] = []
        for node in self._nodes:
            if isinstance(node, ast.Name):
                words.append(node.id)
            elif isinstance(node, ast.Attribute):
                words.append(f".{node.attr}")
            elif isinstance(node, ast.alias):
                words.append(f"import {node.name}")
            elif isinstance(node, ast.ImportFrom):
                words.append(f"from {node.module}")
            elif isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant):
                words.append(f"{node.arg}={node.value.value!r}")
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not self._is_doc(node):
                words.append(node.value)
                if MAYBE.search(node.value):
                    texts += self._texts(node, node.value)
        self._bound = bound_by(texts)
        # Calls first: a mapping that is handed to one is no request of its own.
        asked = sorted(self._nodes, key=lambda node: not isinstance(node, ast.Call))
        requests = [request for node in asked if (request := self._request(node)) is not None]
        ordered = sorted(texts, key=lambda text: (text.line, text.column))
        return Code(tuple(ordered), tuple(requests), "\n".join(words))

    # Strings

    def _is_doc(self, node: ast.AST) -> bool:
        """Whether a string is an expression of its own: a docstring, or a comment in quotes."""
        place = self._parents.get(node)
        while place is not None and isinstance(place.node, ast.JoinedStr | ast.BinOp | ast.FormattedValue):
            place = self._parents.get(place.node)
        return place is not None and isinstance(place.node, ast.Expr)

    def _texts(self, node: ast.Constant, content: str) -> Iterator[Text]:
        outer, before, after = self._whole(node)
        placed = self._role(outer)
        if placed is None:
            return
        key, role = placed
        formatted = self._is_formatted(outer)
        parts = pieces(content) if formatted else [(content, 0, False, False)]
        for number, (value, offset, left, right) in enumerate(parts):
            yield Text(
                value,
                node.lineno + content.count("\n", 0, offset),
                node.col_offset + 1,
                key,
                role,
                left or (before and number == 0),
                right or (after and number == len(parts) - 1),
            )

    def _whole(self, node: ast.Constant) -> tuple[ast.AST, bool, bool]:
        """Climb out of f-strings and concatenations. Returns the whole, and whether more stands on either side."""
        before = after = False
        current: ast.AST = node
        while (place := self._parents.get(current)) is not None:
            if isinstance(place.node, ast.JoinedStr):
                values = place.node.values
                at = next(i for i, value in enumerate(values) if value is current)
                before, after = before or at > 0, after or at < len(values) - 1
            elif isinstance(place.node, ast.BinOp) and isinstance(place.node.op, ast.Add):
                before, after = before or place.field == "right", after or place.field == "left"
            else:
                break
            current = place.node
        return current, before, after

    def _is_formatted(self, node: ast.AST) -> bool:
        """Whether `.format(…)` or `%` fills the string."""
        place = self._parents.get(node)
        if place is None:
            return False
        if isinstance(place.node, ast.BinOp):
            return isinstance(place.node.op, ast.Mod) and place.field == "left"
        return isinstance(place.node, ast.Attribute) and place.node.attr in {"format", "format_map"}

    def _role(self, node: ast.AST) -> tuple[str, Role] | None:
        """Say what a string is used for, and under which name; None where it is no whole id by what is done with it."""
        current = node
        default = False
        for _ in range(_DEEPEST):
            place = self._parents.get(current)
            if place is None:
                break
            parent, where = place.node, place.field
            match parent:
                case ast.keyword(arg=name):
                    call = self._parents[parent].node
                    if name in {"default", "default_factory", "fallback"} and _called(call) in _PASSING | {
                        "add_argument"
                    }:
                        current, default = call, True
                        if _called(call) == "add_argument":
                            return _option(call), "default"
                        continue
                    if name in {"help", "description", "epilog"}:
                        return None
                    return name or "", "argument"
                case ast.Assign(targets=targets):
                    return _name(targets[0]), "default" if default else "assignment"
                case ast.AnnAssign(target=target) if where == "value":
                    return _name(target), "default" if default else "assignment"
                case ast.NamedExpr(target=target) | ast.AugAssign(target=target):
                    return _name(target), "assignment"
                case ast.arguments():
                    return _argument(parent, current), "default"
                case ast.Dict(keys=keys, values=values):
                    if where == "keys":
                        return "", "key"
                    at = next(i for i, value in enumerate(values) if value is current)
                    return _constant(keys[at]) or self._holder(parent), "entry"
                case ast.Compare(ops=[first, *_], comparators=[other, *_]):
                    looks_inside = isinstance(first, ast.In | ast.NotIn) and where == "left"
                    if looks_inside and not isinstance(other, ast.Tuple | ast.List | ast.Set | ast.Dict):
                        return None  # "gpt-4" in model: a part of an id
                    return _name(parent.left if where == "comparators" else other), "comparison"
                case ast.MatchValue():
                    return "", "comparison"
                case ast.Subscript():
                    return "", "type" if _name(parent.value) in {"Literal", "Annotated"} else "key"
                case ast.arg() | ast.AnnAssign():
                    return "", "type"
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    return (name, "type") if where == "returns" else ("", "other")
                case ast.For(target=target) | ast.comprehension(target=target):
                    return _name(target), "assignment"
                case ast.Return():
                    return self._function(parent), "other"
                case ast.Call() if where == "args":
                    called = _called(parent)
                    if called in _PREFIX_TESTS:
                        return None
                    if called in _PASSING and not (
                        called in {"get", "getenv", "pop"} and current is parent.args[0]
                    ):
                        current, default = parent, True
                        continue
                    return called, "argument"
                case ast.Attribute(attr=attr) if attr in _PREFIX_TESTS:
                    return None
                case ast.stmt():
                    return "", "other"
            current = parent
        return "", "other"

    def _holder(self, node: ast.AST) -> str:
        """Return the name that a mapping is bound to."""
        place = self._parents.get(node)
        return _name(place.node.targets[0]) if place and isinstance(place.node, ast.Assign) else ""

    def _function(self, node: ast.AST) -> str:
        place = self._parents.get(node)
        while place is not None and not isinstance(place.node, ast.FunctionDef | ast.AsyncFunctionDef):
            place = self._parents.get(place.node)
        return (
            place.node.name
            if place is not None and isinstance(place.node, ast.FunctionDef | ast.AsyncFunctionDef)
            else ""
        )

    # Requests

    def _request(self, node: ast.AST) -> Request | None:
        if isinstance(node, ast.Call):
            dotted = _dotted(node.func)
            api = next((name for shape, name in _APIS if shape.search(dotted)), "")
            words = {word.arg for word in node.keywords}
            alone = node.args[0] if node.args and words & NESTED else None  # Agent("…", model_settings={…})
            if not api and alone is None and words.isdisjoint(MODEL_KEYS):
                return None
            named = self._flow.keywords(node, node)
            if isinstance(alone, ast.Constant) and named.keys().isdisjoint(MODEL_KEYS):
                named = {"model": alone, **named}
        elif isinstance(node, ast.Dict) and node not in self._flow.followed:
            if not any(_constant(key) in MODEL_KEYS for key in node.keys):
                return None
            named = self._flow.bound(node)
            api = ""
        else:
            return None
        model = next((named[name] for name in MODEL_KEYS if name in named), None)
        if not api and (model is None or (isinstance(node, ast.Dict) and len(named) < 2)):
            return None
        parameters = tuple(self._parameters(named, node))
        return Request(node.lineno, node.col_offset + 1, self._resolve(model), parameters, api)

    def _parameters(self, named: Mapping[str, ast.expr], use: ast.AST) -> Iterator[Parameter]:
        for name, value in named.items():
            if name in NESTED:
                inner = self._flow.entries(value, use)
                if isinstance(value, ast.Call) and not inner:
                    inner = self._flow.keywords(value, use)
                if inner:
                    yield from self._parameters(inner, use)
                    continue
            if name == "messages" and (turn := self._flow.last(value, use)) is not None:
                if _literal(self._flow.entries(turn, use).get("role")) == (True, "assistant"):
                    yield Parameter(
                        name, turn.lineno, turn.col_offset + 1, ENDS_WITH_ASSISTANT, is_known=True
                    )
                continue
            known, content = _literal(value)
            if not known and isinstance(value, ast.Name | ast.Attribute):
                parts = {key: _literal(one) for key, one in self._flow.entries(value, use).items()}
                content = {key: part for key, (literal, part) in parts.items() if literal}
                known = bool(content)
            yield Parameter(name, value.lineno, value.col_offset + 1, content if known else None, known)

    def _resolve(self, node: ast.expr | None) -> str | None:
        """Return the string that an expression stands for, as far as one module tells."""
        match node:
            case ast.Constant(value=str(value)):
                return value
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self._bound.get(name)
            case ast.BoolOp(values=values):
                return next((found for value in values if (found := self._resolve(value))), None)
            case ast.Call(args=args) if _called(node) in {"get", "getenv"} and len(args) == 2:
                return self._resolve(args[1])
            case ast.Subscript(slice=ast.Constant(value=str(name))) if names_model(name):
                return self._bound.get(name)
        return None


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def _called(node: ast.AST) -> str:
    return _name(node.func) if isinstance(node, ast.Call) else ""


def _dotted(node: ast.AST) -> str:
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        names.append(node.id)
    return ".".join(reversed(names))


def _constant(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _option(call: ast.AST) -> str:
    """Return the name of a command-line option: `--model` for `add_argument("-m", "--model")`."""
    names = [_constant(argument) for argument in call.args] if isinstance(call, ast.Call) else []
    return max(names, key=len, default="").lstrip("-")


def _argument(arguments: ast.arguments, default: ast.AST) -> str:
    named = arguments.posonlyargs + arguments.args
    pairs = [
        *zip(named[len(named) - len(arguments.defaults) :], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return next((argument.arg for argument, value in pairs if value is default), "")


def _literal(node: ast.expr | None) -> tuple[bool, JSON]:
    """Return (True, value) of a small literal, else (False, None)."""
    if node is None:
        return False, None
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        if isinstance(node, ast.Dict):
            # {"type": "enabled", "budget_tokens": budget}: what is literal in it says enough.
            pairs = (
                (_constant(at), _literal(value)) for at, value in zip(node.keys, node.values, strict=True)
            )
            return True, {key: content for key, (known, content) in pairs if key and known}
        return False, None
    return (
        (True, value) if isinstance(value, str | int | float | bool | list | dict | None) else (False, None)
    )
