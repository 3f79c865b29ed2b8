"""A column's shape in one line of text."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"


def draw_sparkline(values: Sequence[float | None], span: tuple[float, float] | None = None, blank: str = " ") -> str:
    """Return a block per value, the least at the bottom and the greatest at the top; a blank where there is none.

    `span`: what lies at the bottom and at the top, where several lines are to be compared.
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = span or (min(known), max(known))
    return "".join(blank if value is None else _choose_block(value, low, high) for value in values).rstrip()


def average_stretches(values: Sequence[float | None], most: int) -> list[float | None]:
    """Return the means of at most so many stretches of one length; None where a stretch has no value."""
    count = min(most, len(values))
    borders = [len(values) * k // count for k in range(count + 1)] if count else []
    return [_average([value for value in values[a:b] if value is not None]) for a, b in pairwise(borders)]


def _average(known: Sequence[float]) -> float | None:
    if not known:
        return None
    mean = sum(value / len(known) for value in known)  # shares: no sum overflows
    return min(max(mean, min(known)), max(known))  # the share of the smallest of all numbers is 0


def _choose_block(value: float, low: float, high: float) -> str:
    share = 0.5 if high <= low else (value / 2 - low / 2) / (high / 2 - low / 2)  # halves: no sum overflows
    return BLOCKS[min(max(int(share * len(BLOCKS)), 0), len(BLOCKS) - 1)]
