# Requests that were accepted and are refused, errors that changed, models that moved: exact facts, no chance involved.
# Owns: from a refused probe to the parameter to blame. Refuses to know: tests, correction, wording.
"""What the API accepts and how it says no."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drift.changes import find_changes, key_of
from drift.model import JSON, Exchange, Probe
from drift.rules.facts import Facts, ProbePair, Seen, Signal, Witness
from drift.rules.measure import Counts

_UNKNOWN_MODEL = frozenset({"not_found_error", "model_not_found", "model_not_available", "invalid_model"})
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
    still_accepted: list[Probe] = []
    for family in facts.families:
        for pair in family.pairs:
            if pair.probe.purpose == "rejection":
                continue
            after = _accepted(pair.candidate)
            if after:
                still_accepted.append(pair.probe)
            elif after is False and _accepted(pair.baseline):
                now_refused.append((family.family, pair))
    if not now_refused:
        return
    gone = [item for item in now_refused if _model_is_gone(item[1])]
    if gone and not still_accepted:
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
    blamed: dict[tuple[str, str], list[tuple[str, ProbePair]]] = {}
    for item in now_refused:
        blamed.setdefault(
            _blame(item[1], still_accepted, [pair.probe for _, pair in now_refused]), []
        ).append(item)
    for (rule, parameter), items in sorted(blamed.items()):
        pairs = [pair for _, pair in items]
        seen = pairs[0].candidate[0]
        values = sorted({str(_value_of(pair.probe, parameter)) for pair in pairs if parameter})
        yield _fact(
            "request.refused",
            rule,
            pairs,
            items[0][0],
            path=f"/{parameter}" if parameter else "",
            place=parameter,
            change="refused",
            before={"status": _error_of(pairs[0].baseline[0]).get("status", 200)},
            after=_error_of(seen),
            note=f"Refused with {parameter} = {', '.join(values)[:200]}."
            if parameter and values != ["None"]
            else "",
        )


def _model_is_gone(pair: ProbePair) -> bool:
    error = _error_of(pair.candidate[0])
    named = {str(error.get("type")), str(error.get("code"))} & _UNKNOWN_MODEL
    return error.get("status") in {404, 410} and (bool(named) or "model" in str(error.get("message", "")))


def _blame(pair: ProbePair, accepted: list[Probe], refused: list[Probe]) -> tuple[str, str]:
    """Return (rule, parameter) for a request that is refused now."""
    probe = pair.probe
    error = _error_of(pair.candidate[0])
    message = f"{error.get('message', '')} {error.get('param', '')}"
    exchange = probe.exchanges[-1] if probe.exchanges else Exchange()
    if any(turn.replay is not None for turn in exchange.messages):
        return "request-history-replay-rejected", "messages"
    varied = varied_parameters(exchange)
    if "required" in message and "extra" not in message:
        missing = str(error.get("param") or _first_word(message))
        if missing and missing not in _body_names(exchange):
            return "request-parameter-became-required", missing
    if len(varied) > 1:
        named = [name for name in varied if name.split(".")[-1] in message]
        if len(named) != 1 or ("both" in message or "together" in message):
            alone = [
                name
                for name in varied
                if any(
                    varied_parameters(other.exchanges[-1]) == (name,) for other in accepted if other.exchanges
                )
            ]
            if (
                len(alone) == len(varied)
                or "both" in message
                or "when" in message
                or "with" in message.split()
            ):
                return "request-parameter-combination-rejected", "+".join(varied)
        varied = tuple(named) or varied[:1]
    if (
        exchange.messages
        and exchange.messages[-1].role == "assistant"
        and exchange.messages[-1].content is not None
    ):
        return "request-message-role-rejected", "messages"
    if any(turn.role == "system" for turn in exchange.messages):
        return "request-message-role-rejected", "messages"
    if varied == ("output_schema",):
        schema_word = any(word in message for word in ("schema", "keyword", "unknown name"))
        return (
            ("request-tool-schema-keyword-rejected", "output_schema")
            if schema_word and "support" not in message
            else ("request-structured-output-mode-rejected", "output_schema")
        )
    if varied:
        name = varied[0]
        others_accepted = any(
            other.exchanges
            and name in varied_parameters(other.exchanges[-1])
            and other.id not in {r.id for r in refused}
            for other in accepted
        )
        return ("request-parameter-value-rejected" if others_accepted else "request-parameter-rejected"), name
    named_in_body = [name for name in _body_names(exchange) if name in message]
    if named_in_body:
        return "request-parameter-rejected", named_in_body[0]
    if exchange.tools and any(
        word in message for word in ("schema", "function_declarations", "input_schema", "keyword")
    ):
        return "request-tool-schema-keyword-rejected", "tools"
    return "request-rejected", ""


def _first_word(message: str) -> str:
    return (
        message.split(":", 1)[0].rsplit(maxsplit=1)[-1]
        if ":" in message and message.split(":", 1)[0].split()
        else ""
    )


def varied_parameters(exchange: Exchange) -> tuple[str, ...]:
    """Return the parameters that set this request apart from a plain one, by wire name, sorted."""
    names = set(exchange.params)
    if exchange.tool_choice is not None:
        names.add("tool_choice")
    if exchange.output_schema is not None:
        names.add("output_schema")
    if exchange.stop:
        names.add("stop_sequences")
    for patch in exchange.overrides.values():
        if isinstance(patch, Mapping):
            names |= {key for key, value in patch.items() if value is not None and key != "model"}
    return tuple(sorted(names))


def _body_names(exchange: Exchange) -> list[str]:
    names = ["max_tokens"] if exchange.max_tokens is not None else []
    if exchange.tools:
        names.append("tools")
    if exchange.system is not None:
        names.append("system")
    if exchange.stream:
        names.append("stream")
    return [*names, *varied_parameters(exchange)]


def _value_of(probe: Probe, parameter: str) -> JSON:
    exchange = probe.exchanges[-1] if probe.exchanges else Exchange()
    if parameter in exchange.params:
        return exchange.params[parameter]
    if parameter == "tool_choice" and exchange.tool_choice is not None:
        return exchange.tool_choice
    for patch in exchange.overrides.values():
        if isinstance(patch, Mapping) and parameter in patch:
            return patch[parameter]
    return None


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
            codes = [(x.get("type"), x.get("code")) for x in (a, b)]
            if codes[0] != codes[1] and None not in (
                a.get("type") or a.get("code"),
                b.get("type") or b.get("code"),
            ):
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
    same_dialect = pair.baseline[0].get("dialect") == pair.candidate[0].get("dialect")
    if not a or not b or not same_dialect:
        return
    trees = [dict(entry.rsplit(":", 1) for entry in side) for side in (a, b)]
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
    known: set[str] = set()
    new: dict[str, list[tuple[str, ProbePair]]] = {}
    for family in facts.families:
        for pair in family.pairs:
            known |= {str(seen.get("error.type")) for seen in pair.baseline if seen.get("error.type")}
    if not known:
        return
    for family in facts.families:
        for pair in family.pairs:
            if pair.probe.purpose == "rejection":
                continue  # error-status-changed and error-code-changed look at these
            for seen in pair.candidate:
                kind = seen.get("error.type")
                if kind and str(kind) not in known:
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
            before=sorted(known),
            after=kind,
            space="error",
        )


# ---------------------------------------------------------------- which model answered


def serves(requested: str, named: str) -> bool:
    """Whether a reply's id can be the requested model: the same id, a dated snapshot of it, or a platform's spelling.

    `claude-sonnet-4-5` may be answered as `claude-sonnet-4-5-20250929`; `gemini-3.7-flash` as `gemini-3.8-flash` not.
    """
    first, second = (
        model.casefold().rsplit("/", 1)[-1].removeprefix("models/") for model in (requested, named)
    )
    if first == second or first in set(named.casefold().split("/")):
        return True
    longer, shorter = (first, second) if len(first) > len(second) else (second, first)
    rest = longer.removeprefix(shorter)
    return longer.startswith(shorter) and rest[:1] in {"-", "@", ":", "."} and any(c.isdigit() for c in rest)


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
            changed = not (a & b) and not any(serves(x, y) for x in a for y in b)
            changed = changed or (not (a & b) and _dated(a) and _dated(b))
        else:
            requested = [
                [str(seen.get("model.requested") or run.requested_model) for seen in side]
                for side, run in ((pair.baseline, facts.baseline), (pair.candidate, facts.candidate))
            ]
            changed = all(serves(requested[0][0], x) for x in a) and not any(
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


def _dated(models: set[str]) -> bool:
    return all(
        any(part.isdigit() and len(part) >= 4 for part in model.replace("@", "-").split("-"))
        for model in models
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
    """Thinking that nobody asked for: the default of a parameter that the request leaves out has moved."""
    flipped: list[tuple[str, ProbePair]] = []
    direction = set()
    for family in facts.families:
        for pair in family.pairs:
            asked = pair.probe.exchanges[-1] if pair.probe.exchanges else None
            if asked is None or "thinking" in varied_parameters(asked) or asked.bodies:
                continue
            sides = [
                {
                    bool({"thinking", "redacted_thinking", "reasoning"} & set(seen.get("blocks") or ()))
                    for seen in side
                    if seen.get("blocks")
                }
                for side in (pair.baseline, pair.candidate)
            ]
            if len(sides[0]) == len(sides[1]) == 1 and sides[0] != sides[1]:
                flipped.append((family.family, pair))
                direction |= sides[1]
    watching = [item for item in flipped if item[0] == "parameters"]
    if watching and len(direction) == 1:
        now = direction.pop()
        yield _fact(
            "thinking.default",
            "request-parameter-default-changed",
            [pair for _, pair in watching],
            "parameters",
            path="/thinking",
            place="thinking",
            change="on" if now else "off",
            before={"thinking": not now},
            after={"thinking": now},
            note=f"Requests that leave `thinking` out are answered {'with' if now else 'without'} thinking now.",
        )
