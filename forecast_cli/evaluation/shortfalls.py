"""Intervals that hold less of the truth than they promise, by more than chance explains."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.bootstrap import find_interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Scores


def find_shortfalls(scores: Scores, horizon: int, n_calibration: int) -> Mapping[int, float]:
    """Return level -> coverage, both in percent, of the intervals whose coverage is too low for chance alone.

    That is below the level by more than the upper half of its 95 % block-bootstrap interval over the test cutoffs,
    times sqrt(1 + n / m): the radii come from m = `n_calibration` cutoffs and are as uncertain for their number as the
    coverage is for its n. Nothing where there are under two blocks of cutoffs, too few to tell.
    """
    found = scores.intervals
    if found is None or n_calibration < 1:
        return {}
    short = {}
    for level, inside, n in zip(found.levels, found.inside_by_cutoff, found.n_by_cutoff, strict=True):
        known = n > 0
        shares, weights = 100 * inside[known], n[known].astype(np.float64)
        interval = find_interval(shares, weights, scores.cutoffs[known], horizon)
        if interval is None:
            continue
        mean = float(np.average(shares, weights=weights))
        if level - mean > (interval[1] - mean) * math.sqrt(1 + len(shares) / n_calibration):
            short[level] = mean
    return short
