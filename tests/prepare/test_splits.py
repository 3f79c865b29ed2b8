import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import DataError
from forecast_cli.prepare.splits import choose_borders, find_cutoffs, make_split
from forecast_cli.prepare.windows import count_cutoffs, steps_of
from forecast_cli.types import Window
from tests.panels import make_panel


def test_the_long_horizon_protocol_gives_2785_test_windows():
    panel, window = make_panel(np.zeros(17420) + np.arange(17420) % 24), Window(720, 96)
    borders = choose_borders(17420, 96, (8640, 2880, 2880))
    split = make_split(panel, window, count_cutoffs(panel, window, False), borders)
    assert (len(split.train), len(split.validation), len(split.test)) == (8640 - 720 - 96 + 1, 2785, 2785)


def test_shares_are_floors_and_validation_gets_the_rest():
    assert choose_borders(1003, 1, (0.7, 0.1, 0.2)) == (702, 803, 1003)
    assert choose_borders(1000, 1, (0.5, 0.2, 0.2)) == (500, 700, 900)


@given(n=st.integers(10, 5000), horizon=st.integers(1, 400))
def test_the_default_split_gives_validation_and_test_room_but_leaves_training_half(n, horizon):
    train, validation, test = choose_borders(n, horizon, None)
    assert 0 < train <= validation <= test == n
    assert train >= n // 2
    enough = 2 * horizon + 20
    if n >= 4 * enough:
        assert validation - train >= enough
        assert test - validation >= enough


def test_a_split_of_more_steps_than_there_are_names_both():
    with pytest.raises(DataError, match=r"asks for 300 steps, the data has 100"):
        choose_borders(100, 1, (100, 100, 100))


def test_all_targets_of_a_window_lie_in_its_part_and_its_history_may_reach_back():
    panel, window = make_panel(np.arange(100.0)), Window(10, 5, delay=3)
    split = make_split(panel, window, count_cutoffs(panel, window, False), (60, 80, 100))
    assert split.train.tolist() == list(range(9, 60 - 7))
    assert split.validation.tolist() == list(range(57, 80 - 7))
    assert split.test.tolist() == list(range(77, 100 - 7))


def test_parts_are_cut_at_instants_common_to_all_series_not_series_by_series():
    panel, window = make_panel(np.arange(100.0), np.arange(40.0), start=[0, 60]), Window(5, 2)
    split = make_split(panel, window, count_cutoffs(panel, window, False), (70, 80, 100))
    steps = steps_of(panel)
    assert (steps[split.train] + 2 < 70).all()
    assert (steps[split.validation] + 1 >= 70).all()
    assert (steps[split.validation] + 2 < 80).all()
    assert (steps[split.test] + 1 >= 80).all()
    assert {0, 1} == set((split.test >= 100).astype(int))


def test_stride_thins_training_alone_at_common_instants():
    panel, window = make_panel(np.arange(100.0), np.arange(90.0), start=[0, 7]), Window(5, 2, stride=4)
    split = make_split(panel, window, count_cutoffs(panel, window, False), (60, 80, 97))
    steps = steps_of(panel)
    assert (steps[split.train] % 4 == 0).all()
    assert len(split.validation) == 2 * 19


def test_rows_after_the_third_part_are_in_no_part():
    panel, window = make_panel(np.arange(100.0)), Window(5, 2)
    split = make_split(panel, window, count_cutoffs(panel, window, False), (40, 60, 80))
    assert split.test.max() + 2 < 80


def test_cutoffs_from_a_step_on_have_all_targets_at_or_after_it():
    panel, window = make_panel(np.arange(30.0)), Window(3, 4)
    assert find_cutoffs(panel, window, count_cutoffs(panel, window, False), 20).tolist() == list(range(19, 26))
