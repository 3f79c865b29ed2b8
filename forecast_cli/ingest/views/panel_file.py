"""The panel and small tables as Parquet; part of `forecast predict`, so no pandas here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.errors import ArtifactError
from forecast_cli.frequency import add_steps
from forecast_cli.ingest.scan.query import execute, fetch_columns, quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from forecast_cli.types import Floats, Integers, Panel


_WHOLE = "SELECT * FROM panel"


def write_parquet(columns: Mapping[str, Sequence[Any] | np.ndarray], path: Path) -> None:
    """Write a table, a column per entry in this order; None and NaN become null. Replaces what is at `path`.

    Raises OSError with ENOSPC where the disk, a quota or a limit on the size of files leaves no room.
    """
    table = {name: _as_array(column) for name, column in columns.items()}
    with open_duckdb() as connection:
        connection.register("written", table)
        execute(connection, f"COPY (SELECT * FROM written) TO {quote(str(path))} (FORMAT parquet)")


def read_parquet(path: Path) -> dict[str, np.ndarray]:
    """Return the columns of a table in their order: NaN for null in floats, None in others.

    Raises ArtifactError where there is no such file or it is no Parquet.
    """
    cells = _fetch(path)
    return {name: _unmask(column) for name, column in cells.items()}


def write_panel(panel: Panel, path: Path, first_rows: Integers | None = None) -> None:
    """Write the panel: series, step, timestamp (null without a time), value_0 ... in real units, observed_0 ...

    `first_rows` (N,): the first row (0 <= row <= R) that is kept of each series; None keeps all.
    """
    rows = _list_rows(panel, panel.indptr[:-1] if first_rows is None else first_rows)
    series = np.searchsorted(panel.indptr, rows, side="right") - 1
    steps = panel.start[series] + rows - panel.indptr[series]
    columns: dict[str, np.ndarray] = {
        "series": series.astype(np.int64),
        "step": steps,
        "timestamp": _date(panel, steps),
    }
    for c in range(len(panel.channels)):
        columns[f"value_{c}"] = panel.values[rows, c].astype(np.float64) + panel.offset[series, c]
    for c in range(len(panel.channels)):
        columns[f"observed_{c}"] = panel.observed[rows, c]
    write_parquet(columns, path)


def read_panel_rows(path: Path, template: Panel, last: int | None = None) -> Panel:
    """Return the panel in the file; ids, names, origin, offset and all else but the rows come from the template.

    `last`: read only so many rows of each series, up to its last one with an observed target. Raises ArtifactError
    where the file is missing, damaged or of another shape.
    """
    cells = _fetch(path, _WHOLE if last is None else _write_tail(template.n_targets, last))
    _check_columns(cells, template, path)
    series, step = _fill_whole(cells["series"], path), _fill_whole(cells["step"], path)
    indptr, start = _find_bounds(series, step, template.n_series, path)
    shape = (series.size, len(template.channels))
    values, observed = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.bool_)
    for c in range(shape[1]):
        values[:, c] = _fill_floats(cells[f"value_{c}"]) - template.offset[series, c]
        observed[:, c] = np.ma.filled(cells[f"observed_{c}"], False)
    return replace(template, indptr=indptr, start=start, values=values, observed=observed)


def _write_tail(n_targets: int, last: int) -> str:
    """Return the query for the last rows of each series; the rest of the file never comes into memory at once."""
    seen = " OR ".join(f"observed_{t}" for t in range(n_targets))
    return (
        f"WITH ends AS (SELECT series, max(step) AS final FROM panel WHERE {seen} GROUP BY series) "
        f"SELECT panel.* FROM panel JOIN ends ON panel.series = ends.series AND step > final - {last} "
        "AND step <= final ORDER BY panel.series, step"
    )


def _list_rows(panel: Panel, first_rows: Integers) -> Integers:
    """Return the rows that are kept, ascending."""
    keep = np.zeros(panel.values.shape[0], dtype=np.bool_)
    for first, end in zip(first_rows, panel.indptr[1:], strict=True):
        keep[int(first) : int(end)] = True
    return np.flatnonzero(keep)


def _date(panel: Panel, steps: Integers) -> np.ndarray:
    """Return the instants of the steps, NaT where rows are the time."""
    if panel.origin is None:
        return np.full(steps.shape, np.datetime64("NaT"), dtype="datetime64[us]")
    return add_steps(panel.origin, panel.freq, steps)


def _check_columns(cells: Mapping[str, Any], template: Panel, path: Path) -> None:
    count = len(template.channels)
    wanted = {"series": "i", "step": "i", "timestamp": "M"}
    wanted |= {f"value_{c}": "f" for c in range(count)} | {f"observed_{c}": "b" for c in range(count)}
    if {name: column.dtype.kind for name, column in cells.items()} != wanted:
        raise _damaged(path, f"it does not hold the rows of {count} channels")


def _find_bounds(series: Integers, step: Integers, n_series: int, path: Path) -> tuple[Integers, Integers]:
    """Return indptr (N+1,) and start (N,); a series without rows starts at 0. The steps of a series leave none out."""
    if series.size and (series.min() < 0 or series.max() >= n_series or np.any(np.diff(series) < 0)):
        raise _damaged(path, f"its rows are not those of {n_series} series in order")
    if np.any(np.diff(step)[np.diff(series) == 0] != 1):
        raise _damaged(path, "steps are missing or out of order")
    indptr = np.searchsorted(series, np.arange(n_series + 1)).astype(np.int64)
    start = np.zeros(n_series, dtype=np.int64)
    has_rows = np.diff(indptr) > 0
    start[has_rows] = step[indptr[:-1][has_rows]]
    return indptr, start


def _damaged(path: Path, why: str) -> ArtifactError:
    return ArtifactError(f"{path} is not a panel of this model: {why}", "train again, or restore the model directory")


def _fill_whole(cells: Any, path: Path) -> Integers:
    if np.ma.is_masked(cells):
        raise _damaged(path, "a row has no series or step")
    return np.asarray(cells, dtype=np.int64)


def _fill_floats(cells: Any) -> Floats:
    return np.ma.filled(cells, np.nan)


def _unmask(cells: Any) -> np.ndarray:
    if not np.ma.is_masked(cells):
        return np.asarray(cells)
    if cells.dtype.kind in "fM":
        return np.asarray(cells.filled(np.nan if cells.dtype.kind == "f" else np.datetime64("NaT")))
    values = cells.data.astype(object)
    values[np.ma.getmaskarray(cells)] = None
    return np.asarray(values)


def _as_array(column: Sequence[Any] | np.ndarray) -> np.ndarray:
    """Return a column as an array that DuckDB can scan: texts as objects, numbers with None as floats."""
    if isinstance(column, np.ndarray):
        return column.astype(object) if column.dtype.kind == "U" else np.ascontiguousarray(column)
    known = [value for value in column if value is not None]
    if not known or any(isinstance(value, str) for value in known):
        return np.array(column, dtype=object)
    return np.array(column if len(known) == len(column) else [np.nan if v is None else v for v in column])


def open_duckdb() -> DuckDBPyConnection:
    """Return a private DuckDB for small tables, which fetches nothing and spills nothing."""
    import duckdb

    connection = duckdb.connect(":memory:")
    execute(connection, "SET autoinstall_known_extensions = false")
    execute(connection, "SET autoload_known_extensions = false")
    execute(connection, "SET temp_directory = ''")  # small tables: nothing to spill
    return connection


def _fetch(path: Path, query: str = _WHOLE) -> dict[str, Any]:
    """Return the columns of a query about the file, which is called `panel` there."""
    import duckdb

    if not path.is_file():
        raise ArtifactError(f"there is no file {path}", "train again, or restore the model directory")
    try:
        with path.open("rb") as file, open_duckdb() as connection:
            # A folder's name may hold what DuckDB takes for a wildcard: the open file has a name without one.
            name = f"/dev/fd/{file.fileno()}" if any(sign in str(path) for sign in "*?[") else str(path)
            execute(connection, f"CREATE VIEW panel AS SELECT * FROM read_parquet({quote(name)})")
            return fetch_columns(connection, query)
    except duckdb.Error as error:
        raise ArtifactError(
            f"{path} cannot be read: it is damaged", "train again, or restore the model directory"
        ) from error
