# Logs of Inspect in their JSON form.
# Owns: where such a log keeps what. Refuses to know: runs and the store; it yields recorded lines.
"""Read an Inspect log as recorded lines.

    line field      from
    dataset         eval.task
    target          eval.model
    probe_id        id of the sample
    sample          epoch - 1
    recorded_at     started_at of the sample, else eval.created
    prompt          input: a text, or that of a lone user message, else canonical JSON of all messages
    params          what is set in eval.model_generate_config and plan.config
    output_text     text of the first choice
    output_raw      {"messages": […], "output": {…}}: the whole conversation
    tool_calls      of all assistant messages, in order
    usage           output.usage
    response_model  output.model
    error           message of the error that stopped the sample
    latency_ms      output.time
    labels          value of each score ("C" true, "I" false); its judge is the scorer

Events, attachments that nothing refers to, file names and tracebacks are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.importers.batch import prompt_text
from drift.importers.fields import EntryError, is_amount
from drift.model import JSON

_VERDICTS = {"C": True, "I": False}
"""How Inspect writes correct and incorrect; "P" (partial) and "N" (no answer) stay as they are."""

_ATTACHED = "attachment://"


def is_file(value: JSON) -> bool:
    """Tell whether a JSON value is an Inspect log."""
    spec = value.get("eval") if isinstance(value, dict) else None
    return isinstance(spec, dict) and {"task", "model"} <= spec.keys()


def recorded(value: JSON) -> Iterator[tuple[int, JSON]]:
    """Yield (number of the sample, recorded line); EntryError when it is no log, or one without samples."""
    if not is_file(value):
        raise EntryError("is no JSON log of Inspect")
    spec, samples = value["eval"], value.get("samples")
    if not isinstance(samples, list):
        raise EntryError("the log holds no samples: it is a header, or was written without them")
    plan = value.get("plan")
    configs = (spec.get("model_generate_config"), plan.get("config") if isinstance(plan, dict) else None)
    params = {key: set_to for config in configs if isinstance(config, dict) for key, set_to in config.items()}
    params = {key: set_to for key, set_to in params.items() if set_to is not None}
    for number, sample in enumerate(samples, 1):
        if not isinstance(sample, dict) or not isinstance(sample.get("epoch"), int) or sample["epoch"] < 1:
            raise EntryError("a sample has to be an object with id and epoch", number)
        yield (
            number,
            {
                "dataset": spec["task"],
                "target": spec["model"],
                "version_label": None,
                "probe_id": str(sample.get("id", "")),
                "sample": sample["epoch"] - 1,
                "recorded_at": sample.get("started_at") or spec.get("created"),
                "params": params or None,
                **_line(_attach(sample, sample.get("attachments") or {})),
            },
        )


def _attach(value: JSON, attachments: Mapping[str, JSON]) -> Any:
    """Put texts back that Inspect keeps once beside the sample and refers to."""
    if isinstance(value, str) and value.startswith(_ATTACHED):
        return attachments.get(value.removeprefix(_ATTACHED), value)
    if isinstance(value, list):
        return [_attach(item, attachments) for item in value]
    if isinstance(value, dict):
        kept = {
            key: item
            for key, item in value.items()
            if key not in {"attachments", "events", "events_data", "store"}
        }
        return {key: _attach(item, attachments) for key, item in kept.items()}
    return value


def _line(sample: Mapping[str, Any]) -> dict[str, JSON]:
    output = sample.get("output")
    output = output if isinstance(output, dict) else {}
    messages = sample.get("messages")
    messages = messages if isinstance(messages, list) else []
    error = sample.get("error")
    seconds: Any = output.get("time")
    usage, model = output.get("usage"), output.get("model")
    return {
        "prompt": prompt_text(None, sample.get("input")),
        "output_text": _text(output),
        "output_raw": {"messages": messages, "output": output},
        "tool_calls": _calls(messages),
        "usage": usage if isinstance(usage, dict) else None,
        "response_model": model if isinstance(model, str) and model else None,
        "error": error.get("message") if isinstance(error, dict) else error,
        "latency_ms": seconds * 1000 if is_amount(seconds) else None,
        "labels": _labels(sample.get("scores")),
    }


def _text(output: Mapping[str, Any]) -> str | None:
    choices = output.get("choices")
    message = (
        choices[0].get("message")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict)
        else None
    )
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        texts = [
            part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"
        ]
        return "\n".join(text for text in texts if isinstance(text, str)) if texts else None
    return content if isinstance(content, str) else None


def _calls(messages: list[Any]) -> JSON:
    calls = [
        {"name": call.get("function"), "arguments": call.get("arguments")}
        for message in messages
        if isinstance(message, dict) and message.get("role") == "assistant"
        for call in message.get("tool_calls") or ()
        if isinstance(call, dict) and isinstance(call.get("function"), str)
    ]
    return calls or None


def _labels(scores: JSON) -> JSON:
    if not isinstance(scores, dict):
        return None
    labels: dict[str, JSON] = {}
    for scorer, score in scores.items():
        value = score.get("value") if isinstance(score, dict) else score
        if isinstance(value, dict):
            labels |= {f"{scorer}.{name}": inner for name, inner in value.items()}
        else:
            labels[scorer] = _VERDICTS.get(value, value) if isinstance(value, str) else value
    labels.pop("judges", None)
    return {**labels, "judges": {name: {"judge": f"inspect {name.partition('.')[0]}"} for name in labels}}
