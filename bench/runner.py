# How much of a run's time is ours: calls a second of the runner against a bare loop, in the same process and minute.
# Owns: this comparison. Refuses to know: any vendor but the stand-in.
"""Compare the runner with a bare HTTP loop against the stand-in.

The vendor runs in a process of its own and waits as long as told, so that both loops meet the same vendor. Prints
calls a second of both, and the share of the bare loop's speed that the runner reaches.

    python bench/runner.py [--calls 200] [--concurrency 8] [--delay 0.3]
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drift.model import Exchange, Message, Probe, Suite, Target
from drift.providers import open_provider
from drift.runner import execute
from drift.store import Store

MODELS = {"anthropic": "claude-opus-5-5", "openai": "gpt-5.5"}


async def bare(url: str, platform: str, calls: int, concurrency: int) -> float:
    """Return the seconds that a bare loop needs: same requests, same concurrency, answers thrown away."""
    import httpx

    path = "/v1/messages" if platform == "anthropic" else "/v1/chat/completions"
    headers = (
        {"authorization": "Bearer k", "anthropic-version": "2026-10-21"} if platform == "anthropic" else {}
    )
    cap = "max_tokens" if platform == "anthropic" else "max_completion_tokens"
    pending = iter(range(calls))
    async with httpx.AsyncClient(base_url=url, headers=headers or {"authorization": "Bearer k"}) as client:

        async def work() -> None:
            for n in pending:
                messages = [{"role": "user", "content": f"Reply with n{n}"}]
                body = {"model": MODELS[platform], cap: 20, "messages": messages}
                (await client.post(path, json=body)).raise_for_status()

        await work_once(client, path)
        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(concurrency)))
        return time.perf_counter() - began


async def work_once(client: object, path: str) -> None:
    """Open the first connection before the clock starts; the runner's is opened before its clock, too."""
    await client.post(path, json={})  # type: ignore[attr-defined]


async def ours(url: str, platform: str, calls: int, concurrency: int, folder: Path) -> float:
    """Return the seconds that the runner needs, every sample stored for good."""
    base_url = url if platform == "anthropic" else f"{url}/v1"
    probes = tuple(
        Probe(
            f"bench/n{n}",
            "bench",
            "bench",
            exchanges=(Exchange(messages=(Message("user", f"Reply with n{n}"),), max_tokens=20),),
        )
        for n in range(calls)
    )
    provider = open_provider(Target(platform, MODELS[platform], base_url=base_url))
    try:
        with Store.open(folder / f"{platform}.db") as store:
            await execute(store, provider, Suite("warm", probes[:1]))
            began = time.perf_counter()
            await execute(store, provider, Suite("bench", probes), concurrency=concurrency)
            return time.perf_counter() - began
    finally:
        await provider.aclose()


def main() -> None:
    """Print one line for each dialect."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument(
        "--delay", type=float, default=0.3, help="seconds that the vendor takes for an answer"
    )
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "tests.vendor", f"delay_s={arguments.delay}"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as vendor,
    ):
        assert vendor.stdout is not None
        found = re.search(r"=(http://\S+)", vendor.stdout.readline())
        assert found is not None
        try:
            for platform in MODELS:
                size = (arguments.calls, arguments.concurrency)
                loop_s = asyncio.run(bare(found[1], platform, *size))
                runner_s = asyncio.run(ours(found[1], platform, *size, Path(folder)))
                print(
                    f"{platform:10} bare loop {arguments.calls / loop_s:7.1f} calls/s"
                    f"   runner {arguments.calls / runner_s:7.1f} calls/s   ratio {loop_s / runner_s:.2f}"
                )
        finally:
            vendor.terminate()


if __name__ == "__main__":
    main()
