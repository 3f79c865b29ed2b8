"""The presets: their lines at every lookback."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.models.layers import Conv1D, MaxPool1D
from forecast_cli.models.notation import format_network, parse_network
from forecast_cli.models.presets import DEFAULT_PRESET, preset_names, write_preset
from forecast_cli.models.shapes import count_parameters, summarize_network
from forecast_cli.types import Window


def test_the_default_comes_first() -> None:
    assert preset_names() == ("conv-birnn", "conv-birnn-hybrid", "lstm-gru-stack", "dense")
    assert preset_names()[0] == DEFAULT_PRESET


def test_the_default_is_the_measured_network_at_the_measured_lookback() -> None:
    assert write_preset("conv-birnn", Window(720, 96)) == (
        'PerChannel | SubtractLast | Conv1D(64, 48, strides=24, activation="swish") | MaxPool1D(2)'
        " | Bidirectional(LSTM(64), GRU(64)) | Dropout(0.5)"
    )


@pytest.mark.parametrize(
    ("name", "window", "n_channels", "n_targets", "parameters"),
    [
        ("conv-birnn", Window(720, 96), 7, 7, 73_504),
        ("conv-birnn-hybrid", Window(50, 1), 6, 1, 328_529),
        ("lstm-gru-stack", Window(20, 1), 6, 1, 88_449),
    ],
)
def test_a_preset_has_the_published_number_of_parameters(
    name: str, window: Window, n_channels: int, n_targets: int, parameters: int
) -> None:
    assert count_parameters(parse_network(write_preset(name, window)), window, n_channels, n_targets) == parameters


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
    rows = summarize_network(network, window, n_channels, data.draw(st.integers(1, n_channels)))
    assert format_network(network) == line
    assert all(size >= 1 for row in rows for size in row.output)
    kernels = [layer.kernel_size for layer in network.layers if isinstance(layer, Conv1D)]
    assert all(kernel <= lookback for kernel in kernels)


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
