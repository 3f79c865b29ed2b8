"""Forecasters in closed form: NumPy alone, in scaled units, the same for every column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from forecast_cli.errors import ArtifactError
from forecast_cli.prepare.splits import halve_validation
from forecast_cli.prepare.windows import (
    count_cutoffs,
    gather_batch,
    gather_truth,
    iterate_batches,
    steps_of,
    take_evenly,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Array, Batch, Flags, Floats, Integers, Listener, Panel, Split, Window

MOST_CHANNEL_WINDOWS = 150_000  # as many as a network sees in an epoch
MOST_CUTOFFS = 4_000  # to choose among a few candidates
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # ridge penalty, as a share of the mean eigenvalue


@dataclass(frozen=True)
class Naive:
    """The last value, at every step."""

    name: ClassVar[str] = "naive"
    window: Window
    n_targets: int
    lookback: int = 1
    sample_every: int = 1

    @property
    def parameters(self) -> int:
        """0: nothing is learnt."""
        return 0

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return the same: nothing is learnt."""
        return self

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        return np.repeat(batch.history[:, -1:, : self.n_targets], self.window.horizon, axis=1)

    def to_arrays(self) -> dict[str, Array]:
        """Return no array."""
        return {}

    def from_arrays(self, arrays: Mapping[str, Array]) -> Self:
        """Return the same."""
        return self


@dataclass(frozen=True)
class SeasonalNaive:
    """The value of the last season known at the cutoff (Hyndman & Athanasopoulos, Forecasting, 3rd ed., 5.2).

    Of several seasons the one with the smallest absolute error on the first half of the validation cutoffs.
    """

    name: ClassVar[str] = "seasonal-naive"
    window: Window
    n_targets: int
    seasons: tuple[int, ...] = (1,)  # candidates; after fit the one taken
    sample_every: int = 1

    @property
    def lookback(self) -> int:
        """The longest season, in steps."""
        return max(self.seasons)

    @property
    def parameters(self) -> int:
        """0: nothing is learnt but the season."""
        return 0

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return this baseline with the season that is best on validation."""
        if len(self.seasons) == 1 or not len(split.validation):
            return replace(self, seasons=self.seasons[:1])
        choosing, _ = halve_validation(split.validation, steps_of(panel))
        rows = take_evenly(choosing, MOST_CUTOFFS)
        candidates = [replace(self, seasons=(season,)) for season in self.seasons]
        counts = count_cutoffs(panel, self.window, mixes_channels=False)
        losses = [_absolute_loss(candidate, panel, rows, counts) for candidate in candidates]
        return candidates[int(np.argmin(losses))]

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        season = self.seasons[0]
        ahead = self.window.delay + np.arange(self.window.horizon)  # steps after the cutoff
        back = ahead - season * -(-ahead // season)  # the same phase, at the cutoff or before
        return batch.history[:, batch.history.shape[1] - 1 + back, : self.n_targets]

    def to_arrays(self) -> dict[str, Array]:
        """Return the season."""
        return {"season": np.array([self.seasons[0]], dtype=np.float32)}

    def from_arrays(self, arrays: Mapping[str, Array]) -> Self:
        """Return the baseline with a stored season."""
        (season,) = _take(arrays, "season", (1,))
        if not 1 <= season <= 10_000_000:
            raise ArtifactError(f"the stored season {season} is out of range")
        return replace(self, seasons=(int(season),))


@dataclass(frozen=True, eq=False)
class Linear:
    """Ridge regression from the L lags to all H steps, the window's last value taken off, shared by all columns.

    Solved in closed form from sums over the windows, at most 150,000 channel-windows; the penalty is chosen on the
    first half of the validation cutoffs. (The one-layer linear forecaster of Zeng et al., Are Transformers Effective
    for Time Series Forecasting?, AAAI 2023, with the penalty of Hoerl & Kennard, 1970.)
    """

    name: ClassVar[str] = "linear"
    window: Window
    n_targets: int
    weights: Array | None = None  # (L, H)
    bias: Array | None = None  # (H,)

    @property
    def lookback(self) -> int:
        """The window's own lookback."""
        return self.window.lookback

    @property
    def sample_every(self) -> int:
        """The window's own distance of inputs."""
        return self.window.sample_every

    @property
    def parameters(self) -> int:
        """L x H weights and H constants."""
        return (self.window.inputs + 1) * self.window.horizon

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return the fitted model; only windows whose truth was observed at every step teach it."""
        rows = take_evenly(split.train, max(1, MOST_CHANNEL_WINDOWS // self.n_targets))
        counts = count_cutoffs(panel, self.window, mixes_channels=False)
        sums = _Sums.start(self.window)
        for piece in iterate_batches(rows, (self.window.inputs + self.window.horizon) * len(panel.channels)):
            history, truth, observed = self._pairs(panel, piece)
            known = observed.all(axis=1) & counts[piece]  # (B, T)
            sums = sums.add(history.transpose(0, 2, 1)[known], truth.transpose(0, 2, 1)[known])
        candidates = [self._with(*solution) for solution in sums.solve()]
        if len(candidates) == 1 or not len(split.validation):
            return candidates[0]
        choosing, _ = halve_validation(split.validation, steps_of(panel))
        taken = take_evenly(choosing, MOST_CUTOFFS // 4)
        losses = [_absolute_loss(candidate, panel, taken, counts) for candidate in candidates]
        return candidates[int(np.argmin(losses))]

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        weights, bias = self._solution()
        targets = batch.history[:, :, : self.n_targets]
        last = targets[:, -1:, :]
        steps = np.ascontiguousarray((targets - last).transpose(0, 2, 1)) @ weights  # (B, T, H)
        return (steps + bias).transpose(0, 2, 1) + last

    def to_arrays(self) -> dict[str, Array]:
        """Return weights (L, H) and bias (H,)."""
        weights, bias = self._solution()
        return {"weights": weights, "bias": bias}

    def from_arrays(self, arrays: Mapping[str, Array]) -> Self:
        """Return the model with stored weights."""
        L, H = self.window.inputs, self.window.horizon
        return self._with(_take(arrays, "weights", (L, H)), _take(arrays, "bias", (H,)))

    def _solution(self) -> tuple[Array, Array]:
        if self.weights is None or self.bias is None:
            raise RuntimeError("the linear model is used before it was fitted")
        return self.weights, self.bias

    def _with(self, weights: Array, bias: Array) -> Self:
        return replace(self, weights=weights, bias=bias)

    def _pairs(self, panel: Panel, rows: Integers) -> tuple[Array, Array, Flags]:
        """Return history (B, L, T) and truth (B, H, T), both less the last value, and where the truth was observed."""
        history = gather_batch(panel, rows, self.lookback, self.sample_every).history[:, :, : self.n_targets]
        last = history[:, -1:, :]
        truth, observed = gather_truth(panel, rows, self.window)
        return history - last, truth - last, observed


@dataclass(frozen=True, eq=False)
class _Sums:
    """What least squares needs to know of all windows: counts, sums and products."""

    n: int
    x: Floats  # (L,)
    y: Floats  # (H,)
    xx: Floats  # (L, L)
    xy: Floats  # (L, H)

    @classmethod
    def start(cls, window: Window) -> Self:
        L, H = window.inputs, window.horizon
        return cls(0, np.zeros(L), np.zeros(H), np.zeros((L, L)), np.zeros((L, H)))

    def add(self, x: Array, y: Array) -> Self:
        """Return the sums with n more windows, x (n, L) and y (n, H)."""
        return replace(
            self,
            n=self.n + len(x),
            x=self.x + x.sum(axis=0, dtype=np.float64),
            y=self.y + y.sum(axis=0, dtype=np.float64),
            xx=self.xx + x.T @ x,
            xy=self.xy + x.T @ y,
        )

    def solve(self) -> list[tuple[Array, Array]]:
        """Return weights (L, H) and bias (H,) for each penalty; zeros, that is the last value, without a window."""
        if self.n == 0:
            return [(np.zeros_like(self.xy, dtype=np.float32), np.zeros_like(self.y, dtype=np.float32))]
        mean_x, mean_y = self.x / self.n, self.y / self.n
        covariance = self.xx / self.n - np.outer(mean_x, mean_x)
        cross = self.xy / self.n - np.outer(mean_x, mean_y)
        values, vectors = np.linalg.eigh(covariance)
        rotated = vectors.T @ cross
        floor = max(float(values.max()), 1e-12) * 1e-7  # what float32 products cannot tell from 0
        solutions = []
        for penalty in PENALTIES:
            shrunk = np.maximum(values, floor) + penalty * max(float(values.mean()), 1e-12)
            weights = vectors @ (rotated / shrunk[:, None])
            solutions.append((weights.astype(np.float32), (mean_y - mean_x @ weights).astype(np.float32)))
        return solutions


def _absolute_loss(forecaster: Naive | SeasonalNaive | Linear, panel: Panel, rows: Integers, counts: Flags) -> float:
    """Return the mean absolute error on observed targets, from the cutoffs that count for them."""
    total, n, window = 0.0, 0, forecaster.window
    for piece in iterate_batches(rows, (forecaster.lookback + window.horizon) * len(panel.channels)):
        truth, observed = gather_truth(panel, piece, window)
        scored = observed & counts[piece][:, None, :]
        batch = gather_batch(panel, piece, forecaster.lookback, forecaster.sample_every)
        total += float(np.abs(forecaster.predict(batch) - truth)[scored].sum(dtype=np.float64))
        n += int(scored.sum())
    return total / max(n, 1)


def _take(arrays: Mapping[str, Array], name: str, shape: tuple[int, ...]) -> Array:
    """Return a stored array after checking its shape and that it is finite."""
    array = arrays.get(name)
    if array is None or array.shape != shape or not np.isfinite(array).all():
        raise ArtifactError(f"the stored array {name!r} is missing, of another shape than {shape}, or not finite")
    return array.astype(np.float32)
