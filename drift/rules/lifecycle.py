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
    Rule(
        id="model-deprecated",
        area="lifecycle",
        level="warning",
        evidence=("exact",),
        direction="none",
        kind="lifecycle",
        title="The end of a model that still answers was announced.",
        who_breaks=(
            "Nobody today. An integration without a plan breaks on the day of the end, and some hosts close the"
            " model to new customers at once."
        ),
        remedy=(
            "Put the day into the calendar, and run the suite on the replacement now, while both models answer:"
            " later the baseline cannot be measured any more."
        ),
        mirror_waiver="A deprecation that is withdrawn hurts nobody; the list of models shows it.",
        seen_in=(
            "anthropics/anthropic-sdk-python CHANGELOG 0.95.0",
            "anthropics/anthropic-sdk-python CHANGELOG 0.106.0",
        ),
        source="https://platform.claude.com/docs/en/about-claude/model-deprecations",
    ),
    Rule(
        id="model-shutdown-date-moved-earlier",
        area="lifecycle",
        level="breaking",
        evidence=("exact",),
        direction="none",
        kind="lifecycle",
        title="The published end of a model moved closer.",
        who_breaks=(
            "Teams that planned a move around the old day, and whoever pinned the model until a day that now lies"
            " behind its end."
        ),
        remedy="Plan again for the new day: list what still asks the model (`drift scan`) and begin with the riskiest.",
        mirror_waiver="A later day only gives more time.",
        seen_in=("oasdiff/oasdiff docs/DEPRECATION.md",),
        source="https://ai.google.dev/gemini-api/docs/deprecations",
    ),
    Rule(
        id="model-shutdown-within-lead-time",
        area="lifecycle",
        level="warning",
        evidence=("exact",),
        direction="none",
        kind="lifecycle",
        title="Fewer days are left before the end of a model than a move takes.",
        who_breaks=(
            "Integrations whose review, measuring and rollout need more days than are left; after the end each"
            " request is refused."
        ),
        remedy=(
            "Begin the move now, or state a shorter lead time (`--lead-days`) if your process really is that short."
        ),
        mirror_waiver="It is a threshold on the calendar; only a new day leaves it, which the list of models shows.",
        level_when=(LevelWhen("breaking", "days left are zero or fewer"),),
        seen_in=("OpenAI model object, shutdown_date", "Anthropic model deprecations, at least 60 days"),
        source="https://platform.claude.com/docs/en/about-claude/model-deprecations",
    ),
    Rule(
        id="model-notice-below-policy",
        area="lifecycle",
        level="warning",
        evidence=("exact",),
        direction="none",
        kind="lifecycle",
        title="The announced notice is shorter than the least that the vendor publishes.",
        who_breaks=(
            "Planners who count on the published least: 60 days at Anthropic; at OpenAI six months, three for"
            " specialised variants, about two weeks for previews."
        ),
        remedy="Ask the vendor for more time with its own page in hand, and plan by the real day meanwhile.",
        mirror_waiver="Notice at or above the published least is the normal case.",
        seen_in=("OpenAI deprecations page", "Anthropic model deprecations page"),
        source="https://developers.openai.com/api/docs/deprecations",
    ),
    Rule(
        id="model-token-limit-decreased",
        area="lifecycle",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="constraints",
        title="A model's context window or longest answer shrank.",
        who_breaks=(
            "Callers near the old limit: long prompts are refused, and long answers are cut in the middle of JSON"
            " or code."
        ),
        remedy=(
            "Compare recorded token counts with the new limit; shorten or split the prompts above it, and lower"
            " `max_tokens`."
        ),
        mirror_waiver="A larger limit only lets more in; it is told as model-capability-added.",
        seen_in=("Anthropic model object, max_input_tokens and max_tokens",),
    ),
    Rule(
        id="model-capability-removed",
        area="lifecycle",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="existence",
        title="A model no longer declares a capability that it had.",
        who_breaks=(
            "Integrations that use it (structured output, thinking, images, batches): the request is refused, or"
            " it is taken and nothing happens."
        ),
        remedy="Send these requests to another model, or do the work at home: validate, or read the image beforehand.",
        mirror="model-capability-added",
        seen_in=("Anthropic model object, capabilities",),
    ),
    Rule(
        id="model-capability-added",
        area="lifecycle",
        level="info",
        evidence=("exact",),
        direction="request",
        kind="existence",
        title="A model declares a capability, or a larger limit, that it did not have.",
        who_breaks="Nobody: more may be asked of the model than before.",
        remedy="Write a probe before you rely on it.",
        mirror="model-capability-removed",
        seen_in=("Anthropic model object, capabilities",),
    ),
    Rule(
        id="model-price-increased",
        area="lifecycle",
        level="warning",
        evidence=("exact",),
        direction="none",
        kind="values",
        title="The list price of a model rose.",
        who_breaks="Features with a fixed margin or a cap on spending: the same traffic costs more.",
        remedy="Work the budget out again with your own mix of tokens, then accept the price or choose another model.",
        mirror_waiver="A lower price hurts nobody.",
    ),
)
