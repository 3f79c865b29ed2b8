"""What every forecaster promises, whatever it is: after scikit-learn's `check_estimator`."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from forecast_cli.models.registry import CLOSED_FORMS
from forecast_cli.prepare.inputs import gather_inputs
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs
from forecast_cli.types import Batch, Window
from tests.forecasters import NAMES, NETWORKS, WINDOW, fit_forecaster, list_weights, make_forecaster
from tests.panels import Recorder, make_panel

BORDERS = (160, 200, 240)


def draw_series(seed, n_columns=2):
    """Return waves with noise (240, columns) near unit scale, some of them missing."""
    rng = np.random.default_rng(seed)
    table = np.sin(np.arange(240)[:, None] / (4 + np.arange(n_columns))) + rng.normal(0, 0.2, (240, n_columns))
    table[1:][rng.random((239, n_columns)) < 0.03] = np.nan
    return table


def split_of(panel, window=WINDOW):
    return make_split(panel, window, count_cutoffs(panel, window, mixes_channels=False), BORDERS)


PANEL = make_panel(draw_series(0), draw_series(1), season=12)
SPLIT = split_of(PANEL)


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def model(name):
    return fit_forecaster(name, PANEL, SPLIT)


def select(batch, places):
    """Return the batch with these windows, in this order."""
    parts = {each.name: getattr(batch, each.name) for each in fields(Batch)}
    parts["beside"] = {key: each[places] for key, each in batch.beside.items()}
    return Batch(**{key: each if key == "beside" else each[places] for key, each in parts.items()})


def list_arrays(batch):
    return [batch.history, batch.observed, batch.series, batch.cutoff, *batch.beside.values()]


def test_a_forecast_has_a_number_for_each_step_of_each_target(model):
    forecast = model.predict(gather_inputs(PANEL, SPLIT.test, model))
    assert forecast.shape == (len(SPLIT.test), WINDOW.horizon, 2)
    assert forecast.dtype == np.float32
    assert np.isfinite(forecast).all()


def test_windows_in_another_order_get_the_same_forecasts(model):
    batch = gather_inputs(PANEL, SPLIT.test, model)
    order = np.random.default_rng(0).permutation(len(SPLIT.test))
    np.testing.assert_allclose(model.predict(select(batch, order)), model.predict(batch)[order], atol=1e-5)


@pytest.mark.parametrize("size", [1, 7])
def test_windows_in_smaller_batches_get_the_same_forecasts(model, size):
    rows = SPLIT.test[:15]
    pieces = [model.predict(gather_inputs(PANEL, rows[i : i + size], model)) for i in range(0, len(rows), size)]
    together = model.predict(gather_inputs(PANEL, rows, model))
    np.testing.assert_allclose(np.concatenate(pieces), together, atol=1e-5)


def test_windows_far_apart_get_the_forecasts_they_get_among_their_neighbours(model):
    together = model.predict(gather_inputs(PANEL, SPLIT.test, model))
    apart = model.predict(gather_inputs(PANEL, SPLIT.test[::5], model))
    np.testing.assert_allclose(apart, together[::5], atol=1e-5)


def test_one_column_and_one_series_are_enough(name):
    panel = make_panel(draw_series(2, 1), season=12)
    split = split_of(panel)
    forecast = fit_forecaster(name, panel, split)
    assert forecast.predict(gather_inputs(panel, split.test[:1], forecast)).shape == (1, WINDOW.horizon, 1)


def test_a_delay_and_a_horizon_of_one_step_are_forecast(name):
    window = Window(24, 1, delay=3)
    split = split_of(PANEL, window)
    model = fit_forecaster(name, PANEL, split, window)
    assert model.predict(gather_inputs(PANEL, split.test, model)).shape == (len(split.test), 1, 2)


def test_what_was_given_is_neither_written_to_nor_changed(name):
    arrays = {key: getattr(PANEL, key).copy() for key in ("values", "observed", "indptr", "start", "offset")}
    for each in arrays.values():
        each.flags.writeable = False
    panel = replace(PANEL, **arrays)
    model = fit_forecaster(name, panel, SPLIT)
    batch = gather_inputs(panel, SPLIT.test, model)
    before = [each.copy() for each in list_arrays(batch)]
    for each in list_arrays(batch):
        each.flags.writeable = False
    model.predict(batch)
    assert all(map(np.array_equal, list_arrays(batch), before))
    assert all(np.array_equal(getattr(PANEL, key), each) for key, each in arrays.items())


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NETWORKS])  # they are slow to train
def test_the_fit_leaves_the_forecaster_as_it_was(name):
    unfitted = make_forecaster(name)
    state = {each.name: getattr(unfitted, each.name) for each in fields(unfitted)}
    unfitted.fit(PANEL, SPLIT, Recorder())
    assert state == {each.name: getattr(unfitted, each.name) for each in fields(unfitted)}


def test_constant_series_stay_what_they_are(name):
    panel = make_panel(np.full((240, 2), 5.0), season=12)  # 0, once the first value is taken off
    split = split_of(panel)
    model = fit_forecaster(name, panel, split)
    forecast = model.predict(gather_inputs(panel, split.test, model))
    assert np.isfinite(forecast).all()
    assert name == "layers" or np.abs(forecast).max() < 0.1  # one short epoch does not teach it where 0 is


@pytest.mark.parametrize("silent", [8, WINDOW.lookback], ids=["at the end", "all through"])
def test_a_history_without_observed_values_gives_a_forecast_all_the_same(model, silent):
    (row,) = SPLIT.test[-1:]
    last = PANEL.values[row - silent]
    values, observed = PANEL.values.copy(), PANEL.observed.copy()
    values[row - silent + 1 : row + 1], observed[row - silent + 1 : row + 1] = last, False
    panel = replace(PANEL, values=values, observed=observed)
    assert np.isfinite(model.predict(gather_inputs(panel, np.array([row]), model))).all()


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_a_fitted_closed_form_that_is_fitted_again_keeps_its_choices_and_learns_the_same(name):
    model = fit_forecaster(name, PANEL, SPLIT)
    again = model.fit(PANEL, replace(SPLIT, validation=SPLIT.validation[:0]), Recorder())
    assert len(list_weights(again)) == len(list_weights(model))
    for ours, theirs in zip(list_weights(again), list_weights(model), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
