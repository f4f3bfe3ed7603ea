# Rules on how the API says no: status, code, type and the form of the body.
# Owns: the rows of the area "errors". Refuses to know: which request was refused and why.
"""Rules of the area errors."""

from drift.rules.record import LevelWhen, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="error-status-changed",
        area="errors",
        level="breaking",
        evidence=("exact",),
        direction="response",
        kind="values",
        title="A request that must fail now gets another HTTP status, or succeeds.",
        who_breaks=(
            "Retry and fallback routing: a 529 that the retry list lacks goes straight to the user, a 400"
            " that became a 5xx is retried for ever."
        ),
        remedy="Put the new status into the routing table beside the old one, and keep the negative probe.",
        mirror_waiver="Symmetric: a change in either direction is the same event.",
        seen_in=("openclaw/openclaw#69642", "tombii/better-ccflare#236"),
    ),
    Rule(
        id="error-code-changed",
        area="errors",
        level="warning",
        evidence=("exact",),
        direction="response",
        kind="values",
        title="The machine-readable type or code of an error changed while the status stayed.",
        who_breaks=(
            "Code that branches on it, such as shortening the prompt on `context_length_exceeded`: the"
            " branch never runs."
        ),
        remedy="Accept the old and the new code; match codes, never the wording of messages.",
        mirror_waiver="Symmetric: a change in either direction is the same event.",
        level_when=(
            LevelWhen(
                "info",
                "vendors reserve the conditions under which an error type comes",
                profile="provider-policy",
            ),
        ),
        source="https://platform.claude.com/docs/en/api/versioning",
    ),
    Rule(
        id="error-type-added",
        area="errors",
        level="warning",
        evidence=("exact",),
        direction="response",
        kind="values",
        title="The API refuses with an error type that no baseline sample had.",
        who_breaks=(
            "Handlers without a default branch: they raise, or retry what cannot succeed. Often a first sign"
            " of retirement."
        ),
        remedy="Read the message, decide whether it may be retried, and add the type to the routing table.",
        mirror_waiver="An error type that is not seen any more proves nothing.",
        level_when=(
            LevelWhen("breaking", "a type without a branch of its own raises", profile="strict-reader"),
            LevelWhen(
                "info",
                "vendors reserve the conditions under which an error type comes",
                profile="provider-policy",
            ),
        ),
        seen_in=("Lore-Hex/quill-router#35",),
    ),
    Rule(
        id="error-body-shape-changed",
        area="errors",
        level="breaking",
        evidence=("exact",),
        direction="response",
        kind="structure",
        title="The error body lost or retyped a path that holds its message, type or code.",
        who_breaks=(
            "Error handlers that read the path: they raise while handling, and the real failure is hidden."
        ),
        remedy="Read error bodies defensively, and fall back to the status and the raw text.",
        mirror_waiver="Symmetric: a change in either direction is the same event.",
        seen_in=("GD4AI/obsidian-llm-wiki#41 (adjacent: a status lost from a message)",),
    ),
    Rule(
        id="response-header-removed",
        area="errors",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="existence",
        title="A header that every reply carried, such as the request id or the rate limits, is gone.",
        who_breaks=(
            "Backoff and dashboards that read the limits, and support tickets that have no request id to name."
        ),
        remedy="Fall back to a backoff and a correlation id of your own.",
        mirror_waiver="A header that comes is safe for every reader.",
        source="https://github.com/oasdiff/oasdiff",
    ),
    Rule(
        id="rate-limit-decreased",
        area="errors",
        level="warning",
        evidence=("exact",),
        direction="request",
        kind="constraints",
        title="The rate limit that one host advertises in its headers went down.",
        who_breaks="Batch jobs sized to the old limit: they slow down, or fail with 429.",
        remedy="Read the limit from the headers at run time, not from a setting.",
        mirror_waiver="A higher limit only widens what is accepted.",
        source="https://platform.claude.com/docs/en/api/rate-limits",
    ),
)
