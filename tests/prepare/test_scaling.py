import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.prepare.scaling import fit_scaler, scale_panel, unscale
from forecast_cli.types import Scaler
from tests.panels import make_panel


def test_the_scaler_is_scikit_learns_on_the_training_rows():
    from sklearn.preprocessing import StandardScaler

    table = np.random.default_rng(0).normal(5, 3, size=(50, 3))
    panel = make_panel(table)
    scaler, oracle = fit_scaler(panel, 30, 5), StandardScaler().fit(table[:30])
    np.testing.assert_allclose(scaler.loc[0], oracle.mean_, rtol=1e-6)
    np.testing.assert_allclose(scaler.scale[0], oracle.scale_, rtol=1e-6)
    np.testing.assert_allclose(scale_panel(panel, scaler).values, oracle.transform(table), atol=1e-5)


def test_nothing_after_the_training_part_moves_the_scaler():
    table = np.random.default_rng(1).normal(size=(40, 2))
    spoilt = table.copy()
    spoilt[25:] = 1e9
    first, second = fit_scaler(make_panel(table), 25, 5), fit_scaler(make_panel(spoilt), 25, 5)
    assert np.array_equal(first.loc, second.loc)
    assert np.array_equal(first.scale, second.scale)


def test_filled_values_do_not_count():
    panel = make_panel([1.0, 3, np.nan, np.nan, np.nan, 5])
    assert fit_scaler(panel, 6, 10).loc[0, 0] == 3


def test_a_constant_column_gets_scale_1_and_is_0():
    panel = make_panel(np.full(10, 7.5))
    scaler = fit_scaler(panel, 10, 1)
    assert scaler.scale[0, 0] == 1
    assert (scale_panel(panel, scaler).values == 0).all()


def test_a_series_that_starts_after_training_is_described_by_the_values_its_first_window_must_hold():
    panel = make_panel(np.arange(50.0), np.r_[np.zeros(5), np.ones(5), np.full(40, 1e6)], start=[0, 60])
    assert fit_scaler(panel, 50, 10).loc[1, 0] == 3 / 8


def test_a_series_is_described_among_many_as_it_is_alone_to_the_last_bit():
    rng = np.random.default_rng(2)
    tables = [np.where(rng.random(n) < 0.7, rng.normal(5, 3, n), np.nan) for n in (40, 3, 40, 1, 90, 40, 12)]
    start = [0, 10, 0, 30, 5, 60, 0]
    together = fit_scaler(make_panel(*tables, start=start), 50, 20)
    alone = [fit_scaler(make_panel(table, start=[first]), 50, 20) for table, first in zip(tables, start, strict=True)]
    assert together.loc[:, 0].tolist() == [each.loc[0, 0] for each in alone]
    assert together.scale[:, 0].tolist() == [each.scale[0, 0] for each in alone]


def test_a_short_late_series_is_not_described_by_its_neighbour():
    late = np.array([10.0, 12, 11])
    loc = [fit_scaler(make_panel(late, np.full(50, other), start=[90, 0]), 50, 40).loc[0, 0] for other in (0.0, 1e6)]
    assert loc[0] == loc[1] == 11


def test_a_sensor_that_starts_after_training_is_described_by_its_own_first_values():
    table = np.stack([np.arange(60.0), np.r_[np.full(40, np.nan), 1e5 + np.arange(20.0)]], axis=1)
    scaler = fit_scaler(make_panel(table), 30, 8)
    assert scaler.loc[0, 1] == pytest.approx(1e5 + 2.5)  # the first 6 values: 75 % of a lookback of 8
    assert scaler.scale[0, 1] == pytest.approx(np.arange(6.0).std())


def test_tiny_units_are_no_constant():
    panel = make_panel(np.random.default_rng(0).normal(size=100) * 1e-12)
    assert fit_scaler(panel, 100, 5).scale[0, 0] == pytest.approx(1e-12, rel=0.3)


def test_the_forecast_of_a_large_meter_keeps_its_cents_and_others_are_the_shortest_float32():
    scaler = Scaler(loc=np.array([[123_456_789.12, 0.0]]), scale=np.array([[2.5, 1.0]]))
    meter, small = unscale(np.array([[[0.1, 0.1]]], dtype=np.float32), scaler)[0, 0]
    assert meter == pytest.approx(123_456_789.37, abs=1e-6)
    assert repr(float(small)) == "0.1"


def test_a_meter_at_123456789_keeps_its_cents():
    values = 123_456_789.12 + np.arange(100) * 0.01
    panel = make_panel(values)
    scaler = fit_scaler(panel, 100, 1)
    scaled = scale_panel(panel, scaler).values.astype(np.float64)
    np.testing.assert_allclose(scaled[:, 0] * scaler.scale[0, 0] + scaler.loc[0, 0], values, atol=1e-6)


@given(st.integers(0, 100))
def test_unscaling_undoes_scaling(seed):
    rng = np.random.default_rng(seed)
    table = rng.normal(rng.uniform(-100, 100), rng.uniform(0.1, 50), size=(30, 2))
    panel = make_panel(table)
    scaler = fit_scaler(panel, 20, 5)
    back = unscale(scale_panel(panel, scaler).values[None], scaler)
    np.testing.assert_allclose(back[0], table, rtol=1e-4, atol=1e-3)


def test_the_panel_given_is_not_changed():
    panel = make_panel(np.arange(10.0))
    panel.values.setflags(write=False)
    before = panel.values.copy()
    scale_panel(panel, fit_scaler(panel, 8, 2))
    assert np.array_equal(panel.values, before)
