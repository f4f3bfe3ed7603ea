# The door of the room: HTTP exchanges, sent by our own client or by an SDK, recorded as they went over the wire.
# Owns: the names that other rooms use. Refuses to know: everything else, see recording.py.
"""HTTP, recorded."""

from drift.http.client import JsonClient, is_loopback
from drift.http.headers import CREDENTIAL_HEADERS
from drift.http.recording import Response, event_hooks, record

__all__ = ["CREDENTIAL_HEADERS", "JsonClient", "Response", "event_hooks", "is_loopback", "record"]
