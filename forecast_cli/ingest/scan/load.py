"""One file into memory: every way to read its time, its numbers, and what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.journal import say_count
from forecast_cli.ingest.scan.parts import Ask
from forecast_cli.ingest.scan.scanning import read_rows
from forecast_cli.ingest.time.clock import propose_readings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.roles.roles import Roles
    from forecast_cli.ingest.scan.parts import Flaws, Part
    from forecast_cli.ingest.scan.rejects import Rejected, Rejects
    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.ingest.time.readings import StampReading
    from forecast_cli.types import Flags, Floats, Integers, ReadingOptions


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
    unread: Mapping[str, tuple[Rejected, ...]]  # by name of the reading: the first rows with numbers, but no time
    repaired: frozenset[int]  # pieces of the file that lines were taken out of


def load_table(
    connection: DuckDBPyConnection, scan: Scan, roles: Roles, options: ReadingOptions, journal: Journal
) -> Loaded:
    """Return a file in memory, in one pass over it; raises DataError where it holds no row, time or number."""
    times = tuple(scan.names.index(name) for name in roles.columns.timestamp)
    readings = propose_readings(scan, times, options) if times else []
    if times and not readings:
        if not any(scan.samples):
            raise explain_no_rows(scan)
        shown = " and ".join(repr(scan.samples[k][0]) if scan.samples[k] else "nothing" for k in times)
        raise DataError(
            f"{' and '.join(roles.columns.timestamp)} of {scan.source.label} holds {shown}, which is no time",
            "name another column with --timestamp, or how it is written with --time-format '%d.%m.%Y %H:%M'",
        )
    if not (readings or roles.numbers):
        raise explain_no_rows(scan) if not any(scan.samples) else _explain_no_numbers(scan)
    ask = Ask(
        times=tuple(reading.instant for reading in readings),
        offsets=tuple(reading.offset for reading in readings if reading.offset is not None)[:1],
        numbers=tuple(scan.names.index(name) for name in roles.numbers),
        texts=frozenset(times),
        usual=tuple(reading.usual for reading in readings if reading.usual is not None),
        layouts=tuple((reading.columns[0], reading.layout) for reading in readings if reading.layout is not None),
    )
    part = read_rows(connection, scan, ask, journal.listener)
    _note_lines(scan, part.flaws, journal)
    return _gather(scan, readings, roles.numbers, part)


def explain_no_rows(scan: Scan) -> DataError:
    """Return the error for a file without rows."""
    return DataError(f"{scan.source.label} holds no row", "name a file with rows below its header")


def _explain_no_numbers(scan: Scan) -> DataError:
    return DataError(f"{scan.source.label} has no column of numbers", "name a file with numbers in it")


def _note_lines(scan: Scan, flaws: Flaws, journal: Journal) -> None:
    """Say which lines were left out that are no loss."""
    if flaws.unfinished:
        journal.note(f"the last line of {scan.source.label} is not finished: left out")
    journal.counts["repeated_headers"] += flaws.repeated
    if flaws.repeated:
        journal.note(f"left out {say_count(flaws.repeated, 'line')} of {scan.source.label}: the header again")


def _gather(scan: Scan, readings: Sequence[StampReading], names: Sequence[str], part: Part) -> Loaded:
    found = zip(readings, part.times, part.readable, strict=True)
    flaws = part.flaws
    return Loaded(
        scan=scan,
        n_rows=part.n_rows,
        readings={reading.name: (reading, instants, readable) for reading, instants, readable in found},
        offsets=part.offsets[0] if part.offsets else None,
        columns=dict(zip(names, part.numbers, strict=True)),
        unreadable={name: count for name, count in zip(names, part.n_bad, strict=True) if count},
        rejects=flaws.rejects,
        filled=part.filled,
        unread={reading.name: found for reading, found in zip(readings, flaws.unread, strict=False)},
        repaired=flaws.repaired,
    )


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
