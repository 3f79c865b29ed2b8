"""Errors as bars: the longer, the worse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 16  # characters
WORST = 4.0  # times the least error: what is worse has a bar without an end
FULL, HALF, ENDLESS = "━", "╸", "▸"


def draw_bars(errors: Sequence[float | None]) -> list[str]:
    """Return a bar for each error, from 0 on; the longest is that of the largest error, or of four times the least.

    Nothing for an error that is not known.
    """
    known = [error for error in errors if error is not None and math.isfinite(error)]
    least = min((error for error in known if error > 0), default=0.0)
    longest = min(max(known, default=0.0), WORST * least)
    return ["" if error is None or error != error else _draw_bar(error, longest) for error in errors]


def _draw_bar(error: float, longest: float) -> str:
    if error > longest:
        return FULL * (LONGEST - 1) + ENDLESS
    halves = round(2 * LONGEST * (error / longest)) if longest else 0
    return FULL * (halves // 2) + HALF * (halves % 2)
