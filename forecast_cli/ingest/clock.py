"""Which columns hold the time, and the ways in which they can be read.

A reading is one way to understand the whole column; where the sample fits several (03/04/2020), all are read and the
whole column decides, then the regularity of its steps (`settle.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.ingest.cells import is_missing
from forecast_cli.ingest.epochs import is_hour, propose_hours, propose_numbers, runs_as_time
from forecast_cli.ingest.parts import find_parts, propose_parts
from forecast_cli.ingest.readings import Cells, StampReading, read_formats, read_iso
from forecast_cli.ingest.stamps import Stamp, name_format, parse_stamp, parse_time_of_day
from forecast_cli.ingest.strptime import fits_format
from forecast_cli.ingest.time_names import names_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.table import Scan
    from forecast_cli.types import ReadingOptions

_FITS = 0.9  # share of the sampled cells; the whole column is judged later
_ORDERS = {  # where the day and the month stand in 03/04/20, and how strptime writes it
    "day": (0, 1, "%d{s}%m{s}{y}"),
    "month": (1, 0, "%m{s}%d{s}{y}"),
    "year": (2, 1, "%y{s}%m{s}%d"),
}
_WEAK = ("month", "week", "day of year")  # a text of this form is a time only in a column that is called so


def find_time_columns(scan: Scan, taken: Sequence[int], options: ReadingOptions) -> tuple[int, ...]:
    """Return the columns that hold the time: one, a date and a time of day, year to second, or none."""
    free = [k for k in range(len(scan.names)) if k not in taken]
    if options.time_format is not None:
        return tuple(k for k in free if fits_format(options.time_format, scan.samples[k]))[:1]
    dated = [k for k in free if scan.is_instant(k) or _holds_dates(scan.names[k], scan.samples[k])]
    if dated:
        chosen = min(dated, key=lambda k: (not names_time(scan.names[k]), k))
        return (chosen, *_find_time_of_day(scan, chosen, free))
    parts = find_parts(scan, free)
    if parts:
        return parts
    numbers = [k for k in free if scan.is_number(k) and runs_as_time(scan, k)]
    return tuple(sorted(numbers, key=lambda k: (not names_time(scan.names[k]), k))[:1])


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
    found = propose_texts(_take_cells(scan, k), options.day_first)
    return [_place(reading, columns) for reading in found or propose_numbers(scan, k)]


def propose_texts(cells: Cells, day_first: bool | None) -> list[StampReading]:
    """Return the readings of stamps written as text; without their columns."""
    if not cells.stamps:
        return []
    family = Counter(stamp.family for stamp in cells.stamps).most_common(1)[0][0]
    cells = replace(cells, stamps=tuple(stamp for stamp in cells.stamps if stamp.family == family))
    if family == "ordered":
        return _propose_orders(cells, day_first)
    if family == "week":
        dates = ["%G-W%V-%u", "%GW%V%u"]
        even = f"regexp_replace(upper({cells.trimmed}), '^(\\d{{4}})(-?)(W\\d{{2}})$', '\\1\\2\\3\\21')"
        return [read_formats("yyyy-Www", Cells(even, even, cells.stamps), dates)]
    if family == "year first" and not any("%p" in stamp.clock for stamp in cells.stamps):
        return [read_iso(cells)]
    return [read_formats(name_format(cells.stamps[0].date), cells)]


# --- Text ------------------------------------------------------------------------------------------------------------


def _place(reading: StampReading, columns: tuple[int, ...]) -> StampReading:
    return replace(reading, columns=columns)


def _take_cells(scan: Scan, k: int) -> Cells:
    """Return the cells of a column where nearly all of the sampled ones are stamps; else none are taken for one."""
    raw = f"c{k}" if scan.types[k] == "VARCHAR" else scan.text(k)
    return Cells(raw, scan.text(k), _parse_all(scan.samples[k]))


def _parse_all(cells: Sequence[str]) -> tuple[Stamp, ...]:
    known = [cell for cell in cells if not is_missing(cell)]
    stamps = [stamp for stamp in map(parse_stamp, known) if stamp is not None]
    return tuple(stamps) if len(stamps) >= _FITS * len(known) else ()


def _holds_dates(name: str, cells: Sequence[str]) -> bool:
    stamps = _parse_all(cells)
    return bool(stamps) and (names_time(name) or not all(stamp.family in _WEAK for stamp in stamps))


def _propose_orders(cells: Cells, day_first: bool | None) -> list[StampReading]:
    """Return the readings of 03/04/2020: the day first, the month first, or both where the sample fits both.

    The year first, as in 20-04-03, is a last resort: it reads 01.02.20 ... 28.02.20 as one day of 28 years.
    """
    if day_first is not None:
        return [_read_order(cells, "day" if day_first else "month")]
    short = all("%y" in stamp.date for stamp in cells.stamps)
    fitting = [order for order in _ORDERS if (short or order != "year") and _measure_fit(cells, order) >= _FITS]
    readings = [_read_order(cells, order) for order in fitting]
    return [replace(r, is_last_resort=k > 0 and fitting[k] == "year") for k, r in enumerate(readings)]


def _measure_fit(cells: Cells, order: str) -> float:
    """Return the share of the sampled dates that exist in this order."""
    day, month, _ = _ORDERS[order]
    numbers = [stamp.numbers for stamp in cells.stamps if stamp.numbers is not None]
    return sum(1 <= part[day] <= 31 and 1 <= part[month] <= 12 for part in numbers) / len(cells.stamps)


def _read_order(cells: Cells, order: str) -> StampReading:
    stamps = tuple(replace(stamp, date=_turn(stamp.date, order)) for stamp in cells.stamps)
    usual = Counter(stamp.date for stamp in stamps).most_common(1)[0][0]
    return read_formats(name_format(usual), replace(cells, stamps=stamps))


def _turn(date: str, order: str) -> str:
    """Return the format of a date with the day first in another order."""
    return re.sub(r"%d(\W+)%m\W+(%[yY])", lambda match: _ORDERS[order][2].format(s=match[1], y=match[2]), date)


def _read_typed(scan: Scan, k: int) -> StampReading:
    """Return the reading of a column that Parquet says holds instants."""
    zoned = "TIME ZONE" in scan.types[k]
    return StampReading(
        "instants", (k,), f"epoch_us(try_cast(c{k} AS {'TIMESTAMPTZ' if zoned else 'TIMESTAMP'}))", None, zoned, zoned
    )


def _read_as_told(scan: Scan, columns: tuple[int, ...], time_format: str) -> StampReading:
    """Return the reading by the format of `--time-format`; several columns are joined by a space."""
    raw = " || ' ' || ".join(f"c{k}" if scan.types[k] == "VARCHAR" else scan.text(k) for k in columns)
    trimmed = " || ' ' || ".join(scan.text(k) for k in columns)
    reading = read_formats(f"'{time_format}'", Cells(f"({raw})", f"({trimmed})", ()), [time_format])
    return replace(reading, is_zoned="%z" in time_format or "%Z" in time_format)


# --- A date and a time of day ----------------------------------------------------------------------------------------


def _find_time_of_day(scan: Scan, date: int, free: Sequence[int]) -> tuple[int, ...]:
    """Return the column that holds the time of day of dates that have none; () if there is none."""
    if scan.types[date].startswith("TIMESTAMP"):
        return ()
    stamps = _parse_all(scan.samples[date])
    if any(stamp.clock for stamp in stamps) or any(stamp.family in _WEAK for stamp in stamps):
        return ()
    others = [k for k in free if k != date]
    written = [k for k in others if _holds_time_of_day(scan.samples[k])]
    return tuple(written or [k for k in others if is_hour(scan, k)])[:1]


def _holds_time_of_day(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if not is_missing(cell)]
    return bool(known) and sum(parse_time_of_day(cell) is not None for cell in known) >= _FITS * len(known)


def _order_pair(scan: Scan, columns: tuple[int, ...]) -> tuple[int, int]:
    """Return the date's column and the time's, in whichever order they were named."""
    first, second = columns
    return (first, second) if _parse_all(scan.samples[first]) or scan.is_instant(first) else (second, first)


def _propose_pair(scan: Scan, date: int, time: int, options: ReadingOptions) -> list[StampReading]:
    """Return the readings of a date with a time of day, both written as text or the hour as a number."""
    if _holds_time_of_day(scan.samples[time]):
        pairs = zip(scan.samples[date], scan.samples[time], strict=False)
        cells = [f"{day.strip()} {clock.strip()}" for day, clock in pairs if not (is_missing(day) or is_missing(clock))]
        raw = f"(c{date} || ' ' || c{time})"
        trimmed = f"({scan.text(date)} || ' ' || {scan.text(time)})"
        both = Cells(raw if scan.types[date] == "VARCHAR" else trimmed, trimmed, _parse_all(cells))
        return [_place(reading, (date, time)) for reading in propose_texts(both, options.day_first)]
    hours = propose_hours(scan, time)
    days = propose_readings(scan, (date,), options) if hours else []
    return [replace(day, columns=(date, time), instant=f"({day.instant} + {hours})", clock="hours") for day in days]
