# The typed shape of replies: keys that came, went, changed type or became optional, per kind of reply.
# Owns: from two hulls to property findings. Refuses to know: model text, tool arguments, tests' correction.
"""Structural changes of the reply's envelope.

The two hulls are compared by DeepDiff; every place that moved becomes a rate over probes, so that one odd reply in a
thousand stays what it is: rare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from drift.changes import find_changes
from drift.model import JSON, Probe
from drift.observe.readers import READERS
from drift.rules.detectors.yesno import Measure, rate_signal
from drift.rules.facts import Facts, ProbePair, Seen, Signal
from drift.rules.measure import Counts
from drift.shapes import ABSENT, Shape, hull_of, parent_of, plain_path

_USAGE = ("/usage", "/usageMetadata")

# What the model says decides whether these are there, or null: rules on calls, refusals and empty content watch them.
_THERE_BY_ANSWER = frozenset().union(*(reader.THERE_BY_ANSWER for reader in READERS.values()))
_NULL_BY_ANSWER = frozenset().union(*(reader.NULL_BY_ANSWER for reader in READERS.values()))


def detect_envelope(facts: Facts) -> Iterator[Signal]:
    """Yield one signal per place of the envelope that differs between the sides."""
    groups: dict[str, list[ProbePair]] = {}
    for pair in facts.pairs:
        kinds = {seen.get("envelope.kind") for side in (pair.baseline, pair.candidate) for seen in side} - {
            None
        }
        if len(kinds) == 1:  # another dialect has another envelope: nothing to compare
            groups.setdefault(str(kinds.pop()), []).append(pair)
    for kind, pairs in sorted(groups.items()):
        yield from _compare(kind, pairs)


def _shapes(pairs: list[ProbePair], side: str) -> list[Shape]:
    return [
        envelope
        for pair in pairs
        for seen in getattr(pair, side)
        if isinstance(envelope := seen.get("envelope"), dict)
    ]


def _compare(kind: str, pairs: list[ProbePair]) -> Iterator[Signal]:
    before, after = (hull_of(_shapes(pairs, side)).tree() for side in ("baseline", "candidate"))
    yield from _steady(kind, pairs, before, after)
    done: set[str] = set()
    # Most places are the same on both sides: what is equal need not be searched for differences.
    moved = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    sides = [{path: side[path] for path in moved if path in side} for side in (before, after)]
    for change in find_changes(*sides):
        path = change.key
        if path in done or any(path.startswith(f"{outer}/") for outer in done if outer):
            continue
        parent = parent_of(path)
        if path and not (_holds_keys(before.get(parent)) and _holds_keys(after.get(parent))):
            continue  # the object itself came or went: reported at its own place, or a block of another type
        if "*" in path.rsplit("/", 1)[-1]:
            continue  # list elements come and go with the answer; blocks have rules of their own
        done.add(path)
        yield from _place(kind, pairs, path, before.get(path), after.get(path))


def _steady(kind: str, pairs: list[ProbePair], before: JSON, after: JSON) -> Iterator[Signal]:
    """Places that every reply has on both sides: the figures behind "nothing moved here"."""
    n_a = sum("envelope" in seen.observations for pair in pairs for seen in pair.baseline)
    n_b = sum("envelope" in seen.observations for pair in pairs for seen in pair.candidate)
    counts = Counts(len(pairs), n_a, n_b, n_a, n_b, mean_a=1.0, mean_b=1.0, up=0, down=0, effect=0.0)
    for path in sorted(path for path in before.keys() & after.keys() if path and "{" not in path):
        if before[path] == after[path] and _always(before[path]) and _always(before[parent_of(path)]):
            yield Signal(
                "envelope.present",
                None,
                "envelope",
                "exact",
                counts,
                plain_path(path),
                detail=f"{kind} {path}",
            )


def _place(kind: str, pairs: list[ProbePair], path: str, before: JSON, after: JSON) -> Iterator[Signal]:
    usage = f"{path}/".startswith(tuple(f"{name}/" for name in _USAGE))
    was, now = _types(before), _types(after)
    family = "envelope"
    if path in _NULL_BY_ANSWER:
        was, now = was - {"null"}, now - {"null"}

    def signal(rule: str, value: Callable[[Seen, Probe], bool | None], change: str) -> Iterator[Signal]:
        measure = Measure(
            f"envelope.{change}",
            value,
            up=rule,
            path=plain_path(path),
            change=change,
            min_effect=0.05,
            space="usage" if usage else "response",
        )
        for found in rate_signal(family, pairs, measure, detail=f"{kind} {path}"):
            yield replace(found, note=_told(kind)) if found.rule else found

    if path in _THERE_BY_ANSWER:
        pass
    elif before is None or (after is not None and _always(after) and not _always(before)):
        yield from signal("response-property-added", _has_key(path), "added")
        return
    elif after is None:
        lost_rule = "usage-field-missing" if usage else "response-property-removed"
        yield from signal(lost_rule, _lacks_key(path), "removed")
        return
    elif _always(before) and not _always(after):
        yield from signal(
            "usage-field-missing" if usage else "response-property-became-optional",
            _lacks_key(path),
            "optional",
        )
    if was == now or not was or not now:
        return
    gained, lost = now - was, was - now
    if "null" in gained:
        yield from signal("response-property-became-nullable", _has_type(path, {"null"}), "nullable")
        gained -= {"null"}
    if was == {"null"}:
        return  # a value where only null was seen fills what the type promised
    if gained and not (was & now) and not (gained <= {"integer"} and lost <= {"number"}):
        disjoint = not ({"integer"} >= lost and {"number"} >= gained)
        rule = "response-property-type-changed" if disjoint else "response-property-type-widened"
        yield from signal(rule, _has_type(path, gained), "type")
    elif gained and not (gained <= {"integer"} and "number" in was):
        yield from signal("response-property-type-widened", _has_type(path, gained), "wider")
    elif lost and not gained and lost != {"null"} and now != {"null"}:
        yield from signal("response-property-type-narrowed", _never_type(path, lost), "narrower")


def _told(kind: str) -> str:
    """Return a sentence on the kind of reply that shows it, such as "gemini:generate:stream"."""
    _, operation, form = kind.rsplit(":", 2)
    if operation != "generate":
        return (
            "Seen in counts of tokens." if operation == "count_tokens" else f"Seen in replies of {operation}."
        )
    return "Seen in streams." if form == "stream" else "Seen in plain answers."


def _types(entry: JSON) -> set[str]:
    return set(entry["types"]) if entry is not None else set()


def _holds_keys(entry: JSON) -> bool:
    return "object" in _types(entry)


def _always(entry: JSON) -> bool:
    return bool(entry is not None and entry["presence"] == "always")


def _envelope(seen: Seen, path: str) -> dict[str, JSON] | None:
    """The envelope when this place's parent is an object in it, else None: then nothing can be said about the key."""
    envelope = seen.get("envelope")
    held = isinstance(envelope, dict) and (not path or "object" in envelope.get(parent_of(path), ()))
    return envelope if held else None


def _has_key(path: str) -> Callable[[Seen, Probe], bool | None]:
    return lambda seen, _: None if (e := _envelope(seen, path)) is None else path in e


def _lacks_key(path: str) -> Callable[[Seen, Probe], bool | None]:
    return lambda seen, _: (
        None if (e := _envelope(seen, path)) is None else path not in e or ABSENT in e[path]
    )


def _has_type(path: str, types: set[str]) -> Callable[[Seen, Probe], bool | None]:
    def value(seen: Seen, _: Probe) -> bool | None:
        envelope = _envelope(seen, path)
        return None if envelope is None or path not in envelope else bool(types & set(envelope[path]))

    return value


def _never_type(path: str, types: set[str]) -> Callable[[Seen, Probe], bool | None]:
    has = _has_type(path, types)

    def value(seen: Seen, probe: Probe) -> bool | None:
        found = has(seen, probe)
        return None if found is None else not found

    return value
