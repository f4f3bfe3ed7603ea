# Files of other tools become the same runs as JSON Lines would: promptfoo, Inspect, and the vendors' batch APIs.

import gzip
import json
from pathlib import Path

import pytest

from drift.errors import ImportFormatError, UsageError
from drift.importers import FORMATS, import_files
from drift.importers.formats import detect
from drift.model import Exchange, Message, Tool
from tests.store_support import line, write_lines

pytest_plugins = ["tests.store_fixtures"]


def write(path: Path, value) -> Path:
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
    return path


def by_probe(store, run_id):
    return {(s.probe_id, s.epoch): s for s in store.samples(run_id)}


def recorded(sample):
    return sample.document["recorded"]


# Anthropic Message Batches


def claude(text: str = "Bern", model: str = "claude-x-20260101", content: list | None = None) -> dict:
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": model,
        "content": content or [{"type": "text", "text": text}],
        "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 2},
    }  # fmt: skip


def claude_error(kind: str) -> dict:
    return {
        "type": "errored",
        "error": {"type": "error", "error": {"type": kind, "message": "no"}, "request_id": "r"},
    }


CLAUDE_RESULTS = [
    {"custom_id": "capital", "result": {"type": "succeeded", "message": claude()}},
    {"custom_id": "call", "result": {"type": "succeeded", "message": claude(
        content=[{"type": "tool_use", "id": "t", "name": "weather", "input": {"city": "Bern"}}])}},
    {"custom_id": "refused", "result": claude_error("invalid_request_error")},
    {"custom_id": "busy", "result": claude_error("overloaded_error")},
    {"custom_id": "stopped", "result": {"type": "canceled"}},
    {"custom_id": "late", "result": {"type": "expired"}},
]  # fmt: skip

WEATHER = {"name": "weather", "description": "d", "input_schema": {"type": "object"}}
SCHEMA = {"type": "object", "properties": {}}
CLAUDE_REQUESTS = [
    {"custom_id": "capital", "params": {
        "model": "claude-x", "max_tokens": 10, "temperature": 0, "metadata": {"user_id": "u"},
        "messages": [{"role": "user", "content": "Capital of Switzerland?"}]}},
    {"custom_id": "call", "params": {
        "model": "claude-x", "max_tokens": 10, "system": "Be brief.", "tools": [WEATHER],
        "messages": [{"role": "user", "content": "Weather?"}]}},
    {"custom_id": "refused", "params": {
        "model": "claude-x", "max_tokens": 0, "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
        "messages": [{"role": "user", "content": "x"}]}},
    *({"custom_id": name, "params": {"model": "claude-x", "messages": [{"role": "user", "content": "x"}]}}
      for name in ("busy", "stopped", "late")),
]  # fmt: skip


def test_an_anthropic_batch_with_its_requests(store, tmp_path):
    files = [
        write_lines(tmp_path / "r.jsonl", CLAUDE_RESULTS),
        write_lines(tmp_path / "q.jsonl", CLAUDE_REQUESTS),
    ]
    (entry,) = import_files(store, files, notice=pytest.fail)
    run, samples, probes = store.run(entry.run), by_probe(store, entry.run), store.probes(entry.run)
    assert (run.target, run.requested_model, run.platform) == ("anthropic/claude-x", "claude-x", "anthropic")
    assert run.dataset.startswith("batch-")
    assert {name: sample.outcome for (name, _), sample in samples.items()} == {
        "capital": "response", "call": "response", "refused": "rejected", "busy": "failed", "stopped": "failed",
        "late": "failed",
    }  # fmt: skip
    capital = recorded(samples["capital", 1])
    assert (capital["output_text"], capital["response_model"], capital["status"]) == (
        "Bern",
        "claude-x-20260101",
        200,
    )
    assert capital["output_raw"] == claude()
    assert capital["usage"] == {"input_tokens": 9, "output_tokens": 2}
    assert capital["params"] == {"max_tokens": 10, "temperature": 0}, "no user id"
    assert recorded(samples["call", 1])["tool_calls"] == [{"name": "weather", "arguments": {"city": "Bern"}}]
    assert recorded(samples["refused", 1])["error"] == {"type": "invalid_request_error", "message": "no"}
    assert recorded(samples["late", 1])["error"] == "expired"
    assert probes["capital"].exchanges == (Exchange(messages=(Message("user", "Capital of Switzerland?"),)),)
    asked = probes["call"].exchanges[0]
    assert asked.tools == (Tool("weather", "d", {"type": "object"}),)
    assert json.loads(asked.messages[0].content or "") == {
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Weather?"}],
    }
    assert probes["refused"].expect.schema == SCHEMA
    assert store.verify() == []


def test_requests_may_come_first_packed_or_as_the_body_that_was_sent(store, tmp_path):
    results = tmp_path / "r.jsonl.gz"
    results.write_bytes(gzip.compress("\n".join(map(json.dumps, CLAUDE_RESULTS)).encode()))
    packed = tmp_path / "q.jsonl"
    packed.write_bytes(gzip.compress("\n".join(map(json.dumps, CLAUDE_REQUESTS)).encode()))
    body = write(tmp_path / "body.json", {"requests": CLAUDE_REQUESTS})
    one_line = write_lines(tmp_path / "one.json", [{"requests": CLAUDE_REQUESTS}])
    (first,) = import_files(store, [packed, results])
    for requests in (body, one_line):
        (again,) = import_files(store, [requests, results])
        assert (again.run, again.new) == (first.run, False)


def test_a_batch_without_its_requests_is_named_by_the_model_that_replied(store, tmp_path):
    notices: list[str] = []
    path = write_lines(tmp_path / "r.jsonl", CLAUDE_RESULTS)
    (entry,) = import_files(store, [path], notice=notices.append)
    assert entry.target == "anthropic/claude-x-20260101"
    assert entry.samples == 6, "requests that nobody answered belong to the only model of the file"
    assert store.probes(entry.run)["capital"].exchanges == ()
    (notice,) = notices
    assert notice.startswith(
        "Without the request file of the batch, prompts are unknown, and the model that replied"
    )


def test_a_line_that_no_model_can_be_found_for_is_an_error(store, tmp_path):
    lines = [
        {"custom_id": "a", "result": {"type": "succeeded", "message": claude(model="one")}},
        {"custom_id": "b", "result": {"type": "succeeded", "message": claude(model="two")}},
        {"custom_id": "c", "result": {"type": "expired"}},
    ]
    path = write_lines(tmp_path / "r.jsonl", lines)
    with pytest.raises(ImportFormatError, match=r"r\.jsonl:3: .*import the request file too"):
        import_files(store, [path])
    assert store.runs() == []


def test_the_same_questions_have_the_same_dataset_whatever_the_answers(store, tmp_path):
    later = [{"custom_id": entry["custom_id"], "result": {"type": "succeeded", "message": claude("?", "claude-y")}}
             for entry in reversed(CLAUDE_RESULTS)]  # fmt: skip
    paths = [write_lines(tmp_path / "1.jsonl", CLAUDE_RESULTS), write_lines(tmp_path / "2.jsonl", later)]
    first, second = import_files(store, paths)
    assert store.run(first.run).dataset == store.run(second.run).dataset
    other = write_lines(tmp_path / "3.jsonl", later[1:])
    (third,) = import_files(store, [other])
    assert store.run(third.run).dataset != store.run(first.run).dataset


def test_a_repeated_custom_id_is_an_error(store, tmp_path):
    path = write_lines(tmp_path / "r.jsonl", [*CLAUDE_RESULTS, CLAUDE_RESULTS[0]])
    with pytest.raises(
        ImportFormatError, match=r"r\.jsonl:7: probe_id 'capital', sample 0 stands already in .*:1"
    ):
        import_files(store, [path])


def test_requests_that_contradict_each_other_are_an_error(store, tmp_path):
    changed = [{"custom_id": "capital", "params": {"model": "other", "messages": []}}]
    files = [
        write_lines(tmp_path / "r.jsonl", CLAUDE_RESULTS), write_lines(tmp_path / "q.jsonl", CLAUDE_REQUESTS),
        write_lines(tmp_path / "p.jsonl", changed),
    ]  # fmt: skip
    with pytest.raises(
        ImportFormatError, match=r"p\.jsonl: custom_id 'capital' asks for two different things"
    ):
        import_files(store, files)


def test_requests_alone_are_a_usage_error(store, tmp_path):
    with pytest.raises(UsageError, match="requests of a batch hold no answers; name its result file as well"):
        import_files(store, [write_lines(tmp_path / "q.jsonl", CLAUDE_REQUESTS)])


@pytest.mark.parametrize(
    "bad", [{"custom_id": "x"}, {"custom_id": 7, "result": {"type": "canceled"}}, {"custom_id": "x", "result": "no"}],
    ids=["no result", "id is a number", "result is a text"],
)  # fmt: skip
def test_a_line_that_is_no_result_is_named(store, tmp_path, bad):
    with pytest.raises(ImportFormatError, match=r"r\.jsonl:2: "):
        import_files(store, [write_lines(tmp_path / "r.jsonl", [CLAUDE_RESULTS[0], bad])])
    assert store.runs() == []


# OpenAI Batch


def chat(text: str | None, **message) -> dict:
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_767_225_600, "model": "gpt-5-2026-01-01",
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": text, "refusal": None, **message}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
    }  # fmt: skip


def result(name: str, status: int | None, body: dict | None, error: dict | None = None) -> dict:
    response = None if status is None else {"status_code": status, "request_id": "r", "body": body}
    return {"id": f"batch_req_{name}", "custom_id": name, "response": response, "error": error}


CALL = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}}
RESPONSES_BODY = {
    "id": "resp_1", "object": "response", "created_at": 1_767_225_601, "status": "completed",
    "model": "gpt-5-2026-01-01", "output": [
        {"type": "reasoning", "summary": []},
        {"type": "message", "role": "assistant", "content": [
            {"type": "output_text", "text": "Ber", "annotations": []}, {"type": "output_text", "text": "n"}]},
        {"type": "function_call", "name": "weather", "arguments": "{}", "call_id": "c"},
    ],
    "usage": {"input_tokens": 9, "output_tokens": 4},
}  # fmt: skip
OPENAI_RESULTS = [
    result("capital", 200, chat("Bern")),
    result("call", 200, chat(None, tool_calls=[CALL])),
    result("responses", 200, RESPONSES_BODY),
    result(
        "refused",
        400,
        {"error": {"message": "no", "type": "invalid_request_error", "param": "x", "code": None}},
    ),
    result(
        "limited", 429, {"error": {"message": "slow down", "type": "requests", "code": "rate_limit_exceeded"}}
    ),
    result("late", None, None, {"code": "batch_expired", "message": "too late"}),
    result("lost", None, None),
]
OPENAI_REQUESTS = [
    {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": {
        "model": "gpt-5", "messages": [{"role": "user", "content": f"Question {name}"}], "temperature": 0, "user": "u",
        "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}},
        "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]}}
    for name in ("capital", "call", "refused", "limited", "late", "lost")
] + [
    {"custom_id": "responses", "method": "POST", "url": "/v1/responses", "body": {
        "model": "gpt-5", "input": "Capital?", "text": {"format": {"type": "json_schema", "schema": SCHEMA}}}}
]  # fmt: skip


def test_an_openai_batch_with_its_requests(store, tmp_path):
    files = [
        write_lines(tmp_path / "q.jsonl", OPENAI_REQUESTS),
        write_lines(tmp_path / "r.jsonl", OPENAI_RESULTS),
    ]
    (entry,) = import_files(store, files, notice=pytest.fail)
    run, samples, probes = store.run(entry.run), by_probe(store, entry.run), store.probes(entry.run)
    assert (run.target, run.platform, run.requested_model) == ("openai/gpt-5", "openai", "gpt-5")
    assert run.created_at == "2026-01-01T00:00:00+00:00"
    assert {name: sample.outcome for (name, _), sample in samples.items()} == {
        "capital": "response", "call": "response", "responses": "response", "refused": "rejected",
        "limited": "failed", "late": "failed", "lost": "failed",
    }  # fmt: skip
    assert recorded(samples["capital", 1])["output_text"] == "Bern"
    assert recorded(samples["capital", 1])["params"] == {"temperature": 0}
    assert recorded(samples["call", 1])["tool_calls"] == [
        {"name": "weather", "arguments": '{"city": "Bern"}'}
    ]
    responses = recorded(samples["responses", 1])
    assert (responses["output_text"], responses["response_model"]) == ("Bern", "gpt-5-2026-01-01")
    assert responses["tool_calls"] == [{"name": "weather", "arguments": "{}"}]
    assert responses["usage"] == {"input_tokens": 9, "output_tokens": 4}
    assert recorded(samples["refused", 1])["error"]["param"] == "x"
    assert recorded(samples["late", 1])["error"] == {"code": "batch_expired", "message": "too late"}
    assert probes["capital"].exchanges[0].tools == (Tool("weather", "", {"type": "object"}),)
    assert probes["capital"].expect.schema == probes["responses"].expect.schema == SCHEMA
    assert probes["responses"].exchanges[0].messages == (Message("user", "Capital?"),)


# promptfoo


def promptfoo_result(text, provider="openai:chat:gpt-5", city="Bern", **fields) -> dict:
    asserted = [{"type": "contains", "value": city}, {"type": "llm-rubric", "value": "is polite"}]
    return {
        "id": "x", "promptIdx": 0, "testIdx": 0, "promptId": "p", "provider": {"id": provider, "label": ""},
        "prompt": {"raw": f"Country of {city}?", "label": "Country of {{city}}?"}, "vars": {"city": city},
        "testCase": {"vars": {"city": city}, "assert": asserted,
                     "options": {"provider": {"config": {"apiKey": "sk-key"}}}},
        "response": {"output": text, "tokenUsage": {"total": 11, "prompt": 9, "completion": 2}, "cached": False,
                     "finishReason": "stop"},
        "success": True, "score": 1, "latencyMs": 812, "namedScores": {"polite": 0.5}, "failureReason": 0,
        "gradingResult": {"pass": True, "score": 1, "reason": "ok"}, "error": None, **fields,
    }  # fmt: skip


def promptfoo(*results, description=None) -> dict:
    config = {"description": description, "providers": [{"id": "x", "config": {"apiKey": "sk-key"}}]}
    return {
        "evalId": "eval-1",
        "results": {"version": 3, "timestamp": "2026-01-02T03:04:05.678Z", "prompts": [], "results": list(results),
                    "stats": {"successes": 1}},
        "config": config, "shareableUrl": None,
    }  # fmt: skip


def test_a_promptfoo_file(store, tmp_path):
    value = promptfoo(
        promptfoo_result("Switzerland"),
        promptfoo_result("Swiss Confederation"),
        promptfoo_result("Switzerland", provider="bedrock:anthropic.claude-x-v1:0"),
        promptfoo_result("France", city="Paris"),
        description="capitals",
    )
    runs = import_files(store, [write(tmp_path / "results.json", value)], notice=pytest.fail)
    assert [(run.target, run.samples) for run in runs] == [
        ("openai/gpt-5", 3),
        ("bedrock/anthropic.claude-x-v1:0", 1),
    ]
    run = store.run(runs[0].run)
    assert (run.dataset, run.created_at) == ("capitals", "2026-01-02T03:04:05.678000+00:00")
    samples = sorted(store.samples(run.id), key=lambda s: recorded(s)["output_text"])
    assert [(s.epoch, recorded(s)["output_text"]) for s in samples] == [
        (1, "France"),
        (2, "Swiss Confederation"),
        (1, "Switzerland"),
    ]
    last = samples[-1]
    assert last.probe_id == samples[1].probe_id, "the same test, asked again"
    assert (last.latency_ms, recorded(last)["prompt"]) == (812, "Country of Bern?")
    labels = recorded(last)["labels"]
    assert {name: labels[name] for name in ("pass", "score", "polite")} == {
        "pass": True,
        "score": 1,
        "polite": 0.5,
    }
    assert labels["judges"]["pass"]["judge"].startswith("promptfoo contains, llm-rubric ")
    assert len(store.probes(run.id)) == 2
    assert b"sk-key" not in store.path.read_bytes()
    assert store.verify() == []


def test_the_order_of_promptfoo_results_does_not_change_its_probes(store, tmp_path):
    results = [promptfoo_result("a"), promptfoo_result("b", city="Paris"), promptfoo_result("c", city="Rome")]
    first = import_files(store, [write(tmp_path / "1.json", promptfoo(*results))])
    again = import_files(store, [write(tmp_path / "2.json", promptfoo(*reversed(results)))])
    assert again[0].run == first[0].run


@pytest.mark.parametrize(
    ("fields", "outcome", "latency"),
    [
        ({}, "response", 812),
        ({"success": False, "failureReason": 1, "error": "Expected output to contain Bern"}, "response", 812),
        (
            {"failureReason": 2, "error": "API error: 500", "response": {"error": "API error: 500"}},
            "failed",
            812,
        ),
        ({"failureReason": 2, "error": "timeout", "response": None}, "failed", 812),
        ({"response": {"output": "x", "cached": True}}, "response", None),
    ],
    ids=["answered", "assertion failed", "provider failed", "nothing came", "from the cache"],
)
def test_a_failed_assertion_is_an_answer_and_a_failed_call_is_none(store, tmp_path, fields, outcome, latency):
    path = write(tmp_path / "r.json", promptfoo(promptfoo_result("x", **fields)))
    (entry,) = import_files(store, [path])
    (sample,) = store.samples(entry.run)
    assert (sample.outcome, sample.latency_ms) == (outcome, latency)


@pytest.mark.parametrize(
    ("output", "raw", "calls"),
    [
        ([CALL], [CALL], [{"name": "weather", "arguments": '{"city": "Bern"}'}]),
        ({"content": None, "tool_calls": [CALL]}, {"content": None, "tool_calls": [CALL]},
         [{"name": "weather", "arguments": '{"city": "Bern"}'}]),
        ({"country": "CH"}, {"country": "CH"}, None),
    ],
    ids=["list of calls", "calls beside text", "parsed JSON"],
)  # fmt: skip
def test_what_promptfoo_returns_in_place_of_a_text(store, tmp_path, output, raw, calls):
    path = write(tmp_path / "r.json", promptfoo(promptfoo_result(output)))
    (sample,) = store.samples(import_files(store, [path])[0].run)
    kept = recorded(sample)
    assert (kept["output_text"], kept["output_raw"], kept["tool_calls"]) == (None, raw, calls)


def test_the_raw_envelope_of_promptfoo_wins(store, tmp_path):
    given = promptfoo_result("Bern")
    given["response"]["raw"] = json.dumps(chat("Bern"))
    (sample,) = store.samples(import_files(store, [write(tmp_path / "r.json", promptfoo(given))])[0].run)
    assert recorded(sample)["output_raw"] == chat("Bern")


def test_another_assertion_is_another_judge(store, tmp_path):
    first, second = promptfoo_result("a"), promptfoo_result("b", provider="x:y")
    second["testCase"]["assert"][1]["value"] = "is rude"
    runs = import_files(store, [write(tmp_path / "r.json", promptfoo(first, second))])
    judges = [
        recorded(sample)["labels"]["judges"]["pass"]["judge"]
        for run in runs
        for sample in store.samples(run.run)
    ]
    assert judges[0] != judges[1]


def test_a_summary_without_its_wrapper_is_read_as_well(store, tmp_path):
    summary = promptfoo(promptfoo_result("a"))["results"]
    (entry,) = import_files(store, [write(tmp_path / "r.json", summary)])
    assert store.run(entry.run).dataset.startswith("promptfoo-")


@pytest.mark.parametrize(
    "bad", ["text", {**promptfoo_result("x"), "provider": None}], ids=["text", "no provider"]
)
def test_a_promptfoo_result_that_is_none_is_an_error(store, tmp_path, bad):
    with pytest.raises(ImportFormatError, match=r"r\.json"):
        import_files(store, [write(tmp_path / "r.json", promptfoo(promptfoo_result("x"), bad))])
    assert store.runs() == []


# Inspect


def inspect_sample(name, epoch=1, **fields) -> dict:
    call = {"id": "c", "function": "weather", "arguments": {"city": "Bern"}, "type": "function"}
    answer = [{"type": "reasoning", "reasoning": "r"}, {"type": "text", "text": "Sunny."}]
    return {
        "id": name, "epoch": epoch, "input": "Weather in Bern?", "target": "sunny",
        "messages": [
            {"role": "user", "content": "Weather in Bern?"},
            {"role": "assistant", "content": "", "tool_calls": [call], "model": "m"},
            {"role": "tool", "content": "attachment://abc", "tool_call_id": "c", "function": "weather"},
            {"role": "assistant", "content": answer},
        ],
        "output": {"model": "gpt-5-2026-01-01", "choices": [{"stop_reason": "stop", "message": {
            "role": "assistant", "content": answer}}],
            "usage": {"input_tokens": 9, "output_tokens": 2, "total_tokens": 11}, "time": 1.5},
        "scores": {"match": {"value": "C", "answer": "Sunny."}, "graded": {"value": 0.5},
                   "many": {"value": {"tone": 1, "form": "I"}}},
        "metadata": {}, "attachments": {"abc": "sun " * 50}, "events": [{"event": "model"}],
        "started_at": "2026-01-02T03:04:05+00:00", **fields,
    }  # fmt: skip


def inspect_log(*samples) -> dict:
    return {
        "version": 2, "status": "success",
        "eval": {"eval_id": "e", "run_id": "r", "created": "2026-01-02T03:00:00+00:00", "task": "weather",
                 "task_id": "t", "dataset": {"location": "/home/somebody/data.csv"}, "model": "openai/gpt-5",
                 "model_args": {"api_key": "sk-key"}, "model_generate_config": {"temperature": 0.0, "seed": None},
                 "config": {"epochs": 2}, "packages": {"inspect_ai": "0.3"}},
        "plan": {"name": "plan", "steps": [], "config": {"max_tokens": 100}},
        "stats": {}, "samples": list(samples),
    }  # fmt: skip


def test_an_inspect_log(store, tmp_path):
    path = write(
        tmp_path / "log.json", inspect_log(inspect_sample(1), inspect_sample(1, 2), inspect_sample("b"))
    )
    (entry,) = import_files(store, [path], notice=pytest.fail)
    run, samples = store.run(entry.run), by_probe(store, entry.run)
    assert (run.dataset, run.target, run.requested_model) == ("weather", "openai/gpt-5", "gpt-5")
    assert run.params == {"temperature": 0.0, "max_tokens": 100}
    assert run.created_at == "2026-01-02T03:04:05+00:00"
    assert set(samples) == {("1", 1), ("1", 2), ("b", 1)}
    kept = recorded(samples["1", 1])
    assert (kept["output_text"], kept["response_model"]) == ("Sunny.", "gpt-5-2026-01-01")
    assert kept["tool_calls"] == [{"name": "weather", "arguments": {"city": "Bern"}}]
    assert kept["output_raw"]["messages"][2]["content"] == "sun " * 50, "put back from the attachments"
    assert (samples["1", 1].latency_ms, kept["usage"]["input_tokens"]) == (1500, 9)
    labels = kept["labels"]
    assert (labels["match"], labels["graded"], labels["many.tone"], labels["many.form"]) == (
        True,
        0.5,
        1,
        "I",
    )
    assert labels["judges"]["many.tone"] == {"judge": "inspect many"}
    assert store.probes(entry.run)["1"].exchanges[0].messages == (Message("user", "Weather in Bern?"),)
    content = store.path.read_bytes()
    assert b"sk-key" not in content
    assert b"/home/somebody" not in content


@pytest.mark.parametrize(
    ("given", "prompt"),
    [
        ([{"role": "user", "content": "Hi"}], "Hi"),
        ([{"role": "system", "content": "S"}, {"role": "user", "content": "Hi"}],
         '{"messages":[{"content":"S","role":"system"},{"content":"Hi","role":"user"}],"system":null}'),
    ],
    ids=["lone user", "with system"],
)  # fmt: skip
def test_the_input_of_inspect_is_the_prompt(store, tmp_path, given, prompt):
    path = write(tmp_path / "log.json", inspect_log(inspect_sample("a", input=given)))
    (sample,) = store.samples(import_files(store, [path])[0].run)
    assert recorded(sample)["prompt"] == prompt


def test_a_sample_that_inspect_could_not_finish_failed(store, tmp_path):
    error = {"message": "connection lost", "traceback": "File /home/somebody", "traceback_ansi": ""}
    sample = inspect_sample(
        "a", error=error, output={"model": "", "choices": []}, scores=None, started_at=None
    )
    (stored,) = store.samples(import_files(store, [write(tmp_path / "log.json", inspect_log(sample))])[0].run)
    assert (stored.outcome, recorded(stored)["error"]) == ("failed", "connection lost")
    assert stored.recorded_at == "2026-01-02T03:00:00+00:00"
    assert b"/home/somebody" not in store.path.read_bytes()


def test_an_inspect_log_without_samples_is_an_error(store, tmp_path):
    with pytest.raises(ImportFormatError, match=r"log\.json: the log holds no samples"):
        import_files(store, [write(tmp_path / "log.json", {**inspect_log(), "samples": None})])


@pytest.mark.parametrize(
    "bad", ["text", {"id": 1}, {"id": 1, "epoch": 0}], ids=["text", "no epoch", "epoch 0"]
)
def test_an_inspect_sample_that_is_none_is_an_error(store, tmp_path, bad):
    with pytest.raises(
        ImportFormatError, match=r"log\.json:2: a sample has to be an object with id and epoch"
    ):
        import_files(store, [write(tmp_path / "log.json", inspect_log(inspect_sample(1), bad))])


# Telling them apart


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (line(), "jsonl"), ({"anything": 1}, "jsonl"), ([], "jsonl"),
        (CLAUDE_RESULTS[0], "anthropic-batch"), (OPENAI_RESULTS[0], "openai-batch"),
        (CLAUDE_REQUESTS[0], "requests"), (OPENAI_REQUESTS[0], "requests"), ({"requests": CLAUDE_REQUESTS}, "requests"),
        (promptfoo(promptfoo_result("x")), "promptfoo"), (inspect_log(inspect_sample(1)), "inspect"),
    ],
    ids=["recorded", "other object", "list", "anthropic", "openai", "anthropic requests", "openai requests", "body",
         "promptfoo", "inspect"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["line", "document", "gzip"])
def test_a_format_is_told_by_content(tmp_path, value, expected, form):
    path = tmp_path / "file"
    text = json.dumps(value, indent=2 if form == "document" else None)
    path.write_bytes(gzip.compress(text.encode()) if form == "gzip" else text.encode())
    assert detect(path) == expected


def test_a_zip_archive_is_no_log_but_can_be_made_one(store, tmp_path):
    path = tmp_path / "log.eval"
    path.write_bytes(b"PK\x03\x04 rest")
    with pytest.raises(ImportFormatError, match=r"is a zip archive.*inspect log convert --to json"):
        import_files(store, [path])


@pytest.mark.parametrize("fmt", [name for name in FORMATS if name != "auto"])
def test_a_format_that_was_named_has_to_fit(store, tmp_path, fmt):
    path = write_lines(tmp_path / "x.jsonl", [{"nothing": "of that kind"}])
    with pytest.raises(ImportFormatError, match=r"x\.jsonl"):
        import_files(store, [path], fmt=fmt)
    assert store.runs() == []


def test_formats_may_be_mixed_in_one_call(store, tmp_path):
    files = [
        write(tmp_path / "log.json", inspect_log(inspect_sample(1))),
        write_lines(tmp_path / "r.jsonl", CLAUDE_RESULTS),
        write_lines(tmp_path / "x.jsonl", [line()]),
        write_lines(tmp_path / "q.jsonl", CLAUDE_REQUESTS),
        write(tmp_path / "p.json", promptfoo(promptfoo_result("x"))),
    ]
    runs = import_files(store, files)
    assert [run.target for run in runs] == [
        "openai/gpt-5",
        "anthropic/claude-x",
        "vendor/model-1",
        "openai/gpt-5",
    ]
    assert store.verify() == []
