"""The report for pull requests and wikis: tables and sentences, no HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from forecast_cli.reporting.facts import (
    NUMBER,
    Table,
    cut_table,
    find_number_columns,
    list_counts,
    list_coverage,
    list_decisions,
    list_errors,
    list_findings,
    list_origins,
    list_ranking,
    list_settings,
    list_step_coverage,
)
from forecast_cli.reporting.figures import show_text

if TYPE_CHECKING:
    from forecast_cli.report import Report

STEPS = 12  # at most, whose coverage is shown; the page shows all of them


def render_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown; the user's names come out as text, whatever is in them."""
    sections = [
        f"# Forecast report: {escape_text(report.model)}",
        escape_text(report.verdict.sentence),
        _render_section("Ranking", _mark_saved(list_ranking(report), report.model)),
        "Errors on the test part; scaled: in units of each column's training standard deviation. The saved model is "
        "marked. Skill is 1 − MAE / MAE of seasonal-naive.",
        _render_section("Findings", list_findings(report)),
        _render_section("Error of each target", list_errors(report)),
        _render_section("Coverage of the intervals", list_coverage(report)),
        _render_table(list_step_coverage(report, STEPS)),
        _render_section("What was read", list_decisions(report)),
        _render_table(list_counts(report)),
        _render_section("Settings", list_settings(report)),
        "## How to reproduce\n\n" + _fence(report.command),
        _render_table(list_origins(report)),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def escape_text(text: str) -> str:
    """Return Markdown that shows this text and nothing else: no markup, no cell border, on one line."""
    escaped = re.sub(r"([\\`*\[\]<>|~#&$!])", r"\\\1", show_text(text))
    escaped = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", escaped)  # inside a word it is no markup
    return re.sub(r"^(\s*(?:\d+(?=[.)])|))([-+=.)])", r"\1\\\2", escaped)  # nor a list or a rule at the beginning


def _render_section(title: str, table: Table) -> str:
    """Return a heading with its table, or nothing where there are no rows."""
    return f"## {title}\n\n{_render_table(table)}" if table[1] else ""


def _render_table(table: Table) -> str:
    """Return a table, cut where it is too long; columns of numbers are aligned to the right."""
    table, remark = cut_table(table)
    headings, rows = table
    if not rows:
        return ""
    rules = ["---:" if is_number else "---" for is_number in find_number_columns(table)]
    lines = [list(map(escape_text, headings)), rules, *([_escape_cell(cell) for cell in row] for row in rows)]
    drawn = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{drawn}\n\n{remark}" if remark else drawn


def _escape_cell(cell: str) -> str:
    """Return a cell; a number stays as it is."""
    return cell if NUMBER.fullmatch(cell) else escape_text(cell)


def _mark_saved(table: Table, model: str) -> Table:
    """Return the ranking with the saved model's row marked in words."""
    headings, rows = table
    names = [row[headings.index("Model")] for row in rows]
    marked = [f"{name} (saved)" if name == model else name for name in names]
    return headings, [[row[0], name, *row[2:]] for row, name in zip(rows, marked, strict=True)]


def _fence(text: str) -> str:
    """Return a code block whose fence is longer than any run of backticks in it."""
    runs = re.findall(r"`+", text)
    fence = "`" * max(3, 1 + max(map(len, runs), default=0))
    return f"{fence}sh\n{show_text(text)}\n{fence}"
