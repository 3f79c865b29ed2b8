"""The closed-form linear forecaster, against scikit-learn and against what it promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.errors import ArtifactError
from forecast_cli.models.choosing import measure_losses
from forecast_cli.models.linear import LEAST_VARIANCE, PENALTIES, Linear, View, list_views
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, gather_batch
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel

TWO_VIEWS = {View(24, False): (0.1,), View(12, True): (0.1,)}


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
    counts = count_cutoffs(panel, window, False)
    (ours,) = Linear(window, 2)._solve(panel, split.train, counts, {view: PENALTIES})
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


def make_walk(window, seed=2):
    panel = make_panel(np.cumsum(np.random.default_rng(seed).normal(size=1500)))
    return panel, split_of(panel, window, (900, 1200, 1500)), count_cutoffs(panel, window, False)


def test_each_view_has_the_penalty_that_is_best_on_validation():
    window = Window(24, 4)
    panel, split, counts = make_walk(window)
    solved = Linear(window, 1)._solve(panel, split.train, counts, dict.fromkeys(list_views(24), PENALTIES))
    taken = Linear(window, 1).fit(panel, split, Recorder())
    assert taken.parts
    assert sum(taken.shares) == pytest.approx(1)
    for part in taken.parts:
        (same,) = [each for each in solved if each[0].view == part.view]
        models = [Linear(window, 1, (each,), (1.0,)) for each in same]
        losses = measure_losses(models, panel, window, split.validation, counts)
        assert part.penalty == same[int(np.argmin(losses))].penalty


def test_the_mean_of_the_views_is_no_worse_on_validation_than_any_of_them():
    window = Window(24, 4)
    panel, split, counts = make_walk(window, seed=5)
    taken = Linear(window, 1).fit(panel, split, Recorder())
    alone = Linear(window, 1)._solve(panel, split.train, counts, dict.fromkeys(list_views(24), PENALTIES))
    models = [taken, *(Linear(window, 1, (each,), (1.0,)) for view in alone for each in view)]
    losses = measure_losses(models, panel, window, split.validation, counts)
    assert losses[0] <= losses[1:].min() * (1 + 1e-6)


def test_of_a_very_long_look_back_the_newest_steps_are_seen():
    assert {view.inputs for view in list_views(2_880)} == {1_440, 720}
    assert {view.inputs for view in list_views(720)} == {720, 360}
    assert {view.inputs for view in list_views(10)} == {10}


def test_its_forecast_is_the_mean_of_its_parts_by_their_shares():
    window = Window(24, 4)
    panel, split, counts = make_walk(window)
    one, two = (parts[0] for parts in Linear(window, 1)._solve(panel, split.train, counts, TWO_VIEWS))
    alone = [forecast_at(Linear(window, 1, (part,), (1.0,)), panel, 1000) for part in (one, two)]
    mixed = forecast_at(Linear(window, 1, (one, two), (0.25, 0.75)), panel, 1000)
    np.testing.assert_allclose(mixed, 0.25 * alone[0] + 0.75 * alone[1], rtol=1e-5)


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
    assert all(np.array_equal(a.weights, b.weights) for a, b in zip(calm.parts, same.parts, strict=True))


def test_linear_without_a_single_window_is_naive():
    panel, window = make_panel(np.arange(30.0)), Window(5, 2)
    split = split_of(panel, window, (3, 20, 30))
    model = Linear(window, 1).fit(panel, split, Recorder())
    assert forecast_at(model, panel, 9)[:, 0].tolist() == [9, 9]


def stored(weights=(5, 3), share=1.0, penalty=1.0):
    return {"weights1": np.zeros(weights), "bias1": np.zeros(3), "chosen1": np.array([share, penalty, 0.0])}


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (stored(weights=(2, 2)), "shape"),
        (stored(weights=(9, 3)), "out of range"),
        (stored(weights=(0, 3)), "out of range"),
        (stored(weights=()), "out of range"),
        (stored(penalty=-1.0), "out of range"),
        (stored(share=0.5), "sum to 0.5"),
        ({}, "missing"),
    ],
)
def test_stored_arrays_that_cannot_be_its_own_are_refused(arrays, words):
    with pytest.raises(ArtifactError, match=words):
        Linear(Window(5, 3), 1).from_arrays(arrays)


def test_all_parts_come_back_from_their_arrays():
    window = Window(24, 4)
    panel, split, counts = make_walk(window)
    parts = tuple(parts[0] for parts in Linear(window, 1)._solve(panel, split.train, counts, TWO_VIEWS))
    model = Linear(window, 1, parts, (0.25, 0.75))
    again = Linear(window, 1).from_arrays(model.to_arrays())
    assert (again.lookback, again.parameters) == (24, (24 + 12 + 2) * 4)
    assert [(part.view, part.penalty) for part in again.parts] == [
        (part.view, pytest.approx(part.penalty)) for part in parts
    ]
    np.testing.assert_array_equal(forecast_at(again, panel, 1000), forecast_at(model, panel, 1000))


def test_the_newer_half_reads_nothing_older():
    window = Window(24, 4)
    panel, split, counts = make_walk(window)
    ((part,),) = Linear(window, 1)._solve(panel, split.train, counts, {View(12, True): (0.1,)})
    model = Linear(window, 1, (part,), (1.0,))
    changed = replace(panel, values=np.where(np.arange(1500)[:, None] < 989, 7, panel.values).astype(np.float32))
    assert np.array_equal(forecast_at(model, panel, 1000), forecast_at(model, changed, 1000))
