"""Where a table begins: the lines above it, the line that names the columns, units under the names, the first row.

A row is data where its cells are what the later rows of the file hold in the same columns. What stands above the first
such row is looked at from below: rows of units and aggregates, then the names, then whatever the logger says of itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.ingest.text.cells import is_missing, is_stamp
from forecast_cli.ingest.text.levels import find_levels
from forecast_cli.ingest.text.numbers import NumberForm, is_blank, read_number
from forecast_cli.ingest.text.records import Record, count_filled, trim
from forecast_cli.ingest.text.units import is_bracketed, is_unit, strip_brackets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.text.cells import Kind

_MOST = 1_000  # records that may stand above the first row of data
_MOST_CELLS = 100_000  # that are looked at to find it
_LOGGERS = {"TOA5": 1, "TOACI1": 1}  # what the first cell says -> record of the names
_AGGREGATES = (
    "avg ave average mean min max minimum maximum smp sample std stddev stdev tot total sum med median wvc win"
)
_TYPES = "ts rn utc local int integer float double real string str varchar numeric number bool boolean text index count"
_TIMES = "date time datetime timestamp"
_HOW = frozenset(_AGGREGATES.split())
_TOLD = frozenset(f"{_AGGREGATES} {_TYPES} {_TIMES}".split())  # of a column, in a row below its name
_LONGEST = 24  # characters of a unit
_STAMP_FORMS = frozenset("ymdhs")
_RULE = re.compile(r"[-=:+_]{2,}")  # drawn between the names and the rows
_COMMENTS = ("#", "%", "//", "!", "'")


@dataclass(frozen=True)
class Top:
    """Where a table begins, in records from the first of the file."""

    names: int | None  # the record that names the columns
    first: int  # the first row of data
    units: tuple[str, ...] = ()  # a cell per column, "" where unknown
    aggregates: tuple[str, ...] = ()  # likewise: Avg, Max, as loggers write below the names
    above: int | None = None  # the record that gives the first half of the names, where two do


@dataclass(frozen=True)
class ColumnKind:
    """What a column holds further down."""

    kind: Kind
    form: NumberForm

    def suits(self, cell: str) -> bool | None:
        """Return whether a cell is what the column holds; None where neither a yes nor a no tells anything."""
        if self.kind not in ("number", "stamp") or is_blank(cell, self.form.missing):
            return None
        return is_stamp(cell) if self.kind == "stamp" else read_number(cell, self.form) is not None


def judge_column(cells: Sequence[str], form: NumberForm) -> ColumnKind:
    """Return what most cells of a column are; where as many are text as not, they are not."""
    known = [cell for cell in cells if not is_blank(cell, form.missing)]
    numbers = sum(read_number(cell, form) is not None for cell in known)
    stamps = sum(is_stamp(cell) for cell in known) if numbers < len(known) else 0
    if not known:
        return ColumnKind("missing", form)
    if 2 * max(numbers, stamps) < len(known):
        return ColumnKind("text", form)
    return ColumnKind("number" if numbers >= stamps else "stamp", form)


def find_top(records: Sequence[Record], columns: Sequence[ColumnKind]) -> Top:
    """Return where the table begins whose later rows hold these kinds."""
    start = _find_first_row(records, columns)
    if start is None:  # nothing but text: the first line that is wide enough names the columns
        names = next((k for k, record in enumerate(records[:_MOST]) if _is_wide(record, columns)), None)
        return Top(names, 0 if names is None else names + 1)
    names = _find_names(records[:start], columns)
    if names is None:
        above = [k for k in range(start) if not _is_data(records[k], columns)]
        return Top(None, above[-1] + 1 if above else 0)
    upper, names = find_levels(records, names, start, columns) or (None, names)
    below = [k for k in range(names + 1, start) if _is_side_row(records[k], records[names], columns)]
    rows = [records[k] for k in below]
    first = below[-1] + 1 if below else names + 1
    return Top(names, first, _read_units(rows, len(columns)), _read_aggregates(rows), upper)


def _find_first_row(records: Sequence[Record], columns: Sequence[ColumnKind]) -> int | None:
    """Return the first record that is data and is followed by another, or by nothing that speaks against it."""
    for k, record in enumerate(records[: min(_MOST, 1 + _MOST_CELLS // len(columns))]):
        if _fits(record, columns):
            after = next((later for later in records[k + 1 : k + 9] if count_filled(later)), None)
            if after is None or _fits(after, columns) or not any(_judge(after, columns)):
                return k
    return None


def _judge(record: Record, columns: Sequence[ColumnKind]) -> tuple[int, int]:
    """Return how many cells are what their columns hold, and how many are not."""
    found = [column.suits(cell) for cell, column in zip(record, columns, strict=False)]
    return found.count(True), found.count(False)


def _fits(record: Record, columns: Sequence[ColumnKind]) -> bool:
    """Return whether a record is data: every stamp a stamp, or without stamps every number a number."""
    if 2 * len(record) <= len(columns):
        return False
    stamps = [column.suits(cell) for cell, column in zip(record, columns, strict=False) if column.kind == "stamp"]
    if True in stamps:
        return False not in stamps
    good, bad = _judge(record, columns)
    return good > 0 and bad == 0


def _is_data(record: Record, columns: Sequence[ColumnKind]) -> bool:
    """Return whether a record above the first good row is one, too: short, or with a cell that is no number."""
    good, bad = _judge(record, columns)
    return good > bad and not any(
        column.suits(cell) is False for cell, column in zip(record, columns, strict=False) if column.kind == "stamp"
    )


def _may_name(record: Record, columns: Sequence[ColumnKind]) -> bool:
    """Return whether a record holds no number where numbers are, or has numbers for names, but none for the time."""
    good, _ = _judge(record, columns)
    return good == 0 or any(
        column.suits(cell) is False for cell, column in zip(record, columns, strict=False) if column.kind == "stamp"
    )


def _is_wide(record: Record, columns: Sequence[ColumnKind]) -> bool:
    return 2 * count_filled(record) > len(columns)


def _find_names(above: Sequence[Record], columns: Sequence[ColumnKind]) -> int | None:
    """Return which of the records above the first row names the columns: the lowest that is no row of units."""
    if above and above[0] and above[0][0].strip() in _LOGGERS and len(above) > 1:
        return _LOGGERS[above[0][0].strip()]
    texts = [k for k, record in enumerate(above) if not _is_data(record, columns)]
    names = [k for k in texts if _is_wide(above[k], columns) and _may_name(above[k], columns)]
    wide = names or [
        k
        for k in (texts or range(len(above)))
        if len(above[k]) >= len(columns) and count_filled(above[k]) >= min(2, len(columns) - 1)
    ]
    while len(wide) > 1 and _is_side_row(above[wide[-1]], above[wide[-2]], columns):
        wide.pop()
    return wide[-1] if wide else None


def _is_side_row(record: Record, names: Record, columns: Sequence[ColumnKind]) -> bool:
    """Return whether a record below the names says more of the columns: units, aggregates, a comment."""
    filled = [cell.strip() for cell in record if cell.strip()]
    if filled and all(map(_RULE.fullmatch, filled)):
        return True
    if not filled or _judge(record, columns)[0] or max(map(len, filled)) > _LONGEST:
        return bool(filled) and filled[0].startswith(_COMMENTS) and len(trim(record)) < len(columns)
    if _names_time(record) and not _names_time(names):
        return False
    above = [
        cell.strip() for cell, column in zip(record, columns, strict=False) if column.kind in ("number", "missing")
    ]
    known = [cell for cell in above if cell and _is_side_cell(cell)]
    if 2 * len(known) >= len([cell for cell in above if cell]) and len(known) > sum(map(is_missing, known)):
        return True
    is_named = len({cell.strip() for cell in names}) == len(names) == len(columns) == count_filled(names)
    return is_named and (len(filled) < len(columns) or len(set(filled)) < len(filled))


def _names_time(record: Record) -> bool:
    return any(cell.strip().lower() in _TIMES.split() for cell in record)


def _is_side_cell(cell: str) -> bool:
    letters = {sign for sign in cell.lower() if sign.isalpha()}
    return (
        is_unit(cell)
        or is_bracketed(cell)
        or is_missing(cell)
        or cell.lower() in _TOLD
        or bool(letters and letters <= _STAMP_FORMS and len(cell) > 5)
    )


def _read_units(rows: Sequence[Record], width: int) -> tuple[str, ...]:
    """Return the units that one of these rows gives, the one that holds most; () where none does."""
    best = max(rows, key=lambda row: sum(map(is_unit, row)), default=[])
    if not any(is_unit(cell) or is_bracketed(cell) for cell in best):
        return ()
    cells = [strip_brackets(cell) for cell in best[:width]]
    units = [cell if not is_missing(cell) and cell.lower() not in _TOLD else "" for cell in cells]
    return tuple(units + [""] * (width - len(units)))


def _read_aggregates(rows: Sequence[Record]) -> tuple[str, ...]:
    """Return the row of aggregates, if one of these is: every cell of it an aggregate or empty."""
    found = [row for row in rows if all(not cell.strip() or cell.strip().lower() in _HOW for cell in row)]
    return tuple(cell.strip() for cell in found[-1]) if found else ()
