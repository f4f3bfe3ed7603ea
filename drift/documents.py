# The shape of the JSON documents (version 1) as types. The published JSON Schemas in drift/schemas/ say the same.
# Owns: field names and their meaning. Refuses to know: how a document is made or rendered.
"""Typed dictionaries of the JSON documents. Every renderer reads exactly these values."""

from __future__ import annotations

from typing import Literal, TypedDict

from drift.model import JSON, EvidenceClass, Level, Profile

SCHEMA_VERSION = 1

Verdict = Literal["breaking", "warning", "info", "none", "inconclusive"]


class SideDocument(TypedDict):
    """One side of a comparison."""

    kind: str
    id: str
    dataset: str | None
    target: str
    label: str | None
    requested_model: str
    response_models: list[str]
    platform: str
    api_version: str | None
    sdk: str | None
    suite_hash: str | None
    samples: int


class CountDocument(TypedDict):
    """`k` of `n`; for numbers `k` is null and `mean` is given."""

    k: int | None
    n: int
    mean: float | None


class EvidenceDocument(TypedDict):
    """Numbers of a finding; null where they do not apply.

    `effect` is candidate minus baseline in `unit` ("share", "tokens", "count", …); for "ratio" the quotient.
    """

    pairs: int
    baseline: CountDocument
    candidate: CountDocument
    up: int | None
    down: int | None
    effect: float | None
    unit: str
    interval: list[float] | None
    p: float | None
    q: float | None
    test: str | None
    offset: int | None
    histogram: dict[str, int] | None


class WitnessSideDocument(TypedDict):
    """One sample as a witness; `excerpt` is model text and hostile."""

    outcome: str
    status: int | None
    excerpt: str
    sample: str


class WitnessDocument(TypedDict):
    """One pair of samples side by side."""

    probe: str
    epoch: int
    baseline: WitnessSideDocument | None
    candidate: WitnessSideDocument | None


class AcknowledgedDocument(TypedDict):
    """An acknowledgement that covers the finding."""

    reason: str
    owner: str
    until: str


class FindingDocument(TypedDict):
    """A rule that fired."""

    fingerprint: str
    rule: str
    area: str
    direction: str
    axis: str
    level: Level
    default_level: Level
    level_steps: list[str]
    profiles: dict[Profile, Level]
    evidence_class: EvidenceClass
    tags: list[str]
    family: str
    probe: str | None
    space: str
    path: str
    before: JSON
    after: JSON
    evidence: EvidenceDocument
    witnesses: list[WitnessDocument]
    places: list[str]
    explanation: str
    who_breaks: str
    remedy: str
    matches_event: JSON
    state: str | None
    acknowledged: AcknowledgedDocument | None


class ChannelDocument(TypedDict):
    """Whether one channel could be compared."""

    channel: str
    ok: bool
    reason: str | None
    affected_samples: int


class UnmeasuredDocument(TypedDict):
    """A family that could not be measured."""

    family: str
    reason: str


class NotClearedDocument(TypedDict):
    """A channel in which silence proves nothing."""

    channel: str
    why: str


class FamilyDocument(TypedDict):
    """Size and power of one family; `detectable_effect` is a share (0 to 1) or null."""

    family: str
    probes: int
    epochs: int
    detectable_effect: float | None


class MeasureDocument(TypedDict):
    """One thing that was measured, fired or silent; `finding` is the rule that fired, or null."""

    measure: str
    family: str
    place: str
    where: str
    path: str
    evidence: EvidenceDocument
    finding: str | None


class GateDocument(TypedDict):
    """The gate and its exit code."""

    fail_on: str
    exit_code: int


class ToolCallsControl(TypedDict):
    """What a repeat of the same model reaches against the baseline."""

    requests: int
    trigger_f1: float | None
    schema_accuracy: CountDocument


class AccuracyDocument(TypedDict):
    """Answers with valid arguments (k) of the answers that call (n)."""

    baseline: CountDocument
    candidate: CountDocument


class ToolCallsDocument(TypedDict):
    """How far two runs agree on tool calls."""

    requests: int
    trigger_f1: float | None
    schema_accuracy: AccuracyDocument
    control: ToolCallsControl | None


class ProfileDocument(TypedDict):
    """What the comparison comes to under one profile."""

    verdict: Verdict
    exit_code: int


class SequentialDocument(TypedDict):
    """How far a candidate was asked that was looked at meanwhile: samples planned, asked and saved, and why it stopped.

    `size` is the net share of change that matters.
    """

    planned: int
    asked: int
    saved: int
    stopped: Literal["drift", "clear"] | None
    size: float


class ComparisonDocument(TypedDict):
    """Baseline + candidate + policy → findings and a verdict."""

    schema_version: int
    kind: Literal["comparison"]
    drift_version: str
    created_at: str
    id: str
    baseline: SideDocument
    candidate: SideDocument
    control: SideDocument | None
    axes: list[str]
    profile: Profile
    profiles: dict[Profile, ProfileDocument]
    verdict: Verdict
    gate: GateDocument
    comparable: list[ChannelDocument]
    notices: list[str]
    unmeasured: list[UnmeasuredDocument]
    not_cleared: list[NotClearedDocument]
    tests_run: int
    false_discovery_rate: float
    sequential: SequentialDocument | None
    families: list[FamilyDocument]
    measures: list[MeasureDocument]
    tool_calls: ToolCallsDocument | None
    findings: list[FindingDocument]


class ShiftDocument(TypedDict):
    """A change of level that lasted; times are those of the runs."""

    onset: str
    run: str
    confirmed: str
    before: float
    after: float


class PointDocument(TypedDict):
    """One run's value of a series."""

    time: str
    value: float | None


class SeriesDocument(TypedDict):
    """One series of a monitored target; `points` in order of time."""

    family: str
    measure: str
    unit: Literal["share", "number"]
    state: Literal["stable", "outlier", "collapse", "shift", "no_data", "learning"]
    level: float | None
    threshold: float | None
    newest: float | None
    runs: int
    missing: int
    segments: int
    shifts: list[ShiftDocument]
    points: list[PointDocument]


class MonitorDocument(TypedDict):
    """The state of every series of a target's history."""

    schema_version: int
    kind: Literal["monitor"]
    drift_version: str
    created_at: str
    target: str
    runs: int
    first: str | None
    last: str | None
    alarms: int
    series: list[SeriesDocument]
    notices: list[str]


ParameterVerdict = Literal[
    "accepted", "without effect", "rejected", "inconclusive", "not carried", "not asked"
]


class ParameterErrorDocument(TypedDict):
    """How a setting was refused; the message without quotes, ids and numbers."""

    fingerprint: str
    status: int | None
    type: str | None
    code: str | None
    param: str | None
    message: str | None


class ParameterCellDocument(TypedDict):
    """What one run says of one setting."""

    verdict: ParameterVerdict
    dialect: str | None
    samples: int
    error: ParameterErrorDocument | None
    effect: str | None
    detail: str


class ParameterRowDocument(TypedDict):
    """One setting, with one cell a column."""

    parameter: str
    value: str
    settings: dict[str, JSON]
    probes: list[str]
    cells: list[ParameterCellDocument]
    differs: bool


class ParameterColumnDocument(TypedDict):
    """The run of one column."""

    run: str
    target: str
    label: str | None
    requested_model: str
    platform: str
    api_version: str | None
    sdk: str | None
    dialects: list[str]
    begun: str
    counts: dict[str, int]


class ParametersDocument(TypedDict):
    """The parameter matrix of one run, or of several side by side."""

    schema_version: int
    kind: str
    drift_version: str
    created_at: str
    columns: list[ParameterColumnDocument]
    rows: list[ParameterRowDocument]
    notices: list[str]
