"""Autoregression in closed form: the next value from the last p, applied step by step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from forecast_cli.errors import ArtifactError
from forecast_cli.models.choosing import MOST_CHANNEL_WINDOWS, MOST_CUTOFFS, measure_losses
from forecast_cli.models.stored import take_array
from forecast_cli.prepare.inputs import HISTORY
from forecast_cli.prepare.windows import count_cutoffs, gather_batch, iterate_batches, take_evenly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Array, Batch, Flags, Floats, Integers, Listener, Panel, Reads, Split, Window

LARGEST = 1e6  # in training deviations: a recursion that explodes stays a number
MOST_LAGS, FEWEST_LAGS = 1_000, 4  # the products of more lags would take long, and much memory
PENALTY = 1e-6  # a share of the mean square of the lags: columns that repeat each other have a solution too


@dataclass(frozen=True, eq=False)
class Autoregressive:
    """Least squares from the last p values and a constant to the next one, applied recursively; shared by all columns.

    x[t+1] = c + w[1] x[t] + ... + w[p] x[t-p+1] (Box & Jenkins, Time Series Analysis, 1970). p is the lookback (of at
    most 1,000 steps), or its half, quarter, ...: what is best on the validation cutoffs.
    With p = 1 it is a Markov chain in continuous values: tomorrow depends on today alone.
    """

    reads: ClassVar[Reads] = HISTORY
    window: Window
    n_targets: int
    order: int  # p; before the fit the longest to try
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
        """Return the fitted model, from the training windows whose next value was observed; naive without any.

        One that was fitted before keeps its order, and learns its weights anew.
        """
        counts = count_cutoffs(panel, self.window, mixes_channels=False)
        rows = take_evenly(split.train, max(1, MOST_CHANNEL_WINDOWS // self.n_targets))
        sums = self._sum_products(panel, rows, counts)
        orders = list_orders(self.order) if self.weights is None and len(split.validation) else [self.order]
        candidates = [replace(self, order=order, weights=_solve(_keep_newest(sums, order))) for order in orders]
        if len(candidates) == 1:
            return candidates[0]
        losses = measure_losses(
            candidates, panel, self.window, take_evenly(split.validation, MOST_CUTOFFS // 4), counts
        )
        return candidates[int(np.argmin(losses))]

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        response, constants = self._law
        lags = batch.history[:, -self.order :, : self.n_targets].transpose(0, 2, 1).reshape(-1, self.order)
        steps = np.clip(lags @ response + constants, -LARGEST, LARGEST)  # (B*T, H)
        return steps.reshape(-1, self.n_targets, self.window.horizon).transpose(0, 2, 1)

    @cached_property
    def _law(self) -> tuple[Array, Array]:
        """Return what each of the p lags adds to each of the H steps, and the constants: the recursion is linear.

        (p, H) and (H,), as the recursion answers to each lag alone, and to none; within bounds where it explodes.
        """
        if self.weights is None:
            raise RuntimeError("the autoregressive model is used before it was fitted")
        p, steps = self.order, self.window.delay - 1 + self.window.horizon
        weights, constant = self.weights[:-1].astype(np.float64), float(self.weights[-1])
        paths = np.concatenate([np.eye(p + 1, p), np.zeros((p + 1, steps))], axis=1)  # a lag alone in each row but one
        constants = np.where(np.arange(p + 1) == p, constant, 0.0)
        for k in range(steps):
            paths[:, p + k] = np.clip(paths[:, k : p + k] @ weights + constants, -LARGEST, LARGEST)
        ahead = paths[:, -self.window.horizon :].astype(np.float32)
        return ahead[:-1], ahead[-1]

    def to_arrays(self) -> dict[str, Array]:
        """Return the weights (p + 1,)."""
        if self.weights is None:
            raise RuntimeError("the autoregressive model is stored before it was fitted")
        return {"weights": self.weights}

    def from_arrays(self, arrays: Mapping[str, Array]) -> Self:
        """Return the model with stored weights."""
        order = min(max(1, np.size(arrays.get("weights", ())) - 1), self.order)
        weights = take_array(arrays, "weights", (order + 1,))
        if np.abs(weights).max() > LARGEST:
            raise ArtifactError("a stored weight of the autoregressive model is out of range")
        return replace(self, order=order, weights=weights)

    def _sum_products(self, panel: Panel, rows: Integers, counts: Flags) -> Floats:
        """Return (p + 2, p + 2): the products of the lags, oldest first, the next value and 1, summed over lessons."""
        p, T = self.order, self.n_targets
        sums = np.zeros((p + 2, p + 2))
        for piece in iterate_batches(rows, (p + 2) * len(panel.channels)):
            known = panel.observed[piece + 1, :T] & counts[piece]
            history = gather_batch(panel, piece + 1, p + 1, 1).history[:, :, :T]
            lessons = np.ones((int(known.sum()), p + 2))  # float64: smooth series are nearly collinear
            lessons[:, :-1] = history.transpose(0, 2, 1)[known]
            sums += lessons.T @ lessons
        return sums


def make_markov(window: Window, n_targets: int) -> Autoregressive:
    """Return the unfitted model of one lag."""
    return Autoregressive(window, n_targets, order=1, name="markov")


def list_orders(longest: int) -> list[int]:
    """Return the orders that are tried: the longest, and its halves down to 4."""
    orders = [longest]
    while orders[-1] // 2 >= FEWEST_LAGS:
        orders.append(orders[-1] // 2)
    return orders


def _keep_newest(sums: Floats, order: int) -> Floats:
    """Return the sums of products without the lags that are older than the order."""
    return sums[-order - 2 :, -order - 2 :]


def _solve(sums: Floats) -> Array:
    """Return the weights (p + 1,) of least squares from sums of products; naive's where there was no lesson."""
    n, p = sums[-1, -1], len(sums) - 2
    if not n:
        return np.eye(p + 1, dtype=np.float32)[p - 1]
    squares, products = np.delete(np.delete(sums, p, axis=0), p, axis=1), np.delete(sums[p], p)
    ridge = PENALTY * np.trace(squares) / len(squares) * np.eye(len(squares))
    ridge[-1, -1] = 0
    solution = np.linalg.solve(squares + ridge, products)
    return np.clip(solution, -LARGEST, LARGEST).astype(np.float32)
