# Stores samples while calls go on.
# Owns: one thread with a connection of its own. Refuses to know: what a sample says, SQL.
"""A commit waits for the disk; nobody who waits for a vendor should wait for that, too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from drift.providers import Reply
from drift.store import Store

T = TypeVar("T")


class Writer:
    """Adds samples to the runs of one database, each in a transaction of its own. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Write to the database at `path`, which exists."""
        self._path = path
        self._thread = ThreadPoolExecutor(
            1, "drift-store"
        )  # a connection belongs to the thread that opened it

    async def __aenter__(self) -> Self:
        """Open the database; errors as in `Store.open`."""
        self._store = await self._run(lambda: Store.open(self._path, create=False))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what has begun, and close."""
        self._thread.submit(self._store.close)
        self._thread.shutdown()  # waits: nothing that was handed over is lost

    async def add(self, run_id: str, probe_id: str, epoch: int, reply: Reply, recorded_at: str) -> None:
        """Store a sample for good; errors as in `Store.add_sample`. Once begun, it is stored even when cancelled."""
        await self._run(
            lambda: self._store.add_sample(
                run_id,
                probe_id,
                epoch,
                reply.outcome,
                reply.document,
                reply.dialect,
                reply.latency_ms,
                recorded_at,
            )
        )

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
