import dataclasses
import json
import math

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_cli.report import Report
from forecast_cli.reporting.report_json import SCHEMA, SCHEMA_VERSION, encode_report, report_to_json, thin_trials

SCHEMA_TEXT = json.loads(SCHEMA.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA_TEXT)


def list_objects(schema, place="report"):
    """Yield every part of the schema that describes an object, with its place."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield place, schema
        for key, value in schema.items():
            yield from list_objects(value, f"{place}.{key}")
    for item in schema if isinstance(schema, list) else ():
        yield from list_objects(item, place)


def count_numbers(value):
    """Return how many numbers, nulls included, the innermost lists hold."""
    return sum(map(count_numbers, value)) if isinstance(value, list) else 1


def test_the_version_comes_first_and_then_every_field_of_the_report(report):
    names = [field.name for field in dataclasses.fields(Report)]
    document = report_to_json(report)
    assert list(document) == ["schema_version", *names] == list(SCHEMA_TEXT["properties"])
    assert document["schema_version"] == SCHEMA_VERSION == SCHEMA_TEXT["properties"]["schema_version"]["const"]


def test_the_schema_is_one_and_the_report_keeps_to_it(report):
    jsonschema.Draft202012Validator.check_schema(SCHEMA_TEXT)
    VALIDATOR.validate(json.loads(encode_report(report)))


def test_a_report_without_its_optional_parts_keeps_to_the_schema(report):
    bare = dataclasses.replace(
        report,
        blend={},
        epochs=(),
        findings=(),
        rivals=(),
        residuals=dataclasses.replace(report.residuals, mean_by_hour=None, mae_by_hour=None),
        presence=None,
        layers=(),
        explanation=None,
        trials=(),
        scores=dataclasses.replace(report.scores, intervals=None),
    )
    VALIDATOR.validate(json.loads(encode_report(bare)))
    assert json.loads(encode_report(dataclasses.replace(bare, residuals=None)))["residuals"] is None


def test_every_object_of_the_schema_describes_its_keys_asks_for_them_and_takes_no_other():
    parts = list(list_objects(SCHEMA_TEXT))
    assert len(parts) > 20
    for place, part in parts:
        assert part["additionalProperties"] is False, place
        assert part["required"] == list(part["properties"]), place
        for key, described in part["properties"].items():
            assert described["description"].endswith("."), f"{place}: {key}"


@pytest.mark.parametrize("change", [{"recent": []}, {"model": 3}, {"coverage": {"high": 1.0}}, {"trials": None}])
def test_a_document_with_another_key_or_kind_is_refused(report, change):
    assert not VALIDATOR.is_valid(report_to_json(report) | change)


def test_a_document_that_lacks_a_key_is_refused(report):
    document = report_to_json(report)
    assert not any(VALIDATOR.is_valid({k: v for k, v in document.items() if k != key}) for key in document)


def test_what_the_schema_says_of_axes_is_so(report):
    document = report_to_json(report)
    trial = document["trials"][0]
    assert np.shape(trial["recent"]) == report.trials[0].recent.shape
    assert np.shape(trial["forecast"]["lower"]) == report.trials[0].forecast.lower.shape
    assert np.shape(document["residuals"]["mean_by_hour"]) == (2, 7, 24)
    assert np.shape(document["presence"]["share"]) == report.presence.share.shape


def test_it_is_valid_json_and_comes_back_as_it_was(report):
    assert json.loads(encode_report(report)) == report_to_json(report)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_not_finite_is_null_and_every_other_number_comes_back_as_the_same_float32(report, data):
    shape = report.residuals.first_step.shape
    values = data.draw(arrays(np.float32, shape, elements=st.floats(width=32), fill=st.just(math.inf)))
    scalar = data.draw(st.floats())
    residuals = dataclasses.replace(report.residuals, first_step=values)
    changed = dataclasses.replace(report, residuals=residuals, coverage={80: scalar}, trials=())
    document = json.loads(encode_report(changed))
    found = np.array(document["residuals"]["first_step"], np.float32)  # None reads as NaN
    assert np.array_equal(found, np.where(np.isfinite(values), values, np.nan), equal_nan=True)
    assert document["coverage"]["80"] == (scalar if math.isfinite(scalar) else None)
    VALIDATOR.validate(document)


def test_a_forecast_finer_than_float32_keeps_its_digits(report):
    point = np.full_like(report.outlook.forecast.point, 123_456_789.12, dtype=np.float64)
    forecast = dataclasses.replace(report.outlook.forecast, point=point)
    fine = dataclasses.replace(report, outlook=dataclasses.replace(report.outlook, forecast=forecast))
    assert report_to_json(fine)["outlook"]["forecast"]["point"][0][0][0] == 123_456_789.12


def test_many_trials_are_thinned_evenly_and_the_last_one_stays(report):
    trial = report.outlook
    size = sum(count_numbers(each.tolist()) for each in (trial.recent, trial.truth)) + sum(
        count_numbers(each.tolist()) for each in (trial.forecast.point, trial.forecast.lower, trial.forecast.upper)
    )
    trials = tuple(dataclasses.replace(trial) for _ in range(9))
    places = {id(each): k for k, each in enumerate(trials)}

    def keep(most):
        return [places[id(each)] for each in thin_trials(trials, most)]

    assert keep(9 * size) == list(range(9))
    assert keep(5 * size) == [0, 2, 4, 6, 8]
    assert keep(2 * size) == [0, 8]
    assert keep(1) == [8]
    assert thin_trials((), 1) == ()


def test_forty_series_and_twenty_four_trials_of_two_weeks_ahead_make_a_file_of_a_few_megabytes(report):
    def widen(outlook):
        arrays = {name: np.repeat(getattr(outlook, name)[:1], 40, axis=0) for name in ("recent", "truth")}
        said = outlook.forecast
        point, lower, upper = (np.tile(v, (40, 14, 1)) for v in (said.point[:1], said.lower[:, :1], said.upper[:, :1]))
        stamps = tuple(said.timestamps[0] * 14 for _ in range(40))
        forecast = dataclasses.replace(said, point=point, lower=lower, upper=upper, timestamps=stamps)
        return dataclasses.replace(
            outlook, forecast=forecast, recent_timestamps=outlook.recent_timestamps[:1] * 40, **arrays
        )

    large = dataclasses.replace(report, outlook=widen(report.outlook), trials=(widen(report.outlook),) * 24)
    assert 1e6 < len(encode_report(large)) < 2e7


def test_hostile_names_come_back_as_they_were_even_those_that_are_no_unicode(report):
    names = ("\x1b[31m", "\u202egpj", '"}],', "\udcff.csv")
    document = json.loads(encode_report(dataclasses.replace(report, series_ids=names)))
    assert tuple(document["series_ids"]) == names


def test_the_same_report_gives_the_same_bytes(report):
    assert encode_report(report) == encode_report(report)
