"""Which columns hold the time, and the SQL that reads them as instants.

A reading is one way to understand the whole column; where the sample fits several (03/04/2020), all are read and the
whole column decides, then the regularity of its steps (`timeline.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from forecast_cli.ingest.cells import COMPACT, ISO, ORDERED, TIME_OF_DAY, YEAR_MONTH, is_missing, is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.table import Scan

_TIME_NAME = re.compile(
    r"(^|[^a-z])(date|time|timestamp|datetime|stamp|ts|epoch|unix|utc|datum|zeit|fecha|day|week|month)", re.IGNORECASE
)
_ZONE = re.compile(r":\d{2}([.,]\d+)?\s?([Zz]|[+-]\d{2}(:?\d{2})?)$")
_EPOCHS = {"epoch seconds": 1_000_000, "epoch milliseconds": 1_000, "epoch microseconds": 1}
_YEARS = (315_532_800, 4_102_444_800)  # 1980 ... 2100 in seconds: what a plain number must lie in to be an instant
_FITS = 0.9  # share of the sampled cells; the whole column is judged later


@dataclass(frozen=True)
class StampReading:
    """One way to read the time columns."""

    name: str  # for people: "ISO 8601", "dd/mm/yyyy", "epoch seconds"
    columns: tuple[int, ...]
    instant: str  # SQL: microseconds since 1970, UTC or a clock without a zone; null where unreadable
    offset: str | None = None  # SQL: minutes ahead of UTC
    is_zoned: bool = False
    is_zulu: bool = False  # some stamps end in Z


def find_time_columns(scan: Scan, taken: Sequence[int]) -> tuple[int, ...]:
    """Return the columns that hold the time: one, a date and a time of day, or none."""
    free = [k for k in range(len(scan.names)) if k not in taken]
    dated = [k for k in free if scan.is_instant(k) or propose_texts(scan.samples[k], "x")]
    if dated:
        chosen = min(dated, key=lambda k: (not names_time(scan.names[k]), k))
        return (chosen, *_find_time_of_day(scan, chosen, free))
    epochs = [k for k in free if scan.is_number(k) and _looks_like_epoch(scan.names[k], scan.samples[k])]
    return tuple(epochs[:1])


def names_time(name: str) -> bool:
    """Return whether a column is called like a time."""
    return _TIME_NAME.search(name) is not None


def propose_readings(scan: Scan, columns: tuple[int, ...]) -> list[StampReading]:
    """Return the ways to read these columns that fit the sampled cells, the likelier first."""
    if len(columns) == 2:
        return _propose_pair(scan, *_order_pair(scan, columns))
    (k,) = columns
    text, cells = scan.text(k), scan.samples[k]
    if scan.is_instant(k):
        return [_read_typed(scan, k)]
    found = propose_texts(cells, text) or _propose_epochs(cells, scan.number(k))
    return [_place(reading, columns) for reading in found or _propose_numeric_dates(cells, text)]


def propose_texts(cells: Sequence[str], text: str) -> list[StampReading]:
    """Return the readings of stamps written as text, given as SQL; without their columns."""
    known = [cell.strip() for cell in cells if not is_missing(cell)]
    if not known:
        return []
    if _fits(ISO, known):
        return [_read_iso(known, text)]
    if _fits(YEAR_MONTH, known):
        return [StampReading("yyyy-mm", (), _strptime(f"replace({text}, '/', '-')", ["%Y-%m"]))]
    if _fits(COMPACT, known):
        return [StampReading("ISO 8601", (), _strptime(text, ["%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ"]))]
    return _propose_orders(known, text) if _fits(ORDERED, known) else []


def _place(reading: StampReading, columns: tuple[int, ...]) -> StampReading:
    return replace(reading, columns=columns)


def _fits(form: re.Pattern[str], cells: Sequence[str]) -> bool:
    return sum(form.fullmatch(cell) is not None for cell in cells) >= _FITS * len(cells)


def _strptime(text: str, formats: Sequence[str]) -> str:
    listed = ", ".join(f"'{form}'" for form in formats)
    return f"epoch_us(try_strptime({text}, [{listed}]))"


# --- One column ------------------------------------------------------------------------------------------------------


def _read_typed(scan: Scan, k: int) -> StampReading:
    """Return the reading of a column that Parquet says holds instants."""
    zoned = "TIME ZONE" in scan.types[k]
    return StampReading(
        "instants", (k,), f"epoch_us(try_cast(c{k} AS {'TIMESTAMPTZ' if zoned else 'TIMESTAMP'}))", None, zoned, zoned
    )


def _read_iso(cells: Sequence[str], text: str) -> StampReading:
    """Return the reading of ISO 8601; the zone is looked for in every cell, not only in the sample."""
    plain = f"replace({text}, ',', '.')" if any("," in cell for cell in cells) else text
    utc, local = f"epoch_us(try_cast({plain} AS TIMESTAMPTZ))", f"epoch_us(try_cast({plain} AS TIMESTAMP))"
    zones = [cell for cell in cells if _ZONE.search(cell)]
    zulu = any(cell[-1] in "Zz" for cell in zones)
    return StampReading("ISO 8601", (), utc, f"CAST(({local} - {utc}) // 60000000 AS SMALLINT)", bool(zones), zulu)


def _propose_orders(cells: Sequence[str], text: str) -> list[StampReading]:
    """Return the readings of 03/04/2020: the day first, the month first, or both where the sample fits both."""
    parts = [[int(part) for part in re.findall(r"\d+", cell)[:2]] for cell in cells if ORDERED.fullmatch(cell)]
    mark = Counter(re.findall(r"\D", cell)[0] for cell in cells if ORDERED.fullmatch(cell)).most_common(1)[0][0]
    orders = {"dd{0}mm{0}yyyy": ("%d{0}%m{0}%Y", 1), "mm{0}dd{0}yyyy": ("%m{0}%d{0}%Y", 0)}
    times = _list_times(cells)
    return [
        StampReading(name.format(mark), (), _strptime(text, [date.format(mark) + time for time in times]))
        for name, (date, month) in orders.items()
        if sum(part[month] <= 12 for part in parts) >= _FITS * len(parts)
    ]


def _list_times(cells: Sequence[str]) -> list[str]:
    """Return the formats of the time of day to try after a date, those of the sample first."""
    joiner = "T" if sum("T" in cell for cell in cells) > len(cells) / 2 else " "
    if any(cell[-1] in "mM." for cell in cells):
        return [joiner + time for time in ("%I:%M:%S %p", "%I:%M %p", "%I:%M:%S%p", "%I:%M%p")]
    times = ["", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f"]
    if sum(":" in cell for cell in cells) < len(cells) / 2:
        times += ["%H.%M.%S", "%H.%M"]
    usual = Counter(cell.count(":") for cell in cells).most_common(1)[0][0]
    times.sort(key=lambda time: abs(time.count(":") - usual))
    return [time and joiner + time for time in times]


def _propose_epochs(cells: Sequence[str], number: str) -> list[StampReading]:
    """Return the epoch unit that puts all sampled numbers between 1980 and 2100, if one does."""
    known = [float(cell) for cell in cells if is_number(cell)]
    return [
        StampReading(name, (), f"CAST(round({number} * {factor}) AS BIGINT)", None, True, True)
        for name, factor in _EPOCHS.items()
        if known and all(_YEARS[0] <= value * factor / 1e6 <= _YEARS[1] for value in known)
    ]


def _propose_numeric_dates(cells: Sequence[str], text: str) -> list[StampReading]:
    """Return the reading of 20200131, which only a column that was named, or is called like a time, may hold."""
    known = [cell.strip() for cell in cells if not is_missing(cell)]
    fits = bool(known) and _fits(re.compile(r"(19|20)\d{2}[01]\d[0-3]\d"), known)
    return [StampReading("yyyymmdd", (), _strptime(text, ["%Y%m%d"]))] if fits else []


def _looks_like_epoch(name: str, cells: Sequence[str]) -> bool:
    """Return whether plain numbers are instants: in range, and called like a time or only ever rising."""
    known = [float(cell) for cell in cells if is_number(cell)]
    if names_time(name) and _propose_numeric_dates(cells, "x"):
        return True
    rising = len(known) > 2 and all(a < b for a, b in pairwise(known))
    return bool(_propose_epochs(cells, "x")) and (rising or names_time(name))


# --- A date and a time of day ----------------------------------------------------------------------------------------


def _find_time_of_day(scan: Scan, date: int, free: Sequence[int]) -> tuple[int, ...]:
    """Return the column beside a date without a time that holds the time of day; () if none does."""
    known = [cell.strip() for cell in scan.samples[date] if not is_missing(cell)]
    if scan.is_instant(date) or any(":" in cell or len(cell) > 10 for cell in known):
        return ()
    return tuple(k for k in free if k != date and _holds_time_of_day(scan.samples[k]))[:1]


def _holds_time_of_day(cells: Sequence[str]) -> bool:
    known = [cell.strip() for cell in cells if not is_missing(cell)]
    return bool(known) and _fits(TIME_OF_DAY, known)


def _order_pair(scan: Scan, columns: tuple[int, ...]) -> tuple[int, int]:
    """Return the date's column and the time's, in whichever order they were named."""
    first, second = columns
    return (second, first) if _holds_time_of_day(scan.samples[first]) else (first, second)


def _propose_pair(scan: Scan, date: int, time: int) -> list[StampReading]:
    clock = [cell.strip() for cell in scan.samples[time]]
    dotted = sum(cell.count(".") == 2 for cell in clock) > len(clock) / 2
    clocks = [cell.replace(".", ":") for cell in clock] if dotted else clock
    sql = f"replace({scan.text(time)}, '.', ':')" if dotted else scan.text(time)
    pairs = zip(scan.samples[date], clocks, strict=False)
    cells = [f"{day.strip()} {hour}" for day, hour in pairs if not (is_missing(day) or is_missing(hour))]
    return [_place(reading, (date, time)) for reading in propose_texts(cells, f"({scan.text(date)} || ' ' || {sql})")]
