"""What was measured before a cutoff, for people to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import format_instants
from forecast_cli.prepare.windows import gather_batch, series_of, steps_of
from forecast_cli.workflows.delivery import fold_angles

if TYPE_CHECKING:
    from forecast_cli.types import Array, Flags, Floats, Integers, Panel, Scaler
    from forecast_cli.workflows.delivery import Delivery

HORIZONS_BEFORE, LEAST_BEFORE = 3, 48  # how much history is shown


def show_recent(
    panel: Panel, rows: Integers, horizon: int, scaler: Scaler, delivery: Delivery
) -> tuple[tuple[tuple[str, ...], ...], Array]:
    """Return the last instants up to cutoff rows (S,) of a panel and the targets' values (S, W, D), NaN where unknown.

    W is three horizons, and 48 steps at least; before the first row of a series nothing is known.
    """
    width, series = count_recent(horizon), series_of(panel, rows)
    batch = gather_batch(panel, rows, width, 1)
    history, seen = batch.history[:, :, : panel.n_targets], batch.observed[:, :, : panel.n_targets]
    offset, scale = (each[series][:, None, : panel.n_targets] for each in (panel.offset, scaler.scale))
    values = fold_angles(show_observed(history + offset, seen, scale), delivery).astype(np.float32)
    steps = steps_of(panel)[rows][:, None] - np.arange(width - 1, -1, -1)
    return tuple(tuple(format_instants(panel.origin, panel.freq, panel.tz, row)) for row in steps), values


def count_recent(horizon: int) -> int:
    """Return W, how many rows of history are shown."""
    return max(HORIZONS_BEFORE * horizon, LEAST_BEFORE)


def show_observed(values: Floats, known: Flags, scale: Floats) -> Floats:
    """Return observed values, rounded to a millionth of their scale: what float32 cannot tell is no measurement."""
    unit = 10.0 ** np.floor(np.log10(scale) - 6)
    return np.where(known, np.round(values / unit) * unit, np.nan)
