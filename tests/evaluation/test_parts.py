"""Errors by target, series and step."""

import numpy as np
import pytest

from forecast_cli.evaluation.parts import choose_parts, list_parts, measure_parts, pick_worst
from forecast_cli.types import Scaler, Window
from tests.panels import make_panel
from tests.scores import make_scores

N, T, H = 2, 2, 3
PANEL = make_panel(np.zeros((5, T)), np.zeros((5, T)), ids=["a", "b"])
SCALER = Scaler(np.zeros((N, T)), np.array([[1.0, 10.0], [2.0, 20.0]]))
ERRORS = np.arange(N * T * H, dtype=np.float64).reshape(1, N, T, H)


def scores_of(errors=ERRORS, n=None):
    return make_scores(("mine", "naive"), np.concatenate([errors, errors + 1]), n=n)


def rows_by(by, scores=None, delay=1):
    parts = list_parts(PANEL, Window(6, H, delay=delay), by)
    return measure_parts(scores or scores_of(), np.ones((2, N, T)), SCALER, parts, ["naive", "mine"])


def test_a_target_has_its_error_in_its_own_unit():
    rows = rows_by("target")
    assert [(row.part, row.model) for row in rows[:2]] == [("c0", "naive"), ("c0", "mine")]
    mine = {row.part: row for row in rows if row.model == "mine"}
    assert mine["c0"].mae == pytest.approx((1 * 1 + 7 * 2) / 2)  # means over steps 1 and 7, in units of 1 and 2
    assert mine["c1"].mae == pytest.approx((4 * 10 + 10 * 20) / 2)
    assert (mine["c0"].mae_scaled, mine["c0"].n) == (4, 2 * H * 4)


def test_a_series_or_a_step_of_several_targets_has_no_unit():
    assert {row.mae for by in ("series", "step") for row in rows_by(by)} == {None}


def test_the_mean_over_the_parts_is_the_error_of_the_ranking():
    for by in ("target", "series", "step"):
        assert np.mean([row.mae_scaled for row in rows_by(by) if row.model == "mine"]) == pytest.approx(ERRORS.mean())


def test_steps_are_counted_from_the_cutoff():
    assert [row.part for row in rows_by("step", delay=4) if row.model == "mine"] == ["4", "5", "6"]


def test_what_was_never_scored_is_unknown_and_not_the_worst():
    n = np.full((N, T, H), 4)
    n[1] = 0
    rows = rows_by("series", scores_of(np.where(n > 0, ERRORS, np.nan), n))
    assert [(row.mae_scaled, row.n) for row in rows if row.part == "b"] == [(None, 0), (None, 0)]
    assert {row.part for row in pick_worst(rows, "mine", 5)} == {"a"}


def test_the_worst_parts_are_those_of_the_saved_model_with_all_models_in_each():
    worst = pick_worst(rows_by("step"), "mine", 2)
    assert [(row.part, row.model) for row in worst] == [("3", "naive"), ("3", "mine"), ("2", "naive"), ("2", "mine")]


def test_without_a_word_the_finest_parts_that_there_are_several_of_are_taken():
    assert (choose_parts(5, 3), choose_parts(1, 3), choose_parts(1, 1)) == ("series", "target", "step")
