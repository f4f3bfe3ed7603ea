# Rules on how an answer ends: stop reasons, truncation, refusals.
# Owns: the rows of the area "stopping". Refuses to know: how a refusal is recognised.
"""Rules of the area stopping."""

from drift.rules.record import ADDED, LevelWhen, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="stop-reason-value-added",
        area="stopping",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="A stop or finish reason appeared that the baseline never had.",
        who_breaks=(
            "Loops that branch on the reason: an unknown one falls through to done, repeats the identical"
            " request to the limit, or discards a pending call."
        ),
        remedy="Let the default branch end the loop as incomplete, then handle the new reason.",
        mirror_waiver="A reason that is seen less is reported by stop-reason-distribution-shifted.",
        level_when=ADDED,
        seen_in=(
            "vercel/ai#6529",
            "zed-industries/zed#31217",
            "tailcallhq/forgecode#3640",
            "laravel/ai#881",
            "rashidrazak/opencode-cmd-provider#184",
        ),
        source="https://platform.claude.com/docs/en/api/versioning",
    ),
    Rule(
        id="stop-reason-distribution-shifted",
        area="stopping",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="The mix of known stop reasons moved.",
        who_breaks=(
            "Loops tuned to the old mix: more answers pause, end early or run to a limit than the code"
            " expects."
        ),
        remedy="Find the reason that grew, then raise the limit behind it or handle its branch.",
        mirror_waiver="Symmetric: the mix may move either way.",
    ),
    Rule(
        id="truncation-rate-increased",
        area="stopping",
        level="breaking",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="More answers end at the token limit.",
        who_breaks=(
            "Callers with a tight `max_tokens`: cut JSON, missing conclusions, or no text at all, with HTTP"
            " 200."
        ),
        remedy=(
            "Raise the limit or cap reasoning, and treat the length reason as a failure and not as an answer."
        ),
        mirror_waiver="Fewer cut answers hurt nobody.",
        seen_in=(
            "jagduvi1/Cellarion#579",
            "garrytan/gbrain#2113",
            "The-PR-Agent/pr-agent#2631",
            "cline/cline#12166",
            "ra-jeev/write-assist-ai#32",
        ),
    ),
    Rule(
        id="refusal-rate-increased",
        area="stopping",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="More probes are refused by the model.",
        who_breaks=(
            "Users of legitimate features near a policy line, such as security or medicine: they get a"
            " refusal."
        ),
        remedy=(
            "State the purpose in the prompt, route these requests to another model, and tag what must be"
            " answered."
        ),
        mirror="refusal-rate-decreased",
        level_when=(LevelWhen("breaking", "the probe is tagged must-answer"),),
        seen_in=("anthropics/claude-code#88364", "anthropics/claude-code#95561"),
    ),
    Rule(
        id="refusal-rate-decreased",
        area="stopping",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="Fewer probes are refused by the model.",
        who_breaks=(
            "Products that lean on the model as their safety filter: what used to be declined reaches users."
        ),
        remedy="Put a filter of your own in front, and hold the move until what must be refused is refused.",
        mirror="refusal-rate-increased",
        level_when=(LevelWhen("breaking", "the probe is tagged must-refuse"),),
    ),
    Rule(
        id="hedge-rate-increased",
        area="stopping",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="More answers hedge: they point to being an AI, or decline to have an opinion.",
        who_breaks="Surveys, personas and tone: users read a disclaimer where an answer stood, or beside it.",
        remedy="Say in the prompt that a choice is asked for and whose voice it is in, and count the disclaimers.",
        mirror="hedge-rate-decreased",
        seen_in=("lchen001/LLMDrift (opinion surveys, March to June 2023)",),
        source="https://arxiv.org/abs/2307.09009",
    ),
    Rule(
        id="hedge-rate-decreased",
        area="stopping",
        level="info",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="Fewer answers hedge by pointing to being an AI, or by declining an opinion.",
        who_breaks="Products that lean on the disclaimer to tell users that no person speaks.",
        remedy="Put the disclaimer into the interface, where it does not depend on the model.",
        mirror="hedge-rate-increased",
    ),
    Rule(
        id="refusal-signal-changed",
        area="stopping",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title=(
            "A refusal travels in another channel (prose, stop reason, field, empty content) or under"
            " another category."
        ),
        who_breaks=(
            "Code that detects refusals in one way: it shows an empty answer, retries for ever, or counts a"
            " success."
        ),
        remedy="Detect refusals in one function that knows every channel, and keep a probe for each.",
        mirror_waiver="Symmetric: a move between channels in either direction is the same event.",
        seen_in=(
            "brightwave-inc/tidebreak#555",
            "NousResearch/hermes-agent#46013",
            "pydantic/pydantic-ai#4315",
            "gadievron/raptor#106",
        ),
        source="https://platform.claude.com/docs/en/release-notes/overview",
    ),
)
