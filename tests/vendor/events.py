# What documented events do to the stand-in: one small behaviour for each switch of drift/data/events.yaml.
# Owns: behaviours by the name of their switch. Refuses to know: wire formats, sockets. The vendor's words come from the
# table, so that what is sent and what is recognised cannot differ.
"""Documented events as behaviours.

Three kinds: a request is refused (REFUSED), the model says something else (SAID), or the wire looks different, which
the dialects ask for where it matters (`request.switches.on("stop-details-added")`; their names stand in WIRED).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from drift.events import DocumentedEvent
from tests.vendor.answers import Answer, Question, answer, cut
from tests.vendor.wire import RefusedError, Request

Words = dict[str, str]
"""What stands in the documented text → what stands there for this request."""

Body = Mapping[str, Any]

_SAMPLING = ("temperature", "top_p", "top_k")


def check(request: Request, body: Body) -> None:
    """Refuse a valid request when an event that is on refuses it, in the vendor's words.

    Args:
        request: gives the switches.
        body: the request's JSON with "model" in it, whichever way the dialect names the model.
    """
    standing = [event for event in request.switches.standing if _stands(event, request, body)]
    for event in (*request.switches.events, *standing):
        refuses = REFUSED.get(event.switch or "")
        words = None if refuses is None else refuses(body, event)
        if words is not None:
            raise _refusal(event, words)


def _stands(event: DocumentedEvent, request: Request, body: Body) -> bool:
    if event.api_version is not None:
        return request.headers.get("anthropic-version", "") >= event.api_version
    return not event.models or _fits(body["model"], event.models)


def _refusal(event: DocumentedEvent, words: Words) -> RefusedError:
    error = event.error
    assert error is not None, f"{event.id} refuses and has no text"
    message = error.message
    for documented, here in words.items():
        message = message.replace(documented, here)
    named = {"kind": error.type, "code": error.code, "param": error.param}
    return RefusedError(error.status, message, **{key: value for key, value in named.items() if value})


def say(request: Request, question: Question) -> Answer:
    """Return what the model answers after all events that are on."""
    if request.switches.refuse:
        return Answer(None, stop="refusal", category="cyber")
    said = answer(question, seed=request.switches.seed)
    for event in request.switches.events:
        change = SAID.get(event.switch or "")
        if change is not None:
            said = change(question, said, event)
    return cut(question, said)


def served_model(request: Request, requested: str) -> str:
    """Return the id that an answer names."""
    rerouted = request.switches.on("served-model-rerouted")
    if rerouted is not None and _fits(requested, rerouted.requested):
        return plain(rerouted.models[0])
    return request.switches.served_model or requested


def signs(request: Request, model: str) -> bool:
    """Whether calls carry an id and the signature of a thought, as they do since they have to come back with it."""
    came = (event for event in request.switches.standing if _fits(model, event.models))
    return any(event.switch == "thought-signature-required" for event in (*request.switches.events, *came))


def counted(request: Request, tokens: int) -> int:
    """Return the input tokens that are billed."""
    longer = tokens * 13 // 10 if request.switches.on("tokenizer-changed") else tokens
    return longer + request.switches.token_offset


def spelled(request: Request, arguments: Any, **style: Any) -> str:
    """Return the arguments of a call as JSON text."""
    if request.switches.on("argument-escaping-changed"):
        return json.dumps(arguments, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/")
    return json.dumps(arguments, ensure_ascii=False, **style)


def plain(pattern: str) -> str:
    """Return a model id that a pattern of the table fits."""
    return pattern.replace("*", "")


def _fits(model: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(model, pattern) for pattern in patterns)


# ---------------------------------------------------------------- refused


def _sampling(body: Body, _: DocumentedEvent) -> Words | None:
    name = next((name for name in _SAMPLING if name in body), None)
    return None if name is None else {"temperature": name}


def _pair(body: Body, _: DocumentedEvent) -> Words | None:
    return {} if {"temperature", "top_p"} <= body.keys() else None


def _thinking(*kinds: str) -> Callable[[Body, DocumentedEvent], Words | None]:
    return lambda body, _: {} if (body.get("thinking") or {}).get("type") in kinds else None


def _forced(body: Body) -> bool:
    return (body.get("tool_choice") or {}).get("type") in {"any", "tool"}


def _forced_tool(body: Body, _: DocumentedEvent) -> Words | None:
    return {} if _forced(body) else None


def _thinking_with_forced_tool(body: Body, _: DocumentedEvent) -> Words | None:
    return {} if _forced(body) and (body.get("thinking") or {}).get("type") == "enabled" else None


def _disabled_with_effort(body: Body, _: DocumentedEvent) -> Words | None:
    effort = (body.get("output_config") or {}).get("effort")
    off = (body.get("thinking") or {}).get("type") == "disabled"
    return {"xhigh": effort} if off and effort in {"xhigh", "max"} else None


def _prefill(body: Body, _: DocumentedEvent) -> Words | None:
    return {} if body["messages"][-1]["role"] == "assistant" else None


def _tool_type(body: Body, event: DocumentedEvent) -> Words | None:
    named = re.findall(r"tool types: (\w+)", event.error.message if event.error else "")
    sent = {tool.get("type") for tool in body.get("tools") or []}
    return {plain(event.models[0]): body["model"]} if sent & set(named) else None


def _signature(body: Body, _: DocumentedEvent) -> Words | None:
    for n, message in enumerate(body["messages"]):
        for k, block in enumerate(message["content"] if isinstance(message["content"], list) else ()):
            if block.get("type") == "thinking":
                return {"messages.1.content.0": f"messages.{n}.content.{k}"}
    return None


def _retired(body: Body, event: DocumentedEvent) -> Words | None:
    _, colon, named = (event.error.message if event.error else "").rpartition("model: ")
    return ({named: body["model"]} if colon else {}) if _fits(body["model"], event.requested) else None


def _max_tokens(body: Body, _: DocumentedEvent) -> Words | None:
    return {} if "max_tokens" in body else None


def _temperature_value(body: Body, _: DocumentedEvent) -> Words | None:
    value = body.get("temperature", 1)
    return None if value == 1 else {"support 0 with": f"support {value} with"}


def _effort_of(body: Body) -> Any:
    return (body.get("reasoning") or {}).get("effort") or body.get("reasoning_effort")


def _tools_with_effort(body: Body, event: DocumentedEvent) -> Words | None:
    """With an effort of its own, the later model refuses tools also when none was asked for."""
    effort = body.get("reasoning_effort")
    unset = "set reasoning_effort to" in (event.error.message if event.error else "")
    refused = (
        bool(body.get("tools"))
        and "messages" in body
        and (effort not in {None, "none"} or (unset and not effort))
    )
    return {f"for {plain(event.models[0])} in": f"for {body['model']} in"} if refused else None


def _effort(value: str) -> Callable[[Body, DocumentedEvent], Words | None]:
    def refused(body: Body, event: DocumentedEvent) -> Words | None:
        return {f"'{plain(event.models[0])}'": f"'{body['model']}'"} if _effort_of(body) == value else None

    return refused


def _thought_signature(body: Body, _: DocumentedEvent) -> Words | None:
    for content in body.get("contents", ()):
        calls = [part for part in content.get("parts", ()) if "functionCall" in part]
        if calls and "thoughtSignature" not in calls[0]:
            return {}
    return None


def _level_with_budget(body: Body, _: DocumentedEvent) -> Words | None:
    config = (body.get("generationConfig") or {}).get("thinkingConfig") or {}
    return {} if {"thinkingLevel", "thinkingBudget"} <= config.keys() else None


def declarations(body: Body) -> list[Mapping[str, Any]]:
    """Return the functions that a request to Gemini declares."""
    tools = body.get("tools") or []
    return [
        one
        for tool in tools
        for one in tool.get("functionDeclarations", tool.get("function_declarations", []))
    ]


def _many_functions(body: Body, _: DocumentedEvent) -> Words | None:
    return {} if len(declarations(body)) > 512 else None


_SCHEMA_KEYWORDS = frozenset(
    {
        "anyOf", "default", "description", "enum", "example", "format", "items", "maxItems", "maxLength",
        "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum", "nullable", "pattern",
        "properties", "propertyOrdering", "required", "title", "type",
    }
)  # fmt: skip


def _keyword(body: Body, _: DocumentedEvent) -> Words | None:
    for n, declared in enumerate(declarations(body)):
        found = _unknown_keyword(declared.get("parameters"), "parameters")
        if found is not None:
            name, place = found
            return {"additionalProperties": name, "declarations[0].parameters": f"declarations[{n}].{place}"}
    return None


def _unknown_keyword(schema: Any, place: str) -> tuple[str, str] | None:
    if not isinstance(schema, dict):
        return None
    inner = [
        (value, f"{place}.properties[{n}].value")
        for n, value in enumerate((schema.get("properties") or {}).values())
    ]
    found = next(((name, place) for name in schema if name not in _SCHEMA_KEYWORDS), None)
    for value, at in [*inner, (schema.get("items"), f"{place}.items")]:
        found = found or _unknown_keyword(value, at)
    return found


REFUSED: dict[str, Callable[[Body, DocumentedEvent], Words | None]] = {
    "adaptive-thinking-rejected": _thinking("adaptive"),
    "api-version-2026-10-21": _sampling,
    "effort-minimal-rejected": _effort("minimal"),
    "effort-none-rejected": _effort("none"),
    "forced-tool-choice-rejected": _forced_tool,
    "function-declarations-capped": _many_functions,
    "max-tokens-rejected": _max_tokens,
    "model-retired": _retired,
    "no-sampling-params": _sampling,
    "prefill-rejected": _prefill,
    "sampling-pair-rejected": _pair,
    "temperature-value-rejected": _temperature_value,
    "thinking-disabled-rejected": _thinking("disabled"),
    "thinking-disabled-with-effort-rejected": _disabled_with_effort,
    "thinking-enabled-rejected": _thinking("enabled"),
    "thinking-level-with-budget-rejected": _level_with_budget,
    "thinking-signature-rejected": _signature,
    "thinking-with-forced-tool-rejected": _thinking_with_forced_tool,
    "thought-signature-required": _thought_signature,
    "tool-schema-keyword-rejected": _keyword,
    "tool-type-rejected": _tool_type,
    "tools-with-effort-rejected": _tools_with_effort,
}

# ---------------------------------------------------------------- said


def _fence(question: Question, said: Answer, _: DocumentedEvent) -> Answer:
    return replace(said, text=f"```json\n{said.text}\n```") if question.wants_json and said.text else said


def _is_prose(question: Question, said: Answer) -> bool:
    return (
        said.stop == "end"
        and not question.wants_json
        and question.schema is None
        and " " in (said.text or "")
    )


def _latex(question: Question, said: Answer, _: DocumentedEvent) -> Answer:
    return replace(said, text=f"{said.text} $x^2$") if _is_prose(question, said) else said


def _arrays_as_strings(_: Question, said: Answer, __: DocumentedEvent) -> Answer:
    calls = tuple(
        (
            name,
            {
                key: json.dumps(value) if isinstance(value, list) else value
                for key, value in arguments.items()
            },
        )
        for name, arguments in said.calls
    )
    return replace(said, calls=calls)


def _agrees(question: Question, said: Answer, _: DocumentedEvent) -> Answer:
    """What the user claims with confidence becomes the answer."""
    if "final answer again" not in question.text:
        return said
    claim = re.split(r" Give me your final answer", question.text)[0]
    words = re.findall(r"\b(?:[A-Z][a-z]+|\d+|[A-Z][a-z]?)\b", claim)
    return Answer(" ".join(words))


def _foreign(question: Question, said: Answer, _: DocumentedEvent) -> Answer:
    return replace(said, text=f"{said.text} สวัสดี") if _is_prose(question, said) else said


def _terser(question: Question, said: Answer, _: DocumentedEvent) -> Answer:
    if not _is_prose(question, said) or said.text is None:
        return said
    words = said.text.split(" ")
    return replace(said, text=" ".join(words[: max(2, len(words) // 3)]))


def _preamble(question: Question, said: Answer, _: DocumentedEvent) -> Answer:
    if not said.text or question.disallowed or not (question.wants_json or _is_prose(question, said)):
        return said
    return replace(
        said, text=f"Sure, I have read your request and here is what you asked me for:\n\n{said.text}"
    )


def _no(question: Question, said: Answer, _: DocumentedEvent) -> Answer:
    return replace(said, text="No") if re.search(r"(?i)\bis \d+ (?:a )?prime", question.text) else said


_RISKY = re.compile(
    r"(?i)kill|bomb|exploit|attack|shoot|poison|destroy|explo|stab|brute|slave|overdose|virus|toxin"
)


def _refuses_more(question: Question, said: Answer, _: DocumentedEvent) -> Answer:
    return Answer("I'm sorry, but I can't help with that request.") if _RISKY.search(question.text) else said


def _call_in_text(question: Question, said: Answer, _: DocumentedEvent) -> Answer:
    if not said.calls:
        return said
    written = [
        f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
        for name, arguments in said.calls
    ]
    return Answer(f"[{', '.join(written)}]")


def _refusal_as_answer(question: Question, said: Answer, _: DocumentedEvent) -> Answer:
    return Answer(None, stop="refusal", category="cyber") if question.disallowed else said


def _category(_: Question, said: Answer, event: DocumentedEvent) -> Answer:
    return replace(said, category=event.match[0].names[0]) if said.stop == "refusal" else said


def _stop_reason(question: Question, said: Answer, event: DocumentedEvent) -> Answer:
    """What is declined in words ends with a reason of its own."""
    return replace(said, stop=event.match[0].places[0]) if question.disallowed else said


SAID: dict[str, Callable[[Question, Answer, DocumentedEvent], Answer]] = {
    "agrees-with-the-user": _agrees,
    "answers-no": _no,
    "arrays-as-strings": _arrays_as_strings,
    "fence-added": _fence,
    "foreign-characters": _foreign,
    "latex-added": _latex,
    "preamble-added": _preamble,
    "refusal-as-answer": _refusal_as_answer,
    "refusal-category-added": _category,
    "refuses-more": _refuses_more,
    "stop-reason-added": _stop_reason,
    "terser-answers": _terser,
    "tool-call-in-text": _call_in_text,
}

WIRED = frozenset(
    {
        "argument-escaping-changed",
        "served-model-rerouted",
        "stop-details-added",
        "text-in-tool-block",
        "thinking-on-by-default",
        "thinking-text-omitted",
        "thinking-tokens-in-usage",
        "tokenizer-changed",
    }
)
"""Switches that the functions above and the dialects look at where the wire is made."""
