"""`--lookback auto`: a few look-backs are tried for a short while, and the best on validation is taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.backtest import score_models
from forecast_cli.evaluation.metrics import average
from forecast_cli.frequency import format_span
from forecast_cli.models.registry import make_closed_forms
from forecast_cli.prepare.defaults import SHORTEST_LOOKBACK
from forecast_cli.prepare.windows import take_evenly
from forecast_cli.workflows.fitting import MOST_CUTOFFS
from forecast_cli.workflows.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.requests import TrainRequest
    from forecast_cli.types import Flags, Integers, Listener, Panel
    from forecast_cli.workflows.plan import Plan

SHARES = (2.0, 1.0, 0.5, 0.25)  # of the look-back that the rule gives
TRIAL_EPOCHS = 3


@dataclass(frozen=True)
class _Silent:
    """A listener for what is only tried."""

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Say nothing."""

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Say nothing."""


def settle_lookback(request: TrainRequest, panel: Panel, listener: Listener) -> TrainRequest:
    """Return the request with the look-back that is best on validation, where it asks for `auto`; else as it is.

    Twice, once, half and a quarter of the rule's look-back are tried, as far as they leave windows enough: networks for
    three epochs each, closed forms as they are. All are judged on the same windows of validation.
    """
    if request.lookback != "auto":
        return request
    plans = _list_plans(request, panel)
    if len(plans) == 1:
        return replace(request, lookback=plans[0].config.window.lookback)
    rows, counts = _find_common(plans)
    losses = []
    for k, plan in enumerate(plans):
        listener.progress("try look-backs", k, len(plans), {"lookback": plan.config.window.lookback})
        losses.append(_measure(_fit_briefly(plan), plan, rows, counts))
    listener.progress("try look-backs", len(plans), len(plans), {})
    lookbacks = [plan.config.window.lookback for plan in plans]
    best = lookbacks[int(np.argmin(losses))]
    tried = ", ".join(f"{lookback}: {loss:.4g}" for lookback, loss in zip(lookbacks, losses, strict=True))
    listener.note(
        f"lookback: {best} steps ({format_span(best, panel.freq)}), best on validation (scaled MAE of {tried})",
        "--lookback",
    )
    return replace(request, lookback=best)


def _list_plans(request: TrainRequest, panel: Panel) -> Sequence[Plan]:
    """Return a plan for each look-back that can be tried, the longest first."""
    rule = make_plan(replace(request, lookback=None), panel, _Silent())
    if not rule.trains_networks:
        return [rule]
    window = rule.config.window
    least = max(window.horizon, SHORTEST_LOOKBACK * window.sample_every)
    lengths = {round(share * window.lookback) for share in SHARES}
    most = max(window.lookback, rule.config.split[0] // 2)  # half of the training part is left for windows
    fitting = sorted((n for n in lengths if least <= n <= most or n == window.lookback), reverse=True)
    plans = [make_plan(replace(request, lookback=length), panel, _Silent()) for length in fitting]
    return [plan for plan in plans if len(plan.split.train) * 2 >= len(rule.split.train) and plan.trains_networks]


def _find_common(plans: Sequence[Plan]) -> tuple[Integers, Flags]:
    """Return the cutoff rows to choose on, and the targets that every plan may forecast from each row of the panel."""
    counts = np.logical_and.reduce([plan.counts for plan in plans])
    rows = plans[0].split.validation
    return take_evenly(rows[counts[rows].any(axis=1)], MOST_CUTOFFS), counts


def _fit_briefly(plan: Plan) -> Predictor:
    """Return the model of a plan, a network after a few epochs."""
    if plan.network is None:
        closed_forms = make_closed_forms(plan.config.window, plan.scaled.n_targets, plan.seasons)
        return closed_forms[plan.config.model].fit(plan.scaled, plan.split, _Silent())
    from forecast_cli.models.networks.forecaster import NetworkForecaster

    training = replace(plan.config.training, epochs=min(TRIAL_EPOCHS, plan.config.training.epochs))
    network = NetworkForecaster(plan.config.model, plan.network, plan.config.window, training)
    return network.fit(plan.scaled, plan.split, _Silent())


def _measure(model: Predictor, plan: Plan, rows: Integers, counts: Flags) -> float:
    scores = score_models({"": model}, plan.scaled, plan.config.window, counts, rows, _Silent())
    return float(average(scores.absolute, scores.n)[0])
