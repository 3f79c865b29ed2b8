"""The intervals of one model against the truth, summed while the pieces of a backtest pass by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.backtest import iterate_windows
from forecast_cli.evaluation.conformal import measure_spread, take_radius
from forecast_cli.evaluation.sums import add_by_series, divide, find_places
from forecast_cli.prepare.windows import steps_of
from forecast_cli.types import IntervalScores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from forecast_cli.evaluation.backtest import Piece
    from forecast_cli.evaluation.sums import Places
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Array, Conformal, Floats, Integers, Panel


@dataclass(eq=False)
class IntervalSums:
    """The intervals that one model would have given, and how they did; empty until pieces have passed by."""

    name: str
    model: Predictor
    conformal: Conformal
    levels: tuple[int, ...]
    bounds: tuple[Array, Array] | None = None  # (N, T): intervals end there, in scaled units
    sums: Floats = field(init=False)  # (3, K, N, H, T): inside, width, Winkler score
    n: Integers = field(init=False)  # (K, N, H, T)
    by_cutoff: Integers = field(init=False)  # (2, K, W): inside, n

    def watch(self, pieces: Iterable[Piece], panel: Panel, rows: Integers) -> Iterator[Piece]:
        """Yield the pieces of a scaled panel, which together are all these rows, each once it was counted."""
        steps, (_, H, T) = steps_of(panel), self.conformal.percentiles.shape
        cutoffs, shape = np.unique(steps[rows]), (len(self.levels), panel.n_series, H, T)
        self.sums, self.n = np.zeros((3, *shape)), np.zeros(shape, dtype=np.int64)
        self.by_cutoff = np.zeros((2, len(self.levels), len(cutoffs)), dtype=np.int64)
        for piece in pieces:
            self._add(piece, panel, find_places(panel, piece.rows, steps, cutoffs))
            yield piece

    def finish(self) -> IntervalScores:
        """Return the means of what has passed by."""
        inside, width, winkler = (divide(each, self.n).swapaxes(2, 3) for each in self.sums)
        return IntervalScores(
            model=self.name,
            levels=self.levels,
            inside=inside,
            width=width,
            winkler=winkler,
            n=self.n.swapaxes(2, 3),
            inside_by_cutoff=divide(self.by_cutoff[0], self.by_cutoff[1]),
            n_by_cutoff=self.by_cutoff[1],
        )

    def measure_radius(self, panel: Panel, rows: Integers) -> Array:
        """Return half the width (K, B, H, T) of the intervals from these cutoff rows of a scaled panel."""
        batches = iterate_windows(self.model, panel, rows)
        spread = np.concatenate([measure_spread(batch, panel.n_targets) for batch in batches])
        return take_radius(self.conformal, self.levels, spread)

    def _add(self, piece: Piece, panel: Panel, at: Places) -> None:
        for k, radius in enumerate(self.measure_radius(panel, piece.rows)):
            known = piece.scored & ~np.isnan(radius)
            lower, upper = self._bound(piece.forecasts[self.name], radius, at)
            inside = known & (lower <= piece.truth) & (piece.truth <= upper)
            winkler = score_winkler(lower, upper, piece.truth, self.levels[k])
            for total, values in zip(self.sums[:, k], (inside, upper - lower, winkler), strict=True):
                add_by_series(total, np.where(known, values, 0), at)
            add_by_series(self.n[k], known, at)
            for counted, values in zip(self.by_cutoff[:, k], (inside, known), strict=True):
                np.add.at(counted, at.cutoff, values.sum(axis=(1, 2)))

    def _bound(self, point: Array, radius: Array, at: Places) -> tuple[Array, Array]:
        """Return both ends of the intervals (B, H, T), within the bounds of their targets."""
        if self.bounds is None:
            return point - radius, point + radius
        low, high = (bound[at.of_window][:, None] for bound in self.bounds)
        return np.clip(point - radius, low, high), np.clip(point + radius, low, high)


def score_winkler(lower: Array, upper: Array, truth: Array, level: int) -> Array:
    """Return width + 2 / alpha x how far the truth lies outside, alpha = 1 - level / 100, in the values' unit.

    Winkler, A decision-theoretic approach to interval estimation (1972); lower is better.
    """
    outside = np.maximum(lower - truth, 0) + np.maximum(truth - upper, 0)
    return upper - lower + np.float32(200 / (100 - level)) * outside
