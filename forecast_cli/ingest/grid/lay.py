"""A column of the rows on the grid in the user's own unit, and the channels that it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.ingest.grid.aggregate import aggregate
from forecast_cli.ingest.grid.angles import average_angles, name_parts, split_angle
from forecast_cli.ingest.grid.counters import Unwrapped, count_increase, unwrap
from forecast_cli.ingest.grid.sentinels import blank_out, find_impossible
from forecast_cli.ingest.journal import say_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.grid.build import Layout
    from forecast_cli.ingest.grid.rows import Rows
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.read import Gathered
    from forecast_cli.types import Floats, Integers, ReadingOptions

_MANY = 0.1  # share of a meter's readings that are drops


def lay_columns(table: Gathered, journal: Journal) -> dict[str, Floats]:
    """Return every column that is read on the grid (R,), in the user's own unit, by name; they are used up.

    NaN where nothing was observed. Angles are degrees, and counters are readings made to go on over their drops.
    """
    return {name: lay_column(table.rows, table.layout, name, table.options, journal) for name in table.names.all}


def lay_column(rows: Rows, layout: Layout, name: str, options: ReadingOptions, journal: Journal) -> Floats:
    """Return a column on the grid (R,), NaN where nothing was observed; it is taken out of the rows.

    Several rows in one step are aggregated as asked, else averaged: angles on the circle; of a counter the last one
    counts.
    """
    column, how = rows.columns.pop(name), dict(options.aggregate).get(name, "mean")
    if name in options.counters:
        meter = unwrap(column, rows.series)
        _report_meter(name, meter, journal)
        return aggregate(meter.readings, layout.cells, layout.n_cells, "last")
    if name in options.angles and how == "mean":
        return average_angles(column, layout.cells, layout.n_cells)
    laid = aggregate(column, layout.cells, layout.n_cells, how)
    return _blank_overflow(laid, name, journal) if how == "sum" else laid


def list_channels(columns: Sequence[str], options: ReadingOptions) -> tuple[str, ...]:
    """Return the names of the channels that columns become, in their order: two of an angle, else one."""
    return tuple(part for name in columns for part in (name_parts(name) if name in options.angles else (name,)))


def split_column(
    column: Floats, name: str, indptr: Integers, options: ReadingOptions, journal: Journal
) -> tuple[Floats, ...]:
    """Return the channels of a column on the grid: itself, a counter's increase, or an angle's sine and cosine."""
    if name in options.counters:
        return (_blank_overflow(count_increase(column, indptr), name, journal),)
    return split_angle(column) if name in options.angles else (column,)


def _blank_overflow(laid: Floats, name: str, journal: Journal) -> Floats:
    """Return sums or increases without those that float32 does not hold; the values that they came from did fit."""
    where = find_impossible(laid)
    count = int(np.count_nonzero(where))
    if not count:
        return laid
    journal.counts["impossible"] += count
    journal.warn(f"{say_count(count, 'step')} of {name} {'comes' if count == 1 else 'come'} to beyond 1e38: missing")
    return blank_out(laid, where)


def _report_meter(name: str, meter: Unwrapped, journal: Journal) -> None:
    """Say what was made of each drop of a counter."""
    kinds = ("resets", "wraps", "new_meters", "slips")
    journal.counts.update(dict(zip(kinds, (meter.resets, meter.wraps, meter.anew, meter.slips), strict=True)))
    found = [
        (meter.resets, "reset", "counted from 0"),
        (meter.wraps, "wrap", "counted over the last digit"),
        (meter.anew, "drop", "taken for another meter, which goes on from there"),
        (meter.slips, "reading", "far too low before the meter went on: left out"),
    ]
    told = [f"{say_count(count, noun)} ({what})" for count, noun, what in found if count]
    if told:
        journal.note(f"counter {name}: {', '.join(told)}", "--counter")
    share = sum(count for count, _, _ in found) / max(int(np.count_nonzero(~np.isnan(meter.readings))), 1)
    if share > _MANY:
        journal.warn(f"{name} falls at {share:.0%} of its readings: is it a counter?", "--counter")
