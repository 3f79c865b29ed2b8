"""One pass over the windows: every model asked once about each, errors and coverage counted as pieces pass by."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import Stage, iterate_forecasts, iterate_stages, iterate_windows, score_models
from forecast_cli.evaluation.conformal import calibrate, measure_spread, take_radius
from forecast_cli.evaluation.interval_metrics import cover
from forecast_cli.evaluation.interval_sums import IntervalSums
from forecast_cli.evaluation.sums import sum_errors
from forecast_cli.models.baselines import Naive, SeasonalNaive
from forecast_cli.prepare import windows
from forecast_cli.prepare.inputs import HISTORY
from forecast_cli.prepare.scaling import fit_scaler, scale_panel
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, gather_batch, gather_truth, series_of, steps_of
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel

WINDOW, T, LEVELS = Window(6, 3), 2, (50, 80, 99)
FAR = 30  # a season far beyond the window's lookback


@dataclass(eq=False)
class Counting:
    """A naive forecaster that remembers how many windows it was asked about."""

    lookback: int = 2
    sample_every: int = 1
    reads = HISTORY
    parameters: int = 0
    asked: list[int] = field(default_factory=list)

    def predict(self, batch):
        self.asked += batch.cutoff.tolist()
        return np.repeat(batch.history[:, -1:, :T], WINDOW.horizon, axis=1)


def make_scene(gaps=0.1):
    rng = np.random.default_rng(4)
    tables = [np.where(rng.random((n, T)) < gaps, np.nan, rng.normal(size=(n, T))) for n in (90, 70)]
    panel = make_panel(*tables, start=[0, 20])
    counts = count_cutoffs(panel, WINDOW, False)
    split = make_split(panel, WINDOW, counts, (40, 60, 90))
    return scale_panel(panel, fit_scaler(panel, 40, WINDOW.reach)), counts, split


def list_models():
    return {"naive": Naive(WINDOW, T), "far": SeasonalNaive(WINDOW, T, (FAR,)), "near": SeasonalNaive(WINDOW, T, (4,))}


def score_and_cover(name, panel, counts, split, models):
    conformal = calibrate(models[name], panel, WINDOW, counts, split.validation)
    sums = IntervalSums(name, models[name], conformal, LEVELS)
    pieces = iterate_forecasts(models, panel, WINDOW, counts, split.test, Recorder())
    pieces = sums.watch(pieces, panel, split.test)
    return sum_errors(pieces, tuple(models), panel, WINDOW, split.test, counts), sums


def score_one_by_one(model, panel, counts, rows):
    """Return sums of absolute and squared errors (N, T, H), n (N, T, H), and losses by step: a window at a time."""
    sums = np.zeros((3, panel.n_series, T, WINDOW.horizon))
    losses = {}
    for row in rows:
        own = np.array([row])
        truth, observed = gather_truth(panel, own, WINDOW)
        scored = (observed & counts[own][:, None, :])[0].T
        error = (model.predict(gather_batch(panel, own, model.lookback, 1)) - truth).astype(np.float64)[0].T
        for place, values in enumerate((np.abs(error), error**2, np.ones_like(error))):
            sums[place, series_of(panel, own)[0]] += np.where(scored, values, 0)
        seen = losses.setdefault(int(steps_of(panel)[row]), [])
        seen += np.abs(error)[scored].tolist()
    return sums, losses


@pytest.mark.parametrize("budget", [2**21, 100])
@pytest.mark.parametrize("gaps", [0.0, 0.1])
def test_errors_are_those_of_a_window_at_a_time_however_far_a_model_looks(monkeypatch, gaps, budget):
    monkeypatch.setattr("forecast_cli.evaluation.backtest.BUDGET", budget)  # small: the far model reads run by run
    panel, counts, split = make_scene(gaps)
    scores, _ = score_and_cover("far", panel, counts, split, list_models())
    for m, model in enumerate(list_models().values()):
        (absolute, squared, n), losses = score_one_by_one(model, panel, counts, split.test)
        np.testing.assert_array_equal(scores.n, n)
        np.testing.assert_allclose(scores.absolute[m], absolute / n, rtol=1e-12)
        np.testing.assert_allclose(scores.squared[m], squared / n, rtol=1e-12)
        assert scores.cutoffs.tolist() == sorted(losses)
        if not gaps:  # else values of a column with gaps weigh more, as in the ranking
            np.testing.assert_allclose(scores.losses[m], [np.mean(losses[step]) for step in sorted(losses)], rtol=1e-12)
        mean = np.mean(np.mean(absolute.sum(axis=2) / n.sum(axis=2), axis=1))
        assert scores.losses[m] @ scores.weights == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("name", ["naive", "far"])
def test_coverage_counted_in_passing_is_that_of_a_window_at_a_time(name):
    panel, counts, split = make_scene()
    model = list_models()[name]
    _, sums = score_and_cover(name, panel, counts, split, list_models())
    inside, n = np.zeros(len(LEVELS)), np.zeros(len(LEVELS))
    for row in split.test:
        own = np.array([row])
        batch = gather_batch(panel, own, model.lookback, 1)
        truth, observed = gather_truth(panel, own, WINDOW)
        radius = take_radius(sums.conformal, LEVELS, measure_spread(batch, T))
        known = observed & counts[own][:, None, :] & np.isfinite(radius)
        inside += ((np.abs(model.predict(batch) - truth) <= radius) & known).sum(axis=(1, 2, 3))
        n += known.sum(axis=(1, 2, 3))
    assert n[0] > 100
    assert n[2] == 0  # 99 % needs more windows than validation has
    found = sums.finish()
    np.testing.assert_allclose(cover(found.inside, found.n)[:2], 100 * inside[:2] / n[:2])
    assert found.n.sum(axis=(1, 2, 3)).tolist() == found.n_by_cutoff.sum(axis=1).tolist() == n.tolist()
    np.testing.assert_allclose((np.nan_to_num(found.inside_by_cutoff) * found.n_by_cutoff).sum(axis=1), inside)
    assert np.isnan(found.width[2]).all()


def test_every_model_is_asked_about_every_window_once_for_errors_and_coverage_together():
    panel, counts, split = make_scene()
    models = {"saved": Counting(), "other": Counting()}
    conformal = calibrate(Naive(WINDOW, T), panel, WINDOW, counts, split.validation)
    sums = IntervalSums("saved", models["saved"], conformal, LEVELS)
    pieces = iterate_forecasts(models, panel, WINDOW, counts, split.test, Recorder())
    pieces = sums.watch(pieces, panel, split.test)
    sum_errors(pieces, tuple(models), panel, WINDOW, split.test, counts)
    expected = steps_of(panel)[split.test].tolist()
    assert [model.asked for model in models.values()] == [expected, expected]


def test_watching_coverage_changes_no_score():
    panel, counts, split = make_scene()
    watched, _ = score_and_cover("near", panel, counts, split, list_models())
    alone = score_models(list_models(), panel, WINDOW, counts, split.test, Recorder())
    for name in ("absolute", "squared", "n", "losses"):
        np.testing.assert_array_equal(getattr(watched, name), getattr(alone, name))


def test_a_model_that_looks_far_back_copies_no_history():
    panel, rows = make_panel(np.zeros((60_000, 3))), np.arange(55_000, 55_100)
    (batch,) = iterate_windows(SeasonalNaive(WINDOW, 3, (50_000,)), panel, rows)  # 60 MB if it were copied
    assert batch.history.shape == (100, 50_000, 3)
    assert np.shares_memory(batch.history, panel.values)
    assert len(rows) * 50_000 * 3 > windows.BUDGET


def test_without_a_window_nothing_is_scored():
    panel, counts, _ = make_scene()
    none = np.empty(0, dtype=np.int64)
    scores = score_models(list_models(), panel, WINDOW, counts, none, Recorder())
    assert (scores.n_windows, scores.n.sum()) == (0, 0)
    assert np.isnan(scores.absolute).all()


def test_progress_counts_the_windows_of_all_stages():
    panel, counts, split = make_scene()
    listener, asked = Recorder(), []

    def ask(rows):
        asked.extend(rows.tolist())
        return {"zero": np.zeros((len(rows), WINDOW.horizon, T), dtype=np.float32)}

    stages = [Stage(split.test[:7], ask), Stage(split.test[7:], ask)]
    pieces = list(iterate_stages(stages, panel, WINDOW, counts, len(split.test), listener))
    assert asked == split.test.tolist() == [row for piece in pieces for row in piece.rows]
    assert listener.stages[-1] == ("score", len(split.test), len(split.test))
    assert [done for _, done, _ in listener.stages] == np.cumsum([len(piece.rows) for piece in pieces]).tolist()
