# When a request is sent again, and after how long.
# Owns: tenacity, what counts as passing trouble, what a vendor says about waiting. Refuses to know: samples, budgets.
"""Repeat a request after passing trouble. A reply that merely displeases is never asked for again."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TYPE_CHECKING

from drift.model import JSON
from drift.providers import Attempt

if TYPE_CHECKING:
    from tenacity import RetryCallState

_STATUSES = frozenset({408, 409, 429})
_FAULTS = frozenset({"connect", "timeout", "cut"})
_LONGEST_BACKOFF_S = 8.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on when something goes wrong.

    Attributes:
        attempts: most attempts for one request, the first included.
        first_wait_s: wait before the second attempt when the vendor names no time; doubles up to 8 s.
        max_wait_s: a vendor that asks for a longer wait is not waited for: the sample fails.
        grace_s: seconds that calls in flight get when the run stops.
    """

    attempts: int = 6
    first_wait_s: float = 0.5
    max_wait_s: float = 60.0
    grace_s: float = 10.0


def is_passing(entry: Mapping[str, JSON], expected: tuple[int, ...]) -> bool:
    """Say whether a raw Exchange shows trouble that may pass: a transport fault, 408, 409, 429 or 5xx.

    The vendor's `x-should-retry` decides for error statuses; a status that the probe expects is no trouble.
    """
    if entry["error"] is not None:
        return entry["error"]["kind"] in _FAULTS
    status: int = entry["status"]
    if status < 400 or status in expected:
        return False
    word = entry["headers"].get("x-should-retry")
    if word in {"true", "false"}:
        return bool(word == "true")
    return status in _STATUSES or status >= 500


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the wait in seconds that a vendor asks for (milliseconds, seconds or a date), or None."""
    for name, factor in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) * factor
        except (KeyError, ValueError):
            continue
        if isfinite(seconds):
            return max(0.0, seconds)
    try:
        date = parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    date = date.replace(tzinfo=UTC) if date.tzinfo is None else date
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


async def repeat(
    attempt: Attempt,
    patience: Patience,
    *,
    expected: tuple[int, ...],
    may_repeat: Callable[[dict[str, JSON]], bool],
    sleep: Callable[[float], Awaitable[None]],
) -> dict[str, JSON]:
    """Send a request until there is an answer or patience ends, and return the last raw Exchange.

    Its `attempts` and `retries` tell what happened before; a partial reply that was cut is kept there too.

    Args:
        attempt: sends the request once.
        patience: how long to go on.
        expected: statuses that the probe expects.
        may_repeat: asked before each repetition, with the raw Exchange that failed.
        sleep: waits; may raise to give up.
    """
    from tenacity import AsyncRetrying, retry_if_result

    retries: list[dict[str, JSON]] = []

    def last(state: RetryCallState) -> dict[str, JSON]:
        assert state.outcome is not None
        entry: dict[str, JSON] = state.outcome.result()
        return entry

    def gives_up(state: RetryCallState) -> bool:
        asked = retry_after_s(last(state)["headers"])
        too_long = asked is not None and asked > patience.max_wait_s
        return state.attempt_number >= patience.attempts or too_long or not may_repeat(last(state))

    def wait(state: RetryCallState) -> float:
        asked = retry_after_s(last(state)["headers"])
        if asked is not None:
            return asked
        doubled = min(_LONGEST_BACKOFF_S, patience.first_wait_s * 2.0 ** (state.attempt_number - 1))
        return doubled * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load, keeps no secret

    def note(state: RetryCallState) -> None:
        retries.append(_retry(last(state), state.upcoming_sleep))

    retrying = AsyncRetrying(
        retry=retry_if_result(lambda entry: is_passing(entry, expected)),
        stop=gives_up,
        wait=wait,
        sleep=sleep,
        before_sleep=note,
        retry_error_callback=last,
    )
    entry: dict[str, JSON] = await retrying(attempt)
    return {**entry, "attempts": 1 + len(retries), "retries": retries}


def _retry(entry: Mapping[str, JSON], waited_s: float) -> dict[str, JSON]:
    retry = {
        "status": entry["status"],
        "error": entry["error"],
        "retry_after_s": retry_after_s(entry["headers"]),
        "waited_s": round(waited_s, 3),
    }
    if entry["status"] is not None and entry["status"] < 300:  # paid for: what came before the cut is kept
        retry["received"] = {name: entry[name] for name in ("body", "text", "events")}
    return retry
