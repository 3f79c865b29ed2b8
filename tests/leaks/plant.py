"""A file of two meters with gaps, and the plan of a run on it."""

from __future__ import annotations

import numpy as np

from forecast_cli.ingest.read import read_panel
from forecast_cli.requests import TrainRequest
from forecast_cli.types import Columns, ReadingOptions
from forecast_cli.workflows.plan import make_plan
from tests.forecasters import WINDOW
from tests.panels import Recorder

TRAIN, VALIDATION, TEST = 420, 110, 130  # hours
STEPS = TRAIN + VALIDATION + TEST
COLUMNS = ("flow", "heat", "rain")
METERS = ("a", "b")
OPTIONS = ReadingOptions(
    Columns(timestamp=("time",), targets=("flow", "heat"), series_id="meter", past_covariates=("rain",)), freq="1h"
)


def draw_plant(seed=0):
    """Return (meters, hours, columns): days with noise, single values missing, and now and then a few in a row."""
    rng = np.random.default_rng(seed)
    day = np.sin(2 * np.pi * np.arange(STEPS) / 24)[None, :, None] * np.array([3.0, 1.0, 0.0])
    plant = 10 + day + rng.normal(size=(len(METERS), STEPS, len(COLUMNS)))
    plant[rng.random(plant.shape) < 0.02] = np.nan
    for begin in rng.integers(30, STEPS - 30, 8):
        plant[begin % 2, begin : begin + 4, begin % 3] = np.nan
    plant[:, [0, -1]] = 10.0  # the first and the last instant are known
    return plant


def write_plant(path, plant, order=None, columns=COLUMNS):
    """Write the hours of the plant as a long table, in this order of rows and of columns; return the path."""
    stamps = np.datetime64("2025-01-01T00") + np.arange(plant.shape[1])
    rows = []
    for k, meter in enumerate(METERS):
        for stamp, values in zip(stamps, plant[k], strict=True):
            cells = {"time": stamp, "meter": meter, **dict(zip(COLUMNS, map(_show, values), strict=True))}
            rows.append(",".join(str(cells[name]) for name in ("time", "meter", *columns)))
    rows = rows if order is None else [rows[i] for i in order]
    path.write_text("\n".join([",".join(("time", "meter", *columns)), *rows]) + "\n")
    return path


def read_plan(path):
    """Return the plan of a run on the file."""
    split = f"{TRAIN},{VALIDATION},{TEST}"
    request = TrainRequest(
        (), path.parent, lookback=WINDOW.lookback, horizon=WINDOW.horizon, split=split, model="linear"
    )
    return make_plan(request, read_plant(path), Recorder())


def read_plant(path):
    return read_panel([str(path)], OPTIONS, Recorder())[0]


def _show(value):
    return "" if np.isnan(value) else f"{value:.3f}"
