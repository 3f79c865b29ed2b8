"""Meters that only rise: their readings made to go on over resets and wraps, then the increase per step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from forecast_cli.types import Flags, Floats, Integers

_POWERS = np.sort([2.0**8, 2.0**16, 2.0**24, 2.0**32, *(10.0**k for k in range(3, 13))])  # where registers run over
_NEAR = 0.02  # of the power: as close must the last reading before a wrap be, and the first one after it
_PLAUSIBLE = 2.0  # times the largest increase elsewhere: what a meter may have counted since its reset
_ENOUGH = 20  # increases, to know how much a meter counts between two readings
_FEWEST = 20  # values, to be called a meter
_HEAD = 5_000  # rows that are looked at first
_RESET = 0.1  # share of the reading before, that one after a reset is at most
_MOST_DROPS = 0.001  # share of the steps of a meter that may lead down


@dataclass(frozen=True, eq=False)
class Unwrapped:
    """A meter whose readings go on rising."""

    readings: Floats  # (rows,): NaN where not known
    resets: int  # drops to a value counted from 0
    wraps: int  # runs over the last digit
    anew: int  # drops to a value that cannot have been counted from 0: another meter
    slips: int  # readings left out, since the next one goes on where the one before stood


def unwrap(column: Floats, series: Integers) -> Unwrapped:
    """Return a meter's readings made to go on over its drops, in float64; where it never drops, as they are.

    `column` (rows,) sorted by series and time, NaN where there is no value. A drop is a wrap where the reading before
    lies within 2 % (or a step) below 2^8, 2^16, 2^24, 2^32 or a power of ten, and the one after it as close above 0:
    the difference goes over the wrap, unless it is more than twice what the meter had counted between two readings
    until then and the count from 0 is not. Else it is a reset, and the new value was counted from 0, unless that is
    more than twice as much. Then it is a slip where the meter goes on from the reading before the drop (a lone 0 among
    readings of 12,345), and otherwise another meter, which goes on from its first reading; that reading, and so its
    increase, is left unknown.
    """
    known = np.flatnonzero(~np.isnan(column))
    every = column[known], series[known]
    kept = np.flatnonzero(~_find_slips(*every))
    known, values, codes = known[kept], every[0][kept], every[1][kept]
    drops = _find_drops(values, codes)
    largest = _find_largest(*every, kept[drops])
    before, after = values[drops - 1], values[drops]
    power = _POWERS[np.minimum(np.searchsorted(_POWERS, before), _POWERS.size - 1)]
    near = _measure_nearness(power, largest)
    wraps = (before <= power) & (before >= power - near) & (after >= 0) & (after <= near)
    wraps &= (power - before + after <= _PLAUSIBLE * largest) | (after > _PLAUSIBLE * largest)
    anew = ~wraps & (after > _PLAUSIBLE * largest)
    counted = np.where(wraps, power - before + after, np.where(anew, 0.0, np.maximum(after, 0.0)))
    readings = np.full(column.size, np.nan)
    readings[known] = values + _shift(drops, counted - (after - before), codes)
    readings[known[drops[anew]]] = np.nan
    n_wraps, n_anew = int(wraps.sum()), int(anew.sum())
    return Unwrapped(readings, drops.size - n_wraps - n_anew, n_wraps, n_anew, every[0].size - kept.size)


def count_increase(readings: Floats, indptr: Integers) -> Floats:
    """Return the increase since the step before, NaN for the first step of a series and wherever either is unknown.

    `readings` (R,) on the grid; over a gap nobody knows when the meter rose, so nothing is spread over it.
    """
    increase = np.full(readings.size, np.nan)
    increase[1:] = np.diff(readings)
    increase[indptr[:-1][np.diff(indptr) > 0]] = np.nan
    return increase


def only_rises(column: Floats, series: Integers) -> bool:
    """Return whether a column looks like a meter: from 0 or above it rises, stands, and next to never falls."""
    if column.size > 2 * _HEAD and not only_rises(column[:_HEAD], series[:_HEAD]):
        return False  # most columns are told by their head
    known = ~np.isnan(column)
    values, codes = column[known], series[known]
    if values.size < _FEWEST or values.min() < 0:
        return False
    within = np.diff(codes) == 0
    steps = np.diff(values)[within]
    up, down = int(np.count_nonzero(steps > 0)), int(np.count_nonzero(steps < 0))
    most = _MOST_DROPS * steps.size
    if down == 1 > most:  # a short file with one reset
        place = int(np.flatnonzero((np.diff(values) < 0) & within)[0])
        most = int(values[place + 1] <= _RESET * values[place])
    return up >= max(2, 0.05 * steps.size) and down <= most


def _find_drops(values: Floats, codes: Integers) -> Integers:
    """Return where a value is below the one before it, in the same series."""
    return np.flatnonzero((np.diff(values) < 0) & (np.diff(codes) == 0)) + 1


def _find_largest(values: Floats, codes: Integers, drops: Integers) -> Floats:
    """Return the largest increase between two readings of the same meter until each drop; infinity where there is none.

    Increases beside a drop do not count. Where there were fewer than twenty before, the first twenty do: but for these
    no reading is judged by what came later, so that the test part changes nothing in the training part.
    """
    largest = np.full(drops.size, np.inf)
    if not drops.size:
        return largest
    rows = _find_rises(values, codes)
    heads = np.flatnonzero(np.diff(codes[rows], prepend=-1))
    sizes = np.split(values[rows] - values[rows - 1], heads[1:])
    running = np.concatenate([np.maximum.accumulate(each) for each in sizes])
    first, last = (np.searchsorted(codes[rows], codes[drops], side) for side in ("left", "right"))
    until = np.minimum(np.maximum(np.searchsorted(rows, drops), first + _ENOUGH), last)
    largest[until > first] = running[until[until > first] - 1]
    return largest


def _find_rises(values: Floats, codes: Integers) -> Integers:
    """Return the readings above the one before them, but for those with a drop before or after."""
    moved = np.flatnonzero((np.diff(values) != 0) & (np.diff(codes) == 0)) + 1  # where the meter stood was no step
    falls = values[moved] < values[moved - 1]
    beside = falls.copy()
    beside[1:] |= falls[:-1]
    beside[:-1] |= falls[1:]
    return moved[~beside]


def _find_slips(values: Floats, codes: Integers) -> Flags:
    """Return which readings stand too low, before the meter goes on from the reading before them.

    They are runs of one value, as of a lone 0: up from them leads a step larger than the meter ever makes.
    """
    slips = np.zeros(values.size, dtype=np.bool_)
    drops = _find_drops(values, codes)
    if drops.size == 0:
        return slips
    heads = np.flatnonzero((np.diff(values, prepend=np.nan) != 0) | (np.diff(codes, prepend=-1) != 0))
    ends = np.append(heads[1:], values.size)[np.searchsorted(heads, drops)]  # after the run that begins with the drop
    follows = ends < values.size
    drops, ends = drops[follows], ends[follows]
    largest = _find_largest(values, codes, drops)
    back = (codes[ends] == codes[drops]) & (values[ends] >= values[drops - 1])
    back &= values[ends] - values[drops] > _PLAUSIBLE * largest
    back &= values[ends] - values[drops - 1] <= _PLAUSIBLE * largest * (ends - drops + 1)
    for begin, end in zip(drops[back], ends[back], strict=True):
        slips[begin:end] = True
    return slips


def _measure_nearness(power: Floats, largest: Floats) -> Floats:
    """Return how close to a wrap a reading lies before and after it: 2 %, or a step of a register as small as 256."""
    step = np.where(np.isfinite(largest), largest, 0.0)
    return np.maximum(_NEAR * power, np.minimum(step, 0.1 * power))


def _shift(places: Integers, amounts: Floats, codes: Integers) -> Floats:
    """Return (n,): the sum of the amounts up to each row, from 0 in every series."""
    steps = np.zeros(codes.size)
    steps[places] = amounts
    total = np.cumsum(steps)
    heads = np.flatnonzero(np.diff(codes, prepend=-1))
    return total - np.repeat(total[heads], np.diff(np.append(heads, codes.size)))
