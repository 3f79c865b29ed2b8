"""Split-conformal intervals: how far off were forecasts of the same step on windows the model never learnt from?

Vovk et al., Algorithmic Learning in a Random World (2005); normalised by a spread of each window as in Papadopoulos
et al., Normalized nonconformity measures for regression conformal prediction (2008). The theory counts windows as
exchangeable. Those that overlap tell less than their number: the radii are widened by Student's t for that.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.backtest import iterate_truth
from forecast_cli.evaluation.widening import count_apart, widen
from forecast_cli.prepare.angles import measure_turn
from forecast_cli.prepare.inputs import gather_inputs
from forecast_cli.prepare.windows import BUDGET, steps_of, take_evenly
from forecast_cli.types import Conformal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.prepare.angles import Compass
    from forecast_cli.types import Array, Batch, Flags, Floats, Integers, Panel, Window

MOST_CUTOFFS, LEAST_CUTOFFS = 4_000, 400
MOST_SCORES = 20_000_000  # held at once: 80 MB
MOST_INPUTS = 2_048  # of a window, for its spread
HALF_TURN = 180.0  # degrees: no direction is further off
LEAST_SPREAD = 0.1  # of the training standard deviation: a window that stood still may move again


def measure_spread(batch: Batch, n_targets: int) -> Array:
    """Return (B, T): the standard deviation of each target over the window, at least 0.1, in scaled units.

    Of a longer history the newest 2,048 inputs: a seasonal model may look back over a day of seconds.
    """
    history = batch.history[:, -MOST_INPUTS:, :n_targets]
    size = max(1, BUDGET // max(1, history.shape[1] * n_targets))
    pieces = [history[begin : begin + size].std(axis=1) for begin in range(0, max(1, len(history)), size)]
    return np.maximum(np.concatenate(pieces), LEAST_SPREAD)


def calibrate(model: Predictor, panel: Panel, window: Window, counts: Flags, rows: Integers) -> Conformal:
    """Return the percentiles of |error| / spread per step and target, pooled over series and cutoffs.

    Percentile p of n scores is the ceil((n + 1) p / 100)-th smallest, which covers at least p % of exchangeable
    futures; NaN where there is no such score. All are widened for windows that overlap: see `widen`. At most 4,000
    evenly spaced cutoffs are used, fewer (down to 400) where they would give over 20 million scores.
    """
    pieces = []
    most = min(MOST_CUTOFFS, max(LEAST_CUTOFFS, MOST_SCORES // (window.horizon * panel.n_targets)))
    for piece, truth, scored in iterate_truth(panel, window, counts, take_evenly(rows, most), model.lookback):
        batch = gather_inputs(panel, piece, model)
        error = np.abs(model.predict(batch) - truth) / measure_spread(batch, panel.n_targets)[:, None, :]
        pieces.append(np.where(scored, error, np.float32("nan")))
    scores = np.concatenate(pieces) if pieces else np.empty((0, window.horizon, panel.n_targets), dtype=np.float32)
    found = take_percentiles(scores)
    return replace(found, percentiles=_widen_for(panel, rows, window) * found.percentiles)


def calibrate_angles(
    model: Predictor, compass: Compass, panel: Panel, window: Window, counts: Flags, rows: Integers
) -> Floats:
    """Return the percentiles (99, H, A) of the angular error in degrees, the shorter way round.

    As `calibrate`, but on the directions that sine and cosine make, and not divided by a spread: a degree is a degree.
    """
    pieces = []
    sines, most = [s for s, _ in compass.pairs], min(MOST_CUTOFFS, max(LEAST_CUTOFFS, MOST_SCORES // window.horizon))
    for piece, truth, scored in iterate_truth(panel, window, counts, take_evenly(rows, most), model.lookback):
        batch = gather_inputs(panel, piece, model)
        error = measure_turn(compass.read(model.predict(batch), batch.series), compass.read(truth, batch.series))
        pieces.append(np.where(scored[:, :, sines], error, np.nan).astype(np.float32))
    none = np.empty((0, window.horizon, len(sines)), dtype=np.float32)
    found = take_percentiles(np.concatenate(pieces) if pieces else none).percentiles
    return np.minimum(_widen_for(panel, rows, window) * found, HALF_TURN)


def _widen_for(panel: Panel, rows: Integers, window: Window) -> Floats:
    """Return (99, 1, 1): what `widen` says of these cutoffs; windows of other series at one time are no more."""
    return widen(count_apart(np.unique(steps_of(panel)[rows]), window.horizon))[:, None, None]


def take_percentiles(scores: Array) -> Conformal:
    """Return the conformal percentiles of scores (n, H, T), where NaN was not scored."""
    ordered = np.sort(scores, axis=0)  # NaN last
    n = np.isfinite(scores).sum(axis=0)  # (H, T)
    percentiles = np.full((99, *n.shape), np.nan)
    for p in range(1, 100):
        place = np.ceil((n + 1) * p / 100 - 1e-9).astype(np.int64)
        known = (place <= n) & (n > 0)
        taken = (
            np.take_along_axis(ordered, np.clip(place - 1, 0, max(len(ordered) - 1, 0))[None], axis=0)[0]
            if len(ordered)
            else percentiles[p - 1]
        )
        percentiles[p - 1] = np.where(known, taken, np.nan)
    return Conformal(percentiles=percentiles, n=int(n[:, n.any(axis=0)].min(initial=len(scores))) if n.any() else 0)


def take_radius(conformal: Conformal, levels: Sequence[int], spread: Array) -> Array:
    """Return (K, B, H, T): half the width of the intervals in scaled units; NaN where the scores are too few."""
    chosen = conformal.percentiles[[level - 1 for level in levels]]  # (K, H, T)
    return (chosen[:, None] * spread[None, :, None, :]).astype(np.float32)


def least_scores(level: int) -> int:
    """Return how many calibration windows a level needs: 19 for 95 %."""
    return math.ceil(level / (100 - level) - 1e-9)
