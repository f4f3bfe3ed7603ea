# The words a release knows: model ids and their dates, beta values, errors, events.
# Owns: where such lists stand in an SDK, dates in English. Refuses to know: endpoints, how two releases are compared.
"""Vocabularies of an SDK release."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator

from drift.canonical import canonical
from drift.surface.annotations import Types
from drift.surface.document import Endpoints, ErrorFacts, ModelFacts
from drift.surface.modules import Definition, Module, Package
from drift.surface.type_words import NULL, Type

_MODEL_MODULE = re.compile(r"(?:^|[._])models?(?:_param)?$")
_MODEL_FIELD = re.compile(r"(?:^|_)model$")
_MODEL_ID = re.compile(r"[a-z0-9][A-Za-z0-9.:@/_-]*")
_DEPRECATION_TABLE = re.compile(rb"\b[A-Z_]*(?:DEPRECATED|RETIRED)[A-Z_]*\b")


# ---------------------------------------------------------------- model ids


def read_models(package: Package, types: Types, endpoints: Endpoints) -> dict[str, ModelFacts]:
    """Return the model ids that a release lists, and those that it calls deprecated, with their dates.

    Listed is an id that an enumeration offers where a request asks for a model. Both facts are kept apart: an id leaves
    the list, the table, or both.
    """
    listed: dict[str, set[str]] = {}
    for module in _modules(package, _MODEL_MODULE):
        for definition in module.definitions():
            if isinstance(definition.node, ast.expr) and not isinstance(definition.node, ast.List | ast.Call):
                for value in enumerated(types, types.of_definition(definition)):
                    listed.setdefault(value, set()).add(module.name)
    for value in _asked_models(types, endpoints):
        listed.setdefault(value, set()).add("parameter")
    listed = {value: places for value, places in listed.items() if _is_model_id(value)}
    deprecated = _deprecated(package)
    return {
        model: {
            "listed": model in listed,
            "deprecated": model in deprecated,
            "retires": _date(deprecated[model][0]) if model in deprecated else None,
            "text": deprecated[model][0] if model in deprecated else None,
            "sources": sorted(
                {*listed.get(model, ()), *(deprecated[model][1] if model in deprecated else ())}
            ),
        }
        for model in sorted(listed.keys() | deprecated.keys())
    }


def _asked_models(types: Types, endpoints: Endpoints) -> Iterator[str]:
    """Yield what enumerations offer where a request names a model: in a parameter, or in a field inside one."""
    waiting: list[Type] = []
    for place, shape in _all_parameters(endpoints):
        if _MODEL_FIELD.search(place.partition(":")[2]):
            yield from enumerated(types, shape)
        waiting.append(shape)
    seen: set[str] = set()
    while waiting:
        shape = waiting.pop()
        key = shape.get("ref")
        if key is not None and key not in seen:
            seen.add(key)
            definition = types.definitions[key]
            if definition["kind"] == "object":
                for name, entry in definition["fields"].items():
                    if _MODEL_FIELD.search(name):
                        yield from enumerated(types, entry["type"])
                    waiting.append(entry["type"])
            else:
                waiting.append(definition["type"])
        waiting += shape.get("anyOf", ())
        waiting += [shape[inner] for inner in ("items", "values") if inner in shape]


def _all_parameters(endpoints: Endpoints) -> Iterator[tuple[str, Type]]:
    for methods in endpoints.values():
        for tier in methods.values():
            for method in tier.values():
                for key, parameter in method["params"].items():
                    yield key, parameter["type"]


def _is_model_id(value: str) -> bool:
    return bool(_MODEL_ID.fullmatch(value)) and any(
        character.isdigit() or character == "-" for character in value
    )


def enumerated(types: Types, shape: Type, depth: int = 0) -> Iterator[str]:
    """Yield the texts that an enumeration, or a union that holds some, allows."""
    if depth > 12:
        return
    if "enum" in shape:
        yield from (value for value in shape["enum"] if isinstance(value, str))
    elif "anyOf" in shape:
        for part in shape["anyOf"]:
            yield from enumerated(types, part, depth + 1)
    elif "ref" in shape:
        definition = types.definitions[shape["ref"]]
        if definition["kind"] == "alias":
            yield from enumerated(types, definition["type"], depth + 1)
    elif shape.get("type") == "array":
        yield from enumerated(types, shape["items"], depth + 1)


def _modules(package: Package, pattern: re.Pattern[str]) -> Iterator[Module]:
    """Yield the modules of types whose last name fits."""
    for name in sorted(package.names):
        parts = name.split(".")
        if "types" in parts[:-1] and pattern.search(parts[-1]):
            module = package.module(name)
            if module is not None:
                yield module


def _deprecated(package: Package) -> dict[str, tuple[str, list[str]]]:
    """Return model id → what is said about its end, and where: from tables, and from prose behind a list of ids."""
    found: dict[str, tuple[str, list[str]]] = {}

    def add(model: str, text: str, place: str) -> None:
        known = found.get(model)
        better = known is None or (_date(known[0]) is None and _date(text) is not None)
        found[model] = (text if better else known[0], [*(known[1] if known else []), place])  # type: ignore[index]

    for name, source in sorted(package.names.items()):
        if _DEPRECATION_TABLE.search(source):
            module = package.module(name)
            for definition in module.definitions() if module else ():
                if re.search("DEPRECATED|RETIRED", definition.name):
                    for model, text in _table(definition):
                        add(model, text, name)
    for module in _modules(package, _MODEL_MODULE):
        for text in _prose(module):
            for model, said in _bullets(text):
                add(model, said, module.name)
    return found


def _table(definition: Definition) -> Iterator[tuple[str, str]]:
    node = definition.node
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            model = definition.module.constant(key)
            text = definition.module.constant(value)
            if isinstance(model, str) and isinstance(text, str) and _is_model_id(model):
                yield model, text


def _prose(module: Module) -> Iterator[str]:
    """Yield the texts that stand by themselves in a module, behind the definitions that they describe."""
    for node in module.tree.body:
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.value.value


def _bullets(text: str) -> Iterator[tuple[str, str]]:
    """Yield model id and sentence of each bullet: `- "a", "b": Announced shutdown date: 2026-12-11`."""
    _, found, rest = text.partition("Deprecated values:")
    for bullet in re.split(r"^\s*- ", rest, flags=re.MULTILINE)[1:] if found else []:
        flat = " ".join(bullet.split())
        ids = re.match(r'(?:"[^"]+",? ?)+', flat)
        if ids is not None:
            said = flat[ids.end() :].lstrip(": ")
            for model in re.findall(r'"([^"]+)"', ids[0]):
                yield model, said.partition(" See ")[0]


_MONTHS = {
    name: number
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
         "november", "december"), 1
    )
}  # fmt: skip


def _date(text: str) -> str | None:
    """Return the first date in a text as ISO: "June 30th, 2026", "October 22, 2025", "2026-12-11"."""
    iso = re.search(r"\b(20\d\d)-(\d\d)-(\d\d)\b", text)
    english = re.search(r"\b([A-Za-z]+) (\d{1,2})(?:st|nd|rd|th)?,? (20\d\d)\b", text)
    try:
        if iso is not None:
            return dt.date(*map(int, iso.groups())).isoformat()
        if english is not None and english[1].lower() in _MONTHS:
            return dt.date(int(english[3]), _MONTHS[english[1].lower()], int(english[2])).isoformat()
    except ValueError:
        return None
    return None


# ---------------------------------------------------------------- beta values


def read_betas(types: Types, endpoints: Endpoints) -> list[str]:
    """Return the values that a beta header is known to take, sorted."""
    found: set[str] = set()
    for place, shape in _all_parameters(endpoints):
        if re.fullmatch(r"header:.*beta", place):
            found.update(enumerated(types, shape))
    return sorted(found)


# ---------------------------------------------------------------- errors


def read_errors(package: Package, types: Types) -> ErrorFacts:
    """Return how the API says no: types and codes of errors, and the exceptions that statuses become."""
    classes: set[str] = set()
    aliases: dict[str, str] = {}
    statuses: dict[str, str] = {}
    for name in ("_exceptions", "errors", "_errors"):
        module = package.module(name)
        public = [one for one in (module.definitions() if module else ()) if not one.name.startswith("_")]
        for definition in public:
            if isinstance(definition.node, ast.ClassDef):
                classes.add(definition.name)
                status = _field_values(types, definition, "status_code")
                if len(status) == 1:
                    statuses[str(status[0])] = definition.name
        aliases.update(
            {
                one.name: one.node.id
                for one in public
                if isinstance(one.node, ast.Name) and one.node.id in classes
            }
        )
    kinds: set[str] = set()
    codes: set[str] = set()
    for module in _modules(package, re.compile(r"error(s|_type|_details|_object|_code)?$")):
        for definition in module.definitions():
            if isinstance(definition.node, ast.ClassDef):
                codes.update(map(str, _field_values(types, definition, "error_code")))
            elif re.search(r"(?<!Result)Error(?:Type|Object)?$", definition.name):
                shape = types.of_definition(definition)
                kinds.update(enumerated(types, shape))
                for member in members(types, shape):
                    kinds.update(enumerated(types, member["fields"].get("type", {"type": NULL})["type"]))
    return {
        "types": sorted(kinds),
        "codes": sorted(codes),
        "statuses": dict(sorted(statuses.items())),
        "classes": sorted(classes),
        "aliases": dict(sorted(aliases.items())),
    }


def _field_values(types: Types, definition: Definition, field: str) -> list[object]:
    """Return the values of an enumerated field of a class, whatever the class is."""
    assert isinstance(definition.node, ast.ClassDef)
    for statement in definition.node.body:
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.target.id == field
        ):
            shape = types.of(definition.module, statement.annotation)
            return list(shape.get("enum", ())) or list(enumerated(types, shape))
    return []


def members(types: Types, shape: Type, depth: int = 0) -> Iterator[Type]:
    """Yield the objects that a type may be."""
    if depth > 12:
        return
    if "anyOf" in shape:
        for part in shape["anyOf"]:
            yield from members(types, part, depth + 1)
    elif "ref" in shape:
        definition = types.definitions[shape["ref"]]
        if definition["kind"] == "object":
            yield definition
        else:
            yield from members(types, definition["type"], depth + 1)


# ---------------------------------------------------------------- events


def read_events(package: Package, types: Types) -> dict[str, list[Type]]:
    """Return the unions of events, also those that no answer leads to, by what they are: of a stream, a webhook."""
    found: dict[str, list[Type]] = {}
    for module in _modules(package, re.compile(r"event(s|_data)?$")):
        for definition in module.definitions():
            if isinstance(definition.node, ast.ClassDef) or not re.search(r"Event", definition.name):
                continue
            shape = types.of_definition(definition)
            if sum(1 for _ in members(types, shape)) > 1:
                found.setdefault(_event_kind(module, definition), []).append(shape)
    return {
        kind: list({canonical(shape): shape for shape in shapes}.values())
        for kind, shapes in sorted(found.items())
    }


def _event_kind(module: Module, definition: Definition) -> str:
    name = f"{module.name}.{definition.name}".lower()
    if "webhook" in name:
        return "webhook"
    return "client" if "client" in name else "stream"
