"""The forecasts of the page as plain JSON: from the end of the data, and on trial; forecast.js draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.prepare.windows import take_evenly
from forecast_cli.reporting.figures import show_text
from forecast_cli.reporting.page.packing import pack_numbers, pack_places, pack_stamps
from forecast_cli.reporting.page.room import MOST_POINTS, count_history
from forecast_cli.reporting.page.thinning import thin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from forecast_cli.report import Outlook, Report
    from forecast_cli.reporting.page.room import Room
    from forecast_cli.types import Integers, Json


def build_outlooks(report: Report, room: Room) -> Json:
    """Return the names, and the forecasts of as many series, targets and trials as there is room for.

    {levels, series, targets, units: names, outlook, trials: outlooks, ascending}; an outlook is {axes: [{before,
    ahead: packed instants}], series: [null where it has none, or {axis: its place, cutoff, curves: one per target}]}.
    """
    shown = report.series_ids[: room.n_series]
    chosen = take_evenly(np.arange(len(report.trials)), room.n_trials)
    history, before_trial = (count_history(report, is_trial=is_trial) for is_trial in (False, True))
    return {
        "levels": list(report.outlook.forecast.levels),
        "series": [show_text(name) for name in shown],
        "targets": [show_text(name) for name in report.targets[: room.n_targets]],
        "units": [show_text(unit) for unit in report.units[: room.n_targets]],
        "outlook": _pack_outlook(report.outlook, shown, room.n_targets, history),
        "trials": [_pack_outlook(report.trials[k], shown, room.n_targets, before_trial) for k in chosen],
    }


def _pack_outlook(outlook: Outlook, shown: tuple[str, ...], n_targets: int, history: int) -> Json:
    """Return one forecast of each series shown, after so many rows of history."""
    forecast = outlook.forecast
    pairs = [(b[-history:], a) for b, a in zip(outlook.recent_timestamps, forecast.timestamps, strict=True)]
    axes = {pair: place for place, pair in enumerate(dict.fromkeys(pairs))}
    places = {name: i for i, name in enumerate(forecast.series_ids)}
    series = [
        {
            "axis": axes[pairs[places[name]]],
            "cutoff": forecast.cutoff[places[name]],
            "curves": [_pack_curve(outlook, places[name], j, history) for j in range(n_targets)],
        }
        if name in places
        else None
        for name in shown
    ]
    return {"axes": [{"before": pack_stamps(b), "ahead": pack_stamps(a)} for b, a in axes], "series": series}


def _pack_curve(outlook: Outlook, i: int, j: int, history: int) -> Json:
    """Return one target of one series: {values: history, forecast, truth end to end, bounds: the lower ones of each
    level, then the upper ones, before, ahead: the places kept, or null}."""
    forecast = outlook.forecast
    recent = outlook.recent[i, -history:, j]
    ahead = np.stack([forecast.point[i, :, j], outlook.truth[i, :, j]])
    bounds = np.concatenate([forecast.lower[:, i, :, j], forecast.upper[:, i, :, j]])
    kept, kept_ahead = thin(recent[None], MOST_POINTS), thin(np.concatenate([ahead, bounds]), MOST_POINTS)
    return {
        "values": pack_numbers(np.concatenate([recent[kept], ahead[:, kept_ahead].ravel()])),
        "bounds": pack_numbers(bounds[:, kept_ahead]),
        "before": pack_kept(kept, recent),
        "ahead": pack_kept(kept_ahead, ahead[0]),
    }


def pack_kept(kept: Integers, values: NDArray[Any]) -> str | None:
    """Return the places that were kept, packed, or None where all were."""
    return None if len(kept) == len(values) else pack_places(kept)
