"""What stands in both the HTML and the Markdown report: labels beside values, and rows ready to be shown."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from forecast_cli.evaluation.interval_metrics import cover_steps
from forecast_cli.evaluation.metrics import mean_known
from forecast_cli.reporting.figures import ABSENT, show_count, show_number, show_percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecast_cli.report import Report
    from forecast_cli.results import Judgement, TargetError, Wins
    from forecast_cli.types import Floats, Scores

Table = tuple[list[str], list[list[str]]]
"""Headings, and rows of as many cells."""

MOST_ROWS = 200
"""Rows of a table at most, so that the page of 5,000 targets can still be opened and read."""

MOST_CHARACTERS = 1_000
"""Of a cell, likewise."""

OUTCOMES: Mapping[Judgement, str] = {
    "better": "better",
    "worse": "worse",
    "no difference": "no clear difference",
    "too few windows": "too few windows to tell",
    "alone": "scored alone",
}
"""What the judgement of a model against one other is called."""

NUMBER = re.compile(rf"(under )?[-+\d][\d,.e+-]*( %)?|{ABSENT}")
"""What a cell looks like that is to be set as a number."""


def cut_table(table: Table) -> tuple[Table, str]:
    """Return the first MOST_ROWS rows of a table, and a sentence on how many there are where that is not all.

    A cell of more than MOST_CHARACTERS, such as the names of 5,000 targets, ends in dots.
    """
    headings, rows = table
    shown = [[_cut_cell(cell) for cell in row] for row in rows[:MOST_ROWS]]
    remark = f"{MOST_ROWS} of {len(rows):,} rows; report.json holds all of them." if len(rows) > MOST_ROWS else ""
    return (headings, shown), remark


def _cut_cell(cell: str) -> str:
    return cell if len(cell) <= MOST_CHARACTERS else f"{cell[:MOST_CHARACTERS]} …"


def sort_worst(errors: Sequence[TargetError]) -> Sequence[TargetError]:
    """Return the targets in the order of error over the baseline's error, the worst first, the unknown last."""
    return sorted(errors, key=_compare_to_baseline, reverse=True)


def find_number_columns(table: Table) -> list[bool]:
    """Return for each column whether all its cells are numbers."""
    headings, rows = table
    return [bool(rows) and all(NUMBER.fullmatch(row[j]) for row in rows) for j in range(len(headings))]


def average_steps(scores: Scores) -> Floats:
    """Return (M, H) the scaled MAE of each model at each step, averaged over targets, then series."""
    return mean_known(mean_known(scores.absolute.transpose(0, 3, 1, 2)))


def list_ranking(report: Report) -> Table:
    """Return the ranking for people; a column that is empty for every model is left out."""
    rows = [
        {
            "Rank": str(row.rank),
            "Model": row.model,
            "MAE, scaled": show_number(row.mae_scaled),
            "Skill": show_percent(None if row.skill is None else 100 * row.skill),
            "MASE": show_number(row.mase),
            "MAE": show_number(row.mae),
            "RMSE": show_number(row.rmse),
            "MSE, scaled": show_number(row.mse_scaled),
            "RMSSE": show_number(row.rmsse),
            "sMAPE": show_number(row.smape),
            "Quantile loss": show_number(None if row.intervals is None else row.intervals.wql),
            "Fit, s": show_number(row.fit_seconds, 3),
            "Parameters": show_count(row.parameters),
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


def list_step_coverage(report: Report) -> Table:
    """Return the share of test values inside at each step, a column per level."""
    found = report.scores.intervals
    steps, levels = report.outlook.forecast.steps, () if found is None else found.levels
    shares = [] if found is None else cover_steps(found).T.tolist()
    rows = [[str(step), *map(show_percent, row)] for step, row in zip(steps, shares, strict=False)]
    return ["Step", *(f"{level} %" for level in levels)], rows


def list_rivals(report: Report) -> Table:
    """Return what the saved model takes off the MAE of each other model, with its 95 % interval and what that says."""
    parts = ["Series won", "Targets won", "Steps won"]
    headings = ["Against", "Gain in MAE", "95 % interval", "Outcome", *parts, "DM p-value"]
    rows = [
        [
            rival.baseline,
            show_percent(rival.gain),
            _show_interval(rival.gain_interval),
            OUTCOMES[rival.outcome],
            *(_show_wins(wins) for wins in (rival.series, rival.targets, rival.steps)),
            _show_p_value(rival.dm_p_value),
        ]
        for rival in report.rivals
    ]
    return headings, rows


def list_layers(report: Report) -> Table:
    """Return the layers of the saved network: what each makes of its input, and from how many parameters."""
    rows = [[row.layer, _show_shape(row.output), show_count(row.parameters), row.remark] for row in report.layers]
    return ["Layer", "Output", "Parameters", "Remark"], [[cell or ABSENT for cell in row] for row in rows]


def list_inputs(report: Report) -> Table:
    """Return by how much the MAE rises where one input is exchanged between windows, the most important first."""
    found = () if report.explanation is None else report.explanation.inputs
    return ["Input", "Role", "Rise of MAE"], [[item.name, item.role, show_percent(item.rise)] for item in found]


def list_lookback(report: Report) -> Table:
    """Return by how much the MAE rises where one part of the look-back is not seen, from the oldest to the newest."""
    found = () if report.explanation is None else report.explanation.lookback
    rows = [[f"{part.first_step} to {part.last_step}", show_percent(part.rise)] for part in found]
    return ["Steps before the cutoff", "Rise of MAE"], rows


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


def list_rejects(report: Report) -> Table:
    """Return the first lines of each file that became no row, and why."""
    rows = [[each.source, f"{each.line:,}", each.reason, each.text or ABSENT] for each in report.reading.rejects]
    return ["File", "Line", "Why it is no row", "Its beginning"], rows


def _show_interval(interval: tuple[float, float] | None) -> str:
    """Return both ends of an interval of percents, or a dash."""
    return ABSENT if interval is None else " to ".join(map(show_percent, interval))


def _show_p_value(p: float | None) -> str:
    """Return a p-value to three places: below that no difference can be told."""
    return ABSENT if p is None or math.isnan(p) else "under 0.001" if p < 0.001 else f"{p:.3f}"


def _show_wins(wins: Wins) -> str:
    """Return on how many parts a model is better: 37 of 40."""
    return f"{wins.won:,} of {wins.of:,}" if wins.of else ABSENT


def _show_shape(shape: tuple[int, ...]) -> str:
    """Return the shape of a layer's output, without the batch axis: 96 × 1."""
    return " × ".join(f"{size:,}" for size in shape)


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
