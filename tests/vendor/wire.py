# What the dialects share: a request taken apart, a reply before it is framed, a refusal.
# Owns: these three shapes. Refuses to know: any dialect, sockets.
"""Between the server and a dialect."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.vendor.switches import Switches


@dataclass(frozen=True)
class Request:
    """A request as a dialect sees it. `key` is the credential, whichever header carried it; `jobs` see batches.py."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    key: str | None
    number: int
    switches: Switches
    jobs: Any = None


@dataclass(frozen=True)
class Outgoing:
    """A reply: a JSON value, the pieces of an event stream, or bytes of another kind."""

    status: int
    value: Any = None
    pieces: Callable[[], Iterator[bytes]] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    content_type: str = "application/json"


class RefusedError(Exception):
    """The vendor refuses the request."""

    def __init__(self, status: int, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details


def dumps(value: Any) -> bytes:
    """Return compact JSON as the vendors send it: not sorted, non-ASCII characters as they are."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
