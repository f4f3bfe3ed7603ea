# The template format: one YAML file with columns, defaults and cases becomes one frozen probe per case.
# Owns: keys, placeholders, merging (docs/probes.md). Refuses to know: single fields, where files lie, sending.
"""Read one template."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast, get_args

from drift.model import JSON, Event, Exchange, Expect, Operation, Probe, Purpose, Tool
from drift.suite.fields import (
    DIALECTS,
    read_arguments,
    read_by_dialect,
    read_checks,
    read_event,
    read_headers,
    read_messages,
    read_params,
    read_statuses,
    read_text,
    read_tool,
)
from drift.suite.nodes import Node, Sheet, read
from drift.yamlfile import kind, nearest

PURPOSES: tuple[str, ...] = get_args(Purpose)
OPERATIONS: tuple[str, ...] = get_args(Operation)
COSTS = ("zero-token", "cheap", "medium", "opt-in")
STORES = ("raw", "shape")
TIERS = (1, 2, 3)

_TEMPLATE = (
    "name", "family", "title", "tier", "why", "purpose", "cost", "epochs", "tags", "dialects", "store",
    "tools", "schemas", "columns", "defaults", "exchanges", "expect", "cases",
)  # fmt: skip
_FRAGMENT = (
    "operation", "system", "prompt", "messages", "tools", "tool_choice", "output_schema", "max_tokens",
    "stop", "stream", "model", "params", "overrides", "bodies", "headers",
)  # fmt: skip
_CASE = ("exchanges", "expect", "purpose", "epochs", "tags", "dialects")
_EXPECT = (
    "json", "schema", "labels", "pattern", "checks", "call", "arguments", "status", "answer", "answer_class",
    "must", "trap",
)  # fmt: skip

WORD = re.compile(r"[a-z][a-z0-9_]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_CASE_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}|\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A catalogue entry: expands to one probe per case.

    Attributes:
        file: file relative to the folder of the suite, with forward slashes.
        name: such as "json.plain".
        family: see `Probe.family`.
        title: one line: what it asks.
        tier: 1 = every version of the suite needs it, 3 = rarely needed.
        purpose: see `Probe.purpose`; a case may differ.
        cost: see `Probe.cost`.
        epochs: see `Probe.epochs`; a case may differ.
        tags: those that all cases have; see `Probe.tags`.
        dialects: see `Probe.dialects`; a case may differ.
        store: see `Probe.store`.
        why: documented events that it would have caught.
        probes: one per case, in order of the file.
    """

    file: str
    name: str
    family: str
    title: str
    tier: int
    purpose: Purpose
    cost: str
    epochs: int
    tags: tuple[str, ...]
    dialects: tuple[str, ...]
    store: str
    why: tuple[Event, ...]
    probes: tuple[Probe, ...]

    @property
    def cases(self) -> int:
        """Number of probes."""
        return len(self.probes)


def read_template(sheet: Sheet, place: str) -> Template | None:
    """Read one template; `place` is its file relative to the suite. None when problems were found in it."""
    before = len(sheet.problems)
    top = sheet.root.fields(_TEMPLATE, required=("name", "family", "title", "cases"))
    template = Template(
        file=place,
        name=read(top, "name", lambda node: node.word(_NAME, "json.plain"), ""),
        family=read(top, "family", lambda node: node.word(WORD, "json_format"), ""),
        title=read(top, "title", Node.text, ""),
        tier=read(top, "tier", _read_tier, 2),
        purpose=cast("Purpose", read(top, "purpose", lambda node: node.one_of(PURPOSES), "unknown")),
        cost=read(top, "cost", lambda node: node.one_of(COSTS), "cheap"),
        epochs=read(top, "epochs", Node.count, 1),
        tags=(),
        dialects=read(top, "dialects", lambda node: node.some_of(DIALECTS), ()),
        store=read(top, "store", lambda node: node.one_of(STORES), "raw"),
        why=tuple(read_event(node) for node in read(top, "why", Node.items, [])),
        probes=(),
    )
    expander = _Expander.read(template, top)
    cases = read(top, "cases", lambda node: node.fields(None), {})
    if "cases" in top and not cases:
        top["cases"].problem("holds no case", "write at least one `id: …` line")
    probes = tuple(expander.expand(case_id, node) for case_id, node in cases.items())
    for column in expander.columns:
        if cases and column not in expander.used:
            top["columns"].problem(f"no text uses the column {column!r}", f"write {{{column}}} or drop it")
    if len(sheet.problems) > before:
        return None
    common = [tag for tag in probes[0].tags if all(tag in probe.tags for probe in probes)]
    return replace(template, tags=tuple(common), probes=probes)


def _read_tier(node: Node) -> int:
    if type(node.value) is not int or node.value not in TIERS:
        node.problem(f"must be one of {', '.join(map(str, TIERS))}, not {node.value!r}")
        return TIERS[-1]
    return node.value


def _read_columns(top: Mapping[str, Node]) -> tuple[str, ...]:
    nodes = read(top, "columns", Node.items, [])
    columns = [node.word(WORD, "text") for node in nodes]
    for number, (name, node) in enumerate(zip(columns, nodes, strict=True)):
        if name in columns[:number]:
            node.problem(f"the column {name!r} occurs twice", "name each column once")
        if name in (*_FRAGMENT, *_CASE):
            node.problem(f"{name!r} has a meaning of its own in a case", "give the column another name")
    return tuple(columns)


@dataclass(frozen=True, slots=True)
class _Expander:
    """What the cases of one template share, and how one of them becomes a probe.

    Attributes:
        used: the columns that some text has used so far.
    """

    template: Template
    columns: tuple[str, ...]
    tools: Mapping[str, tuple[Tool, ...]]
    schemas: Mapping[str, JSON]
    defaults: Mapping[str, Node]
    exchanges: Sequence[Mapping[str, Node]]
    expect: Mapping[str, Node]
    tags: Sequence[Node]
    used: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, template: Template, top: Mapping[str, Node]) -> _Expander:
        """Read the shared parts of a template."""

        def fragment(node: Node) -> dict[str, Node]:
            return node.fields(_FRAGMENT)

        def mapping(key: str) -> dict[str, Node]:
            return read(top, key, lambda node: node.fields(None), {})

        if "exchanges" in top and top["exchanges"].value == []:
            top["exchanges"].problem("sends nothing", "write at least one exchange or drop the key")
        return cls(
            template=template,
            columns=_read_columns(top),
            tools={name: read_tool(name, node) for name, node in mapping("tools").items()},
            schemas={name: node.schema({}) for name, node in mapping("schemas").items()},
            defaults=read(top, "defaults", fragment, {}),
            exchanges=[fragment(node) for node in read(top, "exchanges", Node.items, [])] or [{}],
            expect=read(top, "expect", lambda node: node.fields(_EXPECT), {}),
            tags=read(top, "tags", Node.items, []),
        )

    def expand(self, case_id: str, case: Node) -> Probe:
        """Turn one case into a probe."""
        if not _CASE_ID.fullmatch(case_id):
            case.problem(f"{case_id!r} is no id of a case", "write lower-case letters, digits, - and _")
        given, values = self._split(case)
        template = self.template
        dialects = read(given, "dialects", lambda node: node.some_of(DIALECTS), template.dialects)
        exchanges: list[Exchange] = []
        for fragment in self._fragments(given, values, case):
            exchanges.append(self._exchange(fragment, case, dialects or DIALECTS, len(exchanges)))
        tags = [self._fill(node, values, case) for node in self.tags] + read(given, "tags", Node.items, [])
        expected = {key: self._fill(node, values, case) for key, node in self.expect.items()}
        expected |= read(given, "expect", lambda node: node.fields(_EXPECT), {})
        purpose = read(given, "purpose", lambda node: node.one_of(PURPOSES), template.purpose)
        probe = Probe(
            id=f"{template.name}/{case_id}",
            template=template.name,
            family=template.family,
            purpose=cast("Purpose", purpose),
            exchanges=tuple(exchanges),
            expect=self._expect(expected, case, exchanges),
            why=template.why,
            epochs=read(given, "epochs", Node.count, template.epochs),
            cost=template.cost,
            tags=tuple(dict.fromkeys(node.text() for node in tags)),
            dialects=dialects,
            store=cast("Any", template.store),
            origin=f"{template.file}:{case.line}",
        )
        _check_purpose(probe, case)
        return probe

    def _split(self, case: Node) -> tuple[dict[str, Node], dict[str, Node]]:
        """Split a case into its own fields and its values for the columns."""
        values: list[Node] | None = None
        if isinstance(case.value, list):
            values = case.items()
        elif len(self.columns) == 1 and not isinstance(case.value, dict):
            values = [case]
        if values is not None:
            if len(values) != len(self.columns):
                todo = f"give one for each column: {', '.join(self.columns) or 'there is none'}"
                case.problem(f"has {len(values)} values for {len(self.columns)} columns", todo)
            return {}, dict(zip(self.columns, values, strict=False))
        fields = case.fields((*self.columns, *_CASE, *_FRAGMENT))
        for column in self.columns:
            if column not in fields:
                case.problem(f"the column {column!r} is missing", "give it a value")
        return (
            {key: node for key, node in fields.items() if key not in self.columns},
            {key: node for key, node in fields.items() if key in self.columns},
        )

    def _fragments(
        self, given: Mapping[str, Node], values: Mapping[str, Node], case: Node
    ) -> list[dict[str, Node]]:
        """Merge each exchange of a case: the defaults, then the exchange, then what the case says itself."""

        def filled(fragment: Mapping[str, Node]) -> dict[str, Node]:
            return {key: self._fill(node, values, case) for key, node in fragment.items()}

        if "exchanges" in given:
            bases = [node.fields(_FRAGMENT) for node in given["exchanges"].items()]
            if not bases:
                given["exchanges"].problem("sends nothing", "write at least one exchange or drop the key")
        else:
            bases = [filled(fragment) for fragment in self.exchanges]
        own = {key: node for key, node in given.items() if key in _FRAGMENT}
        return [_merge(filled(self.defaults), base, own) for base in bases]

    def _fill(self, node: Node, values: Mapping[str, Node], case: Node) -> Node:
        """Fill the `{placeholders}` of a shared value; what was filled has the place of the case."""
        if not self.columns:
            return node
        value = self._filled(node, node.value, values)
        return node if value == node.value else Node(node.sheet, (*case.path, *node.path), value)

    def _filled(self, node: Node, value: JSON, values: Mapping[str, Node]) -> JSON:
        if isinstance(value, dict):
            return {key: self._filled(node, item, values) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(node, item, values) for item in value]
        if not isinstance(value, str) or "{" not in value:
            return value
        whole = _PLACEHOLDER.fullmatch(value)
        if whole and whole[2] in values:
            self.used.add(whole[2])
            return values[whole[2]].value
        return _PLACEHOLDER.sub(lambda match: self._inserted(node, match, values), value)

    def _inserted(self, node: Node, match: re.Match[str], values: Mapping[str, Node]) -> str:
        escaped, name = match.groups()
        if escaped is not None:
            return f"{{{escaped}}}"
        if name not in self.columns:
            todo = f"columns: {', '.join(self.columns)}; {{{{{name}}}}} stands for the plain text"
            node.problem(f"no column is called {name!r}", todo)
        if name not in values:
            return match[0]
        self.used.add(name)
        inserted = values[name]
        if not isinstance(inserted.value, str) and type(inserted.value) is not int:
            inserted.problem(f"stands inside a text and is {kind(inserted.value)}", "put it in quotes")
        return str(inserted.value)

    def _exchange(
        self, fragment: Mapping[str, Node], case: Node, dialects: Sequence[str], number: int
    ) -> Exchange:
        tools: list[Tool] = []
        for node in read(fragment, "tools", Node.items, []):
            if node.text() in self.tools:
                tools.extend(self.tools[node.value])
            else:
                todo = nearest(str(node.value), [*self.tools]) if self.tools else "write it below `tools`"
                node.problem(f"no tool is called {node.value!r}", todo)
        choices = ("auto", "any", "none", *(tool.name for tool in tools))
        operation = read(fragment, "operation", lambda node: node.one_of(OPERATIONS), "generate")
        exchange = Exchange(
            operation=cast("Operation", operation),
            system=read(fragment, "system", read_text, None),
            messages=read_messages(fragment, number),
            tools=tuple(tools),
            tool_choice=read(fragment, "tool_choice", lambda node: node.one_of(choices), None),
            output_schema=read(fragment, "output_schema", lambda node: node.schema(self.schemas), None),
            max_tokens=read(fragment, "max_tokens", Node.count, None),
            stop=read(fragment, "stop", Node.texts, ()),
            stream=read(fragment, "stream", Node.flag, default=False),
            model=read(fragment, "model", Node.text, None),
            params=read(fragment, "params", read_params, {}),
            overrides=read(fragment, "overrides", read_by_dialect, {}),
            bodies=read(fragment, "bodies", read_by_dialect, {}),
            headers=read(fragment, "headers", read_headers, {}),
        )
        if exchange.operation == "list_models":
            if exchange.messages:
                case.problem("lists models, and has a prompt that nobody reads", "drop the prompt")
        elif not exchange.messages and not set(dialects) <= set(exchange.bodies):
            missing = ", ".join(name for name in dialects if name not in exchange.bodies)
            case.problem(f"asks nothing of {missing}", "write `prompt`, `messages` or `bodies`")
        return exchange

    def _expect(self, fields: Mapping[str, Node], case: Node, exchanges: Sequence[Exchange]) -> Expect:
        expect = Expect(
            json=read(fields, "json", Node.flag, default=False),
            schema=read(fields, "schema", lambda node: node.schema(self.schemas), None),
            labels=read(fields, "labels", Node.texts, ()),
            pattern=read(fields, "pattern", Node.regex, None),
            checks=read(fields, "checks", read_checks, {}),
            call=read(fields, "call", lambda node: node.text(empty=True), None),
            arguments=read(fields, "arguments", read_arguments, None),
            status=read(fields, "status", read_statuses, ()),
            answer=read(fields, "answer", Node.text, None),
            answer_class=read(fields, "answer_class", Node.text, None),
            must=cast("Any", read(fields, "must", lambda node: node.one_of(("answer", "refuse")), None)),
            trap=read(fields, "trap", Node.regex, None),
        )
        if expect.schema is not None and not expect.json:
            case.problem("expects a schema without JSON", "add `json: true`")
        offered = [tool.name for exchange in exchanges for tool in exchange.tools]
        if expect.call and expect.call not in offered:
            todo = nearest(expect.call, offered) if offered else "offer it with `tools`"
            fields["call"].problem(f"no tool on offer is called {expect.call!r}", todo)
        if expect.arguments is not None and not expect.call:
            fields["arguments"].problem("belongs to no call", "write `call:` with the name of the tool")
        if len(set(expect.labels)) != len(expect.labels):
            fields["labels"].problem("a label occurs twice", "write each once")
        if expect.labels and expect.answer is not None and expect.answer not in expect.labels:
            todo = nearest(expect.answer, expect.labels)
            fields["answer"].problem(f"{expect.answer!r} is none of the labels", todo)
        return expect


def _merge(*fragments: Mapping[str, Node]) -> dict[str, Node]:
    """Merge fragments, later ones win key by key; `prompt` and `messages` are two spellings of one thing."""
    merged: dict[str, Node] = {}
    for fragment in fragments:
        if "prompt" in fragment and "messages" in fragment:
            fragment["prompt"].problem("stands beside `messages`", "write one of the two")
        if "prompt" in fragment:
            merged.pop("messages", None)
        if "messages" in fragment:
            merged.pop("prompt", None)
        merged |= fragment
    return merged


def _check_purpose(probe: Probe, case: Node) -> None:
    """Note what the purpose of a probe demands and the case does not have."""
    if probe.purpose == "label" and not probe.expect.labels:
        case.problem("asks for a label and names none", "write `expect: {labels: […]}`")
    if probe.purpose == "rejection" and not probe.expect.status:
        case.problem("asks for a rejection and names no status", "write `expect: {status: [400]}`")
    if probe.purpose == "tool_call" and not any(exchange.tools for exchange in probe.exchanges):
        case.problem("asks for a tool call and offers no tool", "write `tools: […]`")
    if probe.store == "shape" and probe.expect.must is None:
        case.problem("keeps shapes only and does not say what must come", "write `expect: {must: answer}`")
