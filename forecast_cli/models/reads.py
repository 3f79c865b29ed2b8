"""What a network reads of a panel: the sizes of its inputs, and the words that it is trained with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.models.forms import format_layer
from forecast_cli.models.layers import Cycle, InputShape
from forecast_cli.prepare.ahead import name_ahead
from forecast_cli.prepare.inputs import list_categories
from forecast_cli.types import Reads

if TYPE_CHECKING:
    from forecast_cli.models.layers import Network
    from forecast_cli.types import Panel, Window


def measure_inputs(panel: Panel) -> InputShape:
    """Return how many channels, covariates known ahead, series and categories a network of this panel can read."""
    return InputShape(
        n_channels=len(panel.channels),
        n_targets=panel.n_targets,
        n_future=len(name_ahead(panel)),
        n_series=panel.n_series,
        statics=tuple(map(len, list_categories(panel.statics).values())),
    )


def describe_reads(network: Network, window: Window, panel: Panel) -> Reads:
    """Return what a network that is trained on this panel reads; no row of it is looked at."""
    cycle = network.find(Cycle)
    return Reads(
        inputs=network.inputs,
        horizon=window.horizon,
        delay=window.delay,
        cycle=1 if cycle is None else cycle.period,
        series_ids=panel.series_ids,
        categories=list_categories(panel.statics),
    )


def check_time(network: Network, panel: Panel) -> None:
    """Raise UsageError where a cycle is to be counted, and rows are the time: new data begin anywhere in it."""
    cycle = network.find(Cycle)
    if cycle is not None and panel.origin is None:
        raise UsageError(
            f"{format_layer(cycle)} counts from 1970, and the data have no time", "leave it out, or name --timestamp"
        )
