"""The second set: fitted on all rows with what validation chose; scores and intervals stay the first one's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.artifact.load import open_artifact
from forecast_cli.errors import ArtifactError, DataError
from forecast_cli.models.linear import PENALTIES, Linear, list_views
from forecast_cli.models.notation import format_network, parse_network
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs
from forecast_cli.requests import PredictRequest, SummaryRequest, TrainRequest
from forecast_cli.types import Split, Training, Window
from forecast_cli.workflows import fitting, refit
from forecast_cli.workflows.fitting import Fitted, KeptModel, fit_models
from forecast_cli.workflows.learnt import Learnt, leave_learnt, tell_learnt
from forecast_cli.workflows.plan import Start, make_plan
from forecast_cli.workflows.predict import predict
from forecast_cli.workflows.refit import leave_time, refit_model, take_all
from forecast_cli.workflows.summary import summarize
from tests.panels import Recorder, make_panel
from tests.workflows.conftest import ROWS, train_linear, write_hours

LINE = format_network(parse_network("PerChannel | GRU(4)"))
NOTHING = np.empty(0, dtype=np.int64)


def make_days(n=600, seed=0):
    day = np.sin(2 * np.pi * np.arange(n) / 24)
    return 3 * day + np.random.default_rng(seed).normal(size=n)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A plan whose last 100 rows no part holds, and its closed forms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_has_tensorflow", lambda plan, listener: False)
        folder = tmp_path_factory.mktemp("run")
        request = TrainRequest((), folder, model="linear", horizon=6, lookback=30, split="300,80,120")
        plan = make_plan(request, make_panel(make_days(), season=24), Recorder())
        return plan, fit_models(plan, Recorder())


@pytest.fixture(scope="module")
def directories(tmp_path_factory) -> tuple[Path, Path]:
    """A linear model of two sensors, and the same refitted; do not change them."""
    folder = tmp_path_factory.mktemp("refit")
    source = write_hours(folder / "plant.csv")
    return train_linear(source, folder / "plain", horizon=12), train_linear(
        source, folder / "refitted", horizon=12, refit=True
    )


def forecast_with(directory, *sources):
    recorder = Recorder()
    return predict(PredictRequest(tuple(map(str, sources)), directory), recorder).forecast, recorder


# --- What is learnt from ---


def test_every_window_of_the_data_is_learnt_from_and_none_is_left_over(run):
    plan, _ = run
    split = take_all(plan).split
    assert split.borders == (600, 600, 600)
    assert len(split.validation) == len(split.test) == 0
    assert split.train.tolist() == list(range(29, 600 - 6))


def test_what_lies_after_the_last_observed_target_teaches_nothing():
    values = np.append(make_days(300), [np.nan] * 20)
    plan = make_plan(
        TrainRequest((), Path("x"), model="linear", horizon=6, lookback=30), make_panel(values), Recorder()
    )
    assert take_all(plan).split.borders[0] == 300
    assert take_all(plan).split.train.max() == 300 - 7


def test_a_stride_thins_the_windows_as_before(run):
    plan, _ = run
    thin = replace(plan, config=replace(plan.config, window=replace(plan.config.window, stride=5)))
    assert np.all(take_all(thin).split.train % 5 == 0)


def test_a_time_limit_leaves_room_for_the_refit(run):
    plan, _ = run
    limited = replace(plan, config=replace(plan.config, training=Training(time_limit=100.0)))
    first, second = len(plan.split.train), len(take_all(plan).split.train)
    seconds = leave_time(limited).config.training.time_limit
    assert seconds * (1 + second / first) == pytest.approx(100)
    assert leave_time(plan).config == plan.config


# --- What stays, and what is learnt anew ---


@pytest.mark.parametrize("view", list_views(30))
def test_linear_fitted_again_keeps_view_and_penalty_and_learns_its_weights_from_what_it_is_given(view):
    panel, window = make_panel(make_days()), Window(30, 6)
    counts = count_cutoffs(panel, window, False)
    split = make_split(panel, window, counts, (300, 380, 600))
    tried = {view: (PENALTIES[3],)}
    ((part,),) = Linear(window, 1)._solve(panel, split.train, counts, tried)
    first = Linear(window, 1, (part,), (1.0,))
    everything = make_split(panel, window, counts, (600, 600, 600))
    (again,) = first.from_arrays(first.to_arrays()).fit(panel, everything, Recorder()).parts
    assert (again.view, again.penalty) == (view, pytest.approx(PENALTIES[3]))
    ((alone,),) = Linear(window, 1)._solve(panel, everything.train, counts, tried)
    np.testing.assert_allclose(again.weights, alone.weights, atol=1e-5)
    assert not np.allclose(again.weights, part.weights, atol=1e-4)


def test_closed_forms_are_fitted_again_on_everything_as_they_were_chosen(run):
    plan, fitted = run
    heard = Recorder()
    second = refit_model(plan, fitted, heard)
    assert second.until == 600
    assert second.models.keys() == {"linear"}
    first, again = fitted["linear"].model, second.models["linear"].model
    assert first.shares == again.shares
    for before, after in zip(first.parts, again.parts, strict=True):
        assert (before.view, before.penalty) == (after.view, after.penalty)
        assert not np.array_equal(before.weights, after.weights)
    assert "fits linear again, on all 565 windows up to 2025-01-25T23:00:00" in heard.text
    assert "the model that learnt until 2025-01-16T19:00:00" in heard.text


def test_the_season_stays(run):
    plan, fitted = run
    saved = replace(plan, config=replace(plan.config, model="seasonal-naive"))
    again = refit_model(saved, fitted, Recorder()).models["seasonal-naive"].model
    assert again.lookback == fitted["seasonal-naive"].model.lookback == 24


def refit_networks(plan, fitted, monkeypatch):
    """Return what the training of each network was asked to do."""
    asked = {}

    def note(name, network, training, plan, listener):
        asked[name] = (network, training, plan)
        return fitted[name]

    monkeypatch.setattr(refit, "fit_network", note)
    refit_model(plan, fitted, Recorder())
    return asked


def test_a_network_is_trained_for_the_epochs_that_were_best_whatever_the_time(run, monkeypatch):
    plan, fitted = run
    training = Training(epochs=20, seed=3, time_limit=9.0, learning_rate=0.002)
    plan = replace(plan, config=replace(plan.config, model="layers", layers=LINE, training=training))
    network = Fitted(None, KeptModel("network", LINE, 1), 1.0, best_epoch=7)
    ((parsed, asked, everything),) = refit_networks(plan, {**fitted, "layers": network}, monkeypatch).values()
    assert format_network(parsed) == LINE
    assert asked == replace(training, epochs=7, time_limit=None)
    assert everything.split.borders == (600, 600, 600)


def test_of_a_blend_the_parts_are_refitted_and_the_network_begins_where_it_began(run, monkeypatch):
    plan, fitted = run
    plan = replace(plan, config=replace(plan.config, model="blend", layers=LINE), start=Start({}, ()))
    kept = {
        name: KeptModel("network", line, 1)
        for name, line in {"conv-birnn": LINE, "dense": "Flatten | Dense(2)"}.items()
    }
    models = {name: Fitted(None, each, 1.0, best_epoch=2) for name, each in kept.items()}
    parts = {"conv-birnn": 0.5, "dense": 0.3, "linear": 0.2}
    models |= {**fitted, "blend": Fitted(None, KeptModel("blend", None, 1, parts), 1.0)}
    asked = refit_networks(plan, models, monkeypatch)
    assert asked.keys() == {"conv-birnn", "dense"}
    started = {name: each.config.model == name for name, (_, _, each) in asked.items()}
    assert started == {"conv-birnn": True, "dense": False}  # `--from` names the former's weights


# --- In the model directory ---


def test_the_first_set_its_scores_and_its_intervals_are_those_of_a_run_without_refit(directories):
    plain, refitted = map(open_artifact, directories)
    assert plain.arrays.keys() <= refitted.arrays.keys()
    for name, array in plain.arrays.items():
        np.testing.assert_array_equal(array, refitted.arrays[name])
    for field in ("config", "learnt_until", "coverage", "verdict", "best_baseline", "calibration_windows"):
        assert getattr(plain.card, field) == getattr(refitted.card, field)
    assert (plain.card.refitted_until, refitted.card.refitted_until) == (None, ROWS)
    assert refitted.card.delivered_until == ROWS > plain.card.delivered_until


def test_predict_runs_the_second_set_and_says_so(directories, tmp_path):
    plain, refitted = directories
    source = write_hours(tmp_path / "new.csv", 100, 200)
    (first, silent), (second, told) = (forecast_with(each, source) for each in directories)
    assert not np.array_equal(first.point, second.point)
    np.testing.assert_allclose(first.upper - first.lower, second.upper - second.lower, rtol=0.01)
    assert "refitted until 2025-01-25T23:00:00; scores and intervals are those of the model that learnt" in told.text
    assert "refitted" not in silent.text
    weights = [open_artifact(refitted).load_model("linear", refitted=each).parts[0].weights for each in (False, True)]
    assert not np.array_equal(*weights)
    assert np.array_equal(weights[0], open_artifact(plain).load_model("linear", refitted=True).parts[0].weights)


def test_a_model_that_is_no_part_of_the_saved_one_is_the_first_sets_in_both(directories):
    card = open_artifact(directories[1]).card
    assert [name for name in card.kept if card.is_refitted(name)] == ["linear"]


def test_the_summary_tells_until_when_each_set_learnt(directories):
    plain, refitted = (summarize(SummaryRequest(each), Recorder()).facts for each in directories)
    assert plain["learnt until"] == refitted["learnt until"]
    assert (plain["refitted until"], refitted["refitted until"]) == ("never", "2025-01-25T23:00:00")


def test_a_second_set_that_is_not_there_is_an_error_and_not_the_first_one(directories):
    artifact = open_artifact(directories[1])
    arrays = {name: array for name, array in artifact.arrays.items() if not name.startswith("refit.")}
    with pytest.raises(ArtifactError, match="missing"):
        replace(artifact, arrays=arrays).load_model("linear", refitted=True)


# --- Afterwards ---


def test_weights_that_were_refitted_know_all_that_was_there(directories):
    card = open_artifact(directories[1]).card
    train, validation, _ = card.config.split
    assert tell_learnt(card) == Learnt(card.learnt_until - validation + train, card.learnt_until)  # a closed form
    network = replace(card, kept={**card.kept, "linear": KeptModel("network", LINE, 1)})
    assert tell_learnt(network) == Learnt(ROWS, ROWS)
    assert tell_learnt(replace(network, refitted_until=None)) == tell_learnt(card)


def test_after_a_refit_new_rows_are_shared_by_validation_and_test():
    panel = make_panel(make_days(300))
    assert leave_learnt((210, 240, 300), Learnt(250, 250), 6, None, panel) == (250, 266, 300)
    assert leave_learnt((210, 240, 300), Learnt(200, 200), 6, None, panel) == (210, 240, 300)
    with pytest.raises(DataError, match="no window is left to score on"):
        leave_learnt((210, 240, 300), Learnt(290, 290), 6, None, panel)


def test_an_empty_validation_part_leaves_a_seasonal_naive_its_season(run):
    plan, fitted = run
    none = Split(plan.split.train, NOTHING, NOTHING, plan.split.borders)
    assert fitted["seasonal-naive"].model.fit(plan.scaled, none, Recorder()).lookback == 24
