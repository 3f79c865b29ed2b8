"""Gaps of one column on the grid: filled, and not called observed unless the logger is known to write on change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from forecast_cli.frequency import DAY, count_steps, natural_seasons, parse_freq

if TYPE_CHECKING:
    from forecast_cli.types import Flags, Floats, Integers, ReadingOptions

MAX_GAP = 3  # steps
_SEASON_SHARE = 8  # a gap of more than an eighth of a season hides a part of its shape
_LEAST_HELD = 24  # steps that a value is held at least, where a day is shorter or unknown


@dataclass(frozen=True)
class Filling:
    """How gaps are filled."""

    max_gap: int  # steps
    fill: Literal["linear", "hold"]


def choose_filling(options: ReadingOptions, freq: str) -> Filling:
    """Return how gaps are filled: as asked, else up to 3 steps and an eighth of the shortest natural season.

    Whether a day is a season of the data is found later, so that the season is the frequency's own: a day below
    steps of 12 hours, else a week or a year. A single missing step is always filled. With `hold` a value stands for a
    day, or for 24 steps where those are longer: a logger that writes on change may be silent so long, and what lasts
    longer may be the silence of a dead one. UsageError where --max-gap is a time that is no whole number of steps.
    """
    if options.max_gap is not None:
        return Filling(count_steps(options.max_gap, freq, "--max-gap"), options.fill)
    if options.fill == "hold":
        step = parse_freq(freq).microseconds
        return Filling(max(_LEAST_HELD, DAY // step if step else 0), "hold")
    seasons = natural_seasons(freq)
    return Filling(max(1, min(MAX_GAP, seasons[0] // _SEASON_SHARE)) if seasons else MAX_GAP, "linear")


def choose_way(how: Filling, name: str, options: ReadingOptions) -> Filling:
    """Return how the gaps of one column's channels are filled: a reading may stand, an increase does not."""
    return replace(how, fill="linear") if name in options.counters else how


def find_gaps(observed: Flags, indptr: Integers) -> tuple[Integers, Integers]:
    """Return the first row and the row after the last of every run of rows that were not observed, none across series.

    observed (R,), indptr (N+1,) -> starts (G,), ends (G,).
    """
    missing = ~observed
    first = missing.copy()
    first[1:] &= observed[:-1]
    heads = indptr[:-1][np.diff(indptr) > 0]
    first[heads] = missing[heads]
    last = missing.copy()
    last[:-1] &= observed[1:]
    tails = indptr[1:][np.diff(indptr) > 0] - 1
    last[tails] = missing[tails]
    return np.flatnonzero(first), np.flatnonzero(last) + 1


def fill_gaps(values: Floats, observed: Flags, indptr: Integers, how: Filling) -> tuple[Floats, int]:
    """Return the column without holes after its first value, and how many rows were interpolated.

    values (R,) in float64, NaN where not observed. Gaps up to max_gap steps with a value on both sides are interpolated
    linearly (`linear`); all others carry the last value. Before a series' first value stays NaN.
    """
    if observed.all():
        return values, 0
    starts, ends = find_gaps(observed, indptr)
    series = np.searchsorted(indptr, starts, side="right") - 1
    follows = starts > indptr[series]  # something was observed before
    closes = ends < indptr[series + 1]  # and after
    starts, ends, closes = starts[follows], ends[follows], closes[follows]
    lengths = ends - starts
    filled = values.copy()
    filled[_count_up(starts, lengths)] = np.repeat(values[starts - 1], lengths)
    short = closes & (lengths <= how.max_gap) & (how.fill == "linear")
    starts, ends, lengths = starts[short], ends[short], lengths[short]
    share = _count_up(np.ones_like(lengths), lengths) / np.repeat(lengths + 1, lengths)
    before, after = np.repeat(values[starts - 1], lengths), np.repeat(values[ends], lengths)
    filled[_count_up(starts, lengths)] = before * (1 - share) + after * share
    return filled, int(lengths.sum())


def mark_known(observed: Flags, indptr: Integers, how: Filling) -> Flags:
    """Return which rows count as observed: those that were, and with `hold` those where a value stood.

    A logger that writes on change says by its silence that the value stands: up to max_gap steps after a value it is as
    well known as if it had been repeated, however long the silence turns out to be, since nobody knew that then. An
    interpolated value is never known.
    """
    if how.fill != "hold":
        return observed
    starts, ends = find_gaps(observed, indptr)
    series = np.searchsorted(indptr, starts, side="right") - 1
    stood = starts > indptr[series]
    known = observed.copy()
    known[_count_up(starts[stood], np.minimum(ends - starts, how.max_gap)[stood])] = True
    return known


def hold_known(values: Floats, indptr: Integers, how: Filling) -> Floats:
    """Return the column with the values that stand where it is silent, NaN where nothing is known.

    A meter that writes on change counts nothing while it is silent: its reading stands.
    """
    observed = ~np.isnan(values)
    known = mark_known(observed, indptr, how)
    return values if known is observed else np.where(known, fill_gaps(values, observed, indptr, how)[0], np.nan)


def _count_up(starts: Integers, lengths: Integers) -> Integers:
    """Return start, start + 1, ... of each run, end to end."""
    return np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
