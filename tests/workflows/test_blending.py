"""Which models are mixed, and with which weights; without TensorFlow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import forecast_all, predict_rows
from forecast_cli.models.blend import Blend, tell_shares
from forecast_cli.models.bounded import bind
from forecast_cli.requests import TrainRequest
from forecast_cli.workflows import fitting
from forecast_cli.workflows.blending import blend_models, may_join
from forecast_cli.workflows.fitting import find_best, fit_models
from forecast_cli.workflows.plan import make_plan
from forecast_cli.workflows.shares import MOST_CANDIDATES
from tests.panels import Recorder, make_panel


def make_table(seed=0, n=900):
    rng = np.random.default_rng(seed)
    day = np.sin(2 * np.pi * np.arange(n) / 24)
    return np.stack([3 * day + rng.normal(size=n), day**2 + rng.normal(0, 0.3, n)], axis=1)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A plan on noisy days, and its closed forms, fitted; linear sees less than a day."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_has_tensorflow", lambda plan, listener: False)
        request = TrainRequest((), tmp_path_factory.mktemp("run"), model="linear", horizon=12, lookback=16)
        plan = make_plan(request, make_panel(make_table(), season=24), Recorder())
        return replace(plan, blends=True), fit_models(plan, Recorder())


def loss_on_validation(plan, model):
    rows = plan.split.validation
    error = np.abs(predict_rows(model, plan.scaled, rows) - truth_of(plan, rows))
    return float(error.mean())


def truth_of(plan, rows):
    w = plan.config.window
    return plan.scaled.values[rows[:, None] + w.delay + np.arange(w.horizon)]


def test_noisy_days_are_forecast_best_by_a_mean_with_seasonal_naive_in_it(run):
    plan, fitted = run
    listener = Recorder()
    name, models = blend_models(fitted, plan, listener)
    assert name == "blend"
    parts = models["blend"].kept.parts
    assert sum(parts.values()) == pytest.approx(1, abs=1e-3)
    assert "seasonal-naive" in parts  # the others see less than a day
    assert 2 <= len(parts) <= MOST_CANDIDATES
    assert models["blend"].kept.parameters == sum(fitted[part].kept.parameters for part in parts)
    assert any(tell_shares(parts) in text for text, _, _ in listener.notes)
    best = find_best(fitted, tuple(fitted), plan, listener)
    assert loss_on_validation(plan, models["blend"].model) <= loss_on_validation(plan, fitted[best].model)


def test_a_recursive_model_is_mixed_in_only_as_far_ahead_as_it_looks_back(run):
    plan, fitted = run
    window, model = plan.config.window, fitted["autoregressive"]
    order = model.model.order
    assert not may_join("markov", fitted["markov"], window)
    assert may_join("linear", fitted["linear"], replace(window, horizon=10_000))
    assert may_join("autoregressive", model, replace(window, horizon=order))
    assert not may_join("autoregressive", model, replace(window, horizon=order + 1))
    assert not may_join("autoregressive", model, replace(window, horizon=order, delay=2))
    _, models = blend_models({name: fitted[name] for name in ("markov", "naive")}, plan, Recorder())
    assert "blend" not in models


def test_one_model_alone_is_saved_where_another_adds_nothing(run):
    plan, fitted = run
    listener = Recorder()
    name, models = blend_models({"linear": fitted["linear"], "copy": fitted["linear"]}, plan, listener)
    assert name == "linear"
    assert set(models) == {"linear", "copy"}
    assert any("linear alone is saved" in text for text, _, _ in listener.notes)


def test_what_comes_after_the_validation_part_has_no_say(run):
    plan, fitted = run
    _, models = blend_models(fitted, plan, Recorder())
    values = plan.scaled.values.copy()
    values[plan.split.borders[1] :] = 1e9
    _, again = blend_models(fitted, replace(plan, scaled=replace(plan.scaled, values=values)), Recorder())
    assert models["blend"].kept.parts == again["blend"].kept.parts


def test_a_blend_beside_its_parts_takes_their_forecasts(run):
    plan, fitted = run
    _, models = blend_models(fitted, plan, Recorder())
    rows = plan.split.test[:50]
    together = forecast_all({name: each.model for name, each in models.items()}, plan.scaled, rows)
    alone = predict_rows(models["blend"].model, plan.scaled, rows)
    np.testing.assert_allclose(together["blend"], alone, atol=1e-6)


def test_the_bounds_of_a_blend_are_those_of_its_parts(run):
    plan, fitted = run
    _, models = blend_models(fitted, plan, Recorder())
    lower, upper = np.array([0.0, -np.inf]), np.array([1.0, 0.5])
    bound = bind(models["blend"].model, lower, upper, plan.scaler)
    assert isinstance(bound, Blend)
    rows = plan.split.test[:50]
    scale, loc = plan.scaler.scale[0], plan.scaler.loc[0]
    forecast = predict_rows(bound, plan.scaled, rows) * scale + loc
    free = predict_rows(models["blend"].model, plan.scaled, rows) * scale + loc
    assert free[:, :, 0].min() < 0
    assert free[:, :, 0].max() > 1
    assert forecast[:, :, 0].min() >= -1e-5
    assert (forecast.max(axis=(0, 1)) <= upper + 1e-5).all()
