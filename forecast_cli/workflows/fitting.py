"""Every model of a run, fitted once on the training part and turned into what the model directory keeps."""

from __future__ import annotations

import gc
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.card import KeptModel
from forecast_cli.errors import MissingDependencyError
from forecast_cli.evaluation.backtest import score_models
from forecast_cli.evaluation.metrics import average
from forecast_cli.models.notation import format_network, parse_network
from forecast_cli.models.presets import write_preset
from forecast_cli.models.reads import describe_reads, measure_inputs
from forecast_cli.models.registry import make_closed_forms
from forecast_cli.models.runtime import open_network
from forecast_cli.prepare.inputs import forget_half, gather_inputs
from forecast_cli.prepare.windows import take_evenly
from forecast_cli.stages import tell_stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.models.layers import Network
    from forecast_cli.models.networks.forecaster import NetworkForecaster
    from forecast_cli.models.registry import ClosedForm
    from forecast_cli.types import Batch, Epoch, Listener, Training
    from forecast_cli.workflows.plan import Plan

MOST_CUTOFFS = 1_000  # to compare models on validation
BASELINE_SHARE = 0.25  # of the time limit, for the dense baseline beside another network
CHECKED_WINDOWS = 64  # on which ONNX is held against Keras


@dataclass(frozen=True)
class _Naming:
    """A listener that hears of the stages of one model by that model's name: `train dense`."""

    listener: Listener
    name: str

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Pass a note on, after the model's name."""
        self.listener.note(f"{self.name}: {text}", flag, warning=warning)

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Pass progress on under the model's name."""
        self.listener.progress(f"{stage} {self.name}", done, total, facts)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted model, as the model directory will keep it."""

    model: Predictor
    kept: KeptModel
    fit_seconds: float
    arrays: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    onnx: bytes | None = None
    weights: Mapping[str, NDArray[np.generic]] | None = None
    epochs: tuple[Epoch, ...] = ()
    best_epoch: int = 0  # the one whose weights are kept; 0: what training began with


def fit_models(plan: Plan, listener: Listener) -> Mapping[str, Fitted]:
    """Return every model by name: the closed forms, the dense baseline where networks are trained, the asked one.

    Raises MissingDependencyError where a network is asked for and TensorFlow is not there.
    """
    if plan.network is not None:
        _load_tensorflow(listener)
    window, n_targets = plan.config.window, plan.scaled.n_targets
    fitted = {
        name: fit_closed_form(model, plan, listener)
        for name, model in make_closed_forms(window, n_targets, plan.seasons).items()
    }
    season = fitted["seasonal-naive"].model.lookback
    if len(plan.seasons) > 1:
        listener.note(f"seasonal-naive: a season of {season} steps is best on validation", "--season")
    if plan.trains_networks and plan.config.model != "dense" and _has_tensorflow(plan, listener):
        training = limit_training(plan.config.training, 1.0 if plan.network is None else BASELINE_SHARE)
        fitted["dense"] = fit_network("dense", parse_network(write_preset("dense", window)), training, plan, listener)
    if plan.network is not None:
        spent = fitted["dense"].fit_seconds if "dense" in fitted else 0.0
        training = limit_training(plan.config.training, spent=spent)
        fitted[plan.config.model] = fit_network(plan.config.model, plan.network, training, plan, listener)
    return fitted


def limit_training(training: Training, share: float = 1.0, spent: float = 0.0) -> Training:
    """Return the training with so much of its time limit: a share of it, less the seconds that were spent."""
    if training.time_limit is None:
        return training
    return replace(training, time_limit=max(share * training.time_limit - spent, 0.0))


def find_best(fitted: Mapping[str, Fitted], names: tuple[str, ...], plan: Plan, listener: Listener) -> str:
    """Return which of the names has the smallest error on the validation cutoffs."""
    models = {name: fitted[name].model for name in names if name in fitted}
    rows = take_evenly(plan.split.validation, MOST_CUTOFFS)
    scores = score_models(models, plan.scaled, plan.config.window, plan.counts, rows, listener)
    return scores.models[int(np.argmin(average(scores.absolute, scores.n)))]


def fit_closed_form(model: ClosedForm, plan: Plan, listener: Listener) -> Fitted:
    """Return the model fitted on the training part; one that was fitted before keeps what it chose."""
    began = time.perf_counter()
    with tell_stage(listener, f"fit {model.name}"):
        done = model.fit(plan.scaled, plan.split, listener)
    arrays = {f"{model.name}.{key}": array for key, array in done.to_arrays().items()}
    kept = KeptModel("closed-form", None, done.parameters)
    return Fitted(done, kept, time.perf_counter() - began, arrays)


def fit_network(name: str, network: Network, training: Training, plan: Plan, listener: Listener) -> Fitted:
    """Return the network, trained, written as ONNX and checked against Keras: the model is what `predict` will run."""
    from forecast_cli.models.networks.export import check_onnx, collect_weights, export_onnx
    from forecast_cli.models.networks.forecaster import NetworkForecaster

    weights = plan.start.weights if plan.start is not None and name == plan.config.model else None
    forecaster: NetworkForecaster = NetworkForecaster(name, network, plan.config.window, training, start=weights)
    listener = _Naming(listener, name)
    forecaster = forecaster.fit(plan.scaled, plan.split, listener)
    gc.collect()  # compiled steps are cycles that hold the panel's tensors: the next network brings its own
    with tell_stage(listener, "save"), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        export_onnx(forecaster, path)
        check_onnx(path, forecaster, _take_windows(plan, forecaster))
        data = path.read_bytes()
    panel = plan.scaled
    reads = describe_reads(network, plan.config.window, panel)
    model = open_network(data, plan.config.window, measure_inputs(panel), reads, forecaster.parameters)
    kept = KeptModel("network", format_network(network), forecaster.parameters)
    return Fitted(
        model=model,
        kept=kept,
        fit_seconds=forecaster.fit_seconds,
        onnx=data,
        weights=collect_weights(forecaster),
        epochs=forecaster.history,
        best_epoch=forecaster.best_epoch,
    )


def _take_windows(plan: Plan, model: Predictor) -> Batch:
    """Return real windows as the model reads them, every second one as of a series never seen."""
    rows = take_evenly(plan.split.train, CHECKED_WINDOWS)
    return forget_half(gather_inputs(plan.scaled, rows, model))


def _load_tensorflow(listener: Listener) -> None:
    with tell_stage(listener, "load TensorFlow"):
        _require_tensorflow()


def _require_tensorflow() -> None:
    from forecast_cli.models.networks.backend import load_backend

    load_backend()


def _has_tensorflow(plan: Plan, listener: Listener) -> bool:
    if plan.network is not None:
        return True
    try:
        _load_tensorflow(listener)
    except MissingDependencyError as error:
        listener.note(f"the dense baseline is left out: {error.message}", warning=True)
        return False
    return True
