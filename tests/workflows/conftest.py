"""Models trained in this process, without a network, and short ways to forecast with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import MissingDependencyError
from forecast_cli.requests import PredictRequest, TrainRequest
from forecast_cli.types import Columns, Forecast, ReadingOptions
from forecast_cli.workflows import fitting
from forecast_cli.workflows.predict import predict
from forecast_cli.workflows.train import train
from tests.panels import Recorder

START = np.datetime64("2025-01-01T00:00")
ROWS = 600
LOOKBACK = 48


def write_hours(path: Path, first: int = 0, last: int = ROWS, *, step: int = 60, header: bool = True) -> Path:
    """Write two sensors with a daily cycle from hour `first` to hour `last`, a row every `step` minutes."""
    hours = np.arange(first, last, step / 60)
    stamps = START + (hours * 60).round().astype("timedelta64[m]")
    rows = [
        f"{s},{measure(h):.3f},{100 + 20 * np.cos(h / 24 * 2 * np.pi):.2f}" for s, h in zip(stamps, hours, strict=True)
    ]
    path.write_text("\n".join([*(["time,temp [°C],flow"] if header else []), *rows]) + "\n", encoding="utf-8")
    return path


def measure(hour: float) -> float:
    return 15 + 5 * np.sin(hour / 24 * 2 * np.pi) + np.sin(hour * 1.7) / 3


def write_meters(path: Path, *ids: str, first: int = 0, last: int = ROWS, ends: dict[str, int] | None = None) -> Path:
    """Write a table of several series by the column `meter`; `ends` names the last hour of some."""
    lines = [
        f"{START + np.timedelta64(h, 'h')},{name},{measure(h) + 10 * k:.3f}"
        for h in range(first, last)
        for k, name in enumerate(ids)
        if h < (ends or {}).get(name, last)
    ]
    path.write_text("\n".join(["time,meter,load", *lines]) + "\n")
    return path


@dataclass
class Model:
    """A model directory, and a folder for new data."""

    directory: Path
    folder: Path

    def predict(self, *sources: Path | str, **asked: object) -> tuple[Forecast, Recorder]:
        recorder = Recorder()
        request = PredictRequest(tuple(map(str, sources)), self.directory, **asked)  # type: ignore[arg-type]
        return predict(request, recorder).forecast, recorder


def train_linear(
    source: Path,
    directory: Path,
    columns: Columns | None = None,
    *,
    reading: ReadingOptions | None = None,
    **asked: object,
) -> Path:
    reading = reading or ReadingOptions(columns or Columns())
    request = TrainRequest((str(source),), directory, reading, model="linear", lookback=LOOKBACK, **asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_require_tensorflow", _refuse)
        train(request, Recorder())
    return directory


def _refuse() -> None:
    raise MissingDependencyError("no TensorFlow here", "")


@pytest.fixture(scope="session")
def one_directory(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    return train_linear(write_hours(folder / "plant.csv"), folder / "model", horizon=12)


@pytest.fixture(scope="session")
def many_directory(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    return train_linear(write_meters(folder / "meters.csv", "a", "b", "c"), folder / "model", horizon=12)


@pytest.fixture
def one(one_directory, tmp_path) -> Model:
    """A linear model of one series with two targets, hourly; it needs 48 rows and forecasts 12."""
    return Model(one_directory, tmp_path)


@pytest.fixture
def many(many_directory, tmp_path) -> Model:
    """A linear model of the series a, b and c."""
    return Model(many_directory, tmp_path)
