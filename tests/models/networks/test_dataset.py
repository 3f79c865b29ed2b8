"""Integers travel: what is drawn, and what the compiled step gathers for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.models.networks import dataset
from forecast_cli.models.networks.dataset import (
    NO_ROW,
    Schedule,
    draw_epoch,
    list_validation,
    place_panel,
    plan_epochs,
)
from forecast_cli.prepare.inputs import feed, gather_inputs, list_categories
from forecast_cli.prepare.windows import count_cutoffs, gather_truth
from forecast_cli.types import Reads, Split, Training, Window
from tests.models.networks.conftest import WINDOW, make_waves, split_rows
from tests.panels import make_panel

NONE = np.empty(0, dtype=np.int64)


def stack(batches):
    return np.stack([rows.numpy() for rows in batches])


def plan(panel, split=None, **training):
    source = place_panel(panel, WINDOW, mixes_channels=False)
    return plan_epochs(split or split_rows(len(panel.values)), source, Training(**training))


@dataclass
class Reading:
    """A model, as far as it says what it reads."""

    lookback: int
    sample_every: int
    reads: Reads


def make_meters():
    """Return two meters with a gap, a tariff known ahead and a static text; the second begins later."""
    rng = np.random.default_rng(0)
    tables = [rng.normal(size=(rows, 3)) for rows in (40, 30)]
    tables[0][12:14, 0] = np.nan
    panel = make_panel(*tables, ids=("a", "b"), n_targets=2, start=[0, 7])
    return replace(panel, n_future=1, statics={"site": ("south", "north"), "kind": ("x", "x")})


@pytest.mark.parametrize("window", [Window(6, 2), Window(8, 3, sample_every=2, delay=4)])
def test_the_compiled_step_gathers_what_numpy_gathers(window):
    panel, rows = make_meters(), np.array([15, 25, 52])
    inputs = ("history", "observed", "future", "series", "statics", "phase")
    categories = list_categories(panel.statics)
    reads = Reads(inputs, window.horizon, window.delay, 5, panel.series_ids, categories)
    found, truth, weights = place_panel(panel, window, mixes_channels=False, reads=reads).gather(rows)
    batch = gather_inputs(panel, rows, Reading(window.lookback, window.sample_every, reads))
    expected = feed(batch, reads)
    assert set(found) == set(expected)
    for name, each in expected.items():
        np.testing.assert_allclose(found[name], each, atol=1e-6, err_msg=name)
        assert found[name].numpy().dtype == each.dtype
    values, observed = gather_truth(panel, rows, window)
    np.testing.assert_array_equal(truth, values)
    np.testing.assert_array_equal(weights, observed & count_cutoffs(panel, window, False)[rows][:, None, :])


def test_a_network_of_history_alone_is_given_no_more():
    source = place_panel(make_meters(), WINDOW, mixes_channels=False)
    assert list(source.gather(np.array([25]))[0]) == ["history"]
    assert source.tables is None
    assert source.observed.shape[1] == 2


def test_the_calendar_stands_once_for_each_step_and_not_for_each_row():
    reads = Reads(("history", "future"), 2, 1)
    tables = place_panel(make_meters(), WINDOW, mixes_channels=False, reads=reads).tables
    assert tables.calendar.shape == (40 + 3, 6)  # of both meters, and what lies beyond their last row


def test_the_targets_ahead_of_a_cutoff_reach_no_input():
    panel, row = make_meters(), np.array([25])
    later = panel.values.copy()
    later[26:40, :2] = 1e9
    reads = Reads(
        ("history", "observed", "future", "series", "statics", "phase"), 2, 1, 24, ("a", "b"), {"site": ("x",)}
    )
    first, second = (
        place_panel(each, WINDOW, mixes_channels=False, reads=reads).gather(row)[0]
        for each in (panel, replace(panel, values=later))
    )
    for name in reads.inputs:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


def test_a_target_weighs_nothing_where_it_was_not_observed_or_its_window_does_not_count():
    values = np.random.default_rng(0).normal(size=(40, 2))
    values[20, 0] = np.nan  # one unknown truth, and a cutoff that no forecast may start from
    source = place_panel(make_panel(values), WINDOW, mixes_channels=False)
    weights = source.gather(np.array([18, 19, 20]))[2].numpy()
    np.testing.assert_array_equal(weights[:, :, 0], [[1, 0], [0, 1], [0, 0]])
    assert np.all(weights[:, :, 1] == 1)


def test_a_row_that_only_fills_the_batch_up_weighs_nothing():
    reads = Reads(("history", "future", "series", "phase"), 2, 1, 24, ("s0",))
    for each in (Reads(), reads):
        weights = place_panel(make_waves(), WINDOW, mixes_channels=False, reads=each).gather(np.array([NO_ROW, 30]))[2]
        assert weights.numpy().sum(axis=(1, 2)).tolist() == [0, 4]


def test_what_lies_before_the_first_value_counts_as_zero():
    values = np.full((20, 1), np.nan)
    values[8:, 0] = np.arange(12.0)
    source = place_panel(make_panel(values), WINDOW, mixes_channels=False)
    assert np.isfinite(source.values.numpy()).all()


def test_the_order_of_an_epoch_is_a_function_of_seed_and_epoch():
    schedule = plan(make_waves())
    first, again, next_epoch, other_seed = (
        stack(draw_epoch(schedule, *key)) for key in [(0, 1), (0, 1), (0, 2), (1, 1)]
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, next_epoch)
    assert not np.array_equal(first, other_seed)


def test_an_epoch_goes_through_every_window_and_no_other():
    schedule = plan(make_waves(), batch_size=8)
    drawn = stack(draw_epoch(schedule, 0, 1))
    assert set(drawn.ravel()) == set(schedule.train.tolist())


def test_a_large_set_is_sampled_without_repeats_and_anew_each_epoch():
    schedule = plan(make_waves(6000), batch_size=20, epoch_size=6000)
    first, second = (stack(draw_epoch(schedule, 0, epoch)).ravel() for epoch in (1, 2))
    assert len(first) == len(set(first)) == 3000  # of 6,000 channel-windows, with 2 targets
    assert set(first) != set(second)


def test_the_batch_counts_channel_windows():
    assert plan(make_waves(600, n_channels=4), batch_size=20).windows == 5
    assert plan(make_waves(600, n_channels=4), batch_size=1).windows == 1


def test_a_small_set_is_gone_through_until_there_are_enough_steps():
    schedule = plan(make_waves(40))
    assert (schedule.windows, schedule.steps) == (len(schedule.train), dataset.FEWEST_STEPS)


def test_validation_misses_no_window_and_repeats_none():
    schedule = plan(make_waves(), batch_size=8)
    rows = stack(list_validation(schedule)).ravel()
    assert rows[rows != NO_ROW].tolist() == schedule.validation.tolist()
    assert len(schedule.validation) == len(split_rows(200).validation)


def test_validation_on_a_large_set_is_thinned_evenly():
    rows = np.arange(10, 100_010)
    source = place_panel(make_waves(100_020), WINDOW, mixes_channels=False)
    thinned = plan_epochs(Split(rows, rows, NONE, (0, 0, 0)), source, Training()).validation
    assert len(thinned) == 25_000  # 50,000 channel-windows of 2 targets
    assert set(np.diff(thinned)) <= {3, 4, 5}


def test_an_epoch_without_validation_windows_lists_none():
    assert list(list_validation(Schedule(np.arange(5), 5, 1, NONE))) == []


def test_a_training_part_without_a_usable_window_is_refused_with_a_way_out():
    values = np.full((60, 1), np.nan)
    values[0] = 1.0
    with pytest.raises(DataError, match="no window to train on: of 29") as caught:
        plan(make_panel(values))
    assert "--lookback" in caught.value.hint
