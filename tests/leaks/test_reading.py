"""Rows after the training part change nothing in how it is read, nor what is taken where nothing was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.ingest.read import read_panel
from forecast_cli.requests import TrainRequest
from forecast_cli.types import ReadingOptions
from forecast_cli.workflows.plan import make_plan
from tests.panels import Recorder, make_panel

END, STEPS = 630, 900  # hours: of the training part, and of all


def rise(rng, n):
    """A meter that counts up to 9 an hour, is reset now and then, and once shows a lone 0."""
    total = np.cumsum(rng.integers(1, 10, n)).astype(np.float64)
    readings = total - np.maximum.accumulate(np.where(np.arange(n) % 170 == 169, total, 0.0))
    readings[400] = 0.0
    return readings


def turn(rng, n):
    return np.cumsum(rng.normal(0, 20, n)) % 360


def wave(rng, n):
    return 5 * np.sin(2 * np.pi * np.arange(n) / 24) + rng.normal(size=n)


def change(rng, n):
    """A logger that writes every third value or so, but none for ten hours before the training part ends."""
    values = np.where(rng.random(n) < 0.4, np.round(wave(rng, n), 1), np.nan)
    values[END - 10 : END + 2] = np.nan
    return values


def read_plan(tmp_path, column, options, per_hour):
    """The plan for a file of this column and another."""
    stamps = np.datetime64("2025-01-01") + np.arange(column.size) * np.timedelta64(60 // per_hour, "m")
    other = np.cos(np.arange(column.size) / 5) + np.arange(column.size) % 7
    lines = [
        f"{s},{'' if np.isnan(a) else float(a)},{b:.3f}"
        for s, a, b in zip(stamps, column.tolist(), other.tolist(), strict=True)
    ]
    path = tmp_path / "plant.csv"
    path.write_text("\n".join(["time,a,b", *lines]) + "\n")
    panel, _ = read_panel([str(path)], options, Recorder())
    sizes = f"{END},90,{STEPS - END - 90}"
    asked = TrainRequest((), tmp_path, model="linear", lookback=48, horizon=12, split=sizes)
    return make_plan(asked, panel, Recorder())


@pytest.mark.parametrize("hole", [1e9, np.nan], ids=["huge", "silent for long"])
@pytest.mark.parametrize(
    ("draw", "options", "per_hour"),
    [
        (rise, ReadingOptions(counters=("a",)), 1),
        (turn, ReadingOptions(angles=("a",)), 1),
        (wave, ReadingOptions(aggregate=(("a", "sum"),), freq="1h"), 3),
        (wave, ReadingOptions(aggregate=(("a", "std"),), freq="1h"), 3),
        (change, ReadingOptions(fill="hold"), 1),
    ],
    ids=["counter", "angle", "sum", "std", "hold"],
)
def test_rows_after_the_training_part_change_nothing_in_how_it_is_read(tmp_path, draw, options, per_hour, hole):
    column = draw(np.random.default_rng(3), STEPS * per_hour)
    later = column.copy()
    later[END * per_hour :] = 1e9
    later[END * per_hour : (END + 40) * per_hour] = hole
    clean, dirty = (read_plan(tmp_path, each, options, per_hour) for each in (column, later))
    assert clean.split.borders == dirty.split.borders
    for name in ("values", "observed"):
        np.testing.assert_array_equal(getattr(clean.panel, name)[:END], getattr(dirty.panel, name)[:END])
    np.testing.assert_array_equal(clean.split.train, dirty.split.train)
    np.testing.assert_array_equal(clean.counts[:END], dirty.counts[:END])
    np.testing.assert_array_equal(clean.scaler.loc, dirty.scaler.loc)
    np.testing.assert_array_equal(clean.scaler.scale, dirty.scaler.scale)


@pytest.mark.parametrize("hole", [1e9, np.nan], ids=["huge", "with holes"])
def test_rows_after_the_training_part_change_no_default(tmp_path, hole):
    """Season, horizon, lookback and split are found in the data here."""
    column = wave(np.random.default_rng(0), STEPS)
    later = column.copy()
    later[END:] = 1e9
    later[END::5] = hole
    clean, dirty = (make_plan(TrainRequest((), tmp_path), make_panel(each), Recorder()) for each in (column, later))
    assert clean.split.borders[0] >= END  # all that was changed lies after it
    assert clean.config == dirty.config
    assert clean.seasons == dirty.seasons
    np.testing.assert_array_equal(clean.scaler.loc, dirty.scaler.loc)
    np.testing.assert_array_equal(clean.scaler.scale, dirty.scaler.scale)
