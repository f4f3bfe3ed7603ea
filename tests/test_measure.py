# Like probes as one question: when a group of wordings is one flip, and when its probes have a will of their own.
# Owns: simulated differences. Refuses to know: rules, what a value means.
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.rules.measure import by_question, count_rate, count_ratio

GROUPS, EACH = 12, 6
NAMES = [f"question {number // EACH}" for number in range(GROUPS * EACH)]


def lengths(rng, *, together, shift=0.0):
    """Return (baseline, candidate) lengths of each probe; those of a question move together or each on its own."""
    pairs = []
    for _ in range(GROUPS):
        mood = rng.normal(0, 0.6) if together else 0.0
        for _ in range(EACH):
            own = rng.normal(0, 0.15 if together else 0.6)
            pairs.append((400.0, 400.0 * float(np.exp(shift + mood + own))))
    return pairs


def judged(pairs):
    return by_question(count_ratio([([a], [b]) for a, b in pairs]), pairs, NAMES)


def test_lengths_that_hang_together_in_a_question_count_once():
    rng = np.random.default_rng(1)
    alone = np.array([count_ratio([([a], [b]) for a, b in pairs]).p for pairs in
                      (lengths(rng, together=True) for _ in range(200))])  # fmt: skip
    rng = np.random.default_rng(1)
    as_one = [judged(lengths(rng, together=True)) for _ in range(200)]
    assert np.mean(alone <= 0.05) > 0.3  # taken for 72 questions they cry wolf
    assert np.mean(np.array([counts.p for counts in as_one]) <= 0.05) <= 0.08
    assert all(f"{GROUPS} units" in counts.test for counts in as_one)


def test_probes_with_a_will_of_their_own_keep_their_power():
    rng = np.random.default_rng(2)
    counts = [judged(lengths(rng, together=False, shift=0.4)) for _ in range(100)]
    assert np.mean(np.array([found.p for found in counts]) <= 0.05) > 0.9
    assert not any("units" in found.test for found in counts)


@given(seed=st.integers(0, 10_000), together=st.booleans())
@settings(max_examples=40, deadline=None)
def test_taking_probes_together_never_makes_a_difference_surer(seed, together):
    pairs = lengths(np.random.default_rng(seed), together=together)
    plain = count_ratio([([a], [b]) for a, b in pairs])
    assert by_question(plain, pairs, NAMES).p >= plain.p
    assert by_question(plain, pairs, [""] * len(pairs)) == plain


def test_a_question_whose_answers_all_flip_is_one_flip():
    values = [([True], [False])] * EACH + [([True], [True])] * (GROUPS - 1) * EACH
    means = [(float(a[0]), float(b[0])) for a, b in values]
    counts = by_question(count_rate(values), means, NAMES)
    assert count_rate(values).p == pytest.approx(2 * 0.5**EACH)
    assert counts.p == 1.0
