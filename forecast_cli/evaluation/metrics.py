"""Means of errors, weighted alike by series and target, and what errors are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from forecast_cli.evaluation.sums import divide
from forecast_cli.models.registry import BASELINES
from forecast_cli.results import TargetError

if TYPE_CHECKING:
    from forecast_cli.types import Floats, Integers, Panel, Scaler, Scores

Part: TypeAlias = tuple[slice, slice, slice]  # of the axes series, target, step


def average(errors: Floats, n: Integers) -> Floats:
    """Return (...) from errors (..., N, T, H) and counts (N, T, H): over windows and steps, then targets, then series.

    What was never scored is left out at each stage; NaN where nothing was.
    """
    return mean_known(mean_known(average_steps(errors, n)))


def average_steps(errors: Floats, n: Integers) -> Floats:
    """Return (..., N, T) from errors (..., N, T, H) and counts (N, T, H): over windows and steps."""
    return divide((np.nan_to_num(errors) * n).sum(axis=-1), n.sum(axis=-1))


def measure_season_errors(panel: Panel, season: int, until: int) -> Floats:
    """Return (2, N, T): mean |c| and mean c^2 of c = x[t] - x[t - season] over the observed rows before step `until`.

    The denominators of MASE (Hyndman & Koehler, Another look at measures of forecast accuracy, 2006) and RMSSE
    (Makridakis et al., The M5 competition, 2022), in the unit of the panel; NaN where there is no such row.
    """
    errors = np.full((2, panel.n_series, panel.n_targets), np.nan)
    for i in range(panel.n_series):
        begin = panel.indptr[i]
        end = min(panel.indptr[i + 1], begin + max(0, until - panel.start[i]))
        for t in range(panel.n_targets):  # one at a time: a panel may fill half of the memory
            values, observed = panel.values[begin:end, t], panel.observed[begin:end, t]
            changes = (values[season:] - values[:-season])[observed[season:] & observed[:-season]]
            if changes.size:
                errors[:, i, t] = np.abs(changes).mean(dtype=np.float64), np.square(changes, dtype=np.float64).mean()
    return errors


def measure_in_unit(scores: Scores, scaler: Scaler) -> tuple[Floats, Floats]:
    """Return MAE and RMSE, both (M, T), in each target's unit: over windows and steps, then series."""
    scale = take_scale(scaler, scores)
    absolute = average_steps(scores.absolute, scores.n) * scale
    squared = average_steps(scores.squared, scores.n) * scale**2
    by_target = np.moveaxis(absolute, 1, -1), np.moveaxis(squared, 1, -1)
    return mean_known(by_target[0]), np.sqrt(mean_known(by_target[1]))


def compare_targets(scores: Scores, panel: Panel, scaler: Scaler, model: str) -> tuple[TargetError, ...]:
    """Return the error of one model on each target, in its unit, beside that of the best other baseline."""
    mae, _ = measure_in_unit(scores, scaler)
    mine = scores.models.index(model)
    others = [m for m, name in enumerate(scores.models) if m != mine and name in BASELINES]
    rows = []
    for t, target in enumerate(panel.targets):
        if not others or np.isnan(mae[mine, t]):
            continue
        best = min(others, key=lambda m: mae[m, t])
        rows.append(TargetError(target, panel.units[t], float(mae[mine, t]), scores.models[best], float(mae[best, t])))
    return tuple(rows)


def mean_known(values: Floats) -> Floats:
    """Return the mean over the last axis of what is not NaN; NaN where nothing is."""
    known = ~np.isnan(values)
    return divide(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))


def take_scale(scaler: Scaler, scores: Scores) -> Floats:
    """Return (N, T): how large a scaled unit is in the unit of each target."""
    return scaler.scale[:, : scores.n.shape[1]]


def know(value: float) -> float | None:
    """Return the number, None where it is NaN."""
    return None if np.isnan(value) else float(value)
