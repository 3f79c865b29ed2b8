import numpy as np
import pytest

from forecast_cli.prepare.season import find_seasons
from tests.panels import make_panel

HOURS = np.arange(2000)
DAY = np.sin(2 * np.pi * HOURS / 24)


def find(values, natural=(24, 168)):
    return find_seasons(make_panel(values), len(values), natural)


def test_a_day_in_noise_is_found_and_no_week_is_made_of_it():
    assert find(DAY + np.random.default_rng(0).normal(size=2000)) == (24,)


def test_a_week_on_top_of_the_day_is_found_too():
    weekend = np.where(HOURS // 24 % 7 > 4, 1.5, 0.0)
    assert find(DAY + weekend + np.random.default_rng(0).normal(0, 0.3, 2000)) == (24, 168)


@pytest.mark.parametrize("seed", range(5))
def test_neither_a_random_walk_nor_noise_has_a_season(seed):
    rng = np.random.default_rng(seed)
    assert find(np.cumsum(rng.normal(size=2000))) == ()
    assert find(rng.normal(size=2000)) == ()


def test_a_trend_hides_no_season_and_makes_none():
    assert find(DAY + HOURS * 0.1) == (24,)
    assert find(HOURS * 1.0) == ()


def test_without_a_calendar_the_first_peak_of_the_autocorrelation_counts():
    values = np.sin(2 * np.pi * HOURS / 37) + np.random.default_rng(0).normal(0, 0.3, 2000)
    assert find(values, natural=()) == (37,)


def test_only_rows_before_the_border_are_looked_at():
    values = np.r_[np.random.default_rng(0).normal(size=1000), 50 * DAY[:1000]]
    assert find_seasons(make_panel(values), 1000, (24,)) == ()


def test_gaps_constant_and_empty_columns_do_no_harm():
    values = np.stack([DAY, np.full(2000, 3.0), np.full(2000, np.nan)], axis=1)
    values[100:140, 0] = np.nan
    assert find(values) == (24,)


def test_a_short_series_has_no_season():
    assert find(np.array([1.0, 2.0, 3.0])) == ()
