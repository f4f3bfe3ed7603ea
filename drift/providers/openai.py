# OpenAI's Chat Completions, and every host that speaks them.
# Owns: paths of this API. Refuses to know: httpx (see drift/http.py), retries, the store.
"""The provider for OpenAI and OpenAI-compatible hosts: plain JSON in, raw JSON out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drift.http import JsonClient
from drift.model import JSON, Exchange, Target
from drift.providers import Conversation, Endpoint, note_stream_fault
from drift.providers.render import render

_BASE_URL = "https://api.openai.com/v1"


class OpenAIProvider(Conversation):
    """Chat Completions over plain HTTP. Nothing counts tokens: a one-token answer reports the prompt."""

    dialects: tuple[str, ...] = ("openai-chat",)

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
        body = render(exchange, dialect, self.target, turns)
        entry = await self._client.send(
            "POST", "/chat/completions", body, headers=headers, dialect=dialect, operation=exchange.operation
        )
        return note_stream_fault(entry)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()
