"""What a clock on the wall meant: hours that a zone shows twice or skips, and midnights stamped on the day they end.

Both are told by the order in which the rows were written, so they are settled before anything is sorted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import DAY
from forecast_cli.ingest.journal import say_count
from forecast_cli.zones import check_zone, find_unsure, read_clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.grid.rows import Rows
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.types import Flags, Integers

_MOST = 0.9  # share of the midnights that must stand at the end of their day, for them to be moved
_SORTED = 0.9  # share of the rows in order, below which nothing is read from the order


def settle_clocks(parts: Sequence[Rows], tz: str | None, journal: Journal) -> list[Rows]:
    """Return the rows of each file, in the order of the file, as instants of one kind.

    With `tz` stamps without an offset are clocks of that zone, and all are printed in it; without it they stay a clock
    without daylight saving.
    """
    moved = [_move_midnights(part, journal) for part in parts]
    known = [part.tz for part in moved if part.stamps is not None]
    if tz is None:
        if None in known and any(known):
            journal.warn("some files name their offset from UTC, some do not: their instants may differ", "--tz")
        return moved
    check_zone(tz)
    if not known:
        journal.note("no column holds the time, so there is none to read in a zone", "--tz")
    return [_read_in_zone(part, tz, journal) for part in moved]


def _read_in_zone(rows: Rows, tz: str, journal: Journal) -> Rows:
    if rows.stamps is None:
        return rows
    if rows.tz is not None:
        return replace(rows, tz=tz)
    twice, never = find_unsure(tz, rows.stamps)
    is_second = np.zeros(rows.n_rows, dtype=np.bool_)
    if twice.any():
        order = _find_order(rows.stamps, rows.series)
        is_second[order] = find_second_pass(rows.stamps[order], rows.series[order], twice[order])
    count = int(np.count_nonzero(never))
    if count:
        first = rows.stamps[never].min().astype("datetime64[us]").astype("datetime64[m]")
        journal.warn(
            f"{say_count(count, 'row', 'stand')} in an hour that {tz} skips, the first at "
            f"{str(first).replace('T', ' ')}: counted on from before it",
            "--tz",
        )
    journal.counts["skipped_hour"] += count
    journal.counts["repeated_hour"] += int(np.count_nonzero(is_second))
    return replace(rows, stamps=read_clock(tz, rows.stamps, is_second), tz=tz)


def _find_order(stamps: Integers, series: Integers) -> Integers:
    """Return the order of the rows by series and as they were written, the oldest first in a file of newest first."""
    order = _sort_by(series, np.arange(stamps.size))
    apart = np.diff(stamps[order])[np.diff(series[order]) == 0]
    falls = np.count_nonzero(apart < 0) > np.count_nonzero(apart > 0)
    return _sort_by(series, np.arange(stamps.size)[::-1]) if falls else order


def _sort_by(series: Integers, rows: Integers) -> Integers:
    """Return the rows by series, those of one in the order in which they are given."""
    return rows if np.all(np.diff(series[rows]) >= 0) else rows[np.argsort(series[rows], kind="stable")]


def find_second_pass(clock: Integers, series: Integers, twice: Flags) -> Flags:
    """Return which rows are of the second pass through an hour that a clock shows twice; the first is summer's.

    Rows by series and in the order of writing. Where the clock jumps back, the rows from there on; where it does not,
    every stamp's second row. An hour that stands once is the pass that keeps the distance to its neighbours, and the
    first if both do.
    """
    same = np.diff(series, prepend=-1) == 0
    apart = np.diff(clock, prepend=clock[0])
    steps = apart[same & (apart > 0)]
    step = int(np.median(steps)) if steps.size else 0
    is_sorted = bool(np.mean(apart[same] < 0) <= 1 - _SORTED) if same.any() else True
    second = np.zeros(clock.size, dtype=np.bool_)
    for run in _split_runs(clock, series, twice):
        second[run] = _judge_run(clock, run, is_sorted)
        if run.size and not second[run].any() and _fits_later(clock, series, run, step):
            second[run] = True
    return second


def _split_runs(clock: Integers, series: Integers, twice: Flags) -> list[Integers]:
    """Return the rows of each repeated hour: of one series, within half a day of each other."""
    rows = np.flatnonzero(twice)
    if rows.size == 0:
        return []
    night = clock[rows] // (DAY // 2)
    order = np.lexsort((rows, night, series[rows]))
    rows, night = rows[order], night[order]
    ends = np.flatnonzero((np.diff(night) != 0) | (np.diff(series[rows]) != 0)) + 1
    return np.split(rows, ends)


def _judge_run(clock: Integers, run: Integers, is_sorted: bool) -> Flags:
    apart = np.diff(clock[run], prepend=clock[run[0]])
    if is_sorted and apart.min() < 0:
        return np.arange(run.size) >= int(apart.argmin())
    order = np.argsort(clock[run], kind="stable")
    again = np.zeros(run.size, dtype=np.bool_)
    again[order[1:]] = np.diff(clock[run][order]) == 0
    return again


def _fits_later(clock: Integers, series: Integers, run: Integers, step: int) -> bool:
    """Return whether rows that stand once keep the step to their neighbours only as the second pass."""
    hour = 3_600_000_000
    first, last = int(run[0]), int(run[-1])
    before = clock[first] - clock[first - 1] if first and series[first - 1] == series[first] else None
    after = clock[last + 1] - clock[last] if last + 1 < clock.size and series[last + 1] == series[last] else None
    as_first = before == step or (after is not None and after + hour == step)
    as_second = (before is not None and before + hour == step) or after == step
    return bool(as_second and not as_first)


# --- Midnight at the end of its day ------------------------------------------------------------------------------


def _move_midnights(rows: Rows, journal: Journal) -> Rows:
    """Return the rows with 00:00 a day later where it ends the day that it is stamped with: 01:00 ... 23:00, 00:00."""
    if rows.stamps is None or rows.tz is not None or rows.n_rows < 3:
        return rows
    rises, turns = np.diff(rows.stamps) > 0, np.diff(rows.series)
    if rises.all() or np.all(np.where(turns == 0, rises, turns > 0)):  # the usual file, one series after the other
        return rows
    order = _find_order(rows.stamps, rows.series)
    late = find_late_midnights(rows.stamps[order], rows.series[order])
    count = int(np.count_nonzero(late))
    if not count:
        return rows
    stamps = rows.stamps.copy()
    stamps[order[late]] += DAY
    first = str(rows.stamps[order[late]].min().astype("datetime64[us]").astype("datetime64[m]")).replace("T", " ")
    journal.decide(
        "midnight",
        "the end of the day that it is stamped with",
        f"{say_count(count, 'row')} such as {first} stand after 23:00 of the same date"
        if count > 1
        else f"the row {first} stands after the last of the same date",
    )
    journal.counts["late_midnights"] += count
    return replace(rows, stamps=stamps)


def find_late_midnights(clock: Integers, series: Integers) -> Flags:
    """Return which rows are midnights that end their day; none unless nearly all midnights do, and nearly only they.

    Rows that stand in no order have midnights after a later hour, too: by chance.
    """
    midnight = clock % DAY == 0
    day = clock // DAY
    goes_back = np.append(False, (np.diff(series) == 0) & (np.diff(clock) < 0))
    after_same_day = goes_back & np.append(False, np.diff(day) == 0)
    before_later_day = np.ones(clock.size, dtype=np.bool_)
    before_later_day[:-1] = (np.diff(series) != 0) | (np.diff(day) > 0)
    late = midnight & after_same_day & before_later_day
    has_before = np.append(False, np.diff(series) == 0)
    judged = max(int(np.count_nonzero(midnight & has_before)), int(np.count_nonzero(goes_back)), 1)
    if np.count_nonzero(late) < _MOST * judged:
        return np.zeros_like(late)
    return late | (midnight & ~has_before & _ends_before(day, series))


def _ends_before(day: Integers, series: Integers) -> Flags:
    """Return which rows are followed by one of the next day: a midnight that begins its series may end its day, too."""
    follows = np.zeros(day.size, dtype=np.bool_)
    follows[:-1] = (np.diff(series) == 0) & (np.diff(day) == 1)
    return follows
