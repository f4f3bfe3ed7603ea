# The exact tests, intervals, corrections and power against scipy, statsmodels and simulation.
# Owns: oracles and properties of drift.stats. Refuses to know: who calls it.
from __future__ import annotations

from math import comb

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from drift import stats

counts = st.integers(0, 60)


@st.composite
def shares(draw):
    n = draw(st.integers(1, 40))
    return draw(st.integers(0, n)), n


@pytest.mark.parametrize(
    ("up", "down", "p"),
    [
        (0, 0, 1.0),
        (3, 3, 1.0),
        (0, 4, 0.125),
        (147, 476, 2.11e-41),
        (0, 622, 1.15e-187),
        (0, 999, 3.73e-301),
        (0, 2000, 0.0),
    ],
)
def test_mcnemar_gives_the_published_figures(up, down, p):
    assert stats.mcnemar(up, down) == pytest.approx(p, rel=5e-3)


@given(counts, counts)
def test_mcnemar_is_symmetric_and_agrees_with_the_oracles(up, down):
    p = stats.mcnemar(up, down)
    assert 0 < p <= 1
    assert p == stats.mcnemar(down, up) == stats.sign_test(up, down)
    if up + down:
        assert p == pytest.approx(scipy.stats.binomtest(up, up + down).pvalue, rel=1e-9)
        assert p == pytest.approx(statsmodels_mcnemar([[0, up], [down, 0]], exact=True).pvalue, rel=1e-9)


@given(counts, counts)
def test_one_more_flip_against_the_majority_is_never_less_surprising(up, down):
    fewer, more = sorted((up, down))
    assert stats.mcnemar(fewer, more + 1) <= stats.mcnemar(fewer, more) + 1e-15


def test_mcnemar_beyond_exact_integers_agrees_with_the_integers():
    n, fewer = 20_002, 9_700
    tail = scipy.stats.binom.logcdf(fewer, n, 0.5)
    exact = 2 * np.exp(tail)
    assert stats.mcnemar(fewer, n - fewer) == pytest.approx(exact, rel=1e-8)
    assert stats.mcnemar(1_000, 39_000) == 0.0


def test_counts_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="negative"):
        stats.mcnemar(-1, 3)
    with pytest.raises(ValueError, match="must lie"):
        stats.fisher(5, 4, 0, 4)
    with pytest.raises(ValueError, match="do not fit"):
        stats.paired_difference_interval(5, 6, 10)
    with pytest.raises(ValueError, match="must lie"):
        stats.wilson(3, 2)


@given(shares(), shares())
def test_fisher_agrees_with_scipy(first, second):
    (k1, n1), (k2, n2) = first, second
    table = [[k1, n1 - k1], [k2, n2 - k2]]
    for ours, theirs in (("two-sided", "two-sided"), ("up", "less"), ("down", "greater")):
        expected = scipy.stats.fisher_exact(table, alternative=theirs).pvalue
        assert stats.fisher(k1, n1, k2, n2, ours) == pytest.approx(expected, rel=1e-7)
    assert stats.fisher(k1, n1, k2, n2) == pytest.approx(stats.fisher(k2, n2, k1, n1), rel=1e-9)


def test_fisher_reaches_far_into_the_tail():
    exact = 2 * comb(300, 0) * comb(300, 300) / comb(600, 300)
    assert stats.fisher(0, 300, 300, 300) == pytest.approx(exact, rel=1e-9)


@given(shares(), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_the_oracle_and_holds_the_share(share, level):
    k, n = share
    low, high = stats.wilson(k, n, level)
    expected = proportion_confint(k, n, 1 - level, method="wilson")
    assert (low, high) == pytest.approx(expected, abs=1e-9)
    assert 0 <= low <= k / n <= high <= 1


def test_nothing_asked_leaves_everything_open():
    assert stats.wilson(0, 0) == (0, 1)
    assert stats.paired_difference_interval(0, 0, 0) == (-1, 1)
    assert stats.difference_interval(0, 0, 0, 0) == pytest.approx((-0.707, 0.707), abs=1e-3)


@pytest.mark.parametrize(("n", "bound"), [(10, 0.278), (30, 0.114), (100, 0.037)])
def test_wilson_of_no_failures_gives_the_published_bounds(n, bound):
    assert stats.wilson(0, n).high == pytest.approx(bound, abs=5e-4)


def test_newcombe_gives_the_figures_of_the_paper():
    # Newcombe 1998 (Statistics in Medicine 17:873), method 10: 56/70 against 48/80.
    low, high = stats.difference_interval(48, 80, 56, 70)
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


@pytest.mark.parametrize(("up", "down", "n"), [(1, 3, 44), (12, 3, 100), (0, 5, 20), (7, 7, 30)])
def test_the_ends_of_the_paired_interval_lie_1_96_score_deviations_away(up, down, n):
    # Tango 1998: the nuisance rate is the restricted maximum of the likelihood, found here by brute force.
    for end in stats.paired_difference_interval(up, down, n):
        rates = np.linspace(max(0, -end), (1 - end) / 2, 400_001)[1:-1]
        likelihood = (
            up * np.log(rates + end) + down * np.log(rates) + (n - up - down) * np.log1p(-2 * rates - end)
        )
        rate = rates[np.argmax(likelihood)]
        score = (up - down - n * end) / np.sqrt(n * (2 * rate + end - end**2))
        assert abs(score) == pytest.approx(1.959964, abs=2e-3)


@given(counts, counts, counts)
def test_the_paired_interval_is_antisymmetric_and_holds_the_estimate(up, down, same):
    n = up + down + same
    low, high = stats.paired_difference_interval(up, down, n)
    mirror = stats.paired_difference_interval(down, up, n)
    assert -1 <= low <= high <= 1
    assert (low, high) == pytest.approx((-mirror.high, -mirror.low), abs=1e-9)
    if n:
        assert low <= (up - down) / n <= high


@given(shares(), shares())
def test_the_unpaired_interval_is_antisymmetric_and_holds_the_estimate(first, second):
    low, high = stats.difference_interval(*first, *second)
    mirror = stats.difference_interval(*second, *first)
    assert (low, high) == pytest.approx((-mirror.high, -mirror.low), abs=1e-12)
    assert low <= second[0] / second[1] - first[0] / first[1] <= high


def test_intervals_cover_what_they_promise():
    rng = np.random.default_rng(7)
    covered = {"wilson": 0, "paired": 0, "unpaired": 0}
    rounds, n = 2000, 60
    for _ in range(rounds):
        low, high = stats.wilson(int(rng.binomial(n, 0.15)), n)
        covered["wilson"] += low <= 0.15 <= high
        up, down, _ = rng.multinomial(n, [0.12, 0.04, 0.84])
        low, high = stats.paired_difference_interval(int(up), int(down), n)
        covered["paired"] += low <= 0.08 <= high
        low, high = stats.difference_interval(int(rng.binomial(n, 0.3)), n, int(rng.binomial(n, 0.45)), n)
        covered["unpaired"] += low <= 0.15 <= high
    for name, count in covered.items():
        assert 0.935 <= count / rounds <= 0.975, name


def test_the_ratio_interval_covers_and_its_test_holds_its_level():
    rng = np.random.default_rng(11)
    covered = alarms = 0
    rounds = 1000
    for _ in range(rounds):
        base = rng.lognormal(5, 1, 25)
        ratio, (low, high), _, _ = stats.ratio_interval(base, base * 1.3 * rng.lognormal(0, 0.4, 25))
        covered += low <= 1.3 <= high
        assert low <= ratio <= high
        alarms += stats.ratio_interval(base, base * rng.lognormal(0, 0.4, 25)).p <= 0.05
    assert 0.93 <= covered / rounds <= 0.97
    assert alarms / rounds <= 0.065


def test_a_ratio_of_twins_is_one_and_swapping_sides_inverts_it():
    same = stats.ratio_interval([3, 5, 8], [3, 5, 8])
    assert (same.ratio, same.p, same.pairs) == (1.0, 1.0, 3)
    base, other = [10.0, 20, 30, 40, 55, 60], [11.0, 25, 31, 50, 54, 90]
    there, back = stats.ratio_interval(base, other), stats.ratio_interval(other, base)
    assert there.ratio == pytest.approx(1 / back.ratio)
    assert there.interval.low == pytest.approx(1 / back.interval.high)
    assert there.p == pytest.approx(back.p)


@pytest.mark.parametrize(
    ("base", "other"), [([1.0], [0.0]), ([], []), ([1.0, 2.0], [1.0]), ([1.0], [float("nan")])]
)
def test_a_ratio_needs_pairs_of_positive_numbers(base, other):
    with pytest.raises(ValueError, match=r"pairs are needed|positive"):
        stats.ratio_interval(base, other)


def test_three_thousand_pairs_and_more_are_thinned_without_moving_the_estimate():
    rng = np.random.default_rng(3)
    base = rng.lognormal(5, 1, 6000)
    other = base * 1.1 * rng.lognormal(0, 0.3, 6000)
    ratio, (low, high), p, pairs = stats.ratio_interval(base, other)
    assert (pairs, p) == (6000, pytest.approx(0, abs=1e-50))
    assert low < 1.1 < high
    assert ratio == pytest.approx(1.1, rel=0.02)
    assert high - low < 0.03


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=12))
def test_signed_rank_is_exact_over_all_signs(values):
    values = [v + 0.25 * (v > 0) for v in values]
    p = stats.signed_rank(values)
    ranks = scipy.stats.rankdata(np.abs(values))
    ranks = ranks[np.array(values) != 0]
    signs = np.array([v > 0 for v in values if v])
    observed = min(ranks[signs].sum(), ranks[~signs].sum()) if ranks.size else 0
    flips = (np.arange(1 << ranks.size)[:, None] >> np.arange(ranks.size)) & 1
    expected = min(1.0, 2 * np.mean(flips @ ranks <= observed)) if ranks.size else 1.0
    assert p == pytest.approx(expected)
    assert p == pytest.approx(stats.signed_rank([-v for v in values]))


def test_signed_rank_of_many_agrees_with_scipy():
    values = np.round(np.random.default_rng(5).normal(0.2, 1, 200), 1)
    expected = scipy.stats.wilcoxon(values, zero_method="pratt", correction=True, method="approx").pvalue
    assert stats.signed_rank(values) == pytest.approx(expected, rel=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_agrees_with_the_oracles_and_keeps_the_order(ps):
    ours = stats.benjamini_hochberg(ps)
    assert ours == pytest.approx(scipy.stats.false_discovery_control(ps).tolist(), abs=1e-12)
    assert ours == pytest.approx(multipletests(ps, method="fdr_bh")[1].tolist(), abs=1e-12)
    assert all(q >= p - 1e-12 for p, q in zip(ps, ours, strict=True))
    assert stats.benjamini_hochberg(ps[::-1]) == pytest.approx(ours[::-1])


def test_no_tests_need_no_correction_and_nonsense_is_refused():
    assert stats.benjamini_hochberg([]) == []
    for nonsense in (float("nan"), -0.1, 1.1):
        with pytest.raises(ValueError, match="p-value"):
            stats.benjamini_hochberg([nonsense])


def test_e_values_reject_by_the_rule_of_e_bh():
    es = [100.0, 3.0, 50.0, 0.2]
    qs = stats.e_benjamini_hochberg(es)
    # m / k / e: the greatest e needs 4/100, the second 4/(2*50).
    assert qs == pytest.approx([0.04, 4 / 9, 0.04, 1.0])
    assert stats.e_benjamini_hochberg([float("inf")]) == [0.0]
    with pytest.raises(ValueError, match="e-value"):
        stats.e_benjamini_hochberg([float("nan")])


def test_chi_square_agrees_with_scipy():
    k, n = [99, 109, 105, 70], [133, 133, 133, 94]
    table = [k, [b - a for a, b in zip(k, n, strict=True)]]
    expected = scipy.stats.chi2_contingency(table, correction=False)
    assert stats.chi_square_equal(k, n) == pytest.approx((expected.statistic, expected.dof, expected.pvalue))
    assert stats.chi_square_equal([5, 7], [5, 7]) == (0.0, 1, 1.0)
    assert stats.chi_square_equal([3], [5]) == (0.0, 0, 1.0)
    with pytest.raises(ValueError, match="without trials"):
        stats.chi_square_equal([0, 1], [0, 2])


@pytest.mark.parametrize(
    ("rates", "published"),
    [((1, 0.9), 80), ((1, 0.8), 40), ((1, 0.5), 12), ((0.9, 0.5), 25), ((0.9, 0.7), 70), ((0.02, 0.2), 60)],
)
def test_samples_on_each_side_as_in_the_published_table_have_its_power(rates, published):
    fewer, more = (stats.power_two_samples(round(published * size), *rates) for size in (0.85, 1.15))
    assert fewer <= 0.8 <= more


def test_power_agrees_with_simulation():
    rng = np.random.default_rng(2)
    flips = rng.multinomial(80, [0.02 + 0.12, 0.02, 0.84], size=4000)
    seen = np.mean([stats.mcnemar(int(up), int(down)) <= 0.05 for up, down, _ in flips])
    assert stats.power_paired(80, 0.12, discordance=0.04) == pytest.approx(seen, abs=0.025)
    pairs = rng.binomial(40, [0.9, 0.65], size=(3000, 2))
    seen = np.mean([stats.fisher(int(a), 40, int(b), 40) <= 0.05 for a, b in pairs])
    assert stats.power_two_samples(40, 0.9, 0.65) == pytest.approx(seen, abs=0.03)


def test_the_approximate_power_joins_the_exact_one():
    assert stats.power_two_samples(101, 0.9, 0.75) == pytest.approx(
        stats.power_two_samples(100, 0.9, 0.75), abs=0.03
    )


def test_what_thirty_and_a_hundred_probes_can_see():
    assert stats.detectable_effect(5) is None
    assert 0.2 < stats.detectable_effect(30) < 0.3
    assert stats.detectable_effect(100) < 0.1 < stats.detectable_effect(100, discordance=0.05)
    assert stats.detectable_effect(100, design_effect=2) == stats.detectable_effect(50)


@settings(max_examples=25)
@given(st.integers(6, 150), st.sampled_from([0.0, 0.05, 0.2]))
def test_a_detectable_effect_is_detected_and_shrinks_with_pairs(n, noise):
    effect = stats.detectable_effect(n, discordance=noise)
    if effect is None:
        assert stats.power_paired(n, 1 - noise, discordance=noise) < 0.8
        return
    assert stats.power_paired(n, effect, discordance=noise) >= 0.8
    double = stats.detectable_effect(2 * n, discordance=noise)
    assert double is not None
    assert double <= effect + 0.01


def test_pairs_needed_suffice():
    needed = stats.samples_needed(0.1, discordance=0.1)
    assert stats.power_paired(needed, 0.1, discordance=0.1) >= 0.8
    assert stats.samples_needed(0.001, discordance=0.5) is None


def test_a_single_probe_with_few_epochs_supports_no_claim():
    assert stats.detectable_change(3, 1.0) is None
    assert stats.detectable_change(12, 1.0) == pytest.approx(0.5, abs=0.02)
