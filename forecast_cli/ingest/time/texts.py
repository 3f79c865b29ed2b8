"""The ways to read stamps that are written as text, as the sampled cells of a column show them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.ingest.text.cells import is_missing
from forecast_cli.ingest.time.readings import Cells, StampReading, read_formats, read_iso
from forecast_cli.ingest.time.spellings import tell_spelling, write_simple
from forecast_cli.ingest.time.stamps import Stamp, name_format, parse_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.scan.table import Scan

_ORDERS = {  # where the day and the month stand in 03/04/20, and how strptime writes it
    "day": (0, 1, "%d{s}%m{s}{y}"),
    "month": (1, 0, "%m{s}%d{s}{y}"),
    "year": (2, 1, "%y{s}%m{s}%d"),
}
_FITS = 0.9  # share of the sampled cells; the whole column is judged later
_PROBED = 32  # cells that are looked at first


def propose_texts(cells: Cells, day_first: bool | None) -> list[StampReading]:
    """Return the readings of stamps written as text; without their columns."""
    if not cells.stamps:
        return []
    family = Counter(stamp.family for stamp in cells.stamps).most_common(1)[0][0]
    cells = replace(cells, stamps=tuple(stamp for stamp in cells.stamps if stamp.family == family))
    if family == "ordered":
        return _propose_orders(cells, day_first)
    if family == "week":
        dates = ["%G-W%V-%u", "%GW%V%u"]
        even = f"regexp_replace(upper({cells.trimmed}), '^(\\d{{4}})(-?)(W\\d{{2}})$', '\\1\\2\\3\\21')"
        return [read_formats("yyyy-Www", Cells(even, even, cells.stamps), dates)]
    if family == "year first" and not any("%p" in stamp.clock for stamp in cells.stamps):
        return [read_iso(cells)]
    return [read_formats(name_format(cells.stamps[0].date), cells)]


def take_cells(scan: Scan, k: int) -> Cells:
    """Return the cells of a column, with how the sampled ones are written."""
    raw = f"c{k}" if scan.types[k] == "VARCHAR" else scan.text(k)
    stamps = parse_all(scan.samples[k])
    if any(stamp.is_simplified for stamp in stamps):
        simple = write_simple(scan.text(k), scan.samples[k])
        return Cells(simple, simple, stamps, tell_spelling(scan.samples[k]))
    return Cells(raw, scan.text(k), stamps)


def parse_all(cells: Sequence[str]) -> tuple[Stamp, ...]:
    """Return how these cells write instants; () where over a tenth of them write none."""
    known = [cell for cell in cells if not is_missing(cell)]
    few = known[:: max(len(known) // _PROBED, 1)]
    if 2 * sum(parse_stamp(cell) is not None for cell in few) < len(few):
        return ()  # numbers, mostly: no need to look at all of them
    stamps = [stamp for stamp in map(parse_stamp, known) if stamp is not None]
    return tuple(stamps) if len(stamps) >= _FITS * len(known) else ()


def _propose_orders(cells: Cells, day_first: bool | None) -> list[StampReading]:
    """Return the readings of 03/04/2020: the day first, the month first, or both where the sample fits both.

    The year first, as in 20-04-03, is a last resort: it reads 01.02.20 ... 28.02.20 as one day of 28 years.
    """
    if day_first is not None:
        return [_read_order(cells, "day" if day_first else "month")]
    short = all("%y" in stamp.date for stamp in cells.stamps)
    fitting = [order for order in _ORDERS if (short or order != "year") and _measure_fit(cells, order) >= _FITS]
    readings = [_read_order(cells, order) for order in fitting]
    return [replace(r, is_last_resort=k > 0 and fitting[k] == "year") for k, r in enumerate(readings)]


def _measure_fit(cells: Cells, order: str) -> float:
    """Return the share of the sampled dates that exist in this order."""
    day, month, _ = _ORDERS[order]
    numbers = [stamp.numbers for stamp in cells.stamps if stamp.numbers is not None]
    return sum(1 <= part[day] <= 31 and 1 <= part[month] <= 12 for part in numbers) / len(cells.stamps)


def _read_order(cells: Cells, order: str) -> StampReading:
    stamps = tuple(replace(stamp, date=_turn(stamp.date, order)) for stamp in cells.stamps)
    usual = Counter(stamp.date for stamp in stamps).most_common(1)[0][0]
    return replace(read_formats(name_format(usual), replace(cells, stamps=stamps)), is_ordered=True)


def _turn(date: str, order: str) -> str:
    """Return the format of a date with the day first in another order."""
    return re.sub(r"%d(\W+)%m\W+(%[yY])", lambda match: _ORDERS[order][2].format(s=match[1], y=match[2]), date)
