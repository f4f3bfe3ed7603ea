# Several epochs a probe: labels are exchanged within each probe, and probes are the clusters.
# Owns: resampling, cluster-robust errors, overdispersion. Refuses to know: what the numbers or texts mean.
"""Tests and errors for repeated samples of the same probes.

The samples of one probe hang together: taking them as independent makes standard errors too small (1.48 times on
a real agent benchmark). Here labels are permuted within each probe, and errors are clustered by probe.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, sqrt
from typing import TYPE_CHECKING, Literal, NamedTuple

from drift.stats.intervals import Interval, normal_quantile, paired_difference_interval

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.random import Generator
    from numpy.typing import NDArray

    Floats = NDArray[float64]
    Ints = NDArray[int64]

_CELLS = 4_000_000
"""Numbers held at once while resampling: about 32 MB."""


class Permutation(NamedTuple):
    """A permutation test.

    Attributes:
        p: two-sided; (1 + as extreme) / (resamples + 1), or exact.
        effect: see the function that made it.
        interval: of the effect, cluster-robust; None when fewer than two probes give no spread.
        probes: probes that took part.
        exact: the whole permutation distribution was computed; no resampling.
    """

    p: float
    effect: float
    interval: Interval | None
    probes: int
    exact: bool


def clustered_permutation(
    baseline: Sequence[Sequence[float]],
    candidate: Sequence[Sequence[float]],
    *,
    statistic: Literal["mean", "ratio"] = "mean",
    resamples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Permutation:
    """Test whether probes answer alike on both sides, exchanging labels within each probe.

    The statistic is the mean over probes of (candidate's mean - baseline's mean): every probe weighs the same.
    Yes/no values with the same numbers of epochs in every probe are not resampled: the exact distribution is a
    convolution of hypergeometric ones. Other yes/no values draw hypergeometric counts, numbers are shuffled within
    each probe.

    Args:
        baseline: per probe its samples, numbers or booleans; sizes may differ.
        candidate: the same probes in the same order; a probe with an empty side is left out.
        statistic: "mean", or "ratio" for positive numbers: logs are compared, and effect and interval are the
            geometric mean ratio candidate / baseline.
        resamples: draws, when the distribution is not computed exactly.
        seed: of the draws; the same seed gives the same p.
        level: of the interval.

    Returns:
        p, effect (difference of means, or ratio) and its interval over probes (Student's t, probes as clusters).

    Raises:
        ValueError: the numbers of probes differ, no probe has both sides, or a ratio meets a number <= 0.
    """
    import numpy as np

    pairs = _both_sides(baseline, candidate)
    if statistic == "ratio":
        if not all((side > 0).all() for pair in pairs for side in pair):
            raise ValueError("a ratio needs positive numbers")
        pairs = [(np.log(first), np.log(second)) for first, second in pairs]
    differences = np.array([second.mean() - first.mean() for first, second in pairs])
    binary = statistic == "mean" and all(((side == 0) | (side == 1)).all() for pair in pairs for side in pair)
    sizes = np.array([(first.size, second.size) for first, second in pairs])
    exact = binary and bool((sizes == sizes[0]).all())
    rng = np.random.default_rng(seed)
    if exact:
        p = _exact_binary(pairs, int(sizes[0, 0]), int(sizes[0, 1]))
    else:
        drawn = (_draw_binary if binary else _draw_numbers)(pairs, sizes, resamples, rng)
        # Sums in another order differ in the last bits: equal statistics must count as equal.
        observed = abs(differences.sum()) * (1 - 1e-12) - 1e-12
        p = (1 + int((np.abs(drawn) >= observed).sum())) / (resamples + 1)
    effect, interval = _mean_interval(differences, level, binary=binary)
    if statistic == "ratio":
        effect = float(np.exp(effect))
        interval = interval and Interval(float(np.exp(interval.low)), float(np.exp(interval.high)))
    return Permutation(p, effect, interval, len(pairs), exact)


def _both_sides(
    baseline: Sequence[Sequence[float]], candidate: Sequence[Sequence[float]]
) -> list[tuple[Floats, Floats]]:
    """Return the samples of the probes that have some on both sides."""
    import numpy as np

    if len(baseline) != len(candidate):
        raise ValueError(f"{len(baseline)} probes against {len(candidate)}")
    pairs = [
        (np.asarray(first, float), np.asarray(second, float))
        for first, second in zip(baseline, candidate, strict=True)
        if len(first) and len(second)
    ]
    if not pairs:
        raise ValueError("no probe has samples on both sides")
    return pairs


def _exact_binary(pairs: Sequence[tuple[Floats, Floats]], n1: int, n2: int) -> float:
    """Return the exact two-sided p: the distribution of the candidate's total count, given every probe's count."""
    import numpy as np

    from drift.stats.exact import hypergeometric_weights

    totals = [int(first.sum() + second.sum()) for first, second in pairs]
    factors: list[Floats] = []
    offset = 0
    for total in totals:
        low, weights = hypergeometric_weights(n2, n1, total)
        offset += low
        factors.append(np.array(weights) / sum(weights))
    while len(factors) > 1:  # multiply neighbours, so that long factors meet long factors
        paired = [np.convolve(a, b) for a, b in zip(factors[::2], factors[1::2], strict=False)]
        factors = paired + factors[len(paired) * 2 :]
    counts = offset + np.arange(factors[0].size)
    # difference of means of a probe = k2/n2 - (total - k2)/n1, summed over probes
    statistics = np.abs(counts * (n1 + n2) - sum(totals) * n2)
    observed = abs(int(sum(second.sum() for _, second in pairs)) * (n1 + n2) - sum(totals) * n2)
    return min(1.0, float(factors[0][statistics >= observed].sum()))


def _draw_binary(
    pairs: Sequence[tuple[Floats, Floats]], sizes: Ints, resamples: int, rng: Generator
) -> Floats:
    import numpy as np

    totals = np.array([int(first.sum() + second.sum()) for first, second in pairs])
    n1, n2 = sizes[:, 0], sizes[:, 1]
    movable = (totals > 0) & (totals < n1 + n2)
    n1, n2, totals = n1[movable], n2[movable], totals[movable]
    drawn = np.zeros(resamples)
    step = max(1, _CELLS // max(1, totals.size))
    for start in range(0, resamples, step):
        size = (min(step, resamples - start), totals.size)
        counts = rng.hypergeometric(totals, n1 + n2 - totals, n2, size=size)
        drawn[start : start + step] = (counts / n2 - (totals - counts) / n1).sum(axis=1)
    return drawn


def _draw_numbers(
    pairs: Sequence[tuple[Floats, Floats]], sizes: Ints, resamples: int, rng: Generator
) -> Floats:
    import numpy as np

    drawn = np.zeros(resamples)
    for n1, n2 in {(int(a), int(b)) for a, b in sizes}:
        block = np.array([np.concatenate(pair) for pair in pairs if (pair[0].size, pair[1].size) == (n1, n2)])
        block = block[block.min(axis=1) < block.max(axis=1)]
        if not block.size:
            continue
        weights = np.concatenate([np.full(n1, -1 / n1), np.full(n2, 1 / n2)])
        step = max(1, _CELLS // block.size)
        for start in range(0, resamples, step):
            count = min(step, resamples - start)
            shuffled = rng.permuted(np.broadcast_to(block, (count, *block.shape)), axis=2)
            drawn[start : start + count] += (shuffled @ weights).sum(axis=1)
    return drawn


def _mean_interval(differences: Floats, level: float, *, binary: bool) -> tuple[float, Interval | None]:
    """Return the mean over probes and its interval, Student's t with probes as the units."""
    mean, count = float(differences.mean()), differences.size
    if count < 2:
        return mean, None
    error = float(differences.std(ddof=1)) / sqrt(count)
    if error > 1e-12:
        half = _student(level, count - 1) * error
        return mean, _clip(mean - half, mean + half, binary=binary)
    if not binary:
        return mean, Interval(mean, mean)
    # No spread among probes is no certainty: as much may still hide as behind that many unchanged pairs.
    low, high = paired_difference_interval(0, 0, count, level)
    return mean, _clip(mean + low, mean + high, binary=True)


def _clip(low: float, high: float, *, binary: bool) -> Interval:
    return Interval(max(-1.0, low), min(1.0, high)) if binary else Interval(low, high)


def _student(level: float, freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2))


class ClusteredMean(NamedTuple):
    """A mean over samples that hang together in clusters.

    Attributes:
        mean: over all samples.
        error: cluster-robust standard error.
        naive_error: standard error as if all samples were independent.
        interval: mean ± Student's t (clusters - 1) times `error`; None for fewer than two clusters.
        design_effect: (error / naive_error)², how many samples are worth one independent one; 1.0 without spread.
        clusters: number of clusters.
        samples: number of samples.
    """

    mean: float
    error: float
    naive_error: float
    interval: Interval | None
    design_effect: float
    clusters: int
    samples: int


def clustered_mean(clusters: Sequence[Sequence[float]], *, level: float = 0.95) -> ClusteredMean:
    """Return the mean of all samples with its cluster-robust standard error.

    sqrt(sum over clusters of (sum over its samples of (x - mean))²) / n (Miller 2024, arXiv 2411.00640, equation 4).

    Args:
        clusters: per probe its samples; empty clusters are left out.
        level: of the interval.

    Raises:
        ValueError: there is no sample.
    """
    import numpy as np

    groups = [np.asarray(cluster, float) for cluster in clusters if len(cluster)]
    if not groups:
        raise ValueError("there is no sample")
    values = np.concatenate(groups)
    mean, n = float(values.mean()), values.size
    error = sqrt(sum(float((group - mean).sum()) ** 2 for group in groups)) / n
    naive = float(values.std(ddof=1)) / sqrt(n) if n > 1 else 0.0
    interval = None
    if len(groups) > 1:
        half = _student(level, len(groups) - 1) * error
        interval = Interval(mean - half, mean + half)
    effect = (error / naive) ** 2 if naive > 0 else 1.0
    return ClusteredMean(mean, error, naive, interval, effect, len(groups), n)


def clustered_difference(
    baseline: Sequence[Sequence[float]], candidate: Sequence[Sequence[float]], *, level: float = 0.95
) -> ClusteredMean:
    """Return the mean over probes of (candidate's mean - baseline's mean), with probes as clusters.

    `naive_error` takes all samples of both sides as independent. Probes with an empty side are left out.

    Args:
        baseline: per probe its samples.
        candidate: the same probes in the same order.
        level: of the interval.

    Raises:
        ValueError: the numbers of probes differ, or no probe has both sides.
    """
    import numpy as np

    pairs = _both_sides(baseline, candidate)
    differences = np.array([second.mean() - first.mean() for first, second in pairs])
    result = clustered_mean([[difference] for difference in differences.tolist()], level=level)
    sides = [np.concatenate(side) for side in zip(*pairs, strict=True)]
    naive = sqrt(sum(float(side.var(ddof=1)) / side.size for side in sides if side.size > 1))
    samples = sum(side.size for side in sides)
    effect = (result.error / naive) ** 2 if naive > 0 else 1.0
    return result._replace(naive_error=naive, design_effect=effect, samples=samples)


class Overdispersion(NamedTuple):
    """How much more a model differs from itself than fair coins would.

    Attributes:
        phi: factor on variances, at least 1.
        controls: control comparisons that had a discordant pair: the degrees of freedom of phi.
        p: chance of so much spread among fair coins (chi-square); phi is worth using only when this is small.
    """

    phi: float
    controls: int
    p: float = 1.0


def overdispersion(controls: Sequence[tuple[int, int]]) -> Overdispersion:
    """Estimate overdispersion from comparisons of one unchanged model with itself.

    phi is the mean of (up - down)² / (up + down) over the controls, which is 1 on average when flips are fair and
    independent, and not below 1 (quasi-likelihood; McCullagh and Nelder 1989, section 4.5).

    Args:
        controls: (up, down) of each control: halves of a baseline, or the same suite on two days. Controls should
            not share samples.

    Raises:
        ValueError: a count is negative.
    """
    if any(min(up, down) < 0 for up, down in controls):
        raise ValueError("a count is negative")
    squares = [(up - down) ** 2 / (up + down) for up, down in controls if up + down]
    if not squares:
        return Overdispersion(1.0, 0)
    from scipy.special import chdtrc

    total = sum(squares)
    return Overdispersion(max(1.0, total / len(squares)), len(squares), float(chdtrc(len(squares), total)))


def inflate_p(p: float, dispersion: Overdispersion) -> float:
    """Return a two-sided p after its deviate is divided by sqrt(phi) and referred to Student's t.

    With phi = 1 the p is unchanged. Otherwise the degrees of freedom are the number of controls, because phi itself
    is an estimate: one noisy control clears little, twenty quiet ones clear much.

    Raises:
        ValueError: p does not lie in [0, 1].
    """
    if not 0 <= p <= 1:
        raise ValueError(f"a p-value lies in [0, 1], got {p}")
    if dispersion.phi <= 1 or p in {0.0, 1.0}:
        return p
    from scipy.special import stdtr

    deviate = -normal_quantile(max(p / 2, 5e-324)) / sqrt(dispersion.phi)
    heavy = float(2 * stdtr(dispersion.controls, -deviate)) if dispersion.controls else 1.0
    return max(p, min(1.0, heavy), erfc(deviate / sqrt(2)))


def text_mmd(
    baseline: Sequence[Sequence[str]],
    candidate: Sequence[Sequence[str]],
    *,
    length: int = 1000,
    resamples: int = 1000,
    seed: int = 0,
) -> Permutation:
    """Test whether free text of the same prompts comes from the same distribution (arXiv 2410.20247, improved).

    Maximum mean discrepancy with the Hamming kernel: the share of equal characters, position by position, among
    the first `length` (a shorter text is padded). Unlike the paper's code the labels are permuted within each
    prompt, and p is never 0.

    Args:
        baseline: per prompt its texts.
        candidate: the same prompts in the same order; one with fewer than two texts on a side is left out.
        length: characters compared.
        resamples: draws.
        seed: of the draws; the same seed gives the same p.

    Returns:
        p (one-sided: only a greater discrepancy is evidence), and as effect the mean over prompts of the unbiased
        squared discrepancy: 0 on average for equal distributions, 2 when nothing agrees; no interval.

    Raises:
        ValueError: the numbers of prompts differ, no prompt has two texts on both sides, or length is not positive.
    """
    if len(baseline) != len(candidate):
        raise ValueError(f"{len(baseline)} prompts against {len(candidate)}")
    if length < 1:
        raise ValueError(f"length must be positive, got {length}")
    prompts = [
        (_agreement([*first, *second], length), len(first), len(second))
        for first, second in zip(baseline, candidate, strict=True)
        if min(len(first), len(second)) > 1
    ]
    return _discrepancy_test(prompts, resamples, seed)


def vector_mmd(
    baseline: Sequence[Sequence[Sequence[float]]],
    candidate: Sequence[Sequence[Sequence[float]]],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Permutation:
    """Test whether vectors of the same prompts come from the same distribution: `text_mmd` with the cosine as kernel.

    Args:
        baseline: per prompt its vectors, each of length 1, or all zeros where nothing is known.
        candidate: the same prompts in the same order; one with fewer than two vectors on a side is left out.
        resamples: draws.
        seed: of the draws.

    Returns:
        As `text_mmd`: the effect is how much more alike two vectors of one side are than two of different sides, twice.

    Raises:
        ValueError: the numbers of prompts differ, or no prompt has two vectors on both sides.
    """
    import numpy as np

    if len(baseline) != len(candidate):
        raise ValueError(f"{len(baseline)} prompts against {len(candidate)}")
    prompts = []
    for first, second in zip(baseline, candidate, strict=True):
        if min(len(first), len(second)) > 1:
            vectors = np.asarray([*first, *second], float)
            kernel = vectors @ vectors.T
            np.fill_diagonal(kernel, 1.0)  # also of zeros
            prompts.append((kernel, len(first), len(second)))
    return _discrepancy_test(prompts, resamples, seed)


def _discrepancy_test(prompts: Sequence[tuple[Floats, int, int]], resamples: int, seed: int) -> Permutation:
    """Test (kernel, texts of the baseline, texts of the candidate) of each prompt; a kernel's diagonal is 1."""
    import numpy as np

    if not prompts:
        raise ValueError("no prompt has two texts on both sides")
    rng = np.random.default_rng(seed)
    observed = sum(
        float(_discrepancy(kernel, (np.arange(n1 + n2) < n1).astype(float)[None, :], n1, n2)[0])
        for kernel, n1, n2 in prompts
    )
    # A first tenth of the draws decides what is far from significant; only the rest is worth the others.
    few = max(1, resamples // 10)
    exceeding, made = _exceeding(prompts, observed, few, rng), few
    if exceeding <= few // 5 and resamples > few:
        exceeding, made = exceeding + _exceeding(prompts, observed, resamples - few, rng), resamples
    return Permutation((1 + exceeding) / (made + 1), observed / len(prompts), None, len(prompts), False)


def _exceeding(
    prompts: Sequence[tuple[Floats, int, int]], observed: float, resamples: int, rng: Generator
) -> int:
    """Return how many of the draws, labels exchanged within each prompt, differ at least as much."""
    import numpy as np

    drawn = np.zeros(resamples)
    for kernel, n1, n2 in prompts:
        if (kernel == 1).all():
            continue
        labels = np.arange(n1 + n2) < n1
        shuffled = rng.permuted(np.broadcast_to(labels, (resamples, n1 + n2)), axis=1)
        drawn += _discrepancy(kernel, shuffled.astype(float), n1, n2)
    return int((drawn >= observed - 1e-9).sum())


def _agreement(texts: Sequence[str], length: int) -> Floats:
    """Return the matrix of shares of equal characters; rows and columns are texts."""
    import numpy as np

    cut = [text[:length] for text in texts]
    width = max(1, *map(len, cut))
    codes = np.zeros((len(cut), width), np.uint32)  # 0 pads: it equals itself and no character
    for row, text in zip(codes, cut, strict=True):
        # surrogatepass: model text may hold half a surrogate pair
        row[: len(text)] = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32) + 1
    return np.array([(codes == row).mean(axis=1) for row in codes])


def _discrepancy(kernel: Floats, in_first: Floats, n1: int, n2: int) -> Floats:
    """Return the unbiased squared MMD of each labelling; `in_first` is labellings x texts of 0 and 1."""
    inside: Floats = (in_first @ kernel * in_first).sum(axis=1)
    first_to_all: Floats = in_first @ kernel.sum(axis=1)
    across: Floats = first_to_all - inside
    rest: Floats = kernel.sum() - 2 * first_to_all + inside
    # The diagonal is 1 for every text and is left out.
    within: Floats = (inside - n1) / (n1 * (n1 - 1)) + (rest - n2) / (n2 * (n2 - 1))
    return within - 2 * across / (n1 * n2)
