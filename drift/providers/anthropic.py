# Claude through the official SDK, with the raw reply captured underneath.
# Owns: the anthropic package and what its signatures can carry. Refuses to know: SDK objects of replies (they
# lose unknown fields), retries, the store.
"""The provider for Claude: the SDK sends, because that is what integrations use, and the wire is recorded."""

from __future__ import annotations

import inspect
import types
import warnings
from collections.abc import AsyncIterator, Coroutine, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from drift.http import CREDENTIAL_HEADERS, Response, event_hooks, is_loopback, record
from drift.model import JSON, Exchange, Target
from drift.providers import Conversation, Endpoint, names_credential, note_fault
from drift.providers.render import render

_LIFECYCLES = ["active", "deprecated", "retired"]
_PAGE = 1000
_REQUIRED = {"generate": {"max_tokens", "messages", "model"}, "count_tokens": {"messages", "model"}}
_PATHS = {"generate": "/v1/messages", "count_tokens": "/v1/messages/count_tokens"}
_NOT_BODY = {"extra_headers", "extra_query", "extra_body", "timeout", "user_profile_id", "workspace_id"}
"""Arguments of the SDK's methods that do not travel in the body."""
_BASE_URL = "https://api.anthropic.com"


class AnthropicProvider(Conversation):
    """The Messages API through `AsyncAnthropic`: its own defaults, without its retries and redirects.

    A cloud platform that serves it is a subclass with another client (see cloud.py).
    """

    vendor = "anthropic"

    def __init__(self, target: Target, endpoint: Endpoint, *, timeout_s: float) -> None:
        """Open a client; `target.api_version` is sent instead of the SDK's default when it is given."""
        import anthropic
        import httpx2

        self.target = target
        self.base_url = endpoint.base_url
        self.key_variable = endpoint.key_variable
        self.sdk = f"anthropic {anthropic.__version__}"
        self._key = endpoint.key
        self._timeout_s = timeout_s
        self._sdk = anthropic
        self._stream = httpx2.Response
        self._client = self._connect(
            endpoint,
            timeout=timeout_s,
            max_retries=0,
            open_telemetry=False,  # its spans may carry contents
            http_client=httpx2.AsyncClient(
                timeout=timeout_s,
                follow_redirects=False,  # a redirect would carry the key along
                trust_env=not is_loopback(endpoint.base_url),
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None),
                event_hooks=event_hooks(),
            ),
        )
        messages = self._client.messages
        self._known = {
            "generate": set(inspect.signature(messages.create).parameters) - _NOT_BODY,
            "count_tokens": set(inspect.signature(messages.count_tokens).parameters) - _NOT_BODY,
        }

    def _connect(self, endpoint: Endpoint, **settings: Any) -> Any:
        """Return the SDK's client for this platform, and set `api_version`, and `region` where there is one."""
        version = self.target.api_version
        client = self._sdk.AsyncAnthropic(
            api_key=endpoint.key,
            base_url=endpoint.base_url or _BASE_URL,
            default_headers={"anthropic-version": version} if version else None,
            **settings,
        )
        self.api_version = client.default_headers.get("anthropic-version") or None
        return client

    def _body(self, exchange: Exchange, dialect: str, turns: Sequence[Mapping[str, JSON]]) -> JSON:
        """Return the body of a request as the client is given it."""
        return render(exchange, dialect, self.target, turns)

    @property
    def _private(self) -> Mapping[str, str]:
        """What besides keys must not be kept → what stands in its place."""
        return {}

    async def send(
        self, exchange: Exchange, dialect: str, turns: Sequence[Mapping[str, JSON]]
    ) -> dict[str, JSON]:
        """Send one request; see `Conversation.send`. Warnings of the SDK are kept under "warnings"."""
        noted: list[str] = []
        body = None if exchange.operation == "list_models" else self._body(exchange, dialect, turns)
        entry = await record(
            self._open(exchange, body, noted),
            dialect=dialect,
            operation=exchange.operation,
            timeout_s=self._timeout_s,
            secret=self._key,
            private=self._private,
        )
        if noted:
            entry["warnings"] = noted
        return note_fault(entry)

    @asynccontextmanager
    async def _open(self, exchange: Exchange, body: JSON, noted: list[str]) -> AsyncIterator[Response]:
        """Send and yield the unread response, whatever its status."""
        try:
            response = await _noting_warnings(self._call(exchange, body), noted)
        except self._sdk.APIStatusError as refusal:
            response = refusal.response  # read already
        try:
            yield response
        finally:
            await response.aclose()

    async def _call(self, exchange: Exchange, body: JSON) -> Any:
        headers = self._headers(exchange.headers)
        raw: dict[str, Any] = {
            "cast_to": self._stream,
            "stream": True,  # of the HTTP body, not of the answer: the response comes back unread
            "stream_cls": self._sdk.AsyncStream,
        }
        if exchange.operation == "list_models":
            query = {"limit": _PAGE, "lifecycle": _LIFECYCLES, **exchange.params}
            return await self._client.get("/v1/models", options={"headers": headers, "params": query}, **raw)
        exact = "anthropic" in exchange.bodies
        if exact or not isinstance(body, Mapping) or not _REQUIRED[exchange.operation] <= body.keys():
            # The typed method could not say this: a body of the probe's own, or one that lacks what the API
            # demands.
            path = _PATHS[exchange.operation]
            return await self._client.post(path, body=body, options={"headers": headers}, **raw)
        known = self._known[exchange.operation]
        resource = self._client.messages.with_streaming_response
        method = resource.create if exchange.operation == "generate" else resource.count_tokens
        manager = method(
            **{name: value for name, value in body.items() if name in known},
            extra_body={name: value for name, value in body.items() if name not in known} or None,
            extra_headers=headers,
        )
        return (await manager.__aenter__()).http_response  # `_open` closes what this opens

    def _headers(self, changes: Mapping[str, str]) -> dict[str, Any]:
        """Return a probe's headers in the SDK's terms; a credential of its own replaces ours altogether."""
        omit = self._sdk.Omit()
        headers: dict[str, Any] = dict.fromkeys(CREDENTIAL_HEADERS, omit) if names_credential(changes) else {}
        return headers | {name.lower(): value or omit for name, value in changes.items()}

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.close()


@types.coroutine
def _noting_warnings(coroutine: Coroutine[Any, Any, Any], noted: list[str]) -> Generator[Any, Any, Any]:
    """Await a coroutine and keep the texts of warnings that it gives before it first waits.

    `warnings.catch_warnings` changes the whole process and may not stay open across an await, where
    other calls run. The SDK warns before it sends, so only the first step is watched.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            waiting = coroutine.send(None)
        except StopIteration as done:
            return done.value
        finally:
            noted.extend(str(warning.message) for warning in caught)
    while True:
        thrown: BaseException | None = None
        sent = None
        try:
            sent = yield waiting
        except BaseException as error:  # noqa: BLE001 - cancellation belongs to the coroutine
            thrown = error
        try:
            waiting = coroutine.send(sent) if thrown is None else coroutine.throw(thrown)
        except StopIteration as done:
            return done.value
