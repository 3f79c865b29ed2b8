"""The closed-form linear forecaster, against scikit-learn and against what it promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.errors import ArtifactError
from forecast_cli.models import linear
from forecast_cli.models.choosing import measure_losses
from forecast_cli.models.linear import LEAST_VARIANCE, PENALTIES, Linear, View, list_views
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, gather_batch
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel


def split_of(panel, window, borders):
    return make_split(panel, window, count_cutoffs(panel, window, False), borders)


def forecast_at(model, panel, row):
    return model.predict(gather_batch(panel, np.array([row]), model.lookback, model.sample_every))[0]


@pytest.mark.parametrize("view", list_views(20))
def test_each_candidate_is_scikit_learns_ridge_on_windows_seen_that_way(view):
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(0)
    panel, window = make_panel(np.cumsum(rng.normal(size=(300, 2)), axis=0)), Window(20, 3)
    split = split_of(panel, window, (200, 250, 300))
    candidates = Linear(window, 2)._solve(panel, split.train, count_cutoffs(panel, window, False), list_views(20))
    ours = [each for each in candidates if (len(each.weights), each.standardised) == (view.inputs, view.standardised)]
    x = np.concatenate([panel.values[split.train[:, None] + np.arange(-19, 1), t] for t in (0, 1)]).astype(float)
    y = np.concatenate([panel.values[split.train[:, None] + np.arange(1, 4), t] for t in (0, 1)]).astype(float)
    x = x[:, -view.inputs :]
    loc = x.mean(axis=1, keepdims=True) if view.standardised else x[:, -1:]
    scale = np.sqrt(x.var(axis=1, keepdims=True) + LEAST_VARIANCE) if view.standardised else 1.0
    x, y = (x - loc) / scale, (y - loc) / scale
    mean_eigenvalue = np.linalg.eigvalsh(np.cov(x.T, bias=True)).mean()
    assert len(ours) == len(PENALTIES)
    for share, candidate in list(zip(PENALTIES, ours, strict=True))[1:]:
        oracle = Ridge(alpha=share * mean_eigenvalue * len(x)).fit(x, y)
        np.testing.assert_allclose(x @ candidate.weights + candidate.bias, oracle.predict(x), atol=2e-3)


def test_windows_are_seen_at_their_own_level_and_width():
    history = np.array([[9, 9, 1, 3]], dtype=np.float32)
    seen, loc, scale = View(2, standardised=True).apply(history)
    assert (loc.item(), scale.item()) == (2, pytest.approx(np.sqrt(1 + LEAST_VARIANCE)))
    assert seen[0].tolist() == pytest.approx([-1 / scale.item(), 1 / scale.item()])
    assert View(3, standardised=False).apply(history)[0].tolist() == [[6, -2, 0]]


def test_the_candidate_that_is_best_on_the_first_half_of_validation_is_taken():
    rng = np.random.default_rng(2)
    panel, window = make_panel(np.cumsum(rng.normal(size=1500))), Window(24, 4)
    split, counts = split_of(panel, window, (900, 1200, 1500)), count_cutoffs(panel, window, False)
    candidates = Linear(window, 1)._solve(panel, split.train, counts, list_views(24))
    early = split.validation[split.validation < np.median(split.validation)]
    losses = measure_losses(candidates, panel, window, early, counts)
    assert len(candidates) == len(list_views(24)) * len(PENALTIES)
    taken = Linear(window, 1).fit(panel, split, Recorder())
    assert np.array_equal(taken.weights, candidates[int(np.argmin(losses))].weights)


def test_linear_goes_on_with_a_line_it_has_seen():
    panel, window = make_panel(np.arange(1.0, 101)), Window(5, 2)
    model = Linear(window, 1).fit(panel, split_of(panel, window, (70, 80, 100)), Recorder())
    assert forecast_at(model, panel, 99)[:, 0] + 1 == pytest.approx([101, 102], abs=0.05)


def test_linear_is_taught_only_by_windows_whose_truth_was_observed():
    values = np.sin(np.arange(400) / 5) + np.random.default_rng(1).normal(0, 0.05, 400)
    values[100:103] = np.nan
    panel, window = make_panel(values), Window(8, 2)
    wild = make_panel(values)
    wild.values[102] = 1e6  # stands where no window is a lesson: never observed, and no cutoff reads only this row
    split = split_of(panel, window, (250, 300, 400))
    near = (split.train >= 100) & (split.train < 112)
    split = replace(split, train=split.train[~near])  # histories that hold the row are not the question here
    calm, same = (Linear(window, 1).fit(each, split, Recorder()) for each in (panel, wild))
    assert np.array_equal(calm.weights, same.weights)


def test_linear_without_a_single_window_is_naive():
    panel, window = make_panel(np.arange(30.0)), Window(5, 2)
    split = split_of(panel, window, (3, 20, 30))
    model = Linear(window, 1).fit(panel, split, Recorder())
    assert forecast_at(model, panel, 9)[:, 0].tolist() == [9, 9]


@pytest.mark.parametrize(
    ("weights", "words"),
    [(np.zeros((2, 2)), "shape"), (np.zeros((9, 3)), "reads 9 values"), (np.zeros((0, 3)), "shape")],
)
def test_stored_weights_that_cannot_be_its_own_are_refused(weights, words):
    arrays = {"weights": weights, "bias": np.zeros(3), "standardised": np.zeros(1)}
    with pytest.raises(ArtifactError, match=words):
        Linear(Window(5, 3), 1).from_arrays(arrays)


def test_the_newer_half_comes_back_from_its_arrays():
    rng = np.random.default_rng(0)
    arrays = {"weights": rng.normal(size=(10, 3)), "bias": np.zeros(3), "standardised": np.ones(1)}
    model = Linear(Window(20, 3), 1).from_arrays(arrays)
    panel = make_panel(np.cumsum(rng.normal(size=60)))
    assert (model.lookback, model.parameters) == (20, 33)
    changed = replace(panel, values=np.where(np.arange(60)[:, None] < 40, 7, panel.values).astype(np.float32))
    assert np.array_equal(forecast_at(model, panel, 49), forecast_at(model, changed, 49))


def test_large_data_choose_the_view_on_some_windows_and_learn_from_all(monkeypatch):
    rng = np.random.default_rng(5)
    panel, window = make_panel(np.cumsum(rng.normal(size=1500))), Window(24, 4)
    split = split_of(panel, window, (900, 1200, 1500))
    monkeypatch.setattr(linear, "TRIAL_CHANNEL_WINDOWS", 200)
    taken = Linear(window, 1).fit(panel, split, Recorder())
    view = View(len(taken.weights), taken.standardised)
    counts = count_cutoffs(panel, window, False)
    on_all = Linear(window, 1)._solve(panel, split.train, counts, (view,))
    assert any(np.array_equal(taken.weights, each.weights) for each in on_all)
