"""`forecast predict --future-template`: the empty form, which filled in says what is known ahead."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from forecast_cli.artifact.load import Artifact
from forecast_cli.errors import DataError, UsageError
from forecast_cli.reporting.tables import to_csv
from forecast_cli.requests import PredictRequest
from forecast_cli.types import Columns, ReadingOptions, Reads
from forecast_cli.workflows.future import make_template
from tests.panels import Recorder
from tests.workflows.conftest import START, Model, train_linear
from tests.workflows.tariffs import ROLES, TRAINED, Echo, H, expect, price, stamp, tell_tariffs, write_rows


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tariffs")
    data = write_rows(folder / "data.csv", 0, TRAINED, 20)
    return train_linear(data, folder / "model", ROLES, horizon=H)


@pytest.fixture
def model(directory, tmp_path, monkeypatch) -> Model:
    monkeypatch.setattr(
        Artifact, "load_model", lambda self, name, refitted=False: Echo(Reads(("history", "future"), horizon=H))
    )
    return Model(directory, tmp_path)


def ask(model, *sources, **asked):
    return make_template(PredictRequest(tuple(map(str, sources)), model.directory, template=True, **asked), Recorder())


def fill_in(form, path, tariff=price):
    """Write the form with a tariff in each row."""
    hours = [int((np.datetime64(each) - START) / np.timedelta64(1, "h")) for each in form["time"]]
    filled = {**form, "tariff": [tariff(hour, meter) for hour, meter in zip(hours, form["meter"], strict=True)]}
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([list(filled), *zip(*filled.values(), strict=True)])
    return path


def test_the_form_has_a_row_for_each_meter_and_step_and_nothing_in_it(model) -> None:
    form = ask(model)
    assert list(form) == ["time", "meter", "tariff"]
    assert form["time"] == [f"{stamp(hour)}:00" for hour in range(TRAINED, TRAINED + H)] * 2
    assert form["meter"] == ["a"] * H + ["b"] * H
    assert set(form["tariff"]) == {None}
    assert len(ask(model, horizon=5)["time"]) == 10


def test_the_form_of_data_filled_in_is_the_file_that_predict_takes(model) -> None:
    data = write_rows(model.folder / "new.csv", 600, 660)
    path = fill_in(ask(model, data), model.folder / "form.csv")
    forecast, _ = model.predict(data, future=str(path))
    np.testing.assert_allclose(tell_tariffs(model.directory, forecast), expect(660), atol=1e-3)


def test_the_form_left_empty_is_refused_and_names_the_column(model) -> None:
    path = fill_in(ask(model), model.folder / "form.csv", lambda hour, meter: "")
    with pytest.raises(DataError, match="--future: tariff holds no number") as caught:
        model.predict(write_rows(model.folder / "new.csv", 600, 660), future=str(path))
    assert "--future-template" in caught.value.hint
    assert "--target" not in caught.value.hint


def test_a_model_that_reads_nothing_ahead_has_no_form(directory, tmp_path) -> None:
    with pytest.raises(UsageError, match="nothing to fill in"):
        ask(Model(directory, tmp_path))


# --- Files as they come -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A way to write a table of one target `y` and one covariate known ahead, and the flags that read it."""

    columns: Columns
    header: str
    write: Callable[[int], str]  # the cells of a row before the covariate
    reading: ReadingOptions = field(default_factory=ReadingOptions)
    delay: int = 1
    decimal: str = "."


def load(hour: int) -> str:
    return f"{5 * np.sin(hour / 4) + 9:.3f}"


KINDS = {
    "one series": Kind(Columns(targets=("y",)), "time,y,x", lambda h: f"{stamp(h)},{load(h)}"),
    "date and time": Kind(
        Columns(targets=("y",)), "Date,Time,y,x", lambda h: f"{stamp(h)[:10]},{stamp(h)[11:]},{load(h)}"
    ),
    "German": Kind(
        Columns(targets=("y",)),
        "Zeit;y;x",
        lambda h: f"{stamp(h)[8:10]}.{stamp(h)[5:7]}.{stamp(h)[:4]} {stamp(h)[11:]};{load(h).replace('.', ',')}",
        decimal=",",
    ),
    "with a time format": Kind(
        Columns(timestamp=("t",), targets=("y",)),
        "t,y,x",
        lambda h: f"{stamp(h)[8:10]}/{stamp(h)[5:7]}/{stamp(h)[:4]} {stamp(h)[11:]},{load(h)}",
        reading=ReadingOptions(time_format="%d/%m/%Y %H:%M"),
    ),
    "in UTC": Kind(Columns(targets=("y",)), "time,y,x", lambda h: f"{stamp(h)}Z,{load(h)}"),
    "in a zone": Kind(
        Columns(targets=("y",)),
        "time,y,x",
        lambda h: f"{stamp(h)},{load(h)}",
        reading=ReadingOptions(tz="Europe/Berlin"),
    ),
    "rows are the time": Kind(Columns(targets=("y",)), "y,x", load),
    "with a delay": Kind(Columns(targets=("y",)), "time,y,x", lambda h: f"{stamp(h)},{load(h)}", delay=3),
    "an angle": Kind(
        Columns(targets=("y",)), "time,y,x", lambda h: f"{stamp(h)},{load(h)}", reading=ReadingOptions(angles=("x",))
    ),
    "a missing code": Kind(
        Columns(targets=("y",)),
        "time,y,x",
        lambda h: f"{stamp(h)},{load(h)}",
        reading=ReadingOptions(missing_values=("-1",)),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_form_filled_in_says_the_same_as_trailing_rows_however_the_data_are_written(
    name, tmp_path, monkeypatch
) -> None:
    kind, last, ahead = KINDS[name], 300, 16
    x = [round(7 + 3 * np.sin(hour / 5), 2) for hour in range(last + ahead)]
    separator = ";" if ";" in kind.header else ","

    def write(file, n):
        rows = []
        for hour in range(n):
            cells = kind.write(hour).split(separator)
            cells[-1] = cells[-1] if hour < last else ""
            rows.append(separator.join([*cells, str(x[hour]).replace(".", kind.decimal)]))
        (tmp_path / file).write_text("\n".join([kind.header, *rows]))
        return tmp_path / file

    reading = replace(kind.reading, columns=replace(kind.columns, future_covariates=("x",)))
    directory = train_linear(write("data.csv", last), tmp_path / "model", reading=reading, horizon=H, delay=kind.delay)
    reads = Reads(("history", "future"), H, kind.delay)
    monkeypatch.setattr(Artifact, "load_model", lambda self, name, refitted=False: Echo(reads))
    model = Model(directory, tmp_path)
    form = ask(model)
    first = last + kind.delay - 1
    filled = {**form, "x": [str(each) for each in x[first : first + H]]}
    with (tmp_path / "form.csv").open("w", newline="") as file:
        csv.writer(file).writerows([list(filled), *zip(*filled.values(), strict=True)])
    by_form, _ = model.predict(future=str(tmp_path / "form.csv"))
    by_rows, _ = model.predict(write("longer.csv", last + ahead))
    np.testing.assert_allclose(by_form.point, by_rows.point, atol=1e-4)
    assert by_form.timestamps == by_rows.timestamps
    assert np.ptp(by_rows.point) > 1


def test_files_that_are_a_series_each_have_their_ids_in_the_form(tmp_path, monkeypatch) -> None:
    for k, name in enumerate("ab"):
        rows = [f"{stamp(h)},{load(h)},{k + 10 + np.sin(h / 5):.3f}" for h in range(k, 300)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["time,y,x", *rows]))
    columns = Columns(targets=("y",), future_covariates=("x",))
    model = Model(train_linear(tmp_path / "?.csv", tmp_path / "model", columns, horizon=H), tmp_path)
    monkeypatch.setattr(
        Artifact, "load_model", lambda self, name, refitted=False: Echo(Reads(("history", "future"), H))
    )
    form = ask(model)
    assert form["series_id"] == ["a"] * H + ["b"] * H
    filled = {**form, "x": [f"{k + 11 + h / 10}" for k in range(2) for h in range(H)]}
    with (tmp_path / "form.csv").open("w", newline="") as file:
        csv.writer(file).writerows([list(filled), *zip(*filled.values(), strict=True)])
    told = tell_tariffs(model.directory, model.predict(future=str(tmp_path / "form.csv"))[0])
    np.testing.assert_allclose(told, [[k + 11 + h / 10 for h in range(H)] for k in range(2)], atol=1e-3)


def test_a_form_whose_names_and_ids_look_like_formulas_is_text_and_reads_back(tmp_path, monkeypatch) -> None:
    rows = [
        f"{stamp(h)},{meter},{load(h)},{k + 10 + np.sin(h / 5):.3f}"
        for h in range(300)
        for k, meter in enumerate(["'+a", "'=b"])
    ]
    (tmp_path / "data.csv").write_text("\n".join(["'@time,'=meter,y,'-tariff", *rows]))
    columns = Columns(("@time",), ("y",), "=meter", future_covariates=("-tariff",))
    model = Model(train_linear(tmp_path / "data.csv", tmp_path / "model", columns, horizon=H), tmp_path)
    monkeypatch.setattr(
        Artifact, "load_model", lambda self, name, refitted=False: Echo(Reads(("history", "future"), H))
    )
    form = ask(model)
    assert (list(form), form["=meter"]) == (["@time", "=meter", "-tariff"], ["+a"] * H + ["=b"] * H)
    text = to_csv({**form, "-tariff": [k + 11 + h / 10 for k in range(2) for h in range(H)]})
    assert text.startswith("'@time,'=meter,'-tariff\n2")
    (tmp_path / "form.csv").write_text(text)
    told = tell_tariffs(model.directory, model.predict(future=str(tmp_path / "form.csv"))[0])
    np.testing.assert_allclose(told, [[k + 11 + h / 10 for h in range(H)] for k in range(2)], atol=1e-3)
