"""The figures of intervals, held against utilsforecast on panels with gaps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.evaluation.backtest import iterate_forecasts
from forecast_cli.evaluation.conformal import calibrate, measure_spread, take_radius
from forecast_cli.evaluation.figures import measure_figures
from forecast_cli.evaluation.interval_sums import IntervalSums
from forecast_cli.evaluation.sums import sum_errors
from forecast_cli.models.baselines import Naive
from forecast_cli.prepare.scaling import fit_scaler, scale_panel
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, gather_batch, gather_truth, series_of
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel

WINDOW, LEVELS, N, T = Window(6, 3), (50, 80), 2, 2
WHOLE = (slice(None), slice(None), slice(None))
MODEL = Naive(WINDOW, T)


def make_scene(seed, gaps=0.1, bounds=None):
    """Return the scores with intervals of the naive, the scaler, and every interval as utilsforecast wants it."""
    rng = np.random.default_rng(seed)
    tables = [np.where(rng.random((90, T)) < gaps, np.nan, rng.normal(5, 2, size=(90, T))) for _ in range(N)]
    panel = make_panel(*tables)
    counts = count_cutoffs(panel, WINDOW, False)
    split = make_split(panel, WINDOW, counts, (40, 65, 90))
    scaler = fit_scaler(panel, 40, WINDOW.reach)
    scaled = scale_panel(panel, scaler)
    conformal = calibrate(MODEL, scaled, WINDOW, counts, split.validation)
    sums = IntervalSums("naive", MODEL, conformal, LEVELS, bounds)
    pieces = iterate_forecasts({"naive": MODEL}, scaled, WINDOW, counts, split.test, Recorder())
    scores = sum_errors(sums.watch(pieces, scaled, split.test), ("naive",), scaled, WINDOW, split.test, counts)
    return (
        replace(scores, intervals=sums.finish()),
        scaler,
        list_intervals(scaled, scaler, counts, split.test, conformal),
    )


def list_intervals(scaled, scaler, counts, rows, conformal):
    """Return a row per scored value, in the columns' units; what is not scored is left out."""
    import pandas as pd

    truth, observed = gather_truth(scaled, rows, WINDOW)
    batch = gather_batch(scaled, rows, MODEL.lookback, 1)
    point, radius = MODEL.predict(batch), take_radius(conformal, LEVELS, measure_spread(batch, T))
    b, h, t = np.nonzero(observed & counts[rows][:, None, :])
    series = series_of(scaled, rows)[b]
    loc, scale = scaler.loc[series, t], scaler.scale[series, t]
    table = {"unique_id": [f"{i}-{j}" for i, j in zip(series, t, strict=True)], "step": h, "scale": scale}
    table |= {"y": truth[b, h, t] * scale + loc, "m": point[b, h, t] * scale + loc}
    for k, level in enumerate(LEVELS):
        table[f"m-lo-{level}"] = (point - radius[k])[b, h, t] * scale + loc
        table[f"m-hi-{level}"] = (point + radius[k])[b, h, t] * scale + loc
    return pd.DataFrame(table)


def average_ids(table):
    """Return the mean over targets, then series, of utilsforecast's figure of each id."""
    by_id = table.set_index("unique_id")["m"]
    return np.mean([np.mean([by_id[f"{i}-{t}"] for t in range(T) if f"{i}-{t}" in by_id]) for i in range(N)])


@given(seed=st.integers(0, 50), gaps=st.sampled_from([0.0, 0.05, 0.15]))
@settings(max_examples=10, deadline=None)
def test_coverage_widths_winkler_scores_and_quantile_loss_are_those_of_utilsforecast(seed, gaps):
    from utilsforecast import losses

    scores, scaler, frame = make_scene(seed, gaps)
    (figures,) = measure_figures(scores, np.ones((2, N, T)), scaler)
    found = figures.intervals
    in_scale = frame[["y", "m", *(c for c in frame if "-" in c)]].div(frame["scale"], axis=0)
    in_scale["unique_id"] = frame["unique_id"]
    for level in LEVELS:
        inside = frame["y"].between(frame[f"m-lo-{level}"], frame[f"m-hi-{level}"])
        assert found.coverage[level] == pytest.approx(100 * inside.mean(), abs=100 / len(frame))  # one tie at most
        winkler = losses.winkler_score(in_scale, models=["m"], level=level)
        assert found.winkler_scaled[level] == pytest.approx(average_ids(winkler), rel=1e-4)
        in_scale["width"] = in_scale[f"m-hi-{level}"] - in_scale[f"m-lo-{level}"]
        widths = in_scale.groupby("unique_id")["width"].mean().rename("m").reset_index()
        assert found.width_scaled[level] == pytest.approx(average_ids(widths), rel=1e-4)
    bounds = {"m": ["m-lo-80", "m-lo-50", "m", "m-hi-50", "m-hi-80"]}
    oracle = losses.scaled_crps(frame, models=bounds, quantiles=np.array([0.1, 0.25, 0.5, 0.75, 0.9]))
    assert found.wql == pytest.approx(average_ids(oracle), rel=1e-4)


@given(seed=st.integers(0, 20))
@settings(max_examples=5, deadline=None)
def test_the_figures_of_a_part_are_those_of_utilsforecast_on_its_rows(seed):
    from utilsforecast import losses

    scores, scaler, frame = make_scene(seed)
    for name, part in {
        "0-1": (slice(0, 1), slice(1, 2), slice(None)),
        "step": (slice(None), slice(None), slice(1, 2)),
    }.items():
        (figures,) = measure_figures(scores, np.ones((2, N, T)), scaler, part)
        rows = frame[frame["step"] == 1] if name == "step" else frame[frame["unique_id"] == name]
        inside = rows["y"].between(rows["m-lo-80"], rows["m-hi-80"])
        assert figures.intervals.coverage[80] == pytest.approx(100 * inside.mean(), abs=100 / len(rows))
        smape = losses.smape(rows[["unique_id", "y", "m"]], models=["m"])
        assert figures.smape == pytest.approx(average_ids(smape) if name == "step" else smape["m"].item(), rel=1e-4)
        in_scale = rows[["y", "m"]].div(rows["scale"], axis=0).assign(unique_id=rows["unique_id"])
        mae = losses.mae(in_scale, models=["m"])
        assert figures.mae_scaled == pytest.approx(average_ids(mae) if name == "step" else mae["m"].item(), rel=1e-4)
        if name == "step":
            assert (figures.mae, figures.rmse) == (None, None)  # of two targets with units of their own
        else:
            own = rows[["unique_id", "y", "m"]]
            assert figures.mae == pytest.approx(losses.mae(own, models=["m"])["m"].item(), rel=1e-4)
            assert figures.rmse == pytest.approx(losses.rmse(own, models=["m"])["m"].item(), rel=1e-4)


def test_intervals_end_at_the_bounds_and_are_the_narrower_for_it():
    free, _, _ = make_scene(3)
    bounds = (np.full((N, T), -0.5, np.float32), np.full((N, T), np.inf, np.float32))
    bound, _, _ = make_scene(3, bounds=bounds)
    assert np.nanmax(bound.intervals.width - free.intervals.width) <= 0
    assert np.nansum(bound.intervals.width) < np.nansum(free.intervals.width)
    above = make_scene(3, bounds=(np.full((N, T), 50, np.float32), np.full((N, T), np.inf, np.float32)))[0]
    assert np.nansum(above.intervals.width) == 0  # all of the interval lies below
    assert np.nansum(above.intervals.inside) == 0


def test_a_level_without_intervals_is_unknown_and_no_part_of_the_quantile_loss():
    scores, scaler, _ = make_scene(1, gaps=0.0)
    found = scores.intervals
    lost = replace(
        found,
        n=found.n * np.array([1, 0])[:, None, None, None],
        inside=np.where([[[[True]]], [[[False]]]], found.inside, np.nan),
        width=np.where([[[[True]]], [[[False]]]], found.width, np.nan),
        winkler=np.where([[[[True]]], [[[False]]]], found.winkler, np.nan),
    )
    (one,) = measure_figures(replace(scores, intervals=lost), np.ones((2, N, T)), scaler)
    (both,) = measure_figures(scores, np.ones((2, N, T)), scaler)
    assert one.intervals.coverage == {50: both.intervals.coverage[50], 80: None}
    assert one.intervals.winkler_scaled[80] is None
    assert one.intervals.wql != both.intervals.wql
