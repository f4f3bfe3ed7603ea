# Whether a parameter that was accepted did anything, where the answer can show it.
# Owns: what an effect of each parameter looks like. Refuses to know: verdicts, runs, rules.
"""Effects of parameters, read off the answers of one run.

Each check looks at one parameter and says that its effect was seen, that it is missing, or nothing at all: most
parameters leave no trace in a single answer, and what cannot be told is not told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from drift.canonical import StrictJSONError, strict_loads
from drift.dialects import output_caps
from drift.model import JSON, Probe
from drift.observe.ignored import answers_of, holds_logprobs
from drift.observe.reply import Reply
from drift.observe.text import strip_fence
from drift.observe.usage import output_tokens


@dataclass(frozen=True, slots=True)
class Effect:
    """What the answers say of a parameter: `seen` or missing, in one sentence."""

    seen: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One probe in one run, with every answer that it got.

    Attributes:
        probe: what was asked.
        dialect: in which dialect.
        values: what its last request set, see `drift.parameters.settings.Setting`.
        sent: the body of that request as it went out, with what the target adds to every request.
        replies: the answers; refusals and failures are left out.
        observations: of the same samples as `replies`.
    """

    probe: Probe
    dialect: str
    values: Mapping[str, JSON]
    sent: Mapping[str, JSON]
    replies: tuple[Reply, ...]
    observations: tuple[Mapping[str, JSON], ...]


Others = Sequence[Asked]
"""All probes of the run in the same dialect: some effects show only beside another setting."""


def effect_of(asked: Asked, others: Others) -> Effect | None:
    """Return what the answers show of the probe's settings: a missing effect before one that was seen."""
    if not asked.replies:
        return None
    found = [effect for check in _CHECKS for effect in check(asked, others)]
    return min(found, key=lambda effect: effect.seen, default=None)


# ---------------------------------------------------------------- one answer tells


def _unknown(asked: Asked, _: Others) -> Iterator[Effect]:
    if "unknown" in asked.probe.tags:
        yield Effect(seen=False, detail="nobody has defined it, and it was taken all the same")


_CAPS = (
    "max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "max_tokens_to_sample",
    "max_tokns", "max_ouput_tokens", "maxOuputTokens",
)  # fmt: skip


def _cap(asked: Asked, _: Others) -> Iterator[Effect]:
    caps = [value for name in _CAPS if isinstance(value := asked.values.get(name), int)]
    written = [tokens for reply in asked.replies if (tokens := output_tokens(reply.usage)) is not None]
    if not caps or not written:
        return
    if max(written) > min(caps):
        yield Effect(seen=False, detail=f"{min(caps)} tokens were allowed, {max(written)} came")
    elif all(found.get("truncated") for found in asked.observations) and _explains(asked, min(caps)):
        yield Effect(seen=True, detail=f"cut at {max(written)} tokens")


def _explains(asked: Asked, cap: int) -> bool:
    """Whether this cap and no other one can have cut the answer: the target may send one of its own."""
    others = [value for value in output_caps(_without(asked.sent, asked.values)) if value <= cap]
    return not others


def _without(body: Mapping[str, JSON], names: Mapping[str, JSON]) -> dict[str, JSON]:
    return {
        name: _without(value, names) if name == "generationConfig" and isinstance(value, Mapping) else value
        for name, value in body.items()
        if name not in names
    }


_STOPS = ("stop", "stop sequences", "stop_sequences", "stopSequences")


def _stop(asked: Asked, _: Others) -> Iterator[Effect]:
    given = next((asked.values[name] for name in _STOPS if name in asked.values), None)
    stops = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    texts = [reply.text or "" for reply in asked.replies]
    if not stops or not any(texts):
        return
    passed = [stop for stop in stops if any(stop in text for text in texts)]
    if passed:
        yield Effect(seen=False, detail=f"the answer holds {passed[0]!r}")
        return
    prompt = " ".join(turn.content or "" for turn in asked.probe.exchanges[-1].messages)
    before = [found[1] for stop in stops if (found := re.search(rf"(\w+)\W+{re.escape(stop)}", prompt))]
    if any(text.rstrip(" \n,.-*").endswith(tuple(before)) for text in texts if before):
        yield Effect(seen=True, detail=f"the answer ends before {stops[0]!r}")


def _tool_choice(asked: Asked, _: Others) -> Iterator[Effect]:
    choice = asked.probe.exchanges[-1].tool_choice
    whole = [
        {call.name for call in reply.calls}
        for reply, found in zip(asked.replies, asked.observations, strict=True)
        if reply.calls or not found.get("truncated")  # a call may have been to come
    ]
    if choice == "none" and any(whole):
        yield Effect(seen=False, detail="a tool was called")
    elif choice == "any" and not all(whole):
        yield Effect(seen=False, detail="no tool was called")
    elif choice not in {None, "any", "auto", "none"} and whole:
        called = all(names == {choice} for names in whole)
        yield Effect(seen=called, detail="the tool was called" if called else f"{choice} was not called")
    given = asked.values.get("tool_choice")
    serial = isinstance(given, Mapping) and given.get("disable_parallel_tool_use") is True
    if serial or asked.values.get("parallel_tool_calls") is False:
        most = max(len(reply.calls) for reply in asked.replies)
        if most > 1:
            yield Effect(seen=False, detail=f"{most} calls came at once")


def _several(asked: Asked, _: Others) -> Iterator[Effect]:
    wanted = asked.values.get("n", asked.values.get("candidateCount"))
    if isinstance(wanted, int) and wanted > 1:
        came = min(len(answers_of(reply.body)) for reply in asked.replies)
        yield Effect(seen=came == wanted, detail=f"{came} of {wanted} answers came")


def _logprobs(asked: Asked, _: Others) -> Iterator[Effect]:
    if not {"logprobs", "responseLogprobs", "top_logprobs"} & asked.values.keys():
        return
    came = all(holds_logprobs(reply.body) for reply in asked.replies)
    detail = "probabilities came" if came else "no probabilities came"
    yield Effect(seen=came, detail=detail)


_FORMS = (
    "output schema",
    "output_format",
    "response_format",
    "responseJsonSchema",
    "responseMimeType",
    "responseSchema",
)


def _form(asked: Asked, _: Others) -> Iterator[Effect]:
    """JSON was asked for as a form. A text that is none says that it was not obeyed; one that is proves nothing."""
    wanted = [asked.values[name] for name in _FORMS if name in asked.values]
    text = asked.values.get("text")
    if isinstance(text, Mapping) and "format" in text:
        wanted.append(text["format"])
    if not wanted or wanted == [{"type": "text"}]:
        return
    for reply, found in zip(asked.replies, asked.observations, strict=True):
        if found.get("truncated") or reply.text is None or reply.calls:
            continue
        try:
            strict_loads(reply.text)
        except StrictJSONError:
            yield Effect(seen=False, detail="the answer is no JSON")
            return


_TIERS = {"standard_only": "standard", "auto": None}


def _tier(asked: Asked, _: Others) -> Iterator[Effect]:
    for name in ("service_tier", "serviceTier", "speed"):
        wanted = asked.values.get(name)
        wanted = _TIERS.get(wanted, wanted) if isinstance(wanted, str) else None
        if wanted is None:
            continue
        told = {tier for reply in asked.replies if (tier := _served(reply, name)) is not None}
        if told:
            served = ", ".join(sorted(told))
            yield Effect(seen=told == {wanted}, detail=f"the answer says that {served} served it")


def _served(reply: Reply, name: str) -> str | None:
    body = reply.body if isinstance(reply.body, Mapping) else {}
    places = (
        (
            body.get("service_tier"),
            reply.usage.get("service_tier"),
            reply.headers.get("x-gemini-service-tier"),
        )
        if name != "speed"
        else (reply.usage.get("speed"), body.get("speed"))
    )
    return next((place for place in places if isinstance(place, str)), None)


def _prefill(asked: Asked, _: Others) -> Iterator[Effect]:
    turns = asked.probe.exchanges[-1].messages
    beginning = turns[-1].content if turns and turns[-1].role == "assistant" else None
    if not beginning:
        return
    texts = [(reply.text or "").lstrip() for reply in asked.replies]
    if any(strip_fence(text).lstrip().startswith(beginning[:3]) for text in texts):
        yield Effect(seen=False, detail="the answer begins again instead of going on")
    elif all(_is_json(beginning + text) for text in texts) or all(_joins(beginning, text) for text in texts):
        yield Effect(seen=True, detail="the answer goes on where the turn broke off")


def _joins(beginning: str, text: str) -> bool:
    """Whether a text goes on inside the word in which a beginning broke off."""
    return beginning[-1].isalpha() and text[:1].isalpha() and text[:1].islower()


def _is_json(text: str) -> bool:
    try:
        return isinstance(strict_loads(strip_fence(text).strip().removesuffix("```")), dict)
    except StrictJSONError:
        return False


def _obeyed(asked: Asked, _: Others) -> Iterator[Effect]:
    """A turn that gives an order: what it asked for came. When it did not, the model may just have disobeyed."""
    if "messages" not in asked.values and "system" not in asked.values:
        return
    for found in asked.observations:
        told = [
            value for name, value in found.items() if name.startswith("check.") or name == "answer.correct"
        ]
        if not told or not all(told):
            return
    yield Effect(seen=True, detail="the answer does what that turn asked for")


# ---------------------------------------------------------------- several answers tell


def _repeats(asked: Asked, others: Others) -> Iterator[Effect]:
    """Equal requests under a setting that makes them equal, beside the same request without it."""
    equal = {"seed", "top_k"} & asked.values.keys()
    if asked.values.get("temperature") == 0 or (asked.values.get("top_p") or 1) < 0.1:
        equal |= {"temperature", "top_p"} & asked.values.keys()
    answers = [reply.text for reply in asked.replies]
    if not equal or len(answers) < 3 or asked.values.get("top_k", 1) != 1:
        return
    free = [
        {reply.text for reply in other.replies}
        for other in others
        if other.probe.template == asked.probe.template
        and not {"seed", "top_k", "top_p"} & other.values.keys()
        and other.values.get("temperature") != 0
    ]
    if not any(len(texts) > 1 for texts in free):
        return
    distinct = len(set(answers))
    if distinct == 1:
        yield Effect(seen=True, detail=f"{len(answers)} equal answers; without it they differ")
    elif distinct == len(answers) or "seed" in equal:
        yield Effect(seen=False, detail=f"{distinct} different answers of {len(answers)}")


def _thinking(asked: Asked, others: Others) -> Iterator[Effect]:
    form = asked.values.get("thinking")
    kind = form.get("type") if isinstance(form, Mapping) else None
    if kind is None:
        return
    thinks = [_reasons(reply, found) for reply, found in zip(asked.replies, asked.observations, strict=True)]
    if kind == "enabled":
        yield Effect(seen=all(thinks), detail="thinking came" if all(thinks) else "no thinking came")
    elif kind == "disabled" and any(thinks):
        yield Effect(seen=False, detail="thinking came all the same")
    elif kind == "disabled" and _somebody_thinks(others, without="thinking"):
        yield Effect(seen=True, detail="no thinking came; without it there is some")
    elif kind == "adaptive" and all(thinks):
        yield Effect(seen=True, detail="thinking came")


def _reasons(reply: Reply, found: Mapping[str, Any]) -> bool:
    kinds = {"thinking", "redacted_thinking", "reasoning"}
    return bool(kinds & set(reply.blocks)) or (found.get("reasoning_tokens") or 0) > 0


def _somebody_thinks(others: Others, *, without: str) -> bool:
    return any(
        _reasons(reply, found)
        for other in others
        if without not in other.values
        for reply, found in zip(other.replies, other.observations, strict=True)
    )


def level_of(values: Mapping[str, JSON]) -> str | None:
    """Return the level of effort that a request asks for, in any dialect's spelling."""
    config, reasoning, thinking = (
        inner if isinstance(inner := values.get(name), Mapping) else {}
        for name in ("output_config", "reasoning", "thinkingConfig")
    )
    found = (
        values.get("reasoning_effort"), config.get("effort"), reasoning.get("effort"), thinking.get("thinkingLevel"),
        {0: "none"}.get(budget) if isinstance(budget := thinking.get("thinkingBudget"), int) else None,
    )  # fmt: skip
    return next((level for level in found if isinstance(level, str)), None)


def _effort(asked: Asked, others: Others) -> Iterator[Effect]:
    level = level_of(asked.values)
    if level is None:
        return
    spent = reasoning_tokens(asked)
    if level == "none" and spent and max(spent) > 0:
        yield Effect(seen=False, detail=f"{max(spent)} tokens of reasoning came all the same")
        return
    ladder = [other for other in others if other.probe.template == asked.probe.template]
    everywhere = [count for other in ladder for count in reasoning_tokens(other)]
    if len(ladder) > 2 and not any(everywhere):
        yield Effect(seen=False, detail="no reasoning at any level")
        return
    lowest = min(
        (tokens for other in ladder if len(tokens := reasoning_tokens(other)) > 2), key=median, default=[]
    )
    if len(spent) > 2 and lowest and min(spent) > max(lowest):
        yield Effect(
            seen=True, detail=f"{median(spent):.0f} tokens of reasoning, {median(lowest):.0f} at the lowest"
        )


def reasoning_tokens(asked: Asked) -> list[int]:
    """Return the tokens of hidden reasoning of each answer; 0 where none was counted and none was shown."""
    return [
        int(found.get("reasoning_tokens") or _reasons(reply, found))
        for reply, found in zip(asked.replies, asked.observations, strict=True)
    ]


_CHECKS: tuple[Callable[[Asked, Others], Iterator[Effect]], ...] = (
    _unknown, _cap, _stop, _tool_choice, _several, _logprobs, _form, _tier, _prefill, _obeyed, _repeats, _thinking,
    _effort,
)  # fmt: skip
