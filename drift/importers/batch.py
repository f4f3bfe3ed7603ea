# Result files of the vendors' batch APIs, with the request files that belong to them.
# Owns: where a batch line keeps what. Refuses to know: runs and the store; it yields recorded lines.
"""Read batch results as recorded lines.

    line field        Anthropic Message Batches              OpenAI Batch
    probe_id          custom_id                              custom_id
    target            anthropic/ + requested model           openai/ + requested model
    dataset           "batch-" + 8 digits that follow from the set of custom ids: the same questions, the same name
    output_raw        result.message                         response.body
    status            200 when it succeeded                  response.status_code
    error             result.error.error, else result.type   response.body.error, else error
    outcome           from status and error; canceled and expired requests "failed"
    recorded_at       none                                   response.body.created (created_at)

The requested model, prompt, tools, output schema and params come from the request file (the JSON Lines that were
sent, or the body {"requests": […]}) when it is imported in the same call. Without it the model that the reply names
stands for the requested one. A prompt is the text of a lone user message; anything longer is the canonical JSON of
system text and messages, so that a changed request is a changed probe. The output file and the error file of one
OpenAI batch are one run when they are put into one file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from drift.canonical import canonical, content_hash
from drift.importers.fields import EntryError
from drift.model import JSON
from drift.observe.readers import read_recorded

VENDORS = ("anthropic", "openai")

_NOT_PARAMS = frozenset(
    {"model", "messages", "system", "input", "instructions", "tools", "metadata", "user"}
    | {"response_format", "output_config", "output_format", "text"}
)


def is_result(value: JSON, vendor: str) -> bool:
    """Tell whether a JSON value is one line of a vendor's result file."""
    key = "result" if vendor == "anthropic" else "response"
    return (
        isinstance(value, dict) and {"custom_id", key} <= value.keys() and isinstance(value[key], dict | None)
    )


def is_requests(value: JSON) -> bool:
    """Tell whether a JSON value is one line of a request file, or all of it."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("requests"), list):
        return all(is_requests(request) for request in value["requests"])
    return "custom_id" in value and any(isinstance(value.get(key), dict) for key in ("params", "body"))


@dataclass(slots=True)
class Requests:
    """What was asked, by custom id. Held in memory: a batch has at most 100,000 requests."""

    by_id: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def add(self, value: Mapping[str, JSON]) -> None:
        """Take one line of a request file, or a whole one; EntryError when an id was used for something else."""
        for request in value.get("requests", [value]):
            name, asked = request["custom_id"], request.get("params") or request.get("body")
            if not isinstance(name, str) or self.by_id.setdefault(name, asked) != asked:
                raise EntryError(f"custom_id {name!r} asks for two different things")


@dataclass(frozen=True, slots=True)
class Survey:
    """What has to be known of a result file before its first line can be read.

    Attributes:
        dataset: name of the set of questions.
        model: the requested model of lines that name none; None when the file holds several.
    """

    dataset: str
    model: str | None


def survey(values: Iterable[JSON], vendor: str, requests: Requests) -> Survey:
    """Read a result file once for what all its lines have in common."""
    names: set[str] = set()
    models: set[str] = set()
    for value in values:
        if is_result(value, vendor) and isinstance(value["custom_id"], str):
            names.add(value["custom_id"])
            model = _requested(value, vendor, requests)
            if model is not None:
                models.add(model)
    return Survey(f"batch-{content_hash(sorted(names))[:8]}", models.pop() if len(models) == 1 else None)


def recorded(
    values: Iterable[tuple[int, JSON]], vendor: str, requests: Requests, known: Survey
) -> Iterator[tuple[int, JSON]]:
    """Yield a result file as recorded lines; EntryError for a line that is no result, or names no model at all."""
    for number, value in values:
        if not is_result(value, vendor):
            raise EntryError(f"is no result of an {vendor} batch", number)
        model = _requested(value, vendor, requests) or known.model
        if model is None:
            raise EntryError("neither request nor reply names a model: import the request file too", number)
        read = _anthropic if vendor == "anthropic" else _openai
        asked = requests.by_id.get(value["custom_id"]) or {}
        line = {
            "dataset": known.dataset,
            "target": f"{vendor}/{model}",
            "probe_id": value["custom_id"],
            "version_label": None,
            "sample": 0,
            "platform": vendor,
            **_question(asked),
            **read(value),
        }
        yield number, {**line, **_answer(line)}


def _body(value: Mapping[str, Any], vendor: str) -> Mapping[str, Any]:
    inner = (
        (value["result"] or {}).get("message")
        if vendor == "anthropic"
        else (value["response"] or {}).get("body")
    )
    return inner if isinstance(inner, dict) else {}


def _requested(value: Mapping[str, Any], vendor: str, requests: Requests) -> str | None:
    for source in (requests.by_id.get(value["custom_id"]) or {}, _body(value, vendor)):
        model = source.get("model")
        if isinstance(model, str) and model:
            return model
    return None


def _anthropic(value: Mapping[str, Any]) -> dict[str, JSON]:
    result = value["result"] or {}
    kind = result.get("type")
    if kind == "succeeded":
        return {"output_raw": result.get("message"), "status": 200}
    error = result.get("error")
    inner = error.get("error", error) if isinstance(error, dict) else error
    return {"output_raw": error, "error": inner or kind or "no result"}


def _openai(value: Mapping[str, Any]) -> dict[str, JSON]:
    response = value["response"] or {}
    body = response.get("body")
    created = _body(value, "openai")
    seconds = created.get("created") or created.get("created_at")
    error = created.get("error") or value.get("error")
    line: dict[str, JSON] = {"output_raw": body, "status": response.get("status_code")}
    if error is not None:
        line["error"] = error
    elif not response:
        line["error"] = "no response"
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 2**33:
        line["recorded_at"] = datetime.fromtimestamp(seconds, UTC).isoformat()
    return line


def _answer(line: Mapping[str, Any]) -> dict[str, JSON]:
    """Return text, calls and usage out of the envelope, for channels that are compared without one."""
    raw = line["output_raw"]
    if isinstance(raw, dict) and isinstance(raw.get("output"), list):
        return _responses_answer(raw)
    reply = read_recorded(line)
    return {
        "output_text": reply.text,
        "tool_calls": [{"name": call.name, "arguments": call.arguments} for call in reply.calls] or None,
        "usage": dict(reply.usage) or None,
        "response_model": reply.model,
    }


def _responses_answer(raw: Mapping[str, Any]) -> dict[str, JSON]:
    items = [item for item in raw["output"] if isinstance(item, dict)]
    parts = [
        part
        for item in items
        if isinstance(item.get("content"), list)
        for part in item["content"]
        if isinstance(part, dict)
    ]
    texts = [
        part["text"]
        for part in parts
        if part.get("type") == "output_text" and isinstance(part.get("text"), str)
    ]
    calls = [
        {"name": item.get("name"), "arguments": item.get("arguments")}
        for item in items
        if item.get("type") == "function_call" and isinstance(item.get("name"), str)
    ]
    usage, model = raw.get("usage"), raw.get("model")
    return {
        "output_text": "".join(texts) if texts else None,
        "tool_calls": calls or None,
        "usage": usage if isinstance(usage, dict) else None,
        "response_model": model if isinstance(model, str) else None,
    }


def _question(asked: Mapping[str, Any]) -> dict[str, JSON]:
    if not asked:
        return {}
    tools = asked.get("tools")
    return {
        "prompt": prompt_text(
            asked.get("system") or asked.get("instructions"), asked.get("messages") or asked.get("input")
        ),
        "params": {key: value for key, value in asked.items() if key not in _NOT_PARAMS} or None,
        "tools": tools if isinstance(tools, list) else None,
        "output_schema": _schema(asked),
    }


def prompt_text(system: JSON, messages: JSON) -> str | None:
    """Return what was asked as one text: that of a lone user message, else canonical JSON of everything."""
    if isinstance(messages, str) and not system:
        return messages
    if isinstance(messages, list) and len(messages) == 1 and not system and isinstance(messages[0], dict):
        content = messages[0].get("content")
        if messages[0].get("role") == "user" and isinstance(content, str):
            return content
    return canonical({"system": system, "messages": messages}) if messages else None


def _schema(asked: Mapping[str, Any]) -> JSON:
    """Find the JSON Schema of native structured output in any of the vendors' places."""
    for path in (
        ("output_config", "format", "schema"),
        ("output_format", "schema"),
        ("response_format", "json_schema", "schema"),
        ("text", "format", "schema"),
    ):
        place: Any = asked
        for step in path:
            place = place.get(step) if isinstance(place, dict) else None
        if isinstance(place, dict):
            return place
    return None
