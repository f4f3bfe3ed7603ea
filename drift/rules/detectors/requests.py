# Requests that were accepted and are refused, errors that changed, models that moved: exact facts, no chance involved.
# Owns: from a refused probe to the parameter to blame. Refuses to know: tests, correction, wording.
"""What the API accepts and how it says no."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from drift.changes import find_changes, key_of
from drift.dialects import parameters_of, wire_names
from drift.model import JSON, Exchange
from drift.rules.facts import Facts, ProbePair, Seen, Signal, Witness
from drift.rules.measure import Counts

_UNKNOWN_MODEL = frozenset(
    {"invalid_model", "model_decommissioned", "model_not_available", "model_not_found", "not_found_error"}
)
_HOLDS_MESSAGE = ("/error/message:", "/error/type:", "/error/code:", "/error:", "/message:", "/type:")


def detect_requests(facts: Facts) -> Iterator[Signal]:
    """Yield findings on accepted and refused requests, error contracts and model identity."""
    yield from _refused(facts)
    yield from _error_contracts(facts)
    yield from _new_error_types(facts)
    yield from _served_model(facts)
    yield from _catalogue(facts)
    yield from _defaults(facts)


def _fact(
    measure: str,
    rule: str,
    pairs: list[ProbePair],
    family: str,
    *,
    path: str,
    place: str = "",
    change: str,
    before: JSON = None,
    after: JSON = None,
    note: str = "",
    space: str = "request",
    **more: Any,
) -> Signal:
    n = len(pairs)
    counts = Counts(pairs=n, n_a=n, n_b=n, k_a=0, k_b=n, up=n, down=0, effect=1.0)
    witnesses: tuple[Witness, ...] = tuple(
        (pair.baseline[0] if pair.baseline else None, pair.candidate[0] if pair.candidate else None)
        for pair in pairs[:3]
    )
    return Signal(
        measure,
        rule,
        family,
        "exact",
        counts,
        path,
        place,
        change,
        "",
        probe=pairs[0].probe.id if n == 1 else None,
        before=before,
        after=after,
        deterministic=True,
        note=note,
        witnesses=witnesses,
        space=space,
        **more,
    )


def _accepted(samples: Iterable[Seen]) -> bool | None:
    """True when every sample was answered, False when every one was refused, None when there are none or both."""
    outcomes = {seen.outcome for seen in samples}
    return None if len(outcomes) != 1 else outcomes == {"response"}


_ERROR_FIELDS = {
    "status": "status",
    "type": "error.type",
    "code": "error.code",
    "param": "error.param",
    "message": "error.message",
}


def _error_of(seen: Seen) -> dict[str, JSON]:
    return {name: seen.get(key) for name, key in _ERROR_FIELDS.items() if seen.get(key) is not None}


# ---------------------------------------------------------------- accepted before, refused now


def _refused(facts: Facts) -> Iterator[Signal]:
    now_refused: list[tuple[str, ProbePair]] = []
    accepted: list[ProbePair] = []
    for family in facts.families:
        for pair in family.pairs:
            if pair.probe.purpose == "rejection":
                continue
            after = _accepted(pair.candidate)
            if after and _asked(pair).operation == "generate":
                accepted.append(
                    pair
                )  # a list of models, or a count, still comes from a host whose model is gone
            elif after is False and _accepted(pair.baseline):
                now_refused.append((family.family, pair))
    if not now_refused:
        return
    gone = [item for item in now_refused if _model_is_gone(item[1])]
    if gone and not accepted:
        yield _fact(
            "request.refused",
            "model-removed",
            [pair for _, pair in gone],
            gone[0][0],
            path="/model",
            change="removed",
            before={"status": 200},
            after=_error_of(gone[0][1].candidate[0]),
            note="Every request to the id is refused.",
        )
        return
    refused = [pair for _, pair in now_refused]
    blamed: dict[tuple[str, str], list[tuple[str, ProbePair]]] = {}
    for item in now_refused:
        blamed.setdefault(_blame(item[1], accepted, refused), []).append(item)
    for (rule, parameter), items in sorted(blamed.items()):
        pairs = [pair for _, pair in items]
        values = sorted({str(value) for pair in pairs if (value := _value_of(pair, parameter)) is not None})
        yield _fact(
            "request.refused",
            rule,
            pairs,
            items[0][0],
            path=f"/{parameter}" if parameter else "",
            place=parameter,
            change="refused",
            before={"status": _error_of(pairs[0].baseline[0]).get("status", 200)},
            after=_error_of(pairs[0].candidate[0]),
            note=f"Refused with {parameter} = {', '.join(values)[:200]}." if values else "",
        )


def _asked(pair: ProbePair) -> Exchange:
    """The exchange that the candidate's last reply answers: a conversation can end before its last turn."""
    exchanges = pair.probe.exchanges
    turn = pair.candidate[0].get("request.turn") if pair.candidate else None
    return exchanges[min(turn or len(exchanges), len(exchanges)) - 1] if exchanges else Exchange()


def _varied(pair: ProbePair) -> tuple[str, ...]:
    return varied_parameters(_asked(pair), str(pair.candidate[0].get("dialect")))


def _sent(pair: ProbePair) -> set[str]:
    """Names of all parameters of the request, as it went out where that was recorded."""
    exchange = _asked(pair)
    names = {*_varied(pair), *(["tools"] if exchange.tools else [])}
    sent = pair.candidate[0].get("request.parameters")
    if sent is not None:  # one parameter under two names is still one
        return names | {name for name in sent if not any(name in wire_names(known) for known in names)}
    return names | ({"max_tokens"} if exchange.max_tokens is not None else set())


_GONE = re.compile(
    r"\bmodel(?: \S+)? (?:identifier is invalid|does not exist|(?:is )?no longer (?:available|supported|served)"
    r"|(?:has been|was|is) (?:decommissioned|deprecated|retired|discontinued|shut down|removed))"
)


def _model_is_gone(pair: ProbePair) -> bool:
    error = _error_of(pair.candidate[0])
    message = str(error.get("message", ""))
    if {str(error.get("type")), str(error.get("code"))} & _UNKNOWN_MODEL:
        return True
    if error.get("status") in {404, 410}:
        return "model" in message
    return _GONE.search(message) is not None  # some platforms say so with 400


def _blame(pair: ProbePair, accepted: list[ProbePair], refused: list[ProbePair]) -> tuple[str, str]:
    """Return (rule, parameter) for a request that is refused now: what the error names, else what sets it apart."""
    seen, asked, varied = pair.candidate[0], _asked(pair), _varied(pair)
    accepted = [other for other in accepted if other.candidate[0].get("dialect") == seen.get("dialect")]
    error = _error_of(seen)
    param = str(error.get("param") or "").casefold()
    message = str(error.get("message", ""))
    sent = _sent(pair)
    if any(turn.replay is not None for turn in asked.messages):
        return "request-history-replay-rejected", "messages"
    missing = _missing(message, param, error)
    if missing and missing not in sent:
        return "request-parameter-became-required", missing
    if _complains_of_role(message, param):
        return "request-message-role-rejected", "messages"
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
    if _names_value(message, pair, blamed, error) or any(blamed in _sent(other) for other in accepted):
        return "request-parameter-value-rejected", blamed
    return "request-parameter-rejected", blamed


_STRUCTURED_OUTPUT = frozenset({"output_schema", "output_format", "response_format"})
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


def _missing(message: str, param: str, error: Mapping[str, JSON]) -> str:
    """Return the name of a parameter that the error misses, or ""."""
    if param and error.get("code") == "missing_required_parameter":
        return param
    for pattern in _MISSING:
        found = pattern.search(message)
        if found and found[1] not in _PRONOUNS:
            return found[1].rstrip(".")
    return ""


def _complains_of_role(message: str, param: str) -> bool:
    if re.search(r"\bprefill\b|end with a user message|\brole \w+ is not supported|unexpected role", message):
        return True
    return re.search(r"\bmessages\S*\.role\b", f"{param} {message}") is not None


def _complains_of_schema(message: str, param: str, error: Mapping[str, JSON]) -> bool:
    """Whether the error is about what stands inside a JSON Schema, not about sending one."""
    if error.get("code") in {"invalid_function_parameters", "invalid_json_schema"}:
        return True
    places = r"invalid schema|schema is invalid|input_schema|function_declarations|\.schema\b|response_schema"
    return re.search(places, f"{message} {param}") is not None


def _named(message: str, param: str, sent: set[str]) -> tuple[str, ...]:
    """Return the parameters of the request that an error names, sorted; by `param` alone when nothing else."""
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
    plain = all(turn.role == "user" for turn in _asked(first).messages)
    messages = [_error_of(pair.candidate[0]).get("message") for pair in (first, second)]
    return plain and first.probe.id != second.probe.id and messages[0] == messages[1]


def _alone(name: str, pair: ProbePair, others: Iterable[ProbePair]) -> bool:
    """Whether another request varied this parameter alone, with the same value."""
    value = _value_of(pair, name)
    return any(_varied(other) == (name,) and _value_of(other, name) == value for other in others)


def _names_value(message: str, pair: ProbePair, name: str, error: Mapping[str, JSON]) -> bool:
    """Whether the error is about the value that was sent, not about the parameter as such."""
    if error.get("code") in _VALUE_CODES:
        return True
    words = {word.casefold() for word in _words_of(_value_of(pair, name))} - {name}
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


def _value_of(pair: ProbePair, parameter: str) -> JSON:
    exchange = _asked(pair)
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


# ---------------------------------------------------------------- the error contract


def _error_contracts(facts: Facts) -> Iterator[Signal]:
    """Probes that must be refused, or were refused on both sides: status, code, and the shape of the body."""
    for family in facts.families:
        for pair in family.pairs:
            before, after = _accepted(pair.baseline), _accepted(pair.candidate)
            must_fail = pair.probe.purpose == "rejection"
            if before is None or after is None or (before and (after or not must_fail)):
                continue
            if after and not must_fail:
                continue  # a request that is accepted again breaks nobody
            a, b = _error_of(pair.baseline[0]), _error_of(pair.candidate[0])
            if before and must_fail:
                a.setdefault("status", 200)
            if after:
                b = {"status": pair.candidate[0].get("status") or 200}
            if a.get("status") != b.get("status"):
                yield _fact(
                    "error.status",
                    "error-status-changed",
                    [pair],
                    family.family,
                    path="/status",
                    place=pair.probe.template,
                    change="status",
                    before=a,
                    after=b,
                    space="error",
                )
                continue
            # One that is filled in takes nothing away; one that is lost is a change of the body's shape.
            # The words of two dialects differ anyway.
            names = ("type", "code") if pair.same_dialect else ()
            if any(name in a and name in b and a[name] != b[name] for name in names):
                yield _fact(
                    "error.code",
                    "error-code-changed",
                    [pair],
                    family.family,
                    path="/error/type",
                    place=pair.probe.template,
                    change="code",
                    before=a,
                    after=b,
                    space="error",
                )
            yield from _error_shape(family.family, pair)


def _error_shape(family: str, pair: ProbePair) -> Iterator[Signal]:
    a, b = pair.baseline[0].get("error.paths") or [], pair.candidate[0].get("error.paths") or []
    if not a or not b or not pair.same_dialect:
        return
    trees = [dict(entry.rsplit(":", 1) for entry in side if not entry.endswith(":null")) for side in (a, b)]
    lost = [
        change
        for change in find_changes(*trees)
        if change.kind in {"removed", "value"}
        and any(entry.startswith(key_of(change.path) + ":") for entry in _HOLDS_MESSAGE)
    ]
    if lost:
        yield _fact(
            "error.shape",
            "error-body-shape-changed",
            [pair],
            family,
            path=key_of(lost[0].path),
            place=pair.probe.template,
            change=lost[0].kind,
            before=a,
            after=b,
            space="error",
        )


def _new_error_types(facts: Facts) -> Iterator[Signal]:
    known: dict[JSON, set[str]] = {}  # by dialect: each has its own words
    new: dict[str, list[tuple[str, ProbePair]]] = {}
    for family in facts.families:
        for pair in family.pairs:
            for seen in pair.baseline:
                if seen.get("error.type"):
                    known.setdefault(seen.get("dialect"), set()).add(str(seen.get("error.type")))
    for family in facts.families:
        for pair in family.pairs:
            if pair.probe.purpose == "rejection":
                continue  # error-status-changed and error-code-changed look at these
            for seen in pair.candidate:
                kind = seen.get("error.type")
                if kind and str(kind) not in known.get(seen.get("dialect"), {str(kind)}):
                    new.setdefault(str(kind), []).append((family.family, pair))
                    break
    for kind, items in sorted(new.items()):
        yield _fact(
            "error.type_new",
            "error-type-added",
            [pair for _, pair in items],
            items[0][0],
            path="/error/type",
            place=kind,
            change="new",
            before=sorted(known[items[0][1].candidate[0].get("dialect")]),
            after=kind,
            space="error",
        )


# ---------------------------------------------------------------- which model answered


# A dated or numbered snapshot of the id before it: -20250929, -2024-08-06, -0613, -001.
_SNAPSHOT = re.compile(r"-(?:\d{3,4}|\d{6}|\d{8}|\d{4}-\d{2}-\d{2})")


def serves(requested: str, named: str) -> bool:
    """Whether a reply's id can be the requested model: the same id, a dated snapshot of it, or a platform's spelling.

    `claude-sonnet-4-5` may be answered as `claude-sonnet-4-5-20250929`; `gemini-3.7-flash` as `gemini-3.8-flash` not,
    nor `gpt-5` as `gpt-5.4`. An alias that ends in "latest" names no model, so any may answer.
    """
    first, second = plain_id(requested), plain_id(named)
    if first == second or first in set(named.casefold().split("/")) or first.endswith("latest"):
        return True
    longer, shorter = (first, second) if len(first) > len(second) else (second, first)
    return longer.startswith(shorter) and _SNAPSHOT.fullmatch(longer.removeprefix(shorter)) is not None


def plain_id(model: str) -> str:
    """Return a model id without what platforms put around it: path, region, publisher, revision of a deployment."""
    name = model.casefold().rsplit("/", 1)[-1].replace("@", "-")
    name = re.sub(r"^(?:[a-z]+\.)?[a-z]+\d*\.(?=[a-z])", "", name)
    return re.sub(r"-v\d+(?::\d+)?$|:(?:\d+|free|latest)$", "", name)


def _served_model(facts: Facts) -> Iterator[Signal]:
    same_request = facts.baseline.requested_model == facts.candidate.requested_model
    moved: list[ProbePair] = []
    names: tuple[set[str], set[str]] = (set(), set())
    for pair in facts.pairs:
        a, b = (
            {str(seen.get("model.response")) for seen in side if seen.get("model.response")}
            for side in (pair.baseline, pair.candidate)
        )
        if not a or not b:
            continue
        if same_request:
            changed = any(not any(serves(x, y) for x in a) for y in b)
        else:
            requested = [
                [str(seen.get("model.requested") or run.requested_model) for seen in side]
                for side, run in ((pair.baseline, facts.baseline), (pair.candidate, facts.candidate))
            ]
            changed = all(serves(requested[0][0], x) for x in a) and not all(
                serves(requested[1][0], y) for y in b
            )
        if changed:
            moved.append(pair)
            names[0].update(a)
            names[1].update(b)
    if moved:
        yield _fact(
            "model.response",
            "model-alias-retargeted",
            moved,
            "identity",
            path="/model",
            change="retargeted",
            before=sorted(names[0]),
            after=sorted(names[1]),
            space="response",
            note=f"Asked for {facts.candidate.requested_model}.",
        )


def _catalogue(facts: Facts) -> Iterator[Signal]:
    """Model lists of the same host at two times."""
    first, second = facts.baseline, facts.candidate
    if (first.platform, first.base_url) != (second.platform, second.base_url):
        return
    for family in facts.families:
        for pair in family.pairs:
            lists = [
                {str(model) for seen in side for model in seen.get("catalogue") or ()}
                for side in (pair.baseline, pair.candidate)
            ]
            if not lists[0] or not lists[1]:
                continue
            # A host that serves one model lists the one that it was started with: nothing was taken away.
            if lists[0] == {first.requested_model} != {second.requested_model} == lists[1]:
                continue
            gone, new = sorted(lists[0] - lists[1]), sorted(lists[1] - lists[0])
            if gone:
                pinned = first.requested_model in gone or second.requested_model in gone
                yield _fact(
                    "catalogue.gone",
                    "model-removed",
                    [pair],
                    family.family,
                    path="/data/*/id",
                    change="unlisted",
                    before=gone,
                    after=[],
                    space="response",
                    level=None if pinned else "warning",
                    reason="" if pinned else "another model than the requested one is no longer listed",
                    note=f"No longer listed: {', '.join(gone)[:300]}.",
                )
            if new:
                yield _fact(
                    "catalogue.new",
                    "model-added",
                    [pair],
                    family.family,
                    path="/data/*/id",
                    change="listed",
                    before=[],
                    after=new,
                    space="response",
                    note=f"Newly listed: {', '.join(new)[:300]}.",
                )


def _defaults(facts: Facts) -> Iterator[Signal]:
    """Thinking, or its text, that comes or goes unasked: the default of what the request leaves out has moved."""
    yield from _flip(
        facts, "thinking", _thinks, ("is answered without thinking", "is answered with thinking")
    )
    yield from _flip(
        facts,
        "thinking.display",
        _shows_thinking,
        ("gets thinking without its text", "gets the text of the thinking"),
    )


def _thinks(seen: Seen) -> bool | None:
    blocks = seen.get("blocks")
    return bool({"thinking", "redacted_thinking", "reasoning"} & set(blocks)) if blocks else None


def _shows_thinking(seen: Seen) -> bool | None:
    shown = seen.get("thinking.shown")
    return shown if isinstance(shown, bool) else None


def _flip(
    facts: Facts, place: str, value: Callable[[Seen], bool | None], words: tuple[str, str]
) -> Iterator[Signal]:
    """Yield one fact when every watching probe that leaves this out changed, and all of them the same way."""
    flipped: list[ProbePair] = []
    directions: set[bool] = set()
    for pair in (pair for family in facts.families if family.family == "parameters" for pair in family.pairs):
        if not pair.probe.exchanges or not pair.same_dialect or _says(pair, place):
            continue
        sides = [{value(seen) for seen in side} - {None} for side in (pair.baseline, pair.candidate)]
        if len(sides[0]) == len(sides[1]) == 1 and sides[0] != sides[1]:
            flipped.append(pair)
            directions |= {bool(found) for found in sides[1]}
    if len(directions) == 1:
        now = directions.pop()
        yield _fact(
            f"{place}.default",
            "request-parameter-default-changed",
            flipped,
            "parameters",
            path=f"/{place.replace('.', '/')}",
            place=place,
            change="on" if now else "off",
            before={place: not now},
            after={place: now},
            note=f"A request that leaves `{place}` out {words[now]} now.",
        )


def _says(pair: ProbePair, place: str) -> bool:
    """Whether the request sets this itself, or is an exact body that nobody looks into."""
    asked = _asked(pair)
    thinking = _value_of(pair, "thinking")
    if asked.bodies:
        return True
    if place == "thinking":
        return thinking is not None
    return isinstance(thinking, Mapping) and "display" in thinking
