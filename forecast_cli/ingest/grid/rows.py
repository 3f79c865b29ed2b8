"""The rows of all files in memory, column by column, and how they are put in order.

Nothing here knows where the rows came from: a column is an array of float64 with NaN where there is no value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from forecast_cli.types import Flags, Floats, Integers


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one or more series."""

    series_ids: tuple[str, ...]  # (N,), ascending
    series: Integers  # (rows,): index into series_ids
    stamps: Integers | None  # (rows,): microseconds since 1970; None: the row number is the time
    columns: dict[str, Floats]  # each (rows,)
    tz: str | None = None  # "Z", "+01:00", or None for naive stamps
    snapped: bool = False  # in order and on the grid: rows of one instant belong to a step, and repeat nothing

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return int(self.series.size)


def count_up(begins: Flags) -> Integers:
    """Return 0, 1, 2, ... (rows,) from every row where a run begins, as the first does."""
    rows = np.arange(begins.size)
    return rows - np.maximum.accumulate(np.where(begins, rows, 0))


def select_rows(rows: Rows, keep: Flags) -> Rows:
    """Return the rows that are marked, in the same order; the same object where all are."""
    if keep.all():
        return rows
    columns = {name: column[keep] for name, column in rows.columns.items()}
    stamps = None if rows.stamps is None else rows.stamps[keep]
    return replace(rows, series=rows.series[keep], stamps=stamps, columns=columns)


def sort_rows(rows: Rows) -> tuple[Rows, int]:
    """Return the rows by series and time, those of one instant in the order of the file; and how many stood wrong."""
    time = rows.stamps if rows.stamps is not None else np.arange(rows.n_rows)
    same = np.diff(rows.series) == 0
    backwards = int(np.count_nonzero((np.diff(time) < 0) & same))
    if backwards == 0 and np.all(np.diff(rows.series) >= 0):
        return rows, 0
    order = np.lexsort((time, rows.series))
    columns = {name: column[order] for name, column in rows.columns.items()}
    stamps = None if rows.stamps is None else rows.stamps[order]
    return replace(rows, series=rows.series[order], stamps=stamps, columns=columns), backwards


def drop_duplicates(rows: Rows) -> tuple[Rows, int, int]:
    """Return sorted rows without exact repetitions; how many were dropped, and how many share an instant but differ."""
    if rows.stamps is None or rows.n_rows < 2:
        return rows, 0, 0
    again = np.flatnonzero((np.diff(rows.stamps) == 0) & (np.diff(rows.series) == 0)) + 1
    if again.size == 0:
        return rows, 0, 0
    equal = np.ones(again.size, dtype=np.bool_)
    for column in rows.columns.values():
        now, before = column[again], column[again - 1]
        equal &= (now == before) | (np.isnan(now) & np.isnan(before))
    keep = np.ones(rows.n_rows, dtype=np.bool_)
    keep[again[equal]] = False
    return select_rows(rows, keep), int(equal.sum()), int((~equal).sum())


def drop_empty_series(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return the rows with the ids of those series alone that have any, and the ids of the others."""
    present = np.bincount(rows.series, minlength=len(rows.series_ids)) > 0
    if present.all():
        return rows, ()
    kept, lost = (tuple(np.array(rows.series_ids, dtype=object)[flags]) for flags in (present, ~present))
    return replace(rows, series_ids=kept, series=(np.cumsum(present) - 1)[rows.series]), lost


def join_rows(parts: list[Rows]) -> Rows:
    """Return the rows of several files end to end, with one list of series; the last part's tz is kept.

    The parts' columns are emptied one by one, so that no more than one column is held twice.
    """
    if len(parts) == 1:
        return parts[0]
    ids = tuple(sorted({name for part in parts for name in part.series_ids}))
    place = {name: k for k, name in enumerate(ids)}
    codes = [np.array([place[name] for name in part.series_ids], dtype=np.int64)[part.series] for part in parts]
    stamps = [part.stamps for part in parts if part.stamps is not None]
    names = list(parts[0].columns)
    columns = {name: np.concatenate([part.columns.pop(name) for part in parts]) for name in names}
    latest = max(parts, key=_find_end)
    return Rows(ids, np.concatenate(codes), np.concatenate(stamps) if stamps else None, columns, latest.tz)


def spans_overlap(parts: list[Rows]) -> bool:
    """Return whether the files' spans of time overlap, ends included; rows without a time always do."""
    spans = [(int(p.stamps.min()), int(p.stamps.max())) for p in parts if p.stamps is not None and p.stamps.size]
    if any(part.stamps is None for part in parts):
        return True
    spans.sort()
    return any(later[0] <= earlier[1] for earlier, later in pairwise(spans))


def _find_end(part: Rows) -> int:
    return int(part.stamps.max()) if part.stamps is not None and part.stamps.size else 0
