# Requests that were accepted and are refused, errors that changed, models that moved: exact facts, no chance involved.
# Owns: what counts as refused, moved or flipped. Refuses to know: tests, correction, wording.
"""What the API accepts and how it says no."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from drift.canonical import canonical
from drift.changes import find_changes
from drift.dialects import wire_names
from drift.ids import serves
from drift.model import JSON
from drift.rules.detectors.blame import asked_of, blame, error_of, model_is_gone, told_error, value_of
from drift.rules.facts import Facts, ProbePair, Seen, Signal, exact_fact

_HOLDS_MESSAGE = ("/error/message:", "/error/type:", "/error/code:", "/error:", "/message:", "/type:")


def detect_requests(facts: Facts) -> Iterator[Signal]:
    """Yield findings on accepted and refused requests, error contracts and model identity."""
    yield from _refused(facts)
    yield from _error_contracts(facts)
    yield from _new_error_types(facts)
    yield from _served_model(facts)
    yield from _catalogue(facts)
    yield from _defaults(facts)


_WHOLE = "request-parameter-rejected"
_VALUE = "request-parameter-value-rejected"


def _accepted(samples: Iterable[Seen]) -> bool | None:
    """True when every sample was answered, False when every one was refused, None when there are none or both."""
    outcomes = {seen.outcome for seen in samples}
    return None if len(outcomes) != 1 else outcomes == {"response"}


# ---------------------------------------------------------------- accepted before, refused now


def _refused(facts: Facts) -> Iterator[Signal]:
    now_refused: list[tuple[str, ProbePair]] = []
    accepted: list[ProbePair] = []
    for family in facts.families:
        for pair in family.pairs:
            if pair.probe.purpose == "rejection":
                continue
            after = _accepted(pair.candidate)
            if after and asked_of(pair).operation == "generate":
                accepted.append(
                    pair
                )  # a list of models, or a count, still comes from a host whose model is gone
            elif after is False and _accepted(pair.baseline):
                now_refused.append((family.family, pair))
    if not now_refused:
        return
    gone = [item for item in now_refused if model_is_gone(item[1])]
    if gone and not accepted:
        yield exact_fact(
            "request.refused",
            "model-removed",
            [pair for _, pair in gone],
            "identity",
            path="/model",
            change="removed",
            before={"status": 200},
            after=told_error(gone[0][1].candidate[0]),
            of_run=True,
            note="Every request to the id is refused.",
        )
        return
    refused = [pair for _, pair in now_refused]
    blamed: dict[tuple[str, str], list[tuple[str, ProbePair]]] = {}
    for item in now_refused:
        blamed.setdefault(blame(item[1], accepted, refused), []).append(item)
    _one_name(blamed)
    for parameter in {name for rule, name in blamed if rule == _WHOLE}:
        # Refused with one value because of the parameter, with another because of the value: as a whole, unless any is
        # still taken.
        if (_VALUE, parameter) in blamed:
            blamed[_WHOLE, parameter] += blamed.pop((_VALUE, parameter))
    for (rule, parameter), items in sorted(blamed.items()):
        pairs = [pair for _, pair in items]
        sent = (value_of(pair, parameter) for pair in pairs)
        values = sorted({x if isinstance(x, str) else canonical(x) for x in sent if x is not None})
        yield exact_fact(
            "request.refused",
            rule,
            pairs,
            items[0][0],
            path=f"/{parameter}" if parameter else "",
            place=parameter,
            change="refused",
            before={"status": error_of(pairs[0].baseline[0]).get("status", 200)},
            after=told_error(pairs[0].candidate[0]),
            note=f"Refused with {parameter} = {', '.join(values)[:200]}." if values else "",
        )


def _one_name(blamed: dict[tuple[str, str], list[tuple[str, ProbePair]]]) -> None:
    """Tell a parameter that was sent under its own and under its common name under the one that went out."""
    for rule, name in list(blamed):
        others = set(wire_names(name)) - {name}
        wire = next((other for known, other in blamed if known == rule and other in others), None)
        if wire is not None:
            blamed[rule, wire] += blamed.pop((rule, name))


# ---------------------------------------------------------------- the error contract


@dataclass(frozen=True, slots=True)
class _Breach:
    """How one probe's error is no longer the one that callers knew; equal ones of a template are one fact."""

    measure: str
    rule: str
    path: str
    change: str
    before: JSON
    after: JSON

    def key(self) -> tuple[str, ...]:
        """What it is about, without the words of the errors."""
        names = ("status",) if self.change == "status" else ("status", "type", "code")
        told = [
            {name: side.get(name) for name in names} if isinstance(side, Mapping) else side
            for side in (self.before, self.after)
        ]
        return (self.rule, self.path, self.change, canonical(told))


def _error_contracts(facts: Facts) -> Iterator[Signal]:
    """Probes that must be refused, or were refused on both sides: status, code, and the shape of the body.

    An API that says no in another way says so wherever it says no: that is one fact, whichever probes meet it.
    """
    found: dict[tuple[str, ...], list[tuple[_Breach, ProbePair]]] = {}
    general = {
        error_of(pair.candidate[0]).get("message")
        for pair in facts.pairs
        if pair.probe.purpose != "rejection"
        and _accepted(pair.baseline)
        and _accepted(pair.candidate) is False
    } - {None}
    for family in facts.families:
        for pair in family.pairs:
            if pair.candidate and error_of(pair.candidate[0]).get("message") in general:
                continue  # what every request meets now says nothing of this probe's own mistake
            for breach in _breaches(pair):
                found.setdefault(breach.key(), []).append((breach, pair))
    for items in found.values():
        breach = items[0][0]
        templates = sorted({pair.probe.template for _, pair in items})
        families = {pair.probe.family for _, pair in items}
        yield exact_fact(
            breach.measure,
            breach.rule,
            [pair for _, pair in items],
            families.pop() if len(families) == 1 else "errors",
            path=breach.path,
            place=templates[0] if len(templates) == 1 else "",
            change=breach.change,
            before=breach.before,
            after=breach.after,
            space="error",
            of_run=True,
            places=tuple(templates if len(templates) > 1 else ()),
        )


def _breaches(pair: ProbePair) -> Iterator[_Breach]:
    before, after = _accepted(pair.baseline), _accepted(pair.candidate)
    must_fail = pair.probe.purpose == "rejection"
    if before is None or after is None or (before and (after or not must_fail)):
        return
    if after and not must_fail:
        return  # a request that is accepted again breaks nobody
    a, b = told_error(pair.baseline[0]), told_error(pair.candidate[0])
    if before and must_fail:
        a.setdefault("status", 200)
    if after:
        b = {"status": pair.candidate[0].get("status") or 200}
    if a.get("status") != b.get("status"):
        yield _Breach("error.status", "error-status-changed", "/status", "status", a, b)
        return
    # One that is filled in takes nothing away; one that is lost is a change of the body's shape.
    # The words of two dialects differ anyway.
    names = ("type", "code") if pair.same_dialect else ()
    if any(name in a and name in b and a[name] != b[name] for name in names):
        yield _Breach("error.code", "error-code-changed", "/error/type", "code", a, b)
    yield from _shape_breach(pair)


def _shape_breach(pair: ProbePair) -> Iterator[_Breach]:
    a, b = pair.baseline[0].get("error.paths") or [], pair.candidate[0].get("error.paths") or []
    if not a or not b or not pair.same_dialect:
        return
    trees = [dict(entry.rsplit(":", 1) for entry in side if not entry.endswith(":null")) for side in (a, b)]
    lost = [
        change
        for change in find_changes(*trees)
        if change.kind in {"removed", "value"}
        and any(entry.startswith(change.key + ":") for entry in _HOLDS_MESSAGE)
    ]
    if lost:
        path, kind = lost[0].key, lost[0].kind
        yield _Breach("error.shape", "error-body-shape-changed", path, kind, a, b)


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
        yield exact_fact(
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
        yield exact_fact(
            "model.response",
            "model-alias-retargeted",
            moved,
            "identity",
            path="/model",
            change="retargeted",
            before=sorted(names[0]),
            after=sorted(names[1]),
            space="response",
            of_run=True,
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
                yield exact_fact(
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
                yield exact_fact(
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
    """What a request leaves out and gets: thinking, or its text, and what an answer says that it was."""
    yield from _echoed(facts)
    yield from _flip(
        facts, "thinking", _thinks, ("is answered without thinking", "is answered with thinking")
    )
    yield from _flip(
        facts,
        "thinking.display",
        _shows_thinking,
        ("gets thinking without its text", "gets the text of the thinking"),
    )


def _echoed(facts: Facts) -> Iterator[Signal]:
    """Parameters that a request leaves out and an answer repeats: each side has one value, and they differ."""
    sides: tuple[dict[str, set[str]], dict[str, set[str]]] = ({}, {})
    shown: dict[str, dict[str, ProbePair]] = {}
    for pair in (pair for pair in facts.pairs if pair.same_dialect):
        for found, samples in zip(sides, (pair.baseline, pair.candidate), strict=True):
            for entry in (str(entry) for seen in samples for entry in seen.get("defaults") or ()):
                place, _, value = entry.partition("=")
                found.setdefault(place, set()).add(value)
                shown.setdefault(place, {})[pair.probe.id] = pair
    for place in sorted(sides[0].keys() & sides[1].keys()):
        before, after = sides[0][place], sides[1][place]
        if len(before) == len(after) == 1 and before != after:
            was, now = before.pop(), after.pop()
            yield exact_fact(
                "echo.default",
                "request-parameter-default-changed",
                list(shown[place].values()),
                "parameters",
                path=f"/{place}",
                place=place,
                change="value",
                before={place: json.loads(was)},
                after={place: json.loads(now)},
                note=f"A request that leaves `{place}` out is answered as if it had said {now} now, and not {was}.",
                of_run=True,
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
        yield exact_fact(
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
    asked = asked_of(pair)
    thinking = value_of(pair, "thinking")
    if asked.bodies:
        return True
    if place == "thinking":
        return thinking is not None
    return isinstance(thinking, Mapping) and "display" in thinking
