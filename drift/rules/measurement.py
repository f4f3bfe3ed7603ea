# Rules on the measurement itself: what the findings together say.
# Owns: the rows of the area "measurement". Refuses to know: single probes.
"""Rules of the area measurement."""

from drift.rules.record import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="silent-drift-suspected",
        area="measurement",
        level="warning",
        evidence=("statistical",),
        direction="none",
        kind="rate",
        title="Rules fire although the same model answers and nobody announced a change.",
        who_breaks=(
            "Teams that pinned a dated id and trust it to stay as it was: behaviour moves between two"
            " deploys."
        ),
        remedy="Repeat both runs with a control, keep the effect sizes, and only then ask the vendor.",
        mirror_waiver="No drift is the normal case.",
        seen_in=("Bike4Mind/bike4mind#954",),
        source="https://www.anthropic.com/engineering/a-postmortem-of-three-recent-issues",
    ),
)
