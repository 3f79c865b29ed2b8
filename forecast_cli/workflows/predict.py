"""`forecast predict`: the next steps after the end of the data, without TensorFlow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.load import open_artifact
from forecast_cli.errors import UsageError
from forecast_cli.evaluation.conformal import least_scores
from forecast_cli.frequency import count_steps
from forecast_cli.ingest.time.own_step import was_gathered
from forecast_cli.models.bounded import bind
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.prepare.windows import OBSERVED_SHARE, gather_batch
from forecast_cli.report import Outlook
from forecast_cli.results import Prediction
from forecast_cli.workflows.age import check_age, read_clock_now, tell_age
from forecast_cli.workflows.basis import find_basis
from forecast_cli.workflows.delivery import deliver, plan_delivery
from forecast_cli.workflows.eligible import find_cutoffs, require_rows
from forecast_cli.workflows.forecasting import make_forecast
from forecast_cli.workflows.history import last_rows, match_scaler, show_step
from forecast_cli.workflows.known_ahead import extend_ahead
from forecast_cli.workflows.learnt import show_ends
from forecast_cli.workflows.outlook import MOST_SERIES
from forecast_cli.workflows.phrases import count_things, name_some
from forecast_cli.workflows.recent import show_recent
from forecast_cli.workflows.strictness import heed

if TYPE_CHECKING:
    from forecast_cli.artifact.load import Artifact
    from forecast_cli.requests import PredictRequest
    from forecast_cli.types import Floats, Forecast, Listener, Panel, Scaler, Window
    from forecast_cli.workflows.delivery import Delivery


def predict(request: PredictRequest, listener: Listener) -> Prediction:
    """Return the forecast from the last observed row of each series of DATA, or of the stored panel.

    And of the first of them what came before, for people to look at.
    """
    listener = heed(listener, request.strict)
    artifact = open_artifact(request.model_dir)
    card, window = artifact.card, artifact.card.config.window
    horizon = choose_steps(request, artifact)
    model = artifact.load_model(card.config.model, refitted=True)
    basis = find_basis(request, artifact, model, listener)
    panel, now = basis.history, read_clock_now(basis.history)
    check_age(panel, int(find_cutoffs(panel).max()), request.max_age, now, was_gathered(card.reading.options))
    panel = require_rows(panel, basis.needed, listener)
    scaler = match_scaler(artifact, panel, listener)
    levels = card.config.levels if request.levels is None else request.levels
    _note_refit(artifact, listener)
    _note_thin_levels(levels, artifact, listener)
    _note_cutoffs(panel, window.delay, horizon, now, listener)
    whole, rows = panel, last_rows(panel)
    if basis.known is not None:
        whole, rows = extend_ahead(panel, basis.known, window, horizon)
    delivery = plan_delivery(card.reading.options, panel.targets)
    model = bind(model, delivery.lower, delivery.upper, scaler)
    forecast = make_forecast(model, artifact.conformal, levels, window, scale_panel(whole, scaler), scaler, rows)
    forecast = blank_unobserved(forecast, panel, window, listener)
    forecast = _first_steps(deliver(forecast, delivery, artifact.conformal), horizon)
    return Prediction(forecast, _look_back(forecast, panel, scaler, delivery))


def choose_steps(request: PredictRequest, artifact: Artifact) -> int:
    """Return how many of the trained steps are shown; UsageError where more are asked for."""
    trained, freq = artifact.card.config.window.horizon, artifact.card.config.freq
    if request.horizon is None:
        return trained
    horizon = count_steps(request.horizon, freq, "--horizon")
    if horizon > trained:
        command = artifact.card.command or "forecast train DATA"
        raise UsageError(
            f"the model forecasts {trained} steps, --horizon {request.horizon} asks for more",
            f"train one that does: {command} --force --horizon {request.horizon}",
        )
    return horizon


def _note_refit(artifact: Artifact, listener: Listener) -> None:
    if artifact.card.refitted_until is not None:
        first, second = show_ends(artifact)
        listener.note(f"refitted until {second}; scores and intervals are those of the model that learnt until {first}")


def _note_thin_levels(levels: tuple[int, ...], artifact: Artifact, listener: Listener) -> None:
    n = artifact.card.calibration_windows
    for level in levels:
        if least_scores(level) > n:
            windows = count_things(n, "calibration window")
            listener.note(
                f"{windows} cannot support a level of {level} % (it needs {least_scores(level)}): its cells are empty",
                "--level",
            )


def _note_cutoffs(panel: Panel, delay: int, horizon: int, now: np.datetime64, listener: Listener) -> None:
    """Say from when the forecast goes on, how old that is, and what it spans."""
    ends = find_cutoffs(panel)
    earliest, last = int(ends.min()), int(ends.max())
    first, until = show_step(panel, earliest + delay), show_step(panel, last + delay + horizon - 1)
    cutoffs = (
        show_step(panel, last) if earliest == last else f"{show_step(panel, earliest)} to {show_step(panel, last)}"
    )
    listener.note(f"cutoff {cutoffs}{tell_age(panel, last, now)}; forecast from {first} to {until}")


def blank_unobserved(forecast: Forecast, panel: Panel, window: Window, listener: Listener) -> Forecast:
    """Return the forecast with empty cells for targets that were unobserved for over a quarter of the lookback."""
    batch = gather_batch(panel, last_rows(panel), window.lookback, window.sample_every)
    blind = batch.observed[:, :, : panel.n_targets].mean(axis=1) < OBSERVED_SHARE  # (N, T)
    if not blind.any():
        return forecast
    names = [f"{panel.targets[t]} of {panel.series_ids[n]}" for n, t in np.argwhere(blind)]
    listener.note(
        f"{count_things(len(names), 'target')} unobserved for over a quarter of the lookback, forecast empty: "
        f"{name_some(names)}",
        warning=True,
    )
    gone = blind[:, None, :]

    def blank(values: Floats) -> Floats:
        return np.where(gone, np.nan, values)

    return replace(forecast, point=blank(forecast.point), lower=blank(forecast.lower), upper=blank(forecast.upper))


def _look_back(forecast: Forecast, panel: Panel, scaler: Scaler, delivery: Delivery) -> Outlook:
    """Return the first series of the forecast over what came before; the truth is not known yet."""
    shown = _first_series(forecast, MOST_SERIES)
    rows = last_rows(panel)[: len(shown.series_ids)]
    stamps, recent = show_recent(panel, rows, len(forecast.steps), scaler, delivery)
    return Outlook(stamps, recent, shown, np.full(shown.point.shape, np.nan, np.float32))


def _first_series(forecast: Forecast, most: int) -> Forecast:
    return replace(
        forecast,
        series_ids=forecast.series_ids[:most],
        cutoff=forecast.cutoff[:most],
        timestamps=forecast.timestamps[:most],
        point=forecast.point[:most],
        lower=forecast.lower[:, :most],
        upper=forecast.upper[:, :most],
    )


def _first_steps(forecast: Forecast, horizon: int) -> Forecast:
    return replace(
        forecast,
        timestamps=tuple(stamps[:horizon] for stamps in forecast.timestamps),
        steps=forecast.steps[:horizon],
        point=forecast.point[:, :horizon],
        lower=forecast.lower[:, :, :horizon],
        upper=forecast.upper[:, :, :horizon],
    )
