# How each wire dialect calls the parameters of a request that have a common name, and where in the body they stand.
# Owns: this one table; the renderer, the observer and whoever reads an error look names up here.
# Refuses to know: values, bodies, what an API thinks of a parameter.
"""Names of request parameters, per wire dialect.

A neutral request speaks of `max_tokens`, `top_p` or `stop`; each dialect has its own word and its own place for it.
What is not in the table has no common name: it travels under the name it was given, at the top of the body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from drift.model import JSON

_GENERATION = {
    "candidateCount": "n",
    "frequencyPenalty": "frequency_penalty",
    "logprobs": "top_logprobs",
    "maxOutputTokens": "max_tokens",
    "presencePenalty": "presence_penalty",
    "responseJsonSchema": "output_schema",
    "responseLogprobs": "logprobs",
    "responseSchema": "output_schema",
    "seed": "seed",
    "stopSequences": "stop_sequences",
    "temperature": "temperature",
    "topK": "top_k",
    "topP": "top_p",
}
_NAMES: Mapping[str, Mapping[str, str]] = {
    "anthropic": {"output_config.format": "output_schema", "stop_sequences": "stop_sequences"},
    "openai-chat": {
        "max_completion_tokens": "max_tokens",
        "response_format": "output_schema",
        "stop": "stop_sequences",
    },
    "openai-responses": {
        "instructions": "system",
        "max_output_tokens": "max_tokens",
        "reasoning.effort": "reasoning_effort",
        "stop": "stop_sequences",
        "text.format": "output_schema",
        "text.verbosity": "verbosity",
    },
    "gemini": {
        "systemInstruction": "system",
        "toolConfig": "tool_choice",
        **{f"generationConfig.{name}": common for name, common in _GENERATION.items()},
    },
}
_OPENED = frozenset(path.partition(".")[0] for names in _NAMES.values() for path in names if "." in path)
"""Objects of a body whose members are parameters of their own."""

COMMON_NAMES = tuple(sorted({common for names in _NAMES.values() for common in names.values()}))
"""Common names that some dialect spells otherwise, or puts elsewhere; docs/dialects.md lists them."""


def place_of(parameter: str, dialect: str) -> tuple[str, ...]:
    """Return where a dialect carries a parameter of a common name: the keys into the body, outermost first."""
    for path, common in _NAMES.get(dialect, {}).items():
        if common == parameter:
            return tuple(path.split("."))
    return (parameter,)


def wire_names(parameter: str) -> tuple[str, ...]:
    """Return every spelling in which an error may name a parameter, given by its common name or by a dialect's own.

    Google writes the names of its fields in two spellings; its errors use the one with underscores.
    """
    last = parameter.rpartition(".")[2]
    found = [parameter, last, _snake(last)]
    for names in _NAMES.values():
        for path, common in names.items():
            if common == parameter:
                group, _, inner = path.rpartition(".")
                # "output_config" says enough of a place, "text" and "reasoning" are words of any sentence
                found += [path, *([group] if "_" in group else [])]
                found += [inner, _snake(inner)] if group == "generationConfig" else []
    return tuple(dict.fromkeys(found))


def parameters_of(body: Mapping[str, JSON]) -> Iterator[str]:
    """Yield the names of the parameters in the body of a request, in the spelling of its dialect.

    What stands inside of an object that only groups parameters goes by its own name: "maxOutputTokens", not
    "generationConfig"; where that would say too little, by its path: "text.format".
    """
    for key, value in body.items():
        if key == "generationConfig" and isinstance(value, Mapping):
            yield from value
        elif key in _OPENED and isinstance(value, Mapping) and value:
            yield from (f"{key}.{inner}" for inner in value)
        else:
            yield key


def output_caps(body: Mapping[str, JSON]) -> Iterator[int]:
    """Yield every cap on the output that stands in a body or a part of one, whatever its dialect."""
    config = body.get("generationConfig")
    for holder in (body, config if isinstance(config, Mapping) else {}):
        for name in ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens"):
            cap = holder.get(name)
            if isinstance(cap, int) and not isinstance(cap, bool) and cap > 0:
                yield cap


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
