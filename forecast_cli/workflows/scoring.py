"""How all models of a run did on the test part, and what their ranking and verdict are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast_cli.evaluation.backtest import iterate_forecasts
from forecast_cli.evaluation.figures import rank_models
from forecast_cli.evaluation.interval_sums import IntervalSums
from forecast_cli.evaluation.metrics import measure_season_errors
from forecast_cli.evaluation.residuals import ResidualSums, Ruler
from forecast_cli.evaluation.sums import sum_errors
from forecast_cli.models.bounded import scale_bounds
from forecast_cli.prepare.angles import Compass
from forecast_cli.workflows.findings import list_shortfalls
from forecast_cli.workflows.verdict import give_verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.report import Residuals
    from forecast_cli.results import Finding, RankingRow, Verdict
    from forecast_cli.types import Conformal, Floats, Listener, Scaler, Scores
    from forecast_cli.workflows.delivery import Delivery
    from forecast_cli.workflows.fitting import Fitted
    from forecast_cli.workflows.plan import Plan
    from forecast_cli.workflows.refit import Refitted


@dataclass(frozen=True, eq=False)
class Outcome:
    """What scoring came to."""

    scores: Scores
    residuals: Residuals  # of the saved model
    season_errors: Floats  # (2, N, T)
    ranking: tuple[RankingRow, ...]
    conformal: Conformal  # of the saved model
    best_baseline: str
    verdict: Verdict
    shortfalls: Mapping[int, float]  # level -> coverage, both in percent, where that is too low for chance
    findings: tuple[Finding, ...] = ()
    refitted: Refitted | None = None

    @property
    def coverage(self) -> Mapping[int, float]:
        """Level of the saved model's intervals -> share of the test values inside, both in percent."""
        shares = next(row.intervals.coverage for row in self.ranking if row.intervals is not None)
        return {level: share for level, share in shares.items() if share is not None}


def score_run(
    plan: Plan,
    fitted: Mapping[str, Fitted],
    conformal: Conformal,
    best_baseline: str,
    delivery: Delivery,
    listener: Listener,
) -> Outcome:
    """Return how all models did on the test part, each window forecast once by each of them.

    `conformal` is of the saved model, `best_baseline` is the one that was best on validation.
    """
    config, name, scaled, rows = plan.config, plan.config.model, plan.scaled, plan.split.test
    models = {key: each.model for key, each in fitted.items()}
    bounds = scale_bounds(delivery.lower, delivery.upper, plan.scaler)
    intervals = IntervalSums(name, models[name], conformal, config.levels, bounds)
    residuals = ResidualSums(name, make_ruler(plan.scaler, delivery), config.window)
    pieces = iterate_forecasts(models, scaled, config.window, plan.counts, rows, listener)
    pieces = residuals.watch(intervals.watch(pieces, scaled, rows), scaled, rows)
    scores = sum_errors(pieces, tuple(models), scaled, config.window, rows, plan.counts)
    scores = replace(scores, intervals=intervals.finish())
    season_errors = measure_season_errors(scaled, config.season_length, plan.split.borders[0])
    ranking = rank_models(
        scores,
        season_errors,
        plan.scaler,
        {key: round(each.fit_seconds, 3) for key, each in fitted.items() if not math.isnan(each.fit_seconds)},
        {key: each.kept.parameters for key, each in fitted.items()},
    )
    return Outcome(
        scores=scores,
        residuals=residuals.finish(scaled),
        season_errors=season_errors,
        ranking=ranking,
        conformal=conformal,
        best_baseline=best_baseline,
        verdict=give_verdict(scores, ranking, name, best_baseline, config.window),
        shortfalls=list_shortfalls(plan, scores),
    )


def make_ruler(scaler: Scaler, delivery: Delivery) -> Ruler:
    """Return what measures errors as people see them: in the targets' units, an angle's in degrees."""
    compass = Compass(delivery.pairs, scaler) if delivery.pairs else None
    return Ruler(scaler.scale[:, : len(delivery.lower)], delivery.places, compass)
