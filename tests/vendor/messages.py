# Claude's Messages API as documented: validation in the vendor's words, plain and streamed answers, the catalogue.
# Owns: this dialect. Refuses to know: sockets, faults.
"""The Messages API."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from tests.vendor import batches, events
from tests.vendor.answers import Answer, Question, tokens
from tests.vendor.catalogue import CLAUDE
from tests.vendor.wire import Outgoing, RefusedError, Request, dumps

ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    529: "overloaded_error",
}
_WORDS = {
    401: "invalid x-api-key",
    429: "This request would exceed your organization's rate limit.",
    500: "Internal server error",
    529: "Overloaded",
}
VERSIONS = ("2023-06-01", "2026-10-21")
_SAMPLING = ("temperature", "top_p", "top_k")
_FIELDS = {
    "cache_control", "container", "diagnostics", "inference_geo", "max_tokens", "messages", "metadata", "model",
    "output_config", "service_tier", "speed", "stop_sequences", "stream", "system", "thinking", "tool_choice", "tools",
    *_SAMPLING,
}  # fmt: skip
_STOPS = {
    "end": "end_turn",
    "tool": "tool_use",
    "length": "max_tokens",
    "sequence": "stop_sequence",
    "refusal": "refusal",
}


def headers(number: int) -> dict[str, str]:
    """Return the headers of every reply; the last three must never be kept by anybody."""
    return {
        "request-id": _request_id(number),
        "anthropic-ratelimit-requests-limit": "4000",
        "anthropic-ratelimit-requests-remaining": str(max(0, 3999 - number)),
        "anthropic-ratelimit-requests-reset": "2026-11-24T00:00:00Z",
        "anthropic-ratelimit-tokens-limit": "480000",
        "anthropic-ratelimit-tokens-remaining": "479000",
        "anthropic-ratelimit-tokens-reset": "2026-11-24T00:00:00Z",
        "anthropic-organization-id": "11111111-2222-3333-4444-555555555555",
        "set-cookie": "session=not-for-keeping; path=/",
        "cf-ray": "not-for-keeping",
    }


def error(status: int, number: int, kind: str | None = None, message: str | None = None) -> dict[str, Any]:
    """Return a documented error body."""
    text = message or _WORDS.get(status, "The request failed.")
    return {
        "type": "error",
        "error": {"type": kind or ERRORS.get(status, "api_error"), "message": text},
        "request_id": _request_id(number),
    }


def failure(
    status: int, number: int, kind: str | None = None, message: str | None = None, **details: Any
) -> dict[str, Any]:
    """Return the error body of a request that failed; this vendor gives no further details."""
    del details
    return error(status, number, kind, message)


def handle(request: Request) -> Outgoing:
    """Answer one request; raises RefusedError."""
    if request.switches.keys is not None and request.key not in request.switches.keys:
        raise RefusedError(401, _bad_key(request))
    if not request.key or "invalid" in request.key:
        raise RefusedError(401, _bad_key(request))
    version = request.headers.get("anthropic-version")
    if version is None:
        raise RefusedError(400, "anthropic-version: header is required")
    if version not in VERSIONS:
        raise RefusedError(400, f'anthropic-version: "{version}" is not a valid version')
    if request.method == "GET" and request.path == "/v1/models":
        return _models(request)
    if request.method == "GET" and request.path.startswith("/v1/models/"):
        return Outgoing(200, _model(request.path.removeprefix("/v1/models/")))
    if request.path.startswith("/v1/messages/batches"):
        return batches.messages(request, handle, failure)
    if request.method == "POST" and request.path == "/v1/messages":
        return _message(request, _validated(request, counting=False))
    if request.method == "POST" and request.path == "/v1/messages/count_tokens":
        body = _validated(request, counting=True)
        return Outgoing(200, {"input_tokens": _input_tokens(body, request)})
    raise RefusedError(404, "Not found")


def _bad_key(request: Request) -> str:
    return f"invalid x-api-key: {request.key}" if request.switches.echo_key else "invalid x-api-key"


def _request_id(number: int) -> str:
    return f"req_{hashlib.sha256(str(number).encode()).hexdigest()[:24]}"


# Validation


def _validated(request: Request, *, counting: bool) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError as broken:
        raise RefusedError(400, f"The request body is not valid JSON: {broken}") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "Input should be a valid dictionary")
    fields = _FIELDS - {"max_tokens", "stop_sequences", "stream", *_SAMPLING} if counting else _FIELDS
    for name in body:
        if name not in fields:
            raise RefusedError(400, f"{name}: Extra inputs are not permitted")
    for name in ("model", "messages") if counting else ("model", "max_tokens", "messages"):
        if name not in body:
            raise RefusedError(400, f"{name}: Field required")
    if not isinstance(body["model"], str):
        raise RefusedError(400, "model: Input should be a valid string")
    if not counting:
        limit = body["max_tokens"]
        if isinstance(limit, bool) or not isinstance(limit, int):
            raise RefusedError(400, "max_tokens: Input should be a valid integer")
        if limit < 1:
            raise RefusedError(400, "max_tokens: must be greater than or equal to 1")
        if not isinstance(body.get("stream", False), bool):
            raise RefusedError(400, "stream: Input should be a valid boolean")
    _validate_messages(body["messages"])
    _validate_tools(body)
    model = next((model for model in CLAUDE if model["id"] == body["model"]), None)
    served = body["model"] in request.switches.serves or (model and model["lifecycle"] != "retired")
    events.check(request, body)
    if not served:
        raise RefusedError(404, f"model: {body['model']}")
    return body


def _validate_messages(messages: Any) -> None:
    if not isinstance(messages, list):
        raise RefusedError(400, "messages: Input should be a valid list")
    if not messages:
        raise RefusedError(400, "messages: at least one message is required")
    expected: list[str] = []
    for n, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in {"user", "assistant", "system"}:
            role = message.get("role") if isinstance(message, dict) else message
            raise RefusedError(400, f'messages: Unexpected role "{role}".')
        content = message.get("content")
        if not isinstance(content, str | list):
            raise RefusedError(400, f"messages.{n}.content: Input should be a valid list")
        blocks = content if isinstance(content, list) else []
        answered = [block.get("tool_use_id") for block in blocks if block.get("type") == "tool_result"]
        for i, call in enumerate(answered):
            if call not in expected:
                raise RefusedError(
                    400,
                    f"messages.{n}.content.{i}: unexpected `tool_use_id` found in `tool_result` blocks: {call}.",
                )
        if lost := [call for call in expected if call not in answered]:
            raise RefusedError(
                400,
                f"messages.{n}: `tool_use` ids were found without `tool_result` blocks immediately after: {lost[0]}.",
            )
        expected = [block["id"] for block in blocks if block.get("type") == "tool_use"]


def _validate_tools(body: dict[str, Any]) -> None:
    for n, tool in enumerate(body.get("tools", [])):
        for name in ("name", "input_schema"):
            if name not in tool and _is_custom(tool):
                raise RefusedError(400, f"tools.{n}.custom.{name}: Field required")
    choice = body.get("tool_choice")
    if choice is not None and not isinstance(choice, dict):
        raise RefusedError(400, "tool_choice: Input should be a valid dictionary")
    if (
        choice
        and choice.get("type") == "tool"
        and choice.get("name") not in {tool.get("name") for tool in body.get("tools", [])}
    ):
        raise RefusedError(400, f"Tool '{choice.get('name')}' not found in provided tools")


def _is_custom(tool: dict[str, Any]) -> bool:
    """Whether the caller defines the tool; the vendor's own have versioned types and no schema."""
    return tool.get("type", "custom") == "custom"


# Answers


def _message(request: Request, body: dict[str, Any]) -> Outgoing:
    switches = request.switches
    said = events.say(request, _question(body))
    thinks = _thinks(body, request)
    usage: dict[str, Any] = {
        "input_tokens": _input_tokens(body, request),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": said.size,
        "service_tier": "standard",
    }
    if switches.on("thinking-tokens-in-usage"):
        usage["output_tokens_details"] = {"thinking_tokens": len(tokens(said.thinking)) if thinks else 0}
    message = {
        "id": f"msg_{_request_id(request.number)[4:]}",
        "type": "message",
        "role": "assistant",
        "model": events.served_model(request, body["model"]),
        "content": _blocks(said, request, body, thinks=thinks),
        "stop_reason": switches.stop_reason or _STOPS.get(said.stop, said.stop),
        "stop_sequence": said.stop_sequence,
        "usage": usage,
    }
    if switches.on("stop-details-added"):
        refused = said.stop == "refusal"
        message["stop_details"] = {"type": "refusal", "category": said.category} if refused else None
    if switches.unknown_field:
        message["brand_new_field"] = {"nested": [1, None]}
    if body.get("stream"):
        return Outgoing(200, pieces=lambda: _stream(message, request))
    return Outgoing(200, message)


def _thinks(body: dict[str, Any], request: Request) -> bool:
    asked = (body.get("thinking") or {}).get("type")
    return bool(request.switches.on("thinking-on-by-default")) if asked is None else asked != "disabled"


def _question(body: dict[str, Any]) -> Question:
    last = body["messages"][-1]
    blocks = (
        last["content"] if isinstance(last["content"], list) else [{"type": "text", "text": last["content"]}]
    )
    choice = body.get("tool_choice") or {"type": "auto"}
    return Question(
        text="\n".join(block.get("text", "") for block in blocks if block.get("type") == "text"),
        tools=tuple(
            (tool["name"], tool["input_schema"]) for tool in body.get("tools", []) if _is_custom(tool)
        ),
        choice=choice["name"] if choice.get("type") == "tool" else choice.get("type", "auto"),
        schema=((body.get("output_config") or {}).get("format") or {}).get("schema"),
        results=_results(blocks),
        max_tokens=body.get("max_tokens"),
        stop=tuple(body.get("stop_sequences", ())),
    )


def _results(blocks: list[dict[str, Any]]) -> str | None:
    """Return what the tools said, as text; None when no tool was called."""
    said = [block.get("content") or "" for block in blocks if block.get("type") == "tool_result"]
    texts = [part if isinstance(part, str) else "".join(one.get("text", "") for one in part) for part in said]
    return "\n".join(texts) if said else None


def _blocks(said: Answer, request: Request, body: dict[str, Any], *, thinks: bool) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if request.switches.unknown_block:
        blocks.append({"type": "brand_new_block", "payload": {"depth": 1}})
    if thinks:
        asked_to_show = (body.get("thinking") or {}).get("display") == "summarized"
        shown = asked_to_show or not request.switches.on("thinking-text-omitted")
        thought = said.thinking if shown else ""
        blocks.append({"type": "thinking", "thinking": thought, "signature": "c2lnbmF0dXJl"})
    if said.text is not None:
        blocks.append({"type": "text", "text": said.text})
    for n, (name, value) in enumerate(said.calls):
        blocks.append(
            {
                "type": "tool_use",
                "id": f"toolu_{_request_id(request.number)[4:]}{n}",
                "name": name,
                "input": value,
            }
        )
    return blocks


def _input_tokens(body: dict[str, Any], request: Request) -> int:
    counted = {name: body[name] for name in ("system", "messages", "tools", "output_config") if name in body}
    return events.counted(request, len(tokens(dumps(counted).decode("utf-8", "replace"))))


def _stream(message: dict[str, Any], request: Request) -> Iterator[bytes]:
    """Yield the events in the documented order, one piece each."""
    switches = request.switches
    usage = message["usage"]
    ending = {
        name: message[name] for name in ("stop_reason", "stop_sequence", "stop_details") if name in message
    }
    start = {**message, "content": [], **dict.fromkeys(ending), "usage": {**usage, "output_tokens": 1}}
    yield _event("message_start", {"message": start})
    yield _event("ping", {})
    if switches.unknown_event:
        yield _event("brand_new_event", {"payload": ["ü", 1.5]})
    for index, block in enumerate(message["content"]):
        empty, deltas = _deltas(block, request)
        yield _event("content_block_start", {"index": index, "content_block": empty})
        for delta in deltas:
            yield _event("content_block_delta", {"index": index, "delta": delta})
        yield _event("content_block_stop", {"index": index})
    if switches.stream_error:
        problem = {"type": switches.stream_error, "message": _WORDS.get(529)}
        yield _event("error", {"error": problem})
        return
    produced = {name: value for name, value in usage.items() if name.startswith("output_tokens")}
    yield _event("message_delta", {"delta": ending, "usage": produced})
    if not switches.no_terminal:
        yield _event("message_stop", {})


def _deltas(block: dict[str, Any], request: Request) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if block["type"] == "text":
        pieces = [{"type": "text_delta", "text": piece} for piece in tokens(block["text"])]
        return {"type": "text", "text": ""}, pieces
    if block["type"] == "thinking":
        pieces = [{"type": "thinking_delta", "thinking": piece} for piece in tokens(block["thinking"])]
        signature = {"type": "signature_delta", "signature": block["signature"]}
        return {"type": "thinking", "thinking": "", "signature": ""}, [*pieces, signature]
    if block["type"] == "tool_use":
        text = events.spelled(request, block["input"])
        parts = ["", *(text[i : i + 7] for i in range(0, len(text), 7))]
        pieces = [{"type": "input_json_delta", "partial_json": part} for part in parts]
        if request.switches.on("text-in-tool-block"):
            pieces.insert(0, {"type": "text_delta", "text": "Calling the tool."})
        return {**block, "input": {}}, pieces
    return block, []


def _event(name: str, data: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), dumps({"type": name, **data}))


# The catalogue


def _model(model: str) -> dict[str, Any]:
    for listed in CLAUDE:
        if listed["id"] == model:
            return listed
    raise RefusedError(404, f"model: {model}")


def _models(request: Request) -> Outgoing:
    wanted = request.query.get("lifecycle[]") or request.query.get("lifecycle") or ["active", "deprecated"]
    models = [model for model in CLAUDE if model["lifecycle"] in wanted]
    after = request.query.get("after_id", [None])[0]
    ids = [model["id"] for model in models]
    begin = ids.index(after) + 1 if after in ids else 0
    limit = min(int(request.query.get("limit", ["20"])[0]), request.switches.page_size or 1000)
    page = models[begin : begin + limit]
    return Outgoing(
        200,
        {
            "data": page,
            "has_more": begin + limit < len(models),
            "first_id": page[0]["id"] if page else None,
            "last_id": page[-1]["id"] if page else None,
        },
    )
