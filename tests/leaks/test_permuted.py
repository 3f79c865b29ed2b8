"""The order of a file's rows and columns is not a fact about the plant: it trains the identical model."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import predict_rows
from tests.forecasters import fit_forecaster, list_weights
from tests.leaks.plant import METERS, STEPS, draw_plant, read_plan, write_plant


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory):
    """The plan for the plant's file with all rows shuffled, so the meters mingled, and its columns in another order."""
    order = np.random.default_rng(0).permutation(len(METERS) * STEPS)
    path = tmp_path_factory.mktemp("shuffled") / "plant.csv"
    return read_plan(write_plant(path, draw_plant(), order, columns=("rain", "heat", "flow")))


def test_a_file_with_series_and_columns_permuted_gives_the_same_plan(plan, shuffled):
    assert shuffled.config == plan.config
    assert (shuffled.panel.series_ids, shuffled.panel.channels) == (plan.panel.series_ids, plan.panel.channels)
    for ours, theirs in (
        (shuffled.scaled.values, plan.scaled.values),
        (shuffled.panel.observed, plan.panel.observed),
        (shuffled.split.train, plan.split.train),
    ):
        assert np.array_equal(ours, theirs)


def test_a_file_with_series_and_columns_permuted_trains_the_identical_model(plan, shuffled, name):
    first, second = (fit_forecaster(name, each.scaled, each.split) for each in (plan, shuffled))
    assert all(map(np.array_equal, list_weights(first), list_weights(second)))
    rows = plan.split.test
    assert np.array_equal(predict_rows(first, plan.scaled, rows), predict_rows(second, shuffled.scaled, rows))
