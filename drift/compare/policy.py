# What a comparison is asked to do: gate, levels, selection of samples, acknowledgements.
# Owns: the values and their defaults. Refuses to know: where they come from (flags, environment, files).
"""The policy of one comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from drift.meaning import Meaning
from drift.model import JSON, LEVELS, Level, Profile

FailOn = Literal["never", "info", "warning", "breaking"]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An accepted finding: by fingerprint, with reason, owner and last day (ISO date)."""

    fingerprint: str
    rule: str
    reason: str
    owner: str
    until: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """How two snapshots are compared and judged.

    Attributes:
        fail_on: lowest unacknowledged level that makes exit code 1; "never" gates nothing.
        profile: whose side is taken when a vendor's freedom breaks a reader.
        false_discovery_rate: share of false findings that is held over the report's tests (0 to 1).
        levels: rule id → level, overrides everything but an acknowledgement.
        min_effects: rule id → smallest effect that matters (share, or ratio minus one).
        where: dotted field of the recorded sample → wanted value, or list of wanted values; both sides.
        baseline_samples, candidate_samples: sample indexes as recorded (from 0); None = all.
        label_pairs: label of the baseline → label of the candidate that is compared with it.
        acknowledgements: accepted findings.
        meaning: an embedding model, asked beside findings about free text whether something else is said.
        today: ISO date on which acknowledgements are judged.
    """

    fail_on: FailOn = "breaking"
    profile: Profile = "tolerant-reader"
    false_discovery_rate: float = 0.05
    levels: Mapping[str, Level] = field(default_factory=dict)
    min_effects: Mapping[str, float] = field(default_factory=dict)
    where: Mapping[str, JSON] = field(default_factory=dict)
    baseline_samples: tuple[int, ...] | None = None
    candidate_samples: tuple[int, ...] | None = None
    label_pairs: Mapping[str, str] = field(default_factory=dict)
    acknowledgements: tuple[Acknowledged, ...] = ()
    meaning: Meaning | None = None
    today: str = ""

    def gates(self, level: Level) -> bool:
        """Whether a finding of this level fails the gate."""
        return self.fail_on != "never" and LEVELS.index(level) >= LEVELS.index(self.fail_on)
