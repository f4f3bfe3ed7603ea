# The sentences of a finding: what moved, by how much, how sure. Plain words, no markup, no opinion of its own.
# Owns: the wording of numbers. Refuses to know: levels, formats, colours.
"""Explanations and excerpts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from drift.compare.folding import RUN
from drift.model import JSON, Sample
from drift.observe.readers import read_exchange
from drift.observe.reply import Reply
from drift.rules.facts import Signal
from drift.rules.record import Rule

_EXCERPT = 600


def explain(rule: Rule, signal: Signal) -> str:
    """Return what moved, where and by how much; the test and its numbers stand in the evidence."""
    sentences = [rule.title, f"{_where(signal)}: {_moved(signal)}."]
    if signal.note:
        sentences.append(signal.note)
    return " ".join(sentences)


def explain_declared(rule: Rule, signal: Signal) -> str:
    """Return what moved between two declared documents, and in how many places."""
    values = (signal.before, signal.after)
    moved = " became ".join("absent" if value is None else _brief(value) for value in values)
    subject = signal.place or signal.path or signal.family
    several = f" in {len(signal.places)} places" if len(signal.places) > 1 else ""
    sentences = [rule.title, f"{subject}{several}: {moved}."]
    if signal.note:
        sentences.append(signal.note)
    return " ".join(sentences)


def _where(signal: Signal) -> str:
    family = "the whole run" if signal.family == RUN else signal.family
    parts = [f"In {signal.probe or family}"]
    if signal.where:
        parts.append(f"where {signal.where}")
    if signal.place:
        parts.append(f"({signal.place})")
    return " ".join(parts)


def _moved(signal: Signal) -> str:
    counts = signal.counts
    if counts.unit == "ratio":
        mean = f"mean {_number(counts.mean_a)} became {_number(counts.mean_b)} {counts.mean_unit}".rstrip()
        return f"{mean}, typically times {_number(counts.effect)}"
    if counts.unit == "tokens":
        return (
            f"{counts.up} of {counts.pairs} requests cost more tokens and {counts.down} fewer,"
            f" {_number(counts.effect)} on average"
        )
    if counts.unit == "score":
        return f"mean {_number(counts.mean_a)} became {_number(counts.mean_b)}"
    if counts.unit == "discrepancy":
        return (
            f"texts of {counts.pairs} prompts differ more between the sides than within them,"
            f" by {counts.effect or 0.0:.3f} of the squared mean discrepancy (0 is no difference, 2 is none in common)"
        )
    if signal.kind == "exact":
        return f"{_brief(signal.before)} became {_brief(signal.after)}"
    if counts.k_a is None and counts.mean_a is not None and counts.mean_b is not None:
        return f"{counts.mean_a:.1%} became {counts.mean_b:.1%} on average of {counts.pairs} probes"
    return f"{counts.k_a} of {counts.n_a} samples became {counts.k_b} of {counts.n_b}"


def _brief(value: JSON) -> str:
    if isinstance(value, Mapping) and "status" in value:
        return _reply(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 160 else text[:157] + "…"


def _reply(error: Mapping[str, JSON]) -> str:
    """Return status, type and words of a refusal, or the status alone of what was accepted."""
    kinds = dict.fromkeys(str(error[name]) for name in ("status", "type", "code") if name in error)
    message = str(error.get("message", "")).rstrip(". ")
    return " ".join(kinds) + (f" ({message[:240]})" if message else "")


def _number(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.2f}"


# ---------------------------------------------------------------- excerpts of raw samples


def excerpt(sample: Sample, path: str, space: str = "response") -> str:
    """Return the part of a raw sample that shows a finding, at most 600 characters of it. Hostile text.

    A finding on a request shows what came of it, one on its headers those that were sent.
    """
    document = sample.document
    if "shape" in document:
        return "(text not kept: this probe stores only the shape of the reply)"
    if "recorded" in document:
        return _cut(_recorded(document["recorded"], path))
    exchanges = document.get("exchanges") or [{}]
    last = exchanges[-1]
    first = exchanges[0]
    status = last.get("status") or 0
    if status >= 400:
        return _cut(
            f"HTTP {status} {_dump(last.get('body') if last.get('body') is not None else last.get('text'))}"
        )
    if path.startswith("/headers"):
        holder = (last.get("request") or {}) if space == "request" else last
        return _cut(_member(holder.get("headers") or {}, path.removeprefix("/headers")))
    if space == "request":
        path = "/content"
    if path.startswith("/usage"):
        usage = read_exchange(first).usage
        return _cut(_member(usage, path.removeprefix("/usage")) if usage else _dump(first.get("body")))
    return _cut(_from_reply(read_exchange(last), path))


def _recorded(line: Mapping[str, Any], path: str) -> str:
    if path.startswith("/tool_calls") and line.get("tool_calls") is not None:
        return _dump(line["tool_calls"])
    if path.startswith("/usage") and line.get("usage") is not None:
        return _dump(line["usage"])
    if (line.get("labels") or {}).get("aggregate"):
        return _dump(line["labels"])
    if path.startswith("/labels"):
        labels = {
            k: v for k, v in (line.get("labels") or {}).items() if isinstance(v, str | bool | int | float)
        }
        return f"{_dump(labels)} {line.get('output_text') or ''}"
    text = line.get("output_text")
    envelope = (
        not path.startswith(("/text", "/tool_calls", "/refusal")) and line.get("output_raw") is not None
    )
    return (
        _dump(line["output_raw"])
        if envelope
        else text
        if isinstance(text, str)
        else _dump(line.get("tool_calls"))
    )


def _from_reply(reply: Reply, path: str) -> str:
    if path.startswith("/events"):
        return " ".join(reply.events)
    text = reply.text or ""
    others = _dump(list(reply.others)) if reply.others else ""
    if not reply.form:
        return _dump(reply.body)
    if path.startswith("/tool_calls"):
        return f"{others} {text}".strip()
    if path.startswith("/content/") and reply.first_text is not None:
        return f"[{reply.stop}] {', '.join(reply.blocks)}: {text} {others}".strip()
    if path.startswith(("/stop", "/content", "/finish")):
        return f"[{reply.stop}] {text} {others}".strip()
    if path.startswith("/text") or not path:
        return text
    return _member(reply.body, path)


def _member(value: JSON, path: str) -> str:
    """Return the member at a pointer before the whole, or that there is none; only the whole where nothing leads there.

    An index `*` is the first element that has what comes next.
    """
    keys = [key.replace("~1", "/").replace("~0", "~") for key in path.split("/")[1:]]
    holder = value
    if not keys or not keys[-1] or keys[-1].endswith("*"):
        return _dump(value)
    for key, following in pairwise([*keys, ""]):
        last = not following
        if key == "*" and isinstance(holder, list):
            having = [item for item in holder if isinstance(item, Mapping) and (last or following in item)]
            holder = next(iter(having or holder), None)
        elif isinstance(holder, Mapping) and (key in holder or last):
            if last:
                said = f"{_dump(key)}: {_dump(holder[key])}" if key in holder else f"no {_dump(key)}"
                return f"{said} in {_dump(value)}"
            holder = holder[key]
        else:
            break
    return _dump(value)


def _dump(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _cut(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
