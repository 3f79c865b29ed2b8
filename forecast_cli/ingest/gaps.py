"""Gaps of one column on the grid: filled, and never called observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from forecast_cli.types import Flags, Floats, Integers


def find_gaps(observed: Flags, indptr: Integers) -> tuple[Integers, Integers]:
    """Return the first row and the row after the last of every run of rows that were not observed, none across series.

    observed (R,), indptr (N+1,) -> starts (G,), ends (G,).
    """
    missing = ~observed
    first = missing.copy()
    first[1:] &= observed[:-1]
    heads = indptr[:-1][np.diff(indptr) > 0]
    first[heads] = missing[heads]
    last = missing.copy()
    last[:-1] &= observed[1:]
    tails = indptr[1:][np.diff(indptr) > 0] - 1
    last[tails] = missing[tails]
    return np.flatnonzero(first), np.flatnonzero(last) + 1


@dataclass(frozen=True)
class Filling:
    """How gaps are filled."""

    max_gap: int  # steps
    fill: Literal["linear", "hold"]


def fill_gaps(values: Floats, observed: Flags, indptr: Integers, how: Filling) -> tuple[Floats, int]:
    """Return the column without holes after its first value, and how many rows were interpolated.

    values (R,) in float64, NaN where not observed. Gaps up to max_gap steps with a value on both sides are interpolated
    linearly (`linear`); all others carry the last value. Before a series' first value stays NaN.
    """
    starts, ends = find_gaps(observed, indptr)
    if starts.size == 0:
        return values, 0
    series = np.searchsorted(indptr, starts, side="right") - 1
    follows = starts > indptr[series]  # something was observed before
    closes = ends < indptr[series + 1]  # and after
    starts, ends, closes = starts[follows], ends[follows], closes[follows]
    lengths = ends - starts
    filled = values.copy()
    filled[_count_up(starts, lengths)] = np.repeat(values[starts - 1], lengths)
    short = closes & (lengths <= how.max_gap) & (how.fill == "linear")
    starts, ends, lengths = starts[short], ends[short], lengths[short]
    share = _count_up(np.ones_like(lengths), lengths) / np.repeat(lengths + 1, lengths)
    before, after = np.repeat(values[starts - 1], lengths), np.repeat(values[ends], lengths)
    filled[_count_up(starts, lengths)] = before * (1 - share) + after * share
    return filled, int(lengths.sum())


def _count_up(starts: Integers, lengths: Integers) -> Integers:
    """Return start, start + 1, ... of each run, end to end."""
    return np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
