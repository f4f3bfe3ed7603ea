# Two declared documents become one comparison that every report, the store and the gate can handle.

import itertools

import pytest

from drift.compare import Acknowledged, Policy
from drift.compare.declared import compare_declared, declared_fact, declared_side
from drift.report import FORMATS, formats_for, summary_line, validate
from drift.store import Store

BASE = declared_side("catalogue", "anthropic 2026-11-01", "models/anthropic", platform="anthropic")
CAND = declared_side("catalogue", "anthropic 2026-11-20", "models/anthropic", platform="anthropic")
GONE = declared_fact(
    "model-removed", "models", path="/models/old", place="old", before={"listed": True}, note="Use new."
)
NEW = declared_fact("model-added", "models", path="/models/new", place="new", after={"listed": True})


def compared(*facts, policy=None, **more):
    document = compare_declared(BASE, CAND, facts, axes=["model"], policy=policy, **more)
    validate(document)
    return document


def test_facts_become_findings_with_the_words_of_their_rule():
    document = compared(NEW, GONE)
    assert [f["rule"] for f in document["findings"]] == ["model-removed", "model-added"]
    assert document["verdict"] == "breaking"
    assert document["gate"] == {"fail_on": "breaking", "exit_code": 1}
    gone = document["findings"][0]
    assert gone["explanation"].endswith('old: {"listed": true} became absent. Use new.')
    assert gone["level_steps"] == ["default: breaking"]
    assert gone["evidence_class"] == "exact"
    assert gone["axis"] == "model"
    assert gone["places"] == ["old"]


def test_the_order_of_facts_changes_nothing_but_the_id():
    documents = [compared(*facts)["findings"] for facts in itertools.permutations((NEW, GONE))]
    assert documents[0] == documents[1]


def test_nothing_found_is_none_and_says_that_both_declare_the_same():
    document = compared()
    assert document["verdict"] == "none"
    assert document["gate"]["exit_code"] == 0
    assert "declare the same" in FORMATS["text"].render(document)


def test_what_could_not_be_read_makes_silence_inconclusive_but_a_break_stays_a_break():
    unread = [{"family": "models", "reason": "the list was cut off"}]
    assert compared(unmeasured=unread)["verdict"] == "inconclusive"
    assert compared(unmeasured=unread)["gate"]["exit_code"] == 3
    assert compared(NEW, unmeasured=unread)["verdict"] == "inconclusive"
    assert compared(GONE, unmeasured=unread)["verdict"] == "breaking"


def test_levels_move_by_condition_then_by_configuration():
    other = declared_fact(
        "model-removed",
        "models",
        path="/models/x",
        place="x",
        before=1,
        level="warning",
        reason="another model than the requested one is no longer listed",
    )
    (finding,) = compared(other)["findings"]
    assert finding["level_steps"] == [
        "default: breaking",
        "another model than the requested one is no longer listed: warning",
    ]
    (finding,) = compared(other, policy=Policy(levels={"model-removed": "info"}))["findings"]
    assert finding["level_steps"][-1] == "configured: info"
    assert compared(NEW, policy=Policy(fail_on="info"))["gate"]["exit_code"] == 1


def test_an_acknowledged_fact_is_out_of_the_gate_until_its_day():
    (finding,) = compared(GONE)["findings"]
    entry = Acknowledged(finding["fingerprint"], "model-removed", "planned", "ana", "2026-12-01")
    document = compared(GONE, policy=Policy(acknowledgements=(entry,), today="2026-11-20"))
    assert document["findings"][0]["acknowledged"]["owner"] == "ana"
    assert (document["verdict"], document["gate"]["exit_code"]) == ("none", 0)
    document = compared(GONE, policy=Policy(acknowledgements=(entry,), today="2026-12-02"))
    assert document["verdict"] == "breaking"
    assert "expired" in document["notices"][0]


def test_a_fingerprint_covers_what_moved_and_neither_values_nor_places():
    def print_of(**fields):
        fact = declared_fact("model-removed", "models", **{"path": "/m", "place": "m", "before": 1, **fields})
        return compared(fact)["findings"][0]["fingerprint"]

    assert print_of() == print_of(before=2, places=["a"], note="More.")
    assert len({print_of(), print_of(place="n"), print_of(path="/n"), print_of(change="moved")}) == 4


def test_a_fact_in_many_places_is_one_finding_that_names_the_first_ones():
    many = [f"POST /v1/{n}" for n in range(140)]
    fact = declared_fact(
        "model-removed", "models", path="/m", place="m", before=1, places=many, note="Somewhere."
    )
    document = compared(fact)
    assert document["findings"][0]["places"] == ["m", *many]
    assert "in 140 places" in document["findings"][0]["explanation"]
    for form in ("text", "md"):
        shown = FORMATS[form].render(document, verbosity="normal")
        assert "and 137 more places" in " ".join(shown.split())
        assert "POST /v1/77" not in shown
        assert "POST /v1/77" in " ".join(FORMATS[form].render(document, verbosity="verbose").split())


@pytest.mark.parametrize("form", [one.name for one in formats_for("comparison")])
def test_every_format_shows_it(form):
    assert "model-removed" in FORMATS[form].render(compared(NEW, GONE))
    assert summary_line(compared(GONE)).startswith("breaking: 1 breaking")


def test_the_store_keeps_it_and_finds_it_again(tmp_path):
    document = compared(NEW, GONE)
    with Store.open(tmp_path / "drift.db") as store:
        store.save_comparison(document)
        assert store.comparison(document["id"]) == document
        assert store.verify() == []
