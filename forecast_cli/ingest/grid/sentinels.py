"""Values that cannot be: codes for a missing value that look like numbers, infinities, and what float32 cannot hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    from forecast_cli.types import Flags, Floats

USUAL = (-200.0, -999.0, -9999.0)
"""What loggers write so often that half the middle spread is far enough from the rest."""

RARE = (
    *(-99.0, -99.9, -99.99, -127.0, -990.0, -999.25, -999.9, -999.99),
    *(-6999.0, -7999.0, -8888.0, -9990.0, -9999.9, -9999.99, -99999.0, -999999.0, -9999999.0),
    *(-3276.8, -32768.0, -2147483648.0, -1e10, -1e15, -1e20, -1e30, -1e34, -1e37),
    *(999.0, 999.9, 999.99, 6999.0, 7999.0, 8888.0, 9990.0, 9999.0, 9999.9, 9999.99, 99999.0, 999999.0, 9999999.0),
    *(3276.7, 6553.5, 32767.0, 65535.0, 2147483647.0, 4294967295.0),
    *(1e10, 1e15, 1e20, 1e30, 9.969209968386869e36, 1e37),
)
"""What some write: nines, the ends of integers, the fill values of netCDF. They must lie further from the rest than
the rest is wide, since a counter of people may well see 999."""

LARGEST = 1.5e38  # two such values still differ by a float32


def _with_float32(codes: Collection[float]) -> frozenset[float]:
    """Return the codes as they are, and as they read after having been stored in four bytes."""
    return frozenset({*codes, *(float(np.float32(code)) for code in codes)})


_USUAL, _CODES = _with_float32(USUAL), _with_float32((*USUAL, *RARE))


def find_sentinels(column: Floats) -> list[tuple[float, int]]:
    """Return the suspected codes for a missing value in a column and how often each stands there.

    A code counts when it is exact, repeated, outside of all other values, and isolated: further from the nearest of
    them than ten times their usual distance, and than half their middle spread (interquartile range) for the usual
    codes, which lie below; than all of their width for the others.
    """
    outside = [float(end) for end in (np.fmin.reduce(column), np.fmax.reduce(column))] if column.size else []
    if not any(end in _CODES for end in outside):  # the usual column, without a sort
        return []
    rest, counts = _peel(np.unique(column[np.isfinite(column)], return_counts=True))
    found = [(code, count) for code, count in counts.items() if count >= 2]
    kept = np.sort(np.append(rest[0], [code for code, count in counts.items() if count < 2]))
    if not found or kept.size == 0:
        return []
    limits = _measure_limits(kept, np.repeat(*rest) if kept.size == rest[0].size else kept)
    return [(code, count) for code, count in found if _find_distance(code, kept) > limits[code not in _USUAL]]


def _peel(table: tuple[Floats, np.ndarray]) -> tuple[tuple[Floats, np.ndarray], dict[float, int]]:
    """Return distinct values with their counts, less the codes at either end; and those with their counts."""
    values, counts = table
    first, last = 0, values.size
    while first < last and float(values[first]) < 0 and float(values[first]) in _CODES:
        first += 1
    while last > first and float(values[last - 1]) > 0 and float(values[last - 1]) in _CODES:
        last -= 1
    ends = [*range(first), *range(last, values.size)]
    return (values[first:last], counts[first:last]), {float(values[k]): int(counts[k]) for k in ends}


def _measure_limits(distinct: Floats, values: Floats) -> tuple[float, float]:
    """Return how far outside the rest the usual codes must lie, and the others."""
    lower, upper = np.quantile(values, [0.25, 0.75])
    usual = float(np.median(np.diff(distinct))) if distinct.size > 1 else 0.0
    least = max(10 * usual, 1.0)
    return max(0.5 * float(upper - lower), least), max(float(distinct[-1] - distinct[0]), least)


def _find_distance(code: float, distinct: Floats) -> float:
    """Return how far a code lies outside of the other values; below 0 within them."""
    return float(distinct[0]) - code if code < 0 else code - float(distinct[-1])


def find_impossible(column: Floats) -> Flags:
    """Return where a column holds an infinity or a number that float32 cannot hold."""
    return np.abs(column) > LARGEST  # NaN compares as False


def blank_out(column: Floats, where: Flags) -> Floats:
    """Return the column with NaN where marked."""
    return np.where(where, np.nan, column)
