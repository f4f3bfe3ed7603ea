# Rules on tool calls: whether, which, how many, and what their arguments hold.
# Owns: the rows of the area "tools". Refuses to know: how calls are read from a reply, JSON Schema.
"""Rules of the area tools."""

from drift.rules.record import LevelWhen, Rule

_VIOLATION = "A violation has no opposite: its absence is the contract."

RULES: tuple[Rule, ...] = (
    Rule(
        id="tool-call-missing",
        area="tools",
        level="breaking",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="Probes that must call a tool are answered without a call more often.",
        who_breaks="Agent loops that wait for the call: the turn ends in prose and nothing is done.",
        remedy=(
            "Force the tool where the API allows it; else sharpen the tool's description, and measure again."
        ),
        mirror="tool-call-unexpected",
        seen_in=("adolfousier/opencrabs#176",),
        source="https://github.com/MoonshotAI/K2-Vendor-Verifier",
    ),
    Rule(
        id="tool-call-unexpected",
        area="tools",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="Probes that must be answered in text are answered by a tool call more often.",
        who_breaks=(
            "Chat paths that show the text alone: the user sees nothing, and a tool with side effects may"
            " run."
        ),
        remedy=(
            "Set the tool choice to none for such turns, or say in the description when not to call the tool."
        ),
        mirror="tool-call-missing",
        source="https://github.com/MoonshotAI/K2-Vendor-Verifier",
    ),
    Rule(
        id="tool-call-name-unknown",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="The model calls a tool that was not offered, often a known name with a prefix.",
        who_breaks="Dispatchers that look the name up: KeyError, or a loop that ends on an unknown tool.",
        remedy=(
            "Answer with a tool error that lists the offered names; an alias map helps, if it counts each"
            " use."
        ),
        mirror_waiver=_VIOLATION,
        seen_in=(
            "tontinton/maki#505",
            "openai/codex#31665",
            "mastra-ai/mastra#12895",
            "advaitpaliwal/feynman#158",
            "clacky-ai/openclacky#78",
        ),
    ),
    Rule(
        id="tool-call-tool-switched",
        area="tools",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="The model calls another tool than before, or than the probe asks for, more often.",
        who_breaks=(
            "Flows with permissions, costs or tests per tool: another path runs, perhaps one that nobody"
            " tested."
        ),
        remedy="Write descriptions that exclude each other, or offer only the tool that the step needs.",
        mirror_waiver="Symmetric: a switch between two tools is the same event in both directions.",
        seen_in=("advaitpaliwal/feynman#158",),
    ),
    Rule(
        id="tool-call-count-changed",
        area="tools",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="The number of tool calls in one turn moved.",
        who_breaks=(
            "Code that runs `calls[0]` and drops the rest: the next request is refused, because a call has"
            " no result."
        ),
        remedy="Loop over every call and answer each id, or switch parallel calls off.",
        mirror_waiver="Symmetric: one to many and many to one are the same event.",
        seen_in=("sinas-platform/sinas#195", "coze-dev/coze-studio#2765", "scaleapi/vero#46"),
    ),
    Rule(
        id="tool-call-arguments-invalid-json",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title="The arguments of a call are not strict JSON.",
        who_breaks=(
            "Parsers that raise on cut-off or empty arguments, and parsers that do not: `json.loads` takes"
            " NaN, and of a repeated key it keeps the last."
        ),
        remedy=(
            "Parse with hooks that refuse NaN and repeated keys; read empty text as `{}` only for tools"
            " without parameters."
        ),
        mirror_waiver=_VIOLATION,
        seen_in=("spring-projects/spring-ai#3236", "MatterAIOrg/OrbCode#52"),
        source="https://www.rfc-editor.org/rfc/rfc8259",
    ),
    Rule(
        id="tool-call-arguments-double-encoded",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title="The arguments of a call parse to a JSON string that has to be parsed again.",
        who_breaks=(
            "Code that parses once holds a string; some stacks turn it into `{}` and lose every argument in"
            " silence."
        ),
        remedy="Decode once more when the result is a string that parses to an object, and count each case.",
        mirror_waiver=_VIOLATION,
        seen_in=(
            "quarkiverse/quarkus-langchain4j#2642",
            "vllm-project/vllm#54964",
            "MoonshotAI/kimi-cli#2513",
        ),
    ),
    Rule(
        id="tool-call-argument-string-encoded",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="type",
        title="An argument that is declared as an object or array arrives as a string of JSON.",
        who_breaks=(
            "Handlers that iterate over it get characters; validators refuse the call, often only in later"
            " turns."
        ),
        remedy=(
            "Decode only where the schema declares an object or array and the string parses to exactly that;"
            " never touch declared strings."
        ),
        mirror_waiver=_VIOLATION,
        seen_in=(
            "elidickinson/pi-claude-bridge#56",
            "inkeep/agents#1285",
            "pydantic/pydantic-ai#5259",
            "MoonshotAI/kimi-cli#2513",
        ),
    ),
    Rule(
        id="tool-call-required-argument-missing",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="requiredness",
        title="A required argument is absent from a call.",
        who_breaks="The handler: KeyError or a validation error, and a turn that was paid for and wasted.",
        remedy="Turn on the vendor's strict mode, and return a tool error that names the missing keys.",
        mirror_waiver=_VIOLATION,
        seen_in=("advaitpaliwal/feynman#158",),
    ),
    Rule(
        id="tool-call-argument-undeclared",
        area="tools",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="existence",
        title="A call carries an argument that the schema does not declare.",
        who_breaks=(
            "`fn(**arguments)` raises TypeError and `extra=forbid` refuses the call; elsewhere the intent is"
            " lost in silence."
        ),
        remedy=(
            "Close the schema and use strict mode, or filter the keys and log them: one of them may be a"
            " renamed argument."
        ),
        mirror_waiver="An undeclared argument that goes away restores the contract.",
        level_when=(
            LevelWhen("breaking", "the declared schema says additionalProperties: false"),
            LevelWhen("breaking", "what is not declared is refused", profile="strict-reader"),
        ),
        source="https://github.com/openai/openai-python",
    ),
    Rule(
        id="tool-call-argument-type-mismatch",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="type",
        title="The JSON type of an argument lies outside the declared type.",
        who_breaks=(
            'Strict handlers refuse the call; lenient ones compare 5 with "5", or take "false" for true.'
        ),
        remedy=(
            'Use strict mode, or cast at one boundary and refuse what loses data, such as "007" that became'
            " 7."
        ),
        mirror_waiver=_VIOLATION,
        seen_in=("advaitpaliwal/feynman#158",),
    ),
    Rule(
        id="tool-call-argument-type-shifted",
        area="tools",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="type",
        title="An argument has a type that the schema allows but that the baseline never used.",
        who_breaks=(
            "Handlers that only met the old type: 1.0 passes for an integer in JSON Schema, and `range(1.0)`"
            " raises."
        ),
        remedy=(
            "Handle every type that your schema allows, or narrow the schema; cast whole numbers and refuse"
            " fractions."
        ),
        mirror_waiver="Symmetric: a shift in either direction is the same event.",
        level_when=(
            LevelWhen(
                "breaking",
                "only the type that was seen is taken, and 1.0 is no integer",
                profile="strict-reader",
            ),
        ),
        seen_in=("openai/codex#33452", "lidge-jun/opencodex#1611", "ml-explore/mlx-lm#1627"),
        source="https://json-schema.org/draft/2020-12/json-schema-validation",
    ),
    Rule(
        id="tool-call-argument-enum-violation",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="The value of an argument is outside its enum or const.",
        who_breaks=(
            "Handlers without a branch for the value raise, and those with a default branch do the wrong"
            " thing."
        ),
        remedy=(
            "Normalise at the boundary if only case or spaces differ; else answer with the values that are"
            " allowed."
        ),
        mirror_waiver=_VIOLATION,
        seen_in=("unclecode/crawl4ai#1070", "anomalyco/opencode#33149"),
    ),
    Rule(
        id="tool-call-argument-null-for-absent",
        area="tools",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="An argument that was left out before arrives as null.",
        who_breaks=(
            '`arguments.get("x", default)` returns None and not the default; a filter on None matches'
            " nothing, or everything."
        ),
        remedy=(
            "Treat null as absent at one boundary, or declare the type as nullable. Strict modes send null"
            " by design."
        ),
        mirror="tool-call-optional-argument-dropped",
        level_when=(
            LevelWhen("breaking", "the declared type does not include null"),
            LevelWhen("breaking", "null is not taken for an absent argument", profile="strict-reader"),
        ),
        seen_in=("ZenRows/zenrows-mcp#23", "huggingface/smolagents#1538"),
    ),
    Rule(
        id="tool-call-argument-sentinel-value",
        area="tools",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title='An optional argument arrives as empty text, "null", "undefined", "N/A" or the like.',
        who_breaks=(
            "Filters and searches: the text is a valid string, so it is searched for, or an empty filter"
            " matches every row."
        ),
        remedy=(
            "Reject such values of optional arguments with `minLength` or a pattern of your own, at the top"
            " level only."
        ),
        mirror_waiver=_VIOLATION,
        seen_in=("can1357/oh-my-pi#2981", "elizaOS/eliza#26933"),
    ),
    Rule(
        id="tool-call-argument-constraint-violation",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="constraints",
        title=(
            "An argument of the right type breaks a minimum, maximum, length, pattern, format or items rule."
        ),
        who_breaks=(
            "Handlers that trust the schema: strict modes do not enforce these keywords, so a bad value"
            " reaches the code."
        ),
        remedy="Validate arguments yourself before acting on them, and answer with the rule that was broken.",
        mirror_waiver=_VIOLATION,
        seen_in=("MatterAIOrg/OrbCode#52", "earendil-works/pi#9953", "evoila/meho#2017"),
        source="https://json-schema.org/draft/2020-12/json-schema-validation",
    ),
    Rule(
        id="tool-call-optional-argument-dropped",
        area="tools",
        level="info",
        evidence=("statistical",),
        direction="response",
        kind="requiredness",
        title="An optional argument that the baseline sent is left out more often.",
        who_breaks=(
            "Handlers whose default differs from what the model used to send: another result, and no error."
        ),
        remedy=(
            "Make the argument required if it matters, or state the default in code and description alike."
        ),
        mirror="tool-call-argument-null-for-absent",
        level_when=(
            LevelWhen(
                "warning",
                "an argument that was always sent is read without a default",
                profile="strict-reader",
            ),
        ),
    ),
    Rule(
        id="tool-call-argument-value-format-shifted",
        area="tools",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="A string argument is written in another form than the one that the baseline always used.",
        who_breaks=(
            'Handlers that parse the string: "20 km" for "20" or a prose date for an ISO date fails, or'
            " means something else."
        ),
        remedy="Put the unit into the argument's name, declare a format or pattern, and check it before use.",
        mirror_waiver="Symmetric: a shift in either direction is the same event.",
    ),
    Rule(
        id="tool-call-argument-value-altered",
        area="tools",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="A tool gets another value than the one that the request settles, although the schema allows it.",
        who_breaks=(
            "Tools that take a value literally: a file loses its last line break, a path its backslash, an edit finds"
            " no match."
        ),
        remedy=(
            "Compare texts without the white space around them, or pass them by reference, and probe with the texts"
            " that your tools really get."
        ),
        mirror_waiver="A value that arrives unchanged again is what the request asks for.",
        source="https://github.com/anthropics/skills/blob/9d2f1ae/skills/claude-api/shared/model-migration.md",
    ),
    Rule(
        id="tool-call-argument-hull-expanded",
        area="tools",
        level="info",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="An argument is inside the declared schema, but outside of everything that the baseline showed.",
        who_breaks=(
            "Nobody by contract: a branch of the handler that no call has taken before, such as another member"
            " of an enum or an empty list, becomes live."
        ),
        remedy="Test the handler with the value, and write a probe for it if it matters.",
        mirror_waiver="A value that is not seen any more proves nothing in a sample.",
        source="https://github.com/opticdev/optic",
    ),
    Rule(
        id="tool-call-id-invalid",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="A call id is missing, empty or used twice in one turn.",
        who_breaks=(
            "Code that pairs results by id: a result goes to the wrong call, or the next request is refused."
        ),
        remedy="Check ids before running calls; make one up where it is missing, and send the same id back.",
        mirror_waiver=_VIOLATION,
        seen_in=("openai/openai-python#3201",),
    ),
    Rule(
        id="tool-call-stop-reason-mismatch",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="A reply holds tool calls and its stop reason says otherwise, or the reverse.",
        who_breaks=(
            "Loops keyed on the stop reason: they end before running the call, or run a step that has none."
        ),
        remedy="Branch on the presence of calls, not on the reason.",
        mirror_waiver="Both directions are the same contradiction.",
        seen_in=("laravel/ai#881",),
    ),
    Rule(
        id="tool-call-emitted-as-text",
        area="tools",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title=(
            "A call is written into the text as XML, JSON or pseudo-code and not into the structured field."
        ),
        who_breaks=(
            "Every agent loop: there is no call to run, the loop ends early, and the user reads markup."
        ),
        remedy=(
            "Hold the move; on hosts of open models choose the parser that fits the model's own call format."
        ),
        mirror_waiver=_VIOLATION,
        seen_in=("vllm-project/vllm#46863", "vllm-project/vllm#9991", "NousResearch/hermes-agent#24411"),
    ),
    Rule(
        id="tool-call-encoding-changed",
        area="tools",
        level="info",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title="Tool-call arguments are spelled in other bytes (white space, key order, escapes) for the same value.",
        who_breaks=(
            "Code that compares, hashes, caches or matches the raw arguments; after parsing nothing differs."
        ),
        remedy="Parse before you compare, and hash a canonical form.",
        mirror_waiver="Symmetric: white space, key order and escapes may move either way.",
        source="https://github.com/anthropics/skills/blob/main/skills/claude-api/shared/model-migration.md",
    ),
)
