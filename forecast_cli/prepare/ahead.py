"""What is known of the steps that are to be forecast: covariates known ahead, and the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.calendar import compute_calendar, name_features
from forecast_cli.prepare.windows import series_of

if TYPE_CHECKING:
    from forecast_cli.types import Array, Integers, Panel


def name_ahead(panel: Panel) -> tuple[str, ...]:
    """Return the names of the F columns of the input `future`: channels known ahead, then the calendar."""
    return (*name_known(panel), *name_calendar(panel))


def name_known(panel: Panel) -> tuple[str, ...]:
    """Return the names of the channels that are known ahead."""
    return panel.channels[len(panel.channels) - panel.n_future :]


def name_calendar(panel: Panel) -> tuple[str, ...]:
    """Return the names of the columns that the calendar makes; none where rows are the time."""
    return name_features(panel.freq) if panel.origin is not None else ()


def gather_future(panel: Panel, rows: Integers, horizon: int, delay: int) -> Array:
    """Return (B, H, F) what is known ahead of B cutoff rows: the panel's last channels, then the calendar.

    In the units of the panel: give a scaled one. NaN beyond the last row of a series, where nothing is known.
    """
    series, ahead = series_of(panel, rows), delay + np.arange(horizon)
    wanted = rows[:, None] + ahead  # (B, H)
    calendar = _look_up_calendar(panel, wanted + (panel.start - panel.indptr[:-1])[series][:, None])
    if not panel.n_future:
        return calendar
    last = panel.indptr[series + 1][:, None] - 1
    known = panel.values[np.minimum(wanted, last)][:, :, len(panel.channels) - panel.n_future :]
    return np.concatenate([np.where((wanted <= last)[:, :, None], known, np.float32("nan")), calendar], axis=2)


def _look_up_calendar(panel: Panel, steps: Integers) -> Array:
    """Return (B, H, F'): windows that overlap share their steps, so that each is worked out once."""
    if not steps.size or np.ptp(steps) > steps.size:  # windows far apart
        return compute_calendar(panel, steps)
    first = steps.min()
    return compute_calendar(panel, np.arange(first, steps.max() + 1))[steps - first]
