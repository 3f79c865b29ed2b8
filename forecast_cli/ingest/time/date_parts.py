"""A time in three columns or more: the year, the month, the day, the hour, as numbers under their own names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.ingest.time.epochs import take_numbers
from forecast_cli.ingest.time.readings import StampReading
from forecast_cli.ingest.time.time_names import find_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.scan.table import Scan

_DATES = (("year", "month", "day"), ("year", "day of year"), ("year", "month"))
_CLOCK = ("hour", "minute", "second")
_RANGES = {  # a clock may be set back, and a day may end with hour 24
    "year": (0, 2200),
    "month": (1, 12),
    "day": (1, 31),
    "day of year": (1, 366),
    "hour": (0, 25),
    "minute": (0, 60),
    "second": (0, 60),
}


def find_parts(scan: Scan, free: Sequence[int]) -> tuple[int, ...]:
    """Return the columns that make up a time together, from the year down; () where a year or a month is missing."""
    found: dict[str, int] = {}
    for k in free:
        part = find_part(scan.names[k])
        if part is not None and part not in found and _is_within(scan, k, part):
            found[part] = k
    date = next((parts for parts in _DATES if all(part in found for part in parts)), ())
    clock: list[str] = []
    if date and date != ("year", "month"):
        for part in _CLOCK:  # minutes without an hour are no time, and `min` is more often a minimum
            if part not in found:
                break
            clock.append(part)
    return tuple(found[part] for part in (*date, *clock))


def propose_parts(scan: Scan, columns: tuple[int, ...]) -> list[StampReading]:
    """Return the reading of columns that are all called parts of a time; none where a single one is not."""
    found = find_parts(scan, columns)
    if len(found) != len(columns) or len(columns) < 2:
        return []
    parts = {str(find_part(scan.names[k])): scan.number(k) for k in found}
    day = _read_date(parts)
    terms = [
        _read_length(parts[part], part, length)
        for part, length in zip(_CLOCK, (3_600_000_000, 60_000_000, 1_000_000), strict=True)
        if part in parts
    ]
    return [StampReading(", ".join(parts), columns, " + ".join([day, *terms]))]


def _read_date(parts: dict[str, str]) -> str:
    """Return the SQL of a date's midnight; null where there is no such day."""
    short = _read_whole(parts["year"])
    year = f"CASE WHEN {short} < 69 THEN {short} + 2000 WHEN {short} < 100 THEN {short} + 1900 ELSE {short} END"
    if "day of year" in parts:
        number = _read_whole(parts["day of year"])
        first = f"epoch_us(CAST(TRY_CAST(printf('%04d-01-01', {year}) AS DATE) AS TIMESTAMP))"
        return f"CASE WHEN {number} BETWEEN 1 AND 366 THEN {first} + ({number} - 1) * 86400000000 END"
    day = _read_whole(parts["day"]) if "day" in parts else "1"
    date = f"TRY_CAST(printf('%04d-%02d-%02d', {year}, {_read_whole(parts['month'])}, {day}) AS DATE)"
    return f"epoch_us(CAST({date} AS TIMESTAMP))"


def _read_whole(number: str) -> str:
    return f"TRY_CAST({number} AS BIGINT)"


def _read_length(number: str, part: str, length: int) -> str:
    low, high = _RANGES[part]
    return f"CASE WHEN {number} BETWEEN {low} AND {high} THEN CAST(round({number} * {length}) AS BIGINT) END"


def _is_within(scan: Scan, k: int, part: str) -> bool:
    known = take_numbers(scan, k) if scan.is_number(k) else []
    low, high = _RANGES[part]
    return bool(known) and all(low <= value <= high for value in known)
