# Loading, selecting and validating probes: every mistake has its exact place, and every shorthand its meaning.
# Owns: the format of docs/probes.md as executable cases. Refuses to know: what the packaged templates ask.

from __future__ import annotations

import copy
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from drift.errors import ConfigError, UsageError
from drift.model import Exchange, Expect, Message, Probe, Suite, Tool, probe_from_json, probe_to_json
from drift.suite import (
    CHECKS,
    Problem,
    calls,
    list_suites,
    list_templates,
    load_suite,
    select,
    suite_path,
    validate,
)
from drift.suite.filler import filler

TEMPLATE = """\
name: own.mail
family: labels
title: Which team takes a mail
purpose: label
columns: [team, mail]
defaults:
  prompt: "{mail}"
  max_tokens: 64
expect: {labels: [billing, shipping], answer: "{team}"}
cases:
  fee: [billing, "You took the fee twice."]
  parcel: [shipping, "Where is my parcel?"]
"""

HEAD = "name: own.a\nfamily: a\ntitle: T\n"  # three lines; what follows begins on line 4
ONE = "cases: {x: {prompt: P}}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    return own


def write(folder: Path, text: str, name: str = "mail.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str) -> tuple[Probe, ...]:
    return load_suite(str(write(folder, text))).probes


def problems(folder: Path, text: str) -> list[Problem]:
    return validate(write(folder, text))


# ---------------------------------------------------------------- what a template means


def test_a_case_becomes_a_probe_with_the_shared_parts_filled_in(folder: Path) -> None:
    probe, _ = load(folder, TEMPLATE)
    assert probe == Probe(
        id="own.mail/fee",
        template="own.mail",
        family="labels",
        purpose="label",
        exchanges=(Exchange(messages=(Message("user", "You took the fee twice."),), max_tokens=64),),
        expect=Expect(labels=("billing", "shipping"), answer="billing"),
        origin="mail.yaml:11",
    )


def test_a_case_may_override_any_part_and_take_one_away_with_null(folder: Path) -> None:
    text = TEMPLATE + (
        '  loud: {team: billing, mail: "REFUND", max_tokens: null, system: Be calm., tags: [shouting],\n'
        "    epochs: 4, dialects: [anthropic], purpose: prose, expect: {labels: null}}\n"
    )
    probe = load(folder, text)[-1]
    assert probe.exchanges[0] == Exchange(system="Be calm.", messages=(Message("user", "REFUND"),))
    assert (probe.tags, probe.epochs, probe.dialects, probe.purpose) == (
        ("shouting",),
        4,
        ("anthropic",),
        "prose",
    )
    assert probe.expect == Expect(answer="billing")


def test_one_column_needs_no_list(folder: Path) -> None:
    text = HEAD + "columns: [text]\ndefaults: {prompt: 'Say {text}'}\ncases:\n  x: this\n  y: [that]\n"
    assert [probe.exchanges[0].messages[0].content for probe in load(folder, text)] == [
        "Say this",
        "Say that",
    ]


def test_a_lone_placeholder_keeps_the_kind_of_its_value_and_doubled_braces_are_plain_text(
    folder: Path,
) -> None:
    text = """\
name: own.a
family: a
title: T
columns: [number, extra]
defaults:
  prompt: 'Is {number} in {{number}} or {"a": 1}?'
  params: {seed: "{number}", nested: ["{extra}"]}
cases:
  x: [7, {deep: [true]}]
"""
    exchange = load(folder, text)[0].exchanges[0]
    assert exchange.messages[0].content == 'Is 7 in {number} or {"a": 1}?'
    assert exchange.params == {"seed": 7, "nested": [{"deep": [True]}]}


def test_values_of_cases_are_never_looked_into(folder: Path) -> None:
    probe = load(folder, TEMPLATE + '  braces: [billing, "{team} {mail} {nobody}"]\n')[-1]
    assert probe.exchanges[0].messages[0].content == "{team} {mail} {nobody}"


def test_several_exchanges_replay_what_came_before(folder: Path) -> None:
    text = """\
name: own.trip
family: tool_calls
title: T
purpose: prose
tools:
  read_meter: {description: Reads., input_schema: {type: object, properties: {}}}
columns: [question]
defaults: {tools: [read_meter], max_tokens: 9, prompt: unused}
exchanges:
  - prompt: "{question}"
  - messages: [{user: "{question}"}, {replay: 0}, {tool_results: "12"}]
    max_tokens: 7
cases:
  a: "How much?"
"""
    first, second = load(folder, text)[0].exchanges
    tool = Tool("read_meter", "Reads.", {"type": "object", "properties": {}})
    assert first == Exchange(messages=(Message("user", "How much?"),), tools=(tool,), max_tokens=9)
    assert second.messages == (
        Message("user", "How much?"),
        Message("assistant", replay=0),
        Message("user", tool_results="12"),
    )
    assert (second.tools, second.max_tokens) == ((tool,), 7)


def test_schemas_are_named_or_written_in_place(folder: Path) -> None:
    text = """\
name: own.s
family: json_format
title: T
purpose: machine
schemas: {pair: {type: object, required: [a, b]}}
defaults: {prompt: Go, output_schema: pair}
expect: {json: true, schema: {type: object}}
cases:
  here: {}
  there: {expect: {schema: pair}}
"""
    here, there = load(folder, text)
    assert here.exchanges[0].output_schema == {"type": "object", "required": ["a", "b"]}
    assert here.expect.schema == {"type": "object"}
    assert there.expect.schema == {"type": "object", "required": ["a", "b"]}


def test_copies_of_a_tool_are_numbered(folder: Path) -> None:
    text = """\
name: own.c
family: tool_calls
title: T
tools:
  lamp: {description: "Lamp {n}.", input_schema: {type: object}, copies: 3}
  bell: {description: Bell., input_schema: {type: object}}
cases: {x: {prompt: P, tools: [lamp, bell], tool_choice: lamp_2}}
"""
    (exchange,) = load(folder, text)[0].exchanges
    assert [(tool.name, tool.description) for tool in exchange.tools] == [
        ("lamp_1", "Lamp 1."), ("lamp_2", "Lamp 2."), ("lamp_3", "Lamp 3."), ("bell", "Bell.")
    ]  # fmt: skip
    assert exchange.tool_choice == "lamp_2"


def test_a_long_text_is_made_and_always_the_same(folder: Path) -> None:
    text = """\
name: own.n
family: long_context
title: T
columns: [at]
defaults:
  system: {filler: {words: 30, seed: 2}}
  prompt: [{filler: {words: 400, insert: "The key is 418.", at: "{at}"}}, "Which key?"]
cases: {first: 0, middle: 50, last: 100}
"""
    first, middle, last = load(folder, text)
    paragraphs = [
        (probe.exchanges[0].messages[0].content or "").split("\n\n") for probe in (first, middle, last)
    ]
    assert [len(parts) for parts in paragraphs] == [len(paragraphs[0])] * 3
    assert [parts.index("The key is 418.") for parts in paragraphs] == [
        0,
        (len(paragraphs[0]) - 2) // 2,
        len(paragraphs[0]) - 2,
    ]
    assert {parts[-1] for parts in paragraphs} == {"Which key?"}
    assert (first.exchanges[0].system or "").startswith(
        "Near the school in Brook Street Ulf the roofer counted 42 loads"
    )


def test_the_made_text_never_changes() -> None:
    text = filler(145_000)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "78fcbf21da330074"
    assert filler(1, seed=1) != filler(1, seed=2)


def test_exact_bodies_and_headers_are_taken_as_they_are(folder: Path) -> None:
    text = """\
name: own.e
family: errors
title: T
purpose: rejection
dialects: [openai-chat]
expect: {status: [400, 401]}
cases:
  body: {bodies: {openai-chat: {messages: Hello}}, headers: {authorization: Bearer invalid, x-extra: ""}}
"""
    exchange = load(folder, text)[0].exchanges[0]
    assert exchange.bodies == {"openai-chat": {"messages": "Hello"}}
    assert exchange.headers == {"authorization": "Bearer invalid", "x-extra": ""}


def test_dates_are_texts_in_events(folder: Path) -> None:
    why = "why:\n  - {when: 2026-06-15, what: W, source: https://example.org/}\n"
    assert load(folder, TEMPLATE + why)[0].why[0].when == "2026-06-15"


def test_the_hash_does_not_depend_on_the_order_of_keys_or_on_expectations(folder: Path) -> None:
    shuffled = """\
# a comment
cases:
  parcel: {mail: "Where is my parcel?", team: shipping}
  fee: {mail: "You took the fee twice.", team: billing}
expect: {labels: [shipping, billing, other]}
defaults: {max_tokens: 64, prompt: "{mail}"}
columns: [mail, team]
tags: ["{team}"]
epochs: 3
title: Another title
family: labels
name: own.mail
purpose: label
"""
    before = {probe.id: probe.hash for probe in load(folder, TEMPLATE)}
    after = load_suite(str(write(folder, shuffled)))
    assert {probe.id: probe.hash for probe in after.probes} == before
    assert after.hash == load_suite(str(write(folder, TEMPLATE))).hash
    assert load(folder, TEMPLATE.replace("twice.", "twice!"))[0].hash != before["own.mail/fee"]


# ---------------------------------------------------------------- mistakes, each with its place


@pytest.mark.parametrize(
    ("text", "line", "field", "what", "todo"),
    [
        ("", 1, "", "must be a mapping, not nothing", "known keys: name"),
        ("- a\n", 1, "", "must be a mapping, not a list", "known keys: name"),
        ("name: own.a\nfamily: a\ncases: {x: {prompt: P}}\n", 1, "", "the key 'title' is missing", "write"),
        (HEAD, 1, "", "the key 'cases' is missing", "write a value"),
        ("name:\nfamily: a\ntitle: T\n" + ONE, 1, "", "the key 'name' is missing or empty", "write a value"),
        (HEAD + "caes: 1\n" + ONE, 4, "caes", "unknown key 'caes'", "did you mean 'cases'?"),
        (HEAD + "cases: {}\n", 4, "cases", "holds no case", "at least one"),
        (HEAD + "cases: [a]\n", 4, "cases", "must be a mapping, not a list", "`name: value`"),
        ("name: plain\nfamily: a\ntitle: T\n" + ONE, 1, "name", "'plain' is not allowed here", "json.plain"),
        ("name: own.a\nfamily: A b\ntitle: T\n" + ONE, 2, "family", "'A b' is not allowed", "json_format"),
        ("name: own.a\nfamily: a\ntitle: ''\n" + ONE, 3, "title", "must not be empty", "leave the key out"),
        ("name: own.a\nfamily: a\ntitle: 7\n" + ONE, 3, "title", "must be text, not a whole number", "quotes"),
        (HEAD + "tier: 4\n" + ONE, 4, "tier", "must be one of 1, 2, 3, not 4", ""),
        (HEAD + "tier: true\n" + ONE, 4, "tier", "must be one of 1, 2, 3, not True", ""),
        (HEAD + "purpose: lable\n" + ONE, 4, "purpose", "unknown value 'lable'", "did you mean 'label'?"),
        (HEAD + "cost: free\n" + ONE, 4, "cost", "unknown value 'free'", "zero-token"),
        (HEAD + "store: hash\n" + ONE, 4, "store", "unknown value 'hash'", "known: raw, shape"),
        (HEAD + "epochs: 0\n" + ONE, 4, "epochs", "must be a whole number from 1, not 0", ""),
        (HEAD + "epochs: true\n" + ONE, 4, "epochs", "must be a whole number from 1, not True", ""),
        (HEAD + "dialects: [openai]\n" + ONE, 4, "dialects.0", "unknown value 'openai'", "openai-chat"),
        (HEAD + "tags: slow\n" + ONE, 4, "tags", "must be a list, not text", "[a, b]"),
        (HEAD + "why: [{when: x, what: y}]\n" + ONE, 4, "why.0", "the key 'source' is missing", "write a value"),
        (
            HEAD + "why:\n  - when: x\n    what: y\n    source: http://example.org\n" + ONE,
            7,
            "why.0.source",
            "'http://example.org' is no public address",
            "https://",
        ),
        (HEAD + "tools: {bad name: {description: D, input_schema: {type: object}}}\n" + ONE, 4, "tools.bad name",
         "'bad name' is no name of a tool", "letters"),
        (HEAD + "tools:\n  t:\n    description: D\n" + ONE, 5, "tools.t", "the key 'input_schema' is missing", ""),
        (HEAD + "tools:\n  t:\n    description: D\n    input_schema: {type: objekt}\n" + ONE, 7,
         "tools.t.input_schema", "is no JSON Schema: $.type: 'objekt' is not valid", "json-schema.org"),
        (HEAD + "tools:\n  t: {description: D, input_schema: {type: string}}\n" + ONE, 5,
         "tools.t.input_schema", "describes no object", "type: object"),
        (HEAD + "schemas:\n  s: {$ref: 'https://example.org/s.json'}\n" + ONE, 5, "schemas.s",
         "refers to 'https://example.org/s.json' outside itself", ""),
        (HEAD + "schemas:\n  s: [1]\n" + ONE, 5, "schemas.s", "must be a mapping, not a list", ""),
        (HEAD + "tools:\n  t: {description: D, input_schema: {type: object}, copies: 2000}\n" + ONE, 5,
         "tools.t.copies", "makes 2000 tools", "at most 1000"),
        (HEAD + "cases:\n  x: {prompt: {filler: {words: 0}}}\n", 5, "cases.x.prompt.filler.words", "from 1, not 0", ""),
        (HEAD + "cases:\n  x: {prompt: {filler: {words: 9000000}}}\n", 5, "cases.x.prompt.filler.words",
         "makes 9000000 words", "at most"),
        (HEAD + "cases:\n  x: {prompt: [P, {filler: {words: 9, at: 101}}]}\n", 5, "cases.x.prompt.1.filler.at",
         "from 0 to 100, not 101", ""),
        (HEAD + "cases:\n  x: {prompt: {fillr: {words: 9}}}\n", 5, "cases.x.prompt.fillr",
         "unknown key 'fillr'", "filler"),
        (HEAD + "expect: {checks: {script: latn}}\n" + ONE, 4, "expect.checks.script", "unknown value 'latn'", "latin"),
        (HEAD + "expect:\n  arguments: {a: 1}\n" + ONE, 5, "expect.arguments", "belongs to no call", "`call:`"),
        (HEAD + "columns: [a, a]\ndefaults: {prompt: '{a}'}\ncases: {x: [1, 2]}\n", 4, "columns.1",
         "the column 'a' occurs twice", "once"),
        (HEAD + "columns: [prompt]\ncases: {x: P}\n", 4, "columns.0", "'prompt' has a meaning of its own", ""),
        (HEAD + "columns: [a, b]\ndefaults: {prompt: '{a}'}\ncases: {x: [P, Q]}\n", 4, "columns",
         "no text uses the column 'b'", "{b}"),
        (HEAD + "columns: [text]\ndefaults:\n  prompt: 'Say {txt} {text}'\ncases: {x: P}\n", 6,
         "defaults.prompt", "no column is called 'txt'", "columns: text"),
        (HEAD + "columns: [a, b]\ndefaults: {prompt: '{a} {b}'}\ncases:\n  x: [P]\n", 7, "cases.x",
         "has 1 values for 2 columns", "a, b"),
        (HEAD + "cases:\n  x: [P]\n", 5, "cases.x", "has 1 values for 0 columns", "there is none"),
        (HEAD + "cases:\n  x: P\n", 5, "cases.x", "must be a mapping, not text", "exchanges"),
        (HEAD + "columns: [a]\ndefaults: {prompt: '{a}'}\ncases:\n  x: {b: P}\n", 7, "cases.x.b",
         "unknown key 'b'", "known: a,"),
        (HEAD + "columns: [a]\ndefaults: {prompt: '{a}'}\ncases:\n  x: {system: S}\n", 7, "cases.x",
         "the column 'a' is missing", "value"),
        (HEAD + "columns: [a]\ndefaults: {prompt: 'Say {a}'}\ncases:\n  x: [[1]]\n", 7, "cases.x.0",
         "stands inside a text and is a list", "quotes"),
        (HEAD + "cases:\n  Bad Id: {prompt: P}\n", 5, "cases.Bad Id", "'Bad Id' is no id of a case", "lower-case"),
        (HEAD + "cases:\n  x: {}\n", 5, "cases.x", "asks nothing of anthropic, openai-chat, openai-responses, gemini",
         "`prompt`"),
        (HEAD + "cases:\n  x: {bodies: {gemini: {}}}\n", 5, "cases.x", "asks nothing of anthropic, openai-chat", ""),
        (HEAD + "cases:\n  x: {prompt: P, operation: list_models}\n", 5, "cases.x",
         "lists models, and has a prompt", "drop"),
        (HEAD + "exchanges: []\n" + ONE, 4, "exchanges", "sends nothing", "at least one"),
        (HEAD + "cases:\n  x: {exchanges: []}\n", 5, "cases.x.exchanges", "sends nothing", "at least one"),
        (HEAD + "cases:\n  x:\n    prompt: P\n    messages: []\n", 6, "cases.x.prompt", "stands beside `messages`", ""),
        (HEAD + "cases:\n  x:\n    messages:\n      - {human: P}\n", 7, "cases.x.messages.0.human",
         "unknown key 'human'", "assistant"),
        (HEAD + "cases:\n  x:\n    messages:\n      - {user: P, assistant: Q}\n", 7, "cases.x.messages.0",
         "must say one thing", "one of user"),
        (HEAD + "cases:\n  x:\n    messages: [{user: P}, {replay: 0}]\n", 6, "cases.x.messages.1.replay",
         "must be the number of an earlier exchange (from 0), not 0", ""),
        (HEAD + "cases:\n  x: {prompt: P, tools: [t]}\n", 5, "cases.x.tools.0", "no tool is called 't'", "`tools`"),
        (HEAD + "cases:\n  x: {prompt: P, tool_choice: always}\n", 5, "cases.x.tool_choice",
         "unknown value 'always'", "auto, any, none"),
        (HEAD + "cases:\n  x: {prompt: P, output_schema: pair}\n", 5, "cases.x.output_schema",
         "no schema is called 'pair'", "`schemas`"),
        (HEAD + "cases:\n  x: {prompt: P, stream: 1}\n", 5, "cases.x.stream", "must be true or false", ""),
        (HEAD + "cases:\n  x: {prompt: P, max_tokens: 1.5}\n", 5, "cases.x.max_tokens", "must be a whole number", ""),
        (HEAD + "cases:\n  x: {prompt: P, params: {day: 2026-01-01}}\n", 5, "cases.x.params.day",
         "holds a date (2026-01-01), which JSON has not", "quotes"),
        (HEAD + "cases:\n  x: {prompt: P, params: {p: .inf}}\n", 5, "cases.x.params.p", "holds inf", "finite"),
        (HEAD + "cases:\n  x: {prompt: P, overrides: {claude: {}}}\n", 5, "cases.x.overrides.claude",
         "unknown key 'claude'", "anthropic"),
        (HEAD + "cases:\n  x: {prompt: P, overrides: {gemini: 1}}\n", 5, "cases.x.overrides.gemini",
         "must be a mapping, not a whole number", ""),
        (HEAD + "cases:\n  x: {prompt: P, headers: {X-Extra: a}}\n", 5, "cases.x.headers.X-Extra",
         "the header 'X-Extra' has capitals", "'x-extra'"),
        (HEAD + "cases:\n  x: {prompt: P, headers: {x-api-key: abc123}}\n", 5, "cases.x.headers.x-api-key",
         "may hold a key, and probes are stored", "invalid"),
        (HEAD + "expect: {jsn: true}\n" + ONE, 4, "expect.jsn", "unknown key 'jsn'", "did you mean 'json'?"),
        (HEAD + "expect:\n  pattern: '('\n" + ONE, 5, "expect.pattern", "is no regular expression: missing )", ""),
        (HEAD + "expect: {schema: {type: object}}\n" + ONE, 5, "cases.x",
         "expects a schema without JSON", "json: true"),
        (HEAD + "expect: {json: true, schema: {required: a}}\n" + ONE, 4, "expect.schema",
         "is no JSON Schema: $.required", ""),
        (HEAD + "expect: {labels: [a, a]}\n" + ONE, 4, "expect.labels", "a label occurs twice", "once"),
        (HEAD + "expect: {labels: [Yes, true]}\n" + ONE, 4, "expect.labels.1", "must be text, not true or false", ""),
        (HEAD + "expect: {labels: [good, bad], answer: god}\n" + ONE, 4, "expect.answer",
         "'god' is none of the labels", "did you mean 'good'?"),
        (HEAD + "expect: {call: fetch}\n" + ONE, 4, "expect.call", "no tool on offer is called 'fetch'", "`tools`"),
        (HEAD + "expect: {status: [200]}\n" + ONE, 4, "expect.status.0", "must be an HTTP status from 400 to 599", ""),
        (HEAD + "expect: {must: comply}\n" + ONE, 4, "expect.must", "unknown value 'comply'", "answer"),
        (HEAD + "expect: {checks: {max_word: 3}}\n" + ONE, 4, "expect.checks.max_word",
         "unknown key 'max_word'", "did you mean 'max_words'?"),
        (HEAD + "expect: {checks: {max_words: few}}\n" + ONE, 4, "expect.checks.max_words",
         "must be a whole number", ""),
        (HEAD + "expect: {checks: {lowercase: false}}\n" + ONE, 4, "expect.checks.lowercase", "must be true", "leave"),
        (HEAD + "expect: {checks: {regex: '['}}\n" + ONE, 4, "expect.checks.regex", "is no regular expression", ""),
        (HEAD + "expect: {checks: {language: klingon}}\n" + ONE, 4, "expect.checks.language", "unknown value", "en"),
        (HEAD + "expect: {checks: {contains: word}}\n" + ONE, 4, "expect.checks.contains", "must be a list", ""),
        (HEAD + "expect: {checks: {starts_with: 3}}\n" + ONE, 4, "expect.checks.starts_with", "must be text", ""),
        (HEAD + "purpose: label\n" + ONE, 5, "cases.x", "asks for a label and names none", "labels"),
        (HEAD + "purpose: rejection\n" + ONE, 5, "cases.x", "asks for a rejection and names no status", "status"),
        (HEAD + "purpose: tool_call\n" + ONE, 5, "cases.x", "asks for a tool call and offers no tool", "tools"),
        (HEAD + "store: shape\n" + ONE, 5, "cases.x", "keeps shapes only and does not say", "must: answer"),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_field(
    folder: Path, text: str, line: int, field: str, what: str, todo: str
) -> None:
    found = problems(folder, text)
    matching = [problem for problem in found if (problem.line, problem.field) == (line, field)]
    assert any(what in problem.what and todo in problem.todo for problem in matching), found
    assert {problem.file for problem in found} == {"own/mail.yaml"}
    with pytest.raises(ConfigError) as raised:
        load_suite("own/mail.yaml")
    assert raised.value.where == f"own/mail.yaml:{found[0].line}"
    assert raised.value.exit_code == 2


def test_a_filled_in_value_is_blamed_on_its_case(folder: Path) -> None:
    (problem,) = problems(folder, TEMPLATE + '  odd: [biling, "Hm."]\n')
    assert str(problem) == (
        "own/mail.yaml:13: cases.odd.expect.answer: 'biling' is none of the labels; did you mean 'billing'?"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: own.a\ncases: [1\n", 3),
        ("name: own.a\nname: own.b\n", 2),
        (TEMPLATE + '  fee: [billing, "Again."]\n', 13),
        ("name: own.a\n\tfamily: a\n", 2),
        ("name: *nobody\n", 1),
        ("name: a\n---\nname: b\n", 2),
    ],
)
def test_what_is_no_yaml_or_has_a_key_twice_is_named_with_its_line(
    folder: Path, text: str, line: int
) -> None:
    (problem,) = problems(folder, text)
    assert (problem.file, problem.field) == ("own/mail.yaml", "")
    assert problem.line == line
    with pytest.raises(ConfigError, match=re.escape(f"own/mail.yaml:{problem.line}")):
        load_suite("own/mail.yaml")


def test_all_mistakes_are_listed_and_loading_names_the_first_and_their_number(folder: Path) -> None:
    text = TEMPLATE.replace("family: labels", "famly: labels").replace("max_tokens: 64", "max_tokens: lots")
    found = problems(folder, text)
    assert [(problem.line, problem.field) for problem in found] == [
        (1, ""), (2, "famly"), (8, "defaults.max_tokens")
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="2 more; `drift probes validate` lists them"):
        load_suite("own/mail.yaml")


def test_no_mistake_is_an_empty_list(folder: Path) -> None:
    assert problems(folder, TEMPLATE) == []


# ---------------------------------------------------------------- folders and suites


def test_a_folder_of_templates_is_a_suite_in_order_of_its_files(folder: Path) -> None:
    (folder / "b").mkdir()
    write(folder, TEMPLATE.replace("own.mail", "own.second"), "b/second.yaml")
    write(folder, TEMPLATE, "a.yml")
    write(folder, "not: read", "_hidden.yaml")
    suite = load_suite(str(folder))
    assert suite.name == "own"
    assert [probe.id for probe in suite.probes][::2] == ["own.mail/fee", "own.second/fee"]
    assert suite.probes[2].origin == "b/second.yaml:11"


def test_own_templates_take_part_in_the_named_suites(folder: Path) -> None:
    write(folder, TEMPLATE)
    mine = {probe.id for probe in load_suite("behaviour", own=folder).probes if probe.template == "own.mail"}
    assert mine == {"own.mail/fee", "own.mail/parcel"}
    assert [probe.id for probe in load_suite("own", own=folder).probes] == ["own.mail/fee", "own.mail/parcel"]
    assert "own.mail" in {template.name for template in list_templates(folder)}
    assert "own.mail" not in {template.name for template in list_templates()}
    assert "own" in list_suites(folder)
    assert "own" not in list_suites()


def test_own_suites_select_packaged_and_own_probes(folder: Path) -> None:
    write(folder, TEMPLATE + "tags: [mail]\n")
    write(
        folder,
        "billing:\n  title: B\n  tags: [mail]\n  probes: [json.plain/invoice]\n  epochs: 5\n",
        "suites.yaml",
    )
    suite = load_suite("billing", own=folder)
    assert [probe.id for probe in suite.probes] == ["json.plain/invoice", "own.mail/fee", "own.mail/parcel"]
    assert {probe.epochs for probe in suite.probes} == {5}
    assert validate(folder) == []
    assert load_suite("own/suites.yaml", own=folder) == suite


@pytest.mark.parametrize(
    ("text", "line", "field", "what", "todo"),
    [
        (
            "s: {title: T, templates: [json.plan]}\n",
            1,
            "s.templates.0",
            "'json.plan' matches nothing",
            "json.plain",
        ),
        ("s:\n  title: T\n  families: [json]\n", 3, "s.families.0", "'json' matches nothing", "json_format"),
        ("s: {title: T, tags: [nope]}\n", 1, "s.tags.0", "'nope' matches nothing", ""),
        (
            "s: {title: T, probes: [json.plain/invoise]}\n",
            1,
            "s.probes.0",
            "matches nothing",
            "json.plain/invoice",
        ),
        ("s: {title: T}\n", 1, "s", "selects no probe", "families"),
        ("s: {all: true}\n", 1, "s", "the key 'title' is missing", ""),
        (
            "s: {title: T, all: true, epoch: 2}\n",
            1,
            "s.epoch",
            "unknown key 'epoch'",
            "did you mean 'epochs'?",
        ),
        ("S!: {title: T, all: true}\n", 1, "S!", "'S!' is no name of a suite", "lower-case"),
        ("[a]\n", 1, "", "must be a mapping, not a list", ""),
    ],
)
def test_a_mistake_in_a_suite_is_named_with_its_line_and_field(
    folder: Path, text: str, line: int, field: str, what: str, todo: str
) -> None:
    write(folder, text, "suites.yaml")
    found = validate(folder)
    assert any(
        (problem.file, problem.line, problem.field) == ("own/suites.yaml", line, field)
        and what in problem.what
        and todo in problem.todo
        for problem in found
    ), found
    with pytest.raises(ConfigError, match=r"own/suites\.yaml:\d"):
        load_suite("full", own=folder)


def test_a_name_is_used_once(folder: Path) -> None:
    write(folder, TEMPLATE, "a.yaml")
    write(folder, "# moved\n" + TEMPLATE, "b.yaml")
    (twice,) = validate(folder)
    assert (twice.file, twice.line, twice.field) == ("own/b.yaml", 2, "name")
    assert "stands in a.yaml already" in twice.what
    (folder / "b.yaml").unlink()
    write(folder, TEMPLATE.replace("own.mail", "json.plain"), "a.yaml")
    (packaged,) = validate(folder)
    assert "the packaged json_format/json.plain.yaml" in packaged.what
    with pytest.raises(ConfigError, match=r"own/a\.yaml:1: name"):
        load_suite("full", own=folder)
    assert validate(folder / "a.yaml") == [packaged]


def test_a_part_of_the_packaged_folder_is_checked_without_meeting_itself() -> None:
    assert validate(suite_path() / "json_format") == []
    assert validate(suite_path() / "json_format" / "json.plain.yaml") == []
    assert validate(suite_path() / "suites.yaml") == []


def test_unknown_names_are_usage_errors_with_near_ones(folder: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'contract'"):
        load_suite("contrakt")
    with pytest.raises(UsageError, match="there is no folder"):
        load_suite("full", own=folder / "nowhere")
    with pytest.raises(UsageError, match="there is no file"):
        validate(folder / "nowhere")
    with pytest.raises(UsageError, match="holds no template"):
        load_suite(str(folder))
    write(folder, "a: {title: T, all: true}\nb: {title: T, all: true}\n", "two.yaml")
    with pytest.raises(UsageError, match="holds 2 suites"):
        load_suite("own/two.yaml")


# ---------------------------------------------------------------- selection


@pytest.fixture(scope="module")
def full() -> Suite:
    return load_suite("full")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("json.plain/invoice", {"json.plain/invoice"}),
        ("catalog.list", {"catalog.list/all"}),
        ("catal", {"catalog.list/all"}),
        ("json.plain/invo", {"json.plain/invoice"}),
        ("param.prefill/cut", {"param.prefill/cut-stream"}),
    ],
)
def test_an_entry_is_an_id_a_template_or_a_beginning_of_one(
    full: Suite, entry: str, expected: set[str]
) -> None:
    assert {probe.id for probe in select(full, probes=[entry]).probes} == expected


def test_a_template_whose_name_begins_another_one_is_meant_exactly(full: Suite) -> None:
    assert {probe.template for probe in select(full, probes=["param.sampling"]).probes} == {"param.sampling"}


def test_entries_of_a_kind_add_up_and_kinds_narrow(full: Suite) -> None:
    both = select(full, families=["labels", "safety"])
    assert {probe.family for probe in both.probes} == {"labels", "safety"}
    narrowed = select(full, families=["labels"], tags=["intent"], probes=["label.one_word"])
    assert narrowed.probes
    assert all("intent" in probe.tags for probe in narrowed.probes)
    assert [probe.id for probe in narrowed.probes] == [
        probe.id for probe in full.probes if "intent" in probe.tags
    ]
    assert select(full) == full


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"probes": ["json.plan"]}, "did you mean 'json.plain'?"),
        ({"probes": ["tool."]}, "beginning of several names: tool."),
        ({"probes": [""]}, "no probe and no template is called ''"),
        ({"families": ["label"]}, "no family of suite 'full' is called 'label'; did you mean 'labels'?"),
        ({"tags": ["intnt"]}, "did you mean 'intent'?"),
        ({"families": ["safety"], "probes": ["json.plain"]}, "fits all filters at once"),
    ],
)
def test_an_entry_that_matches_nothing_is_an_error(
    full: Suite, filters: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        select(full, **filters)


def test_calls_count_exchanges_and_epochs_for_a_dialect(folder: Path) -> None:
    text = TEMPLATE + "epochs: 2\n" + "dialects: [gemini]\n"
    probes = load(folder, text)
    assert calls(probes) == 4
    assert (calls(probes, "gemini"), calls(probes, "anthropic")) == (4, 0)


# ---------------------------------------------------------------- the page


def test_the_example_of_the_page_is_a_valid_template(folder: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "probes.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    template, suites = examples
    write(folder, template)
    assert validate(folder) == []
    ids = [probe.id for probe in load_suite(str(folder)).probes]
    assert all(f"`{probe_id}`" in page for probe_id in ids)
    write(folder, suites.replace("billing]", "shouting]").replace("slow", "demo"), "suites.yaml")
    assert validate(folder) == []


def test_the_page_names_every_check_and_every_suite() -> None:
    page = (Path(__file__).parents[1] / "docs" / "probes.md").read_text(encoding="utf-8")
    assert [name for name in CHECKS if f"`{name}: " not in page] == []
    assert [name for name in list_suites() if f"| `{name}` |" not in page] == []


def test_the_checks_are_those_that_are_evaluated() -> None:
    from drift.observe import text

    assert set(CHECKS) == set(text.CHECKS)


def test_probes_survive_json(full: Suite) -> None:
    assert all(probe_from_json(probe_to_json(probe)) == probe for probe in full.probes)


def test_the_packaged_folder_is_found() -> None:
    assert (suite_path() / "suites.yaml").is_file()


@pytest.mark.parametrize("value", [None, True, 7, "x", [], [None], {"x": None}])
def test_any_value_in_any_place_is_reported_and_never_breaks_the_reader(folder: Path, value: object) -> None:
    template = {
        "name": "own.a", "family": "a", "title": "T", "tier": 1, "purpose": "tool_call", "cost": "cheap", "epochs": 1,
        "tags": ["{c}"], "dialects": ["gemini"], "store": "raw",
        "why": [{"when": "x", "what": "y", "source": "https://example.org"}],
        "tools": {"t": {"description": "D", "input_schema": {"type": "object"}}},
        "schemas": {"s": {"type": "object"}}, "columns": ["c"],
        "defaults": {"system": "S", "tools": ["t"], "tool_choice": "t", "output_schema": "s", "max_tokens": 1,
                     "stop": ["."], "stream": True, "model": "m", "params": {"p": 1}, "overrides": {"gemini": {}},
                     "bodies": {"gemini": {}}, "headers": {"x-a": "b"}, "operation": "generate"},
        "exchanges": [{"prompt": "{c}"}, {"messages": [{"user": "u"}, {"replay": 0}, {"tool_results": "r"}]}],
        "expect": {"json": True, "schema": "s", "labels": ["l"], "pattern": ".", "checks": {"max_words": 1},
                   "call": "t", "status": [400], "answer": "l", "answer_class": "k", "must": "answer"},
        "cases": {"one": ["v"], "two": {"c": "w", "epochs": 2, "tags": ["g"], "expect": {"labels": ["l"]}}},
    }  # fmt: skip

    def places(tree: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
        inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
        return [path, *(found for key, item in inner for found in places(item, (*path, key)))]

    assert problems(folder, json.dumps(template)) == []
    for path in places(template)[1:]:
        broken = copy.deepcopy(template)
        spot: Any = broken
        for key in path[:-1]:
            spot = spot[key]
        spot[path[-1]] = value
        found = problems(folder, json.dumps(broken))
        assert all(problem.what and problem.line >= 1 for problem in found), path
