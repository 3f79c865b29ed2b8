import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.evaluation.backtest import iterate_forecasts
from forecast_cli.evaluation.conformal import (
    calibrate,
    calibrate_angles,
    least_scores,
    measure_spread,
    take_percentiles,
    take_radius,
)
from forecast_cli.evaluation.interval_metrics import cover_steps
from forecast_cli.evaluation.interval_sums import IntervalSums
from forecast_cli.models.baselines import Naive
from forecast_cli.prepare.angles import Compass
from forecast_cli.prepare.scaling import fit_scaler, scale_panel
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, gather_batch
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel


@given(n=st.integers(1, 300), level=st.integers(1, 99))
@settings(deadline=None, max_examples=60)
def test_the_radius_is_the_score_of_rank_ceil_n_plus_1_times_level(n, level):
    scores = np.random.default_rng(n).permutation(n).astype(float).reshape(n, 1, 1) + 1
    percentile = take_percentiles(scores).percentiles[level - 1, 0, 0]
    rank = -(-(n + 1) * level // 100)
    assert np.isnan(percentile) if rank > n else percentile == rank


@pytest.mark.parametrize(("level", "n"), [(95, 19), (80, 4), (99, 99), (50, 1), (90, 9)])
def test_a_level_needs_as_many_windows_as_it_says_and_is_empty_below(level, n):
    assert least_scores(level) == n
    assert np.isfinite(take_percentiles(np.ones((n, 1, 1))).percentiles[level - 1]).all()
    assert np.isnan(take_percentiles(np.ones((n - 1, 1, 1))).percentiles[level - 1]).all()


def test_scores_that_were_not_observed_do_not_count():
    scores = np.array([1.0, 2, 3, np.nan]).reshape(4, 1, 1)
    assert take_percentiles(scores).n == 3
    assert take_percentiles(scores).percentiles[49, 0, 0] == 2


def test_intervals_cover_what_they_promise_on_a_random_walk():
    panel, window = make_panel(np.cumsum(np.random.default_rng(0).normal(size=8000))), Window(20, 5)
    counts = count_cutoffs(panel, window, False)
    split = make_split(panel, window, counts, (2000, 5000, 8000))
    model = Naive(window, 1)
    conformal = calibrate(model, panel, window, counts, split.validation)
    sums = IntervalSums("naive", model, conformal, (50, 80, 95))
    pieces = iterate_forecasts({"naive": model}, panel, window, counts, split.test, Recorder())
    assert sum(len(piece.rows) for piece in sums.watch(pieces, panel, split.test)) == len(split.test)
    shares = cover_steps(sums.finish())  # (K, H)
    np.testing.assert_allclose(shares[:2], np.repeat([[50], [80]], 5, axis=1), atol=5)
    np.testing.assert_allclose(shares[2], 95, atol=2.5)


def test_intervals_never_cross_and_widen_with_the_level_and_the_spread():
    conformal = take_percentiles(np.abs(np.random.default_rng(0).normal(size=(500, 2, 1))))
    radius = take_radius(conformal, (10, 50, 90), np.array([[1.0], [2.0]], dtype=np.float32))
    assert radius.shape == (3, 2, 2, 1)
    assert (np.diff(radius, axis=0) >= 0).all()
    np.testing.assert_allclose(radius[:, 1], 2 * radius[:, 0])


def test_a_window_that_stood_still_has_a_spread_all_the_same():
    panel = make_panel(np.zeros(20))
    assert measure_spread(gather_batch(panel, np.array([15]), 10, 1), 1) == pytest.approx(0.1)


def test_the_spread_of_a_history_as_long_as_a_day_of_seconds_is_that_of_its_newest_part_and_takes_little_memory():
    panel = make_panel(np.random.default_rng(0).normal(size=(60_000, 2)))
    batch = gather_batch(panel, np.arange(55_000, 55_400), 50_000, 1)  # 160 MB if it were copied
    tracemalloc.start()
    spread = measure_spread(batch, 2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_allclose(spread, batch.history[:, -2048:].std(axis=1), rtol=1e-6)
    assert peak < 60e6
    assert measure_spread(gather_batch(panel, np.array([5]), 4, 1), 2)[0] == pytest.approx(
        panel.values[2:6].std(axis=0)
    )


def test_the_angular_error_is_the_shorter_way_round_and_covers_what_it_promises():
    turns = np.cumsum(np.random.default_rng(1).normal(0, 12, 6000))  # a vane that wanders through north again and again
    panel = make_panel(np.stack([np.sin(np.radians(turns)), np.cos(np.radians(turns))], axis=1))
    scaler = fit_scaler(panel, 2000, 20)
    scaled, window = scale_panel(panel, scaler), Window(20, 2)
    counts = count_cutoffs(panel, window, False)
    split, model, compass = (
        make_split(panel, window, counts, (2000, 4000, 6000)),
        Naive(window, 2),
        Compass(((0, 1),), scaler),
    )
    percentiles = calibrate_angles(model, compass, scaled, window, counts, split.validation)
    assert percentiles.shape == (99, 2, 1)
    ahead = np.abs(turns[split.test + 1] - turns[split.test])  # far below half a turn
    assert np.mean(ahead <= percentiles[79, 0, 0]) == pytest.approx(0.8, abs=0.04)
    assert np.mean(ahead <= percentiles[94, 0, 0]) == pytest.approx(0.95, abs=0.03)
