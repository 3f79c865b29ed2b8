"""The last test window of each series, for people to look at: what came before, the forecast, and the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import format_instants
from forecast_cli.prepare.windows import gather_batch, gather_truth, series_of, steps_of
from forecast_cli.report import Outlook
from forecast_cli.workflows.delivery import deliver, fold_angles
from forecast_cli.workflows.forecasting import make_forecast

if TYPE_CHECKING:
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Conformal, Flags, Floats, Integers
    from forecast_cli.workflows.delivery import Delivery
    from forecast_cli.workflows.plan import Plan

MOST_SERIES = 40
HORIZONS_BEFORE = 3  # how much history is shown


def show_last_window(plan: Plan, model: Predictor, conformal: Conformal, delivery: Delivery) -> Outlook:
    """Return the last test window of up to 40 series."""
    panel, window = plan.panel, plan.config.window
    rows = _last_rows(plan)
    forecast = make_forecast(model, conformal, plan.config.levels, window, plan.scaled, plan.scaler, rows)
    forecast = deliver(forecast, delivery, conformal)
    series = series_of(panel, rows)
    scale = plan.scaler.scale[series][:, None, : panel.n_targets]
    offset = panel.offset[series][:, None, : panel.n_targets]
    truth, known = gather_truth(panel, rows, window)
    width = max(HORIZONS_BEFORE * window.horizon, 48)
    before = gather_batch(panel, rows, width, 1)
    history, seen = before.history[:, :, : panel.n_targets], before.observed[:, :, : panel.n_targets]
    steps = steps_of(panel)[rows][:, None] - np.arange(width - 1, -1, -1)
    return Outlook(
        forecast=forecast,
        truth=fold_angles(_show(truth + offset, known, scale), delivery).astype(np.float32),
        recent=fold_angles(_show(history + offset, seen, scale), delivery).astype(np.float32),
        recent_timestamps=tuple(tuple(format_instants(panel.origin, panel.freq, panel.tz, row)) for row in steps),
    )


def _show(values: Floats, known: Flags, scale: Floats) -> Floats:
    """Return observed values, rounded to a millionth of their scale: what float32 cannot tell is no measurement."""
    unit = 10.0 ** np.floor(np.log10(scale) - 6)
    return np.where(known, np.round(values / unit) * unit, np.nan)


def _last_rows(plan: Plan) -> Integers:
    """Return the last test cutoff of each series that has one."""
    series = series_of(plan.panel, plan.split.test)
    last = np.flatnonzero(np.diff(series, append=-1) != 0)
    return plan.split.test[last][:MOST_SERIES]
