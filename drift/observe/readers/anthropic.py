# Claude's Messages API: message, blocks, and a stream of named events.
# Owns: what is where in this dialect. Refuses to know: what any of it means for a consumer.
"""Read Claude's Messages API, on whichever platform it is served."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from drift.canonical import StrictJSONError, strict_loads
from drift.model import JSON
from drift.observe.join import joined
from drift.observe.reply import (
    Call,
    Reply,
    StreamNotes,
    index_of,
    listed_ids,
    mapping,
    mappings,
    text_or_none,
)
from drift.shapes import type_tag

OPAQUE = frozenset({"/content/*{tool_use}/input"})
NOT_PARAMETERS = frozenset({"messages", "model", "anthropic_version"})
NULL_BY_ANSWER = frozenset({"/stop_details", "/stop_sequence"})
THERE_BY_ANSWER: frozenset[str] = frozenset()
STREAM_ONLY = frozenset({"/amazon-bedrock-invocationMetrics"})
ECHOED: frozenset[str] = frozenset()
EVENTS_BY_ANSWER = frozenset(
    {
        "content_block_delta:input_json_delta",
        "content_block_delta:text_delta",
        "content_block_start",
        "content_block_stop",
    }
)
FOLLOWS = {"content_block_start": "content_block_delta:", "content_block_stop": "content_block_start"}

tag = type_tag
catalogue = listed_ids

# What an event of each kind is known to carry; anything else on it is kept as a field of the message.
_KNOWN = {
    "content_block_delta": {"delta", "index", "type"},
    "content_block_start": {"content_block", "index", "type"},
    "content_block_stop": {"index", "type"},
    "error": {"error", "request_id", "type"},
    "message_delta": {"delta", "type", "usage"},
    "message_start": {"message", "type"},
    "message_stop": {"type"},
    "ping": {"type"},
}
# Kinds of deltas, and the one kind of block that takes them; None for those that fit several.
_FITS = {
    "citations_delta": None,
    "input_json_delta": None,
    "signature_delta": "thinking",
    "text_delta": "text",
    "thinking_delta": "thinking",
}


def owns(value: Mapping[str, JSON]) -> bool:
    """Say whether an object is a message of this dialect, or an event of its streams."""
    return str(value.get("type")) in {"message", *_KNOWN} - {"error", "ping"}


def requested_model(path: str) -> str | None:
    """Return the model that a path names: on Bedrock and Vertex it does not stand in the body."""
    for before, after in (("/model/", "/invoke"), ("/models/", ":")):
        _, found, rest = path.partition(before)
        if found and after in rest:
            return unquote(rest.partition(after)[0])
    return None


def read_body(body: Mapping[str, Any]) -> Reply:
    """Read a message."""
    content = body.get("content")
    if isinstance(content, str):  # some hosts answer in the short form of a request
        content = [{"type": "text", "text": content}]
    blocks = mappings(content)
    kinds = [
        block.get("type") if isinstance(block, Mapping) else None
        for block in (content if isinstance(content, list) else ())
    ]
    return Reply(
        form="anthropic",
        body=body,
        text="".join(
            block["text"]
            for block in blocks
            if block.get("type") == "text" and isinstance(block.get("text"), str)
        ),
        blocks=tuple(str(block.get("type")) for block in blocks),
        first_text=kinds.index("text") if "text" in kinds else None,
        others=tuple(block for block in blocks if block.get("type") != "text"),
        thoughts=tuple(
            str(block.get("thinking") or "") for block in blocks if block.get("type") == "thinking"
        ),
        stop=text_or_none(body.get("stop_reason")),
        model=text_or_none(body.get("model")),
        calls=tuple(
            Call(str(block.get("name") or ""), _input(block.get("input")), block.get("id"))
            for block in blocks
            if block.get("type") == "tool_use"
        ),
        calls_stop=True,
        usage=mapping(body.get("usage")),
        stop_details=body.get("stop_details"),
    )


def _input(value: JSON) -> JSON:
    """Return a block's input; a text in place of the object is JSON itself, and what it holds was encoded twice."""
    return json.dumps(value) if isinstance(value, str) else value


def read_stream(events: Sequence[Mapping[str, Any]]) -> Reply:
    """Assemble a stream: message_start, (block start, deltas, stop)*, message_delta, message_stop."""
    notes = StreamNotes()
    message: dict[str, Any] = {}
    extras: dict[str, Any] = {}
    blocks: dict[Any, dict[str, Any]] = {}
    pieces: dict[Any, list[str]] = {}
    open_blocks: set[Any] = set()
    unread: set[Any] = set()
    for event in events:
        data = event.get("data")
        if not isinstance(data, dict):
            done = str(data).strip() == "[DONE]"  # another dialect's marker
            notes.names.append("data: [DONE]" if done else str(event.get("event") or "text"))
            continue
        kind = str(data.get("type") or event.get("event") or "unknown")
        index = index_of(data.get("index"))
        if notes.terminal and kind not in {"error", "ping"}:
            notes.problems.add("event-after-stop")
        if kind in _KNOWN:
            extras |= {key: value for key, value in data.items() if key not in _KNOWN[kind]}
        if kind == "message_start" and isinstance(data.get("message"), dict):
            if blocks:
                notes.problems.add("content-before-start")
            message = dict(data["message"])
            if message.get("usage"):
                notes.usage_events.append(kind)
        elif kind == "content_block_start" and isinstance(data.get("content_block"), dict):
            if index in blocks:
                notes.problems.add("block-index-reused")
            if open_blocks:
                notes.problems.add("block-interleaved")
            blocks[index] = dict(data["content_block"])
            open_blocks.add(index)
        elif kind == "content_block_delta" and isinstance(data.get("delta"), dict):
            delta = data["delta"]
            kind = f"{kind}:{delta.get('type')}"
            if index not in blocks or index not in open_blocks:
                notes.problems.add("delta-without-block")
                blocks.setdefault(index, {"type": "text", "text": ""})
            _apply_delta(blocks, pieces, index, delta, notes.problems)
            if str(delta.get("type")) not in _FITS:
                unread.add(index)
        elif kind == "content_block_stop":
            if index not in open_blocks:
                notes.problems.add("stop-without-block")
            open_blocks.discard(index)
        elif kind == "message_delta":
            message.update(mapping(data.get("delta")))
            if isinstance(data.get("usage"), dict):
                message["usage"] = {**mapping(message.get("usage")), **data["usage"]}
                notes.usage_events.append(kind)
        elif kind == "message_stop":
            notes.terminal = True
        elif kind == "error":
            notes.error = data.get("error", data)
        notes.names.append(kind)
    if (
        notes.terminal and open_blocks and "content_block_stop" in notes.names
    ):  # else that event is gone altogether
        notes.problems.add("block-left-open")
    if "content_block_stop" not in notes.names:
        notes.problems.discard("block-interleaved")
    texts = {index: "".join(parts) for index, parts in pieces.items()}
    for index, text in texts.items():
        try:
            value = strict_loads(text) if text else None
        except StrictJSONError:
            value = None
        if isinstance(value, dict):
            blocks[index]["input"] = value
    if not message:
        return Reply(**notes.fields())
    reply = read_body({**extras, **message, "content": list(blocks.values())})
    # Arguments are the text that came, as in the other dialects: a breach is seen, and how it was spelled.
    sent = [texts.get(index) for index, block in blocks.items() if block.get("type") == "tool_use"]
    # What came in a delta that nobody knows is lost to every reader, and nothing is no JSON.
    lost = [index in unread for index, block in blocks.items() if block.get("type") == "tool_use"]
    calls = tuple(
        Call(call.name, text or "", call.id) if text or gone else call
        for call, text, gone in zip(reply.calls, sent, lost, strict=True)
    )
    return replace(reply, **notes.fields(), calls=calls)


def _apply_delta(
    blocks: dict[Any, dict[str, Any]],
    pieces: dict[Any, list[str]],
    index: Any,
    delta: Mapping[str, Any],
    problems: set[str],
) -> None:
    kind = str(delta.get("type"))
    if kind not in _FITS:
        return  # a new kind of delta is a new event: put into the block, it would be a new property of it as well
    wanted = _FITS[kind]
    if wanted is not None and blocks[index].get("type") != wanted:
        problems.add("delta-type-mismatch")
        return  # said once, for the same reason
    parts = {key: value for key, value in delta.items() if key != "type"}
    if kind == "input_json_delta":
        pieces.setdefault(index, []).append(str(parts.pop("partial_json", None) or ""))
    if "citation" in parts:  # the one delta whose field is called otherwise than its block's
        parts["citations"] = [parts.pop("citation")]
    blocks[index] = joined(blocks[index], parts)
