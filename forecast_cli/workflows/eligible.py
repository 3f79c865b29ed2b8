"""Which series of DATA can be forecast, and which are named instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.workflows.history import pick_series, show_step
from forecast_cli.workflows.phrases import count_things, name_some

if TYPE_CHECKING:
    from forecast_cli.types import Integers, Listener, Panel


def find_cutoffs(panel: Panel) -> Integers:
    """Return (N,) the step of each series' last row."""
    return panel.start + np.diff(panel.indptr) - 1


def drop_silent(panel: Panel, lookback: int, listener: Listener) -> Panel:
    """Return the panel without series that ended a whole lookback before the last one did, which are named.

    A dead meter is not forecast from its death. Where rows are the time nothing is known of when a series ended.
    """
    if panel.origin is None:
        return panel
    ends = find_cutoffs(panel)
    common = int(ends.max())
    silent = ends <= common - lookback
    if silent.any():
        names = [panel.series_ids[i] for i in np.flatnonzero(silent)]
        listener.note(
            f"{len(names):,} series silent for a whole lookback before {show_step(panel, common)}, not forecast: "
            f"{name_some(names)}",
            warning=True,
        )
        panel = pick_series(panel, np.flatnonzero(~silent).tolist())
    return panel


def require_rows(panel: Panel, needed: int, listener: Listener) -> Panel:
    """Return the panel without the series that are too short, which are named; DataError where all are."""
    lengths = np.diff(panel.indptr)
    kept = np.flatnonzero(lengths >= needed)
    if len(kept) == panel.n_series:
        return panel
    i = int(np.argmin(lengths >= needed))  # the first that is too short
    end = int(panel.start[i] + lengths[i] - 1)
    message = (
        f"series {panel.series_ids[i]} has {count_things(int(lengths[i]), 'row')} up to its last value at "
        f"{show_step(panel, end)}, the model needs {needed:,}"
    )
    if not len(kept):
        raise DataError(message, f"give rows from {show_step(panel, end - needed + 1)} on")
    left_out = panel.n_series - len(kept)
    listener.note(f"{message}; {left_out:,} series too short to be forecast", warning=True)
    return pick_series(panel, kept.tolist())
