"""The rows of the truth table of `forecast predict`: what is history, whose, from when. Others are in tests/program.

What is known ahead, and what happens where it is missing, stands in test_future.py and test_future_template.py.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.types import Columns
from forecast_cli.workflows import predict as room
from forecast_cli.workflows.age import check_age, read_clock_now
from tests.panels import make_panel
from tests.workflows.conftest import LOOKBACK, ROWS, train_linear, write_hours, write_meters

LATER = ROWS + 500


def same(forecast, other) -> bool:
    return forecast.timestamps == other.timestamps and np.allclose(forecast.point, other.point, rtol=1e-4)


def test_none(one) -> None:
    forecast, _ = one.predict()
    assert (forecast.series_ids, forecast.cutoff) == (("plant",), ("2025-01-25T23:00:00",))
    assert forecast.point.shape == (1, 12, 2)


def test_finer_frequency_is_aggregated_and_noted(one) -> None:
    coarse, _ = one.predict(write_hours(one.folder / "a.csv", LATER, LATER + 60))
    fine, heard = one.predict(write_hours(one.folder / "b.csv", LATER, LATER + 60, step=15))
    assert fine.timestamps == coarse.timestamps
    assert np.abs(fine.point - coarse.point).max() < 2
    assert "15min" in heard.text
    assert "1h" in heard.text


def test_coarser_frequency_is_refused_and_both_are_named(one) -> None:
    with pytest.raises(DataError, match="2h apart, coarser than 1h"):
        one.predict(write_hours(one.folder / "a.csv", LATER, LATER + 120, step=120))


def test_other_column_order_and_new_columns(one) -> None:
    plain = write_hours(one.folder / "a.csv", LATER, LATER + LOOKBACK)
    rows = [line.split(",") for line in plain.read_text().splitlines()]
    (one.folder / "b.csv").write_text(
        "\n".join(f"{flow},{time},{7 if k else 'new'},{temp}" for k, (time, temp, flow) in enumerate(rows))
    )
    forecast, heard = one.predict(one.folder / "b.csv")
    assert same(forecast, one.predict(plain)[0])
    assert "new" in heard.text


def test_a_column_missing_is_named(one) -> None:
    plain = write_hours(one.folder / "a.csv", LATER, LATER + LOOKBACK)
    plain.write_text("\n".join(line.rpartition(",")[0] for line in plain.read_text().splitlines()))
    with pytest.raises(DataError, match="no column 'flow'"):
        one.predict(plain)


def test_no_header_takes_the_training_names(one) -> None:
    whole = one.predict(write_hours(one.folder / "a.csv", LATER, LATER + LOOKBACK))[0]
    forecast, heard = one.predict(write_hours(one.folder / "b.csv", LATER, LATER + LOOKBACK, header=False))
    assert same(forecast, whole)
    assert "has no header" in heard.text


def test_no_id_column_and_a_model_of_one_series_is_that_series_whatever_the_file_is_called(one) -> None:
    assert one.predict(write_hours(one.folder / "x.csv", LATER, LATER + LOOKBACK))[0].series_ids == ("plant",)


def test_no_id_column_and_a_model_of_several_series_is_refused(many) -> None:
    path = write_meters(many.folder / "a.csv", "a", last=LOOKBACK)
    path.write_text("\n".join(",".join(line.split(",")[::2]) for line in path.read_text().splitlines()))
    with pytest.raises(DataError, match="no column 'meter'"):
        many.predict(path)


def test_ids_not_seen_in_training_are_forecast_with_one_note_of_their_count(many) -> None:
    path = write_meters(many.folder / "a.csv", "a", "b", "c", "x", "y", first=LATER, last=LATER + LOOKBACK)
    forecast, heard = many.predict(path)
    assert forecast.series_ids == ("a", "b", "c", "x", "y")
    assert np.isfinite(forecast.point).all()
    assert [text for text, _, warning in heard.notes if warning] == [
        "2 series not in training (x, ...): scaled by their own history"
    ]
    with pytest.raises(DataError, match="2 series not in training"):
        many.predict(path, strict=True)


def test_ids_of_the_training_that_are_missing_are_not_in_the_output(many) -> None:
    path = write_meters(many.folder / "a.csv", "b", first=LATER, last=LATER + LOOKBACK)
    forecast, heard = many.predict(path)
    assert forecast.series_ids == ("b",)
    assert "2 series of the training not in DATA: a, ..." in heard.text
    with pytest.raises(DataError, match="not in DATA"):
        many.predict(path, strict=True)


def test_a_series_silent_for_a_whole_lookback_is_named_and_not_forecast(many) -> None:
    ends = {"b": LATER + 100 - LOOKBACK, "c": LATER + 101 - LOOKBACK}
    path = write_meters(many.folder / "a.csv", "a", "b", "c", first=LATER, last=LATER + 100, ends=ends)
    forecast, heard = many.predict(path)
    assert forecast.series_ids == ("a", "c")
    assert "1 series silent for a whole lookback before 2025-02-19T23:00:00, not forecast: b" in heard.text
    with pytest.raises(DataError, match="silent"):
        many.predict(path, strict=True)


def test_a_target_unobserved_for_more_than_a_quarter_of_the_lookback_has_empty_cells(one) -> None:
    path = write_hours(one.folder / "a.csv", LATER, LATER + LOOKBACK)
    lines = path.read_text().splitlines()
    blank = [line.rpartition(",")[0] + "," if 10 <= k < 24 else line for k, line in enumerate(lines)]
    path.write_text("\n".join(blank))
    forecast, heard = one.predict(path)
    targets = list(forecast.targets)
    assert np.isnan(forecast.point[:, :, targets.index("flow")]).all()
    assert np.isfinite(forecast.point[:, :, targets.index("temp [°C]")]).all()
    assert "forecast empty: flow of plant" in heard.text


def test_data_that_end_before_the_training_data_end_are_noted(one) -> None:
    path = write_hours(one.folder / "a.csv", 100, 200)
    forecast, heard = one.predict(path)
    assert forecast.cutoff == ("2025-01-09T07:00:00",)
    assert "before the training data do" in heard.text
    with pytest.raises(DataError, match="before the training data do"):
        one.predict(path, strict=True)


@pytest.mark.parametrize("first", [ROWS, ROWS - 20], ids=["joining", "overlapping"])
def test_fewer_rows_that_join_or_overlap_are_filled_up_and_no_history_forbids_it(one, first) -> None:
    path = write_hours(one.folder / "a.csv", first, ROWS + 10)
    forecast, heard = one.predict(path)
    assert "stored rows fill the front" in heard.text
    assert same(forecast, one.predict(write_hours(one.folder / "b.csv", ROWS + 10 - LOOKBACK, ROWS + 10))[0])
    with pytest.raises(DataError, match=f"the model needs {LOOKBACK}"):
        one.predict(path, history=False)


def test_fewer_rows_behind_a_gap_name_both_ends_and_the_first_row_needed(one) -> None:
    with pytest.raises(DataError, match="end at 2025-01-25T23:00:00, DATA begins at 2025-01-26T05:00:00") as caught:
        one.predict(write_hours(one.folder / "a.csv", ROWS + 5, ROWS + 20))
    assert "2025-01-24T20:00:00" in caught.value.hint


@pytest.mark.parametrize(("asked", "steps"), [(5, 5), ("6h", 6), ("12h", 12)])
def test_horizon_up_to_the_trained_one_is_the_first_rows(one, asked, steps) -> None:
    part, whole = one.predict(horizon=asked)[0], one.predict()[0]
    assert part.steps == whole.steps[:steps]
    np.testing.assert_array_equal(part.point, whole.point[:, :steps])


@pytest.mark.parametrize("asked", [13, "1d", "90min"])
def test_horizon_beyond_is_a_usage_error(one, asked) -> None:
    with pytest.raises(UsageError, match="--horizon"):
        one.predict(horizon=asked)


def test_rows_that_hold_no_target_yet_are_no_history(one) -> None:
    path = write_hours(one.folder / "a.csv", LATER, LATER + LOOKBACK)
    plain = one.predict(path)[0]
    with path.open("a") as file:
        file.writelines(f"{np.datetime64('2025-02-19T00:00') + np.timedelta64(k, 'h')},,\n" for k in range(12))
    assert same(one.predict(path)[0], plain)


def write_units(path, unit, first=LATER, last=LATER + LOOKBACK):
    lines = write_hours(path, first, last).read_text().splitlines()
    path.write_text("\n".join(["time,temp,flow", f"-,{unit},m3/h", *lines[1:]]))
    return path


def test_another_unit_is_noticed(one) -> None:
    one.directory = train_linear(write_units(one.folder / "plant.csv", "°C", 0, ROWS), one.folder / "model", horizon=12)
    _, heard = one.predict(write_units(one.folder / "same.csv", "°C"))
    assert not any(warning for _, _, warning in heard.notes)
    path = write_units(one.folder / "other.csv", "°F")
    _, heard = one.predict(path)
    assert "temp is in °F in DATA, and was in °C in training" in heard.text
    with pytest.raises(DataError, match="°F"):
        one.predict(path, strict=True)


# --- --max-age ---------------------------------------------------------------------------------------------------


def test_a_newest_row_older_than_max_age_says_how_old(one, monkeypatch) -> None:
    path = write_hours(one.folder / "a.csv", LATER, LATER + LOOKBACK)
    monkeypatch.setattr(room, "read_clock_now", lambda panel: np.datetime64("2025-02-19T22:30", "us"))
    with pytest.raises(DataError, match="2025-02-17T19:00:00, is 2 days old by the clock of this machine"):
        one.predict(path, max_age="2h")
    assert one.predict(path, max_age="3D")[0].cutoff == ("2025-02-17T19:00:00",)


@pytest.mark.parametrize(
    ("longest", "fits"),
    [("2h", True), ("119min", False), ("1MS", True), ("7200s", True), ("999999999W", True), ("999999999MS", True)],
)
def test_the_age_is_that_of_the_row_to_the_second(longest, fits) -> None:
    panel, now = make_panel(np.arange(5.0)), np.datetime64("2025-01-01T06:00", "us")
    if fits:
        assert check_age(panel, 4, longest, now) is None
    else:
        with pytest.raises(DataError, match="is 2 h old"):
            check_age(panel, 4, longest, now)


@pytest.mark.parametrize(("longest", "fits"), [("1h", True), ("59min", False)])
def test_a_step_that_finer_rows_make_up_is_as_old_as_its_end(longest, fits) -> None:
    panel, now = make_panel(np.arange(5.0)), np.datetime64("2025-01-01T06:00", "us")
    if fits:
        assert check_age(panel, 4, longest, now, True) is None
    else:
        with pytest.raises(DataError, match="the newest step, 2025-01-01T04:00:00, ended 60 min ago"):
            check_age(panel, 4, longest, now, True)


def test_row_numbers_have_no_age() -> None:
    panel = make_panel(np.arange(5.0), origin=None, freq="1row")
    with pytest.raises(UsageError, match="no time"):
        check_age(panel, 4, "2h", np.datetime64("2025-01-01", "us"))
    assert check_age(panel, 4, None, np.datetime64("2025-01-01", "us")) is None


@pytest.mark.parametrize(
    ("tz", "freq"), [("Z", "1h"), ("+05:00", "1h"), ("Europe/Berlin", "1h"), ("Asia/Tokyo", "1D"), (None, "1h")]
)
def test_now_is_told_on_the_clock_that_the_grid_counts(tz, freq) -> None:
    panel = replace(make_panel(np.arange(5.0), freq=freq), tz=tz)
    if tz is None:
        expected = datetime.datetime.now()
    else:
        zone = ZoneInfo(tz) if freq == "1D" else datetime.UTC
        expected = datetime.datetime.now(zone).replace(tzinfo=None)
    apart = read_clock_now(panel) - np.datetime64(expected, "us")
    assert abs(apart) < np.timedelta64(10, "s")


# --- Files that are series ---------------------------------------------------------------------------------------


def test_a_file_is_the_series_that_it_was_in_training_by_its_folder(one, monkeypatch) -> None:
    monkeypatch.chdir(one.folder)
    for folder in ("p", "q"):
        (one.folder / folder).mkdir()
        write_hours(one.folder / folder / "log.csv")
    one.directory = train_linear("*/log.csv", one.folder / "model", horizon=12)
    assert one.predict()[0].series_ids == ("p/log", "q/log")
    write_hours(one.folder / "p" / "log.csv", LATER, LATER + LOOKBACK)
    assert one.predict("p/log.csv")[0].series_ids == ("p/log",)
    assert one.predict(one.folder / "p" / "log.csv")[0].series_ids == ("p/log",)


def test_files_that_were_a_series_each_stay_so_when_they_follow_each_other(one) -> None:
    for k, name in enumerate(("a", "b")):
        write_hours(one.folder / f"{name}.csv", k, ROWS)
    one.directory = train_linear(one.folder / "?.csv", one.folder / "model", horizon=12)
    for k, name in enumerate(("a", "b")):
        write_hours(one.folder / f"{name}.csv", LATER + 20 * k, LATER + 20 * k + LOOKBACK)
    forecast, heard = one.predict(one.folder / "a.csv", one.folder / "b.csv")
    assert forecast.series_ids == ("a", "b")
    assert not any(warning for _, _, warning in heard.notes)


def test_files_named_by_a_pattern_are_known_again(one) -> None:
    for name in ("meter_1", "meter_2"):
        write_hours(one.folder / f"{name}.csv")
    roles = Columns(series_id=r"file:meter_(\d)")
    one.directory = train_linear(one.folder / "*.csv", one.folder / "model", roles, horizon=12)
    path = write_hours(one.folder / "meter_2 (new).csv", LATER, LATER + LOOKBACK)
    assert one.predict(path)[0].series_ids == ("2",)
    with pytest.raises(DataError, match="does not hold"):
        one.predict(write_hours(one.folder / "log.csv", LATER, LATER + LOOKBACK))


def test_interleaved_sensors_for_a_model_of_one_series_are_refused(one) -> None:
    path = write_hours(one.folder / "a.csv", LATER, LATER + LOOKBACK, step=30)
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{head},sensor", *(f"{line},{'AB'[k % 2]}" for k, line in enumerate(lines))]))
    with pytest.raises(DataError, match="told apart by 'sensor'; the model knows one"):
        one.predict(path)
