"""`forecast train --from DIR`: the network of a model directory learns on from new data, with its window and scale."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.card import Ancestor, find_network
from forecast_cli.artifact.load import open_artifact
from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import add_steps, count_steps, steps_between
from forecast_cli.models.notation import format_network, parse_network
from forecast_cli.models.reads import describe_reads
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.types import Scaler, Training
from forecast_cli.workflows.history import DIFFERENT_CLOCKS, tells_same_clock
from forecast_cli.workflows.known_ahead import add_future
from forecast_cli.workflows.learnt import Learnt, tell_learnt
from forecast_cli.workflows.new_data import read_alike
from forecast_cli.workflows.phrases import count_things, name_some
from forecast_cli.workflows.plan import Start, make_plan

if TYPE_CHECKING:
    from forecast_cli.artifact.card import ModelCard
    from forecast_cli.artifact.load import Artifact
    from forecast_cli.requests import TrainRequest
    from forecast_cli.types import Listener, Panel, Reading, Reads
    from forecast_cli.workflows.plan import Plan

FEW_EPOCHS = 5
SLOWER = 0.3  # of the learning rate that a training from the beginning has
_ANEW = "leave it out, or train anew without --from"
_LENGTHS = (
    ("--lookback", "lookback"),
    ("--horizon", "horizon"),
    ("--sample-every", "sample_every"),
    ("--delay", "delay"),
)


def plan_warm_start(request: TrainRequest, listener: Listener) -> tuple[Plan, Reading]:
    """Return the plan of a training that goes on from a saved network, and what was taken from DATA.

    Series that the model knows keep their scale; new ones are scaled by their own training rows.

    Raises:
        UsageError: the saved model is a closed form, or a flag contradicts it.
        DataError: DATA have another shape, or nothing that the network has not learnt already.
    """
    if request.start is None:
        raise UsageError("there is no model to go on from", "name its directory with --from")
    artifact = open_artifact(request.start)
    card = artifact.card
    _check_goes_on(artifact)
    _check_flags(request, card)
    panel, reading = read_alike(artifact, request.sources, listener)
    panel = add_future(panel, request.future, card.reading, listener)
    learnt = _find_learnt(artifact, panel, listener)
    plan = make_plan(_settle(request, card), panel, listener, learnt)
    if plan.network is not None:
        before, now = (
            describe_reads(plan.network, card.config.window, each) for each in (artifact.empty_panel(), panel)
        )
        check_words(before, now)
    scaler = _keep_scale(artifact, panel, plan.scaler, listener)
    rate, epochs = plan.config.training.learning_rate, count_things(plan.config.training.epochs, "epoch")
    network = f"{find_network(card)}{', refitted' * card.is_refitted(find_network(card))}"
    listener.note(
        f"goes on from {request.start} ({network}) for {epochs} at most, at a learning rate of {rate:g}",
        "--epochs",
    )
    own = Ancestor(card.data_hash, card.command)
    plan = replace(
        plan,
        config=replace(plan.config, model=find_network(card)),
        blends=request.blend and card.config.model != find_network(card),
        scaler=scaler,
        scaled=scale_panel(plan.panel, scaler),
        start=Start(artifact.load_weights(), (*card.ancestors, own)),
    )
    return plan, replace(reading, options=card.reading.options)


def _check_goes_on(artifact: Artifact) -> None:
    card = artifact.card
    if not find_network(card):
        raise UsageError(
            f"{artifact.directory} holds {card.config.model}, a closed form: there are no weights to go on from",
            "train without --from, which takes no longer",
        )


def _check_flags(request: TrainRequest, card: ModelCard) -> None:
    """Raise UsageError where a flag asks for another window or network than the saved one."""
    config = card.config
    for flag, name in _LENGTHS:
        asked, saved = getattr(request, name), getattr(config.window, name)
        is_given = flag in request.flags or asked != getattr(type(request), name)
        if is_given and (asked == "auto" or count_steps(asked, config.freq, flag) != saved):
            raise UsageError(f"{flag} {asked} contradicts --from {request.start}, where it is {saved}", _ANEW)
    if request.model is not None and request.model != find_network(card):
        raise UsageError(
            f"--model {request.model} contradicts --from {request.start}, which holds {find_network(card)}", _ANEW
        )
    layers = card.kept[find_network(card)].layers
    if request.layers is not None and format_network(parse_network(request.layers)) != layers:
        raise UsageError(f"--layers contradicts --from {request.start}, which holds {layers}", _ANEW)


def _settle(request: TrainRequest, card: ModelCard) -> TrainRequest:
    """Return the request with everything that the saved model decides; the rest as asked, else as it was trained."""
    config, window = card.config, card.config.window
    levels = request.levels if "--level" in request.flags else config.levels
    return replace(
        request,
        reading=card.reading.options,
        horizon=window.horizon,
        lookback=window.lookback,
        sample_every=window.sample_every,
        delay=window.delay,
        stride=request.stride if "--stride" in request.flags else window.stride,
        model=None,
        layers=card.kept[find_network(card)].layers,
        levels=levels,
        training=_settle_training(request, config.training),
    )


def _settle_training(request: TrainRequest, before: Training) -> Training:
    """Return how the network is trained: as asked, else as before; a few epochs, and slower, unless asked."""
    plain, asked = Training(), request.training
    given = {
        name: getattr(asked, name)
        for name in ("epochs", "batch_size", "learning_rate", "patience", "loss", "optimizer", "seed")
        if f"--{name.replace('_', '-')}" in request.flags or getattr(asked, name) != getattr(plain, name)
    }
    few = {"epochs": FEW_EPOCHS, "learning_rate": SLOWER * plain.learning_rate, "time_limit": asked.time_limit}
    return replace(before, **{**few, **given})


def _find_learnt(artifact: Artifact, panel: Panel, listener: Listener) -> Learnt | None:
    """Return where, on the panel's grid, what the saved weights know ends; None where the data have no time."""
    card, origin = artifact.card, artifact.empty_panel().origin
    if origin is None or panel.origin is None:
        listener.note("the data have no time: DATA are taken for rows that the network has not learnt from")
        return None
    if not tells_same_clock(panel, card.tz):
        listener.note(DIFFERENT_CLOCKS, warning=True)
    known = tell_learnt(card)
    instants = add_steps(origin, card.config.freq, np.array([known.train_end, known.until]))
    steps = steps_between(panel.origin, panel.freq, instants)  # rounded down
    between = add_steps(panel.origin, panel.freq, steps) < instants
    train_end, until = (int(step) for step in steps + between)
    return Learnt(train_end, until)


def check_words(before: Reads, now: Reads) -> None:
    """Raise DataError where an embedding would meet series or categories that it has no place for, or lose some."""
    pairs = {"series": (before.series_ids, now.series_ids)} if "series" in now.inputs else {}
    if "statics" in now.inputs:
        pairs |= {name: (texts, now.categories.get(name, ())) for name, texts in before.categories.items()}
    for what, (known, found) in pairs.items():
        if known != found:
            new, gone = sorted({*found} - {*known}), sorted({*known} - {*found})
            parts = ([f"have {name_some(new)}"] if new else []) + ([f"lack {name_some(gone)}"] if gone else [])
            raise DataError(
                f"{what}: DATA {' and '.join(parts)}; the network has a place for each one of its training, no other",
                "give the same ones, or train anew without --from",
            )


def _keep_scale(artifact: Artifact, panel: Panel, own: Scaler, listener: Listener) -> Scaler:
    """Return the scale that the network learnt with, for each series that it knows; their own for new ones."""
    trained, place = artifact.scaler, {name: i for i, name in enumerate(artifact.card.series_ids)}
    rows = [place.get(name, -1) for name in panel.series_ids]
    known = np.array([row >= 0 for row in rows])[:, None]
    if not known.all():
        new = [name for name in panel.series_ids if name not in place]
        listener.note(f"{len(new):,} new series ({name_some(new)}): scaled by their own training rows")
    return Scaler(np.where(known, trained.loc[rows], own.loc), np.where(known, trained.scale[rows], own.scale))
