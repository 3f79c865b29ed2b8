"""`forecast train`: from a raw file to a model directory, scored beside the baselines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.artifact.manifest import check_writable
from forecast_cli.artifact.save import save_artifact
from forecast_cli.evaluation.conformal import calibrate, calibrate_angles
from forecast_cli.ingest.read import read_panel
from forecast_cli.models.bounded import bind
from forecast_cli.models.registry import BASELINES, CLOSED_FORMS
from forecast_cli.prepare.angles import Compass
from forecast_cli.processors import share_heap
from forecast_cli.results import TrainResult
from forecast_cli.stages import tell_stage
from forecast_cli.workflows.blending import blend_models
from forecast_cli.workflows.delivery import plan_delivery
from forecast_cli.workflows.findings import list_findings, study_run
from forecast_cli.workflows.fitting import find_best, fit_models
from forecast_cli.workflows.known_ahead import add_future, note_hindsight
from forecast_cli.workflows.lookback import settle_lookback
from forecast_cli.workflows.memory import check_memory
from forecast_cli.workflows.plan import make_plan
from forecast_cli.workflows.record import describe_run
from forecast_cli.workflows.refit import leave_time, refit_model
from forecast_cli.workflows.scoring import score_run
from forecast_cli.workflows.strictness import heed
from forecast_cli.workflows.warm_start import plan_warm_start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.requests import TrainRequest
    from forecast_cli.types import Conformal, Listener, Reading
    from forecast_cli.workflows.delivery import Delivery
    from forecast_cli.workflows.fitting import Fitted
    from forecast_cli.workflows.plan import Plan
    from forecast_cli.workflows.scoring import Outcome


def train(request: TrainRequest, listener: Listener) -> TrainResult:
    """Return what the run came to, after writing the model directory whole, unless a gate that was asked for forbids.

    Raises a ForecastError before anything is written: DataError, RefusedError, UsageError, MissingDependencyError or
    Interrupted.
    """
    share_heap()
    listener = heed(listener, request.strict)
    check_writable(request.model_dir, request.force, request.command)
    plan, reading = _plan(request, listener) if request.start is None else plan_warm_start(request, listener)
    listener.note(check_memory(plan.panel, plan.trains_networks))
    delivery = plan_delivery(reading.options, plan.panel.targets)
    fitted = _bind_all(fit_models(leave_time(plan) if request.refit else plan, listener), delivery, plan)
    plan, fitted = _choose_model(plan, fitted, listener)
    outcome = _score(plan, fitted, delivery, listener)
    note_hindsight(fitted[plan.config.model].model, plan.panel, listener)
    outcome = replace(outcome, findings=list_findings(study_run(plan, fitted, outcome, request.refit, listener)))
    is_saved = outcome.verdict.is_better or not request.fail_unless_better
    if request.refit and is_saved:
        outcome = replace(outcome, refitted=refit_model(plan, fitted, listener))
    contents, report = describe_run(request, plan, reading, fitted, outcome, listener)
    if is_saved:
        save_artifact(request.model_dir, contents)
    return TrainResult(
        request.model_dir,
        plan.config.model,
        outcome.verdict,
        outcome.ranking,
        report.errors,
        report.learnt_until,
        report.refitted_until,
        report.findings,
        is_saved,
    )


def _plan(request: TrainRequest, listener: Listener) -> tuple[Plan, Reading]:
    panel, reading = read_panel(request.sources, request.reading, listener)
    panel = add_future(panel, request.future, reading, listener)
    return make_plan(settle_lookback(request, panel, listener), panel, listener), reading


def _choose_model(plan: Plan, fitted: Mapping[str, Fitted], listener: Listener) -> tuple[Plan, Mapping[str, Fitted]]:
    """Return the plan with the model to save, and all models with the blend, where there is one.

    What was asked for is saved, else the blend that is best on validation; of small data one of closed forms.
    """
    if not plan.trains_networks and not plan.config.model:
        listener.note(f"{len(plan.split.train)} training windows are too few for a network", "--model")
    if plan.blends:
        name, fitted = blend_models(fitted, plan, listener)
        names = (*fitted[name].kept.parts, name)
        layers = plan.config.layers if plan.config.model in names else fitted[name].kept.layers
        return replace(plan, config=replace(plan.config, model=name, layers=layers)), fitted
    if plan.config.model:
        return plan, fitted
    best = find_best(fitted, CLOSED_FORMS, plan, listener)
    listener.note(f"{best} is saved, best on validation", "--model")
    return replace(plan, config=replace(plan.config, model=best)), fitted


def _bind_all(fitted: Mapping[str, Fitted], delivery: Delivery, plan: Plan) -> Mapping[str, Fitted]:
    """Return the models within the bounds of their targets: they are scored and calibrated as they are delivered."""
    return {
        name: replace(each, model=bind(each.model, delivery.lower, delivery.upper, plan.scaler))
        for name, each in fitted.items()
    }


def _score(plan: Plan, fitted: Mapping[str, Fitted], delivery: Delivery, listener: Listener) -> Outcome:
    """Return the scores of all models on the test part, and the intervals of the saved one."""
    name = plan.config.model
    best = find_best(fitted, tuple(other for other in BASELINES if other != name), plan, listener)
    with tell_stage(listener, "calibrate"):
        conformal = _calibrate(plan, fitted[name].model, delivery)
    outcome = score_run(plan, fitted, conformal, best, delivery, listener)
    _warn_of_shortfalls(outcome.shortfalls, listener)
    return outcome


def _warn_of_shortfalls(shortfalls: Mapping[int, float], listener: Listener) -> None:
    for level, share in shortfalls.items():
        listener.note(
            f"the {level} % intervals hold {share:.1f} % of the test values, less than chance explains: "
            "the test part is unlike the validation part that they come from",
            warning=True,
        )


def _calibrate(plan: Plan, model: Predictor, delivery: Delivery) -> Conformal:
    """Return the intervals of the saved model; those of angles come from the angular error."""
    scaled, window, rows = plan.scaled, plan.config.window, plan.split.validation
    conformal = calibrate(model, scaled, window, plan.counts, rows)
    if not delivery.pairs:
        return conformal
    compass = Compass(delivery.pairs, plan.scaler)
    return replace(conformal, angles=calibrate_angles(model, compass, scaled, window, plan.counts, rows))
