# The Gemini API's generateContent: candidates, parts, and a stream of whole responses.
# Owns: what is where in this dialect. Refuses to know: what any of it means for a consumer.
"""Read the Gemini API.

A part carries no type: which of its keys it has tells what it is. Fields with the value 0, false or "" may be left out
(the body is a protobuf written as JSON), so a counter that is missing is a counter that is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from drift.model import JSON
from drift.observe.reply import Call, Reply, StreamNotes, mapping, mappings, text_or_none

_PARTS = "/candidates/*/content/parts"

OPAQUE = frozenset(
    {
        f"{_PARTS}/*{{functionCall}}/functionCall/args",
        f"{_PARTS}/*{{functionResponse}}/functionResponse/response",
        "/candidates/*/groundingMetadata",
        "/candidates/*/logprobsResult",
    }
)
NOT_PARAMETERS = frozenset({"contents", "model"})
NULL_BY_ANSWER: frozenset[str] = frozenset()
THERE_BY_ANSWER = frozenset(
    {
        "/candidates",
        "/candidates/*/citationMetadata",
        "/candidates/*/content",
        "/candidates/*/content/parts",
        "/candidates/*/finishMessage",
        "/candidates/*/safetyRatings",
        "/promptFeedback",
        "/usageMetadata/cacheTokensDetails",
        "/usageMetadata/cachedContentTokenCount",
        "/usageMetadata/candidatesTokenCount",
        "/usageMetadata/candidatesTokensDetails",
        "/usageMetadata/thoughtsTokenCount",
    }
)
STREAM_ONLY: frozenset[str] = frozenset()
ECHOED: frozenset[str] = frozenset()
EVENTS_BY_ANSWER = frozenset({"chunk:functionCall", "chunk:text", "chunk:thought", "chunk:blocked"})
FOLLOWS = {"chunk:finish": "chunk:"}

_MARKERS = frozenset({"mediaResolution", "partMetadata", "thought", "thoughtSignature", "videoMetadata"})
"""Keys that stand beside what a part is."""
_BLOCKS = {"functionCall": "tool_call", "thought": "reasoning"}
"""Kinds that every dialect has, by their common name."""


def owns(value: Mapping[str, JSON]) -> bool:
    """Say whether an object is a response of this dialect, or a chunk of one."""
    return not {"candidates", "promptFeedback", "usageMetadata"}.isdisjoint(value)


def tag(path: str, element: Mapping[str, JSON]) -> str | None:
    """Return what tells the elements of a list apart: parts by the key that says what they are."""
    return _kind(element) if path == _PARTS else text_or_none(element.get("type"))


def _kind(part: Mapping[str, JSON]) -> str:
    if part.get("thought") is True:
        return "thought"
    return next((key for key in part if key not in _MARKERS), "text")


def requested_model(path: str) -> str | None:
    """Return the model that a path names: it does not stand in the body."""
    _, found, rest = path.partition("/models/")
    return unquote(rest.partition(":")[0].partition("?")[0]) if found else None


def catalogue(body: JSON) -> list[str]:
    """Return the ids in a list of models."""
    names = (str(item["name"]) for item in mappings(mapping(body).get("models")) if "name" in item)
    return sorted(name.removeprefix("models/") for name in names)


def read_body(body: Mapping[str, Any]) -> Reply:
    """Read a response; only its first candidate, for no request asks for more."""
    candidate = next(iter(mappings(body.get("candidates"))), {})
    parts = mappings(mapping(candidate.get("content")).get("parts"))
    kinds = [_kind(part) for part in parts]
    told = list(zip(kinds, parts, strict=True))
    feedback = mapping(body.get("promptFeedback"))
    blocked = text_or_none(feedback.get("blockReason"))
    return Reply(
        form="gemini",
        body=body,
        text="".join(
            part["text"] for kind, part in told if kind == "text" and isinstance(part.get("text"), str)
        ),
        blocks=tuple(_BLOCKS.get(kind, kind) for kind in kinds),
        first_text=kinds.index("text") if "text" in kinds else None,
        others=tuple(part for kind, part in told if kind != "text"),
        thoughts=tuple(str(part.get("text") or "") for kind, part in told if kind == "thought"),
        stop=text_or_none(candidate.get("finishReason")),
        model=text_or_none(body.get("modelVersion")),
        calls=tuple(_call(mapping(part["functionCall"])) for kind, part in told if kind == "functionCall"),
        usage=mapping(body.get("usageMetadata")),
        error=body.get("error"),
        stop_details=dict(feedback) or _harm(candidate),
        blocked=blocked,
    )


def _call(call: Mapping[str, Any]) -> Call:
    """Read a call; arguments that are left out are an empty object, as protobuf writes it."""
    return Call(str(call.get("name") or ""), call.get("args", {}), call.get("id"))


def _harm(candidate: Mapping[str, Any]) -> dict[str, JSON] | None:
    """Return the categories for which an answer was stopped, in the form of details of a stop."""
    harms = sorted(
        str(rating.get("category"))
        for rating in mappings(candidate.get("safetyRatings"))
        if rating.get("blocked") is True
    )
    return {"category": "+".join(harms)} if harms else None


def read_stream(events: Sequence[Mapping[str, Any]]) -> Reply:
    """Assemble a stream: every chunk is a response with a piece of the answer, the last one says why it ends.

    There is no terminal event: a finish reason, or the reason why the prompt was blocked, takes its place.
    """
    notes = StreamNotes()
    body: dict[str, Any] = {}
    candidate: dict[str, Any] = {}
    parts: list[dict[str, Any]] = []
    early_usage = False
    for event in events:
        data = event.get("data")
        if isinstance(data, list) and len(data) == 1:
            data = data[0]  # an error may come wrapped in a list
        if not isinstance(data, dict):
            notes.names.append(str(event.get("event") or "text"))
            continue
        if data.get("error") is not None:
            notes.error = data["error"]
            notes.names.append("error")
            continue
        if not owns(data):
            notes.names.append(f"chunk:{'+'.join(sorted(data)) or 'empty'}")
            body |= data
            continue
        changed = {
            key for key in ("modelVersion", "responseId") if body.get(key, data.get(key)) != data.get(key)
        }
        notes.problems |= {f"{key}-changed" for key in changed if key in data}
        first = next(iter(mappings(data.get("candidates"))), {})
        spoken = [dict(part) for part in mappings(mapping(first.get("content")).get("parts"))]
        if notes.terminal and any(part.get("text") or _kind(part) != "text" for part in spoken):
            notes.problems.add("content-after-finish")
        if notes.terminal and first.get("finishReason"):
            notes.problems.add("finish-repeated")
        _join_parts(parts, spoken)
        content = {**mapping(candidate.get("content")), **mapping(first.get("content"))}
        candidate |= {**first, **({"content": content} if content else {})}
        ends = bool(first.get("finishReason") or mapping(data.get("promptFeedback")).get("blockReason"))
        notes.terminal = notes.terminal or ends
        if isinstance(data.get("usageMetadata"), dict):
            if ends or not first:
                notes.usage_events.append("chunk:finish" if ends else "chunk:usage")
            early_usage = early_usage or not ends
        body |= {key: value for key, value in data.items() if key != "candidates"}
        notes.names.append("chunk:" + "+".join(_kinds(first, spoken, data)))
    if early_usage and not notes.usage_events:
        notes.usage_events.append("chunk:content")  # the last chunk has none
    if candidate:
        if "content" in candidate:
            candidate["content"] = {**candidate["content"], "parts": parts} if parts else candidate["content"]
        body["candidates"] = [candidate]
    if not body:
        return Reply(**notes.fields())
    return replace(read_body(body), **notes.fields())


def _join_parts(parts: list[dict[str, Any]], spoken: Sequence[dict[str, Any]]) -> None:
    """Add parts to those so far; texts of one kind grow together, up to a signature, which ends a part."""
    for part in spoken:
        last = parts[-1] if parts else {}
        grows = set(part) | set(last) <= {"text", "thought", "thoughtSignature"} and "text" in last
        if grows and last.get("thought") == part.get("thought") and "thoughtSignature" not in last:
            last |= {**part, "text": str(last["text"]) + str(part.get("text") or "")}
        else:
            parts.append(part)


def _kinds(
    candidate: Mapping[str, Any], spoken: Sequence[Mapping[str, Any]], chunk: Mapping[str, Any]
) -> list[str]:
    """Return what a chunk holds, sorted; the signature of a part is no part of its own."""
    kinds = {_kind(part) for part in spoken if set(part) - {"thoughtSignature"} and part != {"text": ""}}
    kinds |= {"finish"} if candidate.get("finishReason") else set()
    kinds |= {"blocked"} if mapping(chunk.get("promptFeedback")).get("blockReason") else set()
    return sorted(kinds) or ["usage" if "usageMetadata" in chunk and not candidate else "empty"]
