"""The blend of a run: which models it mixes, and with which weights, as validation says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.card import KeptModel
from forecast_cli.evaluation.backtest import iterate_truth, predict_rows
from forecast_cli.models.blend import Blend, tell_shares
from forecast_cli.models.registry import RECURSIVE
from forecast_cli.prepare.windows import series_of, steps_of, take_evenly
from forecast_cli.stages import tell_stage
from forecast_cli.workflows.fitting import MOST_CUTOFFS, Fitted
from forecast_cli.workflows.shares import Lessons, choose_shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Array, Flags, Integers, Listener, Window
    from forecast_cli.workflows.plan import Plan

MOST_VALUES = 2_000_000  # that each model forecasts for the choice


def blend_models(fitted: Mapping[str, Fitted], plan: Plan, listener: Listener) -> tuple[str, Mapping[str, Fitted]]:
    """Return the name of the model to save, and all models: the blend among them, unless one model is saved alone.

    That is where it beats the mean on validation beyond chance, or no other gets a share.
    """
    window = plan.config.window
    with tell_stage(listener, "blend"):
        lessons = _gather_lessons({name: each for name, each in fitted.items() if may_join(name, each, window)}, plan)
        weights = choose_shares(lessons, window.horizon)
    shares = {name: round(float(share), 4) for name, share in zip(lessons.names, weights, strict=True) if share > 0}
    if len(shares) == 1:
        (name,) = shares
        listener.note(f"{name} alone is saved: a mean with other models gains nothing on validation", "--no-blend")
        return name, fitted
    listener.note(f"blend: {tell_shares(shares)}, best on validation", "--no-blend")
    return Blend.name, {**fitted, Blend.name: _mix(shares, fitted)}


def may_join(name: str, fitted: Fitted, window: Window) -> bool:
    """Return whether a model may be in a blend: a recursive one only as far ahead as it looks back.

    Beyond that it forecasts from nothing but its own forecasts, and has fallen back to the mean of its training part,
    wherever the sensor is by now. A validation part that happens to lie near that mean would not tell.
    """
    return name not in RECURSIVE or fitted.model.lookback >= window.delay - 1 + window.horizon


def _mix(shares: Mapping[str, float], fitted: Mapping[str, Fitted]) -> Fitted:
    total = sum(shares.values())
    parts = {name: fitted[name].model for name in shares}
    model = Blend(parts, {name: share / total for name, share in shares.items()})
    return Fitted(
        model=model,
        kept=KeptModel("blend", None, model.parameters, shares),
        fit_seconds=sum(fitted[name].fit_seconds for name in shares),
    )


def _gather_lessons(fitted: Mapping[str, Fitted], plan: Plan) -> Lessons:
    """Return what all models said on the validation cutoffs, evenly thinned where that is much."""
    window, panel = plan.config.window, plan.scaled
    most = max(1, min(MOST_CUTOFFS, MOST_VALUES // (window.horizon * panel.n_targets)))
    rows, steps = take_evenly(plan.split.validation, most), steps_of(panel)
    forecasts, truths, importance, instants = [], [], [], []
    for piece, truth, scored in iterate_truth(panel, window, plan.counts, rows, window.lookback):
        forecasts.append([predict_rows(each.model, panel, piece)[scored] for each in fitted.values()])
        truths.append(truth[scored])
        importance.append((series_of(panel, piece)[:, None, None], scored))
        instants.append(np.broadcast_to(steps[piece][:, None, None], scored.shape)[scored])
    return Lessons(
        names=tuple(fitted),
        forecasts=np.concatenate(forecasts, axis=1),
        truth=np.concatenate(truths),
        importance=_weigh(importance, panel.n_series),
        instants=np.concatenate(instants),
    )


def _weigh(scored: list[tuple[Integers, Flags]], n_series: int) -> Array:
    """Return (n,) what each scored value weighs, so that all targets of all series weigh the same, whatever was seen.

    `scored`: of each piece the series (B, 1, 1) and what is scored (B, H, T).
    """
    n_targets = scored[0][1].shape[2]
    columns = [
        (series * n_targets + np.arange(n_targets) + np.zeros_like(flags, int))[flags] for series, flags in scored
    ]
    column = np.concatenate(columns)
    counts = np.bincount(column, minlength=n_series * n_targets)
    return np.asarray(1.0 / counts[column], dtype=np.float32)
