"""Loggers that keep no single step: several sampling rates in one file, and rows so rare that a grid stays empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import Freq, build_freq
from forecast_cli.ingest.time.timeline import JITTER, NICE, are_equal, choose_nice, find_mode

if TYPE_CHECKING:
    from forecast_cli.types import Integers

_RUN = 12  # rows on end that keep a step, for it to be a sampling rate
_MUCH = 0.25  # share of the time
_FILLED = 0.9  # share of the steps
_STEADY = 0.98  # share of the distances that are about the same


def find_rates(stamps: Integers, series: Integers) -> list[tuple[Freq, float]]:
    """Return the steps of a logger that was set to several, the coarsest first, each with its share of the time.

    Only steps that hold for a dozen rows on end, again and again, for a quarter of the time or more; and none unless
    the coarsest of them is coarser than the most frequent one: then a grid of that would be empty over long stretches.
    """
    apart = np.diff(stamps)
    apart = apart[(np.diff(series) == 0) & (apart > 0)]
    if apart.size < 2 * _RUN or are_equal(apart):
        return []
    if np.mean(np.abs(apart - np.median(apart)) <= JITTER * apart) >= _STEADY:
        return []
    heads = np.append(0, np.flatnonzero(np.abs(np.diff(np.log(apart))) > np.log1p(2 * JITTER)) + 1)
    lengths, spans = np.diff(heads, append=apart.size), np.add.reduceat(apart, heads)
    steady = lengths >= _RUN
    steps = [choose_nice(float(step)) for step in (spans / lengths)[steady]]
    found = {step: float(spans[steady][np.array(steps) == step].sum()) for step in set(steps)}
    shares = {step: span / sum(found.values()) for step, span in found.items()}
    rates = sorted((step for step, share in shares.items() if share >= _MUCH), reverse=True)
    if len(rates) < 2 or rates[0] < 1.5 * find_mode(apart):
        return []
    return [(build_freq(step), shares[step]) for step in rates]


def suggest_coarser(stamps: Integers, series: Integers, freq: Freq) -> Freq | None:
    """Return a step that would gather rows which leave over a quarter of the grid empty; None where all is well.

    The finest one of which nearly every step has a row, long gaps aside.
    """
    step = freq.microseconds
    if step is None or _measure_fill(stamps, series, step, aside=False) >= 1 - _MUCH:
        return None
    coarser = [nice for nice in NICE if 2 * step <= nice <= _RUN * step and nice % step == 0]
    found = next((nice for nice in coarser if _measure_fill(stamps, series, nice, aside=True) >= _FILLED), None)
    return None if found is None else build_freq(found)


def _measure_fill(stamps: Integers, series: Integers, step: int, *, aside: bool) -> float:
    """Return the share of the steps that hold a row; `aside`: without gaps of a dozen steps and more."""
    apart, same = np.diff(stamps // step), np.diff(series) == 0
    counted = same & (apart < _RUN) if aside else same
    return float(np.count_nonzero(apart[counted]) / max(apart[counted].sum(), 1))
