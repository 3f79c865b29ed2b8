"""Columns to text for machines: CSV, JSON rows and JSON lines. Nothing is rounded here."""

from __future__ import annotations

import csv
import json
import math
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from forecast_cli.ingest.text.formulas import guard_formula
from forecast_cli.prepare.shortest import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from forecast_cli.results import PartRow, RankingRow

RANKING = (
    *("rank", "model", "mae_scaled", "mse_scaled", "mase", "skill", "mae", "rmse"),
    *("n_windows", "fit_seconds", "parameters", "rmsse", "smape"),
)
PARTS = ("part", "model", "mae", "mae_scaled", "n", "mse_scaled", "mase", "rmse", "rmsse", "smape")
SPARE = (
    *("winkler_", "width_", "wql", "rmsse", "smape", "parameters", "fit_seconds", "rmse", "mse_scaled", "n_windows"),
    *("n", "coverage_", "mase"),
)
"""What a narrow terminal leaves out of a ranking, first what goes first; `x_` stands for all that begin so."""

_BLOCK = 10_000  # lines that are held one by one
_MANY = 100_000  # numbers, that are worth a start of DuckDB


def to_csv(columns: Mapping[str, Sequence[Any]]) -> str:
    r"""Return a header line and one line per row: RFC 4180 quoting, "\n" line ends, None and NaN as empty cells.

    A float is the shortest text that reads back as the same number of its own width: 0.1, not 0.10000000149, for a
    float32. Texts that a spreadsheet would compute are guarded, as `forecast_cli.ingest.text.formulas` says; the reader
    takes the guard off again. Columns of different lengths are our bug and raise ValueError.
    """
    if len(columns) == 1:  # an empty cell alone is quoted, or it would be a blank line
        return _write_rows([_write_cells(list(columns)), *zip(*map(_write_cells, columns.values()), strict=True)])
    runs = groupby(columns.values(), _holds_many_doubles)
    ready = [cells for are_many, run in runs for cells in (_join_numbers(run) if are_many else map(_write_quoted, run))]
    rows = zip(*ready, strict=True)
    blocks = iter(lambda: "\n".join(map(",".join, islice(rows, _BLOCK))), "")
    return "\n".join([_write_rows([_write_cells(list(columns))])[:-1], *blocks, ""])


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
    return {name: [getattr(row, name) for row in rows] for name in RANKING} | interval_columns(rows)


def parts_columns(rows: Sequence[PartRow]) -> dict[str, list[Any]]:
    """Return the errors by part as columns, in the order that `compare-baselines --by` promises."""
    return {name: [getattr(row, name) for row in rows] for name in PARTS} | interval_columns(rows)


def interval_columns(rows: Sequence[RankingRow | PartRow]) -> dict[str, list[Any]]:
    """Return `coverage_L` in percent, `width_L_scaled` and `winkler_L_scaled`, for each level L, and `wql`.

    Levels are those of any row, ascending; cells are empty for models without intervals.
    """
    found = [row.intervals for row in rows]
    levels = sorted({level for each in found if each is not None for level in each.coverage})
    columns: dict[str, list[Any]] = {}
    for name in ("coverage", "width_scaled", "winkler_scaled"):
        what, _, unit = name.partition("_")
        for level in levels:
            cells = [None if each is None else getattr(each, name).get(level) for each in found]
            columns[f"{what}_{level}_{unit}".rstrip("_")] = cells
    return columns | {"wql": [None if each is None else each.wql for each in found]}


def choose_spare(columns: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the columns of a ranking, or of its parts, that are left out one after the other until it fits."""
    names = tuple(columns)
    return tuple(tuple(n for n in names if n == each or (each[-1] == "_" and n.startswith(each))) for each in SPARE)


def to_plain_list(column: Sequence[Any] | NDArray[Any]) -> list[Any]:
    """Return an array of any number of axes, or a sequence, as a (nested) list that JSON can hold.

    float32 comes out as the double that prints with the same digits; what is not finite comes out as None.
    """
    if not isinstance(column, np.ndarray):
        return [_to_plain(value) for value in column]
    if column.dtype.kind != "f":
        return column.tolist()
    plain = (column if column.dtype == np.float64 else shorten(column)).astype(object)
    plain[~np.isfinite(column)] = None
    return plain.tolist()


def _to_plain(value: Any) -> Any:
    """Return a scalar as JSON can hold it."""
    if isinstance(value, np.floating):
        value = float(str(value))
    elif isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_cells(column: Sequence[Any] | NDArray[Any]) -> Sequence[str]:
    """Return the cells of one column as text."""
    if not _is_float(column):
        texts = ["" if value is None or value != value else str(value) for value in column]
        written = {text: guard_formula(text) for text in set(texts)}
        return [written[text] for text in texts]
    cells = list(map(repr, column.tolist()) if column.dtype == np.float64 else map(str, column))
    for row in np.flatnonzero(np.isnan(column)):
        cells[row] = ""
    return cells


def _write_quoted(column: Sequence[Any] | NDArray[Any]) -> Sequence[str]:
    """Return the cells of one column as they stand in a row of several."""
    cells = _write_cells(column)
    return cells if _is_float(column) else _quote(cells)


def _is_float(column: Sequence[Any] | NDArray[Any]) -> TypeGuard[NDArray[Any]]:
    return isinstance(column, np.ndarray) and column.dtype.kind == "f"


def _holds_many_doubles(column: Sequence[Any] | NDArray[Any]) -> bool:
    return _is_float(column) and column.dtype == np.float64 and column.size >= _MANY


def _join_numbers(columns: Iterable[Any]) -> list[list[str]]:
    """Return one column with the cells of several in it; DuckDB writes the same digits as Python, and sooner."""
    from forecast_cli.ingest.views.number_texts import print_numbers

    return [print_numbers(list(columns), ",")]


def _quote(texts: Sequence[str]) -> list[str]:
    """Return cells as they stand in a row of several: in quotation marks where they need them."""
    written = {text: _write_rows([(text, "")])[: -len(",\n")] for text in set(texts)}
    return [written[text] for text in texts]


def _write_rows(rows: Iterable[Iterable[str]]) -> str:
    r"""Return rows of text as CSV, each ended by "\n"."""
    lines: list[str] = []
    csv.writer(_RowSink(lines), lineterminator="\r\n").writerows(rows)
    return "".join(lines)


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
