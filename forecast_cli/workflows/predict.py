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
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.prepare.windows import OBSERVED_SHARE, gather_batch
from forecast_cli.workflows.age import check_age, read_clock_now, tell_age
from forecast_cli.workflows.delivery import deliver, plan_delivery
from forecast_cli.workflows.eligible import drop_silent, find_cutoffs, require_rows
from forecast_cli.workflows.forecasting import make_forecast
from forecast_cli.workflows.history import (
    DIFFERENT_CLOCKS,
    cut_unseen_end,
    fill_front,
    find_ends,
    find_ways,
    last_rows,
    match_scaler,
    show_step,
    tells_same_clock,
)
from forecast_cli.workflows.new_data import read_like_training
from forecast_cli.workflows.phrases import count_things, name_some
from forecast_cli.workflows.strictness import heed

if TYPE_CHECKING:
    from forecast_cli.artifact.load import Artifact
    from forecast_cli.requests import PredictRequest
    from forecast_cli.types import Floats, Forecast, Listener, Panel, Window


def predict(request: PredictRequest, listener: Listener) -> Forecast:
    """Return the forecast from the last observed row of each series of DATA, or of the stored panel."""
    listener = heed(listener, request.strict)
    artifact = open_artifact(request.model_dir)
    card, window = artifact.card, artifact.card.config.window
    horizon = _choose_horizon(request, artifact)
    model = artifact.load_model(card.config.model)
    needed = max(window.reach, (model.lookback // model.sample_every - 1) * model.sample_every + 1)
    panel = drop_silent(_find_history(request, artifact, needed, listener), window.reach, listener)
    now = read_clock_now(panel)
    gathered = was_gathered(card.reading.options)
    check_age(panel, int(find_cutoffs(panel).max()), request.max_age, now, gathered)
    panel = require_rows(panel, needed, listener)
    scaler = match_scaler(artifact, panel, listener)
    levels = card.config.levels if request.levels is None else request.levels
    _note_thin_levels(levels, artifact, listener)
    _note_cutoffs(panel, window.delay, horizon, now, listener)
    forecast = make_forecast(
        model, artifact.conformal, levels, window, scale_panel(panel, scaler), scaler, last_rows(panel)
    )
    forecast = _blank_unobserved(forecast, panel, window, listener)
    delivery = plan_delivery(card.reading.options, panel.targets)
    return _first_steps(deliver(forecast, delivery, artifact.conformal), horizon)


def _choose_horizon(request: PredictRequest, artifact: Artifact) -> int:
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


def _find_history(request: PredictRequest, artifact: Artifact, needed: int, listener: Listener) -> Panel:
    """Return the rows to go on from: stored, given, or given with stored ones in front."""
    if not request.sources:
        return cut_unseen_end(artifact.load_panel(needed))
    data = cut_unseen_end(read_like_training(artifact, request.sources, listener))
    _note_absent(data, artifact, listener)
    if artifact.card.keeps_panel == "none":
        return data
    stored = _load_end(artifact, data, needed)
    short = bool((np.diff(data.indptr) < needed).any())
    if data.origin is None or stored.origin is None:
        return data
    if not tells_same_clock(data, stored.tz):
        listener.note(DIFFERENT_CLOCKS, warning=True)
        return data
    if data.origin != stored.origin:
        if short:
            listener.note("the stamps of DATA lie between the model's steps: no stored rows can fill the front")
        return data
    if request.history and short:
        data = fill_front(data, stored, needed, find_ways(artifact), listener)
    _note_past(data, stored, listener)
    return data


def _load_end(artifact: Artifact, data: Panel, needed: int) -> Panel:
    """Return the end of the stored panel, with all rows that can stand before those of DATA.

    As much again as needed, so that a gap at its beginning holds the value that lay before it. The whole panel where
    DATA end before it does.
    """
    stored = artifact.load_panel(2 * needed + int(np.diff(data.indptr).max()))
    ends, new = find_ends(stored), find_ends(data)
    return artifact.load_panel() if any(new[name] < ends.get(name, new[name]) for name in new) else stored


def _note_absent(data: Panel, artifact: Artifact, listener: Listener) -> None:
    present = set(data.series_ids)
    absent = [name for name in artifact.card.series_ids if name not in present]
    if absent:
        listener.note(f"{len(absent):,} series of the training not in DATA: {name_some(absent)}", warning=True)


def _note_past(data: Panel, stored: Panel, listener: Listener) -> None:
    """Warn where DATA ends before the training data do: the forecast is of a time that is already known."""
    ends = find_ends(stored)
    for name, end in zip(data.series_ids, data.start + np.diff(data.indptr), strict=True):
        if name in ends and end < ends[name]:
            known, here = show_step(stored, ends[name] - 1), show_step(data, int(end) - 1)
            listener.note(f"series {name} ends at {here}, before the training data do ({known})", warning=True)


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


def _blank_unobserved(forecast: Forecast, panel: Panel, window: Window, listener: Listener) -> Forecast:
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


def _first_steps(forecast: Forecast, horizon: int) -> Forecast:
    return replace(
        forecast,
        timestamps=tuple(stamps[:horizon] for stamps in forecast.timestamps),
        steps=forecast.steps[:horizon],
        point=forecast.point[:, :horizon],
        lower=forecast.lower[:, :, :horizon],
        upper=forecast.upper[:, :, :horizon],
    )
