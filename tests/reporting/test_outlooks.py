import dataclasses

import numpy as np
import pytest

from forecast_cli.reporting.page.head import list_tiles, tell_cuts
from forecast_cli.reporting.page.outlooks import build_outlooks
from forecast_cli.reporting.page.residuals import build_residuals
from forecast_cli.reporting.page.room import Room, find_room
from tests.reporting.conftest import H, W
from tests.reporting.test_packing import unpack_numbers, unpack_stamps


@pytest.fixture(scope="module")
def outlooks(report):
    return build_outlooks(report, find_room(report))


def unpack_curve(curve, width):
    values, bounds = unpack_numbers(curve["values"]), unpack_numbers(curve["bounds"])
    return values[:width], values[width : width + H], values[width + H :], bounds.reshape(4, H)


def test_a_curve_is_that_of_the_report_to_a_sixty_thousandth_of_its_span(report, outlooks):
    recent, point, truth, bounds = unpack_curve(outlooks["outlook"]["series"][1]["curves"][1], W)
    outlook, tolerance = report.outlook, np.ptp(report.outlook.recent[1, :, 1]) / 60_000
    assert np.allclose(recent, outlook.recent[1, :, 1], rtol=0, atol=tolerance)
    assert np.allclose(point, outlook.forecast.point[1, :, 1], rtol=0, atol=tolerance)
    assert np.allclose(bounds[0], outlook.forecast.lower[0, 1, :, 1], rtol=0, atol=2 * tolerance)
    assert np.isnan(bounds[[1, 3]]).all()  # too few windows for this level
    assert np.isnan(truth).all()  # not yet


def test_what_was_not_observed_is_a_gap(outlooks):
    recent, *_ = unpack_curve(outlooks["outlook"]["series"][0]["curves"][0], W)
    assert np.flatnonzero(np.isnan(recent)).tolist() == list(range(40, 46))


def test_a_trial_shows_its_truth_after_the_history_of_one_horizon(report, outlooks):
    trial, expected = outlooks["trials"][0], report.trials[0]
    recent, _, truth, _ = unpack_curve(trial["series"][0]["curves"][0], 48)
    assert np.allclose(truth, expected.truth[0, :, 0], atol=1e-3)
    assert np.allclose(recent, expected.recent[0, -48:, 0], atol=1e-3)
    axis = trial["axes"][trial["series"][0]["axis"]]
    assert unpack_stamps(axis["before"]) == list(expected.recent_timestamps[0][-48:])
    assert unpack_stamps(axis["ahead"]) == list(expected.forecast.timestamps[0])


def test_a_series_without_a_window_at_a_cutoff_is_missing_there_alone(outlooks):
    held = [[series is not None for series in trial["series"]] for trial in outlooks["trials"]]
    assert held == [[True, True], [True, False], [True, True], [True, True]]


def test_series_that_share_their_instants_hold_them_once(wide_report):
    outlook = build_outlooks(wide_report, Room(40, 1, 2, 120))["outlook"]
    assert len(outlook["axes"]) == 1
    assert [series["axis"] for series in outlook["series"]] == [0] * 40


def test_the_last_trial_is_always_among_those_shown(report):
    outlooks = build_outlooks(report, Room(1, 1, 2, 120))
    assert [trial["series"][0]["cutoff"] for trial in outlooks["trials"]] == [
        report.trials[0].forecast.cutoff[0],
        report.trials[-1].forecast.cutoff[0],
    ]


def test_a_small_report_is_whole(report):
    assert find_room(report) == Room(2, 2, 4, 1_500)
    assert tell_cuts(report, find_room(report)) == ""


def test_trials_are_dropped_before_targets_and_targets_before_series(report, wide_report):
    many = dataclasses.replace(wide_report, trials=wide_report.trials * 6)
    room = find_room(many)
    assert room.n_series == 40
    assert 5 <= room.n_trials < 10
    assert 1 < room.n_targets < 321
    two = find_room(dataclasses.replace(many, targets=many.targets[:2]))
    assert two.n_targets == 2
    assert room.n_trials < two.n_trials < 24


def test_what_was_cut_is_told(wide_report):
    cuts = tell_cuts(wide_report, Room(40, 7, 2, 120))
    assert cuts.startswith("To keep this page small, its plots of curves hold 7 of 321 targets, 2 of 4 trials;")


def test_a_hundred_thousand_points_of_history_are_thinned_and_keep_their_spike(report):
    outlook, long = report.outlook, 100_000
    recent = np.zeros((2, long, 2), np.float32)
    recent[0, 12_345, 0] = 7.0
    stamps = (tuple(str(k) for k in range(long)),) * 2
    many = dataclasses.replace(report, outlook=dataclasses.replace(outlook, recent=recent, recent_timestamps=stamps))
    curve = build_outlooks(many, find_room(many))["outlook"]["series"][0]["curves"][0]
    values = unpack_numbers(curve["values"])
    assert curve["before"] is not None
    assert np.nanmax(values) > 6.99
    assert len(values) <= 1_500 + 2 * H


def test_residuals_are_those_of_the_report_with_their_gaps(report):
    residuals = build_residuals(report, find_room(report))
    found = unpack_numbers(residuals["courses"][0]["curves"][0]["values"])
    assert np.allclose(found, report.residuals.first_step[0, :, 0], atol=1e-4, equal_nan=True)
    assert unpack_stamps(residuals["courses"][0]["stamps"]) == list(report.residuals.timestamps[0])
    first = residuals["targets"][0]
    assert first["counts"] == report.residuals.counts[0].tolist()
    assert first["autocorrelation"][:2] == [1.0, 0.6]
    assert first["autocorrelation"][7] is None
    hours = unpack_numbers(first["mean_by_hour"]).reshape(7, 24)
    assert np.allclose(hours, report.residuals.mean_by_hour[0], atol=1e-4, equal_nan=True)


def test_daily_data_have_no_hours(report):
    daily = dataclasses.replace(report.residuals, mean_by_hour=None, mae_by_hour=None)
    built = build_residuals(dataclasses.replace(report, residuals=daily), find_room(report))
    assert built["targets"][0]["mean_by_hour"] is None


def test_a_series_that_was_not_scored_has_no_course(report):
    one = dataclasses.replace(report.residuals, series_ids=report.series_ids[1:])
    built = build_residuals(dataclasses.replace(report, residuals=one), find_room(report))
    assert built["courses"][0] is None
    assert built["courses"][1] is not None


def test_the_figures_at_the_top_are_those_of_the_saved_model_each_on_one_line(report):
    verdict = dataclasses.replace(report.verdict, gain_interval=(9.0, 15.0))
    told = {name: (figure, remark) for name, figure, remark in list_tiles(dataclasses.replace(report, verdict=verdict))}
    assert told["MAE, scaled"][0] == "0.3510"
    assert told["Skill"][0] == "12.0\u202f%"
    assert told["Gain"] == ("12.0\u202f%", "taken off the MAE of linear; 95\u202f% interval 9.0\u202f% to 15.0\u202f%")
    assert told["Coverage"][0] == "78.9\u202f·\u202f–\u202f%"
    assert told["Horizon"] == ("24\u202fh", "24 steps of 1 h")
    assert told["Windows scored"][0] == "177"


def test_a_figure_that_is_unknown_is_not_at_the_top(report):
    alone = dataclasses.replace(report.verdict, gain=None, outcome="alone")
    bare = dataclasses.replace(report, verdict=alone, coverage={}, ranking=report.ranking[2:])
    assert [name for name, _, _ in list_tiles(bare)] == ["Horizon", "Windows scored"]
