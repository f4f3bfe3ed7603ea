# Tokens by their common names, out of the usage object of any dialect.
# Owns: which counters add up to what was sent, and to what came back. Refuses to know: prices.
"""Features of a usage object.

Vendors count differently: Claude's cached input stands beside `input_tokens`, everybody else's inside; Gemini's
thoughts stand beside the tokens of the answer, everybody else's inside. What is billed for a request, and what the
model wrote in all, are the same two numbers everywhere; they are reckoned here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import JSON, MAX_NUMBER

# Counter → the counters that stand beside it. The first one that is there decides.
_INPUT = {
    "input_tokens": ("cache_creation_input_tokens", "cache_read_input_tokens"),
    "prompt_tokens": (),
    "promptTokenCount": ("toolUsePromptTokenCount",),
    "totalTokens": (),  # what Gemini's counting endpoint says
}
_OUTPUT = {
    "output_tokens": (),
    "completion_tokens": (),
    "candidatesTokenCount": ("thoughtsTokenCount",),
    "thoughtsTokenCount": (),
    "answer_tokens": (),
}
_REASONING = (
    "completion_tokens_details.reasoning_tokens",
    "output_tokens_details.thinking_tokens",
    "output_tokens_details.reasoning_tokens",
    "thoughtsTokenCount",
)
_CACHED = (
    "cache_read_input_tokens",
    "prompt_tokens_details.cached_tokens",
    "input_tokens_details.cached_tokens",
    "cachedContentTokenCount",
)
_TOTALS = ("total_tokens", "totalTokenCount")


def input_tokens(usage: Mapping[str, JSON]) -> int | None:
    """Return the input tokens that a usage object bills for the request, caches included; None when it has none."""
    return _sum(usage, _INPUT)


def output_tokens(usage: Mapping[str, JSON]) -> int | None:
    """Return all tokens that the model wrote, hidden reasoning included; None when a usage object has none."""
    return _sum(usage, _OUTPUT)


def usage_features(usage: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return every counter as it was sent (`usage:…`), and the common ones by their common names.

    Returns:
        `output_tokens`: all that the model wrote; `reasoning_tokens`: the hidden part of it; `cached_tokens`: input
        read from a cache. `usage:a.b` is the counter b of the object a.
        `usage.adds_up`: whether a total that was sent is the sum of what was sent and what was written.
    """
    found: dict[str, JSON] = {}
    for key, value in usage.items():
        if _is_number(value):
            found[f"usage:{key}"] = value
        elif isinstance(value, Mapping):
            found |= {f"usage:{key}.{inner}": number for inner, number in value.items() if _is_number(number)}
    written = output_tokens(usage)
    if written is not None:
        found["output_tokens"] = written
    for name, places in (
        ("reasoning_tokens", _REASONING),
        ("cached_tokens", _CACHED),
    ):
        place = next((place for place in places if f"usage:{place}" in found), None)
        if place is not None:
            found[name] = found[f"usage:{place}"]
        elif "usage:promptTokenCount" in found:
            found[name] = 0  # protobuf written as JSON leaves a counter out that is 0
    total = next((usage[name] for name in _TOTALS if _is_number(usage.get(name))), None)
    sent = input_tokens(usage)
    if total is not None and sent is not None:
        found["usage.adds_up"] = total == sent + (written or 0)
    return found


def _sum(usage: Mapping[str, JSON], counters: Mapping[str, tuple[str, ...]]) -> int | None:
    for counter, beside in counters.items():
        value = usage.get(counter)
        if isinstance(value, int) and _is_number(value):
            return value + sum(n for n in map(usage.get, beside) if isinstance(n, int) and _is_number(n))
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER
