"""The report for pull requests and wikis: tables, sentences and sparklines, no HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.reporting.escaping import escape_cell, escape_text, fence_code
from forecast_cli.reporting.facts import (
    Table,
    cut_table,
    find_number_columns,
    list_counts,
    list_coverage,
    list_decisions,
    list_errors,
    list_findings,
    list_inputs,
    list_layers,
    list_lookback,
    list_ranking,
    list_rejects,
    list_rivals,
)
from forecast_cli.reporting.figures import show_count, show_number
from forecast_cli.reporting.outlines import (
    BLANK,
    MOST_TARGETS,
    outline_coverage,
    outline_errors,
    outline_forecast,
    outline_presence,
)
from forecast_cli.reporting.settings import list_origins, list_settings

if TYPE_CHECKING:
    from forecast_cli.report import Report

_RANKED = (
    "Errors on the {} windows of the test part; scaled: in units of each column's training standard deviation. The "
    "saved model is marked. Skill is 1 − MAE / MAE of seasonal-naive."
)
_RIVALS = (
    "What the saved model takes off the other's MAE on the same windows, and the 95 % interval of that (block "
    "bootstrap). It is better, or worse, where the interval does not hold 0."
)
_SHAPES = "The lines share one scale, from the lowest error to twice the lowest mean; what lies beyond is cut off."
_UNEXPLAINED = "`forecast report --explain` measures which inputs and which part of the look-back matter."


def render_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown; the user's names come out as text, whatever is in them."""
    sections = [
        f"# Forecast report: {escape_text(report.model)}",
        escape_text(report.verdict.sentence),
        _render_section("Findings", list_findings(report)),
        _render_section("Forecast", outline_forecast(report), _tell_forecast(report)),
        _render_section(
            "Ranking",
            _mark_saved(list_ranking(report), report.model),
            _RANKED.format(show_count(report.scores.n_windows)),
        ),
        _render_section("Against each other model", list_rivals(report), _RIVALS),
        _render_section("Error of each target", list_errors(report)),
        _render_section("Error by step, scaled", outline_errors(report), _SHAPES),
        _render_section("Coverage of the intervals", list_coverage(report)),
        _render_table(outline_coverage(report)),
        _render_section("Data and repairs", list_decisions(report)),
        _render_table(list_counts(report)),
        _render_table(list_rejects(report)),
        _render_table(outline_presence(report)),
        _render_explanation(report),
        _render_section("Layers", list_layers(report)),
        _render_section("Settings", list_settings(report)),
        "## How to reproduce\n\n" + fence_code(report.command),
        _render_table(list_origins(report)),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _render_section(title: str, table: Table, remark: str = "") -> str:
    """Return a heading with a remark and its table, or nothing where there are no rows."""
    parts = [f"## {title}", remark, _render_table(table)]
    return "\n\n".join(part for part in parts if part) if table[1] else ""


def _render_explanation(report: Report) -> str:
    """Return what the model makes use of, or how to find that out."""
    found = report.explanation
    if found is None:
        return f"## What the model makes use of\n\n{_UNEXPLAINED}"
    remark = f"How much the scaled MAE rises from {show_number(found.mae_scaled)} on {found.n_cutoffs:,} cutoffs where "
    return "\n\n".join(
        [
            "## What the model makes use of",
            f"{remark}an input is exchanged between windows, or a part of the look-back is not seen.",
            _render_table(list_inputs(report)) or "Beside its targets the model reads nothing.",
            _render_table(list_lookback(report)),
        ]
    )


def _tell_forecast(report: Report) -> str:
    """Return which series the first one is, and from when to when it is forecast."""
    said = report.outlook.forecast
    if not said.series_ids:
        return ""
    shown = f"{escape_text(said.series_ids[0])}, from {said.cutoff[0]} to {said.timestamps[0][-1]}"
    n_series, n_targets = len(said.series_ids), len(said.targets)
    cut = [f"the first of {n_series:,} series"] if n_series > 1 else []
    cut += [f"the first {MOST_TARGETS} of {n_targets:,} targets"] if n_targets > MOST_TARGETS else []
    rest = f" Shown: {' and '.join(cut)}; report.html shows more." if cut else ""
    return f"{shown}; `{BLANK}`: no value.{rest}"


def _render_table(table: Table) -> str:
    """Return a table, cut where it is too long; columns of numbers are aligned to the right."""
    table, remark = cut_table(table)
    headings, rows = table
    if not rows:
        return ""
    rules = ["---:" if is_number else "---" for is_number in find_number_columns(table)]
    lines = [list(map(escape_text, headings)), rules, *(list(map(escape_cell, row)) for row in rows)]
    drawn = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{drawn}\n\n{remark}" if remark else drawn


def _mark_saved(table: Table, model: str) -> Table:
    """Return the ranking with the saved model's row marked in words."""
    headings, rows = table
    names = [row[headings.index("Model")] for row in rows]
    marked = [f"{name} (saved)" if name == model else name for name in names]
    return headings, [[row[0], name, *row[2:]] for row, name in zip(rows, marked, strict=True)]
