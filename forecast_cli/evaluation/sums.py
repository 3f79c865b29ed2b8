"""The errors of many windows, summed piece by piece: of every model by series, target and step, and by cutoff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.windows import series_of, steps_of
from forecast_cli.types import Scaler, Scores

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecast_cli.evaluation.backtest import Piece
    from forecast_cli.types import Array, Flags, Floats, Integers, Panel, Window


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Where the values of a piece belong."""

    series: Integers  # (S,): the series of the piece, ascending
    first: Integers  # (S,): the first window of each
    of_window: Integers  # (B,): the series of each window
    cutoff: Integers  # (B,): place of each window's instant among all of them


def sum_errors(
    pieces: Iterable[Piece], names: tuple[str, ...], panel: Panel, window: Window, rows: Integers, counts: Flags
) -> Scores:
    """Return the errors of the models in pieces that together are all these rows of a scaled panel; sums are float64.

    `counts` (R, T) tells which cutoffs a target is forecast from.
    """
    shape = (len(names), panel.n_series, window.horizon, panel.n_targets)
    absolute, squared, symmetric = np.zeros((3, *shape))
    magnitude, n = np.zeros(shape[1:]), np.zeros(shape[1:], dtype=np.int64)
    steps = steps_of(panel)
    cutoffs = np.unique(steps[rows])
    losses, weights = np.zeros((len(names), len(cutoffs))), np.zeros(len(cutoffs))
    share = weigh_values(count_scored(panel, window, counts, rows))
    for piece in pieces:
        at = find_places(panel, piece.rows, steps, cutoffs)
        own = share[at.of_window]  # (B, T)
        truth, unit = read_in_unit(panel, piece.truth, at.of_window)
        add_by_series(n, piece.scored, at)
        add_by_series(magnitude, np.where(piece.scored, np.abs(truth), 0), at)
        weights += sum_by_cutoff((piece.scored.sum(axis=1) * own).sum(axis=1), at, len(cutoffs))
        for m, name in enumerate(names):
            error = np.abs(np.where(piece.scored, piece.forecasts[name] - piece.truth, 0))
            add_by_series(absolute[m], error, at)
            add_by_series(squared[m], np.square(error, dtype=np.float64), at)
            add_by_series(symmetric[m], _relate(error * unit, truth, piece.forecasts[name], panel, at), at)
            losses[m] += sum_by_cutoff((error.sum(axis=1, dtype=np.float64) * own).sum(axis=1), at, len(cutoffs))
    return Scores(
        models=names,
        absolute=divide(absolute, n).swapaxes(2, 3),
        squared=divide(squared, n).swapaxes(2, 3),
        symmetric=divide(symmetric, n).swapaxes(2, 3),
        magnitude=divide(magnitude, n).swapaxes(1, 2),
        n=n.swapaxes(1, 2),
        cutoffs=cutoffs,
        losses=divide(losses, weights),
        weights=weights,
        n_windows=len(rows),
    )


def count_scored(panel: Panel, window: Window, counts: Flags, rows: Integers) -> Integers:
    """Return (N, T): how many values the windows with these cutoff rows are scored on."""
    series = series_of(panel, rows)
    n = np.zeros((panel.n_series, panel.n_targets), dtype=np.int64)
    for t in range(panel.n_targets):
        seen = np.cumsum(np.concatenate([[0], panel.observed[:, t]]))
        known = seen[rows + window.delay + window.horizon] - seen[rows + window.delay]
        n[:, t] = np.bincount(series, np.where(counts[rows, t], known, 0), panel.n_series)
    return n


def weigh_values(n: Integers) -> Floats:
    """Return (N, T) what each of n (N, T) values weighs in a mean over windows and steps, then targets, then series."""
    scored = n > 0
    whole = n * scored.sum(axis=1, keepdims=True) * scored.any(axis=1).sum()
    return np.divide(1.0, whole, out=np.zeros(n.shape), where=scored)


def find_places(panel: Panel, rows: Integers, steps: Integers, cutoffs: Integers) -> Places:
    """Return where the windows with these ascending cutoff rows belong; `steps` (R,) of all rows."""
    of_window = series_of(panel, rows)
    first = np.flatnonzero(np.diff(of_window, prepend=-1))
    return Places(of_window[first], first, of_window, np.searchsorted(cutoffs, steps[rows]))


def add_by_series(total: Floats | Integers, values: Array | Floats | Flags, at: Places) -> None:
    """Add values (B, H, T) to the total (N, H, T) of their series."""
    total[at.series] += np.add.reduceat(values, at.first, axis=0, dtype=total.dtype)


def sum_by_cutoff(values: Floats, at: Places, n_cutoffs: int) -> Floats:
    """Return (W,): the sums of values (B,) by cutoff."""
    return np.bincount(at.cutoff, values, n_cutoffs).astype(np.float64, copy=False)


def read_in_unit(panel: Panel, values: Array, series: Integers) -> tuple[Array, Array]:
    """Return scaled values (B, H, T) in the columns' units, and (B, 1, T) how large a scaled unit is there."""
    scaler = panel.scaler or Scaler(loc=panel.offset, scale=np.ones_like(panel.offset))
    T = values.shape[-1]
    loc, scale = (each[series][:, None, :T].astype(np.float32) for each in (scaler.loc, scaler.scale))
    return values * scale + loc, scale


def divide(sums: Floats, n: Integers | Floats) -> Floats:
    """Return sums / n, NaN where nothing was scored."""
    return np.divide(sums, n, out=np.full(sums.shape, np.nan), where=np.broadcast_to(n, sums.shape) > 0)


def _relate(error: Array, truth: Array, forecast: Array, panel: Panel, at: Places) -> Array:
    """Return |y - f| / (|y| + |f|) of errors (B, H, T) in the columns' units; 0 where both are 0."""
    whole = np.abs(truth) + np.abs(read_in_unit(panel, forecast, at.of_window)[0])
    return np.divide(error, whole, out=np.zeros_like(error), where=whole > 0)
