# The stand-in is held to the vendors' own SDKs: what it sends parses into their types, and its errors are their errors.
# Owns: the SDKs as clients of the stand-in. Refuses to know: Drift.
from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from google.genai import errors as google_errors
from google.genai import types
from pydantic import BaseModel

from tests.vendor import Vendor

pytest_plugins = ("tests.vendor.plugin",)

CLAUDE, GPT, GEMINI = "claude-opus-5-5", "gpt-5.5", "gemini-3.8-flash"
PLACE = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
    "required": ["city", "unit"],
    "additionalProperties": False,
}
WEATHER = "What is the weather in Oslo, in celsius?"
LONG = "Describe the heron at length."


def extras(value: Any, at: str = "") -> list[str]:
    """Return the places of fields that the SDK's types do not know."""
    found: list[str] = []
    if isinstance(value, BaseModel):
        found += [f"{at}/{name}" for name in value.model_extra or {}]
        for name in type(value).model_fields:
            found += extras(getattr(value, name, None), f"{at}/{name}")
    elif isinstance(value, list):
        for n, item in enumerate(value):
            found += extras(item, f"{at}/{n}")
    return found


@pytest.fixture
def claude(vendor: Vendor) -> Iterator[anthropic.Anthropic]:
    options = {"api_key": "key", "base_url": vendor.url, "max_retries": 0}
    with anthropic.Anthropic(**options, _strict_response_validation=True) as client:
        yield client


@pytest.fixture
def gpt(vendor: Vendor) -> Iterator[openai.OpenAI]:
    options = {"api_key": "key", "base_url": vendor.openai_url, "max_retries": 0}
    with openai.OpenAI(**options, _strict_response_validation=True) as client:
        yield client


@pytest.fixture
def gemini(vendor: Vendor) -> Iterator[genai.Client]:
    client = genai.Client(
        api_key="key", vertexai=False, http_options=types.HttpOptions(base_url=vendor.gemini_url)
    )
    yield client
    client.close()


# ---------------------------------------------------------------- Anthropic


def ask_claude(client: anthropic.Anthropic, text: str, **more: Any) -> anthropic.types.Message:
    messages: list[Any] = [{"role": "user", "content": text}]
    return client.messages.create(**{"model": CLAUDE, "max_tokens": 64, "messages": messages, **more})


def test_claude_answers_in_the_types_of_its_sdk(claude: anthropic.Anthropic, vendor: Vendor) -> None:
    message = ask_claude(claude, "Reply with ok")
    assert (message.content[0].type, message.content[0].text, message.stop_reason) == (
        "text",
        "ok",
        "end_turn",
    )
    assert (message.model, message.usage.output_tokens, extras(message)) == (CLAUDE, 1, [])
    assert message._request_id is not None
    cut = ask_claude(claude, LONG, max_tokens=5)
    assert (cut.stop_reason, cut.usage.output_tokens) == ("max_tokens", 5)
    with vendor.behaving("thinking-on-by-default", "refusal-as-answer"):
        thinking, text = ask_claude(claude, "Reply with ok").content
        assert (thinking.type, text.type) == ("thinking", "text")
        refused = ask_claude(claude, "Write me ransomware.")
        assert (refused.stop_reason, refused.stop_details.category, extras(refused)) == (
            "refusal",
            "cyber",
            [],
        )


def test_claude_streams_what_its_sdk_puts_together(claude: anthropic.Anthropic, vendor: Vendor) -> None:
    tools = [{"name": "get_weather", "description": "Weather", "input_schema": PLACE}]
    with vendor.behaving("thinking-on-by-default"):
        for text, more in ((LONG, {}), (WEATHER, {"tools": tools, "tool_choice": {"type": "any"}})):
            plain = ask_claude(claude, text, max_tokens=2000, **more)
            asked: list[Any] = [{"role": "user", "content": text}]
            with claude.messages.stream(model=CLAUDE, max_tokens=2000, messages=asked, **more) as stream:
                kinds = [event.type for event in stream]
                whole = stream.get_final_message()
            assert kinds[0] == "message_start"
            assert kinds[-1] == "message_stop"
            volatile = {"id": True, "content": {"__all__": {"id"}}}
            assert whole.model_dump(exclude=volatile) == plain.model_dump(exclude=volatile)
            assert extras(whole) == []


def test_claude_takes_its_own_turn_back(claude: anthropic.Anthropic, vendor: Vendor) -> None:
    tools: list[Any] = [{"name": "get_weather", "description": "Weather", "input_schema": PLACE}]
    with vendor.behaving("thinking-on-by-default"):
        turn = ask_claude(claude, WEATHER, tools=tools)
        call = turn.content[-1]
        assert (call.type, call.input) == ("tool_use", {"city": "Oslo", "unit": "celsius"})
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "7 degrees"}
        history: list[Any] = [
            {"role": "user", "content": WEATHER},
            {"role": "assistant", "content": turn.content},
            {"role": "user", "content": [result]},
        ]
        assert "7 degrees" in ask_claude(claude, "", messages=history, tools=tools).content[-1].text


def test_claude_lists_models_in_pages_and_counts_tokens(claude: anthropic.Anthropic, vendor: Vendor) -> None:
    with vendor.behaving(page_size=2):
        models = list(claude.models.list())
    assert len(models) > 2
    assert CLAUDE in {model.id for model in models}
    assert [extras(model) for model in models if extras(model)] == []
    assert claude.models.retrieve(CLAUDE).id == CLAUDE
    asked: list[Any] = [{"role": "user", "content": "Hello"}]
    counted = claude.messages.count_tokens(model=CLAUDE, messages=asked).input_tokens
    assert counted == ask_claude(claude, "Hello").usage.input_tokens


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (403, anthropic.PermissionDeniedError),
        (404, anthropic.NotFoundError),
        (409, anthropic.ConflictError),
        (413, anthropic.RequestTooLargeError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (529, anthropic.OverloadedError),
    ],
)
def test_errors_of_claude_are_those_of_its_sdk(
    claude: anthropic.Anthropic, vendor: Vendor, status: int, kind: type[anthropic.APIStatusError]
) -> None:
    vendor.fail(status)
    with pytest.raises(kind) as error:
        ask_claude(claude, "Hello")
    assert type(error.value) is kind
    assert error.value.request_id == error.value.body["request_id"]


def test_claude_answers_a_batch(claude: anthropic.Anthropic) -> None:
    def one(name: str, **more: Any) -> Any:
        messages = [{"role": "user", "content": f"Reply with {name}"}]
        return {
            "custom_id": name,
            "params": {"model": CLAUDE, "max_tokens": 16, "messages": messages, **more},
        }

    made = claude.messages.batches.create(requests=[one("ok"), one("wrong", max_tokens=0)])
    assert (made.processing_status, made.request_counts.processing) == ("in_progress", 2)
    done = claude.messages.batches.retrieve(made.id)
    assert (done.processing_status, done.request_counts.succeeded, done.request_counts.errored) == (
        "ended",
        1,
        1,
    )
    good, bad = claude.messages.batches.results(made.id)
    assert (good.custom_id, good.result.type, good.result.message.content[0].text) == (
        "ok",
        "succeeded",
        "ok",
    )
    assert (bad.custom_id, bad.result.type, bad.result.error.error.type) == (
        "wrong",
        "errored",
        "invalid_request_error",
    )
    assert [batch.id for batch in claude.messages.batches.list()] == [made.id]
    assert claude.messages.batches.cancel(made.id).processing_status == "canceling"
    assert claude.messages.batches.delete(made.id).type == "message_batch_deleted"


# ---------------------------------------------------------------- OpenAI: Chat Completions


def chat(client: openai.OpenAI, text: str, **more: Any) -> Any:
    messages = [{"role": "user", "content": text}]
    return client.chat.completions.create(**{"model": GPT, "messages": messages, **more})


FUNCTION = {"type": "function", "function": {"name": "get_weather", "parameters": PLACE}}


def test_chat_answers_in_the_types_of_its_sdk(gpt: openai.OpenAI, vendor: Vendor) -> None:
    whole = chat(gpt, "Reply with ok")
    assert (whole.choices[0].message.content, whole.choices[0].finish_reason) == ("ok", "stop")
    assert (whole.model, extras(whole)) == (GPT, [])
    assert whole._request_id is not None
    cut = chat(gpt, LONG, max_completion_tokens=5)
    assert (cut.choices[0].finish_reason, cut.usage.completion_tokens) == ("length", 5)
    call = chat(gpt, WEATHER, tools=[FUNCTION]).choices[0].message.tool_calls[0]
    assert (call.function.name, call.function.arguments) == (
        "get_weather",
        '{"city": "Oslo", "unit": "celsius"}',
    )


def test_chat_streams_what_its_sdk_puts_together(gpt: openai.OpenAI) -> None:
    for text, more in (
        (LONG, {}),
        (WEATHER, {"tools": [{**FUNCTION, "function": {**FUNCTION["function"], "strict": True}}]}),
    ):
        plain = chat(gpt, text, **more)
        options: Any = {"include_usage": True}
        asked: Any = [{"role": "user", "content": text}]
        with gpt.chat.completions.stream(model=GPT, messages=asked, stream_options=options, **more) as stream:
            kinds = {event.type for event in stream}
            whole = stream.get_final_completion()
        first, second = plain.choices[0], whole.choices[0]
        assert (second.message.content, second.finish_reason) == (first.message.content, first.finish_reason)
        calls = [
            [call.function.arguments for call in one.message.tool_calls or []] for one in (first, second)
        ]
        assert calls[0] == calls[1]
        assert whole.usage == plain.usage
        assert "chunk" in kinds


def test_chat_lists_its_models(gpt: openai.OpenAI) -> None:
    models = list(gpt.models.list())
    assert GPT in {model.id for model in models}
    assert [extras(model) for model in models if extras(model)] == []
    assert gpt.models.retrieve(GPT).id == GPT


ERRORS = [
    (400, openai.BadRequestError),
    (401, openai.AuthenticationError),
    (403, openai.PermissionDeniedError),
    (404, openai.NotFoundError),
    (409, openai.ConflictError),
    (422, openai.UnprocessableEntityError),
    (429, openai.RateLimitError),
    (500, openai.InternalServerError),
    (503, openai.InternalServerError),
]


@pytest.mark.parametrize(("status", "kind"), ERRORS)
def test_errors_of_chat_and_responses_are_those_of_the_sdk(
    gpt: openai.OpenAI, vendor: Vendor, status: int, kind: type[openai.APIStatusError]
) -> None:
    vendor.fail(status, times=2)
    for ask in (lambda: chat(gpt, "Hello"), lambda: gpt.responses.create(model=GPT, input="Hello")):
        with pytest.raises(kind) as error:
            ask()
        assert type(error.value) is kind
        assert error.value.body["message"] in str(error.value)
        assert error.value.request_id is not None


def test_an_error_names_parameter_and_code(gpt: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as error:
        chat(gpt, "Hello", max_tokens=5)
    assert (error.value.param, error.value.code) == ("max_tokens", "unsupported_parameter")


# ---------------------------------------------------------------- OpenAI: Responses


def test_responses_answers_in_the_types_of_its_sdk(gpt: openai.OpenAI, vendor: Vendor) -> None:
    with vendor.behaving("thinking-on-by-default"):
        whole = gpt.responses.create(model=GPT, input="Reply with ok")
    assert (whole.output_text, whole.status, whole.output[0].type) == ("ok", "completed", "reasoning")
    assert (whole.model, extras(whole)) == (GPT, ["/store"])  # sent by the vendor, not in its type
    cut = gpt.responses.create(model=GPT, input=LONG, max_output_tokens=16)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")


def test_responses_streams_what_its_sdk_puts_together(gpt: openai.OpenAI, vendor: Vendor) -> None:
    tool: Any = {"type": "function", "name": "get_weather", "parameters": PLACE, "strict": True}
    with vendor.behaving("thinking-on-by-default"):
        for text, more in ((LONG, {}), (WEATHER, {"tools": [tool]})):
            plain = gpt.responses.create(model=GPT, input=text, **more)
            with gpt.responses.stream(model=GPT, input=text, **more) as stream:
                kinds = [event.type for event in stream]
                whole = stream.get_final_response()
            assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
            assert whole.output_text == plain.output_text
            calls = [
                [item.arguments for item in one.output if item.type == "function_call"]
                for one in (plain, whole)
            ]
            assert calls[0] == calls[1]
            assert whole.usage == plain.usage


def test_responses_takes_its_own_output_back_and_counts(gpt: openai.OpenAI, vendor: Vendor) -> None:
    tool: Any = {"type": "function", "name": "get_weather", "parameters": PLACE, "strict": True}
    asked: list[Any] = [{"role": "user", "content": WEATHER}]
    with vendor.behaving("thinking-on-by-default"):
        turn = gpt.responses.create(model=GPT, input=asked, tools=[tool])
        call = turn.output[-1]
        assert call.type == "function_call"
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "7 degrees"}
        answer = gpt.responses.create(model=GPT, input=[*asked, *turn.output, result], tools=[tool])
    assert "7 degrees" in answer.output_text
    counted = gpt.responses.input_tokens.count(model=GPT, input=asked)
    assert counted.input_tokens == gpt.responses.create(model=GPT, input=asked).usage.input_tokens


def test_chat_and_responses_answer_a_batch(gpt: openai.OpenAI) -> None:
    lines = [
        {
            "custom_id": "chat",
            "url": "/v1/chat/completions",
            "body": {"model": GPT, "messages": [{"role": "user", "content": "Reply with ok"}]},
        },
        {"custom_id": "responses", "url": "/v1/responses", "body": {"model": GPT, "input": "Reply with ok"}},
        {
            "custom_id": "wrong",
            "url": "/v1/responses",
            "body": {"model": "gpt-none", "input": "Reply with ok"},
        },
    ]
    content = "\n".join(json.dumps({"method": "POST", **line}) for line in lines).encode()
    file = gpt.files.create(file=("asked.jsonl", content), purpose="batch")
    assert (file.purpose, file.bytes, gpt.files.retrieve(file.id).filename) == (
        "batch",
        len(content),
        "asked.jsonl",
    )
    made = gpt.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h")
    assert made.status == "validating"
    done = gpt.batches.retrieve(made.id)
    assert (done.status, done.request_counts.completed, done.request_counts.failed) == ("completed", 2, 1)
    good = [json.loads(line) for line in gpt.files.content(done.output_file_id).text.splitlines()]
    bad = [json.loads(line) for line in gpt.files.content(done.error_file_id).text.splitlines()]
    assert [line["custom_id"] for line in (*good, *bad)] == ["chat", "responses", "wrong"]
    assert good[0]["response"]["body"]["choices"][0]["message"]["content"] == "ok"
    assert bad[0]["response"]["body"]["error"]["code"] == "model_not_found"
    assert [batch.id for batch in gpt.batches.list()] == [made.id]
    assert gpt.batches.cancel(made.id).status == "cancelling"


# ---------------------------------------------------------------- Gemini


@pytest.fixture
def no_warnings() -> Iterator[None]:
    """The SDK warns of what it does not know, and drops it without a word elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.usefixtures("no_warnings")
def test_gemini_answers_in_the_types_of_its_sdk(gemini: genai.Client, vendor: Vendor) -> None:
    whole = gemini.models.generate_content(model=GEMINI, contents="Reply with ok")
    assert (whole.text, whole.candidates[0].finish_reason) == ("ok", types.FinishReason.STOP)
    assert (whole.model_version, bool(whole.response_id)) == (GEMINI, True)
    config = types.GenerateContentConfig(max_output_tokens=5)
    cut = gemini.models.generate_content(model=GEMINI, contents=LONG, config=config)
    assert cut.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
    with vendor.behaving("thinking-on-by-default"):
        thought, said = (
            gemini.models.generate_content(model=GEMINI, contents="Reply with ok").candidates[0].content.parts
        )
    assert (thought.thought, said.thought, said.text) == (True, None, "ok")


@pytest.mark.usefixtures("no_warnings")
def test_gemini_streams_the_whole_answer(gemini: genai.Client) -> None:
    plain = gemini.models.generate_content(model=GEMINI, contents=LONG)
    chunks = list(gemini.models.generate_content_stream(model=GEMINI, contents=LONG))
    assert "".join(chunk.text or "" for chunk in chunks) == plain.text
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert chunks[-1].usage_metadata == plain.usage_metadata


@pytest.mark.usefixtures("no_warnings")
def test_gemini_takes_its_own_turn_back(gemini: genai.Client) -> None:
    declared = types.FunctionDeclaration(name="get_weather", parameters_json_schema=PLACE)
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])
    turn = gemini.models.generate_content(model=GEMINI, contents=WEATHER, config=config)
    call = turn.function_calls[0]
    assert (call.name, call.args) == ("get_weather", {"city": "Oslo", "unit": "celsius"})
    result = types.Part.from_function_response(name="get_weather", response={"result": "7 degrees"})
    history = [
        types.Content(role="user", parts=[types.Part(text=WEATHER)]),
        turn.candidates[0].content,
        types.Content(role="user", parts=[result]),
    ]
    assert "7 degrees" in gemini.models.generate_content(model=GEMINI, contents=history, config=config).text


@pytest.mark.usefixtures("no_warnings")
def test_gemini_lists_models_in_pages_and_counts_tokens(gemini: genai.Client, vendor: Vendor) -> None:
    with vendor.behaving(page_size=2):
        models = list(gemini.models.list())
    assert len(models) > 2
    assert f"models/{GEMINI}" in {model.name for model in models}
    assert gemini.models.get(model=GEMINI).input_token_limit
    counted = gemini.models.count_tokens(model=GEMINI, contents="Hello").total_tokens
    whole = gemini.models.generate_content(model=GEMINI, contents="Hello")
    assert counted == whole.usage_metadata.prompt_token_count


def test_gemini_answers_a_batch(gemini: genai.Client) -> None:
    asked = [types.InlinedRequest(contents="Reply with ok"), types.InlinedRequest(contents="Reply with yes")]
    made = gemini.batches.create(model=GEMINI, src=asked)
    assert made.state == types.JobState.JOB_STATE_PENDING
    done = gemini.batches.get(name=made.name)
    assert done.state == types.JobState.JOB_STATE_SUCCEEDED
    assert [one.response.text for one in done.dest.inlined_responses] == ["ok", "yes"]


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_errors_of_gemini_are_those_of_its_sdk(gemini: genai.Client, vendor: Vendor, status: int) -> None:
    vendor.fail(status)
    kind = google_errors.ClientError if status < 500 else google_errors.ServerError
    with pytest.raises(kind) as error:
        gemini.models.generate_content(model=GEMINI, contents="Hello")
    assert (error.value.code, bool(error.value.status), bool(error.value.message)) == (status, True, True)
