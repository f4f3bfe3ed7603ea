# What every provider is, and the door to them: a target becomes something that can be asked.
# Owns: the Provider protocol, the order of a conversation, outcomes. Refuses to know: wire grammar, retries,
# the store.
"""Providers: send a probe to a target, return the raw replies.

A provider never raises for HTTP trouble and never repeats a request: what happened is in the reply, and
whether to try again is the runner's business.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from drift.errors import UsageError
from drift.model import JSON, Exchange, Outcome, Probe, Snapshot, Target
from drift.providers.platforms import (
    PLATFORMS,
    Endpoint,
    dialect_for,
    dialects_of,
    find_base_url,
    find_endpoint,
    names_credential,
    platform_of,
)
from drift.providers.render import ConversationEndsError

__all__ = [
    "PLATFORMS",
    "Around",
    "Attempt",
    "Conversation",
    "Endpoint",
    "Provider",
    "Reply",
    "dialect_for",
    "dialects_of",
    "find_base_url",
    "find_endpoint",
    "names_credential",
    "next_page",
    "note_fault",
    "open_provider",
    "outcome_of",
    "refuses_key",
]

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
        region: where a cloud platform serves the model, or None.
        base_url: other host than the vendor's own, or None.
        key_variable: environment variable that holds the key, or None when there is no key.
    """

    target: Target
    vendor: str
    sdk: str | None
    api_version: str | None
    region: str | None
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
    region: str | None = None
    base_url: str | None = None
    key_variable: str | None = None

    def dialect_for(self, probe: Probe) -> str | None:
        """Return the dialect in which this probe would be asked; see `drift.providers.platforms`."""
        return dialect_for(probe, self.target)

    @abstractmethod
    async def send(
        self, exchange: Exchange, dialect: str, turns: Sequence[Mapping[str, JSON]]
    ) -> dict[str, JSON]:
        """Send one request and return its raw Exchange; raises nothing for HTTP trouble.

        Args:
            exchange: what to ask.
            dialect: one of the platform's.
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
    token, last = body.get("nextPageToken"), body.get("last_id")
    if isinstance(token, str) and token:
        name, value = "pageToken", token
    elif body.get("has_more") is True and isinstance(last, str):
        name, value = "after_id", last
    else:
        return None
    if exchange.params.get(name) == value:
        return None  # it turns in a circle
    return replace(exchange, params={**exchange.params, name: value})


_FAULTS = frozenset({401, 403, 408, 409, 429})
"""Refusals that say something about us or the moment, not about the API."""


def outcome_of(entry: Mapping[str, JSON], probe: Probe) -> Outcome:
    """Return the outcome of one raw Exchange; a status that the probe expects is always a rejection."""
    status = entry["status"]
    if status is None or entry["error"] is not None:
        return "failed"
    if 200 <= status < 300:
        return "response"
    if status in probe.expect.status:
        return "rejected"
    if 400 <= status < 500 and status not in _FAULTS and not refuses_key(entry):
        return "rejected"
    if status == 500 and probe.purpose == "rejection" and isinstance(entry["body"], Mapping):
        return "rejected"  # however often it was asked: this API takes the caller's mistake for its own
    return "failed"


def refuses_key(entry: Mapping[str, JSON]) -> bool:
    """Say whether an API refuses the key, and not the request: one vendor says so with status 400."""
    if entry["status"] != 400:
        return bool(entry["status"] == 401)
    body = entry.get("body")
    error = body.get("error") if isinstance(body, Mapping) else None
    details = error.get("details") if isinstance(error, Mapping) else None
    reasons = [detail.get("reason") for detail in details or () if isinstance(detail, Mapping)]
    return any(isinstance(reason, str) and reason.startswith("API_KEY_") for reason in reasons)


_PASSING = frozenset(
    {
        "DEADLINE_EXCEEDED",
        "INTERNAL",
        "RESOURCE_EXHAUSTED",
        "UNAVAILABLE",
        "api_error",
        "internalServerException",
        "internal_server_error",
        "modelStreamErrorException",
        "modelTimeoutException",
        "overloaded_error",
        "rate_limit_error",
        "rate_limit_exceeded",
        "server_error",
        "serviceUnavailableException",
        "throttlingException",
        "timeout_error",
    }
)


def note_fault(entry: dict[str, JSON]) -> dict[str, JSON]:
    """Name trouble that a vendor reports under status 200, as a last event or a failed response: it is no answer."""
    if entry["error"] is not None or (entry["status"] or 0) // 100 != 2:
        return entry
    if entry["body"] is None and entry["events"] is None and _is_page(entry):
        kind = str(entry["headers"].get("content-type")).partition(";")[0]
        return {
            **entry,
            "error": {"kind": "cut", "message": f"a page of {kind} came, and no answer of an API"},
        }
    last = entry["events"][-1]["data"] if entry["events"] else entry["body"]
    kinds = _error_kinds(last[0] if isinstance(last, list) and len(last) == 1 else last)
    passing = next((kind for kind in kinds if kind in _PASSING), None)
    if passing is None:
        return entry
    where = "the stream ended with an error event" if entry["events"] else "the response failed"
    return {**entry, "error": {"kind": "cut", "message": f"{where}: {passing}"}}


def _is_page(entry: Mapping[str, JSON]) -> bool:
    """Whether what came is meant for a browser: a proxy, a login or another server stands before the API."""
    return (
        str(entry["headers"].get("content-type", ""))
        .casefold()
        .startswith(("text/html", "application/xhtml"))
    )


def _error_kinds(said: JSON) -> list[JSON]:
    """Return the words by which an event or a body names an error, wherever a dialect puts them."""
    if not isinstance(said, Mapping):
        return []
    holders = [said.get("error"), said if said.get("type") == "error" else None, said.get("response")]
    if isinstance(holders[2], Mapping):
        holders[2] = holders[2].get("error")
    return [
        holder.get(name)
        for holder in holders
        if isinstance(holder, Mapping)
        for name in ("type", "status", "code")
        if isinstance(holder.get(name), str)
    ]


# Opening


def open_provider(target: Target, *, timeout_s: float = 120, snapshot: Snapshot | None = None) -> Provider:
    """Open the provider of a target. Keys are read from the environment here and nowhere else.

    Args:
        target: what to probe.
        timeout_s: seconds for one whole request.
        snapshot: the stored run that a `replay` target plays.

    Raises:
        UsageError: an unknown platform or dialect, a base address that is none, a replay without a snapshot, an extra
            that is not installed, or no region.
        MissingKeyError: the vendor's key is not in the environment.
    """
    platform = platform_of(target)
    if target.platform == "replay":
        from drift.providers.replay import ReplayProvider

        if snapshot is None:
            raise UsageError(f"{target.spec} plays no stored run", "name a complete run")
        return ReplayProvider(target, snapshot)
    if target.platform == "local":
        from drift.providers import local

        opened: Provider = local.open_local(target, timeout_s)
        return opened
    if platform.extra:
        from drift.providers.cloud import open_cloud

        return open_cloud(target, timeout_s=timeout_s)
    endpoint = find_endpoint(target)
    if target.platform == "anthropic":
        from drift.providers.anthropic import AnthropicProvider

        return AnthropicProvider(target, endpoint, timeout_s=timeout_s)
    if target.platform == "gemini":
        from drift.providers.gemini import GeminiProvider

        return GeminiProvider(target, endpoint, timeout_s=timeout_s)
    from drift.providers.openai import OpenAIProvider

    return OpenAIProvider(target, endpoint, timeout_s=timeout_s)
