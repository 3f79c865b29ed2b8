"""The report for machines: everything that the HTML report shows, and the figures behind it.

`report.schema.json` beside this file describes every key: meaning, shape and unit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.evaluation.interval_metrics import cover_steps
from forecast_cli.prepare.windows import take_evenly
from forecast_cli.reporting.tables import ranking_columns, to_json_rows, to_plain_list
from forecast_cli.types import Forecast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.report import Outlook, Report
    from forecast_cli.types import Json, Scores

SCHEMA_VERSION = 2
SCHEMA = Path(__file__).with_name("report.schema.json")  # JSON Schema, draft 2020-12
MOST_NUMBERS = 500_000  # in all trials together, which are about 5 MB


def encode_report(report: Report) -> bytes:
    """Return the report as JSON in UTF-8: a line per key, nothing but what is needed within it.

    What a file's name may hold and UTF-8 may not becomes an escape, as JSON knows them.
    """
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
    lines = (f"{encode(key)}: {encode(value)}" for key, value in report_to_json(report).items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode(errors="backslashreplace")


def report_to_json(report: Report) -> Json:
    """Return the report as plain JSON, as `report.schema.json` says; None where a number is unknown or infinite.

    Arrays are nested lists, their numbers the shortest that read back as the same float32; those of forecasts are
    that already, or finer where a float32 is too coarse for the column.
    """
    shown = {
        "ranking": to_json_rows(ranking_columns(report.ranking)),
        "scores": _list_scores(report.scores),
        "trials": _to_plain(thin_trials(report.trials)),
    }
    names = [field.name for field in fields(report)]
    return {
        "schema_version": SCHEMA_VERSION,
        **{name: shown[name] if name in shown else _to_plain(getattr(report, name)) for name in names},
    }


def thin_trials(trials: Sequence[Outlook], most: int = MOST_NUMBERS) -> tuple[Outlook, ...]:
    """Return evenly taken trials of at most so many numbers together, but at least the last one."""
    largest = max((_count_numbers(trial) for trial in trials), default=1)
    backwards = np.arange(len(trials))[::-1]
    return tuple(trials[k] for k in take_evenly(backwards, max(most // largest, 1))[::-1])


def _count_numbers(trial: Outlook) -> int:
    said = trial.forecast
    return trial.recent.size + trial.truth.size + said.point.size + said.lower.size + said.upper.size


def _list_scores(scores: Scores) -> Json:
    """Return the errors, what the verdict is made of, and the coverage of each step; the rest is in scores.parquet."""
    names = ("models", "absolute", "squared", "n", "cutoffs", "losses", "weights", "n_windows")
    found = scores.intervals
    coverage = {} if found is None else dict(zip(found.levels, cover_steps(found), strict=True))
    return {**{name: _to_plain(getattr(scores, name)) for name in names}, "coverage": _to_plain(coverage)}


def _to_plain(value: Any, *, is_exact: bool = False) -> Any:
    """Return dataclasses and mappings as dicts, arrays and tuples as lists, and scalars as JSON can hold them."""
    is_exact = is_exact or isinstance(value, Forecast)
    if is_dataclass(value):
        return {field.name: _to_plain(getattr(value, field.name), is_exact=is_exact) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_to_plain(item) for item in value]
    if not isinstance(value, np.ndarray):
        return to_plain_list([value])[0]
    return to_plain_list(value if is_exact or value.dtype != np.float64 else value.astype(np.float32))
