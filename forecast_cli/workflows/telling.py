"""What a run came to, as a report shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.artifact.card import find_network
from forecast_cli.evaluation.metrics import compare_targets
from forecast_cli.evaluation.significance import judge
from forecast_cli.models.blend import Blend
from forecast_cli.models.bounded import loosen
from forecast_cli.models.reads import measure_inputs
from forecast_cli.report import Report
from forecast_cli.workflows.delivery import plan_delivery
from forecast_cli.workflows.going_on import show_outlook
from forecast_cli.workflows.history import show_step
from forecast_cli.workflows.outlook import Teller, show_trials
from forecast_cli.workflows.presence import show_presence
from forecast_cli.workflows.summary import summarize_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.artifact.card import ModelCard
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.results import LayerRow, Verdict
    from forecast_cli.types import Epoch, Listener, Panel
    from forecast_cli.workflows.fitting import Fitted
    from forecast_cli.workflows.plan import Plan
    from forecast_cli.workflows.refit import Refitted
    from forecast_cli.workflows.scoring import Outcome

STAGE, PARTS = "report", 5  # what is said of the way to a report: how many parts are done


def tell_report(
    plan: Plan,
    card: ModelCard,
    outcome: Outcome,
    models: tuple[Predictor, Predictor],
    epochs: tuple[Epoch, ...],
    listener: Listener,
) -> Report:
    """Return the report of a run, but for an explanation.

    `models`: the saved one as it was scored, and the one that `predict` runs, which after `--refit` is another;
    `epochs` are those of the network that was trained.
    """
    panel, name, (scored, delivered) = plan.panel, plan.config.model, models
    delivery = plan_delivery(card.reading.options, panel.targets)
    teller = Teller(scored, outcome.conformal, plan.config, delivery)
    listener.progress(STAGE, 0, PARTS, {})
    outlook = show_outlook(plan, replace(teller, model=loosen(delivered)))
    listener.progress(STAGE, 1, PARTS, {})
    trials = show_trials(plan, teller)
    listener.progress(STAGE, 2, PARTS, {})
    return Report(
        model=name,
        verdict=outcome.verdict,
        blend=card.kept[name].parts,
        config=plan.config,
        reading=card.reading,
        ranking=outcome.ranking,
        errors=compare_targets(outcome.scores, panel, plan.scaler, name),
        scores=outcome.scores,
        series_ids=panel.series_ids,
        targets=delivery.names,
        units=delivery.name_units(panel.units),
        coverage=outcome.coverage,
        epochs=epochs,
        outlook=outlook,
        trials=trials,
        learnt_until=show_step(panel, plan.split.borders[1] - 1),
        refitted_until="" if card.refitted_until is None else show_step(panel, card.refitted_until - 1),
        findings=outcome.findings,
        command=card.command,
        versions=card.versions,
        data_hash=card.data_hash,
        rivals=judge_all(plan, outcome),
        residuals=outcome.residuals,
        presence=show_presence(panel, delivery),
        layers=list_layers(card, panel),
    )


def judge_all(plan: Plan, outcome: Outcome) -> tuple[Verdict, ...]:
    """Return the saved model's verdict against each other model, in the order of the ranking."""
    name, window = plan.config.model, plan.config.window
    others = [row.model for row in outcome.ranking if row.model != name]
    return tuple(judge(outcome.scores, name, other, window.horizon, window.delay) for other in others)


def list_layers(card: ModelCard, panel: Panel) -> tuple[LayerRow, ...]:
    """Return the layers of the network in the saved model; of two that are mixed, of the one beside the dense baseline.

    () where there is none.
    """
    lines = [card.networks[name] for name in sorted(card.networks, key=lambda name: name == "dense")]
    return summarize_line(lines[0], card.config.window, measure_inputs(panel)) if lines else ()


def find_epochs(card: ModelCard, fitted: Mapping[str, Fitted]) -> tuple[Epoch, ...]:
    """Return the epochs of the network that was trained, saved or beside the saved model; () where there is none."""
    trained = fitted.get(find_network(card))
    return () if trained is None else trained.epochs


def find_delivered(scored: Predictor, name: str, refitted: Refitted | None) -> Predictor:
    """Return what `predict` will run: the scored model of this name, or what was fitted again in its place."""
    if refitted is None:
        return scored
    models = {part: each.model for part, each in refitted.models.items()}
    return replace(scored, parts=models) if isinstance(scored, Blend) else models[name]
