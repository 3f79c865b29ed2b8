"""Which layers read and leave a sequence, and which of them cannot stand where they stand."""

from __future__ import annotations

from collections.abc import Sequence

from forecast_cli.models.forms import format_layer
from forecast_cli.models.layers import (
    Attention,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    LayerNormalization,
    Masking,
    MultiHeadAttention,
    Network,
    Pointwise,
    Recurrent,
    Steps,
)

HINT_ON_ORDER = (
    "Layers along time come first; Flatten, or the last recurrent layer, then makes the single row that the head reads."
)
KEEPS_STEPS = Pointwise | Recurrent | Masking | MultiHeadAttention  # one step out for each step in, of a sequence


def returns_sequence(network: Network) -> tuple[bool, ...]:
    """Return, for each layer, whether a sequence (steps, channels) comes out of it; else it is one row of features.

    A recurrent layer returns its sequence when the next layer reads one: a convolution, a pooling, an attention,
    another recurrent layer or `Flatten`. Before `Dense` and before the head it returns its last state. `Dropout` and
    `LayerNormalization` in between change nothing; they and `Dense` leave a sequence a sequence.
    """
    flags: list[bool] = []
    for i, layer in enumerate(network.layers):
        if isinstance(layer, Recurrent):
            flags.append(_starts_with_a_reader(network.layers[i + 1 :]))
        elif isinstance(layer, Pointwise):
            flags.append(flags[-1] if flags else True)  # the window itself is a sequence
        else:
            flags.append(not isinstance(layer, Flatten | GlobalPool | Attention))
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
        if isinstance(layer, Masking):
            reason = _find_misplaced_mask(network.layers[:i], network.layers[i + 1 :])
            if reason:
                return i, reason
    if came[-1]:
        last = format_layer(network.layers[-1]) if network.layers else "the window"
        return len(network.layers) - 1, f"the head reads a single row, and {last} leaves a sequence"
    return None


def _starts_with_a_reader(layers: Sequence[Layer]) -> bool:
    following = next((layer for layer in layers if not isinstance(layer, Dropout | LayerNormalization)), None)
    return isinstance(following, Steps | Flatten)


def _find_misplaced_mask(before: Sequence[Layer], after: Sequence[Layer]) -> str:
    """Return why a `Masking` cannot stand between these layers; nothing if it can."""
    changing = next((layer for layer in before if not isinstance(layer, KEEPS_STEPS)), None)
    if changing is not None:
        return f"Masking skips steps of the data, and {format_layer(changing)} before it makes others of them"
    skipping = next((layer for layer in after if not isinstance(layer, Dense | Dropout | LayerNormalization)), None)
    if not isinstance(skipping, Recurrent):
        return "Masking is heeded by recurrent layers, and none reads its steps"
    return ""
