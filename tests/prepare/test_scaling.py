import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.prepare.scaling import fit_scaler, scale_panel, unscale
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
    assert fit_scaler(panel, 6, 1).loc[0, 0] == 3


def test_a_constant_column_gets_scale_1_and_is_0():
    panel = make_panel(np.full(10, 7.5))
    scaler = fit_scaler(panel, 10, 1)
    assert scaler.scale[0, 0] == 1
    assert (scale_panel(panel, scaler).values == 0).all()


def test_a_series_that_starts_after_training_is_described_by_its_first_lookback():
    panel = make_panel(np.arange(50.0), np.r_[np.zeros(5), np.ones(5), np.full(40, 1e6)], start=[0, 60])
    assert fit_scaler(panel, 50, 10).loc[1, 0] == 0.5


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
