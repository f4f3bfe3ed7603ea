# The one plain-HTTP client: JSON in, the raw exchange out.
# Owns: httpx, and what goes out with every request. Refuses to know: dialects, retries, where a key comes from.
"""Send requests that no SDK sends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from drift import __version__
from drift.http.headers import merge_headers
from drift.http.recording import Response, event_hooks, record
from drift.model import JSON

if TYPE_CHECKING:
    import httpx


def is_loopback(base_url: str | None) -> bool:
    """Say whether an address is on this machine. Such a host needs no key and is never behind a proxy."""
    from ipaddress import ip_address

    host = urlsplit(base_url or "").hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


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
