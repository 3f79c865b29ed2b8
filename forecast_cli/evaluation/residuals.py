"""What the saved model missed, gathered while the pieces of a backtest pass by: over time, how often, at which hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.histogram import Histogram
from forecast_cli.evaluation.hours import HourTable, tells_hours
from forecast_cli.evaluation.sums import divide
from forecast_cli.frequency import format_instants
from forecast_cli.prepare.angles import find_turn
from forecast_cli.prepare.windows import series_of, steps_of
from forecast_cli.report import Residuals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from forecast_cli.evaluation.backtest import Piece
    from forecast_cli.prepare.angles import Compass
    from forecast_cli.types import Array, Floats, Integers, Panel, Window

MOST_SERIES = 40  # whose course over time is kept
MOST_NUMBERS = 200_000  # of the courses, their instants counted
SHORT_COURSE = 500  # cutoffs that are rather kept than another series
REACH = 8.0  # standard deviations of the training part
LEAST_LAGS, MOST_LAGS = 48, 336
NORMAL_95 = 1.96


@dataclass(frozen=True, eq=False)
class Ruler:
    """Measures what a forecast missed, as people see it: an angle, which is two targets, is one there."""

    scale: Floats  # (N, T): how large a scaled unit is
    places: tuple[int, ...]  # (D,): the target, or the sine of an angle
    compass: Compass | None = None

    def measure(self, piece: Piece, model: str, series: Integers) -> Array:
        """Return truth less forecast (B, H, D) in the targets' units, degrees of an angle; NaN where not scored."""
        said, T = piece.forecasts[model], self.scale.shape[1]
        missed = np.where(piece.scored, (piece.truth - said) * self.scale[series][:, None, :T], np.nan)
        if self.compass is not None:
            turns = find_turn(self.compass.read(piece.truth, series), self.compass.read(said, series))
            for a, (sine, cosine) in enumerate(self.compass.pairs):
                is_scored = piece.scored[..., sine] & piece.scored[..., cosine]
                missed[..., sine] = np.where(is_scored, turns[..., a], np.nan)
        return missed[..., list(self.places)].astype(np.float32)

    def reach(self) -> Floats:
        """Return (D,) how large an error a histogram must tell apart: half a turn, or eight standard deviations."""
        sines = [] if self.compass is None else [sine for sine, _ in self.compass.pairs]
        reach = REACH * self.scale.max(axis=0)
        reach[sines] = 180.0
        return reach[list(self.places)]


@dataclass(eq=False)
class Courses:
    """The first step's errors of some series, from their last cutoffs; NaN where nothing was scored."""

    place: Integers  # (N,): of each series among those shown; -1 of the others
    last: Integers  # (S,): step of the last cutoff
    values: Array  # (S, W, D)

    def add(self, errors: Array, series: Integers, steps: Integers) -> None:
        """Keep errors (B, D) of these series (B,) and cutoffs (B,)."""
        shown = self.place[series]
        k = self.values.shape[1] - 1 - (self.last[shown] - steps)
        taken = (shown >= 0) & (k >= 0)
        self.values[shown[taken], k[taken]] = errors[taken]

    def list_steps(self) -> Integers:
        """Return (S, W): the step of each cutoff."""
        width = self.values.shape[1]
        return self.last[:, None] - np.arange(width - 1, -1, -1)


@dataclass(eq=False)
class ResidualSums:
    """The errors of one model; empty until pieces have passed by. Memory does not grow with the windows."""

    name: str
    ruler: Ruler
    window: Window
    courses: Courses = field(init=False)
    histogram: Histogram = field(init=False)
    hours: HourTable | None = field(init=False, default=None)

    def watch(self, pieces: Iterable[Piece], panel: Panel, rows: Integers) -> Iterator[Piece]:
        """Yield the pieces of a scaled panel, which together are all these rows, each once it was counted."""
        steps, reach = steps_of(panel), self.ruler.reach()
        self.courses = plan_courses(panel, rows, len(reach))
        self.histogram = Histogram(reach)
        self.hours = HourTable(len(reach)) if tells_hours(panel) else None
        for piece in pieces:
            series = series_of(panel, piece.rows)
            errors = self.ruler.measure(piece, self.name, series)
            self.courses.add(errors[:, 0], series, steps[piece.rows])
            self.histogram.add(errors)
            if self.hours is not None:
                ahead = self.window.delay + np.arange(self.window.horizon)
                self.hours.add(errors, panel, steps[piece.rows][:, None] + ahead)
            yield piece

    def finish(self, panel: Panel) -> Residuals:
        """Return what has passed by."""
        values = self.courses.values
        n_lags = min(max(LEAST_LAGS, panel.season_length), MOST_LAGS, values.shape[1] // 4)
        correlation, bound = autocorrelate(values, n_lags)
        edges, counts = self.histogram.finish()
        first = self.courses.list_steps() + self.window.delay
        mean, mae = (None, None) if self.hours is None else self.hours.finish()
        return Residuals(
            series_ids=tuple(panel.series_ids[i] for i in np.flatnonzero(self.courses.place >= 0)),
            timestamps=tuple(tuple(format_instants(panel.origin, panel.freq, panel.tz, each)) for each in first),
            first_step=values,
            edges=edges,
            counts=counts,
            autocorrelation=correlation,
            autocorrelation_bound=bound,
            mean_by_hour=mean,
            mae_by_hour=mae,
        )


def plan_courses(panel: Panel, rows: Integers, n_targets: int) -> Courses:
    """Return room for the last cutoffs of the first series among these rows, as many as the budget allows."""
    steps, series = steps_of(panel)[rows], series_of(panel, rows)
    present, begin = np.unique(series, return_index=True)
    first, last = steps[begin], steps[np.append(begin[1:], len(rows)) - 1]
    numbers = n_targets + 1
    most = MOST_NUMBERS // (numbers * min(int((last - first).max()) + 1, SHORT_COURSE))
    shown = slice(0, int(np.clip(most, 1, MOST_SERIES)))
    span = int((last - first)[shown].max()) + 1
    width = max(1, min(span, MOST_NUMBERS // (numbers * len(present[shown]))))
    place = np.full(panel.n_series, -1, dtype=np.int64)
    place[present[shown]] = np.arange(len(present[shown]))
    empty = np.full((len(present[shown]), width, n_targets), np.nan, dtype=np.float32)
    return Courses(place, last[shown], empty)


def autocorrelate(courses: Array, n_lags: int) -> tuple[Floats, Floats]:
    """Return the autocorrelation (T, A + 1) of courses (S, W, T) at lags of 0 to A, and (T,) its 95 % bound for noise.

    The mean product of deviations from each series' mean, over the pairs of which both are known, over that of lag 0
    (Parzen, On spectral analysis with missing observations, 1963). NaN where no pair is known or nothing varies.
    Forecasts d steps ahead share d - 1 steps: with a delay, even good ones correlate up to there.
    """
    width, known = courses.shape[1], ~np.isnan(courses)
    values = np.where(known, courses, 0).astype(np.float64)
    mean = divide(values.sum(axis=1), known.sum(axis=1))[:, None]
    apart = np.where(known, values - mean, 0)
    products = np.stack([(apart[:, k:] * apart[:, : width - k]).sum(axis=(0, 1)) for k in range(n_lags + 1)])
    pairs = np.stack([(known[:, k:] & known[:, : width - k]).sum(axis=(0, 1)) for k in range(n_lags + 1)])
    moments = divide(products, pairs)
    return divide(moments, moments[0]).T, NORMAL_95 * np.sqrt(divide(np.ones(pairs.shape[1]), pairs[0]))
