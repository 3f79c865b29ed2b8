"""The presets: their lines at every lookback."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.models.costs import measure_kernel
from forecast_cli.models.layers import Conv1D, InputShape, MaxPool1D
from forecast_cli.models.notation import format_network, parse_network
from forecast_cli.models.presets import DEFAULT_PRESET, preset_names, write_preset
from forecast_cli.models.shapes import count_parameters, summarize_network
from forecast_cli.types import Window


def test_the_default_comes_first() -> None:
    assert preset_names()[0] == DEFAULT_PRESET == "conv-birnn"


def test_every_network_that_has_a_name_is_there() -> None:
    assert set(preset_names()) == {
        *("conv-birnn", "conv-birnn-hybrid", "lstm-gru-stack", "dense", "dense-plain", "rnn", "lstm", "gru"),
        *("stacked-lstm", "stacked-lstm-3", "gru-dropout", "stacked-gru", "bidirectional-gru"),
        *("conv", "conv-gru", "conv-dilated"),
    }


def test_the_default_is_the_measured_network_at_the_measured_lookback() -> None:
    line, dropout = write_preset("conv-birnn", Window(720, 96)).rsplit(" | ", 1)
    assert line == (
        'PerChannel | SubtractLast | Conv1D(64, 48, strides=24, activation="swish") | MaxPool1D(2)'
        " | Bidirectional(LSTM(64), GRU(64))"
    )
    assert dropout.startswith("Dropout(")


PUBLISHED = [  # name, lookback, channels, outputs (horizon × targets), parameters as Keras 3 counts them
    ("conv-birnn-hybrid", 50, 6, 1, 328_529),
    ("lstm-gru-stack", 20, 6, 1, 88_449),
    ("lstm", 10, 1, 1, 4_385),
    ("lstm", 10, 2, 1, 4_513),
    ("lstm", 5, 2, 1, 4_513),
    ("lstm", 50, 2, 1, 4_513),
    ("stacked-lstm", 28, 28, 10, 819_722),
    ("stacked-lstm-3", 28, 28, 10, 1_345_034),
    ("dense-plain", 240, 14, 1, 107_585),
    ("gru", 240, 14, 1, 4_641),
    ("gru-dropout", 240, 14, 1, 4_641),
    ("stacked-gru", 240, 14, 1, 23_489),
    ("bidirectional-gru", 240, 14, 1, 9_281),
    ("conv", 240, 14, 1, 12_609),
    ("conv-gru", 240, 14, 1, 13_793),
    ("rnn", 10, 2, 1, (2 + 32 + 1) * 32 + 33),
    ("conv-dilated", 240, 14, 1, (3 * 14 + 1) * 32 + 2 * (3 * 32 + 1) * 32 + 3 * (32 + 32 + 2) * 32 + 33),
]


@pytest.mark.parametrize(("name", "lookback", "n_channels", "outputs", "parameters"), PUBLISHED)
def test_a_preset_has_the_published_number_of_parameters(
    name: str, lookback: int, n_channels: int, outputs: int, parameters: int
) -> None:
    window = Window(lookback, outputs)
    network = parse_network(write_preset(name, window))
    assert count_parameters(network, window, InputShape(n_channels, 1)) == parameters


@pytest.mark.parametrize(("name", "lookback", "n_channels", "outputs", "parameters"), PUBLISHED)
def test_keras_builds_it_with_as_many(name: str, lookback: int, n_channels: int, outputs: int, parameters: int) -> None:
    pytest.importorskip("tensorflow")
    from forecast_cli.models.networks.build import build_network

    window = Window(lookback, outputs)
    network = parse_network(write_preset(name, window))
    assert build_network(network, window, InputShape(n_channels, 1), seed=0).count_params() == parameters


def test_the_default_has_as_many_parameters_as_when_it_was_measured() -> None:
    window = Window(720, 96)
    assert count_parameters(parse_network(write_preset("conv-birnn", window)), window, InputShape(7, 7)) == 73_504


@pytest.mark.parametrize(("lookback", "kernel", "strides"), [(30, 2, 1), (96, 6, 3), (336, 22, 11), (1440, 96, 48)])
def test_the_default_reads_about_thirty_steps_whatever_the_lookback(lookback: int, kernel: int, strides: int) -> None:
    convolution = parse_network(write_preset("conv-birnn", Window(lookback, 24))).layers[0]
    assert convolution == Conv1D(64, kernel, strides, activation="swish")


def test_a_thinned_window_counts_the_steps_that_are_read() -> None:
    assert write_preset("conv-birnn", Window(1440, 24, sample_every=6)) == write_preset("conv-birnn", Window(240, 24))


@given(st.sampled_from(preset_names()), st.integers(1, 3_000), st.integers(1, 100), st.integers(1, 8), st.data())
def test_every_preset_can_be_built_at_every_lookback(
    name: str, lookback: int, horizon: int, n_channels: int, data: st.DataObject
) -> None:
    window = Window(lookback, horizon)
    line = write_preset(name, window)
    network = parse_network(line)
    rows = summarize_network(network, window, InputShape(n_channels, data.draw(st.integers(1, n_channels))))
    assert format_network(network) == line
    assert all(size >= 1 for row in rows for size in row.output)
    reaches = [measure_kernel(layer) for layer in network.layers if isinstance(layer, Conv1D)]
    assert all(reach <= lookback for reach in reaches)


def test_a_pool_that_would_leave_one_step_is_left_out() -> None:
    def pools(lookback: int) -> bool:
        return MaxPool1D(2) in parse_network(write_preset("conv-birnn", Window(lookback, 1))).layers

    assert [pools(lookback) for lookback in (1, 3, 4, 5)] == [False, False, True, True]


def test_a_kernel_is_never_longer_than_the_window() -> None:
    assert write_preset("conv-birnn-hybrid", Window(5, 1)).startswith("Conv1D(32, 5,")


def test_an_unknown_preset_is_told_the_closest_one() -> None:
    with pytest.raises(UsageError, match="no preset is called 'conv-birn'") as caught:
        write_preset("conv-birn", Window(20, 1))
    assert caught.value.hint.startswith("Did you mean conv-birnn? Known: conv-birnn, ")
