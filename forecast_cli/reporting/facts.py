"""What stands in both the HTML and the Markdown report: labels beside values, and rows ready to be shown."""

from __future__ import annotations

import math
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.interval_metrics import cover_steps
from forecast_cli.frequency import count_steps
from forecast_cli.models.blend import tell_shares
from forecast_cli.prepare.windows import take_evenly
from forecast_cli.reporting.figures import ABSENT, show_count, show_number, show_percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.report import Report
    from forecast_cli.results import TargetError
    from forecast_cli.types import Columns, ReadingOptions

Table = tuple[list[str], list[list[str]]]
"""Headings, and rows of as many cells."""

MOST_ROWS = 200
"""Rows of a table at most, so that the page of 5,000 targets can still be opened and read."""

NUMBER = re.compile(rf"[-+\d][\d,.e+-]*( %)?|{ABSENT}")
"""What a cell looks like that is to be set as a number."""


def cut_table(table: Table) -> tuple[Table, str]:
    """Return the first MOST_ROWS rows of a table, and a sentence on how many there are where that is not all."""
    headings, rows = table
    if len(rows) <= MOST_ROWS:
        return table, ""
    return (headings, rows[:MOST_ROWS]), f"{MOST_ROWS} of {len(rows):,} rows; report.json holds all of them."


def sort_worst(errors: Sequence[TargetError]) -> Sequence[TargetError]:
    """Return the targets in the order of error over the baseline's error, the worst first, the unknown last."""
    return sorted(errors, key=_compare_to_baseline, reverse=True)


def find_number_columns(table: Table) -> list[bool]:
    """Return for each column whether all its cells are numbers."""
    headings, rows = table
    return [bool(rows) and all(NUMBER.fullmatch(row[j]) for row in rows) for j in range(len(headings))]


def list_ranking(report: Report) -> Table:
    """Return the ranking for people; a column that is empty for every model is left out."""
    rows = [
        {
            "Rank": str(row.rank),
            "Model": row.model,
            "MAE, scaled": show_number(row.mae_scaled),
            "MSE, scaled": show_number(row.mse_scaled),
            "MASE": show_number(row.mase),
            "Skill": show_percent(None if row.skill is None else 100 * row.skill),
            "MAE": show_number(row.mae),
            "RMSE": show_number(row.rmse),
            "Windows": show_count(row.n_windows),
            "Fit, s": show_number(row.fit_seconds, 3),
            "Parameters": show_count(row.parameters),
            "RMSSE": show_number(row.rmsse),
            "sMAPE": show_number(row.smape),
            "Weighted quantile loss": show_number(None if row.intervals is None else row.intervals.wql),
        }
        for row in report.ranking
    ]
    headings = [name for name in (rows[0] if rows else {}) if any(row[name] != ABSENT for row in rows)]
    return headings, [[row[name] for name in headings] for row in rows]


def list_errors(report: Report) -> Table:
    """Return the error of each target in its own unit, beside the best baseline's, and which of them is lower.

    More than MOST_ROWS targets stand in the order of `sort_worst`, so that a cut leaves those that matter.
    """
    errors = report.errors if len(report.errors) <= MOST_ROWS else sort_worst(report.errors)
    headings = ["Target", "Unit", "MAE", "Best baseline", "Its MAE", "Lower error"]
    rows = [
        [
            error.target,
            error.unit or ABSENT,
            show_number(error.mae),
            error.best_baseline,
            show_number(error.baseline_mae),
            _name_lower(error.mae, error.baseline_mae),
        ]
        for error in errors
    ]
    return headings, rows


def list_coverage(report: Report) -> Table:
    """Return each interval's level beside the share of test values that lay inside, its width and Winkler score."""
    found = next((row.intervals for row in report.ranking if row.intervals is not None), None)
    rows = [
        [
            f"{level} %",
            show_percent(share),
            show_number(None if found is None else found.width_scaled.get(level)),
            show_number(None if found is None else found.winkler_scaled.get(level)),
        ]
        for level, share in report.coverage.items()
    ]
    return ["Interval", "Measured on the test part", "Mean width, scaled", "Winkler score, scaled"], rows


def list_step_coverage(report: Report, most: int | None = None) -> Table:
    """Return the share of test values inside at each step beside the level, or at so many steps, evenly taken."""
    found = report.scores.intervals
    steps, levels = report.outlook.forecast.steps, () if found is None else found.levels
    shares = np.empty((0, len(steps))) if found is None else cover_steps(found)
    chosen = take_evenly(np.arange(len(steps)), most or len(steps)) if levels else ()
    rows = [[str(steps[h]), *(show_percent(float(share)) for share in shares[:, h])] for h in chosen]
    return ["Step", *(f"{level} %" for level in levels)], rows


def list_decisions(report: Report) -> Table:
    """Return what the reader took, from which evidence, and the flag that overrides it."""
    rows = [[d.what, d.taken, d.evidence or ABSENT, d.flag or ABSENT] for d in report.reading.decisions]
    return ["What", "Taken", "Evidence", "To change it"], rows


def list_findings(report: Report) -> Table:
    """Return what the run suggests, the gravest first, each with the flag to try."""
    return ["Finding", "To try"], [[finding.text, finding.flag or ABSENT] for finding in report.findings]


def list_counts(report: Report) -> Table:
    """Return the counts of rows read, rejected, filled and so on."""
    return ["Count", "Number"], [[name.replace("_", " "), show_count(n)] for name, n in report.reading.counts.items()]


def list_settings(report: Report) -> Table:
    """Return the resolved settings of the run; those of training only where epochs were run."""
    config, options = report.config, report.reading.options
    max_gap = count_steps(options.max_gap or 0, config.freq, "--max-gap")
    settings = {
        "Model": f"{config.model}: {tell_shares(report.blend)}" if report.blend else config.model,
        "Layers": config.layers or ("those of its parts" if report.blend else "none (a closed form)"),
        "Targets": ", ".join(report.targets),
        "Covariates": _join_covariates(options.columns),
        "Series": show_count(len(report.series_ids)),
        "Frequency": config.freq,
        "Season": _count_steps(config.season_length),
        "Lookback": _count_steps(config.window.lookback),
        "Horizon": _count_steps(config.window.horizon),
        "Stride, sample every, delay": f"{config.window.stride}, {config.window.sample_every}, {config.window.delay}",
        "Training, validation, test end": f"{', '.join(map(str, config.split))} steps after the first row",
        "Intervals": ", ".join(f"{level} %" for level in config.levels) or "none",
        "Gaps filled": f"up to {_count_steps(max_gap)}, {options.fill}",
        "Learnt until": report.learnt_until,
    }
    settings |= {"Fitted again, for predict, until": report.refitted_until} if report.refitted_until else {}
    settings |= _list_treatment(options)
    if report.epochs:
        settings |= {f"Training: {name.replace('_', ' ')}": str(v) for name, v in asdict(config.training).items()}
    return ["Setting", "Value"], [list(item) for item in settings.items()]


def _list_treatment(options: ReadingOptions) -> dict[str, str]:
    """Return what was asked of single columns; nothing where nothing was."""
    bounds = [f"{name} at least {bound:g}" for name, bound in options.minimum]
    bounds += [f"{name} at most {bound:g}" for name, bound in options.maximum]
    told = {
        "Tags": "" if options.pivot is None else f"{options.pivot}, a column each",
        "Several rows in a step": ", ".join(f"{name}: {how}" for name, how in options.aggregate),
        "Angles, read as sine and cosine": ", ".join(options.angles),
        "Counters, read as their increase": ", ".join(options.counters),
        "Bounds of the forecast": ", ".join(bounds),
    }
    return {what: text for what, text in told.items() if text}


def list_origins(report: Report) -> Table:
    """Return what the run can be made again from, besides its command: seed, hash of the data, versions."""
    origins = {"Seed": str(report.config.training.seed), "Data hash": report.data_hash, **report.versions}
    return ["What", "Value"], [list(item) for item in origins.items()]


def _compare_to_baseline(error: TargetError) -> float:
    """Return the error over the baseline's; -1 where one of them is unknown."""
    if not (math.isfinite(error.mae) and math.isfinite(error.baseline_mae)):
        return -1.0
    if error.baseline_mae == 0:
        return 1.0 if error.mae == 0 else math.inf
    return error.mae / error.baseline_mae


def _name_lower(ours: float, theirs: float) -> str:
    """Return whose error is lower; a comparison of two figures, not a claim of significance."""
    if not (math.isfinite(ours) and math.isfinite(theirs)):
        return ABSENT
    if ours == theirs:
        return "equal"
    return "model" if ours < theirs else "baseline"


def _join_covariates(columns: Columns) -> str:
    """Return the names of all covariates, or none."""
    return ", ".join(columns.past_covariates + columns.future_covariates + columns.static_covariates) or "none"


def _count_steps(n: int) -> str:
    """Return a number of steps in words."""
    return f"{n:,} step" if n == 1 else f"{n:,} steps"
