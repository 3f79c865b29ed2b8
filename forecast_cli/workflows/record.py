"""What a training run leaves behind: the card, the arrays, the report and the tables of a model directory."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal

import numpy as np

from forecast_cli import __version__
from forecast_cli.artifact.card import ModelCard, find_network
from forecast_cli.artifact.load import network_file, weights_file
from forecast_cli.artifact.save import Contents, find_first_rows
from forecast_cli.workflows.epochs import write_epochs
from forecast_cli.workflows.refit import add_refit
from forecast_cli.workflows.rendering import render_reports
from forecast_cli.workflows.scores import write_scores
from forecast_cli.workflows.telling import find_delivered, find_epochs, tell_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from forecast_cli.report import Report
    from forecast_cli.requests import TrainRequest
    from forecast_cli.types import Integers, Listener, Panel, Reading
    from forecast_cli.workflows.fitting import Fitted
    from forecast_cli.workflows.plan import Plan
    from forecast_cli.workflows.scoring import Outcome


def describe_run(
    request: TrainRequest,
    plan: Plan,
    reading: Reading,
    fitted: Mapping[str, Fitted],
    outcome: Outcome,
    listener: Listener,
) -> tuple[Contents, Report]:
    """Return what goes into the model directory, and the report that is part of it."""
    card = _make_card(request, plan, reading, fitted, outcome)
    trained = fitted.get(find_network(card))
    epochs = find_epochs(card, fitted)
    saved = fitted[plan.config.model].model
    models = saved, find_delivered(saved, plan.config.model, outcome.refitted)
    report = tell_report(plan, card, outcome, models, epochs, listener)
    contents = Contents(
        card=card,
        arrays=_collect_arrays(plan, fitted, outcome),
        panel=None if card.keeps_panel == "none" else plan.panel,
        first_rows=_first_rows(request, plan, fitted),
        networks={network_file(key): each.onnx for key, each in fitted.items() if each.onnx is not None},
        weights={weights_file(): trained.weights} if trained is not None and trained.weights is not None else {},
        extras={
            "scores.parquet": write_scores(outcome.scores, plan.panel, plan.scaler, outcome.ranking),
            "training.csv": write_epochs(epochs),
            **render_reports(report, listener),
        },
    )
    return contents if outcome.refitted is None else add_refit(contents, outcome.refitted), report


def _make_card(
    request: TrainRequest, plan: Plan, reading: Reading, fitted: Mapping[str, Fitted], outcome: Outcome
) -> ModelCard:
    panel = plan.panel
    return ModelCard(
        config=plan.config,
        reading=reading,
        series_ids=panel.series_ids,
        channels=panel.channels,
        units=panel.units,
        n_targets=panel.n_targets,
        origin=None if panel.origin is None else str(panel.origin.astype("datetime64[us]")),
        tz=panel.tz,
        kept={key: each.kept for key, each in fitted.items()},
        calibration_windows=outcome.conformal.n,
        learnt_until=plan.split.borders[1],
        keeps_panel=_keep_how_much(request, panel),
        best_baseline=outcome.best_baseline,
        verdict=outcome.verdict,
        coverage={str(level): share for level, share in outcome.coverage.items()},
        data_hash=hash_panel(panel),
        command=request.command,
        versions=_list_versions(),
        n_future=panel.n_future,
        statics=panel.statics,
        ancestors=() if plan.start is None else plan.start.ancestors,
        refitted_until=None if outcome.refitted is None else outcome.refitted.until,
    )


def _keep_how_much(request: TrainRequest, panel: Panel) -> Literal["all", "tail", "none"]:
    if request.keep_data == 0:
        return "none"
    return "all" if panel.values.nbytes <= request.keep_data else "tail"


def _first_rows(request: TrainRequest, plan: Plan, fitted: Mapping[str, Fitted]) -> Integers | None:
    """Return (N,) the first row to keep of each series, or None to keep them all."""
    if _keep_how_much(request, plan.panel) != "tail":
        return None
    return find_first_rows(plan.panel, max(each.model.lookback for each in fitted.values()))


def _collect_arrays(plan: Plan, fitted: Mapping[str, Fitted], outcome: Outcome) -> Mapping[str, NDArray[np.generic]]:
    arrays: dict[str, NDArray[np.generic]] = {
        "scaler.loc": plan.scaler.loc,
        "scaler.scale": plan.scaler.scale,
        "panel.offset": plan.panel.offset,
        "conformal.percentiles": outcome.conformal.percentiles,
        "season_errors": outcome.season_errors,
        "losses.cutoffs": outcome.scores.cutoffs,
        "seasons": np.array(plan.seasons, dtype=np.int64),
    }
    if outcome.conformal.angles is not None:
        arrays["conformal.angles"] = outcome.conformal.angles
    arrays |= {f"losses.{model}": outcome.scores.losses[m] for m, model in enumerate(outcome.scores.models)}
    for each in fitted.values():
        arrays |= each.arrays
    return arrays


def hash_panel(panel: Panel) -> str:
    """Return the SHA-256 of everything that a model can learn from: ids, places on the grid, values."""
    digest = hashlib.sha256()
    digest.update(json.dumps([panel.series_ids, panel.channels, panel.freq, str(panel.origin)]).encode())
    for array in (panel.indptr, panel.start, panel.offset, panel.values, panel.observed):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _list_versions() -> Mapping[str, str]:
    names = ("keras", "tensorflow", "onnxruntime", "duckdb", "numpy")
    known = {"forecast-cli": __version__, "python": platform.python_version()}
    for name in names:
        try:
            known[name] = version(name)
        except PackageNotFoundError:  # TensorFlow may not be there
            known[name] = "not installed"
    return known
