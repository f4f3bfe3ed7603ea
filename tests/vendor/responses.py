# OpenAI's Responses API as documented: items in, items out, validation in the vendor's words, the event stream.
# Owns: this dialect. Refuses to know: sockets, faults, the catalogue (chat.py has it).
"""The Responses API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.vendor import chat, events
from tests.vendor.answers import Answer, Question, tokens
from tests.vendor.wire import Outgoing, RefusedError, Request, dumps

_FIELDS = {
    "background", "context_management", "conversation", "include", "input", "instructions", "max_output_tokens",
    "max_tool_calls", "metadata", "model", "moderation", "parallel_tool_calls", "previous_response_id", "prompt",
    "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning", "safety_identifier",
    "service_tier", "store", "stream", "stream_options", "temperature", "text", "tool_choice", "tools", "top_logprobs",
    "top_p", "truncation", "user",
}  # fmt: skip
_COUNTED = {
    "conversation", "input", "instructions", "model", "parallel_tool_calls", "personality", "previous_response_id",
    "reasoning", "text", "tool_choice", "tools", "truncation",
}  # fmt: skip
_ROLES = ("assistant", "system", "developer", "user")
_ITEMS = ("function_call", "function_call_output", "item_reference", "message", "reasoning")
_REFUSAL = "I'm sorry, but I can't help with that."

headers = chat.headers
failure = chat.failure


def handle(request: Request) -> Outgoing:
    """Answer one request; raises RefusedError."""
    chat.authenticate(request)
    if request.method == "POST" and request.path == "/v1/responses":
        return _response(request, _validated(request, _FIELDS))
    if request.method == "POST" and request.path == "/v1/responses/input_tokens":
        body = _validated(request, _COUNTED)
        return Outgoing(
            200, {"object": "response.input_tokens", "input_tokens": _input_tokens(body, request)}
        )
    raise RefusedError(404, f"Invalid URL ({request.method} {request.path})")


# Validation


def _validated(request: Request, fields: set[str]) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        raise RefusedError(400, "We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict) or "model" not in body:
        code = "missing_required_parameter"
        raise RefusedError(400, "Missing required parameter: 'model'.", param="model", code=code)
    for name in body:
        if name not in fields:
            raise RefusedError(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    chat.check_type(body, "model", str, "a string")
    chat.check_type(body, "max_output_tokens", int, "an integer")
    chat.check_type(body, "stream", bool, "a boolean")
    limit = body.get("max_output_tokens")
    if limit is not None and limit < 16:
        text = "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, "
        text += f"but got {limit} instead."
        raise RefusedError(400, text, param="max_output_tokens", code="integer_below_min_value")
    if not chat.is_served(request, body["model"]):
        text = f"The requested model '{body['model']}' does not exist."
        raise RefusedError(400, text, param="model", code="model_not_found")
    _validate_input(body.get("input"), request)
    for n, tool in enumerate(body.get("tools") or []):
        if tool.get("type") == "function" and "name" not in tool:
            name, code = f"tools[{n}].name", "missing_required_parameter"
            raise RefusedError(400, f"Missing required parameter: '{name}'.", param=name, code=code)
    events.check(request, body)
    return body


def _validate_input(given: Any, request: Request) -> None:
    if given is None:
        code = "missing_required_parameter"
        raise RefusedError(400, "Missing required parameter: 'input'.", param="input", code=code)
    if isinstance(given, str):
        return
    if not isinstance(given, list):
        text = "Invalid type for 'input': expected one of a string or array of objects, but got an object instead."
        raise RefusedError(400, text, param="input", code="invalid_type")
    open_calls: list[str] = []
    known: set[str] = set()
    for n, item in enumerate(given):
        kind = item.get("type", "message")
        if kind not in _ITEMS:
            raise _invalid_value(kind, f"input[{n}]", _ITEMS)
        if kind == "message" and item.get("role") not in _ROLES:
            raise _invalid_value(item.get("role"), f"input[{n}].role", _ROLES)
        if kind == "message" and isinstance(item.get("content"), list):
            _validate_parts(item, n)
        known.add(item.get("id", ""))
        if kind == "function_call":
            _validate_reasoning(item, known, request)
            open_calls.append(item["call_id"])
        if kind == "function_call_output":
            if item.get("call_id") not in open_calls:
                text = f"No tool call found for function call output with call_id {item.get('call_id')}."
                raise RefusedError(400, text, param="input")
            open_calls.remove(item["call_id"])
    if open_calls:
        raise RefusedError(400, f"No tool output found for function call {open_calls[0]}.", param="input")


def _validate_parts(item: dict[str, Any], n: int) -> None:
    kinds = (
        ("output_text", "refusal")
        if item["role"] == "assistant"
        else ("input_text", "input_image", "input_file", "input_audio")
    )
    for k, part in enumerate(item["content"]):
        if part.get("type") not in kinds:
            raise _invalid_value(part.get("type"), f"input[{n}].content[{k}]", kinds)


def _validate_reasoning(item: dict[str, Any], known: set[str], request: Request) -> None:
    """A reasoning model's call comes back with the reasoning before it, or not at all."""
    identity = item.get("id", "")
    wanted = f"rs_{identity[3:-1]}"
    if request.switches.on("thinking-on-by-default") and identity.startswith("fc_") and wanted not in known:
        text = (
            f"Item '{identity}' of type 'function_call' was provided without its required 'reasoning' item: "
        )
        raise RefusedError(400, f"{text}'{wanted}'.", param="input")


def _invalid_value(value: Any, param: str, known: tuple[str, ...]) -> RefusedError:
    names = ", ".join(f"'{name}'" for name in known[:-1])
    text = f"Invalid value: '{value}'. Supported values are: {names}, and '{known[-1]}'."
    return RefusedError(400, text, param=param, code="invalid_value")


# Answers


def _response(request: Request, body: dict[str, Any]) -> Outgoing:
    switches = request.switches
    said = events.say(request, _question(body))
    thinks = switches.on("thinking-on-by-default")
    output = _items(said, request)
    reasoning = len(tokens(said.thinking)) if thinks else 0
    asked = _input_tokens(body, request)
    usage = {
        "input_tokens": asked,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens": said.size + reasoning,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": asked + said.size + reasoning,
    }
    reason = switches.stop_reason or ("max_output_tokens" if said.stop == "length" else None)
    text = body.get("text") or {}
    response = {
        "id": f"resp_{chat.digest(request.number)}",
        "object": "response",
        "created_at": 1795478400,
        "status": "incomplete" if reason else "completed",
        "background": False,
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "model": events.served_model(request, body["model"]),
        "output": output,
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": None,
        "reasoning": {"effort": (body.get("reasoning") or {}).get("effort"), "summary": None},
        "service_tier": "default",
        "store": body.get("store", True),
        "temperature": body.get("temperature", 1.0),
        "text": {
            "format": text.get("format", {"type": "text"}),
            "verbosity": text.get("verbosity", "medium"),
        },
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools", []),
        "top_p": body.get("top_p", 1.0),
        "truncation": body.get("truncation", "disabled"),
        "usage": usage,
        "user": None,
        "metadata": {},
    }
    if switches.unknown_field:
        response["brand_new_field"] = {"nested": [1, None]}
    if body.get("stream"):
        return Outgoing(200, pieces=lambda: _stream(response, request))
    return Outgoing(200, response)


def _items(said: Answer, request: Request) -> list[dict[str, Any]]:
    switches, digest = request.switches, chat.digest(request.number)
    status = "incomplete" if said.stop == "length" else "completed"
    items: list[dict[str, Any]] = []
    if switches.unknown_block:
        items.append({"id": f"bn_{digest}", "type": "brand_new_item", "payload": {"depth": 1}})
    if switches.on("thinking-on-by-default"):
        summary = [{"type": "summary_text", "text": said.thinking}]
        items.append(
            {"id": f"rs_{digest}", "type": "reasoning", "summary": summary, "encrypted_content": "Z0FBQUFB"}
        )
    content: list[dict[str, Any]] = []
    if said.stop == "refusal":
        content = [{"type": "refusal", "refusal": _REFUSAL}]
    elif said.text is not None:
        content = [{"type": "output_text", "annotations": [], "logprobs": [], "text": said.text}]
    if content:
        message = {"id": f"msg_{digest}", "type": "message", "status": status, "role": "assistant"}
        items.append({**message, "content": content})
    items += [
        {
            "id": f"fc_{digest}{n}",
            "type": "function_call",
            "status": "completed",
            "arguments": events.spelled(request, value, separators=(",", ":")),
            "call_id": f"call_{digest}{n}",
            "name": name,
        }
        for n, (name, value) in enumerate(said.calls)
    ]
    return items


def _question(body: dict[str, Any]) -> Question:
    given = body["input"]
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    last = items[-1]
    content = last.get("content") or ""
    parts = content if isinstance(content, list) else [{"text": content}]
    choice = body.get("tool_choice", "auto")
    return Question(
        text="\n".join(part.get("text", "") for part in parts),
        tools=tuple(
            (tool["name"], tool.get("parameters") or {})
            for tool in body.get("tools") or []
            if tool.get("type") == "function"
        ),
        choice=chat.chosen(choice),
        schema=((body.get("text") or {}).get("format") or {}).get("schema"),
        results=str(last.get("output", "")) if last.get("type") == "function_call_output" else None,
        max_tokens=body.get("max_output_tokens"),
    )


def _input_tokens(body: dict[str, Any], request: Request) -> int:
    counted = {name: body[name] for name in ("instructions", "input", "tools", "text") if name in body}
    return events.counted(request, len(tokens(dumps(counted).decode("utf-8", "replace"))))


# The stream


class _Events:
    """Events with their running number."""

    def __init__(self) -> None:
        self._number = -1

    def __call__(self, name: str, **data: Any) -> bytes:
        self._number += 1
        event = {"type": name, "sequence_number": self._number, **data}
        return b"event: %s\ndata: %s\n\n" % (name.encode(), dumps(event))


def _stream(response: dict[str, Any], request: Request) -> Iterator[bytes]:
    """Yield the events in the documented order; the last one carries the whole response, and nothing follows."""
    switches, event = request.switches, _Events()
    begun = {**response, "status": "in_progress", "incomplete_details": None, "output": [], "usage": None}
    yield event("response.created", response=begun)
    yield event("response.in_progress", response=begun)
    if switches.unknown_event:
        yield event("response.brand_new_event", payload=["ü", 1.5])
    for index, item in enumerate(response["output"]):
        yield from _item_events(event, index, item)
    if switches.stream_error:
        yield event("error", code=switches.stream_error, message="The server had an error.", param=None)
        return
    if not switches.no_terminal:
        yield event(f"response.{response['status']}", response=response)


def _item_events(event: _Events, index: int, item: dict[str, Any]) -> Iterator[bytes]:
    at = {"item_id": item["id"], "output_index": index}
    added, done = "response.output_item.added", "response.output_item.done"
    if item["type"] == "message":
        yield event(added, output_index=index, item={**item, "status": "in_progress", "content": []})
        for n, part in enumerate(item["content"]):
            yield from _part_events(event, {**at, "content_index": n}, part)
    elif item["type"] == "function_call":
        yield event(added, output_index=index, item={**item, "status": "in_progress", "arguments": ""})
        text = item["arguments"]
        for i in range(0, len(text), 7):
            yield event(
                "response.function_call_arguments.delta", **at, delta=text[i : i + 7], obfuscation="xK3d"
            )
        yield event("response.function_call_arguments.done", **at, arguments=text)
    elif item["type"] == "reasoning":
        yield event(added, output_index=index, item={**item, "summary": []})
        for n, part in enumerate(item["summary"]):
            place = {**at, "summary_index": n}
            yield event("response.reasoning_summary_part.added", **place, part={**part, "text": ""})
            for piece in tokens(part["text"]):
                yield event("response.reasoning_summary_text.delta", **place, delta=piece, obfuscation="q0")
            yield event("response.reasoning_summary_text.done", **place, text=part["text"])
            yield event("response.reasoning_summary_part.done", **place, part=part)
    else:
        yield event(added, output_index=index, item=item)
    yield event(done, output_index=index, item=item)


def _part_events(event: _Events, at: dict[str, Any], part: dict[str, Any]) -> Iterator[bytes]:
    field, kind = ("refusal", "refusal") if part["type"] == "refusal" else ("text", "output_text")
    extra = {} if kind == "refusal" else {"logprobs": []}
    yield event("response.content_part.added", **at, part={**part, field: ""})
    for piece in tokens(part[field]):
        yield event(f"response.{kind}.delta", **at, delta=piece, **extra, obfuscation="bT9w2")
    yield event(f"response.{kind}.done", **at, **{field: part[field]}, **extra)
    yield event("response.content_part.done", **at, part=part)
