"""Angles, counters, bounds and tags, from a file to the forecast table."""

import json

import numpy as np
import pytest

from forecast_cli.artifact.load import Artifact
from forecast_cli.models.blend import Blend
from forecast_cli.requests import PredictRequest
from forecast_cli.types import Silence
from forecast_cli.workflows.predict import predict
from tests.program.conftest import forecast

HOURS, STEPS = 700, 30
LAST = np.datetime64("2025-01-01T00:00") + (HOURS - 1) * np.timedelta64(1, "h")


def make_table():
    """Return hourly readings: a wind that swings through north, a meter that wraps, rain that is never below 0."""
    t, rng = np.arange(HOURS), np.random.default_rng(0)
    swing = np.sin(2 * np.pi * t / 24)
    return {
        "flow": np.maximum(0, 2 * swing + rng.normal(0, 0.2, HOURS)).round(3),
        "meter": np.round((99_900 + np.cumsum(1.5 + swing)) % 100_000, 2),
        "wind": np.round((355 + 30 * swing + rng.normal(0, 4, HOURS)) % 360, 1),
    }


def write_table(path, columns, first=0, last=HOURS):
    stamps = np.datetime64("2025-01-01T00:00") + np.arange(HOURS) * np.timedelta64(1, "h")
    rows = zip(stamps[first:last], *(column[first:last] for column in columns.values()), strict=True)
    path.write_text("\n".join([",".join(["time", *columns]), *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def train(folder, *flags, env):
    sizes = ("--model", "linear", "--lookback", 48, "--horizon", STEPS)
    ending = forecast("train", "data.csv", *sizes, *flags, cwd=folder, env=env)
    assert ending.code == 0, ending.err
    return ending


@pytest.fixture(scope="module")
def treated(tmp_path_factory, no_tensorflow):
    """A folder with data.csv and a linear model of it, all three columns treated; do not change it."""
    folder = tmp_path_factory.mktemp("treated")
    write_table(folder / "data.csv", make_table())
    flags = ("--angle", "w*", "--counter", "meter", "--min", "flow=0", "--min", "meter=0", "--max", "meter=2")
    ending = train(folder, *flags, env=no_tensorflow)
    (folder / "messages.txt").write_text(ending.err)
    return folder


def take(table, target, column="forecast"):
    return np.array([float(row[column] or "nan") for row in table if row["target"] == target])


def test_the_forecast_table_shows_each_column_once_and_in_its_place(treated):
    table = forecast("predict", cwd=treated).table
    assert [row["target"] for row in table[::STEPS]] == ["flow", "meter", "wind"]
    assert len(table) == 3 * STEPS


def test_an_angle_is_forecast_in_degrees_through_north(treated):
    table = forecast("predict", cwd=treated).table
    wind = take(table, "wind")
    ahead = np.arange(HOURS, HOURS + STEPS)
    turn = np.abs((wind - 355 - 30 * np.sin(2 * np.pi * ahead / 24) + 180) % 360 - 180)
    assert turn.mean() < 6
    assert wind.min() < 20
    assert wind.max() > 330
    lower, upper = take(table, "wind", "lower_80"), take(table, "wind", "upper_80")
    assert np.any(lower > upper)  # an interval through north
    width = (upper - lower) % 360
    np.testing.assert_allclose((wind - lower) % 360, width / 2, atol=0.002)
    assert 4 < width.mean() < 40


def test_a_counter_is_forecast_as_its_increase_over_the_wrap(treated):
    assert "counter meter: 1 wrap" in (treated / "messages.txt").read_text()
    meter = take(forecast("predict", cwd=treated).table, "meter")
    expected = 1.5 + np.sin(2 * np.pi * np.arange(HOURS, HOURS + STEPS) / 24)
    np.testing.assert_allclose(meter, np.minimum(expected, 2), atol=0.05)


def test_forecasts_and_intervals_keep_to_the_bounds(treated):
    table = forecast("predict", "--level", "50,80,90", cwd=treated).table
    for column in ("forecast", "lower_50", "lower_90", "upper_50", "upper_90"):
        flow, meter = take(table, "flow", column), take(table, "meter", column)
        assert flow.min() >= 0
        assert meter.min() >= 0
        assert meter.max() <= 2
    assert take(table, "flow").min() == 0
    assert take(table, "meter").max() == 2


def test_each_part_of_a_blend_keeps_to_the_bounds_as_it_did_when_it_was_scored(treated, monkeypatch):
    request = PredictRequest((), treated / "forecast-model")
    load, points = Artifact.load_model, {}
    for names in (("linear",), ("mean",), ("linear", "mean")):

        def load_blend(artifact, _, *, refitted, names=names):
            return Blend({name: load(artifact, name) for name in names}, dict.fromkeys(names, 1 / len(names)))

        monkeypatch.setattr(Artifact, "load_model", load_blend)
        points[names] = predict(request, Silence()).forecast.point[..., :2]
    linear, mean, both = points.values()
    assert (linear == 0).any()
    np.testing.assert_allclose(both, (linear + mean) / 2, atol=1e-4)


def test_new_rows_are_treated_as_in_training_and_stored_ones_fill_the_front(treated, tmp_path):
    stored = forecast("predict", cwd=treated).table
    columns = make_table()
    for first in (0, HOURS - 30):
        write_table(tmp_path / "new.csv", columns, first)
        given = forecast("predict", tmp_path / "new.csv", "-m", treated / "forecast-model", cwd=tmp_path)
        assert given.code == 0, given.err
        assert [row["target"] for row in given.table] == [row["target"] for row in stored]
        for target in columns:
            np.testing.assert_allclose(take(given.table, target), take(stored, target), rtol=1e-4, atol=0.01)


def test_the_scores_of_a_bounded_model_are_those_of_what_it_delivers(treated, tmp_path, no_tensorflow):
    """A bound that the truth keeps to can only help, and compare-baselines finds the same scores again."""
    write_table(tmp_path / "data.csv", {"flow": make_table()["flow"]})
    free = train(tmp_path, env=no_tensorflow).table
    bounded = train(tmp_path, "--min", "0", "--force", env=no_tensorflow).table
    scores = [{row["model"]: float(row["mae_scaled"]) for row in table} for table in (free, bounded)]
    assert scores[1]["linear"] < scores[0]["linear"]
    assert scores[1]["naive"] == scores[0]["naive"]
    again = {row["model"]: float(row["mae_scaled"]) for row in forecast("compare-baselines", cwd=tmp_path).table}
    assert again == pytest.approx(scores[1])


def test_the_report_shows_the_angle_in_degrees(treated):
    report = json.loads((treated / "forecast-model" / "report.json").read_text())
    assert report["targets"] == ["flow", "meter", "wind"]
    assert report["units"][2] == "°"
    last = report["trials"][-1]
    truth, shown = np.array(last["truth"], dtype=float), np.array(last["forecast"]["point"], dtype=float)
    assert truth.shape == shown.shape == (1, STEPS, 3)
    turn = np.abs((truth[0, :, 2] - shown[0, :, 2] + 180) % 360 - 180)
    assert turn.mean() < 10


def test_bounds_that_leave_no_room_are_a_usage_error(tmp_path):
    write_table(tmp_path / "data.csv", make_table())
    ending = forecast("train", "data.csv", "--min", "flow=3", "--max", "flow=3", cwd=tmp_path)
    assert ending.code == 2
    assert "--min flow=3 is not below --max flow=3" in ending.err


def test_tags_are_forecast_as_columns_and_predict_pivots_new_data_alike(tmp_path, no_tensorflow):
    columns = {name: column for name, column in make_table().items() if name != "meter"}
    stamps = np.datetime64("2025-01-01T00:00") + np.arange(HOURS) * np.timedelta64(1, "h")
    lines = [f"{s},{name},{columns[name][k]}" for k, s in enumerate(stamps) for name in columns]
    (tmp_path / "data.csv").write_text("\n".join(["time,tag,value", *lines]) + "\n")
    train(tmp_path, "--pivot", "tag", "--angle", "wind", env=no_tensorflow)
    (tmp_path / "new.csv").write_text("\n".join(["time,tag,value", *lines[-200:]]) + "\n")
    stored, given = forecast("predict", cwd=tmp_path), forecast("predict", "new.csv", cwd=tmp_path)
    assert (stored.code, given.code) == (0, 0), given.err
    assert [row["target"] for row in given.table[::STEPS]] == ["flow", "wind"]
    for target in columns:
        np.testing.assert_allclose(take(given.table, target), take(stored.table, target), rtol=1e-4, atol=0.01)


def test_a_logger_that_writes_on_change_can_be_trained_on(tmp_path, no_tensorflow):
    rows = [(h, 21 if 6 <= h % 24 < 22 else 17) for h in range(HOURS) if h % 24 in (6, 22)]
    stamps = [np.datetime64("2025-01-01T00:00") + np.timedelta64(h, "h") for h, _ in rows]
    lines = [f"{stamp},{value}" for stamp, (_, value) in zip(stamps, rows, strict=True)]
    (tmp_path / "data.csv").write_text("\n".join(["time,setpoint", *lines]) + "\n")
    ending = train(tmp_path, "--freq", "1h", "--fill", "hold", env=no_tensorflow)
    assert "as where a logger writes on change" in ending.err
    table = forecast("predict", cwd=tmp_path).table
    assert {row["cutoff"] for row in table} == {str(stamps[-1]) + ":00"}
    expected = [21 if 6 <= (rows[-1][0] + k) % 24 < 22 else 17 for k in range(1, STEPS + 1)]
    np.testing.assert_allclose(take(table, "setpoint"), expected, atol=0.5)
