"""Who is scored on which windows: the models of one directory, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import UsageError
from forecast_cli.evaluation.backtest import Stage, forecast_all
from forecast_cli.evaluation.cutoffs import cut_stages
from forecast_cli.evaluation.interval_sums import IntervalSums
from forecast_cli.evaluation.refitting import is_refittable, refit_stages
from forecast_cli.models.baselines import SeasonalNaive
from forecast_cli.models.bounded import scale_bounds
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.workflows.delivery import bind_models, plan_delivery
from forecast_cli.workflows.history import match_scaler
from forecast_cli.workflows.known_ahead import note_hindsight
from forecast_cli.workflows.phrases import count_things
from forecast_cli.workflows.rivals import choose_names, load_rivals
from forecast_cli.workflows.scene import set_scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from forecast_cli.artifact.load import Artifact
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.requests import CompareRequest
    from forecast_cli.types import Floats, Listener, Panel, Scaler, Window
    from forecast_cli.workflows.delivery import Delivery
    from forecast_cli.workflows.scene import Scene


@dataclass(frozen=True, eq=False)
class Contest:
    """Everything that a ranking is made of."""

    scene: Scene
    scaled: Panel  # of the scene: errors are in its scaled units
    window: Window
    stages: Iterable[Stage]  # who forecasts from which cutoffs
    parameters: Mapping[str, int]  # of all models, in the order of training
    shown: tuple[str, ...]  # in the ranking
    model: str  # about which the verdict is
    opponent: str  # against which; where it is not shown, the best that is
    season_errors: Floats
    fit_seconds: Mapping[str, float]
    intervals: IntervalSums | None  # of the saved model
    delivery: Delivery
    is_pair: bool = False  # the opponent is the model of another directory

    @property
    def scaler(self) -> Scaler:
        """The scaler of the scene."""
        if self.scaled.scaler is None:
            raise ValueError("the panel is not scaled")  # a bug of ours
        return self.scaled.scaler


def enter_models(request: CompareRequest, artifact: Artifact, listener: Listener) -> Contest:
    """Return the contest between the saved model of a directory and the baselines."""
    card = artifact.card
    rivals = load_rivals(request, artifact, choose_names(request, artifact), listener)
    scene = set_scene(request, artifact, rivals.longest, listener)
    scaler = match_scaler(artifact, scene.panel, listener)
    scaled, delivery = scale_panel(scene.panel, scaler), plan_delivery(card.reading.options, scene.panel.targets)
    models = bind_models(rivals.models, delivery, scaler)
    bounds = scale_bounds(delivery.lower, delivery.upper, scaler)
    saved, window = card.config.model, card.config.window
    season = models[SeasonalNaive.name].lookback
    note_hindsight(models[saved], scene.panel, listener)
    listener.note(f"seasonal-naive has a season of {count_things(season, 'step')}")
    return Contest(
        scene=scene,
        scaled=scaled,
        window=window,
        stages=_make_stages(request, models, scaled, window, scene, listener),
        parameters={name: model.parameters for name, model in models.items()},
        shown=rivals.shown,
        model=saved,
        opponent=card.best_baseline,
        season_errors=match_season_errors(artifact, scene.panel),
        fit_seconds=rivals.fit_seconds,
        intervals=IntervalSums(saved, models[saved], artifact.conformal, card.config.levels, bounds),
        delivery=delivery,
    )


def match_season_errors(artifact: Artifact, panel: Panel) -> Floats:
    """Return (2, N, T) denominators of MASE and RMSSE for the panel's series; NaN for those not seen in training."""
    place = {name: i for i, name in enumerate(artifact.card.series_ids)}
    known = artifact.season_errors
    unknown = np.full(known[:, 0].shape, np.nan)
    return np.stack([known[:, place[name]] if name in place else unknown for name in panel.series_ids], axis=1)


def _make_stages(
    request: CompareRequest,
    models: Mapping[str, Predictor],
    scaled: Panel,
    window: Window,
    scene: Scene,
    listener: Listener,
) -> Iterable[Stage]:
    """Return one stage of all cutoffs; or where models are fitted anew, a stage for each fit."""
    if request.refit_every is None:
        return [Stage(scene.rows, partial(forecast_all, models, scaled))]
    fixed = [name for name, model in models.items() if not is_refittable(model)]
    if len(fixed) == len(models):
        raise UsageError("--refit-every: no model here can be fitted anew", "leave it out")
    stages = cut_stages(scaled, scene.rows, request.refit_every)
    stay = f"; {' and '.join(fixed)} stay as trained, so do networks in a blend" if fixed else ""
    listener.note(f"closed forms are fitted anew {count_things(len(stages), 'time')} on what lies before{stay}")
    return refit_stages(models, scaled, window, stages, listener)
