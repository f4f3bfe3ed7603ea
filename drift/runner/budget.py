# Money that one start of a run may spend.
# Owns: what was spent and what calls in flight may still cost. Refuses to know: prices, calls.
"""A budget that is never exceeded: every call reserves the most that it can cost before it begins."""

from __future__ import annotations

import asyncio
from decimal import Decimal


class Budget:
    """A limit in US dollars, or none.

    Attributes:
        limit: the limit, or None.
        spent: what finished calls have cost.
    """

    def __init__(self, limit: Decimal | None) -> None:
        """Begin with nothing spent."""
        self.limit = limit
        self.spent = Decimal(0)
        self._reserved = Decimal(0)
        self._changed = asyncio.Event()
        self._closed = False

    def take(self, amount: Decimal) -> bool:
        """Reserve an amount now, when it fits."""
        if self.limit is not None and self.spent + self._reserved + amount > self.limit:
            return False
        self._reserved += amount
        return True

    async def reserve(self, amount: Decimal) -> bool:
        """Reserve an amount; wait while only calls in flight stand in the way. False = it can never fit."""
        while not self._closed and not self.take(amount):
            if not self._reserved:
                return False
            self._changed.clear()
            await self._changed.wait()
        return not self._closed

    def settle(self, reserved: Decimal, spent: Decimal) -> None:
        """Replace a reservation by what was really spent."""
        self._reserved -= reserved
        self.spent += spent
        self._changed.set()

    def close(self) -> None:
        """Let nobody wait any longer: the run stops."""
        self._closed = True
        self._changed.set()
