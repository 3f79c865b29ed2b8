"""A backtest whose closed forms are fitted anew as time goes on, each time on what lies before the cutoff."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, get_args

import numpy as np

from forecast_cli.evaluation.backtest import Stage, forecast_all
from forecast_cli.models.blend import Blend
from forecast_cli.models.bounded import Bounded
from forecast_cli.models.registry import ClosedForm
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Integers, Listener, Panel, Split, Window


def refit_stages(
    models: Mapping[str, Predictor], panel: Panel, window: Window, stages: Iterable[Integers], listener: Listener
) -> Iterator[Stage]:
    """Yield the stages of a scaled panel with their models, which are refitted before each stage begins.

    A refit is handed the rows up to the first cutoff of its stage, no later one, and learns from every window whose
    targets lie in them. Where there is no such window, the models stay as they are.
    """
    for rows in stages:
        past = cut_past(panel, int(steps_of(panel)[rows].min()))
        split = take_everything(past, window)
        if len(split.train):
            models = refit_models(models, past, split, listener)
        yield Stage(rows, partial(forecast_all, models, panel))


def refit_models(
    models: Mapping[str, Predictor], panel: Panel, split: Split, listener: Listener
) -> Mapping[str, Predictor]:
    """Return the models, closed forms fitted anew: what they chose on validation stays, weights are learnt again.

    Networks stay as they were trained, and a blend keeps its weights. A blend of models that stand beside it takes
    those, so that none is fitted twice.
    """
    single = {name: model for name, model in models.items() if not isinstance(model, Blend)}
    refitted: dict[str, Predictor] = {name: refit(model, panel, split, listener) for name, model in single.items()}
    for name, model in models.items():
        if isinstance(model, Blend):
            rest = {part: each for part, each in model.parts.items() if part not in refitted}
            parts = {**refitted, **{part: refit(each, panel, split, listener) for part, each in rest.items()}}
            refitted[name] = replace(model, parts={part: parts[part] for part in model.parts})
    return {name: refitted[name] for name in models}


def refit(model: Predictor, panel: Panel, split: Split, listener: Listener) -> Predictor:
    """Return a closed form fitted on the training part of a scaled panel, within its bounds; another model as it is."""
    if isinstance(model, Bounded):
        return replace(model, model=refit(model.model, panel, split, listener))
    return model.fit(panel, split, listener) if isinstance(model, get_args(ClosedForm)) else model


def is_refittable(model: Predictor) -> bool:
    """Tell whether `refit` changes the model, or a part of it."""
    if isinstance(model, Blend):
        return any(map(is_refittable, model.parts.values()))
    return isinstance(model.model if isinstance(model, Bounded) else model, get_args(ClosedForm))


def take_everything(panel: Panel, window: Window) -> Split:
    """Return the split that trains on every window whose targets lie in the panel, and leaves no other."""
    end = int((panel.start + np.diff(panel.indptr)).max() - panel.start.min())
    return make_split(panel, window, count_cutoffs(panel, window, mixes_channels=False), (end, end, end))


def cut_past(panel: Panel, last: int) -> Panel:
    """Return the panel without the rows later than this step; a series that begins later has none."""
    lengths = np.clip(last + 1 - panel.start, 0, np.diff(panel.indptr))
    kept = steps_of(panel) <= last
    return replace(
        panel,
        indptr=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        values=panel.values[kept],
        observed=panel.observed[kept],
    )
