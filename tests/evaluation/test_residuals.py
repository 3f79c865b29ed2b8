from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_cli.evaluation import residuals as room
from forecast_cli.evaluation.backtest import Piece
from forecast_cli.evaluation.histogram import SHOWN_BINS, Histogram
from forecast_cli.evaluation.hours import HourTable, find_hours
from forecast_cli.evaluation.residuals import ResidualSums, Ruler, autocorrelate
from forecast_cli.prepare.angles import Compass
from forecast_cli.prepare.windows import series_of, steps_of
from forecast_cli.types import Scaler, Window
from tests.panels import make_panel

WINDOW = Window(lookback=4, horizon=3, delay=2)
SCALE = np.array([[2.0, 5.0], [10.0, 0.5]])
PANEL = make_panel(np.zeros((60, 2)), np.zeros((50, 2)), start=[0, 20])
ROWS = np.array([*range(10, 50), *range(70, 100)])


def make_piece(rows, seed=0):
    """Return windows whose values depend on their row alone, some of them not scored."""
    errors = np.stack([np.random.default_rng([seed, row]).normal(0, 1, (3, 2)) for row in rows]).astype(np.float32)
    scored = np.stack([np.random.default_rng([seed, row, 1]).random((3, 2)) > 0.2 for row in rows])
    return Piece(rows, errors, scored, {"m": np.zeros_like(errors), "other": errors})


def gather(pieces, panel=PANEL, ruler=None, window=WINDOW, rows=ROWS):
    sums = ResidualSums("m", ruler or Ruler(SCALE, (0, 1)), window)
    assert list(sums.watch(iter(pieces), panel, rows)) == list(pieces)
    return sums.finish(panel)


def expect_errors():
    """Return (B, H, T) what `make_piece` of all rows misses, in the targets' units."""
    piece = make_piece(ROWS)
    return np.where(piece.scored, piece.truth * SCALE[series_of(PANEL, ROWS)][:, None, :], np.nan)


def test_the_course_of_a_series_holds_the_errors_of_the_first_step_in_the_targets_unit():
    found, errors, steps = gather([make_piece(ROWS)]), expect_errors(), steps_of(PANEL)[ROWS]
    assert found.series_ids == ("s0", "s1")
    assert found.first_step.shape == (2, 40, 2)  # the longer of both, up to the last cutoff of each
    np.testing.assert_allclose(found.first_step[0], errors[:40, 0], rtol=1e-6)
    np.testing.assert_allclose(found.first_step[1, 10:], errors[40:, 0], rtol=1e-6)
    assert np.isnan(found.first_step[1, :10]).all()
    last = PANEL.origin + np.timedelta64(int(steps[-1]) + WINDOW.delay, "h")
    assert found.timestamps[1][-1] == str(last.astype("datetime64[s]"))


@given(cuts=st.sets(st.integers(1, len(ROWS) - 1), max_size=5))
def test_it_does_not_matter_in_which_pieces_the_windows_pass_by(cuts):
    whole, cut = gather([make_piece(ROWS)]), gather([make_piece(each) for each in np.split(ROWS, sorted(cuts))])
    for name in ("first_step", "edges", "counts", "autocorrelation"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(cut, name))
    np.testing.assert_allclose(whole.mae_by_hour, cut.mae_by_hour, rtol=1e-12)
    np.testing.assert_allclose(whole.mean_by_hour, cut.mean_by_hour, rtol=1e-9, atol=1e-12)


def test_every_scored_value_is_counted_once_in_the_bin_that_it_lies_in():
    found, errors = gather([make_piece(ROWS)]), expect_errors()
    for t in range(2):
        known = errors[..., t][~np.isnan(errors[..., t])].astype(np.float32)
        inside = np.clip(known, found.edges[t, 0], np.nextafter(found.edges[t, -1], 0))
        np.testing.assert_array_equal(found.counts[t], np.histogram(inside, found.edges[t])[0])
        assert found.counts[t].sum() == len(known)
        assert np.count_nonzero(found.counts[t]) > SHOWN_BINS / 3
        assert np.abs(found.edges[t]).min() == 0  # an error of 0 is an edge: bins are of one sign


@given(arrays(np.float32, (50, 2), elements=st.floats(-1e6, 1e6, width=32)), st.integers(1, 49))
def test_a_histogram_counts_all_values_alike_in_any_order(values, cut):
    one, other = Histogram(np.array([8.0, 1e5])), Histogram(np.array([8.0, 1e5]))
    one.add(values)
    other.add(values[cut:])
    other.add(values[:cut])
    for mine, theirs in zip(one.finish(), other.finish(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert one.finish()[1].sum(axis=1).tolist() == [50, 50]


@pytest.mark.parametrize("size", [1e-4, 1.0, 50.0])
def test_a_histogram_shows_the_shape_of_errors_of_any_size(size):
    counts = Histogram(np.array([8.0]))
    counts.add(np.random.default_rng(0).normal(0, size, (10_000, 1)))
    edges, found = counts.finish()
    assert np.count_nonzero(found) > SHOWN_BINS / 3
    assert edges[0, -1] == pytest.approx(min(3.5 * size, 8), rel=0.5)


def test_a_histogram_of_nothing_is_empty_and_has_edges_all_the_same():
    edges, counts = Histogram(np.array([1.0])).finish()
    assert counts.sum() == 0
    assert (np.diff(edges) > 0).all()


@pytest.mark.parametrize("missing", [0, 20])
def test_the_autocorrelation_is_that_of_pandas_products_where_both_values_are_known(missing):
    import pandas as pd

    rng = np.random.default_rng(1)
    course = np.convolve(rng.normal(size=203), [1, 0.7, 0.4, 0.1])[3:-3]
    course[rng.choice(len(course), missing, replace=False)] = np.nan
    found, bound = autocorrelate(course[None, :, None].astype(np.float32), 12)
    apart = pd.Series(course) - np.nanmean(course)
    expected = [(apart * apart.shift(k)).mean() / (apart**2).mean() for k in range(13)]
    np.testing.assert_allclose(found[0], expected, rtol=1e-4, atol=1e-5)
    assert found[0, 0] == 1
    assert bound[0] == pytest.approx(1.96 / np.sqrt(len(course) - missing))


def test_white_noise_stays_within_the_bound_at_about_95_percent_of_the_lags():
    found, bound = autocorrelate(np.random.default_rng(2).normal(size=(1, 4000, 1)).astype(np.float32), 300)
    assert 0.9 < (np.abs(found[0, 1:]) < bound).mean() < 0.99


def test_series_on_different_levels_are_not_correlated_by_their_levels():
    noise = np.random.default_rng(3).normal(size=(2, 500, 1))
    levels = np.array([-50.0, 50.0])[:, None, None]
    found, bound = autocorrelate((noise + levels).astype(np.float32), 5)
    assert (np.abs(found[0, 1:]) < 3 * bound).all()


def test_what_never_varies_or_was_never_scored_has_no_autocorrelation():
    courses = np.stack([np.full((1, 30), 2.0), np.full((1, 30), np.nan)], axis=2).astype(np.float32)
    found, bound = autocorrelate(courses, 3)
    assert np.isnan(found).all()
    assert np.isnan(bound[1])


def test_an_angle_is_missed_the_shorter_way_round_in_degrees():
    degrees = np.array([[350.0, 10.0, 90.0]])
    said = np.array([[10.0, 350.0, 80.0]])
    truth, forecast = (
        np.stack([np.sin(np.radians(each)), np.cos(np.radians(each))], axis=2).astype(np.float32)
        for each in (degrees, said)
    )
    scaler = Scaler(np.zeros((2, 2)), np.ones((2, 2)))
    ruler = Ruler(scaler.scale, (0,), Compass(((0, 1),), scaler))
    piece = Piece(np.array([10]), truth, np.ones((1, 3, 2), bool), {"m": forecast})
    np.testing.assert_allclose(ruler.measure(piece, "m", np.array([0]))[0, :, 0], [-20, 20, 10], atol=1e-4)
    assert ruler.reach().tolist() == [180]


def test_hours_are_those_of_the_clock_on_the_wall_before_and_after_it_is_put_forward():
    panel = replace(make_panel(np.zeros(72), origin="2025-03-29T00:00"), tz="Europe/Berlin")  # a Saturday, in UTC
    hours = find_hours(panel, np.array([[0, 23], [25, 48]]))
    assert (hours // 24).tolist() == [[5, 6], [6, 0]]
    assert (hours % 24).tolist() == [[1, 0], [3, 2]]  # 01:00 in winter time is UTC + 1, 25 h later is 03:00


@pytest.mark.parametrize(("freq", "origin"), [("1D", "2025-01-01"), ("1W", "2025-01-06"), ("1row", None)])
def test_no_hours_are_told_where_steps_have_none(freq, origin):
    panel = make_panel(np.zeros((60, 2)), np.zeros((50, 2)), start=[0, 20], freq=freq, origin=origin)
    found = gather([make_piece(ROWS)], panel)
    assert found.mean_by_hour is None
    assert found.mae_by_hour is None


def test_errors_are_averaged_by_weekday_and_hour_as_pandas_does():
    import pandas as pd

    found, errors = gather([make_piece(ROWS)]), expect_errors()
    ahead = steps_of(PANEL)[ROWS][:, None] + WINDOW.delay + np.arange(3)
    table = pd.DataFrame(
        {"e": errors[..., 1].ravel()}, index=pd.DatetimeIndex(PANEL.origin + ahead.ravel() * np.timedelta64(1, "h"))
    )
    groups = table.groupby([table.index.day_of_week, table.index.hour]).e
    for (day, hour), mean in groups.mean().items():
        assert found.mean_by_hour[1, day, hour] == pytest.approx(mean, rel=1e-5, nan_ok=True)
    for (day, hour), mae in groups.apply(lambda each: each.abs().mean()).items():
        assert found.mae_by_hour[1, day, hour] == pytest.approx(mae, rel=1e-5, nan_ok=True)
    assert np.isnan(found.mean_by_hour[1]).sum() >= 168 - len(groups)


def test_an_hour_in_which_nothing_fell_is_unknown():
    table = HourTable(1)
    table.add(np.array([[[2.0]], [[np.nan]]]), make_panel(np.zeros(9)), np.array([[0], [1]]))
    mean, mae = table.finish()
    assert (mean[0, 2, 0], mae[0, 2, 0]) == (2.0, 2.0)  # 1 January 2025 was a Wednesday
    assert np.isnan(mean).sum() == 167


def test_the_courses_stay_within_their_budget_and_hold_the_newest_cutoffs(monkeypatch):
    monkeypatch.setattr(room, "MOST_NUMBERS", 30)
    monkeypatch.setattr(room, "SHORT_COURSE", 5)
    found = gather([make_piece(ROWS)])
    assert found.first_step.shape == (2, 5, 2)
    np.testing.assert_allclose(found.first_step[1], expect_errors()[-5:, 0], rtol=1e-6)
    monkeypatch.setattr(room, "MOST_NUMBERS", 1)
    assert gather([make_piece(ROWS)]).first_step.shape == (1, 1, 2)


def test_the_courses_of_forty_series_are_kept_at_most():
    panel = make_panel(*(np.zeros((10, 2)) for _ in range(50)))
    rows = np.arange(50) * 10 + 5
    found = gather([make_piece(rows)], panel, Ruler(np.ones((50, 2)), (0, 1)), rows=rows)
    assert len(found.series_ids) == 40
    assert found.counts.sum() == make_piece(rows).scored.sum()  # while all are counted
