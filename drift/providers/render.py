# A neutral exchange as the body of one wire dialect, and a received turn as the turn to send back.
# Owns: the request grammar of each dialect. Refuses to know: the network, keys, what a reply means.
"""Render neutral requests; pure functions.

Rendering loses nothing and adds nothing: the same exchange gives the same body, whatever the vendor thinks of
it. What a vendor does not know is sent all the same, because a rejection is a fact about the API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from drift.canonical import strict_loads
from drift.model import JSON, Exchange, Message, Target, Tool

DIALECTS = ("anthropic", "openai-chat")
"""Dialects that `render` knows."""


class ConversationEndsError(Exception):
    """The next exchange cannot be sent: the turn that it replays did not arrive or held no tool call."""


def render(
    exchange: Exchange, dialect: str, target: Target, turns: Sequence[Mapping[str, JSON]] = ()
) -> JSON:
    """Return the exact JSON body of a request.

    Args:
        exchange: what to ask.
        dialect: one of `DIALECTS`.
        target: gives the model (unless the exchange names one) and the fixed parameters of a generate
        request.
        turns: the raw Exchanges received so far in this sample, one for each exchange of the probe.

    Raises:
        ConversationEndsError: see there.
    """
    model = exchange.model or target.model
    if dialect in exchange.bodies:
        exact = exchange.bodies[dialect]
        return {"model": model, **exact} if isinstance(exact, Mapping) else exact
    body = (_anthropic if dialect == "anthropic" else _openai_chat)(exchange, model, target, turns)
    if exchange.operation == "generate":
        body |= {**target.params, **exchange.params}
    else:
        body |= exchange.params
    patch = exchange.overrides.get(dialect)
    return body if patch is None else merge_patch(body, patch)


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
            blocks[index] = _joined(blocks[index], delta)
    for index, text in inputs.items():
        if text:
            try:
                blocks[index]["input"] = strict_loads(text)
            except ValueError:
                return None
    return list(blocks.values())


# OpenAI's Chat Completions, also spoken by most hosts of open models


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
        body["tool_choice"] = {
            "auto": "auto",
            "any": "required",
            "none": "none",
        }.get(exchange.tool_choice, {"type": "function", "function": {"name": exchange.tool_choice}})
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
                message = _joined(message, delta) if isinstance(delta, Mapping) else message
    if isinstance(calls := message.get("tool_calls"), list):
        message["tool_calls"] = [
            {key: value for key, value in call.items() if key != "index"}
            for call in calls
            if isinstance(call, Mapping)
        ]
    return message or None


# What the dialects share


def _text_turn(message: Message) -> JSON:
    return {"role": message.role, "content": message.content}


def _received(
    read_turn: Callable[[Mapping[str, JSON]], dict[str, JSON] | None],
    turns: Sequence[Mapping[str, JSON]],
    index: int,
) -> dict[str, JSON]:
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


_WHOLE = frozenset({"id", "type", "role", "index", "name"})
"""Fields that a delta states in full; all other texts arrive in pieces."""


def _joined(whole: Mapping[str, JSON], delta: Mapping[str, JSON]) -> dict[str, JSON]:
    """Add a delta to what was received: texts and lists grow, objects merge, items go by `index`."""
    joined = dict(whole)
    for key, value in delta.items():
        before = joined.get(key)
        if isinstance(before, str) and isinstance(value, str) and key not in _WHOLE:
            joined[key] = before + value
        elif isinstance(before, Mapping) and isinstance(value, Mapping):
            joined[key] = _joined(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            joined[key] = _joined_items(before, value)
        elif value is not None or key not in joined:
            joined[key] = value
    return joined


def _joined_items(before: Sequence[JSON], items: Sequence[JSON]) -> list[JSON]:
    joined = list(before)
    for item in items:
        index = item.get("index") if isinstance(item, Mapping) else None
        places = [n for n, old in enumerate(joined) if isinstance(old, Mapping) and old.get("index") == index]
        if index is not None and places:
            joined[places[0]] = _joined(joined[places[0]], item)
        else:
            joined.append(item)
    return joined
