"""Instants written as plain numbers: epochs, 20260131, Excel serials, years; and the hour beside a date."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from forecast_cli.ingest.text.cells import is_missing
from forecast_cli.ingest.time.readings import StampReading
from forecast_cli.ingest.time.time_names import find_part, names_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.scan.table import Scan

_EPOCHS = {  # name -> units in a second
    "epoch seconds": 1,
    "epoch milliseconds": 1_000,
    "epoch microseconds": 1_000_000,
    "epoch nanoseconds": 1_000_000_000,
}
_SPAN = (315_532_800, 4_102_444_800)  # 1980 ... 2100 in seconds: what a plain number must lie in to be an instant
_DATE = r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_DIGITS = {  # name -> the form, and as strptime writes it
    "yyyymmdd": (re.compile(_DATE), "%Y%m%d"),
    "yyyymmddhh": (re.compile(_DATE + r"([01]\d|2[0-4])"), "%Y%m%d%H"),
    "yyyymmddhhmm": (re.compile(_DATE + r"([01]\d|2[0-4])[0-5]\d"), "%Y%m%d%H%M"),
    "yyyymmddhhmmss": (re.compile(_DATE + r"([01]\d|2[0-4])([0-5]\d){2}"), "%Y%m%d%H%M%S"),
}
_EXCEL = (29_221, 73_051)  # 1980 ... 2100 in days since 1899-12-30
_UNIX_IN_EXCEL = 25_569
_YEARS = (1600, 2200)
_DAY = 86_400_000_000
_PERIOD = re.compile(
    r"(settlement)?(period|interval|slot|quarter|quarterhour|viertelstunde|halfhour|sp)(no|number|nr|id)?"
)
_CLOCK = re.compile(r"time|timeofday|hhmm|hhmmss|clock|uhrzeit|zeit|heure|hora|ora")
_PERIODS = {24: 1, 48: 2, 96: 4, 144: 6, 288: 12}  # of a day -> those of the hour that clocks are set back
_FITS = 0.9  # share of the sampled cells
_LAST_HOUR = 25  # on the day that clocks are set back
_ONE_WAY = 0.8  # share of neighbours that do not fall, or that do not rise


def propose_numbers(scan: Scan, k: int) -> list[StampReading]:
    """Return the reading of a column of plain numbers that was named as the time, or that runs as one; () if none."""
    known = take_numbers(scan, k)
    if not known:
        return []
    whole = f"CAST(TRY_CAST({scan.number(k)} AS BIGINT) AS VARCHAR)"
    for name, (form, text) in _DIGITS.items():
        if _holds_digits(known, form):
            return [StampReading(name, (k,), _read_digits(whole, text))]
    for name, units in _EPOCHS.items():
        if all(_SPAN[0] * units <= value <= _SPAN[1] * units for value in known):
            return [StampReading(name, (k,), _read_epoch(scan, k, units), None, True, True)]
    if all(_EXCEL[0] <= value <= _EXCEL[1] for value in known):
        milliseconds = f"round(({scan.number(k)} - {_UNIX_IN_EXCEL}) * 86400000)"
        return [StampReading("days as Excel counts them", (k,), f"1000 * TRY_CAST({milliseconds} AS BIGINT)")]
    if all(_YEARS[0] <= value <= _YEARS[1] and value == int(value) for value in known):
        return [StampReading("years", (k,), f"epoch_us(try_strptime({whole}, ['%Y']))")]
    return []


def runs_as_time(scan: Scan, k: int) -> bool:
    """Return whether a column of plain numbers that nobody named is the time: by its range, its name and its course.

    Epochs and digits such as 202601310600 lie where few measurements do: they need a name or to rise only. Dates such
    as 20260131 and Excel's days need a name and a course, a year its own name.
    """
    name, known = scan.names[k], take_numbers(scan, k)
    readings = propose_numbers(scan, k)
    if not readings or len(known) < 2:
        return False
    kind = readings[0].name
    if kind == "years":
        return find_part(name) == "year" and all(a < b for a, b in pairwise(known))
    if kind in ("yyyymmdd", "yyyymmddhh") or kind.startswith("days"):
        return names_time(name) and runs_one_way(known)
    return names_time(name) or (len(known) > 2 and all(a < b for a, b in pairwise(known)))


def runs_one_way(known: Sequence[float]) -> bool:
    """Return whether numbers mostly rise, or mostly fall; that they stand still for a while is neither."""
    apart = [b - a for a, b in pairwise(known)]
    least = min(sum(step > 0 for step in apart), sum(step < 0 for step in apart))
    return len(apart) - least >= _ONE_WAY * len(apart) and any(apart)


def take_numbers(scan: Scan, k: int) -> list[float]:
    """Return the sampled cells of a column as numbers; none where over a tenth of them are no plain ones."""
    known = [cell for cell in scan.samples[k] if not is_missing(cell)]
    numbers = [number for number in (_take_number(cell, scan.decimal) for cell in known) if number is not None]
    return numbers if len(numbers) >= _FITS * len(known) else []


def _take_number(cell: str, decimal: str) -> float | None:
    text = cell.strip()
    text = text.replace(",", ".") if decimal == "," else text
    return float(text) if re.fullmatch(r"[+-]?\d{1,30}(\.\d*)?([eE][+-]?\d{1,2})?", text, re.ASCII) else None


def _holds_digits(known: Sequence[float], form: re.Pattern[str]) -> bool:
    fitting = sum(value == int(value) and form.fullmatch(str(int(value))) is not None for value in known)
    return fitting >= _FITS * len(known)


def _read_digits(whole: str, text: str) -> str:
    """Return the SQL of digits such as 202601310600; the hour 24 is the midnight after."""
    plain = f"epoch_us(try_strptime({whole}, ['{text}']))"
    start = f"regexp_replace({whole}, '^(.{{8}})24(0*)$', '\\100\\2')"
    later = f"CASE WHEN {whole} LIKE '________24%' THEN epoch_us(try_strptime({start}, ['{text}'])) + {_DAY} END"
    return plain if text == "%Y%m%d" else f"coalesce({plain}, {later})"


def _read_epoch(scan: Scan, k: int, units: int) -> str:
    """Return the SQL of an epoch in microseconds; of whole nanoseconds no digit is lost on the way."""
    number = f"TRY_CAST(round({scan.number(k)} * {1_000_000 / units!r}) AS BIGINT)"
    return f"coalesce(TRY_CAST({scan.text(k)} AS BIGINT) // 1000, {number})" if units == 1_000_000_000 else number


# --- The hour beside a date ------------------------------------------------------------------------------------------


def propose_hours(scan: Scan, k: int) -> str | None:
    """Return the SQL of the microseconds since midnight in a column of hours, `hhmm` or `hhmmss`; None if it is none.

    An hour of 24 is the midnight after, and one of 25 the last of the day on which clocks are set back.
    """
    known, number = take_numbers(scan, k), scan.number(k)
    if not known or min(known) < 0:
        return None
    if max(known) <= _LAST_HOUR:
        return f"CASE WHEN {number} BETWEEN 0 AND {_LAST_HOUR} THEN CAST(round({number} * 3600000000) AS BIGINT) END"
    factor = 1 if max(known) > 2400 else 100  # hhmm
    whole = f"TRY_CAST({number} AS BIGINT) * {factor}"
    if not all(value == int(value) and _is_clock(int(value) * factor) for value in known):
        return None
    seconds = f"({whole} // 10000 * 3600 + {whole} // 100 % 100 * 60 + {whole} % 100)"
    fits = f"{whole} BETWEEN 0 AND 240000 AND {whole} // 100 % 100 < 60 AND {whole} % 100 < 60"
    return f"CASE WHEN {fits} THEN {seconds} * 1000000 END"


def _is_clock(digits: int) -> bool:
    return 0 <= digits <= 240_000 and digits // 100 % 100 < 60 and digits % 100 < 60


def is_compact_date(scan: Scan, k: int) -> bool:
    """Return whether a column of numbers holds dates such as 20260131."""
    known = take_numbers(scan, k) if scan.is_number(k) else []
    return bool(known) and _holds_digits(known, _DIGITS["yyyymmdd"][0])


def is_hour(scan: Scan, k: int) -> bool:
    """Return whether a column is called an hour and holds hours of a day, or is called a time and holds `hhmm`."""
    known = take_numbers(scan, k) if scan.is_number(k) else []
    if known and max(known) > _LAST_HOUR:
        called = _CLOCK.fullmatch(re.sub(r"[^a-z]", "", scan.names[k].lower())) is not None
        return called and len(set(known)) > 1 and propose_hours(scan, k) is not None
    fits = bool(known) and all(value == int(value) and 0 <= value <= _LAST_HOUR for value in known)
    return fits and len(set(known)) > 1 and find_part(scan.names[k]) == "hour"


def find_period(scan: Scan, k: int) -> int | None:
    """Return how many periods of a day a column counts, as settlement periods 1 ... 48; None if it counts none."""
    name = re.sub(r"[^a-z]", "", scan.names[k].lower())
    known = take_numbers(scan, k) if scan.is_number(k) and _PERIOD.fullmatch(name) else []
    if len(known) < 2 or any(value != int(value) for value in known) or min(known) not in (0, 1):
        return None
    most = max(known) + (min(known) == 0)
    ones = sum(b - a == 1 for a, b in pairwise(known))
    fits = ones >= _ONE_WAY * (len(known) - 1)
    return next((n for n, more in _PERIODS.items() if n - more <= most <= n + more and fits), None)


def propose_periods(scan: Scan, k: int, count: int) -> str:
    """Return the SQL of the microseconds from midnight to the start of a period, of which a day has `count`."""
    number, first = scan.number(k), int(min(take_numbers(scan, k)))
    length = _DAY // count
    fits = f"{number} BETWEEN {first} AND {first + count + _PERIODS[count] - 1}"
    return f"CASE WHEN {fits} THEN CAST(round({number} - {first}) * {length} AS BIGINT) END"
