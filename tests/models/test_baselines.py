"""The simplest forecasts, each held against another library's way to the same numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.errors import ArtifactError
from forecast_cli.models.baselines import Drift, Mean, Naive, SeasonalNaive
from forecast_cli.models.linear import Linear
from forecast_cli.models.registry import make_closed_forms
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, gather_batch
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel


def split_of(panel, window, borders):
    return make_split(panel, window, count_cutoffs(panel, window, False), borders)


def forecast_at(model, panel, row):
    return model.predict(gather_batch(panel, np.array([row]), model.lookback, model.sample_every))[0]


def test_naive_repeats_the_last_value():
    panel = make_panel(np.arange(10.0))
    assert forecast_at(Naive(Window(5, 3), 1), panel, 6)[:, 0].tolist() == [6, 6, 6]


@pytest.mark.parametrize(("delay", "expected"), [(1, [5, 6, 7, 8, 5, 6]), (3, [7, 8, 5, 6, 7, 8])])
def test_seasonal_naive_repeats_the_last_season_known_at_the_cutoff(delay, expected):
    model = SeasonalNaive(Window(8, 6, delay=delay), 1, (4,))
    panel = make_panel(np.arange(1.0, 30))
    forecast = forecast_at(model, panel, 7) + panel.offset[0]  # the cutoff is the value 8
    assert forecast[:, 0].tolist() == expected


def test_seasonal_naive_takes_the_season_that_is_best_on_validation():
    t = np.arange(600)
    panel, window = make_panel(np.sin(2 * np.pi * t / 7) + np.random.default_rng(0).normal(0, 0.1, 600)), Window(20, 5)
    split = split_of(panel, window, (300, 450, 600))
    fitted = SeasonalNaive(window, 1, (5, 7, 11)).fit(panel, split, Recorder())
    assert fitted.seasons == (7,)
    assert fitted.lookback == 7


def test_a_closed_form_comes_back_from_its_arrays_bit_for_bit():
    rng = np.random.default_rng(0)
    panel, window = make_panel(rng.normal(size=(300, 2))), Window(12, 4)
    split = split_of(panel, window, (200, 250, 300))
    for name, model in make_closed_forms(window, 2, (3, 6)).items():
        fitted = model.fit(panel, split, Recorder())
        again = make_closed_forms(window, 2, ())[name].from_arrays(fitted.to_arrays())
        batch = gather_batch(panel, np.array([250, 260]), fitted.lookback, 1)
        assert np.array_equal(fitted.predict(batch), again.predict(batch))


@pytest.mark.parametrize("arrays", [{}, {"weights": np.zeros((2, 2)), "bias": np.zeros(3)}])
def test_arrays_of_another_shape_are_refused(arrays):
    with pytest.raises(ArtifactError, match="shape"):
        Linear(Window(5, 3), 1).from_arrays(arrays)
    with pytest.raises(ArtifactError, match="shape"):
        SeasonalNaive(Window(5, 3), 1).from_arrays(arrays)


def oracle_naive(seen, ahead):
    import pandas as pd

    return [pd.Series(seen).ffill().iloc[-1]] * len(ahead)


def oracle_mean(seen, ahead):
    from sklearn.dummy import DummyRegressor

    known = seen[~np.isnan(seen)]
    return DummyRegressor(strategy="mean").fit(np.zeros((len(known), 1)), known).predict(np.zeros((len(ahead), 1)))


def oracle_drift(seen, ahead):
    from scipy.interpolate import interp1d

    places = np.flatnonzero(~np.isnan(seen))[[0, -1]]
    if places[0] == places[1]:
        return [seen[places[0]]] * len(ahead)
    return interp1d(places, seen[places], fill_value="extrapolate")(len(seen) - 1 + ahead)


SEASON = 5


def oracle_seasonal(seen, ahead):
    """Season for season pandas shifts the lookback on, until the last step is reached."""
    import pandas as pd

    path = pd.Series(np.concatenate([pd.Series(seen).ffill(), np.full(ahead[-1], np.nan)]))
    while path.iloc[-1:].isna().any():
        path = path.fillna(path.shift(SEASON))
    return path.iloc[len(seen) - 1 + ahead]


@pytest.mark.parametrize(
    ("make", "oracle"),
    [
        (Naive, oracle_naive),
        (Mean, oracle_mean),
        (Drift, oracle_drift),
        (lambda window, T: SeasonalNaive(window, T, (SEASON,)), oracle_seasonal),
    ],
    ids=["naive", "mean", "drift", "seasonal-naive"],
)
@settings(deadline=None)
@given(seed=st.integers(0, 10_000), gaps=st.floats(0, 0.9), delay=st.integers(1, 4))
def test_a_rule_says_what_another_library_says_of_the_observed_values(make, oracle, seed, gaps, delay):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(12, 2))
    values[1:][rng.random((11, 2)) < gaps] = np.nan
    panel, window = make_panel(values), Window(12, 7, delay=delay)
    ours = forecast_at(make(window, 2), panel, 11) + panel.offset[0]
    for t in range(2):
        theirs = oracle(values[:, t], delay + np.arange(7))
        np.testing.assert_allclose(ours[:, t], theirs, atol=1e-4)


@pytest.mark.parametrize("rule", [Mean, Drift])
def test_rows_that_are_not_read_have_no_say(rule):
    values = np.random.default_rng(0).normal(size=41)
    every, thin = make_panel(values), make_panel(values[::4])
    sparse, dense = rule(Window(40, 8, sample_every=4), 1), rule(Window(10, 2), 1)
    ours, theirs = forecast_at(sparse, every, 40), forecast_at(dense, thin, 10)
    np.testing.assert_allclose(ours[3::4], theirs, atol=1e-5)  # each fourth step is a step of the thin grid


@pytest.mark.parametrize("rule", [Mean, Drift])
def test_where_nothing_was_observed_the_forecast_is_the_value_that_was_carried_on(rule):
    panel = make_panel(np.r_[1.0, 4.0, np.full(10, np.nan)])
    assert (forecast_at(rule(Window(6, 3), 1), panel, 11) + panel.offset[0]).ravel().tolist() == [4, 4, 4]


def test_rows_before_the_first_of_a_series_do_not_count():
    panel = make_panel(np.array([100.0, 100, 100]), np.array([2.0, 4, 6]))
    assert (forecast_at(Mean(Window(9, 2), 1), panel, 5) + panel.offset[1]).ravel().tolist() == [4, 4]
    assert (forecast_at(Drift(Window(9, 2), 1), panel, 5) + panel.offset[1]).ravel().tolist() == [8, 10]
