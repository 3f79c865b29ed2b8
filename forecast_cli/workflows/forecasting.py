"""From fitted model and history to the forecast table: scaled inside, the columns' units outside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.evaluation.conformal import measure_spread, take_radius
from forecast_cli.frequency import format_instants
from forecast_cli.prepare.inputs import gather_inputs
from forecast_cli.prepare.scaling import unscale
from forecast_cli.prepare.windows import series_of, steps_of
from forecast_cli.types import Forecast

if TYPE_CHECKING:
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Array, Conformal, Integers, Panel, Scaler, Window


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
    batch = gather_inputs(scaled, rows, model)
    radius = take_radius(conformal, levels, measure_spread(batch, scaled.n_targets))
    return express_forecast(model.predict(batch), radius, levels, window, replace(scaled, scaler=scaler), rows)


def express_forecast(
    point: Array, radius: Array, levels: tuple[int, ...], window: Window, scaled: Panel, rows: Integers
) -> Forecast:
    """Return scaled forecasts (N, H, T), plus and minus radius (K, N, H, T), of cutoff rows (N,), in columns' units."""
    if scaled.scaler is None:
        raise ValueError("the panel is not scaled")  # a bug of ours
    series, cutoffs = series_of(scaled, rows), steps_of(scaled)[rows]
    ahead = window.delay + np.arange(window.horizon)
    return Forecast(
        series_ids=tuple(scaled.series_ids[i] for i in series),
        targets=scaled.targets,
        cutoff=tuple(_print_steps(scaled, cutoffs)),
        timestamps=tuple(map(tuple, _print_steps(scaled, cutoffs[:, None] + ahead))),
        steps=tuple(int(step) for step in ahead),
        point=unscale(point, scaled.scaler, series),
        lower=np.stack([unscale(point - each, scaled.scaler, series) for each in radius]),
        upper=np.stack([unscale(point + each, scaled.scaler, series) for each in radius]),
        levels=levels,
    )


def _print_steps(panel: Panel, steps: Integers) -> list[Any]:
    """Return the printed instants of steps of the panel's grid, nested as they are; each is printed but once."""
    distinct, place = np.unique(steps, return_inverse=True)
    texts = np.array(format_instants(panel.origin, panel.freq, panel.tz, distinct), dtype=object)
    return list(texts[place].reshape(steps.shape).tolist())
