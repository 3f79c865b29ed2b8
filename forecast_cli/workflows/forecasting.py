"""From fitted model and history to the forecast table: scaled inside, the columns' units outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.conformal import measure_spread, take_radius
from forecast_cli.frequency import format_instant, format_instants
from forecast_cli.prepare.scaling import unscale
from forecast_cli.prepare.windows import gather_batch, series_of, steps_of
from forecast_cli.types import Forecast

if TYPE_CHECKING:
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Conformal, Integers, Panel, Scaler, Window


def make_forecast(
    model: Predictor,
    conformal: Conformal,
    levels: tuple[int, ...],
    window: Window,
    scaled: Panel,
    scaler: Scaler,
    rows: Integers,
) -> Forecast:
    """Return the forecasts from these cutoff rows of a scaled panel, one for each series they lie in.

    Intervals are symmetric about the forecast; NaN where calibration does not support a level.
    """
    series = series_of(scaled, rows)
    batch = gather_batch(scaled, rows, model.lookback, model.sample_every)
    point = model.predict(batch)
    radius = take_radius(conformal, levels, measure_spread(batch, scaled.n_targets))  # (K, N, H, T)
    cutoffs = steps_of(scaled)[rows]
    ahead = window.delay + np.arange(window.horizon)
    return Forecast(
        series_ids=tuple(scaled.series_ids[i] for i in series),
        targets=scaled.targets,
        cutoff=tuple(format_instant(scaled.origin, scaled.freq, scaled.tz, int(step)) for step in cutoffs),
        timestamps=tuple(
            tuple(format_instants(scaled.origin, scaled.freq, scaled.tz, step + ahead)) for step in cutoffs
        ),
        steps=tuple(int(step) for step in ahead),
        point=unscale(point, scaler, series),
        lower=np.stack([unscale(point - each, scaler, series) for each in radius]),
        upper=np.stack([unscale(point + each, scaler, series) for each in radius]),
        levels=levels,
    )
