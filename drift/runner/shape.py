# What is kept of a `store: shape` sample: observations, hashes and a skeleton, but no prompt and no reply.
# Owns: what counts as text. Refuses to know: which probes are stored so, the database.
"""Reduce a raw document to its shape (safety probes).

Observations are derived before storing, because afterwards they cannot be. They are only comparable with
observations of the same observer version, which is kept beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from drift.canonical import content_hash
from drift.model import JSON, Probe

_NAME = re.compile(r"[\w.$-]{1,64}")
"""Keys of a tool call's arguments are the model's words; a name tells nothing, a sentence does."""

_KEPT = ("dialect", "operation", "status", "headers", "latency_ms", "first_event_ms", "attempts")

_OUR_WORDS = frozenset({"stream.divergence", "stream.grammar", "stream.order"})
"""Observations that are sentences of ours, not of a vendor or a model."""
_THEIR_WORDS = frozenset({"error.message", "error.said"})
"""Observations that may repeat anything, even a single word."""


def shape_document(document: Mapping[str, JSON], probe: Probe) -> dict[str, JSON]:
    """Return the form of a sample's document that holds no text.

    Args:
        document: the raw document, see `drift.observe`. One that is a shape already is returned as it is.
        probe: the probe that was asked.

    Returns:
        `shape` (observations, with sentences hashed), `observer` (their version), `hashes` of the prompt (all
        request bodies) and the reply (all bodies, texts and events), and `exchanges`: status, safe headers and
        timing, with bodies in which every text is replaced by "<string>".
    """
    if "shape" in document:
        return dict(document)
    from drift.observe import OBSERVER_VERSION, observe

    exchanges: Sequence[Mapping[str, Any]] = document["exchanges"]
    prompts = [(entry["request"] or {}).get("body") for entry in exchanges]
    replies = [[entry["body"], entry["text"], entry["events"]] for entry in exchanges]
    return {
        "shape": {name: _kept(name, value) for name, value in observe(document, probe).items()},
        "observer": OBSERVER_VERSION,
        "hashes": {"prompt": content_hash(prompts), "reply": content_hash(replies)},
        "exchanges": [_skeleton(entry) for entry in exchanges],
    }


def _skeleton(entry: Mapping[str, Any]) -> dict[str, JSON]:
    request = entry["request"]
    events = entry["events"]
    return {
        **{name: entry[name] for name in _KEPT},
        "headers": {name: _without_words(value) for name, value in entry["headers"].items()},
        **({"warnings": entry["warnings"]} if "warnings" in entry else {}),
        "request": None if request is None else {**request, "body": _without_text(request["body"])},
        "body": _without_text(entry["body"]),
        "text": _without_text(entry["text"]),
        "events": None
        if events is None
        else [{"event": event["event"], "data": _without_text(event["data"])} for event in events],
        "error": None if entry["error"] is None else {**entry["error"], "message": "<string>"},
        "retries": [
            {
                "status": retry["status"],
                "retry_after_s": retry["retry_after_s"],
                "error": bool(retry["error"]),
            }
            for retry in entry["retries"]
        ],
    }


_DATED = re.compile(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT")


def _without_words(value: str) -> str:
    """Return the value of a header, unless it holds a sentence: a date, a number and an id tell nothing."""
    return value if _DATED.fullmatch(value) else str(_without_sentences(value, always=False))


def _kept(name: str, value: JSON) -> JSON:
    if name in _OUR_WORDS:
        return value
    if name == "calls.hull":
        return _without_choices(value)
    if name == "wire.words" and isinstance(value, list):  # a host may repeat a word of the answer anywhere
        told = (str(entry).rpartition("=") for entry in value)
        return [f"{_named(path)}={_without_sentences(word, always=True)}" for path, _, word in told]
    return _without_sentences(value, always=name in _THEIR_WORDS)


def _without_choices(value: JSON) -> JSON:
    """Hash the members of enums that a hull holds: they are words of the prompt. Keys may be the model's sentences."""
    if isinstance(value, Mapping):
        return {
            key if _NAME.fullmatch(key) else "<key>": _without_sentences(inner, always=True)
            if key == "choices" and isinstance(inner, list)
            else _without_choices(inner)
            for key, inner in value.items()
        }
    return value


def _without_sentences(value: JSON, *, always: bool) -> JSON:
    """Hash texts with white space in them (or all): still comparable, not readable."""
    if isinstance(value, str):
        return f"sha256:{content_hash(value)[:16]}" if always or re.search(r"\s", value) else value
    if isinstance(value, list):
        return [_without_sentences(item, always=always) for item in value]
    if isinstance(value, Mapping):
        return {_named(key): _without_sentences(item, always=always) for key, item in value.items()}
    return value


def _named(key: str) -> str:
    """Return a key or a path, unless it is a sentence."""
    return str(_without_sentences(key, always=False))


def _without_text(value: JSON) -> JSON:
    if isinstance(value, str):
        return "<string>"
    if isinstance(value, Mapping):
        return {key if _NAME.fullmatch(key) else "<key>": _without_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_text(item) for item in value]
    return value
