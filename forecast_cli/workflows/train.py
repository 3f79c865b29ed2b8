"""`forecast train`: from a raw file to a model directory, scored beside the baselines."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

import numpy as np

from forecast_cli import __version__
from forecast_cli.artifact.card import ModelCard
from forecast_cli.artifact.load import network_file
from forecast_cli.artifact.manifest import check_writable
from forecast_cli.artifact.save import Contents, first_rows_kept, save_artifact
from forecast_cli.evaluation.backtest import score_models
from forecast_cli.evaluation.conformal import calibrate, measure_coverage
from forecast_cli.evaluation.metrics import compare_targets, measure_season_errors, rank_models
from forecast_cli.ingest.frequency import format_instant
from forecast_cli.ingest.read import read_panel
from forecast_cli.models.registry import BASELINES, CLOSED_FORMS
from forecast_cli.reporting.html import render_html
from forecast_cli.reporting.markdown import render_markdown
from forecast_cli.reporting.report_json import report_to_json
from forecast_cli.reporting.tables import to_csv
from forecast_cli.types import Report, TrainResult
from forecast_cli.workflows.example import show_last_window
from forecast_cli.workflows.fitting import calibration_rows, find_best, fit_models
from forecast_cli.workflows.memory import check_memory
from forecast_cli.workflows.plan import make_plan
from forecast_cli.workflows.scores import write_scores
from forecast_cli.workflows.strictness import heed
from forecast_cli.workflows.verdict import write_verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from forecast_cli.requests import TrainRequest
    from forecast_cli.types import Conformal, Epoch, Floats, Integers, Listener, Panel, RankingRow, Reading, Scores
    from forecast_cli.workflows.fitting import Fitted
    from forecast_cli.workflows.plan import Plan


def train(request: TrainRequest, listener: Listener) -> TrainResult:
    """Return what the run came to, after writing the model directory whole.

    Raises a ForecastError before anything is written: DataError, RefusedError, UsageError, MissingDependencyError or
    Interrupted.
    """
    listener = heed(listener, request.strict)
    check_writable(request.model_dir, request.force, request.command)
    panel, reading = read_panel(request.sources, request.reading, listener)
    plan = make_plan(request, panel, reading, listener)
    listener.note(check_memory(panel, plan.trains_networks))
    fitted = fit_models(plan, listener)
    plan = _name_model(plan, fitted, listener)
    return _score_and_save(request, plan, reading, fitted, listener)


def _name_model(plan: Plan, fitted: Mapping[str, Fitted], listener: Listener) -> Plan:
    """Return the plan with the model to save; small data gets the closed form that is best on validation."""
    if plan.config.model:
        return plan
    best = find_best(fitted, CLOSED_FORMS, plan, listener)
    listener.note(
        f"{len(plan.split.train)} training windows are too few for a network: {best}, best on validation, is saved",
        "--model",
    )
    return replace(plan, config=replace(plan.config, model=best))


def _score_and_save(
    request: TrainRequest, plan: Plan, reading: Reading, fitted: Mapping[str, Fitted], listener: Listener
) -> TrainResult:
    config, name = plan.config, plan.config.model
    best = find_best(fitted, tuple(other for other in BASELINES if other != name), plan, listener)
    models = {key: each.model for key, each in fitted.items()}
    scores = score_models(models, plan.scaled, config.window, plan.counts, plan.split.test, listener)
    season_errors = measure_season_errors(plan.scaled, config.season_length, plan.split.borders[0])
    ranking = rank_models(
        scores,
        season_errors,
        plan.scaler,
        {key: each.fit_seconds for key, each in fitted.items()},
        {key: each.kept.parameters for key, each in fitted.items()},
    )
    verdict = write_verdict(ranking, name, best)
    model = models[name]
    conformal = calibrate(model, plan.scaled, config.window, plan.counts, calibration_rows(plan))
    coverage = measure_coverage(
        model, conformal, config.levels, plan.scaled, config.window, plan.counts, plan.split.test
    )
    card = _make_card(request, plan, reading, fitted, conformal, best, verdict, coverage)
    report = _make_report(plan, fitted, conformal, scores, ranking, card)
    save_artifact(
        request.model_dir,
        Contents(
            card=card,
            arrays=_collect_arrays(plan, fitted, conformal, scores, season_errors),
            panel=None if card.keeps_panel == "none" else plan.panel,
            first_rows=_first_rows(request, plan, fitted),
            networks={network_file(key, name): each.onnx for key, each in fitted.items() if each.onnx is not None},
            weights=fitted[name].weights,
            extras={
                "scores.parquet": write_scores(scores, plan.panel, plan.scaler, ranking),
                "training.csv": _write_epochs(fitted[name].epochs),
                "report.html": render_html(report).encode(),
                "report.md": render_markdown(report).encode(),
                "report.json": json.dumps(report_to_json(report), indent=1, ensure_ascii=False).encode(),
            },
        ),
    )
    return TrainResult(request.model_dir, name, verdict, ranking, report.errors, report.learnt_until)


def _make_card(
    request: TrainRequest,
    plan: Plan,
    reading: Reading,
    fitted: Mapping[str, Fitted],
    conformal: Conformal,
    best_baseline: str,
    verdict: str,
    coverage: Mapping[int, float],
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
        calibration_windows=conformal.n,
        learnt_until=plan.split.borders[1],
        keeps_panel=_keep_how_much(request, panel),
        best_baseline=best_baseline,
        verdict=verdict,
        coverage={str(level): share for level, share in coverage.items()},
        data_hash=hash_panel(panel),
        command=request.command,
        versions=_list_versions(),
    )


def _keep_how_much(request: TrainRequest, panel: Panel) -> Literal["all", "tail", "none"]:
    if request.keep_data == 0:
        return "none"
    return "all" if panel.values.nbytes <= request.keep_data else "tail"


def _first_rows(request: TrainRequest, plan: Plan, fitted: Mapping[str, Fitted]) -> Integers | None:
    longest = max(each.model.lookback for each in fitted.values())
    return first_rows_kept(plan.panel, request.keep_data, longest)


def _make_report(
    plan: Plan,
    fitted: Mapping[str, Fitted],
    conformal: Conformal,
    scores: Scores,
    ranking: tuple[RankingRow, ...],
    card: ModelCard,
) -> Report:
    panel, name = plan.panel, plan.config.model
    last = plan.split.borders[1] - 1
    example = show_last_window(plan, fitted[name].model, conformal)
    return Report(
        model=name,
        verdict=card.verdict,
        config=plan.config,
        decisions=card.reading.decisions,
        counts=card.reading.counts,
        ranking=ranking,
        errors=compare_targets(scores, panel, plan.scaler, name),
        scores=scores,
        series_ids=panel.series_ids,
        targets=panel.targets,
        units=panel.units[: panel.n_targets],
        coverage={int(level): share for level, share in card.coverage.items()},
        epochs=fitted[name].epochs,
        recent_timestamps=example.recent_timestamps,
        recent=example.recent,
        forecast=example.forecast,
        truth=example.truth,
        learnt_until=format_instant(panel.origin, panel.freq, panel.tz, last),
        command=card.command,
        versions=card.versions,
        data_hash=card.data_hash,
    )


def _collect_arrays(
    plan: Plan, fitted: Mapping[str, Fitted], conformal: Conformal, scores: Scores, season_errors: Floats
) -> Mapping[str, NDArray[np.generic]]:
    arrays: dict[str, NDArray[np.generic]] = {
        "scaler.loc": plan.scaler.loc,
        "scaler.scale": plan.scaler.scale,
        "panel.offset": plan.panel.offset,
        "conformal.percentiles": conformal.percentiles,
        "season_errors": season_errors,
        "losses.cutoffs": scores.cutoffs,
    }
    arrays |= {f"losses.{model}": scores.losses[m] for m, model in enumerate(scores.models)}
    for each in fitted.values():
        arrays |= each.arrays
    return arrays


def _write_epochs(epochs: tuple[Epoch, ...]) -> bytes:
    names = ("epoch", "loss", "val_loss", "learning_rate", "seconds")
    return to_csv({name: [getattr(epoch, name) for epoch in epochs] for name in names}).encode()


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
        except ModuleNotFoundError:  # importlib's PackageNotFoundError: TensorFlow may not be there
            known[name] = "not installed"
    return known
