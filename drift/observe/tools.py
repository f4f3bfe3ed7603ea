# Features of tool calls, judged against the schemas that the probe declared: arguments flow to your code.
# Owns: the ladder (bytes < value < keys < names and count < validity) and the kinds of breach. Refuses to know: levels.
"""Features of the tool calls of one reply.

Places are written `tool#/pointer` with `*` for any index, such as `book_flight#/passengers/*/age`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from drift.canonical import StrictJSONError, content_hash, strict_loads
from drift.hull import Hull, hull_of, join
from drift.model import JSON, Expect, Tool
from drift.observe.reply import Call, Reply
from drift.pointers import escape, general_pointer
from drift.shapes import json_type
from drift.validation import SchemaError, Violation, violations

_TOOL_STOPS = frozenset({"tool_use", "tool_calls", "function_call"})
_PLAIN_STOPS = frozenset({"end_turn", "stop", "stop_sequence"})
_SENTINELS = frozenset({"", "null", "none", "undefined", "n/a", "nil", "unknown"})
_CONSTRAINTS = frozenset(
    {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
        "pattern", "format", "minItems", "maxItems", "uniqueItems", "contains", "minProperties", "maxProperties",
        "propertyNames", "dependentRequired", "not", "anyOf", "oneOf", "allOf", "if",
    }
)  # fmt: skip
_FORMATS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("iso-date", re.compile(r"\d{4}-\d{2}-\d{2}")),
    ("iso-datetime", re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")),
    ("slash-date", re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}")),
    ("number", re.compile(r"[-+]?\d+(?:\.\d+)?")),
    ("number-with-unit", re.compile(r"[-+]?\d+(?:[.,]\d+)?\s?[A-Za-z°%€$£]{1,10}")),
    ("url", re.compile(r"https?://\S+")),
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("path", re.compile(r"(?:~|\.{0,2})?/[\w./ -]+|[A-Za-z]:\\.*")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
)
# How calls look that were written into the visible text instead of being made. Markup by itself may be spoken of: it
# counts when it opens the text, or when the name of a tool on offer follows it.
_MARKUP = re.compile(
    r"<(?:\w+:)?(?:tool_calls?|function_calls?|function=|invoke\b|tool_use)"
    r"|<[|\uff5c](?:python_(?:start|tag)|tool[\u2581_]?calls?|START_ACTION|action_start|channel)"
    r"|\[TOOL_CALLS\]|\bfunctools\[|\bto=functions\."
)
_REACH = 300
"""So many characters behind the markup the name of the tool may stand."""
_READ = 50_000
"""A call stands near the beginning; a longer text is not searched to its end."""
# JSON with the name of a tool and its arguments, in either order.
_NAME_KEY = r"\"(?:name|function|tool|tool_name|action|recipient_name)\"\s*:\s*\"([\w.:-]+)\""
_ARGUMENTS_KEY = r"\"(?:arguments|parameters|input|args|tool_input|action_input)\"\s*:"
_NAMED = (
    re.compile(rf"{_NAME_KEY}\s*,\s*{_ARGUMENTS_KEY}"),
    re.compile(rf"{_ARGUMENTS_KEY}\s*(?:\{{[^{{}}]*\}}|\"(?:[^\"\\]|\\.)*\")\s*,\s*{_NAME_KEY}"),
)
# Python-like, at the start of the text and alone on its line: `[get_weather(city="Bern"), …]`.
_WRITTEN = (
    r"[\s\[`]*(?:(?:json|python|tool_code)\s+)?(?:print\()?(?:\w+\.)?(?:{names})"
    r"\((?:[^()\"']|\"[^\"]*\"|'[^']*'|\([^()]*\))*\)"
    r"[)\]`;]*\s*(?:\n|\Z|,\s*[\w.]+\()"
)
# An element of the tool's own name around its arguments, and the lines of a written chain of thought and action.
_ELEMENT = r"<(?P<tool>{names})>\s*[<{{].*?</(?P=tool)>"
_ACTION = r"^Action:\s*(?:{names})\s*\n+Action Input:"


def tool_features(
    reply: Reply, tools: Sequence[Tool], expect: Expect, *, known: bool = False
) -> dict[str, JSON]:
    """Return the features of the calls of one reply.

    Nothing comes back when the probe has no tools and no call came, unless it is `known` that there was none (a
    recording that lists its calls).
    """
    calls = reply.calls
    if not tools and not calls and expect.call is None and not known:
        return {}
    declared = {tool.name: tool.input_schema for tool in tools}
    found: dict[str, JSON] = {
        "calls.names": [call.name for call in calls],
        "calls.count": len(calls),
    }
    if expect.call:
        found["tool.missing"] = not calls
        names = {call.name for call in calls}
        found["tool.switched"] = expect.call not in names and bool(names & declared.keys())
        if expect.arguments is not None and expect.call in names:
            found["args.exact"] = _holds_exactly(calls, expect)
    elif expect.call == "":
        found["tool.unexpected"] = bool(calls)
    if reply.calls_stop or (reply.dialect == "recorded" and not reply.form and reply.stop is not None):
        found["tool.stop_mismatch"] = _stop_mismatch(reply)
    if not calls:
        if tools:
            found["tool.as_text"] = _as_text(reply.text or "", declared)
        return found
    if tools:
        found["tool.as_text"] = False
    found |= _argument_features(reply, declared)
    return found


def _holds_exactly(calls: Sequence[Call], expect: Expect) -> bool:
    """Whether a call of the expected tool holds the expected arguments and nothing else, every text to the letter."""
    for call in calls:
        if call.name == expect.call:
            try:
                if _equal(call.parsed(), expect.arguments):
                    return True
            except StrictJSONError:
                continue
    return False


def _equal(first: JSON, second: JSON) -> bool:
    """Whether two JSON values are the same; 3 and 3.0 are one number, true and 1 are not."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_equal(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_equal, first, second))
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


def _stop_mismatch(reply: Reply) -> bool:
    if reply.stop is None:
        return False
    if reply.calls:
        return reply.stop in _PLAIN_STOPS
    return reply.stop in _TOOL_STOPS


def _as_text(text: str, declared: Mapping[str, JSON]) -> bool:
    """Say whether a call stands in the text: in markup, as JSON or Python, as an element or a chain of actions."""
    text = text[:_READ]
    names = "|".join(map(re.escape, declared))
    for opened in _MARKUP.finditer(text):
        near = text[opened.end() : opened.end() + _REACH]
        if not text[: opened.start()].strip() or (names and re.search(rf"\b(?:{names})\b", near)):
            return True
    if not names:
        return False
    written = (name for pattern in _NAMED for name in pattern.findall(text))
    if any({name, re.split(r"[.:]", name)[-1]} & declared.keys() for name in written):
        return True
    return (
        re.match(_WRITTEN.format(names=names), text[:2000]) is not None
        or re.search(_ELEMENT.format(names=names), text, re.DOTALL) is not None
        or re.search(_ACTION.format(names=names), text, re.MULTILINE) is not None
    )


_OF_ANY_SCHEMA = frozenset({"args.invalid_json", "args.double_encoded"})
"""Breaches that show without a declared schema: arguments are an object in JSON whatever they hold."""


def _argument_features(reply: Reply, declared: Mapping[str, JSON]) -> dict[str, JSON]:
    places: dict[str, list[str]] = {
        f"args.{kind}": []
        for kind in (
            "invalid_json", "double_encoded", "string_encoded", "required_missing", "undeclared", "undeclared_closed",
            "type_mismatch", "enum", "null", "sentinel", "constraint",
        )
    }  # fmt: skip
    unknown: list[str] = []
    types: set[str] = set()
    formats: set[str] = set()
    optional: set[str] = set()
    values: list[JSON] = []
    judged = bool(declared)  # a schema that cannot be used decides nothing
    for call in reply.calls:
        if declared and call.name not in declared:
            unknown.append(call.name)
        try:
            value = call.parsed()
        except StrictJSONError:
            if call.arguments not in {"", None} or _properties(declared.get(call.name)):
                places["args.invalid_json"].append(f"{call.name}#")
            values.append([call.name, call.arguments])
            continue
        if isinstance(value, str):
            places["args.double_encoded"].append(f"{call.name}#")
            try:
                value = strict_loads(value)
            except StrictJSONError:
                values.append([call.name, value])
                continue
        values.append([call.name, value])
        schema = declared.get(call.name)
        _collect_types(call.name, "", value, types, formats)
        if schema is not None:
            try:
                _breaches(call.name, value, schema, places)
            except SchemaError:
                judged = False
                continue
            required = set(schema.get("required") or ()) if isinstance(schema, Mapping) else set()
            if isinstance(value, Mapping):
                optional |= {
                    f"{call.name}#/{escape(k)}"
                    for k in _properties(schema)
                    if k in value and k not in required
                }
    ids = [call.id for call in reply.calls]
    found: dict[str, JSON] = {
        key: sorted(set(value)) for key, value in places.items() if judged or key in _OF_ANY_SCHEMA
    }
    found["args.types"] = sorted(types)
    found["args.formats"] = sorted(formats)
    found["args.optional"] = sorted(optional)
    hulls = argument_hulls(reply, declared)
    if hulls:
        found["calls.hull"] = hulls
    found["tool.unknown_names"] = sorted(set(unknown))
    found["calls.canonical"] = content_hash(values)[:16]
    found["calls.bytes"] = content_hash([[call.name, call.arguments] for call in reply.calls])[:16]
    found["calls.style"] = sorted(
        {name for call in reply.calls if isinstance(call.arguments, str) for name in _style(call.arguments)}
    )
    found["calls.keys"] = [
        [name, sorted(value) if isinstance(value, dict) else json_type(value)] for name, value in values
    ]
    if judged:
        found["args.valid"] = not unknown and not any(
            places[f"args.{kind}"]
            for kind in (
                "invalid_json", "double_encoded", "string_encoded", "required_missing", "undeclared_closed",
                "type_mismatch", "enum", "null", "constraint",
            )
        )  # fmt: skip
    # Gemini pairs calls with results by name where it gives no ids; a recording may have left them out.
    if any(ids) or not {"gemini", "recorded"} & {reply.dialect, reply.form}:
        found["tool.id_invalid"] = any(not identity for identity in ids) or len(set(ids)) < len(ids)
    return found


def argument_hulls(reply: Reply, declared: Mapping[str, JSON]) -> dict[str, Hull]:
    """Return the hull of the arguments of each declared tool that was called; what does not parse is no value."""
    hulls: dict[str, Hull] = {}
    for call in reply.calls:
        if call.name not in declared:
            continue
        try:
            value = call.parsed()
            value = strict_loads(value) if isinstance(value, str) else value
        except StrictJSONError:
            continue
        hulls[call.name] = join(hulls.get(call.name, {}), hull_of(value, declared[call.name]))
    return hulls


def _style(arguments: str) -> Iterator[str]:
    """Name how an object is spelled, aspect by aspect: the rung below its value. What shows no aspect names none."""
    try:
        value = strict_loads(arguments)
    except StrictJSONError:
        return
    if not isinstance(value, dict) or not value:
        return
    yield "indented" if "\n" in arguments else "spaced" if '": ' in arguments else "compact"
    if len(value) > 1:
        yield "sorted" if list(value) == sorted(value) else "unsorted"
    if "\\u" in arguments or "\\/" in arguments:
        yield "escaped"
    elif "/" in arguments or not arguments.isascii():
        yield "plain"


def _properties(schema: JSON) -> Mapping[str, Any]:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    return properties if isinstance(properties, Mapping) else {}


def _breaches(tool: str, value: JSON, schema: JSON, places: dict[str, list[str]]) -> None:
    """Sort each violation of the declared schema into its kind."""
    for found in chain.from_iterable(map(_meant, violations(value, schema))):
        place = f"{tool}#{general_pointer(found.path)}"
        if found.keyword == "required":
            missing = [key for key in found.wanted if key not in found.value]
            places["args.required_missing"] += [f"{place}/{escape(key)}" for key in missing]
        elif found.keyword in {"additionalProperties", "unevaluatedProperties"}:
            extra = set(found.value) - set(_properties(found.schema))
            places["args.undeclared_closed"] += [f"{place}/{escape(key)}" for key in sorted(extra)]
        elif found.keyword in {"enum", "const"}:
            places[f"args.{'null' if found.value is None else 'enum'}"].append(place)
        elif found.keyword == "type" or (found.keyword in {"anyOf", "oneOf"} and _all_type_errors(found)):
            places[f"args.{_type_breach(found)}"].append(place)
        elif found.keyword in _CONSTRAINTS:
            places["args.constraint"].append(place)
    if isinstance(schema, Mapping) and isinstance(value, Mapping):
        _open_breaches(tool, "", value, schema, places)


def _meant(found: Violation) -> Iterator[Violation]:
    """Follow a failed anyOf or oneOf into the one branch that the value was meant for: its type and tags fit."""
    fitting = [
        branch
        for branch in (found.branches if found.keyword in {"anyOf", "oneOf"} else ())
        if not any(
            (inner.keyword == "type" and inner.path == found.path)
            or (inner.keyword in {"const", "enum"} and len(inner.path) <= len(found.path) + 1)
            for inner in branch
        )
    ]
    if len(fitting) == 1:
        for inner in fitting[0]:
            yield from _meant(inner)
    else:
        yield found


def _all_type_errors(found: Violation) -> bool:
    inside = [*chain.from_iterable(found.branches)]
    return bool(inside) and all(inner.keyword == "type" for inner in inside)


def _wanted_types(found: Violation) -> set[str]:
    asking = [found] if found.keyword == "type" else chain.from_iterable(found.branches)
    wanted = [one.wanted for one in asking]
    return {name for names in wanted for name in ([names] if isinstance(names, str) else names)}


def _type_breach(found: Violation) -> str:
    at = found.value
    if at is None:
        return "null"
    wanted = _wanted_types(found)
    if isinstance(at, str) and wanted & {"object", "array"}:
        try:
            inner = strict_loads(at)
        except StrictJSONError:
            return "type_mismatch"
        if json_type(inner) in wanted:
            return "string_encoded"
    return "type_mismatch"


def _open_breaches(
    tool: str, pointer: str, value: Mapping[str, Any], schema: JSON, places: dict[str, list[str]]
) -> None:
    """Undeclared keys of open objects, and text that stands in for an absent optional value."""
    properties = _properties(schema)
    required = set(schema.get("required") or ()) if isinstance(schema, Mapping) else set()
    closed = isinstance(schema, Mapping) and schema.get("additionalProperties") is not None
    for key, inner in value.items():
        place = f"{tool}#{pointer}/{escape(key)}"
        declared = properties.get(key)
        if declared is None:
            if properties and not closed:
                places["args.undeclared"].append(place)
            continue
        if isinstance(inner, str) and key not in required and inner.strip().casefold() in _SENTINELS:
            said = declared if isinstance(declared, Mapping) else {}
            if inner not in (said.get("enum") or ()) and inner != said.get("default"):
                places["args.sentinel"].append(place)
        if isinstance(inner, Mapping):
            _open_breaches(tool, f"{pointer}/{escape(key)}", inner, declared, places)
        elif isinstance(inner, list) and isinstance(declared, Mapping):
            for element in inner:
                if isinstance(element, Mapping):
                    _open_breaches(tool, f"{pointer}/{escape(key)}/*", element, declared.get("items"), places)


def _collect_types(tool: str, pointer: str, value: JSON, types: set[str], formats: set[str]) -> None:
    if isinstance(value, dict):
        if pointer:
            types.add(f"{tool}#{pointer}:object")
        for key, inner in value.items():
            _collect_types(tool, f"{pointer}/{escape(key)}", inner, types, formats)
        return
    if isinstance(value, list):
        types.add(f"{tool}#{pointer}:array")
        for inner in value:
            _collect_types(tool, f"{pointer}/*", inner, types, formats)
        return
    kind = json_type(value)
    if isinstance(value, float) and value.is_integer():
        kind = "integral-number"  # 1.0 is a valid integer in JSON Schema and fails in range(1.0)
    types.add(f"{tool}#{pointer}:{kind}")
    if isinstance(value, str) and len(value) <= 200:
        for name, pattern in _FORMATS:
            if pattern.fullmatch(value.strip()):
                formats.add(f"{tool}#{pointer}:{name}")
                return
