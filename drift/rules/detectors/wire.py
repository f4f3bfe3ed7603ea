# The wire beside its shape: words of closed sets, forms of ids, headers, limits, versions, credentials, backends.
# Owns: what counts as a closed set, which headers a client relies on. Refuses to know: tests, correction, wording.
"""What an envelope and its headers say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from drift.model import JSON, Probe, Run
from drift.rules.detectors.yesno import Measure, rate_signal
from drift.rules.facts import Facts, ProbePair, Seen, Signal, exact_fact
from drift.shapes import plain_path

_FAMILY = "envelope"


def detect_wire(facts: Facts) -> Iterator[Signal]:
    """Yield signals on words, ids and headers of replies, and on how requests are sent."""
    alike = [pair for pair in facts.pairs if pair.same_dialect and pair.probe.purpose != "rejection"]
    yield from _words(alike)
    yield from _ids(alike)
    yield from _backend(facts, alike)
    one_host = (facts.baseline.platform, facts.baseline.base_url) == (
        facts.candidate.platform,
        facts.candidate.base_url,
    )
    yield from _headers(alike)
    if one_host:
        yield from _limits(alike)
        yield from _auth(alike)
        yield from _api_version(facts, alike)
    yield from _lifecycle(alike)


def _entries(pairs: Iterable[ProbePair], name: str) -> tuple[Counter[str], Counter[str]]:
    """Count in how many samples of each side an entry of a list observation stands."""
    sides: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for pair in pairs:
        for found, samples in zip(sides, (pair.baseline, pair.candidate), strict=True):
            for seen in samples:
                found.update(seen.get(name) or ())
    return sides


def _by_path(entries: Iterable[str]) -> dict[str, set[str]]:
    paths: dict[str, set[str]] = {}
    for entry in entries:
        path, _, value = entry.rpartition("=")
        paths.setdefault(path, set()).add(value)
    return paths


def _shows(name: str, path: str, wanted: Callable[[str], bool]) -> Callable[[Seen, Probe], bool | None]:
    """Whether a sample shows such a value at this place; None when nothing stands there."""
    prefix = f"{path}="

    def value(seen: Seen, _: Probe) -> bool | None:
        here = [entry[len(prefix) :] for entry in seen.get(name) or () if entry.startswith(prefix)]
        return any(wanted(word) for word in here) if here else None

    return value


# ---------------------------------------------------------------- words and ids

_CLOSED = 2
"""A text is a word of a closed set when the baseline shows each word that often on average."""


def _words(pairs: list[ProbePair]) -> Iterator[Signal]:
    """Words of closed sets: one that the baseline never showed, and one that the candidate does not show any more."""
    before, after = _entries(pairs, "wire.words")
    now = _by_path(after)
    for path, known in sorted(_by_path(before).items()):
        times = sum(before[f"{path}={word}"] for word in known)
        if path not in now or times < _CLOSED * len(known):
            continue  # free text, or a place that came or went: its path is compared elsewhere
        for word in sorted(now[path] - known or known - now[path]):  # in another word's place it is not gone
            new = word in now[path]
            measure = Measure(
                "words.new" if new else "words.gone",
                _shows("wire.words", path, word.__eq__),
                up="response-enum-value-added" if new else None,
                down=None if new else "response-enum-value-removed",
                path=plain_path(path),
                change="word",
                min_effect=0.05,
            )
            yield from rate_signal(_FAMILY, pairs, measure, place=word, detail=path)


_MANY_FORMS = 3


def _ids(pairs: list[ProbePair]) -> Iterator[Signal]:
    """Ids of a form that the baseline never showed; where it showed many, the form is no promise."""
    before, after = _entries(pairs, "wire.ids")
    now = _by_path(after)
    for path, known in sorted(_by_path(before).items()):
        if path not in now or len(known) > _MANY_FORMS or not now[path] - known:
            continue
        measure = Measure(
            "ids.form",
            _shows("wire.ids", path, lambda form, known=known: form not in known),  # type: ignore[misc]
            up="response-identifier-format-changed",
            path=plain_path(path),
            change="form",
            min_effect=0.05,
        )
        yield from rate_signal(_FAMILY, pairs, measure, detail=path)


def _backend(facts: Facts, pairs: list[ProbePair]) -> Iterator[Signal]:
    """Another backend under one model id; a service that mixes several is no change as long as one is still there."""
    if facts.baseline.requested_model != facts.candidate.requested_model:
        return
    shown = [pair for pair in pairs if _some(pair.baseline, "backend") and _some(pair.candidate, "backend")]
    before, after = (
        {str(name) for pair in shown for name in _some(getattr(pair, side), "backend")}
        for side in ("baseline", "candidate")
    )
    if shown and not before & after:
        yield exact_fact(
            "backend",
            "backend-fingerprint-changed",
            shown,
            "identity",
            path="/system_fingerprint",
            change="backend",
            before=sorted(before),
            after=sorted(after),
            space="response",
            of_run=True,
        )


def _some(samples: Iterable[Seen], name: str) -> list[JSON]:
    return [value for seen in samples if (value := seen.get(name)) is not None]


# ---------------------------------------------------------------- headers

_GROUPS = ("anthropic-ratelimit-", "x-ratelimit-")
"""Headers that come and go together are one thing that a client relies on."""


def _group(header: str) -> str:
    return next((f"{group}*" for group in _GROUPS if header.startswith(group)), header)


def _headers(pairs: list[ProbePair]) -> Iterator[Signal]:
    """Headers that every answer of the baseline had."""
    answers = [
        seen
        for pair in pairs
        for seen in pair.baseline
        if seen.outcome == "response" and seen.get("headers.names") is not None
    ]
    if not answers:
        return
    steady = set.intersection(*(set(seen.get("headers.names")) for seen in answers))
    groups: dict[str, set[str]] = {}
    for header in steady:
        groups.setdefault(_group(header), set()).add(header)
    for group, members in sorted(groups.items()):

        def lacks(seen: Seen, _: Probe, *, members: set[str] = members) -> bool | None:
            if seen.outcome != "response" or seen.get("headers.names") is None:
                return None
            return bool(members - set(seen.get("headers.names")))

        measure = Measure(
            "headers.gone",
            lacks,
            up="response-header-removed",
            path=f"/headers/{group}",
            change="removed",
            min_effect=0.05,
        )
        yield from rate_signal(_FAMILY, pairs, measure, place=group)


def _limits(pairs: list[ProbePair]) -> Iterator[Signal]:
    """Advertised limits that are lower in every reply of the candidate than in any of the baseline."""
    sides: tuple[dict[str, list[int]], dict[str, list[int]]] = ({}, {})
    for pair in pairs:
        for found, samples in zip(sides, (pair.baseline, pair.candidate), strict=True):
            for seen in samples:
                for header, limit in (seen.get("headers.limits") or {}).items():
                    found.setdefault(header, []).append(limit)
    for header in sorted(sides[0].keys() & sides[1].keys()):
        before, after = (side[header] for side in sides)
        if max(after) < min(before):
            yield exact_fact(
                "headers.limit",
                "rate-limit-decreased",
                [
                    pair
                    for pair in pairs
                    if any(header in (s.get("headers.limits") or {}) for s in pair.candidate)
                ],
                "identity",
                path=f"/headers/{header}",
                place=header,
                change="lower",
                before=min(before),
                after=max(after),
                space="response",
                of_run=True,
            )


def _lifecycle(pairs: list[ProbePair]) -> Iterator[Signal]:
    """A `Deprecation` or `Sunset` header that came, moved earlier, or puts the end before its announcement."""
    sides: tuple[dict[str, set[str]], dict[str, set[str]]] = ({}, {})
    for pair in pairs:
        for found, samples in zip(sides, (pair.baseline, pair.candidate), strict=True):
            for seen in samples:
                for header, day in (seen.get("headers.lifecycle") or {}).items():
                    found.setdefault(header, set()).add(day)
    before, after = ({header: min(days) for header, days in side.items()} for side in sides)
    for header in sorted(after):
        if header not in before:
            yield _lifecycle_fact(pairs, header, "came", before, after, f"`{header}` says {after[header]}.")
        elif _is_day(before[header]) and _is_day(after[header]) and after[header] < before[header]:
            yield _lifecycle_fact(
                pairs, header, "earlier", before, after, f"`{header}` moved to {after[header]}."
            )
    if _ends_before_it_is_announced(after) and not _ends_before_it_is_announced(before):
        note = "`sunset` lies before `deprecation`, which RFC 9745 forbids: one of the two dates is wrong."
        yield _lifecycle_fact(pairs, "sunset", "before-deprecation", before, after, note)


def _is_day(text: str) -> bool:
    return text[:4].isdecimal()


def _ends_before_it_is_announced(headers: Mapping[str, str]) -> bool:
    end, announced = headers.get("sunset", ""), headers.get("deprecation", "")
    return _is_day(end) and _is_day(announced) and end < announced


def _lifecycle_fact(
    pairs: list[ProbePair],
    header: str,
    change: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    note: str,
) -> Signal:
    return exact_fact(
        "headers.lifecycle",
        "lifecycle-header-changed",
        [pair for pair in pairs if any(header in (s.get("headers.lifecycle") or {}) for s in pair.candidate)],
        "identity",
        path=f"/headers/{header}",
        place=header,
        change=change,
        before=dict(before),
        after=dict(after),
        space="response",
        note=note,
        of_run=True,
    )


# ---------------------------------------------------------------- how requests are sent


def _auth(pairs: list[ProbePair]) -> Iterator[Signal]:
    """Credentials in another header or scheme, for one host: the client library or its settings moved them."""
    moved: list[ProbePair] = []
    names: tuple[set[str], set[str]] = (set(), set())
    for pair in pairs:
        sides = [
            {str(s) for schemes in _some(side, "request.auth") for s in schemes}
            for side in (pair.baseline, pair.candidate)
        ]
        if sides[0] and sides[1] and sides[0] != sides[1]:
            moved.append(pair)
            names[0].update(sides[0])
            names[1].update(sides[1])
    if moved:
        yield exact_fact(
            "request.auth",
            "request-auth-scheme-changed",
            moved,
            "identity",
            path="/headers/authorization",
            change="scheme",
            before=sorted(names[0]),
            after=sorted(names[1]),
            of_run=True,
        )


def _api_version(facts: Facts, pairs: list[ProbePair]) -> Iterator[Signal]:
    """Another API version although nobody asked for one: the client's default in the request, or the host's own."""
    first, second = facts.baseline, facts.candidate
    inherited = all(run.meta.get("api_version_asked", "unknown") is None for run in (first, second))
    if (
        inherited
        and first.api_version
        and second.api_version
        and first.api_version != second.api_version
        and pairs
    ):
        yield _version_fact(pairs, first.api_version, second.api_version, "request", _sdks(first, second))
    answered = [
        sorted(
            {str(version) for pair in pairs for version in _some(getattr(pair, side), "headers.api_version")}
        )
        for side in ("baseline", "candidate")
    ]
    if all(answered) and not set(answered[0]) & set(answered[1]):
        yield _version_fact(
            pairs, answered[0][0], answered[1][0], "response", "The host says so in its replies."
        )


def _sdks(first: Run, second: Run) -> str:
    return f"{first.sdk} became {second.sdk}." if first.sdk != second.sdk else ""


def _version_fact(pairs: list[ProbePair], before: str, after: str, space: str, note: str) -> Signal:
    return exact_fact(
        "api_version.default",
        "api-version-default-changed",
        pairs,
        "identity",
        path="/headers/version",
        place=space,
        change="default",
        before=before,
        after=after,
        space=space,
        note=note,
        of_run=True,
    )
