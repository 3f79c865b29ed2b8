"""Meters with a tariff known ahead, and a model that forecasts the tariff itself: what it was told comes out again."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np

from forecast_cli.artifact.load import open_artifact
from forecast_cli.types import Columns, Reads
from tests.workflows.conftest import LOOKBACK, START

ROLES = Columns(targets=("load",), series_id="meter", future_covariates=("tariff",), static_covariates=("site",))
H, TRAINED = 12, 500  # steps forecast, hours of training
HEADER = ("time", "meter", "load", "tariff", "site")


def price(hour: int, meter: str = "a") -> float:
    """A tariff that no two hours of a week share."""
    return round(hour % 168 / 10 + ("ab".find(meter) + 1) * 100, 1)


def write_rows(path, first, last, ahead=0, meters=("a", "b"), tariff=price, header=HEADER):
    """Write hours first ... last - 1 of each meter, and the tariff alone of `ahead` more."""
    rows = []
    for hour in range(first, last + ahead):
        for k, meter in enumerate(meters):
            load = f"{20 * k + 5 * np.sin(hour / 4):.3f}" if hour < last else ""
            cells = dict(zip(HEADER, (stamp(hour), meter, load, tariff(hour, meter), "north"), strict=True))
            rows.append([cells[name] for name in header])
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def write_future(path, first, n, **asked):
    return write_rows(path, first, first, n, header=("time", "meter", "tariff"), **asked)


def stamp(hour: int) -> str:
    return str(START + np.timedelta64(hour, "h"))


@dataclass(frozen=True)
class Echo:
    """Forecasts the first covariate known ahead."""

    reads: Reads
    lookback: int = LOOKBACK
    sample_every: int = 1
    parameters: int = 0

    def predict(self, batch):
        return batch.beside["future"][:, :, :1]


def tell_tariffs(directory, forecast):
    """Return the tariffs (N, H) that the model was told."""
    artifact = open_artifact(directory)
    place = [artifact.card.series_ids.index(name) for name in forecast.series_ids]
    loc, scale = (each[place][:, None] for each in (artifact.scaler.loc, artifact.scaler.scale))
    scaled = (forecast.point[:, :, 0] - loc[:, :, 0]) / scale[:, :, 0]
    return scaled * scale[:, :, 1] + loc[:, :, 1]


def expect(first, meters=("a", "b"), n=H):
    return [[price(hour, meter) for hour in range(first, first + n)] for meter in meters]
