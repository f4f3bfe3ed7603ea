# The rule table audits itself: names, mirrors, waivers, wording, conditions, and the page made from it.
# Owns: what must hold for every record. Refuses to know: whether a rule fires (tests/pairs).
from __future__ import annotations

import importlib
import re
from collections import Counter
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from drift.compare.judge import judge
from drift.compare.policy import Policy
from drift.model import LEVELS, PROFILES, Expect, Level, Probe, Profile, Purpose
from drift.rules import RULES
from drift.rules.detectors.rates import MEASURES
from drift.rules.facts import Signal
from drift.rules.measure import Counts
from drift.rules.record import Area, Direction, EvidenceClass, Kind, Rule

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
BY_ID = {rule.id: rule for rule in RULES}
THREAD = re.compile(r"[\w.-]+/[\w.-]+#\d+( \(.+\))?")

every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def prose(rule: Rule) -> str:
    conditions = [condition.when for condition in rule.level_when]
    return "\n".join(
        filter(None, [rule.title, rule.who_breaks, rule.remedy, rule.mirror_waiver, *conditions])
    )


def test_ids_and_titles_are_unique():
    assert [i for i, n in Counter(rule.id for rule in RULES).items() if n > 1] == []
    assert [t for t, n in Counter(rule.title.casefold() for rule in RULES).items() if n > 1] == []


def test_areas_come_in_the_order_of_the_record_and_each_module_holds_its_own():
    in_table = list(dict.fromkeys(rule.area for rule in RULES))
    assert in_table == [area for area in get_args(Area) if area in in_table]
    for area in in_table:
        held = importlib.import_module(f"drift.rules.{area}").RULES
        assert [rule.id for rule in RULES if rule.area == area] == [rule.id for rule in held]


@every_rule
def test_the_id_is_an_event_in_kebab_case(rule: Rule):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.id)


@every_rule
def test_every_field_holds_one_of_its_values(rule: Rule):
    assert rule.level in get_args(Level)
    assert rule.direction in get_args(Direction)
    assert rule.kind in get_args(Kind)
    assert rule.evidence
    assert list(rule.evidence) == [c for c in get_args(EvidenceClass) if c in rule.evidence]


@every_rule
def test_a_rule_has_a_mirror_that_points_back_or_a_reason_why_not(rule: Rule):
    if rule.mirror is None:
        assert rule.mirror_waiver.endswith(".")
        assert not [other.id for other in RULES if other.mirror == rule.id]
    else:
        assert BY_ID[rule.mirror].mirror == rule.id != rule.mirror
        assert rule.mirror_waiver == "", "the waiver is stale: the rule has a mirror"


@every_rule
def test_the_title_is_one_sentence_and_the_rest_is_whole_sentences(rule: Rule):
    assert re.fullmatch(r"[A-Z][^.?!]*(\S\.\S[^.?!]*)*\.", rule.title), rule.title
    for text in (rule.who_breaks, rule.remedy):
        assert re.match(r"[A-Z`]", text)
        assert text.endswith(".")
    assert not re.search(r"  |\n\n| [.,;:]|\bTODO\b|\bregression\b|\beval\b|\bgolden\b", prose(rule))


@every_rule
def test_prose_names_only_rules_that_exist(rule: Rule):
    heads = {other.id.split("-")[0] for other in RULES}
    named = {
        word for word in re.findall(r"[a-z]+(?:-[a-z]+){2,}", prose(rule)) if word.split("-")[0] in heads
    }
    assert named <= BY_ID.keys()


@every_rule
def test_conditions_change_the_level_and_are_told_apart(rule: Rule):
    assert rule.level not in {condition.level for condition in rule.level_when}
    assert len({condition.when for condition in rule.level_when}) == len(rule.level_when)


@every_rule
def test_reports_are_cited_once_and_threads_can_be_opened(rule: Rule):
    assert len(set(rule.seen_in)) == len(rule.seen_in)
    assert [entry for entry in rule.seen_in if "#" in entry and not THREAD.fullmatch(entry)] == []
    assert rule.source == "" or rule.source.startswith("https://")


@pytest.mark.parametrize("profile", PROFILES)
@every_rule
def test_a_profile_moves_the_level_exactly_as_the_record_says(rule: Rule, profile: Profile):
    signal = Signal("measure", rule.id, "family", "exact", Counts(pairs=1, n_a=1, n_b=1))
    (finding,) = judge([signal], (), Policy(profile=profile)).findings
    steps = [f"default: {rule.level}"]
    steps += [f"profile {profile}, {c.when}: {c.level}" for c in rule.level_when if c.profile == profile]
    assert list(finding.steps) == steps
    assert finding.profiles == {name: level_under(rule, name) for name in PROFILES}


def level_under(rule: Rule, profile: Profile) -> Level:
    return next((c.level for c in rule.level_when if c.profile == profile), rule.level)


@every_rule
def test_a_stricter_reader_never_sees_less_and_the_vendors_promise_never_more(rule: Rule):
    strict, tolerant, policy = (
        LEVELS.index(level_under(rule, name))
        for name in ("strict-reader", "tolerant-reader", "provider-policy")
    )
    assert strict >= tolerant >= policy
    assert not [c for c in rule.level_when if c.profile == "tolerant-reader"], "that is the default level"


def test_conditions_of_probes_are_those_that_the_measures_apply():
    applied = {}
    for measure, purpose, must, rising in product(
        MEASURES, get_args(Purpose), ("answer", "refuse", None), (True, False)
    ):
        probe = Probe("p/01", "p", "family", purpose, expect=Expect(must=must))
        rule = measure.up if rising else measure.down
        if rule and measure.level and (found := measure.level(probe, rising)):
            applied.setdefault(rule, set()).add(found)
    assert applied
    for rule in RULES:
        of_probes = {
            (condition.level, condition.when)
            for condition in rule.level_when
            if re.match(r"the probe |it is not known ", condition.when)
        }
        assert of_probes == applied.get(rule.id, set()), rule.id


def test_the_page_has_one_section_for_each_rule_and_no_other():
    headings = re.findall(r"^### (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert headings == [rule.id for rule in RULES]


@every_rule
def test_the_page_says_what_the_record_says(rule: Rule):
    section = PAGE.read_text("utf-8").split(f"\n### {rule.id}\n")[1].split("\n##")[0]
    for text in prose(rule).splitlines():
        assert text in section
    assert f"](../tests/pairs/{rule.id}/" in section, "no example"
