"""Windows as integers: which rows may be cutoffs, and the values around some of them.

A window is the row of its cutoff; values are copied only inside a batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from forecast_cli.types import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from forecast_cli.types import Array, Flags, Integers, Panel, Window

_Cell = TypeVar("_Cell", bound=np.generic)

BUDGET = 2**21  # float32 values that are gathered at once: 8 MB
OBSERVED_SHARE = 0.75  # of a column's lookback, for its window to count


def count_cutoffs(panel: Panel, window: Window, mixes_channels: bool) -> Flags:
    """Return (R, T): may target t be forecast from cutoff row r?

    It may when the whole lookback lies in the series, at least 75 % of the target's lookback was observed, and the
    cutoff itself was: an interpolated value has seen what comes after. Channels that the model reads beside the
    target must not be interpolated at the cutoff either; a model that mixes channels asks 75 % over all of them.
    """
    T = panel.n_targets
    needed = OBSERVED_SHARE * window.inputs
    complete = rows_in_series(panel) >= window.reach - 1
    counts = np.empty((panel.observed.shape[0], T), dtype=bool)
    total = np.zeros(len(complete), dtype=np.int32)
    foresight = np.zeros(len(complete), dtype=bool)
    for c in range(len(panel.channels)):
        observed = panel.observed[:, c]
        seen = _count_observed(observed, window)
        if c < T:
            counts[:, c] = complete & observed & (seen >= needed)
        if mixes_channels or c >= T:
            foresight |= _find_interpolated(panel, c)
        total += seen
    if mixes_channels:
        counts &= (total >= needed * len(panel.channels))[:, None]
    return counts & ~foresight[:, None]


def rows_in_series(panel: Panel) -> Integers:
    """Return (R,): how many rows of its series lie before each row."""
    lengths = np.diff(panel.indptr)
    return np.arange(panel.indptr[-1]) - np.repeat(panel.indptr[:-1], lengths)


def rows_left(panel: Panel) -> Integers:
    """Return (R,): how many rows of its series lie after each row."""
    lengths = np.diff(panel.indptr)
    return np.repeat(panel.indptr[1:], lengths) - 1 - np.arange(panel.indptr[-1])


def steps_of(panel: Panel) -> Integers:
    """Return (R,): the step of each row, from the origin."""
    return rows_in_series(panel) + np.repeat(panel.start, np.diff(panel.indptr))


def series_of(panel: Panel, rows: Integers) -> Integers:
    """Return (B,): the series that each row lies in."""
    return np.searchsorted(panel.indptr, rows, side="right") - 1


def gather_batch(panel: Panel, rows: Integers, lookback: int, sample_every: int) -> Batch:
    """Return the history of B cutoff rows: lookback // sample_every rows each, oldest first.

    Rows before a series' first are its first row again, marked as not observed: a seasonal baseline may reach
    further back than the network for which the cutoffs were chosen. The windows of rows that follow each other
    overlap: they are read-only views, and only what a model takes of them is copied.
    """
    series = series_of(panel, rows)
    lags = np.arange(lookback // sample_every - 1, -1, -1) * sample_every
    take = _view_run if len(rows) and not len(_find_breaks(panel, rows)) else _copy_each
    history, observed = take(panel, rows, panel.indptr[series], lags)
    return Batch(
        history=history,
        observed=observed,
        series=series,
        cutoff=panel.start[series] + rows - panel.indptr[series],
    )


def cut_runs(panel: Panel, rows: Integers) -> list[Integers]:
    """Return the rows in pieces, each of rows that follow each other in one series."""
    return np.split(rows, _find_breaks(panel, rows) + 1)


def gather_truth(panel: Panel, rows: Integers, window: Window) -> tuple[Array, Flags]:
    """Return the targets of B cutoff rows and where they were observed, both (B, H, T)."""
    wanted = rows[:, None] + window.delay + np.arange(window.horizon)
    return panel.values[wanted, : panel.n_targets], panel.observed[wanted, : panel.n_targets]


def iterate_batches(rows: Integers, floats_per_window: int, budget: int = BUDGET) -> Iterator[Integers]:
    """Yield the rows in consecutive pieces, each of at most `budget` float32 values once gathered."""
    size = max(1, budget // max(1, floats_per_window))
    for begin in range(0, len(rows), size):
        yield rows[begin : begin + size]


def take_evenly(rows: Integers, most: int) -> Integers:
    """Return at most `most` of the rows, evenly spaced, in their order."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]


def _find_breaks(panel: Panel, rows: Integers) -> Integers:
    """Return the places in rows (B,) after which the next row of the same series does not follow."""
    return np.flatnonzero((np.diff(rows) != 1) | (np.diff(series_of(panel, rows)) != 0))


def _copy_each(panel: Panel, rows: Integers, first: Integers, lags: Integers) -> tuple[Array, Flags]:
    """Return values and what was observed, both (B, L, C), of any rows; `first` (B,) are those of their series."""
    begin = rows - lags[0]
    if len(rows) and (begin >= first).all():
        return _slide(panel.values, lags)[begin], _slide(panel.observed, lags)[begin]
    wanted = rows[:, None] - lags
    taken = np.maximum(wanted, first[:, None])
    return panel.values[taken], panel.observed[taken] & (wanted >= first[:, None])[:, :, None]


def _view_run(panel: Panel, rows: Integers, first: Integers, lags: Integers) -> tuple[Array, Flags]:
    """Return the same of rows that follow each other in one series, as views."""
    begin, end = rows[0] - lags[0], rows[-1] + 1
    if begin >= first[0]:
        return _slide(panel.values[begin:end], lags), _slide(panel.observed[begin:end], lags)
    wanted = np.arange(begin, end)
    taken = np.maximum(wanted, first[0])
    return _slide(panel.values[taken], lags), _slide(panel.observed[taken] & (wanted >= first[0])[:, None], lags)


def _slide(stretch: NDArray[_Cell], lags: Integers) -> NDArray[_Cell]:
    """Return the windows (B, L, C) of the rows of a stretch (lags[0] + B, C) that have all lags in it."""
    every = int(lags[0] - lags[1]) if len(lags) > 1 else 1
    windows = np.lib.stride_tricks.sliding_window_view(stretch, int(lags[0]) + 1, axis=0)  # (B, C, lags[0] + 1)
    return windows[:, :, ::every].transpose(0, 2, 1)


def _count_observed(observed: Flags, window: Window) -> NDArray[np.int32]:
    """Return (R,): observed values among each row's inputs; rows with too little history get a meaningless count."""
    s, reach = window.sample_every, window.inputs * window.sample_every
    counts = np.empty(len(observed), dtype=np.int32)  # half the memory; no panel has 2**31 rows
    for phase in range(min(s, len(observed))):  # inputs are s rows apart: each phase is a sequence of its own
        counts[phase::s] = np.cumsum(observed[phase::s], dtype=np.int32)
    seen = counts.copy()
    seen[reach:] -= counts[:-reach]
    return seen


def _find_interpolated(panel: Panel, channel: int) -> Flags:
    """Return (R,): filled rows that hold another value than the last one observed, so one that came from later."""
    values, observed = panel.values[:, channel], panel.observed[:, channel]
    rows = np.arange(len(values))
    last = np.maximum.accumulate(np.where(observed, rows, -1))
    seen = last >= rows - rows_in_series(panel)  # a value of this series, not of the one before
    return ~observed & seen & (values != values[last])
