# What a run would ask and cost, and how large one sample can become.
# Owns: estimates and bounds of tokens. Refuses to know: the network, keys, what was spent.
"""Reckon a run before it is paid for. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal

from drift.canonical import canonical
from drift.dialects import output_caps
from drift.model import JSON, Exchange, Probe, Snapshot, Suite, Target
from drift.prices import Price, find_price, tokens_of
from drift.providers import dialect_for, find_base_url

ASSUMED_MAX_TOKENS = 4096
"""Output that is reckoned with where a request sets no cap: an assumption, no bound."""

_HIDDEN_TOKENS = 1000
"""Tokens that a vendor may add for tools and schemas, on top of what is in the request."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would ask and cost.

    Attributes:
        probes: probes that would be asked.
        calls: requests that would be sent, without retries.
        input_tokens: estimate: a quarter of the characters sent; or what a stored run of the probe measured.
        output_tokens: the sum of all caps: no answer can be longer, see `uncapped`.
        uncapped: ids of probes with a request that sets no cap; it counts as `ASSUMED_MAX_TOKENS`.
        cost_low_usd: cost of the input and of the output that the stored run measured (without one, of none).
        cost_high_usd: cost when every answer reaches its cap. Both are None when no price is known.
        price: the price, see `Price.to_json`, or None.
        not_carried: ids of probes that no dialect of the target can carry.
    """

    probes: int
    calls: int
    input_tokens: int
    output_tokens: int
    uncapped: tuple[str, ...]
    cost_low_usd: float | None
    cost_high_usd: float | None
    price: Mapping[str, JSON] | None
    not_carried: tuple[str, ...]


def plan(
    target: Target,
    suite: Suite,
    *,
    epochs: int | None = None,
    baseline: Snapshot | None = None,
    price: Price | None = None,
) -> Plan:
    """Reckon what a run would ask and cost. Needs no key.

    Args:
        target: what would be probed.
        suite: what would be asked.
        epochs: how often each probe is asked; None leaves it to the probe.
        baseline: a stored run; where it asked the same, its measured tokens replace the estimate.
        price: what a call costs; None looks it up.
    """
    carried = [probe for probe in suite.probes if dialect_for(probe, target) is not None]
    price = price or find_price(target.platform, target.model, find_base_url(target))
    measured = {} if baseline is None else _measured(baseline)
    calls = input_tokens = output_tokens = 0
    low = high = Decimal(0)
    uncapped = []
    for probe in carried:
        times = probe.epochs if epochs is None else epochs
        sizes = sizes_of(probe, target)
        estimate = sum(size.characters for size in sizes) // 4
        sent, received = measured.get((probe.id, probe.hash), (estimate, 0))
        cap = sum(size.output for size in sizes)
        calls += len(sizes) * times
        input_tokens += sent * times
        output_tokens += cap * times
        if any(size.uncapped for size in sizes):
            uncapped.append(probe.id)
        if price is not None:
            low += price.of_tokens(sent, received) * times
            high += price.of_tokens(sent, cap) * times
    return Plan(
        probes=len(carried),
        calls=calls,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        uncapped=tuple(uncapped),
        cost_low_usd=None if price is None else dollars(low),
        cost_high_usd=None if price is None else dollars(high),
        price=None if price is None else price.to_json(),
        not_carried=tuple(probe.id for probe in suite.probes if probe not in carried),
    )


def dollars(amount: Decimal) -> float:
    """Return an amount as JSON keeps it, to a millionth."""
    return float(round(amount, 6))


@dataclass(frozen=True, slots=True)
class Size:
    """The size of one request.

    Attributes:
        characters: sent, with four for each token of a replayed turn.
        input_bound: most tokens that the request can be.
        output: most tokens that the answer can be.
        uncapped: `output` is `ASSUMED_MAX_TOKENS`.
    """

    characters: int
    input_bound: int
    output: int
    uncapped: bool

    def bound(self, price: Price) -> Decimal:
        """Return the most that the request can cost, in US dollars."""
        return price.of_tokens(self.input_bound, self.output)


def sizes_of(probe: Probe, target: Target) -> list[Size]:
    """Return the size of each request of a probe."""
    sizes: list[Size] = []
    for exchange in probe.exchanges:
        if exchange.operation == "list_models":
            sizes.append(Size(0, 0, 0, uncapped=False))
            continue
        text = _sent(exchange)
        output, uncapped = (1, False) if exchange.operation == "count_tokens" else _cap(exchange, target)
        replays = {turn.replay for turn in exchange.messages if turn.replay is not None}
        replayed = sum(size.output for number, size in enumerate(sizes) if number in replays)
        hidden = _HIDDEN_TOKENS if exchange.tools or exchange.output_schema is not None else 0
        # A token is at least one byte: bytes are a bound that no tokenizer breaks.
        bound = len(text.encode("ascii")) + replayed + hidden
        sizes.append(Size(len(text) + 4 * replayed, bound, output, uncapped))
    return sizes


def _sent(exchange: Exchange) -> str:
    """Return a text about as long as the body of a request, and not shorter than what is billed of it."""
    parts = asdict(exchange)
    bodies = parts.pop("bodies")
    parts.pop("headers")
    texts = [canonical(body) for body in bodies.values()]
    return max(texts or [canonical({name: part for name, part in parts.items() if part})], key=len)


def _cap(exchange: Exchange, target: Target) -> tuple[int, bool]:
    """Return the most tokens of an answer, and whether that is an assumption."""
    known = [] if exchange.max_tokens is None else [exchange.max_tokens]
    for source in (*exchange.bodies.values(), *exchange.overrides.values(), exchange.params, target.params):
        known += output_caps(source) if isinstance(source, Mapping) else ()
    known = [cap for cap in known if cap > 0]
    return (max(known), False) if known else (ASSUMED_MAX_TOKENS, True)


def _measured(baseline: Snapshot) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the mean tokens in and out of each probe of a stored run, by probe id and request hash."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for sample in baseline.samples:
        pairs = [tokens_of(entry) for entry in sample.document.get("exchanges") or ()]
        known = [pair for pair in pairs if pair is not None]
        probe = baseline.probes.get(sample.probe_id)
        if known and len(known) == len(pairs) and probe is not None:
            totals = (sum(sent for sent, _ in known), sum(received for _, received in known))
            found.setdefault((probe.id, probe.hash), []).append(totals)
    return {
        key: (
            sum(sent for sent, _ in pairs) // len(pairs),
            sum(received for _, received in pairs) // len(pairs),
        )
        for key, pairs in found.items()
    }
