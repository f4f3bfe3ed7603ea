# From a refused request to the rule and the parameter to blame: what the error names, else what sets the request apart.
# Owns: the wording of refusals, which parameters a request carries. Refuses to know: tests, levels, who is asked next.
"""Which part of a request an API refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from drift.dialects import parameters_of, wire_names
from drift.model import JSON, Exchange
from drift.rules.facts import ProbePair, Seen

_UNKNOWN_MODEL = frozenset(
    {"invalid_model", "model_decommissioned", "model_not_available", "model_not_found", "not_found_error"}
)

_ERROR_FIELDS = {
    "status": "status",
    "type": "error.type",
    "code": "error.code",
    "param": "error.param",
    "message": "error.message",
}


def error_of(seen: Seen) -> dict[str, JSON]:
    """Return status, type, code, parameter and message of a refusal, as far as they came."""
    return {name: seen.get(key) for name, key in _ERROR_FIELDS.items() if seen.get(key) is not None}


def told_error(seen: Seen) -> dict[str, JSON]:
    """Return what `error_of` does, with the message as it came: numbers and values in it are what a reader needs."""
    said = seen.get("error.said")
    return {**error_of(seen), **({} if said is None else {"message": said})}


def asked_of(pair: ProbePair) -> Exchange:
    """The exchange that the candidate's last reply answers: a conversation can end before its last turn."""
    exchanges = pair.probe.exchanges
    turn = pair.candidate[0].get("request.turn") if pair.candidate else None
    return exchanges[min(turn or len(exchanges), len(exchanges)) - 1] if exchanges else Exchange()


def _varied(pair: ProbePair) -> tuple[str, ...]:
    return varied_parameters(asked_of(pair), str(pair.candidate[0].get("dialect")))


def _sent(pair: ProbePair) -> set[str]:
    """Names of all parameters of the request, as it went out where that was recorded."""
    exchange = asked_of(pair)
    names = {*_varied(pair), *(["tools"] if exchange.tools else [])}
    sent = pair.candidate[0].get("request.parameters")
    if sent is not None:  # one parameter under two names is still one
        return names | {name for name in sent if not any(name in wire_names(known) for known in names)}
    return names | ({"max_tokens"} if exchange.max_tokens is not None else set())


_GONE = re.compile(
    r"\bmodel(?: \S+)? (?:identifier is invalid|does not exist|(?:is )?no longer (?:available|supported|served)"
    r"|(?:has been|was|is) (?:decommissioned|deprecated|retired|discontinued|shut down|removed))"
)


def model_is_gone(pair: ProbePair) -> bool:
    """Whether the refusal says that there is no such model (any more)."""
    error = error_of(pair.candidate[0])
    message = str(error.get("message", ""))
    if {str(error.get("type")), str(error.get("code"))} & _UNKNOWN_MODEL:
        return True
    if error.get("status") in {404, 410}:
        return "model" in message
    return _GONE.search(message) is not None  # some platforms say so with 400


def blame(pair: ProbePair, accepted: list[ProbePair], refused: list[ProbePair]) -> tuple[str, str]:
    """Return (rule, parameter) for a request that is refused now: what the error names, else what sets it apart."""
    seen, asked, varied = pair.candidate[0], asked_of(pair), _varied(pair)
    accepted = [other for other in accepted if _under(other) == _under(pair)]
    error = error_of(seen)
    param = str(error.get("param") or "").casefold()
    message = str(error.get("message", ""))
    sent = _sent(pair)
    if _complains_of_history(message) or _is_about_history(pair, message, refused):
        return "request-history-replay-rejected", "messages"
    missing = _missing(message, param, error)
    if missing and missing not in sent:
        return "request-parameter-became-required", missing
    if _complains_of_role(message, param):
        return "request-message-role-rejected", "messages"
    limit = _limit(message, param, error)
    if limit:
        return "request-limit-decreased", limit
    if _complains_of_block(message, param):
        return "request-content-block-rejected", _own_blocks(pair, accepted) or "messages"
    if _complains_of_schema(message, param, error):
        if asked.output_schema is not None or "response_format" in sent:
            return "request-tool-schema-keyword-rejected", "output_schema"
        if "tools" in sent:
            return "request-tool-schema-keyword-rejected", "tools"
    named = _named(message, param, sent)
    if not named and any(not _varied(other) and _says_the_same(other, pair) for other in refused):
        return (
            "request-rejected",
            "",
        )  # a plain request meets the same refusal: nothing that sets this one apart
    if len(named) > 1 and _JOINS.search(message):
        return "request-parameter-combination-rejected", "+".join(named)
    if not named and len(varied) > 1:
        alone = [name for name in varied if _alone(name, pair, refused)]
        if not alone and all(_alone(name, pair, accepted) for name in varied):
            return "request-parameter-combination-rejected", "+".join(varied)
        named = tuple(alone)
    if not named and any(turn.role not in {"user", "assistant"} for turn in asked.messages):
        return "request-message-role-rejected", "messages"
    if not named and asked.messages and asked.messages[-1].role == "assistant":
        return "request-message-role-rejected", "messages"
    suspects = named or varied
    blamed = next((name for name in suspects if name in varied), suspects[0] if suspects else "")
    if not blamed:
        return "request-rejected", ""
    if blamed in _STRUCTURED_OUTPUT:
        return "request-structured-output-mode-rejected", "output_schema"
    if _names_value(message, pair, blamed, error) or any(_carries(other, blamed, pair) for other in accepted):
        return "request-parameter-value-rejected", blamed
    return "request-parameter-rejected", blamed


_STRUCTURED_OUTPUT = frozenset(
    {
        "output_format",
        "output_schema",
        "responseJsonSchema",
        "responseMimeType",
        "responseSchema",
        "response_format",
        "text.format",
    }
)
# Parameters that are also English words: only their place in the sentence tells.
_ENGLISH = frozenset({"metadata", "stop", "stream", "system", "tools", "user"})
_JOINS = re.compile(r"\b(?:both|together|simultaneously|when|while|with(?! this model))\b")
_MISSING = (
    re.compile(r"missing (?:a )?required (?:parameter|field|argument|property)s?:? ([\w.\[\]#-]+)"),
    re.compile(r"([\w.\[\]#-]+): (?:this )?(?:field|parameter|header)(?: is)? required"),
    re.compile(r"(?:^|\. |parameter )([\w.\[\]#-]+) (?:is|are) (?:a )?required\b"),
)
_PRONOUNS = frozenset({"it", "one", "parameter", "that", "this", "which"})
_VALUE_CODES = frozenset({"unsupported_value", "invalid_value"})


def _under(pair: ProbePair) -> tuple[JSON, str | None]:
    """Return the dialect and the version of the API that a request itself asks for: the rest is another API."""
    return pair.candidate[0].get("dialect"), asked_of(pair).headers.get("anthropic-version")


def _carries(other: ProbePair, name: str, pair: ProbePair) -> bool:
    """Whether another request of the same dialect carried a parameter, by the name under which this one sent it."""
    sent, own = (found.candidate[0].get("request.parameters") for found in (other, pair))
    if sent is None or own is None:
        return name in _sent(other)
    wire = {*wire_names(name)} & set(own) or {name}
    return bool(wire & set(sent))


def _missing(message: str, param: str, error: Mapping[str, JSON]) -> str:
    """Return the name of a parameter that the error misses, or ""."""
    if param and error.get("code") == "missing_required_parameter":
        return param
    for pattern in _MISSING:
        found = pattern.search(message)
        if found and found[1] not in _PRONOUNS:
            return found[1].rstrip(".")
    return ""


def _replays(pair: ProbePair) -> bool:
    return any(turn.replay is not None for turn in asked_of(pair).messages)


def _is_about_history(pair: ProbePair, message: str, refused: Iterable[ProbePair]) -> bool:
    """Whether only requests that send a turn back meet this refusal, the model's own turn among them."""
    if not _sends_back(pair):
        return False
    same = [pair, *(other for other in refused if error_of(other.candidate[0]).get("message") == message)]
    return all(map(_sends_back, same)) and any(map(_replays, same))


def _sends_back(pair: ProbePair) -> bool:
    """Whether a request holds an answered call, be it the model's own or one that the probe wrote itself."""
    return _replays(pair) or any(
        block.partition("/")[2] in _ANSWERED for block in pair.candidate[0].get("request.blocks") or ()
    )


_ANSWERED = frozenset({"functionResponse", "tool_result"})


def _complains_of_history(message: str) -> bool:
    """Whether the error misses what the vendor put beside its own turn, or will not have it."""
    return re.search(r"\bthought_?signature\b|signature in thinking block", message) is not None


def _complains_of_role(message: str, param: str) -> bool:
    if re.search(r"\bprefill\b|end with a user message|\brole \w+ is not supported|unexpected role", message):
        return True
    return re.search(r"\b(?:messages|input|contents)\S*\.role\b", f"{param} {message}") is not None


_COUNTED = (
    ("tools", r"tools?|functions?|function declarations"),
    ("images", r"images?"),
    ("messages", r"messages?|turns|contents"),
    ("documents", r"documents?|files?|pages?|pdfs?"),
    ("content", r"content (?:blocks?|parts?)|parts"),
)
_TOO_LONG = re.compile(
    r"prompt is too long|maximum context length|context (?:length|window)|input is too long"
    r"|(?:prompt|input|token)s? (?:token )?count \S+ exceeds"
)
_TOO_MANY = re.compile(
    r"array too long|too many \w|at most #|maximum (?:number|length) (?:of )?|no more than #|exceeds? .*#"
)


def _limit(message: str, param: str, error: Mapping[str, JSON]) -> str:
    """Return what there is too much of, when the error says that there is; "" otherwise."""
    codes = {str(error.get("type")), str(error.get("code"))}
    if error.get("status") == 413 or "request_too_large" in codes:
        return "body"
    if "context_length_exceeded" in codes or _TOO_LONG.search(message):
        return "context"
    if "array_above_max_length" not in codes and not _TOO_MANY.search(message):
        return ""
    head = re.split(r"[.\[]", param, maxsplit=1)[0]
    for name, words in _COUNTED:
        if head == name or re.search(
            rf"(?:at most|too many|no more than|number of) (?:# )?(?:{words})\b", message
        ):
            return name
    named = re.search(r"invalid (\w+): array too long", message)
    return named[1] if named else ""


_BLOCK_PLACE = re.compile(
    r"\bmessages[.\[]+[#\d]+\]?\.\[?content\b|\binput\[[#\d]+\]\.content\b|\bcontents\[[#\d]+\]\.parts\b"
    r"|\b(?:content|document|image|file|audio|video) (?:block|part|type|input)s?\b|unsupported mime type"
)


def _complains_of_block(message: str, param: str) -> bool:
    return _BLOCK_PLACE.search(f"{param} {message}") is not None


def _own_blocks(pair: ProbePair, accepted: Iterable[ProbePair]) -> str:
    """Return the blocks and fields of blocks that no accepted request carries, such as "assistant/document"."""
    common = {
        block for other in accepted for seen in other.candidate for block in seen.get("request.blocks") or ()
    }
    own = sorted(set(pair.candidate[0].get("request.blocks") or ()) - common)
    message = str(error_of(pair.candidate[0]).get("message", ""))
    places = re.findall(r"\b(?:content|parts)[.\[]+#\]?\.(\w+)", message)
    names = [re.split(r"[/.]", block)[-1] for block in own]
    named = [block for block, name in zip(own, names, strict=True) if name in places or _names(message, name)]
    if named:  # the error says itself which of them it is
        return "+".join(block for block in named if not any(block.startswith(f"{o}.") for o in named))
    # A block that is new is named by its type; of one that others carry too, only the field that is new.
    return "+".join(block for block in own if "." not in block or block.partition(".")[0] not in own)


def _complains_of_schema(message: str, param: str, error: Mapping[str, JSON]) -> bool:
    """Whether the error is about what stands inside a JSON Schema, not about sending one."""
    if error.get("code") in {"invalid_function_parameters", "invalid_json_schema"}:
        return True
    places = r"invalid schema|schema is invalid|input_schema|function_declarations|\.schema\b|response_schema"
    return re.search(places, f"{message} {param}") is not None


def _named(message: str, param: str, sent: set[str]) -> tuple[str, ...]:
    """Return the parameters of the request that an error names, sorted; by `param` alone when nothing else."""
    if param in sent and not _JOINS.search(message):
        return (param,)  # other names in the text are those to use instead
    found = {name for name in sent if any(_names(message, wire) for wire in wire_names(name))}
    head = re.split(r"[.\[]", param, maxsplit=1)[0]
    by_param = {name for name in sent if head in wire_names(name)} if head else set()
    if head and not by_param and _names(message, head) and head not in {"messages", "model"}:
        by_param = {head}  # not in the request: its default is what the API will not have
    words = {name for name in sent & _ENGLISH if re.search(rf"\b{name}\b", message)}
    both = found | by_param
    return tuple(sorted(both | words if both and _JOINS.search(message) else both))


def _names(message: str, name: str) -> bool:
    word = re.escape(name.casefold())
    if name in _ENGLISH:
        return re.search(rf"(?:^|parameter:? ){word}\b|(?<![\w.]){word}(?:[:\[]|\.\w)", message) is not None
    return re.search(rf"(?<![\w.]){word}(?!\w)", message) is not None


def _says_the_same(first: ProbePair, second: ProbePair) -> bool:
    plain = all(turn.role == "user" for turn in asked_of(first).messages)
    messages = [error_of(pair.candidate[0]).get("message") for pair in (first, second)]
    return plain and first.probe.id != second.probe.id and messages[0] == messages[1]


def _alone(name: str, pair: ProbePair, others: Iterable[ProbePair]) -> bool:
    """Whether another request varied this parameter alone, with the same value."""
    value = value_of(pair, name)
    return any(_varied(other) == (name,) and value_of(other, name) == value for other in others)


def _names_value(message: str, pair: ProbePair, name: str, error: Mapping[str, JSON]) -> bool:
    """Whether the error is about the value that was sent, not about the parameter as such."""
    if error.get("code") in _VALUE_CODES:
        return True
    words = {word.casefold() for word in _words_of(value_of(pair, name))} - {name}
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", message) for word in words)


def _words_of(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _words_of(inner)


def varied_parameters(exchange: Exchange, dialect: str | None = None) -> tuple[str, ...]:
    """Return the parameters that set this request apart from a plain one, by wire name or name of the header, sorted.

    Args:
        exchange: the neutral request.
        dialect: whose overrides count; None for all.
    """
    names = {*exchange.params, *(name for name, value in exchange.headers.items() if value)}
    if exchange.tool_choice is not None:
        names.add("tool_choice")
    if exchange.output_schema is not None:
        names.add("output_schema")
    if exchange.stop:
        names.add("stop_sequences")
    for name, patch in exchange.overrides.items():
        if isinstance(patch, Mapping) and dialect in {None, name}:
            given = {key: value for key, value in patch.items() if value is not None and key != "model"}
            names |= set(parameters_of(given))
    return tuple(sorted(names))


def value_of(pair: ProbePair, parameter: str) -> JSON:
    """Return the value with which a parameter was sent, None when it was not or is not known."""
    exchange = asked_of(pair)
    patch = exchange.overrides.get(str(pair.candidate[0].get("dialect")))
    if isinstance(patch, Mapping):
        for holder in (patch, patch.get("generationConfig")):
            if isinstance(holder, Mapping) and parameter in holder:
                return holder[parameter]
    if parameter in exchange.params:
        return exchange.params[parameter]
    if parameter in exchange.headers:
        return exchange.headers[parameter]
    if parameter == "tool_choice":
        return exchange.tool_choice
    return exchange.max_tokens if parameter == "max_tokens" else None
