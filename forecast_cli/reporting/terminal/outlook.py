"""A forecast as a plot: what was measured before, the forecast after it, and the bands of its intervals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forecast_cli.reporting.terminal.canvas import LINE, Band, Curve, Frame, draw_canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.report import Outlook

HEIGHT = 12  # lines of a plot
LEAST_WIDTH = 40  # characters: nothing can be seen in less
HORIZONS_BEFORE, LEAST_BEFORE = 2, 24  # steps of history in a plot
LABEL_WIDTH = 20  # characters that a label below the axis needs
SHADES = ("▒", "░")  # of the narrowest interval, and of the widest
MEASURED, FORECAST, FORECAST_COLOR = "measured", "forecast", 6  # cyan
PLAIN_LINE, POINT = "*", "•"


class Place(NamedTuple):
    """One target of one series."""

    series: int
    target: int
    title: str


def list_places(outlook: Outlook) -> list[Place]:
    """Return the targets of all series that have something to be seen."""
    forecast, several = outlook.forecast, len(outlook.forecast.series_ids) > 1
    known = np.isfinite(forecast.point).any(axis=1) | np.isfinite(outlook.recent).any(axis=1)  # (S, T)
    return [
        Place(n, t, f"{forecast.targets[t]} of {forecast.series_ids[n]}" if several else forecast.targets[t])
        for n, t in np.argwhere(known).tolist()
    ]


def draw_outlook(outlook: Outlook, series: int, target: int, width: int, *, unicode: bool = True) -> str:
    """Return the plot of one target of one series, so many characters wide; "" where there is nothing to be seen."""
    forecast = outlook.forecast
    steps = np.array(forecast.steps, dtype=np.float64)
    recent = outlook.recent[series, :, target].astype(np.float64)
    before = min(len(recent), max(HORIZONS_BEFORE * len(steps), LEAST_BEFORE) + 1)
    if width < LEAST_WIDTH or not before or not len(steps):
        return ""
    bands = [
        Band(steps, forecast.lower[k, series, :, target], forecast.upper[k, series, :, target], shade)
        for k, shade in reversed(choose_shades(forecast.levels))
    ]
    history = Curve(np.arange(1.0 - before, 1.0), recent[-before:], LINE if unicode else PLAIN_LINE)
    course = Curve(steps, forecast.point[series, :, target], POINT, FORECAST_COLOR)
    labels = _label_places(outlook, series, before, width)
    return draw_canvas([*bands, history, course], Frame(width, HEIGHT, labels, line=0.0))


def explain_marks(levels: Sequence[int]) -> str:
    """Return what the characters of a plot stand for."""
    shades = [f"{shade} {levels[k]} % interval" for k, shade in choose_shades(levels)]
    return "   ".join([f"⠤⠒ {MEASURED}", f"{POINT} {FORECAST}", *shades, "┊ cutoff"])


def choose_shades(levels: Sequence[int]) -> list[tuple[int, str]]:
    """Return the place of the narrowest and of the widest level, and how each is shaded."""
    if len(levels) < 2:
        return list(enumerate(SHADES[: len(levels)]))
    return [(0, SHADES[0]), (len(levels) - 1, SHADES[1])]


def shorten_stamps(stamps: Sequence[str]) -> list[str]:
    """Return printed instants without what all of them share: offset, seconds and year."""
    times = [re.sub(r"(Z|[+-]\d\d:\d\d)$", "", stamp) if "T" in stamp else stamp for stamp in stamps]
    if all(re.search(r"T\d\d:\d\d:00$", time) for time in times):
        times = [time[: -len(":00")] for time in times]
    if all("T" in time for time in times) and len({time[:5] for time in times}) == 1:
        times = [time[len("2026-") :] for time in times]
    return [time.replace("T", " ") for time in times]


def _label_places(outlook: Outlook, series: int, before: int, width: int) -> dict[float, str]:
    """Return what stands below the axis: the begin, the middle and the end of the history, the end of the forecast."""
    forecast, stamps = outlook.forecast, outlook.recent_timestamps[series]
    first = before - 1
    places = sorted({-first, -(first // 2), 0})
    shown = [stamps[place - 1] for place in places]
    last = forecast.steps[-1]
    if last / (first + last) * width >= LABEL_WIDTH:
        places, shown = [*places, last], [*shown, forecast.timestamps[series][-1]]
    return dict(zip(map(float, places), shorten_stamps(shown), strict=True))
