"""How far gaps are filled, and what of it counts as observed."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.ingest.grid.gaps import Filling, choose_filling, fill_gaps, mark_known
from forecast_cli.types import ReadingOptions

NAN = np.nan


@pytest.mark.parametrize(
    ("freq", "steps"),
    [
        ("1min", 3),
        ("1h", 3),  # an eighth of a day
        ("2h", 1),
        ("6h", 1),  # an eighth of a day is half a step: a single missing one is filled all the same
        ("1D", 1),
        ("1W", 3),
        ("1MS", 1),
        ("1row", 3),
    ],
)
def test_gaps_are_filled_up_to_three_steps_and_an_eighth_of_the_natural_season(freq, steps) -> None:
    assert choose_filling(ReadingOptions(), freq) == Filling(steps, "linear")


@pytest.mark.parametrize(("freq", "steps"), [("1min", 1440), ("1h", 24), ("6h", 24), ("1MS", 24), ("1row", 24)])
def test_a_value_of_a_logger_that_writes_on_change_stands_for_a_day(freq, steps) -> None:
    assert choose_filling(ReadingOptions(fill="hold"), freq) == Filling(steps, "hold")


def test_max_gap_may_be_a_time_and_is_taken_as_it_is() -> None:
    assert choose_filling(ReadingOptions(max_gap="30min"), "10min").max_gap == 3
    assert choose_filling(ReadingOptions(max_gap=500, fill="hold"), "1h").max_gap == 500
    assert choose_filling(ReadingOptions(max_gap=0), "1h").max_gap == 0
    with pytest.raises(UsageError, match="--max-gap"):
        choose_filling(ReadingOptions(max_gap="45min"), "1h")


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 40), st.integers(0, 6))
def test_a_value_is_known_to_stand_up_to_the_longest_gap_whatever_comes_later(seen, cut, max_gap) -> None:
    observed, indptr = np.array(seen), np.array([0, min(cut, len(seen)), len(seen)])
    assert mark_known(observed, indptr, Filling(max_gap, "linear")) is observed
    known = mark_known(observed, indptr, Filling(max_gap, "hold"))
    for begin, end in pairwise(indptr):
        for k in range(begin, end):
            before = max((j for j in range(begin, k + 1) if observed[j]), default=None)
            assert known[k] == (before is not None and k - before <= max_gap)


def test_a_known_value_is_the_one_that_stood_before() -> None:
    values = np.array([4.0, NAN, NAN, 7, NAN, NAN, NAN, 1])
    how, indptr = Filling(2, "hold"), np.array([0, 8])
    filled, _ = fill_gaps(values, ~np.isnan(values), indptr, how)
    known = mark_known(~np.isnan(values), indptr, how)
    assert filled[known].tolist() == [4, 4, 4, 7, 7, 7, 1]


CHANGES = [(0, 20.5), (4, 21), (5, 22.5), (11, 21), (13, 20), (47, 20.5), (49, 21.5), (90, 20)]


def write_changes() -> str:
    rows = [f"{np.datetime64('2025-01-01T00:00') + np.timedelta64(h, 'h')},{value}" for h, value in CHANGES]
    return "\n".join(["time,setpoint", *rows]) + "\n"


def test_a_logger_that_writes_on_change_fills_its_grid_and_the_rest_is_not_known(reader) -> None:
    panel, reading = reader.read(reader.write(write_changes()), freq="1h", fill="hold")
    hours = np.arange(91)
    real = panel.values[:, 0] + panel.offset[0, 0]
    last = [max(h for h, _ in CHANGES if h <= hour) for hour in hours]
    np.testing.assert_allclose(real, [dict(CHANGES)[hour] for hour in last])
    unknown = (hours > 13 + 24) & (hours < 47) | (hours > 49 + 24) & (hours < 90)  # silent for over a day by then
    np.testing.assert_array_equal(panel.observed[:, 0], ~unknown)
    assert reading.options.max_gap == 24
    assert reader.recorder.heard("a value stands for up to 24 h, as where a logger writes on change")


def test_its_column_is_a_target_though_most_steps_hold_no_row(reader) -> None:
    lines = [f"{np.datetime64('2025-01-01T00:00') + np.timedelta64(k, 'h')},{k * 7 % 5 + 0.5}," for k in range(96)]
    for h, value in CHANGES:
        lines[h] += str(value)
    text = "\n".join(["time,temp,setpoint", *lines])
    assert reader.load(text, fill="hold").targets == ("setpoint", "temp")
    assert reader.load(text).targets == ("temp",)


def test_interpolated_values_are_never_observed(reader) -> None:
    text = "time,x\n" + "".join(f"2025-01-01 {h:02d}:00,{h * 3 % 7 + 0.5}\n" for h in (0, 1, 2, 5, 6, 7, 9, 10))
    panel = reader.load(text)
    assert np.flatnonzero(~panel.observed[:, 0]).tolist() == [3, 4, 8]
    assert reader.recorder.heard("none counts as observed")
