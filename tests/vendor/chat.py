# OpenAI's Chat Completions as documented: validation in the vendor's words, plain and streamed answers, the catalogue.
# Owns: this dialect. Refuses to know: sockets, faults.
"""Chat Completions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from tests.vendor import events
from tests.vendor.answers import Question, tokens
from tests.vendor.catalogue import OPENAI
from tests.vendor.wire import Outgoing, RefusedError, Request, dumps

_TYPES = {401: "invalid_request_error", 429: "requests", 500: "server_error", 503: "server_error"}
_WORDS = {
    429: "Rate limit reached for requests. Please try again later.",
    500: "The server had an error while processing your request. Sorry about that!",
    503: "The engine is currently overloaded, please try again later",
}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}
_ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_STOPS = {
    "end": "stop",
    "tool": "tool_calls",
    "length": "length",
    "sequence": "stop",
    "refusal": "content_filter",
}


def headers(number: int) -> dict[str, str]:
    """Return the headers of every reply; the last three must never be kept by anybody."""
    return {
        "x-request-id": f"req_{digest(number)}",
        "openai-version": "2020-10-01",
        "openai-processing-ms": "12",
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": str(max(0, 9999 - number)),
        "x-ratelimit-reset-requests": "6ms",
        "x-ratelimit-limit-tokens": "2000000",
        "x-ratelimit-remaining-tokens": "1999000",
        "x-ratelimit-reset-tokens": "30ms",
        "openai-organization": "org-not-for-keeping",
        "openai-project": "proj_not-for-keeping",
        "set-cookie": "__cf_bm=not-for-keeping; path=/",
    }


def error(
    status: int,
    kind: str | None = None,
    message: str | None = None,
    *,
    param: str | None = None,
    code: str | None = None,
) -> dict[str, Any]:
    """Return a documented error body."""
    return {
        "error": {
            "message": message or _WORDS.get(status, "The request failed."),
            "type": kind or _TYPES.get(status, "invalid_request_error"),
            "param": param,
            "code": code or _CODES.get(status),
        }
    }


def failure(
    status: int, number: int, kind: str | None = None, message: str | None = None, **details: Any
) -> dict[str, Any]:
    """Return the error body of a request that failed."""
    del number
    return error(status, kind, message, **details)


def handle(request: Request) -> Outgoing:
    """Answer one request; raises RefusedError."""
    authenticate(request)
    if request.method == "GET" and request.path == "/v1/models":
        return Outgoing(200, {"object": "list", "data": OPENAI})
    if request.method == "GET" and request.path.startswith("/v1/models/"):
        return Outgoing(200, _model(request.path.removeprefix("/v1/models/")))
    if request.method == "POST" and request.path == "/v1/chat/completions":
        return _completion(request, _validated(request))
    raise RefusedError(404, f"Invalid URL ({request.method} {request.path})")


def _model(model: str) -> dict[str, Any]:
    for listed in OPENAI:
        if listed["id"] == model:
            return listed
    text = f"The model '{model}' does not exist"
    raise RefusedError(404, text, param="model", code="model_not_found")


def authenticate(request: Request) -> None:
    """Refuse a missing or wrong key."""
    accepted = request.switches.keys
    if not request.key:
        raise RefusedError(401, "You didn't provide an API key.", code=None)
    if "invalid" in request.key or (accepted is not None and request.key not in accepted):
        shown = request.key if request.switches.echo_key else f"{request.key[:4]}****"
        raise RefusedError(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")


def digest(number: int) -> str:
    """Return the part of an id that differs from request to request."""
    return hashlib.sha256(str(number).encode()).hexdigest()[:24]


def _validated(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        text = "We could not parse the JSON body of your request."
        raise RefusedError(400, text) from None
    for name in ("model", "messages"):
        if not isinstance(body, dict) or name not in body:
            code = "missing_required_parameter"
            raise RefusedError(400, f"Missing required parameter: '{name}'.", param=name, code=code)
    check_type(body, "model", str, "a string")
    check_type(body, "messages", list, "an array of objects")
    for name in ("max_tokens", "max_completion_tokens"):
        check_type(body, name, int, "an integer")
    check_type(body, "stream", bool, "a boolean")
    if not body["messages"]:
        text = "Invalid 'messages': empty array. Expected an array with minimum length 1, "
        text += "but got an empty array instead."
        raise RefusedError(400, text, param="messages", code="empty_array")
    if not is_served(request, body["model"]):
        text = f"The model `{body['model']}` does not exist or you do not have access to it."
        raise RefusedError(404, text, code="model_not_found")
    for n, message in enumerate(body["messages"]):
        if message.get("role") not in _ROLES:
            names = ", ".join(f"'{role}'" for role in _ROLES[:-1])
            text = (
                f"Invalid value: '{message.get('role')}'. Supported values are: {names}, and '{_ROLES[-1]}'."
            )
            raise RefusedError(400, text, param=f"messages[{n}].role", code="invalid_value")
    if isinstance(warm := body.get("temperature"), int | float) and warm > 2:
        text = f"Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got {warm} instead."
        raise RefusedError(400, text, param="temperature", code="decimal_above_max_value")
    _validate_calls(body["messages"])
    events.check(request, body)
    return body


def check_type(body: dict[str, Any], name: str, kind: type, words: str) -> None:
    """Refuse a value of another type."""
    value = body.get(name)
    if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
        got = {str: "a string", int: "an integer", bool: "a boolean", list: "an array"}.get(
            type(value), "an object"
        )
        text = f"Invalid type for '{name}': expected {words}, but got {got} instead."
        raise RefusedError(400, text, param=name, code="invalid_type")


def _validate_calls(messages: list[Any]) -> None:
    open_calls: list[str] = []
    for n, message in enumerate(messages):
        if message.get("role") == "tool":
            if message.get("tool_call_id") not in open_calls:
                text = (
                    "Invalid parameter: messages with role 'tool' must be a response to a preceding message "
                )
                raise RefusedError(400, text + "with 'tool_calls'.", param=f"messages.[{n}].role")
            open_calls.remove(message["tool_call_id"])
        elif open_calls:
            break
        else:
            open_calls = [call["id"] for call in message.get("tool_calls") or []]
    if open_calls:
        text = "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        raise RefusedError(400, f"{text}'tool_call_id'. Missing: {', '.join(open_calls)}", param="messages")


def is_served(request: Request, model: str) -> bool:
    """Whether the vendor has a model of this id."""
    return model in request.switches.serves or any(model == listed["id"] for listed in OPENAI)


def _completion(request: Request, body: dict[str, Any]) -> Outgoing:
    switches = request.switches
    said = events.say(request, _question(body))
    message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": None, "annotations": []}
    if said.calls:
        message["tool_calls"] = [
            {
                "id": f"call_{digest(request.number)}{n}",
                "type": "function",
                "function": {"name": name, "arguments": events.spelled(request, value)},
            }
            for n, (name, value) in enumerate(said.calls)
        ]
    if switches.on("thinking-on-by-default"):
        message["reasoning_content"] = said.thinking
    prompt = {name: body[name] for name in ("messages", "tools", "response_format") if name in body}
    usage = {
        "prompt_tokens": events.counted(request, len(tokens(dumps(prompt).decode("utf-8", "replace")))),
        "completion_tokens": said.size,
    }
    usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
    completion = {
        "id": f"chatcmpl-{digest(request.number)}",
        "object": "chat.completion",
        "created": 1795478400,
        "model": events.served_model(request, body["model"]),
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": None,
                "finish_reason": switches.stop_reason or _STOPS.get(said.stop, said.stop),
            }
        ],
        "usage": usage,
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
    }
    if switches.unknown_field:
        completion["brand_new_field"] = {"nested": [1, None]}
    if body.get("stream"):
        with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        return Outgoing(200, pieces=lambda: _stream(completion, request, with_usage=with_usage))
    return Outgoing(200, completion)


def _question(body: dict[str, Any]) -> Question:
    last = body["messages"][-1]
    choice = body.get("tool_choice", "auto")
    content = last.get("content") or ""
    parts = content if isinstance(content, list) else [{"text": content}]
    return Question(
        text="\n".join(part.get("text", "") for part in parts),
        tools=tuple(
            (tool["function"]["name"], tool["function"].get("parameters", {}))
            for tool in body.get("tools", [])
        ),
        choice=chosen(choice),
        schema=((body.get("response_format") or {}).get("json_schema") or {}).get("schema"),
        results=content if last.get("role") == "tool" else None,
        max_tokens=body.get("max_completion_tokens", body.get("max_tokens")),
        stop=tuple([body["stop"]] if isinstance(body.get("stop"), str) else body.get("stop") or ()),
    )


def chosen(choice: Any) -> str:
    """Return a choice of tools in neutral form; it comes as a word, a tool, or a list of tools with a mode."""
    if isinstance(choice, str):
        return {"required": "any"}.get(choice, choice)
    mode = choice.get("mode") or (choice.get("allowed_tools") or {}).get("mode")
    named = choice.get("name") or (choice.get("function") or {}).get("name")
    return str(named or {"required": "any"}.get(mode, "auto"))


def _stream(completion: dict[str, Any], request: Request, *, with_usage: bool) -> Iterator[bytes]:
    """Yield the chunks in the documented order, then [DONE]."""
    choice = completion["choices"][0]
    message = choice["message"]
    head = {name: value for name, value in completion.items() if name not in {"choices", "usage"}}
    head["object"] = "chat.completion.chunk"

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        part = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return b"data: %s\n\n" % dumps({**head, "choices": [part], **({"usage": None} if with_usage else {})})

    yield chunk(
        {"role": "assistant", "content": "" if message["content"] is not None else None, "refusal": None}
    )
    if request.switches.unknown_event:
        yield b"event: brand_new_event\ndata: %s\n\n" % dumps({"payload": ["ü", 1.5]})
    for piece in tokens(message.get("reasoning_content", "")):
        yield chunk({"reasoning_content": piece})
    for piece in tokens(message["content"] or ""):
        yield chunk({"content": piece})
    for index, call in enumerate(message.get("tool_calls", [])):
        function = {"name": call["function"]["name"], "arguments": ""}
        yield chunk(
            {"tool_calls": [{"index": index, "id": call["id"], "type": "function", "function": function}]}
        )
        text = call["function"]["arguments"]
        for i in range(0, len(text), 7):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": text[i : i + 7]}}]})
    if request.switches.stream_error:
        yield b"data: %s\n\n" % dumps(error(500, kind=request.switches.stream_error))
        return
    yield chunk({}, choice["finish_reason"])
    if with_usage:
        yield b"data: %s\n\n" % dumps({**head, "choices": [], "usage": completion["usage"]})
    if not request.switches.no_terminal:
        yield b"data: [DONE]\n\n"
