"""What a network makes of a window: shapes and parameter counts, as Keras 3 would have them, without Keras."""

from __future__ import annotations

from dataclasses import replace

from forecast_cli.errors import UsageError
from forecast_cli.models.costs import Cost, Shape, measure_kernel, measure_layer
from forecast_cli.models.forms import format_layer
from forecast_cli.models.framing_shapes import measure_embeddings, measure_entry, measure_framing
from forecast_cli.models.layers import Conv1D, Dense, Framing, InputShape, Layer, Network, Pool
from forecast_cli.models.sequences import HINT_ON_ORDER, find_misfit, returns_sequence
from forecast_cli.results import LayerRow
from forecast_cli.types import Window


def measure_head(network: Network, window: Window, n_targets: int) -> int:
    """Return the units of the linear head: horizon under `PerChannel`, else horizon × targets."""
    return window.horizon * (n_targets if network.mixes_channels else 1)


def summarize_network(network: Network, window: Window, sizes: InputShape) -> tuple[LayerRow, ...]:
    """Return a row for each framing, each layer and the head: output shape without the batch axis, counts, costs.

    Counts are Keras 3's; the remark of a recurrent layer is the formula of its count. Under `PerChannel` the shapes
    are those of one target's network, which reads that target and the covariates: (L, 1 + C - T); multiply-adds are
    those of all targets.

    Raises:
        UsageError: a layer cannot stand where it stands, the window is too short for it, or a framing reads what the
            data do not have.
    """
    _check_counts(window, sizes)
    misfit = find_misfit(network)
    if misfit:
        raise UsageError(f"the network cannot be built: {misfit[1]}.", HINT_ON_ORDER)
    shape: Shape = measure_entry(network, window, sizes)
    costs: list[tuple[Layer, Cost]] = []
    for number, (layer, sequence) in enumerate(zip(network.layers, returns_sequence(network), strict=True), start=1):
        _check_length(layer, shape, number)
        costs.append((layer, measure_layer(layer, shape, sequence)))
        shape = costs[-1][1].output
    width = shape[0] + measure_embeddings(network, sizes)
    head = Dense(measure_head(network, window, sizes.n_targets))
    costs.append((head, replace(measure_layer(head, (width,), False), remark="the head")))
    framed = [(framing, measure_framing(framing, network, window, sizes, width)) for framing in network.framings]
    times = 1 if network.mixes_channels else sizes.n_targets
    return tuple(_make_row(part, cost, times) for part, cost in (*framed, *costs))


def count_parameters(network: Network, window: Window, sizes: InputShape) -> int:
    """Return the number of trainable parameters, the head's among them; raises like `summarize_network`."""
    return sum(row.parameters for row in summarize_network(network, window, sizes))


def _make_row(part: Framing | Layer, cost: Cost, times: int) -> LayerRow:
    return LayerRow(
        layer=format_layer(part),
        output=cost.output,
        parameters=cost.parameters,
        remark=cost.remark,
        recurrent_steps=cost.recurrent_steps,
        multiply_adds=times * cost.multiply_adds,
    )


def _check_counts(window: Window, sizes: InputShape) -> None:
    if not 1 <= sizes.n_targets <= sizes.n_channels:
        raise UsageError(
            f"{sizes.n_targets} targets of {sizes.n_channels} channels: targets are channels, and there is at least "
            "one.",
            "Give --channels all columns that the network reads and --targets those of them that it forecasts.",
        )
    if window.inputs < 1 or window.horizon < 1:
        raise UsageError(
            f"a lookback of {window.lookback} sampled every {window.sample_every} and a horizon of {window.horizon}: "
            "nothing is read, or nothing forecast.",
            "Give a longer --lookback, a smaller --sample-every or a --horizon of at least 1.",
        )


def _check_length(layer: Layer, shape: Shape, number: int) -> None:
    needed = layer.pool_size if isinstance(layer, Pool) else 1
    if isinstance(layer, Conv1D) and layer.padding == "valid":
        needed = measure_kernel(layer)
    if shape[0] < needed:
        raise UsageError(
            f"layer {number}, {format_layer(layer)}, needs {needed} steps, and {shape[0]} reach it.",
            "Give a longer --lookback, or shorten the kernels, pools and strides of --layers.",
        )
