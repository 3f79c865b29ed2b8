"""Autoregression in closed form: the next value from the last p, applied step by step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from forecast_cli.errors import ArtifactError
from forecast_cli.models.choosing import MOST_CHANNEL_WINDOWS
from forecast_cli.models.stored import take_array
from forecast_cli.prepare.inputs import HISTORY
from forecast_cli.prepare.windows import count_cutoffs, gather_batch, iterate_batches, take_evenly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Array, Batch, Floats, Listener, Panel, Reads, Split, Window

LARGEST = 1e6  # in training deviations: a recursion that explodes stays a number
PENALTY = 1e-6  # a share of the mean square of the lags: columns that repeat each other have a solution too


@dataclass(frozen=True, eq=False)
class Autoregressive:
    """Least squares from the last p values and a constant to the next one, applied recursively; shared by all columns.

    x[t+1] = c + w[1] x[t] + ... + w[p] x[t-p+1] (Box & Jenkins, Time Series Analysis, 1970), with p the lookback.
    With p = 1 it is a Markov chain in continuous values: tomorrow depends on today alone.
    """

    reads: ClassVar[Reads] = HISTORY
    window: Window
    n_targets: int
    order: int  # p
    name: str = "autoregressive"
    weights: Array | None = None  # (p + 1,): oldest lag first, the constant last
    sample_every: int = 1

    @property
    def lookback(self) -> int:
        """p, in steps."""
        return self.order

    @property
    def parameters(self) -> int:
        """A weight for each lag, and a constant."""
        return self.order + 1

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return the fitted model, from the training windows whose next value was observed; naive without any."""
        p, T = self.order, self.n_targets
        counts = count_cutoffs(panel, self.window, mixes_channels=False)
        squares, products = np.zeros((p + 1, p + 1)), np.zeros(p + 1)
        rows = take_evenly(split.train, max(1, MOST_CHANNEL_WINDOWS // T))
        for piece in iterate_batches(rows, (p + 1) * len(panel.channels)):
            known = panel.observed[piece + 1, :T] & counts[piece]
            lags = _with_constant(self._list_lags(gather_batch(panel, piece, p, 1))[known.ravel()])
            squares += lags.T @ lags
            products += lags.T @ panel.values[piece + 1, :T][known]
        return replace(self, weights=_solve(squares, products))

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        if self.weights is None:
            raise RuntimeError("the autoregressive model is used before it was fitted")
        p, steps = self.order, self.window.delay - 1 + self.window.horizon
        lags = self._list_lags(batch)
        path = np.concatenate([lags, np.zeros((len(lags), steps))], axis=1)  # (B*T, p + steps)
        weights, constant = self.weights[:-1].astype(np.float64), float(self.weights[-1])
        for k in range(steps):
            path[:, p + k] = np.clip(path[:, k : p + k] @ weights + constant, -LARGEST, LARGEST)
        ahead = path[:, -self.window.horizon :].astype(np.float32)
        return ahead.reshape(-1, self.n_targets, self.window.horizon).transpose(0, 2, 1)

    def to_arrays(self) -> dict[str, Array]:
        """Return the weights (p + 1,)."""
        if self.weights is None:
            raise RuntimeError("the autoregressive model is stored before it was fitted")
        return {"weights": self.weights}

    def from_arrays(self, arrays: Mapping[str, Array]) -> Self:
        """Return the model with stored weights."""
        weights = take_array(arrays, "weights", (self.order + 1,))
        if np.abs(weights).max() > LARGEST:
            raise ArtifactError("a stored weight of the autoregressive model is out of range")
        return replace(self, weights=weights)

    def _list_lags(self, batch: Batch) -> Floats:
        """Return (B*T, p): the last p values of each target, oldest first."""
        lags = batch.history[:, -self.order :, : self.n_targets].transpose(0, 2, 1)
        return lags.reshape(-1, self.order).astype(np.float64)


def make_markov(window: Window, n_targets: int) -> Autoregressive:
    """Return the unfitted model of one lag."""
    return Autoregressive(window, n_targets, order=1, name="markov")


def _with_constant(lags: Floats) -> Floats:
    return np.concatenate([lags, np.ones((len(lags), 1))], axis=1)


def _solve(squares: Floats, products: Floats) -> Array:
    """Return the weights of least squares from sums; those of the last value where there was no lesson."""
    n = squares[-1, -1]
    if not n:
        weights = np.zeros(len(products))
        weights[-2] = 1
        return weights.astype(np.float32)
    ridge = PENALTY * np.trace(squares) / len(squares) * np.eye(len(squares))
    ridge[-1, -1] = 0
    solution = np.linalg.lstsq(squares + ridge, products, rcond=None)[0]
    return np.clip(solution, -LARGEST, LARGEST).astype(np.float32)
