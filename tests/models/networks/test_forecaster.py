"""A trained network as a forecaster."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.models.layers import GRU, LSTM, Conv1D, Dense, Flatten, InputShape, MaxPool1D, Network, PerChannel
from forecast_cli.models.networks.device import MOST_UNROLLED
from forecast_cli.models.networks.forecaster import NetworkForecaster, _count_recurrent_steps
from forecast_cli.models.shapes import count_parameters
from forecast_cli.prepare.windows import gather_batch
from forecast_cli.types import Batch, Training, Window
from tests.models.networks.conftest import SMALL, WINDOW, make_waves, train_small
from tests.panels import make_panel


@pytest.fixture(scope="module")
def batch():
    return gather_batch(make_waves(), np.arange(10, 30), WINDOW.lookback, WINDOW.sample_every)


def take(batch: Batch, rows) -> Batch:
    return Batch(batch.history[rows], batch.observed[rows], batch.series[rows], batch.cutoff[rows])


def test_a_forecast_has_a_value_for_each_window_step_and_target(trained, batch):
    assert trained.predict(batch).shape == (20, 2, 2)
    assert trained.predict(batch).dtype == np.float32


def test_a_forecast_does_not_depend_on_the_windows_beside_it(trained, batch):
    order = np.random.default_rng(0).permutation(20)
    whole = trained.predict(batch)
    np.testing.assert_allclose(trained.predict(take(batch, order)), whole[order], atol=1e-5)
    np.testing.assert_allclose(trained.predict(take(batch, [7])), whole[[7]], atol=1e-5)


def test_the_unknown_counts_as_zero_and_the_batch_stays_as_it_was(trained, batch):
    unknown = take(batch, np.arange(20))
    unknown.history[:, :2, 0] = np.nan
    zero = np.nan_to_num(unknown.history)
    expected = trained.predict(Batch(zero, batch.observed, batch.series, batch.cutoff))
    np.testing.assert_array_equal(trained.predict(unknown), expected)
    assert np.isnan(unknown.history[:, :2, 0]).all()


def test_it_says_what_it_reads_and_how_much_it_learnt(trained):
    assert (trained.lookback, trained.sample_every) == (6, 1)
    assert trained.parameters == count_parameters(SMALL, WINDOW, InputShape(2, 2))
    assert trained.fit_seconds > 0


def test_covariates_thinned_inputs_and_a_delay_train_and_predict():
    window = Window(12, 2, sample_every=3, delay=4)
    panel = make_panel(np.random.default_rng(0).normal(size=(200, 3)), n_targets=1)
    fitted = train_small(panel, network=Network((PerChannel(),), (GRU(3),)), window=window, epochs=1)
    assert fitted.predict(gather_batch(panel, np.array([50]), 12, 3)).shape == (1, 2, 1)


@pytest.mark.parametrize(
    ("layers", "steps"),
    [
        ((LSTM(2),), 90),
        ((Conv1D(2, 6, strides=3), MaxPool1D(2), LSTM(2)), 15),
        ((Conv1D(2, 6, strides=3), LSTM(2), MaxPool1D(2), GRU(2)), 30),
        ((Flatten(), Dense(3)), 0),
    ],
)
def test_the_recurrent_steps_are_those_of_the_longest_sequence_that_a_recurrent_layer_reads(layers, steps):
    assert _count_recurrent_steps(Network((), layers), Window(90, 1), InputShape(2, 1)) == steps


def test_a_long_recurrence_is_trained_as_a_loop():
    window = Window(MOST_UNROLLED + 1, 1)
    fitted = train_small(network=SMALL, window=window, epochs=1)
    assert not fitted.model.get_layer("layer1").unroll
    assert train_small(epochs=0).model.get_layer("layer1").unroll


def test_an_unfitted_network_has_learnt_nothing():
    assert NetworkForecaster("new", SMALL, WINDOW, Training()).parameters == 0
