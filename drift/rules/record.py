# What a rule is: a row of data. What measures it stands in drift/rules/detectors.
# Owns: the fields of a rule and their allowed values. Refuses to know: how evidence is found, shown or stored.
"""The rule record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from drift.model import EvidenceClass, Level, Profile

Area = Literal[
    "lifecycle", "request", "response", "stream", "errors", "tools", "output", "stopping", "safety", "cost", "labels",
    "measurement", "surface",
]  # fmt: skip
Direction = Literal["request", "response", "loop", "none"]
Kind = Literal[
    "existence", "values", "constraints", "type", "requiredness", "structure", "order", "rate", "lifecycle"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LevelWhen:
    """A condition that moves the level away from the default, which is that of the profile `tolerant-reader`.

    Attributes:
        level: the level that it gives.
        when: the condition in words; with a profile, why its reader sees it so.
        profile: the profile under which it holds; None = the detector decides whether it holds.
    """

    level: Level
    when: str
    profile: Profile | None = None


ADDED = (
    LevelWhen("breaking", "what is not known is refused", profile="strict-reader"),
    LevelWhen("info", "vendors reserve additions inside one version", profile="provider-policy"),
)
"""Conditions of rules on additions that a vendor may make at any time."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which a model, its API or its SDK can break the code that calls it.

    Attributes:
        id: an event in kebab case, such as "text-markdown-fence-added"; reads well after "allow".
        area: part of the API that the rule looks at.
        level: default level.
        evidence: classes of evidence that a finding of this rule may carry.
        direction: `request`: what is accepted must not shrink; `response`: what is emitted must not grow;
            `loop`: old answers must be accepted as new input; `none`: a fact.
        kind: what sort of property moves.
        title: one sentence about the event, in the past or present tense, with a full stop.
        who_breaks: whose code breaks, and how it shows.
        remedy: what to do.
        mirror: id of the opposite event, or None with a waiver.
        mirror_waiver: why there is no opposite.
        level_when: conditions that change the level.
        seen_in: public reports ("owner/repo#number" or a page's name); empty means that none is cited.
        source: vendor page or standard behind the rule, if any.
    """

    id: str
    area: Area
    level: Level
    evidence: tuple[EvidenceClass, ...]
    direction: Direction
    kind: Kind
    title: str
    who_breaks: str
    remedy: str
    mirror: str | None = None
    mirror_waiver: str = ""
    level_when: tuple[LevelWhen, ...] = ()
    seen_in: tuple[str, ...] = ()
    source: str = ""
