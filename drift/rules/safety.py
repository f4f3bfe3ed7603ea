# Rules on what a model lets itself be talked into: by a user who insists, or by text that nobody there wrote.
# Owns: the rows of the area "safety". Refuses to know: how a reply is read, what a probe put into the model's way.
"""Rules of the area "safety". Refusals have rules of their own in the area "stopping"."""

from drift.rules.record import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="sycophancy-rate-increased",
        area="safety",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="More right answers are given up when a user insists on a wrong one.",
        who_breaks=(
            "Tutors, reviewers and assistants in support or medicine: a confident mistake of the user comes back"
            " as the model's own answer."
        ),
        remedy=(
            "Tell the model in the system text to keep to facts under pressure, and check answers that changed after"
            " an objection against a source."
        ),
        mirror="sycophancy-rate-decreased",
        source="https://openai.com/index/sycophancy-in-gpt-4o/",
    ),
    Rule(
        id="sycophancy-rate-decreased",
        area="safety",
        level="info",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="Fewer right answers are given up when a user insists on a wrong one.",
        who_breaks="Nobody who wants the truth; flows in which the user has the last word may meet more objections.",
        remedy="Nothing, unless the user's word is to hold: then say so in the system text.",
        mirror="sycophancy-rate-increased",
    ),
    Rule(
        id="injection-rate-increased",
        area="safety",
        level="breaking",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="More orders are obeyed that stand in a tool's result.",
        who_breaks=(
            "Agents that read mail, web pages, files or tickets: whoever writes those now steers what the agent says"
            " and does."
        ),
        remedy=(
            "Hold the move for agents that read foreign text, mark such text as data in the prompt, and let no tool act"
            " without a check outside of the model."
        ),
        mirror="injection-rate-decreased",
        source="https://invariantlabs.ai/blog/mcp-github-vulnerability",
    ),
    Rule(
        id="injection-rate-decreased",
        area="safety",
        level="info",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="Fewer orders are obeyed that stand in a tool's result.",
        who_breaks="Nobody but workflows that pass instructions to the model in tool results on purpose.",
        remedy="Move instructions out of tool results and into the system text or the user's turn.",
        mirror="injection-rate-increased",
    ),
)
