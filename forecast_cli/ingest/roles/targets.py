"""Which columns are forecast when nobody says: by rule, each exclusion with its reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from forecast_cli.types import Floats, Integers

_METADATA = re.compile(
    r"(^|[^a-z0-9])(id|idx|index|lat|latitude|lon|long|lng|longitude|altitude|elevation|no|nr|row|record|serial"
    r"|version|zip|postcode|unnamed: 0)$",
    re.IGNORECASE,
)
_FEW = 5  # distinct whole numbers: a state, not a measurement
_HALF = 0.5  # of the cells of the grid
_HEAD = 1_000  # values, by which most columns are told


def explain_exclusion(name: str, column: Floats, series: Integers) -> str:
    """Return why a column is no target by itself, "" if it is one.

    `column` (rows,) sorted by series and time, NaN where there is no value. Rules of `predicting.md`: constant; 0/1 or
    at most five whole numbers; rising by a fixed amount (a record number); named like metadata.
    """
    known = np.isfinite(column)
    if not known.all():
        column, series = column[known], series[known]
    values = column
    if values.size and np.all(values[:_HEAD] == values[0]) and np.all(values == values[0]):
        return "constant"
    if _METADATA.search(name):
        return "named like metadata"
    if _holds_few_whole_numbers(values):
        return "at most five whole numbers"
    if _rises_steadily(values, series):
        return "rising by a fixed amount"
    return ""


def is_sparse(column: Floats, cells: Integers, n_cells: int, n_shared: int) -> bool:
    """Return whether a column has a value in under half of the `n_cells` cells of the grid.

    `cells` (rows,), ascending: the cell of each row; `n_shared` of them repeat the one before.
    """
    known = np.isfinite(column)
    if int(np.count_nonzero(known)) - n_shared >= _HALF * n_cells:  # surely not: no need to count the cells
        return False
    taken = cells[known]
    count = 0 if taken.size == 0 else 1 + int(np.count_nonzero(taken[1:] != taken[:-1]))
    return count < _HALF * n_cells


def _holds_few_whole_numbers(values: Floats) -> bool:
    head = np.unique(values[:_HEAD])
    if head.size > _FEW or np.any(head != np.round(head)):
        return False
    distinct = np.unique(values)
    return distinct.size <= _FEW and bool(np.all(distinct == np.round(distinct)))


def _rises_steadily(values: Floats, series: Integers) -> bool:
    if values.size > 2 * _HEAD and not _rises_steadily(values[:_HEAD], series[:_HEAD]):
        return False
    steps = np.diff(values)[np.diff(series) == 0]
    return steps.size > 1 and bool(steps[0] > 0) and bool(np.allclose(steps, steps[0], rtol=1e-6, atol=0))
