# Settings and manifests: YAML, JSON, .env, XML as keys with values, comments skipped.
# Owns: positions of values in these formats, what to do with broken ones. Refuses to know: ids, dates, packages.
"""Read data files.

Nothing is built from them but a list of keys and values with their places: aliases are not expanded, tags
mean nothing, and depth costs nothing, so that no file can do harm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from drift.model import JSON
from drift.scan.found import MODEL_KEYS, NESTED, Code, Parameter, Request, Text
from drift.scan.lexer import SHELL, TOML, read_literals
from drift.yamlfile import scan_yaml

_YAML_LARGEST = 300_000  # characters; ruamel.yaml reads some 100 kB a second
_YAML_DEEPEST = 60  # brackets within brackets; its time grows with the square of them
_SCRIPTS = re.compile(
    r"(?:after_|before_)?scripts?|entrypoint|exec|inline|run|shell|(?:\w+[_-])?(?:args|arguments|cmd|commands?|flags)",
    re.IGNORECASE,
)
"""Keys whose values are commands."""


@dataclass(frozen=True, slots=True)
class Item:
    """A scalar of a data file.

    Attributes:
        key: under which it stands; entries of a list stand under the key of the list.
        value: as text.
        line, column: from 1.
        group: number of the mapping that it stands in.
        is_key: it is a key itself.
        is_text: it was quoted, or can be nothing but text.
        is_block: it spans lines of its own below its key.
    """

    key: str
    value: str
    line: int
    column: int
    group: int
    is_key: bool = False
    is_text: bool = False
    is_block: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A mapping: the key that it stands under, and the number of the mapping around it."""

    key: str = ""
    parent: int = 0


# ---------------------------------------------------------------- formats


def read_json(text: str) -> Code:
    """Read JSON, also with comments and trailing commas; what is broken is read as far as its tokens go."""
    groups = [Group()]
    return _code(list(_json(text, groups)), groups)


_TOKEN = re.compile(
    r"//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?|"
    r"(?P<string>\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+')|(?P<sign>[{}\[\],])|(?P<scalar>[\w.+-]+)"
)
_COLON = re.compile(r"\s*:")


@dataclass(slots=True)
class _Open:
    is_list: bool
    group: int
    key: str
    awaits_key: bool = True


def _json(text: str, groups: list[Group]) -> Iterator[Item]:
    stack = [_Open(is_list=True, group=0, key="")]
    line, line_start, seen = 1, 0, 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup is None:
            continue
        top = stack[-1]
        if match[0] == "{":
            groups.append(Group(top.key, top.group))
            stack.append(_Open(is_list=False, group=len(groups) - 1, key=""))
        elif match[0] == "[":
            stack.append(_Open(is_list=True, group=top.group, key=top.key))
        elif match[0] in {"}", "]"}:
            if len(stack) > 1:
                stack.pop()
        elif match[0] == ",":
            top.awaits_key = True
        else:
            jumped = text.count("\n", seen, match.start())
            if jumped:
                line, line_start = line + jumped, text.rfind("\n", 0, match.start()) + 1
            seen = match.start()
            column = seen - line_start + 1
            is_text = match.lastgroup == "string"
            value = _unquoted(match[0]) if is_text else match[0]
            is_key = not top.is_list and top.awaits_key and _COLON.match(text, match.end()) is not None
            if is_key:
                top.key, top.awaits_key = value, False
            yield Item(top.key, value, line, column, top.group, is_key, is_text)


def _unquoted(token: str) -> str:
    try:
        value = json.loads(token) if token[0] == '"' else token[1:-1]
    except ValueError:
        return token[1:-1]
    return str(value)


def read_yaml(text: str) -> Code:
    """Read YAML with any number of documents; templates and broken files are read line by line."""
    groups = [Group()]
    problem = ""
    if len(text) > _YAML_LARGEST or _depth(text) > _YAML_DEEPEST:
        items = list(_yaml_lines(text))
    else:
        try:
            items = list(_yaml(text, groups))
        except ValueError:
            problem = "is no YAML that can be parsed"
            groups, items = [Group()], list(_yaml_lines(text))
    return replace(_code(items, groups), problem=problem)


def _depth(text: str) -> int:
    depth = deepest = 0
    for sign in re.findall(r"[\[\]{}]", text):
        depth = depth + 1 if sign in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


def _yaml(text: str, groups: list[Group]) -> Iterator[Item]:
    stack = [_Open(is_list=True, group=0, key="")]
    for event in scan_yaml(text):
        top = stack[-1]
        if event.kind in {"mapping", "list"}:
            is_list = event.kind == "list"
            if not is_list:
                groups.append(Group(top.key, top.group))
            inner = _Open(is_list, top.group if is_list else len(groups) - 1, top.key if is_list else "")
            top.awaits_key = True
            stack.append(inner)
        elif event.kind == "end":
            stack.pop()
        elif event.kind == "alias":
            top.awaits_key = not top.awaits_key
        else:
            is_key = not top.is_list and top.awaits_key
            top.awaits_key = not is_key
            if is_key:
                top.key = event.text
            is_block = event.style in {"|", ">"}
            line = event.line + is_block
            is_text = bool(event.style)
            yield Item(top.key, event.text, line, event.column, top.group, is_key, is_text, is_block)


_YAML_LINE = re.compile(
    r"^(?P<indent>[ \t]*(?:- +)*)(?:(?P<key>[\w./@-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*:(?=[ \t]|$)[ \t]*)?"
    r"(?P<value>\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*'|[^\s#][^\n]*?)?[ \t]*(?:(?:^|(?<=\s))#[^\n]*)?$",
    re.MULTILINE,
)


def _yaml_lines(text: str) -> Iterator[Item]:
    """Yield `key: value` and `- value` of each line; for files that are too large or no YAML."""
    key = ""
    for number, line in enumerate(text.split("\n"), start=1):
        match = _YAML_LINE.match(line)
        if match is None or line.lstrip().startswith("#"):
            continue
        if match["key"] is not None:
            key = match["key"].strip("\"'")
        if match["value"] is None:
            continue
        pairs = list(_FLOW.finditer(match["value"])) if match["value"].startswith(("{", "[")) else []
        for pair in pairs:
            column = match.start("value") + pair.start("value") + 1
            yield Item(pair["key"].strip("\"'"), pair["value"].strip().strip("\"'"), number, column, 0)
        if not pairs:
            yield Item(key, match["value"].strip("\"'"), number, match.start("value") + 1, 0)


_FLOW = re.compile(
    r"[{,]\s*(?P<key>[\w./@-]{1,100}|\"[^\"\n]{1,100}\"|'[^'\n]{1,100}')\s*:\s+"
    r"(?P<value>\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*'|[^\s,{}\[\]\"'#][^,{}\n]*)"
)
"""`key: value` inside the brackets of one line."""

_SETTING = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<key>[\w.\[\]-]+)[ \t]*[=:][ \t]*"
    r"(?P<value>\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*'|[^\n]*?)[ \t]*(?:(?<=[ \t])[#;][^\n]*)?$"
)


def read_settings(text: str) -> Code:
    """Read `KEY=value` lines: .env, .properties, .ini."""
    items = []
    for number, line in enumerate(text.split("\n"), start=1):
        match = _SETTING.match(line.rstrip("\r"))
        if match is not None and not line.lstrip().startswith(("#", ";", "!")):
            items.append(Item(match["key"], match["value"].strip("\"'"), number, match.start("value") + 1, 0))
    return _code(items, [Group()])


_TAG = re.compile(r"<([A-Za-z][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*+)\s*(/?)>")
_ATTRIBUTE = re.compile(r"([\w.:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def read_xml(text: str) -> Code:
    """Read attributes and texts of XML: project files, settings."""
    bare = re.sub(r"<!--.*?(?:-->|\Z)", lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.DOTALL)
    items = []
    groups = [Group()]
    line, seen = 1, 0
    for match in _TAG.finditer(bare):
        line += bare.count("\n", seen, match.start())
        seen = match.start()
        groups.append(Group(match[1]))
        attributes = {name: double or single for name, double, single in _ATTRIBUTE.findall(match[2])}
        named = attributes.get("key") or attributes.get("name") or attributes.get("Include") or ""
        for name, value in attributes.items():
            key = named if name in {"value", "Version"} and named else name
            items.append(Item(key, value, line, 1, len(groups) - 1))
        content = re.compile(r"[^<]{1,300}").match(bare, match.end())
        if not match[3] and content is not None and content[0].strip():
            down = content[0][: len(content[0]) - len(content[0].lstrip())].count("\n")
            items.append(Item(match[1], content[0].strip(), line + down, 1, len(groups) - 1))
    return _code(items, groups)


# ---------------------------------------------------------------- from items to code


def _code(items: list[Item], groups: list[Group]) -> Code:
    texts: list[Text] = []
    for item in items:
        texts += _texts(item, groups)
    bare = "\n".join(f"{item.key}={item.value}" for item in items if not item.is_key)
    commands = "\n".join(item.value for item in items if _is_script(item, groups) and not item.is_key)
    return Code(tuple(texts), tuple(requests_of(items, groups)), bare, commands)


def _is_script(item: Item, groups: list[Group]) -> bool:
    return any(_SCRIPTS.fullmatch(key) for key in (item.key, groups[item.group].key))


def _texts(item: Item, groups: list[Group]) -> Iterator[Text]:
    group = groups[item.group]
    is_script = _is_script(item, groups)
    place = Text(
        item.value, item.line, item.column, "" if item.is_key else item.key, "key" if item.is_key else "entry",
        parent=group.key, is_script=is_script,
    )  # fmt: skip
    if "\n" not in item.value:
        pair = None if item.is_key else _PAIR.fullmatch(item.value)
        # `- MODEL=gpt-…` in a list of variables
        yield (
            place
            if pair is None
            else replace(place, key=pair[1], value=pair[2], column=item.column + pair.start(2))
        )
        return
    inner = _inside(item.key, is_script=is_script)
    if inner is not None:
        for text in inner(item.value).texts:
            yield replace(text, line=text.line + item.line - 1 if item.is_block else item.line)
        return
    for number, line in enumerate(item.value.split("\n")):
        if line.strip() and not line.lstrip().startswith(("#", "//")):
            yield replace(place, value=line.strip(), line=item.line + (number if item.is_block else 0))


_PAIR = re.compile(r"([A-Za-z_]\w*)=([^\s=]+)")


def _inside(key: str, *, is_script: bool) -> Callable[[str], Code] | None:
    """Return how to read a file inside a file: a script of a workflow, a file of a ConfigMap."""
    if is_script:
        return lambda text: read_literals(text, SHELL)
    ending = key.rpartition(".")[2].lower()
    readers = {
        "json": read_json,
        "yaml": read_yaml,
        "yml": read_yaml,
        "env": read_settings,
        "properties": read_settings,
    }
    return readers.get(ending) if "." in key else None


def requests_of(items: Iterable[Item], groups: list[Group]) -> Iterator[Request]:
    """Yield the mappings that name a model, each with the entries beside it."""
    held: dict[int, list[Item]] = {}
    for item in items:
        if not item.is_key:
            held.setdefault(item.group, []).append(item)
    below: dict[int, list[int]] = {}
    for number, group in enumerate(groups[1:], start=1):
        below.setdefault(group.parent, []).append(number)
    for number, entries in held.items():
        names = ("name",) if any(entry.key == "format" for entry in entries) else MODEL_KEYS
        model = next((entry for entry in entries if entry.key in names), None)
        if model is None and _is_about_model(number, below, groups):
            model = next((entry for entry in entries if entry.key in {"id", "name"}), None)
        if model is not None and number:
            parameters = tuple(_parameters(number, held, below, groups))
            yield Request(model.line, model.column, model.value, parameters)


def _is_about_model(number: int, below: Mapping[int, list[int]], groups: list[Group]) -> bool:
    """Whether a mapping describes a model: it stands under "model", or holds what a request is configured with."""
    return groups[number].key in MODEL_KEYS or any(
        groups[inner].key in NESTED for inner in below.get(number, ())
    )


_TOML_SECTION = re.compile(r"\s*\[{1,2}\s*([\w.\"'-]{1,200})\s*\]{1,2}\s*(?:#.*)?$")
_TOML_ENTRY = re.compile(
    r"\s*(?P<key>[\w-]{1,100})\s*=\s*(?P<value>\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*'|[^\s#\"'{\[][^#\n]*?)\s*(?:#.*)?$"
)


def read_toml(text: str) -> Code:
    """Read TOML by its strings, and the entries of each section as what stands beside a model."""
    groups = [Group(), Group()]
    items = []
    for number, line in enumerate(text.split("\n"), start=1):
        if (section := _TOML_SECTION.match(line)) is not None:
            groups.append(Group(section[1].rpartition(".")[2].strip("\"'")))
        elif (entry := _TOML_ENTRY.match(line)) is not None:
            value = entry["value"]
            quoted = value[:1] in {'"', "'"}
            items.append(
                Item(
                    entry["key"],
                    _unquoted(value) if quoted else value,
                    number,
                    entry.start("value") + 1,
                    len(groups) - 1,
                    is_text=quoted,
                )
            )
    code = read_literals(text, TOML)
    return replace(code, requests=(*code.requests, *requests_of(items, groups)))


def _parameters(
    number: int, held: Mapping[int, list[Item]], below: Mapping[int, list[int]], groups: list[Group]
) -> Iterator[Parameter]:
    for entry in held.get(number, ()):
        yield Parameter(entry.key, entry.line, entry.column, _value(entry), is_known=True)
    for inner in below.get(number, ()):
        if groups[inner].key in NESTED:
            yield from _parameters(inner, held, below, groups)
        elif entries := held.get(inner):
            value: dict[str, Any] = {entry.key: _value(entry) for entry in entries}
            yield Parameter(groups[inner].key, entries[0].line, entries[0].column, value, is_known=True)


def _value(item: Item) -> JSON:
    if item.is_text:
        return item.value
    try:
        return json.loads(item.value)
    except ValueError:
        return item.value
