import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.evaluation.backtest import score_models
from forecast_cli.evaluation.figures import rank_models
from forecast_cli.evaluation.metrics import (
    average,
    compare_targets,
    measure_in_unit,
    measure_season_errors,
)
from forecast_cli.models.baselines import Naive, SeasonalNaive
from forecast_cli.prepare.scaling import fit_scaler, scale_panel
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, gather_batch, gather_truth, series_of
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel

WINDOW = Window(6, 3)
SEASON = 4


def make_scene(seed, gaps=0.1, n_series=2):
    rng = np.random.default_rng(seed)
    tables = [np.where(rng.random((60, 2)) < gaps, np.nan, rng.normal(size=(60, 2))) for _ in range(n_series)]
    panel = make_panel(*tables)
    counts = count_cutoffs(panel, WINDOW, False)
    split = make_split(panel, WINDOW, counts, (30, 40, 60))
    scaler = fit_scaler(panel, 30, WINDOW.reach)
    return panel, scale_panel(panel, scaler), scaler, counts, split


def models():
    return {"naive": Naive(WINDOW, 2), "seasonal-naive": SeasonalNaive(WINDOW, 2, (SEASON,))}


@pytest.fixture(scope="module")
def losses():
    from utilsforecast import losses

    return losses


def long_frame(panel, counts, rows, model):
    """One row per window, series, target and step, as utilsforecast wants it; what is not scored is left out."""
    import pandas as pd

    truth, observed = gather_truth(panel, rows, WINDOW)
    scored = observed & counts[rows][:, None, :]
    forecast = model.predict(gather_batch(panel, rows, model.lookback, 1))
    b, h, t = np.nonzero(scored)
    ids = [f"{series_of(panel, rows[[i]])[0]}-{j}" for i, j in zip(b, t, strict=True)]
    return pd.DataFrame({"unique_id": ids, "y": truth[b, h, t], "model": forecast[b, h, t]})


@given(seed=st.integers(0, 50), gaps=st.sampled_from([0.0, 0.05, 0.15]))
@settings(max_examples=15, deadline=None)
def test_errors_are_those_of_utilsforecast_on_panels_with_gaps(losses, seed, gaps):
    _, scaled, scaler, counts, split = make_scene(seed, gaps)
    rows = split.test
    scores = score_models(models(), scaled, WINDOW, counts, rows, Recorder())
    ranking = {row.model: row for row in rank_models(scores, np.ones((2, 2, 2)), scaler, {}, {})}
    for name, model in models().items():
        frame = long_frame(scaled, counts, rows, model)
        by_column = {"mae": losses.mae(frame, models=["model"]), "mse": losses.mse(frame, models=["model"])}
        for metric, ours in (("mae", ranking[name].mae_scaled), ("mse", ranking[name].mse_scaled)):
            table = by_column[metric].set_index("unique_id")["model"]
            per_series = [np.mean([table[f"{i}-{t}"] for t in (0, 1) if f"{i}-{t}" in table]) for i in (0, 1)]
            assert ours == pytest.approx(np.mean(per_series), rel=1e-5)


def test_mase_is_that_of_utilsforecast(losses):
    import pandas as pd

    _, scaled, scaler, counts, split = make_scene(3, gaps=0.0, n_series=1)
    scores = score_models(models(), scaled, WINDOW, counts, split.test, Recorder())
    season_errors = measure_season_errors(scaled, SEASON, 30)
    ranking = rank_models(scores, season_errors, scaler, {}, {})
    row = next(row for row in ranking if row.model == "naive")
    frame = long_frame(scaled, counts, split.test, models()["naive"])
    train = pd.DataFrame(
        {"unique_id": np.repeat(["0-0", "0-1"], 30), "y": scaled.values[:30].T.ravel(), "ds": np.tile(np.arange(30), 2)}
    )
    oracle = losses.mase(frame, models=["model"], seasonality=SEASON, train_df=train)["model"].mean()
    assert row.mase == pytest.approx(oracle, rel=1e-5)


def test_skill_is_one_minus_the_ratio_to_the_seasonal_naive():
    _, scaled, scaler, counts, split = make_scene(0)
    scores = score_models(models(), scaled, WINDOW, counts, split.test, Recorder())
    rows = {row.model: row for row in rank_models(scores, np.ones((2, 2, 2)), scaler, {}, {})}
    assert rows["seasonal-naive"].skill == 0
    ratio = rows["naive"].mae_scaled / rows["seasonal-naive"].mae_scaled
    assert rows["naive"].skill == pytest.approx(1 - ratio)


def test_a_constant_series_has_no_mase_rather_than_an_infinite_one():
    panel = make_panel(np.full(60, 3.0))
    assert measure_season_errors(panel, 4, 30).tolist() == [[[0.0]], [[0.0]]]
    assert np.isnan(measure_season_errors(panel, 70, 30)).all()
    counts = count_cutoffs(panel, WINDOW, False)
    rows = make_split(panel, WINDOW, counts, (30, 40, 60)).test
    scores = score_models({"naive": Naive(WINDOW, 1)}, panel, WINDOW, counts, rows, Recorder())
    ranking = rank_models(scores, measure_season_errors(panel, 4, 30), fit_scaler(panel, 30, 6), {}, {})
    assert ranking[0].mase is None


def test_season_errors_of_a_large_panel_take_the_memory_of_a_few_columns():
    panel = make_panel(np.random.default_rng(0).normal(size=(50_000, 20)))
    tracemalloc.start()
    errors = measure_season_errors(panel, 24, 50_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert errors[0, 0] == pytest.approx(2 / np.sqrt(np.pi), rel=0.02)  # the mean size of N(0, 2)
    assert peak < panel.values.nbytes / 2


def test_columns_with_different_units_weigh_the_same():
    errors = np.array([[[[1.0, 1.0]], [[3.0, 3.0]]]])  # (M=1, N=2, T=1, H=2)
    n = np.array([[[100, 100]], [[1, 1]]])
    assert average(errors, n).tolist() == [2.0]


def test_what_was_never_scored_is_left_out_at_each_stage():
    errors = np.array([[[[1.0, np.nan]], [[np.nan, np.nan]]]])
    n = np.array([[[5, 0]], [[0, 0]]])
    assert average(errors, n).tolist() == [1.0]


def test_errors_in_a_targets_unit_are_scaled_ones_times_its_standard_deviation():
    panel, scaled, scaler, counts, split = make_scene(1, n_series=1)
    in_unit = score_models(models(), panel, WINDOW, counts, split.test, Recorder())
    in_scale = score_models(models(), scaled, WINDOW, counts, split.test, Recorder())
    mae, _ = measure_in_unit(in_scale, scaler)
    np.testing.assert_allclose(
        mae[0, 0], np.nansum(in_unit.absolute[0, 0, 0] * in_unit.n[0, 0]) / in_unit.n[0, 0].sum()
    )
    best = compare_targets(in_scale, panel, scaler, "naive")
    assert [row.best_baseline for row in best] == ["seasonal-naive", "seasonal-naive"]


def test_a_network_that_is_part_of_a_blend_is_no_baseline_of_it():
    panel, scaled, scaler, counts, split = make_scene(1, n_series=1)
    rivals = {"blend": Naive(WINDOW, 2), "conv-birnn": Naive(WINDOW, 2), **models()}
    scores = score_models(rivals, scaled, WINDOW, counts, split.test, Recorder())
    better = replace(scores, absolute=scores.absolute * np.array([1, 0.1, 1, 1])[:, None, None, None])
    assert {row.best_baseline for row in compare_targets(better, panel, scaler, "blend")} <= {"naive", "seasonal-naive"}


def test_mae_and_rmse_are_empty_with_several_targets_and_filled_with_one():
    _, scaled, scaler, counts, split = make_scene(1)
    scores = score_models(models(), scaled, WINDOW, counts, split.test, Recorder())
    assert all(row.mae is None for row in rank_models(scores, np.ones((2, 2, 2)), scaler, {}, {}))
    one = make_panel(np.arange(60.0))
    counts = count_cutoffs(one, WINDOW, False)
    rows = make_split(one, WINDOW, counts, (30, 40, 60)).test
    scaler = fit_scaler(one, 30, 6)
    single = {"naive": Naive(WINDOW, 1)}
    ranking = rank_models(
        score_models(single, scale_panel(one, scaler), WINDOW, counts, rows, Recorder()),
        np.ones((2, 1, 1)),
        scaler,
        {},
        {},
    )
    assert ranking[0].mae == pytest.approx(2.0, rel=1e-5)  # a line is 1, 2 and 3 off
    assert ranking[0].rmse == pytest.approx(np.sqrt(14 / 3), rel=1e-5)


def test_every_window_of_the_split_is_scored_whatever_the_batches():
    _, scaled, _, counts, split = make_scene(2, gaps=0.0)
    scores = score_models(models(), scaled, WINDOW, counts, split.test, Recorder())
    assert scores.n_windows == len(split.test) == 2 * 18
    assert (scores.n == 18).all()
    assert len(scores.cutoffs) == 18


def test_rmsse_is_that_of_utilsforecast(losses):
    import pandas as pd

    _, scaled, scaler, counts, split = make_scene(3, gaps=0.0, n_series=1)
    scores = score_models(models(), scaled, WINDOW, counts, split.test, Recorder())
    ranking = rank_models(scores, measure_season_errors(scaled, SEASON, 30), scaler, {}, {})
    row = next(row for row in ranking if row.model == "naive")
    frame = long_frame(scaled, counts, split.test, models()["naive"])
    train = pd.DataFrame(
        {"unique_id": np.repeat(["0-0", "0-1"], 30), "y": scaled.values[:30].T.ravel(), "ds": np.tile(np.arange(30), 2)}
    )
    oracle = losses.rmsse(frame, models=["model"], seasonality=SEASON, train_df=train)["model"].mean()
    assert row.rmsse == pytest.approx(oracle, rel=1e-5)


@given(seed=st.integers(0, 50), gaps=st.sampled_from([0.0, 0.05, 0.15]))
@settings(max_examples=10, deadline=None)
def test_smape_is_that_of_utilsforecast_in_the_columns_units(losses, seed, gaps):
    panel, scaled, scaler, counts, split = make_scene(seed, gaps)
    scores = score_models(models(), scaled, WINDOW, counts, split.test, Recorder())
    ranking = {row.model: row for row in rank_models(scores, np.ones((2, 2, 2)), scaler, {}, {})}
    for name, model in models().items():
        frame = long_frame(scaled, counts, split.test, model)
        series, target = (frame["unique_id"].str.split("-").str[k].astype(int) for k in (0, 1))
        for column in ("y", "model"):
            frame[column] = frame[column] * scaler.scale[series, target] + scaler.loc[series, target]
        table = losses.smape(frame, models=["model"]).set_index("unique_id")["model"]
        per_series = [np.mean([table[f"{i}-{t}"] for t in (0, 1) if f"{i}-{t}" in table]) for i in (0, 1)]
        assert ranking[name].smape == pytest.approx(np.mean(per_series), rel=1e-4)
    unscaled = score_models(models(), panel, WINDOW, counts, split.test, Recorder())
    np.testing.assert_allclose(unscaled.symmetric, scores.symmetric, rtol=1e-3, atol=1e-4)


def test_smape_of_a_perfect_forecast_of_nothing_is_none():
    panel = make_panel(np.zeros(60))
    counts = count_cutoffs(panel, WINDOW, False)
    rows = make_split(panel, WINDOW, counts, (30, 40, 60)).test
    scores = score_models({"naive": Naive(WINDOW, 1)}, panel, WINDOW, counts, rows, Recorder())
    assert (scores.symmetric == 0).all()


def test_season_errors_are_the_mean_change_and_the_mean_square_of_it_before_the_border():
    panel = make_panel([0.0, 10.0, 1.0, 13.0, np.nan, 11.0, 500.0, 900.0])
    absolute, squared = measure_season_errors(panel, 2, 6)
    assert absolute.tolist() == [[(1 + 3 + 2) / 3]]
    assert squared.tolist() == [[(1 + 9 + 4) / 3]]
