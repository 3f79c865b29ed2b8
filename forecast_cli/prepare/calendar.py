"""The calendar as numbers: where an instant lies in the day, the week and the year of the local clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import DAY, add_steps, keeps_local_clock, parse_freq
from forecast_cli.zones import find_offsets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.types import Array, Floats, Instants, Integers, Panel

CYCLES = ("day", "week", "year")
_THURSDAY = 3  # 1970 began on one; weeks begin on Mondays
_HALF_YEAR = 183 * DAY
_MOST_MONTHS = 6


def list_cycles(freq: str) -> tuple[str, ...]:
    """Return the cycles that tell the steps of a frequency apart; () where rows are the time.

    The day for steps below a day, the week up to a day, the year up to half a year: a longer step always stands at the
    same place.
    """
    step = parse_freq(freq)
    if step.unit == "MS":
        return ("year",) if step.count <= _MOST_MONTHS else ()
    length = step.microseconds
    if length is None:
        return ()
    fits = {"day": length < DAY, "week": length <= DAY, "year": length <= _HALF_YEAR}
    return tuple(cycle for cycle in CYCLES if fits[cycle])


def name_features(freq: str) -> tuple[str, ...]:
    """Return the names of the columns of `compute_calendar`: a sine and a cosine per cycle."""
    return tuple(f"{cycle} ({wave})" for cycle in list_cycles(freq) for wave in ("sin", "cos"))


def compute_calendar(panel: Panel, steps: Integers) -> Array:
    """Return (..., F) float32 for steps (...) of the panel's grid: sine and cosine of 2 pi x the place in each cycle.

    The place runs from 0 at the cycle's beginning (midnight, Monday, 1 January) to 1 at its end, on the clock that is
    printed: in a zone with daylight saving 08:00 is 08:00 all year. The year is 366 days long in leap years.
    """
    cycles = list_cycles(panel.freq)
    if panel.origin is None or not cycles:
        return np.empty((*np.shape(steps), 0), dtype=np.float32)
    places = _measure_places(read_local_clock(panel, steps), cycles)
    angles = 2 * np.pi * np.stack(places, axis=-1)
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1)  # (..., cycles, 2)
    return waves.reshape(*np.shape(steps), 2 * len(cycles)).astype(np.float32)


def read_local_clock(panel: Panel, steps: Integers) -> Instants:
    """Return what the local clock shows at steps of a panel with a time, datetime64[us], in the shape of `steps`."""
    if panel.origin is None:
        raise ValueError("rows have no clock")  # a bug of ours: asked only of panels with a time
    instants = add_steps(panel.origin, panel.freq, steps)
    if panel.tz is None or keeps_local_clock(panel.freq, panel.tz):
        return instants
    return instants + find_offsets(panel.tz, instants.astype(np.int64)).astype("timedelta64[us]")


def _measure_places(clock: Instants, cycles: Sequence[str]) -> list[Floats]:
    """Return where each time lies in its day, week or year, from 0 up to 1."""
    days = clock.astype(np.int64) / DAY  # float64 tells microseconds apart up to the year 2225
    year = clock.astype("datetime64[Y]")
    first, after = (each.astype("datetime64[D]").astype(np.int64) for each in (year, year + 1))
    places = {"day": days % 1, "week": (days + _THURSDAY) % 7 / 7, "year": (days - first) / (after - first)}
    return [places[cycle] for cycle in cycles]
