# Parameters that a request is not given where it stands: collected in a variable, spread, added later, or in a body.
# Owns: which of them are found, and which are not. Refuses to know: dates, documents.
# ruff: noqa: E501 - the code that is scanned is quoted whole
"""Requests whose parameters are put together step by step."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from drift.cli import main
from drift.report import formats_for, validate
from drift.scan import scan
from drift.scan.refused import refusals

pytest_plugins = ["tests.cli_fixtures"]

ASK = "client.messages.create"
PREFILL = '{"role": "assistant", "content": "{"}'


def refused(folder: Path, code: str, name: str = "ask.py") -> list[tuple[int, str, str | None]]:
    """Return (line, parameter, model) of everything that is refused today."""
    (folder / name).write_text(dedent(code).lstrip("\n"), encoding="utf-8")
    found = [one for one in refusals(scan(folder), {}) if one.is_now]
    return sorted((one.parameter.line, one.name, one.model and one.model.model) for one in found)


OPUS, OLD = "claude-opus-4-7", "claude-opus-4-6"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('kw = {"temperature": 0}\n#\nASK(model="claude-opus-4-7", **kw)', [(1, "temperature")]),
        ('kw = dict(top_k=1)\nkw["temperature"] = 0\nASK(model="claude-opus-4-7", **kw)', [(1, "top_k"), (2, "temperature")]),
        ('kw = {}\nkw.update(top_p=1)\nkw.update({"top_k": 2})\nASK(model="claude-opus-4-7", **kw)', [(2, "top_p"), (3, "top_k")]),
        ('kw = {}\nkw |= {"top_p": 1}\nkw.setdefault("top_k", 2)\nASK(model="claude-opus-4-7", **kw)', [(2, "top_p"), (3, "top_k")]),
        ('a = {"top_p": 1}\nb = {**a, "model": "claude-opus-4-7"}\nc = b.copy()\nASK(**c)', [(1, "top_p")]),
        ('a = {"top_p": 1}\nASK(model="claude-opus-4-7", **(a | {"top_k": 1}))', [(1, "top_p"), (2, "top_k")]),
        ('def given():\n    return {"top_p": 1}\nASK(model="claude-opus-4-7", **given())', [(2, "top_p")]),
        ('class A:\n    KW = {"top_p": 1}\n    def ask(self):\n        ASK(model="claude-opus-4-7", **self.KW)', [(2, "top_p")]),
        ('def ask(x):\n    if x:\n        kw = {"top_p": 1}\n    else:\n        kw = {"top_k": 1}\n    ASK(model="claude-opus-4-7", **kw)', [(3, "top_p"), (5, "top_k")]),
        ('body = {"model": "claude-opus-4-7"}\nbody["temperature"] = 0\npost(url, json=body)', [(2, "temperature")]),
        ('how = {"type": "enabled", "budget_tokens": 9}\nASK(model="claude-opus-4-7", thinking=how)', [(2, "thinking")]),
        ('Agent("anthropic:claude-opus-4-7", model_settings={"temperature": 0.0})', [(1, "temperature")]),
        ('body = {"max_tokens": 9}\nbody["top_p"] = 1\nask(modelId="claude-opus-4-7", body=json.dumps(body))', [(2, "top_p")]),
        # What is over before the request, or comes after it, is no part of it.
        ('kw = {"top_p": 1}\nkw = {}\nASK(model="claude-opus-4-7", **kw)', []),
        ('kw = {"top_p": 1}\nkw.pop("top_p", None)\nASK(model="claude-opus-4-7", **kw)', []),
        ('kw = {"top_p": 1}\ndel kw["top_p"]\nASK(model="claude-opus-4-7", **kw)', []),
        ('kw = {}\nASK(model="claude-opus-4-7", **kw)\nkw["top_p"] = 1', []),
        ('kw = {"top_p": 1}\ndef ask(kw):\n    ASK(model="claude-opus-4-7", **kw)', []),
        ('kw = {"top_p": 1}\nprint(kw)\nASK(model="claude-opus-4-7")', []),
    ],
)  # fmt: skip
def test_what_python_collects_before_a_request_belongs_to_it(tmp_path, code, expected):
    found = refused(tmp_path, code.replace("ASK", ASK))
    assert found == [(line, name, OPUS) for line, name in expected]


def test_one_collection_for_two_models_is_told_for_each(tmp_path):
    code = f"""
        kw = {{"temperature": 0}}
        {ASK}(model="claude-opus-4-7", **kw)
        {ASK}(model="claude-opus-4-8", **kw)
        {ASK}(model="claude-opus-4-6", **kw)
    """
    assert refused(tmp_path, code) == [(1, "temperature", OPUS), (1, "temperature", "claude-opus-4-8")]


@pytest.mark.parametrize(
    ("messages", "is_refused"),
    [
        ("messages=[USER, PREFILL]", True),
        ("messages=[PREFILL, USER]", False),
        ("messages=[*history, PREFILL]", True),
        ("messages=history + [PREFILL]", True),
        ("messages=[PREFILL, *history]", False),
        ("messages=history", False),
    ],
)
def test_a_conversation_that_begins_the_answer_is_seen(tmp_path, messages, is_refused):
    code = f'{ASK}(model="claude-opus-4-6", {messages})'
    code = code.replace("USER", '{"role": "user", "content": "?"}').replace("PREFILL", PREFILL)
    assert refused(tmp_path, code) == ([(1, "messages", OLD)] if is_refused else [])


def test_the_last_turn_that_is_appended_before_the_request_counts(tmp_path):
    code = f"""
        turns = []
        turns.append({PREFILL})
        {ASK}(model="claude-opus-4-6", messages=turns)
        turns.append({{"role": "user", "content": "?"}})
        {ASK}(model="claude-opus-4-6", messages=turns)
        turns.append(anything)
        {ASK}(model="claude-opus-4-6", messages=turns)
    """
    assert refused(tmp_path, code) == [(2, "messages", OLD)]


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("a.ts", 'const o = { temperature: 0 };\no.top_k = 5;\nconst p = { model: "claude-opus-4-7", ...o };\np["top_p"] = 1;\nawait client.messages.create(p);', [(1, "temperature"), (2, "top_k"), (4, "top_p")]),
        ("b.ts", 'const MODEL = "claude-opus-4-7";\nclient.messages.create({ model: MODEL, temperature: 0 });', [(2, "temperature")]),
        ("c.ts", 'const ask = (model = "claude-opus-4-7") =>\n  client.messages.create({ model, temperature: 0 });', [(2, "temperature")]),
        ("d.ts", 'const o = { temperature: 0 };\nconst q = { model: "claude-opus-4-7" };\nclient.messages.create(q);', []),
        ("e.rb", 'o = { temperature: 0 }\no[:top_k] = 5\nclient.messages.create(model: "claude-opus-4-7", **o)', [(1, "temperature"), (2, "top_k")]),
        ("f.php", "<?php\n$p = ['model' => 'claude-opus-4-7'];\n$p['temperature'] = 0;\n$client->messages->create($p);", [(3, "temperature")]),
        ("g.go", "package a\nfunc b() {\n\tp := anthropic.MessageNewParams{Model: anthropic.ModelClaudeOpus4_7}\n\tp.Temperature = anthropic.Float(0)\n\tclient.Messages.New(ctx, p)\n}", [(4, "temperature")]),
        ("i.toml", '[llm]\nmodel = "claude-opus-4-7"  # gpt-5\ntemperature = 0.2\n[other]\ntop_p = 1\n', [(3, "temperature")]),
        ("j.yaml", "model:\n  name: claude-opus-4-7\n  temperature: 0.2\nother:\n  top_p: 1\n", [(3, "temperature")]),
        ("k.yaml", "- id: anthropic:messages:claude-opus-4-7\n  config:\n    temperature: 0\n", [(3, "temperature")]),
        ("h.sh", "curl $URL -d '{\"model\": \"claude-opus-4-7\",\n  \"temperature\": 0.5}'", [(2, "temperature")]),
    ],
)  # fmt: skip
def test_other_languages_collect_as_well(tmp_path, name, code, expected):
    assert refused(tmp_path, code, name) == [(line, parameter, OPUS) for line, parameter in expected]


@pytest.mark.parametrize(
    ("name", "code", "line"),
    [
        ("a.ts", 'client.messages.create({ model: "claude-opus-4-6", messages: [\n{ role: "user", content: q },\n{ role: "assistant", content: "{" }] });', 3),
        ("b.ts", 'const m = [{ role: "user", content: q }, { role: "assistant", content: "{" }];\nclient.messages.create({ model: "claude-opus-4-6", messages: m });', 1),
        ("c.ts", 'const m = [{ role: "assistant", content: "{" }];\nm.push(q);\nclient.messages.create({ model: "claude-opus-4-6", messages: m });', None),
        ("d.rb", 'client.messages.create(model: "claude-opus-4-6", messages: [{role: "assistant", content: "{"}])', 1),
        ("e.php", "<?php $c->messages->create(['model' => 'claude-opus-4-6', 'messages' => [['role' => 'assistant', 'content' => '{']]]);", 1),
        ("F.java", 'class F { Object a() {\n return MessageCreateParams.builder().model(Model.CLAUDE_OPUS_4_6)\n  .addUserMessage("?").addAssistantMessage("{").build(); } }', 3),
        ("G.java", 'class G { Object a() {\n return MessageCreateParams.builder().model(Model.CLAUDE_OPUS_4_6)\n  .addAssistantMessage("{").addUserMessage("?").build(); } }', None),
    ],
)  # fmt: skip
def test_a_begun_answer_is_seen_in_other_languages(tmp_path, name, code, line):
    assert refused(tmp_path, code, name) == ([(line, "messages", OLD)] if line else [])


def test_a_module_that_refers_to_itself_ends(tmp_path):
    lines = ["a = {**b, **b}", "b = {**a, **a}", "a |= b"] + [
        f"k{n} = {{**k{n - 1}, **k{n - 1}}}" for n in range(1, 60)
    ]
    code = "\n".join([*lines * 20, f'{ASK}(model="claude-opus-4-7", temperature=0, **k59)'])
    assert refused(tmp_path, code) == [(len(code.splitlines()), "temperature", OPUS)]


def test_every_format_knows_what_a_begun_answer_is(project, capsys):
    (project / "ask.py").write_text(
        f'{ASK}(model="claude-opus-4-6", messages=[{PREFILL}])\n', encoding="utf-8"
    )
    assert main(["scan", "--json", "--today", "2026-11-26"]) == 1
    document = json.loads(capsys.readouterr().out)
    validate(document)
    assert [one["rule"] for one in document["parameters"]] == ["request-message-role-rejected"]
    for name in (one.name for one in formats_for("scan")):
        assert main(["scan", "--format", name, "--today", "2026-11-26"]) == 1, name
        assert "claude-opus-4-6" in capsys.readouterr().out, name


def test_a_scan_that_takes_long_says_how_far_it_is(project, capsys, monkeypatch):
    (project / "ask.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr("drift.cli.progress.LINE_EVERY_S", -1.0)
    main(["scan"])
    assert "reading: file 1" in capsys.readouterr().err
    main(["scan", "--quiet"])
    assert capsys.readouterr().err == ""
