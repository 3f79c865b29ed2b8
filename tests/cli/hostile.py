"""Workflows whose names are markup, escape sequences, line ends and direction marks; and some that say much."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from forecast_cli.results import CleanTable, CompareResult, Inspection, Prediction, Summary, TargetError, TrainResult
from tests.cli import fakes

HOSTILE = "<script>alert('x')</script> \"q\" [/b][bold]\x1b[2J\x1b]0;own\x07\r\nnext\u202eline\x9b31m"


def predict_hostile(request: Any, listener: Any) -> Prediction:
    """Return the name as series and as targets, and say it."""
    listener.note(f"reading {HOSTILE}", f"--target {HOSTILE}")
    listener.progress(f"fit {HOSTILE}", 1, 3, {})
    forecast = fakes.make_forecast(2, 3, 2)
    return fakes.look_back(replace(forecast, targets=(HOSTILE, f"{HOSTILE}2"), series_ids=(HOSTILE, f"{HOSTILE}2")))


def train_hostile(request: Any, listener: Any) -> TrainResult:
    """Return the name as a target, in the verdict and as the model."""
    result = fakes.train(request, listener)
    verdict = replace(result.verdict, sentence=f"{HOSTILE} is better")
    return replace(result, errors=(TargetError(HOSTILE, HOSTILE, 1.0, "naive", 2.0),), verdict=verdict)


def compare_hostile(request: Any, listener: Any) -> CompareResult:
    """Return the name in the verdict and in a cutoff."""
    result = fakes.compare(request, listener)
    verdict = replace(result.verdict, sentence=f"{HOSTILE} is better")
    return replace(result, verdict=verdict, windows={**result.windows, "first_cutoff": HOSTILE})


def inspect_hostile(request: Any, listener: Any) -> Inspection:
    """Return the name as a file and as a column."""
    found = fakes.make_inspection((HOSTILE,))
    columns = tuple(replace(each, column=HOSTILE, unit=HOSTILE) for each in found.columns)
    return replace(found, columns=columns, warnings=(HOSTILE,), command=f"forecast train '{HOSTILE}'")


def summary_hostile(request: Any, listener: Any) -> Summary:
    """Return the name among the facts."""
    found = fakes.summarize(request, listener)
    return replace(found, facts={**found.facts, "targets": HOSTILE}, notes=(HOSTILE,))


def ingest_hostile(request: Any, listener: Any) -> CleanTable:
    """Return the name as a column and as an id."""
    series = (HOSTILE, np.array([HOSTILE, HOSTILE], dtype=object))
    return CleanTable(series, None, None, {HOSTILE: np.array([1.0, 2.0])}, ("--target", HOSTILE))


def predict_many_targets(request: Any, listener: Any) -> Prediction:
    """Return six targets."""
    return fakes.make_prediction(1, 3, 6)


def predict_very_many_targets(request: Any, listener: Any) -> Prediction:
    """Return more targets than are ever drawn."""
    return fakes.make_prediction(1, 3, 45)


def predict_with_long_remarks(request: Any, listener: Any) -> Prediction:
    """Say more than a line holds, and a command that is longer than the terminal is wide."""
    listener.note("a long remark" + " word" * 20)
    listener.note(f"train one that does: forecast train data.csv --target {'x' * 90}")
    return fakes.predict(request, listener)
