"""Curves and bands as characters: the only room that imports plotext.

plotext's kernel ends the process on a value that is not finite, and on sizes that its axes cannot hold. So it sees
nothing but figures between 0 and 1, the gaps already cut out, and labels that were made here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from forecast_cli.types import Flags, Floats

UPRIGHT = "┊"
LINE = "braille"  # plotext's code of a thin line, two by four dots to a character
GREY = 8  # of the colours of a terminal
LARGEST = 1e300  # what is drawn of values beyond: the range of two of these is still a number
SMALLEST = 1e-290  # what is less counts as 0
FLAT = 1e-9  # a range this small beside its values is drawn as none


class Curve(NamedTuple):
    """A line of one kind of character; NaN is a gap."""

    x: Floats
    y: Floats
    marker: str = LINE
    color: int | None = None  # None: as text


class Band(NamedTuple):
    """All characters between two lines; nothing where one of them is NaN, or where they are the wrong way round."""

    x: Floats
    lower: Floats
    upper: Floats
    marker: str
    color: int | None = GREY


@dataclass(frozen=True)
class Frame:
    """What surrounds the curves."""

    width: int  # characters, labels and axes counted
    height: int
    labels: Mapping[float, str]  # below the axis, by place
    line: float | None = None  # where a vertical line stands


def draw_canvas(shapes: Sequence[Curve | Band], frame: Frame) -> str:
    """Return lines of text with escape sequences for colours: the last shape lies on top; "" where there is nothing."""
    points = [_list_points(shape) for shape in shapes]
    if not any(len(x) for x, _ in points):
        return ""
    x_range = _find_range(np.concatenate([*(x for x, _ in points), list(frame.labels)]))
    y_range = _find_range(np.concatenate([y for _, y in points]))
    import plotext

    plotext.terminal.limit(False, False)  # else it is cut to the terminal that plotext believes in
    figure = plotext.figure.clear()
    figure.theme("colorless").canvas("default").plot_size(frame.width, frame.height)
    if frame.line is not None:
        _draw_line(figure, float(_scale(np.array([frame.line]), x_range)[0]))
    for shape in shapes:
        _draw_shape(figure, shape, x_range, y_range, 2 * frame.width)
    _draw_frame(figure, frame, x_range, y_range)
    return str(figure.build().string())


def choose_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return round values from low to high, at most so many of them, and their texts."""
    size = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(size * k for k in (1, 2, 5, 10, 20) if (high - low) / (size * k) <= most - 1)
    places = [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
    digits = max(0, -math.floor(math.log10(step) + FLAT))
    is_plain = digits <= 6 and max(abs(low), abs(high)) < 1e7
    return [(place, f"{place:.{digits}f}" if is_plain else f"{place:.4g}") for place in places]


def _list_points(shape: Curve | Band) -> tuple[Floats, Floats]:
    """Return places and values of what is drawn of a shape."""
    if isinstance(shape, Curve):
        known = np.isfinite(shape.y)
        return shape.x[known], _bound(shape.y[known])
    known = _find_drawn(shape)
    return np.tile(shape.x[known], 2), _bound(np.concatenate([shape.lower[known], shape.upper[known]]))


def _find_drawn(band: Band) -> Flags:
    return np.isfinite(band.lower) & np.isfinite(band.upper) & (band.lower <= band.upper)


def _bound(values: Floats) -> Floats:
    return np.clip(np.asarray(values, np.float64), -LARGEST, LARGEST)


def _find_range(values: Floats) -> tuple[float, float]:
    """Return the least and the greatest value, some way apart."""
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    if high - low > max(FLAT * size, SMALLEST):
        return low, high
    margin = 0.1 * size if size > SMALLEST else 1.0
    return low - margin, high + margin


def _scale(values: Floats, span: tuple[float, float]) -> Floats:
    return (_bound(values) - span[0]) / (span[1] - span[0])


def _draw_line(figure: Any, place: float) -> None:
    import plotext

    line = figure.signal([place, place], [0.0, 1.0], marker=plotext.marker(UPRIGHT, GREY))
    figure.draw(line.density("full").lines())


def _draw_shape(
    figure: Any, shape: Curve | Band, x_range: tuple[float, float], y_range: tuple[float, float], columns: int
) -> None:
    """Draw a curve run by run, so that a gap stays one; a band on so many columns, so that it has no holes."""
    import plotext

    marker = plotext.marker(shape.marker, shape.color)

    def add(x: Floats, y: Floats) -> Any:
        places, values = _scale(x, x_range).tolist(), _scale(y, y_range).tolist()
        return figure.signal(places, values, marker=marker).density("full")

    if isinstance(shape, Curve):
        for run in _list_runs(np.isfinite(shape.y)):
            figure.draw(add(shape.x[run], shape.y[run]).lines())
        return
    for run in _list_runs(_find_drawn(shape)):
        x = np.linspace(shape.x[run][0], shape.x[run][-1], columns)
        lower, upper = (np.interp(x, shape.x[run], _bound(each[run])) for each in (shape.lower, shape.upper))
        figure.draw(add(x, upper).fill(add(x, lower)))


def _list_runs(known: Flags) -> Iterator[slice]:
    """Yield the stretches without a gap."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    yield from (slice(int(first), int(stop)) for first, stop in zip(edges[::2], edges[1::2], strict=True))


def _draw_frame(figure: Any, frame: Frame, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
    """Draw axes on the left and below, and their labels."""
    ticks = choose_ticks(*y_range, max(2, frame.height // 2))
    heights = _scale(np.array([place for place, _ in ticks]), y_range)
    figure.ruler("x").lim(0, 1).ticks(
        _scale(np.array(list(frame.labels)), x_range).tolist(), list(frame.labels.values())
    )
    figure.ruler("y").lim(0, 1).ticks(heights.tolist(), [text for _, text in ticks])
    figure.axes(False, side="upper", axis="x").axes(False, side="right", axis="y")
