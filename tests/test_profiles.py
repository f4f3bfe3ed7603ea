# A vendor may allow what still breaks a reader: one comparison says what it comes to for each.
from __future__ import annotations

import pytest

from drift.compare import Policy, compare
from drift.model import PROFILES
from drift.report import markdown, text, validate
from tests.pairs_support import PAIRS, read_pair

WORD_ADDED = PAIRS / "response-enum-value-added" / "openai-chat.json"
REFUSED = PAIRS / "request-parameter-rejected" / "anthropic.json"


def document(path, profile="tolerant-reader", **policy):
    pair = read_pair(path)
    return compare(pair.baseline, pair.candidate, policy=Policy(profile=profile, **policy))


def test_the_same_finding_has_its_level_under_every_profile():
    (finding,) = document(WORD_ADDED)["findings"]
    assert finding["profiles"] == {
        "tolerant-reader": "warning",
        "strict-reader": "breaking",
        "provider-policy": "info",
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_the_outcome_under_each_profile_is_that_of_a_comparison_under_it(profile):
    told = document(WORD_ADDED)["profiles"][profile]
    made = document(WORD_ADDED, profile)
    validate(made)
    assert told == {"verdict": made["verdict"], "exit_code": made["gate"]["exit_code"]}


def test_a_level_that_was_configured_holds_under_every_profile():
    (finding,) = document(WORD_ADDED, levels={"response-enum-value-added": "info"})["findings"]
    assert set(finding["profiles"].values()) == {"info"}


@pytest.mark.parametrize("render", [text.render, markdown.render], ids=["text", "markdown"])
def test_a_report_says_what_the_other_profiles_would_have_said(render):
    said = " ".join(render(document(WORD_ADDED)).replace("\\", "").split())
    assert "tolerant-reader (strict-reader: breaking, exit 1; provider-policy: info, exit 0)" in said
    assert "breaking for strict-reader; info for provider-policy" in said


@pytest.mark.parametrize("render", [text.render, markdown.render], ids=["text", "markdown"])
def test_a_report_names_no_other_profile_where_all_agree(render):
    said = render(document(REFUSED))
    assert "tolerant" in said
    assert "strict" not in said
