# What one exchange says, whatever its dialect: the neutral form that every reader fills in.
# Owns: the names of its fields. Refuses to know: any dialect (see readers/), what a field means for a consumer.
"""One reply, read."""

from __future__ import annotations

from collections.abc import Mapping
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
        blocks: kinds of blocks in order. What every dialect has is called "text", "reasoning" (Claude: "thinking"),
            "tool_call" (Claude: "tool_use") and "refusal"; all else by the vendor's own word.
        first_text: index of the first text block, None when there is none or the content is no list of blocks.
        others: the blocks that are no plain text, as sent.
        thoughts: text of each reasoning block; "" for one that shows none.
        stop: stop or finish reason as sent.
        model: the id that the reply names (response model).
        calls: tool calls in order.
        calls_stop: whether this dialect has a stop reason of its own for an answer that calls tools.
        usage: the usage object as sent.
        error: error object as sent (body's error, or the in-band stream error), or None.
        refusal: text of a dedicated refusal field, or None.
        stop_details: the vendor's details of the stop (refusal category …), or None.
        blocked: why a filter stopped the prompt or the answer, in the vendor's word, or None.
        events: event names in order (streams), deltas as "content_block_delta:text_delta".
        terminal: the stream's terminal marker came; None when not a stream.
        in_band_error: an error event came inside a 200 stream.
        usage_events: names of the events that carried usage.
        problems: breaches of the stream grammar, as short ids.
        headers: response headers, lower case.
    """

    dialect: str = ""
    form: str = ""
    operation: str = "generate"
    streamed: bool = False
    status: int | None = None
    body: JSON = None
    text: str | None = None
    blocks: tuple[str, ...] = ()
    first_text: int | None = None
    others: tuple[JSON, ...] = ()
    thoughts: tuple[str, ...] = ()
    stop: str | None = None
    model: str | None = None
    calls: tuple[Call, ...] = ()
    calls_stop: bool = False
    usage: Mapping[str, JSON] = field(default_factory=dict)
    error: JSON = None
    refusal: str | None = None
    stop_details: JSON = None
    blocked: str | None = None
    events: tuple[str, ...] = ()
    terminal: bool | None = None
    in_band_error: bool = False
    usage_events: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class StreamNotes:
    """What a reader writes down while it goes through the events of a stream.

    Attributes:
        names: see `Reply.events`.
        problems: see `Reply.problems`.
        usage_events: see `Reply.usage_events`.
        terminal: the last event or marker came.
        error: error object that came as an event, or None.
    """

    names: list[str] = field(default_factory=list)
    problems: set[str] = field(default_factory=set)
    usage_events: list[str] = field(default_factory=list)
    terminal: bool = False
    error: JSON = None

    def fields(self) -> dict[str, Any]:
        """Return the fields of a Reply that these notes fill in."""
        return {
            "streamed": True,
            "events": tuple(self.names),
            "terminal": self.terminal,
            "in_band_error": self.error is not None,
            "usage_events": tuple(self.usage_events),
            "problems": tuple(sorted(self.problems)),
            **({} if self.error is None else {"error": self.error}),
        }


def text_or_none(value: JSON) -> str | None:
    """Return a text, or None for anything else that stands in its place."""
    return value if isinstance(value, str) else None


def index_of(value: JSON) -> int | str | None:
    """Return what stands in the place of an index as something that can be looked up."""
    return value if isinstance(value, int | str | None) else repr(value)


def mapping(value: JSON) -> Mapping[str, Any]:
    """Return an object, or an empty one for anything else that stands in its place."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: JSON) -> list[Mapping[str, Any]]:
    """Return the objects of a list, or none for anything else that stands in its place."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def listed_ids(body: JSON) -> list[str]:
    """Return the ids in a list of models, in the form that most vendors share."""
    return sorted(str(item["id"]) for item in mappings(mapping(body).get("data")) if "id" in item)
