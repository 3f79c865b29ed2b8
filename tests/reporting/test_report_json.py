import dataclasses
import json

import numpy as np

from forecast_cli.report import Report
from forecast_cli.reporting.report_json import report_to_json


def test_the_version_comes_first_and_then_every_field_of_the_report(report):
    names = [field.name for field in dataclasses.fields(Report)]
    assert list(report_to_json(report)) == ["schema_version", *names]
    assert report_to_json(report)["schema_version"] == 1


def test_the_docstring_names_every_key(report):
    document = report_to_json(report)
    for part in (document, document["config"], document["scores"], document["forecast"]):
        assert all(key in report_to_json.__doc__ for key in part)


def test_it_is_valid_json_and_comes_back_as_it_was(report):
    document = report_to_json(report)
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_unknown_numbers_are_null_and_the_others_keep_their_digits(report):
    document = report_to_json(report)
    assert document["coverage"] == {"80": 78.94, "95": None}
    assert document["recent"][0][40][0] is None
    recent = np.array(document["recent"], np.float32)  # None reads as NaN
    assert np.array_equal(recent, report.outlook.recent, equal_nan=True)
    assert np.array(document["forecast"]["lower"], float).shape == report.outlook.forecast.lower.shape


def test_the_same_report_gives_the_same_text(report):
    assert json.dumps(report_to_json(report)) == json.dumps(report_to_json(report))
