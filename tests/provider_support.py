# What the tests of providers ask, and how they read what was recorded.
# Owns: the ordinary requests, one sample asked and its provider closed. Refuses to know: any expectation.

import asyncio
import json
from typing import Any

from drift.model import Exchange, Message, Probe, Target, Tool
from drift.providers import Reply, open_provider

WEATHER = Tool(
    "get_weather",
    "Weather at a place.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
ASK = Message("user", "What is the weather in Bern?")
HELLO = Exchange(messages=(Message("user", "Reply with ok"),), max_tokens=64)


def ask_once(
    target: Target, *exchanges: Exchange, timeout_s: float = 5, dialects: tuple[str, ...] = ()
) -> Reply:
    """Open a provider, ask one probe with the given exchanges, close it."""

    async def once() -> Reply:
        provider = open_provider(target, timeout_s=timeout_s)
        try:
            return await provider.ask(Probe("t/1", "t", "f", exchanges=exchanges, dialects=dialects), 1)
        finally:
            await provider.aclose()

    return asyncio.run(once())


def entries(reply: Reply) -> list[dict[str, Any]]:
    return reply.document["exchanges"]


def events_sent(raw: bytes) -> list[dict[str, Any]]:
    """Read the bytes that a server sent with a reader of our own: every event has one line of data here."""
    events = []
    for block in raw.decode().replace("\r\n", "\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        if lines:
            data = lines["data"] if lines["data"] == "[DONE]" else json.loads(lines["data"])
            events.append({"event": lines.get("event"), "data": data})
    return events
