"""Weighted means of models, and how their weights are chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.models.baselines import Naive, SeasonalNaive
from forecast_cli.models.blend import Blend, choose_weights
from forecast_cli.models.linear import Linear, Ridge, View
from forecast_cli.prepare.inputs import HISTORY, gather_inputs
from forecast_cli.types import Reads, Window
from tests.panels import make_panel


@dataclass(frozen=True)
class Last:
    """Forecasts what it reads: the sum of its inputs, for one step of one target."""

    lookback: int
    sample_every: int
    reads: Reads = HISTORY
    parameters: int = 3

    def predict(self, batch):
        assert batch.history.shape[1] == self.lookback // self.sample_every
        return batch.history[:, :, :1].sum(axis=1, keepdims=True)


def test_each_part_reads_its_own_share_of_the_history():
    panel, rows = make_panel(np.arange(100.0)), np.array([50, 60])
    parts = {"a": Last(12, 3), "b": Last(8, 2), "c": Last(7, 1)}
    blend = Blend(parts, {"a": 0.5, "b": 0.25, "c": 0.25})
    alone = [part.predict(gather_inputs(panel, rows, part)) for part in parts.values()]
    expected = 0.5 * alone[0] + 0.25 * alone[1] + 0.25 * alone[2]
    np.testing.assert_allclose(blend.predict(gather_inputs(panel, rows, blend)), expected)
    assert (blend.sample_every, blend.lookback, blend.parameters) == (1, 10, 9)


def test_parts_that_read_every_sixth_row_make_a_blend_that_does():
    blend = Blend({"a": Last(48, 6), "b": Last(30, 6)}, {"a": 0.5, "b": 0.5})
    panel, rows = make_panel(np.arange(100.0)), np.array([70])
    assert blend.sample_every == 6
    assert gather_inputs(panel, rows, blend).history.shape[1] == 8
    assert blend.predict(gather_inputs(panel, rows, blend)).shape == (1, 1, 1)


def test_a_seasonal_part_may_reach_further_back_than_the_window():
    window = Window(6, 3)
    linear = Linear(window, 1, (Ridge(View(6, False), 1.0, np.zeros((6, 3)), np.zeros(3)),), (1.0,))
    parts = {"naive": Naive(window, 1), "seasonal-naive": SeasonalNaive(window, 1, (24,)), "linear": linear}
    blend = Blend(parts, {"naive": 0.5, "seasonal-naive": 0.25, "linear": 0.25})
    batch = gather_inputs(make_panel(np.arange(60.0)), np.array([40]), blend)
    assert blend.lookback == 24
    assert blend.predict(batch)[0, :, 0].tolist() == [40 - 24 / 4 + k / 4 for k in (1, 2, 3)]


def test_a_blend_reads_what_any_of_its_parts_reads():
    network = Reads(("history", "future", "phase"), horizon=4, cycle=168, series_ids=("a", "b"))
    parts = {"a": Last(4, 1), "b": Last(4, 1, network), "c": Last(4, 1, Reads(("history", "observed")))}
    reads = Blend(parts, {"a": 0.2, "b": 0.4, "c": 0.4}).reads
    assert reads.inputs == ("history", "observed", "future", "phase")
    assert (reads.horizon, reads.cycle, reads.series_ids) == (4, 168, ("a", "b"))


def test_two_models_that_err_on_opposite_sides_are_mixed_and_a_bad_one_is_left_out():
    truth = np.zeros(50)
    forecasts = np.stack([np.full(50, 1.0), np.full(50, -3.0), np.full(50, 40.0)])
    weights = choose_weights(forecasts, truth, np.ones(50))
    assert weights.tolist() == [0.75, 0.25, 0]


def test_what_is_not_scored_has_no_say():
    truth = np.zeros(10)
    forecasts = np.stack([np.where(np.arange(10) < 5, 0.0, 99.0), np.ones(10)])
    assert choose_weights(forecasts, truth, (np.arange(10) < 5).astype(float)).tolist() == [1, 0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_a_blend_is_never_worse_on_validation_than_its_best_part(seed, n_models):
    rng = np.random.default_rng(seed)
    truth, importance = rng.normal(size=40), rng.integers(0, 3, size=40).astype(float)
    forecasts = truth + rng.normal(size=(n_models, 40)) * rng.uniform(0.1, 3, size=(n_models, 1))
    weights = choose_weights(forecasts, truth, importance)
    losses = np.abs(forecasts - truth) @ importance
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    assert importance @ np.abs(weights @ forecasts - truth) <= losses.min() + 1e-9
