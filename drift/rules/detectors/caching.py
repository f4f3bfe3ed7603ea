# A request that is sent twice in a row and asks for its prefix to be cached: did the second one read from the cache?
# Owns: when a cache may be called lost. Refuses to know: prices, tests' correction, how long a cache lives.
"""Prefixes that are no longer cached."""

from __future__ import annotations

from collections.abc import Iterator

from drift.rules.facts import Facts, ProbePair, Seen, Signal, exact_fact

_ENOUGH = 3
"""Samples of a probe on each side: a vendor does not promise a hit, so that one miss is none of its faults."""


def detect_caching(facts: Facts) -> Iterator[Signal]:
    """Yield one fact for all prefixes that were always served from the cache before and never are now."""
    for family in facts.families:
        lost = [
            pair for pair in family.pairs if _all(pair.baseline, hit=True) and _all(pair.candidate, hit=False)
        ]
        if lost:
            yield exact_fact(
                "cache.lost",
                "request-parameter-silently-ignored",
                lost,
                family.family,
                path="/cache_control",
                place="cache_control",
                change="not cached",
                before={"cached_tokens": _most(lost, "baseline")},
                after={"cached_tokens": 0},
                note="The same request, sent twice in a row, came out of the cache before and is paid in full now.",
            )


def _all(samples: tuple[Seen, ...], *, hit: bool) -> bool:
    told = [seen.get("cache.hit") for seen in samples]
    return len(told) >= _ENOUGH and all(one is hit for one in told)


def _most(pairs: list[ProbePair], side: str) -> int:
    return max(int(seen.get("cached_tokens") or 0) for pair in pairs for seen in getattr(pair, side))
