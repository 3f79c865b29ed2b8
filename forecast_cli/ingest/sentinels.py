"""Values that cannot be: codes for a missing value that look like numbers, infinities, and what float32 cannot hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from forecast_cli.types import Flags, Floats

SENTINELS = (-200.0, -999.0, -9999.0)
LARGEST = 1.5e38  # two such values still differ by a float32


def find_sentinels(column: Floats) -> list[tuple[float, int]]:
    """Return the suspected codes for a missing value in a column and how often each stands there.

    A code counts when it is exact, repeated, below all other values, and isolated: further from the nearest of them
    than half their middle spread (interquartile range) and than ten times their usual distance.
    """
    found = [(code, int(np.count_nonzero(column == code))) for code in SENTINELS]
    found = [(code, count) for code, count in found if count >= 2]
    if not found:
        return []
    rest = column[np.isfinite(column) & ~np.isin(column, [code for code, _ in found])]
    if rest.size == 0:
        return []
    lower, upper = np.quantile(rest, [0.25, 0.75])
    distinct = np.unique(rest)
    usual = float(np.median(np.diff(distinct))) if distinct.size > 1 else 0.0
    limit = max(0.5 * (upper - lower), 10 * usual, 1.0)
    return [(code, count) for code, count in found if distinct[0] - code > limit]


def find_impossible(column: Floats) -> Flags:
    """Return where a column holds an infinity or a number that float32 cannot hold."""
    return np.abs(column) > LARGEST  # NaN compares as False


def blank_out(column: Floats, where: Flags) -> Floats:
    """Return the column with NaN where marked."""
    return np.where(where, np.nan, column)
