# Results beside the code: SARIF logs and annotations, whatever names and messages hold.

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from drift.report import FORMATS
from drift.report.results import about, results
from tests.report_support import HOSTILE, golden, hostile_text, with_strings

LOG = json.loads(Path(__file__).with_name("sarif.schema.json").read_text(encoding="utf-8"))
"""What the standard demands of the parts that are written (SARIF 2.1.0, sections 3.13 to 3.30), and nothing more."""


def sarif(document):
    log = json.loads(FORMATS["sarif"].render(document))
    Draft202012Validator(LOG).validate(log)
    return log["runs"][0]


def test_each_place_is_a_result_with_its_rule_and_a_fingerprint_of_its_own():
    document = golden("scan")
    run = sarif(document)
    found = results(document)
    assert len(run["results"]) == len(found) > 4
    rules = run["tool"]["driver"]["rules"]
    for result, shown in zip(found, run["results"], strict=True):
        assert rules[shown["ruleIndex"]]["id"] == shown["ruleId"] == result.rule
        assert shown["level"] == {"breaking": "error", "warning": "warning", "info": "note"}[result.level]
        place = shown["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == result.file
        assert place["region"]["startLine"] == result.line
    prints = [shown["partialFingerprints"]["primaryLocationLineHash"] for shown in run["results"]]
    assert len(set(prints)) == len(prints)


def test_a_fingerprint_stays_when_lines_and_days_move():
    before = golden("scan")
    after = golden("scan")
    for entry in after["models"]:
        entry["explanation"] = "another day"
        for use in entry["uses"]:
            use["line"] += 7
    assert {one.fingerprint for one in results(before)} == {one.fingerprint for one in results(after)}


def test_nothing_to_say_is_a_valid_log_and_no_command():
    document = {**golden("scan"), "models": [], "parameters": []}
    assert sarif(document)["results"] == []
    assert "::" not in FORMATS["github"].render(document)


def test_models_that_need_nothing_are_no_results():
    document = golden("scan")
    for entry in document["models"]:
        entry.update(level=None, rule=None)
    assert {one.rule for one in results(document)} == {"request-parameter-rejected"}


def test_every_rule_of_a_result_is_explained():
    rules = {one.rule for one in results(golden("scan"))}
    assert {one.rule for one in about(sorted(rules))} == rules


COMMAND = re.compile(r"::(error|warning|notice) (?:[a-z]+=[^,:\n]*)(?:,[a-z]+=[^,:\n]*)*::[^\n]*")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_begins_a_command_of_its_own(hostile):
    document = with_strings(golden("scan"), lambda: hostile)
    for result in document["models"], document["parameters"]:
        for entry in result:
            entry["rule"] = "model-deprecated"
    text = FORMATS["github"].render(document)
    assert all(COMMAND.fullmatch(line) for line in text.splitlines())
    assert text.replace("\n", "").isprintable()
    if hostile.strip():
        sarif(document)


@given(st.lists(hostile_text, min_size=1, max_size=4))
def test_a_file_may_be_called_anything(names):
    document = golden("scan")
    for entry in document["models"]:
        entry["uses"] = [{**entry["uses"][0], "file": name or "x"} for name in names]
    assert len(FORMATS["github"].render(document).splitlines()) <= 31
    sarif(document)


def test_a_step_shows_ten_of_a_level_and_counts_the_others():
    document = golden("scan")
    entry = next(one for one in document["models"] if one["level"] == "breaking")
    entry["uses"] = [{**entry["uses"][0], "line": number} for number in range(1, 31)]
    lines = FORMATS["github"].render(document).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert re.fullmatch(
        r"::notice title=Drift::\d+ more of level breaking not shown here; the report has all", lines[-1]
    )
