# Faults of graded size that are written into real answers.
# Owns: where a fault can stand, how it is written, which rule must name it. Refuses to know: how Drift judges.
"""Injected drift."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from drift.model import JSON, Sample, Snapshot
from drift.observe import visible_text


@dataclass(frozen=True)
class Fault:
    """A fault to inject.

    Attributes:
        name: as the page calls it.
        rules: rules of which one must name it.
        source: index of the samples into which it is written.
        fits: where it can stand.
        write: writes it into a copy of a document; gets the size of the drift.
        everywhere: the size is that of the change in every answer, not the share of the answers.
    """

    name: str
    rules: frozenset[str]
    source: int
    fits: Callable[[Sample], bool]
    write: Callable[[Any, float], None]
    everywhere: bool = False


def text_of(sample: Sample) -> str:
    """Return the visible text of a sample."""
    return visible_text(sample.document) or ""


def rewrite(document: Any, change: Callable[[str], str]) -> None:
    """Apply a change to every visible text of a document, in place."""
    if "recorded" in document:
        document["recorded"]["output_text"] = change(document["recorded"]["output_text"])
        return
    body = document["exchanges"][-1]["body"]
    for block in body.get("content") or ():
        if block.get("type") == "text":
            block["text"] = change(block["text"])
    for choice in body.get("choices") or ():
        if isinstance((choice.get("message") or {}).get("content"), str):
            choice["message"]["content"] = change(choice["message"]["content"])


def body_of(sample: Sample) -> Any:
    """Return the last raw reply of a sample, or an empty object."""
    exchanges = sample.document.get("exchanges") or [{}]
    return exchanges[-1].get("body") or {}


def _calls(document: Any) -> list[Any]:
    return (document.get("recorded") or {}).get("tool_calls") or []


def _names(call: Any) -> list[str]:
    arguments = json.loads(call["arguments"])
    return [key for key, value in arguments.items() if key.endswith("_id") and isinstance(value, str)]


def _list_of_one(document: Any, _: float) -> None:
    for call in _calls(document):
        arguments = json.loads(call["arguments"])
        call["arguments"] = json.dumps(arguments | {key: [arguments[key]] for key in _names(call)})


def _is_recorded_text(sample: Sample) -> bool:
    return bool((sample.document.get("recorded") or {}).get("output_text"))


def _longer(text: str, size: float) -> str:
    words = text.split(" ")
    return " ".join([*words, *words[: round(size * len(words))]])


FAULTS = (
    Fault(
        "code fence around JSON",
        frozenset({"text-markdown-fence-added"}),
        0,
        lambda sample: text_of(sample).lstrip().startswith("{"),
        lambda document, _: rewrite(document, lambda text: f"```json\n{text}\n```"),
    ),
    Fault(
        "words before JSON",
        frozenset({"text-preamble-added"}),
        0,
        lambda sample: text_of(sample).lstrip().startswith("{"),
        lambda document, _: rewrite(document, lambda text: f"Here is the JSON you asked for:\n{text}"),
    ),
    Fault(
        "words around a label",
        frozenset({"text-label-set-violated"}),
        0,
        lambda sample: len(text_of(sample).split()) == 1,
        lambda document, _: rewrite(document, lambda text: f"The answer is: {text.strip()}"),
    ),
    Fault(
        "cut at the output cap",
        frozenset({"truncation-rate-increased"}),
        0,
        lambda sample: body_of(sample).get("stop_reason") == "end_turn",
        lambda document, _: document["exchanges"][-1]["body"].update(stop_reason="max_tokens"),
    ),
    Fault(
        "list of one in an argument that is a text",
        frozenset({"tool-call-argument-type-shifted", "tool-call-argument-type-mismatch"}),
        1,
        lambda sample: any(map(_names, _calls(sample.document))),
        _list_of_one,
    ),
    Fault(
        "refusal",
        frozenset({"refusal-rate-increased"}),
        1,
        _is_recorded_text,
        lambda document, _: rewrite(document, lambda _: "I'm sorry, but I can't help with that request."),
    ),
    Fault(
        "every answer longer by that much",
        frozenset({"output-length-shifted"}),
        1,
        _is_recorded_text,
        lambda document, size: rewrite(document, lambda text: _longer(text, size)),
        everywhere=True,
    ),
)


def inject(snapshot: Snapshot, fault: Fault, size: float, rng: random.Random) -> Snapshot:
    """Write a fault into a share of the samples in which it can stand, or into all of them."""
    changed = []
    for sample in snapshot.samples:
        if fault.fits(sample) and (fault.everywhere or rng.random() < size):
            document: JSON = copy.deepcopy(sample.document)
            fault.write(document, size)
            changed.append(replace(sample, document=document, id=f"{sample.id} {fault.name} {size}"))
        else:
            changed.append(sample)
    return replace(snapshot, samples=tuple(changed))
