"""Framings do what they say, and undo it."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.models.layers import InputShape
from forecast_cli.models.networks.build import build_network
from forecast_cli.models.notation import parse_network
from forecast_cli.models.shapes import count_parameters
from forecast_cli.types import Window

WINDOW = Window(6, 3)
SIZES = InputShape(3, 2, n_future=2, n_series=4, statics=(2, 3))


def build(line, window=WINDOW, sizes=SIZES):
    network = parse_network(line)
    model = build_network(network, window, sizes, seed=1)
    assert model.count_params() == count_parameters(network, window, sizes)
    assert {each.name for each in model.inputs} == set(network.inputs)
    rng = np.random.default_rng(3)
    model.set_weights([w + rng.normal(scale=0.2, size=w.shape).astype(np.float32) for w in model.get_weights()])
    return model


def draw(n=2):
    rng = np.random.default_rng(1)
    return {
        "history": rng.normal(size=(n, 6, 3)).astype(np.float32),
        "observed": np.ones((n, 6, 3), dtype=np.float32),
        "future": rng.normal(size=(n, 3, 2)).astype(np.float32),
        "series": np.zeros(n, dtype=np.int32),
        "statics": np.zeros((n, 2), dtype=np.int32),
        "phase": np.zeros(n, dtype=np.int32),
    }


def run(model, **changes):
    inputs = draw() | changes
    return np.asarray(model({name: inputs[name] for name in model.input}, training=False))


def test_revin_makes_a_forecast_follow_level_and_scale_of_its_target():
    model, history = build("RevIN | Flatten | Dense(4, 'relu')"), draw()["history"]
    level, scale = np.array([10, -20, 30], dtype=np.float32), np.array([2, 50, 0.5], dtype=np.float32)
    moved = run(model, history=history * scale + level)
    np.testing.assert_allclose(moved, run(model) * scale[:2] + level[:2], rtol=1e-3, atol=1e-2)


def test_revin_of_a_window_that_never_moves_is_finite():
    assert np.isfinite(run(build("RevIN | GRU(3)"), history=np.full((2, 6, 3), 7, dtype=np.float32))).all()


@pytest.mark.parametrize(
    "line", ["Cycle(5) | Flatten", "PerChannel | Cycle(5) | Flatten", "Cycle(5) | RevIN | Flatten"]
)
@pytest.mark.parametrize("window", [WINDOW, Window(18, 3, sample_every=3, delay=4)])
def test_a_history_that_is_its_cycle_is_forecast_as_the_cycle(line, window):
    model = build_network(parse_network(line), window, SIZES, seed=1)
    cycle = np.random.default_rng(2).normal(size=(5, 2)).astype(np.float32)
    model.get_layer("cycle").set_weights([cycle])
    phases = np.array([0, 3, 1_000_001], dtype=np.int32)
    past = phases[:, None] - np.arange(5, -1, -1) * window.sample_every
    history = np.concatenate([cycle[past % 5], np.zeros((3, 6, 1), dtype=np.float32)], axis=2)
    ahead = phases[:, None] + window.delay + np.arange(3)
    np.testing.assert_allclose(model({"history": history, "phase": phases}), cycle[ahead % 5], atol=1e-4)


def test_a_cycle_is_learnt_from_zeros():
    model = build_network(parse_network("Cycle(5) | Flatten"), WINDOW, SIZES, seed=1)
    assert not np.asarray(model.get_layer("cycle").get_weights()).any()


def test_what_was_observed_is_read_with_its_own_channels_only():
    model = build("PerChannel | Observed | GRU(4)")
    for channel, changes in [(0, (True, False)), (1, (False, True)), (2, (True, True))]:
        observed = draw()["observed"]
        observed[:, 2, channel] = 0
        moved = run(model, observed=observed) != run(model)
        assert tuple(moved.all(axis=(0, 1))) == changes


@pytest.mark.parametrize("line", ["Future(8) | GRU(4)", "PerChannel | SubtractLast | Future(8) | GRU(4)"])
def test_what_is_known_of_a_step_moves_the_forecast_of_that_step_alone(line):
    model, future = build(line), draw()["future"]
    future[:, 1] += 3
    moved = np.abs(run(model, future=future) - run(model)).max(axis=(0, 2)) > 1e-5
    assert list(moved) == [False, True, False]


@pytest.mark.parametrize("line", ["SeriesEmbedding(2) | GRU(4)", "PerChannel | SeriesEmbedding(2) | GRU(4)"])
def test_an_unknown_series_is_the_mean_of_those_that_were_trained(line):
    model = build(line)
    forecasts = [run(model, series=np.full(2, place, dtype=np.int32)) for place in range(4)]
    assert all(not np.allclose(forecasts[0], other, atol=1e-3) for other in forecasts[1:])
    unknown = run(model, series=np.full(2, -1, dtype=np.int32))
    np.testing.assert_allclose(unknown, np.mean(forecasts, axis=0), atol=1e-5)  # the head is linear
    mixed = run(model, series=np.array([2, -1], dtype=np.int32))
    np.testing.assert_allclose(mixed, [forecasts[2][0], unknown[1]], atol=1e-6)


def test_per_channel_each_target_of_a_series_has_a_vector_of_its_own():
    model = build("PerChannel | SeriesEmbedding(2) | GRU(4)")
    table = model.get_layer("series_embedding")
    before = run(model)
    table.set_weights([table.get_weights()[0] + np.array([1, 1, 0, 0], dtype=np.float32)])
    moved = run(model) != before
    assert moved[:, :, 0].all()
    assert not moved[:, :, 1].any()


def test_an_unknown_category_is_the_mean_of_the_known_ones():
    model = build("StaticEmbedding(2) | GRU(4)")
    forecasts = [run(model, statics=np.array([[1, k]] * 2, dtype=np.int32)) for k in range(3)]
    unknown = run(model, statics=np.array([[1, -1]] * 2, dtype=np.int32))
    np.testing.assert_allclose(unknown, np.mean(forecasts, axis=0), atol=1e-5)


def test_all_framings_stand_together():
    framings = "Observed | PerChannel | Future(4) | RevIN | Cycle(5) | StaticEmbedding(1) | SeriesEmbedding(1)"
    assert run(build(f"{framings} | Masking | GRU(2)")).shape == (2, 3, 2)
