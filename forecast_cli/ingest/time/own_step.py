"""The step of the rows themselves, finer than the grid or not: kept from training, so that new rows are placed alike.

Whether rows are gathered into the step that they fall into, or moved to the nearest one, must not hang on what a short
file happens to show: it would move the clock of the model by half a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import add_steps, format_instant, parse_freq
from forecast_cli.ingest.time.timeline import GATHERS, approximate, infer_step
from forecast_cli.zones import find_offsets, is_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.frequency import Freq
    from forecast_cli.ingest.grid.build import Layout
    from forecast_cli.ingest.grid.rows import Rows
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.time.timeline import Grid
    from forecast_cli.types import Integers, ReadingOptions


def take_clock(stamps: Integers, series: Integers, tz: str | None, asked: str | None) -> Integers:
    """Return what the grid counts: instants, or for daily and coarser steps of a named zone its local clock."""
    if not is_named(tz):
        return stamps
    local = stamps + find_offsets(tz, stamps)
    step = parse_freq(asked) if asked else infer_step(local, series)
    return local if step is not None and step.is_daily_or_coarser else stamps


def recall_step(own: Freq | None, options: ReadingOptions) -> Freq | None:
    """Return the step of the rows: that of the training data, unless new ones are clearly another and regular."""
    if options.rows_freq is None:
        return own
    trained = parse_freq(options.rows_freq)
    return trained if own is None or options.fill == "hold" or _is_alike(own, trained) else own


def compare_steps(own: Freq | None, options: ReadingOptions) -> str:
    """Return what is different about the step of new rows, as a part of a sentence; "" where nothing is, or can be."""
    if own is None or options.rows_freq is None or _is_alike(own, parse_freq(options.rows_freq)):
        return ""
    return f", where training had a row every {options.rows_freq}"


def was_gathered(options: ReadingOptions) -> bool:
    """Return whether the rows that a reading found are so much finer than its grid that several make up a step."""
    if options.rows_freq is None or options.freq is None:
        return False
    return approximate(parse_freq(options.freq)) / approximate(parse_freq(options.rows_freq)) >= GATHERS


def announce_unfinished(
    rows: Rows, grid: Grid, layout: Layout, targets: Sequence[str], options: ReadingOptions, journal: Journal
) -> None:
    """Say where rows are gathered and do not reach the end of the last step; at predict time it is a warning.

    A sum, or the increase of a meter, is then too small in the very row that the forecast goes on from.
    """
    if not grid.gathers or grid.own is None or grid.origin is None or rows.stamps is None or options.fill == "hold":
        return
    last = _find_last(rows, targets)
    steps = layout.start[rows.series[last]] + layout.cells[last] - layout.indptr[rows.series[last]]
    clock = take_clock(rows.stamps, rows.series, rows.tz, str(grid.freq))[last]
    left = add_steps(grid.origin, str(grid.freq), steps + 1).astype(np.int64) - clock
    short = np.flatnonzero(left > GATHERS * approximate(grid.own))
    if not short.size:
        return
    k = short[-1]
    step = format_instant(grid.origin, str(grid.freq), rows.tz, int(steps[k]))
    until = format_instant(np.datetime64(int(rows.stamps[last[k]]), "us"), "1s", rows.tz, 0)
    series = "" if short.size == len(rows.series_ids) == 1 else f" of {short.size:,} series"
    say = journal.note if options.header is None else journal.warn
    say(f"the last step{series} is not complete: that of {step} has rows up to {until}", "--freq")


def _find_last(rows: Rows, targets: Sequence[str]) -> Integers:
    """Return the last row of each series that holds a value of any target."""
    known = np.zeros(rows.n_rows, dtype=np.bool_)
    for name in targets:
        known |= ~np.isnan(rows.columns[name])
    found = np.flatnonzero(known)
    return found[np.diff(rows.series[found], append=-1) != 0]


def _is_alike(own: Freq, trained: Freq) -> bool:
    ratio = approximate(own) / approximate(trained)
    return max(ratio, 1 / ratio) < GATHERS
