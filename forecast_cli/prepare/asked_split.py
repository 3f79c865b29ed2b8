"""`--split` as people write it: shares, counts of steps, or the instants at which the parts begin."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import add_steps, format_instant, keeps_local_clock, steps_between
from forecast_cli.zones import read_clock

if TYPE_CHECKING:
    from forecast_cli.types import Panel

Parts: TypeAlias = tuple[float, ...]  # three shares as floats, or three counts of steps as ints
Instants: TypeAlias = tuple[datetime, ...]  # the first of validation and of test, and perhaps the first after it


def parse_split(asked: str) -> Parts | Instants:
    """Return the parts of `--split`: three shares, three counts of steps, or two or three ascending instants.

    Raises UsageError where it is none of these.
    """
    words = [word.strip() for word in asked.split(",")]
    parts = _read_instants(words) or _read_numbers(words)
    if parts is None and all(re.match(r"\d{4}-\d\d-\d", word) for word in words):
        raise UsageError(
            f"--split {asked!r} is not two or three dates, the earlier first, all with an offset or none",
            "write the first instants of validation and of test: --split 2024-10-01,2024-12-01",
        )
    if parts is None:
        raise UsageError(
            f"--split {asked!r} is neither three shares, three counts of steps nor two dates",
            "write --split 0.7,0.1,0.2, --split 8640,2880,2880 or --split 2024-10-01,2024-12-01",
        )
    return parts


def settle_split(asked: str | None, panel: Panel, n_steps: int) -> Parts | None:
    """Return shares or counts of steps; instants become the steps of the panel's grid at or after them.

    `n_steps` of the panel, from its earliest: where the last part ends unless a third instant says so. Instants without
    an offset are read on the panel's clock. Raises UsageError where the data have no time, or no offset where the
    instants have one; DataError where the instants do not lie within the data.
    """
    if asked is None:
        return None
    parts = parse_split(asked)
    instants = [part for part in parts if isinstance(part, datetime)]
    if not instants:
        return tuple(part for part in parts if not isinstance(part, datetime))
    earliest = int(panel.start.min())
    borders = [_find_step(instant, panel) - earliest for instant in instants]
    borders += [n_steps] if len(borders) == 2 else []
    if not 0 < borders[0] < borders[1] < borders[2] <= n_steps:
        first, last = (format_instant(panel.origin, panel.freq, panel.tz, earliest + k) for k in (0, n_steps - 1))
        raise DataError(
            f"--split {asked} does not cut the data in three: they run from {first} to {last}",
            "give the first instants of validation and of test, both within that time",
        )
    return tuple(int(count) for count in np.diff([0, *borders]))


def _read_numbers(words: list[str]) -> Parts | None:
    """Return three shares that sum up to 1 at most, or three counts; None where they are neither."""
    try:
        counts = tuple(float(word) if "." in word else int(word) for word in words)
    except ValueError:
        return None
    shares = [part for part in counts if isinstance(part, float)]
    fits = not shares or (len(shares) == 3 and sum(shares) <= 1 + 1e-9)
    return counts if len(counts) == 3 and min(counts) > 0 and fits else None


def _read_instants(words: list[str]) -> Instants | None:
    """Return two or three ascending dates or instants, all with an offset or none; None where they are not."""
    if len(words) not in (2, 3) or not all(re.match(r"\d{4}-\d", word) for word in words):
        return None
    try:
        found = tuple(datetime.fromisoformat(f"{word}-01" if len(word) == 7 else word) for word in words)
        return found if all(a < b for a, b in pairwise(found)) else None
    except (ValueError, TypeError, OverflowError):  # TypeError: some have an offset and others have none
        return None


def _find_step(instant: datetime, panel: Panel) -> int:
    """Return the first step of the panel's grid at or after an instant."""
    if panel.origin is None:
        raise UsageError("--split: the data have no time", "give counts of rows, or shares such as 0.7,0.1,0.2")
    place = _place_on_clock(instant, panel)
    step = int(steps_between(panel.origin, panel.freq, place))
    return step if add_steps(panel.origin, panel.freq, step) >= place else step + 1


def _place_on_clock(instant: datetime, panel: Panel) -> np.datetime64:
    """Return an instant as the panel's grid counts it: in UTC, or on the clock that its stamps show."""
    is_local = panel.tz is None or keeps_local_clock(panel.freq, panel.tz)
    if instant.tzinfo is None:
        clock = np.datetime64(instant, "us")
        if is_local or panel.tz is None:
            return clock
        known = read_clock(panel.tz, np.array([clock.astype(np.int64)]), np.zeros(1, dtype=np.bool_))
        return np.datetime64(int(known[0]), "us")
    if is_local:
        raise UsageError(
            f"--split {instant.isoformat()}: the grid of the data has no offset", "write the instants without one"
        )
    offset = instant.utcoffset() or timedelta()
    return np.datetime64(instant.replace(tzinfo=None), "us") - np.timedelta64(offset)
