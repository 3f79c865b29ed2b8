"""Who is compared: the saved model, the baselines that the directory keeps, and one that is fitted on the spot."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.models.baselines import SeasonalNaive
from forecast_cli.models.blend import Blend
from forecast_cli.models.boosting import Boosting
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.stages import tell_stage
from forecast_cli.workflows.learnt import note_refitted
from forecast_cli.workflows.scene import find_windows, load_whole_panel, split_panel
from forecast_cli.workflows.scores import read_fit_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.artifact.load import Artifact
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.requests import CompareRequest
    from forecast_cli.types import Listener


@dataclass(frozen=True, eq=False)
class Rivals:
    """The models of one directory that are scored."""

    models: Mapping[str, Predictor]
    shown: tuple[str, ...]  # in the ranking; skill is measured against the seasonal naive, shown or not
    fit_seconds: Mapping[str, float]

    @property
    def longest(self) -> int:
        """Steps that the model which looks furthest back needs."""
        return max(model.lookback for model in self.models.values())


def choose_names(request: CompareRequest, artifact: Artifact) -> tuple[str, ...]:
    """Return the saved model and the baselines asked for, or all that are kept, in the order of training."""
    saved, kept = artifact.card.config.model, artifact.card.kept
    others = [name for name in kept if name != saved]
    unknown = [name for name in request.baselines if name not in (*kept, Boosting.name)]
    if unknown:
        raise UsageError(
            f"there is no baseline {unknown[0]!r} in the model",
            f"it keeps {', '.join(others)}; {Boosting.name} can be fitted",
        )
    chosen = {saved, *(request.baselines or others)}
    return tuple(name for name in (*kept, Boosting.name) if name in chosen)


def load_rivals(request: CompareRequest, artifact: Artifact, shown: tuple[str, ...], listener: Listener) -> Rivals:
    """Return the models with these names, and the seasonal naive, ready to forecast.

    On DATA those that `predict` runs, on the test part those that have not learnt from it.
    """
    seconds = dict(read_fit_seconds(artifact.directory))
    names = [name for name in dict.fromkeys((*shown, SeasonalNaive.name)) if name != Boosting.name]
    models = {name: artifact.load_model(name, refitted=bool(request.sources)) for name in names}
    if request.sources:
        note_refitted(artifact, names, listener)
    if Boosting.name in shown:
        began = time.perf_counter()
        models[Boosting.name] = fit_boosting(artifact, listener)
        seconds[Boosting.name] = round(time.perf_counter() - began, 3)
    return Rivals({name: share_parts(model, models) for name, model in models.items()}, shown, seconds)


def fit_boosting(artifact: Artifact, listener: Listener) -> Predictor:
    """Return gradient boosting, fitted on the training part of the kept panel."""
    with tell_stage(listener, f"fit {Boosting.name}"):
        panel = load_whole_panel(artifact)
        split = split_panel(artifact, panel, find_windows(artifact, panel))
        model = Boosting(artifact.card.config.window, panel.n_targets)
        return model.fit(scale_panel(panel, artifact.scaler), split, listener)


def share_parts(model: Predictor, models: Mapping[str, Predictor]) -> Predictor:
    """Return a blend with the parts that stand beside it, so that each is asked once."""
    if not isinstance(model, Blend):
        return model
    return replace(model, parts={name: models.get(name, part) for name, part in model.parts.items()})
