"""The clean table as CSV or Parquet, piece by piece: floats in the shortest form that reads back as the same double."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.ingest.scan.query import execute, quote
from forecast_cli.ingest.text.formulas import guard_formula
from forecast_cli.ingest.views.panel_file import open_duckdb
from forecast_cli.zones import find_offsets, format_offsets, is_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forecast_cli.results import CleanTable
    from forecast_cli.types import Instants

ROWS = 100_000  # in a piece
_READ = 2**20  # bytes
_UNITS = {"D": 86_400_000_000, "s": 1_000_000, "ms": 1_000, "us": 1}


def write_csv(table: CleanTable) -> Iterator[bytes]:
    """Yield the table as CSV: a header, then a row per series and step, an empty cell where nothing was observed.

    Names, ids and other texts are no formulas: `forecast_cli.ingest.text.formulas`.
    """
    yield _write_header(list_names(table))
    alone = len(list_names(table)) == 1  # a row of one empty cell would be a blank line, which is no row
    unit = choose_precision(table.time[1], table.tz) if table.time else ""
    how = f"FORMAT csv, HEADER false, NULLSTR {quote('NA' if alone else '')}"
    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        path = Path(folder, "piece.csv")
        for first in range(0, table.n_rows, ROWS):
            rows = print_rows(table, slice(first, first + ROWS), unit)
            _copy({name: _guard(column) for name, column in rows.items()}, path, how)
            yield path.read_bytes()


def write_parquet(table: CleanTable) -> Iterator[bytes]:
    """Yield the table as Parquet; instants stay instants, and are text only where their offset would be lost."""
    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        path = Path(folder, "table.parquet")
        columns = print_rows(table, slice(None))
        if table.time is not None and table.tz is None:
            columns[table.time[0]] = table.time[1]
        _copy(columns, path, "FORMAT parquet")
        with path.open("rb") as file:
            while piece := file.read(_READ):
                yield piece


def list_names(table: CleanTable) -> list[str]:
    """Return the names of the columns: the id, the time, then the others."""
    return [*(named[0] for named in (table.series, table.time) if named is not None), *table.columns]


def print_rows(table: CleanTable, rows: slice | Sequence[int], unit: str = "") -> dict[str, Any]:
    """Return these rows as columns, the instants as printed: ISO 8601, with an offset where there is a zone.

    `unit`: how fine instants are written; "" is as fine as those of the whole table need.
    """
    printed: dict[str, Any] = {}
    chosen = rows if isinstance(rows, slice) else np.array(rows, dtype=np.int64)  # a slice copies nothing
    if table.series is not None:
        printed[table.series[0]] = table.series[1][chosen]
    if table.time is not None:
        name, instants = table.time
        printed[name] = format_stamps(instants[chosen], table.tz, unit or choose_precision(instants, table.tz))
    return printed | {name: column[chosen] for name, column in table.columns.items()}


def choose_precision(instants: Instants, tz: str | None) -> str:
    """Return the coarsest unit in which all instants can be written; a date alone only where there is no zone."""
    values = instants.astype(np.int64)
    units = [unit for unit in _UNITS if unit != "D" or tz is None]
    return next(unit for unit in units if not np.any(values % _UNITS[unit]))


def format_stamps(instants: Instants, tz: str | None, unit: str) -> Any:
    """Return the instants as text, on the clock of their zone, each with its offset where there is one."""
    offsets = find_offsets(tz, instants.astype(np.int64))
    texts = np.datetime_as_string(instants + offsets.astype("timedelta64[us]"), unit=unit).astype(object)  # type: ignore[call-overload]
    if tz is None:
        return texts
    return texts + (np.array(format_offsets(offsets), dtype=object) if is_named(tz) else tz)


def _write_header(names: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(map(guard_formula, names))
    return (text.getvalue()[:-2] + "\n").encode(errors="surrogateescape")


def _guard(column: Any) -> Any:
    """Return a column whose texts are no formulas."""
    if column.dtype.kind != "O":
        return column
    guarded = {text: guard_formula(text) for text in set(column)}
    return np.array([guarded[text] for text in column], dtype=object)


def _copy(columns: dict[str, Any], path: Path, how: str) -> None:
    """Write columns to a file through DuckDB; NaN and an empty text become null."""
    held = {f"c{k}": column for k, column in enumerate(columns.values())}
    listed = enumerate(columns.items())
    cells = ", ".join(f"{_write_cell(f'c{k}', column)} AS {_name(name)}" for k, (name, column) in listed)
    with open_duckdb() as connection:
        execute(connection, "SET threads = 1")  # the order of the rows is the order of time
        connection.register("held", held)
        execute(connection, f"COPY (SELECT {cells} FROM held) TO {quote(str(path))} ({how})")


def _write_cell(name: str, column: Any) -> str:
    if column.dtype.kind == "f":
        return f"nullif({name}, CAST('NaN' AS DOUBLE))"
    return name if column.dtype.kind == "M" else f"nullif(CAST({name} AS VARCHAR), '')"


def _name(text: str) -> str:
    """Return a name of the user's as an SQL identifier."""
    return '"' + text.replace('"', '""') + '"'
