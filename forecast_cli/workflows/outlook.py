"""Forecasts for people to look at: over what came before, and beside what came true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.conformal import measure_spread, take_radius
from forecast_cli.prepare.inputs import gather_inputs
from forecast_cli.prepare.splits import find_cutoffs
from forecast_cli.prepare.windows import gather_truth, iterate_batches, series_of, steps_of, take_evenly
from forecast_cli.report import Outlook
from forecast_cli.workflows.delivery import deliver, fold_angles
from forecast_cli.workflows.forecasting import express_forecast
from forecast_cli.workflows.recent import count_recent, show_observed, show_recent

if TYPE_CHECKING:
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Array, Conformal, Integers, Panel, RunConfig
    from forecast_cli.workflows.delivery import Delivery
    from forecast_cli.workflows.plan import Plan

MOST_SERIES = 40
MOST_TRIALS = 24
MOST_NUMBERS = 2_000_000  # in all trials together: 8 MB of each kind


@dataclass(frozen=True, eq=False)
class Teller:
    """The saved model, and how what it says is told."""

    model: Predictor
    conformal: Conformal
    config: RunConfig
    delivery: Delivery

    def ask(self, scaled: Panel, rows: Integers) -> tuple[Array, Array]:
        """Return point (B, H, T) and radius (K, B, H, T), scaled, from cutoff rows of a scaled panel."""
        said, spread = [], []
        width = len(scaled.channels) * (self.model.lookback // self.model.sample_every)
        for piece in iterate_batches(rows, width):
            batch = gather_inputs(scaled, piece, self.model)
            said.append(self.model.predict(batch))
            spread.append(measure_spread(batch, scaled.n_targets))
        return np.concatenate(said), take_radius(self.conformal, self.config.levels, np.concatenate(spread))


def show_trials(plan: Plan, teller: Teller) -> tuple[Outlook, ...]:
    """Return the forecasts from up to 24 evenly spaced test cutoffs, the last one among them, ascending.

    Each of the series that have a test window there, among the first 40 that have any. Fewer cutoffs where there are
    many targets or long windows. All windows are forecast together.
    """
    rows = take_first_series(plan.panel, plan.split.test)
    steps = steps_of(plan.panel)[rows]
    some = np.unique(steps)[::-1]  # counted from the last, which a single one is
    some = take_evenly(some, _count_trials(plan, len(np.unique(series_of(plan.panel, rows)))))
    rows = rows[np.isin(steps, some)]
    point, radius = teller.ask(plan.scaled, rows)
    steps = steps_of(plan.panel)[rows]
    chosen = [np.flatnonzero(steps == step) for step in some[::-1]]
    return tuple(_show_windows(plan, teller, rows[at], point[at], radius[:, at]) for at in chosen)


def show_last_windows(plan: Plan, teller: Teller) -> Outlook:
    """Return the forecast from the last cutoff of each series whose whole window lies in the data, of the first 40."""
    rows = find_cutoffs(plan.panel, plan.config.window, plan.counts, int(plan.panel.start.min()))
    rows = take_first_series(plan.panel, rows)
    rows = rows[np.diff(series_of(plan.panel, rows), append=-1) != 0]
    return _show_windows(plan, teller, rows, *teller.ask(plan.scaled, rows))


def take_first_series(panel: Panel, rows: Integers) -> Integers:
    """Return those of the rows that lie in the first 40 series which have any."""
    series = series_of(panel, rows)
    shown: Integers = rows[series <= np.unique(series)[:MOST_SERIES][-1]]
    return shown


def reveal(plan: Plan, rows: Integers, delivery: Delivery) -> Array:
    """Return the truth (S, H, D) after cutoff rows whose windows lie in the panel; NaN where not observed."""
    panel, T = plan.panel, plan.panel.n_targets
    series = series_of(panel, rows)
    truth, known = gather_truth(panel, rows, plan.config.window)
    shown = show_observed(truth + panel.offset[series][:, None, :T], known, plan.scaler.scale[series][:, None, :T])
    return fold_angles(shown, delivery).astype(np.float32)


def _show_windows(plan: Plan, teller: Teller, rows: Integers, point: Array, radius: Array) -> Outlook:
    """Return what was said from cutoff rows (S,), one of each series, and what came."""
    window, delivery = plan.config.window, teller.delivery
    scaled = replace(plan.scaled, scaler=plan.scaler)
    forecast = express_forecast(point, radius, plan.config.levels, window, scaled, rows)
    stamps, recent = show_recent(plan.panel, rows, window.horizon, plan.scaler, delivery)
    return Outlook(stamps, recent, deliver(forecast, delivery, teller.conformal), reveal(plan, rows, delivery))


def _count_trials(plan: Plan, n_series: int) -> int:
    """Return how many trials there is room for, at least 1."""
    H = plan.config.window.horizon
    curve = count_recent(H) + H * (2 + 2 * len(plan.config.levels))
    return int(np.clip(MOST_NUMBERS // (n_series * plan.panel.n_targets * curve), 1, MOST_TRIALS))
