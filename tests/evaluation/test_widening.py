"""How much wider intervals are made where few windows that share no target stand behind them."""

import numpy as np
import pytest
from scipy import stats

from forecast_cli.evaluation.widening import PERCENT, count_apart, widen


@pytest.mark.parametrize("n", [2, 2.5, 4, 11.3, 200, 1e5])
def test_levels_are_widened_by_students_t_for_so_many_windows(n):
    t, z = stats.t.ppf((1 + PERCENT) / 2, n - 1), stats.norm.ppf((1 + PERCENT) / 2)
    np.testing.assert_allclose(widen(n), t / z * np.sqrt(1 + 1 / n), rtol=1e-5)


def test_many_windows_widen_nothing_and_fewer_more():
    assert widen(1e5) == pytest.approx(1, abs=1e-4)
    factors = np.array([widen(n) for n in (2, 3, 5, 20, 500)])
    assert (np.diff(factors, axis=0) < 0).all()
    assert (factors > 1).all()


def test_the_higher_level_is_widened_more_so_that_intervals_never_cross():
    assert (np.diff(widen(4)) > 0).all()


def test_under_two_windows_count_as_two():
    assert np.array_equal(widen(0), widen(2))
    assert np.array_equal(widen(1.5), widen(2))


@pytest.mark.parametrize(
    ("cutoffs", "horizon", "n"),
    [
        (np.arange(100), 1, 100),
        (np.arange(0, 100, 4), 4, 25),  # one after the other
        (np.arange(24), 24, 1 + 23 / 24),
        (np.arange(73), 24, 4),  # three more horizons after the first
        (np.array([7]), 24, 1),
        (np.array([], int), 24, 0),
    ],
)
def test_windows_apart_are_counted_from_what_overlaps(cutoffs, horizon, n):
    assert count_apart(cutoffs, horizon) == pytest.approx(n)


def test_a_normal_variable_is_covered_as_promised_however_few_values_said_how_wide_it_is():
    rng = np.random.default_rng(0)
    for n in (3, 6, 15):
        known, new = rng.normal(size=(n, 20_000)), rng.normal(size=20_000)
        z = stats.norm.ppf((1 + PERCENT) / 2)
        radius = widen(n)[:, None] * z[:, None] * known.std(axis=0, ddof=1)
        inside = (np.abs(new - known.mean(axis=0)) <= radius).mean(axis=1)
        np.testing.assert_allclose(inside, PERCENT, atol=0.015)
