# Two surfaces in, facts out: endpoints and their parameters, and where the rest is compared.
# Owns: which endpoints and parameters are the same. Refuses to know: how facts fold, how types are compared.
"""From two surfaces to facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drift.canonical import canonical
from drift.rules.facts import Signal
from drift.surface.difference import Root, Walk
from drift.surface.document import Method, Parameter, Surface, blanked
from drift.surface.folding import Fact, Facts, type_of
from drift.surface.grouping import grouped_endpoints
from drift.surface.type_facts import compare_events, tell_type
from drift.surface.word_facts import compare_client, compare_errors, compare_package, compare_words


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
    compare_events(facts, walk, baseline, candidate)
    for placed in walk.placed():
        tell_type(facts, placed.difference, placed.roots, placed.path, headers)
    compare_errors(facts, baseline, candidate)
    compare_client(facts, baseline, candidate)
    compare_package(facts, baseline, candidate)
    compare_words(facts, baseline, candidate)
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
                fact = Fact("endpoint-path-changed", "endpoints", endpoint, spelled[endpoint], spelled[other])
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
        fact = Fact(rule, "endpoints", f"{subject} [{tier}]" if tier else subject, *shown)
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
            fact = Fact(rule, "methods", owner, shown[0], shown[1], [name.rpartition(".")[2]])
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
            [said],
            Fact("endpoint-deprecated", "methods", "", None, said[:200], change=said[:200]),
            [place],
            place,
        )
    for header in sorted(old["sent"].keys() | new["sent"].keys()):
        before, after = old["sent"].get(header), new["sent"].get(header)
        if before != after:
            facts.add(
                [header, canonical([before, after])],
                Fact(
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
            moved = Fact("request-parameter-moved", "request", argument, _spoken(key), _spoken(target))
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
            renamed = Fact("sdk-argument-renamed", "methods", _wire(key), one["argument"], other["argument"])
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
    detail = type_of(before, after)
    if after is None:
        before = {"type": detail}  # that it had to be given makes no other fact of its end
    fact = Fact(rule, family, subject, before, after, change=where, detail=detail)
    facts.add([family, subject, canonical([before, after])], fact, [place], example)


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
