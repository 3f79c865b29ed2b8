"""The values behind plots, as tables: a plot that cannot be seen can be read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from forecast_cli.evaluation.metrics import mean_known
from forecast_cli.reporting.facts import average_steps
from forecast_cli.reporting.figures import show_number, show_percent

if TYPE_CHECKING:
    from forecast_cli.report import Report
    from forecast_cli.reporting.facts import Table


def list_step_errors(report: Report) -> Table:
    """Return the scaled MAE of each model at each step, averaged over targets, then series."""
    rows = zip(report.outlook.forecast.steps, *average_steps(report.scores).tolist(), strict=True)
    return ["Step", *report.scores.models], [[str(step), *map(show_number, row)] for step, *row in rows]


def list_epochs(report: Report) -> Table:
    """Return the learning curve: a row per epoch."""
    figures = [(epoch.loss, epoch.val_loss, epoch.learning_rate, epoch.seconds) for epoch in report.epochs]
    rows = [[str(e.epoch), *map(show_number, row)] for e, row in zip(report.epochs, figures, strict=True)]
    return ["Epoch", "Loss", "Validation loss", "Learning rate", "Seconds"], rows


def list_presence(report: Report) -> Table:
    """Return how much of each series or target was observed between its beginning and its end, the least first."""
    found = report.presence
    if found is None:
        return [], []
    shares = mean_known(found.share)
    order = sorted(range(len(found.names)), key=lambda k: -1.0 if math.isnan(shares[k]) else shares[k])
    return ["Series" if found.are_series else "Target", "Observed"], [
        [found.names[k], show_percent(float(shares[k]))] for k in order
    ]
