"""Several rows in one step of the grid become one value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.types import Aggregate, Floats, Integers

_SAID: dict[Aggregate, str] = {
    "mean": "averaged",
    "sum": "added up",
    "last": "the last one is taken",
    "min": "the least one is taken",
    "max": "the greatest one is taken",
    "std": "their standard deviation is taken",
}


def aggregate(column: Floats, cells: Integers, n_cells: int, how: Aggregate) -> Floats:
    """Return the column on the grid (n_cells,), NaN in steps without a value.

    `column` (rows,) with NaN where there is no value, `cells` (rows,) ascending: the step of each row. `mean` is
    taken about the step's first value, which keeps the digits of a large meter. `std` is that of the population
    (ddof 0), and nothing is known of a step with a single value: no spread is not a spread of 0.
    """
    is_single = cells.size < 2 or bool((cells[1:] != cells[:-1]).all())  # the usual file: a row per step
    if is_single and how != "std":
        return lay_singles(column, cells, n_cells)
    known = ~np.isnan(column)
    given, places = column[known], cells[known]
    heads = np.flatnonzero(np.diff(places, prepend=-1))
    laid = np.full(n_cells, np.nan)
    if heads.size:
        laid[places[heads]] = _reduce(given, heads, how)
    return laid


def lay_singles(column: Floats, cells: Integers, n_cells: int) -> Floats:
    """Return the column on the grid (n_cells,), where no two rows share a step; itself where every step has a row."""
    if cells.size == n_cells:
        return column
    laid = np.full(n_cells, np.nan)
    laid[cells] = column
    return laid


def _reduce(values: Floats, heads: Integers, how: Aggregate) -> Floats:
    """Return one value per run of values; runs begin at `heads`."""
    if how == "last":
        return values[np.append(heads[1:], values.size) - 1]
    if how in ("min", "max"):
        return (np.minimum if how == "min" else np.maximum).reduceat(values, heads)
    if how == "sum":
        return np.add.reduceat(values, heads)
    counts = np.diff(np.append(heads, values.size))
    apart = values - np.repeat(values[heads], counts)
    means = np.add.reduceat(apart, heads) / counts
    if how == "mean":
        return values[heads] + means
    squares = np.add.reduceat((apart - np.repeat(means, counts)) ** 2, heads) / counts
    return np.where(counts > 1, np.sqrt(squares), np.nan)


def describe_aggregate(asked: Sequence[tuple[str, Aggregate]]) -> str:
    """Return what becomes of several rows in one step, as the end of a sentence."""
    ways = {how for _, how in asked}
    covers_all = any(name == "*" for name, _ in asked)
    if not ways:
        return _SAID["mean"]
    return _SAID[ways.pop()] if len(ways) == 1 and covers_all else "as --aggregate says, else averaged"
