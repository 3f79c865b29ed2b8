"""The share of each model in a blend, chosen on what all models said of the validation part."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, cycle, islice
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.bootstrap import count_overlapping, find_interval
from forecast_cli.models.blend import choose_weights

if TYPE_CHECKING:
    from forecast_cli.types import Array, Floats, Integers

MOST_DRAWN = 100_000  # values in a resample
MOST_CANDIDATES = 5  # the best alone; the others would seldom get a share, and each costs time, memory and luck
DRAWN_CANDIDATES = 3  # of them in a resample
RESAMPLES, SEED = 50, 0
LEAST_SHARE = 0.05  # of a part: `predict` runs them all


@dataclass(frozen=True, eq=False)
class Lessons:
    """What all models said of the scored values (n,) of the validation part, and what was true."""

    names: tuple[str, ...]  # (M,)
    forecasts: Array  # (M, n)
    truth: Array  # (n,)
    importance: Array  # (n,): what the error of each value weighs
    instants: Integers  # (n,): of the cutoff, in steps

    def measure(self, shares: Floats) -> Array:
        """Return (n,) the absolute errors of a mean of the models with such shares (M,)."""
        return np.asarray(np.abs(shares.astype(np.float32) @ self.forecasts - self.truth))

    def measure_alone(self) -> Floats:
        """Return (M,) the weighted error of each model."""
        return np.array([self.importance @ np.abs(each - self.truth) for each in self.forecasts], dtype=np.float64)


def choose_shares(lessons: Lessons, horizon: int) -> Floats:
    """Return (M,) the share of each model in the mean; non-negative, their sum is 1.

    Shares are means over resamples of the cutoffs in blocks of a horizon (Breiman, Bagging predictors, 1996), and each
    chooses among three of the five candidates, in turn (as the bags of Caruana et al., 2004, hold a part of the
    models): what was good on one validation part by luck does not get all. The best model alone is taken only where
    its lead over this mean is more than chance.
    """
    best: Floats = np.eye(len(lessons.names))[int(np.argmin(lessons.measure_alone()))]
    if not len(lessons.truth):
        return best
    rng = np.random.default_rng(SEED)
    drawn = islice(cycle(combinations(range(MOST_CANDIDATES), DRAWN_CANDIDATES)), RESAMPLES)
    cutoffs, place = np.unique(lessons.instants, return_inverse=True)
    times = (_draw(cutoffs, horizon, rng)[place] for _ in range(RESAMPLES))
    chosen = [_choose_once(_resample(lessons, each, rng), places) for each, places in zip(times, drawn, strict=True)]
    shares = _keep_large(np.mean(chosen, axis=0))
    return best if _is_better_beyond_chance(lessons, best, shares, horizon) else shares


def find_candidates(lessons: Lessons) -> Integers:
    """Return which few of the models, ascending, have the smallest weighted error."""
    return np.sort(np.argsort(lessons.measure_alone(), kind="stable")[:MOST_CANDIDATES])


def _choose_once(lessons: Lessons, places: tuple[int, ...]) -> Floats:
    """Return (M,) the shares that are best on a resample, among the candidates in these places; all where few are."""
    best = find_candidates(lessons)
    if len(best) == MOST_CANDIDATES:
        best = best[list(places)]
    shares = np.zeros(len(lessons.names))
    shares[best] = choose_weights(lessons.forecasts[best], lessons.truth, lessons.importance)
    return shares


def _is_better_beyond_chance(lessons: Lessons, shares: Floats, others: Floats, horizon: int) -> bool:
    """Return whether the 95 % interval of what is gained by these shares, over the cutoffs, lies above 0."""
    gains = lessons.measure(others) - lessons.measure(shares)
    cutoffs, place = np.unique(lessons.instants, return_inverse=True)
    weights = np.bincount(place, lessons.importance).astype(np.float64)
    interval = find_interval(np.bincount(place, lessons.importance * gains) / weights, weights, cutoffs, horizon)
    return interval is not None and interval[0] > 0


def _draw(cutoffs: Integers, horizon: int, rng: np.random.Generator) -> Integers:
    """Return how often each of the cutoffs (W,) is among W that are drawn in circular blocks."""
    n = len(cutoffs)
    block = max(1, min(count_overlapping(cutoffs, horizon), n // 2))
    starts = rng.integers(0, n, -(-n // block))
    return np.bincount((starts[:, None] + np.arange(block)).ravel()[:n] % n, minlength=n)


def _resample(lessons: Lessons, times: Integers, rng: np.random.Generator) -> Lessons:
    """Return the values as often as they were drawn (n,), as importance; of many values a part."""
    drawn = np.flatnonzero(times)
    if len(drawn) > MOST_DRAWN:
        drawn = rng.choice(drawn, MOST_DRAWN, replace=False, shuffle=False)
    return Lessons(
        names=lessons.names,
        forecasts=lessons.forecasts[:, drawn],
        truth=lessons.truth[drawn],
        importance=(lessons.importance * times)[drawn].astype(np.float32),
        instants=lessons.instants[drawn],
    )


def _keep_large(shares: Floats) -> Floats:
    """Return the shares without those that are too small, or too many."""
    least = max(LEAST_SHARE, np.sort(shares)[-min(MOST_CANDIDATES, len(shares))])
    kept = np.where(shares >= least, shares, 0.0)
    return np.asarray(kept / kept.sum())
