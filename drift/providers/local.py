# The embedded default: a real small model, really served on loopback, behind the providers that vendors have.
# Owns: the child process from its start to its end, which dialect carries which probe. Refuses to know: wire
# grammar, model files (see weights.py), settings of the server (see engine.py).
"""The provider of `local/…` targets: no key, no account, no network.

One model server is one child process. It speaks Claude's Messages API and Chat Completions, so a target has
two dialects, and each sample says which one carried it. docs/local-model.md lists what this server drops.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from drift.canonical import content_hash
from drift.errors import UnmeasuredError, UsageError
from drift.model import JSON, Exchange, Probe, Target
from drift.providers import Around, Conversation, Endpoint, Reply, dialect_for
from drift.providers.anthropic import AnthropicProvider
from drift.providers.openai import OpenAIProvider
from drift.providers.weights import Weights, resolve

START_TIMEOUT_S = 300.0
"""A large model of the user's own may take minutes to load."""
_STOP_TIMEOUT_S = 5.0
_POLL_S = 0.02
_SHOWN_LINES = 3


class ModelServer:
    """A child process that serves one model file on a free loopback port, from creation until `stop`.

    It cannot outlive this process: see drift/providers/engine.py.
    """

    def __init__(self, weights: Weights, *, threads: int = 1) -> None:
        """Start the server and wait until it answers.

        Raises:
            UsageError: the engine is not installed.
            UnmeasuredError: it did not start; the message ends with what it said last.
        """
        if find_spec("xllamacpp") is None:
            raise UsageError(
                "the engine of the local model is not installed", "install model-drift-tracker[local]"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="drift-model-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        self._log = folder / "log"
        command = [sys.executable, "-P", str(Path(__file__).with_name("engine.py")), str(folder)]
        command += [str(weights.path), weights.name, str(threads)]
        if weights.template is not None:
            command.append(str(weights.template))
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)  # noqa: S603
        try:
            self.address = self._wait(folder / "address", weights)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._process.pid

    def _wait(self, address: Path, weights: Weights) -> str:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not address.exists():
            if self._process.poll() is not None:
                raise UnmeasuredError(
                    f"the local model {weights.name} did not start: {self._last_words()}",
                    "check that the file is a complete GGUF model",
                )
            if time.monotonic() > deadline:
                raise UnmeasuredError(
                    f"the local model {weights.name} was not ready after {START_TIMEOUT_S:.0f} s",
                    "try a smaller model",
                )
            time.sleep(_POLL_S)
        return address.read_text(encoding="ascii")

    def _last_words(self) -> str:
        """Return the first errors of the engine, or the end of what went wrong before it could speak."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        errors = [line.partition(" E ")[2].strip() for line in lines if " E " in line]
        told = errors[:_SHOWN_LINES] or [line.strip() for line in lines if line.strip()][-_SHOWN_LINES:]
        return " | ".join(told) or "it said nothing"

    def stop(self) -> None:
        """End the process and remove its temporary files; harmless when called again."""
        assert self._process.stdin is not None
        self._process.stdin.close()  # the life line: it leaves by itself
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


class LocalProvider(Conversation):
    """One served model in two dialects, through the providers that real vendors are asked with."""

    vendor = "local"
    dialects: tuple[str, ...] = ("anthropic", "openai-chat")

    def __init__(
        self, target: Target, server: ModelServer, *, timeout_s: float, seed: int | None = None
    ) -> None:
        """Connect to a running server, which this provider stops when it is closed.

        Args:
            target: its model is the name that the server gives the weights.
            server: serves the weights of the target.
            timeout_s: seconds for one whole request.
            seed: makes sampling repeatable, see `open_weights`.
        """
        self.target = target
        self._server = server
        self._seed = seed
        claude = AnthropicProvider(target, Endpoint(server.address, "local", ""), timeout_s=timeout_s)
        chat = OpenAIProvider(target, Endpoint(f"{server.address}/v1", None, ""), timeout_s=timeout_s)
        self._clients: dict[str, Conversation] = {"anthropic": claude, "openai-chat": chat}
        self.sdk = f"{claude.sdk}, xllamacpp {version('xllamacpp')}"
        self.api_version = claude.api_version

    def dialect_for(self, probe: Probe) -> str | None:
        """Return "openai-chat" for what this server's Messages API drops silently, else "anthropic".

        A target that prefers a dialect is asked in that one: whoever asks how it drops things has to.
        """
        if self.target.dialect is not None:
            return dialect_for(probe, self.target)
        needs_chat = any(
            exchange.operation == "generate"
            and (
                self._seed is not None
                or exchange.tools
                or exchange.output_schema is not None
                or "seed" in {**self.target.params, **exchange.params}
            )
            for exchange in probe.exchanges
        )
        order = reversed(self.dialects) if needs_chat else self.dialects
        return next((name for name in order if not probe.dialects or name in probe.dialects), None)

    async def ask(self, probe: Probe, epoch: int, around: Around | None = None) -> Reply:
        """Run the probe's exchanges in order; see `Provider.ask`. With a seed, each sample has its own."""
        if self._seed is not None:
            # One seed for all would draw the same luck for every probe, and the samples would not be independent.
            seed = int(content_hash([self._seed, probe.id, epoch])[:8], 16)
            exchanges = tuple(
                replace(exchange, params={"seed": seed, **exchange.params})
                if exchange.operation == "generate"
                else exchange
                for exchange in probe.exchanges
            )
            probe = replace(probe, exchanges=exchanges)
        return await super().ask(probe, epoch, around)

    async def send(
        self, exchange: Exchange, dialect: str, turns: Sequence[Mapping[str, JSON]]
    ) -> dict[str, JSON]:
        """Send one request; see `Conversation.send`. No times are kept.

        How long a shared machine takes tells how busy it was, not how fast a model is: a compilation beside the
        control would look like drift.
        """
        entry = await self._clients[dialect].send(exchange, dialect, turns)
        return {**entry, "latency_ms": None, "first_event_ms": None}

    async def aclose(self) -> None:
        """Close all connections and stop the server."""
        try:
            for client in self._clients.values():
                await client.aclose()
        finally:
            await asyncio.to_thread(self._server.stop)


def open_local(target: Target, timeout_s: float) -> LocalProvider:
    """Serve the model that `local/<name or path>` means and return its provider.

    Args:
        target: `local/smollm2-q4_1` and its siblings, or `local/<path of a GGUF file>`. The provider's own
            target names a file by its stem: no path reaches a request or a database.
        timeout_s: seconds for one whole request.

    Raises:
        UsageError: an unknown name, or weights or engine are not installed.
        UnmeasuredError: the file is not the right one, or cannot be served.
    """
    return open_weights(
        resolve(target.model), timeout_s=timeout_s, params=target.params, dialect=target.dialect
    )


def open_weights(
    weights: Weights,
    *,
    timeout_s: float = 120,
    params: Mapping[str, JSON] | None = None,
    dialect: str | None = None,
    seed: int | None = None,
) -> LocalProvider:
    """Serve weights that were resolved already and return their provider.

    The environment variable `DRIFT_LOCAL_THREADS` sets the number of threads; the default is one, because two
    starve each other on a busy machine.

    Args:
        weights: see `drift.providers.weights`.
        timeout_s: seconds for one whole request.
        params: fixed parameters of the target.
        dialect: see `Target.dialect`.
        seed: makes every sample repeatable: its own seed follows from this one, the probe and the epoch. All
            answers then go through Chat Completions, because the Messages API of this server drops seeds.

    Raises:
        UsageError: the engine is not installed.
        UnmeasuredError: the file cannot be served.
    """
    threads = os.environ.get("DRIFT_LOCAL_THREADS", "1")
    if not threads.isdecimal() or int(threads) < 1:
        raise UsageError(f"DRIFT_LOCAL_THREADS is {threads!r}", "set it to a number of threads, or unset it")
    target = Target("local", weights.name, params=params or {}, dialect=dialect)
    server = ModelServer(weights, threads=int(threads))
    try:
        return LocalProvider(target, server, timeout_s=timeout_s, seed=seed)
    except BaseException:
        server.stop()
        raise
