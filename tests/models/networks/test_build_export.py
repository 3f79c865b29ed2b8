"""Every layer, activation and framing of the notation in ONNX: the same forecasts, whatever the graph is made of."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from forecast_cli.models.forms import FORMS
from forecast_cli.models.layers import Activation, InputShape
from forecast_cli.models.networks.build import build_network
from forecast_cli.models.notation import parse_network
from forecast_cli.models.shapes import count_parameters
from forecast_cli.types import Window

L, H = 11, 2
SIZES = InputShape(3, 2, n_future=2, n_series=3, statics=(2, 4))
NAMES = get_args(Activation)
PAIRS = tuple(zip(NAMES[::2], (*NAMES[1::2], NAMES[-1]), strict=True))
LINES = (
    "Masking | SimpleRNN(3) | LSTM(3) | GRU(3)",
    "Masking | GRU(3, reset_after=False) | Bidirectional(GRU(2), LSTM(3)) | MultiHeadAttention(2, 3) | Attention(4)",
    'SimpleRNN(3, initial_state="learnt") | LSTM(3, initial_state="learnt") | GRU(3, initial_state="learnt")',
    'Masking | Bidirectional(LSTM(2, initial_state="learnt"), GRU(3, initial_state="learnt")) | Flatten',
    "GRU(3, recurrent_dropout=0.5) | LSTM(3, dropout=0.3) | Dropout(0.2) | SimpleRNN(3, dropout=0.1)",
    'GRU(3, activation="relu") | LSTM(3, activation="swish", recurrent_activation="tanh") | GlobalMaxPool1D',
    'Conv1D(4, 3, padding="causal", dilation_rate=3) | AveragePooling1D(2) | LayerNormalization | Attention(3)',
    'Conv1D(4, 3, padding="causal", strides=2) | GlobalAveragePooling1D | LayerNormalization',
    "MultiHeadAttention(3, 2, dropout=0.1) | MaxPool1D(2) | Flatten",
    "PerChannel | RevIN | Cycle(5) | Observed | Future(3) | SeriesEmbedding(2) | StaticEmbedding(2) | Masking | GRU(3)",
    "RevIN | Cycle(5) | Observed | Future(3) | SeriesEmbedding(2) | StaticEmbedding(2) | Masking | LSTM(3)",
    " | ".join(f'GRU(2, activation="{one}", recurrent_activation="{other}")' for one, other in PAIRS),
)


def draw(n):
    rng = np.random.default_rng(1)
    return {
        "history": rng.normal(size=(n, L, 3)).astype(np.float32),
        "observed": (rng.random((n, L, 3)) < 0.4).astype(np.float32),
        "future": rng.normal(size=(n, H, 2)).astype(np.float32),
        "series": rng.integers(-1, 3, size=n).astype(np.int32),
        "statics": rng.integers(-1, [2, 4], size=(n, 2)).astype(np.int32),
        "phase": rng.integers(0, 10**9, size=n).astype(np.int32),
    }


@pytest.mark.parametrize("line", LINES)
def test_a_layer_forecasts_the_same_in_onnx(line, tmp_path):
    import onnxruntime

    network, window = parse_network(line), Window(L, H)
    trained = build_network(network, window, SIZES, unroll=True, seed=1)
    portable = build_network(network, window, SIZES, portable=True, seed=1)
    assert trained.count_params() == count_parameters(network, window, SIZES)
    rng = np.random.default_rng(3)
    trained.set_weights([w + rng.normal(scale=0.1, size=w.shape).astype(np.float32) for w in trained.get_weights()])
    portable.set_weights(trained.get_weights())
    inputs = {name: array for name, array in draw(7).items() if name in network.inputs}
    portable(inputs)
    portable.export(tmp_path / "network.onnx", format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "network.onnx")
    assert {each.name for each in session.get_inputs()} == set(network.inputs)
    (exported,) = session.run(None, inputs)
    np.testing.assert_allclose(exported, np.asarray(trained(inputs, training=False)), atol=2e-5)


def test_no_layer_of_the_notation_is_left_out():
    written = " ".join(LINES)
    assert [name for name in FORMS if name not in written] == ["SubtractLast", "Dense"]  # exported elsewhere
