# The nouns of the domain as frozen values: probe, target, run, sample. No behaviour beyond identity and naming.
# Owns: the words of docs/architecture.md as types. Refuses to know: how a value is sent, stored, judged or shown.
"""Frozen values that every room shares.

JSON values are plain Python (`dict`, `list`, `str`, `int`, `float`, `bool`, `None`) and typed `JSON`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from drift.canonical import content_hash

JSON: TypeAlias = Any
"""A JSON value. `Any`, because the vendors decide what is in it."""

Dialect = Literal["anthropic", "openai-chat", "openai-responses", "gemini", "recorded"]
"""Wire grammar of one exchange; `recorded` is an imported sample without an envelope."""

DIALECTS: tuple[Dialect, ...] = ("anthropic", "openai-chat", "openai-responses", "gemini")
"""Dialects in which something can be asked."""

MAX_NUMBER = 2**53
"""What counts or measures stays below this. Beyond it JSON readers disagree, and a sum may be more than any float."""

Operation = Literal["generate", "count_tokens", "list_models"]

Purpose = Literal["machine", "label", "prose", "tool_call", "rejection", "unknown"]
"""What a probe asks for: a machine-read answer, one of some labels, prose, a tool call, or a refusal by the API."""

Outcome = Literal["response", "rejected", "failed"]
"""`response`: an answer; `rejected`: the API refused the request, a fact; `failed`: could not ask, never drift."""

RunStatus = Literal["running", "complete", "incomplete"]

Level = Literal["breaking", "warning", "info"]
LEVELS: tuple[Level, ...] = ("info", "warning", "breaking")
"""Levels from mild to grave."""

Profile = Literal["tolerant-reader", "strict-reader", "provider-policy"]
"""How strictly the code reads: whose side is taken when a vendor's freedom breaks a reader. `tolerant-reader` handles
what it does not know, `strict-reader` refuses it, `provider-policy` asks only what the vendor promised."""
PROFILES: tuple[Profile, ...] = ("tolerant-reader", "strict-reader", "provider-policy")

EvidenceClass = Literal["exact", "witnessed", "statistical"]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a probe offers; `input_schema` is JSON Schema."""

    name: str
    description: str
    input_schema: JSON


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a neutral request: exactly one of the three forms.

    Attributes:
        role: "user", "assistant" or "system" (as a turn); for `replay` "assistant", for `tool_results` "user".
        content: text of the turn.
        replay: insert the assistant turn that exchange number `replay` (from 0) of this sample received, unchanged.
        tool_results: answer every tool call of the latest replayed turn with this text.
    """

    role: str
    content: str | None = None
    replay: int | None = None
    tool_results: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request in neutral form. A dialect renders it to its own body.

    Attributes:
        operation: which endpoint.
        system: system text.
        messages: the turns.
        tools: tools on offer.
        tool_choice: "auto", "any" (some tool must be called), "none", or the name of one tool; None = not sent.
        output_schema: JSON Schema for the vendor's native structured output.
        max_tokens: output cap in tokens; None = not sent (a rejection probe may want that).
        stop: stop sequences.
        stream: ask for server-sent events.
        model: asked for instead of the target's model.
        params: further parameters by their common wire name (`temperature`, `top_p`, `top_k`, `seed`, …).
        overrides: dialect → JSON merge patch (RFC 7396) over the rendered body.
        bodies: dialect → exact body that replaces the rendered one (only `model` is filled in).
        headers: extra request headers; the value "" removes one. Used by error probes.
    """

    operation: Operation = "generate"
    system: str | None = None
    messages: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    output_schema: JSON | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    stream: bool = False
    model: str | None = None
    params: Mapping[str, JSON] = field(default_factory=dict)
    overrides: Mapping[str, JSON] = field(default_factory=dict)
    bodies: Mapping[str, JSON] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expect:
    """What a probe may expect of the answer to its last exchange. Everything is optional.

    Attributes:
        json: the visible text is exactly one JSON value.
        schema: JSON Schema which that value satisfies.
        labels: the visible text is exactly one of these.
        pattern: regular expression which the whole visible text matches (`re.fullmatch`, DOTALL).
        checks: verifiable constraints, name → argument; see `drift.observe.text.CHECKS`.
        call: name of the tool that must be called; "" = no tool may be called; None = open.
        arguments: what the call of that tool has to hold, exactly; None = open.
        status: the HTTP statuses with which the API must refuse.
        answer: the right answer, found in the text as a whole word, without regard to case.
        answer_class: the true class of the question (such as "prime"), so that accuracy is split by class.
        must: "answer" or "refuse".
        trap: regular expression which is found in a reply that fell for what the probe put into its way: a wrong
            claim, or an order hidden in a tool's result.
    """

    json: bool = False
    schema: JSON | None = None
    labels: tuple[str, ...] = ()
    pattern: str | None = None
    checks: Mapping[str, JSON] = field(default_factory=dict)
    call: str | None = None
    arguments: JSON | None = None
    status: tuple[int, ...] = ()
    answer: str | None = None
    answer_class: str | None = None
    must: Literal["answer", "refuse"] | None = None
    trap: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A documented event that a probe would have caught; `source` is a public address, `when` a date or a span."""

    when: str
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Probe:
    """One fixed case.

    Attributes:
        id: stable id, `<template>/<case>`, such as "json.plain/03".
        template: catalogue entry, such as "json.plain".
        family: probes whose observations are pooled for a claim, such as "json_format".
        purpose: what kind of answer it asks for.
        exchanges: one or more requests with one target, in order.
        expect: what the answer to the last exchange may be held to.
        why: documented events that it would have caught.
        epochs: how often it is asked in one run by default.
        cost: "zero-token", "cheap", "medium" or "opt-in".
        tags: free words; "cosmetic" probes and the like.
        dialects: dialects that can carry it; empty = all.
        store: "raw" keeps the reply; "shape" keeps observations and hashes only (safety probes).
        origin: "file:line" of the template, relative to the suite's folder; empty for imported probes.
    """

    id: str
    template: str
    family: str
    purpose: Purpose = "unknown"
    exchanges: tuple[Exchange, ...] = ()
    expect: Expect = field(default_factory=Expect)
    why: tuple[Event, ...] = ()
    epochs: int = 1
    cost: str = "cheap"
    tags: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    store: Literal["raw", "shape"] = "raw"
    origin: str = ""

    @property
    def hash(self) -> str:
        """Content hash of the neutral request only: what is asked, not what is expected of the answer."""
        return content_hash([asdict(exchange) for exchange in self.exchanges])


def probe_to_json(probe: Probe) -> JSON:
    """Return a probe as a JSON object; the inverse of `probe_from_json`."""
    return asdict(probe)


def probe_from_json(value: JSON) -> Probe:
    """Build a probe from `probe_to_json`'s object; unknown keys are an error (TypeError)."""
    exchanges = tuple(
        Exchange(
            **{
                **exchange,
                "messages": tuple(Message(**message) for message in exchange["messages"]),
                "tools": tuple(Tool(**tool) for tool in exchange["tools"]),
                "stop": tuple(exchange["stop"]),
            }
        )
        for exchange in value["exchanges"]
    )
    expect = Expect(
        **{
            **value["expect"],
            "labels": tuple(value["expect"]["labels"]),
            "status": tuple(value["expect"]["status"]),
        }
    )
    return Probe(
        **{
            **value,
            "exchanges": exchanges,
            "expect": expect,
            "why": tuple(Event(**event) for event in value["why"]),
            "tags": tuple(value["tags"]),
            "dialects": tuple(value["dialects"]),
        }
    )


@dataclass(frozen=True, slots=True)
class Suite:
    """A named, ordered set of probes. Its content hash is its version."""

    name: str
    probes: tuple[Probe, ...]

    @property
    def hash(self) -> str:
        """Hash over the ids and request hashes of the probes, in order of id."""
        return content_hash(sorted([probe.id, probe.hash] for probe in self.probes))


@dataclass(frozen=True, slots=True)
class Target:
    """What is probed.

    Attributes:
        platform: "anthropic", "openai", "gemini", "bedrock", … (the part before the first slash).
        model: requested model id (the rest; may hold slashes and any character).
        base_url: other host that speaks the platform's dialect; no credentials, no query.
        api_version: asked for explicitly, or None for the SDK's or vendor's default.
        params: fixed parameters added to every generate request (temperature, seed, …).
        dialect: in which to ask whatever a probe leaves open, where the platform speaks several; None for the first.
        region: where a cloud platform serves the model; None for what its own variables say.
    """

    platform: str
    model: str
    base_url: str | None = None
    api_version: str | None = None
    params: Mapping[str, JSON] = field(default_factory=dict)
    dialect: str | None = None
    region: str | None = None

    @property
    def spec(self) -> str:
        """The target as users write it: "platform/model"."""
        return f"{self.platform}/{self.model}"


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a suite against a target, or one imported series.

    Attributes:
        id: unique; 12 or more characters of [0-9a-z].
        target: target spec as users write it; for imports the `target` field as recorded.
        requested_model: model id asked for.
        platform: see `Target.platform`; for imports as recorded, else "recorded".
        status: `running`, `complete` or `incomplete`.
        created_at: ISO 8601 with offset; for imports the earliest `recorded_at`, else the time of import.
        finished_at: same form, or None.
        dataset: data set of an import, None for a live run.
        label: version label, or None.
        control_of: id of the run that this one repeats as a same-model control.
        vendor: vendor whose API it is ("anthropic", "openai", …) or None.
        api_version: version that went over the wire, or None.
        sdk: "anthropic 2.12.0", or None when no SDK was used.
        base_url: other host, or None.
        params: fixed parameters of the target.
        suite: name of the suite, or None.
        suite_hash: see `Suite.hash`, or None.
        epochs: default repetitions, or None.
        samples: number of samples stored.
        seal: content hash over all samples of a complete run, else None.
        meta: everything else worth keeping: dialect and region where they were chosen, drift version, price used,
            cost, notes.
    """

    id: str
    target: str
    requested_model: str
    platform: str
    status: RunStatus
    created_at: str
    finished_at: str | None = None
    dataset: str | None = None
    label: str | None = None
    control_of: str | None = None
    vendor: str | None = None
    api_version: str | None = None
    sdk: str | None = None
    base_url: str | None = None
    params: Mapping[str, JSON] = field(default_factory=dict)
    suite: str | None = None
    suite_hash: str | None = None
    epochs: int | None = None
    samples: int = 0
    seal: str | None = None
    meta: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """What came back for (run, probe, epoch).

    Attributes:
        id: unique in the database.
        epoch: from 1 (an imported `sample` 0 is epoch 1).
        outcome: see `Outcome`.
        document: the raw document, see `drift.observe` for its form; for `store: shape` probes
            `{"shape": {observations}, "observer": version, "hashes": [...]}`.
        dialect: of the last exchange.
        latency_ms: wall time of the last exchange, or None.
        recorded_at: ISO 8601, or None.
    """

    id: str
    probe_id: str
    epoch: int
    outcome: Outcome
    document: JSON
    dialect: str = "recorded"
    latency_ms: float | None = None
    recorded_at: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A run with its probes and samples: one side of a comparison."""

    run: Run
    probes: Mapping[str, Probe]
    samples: tuple[Sample, ...]
