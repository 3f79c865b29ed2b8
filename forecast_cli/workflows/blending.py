"""The blend of a run: which models it mixes, and with which weights, as validation says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.card import KeptModel
from forecast_cli.evaluation.backtest import iterate_truth, predict_rows
from forecast_cli.models.blend import Blend, choose_weights, tell_shares
from forecast_cli.prepare.windows import series_of, take_evenly
from forecast_cli.workflows.fitting import MOST_CUTOFFS, Fitted, choosing_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Flags, Floats, Integers, Listener
    from forecast_cli.workflows.plan import Plan

MOST_VALUES = 2_000_000  # that each model forecasts for the choice


def blend_models(fitted: Mapping[str, Fitted], plan: Plan, listener: Listener) -> tuple[str, Mapping[str, Fitted]]:
    """Return the name of the model to save, and all models: the blend among them where a mean is best on validation.

    Weights come from the first half of the validation cutoffs; one model alone is saved where no mean beats it there.
    """
    names = tuple(fitted)
    listener.progress("blend", 0, 1, {})
    weights = choose_weights(*_forecast(fitted, plan))
    listener.progress("blend", 1, 1, {})
    shares = {name: round(float(share), 4) for name, share in zip(names, weights, strict=True) if share > 0}
    if len(shares) == 1:
        (name,) = shares
        listener.note(f"{name} alone is best on validation: no blend with other models beats it", "--no-blend")
        return name, fitted
    listener.note(f"blend: {tell_shares(shares)}, best on validation", "--no-blend")
    return Blend.name, {**fitted, Blend.name: _mix(shares, fitted)}


def _mix(shares: Mapping[str, float], fitted: Mapping[str, Fitted]) -> Fitted:
    total = sum(shares.values())
    parts = {name: fitted[name].model for name in shares}
    model = Blend(parts, {name: share / total for name, share in shares.items()})
    return Fitted(
        model=model,
        kept=KeptModel("blend", None, model.parameters, shares),
        fit_seconds=sum(fitted[name].fit_seconds for name in shares),
    )


def _forecast(fitted: Mapping[str, Fitted], plan: Plan) -> tuple[Floats, Floats, Floats]:
    """Return the forecasts (M, n) of all models, the truth (n,) and its importance (n,), of all scored values."""
    window, panel = plan.config.window, plan.scaled
    most = max(1, min(MOST_CUTOFFS, MOST_VALUES // (window.horizon * panel.n_targets)))
    rows = take_evenly(choosing_rows(plan), most)
    forecasts, truths, importance = [], [], []
    for piece, truth, scored in iterate_truth(panel, window, plan.counts, rows, window.lookback):
        forecasts.append([predict_rows(each.model, panel, piece)[scored] for each in fitted.values()])
        truths.append(truth[scored])
        importance.append((series_of(panel, piece)[:, None, None], scored))
    return (
        np.concatenate(forecasts, axis=1).astype(np.float64),
        np.concatenate(truths).astype(np.float64),
        _weigh(importance, panel.n_series),
    )


def _weigh(scored: list[tuple[Integers, Flags]], n_series: int) -> Floats:
    """Return (n,) what each scored value weighs, so that all targets of all series weigh the same, whatever was seen.

    `scored`: of each piece the series (B, 1, 1) and what is scored (B, H, T).
    """
    n_targets = scored[0][1].shape[2]
    columns = [
        (series * n_targets + np.arange(n_targets) + np.zeros_like(flags, int))[flags] for series, flags in scored
    ]
    column = np.concatenate(columns)
    counts = np.bincount(column, minlength=n_series * n_targets)
    return np.asarray(1.0 / counts[column], dtype=np.float64)
