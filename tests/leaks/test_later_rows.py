"""What comes after a cutoff moves nothing that stands before it: not what was learnt, and not a forecast."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import predict_rows
from forecast_cli.evaluation.conformal import calibrate
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.prepare.windows import count_cutoffs, steps_of
from forecast_cli.types import Conformal
from forecast_cli.workflows.forecasting import make_forecast
from tests.forecasters import WINDOW, fit_forecaster, list_weights
from tests.leaks.plant import METERS, TRAIN, VALIDATION, draw_plant, read_plan, read_plant, write_plant


@pytest.fixture(scope="module")
def read_spoilt(tmp_path_factory):
    """A function that gives the plan for the same plant, whose rows from some hour on are other ones."""

    def read(begin):
        plant = draw_plant()
        plant[:, begin:] = 1e9
        plant[:, begin : begin + 20] = np.nan
        return read_plan(write_plant(tmp_path_factory.mktemp("spoilt") / "plant.csv", plant))

    return read


@pytest.fixture(scope="module")
def after_training(read_spoilt):
    return read_spoilt(TRAIN)


@pytest.fixture(scope="module")
def after_validation(read_spoilt):
    return read_spoilt(TRAIN + VALIDATION)


def without_validation(plan):
    return replace(plan.split, validation=plan.split.validation[:0])


def assert_same_bits(first, second):
    assert len(first) == len(second)
    for ours, theirs in zip(first, second, strict=True):
        assert np.array_equal(ours, theirs)


def test_the_plan_of_a_run_is_made_from_the_training_part_alone(plan, after_training):
    assert plan.config == after_training.config
    assert plan.seasons == after_training.seasons
    assert_same_bits([plan.scaler.loc, plan.scaler.scale], [after_training.scaler.loc, after_training.scaler.scale])
    assert np.array_equal(plan.split.train, after_training.split.train)


def test_rows_after_the_training_part_move_no_weight(plan, after_training, name):
    """Without validation, which choices are made on."""
    clean, spoilt = (fit_forecaster(name, each.scaled, without_validation(each)) for each in (plan, after_training))
    assert_same_bits(list_weights(clean), list_weights(spoilt))
    rows = plan.split.train
    assert_same_bits(*([predict_rows(model, plan.scaled, rows)] for model in (clean, spoilt)))


def test_rows_after_validation_move_no_weight_no_choice_and_no_interval(plan, after_validation, name):
    clean, spoilt = (fit_forecaster(name, each.scaled, each.split) for each in (plan, after_validation))
    assert_same_bits(list_weights(clean), list_weights(spoilt))
    intervals = [
        calibrate(model, each.scaled, WINDOW, each.counts, plan.split.validation).percentiles
        for model, each in ((clean, plan), (spoilt, after_validation))
    ]
    assert np.array_equal(*intervals, equal_nan=True)


@pytest.mark.parametrize("hole", [1e9, np.nan], ids=["huge", "unknown"])
def test_rows_after_a_cutoff_move_no_forecast_from_there(plan, name, hole):
    model = fit_forecaster(name, plan.scaled, plan.split)
    for row in plan.split.test[::60]:
        later = np.arange(plan.panel.indptr[-1]) > row
        spoilt = replace(
            plan.scaled,
            values=np.where(later[:, None], np.float32(hole), plan.scaled.values),
            observed=plan.scaled.observed & ~later[:, None],
        )
        assert_same_bits(*([predict_rows(model, each, np.array([row]))] for each in (plan.scaled, spoilt)))


def test_the_forecast_from_a_file_cut_at_a_cutoff_is_the_one_of_the_backtest(plan, name, tmp_path):
    model = fit_forecaster(name, plan.scaled, plan.split)
    counts = count_cutoffs(plan.panel, WINDOW, mixes_channels=True)  # no column is interpolated at these cutoffs
    conformal, length = Conformal(np.ones((99, WINDOW.horizon, 2)), 100), plan.panel.indptr[1]
    for row in [row for row in plan.split.test if counts[row].all()][::70]:
        k, hour = divmod(row, length)
        cut = read_plant(write_plant(tmp_path / "cut.csv", draw_plant()[:, : hour + 1]))
        assert cut.series_ids == METERS
        (last,) = np.flatnonzero(steps_of(cut) == hour)[k : k + 1]
        whole, part = (
            make_forecast(model, conformal, (80,), WINDOW, panel, plan.scaler, np.array([at]))
            for panel, at in ((plan.scaled, row), (scale_panel(cut, plan.scaler), last))
        )
        assert whole.timestamps == part.timestamps
        for ours, theirs in zip((whole.point, whole.upper), (part.point, part.upper), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
