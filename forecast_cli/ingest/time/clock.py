"""Which columns hold the time, and the ways in which they can be read.

A reading is one way to understand the whole column; where the sample fits several (03/04/2020), all are read and the
whole column decides, then the regularity of its steps (`settle.py`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.frequency import parse_freq
from forecast_cli.ingest.text.cells import is_missing
from forecast_cli.ingest.time.date_parts import find_parts, propose_parts
from forecast_cli.ingest.time.epochs import (
    find_period,
    is_compact_date,
    is_hour,
    propose_hours,
    propose_numbers,
    propose_periods,
    runs_as_time,
)
from forecast_cli.ingest.time.readings import Cells, StampReading, heed_name, read_formats, tell_more
from forecast_cli.ingest.time.spellings import simplify_clock, write_simple_clock
from forecast_cli.ingest.time.stamps import parse_time_of_day
from forecast_cli.ingest.time.strptime import check_time_format, fits_format
from forecast_cli.ingest.time.texts import parse_all, propose_texts, take_cells
from forecast_cli.ingest.time.time_names import names_time

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.types import ReadingOptions

_FITS = 0.9  # share of the sampled cells; the whole column is judged later
_WEAK = ("month", "week", "day of year")  # a text of this form is a time only in a column that is called so


def find_time_columns(scan: Scan, taken: Sequence[int], options: ReadingOptions) -> tuple[int, ...]:
    """Return the columns that hold the time: one, a date and a time of day, year to second, or none."""
    free = [k for k in range(len(scan.names)) if k not in taken]
    if options.time_format is not None:
        return _find_told(scan, free, options.time_format)
    dated = [k for k in free if scan.is_instant(k) or _holds_dates(scan.names[k], scan.samples[k])]
    if dated:
        chosen = min(dated, key=lambda k: (not names_time(scan.names[k]), k))
        return (chosen, *_find_time_of_day(scan, chosen, free))
    parts = find_parts(scan, free)
    if parts:
        return parts
    numbers = [k for k in free if scan.is_number(k) and runs_as_time(scan, k)]
    found = sorted(numbers, key=lambda k: (not names_time(scan.names[k]), k))[:1]
    return (*found, *(clock for k in found if is_compact_date(scan, k) for clock in _find_time_of_day(scan, k, free)))


def _find_told(scan: Scan, free: Sequence[int], time_format: str) -> tuple[int, ...]:
    check_time_format(time_format)
    fitting = [k for k in free if fits_format(time_format, scan.samples[k])]
    if not fitting:
        raise UsageError(
            f"no column of {scan.source.label} is written as --time-format {time_format!r} says",
            "name the column with --timestamp, to see what it holds",
        )
    return tuple(sorted(fitting, key=lambda k: (not names_time(scan.names[k]), k))[:1])


def tell_unread(scan: Scan, named: Collection[str], options: ReadingOptions, journal: Journal) -> None:
    """Warn of a text column that is called like a time and reads as none, where rows are about to be the time."""
    asks_rows = options.freq is not None and parse_freq(options.freq).unit == "row"
    for k, name in enumerate(scan.names):
        cell = next((cell.strip() for cell in scan.samples[k] if not is_missing(cell)), "")
        if (
            not asks_rows
            and name not in named
            and names_time(name)
            and re.search(r"\d", cell)
            and not scan.is_number(k)
        ):
            journal.warn(f"{name} holds {cell!r}, which reads as no time", "--time-format")


def propose_readings(scan: Scan, columns: tuple[int, ...], options: ReadingOptions) -> list[StampReading]:
    """Return the ways to read these columns that fit the sampled cells, the likelier first.

    Raises UsageError where more columns were named than a time can have.
    """
    if options.time_format is not None:
        return [_place(_read_as_told(scan, columns, options.time_format), columns)]
    parts = propose_parts(scan, columns)
    if parts:
        return parts
    if len(columns) > 2:
        raise UsageError(
            f"{len(columns)} columns were named as the time, and their names are not year, month, day, hour ...",
            "name one, or a date and a time of day",
        )
    if len(columns) == 2:
        return _propose_pair(scan, *_order_pair(scan, columns), options)
    (k,) = columns
    if scan.is_instant(k):
        return [_read_typed(scan, k)]
    cells = take_cells(scan, k)
    found = [tell_more(reading, cells.told) for reading in propose_texts(cells, options.day_first)]
    found = [heed_name(reading, scan.names[k]) for reading in found or propose_numbers(scan, k)]
    return [_place(reading, columns) for reading in found]


def _place(reading: StampReading, columns: tuple[int, ...]) -> StampReading:
    return replace(reading, columns=columns)


def _holds_dates(name: str, cells: Sequence[str]) -> bool:
    stamps = parse_all(cells)
    return bool(stamps) and (names_time(name) or not all(stamp.family in _WEAK for stamp in stamps))


def _read_typed(scan: Scan, k: int) -> StampReading:
    """Return the reading of a column that Parquet says holds instants."""
    zoned = "TIME ZONE" in scan.types[k]
    return StampReading(
        "instants", (k,), f"epoch_us(try_cast(c{k} AS {'TIMESTAMPTZ' if zoned else 'TIMESTAMP'}))", None, zoned, zoned
    )


def _read_as_told(scan: Scan, columns: tuple[int, ...], time_format: str) -> StampReading:
    """Return the reading by the format of `--time-format`; several columns are joined by a space."""
    check_time_format(time_format)
    raw = " || ' ' || ".join(f"c{k}" if scan.types[k] == "VARCHAR" else scan.text(k) for k in columns)
    trimmed = " || ' ' || ".join(scan.text(k) for k in columns)
    reading = read_formats(f"'{time_format}'", Cells(f"({raw})", f"({trimmed})", ()), [time_format])
    return replace(reading, is_zoned="%z" in time_format or "%Z" in time_format)


# --- A date and a time of day ----------------------------------------------------------------------------------------


def _find_time_of_day(scan: Scan, date: int, free: Sequence[int]) -> tuple[int, ...]:
    """Return the column that holds the time of day of dates that have none; () if there is none."""
    if scan.types[date].startswith("TIMESTAMP"):
        return ()
    stamps = parse_all(scan.samples[date])
    if any(stamp.clock for stamp in stamps) or any(stamp.family in _WEAK for stamp in stamps):
        return ()
    others = [k for k in free if k != date]
    clocks = [k for k in others if not scan.is_number(k) or names_time(scan.names[k])]  # 3.25 is rather a number
    written = [k for k in clocks if _holds_time_of_day(scan.samples[k])]
    counted = [k for k in others if is_hour(scan, k)] or [k for k in others if find_period(scan, k)]
    return tuple(written or counted)[:1]


def _holds_time_of_day(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if not is_missing(cell)]
    return bool(known) and sum(parse_time_of_day(cell) is not None for cell in known) >= _FITS * len(known)


def _order_pair(scan: Scan, columns: tuple[int, ...]) -> tuple[int, int]:
    """Return the date's column and the time's, in whichever order they were named."""
    first, second = columns
    is_date = parse_all(scan.samples[first]) or scan.is_instant(first) or is_compact_date(scan, first)
    return (first, second) if is_date else (second, first)


def _propose_pair(scan: Scan, date: int, time: int, options: ReadingOptions) -> list[StampReading]:
    """Return the readings of a date with a time of day, both written as text or the hour as a number."""
    if _holds_time_of_day(scan.samples[time]):
        clocks = [simplify_clock(clock.strip()) for clock in scan.samples[time]]
        is_span = clocks != [clock.strip() for clock in scan.samples[time]]
        pairs = zip(scan.samples[date], clocks, strict=False)
        cells = [f"{day.strip()} {clock}" for day, clock in pairs if not (is_missing(day) or is_missing(clock))]
        raw = f"(c{date} || ' ' || c{time})"
        trimmed = f"({scan.text(date)} || ' ' || {write_simple_clock(scan.text(time))})"
        both = Cells(raw if scan.types[date] == "VARCHAR" and not is_span else trimmed, trimmed, parse_all(cells))
        spans = "the start of each interval" if is_span else ""
        found = [tell_more(reading, spans) for reading in propose_texts(both, options.day_first)]
        return [_place(heed_name(reading, scan.names[time]), (date, time)) for reading in found]
    period = find_period(scan, time)
    hours = propose_periods(scan, time, period) if period else propose_hours(scan, time)
    counted = "periods" if period else "hours"
    days = propose_readings(scan, (date,), options) if hours else []
    return [
        replace(
            day,
            name=f"{day.name} and {counted}",
            columns=(date, time),
            instant=f"({day.instant} + {hours})",
            usual=None,
            layout=None,
            shown=f"{day.shown or day.name} and {counted}",
        )
        for day in days
    ]
