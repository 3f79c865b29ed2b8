"""Gradient boosting, against scikit-learn on a table that is written row by row with pandas."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.errors import DataError, MissingDependencyError
from forecast_cli.evaluation.backtest import predict_rows
from forecast_cli.models import boosting
from forecast_cli.models.boosting import Boosting, list_lags
from forecast_cli.prepare.inputs import gather_inputs
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel

WINDOW = Window(lookback=30, horizon=5, delay=2)


def draw_panel(seed=0):
    rng = np.random.default_rng(seed)
    table = np.sin(2 * np.pi * np.arange(400)[:, None] / 24 + [0, 1]) + rng.normal(0, 0.2, (400, 2))
    return make_panel(table, season=24)


def split_of(panel, window=WINDOW):
    return make_split(panel, window, count_cutoffs(panel, window, False), (250, 300, 400))


def tabulate(panel, rows, steps):
    """Return a row for each window, target and step, as its docstring says, and what is to be forecast."""
    import pandas as pd

    table, truth = [], []
    for row, t, step in itertools.product(rows, range(2), steps):
        past = pd.Series(panel.values[: row + 1, t].astype(float))
        wanted, last = row + WINDOW.delay + step, past.iloc[-1]
        clock = pd.Timestamp("2025-01-01") + pd.Timedelta(hours=int(wanted))
        day = clock.hour / 24
        places = day, (clock.day_of_week + day) / 7, (clock.day_of_year - 1 + day) / 365
        waves = [wave(2 * np.pi * place) for place in places for wave in (np.sin, np.cos)]
        lags = [past.iloc[-1 - lag] - last for lag in list_lags(30)]
        table.append([*lags, past.loc[wanted - 24] - last, last, step, *waves])
        truth.append(panel.values[wanted, t] - last)
    return np.array(table, dtype=np.float32), np.array(truth)


def test_the_forecasts_are_those_of_scikit_learn_on_a_table_written_row_by_row():
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    panel = draw_panel()
    split = split_of(panel)
    lessons, truth = tabulate(panel, split.train, range(5))
    rows = split.test[:20]
    wanted, _ = tabulate(panel, rows, range(5))
    oracle = HistGradientBoostingRegressor(loss="absolute_error", early_stopping=False, random_state=0)
    with threadpool_limits(1, "openmp"):
        theirs = oracle.fit(lessons, truth).predict(wanted).reshape(20, 2, 5).transpose(0, 2, 1)
    model = Boosting(WINDOW, 2).fit(panel, split, Recorder())
    error = np.abs(predict_rows(model, panel, rows) - theirs - panel.values[rows][:, None])
    assert np.median(error) < 1e-5  # but for ties that rounding breaks
    assert (error < 1e-3).mean() > 0.9


@pytest.mark.parametrize("step", range(5))
def test_a_row_holds_lags_season_level_step_and_calendar(step):
    panel, rows = draw_panel(), np.arange(300, 306)
    model = Boosting(WINDOW, 2, season=24)
    ours = model._tabulate(gather_inputs(panel, rows, model), np.full((6, 2), step))
    np.testing.assert_allclose(ours, tabulate(panel, rows, [step])[0], atol=1e-5)


def test_lags_are_close_together_near_the_cutoff_and_reach_through_the_lookback():
    lags = list_lags(720)
    assert lags[:6].tolist() == [1, 2, 3, 4, 5, 6]
    assert lags[-1] == 719
    assert len(lags) <= boosting.MOST_LAGS
    assert list_lags(1).tolist() == []


def test_it_learns_from_no_more_rows_than_the_limit_spread_over_all_windows(monkeypatch):
    panel = draw_panel()
    split = split_of(panel)
    monkeypatch.setattr(boosting, "MOST_ROWS", 100)
    table, truth = Boosting(WINDOW, 2)._collect(panel, split.train)
    assert len(table) == len(truth) == 100
    levels = table[:, len(list_lags(30)) + 1]
    assert np.isin(panel.values[split.train[[0, -1]], 0], levels).all()


def test_what_was_not_observed_teaches_nothing():
    panel = draw_panel()
    observed = panel.observed.copy()
    observed[100:110, 0] = False
    clean = replace(panel, observed=observed)
    values = panel.values.copy()
    values[105, 0] = 1e6
    wild = replace(clean, values=values)
    rows = np.arange(70, 104)  # the wild value lies ahead of all of them
    tables = [Boosting(WINDOW, 2, season=24)._collect(each, rows) for each in (clean, wild)]
    assert len(tables[0][1]) < len(rows) * 2 * 5
    assert np.array_equal(tables[0][1], tables[1][1])


def test_what_the_calendar_tells_is_learnt_where_the_lookback_is_too_short_to_show_it():
    hours = np.arange(1200)
    values = np.where((hours % 24 == 8) | (hours % 24 == 9), 3.0, 0.0) + np.random.default_rng(0).normal(0, 0.1, 1200)
    panel, window = make_panel(values, season=24), Window(4, 3)
    split = make_split(panel, window, count_cutoffs(panel, window, False), (800, 900, 1200))
    model = Boosting(window, 1).fit(panel, split, Recorder())
    truth = panel.values[split.test[:, None] + np.arange(1, 4)]
    assert model.season == 1  # a day does not fit
    assert np.abs(predict_rows(model, panel, split.test) - truth).mean() < 0.2
    assert np.abs(panel.values[split.test][:, None] - truth).mean() > 0.4


def test_rows_without_a_clock_have_lags_alone():
    panel = replace(draw_panel(), origin=None)
    split = split_of(panel)
    model = Boosting(WINDOW, 2).fit(panel, split, Recorder())
    assert predict_rows(model, panel, split.test).shape == (len(split.test), 5, 2)


def test_without_a_single_lesson_it_says_so():
    panel = draw_panel()
    split = replace(split_of(panel), train=np.empty(0, dtype=np.int64))
    with pytest.raises(DataError, match="nothing to learn"):
        Boosting(WINDOW, 2).fit(panel, split, Recorder())


def test_without_scikit_learn_the_pip_line_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    panel = draw_panel()
    with pytest.raises(MissingDependencyError) as raised:
        Boosting(WINDOW, 2).fit(panel, split_of(panel), Recorder())
    assert raised.value.hint.endswith('pip install "forecast-cli" "scikit-learn>=1.6"')
