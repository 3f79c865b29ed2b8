"""Every model on the same windows: errors summed batch by batch, none dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.windows import gather_batch, gather_truth, iterate_batches, series_of, steps_of
from forecast_cli.types import Scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Array, Flags, Floats, Integers, Listener, Panel, Window


def predict_rows(model: Predictor, panel: Panel, rows: Integers) -> Array:
    """Return the forecasts (B, H, T) from B cutoff rows of a scaled panel, in scaled units."""
    return model.predict(gather_batch(panel, rows, model.lookback, model.sample_every))


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


def score_models(
    models: Mapping[str, Predictor],
    panel: Panel,
    window: Window,
    counts: Flags,
    rows: Integers,
    listener: Listener,
) -> Scores:
    """Return the errors of all models over all the windows with these cutoff rows of a scaled panel.

    `counts` (R, T) tells which cutoffs a target is forecast from. Sums are float64 and hold no window.
    """
    shape = (len(models), panel.n_series, panel.n_targets, window.horizon)
    absolute, squared, n = np.zeros(shape), np.zeros(shape), np.zeros(shape[1:], dtype=np.int64)
    steps = steps_of(panel)[rows]
    cutoffs, place = np.unique(steps, return_inverse=True)
    losses, weights = np.zeros((len(models), len(cutoffs))), np.zeros(len(cutoffs))
    longest = max((model.lookback for model in models.values()), default=1)
    done = 0
    for piece, truth, scored in iterate_truth(panel, window, counts, rows, longest):
        series, at = series_of(panel, piece), place[done : done + len(piece)]
        np.add.at(n, series, scored.transpose(0, 2, 1))
        np.add.at(weights, at, scored.sum(axis=(1, 2)))
        for m, model in enumerate(models.values()):
            error = np.where(scored, predict_rows(model, panel, piece) - truth, 0.0).astype(np.float64)
            np.add.at(absolute[m], series, np.abs(error).transpose(0, 2, 1))
            np.add.at(squared[m], series, (error**2).transpose(0, 2, 1))
            np.add.at(losses[m], at, np.abs(error).sum(axis=(1, 2)))
        done += len(piece)
        listener.progress("score", done, len(rows), {})
    return Scores(
        models=tuple(models),
        absolute=_divide(absolute, n),
        squared=_divide(squared, n),
        n=n,
        cutoffs=cutoffs,
        losses=_divide(losses, weights),
        n_windows=len(rows),
    )


def _divide(sums: Floats, n: Integers | Floats) -> Floats:
    """Return sums / n, NaN where nothing was scored."""
    return np.divide(sums, n, out=np.full(sums.shape, np.nan), where=np.broadcast_to(n, sums.shape) > 0)
