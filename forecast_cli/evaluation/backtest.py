"""Every model on the same windows: errors summed batch by batch, none dropped."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from forecast_cli.evaluation.sums import sum_errors
from forecast_cli.models.blend import Blend
from forecast_cli.prepare.inputs import gather_inputs
from forecast_cli.prepare.windows import BUDGET, cut_runs, gather_truth, iterate_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Array, Batch, Flags, Integers, Listener, Panel, Scores, Window


AT_ONCE = 2  # pieces that are forecast side by side: each holds what all models said
Ask: TypeAlias = "Callable[[Integers], Mapping[str, Array]]"  # (B,) cutoff rows -> (B, H, T) by model


@dataclass(frozen=True, eq=False, slots=True)
class Stage:
    """Cutoffs that the same models forecast from."""

    rows: Integers  # (B,), ascending
    ask: Ask


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


def iterate_stages(
    stages: Iterable[Stage], panel: Panel, window: Window, counts: Flags, n_windows: int, listener: Listener
) -> Iterator[Piece]:
    """Yield the windows of all stages, stage by stage, each forecast once; `n_windows` is how many they are.

    `counts` (R, T) tells which cutoffs of the scaled panel a target is forecast from.
    """
    done = 0
    for stage in stages:
        for piece in _ask_ahead(stage.ask, iterate_truth(panel, window, counts, stage.rows, window.lookback)):
            yield piece
            done += len(piece.rows)
            listener.progress("score", done, n_windows, {})


def _ask_ahead(ask: Ask, windows: Iterable[tuple[Integers, Array, Flags]]) -> Iterator[Piece]:
    """Yield the windows with their forecasts, in order; the next ones are asked for while these are counted.

    NumPy and ONNX Runtime let other threads work meanwhile: models of two pieces run side by side.
    """
    waiting: deque[tuple[Integers, Array, Flags, Future[Mapping[str, Array]]]] = deque()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for rows, truth, scored in windows:
            waiting.append((rows, truth, scored, threads.submit(ask, rows)))
            if len(waiting) > AT_ONCE:
                yield _hear(*waiting.popleft())
        while waiting:
            yield _hear(*waiting.popleft())


def _hear(rows: Integers, truth: Array, scored: Flags, said: Future[Mapping[str, Array]]) -> Piece:
    return Piece(rows, truth, scored, said.result())


def iterate_forecasts(
    models: Mapping[str, Predictor],
    panel: Panel,
    window: Window,
    counts: Flags,
    rows: Integers,
    listener: Listener,
) -> Iterator[Piece]:
    """Yield all the windows with these cutoff rows, ascending, of a scaled panel, each forecast once by every model."""
    stages = [Stage(rows, partial(forecast_all, models, panel))]
    return iterate_stages(stages, panel, window, counts, len(rows), listener)


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
    return sum_errors(pieces, tuple(models), panel, window, rows, counts)
