"""From the layer notation to a Keras model: one functional graph of plain layers.

Axes in the comments: B windows, L inputs, C channels, T targets (the first T channels), H steps forecast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.models.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool1D,
    PerChannel,
    SubtractLast,
)
from forecast_cli.models.networks.backend import load_backend
from forecast_cli.models.shapes import returns_sequence, summarize_network

if TYPE_CHECKING:
    from forecast_cli.models.layers import Network
    from forecast_cli.types import Window


def build_network(
    network: Network,
    window: Window,
    n_channels: int,
    n_targets: int,
    *,
    unroll: bool = False,
    portable: bool = False,
    seed: int,
) -> Any:
    """Return the `keras.Model` (B, L, C) -> (B, H, T) of a network, with its linear head.

    The initial weights depend on the seed only. The unrolled form computes the same as the rolled one, step by step
    in the graph instead of in a loop: faster to train while the steps are few, slower to trace. The portable form
    keeps away from cuDNN's operators, which exist on a GPU alone.

    Raises:
        UsageError: a layer cannot stand where it stands, or the window is too short for it.
    """
    summarize_network(network, window, n_channels, n_targets)
    keras, _ = load_backend()
    T, per_channel = n_targets, not network.mixes_channels
    make = _Maker(keras, unroll, portable, np.random.default_rng(seed))
    history = x = keras.Input((window.inputs, n_channels), name="history")  # (B, L, C)
    if SubtractLast() in network.framings:
        x = x - history[:, -1:, :]
    if PerChannel() in network.framings:
        x = _split_targets(x, T)  # (B, L, C) -> (B*T, L, 1 + C - T)
    for position, (layer, sequence) in enumerate(zip(network.layers, returns_sequence(network), strict=True), start=1):
        x = make.apply(layer, x, f"layer{position}", sequence)  # -> (B or B*T, features)
    y = make.dense(window.horizon if per_channel else window.horizon * T, "linear", "head")(x)
    y = _join_targets(y, window.horizon, T, per_channel)  # -> (B, H, T)
    if SubtractLast() in network.framings:
        y = y + history[:, -1:, :T]
    return keras.Model(history, y, name="forecast")


def _split_targets(x: Any, T: int) -> Any:
    """Return (B*T, L, 1 + C - T): each target's own history, with the covariates beside it."""
    ops = load_backend().keras.ops
    L, C = x.shape[1:]
    own = ops.transpose(x[:, :, :T], (0, 2, 1))[..., None]  # (B, L, C) -> (B, T, L, 1)
    if C > T:
        shared = ops.repeat(x[:, None, :, T:], T, axis=1)  # (B, L, C) -> (B, T, L, C - T)
        own = ops.concatenate([own, shared], axis=-1)
    return ops.reshape(own, (-1, L, 1 + C - T))


def _join_targets(y: Any, H: int, T: int, per_channel: bool) -> Any:
    """Return (B, H, T) from the head's output."""
    ops = load_backend().keras.ops
    if per_channel:
        return ops.transpose(ops.reshape(y, (-1, T, H)), (0, 2, 1))  # (B*T, H) -> (B, H, T)
    return ops.reshape(y, (-1, H, T))  # (B, H*T) -> (B, H, T)


@dataclass(frozen=True)
class _Maker:
    """Makes Keras layers, each with seeds of its own from one stream."""

    keras: Any
    unroll: bool
    portable: bool
    rng: np.random.Generator

    def apply(self, layer: Layer, x: Any, name: str, sequence: bool) -> Any:
        """Return the output of one layer of the notation on x (B, steps, features) or (B, features)."""
        match layer:
            case Conv1D():
                return self._convolve(layer, x, name)
            case MaxPool1D():
                return self._pool(layer, x, name)
            case LSTM() | GRU():
                return self._recur(layer, name, sequence)(x)
            case Bidirectional():
                return self._recur_both_ways(layer, x, name, sequence)
            case Dense():
                return self.dense(layer.units, layer.activation, name)(x)
            case Dropout():
                return self.keras.layers.Dropout(layer.rate, seed=self._draw_seed(), name=name)(x)
            case Flatten():
                return self.keras.layers.Flatten(name=name)(x)

    def dense(self, units: int, activation: str, name: str) -> Any:
        """Return a dense layer."""
        kernel = self._draw_kernel()
        return self.keras.layers.Dense(units, self._activate(activation), kernel_initializer=kernel, name=name)

    def _convolve(self, layer: Conv1D, x: Any, name: str) -> Any:
        convolution = self.keras.layers.Conv1D(
            layer.filters,
            layer.kernel_size,
            strides=layer.strides,
            padding=layer.padding,
            dilation_rate=layer.dilation_rate,
            activation=self._activate(layer.activation),
            kernel_initializer=self._draw_kernel(),
            name=name,
        )
        return convolution(x)

    def _pool(self, layer: MaxPool1D, x: Any, name: str) -> Any:
        odd = x.shape[1] % layer.pool_size
        if odd:  # Keras would drop the newest steps
            x = x[:, odd:, :]
        return self.keras.layers.MaxPooling1D(layer.pool_size, name=name)(x)

    def _recur(self, layer: LSTM | GRU, name: str, sequence: bool, *, backwards: bool = False) -> Any:
        options: dict[str, Any] = {"reset_after": layer.reset_after} if isinstance(layer, GRU) else {}
        kind = self.keras.layers.GRU if isinstance(layer, GRU) else self.keras.layers.LSTM
        return kind(
            layer.units,
            return_sequences=sequence,
            go_backwards=backwards,
            unroll=self.unroll,
            use_cudnn=False if self.portable else "auto",
            kernel_initializer=self._draw_kernel(),
            recurrent_initializer=self.keras.initializers.Orthogonal(seed=self._draw_seed()),
            name=name,
            **options,
        )

    def _recur_both_ways(self, layer: Bidirectional, x: Any, name: str, sequence: bool) -> Any:
        """Return the outputs of both directions side by side; of a last state, each direction's own last.

        Keras's own `Bidirectional` fails on layers of two widths; where the widths agree this equals it.
        """
        forward = self._recur(layer.layer, f"{name}_forward", sequence)(x)
        backward = self._recur(layer.backward_layer or layer.layer, f"{name}_backward", sequence, backwards=True)(x)
        if sequence:
            backward = self.keras.ops.flip(backward, axis=1)
        return self.keras.ops.concatenate([forward, backward], axis=-1)

    def _activate(self, name: str) -> Any:
        """Return what Keras takes as an activation; gelu is spelt out, since TensorFlow's own has no ONNX operator."""
        ops = self.keras.ops
        return (lambda x: x * (1 + ops.erf(x * 2**-0.5)) / 2) if name == "gelu" else name

    def _draw_kernel(self) -> Any:
        return self.keras.initializers.GlorotUniform(seed=self._draw_seed())

    def _draw_seed(self) -> int:
        return int(self.rng.integers(2**31))
