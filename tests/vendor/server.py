# Sockets, framing, faults and the log.
# Owns: the HTTP server. Refuses to know: what a body means.
"""The server: one thread a connection, bound to loopback only."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.vendor import batches, chat, cloud, gemini, messages, responses
from tests.vendor.batches import Jobs
from tests.vendor.switches import Fault, Received, Switches, find_event
from tests.vendor.wire import Outgoing, RefusedError, Request, dumps


class Vendor:
    """A running vendor. Use it as a context manager.

    Attributes:
        switches: how it behaves, see `Switches`.
        faults: what goes wrong next, first come first served, see `Fault`.
        log: every request, in order of their arrival.
    """

    def __init__(self, port: int = 0) -> None:
        self.switches = Switches()
        self.faults: list[Fault] = []
        self.log: list[Received] = []
        self.jobs = Jobs()
        self._lock = threading.Lock()
        self._numbers = 0
        handler = type("Handler", (_Handler,), {"vendor": self})
        self._server = _Server(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Base address of the Messages API."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def openai_url(self) -> str:
        """Base address of Chat Completions and Responses."""
        return f"{self.url}/v1"

    @property
    def gemini_url(self) -> str:
        """Base address of the Gemini API; the version is part of the path behind it."""
        return self.url

    @contextmanager
    def behaving(self, *events: str, **changes: Any) -> Iterator[None]:
        """Let documented events happen (by their id or the name of their switch) and change switches, for a block."""
        before = self.switches
        happened = (*before.events, *map(find_event, events))
        self.switches = replace(before, **{"events": happened, **changes})
        try:
            yield
        finally:
            self.switches = before

    def fail(self, status: int | None = None, *, times: int = 1, **fault: Any) -> None:
        """Let the next `times` requests go wrong; see `Fault` for what may be said."""
        self.faults.append(Fault(status=status, times=times, **fault))

    def note(self, received: Received) -> int:
        """Put a new request into the log and return its number, from 1."""
        with self._lock:
            self.log.append(received)
            self._numbers += 1
            return self._numbers

    def take_fault(self, path: str) -> Fault | None:
        """Return the fault that meets a request of this path."""
        with self._lock:
            for fault in self.faults:
                if fault.times > 0 and path.endswith(fault.path):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about clients that were killed; everything else is a mistake of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    vendor: Vendor
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_: object) -> None:
        """Stay silent: a key may stand in a request."""

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # the client was killed in the middle of asking
            self.close_connection = True
            return
        url = urlsplit(self.path)
        names = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.command, self.path, names, body)
        number = self.vendor.note(received)
        switches = self.vendor.switches
        time.sleep(switches.delay_s)
        dialect = _dialect(url.path, names)
        fault = self.vendor.take_fault(url.path)
        if fault is not None:
            time.sleep(fault.hang_s)
        try:
            if fault is not None and fault.drop:
                self._drop()
                return
            request = Request(
                self.command,
                url.path,
                parse_qs(url.query),
                names,
                body,
                _key(names),
                number,
                switches,
                self.vendor.jobs,
            )
            outgoing = _outgoing(dialect, request, fault)
            received.status = outgoing.status
            extra = {**dialect.headers(number), **outgoing.headers, **(fault.headers if fault else {})}
            self._reply(outgoing, extra, fault, switches, received)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client hung up

    def _reply(
        self,
        outgoing: Outgoing,
        extra: dict[str, str],
        fault: Fault | None,
        switches: Switches,
        received: Received,
    ) -> None:
        streamed = outgoing.pieces is not None
        raw = fault.body if fault and fault.body is not None else None
        plain = outgoing.content_type == "application/json"
        kind = "text/event-stream; charset=utf-8" if streamed and plain else outgoing.content_type
        kind = fault.content_type if fault and raw is not None else switches.content_type or kind
        self.send_response(outgoing.status)
        for name, value in {"content-type": kind, **extra}.items():
            self.send_header(name, value)
        left = fault.cut if fault is not None else None
        if outgoing.pieces is None or raw is not None:
            content = raw if raw is not None else outgoing.content
            content = dumps(outgoing.value) if content is None else content
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            part = content if left is None else content[:left]
            received.sent += part  # before it goes out: who has the answer finds it in the log
            self.wfile.write(part)
            self.wfile.flush()
        else:
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for piece in outgoing.pieces():
                part = piece if left is None else piece[:left]
                if part:
                    received.sent += part
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                    self.wfile.flush()
                if left is not None:
                    left -= len(part)
                    if not left:
                        break
                time.sleep(switches.chunk_delay_s)
            if left is None:
                self.wfile.write(b"0\r\n\r\n")
                self.wfile.flush()
        if left is not None:
            self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class openai_batches:  # noqa: N801 - stands beside the modules
    """Files and batches of OpenAI: a batch holds requests to either endpoint."""

    headers = chat.headers
    failure = chat.failure

    @staticmethod
    def handle(request: Request) -> Outgoing:
        """Answer one request; raises RefusedError."""
        chat.authenticate(request)
        return batches.openai(request, lambda one: _dialect(one.path, one.headers).handle(one), chat.failure)


def _dialect(path: str, headers: dict[str, str]) -> Any:
    """Return the module that speaks for a request: three vendors have /v1/models, told apart by their headers."""
    if (behind_a_cloud := cloud.dialect_of(path)) is not None:
        return behind_a_cloud
    if "anthropic-version" in headers or path.startswith("/v1/messages"):
        return messages
    if path.startswith(("/v1/batches", "/v1/files")) and "x-goog-api-key" not in headers:
        return openai_batches
    if gemini.is_ours(path, headers):
        return gemini
    return responses if path.startswith("/v1/responses") else chat


def _key(headers: dict[str, str]) -> str | None:
    for name in (
        "x-api-key",
        "x-goog-api-key",
    ):  # with a bearer token beside it, the first vendor uses this one
        if name in headers:
            return headers[name]
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else None


def _outgoing(dialect: Any, request: Request, fault: Fault | None) -> Outgoing:
    number = request.number
    if fault is not None and fault.status is not None:
        return Outgoing(fault.status, dialect.failure(fault.status, number, fault.kind))
    try:
        outgoing: Outgoing = dialect.handle(request)
    except RefusedError as refused:
        value = dialect.failure(refused.status, number, message=refused.message, **refused.details)
        return Outgoing(refused.status, value)
    return outgoing
