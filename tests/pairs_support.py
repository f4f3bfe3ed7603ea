# Rule fixtures: a pair file holds both sides, wire-complete or declared, and the exact set of rules that must fire.
# Owns: reading tests/pairs/<rule-id>/<case>.json, and what compares each kind of side. Refuses to know: rules.
"""Read the fixtures of the rule table; the format is described in tests/pairs/README.md."""

from __future__ import annotations

import dataclasses
import json
import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from drift.catalogue import Catalogue, compare_catalogues, read_catalogue
from drift.compare import compare
from drift.documents import ComparisonDocument
from drift.model import Exchange, Expect, Message, Probe, Run, Sample, Snapshot, Tool
from drift.surface import compare_surfaces
from tests.surface_support import written_surface

PAIRS = Path(__file__).parent / "pairs"


def _compare_surfaces(baseline: Any, candidate: Any) -> ComparisonDocument:
    return compare_surfaces(written_surface(baseline), written_surface(candidate))


def _compare_catalogues(baseline: Any, candidate: Any) -> ComparisonDocument:
    """Compare raw lists: `{"platform", "taken_at", "body" or "pages", "prices", "asked"}`."""
    sides = [written_catalogue(side) for side in (baseline, candidate)]
    return compare_catalogues(*sides, asked=candidate.get("asked", ()))


def written_catalogue(side: Any) -> Catalogue:
    dialect = {"anthropic": "anthropic", "gemini": "gemini"}.get(side["platform"], "openai-chat")
    pages = side.get("pages") or [side["body"]]
    exchanges = [{"dialect": dialect, "status": 200, "error": None, "body": body} for body in pages]
    raw = {"exchanges": exchanges, "prices": side.get("prices", {})}
    return read_catalogue(raw, platform=side["platform"], taken_at=f"{side['taken_at']}T06:00:00+00:00")


DECLARED: dict[str, Callable[[Any, Any], ComparisonDocument]] = {
    "catalogue": _compare_catalogues,
    "surface": _compare_surfaces,
}
"""Kind of declared document → what compares two of them, as they stand in the file under `baseline` and `candidate`."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """One fixture: two sides (snapshots of runs, or declared documents) and what must come out."""

    rule: str
    name: str
    expect: frozenset[str]
    baseline: Any
    candidate: Any
    compare: Callable[[Any, Any], ComparisonDocument] = compare

    def shuffled(self, side: Any) -> Any:
        """Return a side with its samples or keys in another order."""
        shuffle = random.Random(7).sample
        if not isinstance(side, Snapshot):
            return _shuffled_keys(side, shuffle)
        return dataclasses.replace(
            side,
            samples=tuple(shuffle(side.samples, len(side.samples))),
            probes=dict(shuffle(list(side.probes.items()), len(side.probes))),
        )


def _shuffled_keys(value: Any, shuffle: Callable[..., list[Any]]) -> Any:
    if isinstance(value, dict):
        items = [(key, _shuffled_keys(child, shuffle)) for key, child in value.items()]
        return dict(shuffle(items, len(items)))
    return [_shuffled_keys(child, shuffle) for child in value] if isinstance(value, list) else value


def pair_files() -> list[Path]:
    return sorted(PAIRS.glob("*/*.json"))


@cache
def read_pair(path: Path) -> Pair:
    """Read a fixture; every test of it gets the same objects, so that what was observed once need not be again."""
    return make_pair(path, json.loads(path.read_text("utf-8")))


@cache
def compared(path: Path) -> ComparisonDocument:
    """Return what comparing the two sides gives, computed once for all tests."""
    pair = read_pair(path)
    return pair.compare(pair.baseline, pair.candidate)


def matrix_line(path: Path) -> str:
    """Return what the whole rule table says of a pair: `rule/case: rule level, …`, an asterisk for what is rare."""
    found = sorted(
        f"{f['rule']} {f['level']}{'*' if 'rare' in f['tags'] else ''}" for f in compared(path)["findings"]
    )
    counts = Counter(found)
    said = ", ".join(f"{text} x{n}" if n > 1 else text for text, n in sorted(counts.items()))
    return f"{path.parent.name}/{path.stem}: {said or 'silent'}"


def make_pair(path: Path, data: dict[str, Any]) -> Pair:
    if "kind" in data:
        sides = (data["baseline"], data["candidate"])
        return Pair(path.parent.name, path.stem, frozenset(data["expect"]), *sides, DECLARED[data["kind"]])
    probes: dict[str, Probe] = {}
    samples_of: tuple[list[Sample], list[Sample]] = ([], [])
    for compact in data["probes"]:
        for copy in range(compact.get("copies", data.get("copies", 1))):
            probe = _probe(compact, copy)
            probes[probe.id] = probe
            for samples, side in zip(samples_of, ("baseline", "candidate"), strict=True):
                documents = data[side].get(compact["id"], [])
                if documents and "per_copy" in compact:
                    documents = [documents[copy % len(documents)]]
                for epoch, document in enumerate(documents, 1):
                    samples.append(_sample(f"{side}-{probe.id}-{epoch}", probe, epoch, document))
    runs = data.get("run", {})
    return Pair(
        path.parent.name,
        path.stem,
        frozenset(data["expect"]),
        _snapshot("baseline", runs.get("baseline", {}), probes, samples_of[0]),
        _snapshot("candidate", runs.get("candidate", {}), probes, samples_of[1]),
    )


def _probe(compact: dict[str, Any], copy: int) -> Probe:
    exchanges = tuple(_exchange(item) for item in compact.get("exchanges", [compact.get("exchange", {})]))
    if copy:  # each copy asks something of its own: probes that ask the same would count as one question
        own = f"{exchanges[0].system or ''} This is case {copy + 1}."
        exchanges = (dataclasses.replace(exchanges[0], system=own), *exchanges[1:])
    expect = dict(compact.get("expect", {}))
    for name in ("labels", "status"):
        if name in expect:
            expect[name] = tuple(expect[name])
    identity = compact["id"] if "/" in compact["id"] else f"{compact['id']}/{copy + 1:02}"
    if copy and "/" in compact["id"]:
        identity = f"{compact['id']}-{copy + 1:02}"
    return Probe(
        identity,
        identity.split("/")[0],
        compact.get("family", "family"),
        compact.get("purpose", "unknown"),
        exchanges,
        Expect(**expect),
        tags=tuple(compact.get("tags", ())),
    )


def _exchange(item: dict[str, Any]) -> Exchange:
    return Exchange(
        **{
            **item,
            "messages": tuple(
                Message(**m) if isinstance(m, dict) else Message("user", m)
                for m in item.get("messages", ["Hello"])
            ),
            "tools": tuple(
                Tool(t["name"], t.get("description", ""), t["input_schema"]) for t in item.get("tools", ())
            ),
            "stop": tuple(item.get("stop", ())),
        }
    )


def _sample(identity: str, probe: Probe, epoch: int, document: dict[str, Any]) -> Sample:
    if "recorded" in document:
        return Sample(identity, probe.id, epoch, document.get("outcome", "response"), document)
    last = document["exchanges"][-1]
    status = last.get("status")
    outcome = "response"
    if status is None or last.get("error"):
        outcome = "failed"
    elif status >= 400:
        refused = status not in {401, 403, 408, 409, 429} and status < 500
        outcome = "rejected" if refused or status in probe.expect.status else "failed"
    return Sample(
        identity, probe.id, epoch, outcome, document, last.get("dialect", ""), last.get("latency_ms")
    )


def _snapshot(name: str, fields: dict[str, Any], probes: dict[str, Probe], samples: list[Sample]) -> Snapshot:
    run = Run(
        **{
            "id": f"{name}0000000000",
            "target": "anthropic/model-a",
            "requested_model": "model-a",
            "platform": "anthropic",
            "status": "complete",
            "created_at": "2026-11-01T00:00:00+00:00",
            **fields,
        }
    )
    return Snapshot(run, probes, tuple(samples))


if __name__ == "__main__":
    lines = "".join(f"{matrix_line(path)}\n" for path in pair_files())
    (PAIRS / "matrix.txt").write_text(lines, encoding="utf-8")
