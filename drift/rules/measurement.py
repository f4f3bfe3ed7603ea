# Rules on the measurement itself: what the findings together say.
# Owns: the rows of the area "measurement". Refuses to know: single probes.
"""Rules of the area measurement."""

from drift.rules.record import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="determinism-decreased",
        area="measurement",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="Repeats of one request give different answers more often than before.",
        who_breaks="Caches, snapshot tests and review flows that expect the same answer twice.",
        remedy=(
            "Compare what the code relies on instead of the text; repeat and vote where one answer must win."
        ),
        mirror_waiver="Steadier answers hurt nobody.",
        seen_in=("openai/openai-python#708", "rjmurillo/ai-agents#3475"),
    ),
    Rule(
        id="backend-fingerprint-changed",
        area="measurement",
        level="info",
        evidence=("exact",),
        direction="response",
        kind="values",
        title="The vendor's own name for the backend is another under one model id.",
        who_breaks="Nobody by itself: it explains other findings, and ends what a seed promises.",
        remedy="Read it beside the findings of the same run, and accept a new baseline when they are accepted.",
        mirror_waiver="Symmetric: any change is the same event.",
        seen_in=("rjmurillo/ai-agents#3475",),
        source="https://platform.openai.com/docs/api-reference/chat/object",
    ),
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
    Rule(
        id="probe-inconclusive",
        area="measurement",
        level="warning",
        evidence=("statistical",),
        direction="none",
        kind="rate",
        title="A rate that would be breaking moved far and one way, and too few samples were taken to tell.",
        who_breaks="Whoever reads silence as a pass: what could not be decided is none.",
        remedy="Ask these probes more often (`-n`), or add probes of their kind, and compare again.",
        mirror_waiver="A rule that decides fires by itself, or is silent.",
        seen_in=("anthony-chaudhary/fak#4572",),
    ),
)
