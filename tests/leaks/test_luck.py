"""Where there is nothing to learn, no model is better than the baseline that says so: a win there would be a leak."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import score_models
from forecast_cli.evaluation.significance import judge
from forecast_cli.prepare.scaling import fit_scaler, scale_panel
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs
from forecast_cli.types import Window
from tests.forecasters import fit_forecaster, make_forecaster
from tests.panels import Recorder, make_panel

WINDOW = Window(lookback=240, horizon=4)  # long, so that the mean of a window is nearly that of all
ROWS = 1500


class Course:
    """A scaled panel of three series, split, with the cutoffs that count."""

    def __init__(self, *series):
        raw = make_panel(*series)
        borders = (ROWS * 6 // 10, ROWS * 7 // 10, ROWS)
        self.panel = scale_panel(raw, fit_scaler(raw, borders[0], WINDOW.reach))
        self.counts = count_cutoffs(self.panel, WINDOW, mixes_channels=False)
        self.split = make_split(self.panel, WINDOW, self.counts, borders)

    def judge(self, name, opponent):
        """Return the verdict on a model beside an opponent on the test part."""
        models = {
            name: fit_forecaster(name, self.panel, self.split, WINDOW),
            opponent: make_forecaster(opponent, WINDOW, self.panel.n_targets),
        }
        scores = score_models(models, self.panel, WINDOW, self.counts, self.split.test, Recorder())
        return judge(scores, name, opponent, WINDOW.horizon)


@pytest.fixture(scope="module")
def noise():
    return Course(*np.random.default_rng(0).normal(size=(3, ROWS, 1)))


@pytest.fixture(scope="module")
def walk():
    return Course(*np.random.default_rng(0).normal(size=(3, ROWS, 1)).cumsum(axis=1))


def test_on_a_random_walk_no_model_beats_the_last_value(walk, name):
    assert name == "naive" or not walk.judge(name, "naive").is_better


def test_on_white_noise_no_model_beats_the_mean(noise, name):
    assert name == "mean" or not noise.judge(name, "mean").is_better


def test_what_does_carry_over_is_found(walk, noise):
    assert noise.judge("mean", "naive").is_better
    assert walk.judge("naive", "mean").is_better
