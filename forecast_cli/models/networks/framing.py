"""The framings of a network in Keras: what comes before its layers and what is undone after them.

Axes in the comments: B windows, L inputs, C channels, T targets (the first T channels), H steps forecast, N series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.models.framing_shapes import CONTEXT
from forecast_cli.models.layers import (
    Cycle,
    Future,
    Observed,
    RevIN,
    SeriesEmbedding,
    StaticEmbedding,
    SubtractLast,
)
from forecast_cli.models.networks.backend import load_backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast_cli.models.layers import InputShape, Network
    from forecast_cli.models.networks.build_layers import Maker
    from forecast_cli.types import Window

LEAST_VARIANCE = 1e-5  # of a window, in scaled units


@dataclass(frozen=True)
class Frame:
    """A network, its window and its sizes, and how its layers are made."""

    network: Network
    window: Window
    sizes: InputShape
    make: Maker

    def make_inputs(self) -> dict[str, Any]:
        """Return the Keras inputs by name, in order."""
        keras, _ = load_backend()
        past, sizes = (self.window.inputs, self.sizes.n_channels), self.sizes
        shapes: dict[str, tuple[tuple[int, ...], str]] = {
            "history": (past, "float32"),
            "observed": (past, "float32"),
            "future": ((self.window.horizon, sizes.n_future), "float32"),
            "series": ((), "int32"),
            "statics": ((len(sizes.statics),), "int32"),
            "phase": ((), "int32"),
        }
        return {name: keras.Input(shapes[name][0], dtype=shapes[name][1], name=name) for name in self.network.inputs}

    def enter(self, inputs: dict[str, Any]) -> tuple[Any, Callable[[Any], Any]]:
        """Return what the first layer reads, and the function that undoes the framings on forecasts (B, H, T)."""
        keras, _ = load_backend()
        x, add_cycle = self._take_cycle_off(inputs)
        x, restore = self._normalise(x)
        mask = inputs["observed"] if self.network.find(Observed) else None
        if self.network.mixes_channels:
            entry = x if mask is None else keras.ops.concatenate([x, mask], axis=-1)
        else:
            parts = [self._split_targets(each) for each in ((x,) if mask is None else (x, mask))]
            entry = keras.ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]
        return entry, lambda y: add_cycle(restore(y))

    def find_seen(self, inputs: dict[str, Any]) -> Any:
        """Return (B or B*T, L): True where any of the channels that the first layer reads was observed."""
        ops, observed = load_backend().keras.ops, inputs["observed"]
        return ops.any((observed if self.network.mixes_channels else self._split_targets(observed)) > 0, axis=-1)

    def embed(self, row: Any, inputs: dict[str, Any]) -> Any:
        """Return (B or B*T, width): the single row of the layers, with the embeddings beside it."""
        ops = load_backend().keras.ops
        parts, T = [row], 1 if self.network.mixes_channels else self.sizes.n_targets
        series, static = self.network.find(SeriesEmbedding), self.network.find(StaticEmbedding)
        if series is not None:  # a vector of its own for each target
            table = self.make.table(self.sizes.n_series, T * series.dim, "series_embedding")
            own = look_up(table, inputs["series"], self.sizes.n_series)  # (B, T*dim)
            parts.append(ops.reshape(own, (-1, series.dim)))  # -> (B*T, dim)
        if static is not None:
            for s, n in enumerate(self.sizes.statics):
                table = self.make.table(n, static.dim, f"static{s + 1}_embedding")
                parts.append(ops.repeat(look_up(table, inputs["statics"][:, s], n), T, axis=0))  # -> (B*T, dim)
        return ops.concatenate(parts, axis=-1) if len(parts) > 1 else row

    def look_ahead(self, row: Any, inputs: dict[str, Any]) -> Any:
        """Return what the known future adds to the forecasts, (B, H, T); None without `Future`."""
        framing = self.network.find(Future)
        if framing is None:
            return None
        ops, H, T, known = load_backend().keras.ops, self.window.horizon, self.sizes.n_targets, inputs["future"]
        if not self.network.mixes_channels:  # (B, H, F) -> (B*T, H, F)
            known = ops.repeat(known, T, axis=0)
        context = ops.reshape(self.make.dense(CONTEXT * H, "linear", "future_context")(row), (-1, H, CONTEXT))
        joined = self.make.dense(framing.units, "swish", "future_hidden")(ops.concatenate([context, known], axis=-1))
        if self.network.mixes_channels:
            return self.make.dense(T, "linear", "future_sum")(joined)
        return self.join_targets(self.make.dense(1, "linear", "future_sum")(joined)[:, :, 0])

    def join_targets(self, y: Any) -> Any:
        """Return (B, H, T) from the head's output, (B*T, H) or (B, H*T)."""
        ops, H, T = load_backend().keras.ops, self.window.horizon, self.sizes.n_targets
        if self.network.mixes_channels:
            return ops.reshape(y, (-1, H, T))
        return ops.transpose(ops.reshape(y, (-1, T, H)), (0, 2, 1))  # (B*T, H) -> (B, H, T)

    def _take_cycle_off(self, inputs: dict[str, Any]) -> tuple[Any, Callable[[Any], Any]]:
        keras, _ = load_backend()
        history, framing, w = inputs["history"], self.network.find(Cycle), self.window
        if framing is None:
            return history, lambda y: y
        T, C, period = self.sizes.n_targets, self.sizes.n_channels, framing.period
        past = -np.arange(w.inputs - 1, -1, -1) * w.sample_every
        ahead = w.delay + np.arange(w.horizon)
        place = inputs["phase"][:, None]
        cycle = self.make.table(period, T, "cycle", zeros=True)
        offs = past % period, ahead % period  # never negative: ONNX's remainder of negative numbers is another one
        before, after = (cycle((place % period + off.astype(np.int32)) % period) for off in offs)
        if C > T:
            before = keras.ops.pad(before, ((0, 0), (0, 0), (0, C - T)))
        return history - before, lambda y: y + after

    def _normalise(self, x: Any) -> tuple[Any, Callable[[Any], Any]]:
        """Return the history at the window's own level, and the function that brings forecasts back."""
        ops, T = load_backend().keras.ops, self.sizes.n_targets
        if self.network.find(SubtractLast):
            last = x[:, -1:, :]
            return x - last, lambda y: y + last[:, :, :T]
        if self.network.find(RevIN):
            mean = ops.mean(x, axis=1, keepdims=True)
            deviation = ops.sqrt(ops.mean(ops.square(x - mean), axis=1, keepdims=True) + LEAST_VARIANCE)
            return (x - mean) / deviation, lambda y: y * deviation[:, :, :T] + mean[:, :, :T]
        return x, lambda y: y

    def _split_targets(self, x: Any) -> Any:
        """Return (B*T, L, 1 + C - T): each target's own history, with the covariates beside it."""
        ops, T = load_backend().keras.ops, self.sizes.n_targets
        L, C = x.shape[1:]
        own = ops.transpose(x[:, :, :T], (0, 2, 1))[..., None]  # (B, L, C) -> (B, T, L, 1)
        if C > T:
            shared = ops.repeat(x[:, None, :, T:], T, axis=1)  # (B, L, C) -> (B, T, L, C - T)
            own = ops.concatenate([own, shared], axis=-1)
        return ops.reshape(own, (-1, L, 1 + C - T))


def look_up(table: Any, index: Any, n: int) -> Any:
    """Return (B, width): the rows of a table of n at index (B,), or the mean of all of them where it is negative."""
    ops = load_backend().keras.ops
    every = ops.sum(index) * 0 + np.arange(
        n, dtype=np.int32
    )  # (n,), from an input: Keras takes no constant for a layer
    mean = ops.mean(table(every), axis=0)
    return ops.where((index >= 0)[:, None], table(ops.maximum(index, 0)), mean)
