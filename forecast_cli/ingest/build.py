"""Sorted rows on a grid become the panel: one column at a time, in float64 until the cast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.columns import parse_unit
from forecast_cli.ingest.gaps import Filling, fill_gaps, find_gaps
from forecast_cli.types import Panel

if TYPE_CHECKING:
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.rows import Rows
    from forecast_cli.ingest.timeline import Grid
    from forecast_cli.types import Flags, Floats, Integers

_MOST_STEPS = 5_000_000  # beyond this a grid must not be fifty times as long as its rows


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the rows lie in the panel."""

    indptr: Integers  # (N+1,)
    start: Integers  # (N,): step of each series' first row, from the origin
    cells: Integers  # (rows,): row of the panel, ascending

    @property
    def n_cells(self) -> int:
        """R, the number of rows of the panel."""
        return int(self.indptr[-1])


def lay_out(rows: Rows, steps: Integers, label: str) -> Layout:
    """Return where sorted rows lie in the panel; `steps` (rows,) counts from the origin.

    Raises DataError where a few rows would make an endless grid, as one stamp of 1970 in a file of today does.
    """
    heads = np.flatnonzero(np.diff(rows.series, prepend=-1) != 0)
    tails = np.append(heads[1:], rows.n_rows) - 1
    start = steps[heads]
    lengths = steps[tails] - start + 1
    total = int(lengths.sum())
    if total > max(_MOST_STEPS, 50 * rows.n_rows):
        raise DataError(
            f"the {rows.n_rows:,} rows of {label} spread over {total:,} steps",
            "look for a wrong timestamp, or set --freq",
        )
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Layout(indptr, start, steps + (indptr[:-1] - start)[rows.series])


def build_panel(
    rows: Rows,
    grid: Grid,
    layout: Layout,
    names: tuple[tuple[str, ...], tuple[str, ...]],
    how: Filling,
    journal: Journal,
) -> Panel:
    """Return the panel of the targets and past covariates `names`; the rows' columns are used up on the way."""
    channels = (*names[0], *names[1])
    shape = (layout.n_cells, len(channels))
    values, observed = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.bool_)
    offset = np.zeros((len(rows.series_ids), len(channels)))
    for c, name in enumerate(channels):
        column = spread(rows.columns.pop(name), layout)
        seen = ~np.isnan(column)
        filled, count = fill_gaps(column, seen, layout.indptr, how)
        offset[:, c] = find_first_values(column, seen, layout.indptr)
        values[:, c] = filled - np.repeat(offset[:, c], np.diff(layout.indptr))
        observed[:, c] = seen
        gaps, missing = find_gaps(seen, layout.indptr)[0].size, int(seen.size - np.count_nonzero(seen))
        journal.counts.update({"gaps": gaps, "filled": count, "unobserved": missing})
    return Panel(
        series_ids=rows.series_ids,
        indptr=layout.indptr,
        origin=grid.origin,
        freq=str(grid.freq),
        tz=rows.tz,
        start=layout.start,
        values=values,
        offset=offset,
        observed=observed,
        channels=channels,
        units=tuple(map(parse_unit, channels)),
        n_targets=len(names[0]),
        season_length=1,
    )


def spread(column: Floats, layout: Layout) -> Floats:
    """Return the column on the grid, NaN where nothing was observed; the mean where several rows share a step."""
    known = ~np.isnan(column)
    cells, given = (layout.cells, column) if known.all() else (layout.cells[known], column[known])
    spaced = np.full(layout.n_cells, np.nan)
    spaced[cells] = given
    same = np.flatnonzero(np.diff(cells) == 0)
    if same.size == 0:
        return spaced
    shared = np.unique(cells[same])
    inside = np.isin(cells, shared)
    place = np.searchsorted(shared, cells[inside])
    spaced[shared] = np.bincount(place, weights=given[inside]) / np.bincount(place)
    return spaced


def find_first_values(column: Floats, observed: Flags, indptr: Integers) -> Floats:
    """Return each series' first observed value (N,), 0 where there is none."""
    rows = np.flatnonzero(observed)
    place = np.searchsorted(rows, indptr[:-1])
    found = np.zeros(indptr.size - 1)
    has = place < rows.size
    first = rows[np.minimum(place, max(rows.size - 1, 0))] if rows.size else np.zeros_like(place)
    has &= first < indptr[1:]
    found[has] = column[first[has]]
    return found
