# What can be told to the stand-in, and what it remembers.
# Owns: the names of switches and faults. Refuses to know: wire formats, what an event does (see events.py).
"""Switches (until set back), faults (for a number of requests), and the log of requests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from drift.events import DocumentedEvent, load_events


def find_event(name: str) -> DocumentedEvent:
    """Return the documented event of this id, or the first one with this switch."""
    events = load_events()
    found = [event for event in events if event.id == name] or [e for e in events if e.switch == name]
    if not found:
        raise KeyError(f"no documented event and no switch is called {name!r}")
    return found[0]


TODAY = tuple(
    find_event(switch)
    for switch in (
        "api-version-2026-10-21",
        "function-declarations-capped",
        "max-tokens-rejected",
        "stop-details-added",
        "thinking-tokens-in-usage",
        "thought-signature-required",
        "tool-schema-keyword-rejected",
    )
)


@dataclass
class Switches:
    """How the vendor behaves. Every switch may be set while the server runs.

    Attributes:
        standing: documented events that today's APIs have behind them. What came with a model holds for this
            model, what came with a version of the API for those who ask for it.
        events: documented events that happen besides, whatever the model; see `find_event`.
        serves: further ids of models that it serves.
        served_model: answers name this model, whatever was asked for.
        refuse: every answer is a refusal by the safety system.
        token_offset: added to the number of input tokens: a hidden prompt.
        seed: another seed is another model version: same skills, other answers.
        unknown_block: a content block of an undocumented type comes first.
        unknown_event: a stream holds an event of an undocumented type.
        unknown_field: objects carry an undocumented field.
        stop_reason: sent instead of the right one.
        stream_error: a stream ends with an error event of this type.
        no_terminal: a stream ends cleanly without its last event.
        content_type: sent instead of the right one.
        delay_s: pause before every answer, in seconds.
        chunk_delay_s: pause between the pieces of a stream, in seconds.
        page_size: most models on one page of the catalogue.
        echo_key: error messages repeat the key that was sent.
        keys: accepted keys; None accepts every key without the word "invalid".
    """

    standing: tuple[DocumentedEvent, ...] = TODAY
    events: tuple[DocumentedEvent, ...] = ()
    serves: frozenset[str] = frozenset()
    served_model: str | None = None
    refuse: bool = False
    token_offset: int = 0
    seed: int = 0
    unknown_block: bool = False
    unknown_event: bool = False
    unknown_field: bool = False
    stop_reason: str | None = None
    stream_error: str | None = None
    no_terminal: bool = False
    content_type: str | None = None
    delay_s: float = 0.0
    chunk_delay_s: float = 0.0
    page_size: int | None = None
    echo_key: bool = False
    keys: frozenset[str] | None = None

    def on(self, switch: str) -> DocumentedEvent | None:
        """Return the event by which this switch is on for every model, or None."""
        everywhere = (event for event in self.standing if not event.models)
        return next((event for event in (*self.events, *everywhere) if event.switch == switch), None)


@dataclass
class Fault:
    """Something that goes wrong with the next `times` requests (of a path that ends with `path`).

    Attributes:
        skip: requests that pass before.
        status: answer with this error status instead.
        headers: added to that answer.
        kind: error type instead of the one documented for the status.
        cut: send only this many bytes of the body, then drop the connection.
        drop: drop the connection without an answer.
        hang_s: wait this long before doing anything.
        body: raw body instead of everything else (with `content_type`).
        content_type: of `body`.
    """

    times: int = 1
    path: str = ""
    skip: int = 0
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    kind: str | None = None
    cut: int | None = None
    drop: bool = False
    hang_s: float = 0.0
    body: bytes | None = None
    content_type: str = "application/json"


@dataclass
class Received:
    """One request as it arrived, and what was sent back so far (without HTTP framing)."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int | None = None
    sent: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON, or None."""
        return json.loads(self.body) if self.body else None
