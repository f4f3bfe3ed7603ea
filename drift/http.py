# One HTTP exchange as data: what was sent, what came back in which order, and what went wrong on the way.
# Owns: httpx, server-sent events, header allow-lists, taking secrets out, the names of transport trouble.
# Refuses to know: dialects, retries, where a key comes from.
"""The one plain-HTTP client, and the recorder that every provider uses.

`record` turns one request into the raw Exchange of a sample's document (see `drift.observe`). It reads
responses of httpx and of its fork httpx2 alike, so the official Anthropic client is recorded by the same code
as our own calls. Nothing in here raises for HTTP trouble: trouble is part of the record.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from drift import __version__
from drift.amazon import CONTENT_TYPE as AMAZON_EVENTS
from drift.amazon import AmazonEventParser
from drift.canonical import strict_loads
from drift.model import JSON

if TYPE_CHECKING:
    import httpx

CREDENTIAL_HEADERS = frozenset(
    {"api-key", "authorization", "x-amz-security-token", "x-api-key", "x-goog-api-key"}
)
"""Headers that carry a key. They are never recorded."""

_REQUEST_HEADERS = frozenset(
    {
        "accept",
        "anthropic-beta",
        "anthropic-version",
        "content-type",
        "openai-beta",
        "user-agent",
        "x-stainless-package-version",
    }
)
_RESPONSE_HEADERS = frozenset(
    {
        "apim-request-id",
        "content-type",
        "date",
        "deprecation",
        "openai-processing-ms",
        "openai-version",
        "request-id",
        "retry-after",
        "retry-after-ms",
        "sunset",
        "warning",
        "x-amzn-errortype",
        "x-amzn-requestid",
        "x-ms-region",
        "x-request-id",
        "x-should-retry",
    }
)
_RESPONSE_PREFIXES = ("anthropic-", "x-amzn-bedrock-", "x-ratelimit-")
_SCHEME = re.compile(r"(api-?key|aws4-hmac-sha256|basic|bearer|digest|token) ", re.IGNORECASE)
"""Schemes that may be told: any other first word could be part of a key."""
_IDENTITY = ("organization", "workspace", "project", "profile", "account", "user-id")

_MAX_REPLY_BYTES = 64 * 2**20
"""A reply beyond this is hostile or broken; what came until then is kept."""
_MAX_DEPTH = 100
"""JSON nested deeper is kept as text: it would exhaust the stack of whoever walks it."""
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


def safe_request_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the request headers worth keeping, lower case; never one with a key or an identity."""
    return _joined(headers, _REQUEST_HEADERS.__contains__)


def auth_schemes(headers: Iterable[tuple[str, str]]) -> list[str]:
    """Return how a request carries its credentials, such as ["authorization bearer"]; never the credentials."""
    found: set[str] = set()
    for name, value in headers:
        if name.lower() in CREDENTIAL_HEADERS:
            scheme = _SCHEME.match(value)
            found.add(f"{name} {scheme[1]}".lower() if scheme else name.lower())
    return sorted(found)


def credentials_of(headers: Iterable[tuple[str, str]]) -> list[str]:
    """Return the secret parts of a request's headers: keys, tokens, and of a signature the key's id and the hash."""
    found: list[str] = []
    for name, value in headers:
        if name.lower() in CREDENTIAL_HEADERS:
            signed = re.findall(r"(?:Credential|Signature)=([^/,\s]+)", value)
            found += signed or [value.rpartition(" ")[2]]
    return found


def safe_response_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the response headers worth keeping, lower case; never a cookie or an organisation id."""
    return _joined(headers, _is_safe_response_header)


def _is_safe_response_header(name: str) -> bool:
    if name in _RESPONSE_HEADERS:
        return True
    return name.startswith(_RESPONSE_PREFIXES) and not any(word in name for word in _IDENTITY)


def _joined(headers: Iterable[tuple[str, str]], keep: Callable[[str], bool]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()  # noqa: PLW2901 - the one spelling from here on
        if keep(name):
            kept[name] = f"{kept[name]}, {value}" if name in kept else value
    return kept


def parse_json(text: str) -> JSON:
    """Parse a reply that has to survive storing unchanged.

    Raises:
        ValueError: no strict JSON (NaN, a key twice), a number beyond floats, or nested deeper than 100
        levels. Such a
            reply is kept as text: a parsed value would not be what came over the wire.
    """
    value = strict_loads(text)
    if text.count("[") + text.count("{") > _MAX_DEPTH and _depth(value) > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    json.dumps(value, allow_nan=False)  # 1e999 parses to infinity, which no JSON text can hold
    return value


def _depth(value: JSON) -> int:
    depth = 0
    level = [value]
    while level:
        depth += 1
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


class EventParser:
    r"""Server-sent events out of bytes, however they are cut into chunks.

    Knows all three line endings, data over several lines, comments and a leading byte order mark. An event's
    data is parsed JSON, or the raw string where it is none (`[DONE]`). Undecodable bytes become surrogates,
    so nothing is lost.
    """

    _LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a trailing \r may be half of \r\n

    def __init__(self) -> None:
        self._pending: list[bytes] = []
        self._at_start = True
        self._name: str | None = None
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[dict[str, JSON]]:
        """Return the events that this chunk completes."""
        if not chunk:
            return []
        ends = b"\n" in chunk or b"\r" in chunk or (self._pending and self._pending[-1].endswith(b"\r"))
        self._pending.append(chunk)
        if not ends:
            return []  # a long line in many chunks is joined once, not once a chunk
        *lines, rest = self._LINE_END.split(b"".join(self._pending))
        self._pending = [rest]
        return [event for line in lines if (event := self._line(line)) is not None]

    def close(self) -> list[dict[str, JSON]]:
        """Return the event that a clean end completes: some servers leave out the last empty line."""
        rest = b"".join(self._pending).removesuffix(b"\r")
        self._pending = []
        events = [self._line(rest)] if rest else []
        events.append(self._line(b""))
        return [event for event in events if event is not None]

    def rest(self) -> str:
        """Return what arrived of an event that a cut left unfinished, as text."""
        lines = [] if self._name is None else [f"event: {self._name}"]
        lines += [f"data: {line}" for line in self._data]
        tail = _decode(b"".join(self._pending))
        return "\n".join([*lines, tail] if tail else lines)

    def _line(self, raw: bytes) -> dict[str, JSON] | None:
        line = _decode(raw)
        if self._at_start:
            line = line.removeprefix("\ufeff")
            self._at_start = False
        if not line:
            if self._name is None and not self._data:
                return None
            event = {"event": self._name, "data": _json_or_text("\n".join(self._data))}
            self._name, self._data = None, []
            return event
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        return None


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", errors="surrogateescape")


def _json_or_text(text: str) -> JSON:
    try:
        return parse_json(text)
    except ValueError:
        return text


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
            self._parser = AmazonEventParser(_json_or_text)

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
        text = self._clean(_decode(b"".join(self._chunks)))
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


def is_loopback(base_url: str | None) -> bool:
    """Say whether an address is on this machine. Such a host needs no key and is never behind a proxy."""
    from ipaddress import ip_address

    host = urlsplit(base_url or "").hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def merge_headers(defaults: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """Return the headers to send, lower case; the value "" removes one.

    A change of any credential header replaces the credential altogether: an error probe with a wrong key must
    not be accepted because the right one travels beside it.
    """
    changes = {name.lower(): value for name, value in changes.items()}
    headers = {name.lower(): value for name, value in defaults.items()}
    if changes.keys() & CREDENTIAL_HEADERS:
        headers = {name: value for name, value in headers.items() if name not in CREDENTIAL_HEADERS}
    return {name: value for name, value in {**headers, **changes}.items() if value}


class JsonClient:
    """Plain JSON in, raw JSON out. Follows no redirect, because a redirect would carry the key along.

    The number of connections is not limited here: there is one for each call that the runner has in flight.
    """

    def __init__(
        self, base_url: str, *, key: str | None, timeout_s: float, key_header: str = "authorization"
    ) -> None:
        """Create a client.

        Args:
            base_url: may hold a path, to which the paths of requests are joined.
            key: the key, or None to send none.
            timeout_s: seconds for one whole exchange.
            key_header: header that carries the key; "authorization" as a bearer token.
        """
        import httpx

        self._key = key
        self._key_header = key_header
        self._timeout_s = timeout_s
        self._client: httpx.AsyncClient = httpx.AsyncClient(
            base_url=base_url,
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=not is_loopback(base_url),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
            event_hooks=event_hooks(),
        )

    async def send(
        self,
        method: str,
        path: str,
        body: JSON | None = None,
        *,
        query: Mapping[str, JSON] | None = None,
        headers: Mapping[str, str] | None = None,
        dialect: str,
        operation: str,
    ) -> dict[str, JSON]:
        """Send one request and return the raw Exchange of it; `body` None sends none."""
        defaults = {"accept": "application/json", "user-agent": f"model-drift-tracker/{__version__}"}
        content = None
        if body is not None:
            defaults["content-type"] = "application/json"
            content = json.dumps(body, separators=(",", ":"), allow_nan=False)
        if self._key:
            bearer = "Bearer " if self._key_header == "authorization" else ""
            defaults[self._key_header] = f"{bearer}{self._key}"
        return await record(
            self._open(method, path, content, query, merge_headers(defaults, headers or {})),
            dialect=dialect,
            operation=operation,
            timeout_s=self._timeout_s,
            secret=self._key,
        )

    @asynccontextmanager
    async def _open(
        self,
        method: str,
        path: str,
        content: str | None,
        query: Mapping[str, JSON] | None,
        headers: Mapping[str, str],
    ) -> AsyncIterator[Response]:
        request = self._client.build_request(method, path, content=content, params=query, headers=headers)
        for name in ("accept", "user-agent"):  # httpx puts its own where ours were removed
            if name not in headers:
                del request.headers[name]
        response = await self._client.send(request, stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()
