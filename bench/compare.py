# A comparison of a large history: 1,000 probes, 20 epochs, two sides, all families and rules.
# Owns: made-up replies of four kinds, one clock. Refuses to know: what is compared.
"""Time a large comparison.

    python -m bench.compare [PROBES] [EPOCHS]

Prints seconds, samples a second, peak memory, and the ratio to merely parsing the same bodies as JSON.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from typing import Any

from drift.compare import compare
from drift.model import Exchange, Expect, Message, Probe, Run, Sample, Snapshot, Tool

WORDS = [
    "invoices",
    "are",
    "paid",
    "in",
    "time",
    "by",
    "the",
    "customer",
    "of",
    "record",
    "while",
    "a",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
]
WEATHER = Tool(
    "get_weather",
    "Weather of a city",
    {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"],
    },
)


def probe(number: int) -> Probe:
    """Return a JSON, prose, tool or label probe by turns."""
    exchange = Exchange(messages=(Message("user", f"question {number}"),), max_tokens=100)
    match number % 4:
        case 0:
            schema = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
            return Probe(
                f"json/{number:05}",
                "json",
                "json_format",
                "machine",
                (exchange,),
                Expect(json=True, schema=schema),
            )
        case 1:
            return Probe(f"prose/{number:05}", "prose", "prose", "prose", (exchange,))
        case 2:
            offered = Exchange(messages=exchange.messages, tools=(WEATHER,), max_tokens=100)
            return Probe(
                f"tool/{number:05}", "tool", "tool_calls", "tool_call", (offered,), Expect(call="get_weather")
            )
        case _:
            return Probe(
                f"label/{number:05}",
                "label",
                "labels",
                "label",
                (exchange,),
                Expect(labels=("Positive", "Negative")),
            )


def body(kind: int, rng: random.Random) -> dict[str, Any]:
    """Return a Messages reply of one of the four kinds."""
    stop = "end_turn"
    content: list[dict[str, Any]]
    if kind == 0:
        text = json.dumps(
            {"name": rng.choice(WORDS), "total": rng.random(), "items": rng.choices(WORDS, k=5)}
        )
        content = [{"type": "text", "text": text}]
    elif kind == 1:
        content = [{"type": "text", "text": " ".join(rng.choices(WORDS, k=60))}]
    elif kind == 2:
        call = {"city": rng.choice(WORDS), "days": rng.randint(1, 5)}
        content = [{"type": "tool_use", "id": f"toolu_{rng.random()}", "name": "get_weather", "input": call}]
        stop = "tool_use"
    else:
        content = [{"type": "text", "text": rng.choice(["Positive", "Negative"])}]
    return {
        "id": f"msg_{rng.random()}",
        "type": "message",
        "role": "assistant",
        "model": "model-1",
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 100, "output_tokens": rng.randint(10, 60)},
    }


def side(name: str, probes: dict[str, Probe], epochs: int, seed: int) -> Snapshot:
    """Return one side with this many samples a probe."""
    rng = random.Random(seed)
    samples = []
    for number, identity in enumerate(probes):
        for epoch in range(1, epochs + 1):
            exchange = {
                "dialect": "anthropic",
                "operation": "generate",
                "request": {
                    "method": "POST",
                    "path": "/v1/messages",
                    "headers": {},
                    "body": {"model": "model-1"},
                },
                "status": 200,
                "headers": {},
                "body": body(number % 4, rng),
                "events": None,
                "error": None,
                "latency_ms": 1000 * rng.random(),
            }
            samples.append(
                Sample(
                    f"{name}-{number}-{epoch}",
                    identity,
                    epoch,
                    "response",
                    {"exchanges": [exchange]},
                    "anthropic",
                )
            )
    run = Run(
        id=f"{name}00000000000",
        target="anthropic/model-1",
        requested_model="model-1",
        platform="anthropic",
        status="complete",
        created_at="2026-01-01T00:00:00+00:00",
    )
    return Snapshot(run, probes, tuple(samples))


def main() -> None:
    """Print one line."""
    count, epochs = (
        (int(word) for word in (*sys.argv[1:], "1000", "20")[:2]) if len(sys.argv) > 2 else (1000, 20)
    )
    probes = {one.id: one for one in map(probe, range(count))}
    sides = side("baseline", probes, epochs, 1), side("candidate", probes, epochs, 2)
    texts = [json.dumps(sample.document) for one in sides for sample in one.samples]
    start = time.perf_counter()
    for text in texts:
        json.loads(text)
    parsed, began = time.perf_counter(), time.process_time()
    document = compare(*sides)
    seconds, worked = time.perf_counter() - parsed, time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{count} probes x {epochs} epochs x 2 sides: {seconds:.1f} s ({worked:.1f} s of one core),"
        f" {len(texts) / seconds:,.0f} samples/s, peak {peak:.0f} MiB, {seconds / (parsed - start):.0f} x parsing;"
        f" verdict {document['verdict']}, {document['tests_run']} tests"
    )


if __name__ == "__main__":
    main()
