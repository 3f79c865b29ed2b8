import numpy as np
import pytest

from forecast_cli.results import RankingRow
from forecast_cli.types import Window
from forecast_cli.workflows.verdict import give_verdict
from tests.scores import make_scores

WINDOW = Window(10, 2)


def verdict_of(errors, model, best_baseline, n_cutoffs=60, wobble=0.01):
    """Return the verdict where each model's loss wobbles about its error."""
    noise = np.random.default_rng(0).normal(0, wobble, (len(errors), n_cutoffs))
    losses = np.array(list(errors.values()))[:, None] + noise
    absolute = np.broadcast_to(losses.mean(axis=1)[:, None, None, None], (len(errors), 1, 1, 2))
    ranking = [
        RankingRow(0, name, error, error, None, None, None, None, n_cutoffs, None, None)
        for name, error in sorted(errors.items(), key=lambda each: each[1])
    ]
    return give_verdict(make_scores(errors, absolute, losses=losses), ranking, model, best_baseline, WINDOW)


def test_the_model_is_held_against_the_baseline_that_was_best_on_validation():
    errors = {"linear": 0.4, "conv-birnn": 0.5, "naive": 1.0}
    verdict = verdict_of(errors, "conv-birnn", "naive")
    assert (verdict.outcome, verdict.baseline, verdict.is_better) == ("better", "naive", True)
    assert verdict.sentence.startswith("conv-birnn beats naive (the best baseline on validation) by 50 % [")
    worse = verdict_of(errors, "conv-birnn", "linear")
    assert worse.sentence.startswith("conv-birnn is worse than linear")
    assert worse.gain == pytest.approx(-25, abs=2)
    assert not worse.is_better


def test_a_difference_within_chance_is_none():
    verdict = verdict_of({"conv-birnn": 0.5, "naive": 0.501}, "conv-birnn", "naive", wobble=0.2)
    assert verdict.outcome == "no difference"
    assert "neither better nor worse than naive" in verdict.sentence
    low, high = verdict.gain_interval
    assert low < 0 < high


def test_under_two_horizons_of_cutoffs_nothing_is_claimed():
    verdict = verdict_of({"conv-birnn": 0.5, "naive": 1.0}, "conv-birnn", "naive", n_cutoffs=3)
    assert (verdict.outcome, verdict.gain_interval, verdict.dm_p_value) == ("too few windows", None, None)
    assert "too few windows to tell" in verdict.sentence
    assert "3 cutoffs where 4 are needed" in verdict.sentence
    assert not verdict.is_better


def test_a_baseline_that_is_perfect_is_not_equalled_by_one_that_is_not():
    verdict = verdict_of({"seasonal-naive": 0.0, "dense": 0.85}, "dense", "seasonal-naive", wobble=0.0)
    assert (verdict.outcome, verdict.gain) == ("worse", None)
    assert verdict.sentence == "dense is worse than seasonal-naive (the best other baseline on validation)"


def test_the_best_on_validation_is_claimed_only_for_the_one_that_was():
    verdict = verdict_of({"conv-birnn": 0.5, "naive": 1.0}, "conv-birnn", "linear")
    assert "naive (the best baseline asked for)" in verdict.sentence


def test_without_an_opponent_nothing_is_claimed():
    verdict = verdict_of({"linear": 0.5}, "linear", "naive")
    assert (verdict.outcome, verdict.is_better) == ("alone", False)
    assert verdict.sentence == "linear was scored alone, beside no baseline"


def test_a_saved_baseline_is_held_against_another_one():
    assert "the best other baseline" in verdict_of({"linear": 0.5, "naive": 1.0}, "linear", "naive").sentence
