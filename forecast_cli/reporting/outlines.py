"""Tables with a shape in each row, for reports that are text: a sparkline beside some of its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.evaluation.interval_metrics import cover_steps
from forecast_cli.evaluation.metrics import mean_known
from forecast_cli.prepare.windows import take_evenly
from forecast_cli.reporting.facts import Table, average_steps
from forecast_cli.reporting.figures import ABSENT, show_number, show_percent
from forecast_cli.reporting.sparkline import average_stretches, draw_sparkline
from forecast_cli.reporting.tables import to_plain_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from forecast_cli.report import Report

WIDTH = 40  # blocks of a line at most
BLANK = "·"  # where there is no value; a space would be lost in a table
CUTOFF = "│"  # between history and forecast
MOST_TARGETS = 20  # whose forecast is drawn
STEPS = 3  # whose figures stand beside a line


def outline_forecast(report: Report) -> Table:
    """Return history and forecast of the first 20 targets of the first series, each with its figures at both ends."""
    said = report.outlook.forecast
    ends = dict.fromkeys((0, len(said.steps) - 1))
    intervals = [f"{level} % interval" for level in said.levels]
    headings = ["Target", "Unit", f"History {CUTOFF} forecast", *(f"Step {said.steps[h]}" for h in ends), *intervals]
    return headings, [_outline_target(report, j, list(ends)) for j in range(len(said.targets[:MOST_TARGETS]))]


def outline_errors(report: Report) -> Table:
    """Return the scaled MAE of each model along the steps, averaged over targets, then series; by rank.

    The lines share one scale, which ends at twice the lowest mean: beyond it, as far as a poor baseline may be, no
    shape could be told among the good models.
    """
    names = [row.model for row in report.ranking]
    places = [report.scores.models.index(name) for name in names]
    errors = average_steps(report.scores)[places]
    low, high = _find_span(errors)
    top = min([high, *(2 * mean_known(errors)).tolist()])
    return _outline_steps("Model", names, errors, report.outlook.forecast.steps, show_number, (low, top))


def outline_coverage(report: Report) -> Table:
    """Return the share of the truth inside each interval along the steps, on one scale; no rows without intervals."""
    found = report.scores.intervals
    levels = () if found is None else [f"{level} %" for level in found.levels]
    shares = np.empty((0, 0)) if found is None else cover_steps(found)
    steps = report.outlook.forecast.steps
    return _outline_steps("Interval", levels, shares, steps, show_percent, _find_span(shares))


def outline_presence(report: Report) -> Table:
    """Return what was observed when, from 0 to 100 %; no rows where that was not counted."""
    found = report.presence
    if found is None:
        return [], []
    lines = [_draw(row, (0.0, 100.0)) for row in to_plain_list(found.share)]
    means = [show_percent(float(mean)) for mean in mean_known(found.share)]
    name = "Series" if found.are_series else "Target"
    return [name, "Observed", "When"], [list(row) for row in zip(found.names, means, lines, strict=True)]


def _outline_target(report: Report, j: int, ends: Sequence[int]) -> list[str]:
    said = report.outlook.forecast
    recent, point = (to_plain_list(values[0, :, j]) for values in (report.outlook.recent, said.point))
    bounds = [
        _show_interval(float(lower[0, ends[-1], j]), float(upper[0, ends[-1], j]))
        for lower, upper in zip(said.lower, said.upper, strict=True)
    ]
    figures = [show_number(point[h]) for h in ends]
    return [said.targets[j], report.units[j] or ABSENT, _draw_joined(recent, point), *figures, *bounds]


def _draw_joined(recent: Sequence[float | None], point: Sequence[float | None]) -> str:
    """Return history and forecast as one line, each as long as its time."""
    width = max(1, round(WIDTH * len(point) / (len(recent) + len(point))))
    before, after = average_stretches(recent, WIDTH - width), average_stretches(point, width)
    known = [value for value in (*before, *after) if value is not None]
    span = (min(known, default=0.0), max(known, default=0.0))
    return f"{draw_sparkline(before, span, BLANK)}{CUTOFF}{draw_sparkline(after, span, BLANK)}"


def _outline_steps(
    heading: str,
    names: Iterable[str],
    values: NDArray[Any],
    steps: Sequence[int],
    show: Callable[[float], str],
    span: tuple[float, float],
) -> Table:
    """Return a row per name from its values (names, H) along the steps."""
    chosen = take_evenly(np.arange(len(steps)), STEPS)
    rows = [
        [name, *(show(float(row[h])) for h in chosen), _draw(to_plain_list(row), span)]
        for name, row in zip(names, values, strict=True)
    ]
    return [heading, *(f"Step {steps[h]}" for h in chosen), "By step"], rows


def _find_span(values: NDArray[Any]) -> tuple[float, float]:
    """Return the least and the greatest known value."""
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)


def _draw(values: Sequence[float | None], span: tuple[float, float]) -> str:
    return draw_sparkline(average_stretches(values, WIDTH), span, BLANK) or ABSENT


def _show_interval(lower: float, upper: float) -> str:
    return f"{show_number(lower)} to {show_number(upper)}" if np.isfinite([lower, upper]).all() else ABSENT
