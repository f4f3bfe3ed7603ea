# What may be claimed: on real recordings, on injected drift, and on nothing at all.
from __future__ import annotations

import dataclasses
import gzip
import json
import os
import random
from functools import cache
from pathlib import Path

import pytest

from drift.compare import Acknowledged, Policy, compare
from drift.compare.controls import Control, spread_of
from drift.model import Exchange, Expect, Message, Probe, Run, Sample, Snapshot
from drift.observe import OBSERVER_VERSION, observe
from drift.rules import RULES_BY_ID
from drift.rules.facts import Signal
from drift.rules.measure import Counts

CORPUS = os.environ.get("DRIFT_CORPUS")
corpus = pytest.mark.skipif(
    not CORPUS, reason="DRIFT_CORPUS is not set: recorded outputs of real models are not here"
)


def snapshot(name, answers, *, purpose="machine", expect=None, status="complete", failed=(), **run):
    """answers: probe id → list of texts."""
    probes, samples = {}, []
    for probe_id, texts in answers.items():
        probes[probe_id] = Probe(
            probe_id,
            "t",
            "f",
            purpose,
            (Exchange(messages=(Message("user", probe_id),)),),
            expect or Expect(json=True),
        )
        for epoch, text in enumerate(texts, 1):
            outcome = "failed" if probe_id in failed else "response"
            document = {"recorded": {"prompt": probe_id, "output_text": text, "usage": {"prompt_tokens": 7}}}
            samples.append(Sample(f"{name}-{probe_id}-{epoch}", probe_id, epoch, outcome, document))
    fields = {
        "id": f"{name}00000000000", "target": "anthropic/m", "requested_model": "m", "platform": "anthropic",
        "status": status, "created_at": "2026-11-01T00:00:00+00:00", "suite_hash": "s", **run,
    }  # fmt: skip
    return Snapshot(Run(**fields), probes, tuple(samples))


RAW = '{"a": 1}'
FENCED = f"```json\n{RAW}\n```"


def raw(n=20, epochs=1):
    return {f"t/{i:03}": [RAW] * epochs for i in range(n)}


def fenced(share, n=20, epochs=1):
    return {f"t/{i:03}": [FENCED if i < share * n else RAW] * epochs for i in range(n)}


def rules(document, *levels):
    return {f["rule"] for f in document["findings"] if not levels or f["level"] in levels}


def test_equal_snapshots_give_no_finding_and_say_what_could_have_been_seen():
    document = compare(snapshot("a", raw()), snapshot("b", raw()))
    assert document["verdict"] == "none"
    assert document["gate"] == {"fail_on": "breaking", "exit_code": 0}
    assert document["families"][0]["detectable_effect"] < 0.5


def test_a_fence_in_every_answer_is_breaking_and_witnessed():
    document = compare(
        snapshot("a", raw()), snapshot("b", fenced(1), requested_model="n", target="anthropic/n")
    )
    (finding,) = document["findings"]
    assert (finding["rule"], finding["level"], finding["evidence_class"]) == (
        "text-markdown-fence-added", "breaking", "witnessed",
    )  # fmt: skip
    assert finding["evidence"]["up"] == 20
    assert finding["witnesses"][0]["baseline"]["excerpt"] == RAW
    assert finding["witnesses"][0]["candidate"]["excerpt"] == FENCED
    assert document["gate"]["exit_code"] == 1
    assert document["axes"] == ["model"]


def test_one_odd_answer_of_twenty_is_rare_and_gates_nothing():
    document = compare(snapshot("a", raw()), snapshot("b", fenced(0.05)))
    (finding,) = document["findings"]
    assert (finding["level"], finding["tags"]) == ("info", ["rare"])
    assert document["verdict"] == "info"
    assert document["gate"]["exit_code"] == 0


def test_a_rate_that_grows_from_above_zero_is_statistical():
    first = fenced(0.1, n=60)
    document = compare(snapshot("a", first), snapshot("b", fenced(0.6, n=60)))
    assert [f["evidence_class"] for f in document["findings"]][:1] == ["statistical"]


def test_the_same_violation_on_both_sides_is_not_drift():
    assert compare(snapshot("a", fenced(0.4)), snapshot("b", fenced(0.4)))["findings"] == []


def test_unannounced_drift_is_named_as_such_once():
    document = compare(snapshot("a", raw()), snapshot("b", fenced(1)))
    assert document["axes"] == []
    assert rules(document) == {"text-markdown-fence-added", "silent-drift-suspected"}


def test_prose_makes_a_format_finding_a_warning():
    document = compare(
        snapshot("a", raw(), purpose="prose", expect=Expect()),
        snapshot("b", fenced(1), purpose="prose", expect=Expect()),
    )
    levels = {f["rule"]: f["level"] for f in document["findings"]}
    assert levels["text-markdown-fence-added"] == "warning"


def test_failed_samples_are_never_drift_and_never_a_pass():
    document = compare(snapshot("a", raw(3)), snapshot("b", raw(3), failed={"t/000", "t/001", "t/002"}))
    assert document["verdict"] == "inconclusive"
    assert document["gate"]["exit_code"] == 3
    assert document["unmeasured"][0]["family"] == "f"
    assert document["findings"] == []


@pytest.mark.parametrize(
    ("refused", "where"), [((0,), "of the baseline"), ((1,), "of the candidate"), ((0, 1), "on both sides")]
)
def test_a_side_that_was_refused_everything_is_never_a_pass(refused, where):
    sides = [snapshot(name, raw(3)) for name in "ab"]
    for index in refused:
        samples = (dataclasses.replace(sample, outcome="rejected") for sample in sides[index].samples)
        sides[index] = dataclasses.replace(sides[index], samples=tuple(samples))
    document = compare(*sides)
    assert document["gate"]["exit_code"] in {1, 3}
    reason = f"the API refused every request {where}, so no answer was seen"
    assert document["unmeasured"] == [{"family": "every family", "reason": reason}]


def test_findings_beat_what_could_not_be_measured():
    document = compare(snapshot("a", raw()), snapshot("b", fenced(1), status="incomplete"))
    assert document["gate"]["exit_code"] == 1


def test_an_incomplete_run_is_inconclusive():
    document = compare(snapshot("a", raw()), snapshot("b", raw(), status="incomplete"))
    assert document["verdict"] == "inconclusive"


def test_a_changed_probe_is_not_comparable_and_the_others_go_on():
    first, second = snapshot("a", raw()), snapshot("b", fenced(1))
    changed = dataclasses.replace(
        second.probes["t/000"], exchanges=(Exchange(messages=(Message("user", "something else"),)),)
    )
    second = dataclasses.replace(second, probes={**second.probes, "t/000": changed})
    document = compare(first, second)
    assert document["comparable"] == [
        {
            "channel": "probe",
            "ok": False,
            "reason": "the probe asks something else on the two sides",
            "affected_samples": 2,
        }
    ]
    assert document["findings"][0]["evidence"]["pairs"] == 19


@pytest.mark.parametrize("older", ["baseline", "candidate"])
def test_what_an_older_observer_kept_as_shape_is_not_comparable_and_raw_samples_are_read_again(older):
    sides = {"baseline": snapshot("a", raw()), "candidate": snapshot("b", fenced(1))}
    for name, side in sides.items():
        version = OBSERVER_VERSION - (name == older)
        shape = observe(side.samples[0].document, side.probes["t/000"])
        kept = dataclasses.replace(
            side.samples[0], document={"shape": shape, "observer": version, "hashes": {}, "exchanges": []}
        )
        sides[name] = dataclasses.replace(side, samples=(kept, *side.samples[1:]))
    document = compare(*sides.values())
    assert document["comparable"] == [
        {
            "channel": "observer",
            "ok": False,
            "reason": "kept as shape by another version of the observer, not to be read again: ask these probes anew",
            "affected_samples": 2,
        }
    ]
    assert document["findings"][0]["evidence"]["pairs"] == 19


def test_a_control_that_moves_as_far_takes_the_finding_back():
    base, candidate = snapshot("a", fenced(0.1, n=60)), snapshot("b", fenced(0.5, n=60))
    calm = compare(base, candidate, control=snapshot("c", fenced(0.1, n=60)))
    noisy = compare(base, candidate, control=snapshot("c", fenced(0.6, n=60)))
    assert "text-markdown-fence-added" in rules(calm)
    assert "text-markdown-fence-added" not in rules(noisy)
    assert any("same-model control" in notice for notice in noisy["notices"])


def test_a_control_that_swings_more_than_chance_widens_every_p():
    """Families that all swing together from run to run: the model is noisier than fair coins."""

    def swinging(share, n=60, families=12):
        rng = random.Random(round(share * 1000))
        texts = {f"t/{i:03}": [FENCED if rng.random() < share else RAW] for i in range(n * families)}
        side = snapshot("x", texts)
        probes = {
            key: dataclasses.replace(value, family=f"f{i % families}")
            for i, (key, value) in enumerate(side.probes.items())
        }
        return dataclasses.replace(side, probes=probes)

    base, candidate = swinging(0.3), swinging(0.55)
    assert "text-markdown-fence-added" in rules(compare(base, candidate, control=swinging(0.301)))
    noisy = compare(base, candidate, control=swinging(0.5))
    assert any("spreads" in notice for notice in noisy["notices"])


def test_a_slow_night_of_the_control_makes_no_answer_uncertain():
    def moved(measure, family):
        return Signal(measure, None, family, "rate", Counts(60, 60, 60, up=60, down=0, unit="ratio"))

    families = [f"family {number}" for number in range(8)]
    slow, shaky = (
        Control(tuple(moved(measure, family) for family in families))
        for measure in ("latency_ms", "text.chars")
    )
    assert spread_of([slow]).phi == 1
    assert spread_of([shaky]).phi > 1


def test_an_acknowledged_finding_keeps_its_level_and_leaves_the_gate():
    first, second = snapshot("a", raw()), snapshot("b", fenced(1), requested_model="n", target="anthropic/n")
    finding = compare(first, second)["findings"][0]
    entry = Acknowledged(finding["fingerprint"], finding["rule"], "handled", "team", "2026-12-31")
    document = compare(first, second, policy=Policy(acknowledgements=(entry,), today="2026-11-24"))
    assert document["findings"][0]["level"] == "breaking"
    assert document["findings"][0]["acknowledged"] == {
        "reason": "handled",
        "owner": "team",
        "until": "2026-12-31",
    }
    assert (document["verdict"], document["gate"]["exit_code"]) == ("none", 0)
    late = compare(first, second, policy=Policy(acknowledgements=(entry,), today="2027-01-01"))
    assert late["gate"]["exit_code"] == 1
    assert any("expired" in notice for notice in late["notices"])


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("info", 1), ("warning", 1), ("breaking", 1)])
def test_the_gate_follows_fail_on(fail_on, code):
    document = compare(snapshot("a", raw()), snapshot("b", fenced(1)), policy=Policy(fail_on=fail_on))
    assert document["gate"]["exit_code"] == code


def test_never_still_says_when_nothing_could_be_decided():
    document = compare(
        snapshot("a", raw()), snapshot("b", raw(), status="incomplete"), policy=Policy(fail_on="never")
    )
    assert document["gate"]["exit_code"] == 3


def test_a_configured_level_is_a_step_that_can_be_read():
    policy = Policy(levels={"text-markdown-fence-added": "info"})
    finding = compare(snapshot("a", raw()), snapshot("b", fenced(1)), policy=policy)["findings"][0]
    assert finding["level"] == "info"
    assert finding["level_steps"] == ["default: breaking", "configured: info"]


def test_a_fingerprint_survives_other_values_rates_and_models():
    first = compare(snapshot("a", raw()), snapshot("b", fenced(1), requested_model="n", target="anthropic/n"))
    second = compare(
        snapshot("a", raw(40)), snapshot("b", fenced(0.5, n=40), requested_model="o", target="anthropic/o")
    )
    assert first["findings"][0]["fingerprint"] == second["findings"][0]["fingerprint"]


def test_several_epochs_are_tested_within_probes():
    rng = random.Random(3)

    def side(rate):
        return {f"t/{i:02}": [FENCED if rng.random() < rate else RAW for _ in range(8)] for i in range(20)}

    document = compare(snapshot("a", side(0.1)), snapshot("b", side(0.6)))
    finding = next(f for f in document["findings"] if f["rule"] == "text-markdown-fence-added")
    assert finding["evidence"]["test"] == "permutation within probes"
    assert finding["evidence"]["p"] < 0.01


def test_unchanged_random_behaviour_rarely_reaches_a_warning():
    """Splits of one unchanged model: the share of reports with a warning stays near what the report promises."""
    rng = random.Random(11)
    alarms = 0
    for _ in range(60):
        rates = [rng.random() for _ in range(30)]
        first, second = (
            {f"t/{i:02}": [FENCED if rng.random() < rate else RAW] for i, rate in enumerate(rates)}
            for _ in range(2)
        )
        document = compare(snapshot("a", first), snapshot("b", second))
        alarms += bool(rules(document, "warning", "breaking"))
    assert alarms <= 6  # 60 reports at 5 %: more than six has a chance below 3 %


# ---------------------------------------------------------------- real recordings


@cache
def recordings(name):
    runs = {}
    with gzip.open(Path(CORPUS) / name, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            data = json.loads(line)
            key = (data.pop("dataset"), data.pop("target"), data.pop("version_label"))
            probe_id, sample = data.pop("probe_id"), data.pop("sample")
            runs.setdefault(key, []).append((number, probe_id, sample, data))
    return {key: _recorded(key, lines) for key, lines in runs.items()}


def _recorded(key, lines):
    dataset, target, label = key
    probes, samples = {}, []
    for number, probe_id, sample, data in lines:
        exchanges = (Exchange(messages=(Message("user", data["prompt"]),)),) if data.get("prompt") else ()
        tags = ("aggregate",) if (data.get("labels") or {}).get("aggregate") else ()
        probes.setdefault(probe_id, Probe(probe_id, probe_id, dataset, exchanges=exchanges, tags=tags))
        samples.append(Sample(f"{label}-{number}", probe_id, sample + 1, "response", {"recorded": data}))
    run = Run(
        id=f"{label}000000000000", target=target, requested_model=target, platform="recorded", status="complete",
        created_at="2026-01-01T00:00:00+00:00", dataset=dataset, label=label,
    )  # fmt: skip
    return Snapshot(run, probes, tuple(samples))


def side(name, target):
    return next(value for key, value in recordings(name).items() if key[1].endswith(target))


@corpus
def test_gpt_4_fences_its_code_and_the_fall_of_executable_is_explained_by_it():
    document = compare(
        side("llmdrift/leetcode-easy.jsonl.gz", "gpt-4-0314"),
        side("llmdrift/leetcode-easy.jsonl.gz", "gpt-4-0613"),
    )
    by_rule = {(f["rule"], *f["places"]): f for f in document["findings"]}
    fence = by_rule[("text-markdown-fence-added",)]
    assert (fence["evidence"]["baseline"]["k"], fence["evidence"]["candidate"]["k"]) == (0, 44)
    assert fence["evidence"]["p"] == pytest.approx(1.14e-13, rel=0.01)
    fell = by_rule[("label-rate-decreased", "executable")]
    assert "change of form" in fell["explanation"]
    better = by_rule[("label-rate-increased", "executable_after_fence_strip")]
    assert (better["evidence"]["baseline"]["k"], better["evidence"]["candidate"]["k"]) == (26, 35)


@corpus
def test_gpt_4_drops_its_explanations_and_says_no():
    document = compare(
        side("llmdrift/prime.jsonl.gz", "gpt-4-0314"), side("llmdrift/prime.jsonl.gz", "gpt-4-0613")
    )
    length = next(f for f in document["findings"] if f["rule"] == "output-length-shifted")
    assert round(length["evidence"]["baseline"]["mean"], 2) == 638.31
    assert round(length["evidence"]["candidate"]["mean"], 2) == 3.91
    assert "answer-bias-shifted" in rules(document)


@corpus
@pytest.mark.parametrize(("first", "second"), [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])
def test_trials_of_one_agent_do_not_differ(first, second):
    (run,) = recordings("taubench/gpt-4o-airline.jsonl.gz").values()
    document = compare(run, run, policy=Policy(baseline_samples=(first,), candidate_samples=(second,)))
    assert rules(document, "warning", "breaking") == set()


@corpus
def test_an_unchanged_series_raises_no_alarm_in_any_pair():
    runs = list(recordings("aider/sonnet-fine.jsonl.gz").values())
    for first in runs:
        for second in runs:
            assert rules(compare(first, second)) == set()


@corpus
def test_another_number_of_cases_is_not_comparable():
    runs = list(recordings("aider/sonnet-fine.jsonl.gz").values())
    small = next(r for r in runs if r.samples[0].document["recorded"]["labels"]["n"] == 94)
    document = compare(runs[0], small)
    assert document["verdict"] == "inconclusive"
    assert any("sample size" in channel["reason"] for channel in document["comparable"])


def test_every_rule_that_a_document_names_is_in_the_table():
    document = compare(snapshot("a", raw()), snapshot("b", fenced(1)))
    assert rules(document) <= set(RULES_BY_ID)


def test_one_probe_that_flips_is_claimed_alone_when_its_family_hides_it():
    first = raw(n=60, epochs=12)
    second = {**first, "t/007": [FENCED] * 12}
    document = compare(snapshot("a", first), snapshot("b", second, requested_model="n", target="anthropic/n"))
    (finding,) = document["findings"]
    assert (finding["rule"], finding["probe"], finding["evidence_class"]) == (
        "text-markdown-fence-added",
        "t/007",
        "statistical",
    )
    assert finding["evidence"]["test"] == "Fisher exact"


def test_three_epochs_never_support_a_claim_about_one_probe():
    first = raw(n=60, epochs=3)
    second = {**first, "t/007": [FENCED] * 3}
    document = compare(snapshot("a", first), snapshot("b", second, requested_model="n", target="anthropic/n"))
    assert rules(document, "warning", "breaking") == set()


def test_two_odd_answers_of_two_may_be_chance_and_gate_nothing():
    document = compare(snapshot("a", raw(n=2)), snapshot("b", fenced(1, n=2)))
    assert [(f["level"], f["tags"]) for f in document["findings"]] == [("info", ["rare"])]


def test_a_run_of_nothing_but_refusals_is_inconclusive():
    sides = []
    for name in "ab":
        side = snapshot(name, raw(5))
        sides.append(
            dataclasses.replace(
                side, samples=tuple(dataclasses.replace(s, outcome="rejected") for s in side.samples)
            )
        )
    document = compare(*sides)
    assert (document["verdict"], document["gate"]["exit_code"]) == ("inconclusive", 3)
