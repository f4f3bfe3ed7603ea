# OpenAI's Chat Completions, also spoken by most hosts of open models: choices, messages, chunks.
# Owns: what is where in this dialect, and how hosts bend it. Refuses to know: what any of it means for a consumer.
"""Read Chat Completions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

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

OPAQUE = frozenset({"/choices/*/logprobs", "/choices/*/message/tool_calls/*{function}/function/arguments"})
NOT_PARAMETERS = frozenset({"messages", "model"})
NULL_BY_ANSWER = frozenset({"/choices/*/message/content", "/choices/*/message/refusal"})
THERE_BY_ANSWER = frozenset({"/choices/*/message/tool_calls", "/choices/*/message/refusal"})
STREAM_ONLY: frozenset[str] = frozenset()
ECHOED: frozenset[str] = frozenset()
EVENTS_BY_ANSWER = frozenset({"chunk:content", "chunk:refusal", "chunk:tool_calls"})

FOLLOWS = {"chunk:finish": "chunk:", "chunk:role": "chunk:"}

catalogue = listed_ids


def tag(path: str, element: Mapping[str, JSON]) -> str | None:
    """Return what tells the elements of a list apart: their type; a call is told by what it holds."""
    calls = path == "/choices/*/message/tool_calls" and "function" in element
    return "function" if calls else type_tag(path, element)


def owns(value: Mapping[str, JSON]) -> bool:
    """Say whether an object is a completion of this dialect, or a chunk of one."""
    return "choices" in value


def requested_model(path: str) -> str | None:
    """Return None: the model always stands in the body."""
    del path
    return None


def read_body(body: Mapping[str, Any]) -> Reply:
    """Read a completion; only its first choice, for no request asks for more."""
    choice = next(iter(mappings(body.get("choices"))), {})
    message = mapping(choice.get("message"))
    content = message.get("content")
    first_text = None
    if isinstance(content, list):  # some compatible hosts send parts
        kinds = [part.get("type") if isinstance(part, Mapping) else None for part in content]
        first_text = kinds.index("text") if "text" in kinds else None
        parts = mappings(content)
        text = "".join(part["text"] for part in parts if isinstance(part.get("text"), str))
        blocks = [str(part.get("type")) for part in parts]
    else:
        text = content if isinstance(content, str) else ""
        blocks = ["text"] if text else []
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    if reasoning:
        blocks.insert(0, "reasoning")
    calls = []
    for call in mappings(message.get("tool_calls")):
        function = mapping(call.get("function"))
        calls.append(Call(str(function.get("name") or ""), function.get("arguments"), call.get("id")))
        kind = call.get("type")
        blocks.append("tool_call" if kind in {None, "function"} else str(kind))
    return Reply(
        form="openai-chat",
        body=body,
        text=text,
        blocks=tuple(blocks),
        first_text=first_text,
        others=tuple(mappings(message.get("tool_calls"))),
        thoughts=(reasoning if isinstance(reasoning, str) else "",) if reasoning else (),
        stop=text_or_none(choice.get("finish_reason")),
        model=text_or_none(body.get("model")),
        calls=tuple(calls),
        calls_stop=True,
        usage=mapping(body.get("usage")),
        error=body.get("error"),
        refusal=text_or_none(message.get("refusal")),
    )


def read_stream(events: Sequence[Mapping[str, Any]]) -> Reply:
    """Assemble chunks; the terminal marker is `[DONE]`."""
    notes = StreamNotes()
    body: dict[str, Any] = {}
    choice: dict[str, Any] = {"index": 0}
    message: dict[str, Any] = {"role": "assistant", "content": None}
    calls: list[dict[str, Any]] = []
    latest: dict[Any, int] = {}
    finish: JSON = None
    for event in events:
        data = event.get("data")
        if not isinstance(data, dict):
            done = str(data).strip() == "[DONE]"
            notes.terminal = notes.terminal or done
            notes.names.append("[DONE]" if done else "text")
            continue
        if data.get("error") is not None or event.get("event") == "error":
            notes.error = data.get("error", data)
            notes.names.append("error")
            continue
        choices = data.get("choices")
        if choices is None and event.get("event"):
            notes.names.append(str(event["event"]))  # a named event is none of this dialect's
            continue
        body.update({key: value for key, value in data.items() if key not in {"choices", "usage"}})
        if isinstance(data.get("usage"), dict):
            body["usage"] = data["usage"]
            notes.usage_events.append("chunk:choice" if choices else "chunk:usage")
        if not isinstance(choices, list) or not choices:
            notes.names.append("chunk:usage" if data.get("usage") else "chunk:empty")
            continue
        first = mapping(choices[0])
        delta = mapping(first.get("delta"))
        kinds = sorted(key for key, value in delta.items() if value not in (None, "", []))
        if finish and set(kinds) - {"role"}:
            notes.problems.add("content-after-finish")
        finish = first.get("finish_reason") or finish
        kinds += ["finish"] if first.get("finish_reason") else []
        notes.names.append("chunk:" + ("+".join(kinds) or "empty"))
        choice = joined(choice, {key: value for key, value in first.items() if key != "delta"})
        spoken = {key: value for key, value in delta.items() if key != "tool_calls" and value is not None}
        message = joined(message, spoken)
        for part in mappings(delta.get("tool_calls")):
            _apply_call_delta(calls, latest, part, notes.problems)
    message["content"] = message["content"] or None
    if calls:
        message["tool_calls"] = calls
    body["choices"] = [{**choice, "message": message, "finish_reason": finish}]
    return replace(read_body(body), **notes.fields())


def _apply_call_delta(
    calls: list[dict[str, Any]], latest: dict[Any, int], part: Mapping[str, Any], problems: set[str]
) -> None:
    """Add one delta to the calls so far; `latest` maps an index of the wire to the call that it stands for now.

    Hosts leave the index out, repeat it, or send ids and names again or empty: each is a problem, and none of them
    makes us merge two calls, so that the calls themselves are judged as the model meant them.
    """
    function = mapping(part.get("function"))
    identity, name = part.get("id"), function.get("name")
    index = index_of(part.get("index"))
    at = latest.get(index) if index is not None else (len(calls) - 1 if calls and not identity else None)
    if index is None:
        problems.add("call-delta-without-index")
    elif at is not None and identity and name and identity != calls[at]["id"]:
        problems.add("call-delta-index-repeated")
        at = None
    unknown = {key: value for key, value in part.items() if key not in {"function", "id", "index", "type"}}
    if at is None:
        if not identity:
            problems.add("call-delta-without-id")
        if not name:
            problems.add("call-delta-without-name")
        latest[index] = len(calls)
        said = {**function, "name": name, "arguments": _grown("", function.get("arguments"))}
        calls.append({"id": identity, "type": part.get("type"), "function": said, **unknown})
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
    calls[at]["function"]["arguments"] = _grown(calls[at]["function"]["arguments"], function.get("arguments"))
    calls[at] = joined(calls[at], unknown)


def _grown(known: JSON, piece: JSON) -> JSON:
    """Return the arguments with one more piece; a host that sends an object at once keeps its object."""
    if piece is None or piece == "":
        return known
    if known == "":
        return piece
    return "".join(part if isinstance(part, str) else json.dumps(part) for part in (known, piece))
