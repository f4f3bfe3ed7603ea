# Rules on the model ids themselves: which exist, and which model answers to one.
# Owns: the rows of the area "lifecycle". Refuses to know: how the catalogue is read, dates, prices.
"""Rules of the area lifecycle."""

from drift.rules.record import LevelWhen, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="model-removed",
        area="lifecycle",
        level="breaking",
        evidence=("exact",),
        direction="none",
        kind="existence",
        title="A model id that answered or was listed at the baseline is refused or gone.",
        who_breaks=(
            "Every caller pinned to the id: each request comes back as 404, or as 400 on some platforms, and"
            " the feature is down until the id changes."
        ),
        remedy=(
            "Move to the replacement that the vendor names and compare it with this baseline first; keep"
            " model ids in configuration, so that the next move is not a release."
        ),
        mirror="model-added",
        level_when=(LevelWhen("warning", "another model than the requested one is no longer listed"),),
        seen_in=(
            "aden-hive/hive#5316",
            "TypeWhisper/typewhisper-win#467",
            "Shopify/shop-chat-agent#55",
            "seldonframe/seldonframe#69",
            "BerriAI/litellm#29685",
        ),
        source="https://platform.claude.com/docs/en/about-claude/model-deprecations",
    ),
    Rule(
        id="model-added",
        area="lifecycle",
        level="info",
        evidence=("exact",),
        direction="none",
        kind="existence",
        title="The vendor lists a model id that the baseline did not have.",
        who_breaks=(
            "Nobody, unless code picks the newest or the first entry of the live list: it changes models by"
            " itself."
        ),
        remedy=(
            "Run the suite on the new id once and keep the snapshot as a candidate; never select by list"
            " order."
        ),
        mirror="model-removed",
        seen_in=("koosoli/ESPHomeDesigner#379",),
    ),
    Rule(
        id="model-alias-retargeted",
        area="lifecycle",
        level="warning",
        evidence=("exact",),
        direction="none",
        kind="lifecycle",
        title="A requested model id is answered by another model than before, or than the one asked for.",
        who_breaks=(
            "Code that asks for an undated id or a `-latest` alias: it was upgraded without a deploy,"
            " without an error, and perhaps to another price."
        ),
        remedy=(
            "Pin the dated id. Where the alias is wanted, probe it on a schedule, compare the two ids of"
            " every reply, and treat each new target as a candidate."
        ),
        mirror_waiver="Symmetric: pointing the id back is the same event again.",
        seen_in=("google-gemini/gemini-cli#28859", "google/adk-python#6010", "mastra-ai/mastra#12895"),
        source="https://ai.google.dev/gemini-api/docs/changelog",
    ),
    Rule(
        id="lifecycle-header-changed",
        area="lifecycle",
        level="warning",
        evidence=("exact",),
        direction="response",
        kind="lifecycle",
        title="A `Deprecation` or `Sunset` header came with the replies, moved earlier, or contradicts the other.",
        who_breaks=(
            "Nobody today: the header changes no behaviour. Clients that throw headers away learn of the"
            " shutdown from the outage."
        ),
        remedy=(
            "Put both dates into the calendar and follow the `Link` header; tell the vendor when the end lies"
            " before its announcement."
        ),
        mirror_waiver="A header that goes away, or moves later, only gives more time.",
        seen_in=("anthropics/anthropic-sdk-python#1396",),
        source="https://www.rfc-editor.org/rfc/rfc9745",
    ),
    Rule(
        id="api-version-default-changed",
        area="lifecycle",
        level="warning",
        evidence=("exact",),
        direction="request",
        kind="values",
        title="The API version that requests get without asking for one is another.",
        who_breaks=(
            "Callers that never set the version: one dependency update, or one move by the host, puts every"
            " request under new rules."
        ),
        remedy=(
            "Send the version explicitly (`api_version:` of the target), and move it as a change of its own"
            " with runs on both sides."
        ),
        mirror_waiver="Symmetric: any change of what is inherited is the same event.",
        source="https://platform.claude.com/docs/en/api/migration-2026-10-21",
    ),
)
