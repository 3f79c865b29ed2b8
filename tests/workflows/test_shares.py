"""Which share each model gets in a blend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.workflows.shares import (
    LEAST_SHARE,
    MOST_CANDIDATES,
    MOST_DRAWN,
    Lessons,
    choose_shares,
    find_candidates,
)


def make_lessons(noises, n_cutoffs=400, seed=0, common=0.0):
    """Forecasts of twelve steps: the truth and noise of so much deviation, one for the steps of a cutoff."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n_cutoffs * 12)
    shared = common * np.repeat(rng.normal(size=n_cutoffs), 12)
    forecasts = [truth + shared + np.repeat(rng.normal(0, noise, n_cutoffs), 12) for noise in noises]
    return lay_lessons(forecasts, truth, np.repeat(np.arange(n_cutoffs), 12))


def lay_lessons(forecasts, truth, instants):
    names = tuple(f"model{m}" for m in range(len(forecasts)))
    arrays = (np.array(each, np.float32) for each in (forecasts, truth, np.ones(len(truth))))
    return Lessons(names, *arrays, instants)


def test_only_the_few_models_with_the_smallest_weighted_error_are_candidates():
    errors = np.arange(MOST_CANDIDATES + 3.0)[::-1]  # the last model is the best
    forecasts = np.stack([[each, -each, 0, 0] for each in errors])
    forecasts[-1, 2:] = 1e6  # where nothing is scored
    lessons = lay_lessons(forecasts, np.zeros(4), np.arange(4))
    lessons = replace(lessons, importance=np.array([1, 1, 0, 0], np.float32))
    assert find_candidates(lessons).tolist() == list(range(3, MOST_CANDIDATES + 3))
    assert find_candidates(replace(lessons, forecasts=lessons.forecasts[:2])).tolist() == [0, 1]


@given(st.lists(st.floats(0.01, 3), min_size=1, max_size=8), st.integers(1, 60), st.integers(0, 5))
@settings(deadline=None, max_examples=30)
def test_shares_are_few_and_none_is_too_small(noises, n_cutoffs, seed):
    shares = choose_shares(make_lessons(noises, n_cutoffs, seed), 12)
    assert shares.sum() == pytest.approx(1)
    assert (shares[shares > 0] >= LEAST_SHARE).all()
    assert (shares > 0).sum() <= MOST_CANDIDATES


def test_one_model_alone_is_taken_where_it_is_better_than_the_mean_beyond_chance():
    assert choose_shares(make_lessons((0.1, 2.0, 2.0, 2.0, 2.0, 2.0)), 12).tolist() == [1, 0, 0, 0, 0, 0]


def test_on_few_windows_a_lead_that_luck_explains_does_not_get_all():
    shares = choose_shares(make_lessons((1.0, 1.1, 1.1, 1.1, 1.1), n_cutoffs=60, common=1.0), 12)
    assert (shares > 0).sum() >= 3


def test_models_that_err_each_in_their_own_way_share_alike():
    assert choose_shares(make_lessons((1.0, 1.0, 1.0)), 12) == pytest.approx([1 / 3] * 3, abs=0.1)


def test_a_model_that_errs_as_another_and_more_gets_next_to_nothing():
    lessons = make_lessons((0.0, 1.0), common=1.0)
    assert choose_shares(lessons, 12)[0] > 0.9


def test_of_many_values_a_part_is_drawn_and_says_the_same():
    lessons = make_lessons((1.0, 1.0, 2.0), n_cutoffs=2 * MOST_DRAWN // 12)
    few = make_lessons((1.0, 1.0, 2.0), n_cutoffs=2_000)
    np.testing.assert_allclose(choose_shares(lessons, 1), choose_shares(few, 1), atol=0.05)


def test_without_a_single_scored_value_one_model_is_taken():
    empty = lay_lessons(np.empty((2, 0)), np.empty(0), np.empty(0, int))
    assert choose_shares(empty, 3).tolist() == [1, 0]
