"""The linear forecaster in closed form: ridge regression from the lags of a window to all steps ahead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from forecast_cli.errors import ArtifactError
from forecast_cli.models.choosing import MOST_CHANNEL_WINDOWS, MOST_CUTOFFS, measure_losses
from forecast_cli.models.stored import take_array
from forecast_cli.prepare.inputs import HISTORY
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

    from forecast_cli.types import Array, Batch, Flags, Floats, Integers, Listener, Panel, Reads, Split, Window

TRIAL_CHANNEL_WINDOWS = 30_000  # enough to tell which view is best
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # ridge penalty, as a share of the mean eigenvalue
FEWEST_INPUTS = 8
LEAST_VARIANCE = 0.01  # of a window, in scaled units: a flat one must not weigh a hundred times the others


@dataclass(frozen=True)
class View:
    """How a window is seen before the regression."""

    inputs: int  # the newest ones
    standardised: bool  # else the last value is taken off

    def place(self, history: Array) -> tuple[Array, Array]:
        """Return what is taken off windows (n, L) and what they are then divided by, both (n, 1)."""
        if not self.standardised:
            return history[:, -1:], np.ones((len(history), 1), dtype=np.float32)
        seen = history[:, -self.inputs :]
        return seen.mean(axis=1, keepdims=True), np.sqrt(seen.var(axis=1, keepdims=True) + np.float32(LEAST_VARIANCE))

    def apply(self, history: Array) -> tuple[Array, Array, Array]:
        """Return the windows (n, L) as the regression sees them (n, inputs), what was taken off, and the divisor."""
        loc, scale = self.place(history)
        return (history[:, -self.inputs :] - loc) / scale, loc, scale


@dataclass(frozen=True, eq=False)
class Linear:
    """Ridge regression from lags to all H steps, on each window's own level, shared by all columns.

    Either the window's last value is taken off (the one-layer linear forecaster of Zeng et al., Are Transformers
    Effective for Time Series Forecasting?, AAAI 2023), or it is standardised by its own mean and deviation, undone at
    the output (Kim et al., Reversible Instance Normalization, ICLR 2022). This, all lags or their newer half, and the
    penalty (Hoerl & Kennard, 1970) are chosen on the first half of the validation cutoffs. Solved in closed form from
    sums over the windows: of at most 30,000 channel-windows to choose the view, then of at most 150,000.
    """

    name: ClassVar[str] = "linear"
    reads: ClassVar[Reads] = HISTORY
    window: Window
    n_targets: int
    weights: Array | None = None  # (inputs of the view, H)
    bias: Array | None = None  # (H,)
    standardised: bool = False

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
        """A weight for each lag and step, and H constants."""
        inputs = self.window.inputs if self.weights is None else len(self.weights)
        return (inputs + 1) * self.window.horizon

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return the fitted model; only windows whose truth was observed at every step teach it."""
        counts = count_cutoffs(panel, self.window, mixes_channels=False)
        choosing, _ = halve_validation(split.validation, steps_of(panel))
        some = take_evenly(split.train, max(1, TRIAL_CHANNEL_WINDOWS // self.n_targets))
        views = list_views(self.window.inputs)
        best = self._choose(self._solve(panel, some, counts, views), panel, choosing, counts)
        if len(some) == len(split.train) or best.weights is None:
            return best
        view = View(len(best.weights), best.standardised)
        rows = take_evenly(split.train, max(1, MOST_CHANNEL_WINDOWS // self.n_targets))
        return self._choose(self._solve(panel, rows, counts, (view,)), panel, choosing, counts)

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        weights, bias = self._solution()
        B, L, _ = batch.history.shape
        targets = batch.history[:, :, : self.n_targets].transpose(0, 2, 1).reshape(-1, L)  # (B, L, T) -> (B*T, L)
        seen, loc, scale = View(len(weights), self.standardised).apply(targets)
        steps = (seen @ weights + bias) * scale + loc  # (B*T, H)
        return steps.reshape(B, self.n_targets, -1).transpose(0, 2, 1)

    def to_arrays(self) -> dict[str, Array]:
        """Return weights (inputs, H), bias (H,), and whether windows are standardised."""
        weights, bias = self._solution()
        return {"weights": weights, "bias": bias, "standardised": np.array([self.standardised], dtype=np.float32)}

    def from_arrays(self, arrays: Mapping[str, Array]) -> Self:
        """Return the model with stored weights."""
        inputs, H = len(arrays.get("weights", ())), self.window.horizon
        if inputs > self.window.inputs:
            raise ArtifactError(f"the linear model reads {inputs} values, its window has {self.window.inputs}")
        (standardised,) = take_array(arrays, "standardised", (1,))
        weights, bias = take_array(arrays, "weights", (max(1, inputs), H)), take_array(arrays, "bias", (H,))
        return replace(self, weights=weights, bias=bias, standardised=bool(standardised))

    def _solution(self) -> tuple[Array, Array]:
        if self.weights is None or self.bias is None:
            raise RuntimeError("the linear model is used before it was fitted")
        return self.weights, self.bias

    def _choose(self, candidates: list[Self], panel: Panel, choosing: Integers, counts: Flags) -> Self:
        """Return the candidate with the smallest error on these cutoffs; the first where there are none."""
        if not len(choosing):
            return candidates[0]
        losses = measure_losses(candidates, panel, self.window, take_evenly(choosing, MOST_CUTOFFS // 4), counts)
        return candidates[int(np.argmin(losses))]

    def _solve(self, panel: Panel, rows: Integers, counts: Flags, views: tuple[View, ...]) -> list[Self]:
        """Return a fitted candidate for each view and penalty."""
        sums = {view: _Sums.start(view.inputs, self.window.horizon) for view in views}
        for piece in iterate_batches(rows, (self.window.inputs + self.window.horizon) * len(panel.channels)):
            history, truth = self._pair(panel, piece, counts)
            for view in sums:
                seen, loc, scale = view.apply(history)
                sums[view] = sums[view].add(seen, (truth - loc) / scale)
        taught = {view: each for view, each in sums.items() if each.n}
        if not taught:  # not a single lesson: zeros, that is the last value
            shape = self.window.inputs, self.window.horizon
            return [replace(self, weights=np.zeros(shape, np.float32), bias=np.zeros(shape[1], np.float32))]
        return [
            replace(self, weights=weights, bias=bias, standardised=view.standardised)
            for view, each in taught.items()
            for weights, bias in each.solve()
        ]

    def _pair(self, panel: Panel, rows: Integers, counts: Flags) -> tuple[Array, Array]:
        """Return the histories (n, L) and truths (n, H) of the channel-windows that were observed at every step."""
        history = gather_batch(panel, rows, self.lookback, self.sample_every).history[:, :, : self.n_targets]
        truth, observed = gather_truth(panel, rows, self.window)
        known = observed.all(axis=1) & counts[rows]  # (B, T)
        return history.transpose(0, 2, 1)[known], truth.transpose(0, 2, 1)[known]


def list_views(inputs: int) -> tuple[View, ...]:
    """Return the views that are tried on windows of this many inputs, the plainest first."""
    lengths = (inputs, inputs // 2) if inputs // 2 >= FEWEST_INPUTS else (inputs,)
    return tuple(View(length, standardised) for length in lengths for standardised in (False, True))


@dataclass(frozen=True, eq=False)
class _Sums:
    """What least squares needs to know of all windows: counts, sums and products."""

    n: int
    x: Floats  # (L,)
    y: Floats  # (H,)
    xx: Floats  # (L, L)
    xy: Floats  # (L, H)

    @classmethod
    def start(cls, L: int, H: int) -> Self:
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
        """Return weights (L, H) and bias (H,) for each penalty."""
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
