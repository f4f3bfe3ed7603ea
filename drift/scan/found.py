# What readers hand on: strings of code with the place that they stand in, and requests with their parameters.
# Owns: the forms Text, Parameter, Request and Code, and the few words that tell a place apart.
# Refuses to know: languages, ids, dates.
"""Values between the readers of languages and the search for ids."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from drift.model import JSON

Role = Literal["argument", "assignment", "default", "entry", "comparison", "key", "type", "other"]
"""How a string is used: handed to a call, bound to a name, as a default, as the value of an entry, compared with,
as the key of an entry, in a type, or in another way."""

MENTIONS: frozenset[Role] = frozenset(("comparison", "key", "type"))
"""Roles that speak of a model and ask for none: a table of prices, a branch, a type."""

MODEL_KEYS = ("model", "model_id", "modelId", "model_name", "modelName", "Model", "ModelId")
"""Names under which requests and settings hold the model that is asked."""

NESTED = frozenset((
    "additionalModelRequestFields", "body", "config", "extra_body", "generationConfig", "generation_config",
    "inferenceConfig", "inference_config", "litellm_params", "model_kwargs", "model_params", "model_settings",
    "options", "parameters", "params", "thinking_config", "thinkingConfig",
))  # fmt: skip
"""Names whose own entries are parameters of the request."""

ENDS_WITH_ASSISTANT: JSON = {"ends_with": "assistant"}
"""What is known of `messages` whose last turn begins the answer."""

WORDS = (
    "claude", "gpt", "gemini", "gemma", "llama", "mistral", "mixtral", "stral-", "grok", "deepseek", "command-", "qwen",
    "nova", "titan", "jamba", "davinci", "babbage", "curie", "embed", "dall-e", "whisper", "tts-", "sora", "imagen",
    "veo-", "lyria", "bison", "gecko", "computer-use", "codex", "moderation", "learnlm", "research-", "antigravity",
)  # fmt: skip
"""Words of ids, in lower case."""
SHORT = re.compile(r"(?:^|[/:\"'=])(?:o[1-9]|ada|aqa|chat-latest)(?:$|[\"'\s-])", re.IGNORECASE)
"""Ids that are too short to be looked for without what stands around them."""

MAYBE = re.compile(
    rf"{'|'.join(map(re.escape, WORDS))}|{SHORT.pattern}|^(?:bedrock-)?20\d\d-\d\d-\d\d$", re.IGNORECASE
)
"""What a text has to hold before it is worth a closer look."""

_MODEL_NAME = re.compile(r"model|engine|deployment|(?:^|[^a-z])llms?(?:[^a-z]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """A string of code: never a comment, never a docstring.

    Attributes:
        value: the string; of an interpolated one a piece of it.
        line, column: where it begins, from 1.
        key: what it is bound to: an argument, a variable, a key of a mapping; "" when it is bound to nothing.
        role: see `Role`.
        open_left, open_right: something that is not known stands directly before or behind it.
        parent: key of the mapping that it stands in, or name of the function that is called with it alone.
        is_script: its words are a script, as in a shell file or a step of a workflow.
        is_constant: it is no string but the name of a constant of an SDK.
    """

    value: str
    line: int
    column: int
    key: str = ""
    role: Role = "other"
    open_left: bool = False
    open_right: bool = False
    parent: str = ""
    is_script: bool = False
    is_constant: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One named parameter of a request; `value` is a JSON value, and says nothing unless `is_known`."""

    name: str
    line: int
    column: int
    value: JSON = None
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Something that asks a model, with the parameters that it names.

    Attributes:
        line, column: where it begins.
        model: the string that names the model; None when the code does not tell.
        parameters: those that stand there by name.
        api: "anthropic", "openai-chat", "openai-responses", "gemini" or "" when the code does not tell.
    """

    line: int
    column: int
    model: str | None
    parameters: tuple[Parameter, ...]
    api: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """One file, read.

    Attributes:
        texts: its strings.
        requests: what asks a model.
        bare: its words without comments, in which names of clients and hosts are looked for.
        commands: commands of a shell in it, one a line.
        problem: why it could not be read as what it seems to be ("" when it could); it was then read by literal.
    """

    texts: tuple[Text, ...] = ()
    requests: tuple[Request, ...] = ()
    bare: str = ""
    commands: str = ""
    problem: str = ""


def names_model(key: str) -> bool:
    """Whether a name says that it holds the id of a model."""
    return _MODEL_NAME.search(key) is not None


def bound_by(texts: Iterable[Text]) -> dict[str, str | None]:
    """Return name → the string that a file binds to it; None where it is bound to several."""
    bound: dict[str, str | None] = {}
    for text in texts:
        if text.role in {"assignment", "default"} and text.key and not (text.open_left or text.open_right):
            known = bound.get(text.key, text.value)
            bound[text.key] = text.value if known == text.value else None
    return bound


HOLES = re.compile(
    r"\$\{[^{}]*\}|#\{[^{}]*\}|\\\([^()]*\)|\{\{[^{}]*\}\}|\{[\w.!:\[\]]*\}|\$[A-Za-z_]\w*|%[sdvq]"
)
"""What is put into a string at run time, in the notations of many languages."""


def pieces(value: str) -> list[tuple[str, int, bool, bool]]:
    """Cut a string at its holes: (piece, offset, open on the left, open on the right); empty pieces are left out."""
    found = []
    start = 0
    was_hole = False
    for hole in HOLES.finditer(value):
        if hole.start() > start:
            found.append((value[start : hole.start()], start, was_hole, True))
        start, was_hole = hole.end(), True
    if start < len(value):
        found.append((value[start:], start, was_hole, False))
    return found
