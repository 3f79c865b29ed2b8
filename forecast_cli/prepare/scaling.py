"""Standardisation per series and channel, fitted on training rows only."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.windows import OBSERVED_SHARE
from forecast_cli.types import Scaler

if TYPE_CHECKING:
    from forecast_cli.types import Array, Floats, Integers, Panel

FEWEST_VALUES = 8  # of the training part, to describe a column


def fit_scaler(panel: Panel, train_end: int, lookback: int) -> Scaler:
    """Return mean and population standard deviation of the observed values before step `train_end`.

    A constant column gets scale 1. A column with under 8 values by then, because its series or its sensor starts
    later, is described by its own first ones, as many as a lookback must hold before it is forecast from.
    """
    N, C = panel.n_series, len(panel.channels)
    loc, scale = np.zeros((N, C)), np.ones((N, C))
    for i in range(N):
        rows = slice(panel.indptr[i], panel.indptr[i + 1])
        known = int(np.clip(train_end - panel.start[i], 0, rows.stop - rows.start))
        for c in range(C):
            observed = panel.observed[rows, c]
            n = int(np.count_nonzero(observed[:known]))
            column = panel.values[rows, c][observed][
                : n if n >= FEWEST_VALUES else math.ceil(OBSERVED_SHARE * lookback)
            ]
            loc[i, c], scale[i, c] = _describe(column.astype(np.float64))
    return Scaler(loc=loc + panel.offset, scale=scale)


def scale_panel(panel: Panel, scaler: Scaler) -> Panel:
    """Return the panel in units of the scaler; values before a column's first become 0, its mean."""
    values = np.empty_like(panel.values)
    for i in range(panel.n_series):
        rows = slice(panel.indptr[i], panel.indptr[i + 1])
        shift = (panel.offset[i] - scaler.loc[i]).astype(np.float32)
        np.add(panel.values[rows], shift, out=values[rows])
        np.divide(values[rows], scaler.scale[i].astype(np.float32), out=values[rows])
    return replace(panel, values=np.nan_to_num(values, copy=False, nan=0.0), offset=np.zeros_like(panel.offset))


def unscale(values: Array, scaler: Scaler, series: Integers | slice = slice(None)) -> Floats:
    """Return (N, H, T) forecasts in the columns' units; T may be fewer than the scaler's channels.

    Each is the shortest number that reads back as the same float32. Where float32 is too coarse for a column, as for
    a meter at 123,456,789.12, it is rounded to a millionth of the column's scale instead.
    """
    T = values.shape[-1]
    loc, scale = (each[series, None, :T] for each in (scaler.loc, scaler.scale))
    exact = values * scale + loc
    rough = exact.astype(np.float32)
    shortest = rough.astype(str).astype(np.float64)
    coarse = np.spacing(np.abs(rough)) > 1e-4 * scale
    unit = 10.0 ** np.floor(np.log10(scale) - 6)
    return np.where(coarse, np.round(exact / unit) / np.round(1 / unit), shortest) if coarse.any() else shortest


def _describe(column: Floats) -> tuple[float, float]:
    """Return mean and standard deviation; 0 and 1 where there is no value, scale 1 where they are all the same."""
    if not len(column):
        return 0.0, 1.0
    spread = float(column.std())
    return float(column.mean()), spread if spread > 1e-7 * np.abs(column).max() else 1.0
