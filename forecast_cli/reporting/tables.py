"""Columns to text for machines: CSV, JSON rows and JSON lines. Nothing is rounded here."""

from __future__ import annotations

import csv
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from forecast_cli.results import PartRow, RankingRow

RANKING = (
    *("rank", "model", "mae_scaled", "mse_scaled", "mase", "skill", "mae", "rmse"),
    *("n_windows", "fit_seconds", "parameters"),
)
PARTS = ("part", "model", "mae", "mae_scaled", "n")


def to_csv(columns: Mapping[str, Sequence[Any]]) -> str:
    r"""Return a header line and one line per row: RFC 4180 quoting, "\n" line ends, None and NaN as empty cells.

    A float is the shortest text that reads back as the same number of its own width: 0.1, not 0.10000000149, for a
    float32. Columns of different lengths are our bug and raise ValueError.
    """
    lines: list[str] = []
    writer = csv.writer(_RowSink(lines), lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(zip(*map(_write_cells, columns.values()), strict=True))
    return "".join(lines)


def to_json_rows(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return one plain dict per row, in the order of the columns; None, NaN and infinity, which JSON lacks, as None."""
    names = list(columns)
    cells = map(to_plain_list, columns.values())
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


def to_jsonl(columns: Mapping[str, Sequence[Any]]) -> str:
    """Return one JSON object a line, each ended by a line end; values as `to_json_rows` gives them."""
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    return "".join(encode(row) + "\n" for row in to_json_rows(columns))


def ranking_columns(rows: Sequence[RankingRow]) -> dict[str, list[Any]]:
    """Return the ranking as columns, in the order that `compare-baselines` promises; None where a cell is empty."""
    return {name: [getattr(row, name) for row in rows] for name in RANKING}


def parts_columns(rows: Sequence[PartRow]) -> dict[str, list[Any]]:
    """Return the errors by part as columns, in the order that `compare-baselines --by` promises."""
    return {name: [getattr(row, name) for row in rows] for name in PARTS}


def to_plain_list(column: Sequence[Any] | NDArray[Any]) -> list[Any]:
    """Return an array of any number of axes, or a sequence, as a (nested) list that JSON can hold.

    float32 comes out as the double that prints with the same digits; what is not finite comes out as None.
    """
    if not isinstance(column, np.ndarray):
        return [_to_plain(value) for value in column]
    if column.dtype.kind != "f":
        return column.tolist()
    plain = _widen(column).astype(object)
    plain[~np.isfinite(column)] = None
    return plain.tolist()


def _widen(array: NDArray[Any]) -> NDArray[np.float64]:
    """Return the doubles whose shortest text is the shortest text of these floats."""
    if array.dtype == np.float64:
        return array
    return np.array([float(text) for text in map(str, array.ravel())], np.float64).reshape(array.shape)


def _to_plain(value: Any) -> Any:
    """Return a scalar as JSON can hold it."""
    if isinstance(value, np.floating):
        value = float(str(value))
    elif isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_cells(column: Sequence[Any] | NDArray[Any]) -> Sequence[str]:
    """Return the cells of one column as text."""
    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        cells = list(map(str, column))
        for row in np.flatnonzero(np.isnan(column)):
            cells[row] = ""
        return cells
    return ["" if value is None or value != value else str(value) for value in column]


class _RowSink:
    r"""Takes the rows of a csv.writer and ends them in "\n".

    The writer itself must believe in "\r\n": before Python 3.13 it quotes only the line ends that it writes, and a
    lone "\r" in a name would break the row for the next reader. It hands over each row in one call.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, row: str) -> int:
        self._lines.append(row[:-2] + "\n")
        return len(row)
