import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.prepare.windows import (
    count_cutoffs,
    gather_batch,
    gather_truth,
    iterate_batches,
    rows_in_series,
    rows_left,
    series_of,
    steps_of,
    take_evenly,
)
from forecast_cli.types import Window
from tests.panels import make_panel


def brute_force_counts(panel, window, mixes):
    """The rule of `count_cutoffs`, window by window."""
    R, T = panel.observed.shape[0], panel.n_targets
    counts = np.zeros((R, T), dtype=bool)
    for r in range(R):
        i = int(series_of(panel, np.array([r]))[0])
        rows = r - np.arange(window.inputs) * window.sample_every
        if rows.min() < panel.indptr[i]:
            continue
        share = panel.observed[rows].mean(axis=0)
        for t in range(T):
            counts[r, t] = panel.observed[r, t] and share[t] >= 0.75 and (not mixes or share.mean() >= 0.75)
    return counts


@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=3),
    inputs=st.integers(1, 6),
    sample_every=st.integers(1, 4),
    mixes=st.booleans(),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_the_counts_of_all_rows_at_once_are_those_of_each_window_by_itself(lengths, inputs, sample_every, mixes, seed):
    rng = np.random.default_rng(seed)
    tables = [np.where(rng.random((n, 2)) < 0.2, np.nan, rng.normal(size=(n, 2))) for n in lengths]
    panel = make_panel(*tables)
    window = Window(inputs * sample_every, 1, sample_every=sample_every)
    assert np.array_equal(count_cutoffs(panel, window, mixes), brute_force_counts(panel, window, mixes))


def test_no_cutoff_stands_on_a_filled_row():
    panel = make_panel([1.0, 2, 3, np.nan, 5, 6])
    assert count_cutoffs(panel, Window(2, 1), False)[:, 0].tolist() == [False, True, True, False, False, True]


def test_a_gap_in_one_column_costs_only_that_columns_windows():
    values = np.arange(20.0).reshape(10, 2)
    values[3:9, 1] = np.nan
    counts = count_cutoffs(make_panel(values), Window(4, 1), False)
    assert counts[3:, 0].all()
    assert not counts[3:, 1].any()


def test_a_model_that_mixes_channels_has_no_cutoff_where_another_channel_was_interpolated():
    panel = make_panel(np.arange(40.0).reshape(20, 2))
    panel.observed[10, 1] = False  # its value, 20, came from row 11: the last observed one was 18
    mixed, alone = count_cutoffs(panel, Window(4, 1), True), count_cutoffs(panel, Window(4, 1), False)
    assert alone[10, 0]
    assert not mixed[10].any()
    assert mixed[11].all()


def test_the_inputs_are_every_nth_row_up_to_the_cutoff_and_the_targets_are_never_thinned():
    panel = make_panel(np.arange(100.0))
    window = Window(lookback=12, horizon=3, sample_every=4, delay=5)
    batch = gather_batch(panel, np.array([50]), window.lookback, window.sample_every)
    truth, observed = gather_truth(panel, np.array([50]), window)
    assert batch.history[0, :, 0].tolist() == [42, 46, 50]
    assert truth[0, :, 0].tolist() == [55, 56, 57]
    assert observed.all()


def test_two_people_two_sensors_five_seconds_each_gather_to_2_5_2_and_never_mix():
    first, second = np.zeros((8, 2)), np.ones((8, 2))
    panel = make_panel(first + np.arange(8)[:, None], second * 100 + np.arange(8)[:, None])
    cutoffs = np.flatnonzero(rows_in_series(panel) == 4)
    batch = gather_batch(panel, cutoffs, 5, 1)
    assert batch.history.shape == (2, 5, 2)
    assert batch.series.tolist() == [0, 1]
    assert (
        count_cutoffs(panel, Window(5, 1), False)[:, 0].tolist() == [False] * 4 + [True] * 4 + [False] * 4 + [True] * 4
    )


def test_history_before_the_first_row_is_the_first_row_marked_unobserved():
    batch = gather_batch(make_panel([5.0, 6, 7]), np.array([1]), 4, 1)
    assert batch.history[0, :, 0].tolist() == [0, 0, 0, 1]  # less the offset of 5
    assert batch.observed[0, :, 0].tolist() == [False, False, True, True]


@given(
    rows=st.lists(st.integers(0, 69), min_size=2, unique=True).map(sorted),
    every=st.integers(1, 3),
    inputs=st.integers(1, 9),
)
def test_windows_of_scattered_rows_are_those_of_each_row_alone(rows, every, inputs):
    rng = np.random.default_rng(3)
    tables = [np.where(rng.random((n, 2)) < 0.2, np.nan, rng.normal(size=(n, 2))) for n in (30, 40)]
    panel = make_panel(*tables)
    together = gather_batch(panel, np.array(rows), inputs * every, every)
    for k, row in enumerate(rows):
        alone = gather_batch(panel, np.array([row]), inputs * every, every)
        np.testing.assert_array_equal(together.history[k], alone.history[0])
        np.testing.assert_array_equal(together.observed[k], alone.observed[0])


@given(rows=st.integers(1, 12), every=st.integers(1, 4), inputs=st.integers(1, 9), first=st.integers(0, 40))
def test_windows_of_a_run_of_rows_are_those_of_each_row_alone(rows, every, inputs, first):
    rng = np.random.default_rng(0)
    panel = make_panel(*(np.where(rng.random((20, 2)) < 0.2, np.nan, rng.normal(size=(20, 2))) for _ in range(3)))
    run = np.arange(first, first + rows)  # often across a border of series, or too close to its first row
    batch = gather_batch(panel, run, inputs * every, every)
    for i, row in enumerate(run):
        series = int(row // 20)
        wanted = [row - lag * every for lag in range(inputs - 1, -1, -1)]
        taken = [max(each, 20 * series) for each in wanted]
        np.testing.assert_array_equal(batch.history[i], panel.values[taken])
        inside = np.array(wanted) >= 20 * series
        np.testing.assert_array_equal(batch.observed[i], panel.observed[taken] & inside[:, None])
        assert (batch.series[i], batch.cutoff[i]) == (series, row - 20 * series)


def test_a_batch_cannot_change_its_panel():
    panel = make_panel(np.arange(30.0))
    batch = gather_batch(panel, np.arange(10, 20), 5, 1)
    with pytest.raises(ValueError, match="read-only"):
        batch.history[0, 0, 0] = 9


def test_steps_and_rows_of_ragged_series_are_counted_from_their_own_start():
    panel = make_panel(np.zeros(3), np.zeros(2), start=[4, 0])
    assert steps_of(panel).tolist() == [4, 5, 6, 0, 1]
    assert rows_in_series(panel).tolist() == [0, 1, 2, 0, 1]
    assert rows_left(panel).tolist() == [2, 1, 0, 1, 0]


@given(n=st.integers(0, 500), width=st.integers(1, 50), budget=st.integers(1, 200))
def test_batches_hold_every_row_once_and_in_order(n, width, budget):
    rows = np.arange(n)
    pieces = list(iterate_batches(rows, width, budget))
    assert np.array_equal(np.concatenate([*pieces, rows[:0]]), rows)
    assert all(len(piece) <= max(1, budget // width) for piece in pieces)


@pytest.mark.parametrize(("n", "most"), [(10, 20), (10, 10), (1000, 7)])
def test_evenly_taken_rows_keep_both_ends(n, most):
    taken = take_evenly(np.arange(n), most)
    assert len(taken) == min(n, most)
    assert taken[0] == 0
    assert taken[-1] == n - 1
    assert (np.diff(taken) > 0).all()


def test_inputs_further_apart_than_the_series_is_long_count_for_nothing():
    assert not count_cutoffs(make_panel(np.arange(9.0)), Window(10**12, 1, sample_every=10**11), False).any()
