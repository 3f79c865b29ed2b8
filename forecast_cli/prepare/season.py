"""Seasons: the natural ones of a frequency, where the autocorrelation confirms them; else what it shows by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from forecast_cli.types import Floats, Panel

DEPTH = 0.9  # how far the variogram must dip at a season, against half a season off
MOST_COLUMNS = 64  # series x targets looked at
CYCLES = 8  # how often a season that is nobody's calendar must have been seen
LEAST_CORRELATION = 0.2
LEAST_VALUES = 16
LEAST_DIP = 1e-3  # of the variance: a flat line of zeros has no dip


def find_seasons(panel: Panel, until: int, natural: Sequence[int]) -> tuple[int, ...]:
    """Return the seasons in steps, shortest first, found in the rows before step `until`; () where there is none.

    `natural` are the frequency's own (day, week, year), shortest first. A lag k is a season when values k apart are
    more alike than values half a season more or less apart: gamma(k) <= 0.9 (gamma(k - k/2) + gamma(k + k/2)) / 2, and
    lower still by three standard errors of n independent values, 3 sqrt(2 / n), so that noise does not pass for one,
    with the variogram gamma(k) = mean (x[t] - x[t-k])^2 / 2, the autocorrelation made safe against trends (Cressie,
    Statistics for Spatial Data, 1993, 2.4). Without a season gamma is concave, so that it never dips. Off-season lags
    are whole multiples of the next shorter natural season, so that a day does not pass for a week. Without a natural
    season the first peak of the autocorrelation is tried.
    """
    columns = _training_columns(panel, until)
    units = (1, *natural)
    found = [lag for lag, unit in zip(natural, units, strict=False) if _is_season(columns, lag, unit)]
    if not found:
        found = [lag for lag in _first_peaks(columns) if _is_season(columns, lag, 1, np.minimum)][:1]
    return tuple(found)


def with_season(panel: Panel, season: int) -> Panel:
    """Return the panel with its season length set."""
    return replace(panel, season_length=season)


def _training_columns(panel: Panel, until: int) -> list[Floats]:
    """Return up to 64 target columns, longest series first, as float64 with NaN where not observed."""
    order = np.argsort(-np.diff(panel.indptr), kind="stable")
    columns = []
    for i in order[: max(1, MOST_COLUMNS // panel.n_targets)]:
        begin = panel.indptr[i]
        end = min(panel.indptr[i + 1], begin + max(0, until - panel.start[i]))
        for t in range(panel.n_targets):
            column = np.where(panel.observed[begin:end, t], panel.values[begin:end, t], np.nan).astype(np.float64)
            if np.isfinite(column).sum() < LEAST_VALUES:
                continue
            residual = _take_off_line(column)
            if np.nanstd(residual) > 1e-6 * np.nanstd(column):
                columns.append(residual / np.nanstd(residual))
    return columns


def _take_off_line(column: Floats) -> Floats:
    """Return the column less its least-squares straight line."""
    t = np.arange(len(column), dtype=np.float64)
    known = np.isfinite(column)
    return column - np.polyval(np.polyfit(t[known], column[known], 1), t)


def _variogram(columns: list[Floats], lag: int) -> float:
    """Return half the mean squared difference of values `lag` apart, over all columns long enough; NaN if none is."""
    pieces = [column[lag:] - column[:-lag] for column in columns if len(column) >= 2 * lag]
    squares = [np.nanmean(piece**2) for piece in pieces if np.isfinite(piece).any()]
    return float(np.mean(squares)) / 2 if squares else float("nan")


def _mean(a: float, b: float) -> float:
    return (a + b) / 2


def _is_season(columns: list[Floats], lag: int, unit: int, combine: Callable[[float, float], float] = _mean) -> bool:
    """Does the variogram dip at `lag`? A lag that no calendar names must dip below both sides (`np.minimum`)."""
    if lag < 2 or (unit > 1 and lag < 2 * unit):
        return False
    shift = max(unit, unit * round(lag / 2 / unit))
    here, before, after = (_variogram(columns, k) for k in (lag, lag - shift, lag + shift))
    if np.isnan(after):  # too short to look beyond the season
        after = before
    chance = 3 * np.sqrt(2 / max(1, sum(len(column) - lag for column in columns if len(column) >= 2 * lag)))
    return bool(here + LEAST_DIP <= (DEPTH - chance) * combine(before, after)) if lag > shift else False


def _first_peaks(columns: list[Floats]) -> list[int]:
    """Return the lags of the highest local peaks of the mean autocorrelation, shortest first."""
    if not columns:
        return []
    n = min(len(column) for column in columns)
    acf = np.mean([_autocorrelate(column[-n:]) for column in columns], axis=0)[: n // CYCLES + 1]
    inner = acf[1:-1]
    peaks = 1 + np.flatnonzero((inner > acf[:-2]) & (inner >= acf[2:]) & (inner > LEAST_CORRELATION))
    strong = peaks[acf[peaks] >= 0.8 * acf[peaks].max()] if len(peaks) else peaks
    return [int(lag) for lag in strong if lag >= 2]


def _autocorrelate(column: Floats) -> Floats:
    """Return the autocorrelation at lags 0 ... n-1 of a column with mean 0; gaps count as 0."""
    power = np.abs(np.fft.rfft(np.nan_to_num(column), 2 * len(column))) ** 2
    acf = np.fft.irfft(power)[: len(column)]
    return acf / acf[0] if acf[0] > 0 else acf
