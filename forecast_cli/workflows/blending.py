"""The blend of a run: which models it mixes, and with which weights, as validation says."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, cycle, islice
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.card import KeptModel
from forecast_cli.evaluation.backtest import iterate_truth, predict_rows
from forecast_cli.evaluation.bootstrap import count_overlapping, find_interval
from forecast_cli.models.blend import Blend, choose_weights, tell_shares
from forecast_cli.models.registry import RECURSIVE
from forecast_cli.prepare.windows import series_of, steps_of, take_evenly
from forecast_cli.stages import tell_stage
from forecast_cli.workflows.fitting import MOST_CUTOFFS, Fitted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Array, Flags, Floats, Integers, Listener, Window
    from forecast_cli.workflows.plan import Plan

MOST_VALUES = 2_000_000  # that each model forecasts for the choice
MOST_DRAWN = 100_000  # of them in a resample
MOST_CANDIDATES = 5  # the best alone; the others would seldom get a share, and each costs time, memory and luck
DRAWN_CANDIDATES = 3  # of them in a resample
RESAMPLES, SEED = 50, 0
LEAST_SHARE = 0.05  # of a part: `predict` runs them all


@dataclass(frozen=True, eq=False)
class Lessons:
    """What all models said of the scored values (n,) of the validation part, and what was true."""

    names: tuple[str, ...]  # (M,)
    forecasts: Array  # (M, n)
    truth: Array  # (n,)
    importance: Array  # (n,): what the error of each value weighs
    instants: Integers  # (n,): of the cutoff, in steps

    def measure(self, shares: Floats) -> Array:
        """Return (n,) the absolute errors of a mean of the models with such shares (M,)."""
        return np.asarray(np.abs(shares.astype(np.float32) @ self.forecasts - self.truth))


def blend_models(fitted: Mapping[str, Fitted], plan: Plan, listener: Listener) -> tuple[str, Mapping[str, Fitted]]:
    """Return the name of the model to save, and all models: the blend among them where a mean is best on validation.

    One model alone is saved where it beats the mean beyond chance.
    """
    window = plan.config.window
    with tell_stage(listener, "blend"):
        lessons = _gather_lessons({name: each for name, each in fitted.items() if may_join(name, each, window)}, plan)
        weights = choose_shares(lessons, window.horizon)
    shares = {name: round(float(share), 4) for name, share in zip(lessons.names, weights, strict=True) if share > 0}
    if len(shares) == 1:
        (name,) = shares
        listener.note(f"{name} alone is best on validation, by more than chance", "--no-blend")
        return name, fitted
    listener.note(f"blend: {tell_shares(shares)}, best on validation", "--no-blend")
    return Blend.name, {**fitted, Blend.name: _mix(shares, fitted)}


def may_join(name: str, fitted: Fitted, window: Window) -> bool:
    """Return whether a model may be in a blend: a recursive one only as far ahead as it looks back.

    Beyond that it forecasts from nothing but its own forecasts, and has fallen back to the mean of its training part,
    wherever the sensor is by now. A validation part that happens to lie near that mean would not tell.
    """
    return name not in RECURSIVE or fitted.model.lookback >= window.delay - 1 + window.horizon


def choose_shares(lessons: Lessons, horizon: int) -> Floats:
    """Return (M,) the share of each model in the mean; non-negative, their sum is 1.

    Shares are means over resamples of the cutoffs in blocks of a horizon (Breiman, Bagging predictors, 1996), and each
    chooses among three of the five candidates, in turn (as the bags of Caruana et al., 2004, hold a part of the
    models): what was good on one validation part by luck does not get all. The best model alone is taken only where
    its lead over this mean is more than chance.
    """
    alone = np.eye(len(lessons.names))
    best: Floats = alone[int(np.argmin([lessons.importance @ lessons.measure(each) for each in alone]))]
    if not len(lessons.truth):
        return best
    rng = np.random.default_rng(SEED)
    drawn = islice(cycle(combinations(range(MOST_CANDIDATES), DRAWN_CANDIDATES)), RESAMPLES)
    chosen = [_choose_once(_resample(lessons, horizon, rng), places) for places in drawn]
    shares = _keep_large(np.mean(chosen, axis=0))
    return best if _is_better_beyond_chance(lessons, best, shares, horizon) else shares


def find_candidates(lessons: Lessons) -> Integers:
    """Return which few of the models, ascending, have the smallest weighted error."""
    losses = [lessons.importance @ np.abs(each - lessons.truth) for each in lessons.forecasts]
    return np.sort(np.argsort(losses, kind="stable")[:MOST_CANDIDATES])


def _choose_once(lessons: Lessons, places: tuple[int, ...]) -> Floats:
    """Return (M,) the shares that are best on a resample, among the candidates in these places; all where few are."""
    best = find_candidates(lessons)
    if len(best) == MOST_CANDIDATES:
        best = best[list(places)]
    shares = np.zeros(len(lessons.names))
    shares[best] = choose_weights(lessons.forecasts[best], lessons.truth, lessons.importance)
    return shares


def _is_better_beyond_chance(lessons: Lessons, shares: Floats, others: Floats, horizon: int) -> bool:
    """Return whether the 95 % interval of what is gained by these shares, over the cutoffs, lies above 0."""
    gains = lessons.measure(others) - lessons.measure(shares)
    cutoffs, place = np.unique(lessons.instants, return_inverse=True)
    weights = np.bincount(place, lessons.importance).astype(np.float64)
    interval = find_interval(np.bincount(place, lessons.importance * gains) / weights, weights, cutoffs, horizon)
    return interval is not None and interval[0] > 0


def _resample(lessons: Lessons, horizon: int, rng: np.random.Generator) -> Lessons:
    """Return as many cutoffs, drawn in circular blocks; of many values a part."""
    cutoffs, place = np.unique(lessons.instants, return_inverse=True)
    n = len(cutoffs)
    block = max(1, min(count_overlapping(cutoffs, horizon), n // 2))
    starts = rng.integers(0, n, -(-n // block))
    times = np.bincount((starts[:, None] + np.arange(block)).ravel()[:n] % n, minlength=n)[place]
    drawn = np.flatnonzero(times)
    if len(drawn) > MOST_DRAWN:
        drawn = rng.choice(drawn, MOST_DRAWN, replace=False, shuffle=False)
    return Lessons(
        names=lessons.names,
        forecasts=lessons.forecasts[:, drawn],
        truth=lessons.truth[drawn],
        importance=(lessons.importance * times)[drawn].astype(np.float32),
        instants=lessons.instants[drawn],
    )


def _keep_large(shares: Floats) -> Floats:
    """Return the shares without those that are too small, or too many."""
    least = max(LEAST_SHARE, np.sort(shares)[-min(MOST_CANDIDATES, len(shares))])
    kept = np.where(shares >= least, shares, 0.0)
    return np.asarray(kept / kept.sum())


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
