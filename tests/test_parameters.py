# The parameter matrix: what is a setting, which effects an answer can show, and the whole way over real HTTP.
# Owns: verdicts as executable cases. Refuses to know: how a run is made (see test_runner).

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drift.cli import main
from drift.importers import import_files
from drift.model import JSON, Exchange, Expect, Message, Probe, Run, Sample, Snapshot, Tool
from drift.parameters import VERDICTS, parameter_matrix
from drift.parameters.settings import setting_of
from drift.report import validate
from drift.store import Store
from drift.suite import load_suite
from tests.vendor import Vendor

pytest_plugins = ["tests.cli_fixtures", "tests.vendor.plugin"]

USER = (Message("user", "Repeat: RED GREEN BLUE"),)
LAMP = Tool("lamp", "Switch the lamp.", {"type": "object", "properties": {"on": {"type": "boolean"}}})


def probe(name: str, *, tags: tuple[str, ...] = (), **exchange: Any) -> Probe:
    asked = Exchange(**{"messages": USER, **exchange})
    return Probe(name, name.partition("/")[0], "parameters", exchanges=(asked,), tags=tags)


# ---------------------------------------------------------------- what is a setting


@pytest.mark.parametrize(
    ("exchange", "parameter", "shown"),
    [
        ({}, "none", ""),
        ({"params": {"temperature": 0}}, "temperature", "0"),
        ({"params": {"top_p": 0.9, "temperature": 0.7}}, "temperature + top_p", "0.7 + 0.9"),
        ({"tool_choice": "any", "tools": (LAMP,)}, "tool_choice", "any"),
        ({"tools": (LAMP,)}, "tools", "1"),
        ({"stop": ("GREEN",)}, "stop sequences", "[GREEN]"),
        ({"headers": {"anthropic-beta": "x-2026-01-01", "x-empty": ""}}, "anthropic-beta", "x-2026-01-01"),
        ({"overrides": {"anthropic": {"thinking": {"type": "adaptive"}}}}, "thinking", "type: adaptive"),
        ({"overrides": {"gemini": {"thinking": {"type": "adaptive"}}}}, "none", ""),
        ({"overrides": {"anthropic": {"max_tokens": None, "cap": 9}}}, "cap", "9"),
        ({"overrides": {"anthropic": {"generationConfig": {"topK": 40}}}}, "topK", "40"),
        ({"overrides": {"anthropic": {"messages": [{"role": "x"}]}}}, "messages", "case"),
        ({"overrides": {"anthropic": {"tools": [{"type": "bash_1"}]}}}, "tools", "case"),
        ({"messages": (*USER, Message("assistant", "RED"))}, "messages", "case"),
        ({"messages": (Message("system", "Be brief."), *USER)}, "messages", "case"),
        ({"output_schema": {"type": "object"}}, "output schema", "given"),
    ],
)
def test_a_setting_is_what_sets_a_request_apart(exchange: dict[str, Any], parameter: str, shown: str) -> None:
    found = setting_of(probe("own.t/case", **exchange), "anthropic")
    assert (found.parameter, found.shown) == (parameter, shown)


def test_equal_settings_of_two_probes_are_one_row() -> None:
    first = probe("a.x/one", params={"temperature": 0})
    second = probe("b.y/two", params={"temperature": 0})
    document = parameter_matrix([snapshot((first, [chat("RED")]), (second, [chat("RED")]))])
    (row,) = document["rows"]
    assert row["probes"] == ["a.x/one", "b.y/two"]
    assert row["cells"][0]["samples"] == 2


# ---------------------------------------------------------------- verdicts


def chat(text: str = "RED GREEN BLUE", **changes: Any) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text, **changes.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": changes.pop("finish", "stop")}
    choice |= changes.pop("choice", {})
    body = {
        "id": "chatcmpl-1",
        "model": "m",
        "choices": [choice],
        "usage": {"prompt_tokens": 5, "completion_tokens": 3},
        **changes,
    }
    return {"status": 200, "body": body}


def refused(message: str, status: int = 400) -> dict[str, Any]:
    return {"status": status, "body": {"error": {"message": message, "type": "invalid_request_error"}}}


Told = tuple[Probe, list[dict[str, Any]]]


def snapshot(*asked: Told, **run: Any) -> Snapshot:
    samples = []
    for one, entries in asked:
        for epoch, entry in enumerate(entries, 1):
            status = entry.get("status")
            outcome = (
                "failed" if status is None or status >= 500 else "response" if status < 400 else "rejected"
            )
            document = {
                "exchanges": [{"dialect": "openai-chat", "operation": "generate", "headers": {}, **entry}]
            }
            samples.append(
                Sample(f"{one.id}{epoch}", one.id, epoch, outcome, document, "openai-chat")  # type: ignore[arg-type]
            )
    begun = "2026-01-01T00:00:00+00:00"
    made = Run("r" * 12, "compatible/m", "m", "compatible", "complete", begun)
    return Snapshot(replace(made, **run), {one.id: one for one, _ in asked}, tuple(samples))


CALL = {"tool_calls": [{"id": "c", "type": "function", "function": {"name": "lamp", "arguments": "{}"}}]}
TWO = {"tool_calls": [{**CALL["tool_calls"][0], "id": identity} for identity in "ab"]}
CHAT = "openai-chat"


@pytest.mark.parametrize(
    ("exchange", "entries", "verdict", "detail"),
    [
        ({"params": {"temperature": 0}}, [chat()], "accepted", ""),
        ({"params": {"temperature": 0}}, [refused("no temperature")], "rejected", ""),
        ({"params": {"temperature": 0}}, [chat(), refused("no")], "inconclusive", "refused 1 of 2 times"),
        ({"params": {"temperature": 0}}, [{"status": 529, "body": {}}], "inconclusive",
         "could not be asked: status 529"),
        ({"stop": ("GREEN",)}, [chat("RED ")], "accepted", "the answer ends before 'GREEN'"),
        ({"stop": ("GREEN",)}, [chat()], "without effect", "the answer holds 'GREEN'"),
        ({"stop": ("GREEN",)}, [chat("No idea.")], "accepted", ""),
        ({"overrides": {CHAT: {"stop_sequences": ["GREEN"]}}}, [chat()], "without effect", "the answer holds 'GREEN'"),
        ({"tools": (LAMP,), "tool_choice": "any"}, [chat()], "without effect", "no tool was called"),
        ({"tools": (LAMP,), "tool_choice": "any"}, [chat(message=CALL)], "accepted", ""),
        ({"tools": (LAMP,), "tool_choice": "lamp"}, [chat(message=CALL)], "accepted", "the tool was called"),
        ({"tools": (LAMP,), "tool_choice": "none"}, [chat(message=CALL)], "without effect", "a tool was called"),
        ({"tools": (LAMP,), "tool_choice": "any"}, [chat(finish="length")], "accepted", ""),
        ({"overrides": {CHAT: {"parallel_tool_calls": False}}}, [chat(message=TWO)], "without effect",
         "2 calls came at once"),
        ({"overrides": {CHAT: {"max_tokens": 2}}}, [chat()], "without effect", "2 tokens were allowed, 3 came"),
        ({"overrides": {CHAT: {"max_tokens": 3}}}, [chat(finish="length")], "accepted", "cut at 3 tokens"),
        ({"params": {"n": 2}}, [chat()], "without effect", "1 of 2 answers came"),
        ({"params": {"logprobs": True}}, [chat()], "without effect", "no probabilities came"),
        ({"params": {"logprobs": True}}, [chat(choice={"logprobs": {"content": [{"token": "RED"}]}})], "accepted",
         "probabilities came"),
        ({"params": {"response_format": {"type": "json_object"}}}, [chat("Sure!")], "without effect",
         "the answer is no JSON"),
        ({"params": {"response_format": {"type": "json_object"}}}, [chat('{"a": 1}')], "accepted", ""),
        ({"params": {"response_format": {"type": "text"}}}, [chat("Sure!")], "accepted", ""),
        ({"params": {"service_tier": "flex"}}, [chat(service_tier="default")], "without effect",
         "the answer says that default served it"),
        ({"params": {"service_tier": "flex"}}, [chat(service_tier="flex")], "accepted",
         "the answer says that flex served it"),
        ({"params": {"service_tier": "flex"}}, [chat()], "accepted", ""),
        ({"messages": (*USER, Message("assistant", "{"))}, [chat('"a": 1}')], "accepted",
         "the answer goes on where the turn broke off"),
        ({"messages": (*USER, Message("assistant", "{"))}, [chat('{"a": 1}')], "without effect",
         "the answer begins again instead of going on"),
        ({"messages": (*USER, Message("assistant", "RED GR"))}, [chat("een BLUE")], "accepted",
         "the answer goes on where the turn broke off"),
        ({"params": {"reasoning_effort": "none"}},
         [chat(usage={"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 7}})], "without effect",
         "7 tokens of reasoning came all the same"),
    ],
)  # fmt: skip
def test_a_verdict_is_what_the_answers_show(
    exchange: dict[str, Any], entries: list[dict[str, Any]], verdict: str, detail: str
) -> None:
    document = parameter_matrix([snapshot((probe("own.t/case", **exchange), entries))])
    validate(document)
    (cell,) = document["rows"][0]["cells"]
    assert (cell["verdict"], cell["detail"]) == (verdict, detail)
    assert document["columns"][0]["counts"][verdict] == 1


@pytest.mark.parametrize(("own_cap", "effect"), [(512, "seen"), (24, None)])
def test_a_cap_is_not_credited_with_what_another_cap_did(own_cap: int, effect: str | None) -> None:
    asked = probe("own.t/case", overrides={CHAT: {"max_completion_tokens": 24}})
    answer = chat(finish="length", usage={"completion_tokens": 24})
    answer["request"] = {"body": {"model": "m", "max_tokens": own_cap, "max_completion_tokens": 24}}
    (cell,) = parameter_matrix([snapshot((asked, [answer]))])["rows"][0]["cells"]
    assert (cell["verdict"], cell["effect"]) == ("accepted", effect)


def test_what_nobody_defined_has_no_effect_when_it_is_taken() -> None:
    asked = probe("own.t/case", tags=("unknown",), params={"drift_unknown_field": True})
    document = parameter_matrix([snapshot((asked, [chat()]))])
    assert document["rows"][0]["cells"][0]["verdict"] == "without effect"


@pytest.mark.parametrize(
    ("plain", "seeded", "verdict"),
    [
        (["a", "b", "c", "d"], ["x", "x", "x", "x"], "accepted"),
        (["a", "b", "c", "d"], ["x", "y", "x", "x"], "without effect"),
        (["a", "a", "a", "a"], ["x", "x", "x", "x"], "accepted"),
        (["a", "b"], ["x", "y"], "accepted"),
    ],
)
def test_a_seed_is_judged_beside_the_same_request_without_one(
    plain: list[str], seeded: list[str], verdict: str
) -> None:
    asked = (
        (probe("param.repeats/plain"), list(map(chat, plain))),
        (probe("param.repeats/seed", params={"seed": 7}), list(map(chat, seeded))),
    )
    rows = {row["parameter"]: row["cells"][0] for row in parameter_matrix([snapshot(*asked)])["rows"]}
    assert rows["seed"]["verdict"] == verdict
    assert (rows["seed"]["effect"] is None) is (len(set(plain)) == 1 or len(plain) < 3)


def reasoning(tokens: int) -> dict[str, Any]:
    details = {"completion_tokens": tokens + 3, "completion_tokens_details": {"reasoning_tokens": tokens}}
    return chat(usage=details)


def ladder(**levels: int) -> Iterator[Told]:
    for level, tokens in levels.items():
        params = {} if level == "omitted" else {"reasoning_effort": level}
        answers = [reasoning(max(tokens + step, 0)) for step in (-5, 0, 5)]
        yield probe(f"param.effort_ladder/{level}", params=params), answers


def test_the_level_that_stands_by_itself_is_read_off_the_ladder() -> None:
    document = parameter_matrix([snapshot(*ladder(omitted=210, low=40, medium=200, high=900))])
    assert document["notices"] == [
        "without an effort (openai-chat) the model spends 210 tokens on reasoning, nearest to level medium with 200"
    ]
    cells = {row["value"]: row["cells"][0] for row in document["rows"]}
    assert cells["high"]["detail"] == "900 tokens of reasoning, 40 at the lowest"
    assert cells["low"]["effect"] is None


def test_a_ladder_without_any_reasoning_has_no_effect() -> None:
    document = parameter_matrix([snapshot(*ladder(omitted=-9, low=-9, high=-9))])
    assert {row["cells"][0]["verdict"] for row in document["rows"] if row["value"]} == {"without effect"}
    assert document["notices"] == []


def test_one_refusal_in_other_words_is_another_fingerprint() -> None:
    asked = probe("own.t/case", params={"temperature": 0})
    texts = ("`temperature` is deprecated", "'temperature' is deprecated", "temperature: not permitted")
    cells = [
        parameter_matrix([snapshot((asked, [refused(text)]))])["rows"][0]["cells"][0]["error"]
        for text in texts
    ]
    prints = [error["fingerprint"] for error in cells if error is not None]
    assert prints[0] == prints[1] != prints[2]


def test_columns_that_differ_say_so_and_unmeasured_ones_do_not() -> None:
    asked = probe("own.t/case", params={"temperature": 0})
    other = probe("own.t/other", params={"top_k": 1})
    foreign = replace(probe("own.t/foreign", params={"min_p": 1}), dialects=("gemini",))
    first = snapshot((asked, [chat()]), (other, [chat()]), label="first")
    second = snapshot((asked, [refused("no")]), (foreign, [chat()]), label="second")
    document = parameter_matrix([first, second])
    validate(document)
    said = {
        row["parameter"]: ([cell["verdict"] for cell in row["cells"]], row["differs"])
        for row in document["rows"]
    }
    assert said == {
        "min_p": (["not carried", "accepted"], False),
        "temperature": (["accepted", "rejected"], True),
        "top_k": (["accepted", "not asked"], False),
    }


def test_a_run_that_prefers_a_dialect_shows_that_one_alone() -> None:
    taken = snapshot((probe("own.t/case", params={"seed": 1}), [chat()]))
    assert (
        len(parameter_matrix([replace(taken, run=replace(taken.run, meta={"dialect": CHAT}))])["rows"]) == 1
    )
    assert (
        parameter_matrix([replace(taken, run=replace(taken.run, meta={"dialect": "anthropic"}))])["rows"]
        == []
    )


def test_every_parameter_probe_has_a_setting_or_is_the_plain_request() -> None:
    plain = set()
    for one in load_suite("params").probes:
        for dialect in one.dialects or ("anthropic", "openai-chat", "openai-responses", "gemini"):
            if setting_of(one, dialect).parameter == "none":
                plain.add(one.id)
    assert plain == {
        "param.beta_headers/none", "param.effort_ladder/omitted", "param.repeats/plain", "param.sampling/none",
        "param.thinking_matrix/omitted",
    }  # fmt: skip


# ---------------------------------------------------------------- the whole way


def ask(capsys: pytest.CaptureFixture[str], *argv: str, code: int = 0) -> str:
    found = main(list(argv))
    printed = capsys.readouterr()
    assert found == code, printed.err
    return printed.out


def matrix(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(ask(capsys, "params", *argv, "--json"))
    validate(document)
    return document


def verdicts(document: JSON, parameter: str) -> dict[str, list[str]]:
    return {
        row["value"]: [cell["verdict"] for cell in row["cells"]]
        for row in document["rows"]
        if row["parameter"] == parameter
    }


@pytest.fixture
def suite(project: Path) -> Path:
    """A few templates of the packaged catalogue, so that a run takes a moment."""
    from drift.suite import suite_path

    folder = project / "few"
    folder.mkdir()
    for name in ("sampling", "tool_choice", "prefill", "unknown_field"):
        text = (suite_path() / "parameters" / f"param.{name}.yaml").read_text(encoding="utf-8")
        (folder / f"{name}.yaml").write_text(
            text.replace(f"name: param.{name}", f"name: few.{name}"), encoding="utf-8"
        )
    return folder


def test_a_target_is_probed_shown_and_compared(
    suite: Path, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", vendor.url)
    target = "anthropic/claude-opus-5"
    asked = ("--run", "--suite", str(suite), "--api-version", "2023-06-01", "-q")
    before = matrix(capsys, target, *asked)
    assert verdicts(before, "temperature")["0"] == ["accepted"]
    assert verdicts(before, "tool_choice")["any"] == ["accepted"]
    assert verdicts(before, "messages")["cut-stream"] == ["accepted"]
    with vendor.behaving("no-sampling-params", "forced-tool-choice-rejected", "prefill-rejected"):
        assert verdicts(matrix(capsys, target, *asked), "tool_choice")["any"] == ["rejected"]
    sent = len(vendor.log)
    first, second = before["columns"][0]["run"], matrix(capsys, target)["columns"][0]["run"]
    assert first != second
    both = matrix(capsys, first, second, "--changed")
    assert len(vendor.log) == sent, "what is stored is shown without asking again"
    assert verdicts(both, "temperature")["0"] == ["accepted", "rejected"]
    assert all(row["differs"] for row in both["rows"])
    (only,) = matrix(capsys, first, second, "--changed", "--parameter", "top_k")["rows"][:1]
    assert only["parameter"] == "top_k"
    for form in ("text", "md", "json"):
        shown = ask(capsys, "params", first, second, "--changed", "--format", form)
        assert "deprecated" in shown


def test_what_cannot_be_shown_is_told(
    suite: Path, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", vendor.url)
    target = "anthropic/claude-opus-5"
    assert main(["params", target]) == 2, "there is no database yet"
    ask(capsys, "run", target, "--suite", "hourly", "-q")
    assert main(["params", target]) == 2
    assert "holds no parameter probe" in capsys.readouterr().err
    assert main(["params", target, "--suite", str(suite)]) == 2
    assert "nothing is to be probed" in capsys.readouterr().err
    matrix(capsys, target, "--run", "--suite", str(suite), "-q")
    assert main(["params", target, "--parameter", "temprature"]) == 2
    assert "no row sets 'temprature'" in capsys.readouterr().err


def test_a_target_that_answers_nothing_is_undecided(
    suite: Path, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", vendor.url)
    vendor.fail(403, times=50)
    few = str(suite / "prefill.yaml")
    assert ask(capsys, "params", "anthropic/claude-opus-5", "--run", "--suite", few, "-q", code=3) == ""


def test_every_verdict_is_explained_in_the_docs() -> None:
    page = (Path(__file__).parents[1] / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert [verdict for verdict in VERDICTS if f"| {verdict} |" not in page] == []


RECORDED = Path(__file__).parent / "recordings" / "params-q4_1.jsonl.gz"


def test_what_a_real_server_drops_is_found(tmp_path: Path) -> None:
    with Store.open(tmp_path / "recorded.db", create=True) as store:
        runs = [store.snapshot(entry.run) for entry in import_files(store, [RECORDED])]
    document = parameter_matrix(sorted(runs, key=lambda taken: str(taken.run.meta["dialect"])))
    validate(document)
    assert [column["dialects"] for column in document["columns"]] == [["anthropic"], ["openai-chat"]]
    said = {
        (row["parameter"], row["value"]): [cell["verdict"] for cell in row["cells"]]
        for row in document["rows"]
    }
    assert said["seed", "20260704"] == ["without effect", "accepted"]
    assert said["drift_unknown_field", "true"] == ["without effect", "without effect"]
    assert said["messages", "brace"] == ["without effect", "without effect"]
    assert said["thinking", "budget_tokens: 1024, type: enabled"][0] == "without effect"
    assert said["n", "2"] == ["not carried", "rejected"]
    assert said["temperature", "0"] == ["accepted", "accepted"]
    seen = {row["value"]: [cell["effect"] for cell in row["cells"]] for row in document["rows"]
            if row["parameter"] in {"seed", "temperature", "max_tokens_to_sample"}}  # fmt: skip
    assert seen["20260704"] == ["missing", "seen"]
    assert seen["0"] == ["seen", "seen"]
    assert seen["24"][0] is None, "the target's own cap of 24 explains it"


def test_a_safety_probe_never_enters() -> None:
    asked = replace(probe("own.t/case", params={"seed": 1}), store="shape", expect=Expect(must="answer"))
    taken = snapshot((asked, [chat()]))
    shaped = replace(taken.samples[0], document={"shape": {}, "observer": 1, "hashes": {}})
    assert parameter_matrix([replace(taken, samples=(shaped,))])["rows"] == []
