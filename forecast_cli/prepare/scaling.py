"""Standardisation per series and channel, fitted on training rows only."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.shortest import shorten
from forecast_cli.prepare.windows import OBSERVED_SHARE
from forecast_cli.types import Scaler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecast_cli.types import Array, Floats, Integers, Panel

ALIGNMENT = 64  # bytes
FEWEST_VALUES = 8  # of the training part, to describe a column
_AT_ONCE = 2**20  # values that are described together


def fit_scaler(panel: Panel, train_end: int, lookback: int) -> Scaler:
    """Return mean and population standard deviation of the observed values before step `train_end`.

    A constant column gets scale 1. A column with under 8 values by then, because its series or its sensor starts
    later, is described by its own first ones, as many as a lookback must hold before it is forecast from.
    """
    shape = (panel.n_series, len(panel.channels))
    loc, scale = np.zeros(shape), np.ones(shape)
    for c in range(shape[1]):
        rows, counts = _choose_rows(panel, c, train_end, lookback)
        begins = np.cumsum(counts) - counts
        for some in _group_equals(counts):
            table = panel.values[rows[begins[some, None] + np.arange(counts[some[0]])], c]
            loc[some, c], scale[some, c] = _describe(table.astype(np.float64))
    return Scaler(loc=loc + panel.offset, scale=scale)


def scale_panel(panel: Panel, scaler: Scaler) -> Panel:
    """Return the panel in units of the scaler; values before a column's first become 0, its mean."""
    values = _allocate(panel.values.shape)
    for i in range(panel.n_series):
        rows = slice(panel.indptr[i], panel.indptr[i + 1])
        shift = (panel.offset[i] - scaler.loc[i]).astype(np.float32)
        np.add(panel.values[rows], shift, out=values[rows])
        np.divide(values[rows], scaler.scale[i].astype(np.float32), out=values[rows])
    values = np.nan_to_num(values, copy=False, nan=0.0)
    return replace(panel, values=values, offset=np.zeros_like(panel.offset), scaler=scaler)


def _allocate(shape: tuple[int, ...]) -> Array:
    """Return an empty array that begins where TensorFlow wants it, so that it can read the array without a copy."""
    raw = np.empty(4 * math.prod(shape) + ALIGNMENT, dtype=np.uint8)
    begin = -raw.ctypes.data % ALIGNMENT
    return raw[begin : begin + 4 * math.prod(shape)].view(np.float32).reshape(shape)


def unscale(values: Array, scaler: Scaler, series: Integers | slice = slice(None)) -> Floats:
    """Return (N, H, T) forecasts in the columns' units; T may be fewer than the scaler's channels.

    Each is the shortest number that reads back as the same float32. Where float32 is too coarse for a column, as for
    a meter at 123,456,789.12, it is rounded to a millionth of the column's scale instead.
    """
    T = values.shape[-1]
    loc, scale = (each[series, None, :T] for each in (scaler.loc, scaler.scale))
    exact = values * scale + loc
    rough = exact.astype(np.float32)
    shortest = shorten(rough)
    coarse = np.spacing(np.abs(rough)) > 1e-4 * scale
    unit = 10.0 ** np.floor(np.log10(scale) - 6)
    return np.where(coarse, np.round(exact / unit) / np.round(1 / unit), shortest) if coarse.any() else shortest


def _choose_rows(panel: Panel, c: int, train_end: int, lookback: int) -> tuple[Integers, Integers]:
    """Return the rows that describe a column, series by series, and how many each series has (N,)."""
    lengths = np.diff(panel.indptr)
    seen = np.concatenate([[0], np.cumsum(panel.observed[:, c])])  # before each row
    before = seen[panel.indptr[:-1]]
    counts = seen[panel.indptr[:-1] + np.clip(train_end - panel.start, 0, lengths)] - before
    limits = np.where(counts >= FEWEST_VALUES, counts, math.ceil(OBSERVED_SHARE * lookback))
    rows = np.flatnonzero(panel.observed[:, c] & (seen[:-1] < np.repeat(before + limits, lengths)))
    return rows, np.minimum(limits, seen[panel.indptr[1:]] - before)


def _group_equals(counts: Integers) -> Iterator[Integers]:
    """Yield the places of equal counts, not above some million values together unless one alone has as many."""
    order = np.argsort(counts, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(counts[order])) + 1):
        most = max(1, _AT_ONCE // max(1, int(counts[group[0]])))
        yield from (group[first : first + most] for first in range(0, len(group), most))


def _describe(table: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each row; 0 and 1 of no value, scale 1 where they are all the same."""
    if not table.shape[1]:
        return np.zeros(len(table)), np.ones(len(table))
    spread = table.std(axis=1)
    return table.mean(axis=1), np.where(spread > 1e-7 * np.abs(table).max(axis=1), spread, 1.0)
