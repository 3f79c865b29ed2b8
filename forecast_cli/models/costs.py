"""What each layer makes of a shape and what it costs: parameters, recurrent steps, multiply-adds; without Keras."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from forecast_cli.models.layers import (
    GRU,
    LSTM,
    Attention,
    AveragePooling1D,
    Bidirectional,
    Conv1D,
    Dense,
    Direction,
    Dropout,
    Flatten,
    GlobalAveragePooling1D,
    GlobalMaxPool1D,
    Layer,
    LayerNormalization,
    Masking,
    MaxPool1D,
    MultiHeadAttention,
    Recurrent,
    SimpleRNN,
)

Shape: TypeAlias = tuple[int, ...]  # (steps, channels) or (features,)


@dataclass(frozen=True)
class Cost:
    """What comes out of a layer for one window, and what that takes.

    Multiply-adds are those of products with matrices: what a layer costs besides is little. Recurrent steps wait for
    each other.
    """

    output: Shape
    parameters: int = 0
    multiply_adds: int = 0
    recurrent_steps: int = 0
    remark: str = ""


def measure_layer(layer: Layer, shape: Shape, sequence: bool) -> Cost:
    """Return output shape, parameters (Keras 3's) and operations of a layer that reads `shape`.

    `sequence` says whether a recurrent layer returns its sequence.
    """
    match layer:
        case Conv1D():
            return _measure_convolution(layer, shape)
        case MaxPool1D() | AveragePooling1D():
            return Cost((shape[0] // layer.pool_size, shape[1]), remark=_remark_on_cropping(shape[0] % layer.pool_size))
        case GlobalMaxPool1D() | GlobalAveragePooling1D():
            return Cost(shape[1:])
        case SimpleRNN() | LSTM() | GRU() | Bidirectional():
            return _measure_recurrent(layer, shape, sequence)
        case Attention():
            return _measure_attention(layer, shape)
        case MultiHeadAttention():
            return _measure_heads(layer, shape)
        case Dense():
            return measure_dense(shape, layer.units)
        case LayerNormalization():
            return Cost(shape, 2 * shape[-1])
        case Flatten():
            return Cost((prod(shape),))
        case Dropout() | Masking():
            return Cost(shape)


def measure_dense(shape: Shape, units: int) -> Cost:
    """Return what a `Dense` costs on the last axis: (features + 1) · units parameters."""
    return Cost((*shape[:-1], units), (shape[-1] + 1) * units, prod(shape) * units)


def measure_kernel(layer: Conv1D) -> int:
    """Return the steps from the first to the last one that a kernel touches."""
    return (layer.kernel_size - 1) * layer.dilation_rate + 1


def _measure_convolution(layer: Conv1D, shape: Shape) -> Cost:
    """Return the output's shape, (kernel · channels + 1) · filters parameters, and what the padding costs."""
    length, width = shape
    lost = measure_kernel(layer) - 1 if layer.padding == "valid" else 0
    remark = f"not padded: reads {lost} steps fewer" if lost else ""
    steps = -((lost - length) // layer.strides)  # (length - lost) / strides, rounded up
    weights = layer.kernel_size * width * layer.filters
    return Cost((steps, layer.filters), weights + layer.filters, steps * weights, remark=remark)


def _remark_on_cropping(n: int) -> str:
    return "" if n == 0 else f"leaves out the oldest {'step' if n == 1 else f'{n} steps'}"


def _measure_recurrent(layer: Recurrent, shape: Shape, sequence: bool) -> Cost:
    """Return shape, count and its formula, gates · ((channels + units + biases) · units), for each direction."""
    length, width = shape
    parameters, products, formulas = 0, 0, []
    for direction in list_directions(layer):
        units, (gates, biases) = direction.units, _count_gates(direction)
        products += gates * (width + units) * units
        states = _count_states(direction)
        parameters += gates * (width + units + biases) * units + states * units
        factor = f"{gates}·(({width}+{units}+{biases})·{units})" if gates > 1 else f"({width}+{units}+1)·{units}"
        formulas.append(factor + ("" if not states else f" + {units}" if states == 1 else f" + {states}·{units}"))
    units = sum(direction.units for direction in list_directions(layer))
    output = (length, units) if sequence else (units,)
    return Cost(output, parameters, length * products, length, " + ".join(formulas))


def list_directions(layer: Recurrent) -> tuple[Direction, ...]:
    """Return the recurrent layers that read the sequence: one, or one forward and one backward."""
    if isinstance(layer, Bidirectional):
        return layer.layer, layer.backward_layer or layer.layer
    return (layer,)


def _count_gates(layer: Direction) -> tuple[int, int]:
    """Return the gates, the new state among them, and the biases of each."""
    match layer:
        case LSTM():
            return 4, 1
        case GRU():
            return 3, 1 + layer.reset_after
        case SimpleRNN():
            return 1, 1


def _count_states(layer: Direction) -> int:
    """Return how many vectors an initial state that is learnt takes."""
    return 0 if layer.initial_state == "zeros" else 2 if isinstance(layer, LSTM) else 1


def _measure_attention(layer: Attention, shape: Shape) -> Cost:
    """Return the cost of scoring each step: W, U of (channels, units), b and v of (units,)."""
    length, width = shape
    units = layer.units
    multiply_adds = (length + 1) * width * units + length * (units + width)
    return Cost((width,), 2 * width * units + 2 * units, multiply_adds)


def _measure_heads(layer: MultiHeadAttention, shape: Shape) -> Cost:
    """Return the cost of three projections to heads · key_dim, two products of steps with steps, and one back."""
    length, width = shape
    inner = layer.num_heads * layer.key_dim
    multiply_adds = 4 * length * width * inner + 2 * length * length * inner
    return Cost(shape, 3 * (width + 1) * inner + (inner + 1) * width, multiply_adds)
