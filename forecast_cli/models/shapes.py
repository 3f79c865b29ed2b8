"""What a network makes of a window: shapes and parameter counts, as Keras 3 would have them, without Keras."""

from __future__ import annotations

from math import prod
from typing import TypeAlias

from forecast_cli.errors import UsageError
from forecast_cli.models.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Flatten,
    Framing,
    Layer,
    MaxPool1D,
    Network,
    PerChannel,
    Recurrent,
    format_layer,
)
from forecast_cli.results import LayerRow
from forecast_cli.types import Window

HINT_ON_ORDER = (
    "Layers along time come first; Flatten, or the last recurrent layer, then makes the single row that the head reads."
)
Shape: TypeAlias = tuple[int, ...]
Steps: TypeAlias = Conv1D | MaxPool1D | Recurrent  # the layers that work along time


def returns_sequence(network: Network) -> tuple[bool, ...]:
    """Return, for each layer, whether a sequence (steps, channels) comes out of it; else it is one row of features.

    A recurrent layer returns its sequence when the next layer reads one: a convolution, a pooling, another recurrent
    layer or `Flatten`. Before `Dense` and before the head it returns its last state. `Dropout` in between changes
    nothing. `Dense` and `Dropout` leave a sequence a sequence.
    """
    flags: list[bool] = []
    for i, layer in enumerate(network.layers):
        if isinstance(layer, Recurrent):
            flags.append(_starts_with_a_reader(network.layers[i + 1 :]))
        elif isinstance(layer, Dense | Dropout):
            flags.append(flags[-1] if flags else True)  # the window itself is a sequence
        else:
            flags.append(not isinstance(layer, Flatten))
    return tuple(flags)


def find_misfit(network: Network) -> tuple[int, str] | None:
    """Return the index of the first layer that cannot stand where it stands and the reason; None if all can.

    The index is -1 where there is no layer at all. Lengths are not looked at: they depend on the window.
    """
    came = (True, *returns_sequence(network))
    for i, layer in enumerate(network.layers):
        if isinstance(layer, Steps) and not came[i]:
            before = format_layer(network.layers[i - 1])
            return i, f"{format_layer(layer)} reads a sequence, and {before} before it leaves a single row"
    if came[-1]:
        last = format_layer(network.layers[-1]) if network.layers else "the window"
        return len(network.layers) - 1, f"the head reads a single row, and {last} leaves a sequence"
    return None


def measure_head(network: Network, window: Window, n_targets: int) -> int:
    """Return the units of the linear head: horizon under `PerChannel`, else horizon × targets."""
    return window.horizon * (n_targets if network.mixes_channels else 1)


def summarize_network(network: Network, window: Window, n_channels: int, n_targets: int) -> tuple[LayerRow, ...]:
    """Return a row for each framing, each layer and the head: output shape without the batch axis, parameters.

    Counts are Keras 3's; the remark of a recurrent layer is the formula of its count. Under `PerChannel` the shapes
    are those of one target's network, which reads that target and the covariates: (L, 1 + C - T).

    Raises:
        UsageError: a layer cannot stand where it stands, or the window is too short for it.
    """
    _check_counts(window, n_channels, n_targets)
    misfit = find_misfit(network)
    if misfit:
        raise UsageError(f"the network cannot be built: {misfit[1]}.", HINT_ON_ORDER)
    shape: Shape = (window.inputs, n_channels if network.mixes_channels else 1 + n_channels - n_targets)
    rows = [_summarize_framing(framing, shape, n_targets) for framing in network.framings]
    for number, (layer, sequence) in enumerate(zip(network.layers, returns_sequence(network), strict=True), start=1):
        _check_length(layer, shape, number)
        rows.append(_summarize_layer(layer, shape, sequence))
        shape = rows[-1].output
    head = _summarize_layer(Dense(measure_head(network, window, n_targets)), shape, False)
    return (*rows, LayerRow(head.layer, head.output, head.parameters, "the head"))


def count_parameters(network: Network, window: Window, n_channels: int, n_targets: int) -> int:
    """Return the number of trainable parameters, the head's among them; raises like `summarize_network`."""
    return sum(row.parameters for row in summarize_network(network, window, n_channels, n_targets))


def _starts_with_a_reader(layers: tuple[Layer, ...]) -> bool:
    following = next((layer for layer in layers if not isinstance(layer, Dropout)), None)
    return isinstance(following, Steps | Flatten)


def _check_counts(window: Window, n_channels: int, n_targets: int) -> None:
    if not 1 <= n_targets <= n_channels:
        raise UsageError(
            f"{n_targets} targets of {n_channels} channels: targets are channels, and there is at least one.",
            "Give --channels all columns that the network reads and --targets those of them that it forecasts.",
        )
    if window.inputs < 1 or window.horizon < 1:
        raise UsageError(
            f"a lookback of {window.lookback} sampled every {window.sample_every} and a horizon of {window.horizon}: "
            "nothing is read, or nothing forecast.",
            "Give a longer --lookback, a smaller --sample-every or a --horizon of at least 1.",
        )


def _check_length(layer: Layer, shape: Shape, number: int) -> None:
    needed = layer.pool_size if isinstance(layer, MaxPool1D) else 1
    if isinstance(layer, Conv1D) and layer.padding == "valid":
        needed = _measure_kernel(layer)
    if shape[0] < needed:
        raise UsageError(
            f"layer {number}, {format_layer(layer)}, needs {needed} steps, and {shape[0]} reach it.",
            "Give a longer --lookback, or shorten the kernels, pools and strides of --layers.",
        )


def _measure_kernel(layer: Conv1D) -> int:
    """Return the steps from the first to the last one that a kernel touches."""
    return (layer.kernel_size - 1) * layer.dilation_rate + 1


def _summarize_framing(framing: Framing, shape: Shape, n_targets: int) -> LayerRow:
    does = "the last row is taken off every channel, the target's added to the output"
    if isinstance(framing, PerChannel):
        does = f"each of {n_targets} targets by itself, with the same weights"
    return LayerRow(format_layer(framing), shape, 0, does)


def _summarize_layer(layer: Layer, shape: Shape, sequence: bool) -> LayerRow:
    output, parameters, remark = shape, 0, ""  # Dropout
    match layer:
        case Conv1D():
            output, parameters, remark = _measure_convolution(layer, shape)
        case MaxPool1D():
            output = (shape[0] // layer.pool_size, shape[1])
            remark = _remark_on_cropping(shape[0] % layer.pool_size)
        case LSTM() | GRU() | Bidirectional():
            parameters, remark = _count_recurrent(layer, shape[1])
            units = sum(direction.units for direction in _list_directions(layer))
            output = (shape[0], units) if sequence else (units,)
        case Dense():
            output, parameters = (*shape[:-1], layer.units), (shape[-1] + 1) * layer.units
        case Flatten():
            output = (prod(shape),)
    return LayerRow(format_layer(layer), output, parameters, remark)


def _measure_convolution(layer: Conv1D, shape: Shape) -> tuple[Shape, int, str]:
    """Return the output's shape, (kernel · channels + 1) · filters, and what the padding costs."""
    length, width = shape
    lost = 0 if layer.padding == "same" else _measure_kernel(layer) - 1
    remark = f"not padded: reads {lost} steps fewer" if lost else ""
    steps = -((lost - length) // layer.strides)  # (length - lost) / strides, rounded up
    return (steps, layer.filters), (layer.kernel_size * width + 1) * layer.filters, remark


def _remark_on_cropping(n: int) -> str:
    return "" if n == 0 else f"leaves out the oldest {'step' if n == 1 else f'{n} steps'}"


def _list_directions(layer: Recurrent) -> tuple[LSTM | GRU, ...]:
    if isinstance(layer, Bidirectional):
        return layer.layer, layer.backward_layer or layer.layer
    return (layer,)


def _count_recurrent(layer: Recurrent, width: int) -> tuple[int, str]:
    """Return the parameters and their formula: gates · ((channels + units + biases) · units), for each direction."""
    total, formulas = 0, []
    for direction in _list_directions(layer):
        units = direction.units
        gates, biases = (4, 1) if isinstance(direction, LSTM) else (3, 1 + direction.reset_after)
        total += gates * ((width + units + biases) * units)
        formulas.append(f"{gates}·(({width}+{units}+{biases})·{units})")
    return total, " + ".join(formulas)
