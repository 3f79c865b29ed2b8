from __future__ import annotations

import pytest

from forecast_cli.requests import InspectRequest, TrainRequest
from forecast_cli.stages import tell_stage
from forecast_cli.types import ReadingOptions
from forecast_cli.workflows import fitting
from forecast_cli.workflows.inspect import inspect
from forecast_cli.workflows.train import train
from tests.panels import Recorder
from tests.workflows.conftest import LOOKBACK, _refuse, write_hours


def list_unfinished(heard: Recorder) -> set[str]:
    """Return the stages whose end was never told."""
    last = {stage: (done, total) for stage, done, total in heard.stages}
    return {stage for stage, (done, total) in last.items() if done != total}


def test_training_tells_of_each_stage_that_takes_its_time_and_of_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(fitting, "_require_tensorflow", _refuse)
    heard, source = Recorder(), write_hours(tmp_path / "plant.csv")
    train(TrainRequest((str(source),), tmp_path / "m", model="linear", lookback=LOOKBACK, horizon=12), heard)
    told = {stage for stage, _, _ in heard.stages}
    assert told >= {"find seasons", "fit linear", "load TensorFlow", "calibrate", "score", "report"}
    assert list_unfinished(heard) == {"load TensorFlow"}  # which was not there


def test_an_inspection_tells_of_its_stages(tmp_path):
    heard = Recorder()
    inspect(InspectRequest((str(write_hours(tmp_path / "plant.csv")),), ReadingOptions()), heard)
    assert {stage for stage, _, _ in heard.stages} >= {"profile columns", "find seasons"}
    assert list_unfinished(heard) == set()


def test_a_stage_that_fails_has_no_end():
    heard = Recorder()
    with pytest.raises(ZeroDivisionError), tell_stage(heard, "divide"):
        raise ZeroDivisionError
    assert heard.stages == [("divide", 0, 1)]
