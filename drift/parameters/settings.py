# What sets one request apart from a plain one: parameters, headers, tools, the order of turns.
# Owns: names and values of settings, their identity and how they are shown. Refuses to know: replies, verdicts.
"""The settings of a request, in the spelling of its dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drift.canonical import canonical
from drift.model import JSON, Exchange, Probe

_TURNS = ("contents", "input", "messages")
_TOOLS = "tools"
_LONGEST = 60
_GROUPS = frozenset({"generationConfig"})
"""Objects of a body that only group parameters."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What one request asks beyond a plain one.

    Attributes:
        parameter: names of what it sets, joined by " + "; "none" for a plain request.
        shown: the values, in the order of the names.
        key: the same for the same setting, whichever probe asked it.
        values: name → value as sent; what is no value but a form (turns, tools, a schema, a system text) stands by
            the word of the case.
    """

    parameter: str
    shown: str
    key: str
    values: Mapping[str, JSON]


def setting_of(probe: Probe, dialect: str) -> Setting:
    """Return what the last request of a probe sets when it goes out in a dialect."""
    exchange = probe.exchanges[-1] if probe.exchanges else Exchange()
    case = probe.id.partition("/")[2]
    values = _leaves(exchange.params, case)
    patch = exchange.overrides.get(dialect)
    if isinstance(patch, Mapping):
        values |= _leaves(patch, case)
    if exchange.tool_choice is not None:
        values.setdefault("tool_choice", exchange.tool_choice)
    if exchange.output_schema is not None:
        values["output schema"] = case if "parameters" in probe.tags else "given"
    if exchange.stop:
        values["stop sequences"] = list(exchange.stop)
    values |= {name: value for name, value in exchange.headers.items() if value}
    if dialect in exchange.bodies or _unusual_turns(exchange):
        values["messages"] = case
    if "tool_choice" not in values and exchange.tools:
        values.setdefault(_TOOLS, case if "parameters" in probe.tags else len(exchange.tools))
    if not values and probe.template == "param.output_cap":
        values["max_tokens"] = exchange.max_tokens
    names = sorted(values)
    return Setting(
        parameter=" + ".join(names) or "none",
        shown=" + ".join(shown(values[name]) for name in names),
        key=canonical(values),
        values={name: values[name] for name in names},
    )


def _leaves(patch: Mapping[str, JSON], case: str) -> dict[str, JSON]:
    """Return what a patch of a body sets; what it takes away is none of the settings."""
    found: dict[str, JSON] = {}
    for name, value in patch.items():
        if value is None:
            continue
        if name in _GROUPS and isinstance(value, Mapping):
            found |= _leaves(value, case)
        elif name in _TURNS:
            found["messages"] = case
        elif name in {_TOOLS, "system"} or len(canonical(value)) > _LONGEST:
            found[name] = case
        else:
            found[name] = value
    return found


def _unusual_turns(exchange: Exchange) -> bool:
    """Whether the turns are anything but one of the user, or a tool's result sent back."""
    turns = [turn for turn in exchange.messages if turn.replay is None and turn.tool_results is None]
    return [turn.role for turn in turns] not in ([], ["user"])


def shown(value: JSON) -> str:
    """Return a value in one line, an object as its members."""
    if isinstance(value, Mapping):
        return ", ".join(
            f"{name}: {{{shown(inner)}}}" if isinstance(inner, Mapping) else f"{name}: {shown(inner)}"
            for name, inner in value.items()
        )
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    return value if isinstance(value, str) else canonical(value)
