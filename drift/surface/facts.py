# Two surfaces in, facts out: each difference told once, with the list of places where it holds.
# Owns: folding, and which difference is evidence for which rule. Refuses to know: levels beyond a rule's own, formats.
"""From two surfaces to facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from drift.canonical import canonical
from drift.compare.declared import declared_fact
from drift.model import Level
from drift.rules.facts import Signal
from drift.surface import packaging
from drift.surface.difference import Difference, Direction, Root, Walk
from drift.surface.document import Method, Parameter, Surface, blanked
from drift.surface.grouping import grouped_endpoints

_MODEL_FIELDS = {"model", "model_id"}
_CODE_FIELDS = {"error_code"}
_HARMLESS = {"response-type-narrowed", "request-type-widened"}
"""Types that became more exact, or wider: mostly one habit of a generator in many places, told once a field."""
_OPEN = "the enumeration is open: the type lets the value pass, the server may not"


@dataclass
class _Fact:
    """One fact while its places are gathered."""

    rule: str
    family: str
    subject: str
    before: Any
    after: Any
    values: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    example: str = ""
    level: Level | None = None
    reason: str = ""
    change: str = ""
    detail: str = ""
    note: str = ""


class Facts:
    """Gathers facts: what has the same key is one fact in more places."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, ...], _Fact] = {}

    def add(self, key: Iterable[str], fact: _Fact, places: Iterable[str] = (), example: str = "") -> None:
        """Add a fact, or places to a known one."""
        known = self._facts.setdefault((fact.rule, *key), fact)
        known.places.update(places)
        if example and (not known.example or (len(example), example) < (len(known.example), known.example)):
            known.example = example

    def signals(self) -> Iterator[Signal]:
        """Yield the facts; values of one field that came or went together in the same places are told together."""
        together: dict[tuple[Any, ...], list[_Fact]] = {}
        for key in sorted(self._facts):
            fact = self._facts[key]
            alone = () if fact.values else (key,)
            places = () if fact.rule in _HARMLESS else tuple(sorted(fact.places))
            group = (fact.rule, fact.family, fact.subject, places, fact.level, *alone)
            together.setdefault(group, []).append(fact)
        for facts in together.values():
            yield _signal(_merged(facts))


def _merged(facts: list[_Fact]) -> _Fact:
    first = facts[0]
    if len(facts) == 1:
        return first
    return replace(
        first,
        values=sorted({value for fact in facts for value in fact.values}),
        places={place for fact in facts for place in fact.places},
        before=_together([fact.before for fact in facts]),
        after=_together([fact.after for fact in facts]),
    )


def _together(shown: list[Any]) -> Any:
    """Return what several facts show on one side: the one value, or all that there are."""
    values = [value for _, value in sorted({canonical(value): value for value in shown}.items())]
    return values[0] if len(values) == 1 else values


def _signal(fact: _Fact) -> Signal:
    subject = fact.subject
    if fact.values:
        listed = ", ".join(fact.values)
        subject = f"{subject}: {listed}" if subject else listed
    notes = [f"For example {fact.example}."] if fact.example and fact.example != fact.subject else []
    return declared_fact(
        fact.rule,
        fact.family,
        path=pointer(fact.family, *([fact.subject] if fact.subject else [])),
        place=subject,
        before=fact.before,
        after=fact.after,
        places=sorted(fact.places),
        change=fact.change,
        detail=fact.detail,
        level=fact.level,
        reason=fact.reason,
        note=" ".join([*notes, *([fact.note] if fact.note else [])]),
    )


def pointer(*steps: str) -> str:
    """Return a JSON pointer."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def find_facts(baseline: Surface, candidate: Surface) -> list[Signal]:
    """Return every fact between two surfaces of one SDK, in a fixed order."""
    facts = Facts()
    spelled: dict[str, str] = {}
    old, new = _by_endpoint(baseline, spelled), _by_endpoint(candidate, spelled)
    pairs = _endpoints(facts, old, new, spelled)
    walk = Walk(baseline["definitions"], candidate["definitions"])
    headers = _header_arguments(baseline) | _header_arguments(candidate)
    tiers: dict[tuple[str, str], dict[str, list[str]]] = {}
    for before, after in sorted(pairs.items()):
        for tier in sorted(old[before].keys() ^ new[after].keys()):
            rule = "endpoint-tier-added" if tier in new[after] else "endpoint-tier-removed"
            tiers.setdefault((rule, tier), {})[spelled[after]] = [tier]
        for tier in sorted(old[before].keys() & new[after].keys()):
            _tier(facts, walk, spelled[after], tier, old[before][tier], new[after][tier])
    for (rule, tier), endpoints in sorted(tiers.items()):
        _tell_endpoints(facts, rule, endpoints, tier)
    _events(facts, walk, baseline, candidate)
    for placed in walk.placed():
        _typed(facts, placed.difference, placed.roots, placed.path, headers)
    _errors(facts, baseline, candidate)
    _client(facts, baseline, candidate)
    _package(facts, baseline, candidate)
    _words(facts, baseline, candidate)
    return list(facts.signals())


# ---------------------------------------------------------------- endpoints

_Tiers = dict[str, dict[str, Method]]


def _by_endpoint(surface: Surface, spelled: dict[str, str]) -> dict[str, _Tiers]:
    """Return the endpoints with the names of path parameters blanked: they do not tell two apart, but are shown."""
    found: dict[str, _Tiers] = {}
    for endpoint in sorted(surface["endpoints"]):
        spelled.setdefault(blanked(endpoint), endpoint)
        for tier, methods in surface["endpoints"][endpoint].items():
            found.setdefault(blanked(endpoint), {}).setdefault(tier, {}).update(methods)
    return found


def _endpoints(
    facts: Facts, old: Mapping[str, _Tiers], new: Mapping[str, _Tiers], spelled: Mapping[str, str]
) -> dict[str, str]:
    """Report endpoints that came and went; return old → new of all that are on both sides.

    Under the same methods the path may be another one: that is one fact, and the two are still compared.
    """
    pairs = {endpoint: endpoint for endpoint in old.keys() & new.keys()}
    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    for endpoint in sorted(gone):
        for other in sorted(come - set(pairs.values())):
            same = _names(old[endpoint]) & _names(new[other])
            if same and endpoint.split(" ")[0] == other.split(" ")[0]:
                pairs[endpoint] = other
                fact = _Fact(
                    "endpoint-path-changed", "endpoints", endpoint, spelled[endpoint], spelled[other]
                )
                facts.add([endpoint], fact, sorted(name for _, name in same))
                break
    for rule, side, names in (
        ("endpoint-added", new, come - set(pairs.values())),
        ("endpoint-removed", old, gone - pairs.keys()),
    ):
        _tell_endpoints(facts, rule, {spelled[name]: sorted(side[name]) for name in names})
    return pairs


def _tell_endpoints(facts: Facts, rule: str, endpoints: Mapping[str, Sequence[str]], tier: str = "") -> None:
    """Report endpoints (name → tiers) resource by resource."""
    for group, names in grouped_endpoints(endpoints).items():
        subject = names[0] if len(names) == 1 else group
        shown = (None, names) if rule.endswith("added") else (names, None)
        fact = _Fact(rule, "endpoints", f"{subject} [{tier}]" if tier else subject, *shown)
        fact.detail = canonical([blanked(name) for name in names])
        fact.note = f"{len(names)} in all: {', '.join(names[:6])}{', …' if len(names) > 6 else ''}."
        facts.add([group, tier], fact, [f"{name} [{one}]" for name in names for one in endpoints[name]])


def _names(tiers: _Tiers) -> set[tuple[str, str]]:
    return {(tier, name) for tier, methods in tiers.items() for name in methods}


def _tier(
    facts: Facts,
    walk: Walk,
    endpoint: str,
    tier: str,
    old: Mapping[str, Method],
    new: Mapping[str, Method],
) -> None:
    _method_names(facts, endpoint, tier, old, new)
    for name in sorted(old.keys() & new.keys()):
        _method(facts, walk, endpoint, tier, name, old[name], new[name])


def _method_names(
    facts: Facts, endpoint: str, tier: str, old: Mapping[str, Method], new: Mapping[str, Method]
) -> None:
    for rule, names in (
        ("sdk-method-added", new.keys() - old.keys()),
        ("sdk-method-removed", old.keys() - new.keys()),
    ):
        for name in names:
            owner = name.rpartition(".")[0] or name
            shown = (None, name) if rule == "sdk-method-added" else (name, None)
            fact = _Fact(rule, "methods", owner, shown[0], shown[1], [name.rpartition(".")[2]])
            facts.add([owner, name], fact, [f"{endpoint} [{tier}]"])


def _method(facts: Facts, walk: Walk, endpoint: str, tier: str, name: str, old: Method, new: Method) -> None:
    place = f"{name}: {endpoint}" + (f" [{tier}]" if tier not in {"ga", "beta"} else "")
    _parameters(facts, walk, endpoint, tier, place, old, new)
    if (old["response"], new["response"]) != (
        old["stream"],
        new["stream"],
    ):  # else it answers with a stream only
        walk.compare(Root(endpoint, tier, "response"), "response", old["response"], new["response"], "")
    if old["stream"] is not None and new["stream"] is not None:
        walk.compare(Root(endpoint, tier, "stream"), "response", old["stream"], new["stream"], "")
    if new["deprecated"] is not None and old["deprecated"] is None:
        said = new["deprecated"] or "deprecated"
        facts.add(
            [said], _Fact("endpoint-deprecated", "methods", "", None, said[:200], change=said[:200]), [place]
        )
    for header in sorted(old["sent"].keys() | new["sent"].keys()):
        before, after = old["sent"].get(header), new["sent"].get(header)
        if before != after:
            facts.add(
                [header, canonical([before, after])],
                _Fact(
                    "default-header-changed",
                    "client",
                    header,
                    before,
                    after,
                    change="method",
                    detail=canonical([before, after]),
                ),
                [place],
            )


def _parameters(
    facts: Facts, walk: Walk, endpoint: str, tier: str, place: str, old: Method, new: Method
) -> None:
    before, after = _settled(old["params"], new["params"]), _settled(new["params"], old["params"])
    gone = {key: before[key] for key in before.keys() - after.keys()}
    come = {key: after[key] for key in after.keys() - before.keys()}
    for key in sorted(gone):
        argument = gone[key]["argument"]
        target = next(
            (
                other
                for other in sorted(come)
                if come[other]["argument"] == argument and _wired(key) and _wired(other)
            ),
            None,
        )
        if target is not None:
            moved = _Fact("request-parameter-moved", "request", argument, _spoken(key), _spoken(target))
            facts.add([key, target], moved, [place])
            del come[target], gone[key]
    for key, parameter in sorted(gone.items()):
        shown = {"type": walk.baseline.signature(parameter["type"]), "required": parameter["required"]}
        rule = "request-parameter-removed" if _wired(key) else "sdk-argument-removed"
        _parameter(facts, rule, key, shown, None, place)
    for key, parameter in sorted(come.items()):
        shown = {"type": walk.candidate.signature(parameter["type"]), "required": parameter["required"]}
        rule = "request-parameter-added" if _wired(key) else "sdk-argument-added"
        if parameter["required"] and _wired(key):
            rule = "request-parameter-declared-required"
        _parameter(facts, rule, key, None, shown, place)
    for key in sorted(before.keys() & after.keys()):
        one, other = before[key], after[key]
        if one["required"] != other["required"]:
            rule = f"request-parameter-declared-{'required' if other['required'] else 'optional'}"
            required = ({"required": one["required"]}, {"required": other["required"]})
            _parameter(facts, rule, key, *required, place)
        if one["argument"] != other["argument"]:
            renamed = _Fact("sdk-argument-renamed", "methods", _wire(key), one["argument"], other["argument"])
            facts.add([key, one["argument"], other["argument"]], renamed, [place])
        walk.compare(Root(endpoint, tier, key), "request", one["type"], other["type"], _wire(key))


def _settled(params: Mapping[str, Parameter], others: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Return parameters by key, those of the path left out: their names are the generator's, the endpoint has them.

    Whether an argument flows into another value is only told when it comes or goes.
    """
    found: dict[str, Parameter] = {}
    for key, value in params.items():
        aside = f"client:{_wire(key)}"
        if not key.startswith("path:"):
            found[aside if key.startswith("inside:") and aside in others else key] = value
    return found


def _wired(key: str) -> bool:
    return key.partition(":")[0] != "client"


def _wire(key: str) -> str:
    return key.partition(":")[2]


def _spoken(key: str) -> str:
    place, _, wire = key.partition(":")
    return f"{place} {wire}"


def _parameter(facts: Facts, rule: str, key: str, before: Any, after: Any, place: str) -> None:
    where, _, wire = key.partition(":")
    family = "methods" if where == "client" else "request"
    where = "body" if where == "inside" else where
    subject = wire if where == "body" else f"{where} {wire}"
    example = f"{place} ({_spoken(key)})"
    sign = canonical([before, after])
    fact = _Fact(rule, family, subject, before, after, change=where, detail=_type_of(before, after))
    facts.add([family, subject, sign], fact, [place], example)


def _type_of(before: Any, after: Any) -> str:
    """Return the type of what came or went: fields of one name and another type are other facts."""
    shown = before if after is None else after if before is None else {}
    return str(shown.get("type", "")) if isinstance(shown, Mapping) else ""


def _header_arguments(surface: Surface) -> dict[str, str]:
    """Return the parameters that travel as headers, by wire name and by name in Python.

    Types for batches nest the parameters of a whole call, headers included, under whichever name the generator liked.
    """
    found: dict[str, str] = {}
    for tiers in surface["endpoints"].values():
        for methods in tiers.values():
            for method in methods.values():
                for key, parameter in method["params"].items():
                    if key.startswith("header:"):
                        found[_wire(key)] = found[parameter["argument"]] = _wire(key)
    return found


# ---------------------------------------------------------------- types

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


def _typed(
    facts: Facts,
    difference: Difference,
    roots: frozenset[Root],
    path: tuple[str, ...],
    headers: Mapping[str, str],
) -> None:
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
        fact = _Fact(rule, "errors", "code", d.before, d.after, [d.subject])
        facts.add(["code", d.subject], fact, places, example)
        return
    if rule.startswith(("stream-event", "webhook-event")):
        shown = (None, d.subject) if rule.endswith("added") else (d.subject, None)
        facts.add([d.subject], _Fact(rule, "events", "", shown[0], shown[1], [d.subject]), places, example)
        return
    if d.change.startswith("variant"):
        # The same alternative comes to many unions at once: what it is called says enough.
        shown = (None, d.subject) if d.change == "variant-added" else (d.subject, None)
        facts.add([d.subject], _Fact(rule, family, "", shown[0], shown[1], [d.subject]), places, example)
        return
    if d.change.startswith("value"):
        fact = _Fact(
            rule, family, d.owner or "value", d.before, d.after, [d.subject], level=level, reason=reason
        )
        facts.add([d.owner, d.subject, reason], fact, places, example)
        return
    if rule in _HARMLESS:
        fact = _Fact(rule, family, d.owner or "answer", d.before, d.after, [str(d.after)])
        facts.add([family, d.owner, canonical(d.before), canonical(d.after)], fact, places, example)
        return
    above = "" if d.change.startswith("field") else _parent(path, d.direction)
    subject = f"{above}.{d.subject}" if above else d.subject or "answer"
    if d.direction == "request" and d.change == "field-added":
        required = isinstance(d.after, dict) and d.after["required"]
        rule = f"request-parameter-{'declared-required' if required else 'added'}"
    change = "body" if d.direction == "request" and d.change.startswith("field") else ""
    detail = _type_of(d.before, d.after) or (
        canonical([d.before, d.after]) if isinstance(d.before, str) else ""
    )
    before, after = d.before, d.after
    if d.direction == "response" and d.change.startswith("field"):
        # Whether it is sure to arrive differs from answer to answer, and makes no other fact of it.
        before, after = ({"type": detail} if shown else None for shown in (before, after))
    fact = _Fact(rule, family, subject, before, after, change=change, detail=detail)
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


# ---------------------------------------------------------------- events and errors

_EVENT_RULES = {"webhook": ("webhook-event", "events"), "client": ("request-variant", "request")}


def _events(facts: Facts, walk: Walk, baseline: Surface, candidate: Surface) -> None:
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
                facts.add([tag], _Fact(rule, family, "", shown[0], shown[1], [tag]), [f"{kind} events"])


def _errors(facts: Facts, baseline: Surface, candidate: Surface) -> None:
    old, new = baseline["errors"], candidate["errors"]
    for word, before, after in (
        ("code", set(old["codes"]), set(new["codes"])),
        ("type", set(old["types"]), set(new["types"])),
    ):
        _set(facts, "error-code-added", "error-code-removed", "errors", word, before, after)
    _set(
        facts,
        "sdk-exception-added",
        "sdk-exception-removed",
        "errors",
        "exceptions",
        set(old["classes"]),
        set(new["classes"]),
    )
    for status in sorted(old["statuses"].keys() & new["statuses"].keys()):
        if old["statuses"][status] != new["statuses"][status]:
            facts.add(
                [status],
                _Fact(
                    "sdk-exception-for-status-changed",
                    "errors",
                    status,
                    old["statuses"][status],
                    new["statuses"][status],
                ),
            )


def _set(
    facts: Facts, added: str, removed: str, family: str, subject: str, before: set[str], after: set[str]
) -> None:
    for value in sorted(after - before):
        facts.add([subject, value], _Fact(added, family, subject, None, value, [value]))
    for value in sorted(before - after):
        facts.add([subject, value], _Fact(removed, family, subject, value, None, [value]))


# ---------------------------------------------------------------- client and package


def _client(facts: Facts, baseline: Surface, candidate: Surface) -> None:
    old, new = baseline["client"], candidate["client"]
    if old["base_url"] != new["base_url"] and old["base_url"] and new["base_url"]:
        facts.add(
            [], _Fact("default-base-path-changed", "client", "base URL", old["base_url"], new["base_url"])
        )
    for name in sorted(old["api_versions"].keys() | new["api_versions"].keys()):
        before, after = old["api_versions"].get(name), new["api_versions"].get(name)
        if before != after:
            facts.add([name], _Fact("default-api-version-changed", "client", name, before, after))
    if old["auth"] != new["auth"] and old["auth"] and new["auth"]:
        facts.add([], _Fact("auth-scheme-changed", "client", "authentication", old["auth"], new["auth"]))
    versions = old["api_versions"].keys() | new["api_versions"].keys()
    for name in sorted((old["headers"].keys() | new["headers"].keys()) - versions):
        before, after = old["headers"].get(name), new["headers"].get(name)
        if before != after:
            facts.add([name], _Fact("default-header-changed", "client", name, before, after))
    for limit, before_limit, after_limit in (
        ("max_retries", old["max_retries"], new["max_retries"]),
        ("timeout_s", old["timeout_s"], new["timeout_s"]),
    ):
        if before_limit != after_limit:
            facts.add([limit], _Fact("default-limit-changed", "client", limit, before_limit, after_limit))
    if old["http_library"] != new["http_library"] and old["http_library"] and new["http_library"]:
        fact = _Fact(
            "sdk-http-library-changed", "package", "HTTP library", old["http_library"], new["http_library"]
        )
        requirement = packaging.requirement_of(candidate["package"]["requires"], new["http_library"])
        fact.note = f"The release requires {requirement}." if requirement else ""
        facts.add([], fact)


def _package(facts: Facts, baseline: Surface, candidate: Surface) -> None:
    old, new = baseline["package"], candidate["package"]
    http = {baseline["client"]["http_library"], candidate["client"]["http_library"]}
    swapped = http if len(http - {None}) == 2 else set()
    for change in packaging.dependency_changes(old["requires"], new["requires"]):
        if change.name in swapped:
            continue
        fact = _Fact("sdk-dependency-changed", "package", change.name, change.before, change.after)
        if change.harmless:
            fact.level = "info"
            fact.reason = "a package is no longer required, or more of its versions are allowed"
        facts.add([change.name], fact)
    _set(
        facts,
        "sdk-extra-added",
        "sdk-extra-removed",
        "package",
        "extra",
        set(old["extras"]),
        set(new["extras"]),
    )
    before, after = (
        packaging.python_floor(old["requires_python"]),
        packaging.python_floor(new["requires_python"]),
    )
    if before != after and before is not None and after is not None:
        rule = "sdk-python-floor-raised" if after > before else "sdk-python-floor-lowered"
        facts.add([], _Fact(rule, "package", "Python", old["requires_python"], new["requires_python"]))


# ---------------------------------------------------------------- words


def _words(facts: Facts, baseline: Surface, candidate: Surface) -> None:
    _set(
        facts,
        "beta-value-added",
        "beta-value-removed",
        "betas",
        "beta header",
        set(baseline["betas"]),
        set(candidate["betas"]),
    )
    old, new = baseline["models"], candidate["models"]
    listed = tuple({name for name, facts in side.items() if facts["listed"]} for side in (old, new))
    _set(facts, "model-id-listed", "model-id-unlisted", "models", "listed", *listed)
    for name in sorted(old.keys() | new.keys()):
        one, other = old.get(name), new.get(name)
        was, now = bool(one and one["deprecated"]), bool(other and other["deprecated"])
        if now and not was:
            assert other is not None
            said = other["retires"] or other["text"]
            fact = _Fact(
                "model-id-deprecated", "models", f"ends {said}" if said else "deprecated", None, said, [name]
            )
            facts.add([name], fact)
        elif was and not now:
            assert one is not None
            fact = _Fact(
                "model-id-deprecation-withdrawn",
                "models",
                "deprecated",
                one["retires"] or one["text"],
                None,
                [name],
            )
            if not (other and other["listed"]):
                fact.subject = "deprecated, no longer listed either"
                fact.note = "The ids are no longer listed either: they have ended, they are not reprieved."
            facts.add([name], fact)
        elif was and now:
            assert one is not None
            assert other is not None
            if one["retires"] != other["retires"] and one["retires"] and other["retires"]:
                moved = _Fact("model-id-end-moved", "models", "end", one["retires"], other["retires"], [name])
                if other["retires"] < one["retires"]:
                    moved.level, moved.reason = "breaking", "the end comes earlier than announced"
                facts.add([name], moved)
