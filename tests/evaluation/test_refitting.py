"""Closed forms fitted anew while a backtest goes on: on the past alone, and on all of it."""

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import iterate_stages
from forecast_cli.evaluation.cutoffs import cut_stages
from forecast_cli.evaluation.refitting import cut_past, is_refittable, refit_models, refit_stages, take_everything
from forecast_cli.evaluation.sums import sum_errors
from forecast_cli.models.autoregressive import Autoregressive
from forecast_cli.models.baselines import Naive, SeasonalNaive
from forecast_cli.models.blend import Blend
from forecast_cli.models.bounded import Bounded
from forecast_cli.models.linear import Linear
from forecast_cli.prepare.inputs import HISTORY
from forecast_cli.prepare.scaling import fit_scaler, scale_panel
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, gather_batch, steps_of
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel

WINDOW, T = Window(8, 3), 2


class Still:
    """A network, for all that a backtest knows: nothing fits it."""

    lookback, sample_every, reads, parameters = 8, 1, HISTORY, 5

    def predict(self, batch):
        return np.zeros((len(batch.history), WINDOW.horizon, T), dtype=np.float32)


def make_scene(gaps=0.05):
    rng = np.random.default_rng(8)
    tables = [rng.normal(size=(n, T)).cumsum(axis=0) for n in (160, 120)]
    panel = make_panel(*(np.where(rng.random(x.shape) < gaps, np.nan, x) for x in tables), start=[0, 40])
    counts = count_cutoffs(panel, WINDOW, False)
    split = make_split(panel, WINDOW, counts, (90, 110, 160))
    return scale_panel(panel, fit_scaler(panel, 90, WINDOW.reach)), counts, split


def fit_rivals(panel, split):
    models = {"naive": Naive(WINDOW, T), "season": SeasonalNaive(WINDOW, T, (4,)), "linear": Linear(WINDOW, T)}
    models["autoregressive"] = Autoregressive(WINDOW, T, WINDOW.lookback)
    fitted = {name: model.fit(panel, split, Recorder()) for name, model in models.items()}
    fitted["network"] = Still()
    shares = {"linear": 0.5, "network": 0.5}
    return {**fitted, "blend": Blend({name: fitted[name] for name in shares}, shares)}


def run(panel, counts, split, every):
    """Return the forecasts of each model by cutoff row."""
    models, stages = fit_rivals(panel, split), cut_stages(panel, split.test, every)
    pieces = iterate_stages(
        refit_stages(models, panel, WINDOW, stages, Recorder()), panel, WINDOW, counts, len(split.test), Recorder()
    )
    found = {name: {} for name in models}
    for piece in pieces:
        for name, each in piece.forecasts.items():
            found[name] |= dict(zip(piece.rows.tolist(), each, strict=True))
    return found


def test_a_panel_that_is_cut_holds_what_was_known_then():
    panel, _, _ = make_scene()
    past = cut_past(panel, 30)  # before the second series begins
    assert np.diff(past.indptr).tolist() == [31, 0]
    np.testing.assert_array_equal(past.values, panel.values[:31])
    later = cut_past(panel, 45)
    assert np.diff(later.indptr).tolist() == [46, 6]
    np.testing.assert_array_equal(later.values, np.concatenate([panel.values[:46], panel.values[160:166]]))
    np.testing.assert_array_equal(later.observed, np.concatenate([panel.observed[:46], panel.observed[160:166]]))


def test_a_refit_learns_from_every_window_whose_targets_are_known():
    panel, counts, _ = make_scene()
    past = cut_past(panel, 120)
    split = take_everything(past, WINDOW)
    steps = steps_of(panel)
    usable = np.flatnonzero(counts.any(axis=1) & (steps + WINDOW.horizon <= 120))
    assert sorted(steps_of(past)[split.train].tolist()) == sorted(steps[usable].tolist())
    assert len(split.validation) == len(split.test) == 0


@pytest.mark.parametrize("every", [1, 7, 1000])
def test_forecasts_are_those_of_models_fitted_on_the_rows_up_to_the_first_cutoff_of_their_stage(every):
    panel, counts, split = make_scene()
    found, models = run(panel, counts, split, every), fit_rivals(panel, split)
    for stage in cut_stages(panel, split.test, every):
        past = cut_past(panel, int(steps_of(panel)[stage].min()))
        for name in ("linear", "autoregressive"):
            fitted = models[name].fit(past, take_everything(past, WINDOW), Recorder())
            for row in stage:
                alone = fitted.predict(gather_batch(panel, np.array([row]), fitted.lookback, 1))[0]
                np.testing.assert_allclose(found[name][int(row)], alone, atol=1e-5)


@pytest.mark.parametrize(("value", "is_seen"), [(1e9, True), (0, False)])
def test_what_comes_after_a_cutoff_changes_no_forecast_from_it(value, is_seen):
    panel, counts, split = make_scene()
    before = run(panel, counts, split, 6)
    last = int(np.unique(steps_of(panel)[split.test])[20])
    later = steps_of(panel) > last
    changed = replace(
        panel,
        values=np.where(later[:, None], np.float32(value), panel.values),
        observed=np.where(later[:, None], is_seen, panel.observed),
    )
    after = run(changed, counts, split, 6)
    known = [row for row in split.test.tolist() if steps_of(panel)[row] <= last]
    assert len(known) > 30
    for name, forecasts in before.items():
        for row in known:
            np.testing.assert_array_equal(after[name][row], forecasts[row])


def test_refitting_helps_where_the_data_change_and_moves_no_model_that_learns_nothing():
    rng = np.random.default_rng(1)
    weight = np.where(np.arange(400) < 200, 0.95, -0.8)  # the law changes just before the test part
    values = np.zeros(400)
    for t in range(1, 400):
        values[t] = weight[t] * values[t - 1] + rng.normal()
    panel = make_panel(np.stack([values, values[::-1]], axis=1), n_targets=1)
    counts = count_cutoffs(panel, WINDOW, False)
    split = make_split(panel, WINDOW, counts, (180, 200, 400))
    panel = scale_panel(panel, fit_scaler(panel, 180, WINDOW.reach))
    models = {"naive": Naive(WINDOW, 1), "linear": Linear(WINDOW, 1).fit(panel, split, Recorder())}
    errors = {}
    for every in (10, 1000):
        stages = refit_stages(models, panel, WINDOW, cut_stages(panel, split.test, every), Recorder())
        pieces = iterate_stages(stages, panel, WINDOW, counts, len(split.test), Recorder())
        errors[every] = np.nanmean(
            sum_errors(pieces, tuple(models), panel, WINDOW, split.test, counts).absolute, (1, 2, 3)
        )
    assert errors[10][0] == pytest.approx(errors[1000][0])
    assert errors[10][1] < 0.9 * errors[1000][1]


def test_what_was_chosen_on_validation_stays_and_networks_do_too():
    panel, _, split = make_scene()
    models = fit_rivals(panel, split)
    past = cut_past(panel, 130)
    again = refit_models(models, past, take_everything(past, WINDOW), Recorder())
    assert list(again) == list(models)
    assert again["network"] is models["network"]
    assert again["season"].seasons == models["season"].seasons
    first, second = (each["linear"] for each in (models, again))
    assert first.shares == second.shares
    for before, after in zip(first.parts, second.parts, strict=True):
        assert (before.view, before.penalty) == (after.view, after.penalty)
        assert not np.array_equal(before.weights, after.weights)
    assert again["blend"].weights == models["blend"].weights
    assert again["blend"].parts["linear"] is again["linear"]  # fitted once
    assert again["blend"].parts["network"] is models["network"]


def test_bounds_hold_after_a_refit_and_a_part_that_stands_nowhere_else_is_refitted_too():
    panel, _, split = make_scene()
    linear = Linear(WINDOW, T).fit(panel, split, Recorder())
    bounds = np.full((2, T), -0.1, np.float32), np.full((2, T), 0.1, np.float32)
    blend = Blend({"linear": Bounded(linear, *bounds), "still": Still()}, {"linear": 0.9, "still": 0.1})
    past = cut_past(panel, 130)
    (again,) = refit_models({"blend": blend}, past, take_everything(past, WINDOW), Recorder()).values()
    batch = gather_batch(panel, split.test[:20], WINDOW.lookback, 1)
    assert np.abs(again.parts["linear"].predict(batch)).max() == np.float32(0.1)
    assert not np.array_equal(again.parts["linear"].model.parts[0].weights, linear.parts[0].weights)


def test_networks_alone_cannot_be_refitted():
    assert is_refittable(Linear(WINDOW, T))
    assert is_refittable(Blend({"linear": Linear(WINDOW, T), "still": Still()}, {"linear": 1.0}))
    assert not is_refittable(Still())
    assert not is_refittable(Blend({"still": Still()}, {"still": 1.0}))


def test_before_there_is_a_window_to_learn_from_models_stay_as_they_are():
    panel, counts, split = make_scene()
    models, early = fit_rivals(panel, split), np.array([8])
    (stage,) = refit_stages(models, panel, WINDOW, [early], Recorder())
    said = stage.ask(early)["linear"]
    np.testing.assert_array_equal(said, models["linear"].predict(gather_batch(panel, early, 8, 1)))
    assert counts.shape[0] == len(panel.values)
