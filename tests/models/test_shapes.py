"""Shapes and parameter counts: by hand, and held against Keras where it is installed."""

from __future__ import annotations

from typing import Any

import pytest

from forecast_cli.errors import UsageError
from forecast_cli.models.layers import GRU, LSTM, Conv1D, Dense, Flatten, InputShape, Network
from forecast_cli.models.notation import parse_network
from forecast_cli.models.presets import write_preset
from forecast_cli.models.sequences import find_misfit, returns_sequence
from forecast_cli.models.shapes import (
    count_parameters,
    measure_head,
    summarize_network,
)
from forecast_cli.results import LayerRow
from forecast_cli.types import Window


def summarize_line(line: str, lookback: int = 20, n_channels: int = 6, n_targets: int = 1) -> tuple[LayerRow, ...]:
    return summarize_network(parse_network(line), Window(lookback, 1), InputShape(n_channels, n_targets))


# --- Sequences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        ("LSTM(8)", (False,)),
        ("LSTM(8) | GRU(8)", (True, False)),
        ("LSTM(8) | Flatten", (True, False)),
        ("LSTM(8) | Dense(8)", (False, False)),
        ("LSTM(8) | Dropout(0.5)", (False, False)),
        ("LSTM(8) | Dropout(0.5) | Bidirectional(GRU(8))", (True, True, False)),
        ("LSTM(8) | Conv1D(8, 3) | MaxPool1D(2) | Flatten", (True, True, True, False)),
        ("Dense(8) | Dropout(0.1) | GRU(8)", (True, True, False)),
        ("Flatten | Dense(8) | Flatten", (False, False, False)),
        ("LSTM(8) | LayerNormalization | GRU(8)", (True, True, False)),
        ("LSTM(8) | LayerNormalization", (False, False)),
        ("LSTM(8) | Attention(4)", (True, False)),
        ("LSTM(8) | MultiHeadAttention(2, 4) | GlobalMaxPool1D", (True, True, False)),
        ("Masking | SimpleRNN(8) | Masking | GRU(8)", (True, True, True, False)),
        ("AveragePooling1D(2) | GlobalAveragePooling1D | LayerNormalization", (True, False, False)),
    ],
)
def test_whether_a_layer_returns_its_sequence_follows_from_the_next(line: str, flags: tuple[bool, ...]) -> None:
    assert returns_sequence(parse_network(line)) == flags


def test_a_misfit_is_found_in_a_network_built_by_hand() -> None:
    assert find_misfit(Network((), (LSTM(8),))) is None
    assert find_misfit(Network((), (Flatten(), LSTM(8)))) == (
        1,
        "LSTM(8) reads a sequence, and Flatten before it leaves a single row",
    )
    assert find_misfit(Network((), ())) == (-1, "the head reads a single row, and the window leaves a sequence")


# --- Shapes and counts ------------------------------------------------------------------------------------------------


def test_the_default_at_720_steps_row_by_row() -> None:
    window = Window(720, 96)
    rows = summarize_network(parse_network(write_preset("conv-birnn", window)), window, InputShape(7, 7))
    assert [(row.layer.split("(")[0], row.output, row.parameters) for row in rows] == [
        ("PerChannel", (720, 1), 0),
        ("SubtractLast", (720, 1), 0),
        ("Conv1D", (30, 64), 3_136),
        ("MaxPool1D", (15, 64), 0),
        ("Bidirectional", (128,), 57_984),
        ("Dropout", (128,), 0),
        ("Dense", (96,), 12_384),
    ]


def test_covariates_ride_along_per_channel() -> None:
    row = summarize_line("PerChannel | LSTM(8)", n_channels=14, n_targets=3)[0]
    assert row == LayerRow("PerChannel", (20, 12), 0, "each target by itself (3 of them), with the same weights", 0, 0)


def test_the_head_is_as_wide_as_horizon_and_targets_ask() -> None:
    window = Window(20, 24)
    assert measure_head(parse_network("LSTM(8)"), window, 3) == 72
    assert measure_head(parse_network("PerChannel | LSTM(8)"), window, 3) == 24
    assert summarize_network(parse_network("LSTM(8)"), window, InputShape(5, 3))[-1] == LayerRow(
        "Dense(72)", (72,), 648, "the head", 0, 8 * 72
    )


@pytest.mark.parametrize(
    ("line", "remark", "parameters"),
    [
        ("LSTM(16)", "4·((6+16+1)·16)", 1_472),
        ("GRU(32)", "3·((6+32+2)·32)", 3_840),
        ("GRU(32, reset_after=False)", "3·((6+32+1)·32)", 3_744),
        ("Bidirectional(LSTM(24), GRU(16))", "4·((6+24+1)·24) + 3·((6+16+2)·16)", 4_128),
        ("Bidirectional(GRU(32))", "3·((6+32+2)·32) + 3·((6+32+2)·32)", 7_680),
        ("SimpleRNN(32)", "(6+32+1)·32", 1_248),
        ('SimpleRNN(32, initial_state="learnt")', "(6+32+1)·32 + 32", 1_280),
        ('LSTM(16, initial_state="learnt")', "4·((6+16+1)·16) + 2·16", 1_504),
        ("GRU(32, dropout=0.2, recurrent_dropout=0.2)", "3·((6+32+2)·32)", 3_840),
    ],
)
def test_a_recurrent_layer_shows_the_formula_of_its_count(line: str, remark: str, parameters: int) -> None:
    row = summarize_line(line)[0]
    assert (row.remark, row.parameters) == (remark, parameters)
    assert eval(remark.replace("·", "*")) == parameters


@pytest.mark.parametrize(
    ("line", "output", "remark"),
    [
        ("Conv1D(8, 3) | Flatten", (20, 8), ""),
        ("Conv1D(8, 30, strides=3) | Flatten", (7, 8), ""),
        ('Conv1D(8, 5, padding="valid") | Flatten', (16, 8), "not padded: reads 4 steps fewer"),
        ('Conv1D(8, 5, 3, "valid") | Flatten', (6, 8), "not padded: reads 4 steps fewer"),
        ('Conv1D(8, 3, padding="valid", dilation_rate=4) | Flatten', (12, 8), "not padded: reads 8 steps fewer"),
        ('Conv1D(8, 5, 3, "causal") | Flatten', (7, 8), ""),
        ('Conv1D(8, 5, padding="causal", dilation_rate=9) | Flatten', (20, 8), ""),
        ("MaxPool1D(2) | Flatten", (10, 6), ""),
        ("AveragePooling1D(6) | Flatten", (3, 6), "leaves out the oldest 2 steps"),
        ("GlobalMaxPool1D", (6,), ""),
        ("GlobalAveragePooling1D", (6,), ""),
        ("Attention(3)", (6,), ""),
        ("MultiHeadAttention(2, 3) | Flatten", (20, 6), ""),
        ("LayerNormalization | Flatten", (20, 6), ""),
        ("Masking | LSTM(3)", (20, 6), ""),
        ("MaxPool1D(19) | Flatten", (1, 6), "leaves out the oldest step"),
        ("MaxPool1D(6) | Flatten", (3, 6), "leaves out the oldest 2 steps"),
        ("Dense(4) | Flatten", (20, 4), ""),
    ],
)
def test_layers_along_time_shorten_the_sequence(line: str, output: tuple[int, ...], remark: str) -> None:
    row = summarize_line(line)[0]
    assert (row.output, row.remark) == (output, remark)


def test_the_total_is_the_sum_of_the_rows() -> None:
    network = parse_network("LSTM(8) | Dense(4)")
    assert count_parameters(network, Window(20, 2), InputShape(3, 3)) == 4 * (3 + 8 + 1) * 8 + 9 * 4 + 5 * 6


# --- Costs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "steps", "multiply_adds"),
    [
        ("Conv1D(8, 3) | Flatten", 0, 20 * 3 * 6 * 8),
        ("Conv1D(8, 4, strides=2) | Flatten", 0, 10 * 4 * 6 * 8),
        ("LSTM(16)", 20, 20 * 4 * (6 + 16) * 16),
        ("GRU(16)", 20, 20 * 3 * (6 + 16) * 16),
        ("SimpleRNN(16)", 20, 20 * (6 + 16) * 16),
        ("Bidirectional(LSTM(4), SimpleRNN(8))", 20, 20 * (4 * (6 + 4) * 4 + (6 + 8) * 8)),
        ("Dense(5) | Flatten", 0, 20 * 6 * 5),
        ("Attention(5)", 0, 20 * 6 * 5 + 6 * 5 + 20 * 5 + 20 * 6),
        ("MultiHeadAttention(2, 5) | Flatten", 0, 4 * 20 * 6 * 10 + 2 * 20 * 20 * 10),
        ("MaxPool1D(2) | Flatten", 0, 0),
    ],
)
def test_a_layer_shows_what_it_costs_for_one_window(line: str, steps: int, multiply_adds: int) -> None:
    row = summarize_line(line)[0]
    assert (row.recurrent_steps, row.multiply_adds) == (steps, multiply_adds)


def test_a_channel_window_of_the_default_costs_what_was_measured_and_all_targets_their_number_times_that() -> None:
    window = Window(720, 96)
    network = parse_network(write_preset("conv-birnn", window))
    for targets in (1, 7):
        rows = summarize_network(network, window, InputShape(targets, targets))
        assert sum(row.multiply_adds or 0 for row in rows) == targets * 964_608  # 1.93 MFLOP
        assert sum(row.recurrent_steps or 0 for row in rows) == 15


def test_framings_are_counted_too() -> None:
    sizes = InputShape(4, 2, n_future=5, n_series=10, statics=(2, 3))
    line = "PerChannel | Observed | Cycle(24) | Future(8) | SeriesEmbedding(3) | StaticEmbedding(2) | LSTM(6)"
    rows = summarize_network(parse_network(line), Window(20, 7), sizes)
    row = 6 + 3 + 2 * 2  # what the head reads
    assert [(each.output, each.parameters) for each in rows] == [
        ((20, 6), 0),
        ((20, 6), 0),  # a target and two covariates, and for each whether it was observed
        ((20, 6), 24 * 2),
        ((7, 5), (row + 1) * 4 * 7 + (4 + 5 + 1) * 8 + (8 + 1)),
        ((3,), 10 * 2 * 3),
        ((4,), (2 + 3) * 2),
        ((6,), 4 * (6 + 6 + 1) * 6),
        ((7,), (row + 1) * 7),
    ]


# --- What cannot be built ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "lookback", "says"),
    [
        (
            "Conv1D(8, 3, strides=10) | MaxPool1D(4) | Flatten",
            30,
            "layer 2, MaxPool1D(4), needs 4 steps, and 3 reach it",
        ),
        ('Conv1D(8, 5, padding="valid") | Flatten', 4, 'layer 1, Conv1D(8, 5, padding="valid"), needs 5 steps, and 4'),
        ('Conv1D(8, 3, padding="valid", dilation_rate=3) | Flatten', 6, "needs 7 steps, and 6 reach it"),
    ],
)
def test_a_window_too_short_for_a_layer_names_the_layer(line: str, lookback: int, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        summarize_line(line, lookback)
    assert says in caught.value.message
    assert "--lookback" in caught.value.hint


@pytest.mark.parametrize("network", [Network((), (Conv1D(8, 3),)), Network((), (Dense(8), Dense(8)))])
def test_a_network_that_ends_on_a_sequence_is_refused(network: Network) -> None:
    with pytest.raises(UsageError, match="the head reads a single row") as caught:
        summarize_network(network, Window(20, 1), InputShape(6, 1))
    assert "Flatten" in caught.value.hint


@pytest.mark.parametrize(
    ("line", "says", "flag"),
    [
        ("Future(8) | LSTM(8)", "nothing is known ahead", "--future-covariate"),
        ("StaticEmbedding(8) | LSTM(8)", "no static covariate", "--static-covariate"),
    ],
)
def test_a_framing_that_has_nothing_to_read_is_refused(line: str, says: str, flag: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        summarize_line(line)
    assert flag in caught.value.hint


@pytest.mark.parametrize(("n_channels", "n_targets"), [(3, 4), (3, 0), (0, 0)])
def test_targets_are_some_of_the_channels(n_channels: int, n_targets: int) -> None:
    with pytest.raises(UsageError, match="targets are channels"):
        summarize_line("LSTM(8)", 20, n_channels, n_targets)


@pytest.mark.parametrize("window", [Window(5, 1, sample_every=6), Window(5, 0)])
def test_a_window_without_rows_is_refused(window: Window) -> None:
    with pytest.raises(UsageError, match="nothing is read, or nothing forecast"):
        summarize_network(Network((), (GRU(8),)), window, InputShape(1, 1))


# --- Against Keras ----------------------------------------------------------------------------------------------------


def build_pair(x: Any, forward: Any, backward: Any, sequence: bool) -> Any:
    """Return two directions side by side; Keras's own Bidirectional cannot pair different widths."""
    from keras import layers, ops

    back = backward(x)
    return layers.Concatenate()([forward(x), ops.flip(back, axis=1) if sequence else back])


def build_conv_birnn(x: Any) -> list[Any]:
    from keras import layers

    conv = layers.Conv1D(64, 48, strides=24, padding="same", activation="swish")(x)
    pool = layers.MaxPooling1D(2)(conv)
    pair = build_pair(pool, layers.LSTM(64), layers.GRU(64, go_backwards=True), False)
    dropout = layers.Dropout(0.5)(pair)
    return [conv, pool, pair, dropout, layers.Dense(96)(dropout)]


def build_conv_birnn_hybrid(x: Any) -> list[Any]:
    from keras import layers

    every = {"return_sequences": True}
    conv = layers.Conv1D(32, 10, padding="same", activation="swish")(x)
    pool = layers.MaxPooling1D(2)(conv)
    first = build_pair(pool, layers.LSTM(24, **every), layers.GRU(16, go_backwards=True, **every), True)
    second = build_pair(first, layers.LSTM(24, **every), layers.GRU(24, go_backwards=True, **every), True)
    flat = layers.Flatten()(second)
    dense = layers.Dense(256, "swish")(flat)
    return [conv, pool, first, second, flat, dense, layers.Dense(1)(dense)]


def build_lstm_gru_stack(x: Any) -> list[Any]:
    from keras import layers

    lstm = layers.LSTM(16, return_sequences=True)(x)
    gru = layers.GRU(32, return_sequences=True)(lstm)
    flat = layers.Flatten()(gru)
    dense = layers.Dense(128, "swish")(flat)
    return [lstm, gru, flat, dense, layers.Dense(1)(dense)]


def build_dense(x: Any) -> list[Any]:
    from keras import layers

    flat = layers.Flatten()(x)
    dense = layers.Dense(256, "relu")(flat)
    return [flat, dense, layers.Dense(96)(dense)]


def build_odds_and_ends(x: Any) -> list[Any]:
    from keras import layers

    dense = layers.Dense(5)(x)
    dilated = layers.Conv1D(7, 3, padding="valid", dilation_rate=4)(dense)
    strided = layers.Conv1D(8, 5, strides=3, padding="valid")(dilated)
    pool = layers.MaxPooling1D(3)(strided)
    both = layers.Bidirectional(layers.GRU(6, return_sequences=True))(pool)
    plain = layers.GRU(4, reset_after=False)(both)
    return [dense, dilated, strided, pool, both, plain, layers.Dense(3, "relu")(plain)]


def build_later_layers(x: Any) -> list[Any]:
    from keras import layers

    normal = layers.LayerNormalization()(x)
    plain = layers.SimpleRNN(6, "relu", return_sequences=True)(normal)
    heads = layers.MultiHeadAttention(2, 5)(plain, plain)
    causal = layers.Conv1D(7, 3, padding="causal", dilation_rate=2)(heads)
    pool = layers.AveragePooling1D(3)(causal)
    gru = layers.GRU(5, recurrent_dropout=0.2, return_sequences=True)(pool)
    largest = layers.GlobalMaxPooling1D()(gru)
    return [normal, plain, heads, causal, pool, gru, largest, layers.Dense(3)(largest)]


LATER_LAYERS = (
    'LayerNormalization | SimpleRNN(6, "relu") | MultiHeadAttention(2, 5)'
    ' | Conv1D(7, 3, padding="causal", dilation_rate=2) | AveragePooling1D(3) | GRU(5, recurrent_dropout=0.2)'
    " | GlobalMaxPool1D"
)
ODDS_AND_ENDS = (
    'Dense(5) | Conv1D(7, 3, padding="valid", dilation_rate=4) | Conv1D(8, 5, strides=3, padding="valid")'
    " | MaxPool1D(3) | Bidirectional(GRU(6)) | GRU(4, reset_after=False)"
)


@pytest.mark.parametrize(
    ("name", "window", "n_channels", "n_targets", "build"),
    [
        ("conv-birnn", Window(720, 96), 7, 7, build_conv_birnn),
        ("conv-birnn-hybrid", Window(50, 1), 6, 1, build_conv_birnn_hybrid),
        ("lstm-gru-stack", Window(20, 1), 6, 1, build_lstm_gru_stack),
        ("dense", Window(336, 96), 9, 7, build_dense),
        (ODDS_AND_ENDS, Window(71, 3), 4, 1, build_odds_and_ends),
        (LATER_LAYERS, Window(24, 3), 4, 1, build_later_layers),
    ],
)
def test_shapes_and_counts_are_those_of_keras(
    name: str, window: Window, n_channels: int, n_targets: int, build: Any
) -> None:
    pytest.importorskip("tensorflow")
    import keras

    network = parse_network(name if "|" in name else write_preset(name, window))
    ours = summarize_network(network, window, InputShape(n_channels, n_targets))
    x = keras.Input((window.inputs, n_channels if network.mixes_channels else 1 + n_channels - n_targets))
    outputs = build(x)
    model = keras.Model(x, outputs)
    assert [row.output for row in ours[len(network.framings) :]] == [output.shape[1:] for output in outputs]
    assert sum(row.parameters for row in ours) == model.count_params()
