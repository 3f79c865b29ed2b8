"""The report for machines: everything that the HTML report shows, and the figures behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.evaluation.interval_metrics import cover_steps
from forecast_cli.reporting.tables import ranking_columns, to_json_rows, to_plain_list

if TYPE_CHECKING:
    from forecast_cli.report import Report
    from forecast_cli.types import Json, Scores

SCHEMA_VERSION = 1


def report_to_json(report: Report) -> Json:
    """Return the report as plain JSON; keys in this order, arrays as nested lists, None where a number is unknown.

    Letters are the axes of `forecast_cli.types`; M models, W rows of history, K levels. Schema version 1:

    schema_version     1; raised when a key changes its meaning or goes away
    model              the saved model's name
    verdict            {model, baseline, outcome: better, worse, no difference, too few windows or alone; sentence,
                       gain: what the model takes off the baseline's MAE, in percent of it, gain_interval: its 95 %
                       interval, n_windows, n_cutoffs, block: cutoffs drawn together, series, targets, steps: each
                       {won, of}, no_better_from: a step or null, dm_p_value}
    config             freq, season_length (steps), window, split (steps from the earliest instant to the end
                       of train, validation, test), model, layers (null for a closed form), training, levels (percent)
    reading            sources, header, options (exact column names, freq, max_gap in steps, fill, ...),
                       decisions: list of {what, taken, evidence, flag}, counts: {rows_read, rows_rejected, ...},
                       columns: list of {name, kind, role, unit, n_values, n_missing, minimum, maximum},
                       rejects: list of {source, line, text, reason}
    ranking            list of rows as `compare-baselines` gives them, by rank
    errors             list of {target, unit, mae, best_baseline, baseline_mae}, in the target's unit
    scores             {models (M), absolute (M, N, T, H), squared (M, N, T, H), n (N, T, H), cutoffs (D),
                       losses (M, D), weights (D), n_windows, coverage}: mean errors, scaled; D distinct cutoffs,
                       each with its share of the ranking's error; coverage: {level in percent, as text: (H) share of
                       the test values inside at each step, in percent}. Here, and in errors, an angle is two targets,
                       its sine and its cosine; everywhere else it is one, in degrees. scores.parquet holds more
    series_ids (N), targets (T), units (T)
    coverage           {level in percent, as text: share of test values inside, in percent}
    epochs             list of {epoch, loss, val_loss, learning_rate, seconds}; empty for a closed form
    recent_timestamps (N, W), recent (N, W, T): what lay before the last test cutoff, in the targets' units
    forecast           {series_ids, targets, cutoff (N), timestamps (N, H), steps (H), point (N, H, T),
                       lower (K, N, H, T), upper (K, N, H, T), levels (K)}
    truth (N, H, T)    what then came
    learnt_until, command, versions {name: version}, data_hash
    blend              {model: share} of the saved blend; empty where one model alone is saved
    refitted_until     the last row that the second set learnt from, which predict runs; "" where there is none
    findings           list of {text, flag}: what the run suggests, the gravest first; flag "" where there is none
    """
    shown = {"ranking": to_json_rows(ranking_columns(report.ranking)), "scores": _list_scores(report.scores)}
    names = [field.name for field in fields(report)]
    return {
        "schema_version": SCHEMA_VERSION,
        **{name: shown[name] if name in shown else _to_plain(getattr(report, name)) for name in names},
    }


def _list_scores(scores: Scores) -> Json:
    """Return the errors, what the verdict is made of, and the coverage of each step; the rest is in scores.parquet."""
    names = ("models", "absolute", "squared", "n", "cutoffs", "losses", "weights", "n_windows")
    found = scores.intervals
    coverage = {} if found is None else dict(zip(found.levels, cover_steps(found), strict=True))
    return {**{name: _to_plain(getattr(scores, name)) for name in names}, "coverage": _to_plain(coverage)}


def _to_plain(value: Any) -> Any:
    """Return dataclasses and mappings as dicts, arrays and tuples as lists, and scalars as JSON can hold them."""
    if is_dataclass(value):
        return {field.name: _to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_to_plain(item) for item in value]
    return to_plain_list(value) if isinstance(value, np.ndarray) else to_plain_list([value])[0]
