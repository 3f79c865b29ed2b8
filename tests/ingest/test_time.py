"""Timestamps in their dialects, and the step they imply."""

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import parse_freq
from forecast_cli.types import Columns

HOURS = np.datetime64("2024-03-30T05:00") + np.arange(40) * np.timedelta64(1, "h")


def write(stamps, header="time,x") -> str:
    return header + "\n" + "".join(f"{stamp},{k * 7 % 11 + 0.5}\n" for k, stamp in enumerate(stamps))


def write_as(form: str) -> str:
    return write([stamp.strftime(form) for stamp in HOURS.astype(object)])


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M:%S.000",
        "%Y/%m/%d %H:%M:%S",
        "%Y%m%dT%H%M%S",
        "%d/%m/%Y %H:%M",
        "%m/%d/%Y %H:%M:%S",
        "%d.%m.%Y %H:%M",
        "%d-%m-%Y %H:%M:%S",
        "%m/%d/%Y %I:%M %p",
    ],
)
def test_stamps_without_zone_are_a_clock(reader, form) -> None:
    panel = reader.load(write_as(form))
    assert (panel.origin, panel.freq, panel.tz) == (HOURS[0], "1h", None)
    assert panel.values.shape[0] == 40


@pytest.mark.parametrize(
    ("suffix", "shift", "tz"),
    [("Z", 0, "Z"), ("+01:00", 1, "+01:00"), ("-0500", -5, "-05:00"), ("+00:00", 0, "+00:00")],
)
def test_stamps_with_a_zone_are_instants(reader, suffix, shift, tz) -> None:
    panel = reader.load(write_as("%Y-%m-%dT%H:%M:%S" + suffix))
    assert (panel.origin, panel.tz) == (HOURS[0] - np.timedelta64(shift, "h"), tz)


def test_a_change_of_offset_loses_no_hour_and_the_last_row_decides(reader) -> None:
    before = [f"2024-03-31T{h:02d}:00:00+01:00" for h in range(2)]
    after = [f"2024-03-31T{h:02d}:00:00+02:00" for h in range(3, 12)]
    panel = reader.load(write(before + after))
    assert panel.tz == "+02:00"
    assert panel.observed.all()
    assert panel.values.shape[0] == 11


@pytest.mark.parametrize(("factor", "name"), [(1, "ts"), (1000, "epoch")])
def test_epoch_numbers_are_instants(reader, factor, name) -> None:
    seconds = HOURS.astype("datetime64[s]").astype(np.int64)
    panel = reader.load(write((seconds * factor).tolist(), f"{name},x"))
    assert (panel.origin, panel.freq, panel.tz, panel.channels) == (HOURS[0], "1h", "Z", ("x",))


def test_a_date_and_a_time_column_are_one_time(reader) -> None:
    rows = [f"{s.strftime('%d/%m/%Y')},{s.strftime('%H.%M.%S')}" for s in HOURS.astype(object)]
    assert reader.load(write(rows, "Date,Time,x")).origin == HOURS[0]


def test_two_columns_may_be_named_in_either_order(reader) -> None:
    rows = [f"{s.strftime('%H:%M:%S')},{s.strftime('%Y-%m-%d')}" for s in HOURS.astype(object)]
    path = reader.write(write(rows, "b,a,x"))
    for names in (("a", "b"), ("b,a",)):
        panel, reading = reader.read(path, columns=Columns(timestamp=names))
        assert panel.origin == HOURS[0]
        assert set(reading.options.columns.timestamp) == {"a", "b"}


def test_the_spacing_decides_between_day_and_month(reader) -> None:
    days = np.arange("2025-01-03", "2025-02-03", dtype="datetime64[D]").astype(object)
    first_days = [day.strftime("%d/%m/%Y") for day in days][:9]  # 03/01 ... 11/01: both orders can be read
    scattered = [f"{k:02d}/{(k * 5) % 11 + 1:02d}/2025" for k in (1, 3, 4, 8, 11)]
    assert reader.load(write([day.strftime("%m/%d/%Y") for day in days])).freq == "1D"
    with pytest.raises(DataError) as caught:
        reader.load(write(first_days))
    assert "dd/mm/yyyy" in caught.value.message
    assert "2025-01-03" in caught.value.message
    assert "2025-03-01" in caught.value.message
    with pytest.raises(DataError, match="mm/dd/yyyy"):
        reader.load(write(scattered))


def test_a_step_that_was_asked_for_decides_between_day_and_month(reader) -> None:
    stamps = [f"{day:02d}/02/2025" for day in range(1, 11)]
    assert reader.load(write(stamps), freq="1D").origin == np.datetime64("2025-02-01")
    assert reader.load(write(stamps), freq="1MS").origin == np.datetime64("2025-01-02")


def test_months_and_years_are_calendar_steps(reader) -> None:
    months = [f"{1962 + k // 12}-{k % 12 + 1:02d}" for k in range(30) if k not in (4, 5, 17)]
    panel = reader.load(write(months))
    assert (panel.freq, panel.values.shape[0], int((~panel.observed).sum())) == ("1MS", 30, 3)
    assert reader.load(write([f"{1990 + k}-01-01" for k in range(12)])).freq == "12MS"


def test_month_ends_stay_month_ends(reader) -> None:
    from forecast_cli.frequency import format_instants

    ends = [str(np.datetime64("2025-03") + k - np.timedelta64(1, "D")) for k in range(14)]
    panel = reader.load(write(ends))
    steps = panel.start[0] + np.arange(14)
    assert panel.freq == "1MS"
    assert format_instants(panel.origin, panel.freq, panel.tz, steps) == ends


@pytest.mark.parametrize(("seconds", "freq"), [(1, "1s"), (420, "7min"), (604_800, "1W"), (86_400, "1D"), (7200, "2h")])
def test_the_step_is_the_modal_distance_in_spite_of_gaps(reader, seconds, freq) -> None:
    stamps = np.datetime64("2025-01-06T00:00:00") + np.delete(np.arange(60), [3, 9, 10, 30]) * np.timedelta64(
        seconds, "s"
    )
    panel = reader.load(write(stamps))
    assert panel.freq == freq
    assert panel.values.shape[0] == 60
    assert int((~panel.observed).sum()) == 4


def test_jitter_is_snapped_to_the_step_people_mean(reader) -> None:
    wobble = np.random.default_rng(0).integers(-20, 21, size=200)
    stamps = np.datetime64("2025-01-01T00:05:00") + np.arange(200) * np.timedelta64(600, "s") + wobble
    panel = reader.load(write(stamps))
    assert panel.freq == "10min"
    assert panel.values.shape[0] == 200
    assert panel.observed.all()


def test_rows_are_gathered_into_a_coarser_step(reader) -> None:
    stamps = np.datetime64("2025-01-01T00:00") + np.arange(24) * np.timedelta64(10, "m")
    panel, reading = reader.read(reader.write(write(stamps)), freq="1h")
    values = np.arange(24) * 7 % 11 + 0.5
    assert panel.values.shape[0] == 4
    np.testing.assert_allclose(panel.values[:, 0] + panel.offset[0, 0], values.reshape(4, 6).mean(axis=1), rtol=1e-6)
    assert reading.counts["averaged"] == 20


def test_a_finer_step_than_the_rows_is_refused_with_both_named(reader) -> None:
    with pytest.raises(DataError, match=r"1h apart, coarser than 10min"):
        reader.load(write_as("%Y-%m-%d %H:%M"), freq="10min")


def test_a_stamp_from_another_age_does_not_eat_the_memory(reader) -> None:
    with pytest.raises(DataError, match="spread over"):
        reader.load(write(["1925-01-01 00:00", *HOURS.astype("datetime64[m]").astype(str)]), freq="1s", fill="hold")


def test_rubbish_in_the_time_column_is_an_error_that_names_it(reader) -> None:
    stamps = HOURS.astype("datetime64[s]").astype(str)
    stamps[7] = "yesterday"
    with pytest.raises(DataError, match="time in time that reads as ISO 8601, the first in line 9: 'yesterday"):
        reader.load(write(stamps))


def test_a_named_column_that_is_no_time_is_refused(reader, hourly) -> None:
    with pytest.raises(DataError, match="which is no time"):
        reader.load(hourly(30), columns=Columns(timestamp=("temp",)))


def test_three_time_columns_are_too_many(reader) -> None:
    with pytest.raises(UsageError, match="3 columns"):
        reader.load("a,b,c,x\n1,2,3,4\n", columns=Columns(timestamp=("a,b,c",)))


def test_freq_1row_takes_no_column_as_the_time(reader, hourly) -> None:
    assert reader.load(hourly(30), freq="1row").origin is None


@pytest.mark.parametrize("minutes", [37, 100 * 60])
def test_a_step_that_nobody_would_choose_is_told_in_a_few_digits_and_reads_back(reader, minutes) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05 * minutes * 60e6, 200).astype("timedelta64[us]")
    stamps = np.datetime64("2025-01-01", "us") + np.arange(200) * np.timedelta64(minutes, "m") + noise
    step = parse_freq(reader.load(write(stamps)).freq)
    assert step.count < 100_000
    assert step.microseconds == pytest.approx(minutes * 60e6, rel=0.02)


@pytest.mark.parametrize("freq", ["999999999W", "999999999999999D", "99999MS"])
def test_a_step_longer_than_any_data_is_a_usage_error(reader, hourly, freq) -> None:
    with pytest.raises(UsageError, match="longer than any data"):
        reader.load(hourly(48), freq=freq)
