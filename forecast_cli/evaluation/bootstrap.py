"""How sure is a mean over windows that overlap? Blocks of cutoffs are drawn together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from forecast_cli.types import Floats, Integers

RESAMPLES, SEED = 2_000, 0
LEVEL = 95  # percent
_AT_ONCE = 2**20  # blocks that are drawn together


def count_overlapping(cutoffs: Integers, horizon: int) -> int:
    """Return how many cutoffs that follow each other have a target in common; `horizon`, where they are a step apart.

    `cutoffs` (W,) ascending, in steps; the usual distance between them counts.
    """
    distance = max(1.0, float(np.median(np.diff(cutoffs)))) if len(cutoffs) > 1 else 1.0
    return max(1, math.ceil(horizon / distance))


def choose_block(n: int, overlap: int) -> int:
    """Return how many of n cutoffs are drawn together: max(overlap, n^(1/3)), rounded up."""
    return max(overlap, math.ceil(round(n ** (1 / 3), 9)))


def plan_blocks(cutoffs: Integers, horizon: int) -> tuple[int, int]:
    """Return how many of the cutoffs (W,) are drawn together, and how many that follow each other overlap."""
    overlap = count_overlapping(cutoffs, horizon)
    return choose_block(len(cutoffs), overlap), overlap


def find_interval(values: Floats, weights: Floats, cutoffs: Integers, horizon: int) -> tuple[float, float] | None:
    """Return the 95 % interval of the weighted mean of values (W,) of cutoffs (W,); None under two blocks of them."""
    block, overlap = plan_blocks(cutoffs, horizon)
    return bootstrap_interval(values, weights, block, overlap) if len(cutoffs) >= 2 * block else None


def bootstrap_interval(values: Floats, weights: Floats, block: int, overlap: int) -> tuple[float, float]:
    """Return the 95 % interval of the weighted mean of values (W,) in the order of time, of at least two blocks.

    Circular blocks (Politis & Romano, A circular block-resampling procedure for stationary data, 1992). Left at that,
    the interval is too narrow for windows: of two equal forecasters 15 to 50 % would be called better or worse. So
    the resamples are spread, each about the mean:

    - by sqrt(k / chi2(k - 1)) for k blocks, as Student's t spreads a mean whose variance is estimated;
    - by 1 / sqrt(share), share = 1 - (o^2 - 1) / (3 o b) for blocks of b cutoffs of which o overlap: the part of the
      variance of a mean that such blocks see where the correlation falls evenly to 0 over o cutoffs.
    """
    rng = np.random.default_rng(SEED)
    mean, k = float(values @ weights / weights.sum()), len(values) / block
    share = 1 - (overlap**2 - 1) / (3 * overlap * block)
    spread = np.sqrt(k / (rng.chisquare(k - 1, RESAMPLES) * share))
    means = mean + (resample_mean(values, weights, block, rng) - mean) * spread
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)


def resample_mean(values: Floats, weights: Floats, block: int, rng: np.random.Generator) -> Floats:
    """Return (2000,) weighted means of values (W,), each of as many, drawn in circular blocks; the last one is cut."""
    n = len(values)
    k = -(-n // block)
    lengths = np.full(k, block)
    lengths[-1] = n - block * (k - 1)
    sums = [np.concatenate([[0.0], np.cumsum(np.tile(each, 2))]) for each in (values * weights, weights)]
    at_once = max(1, _AT_ONCE // k)
    parts = []
    for begin in range(0, RESAMPLES, at_once):
        starts = rng.integers(0, n, size=(min(at_once, RESAMPLES - begin), k))
        drawn, weight = ((total[starts + lengths] - total[starts]).sum(axis=1) for total in sums)
        parts.append(drawn / weight)
    return np.concatenate(parts)


def measure_p_value(values: Floats, weights: Floats, block: int) -> float:
    """Return the two-sided p-value of a weighted mean of 0, with a Newey-West variance of block - 1 lags.

    Of differences in loss this is the test of Diebold & Mariano, Comparing predictive accuracy (1995); variance as in
    Newey & West, A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent covariance matrix
    (1987). Of few blocks, or of windows that overlap, it is too sure. 1 where nothing varies about 0.
    """
    n, mean = len(values), float(values @ weights / weights.sum())
    scores = n * weights / weights.sum() * (values - mean)
    lags = np.arange(1, min(block, n))
    covariances = np.array([scores[lag:] @ scores[:-lag] for lag in lags])
    variance = float(scores @ scores + 2 * (1 - lags / block) @ covariances) / n**2
    if variance <= 0:
        return 1.0 if mean == 0 else 0.0
    return math.erfc(abs(mean) / math.sqrt(2 * variance))
