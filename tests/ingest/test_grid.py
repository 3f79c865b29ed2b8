"""Rows onto the grid: order, repetition, gaps, codes for missing values."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import DataError
from forecast_cli.ingest.grid.gaps import Filling, fill_gaps, find_gaps
from forecast_cli.ingest.grid.sentinels import find_sentinels
from forecast_cli.ingest.journal import say_count

NAN = np.nan


def write(pairs) -> str:
    return "time,x\n" + "".join(f"2025-01-01 {hour:02d}:00,{value}\n" for hour, value in pairs)


def restore(panel) -> list[float]:
    return (panel.values[:, 0] + panel.offset[0, 0]).tolist()


def test_rows_are_sorted_and_the_jumps_counted(reader) -> None:
    panel, reading = reader.read(reader.write(write([(3, 4.5), (2, 3.5), (1, 2.5), (0, 1.5)])))
    assert restore(panel) == [1.5, 2.5, 3.5, 4.5]
    assert reading.counts["out_of_order"] == 3


def test_exact_repetitions_are_dropped_and_conflicts_averaged(reader) -> None:
    pairs = [(0, 1.5), (1, 2.5), (1, 2.5), (2, 3.5), (2, 4.5), (3, 1.25), (4, 2)]
    panel, reading = reader.read(reader.write(write(pairs)))
    assert restore(panel) == [1.5, 2.5, 4.0, 1.25, 2.0]
    assert (reading.counts["duplicates"], reading.counts["conflicts"]) == (1, 1)
    assert reader.recorder.warnings == ["1 row repeats an instant with other values: averaged"]


@pytest.mark.parametrize(("max_gap", "middle"), [(None, [2.5, 3.5, 4.5]), (3, [2.5, 3.5, 4.5]), (2, [1.5, 1.5, 1.5])])
def test_gaps_up_to_max_gap_are_interpolated_and_longer_ones_hold(reader, max_gap, middle) -> None:
    panel = reader.load(write([(0, 0.5), (1, 1.5), (5, 5.5), (6, 6), (7, 7)]), max_gap=max_gap)
    assert restore(panel)[2:5] == middle
    assert panel.observed[:, 0].tolist() == [True, True, False, False, False, True, True, True]


def test_hold_carries_the_last_value(reader) -> None:
    panel = reader.load(write([(0, 0.5), (1, 1.5), (3, 5.5), (4, 6), (5, 7)]), fill="hold")
    assert restore(panel)[2] == 1.5


def test_a_gap_at_the_end_holds_and_one_at_the_beginning_stays_open(reader) -> None:
    text = "time,x,y\n" + "".join(
        f"2025-01-01 {h:02d}:00,{h * 3 % 7 + 0.5},{value}\n" for h, value in enumerate(["", "", 2.5, 1.5, 3.5, ""])
    )
    panel = reader.load(text)
    assert np.isnan(panel.values[:2, 1]).all()
    assert (panel.values[2:, 1] + panel.offset[0, 1]).tolist() == [2.5, 1.5, 3.5, 3.5]
    assert panel.observed[:, 1].tolist() == [False, False, True, True, True, False]


def test_gaps_never_reach_across_series() -> None:
    values = np.array([1.0, NAN, NAN, 9.0, NAN, 5.0])
    filled, count = fill_gaps(values, ~np.isnan(values), np.array([0, 2, 6]), Filling(3, "linear"))
    np.testing.assert_array_equal(filled, [1, 1, NAN, 9, 7, 5])
    assert count == 1
    assert np.isnan(values[1])


@given(
    st.lists(st.one_of(st.just(NAN), st.floats(-100, 100)), min_size=1, max_size=60),
    st.integers(0, 6),
    st.integers(0, 60),
)
def test_filling_agrees_with_a_plain_loop(cells, max_gap, cut) -> None:
    values = np.array(cells)
    indptr = np.array([0, min(cut, len(cells)), len(cells)])
    filled, _ = fill_gaps(values, ~np.isnan(values), indptr, Filling(max_gap, "linear"))
    expected = values.copy()
    for begin, end in pairwise(indptr):
        known = [k for k in range(begin, end) if not np.isnan(values[k])]
        for k in range(begin, end):
            before = max((j for j in known if j < k), default=None)
            after = min((j for j in known if j > k), default=None)
            if not np.isnan(values[k]) or before is None:
                continue
            short = after is not None and after - before - 1 <= max_gap
            share = (k - before) / (after - before) if short else 0
            expected[k] = values[before] * (1 - share) + (values[after] * share if short else 0)
    np.testing.assert_allclose(filled, expected, rtol=1e-12, atol=1e-12)


def test_empty_series_have_no_gaps() -> None:
    starts, ends = find_gaps(np.array([False, True, False]), np.array([0, 0, 2, 2, 3]))
    assert (starts.tolist(), ends.tolist()) == ([0, 2], [1, 3])


@pytest.mark.parametrize("code", [-200.0, -999.0, -9999.0])
def test_a_repeated_isolated_code_is_missing_and_announced(reader, code) -> None:
    values = [k * 7 % 11 + 0.5 for k in range(24)]
    values[5] = values[9] = values[10] = code
    panel, reading = reader.read(reader.write(write(enumerate(values))))
    assert np.flatnonzero(~panel.observed[:, 0]).tolist() == [5, 9, 10]
    assert reading.counts["sentinels"] == 3
    assert any(f"hold exactly {code:g}" in text for text in reader.recorder.warnings)


@pytest.mark.parametrize(
    "column",
    [
        np.array([-200.0, *np.arange(50)]),  # once
        np.arange(-400.0, 400.0, 100).repeat(3),  # one level among others
        np.array([-200.0, -200.0, *np.arange(-210, 50, 7)]),  # not below the rest
        np.array([-200.0, 0.0, -190.0, -200.0, -180.5, -170.0]),  # not isolated
        np.array([-200.0, -200.0]),  # nothing else
    ],
)
def test_a_value_that_belongs_to_the_rest_is_no_code(column) -> None:
    assert find_sentinels(column) == []


def test_the_summary_names_rows_targets_step_and_span(reader, hourly) -> None:
    reader.read(reader.write(hourly(48), "house.csv"))
    assert (
        reader.recorder.notes[-1]
        == "read 48 rows, 1 target of house.csv every 1 h, 2025-01-01 00:00 to 2025-01-02 23:00"
    )
    assert reader.recorder.warnings == []


@pytest.mark.parametrize(
    ("step", "span"),
    [
        (np.timedelta64(2, "s"), "2025-01-01 00:00:00 to 2025-01-01 00:01:18"),
        (np.timedelta64(5, "m"), "2025-01-01 00:00 to 2025-01-01 03:15"),
        (np.timedelta64(3, "h"), "2025-01-01 to 2025-01-05"),
        (np.timedelta64(1, "D"), "2025-01-01 to 2025-02-09"),
    ],
)
def test_the_span_is_told_with_its_times_where_it_lies_within_two_days(reader, step, span) -> None:
    stamps = [np.datetime64("2025-01-01T00:00:00") + k * step for k in range(40)]
    reader.load("\n".join(["t,x", *(f"{stamp},{k * 7 % 11 + 0.5}" for k, stamp in enumerate(stamps))]))
    assert reader.recorder.notes[-1].endswith(span)


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    assert say_count(1, "row", "repeat") == "1 row repeats"
    assert say_count(1, "line", "are") == "1 line is"
    assert say_count(1200, "gap") == "1,200 gaps"


def test_the_offset_is_the_first_observed_value_of_each_channel(reader) -> None:
    panel = reader.load("time,x\n2025-01-01 00:00,\n2025-01-01 01:00,7.25\n2025-01-01 02:00,8\n2025-01-01 03:00,6\n")
    assert panel.offset.tolist() == [[7.25]]
    assert panel.values[1:, 0].tolist() == [0, 0.75, -1.25]


# --- The step, and rows that do not keep it -----------------------------------------------------------------------


def write_stamps(stamps) -> str:
    return "time,x\n" + "".join(f"{stamp},{k * 7 % 11 + 0.5}\n" for k, stamp in enumerate(stamps))


def count_minutes(minutes, start="2026-01-01T00:00") -> np.ndarray:
    return np.datetime64(start) + np.asarray(minutes) * np.timedelta64(1, "m")


def test_newest_first_is_said_and_a_jump_back_is_counted(reader) -> None:
    stamps = count_minutes(np.arange(40) * 60)
    reader.load(write_stamps(stamps[::-1]))
    assert reader.recorder.notes[0] == "newest first: turned round"
    reader.load(write_stamps([*stamps[:20], *stamps[15:]]))
    assert "sorted: time ran backwards 1 time" in reader.recorder.notes


def test_of_two_sampling_rates_the_coarser_is_the_grid_and_both_are_told(reader) -> None:
    stamps = count_minutes([*range(0, 3000, 10), *range(3000, 5000)])
    panel = reader.load(write_stamps(stamps))
    assert (panel.freq, bool(panel.observed.all())) == ("10min", True)
    assert reader.recorder.heard("the rows are 10min for 60% of the time, 1min for 40% of the time")
    assert reader.load(write_stamps(stamps), freq="1min").freq == "1min"


def test_a_coarser_start_that_lasts_but_shortly_does_not_coarsen_the_rest(reader) -> None:
    assert reader.load(write_stamps(count_minutes([*range(0, 300, 10), *range(300, 5000)]))).freq == "1min"


def test_gaps_are_no_sampling_rate(reader) -> None:
    kept = [minute for minute in range(0, 20_000, 5) if minute % 60 < 30]
    assert reader.load(write_stamps(count_minutes(kept))).freq == "5min"


def test_rows_that_leave_much_of_the_grid_empty_come_with_a_coarser_step_to_try(reader) -> None:
    rng = np.random.default_rng(0)
    steps = rng.choice([5, 10, 15, 20], p=[0.55, 0.25, 0.1, 0.1], size=2000)
    panel = reader.load(write_stamps(count_minutes(np.cumsum(steps))))
    assert panel.freq == "5min"
    assert reader.recorder.heard("over a quarter of the steps of 5min hold no row; 15min would gather them")
    assert reader.load(write_stamps(count_minutes(np.cumsum(steps))), freq="15min").observed.mean() > 0.85


def test_rows_that_are_gathered_are_told_with_both_steps(reader) -> None:
    panel = reader.load(write_stamps(count_minutes(np.arange(0, 1440, 5))), freq="1h")
    assert panel.values.shape[0] == 24
    assert reader.recorder.notes[0] == "aggregated from 5min to 1h: averaged"
    assert not reader.recorder.heard("fall into a step")


@pytest.mark.parametrize(("freq", "first"), [("1MS", "2026-01-01"), ("3MS", "2026-01-01"), ("12MS", "2026-01-01")])
def test_days_are_gathered_into_whole_months_quarters_and_years(reader, freq, first) -> None:
    days = np.arange("2026-02-17", "2027-02-17", dtype="datetime64[D]")
    panel = reader.load(write_stamps(days), freq=freq)
    expected = np.datetime64("2026-02-01") if freq == "1MS" else np.datetime64(first)
    assert panel.origin == expected


def test_days_are_gathered_into_weeks_from_monday(reader) -> None:
    panel = reader.load(write_stamps(np.arange("2026-01-01", "2026-03-01", dtype="datetime64[D]")), freq="1W")
    assert panel.origin == np.datetime64("2025-12-29")  # a Monday


def test_instants_with_an_offset_are_gathered_into_the_days_that_they_show(reader) -> None:
    stamps = [f"{stamp}:00+05:30" for stamp in count_minutes(np.arange(0, 4 * 1440, 30))]
    panel = reader.load(write_stamps(stamps), freq="1D")
    assert (panel.values.shape[0], panel.origin) == (4, np.datetime64("2025-12-31T18:30"))


def test_new_rows_coarser_than_the_model_are_refused_with_both_steps(reader, hourly) -> None:
    with pytest.raises(DataError, match="are 1h apart, coarser than 10min, the step of the model") as caught:
        reader.load(hourly(30), freq="10min", header=("time", "temp"))
    assert "--freq" not in caught.value.hint


def test_a_logger_faster_than_its_clock_is_told_and_rows_can_be_kept(reader) -> None:
    stamps = [f"2026-01-01 06:00:{k // 10:02d}" for k in range(500)]
    panel = reader.load(write_stamps(stamps))
    assert (panel.freq, panel.values.shape[0]) == ("1s", 50)
    assert reader.recorder.warnings == [
        "10 rows share each stamp, as of a logger faster than its clock: averaged, --freq 1row keeps every row"
    ]
    assert reader.load(write_stamps(stamps), freq="1row").values.shape[0] == 500


def test_milliseconds_are_a_step_of_their_own(reader) -> None:
    stamps = np.datetime64("2026-01-01T06:00:00.000") + np.arange(200) * np.timedelta64(20, "ms")
    panel = reader.load(write_stamps(stamps))
    assert (panel.freq, panel.values.shape[0]) == ("20ms", 200)


def test_rows_of_the_same_step_that_begin_between_the_hours_keep_their_own(reader) -> None:
    panel = reader.load(write_stamps(count_minutes(30 + np.arange(40) * 60)), freq="1h", header=("time", "x"))
    assert (panel.origin, bool(panel.observed.all())) == (np.datetime64("2026-01-01T00:30"), True)
