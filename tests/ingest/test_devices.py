"""Files as loggers and programs write them, each read as a person would who knows the device."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.frequency import format_instant
from forecast_cli.ingest.time.spellings import read_named_offset
from tests.ingest.test_dialects import restore

CASES = Path(__file__).parents[1] / "cases" / "devices"
TEMPERATURES = [20 + k % 7 / 4 for k in range(30)]
HUMIDITIES = [50 + k % 5 / 2 for k in range(30)]


def load(reader, name: str, **options):
    return reader.read(str(CASES / name), **options)[0]


def tell_first(panel) -> str:
    return format_instant(panel.origin, panel.freq, panel.tz, int(panel.start[0]))


def take(panel, name: str) -> np.ndarray:
    return restore(panel)[:, panel.channels.index(name)]


def test_two_lines_of_names_and_a_single_letter_for_noon_of_a_weather_station(reader) -> None:
    panel = load(reader, "davis_weatherlink.txt")
    assert panel.channels == ("Hi Temp", "Out Hum", "Temp Out", "Wind Speed")
    assert (panel.freq, tell_first(panel)) == ("1h", "2026-01-05T00:00:00")
    assert np.allclose(take(panel, "Out Hum"), HUMIDITIES)
    assert np.flatnonzero(~panel.observed[:, panel.channels.index("Temp Out")]).tolist() == [3]
    assert reader.recorder.heard("two lines name the columns: Date, Time, Temp Out")


def test_a_station_above_what_it_measures_is_part_of_the_names(reader) -> None:
    panel = load(reader, "two_lines_of_names.csv")
    assert panel.channels == ("東京 気温(℃)", "東京 湿度(%)")
    assert np.allclose(restore(panel).T, [TEMPERATURES, HUMIDITIES])


def test_the_offset_in_the_name_of_the_time_column_is_heeded_and_said(reader) -> None:
    panel = load(reader, "hobo.csv")
    assert (panel.tz, tell_first(panel)) == ("-07:00", "2026-01-05T00:00:00-07:00")
    assert reader.recorder.heard("-7 h from UTC as its name says")
    assert np.allclose(restore(panel)[:, 0], TEMPERATURES)


def test_a_zone_of_the_user_prints_the_instants_that_the_name_tells(reader) -> None:
    panel = load(reader, "hobo.csv", tz="America/Denver")
    assert (panel.tz, tell_first(panel)) == ("America/Denver", "2026-01-05T00:00:00-07:00")


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("Date Time, GMT+02:00", 120),
        ("Time (UTC)", 0),
        ("time_utc", 0),
        ("UTC-5", -300),
        ("GMT +0530", 330),
        ("Time", None),
        ("UTC+99", None),
        ("outcome", None),
    ],
)
def test_names_tell_an_offset_or_none(name, minutes) -> None:
    assert read_named_offset(name) == minutes


def test_entities_written_one_after_the_other_are_series_though_no_instant_repeats(reader) -> None:
    panel = load(reader, "home_assistant.csv")
    assert panel.series_ids == ("sensor.kitchen_humidity", "sensor.kitchen_temperature")
    assert reader.recorder.heard("--pivot 'entity_id' makes a column of each")


def test_entities_become_columns_by_pivot(reader) -> None:
    panel = load(reader, "home_assistant.csv", pivot="entity_id")
    assert np.flatnonzero(~panel.observed[:, 0]).tolist() == [4]
    assert np.allclose(np.delete(restore(panel)[:, 1], 4), np.delete(TEMPERATURES, 4))


def test_an_annotated_export_has_its_values_where_they_are_called_so(reader) -> None:
    panel = load(reader, "influx_annotated.csv", pivot="_field")
    assert panel.channels == ("hum", "temp")
    assert (panel.tz, tell_first(panel)) == ("Z", "2026-01-05T00:00:00Z")
    assert np.allclose(restore(panel).T, [HUMIDITIES, TEMPERATURES])


@pytest.mark.parametrize(
    ("name", "expected"), [("market_intervals.csv", HUMIDITIES), ("hours_from_to.csv", HUMIDITIES)]
)
def test_of_an_interval_the_start_is_the_time(reader, name, expected) -> None:
    panel = load(reader, name)
    assert (panel.n_series, panel.freq, tell_first(panel)) == (1, "1h", "2026-01-05T00:00:00")
    assert np.allclose(restore(panel)[:, 0], expected)
    assert reader.recorder.heard("the start of each interval")


def test_periods_are_counted_from_midnight(reader) -> None:
    panel = load(reader, "settlement_periods.csv")
    assert (panel.channels, panel.freq, len(panel.values)) == (("Demand",), "30min", 96)
    assert tell_first(panel) == "2026-01-05T00:00:00"


def test_dates_in_digits_and_hours_that_end_with_24_are_one_time(reader) -> None:
    panel = load(reader, "weather_service_hours.txt")
    assert (panel.channels, panel.freq) == (("T",), "1h")
    assert tell_first(panel) == "2026-01-05T00:00:00"


def test_words_for_zones_tell_the_hour_that_comes_twice(reader) -> None:
    panel = load(reader, "zone_words.csv")
    assert (panel.tz, panel.freq, len(panel.values)) == ("+01:00", "1h", 30)
    assert panel.observed.all()
    assert reader.recorder.heard("CET as +01:00, CEST as +02:00")


def test_dates_of_a_browser_are_instants(reader) -> None:
    panel = load(reader, "javascript_dates.csv")
    assert (panel.tz, tell_first(panel)) == ("+01:00", "2026-01-05T00:00:00+01:00")


def test_months_in_german_are_months(reader) -> None:
    panel = load(reader, "german_months.csv")
    assert (panel.freq, len(panel.values), tell_first(panel)) == ("5D", 150, "2026-01-01")
    assert panel.observed.all()


def test_decimal_commas_between_commas_are_refused_rather_than_cut(reader) -> None:
    with pytest.raises(DataError, match="the header names 3 columns, the rows have 5 cells") as caught:
        load(reader, "decimal_commas_between_commas.csv")
    assert "--delimiter ," in caught.value.hint


def test_files_joined_with_columns_in_another_order_are_refused_with_the_line(reader) -> None:
    with pytest.raises(DataError, match=r"line 17 of .* names the columns in another order"):
        load(reader, "joined_in_another_order.csv")


def test_names_that_may_stand_above_others_are_warned_of(reader) -> None:
    load(reader, "commas_in_names.csv")
    assert any("the header names 5 columns" in text for text in reader.recorder.warnings)


def test_a_currency_before_the_number_is_no_text(reader) -> None:
    panel = load(reader, "currency_before_numbers.csv")
    assert np.allclose(take(panel, "price"), [1000.5 + k % 7 for k in range(30)])
    assert np.allclose(take(panel, "cost"), HUMIDITIES)


def test_one_whole_number_among_three_decimals_makes_no_thousands(reader) -> None:
    values = restore(load(reader, "three_decimals_and_a_whole_number.csv"))[:, 0]
    assert np.allclose(values, [850 if k == 8 else 20 + (123 + k) / 1000 for k in range(30)])


def test_numbers_that_go_on_from_999_to_1_000_have_thousands(reader) -> None:
    values = restore(load(reader, "thousands_from_a_thousand_on.csv"))[:, 0]
    assert np.allclose(values, [950 + 9 * k for k in range(30)])


def test_points_before_three_digits_are_doubted_aloud_where_semicolons_part_the_cells(reader) -> None:
    text = "time;kWh\n" + "".join(f"{k + 1:02d}.01.2026;{21 + k}.{100 + k}\n" for k in range(28))
    assert reader.load(text).values.max() < 100
    assert any("is read as 21.100, not as 21100" in warning for warning in reader.recorder.warnings)
    assert float(np.ptp(reader.load(text, decimal=",").values)) > 20_000


def test_sensors_that_write_rows_of_their_own_in_rounds_share_a_step(reader) -> None:
    panel = load(reader, "sensors_in_rounds.csv")
    assert (panel.freq, panel.values.shape) == ("1h", (30, 2))
    assert panel.observed.all()
    assert np.allclose(restore(panel).T, [HUMIDITIES, TEMPERATURES])


def test_a_step_is_the_one_that_its_distances_are_on_average(reader) -> None:
    seconds = [900 * k + (7919 * k % 1000) / 1000 for k in range(300)]
    stamps = (np.datetime64("2026-01-05", "ms") + (1000 * np.array(seconds)).astype("timedelta64[ms]")).astype(str)
    assert reader.load("time,x\n" + "".join(f"{stamp},{k % 9}.5\n" for k, stamp in enumerate(stamps))).freq == "15min"


def test_a_meter_that_starts_anew_far_below_a_power_of_ten_does_not_wrap(reader) -> None:
    readings = [*(99_000 + 2 * k for k in range(60)), *(2 * k + 1 for k in range(60))]
    text = "time,x\n" + "".join(f"2026-01-{1 + k // 24:02d} {k % 24:02d}:00,{v}\n" for k, v in enumerate(readings))
    panel = reader.load(text, counters=("x",))
    assert np.nanmax(restore(panel)) <= 2
    assert reader.recorder.heard("1 reset (counted from 0)")


def test_days_and_months_without_a_year_are_no_time(reader) -> None:
    text = "Date,x\n" + "".join(f"{1 + k // 24:02d}-Jan {k % 24:02d}:00,{k % 7}.5\n" for k in range(60))
    assert reader.load(text).origin is None
    assert reader.recorder.heard("which reads as no time")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('[{"time": "2026-01-05", "x": 1}]', "JSON"),
        ('{"time": "2026-01-05", "x": 1}\n', "JSON"),
        ("<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        ("<?xml version='1.0'?><rows/>", "XML"),
        ("SQLite format 3\0", "SQLite"),
        ("\u0089HDF\r\n", "HDF5"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(reader, text, word) -> None:
    with pytest.raises(DataError, match=word) as caught:
        reader.load(text.encode("latin-1"))
    assert "CSV" in caught.value.hint


def test_a_reply_of_r_is_not_taken_for_json(reader) -> None:
    assert reader.load("[1] x\n" + "".join(f"{k % 7}.5\n" for k in range(30))).values.shape == (30, 1)


def test_a_meter_with_one_reset_in_a_short_file_is_called_a_meter(reader) -> None:
    readings = [*(5_000 + 3 * k for k in range(60)), *(3 * k for k in range(60))]
    reader.load(
        "time,x\n" + "".join(f"2026-01-{1 + k // 24:02d} {k % 24:02d}:00,{v + k % 2}\n" for k, v in enumerate(readings))
    )
    assert reader.recorder.heard("--counter 'x' forecasts its increase")


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("time", "{t:%m/%d/%Y} {h}:00:00 {half} -08:00"),
        ("time", "{t:%m/%d/%Y} {h}:00:00 {half} PST"),
        ("Zeit", "Mo {t:%d.%m.%Y %H:%M}"),
        ("Date", "{t:%d} janv. {t:%Y %H:%M}"),
        ("time", "{t:%Y%m%d:%H%M}"),
        ("DATE,TIME", "{t:%Y%m%d},{t:%H:%M}"),
        ("DATE,TIME", "{t:%Y%m%d},{t.hour}00"),
        ("DATE,TIME", "{t:%Y-%m-%d},{t:%H:%M}-{u:%H:%M}"),
        ("time", "{t:%d.%m.%Y %H:%M} - {u:%d.%m.%Y %H:%M}"),
        ("time", "{t:%Y-%m-%d %H:%M:%S} (CET)"),
    ],
)
def test_however_a_device_writes_the_hour_it_is_that_hour(reader, header, form) -> None:
    rows = []
    for k in range(60):
        t = datetime(2026, 1, 20) + timedelta(hours=k)
        words = {"h": t.hour % 12 or 12, "half": "PM" if t.hour > 11 else "AM"}
        rows.append(f"{form.format(t=t, u=t + timedelta(hours=1), **words)},{k % 7}.5\n")
    panel = reader.load(f"{header},x\n" + "".join(rows))
    assert (panel.freq, panel.channels, len(panel.values)) == ("1h", ("x",), 60)
    assert tell_first(panel).startswith("2026-01-20T00:00:00")


def test_ranges_of_numbers_beside_a_date_are_no_hours(reader) -> None:
    text = "date,ages,x\n" + "".join(f"2026-01-{d:02d},{a}0-{a}9,{d + a}.5\n" for d in range(1, 29) for a in (1, 2, 3))
    assert reader.load(text).series_ids == ("10-19", "20-29", "30-39")


def test_zones_of_winter_and_summer_are_no_series(reader) -> None:
    hours = [*range(20, 24), 0, 1, 2, 2, *range(3, 24)]
    days = [24] * 4 + [25] * 25
    text = "time,zone,x\n" + "".join(
        f"2026-10-{d} {h:02d}:{m:02d},{'CEST' if k < 7 else 'CET'},{k % 5}.{m}\n"
        for k, (d, h) in enumerate(zip(days, hours, strict=True))
        for m in (10, 40)
    )
    assert reader.load(text).n_series == 1
