"""An inspection as data: a row per column, and one JSON object with everything.

    {"schema_version": 1, "sources": [files],
     "format": {kind, delimiter, decimal, thousands, encoding, has_header, preamble_lines, lines_above_data, has_units},
     "rows": {rows_read, rows_rejected, duplicates, conflicts, out_of_order, off_grid, gaps, filled, ...: counts},
     "time": {columns, read_as, evidence, first, last, step, step_words, zone, distances: [{distance, share}],
              is_newest_first, jittered, jitter_seconds, off_grid, out_of_order, duplicates, conflicts, averaged},
     "gaps": {missing, share, open: not filled, count, longest, longest_words,
              lengths: {"1": n, "2-24": n, ">24": n}, filled_up_to},
     "series": {count, ids: the first five, shortest, median, longest},
     "seasons": [{steps, words}], "columns": [rows as in the CSV, and outline: the means of equal stretches],
     "decisions": [{what, taken, evidence, flag}], "warnings": [sentences],
     "rejects": [{source, line, text, reason}], "findings": [{text, flag}], "command": the line}

"gaps" are steps without any row; "rows" counts gaps and missing values column by column.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from forecast_cli.frequency import format_span
from forecast_cli.reporting.tables import to_plain_list

if TYPE_CHECKING:
    from forecast_cli.results import Inspection
    from forecast_cli.types import Json

COLUMNS = (
    *("column", "kind", "role", "unit", "n_values", "missing", "minimum", "median", "maximum"),
    *("longest_run", "is_stuck", "spikes", "repeats", "only_rises"),
)


def profile_table(found: Inspection) -> dict[str, list[Any]]:
    """Return the table of `forecast inspect`: a row per column of the files, None where a cell is empty."""
    return {name: [getattr(each, name) for each in found.columns] for name in COLUMNS}


def inspection_to_json(found: Inspection) -> Json:
    """Return the whole inspection as JSON can hold it."""
    plain = asdict(found)
    plain["columns"] = [
        {name: to_plain_list(value) if name == "outline" else value for name, value in column.items()}
        for column in plain["columns"]
    ]
    plain["seasons"] = [{"steps": steps, "words": format_span(steps, found.time["step"])} for steps in found.seasons]
    return {"schema_version": 1, **plain}
