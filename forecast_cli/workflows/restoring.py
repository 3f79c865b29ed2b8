"""A training run again, from what its model directory keeps: the same windows, the same models, nothing fitted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.card import find_network
from forecast_cli.errors import DataError
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.workflows.delivery import bind_models
from forecast_cli.workflows.epochs import read_epochs
from forecast_cli.workflows.fitting import Fitted
from forecast_cli.workflows.plan import Plan
from forecast_cli.workflows.rivals import share_parts
from forecast_cli.workflows.scene import find_windows, split_panel
from forecast_cli.workflows.scores import read_fit_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.artifact.load import Artifact
    from forecast_cli.types import Epoch, Panel
    from forecast_cli.workflows.delivery import Delivery


def restore_plan(artifact: Artifact) -> Plan:
    """Return what the run worked on; DataError where the directory does not keep all of its rows."""
    panel, scaler = _load_panel(artifact), artifact.scaler
    counts = find_windows(artifact, panel)
    return Plan(
        config=artifact.card.config,
        panel=panel,
        scaled=scale_panel(panel, scaler),
        scaler=scaler,
        counts=counts,
        split=split_panel(artifact, panel, counts),
        seasons=_restore_seasons(artifact),
        network=None,
        trains_networks=False,
    )


def restore_models(artifact: Artifact, plan: Plan, delivery: Delivery) -> Mapping[str, Fitted]:
    """Return every kept model as it was scored, in the order of training; seconds and epochs where they are known.

    These stand in scores.parquet and training.csv, which may be deleted.
    """
    kept, seconds = artifact.card.kept, read_fit_seconds(artifact.directory)
    models = bind_models({name: artifact.load_model(name) for name in kept}, delivery, plan.scaler)
    trained, epochs = find_network(artifact.card), read_epochs(artifact.directory)
    return {
        name: Fitted(
            model=share_parts(model, models),
            kept=kept[name],
            fit_seconds=seconds.get(name, math.nan),
            epochs=epochs if name == trained else (),
            best_epoch=find_best_epoch(epochs) if name == trained else 0,
        )
        for name, model in models.items()
    }


def find_best_epoch(epochs: tuple[Epoch, ...]) -> int:
    """Return the epoch whose weights were kept: the first of the least validation loss; without validation the last."""
    best, least = 0, math.inf
    for epoch in epochs:
        if not epoch.val_loss >= least:
            best, least = epoch.epoch, epoch.val_loss
    return best


def _load_panel(artifact: Artifact) -> Panel:
    if artifact.card.keeps_panel != "all":
        kept = {"tail": "only the last rows of", "none": "no rows of"}[artifact.card.keeps_panel]
        raise DataError(
            f"{artifact.directory} keeps {kept} the data it was trained on: a report is made from all of them",
            "the reports that training wrote are untouched; to make new ones, train with a larger --keep-data",
        )
    return artifact.load_panel()


def _restore_seasons(artifact: Artifact) -> tuple[int, ...]:
    """Return the candidates of the seasonal naive; of a model that does not tell them, the season it went by."""
    seasons = artifact.arrays.get("seasons", np.array([artifact.card.config.season_length]))
    return tuple(int(season) for season in seasons)
