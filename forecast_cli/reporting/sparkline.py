"""A column's shape in one line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"


def draw_sparkline(values: Sequence[float | None]) -> str:
    """Return a block per value, the least at the bottom and the greatest at the top; a blank where there is none."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    return "".join(" " if value is None else _choose_block(value, low, high) for value in values).rstrip()


def _choose_block(value: float, low: float, high: float) -> str:
    share = 0.5 if high <= low else (value / 2 - low / 2) / (high / 2 - low / 2)  # halves: no sum overflows
    return BLOCKS[min(int(share * len(BLOCKS)), len(BLOCKS) - 1)]
