"""Which models a run fits, and that each can be asked for by its name; without TensorFlow."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.artifact.load import open_artifact
from forecast_cli.models.registry import CLOSED_FORMS
from forecast_cli.requests import PredictRequest, TrainRequest
from forecast_cli.workflows import fitting
from forecast_cli.workflows.fitting import fit_models
from forecast_cli.workflows.plan import make_plan
from forecast_cli.workflows.predict import predict
from forecast_cli.workflows.train import train
from tests.panels import Recorder, make_panel
from tests.workflows.conftest import write_hours


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_every_closed_form_that_is_asked_for_gives_a_model_directory_with_forecasts_and_intervals(
    name, tmp_path, monkeypatch
):
    monkeypatch.setattr(fitting, "_has_tensorflow", lambda plan, listener: False)
    directory = tmp_path / "model"
    source = str(write_hours(tmp_path / "plant.csv", last=400))
    result = train(TrainRequest((source,), directory, model=name, lookback=48, horizon=6), Recorder())
    assert result.model == name
    card = open_artifact(directory).card
    assert card.config.model == name
    assert set(card.kept) == set(CLOSED_FORMS)
    forecast = predict(PredictRequest((), directory), Recorder()).forecast
    assert forecast.point.shape == (1, 6, 2)
    assert np.isfinite(forecast.point).all()
    assert (forecast.lower <= forecast.point).all()
    assert (forecast.upper > forecast.lower).any()


def test_small_data_get_closed_forms_alone_and_no_network(tmp_path):
    rng = np.random.default_rng(0)
    plan = make_plan(TrainRequest((), tmp_path), make_panel(rng.normal(size=(200, 2))), Recorder())
    assert not plan.trains_networks
    assert set(fit_models(plan, Recorder())) == set(CLOSED_FORMS)
