"""Every metric of every model, on all windows or on a part of their targets, and the ranking made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.interval_metrics import measure_intervals
from forecast_cli.evaluation.metrics import average, average_steps, know, mean_known, take_scale
from forecast_cli.evaluation.sums import divide
from forecast_cli.results import RankingRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.evaluation.metrics import Part
    from forecast_cli.results import IntervalFigures
    from forecast_cli.types import Floats, Scaler, Scores

SEASONAL_NAIVE = "seasonal-naive"
WHOLE: Part = (slice(None), slice(None), slice(None))


@dataclass(frozen=True)
class Figures:
    """The metrics of one model; None where there is none."""

    mae_scaled: float  # NaN where nothing was scored
    mse_scaled: float
    mase: float | None
    rmsse: float | None
    smape: float | None
    mae: float | None
    rmse: float | None
    intervals: IntervalFigures | None


def rank_models(
    scores: Scores,
    season_errors: Floats,
    scaler: Scaler,
    fit_seconds: Mapping[str, float],
    parameters: Mapping[str, int],
) -> tuple[RankingRow, ...]:
    """Return one row per model, best mean absolute scaled error first.

    `season_errors` (2, N, T) in scaled units as `measure_season_errors` gives them; `mae` and `rmse` are in the
    target's own unit and None where there are several targets; skill = 1 - MAE / MAE of the seasonal naive.
    """
    figures = measure_figures(scores, season_errors, scaler)
    mae = np.array([each.mae_scaled for each in figures])
    naive = mae[scores.models.index(SEASONAL_NAIVE)] if SEASONAL_NAIVE in scores.models else np.nan
    order = np.argsort(np.where(np.isnan(mae), np.inf, mae), kind="stable")
    return tuple(
        RankingRow(
            rank=rank,
            model=scores.models[m],
            mae_scaled=float(mae[m]),
            mse_scaled=figures[m].mse_scaled,
            mase=figures[m].mase,
            skill=know(1 - mae[m] / naive) if naive > 0 else None,
            mae=figures[m].mae,
            rmse=figures[m].rmse,
            n_windows=scores.n_windows,
            fit_seconds=fit_seconds.get(scores.models[m]),
            parameters=parameters.get(scores.models[m]),
            rmsse=figures[m].rmsse,
            smape=figures[m].smape,
            intervals=figures[m].intervals,
        )
        for rank, m in enumerate(order, start=1)
    )


def measure_figures(scores: Scores, season_errors: Floats, scaler: Scaler, part: Part = WHOLE) -> tuple[Figures, ...]:
    """Return the figures of every model on one part of the series, targets and steps.

    All are means over windows and steps, then targets, then series; what has no value is left out at each stage.
    MAE and RMSE in the target's own unit are None where the part holds several. MASE and RMSSE are errors over those
    of the season on training rows, sMAPE is the mean of |y - f| / (|y| + |f|), in 0 to 1.
    """
    n, season, scale = scores.n[part], season_errors[(slice(None), *part[:2])], take_scale(scaler, scores)[part[:2]]
    absolute, squared, symmetric = (
        each[(slice(None), *part)] for each in (scores.absolute, scores.squared, scores.symmetric)
    )
    mae, mse = average_steps(absolute, n), average_steps(squared, n)  # (M, N, T)
    scaled = mean_known(mean_known(mae)), mean_known(mean_known(mse))
    is_single = n.shape[1] == 1
    columns = {
        "mase": mean_known(mean_known(divide(mae, season[0]))),
        "rmsse": mean_known(mean_known(np.sqrt(divide(mse, season[1])))),
        "smape": average(symmetric, n),
        "mae": mean_known(mean_known(mae * scale)) if is_single else np.full(len(mae), np.nan),
        "rmse": np.sqrt(mean_known(mean_known(mse * scale**2))) if is_single else np.full(len(mae), np.nan),
    }
    found = scores.intervals
    intervals = {} if found is None else {found.model: measure_intervals(scores, found, scaler, part)}
    return tuple(
        Figures(
            mae_scaled=float(scaled[0][m]),
            mse_scaled=float(scaled[1][m]),
            **{name: know(column[m]) for name, column in columns.items()},
            intervals=intervals.get(model),
        )
        for m, model in enumerate(scores.models)
    )
