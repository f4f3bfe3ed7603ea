# OpenAI's Responses API, also spoken by some hosts of open models: items out, and a stream of numbered events.
# Owns: what is where in this dialect. Refuses to know: what any of it means for a consumer.
"""Read the Responses API.

An answer is a list of items; an item of type "message" holds parts. The last event of a stream carries the whole
response once more: it is the body, and what the deltas add up to is held against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from drift.model import JSON
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

OPAQUE = frozenset(
    {
        # The request said once more: what the request decides is no property of the reply.
        "/instructions",
        "/metadata",
        "/text/format",
        "/tool_choice",
        "/tools",
        "/output/*{message}/content/*{output_text}/annotations",
        "/output/*{message}/content/*{output_text}/logprobs",
    }
)
NOT_PARAMETERS = frozenset({"input", "model"})
NULL_BY_ANSWER = frozenset({"/completed_at", "/error", "/incomplete_details"})
THERE_BY_ANSWER: frozenset[str] = frozenset()
STREAM_ONLY: frozenset[str] = frozenset()
ECHOED = frozenset(
    {
        *(
            "parallel_tool_calls",
            "reasoning.effort",
            "store",
            "temperature",
            "text.verbosity",
            "top_logprobs",
        ),
        *("top_p", "truncation"),
    }
)
EVENTS_BY_ANSWER = frozenset(
    {
        *(f"response.content_part.{end}" for end in ("added", "done")),
        *(f"response.output_item.{end}" for end in ("added", "done")),
        *(f"response.output_text.{end}" for end in ("annotation.added", "delta", "done")),
        *(f"response.function_call_arguments.{end}" for end in ("delta", "done")),
        *(f"response.refusal.{end}" for end in ("delta", "done")),
        *(f"response.{end}" for end in ("completed", "incomplete", "failed")),
    }
)

_TERMINAL = frozenset({"response.completed", "response.failed", "response.incomplete", "response.cancelled"})
_BLOCKS = {"function_call": "tool_call", "output_text": "text"}
"""Kinds that every dialect has, by their common name."""
# What deltas of a kind add up to: (the key that says which part, the list that holds the parts, the text in a part).
_DELTAS = {
    "response.output_text": ("content_index", "content", "text"),
    "response.refusal": ("content_index", "content", "refusal"),
    "response.reasoning_text": ("content_index", "content", "text"),
    "response.reasoning_summary_text": ("summary_index", "summary", "text"),
}
_CALL_DELTAS = {
    "response.function_call_arguments": "arguments",
    "response.custom_tool_call_input": "input",
    "response.mcp_call_arguments": "arguments",
}

FOLLOWS = {
    "response.content_part.added": "response.output_text.delta",
    "response.content_part.done": "response.content_part.added",
    "response.function_call_arguments.done": "response.function_call_arguments.delta",
    "response.output_item.added": "response.output_text.delta",
    "response.output_item.done": "response.output_item.added",
    "response.output_text.done": "response.output_text.delta",
}

tag = type_tag
catalogue = listed_ids


def owns(value: Mapping[str, JSON]) -> bool:
    """Say whether an object is a response of this dialect, or an event of its streams."""
    kind = value.get("type")
    return value.get("object") == "response" or (isinstance(kind, str) and kind.startswith("response."))


def requested_model(path: str) -> str | None:
    """Return None: the model always stands in the body."""
    del path
    return None


def read_body(body: Mapping[str, Any]) -> Reply:
    """Read a response."""
    blocks: list[str] = []
    texts: list[str] = []
    refusals: list[str] = []
    calls: list[Call] = []
    thoughts: list[str] = []
    others: list[JSON] = []
    first_text: int | None = None
    for position, item in enumerate(mappings(body.get("output"))):
        kind = str(item.get("type"))
        if kind == "message":
            for part in mappings(item.get("content")):
                blocks.append(_BLOCKS.get(str(part.get("type")), str(part.get("type"))))
                if part.get("type") == "output_text" and isinstance(part.get("text"), str):
                    texts.append(part["text"])
                    first_text = position if first_text is None else first_text
                else:
                    others.append(part)
                if part.get("type") == "refusal":
                    refusals.append(str(part.get("refusal") or ""))
            continue
        blocks.append(_BLOCKS.get(kind, kind))
        others.append(item)
        if kind == "function_call":
            calls.append(Call(str(item.get("name") or ""), item.get("arguments"), item.get("call_id")))
        elif kind == "reasoning":
            parts = [*mappings(item.get("summary")), *mappings(item.get("content"))]
            thoughts.append("".join(str(part.get("text") or "") for part in parts))
    details = mapping(body.get("incomplete_details"))
    return Reply(
        form="openai-responses",
        body=body,
        text="".join(texts),
        blocks=tuple(blocks),
        first_text=first_text,
        others=tuple(others),
        thoughts=tuple(thoughts),
        stop=text_or_none(details.get("reason")) or _ended(body.get("status")),
        model=text_or_none(body.get("model")),
        calls=tuple(calls),
        usage=mapping(body.get("usage")),
        error=body.get("error"),
        refusal="".join(refusals) if refusals else None,
    )


def _ended(status: JSON) -> str | None:
    """Return a status that says how an answer ended; one that is still on its way has not ended."""
    return None if status in {"in_progress", "queued"} else text_or_none(status)


@dataclass(slots=True)
class _Items:
    """The output as the events build it, by index."""

    items: dict[int | str | None, dict[str, Any]] = field(default_factory=dict)
    closed: set[int | str | None] = field(default_factory=set)
    problems: set[str] = field(default_factory=set)

    def apply(self, kind: str, data: Mapping[str, Any]) -> None:
        index = index_of(data.get("output_index"))
        if kind == "response.output_item.added":
            if index in self.items:
                self.problems.add("item-index-reused")
            self.items[index] = deepcopy(dict(mapping(data.get("item"))))  # deltas go into its parts
        elif kind == "response.output_item.done":
            if index not in self.items:
                self.problems.add("item-done-without-added")
            elif index in self.closed:
                self.problems.add("item-done-twice")
            self.closed.add(index)
            self._close(index, mapping(data.get("item")))
        elif index is not None and index not in self.items:
            self.problems.add("delta-without-item")
        elif index is not None:
            self._part(kind, self.items[index], data, index)

    def _close(self, index: Any, item: Mapping[str, Any]) -> None:
        built = self.items.get(index)
        if built is not None and built.get("id") != item.get("id"):
            self.problems.add("item-id-changed")
        if built is not None and _words(built) not in ({}, _words(item)):
            self.problems.add("item-differs-from-deltas")
        self.items[index] = deepcopy(dict(item))

    def _part(self, kind: str, item: dict[str, Any], data: Mapping[str, Any], index: Any) -> None:
        family, _, end = kind.rpartition(".")
        if index in self.closed:
            self.problems.add("delta-after-item-done")
        if family in _CALL_DELTAS:
            if data.get("item_id") != item.get("id"):
                self.problems.add("call-delta-id-changed" if data.get("item_id") else "call-delta-without-id")
            name = _CALL_DELTAS[family]
            if end == "delta":
                item[name] = str(item.get(name) or "") + str(data.get("delta") or "")
        elif family in _DELTAS and end == "delta":
            key, holder, text = _DELTAS[family]
            parts = item.get(holder)
            place = data.get(key)
            if not isinstance(parts, list) or not isinstance(place, int) or place >= len(parts):
                self.problems.add("delta-without-part")
            elif isinstance(parts[place], dict):
                parts[place][text] = str(parts[place].get(text) or "") + str(data.get("delta") or "")
        elif end == "added" and isinstance(data.get("part"), dict):
            holder = "summary" if "summary_index" in data else "content"
            item[holder] = [*(item.get(holder) or ()), dict(data["part"])]


def _words(item: Mapping[str, Any]) -> dict[str, str]:
    """Return what deltas have to add up to: the texts of an item."""
    found = {name: str(item[name]) for name in ("arguments", "input") if item.get(name)}
    for holder in ("content", "summary"):
        for number, part in enumerate(mappings(item.get(holder))):
            text = part.get("text") or part.get("refusal")
            if text:
                found[f"{holder}/{number}"] = str(text)
    return found


def read_stream(events: Sequence[Mapping[str, Any]]) -> Reply:
    """Assemble a stream: response.created, (item added, its parts and deltas, item done)*, one terminal event."""
    notes = StreamNotes()
    built = _Items(problems=notes.problems)
    begun: dict[str, Any] = {}
    final: dict[str, Any] = {}
    number: int | None = None
    for event in events:
        data = event.get("data")
        if not isinstance(data, dict):
            notes.names.append(
                "[DONE]" if str(data).strip() == "[DONE]" else str(event.get("event") or "text")
            )
            continue
        kind = str(data.get("type") or event.get("event") or "unknown")
        notes.names.append(kind)
        if notes.terminal:
            notes.problems.add("event-after-terminal")
        follows = data.get("sequence_number")
        if not isinstance(follows, int):
            notes.problems.add("sequence-number-missing")
        elif number is not None and follows != number + 1:
            notes.problems.add("sequence-number-gap")
        number = follows if isinstance(follows, int) else number
        response = mapping(data.get("response"))
        if isinstance(response.get("usage"), dict):
            notes.usage_events.append("terminal" if kind in _TERMINAL else kind)
        if kind in _TERMINAL:
            notes.terminal = True
            final = dict(response)
        elif kind in {"response.created", "response.in_progress", "response.queued"}:
            begun = begun or dict(response)
        elif kind == "error":
            notes.error = data.get("error") or {
                key: value for key, value in data.items() if key not in {"sequence_number", "type"}
            }
        else:
            built.apply(kind, data)
    if notes.terminal and set(built.items) - built.closed:
        notes.problems.add("item-left-open")
    output = [built.items[index] for index in sorted(built.items, key=str)]
    if final and [_words(item) for item in mappings(final.get("output"))] != [
        _words(item) for item in output
    ]:
        notes.problems.add("response-differs-from-items")
    body = final or ({**begun, "output": output} if begun or output else None)
    if body is None:
        return Reply(**notes.fields())
    reply = read_body(body)
    if notes.error is None and isinstance(reply.error, dict):
        notes.error = reply.error  # the response failed after it had begun
    return replace(reply, **notes.fields())
