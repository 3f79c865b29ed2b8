"""`forecast report`: the reports of a model directory, made from what it keeps, with no fit and no TensorFlow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.artifact.load import open_artifact
from forecast_cli.artifact.manifest import check_replaceable, replace_extras
from forecast_cli.results import Reports
from forecast_cli.workflows.delivery import plan_delivery
from forecast_cli.workflows.explaining import explain_model
from forecast_cli.workflows.findings import list_findings, study_run
from forecast_cli.workflows.rendering import render, render_reports
from forecast_cli.workflows.restoring import restore_models, restore_plan
from forecast_cli.workflows.scoring import score_run
from forecast_cli.workflows.telling import find_epochs, tell_report

if TYPE_CHECKING:
    from forecast_cli.artifact.load import Artifact
    from forecast_cli.report import Report
    from forecast_cli.requests import ReportRequest
    from forecast_cli.types import Listener


def report(request: ReportRequest, listener: Listener) -> Reports:
    """Return where the reports lie, after writing them into the model directory; or the one report asked for.

    The models are scored again on the test part, so that a report says what is so now. Nothing else in the directory
    is touched. DataError where it does not keep all rows of its data.
    """
    artifact = open_artifact(request.model_dir)
    if request.form is not None:
        return Reports(data=render(make_report(artifact, request.explain, listener), request.form))
    check_replaceable(artifact.directory)
    rendered = render_reports(make_report(artifact, request.explain, listener), listener)
    replace_extras(artifact.directory, artifact.manifest, rendered)
    return Reports({name: artifact.directory / name for name in rendered})


def make_report(artifact: Artifact, explain: bool, listener: Listener) -> Report:
    """Return the report of a model directory; `explain`: with what the saved model makes use of."""
    card = artifact.card
    plan, name = restore_plan(artifact), card.config.model
    delivery = plan_delivery(card.reading.options, plan.panel.targets)
    fitted = restore_models(artifact, plan, delivery)
    outcome = score_run(plan, fitted, artifact.conformal, card.best_baseline, delivery, listener)
    is_refitted = card.refitted_until is not None
    outcome = replace(outcome, findings=list_findings(study_run(plan, fitted, outcome, is_refitted, listener)))
    scored = fitted[name].model
    delivered = artifact.load_model(name, refitted=True) if is_refitted else scored
    made = tell_report(plan, card, outcome, (scored, delivered), find_epochs(card, fitted), listener)
    return replace(made, explanation=explain_model(plan, card, scored, listener)) if explain else made
