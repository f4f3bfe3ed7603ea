# Features of the wire beside its shape: words of the vendor's, forms of ids, and what the headers say.
# Owns: which texts of an envelope are words of a closed set, how an id's form is written, dates of lifecycle headers.
# Refuses to know: dialects, and what the other side showed.
"""Features of one reply's envelope and headers that its shape does not hold."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from email.utils import parsedate_to_datetime

from drift.model import JSON
from drift.pointers import escape
from drift.shapes import Tag, element_path, type_tag

# Texts that the model, the user or a request decides, or that rules of their own look at (how it ended, block types,
# models).
_NOT_WORDS = frozenset(
    {
        "arguments", "blockreason", "category", "cited_text", "content", "created_at", "data", "delta",
        "description", "effort", "encrypted_content", "explanation", "file_name", "filename", "finish_reason",
        "finishmessage", "finishreason", "id", "input", "instructions", "message", "model", "modelversion",
        "name", "native_finish_reason", "output", "partial_json", "phase", "probability", "prompt", "reason",
        "reasoning", "reasoning_content", "refusal", "responseid", "severity", "signature", "status",
        "stop_reason", "stop_sequence", "summary", "system_fingerprint", "text", "thinking", "thought",
        "thoughtsignature", "title", "token", "truncation", "type", "uri", "url", "user", "verbosity", "version",
    }
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z]+(?:[_.-][A-Za-z]+)*")
_MAX_WORD = 40
_ID_KEY = re.compile(r"(?:^|[a-z]_)id$|[a-z]Id$")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PREFIX = re.compile(r"(?:[A-Za-z]{1,16}[_.-]){1,3}")
_SURE = 20
"""Random text of fewer characters can consist of hexadecimal digits by chance."""

_LONGEST_NUMBER = 16
_LIMIT = re.compile(r"ratelimit\b.*\blimit\b")
_UNREMARKABLE = frozenset({"content-type", "date", "deprecation", "sunset", "warning"})


def wire_features(body: JSON, *, opaque: Collection[str], tag: Tag = type_tag) -> dict[str, JSON]:
    """Return what the envelope of one reply says in words and ids.

    Returns:
        `wire.words`: ["path=word", …] for texts that are a word of a closed set, such as a service tier;
        `wire.ids`: ["path=form", …], the form of every opaque id: prefix, alphabet and length;
        `backend`: the vendor's name for the configuration that answered, when the reply has one.
    """
    found: dict[str, JSON] = {}
    words: set[str] = set()
    ids: set[str] = set()
    for path, key, text in _texts(body, "", opaque, tag):
        if _ID_KEY.search(key):
            if text:  # an empty one is no id: the rule on calls looks at those
                ids.add(f"{path}={form_of_id(text)}")
        elif key.casefold() not in _NOT_WORDS and len(text) <= _MAX_WORD and _WORD.fullmatch(text):
            words.add(f"{path}={text}")
    if words:
        found["wire.words"] = sorted(words)
    if ids:
        found["wire.ids"] = sorted(ids)
    backend = body.get("system_fingerprint") if isinstance(body, Mapping) else None
    if isinstance(backend, str) and backend:
        found["backend"] = backend
    return found


def _texts(value: JSON, path: str, opaque: Collection[str], tag: Tag) -> Iterator[tuple[str, str, str]]:
    """Yield (path in shape notation, its last key, text) for every text that stands under a key."""
    if path in opaque:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            child = f"{path}/{escape(key)}"
            if isinstance(inner, str):
                yield child, key, inner
            elif inner.__class__ in {dict, list}:
                yield from _texts(inner, child, opaque, tag)
    elif isinstance(value, list):
        for element in value:
            if element.__class__ in {dict, list}:
                yield from _texts(element, element_path(path, element, tag), opaque, tag)


def form_of_id(identity: str) -> str:
    """Return the form of an opaque id: its prefix, then its alphabet and length, such as `msg_alnum24`."""
    if _UUID.fullmatch(identity):
        return "uuid"
    prefix = found[0] if (found := _PREFIX.match(identity)) else ""
    rest = identity.removeprefix(prefix)
    if _UUID.fullmatch(rest):
        return f"{prefix}uuid"
    if rest.isdecimal():
        return f"{prefix}digits" + (str(len(rest)) if len(rest) >= _SURE else "")
    if re.fullmatch(r"[0-9a-f]+", rest) and len(rest) >= _SURE:
        return f"{prefix}hex{len(rest)}"
    if re.fullmatch(r"[0-9A-Za-z_-]+", rest):
        # A separator may fall anywhere into random text: what stands before it is no prefix then.
        return f"{prefix}alnum{len(rest)}" if len(rest) >= 8 else f"alnum{len(identity)}"
    return "other"


def sent_blocks(body: Mapping[str, JSON]) -> list[str]:
    """Return the content blocks of a request with their fields: ["assistant/document", "user/text.citations", …]."""
    found: set[str] = set()
    for turns in (body.get(name) for name in ("messages", "input", "contents")):
        for turn in turns if isinstance(turns, list) else ():
            if not isinstance(turn, Mapping):
                continue
            role = turn.get("role") or "user"
            if role == "tool" or turn.get("type") == "function_call_output":
                found.add(f"{role}/tool_result")
            parts = turn.get("content") if "content" in turn else turn.get("parts")
            for part in parts if isinstance(parts, list) else ():
                if not isinstance(part, Mapping):
                    continue
                kind = part.get("type")
                if isinstance(kind, str):
                    found.add(f"{role}/{kind}")
                    found |= {f"{role}/{kind}.{key}" for key in part if key != "type"}
                else:  # one dialect names a part by its only key
                    found |= {f"{role}/{key}" for key in part}
    return sorted(found)


def header_features(headers: Mapping[str, str]) -> dict[str, JSON]:
    """Return what the recorded headers of a reply say.

    Returns:
        `headers.names`: names that a client may rely on; `headers.limits`: advertised rate limits, as whole numbers;
        `headers.lifecycle`: ISO dates of `deprecation` and `sunset`, or the text that stood there;
        `headers.api_version`: the version by which the API says it answered. Each only when there is one.
    """
    found: dict[str, JSON] = {}
    if headers:
        found["headers.names"] = sorted(name for name in headers if name not in _UNREMARKABLE)
    limits = {
        name: int(value)
        for name, value in headers.items()
        if len(value) <= _LONGEST_NUMBER
        and _LIMIT.search(name.replace("-", " "))
        and value.strip().isdecimal()
    }
    if limits:
        found["headers.limits"] = limits
    lifecycle = {name: _day(headers[name]) for name in ("deprecation", "sunset") if headers.get(name)}
    if lifecycle:
        found["headers.lifecycle"] = lifecycle
    if headers.get("openai-version"):
        found["headers.api_version"] = headers["openai-version"]
    return found


def _day(value: str) -> str:
    """Return the ISO date of a `Deprecation` (RFC 9745: "@" and seconds) or `Sunset` (RFC 8594: HTTP date) header."""
    text = value.strip()
    try:
        if re.fullmatch(r"@-?\d{1,11}", text):
            return dt.datetime.fromtimestamp(int(text[1:]), dt.UTC).date().isoformat()
        return parsedate_to_datetime(text).astimezone(dt.UTC).date().isoformat()
    except (ValueError, OverflowError, OSError, TypeError):
        # An older draft of RFC 9745 allowed "true"; and one vendor writes an ISO date.
        return found[0] if (found := re.match(r"\d{4}-\d{2}-\d{2}", text)) else text.casefold()[:40]
