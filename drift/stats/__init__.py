# Tests, intervals, power, sequential tests and level shifts: pure functions on counts and arrays.
# Owns: numpy and scipy, imported inside the functions that need them.
# Refuses to know: probes, samples, rules, the store.
"""Statistics of drift. Baseline first; an effect is candidate minus baseline; shares are fractions."""

from drift.stats.exact import (
    Alternative,
    ChiSquare,
    binomial_test,
    boschloo,
    chi_square_equal,
    fisher,
    mcnemar,
    sign_test,
)
from drift.stats.intervals import (
    Interval,
    Ratio,
    difference_interval,
    paired_difference_interval,
    ratio_interval,
    rule_of_three,
    signed_rank,
    trials_to_see,
    wilson,
)
from drift.stats.multiplicity import benjamini_hochberg, combine_independent, e_benjamini_hochberg
from drift.stats.power import (
    clusters_needed,
    detectable_change,
    detectable_effect,
    detectable_mean_shift,
    power_paired,
    power_two_samples,
    samples_needed,
    samples_needed_two,
)

__all__ = [
    "Alternative",
    "ChiSquare",
    "Interval",
    "Ratio",
    "benjamini_hochberg",
    "binomial_test",
    "boschloo",
    "chi_square_equal",
    "clusters_needed",
    "combine_independent",
    "detectable_change",
    "detectable_effect",
    "detectable_mean_shift",
    "difference_interval",
    "e_benjamini_hochberg",
    "fisher",
    "mcnemar",
    "paired_difference_interval",
    "power_paired",
    "power_two_samples",
    "ratio_interval",
    "rule_of_three",
    "samples_needed",
    "samples_needed_two",
    "sign_test",
    "signed_rank",
    "trials_to_see",
    "wilson",
]
