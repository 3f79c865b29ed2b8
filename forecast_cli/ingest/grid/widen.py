"""Rows of tag and value become rows of instants with a column per tag: instants are grouped first, then filled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.frequency import DAY, parse_freq
from forecast_cli.ingest.grid.rows import Rows, count_up
from forecast_cli.ingest.time.timeline import infer_step, lay_grid

if TYPE_CHECKING:
    from forecast_cli.types import Flags, Floats, Integers

_MOST_CELLS = 2_000_000_000  # instants x tags of the table that is made: 16 GB
_SPARSE = 1.5  # cells per row of the file, from which on tags may be written at instants of their own


@dataclass(frozen=True, eq=False)
class Long:
    """Rows of tag and value, sorted by series, time and tag, those of one instant and tag in the order of the file."""

    rows: Rows  # without columns
    stamps: Integers  # (rows,)
    tags: Integers  # (rows,): index into names
    values: Floats  # (rows,)
    names: tuple[str, ...]

    @property
    def is_again(self) -> Flags:
        """(rows,): whether the row before is of the same series, instant and tag."""
        return self.is_beside & (np.diff(self.tags, prepend=-1) == 0)

    @property
    def is_beside(self) -> Flags:
        """(rows,): whether the row before is of the same series and instant."""
        beside = np.zeros(self.tags.size, dtype=np.bool_)
        beside[1:] = (np.diff(self.stamps) == 0) & (np.diff(self.rows.series) == 0)
        return beside

    def take(self, places: Integers | Flags) -> Long:
        """Return these rows, in this order."""
        rows = replace(self.rows, series=self.rows.series[places])
        return replace(self, rows=rows, stamps=self.stamps[places], tags=self.tags[places], values=self.values[places])

    def sort(self) -> Long:
        """Return the rows in order."""
        return self.take(np.lexsort((self.tags, self.stamps, self.rows.series)))


def make_long(rows: Rows, tags: Integers, values: Floats, names: tuple[str, ...]) -> tuple[Long, int]:
    """Return the rows that have a value and a tag, an index into `names` (-1: none), and how many repetitions went."""
    stamps = np.empty(0, dtype=np.int64) if rows.stamps is None else rows.stamps
    long = Long(replace(rows, columns={}, stamps=None), stamps, tags, values, names)
    long = long.take((tags >= 0) & ~np.isnan(values)).sort()
    again = long.is_again
    again[1:] &= long.values[1:] == long.values[:-1]
    return long.take(~again), int(again.sum())


def widen(long: Long, wanted: tuple[str, ...], freq: str | None) -> tuple[Rows, str | None]:
    """Return a row per series and instant with a column per tag that is wanted; and the step, where it was needed.

    Several values of one tag at one instant make several rows, in their order. Where tags are written at instants of
    their own, so that most cells would be empty, the rows are put on the grid of `freq`, or else of a tag's usual step.
    All tags make rows, so that the same file falls on the same grid whichever of them are wanted.
    """
    instants, n_tags = int(np.count_nonzero(~long.is_beside)), np.unique(long.tags).size
    step = None
    if instants * n_tags >= _SPARSE * max(long.tags.size, 1):
        long, step = _snap(long, freq)
    places, n_rows = _place(long)
    if n_rows * len(wanted) > _MOST_CELLS:
        raise DataError(
            f"{n_rows:,} instants of {len(wanted):,} tags are too many for memory",
            "name some tags with --target, or give a coarser --freq",
        )
    first = np.zeros(n_rows, dtype=np.int64)
    first[places] = np.arange(places.size)
    series, stamps = long.rows.series[first], long.stamps[first]
    columns = _fill(long, wanted, places, n_rows)
    return replace(long.rows, series=series, stamps=stamps, columns=columns, snapped=step is not None), step


def _snap(long: Long, asked: str | None) -> tuple[Long, str | None]:
    """Return the rows on the grid of the step asked for, or of a tag's usual one; as they are from a day on.

    Days and longer steps begin with the clock of a zone, which is not known here.
    """
    order = np.lexsort((long.stamps, long.tags, long.rows.series))
    codes = long.rows.series * len(long.names) + long.tags
    own = infer_step(long.stamps[order], codes[order])
    freq = own if asked is None else parse_freq(asked)
    if freq is None or freq.microseconds is None or freq.microseconds >= DAY:
        return long, None
    grid = lay_grid(long.stamps[order], freq, own)
    stamps = np.empty_like(long.stamps)
    stamps[order] = np.asarray(grid.origin, dtype="datetime64[us]").astype(np.int64) + grid.steps * freq.microseconds
    return replace(long, stamps=stamps).sort(), str(freq)


def _place(long: Long) -> tuple[Integers, int]:
    """Return the row of the wide table that each row goes to, and how many rows that has."""
    turn = count_up(~long.is_again)  # 0, 1, ... for the values of one tag at one instant
    if not turn.size:
        return turn, 0
    heads = np.flatnonzero(~long.is_beside)
    heights = np.maximum.reduceat(turn, heads) + 1
    starts = np.cumsum(heights) - heights
    return np.repeat(starts, np.diff(np.append(heads, turn.size))) + turn, int(heights.sum())


def _fill(long: Long, wanted: tuple[str, ...], places: Integers, n_rows: int) -> dict[str, Floats]:
    """Return a column per tag that is wanted (n_rows,), NaN where it has no value."""
    order = np.argsort(long.tags, kind="stable")
    ends = np.searchsorted(long.tags[order], np.arange(len(long.names) + 1))
    number = {name: k for k, name in enumerate(long.names)}
    columns = {}
    for name in wanted:
        k = number.get(name)
        mine = order[:0] if k is None else order[ends[k] : ends[k + 1]]
        columns[name] = np.full(n_rows, np.nan)
        columns[name][places[mine]] = long.values[mine]
    return columns
