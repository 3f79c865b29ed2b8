"""How much wider intervals must be where they come from few windows that share no target."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.bootstrap import count_overlapping

if TYPE_CHECKING:
    from forecast_cli.types import Floats, Integers

PERCENT = np.arange(1, 100) / 100
ANGLES = 100_000  # of the sum that gives Student's t, to six digits


def count_apart(cutoffs: Integers, horizon: int) -> float:
    """Return how many windows that share no target stand one after the other; a last one may be a part.

    `cutoffs` (W,): the ascending steps of forecasts of `horizon` steps each.
    """
    return (len(cutoffs) - 1) / count_overlapping(cutoffs, horizon) + 1 if len(cutoffs) else 0.0


def widen(n: float) -> Floats:
    """Return (99,) the factors, 1 at least, by which n windows that share no target widen the levels 1 ... 99 %.

    t / z * sqrt(1 + 1 / n): the quantiles of Student's t with n - 1 degrees of freedom over those of the normal
    distribution, as in the prediction interval of one more value from n (Student, The probable error of a mean, 1908).
    Fewer than two windows count as two.
    """
    n = max(n, 2.0)
    t, z = _find_t_quantiles((1 + PERCENT) / 2, n - 1), np.array([NormalDist().inv_cdf((1 + p) / 2) for p in PERCENT])
    return np.asarray(t / z * math.sqrt(1 + 1 / n))


def _find_t_quantiles(p: Floats, freedom: float) -> Floats:
    """Return the quantiles of Student's t for p of at least one half.

    With t = sqrt(freedom) tan(a) the density is that of cos(a) ^ (freedom - 1), which sums up without a library.
    """
    angles = np.linspace(0, math.pi / 2, ANGLES + 1)
    heights = np.cos(angles) ** (freedom - 1)
    sums = np.concatenate([[0.0], np.cumsum((heights[1:] + heights[:-1]) / 2)])
    return np.asarray(math.sqrt(freedom) * np.tan(np.interp(2 * p - 1, sums / sums[-1], angles)))
