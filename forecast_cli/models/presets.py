"""The networks that have a name: one table of names and lines in the layer notation."""

from __future__ import annotations

from dataclasses import replace

from forecast_cli.errors import UsageError
from forecast_cli.models.layers import Conv1D, Layer, MaxPool1D, Network
from forecast_cli.models.notation import format_network, parse_network, suggest_name
from forecast_cli.types import Window

DEFAULT_PRESET = "conv-birnn"

# {kernel} and {strides} follow the lookback, so that about 30 steps reach the pool and the recurrent part costs the
# same whatever the history: strides = max(1, round(L / 30)), kernel = 2 × strides.
_LINES = {
    "conv-birnn": 'PerChannel | SubtractLast | Conv1D(64, {kernel}, strides={strides}, activation="swish")'
    " | MaxPool1D(2) | Bidirectional(LSTM(64), GRU(64)) | Dropout(0.5)",
    "conv-birnn-hybrid": 'Conv1D(32, 10, activation="swish") | MaxPool1D(2) | Bidirectional(LSTM(24), GRU(16))'
    ' | Bidirectional(LSTM(24), GRU(24)) | Flatten | Dense(256, "swish")',
    "lstm-gru-stack": 'LSTM(16) | GRU(32) | Flatten | Dense(128, "swish")',
    "dense": 'PerChannel | SubtractLast | Flatten | Dense(256, "relu")',
}


def preset_names() -> tuple[str, ...]:
    """Return the names of all presets, the default first."""
    return tuple(_LINES)


def write_preset(name: str, window: Window) -> str:
    """Return the line of a preset for this window, in the canonical notation.

    Kernels are cut to the steps that reach them, and a pool that would leave fewer than two steps is left out, so
    that every preset can be built at every lookback.

    Raises:
        UsageError: no preset has this name.
    """
    if name not in _LINES:
        raise UsageError(f"no preset is called {name!r}.", suggest_name(name, preset_names()))
    strides = max(1, round(window.inputs / 30))
    network = parse_network(_LINES[name].format(kernel=2 * strides, strides=strides))
    return format_network(_fit_lengths(network, window.inputs))


def _fit_lengths(network: Network, length: int) -> Network:
    layers: list[Layer] = []
    for layer in network.layers:
        if isinstance(layer, Conv1D):
            layers.append(replace(layer, kernel_size=min(layer.kernel_size, max(1, length))))
            length = -(-length // layer.strides)  # padded: only strides shorten
        elif not isinstance(layer, MaxPool1D):
            layers.append(layer)
        elif length >= 2 * layer.pool_size:
            layers.append(layer)
            length //= layer.pool_size
    return replace(network, layers=tuple(layers))
