# One raw exchange, or one imported line, read into one neutral Reply: the door to one reader per wire dialect.
# Owns: which reader reads what. Refuses to know: where anything stands in a dialect (see the readers).
"""Readers of raw exchanges (see `drift.observe`), one module per dialect behind one small interface.

Unknown fields, blocks, events and reasons are kept by name, never dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from drift.model import JSON
from drift.observe.readers import anthropic, gemini, openai_chat, openai_responses
from drift.observe.reply import Call, Reply, mapping

__all__ = ["READERS", "Reader", "read_exchange", "read_recorded", "reader_of"]


class Reader(Protocol):
    """What a dialect's module offers.

    Attributes:
        OPAQUE: paths (in shape notation) below which the model or the request decides what stands there.
        NOT_PARAMETERS: keys of a request's body that are no parameters: the conversation and the model.
        NULL_BY_ANSWER: places of the envelope that are null or filled as the answer has it.
        THERE_BY_ANSWER: places of the envelope that are there or not as the answer has it.
        STREAM_ONLY: places of the envelope that only an assembled stream has, as documented.
        ECHOED: parameters that an answer repeats, whether the request set them or not, as places in both.
        EVENTS_BY_ANSWER: stream events that come or not as the answer has it.
        FOLLOWS: stream event → start of the name of the one without which it has no reason to come.
    """

    OPAQUE: frozenset[str]
    NOT_PARAMETERS: frozenset[str]
    NULL_BY_ANSWER: frozenset[str]
    THERE_BY_ANSWER: frozenset[str]
    STREAM_ONLY: frozenset[str]
    ECHOED: frozenset[str]
    EVENTS_BY_ANSWER: frozenset[str]
    FOLLOWS: dict[str, str]

    def owns(self, value: Mapping[str, JSON], /) -> bool:
        """Say whether an object is an envelope of this dialect, or an event of its streams."""
        ...

    def tag(self, path: str, element: Mapping[str, JSON], /) -> str | None:
        """Return what tells the elements of the list at `path` apart, or None."""
        ...

    def requested_model(self, path: str, /) -> str | None:
        """Return the model that the path of a request names, or None."""
        ...

    def catalogue(self, body: JSON, /) -> list[str]:
        """Return the ids in a list of models, sorted."""
        ...

    def read_body(self, body: Mapping[str, Any], /) -> Reply:
        """Read the body of an answer."""
        ...

    def read_stream(self, events: Sequence[Mapping[str, Any]], /) -> Reply:
        """Read the events of an answer."""
        ...


READERS: Mapping[str, Reader] = {
    "anthropic": anthropic,
    "openai-chat": openai_chat,
    "openai-responses": openai_responses,
    "gemini": gemini,
}


def reader_of(dialect: str) -> Reader:
    """Return the reader of a dialect; what is unknown is read as the dialect that most hosts speak."""
    return READERS.get(dialect, openai_chat)


def read_exchange(exchange: Mapping[str, Any]) -> Reply:
    """Read one raw exchange of a live sample."""
    dialect = exchange.get("dialect", "")
    status = exchange.get("status")
    common: dict[str, Any] = {
        "dialect": dialect,
        "operation": exchange.get("operation", "generate"),
        "status": status,
        "headers": exchange.get("headers") or {},
    }
    events = exchange.get("events")
    if events is not None and (status or 0) < 400:
        return replace(reader_of(dialect).read_stream(events), **common)
    body = exchange.get("body")
    if body is None and exchange.get("text") is not None:
        body = exchange["text"]
    return _read_body(body, common)


def _read_body(body: JSON, common: dict[str, Any]) -> Reply:
    status = common["status"] or 0
    if status >= 400 or (isinstance(body, Mapping) and body.get("type") == "error"):
        said = body[0] if isinstance(body, list) and len(body) == 1 else body  # one vendor wraps it in a list
        error = said.get("error", said) if isinstance(said, Mapping) else said
        return Reply(**common, body=body, error=error)
    if common["operation"] == "generate" and isinstance(body, list) and body:
        chunks = [{"event": None, "data": chunk} for chunk in body]
        if all(isinstance(chunk, Mapping) and READERS["gemini"].owns(chunk) for chunk in body):
            # Without `alt=sse`, or where a host ignores it, the chunks of this dialect come as one list.
            return replace(READERS["gemini"].read_stream(chunks), **common, streamed=False, events=())
    if common["operation"] != "generate" or not isinstance(body, Mapping):
        usage = body if isinstance(body, Mapping) and common["operation"] == "count_tokens" else {}
        if isinstance(usage.get("usage"), Mapping):
            usage = usage["usage"]
        return Reply(**common, body=body, usage=usage)
    return replace(reader_of(common["dialect"]).read_body(body), **common)


def read_recorded(line: Mapping[str, Any]) -> Reply:
    """Read an imported sample: its own `output_text` and `tool_calls` win, the envelope gives the rest."""
    reply = replace(_read_envelope(line), dialect="recorded", operation="generate", status=line.get("status"))
    changes: dict[str, Any] = {}
    calls = line.get("tool_calls")
    if isinstance(calls, Sequence) and not isinstance(calls, str):
        changes["calls"] = tuple(
            Call(str(call.get("name") or ""), call.get("arguments"), call.get("id"))
            for call in calls
            if isinstance(call, Mapping)
        )
    if isinstance(line.get("output_text"), str):
        changes["text"] = line["output_text"]
    if isinstance(line.get("usage"), Mapping):
        changes["usage"] = line["usage"]
    if line.get("error") is not None:
        changes["error"] = line["error"]
    if line.get("response_model"):
        changes["model"] = line["response_model"]
    return replace(reply, **changes)


def _read_envelope(line: Mapping[str, Any]) -> Reply:
    """Read what was recorded of the wire, in whichever dialect it is."""
    raw, events = line.get("output_raw"), line.get("events")
    if isinstance(raw, Mapping):
        for reader in READERS.values():
            if reader.owns(raw):
                return reader.read_body(raw)
    if isinstance(events, list) and events and all(isinstance(event, Mapping) for event in events):
        named = [event if "data" in event else {"event": None, "data": event} for event in events]
        for reader in READERS.values():
            if any(reader.owns(mapping(event["data"])) for event in named):
                return reader.read_stream(named)
    return Reply()
