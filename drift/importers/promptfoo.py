# Result files of promptfoo (`promptfoo eval -o results.json`).
# Owns: where such a file keeps what. Refuses to know: runs and the store; it yields recorded lines.
"""Read promptfoo results as recorded lines.

    line field      from
    dataset         config.description, else "promptfoo-" + 8 digits that follow from the set of tests
    target          provider.id with slashes: openai:chat:gpt-5 → openai/gpt-5
    probe_id        description of the test (else "test"), "/", 8 digits that follow from prompt, variables, description
    sample          repetition of the same test, in order of the file
    recorded_at     results.timestamp
    prompt          prompt.raw as rendered
    output_text     response.output when it is a text
    output_raw      response.raw when it is an envelope, else response.output when it is no text
    tool_calls      out of an output in the form of tool calls
    usage           response.tokenUsage
    error           response.error; else error, when the test failed for another reason than an assertion
    latency_ms      latencyMs, unless the answer came from a cache
    labels          pass, score, named scores; the judge of each is the list of assertion types with a hash of all
                    assertions: another assertion is another judge

Settings and keys of providers (config) are not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from drift.canonical import StrictJSONError, content_hash, strict_loads
from drift.importers.fields import EntryError
from drift.model import JSON

_KINDS = frozenset({"chat", "completion", "completions", "messages", "responses"})
_FAILED_BY_ERROR = 2
"""`failureReason` of promptfoo: 0 none, 1 an assertion, 2 an error."""


def is_file(value: JSON) -> bool:
    """Tell whether a JSON value is a result file of promptfoo."""
    summary = _summary(value)
    return isinstance(summary, dict) and isinstance(summary.get("results"), list) and "stats" in summary


def _summary(value: JSON) -> JSON:
    if not isinstance(value, dict):
        return None
    return value["results"] if isinstance(value.get("results"), dict) else value


def recorded(value: JSON) -> Iterator[tuple[int, JSON]]:
    """Yield (number of the result, recorded line); EntryError when it is no result file, or one names no provider."""
    if not is_file(value):
        raise EntryError("is no result file of promptfoo")
    summary = _summary(value)
    results = summary["results"]
    names = [_name(result) for result in results]
    description = (
        (value.get("config") or {}).get("description")
        if isinstance(value.get("config"), dict | None)
        else None
    )
    dataset = (
        description
        if isinstance(description, str) and description
        else f"promptfoo-{content_hash(sorted(set(names)))[:8]}"
    )
    seen: Counter[tuple[str, str]] = Counter()
    for number, (result, name) in enumerate(zip(results, names, strict=True), 1):
        provider = result.get("provider")
        provider_id = provider.get("id") if isinstance(provider, dict) else provider
        if not isinstance(provider_id, str) or not provider_id:
            raise EntryError("a result names no provider", number)
        target = _target(provider_id)
        yield (
            number,
            {
                "dataset": dataset,
                "target": target,
                "version_label": None,
                "probe_id": name,
                "sample": seen[target, name],
                "recorded_at": summary.get("timestamp")
                if isinstance(summary.get("timestamp"), str)
                else None,
                **_line(result),
            },
        )
        seen[target, name] += 1


def _target(provider_id: str) -> str:
    """`openai:chat:gpt-5` → `openai/gpt-5`; model ids may hold colons themselves."""
    platform, colon, rest = provider_id.partition(":")
    if not colon:
        return provider_id
    kind, colon, model = rest.partition(":")
    return f"{platform}/{model if colon and kind in _KINDS else rest}"


def _name(result: JSON) -> str:
    if not isinstance(result, dict):
        raise EntryError("a result has to be an object")
    test = result.get("testCase")
    test = test if isinstance(test, dict) else {}
    prompt = result.get("prompt")
    prompt = prompt if isinstance(prompt, dict) else {"raw": prompt}
    variables = result.get("vars") if result.get("vars") is not None else test.get("vars")
    description = test.get("description") or result.get("description")
    words = description if isinstance(description, str) and description else "test"
    # Label before text: the label is the template, the text already holds the variables.
    return f"{words}/{content_hash([prompt.get('label') or prompt.get('raw'), variables, description])[:8]}"


def _line(result: Mapping[str, Any]) -> dict[str, JSON]:
    response = result.get("response")
    response = response if isinstance(response, dict) else {}
    prompt = result.get("prompt")
    asked = prompt.get("raw") if isinstance(prompt, dict) else prompt
    output = response.get("output")
    error = response.get("error")
    if error is None and result.get("failureReason", _FAILED_BY_ERROR) == _FAILED_BY_ERROR and output is None:
        error = result.get("error")
    latency = result.get("latencyMs")
    usage = response.get("tokenUsage")
    return {
        "prompt": asked if isinstance(asked, str) else None,
        "output_text": output if isinstance(output, str) else None,
        "output_raw": _envelope(response.get("raw")) or (None if isinstance(output, str) else output),
        "tool_calls": _calls(output),
        "usage": usage if isinstance(usage, dict) else None,
        "error": error,
        "latency_ms": None if response.get("cached") else latency,
        "labels": _labels(result),
    }


def _envelope(raw: JSON) -> JSON:
    if isinstance(raw, str):
        try:
            raw = strict_loads(raw)
        except StrictJSONError:
            return None
    return raw if isinstance(raw, dict) else None


def _calls(output: JSON) -> JSON:
    """Read tool calls where a provider returns them in place of a text, alone, in a list, or beside a text."""
    if isinstance(output, dict) and isinstance(output.get("tool_calls"), list):
        output = output["tool_calls"]
    calls = []
    for entry in output if isinstance(output, list) else [output]:
        inner = entry.get("function") if isinstance(entry, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("name"), str):
            calls.append({"name": inner["name"], "arguments": inner.get("arguments")})
    return calls or None


def _labels(result: Mapping[str, Any]) -> dict[str, JSON]:
    labels: dict[str, JSON] = {}
    if isinstance(result.get("success"), bool):
        labels["pass"] = result["success"]
    if isinstance(result.get("score"), int | float):
        labels["score"] = result["score"]
    named = result.get("namedScores")
    labels |= {
        name: value for name, value in (named if isinstance(named, dict) else {}).items() if name != "judges"
    }
    test = result.get("testCase")
    asserted = test.get("assert") if isinstance(test, dict) else None
    kinds = [str(one.get("type")) for one in asserted or () if isinstance(one, dict)]
    judge = f"promptfoo {', '.join(sorted(set(kinds)))} {content_hash(asserted)[:8]}"
    return {**labels, "judges": {name: {"judge": judge} for name in labels}} if labels and kinds else labels
