# Amazon's event stream, in which Bedrock streams: binary frames with checksums, a vendor's event inside each.
# Owns: the frame format. Refuses to know: HTTP, what an event means.
"""Frames of `application/vnd.amazon.eventstream` as events, in the form of server-sent ones.

A frame is: total length, length of the headers (4 bytes each, big endian), checksum of these 8 bytes, headers,
payload, checksum of all before it (CRC-32). Of the kinds of header values only texts occur in replies of models.
Source: https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib

from drift.http.events import json_or_text
from drift.model import JSON

CONTENT_TYPE = "application/vnd.amazon.eventstream"

_PRELUDE = 12
_TRAILER = 4
_MAX_FRAME = 24 * 2**20
"""The format allows 16 MiB of payload and 128 KiB of headers; a longer frame is broken."""
_TEXT, _BYTES = 7, 6
_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Kinds of values with a fixed size, in bytes."""


class BrokenFrameError(ValueError):
    """The bytes are no frame."""


class AmazonEventParser:
    """Events out of bytes, however they are cut into chunks.

    The payload of an event is `{"bytes": …}`, in which the vendor's own event stands as base64; what is told apart
    from a first-party stream is the frame, never the event. An exception becomes the event `error` that the
    first-party API sends, with Amazon's name for its type; so does the official SDK.
    """

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, chunk: bytes) -> list[dict[str, JSON]]:
        """Return the events that this chunk completes; BrokenFrameError when it is none."""
        self._pending += chunk
        events = []
        while len(self._pending) >= _PRELUDE:
            total, _, checksum = struct.unpack_from(">III", self._pending)
            if zlib.crc32(self._pending[:8]) != checksum or not _PRELUDE + _TRAILER <= total <= _MAX_FRAME:
                raise BrokenFrameError("a frame of the event stream has no valid prelude")
            if len(self._pending) < total:
                break
            frame, self._pending = self._pending[:total], self._pending[total:]
            events.append(self._event(frame))
        return events

    def close(self) -> list[dict[str, JSON]]:
        """Return nothing: a frame says itself where it ends."""
        return []

    def rest(self) -> str:
        """Return what arrived of a frame that a cut left unfinished."""
        return self._pending.decode("utf-8", errors="surrogateescape")

    def _event(self, frame: bytes) -> dict[str, JSON]:
        (checksum,) = struct.unpack_from(">I", frame, len(frame) - _TRAILER)
        if zlib.crc32(frame[:-_TRAILER]) != checksum:
            raise BrokenFrameError("a frame of the event stream has another checksum than it says")
        (size,) = struct.unpack_from(">I", frame, 4)
        headers = _headers(frame[_PRELUDE : _PRELUDE + size])
        payload = json_or_text(frame[_PRELUDE + size : -_TRAILER].decode("utf-8", errors="surrogateescape"))
        kind = headers.get(":message-type", "event")
        if kind != "event":
            said = (
                payload
                if isinstance(payload, dict)
                else {"message": payload or headers.get(":error-message")}
            )
            name = headers.get(":exception-type") or headers.get(":error-code")
            return {"event": "error", "data": {"type": "error", "error": {"type": name, **said}}}
        inner = payload.get("bytes") if isinstance(payload, dict) else None
        if not isinstance(inner, str):
            return {"event": headers.get(":event-type"), "data": payload}
        try:
            text = base64.b64decode(inner, validate=True).decode("utf-8", errors="surrogateescape")
        except binascii.Error:
            return {"event": headers.get(":event-type"), "data": payload}
        data = json_or_text(text)
        name = data.get("type") if isinstance(data, dict) else None
        return {"event": name if isinstance(name, str) else headers.get(":event-type"), "data": data}


def _headers(raw: bytes) -> dict[str, str]:
    """Return the headers of a frame that are texts."""
    found: dict[str, str] = {}
    at = 0
    try:
        while at < len(raw):
            name = raw[at + 1 : at + 1 + raw[at]].decode("ascii", errors="replace")
            at += 1 + raw[at]
            kind = raw[at]
            at += 1
            if kind in {_TEXT, _BYTES}:
                (size,) = struct.unpack_from(">H", raw, at)
                value = raw[at + 2 : at + 2 + size]
                at += 2 + size
                if kind == _TEXT:
                    found[name] = value.decode("utf-8", errors="replace")
            else:
                at += _SIZES[kind]
    except (IndexError, KeyError, struct.error):
        raise BrokenFrameError("the headers of a frame of the event stream cannot be read") from None
    return found
