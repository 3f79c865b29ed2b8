"""The steps of the grid: what `10min` or `1MS` means, and how an instant on the grid is written.

Pure NumPy, so that `forecast predict` can print timestamps without pandas. Instants are datetime64[us], UTC or a
clock without a zone (the local clock, for the days of a zone that has a name). A frequency is a count and a unit:

    us ms s min h D W   of fixed length
    MS                  calendar months (a year is 12MS)
    row                 no time at all: the row number is the time, the origin is None
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from forecast_cli.errors import UsageError
from forecast_cli.zones import find_offsets, format_offsets, is_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.types import Instants, Integers, Panel, Steps

UNITS = {  # microseconds, ascending
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "D": 86_400_000_000,
    "W": 604_800_000_000,
}
ROWS = "1row"
DAY = UNITS["D"]
_MOST_DIGITS = 15  # of a count: any step of real data, in microseconds
_ALIASES = {
    "T": (1, "min"),
    "H": (1, "h"),
    "S": (1, "s"),
    "d": (1, "D"),
    "w": (1, "W"),
    "M": (1, "MS"),
    "ME": (1, "MS"),
    "Q": (3, "MS"),
    "QS": (3, "MS"),
    "QE": (3, "MS"),
    "Y": (12, "MS"),
    "YS": (12, "MS"),
    "YE": (12, "MS"),
    "rows": (1, "row"),
}


@dataclass(frozen=True)
class Freq:
    """A step of the grid: a count (>= 1) of units; fixed lengths stand in the largest unit that fits."""

    count: int
    unit: str

    def __str__(self) -> str:
        """Return the form that is stored and that `--freq` takes: `10min`."""
        return f"{self.count}{self.unit}"

    @property
    def microseconds(self) -> int | None:
        """The length of a step; None for calendar months and rows."""
        return self.count * UNITS[self.unit] if self.unit in UNITS else None

    @property
    def is_daily_or_coarser(self) -> bool:
        """Whether a date alone names an instant of the grid."""
        return self.unit in ("D", "W", "MS")


def build_freq(microseconds: int) -> Freq:
    """Return the step of this fixed length, in the largest unit that divides it."""
    unit = next(unit for unit in reversed(UNITS) if microseconds % UNITS[unit] == 0)
    return Freq(microseconds // UNITS[unit], unit)


def parse_freq(text: str) -> Freq:
    """Return the step that a text such as `10min`, `h`, `1D`, `1W`, `1MS` or `1row` names.

    Raises UsageError on anything else.
    """
    match = re.fullmatch(r"\s*(\d*)\s*([A-Za-z]+)\s*", text)
    count = int(match[1] or 1) if match and len(match[1]) <= _MOST_DIGITS else 0
    unit = match[2] if match else ""
    factor, unit = _ALIASES.get(unit, (1, unit))
    if count < 1 or unit not in (*UNITS, "MS", "row"):
        raise UsageError(
            f"{text!r} is not a frequency", "write a count and a unit, such as 10s, 15min, 1h, 1D, 1W or 1MS"
        )
    return build_freq(count * UNITS[unit]) if unit in UNITS else Freq(count * factor, unit)


def count_steps(length: Steps, freq: str, flag: str) -> int:
    """Return how many steps of the grid a length is: a count as it is, a time such as `4h` in whole steps, at least 1.

    Raises UsageError, with the flag that asked, where the time is no whole number of steps or the grid has no time.
    """
    if isinstance(length, int):
        return length
    asked, step = parse_freq(length), parse_freq(freq)
    if step.unit == "row":
        raise UsageError(f"{flag} {length}: the data have no time", "give a count of rows")
    if (asked.unit == "MS") == (step.unit == "MS"):
        ours, theirs = (step.count, asked.count) if step.unit == "MS" else (_measure(step), _measure(asked))
        if theirs % ours == 0:
            return theirs // ours
    raise UsageError(
        f"{flag} {length} is no whole number of steps of {step}", "give a multiple of it, or a count of steps"
    )


def natural_seasons(freq: str) -> tuple[int, ...]:
    """Return day, week and year in whole steps of a frequency, where they are at least 2."""
    step = parse_freq(freq)
    if step.unit == "MS":
        return (12 // step.count,) if 12 % step.count == 0 and step.count <= 6 else ()
    if step.microseconds is None:
        return ()
    lengths = (UNITS["D"], UNITS["W"], round(365.25 * UNITS["D"]))
    counts = [round(length / step.microseconds) for length in lengths]
    near = [abs(n * step.microseconds - length) <= length / 100 for n, length in zip(counts, lengths, strict=True)]
    return tuple(n for n, fits in zip(counts, near, strict=True) if fits and n >= 2)


def count_months(instants: Instants | np.datetime64) -> Integers:
    """Return the calendar month of each instant, counted from January 1970."""
    return np.asarray(instants).astype("datetime64[M]").astype(np.int64)


def add_steps(origin: np.datetime64, freq: str, steps: Integers | Sequence[int] | int) -> Instants:
    """Return the instants this many steps after the origin, datetime64[us], in the shape of `steps`.

    Months keep the origin's day and time of day; a day that a month does not have becomes its last one.
    """
    step, counts = parse_freq(freq), np.asarray(steps, dtype=np.int64)
    start = origin.astype("datetime64[us]")
    if step.unit != "MS":
        return start + (counts * _measure(step)).astype("timedelta64[us]")
    months = origin.astype("datetime64[M]") + (counts * step.count).astype("timedelta64[M]")
    first = months.astype("datetime64[us]")
    length = (months + 1).astype("datetime64[us]") - first
    into = start - origin.astype("datetime64[M]").astype("datetime64[us]")
    day, clock = np.divmod(into, np.timedelta64(DAY, "us"))
    last_day = length // np.timedelta64(DAY, "us") - 1
    return first + np.minimum(day, last_day) * np.timedelta64(DAY, "us") + clock


def steps_between(origin: np.datetime64, freq: str, instants: Instants | np.datetime64) -> Integers:
    """Return how many whole steps lie between the origin and each instant, int64; rounded down, negative before it."""
    step = parse_freq(freq)
    if step.unit == "MS":
        return (count_months(instants) - count_months(origin)) // step.count
    apart = np.asarray(instants).astype("datetime64[us]") - origin.astype("datetime64[us]")
    return apart.astype(np.int64) // _measure(step)


def format_instants(
    origin: np.datetime64 | None, freq: str, tz: str | None, steps: Integers | Sequence[int]
) -> list[str]:
    """Return the printed form of each step: `2026-11-21T06:00:00`, with `Z` or an offset where there is a tz.

    In a zone that has a name each instant has the offset of the zone's clocks at that time. A date alone for daily
    and coarser steps, a fraction only where steps are shorter than a second, the row number (the first row is 1)
    where there is no time.
    """
    if origin is None:
        return [str(int(step) + 1) for step in steps]
    step, instants = parse_freq(freq), add_steps(origin, freq, steps)
    if keeps_local_clock(freq, tz):
        return np.datetime_as_string(instants, unit="D").tolist()
    offsets = find_offsets(tz, instants.astype(np.int64))
    texts = np.datetime_as_string(instants + offsets.astype("timedelta64[us]"), unit=_choose_precision(step)).tolist()
    if tz is None or step.is_daily_or_coarser:
        return texts
    suffixes = format_offsets(offsets) if is_named(tz) else [tz] * len(texts)
    return [text + suffix for text, suffix in zip(texts, suffixes, strict=True)]


def format_instant(origin: np.datetime64 | None, freq: str, tz: str | None, step: int) -> str:
    """Return the printed form of one step; see `format_instants`."""
    return format_instants(origin, freq, tz, [step])[0]


def format_span(steps: int, freq: str) -> str:
    """Return a count of steps as people say it: `24 h`, `4 days`, `3 months`, `36 rows`."""
    step = parse_freq(freq)
    total = steps * step.count
    if step.unit == "row":
        return _pluralise(total, "row")
    if step.unit == "MS":
        return _pluralise(total, "month")
    if step.unit in ("D", "W"):
        return _pluralise(total, "day" if step.unit == "D" else "week")
    return _format_length(steps * _measure(step))


def align(panel: Panel, origin: np.datetime64 | None, freq: str) -> Panel | None:
    """Return the same panel counted from another origin; None when its steps fall between that origin's."""
    if parse_freq(panel.freq) != parse_freq(freq) or (panel.origin is None) != (origin is None):
        return None
    if panel.origin is None or origin is None:
        return panel
    shift = int(steps_between(origin, freq, panel.origin))
    meets = add_steps(origin, freq, shift) == panel.origin or add_steps(panel.origin, freq, -shift) == origin
    return replace(panel, origin=origin, start=panel.start + shift) if meets else None


def keeps_local_clock(freq: str, tz: str | None) -> bool:
    """Return whether a grid counts the days of a zone's clocks and not instants: some are 23 hours long, some 25.

    The origin of such a grid is a local clock, too.
    """
    return is_named(tz) and parse_freq(freq).is_daily_or_coarser


def _measure(step: Freq) -> int:
    """Return the fixed length of a step in microseconds."""
    length = step.microseconds
    if length is None:
        raise ValueError(f"a step of {step} has no fixed length")  # a bug of ours: rows and months are told apart above
    return length


def _choose_precision(step: Freq) -> Literal["D", "s", "ms", "us"]:
    if step.is_daily_or_coarser:
        return "D"
    if step.unit == "ms":
        return "ms"
    return "us" if step.unit == "us" else "s"


def _format_length(microseconds: int) -> str:
    if microseconds % DAY == 0 and microseconds >= 2 * DAY:
        return _pluralise(microseconds // DAY, "day")
    unit = next(unit for unit in ("h", "min", "s", "ms", "us") if microseconds % UNITS[unit] == 0)
    return f"{microseconds // UNITS[unit]:,} {unit}"


def _pluralise(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
