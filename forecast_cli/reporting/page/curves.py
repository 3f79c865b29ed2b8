"""What the plots of the HTML report draw, as plain JSON; how it is drawn is the business of report.js."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.evaluation.interval_metrics import cover_steps
from forecast_cli.evaluation.metrics import mean_known
from forecast_cli.reporting.figures import show_number, show_text
from forecast_cli.reporting.tables import to_plain_list

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from forecast_cli.report import Report
    from forecast_cli.types import Floats, Json

MAX_SERIES = 12
BUDGET = 700_000  # characters of curves; with Plotly's script (4.8 MB) the page stays under 6 MB
CURVE_CHARACTERS, STAMP_CHARACTERS = 9, 28  # of a number and of an instant with its quotes, about


def build_curves(report: Report) -> Json:
    """Return the last test forecast of as many series and targets as fit: the first 12 series at most.

    {linear: the instants are row numbers, levels, names of the series and targets embedded,
     series: [{stamps, ahead, cutoff, targets: [{unit, recent, point, truth, lower, upper, words}]}]}
    """
    n_series, n_targets = fit_into_budget(report)
    linear = all(re.fullmatch(r"-?\d+", cutoff) for cutoff in report.outlook.forecast.cutoff)
    return {
        "linear": linear,
        "levels": list(report.outlook.forecast.levels),
        "names": [show_text(name) for name in report.series_ids[:n_series]],
        "targets": [show_text(name) for name in report.targets[:n_targets]],
        "series": [_build_series(report, i, n_targets, linear) for i in range(n_series)],
    }


def fit_into_budget(report: Report) -> tuple[int, int]:
    """Return how many series, and how many targets of each, the page has room for: series first, at least 1 and 1."""
    width, horizon = report.outlook.recent.shape[1], report.outlook.truth.shape[1]
    curve = CURVE_CHARACTERS * (width + horizon * (2 + 2 * len(report.outlook.forecast.levels))) + 200
    stamps = STAMP_CHARACTERS * (width + horizon)
    n_series = max(1, min(len(report.series_ids), MAX_SERIES, BUDGET // (curve + stamps)))
    n_targets = max(1, min(len(report.targets), (BUDGET // n_series - stamps) // curve))
    return n_series, n_targets


def build_step_errors(report: Report) -> Json:
    """Return {steps, models, errors}: the scaled MAE of each model and step, averaged over targets, then series."""
    errors = mean_known(mean_known(report.scores.absolute.transpose(0, 3, 1, 2)))
    return {
        "steps": list(report.outlook.forecast.steps),
        "models": [show_text(model) for model in report.scores.models],
        "saved": show_text(report.model),
        "errors": to_plain_list(round_to_span(errors)),
    }


def build_step_coverage(report: Report) -> Json:
    """Return {steps, levels, shares}: for each level, the share of the truth inside at each step, in percent."""
    found = report.scores.intervals
    shares = [] if found is None else to_plain_list(np.round(cover_steps(found), 2))
    return {
        "steps": list(report.outlook.forecast.steps),
        "levels": [] if found is None else list(found.levels),
        "shares": shares,
    }


def build_learning(report: Report) -> Json:
    """Return {epochs, loss, val_loss, best}: the learning curve; best is the epoch of least validation loss or None."""
    known = [epoch for epoch in report.epochs if epoch.val_loss == epoch.val_loss]
    best = min(known, key=lambda epoch: epoch.val_loss, default=None)
    return {
        "epochs": [epoch.epoch for epoch in report.epochs],
        "loss": to_plain_list([epoch.loss for epoch in report.epochs]),
        "val_loss": to_plain_list([epoch.val_loss for epoch in report.epochs]),
        "best": best.epoch if best else None,
    }


def round_to_span(values: NDArray[Any]) -> Floats:
    """Return the values rounded to a ten-thousandth of their span or finer: all that an eye, or a zoom, can tell."""
    exact = np.asarray(values, np.float64)
    known = exact[np.isfinite(exact)]
    span = float(np.ptp(known)) if known.size else 0.0
    return exact if span == 0 else np.round(exact, 4 - int(np.floor(np.log10(span))))


def _build_series(report: Report, i: int, n_targets: int, linear: bool) -> Json:
    """Return the instants of one series and the curves of its targets."""
    place = int if linear else str
    return {
        "stamps": [place(stamp) for stamp in report.outlook.recent_timestamps[i]],
        "ahead": [place(stamp) for stamp in report.outlook.forecast.timestamps[i]],
        "cutoff": place(report.outlook.forecast.cutoff[i]),
        "targets": [_build_curve(report, i, j) for j in range(n_targets)],
    }


def _build_curve(report: Report, i: int, j: int) -> Json:
    """Return one target of one series: history, forecast, truth and the bounds of every level."""
    forecast = report.outlook.forecast
    parts: list[NDArray[Any]] = [report.outlook.recent[i, :, j], forecast.point[i, :, j], report.outlook.truth[i, :, j]]
    parts += [*forecast.lower[:, i, :, j], *forecast.upper[:, i, :, j]]
    rounded = round_to_span(np.concatenate(parts))
    lines = [to_plain_list(part) for part in np.split(rounded, np.cumsum([len(part) for part in parts])[:-1])]
    recent, point, truth, *bounds = lines
    levels = len(forecast.levels)
    names = {"unit": show_text(report.units[j]), "words": _describe_curve(report, i, j)}
    bands = {"lower": bounds[:levels], "upper": bounds[levels:]}
    return {**names, "recent": recent, "point": point, "truth": truth, **bands}


def _describe_curve(report: Report, i: int, j: int) -> str:
    """Return the plot in words, for those who do not see it."""
    forecast, unit = report.outlook.forecast, report.units[j]
    steps = "1 step" if len(forecast.steps) == 1 else f"{len(forecast.steps)} steps"
    text = (
        f"{report.targets[j]} of {report.series_ids[i]}, {steps} after {forecast.cutoff[i]}: "
        f"the forecast {_describe_span(forecast.point[i, :, j], unit)}, "
        f"the truth {_describe_span(report.outlook.truth[i, :, j], unit)}."
    )
    return show_text(text)


def _describe_span(values: NDArray[Any], unit: str) -> str:
    """Return between which known values a curve lies, in words."""
    known = values[np.isfinite(values)]
    if not known.size:
        return "is unknown"
    low, high = show_number(float(known.min())), show_number(float(known.max()))
    return (f"is {low} {unit}" if low == high else f"lies between {low} and {high} {unit}").rstrip()
