"""Errors as figures for people: scaled, in the column's unit, and beside the seasonal naive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.models.registry import BASELINES
from forecast_cli.results import RankingRow, TargetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Floats, Integers, Panel, Scaler, Scores

SEASONAL_NAIVE = "seasonal-naive"


def average(errors: Floats, n: Integers) -> Floats:
    """Return (...) from errors (..., N, T, H) and counts (N, T, H): over windows and steps, then targets, then series.

    What was never scored is left out at each stage; NaN where nothing was.
    """
    return _mean_known(_mean_known(average_steps(errors, n)))


def average_steps(errors: Floats, n: Integers) -> Floats:
    """Return (..., N, T) from errors (..., N, T, H) and counts (N, T, H): over windows and steps."""
    return _divide((np.nan_to_num(errors) * n).sum(axis=-1), n.sum(axis=-1))


def measure_season_errors(panel: Panel, season: int, until: int) -> Floats:
    """Return (N, T): mean |x[t] - x[t - season]| over the observed rows before step `until`; NaN where there is none.

    The denominator of MASE (Hyndman & Koehler, Another look at measures of forecast accuracy, 2006), in the unit of
    the panel.
    """
    errors = np.full((panel.n_series, panel.n_targets), np.nan)
    for i in range(panel.n_series):
        begin = panel.indptr[i]
        end = min(panel.indptr[i + 1], begin + max(0, until - panel.start[i]))
        values = panel.values[begin:end, : panel.n_targets]
        observed = panel.observed[begin:end, : panel.n_targets]
        known = observed[season:] & observed[:-season] if season < len(values) else observed[:0]
        changes = np.abs(values[season:] - values[:-season]) if season < len(values) else values[:0]
        errors[i] = _divide(np.where(known, changes, 0.0).sum(axis=0, dtype=np.float64), known.sum(axis=0))
    return errors


def rank_models(
    scores: Scores,
    season_errors: Floats,
    scaler: Scaler,
    fit_seconds: Mapping[str, float],
    parameters: Mapping[str, int],
) -> tuple[RankingRow, ...]:
    """Return one row per model, best mean absolute scaled error first.

    `season_errors` (N, T) in scaled units as `measure_season_errors` gives them; `mae` and `rmse` are in the target's
    own unit and None where there are several targets; skill = 1 - MAE / MAE of the seasonal naive.
    """
    mae, mse = average(scores.absolute, scores.n), average(scores.squared, scores.n)
    mase = _mean_known(_mean_known(_divide(average_steps(scores.absolute, scores.n), season_errors)))
    own_mae, own_rmse = measure_in_unit(scores, scaler)
    single = own_mae.shape[-1] == 1
    naive = mae[scores.models.index(SEASONAL_NAIVE)] if SEASONAL_NAIVE in scores.models else np.nan
    order = np.argsort(np.where(np.isnan(mae), np.inf, mae), kind="stable")
    return tuple(
        RankingRow(
            rank=rank,
            model=scores.models[m],
            mae_scaled=float(mae[m]),
            mse_scaled=float(mse[m]),
            mase=_known(mase[m]),
            skill=_known(1 - mae[m] / naive) if naive > 0 else None,
            mae=_known(own_mae[m, 0]) if single else None,
            rmse=_known(own_rmse[m, 0]) if single else None,
            n_windows=scores.n_windows,
            fit_seconds=fit_seconds.get(scores.models[m]),
            parameters=parameters.get(scores.models[m]),
        )
        for rank, m in enumerate(order, start=1)
    )


def measure_in_unit(scores: Scores, scaler: Scaler) -> tuple[Floats, Floats]:
    """Return MAE and RMSE, both (M, T), in each target's unit: over windows and steps, then series."""
    scale = scaler.scale[:, : scores.n.shape[1]]
    absolute = average_steps(scores.absolute, scores.n) * scale
    squared = average_steps(scores.squared, scores.n) * scale**2
    by_target = np.moveaxis(absolute, 1, -1), np.moveaxis(squared, 1, -1)
    return _mean_known(by_target[0]), np.sqrt(_mean_known(by_target[1]))


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


def _mean_known(values: Floats) -> Floats:
    """Return the mean over the last axis of what is not NaN; NaN where nothing is."""
    known = ~np.isnan(values)
    return _divide(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))


def _divide(a: Floats, b: Floats | Integers) -> Floats:
    """Return a / b, NaN where b is not above 0."""
    a, b = np.broadcast_arrays(a, b)
    return np.divide(a, b, out=np.full(a.shape, np.nan), where=b > 0)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
