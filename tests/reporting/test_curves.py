import dataclasses

import numpy as np

from forecast_cli.reporting.page.curves import (
    build_curves,
    build_learning,
    build_step_coverage,
    build_step_errors,
    fit_into_budget,
    round_to_span,
)


def test_the_curves_are_those_of_the_report_to_a_ten_thousandth_of_their_span(report):
    curve = build_curves(report)["series"][1]["targets"][1]
    span = np.ptp(report.outlook.recent[1, :, 1])
    assert np.allclose(curve["recent"], report.outlook.recent[1, :, 1], atol=span / 10_000)
    assert np.allclose(curve["upper"][0], report.outlook.forecast.upper[0, 1, :, 1], atol=span / 10_000)
    assert curve["upper"][1] == [None] * len(report.outlook.forecast.steps)


def test_what_was_not_observed_is_a_gap(report):
    recent = build_curves(report)["series"][0]["targets"][0]["recent"]
    assert [k for k, value in enumerate(recent) if value is None] == list(range(40, 46))


def test_row_numbers_are_numbers_and_instants_are_text(report):
    assert build_curves(report)["linear"] is False
    n, w, h = len(report.series_ids), report.outlook.recent.shape[1], report.outlook.truth.shape[1]
    forecast = dataclasses.replace(
        report.outlook.forecast,
        cutoff=(str(w - 1),) * n,
        timestamps=(tuple(str(w + k) for k in range(h)),) * n,
    )
    rows = dataclasses.replace(report, forecast=forecast, recent_timestamps=(tuple(str(k) for k in range(w)),) * n)
    curves = build_curves(rows)
    assert curves["linear"] is True
    assert curves["series"][0]["stamps"][-1] == curves["series"][0]["cutoff"] == w - 1
    assert curves["series"][0]["ahead"][0] == w


def test_at_most_twelve_series_are_embedded_and_fewer_targets_where_they_are_many(report, wide_report):
    assert fit_into_budget(report) == (2, 2)
    n_series, n_targets = fit_into_budget(wide_report)
    assert n_series == 12
    assert 1 < n_targets < 321


def test_the_error_of_a_step_is_the_mean_over_targets_and_then_series_of_what_was_scored(report):
    errors = build_step_errors(report)
    assert errors["models"] == ["blend", "segrnn", "seasonal-naive"]
    assert np.allclose(errors["errors"][2], np.linspace(0.2, 0.5, 24), atol=1e-4)


def test_coverage_of_a_step_is_that_of_all_series_and_targets_together(report):
    coverage = build_step_coverage(report)
    assert coverage["levels"] == [80, 95]
    assert coverage["shares"] == [[75.0] * 24, [None] * 24]


def test_small_changes_on_a_large_level_stay_visible():
    values = np.array([123_456_789.12, 123_456_789.34, np.nan])
    assert np.allclose(round_to_span(values)[:2], values[:2], atol=1e-5)
    assert np.array_equal(round_to_span(np.array([0.1, 0.1])), [0.1, 0.1])


def test_the_best_epoch_is_that_of_least_validation_loss(report):
    assert build_learning(report)["best"] == 4
    assert build_learning(dataclasses.replace(report, epochs=()))["best"] is None


def test_the_words_tell_what_a_plot_shows(report):
    words = build_curves(report)["series"][0]["targets"][0]["words"]
    assert words == (
        "flow | x [/m] of meter_1, 24 steps after 2026-03-04T23:00:00: the forecast lies between 12.00 and 28.00 m3/h, "
        "the truth lies between 11.72 and 28.48 m3/h."
    )
    unknown = dataclasses.replace(report, truth=np.full_like(report.outlook.truth, np.nan))
    assert build_curves(unknown)["series"][0]["targets"][0]["words"].endswith("the truth is unknown.")
