# What a call costs, out of bundled price data or as the user says; what is not known stays unknown.
# Owns: genai_prices, where each dialect reports its usage. Refuses to know: budgets, the network.
"""Prices of models in US dollars, offline. An unknown model has no price, which is not the price 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from drift.model import JSON

FREE_PLATFORMS = frozenset({"local", "replay"})
"""Platforms whose calls cost nothing."""

_VENDORS = {
    "anthropic": "anthropic",
    "bedrock": "aws",
    "foundry": "azure",
    "gemini": "google",
    "openai": "openai",
    "vertex": "google",
}


class _Usage(NamedTuple):
    """How a dialect reports usage: whose, in which form of the price data, under which key of a reply."""

    provider: str
    flavour: str
    key: str


_USAGE = {
    "anthropic": _Usage("anthropic", "default", "usage"),
    "gemini": _Usage("google", "default", "usageMetadata"),
    "openai-chat": _Usage("openai", "chat", "usage"),
    "openai-responses": _Usage("openai", "responses", "usage"),
}


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one model.

    Attributes:
        platform: platform on which it holds.
        model: model id as the price data names it, or as it was asked for.
        provider: name of the vendor in the price data; None where `rates` tell.
        source: "genai-prices 0.2.3", "drift.yaml" or "free".
        text: the price in words.
        rates: US dollars for one token in and one out; looked at when `provider` is None.
    """

    platform: str
    model: str
    provider: str | None
    source: str
    text: str
    rates: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))

    def of_tokens(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Return the cost of a call of this size, in US dollars."""
        if self.provider is None:
            return self.rates[0] * input_tokens + self.rates[1] * output_tokens
        from genai_prices import Usage, calc_price

        usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        return calc_price(usage, model_ref=self.model, provider_id=self.provider).total_price

    def of_reply(self, entry: Mapping[str, JSON]) -> Decimal | None:
        """Return what a raw Exchange cost by the usage that it reports, in US dollars; None when it reports none."""
        if self.provider is None and not any(self.rates):
            return Decimal(0)
        usage = _usage(entry)
        if usage is None:
            return None
        if self.provider is None:
            return self.of_tokens(int(usage.input_tokens), int(usage.output_tokens))
        from genai_prices import calc_price

        try:
            return calc_price(usage, model_ref=self.model, provider_id=self.provider).total_price
        except (LookupError, ValueError, ArithmeticError):
            return None  # usage that no price fits

    def to_json(self) -> dict[str, JSON]:
        """Return the price as a run keeps it."""
        return {"model": self.model, "provider": self.provider, "source": self.source, "text": self.text}


def find_price(platform: str, model: str, base_url: str | None = None) -> Price | None:
    """Return the price of a model on a platform, or None when it is not known.

    Args:
        platform: see `drift.model.Target`.
        model: id of the model.
        base_url: address of the host, which tells whose prices hold where the platform does not.
    """
    if platform in FREE_PLATFORMS:
        return Price(platform, model, None, "free", "nothing")
    provider = _VENDORS.get(platform)
    if provider is None and base_url is None:
        return None
    from genai_prices import Usage, __version__, calc_price

    token = Usage(input_tokens=1, output_tokens=1)
    whose = {"provider_id": provider} if provider else {"provider_api_url": base_url}
    try:
        found = calc_price(token, model_ref=model, **whose)
    except LookupError:
        return None
    name = found.model.id
    try:
        calc_price(token, model_ref=name, provider_id=found.provider.id)
    except LookupError:
        name = model  # some names of the price data ("regional.…") only stand for the ids that they match
    return Price(platform, name, found.provider.id, f"genai-prices {__version__}", str(found.model_price))


def own_price(platform: str, model: str, input_usd: float, output_usd: float) -> Price:
    """Return the price that a user states, in US dollars for a million tokens in and out."""
    text = f"${input_usd:g}/input MTok, ${output_usd:g}/output MTok"
    rates = (Decimal(str(input_usd)) / 1_000_000, Decimal(str(output_usd)) / 1_000_000)
    return Price(platform, model, None, "drift.yaml", text, rates)


def tokens_of(entry: Mapping[str, JSON]) -> tuple[int, int] | None:
    """Return (input tokens, output tokens) that a raw Exchange reports, cached input included, or None."""
    usage = _usage(entry)
    return None if usage is None else (int(usage.input_tokens), int(usage.output_tokens))


def _usage(entry: Mapping[str, JSON]) -> Any:
    form = _USAGE.get(entry["dialect"])
    reported = None if form is None else _reported(entry, form.key)
    if reported is None or form is None:
        return None
    from genai_prices import extract_usage

    try:
        return extract_usage({form.key: reported}, provider_id=form.provider, api_flavor=form.flavour).usage
    except (LookupError, ValueError):
        return None  # a usage object that is none


def _reported(entry: Mapping[str, JSON], key: str) -> dict[str, JSON] | None:
    """Return the usage object of a reply; a stream reports it in pieces, of which later ones win."""
    if entry["events"] is None:
        usage = entry["body"].get(key) if isinstance(entry["body"], Mapping) else None
        return dict(usage) if isinstance(usage, Mapping) else None
    usage = {}
    for event in entry["events"]:
        data = event["data"] if isinstance(event["data"], Mapping) else {}
        for holder in (data.get("message"), data.get("response"), data):
            piece = holder.get(key) if isinstance(holder, Mapping) else None
            if isinstance(piece, Mapping):
                usage |= {name: value for name, value in piece.items() if value is not None}
    return usage or None
