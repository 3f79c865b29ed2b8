"""What each column of the files is, and what became of it: a fact per column, one pass over its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from forecast_cli.ingest.roles.columns import parse_unit
from forecast_cli.types import ColumnFact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.ingest.read import Gathered
    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.types import Columns, Floats, ReadingOptions

Kind = Literal["time", "id", "number", "text", "empty"]


def describe_columns(table: Gathered, left_out: Mapping[str, str]) -> tuple[ColumnFact, ...]:
    """Return a fact per column of the header, in its order; then of those made of them, such as a column per tag.

    `left_out`: column -> why it is not read. Numbers are counted in the rows as they were read, not on the grid.
    """
    scan = table.scans[0]
    made = [name for name in table.rows.columns if name not in scan.names]
    roles = _name_roles(table.columns) | _name_pivot(table.options)
    known = {name: _count(column) for name, column in table.rows.columns.items()}
    return tuple(
        _describe(name, roles.get(name) or _explain_absence(left_out.get(name)), scan, known.get(name), table)
        for name in (*scan.names, *made)
    )


def _name_roles(columns: Columns) -> dict[str, str]:
    """Return what each column is for that has a role."""
    named = (
        (columns.targets, "target"),
        (columns.past_covariates, "past covariate"),
        (columns.future_covariates, "future covariate"),
        (columns.static_covariates, "static covariate"),
        (columns.timestamp, "time"),
        ((columns.series_id,) if columns.series_id else (), "series id"),
        (columns.ignored, "left out: ignored"),
    )
    return {name: role for names, role in named for name in names}


def _name_pivot(options: ReadingOptions) -> dict[str, str]:
    named = ((options.pivot, "tags, a column each"), (options.pivot_value, "values of the tags"))
    return {name: role for name, role in named if name}


def _explain_absence(reason: str | None) -> str:
    return f"left out: {reason}" if reason else "left out"


def _describe(
    name: str, role: str, scan: Scan, numbers: tuple[int, float, float] | None, table: Gathered
) -> ColumnFact:
    unit = find_unit(scan, name)
    if numbers is None:
        has_all = role in ("time", "series id")  # rows without are rejects
        n_values, n_missing = (table.rows.n_rows, 0) if has_all else (None, None)
        return ColumnFact(name, _find_kind(name, role, scan), role, unit, n_values, n_missing, None, None)
    count, lowest, highest = numbers
    missing = table.rows.n_rows - count
    if count == 0:
        return ColumnFact(name, "empty", role, unit, 0, missing, None, None)
    return ColumnFact(name, "number", role, unit, count, missing, lowest, highest)


def _count(column: Floats) -> tuple[int, float, float]:
    """Return how many values a column has, the least and the greatest of them."""
    missing = int(np.count_nonzero(np.isnan(column)))
    if missing == column.size:
        return 0, float("nan"), float("nan")
    return column.size - missing, float(np.fmin.reduce(column)), float(np.fmax.reduce(column))


def _find_kind(name: str, role: str, scan: Scan) -> Kind:
    """Return what a column is whose numbers are not read, from its sampled cells."""
    if role in ("time", "series id"):
        return "time" if role == "time" else "id"
    k = scan.names.index(name)
    if not any(cell.strip() for cell in scan.samples[k]):
        return "empty"
    return "number" if scan.is_number(k) else "text"


def find_unit(scan: Scan, name: str) -> str:
    """Return the unit of a column: the one in its name, else the one in the row of units under the header."""
    units = scan.dialect.units if scan.dialect else ()
    place = scan.names.index(name) if name in scan.names else len(units)
    return parse_unit(name) or (units[place] if place < len(units) else "")
