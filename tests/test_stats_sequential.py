# The e-process and the level-shift detector: guarantees by simulation, states by example.
# Owns: the promised false-alarm rates. Refuses to know: who looks, and when.
from __future__ import annotations

import gzip
import json
import os
from itertools import repeat
from math import comb, inf, log
from pathlib import Path

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from drift import stats
from drift.stats import detect_shift

corpus = os.environ.get("DRIFT_CORPUS")


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_e_value_is_the_mixture_and_symmetric(up, down):
    expected = (
        scipy.special.betaln(up + 0.5, down + 0.5) - scipy.special.betaln(0.5, 0.5) + (up + down) * log(2)
    )
    assert stats.log_e_value(up, down) == pytest.approx(expected, abs=1e-9)
    assert stats.e_value(up, down) == stats.e_value(down, up)


def test_seven_flips_one_way_are_enough_at_five_percent():
    assert stats.e_value(7, 0) == pytest.approx(26.8, abs=0.05)
    assert stats.e_value(0, 0) == pytest.approx(1)
    assert stats.e_value(5000, 0) == inf
    result = stats.sequential_test(repeat(1))
    assert (result.stopped, result.pairs) == (True, 7)
    assert result.p == pytest.approx(1 / stats.e_value(7, 0))


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_next_flip_is_a_fair_bet(up, down):
    # A martingale: betting on both sides of a fair coin wins nothing on average.
    ahead = (stats.e_value(up + 1, down) + stats.e_value(up, down + 1)) / 2
    assert ahead == pytest.approx(stats.e_value(up, down))


def test_two_thousand_looks_raise_fewer_false_alarms_than_promised():
    rng = np.random.default_rng(4)
    rounds = 400
    alarms = sum(
        stats.sequential_test(flips).stopped for flips in rng.choice([-1, 1], (rounds, 2000)).tolist()
    )
    assert alarms / rounds <= 0.06


def test_concordant_pairs_say_nothing_and_the_iterable_is_not_drained():
    flips = iter([0, 1, 0, 1, 1, 1, 1, 1, 1, "never asked for"])
    result = stats.sequential_test(flips)
    assert result[:4] == (True, 9, 7, 0)
    assert next(flips) == "never asked for"
    open_end = stats.sequential_test([0, 1, -1])
    assert (open_end.stopped, open_end.pairs, open_end.p) == (False, 3, pytest.approx(1))
    with pytest.raises(ValueError, match="flip"):
        stats.sequential_test([2])
    with pytest.raises(ValueError, match="alpha"):
        stats.sequential_test([], alpha=0)
    with pytest.raises(ValueError, match="negative"):
        stats.e_value(-1, 0)


def test_the_anytime_p_keeps_the_greatest_evidence():
    back_and_forth = [1] * 5 + [-1] * 5
    result = stats.sequential_test(back_and_forth)
    assert result.e < 1
    assert result.p == pytest.approx(1 / stats.e_value(5, 0))


def test_no_test_gets_below_walds_floor():
    rng = np.random.default_rng(8)
    floor = stats.wald_floor_paired(0.15, 0.02)
    looks = [
        stats.sequential_test(rng.choice([1, -1, 0], 3000, p=[0.15, 0.02, 0.83]).tolist()).pairs
        for _ in range(300)
    ]
    assert floor < np.mean(looks) < 3 * floor
    assert stats.wald_floor_paired(0.0, 0.0) == inf
    with pytest.raises(ValueError, match="shares"):
        stats.wald_floor_paired(0.8, 0.3)


# ---- series


def days(values):
    return [f"day {index}" for index in range(len(values))]


def state_of(values, **settings):
    return detect_shift(days(values), values, **settings)


NOISE = [0.90, 0.92, 0.91, 0.89, 0.90, 0.93, 0.91, 0.90, 0.88, 0.91, 0.92, 0.90]


def test_a_quiet_series_is_stable():
    result = state_of(NOISE)
    assert result.state == "stable"
    assert result.shifts == ()
    assert result.level == pytest.approx(0.905, abs=0.01)


def test_one_bad_run_is_an_outlier_and_three_are_a_shift_dated_to_the_first():
    assert state_of([*NOISE, 0.7]).state == "outlier"
    assert state_of([*NOISE, 0.7, 0.71]).off_in_a_row == 2
    assert state_of([*NOISE, 0.7, 0.91]).state == "stable"
    result = state_of([*NOISE, 0.7, 0.71, 0.69])
    assert result.state == "shift"
    (shift,) = result.shifts
    assert (shift.onset, shift.alarm, shift.since) == (12, 14, "day 12")
    assert (shift.before, shift.after) == (pytest.approx(0.905, abs=0.01), 0.7)


def test_off_runs_on_both_sides_are_no_shift():
    assert state_of([*NOISE, 0.7, 1.1, 0.7]).state == "outlier"
    assert state_of([*NOISE, 0.7, 1.1, 0.7]).shifts == ()


def test_the_new_level_is_learned_and_a_second_shift_is_seen_after_the_cooldown():
    back = [*NOISE, *[0.70, 0.72, 0.69, 0.71, 0.70, 0.68] * 3, 0.9, 0.91, 0.92]
    result = state_of(back)
    assert [shift.onset for shift in result.shifts] == [12, 30]
    assert result.shifts[1].before == pytest.approx(0.7, abs=0.01)
    settled = state_of(back[:28])
    assert settled.state == "stable"
    assert len(settled.shifts) == 1


def test_within_the_cooldown_nothing_is_called_twice():
    early = [*NOISE, 0.7, 0.71, 0.7, 0.92, 0.91, 0.92]
    assert len(state_of(early).shifts) == 1
    assert state_of(early).state == "shift"
    assert len(state_of([*early, *[0.91] * 6]).shifts) == 2


def test_a_collapse_needs_no_patience():
    assert state_of([*NOISE, 0.05]).state == "collapse"
    assert state_of([*NOISE, 0.3]).state == "outlier"


def test_no_data_is_a_state_of_its_own():
    assert state_of([]).state == "no_data"
    assert state_of([*NOISE, None]).state == "no_data"
    assert state_of([*NOISE, float("nan")]).state == "no_data"
    gap = state_of([*NOISE, 0.7, None, 0.7, 0.71])
    assert gap.state == "shift"
    assert gap.shifts[0].onset == 12


def test_a_young_series_is_learning():
    result = state_of(NOISE[:8])
    assert (result.state, result.level, result.threshold) == ("learning", None, None)


def test_a_series_without_spread_divides_by_nothing():
    flat = [0.5] * 20
    assert state_of(flat).state == "stable"
    assert state_of([*flat, 0.5 + 1e-12]).state == "stable"
    assert state_of([*flat, 0.51]).state == "outlier"
    assert state_of([*flat, 0.51], floor=0.02).state == "stable"
    assert state_of([*flat, 0.51], relative_floor=0.05).state == "stable"
    # a share of 50 samples cannot be told apart by one point
    assert detect_shift(days([*flat, 0.51]), [*flat, 0.51], [50] * 21).state == "stable"


def test_a_bimodal_series_keeps_a_spread():
    values = [0.94] * 9 + [0.96] + [0.94] * 6 + [0.92]
    assert stats.robust_spread(values) > 0
    assert stats.robust_spread([1.0, 1.0]) == 0


def test_arguments_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="1 times"):
        detect_shift(["a"], [1.0, 2.0])
    with pytest.raises(ValueError, match="persistence"):
        detect_shift([], [], persistence=0)


def test_unchanged_series_hardly_ever_alarm_and_real_steps_are_found_near_their_day():
    rng = np.random.default_rng(3)
    series = rng.normal(0, 1, (200, 120))
    alarms = sum(len(detect_shift(range(120), row).shifts) for row in series.tolist())
    assert alarms / (200 * 120 / 30) < 0.02  # false alarms a month of daily runs
    found = late = 0
    for row in rng.normal(0, 1, (60, 60)):
        row[40:] += 5
        shifts = detect_shift(range(60), row.tolist()).shifts
        hit = [shift for shift in shifts if abs(shift.onset - 40) <= 1]
        found += bool(hit)
        late += hit[0].alarm - 40 if hit else 0
    assert found >= 54
    assert late / found < 5


@pytest.mark.skipif(
    not corpus, reason="DRIFT_CORPUS is not set: recorded outputs of real models are not here"
)
def test_recorded_series_of_unchanged_models_are_silent():
    folder = Path(corpus) / "dailybench"
    for file in sorted(folder.glob("*.jsonl.gz")):
        series = {}
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                key = (line["probe_id"], (line["params"] or {}).get("harness_regime"))
                series.setdefault(key, []).append((line["recorded_at"], line["labels"]["value"]))
        assert series
        for key, runs in series.items():
            runs.sort()
            result = detect_shift(*zip(*runs, strict=True))
            assert result.shifts == (), key


def test_a_second_mode_is_no_news_but_a_new_level_is():
    rng = np.random.default_rng(5)
    modes = [0.9, 0.9, 0.84, 0.9, 0.9, 0.9, 0.84, 0.9, 0.9, 0.84] * 3
    assert state_of([*modes, 0.84, 0.84, 0.84]).shifts == ()
    assert len(state_of([*modes, 0.7, 0.7, 0.7]).shifts) == 1
    draws = np.where(rng.random((100, 120)) < 0.2, 0.84, 0.9)
    alarms = sum(len(detect_shift(range(120), row).shifts) for row in draws.tolist())
    assert alarms / (100 * 120 / 30) < 0.08


@pytest.mark.parametrize("prior", [0.1, 0.15, 0.5, 1.0])
@pytest.mark.parametrize("n", [1, 5, 12])
def test_an_e_value_is_one_on_average_under_fair_flips_whatever_the_prior(prior, n):
    mean = sum(comb(n, up) / 2**n * stats.e_value(up, n - up, prior=prior) for up in range(n + 1))
    assert mean == pytest.approx(1)


def test_a_low_prior_sees_one_way_flips_sooner():
    assert stats.e_value(8, 0, prior=0.15) > stats.e_value(8, 0) > stats.e_value(8, 0, prior=2)
    assert stats.e_value(0, 0, prior=0.15) == 1


@pytest.mark.parametrize("effect", [0.05, 0.1, 0.3])
def test_the_bound_never_gains_on_average_where_the_effect_is_there(effect):
    for extra in (0.0, 0.2):
        up, down = effect + extra + 0.1, 0.1
        gain = (
            up * stats.bound_e_value(1, 1, 0, effect)
            + down * stats.bound_e_value(1, 0, 1, effect)
            + (1 - up - down) * stats.bound_e_value(1, 0, 0, effect)
        )
        assert gain <= 1 + 1e-12


def test_the_bound_rules_out_ten_points_after_fifty_quiet_pairs():
    assert stats.bound_e_value(30, 0, 0, 0.1) < 20 < stats.bound_e_value(50, 0, 0, 0.1)
    assert stats.bound_e_value(50, 6, 0, 0.1) < 20
    with pytest.raises(ValueError, match="no sense"):
        stats.bound_e_value(3, 2, 2, 0.1)
