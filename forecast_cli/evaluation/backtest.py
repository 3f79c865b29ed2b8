"""Every model on the same windows: errors summed batch by batch, none dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.models.blend import Blend
from forecast_cli.prepare.inputs import gather_inputs
from forecast_cli.prepare.windows import BUDGET, cut_runs, gather_truth, iterate_batches, series_of, steps_of
from forecast_cli.types import Scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Array, Batch, Flags, Floats, Integers, Listener, Panel, Window


@dataclass(frozen=True, eq=False, slots=True)
class Piece:
    """Some windows, what came after them, and what every model said would come."""

    rows: Integers  # (B,) cutoffs, ascending
    truth: Array  # (B, H, T), scaled units
    scored: Flags  # (B, H, T)
    forecasts: Mapping[str, Array]  # (B, H, T) by model


def iterate_windows(model: Predictor, panel: Panel, rows: Integers) -> Iterator[Batch]:
    """Yield the windows with these cutoff rows as the model reads them, in one batch where that is small.

    A model that looks further back than the rows were cut for gets them run by run: windows of a run are views.
    """
    width = len(panel.channels) * (model.lookback // model.sample_every)
    for piece in [rows] if len(rows) * width <= BUDGET else cut_runs(panel, rows):
        yield gather_inputs(panel, piece, model)


def predict_rows(model: Predictor, panel: Panel, rows: Integers) -> Array:
    """Return the forecasts (B, H, T) from B cutoff rows of a scaled panel, in scaled units."""
    return np.concatenate([model.predict(batch) for batch in iterate_windows(model, panel, rows)])


def iterate_truth(
    panel: Panel, window: Window, counts: Flags, rows: Integers, lookback: int
) -> Iterator[tuple[Integers, Array, Flags]]:
    """Yield pieces of the cutoff rows with their truth (B, H, T) and which of it is scored.

    Scored is what was observed, from cutoffs that count for the target; `lookback` sizes the pieces.
    """
    width = len(panel.channels) * (lookback + window.horizon)
    for piece in iterate_batches(rows, width):
        truth, observed = gather_truth(panel, piece, window)
        yield piece, truth, observed & counts[piece][:, None, :]


def iterate_forecasts(
    models: Mapping[str, Predictor],
    panel: Panel,
    window: Window,
    counts: Flags,
    rows: Integers,
    listener: Listener,
) -> Iterator[Piece]:
    """Yield all the windows with these cutoff rows, ascending, of a scaled panel, each forecast once by every model.

    `counts` (R, T) tells which cutoffs a target is forecast from.
    """
    done = 0
    for piece, truth, scored in iterate_truth(panel, window, counts, rows, window.lookback):
        yield Piece(piece, truth, scored, forecast_all(models, panel, piece))
        done += len(piece)
        listener.progress("score", done, len(rows), {})


def forecast_all(models: Mapping[str, Predictor], panel: Panel, rows: Integers) -> Mapping[str, Array]:
    """Return the forecasts (B, H, T) of every model; a blend whose parts stand before it takes theirs."""
    forecasts: dict[str, Array] = {}
    for name, model in models.items():
        if isinstance(model, Blend) and model.parts.keys() <= forecasts.keys():
            forecasts[name] = model.mix(forecasts)
        else:
            forecasts[name] = predict_rows(model, panel, rows)
    return forecasts


def score_models(
    models: Mapping[str, Predictor],
    panel: Panel,
    window: Window,
    counts: Flags,
    rows: Integers,
    listener: Listener,
) -> Scores:
    """Return the errors of all models over all the windows that `iterate_forecasts` yields."""
    pieces = iterate_forecasts(models, panel, window, counts, rows, listener)
    return sum_errors(pieces, tuple(models), panel, window, rows)


def sum_errors(pieces: Iterable[Piece], names: tuple[str, ...], panel: Panel, window: Window, rows: Integers) -> Scores:
    """Return the errors of the models in pieces that together are all these rows; sums are float64."""
    shape = (len(names), panel.n_series, window.horizon, panel.n_targets)
    absolute, squared, n = np.zeros(shape), np.zeros(shape), np.zeros(shape[1:], dtype=np.int64)
    cutoffs, place = np.unique(steps_of(panel)[rows], return_inverse=True)
    losses, weights = np.zeros((len(names), len(cutoffs))), np.zeros(len(cutoffs))
    done = 0
    for piece in pieces:
        series, first = np.unique(series_of(panel, piece.rows), return_index=True)
        at = place[done : done + len(piece.rows)]
        n[series] += np.add.reduceat(piece.scored, first, axis=0, dtype=np.int64)
        np.add.at(weights, at, piece.scored.sum(axis=(1, 2)))
        for m, name in enumerate(names):
            error = np.abs(np.where(piece.scored, piece.forecasts[name] - piece.truth, 0.0), dtype=np.float64)
            absolute[m, series] += np.add.reduceat(error, first, axis=0)
            squared[m, series] += np.add.reduceat(error**2, first, axis=0)
            np.add.at(losses[m], at, error.sum(axis=(1, 2)))
        done += len(piece.rows)
    return Scores(
        models=names,
        absolute=_divide(absolute, n).swapaxes(2, 3),
        squared=_divide(squared, n).swapaxes(2, 3),
        n=n.swapaxes(1, 2),
        cutoffs=cutoffs,
        losses=_divide(losses, weights),
        n_windows=len(rows),
    )


def _divide(sums: Floats, n: Integers | Floats) -> Floats:
    """Return sums / n, NaN where nothing was scored."""
    return np.divide(sums, n, out=np.full(sums.shape, np.nan), where=np.broadcast_to(n, sums.shape) > 0)
