"""The networks that have a name: one table of names and lines in the layer notation."""

from __future__ import annotations

from dataclasses import replace

from forecast_cli.errors import UsageError
from forecast_cli.models.costs import measure_layer
from forecast_cli.models.layers import Conv1D, Layer, Network, Pool
from forecast_cli.models.notation import format_network, parse_network, suggest_name
from forecast_cli.models.sequences import returns_sequence
from forecast_cli.types import Window

DEFAULT_PRESET = "conv-birnn"
MANY_LESSONS = 100_000  # channel-windows of training

_CONV = "Conv1D(32, 5)"
_DILATED = 'Conv1D(32, 3, dilation_rate={}, activation="relu")'
# {kernel} and {strides} follow the lookback, so that about 30 steps reach the pool and the recurrent part costs the
# same whatever the history: strides = max(1, round(L / 30)), kernel = 2 × strides. {dropout} follows the size of the
# data: on validation, 0.2 was better than 0.5 by 1 to 4 % with 236,000 and more lessons, and no worse with 55,000; with
# 79,000 noisy ones 0.35 was better than 0.2 by 1 %.
_LINES = {
    "conv-birnn": 'PerChannel | SubtractLast | Conv1D(64, {kernel}, strides={strides}, activation="swish")'
    " | MaxPool1D(2) | Bidirectional(LSTM(64), GRU(64)) | Dropout({dropout})",
    "conv-birnn-hybrid": 'Conv1D(32, 10, activation="swish") | MaxPool1D(2) | Bidirectional(LSTM(24), GRU(16))'
    ' | Bidirectional(LSTM(24), GRU(24)) | Flatten | Dense(256, "swish")',
    "lstm-gru-stack": 'LSTM(16) | GRU(32) | Flatten | Dense(128, "swish")',
    "dense": 'PerChannel | SubtractLast | Flatten | Dense(256, "relu")',
    "dense-plain": 'Flatten | Dense(32, "relu")',
    "rnn": "SimpleRNN(32)",
    "lstm": "LSTM(32)",
    "stacked-lstm": "LSTM(256) | LSTM(256)",
    "stacked-lstm-3": "LSTM(256) | LSTM(256) | LSTM(256)",
    "gru": "GRU(32)",
    "gru-dropout": "GRU(32, dropout=0.2, recurrent_dropout=0.2)",
    "stacked-gru": "GRU(32, dropout=0.1, recurrent_dropout=0.5)"
    ' | GRU(64, activation="relu", dropout=0.1, recurrent_dropout=0.5)',
    "bidirectional-gru": "Bidirectional(GRU(32))",
    "conv": f"{_CONV} | MaxPool1D(3) | {_CONV} | MaxPool1D(3) | {_CONV} | GlobalMaxPool1D",
    "conv-gru": f"{_CONV} | MaxPool1D(3) | {_CONV} | GRU(32)",
    "conv-dilated": f"{_DILATED.format(2)} | {_DILATED.format(4)} | {_DILATED.format(8)} | GRU(32)",
}


def preset_names() -> tuple[str, ...]:
    """Return the names of all presets, the default first."""
    return tuple(_LINES)


def write_preset(name: str, window: Window, lessons: int = 0) -> str:
    """Return the line of a preset for this window and so many channel-windows to learn from, in the canonical notation.

    Kernels and dilations are cut to the steps that reach them, and a pool that would leave fewer than two steps is
    left out, so that every preset can be built at every lookback.

    Raises:
        UsageError: no preset has this name.
    """
    if name not in _LINES:
        raise UsageError(f"no preset is called {name!r}.", suggest_name(name, preset_names()))
    strides = max(1, round(window.inputs / 30))
    dropout = 0.2 if lessons >= MANY_LESSONS else 0.35
    network = parse_network(_LINES[name].format(kernel=2 * strides, strides=strides, dropout=dropout))
    return format_network(_fit_lengths(network, window.inputs))


def _fit_lengths(network: Network, length: int) -> Network:
    """Return the network with kernels, dilations and pools that fit a window of this length."""
    layers: list[Layer] = []
    for given, sequence in zip(network.layers, returns_sequence(network), strict=True):
        if isinstance(given, Pool) and length < 2 * given.pool_size:
            continue
        layer = _shorten(given, length) if isinstance(given, Conv1D) else given
        layers.append(layer)
        length = measure_layer(layer, (length, 1), sequence).output[0] if sequence else length
    return replace(network, layers=tuple(layers))


def _shorten(layer: Conv1D, length: int) -> Conv1D:
    """Return the convolution with a kernel that touches no more steps than these, first by its dilation."""
    kernel = min(layer.kernel_size, max(1, length))
    dilation = min(layer.dilation_rate, max(1, (length - 1) // max(1, kernel - 1)))
    return replace(layer, kernel_size=kernel, dilation_rate=dilation)
