"""Meters that only rise: drops told apart, the increase per step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.ingest.grid.counters import count_increase, only_rises, unwrap
from forecast_cli.types import Columns

NAN = np.nan


def increase(values, indptr=None):
    """Return the increases of readings one step apart."""
    column = np.array(values, dtype=np.float64)
    meter = unwrap(column, np.zeros(column.size, dtype=np.int64))
    return count_increase(meter.readings, np.array([0, column.size] if indptr is None else indptr)), meter


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=60), st.floats(0, 1e9))
def test_a_meter_that_never_drops_stays_as_it_is(steps, start) -> None:
    column = start + np.cumsum(steps)
    meter = unwrap(column, np.zeros(column.size, dtype=np.int64))
    np.testing.assert_array_equal(meter.readings, column)
    assert (meter.resets, meter.wraps, meter.anew, meter.slips) == (0, 0, 0, 0)


@given(
    st.lists(st.integers(1, 5), min_size=30, max_size=200),
    st.sampled_from([2**8, 2**16, 2**24, 2**32, 10**3, 10**5, 10**8]),
)
def test_a_register_that_wraps_keeps_every_increase(steps, power) -> None:
    total = power - 40 + np.cumsum(steps)
    found, meter = increase(total % power)
    np.testing.assert_array_equal(found[1:], np.diff(total))
    crossed = np.unique(total // power).size - 1
    assert meter.wraps + meter.resets == crossed


def test_a_reset_is_counted_from_0() -> None:
    found, meter = increase([10, 20, 30, 5, 15, 25, 0, 0, 8])
    np.testing.assert_array_equal(found, [NAN, 10, 10, 5, 10, 10, 0, 0, 8])
    assert (meter.resets, meter.wraps) == (2, 0)


def test_a_lone_0_among_high_readings_is_a_slip_and_not_a_reset() -> None:
    found, meter = increase([12345, 12346, 12348, 0, 12351, 12352, 0, 0, 12354])
    np.testing.assert_array_equal(found, [NAN, 1, 2, NAN, NAN, 1, NAN, NAN, NAN])
    assert (meter.slips, meter.resets) == (3, 0)


def test_another_meter_goes_on_from_its_first_reading() -> None:
    found, meter = increase([1000, 1003, 1005, 700, 702, 703])
    np.testing.assert_array_equal(found, [NAN, 3, 2, NAN, NAN, 1])
    assert (meter.anew, meter.resets) == (1, 0)


def test_a_drop_is_judged_by_what_the_meter_had_counted_until_then_and_not_by_what_came_later() -> None:
    column = np.array([*range(0, 300, 10), 250, 260, 3, 4, *range(10_000, 90_000, 5_000)], dtype=np.float64)
    later = unwrap(column, np.zeros(column.size, dtype=np.int64)).readings
    until = unwrap(column[:34], np.zeros(34, dtype=np.int64)).readings
    np.testing.assert_array_equal(later[:34], until)
    assert np.isnan(later[30])  # 250 cannot have been counted from 0 by a meter of 10 an hour


def test_a_meter_is_judged_by_its_own_pace_and_not_by_that_of_others() -> None:
    slow, fast = [1000.0, 1003, 1005, 700, 702, 703], [0.0, 900, 1800, 2700]
    both = unwrap(np.array([*slow, *fast]), np.repeat([0, 1], [6, 4]))
    alone = unwrap(np.array(slow), np.zeros(6, dtype=np.int64))
    np.testing.assert_array_equal(both.readings[:6], alone.readings)
    assert (both.anew, both.resets) == (1, 0)


def test_over_a_gap_nothing_is_invented() -> None:
    found, _ = increase([1, 2, NAN, NAN, 9, 10])
    np.testing.assert_array_equal(found, [NAN, 1, NAN, NAN, NAN, 1])


def test_series_are_meters_of_their_own() -> None:
    column, series = np.array([5.0, 6, 8, 1, 2, 0.5]), np.array([0, 0, 0, 1, 1, 1])
    meter = unwrap(column, series)
    assert (meter.resets, meter.wraps) == (1, 0)
    np.testing.assert_array_equal(count_increase(meter.readings, np.array([0, 3, 6])), [NAN, 1, 2, NAN, 1, 0.5])


@given(st.lists(st.one_of(st.just(NAN), st.floats(-1e9, 1e9)), max_size=80), st.integers(0, 80))
def test_whatever_the_column_no_increase_is_negative(values, cut) -> None:
    column = np.array(values, dtype=np.float64)
    series = (np.arange(column.size) >= cut).astype(np.int64)
    readings = unwrap(column, series).readings
    found = count_increase(readings, np.array([0, min(cut, column.size), column.size]))
    scale = np.nanmax(np.abs(column), initial=1.0)
    assert not np.any(found < -1e-12 * column.size * scale)
    assert np.all(np.isnan(readings[np.isnan(column)]))


def write_meter(readings, name="energy") -> str:
    stamps = np.datetime64("2025-01-01") + np.arange(len(readings)) * np.timedelta64(1, "h")
    return "\n".join([f"time,{name} [kWh]", *(f"{s},{v!r}" for s, v in zip(stamps, readings, strict=True))]) + "\n"


def test_an_increase_that_no_float32_holds_is_missing_and_said(reader) -> None:
    panel = reader.load(write_meter([-1e38, 1e38, 1.1e38, 1.2e38, 1.3e38]), counters=("energy*",))
    assert panel.observed[:, 0].tolist() == [False, False, True, True, True]
    assert any("energy [kWh] comes to beyond 1e38" in text for text in reader.recorder.warnings)


def test_a_large_meter_does_not_lose_its_cents(reader) -> None:
    steps = [round(0.01 * (k * 37 % 90), 2) for k in range(60)]
    readings = [round(123_456_789.12 + sum(steps[: k + 1]), 2) for k in range(60)]
    panel = reader.load(write_meter(readings), counters=("energy*",))
    assert panel.channels == ("energy [kWh]",)
    assert panel.units == ("kWh",)
    assert not panel.observed[0, 0]
    np.testing.assert_allclose(panel.values[1:, 0] + panel.offset[0, 0], steps[1:], atol=3e-8)


def test_of_several_readings_in_a_step_the_last_one_counts(reader) -> None:
    stamps = np.datetime64("2025-01-01") + np.arange(12) * np.timedelta64(20, "m")
    text = "time,x\n" + "".join(f"{s},{k * k}\n" for k, s in enumerate(stamps))
    panel = reader.load(text, freq="1h", counters=("x",))
    real = panel.values[:, 0] + panel.offset[0, 0]
    assert real[1:].tolist() == [5**2 - 2**2, 8**2 - 5**2, 11**2 - 8**2]


def test_drops_are_announced_and_counted(reader) -> None:
    _, reading = reader.read(reader.write(write_meter([65530, 65533, 1, 4, 7, 2, 5, 8])), counters=("energy [kWh]",))
    assert reader.recorder.heard("counter energy [kWh]: 1 reset (counted from 0), 1 wrap (counted over the last digit)")
    assert (reading.counts["resets"], reading.counts["wraps"]) == (1, 1)
    assert reading.options.counters == ("energy [kWh]",)


def test_a_column_that_only_rises_is_read_as_it_is_and_the_flag_suggested(reader) -> None:
    readings = [100 + (k * k) / 7 for k in range(50)]
    panel = reader.load(write_meter(readings))
    assert panel.values[-1, 0] + panel.offset[0, 0] == pytest.approx(readings[-1])
    assert reader.recorder.heard("only rises, as a meter does: --counter 'energy [kWh]'")


def test_a_meter_at_a_steady_rate_is_a_target_once_it_is_called_a_counter(reader) -> None:
    text = "time,steps,temp\n" + "".join(
        f"2025-01-0{1 + k // 24} {k % 24:02d}:00,{k * 5},{k * 7 % 11 / 2}\n" for k in range(72)
    )
    assert reader.load(text).targets == ("temp",)
    assert reader.load(text, counters=("steps",)).targets == ("steps", "temp")


def test_temperatures_and_states_are_not_taken_for_meters() -> None:
    rng = np.random.default_rng(0)
    none = np.zeros(500, dtype=np.int64)
    for column in (rng.normal(size=500), np.r_[np.zeros(499), 1.0], np.zeros(500), np.cumsum(rng.normal(1, 1, 500))):
        assert not only_rises(column, none)
    assert only_rises(np.cumsum(rng.uniform(0, 1, 500)), none)


def test_a_named_counter_may_be_a_covariate(reader) -> None:
    text = "time,meter,temp\n" + "".join(
        f"2025-01-0{1 + k // 24} {k % 24:02d}:00,{k * k},{k * 7 % 11 / 2}\n" for k in range(72)
    )
    columns = Columns(targets=("temp",), past_covariates=("meter",))
    panel = reader.load(text, columns=columns, counters=("meter",))
    assert (panel.values[1:, 1] + panel.offset[0, 1]).tolist() == [2 * k + 1 for k in range(71)]


def test_a_register_of_eight_bits_wraps_by_more_than_2_percent_at_its_own_pace() -> None:
    total = 100 + 9 * np.arange(60)
    found, meter = increase(total % 256)
    np.testing.assert_array_equal(found[1:], np.full(59, 9))
    assert (meter.wraps, meter.resets) == (2, 0)


def test_a_meter_that_writes_on_change_counts_nothing_while_it_is_silent(reader) -> None:
    text = "time,x\n" + "".join(f"2025-01-01 {h:02d}:00,{value}\n" for h, value in ((0, 5), (1, 6), (4, 9), (5, 11)))
    panel = reader.load(text, freq="1h", fill="hold", counters=("x",))
    assert panel.observed[:, 0].tolist() == [False, True, True, True, True, True]
    assert (panel.values[1:, 0] + panel.offset[0, 0]).tolist() == [1, 0, 0, 3, 2]


def test_a_column_that_falls_as_often_as_it_rises_is_doubted_aloud(reader) -> None:
    reader.load(write_meter([k * 7 % 11 + 0.5 for k in range(60)], "temp"), counters=("temp*",))
    assert any("is it a counter?" in text for text in reader.recorder.warnings)
