# The rule table is proven on pairs: each fires exactly what it must, and nothing on itself.
from __future__ import annotations

from pathlib import Path

import pytest

from drift.report import validate
from drift.rules import RULES
from tests.pairs_support import PAIRS, pair_files, read_pair

FILES = pair_files()
IDS = [f"{path.parent.name}/{path.stem}" for path in FILES]


def fired(document):
    return {finding["rule"] for finding in document["findings"]}


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_pair_fires_exactly_the_rules_that_it_names(path: Path):
    pair = read_pair(path)
    document = pair.compare(pair.baseline, pair.candidate)
    assert fired(document) == pair.expect
    if document["baseline"]["kind"] != "run":
        validate(document)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_each_side_is_silent_against_itself(path: Path):
    pair = read_pair(path)
    assert fired(pair.compare(pair.baseline, pair.baseline)) == set()
    assert fired(pair.compare(pair.candidate, pair.candidate)) == set()


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_the_order_of_samples_and_keys_changes_nothing(path: Path):
    pair = read_pair(path)
    first = pair.compare(pair.baseline, pair.candidate)
    second = pair.compare(pair.shuffled(pair.baseline), pair.shuffled(pair.candidate))
    for key in ("fingerprint", "evidence", "before", "after", "places", "level_steps"):
        assert [f[key] for f in first["findings"]] == [f[key] for f in second["findings"]]


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_a_rule_has_a_pair_that_fires_it_and_one_that_must_not(rule: str):
    names = {path.stem: rule in read_pair(path).expect for path in sorted((PAIRS / rule).glob("*.json"))}
    assert True in names.values(), f"no pair in tests/pairs/{rule} fires it"
    assert False in names.values(), f"no pair in tests/pairs/{rule} must stay silent"


def test_no_folder_of_pairs_is_without_a_rule():
    known = {rule.id for rule in RULES}
    assert {path.name for path in PAIRS.iterdir() if path.is_dir()} <= known
