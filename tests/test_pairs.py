# The rule table is proven on pairs: each fires exactly what it must, and nothing on itself.
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drift.compare import pairing
from drift.model import DIALECTS
from drift.report import validate
from drift.rules import RULES
from tests.pairs_support import PAIRS, compared, make_pair, matrix_line, pair_files, read_pair
from tests.pairs_values import other_values

FILES = pair_files()
MATRIX = (PAIRS / "matrix.txt").read_text("utf-8").splitlines()

every_folder = pytest.mark.parametrize("rule", sorted({path.parent.name for path in FILES}))
"""One test a folder: thousands of tests of their own would cost more than the comparisons."""


@pytest.fixture(scope="module", autouse=True)
def observed_once() -> Iterator[None]:
    """A sample says the same however often its side is compared: read it once, so that many comparisons stay fast."""
    known: dict[int, tuple[Any, dict[str, Any]]] = {}
    read = pairing.observe

    def observe(document: Any, probe: Any) -> dict[str, Any]:
        if id(document) not in known:  # the document is kept: its id must not go to another one
            known[id(document)] = document, read(document, probe)
        return dict(known[id(document)][1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairing, "observe", observe)
        yield


def fired(document):
    return {finding["rule"] for finding in document["findings"]}


def files_of(rule: str) -> dict[str, Path]:
    return {path.stem: path for path in sorted((PAIRS / rule).glob("*.json"))}


@every_folder
def test_pairs_fire_exactly_the_rules_that_they_name(rule: str):
    files = files_of(rule)
    assert {name: fired(compared(path)) for name, path in files.items()} == {
        name: read_pair(path).expect for name, path in files.items()
    }


@every_folder
def test_the_reviewed_matrix_says_what_the_whole_table_says_of_a_pair(rule: str):
    said = [line for line in MATRIX if line.startswith(f"{rule}/")]
    found = [matrix_line(path) for path in files_of(rule).values()]
    assert said == found, (
        "write tests/pairs/matrix.txt again (python -m tests.pairs_support) and review what changed"
    )


def test_the_matrix_has_no_line_of_a_pair_that_is_gone():
    assert [line.partition(": ")[0] for line in MATRIX] == [f"{p.parent.name}/{p.stem}" for p in FILES]


@every_folder
def test_each_side_is_silent_against_itself(rule: str):
    for name, path in files_of(rule).items():
        pair = read_pair(path)
        assert fired(pair.compare(pair.baseline, pair.baseline)) == set(), name
        assert fired(pair.compare(pair.candidate, pair.candidate)) == set(), name


@every_folder
def test_the_order_of_samples_and_keys_changes_nothing(rule: str):
    for name, path in files_of(rule).items():
        pair, first = read_pair(path), compared(path)
        second = pair.compare(pair.shuffled(pair.baseline), pair.shuffled(pair.candidate))
        for key in ("fingerprint", "evidence", "before", "after", "places", "level_steps"):
            assert [f[key] for f in first["findings"]] == [f[key] for f in second["findings"]], name


@every_folder
def test_the_same_pair_with_other_values_has_the_same_fingerprints(rule: str):
    for name, path in files_of(rule).items():
        pair = make_pair(path, other_values(path.read_text("utf-8")))
        other = pair.compare(pair.baseline, pair.candidate)
        assert {f["fingerprint"]: f["rule"] for f in other["findings"]} == {
            f["fingerprint"]: f["rule"] for f in compared(path)["findings"]
        }, name


def test_documents_of_two_declared_sides_keep_to_the_schema():
    declared = [path for path in FILES if compared(path)["baseline"]["kind"] != "run"]
    for path in declared:
        validate(compared(path))


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_a_rule_has_a_pair_that_fires_it_and_one_that_must_not(rule: str):
    names = {name: rule in read_pair(path).expect for name, path in files_of(rule).items()}
    assert True in names.values(), f"no pair in tests/pairs/{rule} fires it"
    assert False in names.values(), f"no pair in tests/pairs/{rule} must stay silent"


_NO_BYTES = "arguments are a JSON object on this wire: they have no spelling of their own"
_NO_CALL_REASON = "its reasons to stop say nothing of calls"
_WHOLE_CALLS = "a call comes whole, or in a block of its own: its deltas carry no identity"
_NO_BACKEND = "the API does not name its backend"
_CITES_PAGES = "it cites pages of the web, not places in a document that was sent along"
NOT_IN_DIALECT: dict[tuple[str, str], str] = {
    ("backend-fingerprint-changed", "anthropic"): _NO_BACKEND,
    ("backend-fingerprint-changed", "gemini"): _NO_BACKEND,
    ("response-citation-broken", "gemini"): _CITES_PAGES,
    ("response-citation-broken", "openai-chat"): _CITES_PAGES,
    ("response-citation-broken", "openai-responses"): _CITES_PAGES,
    ("rate-limit-decreased", "gemini"): "the API advertises no limits in its headers",
    (
        "stream-event-type-removed",
        "gemini",
    ): "chunks have no types; the reason to stop that is missing is the end",
    ("stream-tool-call-delta-identity-changed", "anthropic"): _WHOLE_CALLS,
    ("stream-tool-call-delta-identity-changed", "gemini"): _WHOLE_CALLS,
    ("tool-call-arguments-double-encoded", "gemini"): _NO_BYTES,
    ("tool-call-arguments-invalid-json", "gemini"): _NO_BYTES,
    ("tool-call-encoding-changed", "gemini"): _NO_BYTES,
    ("tool-call-stop-reason-mismatch", "gemini"): _NO_CALL_REASON,
    ("tool-call-stop-reason-mismatch", "openai-responses"): _NO_CALL_REASON,
}
"""Rule and dialect → why this wire cannot show the event."""
OF_RECORDINGS = frozenset({"score-level-shifted", "structured-output-shape-changed"})
"""Rules on recorded outputs alone: our own probes say what they expect, and give no score of a run."""


def pairs_by_dialect(rule: str) -> dict[str, set[bool]]:
    """Return for each dialect whether there are pairs of traffic in it that fire the rule, and that must not."""
    found: dict[str, set[bool]] = {dialect: set() for dialect in DIALECTS}
    for path in files_of(rule).values():
        text = path.read_text("utf-8")
        for dialect in DIALECTS:
            if f'"dialect": "{dialect}"' in text:
                found[dialect].add(rule in read_pair(path).expect)
    return found


def is_declared(rule: str) -> bool:
    """Whether the rule is about documents (a surface, a list of models), so that no traffic shows it."""
    return all(compared(path)["baseline"]["kind"] != "run" for path in files_of(rule).values())


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_a_rule_is_proven_in_every_dialect_or_it_is_written_why_not(rule: str):
    if is_declared(rule) or rule in OF_RECORDINGS:
        return
    for dialect, fires in pairs_by_dialect(rule).items():
        if (rule, dialect) in NOT_IN_DIALECT:
            assert True not in fires, f"the reason is stale: {dialect} shows {rule}"
        else:
            assert fires == {True, False}, (
                f"{rule} needs a pair in {dialect} that fires it, and one that must not"
            )


def test_reasons_name_rules_that_exist():
    assert {rule for rule, _ in NOT_IN_DIALECT} | OF_RECORDINGS <= {rule.id for rule in RULES}


def test_no_folder_of_pairs_is_without_a_rule():
    known = {rule.id for rule in RULES}
    assert {path.name for path in PAIRS.iterdir() if path.is_dir()} <= known


def test_a_pair_that_names_a_source_names_a_public_one():
    public = re.compile(r"(https://)?[\w.-]+\.[a-z]{2,}/\S+.*")
    sources = {path: json.loads(path.read_text("utf-8"))["source"] for path in FILES}
    assert [path for path, source in sources.items() if source and not public.fullmatch(source)] == []


def test_at_least_thirty_pairs_are_rebuilt_from_public_threads():
    threads = set()
    for path in FILES:
        threads |= set(re.findall(r'"source": "(github\.com/[\w.-]+/[\w.-]+#\d+)"', path.read_text("utf-8")))
    assert len(threads) >= 30
