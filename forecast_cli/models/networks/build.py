"""From the layer notation to a Keras model: one functional graph of plain layers.

Axes in the comments: B windows, L inputs, C channels, T targets (the first T channels), H steps forecast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.models.layers import Masking
from forecast_cli.models.networks.backend import load_backend
from forecast_cli.models.networks.build_layers import Maker
from forecast_cli.models.networks.framing import Frame
from forecast_cli.models.sequences import KEEPS_STEPS, returns_sequence
from forecast_cli.models.shapes import measure_head, summarize_network

if TYPE_CHECKING:
    from forecast_cli.models.layers import InputShape, Network
    from forecast_cli.types import Window


def build_network(
    network: Network,
    window: Window,
    sizes: InputShape,
    *,
    unroll: bool = False,
    portable: bool = False,
    seed: int,
) -> Any:
    """Return the `keras.Model` of a network, with its linear head: a dict of its inputs by name in, (B, H, T) out.

    The initial weights depend on the seed only. The unrolled form computes the same as the rolled one, step by step
    in the graph instead of in a loop: faster to train while the steps are few, slower to trace. The portable form is
    for forecasts alone: it keeps away from cuDNN's operators, which exist on a GPU alone, and drops nothing out.

    Raises:
        UsageError: a layer cannot stand where it stands, or the window is too short for it; a framing reads what the
            data do not have.
    """
    summarize_network(network, window, sizes)
    keras, _ = load_backend()
    make = Maker(keras, unroll, portable, np.random.default_rng(seed))
    frame = Frame(network, window, sizes, make)
    inputs = frame.make_inputs()
    x, undo = frame.enter(inputs)  # (B, L, C), or (B*T, L, 1 + C - T) under PerChannel
    x = frame.embed(_apply_layers(network, make, frame, inputs, x), inputs)  # -> (B or B*T, features)
    y = frame.join_targets(make.dense(measure_head(network, window, sizes.n_targets), "linear", "head")(x))
    ahead = frame.look_ahead(x, inputs)
    return keras.Model(inputs, undo(y if ahead is None else y + ahead), name="forecast")


def _apply_layers(network: Network, make: Maker, frame: Frame, inputs: dict[str, Any], x: Any) -> Any:
    """Return the row (B or B*T, features) that the layers make of x; a mask lasts while the steps stay the same."""
    mask = None
    for position, (layer, sequence) in enumerate(zip(network.layers, returns_sequence(network), strict=True), start=1):
        if isinstance(layer, Masking):
            mask = frame.find_seen(inputs)
            continue
        x = make.apply(layer, x, f"layer{position}", sequence, mask)
        mask = mask if isinstance(layer, KEEPS_STEPS) and sequence else None
    return x
