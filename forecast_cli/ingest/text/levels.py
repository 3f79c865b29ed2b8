"""Headers of two lines: `Temp` above `Out`, the station above what it measures."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from forecast_cli.ingest.text.cells import is_number
from forecast_cli.ingest.text.units import is_bracketed, is_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.text.header import ColumnKind
    from forecast_cli.ingest.text.records import Record


def find_levels(
    records: Sequence[Record], names: int, first: int, columns: Sequence[ColumnKind]
) -> tuple[int, int] | None:
    """Return the two records that name the columns together, of which `names` is one; None where it does alone."""
    for upper, lower in ((names - 1, names), (names, names + 1)):
        if upper >= 0 and lower < first and _are_levels(records[upper], records[lower], columns):
            return upper, lower
    return None


def join_levels(upper: Record, lower: Record) -> list[str]:
    """Return the names that two lines give."""
    return [f"{above.strip()} {below.strip()}".strip() for above, below in zip_longest(upper, lower, fillvalue="")]


def _are_levels(upper: Record, lower: Record, columns: Sequence[ColumnKind]) -> bool:
    """Return whether only the lower one names the time, both most of the rest, and neither gives units or numbers."""
    width = len(columns)
    if not 1 < len(upper) == len(lower) <= width:
        return False
    kinds = [column.kind for column in columns]
    pairs = list(zip_longest(map(str.strip, upper), map(str.strip, lower), [""] * width, fillvalue=""))
    times = [pair[:2] for kind, pair in zip(kinds, pairs, strict=True) if kind == "stamp"]
    rest = [pair[:2] for kind, pair in zip(kinds, pairs, strict=True) if kind != "stamp"]
    if not times or not rest or any(above or not below for above, below in times):
        return False
    above, below = [cell for cell, _ in rest if cell], [cell for _, cell in rest if cell]
    if 2 * min(len(above), len(below)) < len(rest) or any(map(is_number, (*above, *below))):
        return False
    units = sum(is_unit(cell) or is_bracketed(cell) for cell in below)
    return len(set(above)) < len(above) or 2 * units < len(below)
