# A neutral exchange as the body of one wire dialect, and a received turn as the turn to send back.
# Owns: the request grammar of each dialect. Refuses to know: the network, keys, what a reply means.
"""Render neutral requests; pure functions.

Rendering loses nothing and adds nothing: the same exchange gives the same body, whatever the vendor thinks of
it. What a vendor does not know is sent all the same, because a rejection is a fact about the API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from drift.canonical import strict_loads
from drift.dialects import place_of
from drift.model import JSON, Exchange, Message, Target, Tool
from drift.observe.join import joined


class ConversationEndsError(Exception):
    """The next exchange cannot be sent: the turn that it replays did not arrive or held no tool call."""


def render(
    exchange: Exchange, dialect: str, target: Target, turns: Sequence[Mapping[str, JSON]] = ()
) -> JSON:
    """Return the exact JSON body of a request.

    Args:
        exchange: what to ask.
        dialect: a wire dialect, see `drift.model.Dialect`.
        target: gives the model (unless the exchange names one) and the fixed parameters of a generate
        request.
        turns: the raw Exchanges received so far in this sample, one for each exchange of the probe.

    Raises:
        ConversationEndsError: see there.
    """
    model = exchange.model or target.model
    if dialect in exchange.bodies:
        exact = exchange.bodies[dialect]
        named = isinstance(exact, Mapping) and dialect != "gemini"  # there the model stands in the path
        return {"model": model, **exact} if named else exact
    body = _RENDERERS[dialect](exchange, model, target, turns)
    given = {**target.params, **exchange.params} if exchange.operation == "generate" else exchange.params
    for name, value in given.items():
        _put(body, _placed(name, dialect), value)
    if dialect == "gemini" and exchange.operation == "count_tokens":
        body = _gemini_count(body, model)
    patch = exchange.overrides.get(dialect)
    return body if patch is None else merge_patch(body, patch)


def _placed(name: str, dialect: str) -> tuple[str, ...]:
    """Return where a further parameter goes; Claude's and OpenAI's older API gave it its common name."""
    return place_of(name, dialect) if dialect in {"gemini", "openai-responses"} else (name,)


def _put(body: dict[str, JSON], place: tuple[str, ...], value: JSON) -> None:
    """Set a value deep in a body; what stands beside it stays."""
    for key in place[:-1]:
        inner = body.get(key)
        body[key] = dict(inner) if isinstance(inner, Mapping) else {}
        body = body[key]
    before = body.get(place[-1])
    both = isinstance(before, Mapping) and isinstance(value, Mapping)
    body[place[-1]] = merge_patch(before, value) if both else value


def merge_patch(value: JSON, patch: JSON) -> JSON:
    """Apply a JSON merge patch (RFC 7396): null removes, objects merge, everything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(value) if isinstance(value, Mapping) else {}
    for key, change in patch.items():
        if change is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), change)
    return merged


# Claude's Messages API


def _anthropic(
    exchange: Exchange, model: str, target: Target, turns: Sequence[Mapping[str, JSON]]
) -> dict[str, JSON]:
    del target
    generate = exchange.operation == "generate"
    body: dict[str, JSON] = {"model": model}
    if generate and exchange.max_tokens is not None:
        body["max_tokens"] = exchange.max_tokens
    if exchange.system is not None:
        body["system"] = exchange.system
    replayed: Mapping[str, JSON] | None = None
    messages: list[JSON] = []
    for message in exchange.messages:
        if message.replay is not None:
            replayed = _received(anthropic_turn, turns, message.replay)
            messages.append(replayed)
        elif message.tool_results is not None:
            blocks = replayed["content"] if replayed else []
            calls = [block["id"] for block in blocks if block.get("type") == "tool_use" and "id" in block]
            results = [
                {"type": "tool_result", "tool_use_id": call, "content": message.tool_results}
                for call in calls
            ]
            messages.append({"role": message.role, "content": _some(results)})
        else:
            messages.append(_text_turn(message))
    body["messages"] = messages
    if exchange.tools:
        body["tools"] = [_anthropic_tool(tool) for tool in exchange.tools]
    if exchange.tool_choice is not None:
        named = exchange.tool_choice not in {"auto", "any", "none"}
        body["tool_choice"] = (
            {"type": "tool", "name": exchange.tool_choice} if named else {"type": exchange.tool_choice}
        )
    if exchange.output_schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": exchange.output_schema}}
    if generate and exchange.stop:
        body["stop_sequences"] = list(exchange.stop)
    if generate and exchange.stream:
        body["stream"] = True
    return body


def _anthropic_tool(tool: Tool) -> JSON:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}


def anthropic_turn(entry: Mapping[str, JSON]) -> dict[str, JSON] | None:
    """Return the assistant turn of a raw Exchange, blocks as received; None when there is none."""
    if entry["events"] is None:
        content = entry["body"].get("content") if isinstance(entry["body"], Mapping) else None
    else:
        content = _anthropic_blocks(entry["events"])
    if not isinstance(content, list) or not all(isinstance(block, Mapping) for block in content):
        return None
    return {"role": "assistant", "content": content} if content else None


def _anthropic_blocks(events: Sequence[Mapping[str, JSON]]) -> list[JSON] | None:
    """Put streamed blocks together, unknown deltas field by field; None when an input stayed unfinished."""
    blocks: dict[int, dict[str, JSON]] = {}
    inputs: dict[int, str] = {}
    for event in events:
        data = event["data"]
        if not isinstance(data, Mapping):
            continue
        index = data.get("index")
        if not isinstance(index, int):
            continue
        if data.get("type") == "content_block_start" and isinstance(data.get("content_block"), Mapping):
            blocks[index] = dict(data["content_block"])
        elif data.get("type") == "content_block_delta" and isinstance(data.get("delta"), Mapping):
            if index not in blocks:
                return None
            delta = {key: value for key, value in data["delta"].items() if key != "type"}
            if isinstance(part := delta.pop("partial_json", None), str):
                inputs[index] = inputs.get(index, "") + part
            if "citation" in delta:  # the one delta whose field differs from its block's
                delta["citations"] = [delta.pop("citation")]
            blocks[index] = joined(blocks[index], delta)
    for index, text in inputs.items():
        if text:
            try:
                blocks[index]["input"] = strict_loads(text)
            except ValueError:
                return None
    return list(blocks.values())


# OpenAI's Chat Completions, also spoken by most hosts of open models

_OPENAI_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def _openai_chat(
    exchange: Exchange, model: str, target: Target, turns: Sequence[Mapping[str, JSON]]
) -> dict[str, JSON]:
    generate = exchange.operation == "generate"
    messages: list[JSON] = []
    if exchange.system is not None:
        messages.append({"role": "system", "content": exchange.system})
    replayed: Mapping[str, JSON] | None = None
    for message in exchange.messages:
        if message.replay is not None:
            replayed = _received(openai_chat_turn, turns, message.replay)
            messages.append(replayed)
        elif message.tool_results is not None:
            calls = (replayed or {}).get("tool_calls") or []
            messages += _some(
                [
                    {"role": "tool", "tool_call_id": call["id"], "content": message.tool_results}
                    for call in (calls if isinstance(calls, list) else ())
                    if isinstance(call, Mapping) and "id" in call
                ]
            )
        else:
            messages.append(_text_turn(message))
    body: dict[str, JSON] = {"model": model, "messages": messages}
    # The vendor itself wants the new name for its newer models, other hosts know the old one only.
    limit = "max_completion_tokens" if target.platform == "openai" else "max_tokens"
    if not generate:
        body[limit] = (
            1  # there is no endpoint that counts: the shortest answer reports the size of the prompt
        )
    elif exchange.max_tokens is not None:
        body[limit] = exchange.max_tokens
    if exchange.tools:
        body["tools"] = [_openai_tool(tool) for tool in exchange.tools]
    if exchange.tool_choice is not None:
        body["tool_choice"] = _OPENAI_CHOICES.get(
            exchange.tool_choice, {"type": "function", "function": {"name": exchange.tool_choice}}
        )
    if exchange.output_schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": exchange.output_schema},
        }
    if generate and exchange.stop:
        body["stop"] = list(exchange.stop)
    if generate and exchange.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body


def _openai_tool(tool: Tool) -> JSON:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.input_schema}
    return {"type": "function", "function": function}


def openai_chat_turn(entry: Mapping[str, JSON]) -> dict[str, JSON] | None:
    """Return the message of a raw Exchange as received, unknown fields too; None when there is none."""
    if entry["events"] is not None:
        return _openai_chat_message(entry["events"])
    body = entry["body"]
    choices = body.get("choices") if isinstance(body, Mapping) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, Mapping) else None
    return dict(message) if isinstance(message, Mapping) else None


def _openai_chat_message(events: Sequence[Mapping[str, JSON]]) -> dict[str, JSON] | None:
    """Put the deltas of the first choice together."""
    message: dict[str, JSON] = {}
    for event in events:
        choices = event["data"].get("choices") if isinstance(event["data"], Mapping) else None
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, Mapping) and choice.get("index", 0) == 0:
                delta = choice.get("delta")
                message = joined(message, delta) if isinstance(delta, Mapping) else message
    if isinstance(calls := message.get("tool_calls"), list):
        message["tool_calls"] = [
            {key: value for key, value in call.items() if key != "index"}
            for call in calls
            if isinstance(call, Mapping)
        ]
    return message or None


# OpenAI's Responses API


def _openai_responses(
    exchange: Exchange, model: str, target: Target, turns: Sequence[Mapping[str, JSON]]
) -> dict[str, JSON]:
    del target
    generate = exchange.operation == "generate"
    replayed: list[dict[str, JSON]] = []
    items: list[JSON] = []
    for message in exchange.messages:
        if message.replay is not None:
            replayed = _received(openai_responses_turn, turns, message.replay)
            items += replayed
        elif message.tool_results is not None:
            items += _some(
                [
                    {
                        "type": "function_call_output",
                        "call_id": item["call_id"],
                        "output": message.tool_results,
                    }
                    for item in replayed
                    if item.get("type") == "function_call" and "call_id" in item
                ]
            )
        else:
            items.append(_text_turn(message))
    body: dict[str, JSON] = {"model": model}
    if exchange.system is not None:
        body["instructions"] = exchange.system
    body["input"] = items
    if generate and exchange.max_tokens is not None:
        body["max_output_tokens"] = exchange.max_tokens
    if exchange.tools:
        body["tools"] = [_responses_tool(tool) for tool in exchange.tools]
    if exchange.tool_choice is not None:
        body["tool_choice"] = _OPENAI_CHOICES.get(
            exchange.tool_choice, {"type": "function", "name": exchange.tool_choice}
        )
    if exchange.output_schema is not None:
        body["text"] = {
            "format": {
                "type": "json_schema",
                "name": "answer",
                "strict": True,
                "schema": exchange.output_schema,
            }
        }
    if generate and exchange.stop:
        body["stop"] = list(exchange.stop)  # this API has no such parameter, and says so
    if generate and exchange.stream:
        body["stream"] = True
    return body


def _responses_tool(tool: Tool) -> JSON:
    """Render a tool; left out, `strict` would be on here and off in Chat Completions: another question."""
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.input_schema,
        "strict": False,
    }


def openai_responses_turn(entry: Mapping[str, JSON]) -> list[dict[str, JSON]] | None:
    """Return the output items of a raw Exchange as received, reasoning too; None when there are none."""
    if entry["events"] is None:
        return _items(entry["body"])
    finished: list[JSON] = []
    for event in entry["events"]:
        data = event["data"] if isinstance(event["data"], Mapping) else {}
        if data.get("type") == "response.output_item.done":
            finished.append(data.get("item"))
        elif data.get("type") in {"response.completed", "response.incomplete"}:
            return _items(data.get("response"))
    return _items({"output": finished})


def _items(response: JSON) -> list[dict[str, JSON]] | None:
    output = response.get("output") if isinstance(response, Mapping) else None
    if not isinstance(output, list) or not all(isinstance(item, Mapping) for item in output):
        return None
    return [dict(item) for item in output] or None


# The Gemini API


def _gemini(
    exchange: Exchange, model: str, target: Target, turns: Sequence[Mapping[str, JSON]]
) -> dict[str, JSON]:
    del model, target  # the model stands in the path
    generate = exchange.operation == "generate"
    replayed: Mapping[str, JSON] = {}
    contents: list[JSON] = []
    for message in exchange.messages:
        if message.replay is not None:
            replayed = _received(gemini_turn, turns, message.replay)
            contents.append(replayed)
        elif message.tool_results is not None:
            said = [
                part.get("functionCall") for part in replayed.get("parts", ()) if isinstance(part, Mapping)
            ]
            calls = [call for call in said if isinstance(call, Mapping)]
            answers = [{"functionResponse": _gemini_result(call, message.tool_results)} for call in calls]
            contents.append({"role": message.role, "parts": _some(answers)})
        else:
            role = "model" if message.role == "assistant" else message.role
            contents.append({"role": role, "parts": [{"text": message.content}]})
    body: dict[str, JSON] = {}
    if exchange.system is not None:
        body["systemInstruction"] = {"parts": [{"text": exchange.system}]}
    body["contents"] = contents
    config: dict[str, JSON] = {}
    if generate and exchange.max_tokens is not None:
        config["maxOutputTokens"] = exchange.max_tokens
    if exchange.output_schema is not None:
        config |= {"responseMimeType": "application/json", "responseJsonSchema": exchange.output_schema}
    if generate and exchange.stop:
        config["stopSequences"] = list(exchange.stop)
    if config:
        body["generationConfig"] = config
    if exchange.tools:
        body["tools"] = [{"functionDeclarations": [_gemini_tool(tool) for tool in exchange.tools]}]
    if exchange.tool_choice is not None:
        named = exchange.tool_choice not in {"auto", "any", "none"}
        calling: dict[str, JSON] = {"mode": "ANY" if named else exchange.tool_choice.upper()}
        if named:
            calling["allowedFunctionNames"] = [exchange.tool_choice]
        body["toolConfig"] = {"functionCallingConfig": calling}
    return body


def _gemini_tool(tool: Tool) -> JSON:
    """Render a tool; the older field `parameters` knows a part of JSON Schema only."""
    return {"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.input_schema}


def _gemini_result(call: Mapping[str, JSON], text: str) -> dict[str, JSON]:
    answer: dict[str, JSON] = {"name": call.get("name"), "response": {"result": text}}
    return {"id": call["id"], **answer} if "id" in call else answer


def _gemini_count(body: dict[str, JSON], model: str) -> dict[str, JSON]:
    """Return the body that counts a request: contents alone, or all of what an answer would be asked with."""
    if set(body) == {"contents"}:
        return body
    return {"generateContentRequest": {"model": f"models/{model.removeprefix('models/')}", **body}}


def gemini_turn(entry: Mapping[str, JSON]) -> dict[str, JSON] | None:
    """Return the content of a raw Exchange, every part as received: a signature belongs to its part."""
    chunks = [entry["body"]] if entry["events"] is None else [event["data"] for event in entry["events"]]
    contents = [content for chunk in chunks if (content := _first_content(chunk))]
    held = [content["parts"] for content in contents if isinstance(content.get("parts"), list)]
    parts = [part for one in held for part in one]
    return {**contents[0], "parts": parts} if parts else None


def _first_content(response: JSON) -> Mapping[str, JSON]:
    candidates = response.get("candidates") if isinstance(response, Mapping) else None
    first = candidates[0] if isinstance(candidates, list) and candidates else None
    content = first.get("content") if isinstance(first, Mapping) else None
    return content if isinstance(content, Mapping) else {}


# What the dialects share

_RENDERERS: Mapping[str, Callable[[Exchange, str, Target, Sequence[Mapping[str, JSON]]], dict[str, JSON]]] = {
    "anthropic": _anthropic,
    "openai-chat": _openai_chat,
    "openai-responses": _openai_responses,
    "gemini": _gemini,
}

_Turn = TypeVar("_Turn")


def _text_turn(message: Message) -> JSON:
    return {"role": message.role, "content": message.content}


def _received(
    read_turn: Callable[[Mapping[str, JSON]], _Turn | None], turns: Sequence[Mapping[str, JSON]], index: int
) -> _Turn:
    entry = turns[index] if 0 <= index < len(turns) else None
    answered = entry is not None and entry["error"] is None and (entry["status"] or 0) // 100 == 2
    turn = read_turn(entry) if entry is not None and answered else None
    if turn is None:
        raise ConversationEndsError
    return turn


def _some(results: list[JSON]) -> list[JSON]:
    if not results:
        raise ConversationEndsError
    return results
