from __future__ import annotations

import numpy as np

from forecast_cli.requests import PredictRequest
from forecast_cli.workflows.predict import predict
from tests.panels import Recorder
from tests.workflows.conftest import ROWS, START, measure, write_hours


def ask(model, *sources: object, **asked: object):
    """Return the prediction whole: the fixture gives the forecast alone."""
    return predict(PredictRequest(tuple(map(str, sources)), model.directory, **asked), Recorder())


def test_what_came_before_the_forecast_is_what_the_file_holds(one):
    prediction = ask(one)
    outlook = prediction.outlook
    hours = np.arange(ROWS - 48, ROWS)
    assert outlook.recent.shape == (1, 48, 2)
    temp = prediction.forecast.targets.index("temp [°C]")
    np.testing.assert_allclose(outlook.recent[0, :, temp], [measure(h) for h in hours], atol=2e-3)
    assert outlook.recent_timestamps[0][-1] == prediction.forecast.cutoff[0]
    assert outlook.recent_timestamps[0][0] == str(START + np.timedelta64(ROWS - 48, "h")) + ":00"
    assert np.isnan(outlook.truth).all()


def test_it_is_the_new_data_where_there_are_some_and_missing_values_are_gaps(one):
    lines = write_hours(one.folder / "new.csv", 700, 800).read_text().splitlines()
    lines[-10] = ",".join([lines[-10].split(",")[0], "", lines[-10].split(",")[2]])
    (one.folder / "new.csv").write_text("\n".join(lines) + "\n")
    prediction = ask(one, one.folder / "new.csv")
    temp = prediction.forecast.targets.index("temp [°C]")
    gaps = np.flatnonzero(np.isnan(prediction.outlook.recent[0, :, temp]))
    assert gaps.tolist() == [48 - 10]
    assert not np.isnan(prediction.outlook.recent[0, :, 1 - temp]).any()


def test_what_is_drawn_is_the_forecast_itself_with_as_many_steps_as_were_asked_for(many):
    prediction = ask(many, horizon=5, levels=(50,))
    shown, whole = prediction.outlook.forecast, prediction.forecast
    assert shown.series_ids == whole.series_ids == ("a", "b", "c")
    np.testing.assert_array_equal(shown.point, whole.point)
    np.testing.assert_array_equal(shown.upper, whole.upper)
    assert shown.point.shape[1] == 5
