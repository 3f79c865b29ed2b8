"""Which models are mixed, and with which weights; without TensorFlow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import forecast_all, predict_rows
from forecast_cli.models.blend import Blend, tell_shares
from forecast_cli.models.bounded import bind
from forecast_cli.models.registry import RECURSIVE
from forecast_cli.requests import TrainRequest
from forecast_cli.workflows import fitting
from forecast_cli.workflows.blending import (
    MOST_CANDIDATES,
    Lessons,
    blend_models,
    choose_shares,
    find_candidates,
)
from forecast_cli.workflows.fitting import choosing_rows, find_best, fit_models
from forecast_cli.workflows.plan import make_plan
from tests.panels import Recorder, make_panel


def make_table(seed=0, n=900):
    rng = np.random.default_rng(seed)
    day = np.sin(2 * np.pi * np.arange(n) / 24)
    return np.stack([3 * day + rng.normal(size=n), day**2 + rng.normal(0, 0.3, n)], axis=1)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A plan on noisy days, and its closed forms, fitted; linear sees less than half a day."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_has_tensorflow", lambda plan, listener: False)
        request = TrainRequest((), tmp_path_factory.mktemp("run"), model="linear", horizon=12, lookback=10)
        plan = make_plan(request, make_panel(make_table(), season=24), Recorder())
        return replace(plan, blends=True), fit_models(plan, Recorder())


def loss_on_choosing_rows(plan, model):
    rows = choosing_rows(plan)
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
    assert sum(parts.values()) == pytest.approx(1)
    assert "seasonal-naive" in parts  # the others see less than half a day
    assert 2 <= len(parts) <= MOST_CANDIDATES
    assert models["blend"].kept.parameters == sum(fitted[part].kept.parameters for part in parts)
    assert any(tell_shares(parts) in text for text, _, _ in listener.notes)
    best = find_best(fitted, tuple(name for name in fitted if name not in RECURSIVE), plan, listener)
    assert loss_on_choosing_rows(plan, models["blend"].model) <= loss_on_choosing_rows(plan, fitted[best].model)


def test_only_the_few_models_with_the_smallest_weighted_error_are_candidates():
    truth, importance = np.zeros(4), np.array([1.0, 1.0, 0.0, 0.0])
    errors = np.arange(MOST_CANDIDATES + 3.0)[::-1]  # the last model is the best
    forecasts = np.stack([[each, -each, 0, 0] for each in errors])
    forecasts[-1, 2:] = 1e6  # where nothing is scored
    assert find_candidates(forecasts, truth, importance).tolist() == list(range(3, MOST_CANDIDATES + 3))
    assert find_candidates(forecasts[:2], truth, importance).tolist() == [0, 1]


def make_lessons(names, noises, n_cutoffs=400, seed=0):
    """Forecasts of twelve steps: the truth and noise of so much deviation, one for the steps of a cutoff."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n_cutoffs * 12)
    forecasts = [truth + np.repeat(rng.normal(0, noise, n_cutoffs), 12) for noise in noises]
    instants = np.repeat(np.arange(n_cutoffs), 12)
    return Lessons(names, np.array(forecasts, np.float32), truth, np.ones(len(truth)), instants)


def test_a_recursive_model_is_mixed_in_where_it_makes_the_mean_better_beyond_chance():
    lessons = make_lessons(("linear", "autoregressive"), (1.0, 0.5))
    assert choose_shares(lessons, 12)[1] > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_a_recursive_model_is_left_out_where_luck_explains_what_it_gains(seed):
    lessons = make_lessons(("linear", "autoregressive"), (1.0, 0.1), n_cutoffs=60, seed=seed)
    first, noise = lessons.forecasts[0], lessons.forecasts[1] - lessons.truth
    lessons = replace(lessons, forecasts=np.stack([first, first + noise]).astype(np.float32))
    assert choose_shares(lessons, 12).tolist() == [1, 0]


def test_on_too_few_windows_no_recursive_model_is_mixed_in():
    lessons = make_lessons(("linear", "naive", "markov"), (1.0, 2.0, 0.1), n_cutoffs=20)
    assert choose_shares(lessons, 12)[2] == 0


def test_recursive_models_alone_are_mixed_as_any_others():
    assert choose_shares(make_lessons(("autoregressive", "markov"), (1.0, 3.0)), 12)[0] > 0.5


def test_one_model_alone_is_saved_where_no_mean_beats_it(run):
    plan, fitted = run
    listener = Recorder()
    name, models = blend_models({"linear": fitted["linear"], "copy": fitted["linear"]}, plan, listener)
    assert name == "linear"
    assert set(models) == {"linear", "copy"}
    assert any("linear alone is best" in text for text, _, _ in listener.notes)


def test_what_comes_after_the_choosing_half_has_no_say(run):
    plan, fitted = run
    _, models = blend_models(fitted, plan, Recorder())
    last = choosing_rows(plan).max() + plan.config.window.delay + plan.config.window.horizon
    values = plan.scaled.values.copy()
    values[last:] = 1e9
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
