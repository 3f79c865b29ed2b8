"""One file into memory: every way to read its time, its numbers, and what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.clock import propose_readings
from forecast_cli.ingest.journal import say_count
from forecast_cli.ingest.table import Rejects, has_rows, read_expressions, take_numbers, write_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.readings import StampReading
    from forecast_cli.ingest.roles import Roles
    from forecast_cli.ingest.table import Scan
    from forecast_cli.types import Flags, Floats, Integers, ReadingOptions

MOST_REJECTS = 0.01  # share of rows


@dataclass(frozen=True, eq=False)
class Loaded:
    """One file in memory."""

    scan: Scan
    n_rows: int
    readings: Mapping[str, tuple[StampReading, Integers, Flags]]  # by name: instants, and where they were readable
    offsets: Integers | None  # (rows,) minutes ahead of UTC
    columns: dict[str, Floats]
    unreadable: Mapping[str, int]  # column -> cells that were no number
    rejects: Rejects
    filled: Flags  # (rows,): a row with any number in it


def load_table(connection: DuckDBPyConnection, scan: Scan, roles: Roles, options: ReadingOptions) -> Loaded:
    """Return a file in memory, in one pass over it; raises DataError where it holds no row, time or number."""
    if not has_rows(connection, scan):
        raise _explain_no_rows(scan)
    times = tuple(scan.names.index(name) for name in roles.columns.timestamp)
    readings = propose_readings(scan, times, options) if times else []
    if times and not readings:
        shown = " and ".join(repr(scan.samples[k][0]) if scan.samples[k] else "nothing" for k in times)
        raise DataError(
            f"{' and '.join(roles.columns.timestamp)} of {scan.source.label} holds {shown}, which is no time",
            "name another column with --timestamp, or how it is written with --time-format '%d.%m.%Y %H:%M'",
        )
    zones = [reading.offset for reading in readings if reading.offset is not None][:1]
    numbers = [write_number(scan, scan.names.index(name)) for name in roles.numbers]
    expressions = [reading.instant for reading in readings] + zones + numbers
    if not expressions:
        raise DataError(f"{scan.source.label} has no column of numbers", "name a file with numbers in it")
    arrays, rejects = read_expressions(connection, scan, expressions)
    n_rows = len(arrays[0])
    stamps = {reading.name: (reading, *_take_instants(arrays.pop(0))) for reading in readings}
    offsets = np.ma.filled(arrays.pop(0), 0) if zones else None
    return _gather(scan, n_rows, stamps, offsets, dict(zip(roles.numbers, arrays, strict=True)), rejects)


def _explain_no_rows(scan: Scan) -> DataError:
    return DataError(f"{scan.source.label} holds no row", "name a file with rows below its header")


def _gather(
    scan: Scan,
    n_rows: int,
    stamps: Mapping[str, tuple[StampReading, Integers, Flags]],
    offsets: Integers | None,
    cells: dict[str, np.ma.MaskedArray],
    rejects: Rejects,
) -> Loaded:
    columns: dict[str, Floats] = {}
    unreadable: dict[str, int] = {}
    filled = np.zeros(n_rows, dtype=np.bool_)
    for name in list(cells):
        columns[name], bad = take_numbers(cells.pop(name))
        filled |= ~np.isnan(columns[name])
        if bad:
            unreadable[name] = bad
    return Loaded(scan, n_rows, stamps, offsets, columns, unreadable, rejects, filled)


def _take_instants(cells: np.ma.MaskedArray) -> tuple[Integers, Flags]:
    readable = ~np.ma.getmaskarray(cells)
    return np.ma.filled(cells, 0).astype(np.int64, copy=False), readable


def count_unread(table: Loaded, name: str) -> int:
    """Return how many rows hold numbers but no time that this reading understands."""
    return int(np.count_nonzero(~table.readings[name][2] & table.filled))


def take_stamps(table: Loaded, name: str) -> Integers:
    """Return the instants of all rows with a number, as this reading understands them."""
    _, instants, readable = table.readings[name]
    return instants[readable & table.filled]


def count_rows(table: Loaded, name: str | None) -> int:
    """Return the rows of a file, lost ones included, blank ones not."""
    readable = table.readings[name][2] if name else mark_until_last(table.filled)
    return int(np.count_nonzero(readable | table.filled)) + table.rejects.count


def mark_until_last(filled: Flags) -> Flags:
    """Return all rows up to the last with a number: blank ones before it are steps without a value."""
    keep = np.zeros_like(filled)
    keep[: filled.size - int(filled[::-1].argmax()) if filled.any() else 0] = True
    return keep


def check_rejects(table: Loaded, reading: str | None) -> int:
    """Return how many rows of a file are lost; raises DataError above 1 % of them."""
    unread = count_unread(table, reading) if reading else 0
    lost = table.rejects.count + unread
    label = table.scan.source.label
    if table.n_rows + table.rejects.count == 0:
        raise _explain_no_rows(table.scan)
    if lost <= MOST_REJECTS * (table.n_rows + table.rejects.count):
        return lost
    if table.rejects.count >= unread:
        raise DataError(
            f"{label}: {say_count(table.rejects.count, 'line', 'are')} no row of the table; {table.rejects.first}",
            "repair the lines, or name the delimiter with --delimiter",
        )
    raise DataError(
        f"{label}: {_describe_unread(table, str(reading))}", "name the column with --timestamp, or repair the cells"
    )


def _describe_unread(table: Loaded, reading: str) -> str:
    stamp, _, readable = table.readings[reading]
    row = int(np.flatnonzero(~readable & table.filled)[0])
    names = " and ".join(table.scan.names[k] for k in stamp.columns)
    count = count_unread(table, reading)
    return f"{say_count(count, 'row', 'have')} no time in {names} that reads as {reading}, the first in row {row + 1}"
