"""The step of the time axis, and the grid that all rows are put on. Instants are int64 microseconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import DAY, UNITS, Freq, build_freq, count_months, parse_freq

if TYPE_CHECKING:
    from forecast_cli.types import Integers, ReadingOptions

NICE = sorted(  # steps that people choose
    [count * UNITS["ms"] for count in (1, 2, 5, 10, 20, 25, 40, 50, 100, 200, 250, 500)]
    + [count * UNITS["s"] for count in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)]
    + [count * UNITS["min"] for count in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)]
    + [count * UNITS["h"] for count in (1, 2, 3, 4, 6, 8, 12)]
    + [DAY, UNITS["W"]]
)
_MONDAY = 4 * DAY  # weeks that are counted from 1970 begin on Thursdays; people's begin on Mondays
_MOST_IN_ROUND = 6  # sensors
_ROUND_FEWEST = 0.55  # share of the rows of one distance, from which on it is the step
_ROUND_APART = 3  # times the short distances that the long ones are
_ROUND_MOST = 0.95  # share of the rounds that are equally long
_EXACT = 1e-5  # of a step: no more does a clock go wrong
_DIGITS = 100  # of a unit: a step that nobody chose is told no more closely
_LONGEST = 1_000 * 366 * DAY
JITTER = 0.1  # of a step: further off is counted
GATHERS = 1.5  # times the step of the rows: a grid that is coarser than this gathers them


@dataclass(frozen=True, eq=False)
class Grid:
    """The regular time axis of all series."""

    origin: np.datetime64 | None
    freq: Freq
    steps: Integers  # (rows,): where each row of the file lies, counted from the origin
    off_grid: int  # rows more than a tenth of a step away
    gathers: bool = False  # several rows make up a step, each lies in the one that it falls into
    own: Freq | None = None  # the step of the rows themselves; None where it is unknown, or they have several


def infer_step(stamps: Integers, series: Integers) -> Freq | None:
    """Return the modal step of rows sorted by series and time; None if no series has two instants.

    Calendar months where all instants share day and time of day (or are month ends); else the most frequent distance
    where it makes up half of all, else the middle of the densest tenth of distances, as a step that people choose.
    """
    apart = np.diff(stamps)
    apart = apart[(np.diff(series) == 0) & (apart > 0)]
    if apart.size == 0:
        return None
    months = _infer_months(stamps, series) if apart.min() >= 28 * DAY else None
    return months or build_freq(_find_round(stamps, series, apart) or find_mode(apart))


def _find_round(stamps: Integers, series: Integers, apart: Integers) -> int | None:
    """Return how long a round of sensors takes that write rows of their own one after the other; None if none do.

    As of one on the hour and one seven minutes later: no distance is that of most rows, but every second one is.
    Distances that differ less are those of one sensor, as every 1.5 s on a clock of whole seconds.
    """
    if apart.size < 4 * _MOST_IN_ROUND or _share_mode(apart)[1] > _ROUND_FEWEST:
        return None
    low, high = np.quantile(apart, (0.1, 0.9))
    if high < _ROUND_APART * low:
        return None
    for count in range(2, _MOST_IN_ROUND + 1):
        apart = (stamps[count:] - stamps[:-count])[series[count:] == series[:-count]]
        length, share = _share_mode(apart) if apart.size else (0, 0.0)
        if share >= _ROUND_MOST and length > 0:
            return length
    return None


def _share_mode(apart: Integers) -> tuple[int, float]:
    """Return the most frequent distance, and its share."""
    if are_equal(apart):
        return int(apart[0]), 1.0
    values, counts = np.unique(apart, return_counts=True)
    return int(values[counts.argmax()]), float(counts.max() / apart.size)


def are_equal(apart: Integers) -> bool:
    """Return whether all of one or more distances are the same, as in the usual file: told without a sort."""
    return bool(apart.min() == apart.max())


def find_mode(apart: Integers) -> int:
    """Return the most usual distance, tolerant of jitter."""
    if are_equal(apart):
        return int(apart[0])
    values, counts = np.unique(apart, return_counts=True)
    top = int(values[counts.argmax()])
    bins = np.round(np.log(values) / np.log1p(JITTER)).astype(np.int64)
    near = np.abs(bins - np.round(np.log(top) / np.log1p(JITTER))) <= 1
    if counts.max() >= 0.5 * counts[near].sum() and counts.max() > 0.2 * counts.sum():
        return _round_on_average(top, float(np.average(values[near], weights=counts[near])))
    weights = np.bincount(bins - bins.min(), weights=counts)
    dense = np.convolve(weights, np.ones(3), mode="same").argmax() + bins.min()
    inside = np.abs(bins - dense) <= 1
    middle = float(np.median(np.repeat(values[inside], counts[inside])))
    return choose_nice(middle)


def _round_on_average(top: int, mean: float) -> int:
    """Return the step that people choose where the distances are it on average, though not the most frequent one."""
    nice = choose_nice(mean)
    off, mean_off = abs(top / nice - 1), abs(mean / nice - 1)
    return nice if mean_off < _EXACT and _EXACT < off < JITTER else top


def _infer_months(stamps: Integers, series: Integers) -> Freq | None:
    instants = stamps.astype("datetime64[us]")
    into = instants - instants.astype("datetime64[M]").astype("datetime64[us]")
    left = (instants.astype("datetime64[M]") + 1).astype("datetime64[us]") - instants
    same_day = np.unique(into).size == 1
    month_end = bool((left <= np.timedelta64(DAY, "us")).all()) and np.unique(left).size == 1
    if not (same_day or month_end):
        return None
    apart = np.diff(count_months(instants))[np.diff(series) == 0]
    values, counts = np.unique(apart[apart > 0], return_counts=True)
    return Freq(int(values[counts.argmax()]), "MS")


def measure_regularity(stamps: Integers, series: Integers) -> float:
    """Return the share of distances within 1 % of the inferred step, 1 for calendar months; 0 if there is no step."""
    step = infer_step(stamps, series)
    if step is None:
        return 0.0
    if step.microseconds is None:
        return 1.0
    apart = np.diff(stamps)[np.diff(series) == 0]
    return float(np.mean(np.abs(apart - step.microseconds) <= 0.01 * step.microseconds))


def choose_nice(step: float) -> int:
    """Return the step that people choose next to this one; where none is near, itself in three digits of a unit."""
    nice = min(NICE, key=lambda candidate: abs(np.log(candidate / step)))
    if abs(nice / step - 1) <= 0.15:
        return nice
    unit = next((length for length in reversed(UNITS.values()) if step >= _DIGITS * length), 1)
    return max(round(step / unit) * unit, 1)


def choose_freq(options: ReadingOptions, stamps: Integers, series: Integers, label: str) -> tuple[Freq, Freq | None]:
    """Return the step of the grid, and that of the rows themselves, None where there is but one instant.

    Raises DataError where the rows lie further apart than the step asked for, unless the last value is to be held.
    """
    own = infer_step(stamps, series)
    if options.freq is None:
        if own is None:
            raise DataError(
                f"{label} has only one instant, which has no step", "name the step with --freq, or add rows"
            )
        return own, own
    step = parse_freq(options.freq)
    if approximate(step) > _LONGEST:
        raise UsageError(f"--freq {options.freq} is longer than any data", "give the time between two rows, such as 1h")
    ratio = approximate(step) / approximate(own or step)
    if ratio <= 2 / 3 and options.fill != "hold" and stamps.size > 3:
        raise _explain_coarse(str(own), str(step), label, for_model=options.header is not None)
    return step, own


def _explain_coarse(own: str, step: str, label: str, *, for_model: bool) -> DataError:
    if for_model:
        hint = f"give rows that are {step} apart, or train a model on such as these"
        return DataError(f"the rows of {label} are {own} apart, coarser than {step}, the step of the model", hint)
    hint = f"use --freq {own}, or --fill hold if they stand"
    return DataError(f"the rows of {label} are {own} apart, coarser than {step}", hint)


def approximate(step: Freq) -> float:
    """Return about how long a step is, in microseconds."""
    return float(step.microseconds or step.count * 30.4375 * DAY)


def lay_grid(stamps: Integers, freq: Freq, own: Freq | None, shift: int = 0) -> Grid:
    """Return the grid and the step of every row: the nearest one, or the one it lies in where rows are gathered.

    They are gathered where `own`, their own step, is clearly finer. The grid passes through the most usual instants,
    so that an odd row does not move it; where rows are gathered it begins with the hour, the day or the week of a clock
    that is `shift` microseconds ahead of the stamps.
    """
    gathers = own is not None and approximate(freq) / approximate(own) >= GATHERS
    if freq.unit == "MS":
        return _lay_months(stamps, freq, gathers, shift)
    step = freq.microseconds or 1
    monday = _MONDAY if step % UNITS["W"] == 0 else 0
    phase = (monday - shift) % step if gathers else _find_phase(stamps, step)
    shifted = stamps - phase + (0 if gathers else step // 2)
    index = shifted // step
    off = np.abs(stamps - phase - index * step) > JITTER * step
    first = int(index.min())
    origin = np.datetime64(first * step + phase, "us")
    return Grid(origin, freq, index - first, 0 if gathers else int(np.count_nonzero(off)), gathers)


def _lay_months(stamps: Integers, freq: Freq, gathers: bool, shift: int) -> Grid:
    instants = stamps.astype("datetime64[us]")
    if gathers:
        months = count_months((stamps + shift).astype("datetime64[us]")) // freq.count
        origin = np.datetime64(int(months.min()) * freq.count, "M").astype("datetime64[us]")
        return Grid(origin - np.timedelta64(shift, "us"), freq, months - months.min(), 0, gathers)
    origin = instants.min()
    next_day = instants.astype("datetime64[D]") + 1
    if np.array_equal(next_day.astype("datetime64[M]").astype("datetime64[D]"), next_day):
        origin = _go_back_to_31st(origin, freq.count)
    index = (count_months(instants) - count_months(origin)) // freq.count
    return Grid(origin, freq, index, 0)


def _go_back_to_31st(origin: np.datetime64, count: int) -> np.datetime64:
    """Return a month end on a 31st at or before the origin, from which 28 Feb and 30 Apr follow by rule."""
    clock = origin - origin.astype("datetime64[D]").astype("datetime64[us]")
    for k in range(12):
        month = origin.astype("datetime64[M]") - np.timedelta64(k * count, "M")
        last = (month + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
        if last.item().day == 31:
            return last.astype("datetime64[us]") + clock
    return origin


def _find_phase(stamps: Integers, step: int) -> int:
    """Return where in a step the rows stand: their most usual place, else the middle of them in quarters of a step."""
    rest = stamps % step
    if np.all(rest == rest[0]):
        return int(rest[0])
    values, counts = np.unique(rest, return_counts=True)
    if counts.max() >= 0.5 * rest.size:
        return int(values[counts.argmax()])
    turn = np.exp(2j * np.pi * rest / step).mean()
    quarters = round(float(np.angle(turn)) / (np.pi / 2)) if abs(turn) > 0.5 else 0
    return (quarters * step // 4) % step
