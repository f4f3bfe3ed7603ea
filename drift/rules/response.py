# Rules on the form of a whole reply: what the API emits must not grow beyond what readers handle.
# Owns: the rows of the area "response". Refuses to know: how two shapes are compared, model text.
"""Rules of the area response."""

from drift.rules.record import ADDED, LevelWhen, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="response-property-removed",
        area="response",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="existence",
        title="A path of the reply that the baseline had is gone.",
        who_breaks=(
            "Code that reads the path: KeyError or AttributeError, or an unnoticed None in an untyped client."
        ),
        remedy="Find out where the value moved, and read it through one accessor with a stated fallback.",
        mirror="response-property-added",
        source="https://github.com/oasdiff/oasdiff/blob/main/docs/BREAKING-CHANGES.md",
    ),
    Rule(
        id="response-property-added",
        area="response",
        level="info",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="existence",
        title="A path of the reply appeared that the baseline did not have.",
        who_breaks=(
            "Only readers that refuse unknown fields (`extra=forbid`, a closed schema): the whole reply"
            " fails to parse."
        ),
        remedy=(
            "Let readers ignore fields that they do not know; the vendors declare such additions compatible."
        ),
        mirror="response-property-removed",
        level_when=(ADDED[0],),
        seen_in=("anthropics/anthropic-sdk-python CHANGELOG 0.88.0 (stop_details)",),
        source="https://platform.claude.com/docs/en/api/versioning",
    ),
    Rule(
        id="response-property-type-changed",
        area="response",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="type",
        title="A path of the reply carries a JSON type that shares no value with the old one.",
        who_breaks=(
            "Typed clients fail to parse the reply; untyped ones add to a string or iterate over a number."
        ),
        remedy="Convert at one boundary by the type that arrived, and fail loudly on a third one.",
        mirror_waiver="Symmetric: a change in either direction is the same event.",
        source="https://github.com/oasdiff/oasdiff/blob/main/docs/BREAKING-CHANGES.md",
    ),
    Rule(
        id="response-property-type-widened",
        area="response",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="type",
        title=(
            "A path of the reply carries more types than before, such as a number where it was always an"
            " integer."
        ),
        who_breaks=(
            "Readers written for the old type: they work until the first wider value arrives, then fail in"
            " production."
        ),
        remedy="Handle the new type explicitly and add a stored reply that carries it to your tests.",
        mirror="response-property-type-narrowed",
        seen_in=("oasdiff/oasdiff#1065",),
    ),
    Rule(
        id="response-property-type-narrowed",
        area="response",
        level="info",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="type",
        title="A path of the reply carries fewer types than before.",
        who_breaks="Nobody: a reader of the wider set of types accepts the narrower one.",
        remedy="Leave your reader as it is; what a sample does not show may still arrive.",
        mirror="response-property-type-widened",
    ),
    Rule(
        id="response-property-became-nullable",
        area="response",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="type",
        title="A path of the reply that always had a value is sometimes null.",
        who_breaks=(
            "Code that indexes the value or calls a method on it: TypeError or AttributeError on None."
        ),
        remedy="Decide at the boundary what null means, once, instead of checking all over the code.",
        mirror_waiver="A path that is no longer null is safe for every reader.",
        seen_in=("spring-projects/spring-ai#3236",),
        source="https://github.com/oasdiff/oasdiff/blob/main/docs/NULLABILITY.md",
    ),
    Rule(
        id="response-property-became-optional",
        area="response",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="requiredness",
        title="A path that every baseline reply had is missing from some replies.",
        who_breaks=(
            "Code that subscripts the key: KeyError now and then. Absent is not null, and code for one"
            " misses the other."
        ),
        remedy="Read the key with an explicit default and test both cases.",
        mirror_waiver="A path that is always present again is safe for every reader.",
        seen_in=("openai/openai-python CHANGELOG 2.39.0 (ActionSearch.query)",),
    ),
    Rule(
        id="response-enum-value-added",
        area="response",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="A field that held one of few words shows a word that it never held before.",
        who_breaks=(
            "Closed enums and strict SDKs refuse the whole reply; a match without a default branch does nothing."
        ),
        remedy="Give every branch on the field a default, and use an enum reader that keeps unknown words.",
        mirror="response-enum-value-removed",
        level_when=ADDED,
        seen_in=("BerriAI/litellm#21348", "xemantic/anthropic-sdk-kotlin#153"),
        source="https://platform.claude.com/docs/en/api/versioning",
    ),
    Rule(
        id="response-enum-value-removed",
        area="response",
        level="info",
        evidence=("statistical",),
        direction="response",
        kind="values",
        title="A field that held one of few words does not show one of them any more.",
        who_breaks="Nobody: a branch is no longer reached. In a sample, the word may just not have come up.",
        remedy="Keep the branch.",
        mirror="response-enum-value-added",
        seen_in=("oasdiff/oasdiff#595", "oasdiff/oasdiff#639"),
    ),
    Rule(
        id="response-content-block-type-added",
        area="response",
        level="warning",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="The content holds a block of a type that the baseline never had.",
        who_breaks=(
            "Code that switches on the block type or joins the text of all blocks: it raises, drops content,"
            " or shows what was not meant for users."
        ),
        remedy=(
            "Pick the blocks that you know by their type, and keep the others unchanged for the next turn."
        ),
        mirror_waiver=(
            "A block type that is not seen any more proves nothing in a sample, and readers that handle it"
            " stay right."
        ),
        level_when=ADDED,
        seen_in=("LiveBench/LiveBench#467", "dottxt-ai/outlines#1976"),
        source="https://platform.claude.com/docs/en/api/versioning",
    ),
    Rule(
        id="response-content-block-position-changed",
        area="response",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="order",
        title="The first text block no longer stands at the index where it stood.",
        who_breaks=(
            "Code that reads `content[0].text`: a thinking block comes first, and the text is missing or"
            " empty."
        ),
        remedy="Take the first block whose type is text, never a fixed index.",
        mirror_waiver="Symmetric: a move in either direction is the same event.",
        seen_in=("jagduvi1/Cellarion#581", "confident-ai/deepeval#2946", "Nayjest/ai-microcore#153"),
    ),
    Rule(
        id="response-content-empty",
        area="response",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="existence",
        title="A successful reply has no content where the baseline had some.",
        who_breaks=(
            "Code that takes the first block or choice: IndexError, or an empty string that passes for an"
            " answer."
        ),
        remedy=(
            "Treat empty content as a failed call, look at the stop reason, and raise `max_tokens` if"
            " reasoning used it up."
        ),
        mirror_waiver="Content that comes back is recovery.",
        seen_in=(
            "alexzhang13/rlm#178",
            "onyx-dot-app/onyx#13332",
            "safety-research/safety-tooling#109",
            "garrytan/gbrain#2113",
        ),
    ),
    Rule(
        id="response-citation-broken",
        area="response",
        level="breaking",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="A citation points outside of its document, or quotes what does not stand there.",
        who_breaks=(
            "Interfaces that highlight the cited passage or link to it: an index out of range, or a mark on the wrong"
            " sentence."
        ),
        remedy="Check every citation against the document before it is shown; without it the answer still stands.",
        mirror_waiver="Citations that point right again hurt nobody.",
        source="https://platform.claude.com/docs/en/build-with-claude/citations",
    ),
    Rule(
        id="response-identifier-format-changed",
        area="response",
        level="info",
        evidence=("witnessed", "statistical"),
        direction="response",
        kind="values",
        title="An opaque id has another prefix, alphabet or length.",
        who_breaks="Database columns of fixed width, and expressions that check an id before it is used.",
        remedy="Treat ids as opaque text of any length; vendors declare such a change compatible.",
        mirror_waiver="Symmetric: a change in either direction is the same event.",
        level_when=(
            LevelWhen("warning", "readers who check ids refuse the new form", profile="strict-reader"),
        ),
        source="https://platform.openai.com/docs/api-reference/backward-compatibility",
    ),
)
