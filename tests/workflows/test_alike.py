"""New data that are finer than those of training, or written in another way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.types import Columns, ReadingOptions
from forecast_cli.workflows import predict as room
from tests.workflows.conftest import LOOKBACK, ROWS, START, Model, measure, train_linear, write_hours

LATER = ROWS + 500


def same(forecast, other) -> bool:
    return forecast.timestamps == other.timestamps and np.allclose(forecast.point, other.point, rtol=1e-4)


def list_warnings(heard) -> list[str]:
    return [text for text, _, warning in heard.notes if warning]


# --- The step of the rows themselves ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gathered_directory(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("gathered")
    source = write_hours(folder / "plant.csv", step=15)
    return train_linear(source, folder / "model", reading=ReadingOptions(freq="1h"), horizon=12)


@pytest.fixture
def gathered(gathered_directory, tmp_path) -> Model:
    """A model of rows every 15 minutes, gathered to hours."""
    return Model(gathered_directory, tmp_path)


def test_a_finer_step_than_in_training_is_a_warning_that_strict_heeds(one) -> None:
    path = write_hours(one.folder / "a.csv", LATER, LATER + 60, step=15)
    _, heard = one.predict(path)
    assert list_warnings(heard) == ["aggregated from 15min to 1h, where training had a row every 1h: averaged"]
    with pytest.raises(DataError, match="where training had a row every 1h"):
        one.predict(path, strict=True)


def test_rows_as_fine_as_those_of_training_are_gathered_without_a_warning(gathered) -> None:
    path = write_hours(gathered.folder / "a.csv", LATER, LATER + 60, step=15)
    _, heard = gathered.predict(path, strict=True)
    assert "aggregated from 15min to 1h: averaged" in heard.text


def test_a_single_row_is_put_into_the_step_that_it_falls_into_where_training_gathered(gathered) -> None:
    path = gathered.folder / "a.csv"
    path.write_text("time,temp [°C],flow\n2025-01-26T00:45,15.0,100.0\n", encoding="utf-8")
    assert gathered.predict(path)[0].cutoff == ("2025-01-26T00:00:00",)  # the nearest hour is 01:00


@pytest.mark.parametrize(("rows", "until"), [(1, "00:00"), (3, "00:30")])
def test_a_last_step_that_finer_rows_do_not_fill_is_a_warning(gathered, rows, until) -> None:
    path = write_hours(gathered.folder / "a.csv", ROWS - 60, ROWS + 1, step=15)
    whole = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(whole[: len(whole) - 4 + rows]), encoding="utf-8")
    assert list_warnings(gathered.predict(path)[1]) == [
        f"the last step is not complete: that of 2025-01-26T00:00:00 has rows up to 2025-01-26T{until}:00"
    ]
    path.write_text("\n".join(whole), encoding="utf-8")
    assert not list_warnings(gathered.predict(path)[1])


def test_rows_that_are_gathered_are_new_until_their_step_is_over(gathered, monkeypatch) -> None:
    path = write_hours(gathered.folder / "a.csv", LATER, LATER + LOOKBACK, step=15)  # up to 2025-02-17T19:45
    monkeypatch.setattr(room, "read_clock_now", lambda panel: np.datetime64("2025-02-17T20:25", "us"))
    assert gathered.predict(path, max_age="30min")[0].cutoff == ("2025-02-17T19:00:00",)
    with pytest.raises(DataError, match="ended 25 min ago"):
        gathered.predict(path, max_age="20min")


def test_rows_between_the_steps_of_the_model_are_refused_where_a_third_of_the_steps_would_stay_empty(one) -> None:
    with pytest.raises(DataError, match="are 90min apart, coarser than 1h"):
        one.predict(write_hours(one.folder / "a.csv", LATER, LATER + 90, step=90))


def test_a_logger_that_writes_on_change_is_put_on_the_same_clock_however_few_rows_there_are(tmp_path) -> None:
    rng = np.random.default_rng(0)
    minutes = np.cumsum(rng.integers(1, 80, 900))
    lines = [f"{START + np.timedelta64(int(m), 'm')},{measure(m / 60):.3f}" for m in minutes]
    (tmp_path / "valve.csv").write_text("\n".join(["time,valve", *lines]))
    reading = ReadingOptions(freq="1h", fill="hold", max_gap=12)
    model = Model(train_linear(tmp_path / "valve.csv", tmp_path / "model", reading=reading, horizon=12), tmp_path)
    (tmp_path / "new.csv").write_text("\n".join(["time,valve", *lines[-9:]]))
    assert model.predict(tmp_path / "new.csv")[0].cutoff == model.predict()[0].cutoff


# --- Written in another way ---------------------------------------------------------------------------------------


def test_flags_of_train_are_not_offered_where_predict_takes_none(one) -> None:
    path = write_hours(one.folder / "a.csv", LATER, LATER + LOOKBACK)
    _, heard = one.predict(path)
    assert not [flag for _, flag, _ in heard.notes if flag]
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:6], "1,2,3,4", *lines[6:12]]), encoding="utf-8")
    with pytest.raises(DataError, match="no row of the table") as caught:
        one.predict(path)
    assert caught.value.hint.endswith("; only train takes --delimiter and --max-rejects")


def write_german(path: Path, first: int, last: int) -> Path:
    """Write the hours with a date and a time column, semicolons and decimal commas."""
    rows = [line.split(",") for line in write_hours(path, first, last).read_text(encoding="utf-8").splitlines()[1:]]
    lines = [f"{t[8:10]}.{t[5:7]}.{t[2:4]};{t[11:16]};" + f"{a};{b}".replace(".", ",") for t, a, b in rows]
    path.write_text("\n".join(["Datum;Uhrzeit;temp [°C];flow", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def told_directory(tmp_path_factory) -> Path:
    """A model that was told in every way how its file is written."""
    folder = tmp_path_factory.mktemp("told")
    reading = ReadingOptions(
        columns=Columns(timestamp=("Datum", "Uhrzeit")), delimiter=";", decimal=",", time_format="%d.%m.%y %H:%M"
    )
    return train_linear(write_german(folder / "plant.csv", 0, ROWS), folder / "model", reading=reading, horizon=12)


@pytest.fixture
def told(told_directory, tmp_path) -> Model:
    return Model(told_directory, tmp_path)


def test_what_was_said_of_the_form_of_the_training_file_yields_to_data_in_another_form(told) -> None:
    forecast, heard = told.predict(write_german(told.folder / "a.csv", LATER, LATER + LOOKBACK))
    assert "anew" not in heard.text
    other, heard = told.predict(write_hours(told.folder / "b.csv", LATER, LATER + LOOKBACK))
    assert same(other, forecast)
    assert "b.csv: not written as the flags of train say, so its format is found anew" in heard.text
    (warning,) = list_warnings(heard)
    assert warning.endswith("b.csv has no column Datum, Uhrzeit: the time is found anew")


def test_a_time_format_of_training_yields_to_cells_that_are_written_otherwise(told) -> None:
    path = write_german(told.folder / "a.csv", LATER, LATER + LOOKBACK)
    forecast, _ = told.predict(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    moved = [f"20{line[6:8]}-{line[3:5]}-{line[:2]}{line[8:]}" for line in lines[1:]]
    path.write_text("\n".join([lines[0], *moved]), encoding="utf-8")
    other, heard = told.predict(path)
    assert same(other, forecast)
    assert "a.csv is not written as '%d.%m.%y %H:%M': its format is found anew" in heard.text


def test_data_without_any_time_are_refused_by_a_model_that_has_one(told) -> None:
    path = told.folder / "a.csv"
    path.write_text("temp [°C];flow\n" + "1,5;2,5\n" * 100, encoding="utf-8")
    with pytest.raises(DataError, match="no column 'Datum'"):
        told.predict(path)


def test_tags_that_are_columns_already_are_read_as_they_are(tmp_path) -> None:
    stamps = [str(START + np.timedelta64(h, "h")) for h in range(ROWS + LOOKBACK)]
    long = [f"{s},{tag},{measure(h + k):.3f}" for h, s in enumerate(stamps) for k, tag in enumerate("ab")]
    for name, rows in (("long", long[: 2 * ROWS]), ("new", long[2 * ROWS :])):
        (tmp_path / f"{name}.csv").write_text("\n".join(["time,tag,value", *rows]))
    reading = ReadingOptions(pivot="tag")
    model = Model(train_linear(tmp_path / "long.csv", tmp_path / "model", reading=reading, horizon=12), tmp_path)
    wide = [f"{s},{measure(h):.3f},{measure(h + 1):.3f}" for h, s in enumerate(stamps)]
    (tmp_path / "wide.csv").write_text("\n".join(["time,a,b", *wide[ROWS:]]))
    forecast, heard = model.predict(tmp_path / "wide.csv")
    assert same(forecast, model.predict(tmp_path / "new.csv")[0])
    assert "wide.csv has no column tag: its tags are columns already" in heard.text
