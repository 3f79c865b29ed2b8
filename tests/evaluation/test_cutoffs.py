"""Which cutoffs are scored, and in which stages."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.evaluation.cutoffs import choose_cutoffs, cut_stages
from forecast_cli.prepare.windows import steps_of
from tests.panels import make_panel

PANEL = make_panel(np.zeros(40), np.zeros(30), start=[0, 15])
rows_of = st.lists(st.integers(0, 69), min_size=1, unique=True).map(lambda rows: np.array(sorted(rows)))


def steps(rows):
    return steps_of(PANEL)[rows]


def test_all_cutoffs_are_taken_where_nothing_is_asked_for():
    rows = np.array([3, 4, 9, 50])
    np.testing.assert_array_equal(choose_cutoffs(PANEL, rows), rows)


def test_the_last_cutoffs_of_all_series_are_taken_a_stride_apart():
    rows = np.concatenate([np.arange(5, 38), np.arange(40, 65)])  # steps 5 ... 37, and 15 ... 39
    taken = choose_cutoffs(PANEL, rows, n_windows=3, stride=4)
    assert sorted(set(steps(taken).tolist())) == [31, 35, 39]
    assert steps(taken).tolist() == [31, 35, 31, 35, 39]


@given(rows_of, st.integers(1, 50), st.integers(1, 9))
def test_whatever_is_taken_is_the_newest_that_can_be_and_no_instant_is_halved(rows, n_windows, stride):
    taken = choose_cutoffs(PANEL, rows, n_windows, stride)
    instants = np.unique(steps(taken))
    possible = np.unique([step for step in steps(rows) if (steps(rows).max() - step) % stride == 0])
    np.testing.assert_array_equal(instants, possible[-n_windows:])
    np.testing.assert_array_equal(taken, rows[np.isin(steps(rows), instants)])


def test_without_a_cutoff_none_is_taken():
    assert len(choose_cutoffs(PANEL, np.empty(0, dtype=np.int64), 3, 2)) == 0


@given(rows_of, st.integers(1, 50))
def test_stages_hold_every_cutoff_once_in_order_of_time(rows, every):
    stages = cut_stages(PANEL, rows, every)
    assert sorted(np.concatenate(stages).tolist()) == rows.tolist()
    assert all(np.all(np.diff(stage) > 0) for stage in stages)
    spans = [np.unique(steps(stage)) for stage in stages]
    assert all(len(span) == every for span in spans[:-1])
    assert 1 <= len(spans[-1]) <= every
    assert all(earlier.max() < later.min() for earlier, later in pairwise(spans))
