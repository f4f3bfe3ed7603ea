# Asking a vendor or a host for its list of models, to the last page.
# Owns: the request, and what is kept of the reply. Refuses to know: wire grammar, keys, the store.
"""Take a list of models."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from drift.catalogue.reading import Catalogue, entries_of, read_catalogue
from drift.errors import UnmeasuredError
from drift.model import JSON, Exchange, Expect, Probe, Target
from drift.prices import find_price
from drift.providers import open_provider

_ANY = "models"
"""A list is asked for without a model; a target has to name one."""

_PROBE = Probe(
    "catalogue/models", "catalogue", "catalogue", "unknown", (Exchange(operation="list_models"),), Expect()
)


class Taken(NamedTuple):
    """A list as it came, and as it is read."""

    raw: dict[str, JSON]
    catalogue: Catalogue


def take(target: Target, *, timeout_s: float = 60) -> Taken:
    """Ask for the list of models of a target's host.

    Raises:
        UsageError: an unknown platform, or no address.
        MissingKeyError: the vendor's key is not in the environment.
        UnmeasuredError: the host could not be reached, or refuses.
    """
    return asyncio.run(_take(target if target.model else replace(target, model=_ANY), timeout_s))


async def _take(target: Target, timeout_s: float) -> Taken:
    provider = open_provider(target, timeout_s=timeout_s)
    try:
        reply = await provider.ask(_PROBE, 1)
    finally:
        await provider.aclose()
    exchanges = reply.document["exchanges"]
    first = exchanges[0]
    if first["status"] != 200 or first["error"] is not None:
        trouble = first["error"]["message"] if first["error"] else f"status {first['status']}"
        raise UnmeasuredError(
            f"{target.platform} gave no list of models ({trouble})", "try again, or look at the key"
        )
    if entries_of(first["body"]) is None:
        raise UnmeasuredError(
            f"{target.platform} answered with something that is no list of models",
            "look at the address: a proxy or a page of its own may answer there",
        )
    taken_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    raw: dict[str, JSON] = {"exchanges": exchanges, "prices": {}}
    read = partial(
        read_catalogue,
        platform=target.platform,
        taken_at=taken_at,
        base_url=provider.base_url,
        api_version=provider.api_version,
    )
    raw["prices"] = {
        model: price
        for model in read(raw)["models"]
        if (price := _price(target.platform, model, provider.base_url))
    }
    return Taken(raw, read(raw))


def _price(platform: str, model: str, base_url: str | None) -> dict[str, float]:
    """Return what the bundled price data says today, in US dollars for a million tokens; empty when it is unknown."""
    price = find_price(platform, model, base_url)
    if price is None:
        return {}
    return {"input": float(price.of_tokens(1_000_000, 0)), "output": float(price.of_tokens(0, 1_000_000))}
