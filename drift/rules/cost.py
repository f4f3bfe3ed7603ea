# Rules on what an answer costs: length, tokens, time, and the counters that tell.
# Owns: the rows of the area "cost". Refuses to know: prices, thresholds.
"""Rules of the area cost."""

from drift.rules.record import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="output-length-shifted",
        area="cost",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="The visible text of answers grew or shrank.",
        who_breaks=(
            "Layouts and budgets with fixed space when it grows; long-form and code tasks when it shrinks:"
            " work is left undone."
        ),
        remedy=(
            "Read a few pairs side by side, state the wanted length in the prompt, and fit `max_tokens` to"
            " it."
        ),
        mirror_waiver="Symmetric: longer overflows and costs more, shorter leaves work undone.",
        seen_in=("anthropics/claude-code#58369", "anthropics/claude-code#48808"),
    ),
    Rule(
        id="input-token-count-shifted",
        area="cost",
        level="warning",
        evidence=("exact",),
        direction="request",
        kind="values",
        title="The same request is billed as another number of input tokens.",
        who_breaks=(
            "Budgets and code that packs prompts up to a limit: the context overflows or stays half empty,"
            " and cost moves at an unchanged price."
        ),
        remedy=(
            "Count your own prompts again, and scale chunk sizes and budgets by the difference in the"
            " finding."
        ),
        mirror_waiver="Symmetric: another count in either direction is the same event.",
        seen_in=("Siddhant-K-code/agent-trace#44", "anthropics/claude-code#78656", "sammcj/ingest#65"),
    ),
    Rule(
        id="reasoning-tokens-increased",
        area="cost",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="The same probes use more hidden reasoning tokens.",
        who_breaks=(
            "Budgets, time limits and tight token limits: the visible text is the same, and it costs more or"
            " is cut."
        ),
        remedy="Set the reasoning effort explicitly, and raise `max_tokens` by the measured amount.",
        mirror_waiver="Fewer hidden tokens are a saving; if answers suffer, the rules on answers fire.",
        seen_in=("project-arbr/arbr-control-plane#253", "fsnow/cst#601"),
    ),
    Rule(
        id="cost-per-probe-increased",
        area="cost",
        level="warning",
        evidence=("statistical",),
        direction="none",
        kind="rate",
        title="The same probes cost more: tokens times the list price of today.",
        who_breaks="Features with a price per call or a cap: the margin is gone although every call succeeds.",
        remedy=(
            "See whether tokens or the price of the new model moved; then shorten, cache, lower the effort, or"
            " choose another model. `min_effects` sets the ratio that matters to you."
        ),
        mirror_waiver="A lower cost hurts nobody.",
        seen_in=("Siddhant-K-code/agent-trace#44",),
    ),
    Rule(
        id="usage-field-missing",
        area="cost",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="existence",
        title="A usage counter that replies carried is gone, or the counters no longer add up.",
        who_breaks="Cost accounting and quotas: they raise, or read zero and bill too little.",
        remedy="Treat a missing counter as unknown, never as zero, and count on your side as a cross-check.",
        mirror_waiver="A counter that comes back is reported by response-property-added.",
        seen_in=("project-arbr/arbr-control-plane#253",),
    ),
    Rule(
        id="latency-increased",
        area="cost",
        # Info: the times of one run share one network and one busy hour; no test within two runs tells them apart.
        level="info",
        evidence=("statistical",),
        direction="none",
        kind="rate",
        title="Answers take longer, beyond both a ratio and an absolute floor.",
        who_breaks=(
            "Interactive paths and callers with a timeout: requests are given up that would have been"
            " answered."
        ),
        remedy=(
            "Measure again from the network of production before you act; then stream, or lower the"
            " reasoning effort."
        ),
        mirror_waiver="Faster answers hurt nobody.",
        seen_in=("Lore-Hex/quill-router#35",),
    ),
)
