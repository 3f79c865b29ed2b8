"""How old the newest row is, as far as clocks can tell."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import UNITS, add_steps, keeps_local_clock, parse_freq
from forecast_cli.workflows.history import show_step
from forecast_cli.zones import find_offsets

if TYPE_CHECKING:
    from forecast_cli.types import Panel


_LONGEST = {unit: 10**17 // length for unit, length in UNITS.items()} | {"MS": 36_000}  # 3,000 years: no limit at all


def read_clock_now(panel: Panel) -> np.datetime64:
    """Return what the clock of a panel's grid shows now, datetime64[us].

    UTC where the stamps have an offset; the local clock of the zone for the days of a named zone; and where the stamps
    name no offset the local clock of this machine, which is the best guess there is.
    """
    now = datetime.datetime.now(datetime.UTC)
    if panel.tz is None:
        return np.datetime64(now.astimezone().replace(tzinfo=None), "us")
    utc = np.datetime64(now.replace(tzinfo=None), "us")
    if not keeps_local_clock(panel.freq, panel.tz):
        return utc
    ahead = int(find_offsets(panel.tz, np.array([utc.astype(np.int64)]))[0])
    return utc + np.timedelta64(ahead, "us")


def check_age(panel: Panel, step: int, longest: str | None, now: np.datetime64, gathered: bool = False) -> None:
    """Raise DataError where the newest row, at this step, is older than a time such as `2h`.

    A step that is `gathered` of finer rows is as old as its end: the newest of them may stand there. UsageError where
    rows are the time, which have no age.
    """
    if longest is None:
        return
    if panel.origin is None:
        raise UsageError("--max-age: the data have no time", "leave it out")
    newest, allowed = _find_instant(panel.origin, panel.freq, step + gathered), parse_freq(longest)
    if allowed.count < _LONGEST[allowed.unit] and now > _find_instant(newest, longest, 1):
        clock = " by the clock of this machine, since the stamps name no offset" if panel.tz is None else ""
        shown, age = show_step(panel, step), say_age(newest, now)
        told = f"step, {shown}, ended {age} ago" if gathered else f"row, {shown}, is {age} old"
        raise DataError(
            f"the newest {told}{clock}; --max-age {longest} allows less",
            "look whether the data still arrive, or leave out --max-age",
        )


def tell_age(panel: Panel, step: int, now: np.datetime64) -> str:
    """Return ` (3 h ago)` for a step of the panel; nothing where rows are the time or the clock is not there yet."""
    if panel.origin is None:
        return ""
    instant = _find_instant(panel.origin, panel.freq, step)
    return "" if now < instant else f" ({say_age(instant, now)} ago)"


def say_age(instant: np.datetime64, now: np.datetime64) -> str:
    """Return the time between two instants as people say it: `90 min`, `3 h`, `12 days`."""
    minutes = int((now - instant) / np.timedelta64(1, "m"))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440:,} days"


def _find_instant(origin: np.datetime64, freq: str, step: int) -> np.datetime64:
    instant: np.datetime64 = add_steps(origin, freq, [step])[0]
    return instant
