"""Clocks of a zone: the hour that stands twice, the one that lacks, days of 23 and 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.frequency import format_instants
from forecast_cli.ingest.grid.rows import Rows
from forecast_cli.ingest.journal import Journal
from forecast_cli.ingest.time.local import settle_clocks
from forecast_cli.zones import check_zone, find_offsets
from tests.ingest.conftest import Recorder

CASES = Path(__file__).parents[1] / "cases" / "zones"
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Havana", "Europe/London")
HOUR = 3_600_000_000
MINUTE = 60_000_000


def show(panel) -> list[str]:
    steps = int(panel.start[0]) + np.arange(panel.values.shape[0])
    return format_instants(panel.origin, panel.freq, panel.tz, steps)


def write_hours(start: str, n: int, zone: str = "UTC", minutes: int = 60) -> list[str]:
    first = int(np.datetime64(start, "s").astype(int))
    stamps = [datetime.fromtimestamp(first + 60 * minutes * k, UTC).astimezone(ZoneInfo(zone)) for k in range(n)]
    return [stamp.strftime("%Y-%m-%d %H:%M") for stamp in stamps]


def write(stamps) -> str:
    return "time,x\n" + "".join(f"{stamp},{k * 7 % 11 + 0.5}\n" for k, stamp in enumerate(stamps))


def settle(clock, tz: str, series=None) -> np.ndarray:
    series = np.zeros_like(clock) if series is None else series
    ids = tuple(map(str, range(int(series.max()) + 1)))
    (rows,) = settle_clocks([Rows(ids, series, clock, {})], tz, Journal(Recorder()))
    assert rows.stamps is not None
    return rows.stamps


# --- Read as local ------------------------------------------------------------------------------------------------


def test_the_missing_hour_of_spring_is_no_gap(reader) -> None:
    panel = reader.load((CASES / "berlin_spring_2026.csv").read_text(), tz="Europe/Berlin")
    assert (panel.origin, panel.freq, panel.tz) == (np.datetime64("2026-03-28T20:00"), "1h", "Europe/Berlin")
    assert panel.observed.all()
    assert show(panel)[4:7] == ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"]


@pytest.mark.parametrize("order", [1, -1])
def test_the_repeated_hour_of_autumn_is_two_steps(reader, order) -> None:
    head, *lines = (CASES / "berlin_autumn_2026.csv").read_text().splitlines()
    panel, reading = reader.read(reader.write("\n".join([head, *lines[::order]])), tz="Europe/Berlin")
    assert panel.observed.all()
    assert (panel.values[:, 0] + panel.offset[0, 0]).tolist() == [k * 7 % 11 + 0.5 for k in range(12)]
    assert show(panel)[4:7] == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"]
    assert (reading.counts["repeated_hour"], reading.counts["conflicts"]) == (1, 0)


def test_quarters_of_the_repeated_hour_are_told_by_the_jump_back(reader) -> None:
    panel = reader.load((CASES / "berlin_autumn_15min.csv").read_text(), tz="Europe/Berlin")
    assert (panel.freq, panel.values.shape[0], bool(panel.observed.all())) == ("15min", 16, True)
    assert panel.origin == np.datetime64("2026-10-24T23:00")


def test_a_step_of_two_hours_is_kept_over_the_repeated_hour(reader) -> None:
    panel = reader.load((CASES / "new_york_autumn_2h.csv").read_text(), tz="America/New_York")
    assert (panel.freq, panel.origin) == ("2h", np.datetime64("2026-10-31T21:00"))
    assert panel.observed.all()
    assert panel.values.shape[0] == 12


def test_rows_in_an_hour_that_the_zone_skips_are_counted_on_and_announced(reader) -> None:
    stamps = [f"2026-03-29 0{k // 2}:{k % 2 * 30:02d}" for k in range(2, 10)]
    panel, reading = reader.read(reader.write(write(stamps)), tz="Europe/Berlin")
    assert reading.counts["skipped_hour"] == 2
    assert (
        "2 rows stand in an hour that Europe/Berlin skips, the first at 2026-03-29 02:00"
        in (reader.recorder.warnings[0])
    )
    assert show(panel)[2] == "2026-03-29T03:00:00+02:00"


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(14_000, 20_000),
    st.sampled_from([10, 15, 30, 60]),
    st.sampled_from([1, -1]),
    st.integers(1, 3),
)
def test_no_instant_is_lost_or_invented(zone, day, minutes, order, n_series) -> None:
    n = 200 * 24 * 60 // minutes  # from noon to noon: a file that begins within a repeated hour tells nothing of it
    utc = (24 * day + 12) * HOUR + np.arange(n) * (minutes * MINUTE)
    series = np.repeat(np.arange(n_series), n) if day % 2 else np.tile(np.arange(n_series), n)
    utc = np.tile(utc, n_series) if day % 2 else np.repeat(utc, n_series)
    clock = utc + find_offsets(zone, utc)
    np.testing.assert_array_equal(settle(clock[::order], zone, series[::order]), utc[::order])


@given(st.sampled_from(ZONES), st.lists(st.integers(-2_000_000_000, 4_000_000_000), min_size=1, max_size=50))
def test_offsets_are_those_of_the_standard_library(zone, seconds) -> None:
    stamps = [datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(zone)) for second in seconds]
    expected = [int(stamp.utcoffset().total_seconds()) * 1_000_000 for stamp in stamps]
    assert find_offsets(zone, np.array(seconds) * 1_000_000).tolist() == expected


def test_instants_beyond_the_calendar_have_an_offset_and_take_no_time() -> None:
    far = np.array([-(10**18), 0, 9 * 10**18])
    assert np.all(np.abs(find_offsets("Europe/Berlin", far)) < 2 * HOUR)


def test_a_fixed_offset_is_a_zone_too(reader) -> None:
    panel = reader.load(write(write_hours("2026-01-30", 12)), tz="-03:30")
    assert (panel.origin, panel.tz, show(panel)[0]) == (
        np.datetime64("2026-01-30T03:30"),
        "-03:30",
        "2026-01-30T00:00:00-03:30",
    )


def test_stamps_with_an_offset_stay_the_instants_they_are_and_are_written_in_the_zone(reader) -> None:
    text = write(stamp.replace(" ", "T") + "Z" for stamp in write_hours("2026-03-28T22:00", 12))
    panel = reader.load(text, tz="Europe/Berlin")
    assert panel.origin == np.datetime64("2026-03-28T22:00")
    assert show(panel)[2:4] == ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"]


@pytest.mark.parametrize(
    ("tz", "hint"),
    [
        ("Europe/Berln", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("Europe", "such as"),
        ("../zone", "such as"),
        ("/etc/localtime", "such as"),
        ("+1:00", "such as"),
        ("", "such as"),
        ("a" * 5000, "such as"),
    ],
)
def test_an_unknown_zone_is_a_usage_error_with_those_that_come_close(reader, hourly, tz, hint) -> None:
    with pytest.raises(UsageError, match="no time zone") as caught:
        reader.load(hourly(30), tz=tz)
    assert hint in caught.value.hint


@pytest.mark.parametrize("tz", ["UTC", "Z", "+05:30", "Etc/GMT-14", "America/Argentina/Buenos_Aires"])
def test_zones_and_offsets_are_known(tz) -> None:
    check_zone(tz)


# --- Days of a zone -----------------------------------------------------------------------------------------------


def test_dates_in_a_zone_are_its_days(reader) -> None:
    panel = reader.load(write(np.arange("2026-03-20", "2026-04-10", dtype="datetime64[D]")), tz="Europe/Berlin")
    assert (panel.freq, panel.origin) == ("1D", np.datetime64("2026-03-20"))
    assert panel.observed.all()
    assert show(panel)[-1] == "2026-04-09"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Havana", "America/Santiago"])
def test_hours_are_gathered_into_local_days_of_23_and_25_hours(reader, zone) -> None:
    stamps = write_hours("2026-01-01T05:00", 365 * 24, zone)
    days = {day: [] for day in sorted({stamp[:10] for stamp in stamps})}
    for k, stamp in enumerate(stamps):
        days[stamp[:10]].append(k * 7 % 11 + 0.5)
    panel = reader.load(write(stamps), tz=zone, freq="1D")
    assert {len(values) for values in days.values()} >= {23, 24, 25}
    assert show(panel) == list(days)
    means = [float(np.mean(values)) for values in days.values()]
    np.testing.assert_allclose(panel.values[:, 0] + panel.offset[0, 0], means, rtol=1e-5)


def test_months_of_instants_are_the_months_of_the_zone(reader) -> None:
    text = write(stamp.replace(" ", "T") + "Z" for stamp in write_hours("2025-12-31T23:00", 24 * 119))
    panel = reader.load(text, tz="Europe/Berlin", freq="1MS")
    assert show(panel) == ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]
    assert reader.load(text, freq="1MS").origin == np.datetime64("2025-12-01")


def test_hours_are_gathered_from_the_full_hour_of_the_zone(reader) -> None:
    panel = reader.load(write(write_hours("2026-01-30T00:00", 48, minutes=10)), tz="Asia/Kolkata", freq="1h")
    assert (panel.values.shape[0], show(panel)[0]) == (8, "2026-01-30T00:00:00+05:30")


@pytest.mark.parametrize(
    ("name", "freq", "first", "last"),
    [
        ("days_with_changing_offsets", "1D", "2026-03-25", "2026-04-05"),
        ("months_with_changing_offsets", "1MS", "2025-01-01", "2026-02-01"),
    ],
)
def test_days_whose_offset_changes_are_the_dates_that_they_show(reader, name, freq, first, last) -> None:
    text = (CASES / f"{name}.csv").read_text()
    for tz in (None, "Europe/Berlin"):
        panel = reader.load(text, tz=tz)
        assert (panel.freq, show(panel)[0], show(panel)[-1]) == (freq, first, last)
        assert panel.observed.all()


def test_hours_with_changing_offsets_are_gathered_into_the_days_that_they_show(reader) -> None:
    utc = np.datetime64("2026-03-27T23:00") + np.arange(72) * np.timedelta64(1, "h")
    offsets = find_offsets("Europe/Berlin", utc.astype("datetime64[us]").astype(np.int64)) // HOUR
    stamps = [
        f"{moment + np.timedelta64(int(hours), 'h')}+0{hours}:00" for moment, hours in zip(utc, offsets, strict=True)
    ]
    panel = reader.load(write(stamps), freq="1D")
    assert show(panel) == ["2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"]


# --- Without a zone -----------------------------------------------------------------------------------------------


def test_a_year_on_a_local_clock_is_announced_and_left_as_it_is(reader) -> None:
    panel, reading = reader.read(reader.write(write(write_hours("2026-01-01T00:00", 24 * 330, "Europe/Berlin"))))
    assert panel.tz is None
    assert reader.recorder.heard(
        "the hour from 2026-10-25 02:00 stands twice and the hour from 2026-03-29 02:00 is missing"
    )
    assert reading.counts["conflicts"] == 1
    assert int((~panel.observed).sum()) == 1


@pytest.mark.parametrize(
    ("drop", "why"),
    [(26, "another hour of the day"), (50, "a Monday"), (None, "nothing")],
)
def test_other_gaps_are_no_daylight_saving(reader, drop, why) -> None:
    stamps = write_hours("2026-03-28T00:00", 96)
    kept = [stamp for k, stamp in enumerate(stamps) if drop is None or k != drop + (6 if drop == 26 else 0)]
    reader.load(write(kept))
    assert not reader.recorder.heard("clocks are set"), why


def test_files_with_and_without_offsets_are_told_apart(reader) -> None:
    one = reader.write(write(write_hours("2026-01-01", 24)), "a.csv")
    two = reader.write(write(s.replace(" ", "T") + "Z" for s in write_hours("2026-01-02", 24)), "b.csv")
    reader.read(one, two)
    assert reader.recorder.warnings == ["some files name their offset from UTC, some do not: their instants may differ"]
