"""A GPU, or none: what is written out, and what is said."""

from __future__ import annotations

import pytest

from forecast_cli.models.networks import device
from forecast_cli.models.notation import parse_network
from tests.panels import Recorder


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.setattr(device, "has_gpu", lambda: True)


def hear(line):
    listener = Recorder()
    device.note_device(parse_network(line), listener)
    return [text for text, _, _ in listener.notes]


def test_few_recurrent_steps_are_written_out_on_a_cpu_and_never_on_a_gpu(monkeypatch):
    for has_gpu, expected in [(False, [False, True, True, False]), (True, [False] * 4)]:
        monkeypatch.setattr(device, "has_gpu", lambda found=has_gpu: found)
        assert [device.should_unroll(steps) for steps in (0, 1, 32, 33)] == expected


def test_without_a_gpu_nothing_is_said(monkeypatch):
    monkeypatch.setattr(device, "has_gpu", lambda: False)
    assert hear("GRU(4, recurrent_dropout=0.2)") == []


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("line", ["LSTM(4)", "Bidirectional(LSTM(4), GRU(3))", "GRU(4, dropout=0.2)", "Flatten"])
def test_what_cudnn_computes_is_only_said_to_run_on_the_gpu(line):
    assert hear(line) == ["trains on the GPU"]


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(
    "layer",
    [
        "GRU(4, recurrent_dropout=0.2)",
        'LSTM(4, activation="relu")',
        "GRU(4, reset_after=False)",
        "SimpleRNN(4)",
        "Bidirectional(LSTM(4), GRU(4, recurrent_dropout=0.1))",
    ],
)
def test_a_layer_that_leaves_cudnn_is_named(layer):
    _, second = hear(f"LSTM(3) | {layer}")
    assert layer in second
    assert "LSTM(3) and" not in second
