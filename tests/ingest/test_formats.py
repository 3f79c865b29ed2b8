"""Every spelling of an instant in tests/cases/time: the first stamps of each file, the step and the zone."""

from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import format_instants
from forecast_cli.ingest.time.stamps import parse_stamp, parse_time_of_day
from forecast_cli.types import Columns

CASES = Path(__file__).parents[1] / "cases" / "time"
EVENING = ["2026-01-30T20:00:00", "2026-01-30T21:00:00", "2026-01-31T07:00:00"]  # the first two of twelve, and the last
DAYS = ["2026-01-25", "2026-01-26", "2026-02-05"]
MONTHS = ["2025-09-01", "2025-10-01", "2026-08-01"]
CLOCKS = """
    iso_space iso_t_minutes iso_hours iso_compact iso_nanoseconds iso_decimal_comma year_first_slashes year_first_dots
    day_first_slashes day_first_dots day_first_dashes day_first_fraction month_first_slashes no_leading_zeros
    two_digit_year two_digit_year_first month_name month_name_american month_name_whole c_time
    am_pm am_pm_tight am_pm_dotted dots_throughout date_and_time date_and_am_pm date_and_hour date_and_hour_ending
    year_month_day_hour year_and_day_of_year excel_serial digits_hours digits_minutes digits_seconds
    hour_24 hour_24_iso hour_24_two_columns midnight_without_time
"""
INSTANTS = """
    iso_zulu iso_utc_word iso_compact_seconds_zulu epoch_seconds epoch_seconds_float epoch_milliseconds
    epoch_microseconds epoch_nanoseconds
"""
OTHERS = {
    "iso_offset_short": ("1h", "+01:00", [stamp + "+01:00" for stamp in EVENING]),
    "iso_offset_basic": ("1h", "+01:00", [stamp + "+01:00" for stamp in EVENING]),
    "iso_offset_spaced": ("1h", "+01:00", [stamp + "+01:00" for stamp in EVENING]),
    "mail_date": ("1h", "+01:00", [stamp + "+01:00" for stamp in EVENING]),
    "web_log": ("1h", "+00:00", [stamp + "+00:00" for stamp in EVENING]),
    "iso_days": ("1D", None, DAYS),
    "digits_days": ("1D", None, DAYS),
    "ordinal_days": ("1D", None, DAYS),
    "iso_weeks": ("1W", None, ["2025-12-01", "2025-12-08", "2026-02-16"]),
    "iso_days_first_of_month": ("1MS", None, ["2026-01-01", "2026-02-01", "2026-12-01"]),
    "year_months": ("1MS", None, MONTHS),
    "month_slash_year": ("1MS", None, MONTHS),
    "month_names_short_year": ("1MS", None, MONTHS),
    "year_and_month": ("1MS", None, MONTHS),
    "years": ("12MS", None, ["1999-01-01", "2000-01-01", "2010-01-01"]),
}
EXPECTED = {
    **dict.fromkeys(CLOCKS.split(), ("1h", None, EVENING)),
    **dict.fromkeys(INSTANTS.split(), ("1h", "Z", [stamp + "Z" for stamp in EVENING])),
    **OTHERS,
}


def show(panel) -> list[str]:
    steps = int(panel.start[0]) + np.array([0, 1, panel.values.shape[0] - 1])
    return format_instants(panel.origin, panel.freq, panel.tz, steps)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_spelling_is_read_as_the_instants_it_means(reader, name) -> None:
    panel, reading = reader.read(str(CASES / f"{name}.csv"))
    assert (panel.freq, panel.tz, show(panel)) == EXPECTED[name]
    assert (panel.channels, panel.values.shape[0]) == (("x",), 12)
    assert panel.observed.all()
    assert next(each for each in reading.decisions if each.what == "time").evidence.startswith("12 of 12 rows")


@pytest.mark.parametrize("name", ["midnight_ends_its_day", "midnight_ends_its_day_newest_first"])
def test_a_midnight_stamped_on_the_day_that_it_ends_is_moved_and_announced(reader, name) -> None:
    panel, reading = reader.read(str(CASES / f"{name}.csv"))
    assert show(panel) == ["2026-01-30T01:00:00", "2026-01-30T02:00:00", "2026-02-02T00:00:00"]
    assert panel.observed.all()
    assert reading.counts["late_midnights"] == 3
    assert reader.recorder.heard("3 rows such as 2026-01-30 00:00 stand after 23:00 of the same date")


def test_a_midnight_at_the_head_of_a_file_ends_its_day_where_the_others_do(reader) -> None:
    hours = [np.datetime64("2026-01-30T00:00") + np.timedelta64(k, "h") for k in range(72)]
    stamps = [hour - np.timedelta64(24 * (hour == hour.astype("datetime64[D]")), "h") for hour in hours]
    text = "time,x\n" + "".join(f"{str(s)[:16]},{k * 7 % 11}.5\n" for k, s in enumerate(stamps))
    panel, reading = reader.read(reader.write(text))
    assert show(panel)[0] == "2026-01-30T00:00:00"
    assert panel.observed.all()
    assert reading.counts["late_midnights"] == 3


@pytest.mark.parametrize("in_turns", [False, True])
def test_midnights_that_end_their_day_are_moved_in_each_of_several_series(reader, in_turns) -> None:
    hours = [np.datetime64("2026-01-30T01:00") + np.timedelta64(k, "h") for k in range(72)]
    stamps = [str(hour - np.timedelta64(24 * (hour == hour.astype("datetime64[D]")), "h"))[:16] for hour in hours]
    rows = [(k, s, name) for name in ("a", "b") for k, s in enumerate(stamps)]
    rows = sorted(rows, key=lambda row: row[0]) if in_turns else rows
    text = "time,meter,x\n" + "".join(f"{s},{name},{k * 7 % 11}.5\n" for k, s, name in rows)
    panel, reading = reader.read(reader.write(text))
    assert panel.series_ids == ("a", "b")
    assert panel.observed.all()
    assert reading.counts["late_midnights"] == 6


def test_a_clock_that_jumps_back_to_midnight_once_among_right_ones_stays(reader) -> None:
    stamps = [str(np.datetime64("2026-01-30T00:00") + k) for k in range(0, 72 * 60, 60)]
    jumped = [*stamps[:70], "2026-02-01T00:00", *stamps[70:]]
    panel, reading = reader.read(reader.write("time,x\n" + "".join(f"{s},{k}\n" for k, s in enumerate(jumped))))
    assert "late_midnights" not in reading.counts
    assert panel.values.shape[0] == 72


def test_hhmm_is_read_where_it_is_named(reader) -> None:
    named = Columns(timestamp=("date", "time"))
    panel, _ = reader.read(str(CASES / "date_and_hhmm.csv"), columns=named)
    assert show(panel) == EVENING
    half_hours = [f"2026-01-30,{k // 2 * 100 + k % 2 * 30}" for k in range(20, 48)] + ["2026-01-30,2400"]
    text = "date,time,x\n" + "".join(f"{cells},{k}\n" for k, cells in enumerate(half_hours))
    panel = reader.load(text, columns=named)
    assert (panel.freq, show(panel)[-1]) == ("30min", "2026-01-31T00:00:00")


def test_parts_of_a_time_are_joined_in_whichever_order_they_were_named(reader) -> None:
    path = str(CASES / "year_month_day_hour.csv")
    panel, reading = reader.read(path, columns=Columns(timestamp=("hour", "day", "month", "year")))
    assert show(panel) == EVENING
    assert panel.channels == ("x",)
    assert set(reading.options.columns.timestamp) == {"hour", "day", "month", "year"}


def test_nanoseconds_are_cut_to_microseconds(reader) -> None:
    panel = reader.load("time,x\n" + "".join(f"2026-01-30T20:00:00.{k}23456789,{k * k}\n" for k in range(1, 9)))
    assert panel.origin == np.datetime64("2026-01-30T20:00:00.123456")
    panel = reader.load("time,x\n" + "".join(f"30/01/2026 20:00:0{k}.123456789,{k * k}\n" for k in range(1, 9)))
    assert panel.origin == np.datetime64("2026-01-30T20:00:01.123456")


@pytest.mark.parametrize(
    "cell",
    [
        *("10.0.12", "192.168.1.1", "12-34-5678", "1-800-555", "12.5", "1,234.5", "1.234.567", "A-12-34", "1/2"),
        *("2026", "20260131", "06:00", "13/13/2026"),
    ],
)
def test_what_is_no_date_is_not_taken_for_one(cell) -> None:
    assert parse_stamp(cell) is None


@pytest.mark.parametrize("cell", ["12.5", "12", "25:00", "6:0", "ab:cd", ""])
def test_what_is_no_time_of_day_is_not_taken_for_one(cell) -> None:
    assert parse_time_of_day(cell) is None


@pytest.mark.parametrize(
    "numbers", [range(45_000, 45_040), range(20_260_101, 20_260_125), [1_999 + k % 3 for k in range(20)]]
)
def test_plain_numbers_that_nothing_calls_a_time_are_measurements(reader, numbers) -> None:
    text = "pressure,x\n" + "".join(f"{n},{k * 7 % 11}\n" for k, n in enumerate(numbers))
    panel, reading = reader.read(reader.write(text))
    assert panel.origin is None
    assert reading.options.columns.timestamp == ()


def test_rows_of_another_zone_far_below_the_sample_are_found(reader) -> None:
    plain = [f"{np.datetime64('2026-01-01T00:00:00') + k}" for k in range(60_000)]
    plain[40_000] = "2026-01-01T12:06:40+01:00"  # 11:06:40 of a clock without a zone
    text = "time,x\n" + "".join(f"{stamp},{k % 97}\n" for k, stamp in enumerate(plain))
    panel, reading = reader.read(reader.write(text))
    assert panel.values.shape[0] == 60_000
    assert reading.counts["rows_rejected"] == 0


# --- What the user says -------------------------------------------------------------------------------------------

AMBIGUOUS = "".join(f"{day:02d}/02/2026,{day * 3 % 7}\n" for day in range(1, 11))


@pytest.mark.parametrize(("day_first", "first", "freq"), [(True, "2026-02-01", "1D"), (False, "2026-01-02", "1MS")])
def test_the_flag_decides_between_day_and_month(reader, day_first, first, freq) -> None:
    panel, reading = reader.read(reader.write("date,x\n" + AMBIGUOUS), day_first=day_first)
    assert (str(panel.origin.astype("datetime64[D]")), panel.freq) == (first, freq)
    decision = next(each for each in reading.decisions if each.what == "time")
    assert (decision.evidence, decision.flag) == ("10 of 10 rows; as asked", "--day-first")


def test_the_refusal_names_both_flags_and_what_each_would_read(reader) -> None:
    with pytest.raises(DataError) as caught:
        reader.load("date,x\n" + AMBIGUOUS)
    assert "'01/02/2026', can be read as dd/mm/yyyy or as mm/dd/yyyy" in caught.value.message
    assert caught.value.hint == "say which: --day-first for 2026-02-01, --month-first for 2026-01-02"


def test_hours_of_a_few_days_tell_the_day_from_the_month(reader) -> None:
    stamps = [f"{day:02d}/04/2026 {hour:02d}:00" for day in (3, 4, 5) for hour in range(24)]
    panel = reader.load("t,x\n" + "".join(f"{s},{k % 13}\n" for k, s in enumerate(stamps)))
    assert panel.origin == np.datetime64("2026-04-03T00:00")
    assert reader.recorder.heard("its steps are regular, those of mm/dd/yyyy are not")


def test_the_order_that_was_found_is_kept_for_new_data(reader) -> None:
    text = (CASES / "day_first_slashes.csv").read_text()
    assert reader.read(reader.write(text))[1].options.day_first is True
    text = (CASES / "month_first_slashes.csv").read_text()
    assert reader.read(reader.write(text))[1].options.day_first is False
    assert reader.read(str(CASES / "iso_space.csv"))[1].options.day_first is None


def test_a_flag_that_contradicts_the_column_is_told_where(reader) -> None:
    with pytest.raises(DataError, match="reads as mm/dd/yyyy, the first in line 2"):
        reader.load((CASES / "day_first_slashes.csv").read_text(), day_first=False)


def test_a_format_of_strptime_reads_what_nothing_else_would(reader) -> None:
    stamps = [f"at {k:02d}h on 30~01~26" for k in range(20)]
    text = "when,x\n" + "".join(f"{stamp},{k * 7 % 11}\n" for k, stamp in enumerate(stamps))
    panel = reader.load(text, time_format="at %Hh on %d~%m~%y")
    assert (panel.origin, panel.freq) == (np.datetime64("2026-01-30T00:00"), "1h")
    two = "d,t,x\n" + "".join(f"30~01~26,{k:02d}h,{k * 7 % 11}\n" for k in range(20))
    panel = reader.load(two, time_format="%d~%m~%y %Hh", columns=Columns(timestamp=("d", "t")))
    assert (panel.origin, panel.freq) == (np.datetime64("2026-01-30T00:00"), "1h")


@pytest.mark.parametrize(
    ("time_format", "words"),
    [
        ("%Q", "knows no %Q"),
        ("%", "knows no %"),
        ("%H:%M", "names no year"),
        ("%d %d %Y", "redefinition"),
        ("yesterday", "names no year"),
        ("%d/%m/%Y", "no column of"),
    ],
)
def test_a_format_that_is_none_or_reads_nothing_is_a_usage_error(reader, hourly, time_format, words) -> None:
    with pytest.raises(UsageError, match=words):
        reader.load(hourly(30), time_format=time_format)


def test_a_format_that_reads_nothing_of_the_named_column_shows_a_cell(reader, hourly) -> None:
    with pytest.raises(UsageError, match=r"reads no cell of .* such as '2025-01-01 00:00:00'"):
        reader.load(hourly(30), time_format="%d/%m/%Y", columns=Columns(timestamp=("time",)))


def test_months_in_another_language_are_refused_with_the_flag(reader) -> None:
    text = "Datum,x\n" + "".join(f"{day}. marca 2026,{day}\n" for day in range(1, 30))
    with pytest.raises(DataError) as caught:
        reader.load(text, columns=Columns(timestamp=("Datum",)))
    assert "'1. marca 2026', which is no time" in caught.value.message
    assert "--time-format" in caught.value.hint


def test_a_date_column_that_cannot_be_read_is_mentioned_when_rows_become_the_time(reader) -> None:
    text = "Datum,x\n" + "".join(f"{day}. marca 2026,{day}\n" for day in range(1, 30))
    assert reader.load(text).origin is None
    assert reader.recorder.heard("Datum holds '1. marca 2026', which reads as no time")
