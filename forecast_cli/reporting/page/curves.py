"""What the plots of errors, intervals, training and data draw, as plain JSON; how, is the business of the scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.interval_metrics import cover_steps
from forecast_cli.reporting.facts import average_steps
from forecast_cli.reporting.figures import show_text
from forecast_cli.reporting.page.packing import pack_numbers, pack_stamps
from forecast_cli.reporting.tables import to_plain_list

if TYPE_CHECKING:
    from forecast_cli.report import Report
    from forecast_cli.types import Json


def build_step_errors(report: Report) -> Json:
    """Return {steps, models, errors}: the scaled MAE of each model and step, averaged over targets, then series."""
    return {
        "steps": list(report.outlook.forecast.steps),
        "models": [show_text(model) for model in report.scores.models],
        "saved": show_text(report.model),
        "errors": to_plain_list(np.round(average_steps(report.scores), 6)),
    }


def build_step_coverage(report: Report) -> Json:
    """Return {steps, levels, shares}: for each level, the share of the truth inside at each step, in percent."""
    found = report.scores.intervals
    shares = [] if found is None else to_plain_list(np.round(cover_steps(found), 2))
    return {
        "steps": list(report.outlook.forecast.steps),
        "levels": [] if found is None else list(found.levels),
        "shares": shares,
    }


def build_rivals(report: Report) -> list[Json]:
    """Return [{name, gain, interval, outcome}]: the saved model against each other model, gains in percent."""
    return [
        {
            "name": show_text(rival.baseline),
            "gain": rival.gain,
            "interval": rival.gain_interval,
            "outcome": rival.outcome,
        }
        for rival in report.rivals
        if rival.gain is not None
    ]


def build_learning(report: Report) -> Json:
    """Return {epochs, loss, val_loss, rate, best}: best is the epoch of least validation loss or None."""
    known = [epoch for epoch in report.epochs if epoch.val_loss == epoch.val_loss]
    best = min(known, key=lambda epoch: epoch.val_loss, default=None)
    return {
        "epochs": [epoch.epoch for epoch in report.epochs],
        "loss": to_plain_list([epoch.loss for epoch in report.epochs]),
        "val_loss": to_plain_list([epoch.val_loss for epoch in report.epochs]),
        "rate": to_plain_list([epoch.learning_rate for epoch in report.epochs]),
        "best": best.epoch if best else None,
    }


def build_presence(report: Report) -> Json | None:
    """Return {names, stamps, share: (P, B) packed, in percent} of what was observed when, or None."""
    found = report.presence
    if found is None:
        return None
    names = [show_text(name) for name in found.names]
    return {"names": names, "stamps": pack_stamps(found.timestamps), "share": pack_numbers(found.share)}


def build_explanation(report: Report) -> Json | None:
    """Return {inputs: [[name, rise]], parts: [[from, to, rise]]}, rises of the MAE in percent, or None."""
    found = report.explanation
    if found is None:
        return None
    return {
        "inputs": [[show_text(f"{item.name} ({item.role})"), item.rise] for item in found.inputs],
        "parts": [[part.first_step, part.last_step, part.rise] for part in found.lookback],
    }
