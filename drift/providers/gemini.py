# The Gemini API over plain HTTP: the model and the API version stand in the path, the key in a header.
# Owns: paths of this API and its default version. Refuses to know: httpx (see drift/http), retries, the store.
"""The provider for Gemini: plain JSON in, raw JSON out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from drift.http import JsonClient
from drift.model import JSON, Exchange, Target
from drift.providers import Conversation, Endpoint, note_fault
from drift.providers.render import render

_BASE_URL = "https://generativelanguage.googleapis.com"
_VERSION = "v1beta"
"""What the reference of the REST API and most integrations send; google-genai sends "v1" since 3.0.0."""
_PAGE = 1000


class GeminiProvider(Conversation):
    """`generateContent`, its stream as server-sent events, `countTokens` and the list of models."""

    vendor = "google"

    def __init__(self, target: Target, endpoint: Endpoint, *, timeout_s: float) -> None:
        """Open connections to the endpoint; its `base_url` ends before the API version."""
        self.target = target
        self.base_url = endpoint.base_url
        self.key_variable = endpoint.key_variable
        self.api_version = target.api_version or _VERSION
        self._client = JsonClient(
            endpoint.base_url or _BASE_URL,
            key=endpoint.key,
            key_header="x-goog-api-key",  # the API takes it in the query as well, where every log would keep it
            timeout_s=timeout_s,
        )

    async def send(
        self, exchange: Exchange, dialect: str, turns: Sequence[Mapping[str, JSON]]
    ) -> dict[str, JSON]:
        """Send one request; see `Conversation.send`."""
        if exchange.operation == "list_models":
            return await self._client.send(
                "GET",
                f"/{self.api_version}/models",
                query={"pageSize": _PAGE, **exchange.params},
                headers=exchange.headers,
                dialect=dialect,
                operation="list_models",
            )
        model = quote(exchange.model or self.target.model, safe="/@-._~")
        name = model if "/" in model else f"models/{model}"
        verb = "countTokens" if exchange.operation == "count_tokens" else "generateContent"
        if exchange.stream and verb == "generateContent":
            verb = "streamGenerateContent?alt=sse"  # without it the stream is one JSON array
        entry = await self._client.send(
            "POST",
            f"/{self.api_version}/{name}:{verb}",
            render(exchange, dialect, self.target, turns),
            headers=exchange.headers,
            dialect=dialect,
            operation=exchange.operation,
        )
        return note_fault(entry)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()
