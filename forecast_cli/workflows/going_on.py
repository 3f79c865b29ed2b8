"""The forecast from the end of the data, as `predict` gives it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.save import find_first_rows
from forecast_cli.errors import DataError
from forecast_cli.models.bounded import bind
from forecast_cli.prepare.inputs import measure_reach
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.report import Outlook
from forecast_cli.types import Scaler, Silence
from forecast_cli.workflows.delivery import deliver
from forecast_cli.workflows.eligible import drop_silent, require_rows
from forecast_cli.workflows.forecasting import express_forecast
from forecast_cli.workflows.history import cut_unseen_end, last_rows, pick_series
from forecast_cli.workflows.known_ahead import extend_ahead, looks_ahead
from forecast_cli.workflows.outlook import MOST_SERIES, show_last_windows
from forecast_cli.workflows.predict import blank_unobserved
from forecast_cli.workflows.recent import count_recent, show_recent

if TYPE_CHECKING:
    from forecast_cli.types import Array, Integers, Panel
    from forecast_cli.workflows.outlook import Teller
    from forecast_cli.workflows.plan import Plan


def show_outlook(plan: Plan, teller: Teller) -> Outlook:
    """Return the forecast of the first 40 series from the end of the data, which no truth stands beside yet.

    Where `predict` would ask for what is not there, as values known ahead beyond the end or the rows of a long season,
    it begins at the last cutoff whose whole window lies in the data, and what came true stands beside it.
    """
    try:
        history, whole, rows = _find_end(plan, teller)
    except DataError:
        return show_last_windows(plan, _bind(teller, plan.scaler))
    scaler, window, delivery = _take_scaler(plan, history), plan.config.window, teller.delivery
    scaled = scale_panel(whole, scaler)
    forecast = express_forecast(*_bind(teller, scaler).ask(scaled, rows), plan.config.levels, window, scaled, rows)
    forecast = deliver(blank_unobserved(forecast, history, window, Silence()), delivery, teller.conformal)
    nothing: Array = np.full(forecast.point.shape, np.nan, dtype=np.float32)
    return Outlook(*show_recent(whole, rows, window.horizon, scaler, delivery), forecast, nothing)


def _bind(teller: Teller, scaler: Scaler) -> Teller:
    """Return the teller whose model stays within the bounds of its targets on a panel scaled like this."""
    how = teller.delivery
    return replace(teller, model=bind(teller.model, how.lower, how.upper, scaler))


def _find_end(plan: Plan, teller: Teller) -> tuple[Panel, Panel, Integers]:
    """Return the history up to the cutoffs, the same with what is known ahead, and the cutoff rows (S,) there."""
    window, needed = plan.config.window, max(plan.config.window.reach, measure_reach(teller.model))
    tail = _take_tail(plan.panel, max(needed, count_recent(window.horizon)))
    history = drop_silent(cut_unseen_end(tail), window.reach, Silence())
    history = require_rows(history, needed, Silence())
    history = pick_series(history, range(min(MOST_SERIES, history.n_series)))
    if looks_ahead(teller.model, history):
        return history, *extend_ahead(history, tail, window, window.horizon)
    return history, history, last_rows(history)


def _take_tail(panel: Panel, longest: int) -> Panel:
    """Return the rows of each series from so many before its last observed target on: the rest is not looked at."""
    first = find_first_rows(panel, longest)
    lengths = panel.indptr[1:] - first
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    rows = np.arange(indptr[-1]) + np.repeat(first - indptr[:-1], lengths)
    return replace(
        panel,
        indptr=indptr,
        start=panel.start + first - panel.indptr[:-1],
        values=panel.values[rows],
        observed=panel.observed[rows],
    )


def _take_scaler(plan: Plan, panel: Panel) -> Scaler:
    """Return the scaler of some of the plan's series."""
    place = {name: i for i, name in enumerate(plan.panel.series_ids)}
    rows = [place[name] for name in panel.series_ids]
    return Scaler(loc=plan.scaler.loc[rows], scale=plan.scaler.scale[rows])
