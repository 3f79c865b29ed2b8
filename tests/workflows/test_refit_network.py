"""A network trained again on all rows, and what `--from` then goes on from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.artifact.load import open_artifact
from forecast_cli.models.notation import parse_network
from forecast_cli.requests import TrainRequest
from forecast_cli.types import Training
from forecast_cli.workflows import fitting
from forecast_cli.workflows.plan import make_plan
from forecast_cli.workflows.refit import take_all
from forecast_cli.workflows.train import train
from forecast_cli.workflows.warm_start import plan_warm_start
from tests.panels import Recorder
from tests.workflows.conftest import ROWS, write_hours

pytest.importorskip("tensorflow")

LAYERS = "PerChannel | SubtractLast | GRU(2)"
ASKED = {"lookback": 24, "horizon": 6, "layers": LAYERS, "training": Training(epochs=2, learning_rate=0.01)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with plant.csv and the directory of a refitted network; do not change it."""
    folder = tmp_path_factory.mktemp("network")
    request = TrainRequest((str(write_hours(folder / "plant.csv")),), folder / "model", refit=True, **ASKED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_has_tensorflow", lambda plan, listener: False)  # no dense baseline
        train(request, Recorder())
    return folder


def test_the_network_is_trained_anew_on_all_windows_for_the_epochs_that_were_best(folder):
    from forecast_cli.models.networks.export import collect_weights
    from forecast_cli.models.networks.forecaster import NetworkForecaster

    artifact = open_artifact(folder / "model")
    request = TrainRequest((), folder / "other", **ASKED)
    plan = take_all(make_plan(request, artifact.load_panel(), Recorder()))
    lines = (folder / "model" / "training.csv").read_text().splitlines()[1:]
    losses = [float(line.split(",")[2]) for line in lines]
    training = replace(plan.config.training, epochs=1 + int(np.argmin(losses)))
    network = NetworkForecaster("layers", parse_network(LAYERS), plan.config.window, training)
    oracle = collect_weights(network.fit(plan.scaled, plan.split, Recorder()))
    stored = artifact.load_weights()
    assert stored.keys() == oracle.keys()
    for name, weights in oracle.items():
        np.testing.assert_array_equal(stored[name], weights)


def test_both_sets_are_run_by_onnx_and_differ(folder):
    artifact = open_artifact(folder / "model")
    first, second = (artifact.load_model("layers", refitted=each) for each in (False, True))
    assert first.parameters == second.parameters
    names = {"network.onnx", "network-refit.onnx", "weights.safetensors", "weights-refit.safetensors"}
    assert names <= artifact.manifest.files.keys()
    assert artifact.manifest.files["network.onnx"].sha256 != artifact.manifest.files["network-refit.onnx"].sha256


def test_training_goes_on_from_the_refitted_weights_and_scores_only_what_they_have_not_learnt(folder):
    later = write_hours(folder / "later.csv", ROWS - 100, ROWS + 60)
    heard = Recorder()
    plan, _ = plan_warm_start(TrainRequest((str(later),), folder / "new", start=folder / "model"), heard)
    assert "(layers, refitted)" in heard.text
    assert plan.start is not None
    refitted = open_artifact(folder / "model").load_weights()
    assert all(np.array_equal(refitted[name], weights) for name, weights in plan.start.weights.items())
    train_end, validation_end, end = plan.split.borders
    assert ROWS <= train_end < validation_end < end == ROWS + 60
