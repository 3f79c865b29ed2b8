import numpy as np
import pytest

from forecast_cli.artifact.save import find_first_rows
from forecast_cli.errors import DataError
from forecast_cli.ingest.grid.gaps import Filling
from forecast_cli.workflows.history import cut_unseen_end, extend_front, fill_front, pick_series
from tests.panels import Recorder, make_panel

WAYS = (Filling(3, "linear"),)


def values_of(panel, series=0):
    rows = slice(panel.indptr[series], panel.indptr[series + 1])
    return (panel.values[rows] + panel.offset[series])[:, 0].tolist()


def test_a_joined_history_is_filled_as_if_it_had_been_read_in_one_piece():
    stored, data = make_panel([1.0, 2, 3]), make_panel([np.nan, 5, 6], start=[3])
    joined = fill_front(data, stored, 6, WAYS, Recorder())
    assert values_of(joined) == [1, 2, 3, 4, 5, 6]
    assert joined.observed[:, 0].tolist() == [True, True, True, False, True, True]


def test_a_stored_end_without_values_is_no_gap():
    stored, data = make_panel([1.0, 2, 3, np.nan, np.nan]), make_panel([6.0, 7], start=[5])
    assert values_of(fill_front(data, stored, 7, WAYS, Recorder())) == [1, 2, 3, 4, 5, 6, 7]


def test_where_both_have_a_value_data_win_and_where_data_have_none_the_stored_one_stays():
    stored, data = make_panel([1.0, 2, 3, 4]), make_panel([30.0, np.nan, 5], start=[2])
    assert values_of(fill_front(data, stored, 5, WAYS, Recorder())) == [1, 2, 30, 4, 5]


def test_rows_behind_a_gap_are_refused_with_the_first_row_needed():
    stored, data = make_panel([1.0, 2, 3]), make_panel([5.0, 6], start=[4])
    with pytest.raises(DataError, match="02:00:00, DATA begins at 2025-01-01T04:00:00") as refusal:
        fill_front(data, stored, 5, WAYS, Recorder())
    assert "2025-01-01T01:00:00" in refusal.value.hint


def test_each_series_is_cut_after_its_last_observed_target():
    panel = make_panel([1.0, 2, np.nan], [1.0, np.nan, 3], [np.nan, np.nan, np.nan])
    cut = cut_unseen_end(panel)
    assert cut.series_ids == ("s0", "s1")
    assert np.diff(cut.indptr).tolist() == [2, 3]


def test_a_series_that_is_cut_or_picked_keeps_its_values_and_counts_from_its_own_first_one():
    panel = make_panel([np.nan, 20.0, np.nan], [5.0, 6], [700.0, 701, 702], start=[0, 4, 2])
    cut = cut_unseen_end(pick_series(panel, [0, 2]))
    assert cut.series_ids == ("s0", "s2")
    assert cut.start.tolist() == [0, 2]
    assert cut.offset[:, 0].tolist() == [20, 700]
    assert values_of(cut)[1:] == [20]
    assert values_of(cut, 1) == [700, 701, 702]
    assert cut.observed[:, 0].tolist() == [False, True, True, True, True]


def test_stored_rows_come_before_data_only_where_they_join_it():
    stored = make_panel(np.arange(10.0), np.arange(5.0))
    data = make_panel([100.0, 101], [100.0, 101], start=[10, 9])
    extended = extend_front(data, stored, 3, WAYS)
    assert values_of(extended) == [7, 8, 9, 100, 101]
    assert values_of(extended, 1) == [100, 101]


def test_the_kept_tail_reaches_back_from_the_last_observed_row():
    panel = make_panel(np.r_[np.arange(20.0), np.full(5, np.nan)], np.arange(4.0))
    assert find_first_rows(panel, 8).tolist() == [12, 25]


def test_where_histories_join_a_value_stands_but_an_increase_does_not():
    stored, data = make_panel(np.full((3, 2), 5.0)), make_panel([[np.nan, np.nan], [7.0, 7.0]], start=[3])
    joined = fill_front(data, stored, 5, (Filling(24, "hold"), Filling(24, "linear")), Recorder())
    assert joined.observed[3].tolist() == [True, False]
    assert (joined.values + joined.offset)[3].tolist() == [5, 6]
