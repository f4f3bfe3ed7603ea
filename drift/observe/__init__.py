# Features of one raw reply: the only place where a raw document becomes named observations.
# Owns: the names of observations and the observer's version. Refuses to know: the other side, rules, the store.
"""Observe one sample.

A sample's raw document is one of

    {"exchanges": [exchange, …]}   live: dialect, operation, request, status, headers, body, events, …
    {"recorded": {…}}              imported: the recorded line without its identity
    {"shape": {…}, "observer": n}  a `store: shape` sample whose observations were derived before storing

`observe` returns a flat mapping of observation names to JSON values. A name that is absent could not be observed in
this sample, which is different from false.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from drift.dialects import parameters_of
from drift.hull import Hull
from drift.model import JSON, Exchange, Probe
from drift.observe.citations import citation_features
from drift.observe.ignored import ignored_parameters, inherited_defaults
from drift.observe.order import order_of
from drift.observe.parity import stream_differences
from drift.observe.readers import read_exchange, read_recorded, reader_of
from drift.observe.refusal import classify, signals
from drift.observe.refusal.languages import sure_language
from drift.observe.reply import Reply, mapping
from drift.observe.text import text_features
from drift.observe.tools import argument_hulls, tool_features
from drift.observe.usage import input_tokens, usage_features
from drift.observe.wire import header_features, sent_blocks, wire_features
from drift.shapes import json_type, shape_of

__all__ = ["OBSERVER_VERSION", "called_hulls", "input_tokens", "normalise_message", "observe", "visible_text"]

OBSERVER_VERSION = 4
"""Raised whenever an observation changes its meaning: samples kept as shape are then not comparable any more."""

_LENGTH_STOPS = frozenset(
    {"MAX_TOKENS", "length", "max_output_tokens", "max_tokens", "model_context_window_exceeded"}
)
_SAID = 300
"""Characters of an error message that are kept as they came: numbers and names in it are what a reader needs."""
_ENOUGH_TEXT = 40
"""Characters from which a language can be told: fewer are a name, a number or a word of many languages."""
_VOLATILE = re.compile(r"[`'\"“”‘’*]+|\b(?:req|msg|chatcmpl|toolu|call|gen|resp)[_-][\w-]+|\b[0-9a-f]{8,}\b")  # noqa: RUF001 typographic quotes are meant
_NUMBER = re.compile(r"\d+")


def observe(document: Mapping[str, JSON], probe: Probe) -> dict[str, JSON]:
    """Return the observations of one sample.

    Args:
        document: the sample's raw document, see the module.
        probe: the probe that was asked; gives tools, schemas and what may be expected.
    """
    if "shape" in document:
        return dict(document["shape"])
    if "recorded" in document:
        return _observe_recorded(document["recorded"], probe)
    exchanges = document.get("exchanges") or []
    replies = [read_exchange(exchange) for exchange in exchanges]
    if not replies:
        return {}
    asked = probe.exchanges[min(len(replies), len(probe.exchanges)) - 1] if probe.exchanges else Exchange()
    sent = mapping(mapping(exchanges[-1].get("request")).get("body"))
    found = _observe_reply(replies[-1], probe, asked, sent, answered=len(replies) >= len(probe.exchanges))
    found["dialect"] = replies[-1].dialect
    if len(probe.exchanges) > 1:
        _observe_turns(replies, probe, found)
    if replies[0].usage and not any(message.replay is not None for message in probe.exchanges[0].messages):
        # Only the first request is fixed: later ones carry what the model said.
        tokens = input_tokens(replies[0].usage)
        if tokens is not None:
            found["input_tokens"] = tokens
    latency = exchanges[-1].get("latency_ms")
    if latency is not None:
        found["latency_ms"] = latency
    found |= _request_features(exchanges[-1])
    if found.get("status") == 200 and sent:
        defaults = inherited_defaults(replies[-1].body, sent, reader_of(replies[-1].dialect).ECHOED)
        if defaults:
            found["defaults"] = defaults
    found |= citation_features((exchanges[-1].get("request") or {}).get("body"), replies[-1].body)
    found["request.turn"] = len(replies)
    if "catalogue" in found:  # a list of models comes in pages
        read = reader_of(replies[-1].dialect).catalogue
        found["catalogue"] = sorted({model for reply in replies for model in read(reply.body)})
    return found


def visible_text(document: Mapping[str, JSON]) -> str | None:
    """Return the visible text of a sample's last reply; None when there is none or it was not kept. Hostile text."""
    if "recorded" in document:
        return read_recorded(document["recorded"]).text
    exchanges = document.get("exchanges") or []
    return None if "shape" in document or not exchanges else read_exchange(exchanges[-1]).text


def called_hulls(document: Mapping[str, JSON], probe: Probe) -> dict[str, Hull]:
    """Return the hulls of the calls of one sample, by tool: what `observe` calls `calls.hull`, and nothing else."""
    if "shape" in document:
        return dict(document["shape"].get("calls.hull") or {})
    if "recorded" in document:
        reply = read_recorded(document["recorded"])
    elif document.get("exchanges"):
        reply = read_exchange(document["exchanges"][0])  # the turn that was asked to call
    else:
        return {}
    tools = next((exchange.tools for exchange in probe.exchanges if exchange.tools), ())
    return argument_hulls(reply, {tool.name: tool.input_schema for tool in tools})


def _request_features(exchange: Mapping[str, Any]) -> dict[str, JSON]:
    """Return what was asked for, as it went over the wire: the model, and the names of the parameters."""
    request = exchange.get("request") or {}
    reader = reader_of(exchange.get("dialect", ""))
    body = request.get("body")
    found: dict[str, JSON] = {}
    if request.get("auth"):
        found["request.auth"] = request["auth"]
    if not isinstance(body, Mapping):
        return found
    found["request.parameters"] = sorted(set(parameters_of(body)) - reader.NOT_PARAMETERS)
    blocks = sent_blocks(body)
    if blocks:
        found["request.blocks"] = blocks
    model = body["model"] if "model" in body else reader.requested_model(str(request.get("path") or ""))
    if isinstance(model, str):
        found["model.requested"] = model
    return found


def _observe_recorded(line: Mapping[str, Any], probe: Probe) -> dict[str, JSON]:
    labels = line.get("labels") or {}
    if labels.get("aggregate"):
        found: dict[str, JSON] = {"aggregate.value": labels.get("value")}
        for key in ("n", "k"):
            if labels.get(key) is not None:
                found[f"aggregate.{key}"] = labels[key]
        return found
    asked = probe.exchanges[0] if probe.exchanges else Exchange()
    reply = read_recorded(line)
    found = _observe_reply(reply, probe, asked, {}, answered=True)
    if reply.form:
        found["dialect"] = reply.form
    if isinstance(line.get("params"), Mapping):
        found["request.parameters"] = sorted(map(str, line["params"]))
    if isinstance(line.get("tool_calls"), list) and not reply.calls:
        found |= tool_features(reply, asked.tools, probe.expect, known=True)
    # Whether a recorded conversation had one fixed request is only known when its prompt is.
    raw = line.get("output_raw")
    conversation = isinstance(raw, Mapping) and "messages" in raw
    tokens = (
        input_tokens(reply.usage)
        if reply.usage and line.get("prompt") is not None and not conversation
        else None
    )
    if tokens is not None:
        found["input_tokens"] = tokens
    judges = labels.get("judges") or {}
    for name, value in labels.items():
        if name not in {"judges", "aggregate"} and isinstance(value, bool | int | float | str):
            found[f"label:{name}"] = value
    for name, role in (line.get("label_roles") or {}).items():
        found[f"role:{name}"] = role
    for name, judge in judges.items():
        found[f"judge:{name}"] = _grader(judge)
        if isinstance(judge, Mapping) and judge.get("judged_this_text") is False:
            found[f"judge-other-text:{name}"] = True
    latency = line.get("latency_ms")
    seconds = (line.get("usage") or {}).get("latency_s")
    if isinstance(latency, int | float):
        found["latency_ms"] = latency
    elif isinstance(seconds, int | float):
        found["latency_ms"] = 1000 * seconds
    return found


_GRADER_PARTS = re.compile(r"version|model|prompt|rubric|criteria|revision|hash|temperature|scorer|grader")
"""Keys of a judge that, beside its name, make it the judge that it is; when it judged and how sure it was do not."""


def _grader(judge: JSON) -> JSON:
    """Return who gave a verdict, as one text: the same grader under another rubric or version is another one."""
    if not isinstance(judge, Mapping):
        return judge if isinstance(judge, str) else None
    parts = [
        f"{key} {value}"
        for key, value in sorted(judge.items())
        if _GRADER_PARTS.search(key.casefold()) and isinstance(value, str | int | float)
    ]
    name = judge.get("judge")
    return ", ".join([*([str(name)] if name is not None else []), *parts]) or None


def _observe_turns(replies: Sequence[Reply], probe: Probe, found: dict[str, JSON]) -> None:
    """A probe of several turns: did each earlier turn go as the probe needs, and did asking twice make a difference?"""
    first = replies[0]
    answered = first.error is None and (first.status or 0) < 400  # a refused turn says nothing of calls
    if answered and (probe.expect.call or probe.exchanges[0].tools):
        turn = tool_features(first, probe.exchanges[0].tools, probe.expect)
        for name, value in turn.items():
            found.setdefault(name, value) if len(replies) > 1 else found.update({name: value})
    twice = len(replies) == len(probe.exchanges) and probe.exchanges[-1] == probe.exchanges[-2]
    if twice and "cached_tokens" in found:
        found["cache.hit"] = found["cached_tokens"] > 0
    differing = stream_differences(replies, probe)
    if differing is not None:
        found["stream.divergence"] = differing


def _observe_reply(
    reply: Reply, probe: Probe, asked: Exchange, sent: Mapping[str, Any], *, answered: bool
) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    if reply.status is not None:
        found["status"] = reply.status
    found |= header_features(reply.headers)
    rejected = (reply.status or 0) >= 400
    if reply.error is not None or rejected:
        found |= _error_features(reply)
    if rejected:
        return found
    if reply.operation == "list_models":
        found["catalogue"] = reader_of(reply.dialect).catalogue(reply.body)
        return found
    if reply.streamed:
        found |= _stream_features(reply)
        if not _whole(reply):
            return found  # what half an answer lacks, it lacks because it is half
    if reply.body is not None:
        reader = reader_of(reply.form or reply.dialect)
        found["envelope"] = shape_of(reply.body, opaque=reader.OPAQUE, tag=reader.tag)
        found |= wire_features(reply.body, opaque=reader.OPAQUE, tag=reader.tag)
        form = f"recorded {reply.form}" if reply.dialect == "recorded" else reply.dialect
        found["envelope.kind"] = f"{form}:{reply.operation}:{'stream' if reply.streamed else 'plain'}"
    if reply.operation != "generate":
        return found
    found |= usage_features(reply.usage)
    if reply.model is not None:
        found["model.response"] = reply.model
    if reply.stop is not None:
        found["stop"] = reply.stop
        found["truncated"] = reply.stop in _LENGTH_STOPS
    if reply.blocks:
        found["blocks"] = list(reply.blocks)
    if reply.first_text is not None:
        found["blocks.first_text"] = reply.first_text
    if reply.thoughts:
        found["thinking.shown"] = any(reply.thoughts)
    if answered:
        found |= _answer_features(reply, probe, asked, sent)
    return found


def _whole(reply: Reply) -> bool:
    """Whether a stream came to its end: with its marker, or at least with a reason to stop, and without an error."""
    return not reply.in_band_error and bool(reply.terminal or reply.stop)


def _stream_features(reply: Reply) -> dict[str, JSON]:
    found: dict[str, JSON] = {
        "stream.error": reply.in_band_error,
        "stream.problems": list(reply.problems),
    }
    if not reply.in_band_error:  # an error ends the stream in the marker's place
        found["stream.terminal"] = bool(reply.terminal)
    if _whole(reply):
        found["stream.events"] = sorted({part for event in reply.events for part in _event_parts(event)})
        found["stream.usage"] = sorted(set(reply.usage_events))
        found["stream.grammar"] = _grammar(reply.events)
        found["stream.order"] = order_of(reply.events)
    return found


def _event_parts(event: str) -> list[str]:
    """Split a chunk into the parts of its delta: which of them share a chunk is no property of the stream."""
    prefix, colon, parts = event.partition(":")
    return [f"chunk:{part}" for part in parts.split("+")] if prefix == "chunk" and colon else [event]


def _answer_features(reply: Reply, probe: Probe, asked: Exchange, sent: Mapping[str, Any]) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    signal = signals(
        stop_reason=reply.stop,
        refusal_field=reply.refusal,
        content_filter=reply.blocked,
        stop_details=reply.stop_details,
        error=reply.error,
        status=reply.status,
    )
    if reply.text is not None or reply.calls:
        found["content.empty"] = not (reply.text or "").strip() and not reply.calls
    prompt = " ".join(message.content or "" for message in asked.messages)
    if reply.text is not None:
        machine = probe.purpose == "machine"
        expect = probe.expect
        if asked.output_schema is not None and expect.schema is None:
            from dataclasses import replace

            expect = replace(expect, json=True, schema=asked.output_schema)
        if not reply.calls or reply.dialect == "recorded":
            found |= text_features(reply.text, expect, machine_read=machine)
        if asked.output_schema is not None and "json.valid" in found:
            found["json.enforced"] = True
        if probe.purpose in {"prose", "unknown"} or probe.expect.must is not None or signal:
            refusal = classify(reply.text, prompt=prompt or None)
            found["refusal"] = "full" if signal and refusal.kind in {"empty", "answer"} else refusal.kind
            found["refusal.hedges"] = list(refusal.hedges)
            language = sure_language(reply.text) if len(reply.text.strip()) >= _ENOUGH_TEXT else None
            if language is not None:
                found["text.language"] = language
    if signal or found.get("refusal") in {"full", "partial"}:
        found["refusal.signal"] = "+".join(signal) if signal else "prose"
    details = reply.stop_details if isinstance(reply.stop_details, Mapping) else {}
    category = details.get("category") or reply.blocked
    if category is not None:
        found["refusal.category"] = str(category)
    effects = ignored_parameters(reply, asked, sent)
    if effects:
        found["param.watched"] = list(effects)
        found["param.ignored"] = [name for name, missing in effects.items() if missing]
    tools = asked.tools or next((exchange.tools for exchange in probe.exchanges if exchange.tools), ())
    if len(probe.exchanges) <= 1:
        found |= tool_features(reply, tools, probe.expect)
    return found


# ---------------------------------------------------------------- errors and streams


def _error_features(reply: Reply) -> dict[str, JSON]:
    error, body = reply.error, reply.body
    found: dict[str, JSON] = {}
    paths: set[str] = set()
    message = error if isinstance(error, str) else None
    if isinstance(error, Mapping):
        words = (error.get(name) for name in ("message", "detail", "error"))  # hosts have names of their own
        message = next((text for text in words if isinstance(text, str)), None)
        for name in ("type", "code", "param"):
            if isinstance(error.get(name), str | int):
                found[f"error.{name}"] = error[name]
        named = error.get("status") or reply.headers.get("x-amzn-errortype", "").partition(":")[0]
        if "error.type" not in found and isinstance(named, str) and named:
            found["error.type"] = named  # one vendor calls the type so, one says it in a header
        if error is not body:
            paths = {f"/error/{key}:{json_type(value)}" for key, value in error.items()}
    elif not isinstance(body, Mapping):
        paths = {f"/:{json_type(error)}"}
    if isinstance(message, str):
        found["error.message"] = normalise_message(message)
        found["error.said"] = " ".join(message.split())[:_SAID]
    if isinstance(body, Mapping):
        paths |= {f"/{key}:{json_type(value)}" for key, value in body.items()}
    found["error.paths"] = sorted(paths)
    return found


def normalise_message(message: str) -> str:
    """Return an error message as a template: without quotes, ids, hashes and numbers, in lower case.

    Gateways drop backticks, nest the JSON in a string and add request ids; the sentence that stays is the fingerprint.
    """
    text = _VOLATILE.sub("", message.casefold())
    return re.sub(r"\s+", " ", _NUMBER.sub("#", text)).strip()[:300]


def _grammar(events: Sequence[str]) -> str:
    """Return the event order with repeats folded: `a b+ c`; pings may come anywhere and are left out."""
    folded: list[str] = []
    for event in events:
        if event == "ping":
            continue
        if folded and folded[-1].removesuffix("+") == event:
            folded[-1] = f"{event}+"
        else:
            folded.append(event)
    return " ".join(folded)
