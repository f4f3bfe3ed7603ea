# Judging a candidate while it is being asked: shares of the error budget, order of looking, when enough is enough.
from __future__ import annotations

import random

import pytest

from drift.compare import Early, Policy, compare
from drift.compare.anytime import Order, _shares, anytime
from drift.model import Exchange, Expect, Message, Probe, Run, Sample, Snapshot
from drift.rules.facts import Signal
from drift.rules.measure import Counts, Flips

RAW = '{"a": 1}'
FENCED = f"```json\n{RAW}\n```"


def run(name):
    return Run(name * 12, "anthropic/m", "m", "anthropic", "complete", "2026-11-01T00:00:00+00:00")


def asked(families, probes, epochs, odd=lambda *_: False):
    """Probes of some families, and the answers of a run in which `odd(family, probe, epoch)` ones are fenced."""
    suite, samples = {}, []
    for family in range(families):
        for number in range(probes):
            name = f"t{family}/{number:02}"
            exchange = Exchange(messages=(Message("user", name),))
            suite[name] = Probe(name, f"t{family}", f"f{family}", "machine", (exchange,), Expect(json=True))
            for epoch in range(1, epochs + 1):
                text = FENCED if odd(family, number, epoch) else RAW
                document = {"recorded": {"prompt": name, "output_text": text}}
                samples.append(Sample(f"{name}#{epoch}", name, epoch, "response", document))
    return suite, samples


def watched(families=1, probes=20, epochs=5, odd=lambda *_: False, *, policy=None, shuffle=False):
    suite, base = asked(families, probes, epochs)
    _, candidate = asked(families, probes, epochs, odd)
    watch = Early(Snapshot(run("a"), suite, tuple(base)), policy or Policy(fail_on="warning"))
    order = [(name, epoch) for epoch in range(1, epochs + 1) for name in suite]
    watch.begin(run("b"), suite, order)
    answers = {(s.probe_id, s.epoch): s for s in candidate}
    coming = [answers[key] for key in order]
    if shuffle:
        random.Random(1).shuffle(coming)
    for count, sample in enumerate(coming, 1):
        stopped = watch.add(sample)
        if stopped:
            return stopped, count, watch
    return None, len(coming), watch


def test_gross_drift_is_shown_after_a_dozen_answers():
    stopped, count, _ = watched(odd=lambda *_: True)
    assert stopped == "drift"
    assert count <= 12


def test_nothing_is_clear_before_every_probe_was_asked():
    stopped, count, watch = watched(probes=60, epochs=3)
    assert stopped == "clear"
    assert count >= 60
    assert watch.order.stopped == "clear"


def test_a_family_too_small_to_show_anything_does_not_keep_the_run_going():
    stopped, count, _ = watched(families=2, probes=2, epochs=1)
    assert (stopped, count) == ("clear", 4)


def test_slow_answers_do_not_change_who_is_looked_at():
    odd = lambda family, number, epoch: number % 2 == 0  # noqa: E731 one line says it
    in_order = watched(odd=odd)
    late = watched(odd=odd, shuffle=True)
    assert in_order[0] == late[0] == "drift"
    assert late[1] >= in_order[1]  # what comes early waits for its turn


def test_a_warning_below_the_gate_does_not_end_the_search_for_worse():
    policy = Policy(fail_on="breaking", levels={"text-markdown-fence-added": "warning"})
    stopped, count, _ = watched(odd=lambda *_: True, policy=policy)
    assert stopped != "drift"
    assert count > 20


def test_the_document_of_a_stopped_run_is_decided_and_says_what_was_saved():
    _, count, watch = watched(probes=60, epochs=3)
    suite, base = asked(1, 60, 3)
    part = Snapshot(run("b"), suite, tuple(watch._samples))
    document = compare(
        Snapshot(run("a"), suite, tuple(base)), part, order=watch.order, policy=Policy(fail_on="warning")
    )
    assert document["verdict"] == "none"
    assert document["sequential"] == {
        "planned": 180, "asked": count, "saved": 180 - count, "stopped": "clear", "size": 0.1,
    }  # fmt: skip
    assert document["families"][0]["detectable_effect"] == 0.1


@pytest.mark.parametrize("firsts", [[1], [5, 2, 9], [3, 3, 3], [1, 1, 4, 7, 7, 7]])
def test_shares_of_a_capital_add_up_to_at_most_one(firsts):
    shares = _shares(dict(enumerate(firsts)))
    assert 0 < sum(shares.values()) <= 1
    assert shares[firsts.index(min(firsts))] == max(shares.values())


def signal(family, up, down, first, measure="m", pairs=100):
    counts = Counts(pairs, pairs, pairs, 0, up, effect=0.1, p=0.5, flips=Flips(pairs, up, down, first))
    return Signal(measure, "text-markdown-fence-added", family, "rate", counts)


def test_budgets_of_families_add_up_to_their_number():
    order = Order({}, dict.fromkeys("abcd", 100))
    signals = [signal(family, 0, 0, turn) for turn, family in enumerate("abcd", 1)]
    _, qs = anytime(signals, order)
    assert set(qs.values()) == {1.0}


def test_two_names_of_the_same_flips_do_not_halve_the_budget():
    order = Order({}, {"a": 100})
    alone, qs_alone = anytime([signal("a", 9, 0, 1)], order)
    twins, qs_twins = anytime([signal("a", 9, 0, 1), signal("a", 9, 0, 1, "n")], order)
    assert qs_alone[id(alone[0])] == qs_twins[id(twins[0])] == qs_twins[id(twins[1])]


def test_what_has_no_pairs_in_order_is_not_tested():
    order = Order({}, {"a": 100})
    counts = Counts(10, 10, 10, 0, 9, effect=0.9, p=1e-9)
    (changed,), qs = anytime([Signal("m", "text-markdown-fence-added", "a", "rate", counts)], order)
    assert qs == {}
    assert changed.counts.p is None
