# What every provider is, and the door to them: a target becomes something that can be asked.
# Owns: the Provider protocol, the order of a conversation, outcomes, keys and base addresses. Refuses to
# know: wire grammar, retries, the store.
"""Providers: send a probe to a target, return the raw replies.

A provider never raises for HTTP trouble and never repeats a request: what happened is in the reply, and
whether to try again is the runner's business.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

from drift.errors import MissingKeyError, UsageError
from drift.http import CREDENTIAL_HEADERS, is_loopback
from drift.model import JSON, Exchange, Outcome, Probe, Snapshot, Target
from drift.providers.render import ConversationEndsError

PLATFORMS = ("anthropic", "compatible", "local", "openai", "replay")
"""Platforms that `open_provider` knows."""

_DIALECTS = {"anthropic": ("anthropic",), "local": ("anthropic", "openai-chat")}

_NO_KEY = "drift-no-key"
"""Sent to a host on this machine when there is no key: some servers insist on a header."""

_MAX_PAGES = 50

Attempt = Callable[[], Awaitable[dict[str, JSON]]]
"""Sends one request and returns its raw Exchange."""

Around = Callable[[Exchange, Attempt], Awaitable[dict[str, JSON]]]
"""Wraps every request of a conversation, so that a caller can repeat it or count it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one probe: a sample before it is stored.

    Attributes:
        outcome: of the last request.
        document: the raw document, see `drift.observe`.
        dialect: of the last request.
        latency_ms: wall time of the last request, or None.
    """

    outcome: Outcome
    document: dict[str, JSON]
    dialect: str
    latency_ms: float | None


class Provider(Protocol):
    """Something that can be asked a probe.

    Attributes:
        target: what is probed.
        vendor: vendor whose API it is ("anthropic", "openai", "compatible", "local", …).
        sdk: "anthropic 2.12.0", or None when no SDK is used.
        api_version: API version that goes over the wire, or None.
        dialects: dialects that it speaks, in order of preference.
        base_url: other host than the vendor's own, or None.
        key_variable: environment variable that holds the key, or None when there is no key.
    """

    target: Target
    vendor: str
    sdk: str | None
    api_version: str | None
    dialects: tuple[str, ...]
    base_url: str | None
    key_variable: str | None

    def dialect_for(self, probe: Probe) -> str | None:
        """Return the dialect in which this probe would be asked; None when it cannot be carried."""
        ...

    async def ask(self, probe: Probe, epoch: int, around: Around | None = None) -> Reply:
        """Run the probe's exchanges in order; raises nothing for HTTP trouble.

        Args:
            probe: the probe; `dialect_for` must not be None for it.
            epoch: number of the repetition, from 1.
            around: wraps every request; None sends each once.
        """
        ...

    async def aclose(self) -> None:
        """Close connections and whatever else is open."""
        ...


class Conversation(ABC):
    """A provider that sends requests over a wire: subclasses say how one request is sent."""

    target: Target
    vendor: str
    sdk: str | None = None
    api_version: str | None = None
    dialects: tuple[str, ...] = ()
    base_url: str | None = None
    key_variable: str | None = None

    def dialect_for(self, probe: Probe) -> str | None:
        """Return the first of our dialects that the probe allows."""
        return next((name for name in self.dialects if not probe.dialects or name in probe.dialects), None)

    @abstractmethod
    async def send(
        self, exchange: Exchange, dialect: str, turns: Sequence[Mapping[str, JSON]]
    ) -> dict[str, JSON]:
        """Send one request and return its raw Exchange; raises nothing for HTTP trouble.

        Args:
            exchange: what to ask.
            dialect: one of `dialects`.
            turns: raw Exchanges received so far in this sample, one for each exchange of the probe.

        Raises:
            ConversationEndsError: the exchange replays a turn that cannot be replayed; nothing was sent.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Close connections and whatever else is open."""

    async def ask(self, probe: Probe, epoch: int, around: Around | None = None) -> Reply:
        """Run the probe's exchanges in order; see `Provider.ask`.

        A list of models is read to its last page: one raw Exchange for each page. The conversation ends early
        when a request failed, or when the next exchange replays a turn that did not arrive or held no tool
        call.
        """
        del epoch  # every repetition is the same request
        dialect = self.dialect_for(probe)
        if dialect is None:
            raise UsageError(f"{self.target.spec} cannot carry probe {probe.id}", "leave it out of the run")
        entries: list[dict[str, JSON]] = []
        turns: list[dict[str, JSON]] = []
        for exchange in probe.exchanges:
            page: Exchange | None = exchange
            try:
                while page is not None and len(entries) < len(turns) + _MAX_PAGES:
                    attempt = partial(self.send, page, dialect, turns)
                    entries.append(await (around(page, attempt) if around else attempt()))
                    page = next_page(page, entries[-1])
            except ConversationEndsError:
                break
            turns.append(entries[-1])
            if outcome_of(entries[-1], probe) == "failed":
                break
        if not entries:
            raise UsageError(f"probe {probe.id} asks nothing", "give it an exchange that stands alone")
        last = entries[-1]
        return Reply(outcome_of(last, probe), {"exchanges": entries}, last["dialect"], last["latency_ms"])


def next_page(exchange: Exchange, entry: Mapping[str, JSON]) -> Exchange | None:
    """Return the request for the next page of a list of models, or None when this was the last."""
    body = entry["body"]
    if exchange.operation != "list_models" or not isinstance(body, Mapping):
        return None
    last = body.get("last_id")
    if (
        body.get("has_more") is not True
        or not isinstance(last, str)
        or exchange.params.get("after_id") == last
    ):
        return None
    return replace(exchange, params={**exchange.params, "after_id": last})


_FAULTS = frozenset({401, 403, 408, 409, 429})
"""Refusals that say something about us or the moment, not about the API."""


def outcome_of(entry: Mapping[str, JSON], probe: Probe) -> Outcome:
    """Return the outcome of one raw Exchange; a status that the probe expects is always a rejection."""
    status = entry["status"]
    if status is None or entry["error"] is not None:
        return "failed"
    if 200 <= status < 300:
        return "response"
    if status in probe.expect.status or (400 <= status < 500 and status not in _FAULTS):
        return "rejected"
    return "failed"


_PASSING = frozenset(
    {
        "api_error",
        "internal_server_error",
        "overloaded_error",
        "rate_limit_error",
        "server_error",
        "timeout_error",
    }
)


def note_stream_fault(entry: dict[str, JSON]) -> dict[str, JSON]:
    """Name trouble that a vendor reports inside a stream which began with status 200: it is no answer."""
    last = entry["events"][-1]["data"] if entry["events"] else None
    error = last.get("error") if isinstance(last, Mapping) else None
    kind = error.get("type") if isinstance(error, Mapping) else None
    if entry["error"] is None and isinstance(kind, str) and kind in _PASSING:
        return {**entry, "error": {"kind": "cut", "message": f"the stream ended with an error event: {kind}"}}
    return entry


def names_credential(headers: Mapping[str, str]) -> bool:
    """Say whether a probe brings its own credential (a wrong one, or none at all)."""
    return not CREDENTIAL_HEADERS.isdisjoint(name.lower() for name in headers)


# Opening


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send to, and with which key.

    Attributes:
        base_url: other host, or None for the vendor's own.
        key: the key, or None to send none.
        key_variable: name of the environment variable of the key.
    """

    base_url: str | None
    key: str | None
    key_variable: str

    def __repr__(self) -> str:
        """Keep the key out of tracebacks and logs."""
        return f"Endpoint(base_url={self.base_url!r}, key_variable={self.key_variable!r})"


@dataclass(frozen=True, slots=True)
class _Platform:
    key_variables: tuple[str, ...]
    url_variable: str
    needs_key: bool
    needs_url: bool


_OVER_HTTP: Mapping[str, _Platform] = {
    "anthropic": _Platform(("ANTHROPIC_API_KEY",), "ANTHROPIC_BASE_URL", needs_key=True, needs_url=False),
    "openai": _Platform(("OPENAI_API_KEY",), "OPENAI_BASE_URL", needs_key=True, needs_url=False),
    "compatible": _Platform(
        ("DRIFT_COMPATIBLE_API_KEY", "OPENAI_API_KEY"), "OPENAI_BASE_URL", needs_key=False, needs_url=True
    ),
}


def open_provider(target: Target, *, timeout_s: float = 120, snapshot: Snapshot | None = None) -> Provider:
    """Open the provider of a target. Keys are read from the environment here and nowhere else.

    Args:
        target: what to probe.
        timeout_s: seconds for one whole request.
        snapshot: the stored run that a `replay` target plays.

    Raises:
        UsageError: an unknown platform, a base address that is none, or a replay without a snapshot.
        MissingKeyError: the vendor's key is not in the environment.
    """
    if target.platform not in PLATFORMS:
        raise UsageError(f"unknown platform {target.platform!r}", f"use one of {', '.join(PLATFORMS)}")
    if not target.model:
        raise UsageError(f"{target.spec!r} names no model", "write it as platform/model")
    if target.platform == "replay":
        from drift.providers.replay import ReplayProvider

        if snapshot is None:
            raise UsageError(f"{target.spec} plays no stored run", "name a complete run")
        return ReplayProvider(target, snapshot)
    if target.platform == "local":
        from drift.providers import local

        opened: Provider = local.open_local(target, timeout_s)
        return opened
    endpoint = find_endpoint(target)
    if target.platform == "anthropic":
        from drift.providers.anthropic import AnthropicProvider

        return AnthropicProvider(target, endpoint, timeout_s=timeout_s)
    from drift.providers.openai import OpenAIProvider

    return OpenAIProvider(target, endpoint, timeout_s=timeout_s)


def dialects_of(platform: str) -> tuple[str, ...]:
    """Return the dialects of a platform in order of preference, without opening anything."""
    return _DIALECTS.get(platform, ("openai-chat",))


def find_endpoint(target: Target) -> Endpoint:
    """Return where an HTTP platform is and which key it takes; errors as in `open_provider`."""
    platform = _OVER_HTTP[target.platform]
    base_url = target.base_url or os.environ.get(platform.url_variable) or None
    if base_url is None and platform.needs_url:
        raise UsageError(f"{target.spec} has no address", "give --base-url or base_url")
    if base_url is not None:
        _check_url(base_url)
    loopback = is_loopback(base_url)
    variable = next((name for name in platform.key_variables if os.environ.get(name)), None)
    if variable is None:
        if platform.needs_key and not loopback:
            raise MissingKeyError(platform.key_variables[0], target.spec)
        return Endpoint(base_url, _NO_KEY if loopback else None, platform.key_variables[0])
    key = os.environ[variable].strip()
    if not key or not all("!" <= character <= "~" for character in key):
        raise UsageError(f"the environment variable {variable} holds no key", "set it to the key alone")
    return Endpoint(base_url, key, variable)


def _check_url(base_url: str) -> None:
    """Refuse an address that is none or more than one, without repeating it: it may hold a password."""
    todo = "write it as https://host/path"
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError("the base URL cannot be read", todo) from None
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError("the base URL is no http address", todo)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError("the base URL holds credentials, a query or a fragment", todo)
