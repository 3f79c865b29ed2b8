"""What `forecast inspect` tells of data: the time axis, its gaps, and every column, as they are before any repair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.ingest.grid.counters import only_rises
from forecast_cli.ingest.views.facts import describe_columns
from forecast_cli.results import ColumnProfile

if TYPE_CHECKING:
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.read import Gathered
    from forecast_cli.types import ColumnFact, Floats, Integers

BUCKETS = 16  # stretches of an outline
FAR = 3.0  # a spike lies further from the middle 98 % than this many times their width
LEAST_STUCK = 12  # rows
LONGER = 3  # times the tenth longest run: a run that long is no habit of the column
_TENTH = 9


def profile_columns(table: Gathered, journal: Journal) -> tuple[ColumnProfile, ...]:
    """Return a profile per column of the files, in the order of the header; `table` still has its columns."""
    facts = describe_columns(table, journal.left_out)
    longest = int(np.diff(table.layout.indptr).argmax())
    return tuple(_profile(fact, table, longest) for fact in facts)


def _profile(fact: ColumnFact, table: Gathered, longest: int) -> ColumnProfile:
    """Return the profile of one column; what only numbers have stays None in others."""
    column = table.rows.columns.get(fact.name)
    known: dict[str, Any] = {"median": None, "longest_run": None, "is_stuck": False, "spikes": None}
    if column is not None and fact.n_values:
        values, series = _take_values(column, table.rows.series)
        low, median, high = np.quantile(values, [0.01, 0.5, 0.99])
        runs = count_runs(values, series)
        known = {
            "median": float(median),
            "longest_run": int(runs.max()),
            "is_stuck": is_stuck(runs) and not _rests(values, runs),
            "spikes": count_spikes(values, float(low), float(high)),
            "repeats": measure_repeats(values, series),
            "only_rises": only_rises(values, series),
            "outline": _outline(column, table, longest),
        }
    total = None if fact.n_values is None or fact.n_missing is None else fact.n_values + fact.n_missing
    return ColumnProfile(
        column=fact.name,
        kind=fact.kind,
        role=fact.role,
        unit=fact.unit,
        n_values=fact.n_values,
        missing=fact.n_missing / total if total and fact.n_missing is not None else None,
        minimum=fact.minimum,
        maximum=fact.maximum,
        **known,
    )


def _take_values(column: Floats, series: Integers) -> tuple[Floats, Integers]:
    """Return the values of a column and their series, without the missing ones."""
    has = ~np.isnan(column)
    return (column, series) if has.all() else (column[has], series[has])


def count_runs(values: Floats, series: Integers) -> Integers:
    """Return the lengths of the runs of one value, (n runs,); a run ends with its series."""
    changes = np.flatnonzero((np.diff(values) != 0) | (np.diff(series) != 0))
    return np.diff(np.concatenate([[-1], changes, [values.size - 1]]))


def measure_repeats(values: Floats, series: Integers) -> float:
    """Return which share of the values equals the one before; those at the least and greatest value are not counted.

    A night without sun and a full tank repeat their ends, and are still measured.
    """
    inside = (values > values.min()) & (values < values.max())
    again = (np.diff(values) == 0) & (np.diff(series) == 0) & inside[1:]
    return float(np.count_nonzero(again)) / max(int(np.count_nonzero(inside)), 1)


def is_stuck(runs: Integers) -> bool:
    """Tell whether the longest run is above 12 rows and three times the tenth longest: nights and weekends recur."""
    if runs.size < 2:  # one value throughout is a constant column
        return False
    place = max(runs.size - 1 - _TENTH, 0)
    return bool(runs.max() > max(LEAST_STUCK, LONGER * int(np.partition(runs, place)[place])))


def _rests(values: Floats, runs: Integers) -> bool:
    """Return whether a column is mostly at its least value, and longest there: rain does not fall, no sensor sticks."""
    begin = int(runs[: runs.argmax()].sum())
    least = values.min()
    return bool(values[begin] == least and 2 * np.count_nonzero(values == least) > values.size)


def count_spikes(values: Floats, low: float, high: float) -> int:
    """Return how many values lie beyond the 1st and 99th percentile by more than three times their distance."""
    reach = FAR * (high - low)
    if reach <= 0:  # nearly constant: anything else would be a spike
        return 0
    return int(np.count_nonzero((values < low - reach) | (values > high + reach)))


def _outline(column: Floats, table: Gathered, i: int) -> tuple[float | None, ...]:
    """Return the means of equal stretches of series i, None where a stretch has no value."""
    begin, end = np.searchsorted(table.rows.series, [i, i + 1])
    first, length = int(table.layout.indptr[i]), int(table.layout.indptr[i + 1] - table.layout.indptr[i])
    values, cells = column[begin:end], table.layout.cells[begin:end] - first
    has = ~np.isnan(values)
    count = min(BUCKETS, length)
    place = cells[has] * count // length
    sums, numbers = np.bincount(place, values[has], count), np.bincount(place, minlength=count)
    return tuple(float(total / n) if n else None for total, n in zip(sums, numbers, strict=True))
