"""How much of a report the page has room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecast_cli.report import Outlook, Report

MOST_SERIES, MOST_TRIALS, FEWEST_TRIALS = 40, 24, 5
MOST_POINTS, FEWEST_POINTS = 1_500, 120  # of one curve; longer ones are thinned
CURVES, COURSES = 780_000, 150_000  # characters; with Plotly's script (4.8 MB) and tables the page is under 6 MB
NUMBER, THINNED, REST = 2.7, 8.0, 150  # characters of a packed number, of one with its place, of a curve's rest
HEAT_MAPS = 2 * 7 * 24


@dataclass(frozen=True)
class Room:
    """How many series and targets the page holds, the first ones, and how many trials, evenly spaced."""

    n_series: int
    n_targets: int
    n_trials: int
    n_points: int  # of a course of residuals


def find_room(report: Report) -> Room:
    """Return what the page holds: trials are dropped first, down to 5, then targets, then series.

    A small report is whole: 40 series, 24 trials, and 1,500 points of each course.
    """
    n_series, n_targets = min(len(report.series_ids), MOST_SERIES), len(report.targets)
    rest = (
        _measure(report.outlook, count_history(report, is_trial=False)) + FEWEST_POINTS * THINNED + HEAT_MAPS * NUMBER
    )
    trial = max((_measure(each, count_history(report, is_trial=True)) for each in report.trials), default=1.0)
    fewest, most = (min(len(report.trials), n) for n in (FEWEST_TRIALS, MOST_TRIALS))
    n_curves = max(1, int(CURVES / (rest + fewest * trial)))
    n_targets = max(1, min(n_targets, n_curves // n_series))
    n_series = max(1, min(n_series, n_curves // n_targets))
    n_trials = max(fewest, min(most, int((CURVES / (n_series * n_targets) - rest) / trial)))
    n_points = max(FEWEST_POINTS, min(MOST_POINTS, int(COURSES / THINNED / (n_series * n_targets))))
    return Room(n_series, n_targets, n_trials, n_points)


def count_history(report: Report, *, is_trial: bool) -> int:
    """Return how many rows before a cutoff are shown: in a trial those of one horizon, at least 48."""
    width, horizon = report.outlook.recent.shape[1], len(report.outlook.forecast.steps)
    return min(width, max(horizon, 48)) if is_trial else width


def _measure(outlook: Outlook, history: int) -> float:
    """Return the characters of one target of one series."""
    steps, bounds = len(outlook.forecast.steps), 2 * len(outlook.forecast.levels)
    ahead = min(steps, MOST_POINTS) * (2 + bounds)
    return (min(history, MOST_POINTS) + ahead) * NUMBER + REST
