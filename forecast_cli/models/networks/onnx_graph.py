"""From the layer notation and its weights to an ONNX graph, with native LSTM and GRU operators.

The mirror of `build.py`: the same network, written rather than converted, since converters make a generic loop of a
GRU. Axes are named as there; between layers they are Keras's, (B, steps, features).
"""

from __future__ import annotations

from collections.abc import Mapping
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
from forecast_cli.models.networks.onnx_nodes import INPUT, Nodes
from forecast_cli.models.shapes import returns_sequence, summarize_network

if TYPE_CHECKING:
    from forecast_cli.models.layers import Network
    from forecast_cli.types import Array, Window

OPERATORS = {
    "relu": "Relu",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "gelu": "Gelu",
    "elu": "Elu",
    "selu": "Selu",
    "softplus": "Softplus",
}


def write_graph(network: Network, window: Window, n_channels: int, n_targets: int, weights: Mapping[str, Array]) -> Any:
    """Return the `onnx.ModelProto` of a network: history (B, L, C) -> forecast (B, H, T), any B.

    What is unknown (NaN) in a history counts as 0, as in training. `weights` as `collect_weights` returns them.
    """
    nodes = Nodes()
    L, H, C, T = window.inputs, window.horizon, n_channels, n_targets
    history = x = nodes.add("Where", nodes.add("IsNaN", INPUT), nodes.hold(np.float32(0)), INPUT)  # (B, L, C)
    last = nodes.cut(history, axis=1, begin=L - 1, end=L)  # (B, 1, C)
    if SubtractLast() in network.framings:
        x = nodes.add("Sub", x, last)
    if PerChannel() in network.framings:
        x = _split_targets(nodes, x, (L, C), T)  # (B, L, C) -> (B*T, L, 1 + C - T)
    y = _write_layers(_Writer(nodes, weights), network, x, _list_lengths(network, window, C, T))
    y = _join_targets(nodes, y, H, T, not network.mixes_channels)  # -> (B, H, T)
    if SubtractLast() in network.framings:
        y = nodes.add("Add", y, nodes.cut(last, axis=2, begin=0, end=T))
    return nodes.close(y, (L, C), (H, T))


def _list_lengths(network: Network, window: Window, C: int, T: int) -> tuple[int, ...]:
    """Return the first axis of what goes into each layer: the steps of a sequence."""
    rows = summarize_network(network, window, C, T)[len(network.framings) : -1]
    return (window.inputs, *(row.output[0] for row in rows))


def _write_layers(writer: _Writer, network: Network, x: str, lengths: tuple[int, ...]) -> str:
    """Return the head's output (B or B*T, units)."""
    for i, (layer, sequence) in enumerate(zip(network.layers, returns_sequence(network), strict=True)):
        x = writer.apply(layer, x, f"layer{i + 1}", lengths[i], sequence)
    return writer.connect(x, "linear", "head")


def _split_targets(nodes: Nodes, x: str, shape: tuple[int, int], T: int) -> str:
    """Return (B*T, L, 1 + C - T): each target's own history, with the covariates beside it."""
    L, C = shape
    own = nodes.swap(nodes.cut(x, axis=2, begin=0, end=T), 0, 2, 1)  # (B, L, T) -> (B, T, L)
    own = nodes.add("Unsqueeze", own, nodes.hold([3]))  # (B, T, L, 1)
    if C > T:
        shared = nodes.add("Unsqueeze", nodes.cut(x, axis=2, begin=T, end=C), nodes.hold([1]))
        shared = nodes.add("Expand", shared, nodes.hold([1, T, 1, 1]))  # (B, 1, L, C - T) -> (B, T, L, C - T)
        own = nodes.add("Concat", own, shared, axis=3)
    return nodes.reshape(own, -1, L, 1 + C - T)


def _join_targets(nodes: Nodes, y: str, H: int, T: int, per_channel: bool) -> str:
    """Return (B, H, T) from the head's output."""
    return nodes.swap(nodes.reshape(y, -1, T, H), 0, 2, 1) if per_channel else nodes.reshape(y, -1, H, T)


@dataclass(frozen=True)
class _Writer:
    """Writes layers, each with its weights."""

    nodes: Nodes
    weights: Mapping[str, Array]

    def apply(self, layer: Layer, x: str, name: str, length: int, sequence: bool) -> str:
        """Return the output of one layer of the notation; `length` is the first axis of what comes in."""
        match layer:
            case Conv1D():
                return self._convolve(layer, x, name, length)
            case MaxPool1D():
                return self._pool(layer, x, length)
            case LSTM() | GRU():
                return self._recur(layer, x, name, sequence)
            case Bidirectional():
                return self._recur_both_ways(layer, x, name, sequence)
            case Dense():
                return self.connect(x, layer.activation, name)
            case Dropout():
                return x
            case Flatten():
                return self.nodes.add("Flatten", x, axis=1)

    def connect(self, x: str, activation: str, name: str) -> str:
        """Return a dense layer's output."""
        product = self.nodes.add("MatMul", x, self.nodes.hold(self.weights[f"{name}/kernel"]))
        return self._activate(self.nodes.add("Add", product, self.nodes.hold(self.weights[f"{name}/bias"])), activation)

    def _activate(self, x: str, activation: str) -> str:
        if activation == "linear":
            return x
        if activation == "swish":
            return self.nodes.add("Mul", x, self.nodes.add("Sigmoid", x))
        return self.nodes.add(OPERATORS[activation], x)

    def _convolve(self, layer: Conv1D, x: str, name: str, length: int) -> str:
        kernel = self.weights[f"{name}/kernel"].transpose(2, 1, 0)  # Keras (kernel, in, out) -> ONNX (out, in, kernel)
        y = self.nodes.add(
            "Conv",
            self.nodes.swap(x, 0, 2, 1),
            self.nodes.hold(kernel),
            self.nodes.hold(self.weights[f"{name}/bias"]),
            strides=[layer.strides],
            dilations=[layer.dilation_rate],
            pads=_measure_padding(layer, length),
        )
        return self.nodes.swap(self._activate(y, layer.activation), 0, 2, 1)

    def _pool(self, layer: MaxPool1D, x: str, length: int) -> str:
        kept = self.nodes.cut(x, axis=1, begin=length % layer.pool_size, end=length)  # the oldest steps go
        size = [layer.pool_size]
        pooled = self.nodes.add("MaxPool", self.nodes.swap(kept, 0, 2, 1), kernel_shape=size, strides=size)
        return self.nodes.swap(pooled, 0, 2, 1)

    def _recur_both_ways(self, layer: Bidirectional, x: str, name: str, sequence: bool) -> str:
        backward_layer = layer.backward_layer or layer.layer
        forward = self._recur(layer.layer, x, f"{name}_forward", sequence)
        backward = self._recur(backward_layer, x, f"{name}_backward", sequence, backwards=True)
        return self.nodes.add("Concat", forward, backward, axis=-1)

    def _recur(self, layer: LSTM | GRU, x: str, name: str, sequence: bool, *, backwards: bool = False) -> str:
        """Return (B, steps, units), or the last state (B, units); ONNX keeps (steps, directions, B, units)."""
        cell = [self.weights[f"{name}/{part}"] for part in ("kernel", "recurrent_kernel", "bias")]
        arrays = _arrange_gru(layer, *cell) if isinstance(layer, GRU) else _arrange_lstm(*cell)
        extra = {"linear_before_reset": int(layer.reset_after)} if isinstance(layer, GRU) else {}
        every, last = self.nodes.add_many(
            type(layer).__name__,
            [self.nodes.swap(x, 1, 0, 2), *(self.nodes.hold(array[None]) for array in arrays)],
            (f"{name}_every", "") if sequence else ("", f"{name}_last"),
            direction="reverse" if backwards else "forward",
            hidden_size=layer.units,
            **extra,
        )
        if sequence:
            return self.nodes.swap(self.nodes.add("Squeeze", every, self.nodes.hold([1])), 1, 0, 2)
        return self.nodes.add("Squeeze", last, self.nodes.hold([0]))


def _measure_padding(layer: Conv1D, length: int) -> list[int]:
    """Return the zeros before and after the sequence; the odd one stands after, as in TensorFlow."""
    if layer.padding == "valid":
        return [0, 0]
    reach = (layer.kernel_size - 1) * layer.dilation_rate + 1
    missing = max(0, (-(-length // layer.strides) - 1) * layer.strides + reach - length)
    return [missing // 2, missing - missing // 2]


def _arrange_lstm(kernel: Array, recurrent: Array, bias: Array) -> tuple[Array, Array, Array]:
    """Return ONNX's W (4h, in), R (4h, h), B (8h): gates i, o, f, c where Keras has i, f, c, o; one bias of two."""

    def reorder(gates: Array) -> Array:
        i, f, c, o = np.split(gates, 4, axis=-1)
        return np.concatenate([i, o, f, c], axis=-1).T

    return reorder(kernel), reorder(recurrent), np.concatenate([reorder(bias), np.zeros_like(bias)])


def _arrange_gru(layer: GRU, kernel: Array, recurrent: Array, bias: Array) -> tuple[Array, Array, Array]:
    """Return ONNX's W (3h, in), R (3h, h), B (6h): gates z, r, h in both; `reset_after` has the second bias."""
    both = bias if layer.reset_after else np.stack([bias, np.zeros_like(bias)])
    return kernel.T, recurrent.T, both.reshape(-1)
