# Rules on the text of an answer: structured output, format around a payload, the mix of answers.
# Owns: the rows of the area "output". Refuses to know: how text is read, what a good answer is.
"""Rules of the area output."""

from drift.rules.record import LevelWhen, Rule

_VIOLATION = "A violation has no opposite: its absence is the contract."
_BARE = "A bare payload is the form that was asked for."

_UNKNOWN: tuple[LevelWhen, ...] = (
    LevelWhen("warning", "it is not known whether the answer is machine-read"),
)
_UNREAD: tuple[LevelWhen, ...] = (
    LevelWhen("warning", "the probe asks for prose, which is not machine-read"),
    *_UNKNOWN,
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="structured-output-invalid-json",
        area="output",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title="An answer that should be JSON holds none, or is not strict JSON under the vendor's JSON mode.",
        who_breaks=(
            "Extraction code: the parser raises, or takes NaN or a repeated key and stores a wrong value."
        ),
        remedy=(
            "Retry once with the parse error in the prompt, then fail; never let a repair library turn it"
            " into a pass."
        ),
        mirror_waiver=_VIOLATION,
        level_when=_UNKNOWN,
        seen_in=("interviewstreet/hiring-agent#421",),
        source="https://www.rfc-editor.org/rfc/rfc8259",
    ),
    Rule(
        id="structured-output-schema-violation",
        area="output",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title="The JSON of an answer breaks the schema that was asked for.",
        who_breaks="Typed readers fail; untyped ones pass a missing or wrong field on to the next step.",
        remedy=(
            "Validate every answer, report the path and keyword that failed, and use the vendor's schema"
            " mode."
        ),
        mirror_waiver=_VIOLATION,
        source="https://json-schema.org/draft/2020-12/json-schema-validation",
    ),
    Rule(
        id="structured-output-enforcement-lost",
        area="output",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="constraints",
        title="The vendor's schema mode is accepted with 200, but most answers break the schema.",
        who_breaks=(
            "Code that dropped its own validation because the mode promised the form: wrong data, and no"
            " error."
        ),
        remedy=(
            "Validate on your side whatever the mode promises, and keep a probe whose schema the model would"
            " not follow unasked."
        ),
        mirror_waiver="Enforcement that comes back only narrows what is emitted.",
        seen_in=("vectorize-io/hindsight#2674", "vectorize-io/hindsight#2887"),
    ),
    Rule(
        id="structured-output-shape-changed",
        area="output",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="structure",
        title="The JSON of answers has other keys, or other types under them, and no schema says which are right.",
        who_breaks=(
            "Readers that take a key by name or trust its type: a KeyError, or a number that is now text and sorts"
            " as such."
        ),
        remedy="Write the schema down, ask for it in the vendor's schema mode, and validate what comes.",
        mirror_waiver="Symmetric: a key that comes in one direction goes in the other.",
    ),
    Rule(
        id="text-markdown-fence-added",
        area="output",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title="JSON or code that was asked for raw arrives in a Markdown fence.",
        who_breaks=(
            "`json.loads` and interpreters fed with the text: they fail on the first backtick, or a fallback"
            " hides it for weeks."
        ),
        remedy=(
            "Ask for structured output; where it must be text, strip exactly one outer fence and count how"
            " often."
        ),
        mirror="text-markdown-fence-removed",
        level_when=_UNREAD,
        seen_in=(
            "vectorize-io/hindsight#2674",
            "jikig-ai/soleur#5162",
            "darkmatter/nixmac#522",
            "Muhanad-husn/axial#72",
            "lchen001/LLMDrift (directly executable code of GPT-4, March to June 2023)",
        ),
        source="https://arxiv.org/abs/2307.09009",
    ),
    Rule(
        id="text-markdown-fence-removed",
        area="output",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="structure",
        title="Answers that came in a Markdown fence come without one.",
        who_breaks="Readers that cut the payload out of the first fenced block: they find no block, and take nothing.",
        remedy="Take the whole text when there is no fence, and ask for structured output.",
        mirror="text-markdown-fence-added",
    ),
    Rule(
        id="text-preamble-added",
        area="output",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title="Words stand before the payload that was asked for alone.",
        who_breaks='Parsers that start at the first character: "Here is the JSON:" is not JSON.',
        remedy="Ask for structured output, or agree on a marker after which the payload begins.",
        mirror_waiver=_BARE,
        level_when=_UNREAD,
        seen_in=("Muhanad-husn/axial#72", "evoila/meho#2017"),
    ),
    Rule(
        id="text-trailing-content-added",
        area="output",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title="Text follows the payload that was asked for alone, such as citations or a closing line.",
        who_breaks=(
            'Strict JSON parsers stop with "Extra data"; readers of lines take the last one for a value.'
        ),
        remedy=(
            "Ask for structured output; a reader that stops after the first value should count what it drops."
        ),
        mirror_waiver=_BARE,
        level_when=_UNREAD,
        seen_in=("langgenius/dify#42451",),
    ),
    Rule(
        id="text-format-contract-violated",
        area="output",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="constraints",
        title="The text breaks the probe's own rule on pattern, length, lines or delimiter.",
        who_breaks=(
            "Splitters and regular expressions behind the answer: no match, or fields in the wrong columns."
        ),
        remedy="Move the format into a schema; until then validate the text and retry once.",
        mirror_waiver=_VIOLATION,
    ),
    Rule(
        id="text-label-set-violated",
        area="output",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="A classification is answered with something other than one of its labels.",
        who_breaks=(
            'Exact comparison with the labels: "Neutral." falls into no class, or into the default one.'
        ),
        remedy=(
            "Ask for an enum by structured output; normalise in one place if only case or punctuation"
            " differs."
        ),
        mirror_waiver=_VIOLATION,
        level_when=_UNKNOWN,
    ),
    Rule(
        id="text-markup-style-changed",
        area="output",
        level="info",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="The share of prose answers with headings, bold text, lists, tables, LaTeX or emoji moved.",
        who_breaks=(
            "Interfaces that render part of Markdown or none: users read asterisks and pipes, or miss the"
            " structure."
        ),
        remedy="State the wanted style in the prompt, or render what arrives.",
        mirror_waiver="Symmetric: the share may move either way.",
        seen_in=("anthropics/claude-code#58369",),
    ),
    Rule(
        id="output-distribution-shifted",
        area="output",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="The mix of answers to a closed question moved.",
        who_breaks=(
            "Routing, thresholds and dashboards tuned to the old mix: queues fill, alarms fire or fall"
            " silent."
        ),
        remedy="Check a sample of the answer that grew against the truth before you retune anything.",
        mirror_waiver="Symmetric: the mix may move either way.",
        level_when=(LevelWhen("info", "the answers are a detail of a verdict that is compared by itself"),),
        seen_in=("lchen001/LLMDrift (yes and no of GPT-4 on primes, March to June 2023)",),
        source="https://arxiv.org/abs/2307.09009",
    ),
    Rule(
        id="text-language-changed",
        area="output",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="values",
        title="The same prompts are answered in another language more often.",
        who_breaks="Users who asked in their own language, and every step that sorts, searches or shows by language.",
        remedy="Name the wanted language in the prompt, and probe it in every language that you serve.",
        mirror_waiver="Symmetric: more of one language is less of another.",
    ),
    Rule(
        id="text-distribution-shifted",
        area="output",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="The texts given to the same prompts come from another distribution than before.",
        who_breaks=(
            "Whatever was tuned to the old wording: parsers of prose, few-shot examples, graders, and users who know"
            " the tone."
        ),
        remedy="Read a few prompts side by side; if the model was not meant to change, ask the host what it serves.",
        mirror_waiver="Symmetric: a difference of distributions has no direction.",
        source="https://arxiv.org/abs/2410.20247",
    ),
)
