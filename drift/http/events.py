# Bytes of a reply as JSON and as server-sent events, however they are cut, and kept as text where they are neither.
# Owns: the grammar of server-sent events, which JSON survives storing. Refuses to know: HTTP, what an event means.
"""Read the bytes of a reply."""

from __future__ import annotations

import json
import re

from drift.canonical import strict_loads
from drift.model import JSON

_DEEPEST_REPLY = 100
"""Less than any JSON may be: a reply that was kept, exported in lines of its own keys, has to be read again."""


def parse_json(text: str) -> JSON:
    """Parse a reply that has to survive storing unchanged.

    Raises:
        ValueError: no strict JSON (NaN, a key twice), a number beyond floats, or nested deeper than 100 levels. Such a
            reply is kept as text: a parsed value would not be what came over the wire.
    """
    value = strict_loads(text, deepest=_DEEPEST_REPLY)
    json.dumps(value, allow_nan=False)  # 1e999 parses to infinity, which no JSON text can hold
    return value


class EventParser:
    r"""Server-sent events out of bytes, however they are cut into chunks.

    Knows all three line endings, data over several lines, comments and a leading byte order mark. An event's
    data is parsed JSON, or the raw string where it is none (`[DONE]`). Undecodable bytes become surrogates,
    so nothing is lost.
    """

    _LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a trailing \r may be half of \r\n

    def __init__(self) -> None:
        self._pending: list[bytes] = []
        self._at_start = True
        self._name: str | None = None
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[dict[str, JSON]]:
        """Return the events that this chunk completes."""
        if not chunk:
            return []
        ends = b"\n" in chunk or b"\r" in chunk or (self._pending and self._pending[-1].endswith(b"\r"))
        self._pending.append(chunk)
        if not ends:
            return []  # a long line in many chunks is joined once, not once a chunk
        *lines, rest = self._LINE_END.split(b"".join(self._pending))
        self._pending = [rest]
        return [event for line in lines if (event := self._line(line)) is not None]

    def close(self) -> list[dict[str, JSON]]:
        """Return the event that a clean end completes: some servers leave out the last empty line."""
        rest = b"".join(self._pending).removesuffix(b"\r")
        self._pending = []
        events = [self._line(rest)] if rest else []
        events.append(self._line(b""))
        return [event for event in events if event is not None]

    def rest(self) -> str:
        """Return what arrived of an event that a cut left unfinished, as text."""
        lines = [] if self._name is None else [f"event: {self._name}"]
        lines += [f"data: {line}" for line in self._data]
        tail = decode(b"".join(self._pending))
        return "\n".join([*lines, tail] if tail else lines)

    def _line(self, raw: bytes) -> dict[str, JSON] | None:
        line = decode(raw)
        if self._at_start:
            line = line.removeprefix("\ufeff")
            self._at_start = False
        if not line:
            if self._name is None and not self._data:
                return None
            event = {"event": self._name, "data": json_or_text("\n".join(self._data))}
            self._name, self._data = None, []
            return event
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        return None


def decode(raw: bytes) -> str:
    """Return bytes as text; what is no UTF-8 becomes surrogates, so that nothing is lost."""
    return raw.decode("utf-8", errors="surrogateescape")


def json_or_text(text: str) -> JSON:
    """Return the JSON value of a text, or the text where it is none that survives storing."""
    try:
        return parse_json(text)
    except ValueError:
        return text
