"""What the framings of a network leave, learn and cost; without Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.models.costs import Cost, measure_dense
from forecast_cli.models.forms import format_layer
from forecast_cli.models.layers import (
    Cycle,
    Framing,
    Future,
    Observed,
    PerChannel,
    RevIN,
    SeriesEmbedding,
    StaticEmbedding,
    SubtractLast,
)

if TYPE_CHECKING:
    from forecast_cli.models.layers import InputShape, Network
    from forecast_cli.types import Window

CONTEXT = 4  # numbers that each step ahead gets from the history, beside what is known of it


def measure_entry(network: Network, window: Window, sizes: InputShape) -> tuple[int, int]:
    """Return the steps and channels that the first layer reads."""
    width = sizes.n_channels if network.mixes_channels else 1 + sizes.n_channels - sizes.n_targets
    return window.inputs, width * (2 if network.find(Observed) else 1)


def measure_embeddings(network: Network, sizes: InputShape) -> int:
    """Return how many numbers of embeddings the head reads beside what the layers give."""
    series, static = network.find(SeriesEmbedding), network.find(StaticEmbedding)
    return (series.dim if series else 0) + (static.dim * len(sizes.statics) if static else 0)


def measure_framing(framing: Framing, network: Network, window: Window, sizes: InputShape, width: int) -> Cost:
    """Return what a framing leaves for one window, learns and costs; `width` is that of the row that the head reads.

    Raises:
        UsageError: it reads what the data do not have.
    """
    entry = measure_entry(network, window, sizes)
    match framing:
        case PerChannel():
            return Cost(entry, remark=f"each target by itself ({sizes.n_targets} of them), with the same weights")
        case SubtractLast():
            return Cost(entry, remark="the last row is taken off every channel, the target's added to the output")
        case RevIN():
            return Cost(entry, remark="every channel less the window's mean, over its deviation; undone at the output")
        case Cycle():
            learnt = framing.period * sizes.n_targets
            return Cost(entry, learnt, remark=f"a cycle of {framing.period} steps for each target is taken off first")
        case Observed():
            return Cost(entry, remark="what was observed, as 0 or 1 beside each channel")
        case Future():
            _require(sizes.n_future, framing, "nothing is known ahead", "--future-covariate, or times, for a calendar")
            return _measure_future(
                framing, window.horizon, sizes, 1 if not network.mixes_channels else sizes.n_targets, width
            )
        case SeriesEmbedding():
            rows = sizes.n_series * (1 if network.mixes_channels else sizes.n_targets)
            does = f"{framing.dim} numbers for each series, {sizes.n_series} of them"
            return Cost((framing.dim,), rows * framing.dim, remark=does)
        case StaticEmbedding():
            _require(len(sizes.statics), framing, "there is no static covariate", "--static-covariate")
            does = f"{framing.dim} numbers for each category, of static covariates: {len(sizes.statics)}"
            return Cost((framing.dim * len(sizes.statics),), sum(sizes.statics) * framing.dim, remark=does)


def _measure_future(framing: Future, horizon: int, sizes: InputShape, outputs: int, width: int) -> Cost:
    """Return the cost of the context of each step, of the layer that joins it with what is known, and of its sum."""
    context = measure_dense((width,), CONTEXT * horizon)
    joined = measure_dense((horizon, CONTEXT + sizes.n_future), framing.units)
    added = measure_dense(joined.output, outputs)
    parts = (context, joined, added)
    parameters, multiply_adds = (sum(part.parameters for part in parts), sum(part.multiply_adds for part in parts))
    does = f"{sizes.n_future} covariates known ahead, at each step"
    return Cost((horizon, sizes.n_future), parameters, multiply_adds, remark=does)


def _require(n: int, framing: Framing, what: str, flag: str) -> None:
    if not n:
        raise UsageError(f"{format_layer(framing)} has nothing to read: {what}.", f"Leave it out, or give {flag}.")
