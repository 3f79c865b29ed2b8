"""A model trained on the clock of a zone: it forecasts over the night in which clocks are set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forecast_cli.artifact.load import open_artifact
from forecast_cli.errors import MissingDependencyError
from forecast_cli.requests import TrainRequest
from forecast_cli.types import ReadingOptions
from forecast_cli.workflows import fitting
from forecast_cli.workflows.train import train
from tests.panels import Recorder
from tests.workflows.conftest import LOOKBACK, Model, measure

BERLIN = ZoneInfo("Europe/Berlin")
END = datetime(2026, 10, 24, 22, tzinfo=UTC)  # midnight there, before the night of 25 hours
ROWS = 600


def write_local(path: Path, hours: range, minutes: int = 60, form: str = "%Y-%m-%d %H:%M") -> Path:
    """Write rows from so many hours before the end, stamped by the clocks of Berlin."""
    n = len(hours) * 60 // minutes
    stamps = [END + timedelta(hours=hours.start, minutes=minutes * k) for k in range(n)]
    cells = [
        f"{stamp.astimezone(BERLIN).strftime(form)},{measure((stamp - END).total_seconds() / 3600):.3f}"
        for stamp in stamps
    ]
    path.write_text("\n".join(["time,temp", *cells]) + "\n")
    return path


def refuse() -> None:
    raise MissingDependencyError("no TensorFlow here", "")


def train_there(folder: Path, hours: range, **asked: object) -> Model:
    source = write_local(folder / "local.csv", hours)
    reading = ReadingOptions(tz="Europe/Berlin", **asked)  # type: ignore[arg-type]
    request = TrainRequest((str(source),), folder / "model", reading, model="linear", lookback=LOOKBACK, horizon=12)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_require_tensorflow", refuse)
        train(request, Recorder())
    return Model(folder / "model", folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Model:
    return train_there(tmp_path_factory.mktemp("berlin"), range(-ROWS, 1))


def test_each_step_of_the_forecast_has_the_offset_of_its_own_time(model) -> None:
    forecast, _ = model.predict()
    assert forecast.cutoff == ("2026-10-25T00:00:00+02:00",)
    assert forecast.timestamps[0][:4] == (
        "2026-10-25T01:00:00+02:00",
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    )


def test_new_data_are_read_on_the_same_clock(model) -> None:
    source = write_local(model.folder / "new.csv", range(-2, 6))
    forecast, recorder = model.predict(source)
    assert forecast.cutoff == ("2026-10-25T04:00:00+01:00",)
    assert "stored rows fill the front" in recorder.text


def test_finer_data_are_gathered_onto_the_grid_of_the_model_and_told(model) -> None:
    source = write_local(model.folder / "fine.csv", range(-LOOKBACK, 6), minutes=5)
    forecast, recorder = model.predict(source)
    assert forecast.cutoff == ("2026-10-25T04:00:00+01:00",)
    assert "aggregated from 5min to 1h, where training had a row every 1h: averaged" in recorder.text


def test_stamps_with_an_offset_are_the_same_instants(model) -> None:
    naive, _ = model.predict(write_local(model.folder / "naive.csv", range(-100, 6)))
    zoned, _ = model.predict(write_local(model.folder / "zoned.csv", range(-100, 6), form="%Y-%m-%dT%H:%M:%S%z"))
    assert zoned.timestamps == naive.timestamps
    np.testing.assert_array_equal(zoned.point, naive.point)


def test_the_zone_is_kept_in_the_model_directory(model) -> None:
    card = open_artifact(model.directory).card
    assert (card.tz, card.reading.options.tz) == ("Europe/Berlin", "Europe/Berlin")


def test_days_of_a_zone_are_forecast_as_dates(tmp_path) -> None:
    model = train_there(tmp_path, range(-24 * 400, 0), freq="1D")
    forecast, _ = model.predict()
    assert forecast.cutoff == ("2026-10-24",)
    assert forecast.timestamps[0][:2] == ("2026-10-25", "2026-10-26")
