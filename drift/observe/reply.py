# One raw exchange read into one neutral Reply, per wire dialect. Unknown things are kept by name, never dropped.
# Owns: what is where in each dialect's body, stream and error. Refuses to know: what any of it means for a consumer.
"""Read a raw exchange (see `drift.observe`) into a `Reply`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drift.canonical import StrictJSONError, strict_loads
from drift.model import JSON


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call as it came.

    Attributes:
        name: tool name as sent ("" when missing).
        arguments: the raw argument text, or the JSON value where the dialect carries JSON (Anthropic `input`).
        id: call id, or None.
    """

    name: str
    arguments: JSON
    id: str | None = None

    def parsed(self) -> JSON:
        """Return the argument value; raises `StrictJSONError` when there is none or the text is not strict JSON."""
        if self.arguments is None:
            raise StrictJSONError("no arguments")
        return strict_loads(self.arguments) if isinstance(self.arguments, str) else self.arguments


@dataclass(frozen=True, slots=True)
class Reply:
    """One exchange, read.

    Attributes:
        dialect: wire dialect; "recorded" for an imported sample.
        form: dialect in which the envelope is written, imported or not; "" when there is none.
        operation: see `drift.model.Operation`.
        streamed: whether events came.
        status: HTTP status or None.
        body: the reply as one JSON value (for a stream: assembled from its events), or None.
        text: visible text of all text blocks, joined; None when there is no text channel at all.
        blocks: block types in order ("text", "tool_use", "thinking", …).
        first_text: index of the first text block, None when there is none or the content is no list of blocks.
        stop: stop or finish reason as sent.
        model: the id that the reply names (response model).
        calls: tool calls in order.
        usage: the usage object as sent.
        error: error object as sent (body's error, or the in-band stream error), or None.
        refusal: text of a dedicated refusal field, or None.
        stop_details: the vendor's details of the stop (refusal category …), or None.
        events: event names in order (streams), deltas as "content_block_delta:text_delta".
        terminal: the stream's terminal marker came; None when not a stream.
        in_band_error: an error event came inside a 200 stream.
        usage_events: names of the events that carried usage.
        problems: breaches of the stream grammar, as short ids.
        headers: response headers, lower case.
    """

    dialect: str
    form: str = ""
    operation: str = "generate"
    streamed: bool = False
    status: int | None = None
    body: JSON = None
    text: str | None = None
    blocks: tuple[str, ...] = ()
    first_text: int | None = None
    stop: str | None = None
    model: str | None = None
    calls: tuple[Call, ...] = ()
    usage: Mapping[str, JSON] = field(default_factory=dict)
    error: JSON = None
    refusal: str | None = None
    stop_details: JSON = None
    events: tuple[str, ...] = ()
    terminal: bool | None = None
    in_band_error: bool = False
    usage_events: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def read_exchange(exchange: Mapping[str, Any]) -> Reply:
    """Read one raw exchange of a live sample."""
    dialect = exchange.get("dialect", "")
    events = exchange.get("events")
    common: dict[str, Any] = {
        "dialect": dialect,
        "operation": exchange.get("operation", "generate"),
        "status": exchange.get("status"),
        "headers": exchange.get("headers") or {},
    }
    if events is not None and (exchange.get("status") or 0) < 400:
        return (_anthropic_stream if dialect == "anthropic" else _chat_stream)(events, common)
    body = exchange.get("body")
    if body is None and exchange.get("text") is not None:
        body = exchange["text"]
    return _read_body(body, common)


def read_recorded(line: Mapping[str, Any]) -> Reply:
    """Read an imported sample: its own `output_text` and `tool_calls` win, the envelope gives the rest."""
    raw = line.get("output_raw")
    events = line.get("events")
    common: dict[str, Any] = {"dialect": "recorded", "operation": "generate", "status": line.get("status")}
    if isinstance(raw, Mapping) and "choices" in raw:
        reply = _chat_body(raw, common)
    elif isinstance(raw, Mapping) and raw.get("type") == "message":
        reply = _anthropic_body(raw, common)
    elif isinstance(events, list) and events and isinstance(events[0], Mapping):
        named = [event if "data" in event else {"event": None, "data": event} for event in events]
        chat = any(isinstance(event["data"], Mapping) and "choices" in event["data"] for event in named)
        reply = (_chat_stream if chat else _anthropic_stream)(named, common)
    else:
        reply = Reply(**common)
    calls = line.get("tool_calls")
    text = line.get("output_text")
    usage = line.get("usage")
    error = line.get("error")
    changes: dict[str, Any] = {}
    if isinstance(calls, Sequence) and not isinstance(calls, str):
        changes["calls"] = tuple(
            Call(str(call.get("name") or ""), call.get("arguments"), call.get("id"))
            for call in calls
            if isinstance(call, Mapping)
        )
    if isinstance(text, str):
        changes["text"] = text
    if isinstance(usage, Mapping):
        changes["usage"] = usage
    if error is not None:
        changes["error"] = error
    if line.get("response_model"):
        changes["model"] = line["response_model"]
    return _replace(reply, changes) if changes else reply


def _replace(reply: Reply, changes: Mapping[str, Any]) -> Reply:
    from dataclasses import replace

    return replace(reply, **changes)


def _read_body(body: JSON, common: dict[str, Any]) -> Reply:
    status = common["status"] or 0
    if status >= 400 or (isinstance(body, Mapping) and body.get("type") == "error"):
        said = body[0] if isinstance(body, list) and len(body) == 1 else body  # one vendor wraps it in a list
        error = said.get("error", said) if isinstance(said, Mapping) else said
        return Reply(**common, body=body, error=error)
    if common["operation"] != "generate" or not isinstance(body, Mapping):
        usage = body if isinstance(body, Mapping) and common["operation"] == "count_tokens" else {}
        if isinstance(usage.get("usage"), Mapping):
            usage = usage["usage"]
        return Reply(**common, body=body, usage=usage)
    return (_anthropic_body if common["dialect"] == "anthropic" else _chat_body)(body, common)


def _anthropic_body(body: Mapping[str, Any], common: dict[str, Any]) -> Reply:
    content = body.get("content")
    blocks = [block for block in content if isinstance(block, Mapping)] if isinstance(content, list) else []
    texts = [
        block["text"]
        for block in blocks
        if block.get("type") == "text" and isinstance(block.get("text"), str)
    ]
    calls = tuple(
        Call(str(block.get("name") or ""), _input(block.get("input")), block.get("id"))
        for block in blocks
        if block.get("type") == "tool_use"
    )
    usage = body.get("usage")
    return Reply(
        **common,
        form="anthropic",
        body=body,
        text="".join(texts),
        blocks=tuple(str(block.get("type")) for block in blocks),
        first_text=_first_text(blocks),
        stop=_text_or_none(body.get("stop_reason")),
        model=_text_or_none(body.get("model")),
        calls=calls,
        usage=usage if isinstance(usage, Mapping) else {},
        stop_details=body.get("stop_details"),
    )


def _input(value: JSON) -> JSON:
    """Return a block's input; a text in place of the object is JSON itself, and what it holds was encoded twice."""
    return json.dumps(value) if isinstance(value, str) else value


def _chat_body(body: Mapping[str, Any], common: dict[str, Any]) -> Reply:
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
    message = choice.get("message")
    message = message if isinstance(message, Mapping) else {}
    content = message.get("content")
    first_text = None
    if isinstance(content, list):  # some compatible hosts send parts
        first_text = _first_text(content)
        parts = [part for part in content if isinstance(part, Mapping)]
        text = "".join(part["text"] for part in parts if isinstance(part.get("text"), str))
        blocks = [str(part.get("type")) for part in parts]
    else:
        text = content if isinstance(content, str) else ""
        blocks = ["text"] if text else []
    if message.get("reasoning_content") or message.get("reasoning"):
        blocks.insert(0, "reasoning")
    raw_calls = message.get("tool_calls")
    calls = []
    for call in raw_calls if isinstance(raw_calls, list) else []:
        if isinstance(call, Mapping):
            function = call.get("function")
            function = function if isinstance(function, Mapping) else {}
            calls.append(Call(str(function.get("name") or ""), function.get("arguments"), call.get("id")))
            blocks.append("tool_call")
    usage = body.get("usage")
    return Reply(
        **common,
        form="openai-chat",
        body=body,
        text=text,
        blocks=tuple(blocks),
        first_text=first_text,
        stop=_text_or_none(choice.get("finish_reason")),
        model=_text_or_none(body.get("model")),
        calls=tuple(calls),
        usage=usage if isinstance(usage, Mapping) else {},
        error=body.get("error"),
        refusal=_text_or_none(message.get("refusal")),
    )


def _first_text(content: Sequence[JSON]) -> int | None:
    kinds = [block.get("type") if isinstance(block, Mapping) else None for block in content]
    return kinds.index("text") if "text" in kinds else None


def _text_or_none(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _anthropic_stream(events: Sequence[Mapping[str, Any]], common: dict[str, Any]) -> Reply:
    """Assemble a Messages stream: message_start, (block start, deltas, stop)*, message_delta, message_stop."""
    message: dict[str, Any] = {}
    blocks: dict[Any, dict[str, Any]] = {}
    pieces: dict[Any, list[str]] = {}
    names: list[str] = []
    problems: set[str] = set()
    usage_events: list[str] = []
    open_blocks: set[Any] = set()
    terminal = False
    error: JSON = None
    for event in events:
        data = event.get("data")
        if not isinstance(data, dict):
            names.append(str(event.get("event") or "text"))
            continue
        kind = str(data.get("type") or event.get("event") or "unknown")
        index = data.get("index")
        if terminal and kind not in {"error", "ping"}:
            problems.add("event-after-stop")
        if kind == "message_start" and isinstance(data.get("message"), dict):
            if blocks:
                problems.add("content-before-start")
            message = dict(data["message"])
            if message.get("usage"):
                usage_events.append(kind)
        elif kind == "content_block_start" and isinstance(data.get("content_block"), dict):
            if index in blocks:
                problems.add("block-index-reused")
            if open_blocks:
                problems.add("block-interleaved")
            blocks[index] = dict(data["content_block"])
            open_blocks.add(index)
        elif kind == "content_block_delta" and isinstance(data.get("delta"), dict):
            delta = data["delta"]
            kind = f"{kind}:{delta.get('type')}"
            _apply_delta(blocks, pieces, open_blocks, index, delta, problems)
        elif kind == "content_block_stop":
            if index not in open_blocks:
                problems.add("stop-without-block")
            open_blocks.discard(index)
        elif kind == "message_delta":
            message.update(data.get("delta") or {})
            if isinstance(data.get("usage"), dict):
                message["usage"] = {**(message.get("usage") or {}), **data["usage"]}
                usage_events.append(kind)
        elif kind == "message_stop":
            terminal = True
        elif kind == "error":
            error = data.get("error", data)
        names.append(kind)
    if terminal and open_blocks and "content_block_stop" in names:  # else that event is gone altogether
        problems.add("block-left-open")
    texts = {index: "".join(parts) for index, parts in pieces.items()}
    for index, text in texts.items():
        try:
            value = strict_loads(text) if text else None
        except StrictJSONError:
            value = None
        if isinstance(value, dict):
            blocks[index]["input"] = value
    body = {**message, "content": list(blocks.values())} if message else None
    stream = {
        "streamed": True,
        "events": tuple(names),
        "terminal": terminal,
        "in_band_error": error is not None,
        "usage_events": tuple(usage_events),
        "problems": tuple(sorted(problems)),
        "error": error,
    }
    if body is None:
        return Reply(**common, **stream)
    reply = _anthropic_body(body, common)
    # Arguments are the text that came, as in the other dialect: a breach is seen, and how it was spelled.
    sent = [texts.get(index) for index, block in blocks.items() if block.get("type") == "tool_use"]
    calls = tuple(
        Call(call.name, text, call.id) if text else call for call, text in zip(reply.calls, sent, strict=True)
    )
    return _replace(reply, {**stream, "calls": calls})


def _apply_delta(
    blocks: dict[Any, dict[str, Any]],
    pieces: dict[Any, list[str]],
    open_blocks: set[Any],
    index: Any,
    delta: Mapping[str, Any],
    problems: set[str],
) -> None:
    block = blocks.get(index)
    if block is None or index not in open_blocks:
        problems.add("delta-without-block")
        block = blocks.setdefault(index, {"type": "text", "text": ""})
    kind = delta.get("type")
    fits = {
        "text_delta": "text",
        "input_json_delta": None,
        "thinking_delta": "thinking",
        "signature_delta": "thinking",
    }
    wanted = fits.get(str(kind))
    if wanted is not None and block.get("type") != wanted:
        problems.add("delta-type-mismatch")
        return  # said once: put into the block, it would be a new property of that block as well
    if kind == "text_delta":
        block["text"] = str(block.get("text") or "") + str(delta.get("text") or "")
    elif kind == "input_json_delta":
        pieces.setdefault(index, []).append(str(delta.get("partial_json") or ""))
    elif kind == "thinking_delta":
        block["thinking"] = str(block.get("thinking") or "") + str(delta.get("thinking") or "")
    elif kind == "signature_delta":
        block["signature"] = delta.get("signature")


def _chat_stream(events: Sequence[Mapping[str, Any]], common: dict[str, Any]) -> Reply:
    """Assemble Chat Completions chunks; the terminal marker is `[DONE]`."""
    body: dict[str, Any] = {}
    text: list[str] = []
    reasoning: list[str] = []
    refusal: list[str] = []
    calls: list[dict[str, Any]] = []
    latest: dict[Any, int] = {}
    names: list[str] = []
    problems: set[str] = set()
    usage_events: list[str] = []
    terminal = False
    error: JSON = None
    finish: JSON = None
    for event in events:
        data = event.get("data")
        if not isinstance(data, dict):
            terminal = terminal or str(data).strip() == "[DONE]"
            names.append("[DONE]" if str(data).strip() == "[DONE]" else "text")
            continue
        if data.get("error") is not None or event.get("event") == "error":
            error = data.get("error", data)
            names.append("error")
            continue
        choices = data.get("choices")
        body.update({key: value for key, value in data.items() if key not in {"choices", "usage"}})
        if isinstance(data.get("usage"), dict):
            body["usage"] = data["usage"]
            usage_events.append("chunk:usage" if not choices else "chunk:choice")
        if not isinstance(choices, list) or not choices:
            names.append("chunk:usage" if data.get("usage") else "chunk:empty")
            continue
        choice = choices[0] if isinstance(choices[0], dict) else {}
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        kinds = sorted(key for key, value in delta.items() if value not in (None, "", []))
        if finish and set(kinds) - {"role"}:
            problems.add("content-after-finish")
        finish = choice.get("finish_reason") or finish
        kinds += ["finish"] if choice.get("finish_reason") else []
        names.append("chunk:" + ("+".join(kinds) or "empty"))
        text.append(str(delta.get("content") or ""))
        reasoning.append(str(delta.get("reasoning_content") or delta.get("reasoning") or ""))
        refusal.append(str(delta.get("refusal") or ""))
        for part in delta.get("tool_calls") or []:
            if isinstance(part, dict):
                _apply_call_delta(calls, latest, part, problems)
    message: dict[str, Any] = {"role": "assistant", "content": "".join(text) or None}
    if any(reasoning):
        message["reasoning_content"] = "".join(reasoning)
    if any(refusal):
        message["refusal"] = "".join(refusal)
    if calls:
        message["tool_calls"] = calls
    body["choices"] = [{"index": 0, "message": message, "finish_reason": finish}]
    stream = {
        "streamed": True,
        "events": tuple(names),
        "terminal": terminal,
        "in_band_error": error is not None,
        "usage_events": tuple(usage_events),
        "problems": tuple(sorted(problems)),
        "error": error,
    }
    return _replace(_chat_body(body, common), stream)


def _apply_call_delta(
    calls: list[dict[str, Any]], latest: dict[Any, int], part: Mapping[str, Any], problems: set[str]
) -> None:
    """Add one delta to the calls so far; `latest` maps an index of the wire to the call that it stands for now.

    Hosts leave the index out, repeat it, or send ids and names again or empty: each is a problem, and none of them
    makes us merge two calls, so that the calls themselves are judged as the model meant them.
    """
    function = part.get("function")
    function = function if isinstance(function, Mapping) else {}
    identity, name = part.get("id"), function.get("name")
    index = part.get("index")
    at = latest.get(index) if index is not None else (len(calls) - 1 if calls and not identity else None)
    if index is None:
        problems.add("call-delta-without-index")
    elif at is not None and identity and name and identity != calls[at]["id"]:
        problems.add("call-delta-index-repeated")
        at = None
    if at is None:
        if not identity:
            problems.add("call-delta-without-id")
        if not name:
            problems.add("call-delta-without-name")
        latest[index] = len(calls)
        arguments = str(function.get("arguments") or "")
        calls.append(
            {"id": identity, "type": part.get("type"), "function": {"name": name, "arguments": arguments}}
        )
        return
    if identity and identity != calls[at]["id"]:
        problems.add("call-delta-id-changed")
    elif identity:
        problems.add("call-delta-id-repeated")
    if name:
        problems.add("call-delta-name-repeated")
    if identity == "":
        problems.add("call-delta-id-empty")
    if name == "":
        problems.add("call-delta-name-empty")
    if at != len(calls) - 1:
        problems.add("call-interleaved")
    calls[at]["function"]["arguments"] += str(function.get("arguments") or "")
