"""Standardisation per series and channel, fitted on training rows only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.types import Scaler

if TYPE_CHECKING:
    from forecast_cli.types import Array, Flags, Floats, Integers, Panel


def fit_scaler(panel: Panel, train_end: int, lookback: int) -> Scaler:
    """Return mean and population standard deviation of the observed values before step `train_end`.

    A constant column gets scale 1. A series that starts later is described by its first `lookback` rows, which lie
    before every cutoff it can have.
    """
    N, C = panel.n_series, len(panel.channels)
    loc, scale = np.zeros((N, C)), np.ones((N, C))
    for i in range(N):
        begin, end = panel.indptr[i], panel.indptr[i + 1]
        known = int(np.clip(train_end - panel.start[i], 0, end - begin))
        rows = slice(begin, begin + (known if known > 0 else lookback))
        loc[i], scale[i] = _describe(panel.values[rows], panel.observed[rows])
    return Scaler(loc=loc + panel.offset, scale=scale)


def fit_own_scaler(panel: Panel) -> Scaler:
    """Return the scaler of series that were not there in training: each by all of its own history."""
    return fit_scaler(panel, int(panel.start.max() + np.diff(panel.indptr).max()), lookback=1)


def scale_panel(panel: Panel, scaler: Scaler) -> Panel:
    """Return the panel in units of the scaler; values before a column's first become 0, its mean."""
    values = np.empty_like(panel.values)
    for i in range(panel.n_series):
        rows = slice(panel.indptr[i], panel.indptr[i + 1])
        shift = (panel.offset[i] - scaler.loc[i]).astype(np.float32)
        np.add(panel.values[rows], shift, out=values[rows])
        np.divide(values[rows], scaler.scale[i].astype(np.float32), out=values[rows])
    return replace(panel, values=np.nan_to_num(values, copy=False, nan=0.0), offset=np.zeros_like(panel.offset))


def unscale(values: Array, scaler: Scaler, series: Integers | slice = slice(None)) -> Array:
    """Return (N, H, T) forecasts in the columns' units; T may be fewer than the scaler's channels."""
    T = values.shape[-1]
    loc, scale = scaler.loc[series, :T], scaler.scale[series, :T]
    return (values * scale[:, None, :] + loc[:, None, :]).astype(np.float32)


def _describe(values: Array, observed: Flags) -> tuple[Floats, Floats]:
    """Return mean and standard deviation per channel; 0 and 1 where nothing was observed, scale 1 where constant."""
    n = observed.sum(axis=0)
    loc, scale = np.zeros(values.shape[1]), np.ones(values.shape[1])
    for c in np.flatnonzero(n):
        column = values[observed[:, c], c].astype(np.float64)
        loc[c] = column.mean()
        spread = column.std()
        scale[c] = spread if spread > 1e-7 * max(1.0, abs(loc[c])) else 1.0
    return loc, scale
