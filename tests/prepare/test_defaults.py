import numpy as np

from forecast_cli.prepare.defaults import choose_horizon, choose_lookback
from forecast_cli.prepare.splits import choose_borders
from forecast_cli.types import Window
from tests.panels import make_panel


def lookback_of(n, horizon=24):
    panel = make_panel(np.random.default_rng(0).normal(size=n))
    return choose_lookback(panel, lambda steps: Window(steps, horizon), choose_borders(n, horizon, None), False)


def test_the_horizon_is_the_shortest_season_but_at_most_288_and_a_fifth():
    panel = make_panel(np.zeros(5000))
    assert choose_horizon(panel, (144, 1008)) == 144
    assert choose_horizon(panel, (1440,)) == 288
    assert choose_horizon(panel, ()) == 24
    assert choose_horizon(make_panel(np.zeros(60)), (24,)) == 12


def test_the_lookback_is_720_where_there_is_room_and_a_quarter_of_training_where_not():
    assert lookback_of(20_000) == 720
    assert lookback_of(2_000) == 1400 // 4


def test_the_lookback_is_halved_until_there_are_200_windows_but_never_below_the_horizon():
    assert lookback_of(340, horizon=6) < (340 * 7 // 10) // 4
    assert lookback_of(200, horizon=30) == 30
    assert lookback_of(60, horizon=2) == 8
