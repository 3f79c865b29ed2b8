"""Every window that the split implies is scored by every model: none is dropped, the last batch neither."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.evaluation import backtest
from forecast_cli.evaluation.backtest import iterate_truth, predict_rows, score_models
from tests.forecasters import WINDOW, fit_forecaster
from tests.leaks.plant import STEPS, TEST
from tests.panels import Recorder


@pytest.fixture
def small_batches(monkeypatch):
    """Batches of eleven windows, which leave a rest."""
    most = 11 * 3 * (WINDOW.lookback + WINDOW.horizon)
    whole = backtest.iterate_batches
    monkeypatch.setattr(backtest, "iterate_batches", lambda rows, width: whole(rows, width, most))


def list_scored(panel):
    """Return {(series, hour, target): observed steps ahead} of the test part, window by window, as the design says."""
    found = {}
    for k, begin in enumerate(panel.indptr[:-1]):
        observed = panel.observed[begin : begin + STEPS]
        values = panel.values[begin : begin + STEPS]
        for hour in range(STEPS - TEST - 1, STEPS - WINDOW.horizon):
            past = observed[hour - WINDOW.lookback + 1 : hour + 1]
            is_filled_ahead = (
                not observed[hour, 2] and values[hour, 2] != values[np.flatnonzero(observed[: hour + 1, 2])[-1], 2]
            )
            for t in range(2):
                if observed[hour, t] and past[:, t].mean() >= 0.75 and not is_filled_ahead:
                    found[k, hour, t] = observed[hour + 1 : hour + 1 + WINDOW.horizon, t]
    return found


def test_the_windows_scored_are_those_that_the_split_implies(plan, name, small_batches):
    model = fit_forecaster(name, plan.scaled, plan.split)
    scores = score_models({name: model}, plan.scaled, WINDOW, plan.counts, plan.split.test, Recorder())
    expected = list_scored(plan.scaled)
    assert scores.n_windows == len({key[:2] for key in expected}) == len(plan.split.test)
    by_hand = np.zeros_like(scores.n)
    for (series, _, target), steps in expected.items():
        by_hand[series, target] += steps
    assert np.array_equal(scores.n, by_hand)
    assert len(plan.split.test) % 11  # there is a rest


def test_the_error_is_the_mean_over_all_of_them(plan, name, small_batches):
    model, rows = fit_forecaster(name, plan.scaled, plan.split), plan.split.test
    scores = score_models({name: model}, plan.scaled, WINDOW, plan.counts, rows, Recorder())
    forecast = predict_rows(model, plan.scaled, rows)
    assert np.isfinite(forecast).all()
    truth = plan.scaled.values[rows[:, None] + 1 + np.arange(WINDOW.horizon), :2]
    scored = [scored for _, _, scored in iterate_truth(plan.scaled, WINDOW, plan.counts, rows, WINDOW.lookback)]
    error = np.where(np.concatenate(scored), np.abs(forecast - truth), np.nan)
    first = rows < plan.panel.indptr[1]
    for k, those in enumerate((first, ~first)):
        np.testing.assert_allclose(scores.absolute[0, k], np.nanmean(error[those], axis=0).T, atol=1e-5)
