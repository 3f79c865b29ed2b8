"""The block bootstrap against a slow one, against arithmetic, and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.evaluation.bootstrap import (
    RESAMPLES,
    bootstrap_interval,
    choose_block,
    count_overlapping,
    measure_p_value,
    resample_mean,
)


def resample_slowly(values, weights, block, rng):
    """Return one resample's weighted mean, drawn value by value."""
    n = len(values)
    drawn = []
    for start in rng.integers(0, n, size=-(-n // block)):
        drawn += [(start + k) % n for k in range(block)]
    drawn = drawn[:n]
    return sum(weights[i] * values[i] for i in drawn) / sum(weights[i] for i in drawn)


@given(n=st.integers(2, 60), block=st.integers(1, 20), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=30)
def test_a_resample_is_the_one_that_is_drawn_value_by_value(n, block, seed):
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(size=n), rng.uniform(0.1, 1, n)
    fast = resample_mean(values, weights, block, np.random.default_rng(1))
    slow, again = np.random.default_rng(1), []
    for _ in range(20):
        again.append(resample_slowly(values, weights, block, slow))
    assert len(fast) == RESAMPLES
    np.testing.assert_allclose(fast[:20], again, rtol=1e-9, atol=1e-12)


def test_very_many_cutoffs_are_resampled_a_part_at_a_time(monkeypatch):
    values = np.random.default_rng(0).normal(size=200)
    whole = resample_mean(values, np.ones(200), 10, np.random.default_rng(3))
    monkeypatch.setattr("forecast_cli.evaluation.bootstrap._AT_ONCE", 100)
    np.testing.assert_array_equal(resample_mean(values, np.ones(200), 10, np.random.default_rng(3)), whole)


def test_of_many_independent_values_the_interval_is_that_of_the_normal_mean():
    values = np.random.default_rng(0).normal(3, 2, size=4000)
    low, high = bootstrap_interval(values, np.ones(4000), 1, 1)
    half = 1.96 * values.std() / math.sqrt(4000)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.1 * half)


def test_the_same_values_give_the_same_interval_and_what_does_not_vary_gives_none():
    values = np.random.default_rng(0).normal(size=50)
    assert bootstrap_interval(values, np.ones(50), 5, 5) == bootstrap_interval(values, np.ones(50), 5, 5)
    assert bootstrap_interval(np.full(50, 2.0), np.ones(50), 5, 5) == pytest.approx((2, 2))


def simulate_losses(rng, n, overlap):
    """Return differences in loss of windows that share all but one of their steps: means over `overlap` steps."""
    return np.convolve(rng.standard_normal(n + overlap - 1), np.full(overlap, 1 / overlap), mode="valid")


def share_of_alarms(n, overlap, difference=0.0, rounds=400):
    alarms, rng = 0, np.random.default_rng(7)
    for _ in range(rounds):
        low, high = bootstrap_interval(
            simulate_losses(rng, n, overlap) + difference, np.ones(n), choose_block(n, overlap), overlap
        )
        alarms += low > 0 or high < 0
    return alarms / rounds


@pytest.mark.parametrize(("n", "overlap"), [(48, 24), (120, 24), (500, 24), (40, 1), (300, 1)])
def test_on_equal_forecasters_the_false_alarm_rate_is_near_its_level(n, overlap):
    assert share_of_alarms(n, overlap) <= 0.09  # 5 % is meant; 4 standard errors of 400 rounds are 4.4 %


def test_a_known_difference_is_found():
    spread = math.sqrt(24 / 24**2 * 24 / 480)  # of the mean of 480 windows that overlap by 24
    assert share_of_alarms(480, 24, difference=4 * spread, rounds=100) >= 0.9


def test_cutoffs_further_apart_overlap_less():
    assert count_overlapping(np.arange(100), 24) == 24
    assert count_overlapping(np.arange(100) * 12, 24) == 2
    assert count_overlapping(np.arange(100) * 7, 24) == 4
    assert count_overlapping(np.arange(100) * 48, 24) == 1
    assert count_overlapping(np.array([5]), 24) == 24
    assert (choose_block(1000, 1), choose_block(1001, 1), choose_block(1000, 24)) == (10, 11, 24)


def newey_west_slowly(values, lags):
    u, n = values - values.mean(), len(values)
    total = 0.0
    for i in range(n):
        for j in range(n):
            total += max(0.0, 1 - abs(i - j) / (lags + 1)) * u[i] * u[j]
    return total / n**2


@given(n=st.integers(5, 40), block=st.integers(1, 6), seed=st.integers(0, 20))
@settings(deadline=None, max_examples=30)
def test_the_second_opinion_is_that_of_a_normal_test_with_a_newey_west_variance(n, block, seed):
    from scipy.stats import norm

    values = np.random.default_rng(seed).normal(0.3, 1, size=n)
    oracle = 2 * norm.sf(abs(values.mean()) / math.sqrt(newey_west_slowly(values, block - 1)))
    assert measure_p_value(values, np.full(n, 1 / n), block) == pytest.approx(oracle, rel=1e-6)


def test_the_second_opinion_on_what_does_not_vary():
    assert measure_p_value(np.zeros(9), np.ones(9), 3) == 1
    assert measure_p_value(np.full(9, 2.0), np.ones(9), 3) == 0
