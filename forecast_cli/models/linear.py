"""The linear forecaster in closed form: ridge regressions from the lags of a window to all steps ahead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from forecast_cli.errors import ArtifactError
from forecast_cli.models.blend import choose_weights
from forecast_cli.models.choosing import MOST_CHANNEL_WINDOWS, MOST_CUTOFFS
from forecast_cli.models.forecaster import ReadsWindow
from forecast_cli.models.stored import take_array
from forecast_cli.prepare.inputs import HISTORY
from forecast_cli.prepare.windows import (
    count_cutoffs,
    gather_batch,
    gather_truth,
    iterate_batches,
    take_evenly,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Array, Batch, Flags, Floats, Integers, Listener, Panel, Reads, Split, Window

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # ridge penalty, as a share of the mean eigenvalue
FEWEST_INPUTS = 8
MOST_INPUTS = 1_440  # memory goes with their square, time with their cube
LEAST_VARIANCE = 0.01  # of a window, in scaled units: a flat one must not weigh a hundred times the others
MOST_VALUES = 500_000  # that each regression forecasts for the choice


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
class Ridge:
    """One ridge regression on one view of a window (Hoerl & Kennard, Ridge Regression, 1970)."""

    view: View
    penalty: float
    weights: Array  # (inputs, H)
    bias: Array  # (H,)

    def predict(self, history: Array) -> Array:
        """Return (n, H) from the windows (n, L)."""
        seen, loc, scale = self.view.apply(history)
        return (seen @ self.weights + self.bias) * scale + loc


@dataclass(frozen=True, eq=False)
class Linear(ReadsWindow):
    """A mean of ridge regressions from lags to all H steps, on each window's own level, shared by all columns.

    Either the window's last value is taken off (the one-layer linear forecaster of Zeng et al., Are Transformers
    Effective for Time Series Forecasting?, AAAI 2023), or it is standardised by its own mean and deviation, undone at
    the output (Kim et al., Reversible Instance Normalization, ICLR 2022); and either all lags are seen, at most 1,440,
    or their newer half. The penalty of each of these views, and their shares in the mean, are chosen on the
    validation cutoffs. Solved in closed form from sums over at most 150,000 channel-windows.
    """

    name: ClassVar[str] = "linear"
    reads: ClassVar[Reads] = HISTORY
    window: Window
    n_targets: int
    parts: tuple[Ridge, ...] = ()  # none before the fit
    shares: tuple[float, ...] = ()  # of the parts; positive, their sum is 1

    @property
    def parameters(self) -> int:
        """A weight for each lag and step, and H constants, of each regression."""
        return sum(part.weights.size + part.bias.size for part in self.parts)

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return the fitted model; only windows whose truth was observed at every step teach it.

        One that was fitted before keeps its views, penalties and shares, and learns its weights anew.
        """
        counts = count_cutoffs(panel, self.window, mixes_channels=False)
        rows = take_evenly(split.train, max(1, MOST_CHANNEL_WINDOWS // self.n_targets))
        tried: Mapping[View, tuple[float, ...]] = {part.view: (part.penalty,) for part in self.parts}
        tried = tried or dict.fromkeys(list_views(self.window.inputs), PENALTIES)
        solved = self._solve(panel, rows, counts, tried)
        if not solved:  # not a single lesson: zeros, that is the last value
            inputs, H = self.window.inputs, self.window.horizon
            flat = Ridge(View(inputs, False), PENALTIES[0], np.zeros((inputs, H), np.float32), np.zeros(H, np.float32))
            return replace(self, parts=(flat,), shares=(1.0,))
        if self.parts:
            return replace(self, parts=tuple(part for (part,) in solved))
        return self._choose(solved, panel, split.validation, counts)

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        if not self.parts:
            raise RuntimeError("the linear model is used before it was fitted")
        B, L, _ = batch.history.shape
        targets = batch.history[:, :, : self.n_targets].transpose(0, 2, 1).reshape(-1, L)  # (B, L, T) -> (B*T, L)
        shared = zip(self.shares, self.parts, strict=True)
        steps = sum(np.float32(share) * part.predict(targets) for share, part in shared)  # (B*T, H)
        return np.asarray(steps).reshape(B, self.n_targets, -1).transpose(0, 2, 1)

    def to_arrays(self) -> dict[str, Array]:
        """Return of each part k weights (inputs, H), bias (H,), and its share, penalty and kind of view (3,)."""
        arrays: dict[str, Array] = {}
        for k, (share, part) in enumerate(zip(self.shares, self.parts, strict=True), start=1):
            chosen = np.array([share, part.penalty, part.view.standardised], dtype=np.float32)
            arrays |= {f"weights{k}": part.weights, f"bias{k}": part.bias, f"chosen{k}": chosen}
        return arrays

    def from_arrays(self, arrays: Mapping[str, Array]) -> Self:
        """Return the model with stored weights; ArtifactError where they are not this window's."""
        stored = [self._take_part(arrays, k) for k in range(1, max(1, len(arrays) // 3) + 1)]
        shares, parts = zip(*stored, strict=True)
        if not 0.99 < sum(shares) < 1.01:
            raise ArtifactError(f"the stored shares of the linear model sum to {sum(shares)}")
        return replace(self, parts=parts, shares=tuple(share / sum(shares) for share in shares))

    def _take_part(self, arrays: Mapping[str, Array], k: int) -> tuple[float, Ridge]:
        """Return the k-th stored part and its share."""
        share, penalty, standardised = map(float, take_array(arrays, f"chosen{k}", (3,)))
        inputs, H = np.size(arrays.get(f"weights{k}", ())) // self.window.horizon, self.window.horizon
        if not (1 <= inputs <= self.window.inputs and 0 < share <= 1 and penalty >= 0):
            raise ArtifactError(f"part {k} of the stored linear model is out of range")
        weights, bias = take_array(arrays, f"weights{k}", (inputs, H)), take_array(arrays, f"bias{k}", (H,))
        return share, Ridge(View(inputs, bool(standardised)), penalty, weights, bias)

    def _choose(self, solved: list[list[Ridge]], panel: Panel, validation: Integers, counts: Flags) -> Self:
        """Return the mean of the views, each with its best penalty, that is best on these cutoffs.

        The first view with the least penalty where there are no cutoffs.
        """
        most = max(1, min(MOST_CUTOFFS // 4, MOST_VALUES // (self.window.horizon * self.n_targets)))
        parts = [part for parts in solved for part in parts]
        forecasts, truth = self._try_out(parts, panel, take_evenly(validation, most), counts)
        if not len(truth):
            return replace(self, parts=(solved[0][0],), shares=(1.0,))
        losses = [np.abs(each - truth).mean() for each in forecasts]
        of_view = np.split(np.arange(len(parts)), np.cumsum([len(each) for each in solved])[:-1])
        best = [min(places, key=lambda m: losses[m]) for places in of_view]
        shares = choose_weights(forecasts[best], truth, np.ones(len(truth), np.float32))
        taken = [(parts[m], float(share)) for m, share in zip(best, shares, strict=True) if share > 0]
        return replace(self, parts=tuple(part for part, _ in taken), shares=tuple(share for _, share in taken))

    def _try_out(self, parts: list[Ridge], panel: Panel, rows: Integers, counts: Flags) -> tuple[Array, Array]:
        """Return what each regression forecasts from some cutoffs (parts, n), and what was true (n,)."""
        forecasts, truths = [np.empty((len(parts), 0), np.float32)], [np.empty(0, np.float32)]
        for piece in iterate_batches(rows, (self.window.inputs + self.window.horizon) * len(panel.channels)):
            history, truth = self._pair(panel, piece, counts)
            forecasts.append(np.stack([part.predict(history).ravel() for part in parts]))
            truths.append(truth.ravel())
        return np.concatenate(forecasts, axis=1), np.concatenate(truths)

    def _solve(
        self, panel: Panel, rows: Integers, counts: Flags, tried: Mapping[View, tuple[float, ...]]
    ) -> list[list[Ridge]]:
        """Return for each view a regression for each of its penalties; nothing where there is no lesson."""
        sums = {view: _Sums.start(view.inputs, self.window.horizon) for view in tried}
        for piece in iterate_batches(rows, (self.window.inputs + self.window.horizon) * len(panel.channels)):
            history, truth = self._pair(panel, piece, counts)
            for view in sums:
                seen, loc, scale = view.apply(history)
                sums[view] = sums[view].add(seen, (truth - loc) / scale)
        return [
            [Ridge(view, penalty, *found) for penalty, found in zip(tried[view], each.solve(tried[view]), strict=True)]
            for view, each in sums.items()
            if each.n
        ]

    def _pair(self, panel: Panel, rows: Integers, counts: Flags) -> tuple[Array, Array]:
        """Return the histories (n, L) and truths (n, H) of the channel-windows that were observed at every step."""
        history = gather_batch(panel, rows, self.lookback, self.sample_every).history[:, :, : self.n_targets]
        truth, observed = gather_truth(panel, rows, self.window)
        known = observed.all(axis=1) & counts[rows]  # (B, T)
        return history.transpose(0, 2, 1)[known], truth.transpose(0, 2, 1)[known]


def list_views(inputs: int) -> tuple[View, ...]:
    """Return the views that are tried on windows of this many inputs, the plainest first."""
    longest = min(inputs, MOST_INPUTS)
    lengths = (longest, longest // 2) if longest // 2 >= FEWEST_INPUTS else (longest,)
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

    def solve(self, penalties: tuple[float, ...]) -> list[tuple[Array, Array]]:
        """Return weights (L, H) and bias (H,) for each penalty."""
        mean_x, mean_y = self.x / self.n, self.y / self.n
        covariance = self.xx / self.n - np.outer(mean_x, mean_x)
        cross = self.xy / self.n - np.outer(mean_x, mean_y)
        values, vectors = np.linalg.eigh(covariance)
        rotated = vectors.T @ cross
        floor = max(float(values.max()), 1e-12) * 1e-7  # what float32 products cannot tell from 0
        solutions = []
        for penalty in penalties:
            shrunk = np.maximum(values, floor) + penalty * max(float(values.mean()), 1e-12)
            weights = vectors @ (rotated / shrunk[:, None])
            solutions.append((weights.astype(np.float32), (mean_y - mean_x @ weights).astype(np.float32)))
        return solutions
