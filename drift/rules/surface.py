# Rules on what an SDK release or an API declares: endpoints, parameters, answers, defaults, dependencies, known words.
# Owns: the rows of the area "surface". Refuses to know: how a surface is read, how two are compared.
"""Rules of the area surface."""

from __future__ import annotations

from typing import Any

from drift.rules.record import Kind, LevelWhen, Rule

_SYMMETRIC = "Symmetric: a change in either direction is the same event."
_CHANGELOG = "https://github.com/anthropics/anthropic-sdk-python/blob/main/CHANGELOG.md"
_MIGRATION = "https://platform.claude.com/docs/en/api/migration-2026-10-21"
_OPEN = LevelWhen("warning", "the enumeration is open: the type lets the value pass, the server may not")


def _request(id: str, kind: Kind, **fields: Any) -> Rule:  # noqa: A002 - the rule's own word
    return Rule(id=id, area="surface", evidence=("exact",), direction="request", kind=kind, **fields)


def _response(id: str, kind: Kind, **fields: Any) -> Rule:  # noqa: A002
    return Rule(id=id, area="surface", evidence=("exact",), direction="response", kind=kind, **fields)


def _fact(id: str, kind: Kind, **fields: Any) -> Rule:  # noqa: A002
    return Rule(id=id, area="surface", evidence=("exact",), direction="none", kind=kind, **fields)


RULES: tuple[Rule, ...] = (
    # ------------------------------------------------------------ endpoints and methods
    _request(
        "endpoint-removed",
        "existence",
        level="breaking",
        title="The release no longer calls an endpoint that the baseline could call.",
        who_breaks=(
            "Code that uses the methods of this endpoint: AttributeError after the upgrade. The server usually"
            " stops answering soon after."
        ),
        remedy="Move to the endpoint that the vendor names instead before the upgrade, or stay on the old release.",
        mirror="endpoint-added",
        source=_CHANGELOG,
    ),
    _request(
        "endpoint-added",
        "existence",
        level="info",
        title="The release calls an endpoint that the baseline did not know.",
        who_breaks="Nobody.",
        remedy="Read what it is for; `drift api watch` names the ones whose words you follow.",
        mirror="endpoint-removed",
    ),
    _request(
        "endpoint-tier-removed",
        "existence",
        level="breaking",
        title="An endpoint is left in one tier or backend and gone from another.",
        who_breaks="Code that calls it through the tier that is gone: AttributeError, or ValueError at the call.",
        remedy="Call it through the tier that is left; look at its parameters, which often differ.",
        mirror="endpoint-tier-added",
    ),
    _request(
        "endpoint-tier-added",
        "existence",
        level="info",
        title="An endpoint that the baseline knew is now in a further tier, such as stable beside beta.",
        who_breaks="Nobody. What follows a stable release is the removal of the beta, months later.",
        remedy="Plan the move from beta to stable; compare the two tiers' parameters first.",
        mirror="endpoint-tier-removed",
    ),
    _request(
        "endpoint-path-changed",
        "structure",
        level="warning",
        title="The same method calls another path than before.",
        who_breaks=(
            "Proxies, allow lists, mocks and recorded tests that match on the path; callers of the method do not"
            " notice."
        ),
        remedy="Let both paths pass in gateways and mocks before the upgrade.",
        mirror_waiver=_SYMMETRIC,
    ),
    _request(
        "endpoint-deprecated",
        "lifecycle",
        level="warning",
        title="The release marks a method as deprecated.",
        who_breaks="Nobody today; code run with warnings as errors fails at once.",
        remedy="Read what it names instead and plan the move before the next major release.",
        mirror_waiver="A deprecation that is taken back hurts nobody.",
    ),
    _request(
        "sdk-method-removed",
        "existence",
        level="breaking",
        title="A method of the SDK is gone while its endpoint stays.",
        who_breaks="Code that calls it by this name: AttributeError after the upgrade.",
        remedy="Call the method that is left for the endpoint.",
        mirror="sdk-method-added",
    ),
    _request(
        "sdk-method-added",
        "existence",
        level="info",
        title="A further method of the SDK calls an endpoint that the baseline knew.",
        who_breaks="Nobody.",
        remedy="See whether it replaces a method that you use.",
        mirror="sdk-method-removed",
    ),
    # ------------------------------------------------------------ what is sent
    _request(
        "request-parameter-removed",
        "existence",
        level="breaking",
        title="A request no longer has a parameter or field that the baseline declared.",
        who_breaks=(
            "Code that passes it: TypeError for an argument, a type error or a refusal by the server for a nested"
            " field."
        ),
        remedy=(
            "Leave it out, or send it in `extra_body` to models that still accept it, and measure with"
            " `drift run` what its absence changes."
        ),
        mirror="request-parameter-added",
        source=_MIGRATION,
    ),
    _request(
        "request-parameter-added",
        "existence",
        level="info",
        title="A request may have a parameter or field that the baseline did not declare.",
        who_breaks="Nobody: it may be left out.",
        remedy="Nothing to do; look at it when you next touch the call.",
        mirror="request-parameter-removed",
    ),
    _request(
        "request-parameter-declared-required",
        "requiredness",
        level="breaking",
        title="A parameter or field of a request that could be left out is declared as required.",
        who_breaks="Code that leaves it out: TypeError for an argument, a type error or 400 for a nested field.",
        remedy="Send it, with the value that its old default had.",
        mirror="request-parameter-declared-optional",
        source="https://github.com/oasdiff/oasdiff/blob/main/docs/BREAKING-CHANGES.md",
    ),
    _request(
        "request-parameter-declared-optional",
        "requiredness",
        level="info",
        title="A parameter or field of a request that was required may now be left out.",
        who_breaks="Nobody.",
        remedy="Nothing to do.",
        mirror="request-parameter-declared-required",
    ),
    _request(
        "request-parameter-moved",
        "structure",
        level="warning",
        title="A parameter keeps its meaning and travels elsewhere: from the body to a header, or to the query.",
        who_breaks=(
            "Code that builds the request itself, batches and recorded requests included: the server ignores or"
            " refuses it in the old place. Callers of the method do not notice."
        ),
        remedy="Send it in the new place wherever you build requests by hand, and in gateways that filter headers.",
        mirror_waiver=_SYMMETRIC,
    ),
    _request(
        "request-type-narrowed",
        "type",
        level="breaking",
        title="A parameter or field of a request accepts fewer types than before, or other ones.",
        who_breaks="Code that sends the type that is gone: a type error, or 400 from the server.",
        remedy="Send the type that is declared now.",
        mirror="request-type-widened",
    ),
    _request(
        "request-type-widened",
        "type",
        level="info",
        title="A parameter or field of a request accepts a further type.",
        who_breaks="Nobody.",
        remedy="Nothing to do.",
        mirror="request-type-narrowed",
    ),
    _request(
        "request-value-removed",
        "values",
        level="breaking",
        title="An enumeration of a request lost a value.",
        who_breaks="Code with the value written in: a type error, or 400 from the server.",
        remedy="Send one of the values that are left.",
        mirror="request-value-added",
        level_when=(_OPEN,),
    ),
    _request(
        "request-value-added",
        "values",
        level="info",
        title="An enumeration of a request has a further value.",
        who_breaks="Nobody.",
        remedy="Nothing to do.",
        mirror="request-value-removed",
    ),
    _request(
        "request-variant-removed",
        "values",
        level="breaking",
        title="A request no longer takes a kind of block, tool or item that the baseline declared.",
        who_breaks="Code that sends one, and stored conversations that hold one: 400 from the server.",
        remedy="Replace it by a kind that is left; convert stored conversations before they are sent again.",
        mirror="request-variant-added",
    ),
    _request(
        "request-variant-added",
        "values",
        level="info",
        title="A request takes a further kind of block, tool or item.",
        who_breaks="Nobody.",
        remedy="Nothing to do.",
        mirror="request-variant-removed",
    ),
    _request(
        "sdk-argument-removed",
        "existence",
        level="breaking",
        title="A method no longer takes an argument that never went over the wire by itself.",
        who_breaks="Code that passes it by name: TypeError at the first call after the upgrade.",
        remedy="Remove the argument; the release's notes name what took its place.",
        mirror="sdk-argument-added",
    ),
    _request(
        "sdk-argument-added",
        "existence",
        level="info",
        title="A method takes a further argument that the SDK itself uses.",
        who_breaks="Nobody.",
        remedy="Nothing to do.",
        mirror="sdk-argument-removed",
    ),
    _request(
        "sdk-argument-renamed",
        "structure",
        level="breaking",
        title="A method takes the same parameter under another name in Python.",
        who_breaks="Code that passes it by its old name: TypeError. The request on the wire is the same.",
        remedy="Rename the argument at the call.",
        mirror_waiver=_SYMMETRIC,
    ),
    # ------------------------------------------------------------ what comes back
    _response(
        "response-field-removed",
        "existence",
        level="breaking",
        title="An answer no longer has a field that the baseline declared.",
        who_breaks="Code that reads it: AttributeError or KeyError, or None that spreads.",
        remedy="Read what took its place; keep a default for the time in which both forms are about.",
        mirror="response-field-added",
    ),
    _response(
        "response-field-added",
        "existence",
        level="info",
        title="An answer may have a field that the baseline did not declare.",
        who_breaks="Nobody who ignores unknown fields; strict schemas refuse it.",
        remedy="Let schemas for answers pass what they do not know.",
        mirror="response-field-removed",
    ),
    _response(
        "response-field-became-optional",
        "requiredness",
        level="breaking",
        title="A field that every answer had is declared as one that may be null or absent.",
        who_breaks="Code that uses the value without a check: TypeError or AttributeError on None.",
        remedy="Decide at the boundary what absence means, once.",
        mirror="response-field-became-required",
    ),
    _response(
        "response-field-became-required",
        "requiredness",
        level="info",
        title="A field that could be null or absent is declared as one that every answer has.",
        who_breaks="Nobody.",
        remedy="Nothing to do.",
        mirror="response-field-became-optional",
    ),
    _response(
        "response-type-widened",
        "type",
        level="breaking",
        title="A field of an answer may have a type that the baseline did not declare.",
        who_breaks="Code that reads it as the old type: an error, or a value that is silently wrong.",
        remedy="Read both forms, told apart by their type.",
        mirror="response-type-narrowed",
    ),
    _response(
        "response-type-narrowed",
        "type",
        level="info",
        title="A field of an answer is declared with fewer types than before.",
        who_breaks="Nobody: a reader of the wider set accepts the narrower one.",
        remedy="Nothing to do.",
        mirror="response-type-widened",
    ),
    _response(
        "response-value-added",
        "values",
        level="warning",
        title="An enumeration of an answer has a further value.",
        who_breaks="Code that switches on the value without a default branch, and database enumerations.",
        remedy="Give each switch a default branch; store the value as text.",
        mirror="response-value-removed",
    ),
    _response(
        "response-value-removed",
        "values",
        level="info",
        title="An enumeration of an answer lost a value.",
        who_breaks="Nobody: the branch for it is never taken.",
        remedy="Nothing to do.",
        mirror="response-value-added",
    ),
    _response(
        "response-variant-added",
        "values",
        level="warning",
        title="An answer may hold a further kind of block, item or object.",
        who_breaks="Code that switches on the kind, or joins the text of all blocks.",
        remedy="Pick the kinds that you know and keep the others unchanged for the next turn.",
        mirror="response-variant-removed",
    ),
    _response(
        "response-variant-removed",
        "values",
        level="info",
        title="An answer no longer holds a kind of block, item or object that the baseline declared.",
        who_breaks="Nobody, unless code waits for it.",
        remedy="See that nothing waits for it.",
        mirror="response-variant-added",
    ),
    _response(
        "stream-event-added",
        "values",
        level="warning",
        title="A stream may hold an event that the baseline did not declare.",
        who_breaks="Readers that raise on an unknown event; the SDK of the baseline takes it for another one.",
        remedy="Skip events that you do not know.",
        mirror="stream-event-removed",
    ),
    _response(
        "stream-event-removed",
        "values",
        level="warning",
        title="A stream no longer has an event that the baseline declared.",
        who_breaks="Readers that wait for it before they act.",
        remedy="Find out which event tells the same now.",
        mirror="stream-event-added",
    ),
    _response(
        "webhook-event-added",
        "values",
        level="info",
        title="The vendor may send a webhook event that the baseline did not declare.",
        who_breaks="Receivers that refuse unknown events: the vendor retries, then gives up.",
        remedy="Acknowledge events that you do not know.",
        mirror="webhook-event-removed",
    ),
    _response(
        "webhook-event-removed",
        "values",
        level="warning",
        title="The vendor no longer declares a webhook event of the baseline.",
        who_breaks="Code that waits for it.",
        remedy="Find out which event tells the same now.",
        mirror="webhook-event-added",
    ),
    _response(
        "error-code-added",
        "values",
        level="warning",
        title="The API may answer with an error code or type that the baseline did not declare.",
        who_breaks="Error handling that knows a fixed set: the new one falls into the branch for the unexpected.",
        remedy="Branch on the HTTP status where the code is unknown.",
        mirror="error-code-removed",
    ),
    _response(
        "error-code-removed",
        "values",
        level="info",
        title="The API no longer declares an error code or type of the baseline.",
        who_breaks="Nobody, unless code acts on that code alone.",
        remedy="See what the server sends now in that case.",
        mirror="error-code-added",
    ),
    # ------------------------------------------------------------ the SDK as a library
    _fact(
        "sdk-exception-removed",
        "existence",
        level="breaking",
        title="The SDK no longer has an exception of the baseline.",
        who_breaks="Code that imports or catches it: ImportError or AttributeError at start.",
        remedy="Catch its base class, or what took its place.",
        mirror="sdk-exception-added",
    ),
    _fact(
        "sdk-exception-added",
        "existence",
        level="info",
        title="The SDK has a further exception.",
        who_breaks="Nobody who catches its base class; code that names every class misses it.",
        remedy="Catch base classes.",
        mirror="sdk-exception-removed",
    ),
    _fact(
        "sdk-exception-for-status-changed",
        "values",
        level="warning",
        title="An HTTP status raises another exception than before.",
        who_breaks="Code that catches the old class for this status.",
        remedy="Catch the base class and look at the status.",
        mirror_waiver=_SYMMETRIC,
    ),
    _fact(
        "sdk-http-library-changed",
        "structure",
        level="breaking",
        title="The SDK makes its requests with another HTTP library.",
        who_breaks=(
            "Code that passes its own HTTP client, transport, proxy or timeout object, catches the library's"
            " exceptions, or mocks it in tests: TypeError, and mocks that no longer catch anything."
        ),
        remedy="Rewrite clients, transports and mocks for the new library in the same commit as the upgrade.",
        mirror_waiver=_SYMMETRIC,
        source=_CHANGELOG,
    ),
    _fact(
        "sdk-dependency-changed",
        "constraints",
        level="warning",
        title="The SDK requires other packages, or other versions of them, than before.",
        who_breaks="Environments that pin the package elsewhere: the installer refuses, or another version comes in.",
        remedy="Resolve the whole environment once with the new release before you merge the upgrade.",
        mirror_waiver=_SYMMETRIC,
        level_when=(
            LevelWhen("info", "a package is no longer required, or more of its versions are allowed"),
        ),
    ),
    _fact(
        "sdk-extra-removed",
        "existence",
        level="warning",
        title="The SDK no longer offers a set of optional requirements.",
        who_breaks="Installations that name it: the installer warns and leaves the packages out, imports fail later.",
        remedy="Require the packages of that set yourself.",
        mirror="sdk-extra-added",
    ),
    _fact(
        "sdk-extra-added",
        "existence",
        level="info",
        title="The SDK offers a further set of optional requirements.",
        who_breaks="Nobody.",
        remedy="Nothing to do.",
        mirror="sdk-extra-removed",
    ),
    _fact(
        "sdk-python-floor-raised",
        "constraints",
        level="breaking",
        title="The SDK no longer installs on a version of Python that the baseline supported.",
        who_breaks="Services on that Python: the installer silently keeps the old release, or refuses.",
        remedy="Upgrade Python first, or stay on the old release.",
        mirror="sdk-python-floor-lowered",
    ),
    _fact(
        "sdk-python-floor-lowered",
        "constraints",
        level="info",
        title="The SDK installs on an older Python than the baseline did.",
        who_breaks="Nobody.",
        remedy="Nothing to do.",
        mirror="sdk-python-floor-raised",
    ),
    # ------------------------------------------------------------ what the client does unasked
    _fact(
        "default-base-path-changed",
        "values",
        level="breaking",
        title="The client calls another address than before when none is given.",
        who_breaks="Networks that let only the old host pass, gateways and mocks that match on host or path.",
        remedy="Let the new address pass before the upgrade, or set the base URL yourself.",
        mirror_waiver=_SYMMETRIC,
    ),
    _fact(
        "default-api-version-changed",
        "values",
        level="breaking",
        title="The client asks for another version of the API than before when none is given.",
        who_breaks=(
            "Every caller that does not pin the version: parameters, answers and errors are those of another"
            " version, without a line of code changed."
        ),
        remedy="Pin the old version at the client, upgrade the SDK, and move the version as a step of its own.",
        mirror_waiver=_SYMMETRIC,
        source=_MIGRATION,
    ),
    _fact(
        "auth-scheme-changed",
        "values",
        level="breaking",
        title="The client says who it is in another header or with another scheme.",
        who_breaks="Gateways, proxies and mocks that read, add or strip the key from the old header.",
        remedy="Let gateways handle both headers before the upgrade.",
        mirror_waiver=_SYMMETRIC,
        seen_in=("anthropics/anthropic-sdk-python 2.0 (x-api-key became Authorization: Bearer)",),
    ),
    _fact(
        "default-header-changed",
        "values",
        level="warning",
        title="The client, or a method, sends another fixed header unasked.",
        who_breaks="Code that sets the header itself, and gateways that allow a list of headers.",
        remedy="See what the header switches on, and set it yourself where you rely on it.",
        mirror_waiver=_SYMMETRIC,
    ),
    _fact(
        "default-limit-changed",
        "values",
        level="warning",
        title="The client waits or retries differently than before when nothing is given.",
        who_breaks="Services whose own deadlines were built around the old default.",
        remedy="Set timeout and retries yourself.",
        mirror_waiver=_SYMMETRIC,
    ),
    # ------------------------------------------------------------ the words that a release knows
    _fact(
        "beta-value-removed",
        "values",
        level="warning",
        title="The release no longer lists a value of the beta header.",
        who_breaks="Code that sends it, once the server stops taking it: 400. Some became stable and are ignored.",
        remedy="Find out whether it became stable or ended, and stop sending it.",
        mirror="beta-value-added",
    ),
    _fact(
        "beta-value-added",
        "values",
        level="info",
        title="The release lists a further value of the beta header.",
        who_breaks="Nobody.",
        remedy="Nothing to do.",
        mirror="beta-value-removed",
    ),
    _fact(
        "model-id-listed",
        "existence",
        level="info",
        title="The release lists a model id that the baseline did not.",
        who_breaks="Nobody.",
        remedy="Run the suite on it once and keep the snapshot as a candidate.",
        mirror="model-id-unlisted",
    ),
    _fact(
        "model-id-unlisted",
        "existence",
        level="warning",
        title="The release no longer lists a model id of the baseline.",
        who_breaks=(
            "Every caller pinned to it, once the server stops answering; strict type checks at once. An SDK drops"
            " an id when the model has ended, now and then without having called it deprecated."
        ),
        remedy="Find its end date and replacement, and measure the replacement before that day.",
        mirror="model-id-listed",
        source="https://platform.claude.com/docs/en/about-claude/model-deprecations",
    ),
    _fact(
        "model-id-deprecated",
        "lifecycle",
        level="warning",
        title="The release calls a model id deprecated that the baseline did not.",
        who_breaks="Nobody today; callers pinned to it from its last day on.",
        remedy="Put the day in the calendar and run the suite on the replacement while both answer.",
        mirror="model-id-deprecation-withdrawn",
        source="https://platform.claude.com/docs/en/about-claude/model-deprecations",
    ),
    _fact(
        "model-id-deprecation-withdrawn",
        "lifecycle",
        level="info",
        title="The release no longer calls a model id deprecated that the baseline did.",
        who_breaks="Nobody. Absence from the table is not a reprieve: ended models are dropped from it as well.",
        remedy="See whether the id is still listed.",
        mirror="model-id-deprecated",
    ),
    _fact(
        "model-id-end-moved",
        "lifecycle",
        level="warning",
        title="The release gives another end date for a model id.",
        who_breaks="Plans that were made for the old date.",
        remedy="Move the date in the calendar.",
        mirror_waiver=_SYMMETRIC,
        level_when=(LevelWhen("breaking", "the end comes earlier than announced"),),
    ),
)
