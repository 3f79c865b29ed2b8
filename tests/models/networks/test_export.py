"""Leaving Keras: ONNX that forecasts the same, weights that go out and in."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from forecast_cli.errors import ArtifactError, ExitCode, ForecastError
from forecast_cli.models.layers import (
    GRU,
    LSTM,
    Activation,
    Bidirectional,
    Conv1D,
    Dense,
    InputShape,
    Network,
    SubtractLast,
)
from forecast_cli.models.networks.build import build_network
from forecast_cli.models.networks.export import assign_weights, check_onnx, collect_weights, export_onnx
from forecast_cli.models.networks.forecaster import NetworkForecaster
from forecast_cli.models.notation import parse_network
from forecast_cli.models.presets import preset_names, write_preset
from forecast_cli.types import Batch, Training, Window

LINES = (
    "GRU(3, reset_after=False)",
    'Conv1D(4, 3, padding="valid") | GRU(3)',
    "Conv1D(4, 3, dilation_rate=2) | LSTM(3) | Flatten",
    "Conv1D(4, 4, strides=3) | MaxPool1D(2) | Bidirectional(GRU(3), LSTM(2)) | Dropout(0.2) | Bidirectional(LSTM(2))",
    "PerChannel | SubtractLast | Dense(4) | GRU(2)",
    *(f'Flatten | Dense(5, "{name}")' for name in get_args(Activation)),
)


def make_batch(n, L, C, scale=1.0):
    history = (np.random.default_rng(2).normal(size=(n, L, C)) * scale).astype(np.float32)
    none = np.zeros(n, dtype=np.int64)
    return Batch(history, np.ones(history.shape, dtype=bool), none, none)


def make_fitted(network, window, C, T):
    """Return a forecaster whose weights, biases too, are all different and not small."""
    model = build_network(network, window, InputShape(C, T), seed=1)
    rng = np.random.default_rng(3)
    model.set_weights([w + rng.normal(scale=0.1, size=w.shape).astype(np.float32) for w in model.get_weights()])
    return replace(NetworkForecaster("made", network, window, Training()), model=model, sizes=InputShape(C, T))


def restore_weights(fitted, weights, sizes):
    """Return the network with these weights, fitted."""
    model = build_network(fitted.network, fitted.window, sizes, seed=fitted.training.seed)
    assign_weights(model, weights)
    return replace(fitted, model=model, sizes=sizes)


def open_session(path):
    import onnxruntime

    return onnxruntime.InferenceSession(path.read_bytes())


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_forecasts_the_same_in_onnx(tmp_path, name):
    L, C, T, H = 23, 5, 3, 4
    fitted = make_fitted(parse_network(write_preset(name, Window(L, H))), Window(L, H), C, T)
    export_onnx(fitted, tmp_path / "network.onnx")
    assert check_onnx(tmp_path / "network.onnx", fitted, make_batch(9, L, C)) < 1e-5


@pytest.mark.parametrize("line", LINES)
def test_every_layer_and_activation_forecasts_the_same_in_onnx(tmp_path, line):
    fitted = make_fitted(parse_network(line), Window(17, 2), 3, 2)
    export_onnx(fitted, tmp_path / "network.onnx")
    assert check_onnx(tmp_path / "network.onnx", fitted, make_batch(5, 17, 3, scale=3)) < 1e-5


def test_the_exported_network_takes_any_number_of_windows(tmp_path, trained):
    export_onnx(trained, tmp_path / "network.onnx")
    session = open_session(tmp_path / "network.onnx")
    (entry,), (result,) = session.get_inputs(), session.get_outputs()
    assert entry.shape[1:] == [6, 2]
    assert result.shape[1:] == [2, 2]
    for n in (1, 513):
        assert session.run(None, {entry.name: make_batch(n, 6, 2).history})[0].shape == (n, 2, 2)


def test_the_exported_graph_is_as_long_as_the_layers_not_as_the_window(tmp_path):
    import onnx

    sizes = []
    for L in (6, 60):
        path = tmp_path / f"{L}.onnx"
        export_onnx(make_fitted(parse_network("LSTM(3) | GRU(3)"), Window(L, 2), 2, 1), path)
        sizes.append(len(onnx.load(path).graph.node))
    assert sizes[0] == sizes[1]


def test_a_file_that_forecasts_otherwise_is_a_bug_that_is_caught(tmp_path, trained):
    weights = collect_weights(trained)
    other = restore_weights(trained, {**weights, "head/bias": weights["head/bias"] + 0.01}, InputShape(2, 2))
    export_onnx(other, tmp_path / "network.onnx")
    with pytest.raises(ForecastError, match="forecasts otherwise") as caught:
        check_onnx(tmp_path / "network.onnx", trained, make_batch(4, 6, 2))
    assert caught.value.code is ExitCode.BUG


def test_weights_have_plain_names_and_come_back_the_same():
    network = Network((SubtractLast(),), (Conv1D(2, 3), Bidirectional(LSTM(3), GRU(2)), Dense(4)))
    fitted = make_fitted(network, Window(8, 2), 3, 1)
    weights = collect_weights(fitted)
    assert set(weights) == {
        *(f"{layer}/{part}" for layer in ("layer1", "layer3", "head") for part in ("kernel", "bias")),
        *(f"layer2_{way}/{part}" for way in ("forward", "backward") for part in ("kernel", "recurrent_kernel", "bias")),
    }
    back = restore_weights(replace(fitted, model=None), weights, InputShape(3, 1))
    batch = make_batch(4, 8, 3)
    np.testing.assert_array_equal(back.predict(batch), fitted.predict(batch))


def drop_head(weights):
    return {name: array for name, array in weights.items() if name != "head/bias"}


@pytest.mark.parametrize(
    "spoil",
    [
        drop_head,
        lambda weights: {**weights, "layer9/kernel": weights["head/bias"]},
        lambda weights: {**weights, "head/bias": weights["head/bias"][:-1]},
        lambda weights: {**weights, "head/bias": weights["head/bias"].astype(np.float64)},
        lambda weights: {**weights, "head/bias": weights["head/bias"] * np.float32(np.nan)},
    ],
)
def test_weights_of_another_network_are_refused_by_name(trained, spoil):
    with pytest.raises(ArtifactError, match=r"head/bias|layer9/kernel"):
        restore_weights(trained, spoil(collect_weights(trained)), InputShape(2, 2))
