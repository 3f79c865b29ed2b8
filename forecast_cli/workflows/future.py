"""`forecast predict --future-template`: the empty form for what is known ahead of each series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.load import open_artifact
from forecast_cli.errors import UsageError
from forecast_cli.frequency import format_instants
from forecast_cli.workflows.basis import find_basis
from forecast_cli.workflows.eligible import find_cutoffs, require_rows
from forecast_cli.workflows.known_ahead import looks_ahead, name_id_column
from forecast_cli.workflows.predict import choose_steps
from forecast_cli.workflows.strictness import heed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.requests import PredictRequest
    from forecast_cli.types import Listener, Panel, ReadingOptions

ROW = "row"  # what the steps are counted in where rows are the time


def make_template(request: PredictRequest, listener: Listener) -> Mapping[str, list[object]]:
    """Return the columns of the form: time, id of the series, and each covariate known ahead, empty.

    A row per series and step to be forecast, as `--future FILE` takes them once they are filled in. UsageError where
    the model reads nothing of the steps ahead.
    """
    listener = heed(listener, request.strict)
    artifact = open_artifact(request.model_dir)
    model, horizon = artifact.load_model(artifact.card.config.model), choose_steps(request, artifact)
    if not looks_ahead(model, artifact.empty_panel()):
        raise UsageError(
            "the model reads no covariate of the steps ahead: there is nothing to fill in",
            "leave out --future-template and --future",
        )
    basis = find_basis(request, artifact, model, listener)
    panel, options = require_rows(basis.history, basis.needed, listener), artifact.card.reading.options
    ahead = find_cutoffs(panel)[:, None] + artifact.card.config.window.delay + np.arange(horizon)  # (N, H)
    instants = format_instants(panel.origin, panel.freq, panel.tz, ahead.ravel())
    form: dict[str, list[object]] = {_name_time(options, panel): list(instants)}
    ids = name_id_column(options, artifact.empty_panel())
    if ids is not None:
        form[ids] = [name for name in panel.series_ids for _ in range(horizon)]
    return form | {name: [None] * ahead.size for name in options.columns.future_covariates}


def _name_time(options: ReadingOptions, panel: Panel) -> str:
    """Return the training data's own name for the time, where it is one column."""
    named = options.columns.timestamp
    return ROW if panel.origin is None else named[0] if len(named) == 1 else "timestamp"
