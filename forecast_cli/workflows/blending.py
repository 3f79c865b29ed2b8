"""The blend of a run: which models it mixes, and with which weights, as validation says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.card import KeptModel
from forecast_cli.evaluation.backtest import iterate_truth, predict_rows
from forecast_cli.evaluation.bootstrap import find_interval
from forecast_cli.models.blend import Blend, choose_weights, tell_shares
from forecast_cli.models.registry import RECURSIVE
from forecast_cli.prepare.windows import series_of, steps_of, take_evenly
from forecast_cli.stages import tell_stage
from forecast_cli.workflows.fitting import MOST_CUTOFFS, Fitted, choosing_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Array, Flags, Floats, Integers, Listener
    from forecast_cli.workflows.plan import Plan

MOST_VALUES = 2_000_000  # that each model forecasts for the choice
MOST_CANDIDATES = 5  # the best alone; the others would seldom get a weight, and each costs time, memory and luck


@dataclass(frozen=True, eq=False)
class Lessons:
    """What all models said of the scored values (n,) of the choosing half, and what was true."""

    names: tuple[str, ...]  # (M,)
    forecasts: Array  # (M, n)
    truth: Floats  # (n,)
    importance: Floats  # (n,): what the error of each value weighs
    instants: Integers  # (n,): of the cutoff, in steps


def blend_models(fitted: Mapping[str, Fitted], plan: Plan, listener: Listener) -> tuple[str, Mapping[str, Fitted]]:
    """Return the name of the model to save, and all models: the blend among them where a mean is best on validation.

    Weights come from the first half of the validation cutoffs; one model alone is saved where no mean beats it there.
    """
    with tell_stage(listener, "blend"):
        weights = choose_shares(_gather_lessons(fitted, plan), plan.config.window.horizon)
    shares = {name: round(float(share), 4) for name, share in zip(fitted, weights, strict=True) if share > 0}
    if len(shares) == 1:
        (name,) = shares
        listener.note(f"{name} alone is best on validation: no blend with other models beats it", "--no-blend")
        return name, fitted
    listener.note(f"blend: {tell_shares(shares)}, best on validation", "--no-blend")
    return Blend.name, {**fitted, Blend.name: _mix(shares, fitted)}


def choose_shares(lessons: Lessons, horizon: int) -> Floats:
    """Return (M,) the share of each model in the mean; non-negative, their sum is 1.

    A recursive model is in it only where that makes the mean better beyond chance. Far ahead such a model falls back to
    the mean of its training, wherever the sensor has drifted to since: on few windows that may look good by luck.
    """
    steady = [m for m, name in enumerate(lessons.names) if name not in RECURSIVE]
    everyone = list(range(len(lessons.names)))
    if len(steady) in (0, len(everyone)):
        return _choose_among(lessons, everyone)
    first, second = _choose_among(lessons, steady), _choose_among(lessons, everyone)
    return second if _is_better_beyond_chance(lessons, second, first, horizon) else first


def find_candidates(forecasts: Array, truth: Floats, importance: Floats) -> Integers:
    """Return which few of M models, ascending, have the smallest weighted error: forecasts (M, n) of truth (n,)."""
    losses = [importance @ np.abs(each - truth) for each in forecasts]
    return np.sort(np.argsort(losses, kind="stable")[:MOST_CANDIDATES])


def _choose_among(lessons: Lessons, some: list[int]) -> Floats:
    """Return (M,) the shares where only some models are taken."""
    best = np.array(some)[find_candidates(lessons.forecasts[some], lessons.truth, lessons.importance)]
    shares = np.zeros(len(lessons.names))
    shares[best] = choose_weights(lessons.forecasts[best].astype(np.float64), lessons.truth, lessons.importance)
    return shares


def _is_better_beyond_chance(lessons: Lessons, shares: Floats, others: Floats, horizon: int) -> bool:
    """Return whether the 95 % interval of what is gained by these shares, over the cutoffs, lies above 0."""
    errors = [np.abs(each.astype(np.float32) @ lessons.forecasts - lessons.truth) for each in (shares, others)]
    cutoffs, place = np.unique(lessons.instants, return_inverse=True)
    weights = np.bincount(place, lessons.importance).astype(np.float64)
    gains = np.bincount(place, lessons.importance * (errors[1] - errors[0])) / weights
    interval = find_interval(gains, weights, cutoffs, horizon)
    return interval is not None and interval[0] > 0


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
    """Return what all models said on the first half of the validation cutoffs, evenly thinned where that is much."""
    window, panel = plan.config.window, plan.scaled
    most = max(1, min(MOST_CUTOFFS, MOST_VALUES // (window.horizon * panel.n_targets)))
    rows, steps = take_evenly(choosing_rows(plan), most), steps_of(panel)
    forecasts, truths, importance, instants = [], [], [], []
    for piece, truth, scored in iterate_truth(panel, window, plan.counts, rows, window.lookback):
        forecasts.append([predict_rows(each.model, panel, piece)[scored] for each in fitted.values()])
        truths.append(truth[scored])
        importance.append((series_of(panel, piece)[:, None, None], scored))
        instants.append(np.broadcast_to(steps[piece][:, None, None], scored.shape)[scored])
    return Lessons(
        names=tuple(fitted),
        forecasts=np.concatenate(forecasts, axis=1),
        truth=np.concatenate(truths).astype(np.float64),
        importance=_weigh(importance, panel.n_series),
        instants=np.concatenate(instants),
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
