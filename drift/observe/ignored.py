# Parameters of a request whose effect one answer can show, and which of them visibly had none.
# Owns: what the absence of an effect looks like in a single reply. Refuses to know: what several answers tell together.
"""Parameters that were accepted and did nothing, and those that were left out and stand in the reply."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from drift.canonical import canonical
from drift.model import JSON, Exchange
from drift.observe.reply import Reply, mapping
from drift.observe.usage import output_tokens


def ignored_parameters(reply: Reply, asked: Exchange, sent: Mapping[str, Any]) -> dict[str, bool]:
    """Return the parameters of a request whose effect this reply can show → whether it is visibly missing.

    Args:
        reply: the answer.
        asked: the neutral request.
        sent: the body that went out, empty where it was not recorded.
    """
    found: dict[str, bool] = {}
    if asked.stop and reply.text is not None:
        found["stop"] = any(stop in reply.text for stop in asked.stop)
    if asked.tool_choice not in {None, "auto"}:
        names = {call.name for call in reply.calls}
        forced = asked.tool_choice not in {"any", "none"}
        found["tool_choice"] = (asked.tool_choice == "none") == bool(names) or bool(
            forced and names and names != {asked.tool_choice}
        )
    if asked.stream:
        found["stream"] = not reply.streamed
    produced = output_tokens(reply.usage)
    if asked.max_tokens is not None and produced is not None:
        found["max_tokens"] = produced > asked.max_tokens
    config = mapping(sent.get("generationConfig"))
    several = sent.get("n", config.get("candidateCount"))
    came = len(answers_of(reply.body))  # where none came at all, that is what has to be told
    if isinstance(several, int) and several > 1 and came and not reply.streamed:
        found["n"] = came < several
    if True in (sent.get("logprobs"), config.get("responseLogprobs")) and came:
        found["logprobs"] = not holds_logprobs(reply.body)
    serial = sent.get("parallel_tool_calls") is False or (
        mapping(sent.get("tool_choice")).get("disable_parallel_tool_use") is True
    )
    if serial and reply.calls:
        found["parallel_tool_calls"] = len(reply.calls) > 1
    return found


def inherited_defaults(body: JSON, sent: Mapping[str, Any], echoed: Collection[str]) -> list[str]:
    """Return what a reply says of parameters that the request left out: places with JSON values, sorted.

    Args:
        body: the reply.
        sent: the body that went out.
        echoed: places of parameters that stand in replies of this dialect, such as "reasoning.effort".
    """
    found = []
    for place in echoed:
        group, _, name = place.rpartition(".")
        holders = [mapping(mapping(side).get(group)) if group else mapping(side) for side in (sent, body)]
        if name not in holders[0] and name in holders[1]:
            found.append(f"{place}={canonical(holders[1][name])}")
    return sorted(found)


def answers_of(body: JSON) -> list[JSON]:
    """Return the answers of a reply that may hold several."""
    holder = mapping(body)
    found = holder.get("choices") or holder.get("candidates")
    return found if isinstance(found, list) else []


def holds_logprobs(body: JSON) -> bool:
    """Whether probabilities of tokens stand anywhere in a reply."""
    if isinstance(body, Mapping):
        return any(
            bool(inner) if key in {"logprobs", "logprobsResult"} else holds_logprobs(inner)
            for key, inner in body.items()
        )
    return isinstance(body, list) and any(map(holds_logprobs, body))
