# OpenAI's two APIs, Chat Completions and Responses, and every host that speaks one of them.
# Owns: paths of these APIs. Refuses to know: httpx (see drift/http), retries, the store.
"""The provider for OpenAI and OpenAI-compatible hosts: plain JSON in, raw JSON out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drift.http import JsonClient
from drift.model import JSON, Exchange, Target
from drift.providers import Conversation, Endpoint, note_fault
from drift.providers.render import render

_BASE_URL = "https://api.openai.com/v1"


_PATHS = {"openai-chat": "/chat/completions", "openai-responses": "/responses"}


class OpenAIProvider(Conversation):
    """Both dialects over plain HTTP.

    Responses counts tokens; in Chat Completions a one-token answer reports the size of the prompt.
    """

    def __init__(self, target: Target, endpoint: Endpoint, *, timeout_s: float) -> None:
        """Open connections to the endpoint; its `base_url` holds the version ("…/v1")."""
        self.target = target
        self.vendor = target.platform
        self.base_url = endpoint.base_url
        self.key_variable = endpoint.key_variable
        self._client = JsonClient(endpoint.base_url or _BASE_URL, key=endpoint.key, timeout_s=timeout_s)

    async def send(
        self, exchange: Exchange, dialect: str, turns: Sequence[Mapping[str, JSON]]
    ) -> dict[str, JSON]:
        """Send one request; see `Conversation.send`."""
        headers = exchange.headers
        if exchange.operation == "list_models":
            return await self._client.send(
                "GET",
                "/models",
                query=exchange.params,
                headers=headers,
                dialect=dialect,
                operation="list_models",
            )
        path = _PATHS[dialect]
        if exchange.operation == "count_tokens" and dialect == "openai-responses":
            path += "/input_tokens"
        body = render(exchange, dialect, self.target, turns)
        entry = await self._client.send(
            "POST", path, body, headers=headers, dialect=dialect, operation=exchange.operation
        )
        return note_fault(entry)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()
