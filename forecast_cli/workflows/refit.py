"""`forecast train --refit`: the saved model fitted once more, on all rows, for `predict`; the scores are the first's.

Nothing is chosen anew, since no row is left to choose on: the scale, the season, view and penalty of a closed form, the
epochs of a network and the weights of the blend stay as validation had them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast_cli.artifact.card import find_network
from forecast_cli.artifact.load import REFITTED, network_file, restore_closed_form, weights_file
from forecast_cli.models.notation import parse_network
from forecast_cli.prepare.splits import make_split
from forecast_cli.workflows.fitting import fit_closed_form, fit_network, limit_training
from forecast_cli.workflows.history import find_ends, show_step
from forecast_cli.workflows.phrases import count_things

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.artifact.save import Contents
    from forecast_cli.types import Listener
    from forecast_cli.workflows.fitting import Fitted
    from forecast_cli.workflows.plan import Plan


@dataclass(frozen=True, eq=False)
class Refitted:
    """The second set of models."""

    models: Mapping[str, Fitted]  # the saved one, or the parts of the saved blend
    until: int  # the first step, from the origin, that it learnt nothing from


def leave_time(plan: Plan) -> Plan:
    """Return the plan with a time limit that leaves enough for the refit: no more epochs, each of all windows."""
    first, second = len(plan.split.train), len(take_all(plan).split.train)
    training = limit_training(plan.config.training, first / (first + second))
    return replace(plan, config=replace(plan.config, training=training))


def take_all(plan: Plan) -> Plan:
    """Return the plan with every window for training, up to the last observed target; none is left to score on.

    Rows after the test part, which a `--split` in steps leaves over, are learnt from, too. `stride` thins as before.
    """
    end = max(find_ends(plan.panel).values()) - int(plan.panel.start.min())
    return replace(plan, split=make_split(plan.panel, plan.config.window, plan.counts, (end, end, end)))


def refit_model(plan: Plan, fitted: Mapping[str, Fitted], listener: Listener) -> Refitted:
    """Return the saved model, or the parts of the saved blend, fitted on every window of the data.

    A network is trained from where it began, for as many epochs as were best on validation.
    """
    saved, everything = plan.config.model, take_all(plan)
    first = {name: fitted[name] for name in fitted[saved].kept.parts or (saved,)}
    listener.note(_announce(first, plan, everything), "--refit")
    models = {name: _fit_again(name, each, everything, listener) for name, each in first.items()}
    return Refitted(models, everything.split.borders[0])


def add_refit(contents: Contents, refitted: Refitted) -> Contents:
    """Return what goes into the model directory, with the second set beside the first."""
    models = refitted.models
    trained = models.get(find_network(contents.card))
    weights = None if trained is None else trained.weights
    return replace(
        contents,
        arrays={
            **contents.arrays,
            **{f"{REFITTED}{key}": array for each in models.values() for key, array in each.arrays.items()},
        },
        networks={
            **contents.networks,
            **{network_file(name, True): each.onnx for name, each in models.items() if each.onnx is not None},
        },
        weights={**contents.weights, **({} if weights is None else {weights_file(True): weights})},
    )


def _fit_again(name: str, first: Fitted, plan: Plan, listener: Listener) -> Fitted:
    if first.kept.layers is None:
        model = restore_closed_form(name, first.arrays, plan.config.window, plan.panel.n_targets)
        return fit_closed_form(model, plan, listener)
    training = replace(plan.config.training, epochs=first.best_epoch, time_limit=None)
    if first.kept.layers == plan.config.layers:  # the network that `--from` may name: it begins where that ended
        plan = replace(plan, config=replace(plan.config, model=name))
    return fit_network(name, parse_network(first.kept.layers), training, plan, listener)


def _announce(first: Mapping[str, Fitted], plan: Plan, everything: Plan) -> str:
    """Return what is fitted again, on how much, and what stays."""
    names = [
        name if each.kept.layers is None else f"{name} for {count_things(each.best_epoch, 'epoch')}"
        for name, each in first.items()
    ]
    n, last = len(everything.split.train), show_step(plan.panel, everything.split.borders[0] - 1)
    return (
        f"fits {', '.join(names)} again, on all {n:,} windows up to {last}, for predict; scores and intervals stay "
        f"those of the model that learnt until {show_step(plan.panel, plan.split.borders[1] - 1)}"
    )
