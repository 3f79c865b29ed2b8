"""Each finding appears where its condition holds, and nowhere else; without TensorFlow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.artifact.card import KeptModel
from forecast_cli.evaluation.backtest import score_models
from forecast_cli.requests import TrainRequest
from forecast_cli.types import Epoch, Training
from forecast_cli.workflows import fitting
from forecast_cli.workflows.findings import (
    MOST_FINDINGS,
    RULES,
    Run,
    find_last_epoch,
    find_long_season,
    find_lost_parts,
    find_lost_steps,
    find_lost_windows,
    find_narrow_intervals,
    find_shrunken_lead,
    find_time_limit,
    find_unlearnt_rows,
    list_findings,
    tell_lead,
)
from forecast_cli.workflows.fitting import Fitted, fit_models
from forecast_cli.workflows.plan import make_plan
from tests.panels import Recorder, make_panel

H = 12


def make_days(seed, n=700, n_targets=1):
    day = np.sin(2 * np.pi * np.arange(n) / 24)[:, None]
    return 3 * day + np.random.default_rng(seed).normal(size=(n, n_targets))


def make_run(panel, folder, lookback=48) -> Run:
    """Return a run of closed forms, the linear one saved, in which there is nothing to find but later rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_has_tensorflow", lambda plan, listener: False)
        plan = make_plan(TrainRequest((), folder, model="linear", horizon=H, lookback=lookback), panel, Recorder())
        models = {name: each.model for name, each in fit_models(plan, Recorder()).items()}
    scores = score_models(models, plan.scaled, plan.config.window, plan.counts, plan.split.test, Recorder())
    return replace(Run(plan, scores, "seasonal-naive", {}), is_refitted=True)


@pytest.fixture(scope="module")
def single(tmp_path_factory) -> Run:
    """One series with two targets."""
    return make_run(make_panel(make_days(0, n_targets=2), season=24), tmp_path_factory.mktemp("single"))


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Run:
    """Three series with one target."""
    panel = make_panel(*(make_days(seed, 400) for seed in range(3)), season=24, ids=("a", "b", "c"))
    return make_run(panel, tmp_path_factory.mktemp("many"))


def set_errors(run, **errors) -> Run:
    """Return the run with other errors of some models: numbers, or arrays that broadcast to (N, T, H)."""
    absolute = run.scores.absolute.copy()
    for name, values in errors.items():
        absolute[run.scores.models.index(name.replace("_", "-"))] = values
    return replace(run, scores=replace(run.scores, absolute=absolute))


def set_config(run, **changes) -> Run:
    return replace(run, plan=replace(run.plan, config=replace(run.plan.config, **changes)))


def set_network(run, done, best, **training) -> Run:
    """Return the run with a network that was trained for so many epochs."""
    epochs = tuple(Epoch(k + 1, 1.0, 1.0, 0.001, 1.0) for k in range(done))
    network = Fitted(None, KeptModel("network", "GRU(4)", 1), 1.0, epochs=epochs, best_epoch=best)
    return set_config(replace(run, network=network), training=Training(**training))


def test_nothing_is_found_where_the_model_wins_everywhere_and_has_learnt_everything(single, many):
    for run in (single, many):
        assert list_findings(set_errors(run, linear=0.1, seasonal_naive=0.2)) == ()


def test_steps_from_which_on_the_baseline_is_as_good_are_told_for_the_target_that_loses_first(single):
    errors = np.full((1, 2, H), 0.1)
    errors[0, 1, 5:] = 0.2  # as large as the baseline's
    finding = find_lost_steps(set_errors(single, linear=errors, seasonal_naive=0.2))
    assert finding.text == "c1: linear is no better than seasonal-naive beyond step 5"
    assert finding.flag == "--lookback 96"
    errors[0, 0, 2:] = 0.2
    again = find_lost_steps(set_errors(single, linear=errors, seasonal_naive=0.2))
    assert again.text == "c0: linear is no better than seasonal-naive beyond step 2; 1 more target like it"
    nowhere = find_lost_steps(set_errors(single, linear=0.3, seasonal_naive=0.2))
    assert "at any step" in nowhere.text


def test_a_single_lost_step_is_chance(single):
    errors = np.full((1, 2, H), 0.1)
    errors[0, 0, -1] = errors[0, 1, 3] = 0.3
    assert find_lost_steps(set_errors(single, linear=errors, seasonal_naive=0.2)) is None


def test_a_longer_lookback_is_suggested_only_where_training_has_room_for_it(single):
    errors = np.where(np.arange(H) < 5, 0.1, 0.3)
    lost = set_errors(single, linear=errors, seasonal_naive=0.2)
    season = replace(lost, plan=replace(lost.plan, seasons=(24, 100)))
    assert find_lost_steps(season).flag == "--lookback 100"
    longest = set_config(lost, window=replace(lost.plan.config.window, lookback=100))
    assert find_lost_steps(longest).flag == "--horizon 5"


def test_series_on_which_the_seasonal_naive_is_better_are_counted_and_the_worst_is_named(many):
    errors = np.full((3, 1, H), 0.1)
    errors[1], errors[2] = 0.25, 0.3
    finding = find_lost_parts(set_errors(many, linear=errors, seasonal_naive=0.2))
    assert finding.text == "worse than seasonal-naive on 2 of 3 series: c, ..."
    assert "--by series" in finding.flag
    assert find_lost_parts(set_errors(many, linear=0.2, seasonal_naive=0.2)) is None


def test_of_one_series_the_targets_are_counted(single):
    errors = np.array([0.1, 0.3])[None, :, None]
    finding = find_lost_parts(set_errors(single, linear=errors, seasonal_naive=0.2))
    assert finding.text == "worse than seasonal-naive on 1 of 2 targets: c1"
    assert finding.flag == "--target c1"
    everywhere = find_lost_parts(set_errors(single, linear=0.3, seasonal_naive=0.2))
    assert everywhere.text == "linear is worse than seasonal-naive on every target"
    assert everywhere.flag == "--model seasonal-naive"
    saved = set_config(set_errors(single, seasonal_naive=0.2), model="seasonal-naive")
    assert find_lost_parts(saved) is None


def test_of_intervals_that_hold_too_little_the_worst_is_told_with_a_wider_level(single):
    short = find_narrow_intervals(replace(single, shortfalls={80: 71.2, 95: 90.0}))
    assert (short.text, short.flag) == ("the 80 % intervals held 71 % of the test values", "--level 89")
    assert find_narrow_intervals(replace(single, shortfalls={80: 20.0})).flag == "--level 99"
    assert find_narrow_intervals(single) is None


def test_training_that_was_still_gaining_asks_for_more_epochs(single):
    finding = find_last_epoch(set_network(single, 20, 20))
    assert (finding.text, finding.flag) == ("the last of 20 epochs was the best: more may be better", "--epochs 40")
    assert find_last_epoch(set_network(single, 20, 18)) is None
    assert find_last_epoch(set_network(single, 0, 0, epochs=0)) is None
    assert find_last_epoch(single) is None


def test_training_that_the_time_limit_ended_is_told(single):
    finding = find_time_limit(set_network(single, 6, 5, time_limit=60.0))
    assert finding.text == "the time limit ended training after 6 of 20 epochs"
    assert finding.flag == "--time-limit"
    patience_ran_out = set_network(single, 6, 2, time_limit=60.0, patience=4)
    all_done = set_network(single, 20, 19, time_limit=60.0)
    for run in (patience_ran_out, all_done, set_network(single, 6, 5), single):
        assert find_time_limit(run) is None


def test_a_season_that_the_lookback_does_not_cover_is_told(single):
    weekly = replace(single, plan=replace(single.plan, seasons=(24, 168)))
    finding = find_long_season(weekly)
    assert finding.flag == "--lookback 168"
    assert "168 steps (7 days)" in finding.text
    assert find_long_season(replace(weekly, plan=replace(weekly.plan, seasons=(24, 48)))) is None
    assert find_long_season(replace(weekly, plan=replace(weekly.plan, seasons=()))) is None


def test_a_lead_that_shrinks_from_validation_to_test_tells_that_the_data_change(single):
    run = replace(set_errors(single, linear=0.19, seasonal_naive=0.2), lead=30.0, is_refitted=False)
    assert tell_lead(run.scores, "linear", "seasonal-naive") == pytest.approx(5)
    finding = find_shrunken_lead(run)
    assert finding.flag == "--refit"
    assert "30 % lower than that of seasonal-naive on validation, 5 % on test" in finding.text
    assert find_shrunken_lead(replace(run, is_refitted=True)).flag == ""
    for lead in (14.0, None, -5.0):
        assert find_shrunken_lead(replace(run, lead=lead)) is None


def test_windows_lost_to_gaps_are_told_where_they_are_many(single, tmp_path):
    assert find_lost_windows(single) is None
    days = make_days(0)
    days[200:300] = np.nan
    finding = find_lost_windows(make_run(make_panel(days, season=24), tmp_path))
    assert finding.flag == "--freq"
    assert "windows are lost to gaps" in finding.text


def test_rows_that_were_only_scored_on_are_told_unless_they_were_learnt_in_the_end(single):
    assert find_unlearnt_rows(single) is None
    finding = find_unlearnt_rows(replace(single, is_refitted=False))
    until, n = single.plan.split.borders[1], len(single.plan.panel.values)
    assert finding.flag == "--refit"
    assert finding.text.endswith(f"nothing from {n - until} later steps")


def test_at_most_five_are_told_and_no_flag_twice(single):
    bad = set_network(set_errors(single, linear=0.3, seasonal_naive=0.2), 20, 20)
    bad = replace(bad, lead=30.0, shortfalls={80: 30.0}, is_refitted=False)
    bad = replace(bad, plan=replace(bad.plan, seasons=(24, 100)))
    each = [rule(bad) for rule in RULES]
    assert sum(finding is not None for finding in each) == 7
    found = list_findings(bad)
    assert len(found) == MOST_FINDINGS
    assert [finding.flag for finding in found] == [
        "--lookback 100",
        "--model seasonal-naive",
        "--level 99",
        "--epochs 40",
        "--refit",
    ]
