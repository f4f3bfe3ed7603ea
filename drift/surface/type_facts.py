# Facts on types and events: which rule a difference inside a type is evidence for, and what it is about.
# Owns: the directions, what is told elsewhere already. Refuses to know: how types are matched, endpoints.
"""From differences inside types to facts."""

from __future__ import annotations

from collections.abc import Mapping

from drift.canonical import canonical
from drift.model import Level
from drift.surface.difference import Difference, Direction, Root, Walk
from drift.surface.document import Surface
from drift.surface.folding import MOSTLY_HABIT, Fact, Facts, type_of

_MODEL_FIELDS = {"model", "model_id"}
_CODE_FIELDS = {"error_code"}
_OPEN = "the enumeration is open: the type lets the value pass, the server may not"

_REQUEST = {
    "field-removed": "request-parameter-removed",
    "required": "request-parameter-declared-required",
    "optional": "request-parameter-declared-optional",
    "value-added": "request-value-added",
    "value-removed": "request-value-removed",
    "variant-added": "request-variant-added",
    "variant-removed": "request-variant-removed",
    "widened": "request-type-widened",
    "narrowed": "request-type-narrowed",
    "changed": "request-type-narrowed",
}
_RESPONSE = {
    "field-added": "response-field-added",
    "field-removed": "response-field-removed",
    "required": "response-field-became-required",
    "optional": "response-field-became-optional",
    "value-added": "response-value-added",
    "value-removed": "response-value-removed",
    "variant-added": "response-variant-added",
    "variant-removed": "response-variant-removed",
    "widened": "response-type-widened",
    "narrowed": "response-type-narrowed",
    "changed": "response-type-widened",
}


def tell_type(
    facts: Facts,
    difference: Difference,
    roots: frozenset[Root],
    path: tuple[str, ...],
    headers: Mapping[str, str],
) -> None:
    """Add the fact that a difference is evidence for, unless it is told elsewhere already.

    Args:
        facts: takes it.
        difference: one difference inside a type.
        roots: the endpoints, parameters and unions that lead there.
        path: the shortest way from one of them.
        headers: parameters that travel as headers, by any of their names.
    """
    d = difference
    if d.owner in _MODEL_FIELDS and d.change.startswith("value"):
        return  # model ids are told once, among the words of the release
    if d.direction == "request" and d.owner in headers and (len(path) > 1 or d.change.startswith("value")):
        return  # values of beta headers likewise; nested, it is not what goes over the wire
    if d.change.startswith("variant") and len(path) == 2 and all(root.tier == "" for root in roots):
        return  # which events there are is told for all unions together: they are split and joined at will
    if d.change.startswith("value") and d.owner in {"id", ""} and _owner(path) == "model":
        return
    rule = _rule(d, roots, path)
    family = "response" if d.direction == "response" else "request"
    level: Level | None = None
    reason = ""
    if rule == "request-value-removed" and d.is_open:
        level, reason = "warning", _OPEN
    places = sorted({root.place for root in roots})
    example = ".".join(step for step in path if step)
    if rule.startswith("error-code"):
        fact = Fact(rule, "errors", "code", d.before, d.after, [d.subject])
        facts.add(["code", d.subject], fact, places, example)
        return
    if rule.startswith(("stream-event", "webhook-event")):
        shown = (None, d.subject) if rule.endswith("added") else (d.subject, None)
        facts.add([d.subject], Fact(rule, "events", "", shown[0], shown[1], [d.subject]), places, example)
        return
    if d.change.startswith("variant"):
        # The same alternative comes to many unions at once: what it is called says enough.
        shown = (None, d.subject) if d.change == "variant-added" else (d.subject, None)
        facts.add([d.subject], Fact(rule, family, "", shown[0], shown[1], [d.subject]), places, example)
        return
    if d.change.startswith("value"):
        fact = Fact(
            rule, family, d.owner or "value", d.before, d.after, [d.subject], level=level, reason=reason
        )
        facts.add([d.owner, d.subject, reason], fact, places, example)
        return
    if rule in MOSTLY_HABIT:
        fact = Fact(rule, family, d.owner or "answer", d.before, d.after, [str(d.after)])
        facts.add([family, d.owner, canonical(d.before), canonical(d.after)], fact, places, example)
        return
    above = "" if d.change.startswith("field") else _parent(path, d.direction)
    subject = f"{above}.{d.subject}" if above else d.subject or "answer"
    if d.direction == "request" and d.change == "field-added":
        required = isinstance(d.after, dict) and d.after["required"]
        rule = f"request-parameter-{'declared-required' if required else 'added'}"
    change = "body" if d.direction == "request" and d.change.startswith("field") else ""
    detail = type_of(d.before, d.after) or (
        canonical([d.before, d.after]) if isinstance(d.before, str) else ""
    )
    before, after = d.before, d.after
    if d.change == "field-removed" or (d.direction == "response" and d.change == "field-added"):
        # Whether it is sure to be there differs from place to place, and makes no other fact of it.
        before, after = ({"type": detail} if shown else None for shown in (before, after))
    fact = Fact(rule, family, subject, before, after, change=change, detail=detail)
    facts.add([family, subject, canonical([before, after])], fact, places, example)


def _rule(d: Difference, roots: frozenset[Root], path: tuple[str, ...]) -> str:
    parts = {root.part for root in roots}
    if d.change in {"value-added", "value-removed"} and (
        d.owner in _CODE_FIELDS or (d.owner == "code" and _owner(path).endswith("error"))
    ):
        return f"error-code-{d.change.partition('-')[2]}"
    if d.direction == "response" and d.change.startswith("variant") and d.owner == "":
        verb = d.change.partition("-")[2]
        if parts <= {"webhook"}:
            return f"webhook-event-{verb}"
        if parts <= {"stream", "client"}:
            return f"stream-event-{verb}"
    return (_REQUEST if d.direction == "request" else _RESPONSE).get(d.change, "request-parameter-added")


def _parent(path: tuple[str, ...], direction: Direction) -> str:
    """Return what holds the last step: the alternative if it is one, else the field; a page of answers is nothing."""
    above = [step for step in path[:-1] if step]
    if not above or (direction == "response" and len(above) == 1 and above[0].endswith("[]")):
        return ""
    return above[-1].strip("<>").rstrip("[]{}")


def _owner(path: tuple[str, ...]) -> str:
    """Return the field that the field which allows a value belongs to."""
    steps = [step.rstrip("[]{}") for step in path if not step.startswith("<")]
    return steps[-3] if len(steps) > 2 else ""


# ---------------------------------------------------------------- events

_EVENT_RULES = {"webhook": ("webhook-event", "events"), "client": ("request-variant", "request")}


def compare_events(facts: Facts, walk: Walk, baseline: Surface, candidate: Surface) -> None:
    """Compare the unions of events: each with the one that shares most of its tags, a new one as one fact."""
    for kind in sorted(baseline["events"].keys() | candidate["events"].keys()):
        old = list(baseline["events"].get(kind, []))
        new = list(candidate["events"].get(kind, []))
        tags = {
            True: [walk.baseline.tags(one) for one in old],
            False: [walk.candidate.tags(one) for one in new],
        }
        scored = sorted(
            (-len(a & b) / len(a | b), number_a, number_b)
            for number_a, a in enumerate(tags[True])
            for number_b, b in enumerate(tags[False])
            if a & b
        )
        left, right = set(range(len(old))), set(range(len(new)))
        for _, number_a, number_b in scored:
            if number_a in left and number_b in right:
                left.discard(number_a)
                right.discard(number_b)
                direction: Direction = "request" if kind == "client" else "response"
                walk.compare(Root(f"{kind} events", "", kind), direction, old[number_a], new[number_b], "")
        before, after = ({tag for one in tags[side] for tag in one} for side in (True, False))
        prefix, family = _EVENT_RULES.get(kind, ("stream-event", "events"))
        for rule, found in ((f"{prefix}-added", after - before), (f"{prefix}-removed", before - after)):
            for tag in sorted(found):
                shown = (None, tag) if rule.endswith("added") else (tag, None)
                facts.add([tag], Fact(rule, family, "", shown[0], shown[1], [tag]), [f"{kind} events"])
