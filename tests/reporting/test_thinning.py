import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_cli.reporting.page.thinning import thin

CURVES = arrays(
    np.float64,
    st.tuples(st.integers(1, 3), st.integers(1, 300)),
    elements=st.one_of(st.floats(-10, 10), st.just(np.nan)),
)


@given(CURVES, st.integers(1, 100))
def test_every_bin_keeps_its_ends_the_extremes_of_each_curve_and_a_gap(curves, most):
    kept = thin(curves, most)
    k, n = curves.shape
    assert np.all(np.diff(kept) > 0)
    if n <= most:
        assert np.array_equal(kept, np.arange(n))
        return
    n_bins = max(1, most // (2 + 3 * k))
    assert len(kept) <= max(most, 2 + 3 * k)
    for places in np.array_split(np.arange(n), [round(b * n / n_bins) for b in range(1, n_bins)]):
        inside = np.intersect1d(places, kept)
        assert {places[0], places[-1]} <= set(inside)
        for curve in curves:
            whole, part = curve[places], curve[inside]
            assert np.isnan(whole).any() == np.isnan(part).any()
            if not np.isnan(whole).all():
                assert (np.nanmin(whole), np.nanmax(whole)) == (np.nanmin(part), np.nanmax(part))


def test_one_spike_in_a_hundred_thousand_points_stays():
    curve = np.zeros((1, 100_000))
    curve[0, 61_803] = 1.0
    kept = thin(curve, 1_500)
    assert 61_803 in kept
    assert len(kept) <= 1_500


def test_one_missing_value_in_a_hundred_thousand_points_stays_a_gap():
    curve = np.zeros((1, 100_000))
    curve[0, 31_415] = np.nan
    assert 31_415 in thin(curve, 1_500)
