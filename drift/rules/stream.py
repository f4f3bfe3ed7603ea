# Rules on streams: events, their order and what deltas are keyed by.
# Owns: the rows of the area "stream". Refuses to know: how a stream is read, the grammar of a dialect.
"""Rules of the area stream."""

from drift.rules.record import ADDED, LevelWhen, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="stream-event-type-added",
        area="stream",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="existence",
        title="Streams carry an event or delta type that the baseline never had.",
        who_breaks=(
            "Parsers that raise on an unknown event: the stream dies in the middle of an answer. SDKs that"
            " force it into a known type hand on a delta without text."
        ),
        remedy="Skip events that you do not know, and count them.",
        mirror="stream-event-type-removed",
        level_when=ADDED,
        seen_in=(
            "UKGovernmentBEIS/inspect_ai#5061",
            "openai/openai-python CHANGELOG 3.2.0 (shell-call events)",
        ),
        source="https://platform.claude.com/docs/en/api/versioning",
    ),
    Rule(
        id="stream-event-type-removed",
        area="stream",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="existence",
        title="An event type that baseline streams had no longer occurs.",
        who_breaks="State machines that wait for the event: they hang, or never close a block.",
        remedy="Close all open state on the terminal event as well, and set a timeout.",
        mirror="stream-event-type-added",
    ),
    Rule(
        id="stream-event-order-changed",
        area="stream",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="order",
        title=(
            "Stream events arrive out of the order of the baseline, interleaved, or under a block of another"
            " type."
        ),
        who_breaks=(
            "Accumulators that expect one open block at a time: text lands in arguments, or the SDK raises."
        ),
        remedy="Assemble by the block index or id that each event carries, not by arrival.",
        mirror_waiver="Symmetric: a change in either direction is the same event.",
        level_when=(
            LevelWhen("breaking", "blocks are assembled in the order of arrival", profile="strict-reader"),
        ),
        seen_in=("sgl-project/sglang#24293",),
    ),
    Rule(
        id="stream-terminal-event-missing",
        area="stream",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="existence",
        title="A stream ends without its terminal event or marker.",
        who_breaks=(
            "Clients that take the end of the connection for success: half an answer is stored as complete,"
            " and half a tool call may run."
        ),
        remedy="Require the terminal event; treat its absence as a transport error that may be retried.",
        mirror_waiver="A terminal event that comes back is recovery.",
        seen_in=(
            "anomalyco/opencode#37852",
            "anomalyco/opencode#36881",
            "maximhq/bifrost#5567",
            "macanderson/stella#362",
            "MoonshotAI/kosong#60",
        ),
    ),
    Rule(
        id="stream-usage-placement-changed",
        area="stream",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title="Token usage arrives in another event, or in a chunk without choices.",
        who_breaks=(
            "Loops that read `choices[0]` of every chunk: IndexError on the last one. Cost accounting reads"
            " zero."
        ),
        remedy="Skip chunks without choices, and take usage wherever it appears.",
        mirror_waiver="Symmetric: a move in either direction is the same event.",
        level_when=(
            LevelWhen("breaking", "every chunk is read as if it had choices", profile="strict-reader"),
        ),
        seen_in=(
            "microsoft/foundry-local#905",
            "awslabs/llmeter#34",
            "Arthur-Ficial/apfel#100",
            "BerriAI/litellm#36553",
        ),
    ),
    Rule(
        id="stream-tool-call-delta-identity-changed",
        area="stream",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title=(
            "The id, index or name of a tool-call delta is missing, empty or repeated where it was not"
            " before."
        ),
        who_breaks=(
            "Accumulators keyed on these fields: two calls are merged, or one is split, and the arguments do"
            " not parse."
        ),
        remedy=(
            "Key on the index when there is one, else on the latest id; never overwrite a value with an"
            " empty one."
        ),
        mirror_waiver="Symmetric: each way of changing these fields breaks one kind of accumulator.",
        seen_in=("openai/openai-python#3201", "openai/openai-python#2806", "anomalyco/opencode#37841"),
    ),
    Rule(
        id="stream-error-in-band",
        area="stream",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="structure",
        title="An error arrives as an event of a stream that began with HTTP 200.",
        who_breaks=(
            "Retry and fallback code that looks at the status alone: the failure passes for a short answer."
        ),
        remedy="Handle the error event as you handle a 5xx, and discard the partial answer.",
        mirror_waiver="An error that moves back to the HTTP status is seen by error-status-changed.",
        seen_in=("openai/openai-python CHANGELOG 3.1.0 (adjacent: errors of a websocket)",),
    ),
    Rule(
        id="stream-nonstream-divergence",
        area="stream",
        level="breaking",
        evidence=("witnessed",),
        direction="response",
        kind="structure",
        title="The assembled stream and the plain answer to one request differ in shape, and did not before.",
        who_breaks=(
            "Systems that are tested in one mode and run in the other, or that fall back from one to the other."
        ),
        remedy="Test the mode that production uses, and read both through one function.",
        mirror_waiver="Agreement of the two modes is the wanted state.",
        seen_in=("llm4s/llm4s#793",),
    ),
)
