"""Time zones: how far a clock is ahead of UTC at each instant, and which instant a clock on the wall meant.

A zone is `Z`, an offset such as `+01:00`, or a name of the IANA data base. Pure NumPy and the standard library, so that
`forecast predict` can write local times without pandas. Instants and clocks are int64 microseconds since 1970.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np

from forecast_cli.errors import UsageError

if TYPE_CHECKING:
    from forecast_cli.types import Flags, Integers

_FIXED = re.compile(r"[+-]([01]\d|2[0-3]):[0-5]\d")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,3}")
_MINUTE, _DAY = 60_000_000, 86_400_000_000
_BLOCK = 366 * _DAY
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_214_400_000_000  # the years 1 ... 9999, which a zone can be asked for


@dataclass(frozen=True, eq=False)
class Changes:
    """When a zone changes its offset, within a span."""

    instants: Integers  # (k,): ascending
    offsets: Integers  # (k + 1,): before the first, between, and after the last; microseconds ahead of UTC

    @property
    def starts(self) -> Integers:
        """(k,): the clock at each change, the later of before and after: from here on only the new offset holds."""
        return self.instants + np.maximum(self.offsets[:-1], self.offsets[1:])

    @property
    def ends(self) -> Integers:
        """(k,): the clock at each change, the earlier of before and after: up to here only the old offset holds."""
        return self.instants + np.minimum(self.offsets[:-1], self.offsets[1:])


def is_named(tz: str | None) -> bool:
    """Return whether a tz is the name of a zone, which may have daylight saving, and no fixed offset."""
    return tz is not None and tz != "Z" and not _FIXED.fullmatch(tz)


def check_zone(tz: str) -> None:
    """Raise UsageError, with the names that come close, where a tz is neither an offset nor a zone known here."""
    if is_named(tz):
        _open_zone(tz)


def find_offsets(tz: str | None, instants: Integers) -> Integers:
    """Return how many microseconds the clock of a zone is ahead of UTC at each instant; 0 for no zone."""
    if not is_named(tz) or instants.size == 0:
        return np.full(instants.shape, measure_fixed(tz), dtype=np.int64)
    changes = find_changes(str(tz), instants)
    return changes.offsets[np.searchsorted(changes.instants, instants, side="right")]


def measure_fixed(tz: str | None) -> int:
    """Return the microseconds that a tz such as `+01:00` is ahead of UTC; 0 for `Z`, for none and for names."""
    if tz is None or not _FIXED.fullmatch(tz):
        return 0
    minutes = int(tz[1:3]) * 60 + int(tz[4:6])
    return (-minutes if tz.startswith("-") else minutes) * _MINUTE


def read_clock(tz: str, clock: Integers, is_second: Flags) -> Integers:
    """Return the instants that a clock in a zone meant.

    `is_second`: of a clock that shows an hour twice, the second pass. A time that the clock skips is counted on from
    before the gap, as `zoneinfo` does: 02:30 in a spring night is 03:30 of the new offset.
    """
    if not is_named(tz) or clock.size == 0:
        return clock - measure_fixed(tz)
    changes = find_changes(tz, clock)
    period = np.searchsorted(changes.starts, clock, side="right")
    period = np.where(is_second, np.searchsorted(changes.ends, clock, side="right"), period)
    return clock - changes.offsets[period]


def find_unsure(tz: str, clock: Integers) -> tuple[Flags, Flags]:
    """Return which times of a clock come twice, and which never come."""
    if not is_named(tz) or clock.size == 0:
        return np.zeros(clock.shape, dtype=np.bool_), np.zeros(clock.shape, dtype=np.bool_)
    changes = find_changes(tz, clock)
    before = np.searchsorted(changes.starts, clock, side="right")
    within = before != np.searchsorted(changes.ends, clock, side="right")
    goes_back = np.append(changes.offsets[1:] < changes.offsets[:-1], False)
    return within & goes_back[before], within & ~goes_back[before]


def format_offsets(offsets: Integers) -> list[str]:
    """Return each offset in microseconds as printed: `+01:00`."""
    known, place = np.unique(offsets, return_inverse=True)
    texts = [_format_offset(int(offset)) for offset in known]
    return [texts[k] for k in place]


def _format_offset(offset: int) -> str:
    minutes = round(abs(offset) / _MINUTE)  # before 1900 clocks were seconds off
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def find_changes(tz: str, times: Integers) -> Changes:
    """Return the changes of a named zone around these times, a year more on both sides.

    Only the blocks of days that hold a time are searched, so that one stamp of another age costs nothing. Raises
    UsageError where this system does not know the zone.
    """
    held = _find_distinct(np.clip(times, _FIRST + _BLOCK, _LAST - _BLOCK) // _BLOCK)
    blocks = sorted({block + side for block in held for side in (-1, 0, 1)})
    instants: list[int] = []
    offsets = [_search_changes(tz, blocks[0])[0]]
    for block in blocks:
        before, changes = _search_changes(tz, block)
        if before != offsets[-1]:  # it changed between two blocks
            instants.append(block * _BLOCK)
            offsets.append(before)
        instants += [instant for instant, _ in changes]
        offsets += [offset for _, offset in changes]
    return Changes(np.array(instants, dtype=np.int64), np.array(offsets, dtype=np.int64))


def _find_distinct(blocks: Integers) -> list[int]:
    """Return the distinct values of many integers that are few and near each other, without a sort."""
    first = int(blocks.min())
    return [first + int(k) for k in np.flatnonzero(np.bincount(blocks - first))]


@lru_cache(maxsize=1024)
def _search_changes(tz: str, block: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Return the offset with which a block begins, and each change in it with the offset from there on."""
    zone = _open_zone(tz)
    ends = (max(block * _BLOCK, _FIRST), min((block + 1) * _BLOCK, _LAST))
    days = [*range(ends[0], ends[1], _DAY), ends[1]]
    offsets = [_ask(zone, instant) for instant in days]
    apart = [k for k in range(1, len(days)) if offsets[k] != offsets[k - 1]]
    return offsets[0], tuple((_halve(zone, days[k - 1], days[k]), offsets[k]) for k in apart)


def _halve(zone: ZoneInfo, low: int, high: int) -> int:
    """Return the second at which the offset of `high` begins."""
    new = _ask(zone, high)
    while high - low > 1_000_000:
        middle = (low + high) // 2_000_000 * 1_000_000
        low, high = (low, middle) if _ask(zone, middle) == new else (middle, high)
    return high


def _ask(zone: ZoneInfo, instant: int) -> int:
    from datetime import UTC, datetime, timedelta

    shown = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).astimezone(zone)
    offset = shown.utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)


def _open_zone(tz: str) -> ZoneInfo:
    try:
        if len(tz) < 100 and _NAME.fullmatch(tz):
            return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as Europe
        pass
    raise UsageError(f"{tz!r} is no time zone that is known here", _suggest(tz))


def _suggest(tz: str) -> str:
    known = {name.lower(): name for name in available_timezones() if "/" in name or name == "UTC"}
    if not known:
        return "this system has no data base of zones: pip install tzdata"
    asked = tz.lower().replace(" ", "_")
    cities = {name.rsplit("/", 1)[-1]: name for name in known if "/" in name}
    close = [known[name] for name in difflib.get_close_matches(asked, known, n=2, cutoff=0.75)]
    close += [known[cities[city]] for city in difflib.get_close_matches(asked, cities, n=2, cutoff=0.75)]
    names = list(dict.fromkeys(close))[:3]
    return f"did you mean {' or '.join(names)}?" if names else "write a name such as Europe/Berlin, or UTC"
