"""Traces of daylight saving in stamps without a zone: an hour that stands twice in autumn, one that lacks in spring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import DAY, UNITS
from forecast_cli.ingest.time.timeline import are_equal

if TYPE_CHECKING:
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.types import Flags, Integers

_HOUR = UNITS["h"]
_MONTHS = (3, 4, 9, 10, 11)  # in which clocks are changed, on a Sunday before four o'clock
_LATEST = 3
_NEARLY = 0.8  # share of the rows of an hour that stand twice


def announce_daylight(stamps: Integers, series: Integers, journal: Journal) -> None:
    """Note that a clock seems to have daylight saving, given sorted stamps without a zone; nothing is changed."""
    twice, never = find_daylight(stamps, series)
    parts = [
        f"{_write_hours(hours)} {verb}"
        for hours, verb in ((twice, "stands twice"), (never, "is missing"))
        if hours.size
    ]
    if parts:
        journal.note(f"as where clocks are set for summer: {' and '.join(parts)}; rows are read as one clock", "--tz")


def find_daylight(stamps: Integers, series: Integers) -> tuple[Integers, Integers]:
    """Return the hours that stand twice and those that lack, as clocks do when daylight saving ends and begins."""
    same = np.diff(series) == 0
    apart = np.diff(stamps)
    if apart.size == 0 or are_equal(apart):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    steps = apart[same & (apart > 0)]
    step = int(np.median(steps)) if steps.size else 0
    if not 0 < step <= _HOUR:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    return _find_twice(stamps, same & (apart == 0), step), _find_never(stamps, same & (apart == step + _HOUR), step)


def _find_twice(stamps: Integers, repeated: Flags, step: int) -> Integers:
    """Return the hours of which nearly every row is repeated, where no other hours of a year are."""
    hours, counts = np.unique(stamps[1:][repeated] // _HOUR, return_counts=True)
    whole = hours[counts >= _NEARLY * (_HOUR // step)]
    return _keep_yearly(whole) * _HOUR


def _find_never(stamps: Integers, gap: Flags, step: int) -> Integers:
    missing = np.unique(stamps[:-1][gap] + step)
    return _keep_yearly(missing[missing % _HOUR == 0] // _HOUR) * _HOUR


def _keep_yearly(hours: Integers) -> Integers:
    """Return the hours at which clocks may be changed; none where there are other such hours, or two in a year."""
    day, hour = np.divmod(hours, DAY // _HOUR)
    months = (day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)) % 12 + 1
    fits = ((day + 3) % 7 == 6) & (hour <= _LATEST) & np.isin(months, _MONTHS)  # 1970 began on a Thursday
    kept = hours[fits]
    years = kept // (24 * 365.25)
    return kept if kept.size > hours.size / 2 and np.unique(years).size == kept.size else kept[:0]


def _write_hours(hours: Integers) -> str:
    first = str(hours.min().astype("datetime64[us]").astype("datetime64[m]")).replace("T", " ")
    return f"the hour from {first}" + (f" (and {hours.size - 1} more)" if hours.size > 1 else "")


# --- Loggers faster than their stamps -----------------------------------------------------------------------------


def find_burst(stamps: Integers, series: Integers) -> int:
    """Return how many rows share each sorted stamp, where it is the same number, or nearly, for most; else 1.

    As of a logger with ten rows a second whose stamps are cut to the second.
    """
    begins = np.append(True, (np.diff(stamps) != 0) | (np.diff(series) != 0))
    if begins.all():
        return 1
    counts = np.diff(np.append(np.flatnonzero(begins), stamps.size))
    usual = int(np.median(counts))
    near = np.abs(counts - usual) <= max(1, usual // 10)
    return usual if usual > 1 and np.count_nonzero(near) >= _NEARLY * counts.size else 1
