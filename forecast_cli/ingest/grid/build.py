"""Sorted rows on a grid become the panel: one column at a time, in float64 until the cast."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.grid.bounds import Beyond, count_beyond, report_beyond
from forecast_cli.ingest.grid.gaps import Filling, choose_way, fill_gaps, find_gaps, hold_known, mark_known
from forecast_cli.ingest.grid.lay import lay_column, list_channels, split_column
from forecast_cli.ingest.views.facts import find_unit
from forecast_cli.types import Panel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from forecast_cli.ingest.grid.rows import Rows
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.read import Gathered
    from forecast_cli.types import Flags, Floats, Integers

_BLOCK = 4_096  # rows
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


def build_panel(table: Gathered, how: Filling, journal: Journal) -> Panel:
    """Return the panel of what was gathered; the rows' columns are used up on the way, one at a time.

    Each column is laid on the grid in the user's own unit, becomes its channels (an angle two, a counter its
    increase), and is filled, all in float64 until the cast.
    """
    layout, names, channels = table.layout, table.names, list_channels(table.names.all, table.options)
    _check_distinct(channels)
    shape = (len(channels), layout.n_cells)  # until all are known: a channel of rows would touch every page of memory
    values, observed = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.bool_)
    offset = np.zeros((len(table.rows.series_ids), len(channels)))
    beyond: list[Beyond] = []
    for c, (name, channel) in enumerate(_make_channels(table, how, journal)):
        beyond += count_beyond(channel, name, table.options)
        way = choose_way(how, name, table.options)
        offset[:, c], observed[c] = _finish(channel, layout.indptr, way, journal, values[c])
        if name in table.options.counters:  # its first step is no gap: nothing is missing
            journal.counts["gaps"] -= _count_lone_heads(observed[c], layout.indptr)
    report_beyond(beyond, journal)
    return Panel(
        series_ids=table.rows.series_ids,
        indptr=layout.indptr,
        origin=table.grid.origin,
        freq=str(table.grid.freq),
        tz=table.rows.tz,
        start=layout.start,
        values=_turn(values),
        offset=offset,
        observed=_turn(observed),
        channels=channels,
        units=_list_units(table),
        n_targets=len(list_channels(names.targets, table.options)),
        season_length=1,
        n_future=len(list_channels(names.future, table.options)),
    )


def _make_channels(table: Gathered, how: Filling, journal: Journal) -> Iterator[tuple[str, Floats]]:
    """Yield the channels on the grid in their order, each with the name of its column."""
    indptr = table.layout.indptr
    for name in table.names.all:
        column = lay_column(table.rows, table.layout, name, table.options, journal)
        if name in table.options.counters:
            column = hold_known(column, indptr, how)
        for channel in split_column(column, name, indptr, table.options, journal):
            yield name, channel


def _finish(
    channel: Floats, indptr: Integers, how: Filling, journal: Journal, out: NDArray[np.float32]
) -> tuple[Floats, Flags]:
    """Return the first values of a channel's series, and what counts as observed; write it filled and less those."""
    seen = ~np.isnan(channel)
    filled, count = fill_gaps(channel, seen, indptr, how)
    offset = find_first_values(channel, seen, indptr)
    known = mark_known(seen, indptr, how)
    n_seen, n_known = int(np.count_nonzero(seen)), int(np.count_nonzero(known))
    gaps = find_gaps(seen, indptr)[0].size if n_seen < seen.size else 0
    journal.counts.update({"gaps": gaps, "filled": count, "unobserved": seen.size - n_known, "held": n_known - n_seen})
    apart = offset if offset.size == 1 else np.repeat(offset, np.diff(indptr))
    np.subtract(filled, apart, out=out, casting="same_kind")  # in float64, and cast as it is written
    return offset, known


def _turn(table: NDArray[Any]) -> NDArray[Any]:
    """Return the channels (C, R) as rows (R, C); a block at a time stays near the processor."""
    turned = np.empty(table.shape[::-1], dtype=table.dtype)
    for first in range(0, table.shape[1], _BLOCK):
        turned[first : first + _BLOCK] = table[:, first : first + _BLOCK].T
    return turned


def find_first_values(column: Floats, observed: Flags, indptr: Integers) -> Floats:
    """Return each series' first observed value (N,), 0 where there is none."""
    heads = indptr[:-1]
    if np.all(np.diff(indptr) > 0) and observed[heads].all():  # the usual column
        return column[heads]
    rows = np.flatnonzero(observed)
    place = np.searchsorted(rows, heads)
    found = np.zeros(indptr.size - 1)
    has = place < rows.size
    first = rows[np.minimum(place, max(rows.size - 1, 0))] if rows.size else np.zeros_like(place)
    has &= first < indptr[1:]
    found[has] = column[first[has]]
    return found


def _count_lone_heads(observed: Flags, indptr: Integers) -> int:
    """Return how many series have an observed second row, but not the first."""
    heads = indptr[:-1][np.diff(indptr) > 1]
    return int(np.count_nonzero(~observed[heads] & observed[heads + 1]))


def _check_distinct(channels: Sequence[str]) -> None:
    twice = [name for name, count in Counter(channels).items() if count > 1]
    if twice:
        raise DataError(f"a column is called {twice[0]!r}, as a part of an angle would be", "leave it out: --ignore")


def _list_units(table: Gathered) -> tuple[str, ...]:
    """Return the unit of each channel; sine and cosine have none."""
    angles, scan = table.options.angles, table.scans[0]
    units = [("", "") if name in angles else (find_unit(scan, name),) for name in table.names.all]
    return tuple(unit for each in units for unit in each)
