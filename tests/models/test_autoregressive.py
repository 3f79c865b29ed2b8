"""Least squares on the last values, step by step, against scikit-learn and arithmetic by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.errors import ArtifactError
from forecast_cli.models.autoregressive import LARGEST, Autoregressive, list_orders, make_markov
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, gather_batch
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel


def fit(model, panel, borders=(200, 250, 300)):
    split = make_split(panel, model.window, count_cutoffs(panel, model.window, False), borders)
    return model.fit(panel, split, Recorder()), split


def forecast_at(model, panel, row):
    return model.predict(gather_batch(panel, np.array([row]), model.lookback, model.sample_every))[0]


def test_the_weights_are_those_of_least_squares_on_the_lags_of_all_columns():
    from sklearn.linear_model import LinearRegression

    rng = np.random.default_rng(0)
    panel = make_panel(rng.normal(size=(300, 2)).cumsum(axis=0) / 10)
    model, split = fit(Autoregressive(Window(6, 3), 2, 6), panel)
    x = np.concatenate([panel.values[split.train[:, None] + np.arange(-5, 1), t] for t in (0, 1)])
    y = np.concatenate([panel.values[split.train + 1, t] for t in (0, 1)])
    oracle = LinearRegression().fit(x.astype(float), y)
    np.testing.assert_allclose(model.weights[:-1], oracle.coef_, atol=1e-3)
    assert model.weights[-1] == pytest.approx(oracle.intercept_, abs=1e-3)
    assert model.parameters == 7


def test_a_damped_wave_goes_on_by_its_own_law():
    values = np.zeros(300)
    values[:2] = 1, 0.9
    for t in range(2, 300):
        values[t] = 1.8 * values[t - 1] - 0.999 * values[t - 2]
    panel = make_panel(values)
    model, _ = fit(Autoregressive(Window(8, 12), 1, 2), panel)
    ahead = forecast_at(model, panel, 270)[:, 0]
    np.testing.assert_allclose(ahead, panel.values[271:283, 0], atol=0.02)


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000), order=st.integers(1, 30), delay=st.integers(1, 5))
def test_all_steps_at_once_are_those_of_the_recursion_step_by_step(seed, order, delay):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=order + 1)
    weights[:-1] /= np.abs(weights[:-1]).sum()  # stable
    panel = make_panel(rng.normal(size=60))
    model = Autoregressive(Window(40, 20, delay=delay), 1, order, weights=weights.astype(np.float32))
    path = list(panel.values[60 - order :, 0].astype(float))
    for _ in range(delay - 1 + 20):
        path.append(float(np.dot(path[-order:], weights[:-1]) + weights[-1]))
    np.testing.assert_allclose(forecast_at(model, panel, 59)[:, 0], path[-20:], atol=1e-4)


def test_the_order_with_the_smallest_error_on_validation_is_taken():
    rng = np.random.default_rng(4)
    values = np.zeros(700)
    for t in range(2, 700):
        values[t] = 1.2 * values[t - 1] - 0.5 * values[t - 2] + rng.normal(0, 0.1)
    panel, window = make_panel(values), Window(64, 6)
    model, split = fit(Autoregressive(window, 1, 64), panel, (250, 450, 700))
    assert list_orders(64) == [64, 32, 16, 8, 4]
    assert model.lookback == model.order < 64  # two lags made it, and 180 lessons cannot teach 64 weights
    losses = {}
    for order in list_orders(64):
        alone = Autoregressive(window, 1, order).fit(panel, replace(split, validation=split.validation[:0]), Recorder())
        ahead = alone.predict(gather_batch(panel, split.validation, order, 1))[:, :, 0]
        losses[order] = np.abs(ahead - panel.values[split.validation[:, None] + np.arange(1, 7), 0]).mean()
        if order == model.order:
            np.testing.assert_allclose(alone.weights, model.weights, atol=1e-5)
    assert model.order == min(losses, key=losses.get)


def test_a_shorter_order_comes_back_from_its_arrays():
    again = Autoregressive(Window(64, 6), 1, 64).from_arrays({"weights": np.ones(9, np.float32)})
    assert (again.lookback, again.parameters) == (8, 9)


def test_markov_reads_the_last_value_only_and_learns_two_numbers():
    rng = np.random.default_rng(1)
    values = np.zeros(2000)
    for t in range(1, 2000):
        values[t] = 0.5 + 0.8 * values[t - 1] + rng.normal(0, 0.1)
    panel = make_panel(values)
    model, _ = fit(make_markov(Window(10, 3), 1), panel, (1500, 1700, 2000))
    assert (model.name, model.lookback, model.parameters) == ("markov", 1, 2)
    assert model.weights[0] == pytest.approx(0.8, abs=0.03)
    last = float(panel.values[1800, 0])
    by_hand = [last]
    for _ in range(3):
        by_hand.append(float(model.weights[1]) + float(model.weights[0]) * by_hand[-1])
    np.testing.assert_allclose(forecast_at(model, panel, 1800)[:, 0], by_hand[1:], atol=1e-5)


def test_a_delay_leaves_out_the_first_steps_of_the_path():
    panel = make_panel(np.random.default_rng(2).normal(size=300).cumsum())
    near, _ = fit(Autoregressive(Window(5, 6), 1, 5), panel)
    far = Autoregressive(Window(5, 4, delay=3), 1, 5, weights=near.weights)
    np.testing.assert_array_equal(forecast_at(far, panel, 260), forecast_at(near, panel, 260)[2:])


def test_a_recursion_that_explodes_stays_a_number():
    model = Autoregressive(Window(2, 500), 1, 2, weights=np.array([0, 9, 0], dtype=np.float32))
    ahead = forecast_at(model, make_panel(np.arange(1.0, 20)), 15)
    assert np.isfinite(ahead).all()
    assert ahead.max() == LARGEST


def test_without_a_single_lesson_it_is_naive():
    panel = make_panel(np.arange(30.0))
    model, _ = fit(Autoregressive(Window(5, 2), 1, 5), panel, (3, 20, 30))
    assert forecast_at(model, panel, 9)[:, 0].tolist() == [9, 9]


@pytest.mark.parametrize(
    "weights", [np.zeros(7), np.float32(1), np.zeros(0), np.zeros((2, 6)), np.full(6, np.nan), np.full(6, 1e9)]
)
def test_stored_weights_that_cannot_be_its_own_are_refused(weights):
    with pytest.raises(ArtifactError):
        Autoregressive(Window(5, 3), 1, 5).from_arrays({"weights": weights})
