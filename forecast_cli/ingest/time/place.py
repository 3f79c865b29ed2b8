"""Sorted rows onto the grid, and what is said of it: the step, the rows between, the sampling rates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import ROWS, Freq
from forecast_cli.ingest.grid.aggregate import describe_aggregate
from forecast_cli.ingest.grid.rows import count_up
from forecast_cli.ingest.journal import say_count
from forecast_cli.ingest.time.daylight import announce_daylight, find_burst
from forecast_cli.ingest.time.own_step import compare_steps, recall_step, take_clock
from forecast_cli.ingest.time.rates import find_rates, suggest_coarser
from forecast_cli.ingest.time.timeline import Grid, choose_freq, lay_grid
from forecast_cli.zones import find_offsets

if TYPE_CHECKING:
    from forecast_cli.ingest.grid.rows import Rows
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.types import Integers, ReadingOptions

_NEARLY = 0.9  # share of the rows


def place_rows(rows: Rows, options: ReadingOptions, label: str, journal: Journal) -> Grid:
    """Return the grid of all series, and the step of each row; the row number is the time where there is no other."""
    if rows.stamps is None:
        journal.decide("time", "row numbers", "no column holds the time", "--timestamp")
        return Grid(None, Freq(1, ROWS.removeprefix("1")), count_up(np.diff(rows.series, prepend=-1) != 0), 0)
    clock = take_clock(rows.stamps, rows.series, rows.tz, options.freq)
    rates = find_rates(clock, rows.series) if options.freq is None and options.fill != "hold" else []
    freq, own = choose_freq(options, clock, rows.series, label)
    own, freq = recall_step(own, options), rates[0][0] if rates else freq
    grid = lay_grid(clock, freq, own, _find_shift(rows.stamps, clock, rows.tz))
    grid = replace(grid, own=None if rates else own)
    _report(grid, own, rates, options, journal)
    coarser = None if options.freq else suggest_coarser(clock, rows.series, grid.freq)
    if coarser:
        journal.note(f"over a quarter of the steps of {grid.freq} hold no row; {coarser} would gather them", "--freq")
    if clock is not rows.stamps and grid.steps.size:
        return replace(grid, steps=_never_back(grid.steps, rows.series))
    return grid


def tell_order(rows: Rows, backwards: int, options: ReadingOptions, journal: Journal) -> int:
    """Return how many rows share each stamp of sorted rows, 1 where they do not; note how they were written.

    `backwards`: how many rows stood before their predecessor.
    """
    if backwards and backwards >= _NEARLY * (rows.n_rows - len(rows.series_ids)):
        journal.note("newest first: turned round")
    elif backwards:
        journal.note(f"sorted: time ran backwards {say_count(backwards, 'time')}")
    if rows.stamps is None or rows.n_rows < 2:
        return 1
    if rows.tz is None:
        announce_daylight(rows.stamps, rows.series, journal)
    burst = find_burst(rows.stamps, rows.series)
    if burst > 1:
        journal.warn(
            f"{burst} rows share each stamp, as of a logger faster than its clock: "
            f"{describe_aggregate(options.aggregate)}, --freq 1row keeps every row",
            "--freq",
        )
    return burst


def _find_shift(stamps: Integers, clock: Integers, tz: str | None) -> int:
    """Return how far the people's clock is ahead of what the grid counts, so that hours and days begin as theirs do."""
    return int(find_offsets(tz, stamps[:1])[0]) if clock is stamps and stamps.size else 0


def _never_back(steps: Integers, series: Integers) -> Integers:
    """Return the steps, where a clock that is set back over midnight stays in the day that it came to."""
    length = int(steps.max()) + 1
    return np.maximum.accumulate(steps + series * length) - series * length


def _report(
    grid: Grid, own: Freq | None, rates: list[tuple[Freq, float]], options: ReadingOptions, journal: Journal
) -> None:
    evidence = "as asked" if options.freq else "the most frequent distance of rows"
    if rates:
        listed = ", ".join(f"{freq} for {share:.0%} of the time" for freq, share in rates)
        evidence = f"the rows are {listed}; finer ones are gathered"
    journal.decide("step", str(grid.freq), evidence, "--freq", said=bool(rates))
    if grid.gathers and not rates:
        changed = compare_steps(own, options)
        say = journal.warn if changed else journal.note
        say(f"aggregated from {own} to {grid.freq}{changed}: {describe_aggregate(options.aggregate)}", "--aggregate")
    journal.counts["off_grid"] += grid.off_grid
    if grid.off_grid:
        count = say_count(grid.off_grid, "row", "lie")
        journal.note(f"{count} off the grid of {grid.freq}: moved to the nearest step", "--freq")
