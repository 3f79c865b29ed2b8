import dataclasses

import numpy as np

from forecast_cli.reporting.page.curves import (
    build_explanation,
    build_learning,
    build_presence,
    build_rivals,
    build_step_coverage,
    build_step_errors,
)
from forecast_cli.reporting.page.values import list_epochs, list_presence, list_step_errors
from tests.reporting.test_packing import unpack_numbers


def test_the_error_of_a_step_is_the_mean_over_targets_and_then_series_of_what_was_scored(report):
    errors = build_step_errors(report)
    assert errors["models"] == ["blend", "segrnn", "seasonal-naive"]
    assert np.allclose(errors["errors"][2], np.linspace(0.2, 0.5, 24), atol=1e-6)
    assert list_step_errors(report)[1][0] == ["1", "0.1760", "0.1800", "0.2000"]


def test_coverage_of_a_step_is_that_of_all_series_and_targets_together(report):
    coverage = build_step_coverage(report)
    assert coverage["levels"] == [80, 95]
    assert coverage["shares"] == [[75.0] * 24, [None] * 24]


def test_the_best_epoch_is_that_of_least_validation_loss(report):
    learning = build_learning(report)
    assert learning["best"] == 4
    assert learning["rate"] == [1e-3] * 8
    assert build_learning(dataclasses.replace(report, epochs=()))["best"] is None
    assert list_epochs(report)[1][0] == ["1", "0.9000", "0.6600", "0.001000", "2.500"]


def test_a_rival_without_a_known_gain_is_in_the_table_and_not_in_the_plot(report):
    unknown = dataclasses.replace(report.rivals[0], gain=None, gain_interval=None)
    drawn = build_rivals(dataclasses.replace(report, rivals=(unknown, report.rivals[1])))
    assert drawn == [{"name": "seasonal-naive", "gain": 12.25, "interval": (9.0, 15.5), "outcome": "better"}]


def test_presence_keeps_what_lies_outside_of_a_series_apart_from_its_gaps(report):
    presence = build_presence(report)
    share = unpack_numbers(presence["share"]).reshape(2, 30)
    assert np.isnan(share[0, :4]).all()
    assert np.allclose(share[0, 10:13], 0)
    assert np.isclose(share[1, 20], 62.5, atol=0.01)
    assert list_presence(report)[1] == [["meter_1", "88.5 %"], ["<script>alert(1)</script>", "98.8 %"]]
    assert build_presence(dataclasses.replace(report, presence=None)) is None


def test_an_explanation_names_each_input_with_its_role(report):
    explanation = build_explanation(report)
    assert explanation["inputs"] == [["flow | x [/m] (target)", 80.5], ["tariff (known ahead)", -0.25]]
    assert explanation["parts"][-1] == [23, 0, 60.0]
    assert build_explanation(dataclasses.replace(report, explanation=None)) is None
