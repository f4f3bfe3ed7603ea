# Whether differences between releases of real SDKs are found, told once, and told fast.
# Owns: the check of bench/surface_steps.yaml, the sample for the classification by hand, the measured part of
# docs/surface.md. Refuses to know: how a release is read or compared.
"""Check `drift api diff` on published releases. Needs pip and its index: about 35 wheels, 40 MB.

    python -m bench.surface                      print what was found, missing and noise; 1 when a threshold is missed
    python -m bench.surface --wheels FOLDER      keep the wheels there, and take those that are there already
    python -m bench.surface --sample             print the sampled findings that nobody has classified yet
    python -m bench.surface --write              write the tables into docs/surface.md as well

Facts that have to be found, and what must stay quiet, are in bench/surface_steps.yaml. What is noise was judged by
hand, finding by finding, with both declarations at hand: bench/surface_sample.yaml.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from drift.surface import Surface, compare_surfaces, read_surface
from drift.surface.document import listed_for
from drift.surface.fetch import download_wheel, read_wanted

HERE = Path(__file__).parent
STEPS = HERE / "surface_steps.yaml"
SAMPLE = HERE / "surface_sample.yaml"
PAGE = HERE.parent / "docs" / "surface.md"
BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"
PER_STEP = 10
"""Findings of a step that are classified: those with the smallest fingerprints."""
NOISE, READ_S, DIFF_S = 0.10, 5.0, 2.0

Finding = Mapping[str, Any]


@dataclass
class Result:
    """What came of one step."""

    releases: list[str]
    findings: list[Finding]
    seconds: float
    found: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    loud: list[str] = field(default_factory=list)
    sampled: int = 0
    noise: int = 0
    unclassified: list[Finding] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The step as a reader names it."""
        return f"{self.releases[0].replace('==', ' ')} → {self.releases[1].partition('==')[2]}"


def read_yaml(path: Path) -> Any:
    """Return what a file of the benchmark says."""
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


# ---------------------------------------------------------------- what a step has to say


def text_of(finding: Finding) -> str:
    """Return what a finding says of itself, as one text."""
    return json.dumps(
        [finding["places"], finding["before"], finding["after"], finding["explanation"]], ensure_ascii=False
    )


def rows_of(findings: Iterable[Finding], tier: str | None = None) -> list[str]:
    """Return the endpoints in their tiers that findings name; the first place of a finding is what it is about."""
    ending = f"[{tier}]" if tier else "]"
    return [place for one in findings for place in one["places"][1:] if place.endswith(ending)]


def selected(findings: Iterable[Finding], wish: Mapping[str, Any]) -> list[Finding]:
    """Return the findings that a wish is about: by rule, and by the words of which they name one."""
    rules = wish.get("rule", "*")
    patterns = [rules] if isinstance(rules, str) else rules
    return [
        one
        for one in findings
        if any(fnmatch.fnmatchcase(one["rule"], pattern) for pattern in patterns)
        and (not wish.get("has") or any(word in text_of(one) for word in wish["has"]))
    ]


def complaints(findings: Sequence[Finding], wish: Mapping[str, Any]) -> list[str]:
    """Return what is amiss with a fact that has to be found."""
    chosen = selected(findings, wish)
    if not chosen:
        return ["nothing"]
    counts: dict[str, Callable[[], int]] = {
        "rows": lambda: len(rows_of(chosen, wish.get("tier"))),
        "paths": lambda: len({row.rpartition(" [")[0] for row in rows_of(chosen)}),
        "values": lambda: sum(len(one["places"][0].rpartition(": ")[2].split(", ")) for one in chosen),
        "count": lambda: len(chosen),
        "places": lambda: len(chosen[0]["places"]) - 1,
    }
    wrong = [f"no {word}" for word in wish.get("has", []) if not any(word in text_of(one) for one in chosen)]
    wrong += [
        f"{got} {key} instead of {wish[key]}"
        for key, count in counts.items()
        if key in wish and (got := count()) != wish[key]
    ]
    return wrong


def noises(findings: Sequence[Finding], wish: Mapping[str, Any]) -> list[str]:
    """Return what is there although it should be quiet."""
    if "only" not in wish:
        return [f"{one['rule']} {one['places'][0]}" for one in selected(findings, wish)]
    return [
        f"{one['rule']} {one['places'][0]}"
        for one in findings
        if one["rule"] not in wish["only"] and ("at" not in wish or wish["at"] in one["places"])
    ]


# ---------------------------------------------------------------- releases


class Releases:
    """Surfaces of published releases, read once each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._surfaces: dict[str, Surface] = {}
        self.seconds: dict[str, float] = {}

    def surface(self, release: str) -> Surface:
        """Return a surface; the wheel is taken from the folder or downloaded into it."""
        if release not in self._surfaces:
            wheel = self._wheel(release)
            start = time.process_time()
            self._surfaces[release] = read_surface(wheel)
            self.seconds[release] = time.process_time() - start
        return self._surfaces[release]

    def _wheel(self, release: str) -> Path:
        name, _, version = release.partition("==")
        for known in self._folder.glob(f"{name.replace('-', '_')}-{version}-*.whl"):
            return known
        print(f"downloading {release}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            wheel = download_wheel(read_wanted(release), Path(folder))
            return Path(shutil.copy(wheel, self._folder))


def numbers_of(surface: Surface) -> dict[str, int]:
    """Return the counts of a surface under the names of the steps' file."""
    models = surface["models"].values()
    listed = [listed_for(one) for one in models if one["listed"]]
    methods = {name for tiers in surface["endpoints"].values() for names in tiers.values() for name in names}
    return {
        "files": surface["package"]["files"],
        "methods": len(methods),
        "endpoints": len(surface["endpoints"]),
        "models": listed.count("") or len(listed),
        "betas": len(surface["betas"]),
        "deprecations": sum(one["deprecated"] for one in models),
        "exceptions": len(surface["errors"]["classes"]),
        "unresolved": sum(surface["unresolved"].values()),
    }


# ---------------------------------------------------------------- the check


def check(step: Mapping[str, Any], releases: Releases, classified: Mapping[str, Any]) -> Result:
    """Compare the two releases of a step, and hold the findings against what is known."""
    sides = [releases.surface(name) for name in step["releases"]]
    start = time.process_time()
    findings: list[Finding] = list(compare_surfaces(*sides)["findings"])  # type: ignore[arg-type]
    result = Result(step["releases"], findings, time.process_time() - start)
    for what, wish in (step.get("found") or {}).items():
        wrong = complaints(findings, wish)
        (result.missing if wrong else result.found).append(f"{what}: {', '.join(wrong)}" if wrong else what)
    for what, wish in (step.get("quiet") or {}).items():
        result.loud += [f"{what}: {one}" for one in noises(findings, wish)]
    for finding in sorted(findings, key=lambda one: one["fingerprint"])[:PER_STEP]:
        verdict = classified.get(result.name, {}).get(finding["fingerprint"])
        if verdict is None:
            result.unclassified.append(finding)
        else:
            result.sampled += 1
            result.noise += verdict["is"] == "noise"
    return result


def sample_of(results: Iterable[Result]) -> dict[str, Any]:
    """Return the findings that wait for a verdict, in the form of the file of verdicts."""
    return {
        one.name: {
            finding["fingerprint"]: {
                "finding": f"{finding['rule']} {finding['places'][0]}"[:200],
                "example": finding["explanation"].rpartition("For example ")[2][:160],
                "is": "?",
            }
            for finding in one.unclassified
        }
        for one in results
        if one.unclassified
    }


def tables(results: Sequence[Result], releases: Releases) -> str:
    """Return the measured part of the page."""
    lines = [
        "| step | known facts found | missing | not quiet | findings | noise in the sample | processor seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in results:
        known = len(one.found) + len(one.missing)
        lines.append(
            f"| {one.name} | {f'{len(one.found)} of {known}' if known else 'none written down'}"
            f" | {'; '.join(one.missing) or 'none'} | {'; '.join(one.loud) or 'none'} | {len(one.findings)}"
            f" | {one.noise} of {one.sampled} | {one.seconds:.2f} |"
        )
    sampled, noise = sum(one.sampled for one in results), sum(one.noise for one in results)
    lines += [
        "",
        f"Of {sampled} findings that were classified by hand, {noise} are noise ({noise / max(sampled, 1):.1%}).",
        "",
    ]
    names = ["files", "methods", "endpoints", "models", "betas", "deprecations", "exceptions"]
    lines += [
        f"| release | {' | '.join(names)} | not understood | processor seconds |",
        f"|---|{'---|' * (len(names) + 2)}",
    ]
    for release, seconds in sorted(releases.seconds.items(), key=lambda one: order_of(one[0])):
        got = numbers_of(releases.surface(release))
        cells = [str(got[name]) for name in names]
        lines.append(
            f"| {release.replace('==', ' ')} | {' | '.join(cells)} | {got['unresolved']} | {seconds:.2f} |"
        )
    return "\n".join(lines) + "\n"


def misses(
    results: Sequence[Result], releases: Releases, numbers: Mapping[str, Mapping[str, int]]
) -> Iterator[str]:
    """Yield what falls short of what is known, or of a threshold."""
    for release, counts in numbers.items():
        got = numbers_of(releases.surface(release))
        yield from (
            f"{release}: {name} is {got[name]}, not {number}"
            for name, number in counts.items()
            if got[name] != number
        )
    for one in results:
        yield from (f"{one.name}: {what}" for what in (*one.missing, *one.loud))
        if one.unclassified:
            yield f"{one.name}: {len(one.unclassified)} findings wait for a verdict"
        if one.seconds > DIFF_S:
            yield f"{one.name}: compared in {one.seconds:.1f} s"
    for release, seconds in releases.seconds.items():
        if seconds > READ_S:
            yield f"{release}: read in {seconds:.1f} s"
    if sum(one.noise for one in results) > NOISE * sum(one.sampled for one in results):
        yield f"more than {NOISE:.0%} of the sample is noise"


def order_of(release: str) -> tuple[str, list[int]]:
    """Return what releases are sorted by."""
    name, _, version = release.partition("==")
    return name, [int(part) for part in re.findall(r"\d+", version)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the check; return 1 when something is missing, loud, noisy, slow, or waits for a verdict."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.surface", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--wheels", type=Path, help="folder to keep the wheels in")
    parser.add_argument("--sample", action="store_true", help="print the sampled findings without a verdict")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/surface.md")
    chosen = parser.parse_args(arguments)
    known = read_yaml(STEPS)
    classified = read_yaml(SAMPLE) if SAMPLE.exists() else {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.wheels or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        releases = Releases(folder)
        results = [check(step, releases, classified or {}) for step in known["steps"]]
    if chosen.sample:
        YAML(typ="safe").dump(sample_of(results), sys.stdout)
        return 0
    page = tables(results, releases)
    print(page)
    if chosen.write:
        text = PAGE.read_text(encoding="utf-8")
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n{page}\n{END}{after}", encoding="utf-8")
    wrong = list(misses(results, releases, known["numbers"]))
    for line in wrong:
        print(f"MISSED {line}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
