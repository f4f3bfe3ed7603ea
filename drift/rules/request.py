# Rules on what the API accepts: it must not shrink.
# Owns: the rows of the area "request". Refuses to know: how a refusal is traced to a parameter.
"""Rules of the area request."""

from drift.rules.record import LevelWhen, Rule

_WIDER_AGAIN = "What is accepted again only widens what callers may send."

RULES: tuple[Rule, ...] = (
    Rule(
        id="request-parameter-rejected",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="existence",
        title="A parameter that the baseline accepted is refused, whatever its value.",
        who_breaks=(
            "Code that always sends it (`temperature`, `top_p`, `max_tokens`): every request comes back as"
            " 400, often even with the default value."
        ),
        remedy=(
            "Stop sending the parameter to this model, or rename it as the error text says; decide by a"
            " table of parameters per model, not by the shape of the model's name."
        ),
        mirror_waiver=_WIDER_AGAIN,
        seen_in=(
            "teilomillet/gollm#33",
            "UKGovernmentBEIS/inspect_ai#3721",
            "RooCodeInc/Roo-Code#12162",
            "The-PR-Agent/pr-agent#2456",
            "aws-samples/bedrock-chat#1102",
            "koosoli/ESPHomeDesigner#379",
        ),
        source="https://platform.claude.com/docs/en/api/migration-2026-10-21",
    ),
    Rule(
        id="request-parameter-value-rejected",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="values",
        title="A parameter is still accepted, but a value that used to work is refused.",
        who_breaks=(
            "Code with the value written in: `temperature` may only be 1, a thinking mode is gone, a tool"
            " may no longer be forced. Requests with that value come back as 400 while all others pass."
        ),
        remedy=(
            "Send an accepted value or leave the parameter out; check values against a set per model before"
            " the call."
        ),
        mirror_waiver=_WIDER_AGAIN,
        seen_in=(
            "tmc/langchaingo#1355",
            "zhukunpenglinyutong/jetbrains-cc-gui#1003",
            "CherryHQ/cherry-studio#15933",
            "anthropics/claude-code#29531",
            "griptape-ai/griptape#2351",
            "vercel/ai#21364",
        ),
    ),
    Rule(
        id="request-parameter-combination-rejected",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="constraints",
        title="Parameters that are accepted alone are refused together.",
        who_breaks=(
            "Clients that send every sampling value they have, and agents that force a tool while thinking"
            " is on: only the path that sets both fails, with 400."
        ),
        remedy=(
            "Send one of the two for this model, and keep a probe for the pair beside those for each"
            " parameter."
        ),
        mirror_waiver=_WIDER_AGAIN,
        seen_in=(
            "router-for-me/CLIProxyAPI#193",
            "Vali-98/ChatterUI#564",
            "langfuse/langfuse#9882",
            "vercel/ai#11227",
            "BerriAI/litellm#34569",
            "cloudwego/eino#994",
        ),
    ),
    Rule(
        id="request-parameter-silently-ignored",
        area="request",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="request",
        kind="values",
        title="A parameter is accepted but no longer takes effect.",
        who_breaks=(
            "Code that relies on a stop sequence, a token limit, a forced tool or an effort setting: results"
            " differ, and no error says why."
        ),
        remedy=(
            "Enforce the need on your side (cut, validate, count) and keep a probe that shows the effect"
            " itself."
        ),
        mirror_waiver="When the parameter takes effect again, the rules on what it controls fire.",
        level_when=(
            LevelWhen("breaking", "a stream was asked for and none came: its readers find no event at all"),
        ),
        seen_in=("openai/openai-openapi#541", "pydantic/pydantic-ai#6957", "vectorize-io/hindsight#2674"),
        source="https://platform.claude.com/docs/en/release-notes/overview",
    ),
    Rule(
        id="request-parameter-became-required",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="requiredness",
        title="A request without this parameter used to be accepted and is now refused.",
        who_breaks=(
            "Every caller that leaves it out, old SDK versions that do not know it included: 400 on each"
            " request."
        ),
        remedy="Send the parameter with the value that its old default had.",
        mirror_waiver="A parameter that becomes optional only widens what callers may send.",
        source="https://github.com/oasdiff/oasdiff/blob/main/docs/BREAKING-CHANGES.md",
    ),
    Rule(
        id="request-parameter-default-changed",
        area="request",
        level="warning",
        evidence=("exact",),
        direction="request",
        kind="values",
        title="A request that leaves a parameter out is now answered as if it had asked for something else.",
        who_breaks=(
            "Callers that rely on the default: thinking that nobody asked for comes first in the content,"
            " uses up `max_tokens` and is billed."
        ),
        remedy="Send the old default explicitly, and never leave out a parameter whose value matters to you.",
        mirror_waiver="Symmetric: a default that moves back is the same event.",
        seen_in=(
            "jagduvi1/Cellarion#581",
            "lobehub/lobehub#17620",
            "cohere-ai/cohere-developer-experience#796",
        ),
    ),
    Rule(
        id="request-message-role-rejected",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="values",
        title="A message role, or a role at a certain position of the conversation, is refused.",
        who_breaks=(
            "Code that ends the list with the beginning of the assistant's answer, or that writes `system`"
            " where `developer` is expected: 400, often only after an interrupted turn left such a message"
            " behind."
        ),
        remedy=(
            "Replace the prefill by structured output or an instruction, drop a trailing assistant turn"
            " before sending, and choose role names per model."
        ),
        mirror_waiver=_WIDER_AGAIN,
        seen_in=(
            "anomalyco/opencode#13768",
            "anthropics/claude-code#52433",
            "langchain-ai/deepagents#1585",
            "Skyvern-AI/skyvern#4795",
            "vercel/ai#12296",
        ),
    ),
    Rule(
        id="request-content-block-rejected",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="structure",
        title="A content block, or a field of one, is refused where the baseline accepted it.",
        who_breaks=(
            "Code that sends documents, images or cited text in that place: the whole request comes back as"
            " 400, not only the block."
        ),
        remedy=(
            "Move the block to a turn where it is accepted, strip fields that came out of an earlier answer,"
            " and ask the model's capabilities before sending an image or a file."
        ),
        mirror_waiver=_WIDER_AGAIN,
        seen_in=("browser-use/web-ui#274", "vllm-project/vllm#11629"),
        source="https://platform.claude.com/docs/en/api/migration-2026-10-21",
    ),
    Rule(
        id="request-history-replay-rejected",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="loop",
        kind="structure",
        title="A turn that the model itself produced is refused when it is sent back.",
        who_breaks=(
            "Agent loops, on their second turn: call ids, thought signatures or encoded arguments that were"
            " dropped, rewritten or written by another model come back as 400."
        ),
        remedy=(
            "Send back every block of an answer untouched, let running conversations end on the model that"
            " began them, and probe by replaying stored turns."
        ),
        mirror_waiver=_WIDER_AGAIN,
        seen_in=(
            "langgenius/dify-official-plugins#2088",
            "nanbingxyz/5ire#405",
            "spring-projects/spring-ai#4911",
            "JetBrains/koog#2096",
            "openclaw/openclaw#102384",
        ),
    ),
    Rule(
        id="request-structured-output-mode-rejected",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="values",
        title="A structured-output mode that worked at the baseline is refused.",
        who_breaks=(
            "Extraction code that asks for a JSON mode, a schema, or structured output by way of a forced"
            " tool: the request fails with 4xx before any answer exists."
        ),
        remedy=(
            "Switch to the mode that the model still takes; derive the native schema and the tool from one"
            " place, so that the switch is one setting."
        ),
        mirror_waiver=_WIDER_AGAIN,
        seen_in=("interviewstreet/hiring-agent#421", "griptape-ai/griptape#2351"),
    ),
    Rule(
        id="request-tool-schema-keyword-rejected",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="constraints",
        title="A JSON Schema keyword in a tool or output schema is no longer accepted.",
        who_breaks=(
            "Generated schemas that carry `minimum`, `uniqueItems`, a union of types or"
            " `additionalProperties`: one such tool makes the whole request fail."
        ),
        remedy=(
            "Strip the keyword for this vendor and check the constraint yourself on the arguments that come"
            " back."
        ),
        mirror_waiver=_WIDER_AGAIN,
        seen_in=(
            "decolua/9router#3018",
            "zed-industries/zed#52670",
            "sbroenne/mcp-server-excel#672",
            "earendil-works/pi#9953",
            "evoila/meho#2017",
        ),
    ),
    Rule(
        id="request-limit-decreased",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="constraints",
        title="Fewer tools, images or messages, or a shorter body or context, are accepted than before.",
        who_breaks=(
            "Agents that offer every tool they know, and prompts packed to the old window: the request is"
            " refused before any work is done."
        ),
        remedy=(
            "Choose the tools per request, count before the call, and keep the caps per model in one table."
        ),
        mirror_waiver=_WIDER_AGAIN,
        seen_in=(
            "NousResearch/hermes-agent#13037",
            "anomalyco/opencode#4909",
            "google-gemini/gemini-cli#19083",
            "vishalmysore/Tools4AI#16",
        ),
    ),
    Rule(
        id="request-auth-scheme-changed",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="values",
        title="Requests to one host carry their credentials in another header or scheme.",
        who_breaks=(
            "Gateways that check or inject the old header refuse every call, and log scrubbers keyed to it let"
            " the key through."
        ),
        remedy="Accept and scrub both headers first; then move the gateways, and the clients last.",
        mirror_waiver="Symmetric: a change back is the same event.",
        source="https://github.com/anthropics/anthropic-sdk-python",
    ),
    Rule(
        id="request-rejected",
        area="request",
        level="breaking",
        evidence=("exact",),
        direction="request",
        kind="constraints",
        title="A request that was accepted is refused, and no narrower rule explains it.",
        who_breaks=(
            "Every caller that sends a request of this form: it comes back as 4xx, and retrying cannot help."
        ),
        remedy=(
            "Read the error text in the finding, bisect the request body, and keep what you find as a probe."
        ),
        mirror_waiver=_WIDER_AGAIN,
    ),
)
