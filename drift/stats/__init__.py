# Tests, intervals, power, sequential tests and level shifts: pure functions on counts and arrays.
# Owns: numpy and scipy, imported inside the functions that need them.
# Refuses to know: probes, samples, rules, the store.
"""Statistics of drift. Baseline first; an effect is candidate minus baseline; shares are fractions."""

from drift.stats.exact import (
    Alternative,
    ChiSquare,
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
    signed_rank,
    wilson,
)
from drift.stats.multiplicity import benjamini_hochberg, e_benjamini_hochberg
from drift.stats.permutation import (
    ClusteredMean,
    Overdispersion,
    Permutation,
    clustered_difference,
    clustered_mean,
    clustered_permutation,
    inflate_p,
    overdispersion,
    text_mmd,
    vector_mmd,
)
from drift.stats.power import (
    detectable_change,
    detectable_effect,
    power_paired,
    power_two_samples,
    samples_needed,
)
from drift.stats.sequential import (
    Sequential,
    bound_e_value,
    e_value,
    log_e_value,
    sequential_test,
    wald_floor_paired,
)
from drift.stats.series import SeriesState, Shift, detect_shift, robust_spread

__all__ = [
    "Alternative",
    "ChiSquare",
    "ClusteredMean",
    "Interval",
    "Overdispersion",
    "Permutation",
    "Ratio",
    "Sequential",
    "SeriesState",
    "Shift",
    "benjamini_hochberg",
    "bound_e_value",
    "chi_square_equal",
    "clustered_difference",
    "clustered_mean",
    "clustered_permutation",
    "detect_shift",
    "detectable_change",
    "detectable_effect",
    "difference_interval",
    "e_benjamini_hochberg",
    "e_value",
    "fisher",
    "inflate_p",
    "log_e_value",
    "mcnemar",
    "overdispersion",
    "paired_difference_interval",
    "power_paired",
    "power_two_samples",
    "ratio_interval",
    "robust_spread",
    "samples_needed",
    "sequential_test",
    "sign_test",
    "signed_rank",
    "text_mmd",
    "vector_mmd",
    "wald_floor_paired",
    "wilson",
]
