"""Verdicts on scores made by hand and on panels that are simulated."""

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import score_models
from forecast_cli.evaluation.figures import rank_models
from forecast_cli.evaluation.significance import judge
from forecast_cli.models.baselines import Naive, SeasonalNaive
from forecast_cli.prepare.scaling import fit_scaler, scale_panel
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs
from forecast_cli.results import Wins
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel
from tests.scores import make_scores

WINDOW = Window(8, 4)


def make_errors(gains, wobble=0.0, n_cutoffs=200):
    """Return scores in which the model's error is 1 less the gains (N, T, H), the opponent's 1."""
    absolute = np.stack([1 - np.asarray(gains), np.ones(np.shape(gains))])
    noise = np.random.default_rng(0).normal(0, wobble, (2, n_cutoffs))
    losses = absolute.mean(axis=(1, 2, 3))[:, None] + noise
    return make_scores(("mine", "theirs"), absolute, losses=losses)


def score_panel(*tables, models, window=WINDOW):
    """Return the scores of models on the later half of a panel, and its scaler."""
    panel = make_panel(*tables)
    counts = count_cutoffs(panel, window, False)
    n = max(map(len, tables))
    split = make_split(panel, window, counts, (n // 4, n // 2, n))
    scaler = fit_scaler(panel, n // 4, window.reach)
    scores = score_models(models, scale_panel(panel, scaler), window, counts, split.test, Recorder())
    return scores, scaler


def test_wins_are_counted_by_series_target_and_step():
    gains = np.zeros((3, 2, 4))
    gains[0] += 0.4  # a series that wins
    gains[1] -= 0.2
    gains[2, 0] += 0.3  # one target that wins
    gains[:, :, 3] -= 1.5  # the last step is lost by all
    verdict = judge(make_errors(gains), "mine", "theirs", 4)
    assert verdict.series == Wins(int((gains.mean(axis=(1, 2)) > 0).sum()), 3)
    assert verdict.targets == Wins(int((gains.mean(axis=(0, 2)) > 0).sum()), 2)
    assert (verdict.steps, verdict.no_better_from) == (Wins(3, 4), 4)
    assert judge(make_errors(gains), "mine", "theirs", 4, delay=3).no_better_from == 6


def test_the_sentence_says_by_how_much_where_and_until_when():
    gains = np.full((40, 1, 24), 0.15)
    gains[37:] = -0.1
    gains[:, :, 18:] = -0.01
    verdict = judge(make_errors(gains, wobble=0.05, n_cutoffs=1000), "mine", "theirs", 24)
    assert verdict.sentence.startswith("mine beats theirs by ")
    assert verdict.sentence.endswith(" in MAE; better on 37 of 40 series; no better beyond step 18")


def test_where_no_step_is_won_none_is_named():
    verdict = judge(make_errors(np.full((1, 1, 4), -0.1)), "mine", "theirs", 4)
    assert (verdict.outcome, verdict.no_better_from) == ("worse", 1)
    assert verdict.sentence == "mine is worse than theirs by 10 % [10, 10] in MAE"


def test_the_gain_is_the_difference_in_the_rankings_error_whatever_was_not_observed():
    rng = np.random.default_rng(5)
    tables = [np.where(rng.random((n, 2)) < 0.15, np.nan, rng.normal(size=(n, 2)).cumsum(axis=0)) for n in (160, 120)]
    scores, scaler = score_panel(*tables, models={"naive": Naive(WINDOW, 2), "far": SeasonalNaive(WINDOW, 2, (7,))})
    errors = {row.model: row.mae_scaled for row in rank_models(scores, np.ones((2, 2, 2)), scaler, {}, {})}
    verdict = judge(scores, "naive", "far", WINDOW.horizon)
    assert scores.weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(scores.losses @ scores.weights, [errors["naive"], errors["far"]], rtol=1e-6)
    assert verdict.gain == pytest.approx(100 * (1 - errors["naive"] / errors["far"]), rel=1e-6)
    low, high = verdict.gain_interval
    assert low < verdict.gain < high


def test_without_a_window_there_are_too_few():
    panel, none = make_panel(np.zeros(60)), np.empty(0, dtype=np.int64)
    counts = count_cutoffs(panel, WINDOW, False)
    models = {"naive": Naive(WINDOW, 1), "far": SeasonalNaive(WINDOW, 1, (7,))}
    verdict = judge(score_models(models, panel, WINDOW, counts, none, Recorder()), "naive", "far", WINDOW.horizon)
    assert (verdict.outcome, verdict.gain, verdict.series) == ("too few windows", None, Wins(0, 0))
    assert verdict.sentence == "too few windows to tell naive from far: 0 cutoffs where 8 are needed"


def test_on_random_walks_the_naive_is_better_than_what_looks_further_back_and_found_to_be():
    rng = np.random.default_rng(0)
    models = {"naive": Naive(WINDOW, 1), "far": SeasonalNaive(WINDOW, 1, (24,))}
    scores, _ = score_panel(rng.normal(size=1600).cumsum(), models=models)
    verdict = judge(scores, "naive", "far", WINDOW.horizon)
    assert verdict.is_better
    assert verdict.dm_p_value < 0.01
    assert judge(scores, "far", "naive", WINDOW.horizon).outcome == "worse"


def test_two_forecasters_that_are_equally_good_are_seldom_told_apart():
    rng, alarms = np.random.default_rng(1), 0
    models = {"one": SeasonalNaive(WINDOW, 1, (5,)), "other": SeasonalNaive(WINDOW, 1, (6,))}  # of white noise
    for _ in range(60):
        scores, _ = score_panel(rng.normal(size=400), models=models)
        alarms += judge(scores, "one", "other", WINDOW.horizon).outcome in ("better", "worse")
    assert alarms <= 9  # 3 are meant
