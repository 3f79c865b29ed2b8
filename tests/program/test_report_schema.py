"""report.json as the program writes it, held against the schema that the package brings."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import numpy as np
import pytest


@pytest.mark.parametrize("name", ["trained", "linear"])
def test_the_report_that_train_writes_keeps_to_the_schema(request, name):
    schema = json.loads(files("forecast_cli").joinpath("reporting/report.schema.json").read_text(encoding="utf-8"))
    text = (request.getfixturevalue(name) / "forecast-model" / "report.json").read_text(encoding="utf-8")
    document = json.loads(text, parse_constant=pytest.fail)  # NaN and Infinity are no JSON
    jsonschema.Draft202012Validator(schema).validate(document)
    n, t, h = len(document["series_ids"]), len(document["targets"]), document["config"]["window"]["horizon"]
    assert np.shape(document["outlook"]["forecast"]["point"]) == (n, h, t)
    assert np.shape(document["scores"]["absolute"]) == (len(document["ranking"]), n, t, h)
    assert len(text) < 10_000_000
