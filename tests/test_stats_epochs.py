# Permutation within probes, clustered errors, overdispersion and text against oracles and simulation.
# Owns: figures of the recorded agent trials. Refuses to know: who calls drift.stats.
from __future__ import annotations

import gzip
import json
import os
from collections import defaultdict
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from drift import stats

corpus = os.environ.get("DRIFT_CORPUS")
needs_corpus = pytest.mark.skipif(
    not corpus, reason="DRIFT_CORPUS is not set: recorded outputs of real models are not here"
)


def read(name):
    with gzip.open(Path(corpus) / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@needs_corpus
def test_trials_of_one_agent_give_the_published_errors_and_no_drift():
    tasks = defaultdict(dict)
    for line in read("taubench/gpt-4o-airline.jsonl.gz"):
        tasks[line["probe_id"]][line["sample"]] = float(line["labels"]["reward"])
    result = stats.clustered_mean([list(trials.values()) for trials in tasks.values()])
    assert (result.clusters, result.samples) == (50, 200)
    assert round(result.naive_error, 4) == 0.035
    assert round(result.error, 4) == 0.0517
    assert result.design_effect == pytest.approx(1.48**2, rel=0.01)
    smallest = 1.0
    for a, b in combinations(range(4), 2):
        up = sum(trials[a] < trials[b] for trials in tasks.values())
        down = sum(trials[a] > trials[b] for trials in tasks.values())
        smallest = min(smallest, stats.mcnemar(up, down))
    assert round(smallest, 3) == 0.774
    halves = [[[t[a], t[b]] for t in tasks.values()] for a, b in ((0, 1), (2, 3))]
    assert stats.clustered_permutation(*halves).p > 0.5


@needs_corpus
@pytest.mark.parametrize(
    ("metric", "chi2", "p"),
    [
        ("pass_rate_2", 6.68, 0.9926),
        ("pass_rate_1", 5.23, 0.9985),
        ("percent_cases_well_formed", 15.7, 0.6133),
    ],
)
def test_runs_of_one_benchmark_share_one_rate(metric, chi2, p):
    lines = [line["labels"] for line in read("aider/sonnet-fine.jsonl.gz")]
    runs = [(x["k"], x["n"]) for x in lines if x["metric"] == metric and x["n"] == 133]
    result = stats.chi_square_equal(*zip(*runs, strict=True))
    assert (round(result.statistic, 2), result.freedom, round(result.p, 4)) == (chi2, 18, p)


def test_one_epoch_is_mcnemar_and_one_probe_is_fisher():
    rng = np.random.default_rng(1)
    base, other = rng.random(40) < 0.4, rng.random(40) < 0.7
    up, down = int((~base & other).sum()), int((base & ~other).sum())
    result = stats.clustered_permutation([[v] for v in base], [[v] for v in other])
    assert result.exact
    assert result.p == pytest.approx(stats.mcnemar(up, down))
    assert result.effect == pytest.approx((up - down) / 40)
    alone = stats.clustered_permutation([[1, 1, 1, 1, 0]], [[0, 0, 0, 1, 0]])
    assert alone.p == pytest.approx(stats.fisher(4, 5, 1, 5))
    assert alone.interval is None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 3))
def test_the_exact_p_is_the_share_of_all_labellings(seed, probes, epochs):
    rng = np.random.default_rng(seed)
    values = rng.random((probes, 2 * epochs)) < rng.random((probes, 1))
    base, other = values[:, :epochs], values[:, epochs:]
    result = stats.clustered_permutation(base.tolist(), other.tolist())
    sums = np.zeros(1)
    for row in values:
        choices = [sum(row[list(c)]) for c in combinations(range(2 * epochs), epochs)]
        sums = np.add.outer(sums, [2 * k - row.sum() for k in choices]).ravel()
    observed = abs(int(other.sum()) - int(base.sum()))
    assert sums.size == comb(2 * epochs, epochs) ** probes
    assert result.p == pytest.approx(np.mean(np.abs(sums) >= observed))
    assert 0 < result.p <= 1
    mirrored = stats.clustered_permutation(other.tolist(), base.tolist())
    assert mirrored.p == pytest.approx(result.p)
    assert mirrored.effect == pytest.approx(-result.effect)


def test_drawing_counts_agrees_with_shuffling_and_with_the_exact_distribution():
    rng = np.random.default_rng(3)
    base = [(rng.random(4) < 0.5).tolist() for _ in range(30)]
    other = [(rng.random(4) < 0.65).tolist() for _ in range(30)]
    exact = stats.clustered_permutation(base, other)
    # one more epoch in one settled probe: nothing to exchange there, but sizes differ, so that counts are drawn
    drawn = stats.clustered_permutation([*base, [1, 1, 1]], [*other, [1]], resamples=20_000)
    numbers = stats.clustered_permutation(
        [[v + 0.0 if v else -1 for v in probe] for probe in base],
        [[v + 0.0 if v else -1 for v in probe] for probe in other],
        resamples=20_000,
    )
    assert (exact.exact, drawn.exact, numbers.exact) == (True, False, False)
    assert drawn.p == pytest.approx(exact.p, abs=0.012)
    assert numbers.p == pytest.approx(exact.p, abs=0.012)


def test_numbers_agree_with_scipys_permutation_of_one_probe():
    rng = np.random.default_rng(9)
    base, other = rng.normal(0, 1, 8), rng.normal(1, 1, 10)
    expected = scipy.stats.permutation_test(
        (base, other), lambda a, b, axis: b.mean(axis=axis) - a.mean(axis=axis), vectorized=True, rng=1
    ).pvalue
    assert stats.clustered_permutation([base], [other], resamples=20_000).p == pytest.approx(
        expected, abs=0.01
    )


def test_the_order_of_probes_and_epochs_does_not_matter_and_the_seed_repeats():
    rng = np.random.default_rng(4)
    base = [rng.normal(k, 1, 3) for k in range(12)]
    other = [rng.normal(k + 0.4, 1, 4) for k in range(12)]
    one = stats.clustered_permutation(base, other, seed=5)
    assert one == stats.clustered_permutation(base, other, seed=5)
    turned = stats.clustered_permutation(
        [b[::-1] for b in base[::-1]], [o[::-1] for o in other[::-1]], seed=5
    )
    assert turned.effect == pytest.approx(one.effect)
    assert turned.p == pytest.approx(one.p, abs=0.03)


def test_a_ratio_compares_logs():
    base = [[100.0, 120], [10, 12], [55, 50], [300, 290]]
    other = [[v * 2 for v in probe] for probe in base]
    result = stats.clustered_permutation(base, other, statistic="ratio")
    assert result.effect == pytest.approx(2)
    assert result.interval == pytest.approx((2, 2))
    with pytest.raises(ValueError, match="positive"):
        stats.clustered_permutation([[0.0]], [[1.0]], statistic="ratio")


def test_the_permutation_test_holds_its_level_where_pooling_does_not():
    rng = np.random.default_rng(6)
    alarms = pooled = 0
    rounds = 400
    for _ in range(rounds):
        rates = rng.beta(0.3, 0.3, (25, 1))
        base, other = rng.random((25, 4)) < rates, rng.random((25, 4)) < rates
        alarms += stats.clustered_permutation(base.tolist(), other.tolist()).p <= 0.05
        # other prompts on the other side: what a comparison that ignores probes would do
        fresh = rng.random((25, 4)) < rng.beta(0.3, 0.3, (25, 1))
        pooled += stats.fisher(int(base.sum()), 100, int(fresh.sum()), 100) <= 0.05
    assert alarms / rounds <= 0.075
    assert pooled / rounds > 0.15


def test_unequal_epochs_hold_the_level_too():
    rng = np.random.default_rng(8)
    ps = []
    for _ in range(300):
        base, other = [], []
        for _ in range(12):
            rate, n1, n2 = rng.beta(0.5, 0.5), rng.integers(1, 5), rng.integers(1, 5)
            base.append((rng.random(n1) < rate).tolist())
            other.append((rng.random(n2) < rate).tolist())
        ps.append(stats.clustered_permutation(base, other, resamples=400).p)
    assert np.mean(np.array(ps) <= 0.05) <= 0.08
    assert min(ps) >= 1 / 401


def test_thousand_probes_of_twenty_epochs_are_computed_exactly_and_others_drawn():
    rng = np.random.default_rng(0)
    base, other = (rng.random((1000, 20)) < 0.5), (rng.random((1000, 20)) < 0.5)
    assert stats.clustered_permutation(list(base), list(other)).exact
    assert not stats.clustered_permutation([*base, np.ones(3)], [*other, np.ones(3)], resamples=2000).exact


def test_no_spread_among_probes_is_no_certainty():
    same = stats.clustered_permutation([[1, 1]] * 20, [[1, 1]] * 20)
    assert (same.p, same.effect) == (1.0, 0.0)
    assert same.interval.low == pytest.approx(-same.interval.high)
    assert 0.1 < same.interval.high < 0.2
    all_moved = stats.clustered_permutation([[0, 0]] * 20, [[1, 1]] * 20)
    assert all_moved.interval.high == 1.0
    assert 0.8 < all_moved.interval.low < 0.9
    numbers = stats.clustered_permutation([[5.0, 5]] * 3, [[7.0, 7]] * 3)
    assert numbers.interval == (2, 2)


def test_what_cannot_be_compared_is_refused():
    for function in (stats.clustered_permutation, stats.clustered_difference):
        with pytest.raises(ValueError, match="against"):
            function([[1]], [])
        with pytest.raises(ValueError, match="both sides"):
            function([[1]], [[]])
    with pytest.raises(ValueError, match="no sample"):
        stats.clustered_mean([[], []])


def test_clustered_intervals_cover_and_naive_ones_do_not():
    rng = np.random.default_rng(12)
    covered = naive = paired = 0
    rounds = 600
    for _ in range(rounds):
        rates = rng.beta(1, 1, (40, 1))
        result = stats.clustered_mean((rng.random((40, 5)) < rates).astype(float).tolist())
        covered += result.interval.low <= 0.5 <= result.interval.high
        naive += abs(result.mean - 0.5) <= 1.96 * result.naive_error
        base = rng.normal(rates, 0.3, (40, 5))
        other = rng.normal(rates + 0.1, 0.3, (40, 5))
        difference = stats.clustered_difference(base.tolist(), other.tolist())
        paired += difference.interval.low <= 0.1 <= difference.interval.high
    assert 0.925 <= covered / rounds <= 0.975
    assert naive / rounds < 0.9
    assert 0.925 <= paired / rounds <= 0.975


def test_pairing_takes_out_what_probes_differ_by():
    base = [[0.0, 0.1], [5.0, 5.1], [9.0, 9.1]]
    other = [[0.2, 0.3], [5.3, 5.4], [9.1, 9.2]]
    result = stats.clustered_difference(base, other)
    assert result.mean == pytest.approx(0.2)
    assert result.error < result.naive_error / 10
    assert result.samples == 12


def test_fair_controls_have_no_overdispersion_and_shaky_ones_have():
    rng = np.random.default_rng(2)
    fair = [(int(up), 40 - int(up)) for up in rng.binomial(40, 0.5, 400)]
    assert stats.overdispersion(fair).phi == pytest.approx(1, abs=0.15)
    shaky = [(int(up), 40 - int(up)) for up in rng.binomial(40, rng.beta(5, 5, 400))]
    phi, controls, p = stats.overdispersion(shaky)
    assert phi > 3
    assert controls == 400
    assert p < 1e-9
    assert stats.overdispersion(fair).p > 1e-3
    assert stats.overdispersion([])[:2] == (1.0, 0)
    assert stats.overdispersion([(0, 0), (3, 3)]) == (1.0, 1, 1.0)
    with pytest.raises(ValueError, match="negative"):
        stats.overdispersion([(-1, 2)])


def test_inflated_p_values_hold_their_level_on_a_shaky_model():
    rng = np.random.default_rng(5)
    alarms = raw = 0
    rounds = 1500
    for _ in range(rounds):
        rates = rng.beta(10, 10, 9)
        ups = rng.binomial(60, rates)
        dispersion = stats.overdispersion([(int(up), 60 - int(up)) for up in ups[1:]])
        p = stats.mcnemar(int(ups[0]), 60 - int(ups[0]))
        raw += p <= 0.05
        alarms += stats.inflate_p(p, dispersion) <= 0.05
    assert raw / rounds > 0.2
    assert alarms / rounds <= 0.06


@given(st.floats(0, 1), st.floats(1, 20), st.integers(0, 50))
def test_inflation_never_helps(p, phi, controls):
    inflated = stats.inflate_p(p, stats.Overdispersion(phi, controls))
    assert p <= inflated <= 1 or inflated == p
    assert stats.inflate_p(p, stats.Overdispersion(1.0, controls)) == p
    with pytest.raises(ValueError, match="p-value"):
        stats.inflate_p(1 + phi, stats.Overdispersion(phi, controls))


def texts(rng, words, prompts=10, samples=4):
    return [[" ".join(rng.choice(words, 8)) for _ in range(samples)] for _ in range(prompts)]


def test_text_of_one_model_is_silent_and_of_another_is_not():
    rng = np.random.default_rng(1)
    old, new = ["alpha", "beta", "gamma", "delta"], ["alpha", "beta", "omega", "sigma"]
    quiet = [stats.text_mmd(texts(rng, old), texts(rng, old), resamples=200, seed=i).p for i in range(60)]
    assert np.mean(np.array(quiet) <= 0.05) <= 0.12
    assert min(quiet) >= 1 / 201
    moved = stats.text_mmd(texts(rng, old, 25, 6), texts(rng, new, 25, 6))
    assert moved.p < 0.01
    assert moved.effect > 0
    assert moved.interval is None


def test_prompts_that_differ_are_no_difference_of_models():
    # Each prompt has its own answer on both sides: a test that permutes across prompts sees structure, this one none.
    same = [[f"answer {k}"] * 3 for k in range(8)]
    assert stats.text_mmd(same, same) == (1.0, 0.0, None, 8, False)
    other = [[f"Answer {k}."] * 3 for k in range(8)]
    result = stats.text_mmd(same, other)
    assert result.p == pytest.approx(1 / 1001)
    assert 0 < result.effect <= 2


def test_the_discrepancy_is_the_textbook_estimate():
    first, second = ["abcd", "abxx"], ["abcd", "zzzz", "abc"]
    agree = lambda a, b: np.mean([x == y for x, y in zip(a.ljust(4, "\0"), b.ljust(4, "\0"), strict=True)])  # noqa: E731
    inside = agree(*first)
    rest = np.mean([agree(a, b) for a, b in combinations(second, 2)])
    across = np.mean([agree(a, b) for a in first for b in second])
    assert stats.text_mmd([first], [second]).effect == pytest.approx(inside + rest - 2 * across)


def test_hostile_text_is_only_text():
    lone = "\ud800 half a pair \x00\u202e"
    result = stats.text_mmd([[lone, ""]], [["", lone]], resamples=50)
    assert result.p == 1.0
    for bad in (0, -3):
        with pytest.raises(ValueError, match="length"):
            stats.text_mmd([["a", "b"]], [["a", "b"]], length=bad)
    with pytest.raises(ValueError, match="two texts"):
        stats.text_mmd([["a"]], [["a"]])
    with pytest.raises(ValueError, match="against"):
        stats.text_mmd([["a", "b"]], [])


def test_only_the_first_characters_count():
    base, other = [["same" + "x" * 50, "same"]] * 4, [["same" + "y" * 50, "same"]] * 4
    assert stats.text_mmd(base, other, length=4).effect == 0
    assert stats.text_mmd(base, other, length=60).effect != 0
