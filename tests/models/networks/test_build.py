"""Layers as Keras has them, framings as the notation says."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import UsageError
from forecast_cli.models.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Flatten,
    InputShape,
    MaxPool1D,
    Network,
    PerChannel,
    SubtractLast,
)
from forecast_cli.models.networks.backend import load_backend
from forecast_cli.models.networks.build import build_network
from forecast_cli.models.notation import parse_network
from forecast_cli.models.presets import preset_names, write_preset
from forecast_cli.models.shapes import count_parameters
from forecast_cli.types import Window


def draw(*shape):
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


def run(model, x):
    return np.asarray(model({"history": x} if isinstance(model.input, dict) else x, training=False))


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_maps_histories_to_futures_with_the_parameters_that_were_counted(name):
    L, C, T, H = 24, 5, 3, 4
    window = Window(L, H)
    network = parse_network(write_preset(name, window))
    model = build_network(network, window, InputShape(C, T), seed=0)
    assert model.count_params() == count_parameters(network, window, InputShape(C, T))
    assert run(model, draw(3, L, C)).shape == (3, H, T)


@pytest.mark.parametrize("kind", [LSTM, GRU])
@pytest.mark.parametrize("sequence", [True, False])
@pytest.mark.parametrize("unroll", [True, False])
def test_bidirectional_equals_keras_bit_for_bit_where_the_widths_agree(kind, sequence, unroll):
    keras, _ = load_backend()
    after = (Flatten(),) if sequence else ()
    network = Network((), (Bidirectional(kind(5)), *after))
    ours = build_network(network, Window(7, 2), InputShape(3, 1), unroll=unroll, seed=3)
    x = keras.Input((7, 3))
    both = keras.layers.Bidirectional(getattr(keras.layers, kind.__name__)(5, return_sequences=sequence, unroll=unroll))
    head = keras.layers.Dense(2)
    theirs = keras.Model(x, head(keras.layers.Flatten()(both(x))))
    for layer, name in [
        (both.forward_layer, "layer1_forward"),
        (both.backward_layer, "layer1_backward"),
        (head, "head"),
    ]:
        layer.set_weights(ours.get_layer(name).get_weights())
    history = draw(4, 7, 3)
    np.testing.assert_array_equal(run(ours, history)[:, :, 0], run(theirs, history))


def test_bidirectional_takes_two_kinds_of_two_widths_in_a_stack():
    layers = (Bidirectional(LSTM(4), GRU(3)), Bidirectional(GRU(2), LSTM(5)), Flatten())
    model = build_network(Network((), layers), Window(6, 1), InputShape(2, 1), seed=0)
    assert model.get_layer("layer1_backward").output.shape == (None, 6, 3)
    assert model.get_layer("layer2_forward").input.shape == (None, 6, 7)


def test_the_last_state_of_the_backward_layer_has_read_the_whole_window():
    model = build_network(Network((), (Bidirectional(GRU(4)),)), Window(9, 1), InputShape(1, 1), seed=0)
    history, changed = draw(1, 9, 1), draw(1, 9, 1)
    changed[0, -1] += 1
    keras, _ = load_backend()
    backward = keras.Model(model.input, model.get_layer("layer1_backward").output)
    assert not np.array_equal(run(backward, history), run(backward, changed))


def test_unrolling_changes_neither_the_initial_weights_nor_the_outputs():
    network = Network((), (Conv1D(4, 3), Bidirectional(LSTM(3), GRU(2)), Dropout(0.5)))
    rolled, unrolled = (
        build_network(network, Window(8, 2), InputShape(2, 1), unroll=unroll, seed=5) for unroll in (False, True)
    )
    for a, b in zip(rolled.get_weights(), unrolled.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    history = draw(4, 8, 2)
    np.testing.assert_allclose(run(rolled, history), run(unrolled, history), atol=1e-6)


def test_the_initial_weights_depend_on_the_seed_only():
    network = Network((), (LSTM(3),))
    load_backend().keras.utils.set_random_seed(1)
    first = build_network(network, Window(4, 1), InputShape(1, 1), seed=7).get_weights()
    load_backend().keras.utils.set_random_seed(2)
    again = build_network(network, Window(4, 1), InputShape(1, 1), seed=7).get_weights()
    other = build_network(network, Window(4, 1), InputShape(1, 1), seed=8).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_pooling_an_odd_length_drops_the_oldest_step_and_keeps_the_newest():
    model = build_network(Network((), (MaxPool1D(2), Flatten())), Window(5, 1), InputShape(1, 1), seed=0)
    history = draw(1, 5, 1)
    for step, matters in [(0, False), (1, True), (4, True)]:
        changed = history.copy()
        changed[0, step] += 100
        assert np.array_equal(run(model, history), run(model, changed)) != matters


def test_per_channel_forecasts_a_target_from_its_own_history_and_the_covariates():
    network = Network((PerChannel(),), (GRU(4),))
    model = build_network(network, Window(6, 3), InputShape(4, 2), seed=0)  # two targets, two covariates
    history = draw(2, 6, 4)
    before = run(model, history)
    for channel, changes in [(0, (True, False)), (1, (False, True)), (2, (True, True)), (3, (True, True))]:
        changed = history.copy()
        changed[:, :, channel] += 1
        after = run(model, changed)
        assert tuple(not np.array_equal(before[:, :, t], after[:, :, t]) for t in (0, 1)) == changes


def test_per_channel_gives_the_same_forecast_to_the_same_history():
    model = build_network(Network((PerChannel(),), (GRU(4),)), Window(6, 3), InputShape(3, 3), seed=0)
    history = np.repeat(draw(2, 6, 1), 3, axis=2)
    forecast = run(model, history)
    np.testing.assert_allclose(forecast, np.repeat(forecast[:, :, :1], 3, axis=2), atol=1e-6)


@pytest.mark.parametrize(
    "framings", [(SubtractLast(),), (PerChannel(), SubtractLast()), (SubtractLast(), PerChannel())]
)
def test_subtract_last_moves_the_forecast_along_with_its_target(framings):
    model = build_network(Network(framings, (Flatten(), Dense(4, "relu"))), Window(6, 3), InputShape(3, 2), seed=0)
    history = draw(2, 6, 3)
    shift = np.array([10, -20, 30], dtype=np.float32)
    np.testing.assert_allclose(run(model, history + shift), run(model, history) + shift[:2], atol=1e-4)


def test_a_network_that_ends_on_a_sequence_is_refused_before_keras_sees_it():
    with pytest.raises(UsageError):
        build_network(Network((), (Conv1D(4, 3),)), Window(6, 1), InputShape(1, 1), seed=0)
