# One HTTP exchange as data: what was sent, what came back in which order, and what went wrong on the way.
# Owns: the form of a raw Exchange, taking secrets out, the names of transport trouble.
# Refuses to know: dialects, retries, who sends, where a key comes from.
"""The recorder that every provider uses.

`record` turns one request into the raw Exchange of a sample's document (see `drift.observe`). It reads
responses of httpx and of its fork httpx2 alike, so the official Anthropic client is recorded by the same code
as our own calls. Nothing in here raises for HTTP trouble: trouble is part of the record.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from typing import Any, Protocol

from drift.http.amazon import CONTENT_TYPE as AMAZON_EVENTS
from drift.http.amazon import AmazonEventParser
from drift.http.events import EventParser, decode, parse_json
from drift.http.headers import auth_schemes, credentials_of, safe_request_headers, safe_response_headers
from drift.model import JSON

_MAX_REPLY_BYTES = 64 * 2**20
"""A reply beyond this is hostile or broken; what came until then is kept."""
_MIN_SECRET = 8
"""Shorter keys ("EMPTY", "none") are placeholders, and words of ordinary text."""


class Response(Protocol):
    """What httpx and httpx2 responses have in common, as far as the recorder needs it."""

    status_code: int
    headers: Any
    request: Any

    def aiter_bytes(self) -> AsyncIterator[bytes]:
        """Yield the decoded body as it arrives."""
        ...


class _Heard:
    """What has been heard of one exchange so far; readable at any moment, for it may be cut at any moment."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = {value: name for value, name in secrets.items() if len(value) >= _MIN_SECRET}
        self.request: dict[str, JSON] | None = None
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.first_event_at: float | None = None
        self._events: list[dict[str, JSON]] | None = None
        self._parser: EventParser | AmazonEventParser = EventParser()
        self._chunks: list[bytes] = []
        self._size = 0

    def note_request(self, request: Any) -> None:
        # A cloud's client signs, or fetches a token, on the way out: only what went out says what is secret.
        found = credentials_of(request.headers.multi_items())
        self._secrets |= {value: "[key]" for value in found if len(value) >= _MIN_SECRET}
        content: bytes = request.content
        self.request = {
            "method": request.method,
            "path": self._clean(request.url.raw_path.decode("ascii")),
            "headers": safe_request_headers(request.headers.multi_items()),
            "auth": auth_schemes(request.headers.multi_items()),
            "body": json.loads(content) if content else None,
        }

    def note_response(self, response: Response) -> None:
        if self.status is not None:
            return
        self.status = response.status_code
        headers = safe_response_headers(response.headers.multi_items())
        self.headers = {name: self._clean(value) for name, value in headers.items()}
        kind = self.headers.get("content-type", "").lower()
        if kind.startswith("text/event-stream"):
            self._events = []
        elif kind.startswith(AMAZON_EVENTS):
            self._events = []
            self._parser = AmazonEventParser()

    def feed(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > _MAX_REPLY_BYTES:
            raise _TooLongError(f"the reply is longer than {_MAX_REPLY_BYTES} bytes")
        if self._events is None:
            self._chunks.append(chunk)
            return
        self._keep(self._parser.feed(chunk))

    def _keep(self, events: list[dict[str, JSON]]) -> None:
        assert self._events is not None
        if events and self.first_event_at is None:
            self.first_event_at = time.perf_counter()
        self._events.extend(self._scrub(event) for event in events)

    def reply(self, *, ended: bool) -> dict[str, JSON]:
        """Return body, text and events; `ended` = the reply came to its own end."""
        if self._events is not None:
            if ended:
                self._keep(self._parser.close())
            rest = self._clean(self._parser.rest())
            return {"body": None, "text": rest or None, "events": self._events}
        if self.status is None:
            return {"body": None, "text": None, "events": None}
        text = self._clean(decode(b"".join(self._chunks)))
        try:
            body = parse_json(text)
        except ValueError:
            body = None
        return {"body": body, "text": text if body is None else None, "events": None}

    def _clean(self, text: str) -> str:
        """Take secrets out of what came back: some hosts repeat a key in an error message."""
        for value, name in self._secrets.items():
            text = text.replace(value, name)
        return text

    def _scrub(self, event: dict[str, JSON]) -> dict[str, JSON]:
        text = json.dumps(event)
        if any(value in text for value in self._secrets):
            scrubbed: dict[str, JSON] = json.loads(self._clean(text))
            return scrubbed
        return event

    def fault(self, error: BaseException) -> dict[str, str]:
        fault = describe_fault(error)
        return {**fault, "message": self._clean(fault["message"])}


class _TooLongError(Exception):
    """The reply does not end."""


_listening: ContextVar[_Heard] = ContextVar("drift_http_listening")


async def _note_request(request: Any) -> None:
    _listening.get().note_request(request)


async def _note_response(response: Response) -> None:
    _listening.get().note_response(response)


def event_hooks() -> dict[str, list[Callable[..., Any]]]:
    """Return the hooks that a client of httpx or httpx2 needs so that `record` sees what really goes out."""
    return {"request": [_note_request], "response": [_note_response]}


def describe_fault(error: BaseException) -> dict[str, str]:
    """Name transport trouble: kind ("connect", "timeout", "cut" or "protocol") and message.

    The classes are told by name, because httpx and httpx2 have the same tree of exceptions without sharing a
    class.
    """
    cause = error
    while cause.__cause__ is not None and not _names(cause) & _FAULT_NAMES:
        cause = cause.__cause__
    names = _names(cause)
    if names & {"TimeoutException", "TimeoutError"}:
        kind = "timeout"
    elif names & {"ConnectError", "ProxyError"}:
        kind = "connect"
    elif names & {"NetworkError", "RemoteProtocolError"}:
        kind = "cut"
    else:
        kind = "protocol"
    text = str(cause)
    return {"kind": kind, "message": f"{type(cause).__name__}: {text}" if text else type(cause).__name__}


_FAULT_NAMES = frozenset({"TimeoutException", "TimeoutError", "TransportError"})


def _names(error: BaseException) -> set[str]:
    return {cls.__name__ for cls in type(error).__mro__}


async def record(
    opening: AbstractAsyncContextManager[Response],
    *,
    dialect: str,
    operation: str,
    timeout_s: float,
    secret: str | None = None,
    private: Mapping[str, str] | None = None,
) -> dict[str, JSON]:
    """Send one request and return the raw Exchange of it; raises nothing for HTTP trouble.

    Args:
        opening: sends the request when it is entered, and yields the unread response.
        dialect: wire grammar, kept in the record.
        operation: see `drift.model.Operation`, kept in the record.
        timeout_s: seconds for the whole exchange, from the first byte out to the last byte in.
        secret: the key in use; where a reply repeats it, or whatever credential went out, it is replaced by "[key]".
        private: what else must not be kept, such as the id of an account in a path → what stands in its place.
    """
    heard = _Heard({**(private or {}), **({secret: "[key]"} if secret else {})})
    listening = _listening.set(heard)
    fault: dict[str, str] | None = None
    started = time.perf_counter()
    try:
        async with asyncio.timeout(timeout_s), opening as response:
            heard.note_response(response)
            async for chunk in response.aiter_bytes():
                heard.feed(chunk)
    except Exception as error:  # noqa: BLE001 - whatever breaks on the wire is recorded, never lost
        fault = heard.fault(error)
    finally:
        _listening.reset(listening)
    finished = time.perf_counter()
    first = heard.first_event_at
    return {
        "dialect": dialect,
        "operation": operation,
        "request": heard.request,
        "status": heard.status,
        "headers": heard.headers,
        **heard.reply(ended=fault is None),
        "error": fault,
        "latency_ms": round((finished - started) * 1000, 3),
        "first_event_ms": None if first is None else round((first - started) * 1000, 3),
        "attempts": 1,
        "retries": [],
    }
