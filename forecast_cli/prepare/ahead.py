"""What is known of the steps that are to be forecast: covariates known ahead, and the calendar."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.calendar import compute_calendar, name_features
from forecast_cli.prepare.windows import series_of, steps_of

if TYPE_CHECKING:
    from forecast_cli.types import Array, Batch, Integers, Panel, Window


def name_ahead(panel: Panel) -> tuple[str, ...]:
    """Return the names of the F columns of `Batch.future`: channels known ahead, then the calendar."""
    calendar = name_features(panel.freq) if panel.origin is not None else ()
    return (*_list_channels(panel), *calendar)


def with_future(batch: Batch, panel: Panel, rows: Integers, window: Window) -> Batch:
    """Return the batch of these B cutoff rows with `future` (B, H, F) filled; models that do not ask pay nothing."""
    return replace(batch, future=gather_future(panel, rows, window))


def gather_future(panel: Panel, rows: Integers, window: Window) -> Array:
    """Return (B, H, F) what is known ahead of B cutoff rows: the panel's last channels, then the calendar.

    In the units of the panel: give a scaled one. NaN beyond the last row of a series, where nothing is known.
    """
    ahead = window.delay + np.arange(window.horizon)
    calendar = compute_calendar(panel, steps_of(panel)[rows][:, None] + ahead)
    wanted = rows[:, None] + ahead  # (B, H)
    last = panel.indptr[series_of(panel, rows) + 1][:, None] - 1
    known = panel.values[np.minimum(wanted, last)][:, :, len(panel.channels) - panel.n_future :]
    return np.concatenate([np.where((wanted <= last)[:, :, None], known, np.float32("nan")), calendar], axis=2)


def _list_channels(panel: Panel) -> tuple[str, ...]:
    return panel.channels[len(panel.channels) - panel.n_future :]
